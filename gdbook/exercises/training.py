"""Exercises on training a network."""

import numpy as np

from gdbook.activations import TANH
from gdbook.descent import batches
from gdbook.examples.training import (
    XOR_INPUTS,
    XOR_TARGETS,
    best_split,
    hand_made,
    learn_xor,
    moons_split,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.fitting import fit
from gdbook.glue import defaults
from gdbook.gradients import linear_gradient
from gdbook.losses import MEAN_SQUARED_ERROR
from gdbook.network import Dense
from gdbook.optimizers import GradientDescent


def _dealt(order, batch_size):
    order = np.asarray(order)
    return [order[batch] for batch in batches(len(order), batch_size)]


def _epoch(weights, inputs, targets, order, rate, batch_size):
    for batch in _dealt(order, batch_size):
        slopes = linear_gradient(inputs[batch], weights, targets[batch])
        weights = weights - rate * slopes
    return weights


@exercise(
    right=_dealt,
    cases=[([3, 0, 2, 1], 2), ([4, 1, 0, 3, 2], 2), ([1, 0, 2], 3)],
    mistakes={
        "A batch begins where the one before has ended, not at its next sample.": (
            "len(order), batch_size",
            "len(order)",
        ),
        "The samples that fill no batch are lost: the last batch may be smaller.": (
            "len(order)",
            "len(order) - batch_size + 1",
        ),
        "The samples are to stay in the order in which they are given.": (
            "order[first",
            "sorted(order)[first",
        ),
    },
)
def deal(order, batch_size):
    """`range` takes a start, an end and a step; a slice may reach beyond the end."""
    starts = range(0, len(order), batch_size)
    return [order[first : first + batch_size] for first in starts]


@exercise(
    right=_epoch,
    cases=[
        (
            np.array([0.5, -1.0]),
            np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0], [-2.0, 0.5], [1.0, 1.0]]),
            np.array([1.0, 2.0, -1.0, 0.5, 3.0]),
            np.array([3, 0, 4, 1, 2]),
            0.1,
            2,
        ),
        (
            np.array([0.0]),
            np.array([[1.0], [2.0], [3.0]]),
            np.array([2.0, 3.0, 5.0]),
            np.array([0, 2, 1]),
            0.05,
            1,
        ),
    ],
    mistakes={
        "Each step looks at all samples: take those of the batch.": (
            "inputs[batch] @ weights - targets[batch]",
            "inputs @ weights - targets",
            "errors @ inputs[batch] / len(batch)",
            "errors @ inputs / len(errors)",
        ),
        "The last batch may be smaller: divide by its own number of samples.": (
            "len(batch)",
            "batch_size",
        ),
        "The errors are those of a mean: divide by the number of samples in the batch.": (
            " / len(batch)",
            "",
        ),
        "The slope of a square has a factor of two, and yours has none.": (
            "2 * errors",
            "errors",
        ),
        "The weights went uphill: subtract the rate times the gradient.": (
            "weights - rate",
            "weights + rate",
        ),
    },
)
def epoch(weights, inputs, targets, order, rate, batch_size):
    """Both `inputs` and `targets` take the batch as an index, and each step starts from the last weights."""
    for first in range(0, len(order), batch_size):
        batch = order[first : first + batch_size]
        errors = inputs[batch] @ weights - targets[batch]
        gradient = 2 * errors @ inputs[batch] / len(batch)
        weights = weights - rate * gradient
    return weights


@exercise(
    right=lambda first, second: (
        1 - hand_made(inputs=[(first, second)], targets=[0]).predictions[0]
    ),
    cases=[(0, 0), (0, 1), (1, 0), (1, 1)],
    mistakes={
        "That is XOR itself: it is one where the inputs differ.": (
            "1 - nodes[0] + 2 * nodes[1]",
            "nodes[0] - 2 * nodes[1]",
        ),
        "Where both inputs are one you say zero: the second node has to give back what the first one takes, and the one again.": (
            " + 2 * nodes[1]",
            " + nodes[1]",
        ),
        "Where both inputs are zero no node says anything: the one has to come from a bias.": (
            "1 - nodes[0] + 2 * nodes[1]",
            "nodes[1]",
        ),
    },
)
def equal(first, second):
    """Begin with a bias of one, and let each node take from it or give to it."""
    nodes = np.maximum(first + second, 0), np.maximum(first + second - 1, 0)
    return 1 - nodes[0] + 2 * nodes[1]


@prediction()
def right_by_a_line():
    """Any one corner can be cut off, and the two with one target lie across."""
    split = best_split()
    return split.right, {
        "No line has both samples of one target on one side and both others on the other.": len(
            split.targets
        ),
        "That is as many as saying the same to all gets right: a line can do better.": split.targets.count(
            0
        ),
    }


@prediction(asks="Numbers that move")
def zero_start():
    """What feeds the output weights is zero, and what comes back through them is, too."""
    n_hidden = defaults(learn_xor)["n_hidden"]
    zeros = [
        Dense(np.zeros((2, n_hidden)), np.zeros(n_hidden), TANH),
        Dense(np.zeros((n_hidden, 1)), np.zeros(1)),
    ]
    trained = fit(
        zeros,
        np.array(XOR_INPUTS, float),
        np.array(XOR_TARGETS, float)[:, None],
        loss=MEAN_SQUARED_ERROR,
        rule=GradientDescent(0.1),
        num_epochs=20,
        batch_size=2,
        generator=np.random.default_rng(0),
    ).layers
    counts = [np.size(part) for layer in zeros for part in layer[:2]]
    moved = [np.count_nonzero(part) for layer in trained for part in layer[:2]]
    return sum(moved), {
        "So many have a slope in general: here three factors meet, and zero is among them.": sum(
            counts
        ),
        "The output weights are fed by hidden nodes that say zero, and to the biases of these nodes no slope comes back.": counts[
            2
        ]
        + counts[3],
        "One has a slope: nothing multiplies the error on its way to it.": 0,
    }


@prediction(asks="Most of them lie")
def cut_off():
    """To keep what lies in the hollow of the other moon, the line would have to bend."""
    line = moons_split()
    # The upper moon has its inner half on the right, the lower one on the left.
    inner = [(line.inputs[at][0] > 0.5) == (line.targets[at] == 0) for at in line.wrong]
    right, wrong = either(
        sum(inner) > 0.75 * len(inner), "on the inner halves", "on the outer halves"
    )
    return right, {
        "Those lie beside the other moon, not in its hollow: a line can pass between.": wrong,
        "One half of a moon lies in the hollow of the other, where a straight line has no way between.": "on both alike",
    }
