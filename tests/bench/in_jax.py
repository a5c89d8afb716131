"""Steps of JAX, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from bench.data import linear, short

if TYPE_CHECKING:
    from collections.abc import Callable


def _loss(weights: Any, x: Any, y: Any) -> Any:
    return jnp.mean((x @ weights - y) ** 2)


@jax.jit
def _step(weights: Any, x: Any, y: Any, rate: float) -> Any:
    loss, slope = jax.value_and_grad(_loss)(weights, x, y)
    return weights - rate * slope, loss


def steps(rows: int, inputs: int, num_steps: int) -> Callable[[], Any]:
    """Call one compiled function of loss, gradient and update for each step."""
    x, y, largest = linear(rows, inputs)
    rate = short(largest)
    data, targets = jnp.asarray(x), jnp.asarray(y)

    def run() -> Any:
        weights, seen = jnp.zeros(inputs), []
        for _ in range(num_steps):
            weights, loss = _step(weights, data, targets, rate)
            seen.append(loss)
        return np.asarray(weights.block_until_ready())

    return run
