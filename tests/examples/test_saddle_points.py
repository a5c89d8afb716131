"""The worked examples of the chapter on saddle points."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import NOT_NUMBERS, refused
from near import near
from plain import assert_plain, leaves

from gdbook.descent import FLAT, OUT_OF_STEPS, DivergenceError
from gdbook.examples.saddle_points import (
    Chord,
    Escape,
    EscapeTimes,
    FlatPlaces,
    Judgement,
    NoisyEscape,
    SaddlePath,
    TwoValleys,
    WeightsInARow,
    chord,
    escape,
    escape_times,
    flat_places,
    judge,
    noisy_escape,
    saddle_gradient,
    saddle_loss,
    three_starts,
    tilted_loss,
    tilted_slope,
    two_valleys,
    weights_in_a_row,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("−0.25", "−5/12", "−8/3", "−37/24", "24.13", "24.16", "284", "7242", "24.14")

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def climb(distance: float, rate: float = 0.1) -> list[float]:
    """Follow y by hand, far into the hollow: y + α (y - y³)."""
    visited = [distance]
    for _ in range(8000):
        y = visited[-1]
        visited.append(y + rate * (y - y * y * y))
    return visited


def steps_to(reach: float, distance: float, rate: float = 0.1) -> int:
    """Count the steps until y is greater than a reach."""
    return next(t for t, y in enumerate(climb(distance, rate)) if y > reach)


class TestASaddleBetweenTwoHollows:
    """Along x it rises on both sides of 0; along y it falls, and rises further out."""

    @pytest.mark.parametrize(
        ("place", "loss", "gradient"),
        [
            ((0, 0), 0, (0, 0)),
            ((0, 1), Fraction(-1, 4), (0, 0)),  # 1/4 − 1/2
            ((0, -1), Fraction(-1, 4), (0, 0)),
            ((1, 2), Fraction(5, 2), (1, 6)),  # 1/2 − 2 + 4; 8 − 2
            ((-3, HALF), Fraction(281, 64), (-3, Fraction(-3, 8))),  # 9/2 − 1/8 + 1/64
        ],
    )
    def test_exact_values(self, place: Any, loss: Any, gradient: Any) -> None:
        """Worked by hand, in fractions."""
        exact = tuple(Fraction(number) for number in place)
        assert saddle_loss(exact) == loss
        assert type(saddle_loss(exact)) is Fraction
        assert tuple(saddle_gradient(exact)) == gradient

    def test_many_places_at_once(self) -> None:
        """One place in each column, and the array stays."""
        places = np.array([[0.0, 1.0], [1.0, 2.0]])
        assert saddle_loss(places).tolist() == [-0.25, 2.5]
        assert saddle_gradient(places).tolist() == [[0, 1], [0, 6]]
        assert places.tolist() == [[0, 1], [1, 2]]

    def test_a_single_loss_is_plain(self) -> None:
        """A NumPy scalar never leaves."""
        assert type(saddle_loss(np.array([1.0, 2.0]))) is float

    @pytest.mark.parametrize("function", [saddle_loss, saddle_gradient])
    @pytest.mark.parametrize("value", [2, (1, 2, 3), (1,), ((1, 2),), [[[1]], [[2]]]])
    def test_other_shapes_are_refused(self, function: Any, value: Any) -> None:
        """A place has two numbers."""
        shape = np.shape(value)
        says = f"has shape {shape} but must have shape (2,) or (2, n_places)"
        with refused(ValueError, "params", says):
            function(value)


class TestThreeStarts:
    """The first one stands at a loss of 0, the other two at −0.25."""

    def test_on_the_ridge(self) -> None:
        """No step ever leaves the line, and descent walks along it to the middle."""
        on = three_starts()[0]
        assert isinstance(on, SaddlePath)
        assert (on.distance, on.flat) == (0, 1e-9)
        # 0.9¹⁹⁶ = 1.08·10⁻⁹ and 0.9¹⁹⁷ = 0.97·10⁻⁹
        assert 0.9**197 <= 1e-9 < 0.9**196
        assert on.num_steps == 197
        assert [place[1] for place in on.places] == [0] * 198
        xs = [0.9**t for t in range(198)]
        assert [place[0] for place in on.places] == near(xs, rel=1e-12)
        assert on.losses == near([x * x / 2 for x in xs], rel=1e-12)
        assert on.end == on.places[-1]
        assert on.end_loss == on.losses[-1]
        assert on.stopped == FLAT

    @pytest.mark.parametrize(
        ("index", "distance", "num_steps"), [(1, 1e-6, 238), (2, 0.5, 197)]
    )
    def test_off_the_ridge(self, index: int, distance: float, num_steps: int) -> None:
        """Both end in the hollow, after a descent that two lines can follow."""
        run = three_starts()[index]
        assert run.distance == distance
        ys = climb(distance)
        # Flat is when both x = 0.9^t and y − y³ are at most 10⁻⁹.
        flat = (max(0.9**t, abs(y - y**3)) <= 1e-9 for t, y in enumerate(ys))
        assert list(flat).index(True) == num_steps == run.num_steps
        assert [place[1] for place in run.places] == near(
            ys[: num_steps + 1], rel=1e-12
        )
        losses = [
            0.9 ** (2 * t) / 2 - y**2 / 2 + y**4 / 4
            for t, y in enumerate(ys[: num_steps + 1])
        ]
        # A loss is a difference of numbers near 1, whose rounding is absolute.
        assert run.losses == near(losses)
        assert run.end == run.places[-1]
        assert run.end[1] == near(1, abs=1e-9)
        assert run.end_loss == run.losses[-1] == near(-1 / 4, rel=1e-12)
        assert run.stopped == FLAT

    def test_it_is_exact_on_fractions(self) -> None:
        """One step of 1/2 from (1, 1/2), whose gradient is (1, −3/8)."""
        (run,) = three_starts((HALF,), Fraction(1), HALF, num_steps=1)
        assert run.places == ((1, HALF), (HALF, Fraction(11, 16)))
        # 1/2 − 1/8 + 1/64, and 1/8 − 121/512 + 14641/262144
        assert run.losses == (Fraction(25, 64), Fraction(-14543, 262144))
        assert run.stopped == OUT_OF_STEPS
        assert run.num_steps == 1
        assert_plain(run, Fraction)

    def test_other_numbers_give_other_results(self) -> None:
        """Start further up, stop earlier, and take each distance."""
        first, second = three_starts((0, -0.5), along=-4, learning_rate=0.5, flat=1)
        assert [place[0] for place in first.places] == [-4, -2, -1]
        assert first.flat == 1
        assert second.places[1] == (-2, -0.6875)
        assert first.num_steps == 2

    def test_a_thousand_steps_unless_told(self) -> None:
        """A limit that is never flat shows the default."""
        (run,) = three_starts((0.5,), learning_rate=0.01, flat=0)
        assert run.num_steps == 1000
        assert run.stopped == OUT_OF_STEPS

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the array stays."""
        distances = np.array([0.0, 0.5])
        assert_plain(three_starts(distances))
        assert distances.tolist() == [0, 0.5]


