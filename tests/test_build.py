"""How the build of a book behaves, seen on books of one or two pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from book import build, copy_settings, source, text_of

if TYPE_CHECKING:
    from pathlib import Path

SMALL = """
```{code-cell}
from gdbook.examples.weight_update import weight_update
from gdbook.glue import glue
glue(step=weight_update)
weight_update()
```

The new weight is {glue:text}`step.new_weight`.
"""


class TestSettings:
    """What a build is told counts."""

    def test_linear_algebra_keeps_to_one_thread(self, tmp_path: Path) -> None:
        """Pages that are executed side by side do not fight for the processors."""
        cell = "import os\nprint('threads:', os.environ['OPENBLAS_NUM_THREADS'])"
        built = build(copy_settings(tmp_path, f"```{{code-cell}}\n{cell}\n```\n"))
        assert built.code == 0, built.log
        assert "threads: 1" in text_of(built.page("index"))

    def test_published_book_knows_its_address(self, tmp_path: Path) -> None:
        """With an address the build writes a sitemap, canonical links and a card."""
        small = copy_settings(tmp_path, "A page.\n")
        built = build(small, BOOK_URL="https://example.org/book/")
        assert built.code == 0, built.log
        sitemap = (built.html / "sitemap.xml").read_text(encoding="utf-8")
        assert "<loc>https://example.org/book/index.html</loc>" in sitemap
        page = built.page("index")
        assert 'rel="canonical" href="https://example.org/book/index.html"' in page
        assert 'content="https://example.org/book/_static/card.png"' in page
        card = (built.html / "_static" / "card.png").read_bytes()
        assert card[16:24] == (1200).to_bytes(4, "big") + (630).to_bytes(4, "big")


class TestCache:
    """The cache must know the library."""

    def test_changed_formula_changes_the_page(self, tmp_path: Path) -> None:
        """With a warm cache, a changed formula shows its new number."""
        small = copy_settings(tmp_path, SMALL)
        first = build(small)
        assert first.code == 0, first.log
        assert "The new weight is 2.24." in text_of(first.page("index"))
        losses = small / "gdbook" / "losses.py"
        formula = "return 2 * (predictions - targets)\n"
        text = losses.read_text(encoding="utf-8")
        assert text.count(formula) == 1
        losses.write_text(
            text.replace(formula, formula.replace("2", "3")), encoding="utf-8"
        )
        # 2 + 0.01·3·4·3 = 2.36
        second = build(small)
        assert second.code == 0, second.log
        assert "The new weight is 2.36." in text_of(second.page("index"))
        assert second.executed == ["index.md"]

    def test_nothing_changed_nothing_executed(self, tmp_path: Path) -> None:
        """A second build runs no cell, and neither does one after an edit of prose."""
        small = copy_settings(tmp_path, SMALL)
        assert build(small).executed == ["index.md"]
        assert build(small).executed == []
        page = small / "docs" / "index.md"
        page.write_text(source(page) + "\nOne more sentence.\n", encoding="utf-8")
        edited = build(small)
        assert edited.executed == []
        assert "One more sentence." in text_of(edited.page("index"))
        page.write_text(
            source(page).replace("\nweight_update()", "\nweight_update(weight=1)"),
            encoding="utf-8",
        )
        assert build(small).executed == ["index.md"]


class TestOutlines:
    """Figures are numbered from what is kept of each page."""

    def test_new_figure_moves_the_numbers_of_other_pages(self, tmp_path: Path) -> None:
        """A page that has not changed names a figure by its new number."""
        pages = "```{toctree}\n:numbered:\nfirst\nlast\n```\n"
        docs = copy_settings(tmp_path, pages) / "docs"
        drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
        (docs / "drawing.svg").write_text(drawing, encoding="utf-8")
        old, new = (
            f"```{{figure}} drawing.svg\n:name: {name}\n:alt: 1\n\nCaption.\n```\n\n"
            for name in ("fig-old", "fig-new")
        )
        (docs / "last.md").write_text("# Last\n\nSee {numref}`fig-old`.\n", "utf-8")
        for figures, number in ((old, "1.1"), (new + old, "1.2"), (old, "1.1")):
            (docs / "first.md").write_text(f"# First\n\n{figures}", "utf-8")
            built = build(tmp_path)
            assert built.code == 0, built.log
            assert f"See Fig. {number}." in text_of(built.page("last"))


class TestExplorables:
    """An interactive figure is part of its page, whatever the page becomes."""

    PAGE = (
        "```{explorable} linear_regression_grades\n:name: fig-moves\n\n"
        "Drag the *line*.\n```\n\nSee {numref}`fig-moves`.\n"
    )

    def test_page_follows_the_library_and_the_fragment(self, tmp_path: Path) -> None:
        """A changed number, or a changed fragment, changes the page."""
        small = copy_settings(tmp_path, self.PAGE)
        first = build(small)
        assert first.code == 0, first.log
        assert "has mean squared error 5.4." in text_of(first.page("index"))
        example = small / "gdbook" / "examples" / "linear_regression.py"
        grades = "grades: Row = (3, 5, 4, 6, 8)"
        text = source(example)
        assert text.count(grades) == 1
        example.write_text(
            text.replace(grades, grades.replace("8", "9")), encoding="utf-8"
        )
        # Errors 0, 0, 3, 3, 2: 22/5
        second = build(small)
        assert second.code == 0, second.log
        assert "has mean squared error 4.4." in text_of(second.page("index"))
        fragments = small / "docs" / "_templates" / "figures"
        fragment = fragments / "linear_regression_grades.html"
        text = source(fragment)
        assert text.count("hours studied") == 1
        fragment.write_text(text.replace("studied", "of study"), encoding="utf-8")
        third = build(small)
        assert third.code == 0, third.log
        assert "hours of study" in third.page("index")

    def test_figure_is_numbered_and_brings_its_script(self, tmp_path: Path) -> None:
        """It has a number and a caption like any other, and one script."""
        built = build(copy_settings(tmp_path, self.PAGE))
        assert built.code == 0, built.log
        page = built.page("index")
        assert "Drag the <em>line</em>." in page
        assert "See Fig. 1." in text_of(page)
        scripts = re.findall(r"<script[^>]* src=[^>]*/figures/[^>]*>", page)
        assert len(scripts) == 1
        assert 'type="module"' in scripts[0]
        assert "/figures/" not in built.page("search")

    @pytest.mark.parametrize(
        ("builder", "name"),
        [("epub", "index.xhtml"), ("latex", "*.tex"), ("text", "index.txt")],
    )
    def test_other_formats_get_words(
        self, tmp_path: Path, builder: str, name: str
    ) -> None:
        """Where nothing can move, the figure's words stand above its caption."""
        built = build(copy_settings(tmp_path, self.PAGE), builder=builder)
        assert built.code == 0, built.log
        (page,) = built.html.rglob(name)
        text = re.sub(r"\s+", " ", source(page))
        assert "The line y = 1 x + 1 has mean squared error 5.4." in text
        assert text.index("mean squared error") < text.index("Drag the")
        assert "<fieldset" not in text


