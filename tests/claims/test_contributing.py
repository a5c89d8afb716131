"""What the recipes say of the book's build and tests, where no other test does."""

from __future__ import annotations

import pytest
from book import CHAPTERS, PAGES, ROOT, cells
from sentences import CLAIMING


@pytest.mark.claims(
    "A change of a chapter's example runs that chapter, a change of a loss runs most "
    "pages, and a change of prose runs none."
)
def test_changes_run_what_they_concern(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page runs again for is its cells, and the modules that they reach."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    from reached import Library  # noqa: PLC0415

    book = Library(ROOT / "gdbook")
    code = {page.stem: "\n".join(cells(page)) for page in PAGES}
    reached = {stem: book.reached(text) for stem, text in code.items() if text}
    for stem in CHAPTERS:
        assert f"gdbook.examples.{stem}" in reached[stem]
    by_losses = [stem for stem, found in reached.items() if "gdbook.losses" in found]
    assert len(by_losses) > len(PAGES) / 2


@pytest.mark.claims(
    "A sentence that says every, only, never, because, best or twice is a claim, and "
    "nox -s claims -- momentum lists those of a page that no test holds."
)
@pytest.mark.parametrize(
    "word", ["every", "only", "never", "because", "best", "twice", "Every"]
)
def test_words_of_a_claim(word: str) -> None:
    """The word counts, and as a part of another word it does not."""
    assert CLAIMING.findall(f"It is {word} that.") == [word]
    assert CLAIMING.findall(f"It is x{word}x that.") == []


@pytest.mark.claims(
    "A cell that only waits is stopped after ten times as long on the clock."
)
def test_patience_with_a_cell_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The executor's patience is that of the sentence."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    import forks  # noqa: PLC0415

    assert forks.PATIENCE == 10
