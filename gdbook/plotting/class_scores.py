"""Draw the chapter on scores: the shares that they become, and their slopes."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gdbook.examples.class_scores import (
    MovingScore,
    Shares,
    TwoLosses,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    NEW,
    PAPER,
    PURPLE,
    RED,
    _and,
    _array,
    _draws,
    _legend_above,
    _n,
    _note,
)


@_draws(figsize=(4.8, 3.4))
def moving_shares(trace: MovingScore, ax: Axes = NEW) -> str:
    """Plot the shares of all classes, one upon another, while one score moves.

    Examples
    --------
    >>> from gdbook.examples.class_scores import moving_score
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
    >>> from gdbook.examples.class_scores import softmax_shares
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
    >>> from gdbook.examples.class_scores import two_losses
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
