"""Exercises on mini-batches."""

import math

from gdbook.examples.linear_regression import linear_step
from gdbook.examples.stochastic_gradient import (
    batch_variance,
    cooling,
    measured_variance,
    noise_floor,
    noisy_paths,
    sample_mean,
    shuffled,
    steps_to_loss,
)
from gdbook.exercises import linear_regression
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction

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


@prediction(within=0.005, asks="Along the slope")
def mean_of_pairs():
    """Each sample is in as many of the batches, so all of them weigh the same again."""
    pairs = sample_mean()
    right, batches = pairs.means[1][0], len(pairs.batches[1])
    return right, {
        "That is the sum of the three: divide by their number.": batches * right,
        "A batch divides by its own two samples, and not by one.": 2 * right,
        "Each sample is in two of the three batches, and each batch divides by two: nothing is lost.": right
        * 2
        / batches,
    }


@prediction(within=0.005, asks="Dealt, it is")
def variance_of_pairs():
    """In each direction the triangle of the pairs has half the size of the other."""
    even, n_samples = batch_variance(), len(sample_mean().batches[0])
    drawn, right = even.with_replacement[1], even.without_replacement[1]
    return right, {
        "That is for batches that are drawn: dealt samples do not come again.": drawn,
        "A single sample is as good as drawn from all: divide by one less than the samples.": right
        * (n_samples - 1)
        / n_samples,
    }


@prediction(within=0.001, asks="Share saved for the small part")
def saved_by_dealing():
    """The share that the batch is of all samples, up to a single one."""
    found = measured_variance(n_draws=1)
    kept = [
        dealt / drawn for dealt, drawn in zip(found.formula_without, found.formula_with)
    ]
    return 1 - kept[2], {
        "That is what is left of the variance.": kept[2],
        "That is the share that a batch ten times as small is of all.": 1 - kept[1],
        "That is for the large part.": 1 - kept[4],
    }


@prediction(asks="It stops")
def single_samples_end():
    """The noise is zero on average, and a step is as long as its gradient, whatever that costs."""
    paths = noisy_paths((1, 10_000))
    end, exact = paths.ends
    right, wrong = either(
        math.dist(end, exact) < math.dist(end, paths.best),
        "near the exact path's end",
        "near the lowest point",
    )
    return right, {
        "Noise that is zero on average does not hurry along the floor.": wrong,
        "Its steps cost less, and go as far: on average they have the same gradient.": "near the start of both",
    }


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


@prediction(asks="Half-way it is")
def lowest_half_way():
    """It came down nearly as fast as the large rate, and the lower rate has the lower floor."""
    cool = cooling(n_lines=4, n_samples=1000)
    half = len(cool.steps) // 2 - 1
    right, wrong = either(
        cool.cooled[half] < cool.large[half], "the lowered rate", "the large rate"
    )
    return right, {
        "Both are down by then, and the floor goes with the rate.": wrong,
        "The small rate has the lowest floor of the constant ones, and is still on its way to it.": "the small rate",
    }


@prediction(asks="A larger batch takes")
def batch_costs():
    """A quieter gradient bears a greater rate, but only up to the bound of the curvature, and a step costs all of its samples."""
    one, whole = (
        steps_to_loss((size,), n_samples=500, n_shuffles=4) for size in (1, 500)
    )
    steps, more = either(whole.num_steps < one.num_steps, "fewer", "more")
    samples, less = either(
        whole.sample_gradients > one.sample_gradients, "more", "fewer"
    )
    return f"{steps} steps, {samples} samples", {
        "Its steps are better, but not by as much as they cost: the curvature bounds their rate.": f"{steps} steps, {less} samples",
        "Less noise allows a greater rate, which needs fewer steps.": f"{more} steps, {less} samples",
    }


@prediction(asks="Its intercept is")
def line_of_sorted():
    """The last batches lie high, and each epoch ends with them pulling the line up."""
    dealt = shuffled(n_shuffles=1)
    right, wrong = either(
        dealt.ends[0][1] > dealt.best[1], "above the best one", "below the best one"
    )
    return right, {
        "The last batches hold the best grades, and the line follows who comes last.": wrong,
        "It would be if the weights held still: they move after every batch, and the last ones are not yet forgotten.": "near the best one",
    }
