"""One start for all rules, on the valley of the race."""

from collections.abc import Callable
from typing import Any, TypeAlias

from gdbook.examples.conditioning import START, valley_gradient, valley_loss
from gdbook.explorables._parts import (
    Explorable,
    Handle,
    Numbers,
    Slider,
    Steps,
    Task,
    Words,
)
from gdbook.explorables._runs import path
from gdbook.explorables._stage import Stage
from gdbook.optimizers import (
    AdaGrad,
    Adam,
    GradientDescent,
    Momentum,
    RMSProp,
    UpdateRule,
)
from gdbook.plotting._base import LOWEST, _contours, _grid, _legend_above, _rule

__all__ = ["race"]

_STEPS = 60
_Ends: TypeAlias = tuple[float, float, float, float]
# Each rule with its settings: what each is at the start, its ends and its step.
_RULES: dict[str, tuple[Callable[..., UpdateRule], dict[str, _Ends]]] = {
    "descent": (GradientDescent, {"rate": (0.4, 0.02, 0.6, 0.02)}),
    "AdaGrad": (AdaGrad, {"rate": (0.6, 0.1, 6, 0.1)}),
    "momentum": (
        Momentum,
        {"rate": (0.2, 0.02, 0.8, 0.02), "beta": (0.5, 0, 0.95, 0.05)},
    ),
    "RMSProp": (
        RMSProp,
        {"rate": (0.2, 0.02, 1, 0.02), "beta": (0.9, 0.5, 0.99, 0.01)},
    ),
    "Adam": (
        Adam,
        {
            "rate": (0.6, 0.05, 2, 0.05),
            "beta1": (0.9, 0, 0.95, 0.05),
            "beta2": (0.999, 0.9, 0.999, 0.001),
        },
    ),
}
_LETTERS = {"rate": "α", "beta": "β", "beta1": "β₁", "beta2": "β₂"}
_GIVEN: dict[str, Any] = {"start": list(map(float, START)), "goal": 0.01, "within": 30}
_GIVEN |= {"bound": 2 / float(valley_gradient((0, 1))[1])}  # of plain descent


def _race(x: float, y: float, steps: int, **settings: float) -> Numbers:
    return {
        name: path(
            valley_loss,
            valley_gradient,
            (x, y),
            rule(*(settings[f"{name}_{part}"] for part in parts)),
            steps,
        )
        for name, (rule, parts) in _RULES.items()
    }


def _draw_race(stage: Stage) -> Words:
    left = stage.panel(xlim=(-6.5, 6.5), ylim=(-4.5, 4.5), xlabel="x₁", ylabel="x₂")
    grid = _grid(valley_loss, (-6.5, 6.5), (-4.5, 4.5), 41)
    _contours(left, *grid, (0.5, 3, 9, 20))
    left.plot(0, 0, linestyle="", **LOWEST)
    right = stage.panel(
        xlim=(0, _STEPS), ylim=(1e-8, 100), yscale="log", xlabel="step", ylabel="loss"
    )
    for name in _RULES:
        look = {"linewidth": 1.4, **_rule(name)}
        stage.line(left, f"{name}.y", f"{name}.x", **look)
        stage.line(right, f"{name}.losses", **look)
        right.plot([], [], label=name, **look)
    _legend_above(right, columns=3, fontsize=9)
    losses = {name: stage.get(f"{name}.losses")[-1] for name in _RULES}
    lowest, *others = sorted(losses, key=losses.__getitem__)
    return Words(
        "The paths of five rules from one start in a narrow valley, and their losses "
        "over the steps on a logarithmic scale.",
        f"After {stage.get('steps')} steps {lowest} is lowest, then "
        f"{', '.join(others)}.",
    )


race = Explorable(
    "racing_rules_race",
    controls=(
        Slider("x", "start *x₁*", _GIVEN["start"][0], -6, 6, 0.1),
        Slider("y", "start *x₂*", _GIVEN["start"][1], -4, 4, 0.1),
        *(
            Slider(f"{name}_{part}", f"{name} *{_LETTERS[part]}*", *ends)
            for name, (_, parts) in _RULES.items()
            for part, ends in parts.items()
        ),
        Steps("steps", "steps", 30, _STEPS),
    ),
    compute=_race,
    draw=_draw_race,
    handles=(Handle("Move the start", x="x", y="y", across="x", up="y"),),
    given=_GIVEN,
    task=Task(
        {
            "descent_rate": 0.46,
            "momentum_beta": 0.7,
            "AdaGrad_rate": 1,
            "Adam_beta1": 0,
        },
        "All of them are below 0.01.",
    ),
)
