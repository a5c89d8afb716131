"""What can be changed through something else, because they share memory."""

from __future__ import annotations

import dataclasses
import inspect
from functools import partial
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def inside(value: Any) -> Iterable[Any]:
    """Return what a value is made of, whatever holds it."""
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set):
        return value
    if isinstance(value, partial):
        return [*value.args, *value.keywords.values()]
    if isinstance(value, type) or inspect.isfunction(value):
        return ()  # the caller's own functions are watched
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    return vars(value).values() if hasattr(value, "__dict__") else ()


def changeable(value: Any) -> Iterator[Any]:
    """Give every array, list, dict and set that a value leads to."""
    if isinstance(value, np.ndarray | list | dict | set):
        yield value
    for item in inside(value):
        yield from changeable(item)


def arrays(value: Any) -> Iterator[np.ndarray]:
    """Give all arrays in a result, however deep they lie."""
    return (part for part in changeable(value) if isinstance(part, np.ndarray))


def _alias(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.shares_memory(one, other)
    return one is other


def share(first: Any, second: Any) -> bool:
    """Say whether something in one of two results can be changed through the other."""
    pairs = product(changeable(first), changeable(second))
    return any(_alias(one, other) for one, other in pairs)


def shares(value: Any) -> bool:
    """Say whether a part of a result can be changed through another part."""
    return any(_alias(*pair) for pair in combinations(changeable(value), 2))


def frozen(value: Any) -> Any:
    """Return what a value is now, to be compared with what it is later."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, repr(value.tolist())
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if dataclasses.is_dataclass(value):
        # What two equal ones may differ in is no part of what they say.
        told = [field.name for field in dataclasses.fields(value) if field.compare]
        return type(value).__name__, [frozen(getattr(value, name)) for name in told]
    if isinstance(value, dict | list | tuple | partial):
        return type(value).__name__, [frozen(item) for item in inside(value)]
    return "function" if inspect.isfunction(value) else repr(value)


def spoil(value: Any) -> None:
    """Write into everything in a result that can be changed."""
    for part in list(changeable(value)):
        if isinstance(part, np.ndarray) and part.flags.writeable:
            part[...] += 1
        elif isinstance(part, dict):
            part["spoilt"] = 1
        elif isinstance(part, list):
            part.append(1)


@dataclasses.dataclass
class Watch:
    """What the caller's own functions were given, and what they returned."""

    seen: list[Any] = dataclasses.field(default_factory=list)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function keep what it is given, and return one buffer every time."""
        buffers: dict[tuple[int, ...], np.ndarray] = {}

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.seen += [*args, *kwargs.values()]
            result = function(*args, **kwargs)
            if not isinstance(result, np.ndarray):
                return result
            buffer = buffers.setdefault(result.shape, np.empty_like(result))
            buffer[...] = result
            self.seen.append(buffer)
            return buffer

        return watched
