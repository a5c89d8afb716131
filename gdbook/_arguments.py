"""Declare an argument once: its check, its words, and what it refuses.

A worked example annotates each argument with one of the kinds below, as in
``learning_rate: Positive = 0.01``. `checked` looks at all of them before the first line
runs, and writes their words behind the arguments' names in the docstring. One test
tries what a kind refuses on every argument of every example.

Rules between arguments, such as equal shapes, stand in the examples. What no rule can
foresee, numbers that grow beyond the floats on the way, `checked` turns into an error.
"""

import difflib
import inspect
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
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

import numpy as np

from gdbook import _checks
from gdbook._checks import NotFiniteError, Number, Numbers, shown

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
            raise TypeError(msg + _as_sequence(value))
        if len(value) < least:
            msg = f"`{name}` is {shown(value)} but must hold at least {least}"
            raise ValueError(msg)
        return tuple(
            item.check(f"{name}[{index}]", each_) for index, each_ in enumerate(value)
        )

    return Kind(check, f"{several}, each a {item.words}", least, item)


def _as_sequence(value: Any) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return "; list(...) makes one of it"
    return f"; of one it is [{shown(value)}]" if isinstance(value, int | float) else ""


def one_of(names: Collection[str]) -> Kind:
    """Ask for one of several names."""
    listed = ", ".join(map(repr, names))

    def check(name: str, value: Any) -> str:
        if not isinstance(value, str):
            msg = f"`{name}` is {shown(value)} but must be a name"
            raise TypeError(msg)
        if value not in names:
            msg = f"`{name}` is {shown(value)} but must be one of: {listed}"
            raise ValueError(msg + _nearest(value, names))
        return value

    return Kind(check, f"one of {listed}", names=tuple(names))


def _nearest(name: str, names: Collection[str]) -> str:
    near = nearest(name, names)
    return f"; the nearest is {near!r}" if near else ""


def nearest(name: str, names: Collection[str]) -> str | None:
    """Return the name that somebody may have meant, if there is one like it."""
    lower = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower()[:80], lower, 1)
    return lower[near[0]] if near else None


def instance(cls: type) -> Kind:
    """Ask for something of a class."""

    def check(name: str, value: Any) -> Any:
        if isinstance(value, type) and issubclass(value, cls):
            msg = f"`{name}` is {shown(value)} but must be an instance of it"
            msg += f"; {value.__name__}(...) makes one"
            raise TypeError(msg)
        return _checks.instance(name, value, cls)

    return Kind(check, cls.__name__)


def _array(words: str, *ndims: int) -> Kind:
    look = partial(_checks.numbers, ndims=ndims or None, exact=True)
    return Kind(partial(_of_python, look), words)


def _of_python(look: Callable[[str, Any], Any], name: str, value: Any) -> Any:
    """Look at an array, and give the widest floats the width of Python's."""
    found = look(name, value)
    if getattr(found, "dtype", None) != np.longdouble:
        return found
    with np.errstate(over="ignore"):  # what does not fit is infinite, and refused
        return look(name, found.astype(float))


_FINITE = Kind(_checks.number, "number")
_POSITIVE = Kind(_checks.positive, "number greater than 0")
_SHARE = Kind(_checks.share, "number, 0 or more and less than 1")
FUNCTION = Kind(_checks.function, "function")


def _probability(name: str, value: Any) -> Any:
    value = _checks.number(name, value)
    if not 0 <= value <= 1:
        msg = f"`{name}` is {shown(value)} but must be a probability, from 0 to 1"
        raise ValueError(msg)
    return value


Finite = Annotated[Number, _FINITE]
Positive = Annotated[Number, _POSITIVE]
Positives = Annotated[Sequence[Number], each(_POSITIVE, least=1)]
NotNegative = Annotated[Number, Kind(_checks.not_negative, "number, 0 or more")]
Share = Annotated[Number, _SHARE]
Probability = Annotated[Number, Kind(_probability, "number from 0 to 1")]
Shares = Annotated[Sequence[Number], each(_SHARE, least=1)]
Between = Annotated[
    Number, Kind(_checks.between, "number greater than 0 and less than 1")
]
Count0 = Annotated[int, count(0)]
Count1 = Annotated[int, count(1)]
Count2 = Annotated[int, count(2)]
Counts1 = Annotated[Sequence[int], each(count(1))]
Counts2 = Annotated[Sequence[int], each(count(2))]
SomeCounts1 = Annotated[Sequence[int], each(count(1), least=1)]
Choice = Annotated[bool, Kind(_checks.choice, "True or False")]
Array = Annotated[Numbers, _array("number or array of numbers")]
Row = Annotated[Numbers, _array("numbers in a row", 1)]
Rows = Annotated[Numbers, _array("rows of numbers", 2)]
Varied = Annotated[
    Numbers,
    Kind(
        partial(_of_python, _checks.varied),
        "numbers in a row, two different ones or more",
    ),
]
Function = Annotated[Callable[..., Any], FUNCTION]


