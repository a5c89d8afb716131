"""Exercises on activations."""

import math

import numpy as np

from gdbook.activations import sigmoid, sigmoid_slope, softmax, tanh_slope
from gdbook.examples.activations import bend_more, best_line_on_bend, softmax_shares
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


@prediction()
def best_on_bend():
    """One side asks for a falling line and the other for a rising one, equally loudly."""
    slope = best_line_on_bend().slope
    return "level" if slope == 0 else "rising" if slope > 0 else "falling", {
        "So do the points on the right ask; those on the left ask for the opposite.": "rising",
        "So do the points on the left ask; those on the right ask for the opposite.": "falling",
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
    return found.shares[0], {
        "Three classes share alike only if their scores are equal.": 1
        / len(found.shares),
        "The others have a power of one each: there are two of them.": 2 / 3,
    }
