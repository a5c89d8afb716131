"""A start on, near or off the ridge, and the time until descent has left it."""

import math

from gdbook.examples.saddle_points import escape, saddle_gradient, saddle_loss
from gdbook.explorables._parts import (
    Explorable,
    Numbers,
    Readout,
    Slider,
    Steps,
    Toggle,
    Words,
)
from gdbook.explorables._print import power, printed
from gdbook.explorables._runs import path
from gdbook.explorables._stage import Stage
from gdbook.optimizers import GradientDescent
from gdbook.plotting._base import BLUE, GREEN, MUTED, _contours, _grid

__all__ = ["ridge"]

_STEPS = 400
_REACH = 0.5  # how far from the ridge counts as having left
_EXPONENTS = list(range(-12, 0))


def _forecast(distance: float, learning_rate: float) -> float:
    return math.log(_REACH / distance) / math.log(1 + learning_rate)


def _ridge(
    exponent: float, learning_rate: float, steps: int, *, on_ridge: bool
) -> Numbers:
    distance = 10.0**exponent
    start = (1.0, 0.0 if on_ridge else distance)
    rule = GradientDescent(learning_rate)
    return {
        **path(saddle_loss, saddle_gradient, start, rule, steps),
        "beside": not on_ridge,
        "left": escape(distance, learning_rate, _REACH).num_steps,
        "forecast": _forecast(distance, learning_rate),
        "theory": [_forecast(10.0**each, learning_rate) for each in _EXPONENTS],
    }


def _draw_ridge(stage: Stage) -> Words:
    left = stage.panel(xlim=(-1.3, 1.3), ylim=(-1.6, 1.6), xlabel="x", ylabel="y")
    grid = _grid(saddle_loss, (-1.3, 1.3), (-1.6, 1.6), 31)
    _contours(left, *grid, (-0.2, -0.1, -0.02, 0.02, 0.2, 0.5))
    left.axhline(0, color=MUTED, linewidth=1, linestyle=":")
    stage.line(left, "y", "x", color=BLUE, marker="o", linewidth=1.2, markersize=2.5)
    right = stage.panel(
        xlim=(_EXPONENTS[0] - 0.5, 0),
        ylim=(0, 600),
        xlabel="distance from the ridge",
        ylabel="steps until it is left",
        xticks=(-12, -9, -6, -3),
        xticklabels=("10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³"),
    )
    stage.line(right, "theory", "exponents", color=MUTED, linewidth=1.2)
    stage.line(
        right, "left", "exponent", when="beside", color=GREEN, marker="o", linestyle=""
    )
    distance = power(10.0 ** stage.get("exponent"))
    return Words(
        "The contours of a saddle between two hollows with the steps of a descent, and "
        "how many steps it takes to leave the ridge, over the distance of the start, a "
        "straight line on a logarithmic scale.",
        f"From {distance} beside the ridge it takes {stage.get('left')} steps to leave "
        f"it; theory says {printed(stage.get('forecast'))}.",
    )


ridge = Explorable(
    "saddle_points_ridge",
    controls=(
        Slider("exponent", "distance", -6, -12, -1, 1, powers=True),
        Slider("learning_rate", "learning rate *α*", 0.1, 0.05, 0.3, 0.01),
        Steps("steps", "steps", 100, _STEPS),
        Toggle("on_ridge", "start on the ridge"),
    ),
    compute=_ridge,
    draw=_draw_ridge,
    readouts=(Readout("left", "steps until it is left", 0),),
    given={"reach": _REACH, "exponents": _EXPONENTS},
)
