"""Draw the chapter on adaptive rates: what each rule does on the same valley."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdbook._checks import Number
from gdbook.examples.adaptive_rates import (
    OnlineWalk,
    Race,
    SideBySide,
    SteadySlope,
    Walk,
)
from gdbook.examples.conditioning import valley_loss
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    INK,
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
    _note,
    _pair,
    _rule,
)

_LIGHTER = 2  # the lighter ball's place in a race, much like the heavy one's


def _looks(rules: Sequence[str]) -> list[dict[str, Any]]:
    """Return the look of each rule of a race."""
    looks = [_rule(rule) for rule in rules]
    looks[_LIGHTER] = looks[_LIGHTER] | {"linestyle": "-."}
    return looks


@_draws(most=3)
def weights_over_steps(trace: tuple[Walk, ...], ax: Axes = NEW) -> str:
    """Plot the steep weight of one or more walks over the steps.

    Examples
    --------
    >>> from gdbook.examples.adaptive_rates import adam, sign_steps
    >>> print(weights_over_steps((sign_steps(), adam(num_steps=20))).alt)
    The steep weight over the steps, from −2. After 20 steps of sign steps it is 0.4 and was between −0.2 and 0.4 over the last half; after 20 steps of Adam it is −0.457 and was between −0.553 and 0.711 over the last half.
    """
    parts: list[str] = []
    for walk in trace:
        steep = _array(walk.weights)[:, 1]
        marks: dict[str, Any] = (
            {"marker": "o", "markersize": 3.5} if len(steep) <= 41 else {}
        )
        ax.plot(steep, linewidth=1.5, label=walk.rule, **marks, **_rule(walk.rule))
        late = steep[len(steep) // 2 :]
        parts.append(
            f"after {_count(len(steep) - 1, 'step')} of {walk.rule} it is {_n(steep[-1])} and was "
            f"between {_n(late.min())} and {_n(late.max())} over the last half"
        )
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="step", ylabel="steep weight x₂")
    _legend_above(ax, len(trace))
    listed = "; ".join(parts)
    return (
        f"The steep weight over the steps, from {_n(trace[0].weights[0][1])}. "
        f"{listed[0].upper()}{listed[1:]}."
    )


@_draws()
def steady_steps(trace: SteadySlope, ax: Axes = NEW) -> str:
    """Plot how long the steps of each rule are on a slope that never changes.

    Examples
    --------
    >>> from gdbook.examples.adaptive_rates import steady_slope
    >>> print(steady_steps(steady_slope(num_steps=100)).alt)
    The length of each step on a steady slope, over 100 steps on a logarithmic scale. Adam's stays 1. Without its correction it starts at 3.16, is longest, 6.57, at step 12, and ends at 3.24. RMSProp's falls from 3.16 to 1, AdaGrad's from 1 to 0.1.
    """
    lines = (
        ("Adam, uncorrected", trace.uncorrected, MUTED),
        ("RMSProp", trace.rmsprop, INK),
        ("Adam", trace.corrected, RED),
        ("AdaGrad", trace.adagrad, GREEN),
    )
    steps = np.arange(1, len(trace.corrected) + 1)
    for name, lengths, color in lines:
        ax.semilogx(steps, _array(lengths), color=color, label=name)
    ax.plot([trace.longest_step], [float(trace.longest)], "o", color=MUTED)
    _note(
        ax,
        f"{_n(trace.longest)} at step {trace.longest_step}",
        (trace.longest_step, float(trace.longest)),
        (72, -2),
        color=MUTED,
    )
    ax.set(xlabel="step", ylabel="length of the step", ylim=(0, None))
    _legend_above(ax, 2)
    first, last = trace.uncorrected[0], trace.uncorrected[-1]
    return (
        f"The length of each step on a steady slope, over {_count(len(steps), 'step')} on a "
        f"logarithmic scale. Adam's stays {_n(trace.corrected[-1])}. Without its "
        f"correction it starts at {_n(first)}, is longest, {_n(trace.longest)}, at step "
        f"{trace.longest_step}, and ends at {_n(last)}. RMSProp's falls from "
        f"{_n(trace.rmsprop[0])} to {_n(trace.rmsprop[-1])}, AdaGrad's from "
        f"{_n(trace.adagrad[0])} to {_n(trace.adagrad[-1])}."
    )


@_draws(figsize=(4.8, 4.4))
def steps_over_rates(trace: Race, ax: Axes = NEW) -> str:
    """Plot how many steps every rule needs, over the learning rate.

    Examples
    --------
    >>> from gdbook.examples.adaptive_rates import race_of_rules
    >>> print(steps_over_rates(race_of_rules(num_rates=21, limit=300)).alt)
    Steps until the loss stays at the target, over learning rates from 0.001 to 10, both on logarithmic scales. The fewest: descent 89 at rate 0.398, momentum 0.9 148 at rate 0.0398, momentum 0.4 24 at rate 0.631, Nesterov 90 at rate 0.251, AdaGrad 8 at rate 6.31, RMSProp never, Adam 144 at rate 0.251.
    """
    rates = _array(trace.rates)
    parts: list[str] = []
    looks = _looks(trace.rules)
    for name, counts, look in zip(trace.rules, trace.steps_by_rate, looks, strict=True):
        steps = _array(counts)
        arrived = steps <= trace.limit
        ax.loglog(rates, np.where(arrived, steps, np.nan), label=name, **look)
        if not arrived.any():
            parts.append(f"{name} never")
            continue
        best = int(steps.argmin())
        ax.plot(rates[best], steps[best], "o", color=look["color"])
        parts.append(f"{name} {_n(steps[best])} at rate {_n(rates[best])}")
    ax.set(xlabel="learning rate", ylabel="steps to stay at the target")
    _legend_above(ax, 3)
    return (
        f"Steps until the loss stays at the target, over learning rates from "
        f"{_n(rates[0])} to {_n(rates[-1])}, both on logarithmic scales. The fewest: "
        f"{', '.join(parts)}."
    )


@_draws(figsize=(4.8, 4.4))
def rule_losses(trace: SideBySide, ax: Axes = NEW) -> str:
    """Plot the loss of every rule over the steps.

    Examples
    --------
    >>> from gdbook.examples.adaptive_rates import side_by_side
    >>> rates = (0.46, 0.02, 0.66, 0.32, 6, 0.0013, 0.25)
    >>> print(rule_losses(side_by_side(rates, num_steps=20)).alt)
    The loss over 20 steps from 10.5, on a logarithmic scale. Descent ends at 0.0601, momentum 0.9 at 1.49, momentum 0.4 at 8.06 × 10⁻⁶, Nesterov at 0.0223, AdaGrad at 3.92 × 10⁻²⁰, RMSProp at 10.2, Adam at 0.501.
    """
    parts: list[str] = []
    looks = _looks(trace.rules)
    for name, losses, look in zip(trace.rules, trace.losses, looks, strict=True):
        heights = _array(losses)
        ax.semilogy(heights, label=name, linewidth=1.6, **look)
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
    >>> from gdbook.examples.adaptive_rates import side_by_side
    >>> rates = (0.46, 0.02, 0.66, 0.32, 6, 0.0013, 0.25)
    >>> print(rule_paths(side_by_side(rates, num_steps=20)).alt)
    Six maps of the same valley, with the path of a rule on each, 20 steps from (−5, −2). The first step of each leads: descent to (−4.54, 1.68), momentum 0.9 to (−4.98, −1.84), Nesterov to (−4.39, 2.86), AdaGrad to (1, 4), RMSProp to (−5, −2), Adam to (−4.75, −1.75).
    """
    ax.set_axis_off()
    shown = [index for index in range(len(trace.rules)) if index != _LIGHTER]
    first, second, heights = _grid(valley_loss, (-6.5, 6.5), (-4.5, 4.5))
    parts: list[str] = []
    for at, index in enumerate(shown):
        row, column = divmod(at, 2)
        inset = ax.inset_axes((0.51 * column, 0.68 - 0.34 * row, 0.49, 0.27))
        _contours(inset, first, second, heights, (0.2, 1, 3, 7, 14))
        path = _array(trace.weights[index])
        color = _rule(trace.rules[index])["color"]
        inset.plot(*path.T, "o-", color=color, linewidth=1.2, markersize=2.2)
        inset.plot([0], [0], markersize=6, **LOWEST)
        inset.set_title(trace.rules[index], color=color, pad=3)
        inset.set(xlim=(-6.5, 6.5), ylim=(-4.5, 4.5), xticks=[], yticks=[])
        inset.spines[:].set_visible(False)
        parts.append(f"{trace.rules[index]} to {_pair(path[1])}")
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
    >>> from gdbook.examples.adaptive_rates import reddi
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
