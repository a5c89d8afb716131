"""Write what was measured as a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Measured = dict[str, dict[str, Any]]

COLUMNS = {
    "bytes": "bytes",
    "script bytes": "script",
    "requests": "requests",
    "axe": "axe",
    "policy": "CSP",
    "mobile": "mobile",
    "desktop": "desktop",
    "long cells": "long cells",
}


def read(path: Path) -> Measured:
    """Read what an earlier run measured."""
    measured: Measured = json.loads(path.read_text(encoding="utf-8"))
    return measured


def write(measured: Measured, path: Path) -> None:
    """Keep what was measured for a later run."""
    path.write_text(json.dumps(measured), encoding="utf-8")


def lines(measured: Measured) -> list[str]:
    r"""Return the lines of the table, a page each.

    Examples
    --------
    >>> rows = {"index": {"bytes": 61234, "requests": 7, "mobile": "99 100 100 100"}}
    >>> print("\n".join(lines(rows)))
    page   bytes  script  requests  axe  CSP          mobile  desktop  long cells
    index  61234       –         7    –    –  99 100 100 100        –           –
    (Lighthouse: performance, accessibility, best practices, SEO)
    """
    rows = [
        [page, *(str(row.get(name, "–")) for name in COLUMNS)]
        for page, row in sorted(measured.items())
    ]
    rows = [["page", *COLUMNS.values()], *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    printed = [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return [*printed, "(Lighthouse: performance, accessibility, best practices, SEO)"]
