"""Exercises on losses."""

import numpy as np

from gdbook.examples.loss_functions import (
    mean_squared_error_of_three,
    one_answer,
    outputs_added,
    squared_error_table,
    two_weight_losses,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.losses import mean_squared_error, mean_squared_error_slope

BOOK = (np.array([10, 8, 6]), np.array([20, 3, 1]))
OTHER = (np.array([3.1, 2.7, 4.0, 1.0]), np.array([3.5, 2.8, 4.1, 0.0]))


@exercise(
    right=mean_squared_error,
    cases=[BOOK, OTHER],
    mistakes={
        "That is the sum of the squares: divide by how many there are.": (
            "np.mean(",
            "np.sum(",
        ),
        "You squared the mean: errors of both signs cancel before they are squared.": (
            "np.mean((predictions - targets) ** 2)",
            "np.mean(predictions - targets) ** 2",
        ),
        "Those are the sizes of the errors: square each, so that a large one counts more.": (
            "(predictions - targets) ** 2",
            "abs(predictions - targets)",
        ),
        "You took the root at the end: the loss is the mean of the squares itself.": (
            "np.mean((predictions - targets) ** 2)",
            "np.mean((predictions - targets) ** 2) ** 0.5",
        ),
    },
)
def loss(predictions, targets):
    """Errors first, then their squares, then the mean."""
    return np.mean((predictions - targets) ** 2)


@exercise(
    right=mean_squared_error_slope,
    cases=[BOOK, OTHER],
    mistakes={
        "The signs are reversed: the error is prediction − target.": (
            "predictions - targets",
            "targets - predictions",
        ),
        "The slope of a square has a factor of two, and yours has none.": ("2 * ", ""),
        "The loss is a mean: a prediction moves it by its share only.": (
            " / len(targets)",
            "",
        ),
    },
)
def slopes(predictions, targets):
    """Only one square has this prediction in it: take its slope, and its share of the mean."""
    return 2 * (predictions - targets) / len(targets)


@exercise(
    right=lambda weights, inputs, targets: two_weight_losses(
        (weights.tolist(),), inputs.tolist(), targets.tolist()
    ).losses[0],
    cases=[
        (np.array([1, 1]), np.array([[1, 0], [0, 1], [1, 1]]), np.array([2, 1, 3])),
        (
            np.array([3, -1]),
            np.array([[2, 1], [1, 1], [0, 4], [1, 2]]),
            np.array([1, 0, 2, 5]),
        ),
    ],
    mistakes={
        "You divided by the number of weights: the mean is over the samples.": (
            "/ len(targets)",
            "/ len(weights)",
        ),
        "You left out the targets: that is the mean square of the predictions.": (
            "inputs @ weights - targets",
            "inputs @ weights",
        ),
        "You added over the samples: divide by how many there are.": (
            " / len(targets)",
            "",
        ),
    },
)
def loss_at(weights, inputs, targets):
    """A row of the inputs is a sample: predict all at once, and take the mean of the squared errors."""
    errors = inputs @ weights - targets
    return sum(errors**2) / len(targets)


@prediction(within=0.005)
def sum_of_errors():
    """Errors of both signs cancel, which is why they are squared."""
    found = squared_error_table()
    return found.sum_of_errors, {
        "Those are the sizes: the first prediction is too small, so its error is negative.": sum(
            map(abs, found.errors)
        ),
        "Those are the squares: the errors themselves are added here.": found.total,
    }


@prediction()
def dearer_miss():
    """Squared, twice the miss costs four times as much."""
    one, *two = squared_error_table().squares
    right, wrong = either(one > sum(two), "one large miss", "two small ones")
    return right, {
        "Squares make a large miss dear: add the two small squares up.": wrong
    }


@prediction(within=0.01, asks="Its share of the loss")
def share_of_largest():
    """Divide its square by what all squares add up to."""
    found = mean_squared_error_of_three()
    sizes = [square**0.5 for square in found.squares]
    most = max(found.squares)
    return most / found.total, {
        "That is its share of the errors: the loss adds their squares.": max(sizes)
        / sum(sizes),
        "That is its square: divide it by what all squares add up to.": most,
        "That is what it adds to the loss: divide it by the whole loss.": most
        / len(sizes),
    }


@prediction(within=0.05, asks="It moves by")
def pull_of_outlier():
    """The mean moves by the share of one target; the median would stay."""
    *others, far = one_answer().targets
    near = max(others) + 1
    before, after = one_answer([*others, near]), one_answer()
    return after.mean - before.mean, {
        "That is how far the target moves: it is one of several.": far - near,
        "That is how far the median moves: the answer with the least squared error is the mean.": after.median
        - before.median,
        "That is the new mean: by how much has it moved?": after.mean,
    }


@prediction(within=0.05)
def of_several():
    """The squares of a sample are added up, and the mean is over the samples."""
    found = outputs_added()
    n_samples, n_outputs = found.shape
    return found.loss, {
        "That is the total: divide it by the number of samples.": found.loss
        * n_samples,
        "You divided by the number of outputs as well, as some libraries do.": found.over_outputs,
        "You divided by the number of outputs: the mean is over the samples.": found.loss
        * n_samples
        / n_outputs,
    }


@prediction(asks="The worst of them is")
def worst_pair():
    """With both weights at zero every prediction is zero, and every target is missed by all of it."""
    found = two_weight_losses()
    worst = found.weights[found.losses.index(max(found.losses))]

    def errors(first, second):
        shown = (
            f"{first * x1 + second * x2 - target}"
            for (x1, x2), target in zip(found.inputs, found.targets)
        )
        return ", ".join(shown).replace("-", "−")

    return str(worst), {
        f"Its errors are {errors(*pair)}: their squares add up to less.": str(pair)
        for pair in found.weights
        if pair != worst
    }
