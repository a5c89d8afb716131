"""The worked examples of the chapter on the gradient."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.descent import DivergenceError
from gdbook.examples.gradient import (
    Directions,
    ManySteps,
    TwoInputs,
    directions,
    many_steps,
    several_starts,
    two_inputs,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("30", "40", "2.5", "0.7", "1.6")


class TestError5Gradient30And40:
    """Error 5, gradient (30, 40), rate 0.01, new weights (0.7, 1.6), error 2.5."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        step = two_inputs()
        assert isinstance(step, TwoInputs)
        assert step.inputs == (3, 4)
        assert step.target == 6
        assert step.weights == (1, 2)
        assert step.prediction == 11  # 1·3 + 2·4
        assert step.error == 5  # 11 − 6
        assert step.loss == 25  # 5²
        assert step.gradient == (30, 40)  # 2·5·3, 2·5·4
        # 1 − 0.01·30, 2 − 0.01·40
        assert step.new_weights == near((0.7, 1.6), rel=1e-15)
        # 0.7·3 + 1.6·4 = 2.1 + 6.4
        assert step.new_prediction == near(8.5, rel=1e-15)
        assert step.new_error == near(2.5, rel=1e-15)  # 8.5 − 6
        assert step.new_loss == near(6.25, rel=1e-15)  # 2.5²

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions the same numbers come out without rounding."""
        step = two_inputs(learning_rate=Fraction(1, 100))
        assert step == (
            (3, 4),
            6,
            (1, 2),
            11,
            5,
            25,
            (30, 40),
            (Fraction(7, 10), Fraction(8, 5)),
            Fraction(17, 2),
            Fraction(5, 2),
            Fraction(25, 4),
        )

    def test_other_numbers_give_other_results(self) -> None:
        """Three inputs, an error of the other sign, another rate."""
        step = two_inputs(
            (0, 0, 1), (1, 2, 3), target=10, learning_rate=Fraction(1, 20)
        )
        assert step == (
            (1, 2, 3),
            10,
            (0, 0, 1),
            3,  # 0·1 + 0·2 + 1·3
            -7,  # 3 − 10
            49,
            (-14, -28, -42),  # 2·(−7)·1, 2·(−7)·2, 2·(−7)·3
            # 14/20, 28/20, 1 + 42/20
            (Fraction(7, 10), Fraction(7, 5), Fraction(31, 10)),
            Fraction(64, 5),  # 7/10 + 28/10 + 93/10
            Fraction(14, 5),  # 64/5 − 50/5
            Fraction(196, 25),
        )

    @pytest.mark.claims(
        "The input is a factor of the slope, so the slope along the second weight is "
        "… and the weight keeps its value ….",
        "A weight that carried nothing to the prediction had no part in the error, "
        "and learns nothing from this sample.",
    )
    def test_a_weight_whose_input_is_zero_stays(self) -> None:
        """The slope along the second weight is 0, and the weight keeps its value."""
        step = two_inputs(inputs=(3, 0))
        assert step.gradient == (-18, 0)  # 2·(3 − 6)·3, 2·(−3)·0
        assert step.new_weights == (1.18, 2)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out."""
        weights, inputs = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        step = two_inputs(weights, inputs, np.float64(6), np.float64(0.01))
        assert_plain(step)
        assert step == two_inputs()
        assert_plain(two_inputs(learning_rate=Fraction(1, 100)), Fraction)

    def test_what_goes_in_stays_as_it_was(self) -> None:
        """No array is changed in place."""
        weights, inputs = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        two_inputs(weights, inputs)
        many_steps(weights, inputs)
        assert weights.tolist() == [1, 2]
        assert inputs.tolist() == [3, 4]


