"""Draw a trace: one function for each kind of figure.

A function takes a trace and, if you like, the axes to draw on. It returns a `Figure`
that shows itself on a page as an SVG, follows the page's light or dark theme, and
says in words what it shows, with its numbers (`Figure.alt`). Every annotation is
computed from the trace.
"""

import io
import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, cast

import matplotlib as mpl
import numpy as np
from matplotlib import figure as mpl_figure
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from gdbook import _checks, losses
from gdbook._checks import Number
from gdbook.examples.forward_propagation import (
    Neuron,
    OneWeight,
    SingleLayer,
    TwoLayers,
)
from gdbook.examples.gradient import Directions, ManySteps, TwoInputs
from gdbook.examples.learning_rate import (
    BesideBound,
    Schedule,
    StabilityBound,
    Sweep,
)
from gdbook.examples.linear_regression import HoursAndGrades, LinearSteps
from gdbook.examples.loss_functions import SquaredErrorTable, TwoWeightLosses
from gdbook.examples.many_weights import SampleGradients, SilentBroadcast, UntilFlat
from gdbook.examples.slopes import DarkField, Parabola, SlopeSigns
from gdbook.examples.weight_update import Repeated
from gdbook.gradients import with_intercept
from gdbook.traces import format_number, typeset

__all__ = [
    "Figure",
    "beside_the_bound",
    "broadcast_errors",
    "chords",
    "differences",
    "direction_slopes",
    "error_squares",
    "felt_slopes",
    "flatness",
    "grades",
    "lines",
    "loss_contours",
    "loss_surface",
    "matrix_shapes",
    "network_diagram",
    "one_step",
    "prediction_line",
    "predictions_against_targets",
    "rate_sweep",
    "rate_traces",
    "sample_arrows",
    "schedules",
    "shrinking_errors",
    "shrinking_factors",
    "slope_and_intercept",
    "tangent",
    "tangents",
    "two_weight_paths",
    "two_weight_step",
    "valley",
    "walk",
    "weight_descent",
]

P = ParamSpec("P")

# Okabe and Ito's colours, which stay apart for the colour-blind, each with the shade
# that takes its place on dark paper. The contrast with the paper is at least 4.5.
INK = "#1f2328"
MUTED = "#5f6b7a"
GRID = "#d8dee6"
PAPER = "#ffffff"
BLUE = "#0069a8"
RED = "#b84a00"
GREEN = "#007a57"
PURPLE = "#9b4f80"
DARK = {
    INK: "#e6e8eb",
    MUTED: "#a3adba",
    GRID: "#3a424d",
    PAPER: "#14181e",
    BLUE: "#62b6ee",
    RED: "#ff9a5c",
    GREEN: "#3fcf9f",
    PURPLE: "#e19ac4",
}

_PAPER_PATCH = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5, "alpha": 0.85}

STYLE: dict[Any, Any] = {  # Matplotlib's names for its settings are literals
    "figure.figsize": (4.8, 3.3),
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "text.color": INK,
    "font.size": 11,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "legend.frameon": False,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "gdbook",
}


class Figure(mpl_figure.Figure):
    """A Matplotlib figure that shows itself as an SVG for both themes.

    Attributes
    ----------
    alt : str
        What the figure shows, in words and numbers.
    """

    alt: str = ""

    def _repr_svg_(self) -> str:
        """Return the SVG that a page shows."""
        buffer = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Description": self.alt}
        with mpl.rc_context(STYLE):
            self.savefig(buffer, format="svg", metadata=metadata)
        svg = buffer.getvalue()
        start = svg.index("<svg")
        after_tag = svg.index(">", start) + 1
        return svg[start:after_tag] + f"<style>{_theme()}</style>" + svg[after_tag:]


def _theme() -> str:
    """Write the style that swaps every colour on dark paper."""
    swaps = "".join(
        f'[style*="{part}: {light}"]{{{part}:{dark}!important}}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
    )
    # A page's fonts do not reach into its images; the system's own do.
    font = "text{font-family:system-ui,'DejaVu Sans',sans-serif!important}"
    return f"{font}@media(prefers-color-scheme:dark){{{swaps}}}"


def _draws(
    *traces: type,
) -> Callable[[Callable[P, tuple[Axes, str]]], Callable[P, Figure]]:
    """Give a drawing function its style, its axes, and its check of the trace."""

    def decorate(draw: Callable[P, tuple[Axes, str]]) -> Callable[P, Figure]:
        @wraps(draw)
        @mpl.rc_context(STYLE)
        def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
            trace = args[0] if args else kwargs.get("trace")
            if not isinstance(trace, traces):
                expected = " or ".join(cls.__name__ for cls in traces)
                msg = f"`trace` is {trace!r} but must be a {expected}"
                raise TypeError(msg)
            ax, alt = draw(*args, **kwargs)
            figure = cast("Figure", ax.get_figure(root=True))
            figure.alt = alt
            return figure

        return drawn

    return decorate


def _axes(ax: Axes | None, *, figsize: tuple[float, float] | None = None) -> Axes:
    if ax is not None and not isinstance(ax, Axes):
        msg = f"`ax` is {ax!r} but must be Matplotlib axes"
        raise TypeError(msg)
    return Figure(figsize=figsize).add_subplot() if ax is None else ax


def _n(value: Number, digits: int = 3) -> str:
    """Write a number for the reader's eye: few digits, a true minus sign."""
    return typeset(format_number(float(f"{float(value):.{digits}g}")))


def _array(values: Any) -> np.ndarray:
    return np.asarray(values, dtype=float)


def _halo(ax: Axes, x: float, y: float, text: str, **kwargs: Any) -> None:
    """Write on a patch of paper, so that no line crosses the words."""
    ax.text(x, y, text, bbox=_PAPER_PATCH, **kwargs)


def _name_at_end(ax: Axes, x: float, y: float, text: str, color: str) -> None:
    """Name a line to the right of its end."""
    ax.annotate(
        text,
        (x, y),
        (6, 0),
        textcoords="offset points",
        color=color,
        va="center",
        annotation_clip=False,
    )


def _note(
    ax: Axes, text: str, at: tuple[float, float], to: tuple[float, float], **kwargs: Any
) -> None:
    """Write at an offset, in points, from what the words are about."""
    arrow = {"arrowstyle": "-", "color": MUTED, "linewidth": 1}
    kwargs.setdefault("ha", "center")
    kwargs.setdefault("va", "center")
    kwargs.setdefault("bbox", _PAPER_PATCH)
    ax.annotate(text, at, to, textcoords="offset points", arrowprops=arrow, **kwargs)


def _arrow(ax: Axes, start: Any, end: Any, color: str) -> None:
    arrow = {
        "arrowstyle": "-|>",
        "color": color,
        "linewidth": 2,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    (x, y), (x_start, y_start) = end, start
    ax.annotate("", (x, y), (x_start, y_start), arrowprops=arrow)


def _legend_above(ax: Axes, count: int) -> None:
    ax.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncol=count,
        labelcolor="linecolor",
        handlelength=1.2,
        columnspacing=1.2,
    )


def _edge(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str
) -> None:
    ax.plot(*zip(start, end, strict=True), color=MUTED, linewidth=1.4, zorder=1)
    place = 0.36  # nearer to the start, where the edges of a node are still apart
    x, y = (start[i] + place * (end[i] - start[i]) for i in (0, 1))
    _halo(ax, x, y, text, ha="center", va="center", fontsize=10.5, zorder=2)


def _node(ax: Axes, place: tuple[float, float], text: str, color: str) -> None:
    ax.add_patch(
        Circle(place, 0.23, facecolor=PAPER, edgecolor=color, linewidth=2, zorder=3)
    )
    ax.text(*place, text, ha="center", va="center", fontsize=12, zorder=4)


def _column(count: int) -> list[float]:
    return [(count - 1) / 2 - index for index in range(count)]


