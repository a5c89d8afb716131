"""What was a run started with? Data, functions and settings, in words."""

import dataclasses
import functools
import hashlib
import os
import sysconfig
import types
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

# Nobody looks deeper than this, or at more, and nothing longer than this is kept.
_DEPTH = 16
_BREADTH = 10**5
_LENGTH = 600

# The functions of these are known by their names.
_INSTALLED = (
    *{sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib")},
    "<frozen ",
)


def described(value: Any) -> str:
    """Say what a value is, so that another value has other words.

    Arrays are known by their dtype, their shape and a hash of their bytes; functions
    by their names, and those that are not of an installed package by their code, their
    defaults, what they close over, and the module's names that they use as well;
    partials by what they hold; data classes by their fields, but those whose metadata
    says ``{"decides": False}``; other objects by their class and attributes.

    What an object holds beside its attributes cannot be known, nor can what a function
    reads from a file, a clock or a random generator.
    """
    return _shortened(_Words().of(value))


class _Words:
    """The words for a value and all that it holds."""

    def __init__(self) -> None:
        self.around: list[int] = []  # what is being described, outermost first
        self.told: set[int] = set()  # what need not be described again
        self.left = _BREADTH

    def of(self, value: Any) -> str:
        self.left -= 1
        if id(value) in self.around or len(self.around) > _DEPTH or self.left < 0:
            return "..."
        self.around.append(id(value))
        try:
            return self._of(value)
        finally:
            self.around.pop()

    def _of(self, value: Any) -> str:
        for kinds, words in _KINDS:
            if isinstance(value, kinds):
                return words(self, value)
        if isinstance(value, type):
            return _name(value)
        if dataclasses.is_dataclass(value):
            fields = {
                field.name: getattr(value, field.name)
                for field in dataclasses.fields(value)
                if field.metadata.get("decides", True)
            }
            return self._call(_name(type(value)), fields)
        if hasattr(value, "__array__"):
            return self.array(np.asarray(value))
        if callable(value) and hasattr(value, "__name__"):
            wrapped = getattr(value, "__wrapped__", None)
            return _name(value) if wrapped is None else self.of(wrapped)
        named = {} if self._is_told(value) else getattr(value, "__dict__", {})
        return self._call(_name(type(value)), named)

    def _is_told(self, value: Any) -> bool:
        """Say whether it was met before; what refers to it twice is told once."""
        told = id(value) in self.told
        self.told.add(id(value))
        return told

    def _call(self, name: str, named: Mapping[str, Any], *unnamed: Any) -> str:
        words = [self.of(value) for value in unnamed]
        words += [f"{key}={self.of(value)}" for key, value in named.items()]
        return f"{name}({', '.join(words)})"

    def integer(self, value: int) -> str:
        # Python refuses to write integers of thousands of digits in tens.
        return repr(value) if value.bit_length() < 128 else hex(value)

    def fraction(self, value: Fraction) -> str:
        return self._call("Fraction", {}, value.numerator, value.denominator)

    def scalar(self, value: np.generic) -> str:
        item = value.item()
        text = repr(item) if isinstance(item, np.generic) else self.of(item)
        return f"{value.dtype.name}({text})"

    def array(self, value: np.ndarray) -> str:
        digest = hashlib.sha256(f"{value.dtype.name} {value.shape} ".encode())
        if value.dtype.kind in "biuf" and value.dtype.itemsize <= 8:
            little = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
            digest.update(little.view(np.uint8).data)
        else:  # objects, and long floats, which leave bytes unused
            for item in value.flat:
                digest.update(f"{described(item)} ".encode())
        form = f"{value.dtype.name} of shape {value.shape}"
        return f"{form} with hash {digest.hexdigest()[:16]}"

    def sequence(self, value: Iterable[Any]) -> str:
        if hasattr(value, "_asdict"):
            return self._call(_name(type(value)), value._asdict())
        kind = "" if type(value) is tuple else _name(type(value))
        return self._call(kind, {}, *value)

    def set(self, value: Iterable[Any]) -> str:
        return f"{{{', '.join(sorted(map(self.of, value)))}}}"

    def mapping(self, value: Mapping[Any, Any]) -> str:
        words = sorted(f"{self.of(key)}: {self.of(x)}" for key, x in value.items())
        return f"{{{', '.join(words)}}}"

    def partial(self, value: functools.partial[Any]) -> str:
        return self._call("partial", value.keywords, value.func, *value.args)

    def method(self, value: types.MethodType) -> str:
        return f"{self.of(value.__func__)} of {self.of(value.__self__)}"

    def function(self, value: types.FunctionType) -> str:
        code = value.__code__
        if _is_installed(value) or self._is_told(value):
            return _name(value)
        defaults = value.__defaults__ or ()
        cells = zip(code.co_freevars, value.__closure__ or (), strict=True)
        named = (value.__kwdefaults__ or {}) | {
            name: cell.cell_contents for name, cell in cells if _is_filled(cell)
        }
        used = set(_names(code)) & value.__globals__.keys()
        named |= {name: value.__globals__[name] for name in sorted(used)}
        digest = hashlib.sha256(self._code(code, value.__doc__).encode()).hexdigest()
        name = f"{_name(value)} with code {digest[:16]}"
        return self._call(name, named, *defaults) if named or defaults else name

    def _code(self, code: types.CodeType, doc: str | None = None) -> str:
        constants = [
            self._code(constant)
            if isinstance(constant, types.CodeType)
            else self.of(constant)
            for constant in code.co_consts
            if constant is None or constant != doc
        ]
        return self._call(
            "", {}, code.co_code, code.co_names, code.co_argcount, *constants
        )


def _plain(_: _Words, value: Any) -> str:
    return repr(value)


# The first that fits.
_KINDS: tuple[tuple[Any, Callable[[_Words, Any], str]], ...] = (
    (np.generic, _Words.scalar),
    (np.ndarray, _Words.array),
    ((types.NoneType, types.EllipsisType, bool, float, complex, str, bytes), _plain),
    (int, _Words.integer),
    (Fraction, _Words.fraction),
    (os.PathLike, lambda _, value: repr(os.fspath(value))),
    (functools.partial, _Words.partial),
    (types.FunctionType, _Words.function),
    (types.MethodType, _Words.method),
    (types.ModuleType, lambda _, value: value.__name__),
    ((tuple, list), _Words.sequence),
    ((set, frozenset), _Words.set),
    (Mapping, _Words.mapping),
)


def _name(value: Any) -> str:
    """Give the name of a function or class, and the module unless it is of gdbook."""
    name = str(getattr(value, "__qualname__", None) or value.__name__)
    module = getattr(value, "__module__", None) or "builtins"
    known = module.partition(".")[0] in {"builtins", "gdbook"}
    return name if known else f"{module}.{name}"


def _is_installed(function: types.FunctionType) -> bool:
    file = function.__code__.co_filename
    return (
        (function.__module__ or "").partition(".")[0] == "gdbook"
        and "<" not in function.__qualname__
    ) or ("site-packages" in file or file.startswith(_INSTALLED))


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 (an empty cell raises)
    except ValueError:
        return False
    return True


def _names(code: types.CodeType) -> Iterable[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _shortened(words: str) -> str:
    if len(words) <= _LENGTH:
        return words
    digest = hashlib.sha256(words.encode(errors="replace")).hexdigest()
    return f"{words[:_LENGTH]}... with hash {digest[:16]}"
