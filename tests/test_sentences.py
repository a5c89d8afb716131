"""Sentences that claim something are found, and quoted as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from book import PAGES, ROOT
from sentences import (
    CLAIMING,
    main,
    misquoted,
    plain,
    quotations,
    quoted_of,
    sentences,
    untested,
)

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """---
description: It never ends.
---

# Every heading

:::{admonition} Predict
:class: predict

Is every step shorter?
:::

It falls to {glue:text}`run.end:.2f` in *every* step, {doc}`as told <x>`.
- All of $a*b*c$ is `code`. One {term}`learning rate <x>` is [best](y.md).

```{code-cell}
---
mystnb:
  figure:
    caption: |
      The dots never rise.
    name: fig-x
---
all(never)
```

```{math}
no
```
"""
FOUND = [
    (13, "It falls to … in every step, as told.", ["every"]),
    (14, "All of $a*b*c$ is code.", ["All"]),
    (14, "One learning rate is best.", ["best"]),
    (21, "The dots never rise.", ["never"]),
]


def test_claims_of_a_page() -> None:
    """Prose, lists and captions claim; questions, code and headings do not."""
    found = [(s.line, s.text, s.words) for s in sentences(PAGE) if s.words]
    assert found == FOUND


@pytest.mark.parametrize(
    ("sentence", "hidden"),
    [
        ("It is a hundredth of it.", ["a hundredth"]),
        ("It falls by two thirds, ten times.", ["two thirds", "ten times"]),
        ("Half of it is twice as much, tenfold.", ["Half", "twice", "tenfold"]),
        ("The third step has its half-life.", []),
        ("Is it half?", []),
    ],
)
def test_numbers_in_words(sentence: str, hidden: list[str]) -> None:
    """A number is found in its word, and an order or a name is not taken for one."""
    (found,) = sentences(sentence)
    assert found.hidden == hidden


def test_markup_is_not_quoted() -> None:
    """Roles with words keep them, those that look something up become … ."""
    assert plain("{eq}`eq-x` and {cite:t}`a`, {py:mod}`b <c>`") == "… and …, b"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Write a book of one page, and a test that quotes two of its sentences."""
    for name in ("docs", "tests"):
        (tmp_path / name).mkdir()
    (tmp_path / "docs" / "walk.md").write_text(PAGE, encoding="utf-8")
    test = (
        '@pytest.mark.claims(\n    "The dots never rise.",\n    "It never ends.",\n)\n'
    )
    test += '@pytest.mark.claims("One learning rate is best.", page="walk")\n'
    for name in ("walk", "other"):
        text = f"{test}def test_{name}() -> None: ..."
        (tmp_path / "tests" / f"test_{name}.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_quotation_without_its_sentence(book: Path) -> None:
    """A quotation that the page does not say, or no longer says, is named."""
    page = book / "docs" / "walk.md"
    says = "tests/test_walk.py:3 quotes what docs/walk.md does not say: It never ends."
    assert list(misquoted(book, page)) == [says]
    text = page.read_text(encoding="utf-8").replace("never rise", "rarely rise")
    page.write_text(text, encoding="utf-8")
    changed, _ = misquoted(book, page)
    assert changed.endswith("The dots never rise.; it says: The dots rarely rise.")


def test_list_of_what_is_left(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What no test quotes is listed with its line and its words."""
    left = [sentence.line for sentence in untested(book, book / "docs" / "walk.md")]
    assert left == [13, 14]
    main(book, ["walk"])
    *_, last, count = capsys.readouterr().out.splitlines()
    assert last == "docs/walk.md:14: All of $a*b*c$ is code.  [all]"
    assert count == "docs/walk.md: 3 claims have a test, 2 have none"
    with pytest.raises(SystemExit, match="there is no page wolk"):
        main(book, ["wolk"])


def test_every_quotation_has_its_page() -> None:
    """No test quotes a page that is not there, and every page's tests are found."""
    stems = {page.stem for page in PAGES}
    lost = [quoted for quoted in quotations(ROOT) if quoted.page not in stems]
    assert lost == []
    found = [quoted for page in PAGES for quoted in quoted_of(ROOT, page)]
    assert len(found) == len(quotations(ROOT)) > 0


@pytest.mark.claims(
    "A sentence that says every, only, never, because, best or twice is a claim, and "
    "nox -s claims -- momentum lists those of a page that no test holds.",
    page="contributing",
)
@pytest.mark.parametrize(
    "word", ["every", "only", "never", "because", "best", "twice", "Every"]
)
def test_words_of_a_claim(word: str) -> None:
    """The word counts, and as a part of another word it does not."""
    assert CLAIMING.findall(f"It is {word} that.") == [word]
    assert CLAIMING.findall(f"It is x{word}x that.") == []
