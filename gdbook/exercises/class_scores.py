"""Exercises on scores, shares and their losses."""

import math

import numpy as np

from gdbook.activations import softmax
from gdbook.examples.class_scores import (
    large_scores,
    output_pair,
    softmax_shares,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction
from gdbook.losses import softmax_cross_entropy, softmax_cross_entropy_slope


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
    right=lambda scores, true: softmax_cross_entropy(
        [scores], [np.eye(len(scores))[true]]
    ),
    cases=[
        (np.array([math.log(2), 0.0, 0.0]), 0),
        (np.array([1000.0, -1000.0]), 1),
        (np.array([-3.0, 2.0, 0.5, 0.5]), 2),
    ],
    mistakes={
        "What you took off the scores in the sum is missing in that of the true class.": (
            "(scores[true] - highest)",
            "scores[true]",
        ),
        "That is the logarithm of the share: the loss is minus that.": (
            "math.log(total) - (scores[true] - highest)",
            "scores[true] - highest - math.log(total)",
        ),
        "That is the loss of the first class, whichever is true.": (
            "scores[true]",
            "scores[0]",
        ),
    },
)
def cross_entropy(scores, true):
    """Take the highest score off all of them; then the loss is the logarithm of the sum of the powers, less the true score."""
    highest = max(scores)
    total = sum(math.exp(score - highest) for score in scores)
    return math.log(total) - (scores[true] - highest)


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
