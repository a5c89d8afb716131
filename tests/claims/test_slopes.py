"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near
from strategies import fractions, positive_fractions

from gdbook.descent import FLAT, OUT_OF_STEPS
from gdbook.examples.slopes import (
    cubic,
    dark_field,
    parabola,
    random_starts,
    slope_signs,
)
from gdbook.gradients import central_difference

FEW = settings(max_examples=30)
PLACES = [x / 10 for x in range(1, 31)]


@pytest.mark.claims(
    "A curve has no such number of its own: it is steeper in one place than in "
    "another.",
    "At another point it is another number, and the parabola has a rule for all of "
    "them:",
)
@FEW
@given(here=fractions(), there=fractions())
def test_slopes_differ(here: Fraction, there: Fraction) -> None:
    """Two places have one slope only if they are one place."""
    slopes = [parabola(x).slope for x in (here, there)]
    assert (slopes[0] == slopes[1]) == (here == there)
    assert slopes == [central_difference(lambda x: x**2, x, 1) for x in (here, there)]


@pytest.mark.claims(
    "But look at a small piece of a smooth curve, and it is nearly straight.",
)
@FEW
@given(x=fractions())
def test_small_pieces_are_straight(x: Fraction) -> None:
    """Over a hundredth of the run a chord's middle is off by far less than it rises."""
    for run in (1, Fraction(1, 100)):
        middle = (cubic_at(x - run) + cubic_at(x + run)) / 2
        assert middle - cubic_at(x) == 3 * x * run**2
    place = float(x)
    for curve in (math.sin, lambda y: math.exp(y / 4)):
        # How far the middle of a chord is off, for each unit that it runs.
        wide, narrow = (
            abs((curve(place - run) + curve(place + run)) / 2 - curve(place)) / run
            for run in (0.1, 0.001)
        )
        assert narrow < 0.011 * wide + 1e-9


def cubic_at(x: Fraction) -> Fraction:
    """Return the height of the cube."""
    return x**3


@pytest.mark.claims(
    "On another smooth curve the difference comes closer to the slope as the step "
    "shrinks, until the step is so short that the rounding of the two heights counts "
    "for more; a rule from which it stays away is wrong.",
    "It can be too short: where $x$ is …, a step of … measures … even for the "
    "parabola, whose slope is … there, because the rounding of the two heights is "
    "divided by $2h$ too.",
)
def test_rounding_takes_over() -> None:
    """On the cube from a step of 10⁻¹ to one of 10⁻⁵, and back at 10⁻¹²."""

    def worst(step: float) -> float:
        return max(abs(float(cubic(x, (step,)).misses[0])) for x in PLACES)

    misses = [worst(10.0**-power) for power in range(1, 6)]
    assert misses == sorted(misses, reverse=True)
    assert misses[-1] < 1e-9
    assert worst(1e-12) > 1e-4
    # The parabola is missed by rounding alone, less than that of two heights over 2h.
    for x in PLACES:
        off = abs(float(parabola(x, (1e-12,)).central[0]) - 2 * x)
        assert off < 2 * x**2 * 2**-52 / 2e-12 + 2e-15 * x / 1e-12
    assert f"{parabola(2.3, (1e-12,)).central[0]:.4f}" == "4.6004"
    for curve, slope in ((math.sin, math.cos), (math.exp, math.exp)):
        misses = [
            max(abs(central_difference(curve, x, step=h) - slope(x)) for x in PLACES)
            for h in (1e-1, 1e-2, 1e-3, 1e-4, 1e-12)
        ]
        assert misses[3] < misses[2] < misses[1] < misses[0]
        assert misses[4] > 10 * misses[3]
    # A wrong rule, 2x² for 3x², stays away.
    assert all(
        abs(central_difference(lambda x: x**3, x) - 2 * x**2) > x**2 / 2 for x in PLACES
    )


@pytest.mark.claims(
    "Downhill is always against the sign of the slope: to smaller $x$ where it is "
    "positive, to greater $x$ where it is negative.",
    "The slope says more than how steep the curve is.",
    "Where the slope is …, the ground is flat and its sign names no direction: for "
    "the parabola that is the lowest point.",
    "Down is against the sign of the slope, so a step subtracts a fraction of it.",
)
@FEW
@given(x=fractions(), fraction=st.fractions(Fraction(1, 99), Fraction(98, 99)))
def test_down_is_against_the_sign(x: Fraction, fraction: Fraction) -> None:
    """Subtracting any fraction of the slope below one leads down, the way it says."""
    walk = dark_field(x, fraction, num_steps=1)
    way = {"left": -1, "right": 1, "flat": 0}[slope_signs((x,)).downhill[0]]
    assert (walk.last_place - x) * way >= 0
    assert (walk.heights[-1] < walk.heights[0]) == (x != 0)
    assert way * parabola(x).slope <= 0
    assert (way == 0) == (x == 0)
    assert parabola(x).value >= parabola(0).value
    assert slope_signs().slopes[2] == 0  # which the page shows


