"""What each of Sphinx's builders makes of a small book, or says."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from book import FRONT_MATTER, ROOT, Built, build, copy_settings, source, text_of
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLASSES = runpy.run_path(str(ROOT / "docs" / "_ext" / "builders.py"))
USABLE: tuple[str, ...] = (*CLASSES["BOOKS"], *CLASSES["TOOLS"])
REFUSED: dict[str, str] = CLASSES["REFUSED"]

# One of each that the book has.
INDEX = """
A line, one step at a time.

```{toctree}
:caption: Part one
:numbered: 1

chapters/first
chapters/second
```

```{toctree}
:caption: Appendices

glossary
library
bibliography
```
"""
PAGES = {
    "chapters/first": r"""# Take a step

```{code-cell}
from gdbook.examples.weight_update import repeated, weight_update
from gdbook.glue import glue
from gdbook.plotting import weight_update as draw
glue(step=weight_update, run=repeated)
```

## Exercises

The slope is {glue:text}`step.slope`, a {term}`slope` along $\alpha$.

```{math}
:label: eq-step
w \leftarrow w - \alpha\,\frac{dL}{dw},
\qquad \text{with a line that is far too long for a page of plain text}
```

```{code-cell}
---
mystnb:
  figure:
    name: fig-step
    caption: |
      From {glue:text}`run.losses.0` down, in {py:func}`gdbook.losses.squared_error`.
---
draw.one_step(repeated())
```

```{solution-start}
```

It is {glue:text}`step.new_weight`.

```{code-cell}
weight_update()
```

```{solution-end}
```
""",
    "chapters/second": r"""# Look back

See {numref}`fig-step`, {numref}`fig-moves` and {numref}`tab-two` on
{doc}`first`, equation {eq}`eq-step`, {eq}`eq-half`, and {cite:t}`cauchy1847`.

```{code-cell}
from gdbook.traces import table
table({"step": [1, 2], "weight": [2.5, 3.0]})
```

## Exercises

:::{admonition} Predict
:class: predict

How far?[^far]
:::

