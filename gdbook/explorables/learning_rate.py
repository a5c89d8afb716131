"""The learning rate across its bound: creeping, swinging, diverging."""

from typing import Any

from gdbook.examples.weight_update import repeated
from gdbook.explorables._parts import (
    Explorable,
    Numbers,
    Readout,
    Slider,
    Steps,
    Task,
    Words,
)
from gdbook.explorables._print import printed
from gdbook.explorables._runs import rested
from gdbook.explorables._stage import Stage
from gdbook.explorables.weight_update import GIVEN, draw_loss
from gdbook.plotting._base import BLUE, MUTED

__all__ = ["bound"]

_STEPS = 30
_GOAL, _WITHIN = 0.001, 4


def _bound(learning_rate: float, steps: int) -> Numbers:
    run = repeated(learning_rate=learning_rate, num_steps=steps, flat=0)
    return {
        "weights": rested(run.weights, steps),
        "losses": rested(run.losses, steps),
        "factor": float(run.factor),
    }


def _draw_bound(stage: Stage) -> Words:
    left, right = (
        stage.panel(ylim=(-10, 110)),
        stage.panel(
            xlim=(-0.5, _STEPS + 0.5),
            ylim=(1e-5, 1e5),
            yscale="log",
            xlabel="step",
            ylabel="loss",
        ),
    )
    draw_loss(left)
    dots: dict[str, Any] = {
        "color": BLUE,
        "marker": "o",
        "linewidth": 1.2,
        "markersize": 4.5,
    }
    stage.line(left, "losses", "weights", **dots)
    right.axhline(GIVEN["first_loss"], color=MUTED, linewidth=1, linestyle=":")
    stage.line(right, "losses", **dots)
    factor, loss = printed(stage.get("factor")), printed(stage.get("losses")[-1])
    return Words(
        "The loss over one weight with the steps of a descent on it, and the loss over "
        "the steps on a logarithmic scale.",
        f"Every step multiplies the error by {factor}: descent creeps down on one "
        f"side. After {stage.get('steps')} steps the loss is {loss}.",
    )


bound = Explorable(
    "learning_rate_bound",
    controls=(
        Slider(
            "learning_rate",
            "learning rate *α*",
            GIVEN["first_rate"],
            0.001,
            0.125,
            0.001,
        ),
        Steps("steps", "steps", 8, _STEPS),
    ),
    compute=_bound,
    draw=_draw_bound,
    readouts=(Readout("factor", "factor of the error"),),
    given=GIVEN | {"goal": _GOAL, "within": _WITHIN},
    task=Task(
        {"learning_rate": 0.056, "steps": _WITHIN},
        f"Below {_GOAL} within {_WITHIN} steps: done.",
    ),
)
