"""The reference follows the table of contents, and knows who uses what."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from book import (
    FRONT_MATTER,
    ROOT,
    Built,
    build,
    contents,
    copy_settings,
    source,
    text_of,
)

if TYPE_CHECKING:
    from pathlib import Path

CONTENTS = """
```{toctree}
:caption: Part one — small steps
:numbered: 1

chapters/weight_update
chapters/slopes
```

```{toctree}
:caption: Part two — speed
:numbered: 1

chapters/momentum
```

```{toctree}
:caption: Appendices

reference
reference_examples
reference_figures
```
"""
CHAPTERS = {
    "weight_update": ("Update it", "from gdbook.examples import momentum"),
    "slopes": ("Read it", "from gdbook.plotting import slopes as draw\ndraw.tangent"),
    "momentum": ("Keep speed", "from gdbook.examples.momentum import heavy_ball"),
}
GLUES = {
    "momentum": "from gdbook.glue import glue\nshare = 3 / 4\n"
    "glue(ball=heavy_ball, share=share)\n"
}
# What the last chapter says, and the second one of it.
SAYS = {
    "momentum": "After {glue:text}`ball.num_steps` steps of {glue:text}`share:.1f`.",
    "slopes": "It was {glue:text}`momentum.md::ball.losses.0:.1f`.",
}
TESTS = {
    "examples/test_momentum": """
from gdbook.examples.momentum import ball_of, heavy_ball

RUN = heavy_ball()

def test_text() -> None:
    "heavy_ball"

class TestRun:
    def test_it(self):
        assert RUN
""",
    "test_others": """
from gdbook.optimizers import Nesterov

def test_nesterov() -> None:
    assert Nesterov(0.1)
""",
}
LIBRARY = """# Reference

```{eval-rst}
.. automodule:: gdbook
```

```{reference} gdbook
```
"""
EXAMPLES = """# Examples

```{reference} gdbook.examples
:part: Part two
```

```{reference} gdbook.examples
:part: Part one
```
"""
FIGURES = "# Figures\n\n```{reference} gdbook.plotting\n```\n"


@pytest.fixture(name="small", scope="module")
def fixture_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a book of three chapters and their reference."""
    small = copy_settings(tmp_path_factory.mktemp("reference"), CONTENTS)
    docs = small / "docs"
    (docs / "chapters").mkdir()
    for stem, (title, cell) in CHAPTERS.items():
        body = f"# {title}\n\n```{{code-cell}}\n{cell}\n{GLUES.get(stem, '')}```\n\n"
        body += "## Read on\n\nThe end.\n"
        body += f"{SAYS.get(stem, '')}\n"
        path = docs / "chapters" / f"{stem}.md"
        path.write_text(FRONT_MATTER + body, encoding="utf-8")
    for name, text in (("", LIBRARY), ("_examples", EXAMPLES), ("_figures", FIGURES)):
        (docs / f"reference{name}.md").write_text(text, encoding="utf-8")
    for name, text in TESTS.items():
        path = small / "tests" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return small


@pytest.fixture(name="book", scope="module")
def fixture_book(small: Path) -> Built:
    """Build it."""
    built = build(small)
    assert built.code == 0, built.log
    return built


def headings(page: str) -> list[str]:
    """Return the headings of a page."""
    found = re.findall(r"<h[1-3]>(.*?)<a", page)
    return [re.sub(r"<[^>]+>", "", heading) for heading in found]


def entry(page: str, name: str) -> str:
    """Return the HTML of what a page says about a name."""
    after = page[page.index(f'id="{name}"') :]
    return after[: after.index("</dd></dl>")]


def users(page: str, name: str) -> list[str]:
    """Return the pages that an entry says it is used in."""
    used = re.search(r"<p[^>]*>Used in (.*?)</p>", entry(page, name))
    return re.findall(r'href="chapters/(\w+)\.html"', used[1]) if used else []


