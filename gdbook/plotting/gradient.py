"""Draw the chapter on the gradient: two weights and their gradient."""

import math

import numpy as np
from matplotlib.axes import Axes

from gdbook import losses
from gdbook.examples.gradient import Directions, ManySteps, TwoInputs
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    MUTED,
    NEW,
    RED,
    _array,
    _arrow,
    _contours,
    _draws,
    _grid,
    _halo,
    _listed,
    _n,
    _pair,
)


@_draws(figsize=(4.8, 4.4))
def two_weight_step(trace: TwoInputs, ax: Axes = NEW) -> str:
    """Draw the loss over two weights as a map, with the step against the gradient.

    Examples
    --------
    >>> from gdbook.examples.gradient import two_inputs
    >>> print(two_weight_step(two_inputs()).alt)
    Contours of the loss over two weights, parallel lines. An arrow leads from weights (1, 2) with loss 25 straight across them to (0.7, 1.6) with loss 6.25. The line of loss 0 lies beyond it.
    """
    start, end = _array(trace.weights), _array(trace.new_weights)
    inputs, target = _array(trace.inputs), float(trace.target)
    reach = 2.1 * float(np.max(abs(end - start)))
    levels = [float(trace.loss) * q for q in (1 / 16, 1 / 4, 9 / 16, 1, 25 / 16)]
    _map(ax, trace, end, reach, levels)
    _arrow(ax, start, end, BLUE)
    ax.plot(*start, "o", color=BLUE)
    _halo(
        ax,
        start[0] + 0.04,
        start[1] + 0.03,
        f"{_pair(trace.weights)}\nloss {_n(trace.loss)}",
        ha="left",
        va="bottom",
        color=BLUE,
    )
    _halo(
        ax,
        end[0] + 0.06,
        end[1] - 0.04,
        f"{_pair(trace.new_weights)}\nloss {_n(trace.new_loss)}",
        ha="left",
        va="top",
        color=BLUE,
    )
    quarter = end[0] - 0.5 * reach
    _halo(
        ax,
        quarter,
        (target - inputs[0] * quarter) / inputs[1] - 0.05 * reach,
        "loss 0",
        color=GREEN,
        ha="right",
        va="top",
    )
    short = float(trace.error) * float(trace.new_error) > 0
    lies = "lies beyond it" if short else "lies where it ends or before"
    return (
        "Contours of the loss over two weights, parallel lines. An arrow leads from "
        f"weights {_pair(trace.weights)} with loss {_n(trace.loss)} straight across them "
        f"to {_pair(trace.new_weights)} with loss {_n(trace.new_loss)}. "
        f"The line of loss 0 {lies}."
    )


@_draws(figsize=(4.8, 4.4))
def two_weight_paths(trace: tuple[ManySteps, ...], ax: Axes = NEW) -> str:
    """Draw descents from several starts on the map of two weights.

    Examples
    --------
    >>> from gdbook.examples.gradient import several_starts
    >>> print(two_weight_paths(several_starts()).alt)
    Contours of the loss over two weights, parallel lines. Straight paths cross them at right angles: from (1, 2) to (0.401, 1.2), from (−1, 1) to (−0.401, 1.8) and from (2, 1) to (1.52, 0.361). At their ends the loss is 2.38 × 10⁻⁵ or less.
    """
    paths = [_array(run.weights) for run in trace]
    ends = np.array([(path[0], path[-1]) for path in paths]).reshape(-1, 2)
    middle = (ends.min(axis=0) + ends.max(axis=0)) / 2
    reach = 0.7 * float(np.max(np.ptp(ends, axis=0)))
    highest = max(float(run.losses[0]) for run in trace)
    levels = [highest * q for q in (1 / 16, 1 / 4, 9 / 16, 1)]
    _map(ax, trace[0], middle, reach, levels)
    for run, path in zip(trace, paths, strict=True):
        ax.plot(*path.T, "o-", color=BLUE, linewidth=1.4, markersize=4)
        above = run.errors[0] > 0
        _halo(
            ax,
            path[0][0],
            path[0][1] + (0.06 if above else -0.06) * reach,
            _pair(path[0]),
            ha="center",
            va="bottom" if above else "top",
            color=BLUE,
        )
        _halo(
            ax,
            path[-1][0],
            path[-1][1] + (-0.06 if above else 0.06) * reach,
            _pair(path[-1], 2),
            ha="right" if above else "left",
            va="top" if above else "bottom",
            color=GREEN,
        )
    last = max(float(run.losses[-1]) for run in trace)
    listed = _listed(f"from {_pair(path[0])} to {_pair(path[-1])}" for path in paths)
    return (
        "Contours of the loss over two weights, parallel lines. Straight paths cross "
        f"them at right angles: {listed}. At their ends the loss is "
        f"{_n(last)} or less."
    )


def _map(
    ax: Axes,
    trace: TwoInputs | ManySteps,
    middle: np.ndarray,
    reach: float,
    levels: list[float],
) -> None:
    """Draw the loss of one sample around a place, with the line of loss 0."""
    inputs, target = _array(trace.inputs), float(trace.target)
    across, up = ((at - reach, at + reach) for at in middle)
    grid = _grid(
        lambda pair: losses.squared_error(float(pair @ inputs), target), across, up
    )
    _contours(ax, *grid, levels)
    along = np.array(across)
    ax.plot(along, (target - inputs[0] * along) / inputs[1], color=GREEN)
    ax.set(xlabel="w₁", ylabel="w₂", xlim=across, ylim=up, aspect="equal")


@_draws(figsize=(4.8, 3.4))
def direction_slopes(trace: Directions, ax: Axes = NEW) -> str:
    """Plot the slope of the loss in every direction around one place.

    Examples
    --------
    >>> from gdbook.examples.gradient import directions
    >>> print(direction_slopes(directions()).alt)
    The slope over the direction, a cosine wave between −50 and 50. In direction (1, 0) it is 30, in (0, 1) it is 40, in (0.8, −0.6) it is 0, in (−0.6, −0.8) it is −50.
    """
    gradient = _array(trace.gradient)
    low, high = -float(trace.length), float(trace.length)
    degrees = np.linspace(-180, 180, 181)
    turned = np.radians(degrees)
    ax.plot(
        degrees,
        gradient[0] * np.cos(turned) + gradient[1] * np.sin(turned),
        color=MUTED,
    )
    ax.axhline(0, color=MUTED, linewidth=1)
    parts = []
    for unit, slope in zip(trace.directions, trace.slopes, strict=True):
        angle = math.degrees(math.atan2(float(unit[1]), float(unit[0])))
        color = BLUE if slope < 0 else RED if slope > 0 else GREEN
        lowest = float(slope) <= low
        ax.plot([angle], [float(slope)], "o", color=color)
        _halo(
            ax,
            angle + 7,
            float(slope) - (0.08 * high if lowest else 0),
            f"{_n(slope)} at {_pair(unit)}",
            ha="left",
            va="top" if lowest else "center",
            color=color,
            fontsize=10,
        )
        parts.append(f"{_pair(unit)} it is {_n(slope)}")
    ax.set(
        xlabel="direction, degrees from the w₁ axis",
        ylabel="slope",
        xticks=range(-180, 181, 90),
        xlim=(-185, 185),
        ylim=(1.45 * low, 1.3 * high),
    )
    return (
        f"The slope over the direction, a cosine wave between {_n(low)} and {_n(high)}. "
        f"In direction {', in '.join(parts)}."
    )
