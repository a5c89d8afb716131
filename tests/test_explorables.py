"""The data behind the interactive figures against numbers worked by hand."""

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from bad_input import NOT_POSITIVE, not_a_count, refused
from near import near

from gdbook.descent import DivergenceError
from gdbook.explorables import linear_regression_grades

F = Fraction


class TestLinearRegressionGrades:
    """Give the hours and grades, the first guess, its first steps and the best line."""

    def test_points_and_best_line(self) -> None:
        """Five pupils; 110/200·x + 1.9 is the best line, with loss 2.7/5."""
        data = linear_regression_grades()
        assert data["hours"] == [2, 4, 6, 8, 10]
        assert data["grades"] == [3, 5, 4, 6, 8]
        # Spreads −4 −2 0 2 4 of the hours: 22/40; mean grade 5.2, mean hours 6.
        assert data["best"]["slope"] == 0.55
        assert data["best"]["intercept"] == near(1.9, rel=1e-15)
        # Errors 0, −0.9, 1.2, 0.3, −0.6: (0.81 + 1.44 + 0.09 + 0.36)/5
        assert data["best"]["loss"] == near(0.54, rel=1e-15)

    @pytest.mark.parametrize("rate", [0.01, F(1, 100)])
    def test_first_step(self, rate: Any) -> None:
        """From y = x + 1, with loss 27/5, one step of rate 1/100 by hand."""
        data = linear_regression_grades(learning_rate=rate)
        assert data["learning_rate"] == 0.01
        slopes, intercepts, losses = data["steps"].values()
        # Errors 0, 0, 3, 3, 3: slopes 2/5·3·(6 + 8 + 10) = 28.8 and 2/5·9 = 3.6
        assert slopes[:2] == near([1, 0.712], rel=1e-15)
        assert intercepts[:2] == near([1, 0.964], rel=1e-15)
        # Errors −0.612, −1.188, 1.236, 0.66, 0.084; their squares add up to
        # 0.374544 + 1.411344 + 1.527696 + 0.4356 + 0.007056 = 3.75624
        assert losses[:2] == near([5.4, 0.751248], rel=1e-14)
        assert (len(slopes), len(intercepts), len(losses)) == (6, 6, 6)

    def test_bound(self) -> None:
        """The curvature [[88, 12], [12, 2]] has the eigenvalues 45 ± √1993."""
        bound = linear_regression_grades()["bound"]
        assert bound == near(2 / (45 + math.sqrt(1993)), rel=1e-14)

    def test_words(self) -> None:
        """The words have the numbers of the first guess."""
        alt = linear_regression_grades()["alt"]
        assert alt.startswith("5 grades over hours studied")
        assert alt.endswith("The line y = 1 x + 1 has mean squared error 5.4.")

    def test_sliders_reach_what_there_is_to_see(self) -> None:
        """The start, the best line and both sides of the bound lie on the sliders."""
        data = linear_regression_grades()
        sliders, best, steps = data["sliders"], data["best"], data["steps"]
        for value, name in (
            (best["slope"], "slope"),
            (steps["slopes"][0], "slope"),
            (best["intercept"], "intercept"),
            (steps["intercepts"][0], "intercept"),
            (data["learning_rate"], "learning_rate"),
        ):
            low, high, step = sliders[name]
            assert low < value < high
            assert (value - low) / step == near(round((value - low) / step))
        low, high, step = sliders["learning_rate"]
        assert low + step < data["bound"] < high - step

    def test_limits(self) -> None:
        """No line of the sliders counts as diverged, and the best one is flat."""
        data = linear_regression_grades()
        assert data["diverged"] == 540  # a hundred times the first loss
        _, slope, _ = data["sliders"]["slope"]
        _, intercept, _ = data["sliders"]["intercept"]
        pupils = list(zip(data["hours"], data["grades"], strict=True))
        steepest = sum((slope * x + intercept - y) ** 2 for x, y in pupils) / 5
        assert steepest < data["diverged"]
        assert 0 < data["flat"] < 0.01

    def test_points_are_in_the_frame(self) -> None:
        """The axes span every point, and the squares of the first guess."""
        data = linear_regression_grades()
        (left, right), (low, high) = data["axes"]["hours"], data["axes"]["grades"]
        for x, y in zip(data["hours"], data["grades"], strict=True):
            error = x + 1 - y
            assert left < x <= x + error <= right
            assert low < y <= y + error <= high

    @pytest.mark.parametrize("rate", [0.01, F(1, 100)])
    def test_it_goes_through_json(self, rate: Any) -> None:
        """The data survive being written and read, also those made of fractions."""
        data = linear_regression_grades(learning_rate=rate)
        assert json.loads(json.dumps(data)) == data

    @pytest.mark.parametrize("num_steps", [0, 1, 7])
    def test_number_of_steps(self, num_steps: int) -> None:
        """The start is given besides the steps."""
        steps = linear_regression_grades(num_steps=num_steps)["steps"]
        assert len(steps["losses"]) == num_steps + 1

    def test_divergence(self) -> None:
        """A rate far above the bound leaves the finite numbers."""
        with pytest.raises(DivergenceError):
            linear_regression_grades(learning_rate=10, num_steps=200)

    @pytest.mark.parametrize(("value", "error", "says"), NOT_POSITIVE)
    def test_bad_learning_rates(
        self, value: Any, error: type[Exception], says: str
    ) -> None:
        """A learning rate is a positive finite number."""
        with refused(error, "learning_rate", says):
            linear_regression_grades(learning_rate=value)

    @pytest.mark.parametrize(("value", "error", "says"), not_a_count(0))
    def test_bad_numbers_of_steps(
        self, value: Any, error: type[Exception], says: str
    ) -> None:
        """A number of steps is a whole number, zero or more."""
        with refused(error, "num_steps", says):
            linear_regression_grades(num_steps=value)
