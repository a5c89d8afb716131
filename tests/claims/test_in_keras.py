"""What the chapter says, beyond its own numbers; Keras runs beside its examples."""

import numpy as np
import pytest

from gdbook.activations import RELU, SIGMOID, sigmoid
from gdbook.datasets import moons
from gdbook.examples.in_keras import line_in_keras, weight_in_keras
from gdbook.examples.linear_regression import linear_steps
from gdbook.examples.weight_update import weight_update
from gdbook.glue import defaults
from gdbook.initialisation import glorot
from gdbook.network import Dense, backward, dense_network, forward_pass


@pytest.mark.claims(
    "The first weight of this book had the input …, the value … and the target …:",
    "Three points and a bias make the line of the book:",
    "Before two libraries can agree, they have to be asked one question.",
)
def test_one_question() -> None:
    """The weight and the line of the first chapters, with their rates."""
    for keras, own in ((weight_in_keras, weight_update), (line_in_keras, linear_steps)):
        asked, asked_first = defaults(keras), defaults(own)
        shared = asked.keys() & asked_first.keys()
        assert len(shared) > 3
        assert all(asked[name] == asked_first[name] for name in shared)
    assert len(defaults(line_in_keras)["inputs"]) == 3


@pytest.mark.claims(
    "Through ReLUs the slopes do not shrink, and through normalised sigmoids they grow "
    "on the way back."
)
@pytest.mark.parametrize("seed", range(4))
def test_slopes_in_depth(seed: int) -> None:
    """The networks of the page, made and measured without Keras."""
    inputs, targets = moons(100, seed=seed)[:2]
    ratios = []
    for activation, normalise in ((SIGMOID, False), (RELU, False), (SIGMOID, True)):
        generator = np.random.default_rng(seed)
        layers = dense_network(
            [2, *[64] * 10, 1],
            generator,
            activation=activation,
            initialise=glorot,
            normalise=normalise,
        )
        passed = forward_pass(layers, inputs, training=True, generator=generator)
        errors = sigmoid(passed.values[-1]) - targets
        slopes = backward(layers, passed, errors / len(inputs))
        sizes = [
            float(np.sqrt(np.mean(own[0] ** 2)))
            for layer, own in zip(layers, slopes.params, strict=True)
            if isinstance(layer, Dense)
        ]
        ratios.append(sizes[0] / sizes[9])
    sigmoids, relus, normalised = ratios
    assert (sigmoids < 1e-3, relus > 1, normalised > 5) == (True, True, True)
