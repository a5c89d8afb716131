"""The map of rate and momentum: each place is a way to roll along one curvature."""

import numpy as np

from gdbook.examples.momentum import closed_form
from gdbook.explorables._parts import (
    Explorable,
    Handle,
    Numbers,
    Readout,
    Slider,
    Task,
    Words,
)
from gdbook.explorables._print import printed
from gdbook.explorables._stage import Stage
from gdbook.plotting._base import BLUE, INK, MUTED, RED, _note

__all__ = ["map"]

_STEPS = 40
_NEAR = 1e-9  # what rounding leaves of a place on a border


def _map(learning_rate: float, momentum: float) -> Numbers:
    run = closed_form(1, learning_rate, momentum, _STEPS)
    critical, factor = float(run.critical_momentum), float(run.factor)
    if abs(factor - 1) < _NEAR:
        regime = "stuck"
    elif abs(momentum - critical) < _NEAR:
        regime = "critical"
    else:
        regime = run.regime
    return {
        "distances": [float(each) for each in run.distances],
        "factor": factor,
        "critical": critical,
        "regime": regime,
    }


def _draw_map(stage: Stage) -> Words:
    left = stage.panel(
        xlim=(0, 4), ylim=(0, 1), xlabel="learning rate α", ylabel="momentum β"
    )
    rates = np.linspace(0, 2, 61) ** 2  # close together where the curve is steep
    left.plot(rates, (1 - np.sqrt(rates)) ** 2, color=INK, linewidth=1.2)
    left.plot(rates, rates / 2 - 1, color=RED, linewidth=1.2)
    for at, to, name in (
        ((0.08, 0.3), (24, 22), "creeps"),
        ((1.6, 0.03), (-8, 34), "alternates"),
    ):
        _note(left, name, at, to, color=INK, fontsize=9)
    left.text(1.3, 0.6, "swings", color=INK, ha="center", fontsize=9)
    left.text(3.2, 0.25, "diverges", color=RED, ha="center", fontsize=9)
    right = stage.panel(
        xlim=(0, _STEPS), ylim=(-1.3, 1.3), xlabel="step", ylabel="distance"
    )
    right.axhline(0, color=MUTED, linewidth=1)
    stage.line(
        right, "distances", color=BLUE, marker="o", linewidth=1.2, markersize=3.5
    )
    return Words(
        "The map of learning rate and momentum with the borders of its regimes, and "
        "the distance to the lowest point over the steps at one place of the map.",
        f"The distance swings and shrinks, in the long run by a factor of "
        f"{printed(stage.get('factor'))} in each step.",
    )


map = Explorable(  # noqa: A001 (the figure's name is the last part of its script's)
    "momentum_map",
    controls=(
        Slider("learning_rate", "learning rate *α*", 0.5, 0.01, 4, 0.01),
        Slider("momentum", "momentum *β*", 0.6, 0, 0.99, 0.01),
    ),
    compute=_map,
    draw=_draw_map,
    readouts=(Readout("factor", "factor in the long run"),),
    handles=(
        Handle(
            "Choose rate and momentum",
            x="learning_rate",
            y="momentum",
            across="learning_rate",
            up="momentum",
        ),
    ),
    given={"near": _NEAR, "steps": _STEPS},
    task=Task({"learning_rate": 0.36, "momentum": 0.16}, "The damping is critical."),
)
