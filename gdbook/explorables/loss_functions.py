"""A point on the map of two weights, with its predictions and their squares."""

import numpy as np

from gdbook.examples.loss_functions import squared_error_table, two_weight_losses
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
from gdbook.plotting._base import BLUE, MUTED, RED, _contours, _grid

__all__ = ["surface"]

_BOOK = two_weight_losses()
_INPUTS = [list(map(float, row)) for row in _BOOK.inputs]
_TARGETS = list(map(float, _BOOK.targets))
_PLACES = [1.0, 4.5, 8.0]  # where the samples stand, with room for their squares
_LOW, _HIGH = -1.0, 4.0


def _surface(first: float, second: float) -> Numbers:
    predictions = [first * one + second * other for one, other in _INPUTS]
    table = squared_error_table(predictions, _TARGETS)
    errors = list(map(float, table.errors))
    samples = list(zip(_PLACES, _TARGETS, errors, strict=True))
    return {
        "predictions": predictions,
        "errors": errors,
        "squared": list(map(float, table.squares)),
        "loss": float(table.mean),
        "squares": [
            {"x": [x, x + abs(e), x + abs(e), x], "y": [y, y, y + e, y + e]}
            for x, y, e in samples
        ],
    }


def _loss(weights: np.ndarray) -> float:
    return float(two_weight_losses(weights[np.newaxis]).losses[0])


def _draw_surface(stage: Stage) -> Words:
    left = stage.panel(
        xlim=(_LOW, _HIGH),
        ylim=(_LOW, _HIGH),
        aspect="equal",
        xlabel="weight w₁",
        ylabel="weight w₂",
    )
    _contours(
        left, *_grid(_loss, (_LOW, _HIGH), (_LOW, _HIGH), 31), (0.1, 0.5, 1, 2, 4, 7)
    )
    right = stage.panel(
        xlim=(0, 13.5),
        ylim=(-3, 9),
        aspect="equal",
        xticks=_PLACES,
        xticklabels=("sample 1", "2", "3"),
        ylabel="target and prediction",
    )
    for index in range(len(_PLACES)):
        name = f"squares.{index}"
        stage.area(right, f"{name}.y", f"{name}.x", color=BLUE, alpha=0.3)
    stage.line(right, "predictions", "places", color=BLUE, marker="o", linestyle="")
    right.plot(_PLACES, _TARGETS, "_", color=RED, markersize=16, markeredgewidth=2)
    right.axhline(0, color=MUTED, linewidth=0.8)
    weights = [printed(stage.get(name)) for name in ("first", "second")]
    return Words(
        "A map of the loss over two weights with a point on it, and for three samples "
        "the target, the prediction, and the square of the error between them.",
        f"The weights {weights[0]} and {weights[1]} have the loss "
        f"{printed(stage.get('loss'))}.",
    )


surface = Explorable(
    "loss_functions_surface",
    controls=(
        Slider("first", "weight *w₁*", 0, _LOW, _HIGH, 0.05),
        Slider("second", "weight *w₂*", 0, _LOW, _HIGH, 0.05),
    ),
    compute=_surface,
    draw=_draw_surface,
    readouts=(
        Readout("loss", "mean squared error"),
        Readout("errors", "error", 2),
        Readout("squared", "square", 2),
    ),
    handles=(
        Handle("Move both weights", x="first", y="second", across="first", up="second"),
        Handle(
            "Move the first prediction",
            x="places.0",
            y="predictions.0",
            up="first",
            panel=1,
        ),
        Handle(
            "Move the second prediction",
            x="places.1",
            y="predictions.1",
            up="second",
            panel=1,
        ),
    ),
    given={"inputs": _INPUTS, "targets": _TARGETS, "places": _PLACES},
    task=Task({"first": 2, "second": 1}, "They meet all targets."),
    short=True,
)
