"""A valley as narrow as the reader wants it, and the best rate to cross it."""

import math

import numpy as np

from gdbook.examples.conditioning import START, valley_gradient
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
from gdbook.explorables._runs import path
from gdbook.explorables._stage import Stage
from gdbook.optimizers import GradientDescent
from gdbook.plotting._base import BLUE, GREEN, LOWEST, MUTED, PURPLE

__all__ = ["valley"]

_STEEP = float(valley_gradient((0, 1))[1])  # the curvature across, as in the chapter
_X, _Y = map(float, START)
_STEPS, _TURNS = 40, 48
_SHARES = (0.6, 0.2, 0.04)  # of the first loss, at which a contour is drawn


def _valley(condition_number: float, learning_rate: float, steps: int) -> Numbers:
    curvatures = np.array([_STEEP / condition_number, _STEEP])
    run = path(
        lambda place: float(curvatures @ place**2) / 2,
        lambda place: curvatures * place,
        (_X, _Y),
        GradientDescent(learning_rate),
        steps,
    )
    flat, steep = (float(1 - learning_rate * each) for each in curvatures)
    width, height = (math.sqrt(2 * run["losses"][0] / each) for each in curvatures)
    # Not of arrays: NumPy's cosine is another on another processor.
    angles = [2 * math.pi * turn / _TURNS for turn in range(_TURNS + 1)]
    return {
        **run,
        "along": [abs(x / _X) for x in run["x"]],
        "across": [abs(y / _Y) for y in run["y"]],
        "flat": flat,
        "steep": steep,
        "best": float(2 / curvatures.sum()),
        "contours": [
            {
                "x": [share**0.5 * width * math.cos(angle) for angle in angles],
                "y": [share**0.5 * height * math.sin(angle) for angle in angles],
            }
            for share in _SHARES
        ],
    }


def _draw_valley(stage: Stage) -> Words:
    left = stage.panel(xlim=(-8, 8), ylim=(-4, 4), xlabel="x₁", ylabel="x₂")
    for index in range(len(_SHARES)):
        name = f"contours.{index}"
        stage.line(left, f"{name}.y", f"{name}.x", color=MUTED, linewidth=0.9)
    left.plot(0, 0, linestyle="", **LOWEST)
    left.grid(visible=False)
    stage.line(left, "y", "x", color=BLUE, marker="o", linewidth=1.2, markersize=3.5)
    right = stage.panel(
        xlim=(0, _STEPS),
        ylim=(1e-4, 30),
        yscale="log",
        xlabel="step",
        ylabel="part of the error that is left",
    )
    stage.line(right, "along", color=PURPLE)
    stage.line(right, "across", color=GREEN, linestyle="--")
    right.plot([], [], color=PURPLE, label="along the valley")
    right.plot([], [], color=GREEN, linestyle="--", label="across it")
    right.legend(loc="upper right", labelcolor="linecolor")
    flat, steep = printed(stage.get("flat")), printed(stage.get("steep"))
    return Words(
        "The contours of a valley with the steps of a descent on it, and what is left "
        "of its error along and across the valley, over the steps.",
        f"A step multiplies the error along the valley by {flat} and across it by "
        f"{steep}: the part along it decides.",
    )


valley = Explorable(
    "conditioning_valley",
    controls=(
        Slider("condition_number", "condition number *κ*", 20, 1, 40, 1),
        Slider("learning_rate", "learning rate *α*", 0.45, 0.01, 0.55, 0.01),
        Steps("steps", "steps", 20, _STEPS),
    ),
    compute=_valley,
    draw=_draw_valley,
    readouts=(Readout("flat", "factor along"), Readout("steep", "factor across")),
    given={"steepest": _STEEP, "start": [_X, _Y], "shares": list(_SHARES)},
    task=Task({"learning_rate": 0.48}, "That is the best rate, to two digits."),
)
