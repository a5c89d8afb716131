"""The layers of a fresh network, and the slope that reaches each of them."""

import sys
from itertools import pairwise
from typing import Any

import numpy as np

from gdbook.datasets import digits
from gdbook.examples.vanishing_gradients import (
    ACTIVATIONS,
    INITIALISATIONS,
    N_CLASSES,
)
from gdbook.explorables._parts import (
    Choice,
    Explorable,
    Numbers,
    Readout,
    Slider,
    Task,
    Words,
)
from gdbook.explorables._print import power, printed
from gdbook.explorables._stage import Stage
from gdbook.losses import SOFTMAX_CROSS_ENTROPY
from gdbook.network import Dense, backward, dense_network, forward_pass
from gdbook.plotting._base import BLUE, GREEN, MUTED, RED

__all__ = ["layers"]

_DEEPEST, _SIZE, _SAMPLES = 10, 16, 12
_GOAL = 0.1
_PICTURES = digits()
# A picture of 8 by 8 pixels, seen from so far that four of them are one.
_INPUTS = _PICTURES.inputs[:_SAMPLES].reshape(-1, 4, 2, 4, 2).mean((2, 4))
_GIVEN: dict[str, Any] = {
    "inputs": _INPUTS.reshape(_SAMPLES, _SIZE).tolist(),
    "targets": _PICTURES.targets[:_SAMPLES].tolist(),
    "small": 0.05,
    "goal": _GOAL,
    "deepest": _DEEPEST,
}
_EACH = list(range(1, _DEEPEST + 1))


def scale(initialise: str, n_inputs: int, n_outputs: int) -> float:
    """Return the deviation of normal weights, and the reach of Glorot's."""
    if initialise == "glorot":
        return float((6 / (n_inputs + n_outputs)) ** 0.5)
    return float((2 / n_inputs) ** 0.5) if initialise == "he" else _GIVEN["small"]


def _drawn(initialise: str) -> list[list[list[int]]]:
    """Return weights of scale 1 in hundredths, so that a page can carry them."""
    sizes = [_SIZE] * (_DEEPEST + 1) + [N_CLASSES]
    network = dense_network(
        sizes, np.random.default_rng(0), initialise=INITIALISATIONS[initialise]
    )
    weights = [layer.weights for layer in network if isinstance(layer, Dense)]
    return [
        np.round(100 * own / scale(initialise, *own.shape)).astype(int).tolist()
        for own in weights
    ]


_GIVEN["normal"], _GIVEN["uniform"] = _drawn("he"), _drawn("glorot")
_TINY = np.array([-1, 1]) * sys.float_info.epsilon
_GIVEN["near_zero"] = {
    name: float((bend.slope(_TINY) ** 2).mean() ** 0.5)
    for name, bend in ACTIVATIONS.items()
}


def weights_of(initialise: str, depth: int) -> list[Any]:
    """Return the weights of so many hidden layers and of the last one."""
    drawn = _GIVEN["uniform" if initialise == "glorot" else "normal"]
    rows = [np.array(layer) / 100 for layer in (*drawn[:depth], drawn[-1])]
    return [scale(initialise, *layer.shape) * layer for layer in rows]


def _layers(depth: float, activation: str, initialise: str) -> Numbers:
    *hidden, last = weights_of(initialise, int(depth))
    zeros = np.zeros(_SIZE)
    network = [Dense(own, zeros, ACTIVATIONS[activation]) for own in hidden]
    network.append(Dense(last, np.zeros(N_CLASSES)))
    passed = forward_pass(network, _GIVEN["inputs"])
    slope = SOFTMAX_CROSS_ENTROPY.slope(passed.values[-1], _GIVEN["targets"])
    sizes = [
        float((own**2).mean() ** 0.5)
        for own in backward(network, passed, slope).values[1:-1]
    ]
    deviation = scale(initialise, _SIZE, _SIZE)
    if initialise == "glorot":
        deviation /= 3**0.5
    expected = deviation * _SIZE**0.5 * _GIVEN["near_zero"][activation]
    ratio = sizes[0] / sizes[-1]
    return {
        "layers": _EACH[: len(sizes)],
        "slopes": [size / sizes[-1] for size in sizes],
        "between": _EACH[1 : len(sizes)],
        "factors": [own / after for own, after in pairwise(sizes)],
        "expected": expected,
        "theory": [expected, expected],
        "factor": ratio ** (1 / (len(sizes) - 1)),
        "ratio": ratio,
    }


def _draw_layers(stage: Stage) -> Words:
    left = stage.panel(
        xlim=(0.5, _DEEPEST + 0.5),
        ylim=(1e-13, 10),
        yscale="log",
        xlabel="hidden layer",
        ylabel="slope, last layer = 1",
    )
    left.axhline(_GOAL, color=GREEN, linewidth=1, linestyle=":")
    left.text(0.7, 0.06, "a tenth", color=GREEN, fontsize=9, va="top")
    stage.line(left, "slopes", "layers", color=BLUE, marker="o", linewidth=1.2)
    right = stage.panel(
        xlim=(0.5, _DEEPEST + 0.5),
        ylim=(0, 1.7),
        yticks=(0, 0.5, 1, 1.5),
        xlabel="hidden layer",
        ylabel="factor of the layer",
    )
    right.axhline(1, color=MUTED, linewidth=1)
    stage.line(right, "theory", "ends", color=RED, linestyle="--", label="expected")
    points = {"color": BLUE, "marker": "o", "linestyle": "", "label": "measured"}
    stage.line(right, "factors", "between", **points)
    right.legend(loc="upper left", labelcolor="linecolor", ncol=2)
    return Words(
        "The slope that reaches each hidden layer, relative to the last one, on a "
        "logarithmic scale, and the factor by which each layer multiplies it, beside "
        "the factor that is expected.",
        f"The slope at layer 1 is {power(stage.get('ratio'))} times that at layer "
        f"{printed(stage.get('depth'))}, by a factor of "
        f"{printed(stage.get('factor'), 2)} for each layer, where "
        f"{printed(stage.get('expected'), 2)} is expected.",
    )


layers = Explorable(
    "vanishing_gradients_layers",
    controls=(
        Slider("depth", "hidden layers", _DEEPEST, 2, _DEEPEST, 1),
        Choice("activation", "activation", tuple(ACTIVATIONS)),
        Choice("initialise", "initialisation", tuple(INITIALISATIONS)),
    ),
    compute=_layers,
    draw=_draw_layers,
    readouts=(
        Readout("ratio", "reaches the first layer", powers=True),
        Readout("factor", "factor of a layer, on average", 2),
        Readout("expected", "expected", 2),
    ),
    given=_GIVEN | {"ends": [0.5, _DEEPEST + 0.5]},
    task=Task(
        {"activation": "tanh", "initialise": "glorot"},
        "A tenth or more comes through.",
    ),
)