class TestEveryStepHalvesTheError:
    """Every step halves the error."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        run = many_steps()
        assert isinstance(run, ManySteps)
        assert run.inputs == (3, 4)
        assert run.target == 6
        assert run.squared_length == 25  # 3² + 4²
        assert run.factor == 0.5  # 1 − 2·0.01·25
        halves = [0.5**step for step in range(11)]
        # An error is a difference of numbers near 6, whose rounding is absolute.
        errors = [5 * half for half in halves]
        assert run.errors == near(errors, rel=0, abs=5e-15)
        losses = [25 * half**2 for half in halves]
        assert run.losses == near(losses)
        # (0.4, 1.2) + (0.6, 0.8)/2ᵗ
        first, second = zip(*run.weights, strict=True)
        assert first == near([0.4 + 0.6 * half for half in halves], rel=1e-14)
        assert second == near([1.2 + 0.8 * half for half in halves], rel=1e-14)
        # 1 − 5/25·3, 2 − 5/25·4
        assert run.settles_at == near((0.4, 1.2), rel=1e-15)

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions every error is exactly half of the one before."""
        run = many_steps((0, 0), (Fraction(1), 2), 10, Fraction(1, 20), num_steps=2)
        assert run == (
            (1, 2),
            10,
            5,  # 1 + 4
            Fraction(1, 2),  # 1 − 2·5/20
            # 0 + 2·10·1/20, then 1 + 2·5·1/20
            ((0, 0), (1, 2), (Fraction(3, 2), 3)),
            (-10, -5, Fraction(-5, 2)),
            (100, 25, Fraction(25, 4)),
            (2, 4),  # 0 + 10/5·1, 0 + 10/5·2
        )

    def test_it_stops_where_the_gradient_is_flat(self) -> None:
        """At the rate 1/50 the factor is 0, and one step ends the error."""
        run = many_steps(learning_rate=Fraction(1, 50))
        assert run.factor == 0
        assert run.errors == (5, 0)
        assert run.weights[1:] == ((Fraction(2, 5), Fraction(6, 5)),)

    def test_flat_is_what_it_is_told(self) -> None:
        """The steepest slopes are 40, 20 and 10; 10 counts as flat."""
        run = many_steps(learning_rate=Fraction(1, 100), flat=10)
        assert len(run.weights[1:]) == 2

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out."""
        run = many_steps(np.array([1.0, 2.0]), np.array([3, 4]), np.float64(6))
        assert_plain(run)

    def test_inputs_that_are_all_zero_are_refused(self) -> None:
        """Then no weights reach the target."""
        says = "is zero but must not be: then no weights reach the target"
        with refused(ValueError, "inputs", says):
            many_steps(inputs=(0, 0))

    def test_one_input_may_be_zero(self) -> None:
        """The other one is enough."""
        assert many_steps(inputs=(3, 0)).settles_at == (2, 2)  # 1 + 3/9·3

    def test_it_diverges_beyond_the_bound(self) -> None:
        """At the rate 1 the factor is −49."""
        with pytest.raises(DivergenceError, match="learning rate 1 the loss is inf; "):
            many_steps(weights=(1.0, 2.0), learning_rate=1, num_steps=200)


class TestEachPathLeadsToTheNearestWeightsWithoutError:
    """Descents from three starts, with errors 5, −5 and 4."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        runs = several_starts()
        assert [run.weights[0] for run in runs] == [(1, 2), (-1, 1), (2, 1)]
        # 3 + 8 − 6, −3 + 4 − 6, 6 + 4 − 6
        assert [run.errors[0] for run in runs] == [5, -5, 4]
        # (1, 2) − 5/25·(3, 4), (−1, 1) + 5/25·(3, 4), (2, 1) − 4/25·(3, 4)
        ends = [(0.4, 1.2), (-0.4, 1.8), (1.52, 0.36)]
        for run, end in zip(runs, ends, strict=True):
            assert run.settles_at == near(end, rel=1e-14)
            assert len(run.weights[1:]) == 10

    def test_other_starts_give_other_runs(self) -> None:
        """One start, two steps: 5, 2.5, 1.25."""
        (run,) = several_starts(np.array([[1.0, 2.0]]), num_steps=2)
        assert run == many_steps(num_steps=2)
        assert_plain(run)

    @pytest.mark.parametrize(
        ("starts", "says"),
        [
            (((1,), (2,)), "has shape (2, 1) but must have 2 columns"),
            (((1, 2, 3),), "has shape (1, 3) but must have 2 columns"),
        ],
    )
    def test_a_start_has_two_weights(self, starts: Any, says: str) -> None:
        """Other shapes are refused."""
        with refused(ValueError, "starts", says):
            several_starts(starts)


