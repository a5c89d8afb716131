"""Compute whatever a float can hold, also where the way there leaves the floats.

The sum of two squares may be too large for a float where their mean is not. A formula
of sums, products and quotients is computed in floats, and where that leaves their range
once more in fractions, which have none.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from gdbook import _checks
from gdbook.traces import plain


def in_range(formula: Callable[..., Any], *values: Any, products: bool = False) -> Any:
    """Return what a formula gives, infinite only where no float is large enough.

    With `products`, what is too small for a float on the way matters, too.
    """
    # Python's own floats tell nobody that they left their range.
    given = [np.float64(x) if type(x) is float else x for x in values]
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise", under="ignore"):
            result = formula(*given)
    except FloatingPointError:
        return exactly(formula, *values)
    kind = getattr(result, "dtype", None)
    if kind is _OBJECT:
        if any(isinstance(x, float) for x in result.flat):  # whole numbers, divided
            return result.astype(float)
    elif products and isinstance(result, np.ndarray | np.floating):
        size: Any = abs(result)
        least, most = (size.min(), size.max()) if size.shape else (size, size)
        # The threads of a product of matrices raise nothing.
        if not most < math.inf or (
            least < _least(kind) and _underflows(formula, *given)
        ):
            return exactly(formula, *values)
    return scalar(result)


def exactly(formula: Callable[..., Any], *values: Any) -> Any:
    """Return what a formula gives in fractions, rounded once unless they are given."""
    return rounded(formula(*(_fractions(x)[()] for x in values)), *values)


def rounded(result: Any, *values: Any) -> Any:
    """Return fractions, rounded once to the floats that they were computed from.

    They stay as they are if there is a fraction among the values.
    """
    if any(map(_checks.holds_fractions, values)):
        return scalar(result)
    if not np.shape(result):
        return float(_floats(result))
    dtypes = [x.dtype for x in values if isinstance(x, np.ndarray)]
    with np.errstate(all="ignore"):
        return _floats(result).astype(np.result_type(*dtypes))


def whole(values: Any) -> tuple[Any, Fraction]:
    """Return numbers as multiples of one unit, in Python's integers, and the unit."""
    ratios = [x.as_integer_ratio() for x in np.asarray(values).astype(object)]
    parts = math.lcm(*(below for _, below in ratios))
    multiples = np.empty(len(ratios), dtype=object)
    multiples[:] = [above * (parts // below) for above, below in ratios]
    return multiples, Fraction(1, parts)


def scalar(result: Any) -> Any:
    """Return a scalar as Python's own number, and an array as it is."""
    return result if getattr(result, "shape", ()) else plain(result)


def _underflows(formula: Callable[..., Any], *values: Any) -> bool:
    try:
        with np.errstate(under="raise"):
            formula(*values)
    except FloatingPointError:
        return True
    return False


@cache
def _least(kind: Any) -> float:
    return float(np.finfo(kind).tiny / np.finfo(kind).eps)


def _fraction(value: Any) -> Fraction:
    return Fraction(*value.as_integer_ratio())


def _nearest(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


_OBJECT = np.dtype(object)
_fractions = np.vectorize(_fraction, otypes=[object])
_floats = np.vectorize(_nearest, otypes=[float])
