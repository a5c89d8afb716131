"""What do numbers and names look like on disk? Bytes, and the way back.

A header of JSON says what there is, and the bytes of all arrays follow it. Whatever
the bytes, nothing is executed, and what is read takes little more room than they do.
"""

import json
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gdbook._checks import shown

MOST_HEADER = 2**20
_MOST_NESTED = 32
_MOST_DIGITS = 2**16
_LEAST_TOKEN = 16  # bytes of a number: about as many as it takes in memory

_NUMBERS = {int, float, Fraction}
_DTYPES = {
    **{
        name: np.dtype(name).newbyteorder("<")
        for name in (
            *("float16", "float32", "float64"),
            *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
        )
    },
    # Machines differ in how long the long ones are.
    f"longdouble{np.finfo(np.longdouble).nmant}": np.dtype(np.longdouble),
}


class FormError(ValueError):
    """Bytes that `pack` does not make."""

    def __init__(self) -> None:
        super().__init__("is of another form than `save` writes")


class Named(NamedTuple):
    """A NamedTuple in bytes, of which nothing but the name is known."""

    name: str
    items: tuple[Any, ...]


def pack(value: Any) -> list[bytes]:
    """Turn a value into bytes, piece after piece; the first is the header."""
    writer = _Writer()
    header = json.dumps(writer.value(value)).encode()
    return [b"%08x\n%b" % (len(header), header), *writer.parts]


def unpack(body: memoryview) -> Any:
    """Turn bytes into a value; every NamedTuple in it is a `Named`."""
    try:
        length = int(bytes(body[:8]), 16)
        _require(length <= MOST_HEADER)
        header = json.loads(
            bytes(body[9 : 9 + length]),
            parse_int=_few_digits,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        value = _Reader(body[9 + length :]).value(header)
        # Whatever a reader lets pass, only what is written the same way is the same.
        for piece in pack(value):
            _require(body[: len(piece)] == piece)
            body = body[len(piece) :]
        _require(not body)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ):
        # Their own words may be as long as a stranger likes.
        raise FormError from None
    return value


class _Writer:
    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def value(self, value: Any, depth: int = 0) -> Any:
        kind = type(value)
        form: Any = value
        if value is None or isinstance(value, bool | str):
            pass
        elif kind in _NUMBERS:
            if kind is not int or abs(value) >= 2**53:
                form = {"number": _token(value)}
        elif isinstance(value, np.generic):
            form = {"scalar": self._array(np.asarray(value), value)}
        elif kind in {np.ndarray, np.memmap}:
            form = {"array": self._array(value)}
        else:
            form = self._node(value, depth + 1)
        return form

    def _node(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if depth > _MOST_NESTED:
            raise _unwritable(value)
        if kind is Named:
            return {"named": value.name, "items": self._items(value.items, depth)}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return {"named": kind.__name__, "items": self._items(value, depth)}
        if kind in {tuple, list}:
            return {kind.__name__: self._items(value, depth)}
        if kind is not dict or not all(isinstance(name, str) for name in value):
            raise _unwritable(value)
        return {"dict": {name: self.value(value[name], depth) for name in value}}

    def _items(self, items: Sequence[Any], depth: int) -> Any:
        """Keep numbers in a row as an array: the header has bounds."""
        kinds = set(map(type, items))
        if kinds == {float}:
            return {"array": self._array(np.array(items))}
        if kinds & _NUMBERS and kinds <= {type(None), *_NUMBERS}:
            return {"array": self._exact(items, (len(items),))}
        return [self.value(item, depth) for item in items]

    def _array(self, array: np.ndarray, given: Any = None) -> list[Any]:
        if array.dtype == object:
            items = [x.item() if isinstance(x, np.generic) else x for x in array.flat]
            unknown = [x for x in items if type(x) not in _NUMBERS]
            if unknown:
                raise _unwritable(unknown[0])
            return self._exact(items, array.shape)
        little = array.dtype.newbyteorder("<")
        for name, known in _DTYPES.items():
            if known == little:
                self.parts.append(array.astype(little).tobytes())
                return [name, list(array.shape)]
        raise _unwritable(array if given is None else given)

    def _exact(self, items: Sequence[Any], shape: tuple[int, ...]) -> list[Any]:
        text = "".join(f"{_token(x):<{_LEAST_TOKEN - 1}} " for x in items).encode()
        self.parts.append(text)
        return ["exact", list(shape), len(text)]


class _Reader:
    def __init__(self, rest: memoryview) -> None:
        self.rest = rest

    def value(self, form: Any, depth: int = 0) -> Any:
        _require(depth <= _MOST_NESTED)
        value: Any = form
        match form:
            case None | bool() | int() | str():
                pass
            case {"number": token}:
                value = _number(token)
            case {"scalar": spec}:
                value = self._array(spec)[()]
            case {"array": spec}:
                value = self._array(spec)
            case {"named": str(name), "items": items}:
                value = Named(name, tuple(self._items(items, depth + 1)))
            case {"tuple": items}:
                value = tuple(self._items(items, depth + 1))
            case {"list": items}:
                value = list(self._items(items, depth + 1))
            case {"dict": items}:
                value = {x: self.value(items[x], depth + 1) for x in items}
            case _:
                raise FormError
        return value

    def _items(self, form: Any, depth: int) -> Iterable[Any]:
        if isinstance(form, dict):
            return self._array(form["array"]).tolist()  # type: ignore[no-any-return]
        return [self.value(item, depth) for item in form]

    def _array(self, spec: list[Any]) -> Any:
        name, shape, *length = spec
        _require(all(type(n) is int and n >= 0 for n in shape))
        size = math.prod(shape)
        if name == "exact":
            _require(length[0] >= _LEAST_TOKEN * size)
            tokens = bytes(self._taken(length[0])).decode().split()
            array = np.empty(size, dtype=object)
            array[:] = [_number(token) for token in tokens]
        else:
            dtype = _DTYPES[name]
            array = np.frombuffer(self._taken(size * dtype.itemsize), dtype)
            array = array.astype(dtype.newbyteorder("="))
        return array.reshape(shape)

    def _taken(self, n_bytes: int) -> memoryview:
        _require(0 <= n_bytes <= len(self.rest))
        taken, self.rest = self.rest[:n_bytes], self.rest[n_bytes:]
        return taken


def _token(value: Any) -> str:
    """Write a number exactly, in a form whose length Python does not limit."""
    if value is None:
        return "none"
    if type(value) is float:
        return value.hex()
    top, bottom = value.as_integer_ratio()
    token = f"{top:#x}" if type(value) is int else f"{top:#x}/{bottom:#x}"
    if len(token) > _MOST_DIGITS:
        msg = f"`run` holds {shown(value)} but must hold numbers of fewer digits"
        raise ValueError(msg)
    return token


def _number(token: str) -> Any:
    _require(len(token) <= _MOST_DIGITS)
    if token == "none":  # noqa: S105 (no password)
        return None
    if "/" in token:
        return Fraction(*(int(part, 16) for part in token.split("/")))
    if "p" in token or "n" in token:
        return float.fromhex(token)
    return int(token, 16)


def _few_digits(text: str) -> int:
    _require(len(text) <= 17)
    return int(text)


def _no_number(_: str) -> Any:
    raise FormError


def _require(fits: Any) -> None:
    if not fits:
        raise FormError


def _unwritable(value: Any) -> TypeError:
    return TypeError(
        f"`run` holds {shown(value)} but must hold numbers, arrays of numbers, names, "
        "and tuples, lists and dicts of these only"
    )
