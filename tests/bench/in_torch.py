"""Steps of PyTorch, by its autograd and its SGD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bench.data import FLAT, MANY, digits, linear, short

if TYPE_CHECKING:
    from collections.abc import Callable


def steps(rows: int, inputs: int, num_steps: int) -> Callable[[], Any]:
    """Predict, walk back by autograd, and let SGD update, for each step."""
    x, y, largest = linear(rows, inputs)
    rate = short(largest)
    data, targets = torch.from_numpy(x), torch.from_numpy(y)

    def run() -> Any:
        weights = torch.zeros(inputs, dtype=torch.float64, requires_grad=True)
        rule = torch.optim.SGD([weights], lr=rate)
        seen = []
        for _ in range(num_steps):
            rule.zero_grad()
            loss = torch.nn.functional.mse_loss(data @ weights, targets)
            loss.backward()
            rule.step()
            seen.append(loss.detach())
        return weights.detach().numpy()

    return run


def arrives(rows: int, inputs: int) -> Callable[[], Any]:
    """Take the data, and let SGD update until the gradient is flat."""
    x, y, largest = linear(rows, inputs)

    def run() -> Any:
        data, targets = torch.from_numpy(x), torch.from_numpy(y)
        weights = torch.zeros(inputs, dtype=torch.float64, requires_grad=True)
        rule = torch.optim.SGD([weights], lr=1 / largest)
        seen = []
        for _ in range(MANY):
            rule.zero_grad()
            loss = torch.nn.functional.mse_loss(data @ weights, targets)
            loss.backward()
            seen.append(loss.detach())
            if weights.grad.abs().max() <= FLAT:
                break
            rule.step()
        return weights.detach().numpy()

    return run


def train(dtype: torch.dtype = torch.float64) -> Callable[[], Any]:
    """Train a network on the digits, and measure it after every epoch.

    In one thread: on a busy machine, two spend their time waiting for each other.
    """
    torch.set_num_threads(1)
    data = digits()
    inputs, labels = torch.tensor(data.inputs, dtype=dtype), torch.tensor(data.labels)
    loss = torch.nn.CrossEntropyLoss()

    def run() -> Any:
        layers = torch.nn.Linear(64, 32), torch.nn.Linear(32, 10)
        for layer, weights in zip(layers, data.weights, strict=True):
            layer.weight.data = torch.tensor(weights.T.copy())
            layer.bias.data.zero_()
        model = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1]).to(dtype)
        rule = torch.optim.Adam(
            model.parameters(), lr=data.learning_rate, eps=data.epsilon
        )
        seen = []
        for batches in data.epochs():
            for chosen in map(torch.from_numpy, batches):
                rule.zero_grad()
                loss(model(inputs[chosen]), labels[chosen]).backward()
                rule.step()
            with torch.no_grad():
                seen.append(loss(model(inputs), labels).item())
        return np.array(seen)

    return run


def train_in_32_bits() -> Callable[[], Any]:
    """Train in the numbers that PyTorch takes unless told."""
    return train(torch.float32)
