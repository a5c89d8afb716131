"""What is learned from, the same in each process, and where learning starts."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gdbook import datasets
from gdbook.descent import batches

if TYPE_CHECKING:
    from collections.abc import Iterator

FLAT, MANY = 1e-10, 100_000  # where a descent has arrived, and how far it may be


@cache
def linear(rows: int, inputs: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Draw inputs and targets, and return a largest curvature of their loss.

    Where many rows make it all but known, it is taken over some of them.
    """
    generator = np.random.default_rng(seed=0)
    drawn = generator.normal(size=(rows, inputs))
    targets = drawn @ generator.normal(size=inputs) + generator.normal(size=rows)
    few = drawn[: 100 * inputs]
    return drawn, targets, float(2 * np.linalg.norm(few, 2) ** 2 / len(few))


def short(largest: float) -> float:
    """Return a learning rate at which no descent arrives while it is timed.

    It is a power of two, which Keras keeps as it is in its 32 bits.
    """
    return math.ldexp(1, math.floor(math.log2(1e-3 / largest)))


class Digits(NamedTuple):
    """Pictures of digits, a small network's first weights, and how it is trained."""

    inputs: np.ndarray
    targets: np.ndarray
    labels: np.ndarray
    weights: tuple[np.ndarray, np.ndarray]
    seed: int = 0
    num_epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 2.0**-10  # which is the same in 32 bits
    epsilon: float = 1e-14  # so small that it does not matter where Keras adds it

    def epochs(self) -> Iterator[Iterator[np.ndarray]]:
        """Deal the batches of each epoch, as `fit` does."""
        generator = np.random.default_rng(self.seed)
        for _ in range(self.num_epochs):
            yield batches(len(self.inputs), self.batch_size, generator=generator)


def digits() -> Digits:
    """Load the digits, and draw the weights of a network with 32 hidden nodes."""
    data, generator = datasets.digits(), np.random.default_rng(seed=1)
    shapes = ((64, 32), (32, 10))
    first, second = (generator.normal(scale=0.2, size=shape) for shape in shapes)
    return Digits(data.inputs, data.targets, data.labels, (first, second))
