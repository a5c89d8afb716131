"""Exercises on activations."""

import math

import numpy as np

from gdbook.activations import sigmoid, sigmoid_slope, softmax, tanh_slope
from gdbook.examples.activations import (
    bend_more,
    best_line_on_bend,
    collapse,
    fold,
    large_scores,
    output_pair,
    softmax_shares,
    stacked,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction
from gdbook.losses import softmax_cross_entropy_slope


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


@exercise(
    right=softmax,
    cases=[
        (np.array([math.log(2), 0.0, 0.0]),),
        (np.array([1000.0, 1001.0]),),
        (np.array([-3.0, 2.0, 0.5, 0.5]),),
    ],
    mistakes={
        "Powers have to add up to one: divide by their sum.": (" / sum(powers)", ""),
        "You took shares of the scores: raise e to each of them first.": (
            "np.exp(scores - max(scores))",
            "abs(scores)",
        ),
    },
)
def shares(scores):
    """A shift of all scores changes no share, so take the largest off, and no power is too large."""
    powers = np.exp(scores - max(scores))
    return powers / sum(powers)


@exercise(
    right=lambda found, targets: softmax_cross_entropy_slope(
        np.log([found]), np.array([targets])
    )[0],
    cases=[
        (np.array([0.5, 0.25, 0.25]), np.array([1.0, 0.0, 0.0])),
        (np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 0.0, 1.0, 0.0])),
    ],
    mistakes={
        "The error is prediction − target.": ("shares - targets", "targets - shares"),
        "Those are the slopes along the shares: along the scores the slopes of softmax come on top, and cancel most of it.": (
            "shares - targets",
            "-targets / shares",
        ),
        "The slope of softmax is in it already.": (
            "shares - targets",
            "(shares - targets) * shares * (1 - shares)",
        ),
    },
)
def slopes_along_scores(shares, targets):
    """The slopes of softmax and of the cross-entropy cancel, and the error is left."""
    return shares - targets


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


@prediction(asks="Different places")
def places_after_fold():
    """The nodes know the sum alone, and two of the samples have one sum."""
    folded = fold()
    return len(set(folded.hidden)), {
        "The nodes know the sum alone: which samples have the same one?": len(
            folded.inputs
        ),
        "The samples whose target is zero have different sums, and stay apart.": len(
            set(folded.targets)
        ),
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


@prediction(within=0.005, asks="The first share")
def first_share():
    """Its power is two of four."""
    found = softmax_shares()
    scores, (first, second, _) = found.scores, found.shares
    return first, {
        "Three classes share alike only if their scores are equal.": 1 / len(scores),
        "The others have a power of one each: there are two of them.": first
        / (first + second),
        "You took shares of the scores: raise e to each of them first.": scores[0]
        / sum(scores),
    }


@prediction(asks="It meets")
def failing_first():
    """The share is smaller than all floats above zero, and is rounded to zero."""
    meets = {"ln 0": "a logarithm of zero", "overflow": "a power too large"}
    *_, first, last = large_scores().as_written
    return meets[str(first)], {
        "The powers fit into a float: now divide one by the sum of both.": meets[
            str(last)
        ],
        "On paper it meets none: a float rounds the share before its logarithm is taken.": "no obstacle",
    }


@prediction(within=0.005, asks="Along the score of the yes")
def slope_along_score():
    """The slope of the sigmoid cancels, and prediction − target is left."""
    pair = output_pair("sigmoid", (math.log(3),), (1,))
    (error,), (along_prediction,) = pair.errors, pair.loss_slopes
    return pair.chained_slopes[0], {
        "The error is prediction − target, and the prediction is too low.": -error,
        "That is the slope along the prediction: multiply it by that of the sigmoid.": along_prediction,
        "That is the slope of the sigmoid: multiply it by that of the loss.": error
        / along_prediction,
        "Twice the error belongs to the identity and the squared error.": 2 * error,
    }
