"""The worked examples of the chapter on slopes."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_numbers, assert_plain

from gdbook.descent import FLAT, OUT_OF_STEPS, DivergenceError
from gdbook.examples.slopes import (
    Cubic,
    DarkField,
    Parabola,
    RandomStarts,
    SlopeSigns,
    cubic,
    dark_field,
    parabola,
    random_starts,
    slope_signs,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("4",)

MEASURED = [parabola, cubic]


class TestRandomStarts:
    """A seed draws the starts, and each walk is that of the dark field."""

    def test_walks_are_those_of_the_dark_field(self) -> None:
        """Places, steps and the range of the draws."""
        found = random_starts(seed=3, num_walks=4, reach=2)
        assert isinstance(found, RandomStarts)
        assert (found.seed, found.reach, len(found.starts)) == (3, 2, 4)
        walks = [dark_field(start) for start in found.starts]
        assert found.last_places == tuple(walk.last_place for walk in walks)
        assert found.nums_steps == tuple(walk.num_steps for walk in walks)

    def test_a_seed_is_a_list_of_starts(self) -> None:
        """The same again, others with another seed, and all within the reach."""
        assert random_starts(seed=1) == random_starts(seed=1)
        assert random_starts(seed=1).starts != random_starts(seed=2).starts
        drawn = [x for seed in range(40) for x in random_starts(seed).starts]
        assert -5 <= min(drawn) < -4 < 4 < max(drawn) <= 5
        assert all(round(x, 2) == x for x in drawn)


class TestTheSlopeOfTheParabolaAt2Is4:
    """f(x) = x², slope 4 at x = 2."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = parabola()
        assert isinstance(result, Parabola)
        assert result.x == 2
        assert result.value == 4  # 2²
        assert result.slope == 4  # 2·2
        assert result.steps == (1, 0.5, 0.25)
        # (9 − 1)/2, (6.25 − 2.25)/1, (5.0625 − 3.0625)/0.5
        assert result.central == (4, 4, 4)
        # (9 − 4)/1, (6.25 − 4)/0.5, (5.0625 − 4)/0.25
        assert result.forward == (5, 4.5, 4.25)
        assert result.misses == (1, 0.5, 0.25)

    @pytest.mark.parametrize("x", [-3, 0, Fraction(2, 7), 10**12])
    @pytest.mark.claims(
        "In the central difference the two squares of $h$ cancel, and nothing is left "
        "over.",
        "The central difference of a parabola is exact for every step.",
        "On a parabola the two must agree.",
    )
    def test_the_central_difference_is_exactly_the_slope_for_every_h(
        self, x: Fraction
    ) -> None:
        """On fractions there is no rounding to hide behind."""
        steps = (Fraction(1, 10**9), Fraction(1, 3), Fraction(5), Fraction(10**6))
        result = parabola(x, steps)
        assert result.slope == x + x
        assert result.central == (x + x,) * 4

    @pytest.mark.claims(
        "The forward difference is off by exactly the step.",
    )
    def test_the_forward_difference_is_off_by_exactly_h(self) -> None:
        """At x = 1/3 the slope is 2/3."""
        steps = (Fraction(1, 7), Fraction(100))
        result = parabola(Fraction(1, 3), steps)
        assert result.value == Fraction(1, 9)
        assert result.slope == Fraction(2, 3)
        assert result.forward == (Fraction(17, 21), Fraction(302, 3))  # 14/21 + 3/21
        assert result.misses == steps

    @pytest.mark.claims(
        "The central difference is … with every step, however long: for a curve of "
        "the second degree it is not an approximation but the slope itself, up to the "
        "rounding of a computer.",
    )
    def test_floats_follow_within_their_rounding(self) -> None:
        """At x = 0.1, where neither the place nor the step is exact."""
        result = parabola(0.1, (0.3,))
        assert result.value == near(0.01, rel=1e-15)
        assert result.slope == near(0.2, rel=1e-15)
        # (0.16 − 0.04)/0.6 and (0.16 − 0.01)/0.3
        assert result.central == near((0.2,), rel=1e-14)
        assert result.forward == near((0.5,), rel=1e-14)
        assert result.misses == near((0.3,), rel=1e-14)


