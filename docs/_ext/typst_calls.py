"""Write Typst's markup: words, strings, calls, and tables that are HTML so far.

A cell of the book shows a table as HTML, which other builders take as it is.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import NamedTuple

MARKUP = re.compile(r"[\\#$*_`<>@=\-+/~'\"\[\].]")


def text(words: str) -> str:
    """Write words so that none of their signs is markup."""
    return MARKUP.sub(r"\\\g<0>", re.sub(r"[ \n\t]+", " ", words))


def string(value: str) -> str:
    """Write a string of Typst, which knows few of JSON's escapes."""
    return re.sub(r"\\u(\w{4})", r"\\u{\1}", json.dumps(value, ensure_ascii=False))


def call(name: str, *given: str, ends: str = ";", **named: str) -> str:
    """Write a call whose result stands in a line.

    >>> call("table", "[a]", columns="1")
    '#table(columns: 1, [a]);'
    """
    options = [f"{key.replace('_', '-')}: {value}" for key, value in named.items()]
    return f"#{name}({', '.join([*options, *given])}){ends}"


def block(markup: str) -> str:
    """Let markup begin and end a paragraph."""
    return f"\n\n{markup}\n\n"


class Row(NamedTuple):
    """The cells of a row, each with its side."""

    cells: list[tuple[str, str]]
    head: bool


def grid(rows: list[Row]) -> str:
    """Write a table of Typst."""
    sides = [side for _, side in rows[-1].cells]
    heads = [_cells(row) for row in rows if row.head]
    given = [call("table.header", *head, ends="")[1:] for head in heads]
    given += [cell for row in rows if not row.head for cell in _cells(row)]
    align = f"({', '.join(sides)},)"
    return call("rows", *given, columns=str(len(sides)), align=align)


def _cells(row: Row) -> list[str]:
    return [f"[{cell}]" for cell, _ in row.cells]


class Tables(HTMLParser):
    """The rows of a table that a cell shows, or what else its HTML says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.said, self.side, self.code = "", "left", False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag == "table":
            numbers = "numbers" in (dict(attrs).get("class") or "")
            self.side = "right" if numbers else "left"
        elif tag == "tr":
            self.rows.append(Row([], head=True))
        elif tag in {"td", "th"}:
            if tag == "td" and self.rows[-1].head:
                self.rows[-1] = self.rows[-1]._replace(head=False)
            self.rows[-1].cells.append(("", self.side))
        self.code = tag == "code"

    def handle_data(self, data: str) -> None:
        """Take words."""
        markup = call("raw", string(data)) if self.code else text(data)
        if self.rows and self.rows[-1].cells:
            cell, side = self.rows[-1].cells[-1]
            self.rows[-1].cells[-1] = (cell + markup, side)
        else:
            self.said += markup

    def handle_endtag(self, tag: str) -> None:
        """End code."""
        self.code &= tag != "code"
