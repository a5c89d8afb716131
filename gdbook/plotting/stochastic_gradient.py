"""Draw the chapter on the stochastic gradient: noise, and what it saves."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.stochastic_gradient import (
    BatchVariance,
    Cooling,
    NoiseFloor,
    NoisyPaths,
    SampleMean,
    Shuffled,
    StepsToLoss,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    LOWEST,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _and,
    _array,
    _contours,
    _draws,
    _legend_above,
    _listed,
    _n,
    _name_at_end,
    _note,
    _pair,
)


@_draws(figsize=(4.8, 3.8))
def batch_gradients(trace: SampleMean, ax: Axes = NEW) -> str:
    """Plot the gradient of every batch around the gradient of all samples.

    Examples
    --------
    >>> from gdbook.examples.stochastic_gradient import sample_mean
    >>> print(batch_gradients(sample_mean()).alt)
    The gradients of single samples, (−0.8, −1.6), (−4, −2) and (−3, −3), joined by lines. In the middle of each line lies the gradient of two samples, (−2.4, −1.8), (−1.9, −2.3) and (−3.5, −2.5). The gradient of all, (−2.6, −2.2), lies among them.
    """
    singles, pairs = _array(trace.gradients[0]), _array(trace.gradients[1])
    gradient = _array(trace.gradient)
    if len(trace.gradients) == 2:  # the only pair is everyone
        pairs = pairs[:0]
    for first, second in trace.batches[1]:
        ax.plot(*singles[[first, second]].T, color=MUTED, linewidth=1.2)
    ax.plot(*singles.T, "o", color=BLUE, markersize=9, label="one sample")
    ax.plot(*pairs.T, "D", color=PURPLE, markersize=7, label="two")
    ax.plot(*gradient, "*", color=GREEN, markersize=15, label="all")
    span = float(np.ptp(singles, axis=0).max())
    for place in singles:
        up = place[1] > gradient[1]
        ax.text(
            place[0],
            place[1] + (0.06 if up else -0.06) * span,
            _pair(place),
            color=BLUE,
            ha="center",
            va="bottom" if up else "top",
        )
    ax.text(
        gradient[0],
        gradient[1] + 0.03 * span,
        _pair(gradient),
        color=GREEN,
        ha="center",
        va="bottom",
    )
    low, high = singles.min(axis=0), singles.max(axis=0)
    ax.set(
        xlabel="slope of the loss along m",
        ylabel="slope of the loss along b",
        xlim=(low[0] - 0.2 * span, high[0] + 0.2 * span),
        ylim=(low[1] - 0.18 * span, high[1] + 0.18 * span),
    )
    _legend_above(ax, 3)
    middles = (
        "In the middle of each line lies the gradient of two samples, "
        f"{_listed(map(_pair, pairs))}. "
        if len(pairs)
        else ""
    )
    return (
        f"The gradients of single samples, {_listed(map(_pair, singles))}, joined by lines. "
        f"{middles}The gradient of all, {_pair(gradient)}, lies among them."
    )


@_draws(figsize=(4.8, 3.6))
def batch_variances(trace: BatchVariance, ax: Axes = NEW) -> str:
    """Plot the variance of the batch gradient over the batch size.

    Examples
    --------
    >>> from gdbook.examples.stochastic_gradient import batch_variance
    >>> print(batch_variances(batch_variance()).alt)
    The variance of the gradient over the batch sizes 1, 2 and 3, both on logarithmic scales, with lines for the formulas. Drawn with replacement it is 2.13, 1.07 and 0.711; without replacement 2.13, 0.533 and 0.
    """
    sizes = _array(trace.batch_sizes)
    marks: dict[str, Any] = {"linestyle": "none", "markerfacecolor": "none"}
    for name, values, formula, color, marker, size in (
        ("with", trace.with_replacement, trace.formula_with, BLUE, "o", 9),
        ("without", trace.without_replacement, trace.formula_without, RED, "D", 6),
    ):
        law, found = _array(formula), _array(values)
        shown = law > 0
        ax.plot(sizes[shown], law[shown], color=color, linewidth=1.2, zorder=1)
        ax.plot(
            sizes[shown],
            found[shown],
            marker=marker,
            color=color,
            markersize=size,
            markeredgewidth=1.6,
            label=f"{name} replacement",
            **marks,
        )
    ax.set(xlabel="batch size", ylabel="variance of the gradient")
    ax.set(xscale="log", yscale="log")
    _legend_above(ax, 2)
    return (
        f"The variance of the gradient over the batch sizes {_and(trace.batch_sizes)}, "
        "both on logarithmic scales, with lines for the formulas. Drawn with "
        f"replacement it is {_and(trace.with_replacement)}; without replacement "
        f"{_and(trace.without_replacement)}."
    )


@_draws(figsize=(4.8, 4.0))
def noisy_valley(trace: NoisyPaths, ax: Axes = NEW) -> str:
    """Draw the same steps with batches of several sizes on the map of the loss.

    Examples
    --------
    >>> from gdbook.examples.stochastic_gradient import noisy_paths
    >>> print(noisy_valley(noisy_paths(num_steps=20)).alt)
    Contours of the loss over slope and intercept, and 20 steps from (0, 0) with batches of 1, 10 and 10000. They end at (0.801, 0.126), (0.783, 0.14) and (0.77, 0.152); the best line is (0.55, 1.9).
    """
    colors = (RED, PURPLE, GREEN)
    if len(trace.batch_sizes) > len(colors):
        msg = f"`trace` holds {len(trace.batch_sizes)} paths but must hold 1 to 3"
        raise ValueError(msg)
    best = _array(trace.best)
    curvature = _array(trace.curvature)
    slopes = np.concatenate([*map(_array, trace.slopes), best[:1]])
    intercepts = np.concatenate([*map(_array, trace.intercepts), best[1:]])
    wide, high = np.ptp(slopes), np.ptp(intercepts)
    across = np.linspace(slopes.min() - 0.08 * wide, slopes.max() + 0.12 * wide, 121)
    up = np.linspace(intercepts.min() - 0.1 * high, intercepts.max() + 0.14 * high, 121)
    grid = np.stack(np.meshgrid(across, up)) - best[:, None, None]
    excess = np.einsum("ihw,ij,jhw->hw", grid, curvature, grid) / 2
    levels = float(excess.max()) / 4.0 ** np.arange(6)
    _contours(ax, across, up, excess, tuple(map(float, levels[1:])))
    for size, path, heights, color in zip(
        trace.batch_sizes, trace.slopes, trace.intercepts, colors, strict=False
    ):
        steady = size == max(trace.batch_sizes)
        ax.plot(
            _array(path),
            _array(heights),
            color=color,
            linewidth=2.6 if steady else 1,
            zorder=1.9 if steady else 2,  # the exact path lies below the noisy ones
            label=f"batch {size}",
        )
    ax.plot(*best, markersize=13, **LOWEST)
    _note(ax, f"best: {_pair(best)}", (best[0], best[1]), (-64, -18))
    ax.set(xlabel="slope m", ylabel="intercept b")
    _legend_above(ax, len(trace.batch_sizes))
    return (
        f"Contours of the loss over slope and intercept, and {trace.num_steps} steps "
        f"from {_pair((trace.slopes[0][0], trace.intercepts[0][0]))} with batches of "
        f"{_listed(map(str, trace.batch_sizes))}. They end at {_listed(map(_pair, _array(trace.ends)))}; the "
        f"best line is {_pair(best)}."
    )


@_draws(figsize=(4.8, 3.8))
def noise_floors(trace: NoiseFloor, ax: Axes = NEW) -> str:
    """Plot how noise lifts the loss from its least, for each learning rate.

    Examples
    --------
    >>> from gdbook.examples.stochastic_gradient import noise_floor
    >>> print(noise_floors(noise_floor()).alt)
    The loss above its least over 1200 steps from the best line. With the rates 0.0002, 0.0004, 0.0008 and 0.0016 it rises to 0.00168, 0.00338, 0.00693 and 0.0146 on average; dotted lines mark the predictions 0.00172, 0.00344, 0.00688 and 0.0138.
    """
    colors = (BLUE, PURPLE, GREEN, RED)
    if len(trace.learning_rates) > len(colors):
        msg = f"`trace` holds {len(trace.learning_rates)} rates but must hold 2 to 4"
        raise ValueError(msg)
    for rate, losses, law, color in zip(
        trace.learning_rates, trace.excesses, trace.predicted, colors, strict=False
    ):
        ax.plot(_array(losses), color=color, linewidth=1.1)
        ax.axhline(law, color=color, linewidth=1.4, linestyle=":")
        _name_at_end(ax, trace.num_steps, law, _n(rate), color)
    ax.set(xlabel="step", ylabel="loss above the least", xlim=(0, trace.num_steps))
    ax.set_ylim(bottom=0)
    return (
        f"The loss above its least over {trace.num_steps} steps from the best line. With "
        f"the rates {_and(trace.learning_rates)} it rises to {_and(trace.floors)} on "
        f"average; dotted lines mark the predictions {_and(trace.predicted)}."
    )


@_draws(figsize=(4.8, 3.6))
def cooled_losses(trace: Cooling, ax: Axes = NEW) -> str:
    """Plot single-sample descents with a large, a small and a lowered rate.

    Examples
    --------
    >>> from gdbook.examples.stochastic_gradient import cooling
    >>> print(cooled_losses(cooling()).alt)
    The loss above its least over 2000 steps on single samples, on a logarithmic scale. The rate 0.006 ends at 0.0822, the rate 0.0005 at 0.313, and the rate lowered from 0.006 to 0 at 0.00344.
    """
    for name, values, color in (
        (f"rate {_n(trace.learning_rate)}", trace.large, RED),
        (_n(trace.small_rate), trace.small, BLUE),
        ("lowered", trace.cooled, GREEN),
    ):
        ax.semilogy(trace.steps, _array(values), color=color, label=name)
    ax.set(xlabel="step", ylabel="loss above the least", xlim=(0, trace.num_steps))
    _legend_above(ax, 3)
    large, small, cooled = trace.ends
    return (
        f"The loss above its least over {trace.num_steps} steps on single samples, on a "
        f"logarithmic scale. The rate {_n(trace.learning_rate)} ends at {_n(large)}, the "
        f"rate {_n(trace.small_rate)} at {_n(small)}, and the rate lowered from "
        f"{_n(trace.learning_rate)} to 0 at {_n(cooled)}."
    )


@_draws(figsize=(4.8, 3.6))
def batch_costs(trace: StepsToLoss, ax: Axes = NEW) -> str:
    """Plot how many steps and how many epochs each batch size needs.

    Examples
    --------
    >>> from gdbook.examples.stochastic_gradient import steps_to_loss
    >>> print(batch_costs(steps_to_loss(batch_sizes=(100, 1000, 10_000))).alt)
    Steps and epochs until the loss is 0.03 above its least, over the batch sizes 100, 1000 and 10000, on logarithmic scales. Steps: 153, 140 and 139. Epochs: 1.53, 14 and 139.
    """
    sizes = _array(trace.batch_sizes)
    for name, counts, color in (
        ("steps", trace.num_steps, BLUE),
        ("epochs", trace.num_epochs, RED),
    ):
        ax.loglog(sizes, _array(counts), "o-", color=color, label=name)
        ax.annotate(
            f"{counts[0]:g} {name}",
            (sizes[0], counts[0]),
            (10, 0),
            textcoords="offset points",
            color=color,
            va="top" if name == "epochs" else "center",
        )
    _note(ax, _n(counts[-1]), (sizes[-1], counts[-1]), (-8, 24))
    ax.margins(y=0.1)
    ax.set(xlabel="batch size", ylabel="needed")
    return (
        f"Steps and epochs until the loss is {_n(trace.wanted)} above its least, over "
        f"the batch sizes {_listed(map(str, trace.batch_sizes))}, on logarithmic scales. Steps: "
        f"{_listed(map(str, trace.num_steps))}. Epochs: {_and(trace.num_epochs)}."
    )


@_draws(figsize=(4.8, 3.4))
def dealt_losses(trace: Shuffled, ax: Axes = NEW) -> str:
    """Plot descents on sorted samples, dealt in order and shuffled.

    Examples
    --------
    >>> from gdbook.examples.stochastic_gradient import shuffled
    >>> print(dealt_losses(shuffled(num_epochs=5)).alt)
    The loss above its least over 5 epochs on sorted samples, on a logarithmic scale. Both descents start at 24.1. Dealt in order it ends at 0.408; shuffled before every epoch at 0.00689 on average.
    """
    for name, losses, color in (
        ("in order", trace.in_order, RED),
        ("shuffled", trace.shuffled, GREEN),
    ):
        ax.semilogy(
            _array(losses), "o-", color=color, markersize=4, linewidth=1.6, label=name
        )
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="epoch", ylabel="loss above the least")
    _legend_above(ax, 2)
    return (
        f"The loss above its least over {trace.num_epochs} epochs on sorted samples, on "
        f"a logarithmic scale. Both descents start at {_n(trace.in_order[0])}. Dealt in "
        f"order it ends at {_n(trace.in_order[-1])}; shuffled before every epoch at "
        f"{_n(trace.shuffled[-1])} on average."
    )
