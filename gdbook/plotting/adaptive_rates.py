"""Draw the chapter on adaptive rates: what each rule does on the same valley."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.adaptive_rates import (
    SteadySlope,
    Walk,
)
from gdbook.plotting._base import (
    GREEN,
    INK,
    MUTED,
    NEW,
    RED,
    _array,
    _count,
    _draws,
    _legend_above,
    _n,
    _note,
    _rule,
)


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
