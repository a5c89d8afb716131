"""The book as a reader and an author meet it: its sources and its pages."""

from __future__ import annotations

import importlib
import re
import tomllib
import zlib
from html import unescape
from typing import TYPE_CHECKING

import pytest
from book import (
    CHAPTERS,
    PAGES,
    ROOT,
    Built,
    build,
    build_in_place,
    cells,
    contents,
    copy_book,
    source,
    text_of,
)
from public import public
from sources import Page, numbers_of, shows

import gdbook
from gdbook import examples, plotting

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"
NOTEBOOKS = [
    page for page in PAGES if "file_format: mystnb" in page.read_text(encoding="utf-8")
]

# The numbers of the content plan, as the sentences and cells of each page print them.
NUMBERS = {stem: numbers_of(ROOT, stem) for stem in CHAPTERS}


NAMES = [page.relative_to(DOCS).with_suffix("").as_posix() for page in PAGES]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the whole book once, for the sessions that come later as well."""
    built = build_in_place(tmp_path_factory.mktemp("guarded"))
    assert built.code == 0, built.log
    return built


@pytest.fixture(scope="session")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build a copy of it from nothing, with the tests, which its numbers lead to."""
    copy = copy_book(tmp_path_factory.mktemp("book"), tests=True)
    built = build(copy, fresh=True)
    assert built.code == 0, built.log
    return built


class TestPages:
    """A reader opens the built HTML."""

    @pytest.mark.parametrize("stem", CHAPTERS)
    def test_page_shows_its_numbers(self, book: Built, stem: str) -> None:
        """Every number of the content plan stands on the built page of its chapter."""
        text = text_of(book.page(f"chapters/{stem}"))
        for number in NUMBERS[stem]:
            assert shows(number, text), number

    def test_founding_numbers_are_looked_for(self) -> None:
        """The numbers that the book was founded on are among those looked for above."""
        founded = "3.1 9 13 150 50 0.06 −24 2.24 30 40 2.5 0.26 0.22 0.55 1.9 5.75"
        looked_for = {number for numbers in NUMBERS.values() for number in numbers}
        assert set(founded.split()) <= looked_for
        assert sorted(NUMBERS) == CHAPTERS

    @pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
    def test_no_float_shows_its_rounding(self, book: Built, page: Path) -> None:
        """No page prints 0.25999999999999995, or the type of a NumPy scalar."""
        name = page.relative_to(DOCS).with_suffix("").as_posix()
        text = text_of(book.page(name))
        assert re.findall(r"\d\.\d{13,}|np\.\w+\d+\(", text) == []

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_figures_are_numbered_in_order(self, book: Built, page: Path) -> None:
        """The figures of a chapter count up from 1, behind the chapter's number."""
        name = page.relative_to(DOCS).with_suffix("").as_posix()
        article = book.page(name)
        numbers = re.findall(r'caption-number">Fig\. ([\d.]+)', article)
        assert len(numbers) == len(re.findall(r"<figcaption", article))
        if page.stem in CHAPTERS:
            chapter = numbers[0].partition(".")[0]
            count = range(1, len(numbers) + 1)
            assert numbers == [f"{chapter}.{number}" for number in count]

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_figures_say_what_they_show(self, book: Built, page: Path) -> None:
        """Every figure has alternative text, and a computed one has numbers in it."""
        name = page.relative_to(DOCS).with_suffix("").as_posix()
        article = book.page(name)
        images = re.findall(r'<img[^>]*src="[^"]*_images/[^"]*"[^>]*>', article)
        drawn = [c for c in cells(page) if re.search(r"(?m)^draw\w*\.\w+\(", c)]
        assert len(images) == len(drawn)
        for image in images:
            alt = re.search(r'alt="([^"]*)"', image)
            assert alt is not None
            assert re.search(r"\d", alt[1]), image

    def test_solutions_fold_without_a_script(self, book: Built) -> None:
        """A solution is a closed details element that holds its output, or a hint."""
        page = book.page("chapters/weight_update")
        solutions = re.findall(r'(?s)<details class="solution".*?</details>', page)
        folded = ["cell_output" in solution for solution in solutions]
        assert folded == [True] * 3 + [False] * 8
        assert "<summary>Hint</summary>" in solutions[3]
        assert "<summary>Solution</summary>" in solutions[4]

    def test_reference_lists_every_public_name(self, book: Built) -> None:
        """No public name is missing from the reference page."""
        inventory = (book.html / "objects.inv").read_bytes().split(b"\n", 4)[4]
        listed = set(
            re.findall(r"(?m)^(gdbook\S+) py:", zlib.decompress(inventory).decode())
        )
        packages = {"examples", "exercises"}
        modules = [f"gdbook.{name}" for name in gdbook.__all__ if name not in packages]
        modules += [f"gdbook.examples.{name}" for name in examples.__all__]
        modules += [f"gdbook.plotting.{name}" for name in plotting.__all__]
        for name in modules:
            offered = public(importlib.import_module(name))
            names = {
                f"{name}.{own}" for own, member in offered.items() if callable(member)
            }
            assert names
            assert names - listed == set()

    def test_errata_compute_every_row(self, book: Built) -> None:
        """Each mistake of the sources stands beside what holds."""
        text = text_of(book.page("errata"))
        rows = [
            ("0.0233333333", "0.06"),
            ("(15, 20)", "(30, 40)"),
            ("(19, 7)", "(16, 22)"),
            ("not aligned", "the gradient is flat"),
            ("5.4", "0.54"),
            ("m=0.42 and b=0.40", "0.42724"),
            ("0.40014", "0.44434"),
            ("0.44043", "0.38455"),
            ("0.3333", "0.6652"),
            ("(5, 1, 5)", "47 degrees"),
            ("IndentationError", "90 numbers"),
            ("9.05", "0.82"),
            ("(2, 1)", "(2, 20)"),
            ("validation_loss", "must be one of: loss"),
            ("LeakyReLU(alpha=…)", "negative_slope"),
            ("keras.wrappers.scikit_learn", "SKLearnClassifier(model=…)"),
            ("input_shape=", "keras.Input"),
            ("best_model.h5", ".keras"),
        ]
        assert [number for row in rows for number in row if number not in text] == []


