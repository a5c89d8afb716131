"""The numbers of a worked example, for the sentences of a page."""

import inspect
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from gdbook import _checks
from gdbook._checks import shown
from gdbook.formatting import _exact, _text

__all__ = ["defaults", "glue"]


def glue(**examples: Any) -> None:
    """Offer the numbers of worked examples to the sentences of a page.

    For ``glue(step=weight_update)`` the page can write
    ``{glue:text}`step.new_weight``` for a result, ``{glue:text}`step.learning_rate```
    for an argument, ``{glue:text}`step.gradient.0``` for the first number of a tuple,
    and ``{glue:text}`step.gradient.-1``` for the last. Where no page is being built,
    the arguments are looked at, and nothing is offered.

    Parameters
    ----------
    **examples : trace, number, or function that returns a trace
        What to offer, under the name that the page uses. A function is called
        with its defaults, and its defaults are offered too.

    Examples
    --------
    >>> from gdbook.examples.weight_update import weight_update
    >>> glue(step=weight_update)  # shows nothing; the page now knows step.update
    """
    texts: dict[str, str] = {}
    for name, example in examples.items():
        if not name.isidentifier():
            msg = f"`{shown(name)[1:-1]}` must be a name without dots, colons or spaces"
            raise ValueError(msg)
        # A result takes the place of an argument of the same name.
        texts |= dict(_entries(name, example))
    publish = _publisher()
    for key, text in texts.items():
        publish(key, _Glued(text), display=False)


def defaults(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the numbers of the book that a worked example takes unless told.

    Parameters
    ----------
    function : callable
        The example, or another function.

    Returns
    -------
    dict
        The default of each argument that has one, by name.

    Examples
    --------
    >>> from gdbook.examples.weight_update import weight_update
    >>> defaults(weight_update)["learning_rate"]
    0.01
    """
    given = inspect.signature(function).parameters.items()
    return {name: one.default for name, one in given if one.default is not one.empty}


def _publisher() -> Callable[..., None]:
    """Return MyST-NB's `glue` where cells run, and elsewhere what does nothing."""
    running = sys.modules.get("IPython.core.interactiveshell")  # of who runs cells
    if running is None or not running.InteractiveShell.initialized():
        return _nowhere
    try:
        from myst_nb import glue as publish  # noqa: PLC0415 (only a page needs it)
    except ImportError:
        return _nowhere
    return publish  # type: ignore[no-any-return]


def _nowhere(key: str, text: str, *, display: bool) -> None:
    pass


class _Glued(str):
    """A text whose representation has no quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _entries(name: str, example: Any) -> Iterator[tuple[str, str]]:
    if inspect.isfunction(example):
        for parameter in inspect.signature(example).parameters.values():
            if parameter.default is parameter.empty:
                msg = f"`{name}` is {shown(example)} but `{parameter}` has no default"
                raise TypeError(msg)
        yield from _leaves(name, defaults(example))
        example = example()
    if isinstance(example, bool) or not isinstance(
        example, int | float | Fraction | str | tuple
    ):
        msg = (
            f"`{name}` is {shown(example)} but must be a trace, a number or a function"
        )
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
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _leaves(f"{name}.{index}", item)
        for item in value[-1:]:  # which has another index where a run is longer
            yield from _leaves(f"{name}.-1", item)
    elif not isinstance(value, str):
        _checks.number(name, _exact(value))
    yield name, _text(value, quote=False)
