"""Draw the chapter on backpropagation: slopes on wires, and what a network learns."""

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from gdbook.examples.backpropagation import (
    BestSplit,
    CheckErrors,
    Circuit,
    Gates,
    HandMade,
    Learned,
    Passes,
)
from gdbook.plotting._base import (
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
    _draws,
    _legend_above,
    _listed,
    _n,
    _note,
    _pair,
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
    The relative error of a gradient check over the step, both on logarithmic scales. It falls from about 0.001 at the step 0.1 to about 10⁻¹¹ at 10⁻⁵, and rises to about 0.0001 at 10⁻¹². With a wrong slope it is about 0.1 or 0.01 at every step. Dotted lines lie at 0.01, 0.0001 and 10⁻⁷; a dashed one at the step 6.06 × 10⁻⁶.
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


def _points(ax: Axes, places: Any, classes: Any, **marks: Any) -> None:
    """Draw the samples of two classes, in two colours and shapes."""
    for one, look in CLASSES.items():
        ax.plot(*places[classes == one].T, linestyle="", **look, **marks)


@_draws()
def split_line(trace: BestSplit, ax: Axes = NEW) -> str:
    """Draw the line that parts two classes best, and the samples it gets wrong.

    Examples
    --------
    >>> from gdbook.examples.backpropagation import best_split
    >>> print(split_line(best_split()).alt)
    4 samples of two classes in a plane, and the best of the lines that were tried, at an angle of 45 degrees. It gets 3 right, a share of 0.75, and 1 wrong.
    """
    places, classes = _array(trace.inputs), np.asarray(trace.targets)
    many = len(places) > 50
    _points(ax, places, classes, markersize=3 if many else 10)
    wrong = places[list(trace.wrong)]
    ax.plot(
        *wrong.T,
        "o",
        markerfacecolor="none",
        markeredgecolor=INK,
        markeredgewidth=1 if many else 2,
        markersize=6 if many else 18,
    )
    angle = np.deg2rad(trace.angle)
    across = np.array([np.cos(angle), np.sin(angle)])
    along = np.array([-across[1], across[0]])
    margin = 0.1 * np.ptp(places, axis=0).max() + 0.2
    low, high = places.min(axis=0) - margin, places.max(axis=0) + margin
    middle = trace.offset * across
    # Long enough to leave the picture on both sides.
    middle = middle + along * (along @ ((low + high) / 2))
    reach = np.linalg.norm(high - low) * along
    ax.plot(*np.array([middle - reach, middle + reach]).T, color=INK, linewidth=1.8)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.set(xlabel="first input", ylabel="second input")
    ax.set_aspect("equal")
    return (
        f"{len(places)} samples of two classes in a plane, and the best of the "
        f"lines that were tried, at an angle of {_n(trace.angle)} degrees. It gets {trace.right} right, a "
        f"share of {_n(trace.accuracy)}, and {len(trace.wrong)} wrong."
    )


@_draws()
def hidden_plane(trace: HandMade, ax: Axes = NEW) -> str:
    """Draw samples where two hidden nodes put them, and the line behind the output.

    Examples
    --------
    >>> from gdbook.examples.backpropagation import hand_made
    >>> print(hidden_plane(hand_made()).alt)
    Samples in the plane of two hidden nodes, with a line on which the output is 0.5: input (0, 0) at (0, 0), input (0, 1) at (1, 0), input (1, 0) at (1, 0) and input (1, 1) at (2, 1). The network says 0, 1, 1 and 0.
    """
    if len(trace.output_weights) != 2:
        count = len(trace.output_weights)
        msg = f"`trace` has {count} hidden nodes but must have 2 to be drawn in a plane"
        raise ValueError(msg)
    places, classes = _array(trace.hidden), np.asarray(trace.targets)
    _points(ax, places, classes, markersize=10)
    first, second = map(float, trace.output_weights)
    names: dict[Point, list[str]] = {}
    for place, inputs in zip(places, trace.inputs, strict=True):
        names.setdefault((place[0], place[1]), []).append(_pair(inputs))
    for at, named in names.items():
        # On the side of the point that the line is not on.
        above = (first * at[0] + second * at[1] > 0.5) == (second > 0)
        ax.annotate(
            *(" and ".join(named), at, (0, 10 if above else -10)),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
        )
    low, high = places.min(axis=0) - 0.45, places.max(axis=0) + 0.45
    reach = np.array([low[0], high[0]])
    ax.plot(reach, (0.5 - first * reach) / second, color=INK, linewidth=1.8)
    ax.set(xlim=reach, ylim=(low[1], high[1] + 0.1))
    ax.set(xlabel="first hidden node", ylabel="second hidden node")
    ax.set_aspect("equal")
    listed = [
        f"input {_pair(inputs)} at {_pair(place)}"
        for place, inputs in zip(places, trace.inputs, strict=True)
    ]
    return (
        "Samples in the plane of two hidden nodes, with a line on which the output is "
        f"0.5: {_listed(listed)}. The network says {_and(trace.predictions)}."
    )


def _rows(trace: Learned) -> int:
    return -(-len(trace.epochs) // 2)  # two panels in a row


@_draws(figsize=lambda trace: (4.8, 2.26 * (0.05 + 1.3 * _rows(trace))))
def learned_surfaces(trace: Learned, ax: Axes = NEW) -> str:
    """Draw what a network says all over the plane, at several epochs.

    Examples
    --------
    >>> from gdbook.examples.backpropagation import learn_xor
    >>> print(learned_surfaces(learn_xor(epochs=(0, 100), resolution=9)).alt)
    What a network says all over a plane, at epochs 0 and 100. Of the samples that it is measured on, the shares 0.5 and 1 are right.
    """
    ax.axis("off")
    (left, right), (low, high) = trace.limits
    start, size = np.array([left, low]), np.array([right - left, high - low])
    inside = (_array(trace.inputs) - start) / size
    classes = np.asarray(trace.targets)
    many = len(classes) > 50
    for index, (epoch, surface, share) in enumerate(
        zip(trace.epochs, trace.surfaces, trace.accuracies, strict=True)
    ):
        corner = np.array([1.08 * (index % 2), -1.3 * (index // 2)])
        said = _array(surface)
        along = np.linspace(0, 1, len(said))
        _shade(ax, corner[0] + along, corner[1] + along, said)
        _points(ax, inside + corner, classes, markersize=2.6 if many else 8, zorder=4)
        for height, va, text in (
            (1.04, "bottom", f"epoch {epoch}"),
            (-0.04, "top", f"right: {_n(share)}"),
        ):
            x, y = corner
            ax.text(x + 0.5, y + height, text, ha="center", va=va, fontsize=10.5)
    ax.set(xlim=(-0.02, 2.1), ylim=(1.15 - 1.3 * _rows(trace), 1.2))
    ax.set_aspect("equal")
    return (
        f"What a network says all over a plane, at epochs {_and(trace.epochs)}. Of the "
        f"samples that it is measured on, the shares {_and(trace.accuracies)} are right."
    )


def _shade(ax: Axes, across: Any, up: Any, said: Any) -> None:
    """Colour each place by its prediction, the stronger the further from one half."""
    sure = 2 * said - 1
    for shares, one in ((-sure, 0), (sure, 1)):
        # One veil over another: areas that only touch would leave seams.
        for share in np.arange(4) / 4:
            if shares.max() > share:
                ax.contourf(
                    *(across, up, shares),
                    levels=[share, max(1, shares.max()) + 1],
                    colors=CLASSES[one]["color"],
                    alpha=0.11,
                    zorder=0,
                )
    if said.min() < 0.5 < said.max():
        ax.contour(across, up, said, levels=[0.5], colors=INK, linewidths=1.6)
