"""The worked examples of the chapter on fitting a line."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near

from gdbook.descent import FLAT, OUT_OF_STEPS, DivergenceError
from gdbook.examples.linear_regression import (
    hours_and_grades,
    linear_step,
    linear_steps,
    solve_line,
    two_curvatures,
    two_speeds,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("−2.6", "−2.2", "0.26", "0.22", "389/300", "2621/6000", "0.37767", "0.33533"),
    *("0.42724", "0.40014", "0.44434", "0.44043", "76903/180000", "36013/90000"),
    *("3/70", "21/20", "17.39", "0.55", "1.9", "0.54", "5.4", "5.75"),
    *("7/2", "7/3", "13/5", "11/5", "11/2", "14/9", "5.2009", "0.2991", "4/11"),
)

F = Fraction
TENTH = F(1, 10)
INPUTS = (F(1, 2), F(2), F(1))
TARGETS = (F(4, 5), F(1), F(3, 2))
EXACT: dict[str, Any] = {
    "inputs": INPUTS,
    "targets": TARGETS,
    "learning_rate": TENTH,
}


class TestTheBestLineByAlgebra:
    """7/2 m + 7/3 b = 13/5 and 7/3 m + 2 b = 11/5 have the solution 3/70, 21/20."""

    def test_every_number_of_the_book(self) -> None:
        """Worked by hand."""
        solved = solve_line()
        # 2/3·(1/4 + 4 + 1) = 7/2; 2/3·(1/2 + 2 + 1) = 7/3
        assert solved.matrix == ((F(7, 2), F(7, 3)), (F(7, 3), 2))
        # 2/3·(2/5 + 2 + 3/2) = 13/5; 2/3·(4/5 + 1 + 3/2) = 11/5
        assert solved.right_sides == (F(13, 5), F(11, 5))
        # 7/2 − 7/6·7/3 = 63/18 − 49/18 = 7/9; 13/5 − 7/6·11/5 = 78/30 − 77/30
        assert (solved.multiplier, solved.left) == (F(7, 6), F(7, 9))
        assert (solved.right, solved.slope) == (F(1, 30), F(3, 70))
        assert solved.intercept == F(21, 20)  # (11/5 − 7/3·3/70)/2 = (2.2 − 0.1)/2

    def test_on_floats(self) -> None:
        """The line through three points of a line: y = 2x − 1."""
        solved = solve_line([0.0, 1.0, 3.0], [-1.0, 1.0, 5.0])
        assert (solved.slope, solved.intercept) == near((2, -1), rel=1e-14)

    def test_what_does_not_fit_is_refused(self) -> None:
        """Other shapes, and inputs that rounding makes one."""
        says = "has shape (3,) but `targets` has shape (2,); they must be equal"
        with refused(ValueError, "inputs", says):
            solve_line((1, 2, 3), (1, 2))
        says = "holds 1.0 but must hold numbers farther apart: rounding makes them one"
        with refused(ValueError, "inputs", says):
            solve_line((1.0, 1 + 2.0**-52), (1, 2))
        with refused(ValueError, "inputs", says):
            two_curvatures((1.0, 1 + 2.0**-52))
        apart = two_curvatures((F(1), 1 + F(1, 2**52)))
        assert apart.determinant == F(1, 2**104)  # 4 · (2⁻⁵³)²


class TestTheCurvaturesByHand:
    """Their sum is 11/2, their product 14/9, and so they are 0.2991 and 5.2009."""

    def test_every_number_of_the_book(self) -> None:
        """Worked by hand."""
        found = two_curvatures()
        assert found.matrix == solve_line().matrix
        assert found.diagonal == F(11, 2)  # 7/2 + 2
        assert found.determinant == F(14, 9)  # 7 − 49/9
        assert found.under_root == F(865, 144)  # 121/16 − 14/9 = (1089 − 224)/144
        # (33 ± √865)/12
        root = math.sqrt(865) / 12
        assert found.curvatures == near((11 / 4 - root, 11 / 4 + root), rel=1e-14)
        assert [round(one, 4) for one in found.curvatures] == [0.2991, 5.2009]
        assert found.safe_rate == F(4, 11)
        assert found.bound == near(2 / (11 / 4 + root), rel=1e-15)

    def test_they_are_those_of_the_valley(self) -> None:
        """The same as by NumPy's eigenvalues, far from zero too."""
        for inputs in (INPUTS, (-1, 1), (10.5, 12.0, 11.0), (F(1, 3), 5, -2, 7)):
            expected = two_speeds(inputs, learning_rate=1e-6).curvatures
            assert two_curvatures(inputs).curvatures == near(expected, rel=1e-11)


