"""Look at every argument before anything is computed.

`number` and `numbers` look at one argument, `together` at all numbers of a call, which
decide together whether integers count as floats or stay exact.
"""

import math
import numbers as abstract
import os
import reprlib
from collections import UserString
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Number: TypeAlias = int | float | Fraction
# A number, a nested sequence of numbers, or an array of any library whose arrays
# carry the operators; there is no narrower type that mypy knows for all of these.
Numbers: TypeAlias = Any


class NotFiniteError(ValueError):
    """A number that is NaN or infinite, or would be infinite as a float."""


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
    if type(value) is not float:
        value = _own(value)
        if not _is_number(value):
            msg = f"`{name}` is {shown(value)} but must be a number{_way_out(value)}"
            raise TypeError(msg)
        if not isinstance(value, Fraction):
            _float(f"`{name}` is", value)
    if not abs(value) < math.inf:
        msg = f"`{name}` is {shown(value)} but must be finite{_cause(value)}"
        raise NotFiniteError(msg)
    return value


def looked(name: str, value: Any, ndims: tuple[int, ...] | None = None) -> Any:
    """Return a Python number or an array, its integers still integers.

    `together` decides later whether they count as floats.
    """
    if type(value) in {float, int}:
        value = number(name, value)
        shape: tuple[int, ...] = ()
    else:
        value = _array(name, value)
        shape = tuple(getattr(value, "shape", ()))
    if ndims is not None and len(shape) not in ndims:
        expected = " or ".join(str(ndim) for ndim in ndims)
        msg = (
            f"`{name}` has shape {shape} but must have {expected} dimensions"
            f"{_reshape(shape, ndims)}"
        )
        raise ValueError(msg)
    return value


def numbers(
    name: str,
    value: Any,
    *,
    ndims: tuple[int, ...] | None = None,
    exact: bool = False,
) -> Any:
    """Return `value` ready for arithmetic: a Python number or a non-empty array.

    Integers in arrays become floats, or stay exact where `exact` or the caller asks for
    it, as `together` says.
    """
    found = looked(name, value, ndims)
    if _kind(found) == "f":  # the quick way, for training
        return found
    exact = exact or holds_fractions(found) or _is_exact(value)
    return _settled(name, found, exact=exact, fractions=holds_fractions(found))


def holds_fractions(value: Any) -> bool:
    """Say whether a looked-at value is a fraction, or an array in which one is."""
    if _kind(value) != "O":
        return False
    return any(isinstance(item, Fraction) for item in np.asarray(value).flat)


def together(
    *,
    ndims: Mapping[str, tuple[int, ...]] | None = None,
    integers: bool = True,
    **values: Any,
) -> tuple[Any, ...]:
    """Return all numbers of one call, exact if the caller asked for exactness.

    A fraction among them does, unless there is a float, too: then integers in arrays
    become fractions, so that what is computed stays exact. So does an array of dtype
    object: then integers in arrays become Python's own. Otherwise arrays become arrays
    of floats, and fractions floats. An integer that is a scalar stays one.

    With `integers` false, because a function of the caller's receives them, only
    fractions stay exact.
    """
    found = {
        name: looked(name, value, ndims.get(name) if ndims else None)
        for name, value in values.items()
    }
    kinds = {_kind(value) for value in found.values()}
    if kinds == {"f"}:  # the quick way, for training
        return tuple(found.values())
    fractions = any(map(holds_fractions, found.values()))
    asked = fractions or (integers and any(map(_is_exact, values.values())))
    exact = asked and "f" not in kinds
    return tuple(
        _settled(name, value, exact=exact, fractions=fractions, integers=integers)
        for name, value in found.items()
    )


def paired(
    name: str,
    value: Any,
    other_name: str,
    other: Any,
    *,
    ndims: tuple[int, ...] | None = None,
) -> tuple[Any, Any]:
    """Return two arguments whose shapes must be equal, not merely broadcastable."""
    value, other = together(
        ndims={name: ndims} if ndims else None, **{name: value, other_name: other}
    )
    shape, other_shape = getattr(value, "shape", ()), getattr(other, "shape", ())
    if shape != other_shape:
        msg = (
            f"`{name}` has shape {shape} but `{other_name}` has shape {other_shape}; "
            "they must be equal"
        )
        if math.prod(shape) == math.prod(other_shape):
            msg += f"; reshape({shape}) gives `{other_name}` the same"
        raise ValueError(msg)
    return value, other


def floats(name: str, value: Any, *, ndims: tuple[int, ...] | None = None) -> Any:
    """Return `value` as a float or an array of floats, for what is irrational."""
    value = looked(name, value, ndims)
    if _kind(value) == "f":
        return value
    return _settled(name, value, exact=False, integers=False)


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
        msg = (
            f"`{name}` is {shown(value)} but must be 0 or more and less than 1"
            f"{_percent(value)}"
        )
        raise ValueError(msg)
    return value


