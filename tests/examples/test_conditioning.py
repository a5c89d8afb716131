"""The worked examples of the chapter on conditioning."""

import inspect
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from hypothesis import given
from near import near
from plain import assert_numbers
from strategies import fractions, positive_fractions

from gdbook.descent import DivergenceError
from gdbook.examples.conditioning import (
    CURVATURES,
    START,
    Aims,
    BestRate,
    LinearStepParts,
    MeasuredFactors,
    Standardised,
    ZigZag,
    aims,
    best_rate,
    linear_step_parts,
    measured_factors,
    standardised,
    valley_gradient,
    valley_loss,
    zig_zag,
)
from gdbook.gradients import central_difference

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("−4.55", "0.91", "−0.8", "10/21", "19/21", "361/441", "0.904762", "17.39"),
    *("18/7", "7/9", "190", "27", "3/70", "21/20", "0.446", "0.485", "−0.528"),
)

# The line's curvature is ((7/2, 7/3), (7/3, 2)), with trace 11/2 and determinant 14/9,
# so its eigenvalues are (33 ∓ √865)/12.
FLAT_CURVATURE = (33 - 865**0.5) / 12
STEEP_CURVATURE = (33 + 865**0.5) / 12

# Its best line, from which the flat line lies (−3/70, −21/20) away.
BEST = np.array([3 / 70, 21 / 20])


def axis(curvature: float, sign: int) -> Any:
    """Give an eigenvector: its first row says 7/2·a + 7/3·b = λ·a."""
    vector = sign * np.array([7 / 3, curvature - 7 / 2])
    return vector / np.sqrt(vector @ vector)


# The long axis points to a larger intercept, the short one to a larger slope.
ALONG, ACROSS = axis(FLAT_CURVATURE, -1), axis(STEEP_CURVATURE, 1)


def line_after(rate: float, steps: np.ndarray) -> np.ndarray:
    """Give the line after many steps from (0, 0), by its eigenvectors."""
    total = np.tile(BEST, (len(steps), 1))
    for curvature, vector in ((FLAT_CURVATURE, ALONG), (STEEP_CURVATURE, ACROSS)):
        factors = (1 - rate * curvature) ** steps
        total += np.outer(factors, vector * (vector @ -BEST))
    return total


class TestTheValley:
    """Every rule of part two starts on it at the same place."""

    def test_at_the_start(self) -> None:
        """At (−5, −2) it is 25/10 + 2·4 high, with the gradient (−1, −8)."""
        assert START == (-5, -2)
        assert valley_loss(START) == 10.5
        assert valley_gradient(START).tolist() == [-1, -8]
        assert type(valley_loss(np.array([1.0, 2.0]))) is float

    def test_its_curvatures(self) -> None:
        """They are 1/5 and 4, exactly."""
        flat, steep = CURVATURES
        assert flat == Fraction(1, 5)
        assert steep == 4

    @given(fractions(), fractions())
    def test_it_is_exact_on_fractions(self, first: Fraction, second: Fraction) -> None:
        """Height and gradient stay fractions, and a difference confirms the slope."""
        place = (first, second)
        assert valley_loss(place) == first * first / 10 + second * second * 2
        gradient = valley_gradient(place)
        assert gradient.tolist() == [first / 5, second * 4]
        assert type(valley_loss(place)) is Fraction
        measured = central_difference(valley_loss, place, step=Fraction(1, 3))
        assert measured.tolist() == gradient.tolist()

    def test_nothing_is_changed_in_place(self) -> None:
        """The place stays where it is."""
        place = np.array([3.0, 1.0])
        assert valley_loss(place) == near(2.9, rel=1e-15)  # 9/10 + 2
        assert valley_gradient(place).tolist() == [0.6, 4]
        assert place.tolist() == [3, 1]


