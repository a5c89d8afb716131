"""Exercises on mini-batches."""

import math

from gdbook.examples.linear_regression import linear_step
from gdbook.examples.stochastic_gradient import batch_variance, noise_floor
from gdbook.exercises import linear_regression
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction

BOOK, OTHER = linear_regression.BOOK[:2], linear_regression.OTHER[:2]


def _of_batch(inputs, targets, slope, intercept, batch):
    rows = [[values[i] for i in batch] for values in (inputs, targets)]
    return linear_step(*rows, slope, intercept)[3:5]


@exercise(
    right=_of_batch,
    cases=[
        (*BOOK, 0, 0, (0, 2)),
        (*OTHER, 0.5, -1, (4, 1, 3)),
        (*OTHER, 0.5, -1, (2,)),
    ],
    mistakes={
        "You divided by all samples: the mean is over those in the batch.": (
            "along_slope / len(batch)",
            "along_slope / len(inputs)",
            "along_intercept / len(batch)",
            "along_intercept / len(inputs)",
        ),
        "You added over the batch: divide by its size, or larger batches take larger steps.": (
            "along_slope / len(batch)",
            "along_slope",
            "along_intercept / len(batch)",
            "along_intercept",
        ),
        "Those are the first samples: the batch says which ones were drawn.": (
            "for i in batch:",
            "for i in range(len(batch)):",
        ),
    },
)
def batch_gradient(inputs, targets, slope, intercept, batch):
    """Only the samples whose numbers stand in the batch count, and the mean is over them."""
    along_slope = along_intercept = 0
    for i in batch:
        error = slope * inputs[i] + intercept - targets[i]
        along_slope += 2 * error * inputs[i]
        along_intercept += 2 * error
    return along_slope / len(batch), along_intercept / len(batch)


def _dealt(variance, size, n_samples):
    even = batch_variance((size,), range(n_samples), [i * i for i in range(n_samples)])
    return variance * even.without_replacement[0] / even.sample_variance


@exercise(
    right=_dealt,
    cases=[(32 / 15, 2, 3), (10.0, 2, 5), (1.0, 4, 4)],
    mistakes={
        "That is for samples that are drawn each from all: dealt ones do not come again.": (
            " * (n_samples - batch_size) / (n_samples - 1)",
            "",
        ),
        "A single sample is as good as drawn from all: divide by one less than the samples.": (
            "/ (n_samples - 1)",
            "/ n_samples",
        ),
        "You divided by the square of the batch: a sum of so many variances stands above it.": (
            "/ batch_size",
            "/ batch_size**2",
        ),
    },
)
def variance_of_batch(variance, batch_size, n_samples):
    """A batch of all samples has no variance, and a batch of one has that of a single sample."""
    return variance / batch_size * (n_samples - batch_size) / (n_samples - 1)


def _after_each(inputs, targets, slope, intercept, rate):
    for x, y in zip(inputs, targets):
        slope, intercept = linear_step([x], [y], slope, intercept, rate)[5:7]
    return slope, intercept


@exercise(
    right=_after_each,
    cases=[(*BOOK, 0, 0, 0.1), (*OTHER, 0.5, -1, 0.02)],
    mistakes={
        "You moved the slope before you worked out the error for the intercept.": (
            "        intercept =",
            "        error = slope * x + intercept - y\n        intercept =",
        ),
        "You walked uphill: subtract.": (
            "slope - l",
            "slope + l",
            "intercept - l",
            "intercept + l",
        ),
        "All your errors belong to the start: each sample meets the line as the one before has left it.": (
            "    for x, y",
            "    first, last = slope, intercept\n    for x, y",
            "slope * x + intercept - y",
            "first * x + last - y",
        ),
    },
)
def epoch(inputs, targets, slope, intercept, learning_rate):
    """One sample, one error, one step for both; then the next sample."""
    for x, y in zip(inputs, targets):
        error = slope * x + intercept - y
        slope = slope - learning_rate * 2 * error * x
        intercept = intercept - learning_rate * 2 * error
    return slope, intercept


@prediction(within=0.1)
def floor_ratio():
    """The floor is in proportion to the rate."""
    predicted = noise_floor(num_steps=2, settle=1, n_lines=1, n_samples=100).predicted
    ratio = predicted[1] / predicted[0]
    return ratio, {
        "The noise of a step grows by the square of the rate, but descent pulls back in proportion to it.": ratio
        ** 2,
        "A larger rate leaves more noise, not as much.": 1,
        "That is how the distance from the lowest point grows: the loss is its square.": math.sqrt(
            ratio
        ),
    }