def line(*curvatures: Any) -> Any:
    """Give the gradient of a loss with these curvatures along its weights."""
    return lambda weights: np.array(curvatures, dtype=object) * weights


class TestJudge:
    """If the least curvature is positive, the ground rises in every direction."""

    def test_every_number_of_the_book(self) -> None:
        """The middle has the curvatures 1 and −1 + 0.001²."""
        found = judge(saddle_gradient, (0, 0))
        assert isinstance(found, Judgement)
        assert found.place == (0, 0)
        assert found.gradient == (0, 0)
        assert leaves(found.second_slopes) == near([1, 0, 0, -0.999999], rel=1e-12)
        assert found.curvatures == near((-0.999999, 1), rel=1e-12)
        assert found.verdict == "saddle"
        assert_plain(found)

    def test_second_slopes_are_exact_on_fractions(self) -> None:
        """The slope y³ − y at 2 changes by 3·4 − 1 + h²."""
        found = judge(saddle_gradient, (Fraction(1), Fraction(2)), step=HALF)
        assert found.second_slopes == ((1, 0), (0, 11 + QUARTER))
        assert found.gradient == (1, 6)
        assert found.place == (1, 2)
        assert found.curvatures == (1, 11.25)
        assert_plain(found, Fraction)

    def test_directions_between_the_weights(self) -> None:
        """The matrix ((1, 2), (2, 1)) has the eigenvalues 1 − 2 and 1 + 2."""
        found = judge(lambda w: (w[0] + 2 * w[1], 2 * w[0] + w[1]), (0, 0))
        assert leaves(found.second_slopes) == near([1, 2, 2, 1], rel=1e-12)
        assert found.curvatures == near((-1, 3), rel=1e-12)
        assert found.verdict == "saddle"

    def test_row_and_column(self) -> None:
        """Row i, column j: how slope i changes along weight j."""
        found = judge(lambda w: (w[0] + 2 * w[1], 5 * w[0] + w[1]), (0, 0), HALF)
        assert found.second_slopes == ((1, 2), (5, 1))

    @pytest.mark.parametrize(
        ("curvatures", "verdict"),
        [
            ((1, 2), "minimum"),
            ((-1, -2), "maximum"),
            ((-1, 2), "saddle"),
            ((2, -1, 0), "saddle"),
            ((0, 1), "undecided"),
            ((0, -1), "undecided"),
            ((0, 0), "undecided"),
            ((3,), "minimum"),
            ((2, HALF), "undecided"),  # 1/2 counts as none
            ((Fraction(-1, 2), 2), "undecided"),
            ((-2, HALF), "undecided"),
            ((-2, Fraction(-1, 2)), "undecided"),
            ((2, Fraction(5, 8)), "minimum"),
            ((-2, Fraction(5, 8)), "saddle"),
            ((2, Fraction(-5, 8)), "saddle"),
            ((-2, Fraction(-5, 8)), "maximum"),
        ],
    )
    def test_verdicts(self, curvatures: Any, verdict: str) -> None:
        """The signs decide, of what is greater in size than what counts as none."""
        place = (0,) * len(curvatures)
        found = judge(line(*curvatures), place, step=1, negligible=HALF)
        assert found.verdict == verdict
        assert found.curvatures == tuple(sorted(map(float, curvatures)))

    @pytest.mark.parametrize(
        ("slope", "verdict"),
        [
            (HALF, "minimum"),
            (-HALF, "minimum"),
            (Fraction(5, 8), "not flat"),
            (Fraction(-5, 8), "not flat"),
        ],
    )
    def test_a_slope_is_no_flat_place(self, slope: Any, verdict: str) -> None:
        """Whatever its sign, up to what counts as none."""

        def gradient(weights: Any) -> Any:
            return (weights[0], weights[1] + slope)

        assert judge(gradient, (0, 0), 1, HALF).verdict == verdict

    def test_defaults(self) -> None:
        """A step of 0.001, and 0.00001 counts as none."""
        cube = judge(lambda w: w**3, (0,)).curvatures
        assert cube == near((1e-6,), rel=1e-12)  # h²
        assert judge(line(0.00000999), (0,)).verdict == "undecided"
        assert judge(line(0.00001001), (0,)).verdict == "minimum"

    def test_arguments_stay(self) -> None:
        """Nothing is changed in place."""
        place = np.array([0.0, 1.0])
        judge(saddle_gradient, place)
        assert place.tolist() == [0, 1]

    @pytest.mark.parametrize(("value", "exception", "says"), NOT_NUMBERS)
    def test_bad_gradients_are_refused(
        self, value: Any, exception: type[Exception], says: str
    ) -> None:
        """What the function returns is looked at."""
        with refused(exception, "gradient", says):
            judge(lambda _: value, (0, 0))

    def test_shapes(self) -> None:
        """A gradient has the shape of the place."""
        says = "has shape (3,) but `place` has shape (2,); they must be equal"
        with refused(ValueError, "gradient", says):
            judge(lambda _: (0, 0, 0), (0, 0))


