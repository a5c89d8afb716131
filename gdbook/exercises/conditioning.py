"""Exercises on narrow valleys."""

import numpy as np

from gdbook.examples.conditioning import (
    aims,
    best_rate,
    linear_step_parts,
    standardised,
    zig_zag,
)
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


@prediction(asks="It does so")
def straight_down():
    """On an axis the gradient has no part along the other one, and points along the axis."""
    found = aims()
    missed = {True: [], False: []}
    for point, miss in zip(found.points, found.misses):
        missed[0 in point].append(miss)
    aimed = not any(missed[True]) and all(missed[False])
    right, wrong = either(aimed, "from two lines", "from no place")
    return right, {
        "Where one of the two is zero, its slope is zero as well: what is left points along the other.": wrong,
        "Half the distance has half of both slopes, and they point in the same direction.": "from close by",
    }


@prediction(within=0.005, asks="The factor across")
def factor_across():
    """One minus the rate times the greater curvature, which together are more than one."""
    along, across = zig_zag(num_steps=0).factors
    return across, {
        "That belongs to the part along the valley, which has the smaller curvature.": along,
        "That is its size: a step goes past the lowest point, and so the sign changes.": -across,
        "That is what a step takes away: the factor is one minus that.": 1 - across,
    }


@prediction(within=0.005, asks="The best rate")
def best_rate_of_valley():
    """Two over the sum of both curvatures."""
    found = best_rate()
    return found.learning_rate, {
        "That is the bound: the steep part never settles there.": found.bound,
        "That rate suits the steep direction alone.": 1 / found.curvatures[1],
        "That is the factor of each step.": found.factor,
    }


@prediction(within=0.01, asks="The slope is then off by")
def slope_off():
    """The part across is nearly used up, and the part along is nearly whole."""
    found = linear_step_parts()
    step, (slow, fast) = found.highest_slope_step, found.factors
    along, across = found.slope_along, found.slope_across
    return along[step] + across[step], {
        "That is where it starts, with two parts that nearly cancel.": along[0]
        + across[0],
        "That is after a single step: the factors count once in each.": along[1]
        + across[1],
        "You gave each part the factor of the other.": along[0] * fast**step
        + across[0] * slow**step,
        "The two have opposite signs: add them with their signs.": along[step]
        - across[step],
    }


@prediction(within=0.02, asks="κ after centring")
def when_centred():
    """The two curvatures are two and twice the square of the deviation."""
    found = standardised()
    before, centred, both = found.condition_numbers
    return centred, {
        "That is κ for the inputs as they are.": before,
        "That is κ after both: centring leaves the deviation as it is.": both,
        "Turn it around: κ is the greater curvature over the smaller one.": 1 / centred,
        "The mean of the squares is the square of the deviation.": 1 / found.deviation,
    }
