"""The figures of the chapter `many_weights` show their traces."""

from typing import Any

import numpy as np
import pytest
from drawings import Contract, Kind, pictures, texts
from matplotlib.text import Annotation
from near import near

from gdbook.examples import many_weights
from gdbook.plotting import many_weights as draw

KINDS = [
    Kind(
        draw.matrix_shapes,
        many_weights.batch_gradient,
        ("2 rows and 3 columns", "3 rows and 1 column", "2 rows and 1 column"),
    ),
    Kind(
        draw.broadcast_errors,
        many_weights.silent_broadcast,
        ("3 rows and 3 columns", "true errors 5, 1 and −2", "other 6 cells"),
    ),
    Kind(
        draw.flatness,
        lambda: many_weights.until_flat(num_steps=4),
        ("over 4 steps", "from 10 to", "from 12 to"),
    ),
    Kind(
        draw.sample_arrows,
        many_weights.sample_gradients,
        ("(30, 40), (2, 4) and (−8, −8)", "mean (8, 12)"),
    ),
]

drawn, _ = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestShapes:
    """What is drawn without markers lies where the numbers are, too."""

    def test_sample_arrows(self) -> None:
        """Every gradient is an arrow from the axis, their mean is one, too."""
        arrows = [
            text
            for text in drawn("sample_arrows").axes[0].texts
            if isinstance(text, Annotation)
        ]
        starts: Any = np.array([arrow.xyann for arrow in arrows])
        ends: Any = np.array([arrow.xy for arrow in arrows])
        assert (starts[:, 1] == 0).all()
        moved = ends - starts
        assert moved == near(np.array([(30, 40), (2, 4), (-8, -8), (8, 12)]), abs=1e-12)
        # None reaches into the place of the next.
        rights = np.maximum(starts[:, 0], ends[:, 0])
        lefts = np.minimum(starts[:, 0], ends[:, 0])
        assert np.max(rights[:-1] - lefts[1:]) < 0

    def test_broadcast_errors(self) -> None:
        """The diagonal of the grid holds the true errors."""
        figure = drawn("broadcast_errors")
        places = {
            text.get_position(): text.get_text()
            for text in figure.axes[0].texts
            if text.get_text().strip("−").isdigit()
        }
        # Predictions 11, 5, 6 and targets 6, 4, 8; row 0 is the uppermost.
        assert [places[0.5 + i, 2.5 - i] for i in range(3)] == ["5", "1", "−2"]
        assert len(places) == 9

    def test_flatness(self) -> None:
        """The loss and the slope start at 10 and 12."""
        loss, slope = drawn("flatness").axes[0].lines
        # Errors 5, 1, −2: 30/3; the gradient (8, 12) is worked in the chapter.
        assert np.asarray(loss.get_ydata())[0] == 10
        assert np.asarray(slope.get_ydata())[0] == 12


class TestMatrixShapes:
    """Draw the shapes of the batch gradient's product."""

    @pytest.mark.parametrize(
        ("trace", "shapes", "cells", "says"),
        [
            # 2 · 3, 3 · 1 and 2 · 1 cells.
            (
                many_weights.batch_gradient(),
                ["(2, 3)", "(3, 1)", "(2, 1)"],
                11,
                "2 rows and 3 columns, times the errors with 3 rows and 1",
            ),
            # 1 · 2, 2 · 4 and 1 · 4 cells.
            (
                many_weights.several_outputs(
                    ((1,), (2,)), ((1, 2, 3, 4),), ((1, 1, 1, 1), (2, 2, 2, 2))
                ),
                ["(1, 2)", "(2, 4)", "(1, 4)"],
                14,
                "gives the gradient with 1 row and 4 columns.",
            ),
        ],
    )
    def test_cells(
        self,
        trace: many_weights.BatchGradient,
        shapes: list[str],
        cells: int,
        says: str,
    ) -> None:
        """Each matrix has its cells, and its shape below it."""
        figure = draw.matrix_shapes(trace)
        assert says in figure.alt
        assert len(figure.axes[0].patches) == 2 * cells  # a face and an edge for each
        assert texts(figure)[1::3] == shapes