@_draws(SingleLayer, TwoLayers, Neuron)
def network_diagram(
    trace: SingleLayer | TwoLayers | Neuron, ax: Axes | None = None
) -> tuple[Axes, str]:
    """Draw a network with its value in every node and its weight on every edge.

    Parameters
    ----------
    trace : SingleLayer, TwoLayers or Neuron
        The network to draw.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The diagram.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.forward_propagation import single_layer
    >>> print(network_diagram(single_layer()).alt)
    A network. Inputs 2 and 3 feed the prediction 3.1 with weights 0.5 and 0.7. The target is 3.5, the error −0.4.
    """
    layers: list[tuple[str, Sequence[Number], str]] = [("inputs", trace.inputs, BLUE)]
    if isinstance(trace, TwoLayers):
        layers.append(("hidden", trace.hidden, PURPLE))
        weights = [trace.hidden_weights, (trace.output_weights,)]
    else:
        weights = [(trace.weights,)]
    layers.append(("prediction", (trace.prediction,), GREEN))
    rows = max(len(values) for _, values, _ in layers)
    ax = _axes(ax, figsize=(4.8, 1.0 + 0.85 * rows))
    ax.set(
        xlim=(-0.5, 1.9 * (len(layers) - 1) + 0.5),
        ylim=(-rows / 2 - 0.05, rows / 2 + 0.35),
    )
    ax.set_aspect("equal")
    ax.axis("off")
    sentences = []
    for depth, (name, values, color) in enumerate(layers):
        x = 1.9 * depth
        ax.text(
            x, rows / 2 + 0.2, name, ha="center", va="center", color=color, fontsize=11
        )
        for y, value in zip(_column(len(values)), values, strict=True):
            _node(ax, (x, y), _n(value), color)
        if depth == 0:
            continue
        before = layers[depth - 1][1]
        for y, value, row in zip(
            _column(len(values)), values, weights[depth - 1], strict=True
        ):
            for y_before, weight in zip(_column(len(before)), row, strict=True):
                _edge(ax, (x - 1.9, y_before), (x, y), f"× {_n(weight)}")
            kind = "prediction" if depth == len(layers) - 1 else "hidden node"
            source = "Inputs" if depth == 1 else "Hidden nodes"
            sentences.append(
                f"{source} {_and(before)} feed the {kind} {_n(value)} "
                f"with weights {_and(row)}."
            )
    if isinstance(trace, Neuron):
        ax.text(
            1.9,
            -0.42,
            f"+ bias {_n(trace.bias)}",
            ha="center",
            va="center",
            color=MUTED,
        )
        sentences.append(f"The bias is {_n(trace.bias)}.")
    else:
        ax.text(
            1.9 * (len(layers) - 1),
            -0.34,
            f"target {_n(trace.target)}\nerror {_n(trace.error)}",
            ha="center",
            va="top",
            color=MUTED,
        )
        sentences.append(
            f"The target is {_n(trace.target)}, the error {_n(trace.error)}."
        )
    return ax, "A network. " + " ".join(sentences)


def _and(values: Sequence[Number]) -> str:
    *first, last = (_n(value) for value in values)
    return f"{', '.join(first)} and {last}" if first else last


