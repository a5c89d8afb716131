"""A worked example is a trace: every number on the board, under its name.

A trace is a `NamedTuple` of plain Python numbers, texts, and tuples of them.
It prints through one formatter, and so does a table of its numbers.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, NamedTuple, TypeVar

import numpy as np

from gdbook import _checks
from gdbook._checks import shown
from gdbook.formatting import _exact, _text, format_number, typeset

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
    return named_tuple


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
        How many decimals every float is rounded to, 0 or more; all that matter unless
        told.

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
    """
    if decimals is not None:
        decimals = _checks.count("decimals", decimals)
        if decimals > _MOST_DECIMALS:
            msg = f"`decimals` is {decimals} but must be at most {_MOST_DECIMALS}"
            raise ValueError(msg)
    _check_columns(columns)
    texts = {
        name: tuple(_cell(name, value, decimals) for value in values)
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


def _cell(name: str, value: Any, decimals: int | None) -> str:
    if isinstance(value, str):
        return _line(name, value)
    if isinstance(value, tuple):
        cells = ", ".join(_cell(name, item, decimals) for item in value)
        return f"({cells})"
    value = _checks.number(name, _exact(value))
    if decimals is not None and isinstance(value, float):
        return f"{value:z.{decimals}f}"
    return format_number(value)
