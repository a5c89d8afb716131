"""Steps of this book's library, and of NumPy by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.data import digits, linear, short
from gdbook import gradients, losses
from gdbook.activations import RELU
from gdbook.descent import descend
from gdbook.fitting import fit
from gdbook.network import Dense
from gdbook.optimizers import Adam, GradientDescent

if TYPE_CHECKING:
    from collections.abc import Callable


def by_hand(rows: int, inputs: int, num_steps: int) -> Callable[[], Any]:
    """Multiply twice by the data for each step, and keep the losses."""
    x, y, largest = linear(rows, inputs)
    rate = short(largest)

    def run() -> Any:
        weights, seen = np.zeros(inputs), []
        for _ in range(num_steps):
            errors = x @ weights - y
            seen.append(errors @ errors / rows)
            weights = weights - rate * (2 / rows) * (errors @ x)
        return weights

    return run


def two_functions(rows: int, inputs: int, num_steps: int) -> Callable[[], Any]:
    """Descend by a loss and a gradient, each of which multiplies by the data."""
    x, y, largest = linear(rows, inputs)
    rate = short(largest)

    def run() -> Any:
        history = descend(
            lambda weights: losses.mean_squared_error(x @ weights, y),
            lambda weights: gradients.linear_gradient(x, weights, y),
            np.zeros(inputs),
            GradientDescent(rate),
            num_steps=num_steps,
        )
        return history.params[-1]

    return run


def train() -> Callable[[], Any]:
    """Fit a network to the digits, and measure it after every epoch."""
    data = digits()
    first, second = data.weights

    def run() -> Any:
        history = fit(
            [Dense(first, np.zeros(32)), RELU, Dense(second, np.zeros(10))],
            data.inputs,
            data.targets,
            loss=losses.SOFTMAX_CROSS_ENTROPY,
            rule=Adam(data.learning_rate, epsilon=data.epsilon),
            num_epochs=data.num_epochs,
            batch_size=data.batch_size,
            generator=np.random.default_rng(data.seed),
        )
        return np.array(history.values("loss")[1:])

    return run