class TestTheErrorIsSplit:
    """A step multiplies each part by a factor of its own."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        run = zig_zag()
        assert isinstance(run, ZigZag)
        assert run.learning_rate == 0.45
        # 1 − 0.45/5, 1 − 0.45·4
        assert run.factors == near((0.91, -0.8), rel=1e-15)
        flat = [-5 * 0.91**t for t in range(21)]
        steep = [-2 * (-0.8) ** t for t in range(21)]
        assert run.flat_parts == near(flat, rel=1e-14)
        assert run.predicted_flat_parts == near(flat, rel=1e-14)
        assert run.steep_parts == near(steep, rel=1e-14)
        assert run.predicted_steep_parts == near(steep, rel=1e-14)
        # 5 − 5·0.91²⁰, and 2·1.8·(1 + 0.8 + … + 0.8¹⁹)
        walked = (5 - 5 * 0.91**20, 3.6 * (1 - 0.8**20) / 0.2)
        assert run.walked == near(walked, rel=1e-14)
        losses = [x**2 / 10 + 2 * y**2 for x, y in zip(flat, steep, strict=True)]
        assert run.losses == near(losses, rel=1e-13)
        assert_numbers(run)

    def test_it_is_exact_on_fractions(self) -> None:
        """The factors 91/100 and −4/5, from whole numbers and an exact rate."""
        run = zig_zag(learning_rate=Fraction(9, 20), num_steps=2)
        assert run == (
            Fraction(9, 20),
            (Fraction(91, 100), Fraction(-4, 5)),
            (-5, Fraction(-91, 20), Fraction(-8281, 2000)),  # 91²·5/100²
            (-2, Fraction(8, 5), Fraction(-32, 25)),
            (-5, Fraction(-91, 20), Fraction(-8281, 2000)),
            (-2, Fraction(8, 5), Fraction(-32, 25)),
            # 9/20 + 819/2000; 18/5 + 72/25
            (Fraction(1719, 2000), Fraction(162, 25)),
            # 8281/4000 + 128/25 = 28761/4000; 68574961/4·10⁷ + 2048/625
            (
                Fraction(21, 2),
                Fraction(28761, 4000),
                Fraction(68574961, 40_000_000) + Fraction(2048, 625),
            ),
        )
        kinds = {
            type(part) for part in zig_zag(learning_rate=Fraction(1, 3)).flat_parts
        }
        assert kinds == {Fraction}

    @pytest.mark.claims(
        "On an axis equation … makes the gradient a multiple of the part itself, so a"
        " step multiplies each part by a factor of its own:",
        "The rate is a fraction here, so descent and prediction agree exactly and not"
        " only in their first digits.",
    )
    @given(fractions(), fractions(), positive_fractions())
    def test_descent_is_what_the_factors_predict(
        self, first: Fraction, second: Fraction, rate: Fraction
    ) -> None:
        """For every start and every rate, exactly."""
        run = zig_zag((first, second), rate, num_steps=4)
        assert run.flat_parts == run.predicted_flat_parts
        assert run.steep_parts == run.predicted_steep_parts
        assert run.factors == (1 - rate / 5, 1 - 4 * rate)

    def test_it_stops_at_the_lowest_point(self) -> None:
        """At 1/4 the part across is gone after one step, at 5 the part along."""
        run = zig_zag((0, -2), Fraction(1, 4), num_steps=9)
        assert run.steep_parts == (-2, 0) == run.predicted_steep_parts
        run = zig_zag((-5, 0), Fraction(5), num_steps=9)
        assert run.flat_parts == (-5, 0) == run.predicted_flat_parts
        assert run.factors == (0, -19)
        assert run.losses == (Fraction(5, 2), 0)

    @pytest.mark.claims(
        "Beside it, each step multiplies the part across by …, and what began as … is"
        " … after … steps.",
    )
    def test_a_rate_beyond_the_bound_shows_beside_the_axis(self) -> None:
        """A millionth grows by 19 in each step."""
        run = zig_zag((-5, 1e-6), 5.0, num_steps=6)
        assert run.flat_parts == (-5, 0, 0, 0, 0, 0, 0)
        grown = [1e-6 * (-19) ** t for t in range(7)]
        assert run.steep_parts == near(grown, rel=1e-14)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the array stays."""
        start = np.array([-5.0, -2.0])
        run = zig_zag(start, np.float64(0.45))
        assert_numbers(run)
        assert run == zig_zag()
        assert start.tolist() == [-5, -2]

    def test_far_too_large_a_rate_diverges(self) -> None:
        """The loss leaves the finite numbers."""
        with pytest.raises(DivergenceError):
            zig_zag(learning_rate=50.0, num_steps=1000)


