"""Steps of PyTorch, by its autograd and its SGD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from bench.data import linear, short

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