class TestFlatPlaces:
    """In the middle one curvature is positive and one negative."""

    def test_every_number_of_the_book(self) -> None:
        """The second slope 3y² − 1 is measured too large, by 0.001²."""
        found = flat_places()
        assert isinstance(found, FlatPlaces)
        assert found.places == ((0, 0), (0, 1), (0, -1))
        assert found.losses == (0, -0.25, -0.25)
        assert found.along_x == near((1, 1, 1), rel=1e-12)
        # 3·1 − 1 + 10⁻⁶; the slopes are differences of numbers near 1, over 0.002.
        assert found.along_y == near((-0.999999, 2.000001, 2.000001), rel=1e-12)
        assert found.verdicts == ("saddle", "minimum", "minimum")
        assert_plain(found)

    def test_it_is_exact_on_fractions(self) -> None:
        """At y = 2 it is 11, and 1/100 too much."""
        places = ((0, 0), (0, Fraction(2)))
        found = flat_places(places, step=Fraction(1, 10))
        assert found == (
            places,
            (0, 2),  # 4 − 2
            (1, 1),
            (Fraction(-99, 100), Fraction(1101, 100)),
            ("saddle", "not flat"),
        )

    def test_shapes(self) -> None:
        """Each place has two numbers."""
        with refused(ValueError, "places", "has shape (1, 3) but must have 2 columns"):
            flat_places(((0, 1, 2),))


