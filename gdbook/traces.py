"""A worked example is a trace: every number on the board, under its name.

A trace is a `NamedTuple` of plain Python numbers, texts, and tuples of them.
It prints through one formatter, and so does a table of its numbers.
A page shows a trace as a table of its fields, in the digits that a reader looks at.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import Any, NamedTuple, TypeGuard, TypeVar

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, shown
from gdbook.formatting import _exact, _text, _twelve_digits, format_number, typeset

__all__ = ["Table", "plain", "table", "trace"]

TraceClass = TypeVar("TraceClass", bound=type)


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
    # The widest floats stay NumPy's in its own lists.
    return float(value) if isinstance(value, np.floating) else value


def trace(named_tuple: TraceClass) -> TraceClass:
    """Make a NamedTuple print its numbers through `format_number`.

    A page shows it as a table, a field in each row: decimals of more than six figures
    rounded to five, long fractions as decimals, long tuples by their ends, and the
    fields of a trace within the trace under their own names.

    Parameters
    ----------
    named_tuple : type
        The NamedTuple of a worked example.

    Returns
    -------
    type
        The same class.

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
    if not hasattr(named_tuple, "_fields"):
        msg = f"`named_tuple` is {shown(named_tuple)} but must be a NamedTuple"
        raise TypeError(msg)

    def __repr__(self: Any) -> str:  # noqa: N807 (a method, given to the class below)
        fields = (f"{name}={_text(getattr(self, name))}" for name in self._fields)
        return f"{type(self).__name__}({', '.join(fields)})"

    named_tuple.__repr__ = __repr__  # type: ignore[method-assign, assignment]
    named_tuple._repr_html_ = _repr_html_  # type: ignore[attr-defined]
    return named_tuple


def _repr_html_(self: Any) -> str:
    rows = "".join(
        f'<tr><th scope="row"><code>{name}</code></th>'
        f"<td>{escape(text, quote=False)}</td></tr>"
        for name, text in _fields(self)
    )
    return f'<table class="trace"><tbody>{rows}</tbody></table>'


def _fields(
    value: Any, name: str = "", write: Callable[[Any], str] | None = None
) -> Iterator[tuple[str, str]]:
    """Give each field, as a reader would write and read it unless told otherwise."""
    if not hasattr(value, "_asdict"):
        yield name, (write or _seen)(value)
        return
    for field, item in value._asdict().items():
        yield from _fields(item, f"{name}.{field}" if name else field, write)


# How much a reader takes in at once: of a decimal, a fraction (its parts multiplied),
# a tuple, and a tuple of tuples.
_FIGURES, _MOST_FIGURES, _LONG, _ITEMS, _TUPLES = 5, 6, 10**12, 8, 4


def _seen(value: Any) -> str:
    """Write a field as a page shows it."""
    if isinstance(value, str):
        return value
    text = _inner(value)
    if isinstance(value, tuple) and len(value) > _most_items(value):
        text += f", {len(value)} in all"
    return text


def _inner(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, tuple):
        return _in_brackets(value)
    return typeset(_in_figures(_exact(value)))


def _in_brackets(values: tuple[Any, ...]) -> str:
    """Write a tuple by its ends if it is long."""
    most = _most_items(values)
    first = values if len(values) <= most else values[: most - 2]
    parts = [*map(_inner, first)]
    if len(values) > most:
        parts += ["…", _inner(values[-1])]
    return f"({', '.join(parts)}{',' * (len(values) == 1)})"


def _most_items(values: tuple[Any, ...]) -> int:
    return _TUPLES if any(isinstance(item, tuple) for item in values) else _ITEMS


def _in_figures(value: Number) -> str:
    """Write a number in the figures that matter.

    >>> _in_figures(0.384548320746), _in_figures(0.4), _in_figures(-0.999999)
    ('0.38455', '0.4', '-0.999999')
    >>> _in_figures(17.00000001), _in_figures(123456.789), _in_figures(1.23456789e-9)
    ('17.000', '123457', '1.2346e-9')
    """
    text = _in_decimals(value) if _is_long(value) else format_number(value)
    digits, _, exponent = text.partition("e")
    figures = re.sub(r"\D", "", digits).lstrip("0")
    if "." not in digits or len(figures) <= _MOST_FIGURES:
        return text
    number = Decimal(text)
    if exponent:
        return f"{number:.{_FIGURES - 1}e}"
    if abs(number) >= 10 ** (_FIGURES - 1):
        return f"{number:.0f}"
    return f"{number:.{_FIGURES}g}"


def _is_long(value: Any) -> TypeGuard[Fraction]:
    """Tell a fraction that nobody reads."""
    if not isinstance(value, Fraction) or value.denominator == 1:
        return False
    return abs(value.numerator) * value.denominator >= _LONG