class TestTheSteepestWayMisses:
    """Only on the axes does the steepest way point straight at the lowest point."""

    @pytest.mark.claims(
        "From the start the steepest way misses by … degrees.",
    )
    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        aimed = aims()
        assert isinstance(aimed, Aims)
        points = ((-5, -2), (-6, 0), (0, -2), (4, 1), (-4, 1), (6, 0), (0, 2))
        assert aimed.points == points
        # The gradient (x₁/5, 4 x₂) with its sign turned.
        downhills = ((1, 8), (1.2, 0), (0, 8), (-0.8, -4), (0.8, -4), (-1.2, 0))
        assert aimed.downhills == (*downhills, (0, -8))
        # From (−5, −2): (1, 8)·(5, 2) = 21, |(1, 8)| = √65, |(5, 2)| = √29.
        # From (4, 1): (0.8, 4)·(4, 1) = 7.2, |(0.8, 4)| = √16.64, |(4, 1)| = √17.
        start = math.degrees(math.acos(21 / math.sqrt(65 * 29)))
        beside = math.degrees(math.acos(7.2 / math.sqrt(16.64 * 17)))
        misses = (start, 0, 0, beside, beside, 0, 0)
        assert aimed.misses == near(misses, rel=1e-14, abs=0)
        assert round(aimed.misses[0], 1) == 61.1
        stretches = (math.sqrt(65 / 29), 0.2, 4, math.sqrt(16.64 / 17))
        assert aimed.stretches[:4] == near(stretches, rel=1e-15)
        assert aimed.stretches[4:] == near((stretches[3], 0.2, 4), rel=1e-15)
        assert_numbers(aimed)

    def test_every_place_on_an_axis_is_aimed_at(self) -> None:
        """There the gradient is the curvature times the way, at any distance."""
        points = ((Fraction(1, 3), 0), (-70, 0), (0, Fraction(-1, 9)), (0, 50))
        aimed = aims(points)
        assert aimed.misses == (0, 0, 0, 0)
        assert aimed.stretches == near((0.2, 0.2, 4, 4), rel=1e-15)
        assert aimed.downhills[0] == (Fraction(-1, 15), 0)
        assert aimed.points == points

    def test_a_miss_is_less_than_a_right_angle(self) -> None:
        """It is greatest where x₁/x₂ = √20: tan = 3.8·√20/(2·4), at 64.8 degrees."""
        (miss,) = aims(((20**0.5, 1),)).misses
        # (√20/5, 4) and (√20, 1): dot 8, cross 4·√20 − √20/5
        assert miss == near(math.degrees(math.atan(3.8 * 20**0.5 / 8)))

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the array stays."""
        points = np.array([[3.0, 1.0]])
        assert_numbers(aims(points))
        assert points.tolist() == [[3, 1]]

    def test_points_are_pairs(self) -> None:
        """Longer rows are refused."""
        says = "has shape (1, 3) but its rows must be pairs"
        with refused(ValueError, "points", says):
            aims(((1, 2, 3),))

    def test_no_way_leads_from_the_lowest_point(self) -> None:
        """The origin is refused wherever it stands."""
        says = "holds (0, 0) but no way leads from the lowest point to itself"
        with refused(ValueError, "points", says):
            aims(((1, 2), (0, 0)))


class TestTheBestRate:
    """The best rate is 2/(λ₁ + λₙ), its factor (κ − 1)/(κ + 1), exactly."""

    @pytest.mark.claims(
        "The best rate is …, close to the bound …, and both factors have the size …, "
        "or ….",
        "So at its best, descent needs … steps to halve the error.",
    )
    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        best = best_rate()
        assert isinstance(best, BestRate)
        assert best.curvatures == (Fraction(1, 5), 4)
        assert best.condition_number == 20
        assert best.bound == Fraction(1, 2)  # 2/4
        assert best.learning_rate == Fraction(10, 21)  # 2/(21/5)
        # 1 − 10/21/5 = 19/21, 1 − 40/21 = −19/21
        assert best.factors == (Fraction(19, 21), Fraction(-19, 21))
        assert best.factor == Fraction(19, 21)  # (20 − 1)/(20 + 1)
        assert best.loss_factor == Fraction(361, 441)
        assert best.measured == near(19 / 21, rel=1e-15)
        # (19/21)^t = 1/2
        halved = math.log(0.5) / math.log(19 / 21)
        assert best.steps_to_halve == near(halved, rel=1e-13)
        assert_numbers(best, Fraction)

    @pytest.mark.claims(
        "The height goes with the square of the error, and … is the square of …, "
        "exactly.",
    )
    @pytest.mark.parametrize("start", [(1, 0), (0, 0.1), (Fraction(1, 3), -7), (3, 2)])
    @pytest.mark.parametrize("num_steps", [1, 2, 30])
    def test_it_is_measured_from_every_start(self, start: Any, num_steps: int) -> None:
        """Both parts have the same size of factor, so every step is like the last."""
        best = best_rate(start, num_steps)
        assert best == best_rate()
        assert type(best.loss_factor) is Fraction

    def test_a_hundred_steps_unless_told(self) -> None:
        """One step more would measure the same; the signature says how many."""
        parameters = inspect.signature(best_rate).parameters.values()
        assert [parameter.default for parameter in parameters] == [START, 100]

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the array stays."""
        start = np.array([-5.0, -2.0])
        assert_numbers(best_rate(start), Fraction)
        assert start.tolist() == [-5, -2]

    def test_the_lowest_point_is_refused(self) -> None:
        """No step leads away from it."""
        says = "is (0, 0) but must not be the lowest point"
        with refused(ValueError, "start", says):
            best_rate((0, 0))


