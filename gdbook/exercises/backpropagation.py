"""Exercises on the way back through a network."""

import math

import numpy as np

from gdbook.activations import RELU, relu_slope
from gdbook.examples.backpropagation import (
    check_errors,
    circuit,
    gates,
    gradient_check,
    layer_shapes,
    passes,
    three_factors,
    training_step,
)
from gdbook.examples.capacity import count_params
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.formatting import typeset
from gdbook.glue import defaults
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


def _both_ways(inputs, first, second, slopes):
    layers = [Dense(first, 0, RELU), Dense(second)]
    found = backward(layers, forward_pass(layers, inputs), slopes)
    return tuple(weights for weights, _ in found.params)


@exercise(
    right=_both_ways,
    cases=[
        (
            INPUTS,
            np.array([[1.0, -2.0, 0.5], [3.0, 1.0, 2.0]]),
            np.array([[1.0, 2.0], [0.5, -1.0], [-3.0, 1.0]]),
            SLOPES,
        ),
        (
            SLOPES,
            np.array([[0.5, -1.0], [2.0, 1.0]]),
            np.array([[2.0], [-1.0]]),
            np.array([[1.0], [-2.0], [0.5]]),
        ),
    ],
    mistakes={
        "You let every slope through: where the ReLU let nothing forward, and its node is at zero, nothing comes back.": (
            "hidden > 0",
            "hidden >= 0",
        ),
        "That is the way forward: what comes back passes whole or not at all.": (
            "(hidden > 0)",
            "hidden",
        ),
        "The second layer is fed by the hidden nodes, not by their sums.": (
            "hidden.T @ slopes",
            "(inputs @ first).T @ slopes",
        ),
    },
)
def both_ways(inputs, first, second, slopes):
    """The slopes along the sums of a layer are all that its weights need, beside what feeds them."""
    hidden = np.maximum(inputs @ first, 0)
    along_second = hidden.T @ slopes
    along_first = inputs.T @ (slopes @ second.T * (hidden > 0))
    return along_first, along_second


@prediction(asks="To its first input")
def slope_through_product():
    """The product rises by its other input for each unit of this one."""
    adding, multiplying, _ = gates()
    (own, other), (right, swapped) = multiplying.inputs, multiplying.input_slopes
    return right, {
        "That goes to the other input: a product swaps them.": swapped,
        "So much a sum sends back: a product rises faster.": adding.input_slopes[0],
        "So fast rises the product: multiply by the slope that arrives behind it.": other,
        "So fast would it rise by its own input: ask what one more unit of it adds.": own,
    }


@prediction(asks="Along the first node")
def slope_along_node():
    """The slope that arrives is multiplied by the weight on the wire."""
    net = circuit()
    right, neighbour = net.hidden_slopes
    return right, {
        "That is the slope along the weight: to the node the product sends the slope times the weight.": net.output_slopes[
            0
        ],
        "That comes back along the second node.": neighbour,
        "That is what arrives: the product multiplies it by the weight.": net.loss_slope,
        "So fast rises the prediction: the loss falls while it does.": net.output_weights[
            0
        ],
        "The prediction is too low: to raise the node lowers the loss.": -right,
    }


@prediction(asks="Their product")
def product_on_wire():
    """What feeds the weight, times the slope at its node, times one for the identity."""
    net, (first, right, of_second, crossed, *_) = circuit(), three_factors().slopes
    return right, {
        "That weight is fed by the first input.": first,
        "That weight leads from the first input to the second node.": of_second,
        "That weight leads to the second node.": crossed,
        "That slope has not yet passed the output weight: take the one at the hidden node.": net.inputs[
            1
        ]
        * net.loss_slope,
    }


@prediction(asks="Weights that rise")
def rising_weights():
    """A weight rises where its slope is negative."""
    step = training_step()
    before, after = (
        (*hidden[0], *hidden[1], *output)
        for hidden, output in (
            (step.hidden_weights, step.output_weights),
            (step.new_hidden_weights, step.new_output_weights),
        )
    )
    moved = [new - old for old, new in zip(before, after)]
    rising = sum(move > 0 for move in moved)
    return rising, {
        "So many fall: a weight moves against its slope.": sum(
            move < 0 for move in moved
        ),
        "The prediction has to rise, but behind a negative weight a falling one lifts it.": len(
            moved
        ),
        "The negative output weight rises, too: its node is positive.": sum(
            move > 0 < old for old, move in zip(before, moved)
        ),
    }


@prediction()
def step_of_check():
    """On a parabola what the central difference misses on one side it adds on the other."""
    exact = not any(
        gap for step in (0.125, 1, 64) for gap in gradient_check(step=step).differences
    )
    right, wrong = either(exact, "any size will do", "the smaller the better")
    return right, {
        "So it is on other curves: on a parabola the two sides cancel.": wrong,
        "A parabola has the same curvature everywhere: its two sides cancel further out, too.": "a tenth or smaller",
    }


@prediction(asks="A step near")
def best_step_of_check():
    """Both parts shrink down to the cube root of the rounding; from there on the second grows."""
    found = check_errors()
    nearest = min(found.steps, key=lambda step: abs(math.log(step / found.best_step)))
    words = {step: typeset(f"{step:.0e}") for step in found.steps}
    return words[nearest], {
        "There the first part is still far greater than the second.": words[
            found.steps[0]
        ],
        "There the rounding of the two losses, divided by the step, has long been greater.": words[
            found.steps[-1]
        ],
    }


@prediction(asks="By central differences")
def passes_forward():
    """Two passes for each weight, and no weight can share them."""
    count = count_params(defaults(passes)["sizes"][-1]).total
    return 2 * count, {
        "One pass for each weight would be a forward difference: a central one walks to both sides.": count,
        "Both passes are beside the place, and none is at the place itself.": 2 * count
        + 1,
        "That is what backpropagation takes: one forward, one back.": 2,
    }


@prediction(asks="Rows and columns")
def shape_of_slope():
    """A slope has the shape of what it is a slope along, and these are weights."""
    seen = layer_shapes()
    shapes = dict(zip(seen.names, seen.slope_shapes))
    rows, columns = shapes["W1"]
    return f"{rows} × {columns}", {
        "That is transposed: the weights have a row for each number that enters.": f"{columns} × {rows}",
        "That is the slope along the sums: in the product, the samples add up.": " × ".join(
            map(str, shapes["A1"])
        ),
        "Those are the inputs, with a row for each sample.": " × ".join(
            map(str, shapes["A0"])
        ),
    }
