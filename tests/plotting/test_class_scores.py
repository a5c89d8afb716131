"""The figures of the chapter `class_scores` show their traces."""

import numpy as np
from drawings import ROUNDED, Contract, Kind, pictures
from near import near

from gdbook.examples import class_scores
from gdbook.plotting import class_scores as draw

KINDS = [
    Kind(
        draw.moving_shares,
        lambda: class_scores.moving_score((0, 0, 0), (-1, 0, 1)),
        # e⁻¹/(e⁻¹ + 2) and e/(e + 2).
        ("3 classes", "from −1 to 1", "from 0.155 to 0.576 and is 0.333 at 0"),
        marks=((0, 1 / 3),),
        notes=(("0.333 at 0", (0, 1 / 3)),),
    ),
    Kind(
        draw.share_slopes,
        class_scores.softmax_shares,
        ("3 shares, 0.5, 0.25 and 0.25", "Row 1: 0.25, −0.125, −0.125", "0.1875."),
    ),
    Kind(
        draw.slopes_of_two_losses,
        lambda: class_scores.two_losses((0, 2), target=0),
        # σ(0) = 1/2: 2 · 1/2 · 1/4; at 2 the slope is 2 · 0.8808² · 0.1192 = 0.185.
        ("from 0 to 2", "target is 0", "prediction is 0.5", "squared error 0.25"),
        marks=((0, 0.5), (0, 0.25)),
        notes=(("0.5", (0, 0.5)), ("0.25", (0, 0.25))),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestLinesAndWords:
    """What is drawn without markers lies where the numbers are, too."""

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
