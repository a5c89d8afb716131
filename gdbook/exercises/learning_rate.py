"""Exercises on the learning rate."""

from gdbook.examples.learning_rate import stability_bound
from gdbook.examples.momentum import best_settings
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import prediction
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


@prediction(within=0.0005, asks="The bound")
def bound_of_line():
    """Two over the curvature."""
    found = stability_bound()
    return found.linear_step, {
        "At one over the curvature the factor is zero: the bound, with the factor −1, is twice as far.": found.linear_step
        / 2,
        "Turn it around: two over the curvature.": 1 / found.linear_step,
    }
