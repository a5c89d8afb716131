"""Exercises on momentum."""

import math

from gdbook.examples.momentum import closed_form, velocity_memory
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction
from gdbook.optimizers import Momentum, MomentumState


def _rolled(weight, velocity, slope, rate, momentum):
    update, state = Momentum(rate, momentum).update(slope, MomentumState(velocity))
    return weight + update, state.velocity


@exercise(
    right=_rolled,
    cases=[
        (-2.0, 0.0, -8.0, 0.2, 0.9),
        (1.0, 0.5, 3.0, 0.1, 0.5),
        (0.4, -1.0, -2.0, 0.3, 0.8),
    ],
    mistakes={
        "The slope pushes uphill: subtract the rate times the slope.": (
            "velocity - l",
            "velocity + l",
        ),
        "That velocity has no rate in it, as PyTorch keeps it. Here it is the last update itself.": (
            "- learning_rate * slope",
            "+ slope",
            "weight + velocity",
            "weight - learning_rate * velocity",
        ),
        "You weigh the slope by what momentum leaves: here it counts whole.": (
            "- learning_rate",
            "- (1 - momentum) * learning_rate",
        ),
        "Your ball keeps all of its velocity: multiply it by the momentum.": (
            "momentum * velocity",
            "velocity",
        ),
    },
)
def step(weight, velocity, slope, learning_rate, momentum):
    """Keep a share of the velocity, let the slope push, and move by what comes out."""
    velocity = momentum * velocity - learning_rate * slope
    return weight + velocity, velocity


@exercise(
    right=lambda momentum, age: velocity_memory(momentum, age + 1).shares[age],
    cases=[(0.9, 10), (0.5, 3), (0.8, 0)],
    mistakes={
        "The newest slope has lost nothing yet: its age is zero.": (
            "**age",
            "**(age + 1)",
        ),
        "A share is lost in each step of what is left, not of the whole.": (
            "momentum**age",
            "max(0, 1 - (1 - momentum) * age)",
        ),
        "That is what has been forgotten.": ("momentum**age", "1 - momentum**age"),
    },
)
def left_of(momentum, age):
    """Each step multiplies the velocity by the momentum, and with it all that is in it."""
    return momentum**age


@exercise(
    right=lambda curvature, rate: closed_form(curvature, rate, 0.1).critical_momentum,
    cases=[(1, 0.04), (4, 0.1), (0.2, 0.5)],
    mistakes={
        "Square it: the two roots meet where their product, the momentum, is a square.": (
            ") ** 2",
            ")",
        ),
        "The rate times the curvature stands under a root.": (
            "math.sqrt(learning_rate * curvature)",
            "learning_rate * curvature",
        ),
        "That is the other place where the roots meet, beyond what a ball may keep.": (
            "1 - math",
            "1 + math",
        ),
    },
)
def critical(curvature, learning_rate):
    """The two roots meet at $(1 - \\sqrt{α λ})^2$."""
    return (1 - math.sqrt(learning_rate * curvature)) ** 2


@prediction(within=0.005)
def long_run_factor():
    """Two equal roots with that product: each is its root."""
    solved = closed_form()
    return solved.factor, {
        "That is the product of both roots: one alone is its root.": solved.momentum,
        "That is the first step: in the long run the roots decide.": solved.distances[
            1
        ],
    }
