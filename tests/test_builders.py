"""What each of Sphinx's builders makes of a small book, or says."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET
from zipfile import ZIP_STORED, ZipFile

import pytest
from book import FRONT_MATTER, ROOT, Built, build, copy_settings, source, text_of
from fontTools.ttLib import TTFont
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLASSES = runpy.run_path(str(ROOT / "docs" / "_ext" / "builders.py"))
OURS = CLASSES["NOTEBOOKS"]
USABLE: tuple[str, ...] = (*CLASSES["BOOKS"], *CLASSES["TOOLS"], OURS)
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
bibliography
```

```{toctree}
:caption: The library

library
```
"""
PAGES = {
    "chapters/first": r"""# Take a step

```{code-cell}
:tags: [hide-input]
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

:::{predict} weight_update.next_factor
How far?[^far]
:::

```{code-cell}
:tags: [exercise]
def step(input_value, weight, target, learning_rate):
    return ...
```

```{solution} weight_update.step
```

[^far]: As far as [that](https://book.example/far).

```{math}
:label: eq-half
\begin{aligned} x &= \dfrac12 \end{aligned}
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
    "bibliography": "# Bibliography\n\n```{bibliography}\n:filter: cited\n```\n",
    "library": "# Library\n\n```{eval-rst}\n.. automodule:: gdbook.losses\n"
    "   :members: squared_error\n```\n",
}
# An extension with a builder that this book has never heard of.
OF_OTHERS = """
from sphinx.builders import Builder

class New(Builder):
    name = "new"

def setup(app):
    app.add_builder(New)
"""
ABOUT = "myst:\n  html_meta:\n    description: A page.\n---\n\n"
WORDS = "At weight 2 the loss is 16 and the tangent falls by 24"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a book with one of each."""
    made = copy_settings(tmp_path_factory.mktemp("builders"), INDEX)
    (made / "docs" / "chapters").mkdir()
    (made / "docs" / "_ext" / "of_others.py").write_text(OF_OTHERS, encoding="utf-8")
    with (made / "docs" / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write('\nextensions.append("of_others")\n')
    for name, page in PAGES.items():
        path = made / "docs" / f"{name}.md"
        text = f"{FRONT_MATTER}{page}".replace("---\n\n", ABOUT, 1)
        path.write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def site(book: Path) -> Built:
    """Build it the usual way, which also reads it for all others."""
    return build(book)


def other(book: Path, builder: str, **given: Any) -> Built:
    """Build it another way, without reading it again."""
    built = build(book, builder, builder, doctrees="built", **given)
    assert "0 added, 0 changed, 0 removed" in built.log
    return built


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
    html = re.sub(r"Read its <a.*?(?=</p>)", "", html)  # code is on sites alone
    article = html[html.index("<article") : html.index("</article>")]
    blocks = re.findall(
        r"<(p|h\d|figcaption|td|dt|math)\b[^>]*>(.*?)</\1>", article, re.DOTALL
    )
    plain = (unescape(re.sub(r"<[^>]+>", " ", block)) for _, block in blocks)
    return [" ".join(text.split()) for text in plain if text.strip()]


def linked(html: str) -> list[str]:
    """Return the numbers of a page that lead to what they come from."""
    return re.findall(r'<a class="number"[^>]*>([^<]*)</a>', html)


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
        assert 'content="A page."' in site.page("chapters/first")
        for gone in (
            'content="A page."',
            "x.example",
            "search-button",
            "search-dialog",
        ):
            assert gone not in source(page)
        assert 'id="chapters-second-exercises"' in source(page)
        numbers = [number for name in PAGES for number in linked(site.page(name))]
        assert linked(source(page)) == numbers
        (name,) = re.findall('og:site_name" content="([^"]*)', source(page))
        assert name == "Gradient descent, number by number"
        assert source(page).count('<ul class="nav bd-sidenav') == 0
        assert source(page).count('<form class="guess"') == 1
        assert source(page).count("_static/exercises.js") == 1

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
        assert linked(first) == linked(site.page("chapters/first")) != []
        captions = re.findall(r"Fig\. \d\.\d", site.page("chapters/second"))
        second = source(built.html / "chapters" / "second.xhtml")
        assert re.findall(r"Fig\. \d\.\d", second) == captions
        assert "has mean squared error 5.4.</span>" in second
        for of_pages in ("Drag the", "var(--", "<fieldset", "<form", "<details"):
            assert of_pages not in second
        # MathML 3 knows these attributes at few elements.
        sizes = re.findall(r'<(m\w+)[^>]* (?:displaystyle|scriptlevel)="', second)
        assert {*sizes} == {"mstyle", "mtable"}
        assert re.findall(r"<mtable[^>]*scriptlevel", second) == []
        (still,) = re.findall(r'role="img" aria-label="(5 grades[^"]*)"><svg', second)
        assert f">{still} The line" in second
        boxes = re.findall(
            r'<div class="(\w+) admonition">\s*<p[^>]*>([^<]*)</p>\s*(?:<p>([^<]*))?',
            second,
        )
        assert boxes == [
            ("predict", "Predict", "How far?"),
            ("exercise", "Exercise", "Find what belongs in place of the dots."),
            ("solution", "Hint", boxes[2][2]),
            ("solution", "Solution", ""),
        ]
        assert boxes[2][2].startswith("Multiply three factors")
        assert re.findall(r"<summary.*?</summary>", first, re.DOTALL) == [
            "<summary>Set-up</summary>"
        ]

    def test_epub_is_declared(self, book: Path, site: Built) -> None:
        """Readers and machines are told what is in it, and what it is called."""
        assert site.code == 0
        built = other(book, "epub")
        package = source(built.html / "content.opf")
        given = re.findall(r'href="(\S*)" media-type="\S*" properties="(.*?)"', package)
        assert dict(given) == {
            "_static/cover.png": "cover-image",
            "chapters/first.xhtml": "mathml",
            "chapters/second.xhtml": "mathml svg",
            "library.xhtml": "mathml",
            "nav.xhtml": "nav",
        }
        features = re.findall(r'"schema:accessibilityFeature">([^<]*)', package)
        assert {"alternativeText", "MathML", "tableOfContents"} <= {*features}
        identifier = re.search(r"<dc:identifier[^>]*>([^<]*)", package)
        assert identifier
        assert f'uid" content="{identifier[1]}"' in source(built.html / "toc.ncx")
        assert "1970" not in "".join(re.findall(r"<dc:.*", package))
        contents = source(built.html / "nav.xhtml")
        assert re.findall(r">([^<>]+)</a>", contents) == [
            *("One page", "Part one", "1. Take a step", "Exercises", "2. Look back"),
            *("Exercises", "Appendices", "Glossary", "Bibliography"),
            *("The library", "Library", "squared_error()"),
        ]
        places = re.findall(
            r'playOrder="(\d+)">.*?src="([^"]*)"',
            source(built.html / "toc.ncx"),
            re.DOTALL,
        )
        assert len(dict(places)) == len({place for _, place in places})
        with Image.open(built.html / "_static" / "cover.png") as cover:
            assert cover.size == (1500, 2400)

    def test_epub_shows_what_it_brings(self, book: Path, site: Built) -> None:
        """Its formulas have their font, and its pictures light paper."""
        assert site.code == 0
        built = other(book, "epub")
        sheets = {path.name for path in built.html.rglob("*.css")}
        linked = re.findall(
            r'stylesheet" href="\.\./_static/([^"]*)"',
            source(built.html / "chapters" / "first.xhtml"),
        )
        assert sheets >= {*linked} == {"ebook.css", "mathematics.css"}
        assert "url(mathematics.woff2)" in source(built.html / "_static" / "ebook.css")
        with TTFont(built.html / "_static" / "mathematics.woff2") as font:
            assert {ord("α"), ord("𝛼"), ord("←")} <= font.getBestCmap().keys()
        (picture,) = (built.html / "_images").glob("*.svg")
        assert "prefers-color-scheme" not in source(picture)
        assert "prefers-color-scheme" in source(site.html / "_images" / picture.name)

    def test_epub_is_the_same_to_the_byte(self, book: Path, site: Built) -> None:
        """Whatever was built before, or from nothing, the file has the same bytes."""
        assert site.code == 0
        name = "gdbook.epub"
        packed = (other(book, "epub").html / name).read_bytes()
        for gone in ("chapters/gone.xhtml", "_images/gone.svg", "_static/gone.css"):
            (book / "epub" / "html" / gone).write_text("", encoding="utf-8")
        built = other(book, "epub")
        assert built.code == 0, built.log
        assert (built.html / name).read_bytes() == packed
        afresh = build(book, "afresh", "epub")
        assert afresh.code == 0, afresh.log
        assert (afresh.html / name).read_bytes() == packed
        with ZipFile(built.html / name) as archive:
            first, *others = archive.infolist()
            assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
            assert len({each.filename for each in others}) == len(others)
            assert {each.date_time[0] for each in (first, *others)} == {1980}

    def test_notebooks(self, book: Path, site: Built) -> None:
        """A notebook of each chapter has its numbers, references and outputs."""
        assert site.code == 0
        built = other(book, "notebooks")
        assert built.code == 0, built.log
        names = sorted(path.name for path in built.html.glob("*.ipynb"))
        assert names == ["01_first.ipynb", "02_second.ipynb"]
        first, second = (
            json.loads(source(built.html / name))["cells"] for name in names
        )
        text = "".join("".join(cell["source"]) + "\n\n" for cell in first)
        assert text.startswith("# 1. Take a step\n\n*A chapter of Gradient descent")
        assert 'gdbook-0.1.0-py3-none-any.whl[plotting]"' in text
        assert "The slope is −24, a slope along $\\alpha$." in text
        assert r"plain text} \tag{1.1}" in text
        assert "**Fig. 1.1.** From 16 down, in `gdbook.losses.squared_error()`." in text
        assert "<summary>Solution</summary>\n\nIt is 2.24.\n\n</details>" in text
        assert text.endswith("## Terms\n\n- **slope:** How steep it is.\n\n")
        code = [cell for cell in first if cell["cell_type"] == "code"]
        assert [len(cell["outputs"]) for cell in code] == [0, 1, 1]
        set_up = {"jupyter": {"source_hidden": True}}
        folded = {"jupyter": {"source_hidden": True, "outputs_hidden": True}}
        assert [cell["metadata"] for cell in code] == [set_up, {}, folded]
        assert "new_weight=2.24" in str(code[2]["outputs"][0]["data"]["text/plain"])
        text = "".join("".join(cell["source"]) + "\n\n" for cell in second)
        assert "See [Fig. 1.1](01_first.ipynb), Fig. 2.1 and Table 2.1 on" in text
        assert "equation [(1.1)](01_first.ipynb), (2.1), and Cauchy" in text
        assert "\n> **Predict**\n>\n> How far?<sup>1</sup>\n" in text
        assert "> **Fig. 2.1** moves in the book. " in text
        assert "**Table 2.1.** Two rows\n\n| step | weight |\n| --- | --- |\n" in text
        assert "## Sources\n\n- " in text

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
        long = (
            r"\qquad \text{with a line that is far too long for a page of plain text}"
        )
        assert f"\n   {long}   (1.1)\n" in first
        assert WORDS in " ".join(first.split())
        assert "Fig. 1.1 From 16 down" in first
        assert "Figure size" not in first
        assert "Solution:\n\nIt is 2.24." in first
        second = source(built.html / "chapters" / "second.txt")
        assert "Table 2.1 Two rows\n" in second
        assert "Hint:\n\nMultiply three factors" in second
        assert "Solution:\n\n   def step(" in second
        assert "Your number" not in second
        flowing = " ".join(second.split())
        assert "Fig. 2.1 5 grades over hours studied," in flowing
        assert flowing.count("has mean squared error 5.4.") == 1
        assert "Drag the" not in flowing

    def test_xml(self, book: Path, site: Built) -> None:
        """The pages as trees: XML, with numbers, formulas and words."""
        assert site.code == 0
        built = other(book, "xml")
        assert built.code == 0, built.log
        tree = ET.parse(built.html / "chapters" / "first.xml")  # noqa: S314 (ours)
        (image,) = tree.iter("image")
        assert WORDS in image.get("alt", "")
        assert "−24" in {element.text for element in tree.iter("Number")}
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
        lines = source(book / "docs" / "chapters" / "second.md").splitlines()
        (line,) = [at for at, text in enumerate(lines, 1) if "example/far" in text]
        assert far.startswith(f"chapters/second.md:{line}: [broken]")

    def test_typst(self, book: Path, site: Built) -> None:
        """One document with the numbers of the site, and links that lead somewhere."""
        assert site.code == 0
        built = other(book, "typst")
        assert built.code == 0, built.log
        markup = source(built.html / "book.typ")
        labels = re.findall(r'label\("([^"]+)"\)', markup)
        assert Counter(labels).most_common(1)[0][1] == 1
        # Those that lead back are written by the calls.
        assert set(re.findall(r'#to\("([^"]+)"\)', markup)) <= set(labels)
        said = re.sub(r"\n+", "\n", re.sub(r"\\([^\w\s])", r"\1", markup))
        for part in (
            '#part("Part one");\n#chapter("1")[Take a step]',
            'The slope is −24, a #to("glossary-term-slope")[slope]; along #tex(0);.',
            '#display(1, "(1.1)")#label("chapters-first-equation-eq-step")',
            '#shown("picture", "Fig. 1.1", [From 16 down, in ',
            f'alt: "The loss over the weight near its start. {WORDS}',
            '#folded("solution-1", "Solution");',
            'See #to("chapters-first-fig-step")[Fig. 1.1];, ',
            '[Fig. 2.1]; and #to("chapters-second-tab-two")[Table 2.1]; on',
            'equation #to("chapters-first-equation-eq-step")[(1.1)];, ',
            "(right, right,), table.header([step], [weight]), [1], [2.5]",
            '#shown("table", "Table 2.1", [Two rows]',
            '#footnote[As far as #link("https://book.example/far")[that];.];',
            '#framed("predict")[Predict][How far?',
            '#part("Solutions");\n#answers("1")[Take a step]',
            '#answer("solution-1", [Exercises])[\nIt is 2.24.\n#code(',
            '#folded("solution-2", "Hint and solution");',
            "#panels(image(",
        ):
            assert part in said
        assert "Drag the" not in said  # nothing moves
        assert "gdbook.losses.squared_error" in said  # a link on the site
        assert "squared_error(prediction" not in said
        formulas = json.loads(source(built.html / "formulas.json"))
        assert [each["words"] for each in formulas][::2] == [
            "alpha",
            "x equals one half",
        ]
        pictures = set(re.findall(r'"(pictures/[^"]+)"', markup))
        assert pictures == {
            path.relative_to(built.html).as_posix()
            for path in (built.html / "pictures").iterdir()
        }

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
        refused = REFUSED | {"new": "nobody has read what comes out of it"}
        process = subprocess.run(
            [sys.executable, "-c", ASK, "dummy", *refused],
            cwd=book,
            capture_output=True,
            text=True,
            check=True,
        )
        (known,) = re.findall(r"(?m)^known (.*)$", process.stdout)
        assert sorted(known.split()) == sorted((*USABLE, *refused))
        said = dict(re.findall(r"(?m)^refused (\w+) (.*)$", process.stdout))
        assert said == {
            name: f"This book cannot be built with {name}: {reason}. "
            f"Of Sphinx's builders it has {', '.join(CLASSES['BOOKS'])}."
            for name, reason in refused.items()
        }

    @pytest.mark.claims(
        "All other builders end with a sentence that says why; docs/_ext/builders.py"
        " has the list, and a new one needs its place there and a test that reads "
        "what it leaves.",
        page="contributing",
    )
    def test_sentence_is_all_that_is_said(self, book: Path) -> None:
        """No traceback, no request to report it, and nothing read or executed."""
        built = build(book, "refused", builder="latex")
        assert built.code == 1
        *_, last = built.log.splitlines()
        assert last.startswith("This book cannot be built with latex: ")
        for word in ("Traceback", "report", "reading", "executed"):
            assert word not in built.log
        assert list(built.html.iterdir()) == []


SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" {}>'
    "<style/><rect width='9' height='9'/></svg>"
)
SHOW = "```{{code-cell}}\n{}from IPython.display import *\n{}\n```\n\n"


def cell(code: str, settings: str = "") -> str:
    """Write a cell that shows something."""
    return SHOW.format(settings and f"---\nmystnb:\n{settings}---\n", code)


def image(name: str, **options: str) -> str:
    """Write a directive for an image that has words."""
    lines = "".join(f":{key}: {value}\n" for key, value in options.items())
    return f"```{{image}} {name}\n:alt: two words\n{lines}```\n\n"


class TestImages:
    """A picture has words and a size, and is a file of the book."""

    @staticmethod
    def book(tmp_path: Path, page: str) -> Path:
        """Make a page beside pictures, the dots of 30 by 20 pixels."""
        docs = copy_settings(tmp_path, page) / "docs"
        drawings = {
            "drawn.svg": SQUARE.format('height="24" width="36pt"'),
            "Drawn.SVG": SQUARE.format("height='24' width='48'"),
            "quoted.svg": SQUARE.format("height='24' width='48'"),
            "boxed.svg": SQUARE.format('viewBox="0 0 48 24"'),
            "sizeless.svg": SQUARE.format('width="100%"'),
            "flat.svg": SQUARE.format('width="9" height="0"'),
            "laughing.svg": "<!DOCTYPE svg [<!ENTITY a 'ha'>]>" + SQUARE.format(""),
            "packed.svgz": "",
            "cut.png": "\x89PNG",
        }
        for name, text in drawings.items():
            (docs / name).write_text(text, encoding="utf-8")
        marked = "\ufeff" + SQUARE.format('height="24" width="48"')
        (docs / "marked.svg").write_text(marked, encoding="utf-8")
        (docs / "wide.svg").write_text(marked, encoding="utf-16")
        (docs / "folder.svg").mkdir()
        for name in ("dots.png", "zwölf dots.png"):
            Image.new("RGB", (30, 20)).save(docs / name)
        return tmp_path

    # What a page asks for, and what its image then has.
    ASKED = (
        (image("drawn.svg", align="left"), 'class="align-left" height="24" width="48"'),
        (image("drawn.svg", width="200px"), 'class="sized" height="100" width="200"'),
        (image("dots.png", height="1in"), 'class="sized" height="96" width="144"'),
        (image("dots.png", width="50%"), 'class="sized" width="50%"'),
        (image("dots.png", scale="200"), 'class="sized" height="40" width="60"'),
        (image("dots.png", width="60", scale="50"), 'height="20" width="30"'),
        (image("dots.png", width="50%", scale="50"), 'width="25%"'),
        (image("/dots.png", loading="link"), 'src="_images/dots.png" width="30"'),
        (image("quoted.svg"), 'height="24" width="48"'),
        (image("boxed.svg"), 'height="24" width="48"'),
        (image("marked.svg"), 'height="24" width="48"'),
        ("![two words](<zwölf dots.png> 'Said')\n\n", 'title="Said" width="30"'),
        ("Text <img src='dots.png' width='60'\n alt='two words'>\n\n", 'width="60"'),
        (
            (
                "```{figure} dots.png\n:alt: two words\n:align: right\n"
                ":figclass: big\n\nCaption.\n```\n\n"
            ),
            'height="20" width="30"',
        ),
        (
            cell(
                "SVG('drawn.svg')",
                "  image:\n    alt: two words\n    width: 96px\n    align: right\n"
                "    classes: mine\n  figure:\n    caption: Caption.\n",
            ),
            'class="mine sized align-right" height="48" width="96"',
        ),
        (cell("Markdown('![two words](dots.png)')"), 'height="20" width="30"'),
    )

    def test_size_and_place_are_kept(self, tmp_path: Path) -> None:
        """What a page asks for is an attribute or a class: styles are forbidden."""
        page = "".join(asked for asked, _ in self.ASKED)
        built = build(self.book(tmp_path, page))
        assert built.code == 0, built.log
        html = built.page("index")
        tags = re.findall(r"<img[^>]*>", html)
        for tag, (_, has) in zip(tags, self.ASKED, strict=True):
            for part in re.findall(r'\S+="[^"]*"', has):
                assert part in tag
            assert ("height=" in tag) == ("height" in has or "%" not in has), tag
            assert 'alt="two words"' in tag
            assert "style" not in tag
        assert [i for i, tag in enumerate(tags) if "lazy" not in tag] == [0, 7]
        assert '<figure class="big align-right"' in html
        assert list(dead(built.html, "*.html")) == []
        epub = other(tmp_path, "epub")
        assert epub.code == 0, epub.log
        assert list(dead(epub.html, "*.xhtml")) == []
        shown = re.findall(r"<img[^>]*>", source(epub.html / "index.xhtml"))
        assert [tag for tag in shown if re.search('width="[^"]*%', tag)] == []
        assert 'style="width: 50%"' in shown[3]
        text = other(tmp_path, "text")
        assert text.code == 0, text.log
        shown = re.findall(r"(?<!!)\[two words\]", source(text.html / "index.txt"))
        assert len(shown) == len(self.ASKED)

    WORDLESS = "a figure has no alternative text"
    NO_FILE = "a picture must be one file of this book, not "
    NO_SIZE = " is no picture, or is one without a size of its own"
    FETCHES = ": a picture must be one file of this book"
    # What is wrong on a page, what is said of it, and how many lines further down.
    MISTAKES = (
        (image("none.svg"), "image file not readable: none.svg", 0),
        ("![a](HTTP://a.example/a.svg)\n\n", NO_FILE + "HTTP://a.example/a.svg", 0),
        ("<img src='https://b.example/a' alt='a'>\n\n", NO_FILE + "https://b.exam", 0),
        (
            image("data:image/png;base64,AAAA"),
            NO_FILE + "data:image/png;base64,AAAA",
            0,
        ),
        (image("drawn.*"), NO_FILE + "drawn.*", 0),
        (image("folder.svg"), NO_FILE + "folder.svg", 0),
        (image("packed.svgz"), "packed.svgz is packed", 0),
        (image("Drawn.SVG"), "Drawn.SVG needs a suffix in small letters", 0),
        (image("laughing.svg"), "laughing.svg declares entities", 0),
        (image("wide.svg"), "wide.svg is not in UTF-8", 0),
        (image("sizeless.svg"), "sizeless.svg" + NO_SIZE, 0),
        (image("flat.svg"), "flat.svg" + NO_SIZE, 0),
        (image("cut.png"), "cut.png" + NO_SIZE, 0),
        (image("dots.png", width="3ex"), "the width of an image is 3ex but must be", 0),
        (image("dots.png", width="101%"), "is 101% but must be within its page", 0),
        (image("dots.png", width="0"), "an image would be 0 by 0 pixels", 0),
        (image("dots.png", loading="embed"), "a picture stays a file", 0),
        (image("dots.png").replace("two words", "…"), WORDLESS, 0),
        ("![ ](dots.png)\n\n", WORDLESS, 0),
        ("Text <img src='dots.png' alt=''>\n\n", WORDLESS, 0),
        ("| a |\n| - |\n| ![](dots.png) |\n\n", WORDLESS, 0),
        ("{{ picture }}\n\n", WORDLESS, 1),
        ("```{figure} dots.png\n:alt: a\n\n![](dots.png)\n```\n\n", WORDLESS, 3),
        (
            "```{figure} dots.png\n:alt: a\n:figwidth: 9px\n\nCaption.\n```\n\n",
            "figwidth would be a style of the page",
            0,
        ),
        (cell("Image('dots.png')"), "cell 1: " + WORDLESS, 0),
        (cell("Markdown('![](dots.png)')"), "cell 2: " + WORDLESS, 0),
        (cell("HTML('<svg role=\"img\"/>')"), "cell 3: " + WORDLESS, 0),
        ("<svg aria-label='a'></svg>\n\n", "<svg> is no figure for all", 0),
        ("<p><img\n src='_static/page.webp'></p>\n\n", WORDLESS, 0),
        ("<p><img src='a.png' alt='a'></p>\n\n", "<img> in other HTML finds no", 0),
        ("<object data='_static/a'></object>\n\n", WORDLESS, 0),
        (
            "<picture><source srcset='//c.example/a'></picture>\n\n",
            "<source> fetches //c.example/a" + FETCHES,
            0,
        ),
    )
    # Nothing is wrong with these.
    WELL = (
        "<!-- <img> -->\n\n<svg role='img' aria-label='a'><svg/></svg>\n\n"
        "<svg role='img'><title>a</title></svg>\n\n"
        "<p><img src='_static/page.webp' alt='a > b'></p>\n\n"
        "<video>a film</video>\n\n<a href='https://d.example/'>a</a>\n\n"
    )

    @pytest.mark.claims(
        "A picture is one file of the book, in a form that every builder can show, "
        "with words and a size: whatever is not stops the build where it stands.",
        page="contributing",
    )
    def test_mistakes_have_a_place(self, tmp_path: Path) -> None:
        """What cannot be shown, or has no words, is a warning with page and line."""
        page = self.WELL + "".join(mistake for mistake, *_ in self.MISTAKES)
        small = self.book(tmp_path, page)
        with (small / "docs" / "conf.py").open("a", encoding="utf-8") as conf:
            conf.write("\nmyst_substitutions = {'picture': '![](dots.png)'}\n")
        built = build(small)
        assert built.code == 1, built.log
        line = 9 + self.WELL.count("\n")  # the page begins with its settings
        expected = []
        for mistake, what, down in self.MISTAKES:
            expected.append((line + down, what))
            line += mistake.count("\n")
        warnings = re.findall(r"index\.md:(\d+): WARNING: (.*)", built.log)
        missed = [
            (line, what)
            for line, what in expected
            if not any(int(at) == line and what in said for at, said in warnings)
        ]
        assert missed == []
        assert len(warnings) == len(expected)
        assert "Traceback" not in built.log
