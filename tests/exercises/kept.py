"""Run code as notebooks and pages do, which keep it where a check can read it."""

from __future__ import annotations

import linecache
from typing import Any

from book import ROOT, cells


def run(code: str, name: str, **known: Any) -> dict[str, Any]:
    """Run a cell under a name, and return what is defined then."""
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    exec(compile(code, name, "exec"), known)  # noqa: S102 (a reader's, or a page's)
    return known


def shown(stem: str, *names: str, **known: Any) -> dict[str, Any]:
    """Run those cells of a chapter that define functions, as they stand on its page."""
    page = ROOT / "docs" / "chapters" / f"{stem}.md"
    for name in names:
        (cell,) = (cell for cell in cells(page) if cell.startswith(f"def {name}("))
        known = run(cell, f"{name} of {page.name}", **known)
    return known
