"""Draw the chapter on saddle points: a map, its cuts, and the time to escape."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.saddle_points import (
    EscapeTimes,
    FlatPlaces,
    NoisyEscape,
    SaddlePath,
    TwoValleys,
    saddle_loss,
    tilted_loss,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _and,
    _array,
    _contours,
    _count,
    _draws,
    _halo,
    _legend_above,
    _n,
    _note,
    _pair,
)

COLORS = (RED, PURPLE, BLUE)


def _name(run: SaddlePath) -> str:
    return f"y = {_n(run.distance)}"


def _line(color: str, width: float, alpha: float) -> dict[str, Any]:
    """Give a wide line that lets the thin red one, drawn on top, show through."""
    if color == RED:
        return {"color": color, "linewidth": 2, "alpha": 1, "zorder": 3}
    return {"color": color, "linewidth": width, "alpha": alpha, "zorder": 2}


@_draws(figsize=(4.8, 4.4), most=len(COLORS))
def saddle_map(trace: tuple[SaddlePath, ...], ax: Axes = NEW) -> str:
    """Draw descents from several starts on the map of a saddle.

    Examples
    --------
    >>> from gdbook.examples.saddle_points import three_starts
    >>> print(saddle_map(three_starts()).alt)
    Contours of a saddle over x and y, with a hollow of loss −0.25 at y = 1 and another at y = −1, and a ridge along y = 0 between them. A path from (1, 0) ends after 197 steps with loss 0, one from (1, 10⁻⁶) after 238 steps with loss −0.25, one from (1, 0.5) after 197 steps with loss −0.25.
    """
    across, up = np.meshgrid(np.linspace(-1, 1.25, 76), np.linspace(-1.4, 1.4, 85))
    heights = saddle_loss(np.array([across.ravel(), up.ravel()])).reshape(across.shape)
    # Contours below the saddle are dashed, that through it is a cross.
    _contours(ax, across, up, heights, (-0.2, -0.1, 0.1, 0.25, 0.45, 0.7))
    ax.contour(across, up, heights, levels=[0], colors=GREEN, linewidths=1.2)
    ax.axhline(0, color=MUTED, linewidth=1, linestyle=":")
    parts: list[str] = []
    for run, color in zip(trace, COLORS, strict=False):
        path = _array(run.places)
        ax.plot(*path.T, label=_name(run), **_line(color, 5, 0.6))
        ax.plot(*path[0], "o", color=color, zorder=4)
        ax.plot(*path[-1], "*", color=color, markersize=13, zorder=5)
        parts.append(
            f"from {_pair(path[0])} "
            f"{'ends ' if not parts else ''}after {_count(run.num_steps, 'step')} "
            f"with loss {_n(round(float(run.end_loss), 6))}"
        )
    _legend_above(ax, len(trace))
    low = float(saddle_loss((0, 1)))
    for place, words in (
        ((-0.5, -1), f"hollow: {_n(low)}"),
        ((-0.5, 1), f"hollow: {_n(low)}"),
        ((-0.5, 0), "saddle: 0"),
        ((0.72, -0.14), "ridge"),
    ):
        _halo(ax, place[0], place[1], words, ha="center", va="center", color=MUTED)
    ax.set(xlabel="x", ylabel="y", xlim=(-1, 1.25), ylim=(-1.4, 1.4))
    ax.locator_params(nbins=6)
    return (
        f"Contours of a saddle over x and y, with a hollow of loss {_n(low)} at y = 1 and "
        "another at y = −1, and a ridge along y = 0 between them. "
        f"A path {', one '.join(parts)}."
    )


@_draws(figsize=(4.8, 3.6), most=len(COLORS))
def saddle_losses(trace: tuple[SaddlePath, ...], ax: Axes = NEW) -> str:
    """Plot the loss of descents past a saddle, step by step.

    Examples
    --------
    >>> from gdbook.examples.saddle_points import three_starts
    >>> print(saddle_losses(three_starts()).alt)
    The loss over the steps. The descent from y = 0 falls from 0.5 and ends at 0. The descent from y = 10⁻⁶ falls from 0.5, stays within 0.01 of 0 for 106 steps, and ends at −0.25. The descent from y = 0.5 falls from 0.391, stays within 0.01 of 0 for 1 step, and ends at −0.25.
    """
    parts: list[str] = []
    for run, color in zip(trace, COLORS, strict=False):
        heights = _array(run.losses)
        ax.plot(heights, label=_name(run), **_line(color, 3, 0.7))
        ax.plot(len(heights) - 1, heights[-1], "*", color=color, markersize=12)
        end = round(float(heights[-1]), 6)
        near = int((abs(heights) < 0.01).sum())
        stays = f", stays within 0.01 of 0 for {_count(near, 'step')}," if end else ""
        parts.append(
            f"The descent from {_name(run)} falls from {_n(heights[0])}{stays} "
            f"and ends at {_n(end)}."
        )
    _legend_above(ax, len(trace))
    ax.set(xlabel="step", ylabel="loss", xlim=(0, None))
    return f"The loss over the steps. {' '.join(parts)}"


@_draws(figsize=(4.8, 3.6))
def saddle_cuts(trace: FlatPlaces, ax: Axes = NEW) -> str:
    """Draw the loss along and across the ridge of a saddle, with its flat places.

    Examples
    --------
    >>> from gdbook.examples.saddle_points import flat_places
    >>> print(saddle_cuts(flat_places()).alt)
    The loss over the distance from the saddle. Along the ridge it is a bowl with curvature 1; across it a hill with curvature −1 between two hollows. Flat places: (0, 0) with loss 0, a saddle; (0, 1) with loss −0.25, a minimum; (0, −1) with loss −0.25, a minimum.
    """
    distance = np.linspace(-1.45, 1.45, 117)
    still = np.zeros(distance.size)
    for points, color, words in (
        ((distance, still), GREEN, "along the ridge, x"),
        ((still, distance), RED, "across the ridge, y"),
    ):
        ax.plot(distance, saddle_loss(np.array(points)), color=color, label=words)
    for place, height in zip(trace.places, trace.losses, strict=True):
        ax.plot(float(place[1]), float(height), "o", color=RED, zorder=3)
    _legend_above(ax, 2)
    _note(
        ax,
        f"curvatures {_n(trace.along_x[0])} and {_n(trace.along_y[0])}",
        (float(trace.places[0][1]), float(trace.losses[0])),
        (0, 58),
    )
    for place, height, curvature in list(
        zip(trace.places, trace.losses, trace.along_y, strict=True)
    )[1:]:
        ax.text(
            float(place[1]),
            float(height) - 0.07,
            f"curvature {_n(curvature)}",
            color=RED,
            ha="center",
            va="top",
        )
    ax.set(xlabel="distance from the saddle", ylabel="loss")
    ax.set(xlim=(-1.45, 1.45), ylim=(-0.5, 0.9))
    listed = "; ".join(
        f"{_pair(place)} with loss {_n(height)}, a {verdict}"
        for place, height, verdict in zip(
            trace.places, trace.losses, trace.verdicts, strict=True
        )
    )
    return (
        "The loss over the distance from the saddle. Along the ridge it is a bowl with "
        f"curvature {_n(trace.along_x[0])}; across it a hill with curvature "
        f"{_n(trace.along_y[0])} between two hollows. Flat places: {listed}."
    )


@_draws(figsize=(4.8, 3.6))
def hill_between(trace: TwoValleys, ax: Axes = NEW) -> str:
    """Draw descents on both sides of a hill, and the chord between the valleys.

    Examples
    --------
    >>> from gdbook.examples.saddle_points import two_valleys
    >>> print(hill_between(two_valleys()).alt)
    A curve with a valley of height −0.417 at x = −1, a hill of height 0 at x = 0 and a valley of height −2.67 at x = 2. Descents from −2 and −0.001 end at −1, from 0 at 0, from 0.001 and 3 at 2. In the middle of the chord between the valleys, at 0.5, the curve is at −0.276 and the chord at −1.54.
    """
    starts, ends = _array(trace.starts), _array(trace.ends)
    places, heights = _array(trace.places), _array(trace.heights)
    least, greatest = min(*starts, *places) - 0.15, max(*starts, *places) + 0.15
    along = np.linspace(least, greatest, 161)
    ax.plot(along, tilted_loss(along), color=BLUE)
    outer = [0, -1]
    ax.plot(places[outer], heights[outer], color=MUTED, linewidth=1.4, linestyle="--")
    middle, on_curve, on_chord = map(float, trace.chord)
    ax.plot([middle, middle], [on_chord, on_curve], "o:", color=MUTED, markersize=5)
    ax.plot(starts, tilted_loss(starts), "o", color=RED, markerfacecolor="none")
    arrived = abs(ends - places[:, None]) < 1e-3  # a row for each flat place
    for place, height, some in zip(places, heights, arrived, strict=True):
        if some.any():
            ax.plot([place], [height], "*", color=RED, markersize=13, zorder=4)
    for place, height, words in zip(
        places, heights, ("local minimum", "hill", "lowest"), strict=True
    ):
        up = words == "hill"
        ax.text(
            place,
            height + (0.3 if up else -0.35),
            words,
            color=MUTED,
            ha="right" if words == "local minimum" else "center",
            va="bottom" if up else "top",
        )
    ax.set(xlabel="x", ylabel="loss")
    ax.margins(y=0.12)
    left, top, right = (
        f"of height {_n(height)} at x = {_n(place)}"
        for place, height in zip(places, heights, strict=True)
    )
    told = [
        f"from {_and(starts[some])} {'end ' if not index else ''}at {_n(place)}"
        for index, (place, some) in enumerate(zip(places, arrived, strict=True))
        if some.any()
    ]
    return (
        f"A curve with a valley {left}, a hill {top} and a valley {right}. Descents "
        f"{', '.join(told)}. In the middle of the chord between the valleys, at "
        f"{_n(middle)}, the curve is at {_n(on_curve)} and the chord at {_n(on_chord)}."
    )


@_draws(figsize=(4.8, 3.6))
def escape_line(trace: EscapeTimes, ax: Axes = NEW) -> str:
    """Plot the steps to leave a ridge over the distance of the start.

    Examples
    --------
    >>> from gdbook.examples.saddle_points import escape_times
    >>> print(escape_line(escape_times()).alt)
    The steps to leave the ridge over the distance of the start, on a logarithmic scale: a straight line from 19 steps at distance 0.1 to 284 steps at distance 10⁻¹². Each decade costs 24.13 steps, in theory 24.16.
    """
    distances, steps = _array(trace.distances), _array(trace.steps)
    ax.semilogx(distances, _array(trace.forecasts), color=RED, linewidth=1.4)
    ax.semilogx(distances, steps, "o", color=BLUE)
    ax.invert_xaxis()
    ax.minorticks_off()
    middle = len(steps) // 2
    _note(
        ax,
        f"measured:\n{_n(trace.slope, 4)} per decade",
        (distances[middle], steps[middle]),
        (-62, 42),
        color=BLUE,
    )
    _note(
        ax,
        f"theory:\n{_n(trace.slope_theory, 4)} per decade",
        (distances[middle], float(trace.forecasts[middle])),
        (58, -48),
        color=RED,
    )
    ax.set(xlabel="distance of the start from the ridge", ylabel="steps to leave")
    ax.set_ylim(0, None)
    return (
        "The steps to leave the ridge over the distance of the start, on a logarithmic "
        f"scale: a straight line from {_n(steps[0])} steps at distance {_n(distances[0])} to "
        f"{_n(steps[-1])} steps at distance {_n(distances[-1])}. Each decade costs "
        f"{_n(trace.slope, 4)} steps, in theory {_n(trace.slope_theory, 4)}."
    )


@_draws(figsize=(4.8, 3.6))
def noise_line(trace: NoisyEscape, ax: Axes = NEW) -> str:
    """Plot the steps to leave a ridge by noise over the size of the noise.

    Examples
    --------
    >>> from gdbook.examples.saddle_points import noisy_escape
    >>> print(noise_line(noisy_escape()).alt)
    The steps to leave the ridge over the size of the noise, on a logarithmic scale. Medians rise in a straight line from 39 steps at noise 0.1 to 160 steps at noise 10⁻⁶: each decade costs 24.14 steps, in theory 24.16. With noise 0.1 the runs take from 25 to 76 steps.
    """
    noises, medians = _array(trace.noises), _array(trace.median_steps)
    ax.vlines(
        noises, _array(trace.fastest), _array(trace.slowest), color=MUTED, linewidth=3
    )
    ax.semilogx(noises, _array(trace.forecasts), color=RED, linewidth=1.4)
    ax.semilogx(noises, medians, "o", color=BLUE)
    ax.invert_xaxis()
    ax.minorticks_off()
    middle = len(medians) // 2
    _note(
        ax,
        f"median: {_n(trace.slope, 4)}\nper decade",
        (noises[middle], medians[middle]),
        (-66, 58),
        color=BLUE,
    )
    _note(
        ax,
        f"theory: {_n(trace.slope_theory, 4)}\nper decade",
        (noises[middle], float(trace.forecasts[middle])),
        (60, -56),
        color=RED,
    )
    ax.set(xlabel="size of the noise", ylabel="steps to leave")
    ax.set_ylim(0, None)
    return (
        "The steps to leave the ridge over the size of the noise, on a logarithmic scale. "
        f"Medians rise in a straight line from {_n(medians[0])} steps at noise "
        f"{_n(noises[0])} to {_n(medians[-1])} steps at noise {_n(noises[-1])}: each decade "
        f"costs {_n(trace.slope, 4)} steps, in theory {_n(trace.slope_theory, 4)}. With "
        f"noise {_n(noises[0])} the runs take from {_n(trace.fastest[0])} to {_n(trace.slowest[0])} steps."
    )
