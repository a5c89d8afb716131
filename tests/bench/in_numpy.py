"""Steps of this book's library, and of NumPy by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.data import FLAT, MANY, digits, linear, short
from gdbook import gradients, losses
from gdbook.activations import RELU
from gdbook.descent import descend
from gdbook.fitting import fit
from gdbook.network import Dense
from gdbook.optimizers import Adam, GradientDescent
from gdbook.sums import LeastSquares, NormalEquations

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


def _descended(
    problem: Any, inputs: int, rate: float, num_steps: int, flat: float = 0
) -> np.ndarray:
    start, rule = np.zeros(inputs), GradientDescent(rate)
    history = descend(problem, None, start, rule, num_steps=num_steps, flat=flat)
    return np.asarray(history.params[-1])


def least_squares(rows: int, inputs: int, num_steps: int) -> Callable[[], Any]:
    """Descend by loss and gradient together, summed in blocks over threads."""
    x, y, largest = linear(rows, inputs)
    problem = LeastSquares(x, y)
    return lambda: _descended(problem, inputs, short(largest), num_steps)


def normal_equations(rows: int, inputs: int, num_steps: int) -> Callable[[], Any]:
    """Descend by two sums, which were taken over the data before."""
    x, y, largest = linear(rows, inputs)
    problem = NormalEquations(x, y)
    return lambda: _descended(problem, inputs, short(largest), num_steps)


def _arrives(kind: Any, rows: int, inputs: int) -> Callable[[], Any]:
    x, y, largest = linear(rows, inputs)
    return lambda: _descended(kind(x, y), inputs, 1 / largest, MANY, FLAT)


def least_squares_arrive(rows: int, inputs: int) -> Callable[[], Any]:
    """Take the data, and descend by sums in blocks until the gradient is flat."""
    return _arrives(LeastSquares, rows, inputs)


def normal_equations_arrive(rows: int, inputs: int) -> Callable[[], Any]:
    """Take the data and two sums over them, and descend until the gradient is flat."""
    return _arrives(NormalEquations, rows, inputs)


def by_hand_arrives(rows: int, inputs: int) -> Callable[[], Any]:
    """Descend by hand until the gradient is flat."""
    x, y, largest = linear(rows, inputs)

    def run() -> Any:
        weights, seen = np.zeros(inputs), []
        for _ in range(MANY):
            errors = x @ weights - y
            seen.append(errors @ errors / rows)
            slope = (2 / rows) * (errors @ x)
            if abs(slope).max() <= FLAT:
                break
            weights = weights - slope / largest
        return weights

    return run


def one_read(rows: int, inputs: int, num_steps: int = 1, **_: int) -> Callable[[], Any]:
    """Read the data once for each step, as their product with themselves does."""
    flat = linear(rows, inputs)[0].reshape(-1)

    def run() -> None:
        for _ in range(num_steps):
            flat.dot(flat)

    return run


def one_thread(
    rows: int, inputs: int, kibibytes: int, num_threads: int = 1
) -> Callable[[], Any]:
    """Sum loss and gradient once, in blocks of a size, in one thread."""
    x, y, _ = linear(rows, inputs)
    block_size = kibibytes * 1024 // (x.itemsize * inputs)
    problem = LeastSquares(x, y, num_threads=num_threads, block_size=block_size)
    return lambda: problem.gradient(np.zeros(inputs))


def two_threads(rows: int, inputs: int, kibibytes: int) -> Callable[[], Any]:
    """Sum loss and gradient once, in blocks of a size, in two threads."""
    return one_thread(rows, inputs, kibibytes, num_threads=2)


def once_by_hand(rows: int, inputs: int, **_: int) -> Callable[[], Any]:
    """Take loss and gradient once, by two products with all of the data."""
    x, y, _largest = linear(rows, inputs)

    def run() -> Any:
        errors = x @ np.zeros(inputs) - y
        return errors @ errors / rows, (2 / rows) * (errors @ x)

    return lambda: run()[1]


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
