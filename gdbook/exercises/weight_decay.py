"""Exercises on keeping weights small."""

import numpy as np

from gdbook.examples.weight_decay import (
    decay_step,
    double_descent,
    kept_shares,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction


@exercise(
    right=lambda weight, slope, learning_rate, weight_decay: (
        decay_step(weight, slope, learning_rate, weight_decay).new_weight
    ),
    cases=[(2, -24, 0.01, 0.5), (-1, 3, 0.25, 0.5), (4, 0, 0.5, 1)],
    mistakes={
        "The decay pulls to zero: subtract it.": (
            "(1 - learning_rate * weight_decay)",
            "(1 + learning_rate * weight_decay)",
        ),
        "You left the rate out of the decay: a step shrinks by rate times decay.": (
            "learning_rate * weight_decay",
            "weight_decay",
        ),
        "You shrank the step, too: the decay is a share of the weight alone.": (
            "* weight - learning_rate * slope",
            "* (weight - learning_rate * slope)",
        ),
    },
)
def decayed(weight, slope, learning_rate, weight_decay):
    """Which share of the weight stays, before the step is subtracted?"""
    return (1 - learning_rate * weight_decay) * weight - learning_rate * slope


@exercise(
    right=lambda curvature, weight_decay: kept_shares((curvature,), weight_decay).kept[
        0
    ],
    cases=[(18, 0.5), (1, 3), (0.25, 0.25)],
    mistakes={
        "That is the share that is lost.": (
            "return curvature",
            "return weight_decay",
        ),
        "Those are the odds: divide by both pulls together.": (
            "(curvature + weight_decay)",
            "weight_decay",
        ),
    },
)
def kept(curvature, weight_decay):
    """Where do the two pulls balance, curvature times (w − 1) and decay times w?"""
    return curvature / (curvature + weight_decay)


def _moved(picture):
    return np.pad(np.asarray(picture), ((0, 0), (1, 0)))[:, :-1]


@exercise(
    right=_moved,
    cases=[
        (np.array([[1, 2], [3, 4]]),),
        (np.array([[5, 0, 1]]),),
        (np.array([[0, 7, 2], [1, 1, 6], [8, 3, 4]]),),
    ],
    mistakes={
        "The column that leaves on the right came back on the left: it is lost, and white comes in.": (
            "moved[:, 1:] = picture[:, :-1]",
            "moved[:] = np.roll(picture, 1, axis=1)",
        ),
        "You moved to the left.": (
            "moved[:, 1:] = picture[:, :-1]",
            "moved[:, :-1] = picture[:, 1:]",
        ),
        "You moved down: rows come first, columns second.": (
            "moved[:, 1:] = picture[:, :-1]",
            "moved[1:] = picture[:-1]",
        ),
    },
)
def moved_right(picture):
    """Begin with a white picture; which columns get which of the old ones?"""
    moved = np.zeros_like(picture)
    moved[:, 1:] = picture[:, :-1]
    return moved


@prediction(within=0.002, asks="The new weight is")
def decayed_step():
    """The weight shrinks by rate times decay, and then takes the step of the slope."""
    step = decay_step()
    plain = step.weight - step.learning_rate * step.slope
    return float(step.new_weight), {
        "That is the step without decay.": float(plain),
        "The rate multiplies the decay, too.": float(
            plain - step.weight_decay * step.weight
        ),
        "The decay pulls to zero.": float(2 * plain - step.new_weight),
    }


@prediction(within=0.01, asks="The share that is left")
def least_kept():
    """The two pulls balance where curvature over curvature and decay together is left."""
    found = kept_shares()
    share = float(found.kept[-1])
    return share, {
        "That is the share that is lost.": 1 - share,
        "So much is left at the middle one of the curvatures.": float(found.kept[1]),
        "Those are the odds: divide by both pulls together.": float(
            found.curvatures[-1] / found.weight_decay
        ),
    }


@prediction(asks="The test loss is highest with so many nodes")
def worst_width():
    """With as many nodes as samples there is just one fit through all of them, wrong labels included, and it takes huge weights."""
    found = double_descent((10, 100, 1600), num_seeds=2)
    narrow, _, wide = found.widths
    return found.widths[found.highest], {
        "With so few nodes the network cannot follow the wrong labels.": narrow,
        "With so many there are many fits through all samples, and the smallest of them is tame.": wide,
    }
