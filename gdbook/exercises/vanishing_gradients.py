"""Exercises on slopes that vanish."""

import math

import numpy as np

from gdbook.activations import relu_slope
from gdbook.examples.vanishing_gradients import (
    chain,
    dead_node,
    dead_shares,
    layer_slopes,
    remedies,
    saturated_neuron,
    with_cross_entropy,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.initialisation import he, normal


@exercise(
    right=lambda *given: chain(*given).slopes[0],
    cases=[(1, -0.5, 0.5, 10), (2, 0.5, 1.0, 3), (6, -3, 0.51, 5)],
    mistakes={
        "Each layer multiplies by its weight, too.": (
            " * weight\n    return",
            "\n    return",
        ),
        "The slopes of the layers multiply, and do not add up.": (
            "slope = slope * ",
            "slope = slope + ",
        ),
        "That is the value at the end, not the slope.": (
            "return slope",
            "return value",
        ),
        "You took the slope at what went in: take it at the sum.": (
            "value * (1 - value) * weight",
            "before * (1 - before) * weight",
            "        value =",
            "        before, value = value,",
        ),
    },
)
def slope_of_chain(weight, bias, value, n_layers):
    """Each layer multiplies the slope by its weight and by the slope of its sigmoid, $s (1 - s)$."""
    slope = 1
    for layer in range(n_layers):
        value = 1 / (1 + math.exp(-(weight * value + bias)))
        slope = slope * value * (1 - value) * weight
    return slope


def _deviation(n_inputs, n_outputs):
    drawn, unit = (
        make(np.random.default_rng(0), n_inputs, n_outputs, **how)
        for make, how in ((he, {}), (normal, {"deviation": 1}))
    )
    return drawn[0, 0] / unit[0, 0]


@exercise(
    right=_deviation,
    cases=[(64, 64), (10, 3), (3, 10)],
    mistakes={
        "That is Glorot's: He counts the inputs alone, and doubles for what ReLU stops.": (
            "2 / n_inputs",
            "2 / (n_inputs + n_outputs)",
        ),
        "ReLU stops half of the sums: the variance has to be twice as large.": (
            "2 / n_inputs",
            "1 / n_inputs",
        ),
        "That is the variance: the deviation is its root.": (
            "math.sqrt(2 / n_inputs)",
            "2 / n_inputs",
        ),
        "A node adds over what comes in: count the inputs.": (
            "2 / n_inputs",
            "2 / n_outputs",
        ),
    },
)
def deviation_of_he(n_inputs, n_outputs):
    """A sum of as many products as there are inputs should keep its size, and ReLU halves its square."""
    return math.sqrt(2 / n_inputs)


@exercise(
    right=lambda sums: (relu_slope(sums).sum(axis=0) == 0).mean(),
    cases=[
        (np.array([[1.0, -2.0, -1.0, 3.0], [-1.0, -1.0, 0.5, 2.0]]),),
        (np.array([[-1.0, 2.0], [-3.0, -1.0], [-0.5, -1.0]]),),
        (np.array([[-1.0, -2.0, 1.0], [-1.0, 3.0, 1.0]]),),
    ],
    mistakes={
        "A node is silent only if every sample leaves it below zero.": (
            "all(axis=0)",
            "any(axis=0)",
        ),
        "A row is a sample, a column a node: look down the columns.": (
            "all(axis=0)",
            "all(axis=1)",
        ),
        "That is the share of sums below zero, over all nodes.": (
            "(sums < 0).all(axis=0)",
            "(sums < 0)",
        ),
    },
)
def share_silent(sums):
    """A row is a sample and a column a node: which nodes are below zero for every sample?"""
    silent = (sums < 0).all(axis=0)
    return silent.mean()


@prediction()
def larger_error_teaches():
    """The sigmoid is flat there, and its slope is a factor."""
    slopes = saturated_neuron(num_steps=1).sum_slopes
    right, wrong = either(slopes[1] > slopes[0], "yes", "no")
    return right, {
        "The error is one factor only: look how flat the sigmoid is there.": wrong
    }


@prediction(asks="Faster is")
def faster_with_cross_entropy():
    """The slope is the error, and that start has the larger one."""
    slopes = with_cross_entropy(num_steps=1).sum_slopes
    right, wrong = either(slopes[1] > slopes[0], "the second start", "the first start")
    return right, {
        "The slope of the sigmoid cancels, and only the error is left.": wrong
    }


@prediction(within=5e-8)
def share_at_input():
    """Each of the ten nodes leaves a quarter, and the quarters multiply."""
    best = chain()
    return best.slopes[0], {
        "The factors multiply, and do not add up.": sum(best.factors),
        "That is one node: there are ten.": best.factors[0],
        "At zero the slope of a sigmoid is a quarter, not a half.": 0.5
        ** len(best.factors),
    }


@prediction(within=4e-5, asks="Share left for the first")
def share_of_tanh():
    """A factor below one for each step back, and no activation is steeper at zero than tanh here."""
    found = layer_slopes("tanh")
    steps = len(found.slopes) - 1
    return found.expected**steps, {
        "Between the layers there is one step less than there are layers.": found.expected
        ** (steps + 1),
        "That is the factor of one step: the steps multiply.": found.expected,
        "The factors multiply, and do not add up.": found.expected * steps,
    }


@prediction(asks="It ends")
def loss_without_remedy():
    """Next to none of it arrives, so the last layer has to say the same to each of them, as a guess does."""
    kinds = ("sigmoid", "normal"), ("sigmoid", "glorot"), ("ReLU", "normal")
    trained = remedies([(*kind, False) for kind in kinds], num_epochs=5)
    right, wrong = either(
        min(trained.last_losses) > 0.9 * trained.guess, "near the guess", "far below it"
    )
    return right, {
        "To come below it, the last layer has to tell the pictures apart.": wrong,
        "That takes a network that is sure of each picture.": "near zero",
    }


@prediction(asks="It is brought back by")
def short_steps_back():
    """After the long step both sums are below zero, where the slope is zero and so is each further step."""
    node = dead_node()
    right, wrong = either(
        max(node.predictions[-1]) == 0, "none of them", "several of them"
    )
    return right, {
        "Each of them goes by a slope of zero: many such steps lead nowhere.": wrong,
        "Short steps go by the slope, and ReLU has none below zero.": "the first of them",
    }


@prediction()
def share_of_dead():
    """A step that is a little too short kills no node, and a longer one many at once."""
    rates = (0.25, 0.5, 2)
    slow, twice, fast = dead_shares(learning_rates=rates, n_networks=1).dead
    right, wrong = either(
        fast - slow > 20 * (twice - slow), "with a cliff", "in proportion"
    )
    return right, {
        "A step that does not reach below zero for all pictures kills nothing, however near it comes.": wrong,
        "A long enough step carries a node as far down as you like.": "hardly at all",
    }
