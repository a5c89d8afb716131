"""Draw the chapter on momentum: paths, swings, and the map of the regimes."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from gdbook.examples.conditioning import valley_loss
from gdbook.examples.momentum import (
    ClosedForm,
    Goals,
    MomentumSweep,
    PhaseMap,
    Roll,
    VelocityMemory,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    INK,
    LOWEST,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _and,
    _array,
    _contours,
    _draws,
    _grid,
    _halo,
    _legend_above,
    _listed,
    _n,
    _note,
    _pair,
    _rule,
)


@_draws(figsize=(4.8, 4.2), most=3)
def rolling_paths(trace: tuple[Roll, ...], ax: Axes = NEW) -> str:
    """Draw the paths of several rules on the map of the valley.

    Examples
    --------
    >>> from gdbook.examples.momentum import heavy_ball
    >>> print(rolling_paths((heavy_ball(momentum=0), heavy_ball())).alt)
    Contours of a long valley whose lowest point is (0, 0), with paths from (−5, −2). After 20 steps descent is at (−0.676, −0.27) and heavy ball is at (−0.00562, −0.00267).
    """
    paths = [_array(run.path) for run in trace]
    every = np.concatenate(paths)
    low, high = every.min(axis=0), every.max(axis=0)
    low, high = low - 0.1 * (high - low), high + 0.1 * (high - low)
    high[0] = max(high[0], -0.4 * low[0])  # the valley goes on behind its lowest point
    first, second, heights = _grid(valley_loss, (low[0], high[0]), (low[1], high[1]))
    start = float(trace[0].losses[0])
    _contours(
        ax, first, second, heights, [start * 4.0**power for power in (-3, -2, -1, 0, 1)]
    )
    ends: list[str] = []
    for run, path in zip(trace, paths, strict=True):
        marks: dict[str, Any] = {"markersize": 3.5, "linewidth": 1.3}
        ax.plot(*path.T, marker="o", label=run.rule, **marks, **_rule(run.rule))
        after = f"After {run.num_steps} steps " if not ends else ""
        same = run.num_steps == trace[0].num_steps
        late = "" if same else f" after {run.num_steps}"
        ends.append(f"{after}{run.rule} is at {_pair(path[-1])}{late}")
    ax.plot([0], [0], markersize=12, **LOWEST)
    ax.set(xlabel="x₁", ylabel="x₂", xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.set_aspect("equal")
    _legend_above(ax, len(trace))
    return (
        "Contours of a long valley whose lowest point is (0, 0), with paths from "
        f"{_pair(paths[0][0])}. {_listed(ends)}."
    )


@_draws(figsize=(4.8, 3.6), most=3)
def rolling_losses(trace: tuple[Roll, ...], ax: Axes = NEW) -> str:
    """Plot the loss of several rules over their steps.

    Examples
    --------
    >>> from gdbook.examples.momentum import three_rules
    >>> print(rolling_losses(three_rules()).alt)
    The loss over the steps from 10.5, on a logarithmic scale. With descent it is at most 10.5 and ends at 8.63 × 10⁻⁶ after 70 steps; with heavy ball it is at most 24.8 and ends at 9.92 × 10⁻⁶ after 23 steps; with Nesterov it is at most 11.5 and ends at 8.12 × 10⁻⁶ after 28 steps.
    """
    parts = []
    for run in trace:
        values, look = _array(run.losses), _rule(run.rule)
        color = look["color"]
        ax.semilogy(values, label=run.rule, **look)
        ax.semilogy([run.num_steps], values[-1:], "o", color=color)
        ax.annotate(
            f"{run.num_steps}",
            (run.num_steps, values[-1]),
            (0, -9),
            textcoords="offset points",
            color=color,
            ha="center",
            va="top",
        )
        parts.append(
            f"ith {run.rule} it is at most {_n(max(values))} and ends at "
            f"{_n(values[-1])} after {run.num_steps} steps"
        )
    ax.set(xlabel="step", ylabel="loss")
    ax.margins(y=0.12)
    _legend_above(ax, len(trace))
    return (
        f"The loss over the steps from {_n(trace[0].losses[0])}, on a logarithmic scale. "
        f"W{'; w'.join(parts)}."
    )


@_draws(figsize=(4.8, 3.6))
def goals_reached(trace: Goals, ax: Axes = NEW) -> str:
    """Plot the steps that each rule needs to several goals.

    Examples
    --------
    >>> from gdbook.examples.momentum import steps_to_goals
    >>> print(goals_reached(steps_to_goals()).alt)
    The steps to shares of the first loss from 0.1 to 10⁻¹⁰, on a logarithmic scale. With descent they are 12, 24, 47, 70, 93 and 116; with heavy ball 9, 12, 18, 23, 29 and 34; with Nesterov 6, 10, 19, 28, 37 and 45.
    """
    shares = _array(trace.shares)
    parts: list[str] = []
    for name, steps in (
        ("descent", trace.descent),
        ("heavy ball", trace.heavy_ball),
        ("Nesterov", trace.nesterov),
    ):
        ax.semilogx(shares, _array(steps), marker="o", label=name, **_rule(name))
        are = "" if parts else "they are "
        parts.append(f"ith {name} {are}{_and(steps)}")
    ax.invert_xaxis()
    ax.minorticks_off()
    ax.set(xlabel="share of the first loss", ylabel="steps")
    ax.set_ylim(0, None)
    _legend_above(ax, len(parts))
    return (
        f"The steps to shares of the first loss from {_n(shares[0])} to "
        f"{_n(shares[-1])}, on a logarithmic scale. W{'; w'.join(parts)}."
    )


@_draws()
def velocity_shares(trace: VelocityMemory, ax: Axes = NEW) -> str:
    """Draw what is left of one push after every step.

    Examples
    --------
    >>> from gdbook.examples.momentum import velocity_memory
    >>> print(velocity_shares(velocity_memory()).alt)
    The share of one push that is left after 0 to 30 steps with momentum 0.9, falling from 1 to 0.0424. It is one half after 6.58 steps; after 10 steps, the sum of all shares, it is 0.349.
    """
    shares = _array(trace.shares)
    total, left = float(trace.total), float(trace.left_after_total)
    ax.bar(np.arange(len(shares)), shares, color=BLUE, alpha=0.35, width=0.8)
    ax.axhline(0.5, color=MUTED, linewidth=1, linestyle=":")
    ax.plot([trace.half_life], [0.5], "o", color=GREEN)
    ax.plot([total], [left], "o", color=RED)
    _note(
        ax,
        f"half-life: {_n(trace.half_life)}",
        (trace.half_life, 0.5),
        (62, 34),
        color=GREEN,
    )
    _note(
        ax,
        f"{_n(total)} steps: {_n(left)} is left",
        (total, left),
        (76, 20),
        color=RED,
    )
    ax.set(xlabel="step", ylabel="share that is left", ylim=(0, 1.05))
    return (
        f"The share of one push that is left after 0 to {len(shares) - 1} steps with "
        f"momentum {_n(trace.momentum)}, falling from {_n(shares[0])} to {_n(shares[-1])}. It "
        f"is one half after {_n(trace.half_life)} steps; after {_n(total)} steps, the "
        f"sum of all shares, it is {_n(left)}."
    )


@_draws(figsize=(4.8, 3.6), most=3)
def damped_swings(trace: tuple[ClosedForm, ...], ax: Axes = NEW) -> str:
    """Draw the distance to the lowest point for several momenta.

    Examples
    --------
    >>> from gdbook.examples.momentum import critical_damping
    >>> print(damped_swings(critical_damping()).alt)
    The distance over 40 steps from 1. With momentum 0.19 it creeps, by the factor 0.95 each step in the long run, and is never below 0.13; with momentum 0.64 it is critical, by the factor 0.8 each step in the long run, and is never below 0.0012; with momentum 0.9 it swings, by the factor 0.949 each step in the long run, and is never below −0.436.
    """
    parts = []
    for run, color in zip(trace, (PURPLE, GREEN, BLUE), strict=False):
        distances = _array(run.distances)
        ax.plot(
            distances,
            "o-",
            color=color,
            markersize=3.5,
            linewidth=1.5,
            label=f"{run.regime}: {_n(run.momentum)}",
        )
        verb = "is critical" if run.regime == "critical" else run.regime
        parts.append(
            f"ith momentum {_n(run.momentum)} it {verb}, by the factor "
            f"{_n(run.factor)} each step in the long run, and is never below "
            f"{_n(min(distances))}"
        )
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.set(xlabel="step", ylabel="distance")
    ax.locator_params(axis="x", integer=True)
    _legend_above(ax, len(trace))
    return (
        f"The distance over {len(trace[0].distances) - 1} steps from "
        f"{_n(trace[0].distances[0])}. W{'; w'.join(parts)}."
    )


@_draws(figsize=(4.8, 3.6))
def momentum_factors(trace: MomentumSweep, ax: Axes = NEW) -> str:
    """Plot by which factor each part of the error shrinks, over the momentum.

    Examples
    --------
    >>> from gdbook.examples.momentum import sweep_momentum
    >>> print(momentum_factors(sweep_momentum()).alt)
    The factor of each step over the momentum from 0 to 0.99, with learning rate 0.476. Without momentum it is 0.905 for the curvature 0.2 and 0.905 for 4. Both fall to the square root of the momentum and then follow it. The slower of the two is fastest at momentum 0.478, with factor 0.691.
    """
    momenta = _array(trace.momenta)
    best = (float(trace.best_momentum), float(trace.best_factor))
    for curvature, factors, color, name, at, to in (
        (trace.curvatures[0], trace.flat_factors, PURPLE, "flat", 0.35, (-16, -46)),
        (trace.curvatures[1], trace.steep_factors, BLUE, "steep", 0.25, (48, -22)),
    ):
        values = _array(factors)
        ax.plot(momenta, values, color=color)
        index = int(at * len(values))
        _note(
            ax,
            f"{name}: λ = {_n(curvature)}",
            (momenta[index], values[index]),
            to,
            color=color,
        )
    slower = np.maximum(_array(trace.flat_factors), _array(trace.steep_factors))
    ax.axhline(slower[0], color=MUTED, linewidth=1, linestyle=":")
    ax.plot([0], [slower[0]], "o", color=RED)
    ax.text(
        0.02,
        slower[0] + 0.02,
        f"no momentum: {_n(slower[0])}",
        color=RED,
        ha="left",
        va="bottom",
    )
    ax.plot([best[0]], [best[1]], "o", color=GREEN)
    _note(ax, f"best: {_n(best[0])}", best, (40, -34), color=GREEN)
    ax.set(
        xlabel="momentum β",
        ylabel="factor of a step",
        xlim=(-0.02, 1),
        ylim=(0.3, max(1.02, 1.05 * slower.max())),
    )
    return (
        f"The factor of each step over the momentum from {_n(momenta[0])} to "
        f"{_n(momenta[-1])}, with learning rate {_n(trace.learning_rate)}. Without "
        f"momentum it is {_n(trace.flat_factors[0])} for the curvature "
        f"{_n(trace.curvatures[0])} and {_n(trace.steep_factors[0])} for "
        f"{_n(trace.curvatures[1])}. Both fall to the square root of the momentum and "
        f"then follow it. The slower of the two is fastest at momentum {_n(best[0])}, "
        f"with factor {_n(best[1])}."
    )


@_draws(figsize=(4.8, 3.9))
def momentum_map(trace: PhaseMap, ax: Axes = NEW) -> str:
    """Draw the map of momentum's regimes.

    Examples
    --------
    >>> from gdbook.examples.momentum import phase_map
    >>> print(momentum_map(phase_map()).alt)
    A map over rate times curvature from 0 to 4 and momentum from 0 to 1. A distance swings on 67 percent of it, in the middle; it creeps on 8.3 percent, in two strips below; it diverges on 25 percent, in the right lower corner, beyond a line from 2 to 4. Descent puts the two curvatures of the valley at 0.0952 and 1.9, without momentum. The best heavy ball puts them at 0.134 and 2.67 with momentum 0.403, where both lie on the boundary between creeping and swinging.
    """
    products, momenta = _array(trace.products), _array(trace.momenta)
    across, up = np.meshgrid(products, momenta)
    factors = _array(trace.factors)
    # Colours that let the paper through, because pixels do not follow the theme.
    pixels = np.zeros((*factors.shape, 4))
    swings = up > (1 - np.sqrt(across)) ** 2
    for color, where in ((BLUE, swings), (PURPLE, ~swings), (RED, factors >= 1)):
        pixels[where, :3] = to_rgb(color)
    # The stronger the faster: a factor of 0.4 already has the full colour.
    # In few shades, which read like contours and take a tenth of the bytes.
    speed = np.round(15 * np.clip((1 - factors) / 0.6, 0, 1)) / 15
    pixels[..., 3] = np.where(factors >= 1, 0.3, 0.08 + 0.62 * speed)
    ax.imshow(
        pixels,
        extent=(0, 4, 0, 1),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        rasterized=True,
        zorder=0,
    )
    edge = np.linspace(0, 4, 401)
    ax.plot(edge, (1 - np.sqrt(edge)) ** 2, color=INK, linewidth=1.6)
    ax.plot([2, 4], [0, 1], color=RED, linewidth=2)
    level = float(trace.ball_momentum)
    ball = _array(trace.ball_products)
    ax.plot(ball, [level, level], color=GREEN, linewidth=1.4, linestyle="--")
    ax.plot(ball, [level, level], "o", color=GREEN, markersize=8)
    descent = _array(trace.descent_products)
    ax.plot(
        descent, [0, 0], "D", **_rule("descent"), markersize=8, clip_on=False, zorder=4
    )
    middle = float(ball.mean())
    _halo(ax, middle, level + 0.04, "best heavy ball", color=GREEN, ha="center")
    _halo(ax, 1.5, 0.8, "swings", color=BLUE, ha="center", va="center")
    _halo(ax, 3.45, 0.3, "diverges", color=RED, ha="center", va="center")
    _note(ax, "creeps", (0.3, 0.1), (62, 12), color=PURPLE)
    _note(ax, "", (2.08, 0.12), (-46, -6), color=PURPLE)
    ax.grid(visible=False)
    ax.set(xlabel="rate × curvature, αλ", ylabel="momentum β", xlim=(0, 4), ylim=(0, 1))
    shares = [100 * s for s in (trace.swinging, trace.creeping, trace.diverging)]
    swinging, creeping, diverging = (_n(share, 2) for share in shares)
    return (
        "A map over rate times curvature from 0 to 4 and momentum from 0 to 1. A "
        f"distance swings on {swinging} percent of it, in the middle; it creeps on "
        f"{creeping} percent, in two strips below; it diverges on {diverging} percent, "
        "in the right lower corner, beyond a line from 2 to 4. Descent puts the two "
        f"curvatures of the valley at {_and(trace.descent_products)}, without momentum. "
        f"The best heavy ball puts them at {_and(trace.ball_products)} with momentum "
        f"{_n(level)}, where both lie on the boundary between creeping and swinging."
    )
