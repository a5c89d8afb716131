"""The figures of the chapter `deep_networks` show their traces."""

import numpy as np
from drawings import Contract, Kind, pictures

from gdbook.examples import deep_networks
from gdbook.plotting import deep_networks as draw
from gdbook.plotting._base import BLUE, RED


def losses(remedy: str, least: float) -> deep_networks.DeepLosses:
    """Make up a network that was trained."""
    ends = least, least + 0.25, least + 0.5
    return deep_networks.DeepLosses("tanh", "normal", remedy, 0.5, 2.5, *ends, 4, 2.0)


KINDS = [
    Kind(
        draw.linked_slopes,
        lambda: deep_networks.linked_chain(n_layers=2),
        ("each of 3 nodes", "0.0625 without links, 1.56 with links"),
        marks=((0, 1 / 16), (1, 1 / 4), (2, 1), (0, 25 / 16), (1, 5 / 4), (2, 1)),
    ),
    Kind(
        draw.remedy_ranges,
        lambda: (losses("plain", 2.0), losses("links", 0.5)),
        ("a guess has 2.", "with plain: 2 to 2.5", "with links: 0.5 to 1."),
        marks=((2.25, 0), (0.75, 1)),
    ),
    Kind(
        draw.running_norms,
        lambda: deep_networks.RunningNorm(
            1.0, (0, 1, 2), (0, 0.7, 1.33), (1, 3.4, 5.56), (12.0, 6.0, 4.5)
        ),
        ("12 before the first batch", "4.5 after 2 batches", "In training it is 1."),
        marks=((0, 12), (1, 6)),
        notes=(("after one batch: 6", (1, 6)),),
    ),
    Kind(
        draw.linked_sizes,
        lambda: deep_networks.LinkedScale((0.5, 0.25), (0.5, 1.0), 2.0),
        ("2 hidden layers", "without links from 0.5 to 0.25, with links from 0.5 to 1"),
        marks=((1, 0.5), (2, 0.25), (1, 0.5), (2, 1)),
    ),
    Kind(
        draw.gradient_norms,
        lambda: deep_networks.ClippedRun(
            5, (100.0, 10.0, 2.0), (9.0, 8.0, 7.0), (100.0, 1e9), (9.0, 1e6), 0.5, 2
        ),
        ("As they are, it goes from 100 to", "in 2 steps", "from 100 to 2 in 3 steps"),
        marks=((1, 100), (2, 1e9), (1, 100), (2, 10), (3, 2)),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestLinesAndWords:
    """What is linked is told from what is not."""

    def test_colours(self) -> None:
        """With links blue, without them red, in every figure."""
        for name in ("linked_slopes", "linked_sizes"):
            lines = drawn(name).axes[0].lines
            colours = {line.get_label(): line.get_color() for line in lines}
            assert colours == {"with links": BLUE, "without links": RED}
        bars = drawn("remedy_ranges").axes[0].lines[::2]
        assert [bar.get_color() for bar in bars[:2]] == [RED, BLUE]
        assert [list(np.asarray(bar.get_xdata())) for bar in bars[:2]] == [
            [2.0, 2.5],
            [0.5, 1.0],
        ]

    def test_picture_ends(self) -> None:
        """Gradients that explode leave the picture, which shows the clipped ones."""
        low, high = drawn("gradient_norms").axes[0].get_ylim()
        norms = traced("gradient_norms").norms
        assert low < min(norms) < max(norms) < high < 1e9

    def test_one_batch(self) -> None:
        """A single batch is told so."""
        alt = draw.running_norms(deep_networks.running_norm(num_batches=1)).alt
        assert "after 1 batch." in alt
