"""The figures of the chapter `vanishing_gradients` show their traces."""

import math

import numpy as np
from drawings import Contract, Kind, pictures

from gdbook.examples import vanishing_gradients
from gdbook.plotting import vanishing_gradients as draw
from gdbook.plotting._base import MUTED

KINDS = [
    Kind(
        draw.chain_slopes,
        lambda: (
            vanishing_gradients.chain(n_layers=2),
            vanishing_gradients.chain(4, -2, n_layers=2),
        ),
        (
            "from 1 at node 2",
            "weight 1 and bias −0.5 it is 0.0625",
            "weight 4 and bias −2 it is 1 at",
        ),
        # A quarter for each node, and four quarters.
        marks=((0, 1 / 16), (1, 1 / 4), (2, 1), (0, 1), (1, 1), (2, 1)),
    ),
    Kind(
        draw.dead_shares,
        lambda: (
            vanishing_gradients.DeadShares(
                "ReLU", (0.5, 1), 0.125, (0.25, 0.5), (0.25, 0.5), (1, 2)
            ),
            vanishing_gradients.DeadShares(
                "leaky ReLU", (0.5, 1), 0.125, (0.125, 0.375), (0, 0), (1, 2)
            ),
        ),
        (
            *("rates 0.5 and 1; at the start it is 12.5", "ReLU 25 and 50, of which"),
            *("dead 25 and 50;", "leaky ReLU 12.5 and 37.5, of which dead 0 and 0."),
        ),
        marks=((0.5, 25), (1, 50), (0.5, 12.5), (1, 37.5)),
    ),
    Kind(
        draw.layer_slopes,
        lambda: (
            vanishing_gradients.LayerSlopes(
                "tanh", "he", (0.5, 1.0, 2.0), 0.25, 0.5, 0.25, 0.5
            ),
            vanishing_gradients.LayerSlopes(
                "ReLU", "glorot", (3.0, 3.0, 3.0), 1, 1, 0.25, 0.5
            ),
        ),
        ("each of 3 hidden layers", "0.25 with tanh and he, 1 with ReLU and glorot"),
        marks=((1, 0.25), (2, 0.5), (3, 1), (1, 1), (2, 1), (3, 1)),
    ),
    Kind(
        draw.neuron_losses,
        lambda: vanishing_gradients.saturated_neuron([(0, 0), (0, 1)], num_steps=1),
        # Half of 1/4; σ(1) = 0.731 and half its square. Steps of 0.15 · 1/8 on both.
        ("over 1 step.", "From the sum 0 it falls from 0.125", "from the sum 1 the"),
    ),
    Kind(
        draw.remedy_losses,
        lambda: vanishing_gradients.Remedies(
            names=("one", "two", "three"),
            ratios=(0.5, 0.5, 0.5),
            first_losses=(2.5, 2.5, 2.5),
            last_losses=(2.0, 1.5, 1.75),
            losses=((2.5, 2.0), (2.5, 1.5), (2.5, 1.75)),
            num_steps=1,
            guess=2.0,
        ),
        (
            "over 1 epoch; a guess has loss 2. 1 network stays",
            "; two ends at 1.5; three ends at 1.75.",
        ),
    ),
    Kind(
        draw.sigmoid_starts,
        lambda: vanishing_gradients.saturated_neuron(num_steps=0),
        ("height 0.25 at 0", "sum 1.5 meets the slope 0.149", "sum 4 meets", "0.0177"),
        # The slope is e⁻ᶻ/(1 + e⁻ᶻ)².
        marks=(
            (0, 0.25),
            (1.5, math.exp(-1.5) / (1 + math.exp(-1.5)) ** 2),
            (4, math.exp(-4) / (1 + math.exp(-4)) ** 2),
        ),
        notes=(
            ("steepest: 0.25", (0, 0.25)),
            ("start: 0.149", (1.5, math.exp(-1.5) / (1 + math.exp(-1.5)) ** 2)),
        ),
    ),
]

drawn, traced = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestLinesAndWords:
    """Losses are drawn in full, and what is stuck or dead is told apart."""

    def test_stuck_networks_are_grey(self) -> None:
        """Within five percent of a guess a loss is drawn in grey, and counted."""
        trace = traced("remedy_losses")
        lines = drawn("remedy_losses").axes[0].lines
        ends = {float(np.asarray(x.get_ydata())[-1]): x for x in lines[:3]}
        assert ends[2.0].get_color() == MUTED
        assert MUTED not in {ends[1.5].get_color(), ends[1.75].get_color()}
        for last, count in (((2.0, 1.91, 1.75), 2), ((1.9, 1.5, 1.75), 0)):
            other = draw.remedy_losses(trace._replace(last_losses=last))
            assert f"{count} networks stay near it" in other.alt

    def test_losses_of_a_node(self) -> None:
        """Each start has a line with its losses, from half of a quarter."""
        lines = drawn("neuron_losses").axes[0].lines
        assert [len(np.asarray(line.get_ydata())) for line in lines] == [2, 2]
        assert np.asarray(lines[0].get_ydata())[0] == 0.125

    def test_silent_is_dead_or_not(self) -> None:
        """The legend says which."""
        legend = drawn("dead_shares").axes[0].get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == [
            "ReLU: dead",
            "leaky ReLU: silent, not dead",
        ]
