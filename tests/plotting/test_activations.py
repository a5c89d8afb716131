"""The figures of the chapter `activations` show their traces."""

import numpy as np
from drawings import Contract, Kind, first_places, pictures, texts

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
        draw.parabola_pieces,
        lambda: activations.bend_more((1, 2)),
        ("1 and 2 straight pieces", "0.25 and 0.0625"),
        marks=((0, 0), (1, 1), (0, 0), (0.5, 0.25), (1, 1)),
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
