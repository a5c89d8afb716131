"""Epochs of scikit-learn's SGD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.linear_model import SGDRegressor

from bench.data import linear

if TYPE_CHECKING:
    from collections.abc import Callable


def epochs(rows: int, inputs: int, num_steps: int) -> Callable[[], Any]:
    """Take an epoch for each step: as many little steps as there are rows."""
    x, y, _ = linear(rows, inputs)
    model = SGDRegressor(learning_rate="constant", eta0=1e-6, alpha=0)

    def run() -> None:
        for _ in range(num_steps):
            model.partial_fit(x, y)

    return run
