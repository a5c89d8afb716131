"""What shares memory with what."""

from __future__ import annotations

import dataclasses
import inspect
from functools import partial
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
    return vars(value).values() if hasattr(value, "__dict__") else ()


def changeable(value: Any) -> Iterator[Any]:
    """Give every array, list, dict and set that a value leads to."""
    if isinstance(value, np.ndarray | list | dict | set):
        yield value
    for item in inside(value):
        yield from changeable(item)


def share(one: Any, other: Any) -> bool:
    """Say whether a change of one thing is one of another."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.shares_memory(one, other)
    return one is other


def shared(ones: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """Return what shares memory with any of some others."""
    others = list(others)
    return [one for one in ones if any(share(one, other) for other in others)]


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


def scribble(value: Any) -> None:
    """Change all that can be changed."""
    for part in list(changeable(value)):
        if isinstance(part, np.ndarray):
            if part.flags.writeable:
                part.fill(99)
        elif isinstance(part, dict):
            part["scribbled"] = 99
        elif isinstance(part, list):
            part.append(99)


@dataclasses.dataclass
class Watch:
    """What the caller's own functions were given, and what they returned."""

    seen: list[Any] = dataclasses.field(default_factory=list)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function keep what it is given, and return one buffer every time."""
        buffers: dict[tuple[int, ...], np.ndarray] = {}

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.seen += changeable((args, kwargs))
            result = function(*args, **kwargs)
            if not isinstance(result, np.ndarray):
                return result
            buffer = buffers.setdefault(result.shape, np.empty_like(result))
            buffer[...] = result
            self.seen.append(buffer)
            return buffer

        return watched