class TestTwoValleys:
    """Left of 0 descent ends in a local minimum, right of it in the lowest one."""

    @pytest.mark.parametrize(
        ("place", "loss", "slope"),
        [
            (-1, Fraction(-5, 12), 0),  # 1/4 + 1/3 − 1
            (0, 0, 0),
            (1, Fraction(-13, 12), -2),  # 1/4 − 1/3 − 1; 1·2·(−1)
            (2, Fraction(-8, 3), 0),  # 4 − 8/3 − 4
            (3, Fraction(9, 4), 12),  # 81/4 − 9 − 9; 3·4·1
            (-2, Fraction(8, 3), -8),  # 4 + 8/3 − 4; (−2)(−1)(−4)
        ],
    )
    def test_the_curve(self, place: Any, loss: Any, slope: Any) -> None:
        """Worked by hand, in fractions; and several places at once."""
        assert tilted_loss(Fraction(place)) == loss
        assert tilted_slope(Fraction(place)) == slope
        assert tilted_loss(np.array([place, 0.0])) == near([float(loss), 0], rel=1e-15)
        assert tilted_slope(np.array([place, 0.0])).tolist() == [slope, 0]

    def test_every_number_of_the_book(self) -> None:
        """Followed by hand, x − (x³ − x² − 2x)/10, until the slope is flat."""
        valleys = two_valleys()
        assert isinstance(valleys, TwoValleys)
        assert valleys.starts == (-2, -0.001, 0, 0.001, 3)
        for index, start in enumerate(valleys.starts):
            x, count = float(start), 0
            while abs(x**3 - x**2 - 2 * x) > 1e-9:
                x, count = x - 0.1 * (x**3 - x**2 - 2 * x), count + 1
            assert valleys.num_steps[index] == count
            assert valleys.ends[index] == near(x, rel=1e-12)
        assert valleys.ends == near((-1, -1, 0, 2, 2), rel=1e-9)
        least = (-5 / 12, -5 / 12, 0, -8 / 3, -8 / 3)
        assert valleys.end_losses == near(least, rel=1e-12)
        assert valleys.places == (-1, 0, 2)
        assert valleys.heights == (Fraction(-5, 12), 0, Fraction(-8, 3))
        assert valleys.curvatures == (3, -2, 6)  # 3x² − 2x − 2
        assert valleys.chord == chord()

    def test_it_is_exact_on_fractions(self) -> None:
        """From 3 a step of 1/10 of 12; from 1 one of −2."""
        valleys = two_valleys((3, 1), Fraction(1, 10), num_steps=1)
        assert valleys.ends == (Fraction(9, 5), Fraction(6, 5))
        # 36/25 · (36/100 − 2/5 − 1)
        assert valleys.end_losses[1] == Fraction(36, 25) * Fraction(-26, 25)
        assert valleys.num_steps == (1, 1)
        assert_plain(valleys, Fraction)

    def test_other_numbers_give_other_results(self) -> None:
        """What is flat, and how many steps there are."""
        assert two_valleys((3,), flat=12).num_steps == (0,)
        assert two_valleys((3,), flat=11).num_steps == (1,)
        assert two_valleys((0.5,), 0.0001).num_steps == (1000,)
        with pytest.raises(DivergenceError, match="descent diverged: after step"):
            two_valleys((9,))

    def test_chords(self) -> None:
        """Between the valleys the curve is above its chord, and right of 1 below."""
        # In the middle 1/4·(1/16 − 1/6 − 1), and half of −5/12 − 8/3.
        assert chord() == Chord(Fraction(1, 2), Fraction(-53, 192), Fraction(-37, 24))
        # 4 − 8/3 − 4, and half of −13/12 + 9/4
        assert chord(Fraction(1), Fraction(3)) == (2, Fraction(-8, 3), Fraction(7, 12))
        assert chord(1.0, 3.0) == near((2, -8 / 3, 7 / 12), rel=1e-12)
        assert_plain(chord(Fraction(1), 3), Fraction)