@pytest.mark.claims(
    "There the slope is only …, so the second step is shorter.",
    "Each step shrinks the slope by the same factor, as from … to …, so equal factors "
    "cost equal numbers of steps, but for rounding to whole steps.",
    "A walk that knows only the slope underfoot comes as close to the bottom of the "
    "parabola as one likes, if its steps are short enough and it repeats them until "
    "the ground is flat enough.",
)
@FEW
@given(
    start=positive_fractions(),
    rate=st.fractions(Fraction(1, 9), Fraction(8, 9), max_denominator=9),
    by=st.sampled_from((10, 1000)),
)
def test_equal_factors_cost_equal_steps(
    start: Fraction, rate: Fraction, by: int
) -> None:
    """From any start, at any rate below 1, to any flatness."""
    factor = 1 - 2 * rate
    walk: Any = dark_field(start, rate, num_steps=8)
    assert all(after == factor * before for before, after in pairwise(walk.slopes))
    lengths: list[Any] = [
        abs(after - before) for before, after in pairwise(walk.places)
    ]
    assert sorted(lengths, reverse=True) == lengths
    if not factor:
        return
    ends: list[Any] = [
        dark_field(float(start), rate, num_steps=1000, flat=0.1 / by**power)
        for power in range(4)
    ]
    assert {end.stopped for end in ends} == {FLAT}
    assert abs(ends[-1].last_place) <= ends[-1].flat / 2
    cost = math.log(by) / -math.log(abs(factor))
    for before, after in pairwise(ends[1:]):
        assert abs(after.num_steps - before.num_steps - cost) < 1


@pytest.mark.claims(
    "The step subtracts the whole slope, which is twice $x$, and lands as far on the "
    "other side.",
    "There the slope has the opposite sign and the same size, so the next step leads "
    "back.",
    "The ground never becomes flat, and the walk ends only because ….",
    "A rule that waits for flat ground alone waits for ever here.",
)
@FEW
@given(start=positive_fractions(), rate=st.fractions(1, 2, max_denominator=9))
def test_steps_too_far(start: Fraction, rate: Fraction) -> None:
    """From any start the rate 1 comes back, and a greater one leads away."""
    stuck = dark_field(start, 1, num_steps=1000)
    assert set(stuck.places) == {start, -start}
    assert [slope / x for slope, x in zip(stuck.slopes, stuck.places, strict=True)] == (
        [2] * 1001
    )
    assert stuck.stopped == OUT_OF_STEPS
    away = dark_field(start, rate, num_steps=5)
    heights: list[Any] = list(away.heights)
    assert heights == sorted(heights)


@pytest.mark.claims(
    "The difference is off by exactly the square of the step.",
    "When the cubes of $x + h$ and $x - h$ are multiplied out and subtracted, all "
    "that remains is the slope times $2h$, and twice the cube of $h$; divided by $2h$ "
    "they give",
    "Half the step leaves a quarter of this miss, where it left half the miss of the "
    "forward difference on the parabola.",
    "So a short central step is a good referee on smooth curves too.",
)
@FEW
@given(x=fractions(), h=positive_fractions())
def test_misses_of_the_cube(x: Fraction, h: Fraction) -> None:
    """Wherever it is measured, and however long the step."""
    rise = cubic_at(x + h) - cubic_at(x - h)
    assert rise == cubic(x).slope * 2 * h + 2 * h**3
    steps = (h, h / 2, h / 4)
    assert cubic(x, steps).misses == (h**2, h**2 / 4, h**2 / 16)
    assert parabola(x, steps).misses == (h, h / 2, h / 4)


def test_where_the_walk_ends() -> None:
    """The bottom is nearer than the slope that counts as flat."""
    walk = dark_field()
    assert 0 < walk.last_slope <= walk.flat
    assert walk.last_slope == near(2 * walk.last_place)


@pytest.mark.claims(
    "A computer draws such numbers by a rule that starts from a whole number, the "
    "seed: they look as if nobody had chosen them, and the same seed draws the same "
    "ones again.",
    "A run that begins at random can therefore be repeated, and another seed shows "
    "whether its end was luck.",
    "They end within … of the lowest point, where the slope is no steeper than …, and "
    "so they do with … of … seeds.",
)
def test_starts_at_random() -> None:
    """Every seed has starts of its own, and all walks end near one place."""
    runs = [random_starts(seed) for seed in range(40)]
    assert len({run.starts for run in runs}) == len(runs)
    assert runs == [random_starts(seed) for seed in range(40)]
    walk = dark_field()
    for run in runs:
        assert all(abs(place) <= walk.flat / 2 for place in run.last_places)


@pytest.mark.claims(
    "The parabola has one lowest point, and the slope leads there from everywhere.",
)
@FEW
@given(start=fractions())
def test_one_lowest_point(start: Fraction) -> None:
    """With the rate 1/4 each place is half the one before, wherever the walk begins."""
    walk = dark_field(start, Fraction(1, 4), num_steps=9, flat=0)
    assert walk.places[-1] == (start / 2**9 if start else 0)
    assert min(walk.heights) == walk.heights[-1]
