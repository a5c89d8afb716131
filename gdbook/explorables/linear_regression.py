"""A line over hours and grades: the reader moves it, or descent does."""

from gdbook.examples.linear_regression import hours_and_grades, linear_step
from gdbook.explorables._parts import (
    Explorable,
    Handle,
    Numbers,
    Readout,
    Slider,
    Toggle,
    Words,
)
from gdbook.explorables._stage import Stage
from gdbook.formatting import format_number
from gdbook.gradients import curvatures, with_intercept
from gdbook.plotting._base import BLUE, GREEN, PURPLE, RED

__all__ = ["grades"]

_FIRST = hours_and_grades()
_HOURS, _GRADES = (list(map(float, row)) for row in (_FIRST.hours, _FIRST.grades))
_RIGHT, _HIGH = 13.0, 12.0
_FLAT = 0.001  # the steepest slope that counts as flat
_DIVERGED = 100 * float(_FIRST.loss)
_BOUND = 2 / curvatures(with_intercept(_FIRST.hours))[-1]


def _grades(
    slope: float, intercept: float, learning_rate: float, *, best: bool
) -> Numbers:
    step = linear_step(_HOURS, _GRADES, slope, intercept, learning_rate)
    errors = list(map(float, step.errors))
    steepest = max(abs(float(step.slope_gradient)), abs(float(step.intercept_gradient)))
    diverged = learning_rate > _BOUND and step.loss > _DIVERGED
    # Where, within the frame, the handle that turns the line has its place.
    edge = _HIGH - 0.5 if slope >= 0 else 0.5
    reach = min(9, max(1.5, (edge - intercept) / slope)) if slope else 9
    return {
        "line": [intercept, slope * _RIGHT + intercept],
        "errors": [
            {"x": [x, x], "y": [y, y + error]}
            for x, y, error in zip(_HOURS, _GRADES, errors, strict=True)
        ],
        "squares": [
            {"x": [x, x + error, x + error, x], "y": [y, y, y + error, y + error]}
            for x, y, error in zip(_HOURS, _GRADES, errors, strict=True)
        ],
        "squared": [error**2 for error in errors],
        "loss": float(step.loss),
        "turn": {"x": float(reach), "y": float(slope * reach + intercept)},
        "new_slope": float(step.new_slope),
        "new_intercept": float(step.new_intercept),
        "ended": "flat" if steepest <= _FLAT else "diverged" if diverged else "",
        "best": best,
    }


def _draw_grades(stage: Stage) -> Words:
    ax = stage.panel(
        (4.2, 3.95),
        xlim=(0, _RIGHT),
        ylim=(0, _HIGH),
        aspect="equal",
        xlabel="hours studied",
        ylabel="grade",
    )
    for index in range(len(_HOURS)):
        square, error = f"squares.{index}", f"errors.{index}"
        stage.area(ax, f"{square}.y", f"{square}.x", color=BLUE, alpha=0.3)
        stage.line(ax, f"{error}.y", f"{error}.x", color=BLUE, linewidth=1.5)
    stage.line(ax, "best_line", "ends", when="best", color=GREEN, linestyle="--")
    stage.line(ax, "line", "ends", color=PURPLE)
    ax.plot(_HOURS, _GRADES, "o", color=RED, zorder=3)
    loss = format_number(_FIRST.loss)
    line = f"y = {format_number(_FIRST.slope)} x + {format_number(_FIRST.intercept)}"
    return Words(
        f"{len(_HOURS)} grades over hours studied, with a line and the square of each "
        "of its errors.",
        f"The line {line} has mean squared error {loss}.",
    )


grades = Explorable(
    "linear_regression_grades",
    controls=(
        Slider("slope", "slope *m*", float(_FIRST.slope), -0.5, 1.5, 0.01, 1000),
        Slider("intercept", "intercept *b*", float(_FIRST.intercept), 0, 6, 0.05, 1000),
        Slider("learning_rate", "learning rate *α*", 0.01, 0.001, 0.03, 0.0005),
        Toggle("best", "show the best line"),
    ),
    compute=_grades,
    draw=_draw_grades,
    readouts=(
        Readout("loss", "mean squared error"),
        Readout("hours", "hours"),
        Readout("squared", "error²", decimals=2),
    ),
    handles=(
        Handle("Move the line up or down", x="left", y="intercept", up="intercept"),
        Handle("Turn the line", x="turn.x", y="turn.y", moves="slope"),
    ),
    given={
        "hours": _HOURS,
        "grades": _GRADES,
        "ends": [0, _RIGHT],
        "left": 0,
        "high": _HIGH,
        "best_slope": float(_FIRST.new_slope),
        "best_intercept": float(_FIRST.new_intercept),
        "best_loss": float(_FIRST.new_loss),
        "best_line": [
            float(_FIRST.new_intercept),
            float(_FIRST.new_slope * _RIGHT + _FIRST.new_intercept),
        ],
        "bound": float(_BOUND),
        "flat": _FLAT,
        "diverged": _DIVERGED,
    },
    carries={"slope": "new_slope", "intercept": "new_intercept"},
)