class TestACentralDifferenceOnACurveThatIsNoParabola:
    """The exercise: on x³ the central difference is off by exactly h²."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = cubic()
        assert isinstance(result, Cubic)
        assert result.x == 2
        assert result.slope == 12  # 3·2²
        assert result.steps == (1, 0.5, 0.25)
        # (27 − 1)/2, (15.625 − 3.375)/1, (11.390625 − 5.359375)/0.5
        assert result.central == (13, 12.25, 12.0625)
        assert result.misses == (1, 0.25, 0.0625)

    def test_it_is_exact_on_fractions(self) -> None:
        """At x = −1/3 the slope is 3/9."""
        result = cubic(Fraction(-1, 3), (Fraction(1, 7), Fraction(10)))
        assert result.slope == Fraction(1, 3)
        assert result.central == (Fraction(52, 147), Fraction(301, 3))  # 49/147 + 3/147
        assert result.misses == (Fraction(1, 49), 100)

    def test_other_numbers_give_other_results(self) -> None:
        """At x = 3: (125 − 1)/4 = 31, and 3·9 = 27."""
        assert cubic(3, (2,)) == (3, 27, (2,), (31,), (4,))


@pytest.mark.parametrize("example", MEASURED)
class TestBadPlacesAndSteps:
    """Every argument is looked at before anything is computed."""

    @pytest.mark.parametrize("step", [0, -1, -0.5, Fraction(-1, 3)])
    def test_steps_are_positive(
        self, example: Callable[..., Any], step: float | Fraction
    ) -> None:
        """A step of zero has no slope, and a step back is the same as one ahead."""
        says = f"is {step!r} but must be a positive finite number"
        with refused(ValueError, "steps[1]", says):
            example(steps=(1, step))

    def test_a_step_that_does_not_move_is_refused(
        self, example: Callable[..., Any]
    ) -> None:
        """10¹⁶ + 0.5 is 10¹⁶ again in floats."""
        says = "is 0.5 but must be large enough to change 1e+16"
        with refused(ValueError, "steps[0]", says):
            example(x=1e16, steps=(0.5,))


class TestTheSignSaysWhichWayIsDown:
    """Sign of the slope and direction of the step."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = slope_signs()
        assert isinstance(result, SlopeSigns)
        assert result.points == (-2, -1, 0, 1, 2)
        assert result.slopes == (-4, -2, 0, 2, 4)
        assert result.downhill == ("right", "right", "flat", "left", "left")

    def test_it_is_exact_on_fractions(self) -> None:
        """The smallest slope still has a sign."""
        tiny = Fraction(1, 10**30)
        result = slope_signs((tiny, -tiny))
        assert result.points == (tiny, -tiny)
        assert result.slopes == (2 * tiny, -2 * tiny)
        assert result.downhill == ("left", "right")

    def test_a_single_point_will_do(self) -> None:
        """At 1.5 the slope is 3."""
        assert slope_signs([1.5]) == ((1.5,), (3,), ("left",))


