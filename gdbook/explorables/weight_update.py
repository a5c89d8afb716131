"""One weight: the reader takes a step, chooses its rate, and sees what it keeps."""

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.weight_update import repeated, weight_update
from gdbook.explorables._parts import (
    Explorable,
    Handle,
    Numbers,
    Readout,
    Slider,
    Steps,
    Task,
    Words,
)
from gdbook.explorables._print import printed
from gdbook.explorables._stage import Stage
from gdbook.losses import squared_error
from gdbook.plotting._base import BLUE, GREEN, MUTED, RED

__all__ = ["first", "step"]

_BOOK = repeated()
GIVEN: Numbers = {
    "input_value": float(_BOOK.input_value),
    "target": float(_BOOK.target),
    "first_rate": float(_BOOK.learning_rate),
    "first_weight": float(_BOOK.weights[0]),
    "first_loss": float(_BOOK.losses[0]),
    "bound": 2 / (2 * float(_BOOK.input_value) ** 2),
}
_FLAT, _LOWEST = 0.001, 0.01
_SPAN = (0.0, 2 * float(_BOOK.settles_at))


def draw_loss(ax: Axes) -> None:
    """Draw the loss over the weight, and leave room for points on its floor."""
    weights = np.linspace(*_SPAN, 81)
    heights = [
        squared_error(weight * GIVEN["input_value"], GIVEN["target"])
        for weight in weights
    ]
    ax.plot(weights, heights, color=MUTED)
    ax.set(xlim=_SPAN, xlabel="weight", ylabel="loss")


def _step(weight: float, learning_rate: float) -> Numbers:
    step = weight_update(GIVEN["input_value"], weight, GIVEN["target"], learning_rate)
    error, slope, new_weight = map(float, (step.error, step.slope, step.new_weight))
    loss, new_loss = (
        error**2,
        (new_weight * GIVEN["input_value"] - GIVEN["target"]) ** 2,
    )
    promised = float(loss + slope * step.update)
    diverged = learning_rate >= GIVEN["bound"] and loss > 100 * GIVEN["first_loss"]
    return {
        "error": error,
        "loss": loss,
        "of_loss": 2 * error,
        "of_activation": 1,
        "slope": slope,
        "update": float(step.update),
        "new_weight": new_weight,
        "new_loss": new_loss,
        "promised": promised,
        "tangent": {
            "x": [weight - 1, weight + 1],
            "y": [loss - slope, loss + slope],
        },
        "step": {"x": [weight, new_weight], "y": [loss, promised]},
        "kept": {"x": [new_weight, new_weight], "y": [promised, new_loss]},
        "ended": "flat" if abs(slope) <= _FLAT else "diverged" if diverged else "",
    }


def _draw_step(stage: Stage) -> Words:
    ax = stage.panel(ylim=(-45, 105))
    draw_loss(ax)
    stage.line(ax, "kept.y", "kept.x", color=GREEN, linewidth=1.2, linestyle=":")
    stage.line(ax, "tangent.y", "tangent.x", color=RED, linewidth=0.8)
    stage.line(ax, "step.y", "step.x", color=RED, linewidth=2)
    stage.line(ax, "new_loss", "new_weight", color=GREEN, marker="o", linestyle="")
    numbers = {name: printed(stage.get(name)) for name in ("weight", "new_weight")}
    fell = printed(stage.get("loss") - stage.get("new_loss"))
    promised = printed(stage.get("loss") - stage.get("promised"))
    return Words(
        "The loss over one weight, a parabola, with a point on it, the tangent there, "
        "thick as far as a step leads, and the point of the parabola that it leads to.",
        f"A step leads from weight {numbers['weight']} to {numbers['new_weight']}. "
        f"The tangent promises that the loss falls by {promised}; it falls by {fell}.",
    )


step = Explorable(
    "weight_update_step",
    controls=(
        Slider("weight", "weight *w*", GIVEN["first_weight"], 0, 6.6, 0.01, 1000),
        Slider("learning_rate", "learning rate *α*", 0.03, 0.001, 0.12, 0.001),
    ),
    compute=_step,
    draw=_draw_step,
    readouts=(
        Readout("loss", "loss"),
        Readout("of_loss", "slope of the loss"),
        Readout("of_activation", "× slope of the activation"),
        Readout("input_value", "× input"),
        Readout("slope", "= slope along the weight"),
    ),
    handles=(Handle("Move the weight", x="weight", y="loss", across="weight"),),
    given=GIVEN | {"flat": _FLAT, "lowest": _LOWEST},
    carries={"weight": "new_weight"},
    task=Task({"weight": 2, "learning_rate": 0.056}, "The step lands on the floor."),
)


def _first(steps: int) -> Numbers:
    run = repeated(num_steps=steps, flat=0)
    return {
        "weights": list(map(float, run.weights)),
        "losses": list(map(float, run.losses)),
    }


def _draw_first(stage: Stage) -> Words:
    ax = stage.panel((4.2, 2.5), ylim=(-5, 55))
    draw_loss(ax)
    stage.line(ax, "losses", "weights", color=BLUE, marker="o", linewidth=1.2)
    before, after = (printed(weight) for weight in stage.get("weights"))
    high, low = map(printed, stage.get("losses"))
    return Words(
        "The loss over one weight, a parabola, and the steps that descend on it.",
        f"One step takes the weight from {before} to {after}, and the loss from {high} "
        f"to {low}.",
    )


first = Explorable(
    "weight_update_first",
    controls=(Steps("steps", "steps", 1, 12),),
    compute=_first,
    draw=_draw_first,
    given=GIVEN,
)
