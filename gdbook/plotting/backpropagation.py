"""Draw the chapter on backpropagation: slopes on wires, and what they cost."""

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from gdbook.examples.backpropagation import (
    CheckErrors,
    Circuit,
    Gates,
    Passes,
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
    _listed,
    _n,
    _note,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdbook._checks import Number

Point = tuple[float, float]
# What a gate does with a slope, by its kind.
_DOES = {"add": "distributes", "multiply": "swaps", "max": "routes"}
_SIGNS = {"add": "+", "multiply": "×", "max": "max"}


def _above_and_below(ax: Axes, at: Point, value: str, slope: str) -> None:
    """Write a value above a place on a wire, and a slope below it."""
    for text, offset, va, color in (
        (value, 2, "bottom", INK),
        (slope, -2, "top", RED),
    ):
        ax.annotate(
            text,
            at,
            (0, offset),
            textcoords="offset points",
            ha="center",
            va=va,
            color=color,
            fontsize=10.5,
            zorder=5,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
        )


def _wire(ax: Axes, *places: Point) -> None:
    ax.plot(*zip(*places, strict=True), color=MUTED, linewidth=1.4, zorder=1)


def _disc(ax: Axes, at: Point, radius: float, color: str) -> None:
    ax.add_patch(
        Circle(at, radius, facecolor=PAPER, edgecolor=color, linewidth=2, zorder=3)
    )


def _column(count: int) -> list[float]:
    return [2.1 * ((count - 1) / 2 - index) for index in range(count)]


def _top(trace: Circuit) -> float:
    return _column(max(len(trace.inputs), len(trace.hidden)))[0] + 0.75


@_draws(figsize=lambda trace: (4.8, 0.68 * (2 * _top(trace) + 0.4)))
def backward_circuit(trace: Circuit, ax: Axes = NEW) -> str:
    """Draw a network with its values above, and the loss's slopes below.

    Examples
    --------
    >>> from gdbook.examples.backpropagation import circuit
    >>> print(backward_circuit(circuit()).alt)
    A network with a value and a slope at every place. Forward: inputs 2 and 3, hidden nodes 5 and 1, prediction 9, loss 16. Backward: slope −8 along the prediction, −16 and 8 along the hidden nodes, −24 and −8 along the inputs. Output weights 2 and −1 have slopes −40 and −8. The weights 1 and 1 of a hidden node have slopes −32 and −48. The weights −1 and 1 of a hidden node have slopes 16 and 24.
    """
    columns: list[tuple[float, str, Sequence[Number], Sequence[Number], str]] = [
        (0, "inputs", trace.inputs, trace.input_slopes, BLUE),
        (2.5, "hidden", trace.hidden, trace.hidden_slopes, PURPLE),
        (4.6, "prediction", (trace.prediction,), (trace.loss_slope,), GREEN),
        (6.1, "loss", (trace.loss,), (1,), INK),
    ]
    layers: list[tuple[Sequence[Sequence[Number]], Sequence[Sequence[Number]]]] = [
        (trace.hidden_weights, trace.weight_slopes),
        ((trace.output_weights,), (trace.output_slopes,)),
    ]
    top = _top(trace)
    ax.set(xlim=(-0.55, 6.6), ylim=(-top - 0.25, top + 0.15))
    ax.set_aspect("equal")
    ax.axis("off")
    for x, name, values, slopes, color in columns:
        ax.text(x, top, name, ha="center", va="center", color=color, fontsize=10.5)
        for y, value, slope in zip(_column(len(values)), values, slopes, strict=True):
            _disc(ax, (x, y), 0.42, color)
            ax.plot([x - 0.3, x + 0.3], [y, y], color=MUTED, linewidth=0.7, zorder=4)
            for text, height, ink in ((value, 0.19, INK), (slope, -0.2, RED)):
                ax.text(
                    *(x, y + height, _n(text)),
                    ha="center",
                    va="center",
                    color=ink,
                    fontsize=10.5,
                    zorder=5,
                )
    for depth, (weights, weight_slopes) in enumerate(layers):
        start, end = columns[depth], columns[depth + 1]
        heights = _column(len(start[2]))
        for to, y_end in enumerate(_column(len(end[2]))):
            for of, y in enumerate(heights):
                _wire(ax, (start[0], y), (end[0], y_end))
                # Wires that cross are named before they do, the others behind it.
                place = 0.5 if depth else 0.6 if of == to else 0.31
                at = (start[0] + place * (end[0] - start[0]), y + place * (y_end - y))
                weight, slope = weights[to][of], weight_slopes[to][of]
                _above_and_below(ax, at, f"× {_n(weight)}", _n(slope))
    _wire(ax, (columns[2][0], 0), (columns[3][0], 0))
    ax.text(-0.5, -top, "value above,", color=INK, va="center", fontsize=10.5)
    ax.text(1.6, -top, "slope below", color=RED, va="center", fontsize=10.5)
    ax.text(
        *(4.6, -0.62, f"target {_n(trace.target)}"),
        ha="center",
        va="center",
        color=MUTED,
        fontsize=10.5,
    )
    nodes = " ".join(
        f"The weights {_and(row)} of a hidden node have slopes {_and(slopes)}."
        for row, slopes in zip(trace.hidden_weights, trace.weight_slopes, strict=True)
    )
    return (
        "A network with a value and a slope at every place. Forward: inputs "
        f"{_and(trace.inputs)}, hidden nodes {_and(trace.hidden)}, prediction "
        f"{_n(trace.prediction)}, loss {_n(trace.loss)}. Backward: slope "
        f"{_n(trace.loss_slope)} along the prediction, {_and(trace.hidden_slopes)} along "
        f"the hidden nodes, {_and(trace.input_slopes)} along the inputs. Output weights "
        f"{_and(trace.output_weights)} have slopes {_and(trace.output_slopes)}. {nodes}"
    )


@_draws(figsize=(4.8, 4.0))
def gate_slopes(trace: Gates, ax: Axes = NEW) -> str:
    """Draw what a sum, a product and a maximum do with a slope.

    Examples
    --------
    >>> from gdbook.examples.backpropagation import gates
    >>> print(gate_slopes(gates()).alt)
    Three circuits, read from left to right for values and back for slopes. Add: 3 and 4 give 7; the slope 2 becomes 2 and 2. Multiply: 3 and 4 give 12; the slope 2 becomes 8 and 6. Max: 3 and 4 give 4; the slope 2 becomes 0 and 2.
    """
    ax.set(xlim=(-0.1, 6.1), ylim=(-4.15, 0.95))
    ax.set_aspect("equal")
    ax.axis("off")
    parts = []
    for index, gate in enumerate(trace):
        y = -1.65 * index
        ax.text(0, y + 0.16, gate.kind, va="center", fontsize=11.5)
        ax.text(0, y - 0.2, _DOES[gate.kind], va="center", color=MUTED, fontsize=10.5)
        for height, value, slope in zip(
            (0.4, -0.4), gate.inputs, gate.input_slopes, strict=True
        ):
            places = [(1.8, y + height), (3.1, y + height), (3.9, y)]
            _wire(ax, *places)
            _above_and_below(ax, (2.45, y + height), _n(value), _n(slope))
        _wire(ax, (3.9, y), (5.9, y))
        _above_and_below(ax, (5.15, y), _n(gate.output), _n(gate.slope))
        _disc(ax, (3.9, y), 0.36, PURPLE)
        ax.text(
            *(3.9, y, _SIGNS[gate.kind]),
            ha="center",
            va="center",
            fontsize=10.5,
            zorder=5,
        )
        parts.append(
            f"{gate.kind.capitalize()}: {_and(gate.inputs)} give {_n(gate.output)}; the "
            f"slope {_n(gate.slope)} becomes {_and(gate.input_slopes)}."
        )
    return (
        "Three circuits, read from left to right for values and back for slopes. "
        + " ".join(parts)
    )


@_draws(figsize=(4.8, 3.8))
def check_curve(trace: CheckErrors, ax: Axes = NEW) -> str:
    """Plot the relative error of a gradient check over its step.

    Examples
    --------
    >>> from gdbook.examples.backpropagation import check_errors
    >>> print(check_curve(check_errors()).alt)
    The relative error of a gradient check over the step, both on logarithmic scales. It falls from about 0.001 at the step 0.1 to about 10⁻¹¹ at 10⁻⁵, and rises to about 0.0001 at 10⁻¹². With a wrong slope it is about 0.1 at every step. Dotted lines lie at 0.01, 0.0001 and 10⁻⁷; a dashed one at the step 6.06 × 10⁻⁶.
    """
    steps = _array(trace.steps)
    for errors, color, words in (
        (trace.errors, BLUE, "right slope"),
        (trace.wrong, RED, "wrong slope"),
    ):
        ax.loglog(steps, _array(errors), "o-", color=color, linewidth=1.4, label=words)
    for threshold in trace.thresholds:
        ax.axhline(threshold, color=MUTED, linewidth=1, linestyle=":")
    ax.axvline(trace.best_step, color=GREEN, linewidth=1.2, linestyle="--")
    ax.invert_xaxis()
    ax.minorticks_off()
    _legend_above(ax, 2)
    ax.set(xlabel="step h", ylabel="relative error")
    least = min(range(len(steps)), key=lambda at: trace.powers[at])
    wrong = sorted(set(trace.wrong_powers), reverse=True)
    (first, best, last) = (trace.powers[at] for at in (0, least, -1))
    return (
        "The relative error of a gradient check over the step, both on logarithmic "
        f"scales. It falls from about {_n(first)} at the step {_n(steps[0])} to about "
        f"{_n(best)} at {_n(steps[least])}, and rises to about {_n(last)} at "
        f"{_n(steps[-1])}. With a wrong slope it is about "
        f"{' or '.join(_n(power) for power in wrong)} at every step. Dotted lines lie "
        f"at {_and(trace.thresholds)}; a dashed one at the step {_n(trace.best_step)}."
    )


@_draws()
def pass_counts(trace: Passes, ax: Axes = NEW) -> str:
    """Plot how many passes a gradient takes over the number of weights.

    Examples
    --------
    >>> from gdbook.examples.backpropagation import passes
    >>> print(pass_counts(passes(((2, 2, 1), (2, 8, 1)))).alt)
    Passes for one gradient over the number of weights, both on logarithmic scales. For 9 and 33 weights, central differences take 18 and 66 passes, backpropagation takes 2 and 2.
    """
    counts = _array(trace.counts)
    for values, color, name, offset in (
        (trace.by_differences, RED, "differences", (-46, 8)),
        (trace.by_backpropagation, GREEN, "backpropagation", (-36, 22)),
    ):
        passes = _array(values)
        ax.loglog(counts, passes, "o-", color=color, linewidth=1.4, markersize=5)
        _note(
            *(ax, f"{name}: {_n(passes[-1], 9)}", (counts[-1], passes[-1]), offset),
            ha="right" if color == RED else "center",
            color=color,
        )
    ax.set(xlabel="weights and biases", ylabel="passes for one gradient")
    ax.set_ylim(1, 3 * max(trace.by_differences))
    return (
        "Passes for one gradient over the number of weights, both on logarithmic "
        f"scales. For {_listed(map(str, trace.counts))} weights, central differences take "
        f"{_listed(map(str, trace.by_differences))} passes, backpropagation takes "
        f"{_listed(map(str, trace.by_backpropagation))}."
    )
