"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from itertools import pairwise
from math import cos, pi, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import fractions

from gdbook.examples.gradient import directions, many_steps, several_starts, two_inputs
from gdbook.glue import defaults
from gdbook.gradients import central_difference
from gdbook.losses import squared_error

FEW = settings(max_examples=30)
PAIRS = st.tuples(fractions(), fractions())
RATES = st.fractions(Fraction(1, 999), Fraction(1, 9), max_denominator=999)
# Directions of length 1 with sides that are fractions.
UNITS = [
    (Fraction(x, z), Fraction(y, z))
    for a, b, z in [(3, 4, 5), (5, 12, 13), (8, 15, 17), (1, 0, 1), (0, 1, 1)]
    for x, y in [(a, b), (-a, b), (a, -b), (-a, -b)]
]


def loss_of(inputs: Any, target: Fraction) -> Any:
    """Return the loss of one sample over its weights."""
    return lambda weights: squared_error(np.dot(inputs, weights), target)


@pytest.mark.claims(
    "At weights … the gradient is ….",
)
def test_the_examples_start_alike() -> None:
    """The page puts the numbers of one beside those of the others."""
    one, many = (defaults(each) for each in (two_inputs, many_steps))
    assert all(many[name] == one[name] for name in one)
    assert directions().gradient == two_inputs().gradient
    assert several_starts()[0].weights[0] == two_inputs().weights


@pytest.mark.claims(
    "Then only one weight moves, and its slope is the product of three factors that "
    "you know: the slope of the loss, the slope of the activation, and what feeds "
    "into the weight.",
    "The first two factors are the same for both weights, because both feed the same "
    "node; what differs is the input.",
    "Twice the error times the first input gives …, twice the error times the second "
    "gives ….",
    "The gradient is the vector of the slopes along every weight; for the squared "
    "error of a single node that passes on its sum, each of them is twice the error "
    "times the input of its weight.",
    "The weight with the larger input has the steeper slope, because the same change "
    "of it moves the prediction further.",
    "But for rounding, the differences agree with the gradient for every step, "
    "however long.",
    "Along each weight the loss is a parabola, and the central difference of a "
    "parabola is its slope.",
)
@FEW
@given(
    weights=PAIRS,
    inputs=PAIRS,
    target=fractions(),
    walk=st.fractions(Fraction(1, 99), 99),
)
def test_one_slope_for_each_weight(
    weights: Any, inputs: Any, target: Fraction, walk: Fraction
) -> None:
    """By the formula and by a central difference of any step, exactly."""
    step: Any = two_inputs(weights, inputs, target)
    assert step.gradient == tuple(2 * step.error * x for x in inputs)
    measured = central_difference(loss_of(inputs, target), weights, walk)
    assert tuple(measured) == step.gradient
    assume(step.error)
    larger = abs(inputs[0]) > abs(inputs[1])
    assert (abs(step.gradient[0]) > abs(step.gradient[1])) == larger
    moved = [
        abs(two_inputs(near_by, inputs, target).prediction - step.prediction)
        for near_by in (
            (weights[0] + walk, weights[1]),
            (weights[0], weights[1] + walk),
        )
    ]
    assert (moved[0] > moved[1]) == larger


@pytest.mark.claims(
    "One step subtracts the same fraction of every slope, so the rule for one weight "
    "becomes the rule for all of them.",
    "Twice the learning rate times this square, taken from one, leaves ….",
    "The step moves each weight by $-2\\,\\alpha\\,(\\hat y - y)\\,x_j$, and that "
    "weight moves the prediction by $x_j$ times as much.",
    "All steps point along the input vector, so the weights move on a straight line.",
    "Every step leaves … of the error, and the square of that, …, of the loss.",
    "A step subtracts the learning rate times the gradient, and on one sample it "
    "multiplies the error by the same factor every time.",
)
@FEW
@given(weights=PAIRS, inputs=PAIRS, target=fractions(), rate=RATES)
def test_one_factor(
    weights: Any, inputs: Any, target: Fraction, rate: Fraction
) -> None:
    """Any start and any sample, with the error and with the loss."""
    assume(any(inputs))
    step: Any = two_inputs(weights, inputs, target, rate)
    moves = [after - w for after, w in zip(step.new_weights, weights, strict=True)]
    assert moves == [-rate * slope for slope in step.gradient]
    assert moves == [-2 * rate * step.error * x for x in inputs]
    run: Any = many_steps(weights, inputs, target, rate, num_steps=4)
    factor = 1 - 2 * rate * (inputs[0] ** 2 + inputs[1] ** 2)
    assert run.factor == factor
    for before, after in pairwise(range(len(run.errors))):
        assert run.errors[after] == factor * run.errors[before]
        assert run.losses[after] == factor**2 * run.losses[before]
        moved = [
            b - a for a, b in zip(run.weights[before], run.weights[after], strict=True)
        ]
        assert moved[0] * inputs[1] == moved[1] * inputs[0]


