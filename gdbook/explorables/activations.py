"""Two nodes side by side: lines as long as nothing bends between them."""

from gdbook.examples.activations import best_line_on_bend, stacked
from gdbook.explorables._parts import (
    Choice,
    Explorable,
    Numbers,
    Readout,
    Slider,
    Task,
    Words,
)
from gdbook.explorables._print import printed
from gdbook.explorables._stage import Stage
from gdbook.losses import mean_squared_error
from gdbook.plotting._base import BLUE, GREEN, MUTED, PURPLE, RED

__all__ = ["stack"]

_POINTS = best_line_on_bend()
_INPUTS = list(map(float, _POINTS.inputs))
_TARGETS = list(map(float, _POINTS.targets))
_GRID = [each / 20 for each in range(-40, 41)]
_BENDS = ("identity", "ReLU", "leaky ReLU", "tanh", "sigmoid")


def _stack(activation: str, **setting: float) -> Numbers:
    row = {
        part: [setting[f"{part}{node}"] for node in (1, 2)] for part in ("w", "b", "v")
    }
    run, at_points = (
        stacked(activation, inputs, row["w"], row["b"], row["v"])
        for inputs in (_GRID, _INPUTS)
    )
    return {
        "parts": [list(map(float, part)) for part in run.parts],
        "sum": list(map(float, run.predictions)),
        "predictions": list(map(float, at_points.predictions)),
        "loss": float(mean_squared_error(at_points.predictions, _TARGETS)),
    }


def _draw_stack(stage: Stage) -> Words:
    left, right = (
        stage.panel(xlim=(-2.1, 2.1), ylim=(-3.2, 3.2), xlabel="input", ylabel=what)
        for what in ("what each node adds", "prediction")
    )
    for ax in (left, right):
        ax.axhline(0, color=MUTED, linewidth=0.8)
    for node, color, dash in ((0, PURPLE, "-"), (1, GREEN, "--")):
        name = f"parts.{node}"
        stage.line(left, name, "grid", color=color, linestyle=dash)
        left.plot([], [], color=color, linestyle=dash, label=f"node {node + 1}")
    left.legend(loc="upper center", labelcolor="linecolor", ncol=2)
    stage.line(right, "sum", "grid", color=BLUE)
    right.plot(_INPUTS, _TARGETS, "o", color=RED, zorder=3)
    return Words(
        "What each of two hidden nodes adds to the prediction over the input, and the "
        "prediction, their sum, beside five points.",
        "With the identity every node is a line, and so is their sum. The mean squared "
        f"error is {printed(stage.get('loss'))}.",
    )


stack = Explorable(
    "activations_stack",
    controls=(
        Choice("activation", "activation", _BENDS),
        Slider("w1", "weight *w₁*", 1, -3, 3, 0.1),
        Slider("w2", "weight *w₂*", -0.5, -3, 3, 0.1),
        Slider("b1", "bias *b₁*", 0.5, -3, 3, 0.1),
        Slider("b2", "bias *b₂*", 0.5, -3, 3, 0.1),
        Slider("v1", "output weight *v₁*", 1, -3, 3, 0.1),
        Slider("v2", "output weight *v₂*", 1, -3, 3, 0.1),
    ),
    compute=_stack,
    draw=_draw_stack,
    readouts=(Readout("loss", "mean squared error"),),
    given={"inputs": _INPUTS, "targets": _TARGETS, "grid": _GRID},
    task=Task(
        {"activation": "ReLU", "b1": 0, "w2": -1, "b2": 0}, "It meets all five points."
    ),
)
