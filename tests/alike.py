"""What is the same to the last bit."""

from typing import Any

import numpy as np


def alike(first: Any, second: Any) -> bool:
    """Say whether two things are of one type and one value, arrays bit for bit."""
    if type(first) is not type(second):
        return False
    if isinstance(first, np.ndarray):
        forms = [(array.dtype, array.shape) for array in (first, second)]
        if first.dtype == object:
            return forms[0] == forms[1] and alike(first.tolist(), second.tolist())
        return forms[0] == forms[1] and first.tobytes() == second.tobytes()
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(
            alike(value, second[name]) for name, value in first.items()
        )
    if isinstance(first, tuple | list):
        return len(first) == len(second) and all(
            alike(*pair) for pair in zip(first, second, strict=True)
        )
    return bool(first == second)