class TestTheSlopeInEveryDirection:
    """Slope 0 along the contour, −50 straight down."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        look = directions()
        assert isinstance(look, Directions)
        assert look.gradient == (30, 40)
        assert look.length == 50  # √(900 + 1600)
        assert look.directions == ((1, 0), (0, 1), (0.8, -0.6), (-0.6, -0.8))
        # 30·1, 40·1, 30·0.8 − 40·0.6 = 24 − 24, −30·0.6 − 40·0.8 = −18 − 32
        assert look.slopes == near((30, 40, 0, -50), rel=1e-15)
        assert look.steepest == near((-0.6, -0.8), rel=1e-15)  # −30/50, −40/50

    def test_it_is_exact_on_fractions(self) -> None:
        """The slopes of exact directions are exact."""
        unit = (Fraction(3, 5), Fraction(-4, 5))
        look = directions((Fraction(3), 4), (unit,))
        assert look.gradient == (3, 4)
        assert look.length == 5  # √(9 + 16)
        assert look.directions == (unit,)
        assert look.slopes == (Fraction(-7, 5),)  # 9/5 − 16/5
        assert look.steepest == (-0.6, -0.8)

    def test_no_direction_falls_more_than_the_steepest(self) -> None:
        """Straight against the gradient the slope is minus its length."""
        gradient = (2, -3, 6)  # length √(4 + 9 + 36) = 7
        steepest = directions(gradient, ((1, 0, 0),)).steepest
        assert steepest == near((-2 / 7, 3 / 7, -6 / 7), rel=1e-15)
        assert directions(gradient, (steepest,)).slopes == near((-7,))

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        gradient, units = np.array([30.0, 40.0]), np.array([[1.0, 0.0]])
        assert_plain(directions(gradient, units))
        assert_plain(directions((3, 4), ((Fraction(3, 5), Fraction(4, 5)),)), Fraction)
        assert gradient.tolist() == [30, 40]
        assert units.tolist() == [[1, 0]]

    def test_a_direction_may_be_a_few_roundings_off(self) -> None:
        """Its squared length may miss 1 by 2⁻⁵⁰, and by no more."""
        long = Fraction(1, 2**51)  # (1 + 2⁻⁵¹)² = 1 + 2⁻⁵⁰ + 2⁻¹⁰²
        with pytest.raises(ValueError, match=r"each must have length 1$"):
            directions((1, 0), ((1 + long, 0),))
        edge = (1, Fraction(1, 2**25))  # 1² + 2⁻⁵⁰
        assert directions((1, 0), (edge,)).slopes == (1,)
        near = long - Fraction(1, 2**100)
        assert directions((1, 0), ((1 + near, 0),)).slopes == (1 + near,)
        assert directions((1, 0), ((1 - long, 0),)).slopes == (1 - long,)

    @pytest.mark.parametrize("unit", [(1, 1), (0, 0), (0.5, 0.5), (-2, 0)])
    def test_a_direction_has_length_1(self, unit: Any) -> None:
        """Longer and shorter ones are refused."""
        says = f"holds {unit} but each must have length 1"
        with refused(ValueError, "directions", says):
            directions(directions=((1, 0), unit))

    @pytest.mark.parametrize(
        ("value", "says"),
        [
            (((1,),), "has shape (1, 1) but must have 2 columns"),
            (((1, 0, 0),), "has shape (1, 3) but must have 2 columns"),
        ],
    )
    def test_directions_fit_the_gradient(self, value: Any, says: str) -> None:
        """Shapes that NumPy would broadcast are refused as well."""
        with refused(ValueError, "directions", says):
            directions(directions=value)

    def test_a_gradient_of_zero_has_no_steepest_direction(self) -> None:
        """A flat place is refused; one slope that is not zero is enough."""
        says = "is zero but must not be: then no direction is steepest"
        with refused(ValueError, "gradient", says):
            directions((0, 0))
        assert directions((0, 2)).steepest == (0, -1)


@pytest.mark.parametrize("example", [two_inputs, many_steps])
class TestWeightsThatDoNotFitTheInputs:
    """Shapes that NumPy would broadcast are refused as well."""

    @pytest.mark.parametrize("weights", [(1,), (1, 2, 3)])
    def test_lengths(self, example: Any, weights: Any) -> None:
        """Every input needs one weight."""
        says = (
            f"has shape ({len(weights)},) but `inputs` has shape (2,); "
            "they must be equal"
        )
        with refused(ValueError, "weights", says):
            example(weights=weights)
