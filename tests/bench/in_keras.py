"""Steps of Keras on JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.data import digits, linear, short

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


def train(floats: str = "float64", *, anew: bool = False) -> Callable[[], Any]:
    """Fit a network to the digits, and measure it after every epoch.

    The network is compiled in its first run, or in each.
    """
    data = digits()

    def made() -> Any:
        keras.config.set_floatx(floats)
        layers = [keras.layers.Dense(32, "relu"), keras.layers.Dense(10)]
        model = keras.Sequential([keras.Input((64,)), *layers])
        rule = keras.optimizers.Adam(data.learning_rate, epsilon=data.epsilon)
        model.compile(rule, keras.losses.CategoricalCrossentropy(from_logits=True))
        rule.build(model.trainable_variables)
        return model, [variable.numpy() for variable in rule.variables]

    inputs, targets = data.inputs.astype(floats), data.targets.astype(floats)
    kept = made()

    def run() -> Any:
        model, start = made() if anew else kept
        first, second = data.weights
        model.set_weights([first, np.zeros(32), second, np.zeros(10)])
        for variable, value in zip(model.optimizer.variables, start, strict=True):
            variable.assign(value)
        history = model.fit(
            (
                (inputs[chosen], targets[chosen])
                for batches in data.epochs()
                for chosen in batches
            ),
            epochs=data.num_epochs,
            shuffle=False,
            steps_per_epoch=-(-len(inputs) // data.batch_size),
            validation_data=(inputs, targets),
            validation_batch_size=len(inputs),
            verbose=0,
        )
        return np.array(history.history["val_loss"])

    return run


def train_in_32_bits() -> Callable[[], Any]:
    """Train in the numbers that Keras takes unless told."""
    return train("float32")


def train_anew() -> Callable[[], Any]:
    """Build and compile the network in each run."""
    return train(anew=True)
