"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import Slide, exact_arrays, fractions, positive_fractions, slides

from gdbook.descent import FLAT, OUT_OF_STEPS
from gdbook.examples.weight_update import promise, promises, repeated, weight_update
from gdbook.glue import defaults
from gdbook.gradients import central_difference, linear_gradient
from gdbook.losses import squared_error

FEW = settings(max_examples=30)
RATES = st.fractions(Fraction(1, 99), 1, max_denominator=99)


@pytest.mark.claims(
    "The tangent at weight … has slope ….",
)
def test_all_examples_start_alike() -> None:
    """The page puts the numbers of one beside those of the other."""
    one, many = (defaults(each) for each in (weight_update, repeated))
    assert all(many[name] == one[name] for name in one)
    assert defaults(promise) == one
    given = defaults(promises)
    assert all(given[name] == one[name] for name in one if name != "learning_rate")


@pytest.mark.claims(
    "You will learn why the slope along a weight is a product of three factors, why a "
    "step against it lowers the loss, and why the error shrinks by the same factor in "
    "every step.",
    "The slope along the weight is therefore a product: how the loss moves with the "
    "prediction, how the prediction moves with what reaches the node, and how that "
    "moves with the weight.",
    "The middle factor is $1$ because this node passes on what it gets.",
    "Twice the error times the input gives the slope, …: along the tangent the loss "
    "changes by that much for each unit that the weight grows.",
)
@FEW
@given(numbers=st.tuples(fractions(), fractions(), fractions()))
def test_three_factors(numbers: tuple[Fraction, Fraction, Fraction]) -> None:
    """Their product is what a central difference measures, exactly."""
    input_value, weight, target = numbers
    step = weight_update(input_value, weight, target)
    measured = central_difference(
        lambda w: squared_error(w * input_value, target), weight
    )
    by_prediction = central_difference(
        lambda p: squared_error(p, target), step.prediction
    )
    assert by_prediction == 2 * step.error
    assert step.slope == measured == by_prediction * 1 * input_value


@pytest.mark.claims(
    "The prediction comes out too small, so the weight should grow.",
    "With its sign turned, … of it is the update …, and the new weight is ….",
    "The step follows the tangent's direction, and the loss falls from … to …, a "
    "little less than the tangent promised, because the curve bends away from it.",
)
@FEW
@given(numbers=st.tuples(positive_fractions(), fractions(), fractions()), rate=RATES)
def test_a_step_keeps_less_than_the_tangent_promises(
    numbers: tuple[Fraction, Fraction, Fraction], rate: Fraction
) -> None:
    """The gap is half the curvature times the square of the step."""
    input_value, weight, target = numbers
    step = weight_update(*numbers, rate)
    assume(step.error)
    before, after = repeated(*numbers, rate, num_steps=1).losses
    promised = -step.slope * step.update
    gap = Fraction(1, 2) * 2 * input_value**2 * step.update**2
    assert before - after == promised - gap
    assert (step.update > 0) == (step.slope < 0) == (step.prediction < target)
    assert step.new_weight == weight - rate * step.slope
    assert weight_update().error < 0


@pytest.mark.claims(
    "The three factors can be found without any rule for slopes.",
    "It is never negative, and for a short way it counts for little: half the way "
    "makes half of the second term, and a quarter of the third.",
    "Its factor $x^2$ is half the curvature $\\lambda = 2 x^2$, by which the slope "
    "grows when the weight grows by one.",
)
@FEW
@given(numbers=st.tuples(fractions(), fractions(), fractions()), way=fractions())
def test_multiplied_out(
    numbers: tuple[Fraction, Fraction, Fraction], way: Fraction
) -> None:
    """Three terms are the loss a way off; the second holds the three factors."""
    input_value, weight, target = numbers
    step: Any = promise(*numbers)

    def terms(way: Fraction) -> tuple[Any, Any, Any]:
        return step.before, step.slope * way, step.square * way**2

    there = squared_error((weight + way) * input_value, target)
    assert sum(terms(way)) == there
    assert step.slope == 2 * (weight * input_value - target) * 1 * input_value
    _, second, third = terms(way)
    assert third >= 0
    assert terms(way / 2) == (step.before, second / 2, third / 4)
    ahead = weight_update(input_value, weight + 1, target)
    assert ahead.slope - step.slope == 2 * step.square == 2 * input_value**2


