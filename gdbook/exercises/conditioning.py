"""Exercises on narrow valleys."""

import numpy as np

from gdbook.examples.conditioning import best_rate, zig_zag
from gdbook.examples.momentum import best_settings
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction


def _after(start, rate, steps):
    walked = zig_zag(start, rate, steps)
    return walked.flat_parts[-1], walked.steep_parts[-1]


@exercise(
    right=_after,
    cases=[((-5, -2), 0.45, 20), ((1, 1), 0.3, 3), ((4, -1), 0.1, 0)],
    mistakes={
        "Every step multiplies again: raise the factor to the number of steps.": (
            "** num_steps",
            "* num_steps",
        ),
        "Those are the factors after all steps: multiply the start by them.": (
            " * part\n",
            "\n",
        ),
        "You forgot the one: a step keeps what it does not take away.": (
            "1 - learning_rate",
            "learning_rate",
        ),
    },
)
def after(start, learning_rate, num_steps):
    """Along each axis a step multiplies by one minus the rate times the curvature."""
    curvatures = (0.2, 4)
    return [
        (1 - learning_rate * curvature) ** num_steps * part
        for curvature, part in zip(curvatures, start)
    ]


@exercise(
    right=lambda curvatures: best_settings((min(curvatures), max(curvatures))).factors[
        0
    ],
    cases=[((0.2, 4),), ((1, 3, 10),), ((2, 0.5, 0.5),)],
    mistakes={
        "That is the condition number: put the best rate into a factor.": (
            "(high - low) / (high + low)",
            "high / low",
        ),
        "That would be right at the rate one over the greatest curvature, which is not the best.": (
            "(high - low) / (high + low)",
            "1 - low / high",
        ),
        "Turn it around: the factor is below one in size.": (
            "(high - low) / (high + low)",
            "(high + low) / (high - low)",
        ),
    },
)
def factor(curvatures):
    """Put the rate two over the sum of both into $1 - α λ$, with the least curvature."""
    low, high = min(curvatures), max(curvatures)
    return (high - low) / (high + low)


@exercise(
    right=lambda inputs: (inputs - inputs.mean()) / inputs.std(),
    cases=[(np.array([0.5, 2.0, 1.0]),), (np.array([3.0, -1.0, 4.0, 10.0]),)],
    mistakes={
        "You divided by the variance: its root has the unit of the inputs.": (
            "np.std(inputs)",
            "np.var(inputs)",
        ),
        "The deviation is a mean over all samples here, and does not leave one out.": (
            "np.std(inputs)",
            "np.std(inputs, ddof=1)",
        ),
        "You only moved them to the mean zero: the scale is the other half.": (
            " / np.std(inputs)",
            "",
        ),
        "You only scaled them: the sum beside the diagonal stays, and turns the valley.": (
            "(inputs - np.mean(inputs))",
            "inputs",
        ),
    },
)
def standardise(inputs):
    """Take the mean off, and divide by the deviation."""
    return (inputs - np.mean(inputs)) / np.std(inputs)


@prediction()
def first_step_further():
    """Across the valley the slope is far steeper, although the way is shorter."""
    walk = zig_zag(num_steps=1)
    flat, steep = (
        abs(part[1] - part[0]) for part in (walk.flat_parts, walk.steep_parts)
    )
    right, wrong = either(steep > flat, "x2", "x1")
    return right, {"The way is longer there, but a step goes by the slope.": wrong}


@prediction(within=0.005, asks="The best rate")
def best_rate_of_valley():
    """Two over the sum of both curvatures."""
    found = best_rate()
    return found.learning_rate, {
        "That is the bound: the steep part never settles there.": found.bound,
        "That rate suits the steep direction alone.": 1 / found.curvatures[1],
        "That is the factor of each step.": found.factor,
    }