class TestTheWalkInTheDarkField:
    """Find slope, step downhill, repeat until flat."""

    def test_every_number_of_the_book(self) -> None:
        """Each place is 1 − 0.2·2 = 0.6 times the one before."""
        result = dark_field()
        assert isinstance(result, DarkField)
        # rel: seventeen steps, each rounded to half an ulp or so
        assert result.places == near([2 * 0.6**t for t in range(18)], rel=1e-14)
        assert result.places[:3] == near((2, 1.2, 0.72), rel=1e-15)
        assert result.heights == near([4 * 0.36**t for t in range(18)], rel=1e-14)
        assert result.slopes == near([4 * 0.6**t for t in range(18)], rel=1e-14)
        assert result.num_steps == 17
        assert result.stopped == FLAT
        assert result.most_steps == 100
        assert result.learning_rate == 0.2

    @pytest.mark.claims(
        "This one stops when the slope is no steeper than …, or when … steps are used "
        "up, whichever comes first.",
        "The walk ended because …, after … steps.",
    )
    def test_it_ends_where_it_is_flat_and_not_before(self) -> None:
        """4·0.6¹⁶ = 0.00113 is steeper than 0.001, 4·0.6¹⁷ = 0.000677 is not."""
        slopes = dark_field().slopes
        assert slopes[-1] <= 0.001 < slopes[-2]

    def test_it_is_exact_on_fractions(self) -> None:
        """With a learning rate of 1/4 each place is half the one before."""
        result = dark_field(2, Fraction(1, 4), num_steps=9, flat=Fraction(1, 2))
        halves = (2, 1, Fraction(1, 2), Fraction(1, 4))
        assert result == (
            halves,
            (4, 1, Fraction(1, 4), Fraction(1, 16)),
            (4, 2, 1, Fraction(1, 2)),
            Fraction(1, 4),
            Fraction(1, 2),
            3,
            FLAT,
            9,
            Fraction(1, 4),
            Fraction(1, 2),
        )

    def test_it_stops_when_the_steps_are_used_up(self) -> None:
        """The exercise: with a learning rate of 1 it jumps from 2 to −2 and back."""
        result = dark_field(learning_rate=1, num_steps=4)
        assert result.places == (2, -2, 2, -2, 2)
        assert result.heights == (4, 4, 4, 4, 4)
        assert result.slopes == (4, -4, 4, -4, 4)
        assert result.num_steps == 4
        assert result.stopped == OUT_OF_STEPS
        assert result.most_steps == 4
        assert result.learning_rate == 1

    @pytest.mark.parametrize(
        ("flat", "num_steps"),
        [
            (1e-3, 17),  # ln(4·10³) / ln(1/0.6) = 16.24
            (1e-6, 30),  # ln(4·10⁶) / ln(1/0.6) = 29.76
            (1e-9, 44),  # ln(4·10⁹) / ln(1/0.6) = 43.28
        ],
    )
    @pytest.mark.claims(
        "Ground a thousand times flatter takes … steps instead of …, and another "
        "thousand times flatter takes ….",
        "Tell the walk to stop only at a slope a thousand times flatter.",
    )
    def test_flatter_ground_costs_equal_numbers_of_steps(
        self, flat: float, num_steps: int
    ) -> None:
        """The exercise: each thousand takes thirteen or fourteen steps more."""
        assert dark_field(flat=flat).num_steps == num_steps

    def test_a_hundred_steps_are_the_most_unless_told(self) -> None:
        """A slow walk is still under way when they are used up."""
        result = dark_field(learning_rate=0.0001)
        assert result.num_steps == 100
        assert result.stopped == OUT_OF_STEPS

    def test_it_starts_on_either_side(self) -> None:
        """From −3 with rate 1/2 the first step leads to the bottom."""
        result = dark_field(start=-3, learning_rate=Fraction(1, 2))
        assert result.places == (-3, 0)
        assert result.slopes == (-6, 0)

    def test_no_step_is_taken_on_flat_ground(self) -> None:
        """The start counts, too."""
        assert dark_field(start=0).num_steps == 0

    def test_a_walk_that_leaves_the_numbers_says_so(self) -> None:
        """With a learning rate of 10¹⁰⁰ the height overflows."""
        with pytest.raises(DivergenceError, match=r"learning rate 1e\+100"):
            dark_field(learning_rate=1e100)


class TestNumpyNumbersGoIn:
    """NumPy's numbers go in, plain Python numbers come out."""

    @pytest.mark.parametrize("example", MEASURED)
    @pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32])
    def test_of_the_differences(self, example: Callable[..., Any], dtype: Any) -> None:
        """A glued np.float64 would print its type."""
        steps = np.array([1, 2], dtype)
        assert_numbers(example(dtype(2), steps))
        np.testing.assert_array_equal(steps, np.array([1, 2], dtype))

    @pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32])
    def test_of_the_signs(self, dtype: Any) -> None:
        """A glued np.float64 would print its type."""
        points = np.array([1, -2], dtype)
        result = slope_signs(points)
        assert_plain(result)
        np.testing.assert_array_equal(points, np.array([1, -2], dtype))

    def test_of_the_walk(self) -> None:
        """A glued np.float64 would print its type."""
        num_steps: Any = np.int64(3)
        result = dark_field(
            np.float64(2), np.float64(0.25), num_steps, np.float64(0.001)
        )
        assert_plain(result)
        assert type(result.learning_rate) is float
        assert type(result.most_steps) is int
