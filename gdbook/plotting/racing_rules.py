"""Draw the chapter on the race: what each rule does at its best, and at its worst."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from gdbook._checks import Number
from gdbook.examples.conditioning import valley_loss
from gdbook.examples.racing_rules import (
    OnlineWalk,
    Race,
    SideBySide,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    LOWEST,
    MUTED,
    NEW,
    RED,
    _array,
    _contours,
    _count,
    _draws,
    _grid,
    _legend_above,
    _n,
    _pair,
    _rule,
)


@_draws(figsize=(4.8, 4.4))
def steps_over_rates(trace: Race, ax: Axes = NEW) -> str:
    """Plot how many steps every rule needs with its best memory, over its rate.

    Examples
    --------
    >>> from gdbook.examples.racing_rules import race_of_rules
    >>> race = race_of_rules(memories=(0, 0.5), num_rates=10, limit=200)
    >>> print(steps_over_rates(race).alt)
    Steps until the loss stays at the target, over learning rates from 0.001 to 100, both on logarithmic scales. The fewest: descent 97 at rate 0.367, momentum 28 at rate 0.428, Nesterov 72 at rate 0.234, AdaGrad 5 at rate 74.4, RMSProp never, Adam never.
    """
    parts: list[str] = []
    for name, *found in zip(trace.rules, trace.rates, trace.steps_by_rate, strict=True):
        rates, counts = map(_array, found)
        arrived, look = counts <= trace.limit, _rule(name)
        ax.loglog(rates, np.where(arrived, counts, np.nan), label=name, **look)
        if not arrived.any():
            parts.append(f"{name} never")
            continue
        best = int(counts.argmin())
        ax.plot(rates[best], counts[best], "o", color=look["color"])
        parts.append(f"{name} {_n(counts[best])} at rate {_n(rates[best])}")
    ax.set(xlabel="learning rate", ylabel="steps to stay at the target")
    _legend_above(ax, 3)
    return (
        f"Steps until the loss stays at the target, over learning rates from "
        f"{_n(trace.slowest)} to {_n(trace.fastest)}, both on logarithmic scales. The "
        f"fewest: {', '.join(parts)}."
    )


@_draws(figsize=(4.8, 4.4))
def rule_losses(trace: SideBySide, ax: Axes = NEW) -> str:
    """Plot the loss of every rule over the steps.

    Examples
    --------
    >>> from gdbook.examples.racing_rules import side_by_side
    >>> rates = (0.46, 0.02, 0.32, 6, 0.0013, 0.25)
    >>> print(rule_losses(side_by_side(rates, num_steps=20)).alt)
    The loss over 20 steps from 10.5, on a logarithmic scale. Descent ends at 0.0601, momentum at 1.49, Nesterov at 0.0223, AdaGrad at 3.92 × 10⁻²⁰, RMSProp at 10.2, Adam at 0.501.
    """
    parts: list[str] = []
    for name, losses in zip(trace.rules, trace.losses, strict=True):
        heights = _array(losses)
        ax.semilogy(heights, label=name, linewidth=1.6, **_rule(name))
        verb = " ends" if not parts else ""
        parts.append(f"{name}{verb} at {_n(heights[-1])}")
    ax.axhline(1e-6, color=MUTED, linewidth=1, linestyle=":")
    ax.set(xlabel="step", ylabel="loss", xlim=(0, len(heights) - 1), ylim=(1e-8, 2e2))
    _legend_above(ax, 3)
    listed = ", ".join(parts)
    return (
        f"The loss over {_count(len(heights) - 1, 'step')} from {_n(heights[0])}, on a "
        f"logarithmic scale. {listed[0].upper()}{listed[1:]}."
    )


@_draws(figsize=(4.8, 4.6))
def rule_paths(trace: SideBySide, ax: Axes = NEW) -> str:
    """Draw the path of every rule through the valley, each on a map of its own.

    Examples
    --------
    >>> from gdbook.examples.racing_rules import side_by_side
    >>> rates = (0.46, 0.02, 0.32, 6, 0.0013, 0.25)
    >>> print(rule_paths(side_by_side(rates, num_steps=20)).alt)
    Six maps of the same valley, with the path of a rule on each, 20 steps from (−5, −2). The first step of each leads: descent to (−4.54, 1.68), momentum to (−4.98, −1.84), Nesterov to (−4.39, 2.86), AdaGrad to (1, 4), RMSProp to (−5, −2), Adam to (−4.75, −1.75).
    """
    ax.set_axis_off()
    first, second, heights = _grid(valley_loss, (-6.5, 6.5), (-4.5, 4.5), 61)
    parts: list[str] = []
    for at, (name, weights) in enumerate(zip(trace.rules, trace.weights, strict=True)):
        row, column = divmod(at, 2)
        inset = ax.inset_axes((0.51 * column, 0.68 - 0.34 * row, 0.49, 0.27))
        _contours(inset, first, second, heights, (0.2, 1, 3, 7, 14))
        path, color = _array(weights), _rule(name)["color"]
        inset.plot(*path.T, "o-", color=color, linewidth=1.2, markersize=2.2)
        inset.plot([0], [0], markersize=6, **LOWEST)
        inset.set_title(name, color=color, pad=3)
        inset.set(xlim=(-6.5, 6.5), ylim=(-4.5, 4.5))
        inset.set(xticks=(-5, 0, 5), yticks=(-4, 0, 4))
        inset.tick_params(labelbottom=row == 2, labelleft=column == 0)
        inset.set(xlabel="x₁" if row == 2 else "", ylabel="" if column else "x₂")
        parts.append(f"{name} to {_pair(path[1])}")
    return (
        "Six maps of the same valley, with the path of a rule on each, "
        f"{_count(len(path) - 1, 'step')} from {_pair(path[0])}. The first step of each leads: "
        f"{', '.join(parts)}."
    )


@_draws(figsize=(4.8, 3.6))
def online_walk(trace: OnlineWalk, ax: Axes = NEW) -> str:
    """Plot where three rules go when the loss changes from step to step.

    Examples
    --------
    >>> from gdbook.examples.racing_rules import reddi
    >>> print(online_walk(reddi()).alt)
    Where three rules are over 300 steps, from 0. Adam reaches the worst place, 1, at step 183. AdaGrad reaches the best place, −1, at step 220, and gradient descent at step 31.
    """
    for name, places, color in (
        ("Adam", trace.adam, RED),
        ("AdaGrad", trace.adagrad, GREEN),
        ("descent", trace.descent, BLUE),
    ):
        ax.plot(_array(places), color=color, linewidth=1.2, label=name)
    ax.axhline(-1, color=MUTED, linewidth=1, linestyle=":")
    ax.axhline(1, color=MUTED, linewidth=1, linestyle=":")
    ax.text(len(trace.adam) - 1, 1.04, "worst", color=MUTED, ha="right", va="bottom")
    ax.text(len(trace.adam) - 1, -1.04, "best", color=MUTED, ha="right", va="top")
    ax.set(xlabel="step", ylabel="place x", ylim=(-1.3, 1.3))
    _legend_above(ax, 3)
    return (
        f"Where three rules are over {_count(len(trace.adam) - 1, 'step')}, from "
        f"{_n(trace.adam[0])}. Adam reaches the worst place, 1, {_when(trace.adam, 1)}. "
        f"AdaGrad reaches the best place, −1, {_when(trace.adagrad, -1)}, and gradient "
        f"descent {_when(trace.descent, -1)}."
    )


def _when(places: Sequence[Number], end: int) -> str:
    """Say at which step a walk first stands at an end."""
    return f"at step {places.index(end)}" if end in places else "never"