def _in_decimals(value: Fraction, decimals: int | None = None) -> str:
    """Write a fraction as the float beside it, or as what would be one."""
    with suppress(OverflowError):
        near = float(value)
        if decimals is not None:
            return _rounded(near, decimals)
        if near:
            return format_number(near)
    return _twelve_digits(value)


def _rounded(value: float, decimals: int) -> str:
    return f"{value:z.{decimals}f}"


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
        """Return the table that a page shows.

        One that is too wide for a phone says so, and each cell of it has its heading,
        so that the rows can stand below each other.
        """
        columns = {
            name: [typeset(cell).replace(" × ", "\xa0×\xa0") for cell in cells]
            for name, cells in self.columns.items()
        }
        wide = _narrowest(columns) > _PHONE
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
        openings = [
            f'<td data-label="{escape(name)}">' if wide else "<td>" for name in columns
        ]
        rows = "".join(
            "<tr>"
            + "".join(
                f"{opening}{escape(cell)}</td>"
                for opening, cell in zip(openings, row, strict=True)
            )
            + "</tr>"
            for row in zip(*columns.values(), strict=True)
        )
        return (
            f'<table class="numbers{" wide" * wide}">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


# How many characters a phone shows side by side, and how many the space between two
# columns takes.
_PHONE, _SPACE = 38, 1.6


def _narrowest(columns: Mapping[str, Iterable[str]]) -> float:
    """Return the characters in a line of a table whose lines break where they can."""
    words = (re.split("[ -]", " ".join((name, *columns[name]))) for name in columns)
    longest = [max(map(len, column)) for column in words]
    return sum(longest) + _SPACE * (len(longest) - 1)


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
        How many decimals every float and every fraction is rounded to, 0 or more.
        Unless told, floats show all that matter and fractions stay exact; a column
        that would hold a fraction too long to read holds decimals.

    Returns
    -------
    Table
        What a page shows as a table.

    Examples
    --------
    >>> table({"step": range(3), "slope": [0, 0.26, 0.1 + 0.2]})
    step  slope
       0      0
       1   0.26
       2    0.3
    >>> from fractions import Fraction
    >>> table({"share": [1, Fraction(2, 3)]}, decimals=2)
    share
        1
     0.67
    """
    if decimals is not None:
        decimals = _checks.count("decimals", decimals)
        if decimals > _MOST_DECIMALS:
            msg = f"`decimals` is {decimals} but must be at most {_MOST_DECIMALS}"
            raise ValueError(msg)
    _check_columns(columns)
    texts = {
        name: tuple(_cells(name, list(values), decimals))
        for name, values in columns.items()
    }
    lengths = {name: len(cells) for name, cells in texts.items()}
    if len(set(lengths.values())) != 1:
        msg = f"`columns` has lengths {shown(lengths)} but all must be equal"
        raise ValueError(msg)
    return Table(texts)


def _check_columns(columns: Any) -> None:
    if not isinstance(columns, Mapping):
        msg = f"`columns` is {shown(columns)} but must map headings to columns"
        raise TypeError(msg)
    if not columns:
        msg = "`columns` is empty but must hold a column"
        raise ValueError(msg)
    for name, values in columns.items():
        if not isinstance(name, str):
            msg = (
                f"`columns` has the heading {shown(name)} but every heading must be "
                "a text"
            )
            raise TypeError(msg)
        _line("columns", name)
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            msg = (
                f"`{name}` is {shown(values)} but must be a column of numbers or texts"
            )
            raise TypeError(msg)


def _line(name: str, text: str) -> str:
    """Return a text that would not break the lines of a table."""
    if text.splitlines() not in ([], [text]):
        msg = f"`{name}` holds {shown(text)} but every text in it must be one line"
        raise ValueError(msg)
    return text


# As many as the least float has.
_MOST_DECIMALS = 1074


def _cells(name: str, values: list[Any], decimals: int | None) -> Iterator[str]:
    """Write the cells of a column, its fractions all in one way."""
    exact = decimals is None and not any(map(_holds_long, values))
    for value in values:
        yield _cell(name, value, decimals, exact=exact)


def _holds_long(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_holds_long, value))
    return _is_long(value)


def _cell(name: str, value: Any, decimals: int | None, *, exact: bool) -> str:
    if isinstance(value, str):
        return _line(name, value)
    if isinstance(value, tuple):
        cells = (_cell(name, item, decimals, exact=exact) for item in value)
        return f"({', '.join(cells)})"
    exact = exact or type(value) is int
    value = _checks.number(name, _exact(value))
    if isinstance(value, Fraction) and not exact:
        return _in_decimals(value, decimals)
    if isinstance(value, float) and decimals is not None:
        return _rounded(value, decimals)
    return format_number(value)