class TestTheLinearStep:
    """Loss 389/300, gradient (−2.6, −2.2), rate 0.1, m = 0.26, b = 0.22, 2621/6000."""

    def test_it_is_exact_on_fractions(self) -> None:
        """Every number of the first step, worked by hand."""
        step = linear_step(**EXACT)
        assert step.predictions == (0, 0, 0)
        assert step.errors == (F(-4, 5), -1, F(-3, 2))
        assert step.loss == F(389, 300)  # (64 + 100 + 225)/300
        # 2/3·(−4/5·1/2 − 1·2 − 3/2·1) = 2/3·(−39/10)
        assert step.slope_gradient == F(-13, 5)
        assert step.intercept_gradient == F(-11, 5)  # 2/3·(−33/10)
        assert (step.new_slope, step.new_intercept) == (F(13, 50), F(11, 50))
        # errors after: 0.13 + 0.22 − 0.8 = −9/20, 0.52 + 0.22 − 1 = −13/50,
        # 0.26 + 0.22 − 1.5 = −51/50; (0.2025 + 0.0676 + 1.0404)/3 = 2621/6000
        assert step.new_loss == F(2621, 6000)

    def test_floats_follow_within_a_few_roundings(self) -> None:
        """The defaults give the numbers of the page."""
        step = linear_step()
        assert step.predictions == (0, 0, 0)
        assert step.errors == (-0.8, -1, -1.5)
        assert step.slope_gradient == near(-2.6, rel=4e-16)
        assert step.intercept_gradient == near(-2.2, rel=4e-16)
        assert step.new_slope == near(0.26, rel=4e-16)
        assert step.new_intercept == near(0.22, rel=4e-16)
        assert step.loss == near(389 / 300, rel=4e-16)
        assert step.new_loss == near(2621 / 6000, rel=1e-15)
        assert {type(value) for value in step[2:]} == {float}

    def test_start_and_rate_are_used(self) -> None:
        """From the line y = x + 1 with rate 1/2, on two points."""
        step = linear_step((1, 3), (2, 2), slope=1, intercept=1, learning_rate=F(1, 2))
        # predictions 2, 4; errors 0, 2; loss 2; gradient (2·3, 2); step −(3, 1)
        assert step[:5] == ((2, 4), (0, 2), 2, 6, 2)
        assert step[5:] == (-2, 0, 40)  # predictions −2, −6; (16 + 64)/2 = 40

    @pytest.mark.parametrize("name", ["inputs", "targets"])
    def test_arrays_are_left_as_they_are(self, name: str) -> None:
        """An array that goes in is not changed."""
        array = np.array([0.5, 2.0, 1.0])
        arguments: dict[str, Any] = {name: array}
        linear_step(**arguments)
        assert array.tolist() == [0.5, 2.0, 1.0]


class TestTheNextSteps:
    """0.37767, 0.33533; 0.42724, 0.40014; 0.44434, 0.44043."""

    @pytest.mark.claims(
        "The same function, given fractions, answers in fractions:",
    )
    def test_three_steps_are_exact_on_fractions(self) -> None:
        """The third step in all is (76903/180000, 36013/90000)."""
        steps = linear_steps(**EXACT, num_steps=3)
        assert steps.slopes == (0, F(13, 50), F(1133, 3000), F(76903, 180000))
        assert steps.intercepts == (0, F(11, 50), F(503, 1500), F(36013, 90000))
        assert (steps.new_slope, steps.new_intercept) == (
            F(76903, 180000),
            F(36013, 90000),
        )
        assert steps.losses[:2] == (F(389, 300), F(2621, 6000))
        assert steps.new_loss == steps.losses[3]
        assert (steps.inputs, steps.targets) == (INPUTS, TARGETS)

    def test_printed_digits(self) -> None:
        """The defaults give four steps with the digits of the page."""
        steps = linear_steps()
        assert [f"{slope:.5f}" for slope in steps.slopes[1:]] == (
            ["0.26000", "0.37767", "0.42724", "0.44434"]
        )
        assert [f"{intercept:.5f}" for intercept in steps.intercepts[1:]] == (
            ["0.22000", "0.33533", "0.40014", "0.44043"]
        )
        assert (steps.num_steps, steps.stopped) == (4, OUT_OF_STEPS)

    def test_every_step_is_a_linear_step(self) -> None:
        """Each step is the one of `linear_step`, from where the last one ended."""
        steps = linear_steps(**EXACT, slope=F(1, 3), intercept=-2, num_steps=5)
        line: tuple[Any, Any] = (F(1, 3), F(-2))
        for k in range(5):
            step = linear_step(**EXACT, slope=line[0], intercept=line[1])
            line = (step.new_slope, step.new_intercept)
            assert (steps.slopes[k + 1], steps.intercepts[k + 1]) == line
            assert steps.losses[k + 1] == step.new_loss