@pytest.mark.claims(
    "The second term then becomes $-\\alpha g^2$, which is never positive: a step "
    "against the slope is a step down the tangent, whichever sign the slope has.",
    "The promise grows with the rate, the gap with the square of the rate, so a rate "
    "that is too large loses more than it is promised.",
    "The sign of what is kept is that of the last bracket in …, whatever the slope is.",
    "So a step from anywhere but the lowest point lowers the loss if, and only if, the "
    "learning rate is below $2/\\lambda$, which is … here.",
    "A step subtracts the learning rate times the slope; it lowers the loss if the "
    "rate is below two over the curvature, because up to there the loss falls by a "
    "part of what the tangent promises.",
    "The last square is never negative, and it is zero at $\\alpha = 1/\\lambda$, "
    "halfway to the bound.",
    "There the promise is $g^2/\\lambda$, and half of it is kept.",
    "With $g = 2\\,(\\hat y - y)\\,x$ and $\\lambda = 2 x^2$ that half is $(\\hat y - "
    "y)^2$, the whole loss, so the step lands where the weight settles.",
)
@FEW
@given(numbers=st.tuples(positive_fractions(), fractions(), fractions()), rate=RATES)
def test_what_a_step_keeps(
    numbers: tuple[Fraction, Fraction, Fraction], rate: Fraction
) -> None:
    """It is more than nothing below two over the curvature, and most halfway there."""
    curvature = 2 * numbers[0] ** 2
    step: Any = promise(*numbers, rate)
    assume(step.slope)
    assert -step.promised == step.slope * step.update < 0
    assert step.promised == rate * step.slope**2
    bracket = 1 - rate * curvature / 2
    assert step.kept == step.promised - step.gap == step.promised * bracket
    assert (step.kept > 0) == (bracket > 0) == (rate < 2 / curvature)
    double: Any = promise(*numbers, 2 * rate)
    assert (double.promised, double.gap) == (2 * step.promised, 4 * step.gap)
    most: Any = promise(*numbers, 1 / curvature)
    lost = curvature * step.slope**2 / 2 * (rate - 1 / curvature) ** 2
    assert step.kept == most.kept - lost
    assert most.promised == step.slope**2 / curvature == 2 * most.kept
    assert most.kept == most.before
    landed = repeated(*numbers, 1 / curvature, num_steps=1)
    assert landed.weights[-1] == landed.settles_at
    at_the_bound = promise(*numbers, 2 / curvature)
    assert at_the_bound.kept == 0


@pytest.mark.claims(
    "The gap is …, so the step keeps …: the loss rises.",
    "The fall that a step keeps is greatest at …, half of the promise, and from … on "
    "there is none.",
)
def test_the_rates_of_the_page() -> None:
    """One lands, one is the bound, and the last is beyond it."""
    curvature = 2 * Fraction(defaults(promises)["input_value"]) ** 2
    tries: Any = promises()
    _, half, _, bound, last = tries
    assert half.learning_rate == 1 / curvature
    assert max(one.kept for one in tries) == half.kept == half.promised / 2
    assert bound.learning_rate == 2 / curvature
    assert bound.kept == 0
    assert last.promised - last.gap == last.kept < 0


