"""Draw the chapter on loss functions: errors, squares and the bowl."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gdbook import losses
from gdbook.examples.loss_functions import (
    OneAnswer,
    SquaredErrorTable,
    TwoWeightLosses,
)
from gdbook.plotting._base import (
    _PAPER_PATCH,
    BLUE,
    MUTED,
    NEW,
    PAPER,
    RED,
    _and,
    _array,
    _contours,
    _draws,
    _grid,
    _halo,
    _legend_above,
    _n,
    _note,
    _pair,
)


@_draws(figsize=(4.8, 4.2))
def predictions_against_targets(trace: SquaredErrorTable, ax: Axes = NEW) -> str:
    """Plot each prediction over its target, with the error as the distance to the diagonal.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import squared_error_table
    >>> print(predictions_against_targets(squared_error_table()).alt)
    Predictions over targets. Prediction 10 for target 20 is 10 below the diagonal. Prediction 8 for target 3 is 5 above the diagonal. Prediction 6 for target 1 is 5 above the diagonal.
    """
    low = min(0.0, *map(float, trace.predictions), *map(float, trace.targets))
    high = 1.1 * max(*map(float, trace.predictions), *map(float, trace.targets))
    ax.plot([low, high], [low, high], color=MUTED, linewidth=1.2)
    ax.text(high, high, "perfect", ha="right", va="bottom", color=MUTED)
    ax.set(xlabel="target", ylabel="prediction", xlim=(low, high), ylim=(low, high))
    ax.locator_params(integer=True)
    sentences = []
    for prediction, target, error in zip(
        trace.predictions, trace.targets, trace.errors, strict=True
    ):
        color = RED if error > 0 else BLUE
        x, y = float(target), float(prediction)
        ax.plot([x, x], [x, y], color=color, linewidth=2)
        ax.plot([x], [y], "o", color=color)
        left = x > 0.8 * high
        _halo(
            ax,
            x + (-0.02 if left else 0.02) * high,
            (x + y) / 2,
            _n(error),
            ha="right" if left else "left",
            va="center",
            color=color,
        )
        side = "above" if error > 0 else "below"
        sentences.append(
            f"Prediction {_n(prediction)} for target {_n(target)} "
            f"is {_n(abs(float(error)))} {side} the diagonal."
        )
    return "Predictions over targets. " + " ".join(sentences)


@_draws(figsize=(4.8, 2.9))
def error_squares(trace: SquaredErrorTable, ax: Axes = NEW) -> str:
    """Draw each squared error as a square whose side is the error.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import squared_error_table
    >>> print(error_squares(squared_error_table()).alt)
    Squares with sides 10, 5 and 5 and areas 100, 25 and 25. Their total is 150, their mean 50.
    """
    sides = [abs(float(error)) for error in trace.errors]
    gap = 0.12 * max(sides)
    left = 0.0
    for side, error, square in zip(sides, trace.errors, trace.squares, strict=True):
        color = RED if error > 0 else BLUE
        ax.add_patch(
            Rectangle((left, 0), side, side, facecolor=color, alpha=0.25, linewidth=0)
        )
        ax.add_patch(
            Rectangle((left, 0), side, side, fill=False, edgecolor=color, linewidth=2)
        )
        ax.text(
            left + side / 2, side / 2, _n(square), ha="center", va="center", fontsize=13
        )
        ax.text(
            left + side / 2,
            -0.35 * gap,
            f"error {_n(error)}",
            ha="center",
            va="top",
            color=color,
        )
        left += max(side, 0.5 * max(sides)) + gap
    ax.set(xlim=(-gap / 4, left - gap / 2), ylim=(-1.6 * gap, 1.03 * max(sides)))
    ax.set_aspect("equal")
    ax.axis("off")
    return (
        f"Squares with sides {_and(sides)} and areas {_and(trace.squares)}. "
        f"Their total is {_n(trace.total)}, their mean {_n(trace.mean)}."
    )


@_draws(figsize=(4.8, 3.4))
def two_ways_to_miss(trace: OneAnswer, ax: Axes = NEW) -> str:
    """Plot the mean of the squares and the mean of the sizes over one answer for all.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import one_answer
    >>> print(two_ways_to_miss(one_answer()).alt)
    Two losses of one answer for all targets, each as a multiple of its least. The mean squared error is a parabola, least at the mean, 12, where it is 362. The mean absolute error bends at the targets and is least at the median, 3, where it is 10.2.
    """
    targets = _array(trace.targets)
    mean, median = float(trace.mean), float(trace.median)
    room = max(abs(mean - median), 0.2 * float(np.ptp(targets)))
    ends = (min(mean, median) - room, max(mean, median) + room)
    inside = targets[(targets > ends[0]) & (targets < ends[1])]
    # Of a curve that bends at the targets, these are the places to know.
    answers = np.union1d(np.linspace(*ends, 121), inside)
    errors = answers[:, np.newaxis] - targets
    kinds = (
        ("squared", (errors**2).mean(axis=1), mean, trace.squared_at_mean, BLUE),
        ("absolute", abs(errors).mean(axis=1), median, trace.absolute_at_median, RED),
    )
    for name, losses_of, lowest, least, color in kinds:
        label = f"mean {name} error"
        ax.plot(answers, losses_of / float(least), color=color, label=label)
        ax.plot([lowest], [1], "o", color=color)
    _note(ax, f"median {_n(median)}", (median, 1), (-6, -20), color=RED)
    _note(ax, f"mean {_n(mean)}", (mean, 1), (6, -20), color=BLUE)
    ax.set_ylim(bottom=1 - 0.35 * (ax.get_ylim()[1] - 1))  # room for the names
    _legend_above(ax)
    ax.set(xlabel="answer", ylabel="times its least", xlim=ends)
    return (
        "Two losses of one answer for all targets, each as a multiple of its least. "
        "The mean squared error is a parabola, least at the mean, "
        f"{_n(mean)}, where it is {_n(trace.squared_at_mean)}. The mean absolute error "
        f"bends at the targets and is least at the median, {_n(median)}, where it is "
        f"{_n(trace.absolute_at_median)}."
    )


@_draws(figsize=(4.8, 4.2), projection="3d")
def loss_surface(trace: TwoWeightLosses, ax: Axes = NEW) -> str:
    """Draw the loss over two weights as a surface.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import two_weight_losses
    >>> print(loss_surface(two_weight_losses()).alt)
    A bowl: the loss over two weights. Its lowest of the marked points is (2, 1) with loss 0; the highest is (0, 0) with loss 4.67.
    """
    solid: Any = ax
    first, second, heights = _bowl(trace, 41)
    look = {"color": PAPER, "edgecolor": BLUE, "linewidth": 0.7, "shade": False}
    # A stride that does not divide the grid leaves narrower patches at its end, which
    # Matplotlib fills up with memory that nothing was written to.
    solid.plot_surface(first, second, heights, rstride=2, cstride=2, **look)
    for (w1, w2), loss in zip(trace.weights, trace.losses, strict=True):
        solid.plot([w1], [w2], [float(loss)], "o", color=RED, zorder=10)
    solid.set(xlabel="w₁", ylabel="w₂", zlabel="loss")
    solid.set_box_aspect((1, 1, 0.7), zoom=0.92)
    for axis in (solid.xaxis, solid.yaxis, solid.zaxis):
        axis.set_pane_color((1, 1, 1, 0))
    return f"A bowl: the loss over two weights. {_tried(trace)}"


@_draws(figsize=(4.8, 4.2))
def loss_contours(trace: TwoWeightLosses, ax: Axes = NEW) -> str:
    """Draw the loss over two weights as contours, as a map shows a valley.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import two_weight_losses
    >>> print(loss_contours(two_weight_losses()).alt)
    Contours of the loss over two weights, ellipses around the lowest point. Its lowest of the marked points is (2, 1) with loss 0; the highest is (0, 0) with loss 4.67.
    """
    first, second, heights = _bowl(trace, 81)
    levels = sorted({round(float(loss), 6) for loss in trace.losses if loss > 0})
    levels += [levels[-1] * 2.0**k for k in (-4, -2, -1, 1)]
    _contours(ax, first, second, heights, levels)
    for (w1, w2), loss in zip(trace.weights, trace.losses, strict=True):
        ax.plot([float(w1)], [float(w2)], "o", color=RED)
        ax.annotate(
            _n(loss),
            (float(w1), float(w2)),
            (7, 7),
            textcoords="offset points",
            bbox=_PAPER_PATCH,
        )
    ax.set(xlabel="w₁", ylabel="w₂")
    return (
        "Contours of the loss over two weights, ellipses around the lowest point. "
        + _tried(trace)
    )


def _bowl(
    trace: TwoWeightLosses, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    reach = 1.15 * float(np.max(abs(_array(trace.weights) - _array(trace.best))))
    return _grid(
        lambda pair: losses.mean_squared_error(
            _array(trace.inputs) @ pair, _array(trace.targets)
        ),
        (float(trace.best[0]) - reach, float(trace.best[0]) + reach),
        (float(trace.best[1]) - reach, float(trace.best[1]) + reach),
        count=count,
    )


def _tried(trace: TwoWeightLosses) -> str:
    lowest, highest = (choose(trace.losses) for choose in (min, max))
    worst = trace.weights[trace.losses.index(highest)]
    return (
        f"Its lowest of the marked points is {_pair(trace.best)} with loss "
        f"{_n(lowest)}; the highest is {_pair(worst)} with loss {_n(highest)}."
    )