def between(name: str, value: Any) -> Any:
    """Return a number greater than zero and less than one."""
    value = number(name, value)
    if not 0 < value < 1:
        msg = (
            f"`{name}` is {shown(value)} but must be greater than 0 and less than 1"
            f"{_percent(value)}"
        )
        raise ValueError(msg)
    return value


def choice(name: str, value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool | np.bool_):
        msg = f"`{name}` is {shown(value)} but must be True or False"
        raise TypeError(msg)
    return bool(value)


def varied(name: str, value: Any) -> Any:
    """Return an array of one dimension that holds two different numbers or more.

    Its integers stay exact, as Python's own.
    """
    value = looked(name, value, (1,))
    if (value == value[0]).all():
        first = shown(_own(value[0]))
        msg = f"`{name}` holds {first} only but must hold two different numbers"
        raise ValueError(msg)
    return numbers(name, value, exact=True)


def count(name: str, value: Any, *, least: int = 0) -> int:
    """Return a whole number that is at least `least`."""
    value = _own(value)
    if isinstance(value, bool) or not isinstance(value, abstract.Integral):
        msg = f"`{name}` is {shown(value)} but must be a whole number{_way_out(value)}"
        raise TypeError(msg)
    _float(f"`{name}` is", value)
    if value < least:
        msg = f"`{name}` is {shown(value)} but must be at least {least}"
        raise ValueError(msg)
    return int(value)


def not_beyond(name: str, value: int, most: int, what: str = "samples") -> None:
    """Refuse a number of things of which there are fewer."""
    if value > most:
        msg = f"`{name}` is {shown(value)} but there are only {shown(most)} {what}"
        raise ValueError(msg)


def instance(name: str, value: Any, kind: type) -> Any:
    """Return something of a kind."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        msg = f"`{name}` is {shown(value)} but must be {article} {kind.__name__}"
        if isinstance(value, type) and issubclass(value, kind):
            msg += f"; {value.__name__}(...) makes one"
        raise TypeError(msg)
    return value


def generator(name: str, value: Any) -> np.random.Generator:
    """Return a source of random numbers."""
    if not isinstance(value, np.random.Generator):
        msg = (
            f"`{name}` is {shown(value)} but must be a numpy.random.Generator"
            "; numpy.random.default_rng(seed) makes one"
        )
        raise TypeError(msg)
    return value


def file_path(name: str, value: Any) -> Path:
    """Return where a file is."""
    if not isinstance(value, str | os.PathLike):
        msg = f"`{name}` is {shown(value)} but must be a path"
        raise TypeError(msg)
    path = Path(value)
    try:
        readable = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        readable = False
    if not readable:
        msg = f"`{name}` is {shown(os.fspath(path))} but no file can have that name"
        raise ValueError(msg)
    return path


def function(name: str, value: Any) -> Any:
    """Return something that can be called."""
    if not callable(value):
        msg = (
            f"`{name}` is {shown(value)} but must be a function"
            "; give the function itself, not what it returns"
        )
        raise TypeError(msg)
    return value


def _own(value: Any) -> Any:
    """Return a scalar of an array library as Python's own, and the rest as it is."""
    if isinstance(value, np.floating):
        return float(value)  # also the wider ones, which `item` leaves as they are
    if getattr(value, "shape", None) == () and not _is_refused(value):
        value = value.item()
        return float(value) if isinstance(value, np.floating) else value
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, abstract.Real) and not isinstance(value, bool)