class TestOtherReaders:
    """Networks, search engines and readers of an ePub get their share."""

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_page_describes_itself(self, book: Built, page: Path) -> None:
        """Every page has a title and a description of its own."""
        html = book.page(page.relative_to(DOCS).with_suffix("").as_posix())
        assert re.search(r"<title>[^<]{5,}</title>", html)
        described = Page(page, ROOT).front_matter["myst"]["html_meta"]["description"]
        assert f'<meta content="{described}" name="description" />' in unescape(html)

    def test_inventory_has_the_version_of_the_package(self, book: Built) -> None:
        """Books that refer to this one read the version that pyproject.toml names."""
        settings = tomllib.loads(source(ROOT / "pyproject.toml"))
        inventory = (book.html / "objects.inv").read_bytes()
        version = f"# Version: {settings['project']['version']}"
        assert inventory.split(b"\n")[2] == version.encode()

    def test_book_without_address_writes_none(self, book: Built) -> None:
        """Without an address there is nothing that would need one."""
        assert not (book.html / "sitemap.xml").exists()
        assert "canonical" not in book.page("index")


class TestNothingLeavesTheSite:
    """No page asks another host for anything, or needs an inline script or style."""

    @pytest.mark.parametrize("name", ["search", *NAMES])
    def test_pages_are_self_contained(self, book: Built, name: str) -> None:
        """Everything that a page loads stands beside it."""
        html = book.page(name)
        loaded = re.findall(r'<(?:script|img|iframe|source)[^>]* src="([^"]+)"', html)
        loaded += re.findall(r'<link[^>]* href="([^"]+)"', html)
        assert len(loaded) >= 6
        assert [url for url in loaded if re.match(r"(\w+:)?//", url)] == []
        assert re.findall(r"<style|<[^>]+ (?:style|on\w+)=", html) == []
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", html)
        assert [kind for kind in scripts if "application/json" not in kind] == []

    def test_style_sheet_names_files_of_the_site(self, book: Built) -> None:
        """Every file that the style sheet names is there."""
        static = book.html / "_static"
        sheet = (static / "site.css").read_text(encoding="utf-8")
        named = re.findall(r"url\((?!data:|[\"']data:)([^)]+)\)", sheet)
        assert sorted(named) == ["icons.woff2", "mathematics.woff2"]
        assert all((static / name).stat().st_size < 40_000 for name in named)
        assert len(zlib.compress(sheet.encode())) < 30_000


class TestReproducible:
    """A build from nothing, elsewhere, gives the same bytes."""

    def test_pages_print_a_progress_line_each(self, cold: Built) -> None:
        """Every page with cells says that it was executed, and how long it took."""
        names = [page.relative_to(DOCS).as_posix() for page in NOTEBOOKS]
        assert sorted(cold.executed) == sorted(names)

    def test_two_builds_are_identical(self, book: Built, cold: Built) -> None:
        """Every file of the site is the same in a build from another folder."""
        ours, theirs = contents(book.html), contents(cold.html)
        assert ours.keys() == theirs.keys()
        assert [name for name in ours if ours[name] != theirs[name]] == []
