"""What the cover says of the book, and of its first figures."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import pytest

from gdbook.examples.linear_regression import linear_steps
from gdbook.examples.weight_update import repeated, weight_update


@pytest.mark.claims(
    "For a small change of the weight, the squared error changes about … times as "
    "much: that is its slope.",
    "Subtract … of the slope from the weight, and the prediction comes nearer.",
)
@pytest.mark.parametrize("change", [Fraction(1, 10), Fraction(-1, 1000)])
def test_change_of_the_squared_error(change: Fraction) -> None:
    """The quotient misses the slope by 9 times the change, so it goes to the slope."""
    rate = Fraction(1, 100)
    first, moved = (
        repeated(weight=weight, learning_rate=rate, num_steps=0).losses[0]
        for weight in (2, 2 + change)
    )
    quotient = (moved - first) / change
    step: Any = weight_update()
    run: Any = repeated()
    assert quotient == step.slope + 9 * change
    assert run.weights[1] == step.new_weight
    assert abs(run.errors[1]) < abs(step.error)


@pytest.mark.claims(
    "Here descent fits a line: each time it takes one such step for the slope of the "
    "line, and one for its intercept.",
    "Its slope climbs to … in … steps, turns round, and ends at ….",
    "Why does the slope of the line first climb past its goal and then come back, when "
    "the loss falls in every step?",
)
def test_line_climbs_past_its_goal_and_comes_back() -> None:
    """Both weights move in each step, and the loss falls in every one."""
    steps = linear_steps(num_steps=400)
    moves = itertools.pairwise(zip(steps.slopes, steps.intercepts, strict=True))
    assert all(m != n and b != c for (m, b), (n, c) in moves)
    falls = [after < before for before, after in itertools.pairwise(steps.losses)]
    assert falls == [True] * 400
    turn = steps.highest_slope_step
    climbs = [m < n for m, n in itertools.pairwise(steps.slopes)]
    assert climbs == [True] * turn + [False] * (400 - turn)
    assert steps.highest_slope > 10 * steps.best_slope
