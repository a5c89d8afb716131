"""Exercises on the gradient of two weights."""

import math

from gdbook.examples.gradient import directions, many_steps, two_inputs
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction

BOOK = ((1, 2), (3, 4), 6)
OTHER = ((0.5, -1), (2, -3), 1)


@exercise(
    right=lambda *given: two_inputs(*given).gradient,
    cases=[BOOK, OTHER],
    mistakes={
        "Your gradient points downhill: the error is prediction − target.": (
            "sum(w * x for w, x in zip(weights, inputs)) - target",
            "target - sum(w * x for w, x in zip(weights, inputs))",
        ),
        "The slope of a square has a factor of two, and yours has none.": ("2 * ", ""),
        "You multiplied by the weights: the slope along a weight has its input.": (
            "for x in inputs",
            "for x in weights",
        ),
        "That is one slope for both: each weight multiplies by its own input.": (
            "error * x",
            "error",
        ),
    },
)
def gradient(weights, inputs, target):
    """Both weights share the error; each slope has its own input."""
    error = sum(w * x for w, x in zip(weights, inputs)) - target
    return [2 * error * x for x in inputs]


@exercise(
    right=lambda *given: two_inputs(*given).new_weights,
    cases=[(*BOOK, 0.01), (*OTHER, 0.02)],
    mistakes={
        "You moved the first weight and then asked for the error again: both slopes belong to one place.": (
            "    w2 = w2 -",
            "    error = w1 * x1 + w2 * x2 - target\n    w2 = w2 -",
        ),
        "The weights went uphill: subtract the rate times the slope.": (
            "w1 - l",
            "w1 + l",
            "w2 - l",
            "w2 + l",
        ),
        "Each weight got the input of the other.": (
            "error * x1",
            "error * x",
            "error * x2",
            "error * x1",
            "error * x\n",
            "error * x2\n",
        ),
    },
)
def step(weights, inputs, target, learning_rate):
    """One error, worked out before either weight moves."""
    (w1, w2), (x1, x2) = weights, inputs
    error = w1 * x1 + w2 * x2 - target
    w1 = w1 - learning_rate * 2 * error * x1
    w2 = w2 - learning_rate * 2 * error * x2
    return w1, w2


@exercise(
    right=lambda gradient, way: directions(
        gradient, (tuple(part / math.hypot(*way) for part in way),)
    ).slopes[0],
    cases=[((30, 40), (0.8, -0.6)), ((30, 40), (2, 1)), ((-1, 2), (3, -4))],
    mistakes={
        "A longer arrow does not make the ground steeper: divide by the length of the direction.": (
            " / math.hypot(*direction)",
            "",
        ),
        "You divided by the length of the gradient: the direction's length has to go.": (
            "hypot(*direction)",
            "hypot(*gradient)",
        ),
        "That is the slope the other way: it is positive where the direction leads up.": (
            "return sum",
            "return -sum",
        ),
    },
)
def slope_along(gradient, direction):
    """Multiply part by part and add, and then make the result independent of the direction's length."""
    return sum(g * d for g, d in zip(gradient, direction)) / math.hypot(*direction)


@prediction(within=0.005, asks="The steeper slope")
def steeper_of_two():
    """Both weights share the error, and the larger input makes the steeper slope."""
    less, most = sorted(two_inputs().gradient)
    return most, {
        "That is along the other weight, which has the smaller input.": less,
        "The slope of a square has a factor of two: twice the error, times the input.": most
        / 2,
        "The prediction is too large, and more weight makes it larger: the slope is positive.": -most,
    }


@prediction(within=0.005, asks="After the third step")
def third_error():
    """Each step halves the error."""
    run = many_steps()
    start, first, second, third = run.errors[:4]
    return third, {
        "That is the error after the second step.": second,
        "The steps do not stay as long as the first one: the slopes shrink with the error.": start
        - 3 * (start - first),
    }


@prediction(asks="Can any direction be steeper?")
def steeper():
    """Along the gradient it is, by its length."""
    found = directions()
    right, wrong = either(found.length > max(found.gradient), "yes", "no")
    return right, {
        "Between the two weights lie directions in which both slopes count.": wrong
    }
