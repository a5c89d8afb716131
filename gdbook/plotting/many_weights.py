"""Draw the chapter on many weights: samples, shapes and flatness."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gdbook.examples.many_weights import (
    BatchGradient,
    SampleGradients,
    SilentBroadcast,
    UntilFlat,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    MUTED,
    NEW,
    PAPER,
    PURPLE,
    RED,
    _and,
    _array,
    _arrow,
    _count,
    _draws,
    _listed,
    _n,
    _name_at_end,
    _pair,
)


@_draws(figsize=(4.8, 2.7))
def sample_arrows(trace: SampleGradients, ax: Axes = NEW) -> str:
    """Draw the gradient of every sample as an arrow, with their mean.

    Examples
    --------
    >>> from gdbook.examples.many_weights import sample_gradients
    >>> print(sample_arrows(sample_gradients()).alt)
    Arrows side by side, to one scale: the gradients of the samples, (30, 40), (2, 4) and (−8, −8), and their mean (8, 12).
    """
    arrows = _array([*trace.gradients, trace.mean])
    span = float(np.max(abs(arrows)))
    names = [f"sample {index + 1}" for index in range(len(arrows) - 1)] + ["mean"]
    # Each has a place of its own, for gradients often point nearly the same way.
    widths = abs(arrows[:, 0]) + 0.6 * span
    lefts = np.cumsum(widths) - widths
    colors = [*[BLUE] * len(trace.gradients), GREEN]
    for left, arrow, color in zip(lefts, arrows, colors, strict=True):
        start = (left - min(0.0, arrow[0]), 0.0)
        _arrow(ax, start, start + arrow, color)
    ax.axhline(0, color=MUTED, linewidth=1)
    low, high = arrows[:, 1].min(initial=0.0), arrows[:, 1].max(initial=0.0)
    ax.set(
        xlabel="slope along w₁, to the right or to the left",
        ylabel="slope along w₂",
        xlim=(-0.3 * span, lefts[-1] + abs(arrows[-1, 0]) + 0.3 * span),
        ylim=(low - 0.1 * span, high + 0.1 * span),
    )
    labels = [
        f"{name}\n{_pair(arrow)}" for name, arrow in zip(names, arrows, strict=True)
    ]
    ax.set_xticks(lefts + abs(arrows[:, 0]) / 2, labels)
    for label, color in zip(ax.get_xticklabels(), colors, strict=True):
        label.set_color(color)
    ax.grid(visible=False, axis="x")
    ax.set_aspect("equal")
    return (
        "Arrows side by side, to one scale: the gradients of the samples, "
        f"{_listed(map(_pair, trace.gradients))}, and their mean {_pair(trace.mean)}."
    )


@_draws(
    figsize=lambda trace: (
        4.0,
        4.0 * (len(trace.errors) + 0.9) / (len(trace.errors) + 1.6),
    )
)
def broadcast_errors(trace: SilentBroadcast, ax: Axes = NEW) -> str:
    """Draw the square of errors that broadcasting makes, with the true ones marked.

    Examples
    --------
    >>> from gdbook.examples.many_weights import silent_broadcast
    >>> print(broadcast_errors(silent_broadcast()).alt)
    A grid of 3 rows and 3 columns, every prediction minus every target. The diagonal holds the true errors 5, 1 and −2; the other 6 cells pair a prediction with the target of another sample.
    """
    n_samples = len(trace.errors)
    for row, errors in enumerate(trace.errors):
        for column, error in enumerate(errors):
            place = (column, n_samples - 1 - row)
            _cell(ax, place, GREEN if row == column else RED, PAPER, 2)
            ax.text(
                place[0] + 0.5,
                place[1] + 0.5,
                _n(error),
                ha="center",
                va="center",
                fontsize=13,
            )
    for sample in range(n_samples):
        ax.text(
            sample + 0.5,
            n_samples + 0.15,
            f"prediction {sample + 1}",
            ha="center",
            va="bottom",
            color=MUTED,
            fontsize=10,
        )
        ax.text(
            -0.12,
            n_samples - sample - 0.5,
            f"target {sample + 1}",
            ha="right",
            va="center",
            color=MUTED,
            fontsize=10,
        )
    ax.set(xlim=(-1.1, n_samples + 0.1), ylim=(-0.1, n_samples + 0.5))
    ax.set_aspect("equal")
    ax.axis("off")
    diagonal = [trace.errors[sample][sample] for sample in range(n_samples)]
    return (
        f"A grid of {n_samples} rows and {n_samples} columns, every prediction minus "
        f"every target. The diagonal holds the true errors {_and(diagonal)}; the other "
        f"{n_samples * (n_samples - 1)} cells pair a prediction with the target of "
        "another sample."
    )


@_draws()
def flatness(trace: UntilFlat, ax: Axes = NEW) -> str:
    """Plot the loss and the steepest slope of a descent until it is flat.

    Examples
    --------
    >>> from gdbook.examples.many_weights import until_flat
    >>> print(flatness(until_flat()).alt)
    The loss and the steepest slope over 1580 steps, on a logarithmic scale. The loss falls from 10 to 4; the slope falls from 12 to 10⁻⁶, where descent stops.
    """
    ax.semilogy(_array(trace.losses), color=PURPLE)
    ax.semilogy(_array(trace.steepest_slopes), color=BLUE)
    last = trace.num_steps
    _name_at_end(ax, last, float(trace.losses[-1]), "loss", PURPLE)
    _name_at_end(ax, last, float(trace.steepest_slopes[-1]), "slope", BLUE)
    ax.set(xlabel="step", ylabel="loss, steepest slope", xlim=(0, last))
    return (
        f"The loss and the steepest slope over {last} steps, on a logarithmic scale. The "
        f"loss falls from {_n(trace.losses[0])} to {_n(trace.losses[-1])}; "
        f"the slope falls from {_n(trace.steepest_slopes[0])} to "
        f"{_n(trace.steepest_slopes[-1], 2)}, where descent stops."
    )


def _cell(
    ax: Axes, corner: tuple[float, float], face: str, edge: str, linewidth: float
) -> None:
    ax.add_patch(Rectangle(corner, 1, 1, facecolor=face, alpha=0.22, linewidth=0))
    ax.add_patch(
        Rectangle(corner, 1, 1, fill=False, edgecolor=edge, linewidth=linewidth)
    )


def _sizes(trace: BatchGradient) -> tuple[int, int, int]:
    """Count samples, inputs and outputs; one output is left out of the shapes."""
    n_samples, n_outputs = (*_array(trace.errors).shape, 1)[:2]
    return n_samples, len(trace.gradient), n_outputs


def _product_size(trace: BatchGradient) -> tuple[float, float]:
    n_samples, n_inputs, n_outputs = _sizes(trace)
    wide = n_samples + 2 * n_outputs + 5
    return 4.8, 4.8 * (max(n_samples, n_inputs) + 1.7) / wide


@_draws(figsize=_product_size)
def matrix_shapes(trace: BatchGradient, ax: Axes = NEW) -> str:
    """Draw the shapes of the batch gradient's product.

    Examples
    --------
    >>> from gdbook.examples.many_weights import batch_gradient
    >>> print(matrix_shapes(batch_gradient()).alt)
    Xᵀ with 2 rows and 3 columns, times the errors with 3 rows and 1 column, gives the gradient with 2 rows and 1 column.
    """
    n_samples, n_inputs, n_outputs = _sizes(trace)
    tall = max(n_samples, n_inputs)
    left = 0.0
    for name, rows, columns, color, sign in (
        ("Xᵀ", n_inputs, n_samples, BLUE, "·"),
        ("errors", n_samples, n_outputs, RED, "→"),
        ("gradient", n_inputs, n_outputs, GREEN, ""),
    ):
        top = rows / 2
        for row in range(rows):
            for column in range(columns):
                _cell(ax, (left + column, top - row - 1), color, color, 1.4)
        middle = left + columns / 2
        ax.text(
            middle,
            tall / 2 + 0.3,
            name,
            ha="center",
            va="bottom",
            color=color,
            fontsize=12,
        )
        ax.text(
            middle,
            -tall / 2 - 0.2,
            f"({rows}, {columns})",
            ha="center",
            va="top",
            fontsize=11,
        )
        ax.text(left + columns + 0.75, 0, sign, ha="center", va="center", fontsize=15)
        left += columns + 1.5
    ax.set(xlim=(-0.6, left - 0.9), ylim=(-tall / 2 - 0.9, tall / 2 + 0.9))
    ax.set_aspect("equal")
    ax.axis("off")
    slopes, samples = _count(n_inputs, "row"), _count(n_samples, "row")
    outputs = _count(n_outputs, "column")
    return (
        f"Xᵀ with {slopes} and {_count(n_samples, 'column')}, times the errors with "
        f"{samples} and {outputs}, gives the gradient with {slopes} and {outputs}."
    )
