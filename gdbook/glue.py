"""The numbers of a worked example, for the sentences of a page."""

import inspect
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from gdbook.formatting import _text

__all__ = ["glue"]


def glue(**examples: Any) -> None:
    """Offer the numbers of worked examples to the sentences of a page.

    For ``glue(step=weight_update)`` the page can write
    ``{glue:text}`step.new_weight``` for a result, ``{glue:text}`step.learning_rate```
    for an argument, and ``{glue:text}`step.gradient.0``` for the first number
    of a tuple.

    Parameters
    ----------
    **examples : trace, number, or function that returns a trace
        What to offer, under the name that the page uses. A function is called
        with its defaults, and its defaults are offered too.

    Raises
    ------
    TypeError
        If an argument is neither a trace, nor a number, nor such a function.

    Examples
    --------
    >>> from gdbook.examples.weight_update import weight_update
    >>> glue(step=weight_update)  # shows nothing; the page now knows step.update
    """
    from myst_nb import glue as glue_one  # noqa: PLC0415 (only a page needs it)

    for name, example in examples.items():
        # A result takes the place of an argument of the same name.
        for key, text in dict(_entries(name, example)).items():
            glue_one(key, _Glued(text), display=False)


class _Glued(str):
    """A text whose representation has no quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _entries(name: str, example: Any) -> Iterator[tuple[str, str]]:
    if inspect.isfunction(example):
        yield from _leaves(name, _defaults(name, example))
        example = example()
    if isinstance(example, bool) or not isinstance(
        example, int | float | Fraction | str | tuple
    ):
        msg = f"`{name}` is {example!r} but must be a trace, a number or a function"
        raise TypeError(msg)
    yield from _leaves(name, example)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(f"{name}.{key}", item)
        return
    if hasattr(value, "_asdict"):
        yield from _leaves(name, value._asdict())
        return
    yield name, _text(value, quote=False)
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _leaves(f"{name}.{index}", item)


def _defaults(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    for parameter in parameters.values():
        if parameter.default is inspect.Parameter.empty:
            msg = f"`{name}` is {function!r} but `{parameter}` has no default"
            raise TypeError(msg)
    return {name: parameter.default for name, parameter in parameters.items()}
