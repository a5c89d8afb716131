"""What is learned from: rows of a linear model with noise, the same in each process."""

from __future__ import annotations

import math
from functools import cache

import numpy as np


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
