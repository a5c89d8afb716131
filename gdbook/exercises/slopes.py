"""Exercises on slopes."""

import math

from gdbook.examples.slopes import (
    dark_field,
    parabola,
    random_starts,
    slope_signs,
)
from gdbook.exercises._judge import exercise
from gdbook.exercises._predict import either, prediction
from gdbook.gradients import central_difference


def _square(x):
    """Return the height of the parabola."""
    return x * x


@exercise(
    right=lambda function, x, step: central_difference(function, x, step=step),
    cases=[(_square, 2.0, 0.5), (math.exp, 0.0, 0.5), (math.sin, 1.0, 0.25)],
    mistakes={
        "You divided by one step: the two points lie two steps apart.": (
            "(2 * step)",
            "step",
        ),
        "That is the forward difference: walk to both sides.": (
            "function(x - step)",
            "function(x)",
            "(2 * step)",
            "step",
        ),
        "You subtracted the wrong way round: the height on the right comes first.": (
            "function(x + step) - function(x - step)",
            "function(x - step) - function(x + step)",
        ),
    },
)
def central(function, x, step):
    """Subtract the height on the left from that on the right, and divide by how far apart they are."""
    return (function(x + step) - function(x - step)) / (2 * step)


@exercise(
    right=lambda x, rate, steps: dark_field(x, rate, steps, 0).places[-1],
    cases=[(2, 0.2, 3), (-1, 0.4, 5), (3, 0.75, 2)],
    mistakes={
        "You walked uphill: a step goes against the slope.": (
            "x - learning_rate",
            "x + learning_rate",
        ),
        "The slope of the parabola is twice its place.": ("2 * x", "x"),
        "You took one step more.": ("range(num_steps)", "range(num_steps + 1)"),
        "You took all steps by the first slope: feel the ground again after each.": (
            "    for step",
            "    slope = 2 * x\n    for step",
            "learning_rate * 2 * x",
            "learning_rate * slope",
        ),
    },
)
def walk(x, learning_rate, num_steps):
    """Feel the slope where you stand, $2 x$, and step against it; then again."""
    for step in range(num_steps):
        x = x - learning_rate * 2 * x
    return x


@exercise(
    right=lambda slope: slope_signs((slope / 2,)).downhill[0],
    cases=[(-4,), (0,), (2,), (1e-9,)],
    mistakes={
        "A positive slope rises to the right, so down is to the left.": (
            "slope > 0",
            "slope < 0",
        ),
        "Where the slope is zero, no side leads down.": (
            "if slope == 0:",
            "if slope is None:",
        ),
    },
)
def downhill(slope):
    """A positive slope rises to the right."""
    if slope == 0:
        return "flat"
    return "left" if slope > 0 else "right"


@prediction(within=0.05)
def rise_of_tangent():
    """Divide what the height grows by, by the small run: the curve hugs its tangent there."""
    curve = parabola()
    return curve.slope, {
        "That is how far the curve itself rises: it bends away from its tangent.": curve.forward[
            0
        ],
        "That is the place: the slope there is twice as much.": curve.x,
    }


@prediction(within=0.005, asks="With the first of the two")
def forward_with_half():
    """Half the step is left over, where the whole one was before."""
    curve = parabola()
    return curve.forward[1], {
        "That is the slope itself: the forward difference is off by its step.": curve.slope,
        "That is with half of this step.": curve.forward[2],
    }


@prediction(asks="The slope is")
def way_down_from_the_first():
    """Twice a negative place is negative, and down is against the sign of the slope."""
    found = slope_signs()
    sign, other = either(found.slopes[0] < 0, "negative", "positive")
    way, back = found.downhill[0], found.downhill[-1]
    return f"{sign}: go {way}", {
        "That is uphill: where the slope is negative, the curve falls to the right.": f"{sign}: go {back}",
        "The slope is twice the place, and the place is negative.": f"{other}: go {back}",
        "Down is there, but a positive slope would send you the other way.": f"{other}: go {way}",
    }


@prediction(asks="The second step is")
def second_step():
    """The ground is flatter where the first one has led."""
    places = dark_field().places
    first, second = (abs(b - a) for a, b in zip(places[:2], places[1:3]))
    right, wrong = either(second < first, "shorter", "longer")
    return right, {"A step goes by the slope, and the slope has become flatter.": wrong}


@prediction(asks="They end")
def ends_of_random_starts():
    """The parabola has one lowest point, and the slope leads there from everywhere."""
    walk = dark_field()
    places = [abs(place) for place in random_starts().last_places]
    near = max(places) <= walk.flat / 2
    right, wrong = either(near, "all near one place", "near their starts")
    return right, {
        "A walk goes on until the ground is flat, and it is flat at one place.": wrong,
        "The sign of the slope turns at the lowest point: from both sides it leads there.": "on two sides",
    }
