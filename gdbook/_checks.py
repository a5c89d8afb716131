"""Look at every argument before anything is computed."""

import math
import numbers as abstract
import os
import reprlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Number: TypeAlias = int | float | Fraction
# A number, a nested sequence of numbers, or an array of any library whose arrays
# carry the operators; there is no narrower type that mypy knows for all of these.
Numbers: TypeAlias = Any


class NotFiniteError(ValueError):
    """A number that is NaN or infinite."""


class _Short(reprlib.Repr):
    """Words for a value that never fill more than a line, whatever the value."""

    def __init__(self) -> None:
        super().__init__()
        self.maxother = self.maxstring = 60

    def repr_int(self, value: int, level: int) -> str:  # noqa: ARG002
        # Python refuses to write integers of thousands of digits.
        if value.bit_length() < 128:
            return repr(value)
        return f"an integer of {int(math.log10(abs(value))) + 1} digits"

    def repr_ndarray(self, value: Any, level: int) -> str:  # noqa: ARG002
        small = value.size <= 6
        return repr(value) if small else f"an array of shape {value.shape}"


_SHORT = _Short()


def shown(value: Any) -> str:
    """Write a value as a message shows it: on one line, and cut if it is long."""
    words = _SHORT.repr(value)
    words = "".join(x if x.isprintable() else ascii(x)[1:-1] for x in words)
    return words if len(words) <= 80 else f"{words[:60]}...{words[-17:]}"


def number(name: str, value: Any) -> Any:
    """Return `value` as a Python number, or say why it is none.

    The scalars of array libraries become Python's, so that no result prints as
    ``np.float64(6.0)``.
    """
    if getattr(value, "shape", None) == ():
        value = value.item()
    if not _is_number(value):
        msg = f"`{name}` is {shown(value)} but must be a number"
        raise TypeError(msg)
    if not abs(value) < math.inf:
        msg = f"`{name}` is {shown(value)} but must be finite"
        raise NotFiniteError(msg)
    return value


def numbers(name: str, value: Any, *, ndims: tuple[int, ...] | None = None) -> Any:
    """Return `value` ready for arithmetic: a Python number or a non-empty array.

    Integers become Python's own, which neither overflow nor round, whatever
    width the platform gives NumPy's.
    """
    if isinstance(value, str | bytes) or _is_scalar(value):
        result = number(name, value)
        shape: tuple[int, ...] = ()
    else:
        result = _array(name, value)
        shape = tuple(result.shape)
    if ndims is not None and len(shape) not in ndims:
        expected = " or ".join(str(ndim) for ndim in ndims)
        msg = f"`{name}` has shape {shape} but must have {expected} dimensions"
        raise ValueError(msg)
    return result


def paired(name: str, value: Any, other_name: str, other: Any) -> tuple[Any, Any]:
    """Return two arguments whose shapes must be equal, not merely broadcastable."""
    value = numbers(name, value)
    other = numbers(other_name, other)
    if np.shape(value) != np.shape(other):
        msg = (
            f"`{name}` has shape {np.shape(value)} "
            f"but `{other_name}` has shape {np.shape(other)}; they must be equal"
        )
        raise ValueError(msg)
    return value, other


def positive(name: str, value: Any) -> Any:
    """Return a number greater than zero."""
    value = number(name, value)
    if not value > 0:
        msg = f"`{name}` is {shown(value)} but must be a positive finite number"
        raise ValueError(msg)
    return value


def not_negative(name: str, value: Any) -> Any:
    """Return a number that is zero or greater."""
    value = number(name, value)
    if value < 0:
        msg = f"`{name}` is {shown(value)} but must not be negative"
        raise ValueError(msg)
    return value + 0  # the sign of -0.0 is one that others refuse


def share(name: str, value: Any) -> Any:
    """Return a number that is zero or greater, and less than one."""
    value = number(name, value)
    if not 0 <= value < 1:
        msg = f"`{name}` is {shown(value)} but must be 0 or more and less than 1"
        raise ValueError(msg)
    return value


def between(name: str, value: Any) -> Any:
    """Return a number greater than zero and less than one."""
    value = number(name, value)
    if not 0 < value < 1:
        msg = f"`{name}` is {shown(value)} but must be greater than 0 and less than 1"
        raise ValueError(msg)
    return value


