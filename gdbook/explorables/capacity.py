"""A network of the width that the reader chooses, trained on two moons."""

from itertools import pairwise
from typing import Any

import numpy as np

from gdbook.activations import TANH
from gdbook.datasets import moons
from gdbook.explorables._parts import (
    Explorable,
    Numbers,
    Readout,
    Slider,
    Steps,
    Task,
    Toggle,
    Words,
)
from gdbook.explorables._print import printed
from gdbook.explorables._stage import Stage
from gdbook.fitting import fit
from gdbook.initialisation import glorot
from gdbook.losses import SIGMOID_CROSS_ENTROPY
from gdbook.network import dense_network, forward
from gdbook.optimizers import Adam
from gdbook.packing import flatten, unflatten
from gdbook.plotting._base import (
    BLUE,
    CLASSES,
    INK,
    LOWEST,
    RED,
    TRAINING,
    VALIDATION,
    _legend_above,
)

__all__ = ["moons_border"]

_STEPS, _MOST_NODES, _DIGITS = 120, 12, 3
_ACROSS, _UP = np.linspace(-1.5, 2.5, 33), np.linspace(-1.25, 1.75, 25)
_GRID = np.array([[x, y] for y in _UP for x in _ACROSS])


def _network(width: int) -> Any:
    generator = np.random.default_rng(seed=2)
    return dense_network([2, width, 1], generator, activation=TANH, initialise=glorot)


def _drawn(n_samples: int, seed: int) -> Numbers:
    """Return points on their moons, and where noise of deviation 1 moves them."""
    clean, moved = (moons(n_samples, noise=noise, seed=seed) for noise in (0, 1))
    return {
        "places": np.round(clean.inputs, _DIGITS).tolist(),
        "noise": np.round(moved.inputs - clean.inputs, _DIGITS).tolist(),
        "targets": clean.targets[:, 0].tolist(),
    }


_GIVEN: Numbers = {
    "training_points": _drawn(40, seed=0),
    "validation_points": _drawn(60, seed=1),
    # The weights and biases that each width starts from.
    "starts": [
        np.round(flatten(_network(width)), _DIGITS).tolist()
        for width in range(1, _MOST_NODES + 1)
    ],
    "across": _ACROSS.tolist(),
    "up": _UP.tolist(),
    # Of the score: even chances, and chances of 7 to 1 for either moon.
    "levels": {"border": 0.0, "sure_upper": -2.0, "sure_lower": 2.0},
    "goal": 0.18,
    "least_noise": 0.25,
}


def _points(which: str, noise: float) -> tuple[Any, Any]:
    drawn = _GIVEN[which]
    inputs = np.array(drawn["places"]) + noise * np.array(drawn["noise"])
    return inputs, np.array(drawn["targets"])[:, None]


def _trained(width: int, learning_rate: float, noise: float, steps: int) -> Any:
    """Train on all points together in every step."""
    generator = np.random.default_rng(seed=0)  # deals what is taken together
    inputs, targets = _points("training_points", noise)
    return fit(
        unflatten(_network(width), np.array(_GIVEN["starts"][width - 1])),
        inputs,
        targets,
        loss=SIGMOID_CROSS_ENTROPY,
        rule=Adam(learning_rate),
        num_epochs=steps,
        batch_size=len(inputs),
        generator=generator,
        validation=_points("validation_points", noise),
        progress=False,
    )


def _line_at(level: float, scores: Any) -> Numbers:
    """Return where the scores pass a level: two ends in each cell, or four."""
    scores = scores - level
    ends: Numbers = {"x": [], "y": []}
    above = scores > 0
    for row, column in np.ndindex(len(_UP) - 1, len(_ACROSS) - 1):
        corners = [(row, column), (row, column + 1)]
        corners += [(row + 1, column + 1), (row + 1, column)]
        for one, other in pairwise([*corners, corners[0]]):
            if above[one] != above[other]:
                part = scores[one] / (scores[one] - scores[other])
                for name, axis, i in (("x", _ACROSS, 1), ("y", _UP, 0)):
                    here, there = axis[one[i]], axis[other[i]]
                    ends[name].append(float(here + part * (there - here)))
    return ends


def _moons_border(
    width: float, learning_rate: float, noise: float, steps: int, *, early: bool
) -> Numbers:
    settings = int(width), learning_rate, noise
    run = _trained(*settings, steps)
    training, validation = (
        list(map(float, run.values(name))) for name in ("loss", "validation_loss")
    )
    best = int(np.argmin(validation))
    shown = _trained(*settings, best) if early else run
    scores = forward(shown.layers, _GRID)[-1].reshape(len(_UP), len(_ACROSS))
    inputs, targets = _points("training_points", noise)
    moon = {
        name: dict(zip("xy", inputs[targets[:, 0] == label].T.tolist(), strict=True))
        for name, label in (("upper", 0), ("lower", 1))
    }
    return moon | {
        "training": training,
        "validation": validation,
        "loss": training[-1],
        "validation_loss": validation[-1],
        "best": {"step": best, "loss": validation[best]},
        **{name: _line_at(level, scores) for name, level in _GIVEN["levels"].items()},
    }


def _draw_moons_border(stage: Stage) -> Words:
    left = stage.panel(
        xlim=(-1.5, 2.5),
        ylim=(-1.25, 1.75),
        xlabel="first input",
        ylabel="second input",
    )
    left.grid(visible=False)
    for name, label in (("upper", 0), ("lower", 1)):
        look = {"linestyle": "", "markersize": 4.5, **CLASSES[label]}
        stage.line(left, f"{name}.y", f"{name}.x", **look)
    for name, color, width in (
        ("sure_upper", BLUE, 1),
        ("sure_lower", RED, 1),
        ("border", INK, 2),
    ):
        look = {"color": color, "linewidth": width, "solid_capstyle": "round"}
        stage.pieces(left, f"{name}.y", f"{name}.x", **look)
    right = stage.panel(
        xlim=(0, _STEPS), ylim=(0.003, 2), yscale="log", xlabel="step", ylabel="loss"
    )
    for name, color in (("training", TRAINING), ("validation", VALIDATION)):
        stage.line(right, name, color=color)
        right.plot([], [], color=color, label=name)
    look = {"linestyle": "", "markersize": 12, **LOWEST}
    stage.line(right, "best.loss", "best.step", **look)
    _legend_above(right, columns=2)
    seen, new = (printed(stage.get(name)) for name in ("loss", "validation_loss"))
    best = stage.get("best")
    return Words(
        "Points on two moons, the border that a network draws between them, and thin "
        "lines where it is sure of either moon, by 7 to 1; beside them the training "
        "and the validation loss over the steps.",
        f"After {stage.get('steps')} steps the training loss is {seen} and the "
        f"validation loss {new}. It was least after step {best['step']}, at "
        f"{printed(best['loss'])}.",
    )


moons_border = Explorable(
    "capacity_moons_border",
    controls=(
        Slider("width", "hidden nodes", 12, 1, _MOST_NODES, 1),
        Slider("learning_rate", "learning rate *α*", 0.15, 0.01, 0.15, 0.01),
        Slider("noise", "noise", 0.25, 0, 0.3, 0.05),
        Steps("steps", "steps", 110, _STEPS),
        Toggle("early", "the border at the star"),
    ),
    compute=_moons_border,
    draw=_draw_moons_border,
    readouts=(
        Readout("validation_loss", "validation loss"),
        Readout("loss", "training loss"),
    ),
    given=_GIVEN,
    task=Task({"width": 4}, "It is below 0.18."),
)
