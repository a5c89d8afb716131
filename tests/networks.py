"""Networks of every kind of layer, for the tests."""

from fractions import Fraction
from typing import Any

import numpy as np

from gdbook.activations import IDENTITY, RELU, SIGMOID, SOFTMAX, TANH, Activation, leaky
from gdbook.initialisation import he
from gdbook.network import BatchNorm, Dense, Dropout, Layer, LayerNorm, Residual, dense

SQUARE = Activation(lambda values: values**2, lambda values: 2 * values)


def rows(values: Any) -> Any:
    """Make an array of fractions."""
    return np.vectorize(Fraction, otypes=[object])(np.array(values, dtype=object))


def flat(values: Any) -> list[Any]:
    """Give the numbers of a vector."""
    return list(np.asarray(values).tolist())


def _plain(activation: Activation) -> list[Layer]:
    generator = np.random.default_rng(7)
    hidden = dense(3, 4, generator, activation=activation, initialise=he)
    hidden = hidden._replace(bias=generator.normal(size=4))
    return [hidden, dense(4, 2, generator)]


def _norm(width: int) -> BatchNorm:
    generator = np.random.default_rng(width)
    scale, shift, mean = generator.normal(size=(3, width))
    return BatchNorm(scale, shift, mean, generator.uniform(0.5, 2, width), 0.7, 0.1)


def _norm_of_samples(width: int) -> LayerNorm:
    scale, shift = np.random.default_rng(width).normal(size=(2, width))
    return LayerNorm(scale, shift, 0.1)


def _networks() -> dict[str, list[Layer]]:
    first, last = _plain(IDENTITY)
    activations = {
        "identity": IDENTITY,
        "sigmoid": SIGMOID,
        "tanh": TANH,
        "relu": RELU,
        "leaky": leaky(0.25),
        "softmax": SOFTMAX,
    }
    return {
        **{name: _plain(activation) for name, activation in activations.items()},
        **{
            f"{name} by itself": [first, activation, last]
            for name, activation in activations.items()
        },
        "one node": [first, TANH, Dense(np.array([1.0, -2.0, 0.5, 1.5]), 0.25)],
        "shared bias": [Dense(np.ones((3, 2)), 0.5, SIGMOID)],
        "normalised": [first, _norm(4), TANH, last],
        "normalised first": [_norm(3), first],
        "normalised last": [first, _norm(4)],
        "dropped": [Dropout(0.25), first, TANH, Dropout(0.5), last],
        "normalised by sample": [_norm_of_samples(3), first, _norm_of_samples(4), last],
        "linked": [first, TANH, Residual(), Residual(2), Residual(3), last],
        "linked around a norm": [_norm(3), _norm_of_samples(3), Residual(2), first],
        "everything": [
            *(first, _norm(4), leaky(0.25), Residual(2), Dropout(0.5)),
            *(Dense(np.ones((4, 5)) / 3, np.arange(5) / 4, SOFTMAX), _norm(5)),
            *(_norm_of_samples(5), Residual(2), Dropout(0.25)),
            Dense(np.ones((5, 2)), 0.5, SIGMOID),
        ],
    }


NETWORKS = _networks()


def cube(values: Any) -> Any:
    """Return a new array."""
    return values**3


def cube_slope(values: Any) -> Any:
    """Return a new array."""
    return 3 * values**2


def in_place(function: Any) -> Any:
    """Make a function write its result into its argument."""

    def write(values: Any) -> Any:
        values[...] = function(values)
        return values

    return write


def in_a_buffer(function: Any) -> Any:
    """Make a function keep one array for all its results."""
    kept: dict[Any, Any] = {}

    def reuse(values: Any) -> Any:
        buffer = kept.setdefault(values.shape, np.empty_like(values))
        buffer[...] = function(values)
        return buffer

    return reuse
