"""Exercises on what keeps deep networks trainable."""

import numpy as np

from gdbook.examples.deep_networks import (
    clipped_run,
    deep_losses,
    linked_chain,
    running_norm,
    two_means,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.network import Dense, Residual, backward, forward_pass, layer_norm
from gdbook.optimizers import clip_norm


def _through_links(factors):
    layers = [x for f in factors for x in (Dense([[f]]), Residual())]
    return backward(layers, forward_pass(layers, [[1.0]]), [[1.0]]).values[0].item()


@exercise(
    right=_through_links,
    cases=[((0.25, 0.25),), ((0.5, -0.5, 2),), ((-1, 3),)],
    mistakes={
        "That is the slope without the links: each of them adds a one.": (
            "1 + factor",
            "factor",
        ),
        "The slopes of the layers multiply, and do not add up.": (
            "slope = slope * (1 + factor)",
            "slope = slope + factor",
        ),
        "One link around all layers is not a link around each.": (
            "return slope",
            "return 1 + np.prod(factors)",
        ),
    },
)
def through_links(factors):
    """Two ways lead past each layer: around it, with the slope one, and through it."""
    slope = 1
    for factor in factors:
        slope = slope * (1 + factor)
    return slope


def _normalised(sample):
    layer = layer_norm(len(sample), epsilon=1e-30)
    return forward_pass([layer], sample).values[-1]


@exercise(
    right=_normalised,
    cases=[
        (np.array([12.0, 6.0, 6.0, 4.0]),),
        (np.array([2.0, 2.0, 6.0, 6.0]),),
        (np.array([1.0, -3.0]),),
    ],
    mistakes={
        "That is the variance: its root is the deviation.": ("** 0.5", "** 1"),
        "The mean has to go as well.": ("centred /", "sample /"),
        "You took the mean away, and left the size.": (
            " / (centred**2).mean() ** 0.5",
            "",
        ),
    },
)
def normalised(sample):
    """The deviation is the root of the mean square of what is left without the mean."""
    centred = sample - sample.mean()
    return centred / (centred**2).mean() ** 0.5


@exercise(
    right=clip_norm,
    cases=[
        (np.array([3.0, 4.0]), 2.5),
        (np.array([3.0, -4.0]), 6.0),
        (np.array([-1.0, 2.0, 2.0]), 1.0),
    ],
    mistakes={
        "A gradient that is short enough stays as it is.": (
            "min(1, limit / norm)",
            "limit / norm",
        ),
        "Clipping each slope turns the gradient: shorten all of them by one factor.": (
            "gradient * min(1, limit / norm)",
            "np.clip(gradient, -limit, limit)",
        ),
        "Take the root of the sum of squares.": (
            "(gradient**2).sum() ** 0.5",
            "(gradient**2).sum()",
        ),
    },
)
def clipped(gradient, limit):
    """The factor is one while the norm is below the limit, and the limit over the norm beyond."""
    norm = (gradient**2).sum() ** 0.5
    return gradient * min(1, limit / norm)


@prediction(asks="At the input arrives")
def slope_through_links():
    """Each linked layer multiplies by one and a quarter."""
    chain = linked_chain()
    right, wrong = either(
        chain.slopes[0] > 1, "more than left the output", "a part in a million"
    )
    return right, {
        "That is without links: a link adds a one to each factor.": wrong,
        "The factors still multiply, and each of them is above one.": "exactly what left the output",
    }


@prediction(asks="It helps")
def helped_by_links():
    """A sigmoid adds a half to each value, the same for each picture, at each link."""
    kinds = ("tanh", "normal"), ("ReLU", "normal"), ("sigmoid", "glorot")
    tanh, relu, sigmoid = (
        deep_losses(*kind, num_epochs=15, num_seeds=2) for kind in kinds
    )
    good = max(tanh.median, relu.median) < tanh.guess < sigmoid.median
    right, wrong = either(good, "tanh and ReLU", "all three")
    return right, {
        "A slope that arrives is not all: see what the sigmoid adds at each link.": wrong,
        "The values of tanh and ReLU are near zero, so a link hands on what entered.": "none of them",
    }


@prediction(within=0.01)
def by_sample():
    """The mean is 7, and the squares of 5, −1, −1 and −3 have the mean 9, whose root is 3."""
    means = two_means()
    right = means.by_rows[1][0]
    return right, {
        "That is batch normalisation, which takes the mean of the column.": means.by_columns[
            1
        ][0],
        "Divide by the deviation, too.": right * means.row_deviations[1],
        "That is divided by the variance: take its root.": right
        / means.row_deviations[1],
    }


@prediction(within=0.05)
def after_one_batch():
    """The mean has gone to 0.7 and the variance to 3.4, whose root is 1.84."""
    shown = running_norm(num_batches=1)
    number = 12
    return shown.predicted[1], {
        "That is in training: when predicting there is no batch to look at.": shown.in_training,
        "That is before the first batch.": shown.predicted[0],
        "You divided by the variance: take its root.": (number - shown.running_means[1])
        / shown.running_variances[1],
        "The root is that of the running variance.": number - shown.running_means[1],
    }


@prediction(asks="The clipped run ends")
def clipped_end():
    """A long gradient still points downhill, and a step along it that is short enough lowers the loss."""
    run = clipped_run()
    right, wrong = either(run.end < 0.1, "far below a guess", "beyond all floats")
    return right, {
        "That takes steps that grow, and none is longer than the rate times the limit.": wrong,
        "A clipped gradient is short, not wrong: it points where it pointed.": "near a guess",
    }