class TestFactorsAreMeasured:
    """In the long run only the slower part is left."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        found = measured_factors()
        assert isinstance(found, MeasuredFactors)
        assert found == measured_factors(num_steps=200)
        rates = (0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 10 / 21, 0.49, 0.5, 0.52)
        assert found.learning_rates == rates
        # 1 − α/5 and 1 − 4α
        flat = (0.99, 0.98, 0.96, 0.94, 0.92, 0.91, 19 / 21, 0.902, 0.9, 0.896)
        steep = (0.8, 0.6, 0.2, -0.2, -0.6, -0.8, -19 / 21, -0.96, -1, -1.08)
        slower = (0.99, 0.98, 0.96, 0.94, 0.92, 0.91, 19 / 21, 0.96, 1, 1.08)
        assert found.predicted == near(slower, rel=1e-15)
        # The height after t steps is 2.5·f^2t + 8·s^2t. The other part is still
        # (0.902/0.96)^398 of the slower one at 0.49, a hundred-billionth.
        for f, s, measured in zip(flat, steep, found.measured, strict=True):
            last, before = (2.5 * f ** (2 * t) + 8 * s ** (2 * t) for t in (200, 199))
            assert measured == near((last / before) ** 0.5, rel=1e-12)
        assert found.measured == near(slower, rel=1e-11)
        assert_numbers(found)

    def test_no_rate_beats_the_best(self) -> None:
        """The measured factors are least at 10/21."""
        found = measured_factors()
        assert min(found.measured) == found.measured[6]

    def test_after_one_step(self) -> None:
        """At 1/4 the height falls from 10.5 to 2.5·0.95²."""
        found = measured_factors((Fraction(1, 4),), num_steps=1)
        assert found.predicted == (Fraction(19, 20),)
        measured = 0.95 * (2.5 / 10.5) ** 0.5
        assert found.measured == near((measured,), rel=1e-15)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the array stays."""
        rates = np.array([0.1, 0.4])
        assert_numbers(measured_factors(rates))  # type: ignore[arg-type]
        assert rates.tolist() == [0.1, 0.4]

    def test_a_loss_of_zero_cannot_be_measured(self) -> None:
        """At 0.45 the height goes below the least float after some thousand steps."""
        # 2.5·0.91^(2t) < 5·10⁻³²⁴ / 2 from t = 3954 on.
        says = "is 5000 but the loss is 0 before the last step"
        with refused(ValueError, "num_steps", says):
            measured_factors((0.45,), num_steps=5000)


