"""Draw the chapter on slopes: tangents, chords and the walk in the dark."""

import math

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.slopes import DarkField, Parabola, SlopeSigns
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    MUTED,
    NEW,
    RED,
    _and,
    _array,
    _draws,
    _halo,
    _listed,
    _n,
    _name_at_end,
    _note,
)


@_draws(figsize=(4.8, 3.8))
def tangent(trace: Parabola, ax: Axes = NEW) -> str:
    """Draw the tangent of the parabola at one point, with its rise over a run of 1.

    Examples
    --------
    >>> from gdbook.examples.slopes import parabola
    >>> print(tangent(parabola()).alt)
    The curve x² and its tangent at x = 2, where the height is 4. Over a run of 1 the tangent rises by 4.
    """
    x, value, slope = float(trace.x), float(trace.value), float(trace.slope)
    xs = np.linspace(x - 2.6, x + 0.9, 121)
    ax.plot(xs, xs**2, color=MUTED)
    ends = np.array([x - 1.35, x + 0.9])
    ax.plot(ends, value + slope * (ends - x), color=BLUE)
    low = value - slope
    ax.plot([x - 1, x, x], [low, low, value], color=RED, linewidth=1.4)
    ax.plot([x], [value], "o", color=BLUE)
    _name_at_end(ax, x, (low + value) / 2, f"rise {_n(slope)}", RED)
    ax.annotate(
        "run 1",
        (x - 0.5, low),
        (0, -4 if slope >= 0 else 4),
        textcoords="offset points",
        ha="center",
        va="top" if slope >= 0 else "bottom",
        color=RED,
    )
    ax.set(xlabel="x", ylabel="x²", xlim=(xs[0], xs[-1]))
    rises = "rises" if slope >= 0 else "falls"
    return (
        f"The curve x² and its tangent at x = {_n(x)}, where the height is {_n(value)}. "
        f"Over a run of 1 the tangent {rises} by {_n(abs(slope))}."
    )


@_draws(figsize=(4.8, 3.8))
def tangents(trace: SlopeSigns, ax: Axes = NEW) -> str:
    """Draw the parabola with its tangent at several points, and the way down from each.

    Examples
    --------
    >>> from gdbook.examples.slopes import slope_signs
    >>> print(tangents(slope_signs(points=(-2, 0, 2))).alt)
    The curve x² with tangents. At x = −2 the slope is −4 and downhill is right. At x = 0 the slope is 0 and the curve is flat. At x = 2 the slope is 4 and downhill is left.
    """
    reach = 1.35 * max(abs(float(x)) for x in trace.points)
    xs = np.linspace(-reach, reach, 121)
    ax.plot(xs, xs**2, color=MUTED)
    sentences = []
    for x, slope, downhill in zip(
        trace.points, trace.slopes, trace.downhill, strict=True
    ):
        at, steep = float(x), float(slope)
        half = 0.34 * reach / math.hypot(1, steep / reach)
        color = {"left": RED, "right": BLUE, "flat": GREEN}[downhill]
        ax.plot(
            [at - half, at + half],
            [at**2 - steep * half, at**2 + steep * half],
            color=color,
        )
        ax.plot([at], [at**2], "o", color=color)
        side = 1 if at >= 0 else -1
        _halo(
            ax,
            at + 0.13 * reach * side if at else 0,
            at**2 - (0 if at else 0.14 * reach**2),
            f"slope {_n(slope)}",
            ha="center" if not at else "left" if at > 0 else "right",
            va="center",
            color=color,
        )
        way = "the curve is flat" if downhill == "flat" else f"downhill is {downhill}"
        sentences.append(f"At x = {_n(x)} the slope is {_n(slope)} and {way}.")
    ax.set(
        xlabel="x",
        ylabel="x²",
        xlim=(-1.45 * reach, 1.45 * reach),
        ylim=(-0.2 * reach**2, reach**2),
    )
    return "The curve x² with tangents. " + " ".join(sentences)


@_draws(figsize=(4.8, 3.8))
def chords(trace: Parabola, ax: Axes = NEW) -> str:
    """Draw the tangent of the parabola beside the chords of its longest step.

    Examples
    --------
    >>> from gdbook.examples.slopes import parabola
    >>> print(chords(parabola()).alt)
    The curve x² around x = 2. Its tangent has slope 4. The chord from x = 2 to 3 is steeper, with slope 5; the chord from x = 1 to 3 has slope 4, as steep as the tangent.
    """
    x, slope, h = float(trace.x), float(trace.slope), float(max(trace.steps))
    longest = trace.steps.index(max(trace.steps))
    xs = np.linspace(x - 1.3 * h, x + 1.35 * h, 121)
    ax.plot(xs, xs**2, color=MUTED)
    ends = np.array([x - 1.1 * h, x + 1.35 * h])
    ax.plot(ends, x**2 + slope * (ends - x), color=BLUE)
    for start, color in ((x, RED), (x - h, GREEN)):
        pair = np.array([start, x + h])
        ax.plot(pair, pair**2, "o-", color=color)
    ax.plot([x], [x**2], "o", color=BLUE)
    forward, central = trace.forward[longest], trace.central[longest]
    places = (
        (f"forward: slope {_n(forward)}", (x + 0.6 * h, (16, -46)), RED, forward),
        (f"central: slope {_n(central)}", (x - 0.35 * h, (-46, 34)), GREEN, central),
        (f"tangent: slope {_n(slope)}", (x - 0.75 * h, (58, -14)), BLUE, slope),
    )
    for text, (at, to), color, steep in places:
        base = (x - h) ** 2 + (at - x + h) * float(steep)
        y = base if color == GREEN else x**2 + (at - x) * float(steep)
        _note(ax, text, (at, y), to, color=color)
    ax.set(xlabel="x", ylabel="x²", xlim=(xs[0], xs[-1]))
    kind = "steeper" if float(forward) > slope else "no steeper"
    return (
        f"The curve x² around x = {_n(x)}. Its tangent has slope {_n(slope)}. The chord "
        f"from x = {_n(x)} to {_n(x + h)} is {kind}, with slope {_n(forward)}; the chord "
        f"from x = {_n(x - h)} to {_n(x + h)} has slope {_n(central)}, as steep as the "
        "tangent."
    )


