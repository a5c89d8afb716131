"""What the cover says of the book, and of its first figures."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction
from typing import Any

import pytest
from book import ROOT
from reference import parts

from gdbook.examples.linear_regression import linear_steps
from gdbook.examples.momentum import sweep_momentum, velocity_memory
from gdbook.examples.racing_rules import reddi
from gdbook.examples.saddle_points import escape, escape_times
from gdbook.examples.weight_update import repeated, weight_update


@pytest.mark.claims(
    "For a small change of the weight, the squared error changes about … times as "
    "much: that is its slope.",
    "Subtract … of the slope from the weight, and … becomes ….",
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
    "The slope of a line climbs to …, although it ends at …, and the loss falls in "
    "every step.",
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


@pytest.mark.claims(
    "In this valley a little of it helps, and the usual … shrinks an error less in "
    "each step than none at all.",
)
def test_the_usual_momentum_is_slower_than_none() -> None:
    """At each momentum up to the best the factor is smaller than without any."""
    swept, usual = sweep_momentum(), velocity_memory().momentum
    factors = dict(zip(swept.momenta, swept.flat_factors, strict=True))
    assert factors[usual] > factors[0]
    little = [m for m in swept.momenta if 0 < m <= swept.best_momentum]
    assert len(little) > 10
    assert all(factors[m] < factors[0] for m in little)


@pytest.mark.claims(
    "Three rules meet the same slopes, and Adam ends at the worst place there is.",
)
def test_adam_ends_at_the_worst_place() -> None:
    """The mean slope is positive, so the loss is least at −1 and most at 1."""
    walk: Any = reddi()
    assert walk.mean_slope > 0
    assert walk.adam[-1] == 1
    assert max(walk.adagrad[-1], walk.descent[-1]) < -0.9


@pytest.mark.claims(
    "So close to it, descent is as good as balanced, and the line says how many steps "
    "that lasts.",
)
def test_each_decade_nearer_lasts_as_much_longer() -> None:
    """The line through the counted steps forecasts what the nearest start takes."""
    times: Any = escape_times()
    far: Any = escape()
    decades = -math.log10(far.distance / times.distances[-1])
    forecast = times.steps[-1] + times.slope * decades
    assert abs(far.num_steps - forecast) < 0.01 * forecast


def test_questions_stand_under_their_parts() -> None:
    """The cover names each part, and asks for its chapters in their order."""
    cover = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    asked = [
        f"**{part}**\n\n"
        + "".join(f"- {{doc}}`{each.docname}`: \n" for each in chapters)
        for part, chapters in parts(ROOT / "docs").items()
        if any(each.docname.startswith("chapters/") for each in chapters)
    ]
    assert len(asked) == 4
    listed = re.sub(r"(?m)^(- \{doc\}`chapters/\w+`: ).+$", r"\1", cover)
    assert "\n".join(asked) in listed