class TestOrder:
    """The reference is ordered like the book."""

    def test_parts(self, book: Built) -> None:
        """The figures of all chapters stand part by part."""
        assert headings(book.page("reference_figures")) == [
            "Figures",
            "Part one — small steps",
            "Update it",
            "Read it",
            "Part two — speed",
            "Keep speed",
        ]

    def test_one_part(self, book: Built) -> None:
        """A page may have the chapters of one part, and then of another."""
        page = book.page("reference_examples")
        assert headings(page) == ["Examples", "Keep speed", "Update it", "Read it"]
        modules = re.findall(r'id="module-gdbook\.examples\.(\w+)"', page)
        assert modules == ["momentum", "weight_update", "slopes"]

    def test_library(self, book: Built) -> None:
        """The modules of the library stand in the order of its table, and no others."""
        page = book.page("reference")
        table = page[page.index("what it holds") : page.index("</table>")]
        linked = re.findall(r'href="#module-gdbook\.(\w+)"', table)
        modules = re.findall(r'id="module-gdbook\.(\w+)"', page)
        assert modules == linked
        assert headings(page) == ["Reference", *(m.title() for m in modules)]
        assert {"losses", "descent", "glue"} <= set(modules)
        assert not {"examples", "plotting"} & set(modules)

    def test_unknown_part(self, small: Path, tmp_path: Path) -> None:
        """A part or a module that is not there stops the build."""
        del small  # another book, with one page
        page = "```{reference} gdbook.examples\n:part: Part nine\n```\n"
        page += "\n```{reference} gdbook\n:first: loses\n```\n"
        built = build(copy_settings(tmp_path, page))
        assert built.code == 1
        says = "no module of 'gdbook.examples' belongs to a chapter of 'Part nine'"
        assert says in built.log
        assert "no module 'loses' in the table that opens gdbook" in built.log


class TestLinks:
    """Every entry links the chapters that use it, and they link back."""

    @pytest.mark.parametrize(
        ("page", "name", "expected"),
        [
            # By its own chapter.
            ("_examples", "gdbook.examples.momentum.heavy_ball", ["momentum"]),
            ("_figures", "gdbook.plotting.slopes.tangent", ["slopes"]),
            # By a chapter's examples, and by none.
            ("", "gdbook.gradients.weight_slope", ["weight_update"]),
            ("", "gdbook.optimizers.Nesterov", ["momentum"]),
            ("", "gdbook.fitting.fit", []),
        ],
    )
    def test_users(
        self, book: Built, page: str, name: str, expected: list[str]
    ) -> None:
        """A cell, an example or a figure of a chapter uses what it names."""
        assert users(book.page(f"reference{page}"), name) == expected

    @pytest.mark.parametrize("stem", CHAPTERS)
    def test_there_and_back(self, book: Built, stem: str) -> None:
        """A chapter and its sections of the reference link each other."""
        chapter = book.page(f"chapters/{stem}")
        text = f"examples in gdbook.examples.{stem}, figures in gdbook.plotting.{stem}."
        assert text_of(chapter).rstrip().endswith(text)
        for page, package in (("examples", "examples"), ("figures", "plotting")):
            target = f"reference_{page}.html#module-gdbook.{package}.{stem}"
            assert f'href="../{target}"' in chapter
            section = book.page(f"reference_{page}")
            about = section[: section.index(f'id="module-gdbook.{package}.{stem}"')]
            assert f'href="chapters/{stem}.html"' in about[about.rindex("<h") :]

    def test_names_in_docstrings(self, book: Built) -> None:
        """What the library has is a link; an argument is none."""
        page = book.page("reference")
        slope = entry(page, "gdbook.losses.squared_error_slope")
        assert 'href="#gdbook.losses.squared_error"' in slope
        batches = entry(page, "gdbook.descent.batches")
        assert "<cite>n_samples</cite>" in batches


def numbers(page: str) -> list[tuple[str, str, str]]:
    """Return where the numbers of a page come from, where they lead, and they."""
    return re.findall(
        r'<a class="number" data-from="(.*?)" href="(.*?)">(.*?)</a>', page
    )


class TestNumbers:
    """A number of a sentence leads to the function that it comes from."""

    def test_function_and_cell(self, book: Built) -> None:
        """It leads to the function's entry, or to the cell that computes it."""
        page = book.page("chapters/momentum")
        ball = "../reference_examples.html#gdbook.examples.momentum.heavy_ball"
        assert numbers(page) == [
            ("heavy_ball().num_steps", ball, "20"),
            ("share = 3 / 4", "#cell-2", "0.8"),
        ]
        assert 'id="cell-2"' in page

    def test_other_page(self, book: Built) -> None:
        """A number of another page is that page's."""
        ((call, place, number),) = numbers(book.page("chapters/slopes"))
        assert (call, number) == ("heavy_ball().losses[0]", "10.5")
        assert place.endswith(
            "reference_examples.html#gdbook.examples.momentum.heavy_ball"
        )

    def test_search_has_the_number_alone(self, book: Built) -> None:
        """The texts that the search looks through say no call."""
        texts = source(book.html / "searchindex.js")
        assert "After 20 steps of 0.8." in texts
        assert "share = 3" not in texts


