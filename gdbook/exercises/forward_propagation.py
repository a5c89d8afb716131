"""Exercises on the way forward through a network."""

import numpy as np

from gdbook.examples.forward_propagation import (
    neuron,
    one_weight,
    single_layer,
    two_layers,
    word_inputs,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction


def _forward(inputs, hidden_weights, output_weights):
    given = (
        np.asarray(each).tolist() for each in (inputs, hidden_weights, output_weights)
    )
    return two_layers(*given).prediction


@exercise(
    right=lambda *given: neuron(*given).prediction,
    cases=[
        ((2, 3, 5), (0.5, -1, 0.2), 4),
        ((1, -2), (3, 0.5), -1),
        ((4, 1), (0, 2), 0.5),
    ],
    mistakes={
        "That is the sum of the products: the bias comes on top.": (" + bias", ""),
        "Each input has its own weight: multiply first, and add then.": (
            "sum(x * w for x, w in zip(inputs, weights))",
            "sum(inputs) * sum(weights)",
        ),
        "The bias comes on top once, not for every input.": (
            "x * w for",
            "x * w + bias for",
            ") + bias",
            ")",
        ),
    },
)
def node(inputs, weights, bias):
    """Multiply each input by its weight, add the products up, and then add the bias."""
    return sum(x * w for x, w in zip(inputs, weights)) + bias


@exercise(
    right=_forward,
    cases=[
        (np.array([2, 3]), np.array([[1, 1], [-1, 1]]), np.array([2, -1])),
        (np.array([1, -2]), np.array([[0.5, 2], [3, -1]]), np.array([1, 4])),
    ],
    mistakes={
        "You read the hidden weights by columns: a row has the weights of a node.": (
            "hidden_weights @ inputs",
            "hidden_weights.T @ inputs",
        ),
        "You left the hidden nodes out: the output reads them, not the inputs.": (
            "output_weights @ hidden",
            "output_weights @ inputs",
        ),
        "That adds the hidden nodes up: each has its own output weight.": (
            "output_weights @ hidden",
            "sum(hidden)",
        ),
    },
)
def predict(inputs, hidden_weights, output_weights):
    """A row of the hidden weights belongs to a node, and the output reads what the nodes say."""
    hidden = hidden_weights @ inputs
    return output_weights @ hidden


@exercise(
    right=lambda second, target: one_weight((0, 1), (2, second), target).meets_target,
    cases=[(-1, 13), (3, 7), (0.5, 2)],
    mistakes={
        "The second node has its say, too: take it off the target first.": (
            "(target - second_weight)",
            "target",
        ),
        "You moved it to the wrong side: what the second node says is taken off the target.": (
            "target - second_weight",
            "target + second_weight",
        ),
        "That is what the first node has to bring: its weight is multiplied by the five that reach it.": (
            " / 5",
            "",
        ),
    },
)
def meets_target(second_weight, target):
    """The first output weight $v_1$ is fed by five and the second by one, so the prediction is $5 v_1 + v_2$: solve for $v_1$."""
    return (target - second_weight) / 5


@prediction(within=0.005, asks="The prediction")
def single_prediction():
    """Each input times its own weight, added up; the target is higher."""
    layer = single_layer()
    return layer.prediction, {
        "That is the target.": layer.target,
        "Each input has its own weight: multiply first, and add then.": sum(
            layer.inputs
        )
        * sum(layer.weights),
    }


@prediction(within=0.005, asks="At the end")
def what_is_left():
    """The products, all added, and the bias on top."""
    found = neuron()
    return found.prediction, {
        "That is the sum of the products: the bias comes on top.": found.total,
        "That is the bias alone.": found.bias,
    }


@prediction(within=0.005, asks="The neuron says")
def of_words():
    """Each word adds its weight as often as it is said."""
    found, once = word_inputs(), word_inputs(("good",))
    return found.prediction, {
        "One of the words is said twice, and counts twice.": word_inputs(
            tuple(dict.fromkeys(found.words))
        ).prediction,
        "That is what one of the words adds: add the others.": once.prediction,
        "A word that is not said has the input zero, and adds nothing.": word_inputs(
            found.vocabulary
        ).prediction,
    }


@prediction(within=0.005, asks="The prediction")
def of_two_layers():
    """Each hidden node times its output weight."""
    net = two_layers()
    return net.prediction, {
        "The second output weight is negative.": net.output_products[0]
        - net.output_products[1],
        "That is the sum of the hidden nodes: each has its own output weight.": sum(
            net.hidden
        ),
        "That is the target.": net.target,
    }


@prediction(within=0.005, asks="In each step")
def move_of_prediction():
    """It moves by what feeds the weight."""
    found = one_weight()
    return found.fed_by, {
        "So far moves the weight: what comes through it multiplies that.": found.weights[
            1
        ]
        - found.weights[0],
    }
