"""One start for all rules, on the valley of the race."""

from typing import Any

from gdbook.examples.conditioning import START, valley_gradient, valley_loss
from gdbook.explorables._parts import (
    Explorable,
    Handle,
    Numbers,
    Slider,
    Steps,
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
_STEEPEST = float(valley_gradient((0, 1))[1])
# The rates at the factor 1, and what the rules remember.
_GIVEN: dict[str, Any] = {
    "rates": {
        "descent": 0.4,
        "momentum": 0.2,
        "AdaGrad": 0.6,
        "RMSProp": 0.2,
        "Adam": 0.6,
    },
    "momentum": 0.5,
    "decay": 0.9,
    "betas": [0.9, 0.999],
}


def _rules(factor: float) -> dict[str, UpdateRule]:
    rates = {name: rate * factor for name, rate in _GIVEN["rates"].items()}
    return {
        "descent": GradientDescent(rates["descent"]),
        "momentum": Momentum(rates["momentum"], _GIVEN["momentum"]),
        "AdaGrad": AdaGrad(rates["AdaGrad"]),
        "RMSProp": RMSProp(rates["RMSProp"], _GIVEN["decay"]),
        "Adam": Adam(rates["Adam"], *_GIVEN["betas"]),
    }


def _race(x: float, y: float, factor: float, steps: int) -> Numbers:
    return {
        name: path(valley_loss, valley_gradient, (x, y), rule, steps)
        for name, rule in _rules(factor).items()
    }


def _draw_race(stage: Stage) -> Words:
    left = stage.panel(xlim=(-6.5, 6.5), ylim=(-4.5, 4.5), xlabel="x₁", ylabel="x₂")
    grid = _grid(valley_loss, (-6.5, 6.5), (-4.5, 4.5), 41)
    _contours(left, *grid, (0.5, 3, 9, 20))
    left.plot(0, 0, linestyle="", **LOWEST)
    right = stage.panel(
        xlim=(0, _STEPS), ylim=(1e-8, 100), yscale="log", xlabel="step", ylabel="loss"
    )
    for name in _GIVEN["rates"]:
        look = {"linewidth": 1.4, **_rule(name)}
        stage.line(left, f"{name}.y", f"{name}.x", **look)
        stage.line(right, f"{name}.losses", **look)
        right.plot([], [], label=name, **look)
    _legend_above(right, columns=3, fontsize=9)
    losses = {name: stage.get(f"{name}.losses")[-1] for name in _GIVEN["rates"]}
    lowest, *others = sorted(losses, key=losses.__getitem__)
    return Words(
        "The paths of five rules from one start in a narrow valley, and their losses "
        "over the steps on a logarithmic scale.",
        f"After {stage.get('steps')} steps {lowest} is lowest, then "
        f"{', '.join(others)}.",
    )


race = Explorable(
    "adaptive_rates_race",
    controls=(
        Slider("x", "start *x₁*", float(START[0]), -6, 6, 0.1),
        Slider("y", "start *x₂*", float(START[1]), -4, 4, 0.1),
        Slider("factor", "all rates, times", 1, 0.1, 3, 0.05),
        Steps("steps", "steps", 30, _STEPS),
    ),
    compute=_race,
    draw=_draw_race,
    handles=(Handle("Move the start", x="x", y="y", across="x", up="y"),),
    given=_GIVEN | {"descent_limit": 2 / _STEEPEST / _GIVEN["rates"]["descent"]},
)