def links(page: str, name: str) -> list[tuple[str, str]]:
    """Return the links of an entry to code, and what they say."""
    return re.findall(r'href="(code/.*?)">(\w+)</a>', entry(page, name))


class TestCode:
    """Every entry leads to its source and to its test, and the source back."""

    @pytest.mark.parametrize(
        ("page", "name", "test"),
        [
            ("_examples", "momentum.heavy_ball", "examples/test_momentum.html#TestRun"),
            ("_examples", "slopes.parabola", None),
            ("", "optimizers.Nesterov", "test_others.html#test_nesterov"),
        ],
    )
    def test_entry_and_code(
        self, book: Built, page: str, name: str, test: str | None
    ) -> None:
        """The test is the one whose code uses it; where none does, there is no link."""
        module = f"gdbook.{page[1:]}.{name}" if page else f"gdbook.{name}"
        path, _, own = module.rpartition(".")
        code = f"code/{path.replace('.', '/')}"
        expected = [(f"{code}.html#{own}", "source")]
        expected += [(f"code/tests/{test}", "test")] if test else []
        assert links(book.page(f"reference{page}"), module) == expected
        back = "../" * code.count("/")
        place = f'<a id="{own}" href="{back}reference{page}.html#{module}">{own}</a>'
        assert place in book.page(code)
        if test:
            file, _, anchor = test.partition(".html#")
            assert f'<b id="{anchor}">{anchor}</b>' in book.page(f"code/tests/{file}")

    def test_code_is_whole(self, book: Built) -> None:
        """A page of code says what its file says."""
        page = book.page("code/gdbook/examples/momentum")
        code = page[page.index("<pre") : page.index("</pre>")]
        assert unescape(re.sub(r"<[^>]*>", "", code)) == source(
            ROOT / "gdbook" / "examples" / "momentum.py"
        )


def test_other_users(small: Path, book: Built) -> None:
    """An entry follows the chapter that uses something else, its code and its test."""
    page = small / "docs" / "chapters" / "slopes.md"
    text = source(page)
    other = "from gdbook.examples.momentum import heavy_ball"
    page.write_text(text.replace("draw.tangent", other), encoding="utf-8")
    tests = small / "tests" / "examples" / "test_momentum.py"
    tests.write_text(source(tests).replace("TestRun", "TestWalk"), encoding="utf-8")
    code = small / "gdbook" / "examples" / "momentum.py"
    code.write_text(f"{source(code)}# The end.\n", encoding="utf-8")
    (small / "tests" / "test_others.py").unlink()
    again = build(small)
    assert again.code == 0, again.log
    name = "gdbook.examples.momentum.heavy_ball"
    assert "#TestWalk" in links(book.page("reference_examples"), name)[1][0]
    assert 'id="TestWalk"' in book.page("code/tests/examples/test_momentum")
    assert "# The end.\n" in book.page("code/gdbook/examples/momentum")
    assert len(links(book.page("reference"), "gdbook.optimizers.Nesterov")) == 1
    assert not (book.html / "code" / "tests" / "test_others.html").exists()
    assert users(book.page("reference_examples"), name) == ["slopes", "momentum"]
    read = set(re.findall(r"reading sources\.\.\. \[ *\d+%\] (\S+)", again.log))
    assert "reference_examples" in read
    assert "reference" not in read
    assert worked_out(again) == {"examples.momentum"}


def worked_out(built: Built) -> set[str]:
    """Return the modules whose reference a build has worked out."""
    return set(re.findall(r"worked out gdbook\.(\S+)", built.log))


@pytest.mark.claims(
    "The reference of a module is worked out again when its source has changed, or a "
    "signature or docstring that it shows.",
    page="contributing",
)
def test_words_of_another_module(small: Path, book: Built) -> None:
    """A module whose docstrings get other words is worked out, and no other.

    One that is gone is gone from the reference and from its chapter.
    """
    arguments = small / "gdbook" / "_arguments.py"
    text = source(arguments)
    words = "number, 0 or more and less than 1"
    assert text.count(words) == 1
    arguments.write_text(text.replace(words, "number from 0 to 1"), "utf-8")
    (small / "gdbook" / "plotting" / "momentum.py").unlink()
    again = build(small)
    assert again.code == 0, again.log
    assert worked_out(again) == {"examples.momentum"}
    assert "number from 0 to 1" in again.page("reference_examples")
    for page in ("reference_figures", "chapters/momentum"):
        assert "gdbook.plotting.momentum" not in again.page(page)
    clean = build(small, "clean", fresh=True)
    assert len(worked_out(clean)) > len(worked_out(again))
    assert contents(clean.html) == contents(book.html)
