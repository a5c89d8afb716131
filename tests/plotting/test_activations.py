"""The figures of the chapter `activations` show their traces."""

import numpy as np
from drawings import ROUNDED, Contract, Kind, first_places, pictures, texts
from near import near

from gdbook.examples import activations
from gdbook.plotting import activations as draw

KINDS = [
    Kind(
        draw.bends_and_slopes,
        lambda: (
            activations.shape(values=(-1, 0, 1)),
            activations.shape("ReLU", (-2, 0, 2)),
        ),
        # 1/(1 + e) and e/(1 + e).
        (
            "from −1 to 1",
            "sigmoid rises from 0.269 to 0.731",
            "from 0 to 2",
            "sigmoid has its largest slope 0.25 at 0",
            "ReLU has its largest slope 1",
        ),
    ),
    Kind(
        draw.best_line_misses,
        activations.best_line_on_bend,
        ("0 x + 1.2", "−0.8, 0.2, 1.2, 0.2 and −0.8", "loss is 0.56"),
        marks=((-2, 2), (-1, 1), (0, 0), (1, 1), (2, 2)),
        # Half of the error from 0 to 1.2; halfway between the inputs 1 and 2.
        notes=(("error 1.2", (0, 0.6)), ("best line: loss 0.56", (1.5, 1.2))),
    ),
    Kind(
        draw.fold_planes,
        activations.fold,
        ("targets 0, 1, 1 and 0", "(0, 0), (1, 0), (1, 0) and (2, 1)", "0, 1, 1 and 0"),
    ),
    Kind(
        draw.moving_shares,
        lambda: activations.moving_score((0, 0, 0), (-1, 0, 1)),
        # e⁻¹/(e⁻¹ + 2) and e/(e + 2).
        ("3 classes", "from −1 to 1", "from 0.155 to 0.576 and is 0.333 at 0"),
        marks=((0, 1 / 3),),
        notes=(("0.333 at 0", (0, 1 / 3)),),
    ),
    Kind(
        draw.parabola_pieces,
        lambda: activations.bend_more((1, 2)),
        ("1 and 2 straight pieces", "0.25 and 0.0625"),
        marks=((0, 0), (1, 1), (0, 0), (0.5, 0.25), (1, 1)),
    ),
    Kind(
        draw.share_slopes,
        activations.softmax_shares,
        ("3 shares, 0.5, 0.25 and 0.25", "Row 1: 0.25, −0.125, −0.125", "0.1875."),
    ),
    Kind(
        draw.slopes_of_two_losses,
        lambda: activations.two_losses((0, 2), target=0),
        # σ(0) = 1/2: 2 · 1/2 · 1/4; at 2 the slope is 2 · 0.8808² · 0.1192 = 0.185.
        ("from 0 to 2", "target is 0", "prediction is 0.5", "squared error 0.25"),
        marks=((0, 0.5), (0, 0.25)),
        notes=(("0.5", (0, 0.5)), ("0.25", (0, 0.25))),
    ),
    Kind(
        draw.stacked_nodes,
        lambda: activations.stacked("ReLU"),
        (
            "3 hidden nodes with the activation ReLU",
            "0, 0, 1, 0 and 1",
            "0, 1, −1 and 1",
        ),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestLinesAndWords:
    """What is drawn without markers lies where the numbers are, too."""

    def test_stacked_nodes(self) -> None:
        """The sum is drawn, and each part of it, with the slope of each piece."""
        figure = drawn("stacked_nodes")
        total, *parts = figure.axes[0].lines
        expected = [(-2, 0), (-1, 0), (0, 1), (1, 0), (2, 1)]
        assert np.array_equal(total.get_xydata(), expected)
        heights = [np.asarray(part.get_ydata()).tolist() for part in parts]
        # relu(x + 1), −2 relu(x) and 2 relu(x − 1)
        assert heights == [[0, 0, 1, 2, 3], [0, 0, 0, -2, -4], [0, 0, 0, 0, 2]]
        assert texts(figure) == ["slope 0", "1", "−1", "1"]
        lowest, _ = figure.axes[0].get_ylim()
        below = [text.get_position()[1] for text in figure.axes[0].texts]
        assert all(lowest < height < -4 for height in below)
        line = draw.stacked_nodes(activations.stacked())
        assert texts(line) == ["slope 1"]
        assert "so that it is one line with slope 1." in line.alt
        one = activations.stacked("ReLU", (-1, 1), (1,), (0,), (1,))
        assert "What 1 hidden node with" in draw.stacked_nodes(one).alt

    def test_bends_above_their_slopes(self) -> None:
        """The largest slope is marked in both panels, where there is one place."""
        above, below = drawn("bends_and_slopes").axes[0].child_axes
        marks = [line for line in above.lines if line.get_marker() == "o"]
        assert first_places(marks) == [(0, 0.5), (2, 2)]
        marks = [line for line in below.lines if line.get_marker() == "o"]
        assert first_places(marks) == [(0, 0.25), (2, 1)]
        assert [text.get_text() for text in below.texts] == [
            "largest: 0.25",
            "largest: 1",
        ]
        both = tuple(
            activations.shape(name, (-1, 0, 1, 2)) for name in ("ReLU", "identity")
        )
        figure = draw.bends_and_slopes(both)
        assert figure.alt.endswith("ReLU has 0 and 1, identity has 1.")
        jump, flat = figure.axes[0].child_axes[1].lines[:2]
        assert (jump.get_drawstyle(), flat.get_drawstyle()) == ("steps-pre", "default")
        turning = draw.bends_and_slopes((activations.shape("SiLU", (-8, -1, 1)),))
        assert "SiLU falls from −0.00268 to −0.269 and rises to 0.731" in turning.alt

    def test_fold_planes(self) -> None:
        """The samples lie where they are given, and where the hidden nodes put them."""
        left, right = drawn("fold_planes").axes[0].child_axes
        assert first_places(left.lines) == [(0, 0), (0, 1), (1, 0), (1, 1)]
        assert first_places(right.lines) == [(0, 0), (1, 0), (1, 0), (2, 1)]
        assert [line.get_marker() for line in right.lines] == ["D", "o", "o", "D"]
        assert [text.get_text() for text in right.texts] == ["2 samples"]
        assert not left.texts

    def test_share_slopes(self) -> None:
        """Each slope stands in its row and column."""
        figure = drawn("share_slopes")
        places = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
        first = [places[0.5 + column, 2.5] for column in range(3)]
        assert first == ["0.25", "−0.125", "−0.125"]
        assert places[1.5, 1.5] == places[2.5, 0.5] == "0.1875"
        assert places[2.5, 1.5] == "−0.0625"

    def test_moving_shares(self) -> None:
        """Each share stands upon those before it, and the last one reaches 1."""
        lines = drawn("moving_shares").axes[0].lines[:3]
        # At 0 three equal shares.
        heights = [np.asarray(line.get_ydata(), dtype=float)[1] for line in lines]
        assert heights == near([1 / 3, 2 / 3, 1], rel=ROUNDED)