[^far]: As far as [that](https://book.example/far).

```{math}
:label: eq-half
x = \frac12
```

```{table} Two rows
:name: tab-two

| step | weight |
| --- | --- |
| 1 | 2 |
```

```{explorable} linear_regression_grades
:name: fig-moves

Drag the *line*.
```
""",
    "glossary": "# Glossary\n\n```{glossary}\nslope\n  How steep it is.\n```\n",
    "library": "# Library\n\n```{eval-rst}\n.. automodule:: gdbook.losses\n"
    "   :members: squared_error\n```\n",
    "bibliography": "# Bibliography\n\n```{bibliography}\n:filter: cited\n```\n",
}
WORDS = "At weight 2 the loss is 16 and the tangent falls by 24"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a book with one of each."""
    made = copy_settings(tmp_path_factory.mktemp("builders"), INDEX)
    (made / "docs" / "chapters").mkdir()
    for name, page in PAGES.items():
        path = made / "docs" / f"{name}.md"
        path.write_text(f"{FRONT_MATTER}{page}", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def site(book: Path) -> Built:
    """Build it the usual way, which also reads it for all others."""
    return build(book)


def other(book: Path, builder: str, **environment: str) -> Built:
    """Build it another way, without reading it again."""
    return build(book, builder, builder, doctrees="built", **environment)


class Links(HTMLParser):
    """The places of a page, and what it asks for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.places = Counter[str]()
        self.wanted = list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names."""
        named = dict(attrs)
        self.places.update(filter(None, [named.get("id")]))
        for attribute in ("href", "src"):
            link = named.get(attribute)
            outside = tag == "a" or named.get("rel") == "canonical"
            if link and not (outside and link.startswith("https://")):
                self.wanted.append(link)


def dead(folder: Path, pattern: str) -> Iterator[str]:
    """Yield the links of all pages that lead nowhere, and places named twice."""
    pages = {
        path: Links(source(path))
        for path in folder.rglob(pattern)
        if "_static" not in path.parts
    }
    for path, page in pages.items():
        yield from (f"twice #{name}" for name, n in page.places.items() if n > 1)
        for link in page.wanted:
            parts = urlsplit(link)
            root = "/" if path.name == "404.html" else ""  # it asks from the root
            target = path.parent / unquote(parts.path).removeprefix(root)
            target = target.resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            known = pages[target].places if target in pages else {}
            place = unquote(parts.fragment)
            if parts.scheme or not target.is_file() or (place and place not in known):
                yield f"{path.name}: {link}"


def said(html: str) -> list[str]:
    """Return the titles, paragraphs and formulas of a page, in their order."""
    html = re.sub(r'<a class="headerlink".*?</a>', "", html, flags=re.DOTALL)
    article = html[html.index("<article") : html.index("</article>")]
    blocks = re.findall(
        r"<(p|h\d|figcaption|td|dt|math)\b[^>]*>(.*?)</\1>", article, re.DOTALL
    )
    plain = (unescape(re.sub(r"<[^>]+>", " ", block)) for _, block in blocks)
    return [" ".join(text.split()) for text in plain if text.strip()]


class TestUsable:
    """A builder that is taken gives a book with the numbers of the others."""

    def test_all_are_looked_at(self) -> None:
        """No builder is taken whose book nobody reads."""
        looked_at = {
            name.removeprefix("test_") for name in vars(TestUsable) if "test_" in name
        }
        assert set(USABLE) <= looked_at

    def test_html(self, site: Built) -> None:
        """Every link of the site leads somewhere."""
        assert site.code == 0, site.log
        assert list(dead(site.html, "*.html")) == []
        text = " ".join(text_of(site.page("chapters/second")).split())
        assert "See Fig. 1.1, Fig. 2.1 and Table 2.1 on Take a step" in text
        assert "equation (1.1), (2.1), and Cauchy [1847]" in text
        # The theme's own writer, which it leaves out where another builder has one.
        assert '<div class="pst-scrollable-table-container">' in site.page(
            "chapters/second"
        )

    def test_dirhtml(self, book: Path, site: Built) -> None:
        """A folder for each page: the same pages at other addresses."""
        address = {"BOOK_URL": "https://book.example/"}
        built = other(book, "dirhtml", **address)
        assert built.code == 0, built.log
        assert list(dead(built.html, "*.html")) == []
        for name in ("chapters/first", "chapters/second", "glossary"):
            assert said(built.page(f"{name}/index")) == said(site.page(name))
        assert (built.html / "search" / "index.html").exists()
        sitemap = source(built.html / "sitemap.xml")
        assert "<loc>https://book.example/chapters/first/</loc>" in sitemap

    def test_singlehtml(self, book: Path, site: Built) -> None:
        """One page that says what all pages say, in their order."""
        built = other(book, "singlehtml", BOOK_URL="https://x.example/")
        assert built.code == 0, built.log
        (page,) = built.html.glob("*.html")
        assert list(dead(built.html, "*.html")) == []
        together = iter(said(source(page)))
        for name in PAGES:
            assert [
                text for text in said(site.page(name)) if text not in together
            ] == []
        assert "x.example" not in source(page)
        assert 'id="chapters-second-exercises"' in source(page)

    def test_epub(self, book: Path, site: Built) -> None:
        """An ePub is XML, lists its files, and shows what the pages show."""
        built = other(book, "epub")
        assert built.code == 0, built.log
        assert list(dead(built.html, "*.xhtml")) == []
        package = ET.parse(built.html / "content.opf").getroot()  # noqa: S314 (ours)
        listed = {item.get("href") for item in package.iter() if item.get("href")}
        assert "chapters/first.xhtml" in listed
        for path in built.html.rglob("*.xhtml"):
            ET.parse(path)  # noqa: S314 (ours)
            for link in Links(source(path)).wanted:
                target = (path.parent / unquote(urlsplit(link).path)).resolve()
                if urlsplit(link).path:
                    assert target.relative_to(built.html.resolve()).as_posix() in listed
        assert [name for name in listed if not (built.html / str(name)).exists()] == []
        first = source(built.html / "chapters" / "first.xhtml")
        assert WORDS in first
        captions = re.findall(r"Fig\. \d\.\d", site.page("chapters/second"))
        second = source(built.html / "chapters" / "second.xhtml")
        assert re.findall(r"Fig\. \d\.\d", second) == captions
        assert "has mean squared error 5.4." in second
        assert second.index("mean squared error") < second.index("Drag the")
        assert "<fieldset" not in second

    def test_text(self, book: Path, site: Built) -> None:
        """Plain text has the numbers of the site, the figures' words and the TeX."""
        built = other(book, "text")
        assert built.code == 0, built.log
        for name in ("chapters/first", "chapters/second"):
            text = source(built.html / f"{name}.txt")
            flowing = " ".join(text.split())
            for number in re.findall(
                r"(?:Fig\.|Table|equation) \(?[\d.]+\d\)?", text_of(site.page(name))
            ):
                assert number in flowing
            assert "\nExercises\n=" in text
        first = source(built.html / "chapters" / "first.txt")
        assert first.startswith("1. Take a step\n**")
        assert "The slope is −24, a *slope* along \\alpha." in first
        assert "far too long for a page of plain text}   (1.1)\n" in first
        assert WORDS in " ".join(first.split())
        assert "Fig. 1.1 From 16 down" in first
        assert "Figure size" not in first
        assert "Solution:\n\nIt is 2.24." in first
        second = source(built.html / "chapters" / "second.txt")
        assert "Table 2.1 Two rows\n" in second
        flowing = " ".join(second.split())
        assert "has mean squared error 5.4. Fig. 2.1 Drag the *line*." in flowing

    def test_xml(self, book: Path, site: Built) -> None:
        """The pages as trees: XML, with numbers, formulas and words."""
        assert site.code == 0
        built = other(book, "xml")
        assert built.code == 0, built.log
        tree = ET.parse(built.html / "chapters" / "first.xml")  # noqa: S314 (ours)
        (image,) = tree.iter("image")
        assert WORDS in image.get("alt", "")
        assert "−24" in {element.text for element in tree.iter("inline")}
        assert "\\alpha" in {element.text for element in tree.iter("math")}

    def test_pseudoxml(self, book: Path, site: Built) -> None:
        """The same, for people."""
        assert site.code == 0
        built = other(book, "pseudoxml")
        assert built.code == 0, built.log
        tree = source(built.html / "chapters" / "first.pseudoxml")
        assert f'<image alt="The loss over the weight near its start. {WORDS}' in tree
        assert "−24" in tree

    def test_dummy(self, book: Path, site: Built) -> None:
        """Only the checks."""
        assert site.code == 0
        built = other(book, "dummy")
        assert built.code == 0, built.log
        assert list(built.html.iterdir()) == []

    def test_linkcheck(self, book: Path, site: Built) -> None:
        """Links to other sites are asked for, which here they cannot be."""
        assert site.code == 0
        built = other(book, "linkcheck")
        assert built.code != 0
        broken = source(built.html / "output.txt").splitlines()
        (far,) = [line for line in broken if "https://book.example/far" in line]
        assert far.startswith("chapters/second.md:25: [broken]")

    def test_gettext(self, book: Path, site: Built) -> None:
        """A translator reads sentences with the names of their numbers."""
        assert site.code == 0
        built = other(book, "gettext")
        assert built.code == 0, built.log
        catalog = source(built.html / "chapters.pot")
        for sentence in (
            "The slope is {glue:text}`step.slope`, a {term}`slope` along $\\\\alpha$.",
            "From {glue:text}`run.losses.0` down, in",
            "Drag the *line*.",
        ):
            assert sentence in catalog.replace('"\n"', "")


# Asks every builder in one process, and says which there are.
ASK = """
import sys
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

for name in sys.argv[1:]:
    with docutils_namespace():
        try:
            app = Sphinx("docs", "docs", f"asked/{name}", "asked/doctrees", name)
            print("known", *app.registry.builders)
        except SystemExit as end:
            print("refused", name, end.code)
"""


class TestRefused:
    """A builder that is not taken ends with a sentence, before any cell runs."""

    def test_every_builder_has_its_place(self, book: Path) -> None:
        """All builders of Sphinx and of the extensions are taken or refused."""
        process = subprocess.run(
            [sys.executable, "-c", ASK, "dummy", *REFUSED],
            cwd=book,
            capture_output=True,
            text=True,
            check=True,
        )
        (known,) = re.findall(r"(?m)^known (.*)$", process.stdout)
        assert sorted(known.split()) == sorted((*USABLE, *REFUSED))
        refused = dict(re.findall(r"(?m)^refused (\w+) (.*)$", process.stdout))
        assert refused == {
            name: f"This book cannot be built with {name}: {reason}. "
            f"Of Sphinx's builders it has {', '.join(CLASSES['BOOKS'])}."
            for name, reason in REFUSED.items()
        }

    def test_sentence_is_all_that_is_said(self, book: Path) -> None:
        """No traceback, no request to report it, and nothing read or executed."""
        built = build(book, "refused", builder="latex")
        assert built.code == 1
        *_, last = built.log.splitlines()
        assert last.startswith("This book cannot be built with latex: ")
        for word in ("Traceback", "report", "reading", "executed"):
            assert word not in built.log
        assert list(built.html.iterdir()) == []


class TestImages:
    """A picture has words and a size, and comes from the book itself."""

    @staticmethod
    def book(tmp_path: Path, page: str) -> Built:
        """Build a page beside two pictures, of 48 by 24 and of 30 by 20 pixels."""
        docs = copy_settings(tmp_path, page) / "docs"
        svg = '<svg xmlns="http://www.w3.org/2000/svg" height="24" width="36pt"/>'
        (docs / "drawn.svg").write_text(svg, encoding="utf-8")
        Image.new("RGB", (30, 20)).save(docs / "dots.png")
        return build(tmp_path)

    def test_size_and_place_are_kept(self, tmp_path: Path) -> None:
        """What a page asks for is an attribute or a class: styles are forbidden."""
        asked = {
            "drawn.svg\n:align: left": ('align-left"', 'height="24"', 'width="48"'),
            "drawn.svg\n:width: 200px": ('sized"', 'height="100"', 'width="200"'),
            "dots.png\n:height: 1in": ('sized"', 'height="96"', 'width="144"'),
            "dots.png\n:width: 50%": ('sized"', 'width="50%"'),
            "dots.png\n:scale: 200": ('sized"', 'height="40"', 'width="60"'),
            "dots.png": ('height="20"', 'width="30"'),
        }
        blocks = (f"```{{image}} {what}\n:alt: a\n```\n" for what in asked)
        built = self.book(tmp_path, "\n".join(blocks))
        assert built.code == 0, built.log
        tags = re.findall(r"<img[^>]*>", built.page("index"))
        for tag, parts in zip(tags, asked.values(), strict=True):
            assert all(part in tag for part in parts), tag
            assert "style" not in tag
            sides = {part[:5] for part in parts} & {"heigh", "width"}
            assert ("height=" in tag) == ("heigh" in sides)

    def test_mistakes_have_a_place(self, tmp_path: Path) -> None:
        """What cannot be shown, or has no words, is a warning with page and line."""
        mistakes = {
            "```{image} none.svg\n:alt: a\n```\n": "image file not readable",
            "![a](https://book.example/a.svg)\n\n": "an image of another site",
            "```{image} dots.png\n```\n": "a figure has no alternative text",
            "<img src='dots.png'>\n\n": "a figure has no alternative text",
            "Text <img src='dots.png' alt=''>\n\n": "a figure has no alternative text",
            "```{image} dots.png\n:alt: a\n:width: 3ex\n```\n": "is 3ex but must be",
        }
        built = self.book(tmp_path, "".join(mistakes))
        assert built.code != 0
        assert built.log.count("WARNING") == len(mistakes)
        line = 9  # the page begins with its settings
        for block, said in mistakes.items():
            assert f"index.md:{line}: WARNING: " in built.log
            assert said in built.log
            line += block.count("\n")

    def test_words_in_raw_html_are_enough(self, tmp_path: Path) -> None:
        """An image in HTML that has its words is as good as any other."""
        page = "Text <img src='_images/dots.png' alt='two dots'>\n"
        assert self.book(tmp_path, page).code == 0
