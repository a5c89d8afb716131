"""Draw the chapter on the learning rate: what the rate does."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.learning_rate import BesideBound, Schedule, StabilityBound, Sweep
from gdbook.examples.weight_update import Repeated
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _and,
    _array,
    _draws,
    _legend_above,
    _listed,
    _n,
    _note,
)


@_draws()
def rate_sweep(trace: Sweep, ax: Axes = NEW) -> str:
    """Plot the loss after a fixed number of steps over the learning rate.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import sweep
    >>> print(rate_sweep(sweep()).alt)
    The loss over the learning rate from 10⁻⁹ to 1, both on logarithmic scales. It starts at 16, is least, 0.184, at the rate 0.1, and 6.5 × 10²⁵ at the rate 1.
    """
    rates, after = _array(trace.learning_rates), _array(trace.losses)
    first = float(trace.first_loss)
    colors = {"stuck": MUTED, "lower": GREEN, "higher": RED}
    ax.loglog(rates, after, color=MUTED, linewidth=1.2, zorder=1)
    for verdict, color in colors.items():
        chosen = np.array(trace.verdicts) == verdict
        if chosen.any():
            ax.loglog(rates[chosen], after[chosen], "o", color=color, label=verdict)
    # A loss that explodes would leave no room for the others.
    for rate, loss in zip(rates, after, strict=True):
        if loss > 10 * first:
            ax.plot(rate, 6 * first, "^", color=RED)
            where = {"ha": "right", "color": RED}
            _note(ax, f"up to {_n(loss)}", (rate, 6 * first), (-34, 6), **where)
    ax.axhline(first, color=MUTED, linewidth=1, linestyle=":")
    ax.text(rates[0], 1.3 * first, f"first loss: {_n(first)}", color=MUTED, va="bottom")
    ax.legend(loc="lower left")
    lowest = after[after > 0].min(initial=first)
    ax.set(xlabel="learning rate", ylabel="loss after the steps")
    ax.set_ylim(0.5 * lowest, 10 * first)
    return (
        f"The loss over the learning rate from {_n(rates[0])} to {_n(rates[-1])}, both "
        f"on logarithmic scales. It starts at {_n(trace.first_loss)}, is least, "
        f"{_n(min(trace.losses))}, at the rate {_n(trace.best_rate)}, and "
        f"{_n(after[-1])} at the rate {_n(rates[-1])}."
    )


@_draws(figsize=(4.8, 3.6))
def shrinking_factors(trace: StabilityBound, ax: Axes = NEW) -> str:
    """Plot by which factor each part of the error shrinks, over the learning rate.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import stability_bound
    >>> print(shrinking_factors(stability_bound()).alt)
    The factor of each step over the learning rate, for curvatures 0.299 and 5.2. The steep one falls to 0 at 0.192 and passes 1 at the bound 0.385. The slower of the two is fastest at 0.364, with factor 0.891.
    """
    flat, steep = trace.curvatures
    best, bound = float(trace.best_rate), trace.linear_step
    rates = np.linspace(0, 1.2 * bound, 121)
    for curvature, color, name in ((flat, PURPLE, "flat"), (steep, BLUE, "steep")):
        ax.plot(rates, abs(1 - rates * curvature), color=color)
        at = 0.45 * bound if name == "flat" else 0.25 * bound
        ax.text(
            at + 0.02 * bound,
            abs(1 - at * curvature) - (0.05 if name == "flat" else 0),
            f"{name}: λ = {_n(curvature)}",
            ha="center" if name == "flat" else "left",
            va="top" if name == "flat" else "bottom",
            color=color,
        )
    ax.axhline(1, color=MUTED, linewidth=1, linestyle=":")
    slowest = 1 - best * flat
    ax.plot([best], [slowest], "o", color=GREEN)
    _note(ax, f"best: {_n(best)}", (best, slowest), (26, -40), color=GREEN)
    ax.plot([bound], [1], "o", color=RED)
    _note(ax, f"bound: {_n(bound)}", (bound, 1), (-30, 24), color=RED)
    ax.set(
        xlabel="learning rate",
        ylabel="factor of a step",
        xlim=(0, rates[-1]),
        ylim=(0, 1.35),
    )
    return (
        "The factor of each step over the learning rate, for curvatures "
        f"{_and(trace.curvatures)}. The steep one falls to 0 at {_n(1 / steep)} and passes "
        f"1 at the bound {_n(bound)}. The slower of the two is fastest at {_n(best)}, "
        f"with factor {_n(slowest)}."
    )


@_draws(figsize=(4.8, 3.6))
def beside_the_bound(trace: BesideBound, ax: Axes = NEW) -> str:
    """Plot how far the loss is from its least, just below and just above the bound.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import beside_bound
    >>> print(beside_the_bound(beside_bound()).alt)
    The loss above its least value over 200 steps, on a logarithmic scale. Both descents start at 1.21. With the rate 0.377, below the bound 0.385, it falls to 8.99 × 10⁻⁸; with the rate 0.392, above it, it rises to 7220000.
    """
    least = float(trace.best_loss)
    ends = []
    for rate, values, color, name in (
        (trace.learning_rates[0], trace.losses_below, GREEN, "below"),
        (trace.learning_rates[1], trace.losses_above, RED, "above"),
    ):
        excess = _array(values) - least
        ends.append(excess[-1])
        ax.semilogy(excess, color=color)
        middle = len(excess) // 2
        _note(
            ax,
            f"rate {_n(rate)}, {name}",
            (middle, excess[middle]),
            (-44, 24 if name == "above" else -24),
            color=color,
        )
    ax.set(
        xlabel="step",
        ylabel="loss above the least",
        xlim=(0, len(trace.losses_below) - 1),
    )
    return (
        f"The loss above its least value over {len(trace.losses_below) - 1} steps, on a "
        "logarithmic scale. Both descents start at "
        f"{_n(float(trace.losses_below[0]) - least)}. With the rate "
        f"{_n(trace.learning_rates[0])}, below the bound {_n(trace.bound)}, it falls to "
        f"{_n(ends[0])}; with the rate {_n(trace.learning_rates[1])}, above it, it "
        f"rises to {_n(ends[1])}."
    )


@_draws()
def schedules(trace: Schedule, ax: Axes = NEW) -> str:
    """Plot the error with a changing learning rate beside a constant one.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import schedule
    >>> print(schedules(schedule(num_steps=8)).alt)
    The error over 8 steps. With the constant rate 0.11 it ends at −3.4. With the rate changed to 0.055 at step 5 it ends at 3.62 × 10⁻⁶.
    """
    constant, changing = _array(trace.constant_errors), _array(trace.errors)
    steps = np.arange(len(changing))
    marks: dict[str, Any] = {"markersize": 3.5, "linewidth": 1.2}
    ax.plot(steps, constant, "o-", color=RED, label="constant rate", **marks)
    ax.plot(steps, changing, "o-", color=GREEN, label="changing rate", **marks)
    ax.axhline(0, color=MUTED, linewidth=1)
    _legend_above(ax, 2)
    rates = trace.learning_rates
    for step in trace.changes:
        ax.axvline(step, color=MUTED, linewidth=1, linestyle=":")
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="step", ylabel="error")
    listed = [f"{_n(rates[t])} at step {t}" for t in trace.changes]
    changed = _listed(listed or ["nothing"])
    return (
        f"The error over {len(rates)} steps. With the constant rate "
        f"{_n(rates[0])} it ends at {_n(constant[-1])}. With the rate changed to {changed} "
        f"it ends at {_n(changing[-1])}."
    )


_COLORS = (PURPLE, GREEN, RED)


@_draws(figsize=(4.8, 3.6), most=len(_COLORS))
def rate_traces(trace: tuple[Repeated, ...], ax: Axes = NEW) -> str:
    """Draw descents with several learning rates, step by step.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import three_rates
    >>> print(rate_traces(three_rates()).alt)
    The error over 12 steps from −4. With the rate 0.005 it is multiplied by 0.91 each step and ends at −1.29; with the rate 0.05 by 0.1, ending at −4 × 10⁻¹²; with the rate 0.115 by −1.07, ending at −9.01.
    """
    parts: list[str] = []
    for run, color in zip(trace, _COLORS, strict=False):
        errors = _array(run.errors)
        name = f"rate {_n(run.learning_rate)}"
        ax.plot(errors, "o-", color=color, markersize=4, linewidth=1.4, label=name)
        how = (
            f"it is multiplied by {_n(run.factor)} each step and ends at {_n(errors[-1])}"
            if not parts
            else f"by {_n(run.factor)}, ending at {_n(errors[-1])}"
        )
        parts.append(f"{name} {how}")
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.set(xlabel="step", ylabel="error")
    _legend_above(ax, len(trace))
    return (
        f"The error over {trace[0].num_steps} steps from {_n(trace[0].errors[0])}. "
        f"With the {'; with the '.join(parts)}."
    )