def choice(name: str, value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool | np.bool_):
        msg = f"`{name}` is {shown(value)} but must be True or False"
        raise TypeError(msg)
    return bool(value)


def varied(name: str, value: Any) -> Any:
    """Return an array of one dimension that holds two different numbers or more."""
    value = numbers(name, value, ndims=(1,))
    if (value == value[0]).all():
        msg = f"`{name}` holds {value[0]} only but must hold two different numbers"
        raise ValueError(msg)
    return value


def count(name: str, value: Any, *, least: int = 0) -> int:
    """Return a whole number that is at least `least`."""
    if isinstance(value, bool) or not isinstance(value, abstract.Integral):
        msg = f"`{name}` is {shown(value)} but must be a whole number"
        raise TypeError(msg)
    if value < least:
        msg = f"`{name}` is {shown(value)} but must be at least {least}"
        raise ValueError(msg)
    return int(value)


def counts(name: str, value: Any) -> list[int]:
    """Return whole numbers in a row, each 0 or more."""
    array = numbers(name, value, ndims=(1,))
    return [count(f"{name}[{index}]", x) for index, x in enumerate(array.tolist())]


def instance(name: str, value: Any, kind: type) -> Any:
    """Return something of a kind."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        msg = f"`{name}` is {shown(value)} but must be {article} {kind.__name__}"
        raise TypeError(msg)
    return value


def generator(name: str, value: Any) -> np.random.Generator:
    """Return a source of random numbers."""
    if not isinstance(value, np.random.Generator):
        msg = f"`{name}` is {shown(value)} but must be a numpy.random.Generator"
        raise TypeError(msg)
    return value


def file_path(name: str, value: Any) -> Path:
    """Return where a file is."""
    if not isinstance(value, str | os.PathLike):
        msg = f"`{name}` is {shown(value)} but must be a path"
        raise TypeError(msg)
    return Path(value)


def function(name: str, value: Any) -> Any:
    """Return something that can be called."""
    if not callable(value):
        msg = f"`{name}` is {shown(value)} but must be a function"
        raise TypeError(msg)
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, abstract.Real) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    if hasattr(value, "shape"):
        return tuple(value.shape) == ()
    return not isinstance(value, Sequence)


def _array(name: str, value: Any) -> Any:
    if not hasattr(value, "__array_function__") and not hasattr(
        value, "__array_namespace__"
    ):
        value = _from_rows(name, value)
    if 0 in value.shape:
        msg = f"`{name}` has shape {value.shape} but must not be empty"
        raise ValueError(msg)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        finite = np.isfinite(value).all()  # the quick way, for training
    else:
        if isinstance(value, np.ndarray):
            value = _exact_integers(name, value)
        with np.errstate(invalid="ignore"):  # objects warn where NaN is compared
            finite = (abs(value) < math.inf).all()
    if not finite:
        found = next(x for x in np.asarray(value).flat if not abs(x) < math.inf)
        msg = f"`{name}` holds {float(found)} but every number in it must be finite"
        raise NotFiniteError(msg)
    return value


def _from_rows(name: str, rows: Any) -> np.ndarray:
    # As objects first: left to itself, NumPy turns [1, True] into [1, 1], and
    # [2**63, -1] into floats.
    try:
        value = np.array(rows, dtype=object)
        ragged = any(isinstance(x, list | tuple) or np.ndim(x) for x in value.flat)
    except ValueError:
        ragged = True
    if ragged:
        msg = f"`{name}` is {shown(rows)} but its rows must have equal lengths"
        raise ValueError(msg)
    value = _exact_integers(name, value)
    integers = all(isinstance(x, abstract.Integral) for x in value.flat)
    fractions = any(isinstance(x, Fraction) for x in value.flat)
    return value if integers or fractions else value.astype(float)


def _exact_integers(name: str, value: np.ndarray) -> np.ndarray:
    if value.dtype.kind in "iu":
        return value.astype(object)
    if value.dtype.kind == "O":
        wrong = [x for x in value.flat if not _is_number(x)]
    else:
        wrong = [value.flat[0]]
    if wrong:
        msg = f"`{name}` holds {shown(wrong[0])} but must hold numbers only"
        raise TypeError(msg)
    if any(isinstance(x, np.generic) for x in value.flat):
        items = [x.item() if isinstance(x, np.generic) else x for x in value.flat]
        return np.array(items, dtype=object).reshape(value.shape)
    return value
