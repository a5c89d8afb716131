"""What the chapter says, beyond its own numbers; Keras runs beside its examples."""

import numpy as np
import pytest

from gdbook.activations import RELU, SIGMOID, Activation, leaky, sigmoid
from gdbook.datasets import moons
from gdbook.examples.in_keras import line_in_keras, weight_in_keras
from gdbook.examples.linear_regression import linear_steps
from gdbook.examples.weight_update import weight_update
from gdbook.fitting import fit
from gdbook.glue import defaults
from gdbook.initialisation import glorot
from gdbook.losses import MEAN_SQUARED_ERROR
from gdbook.network import Dense, backward, dense_network, forward_pass
from gdbook.optimizers import GradientDescent


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
    "A ReLU that says zero for all samples has no slope, and does not learn while its "
    "inputs stay; a leaky one lets a share of the slope through."
)
@pytest.mark.parametrize(("activation", "learns"), [(RELU, False), (leaky(), True)])
@pytest.mark.parametrize("seed", range(3))
def test_a_dead_relu(activation: Activation, learns: bool, seed: int) -> None:  # noqa: FBT001
    """Its bias is so low that every sample is below zero."""
    generator = np.random.default_rng(seed)
    inputs = generator.uniform(-1, 1, size=(20, 2))
    dead = Dense(generator.normal(size=(2, 1)), np.array([-9.0]), activation)
    layers = (dead, Dense(np.array([[1.0]]), np.array([0.0])))
    history = fit(
        layers,
        inputs,
        inputs[:, :1],
        loss=MEAN_SQUARED_ERROR,
        rule=GradientDescent(0.1),
        num_epochs=5,
        batch_size=20,
        generator=generator,
        progress=False,
    )
    moved = np.abs(history.layers[0].weights - dead.weights).max()  # type: ignore[union-attr]
    assert (moved > 0) == learns


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
