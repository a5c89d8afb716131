"""The circuit of the chapter: values forward, slopes backward, and the update."""

from gdbook.examples.backpropagation import circuit
from gdbook.explorables._parts import Explorable, Numbers, Readout, Slider, Task, Words
from gdbook.explorables._print import printed
from gdbook.explorables._stage import Stage
from gdbook.explorables.forward_propagation import (
    HIDDEN,
    LABELS,
    OUTPUT,
    draw_network,
)

__all__ = ["backward"]

_BOOK = circuit()
_WEIGHTS = HIDDEN | OUTPUT
_FLAT, _DIVERGED = 1e-6, 1e6


def _backward(target: float, learning_rate: float, **weights: float) -> Numbers:
    run = circuit(
        _BOOK.inputs,
        [[weights["w11"], weights["w21"]], [weights["w12"], weights["w22"]]],
        [weights["v1"], weights["v2"]],
        target,
    )
    (w11, w21), (w12, w22) = run.weight_slopes
    v1, v2 = run.output_slopes
    slopes = {"w11": w11, "w21": w21, "w12": w12, "w22": w22, "v1": v1, "v2": v2}
    loss = float(run.loss)
    steepest = max(abs(float(slope)) for slope in slopes.values())
    diverged = "diverged" if loss > _DIVERGED else ""
    return {
        "hidden": list(map(float, run.hidden)),
        "prediction": float(run.prediction),
        "error": float(run.error),
        "loss": loss,
        "slope": {name: float(slope) for name, slope in slopes.items()},
        "hidden_slopes": list(map(float, run.hidden_slopes)),
        "loss_slope": float(run.loss_slope),
        "next": {
            name: weights[name] - learning_rate * float(slope)
            for name, slope in slopes.items()
        },
        "ended": "flat" if steepest <= _FLAT else diverged,
    }


def _draw_backward(stage: Stage) -> Words:
    draw_network(stage, slopes=True)
    prediction, loss = printed(stage.get("prediction")), printed(stage.get("loss"))
    return Words(
        "A network of two inputs, two hidden nodes and one output. Beside every node "
        "and wire stands its value and, below it, the slope of the loss along it.",
        f"The prediction {prediction} has the loss {loss}. Its slope along the "
        f"prediction is {printed(stage.get('loss_slope'))}.",
    )


backward = Explorable(
    "backpropagation_backward",
    controls=(
        Slider("target", "target *y*", float(_BOOK.target), -20, 20, 0.5),
        Slider("learning_rate", "learning rate *α*", 0.002, 0.001, 0.02, 0.001),
        *(
            Slider(name, f"*{name.translate(LABELS)}*", float(value), -5, 5, 0.1, 1000)
            for name, value in _WEIGHTS.items()
        ),
    ),
    compute=_backward,
    draw=_draw_backward,
    readouts=(Readout("loss", "loss"), Readout("error", "error")),
    given={
        "inputs": list(map(float, _BOOK.inputs)),
        "flat": _FLAT,
        "diverged": _DIVERGED,
        "x1": float(_BOOK.inputs[0]),
        "x2": float(_BOOK.inputs[1]),
    },
    carries={name: f"next.{name}" for name in _WEIGHTS},
    task=Task({"v1": 3, "v2": -2}, "No slope is left."),
)
