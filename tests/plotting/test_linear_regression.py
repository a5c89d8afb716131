"""The figures of the chapter `linear_regression` show their traces."""

from fractions import Fraction

import pytest
from drawings import ROUNDED, Contract, Kind, pictures
from matplotlib.patches import Rectangle
from near import near

from gdbook.examples import linear_regression
from gdbook.plotting import linear_regression as draw

KINDS = [
    Kind(
        draw.flat_lines,
        lambda: linear_regression.linear_steps(num_steps=2),
        ("cross at (0.0429, 1.05)", "from (0, 0)", "after 2 steps"),
        marks=((0, 0), (0.26, 0.22), (3 / 70, 21 / 20)),
        notes=(("best: (0.0429, 1.05)", (3 / 70, 21 / 20)),),
    ),
    Kind(
        draw.grades,
        linear_regression.hours_and_grades,
        ("1 x + 1", "5.4", "0.55 x + 1.9", "0.54", "grade 5.75 for 7 hours"),
        marks=((2, 3), (4, 5), (6, 4), (8, 6), (10, 8), (7, 5.75)),
        # 0.55 · 7 + 1.9, and the first guess 6 + 1.
        notes=(("7 hours: 5.75", (7, 5.75)), ("first guess, MSE 5.4", (6, 7))),
    ),
    Kind(
        draw.lines,
        lambda: linear_regression.linear_steps(num_steps=1),
        ("(0.5, 0.8), (2, 1) and (1, 1.5)", "1.3", "0.26 x + 0.22", "0.0429 x + 1.05"),
        marks=((0.5, 0.8), (2, 1), (1, 1.5)),
        # At 2.4: 0.26 · 2.4 + 0.22 and 3/70 · 2.4 + 21/20.
        notes=(
            ("start", (2.4, 0)),
            ("after 1 step", (2.4, 0.844)),
            ("best", (2.4, 3 / 70 * 2.4 + 1.05)),
        ),
    ),
    Kind(
        draw.slope_and_intercept,
        lambda: linear_regression.linear_steps(num_steps=1),
        (
            "over 1 step",
            "highest at step 1, 0.26",
            "0.22",
            "slope 0.0429 and intercept 1.05",
        ),
        marks=((1, 0.26),),
        notes=(
            ("slope m", (1, 0.26)),
            ("intercept b", (1, 0.22)),
            ("0.26 at step 1", (1, 0.26)),
        ),
    ),
    Kind(
        draw.valley,
        lambda: linear_regression.linear_steps(num_steps=2),
        ("starts at (0, 0)", "after 2 steps", "(0.0429, 1.05)"),
        # The second step is worked in the chapter: 0.1 · (−353/300, −173/150).
        marks=((0, 0), (0.26, 0.22), (3 / 70, 21 / 20)),
        notes=(("start", (0, 0)), ("best: (0.0429, 1.05)", (3 / 70, 21 / 20))),
    ),
]

drawn, _ = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestShapes:
    """What is drawn without markers lies where the numbers are, too."""

    @pytest.mark.claims(
        "Grades over hours, the first guess in grey and the best line in green.",
        "Each blue square has the error of the best line as its side, so its area is "
        "the squared error; the mean of these areas is ….",
    )
    def test_grades(self) -> None:
        """Each error of the best line is the side of a square."""
        patches = drawn("grades").axes[0].patches
        # 0.55 x + 1.9 minus the grade, at 2, 4, 6, 8 and 10 hours.
        errors = [0, -0.9, 1.2, 0.3, -0.6]
        sides = [p.get_height() for p in patches if isinstance(p, Rectangle)]
        assert sides == near(errors, abs=ROUNDED)

    def test_fractions(self) -> None:
        """A trace of fractions is drawn like one of floats."""
        trace = linear_regression.linear_steps(
            inputs=(Fraction(1, 2), 2, 1),
            targets=(Fraction(4, 5), 1, Fraction(3, 2)),
            learning_rate=Fraction(1, 10),
            num_steps=2,
        )
        assert draw.valley(trace).alt == drawn("valley").alt