class TestEscape:
    """Even a descent that starts at 10⁻³⁰⁰ leaves."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        run = escape()
        assert isinstance(run, Escape)
        assert run.distance == 1e-300
        assert run.num_steps == steps_to(0.5, 1e-300) == 7242
        # (300 decades − ln 2)/ln 1.1
        forecast = (300 * math.log(10) - math.log(2)) / math.log(1.1)
        assert run.forecast == near(forecast, rel=1e-12)
        assert_plain(run)

    @pytest.mark.parametrize(
        ("reach", "num_steps"),
        [
            (HALF, 2),
            (Fraction(31, 64), 2),
            (Fraction(30, 64), 1),
            (QUARTER, 1),
            (Fraction(1, 8), 0),
        ],
    )
    def test_it_is_exact_on_fractions(self, reach: Any, num_steps: int) -> None:
        """From 1/4 to 1/4 + 15/64 = 31/64; to reach it is not to leave it."""
        run = escape(QUARTER, Fraction(1), reach, limit=num_steps)
        assert run.num_steps == num_steps
        assert run.distance == QUARTER
        # A step doubles a small distance.
        assert run.forecast == near(math.log2(4 * reach), abs=2.0**-50)

    def test_the_limit(self) -> None:
        """One step fewer than needed is too few."""
        says = "is 1 but from distance 0.25 descent is still near the ridge by then"
        with refused(ValueError, "limit", says):
            escape(0.25, 1.0, limit=1)
        assert escape(0.25, 1.0, limit=2).num_steps == 2

    def test_the_least_floats(self) -> None:
        """A tenth of four least floats rounds to none, of five to one.

        The float 0.1 is a hair greater than a tenth, so the tie is none.
        """
        least = 2.0**-1074
        says = "is 10000 but from distance {} descent is still near the ridge by then"
        with refused(ValueError, "limit", says.format(4 * least)):
            escape(4 * least)
        run = escape(5 * least)
        assert run.num_steps == steps_to(0.5, 5 * least)
        # From 5 least floats to 1/2, without rounding: ln(2¹⁰⁷³/5)/ln 1.1
        forecast = (1073 * math.log(2) - math.log(5)) / math.log(1.1)
        assert run.forecast == near(forecast, rel=1e-12)

    def test_its_numbers_are_plain(self) -> None:
        """NumPy's numbers go in, Python's come out."""
        assert_plain(escape(np.float64(0.1), np.float64(0.5), np.float64(0.5)))


class TestEscapeTimes:
    """A start closer by a factor of ten costs a fixed number of steps more."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        times = escape_times()
        assert isinstance(times, EscapeTimes)
        distances = tuple(float(f"1e-{decade}") for decade in range(1, 13))
        assert times.distances == distances
        steps = tuple(steps_to(0.5, distance) for distance in distances)
        assert times.steps == steps
        assert (steps[0], steps[-1]) == (19, 284)
        # (decades · ln 10 − ln 2)/ln 1.1
        forecasts = [
            (decade * math.log(10) - math.log(2)) / math.log(1.1)
            for decade in range(1, 13)
        ]
        assert times.forecasts == near(forecasts, rel=1e-12)
        assert times.growth == near(1.1, rel=1e-15)
        # Twelve decades around 6.5: the sum of squares is 143, so the slope is the sum
        # of (decade − 6.5)·steps, over 143.
        slope = sum((decade - 6.5) * steps[decade - 1] for decade in range(1, 13)) / 143
        assert times.slope == near(slope, rel=1e-12)
        assert times.slope_theory == near(math.log(10) / math.log(1.1), rel=1e-12)
        assert_plain(times)

    def test_measured_is_a_little_above_theory(self) -> None:
        """Every measured number is, by one step to three."""
        times = escape_times()
        above = [
            steps - forecast
            for steps, forecast in zip(times.steps, times.forecasts, strict=True)
        ]
        assert 1 < min(above) < max(above) < 3

    def test_a_larger_rate_lowers_the_penalty(self) -> None:
        """At 0.2 theory says ln 10/ln 1.2, and the points agree to a hundredth."""
        fast = escape_times(learning_rate=0.2)
        assert fast.slope_theory == near(math.log(10) / math.log(1.2), rel=1e-12)
        assert fast.slope == near(fast.slope_theory, abs=0.01)
        assert fast.steps[3] == steps_to(0.5, 1e-4, 0.2)
        assert fast.growth == near(1.2, rel=1e-15)

    def test_it_is_exact_on_fractions(self) -> None:
        """A rate of 1 takes 1/4 to 31/64, and 1/8 to 127/512."""
        times = escape_times(
            (QUARTER, Fraction(1, 8)), Fraction(1), Fraction(1, 5), limit=1
        )
        assert times.distances == (QUARTER, Fraction(1, 8))
        assert times.steps == (0, 1)
        assert times.growth == 2
        # One step more for half the distance.
        assert times.slope == near(1 / math.log10(2), rel=1e-12)
        assert times.slope_theory == near(1 / math.log10(2), rel=1e-12)
        assert_plain(times, Fraction)

    def test_the_limit(self) -> None:
        """It holds for each start."""
        says = "is 20 but from distance 0.01 descent is still near the ridge by then"
        with refused(ValueError, "limit", says):
            escape_times((0.1, 0.01), limit=20)
        says = (
            "is 10000 but from distance 1e-05 descent is still near the ridge by then"
        )
        with refused(ValueError, "limit", says):
            escape_times((1e-5, 1e-4), learning_rate=1e-6)

    def test_arguments_stay(self) -> None:
        """Arrays go in, Python's numbers come out."""
        distances = np.array([0.1, 0.01])
        assert_plain(escape_times(distances))  # type: ignore[arg-type]
        assert distances.tolist() == [0.1, 0.01]

    def test_a_line_needs_two_distances(self) -> None:
        """Equal ones make no line."""
        says = "holds 0.5 only but must hold two different numbers"
        with refused(ValueError, "distances", says):
            escape_times((0.5, 0.5))