class TestWhereItEnds:
    """m = 3/70, b = 21/20, so m climbs past 0.44 and comes all the way back."""

    @pytest.mark.claims(
        "One step takes the loss from … to …, where the best line has ….",
    )
    def test_best_line_is_exact(self) -> None:
        """The best line and its loss, by the normal equations."""
        steps = linear_steps(**EXACT, num_steps=0)
        # mean point (7/6, 11/10); Sxy = 1/20, Sxx = 7/6; m = 3/70; b = 11/10 − 1/20
        assert (steps.best_slope, steps.best_intercept) == (F(3, 70), F(21, 20))
        # Syy − m·Sxy = 13/50 − 3/70·1/20 = 361/1400; over 3
        assert steps.best_loss == F(361, 4200)

    def test_slope_climbs_and_comes_back(self) -> None:
        """The highest slope is at step 5, above 0.44, and the end is the best line."""
        run = linear_steps(num_steps=1000, flat=1e-6)
        assert run.stopped == FLAT
        assert run.highest_slope == max(run.slopes) == run.slopes[5]
        assert run.highest_slope_step == 5
        assert run.highest_slope > 0.446
        # a gradient of at most 1e-6 each way is at most sqrt(2)e-6/λmin = 4.8e-6 away
        assert run.new_slope == near(3 / 70, abs=4.8e-6)
        assert run.new_intercept == near(21 / 20, abs=4.8e-6)
        assert all(a > b for a, b in pairwise(run.slopes[5:]))

    def test_divergence_is_an_error(self) -> None:
        """Above the bound descent diverges, in the end by an error."""
        with pytest.raises(DivergenceError, match="with learning rate 1"):
            linear_steps(learning_rate=1, num_steps=1000)


class TestTwoSpeeds:
    """Condition number 17.39."""

    def test_curvatures_solve_their_equation(self) -> None:
        """H has trace 11/2 and determinant 14/9: λ = (11/2 ± sqrt(865/36))/2."""
        flat, steep = two_speeds().curvatures
        # (11/2)² − 4·14/9 = 1089/36 − 224/36 = 865/36
        root = math.sqrt(865 / 36)
        assert flat == near((5.5 - root) / 2, rel=1e-14)
        assert steep == near((5.5 + root) / 2, rel=1e-15)
        assert two_speeds().condition_number == near(17.389, abs=0.0005)

    def test_factors_and_halving(self) -> None:
        """Each factor is 1 − αλ, and halving takes ln(1/2)/ln(factor) steps."""
        speeds = two_speeds()
        root = math.sqrt(865 / 36)
        slow, fast = 1 - (5.5 - root) / 20, 1 - (5.5 + root) / 20
        assert speeds.factors == near((slow, fast), rel=1e-14)
        assert speeds.steps_to_halve == near(
            (math.log(0.5) / math.log(slow), math.log(0.5) / math.log(fast)), rel=1e-12
        )

    def test_negative_factor_halves_by_its_size(self) -> None:
        """Above 1/λ the steep factor is negative, and its size counts."""
        speeds = two_speeds(learning_rate=0.3)
        root = math.sqrt(865 / 36)
        fast = 1 - 0.15 * (5.5 + root)
        assert fast < 0
        assert speeds.factors[1] == near(fast, rel=1e-14)
        assert speeds.steps_to_halve[1] == near(
            math.log(0.5) / math.log(-fast), rel=1e-12
        )

    def test_directions(self) -> None:
        """Along the floor the slope falls while the intercept grows."""
        speeds = two_speeds()
        # (H − λI) v = 0 gives v ∝ (λ − 2, 7/3) with H = ((7/2, 7/3), (7/3, 2))
        root = math.sqrt(865 / 36)
        flat = (5.5 - root) / 2
        length = math.hypot(flat - 2, 7 / 3)
        along = ((flat - 2) / length, 7 / 3 / length)
        assert speeds.along == near(along, rel=1e-13)
        assert speeds.across == near((along[1], -along[0]), rel=1e-13)

    def test_directions_left_of_zero(self) -> None:
        """With negative inputs the floor runs the other way, and the names hold."""
        mirrored = two_speeds((-0.5, -2.0, -1.0))
        speeds = two_speeds()
        # H turns its off-diagonal sign, so each direction turns one component.
        assert mirrored.along == near((-speeds.along[0], speeds.along[1]), rel=1e-13)
        assert mirrored.across == near((speeds.across[0], -speeds.across[1]), rel=1e-13)

    def test_directions_of_centred_inputs(self) -> None:
        """Inputs with mean 0 have the axes of slope and intercept, at full length."""
        # ∓1/2 give diag(1/2, 2), where the slope is flat; ∓2 give diag(8, 2).
        level = two_speeds((-0.5, 0.5))
        assert (level.along, level.across) == ((1, 0), (0, 1))
        upright = two_speeds((-2, 2))
        assert (upright.along, upright.across) == ((0, 1), (1, 0))

    def test_a_factor_of_zero_halves_in_no_time(self) -> None:
        """At the rate 1/2 the curvature 2 leaves nothing, and 1/2 leaves 3/4."""
        speeds = two_speeds((-0.5, 0.5), learning_rate=0.5)
        assert speeds.factors == (0.75, 0)
        halved = math.log(0.5) / math.log(0.75)
        assert speeds.steps_to_halve == near((halved, 0), rel=1e-14)

    def test_fractions_give_the_same_floats(self) -> None:
        """Eigenvalues are irrational, so fractions go in and floats come out."""
        assert two_speeds(INPUTS, TENTH) == two_speeds()
        assert {type(x) for pair in two_speeds(INPUTS)[2:] for x in pair} == {float}

    def test_rates_from_the_bound_on_are_refused(self) -> None:
        """At 2/λmax and above nothing shrinks."""
        bound = 2 / two_speeds().curvatures[1]
        with pytest.raises(
            ValueError, match=r"^`learning_rate` is .* but must be less than"
        ):
            two_speeds(learning_rate=bound)
        assert two_speeds(learning_rate=bound * 0.999).factors[1] > -1


