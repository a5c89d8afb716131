"""Exercises on many weights."""

import math

import numpy as np

from gdbook.examples.many_weights import (
    INPUTS,
    TARGETS,
    WEIGHTS,
    batch_gradient,
    missing_transpose,
    sample_gradients,
    several_outputs,
    silent_broadcast,
    until_flat,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.gradients import linear_gradient

BOOK = tuple(map(np.array, (INPUTS, WEIGHTS, TARGETS)))
OTHER = (
    np.array([[1.0, 2, 0], [0, 1, -1], [2, 2, 1], [1, 0, 3]]),
    np.array([0.5, -1, 2]),
    np.array([1.0, 0, 2, -1]),
)
SEVERAL = (BOOK[0], np.array([[1, 0], [2, 1]]), np.array([[6, 2], [4, 1], [8, 1]]))


def _lists(inputs, weights, targets):
    return inputs.tolist(), weights.tolist(), targets.tolist()


@exercise(
    right=linear_gradient,
    cases=[BOOK, OTHER],
    mistakes={
        "You divided by the number of inputs: a mean over samples divides by the rows.": (
            "len(inputs)",
            "inputs.shape[1]",
        ),
        "You added over the samples: divide by how many there are.": (
            " / len(inputs)",
            "",
        ),
        "The slope of a square has a factor of two, and yours has none.": ("2 * ", ""),
        "The gradient points downhill: the error is prediction − target.": (
            "inputs @ weights - targets",
            "targets - inputs @ weights",
        ),
    },
)
def gradient(inputs, weights, targets):
    """Each weight multiplies the errors by its own column of inputs: that is what the transposed inputs do."""
    errors = inputs @ weights - targets
    return 2 * inputs.T @ errors / len(inputs)


@exercise(
    right=lambda *given: several_outputs(*_lists(*given)).loss,
    cases=[
        SEVERAL,
        (OTHER[0], np.array([[1.0, 2], [0, 1], [3, -1]]), np.arange(8.0).reshape(4, 2)),
    ],
    mistakes={
        "You divided by all errors: add over the outputs, and take the mean over the samples.": (
            " / len(inputs)",
            " / errors.size",
        ),
        "You added over the samples, too: divide by how many there are.": (
            " / len(inputs)",
            "",
        ),
        "You divided by the outputs: the mean is over the samples.": (
            "/ len(inputs)",
            "/ errors.shape[1]",
        ),
    },
)
def loss(inputs, weights, targets):
    """A row of the errors is a sample, a column an output: add the squares of a row, and average the rows."""
    errors = inputs @ weights - targets
    return (errors**2).sum() / len(inputs)


def _one_by_one(inputs, weights, targets, rate):
    for row, target in zip(inputs, targets):
        weights = weights - rate * 2 * (row @ weights - target) * row
    return weights


def _weight_by_weight(inputs, weights, targets, rate):
    weights = weights * 1.0
    for i, column in enumerate(inputs.T):
        weights[i] -= rate * 2 * column @ (inputs @ weights - targets) / len(inputs)
    return weights


@exercise(
    right=lambda *given: batch_gradient(*_lists(*given[:3]), given[3]).new_weights,
    cases=[(*BOOK, 0.01), (*OTHER, 0.05)],
    mistakes={
        "You took a step after each sample: one step for the mean of all is meant here.": _one_by_one,
        "You moved a weight before you looked along the next: all slopes belong to one place.": _weight_by_weight,
        "The weights went uphill: subtract the rate times the gradient.": (
            "weights - learning_rate",
            "weights + learning_rate",
        ),
        "You left out the rate.": ("learning_rate * ", ""),
    },
)
def step(inputs, weights, targets, learning_rate):
    """One gradient for all samples, one step for all weights."""
    gradient = 2 * inputs.T @ (inputs @ weights - targets) / len(inputs)
    return weights - learning_rate * gradient


@prediction(asks="The gradient")
def shape_of_gradient():
    """One number for each weight, whatever the formula."""
    same = len(batch_gradient().gradient) == len(WEIGHTS)
    right, wrong = either(same, "that of the weights", "that of the errors")
    return right, {
        "There is one error for each sample: the gradient has one slope for each weight.": wrong,
        "The product with the errors leaves one number of each of its rows.": "that of the transposed",
    }


@prediction()
def hardest_pull():
    """Its error is the largest, and its inputs are."""
    names = "the first", "the second", "the third"
    pulls = [math.hypot(*each) for each in sample_gradients().gradients]
    right = names[pulls.index(max(pulls))]
    words = {
        "the first": "Its gradient is not the longest.",
        "the second": "It has the smallest error, and small inputs.",
        "the third": "It pulls the other way, and less hard: compare the errors in size.",
    }
    return right, {words[name]: name for name in names if name != right}


@prediction(asks="Its slopes")
def slopes_beside_another():
    """Each column of the product has the errors of its own output alone."""
    alone = list(batch_gradient().gradient)
    beside = [first for first, _ in several_outputs().gradient]
    right, wrong = either(
        alone == beside, "stay as they are", "gain those of the second"
    )
    return right, {
        "Nothing is added across columns: each output keeps its own column of slopes.": wrong,
        "The mean is taken over the samples, and not over the outputs.": "become the mean of both",
    }


@prediction(asks="Its shape is")
def shape_of_difference():
    """The predictions are repeated for every target, and the targets for every prediction."""
    seen = silent_broadcast()
    return str(seen.errors_shape), {
        "That is the shape of the predictions: they lack a direction that the targets have, and are repeated along it.": str(
            seen.predictions_shape
        ),
        "That is the shape of the targets: where their size is one, they are repeated.": str(
            seen.targets_shape
        ),
        "It refuses sizes that differ only where neither of them is one.": "none, it refuses",
    }


@prediction(asks="NumPy refuses")
def refused_rows():
    """There is one error for each row, and the product needs one for each column."""
    message = missing_transpose().message
    right, wrong = either("no error" not in message, "three rows", "two rows")
    return right, {
        "Two rows with two inputs make a square: it fits either way, and there the mistake hides.": wrong,
        "A plain vector times a single error always fits: there it is the divisor that goes wrong.": "one row",
    }


@prediction(within=0.03, asks="The steepest slope at the end")
def slope_at_the_end():
    """It takes the factor to the power of all steps that are left, and is far from flat."""
    slopes = until_flat(learning_rate=0.01, num_steps=1000).steepest_slopes
    early, left, factor = slopes[100], len(slopes) - 101, slopes[-1] / slopes[-2]
    return slopes[-1], {
        "A step takes its share of what is left then, so the slope comes nearer to zero and never there.": max(
            0, early * (1 - left * (1 - factor))
        ),
        "That is one step later: multiply by the factor once for each step.": early
        * factor,
    }