def look_at_shape(
    name: str, value: Any, expected: tuple[int, ...], why: str = ""
) -> None:
    """Refuse numbers of another shape."""
    if value.shape != expected:
        msg = f"`{name}` has shape {value.shape} but must have shape {expected}"
        raise ValueError(f"{msg}, {why}" if why else msg)


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
        given = _bound(function.__name__, signature, args, kwargs)
        for name, kind in declared.items():
            value = given.arguments[name]
            if value is not None or signature.parameters[name].default is not None:
                given.arguments[name] = kind.check(name, value)
        if np.geterr()["over"] == "ignore":  # a descent finds the overflow itself
            return function(*given.args, **given.kwargs)
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                result = function(*given.args, **given.kwargs)
        except Exception as error:
            if _asked_too_much(error, given.arguments):
                raise _too_much(given.arguments) from error
            if _left_the_floats(error, given.arguments, declared):
                raise _not_finite(given.arguments, declared) from error
            raise
        if not _finite(result):
            raise _not_finite(given.arguments, declared)
        return result

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


def _bound(
    name: str, signature: inspect.Signature, args: Any, kwargs: dict[str, Any]
) -> inspect.BoundArguments:
    """Give every argument its name, and those that were not given their defaults."""
    for word in kwargs.keys() - signature.parameters.keys():
        msg = f"`{word}` is no argument of {name}"
        raise TypeError(msg + _nearest(word, signature.parameters))
    try:
        given = signature.bind(*args, **kwargs)
    except TypeError as error:
        msg = f"{name}({', '.join(signature.parameters)}) has {error}"
        raise TypeError(msg) from None
    given.apply_defaults()
    return given


def _finite(result: Any) -> bool:
    """Say whether all numbers of a trace are finite."""
    if isinstance(result, tuple):
        return all(map(_finite, result))
    return not isinstance(result, float) or math.isfinite(result)


# Typed by mistake: what is counted so far takes all memory, or hours.
_MUCH = 10**7


def _asked_too_much(error: Exception, given: Mapping[str, Any]) -> bool:
    """Say whether an error means that an array would be larger than all memory."""
    # NumPy has other words where not even the size of the array can be counted.
    refused = isinstance(error, MemoryError | OverflowError | ValueError)
    named = re.match(r"`(\w+)", str(error))
    ours = named is not None and named[1] in given
    return refused and not ours and _largest_count(given)[0] > _MUCH


def _largest_count(given: Mapping[str, Any]) -> tuple[int, str]:
    return max(
        ((count, name) for name, value in given.items() for count in _counts(value)),
        default=(0, ""),
    )


def _counts(value: Any) -> list[int]:
    items = value if isinstance(value, list | tuple) else [value]
    return [item for item in items if type(item) is int]


def _too_much(given: Mapping[str, Any]) -> ValueError:
    largest, name = _largest_count(given)
    verb = "is" if given[name] == largest else "holds"
    return ValueError(
        f"`{name}` {verb} {shown(largest)} but must be fewer: what it asks for does "
        "not fit into memory"
    )


def _left_the_floats(
    error: Exception, given: Mapping[str, Any], declared: Mapping[str, Kind]
) -> bool:
    """Say whether an error inside an example means that numbers left the floats."""
    if isinstance(error, OverflowError) or "overflow" in str(error):
        return True
    named = re.match(r"`(\w+)", str(error))
    if named and isinstance(error, NotFiniteError):
        # All that was given is finite, except for what a function returns.
        return declared.get(named[1]) != FUNCTION
    if (named and named[1] in declared) or not isinstance(error, _STRANGE):
        return False
    # What rounds to 0, or is no float, ends in all kinds of errors.
    return any(_distance(number) > _FAR for number in _all_numbers(given, declared))


_STRANGE = (FloatingPointError, ZeroDivisionError, ValueError)
_FAR = 15  # a float of so many powers of ten does not change when 1 is added


def _not_finite(
    given: Mapping[str, Any], declared: Mapping[str, Kind]
) -> NotFiniteError:
    """Name the argument that most likely led out of the floats."""
    farthest: dict[str, Number] = {
        name: max(_all_numbers({name: value}, declared), key=_distance, default=1)
        for name, value in given.items()
    }
    name = max(farthest, key=lambda name: _distance(farthest[name]))
    verb = "is" if isinstance(given[name], int | float | Fraction) else "holds"
    return NotFiniteError(
        f"`{name}` {verb} {shown(farthest[name])} but must keep all numbers within "
        "the floats; it is the farthest from 1 of all arguments"
    )


def _distance(number: Number) -> float:
    """Return how far a number is from 1, as a power of ten; also if it is no float."""
    above, below = Fraction(number).as_integer_ratio()
    return abs(math.log10(abs(above)) - math.log10(below)) if above else 0


def _all_numbers(
    given: Mapping[str, Any], declared: Mapping[str, Kind]
) -> Iterator[Number]:
    """Go through all numbers that were given, except for those that only count."""
    for name, value in given.items():
        if name in declared and not declared[name].words.startswith("whole number"):
            yield from _leaves(value)


def _leaves(value: Any) -> Iterator[Number]:
    if isinstance(value, np.ndarray):
        value = value.ravel().tolist()
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, int | float | Fraction):
        yield value


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
