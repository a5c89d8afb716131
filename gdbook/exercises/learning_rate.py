"""Exercises on the learning rate."""

from gdbook.examples.learning_rate import (
    beside_bound,
    plateau,
    schedule,
    stability_bound,
    sweep,
    three_rates,
)
from gdbook.examples.momentum import best_settings
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.schedules import step_decay


@exercise(
    right=lambda x: stability_bound(x).single_weight,
    cases=[(3,), (0.5,), (-2,)],
    mistakes={
        "That rate lands in one step: the bound is twice as far, where the factor is −1.": (
            "2 / (",
            "1 / (",
        ),
        "The curvature of a square has a factor of two, and yours has none.": (
            "(2 * input_value**2)",
            "input_value**2",
        ),
        "The input counts twice in the curvature: square it.": (
            "input_value**2",
            "abs(input_value)",
        ),
    },
)
def bound(input_value):
    """The curvature is $2 x^2$, and the bound is two over the curvature."""
    return 2 / (2 * input_value**2)


@exercise(
    right=lambda curvatures: best_settings(
        (min(curvatures), max(curvatures))
    ).learning_rates[0],
    cases=[((0.2, 4),), ((1, 3, 10),), ((2, 0.5, 0.5),)],
    mistakes={
        "That is the bound: there the steepest direction never settles.": (
            "(min(curvatures) + max(curvatures))",
            "max(curvatures)",
        ),
        "Only the least and the greatest curvature count: those between have smaller factors.": (
            "(min(curvatures) + max(curvatures))",
            "sum(curvatures)",
        ),
        "One over the mean of both, so two over their sum.": ("2 / (", "1 / ("),
    },
)
def best_rate(curvatures):
    """Two factors are the largest in size, that of the least curvature and that of the greatest: make them equal in size."""
    return 2 / (min(curvatures) + max(curvatures))


@exercise(
    right=lambda step, rate, every, factor: step_decay(
        rate, step, every=every, factor=factor
    ),
    cases=[(12, 0.11, 5, 0.5), (0, 0.2, 3, 0.1), (9, 0.2, 3, 0.1), (5, 0.1, 3, 0.5)],
    mistakes={
        "You count what is left over: the full intervals lower the rate.": ("//", "%"),
        "The rate falls at once at the end of an interval, and not a little in every step.": (
            "//",
            "/",
        ),
        "You lowered it one step early: step zero has seen no interval, and nor has the last step of the first one.": (
            "step // every",
            "(step + 1) // every",
        ),
        "Each interval multiplies by the factor again.": (
            "factor ** (step // every)",
            "max(0, 1 - (1 - factor) * (step // every))",
        ),
    },
)
def rate_at(step, learning_rate, every, factor):
    """How many full intervals has the step seen? `//` rounds down."""
    return learning_rate * factor ** (step // every)


@prediction(asks="Rates that lower it")
def rates_that_help():
    """The smallest leave the factor too near to one, and the greatest takes it far below −1."""
    found = sweep()
    stuck, lower = map(found.verdicts.count, ("stuck", "lower"))
    return lower, {
        "So many leave the loss where it was, to within a percent.": stuck,
        "The smallest of them lower it by less than a percent.": stuck + lower,
        "The greatest rate makes the factor large and negative: the loss explodes.": len(
            found.verdicts
        ),
        "So many do it in a single step: each of the steps multiplies again.": sweep(
            num_steps=1
        ).verdicts.count("lower"),
    }


@prediction(asks="It is")
def factor_that_fails():
    """A positive rate keeps it below 1, so it can only be too large on the negative side."""
    factor = three_rates()[-1].factor
    sign, other = either(factor < 0, "negative", "positive")
    size, less = either(abs(factor) > 1, "above 1 in size", "below 1 in size")
    return f"{sign}, {size}", {
        "Then the error changes its sign, but it shrinks.": f"{sign}, {less}",
        "One minus something positive is never above one.": f"{other}, {size}",
        "Then the error shrinks and keeps its sign: that descent arrives.": f"{other}, {less}",
    }


@prediction(within=0.0005, asks="The bound")
def bound_of_line():
    """Two over the curvature."""
    found = stability_bound()
    return found.linear_step, {
        "At one over the curvature the factor is zero: the bound, with the factor −1, is twice as far.": found.linear_step
        / 2,
        "Turn it around: two over the curvature.": 1 / found.linear_step,
    }


@prediction(within=0.005, asks="The factor above the bound")
def factor_above():
    """At the bound it is −1, and the share above it counts twice."""
    found = beside_bound(num_steps=1)
    below, above = found.factors
    return above, {
        "That is the factor below the bound.": below,
        "The step jumps across the valley: the factor is negative.": -above,
        "The rate times the curvature is two at the bound, so the share above it counts twice.": -found.learning_rates[
            1
        ]
        / found.bound,
    }


@prediction(within=0.005, asks="The factor of that step")
def factor_when_lowered():
    """Half of what was taken from one is just less than one."""
    found = schedule()
    first, lowered, again = (
        found.errors[step + 1] / found.errors[step] for step in (0, *found.changes[:2])
    )
    return lowered, {
        "That is the factor before the rate is lowered.": first,
        "The rate is lowered, and not the factor: work it out anew.": first / 2,
        "That is after the rate has been lowered once more.": again,
    }


@prediction(asks="The loss")
def loss_at_bound():
    """The error keeps its size and changes its sign, which its square does not see."""
    first, second = plateau(num_steps=1).losses
    right, wrong = either(first == second, "stays as it is", "grows in each step")
    return right, {
        "That is what it does beyond the bound: here the size of the factor is one.": wrong,
        "That is what it does below the bound: here the size of the factor is one.": "falls in each step",
    }
