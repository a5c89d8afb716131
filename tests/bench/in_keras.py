"""Steps of Keras on JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.data import linear, short

if TYPE_CHECKING:
    from collections.abc import Callable


def steps(rows: int, inputs: int, num_steps: int) -> Callable[[], Any]:
    """Fit one layer on a batch of all rows, an epoch for each step."""
    keras.config.set_floatx("float64")
    x, y, largest = linear(rows, inputs)
    rate = short(largest)
    model = keras.Sequential(
        [keras.Input((inputs,)), keras.layers.Dense(1, use_bias=False)]
    )
    model.compile(keras.optimizers.SGD(rate), "mse")

    def run() -> Any:
        model.set_weights([np.zeros((inputs, 1))])
        model.fit(x, y, batch_size=rows, epochs=num_steps, shuffle=False, verbose=0)
        return model.get_weights()[0][:, 0]

    return run
