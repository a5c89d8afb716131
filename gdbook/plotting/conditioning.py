"""Draw the chapter on conditioning: axes, parts, and valleys made round."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.conditioning import (
    CURVATURES,
    Aims,
    LinearStepParts,
    MeasuredFactors,
    Standardised,
    ZigZag,
    valley_loss,
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
    _array,
    _arrow,
    _count,
    _draws,
    _halo,
    _listed,
    _n,
    _note,
    _pair,
)

# The lengths of two directions, with a right angle between them.
_UPRIGHT = ((1.0, 0.0), (0.0, 1.0))


def _ellipse(
    ax: Axes,
    height: float,
    curvatures: Any,
    directions: Any = _UPRIGHT,
    middle: Any = (0, 0),
) -> None:
    """Draw the contour on which a bowl is this much higher than its lowest point."""
    angles = np.linspace(0, 2 * np.pi, 121)
    reach = np.sqrt(2 * height / _array(curvatures))
    parts = np.stack([reach[0] * np.cos(angles), reach[1] * np.sin(angles)], axis=1)
    places = parts @ _array(directions) + _array(middle)  # (n_angles, 2)
    ax.plot(*places.T, color=MUTED, linewidth=0.9)


def _around(values: np.ndarray) -> tuple[float, float]:
    """Give limits that hold these values and 0, with a margin."""
    low, high = min(0, values.min()), max(0, values.max())
    return low - 0.2 * (high - low), high + 0.2 * (high - low)


@_draws(figsize=(4.8, 2.5))
def downhill_aims(trace: Aims, ax: Axes = NEW) -> str:
    """Draw the steepest way down from several places of the valley.

    Examples
    --------
    >>> from gdbook.examples.conditioning import aims
    >>> print(downhill_aims(aims(((-5, -2), (-6, 0), (0, -2)))).alt)
    Ellipses of equal height around the lowest point (0, 0), with the steepest way down from 3 places. From (−6, 0) and (0, −2), on an axis, it points straight at the lowest point; from (−5, −2) it misses it by 61.1 degrees.
    """
    points = _array(trace.points)
    reach = 1.25 * abs(points).max(axis=0)
    for side in _UPRIGHT:
        ends = np.outer([-1, 1], reach * side)
        ax.plot(*ends.T, color=MUTED, linewidth=1, linestyle=":")
    for height in sorted({float(valley_loss(point)) for point in trace.points}):
        _ellipse(ax, height, CURVATURES)
    straight: list[tuple[np.ndarray, float]] = []
    missed: list[tuple[np.ndarray, float]] = []
    for point, downhill, miss in zip(
        points, _array(trace.downhills), trace.misses, strict=True
    ):
        aimed = miss < 1e-9
        (straight if aimed else missed).append((point, miss))
        color = GREEN if aimed else RED
        ax.plot(*point, "o", color=color)
        length = 0.17 * reach[0] / math.hypot(*downhill)
        _arrow(ax, point, point + length * downhill, color)
    ax.plot(0, 0, markersize=13, **LOWEST)
    ax.set(xlabel="x₁", ylabel="x₂", xlim=(-reach[0], reach[0]))
    ax.grid(visible=False)
    ax.set_aspect("equal")
    said: list[str] = []
    if straight:
        listed = _listed(_pair(point) for point, _ in straight)
        said.append(
            f"from {listed}, on an axis, it points straight at the lowest point"
        )
    said += [
        f"from {_pair(point)} it misses it by {_n(miss)} degrees"
        for point, miss in missed
    ]
    sentence = "; ".join(said)
    return (
        "Ellipses of equal height around the lowest point (0, 0), with the steepest "
        f"way down from {len(points)} places. {sentence[0].upper()}{sentence[1:]}."
    )


@_draws(figsize=(4.8, 3.2))
def zig_zag_path(trace: ZigZag, ax: Axes = NEW) -> str:
    """Draw a descent on the map of the valley.

    Examples
    --------
    >>> from gdbook.examples.conditioning import zig_zag
    >>> print(zig_zag_path(zig_zag()).alt)
    Ellipses of equal height around the lowest point (0, 0). The path starts at (−5, −2), takes 20 steps of which each multiplies x₂ by −0.8, and x₁ by 0.91, and is at (−0.758, −0.0231) in the end.
    """
    flat, steep = _array(trace.flat_parts), _array(trace.steep_parts)
    highest = float(trace.losses[0])
    for level in (-3, -2, -1, 0):
        _ellipse(ax, highest * 3.0**level, CURVATURES)
    ax.plot(flat, steep, "o-", color=BLUE, linewidth=1.4, markersize=4)
    ax.plot(0, 0, markersize=13, **LOWEST)
    _note(ax, "start", (flat[0], steep[0]), (2, -18))
    num_steps = len(flat) - 1
    _note(ax, f"step {num_steps}", (flat[-1], steep[-1]), (4, -52))
    ax.set(xlim=_around(flat), ylim=_around(steep), xlabel="x₁", ylabel="x₂")
    ax.grid(visible=False)
    moves = f"steps of which each multiplies x₂ by {_n(trace.factors[1])}"
    return (
        "Ellipses of equal height around the lowest point (0, 0). The path starts at "
        f"{_pair((flat[0], steep[0]))}, takes {num_steps} {moves}, and x₁ by "
        f"{_n(trace.factors[0])}, and is at {_pair((flat[-1], steep[-1]))} in the end."
    )


@_draws()
def part_sizes(trace: ZigZag, ax: Axes = NEW) -> str:
    """Plot the size of both parts of the error over the steps.

    Examples
    --------
    >>> from gdbook.examples.conditioning import zig_zag
    >>> print(part_sizes(zig_zag()).alt)
    The size of each part of the error over 20 steps, on a logarithmic scale, where both are straight lines. The flat part falls from 5 to 0.758, by 0.91 each step; the steep part from 2 to 0.0231, by 0.8. The dots of the descent lie on the lines of the factors.
    """
    steps = np.arange(len(trace.losses))
    said: list[str] = []
    for name, parts, predicted, factor, color in zip(
        ("flat", "steep"),
        (trace.flat_parts, trace.steep_parts),
        (trace.predicted_flat_parts, trace.predicted_steep_parts),
        trace.factors,
        (PURPLE, BLUE),
        strict=True,
    ):
        sizes = abs(_array(parts))
        ax.semilogy(steps, abs(_array(predicted)), color=color, linewidth=1.2)
        ax.semilogy(steps, sizes, "o", color=color, markersize=4)
        middle = len(steps) // 2
        _note(
            ax,
            f"{name}: × {_n(factor)}",
            (steps[middle], sizes[middle]),
            (40, 18),
            color=color,
        )
        said.append(
            f"{name} part {'falls ' if not said else ''}from {_n(sizes[0])} to "
            f"{_n(sizes[-1])}, by {_n(abs(float(factor)))}"
        )
    ax.set(xlabel="step", ylabel="size of the part")
    ax.locator_params(axis="x", integer=True)
    return (
        f"The size of each part of the error over {len(steps) - 1} steps, on a "
        f"logarithmic scale, where both are straight lines. The {said[0]} each step; "
        f"the {said[1]}. The dots of the descent lie on the lines of the factors."
    )


@_draws(figsize=(4.8, 3.7))
def factor_envelope(trace: MeasuredFactors, ax: Axes = NEW) -> str:
    """Plot the factor of each part over the learning rate, and what was measured.

    Examples
    --------
    >>> from gdbook.examples.conditioning import measured_factors
    >>> print(factor_envelope(measured_factors()).alt)
    The size of both factors over the learning rate. The slower of the two is least, 0.905, at the rate 0.476 where the lines cross, and passes 1 at 0.5. Measured descents lie on it: 0.99 at the rate 0.05, 0.98 at 0.1, 0.96 at 0.2, 0.94 at 0.3, 0.92 at 0.4, 0.91 at 0.45, 0.905 at 0.476, 0.96 at 0.49, 1 at 0.5, 1.08 at 0.52.
    """
    flat, steep = map(float, CURVATURES)
    best, bound = 2 / (flat + steep), 2 / steep
    measured, tried = _array(trace.measured), _array(trace.learning_rates)
    rates = np.linspace(0, max(1.1 * bound, tried.max()), 241)
    flat_sizes, steep_sizes = abs(1 - rates * flat), abs(1 - rates * steep)
    slower = np.maximum(flat_sizes, steep_sizes)
    ax.fill_between(rates, slower, color=GREEN, alpha=0.1, linewidth=0)
    ax.plot(rates, slower, color=GREEN, linewidth=5, alpha=0.35, solid_capstyle="butt")
    ax.plot(rates, flat_sizes, color=PURPLE, linewidth=1.4)
    ax.plot(rates, steep_sizes, color=BLUE, linewidth=1.4)
    ax.axhline(1, color=MUTED, linewidth=1, linestyle=":")
    ax.plot(tried, measured, "o", color=INK, markersize=4.5)
    least = 1 - best * flat
    ax.plot([best, bound], [least, 1], "o", color=GREEN, markersize=8, zorder=1.9)
    _note(ax, f"best: {_n(best)}", (best, least), (-36, -62), color=GREEN)
    _note(ax, f"bound: {_n(bound)}", (bound, 1), (-44, 28), color=RED)
    ax.text(0.26 * bound, 1 - 0.22 * bound * steep, "steep", color=BLUE)
    ax.text(0.55 * bound, 0.9, "flat", color=PURPLE, va="top")
    ax.set(
        xlabel="learning rate",
        ylabel="factor of a step",
        xlim=(0, rates[-1]),
        ylim=(0, max(1.3, 1.05 * measured.max())),
    )
    found = ", ".join(
        f"{_n(factor)} at {'the rate ' if not index else ''}{_n(rate)}"
        for index, (rate, factor) in enumerate(zip(tried, measured, strict=True))
    )
    return (
        "The size of both factors over the learning rate. The slower of the two is "
        f"least, {_n(least)}, at the rate {_n(best)} where the lines cross, and passes 1 "
        f"at {_n(bound)}. Measured descents lie on it: {found}."
    )


@_draws(figsize=(4.8, 4.6))
def split_error(trace: LinearStepParts, ax: Axes = NEW) -> str:
    """Draw the error of a line's weights as a way along two axes.

    Examples
    --------
    >>> from gdbook.examples.conditioning import linear_step_parts
    >>> print(split_error(linear_step_parts()).alt)
    Ellipses of equal loss over slope and intercept, with both axes, around the best line (0.0429, 1.05). The way from the best line to the start at (0, 0) is split into −0.823 along the valley, in the direction (−0.589, 0.808), and −0.653 across it, in the direction (0.808, 0.589). The path of 200 steps ends with −0.0019 along and 0 across to go.
    """
    best = np.array([float(trace.best_slope), float(trace.best_intercept)])
    along, across = np.array(trace.along), np.array(trace.across)
    directions, firsts = (along, across), (trace.along_parts[0], trace.across_parts[0])
    path = np.stack([_array(trace.slopes), _array(trace.intercepts)], axis=1)
    height = sum(
        curvature * first**2 / 2
        for curvature, first in zip(trace.curvatures, firsts, strict=True)
    )
    for level in (-3, -2, -1, 0):
        _ellipse(ax, height * 4.0**level, trace.curvatures, directions, best)
    reach = 1.15 * max(map(abs, firsts))
    for direction in directions:
        ends = best + np.outer([-3 * reach, 3 * reach], direction)
        ax.plot(*ends.T, color=MUTED, linewidth=1, linestyle=":")
    corner = best + firsts[0] * along
    _arrow(ax, best, corner, PURPLE)
    _arrow(ax, corner, path[0], BLUE)
    ax.plot(*path.T, "o-", color=INK, linewidth=1, markersize=3)
    ax.plot(*best, markersize=13, **LOWEST)
    middle, aside = best + 0.5 * firsts[0] * along, corner + 0.5 * firsts[1] * across
    _note(ax, f"along: {_n(firsts[0])}", tuple(middle), (50, 16), color=PURPLE)
    _note(ax, f"across: {_n(firsts[1])}", tuple(aside), (34, -24), color=BLUE)
    _note(ax, "start", tuple(path[0]), (-30, 8))
    _note(ax, "best", tuple(best), (-14, 24), color=GREEN)
    ax.set(
        xlabel="slope m",
        ylabel="intercept b",
        xlim=(best[0] - reach, best[0] + reach),
        ylim=(best[1] - 1.5 * reach, best[1] + 0.6 * reach),
    )
    ax.grid(visible=False)
    ax.set_aspect("equal")
    return (
        "Ellipses of equal loss over slope and intercept, with both axes, around the "
        f"best line {_pair(best)}. The way from the best line to the start at "
        f"{_pair(path[0])} is split into {_n(firsts[0])} along the valley, in the "
        f"direction {_pair(along)}, and {_n(firsts[1])} across it, in the direction "
        f"{_pair(across)}. The path of {_count(len(path) - 1, 'step')} ends with "
        f"{_n(trace.along_parts[-1])} along and {_n(round(trace.across_parts[-1], 9))} "
        "across to go."
    )


@_draws(figsize=(4.8, 3.6))
def slope_parts(trace: LinearStepParts, ax: Axes = NEW) -> str:
    """Plot what each part of the error adds to the slope of a line.

    Examples
    --------
    >>> from gdbook.examples.conditioning import linear_step_parts
    >>> print(slope_parts(linear_step_parts()).alt)
    The slope of the line minus the best slope 0.0429 over 200 steps, and the two parts that add up to it. The steep part goes from −0.528 to 0 and has 0.0134 left at step 5, where the slope is highest, 0.446; the flat part goes from 0.485 to 0.00112.
    """
    along, across = _array(trace.slope_along), _array(trace.slope_across)
    steps, peak = np.arange(len(along)), trace.highest_slope_step
    for name, values, color in (
        ("flat part", along, PURPLE),
        ("steep part", across, BLUE),
    ):
        ax.fill_between(steps, values, color=color, alpha=0.12, linewidth=0)
        ax.plot(steps, values, color=color, label=name)
    total = along + across
    ax.plot(steps, total, color=INK, label="their sum, m − best m")
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.plot([peak], [total[peak]], "o", color=INK)
    _note(
        ax,
        f"step {peak}: m = {_n(trace.highest_slope)}",
        (peak, total[peak]),
        (34, 22),
        ha="left",
    )
    ax.legend(loc="lower right", labelcolor="linecolor")
    ax.set_xscale("symlog", linthresh=1)
    ax.set(xlabel="step", ylabel="part of the slope", xlim=(0, steps[-1]))
    marks = [0, *(10**k for k in range(int(math.log10(max(1, steps[-1]))) + 1))]
    ax.set_xticks(marks, [str(mark) for mark in marks])
    ax.minorticks_off()
    return (
        f"The slope of the line minus the best slope {_n(trace.best_slope)} over "
        f"{steps[-1]} steps, and the two parts that add up to it. The steep part goes "
        f"from {_n(across[0])} to {_n(round(across[-1], 9))} and has "
        f"{_n(abs(across[peak]))} left at step {peak}, where the slope is highest, "
        f"{_n(trace.highest_slope)}; the flat part goes from {_n(along[0])} to "
        f"{_n(along[-1])}."
    )


@_draws(figsize=(4.8, 3.4))
def scaled_valleys(trace: Standardised, ax: Axes = NEW) -> str:
    """Draw the valley of a line before and after scaling, side by side.

    Examples
    --------
    >>> from gdbook.examples.conditioning import standardised
    >>> print(scaled_valleys(standardised()).alt)
    Three valleys side by side, to one scale, each with the ellipse through its start and a descent at its best rate. As they are, the inputs give a condition number of 17.4 and 190 steps; centred, 2.57 and 27 steps; standardised, 1 and 1 step.
    """
    names = ("as they are", "centred", "standardised")
    left = 0.0
    said: list[tuple[float, str, Any, str, str]] = []
    drawn = zip(
        names,
        (RED, PURPLE, GREEN),
        trace.curvatures,
        trace.condition_numbers,
        trace.paths,
        trace.num_steps,
        strict=True,
    )
    for name, color, curvature, kappa, path, num_steps in drawn:
        matrix = _array(curvature)
        eigenvalues, directions = np.linalg.eigh(matrix)
        errors = _array(path) - _array(path[-1])
        height = errors[0] @ matrix @ errors[0] / 2
        # How far the ellipse reaches to the side.
        reach = math.sqrt(2 * height * np.linalg.inv(matrix)[0, 0])
        middle = np.array([left + reach, 0])
        for part in (1 / 9, 4 / 9, 1):
            _ellipse(ax, height * part, eigenvalues, directions.T, middle)
        ax.plot(*(errors + middle).T, "o-", color=color, linewidth=1.4, markersize=3.5)
        ax.plot(*middle, markersize=9, **LOWEST)
        left += 2 * reach + 0.5
        said.append((middle[0], name, kappa, _count(num_steps, "step"), color))
    low, high = ax.get_ylim()
    for x, name, kappa, steps, color in said:
        label = f"{name}\nκ = {_n(kappa)}\n{steps}"
        _halo(ax, x, low - 0.1, label, ha="center", va="top", color=color)
    ax.set(xlim=(-0.2, left - 0.3), ylim=(low - 1.7, high))
    ax.set_axis_off()
    ax.set_aspect("equal")
    (_, _, first, first_steps, _), *others = said
    rest = "; ".join(
        f"{name}, {_n(kappa)} and {steps}" for _, name, kappa, steps, _ in others
    )
    return (
        "Three valleys side by side, to one scale, each with the ellipse through its "
        "start and a descent at its best rate. As they are, the inputs give a "
        f"condition number of {_n(first)} and {first_steps}; {rest}."
    )
