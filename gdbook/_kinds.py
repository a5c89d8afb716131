"""Integers, fractions or floats? One kind for all that is computed together.

A float makes floats of all the rest. Without one, a fraction makes fractions of the
integers, so that a division keeps them exact. Arrays of integers, and integers that a
root or a function of the caller's receives, are floats.
"""

import math
import numbers as abstract
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from gdbook import _checks


def kind(values: Iterable[Any]) -> type:
    """Return the kind of what is computed from checked values: int, Fraction or float.

    Arrays of other libraries count as floats.
    """
    kinds = {_kind(value) for value in values}
    return float if float in kinds else Fraction if Fraction in kinds else int


def _kind(value: Any) -> type:
    if isinstance(value, int):
        return int
    if isinstance(value, Fraction):
        return Fraction
    if not isinstance(value, np.ndarray) or value.dtype.kind == "f":
        return float
    return kind(value.flat) if _holds_objects(value) else int


def _holds_objects(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "O"


def is_float(value: Any) -> bool:
    """Say, quickly, whether a value is a Python float or an array of NumPy's floats."""
    return isinstance(value, float) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "f"
    )


def any_fraction(values: Iterable[Any]) -> bool:
    """Say whether there is a fraction among checked values and in arrays."""
    return any(map(_checks.holds_fractions, values))


def exact(value: Any) -> Any:
    """Turn integers into fractions, before a check turns them into floats."""
    if isinstance(value, abstract.Integral) and not isinstance(value, bool):
        return Fraction(int(value))
    if isinstance(value, list | tuple) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "iuO"
    ):
        try:
            array = np.array(value, dtype=object)
        except ValueError:  # ragged rows, which the check refuses
            return value
        if all(isinstance(item, abstract.Real) for item in array.flat):
            result = np.empty(array.shape, dtype=object)
            result.reshape(-1)[:] = [exact(item) for item in array.flat]
            return result
    return value


def floats(name: str, value: Any) -> Any:
    """Turn checked integers and fractions into floats."""
    return value if is_float(value) else _checks.floats(name, value)


def tidy(value: Any) -> Any:
    """Turn an array of objects that holds no fraction into one of floats."""
    if _holds_objects(value) and not any_fraction(value.flat):
        return value.astype(float)
    return value


def own(value: Any) -> Any:
    """Return a value that shares no memory with the one given."""
    return np.array(value) if isinstance(value, np.ndarray) else 1 * value


def alike(value: Any, other: Any) -> bool:
    """Say, quickly, whether two values are floats, or arrays of them of one shape."""
    if type(value) is not np.ndarray:
        return type(value) is float and type(other) is float
    return (
        type(other) is np.ndarray
        and value.dtype == other.dtype
        and value.shape == other.shape
        and value.dtype.kind == "f"
    )


def finite(value: Any) -> bool:
    """Say, quickly, whether a float or every one in an array is finite."""
    if isinstance(value, float):
        return math.isfinite(value)
    return _checks.all_finite(value)
