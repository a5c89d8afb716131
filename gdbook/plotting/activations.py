"""Draw the chapter on activations: bends, their slopes, and what they are good for."""

from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.activations import (
    BendMore,
    BestLine,
    Shape,
    Stacked,
)
from gdbook.plotting._base import (
    ACTIVATIONS,
    BLUE,
    GREEN,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _and,
    _array,
    _count,
    _draws,
    _legend_above,
    _n,
    _note,
)


@_draws()
def best_line_misses(trace: BestLine, ax: Axes = NEW) -> str:
    """Plot data with a bend, the best line through them, and how far it misses.

    Examples
    --------
    >>> from gdbook.examples.activations import best_line_on_bend
    >>> print(best_line_misses(best_line_on_bend()).alt)
    The targets 2, 1, 0, 1 and 2 at the inputs −2, −1, 0, 1 and 2, and the best line through them, 0 x + 1.2. Its errors are −0.8, 0.2, 1.2, 0.2 and −0.8, and its loss is 0.56.
    """
    inputs, targets = _array(trace.inputs), _array(trace.targets)
    predictions = _array(trace.predictions)
    ax.vlines(inputs, targets, predictions, color=RED, linewidth=2.5)
    ax.plot(inputs, predictions, color=PURPLE)
    ax.plot(inputs, targets, "o", color=BLUE, markersize=8)
    worst = int(np.argmax(abs(predictions - targets)))
    _note(
        ax,
        f"error {_n(trace.errors[worst])}",
        (inputs[worst], (targets[worst] + predictions[worst]) / 2),
        (52, -8),
        color=RED,
    )
    middle = (inputs[-2] + inputs[-1]) / 2
    height = (predictions[-2] + predictions[-1]) / 2
    _note(
        ax,
        f"best line: loss {_n(trace.loss)}",
        (middle, height),
        (-58, 44),
        color=PURPLE,
    )
    ax.set(xlabel="input", ylabel="target", xticks=inputs)
    return (
        f"The targets {_and(trace.targets)} at the inputs {_and(trace.inputs)}, and the "
        f"best line through them, {_n(trace.slope)} x + {_n(trace.intercept)}. Its errors "
        f"are {_and(trace.errors)}, and its loss is {_n(trace.loss)}."
    )


@_draws(figsize=(4.8, 3.6))
def stacked_nodes(trace: Stacked, ax: Axes = NEW) -> str:
    """Plot what each hidden node adds to the prediction, and their sum.

    Examples
    --------
    >>> from gdbook.examples.activations import stacked
    >>> print(stacked_nodes(stacked("ReLU")).alt)
    What 3 hidden nodes with the activation ReLU add to the prediction, and their sum, over inputs from −2 to 2. The sum is 0, 0, 1, 0 and 1 at −2, −1, 0, 1 and 2, so that its pieces have the slopes 0, 1, −1 and 1.
    """
    inputs, predictions = _array(trace.inputs), _array(trace.predictions)
    ax.plot(inputs, predictions, color=RED, linewidth=4.5, label="sum")
    colors, dashes = (BLUE, PURPLE, GREEN), ("-", "--", ":")
    for index, part in enumerate(trace.parts):
        ax.plot(
            inputs,
            _array(part),
            color=colors[index % 3],
            linestyle=dashes[index % 3],
            linewidth=1.8,
            label=f"node {index + 1}",
        )
    pieces = _pieces(trace)
    span = np.ptp([*_array(trace.parts).ravel(), *predictions])
    row = min(*_array(trace.parts).ravel(), *predictions) - 0.12 * span
    for index, ((start, end), slope) in enumerate(pieces):
        # In a row of their own, where no line is.
        ax.text(
            *((inputs[start] + inputs[end]) / 2, row),
            f"slope {_n(slope)}" if index == 0 else _n(slope),
            color=RED,
            ha="center",
            va="center",
            fontsize=10.5,
        )
    ax.set_ylim(bottom=row - 0.06 * span)
    ax.set(xlabel="input", ylabel="added to the prediction", xticks=inputs)
    ax.margins(x=0.03)
    _legend_above(ax, len(trace.parts) + 1)
    slopes = [slope for _, slope in pieces]
    have = (
        f"its pieces have the slopes {_and(slopes)}"
        if len(slopes) > 1
        else f"it is one line with slope {_n(slopes[0])}"
    )
    nodes = _count(len(trace.parts), "hidden node")
    return (
        f"What {nodes} with the activation {trace.activation} add to the prediction, and "
        f"their sum, over inputs from {_n(inputs[0])} to {_n(inputs[-1])}. The sum is "
        f"{_and(trace.predictions)} at {_and(trace.inputs)}, so that {have}."
    )


def _pieces(trace: Stacked) -> list[tuple[tuple[int, int], float]]:
    """Join neighbours of one slope: where each piece starts and ends, and its slope."""
    rounded = [round(float(slope), 9) for slope in trace.slopes]
    found, start = [], 0
    for slope, same in groupby(rounded):
        end = start + len(list(same))
        found.append(((start, end), slope))
        start = end
    return found


