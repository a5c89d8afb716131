"""Declare an argument once: its check, its words, and what it refuses.

A worked example annotates each argument with one of the kinds below, as in
``learning_rate: Positive = 0.01``. `checked` looks at all of them before the first line
runs, and writes their words behind the arguments' names in the docstring. One test
tries what a kind refuses on every argument of every example.

Rules between arguments, such as equal shapes, stand in the examples.
"""

import inspect
import re
from collections.abc import Callable, Collection, Sequence
from functools import partial, wraps
from typing import (
    Annotated,
    Any,
    NamedTuple,
    ParamSpec,
    TypeVar,
    get_args,
    get_type_hints,
)

from gdbook import _checks
from gdbook._checks import Number, Numbers, shown

P = ParamSpec("P")
R = TypeVar("R")


class Kind(NamedTuple):
    """What an argument must be: how that is checked, and how it is said."""

    check: Callable[[str, Any], Any]
    words: str
    least: int = 0
    item: Any = None  # the kind of what a sequence holds
    names: tuple[str, ...] = ()  # all that it may be


def count(least: int) -> Kind:
    """Ask for a whole number that is at least `least`."""
    words = f"whole number, {least} or more"
    return Kind(partial(_checks.count, least=least), words, least)


def each(item: Kind, least: int = 0) -> Kind:
    """Ask for a sequence of one kind that holds at least `least` of them."""
    several = f"sequence of {least} or more" if least else "sequence"

    def check(name: str, value: Any) -> tuple[Any, ...]:
        value = value.tolist() if hasattr(value, "tolist") else value
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            msg = f"`{name}` is {shown(value)} but must be a sequence"
            raise TypeError(msg)
        if len(value) < least:
            msg = f"`{name}` is {shown(value)} but must hold at least {least}"
            raise ValueError(msg)
        return tuple(
            item.check(f"{name}[{index}]", each_) for index, each_ in enumerate(value)
        )

    return Kind(check, f"{several}, each a {item.words}", least, item)


def one_of(names: Collection[str]) -> Kind:
    """Ask for one of several names."""
    listed = ", ".join(map(repr, names))

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str):
            msg = f"`{name}` is {shown(value)} but must be a name"
            raise TypeError(msg)
        if value not in names:
            msg = f"`{name}` is {shown(value)} but must be one of: {listed}"
            raise ValueError(msg)
        return value

    return Kind(check, f"one of {listed}", names=tuple(names))


def instance(cls: type) -> Kind:
    """Ask for something of a class."""
    return Kind(partial(_checks.instance, kind=cls), cls.__name__)


def _array(words: str, *ndims: int) -> Kind:
    return Kind(partial(_checks.numbers, ndims=ndims or None, exact=True), words)


_FINITE = Kind(_checks.number, "number")
_POSITIVE = Kind(_checks.positive, "number greater than 0")
_SHARE = Kind(_checks.share, "number, 0 or more and less than 1")
FUNCTION = Kind(_checks.function, "function")
Finite = Annotated[Number, _FINITE]
Positive = Annotated[Number, _POSITIVE]
Positives = Annotated[Sequence[Number], each(_POSITIVE, least=1)]
NotNegative = Annotated[Number, Kind(_checks.not_negative, "number, 0 or more")]
Share = Annotated[Number, _SHARE]
Shares = Annotated[Sequence[Number], each(_SHARE, least=1)]
Between = Annotated[
    Number, Kind(_checks.between, "number greater than 0 and less than 1")
]
Count0 = Annotated[int, count(0)]
Count1 = Annotated[int, count(1)]
Count2 = Annotated[int, count(2)]
Counts1 = Annotated[Sequence[int], each(count(1))]
Counts2 = Annotated[Sequence[int], each(count(2))]
Choice = Annotated[bool, Kind(_checks.choice, "True or False")]
Array = Annotated[Numbers, _array("number or array of numbers")]
Row = Annotated[Numbers, _array("numbers in a row", 1)]
Rows = Annotated[Numbers, _array("rows of numbers", 2)]
Varied = Annotated[
    Numbers, Kind(_checks.varied, "numbers in a row, two different ones or more")
]
Function = Annotated[Callable[..., Any], FUNCTION]


def kinds(function: Callable[..., Any]) -> dict[str, Kind]:
    """Return the kind of each argument that declares one."""
    hints = get_type_hints(inspect.unwrap(function), include_extras=True)
    return {
        name: kind
        for name, hint in hints.items()
        for part in (hint, *get_args(hint))
        for kind in getattr(part, "__metadata__", ())
        if isinstance(kind, Kind)
    }


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Look at every argument that declares a kind before the function runs."""
    declared, signature = kinds(function), inspect.signature(function)
    plain = get_type_hints(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        for name, kind in declared.items():
            value = given.arguments[name]
            if value is not None or signature.parameters[name].default is not None:
                given.arguments[name] = kind.check(name, value)
        return function(*given.args, **given.kwargs)

    call.__doc__ = _worded(function.__doc__ or "", declared, signature, plain)
    # What `help` and editors show has the plain types.
    call.__annotations__ = plain
    call.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[
            parameter.replace(annotation=plain.get(parameter.name, parameter.empty))
            for parameter in signature.parameters.values()
        ],
        return_annotation=plain.get("return", signature.empty),
    )
    return call


def _worded(
    text: str, declared: dict[str, Kind], signature: inspect.Signature, plain: Any
) -> str:
    """Write the kinds of the arguments into a docstring, and what is returned."""
    for name, kind in declared.items():
        optional = ", or None" * (signature.parameters[name].default is None)
        entry = rf"\g<1>{name} : {kind.words}{optional}"
        text = re.sub(rf"(?m)^( +){name}$", entry, text)
    returned = plain.get("return")
    trace, several = next(iter(get_args(returned)), returned), get_args(returned)
    if "    Returns\n" in text or not hasattr(trace, "_fields"):
        return text
    entry = ("tuple of " if several else "") + trace.__name__
    sentence = (trace.__doc__ or "").partition("\n")[0]
    section = f"    Returns\n    -------\n    {entry}\n        {sentence}\n\n"
    return re.sub(
        r"(?=    (Raises|References|Examples)\n    -)", section, text, count=1
    )
