"""Exercises on flat places."""

import math

import numpy as np

from gdbook.examples.saddle_points import (
    escape,
    escape_times,
    flat_places,
    judge,
    noisy_escape,
    saddle_gradient,
    three_starts,
    two_valleys,
    weights_in_a_row,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.gradients import central_difference


def _judged(curvatures):
    return judge(
        lambda place: np.array(curvatures) * place, np.zeros(len(curvatures))
    ).verdict


def _bowl(place):
    """Return the gradient of a turned bowl, as an array."""
    x, y = place
    return np.array([2 * x + y, x + 4 * y * y * y])


def _saddle(place):
    """Return the gradient of the chapter's saddle, as an array."""
    return np.array(saddle_gradient(place))


def _second_slopes(gradient, place, step):
    rows = range(len(place))
    return [
        central_difference(lambda at, i=i: gradient(at)[i], place, step=step)
        for i in rows
    ]


@exercise(
    right=_judged,
    cases=[((1, -1),), ((2, 0.5, 3),), ((-1, -2),), ((-1, 5, 5),)],
    mistakes={
        "Every curvature counts: one that is negative leads down, whatever the others add up to.": (
            "all(c > 0 for c in curvatures)",
            "sum(curvatures) > 0",
        ),
        "You looked at the first direction alone.": (
            "all(c > 0 for c in curvatures)",
            "curvatures[0] > 0",
            "all(c < 0 for c in curvatures)",
            "curvatures[0] < 0",
        ),
        "One positive curvature makes no minimum.": ("all(c > 0", "any(c > 0"),
    },
)
def verdict(curvatures):
    """All up is a minimum, all down a maximum, and both at once a saddle."""
    if all(c > 0 for c in curvatures):
        return "minimum"
    if all(c < 0 for c in curvatures):
        return "maximum"
    return "saddle"


@exercise(
    right=_second_slopes,
    cases=[(_saddle, np.array([0.0, 0.5]), 0.5), (_bowl, np.array([1.0, 2.0]), 0.25)],
    mistakes={
        "You divided by one step: the two places lie two steps apart.": (
            "(2 * step)",
            "step",
        ),
        "That is a forward difference: walk to both sides.": (
            "gradient(place - move)",
            "gradient(place)",
            "(2 * step)",
            "step",
        ),
        "You subtracted the wrong way round.": (
            "gradient(place + move) - gradient(place - move)",
            "gradient(place - move) - gradient(place + move)",
        ),
    },
)
def second_slopes(gradient, place, step):
    """Walk a little to both sides along each weight, and see how the gradient changes."""
    rows = []
    for move in step * np.eye(len(place)):
        change = gradient(place + move) - gradient(place - move)
        rows.append(change / (2 * step))
    return rows


@exercise(
    right=lambda distance, reach, rate: escape(distance, rate, reach).forecast,
    cases=[(1e-6, 0.5, 0.1), (0.01, 0.3, 0.05), (1e-12, 0.5, 0.2)],
    mistakes={
        "On a ridge the factor is greater than one: the curvature is negative.": (
            "math.log(1 + learning_rate)",
            "-math.log(1 - learning_rate)",
        ),
        "You left out how far the walk has to come.": (
            "reach / distance",
            "1 / distance",
        ),
        "Each step multiplies: the steps are a quotient of logarithms.": (
            "math.log(reach / distance) / math.log(1 + learning_rate)",
            "(reach / distance) / (1 + learning_rate)",
        ),
    },
)
def steps_to_leave(distance, reach, learning_rate):
    """The curvature is −1, so each step multiplies the distance by one plus the rate."""
    return math.log(reach / distance) / math.log(1 + learning_rate)


@prediction(asks="It is")
def same_stop():
    """Near the ridge a slope leads away that is small, and yet steeper than what counts as flat; on it there is none."""
    on, near, away = (run.end for run in three_starts())
    right, wrong = either(
        math.dist(near, away) < math.dist(near, on),
        "the second and the third",
        "the first and the second",
    )
    return right, {
        "The second start is near the ridge, and its slope across it is steeper than what counts as flat.": wrong,
        "On the line itself the slope across it is zero, so that no step leads off it.": "all three of them",
    }


@prediction(asks="In the middle")
def signs_in_the_middle():
    """Along x the loss rises on both sides, and along y it falls."""
    middle = flat_places().verdicts[0]
    signs = {
        "minimum": "both positive",
        "saddle": "one of each",
        "maximum": "both negative",
    }
    return signs.pop(middle), {
        "So it is in a hollow.": signs["minimum"],
        "Along x the loss rises.": signs["maximum"],
    }


@prediction(asks="So many")
def lowest_of_five():
    """Right of the hill downhill leads to the lowest place, left of it to the other valley, and on top of it nowhere."""
    valleys = two_valleys()
    least = min(valleys.end_losses)
    lowest = sum(math.isclose(loss, least) for loss in valleys.end_losses)
    flat = sum(start in valleys.places for start in valleys.starts)
    return lowest, {
        "The top of the hill is flat: descent stays there.": lowest + flat,
        "Descent goes downhill, and left of the hill that leads to the other valley.": len(
            valleys.starts
        ),
        "A start just off the top is left of it or right of it, and leaves.": lowest
        - 1,
    }


@prediction(within=3)
def steps_from_near():
    """Each decade costs as many steps as the one before."""
    times = escape_times()
    near, far = times.steps[-1], times.steps[0]
    return near, {
        "So many would be in proportion to the distance: it grows by a factor in every step.": far
        * times.distances[0]
        / times.distances[-1],
        "A decade costs more steps than the first start took: the ratio of two logarithms.": far
        * (len(times.steps) - 1),
    }


@prediction(within=3, asks="Steps with the smaller noise")
def steps_from_less_noise():
    """A decade of noise costs as many steps as a decade of distance."""
    found = noisy_escape()
    first, less = found.median_steps[:2]
    ratio = found.noises[0] / found.noises[1]
    return less, {
        "So many would be in proportion to one over the noise: what it begins grows by a factor in every step.": ratio
        * first,
        "That is what a decade costs: add it to the steps before.": found.slope_theory,
        "Smaller noise starts closer to the ridge, and takes longer.": first,
    }


@prediction(within=0.005, asks="When both do")
def both_weights():
    """The prediction is the product of both weights, and now it is on its way to the target."""
    row = weights_in_a_row()
    move = math.sqrt(math.sqrt(row.opposed) - 1)
    return row.together, {
        "That is when one goes the other way: the product is negative then.": row.opposed,
        "That is one weight alone: the other one is zero, and so is the product.": row.alone,
        "The weights multiply, and do not add up.": (1 - 2 * move) ** 2,
        "That is with one weight for a prediction: multiply it by the other.": (
            1 - move
        )
        ** 2,
    }