@_draws(figsize=(4.8, 3.6))
def parabola_pieces(trace: BendMore, ax: Axes = NEW) -> str:
    """Plot the first three networks that follow a parabola with straight pieces.

    Examples
    --------
    >>> from gdbook.examples.activations import bend_more
    >>> print(parabola_pieces(bend_more()).alt)
    The parabola from 0 to 1 with lines of 1, 2 and 4 straight pieces through it. Their largest gaps are 0.25, 0.0625 and 0.0156.
    """
    curve = np.linspace(0, 1, 101)
    ax.plot(curve, curve**2, color=MUTED, linewidth=6, alpha=0.45)
    shown = list(
        zip(
            trace.num_nodes,
            trace.bends,
            trace.heights,
            trace.largest_gaps,
            (RED, PURPLE, BLUE),
            strict=False,
        )
    )[:3]
    for count, bends, heights, gap, color in shown:
        ax.plot(
            _array(bends),
            _array(heights),
            "o-",
            color=color,
            markersize=4.5,
            linewidth=1.8,
            label=f"{_count(count, 'node')}: gap {_n(gap)}",
        )
    ax.text(0.88, 0.62, "x²", color=MUTED, fontsize=13, ha="center")
    ax.legend(loc="upper left", labelcolor="linecolor", handlelength=1.6)
    ax.set(xlabel="x", ylabel="prediction")
    counts = [count for count, *_ in shown]
    gaps = [gap for _, _, _, gap, _ in shown]
    return (
        f"The parabola from 0 to 1 with lines of {_and(counts)} straight pieces through "
        f"it. Their largest gaps are {_and(gaps)}."
    )


_LINES = ("-", "--", ":", "-.")  # of the first trace, the second and so on


@_draws(figsize=(4.8, 5.0), most=len(_LINES))
def bends_and_slopes(trace: tuple[Shape, ...], ax: Axes = NEW) -> str:
    """Plot activations with their slopes below them.

    Examples
    --------
    >>> from gdbook.examples.activations import shape
    >>> print(bends_and_slopes((shape(), shape("tanh"))).alt)
    Above, activations of sums from −4 to 4: sigmoid rises from 0.018 to 0.982, tanh rises from −0.999 to 0.999. Below, their slopes: sigmoid has its largest slope 0.25 at 0, tanh has its largest slope 1 at 0.
    """
    ax.axis("off")
    above = ax.inset_axes((0.15, 0.54, 0.84, 0.39))
    below = ax.inset_axes((0.15, 0.11, 0.84, 0.39))
    above_words, below_words = [], []
    highest = max(float(one.steepest) for one in trace)
    for one, line in zip(trace, _LINES, strict=False):
        color = ACTIVATIONS[one.activation]
        values, outputs = _array(one.values), _array(one.outputs)
        slopes = _array(one.slopes)
        look: dict[str, Any] = {"color": color, "linestyle": line}
        above.plot(values, outputs, label=one.activation, **look)
        # A slope of two values jumps from one to the other.
        peaked = len(one.steepest_at) == 1
        jumps = not peaked and len(set(slopes)) == 2
        below.plot(values, slopes, drawstyle="steps-pre" if jumps else None, **look)
        turn = int(outputs.argmin())
        verb = "rises" if outputs[-1] > outputs[0] else "goes"
        dip = f"falls from {_n(outputs[0])} to {_n(outputs[turn])} and rises"
        start = dip if 0 < turn < len(outputs) - 1 else f"{verb} from {_n(outputs[0])}"
        above_words.append(f"{one.activation} {start} to {_n(outputs[-1])}")
        if peaked:
            (place,) = _array(one.steepest_at)
            index = one.values.index(one.steepest_at[0])
            above.plot([place], [outputs[index]], "o", color=color)
            below.plot([place], [slopes[index]], "o", color=color)
            _note(
                below,
                f"largest: {_n(one.steepest)}",
                (place, slopes[index]),
                (82 if place < 1 else -96, 4 if one.steepest == highest else 22),
                color=color,
            )
            below_words.append(
                f"{one.activation} has its largest slope {_n(one.steepest)} at "
                f"{_n(place)}"
            )
        else:
            found = sorted(set(slopes))[-2:]
            below_words.append(f"{one.activation} has {_and(found)}")
    above.set(ylabel="activation")
    above.tick_params(labelbottom=False)
    above.axhline(0, color=MUTED, linewidth=0.8, zorder=0)
    below.axhline(0, color=MUTED, linewidth=0.8, zorder=0)
    below.set(xlabel="sum that reaches the node", ylabel="slope", xlim=above.get_xlim())
    below.margins(y=0.12)
    _legend_above(above, len(trace))
    first = trace[0].values
    return (
        f"Above, activations of sums from {_n(first[0])} to {_n(first[-1])}: "
        f"{', '.join(above_words)}. Below, their slopes: {', '.join(below_words)}."
    )