class TestStrict:
    """What is wrong fails the build, and says where."""

    @pytest.mark.parametrize(
        ("page", "said"),
        [
            (
                "```{code-cell}\n1 + 1\n```\n\n```{code-cell}\n1 / 0\n```\n",
                "index.md: cell 2 raised ZeroDivisionError: division by zero",
            ),
            (
                "```{code-cell}\nif True\n```\n",
                "index.md: cell 1 raised SyntaxError",
            ),
            (
                "```{code-cell}\nimport os\nos._exit(3)\n```\n",
                "index.md: its process died (3)",
            ),
            (
                "```{code-cell}\nimport sys\nprint('odd', file=sys.stderr)\n```\n",
                "stderr was found in the cell outputs",
            ),
            (
                "```{code-cell}\n1\n```\n\nA number: {glue:text}`missing.key`.\n",
                "No key 'missing.key' found in glue data",
            ),
            (
                "```{code-cell}\nfrom IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')\n```\n",
                "a figure has no alternative text",
            ),
            ("See {py:func}`gdbook.missing`.\n", "py:func reference target not found"),
            ("```{solution-start}\n```\n", "a solution needs one start and one end"),
            (
                "```{explorable} missing\n```\n",
                "no function 'missing' in gdbook.explorables",
            ),
            (
                "```{math}\n\\nosuch{x}\n```\n",
                "index.md:9: WARNING: mathematics: Unsupported function name: \\nosuch",
            ),
            ("A formula $x^{2$.\n", "index.md:9: WARNING: mathematics: Expected '}'"),
        ],
        ids=[
            *("exception", "syntax", "death", "stderr", "glue"),
            *("no alt", "reference", "solution", "explorable"),
            *("math block", "math"),
        ],
    )
    def test_mistakes_fail_the_build(
        self, tmp_path: Path, page: str, said: str
    ) -> None:
        """An author's mistake fails the build with its place and its name."""
        built = build(copy_settings(tmp_path, page))
        assert built.code != 0
        assert said in built.log

    def test_endless_cell_is_stopped(self, tmp_path: Path) -> None:
        """A cell that never ends is stopped and named."""
        small = copy_settings(tmp_path, "```{code-cell}\nwhile True: pass\n```\n")
        conf = small / "docs" / "conf.py"
        text = conf.read_text(encoding="utf-8")
        assert "nb_execution_timeout = 180" in text
        conf.write_text(text.replace("timeout = 180", "timeout = 2"), encoding="utf-8")
        built = build(small)
        assert built.code != 0
        assert "index.md: its cells took longer than 2 s" in built.log

    def test_network_is_refused(self, tmp_path: Path) -> None:
        """The guard that the builds above ran under does refuse a connection."""
        asks = "import socket\nsocket.create_connection(('127.0.0.1', 9))"
        page = f"```{{code-cell}}\n{asks}\n```\n"
        built = build(copy_settings(tmp_path, page))
        assert built.code != 0
        assert "the book must build without a network" in built.log
