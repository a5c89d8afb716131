"""Exercises on how much a network can hold."""

from fractions import Fraction

from gdbook.examples.capacity import all_noises, count_params, memorise
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction


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
    return count.total, {
        "Those are the weights: each node behind the pixels has a bias, too.": sum(
            count.weights
        ),
        "Pixels have no biases.": count.total + count.sizes[0],
        "That is what one more hidden node adds.": count_params((64, 33, 10)).total
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