def _float(is_or_holds: str, value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        msg = f"{is_or_holds} {shown(value)} but must fit a float, below about 1.8e308"
        raise NotFiniteError(msg) from None


def _is_array(value: Any) -> bool:
    names = ("__array__", "__array_function__", "__array_namespace__")
    return any(hasattr(value, name) for name in names)


def _is_other(value: Any) -> bool:
    """Say whether it is an array of another library that goes through as it is."""
    if isinstance(value, np.ndarray):
        return False
    kind = getattr(getattr(value, "dtype", None), "kind", "f")
    names = ("__array_function__", "__array_namespace__")
    return kind not in "biuOSUMmc" and any(hasattr(value, name) for name in names)


def _is_refused(value: Any) -> bool:
    """Say whether it is an array whose operators mean something else."""
    if isinstance(value, np.ndarray):
        return type(value) is not np.ndarray and not isinstance(value, np.memmap)
    return hasattr(value, "todense") and not isinstance(value, type)


def _array(name: str, value: Any) -> Any:
    if type(value) is not np.ndarray:
        if _is_refused(value):
            msg = f"`{name}` is {shown(value)} but must be a plain array"
            raise TypeError(msg + _way_out(value))
        if isinstance(value, Sequence) and not _is_text(value):
            return _from_rows(name, value)
        if isinstance(value, np.generic | type) or not _is_array(value):
            return _scalar(name, value)
        if _is_other(value):
            return _other(name, value)
        value = _converted(name, value)
    return _own_array(name, value) if value.shape else number(name, value)


def _own_array(name: str, value: np.ndarray) -> Any:
    if not value.size:
        _is_not_empty(name, value.shape)
    kind = value.dtype.kind
    if kind == "f":
        if not value.dtype.isnative:
            value = value.astype(value.dtype.newbyteorder("="))
        return _finite(name, value)
    if kind == "O":
        return _from_rows(name, value.tolist())
    return value if kind in "iu" else _from_leaves(name, [value.flat[0]], value.shape)


def _scalar(name: str, value: Any) -> Any:
    if isinstance(value, Iterable) and not _is_text(value):
        items = "....values()" if isinstance(value, Mapping) else "..."
        msg = (
            f"`{name}` is {shown(value)} but must be a number; list({items}) makes rows"
        )
        raise TypeError(msg)
    return number(name, value)


def _converted(name: str, value: Any) -> np.ndarray:
    """Make one of NumPy's arrays of a data frame, a tensor and the like."""
    try:
        return np.asarray(value)
    except Exception as error:
        msg = f"`{name}` is {shown(value)} but must be numbers; NumPy says {error}"
        raise TypeError(msg) from error


def _other(name: str, value: Any) -> Any:
    """Look at an array of another library with nothing but its operators."""
    if tuple(value.shape) == ():
        return number(name, value)
    _is_not_empty(name, value.shape)
    if not (abs(value) < math.inf).all():
        _finite(name, np.asarray(value, dtype=float))
    return value


def _is_not_empty(name: str, shape: tuple[int, ...]) -> None:
    if 0 in shape:
        msg = f"`{name}` has shape {tuple(shape)} but must not be empty"
        raise ValueError(msg)


def all_finite(value: np.ndarray) -> bool:
    """Say, quickly, whether every float in an array is finite."""
    # If one square is infinite, so is their sum, which is the quicker to look at; sums
    # of many are left to threads, which may have to wait for a processor. Whether each
    # is finite would take a tenth of the memory of large data, or more.
    if value.size <= _MANY:
        quick = np.vdot(value, value) < math.inf
    else:
        quick = math.isfinite(value.min()) and math.isfinite(value.max())
    return bool(quick or np.isfinite(value).all())


_MANY = 10_000


def _finite(name: str, value: np.ndarray) -> np.ndarray:
    if not all_finite(value):
        found = float(value[~np.isfinite(value)][0])
        msg = f"`{name}` holds {found} but every number in it must be finite"
        raise NotFiniteError(msg + _cause(found))
    return value


def _from_rows(name: str, rows: Sequence[Any]) -> Any:
    """Make an array of nested sequences, of one dimension after the other."""
    items = list(rows)
    shape: tuple[int, ...] = (len(rows),)
    while items and all(map(_is_row, items)):
        if len(shape) == _DEEPEST:
            msg = f"`{name}` is {shown(rows)} but must have fewer dimensions"
            raise ValueError(msg)
        lengths = list(map(len, items))
        if len(set(lengths)) > 1:
            _ragged(name, rows, shape, lengths)
        items, shape = list(chain.from_iterable(items)), (*shape, lengths[0])
    _is_not_empty(name, shape)
    if {float, int}.issuperset(map(type, items)):
        return _from_leaves(name, items, shape)
    parts = [_part(name, item) for item in items]
    shapes = list(map(np.shape, parts))
    if len(set(shapes)) > 1:
        _ragged(name, rows, shape, shapes)
    shape = (*shape, *shapes[0])
    if shapes[0] == ():
        return _from_leaves(name, parts, shape)
    parts = list(map(np.asarray, parts))
    if all(part.dtype.kind == "f" for part in parts):
        return np.stack(parts).reshape(shape)
    leaves = [leaf for part in parts for leaf in part.ravel().tolist()]
    return _from_leaves(name, leaves, shape)


_DEEPEST = 32  # a list that holds itself has no end


def _is_row(item: Any) -> bool:
    return isinstance(item, list | tuple | range)


def _part(name: str, item: Any) -> Any:
    """Look at one of many: a number or an array."""
    if _is_text(item):
        msg = f"`{name}` holds {shown(item)} but must hold numbers only{_way_out(item)}"
        raise TypeError(msg)
    if isinstance(item, np.generic):
        return item  # which knows its own width
    if type(item) is np.ndarray and item.shape == ():
        return item[()]
    if isinstance(item, Sequence) and not _is_text(item):
        return _array(name, item)
    if _is_array(item) or _is_refused(item):
        return _array(name, item)
    return _own(item)


def _ragged(name: str, rows: Any, shape: tuple[int, ...], sizes: Sequence[Any]) -> None:
    first = next(i for i, size in enumerate(sizes) if size != sizes[0])
    place = [int(index) for index in np.unravel_index(first, shape)]
    where = "".join(f"[{index}]" for index in place)
    start = "[0]" * len(place)
    msg = (
        f"`{name}` is {shown(rows)} but its rows must have equal lengths; "
        f"{name}{where} is the first that differs from {name}{start}"
    )
    raise ValueError(msg)


def _from_leaves(name: str, leaves: list[Any], shape: tuple[int, ...]) -> Any:
    """Make an array of numbers: of floats, or of Python's own exact ones."""
    kinds = set(map(type, leaves))
    if kinds != {float}:
        if not kinds <= {float, int, Fraction}:
            for leaf in leaves:
                if not _is_number(leaf):
                    msg = f"`{name}` holds {shown(leaf)} but must hold numbers only"
                    raise TypeError(msg + _way_out(leaf))
        for leaf in leaves:
            if isinstance(leaf, abstract.Integral):
                _float(f"`{name}` holds", leaf)
        if not any(issubclass(kind, float | np.floating) for kind in kinds):
            exact = np.empty(len(leaves), dtype=object)
            exact[:] = [_own(leaf) for leaf in leaves]
            return exact.reshape(shape)
    widths = [kind if kind in _WIDTHS else float for kind in kinds]
    value = np.array(leaves, dtype=np.result_type(*widths))
    return _finite(name, value.reshape(shape))


_WIDTHS = {np.float16, np.float32, np.float64, np.longdouble}


def _kind(value: Any) -> str:
    """Return the letter of what a looked-at value holds: f, i or u, or O for exact."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind  # type: ignore[no-any-return]
    if isinstance(value, int):
        return "i"
    return "O" if isinstance(value, Fraction) else "f"


def _is_exact(given: Any) -> bool:
    return isinstance(given, np.ndarray) and given.dtype.kind == "O"


def _settled(
    name: str,
    value: Any,
    *,
    exact: bool,
    fractions: bool = False,
    integers: bool = True,
) -> Any:
    """Return a looked-at value with its numbers exact, or all as floats."""
    kind = _kind(value)
    if kind == "f" or (exact and not isinstance(value, np.ndarray)):
        return value
    if exact:
        return _fractions(value) if fractions else value.astype(object)
    if not isinstance(value, np.ndarray):
        keep = isinstance(value, int) and integers
        return value if keep else _float(f"`{name}` is", value)
    if kind == "O":
        for item in value.flat:
            _float(f"`{name}` holds", item)
    return value.astype(float)


_fractions = np.vectorize(Fraction, otypes=[object])


# What usually went wrong, and the way out of it: the end of a message.


def _is_text(value: Any) -> bool:
    return isinstance(value, str | UserString | bytes | bytearray | memoryview)


def _way_out(value: Any) -> str:
    if isinstance(value, np.ma.MaskedArray):
        return "; filled(...) or compressed() makes one of a masked array"
    if _is_refused(value):
        makes = "toarray()" if hasattr(value, "toarray") else "numpy.asarray(...)"
        return f"; {makes} makes one of it"
    for kinds, words in _WAYS_OUT:
        if isinstance(value, kinds):
            return f"; {words}"
    return ""


_WAYS_OUT: list[tuple[Any, str]] = [
    ((str, UserString), "float(...) reads a number from a text"),
    ((bytes, bytearray, memoryview), "numpy.frombuffer reads numbers from bytes"),
    ((bool, np.bool_), "int(...) makes 0 or 1 of it"),
    (type(None), "a value is missing"),
    ((np.datetime64, np.timedelta64), "count days or seconds from the first date"),
    (np.void, "take one field, or structured_to_unstructured makes columns of all"),
    ((Iterable, np.ndarray), "one number belongs here, not several"),
]


def _cause(value: Any) -> str:
    if math.isnan(value):
        return "; usually a missing value, or 0/0 before"
    return "; usually a division by 0, or a number too large before"


def _percent(value: Any) -> str:
    return f"; {value}% is {value / 100}" if 1 < value <= 100 else ""


def _reshape(shape: tuple[int, ...], ndims: tuple[int, ...]) -> str:
    if shape == ():
        return "; a list of one number has 1"
    if len(shape) == 1 and 2 in ndims:
        return "; reshape(-1, 1) makes it one column, reshape(1, -1) one row"
    if len(shape) == 2 and 1 in shape and 1 in ndims:
        return "; reshape(-1) makes a row of it"
    if len(shape) > 2 and 2 in ndims:
        return f"; reshape({shape[0]}, -1) puts each sample into one row"
    return ""
