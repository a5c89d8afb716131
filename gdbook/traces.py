"""A worked example is a trace: every number on the board, under its name.

A trace is a `NamedTuple` of plain Python numbers, texts, and tuples of them.
It prints through one formatter, so that a float which is not exact in binary
shows the number that was meant: 0.26, never 0.25999999999999995.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from html import escape
from typing import Any, NamedTuple, TypeVar

from gdbook import _checks

__all__ = [
    "Table",
    "format_number",
    "glue",
    "plain",
    "table",
    "trace",
    "typeset",
]

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

TraceClass = TypeVar("TraceClass", bound=type)


def format_number(value: _checks.Number) -> str:
    """Write a number with at most twelve significant digits.

    Parameters
    ----------
    value : int, float or Fraction
        The number to write.

    Returns
    -------
    str
        The shortest text that is right to twelve digits; a fraction in full.

    Raises
    ------
    TypeError, ValueError
        If `value` is not a finite number.

    Examples
    --------
    >>> format_number(0.1 + 0.2), format_number(6.0), format_number(Fraction(56, 25))
    ('0.3', '6', '56/25')
    """
    value = _checks.number("value", value)
    return f"{value:z.12g}" if isinstance(value, float) else str(value)


def typeset(text: str) -> str:
    """Write a number's text as a book prints it.

    Parameters
    ----------
    text : str
        A number or a tuple of them as Python writes it, or any other text.

    Returns
    -------
    str
        The number with a minus sign and a power of ten; other text as it is.

    Raises
    ------
    TypeError
        If `text` is no text.

    Examples
    --------
    >>> typeset("-24"), typeset("1e-09"), typeset("2.5e+25"), typeset("flat")
    ('−24', '10⁻⁹', '2.5 × 10²⁵', 'flat')
    >>> typeset("(-0.6, -0.8)")
    '(−0.6, −0.8)'
    """
    if not isinstance(text, str):
        msg = f"`text` is {text!r} but must be a text"
        raise TypeError(msg)
    if re.fullmatch(r"\([-+(),./\de ]+\)", text):
        return re.sub(r"[-+./\de]+", lambda part: typeset(part[0]), text)
    number = re.fullmatch(r"(-?)([\d./]+)(?:e([+-]\d+))?", text)
    if number is None:
        return text
    sign, digits, exponent = number.groups()
    sign = "\N{MINUS SIGN}" if sign else ""
    if exponent is None:
        return sign + digits
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    return sign + (power if digits == "1" else f"{digits} × {power}")


def plain(value: Any) -> Any:
    """Turn what a computation returned into plain Python numbers and tuples.

    Parameters
    ----------
    value : number or array
        A result of the library.

    Returns
    -------
    number or tuple
        A Python number for a scalar, nested tuples for an array.

    Examples
    --------
    >>> import numpy as np
    >>> plain(np.array([30.0, 40.0]))
    (30.0, 40.0)
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    return value


def trace(cls: TraceClass) -> TraceClass:
    """Make a NamedTuple print its numbers through `format_number`.

    Parameters
    ----------
    cls : type
        The NamedTuple of a worked example.

    Returns
    -------
    type
        The same class.

    Raises
    ------
    TypeError
        If `cls` is no NamedTuple.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> @trace
    ... class Step(NamedTuple):
    ...     update: float
    ...     weights: tuple[float, ...]
    >>> Step(update=0.1 + 0.2, weights=(1.0, 2.0))
    Step(update=0.3, weights=(1, 2))
    """
    if not hasattr(cls, "_fields"):
        msg = f"`cls` is {cls!r} but must be a NamedTuple"
        raise TypeError(msg)

    def __repr__(self: Any) -> str:  # noqa: N807 (a method, given to the class below)
        fields = (f"{name}={_text(getattr(self, name))}" for name in self._fields)
        return f"{type(self).__name__}({', '.join(fields)})"

    cls.__repr__ = __repr__  # type: ignore[method-assign, assignment]
    return cls


class Table(NamedTuple):
    """Columns of texts, shown as a table on a page and as aligned text elsewhere.

    Parameters
    ----------
    columns : dict of str to tuple of str
        The cells of each column, under its heading.
    """

    columns: dict[str, tuple[str, ...]]

    def __repr__(self) -> str:
        """Align the columns to the right."""
        widths = {
            name: max(map(len, (name, *cells))) for name, cells in self.columns.items()
        }
        lines = [[name.rjust(widths[name]) for name in self.columns]]
        lines += [
            [
                cell.rjust(width)
                for cell, width in zip(row, widths.values(), strict=True)
            ]
            for row in zip(*self.columns.values(), strict=True)
        ]
        return "\n".join("  ".join(line) for line in lines)

    def _repr_html_(self) -> str:
        """Return the table that a page shows."""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        rows = "".join(
            "<tr>"
            + "".join(f"<td>{escape(typeset(cell))}</td>" for cell in row)
            + "</tr>"
            for row in zip(*self.columns.values(), strict=True)
        )
        return (
            '<table class="numbers">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


def table(
    columns: Mapping[str, Iterable[Any]], *, decimals: int | None = None
) -> Table:
    """Set numbers side by side.

    Parameters
    ----------
    columns : mapping of str to iterable
        The numbers, tuples or texts of each column, under its heading, all equally
        many.
    decimals : int, optional
        How many decimals every float is rounded to; all that matter unless told.

    Returns
    -------
    Table
        What a page shows as a table.

    Raises
    ------
    TypeError
        If `columns` is no mapping of texts to iterables, a cell is neither a number
        nor a text, or `decimals` no whole number.
    ValueError
        If a number is not finite, the columns have different lengths, or `decimals`
        is negative.

    Examples
    --------
    >>> table({"step": range(3), "slope": [0, 0.26, 0.1 + 0.2]})
    step  slope
       0      0
       1   0.26
       2    0.3
    """
    if decimals is not None:
        decimals = _checks.count("decimals", decimals)
    _check_columns(columns)
    texts = {
        name: tuple(_cell(name, value, decimals) for value in values)
        for name, values in columns.items()
    }
    lengths = {name: len(cells) for name, cells in texts.items()}
    if len(set(lengths.values())) != 1:
        msg = f"`columns` has lengths {lengths} but all must be equal"
        raise ValueError(msg)
    return Table(texts)


def _check_columns(columns: Any) -> None:
    if not isinstance(columns, Mapping):
        msg = f"`columns` is {columns!r} but must map headings to columns"
        raise TypeError(msg)
    for name, values in columns.items():
        if not isinstance(name, str):
            msg = f"`columns` has the heading {name!r} but every heading must be a text"
            raise TypeError(msg)
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            msg = f"`{name}` is {values!r} but must be a column of numbers or texts"
            raise TypeError(msg)


def _cell(name: str, value: Any, decimals: int | None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        cells = ", ".join(_cell(name, item, decimals) for item in value)
        return f"({cells})"
    value = _checks.number(name, value)
    if decimals is not None and isinstance(value, float):
        return f"{value:z.{decimals}f}"
    return format_number(value)


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


def _text(value: Any, *, quote: bool = True) -> str:
    if isinstance(value, str):
        return repr(value) if quote else value
    if hasattr(value, "_asdict"):
        return repr(value)
    if isinstance(value, tuple):
        inner = ", ".join(_text(item, quote=quote) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return format_number(value)