@_draws(figsize=(4.8, 3.2))
def differences(trace: Parabola, ax: Axes = NEW) -> str:
    """Plot what two kinds of difference measure, over the length of the step.

    Examples
    --------
    >>> from gdbook.examples.slopes import parabola
    >>> print(differences(parabola()).alt)
    Measured slope over the step h. The central difference is 4, 4 and 4 for steps 1, 0.5 and 0.25; the slope is 4. The forward difference is 5, 4.5 and 4.25: too large by the step.
    """
    steps = _array(trace.steps)
    longest = int(np.argmax(steps))
    for name, measured, up, color in (
        ("forward", trace.forward, -4, RED),
        ("central", trace.central, 16, GREEN),
    ):
        ax.plot(steps, _array(measured), "o-", color=color)
        _note(
            ax, name, (steps[longest], float(measured[longest])), (-46, up), color=color
        )
    ax.set(xlabel="step h", ylabel="measured slope", xlim=(0, None))
    ax.set_ylim(bottom=float(trace.slope) - 0.4 * float(np.max(steps)))
    return (
        f"Measured slope over the step h. The central difference is {_and(trace.central)} "
        f"for steps {_and(trace.steps)}; the slope is {_n(trace.slope)}. "
        f"The forward difference is {_and(trace.forward)}: too large by the step."
    )


@_draws()
def walk(trace: DarkField, ax: Axes = NEW) -> str:
    """Draw a walk down the parabola, step by step.

    Examples
    --------
    >>> from gdbook.examples.slopes import dark_field
    >>> print(walk(dark_field(num_steps=3)).alt)
    A walk down the curve x² in 3 steps: from x = 2 with slope 4 to x = 0.432 with slope 0.864.
    """
    places, heights = _array(trace.places), _array(trace.heights)
    reach = 1.25 * float(np.max(abs(places)))
    xs = np.linspace(-0.5 * reach, reach, 121)
    ax.plot(xs, xs**2, color=MUTED)
    ax.plot(places, heights, "o-", color=BLUE, linewidth=1.4)
    _note(ax, f"start, slope {_n(trace.slopes[0])}", (places[0], heights[0]), (-70, 4))
    _note(
        ax,
        f"after {trace.num_steps} steps, slope {_n(trace.slopes[-1], 2)}",
        (places[-1], heights[-1]),
        (-6, 84),
    )
    ax.set(xlabel="x", ylabel="height x²")
    return (
        f"A walk down the curve x² in {trace.num_steps} steps: from x = "
        f"{_n(trace.places[0])} with slope {_n(trace.slopes[0])} to x = "
        f"{_n(trace.places[-1])} with slope {_n(trace.slopes[-1])}."
    )


@_draws(figsize=(4.8, 2.8))
def felt_slopes(trace: DarkField, ax: Axes = NEW) -> str:
    """Draw what a walker in the dark knows: the slope at each place, and no height.

    Examples
    --------
    >>> from gdbook.examples.slopes import dark_field
    >>> print(felt_slopes(dark_field(num_steps=2)).alt)
    The slope underfoot at each place, without the curve: slope 4 at x = 2, slope 2.4 at x = 1.2 and slope 1.44 at x = 0.72.
    """
    places, slopes = _array(trace.places), _array(trace.slopes)
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.plot(places, slopes, "o", color=BLUE)
    second = [(1, (-56, 18))] if trace.num_steps > 1 else []
    for index, to in ((0, (-56, 18)), *second, (-1, (70, -14))):
        name = f"slope {_n(slopes[index], 2)}"
        _note(ax, name, (places[index], slopes[index]), to, color=BLUE)
    ax.margins(0.2)
    ax.set(xlabel="x", ylabel="slope underfoot")
    felt = [
        f"slope {_n(slope)} at x = {_n(place)}"
        for slope, place in zip(slopes, places, strict=True)
    ][:5]
    more = len(places) - len(felt)
    rest = f", and {more} more" if more else ""
    return (
        f"The slope underfoot at each place, without the curve: {_listed(felt)}{rest}."
    )
