"""How much of this book each builder reads, as it stands: what the builds have left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from book import PAGES, ROOT

from bench.builders import BUILDERS
from bench.record import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.builders import Builder

UNIT = "how many"
# How this book, and MyST-NB where it is alone, mark a number that they looked up.
NUMBER = re.compile(r'class="number"|pasted-text')
NOTEBOOKS = [
    page for page in PAGES if "\nfile_format: mystnb\n" in page.read_text("utf-8")
]


def output(builder: Builder, page: Path) -> Path:
    """Return where a builder leaves a page."""
    site = builder.book / builder.site
    if site.name == "content":  # Jupyter Book 2's, which its theme shows
        return site / f"{page.stem.replace('_', '-')}.json"
    return (site / page.relative_to(ROOT / "docs")).with_suffix(".html")


def shown(builder: Builder, page: Path) -> int:
    """Count the numbers that a page shows where its source names them."""
    path = output(builder, page)
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    return len(NUMBER.findall(written))


def cases() -> Iterator[Case]:
    """Count pages, and the numbers that their sentences show."""
    pages, numbers = {}, {}
    for one in BUILDERS:
        pages[one.name] = [float(sum(output(one, page).exists() for page in PAGES))]
        numbers[one.name] = [float(sum(shown(one, page) for page in NOTEBOOKS))]
    yield Case("pages", {}, pages)
    yield Case("numbers in sentences", {}, numbers)
