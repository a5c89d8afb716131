"""Steps of JAX, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from bench.data import FLAT, MANY, linear, short

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


@jax.jit
def _look(weights: Any, x: Any, y: Any, rate: float) -> Any:
    loss, slope = jax.value_and_grad(_loss)(weights, x, y)
    return weights - rate * slope, loss, jnp.max(jnp.abs(slope))


def arrives(rows: int, inputs: int) -> Callable[[], Any]:
    """Take the data, and call a compiled step until the gradient is flat."""
    x, y, largest = linear(rows, inputs)

    def run() -> Any:
        data, targets = jnp.asarray(x), jnp.asarray(y)
        weights, seen = jnp.zeros(inputs), []
        for _ in range(MANY):
            stepped, loss, steepest = _look(weights, data, targets, 1 / largest)
            seen.append(loss)
            if steepest <= FLAT:
                break
            weights = stepped
        return np.asarray(weights)

    return run


@jax.jit
def _loop(weights: Any, x: Any, y: Any, rate: float) -> Any:
    slope = jax.grad(_loss)

    def goes_on(state: Any) -> Any:
        return jnp.max(jnp.abs(state[1])) > FLAT

    def step(state: Any) -> Any:
        weights = state[0] - rate * state[1]
        return weights, slope(weights, x, y)

    return jax.lax.while_loop(goes_on, step, (weights, slope(weights, x, y)))[0]


def arrives_in_one_loop(rows: int, inputs: int) -> Callable[[], Any]:
    """Take the data, and call a whole compiled descent, which keeps no losses."""
    x, y, largest = linear(rows, inputs)

    def run() -> Any:
        weights = jnp.zeros(inputs)
        return np.asarray(_loop(weights, jnp.asarray(x), jnp.asarray(y), 1 / largest))

    return run
