"""The figures of the chapter `loss_functions` show their traces."""

from typing import Any

from bad_input import refused
from drawings import ROUNDED, Contract, Kind, pictures
from matplotlib.patches import Rectangle
from near import near

from gdbook.examples import loss_functions
from gdbook.plotting import Figure
from gdbook.plotting import loss_functions as draw

KINDS = [
    Kind(
        draw.error_squares,
        loss_functions.squared_error_table,
        ("sides 10, 5 and 5", "areas 100, 25 and 25", "total is 150", "mean 50"),
    ),
    Kind(
        draw.loss_contours,
        loss_functions.two_weight_losses,
        ("(2, 1) with loss 0", "(0, 0) with loss 4.67"),
        marks=((0, 0), (1, 1), (3, 0), (2, 1)),
    ),
    Kind(
        draw.loss_surface,
        loss_functions.two_weight_losses,
        ("(2, 1) with loss 0", "(0, 0) with loss 4.67"),
        options={"projection": "3d"},
    ),
    Kind(
        draw.predictions_against_targets,
        loss_functions.squared_error_table,
        ("10 for target 20 is 10 below", "8 for target 3 is 5 above", "6 for target 1"),
        marks=((20, 10), (3, 8), (1, 6)),
    ),
    Kind(
        draw.two_ways_to_miss,
        loss_functions.one_answer,
        ("mean, 12, where it is 362", "median, 3, where it is 10.2"),
        marks=((12, 1), (3, 1)),
        notes=(("mean 12", (12, 1)), ("median 3", (3, 1))),
    ),
]

drawn, _ = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestShapes:
    """What is drawn without markers lies where the numbers are, too."""

    def test_error_squares(self) -> None:
        """Each squared error is a square whose side is the error."""
        patches = drawn("error_squares").axes[0].patches
        sides = [
            (patch.get_width(), patch.get_height())
            for patch in patches
            if isinstance(patch, Rectangle)
        ]
        assert sorted(set(sides)) == [(5, 5), (10, 10)]
        assert len(sides) == 6  # a face and an edge for each

    def test_surface(self) -> None:
        """The tried settings lie on the surface."""
        lines: Any = drawn("loss_surface").axes[0].lines
        places = [float(x[0]) for line in lines for x in line.get_data_3d()]
        # Three errors of 2, 1, 3: 14/3; of 1, 0, 1 and of −1, 1, 0: 2/3.
        expected = [0, 0, 14 / 3, 1, 1, 2 / 3, 3, 0, 2 / 3, 2, 1, 0]
        assert places == near(expected, rel=ROUNDED)


class TestSurfaceAxes:
    """A surface needs axes of three dimensions."""

    def test_flat_axes(self) -> None:
        """Axes of two dimensions are refused."""
        ax = Figure().add_subplot()
        with refused(TypeError, "ax", f"is {ax!r} but must be 3d axes"):
            draw.loss_surface(loss_functions.two_weight_losses(), ax)
