"""Exercises on activations."""

import math

import numpy as np

from gdbook.activations import sigmoid, sigmoid_slope, tanh_slope
from gdbook.examples.activations import (
    bend_more,
    best_line_on_bend,
    collapse,
    stacked,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction


def _in_one(hidden_weights, hidden_bias, output_weights, output_bias):
    found = collapse(
        np.zeros((1, len(hidden_weights))),
        hidden_weights,
        hidden_bias,
        output_weights,
        output_bias,
    )
    return [*found.weights, found.bias]


@exercise(
    right=_in_one,
    cases=[
        (np.array([[1, -1], [1, 1]]), np.array([1, -2]), np.array([2, -1]), 0.5),
        (
            np.array([[1, 2, 0], [-1, 3, 4]]),
            np.array([1, 0, 2]),
            np.array([2, 1, -1]),
            3,
        ),
        (np.array([[2, -3]]), np.array([-1, 1]), np.array([1, 4]), 0),
    ],
    mistakes={
        "The output's own bias is missing.": (" + output_bias", ""),
        "The hidden biases come through the output weights: multiply before you add.": (
            "hidden_bias @ output_weights",
            "sum(hidden_bias)",
        ),
        "That is the bias of the output alone: those of the hidden nodes come through its weights.": (
            "hidden_bias @ output_weights + ",
            "",
        ),
    },
)
def one_layer(hidden_weights, hidden_bias, output_weights, output_bias):
    """Multiply the weights of both layers; the hidden biases go through the output weights, too."""
    weights = hidden_weights @ output_weights
    bias = hidden_bias @ output_weights + output_bias
    return [*np.ravel(weights), bias]


@exercise(
    right=lambda x, *given: stacked("ReLU", (x, x + 1), *given).predictions[0],
    cases=[
        (2, (1, 1, 1), (1, 0, -1), (1, -2, 2)),
        (-3, (1, -1), (0, 0), (1, 1)),
        (0.5, (2, -1, 3), (-2, 1, 0.5), (-1, 4, 0.5)),
    ],
    mistakes={
        "That is a line: a node sends nothing where its sum is negative.": (
            "max(w * x + b, 0)",
            "(w * x + b)",
        ),
        "The bias goes into the sum before it is bent.": (
            "max(w * x + b, 0)",
            "(max(w * x, 0) + b)",
        ),
        "The bend belongs to the node: multiply by the output weight behind it.": (
            "v * max(w * x + b, 0)",
            "max(v * (w * x + b), 0)",
        ),
    },
)
def bent(x, weights, biases, outputs):
    """Each node bends its sum, and the output weighs what the nodes send, and adds it up."""
    total = 0
    for w, b, v in zip(weights, biases, outputs):
        total = total + v * max(w * x + b, 0)
    return total


@exercise(
    right=sigmoid_slope,
    cases=[(0.0,), (2.0,), (-1.5,)],
    mistakes={
        "That is the sigmoid itself: its slope is s(1 − s).": (
            "share * (1 - share)",
            "share",
        ),
        "You put what leaves the node in again: s(1 − s) needs the sigmoid once.": (
            "    return",
            "    share = 1 / (1 + math.exp(-share))\n    return",
        ),
        "That is the square: the other factor is one minus the sigmoid.": (
            "share * (1 - share)",
            "share**2",
        ),
        "The slope is positive: the sigmoid rises everywhere.": (
            "share * (1 - share)",
            "share * (share - 1)",
        ),
    },
)
def slope_of_sigmoid(value):
    """Work out the sigmoid $s$ first; its slope is $s (1 - s)$."""
    share = 1 / (1 + math.exp(-value))
    return share * (1 - share)


@prediction(asks="The best line is")
def best_on_bend():
    """One side asks for a falling line and the other for a rising one, equally loudly."""
    slope = best_line_on_bend().slope
    return "level" if slope == 0 else "rising" if slope > 0 else "falling", {
        "So do the points on the right ask; those on the left ask for the opposite.": "rising",
        "So do the points on the left ask; those on the right ask for the opposite.": "falling",
    }


@prediction(within=0.005, asks="The bias")
def bias_of_one_layer():
    """The hidden biases pass the output weights on their way, and the output adds its own."""
    return collapse().bias, {
        "The hidden biases come through the output weights: multiply before you add.": collapse(
            output_weights=(1, 1)
        ).bias,
        "So much comes from the hidden layer: the output adds a bias of its own.": collapse(
            output_bias=0
        ).bias,
        "That is the output's own bias: those of the hidden nodes come through its weights.": collapse(
            hidden_bias=(0, 0)
        ).bias,
    }


@prediction(within=0.005, asks="The slope there")
def slope_behind_zero():
    """The first two nodes let their sums through, and the third is still silent."""
    bent, at = stacked("ReLU"), 2
    _, middle, _ = bent.parts
    return bent.slopes[at], {
        "So it is with the identity: with ReLU the third node is silent up to one.": stacked().slopes[
            at
        ],
        "That is what the second node adds: the first one has not stopped.": middle[
            at + 1
        ]
        - middle[at],
        "That is where the first two nodes are silent.": bent.slopes[0],
    }


@prediction(within=0.001, asks="With twice as many")
def gap_of_two():
    """Half the width of a piece leaves a quarter of its gap."""
    gaps = bend_more().largest_gaps
    return gaps[1], {
        "The gap shrinks faster than the pieces: it goes with the square of their width.": gaps[
            0
        ]
        / 2,
        "That is the gap with twice as many again.": gaps[2],
    }


@prediction(within=0.005, asks="The slope of the sigmoid")
def steepest_sigmoid():
    """At zero it says one half, and s(1 − s) is a quarter."""
    return sigmoid_slope(0.0), {
        "That is what it says there: its slope is s(1 − s).": sigmoid(0.0),
        "So steep is tanh.": tanh_slope(0.0),
    }
