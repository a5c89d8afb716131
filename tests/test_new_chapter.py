"""The skeleton of a chapter builds and passes, as `nox -s new` writes it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from book import FRONT_MATTER, build, copy_book, text_of
from new_chapter import FILES, INDEX, write_chapter
from sources import Page, faults, numbers_of

if TYPE_CHECKING:
    from pathlib import Path

STEM = "skeleton"  # and no chapter that anyone would write


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the chapter into a copy of the tree."""
    copy = copy_book(tmp_path_factory.mktemp("tree"), tests=True)
    assert len(write_chapter(copy, STEM)) == len(FILES) + 1
    return copy


def test_sources_have_all_parts(tree: Path) -> None:
    """The page has all that a page must have."""
    assert faults(Page(tree / "docs" / "chapters" / f"{STEM}.md", tree)) == []


@pytest.mark.claims(
    "This writes the chapter's files, all of which pass as they are, and lists the "
    "page in docs/index.md.",
    page="contributing",
)
def test_chapter_passes(tree: Path) -> None:
    """Every test that a chapter has passes, its own and those of every chapter."""
    of_all = [f"tests/test_{what}.py" for what in ("arguments", "fields", "docstrings")]
    own = [name.format(STEM) for name in FILES if not name.startswith("docs")]
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *own, *of_all, "-k", STEM],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    # Arguments, their types, the trace, docstrings, two doctests, three kinds of tests.
    assert int(process.stdout.rpartition(" passed")[0].split()[-1]) >= 15


def test_page_builds(tree: Path, tmp_path: Path) -> None:
    """The page builds without a warning, and shows its numbers."""
    book = tmp_path / "book"
    shutil.copytree(tree, book)
    for page in (*(book / "docs").glob("*.md"), *(book / "docs/chapters").glob("*.md")):
        if page.stem not in {STEM, "bibliography"}:
            page.unlink()
    toctree = f"```{{toctree}}\n:numbered:\nchapters/{STEM}\nbibliography\n```\n"
    (book / INDEX).write_text(f"{FRONT_MATTER}# Book\n\n{toctree}", encoding="utf-8")
    built = build(book)
    assert built.code == 0, built.log
    text = text_of(built.page(f"chapters/{STEM}"))
    assert [n for n in numbers_of(tree, STEM) if n not in text] == []


@pytest.mark.parametrize(
    "name", ["LineSearch", "line-search", "2d", "", "class", "a/b"]
)
def test_names_that_cannot_be(tmp_path: Path, name: str) -> None:
    """A name that Python could not import is refused, and nothing is written."""
    with pytest.raises(ValueError, match="is no name for a chapter: use snake_case"):
        write_chapter(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_chapter_is_not_overwritten(tree: Path) -> None:
    """A chapter that is there is left alone."""
    with pytest.raises(ValueError, match=f"there is a chapter '{STEM}' already: docs/"):
        write_chapter(tree, STEM)
