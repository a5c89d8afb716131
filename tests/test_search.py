"""What the search is given to look through."""

from __future__ import annotations

import importlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from book import ROOT, Built, build, copy_settings, source

if TYPE_CHECKING:
    from pathlib import Path


PAGE = r"""
A step of $-24$ is taken with {math}`10^{-9}`, for `weights`.

```{toctree}
second
```

```{code-cell}
:tags: [hide-input]
hidden = 4711
```

```{code-cell}
from gdbook.traces import table
table({"weight": [0.25, -0.82]})
```

(a-place)=
## A section

:::{image} second.png
:alt: A curve of 1797 points
:::

```{glossary}
a word
  What it means.
```
"""
SECOND = """---
myst:
  html_meta:
    keywords: "one thing, another"
---

# Second page

Nothing.

```{eval-rst}
.. autofunction:: gdbook.losses.squared_error
```
"""


def texts(html: Path) -> dict[str, Any]:
    """Return the texts of a built book, by page."""
    written = source(html / "searchindex.js")
    pages = json.loads(written[written.index("const PAGES = ") + 14 :].strip(";\n "))
    return dict(pages)


@pytest.fixture(name="small", scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy a book of two pages."""
    folder = copy_settings(tmp_path_factory.mktemp("search"), PAGE)
    (folder / "docs" / "second.md").write_text(SECOND, encoding="utf-8")
    picture = ROOT / "docs" / "_static" / "page.webp"
    (folder / "docs" / "second.png").write_bytes(picture.read_bytes())
    return folder


@pytest.fixture(name="built", scope="module")
def built_book(small: Path) -> Built:
    """Build them."""
    return build(small)


class TestPlain:
    """A formula is looked through as a line of text."""

    @pytest.mark.parametrize(
        ("tex", "text"),
        [
            (r"\frac{56}{25}", "56/25"),
            (r"\tfrac12", "1/2"),
            (r"\frac{\frac{1}{2}}{3}", "1/2/3"),
            (r"w \leftarrow w - \alpha x", "w ← w − α x"),
            (r"10^{-9}", "10^−9"),
            (r"1{,}797", "1,797"),
            (r"12.5\,\%", "12.5 %"),
            (r"\nabla L = \Delta\varphi \cdot \max(0, w_1)", "∇ L = Δφ · max(0, w1)"),
            (r"\begin{aligned} a &= 1 \\ b &= 2 \end{aligned}", "a = 1 b = 2"),
            (r"\text{slope of } \hat y", "slope of y"),
        ],
    )
    def test_plain(self, monkeypatch: pytest.MonkeyPatch, tex: str, text: str) -> None:
        """Signs, fractions and numbers stay, and what only sets them goes."""
        monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
        plain = importlib.import_module("search").plain
        assert re.sub(r"\s+", " ", plain(tex)).strip() == text


class TestTexts:
    """Every place of the book has its texts, in every state of the source."""

    def test_places(self, built: Built) -> None:
        """A page, its sections, its terms and its names are places with texts."""
        assert built.code == 0, built.log
        pages = texts(built.html)
        assert list(pages) == ["index.html", "second.html"]
        title, keywords, (top, section, term) = pages["index.html"]
        assert (title, keywords) == ("One page", [])
        assert top[:2] == ["", ""]
        assert "A step of −24 is taken with 10^−9, for weights." in top[2]
        assert "weight 0.25 −0.82" in top[2]
        # What code does stands in the sentences around it.
        assert not re.search("4711|import|Second page", json.dumps(pages["index.html"]))
        assert section[:2] == ["a-place", "A section"]
        assert "A curve of 1797 points" in section[2]
        assert term == ["term-a-word", "a word", "a word What it means."]
        title, keywords, (top, name) = pages["second.html"]
        assert (title, keywords) == ("Second page", ["one thing", "another"])
        assert name[:2] == ["gdbook.losses.squared_error", "squared_error"]
        assert name[2].startswith("predictions, targets Square each error.")
        # Its arguments are said there, and not looked through.
        assert "Parameters" not in name[2]

    def test_only_a_search_loads_them(self, built: Built) -> None:
        """Sphinx's own index and scripts are on no page and in no folder."""
        assert "searchindex.js" not in built.page("index")
        assert not list(built.html.rglob("searchtools.js"))
        assert not list(built.html.rglob("language_data.js"))

    def test_rebuild_knows_all_pages(self, small: Path, built: Built) -> None:
        """After a change, or a loss, the texts are those of a clean build."""
        address = re.compile(r'data-texts="searchindex\.js\?v=(\w{8})"')
        version = address.findall(built.page("search"))
        page = small / "docs" / "second.md"
        page.write_text(SECOND.replace("Nothing", "Something"), encoding="utf-8")
        again = build(small)
        changed = source(again.html / "searchindex.js")
        assert "Something" in changed
        # A browser that keeps files asks for the new one.
        assert version != address.findall(again.page("search"))
        assert changed == source(
            build(small, "clean", fresh=True).html / "searchindex.js"
        )
        for kept in (small / "built").rglob("second.json"):
            kept.unlink()
        assert source(build(small).html / "searchindex.js") == changed

    def test_another_language_at_other_addresses(self, small: Path) -> None:
        """Words have the endings of their language, and pages their addresses."""
        conf = small / "docs" / "conf.py"
        text = source(conf)
        assert text.count('language = "en"') == 1
        conf.write_text(text.replace('language = "en"', 'language = "de"'), "utf-8")
        built = build(small, "german", builder="dirhtml")
        assert built.code == 0, built.log
        written = source(built.html / "searchindex.js")
        assert "GermanStemmer" in written
        assert '"nicht"' in written
        assert list(texts(built.html)) == ["", "second/"]
        assert 'data-texts="../searchindex.js?v=' in built.page("search/index")
