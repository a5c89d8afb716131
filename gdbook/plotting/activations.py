"""Draw the chapter on activations: bends, their slopes, and what they are good for."""

from collections import Counter
from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gdbook import activations, network
from gdbook.examples.activations import (
    BendMore,
    BestLine,
    Fold,
    MovingScore,
    Shape,
    Shares,
    Stacked,
    TwoLosses,
)
from gdbook.plotting._base import (
    ACTIVATIONS,
    BLUE,
    CLASSES,
    GREEN,
    INK,
    MUTED,
    NEW,
    PAPER,
    PURPLE,
    RED,
    _and,
    _array,
    _count,
    _draws,
    _legend_above,
    _listed,
    _n,
    _note,
    _pair,
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


@_draws(figsize=(4.8, 2.9))
def fold_planes(trace: Fold, ax: Axes = NEW) -> str:
    """Draw the plane of the inputs beside the plane of the hidden nodes.

    Examples
    --------
    >>> from gdbook.examples.activations import fold
    >>> print(fold_planes(fold()).alt)
    Left, the samples (0, 0), (0, 1), (1, 0) and (1, 1) with the targets 0, 1, 1 and 0. Right, where two hidden nodes put them: (0, 0), (1, 0), (1, 0) and (2, 1). The predictions are 0, 1, 1 and 0. Where more than 1/2 is predicted it is shaded, and what reaches the output is parted by a straight line on the right.
    """
    ax.axis("off")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    bend = network.Dense(trace.hidden_weights, trace.hidden_bias, activations.RELU)
    output = network.Dense(trace.output_weights)
    panels: tuple[tuple[str, Any, Any, str], ...] = (
        ("inputs", trace.inputs, [bend, output], "x"),
        ("hidden nodes", trace.hidden, [output], "h"),
    )
    for column, (title, points, layers, letter) in enumerate(panels):
        inset = ax.inset_axes((0.1 + 0.5 * column, 0.14, 0.4, 0.74))
        places = _array(points)
        low, high = places.min() - 0.5, places.max() + 0.5
        line = np.linspace(low, high, 41)
        across, up = np.meshgrid(line, line)
        rows = np.column_stack([across.ravel(), up.ravel()])
        says = _array(network.forward(layers, rows)[-1]).reshape(across.shape)
        inset.contourf(
            across, up, says, levels=[0.5, 1e9], colors=[CLASSES[1]["color"]], alpha=0.2
        )
        inset.contour(across, up, says, levels=[0.5], colors=INK, linewidths=1.8)
        for place, target in zip(places, trace.targets, strict=True):
            yes = target > 1 / 2
            inset.plot(
                *place,
                **CLASSES[int(yes)],
                markersize=9 if yes else 8,
                clip_on=False,
            )
        for place, count in Counter(points).items():
            if count > 1:
                inset.annotate(
                    f"{count} samples",
                    place,
                    (0, -9),
                    textcoords="offset points",
                    ha="center",
                    va="top",
                    fontsize=10,
                )
        ticks = range(int(places.min()), int(places.max()) + 1)
        inset.set(xticks=ticks, yticks=ticks, xlim=(low, high), ylim=(low, high))
        inset.set(title=title, xlabel=f"{letter}₁", ylabel=f"{letter}₂", aspect="equal")
    return (
        f"Left, the samples {_listed(map(_pair, trace.inputs))} with the targets "
        f"{_and(trace.targets)}. Right, where two hidden nodes put them: "
        f"{_listed(map(_pair, trace.hidden))}. The predictions are "
        f"{_and(trace.predictions)}. Where more than 1/2 is predicted it is shaded, and "
        "what reaches the output is parted by a straight line on the right."
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


@_draws(figsize=(4.8, 3.4))
def moving_shares(trace: MovingScore, ax: Axes = NEW) -> str:
    """Plot the shares of all classes, one upon another, while one score moves.

    Examples
    --------
    >>> from gdbook.examples.activations import moving_score
    >>> print(moving_shares(moving_score()).alt)
    The shares of 3 classes, one upon another, while the score of the first moves from −4 to 6. Its share grows from 0.00907 to 0.995 and is 0.5 at 0.693; the others shrink to make room.
    """
    values, shares = _array(trace.values), _array(trace.shares)
    colors = (BLUE, PURPLE, GREEN)
    floor = np.zeros(len(values))
    for index, share in enumerate(shares):
        color = colors[index % 3]
        ax.fill_between(
            values, floor, floor + share, color=color, alpha=0.28, linewidth=0
        )
        ax.plot(values, floor + share, color=color, linewidth=1.6)
        # The first class is named on the right, where it is large, the others left.
        at = -len(values) // 6 if index == 0 else len(values) // 6
        ax.text(
            values[at],
            floor[at] + share[at] / 2,
            f"class {index + 1}",
            color=color,
            ha="center",
            va="center",
        )
        floor += share
    ax.plot([float(trace.score)], [trace.share], "o", color=BLUE)
    _note(
        ax,
        f"{_n(trace.share)} at {_n(trace.score)}",
        (float(trace.score), trace.share),
        (52, -28),
        color=BLUE,
    )
    ax.set(
        xlabel="score of class 1",
        ylabel="shares",
        xlim=(values[0], values[-1]),
        ylim=(0, 1),
    )
    return (
        f"The shares of {len(shares)} classes, one upon another, while the score of the "
        f"first moves from {_n(values[0])} to {_n(values[-1])}. Its share grows from "
        f"{_n(shares[0][0])} to {_n(shares[0][-1])} and is {_n(trace.share)} at "
        f"{_n(trace.score)}; the others shrink to make room."
    )


@_draws(
    figsize=lambda trace: (
        4.2,
        4.2 * (len(trace.shares) + 0.6) / (len(trace.shares) + 1.5),
    )
)
def share_slopes(trace: Shares, ax: Axes = NEW) -> str:
    """Draw the slopes of softmax as a square of numbers.

    Examples
    --------
    >>> from gdbook.examples.activations import softmax_shares
    >>> print(share_slopes(softmax_shares()).alt)
    The slopes of 3 shares, 0.5, 0.25 and 0.25, along 3 scores. Row 1: 0.25, −0.125, −0.125; row 2: −0.125, 0.1875, −0.0625; row 3: −0.125, −0.0625, 0.1875. Each row adds up to 0.
    """
    count = len(trace.shares)
    largest = abs(_array(trace.slopes)).max()
    for row, slopes in enumerate(trace.slopes):
        for column, slope in enumerate(slopes):
            place = (column, count - 1 - row)
            ax.add_patch(
                Rectangle(
                    place,
                    1,
                    1,
                    facecolor=GREEN if slope > 0 else RED,
                    alpha=0.08 + 0.35 * abs(slope) / largest,
                    linewidth=0,
                )
            )
            ax.add_patch(
                Rectangle(place, 1, 1, fill=False, edgecolor=PAPER, linewidth=2)
            )
            ax.text(
                place[0] + 0.5,
                place[1] + 0.5,
                _n(slope, 4),
                ha="center",
                va="center",
                fontsize=13,
            )
    for index, share in enumerate(trace.shares):
        ax.text(
            index + 0.5,
            count + 0.1,
            f"score {index + 1}",
            ha="center",
            va="bottom",
            color=MUTED,
        )
        ax.text(
            -0.1,
            count - index - 0.5,
            f"share {index + 1}\n{_n(share)}",
            ha="right",
            va="center",
            color=MUTED,
        )
    ax.set(xlim=(-1.05, count + 0.1), ylim=(-0.1, count + 0.45))
    ax.set_aspect("equal")
    ax.axis("off")
    rows = "; ".join(
        f"row {index + 1}: {', '.join(_n(slope, 4) for slope in slopes)}"
        for index, slopes in enumerate(trace.slopes)
    )
    return (
        f"The slopes of {count} shares, {_and(trace.shares)}, along {count} scores. "
        f"R{rows[1:]}. Each row adds up to 0."
    )


@_draws(figsize=(4.8, 3.4))
def slopes_of_two_losses(trace: TwoLosses, ax: Axes = NEW) -> str:
    """Plot the slope along the score of a sigmoid, under two losses.

    Examples
    --------
    >>> from gdbook.examples.activations import two_losses
    >>> print(slopes_of_two_losses(two_losses()).alt)
    The slope of two losses along the score, from −8 to 8, of a sigmoid whose target is 1. At −8 the prediction is 0.000335; the slope of the cross-entropy there is −1, that of the squared error −0.00067, and nowhere is it larger in size than 0.296.
    """
    scores = _array(trace.scores)
    ends = []
    for name, values, color, line, shift in (
        ("cross-entropy", trace.entropy, GREEN, "-", (44, 22)),
        ("squared error", trace.squared, RED, "--", (52, 14)),
    ):
        slopes = _array(values)
        ends.append(slopes[0])
        ax.plot(scores, slopes, color=color, linestyle=line, label=name)
        ax.plot(scores[:1], slopes[:1], "o", color=color, clip_on=False)
        _note(ax, _n(slopes[0]), (scores[0], slopes[0]), shift, color=color)
    ax.axhline(0, color=INK, linewidth=0.8, zorder=0)
    ax.set(xlabel="score", ylabel="slope of the loss", xlim=(scores[0], scores[-1]))
    ax.margins(y=0.15)
    _legend_above(ax, 2)
    return (
        f"The slope of two losses along the score, from {_n(scores[0])} to "
        f"{_n(scores[-1])}, of a sigmoid whose target is {_n(trace.target)}. At "
        f"{_n(scores[0])} the prediction is {_n(trace.predictions[0])}; the slope of the "
        f"cross-entropy there is {_n(ends[0])}, that of the squared error {_n(ends[1])}, "
        f"and nowhere is it larger in size than {_n(max(map(abs, trace.squared)))}."
    )