class ByHand:
    """Noisy descents, written out once more: one run at a time, in plain floats."""

    def __init__(
        self, noise: float, draws: Any, settled: int, rate: float, reach: float
    ) -> None:
        self.steps = []
        above = []
        for run in range(draws.shape[2]):
            x, y = 1.0, 0.0
            left = 0
            for t, (for_x, for_y) in enumerate(draws[:, :, run].tolist()):
                x, y = (
                    x - rate * (x + noise * for_x),
                    y - rate * (y * y * y - y + noise * for_y),
                )
                if not left and abs(y) > reach:
                    left = t + 1
                if t >= len(draws) - settled:
                    # The loss above the least, as a sum of squares.
                    above.append(x * x / 2 + (y * y - 1) ** 2 / 4)
            self.steps.append(left)
        self.floor = sum(above) / len(above)


class TestNoise:
    """Each decade of noise costs the same, and lowers the floor by ten times ten."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        noisy = noisy_escape()
        assert isinstance(noisy, NoisyEscape)
        noises = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
        assert noisy.noises == noises
        draws = np.random.default_rng(1).standard_normal((600, 2, 101))
        runs = [ByHand(noise, draws, 200, 0.1, 0.5) for noise in noises]
        medians = [sorted(run.steps)[50] for run in runs]  # the middle one of 101
        assert noisy.median_steps == tuple(medians)
        assert noisy.fastest == tuple(min(run.steps) for run in runs)
        assert noisy.slowest == tuple(max(run.steps) for run in runs)
        # A loss near −1/4 is rounded to 3·10⁻¹⁷, and the least floor is 5·10⁻¹⁴.
        assert noisy.floors == near([run.floor for run in runs], rel=1e-4)
        assert noisy.floors[:3] == near([run.floor for run in runs[:3]], rel=1e-8)
        # Six decades around 3.5: the sum of squares is 35/2.
        slope = sum((n - 2.5) * median for n, median in enumerate(medians)) / 17.5
        assert noisy.slope == near(slope, rel=1e-12)
        assert noisy.slope_theory == near(math.log(10) / math.log(1.1), rel=1e-12)
        # 0.1·σ/√0.21
        distances = [0.1 * noise / math.sqrt(0.21) for noise in noises]
        assert noisy.distances == near(distances, rel=1e-12)
        # Half of all normal random numbers are within 0.6744897501960817.
        forecasts = [
            math.log(0.5 / (0.6744897501960817 * distance)) / math.log(1.1)
            for distance in distances
        ]
        assert noisy.forecasts == near(forecasts, rel=1e-12)
        # 0.05 σ² (1/1.9 + 1/1.8)
        assert noisy.floors_theory == near(
            [0.05 * noise**2 * (1 / 1.9 + 1 / 1.8) for noise in noises], rel=1e-12
        )
        assert_plain(noisy)

    def test_theory_forecasts_the_median(self) -> None:
        """Within three steps, which the walls and whole numbers take."""
        noisy = noisy_escape()
        above = [
            median - forecast
            for median, forecast in zip(
                noisy.median_steps, noisy.forecasts, strict=True
            )
        ]
        assert 0 < min(above) < max(above) < 3

    def test_theory_forecasts_the_floor(self) -> None:
        """Over many runs and steps, within two percent."""
        noisy = noisy_escape((0.01, 0.001), num_runs=1000, num_steps=1000, settled=700)
        assert noisy.floors == near(noisy.floors_theory, rel=0.02)

    def test_the_distance_is_a_geometric_sum(self) -> None:
        """Pushes σα grow by 1.1 less often the later they come: a sum of squares."""
        pushes = [(0.1 * 0.01 / 1.1**k) ** 2 for k in range(1, 400)]
        distance = noisy_escape((0.1, 0.01)).distances[1]
        assert distance == near(math.sqrt(sum(pushes)), rel=1e-12)

    def test_other_numbers_give_other_results(self) -> None:
        """Each argument is used."""
        noisy = noisy_escape(
            (Fraction(1, 100), 1e-4),
            learning_rate=Fraction(1, 5),
            num_runs=4,
            num_steps=150,
            settled=60,
            reach=Fraction(1, 4),
            seed=7,
        )
        draws = np.random.default_rng(7).standard_normal((150, 2, 4))
        runs = [ByHand(noise, draws, 60, 0.2, 0.25) for noise in (0.01, 1e-4)]
        # The median of four is the mean of the middle two.
        medians = [sum(sorted(run.steps)[1:3]) / 2 for run in runs]
        assert noisy.median_steps == tuple(medians)
        assert noisy.fastest == tuple(min(run.steps) for run in runs)
        assert noisy.slowest == tuple(max(run.steps) for run in runs)
        assert noisy.floors == near([run.floor for run in runs], rel=1e-7)
        distances = [0.2 * noise / math.sqrt(0.44) for noise in (0.01, 1e-4)]
        assert noisy.distances == near(distances, rel=1e-12)
        assert noisy.floors_theory == near(
            [0.1 * noise**2 * (1 / 1.8 + 1 / 1.6) for noise in (0.01, 1e-4)], rel=1e-12
        )
        forecasts = [
            math.log(0.25 / (0.6744897501960817 * distance)) / math.log(1.2)
            for distance in distances
        ]
        assert noisy.forecasts == near(forecasts, rel=1e-12)
        assert noisy.slope == near((medians[1] - medians[0]) / 2, rel=1e-12)
        assert_plain(noisy, Fraction)

    def test_same_seed_same_numbers(self) -> None:
        """And another seed gives others; the global one is left alone."""
        few = {"num_runs": 3, "num_steps": 500}
        first = noisy_escape((0.1, 0.01), **few)
        assert noisy_escape((0.1, 0.01), **few) == first
        other = noisy_escape((0.1, 0.01), **few, seed=2)
        assert other.floors != first.floors

    def test_every_descent_must_leave_in_time(self) -> None:
        """The slowest of the book takes 197 steps."""
        noises = (0.1, 1e-6)
        assert noisy_escape(noises, num_steps=397).slowest[1] == 197
        says = "is 396 but a descent is still near the ridge 200 steps before its end"
        with refused(ValueError, "num_steps", says):
            noisy_escape(noises, num_steps=396)
        says = "is 20 but a descent is still near the ridge 1 steps before its end"
        with refused(ValueError, "num_steps", says):
            noisy_escape(noises, num_steps=20, settled=1)

    def test_settled_is_at_most_all_steps(self) -> None:
        """Averaging over more steps than there are is refused."""
        with refused(ValueError, "settled", "is 5 but must be at most 4"):
            noisy_escape(num_steps=4, settled=5)
        says = "is 5 but a descent is still near the ridge 5 steps before its end"
        with refused(ValueError, "num_steps", says):
            noisy_escape(num_steps=5, settled=5)

    def test_a_line_needs_two_noises(self) -> None:
        """Equal ones make no line."""
        says = "holds 0.1 only but must hold two different numbers"
        with refused(ValueError, "noises", says):
            noisy_escape((0.1, 0.1))

    def test_the_least_counts_are_taken(self) -> None:
        """One run, one settled step, seed 0."""
        noisy = noisy_escape((0.1, 0.01), num_runs=1, settled=1, seed=0)
        assert noisy.fastest == noisy.slowest == noisy.median_steps


class TestWeightsInARow:
    """One weight alone changes nothing."""

    def test_every_number_of_the_book(self) -> None:
        """The loss (w₁w₂ − 1)²: 1, 1, (1/4 − 1)² and (−1/4 − 1)²."""
        row = weights_in_a_row()
        assert isinstance(row, WeightsInARow)
        assert row.loss == 1
        assert row.gradient == (0, 0)
        # The slope along w₁ is 2(w₁w₂ − 1)w₂, which falls by 2 per unit of w₂.
        assert leaves(row.second_slopes) == near([0, -2, -2, 0], rel=1e-12)
        assert row.alone == 1
        assert row.together == 0.5625
        assert row.opposed == 1.5625
        assert row.curvatures == near((-2, 2), rel=1e-12)
        assert row.verdict == "saddle"
        assert_plain(row)

    def test_other_numbers_give_other_results(self) -> None:
        """Input 2, target 3, move 1: errors −3, −3, 2 − 3 and −2 − 3."""
        row = weights_in_a_row(Fraction(1), 2, 3)
        assert (row.loss, row.alone, row.together, row.opposed) == (9, 9, 1, 25)
        # −2·3·2
        assert leaves(row.second_slopes) == near([0, -12, -12, 0], rel=1e-12)
        assert row.curvatures == near((-12, 12), rel=1e-12)
        assert_plain(row, Fraction)

    def test_it_is_exact_on_fractions(self) -> None:
        """9/16 and 25/16."""
        row = weights_in_a_row(HALF)
        assert (row.together, row.opposed) == (Fraction(9, 16), Fraction(25, 16))