@_draws(OneWeight)
def prediction_line(trace: OneWeight, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot the prediction over a single weight, with the target it should meet.

    Parameters
    ----------
    trace : OneWeight
        Predictions for several values of the weight.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The predictions on a straight line, and where it crosses the target.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.forward_propagation import one_weight
    >>> print(prediction_line(one_weight()).alt)
    Predictions −1, 4, 9, 14 and 19 over the weights 0, 1, 2, 3 and 4: a straight line that rises by 5 for each unit of weight and meets the target 13 at the weight 2.8.
    """
    ax = _axes(ax)
    weights, predictions = _array(trace.weights), _array(trace.predictions)
    target, meets = float(trace.target), float(trace.meets_target)
    ax.axhline(target, color=GREEN, linewidth=1.4, linestyle="--")
    ax.plot(weights, predictions, "o-", color=BLUE, linewidth=1.4)
    ax.plot([meets], [target], "o", color=GREEN)
    _halo(
        ax,
        float(weights.min()),
        target,
        f"target {_n(target)}",
        ha="left",
        va="center",
        color=GREEN,
    )
    _note(ax, f"weight {_n(meets)}", (meets, target), (34, -34), color=GREEN)
    ax.set(xlabel="first output weight", ylabel="prediction")
    ax.locator_params(integer=True)
    return ax, (
        f"Predictions {_and(trace.predictions)} over the weights {_and(trace.weights)}: "
        f"a straight line that rises by {_n(trace.fed_by)} for each unit of weight and "
        f"meets the target {_n(target)} at the weight {_n(meets)}."
    )


@_draws(SquaredErrorTable)
def predictions_against_targets(
    trace: SquaredErrorTable, ax: Axes | None = None
) -> tuple[Axes, str]:
    """Plot each prediction over its target, with the error as the distance to the diagonal.

    Parameters
    ----------
    trace : SquaredErrorTable
        Predictions and targets.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The points, the diagonal of perfect predictions, and the errors.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import squared_error_table
    >>> print(predictions_against_targets(squared_error_table()).alt)
    Predictions over targets. Prediction 10 for target 20 is 10 below the diagonal. Prediction 8 for target 3 is 5 above the diagonal. Prediction 6 for target 1 is 5 above the diagonal.
    """
    ax = _axes(ax, figsize=(4.8, 4.2))
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
    return ax, "Predictions over targets. " + " ".join(sentences)


@_draws(SquaredErrorTable)
def error_squares(trace: SquaredErrorTable, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw each squared error as a square whose side is the error.

    Parameters
    ----------
    trace : SquaredErrorTable
        Errors and their squares.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The squares, side by side, to one scale.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import squared_error_table
    >>> print(error_squares(squared_error_table()).alt)
    Squares with sides 10, 5 and 5 and areas 100, 25 and 25. Their total is 150, their mean 50.
    """
    ax = _axes(ax, figsize=(4.8, 2.9))
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
    return ax, (
        f"Squares with sides {_and(sides)} and areas {_and(trace.squares)}. "
        f"Their total is {_n(trace.total)}, their mean {_n(trace.mean)}."
    )


@_draws(TwoWeightLosses)
def loss_surface(trace: TwoWeightLosses, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the loss over two weights as a surface.

    Parameters
    ----------
    trace : TwoWeightLosses
        The settings that were tried, and the data.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The surface in three dimensions, with the settings on it.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import two_weight_losses
    >>> print(loss_surface(two_weight_losses()).alt)
    A bowl: the loss over two weights. Its lowest of the marked points is (2, 1) with loss 0; the highest is (0, 0) with loss 4.67.
    """
    if ax is None:
        ax = Figure(figsize=(4.8, 4.2)).add_subplot(projection="3d")
    solid: Any = _axes(ax)
    if not hasattr(solid, "zaxis"):
        msg = f"`ax` is {ax!r} but must have three dimensions"
        raise TypeError(msg)
    first, second, heights = _bowl(trace)
    # A thousand facets as paths would weigh more than the page around them.
    solid.plot_surface(
        first, second, heights, cmap="viridis", alpha=0.85, linewidth=0, rasterized=True
    )
    for (w1, w2), loss in zip(trace.weights, trace.losses, strict=True):
        solid.plot([w1], [w2], [float(loss)], "o", color=RED, zorder=10)
    solid.set(xlabel="w₁", ylabel="w₂", zlabel="loss")
    solid.set_box_aspect((1, 1, 0.7), zoom=0.92)
    for axis in (solid.xaxis, solid.yaxis, solid.zaxis):
        axis.set_pane_color((1, 1, 1, 0))
    return ax, f"A bowl: the loss over two weights. {_tried(trace)}"


@_draws(TwoWeightLosses)
def loss_contours(trace: TwoWeightLosses, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the loss over two weights as contours, as a map shows a valley.

    Parameters
    ----------
    trace : TwoWeightLosses
        The settings that were tried, and the data.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The contours, with the settings on them.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.loss_functions import two_weight_losses
    >>> print(loss_contours(two_weight_losses()).alt)
    Contours of the loss over two weights, ellipses around the lowest point. Its lowest of the marked points is (2, 1) with loss 0; the highest is (0, 0) with loss 4.67.
    """
    ax = _axes(ax, figsize=(4.8, 4.2))
    first, second, heights = _bowl(trace)
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
    return ax, (
        "Contours of the loss over two weights, ellipses around the lowest point. "
        + _tried(trace)
    )


def _bowl(trace: TwoWeightLosses) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    reach = 1.15 * float(np.max(abs(_array(trace.weights) - _array(trace.best))))
    return _grid(
        lambda pair: losses.mean_squared_error(
            _array(trace.inputs) @ pair, _array(trace.targets)
        ),
        (float(trace.best[0]) - reach, float(trace.best[0]) + reach),
        (float(trace.best[1]) - reach, float(trace.best[1]) + reach),
        count=41,
    )


def _grid(
    loss: Callable[[np.ndarray], float],
    first: tuple[float, float],
    second: tuple[float, float],
    count: int = 61,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Evaluate a loss of two weights on a grid."""
    across, up = np.meshgrid(np.linspace(*first, count), np.linspace(*second, count))
    heights = [
        [loss(np.array(pair)) for pair in zip(*rows, strict=True)]
        for rows in zip(across, up, strict=True)
    ]
    return across, up, np.array(heights)


def _contours(
    ax: Axes, first: Any, second: Any, heights: Any, levels: Sequence[float]
) -> None:
    ax.contour(
        first, second, heights, levels=sorted(levels), colors=MUTED, linewidths=0.9
    )
    ax.grid(visible=False)


def _tried(trace: TwoWeightLosses) -> str:
    lowest, highest = (choose(trace.losses) for choose in (min, max))
    worst = trace.weights[trace.losses.index(highest)]
    return (
        f"Its lowest of the marked points is {_pair(trace.best)} with loss "
        f"{_n(lowest)}; the highest is {_pair(worst)} with loss {_n(highest)}."
    )


def _pair(values: Sequence[Number] | np.ndarray, digits: int = 3) -> str:
    return f"({', '.join(_n(value, digits) for value in values)})"


@_draws(Parabola)
def tangent(trace: Parabola, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the tangent of the parabola at one point, with its rise over a run of 1.

    Parameters
    ----------
    trace : Parabola
        A point and its slope.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The curve, the tangent, and the two sides that give its slope.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.slopes import parabola
    >>> print(tangent(parabola()).alt)
    The curve x² and its tangent at x = 2, where the height is 4. Over a run of 1 the tangent rises by 4.
    """
    ax = _axes(ax, figsize=(4.8, 3.8))
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
    return ax, (
        f"The curve x² and its tangent at x = {_n(x)}, where the height is {_n(value)}. "
        f"Over a run of 1 the tangent {rises} by {_n(abs(slope))}."
    )


@_draws(SlopeSigns)
def tangents(trace: SlopeSigns, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the parabola with its tangent at several points, and the way down from each.

    Parameters
    ----------
    trace : SlopeSigns
        Points with their slopes.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The curve, its tangents, and an arrow downhill from each point.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.slopes import slope_signs
    >>> print(tangents(slope_signs(points=(-2, 0, 2))).alt)
    The curve x² with tangents. At x = −2 the slope is −4 and downhill is right. At x = 0 the slope is 0 and the curve is flat. At x = 2 the slope is 4 and downhill is left.
    """
    ax = _axes(ax, figsize=(4.8, 3.8))
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
        if downhill == "flat":
            sentences.append(
                f"At x = {_n(x)} the slope is {_n(slope)} and the curve is flat."
            )
        else:
            sentences.append(
                f"At x = {_n(x)} the slope is {_n(slope)} and downhill is {downhill}."
            )
    ax.set(
        xlabel="x",
        ylabel="x²",
        xlim=(-1.45 * reach, 1.45 * reach),
        ylim=(-0.2 * reach**2, reach**2),
    )
    return ax, "The curve x² with tangents. " + " ".join(sentences)


@_draws(Parabola)
def chords(trace: Parabola, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the tangent of the parabola beside the chords of its longest step.

    Parameters
    ----------
    trace : Parabola
        The slope and the differences.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The curve, its tangent, a chord to one side and a chord over both.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.slopes import parabola
    >>> print(chords(parabola()).alt)
    The curve x² around x = 2. Its tangent has slope 4. The chord from x = 2 to 3 is steeper, with slope 5; the chord from x = 1 to 3 has slope 4, as steep as the tangent.
    """
    ax = _axes(ax, figsize=(4.8, 3.8))
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
    return ax, (
        f"The curve x² around x = {_n(x)}. Its tangent has slope {_n(slope)}. The chord "
        f"from x = {_n(x)} to {_n(x + h)} is {kind}, with slope {_n(forward)}; the chord "
        f"from x = {_n(x - h)} to {_n(x + h)} has slope {_n(central)}, as steep as the "
        "tangent."
    )


@_draws(Parabola)
def differences(trace: Parabola, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot what two kinds of difference measure, over the length of the step.

    Parameters
    ----------
    trace : Parabola
        The slope and the differences.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        One line for each kind, and the slope itself.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.slopes import parabola
    >>> print(differences(parabola()).alt)
    Measured slope over the step h. The central difference is 4, 4 and 4 for steps 1, 0.5 and 0.25: exactly the slope 4. The forward difference is 5, 4.5 and 4.25: too large by the step.
    """
    ax = _axes(ax, figsize=(4.8, 3.2))
    steps = _array(trace.steps)
    ax.plot(steps, _array(trace.forward), "o-", color=RED)
    ax.plot(steps, _array(trace.central), "o-", color=GREEN)
    longest = int(np.argmax(steps))
    _note(
        ax,
        "forward",
        (steps[longest], float(trace.forward[longest])),
        (-46, -4),
        color=RED,
    )
    _note(
        ax,
        "central",
        (steps[longest], float(trace.central[longest])),
        (-46, 16),
        color=GREEN,
    )
    ax.set(xlabel="step h", ylabel="measured slope", xlim=(0, None))
    ax.set_ylim(bottom=float(trace.slope) - 0.4 * float(np.max(steps)))
    return ax, (
        f"Measured slope over the step h. The central difference is {_and(trace.central)} "
        f"for steps {_and(trace.steps)}: exactly the slope {_n(trace.slope)}. "
        f"The forward difference is {_and(trace.forward)}: too large by the step."
    )


@_draws(DarkField)
def walk(trace: DarkField, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw a walk down the parabola, step by step.

    Parameters
    ----------
    trace : DarkField
        The places of the walk.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The curve, and the walk on it.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.slopes import dark_field
    >>> print(walk(dark_field(num_steps=3)).alt)
    A walk down the curve x² in 3 steps: from x = 2 with slope 4 to x = 0.432 with slope 0.864.
    """
    ax = _axes(ax)
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
    return ax, (
        f"A walk down the curve x² in {trace.num_steps} steps: from x = "
        f"{_n(trace.places[0])} with slope {_n(trace.slopes[0])} to x = "
        f"{_n(trace.places[-1])} with slope {_n(trace.slopes[-1])}."
    )


@_draws(DarkField)
def felt_slopes(trace: DarkField, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw what a walker in the dark knows: the slope underfoot, and nothing between.

    Parameters
    ----------
    trace : DarkField
        The places of the walk.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        A short tangent at every place of the walk, without the curve.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.slopes import dark_field
    >>> print(felt_slopes(dark_field(num_steps=2)).alt)
    Short tangents without the curve that they touch: slope 4 at x = 2, slope 2.4 at x = 1.2 and slope 1.44 at x = 0.72.
    """
    ax = _axes(ax)
    places, heights, slopes = (
        _array(values) for values in (trace.places, trace.heights, trace.slopes)
    )
    reach = float(np.max(abs(places)))
    across, up = 0.3 / 1.75, 0.3 / 1.2  # so that strokes look equally long
    for place, height, slope in zip(places, heights, slopes, strict=True):
        half = 0.55 * reach / math.hypot(1 / across, slope / (reach * up)) / 1.2
        ax.plot(
            [place - half, place + half],
            [height - slope * half, height + slope * half],
            color=BLUE,
        )
        ax.plot([place], [height], "o", color=BLUE, markersize=4.5)
    apart = [0]
    for index in range(1, len(places)):
        if abs(heights[index] - heights[apart[-1]]) > 0.13 * reach**2:
            apart.append(index)
    for index in apart:
        ax.annotate(
            f"slope {_n(slopes[index])}",
            (places[index], heights[index]),
            (-16, 4),
            textcoords="offset points",
            ha="right",
            va="bottom",
            color=INK,
        )
    felt = [
        f"slope {_n(slope)} at x = {_n(place)}"
        for slope, place in zip(slopes, places, strict=True)
    ][:5]
    more = len(places) - len(felt)
    if more:
        _note(
            ax,
            f"slope {_n(slopes[-1], 2)}",
            (places[-1], heights[-1]),
            (-60, 56),
        )
    ax.set(
        xlabel="x",
        ylabel="height",
        xlim=(-0.625 * reach, 1.25 * reach),
        ylim=(-0.1 * reach**2, 1.25 * reach**2),
    )
    listed = ", ".join(felt[:-1]) + (" and " if felt[:-1] else "") + felt[-1]
    rest = f", and {more} more, flatter and flatter" if more else ""
    return ax, f"Short tangents without the curve that they touch: {listed}{rest}."


@_draws(Repeated)
def one_step(trace: Repeated, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the tangent at the first weight, and the step that follows from it.

    Parameters
    ----------
    trace : Repeated
        A descent of one step or more.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The loss around the first step.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.weight_update import repeated
    >>> print(one_step(repeated(num_steps=1)).alt)
    The loss over the weight near its start. At weight 2 the loss is 16 and the tangent falls by 24 for each unit of weight; one step leads to weight 2.24 and loss 10.8.
    """
    ax = _axes(ax)
    loss = _weight_loss(trace)
    (w0, w1), (l0, l1) = (
        _array(values[:2]) for values in (trace.weights, trace.losses)
    )
    slope = 2 * float(trace.errors[0]) * float(trace.input_value)
    around = np.linspace(w0 - 1.4 * abs(w1 - w0), w1 + 1.6 * abs(w1 - w0), 61)
    ax.plot(around, [loss(w) for w in around], color=MUTED)
    touching = np.array([w0 - abs(w1 - w0), w1])
    ax.plot(touching, l0 + slope * (touching - w0), color=RED, linewidth=1.4)
    ax.plot([w0, w1], [l0, l0], color=MUTED, linewidth=1, linestyle=":")
    ax.plot([w1, w1], [l0, l1], color=MUTED, linewidth=1, linestyle=":")
    ax.plot([w0], [l0], "o", color=BLUE)
    ax.plot([w1], [l1], "o", color=GREEN)
    _note(
        ax,
        f"slope {_n(slope)}",
        (float(touching[0]), float(l0 - slope * (w0 - touching[0]))),
        (52, 2),
        color=RED,
    )
    _halo(
        ax,
        float(w0),
        float(l0) - 2.6,
        f"weight {_n(w0)}\nloss {_n(l0)}",
        ha="right",
        va="top",
        color=BLUE,
    )
    _halo(
        ax,
        float(w1) + 0.02,
        float(l1) + 1.0,
        f"weight {_n(w1)}\nloss {_n(l1)}",
        ha="left",
        va="bottom",
        color=GREEN,
    )
    ax.set(xlabel="weight", ylabel="loss")
    return ax, (
        f"The loss over the weight near its start. At weight {_n(w0)} the loss is "
        f"{_n(l0)} and the tangent falls by {_n(-slope)} for each unit of weight; "
        f"one step leads to weight {_n(w1)} and loss {_n(l1)}."
    )


@_draws(Repeated)
def weight_descent(trace: Repeated, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw a descent on the loss of one weight, all the way.

    Parameters
    ----------
    trace : Repeated
        The weights and their losses.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The loss over the weight, with every step on it.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.weight_update import repeated
    >>> print(weight_descent(repeated()).alt)
    The loss over the weight, a parabola with its lowest point at 3.33. 51 steps lead from weight 2 with loss 16 down to weight 3.33.
    """
    ax = _axes(ax)
    loss = _weight_loss(trace)
    weights, heights = _array(trace.weights), _array(trace.losses)
    end = float(trace.settles_at)
    reach = 1.2 * float(np.max(abs(weights - end)))
    xs = np.linspace(end - reach, end + reach, 121)
    ax.plot(xs, [loss(w) for w in xs], color=MUTED)
    ax.plot(weights, heights, "o-", color=BLUE, linewidth=1.2, markersize=4.5)
    _note(ax, f"start: {_n(weights[0])}", (weights[0], heights[0]), (44, 8))
    _note(ax, f"settles at {_n(end)}", (end, 0), (0, 40))
    ax.set(xlabel="weight", ylabel="loss")
    return ax, (
        f"The loss over the weight, a parabola with its lowest point at {_n(end)}. "
        f"{trace.num_steps} steps lead from weight {_n(weights[0])} with loss "
        f"{_n(heights[0])} down to weight {_n(weights[-1])}."
    )


def _weight_loss(trace: Repeated) -> Callable[[float], float]:
    def loss(weight: float) -> float:
        prediction = weight * float(trace.input_value)
        value: float = losses.squared_error(prediction, float(trace.target))
        return value

    return loss


@_draws(Repeated)
def shrinking_errors(trace: Repeated, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot the size of the error over the steps, on a scale where equal factors are equal lengths.

    Parameters
    ----------
    trace : Repeated
        The errors of a descent.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        A line that falls straight when every step has the same factor.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.weight_update import repeated
    >>> print(shrinking_errors(repeated()).alt)
    The size of the error over the steps, on a logarithmic scale: a straight line from 4 at step 0 to 0.00016 at step 51. Each step multiplies it by 0.82.
    """
    ax = _axes(ax, figsize=(4.8, 3.1))
    sizes = abs(_array(trace.errors))
    ax.semilogy(sizes, "o-", color=BLUE, markersize=3.5, linewidth=1.2)
    middle = len(sizes) // 2
    _note(ax, f"× {_n(trace.factor)} each step", (middle, sizes[middle]), (42, 26))
    ax.set(xlabel="step", ylabel="size of the error")
    return ax, (
        "The size of the error over the steps, on a logarithmic scale: a straight line "
        f"from {_n(sizes[0])} at step 0 to {_n(sizes[-1], 2)} at step {trace.num_steps}. "
        f"Each step multiplies it by {_n(trace.factor)}."
    )


@_draws(TwoInputs)
def two_weight_step(trace: TwoInputs, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the loss over two weights as a map, with the step against the gradient.

    Parameters
    ----------
    trace : TwoInputs
        The step.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        Contours of the loss, and the step as an arrow across them.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.gradient import two_inputs
    >>> print(two_weight_step(two_inputs()).alt)
    Contours of the loss over two weights, parallel lines. An arrow leads from weights (1, 2) with loss 25 straight across them to (0.7, 1.6) with loss 6.25. Beyond it lies the line of loss 0.
    """
    ax = _axes(ax, figsize=(4.8, 4.4))
    start, end = _array(trace.weights), _array(trace.new_weights)
    inputs, target = _array(trace.inputs), float(trace.target)
    reach = 2.1 * float(np.max(abs(end - start)))
    middle = end
    first, second, heights = _grid(
        lambda pair: losses.squared_error(float(pair @ inputs), target),
        (middle[0] - reach, middle[0] + reach),
        (middle[1] - reach, middle[1] + reach),
    )
    _contours(
        ax,
        first,
        second,
        heights,
        [float(trace.loss) * q for q in (1 / 16, 1 / 4, 9 / 16, 1, 25 / 16)],
    )
    along = np.linspace(middle[0] - reach, middle[0] + reach, 2)
    ax.plot(along, (target - inputs[0] * along) / inputs[1], color=GREEN, linewidth=2)
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
    quarter = 0.75 * along[0] + 0.25 * along[1]
    _halo(
        ax,
        quarter,
        (target - inputs[0] * quarter) / inputs[1] - 0.05 * reach,
        "loss 0",
        color=GREEN,
        ha="right",
        va="top",
    )
    ax.set(
        xlabel="w₁",
        ylabel="w₂",
        xlim=(along[0], along[1]),
        ylim=(second.min(), second.max()),
    )
    ax.set_aspect("equal")
    return ax, (
        "Contours of the loss over two weights, parallel lines. An arrow leads from "
        f"weights {_pair(trace.weights)} with loss {_n(trace.loss)} straight across them "
        f"to {_pair(trace.new_weights)} with loss {_n(trace.new_loss)}. "
        "Beyond it lies the line of loss 0."
    )


@_draws(tuple)
def two_weight_paths(
    trace: tuple[ManySteps, ...], ax: Axes | None = None
) -> tuple[Axes, str]:
    """Draw descents from several starts on the map of two weights.

    Parameters
    ----------
    trace : tuple of ManySteps
        One descent for each start, all on the same sample.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        Contours of the loss, the line of loss 0, and a path from each start.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.gradient import several_starts
    >>> print(two_weight_paths(several_starts()).alt)
    Contours of the loss over two weights, parallel lines. Straight paths cross them at right angles: from (1, 2) to (0.401, 1.2), from (−1, 1) to (−0.401, 1.8) and from (2, 1) to (1.52, 0.361). All end close to the line of loss 0, each in its own place.
    """
    if not trace or not all(isinstance(run, ManySteps) for run in trace):
        msg = f"`trace` is {trace!r} but must hold ManySteps only"
        raise TypeError(msg)
    ax = _axes(ax, figsize=(4.8, 4.4))
    inputs, target = _array(trace[0].inputs), float(trace[0].target)
    paths = [_array(run.weights) for run in trace]
    ends = np.array([(path[0], path[-1]) for path in paths]).reshape(-1, 2)
    middle = (ends.min(axis=0) + ends.max(axis=0)) / 2
    reach = 0.7 * float(np.max(np.ptp(ends, axis=0)))
    first, second, heights = _grid(
        lambda pair: losses.squared_error(float(pair @ inputs), target),
        (middle[0] - reach, middle[0] + reach),
        (middle[1] - reach, middle[1] + reach),
    )
    highest = max(float(run.losses[0]) for run in trace)
    _contours(
        ax, first, second, heights, [highest * q for q in (1 / 16, 1 / 4, 9 / 16, 1)]
    )
    along = np.linspace(middle[0] - reach, middle[0] + reach, 2)
    ax.plot(along, (target - inputs[0] * along) / inputs[1], color=GREEN)
    for path in paths:
        ax.plot(*path.T, "o-", color=BLUE, linewidth=1.4, markersize=4)
        above = path[0] @ inputs > target
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
    ax.set(
        xlabel="w₁",
        ylabel="w₂",
        xlim=(along[0], along[1]),
        ylim=(second.min(), second.max()),
    )
    ax.set_aspect("equal")
    listed = [f"from {_pair(path[0])} to {_pair(path[-1])}" for path in paths]
    joined = " and ".join(filter(None, [", ".join(listed[:-1]), listed[-1]]))
    return ax, (
        "Contours of the loss over two weights, parallel lines. Straight paths cross "
        f"them at right angles: {joined}. All end close to the line of loss 0, each in "
        "its own place."
    )


@_draws(Directions)
def direction_slopes(trace: Directions, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot the slope of the loss in every direction around one place.

    Parameters
    ----------
    trace : Directions
        The gradient, and some directions.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        A cosine, with the directions of the trace on it.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.gradient import directions
    >>> print(direction_slopes(directions()).alt)
    The slope over the direction, a cosine wave between −50 and 50. In direction (1, 0) it is 30, in (0, 1) it is 40, in (0.8, −0.6) it is 0, in (−0.6, −0.8) it is −50.
    """
    ax = _axes(ax, figsize=(4.8, 3.4))
    gradient = _array(trace.gradient)
    degrees = np.linspace(-180, 180, 181)
    turned = np.radians(degrees)
    ax.plot(
        degrees,
        gradient[0] * np.cos(turned) + gradient[1] * np.sin(turned),
        color=MUTED,
    )
    ax.axhline(0, color=MUTED, linewidth=1)
    parts: list[str] = []
    for unit, slope in zip(trace.directions, trace.slopes, strict=True):
        angle = math.degrees(math.atan2(float(unit[1]), float(unit[0])))
        color = BLUE if slope < 0 else RED if slope > 0 else GREEN
        lowest = float(slope) <= -float(trace.length)
        ax.plot([angle], [float(slope)], "o", color=color)
        _halo(
            ax,
            angle + 7,
            float(slope) - (0.08 * float(trace.length) if lowest else 0),
            f"{_n(slope)} at {_pair(unit)}",
            ha="left",
            va="top" if lowest else "center",
            color=color,
            fontsize=10,
        )
        parts.append(
            f"in {'direction ' if not parts else ''}{_pair(unit)} it is {_n(slope)}"
        )
    ax.set(
        xlabel="direction, degrees from the w₁ axis",
        ylabel="slope",
        xticks=range(-180, 181, 90),
    )
    low, high = -float(trace.length), float(trace.length)
    ax.set(xlim=(-185, 185), ylim=(1.45 * low, 1.3 * high))
    listed = ", ".join(parts)
    return ax, (
        f"The slope over the direction, a cosine wave between {_n(low)} and {_n(high)}. "
        f"{listed[0].upper()}{listed[1:]}."
    )


@_draws(LinearSteps)
def lines(trace: LinearSteps, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the data with the line before, after the first step, and at the end.

    Parameters
    ----------
    trace : LinearSteps
        A descent on a line.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The data, and three lines through it.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import linear_steps
    >>> print(lines(linear_steps(num_steps=1)).alt)
    Data at (0.5, 0.8), (2, 1) and (1, 1.5). The line starts as y = 0 x + 0 with loss 1.3, is y = 0.26 x + 0.22 after 1 step with loss 0.437, and the best line is y = 0.0429 x + 1.05 with loss 0.086.
    """
    ax = _axes(ax, figsize=(4.8, 3.6))
    inputs = _array(trace.inputs)
    reach = np.array([0.0, 1.2 * float(np.max(inputs))])
    steps = "1 step" if trace.num_steps == 1 else f"{trace.num_steps} steps"
    drawn = (
        ("start", trace.slopes[0], trace.intercepts[0], MUTED),
        (f"after {steps}", trace.new_slope, trace.new_intercept, BLUE),
        ("best", trace.best_slope, trace.best_intercept, GREEN),
    )
    for name, slope, intercept, color in drawn:
        ys = float(slope) * reach + float(intercept)
        ax.plot(reach, ys, color=color)
        _name_at_end(ax, reach[1], ys[1], name, color)
    ax.plot(inputs, _array(trace.targets), "o", color=RED, markersize=8)
    ax.set(xlabel="x", ylabel="y", xlim=(0, reach[1]))
    points = [_pair(point) for point in zip(trace.inputs, trace.targets, strict=True)]
    return ax, (
        f"Data at {', '.join(points[:-1])} and {points[-1]}. The line starts as "
        f"{_line(*drawn[0][1:3])} with loss {_n(trace.losses[0])}, is "
        f"{_line(*drawn[1][1:3])} after {steps} with loss {_n(trace.new_loss)}, and "
        f"the best line is {_line(*drawn[2][1:3])} with loss {_n(trace.best_loss)}."
    )


def _line(slope: Number, intercept: Number) -> str:
    sign = "+" if intercept >= 0 else "\N{MINUS SIGN}"
    return f"y = {_n(slope)} x {sign} {_n(abs(float(intercept)))}"


@_draws(LinearSteps)
def valley(trace: LinearSteps, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the loss over slope and intercept as a map, with a descent on it.

    Parameters
    ----------
    trace : LinearSteps
        A descent on a line.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        Contours of the loss, the path, and the best line.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import linear_steps
    >>> print(valley(linear_steps(num_steps=200)).alt)
    Contours of the loss over slope and intercept, a long narrow valley. The path starts at (0, 0), crosses to the valley floor, reaches its highest slope 0.446 at step 5, and creeps along the floor to (0.044, 1.05) after 200 steps. The best line is at (0.0429, 1.05).
    """
    ax = _axes(ax, figsize=(4.8, 4.4))
    slopes, intercepts = _array(trace.slopes), _array(trace.intercepts)
    best = np.array([float(trace.best_slope), float(trace.best_intercept)])
    rows, targets = with_intercept(_array(trace.inputs)), _array(trace.targets)
    reach = 1.2 * max(
        float(np.max(abs(slopes - best[0]))), float(np.max(abs(intercepts - best[1])))
    )
    first, second, heights = _grid(
        lambda pair: losses.mean_squared_error(rows @ pair, targets),
        (best[0] - reach, best[0] + reach),
        (best[1] - reach, best[1] + reach),
    )
    lowest, start = float(trace.best_loss), float(trace.losses[0])
    _contours(
        ax,
        first,
        second,
        heights,
        [lowest + (start - lowest) * 4.0**k for k in (-4, -3, -2, -1, 0)],
    )
    ax.plot(slopes, intercepts, "o-", color=BLUE, linewidth=1.4, markersize=4)
    ax.plot(*best, "*", color=GREEN, markersize=13)
    peak = trace.highest_slope_step
    _note(ax, "start", (slopes[0], intercepts[0]), (-26, -12))
    _note(
        ax,
        f"step {peak}: slope {_n(trace.highest_slope)}",
        (slopes[peak], intercepts[peak]),
        (16, 2),
        ha="left",
    )
    _note(ax, f"best: {_pair(best)}", tuple(best), (44, 26), color=GREEN)
    ax.set(xlabel="slope m", ylabel="intercept b")
    ax.set_aspect("equal")
    return ax, (
        "Contours of the loss over slope and intercept, a long narrow valley. The path "
        f"starts at {_pair((slopes[0], intercepts[0]))}, crosses to the valley floor, "
        f"reaches its highest slope {_n(trace.highest_slope)} at step {peak}, and creeps "
        f"along the floor to {_pair((slopes[-1], intercepts[-1]))} after "
        f"{trace.num_steps} steps. The best line is at {_pair(best)}."
    )


@_draws(LinearSteps)
def slope_and_intercept(trace: LinearSteps, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot slope and intercept over the steps, the first ones spread out.

    Parameters
    ----------
    trace : LinearSteps
        A descent on a line.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        Both parameters over the steps, with the values where they end.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import linear_steps
    >>> print(slope_and_intercept(linear_steps(num_steps=200)).alt)
    Slope and intercept over 200 steps, on a logarithmic scale. The slope climbs to 0.446 at step 5 and comes back to 0.044; the intercept climbs to 1.05. The best line has slope 0.0429 and intercept 1.05.
    """
    ax = _axes(ax, figsize=(4.8, 3.4))
    steps = np.arange(trace.num_steps + 1)
    peak = trace.highest_slope_step
    for name, values, best, color in (
        ("intercept b", trace.intercepts, trace.best_intercept, PURPLE),
        ("slope m", trace.slopes, trace.best_slope, BLUE),
    ):
        ax.plot(steps, _array(values), color=color)
        ax.axhline(float(best), color=color, linewidth=1, linestyle=":")
        _name_at_end(ax, steps[-1], float(values[-1]), name, color)
    ax.plot([peak], [float(trace.highest_slope)], "o", color=BLUE)
    _note(
        ax,
        f"{_n(trace.highest_slope)} at step {peak}",
        (peak, float(trace.highest_slope)),
        (-30, 26),
        color=BLUE,
    )
    ax.set_xscale("symlog", linthresh=1)
    ax.set(xlabel="step", ylabel="value", xlim=(0, steps[-1]))
    marks = [0, *(10**k for k in range(int(math.log10(max(1, steps[-1]))) + 1))]
    ax.set_xticks(marks, [str(mark) for mark in marks])
    ax.minorticks_off()
    return ax, (
        f"Slope and intercept over {trace.num_steps} steps, on a logarithmic scale. The "
        f"slope climbs to {_n(trace.highest_slope)} at step {peak} and comes back to "
        f"{_n(trace.new_slope)}; the intercept climbs to {_n(trace.new_intercept)}. The "
        f"best line has slope {_n(trace.best_slope)} and intercept "
        f"{_n(trace.best_intercept)}."
    )


@_draws(HoursAndGrades)
def grades(trace: HoursAndGrades, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw grades over hours with a first line and the best, each error as a square.

    Parameters
    ----------
    trace : HoursAndGrades
        Two lines through the grades.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The data, both lines, the squared errors of the best, and the new prediction.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import hours_and_grades
    >>> print(grades(hours_and_grades()).alt)
    Grades over hours studied. The line y = 1 x + 1 has mean squared error 5.4; the best line y = 0.55 x + 1.9 has 0.54, drawn as squares. It predicts grade 5.75 for 7 hours.
    """
    ax = _axes(ax, figsize=(4.8, 4.6))
    hours, marks = _array(trace.hours), _array(trace.grades)
    reach = np.array([0.0, 1.15 * float(np.max(hours))])
    slope, intercept = float(trace.new_slope), float(trace.new_intercept)
    ax.plot(
        reach,
        float(trace.slope) * reach + float(trace.intercept),
        color=MUTED,
        linewidth=1.4,
    )
    ax.plot(reach, slope * reach + intercept, color=GREEN)
    for hour, mark in zip(hours, marks, strict=True):
        error = slope * hour + intercept - mark
        ax.add_patch(
            Rectangle(
                (hour, mark), error, error, facecolor=BLUE, alpha=0.3, linewidth=0
            )
        )
        ax.plot([hour, hour], [mark, mark + error], color=BLUE, linewidth=1.4)
    ax.plot(hours, marks, "o", color=RED)
    new_hours, prediction = float(trace.new_hours), float(trace.prediction)
    ax.plot([new_hours], [prediction], "D", color=GREEN, markersize=7)
    _note(
        ax,
        f"{_n(trace.new_hours)} hours: {_n(trace.prediction)}",
        (new_hours, prediction),
        (22, -44),
        color=GREEN,
    )
    first = float(trace.slope) * 6.0 + float(trace.intercept)
    _note(
        ax, f"first guess, MSE {_n(trace.loss)}", (6.0, first), (-62, 22), color=MUTED
    )
    ax.set(
        xlabel="hours studied",
        ylabel="grade",
        xlim=tuple(reach),
        ylim=(0, 1.35 * float(np.max(marks))),
    )
    ax.set_aspect("equal")
    return ax, (
        f"Grades over hours studied. The line {_line(trace.slope, trace.intercept)} has "
        f"mean squared error {_n(trace.loss)}; the best line "
        f"{_line(trace.new_slope, trace.new_intercept)} has {_n(trace.new_loss)}, drawn "
        f"as squares. It predicts grade {_n(trace.prediction)} for "
        f"{_n(trace.new_hours)} hours."
    )


@_draws(Sweep)
def rate_sweep(trace: Sweep, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot the loss after a fixed number of steps over the learning rate.

    Parameters
    ----------
    trace : Sweep
        The losses of a sweep.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        Losses over rates, both on logarithmic scales.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import sweep
    >>> print(rate_sweep(sweep()).alt)
    The loss over the learning rate from 10⁻⁹ to 1, both on logarithmic scales. It starts at 16, is least, 0.184, at the rate 0.1, and 6.5 × 10²⁵ at the rate 1.
    """
    ax = _axes(ax)
    rates, after = _array(trace.learning_rates), _array(trace.losses)
    colors = {"stuck": MUTED, "lower": GREEN, "higher": RED}
    ax.loglog(rates, after, color=MUTED, linewidth=1.2, zorder=1)
    for verdict, color in colors.items():
        chosen = [
            index for index, found in enumerate(trace.verdicts) if found == verdict
        ]
        if chosen:
            ax.loglog(rates[chosen], after[chosen], "o", color=color, label=verdict)
    ax.axhline(float(trace.first_loss), color=MUTED, linewidth=1, linestyle=":")
    ax.text(
        rates[0],
        float(trace.first_loss) * 3,
        f"first loss: {_n(trace.first_loss)}",
        color=MUTED,
        va="bottom",
    )
    ax.legend(loc="upper left", bbox_to_anchor=(0.02, 0.95))
    ax.set(xlabel="learning rate", ylabel="loss after the steps")
    return ax, (
        f"The loss over the learning rate from {_n(rates[0])} to {_n(rates[-1])}, both "
        f"on logarithmic scales. It starts at {_n(trace.first_loss)}, is least, "
        f"{_n(min(trace.losses))}, at the rate {_n(trace.best_rate)}, and "
        f"{_n(after[-1])} at the rate {_n(rates[-1])}."
    )


@_draws(StabilityBound)
def shrinking_factors(
    trace: StabilityBound, ax: Axes | None = None
) -> tuple[Axes, str]:
    """Plot by which factor each part of the error shrinks, over the learning rate.

    Parameters
    ----------
    trace : StabilityBound
        The curvatures of a line's loss.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        One line for each curvature, the bound, and the best rate.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import stability_bound
    >>> print(shrinking_factors(stability_bound()).alt)
    The factor of each step over the learning rate, for curvatures 0.299 and 5.2. The steep one falls to 0 at 0.192 and passes 1 at the bound 0.385. The slower of the two is fastest at 0.364, with factor 0.891.
    """
    ax = _axes(ax, figsize=(4.8, 3.6))
    flat, steep = trace.curvatures
    best, bound = float(trace.best_rate), trace.linear_step
    rates = np.linspace(0, 1.2 * bound, 121)
    for curvature, color, name in ((flat, PURPLE, "flat"), (steep, BLUE, "steep")):
        ax.plot(rates, abs(1 - rates * curvature), color=color)
        at = 0.45 * bound if name == "flat" else 0.25 * bound
        ax.text(
            at + 0.02 * bound,
            abs(1 - at * curvature) - (0.05 if name == "flat" else 0),
            f"{name}: λ = {_n(curvature)}",
            ha="center" if name == "flat" else "left",
            va="top" if name == "flat" else "bottom",
            color=color,
        )
    ax.axhline(1, color=MUTED, linewidth=1, linestyle=":")
    slowest = 1 - best * flat
    ax.plot([best], [slowest], "o", color=GREEN)
    _note(ax, f"best: {_n(best)}", (best, slowest), (26, -40), color=GREEN)
    ax.plot([bound], [1], "o", color=RED)
    _note(ax, f"bound: {_n(bound)}", (bound, 1), (-30, 24), color=RED)
    ax.set(
        xlabel="learning rate",
        ylabel="factor of a step",
        xlim=(0, rates[-1]),
        ylim=(0, 1.35),
    )
    return ax, (
        "The factor of each step over the learning rate, for curvatures "
        f"{_and(trace.curvatures)}. The steep one falls to 0 at {_n(1 / steep)} and passes "
        f"1 at the bound {_n(bound)}. The slower of the two is fastest at {_n(best)}, "
        f"with factor {_n(slowest)}."
    )


@_draws(BesideBound)
def beside_the_bound(trace: BesideBound, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot how far the loss is from its least, just below and just above the bound.

    Parameters
    ----------
    trace : BesideBound
        Both descents.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        Two lines on a logarithmic scale, one falling, one rising.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import beside_bound
    >>> print(beside_the_bound(beside_bound()).alt)
    The loss above its least value over 200 steps, on a logarithmic scale. Both descents start at 1.21. With the rate 0.377, below the bound 0.385, it falls to 8.99 × 10⁻⁸; with the rate 0.392, above it, it rises to 7220000.
    """
    ax = _axes(ax, figsize=(4.8, 3.6))
    least = float(trace.best_loss)
    ends = []
    for rate, values, color, name in (
        (trace.learning_rates[0], trace.losses_below, GREEN, "below"),
        (trace.learning_rates[1], trace.losses_above, RED, "above"),
    ):
        excess = _array(values) - least
        ends.append(excess[-1])
        ax.semilogy(excess, color=color)
        middle = len(excess) // 2
        _note(
            ax,
            f"rate {_n(rate)}, {name}",
            (middle, excess[middle]),
            (-44, 24 if name == "above" else -24),
            color=color,
        )
    ax.set(
        xlabel="step",
        ylabel="loss above the least",
        xlim=(0, len(trace.losses_below) - 1),
    )
    return ax, (
        f"The loss above its least value over {len(trace.losses_below) - 1} steps, on a "
        "logarithmic scale. Both descents start at "
        f"{_n(float(trace.losses_below[0]) - least)}. With the rate "
        f"{_n(trace.learning_rates[0])}, below the bound {_n(trace.bound)}, it falls to "
        f"{_n(ends[0])}; with the rate {_n(trace.learning_rates[1])}, above it, it "
        f"rises to {_n(ends[1])}."
    )


@_draws(Schedule)
def schedules(trace: Schedule, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot the error with a changing learning rate beside a constant one.

    Parameters
    ----------
    trace : Schedule
        Both descents.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        Two lines, and the rate wherever it changes.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import schedule
    >>> print(schedules(schedule(num_steps=8)).alt)
    The error over 8 steps. With the constant rate 0.11 it ends at −3.4. With the rate changed to 0.055 at step 5 it ends at 3.62 × 10⁻⁶.
    """
    ax = _axes(ax)
    constant, changing = _array(trace.constant_errors), _array(trace.errors)
    steps = np.arange(len(changing))
    marks: dict[str, Any] = {"markersize": 3.5, "linewidth": 1.2}
    ax.plot(steps, constant, "o-", color=RED, label="constant rate", **marks)
    ax.plot(steps, changing, "o-", color=GREEN, label="changing rate", **marks)
    ax.axhline(0, color=MUTED, linewidth=1)
    _legend_above(ax, 2)
    rates = trace.learning_rates
    changes = [t for t in range(1, len(rates)) if rates[t] != rates[t - 1]]
    for step in changes:
        ax.axvline(step, color=MUTED, linewidth=1, linestyle=":")
    ax.locator_params(axis="x", integer=True)
    listed = [f"{_n(rates[t])} at step {t}" for t in changes]
    ax.set(xlabel="step", ylabel="error")
    changed = (
        ", ".join(listed[:-1]) + (" and " if listed[:-1] else "") + listed[-1]
        if listed
        else "nothing"
    )
    return ax, (
        f"The error over {len(rates)} steps. With the constant rate "
        f"{_n(rates[0])} it ends at {_n(constant[-1])}. With the rate changed to {changed} "
        f"it ends at {_n(changing[-1])}."
    )


@_draws(SampleGradients)
def sample_arrows(trace: SampleGradients, ax: Axes | None = None) -> tuple[Axes, str]:
    """Draw the gradient of every sample as an arrow, with their mean.

    Parameters
    ----------
    trace : SampleGradients
        The gradients of a batch.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The arrows from one point.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.many_weights import sample_gradients
    >>> print(sample_arrows(sample_gradients()).alt)
    Arrows from one point: the gradients of the samples, (30, 40), (2, 4) and (−8, −8), and their mean (8, 12).
    """
    ax = _axes(ax, figsize=(4.8, 4.0))
    every = [*_array(trace.gradients), _array(trace.mean)]
    colors = [*([BLUE] * len(trace.gradients)), GREEN]
    span = float(np.max(abs(np.array(every))))
    # The longest first, so that no arrow hides a shorter one.
    for arrow, color in sorted(
        zip(every, colors, strict=True), key=lambda pair: -math.hypot(*pair[0])
    ):
        _arrow(ax, (0, 0), arrow, color)
        name = f"mean {_pair(arrow)}" if color == GREEN else _pair(arrow)
        short = float(np.max(abs(arrow))) < 0.15 * span
        _halo(
            ax,
            arrow[0] + (0.05 if arrow[0] >= 0 else -0.03) * span,
            arrow[1] - (0.07 * span if short else 0),
            name,
            ha="left" if arrow[0] >= 0 else "right",
            va="center",
            color=color,
        )
    corners = np.array([*every, np.zeros(2)])
    low, high = corners.min(axis=0) - 0.2 * span, corners.max(axis=0) + 0.2 * span
    ax.set(
        xlabel="slope along w₁",
        ylabel="slope along w₂",
        xlim=(low[0] - 0.15 * span, high[0] + 0.25 * span),
        ylim=(low[1], high[1]),
    )
    points = [_pair(point) for point in trace.gradients]
    return ax, (
        f"Arrows from one point: the gradients of the samples, {', '.join(points[:-1])} and "
        f"{points[-1]}, and their mean {_pair(trace.mean)}."
    )


@_draws(SilentBroadcast)
def broadcast_errors(
    trace: SilentBroadcast, ax: Axes | None = None
) -> tuple[Axes, str]:
    """Draw the square of errors that broadcasting makes, with the true ones marked.

    Parameters
    ----------
    trace : SilentBroadcast
        Every prediction minus every target.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        A grid of errors, whose diagonal holds the true ones.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.many_weights import silent_broadcast
    >>> print(broadcast_errors(silent_broadcast()).alt)
    A grid of 3 rows and 3 columns, every prediction minus every target. The diagonal holds the true errors 5, 1 and −2; the other 6 cells pair a prediction with the target of another sample.
    """
    n_samples = len(trace.errors)
    ax = _axes(ax, figsize=(4.0, 4.0 * (n_samples + 0.9) / (n_samples + 1.6)))
    for row, errors in enumerate(trace.errors):
        for column, error in enumerate(errors):
            true = row == column
            color = GREEN if true else RED
            place = (column, n_samples - 1 - row)
            ax.add_patch(
                Rectangle(place, 1, 1, facecolor=color, alpha=0.22, linewidth=0)
            )
            ax.add_patch(
                Rectangle(place, 1, 1, fill=False, edgecolor=PAPER, linewidth=2)
            )
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
    return ax, (
        f"A grid of {n_samples} rows and {n_samples} columns, every prediction minus "
        f"every target. The diagonal holds the true errors {_and(diagonal)}; the other "
        f"{n_samples * (n_samples - 1)} cells pair a prediction with the target of "
        "another sample."
    )


@_draws(UntilFlat)
def flatness(trace: UntilFlat, ax: Axes | None = None) -> tuple[Axes, str]:
    """Plot the loss and the steepest slope of a descent until it is flat.

    Parameters
    ----------
    trace : UntilFlat
        The descent.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        Both over the steps, on a logarithmic scale.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.

    Examples
    --------
    >>> from gdbook.examples.many_weights import until_flat
    >>> print(flatness(until_flat()).alt)
    The loss and the steepest slope over 1580 steps, on a logarithmic scale. The loss falls from 10 to 4 and stays there; the slope falls from 12 to 10⁻⁶, where descent stops.
    """
    ax = _axes(ax)
    ax.semilogy(_array(trace.losses), color=PURPLE)
    ax.semilogy(_array(trace.steepest_slopes), color=BLUE)
    last = trace.num_steps
    _name_at_end(ax, last, float(trace.losses[-1]), "loss", PURPLE)
    _name_at_end(ax, last, float(trace.steepest_slopes[-1]), "slope", BLUE)
    ax.set(xlabel="step", ylabel="loss, steepest slope", xlim=(0, last))
    return ax, (
        f"The loss and the steepest slope over {last} steps, on a logarithmic scale. The "
        f"loss falls from {_n(trace.losses[0])} to {_n(trace.losses[-1])} and stays there; "
        f"the slope falls from {_n(trace.steepest_slopes[0])} to "
        f"{_n(trace.steepest_slopes[-1], 2)}, where descent stops."
    )


@_draws(tuple)
def rate_traces(
    trace: tuple[Repeated, ...], ax: Axes | None = None
) -> tuple[Axes, str]:
    """Draw descents with several learning rates, step by step.

    Parameters
    ----------
    trace : tuple of Repeated
        One descent for each rate.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The errors over the steps, one line for each rate.

    Raises
    ------
    TypeError
        If `trace` or `ax` is of another type.
    ValueError
        If `trace` holds no descent, or more than three.

    Examples
    --------
    >>> from gdbook.examples.learning_rate import three_rates
    >>> print(rate_traces(three_rates()).alt)
    The error over 12 steps from −4. With the rate 0.005 it is multiplied by 0.91 each step and ends at −1.29; with the rate 0.05 by 0.1, ending at −4 × 10⁻¹²; with the rate 0.115 by −1.07, ending at −9.01.
    """
    if not all(isinstance(run, Repeated) for run in trace):
        msg = f"`trace` is {trace!r} but must hold Repeated only"
        raise TypeError(msg)
    colors = (PURPLE, GREEN, RED)
    if not 1 <= len(trace) <= len(colors):
        msg = f"`trace` holds {len(trace)} descents but must hold 1 to {len(colors)}"
        raise ValueError(msg)
    ax = _axes(ax, figsize=(4.8, 3.6))
    parts: list[str] = []
    for run, color in zip(trace, colors, strict=False):
        errors = _array(run.errors)
        name = f"rate {_n(run.learning_rate)}"
        ax.plot(errors, "o-", color=color, markersize=4, linewidth=1.4, label=name)
        by = f"with the rate {_n(run.learning_rate)}"
        how = (
            f"it is multiplied by {_n(run.factor)} each step and ends at {_n(errors[-1])}"
            if not parts
            else f"by {_n(run.factor)}, ending at {_n(errors[-1])}"
        )
        parts.append(f"{by} {how}")
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.set(xlabel="step", ylabel="error")
    _legend_above(ax, len(trace))
    listed = "; ".join(parts)
    return ax, (
        f"The error over {trace[0].num_steps} steps from {_n(trace[0].errors[0])}. "
        f"{listed[0].upper()}{listed[1:]}."
    )


def matrix_shapes(
    n_samples: int, n_inputs: int, n_outputs: int, ax: Axes | None = None
) -> Figure:
    """Draw the shapes of the batch gradient's product.

    Parameters
    ----------
    n_samples : int
        How many rows the batch has.
    n_inputs : int
        How many inputs each sample has.
    n_outputs : int
        How many outputs the model has.
    ax : Axes, optional
        Where to draw; a new figure unless given.

    Returns
    -------
    Figure
        The three matrices as grids of cells.

    Raises
    ------
    TypeError
        If a count is no whole number, or `ax` of another type.
    ValueError
        If a count is less than 1.

    Examples
    --------
    >>> print(matrix_shapes(3, 2, 1).alt)
    Xᵀ with 2 rows and 3 columns, times the errors with 3 rows and 1 column, gives the gradient with 2 rows and 1 column.
    """
    n_samples = _checks.count("n_samples", n_samples, least=1)
    n_inputs = _checks.count("n_inputs", n_inputs, least=1)
    n_outputs = _checks.count("n_outputs", n_outputs, least=1)
    with mpl.rc_context(STYLE):
        tall = max(n_samples, n_inputs)
        wide = n_samples + 2 * n_outputs + 5
        ax = _axes(ax, figsize=(4.8, 4.8 * (tall + 1.7) / wide))
        left = 0.0
        for name, rows, columns, color, sign in (
            ("Xᵀ", n_inputs, n_samples, BLUE, "·"),
            ("errors", n_samples, n_outputs, RED, "→"),
            ("gradient", n_inputs, n_outputs, GREEN, ""),
        ):
            top = rows / 2
            for row in range(rows):
                for column in range(columns):
                    corner = (left + column, top - row - 1)
                    ax.add_patch(
                        Rectangle(
                            corner, 1, 1, facecolor=color, alpha=0.22, linewidth=0
                        )
                    )
                    ax.add_patch(
                        Rectangle(
                            corner, 1, 1, fill=False, edgecolor=color, linewidth=1.4
                        )
                    )
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
            ax.text(
                left + columns + 0.75, 0, sign, ha="center", va="center", fontsize=15
            )
            left += columns + 1.5
        ax.set(xlim=(-0.6, left - 0.9), ylim=(-tall / 2 - 0.9, tall / 2 + 0.9))
        ax.set_aspect("equal")
        ax.axis("off")
    figure = cast("Figure", ax.get_figure(root=True))
    outputs = "1 column" if n_outputs == 1 else f"{n_outputs} columns"
    figure.alt = (
        f"Xᵀ with {n_inputs} rows and {n_samples} columns, times the errors with "
        f"{n_samples} rows and {outputs}, gives the gradient with {n_inputs} rows "
        f"and {outputs}."
    )
    return figure
