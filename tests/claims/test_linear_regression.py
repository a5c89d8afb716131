"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from statistics import mean

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gdbook.examples.linear_regression import linear_steps

NUMBERS = st.fractions(-5, 5, max_denominator=9)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=6)


@pytest.mark.claims(
    "For a given slope the best line passes through the mean point, so the intercept "
    "is the mean target minus the slope times the mean input."
)
@given(points=POINTS, slope=NUMBERS, nudge=st.fractions(-1, 1, max_denominator=9))
def test_best_intercept_of_a_slope(
    points: list[tuple[Fraction, Fraction]], slope: Fraction, nudge: Fraction
) -> None:
    """Whatever the points and the slope, any other intercept costs more."""
    inputs, targets = zip(*points, strict=True)
    assume(len(set(inputs)) > 1 and nudge)
    through_mean = mean(targets) - slope * mean(inputs)

    def loss(intercept: Fraction) -> Fraction:
        run = linear_steps(inputs, targets, slope, intercept, num_steps=0)
        return run.losses[0]  # type: ignore[return-value]

    assert loss(through_mean) < loss(through_mean + nudge)