class TestTheLinearStepIsTakenApart:
    """The slope was almost right because two large errors cancelled."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        parts = linear_step_parts()
        assert isinstance(parts, LinearStepParts)
        assert parts.curvatures == near((FLAT_CURVATURE, STEEP_CURVATURE), rel=1e-13)
        # (33 + √865)²/(33² − 865)
        ratio = (33 + 865**0.5) ** 2 / 224
        assert parts.condition_number == near(ratio, rel=1e-13)
        assert round(parts.condition_number, 2) == 17.39
        factors = (1 - 0.1 * FLAT_CURVATURE, 1 - 0.1 * STEEP_CURVATURE)
        assert parts.factors == near(factors, rel=1e-14)
        assert parts.along == near(tuple(ALONG), rel=1e-13)
        assert parts.across == near(tuple(ACROSS), rel=1e-13)
        assert parts.best_slope == near(3 / 70, rel=1e-14)
        assert parts.best_intercept == near(21 / 20, rel=1e-14)
        lines = line_after(0.1, np.arange(201))
        assert parts.slopes == near(lines[:, 0].tolist(), abs=2.0**-48)
        assert parts.intercepts == near(lines[:, 1].tolist(), abs=2.0**-48)

    @pytest.mark.claims(
        "Descent and factors agree in every digit shown.",
        "From the best line to the start it is … along the valley and … across it.",
    )
    def test_every_part_is_what_its_factor_predicts(self) -> None:
        """The first part along an axis times a power of its factor."""
        parts = linear_step_parts()
        steps = np.arange(201)
        along = (ALONG @ -BEST) * (1 - 0.1 * FLAT_CURVATURE) ** steps
        across = (ACROSS @ -BEST) * (1 - 0.1 * STEEP_CURVATURE) ** steps
        # A part is a difference of lines near 1, whose rounding is absolute.
        for found, expected in (
            (parts.along_parts, along),
            (parts.across_parts, across),
            (parts.slope_along, along * ALONG[0]),
            (parts.slope_across, across * ACROSS[0]),
        ):
            assert found == near(expected.tolist(), abs=2.0**-48)
        # A power multiplies the rounding of a factor by its exponent.
        for found, expected in (
            (parts.predicted_along_parts, along),
            (parts.predicted_across_parts, across),
        ):
            assert found == near(expected.tolist(), rel=1e-12)

    @pytest.mark.claims(
        "After … steps the part across is down to …, while the part along still adds "
        "…, and the slope stands at its highest, ….",
    )
    def test_the_parts_add_up_to_the_slope(self) -> None:
        """At the start they cancel; at step 5 the steep one is almost gone."""
        parts = linear_step_parts()
        total = np.array(parts.slope_along) + parts.slope_across + 3 / 70
        assert parts.slopes == near(total.tolist(), abs=2.0**-48)
        assert parts.highest_slope_step == 5
        assert parts.highest_slope == parts.slopes[5]
        # The steep part is 0.5278 · 0.4799⁵ = 0.0134 below the flat one, 0.4166.
        highest = line_after(0.1, np.arange(4, 7))[:, 0]
        assert highest[1] > max(highest[0], highest[2])
        assert parts.highest_slope == near(highest[1], rel=1e-13)
        assert round(parts.slope_along[5], 3) == 0.417
        assert round(parts.slope_across[5], 3) == -0.013

    def test_fractions_are_split_as_floats(self) -> None:
        """Lines stay exact, the parts cannot."""
        inputs = (Fraction(1, 2), 2, 1)
        targets = (Fraction(4, 5), 1, Fraction(3, 2))
        parts = linear_step_parts(inputs, targets, Fraction(1, 10), num_steps=1)
        assert parts.slopes == (0, Fraction(13, 50))
        assert parts.intercepts == (0, Fraction(11, 50))
        assert (parts.best_slope, parts.best_intercept) == (
            Fraction(3, 70),
            Fraction(21, 20),
        )
        floats = linear_step_parts(num_steps=1)
        assert parts.along_parts == near(floats.along_parts, rel=1e-14)
        assert parts.across_parts == near(floats.across_parts, rel=1e-14)
        assert_numbers(parts, Fraction)

    def test_other_numbers_give_other_results(self) -> None:
        """Inputs −1 and 1: curvature diag(2, 2), so half a unit of rate arrives."""
        parts = linear_step_parts((-1, 1), (1, 5), Fraction(1, 2), num_steps=3)
        assert parts.slopes == (0, 2)
        assert parts.intercepts == (0, 3)
        assert parts.factors == (0, 0)
        assert sorted(map(abs, parts.along_parts + parts.across_parts)) == [0, 0, 2, 3]
        assert parts.predicted_along_parts == parts.along_parts

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        inputs, targets = np.array([0.5, 2.0, 1.0]), np.array([0.8, 1.0, 1.5])
        parts = linear_step_parts(inputs, targets, np.float64(0.1))
        assert_numbers(parts)
        assert parts == linear_step_parts()
        assert inputs.tolist() == [0.5, 2, 1]
        assert targets.tolist() == [0.8, 1, 1.5]


class TestStandardisedInputs:
    """Centring turns the axes upright, dividing makes them equal."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        scaled = standardised()
        assert isinstance(scaled, Standardised)
        assert scaled.mean == Fraction(7, 6)  # (1/2 + 2 + 1)/3
        # (1/4 + 4 + 1)/3 − 49/36 = 63/36 − 49/36
        assert scaled.deviation == near(math.sqrt(7 / 18), rel=1e-15)
        as_they_are, centred, unit = scaled.inputs
        assert as_they_are == (Fraction(1, 2), 2, 1)
        assert centred == (Fraction(-2, 3), Fraction(5, 6), Fraction(-1, 6))
        root = math.sqrt(7 / 18)
        expected = (-2 / 3 / root, 5 / 6 / root, -1 / 6 / root)
        assert unit == near(expected, rel=1e-15)

    def test_the_curvatures_of_the_book(self) -> None:
        """((7/2, 7/3), (7/3, 2)), then diag(7/9, 2), then diag(2, 2)."""
        scaled = standardised()
        # 2/3·21/4 = 7/2, 2/3·7/2 = 7/3, 2/3·3 = 2; then 2·7/18 = 7/9
        first = ((Fraction(7, 2), Fraction(7, 3)), (Fraction(7, 3), 2))
        assert scaled.curvatures[0] == first
        assert scaled.curvatures[1] == ((Fraction(7, 9), 0), (0, 2))
        (a, b), (c, d) = scaled.curvatures[2]
        assert (a, d) == near((2, 2), rel=1e-15)
        assert (b, c) == near((0, 0), abs=1e-15)
        ratio = (33 + 865**0.5) ** 2 / 224
        assert scaled.condition_numbers[0] == near(ratio, rel=1e-13)
        assert scaled.condition_numbers[1] == Fraction(18, 7)  # 2/(7/9)
        assert scaled.condition_numbers[2] == near(1, rel=1e-15)
        # 2 over the sum of the diagonal: 11/2, 25/9 and 4.
        assert scaled.best_rates[:2] == (Fraction(4, 11), Fraction(18, 25))
        assert scaled.best_rates[2] == near(0.5, rel=1e-15)
        # 1 − 4/11·λ₁; (18/7 − 1)/(18/7 + 1) = 11/25; 0
        slower = 1 - 4 / 11 * FLAT_CURVATURE
        assert scaled.factors[0] == near(slower, rel=1e-13)
        assert scaled.factors[1] == Fraction(11, 25)
        assert scaled.factors[2] == near(0, abs=1e-15)

    def test_the_steps_of_the_book(self) -> None:
        """190 steps, then 27, then 1."""
        scaled = standardised()
        assert scaled.num_steps == (190, 27, 1)
        # As they are: by the eigenvectors, without a descent.
        path = line_after(4 / 11, np.arange(191))
        assert np.array(scaled.paths[0]) == near(path, abs=2.0**-48)
        curvature = np.array([[7 / 2, 7 / 3], [7 / 3, 2]])
        before, after = abs((path[-2:] - BEST) @ curvature).max(axis=1)
        assert before > 1e-9 >= after
        # Centred: factors 1 − 18/25·7/9 = 0.44 and 1 − 36/25 = −0.44 towards 3/70
        # and 11/10; the steepest slope is 2.2·0.44^t.
        steps = np.arange(28)
        slopes, intercepts = 3 / 70 * (1 - 0.44**steps), 1.1 * (1 - (-0.44) ** steps)
        path = np.stack([slopes, intercepts], axis=1)
        assert np.array(scaled.paths[1]) == near(path, abs=2.0**-48)
        assert 2.2 * 0.44**26 > 1e-9 >= 2.2 * 0.44**27
        # Standardised: one step, to 3/70·s and 11/10.
        ends = ((0, 0), (3 / 70 * math.sqrt(7 / 18), 1.1))
        assert np.array(scaled.paths[2]) == near(np.array(ends), rel=1e-14)

    def test_it_is_the_same_line(self) -> None:
        """Translated back, the standardised line is y = 3/70 x + 21/20."""
        scaled = standardised()
        assert scaled.slope == near(3 / 70, rel=1e-14)
        assert scaled.intercept == near(21 / 20, rel=1e-14)
        assert scaled.best_slope == Fraction(3, 70)
        assert scaled.best_intercept == Fraction(21, 20)
        assert_numbers(scaled, Fraction)

    def test_another_unit(self) -> None:
        """Inputs four times as large have 16 times the curvature until standardised."""
        quarters = standardised((2, 8, 4))
        # 2/3·84 = 56, 2/3·14 = 28/3; centred 56 − 2·(14/3)² = 112/9, over 2 it is 56/9
        first = np.array([[56, 28 / 3], [28 / 3, 2]])
        assert np.array(quarters.curvatures[0]) == near(first, rel=1e-15)
        assert quarters.condition_numbers[1] == near(56 / 9, rel=1e-14)
        assert quarters.condition_numbers[2] == near(1, rel=1e-14)
        assert quarters.num_steps[2] == 1
        assert quarters.slope == near(3 / 280, rel=1e-13)
        assert quarters.intercept == near(21 / 20, rel=1e-13)

    def test_other_numbers_give_other_results(self) -> None:
        """Inputs 0 and 4: mean 2, deviation 2, centred curvature diag(8, 2)."""
        scaled = standardised((0, 4), (1, 9))
        assert scaled.mean == 2
        assert scaled.deviation == 2
        assert scaled.inputs == ((0, 4), (-2, 2), (-1, 1))
        # 2/2·((16, 4), (4, 2)), whose eigenvalues are 9 ∓ √65
        assert scaled.curvatures == (
            ((16, 4), (4, 2)),
            ((8, 0), (0, 2)),
            ((2, 0), (0, 2)),
        )
        ratio = (9 + 65**0.5) / (9 - 65**0.5)
        assert scaled.condition_numbers[0] == near(ratio, rel=1e-13)
        assert scaled.condition_numbers[1:] == (4, 1)
        assert scaled.best_rates == near((1 / 9, 0.2, 0.5), rel=1e-15)
        assert scaled.factors[0] == near(65**0.5 / 9, rel=1e-13)
        assert scaled.factors[1:] == (0.6, 0)  # (4 − 1)/(4 + 1)
        # The best line is y = 2x + 1: b' = 5, m' = 2·2.
        assert scaled.paths[2] == ((0, 0), (4, 5))
        assert (scaled.slope, scaled.intercept) == (2, 1)
        assert (scaled.best_slope, scaled.best_intercept) == (2, 1)

    def test_flat_and_limit_are_what_they_say(self) -> None:
        """The first slopes are −2.6 and −2.2, and each version needs its steps."""
        assert standardised(flat=3).num_steps == (0, 0, 0)
        assert standardised(limit=190).num_steps == (190, 27, 1)
        says = "is 189 but learning rate 4/11 needs more steps"
        with refused(ValueError, "limit", says):
            standardised(limit=189)
        parameters = list(inspect.signature(standardised).parameters.values())
        assert [parameter.default for parameter in parameters[2:]] == [1e-9, 10_000]

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        inputs, targets = np.array([0.5, 2.0, 1.0]), np.array([0.8, 1.0, 1.5])
        scaled = standardised(inputs, targets)
        assert_numbers(scaled)
        assert scaled.num_steps == (190, 27, 1)
        assert scaled.mean == near(7 / 6, rel=1e-15)
        assert inputs.tolist() == [0.5, 2, 1]
        assert targets.tolist() == [0.8, 1, 1.5]


@pytest.mark.parametrize("example", [valley_loss, valley_gradient, zig_zag, best_rate])
@pytest.mark.parametrize("place", [(1,), (1, 2, 3)])
def test_a_place_has_two_numbers(example: Any, place: Any) -> None:
    """Other shapes are refused."""
    name = "params" if example in {valley_loss, valley_gradient} else "start"
    says = f"has shape {np.shape(place)} but must have shape (2,)"
    with refused(ValueError, name, says):
        example(place)


@pytest.mark.parametrize("example", [linear_step_parts, standardised])
@pytest.mark.parametrize("targets", [(1,), (1, 2)])
def test_every_input_needs_one_target(example: Any, targets: Any) -> None:
    """Shapes that NumPy would broadcast are refused as well."""
    shape = np.shape(targets)
    says = f"has shape (3,) but `targets` has shape {shape}; they must be equal"
    with refused(ValueError, "inputs", says):
        example(targets=targets)
