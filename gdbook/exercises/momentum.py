"""Exercises on momentum."""

import math

from gdbook.examples.momentum import (
    closed_form,
    critical_damping,
    heavy_ball,
    nesterov,
    phase_map,
    stability,
    steps_to_goals,
    sweep_momentum,
    velocity_memory,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.optimizers import Momentum, MomentumState, Nesterov


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


def _rolled_ahead(weight, velocity, slope_at, rate, momentum):
    rule, ahead = Nesterov(rate, momentum), weight + momentum * velocity
    update, state = rule.update(slope_at(ahead), MomentumState(velocity))
    return ahead + update - momentum * state.velocity, state.velocity


def _steep(weight):
    """Return the slope across a valley."""
    return 4 * weight


def _cubed(weight):
    """Return a slope that grows faster than the weight."""
    return weight * weight * weight


@exercise(
    right=_rolled_ahead,
    cases=[
        (-2.0, 1.6, _steep, 0.2, 0.9),
        (1.0, 0.5, _cubed, 0.1, 0.5),
        (0.4, -1.0, _steep, 0.3, 0.8),
    ],
    mistakes={
        "You feel the slope where the weight is: that is the heavy ball.": (
            "slope_at(weight + momentum * velocity)",
            "slope_at(weight)",
        ),
        "Only a share of the velocity is kept, so only that share carries the weight.": (
            "weight + momentum * velocity",
            "weight + velocity",
        ),
        "The slope pushes uphill: subtract the rate times the slope.": (
            "velocity - l",
            "velocity + l",
        ),
        "Your ball keeps all of its velocity: multiply it by the momentum.": (
            "velocity = momentum * velocity",
            "velocity = velocity",
        ),
    },
)
def look_ahead(weight, velocity, slope_at, learning_rate, momentum):
    """As the ball's step, with the slope at the weight plus the share of the velocity that is kept."""
    slope = slope_at(weight + momentum * velocity)
    velocity = momentum * velocity - learning_rate * slope
    return weight + velocity, velocity


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


@prediction(asks="It is")
def second_step_of_ball():
    """Along the floor what was kept and the new slope agree, across the valley they do not."""
    ball, descent = (heavy_ball(momentum=share, num_steps=2) for share in (0.5, 0))

    def told(along, across):
        lengths = {True: "longer", False: "shorter"}
        return f"{lengths[along]} along, {lengths[across]} across"

    right = tuple(
        abs(ball.path[2][i] - ball.path[1][i])
        > abs(descent.path[2][i] - descent.path[1][i])
        for i in (0, 1)
    )
    words = {
        (
            True,
            False,
        ): "Along the floor the slopes agree, across the valley they do not.",
        (
            True,
            True,
        ): "Across the valley the slope has changed its sign, against what was kept.",
        (
            False,
            False,
        ): "Along the floor the slope keeps its sign, and what was kept adds to it.",
        (
            False,
            True,
        ): "The other way round: slopes that agree add up, those that do not cancel.",
    }
    return told(*right), {
        said: told(*ways) for ways, said in words.items() if ways != right
    }


@prediction(within=0.45, asks="Steps until half is left")
def half_life_of_push():
    """Put the momentum into the formula of the half-life: it is less than the sum of all shares."""
    memory = velocity_memory()
    return memory.half_life, {
        "That is the sum of all shares, and no half-life.": memory.total,
        "A step takes a share of what is left then, and not of the whole push.": memory.total
        / 2,
    }


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


@prediction(asks="The nearest has")
def nearest_in_the_middle():
    """At critical damping the factor is the least of the three, and steps enough let it count."""
    runs = critical_damping()
    middle = len(runs[0].distances) // 2
    nearest = min(runs, key=lambda run: abs(run.distances[middle]))
    words = {
        "creeps": "It creeps: its greater root lies above that of the border.",
        "critical": "It neither creeps nor swings.",
        "swings": "It is there early and swings past: its swings shrink by the root of the momentum alone.",
    }
    return str(nearest.momentum), {
        words[run.regime]: str(run.momentum) for run in runs if run is not nearest
    }


@prediction(asks="Most of it")
def most_of_map():
    """It lies between the curve, which comes down fast from the corner, and the line."""
    found = phase_map(num_products=40, num_momenta=20)
    shares = {
        "creeps": found.creeping,
        "diverges": found.diverging,
        "swings": found.swinging,
    }
    words = {
        "creeps": "That is below the curve, which comes down fast and leaves little room.",
        "diverges": "That is a triangle on the right, and it begins in the middle of the lower edge.",
        "swings": "That is between the curve and the line.",
    }
    right = max(shares, key=lambda name: shares[name])
    return right, {said: name for name, said in words.items() if name != right}


@prediction(asks="What holds is")
def belief_that_holds():
    """Between the two the factor is negative and less than one in size: descent arrives."""
    sides = stability()
    believed, true = (abs(side.distances[-1]) for side in sides[1:3])
    names = [f"the bound of {side.bound}" for side in sides[1:3]]
    right, wrong = either(believed < 1 < true, names[1], names[0])
    return right, {
        "A little beyond it the factor is a little below zero, and the distance shrinks fast.": wrong,
        "Beyond the greater one the factor is below −1, and each jump is longer.": "neither of them",
    }


@prediction(asks="It brakes more")
def where_it_brakes():
    """There the curvature is greater, so the slope changes more on the way ahead."""
    ahead = nesterov()
    usual = heavy_ball(ahead.learning_rate, ahead.momentum)
    along, across = (abs(new / old) for new, old in zip(ahead.path[-1], usual.path[-1]))
    right, wrong = either(across < along, "across the valley", "along the floor")
    return right, {
        "There the slope changes little from one place to the next: what is felt ahead is nearly the same.": wrong,
        "The slope ahead differs by the curvature times the way, and the curvatures differ.": "equally in both",
    }


@prediction(within=0.002, asks="Its factor there")
def factor_of_usual():
    """Both curvatures swing, so it is the root of the momentum: worse than none."""
    swept, usual = sweep_momentum(), velocity_memory().momentum
    return swept.flat_factors[swept.momenta.index(usual)], {
        "That is the momentum: swings shrink by its root.": usual,
        "That is the factor without momentum.": swept.flat_factors[0],
        "That is the factor at the best momentum, where the flat curvature begins to swing.": swept.best_factor,
    }


@prediction(within=2.5, asks="More steps")
def further_decades():
    """Each step multiplies the loss by the square of the factor: count how many make four factors of ten."""
    goals = steps_to_goals()
    near, far = (
        goals.nesterov[goals.shares.index(share)] for share in (1e-6, goals.shares[-1])
    )
    decades = math.log10(1e-6 / goals.shares[-1])
    return far - near, {
        "The factor is that of the distance: the loss shrinks by its square.": 2
        * decades
        * goals.per_decade[2],
        "That is what one factor of ten costs: here are four.": goals.per_decade[2],
    }
