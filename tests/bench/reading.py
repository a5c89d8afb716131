"""How much of this book each builder reads, as it stands: what the builds have left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from book import PAGES, ROOT

from bench.builders import BUILDERS
from bench.record import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.builders import Builder

UNIT = "how many"
GLUED = "glue:text"
NOTEBOOKS = [
    page for page in PAGES if "\nfile_format: mystnb\n" in page.read_text("utf-8")
]


def output(builder: Builder, page: Path) -> Path:
    """Return where a builder leaves a page."""
    site = builder.book / builder.site
    if site.name == "content":  # Jupyter Book 2's, which its theme shows
        return site / f"{page.stem.replace('_', '-')}.json"
    return (site / page.relative_to(ROOT / "docs")).with_suffix(".html")


def left(builder: Builder, page: Path) -> int:
    """Count the numbers of a page that stand there as they were written."""
    path = output(builder, page)
    written = path if path.exists() else page
    return written.read_text(encoding="utf-8").count(GLUED)


def cases() -> Iterator[Case]:
    """Count pages, and the numbers that their sentences show."""
    numbers = sum(page.read_text(encoding="utf-8").count(GLUED) for page in NOTEBOOKS)
    pages, shown = {}, {}
    for one in BUILDERS:
        pages[one.name] = [float(sum(output(one, page).exists() for page in PAGES))]
        unread = sum(left(one, page) for page in NOTEBOOKS)
        shown[one.name] = [float(numbers - unread)]
    yield Case("pages", {}, pages)
    yield Case("numbers in sentences", {}, shown)
