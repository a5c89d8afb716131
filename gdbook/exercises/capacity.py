"""Exercises on how much a network can hold."""

import math
from fractions import Fraction

import numpy as np

from gdbook.activations import TANH
from gdbook.examples.capacity import (
    Score,
    all_noises,
    capacity_curve,
    count_params,
    dropout_gap,
    final_test,
    grow,
    memorise,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.glue import defaults
from gdbook.network import Dense, forward


@exercise(
    right=lambda sizes: count_params(sizes).total,
    cases=[((64, 32, 10),), ((2, 3, 1),), ((5, 4, 4, 2),)],
    mistakes={
        "Those are the weights: every node behind the inputs has a bias, too.": (
            "before * after + after",
            "before * after",
        ),
        "The inputs have no biases: a bias belongs to the node that it enters.": (
            "before * after + after",
            "before * after + before",
        ),
        "You left out the last layer.": ("sizes[1:]", "sizes[1:-1]"),
    },
)
def num_params(sizes):
    """A layer has a weight for each pair of nodes, and a bias for each node behind."""
    total = 0
    for before, after in zip(sizes, sizes[1:]):
        total = total + before * after + after
    return total


@exercise(
    right=lambda targets: (
        memorise([Fraction(i) for i in range(len(targets))], targets).weights
    ),
    cases=[((1.5, 1, 1.5, 3, 3.5),), ((0, 2, 1, 1),), ((1, 2, 4, 8),)],
    mistakes={
        "Those are the slopes of the pieces: a node adds how much the slope changes at its bend.": (
            "slopes[0], *changes",
            "*slopes",
        ),
        "The change is the slope behind the bend minus the one before it.": (
            "slopes[0], *changes",
            "slopes[0], *(-change for change in changes)",
        ),
        "The first piece has a slope, too, and its node has to make it.": (
            "[slopes[0], *changes]",
            "changes",
        ),
    },
)
def weights(targets):
    """The inputs lie one apart, so the slope of a piece is the difference of two targets; each node changes the slope once."""
    slopes = [after - before for before, after in zip(targets, targets[1:])]
    changes = [after - before for before, after in zip(slopes, slopes[1:])]
    return [slopes[0], *changes]


def _expected(size, n_params, n_samples):
    found = all_noises(range(n_samples), size=size)
    at = found.n_fitted.index(n_params)
    return found.training_losses[at], found.new_losses[at]


@exercise(
    right=_expected,
    cases=[(0.5, 2, 5), (2, 4, 4), (1, 2, 4)],
    mistakes={
        "The noise is squared in a squared error.": (
            "training = size**2",
            "training = size",
            "new = size**2",
            "new = size",
        ),
        "What is fitted is missing from the training loss and comes on top of the new one: you swapped them.": (
            "training = size**2 * (1 - share)",
            "training = size**2 * (1 + share)",
            "new = size**2 * (1 + share)",
            "new = size**2 * (1 - share)",
        ),
        "The new loss is not the noise alone: what was fitted of the old noise is wrong there.": (
            "(1 + share)",
            "1",
        ),
    },
)
def expected_losses(size, n_params, n_samples):
    """Each parameter takes its share of the noise out of the training loss, and brings as much into the new one."""
    share = n_params / n_samples
    training = size**2 * (1 - share)
    new = size**2 * (1 + share)
    return training, new


@prediction(asks="Parameters of the network")
def params_of_digits():
    """A weight for each pair of neighbours, and a bias for each node behind the inputs."""
    count = count_params()
    pixels, hidden, classes = count.sizes
    return count.total, {
        "Those are the weights: each node behind the pixels has a bias, too.": sum(
            count.weights
        ),
        "Pixels have no biases.": count.total + pixels,
        "That is what one more hidden node adds.": count_params(
            (pixels, hidden + 1, classes)
        ).total
        - count.total,
    }


@prediction(within=0.005)
def loss_of_memory():
    """It goes through all of the points."""
    of_mean, of_line, of_network = memorise().losses
    return of_network, {
        "That is the line's: the network bends at every point.": of_line,
        "That is what the mean alone leaves.": of_mean,
    }


@prediction(within=0.005, asks="The loss of the line")
def line_on_new_points():
    """The square of the noise comes once from the new points, and in part from the old ones, which the fit has followed."""
    found, at = all_noises(), 1
    right, noise = found.new_losses[at], found.size**2
    return right, {
        "So much is left on the points that it was fitted to.": found.training_losses[
            at
        ],
        "That is the noise of the new points alone: the line has followed some of the old.": noise,
        "The noise is squared in a squared error.": right / found.size,
        "That is the network's, which fits as many numbers as there are points.": found.new_losses[
            at + 1
        ],
    }


@prediction(asks="The border is")
def border_of_one():
    """The score hangs on the one sum that enters the node, and a sum has one value along a straight line."""
    node, output = Dense([[3], [4]], 1, TANH), Dense([2], -1)
    along, across = np.array([-4, 3]), np.array([3, 4])
    scores = [
        {float(forward([node, output], move * way)[-1]) for move in range(-1, 2)}
        for way in (along, across)
    ]
    straight = len(scores[0]) == 1 < len(scores[1])
    right, wrong = either(straight, "one straight line", "a curve like tanh")
    return right, {
        "Tanh bends how the score rises across the border, not where the border runs.": wrong,
        "Tanh rises everywhere, so the score has one value on one line alone.": "two parallel lines",
    }


@prediction(asks="What turns is")
def turning_loss():
    """The wide networks learn the wrong labels, and the validation samples have none."""
    few = capacity_curve(((4,), (32,), (256,)), num_seeds=1)
    names = {
        "the training loss": few.mean_training,
        "the validation loss": few.mean_validation,
    }
    turning = [name for name, losses in names.items() if losses[-1] > min(losses)]
    right, wrong = either(
        turning == ["the validation loss"], "the validation loss", "the training loss"
    )
    return right, {
        "More room lets a network fit what it is shown no worse, wrong labels included.": wrong,
        "Only one of them asks about samples that the network was not shown.": "both of them",
    }


@prediction(asks="The gap gets")
def gap_with_dropout():
    """What was learned by heart hangs on single nodes, and those are stopped again and again."""
    without, with_it = dropout_gap(num_seeds=1).gaps
    right, wrong = either(with_it < without, "narrower", "wider")
    return right, {
        "For that the training loss would have to fall further, and nodes that stop make it harder to learn samples by heart.": wrong,
        "The mean of what a node sends stays, but a network that counts on single nodes is disturbed.": "no different",
    }


@prediction(asks="The search ends at a width of")
def end_of_growth():
    """A tenth is less than the share that is worth having, so the first doubling is taken back."""
    found = grow(
        score=lambda plan: [Score(0.9 ** math.log2(plan.hidden[0]), accuracy=0)]
    )
    return found.final_hidden[0], {
        "So far it would go if every improvement counted: a tenth is less than the threshold.": defaults(
            grow
        )["widest"],
        "That width is tried, and taken back: a tenth is less than the threshold.": found.hidden[
            1
        ][0],
    }


@prediction(asks="Digits misread at most")
def misread_at_most():
    """Digits come whole, and one more would be too many."""
    n_test, goal = final_test(num_epochs=1).n_test, Fraction(97, 100)
    allowed = (1 - goal) * n_test
    return math.floor(allowed), {
        "That is rounded to the nearest: so many are more than the rest of the percent.": round(
            allowed
        ),
        "Digits come whole: round down.": allowed,
        "So many have to be right.": n_test - math.floor(allowed),
    }
