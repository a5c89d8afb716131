"""A network of two inputs, two hidden nodes and one output, number by number."""

from gdbook.examples.forward_propagation import two_layers
from gdbook.explorables._parts import (
    Explorable,
    Numbers,
    Readout,
    Slider,
    Task,
    Words,
)
from gdbook.explorables._print import printed
from gdbook.explorables._stage import Stage
from gdbook.plotting._base import BLUE, INK, MUTED, PURPLE, RED

__all__ = ["network"]

_BOOK = two_layers()
_INPUTS = dict(zip(("x1", "x2"), _BOOK.inputs, strict=True))
HIDDEN = {
    f"w{i}{k}": row[i - 1]
    for k, row in enumerate(_BOOK.hidden_weights, start=1)
    for i in (1, 2)
}
OUTPUT = dict(zip(("v1", "v2"), _BOOK.output_weights, strict=True))
LABELS = str.maketrans("12", "₁₂")
# Where the nodes are.
_X1, _X2, _H1, _H2, _Y = (0.0, 1.0), (0.0, 0.0), (1.5, 1.0), (1.5, 0.0), (3.0, 0.5)
_WIRES = {
    "w11": (_X1, _H1, 0.35, BLUE),
    "w21": (_X2, _H1, 0.3, BLUE),
    "w12": (_X1, _H2, 0.3, BLUE),
    "w22": (_X2, _H2, 0.35, BLUE),
    "v1": (_H1, _Y, 0.45, PURPLE),
    "v2": (_H2, _Y, 0.45, PURPLE),
}
_NODE_SLOPES = {"hidden_slopes.0": _H1, "hidden_slopes.1": _H2, "loss_slope": _Y}


def _network(**setting: float) -> Numbers:
    run = two_layers(
        [setting[name] for name in _INPUTS],
        [[setting["w11"], setting["w21"]], [setting["w12"], setting["w22"]]],
        [setting[name] for name in OUTPUT],
        _BOOK.target,
    )
    return {
        "hidden": list(map(float, run.hidden)),
        "prediction": float(run.prediction),
        "error": float(run.error),
    }


def draw_network(stage: Stage, *, slopes: bool = False) -> None:
    """Draw nodes and wires with their values, and the slopes along them if asked."""
    low = -0.35 if slopes else -0.2
    size = (4.2, 1.886 * (1.4 - low))
    ax = stage.panel(size, xlim=(-0.35, 3.4), ylim=(low, 1.4))
    ax.axis("off")
    for name, ((x, y), (to_x, to_y), share, color) in _WIRES.items():
        ax.plot((x, to_x), (y, to_y), color=MUTED, linewidth=1, zorder=1)
        at = (x + share * (to_x - x), y + share * (to_y - y) + 0.06)
        stage.text(ax, name, at, color=color, fontsize=10)
        if slopes:
            below = (at[0], at[1] - 0.15)
            stage.text(ax, f"slope.{name}", below, color=RED, fontsize=9)
    nodes = {"x1": _X1, "x2": _X2, "hidden.0": _H1, "hidden.1": _H2, "prediction": _Y}
    for name, (x, y) in nodes.items():
        ax.plot(x, y, "o", markersize=34, color=INK, markerfacecolor="#ffffff")
        stage.text(ax, name, (x, y), color=INK, fontsize=10, va="center_baseline")
    for name, (x, y) in _NODE_SLOPES.items() if slopes else ():
        stage.text(ax, name, (x, y - 0.28), color=RED, fontsize=9)
    for x, word in ((0.0, "inputs"), (1.5, "hidden"), (3.0, "prediction")):
        ax.text(x, 1.3, word, ha="center", color=MUTED, fontsize=9)


def _draw_network(stage: Stage) -> Words:
    draw_network(stage)
    return Words(
        "A network of two inputs, two hidden nodes and one output, with the value of "
        "every node and the weight of every wire.",
        f"The prediction {printed(stage.get('prediction'))} misses the target "
        f"{printed(stage.get('target'))} by {printed(stage.get('error'))}.",
    )


network = Explorable(
    "forward_propagation_network",
    controls=tuple(
        Slider(name, f"*{name.translate(LABELS)}*", float(value), -5, 5, 0.1)
        for name, value in (_INPUTS | HIDDEN | OUTPUT).items()
    ),
    compute=_network,
    draw=_draw_network,
    readouts=(Readout("error", "error"), Readout("target", "target")),
    given={"target": float(_BOOK.target)},
    task=Task({"v1": 3, "v2": -2}, "The error is 0."),
    short=True,
)
