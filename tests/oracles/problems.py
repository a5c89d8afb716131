"""Problems that every rule walks through, and the walk.

The gradients are computed here, in NumPy, so that a rule alone is compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

NUM_STEPS = 60


class Problem(NamedTuple):
    """Where to start, and the gradient anywhere."""

    name: str
    start: np.ndarray
    gradient: Callable[[np.ndarray], np.ndarray]

    def __str__(self) -> str:
        return self.name


def _valley(params: np.ndarray) -> np.ndarray:
    return np.array([params[0] / 5, 4 * params[1]])


def _bent(params: np.ndarray) -> np.ndarray:
    x, y = params
    return np.array([x - 0.3 * np.sin(y), y**3 - y + 0.1 * x])


def _line(params: np.ndarray) -> np.ndarray:
    inputs = np.array([[0.5, 1.0], [2.0, 1.0], [1.0, 1.0]])
    targets = np.array([0.8, 1.0, 1.5])
    errors = inputs @ params - targets
    gradient: np.ndarray = 2 * errors @ inputs / 3
    return gradient


def _gated(params: np.ndarray) -> np.ndarray:
    # The second weight has no slope until the first one is small: zeros in the memory.
    x, y = params
    return np.array([x, y if x < 0.5 else 0.0])


PROBLEMS = [
    Problem("valley", np.array([-5.0, -2.0]), _valley),
    Problem("bent", np.array([1.5, 0.1]), _bent),
    Problem("line", np.array([0.0, 0.0]), _line),
    Problem("gated", np.array([1.0, -1.0]), _gated),
]


def assert_same_way(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Compare two trajectories, place by place.

    The problems are of size one. Sixty steps with a few roundings each are in it, which
    Adam with a short memory amplifies; another setting is far outside.
    """
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=2e-13)


def walk(rule: Any, problem: Problem, state: Any = None) -> np.ndarray:
    """Return every place that a rule of the library visits."""
    params = problem.start
    state = rule.init(params) if state is None else state
    visited = [params]
    for _ in range(NUM_STEPS):
        update, state = rule.update(problem.gradient(params), state)
        params = params + update
        visited.append(params)
    return np.array(visited)