@pytest.mark.claims(
    "Nothing in the bracket depends on the step, so every step multiplies the error "
    "by the same number.",
    "The factor is … at every step.",
    "The steps shorten by themselves, although the learning rate stays the same: the "
    "slope flattens towards the lowest point.",
    "A straight line on a logarithmic scale means one factor for all steps, here ….",
    "On a squared error with one weight, every step multiplies the error by the same "
    "factor; where that is less than one in size, the steps shorten, because the slope "
    "does.",
    "The error changes its sign at every step, so the weight jumps from one side to "
    "the other, and still settles, because the factor is less than one in size.",
)
@FEW
@given(numbers=st.tuples(positive_fractions(), fractions(), fractions()), rate=RATES)
def test_one_factor(
    numbers: tuple[Fraction, Fraction, Fraction], rate: Fraction
) -> None:
    """It shrinks the error exactly where it is less than one in size."""
    run: Any = repeated(*numbers, rate, num_steps=6, flat=0)
    assume(run.errors[0] and run.factor)
    pairs = list(pairwise(run.errors))
    assert all(after == run.factor * before for before, after in pairs)
    steps = [abs(after - before) for before, after in pairwise(run.weights)]
    shrinks = abs(run.factor) < 1
    shorter, smaller = steps[-1] < steps[0], abs(run.errors[-1]) < abs(run.errors[0])
    assert shorter == smaller == shrinks
    assert (run.factor < 0) == all(before * after < 0 for before, after in pairs)


@pytest.mark.claims(
    "Descent stopped after … steps because …: no slope steeper than … was left.",
    "Ten times the learning rate makes the factor negative.",
)
def test_the_runs_of_the_page() -> None:
    """They settle, from one side or from both."""
    slopes = [2 * error * repeated().input_value for error in repeated().errors]
    assert repeated().stopped == FLAT
    assert abs(slopes[-1]) <= defaults(repeated)["flat"]
    assert repeated(num_steps=repeated().num_steps - 1).stopped == OUT_OF_STEPS
    assert repeated().factor > 0
    hasty = repeated(learning_rate=10 * repeated().learning_rate)
    assert -1 < hasty.factor < 0
    assert hasty.stopped == FLAT


@pytest.mark.claims(
    "The place where it settles lies halfway between the two starts, so the other "
    "start is twice that place minus the first.",
    "The error has changed its sign, so the slope has, and the step leads down to "
    "smaller weights.",
)
@FEW
@given(numbers=st.tuples(positive_fractions(), fractions(), fractions()))
def test_the_other_side(numbers: tuple[Fraction, Fraction, Fraction]) -> None:
    """Both starts have the same error but for its sign, and mirrored steps."""
    input_value, weight, target = numbers
    settles_at: Any = repeated(*numbers).settles_at
    here = weight_update(*numbers)
    there = weight_update(input_value, 2 * settles_at - weight, target)
    assert there.error == -here.error
    assert there.slope == -here.slope
    assert there.update == -here.update
    assert weight_update().update > 0  # so that the other one is negative


@pytest.mark.claims(
    "With several weights and one lowest point, a step lands there from every start "
    "only if all directions have the same curvature.",
)
@FEW
@given(slide=slides(), start=exact_arrays((2,)), rate=RATES)
def test_one_rate_fits_one_curvature(slide: Slide, start: Any, rate: Fraction) -> None:
    """A step lands at 1/λ if the way lies where the curvature is λ, and else not."""

    def lands(start: Any, rate: Fraction) -> bool:
        slope = linear_gradient(slide.inputs, start, slide.targets)
        return bool(np.all(start - rate * slope == slide.best))

    direction = slide.steepest_direction
    assert lands(slide.best + direction, 1 / slide.steepest)
    assert lands(slide.best + direction[::-1] * (1, -1), 1 / slide.least)
    round_bowl = slide.least == slide.steepest
    assert lands(start, 1 / slide.steepest) >= round_bowl
    way = slide.best + direction + direction[::-1] * (1, -1)
    for tried in (rate, 1 / slide.least, 1 / slide.steepest):
        assert lands(way, tried) == (round_bowl and tried * slide.least == 1)
