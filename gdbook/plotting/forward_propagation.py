"""Draw the chapter on forward propagation: networks and what flows through them."""

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from gdbook.examples.forward_propagation import (
    Neuron,
    OneWeight,
    SingleLayer,
    TwoLayers,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    MUTED,
    NEW,
    PAPER,
    PURPLE,
    _and,
    _array,
    _draws,
    _halo,
    _n,
    _note,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gdbook._checks import Number


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


@_draws(
    figsize=lambda trace: (
        4.8,
        1.0 + 0.85 * max(len(trace.inputs), len(getattr(trace, "hidden", ()))),
    )
)
def network_diagram(trace: SingleLayer | TwoLayers | Neuron, ax: Axes = NEW) -> str:
    """Draw a network with its value in every node and its weight on every edge.

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
    return "A network. " + " ".join(sentences)


@_draws()
def prediction_line(trace: OneWeight, ax: Axes = NEW) -> str:
    """Plot the prediction over a single weight, with the target it should meet.

    Examples
    --------
    >>> from gdbook.examples.forward_propagation import one_weight
    >>> print(prediction_line(one_weight()).alt)
    Predictions −1, 4, 9, 14 and 19 over the weights 0, 1, 2, 3 and 4: a straight line that rises by 5 for each unit of weight and meets the target 13 at the weight 2.8.
    """
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
    return (
        f"Predictions {_and(trace.predictions)} over the weights {_and(trace.weights)}: "
        f"a straight line that rises by {_n(trace.fed_by)} for each unit of weight and "
        f"meets the target {_n(target)} at the weight {_n(meets)}."
    )