class TestHoursAndGrades:
    """w = 0.55, b = 1.9, MSE 0.54 (5.4 at y = x + 1), 7 hours give 5.75."""

    @pytest.mark.claims(
        "It passes through the first two pupils exactly and lies … grades too high "
        "for each of the others.",
        "The guess costs …, the best line ….",
        "The best line has slope … and intercept …: it adds … grades for an hour, and "
        "gives … to a pupil who did not study.",
    )
    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        trace = hours_and_grades()
        assert trace.hours == (2, 4, 6, 8, 10)
        assert trace.grades == (3, 5, 4, 6, 8)
        assert (trace.slope, trace.intercept, trace.new_hours) == (1, 1, 7)
        # predictions 3, 5, 7, 9, 11
        assert trace.errors == (0, 0, 3, 3, 3)
        assert trace.loss == 5.4  # 27/5
        # Sxy = 22, Sxx = 40; m = 11/20; b = 26/5 − 6·11/20
        assert trace.new_slope == near(0.55, rel=4e-16)
        assert trace.new_intercept == near(1.9, rel=4e-16)
        # Syy − m·Sxy = 74/5 − 121/10 = 27/10; over 5
        assert trace.new_loss == near(0.54, rel=1e-15)
        assert trace.prediction == near(5.75, rel=4e-16)

    def test_it_is_exact_on_fractions(self) -> None:
        """Fractions give 11/20, 19/10, 27/50 and 23/4."""
        hours = [F(h) for h in (2, 4, 6, 8, 10)]
        grades = [F(g) for g in (3, 5, 4, 6, 8)]
        trace = hours_and_grades(hours, grades)
        assert trace[4:] == (
            (0, 0, 3, 3, 3),
            F(27, 5),
            F(11, 20),
            F(19, 10),
            F(27, 50),
            7,
            F(23, 4),
        )

    def test_other_pupils(self) -> None:
        """Two pupils lie on their line, and the guess is used."""
        trace = hours_and_grades((0, 2), (1, 5), slope=2, intercept=3, new_hours=10)
        # guess 3, 7: errors 2, 2; loss 4; best line 2x + 1; 2·10 + 1 = 21
        assert trace[4:] == ((2, 2), 4, 2, 1, 0, 10, 21)

    def test_shapes_must_be_equal(self) -> None:
        """Four grades for five pupils are refused, by their own names."""
        with refused(
            ValueError,
            "hours",
            "has shape (5,) but `grades` has shape (4,); they must be equal",
        ):
            hours_and_grades(grades=(1, 2, 3, 4))


@pytest.mark.parametrize("function", [linear_step, linear_steps])
@pytest.mark.parametrize("targets", [(1, 2), (1,)])
def test_shapes_must_be_equal(function: Any, targets: Any) -> None:
    """Nothing is broadcast."""
    says = f"has shape (3,) but `targets` has shape {np.shape(targets)}"
    with refused(ValueError, "inputs", f"{says}; they must be equal"):
        function(targets=targets)
