"""Which arrays lie in the same memory."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


def arrays(value: Any) -> Iterator[np.ndarray]:
    """Give all arrays in a result, however deep they lie."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        yield from arrays(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from arrays(item)


def share(first: Any, second: Any) -> bool:
    """Say whether something in one of two results can be changed through the other."""
    pairs = product(arrays(first), arrays(second))
    return any(np.shares_memory(one, other) for one, other in pairs)


def shares(value: Any) -> bool:
    """Say whether two arrays of one result share memory."""
    pairs = combinations(arrays(value), 2)
    return any(np.shares_memory(one, other) for one, other in pairs)


def spoil(value: Any) -> None:
    """Write into every array of a result."""
    for array in arrays(value):
        array[...] += 1
