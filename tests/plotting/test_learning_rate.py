"""The figures of the chapter `learning_rate` show their traces."""

import math

import numpy as np
from drawings import Contract, Kind, pictures

from gdbook.examples import learning_rate
from gdbook.plotting import learning_rate as draw

# The curvatures of the line through 0.5, 2 and 1: H is 2/3 · ((5.25, 3.5), (3.5, 3)),
# half its trace is 11/4, half the difference of its diagonal 3/4, the corner 7/3.
FLAT = 11 / 4 - math.hypot(3 / 4, 7 / 3)

STEEP = 11 / 4 + math.hypot(3 / 4, 7 / 3)

KINDS = [
    Kind(
        draw.beside_the_bound,
        lambda: learning_rate.beside_bound(num_steps=20),
        # The least loss is 0.0860 below the first, 1.2967; the bound is 2/5.2009.
        ("20 steps", "1.21", "bound 0.385"),
    ),
    Kind(
        draw.rate_sweep,
        learning_rate.sweep,
        ("from 10⁻⁹ to 1", "at 16", "0.184, at the rate 0.1", "6.5 × 10²⁵"),
    ),
    Kind(
        draw.rate_traces,
        learning_rate.three_rates,
        ("12 steps from −4", "by 0.91", "by 0.1", "by −1.07"),
        # −4 · 0.91, −4 · 0.1 and −4 · −1.07.
        marks=((0, -4), (1, -3.64), (1, -0.4), (1, 4.28)),
    ),
    Kind(
        draw.schedules,
        lambda: learning_rate.schedule(num_steps=8),
        ("8 steps", "constant rate 0.11", "0.055 at step 5"),
        # −4 · −0.98 and −4 · 0.98².
        marks=((0, -4), (1, 3.92), (2, -3.8416)),
    ),
    Kind(
        draw.shrinking_factors,
        learning_rate.stability_bound,
        ("0.299 and 5.2", "bound 0.385", "0.364", "0.891"),
        # 2/(λ + Λ), which is 2 over the trace 11/2, and 2/Λ.
        marks=((4 / 11, 1 - 4 / 11 * FLAT), (2 / STEEP, 1)),
        notes=(
            ("best: 0.364", (4 / 11, 1 - 4 / 11 * FLAT)),
            ("bound: 0.385", (2 / STEEP, 1)),
        ),
    ),
]

drawn, _ = pictures(KINDS)


class TestContract(Contract):
    """Every figure of the chapter keeps the contract of the package."""

    module, kinds = draw, KINDS


class TestShapes:
    """What is drawn without markers lies where the numbers are, too."""

    def test_rate_sweep(self) -> None:
        """Each verdict has the rates that it was given for."""
        ax = drawn("rate_sweep").axes[0]
        trace = learning_rate.sweep()
        for line in ax.lines:
            verdict = line.get_label()
            if verdict in trace.verdicts:
                chosen = [
                    (float(rate), float(loss))
                    for rate, loss, given in zip(
                        trace.learning_rates, trace.losses, trace.verdicts, strict=True
                    )
                    if given == verdict
                ]
                assert np.array_equal(line.get_xydata(), chosen)
        labels = {line.get_label() for line in ax.lines}
        assert labels >= {"stuck", "lower", "higher"}

    def test_beside_the_bound(self) -> None:
        """Below the bound the loss falls at the end, above it it rises."""
        below, above = drawn("beside_the_bound").axes[0].lines
        first, *_, last = np.asarray(below.get_ydata(), dtype=float)
        assert last < first
        first, *_, last = np.asarray(above.get_ydata(), dtype=float)
        assert last > first
