"""Exercises on the way back through a network."""

import numpy as np

from gdbook.activations import relu_slope
from gdbook.examples.backpropagation import best_split, training_step
from gdbook.examples.capacity import count_params
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.network import Dense, backward, forward_pass

INPUTS, SLOPES = (
    np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]]),
    np.array([[1.0, 0.0], [-2.0, 1.0], [0.5, 4.0]]),
)


def _stepped(inputs, hidden_weights, output_weights, target, rate):
    given = (
        np.asarray(each).tolist() for each in (inputs, hidden_weights, output_weights)
    )
    done = training_step(rate, *given, target)
    return done.new_hidden_weights, done.new_output_weights


def _layer(inputs, weights, slopes):
    layers = [Dense(weights)]
    found = backward(layers, forward_pass(layers, inputs), slopes)
    return found.params[0][0], slopes.sum(axis=0), found.values[0]


@exercise(
    right=_stepped,
    cases=[
        (np.array([2, 3]), np.array([[1, 1], [-1, 1]]), np.array([2, -1]), 13, 0.005),
        (
            np.array([1.0, -2.0]),
            np.array([[0.5, 1.0], [2.0, -1.0]]),
            np.array([1.0, 3.0]),
            2.0,
            0.01,
        ),
    ],
    mistakes={
        "You moved the output weights first, and the slopes went back through the new ones: keep the old weights until the way back is done.": (
            "    hidden_slopes",
            "    output_weights = output_weights - learning_rate * output_slopes\n    hidden_slopes",
            "    new_output = output_weights - learning_rate * output_slopes",
            "    new_output = output_weights",
        ),
        "The slopes of the hidden weights are transposed: a row belongs to a node, a column to an input.": (
            "np.outer(hidden_slopes, inputs)",
            "np.outer(inputs, hidden_slopes)",
        ),
        "The slope of a square has a factor of two, and yours has none.": (
            "2 * (",
            "(",
        ),
        "Back through an output weight the slope is multiplied by that weight, not by what went through it.": (
            "loss_slope * output_weights",
            "loss_slope * hidden",
        ),
        "The weights went uphill: subtract the rate times the slope.": (
            "hidden_weights - learning_rate",
            "hidden_weights + learning_rate",
            "output_weights - learning_rate",
            "output_weights + learning_rate",
        ),
    },
)
def step(inputs, hidden_weights, output_weights, target, learning_rate):
    """First all slopes, from the weights as they are, and then both updates."""
    hidden = hidden_weights @ inputs
    loss_slope = 2 * (output_weights @ hidden - target)
    output_slopes = loss_slope * hidden
    hidden_slopes = loss_slope * output_weights
    weight_slopes = np.outer(hidden_slopes, inputs)
    new_hidden = hidden_weights - learning_rate * weight_slopes
    new_output = output_weights - learning_rate * output_slopes
    return new_hidden, new_output


@exercise(
    right=_layer,
    cases=[
        (INPUTS, np.array([[1.0, 2.0], [3.0, 4.0]]), SLOPES),
        (SLOPES, np.array([[0.5, -1.0], [2.0, 0.0]]), INPUTS),
    ],
    mistakes={
        "The slopes of the weights are transposed: they have the shape of the weights, a row for each input.": (
            "inputs.T @ slopes",
            "slopes.T @ inputs",
        ),
        "You went back through the weights as if forward: they have to be transposed.": (
            "weights.T",
            "weights",
        ),
        "The slopes of all samples add up; their share of the mean is in them already.": (
            "slopes.sum(axis=0)",
            "slopes.mean(axis=0)",
        ),
        "Add over the samples, not over the nodes.": ("axis=0", "axis=1"),
    },
)
def layer(inputs, weights, slopes):
    """The shapes leave one way for each product; a bias adds up what comes back to its node."""
    along_weights = inputs.T @ slopes
    along_bias = slopes.sum(axis=0)
    along_inputs = slopes @ weights.T
    return along_weights, along_bias, along_inputs


@exercise(
    right=lambda sums, slopes: relu_slope(sums) * slopes,
    cases=[
        (np.array([5.0, -1.0, 2.0, -3.0]), np.array([-16.0, 8.0, 3.0, -4.0])),
        (np.array([-2.0, 0.5, 1.0]), np.array([1.0, -1.0, 2.0])),
    ],
    mistakes={
        "You asked for the sign of the slope: what counts is the sum that went in.": (
            "sums > 0",
            "slopes > 0",
        ),
        "What leaves a ReLU is never negative, so you let every slope through: ask for the sum before the bend.": (
            "sums > 0",
            "np.maximum(sums, 0) >= 0",
        ),
        "That is the way forward: the slope passes whole or not at all.": (
            "slopes * (sums > 0)",
            "np.maximum(sums, 0) * slopes",
        ),
    },
)
def through_relu(sums, slopes):
    """A node that is stopped on the way forward lets no slope back."""
    return slopes * (sums > 0)


@prediction(asks="Afterwards it is")
def side_of_target():
    """The step brings it near, and not quite there."""
    error = training_step().new_error
    right, wrong = either(error < 0, "below", "above")
    return right, {"The rate is small enough not to carry it past the target.": wrong}


@prediction(asks="By central differences")
def passes_forward():
    """Two passes for each weight, and no weight can share them."""
    count = count_params((32, 16, 4)).total
    return 2 * count, {
        "One pass for each weight would be a forward difference: a central one walks to both sides.": count,
        "Both passes are beside the place, and none is at the place itself.": 2 * count
        + 1,
        "That is what backpropagation takes: one forward, one back.": 2,
    }


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