@pytest.mark.claims(
    "Along a thin line the loss is the same, on the green line it is zero.",
    "That is not the only place without error: every pair of weights on the green "
    "line predicts the target.",
    "One sample cannot tell them apart, so the start decides.",
    "The starts have errors …, … and …, and each path leads straight towards the "
    "nearest weights without error.",
)
@FEW
@given(weights=PAIRS, inputs=PAIRS, target=fractions(), along=fractions())
def test_the_line_without_error(
    weights: Any, inputs: Any, target: Fraction, along: Fraction
) -> None:
    """Wherever descent settles, weights beside it have no error, and lie farther."""
    assume(any(inputs) and along)
    run: Any = many_steps(weights, inputs, target, num_steps=1)
    beside = [
        w + along * x
        for w, x in zip(run.settles_at, (-inputs[1], inputs[0]), strict=True)
    ]
    start, others = np.array(weights), np.array(beside)
    loss = loss_of(inputs, target)
    assert loss(run.settles_at) == loss(beside) == 0
    assert loss(start + others - run.settles_at) == run.losses[0]
    near_by, far = start - run.settles_at, start - others
    assert near_by @ near_by < far @ far
    moved = many_steps(beside, inputs, target, num_steps=1)
    assert moved.settles_at == tuple(beside)


@pytest.mark.claims(
    "You will learn that the slopes of all weights form one arrow, that this arrow "
    "knows the slope in every direction, and that the way straight against it is the "
    "steepest way down.",
    "The first weight changes by $u_1$ times the way, the second by $u_2$ times the "
    "way, and each change counts with its own slope:",
    "So the gradient knows the slope in every direction, although it holds only the "
    "slopes along the axes.",
    "The slope in any direction is the gradient times that direction: zero along the "
    "contour, and steepest downhill straight against the gradient.",
)
@settings(max_examples=60)
@given(unit=st.sampled_from(UNITS), weights=PAIRS, inputs=PAIRS, target=fractions())
def test_every_direction(
    unit: tuple[Fraction, Fraction], weights: Any, inputs: Any, target: Fraction
) -> None:
    """Measured along the way by a central difference, and read off the gradient."""
    gradient: Any = two_inputs(weights, inputs, target).gradient
    assume(any(gradient))
    loss = loss_of(inputs, target)
    measured = central_difference(
        lambda way: loss(np.array(weights) + way * np.array(unit)), Fraction(0)
    )
    slope: Any = directions(gradient, (unit,)).slopes[0]
    assert slope == measured
    squared = gradient[0] ** 2 + gradient[1] ** 2
    assert slope**2 <= squared
    # A parabola that has one height at three places is flat: the way is the contour.
    ways = [np.array(weights) + way * np.array(unit) for way in (1, 2)]
    contour = loss(ways[0]) == loss(ways[1]) == loss(weights)
    assert contour == (slope == 0)
    against = unit[0] * gradient[1] == unit[1] * gradient[0] and slope < 0
    assert against == (slope < 0 and slope**2 == squared)


@pytest.mark.claims(
    "In the direction (…, …) the slope is …, steeper than along any axis.",
    "The cosine is never less than $-1$, and it is $-1$ for the direction opposite to "
    "the gradient.",
    "The length of the gradient is …, so no direction falls more steeply than that, "
    "and the direction (…, …) falls as steeply.",
    "This is why the step goes straight against the gradient: of all ways down it is "
    "the steepest, and it stands at a right angle to the contour.",
    "The slope in every direction around one place is a cosine wave.",
    "It is … along the contour, and … at its lowest point, straight against the "
    "gradient.",
)
@FEW
@given(gradient=st.tuples(st.floats(-9, 9), st.floats(-9, 9)))
def test_a_cosine_wave(gradient: tuple[float, float]) -> None:
    """Around any place, and around that of the page."""
    assume(max(map(abs, gradient)) > 0.01)
    for place in (gradient, two_inputs().gradient):
        turns = [2 * pi * part / 48 for part in range(48)]
        steepest: Any = directions(place).steepest
        units = [
            (
                cos(turn) * steepest[0] - sin(turn) * steepest[1],
                sin(turn) * steepest[0] + cos(turn) * steepest[1],
            )
            for turn in turns
        ]
        around: Any = directions(place, units)
        waves = [-around.length * cos(turn) for turn in turns]
        assert around.slopes == near(waves, abs=1e-13 * around.length)
        assert min(around.slopes) == around.slopes[0]
        assert around.slopes[12] == near(0, abs=1e-15 * around.length)
    look: Any = directions()
    assert look.slopes[3] == -look.length < -max(map(abs, look.gradient))
    assert look.slopes[2] == 0


@pytest.mark.claims(
    "It is $-1$ for twice that rate.",
    "With the last rate the error changes its sign and keeps its size, and any "
    "greater rate makes it grow.",
)
@FEW
@given(
    weights=PAIRS,
    inputs=PAIRS,
    target=fractions(),
    more=st.fractions(Fraction(1, 99), 9),
)
def test_which_rate_ends_it(
    weights: Any, inputs: Any, target: Fraction, more: Fraction
) -> None:
    """On any sample: landed, turned around, and farther away."""
    assume(any(inputs))
    ends = 1 / (2 * Fraction(inputs[0] ** 2 + inputs[1] ** 2))
    error: Any = two_inputs(weights, inputs, target).error
    assume(error)

    def after(rate: Fraction) -> Any:
        return two_inputs(weights, inputs, target, rate).new_error

    assert after(ends) == 0
    assert after(2 * ends) == -error
    assert abs(after((2 + more) * ends)) > abs(error)
    assert abs(after(2 * ends / (1 + more))) < abs(error)
