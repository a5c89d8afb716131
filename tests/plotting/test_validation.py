"""The figures of the chapter `validation` show their traces."""

import math

import numpy as np
from drawings import Contract, Kind, pictures, texts
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from gdbook.examples import validation
from gdbook.plotting import _base
from gdbook.plotting import validation as draw
from gdbook.splits import Split, folds

KINDS = [
    Kind(
        draw.fold_grid,
        lambda: folds(7, 3),
        ("3 rows", "7 columns", "hold out 3, 2 and 2 samples, every sample once"),
    ),
    Kind(
        draw.fold_scores,
        lambda: validation.Deals(
            ((0.5, 1), (0.75, 0.875)),
            *((0.75, 0.8125), 0.78125, 0.5, 1, 0.2, 0.03, 0.1, 0.05, 4, 8, 800),
        ),
        ("4 networks in 2 deals of 2 folds", "0.5 to 1", "from 0.75 to 0.812"),
        marks=((1, 0.5), (1, 1), (2, 0.75), (2, 0.875), (1, 0.75), (2, 0.8125)),
    ),
    Kind(
        draw.leaked_scores,
        lambda: validation.LeakedChoice(
            *(100, 2000, 20, 0.1, 20, (0.9, 0.8), (0.5, 0.625), 0.85, 0.5625)
        ),
        ("for 2 draws", "all samples it lies from 0.8 to 0.9", "from 0.5 to 0.625"),
        marks=((1, 0.9), (2, 0.8), (1, 0.5), (2, 0.625)),
    ),
    Kind(
        draw.nearest_digits,
        lambda: validation.nearest_pictures(1, 1),
        ("2 held-out digits", "a 2 answered with 2 and a 2 answered with 3."),
    ),
    Kind(
        draw.rare_shares,
        validation.class_shares,
        ("20 malignant tumours each of 10 folds", "2, 2, 2, 2, 2, 2, 2, 2, 2 and 2 st"),
    ),
    Kind(
        draw.score_spread,
        lambda: validation.HeldOutSizes(
            *(10, 1000, 0.75, (10, 100), (0.25, 0.0625), (0.25, 0.0625)),
            *((0.25, 0.5), (1, 0.875)),
        ),
        (
            *("10 to 100 held-out", "around 0.75 on all 1000", "from 0.25 to 0.5"),
            *("falls from 1 to 0.875", "shrink from 0.5 to 0.125"),
        ),
        marks=((10, 1), (100, 0.875), (10, 0.25), (100, 0.5)),
        notes=(("highest", (100, 0.875)), ("lowest", (100, 0.5))),
    ),
    Kind(
        draw.score_staircase,
        lambda: validation.accuracy_and_loss((0,), (1,), (-1, 0, 1), bias=0),
        # ln(1 + e^−1), slopes −1/2 and from 0 to 1 over half a unit.
        (
            *("from −1 to 1", "least, 0.313, at the bias 1", "between 0 and 1"),
            *("and 1 where the loss", "At the bias 0", "−0.5 and the accuracy slope 2"),
        ),
        marks=((1, math.log(1 + math.exp(-1))), (1, 1)),
        notes=(
            ("least loss 0.313", (1, math.log(1 + math.exp(-1)))),
            ("accuracy 1", (1, 1)),
        ),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestShapes:
    """What is drawn without markers lies where the numbers are, too."""

    def test_fold_grid(self) -> None:
        """The samples that a row holds out are marked."""
        split = Split(np.array([0, 3]), np.array([1, 2]))
        figure = draw.fold_grid((split, split))
        marked = [
            (int(p.get_x()), int(-p.get_y()))
            for p in figure.axes[0].patches
            if isinstance(p, Rectangle) and p.get_facecolor() == to_rgba(_base.RED)
        ]
        assert marked == [(1, 0), (2, 0), (1, 1), (2, 1)]
        assert len(figure.axes[0].patches) == 8
        assert figure.alt.endswith("2 and 2 samples, some more often than others.")

    def test_score_staircase(self) -> None:
        """A dotted line stands at the bias whose slopes are told."""
        lines = drawn("score_staircase").axes[0].lines
        dotted = [line for line in lines if line.get_linestyle() == ":"]
        assert [np.asarray(line.get_xdata()).tolist() for line in dotted] == [[0, 0]]

    def test_rare_shares(self) -> None:
        """Two bars for each fold, as high as its count, and a word where it is zero."""
        trace = validation.class_shares()
        figure = drawn("rare_shares")
        heights = [
            patch.get_height()
            for patch in figure.axes[0].patches
            if isinstance(patch, Rectangle)
        ]
        assert heights == [*trace.shuffled, *trace.stratified]
        assert texts(figure) == ["0"] * trace.without

    def test_nearest_digits(self) -> None:
        """Each picture has its class beside it, in the colour of the verdict."""
        figure = drawn("nearest_digits")
        colors = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
        assert texts(figure)[:4] == ["2", "2", "2", "3"]
        assert colors["3"] == _base.RED
        assert len(figure.axes[0].images) == 4
        # White is 1 and ink is 0.
        first = validation.nearest_pictures(1, 1).asked[0]
        shown = np.asarray(figure.axes[0].images[0].get_array())
        assert np.array_equal(1 - shown, np.array(first))
