"""The book as a reader and an author meet it: its sources and its pages."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import re
import zlib
from html import unescape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from book import CHAPTERS, PAGES, ROOT, Built, build, cells, copy_book, source, text_of

import gdbook
from gdbook import examples, plotting

if TYPE_CHECKING:
    from pathlib import Path

DOCS = ROOT / "docs"
NOTEBOOKS = [
    page for page in PAGES if "file_format: mystnb" in page.read_text(encoding="utf-8")
]

# How a page imports the figures of a chapter.
IMPORTED = r"^from gdbook\.plotting import (\w+) as (\w+)$"


def numbers_of(stem: str) -> list[str]:
    """Return the numbers that a chapter's test looks for on its page."""
    path = ROOT / "tests" / "examples" / f"test_{stem}.py"
    found = re.search(r"(?ms)^NUMBERS = (\(.*?\))$", path.read_text(encoding="utf-8"))
    assert found is not None, f"{path.name} names no NUMBERS of its page"
    return re.findall(r'"([^"]+)"', found[1])


# The numbers of the content plan, as the sentences and cells of each page print them.
NUMBERS = {stem: numbers_of(stem) for stem in CHAPTERS}


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build the whole book once."""
    built = build(copy_book(tmp_path_factory.mktemp("book")))
    assert built.code == 0, built.log
    return built


def front_matter(page: Path) -> dict[str, Any]:
    """Return what stands between the dashes at the top of a page."""
    found = re.match(r"---\n(.*?)\n---\n", source(page), re.DOTALL)
    return yaml.safe_load(found[1]) if found else {}


def prose_of(text: str) -> tuple[str, str]:
    """Return the sentences of a page, captions included, and its mathematics."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    captions = "\n".join(re.findall(r"caption: \|\n((?: {6}.*\n)+)", text))
    mathematics = re.findall(r"(?ms)^```\{math\}\n(.*?)^```$", text)
    # Blocks of code, options and other markup are no prose; a directive's body is.
    text = re.sub(
        r"^```\{(code-cell|math|toctree|eval-rst)\}.*?^```$",
        "",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    text = re.sub(r"(?m)^(:\w[\w-]*:.*|`{3,}.*|:{3,}\S*)$", "", text) + captions
    text = re.sub(r"\{\w[\w:]*\}`([^`<]*)<[^`]*>`", r"\1", text)  # a role with words
    text = re.sub(r"\{\w[\w:]*\}`[^`]*`", "", text)  # glue, terms, references
    text = re.sub(r"\]\([^)]*\)", "]", text)  # where links lead
    text = re.sub(r"`([^`\n]*)`", _code_words, text)
    mathematics += re.findall(r"\$([^$]+)\$", text)
    text = re.sub(r"\$[^$]+\$", "", text)
    return re.sub(r"^\d+\. ", "", text, flags=re.MULTILINE), "\n".join(mathematics)


def _code_words(found: re.Match[str]) -> str:
    """Keep inline code that is a number in disguise, and drop names and commands."""
    return found[1] if re.fullmatch(r"[\W\d]*\d[\W\d]*", found[1]) else ""


def typed_numbers(text: str) -> list[str]:
    """Return the numbers that stand in a page's sentences, and odd ones in its math."""
    prose, mathematics = prose_of(text)
    mathematics = re.sub(r"^:label:.*", "", mathematics, flags=re.MULTILINE)
    # A formula may have 0, 1 and 2 in it, and pairs of 1 and 2 as indices.
    allowed = {"0", "1", "2", "11", "12", "21", "22"}
    found = re.findall(r"\d+(?:\.\d+)?", mathematics)
    odd = [number for number in found if number not in allowed]
    return re.findall(r"\d(?:[\d.,/]*\d)?", prose) + odd


def glue_faults(page: Path) -> list[str]:
    """Say which glued names are not those of the variables, or come too late."""
    trees = [node for cell in cells(page) for node in ast.parse(cell).body]
    variables: dict[str, set[str]] = {}  # the names of what a cell computes
    for node in trees:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            computed = ast.unparse(node.value).removesuffix("()")
            variables.setdefault(computed, set()).add(node.targets[0].id)
    assigned = set().union(*variables.values()) if variables else set()
    faults = []
    for name, value in _glued(trees):
        called = variables.get(value, set())
        right = {value} if value in assigned else called
        if (right and name not in right) or (name in assigned and not right):
            expected = " or ".join(sorted(right)) or "another thing in the cells"
            faults.append(f"{page.name}: {name} is glued, but {value} is {expected}")
        use = re.search(rf"\{{glue:\w+\}}`{name}[.:`]", source(page))
        glued = re.search(rf"(?ms)^glue\([^`]*?\b{name}=", source(page))
        if use and glued:
            cell = source(page).rindex("```{code-cell}", 0, glued.start())
            if use.start() < cell:
                faults.append(f"{page.name}: {name} is used before it is glued")
    return faults


def _glued(trees: list[ast.stmt]) -> list[tuple[str, str]]:
    """Return each glued name, and what is glued under it, as the cells write it."""
    return [
        (
            str(keyword.arg),
            re.sub(r"^tuple\((\w+)\)$", r"\1", ast.unparse(keyword.value)).removesuffix(
                "()"
            ),
        )
        for node in trees
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        if ast.unparse(node.value.func) == "glue"
        for keyword in node.value.keywords
    ]


class TestStems:
    """The chapter's stem is the key."""

    def test_every_chapter_has_its_examples_and_their_test(self) -> None:
        """A page, a module of examples and a test module share one stem."""
        modules = {p.stem for p in (ROOT / "gdbook" / "examples").glob("[!_]*.py")}
        tested = {
            p.stem.removeprefix("test_")
            for p in (ROOT / "tests" / "examples").glob("test_*.py")
        }
        appendices = {page.stem for page in DOCS.glob("*.md")}
        assert set(CHAPTERS) <= modules
        assert modules <= set(CHAPTERS) | appendices
        assert modules == tested == set(examples.__all__)

    def test_index_orders_every_chapter_once(self) -> None:
        """The index is the only place that orders chapters."""
        listed = re.findall(r"(?m)^chapters/(\w+)$", source(DOCS / "index.md"))
        assert sorted(listed) == CHAPTERS
        others = [page for page in PAGES if page != DOCS / "index.md"]
        assert not [page for page in others if "{toctree}" in source(page)]

    @pytest.mark.parametrize("stem", sorted(examples.__all__))
    def test_every_example_is_on_a_page(self, stem: str) -> None:
        """No worked example is left that no page calls."""
        module = importlib.import_module(f"gdbook.examples.{stem}")
        code = "\n".join(cell for page in PAGES for cell in cells(page))
        used = {
            node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)
        }
        used |= {
            n.attr for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Attribute)
        }
        functions = [
            n for n in module.__all__ if inspect.isfunction(getattr(module, n))
        ]
        assert functions
        assert not [name for name in functions if name not in used]

    def test_every_plot_is_on_a_page(self) -> None:
        """No kind of figure is left that no page draws."""
        drawn = {
            (stem, name)
            for page in PAGES
            for stem, alias in re.findall(IMPORTED, source(page), re.MULTILINE)
            for cell in cells(page)
            for name in re.findall(rf"\b{alias}\.(\w+)\(", cell)
        }
        functions = {
            (stem, name)
            for stem in plotting.__all__
            for name in getattr(plotting, stem).__all__
        }
        assert functions == drawn

    def test_every_explorable_has_its_parts(self) -> None:
        """Function, HTML and script share a name, which starts with the chapter's."""
        names = set(gdbook.explorables.__all__)
        scripts = {p.stem for p in (DOCS / "_static" / "figures").glob("*.js")}
        fragments = {p.stem for p in (DOCS / "_templates" / "figures").glob("*.html")}
        assert names
        # What all figures share has no chapter.
        assert scripts - {"figure"} == fragments == names
        used = [
            (page.stem, name)
            for page in PAGES
            for name in re.findall(r"(?m)^```\{explorable\} (\w+)$", source(page))
        ]
        assert sorted(name for _, name in used) == sorted(names)
        assert all(name.startswith(f"{chapter}_") for chapter, name in used)


class TestSources:
    """Every computed number in a sentence comes from glue."""

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_no_number_is_typed(self, page: Path) -> None:
        """A number in prose is glued, or listed as given in the page's front matter."""
        given = front_matter(page).get("given", [])
        found = typed_numbers(source(page))
        assert not [number for number in found if number not in given]
        assert not [number for number in given if number not in found]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("The slope is -24.", ["24"]),
            ("The slope is `-24`.", ["24"]),
            ("# Chapter 3", ["3"]),
            ("A [link](page2.md) to 7.", ["7"]),
            ("| 0.26 | cell |", ["0.26"]),
            ("$2\\,(-4)\\cdot 3$", ["4", "3"]),
            ("```{math}\n:label: eq-5\nx^2 - 9\n```\n", ["9"]),
            (":::{admonition} Predict\n:class: predict\nIs it 5?\n:::", ["5"]),
            (
                "```{code-cell}\n---\ncaption: |\n      At 8.\n---\nx = 6\n```\n",
                ["8"],
            ),
            ("{glue:text}`step.weight` and {doc}`page 4 <x>`", ["4"]),
            ("{glue:text}`run.losses.1:.2f` of `float64`, {eq}`eq-2`, $x_1 + 2$", []),
            ("1. first\n2. second", []),
        ],
    )
    def test_the_scan_sees_typed_numbers(self, text: str, found: list[str]) -> None:
        """The scan finds a number wherever one could be typed, and no other."""
        assert typed_numbers(text) == found

    @pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
    def test_glued_names(self, page: Path) -> None:
        """What a sentence calls a trace is the name of its variable in the cells."""
        assert glue_faults(page) == []

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_cells_are_short(self, page: Path) -> None:
        """Anything over fifteen lines, or wider than a page, is library code."""
        for cell in cells(page):
            lines = [line for line in cell.splitlines() if line.strip()]
            assert len(lines) <= 15, cell
            assert max(map(len, lines), default=0) <= 80, cell

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_one_sentence_per_line(self, page: Path) -> None:
        """A line of prose ends where its sentence ends; a list may run on."""
        prose, _ = prose_of(source(page))
        lines = [line for line in prose.splitlines() if re.match(r"[A-Z]", line)]
        steps = re.findall(r"^\d+\. (.*)$", source(page), re.MULTILINE)
        lines = [line for line in lines if not any(line[:9] in step for step in steps)]
        assert [line for line in lines if re.search(r"[a-z)]\. [A-Z]", line)] == []


class TestTeaching:
    """Each chapter teaches: predict, run, explain."""

    @pytest.mark.parametrize("stem", CHAPTERS)
    def test_chapter_has_its_parts(self, stem: str) -> None:
        """An opening, predictions, two figures, three exercises, three sentences."""
        text = source(DOCS / "chapters" / f"{stem}.md")
        assert text.count(":class: opening") == 1
        for promise in ("**You will**", "**You will learn**", "**You need**"):
            assert promise in text
        assert text.count(":class: predict") >= 2
        assert len(re.findall(r"^    name: fig-", text, re.MULTILINE)) >= 2
        remember = re.search(r"(?ms)^## What to remember\n\n(.*?)\n\n", text)
        assert remember is not None
        assert len(remember[1].splitlines()) == 3

    @pytest.mark.parametrize("stem", CHAPTERS)
    def test_exercises_have_solutions_that_execute(self, stem: str) -> None:
        """Three exercises, each with a folded solution that holds a cell."""
        text = source(DOCS / "chapters" / f"{stem}.md")
        exercises = re.search(r"(?ms)^## Exercises\n(.*?)(?=^## )", text)
        assert exercises is not None
        parts = re.split(r"^### .*$", exercises[1], flags=re.MULTILINE)[1:]
        assert len(parts) == 3
        for part in parts:
            solution = re.search(r"(?s)\{solution-start\}(.*?)\{solution-end\}", part)
            assert solution is not None
            assert "```{code-cell}" in solution[1]


class TestPages:
    """A reader opens the built HTML."""

    @pytest.mark.parametrize("stem", CHAPTERS)
    def test_page_shows_its_numbers(self, book: Built, stem: str) -> None:
        """Every number of the content plan stands on the built page of its chapter."""
        text = text_of(book.page(f"chapters/{stem}"))
        for number in NUMBERS[stem]:
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d/]|\.\d)", text), (
                number
            )

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
        """A solution is a closed details element that holds its output."""
        page = book.page("chapters/weight_update")
        solutions = re.findall(r'(?s)<details class="solution".*?</details>', page)
        assert len(solutions) == 3
        assert all("cell_output" in solution for solution in solutions)

    def test_reference_lists_every_public_name(self, book: Built) -> None:
        """No public name is missing from the reference page."""
        inventory = (book.html / "objects.inv").read_bytes().split(b"\n", 4)[4]
        listed = set(
            re.findall(r"(?m)^(gdbook\S+) py:", zlib.decompress(inventory).decode())
        )
        modules = [f"gdbook.{name}" for name in gdbook.__all__ if name != "examples"]
        modules += [f"gdbook.examples.{name}" for name in examples.__all__]
        modules += [f"gdbook.plotting.{name}" for name in plotting.__all__]
        for name in modules:
            module = importlib.import_module(name)
            public = {
                f"{name}.{member}"
                for member in module.__all__
                if callable(getattr(module, member))
            }
            assert public
            assert public - listed == set()

    def test_errata_compute_every_row(self, book: Built) -> None:
        """Each mistake of the sources stands beside what holds."""
        text = text_of(book.page("errata"))
        rows = [
            ("0.0233333333", "0.06"),
            ("(15, 20)", "(30, 40)"),
            ("(19, 7)", "(16, 22)"),
            ("not aligned", "the gradient is flat"),
            ("0 − 0.1·(−2.6) = 0.22", "−2.2"),
            ("the slope is 0.42 and the intercept 0.40", "0.42724"),
            ("0.40014", "0.44434"),
            ("0.44043", "0.38455"),
            ("0.3333", "0.6652"),
            ("2.95082598639", "0.761594155956"),
            ("(2, 1)", "(2, 20)"),
            ("validation_loss", "must be one of: loss"),
            ("LeakyReLU(alpha=…)", "negative_slope"),
            ("keras.wrappers.scikit_learn", "SKLearnClassifier(model=…)"),
            ("input_shape=", "keras.Input"),
            ("best_model.h5", ".keras"),
        ]
        assert [number for row in rows for number in row if number not in text] == []

    def test_pages_print_a_progress_line_each(self, book: Built) -> None:
        """Every page with cells says that it was executed, and how long it took."""
        names = [page.relative_to(DOCS).as_posix() for page in NOTEBOOKS]
        assert sorted(book.executed) == sorted(names)


class TestOtherReaders:
    """Networks, search engines and readers of an ePub get their share."""

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
    def test_page_describes_itself(self, book: Built, page: Path) -> None:
        """Every page has a title and a description of its own."""
        html = book.page(page.relative_to(DOCS).with_suffix("").as_posix())
        assert re.search(r"<title>[^<]{5,}</title>", html)
        described = front_matter(page)["myst"]["html_meta"]["description"]
        assert f'<meta content="{described}" name="description" />' in unescape(html)

    def test_book_without_address_writes_none(self, book: Built) -> None:
        """Without an address there is nothing that would need one."""
        assert not (book.html / "sitemap.xml").exists()
        assert "canonical" not in book.page("index")

    def test_epub_is_well_formed(self, tmp_path: Path) -> None:
        """The ePub builds, and every page of it is XML with its mathematics in it."""
        built = build(copy_book(tmp_path), builder="epub")
        assert built.code == 0, built.log
        pages = {page.stem: page for page in built.html.rglob("*.xhtml")}
        assert set(CHAPTERS) < set(pages)
        for page in pages.values():
            ET.parse(page)  # noqa: S314 (our own file)
        for chapter in CHAPTERS:
            text = pages[chapter].read_text(encoding="utf-8")
            assert '<math xmlns="http://www.w3.org/1998/Math/MathML"' in text
            assert "<img" in text


class TestNothingLeavesTheSite:
    """No page asks another host for anything, or needs an inline script or style."""

    @pytest.mark.parametrize("name", ["search", *(page.stem for page in PAGES)])
    def test_pages_are_self_contained(self, book: Built, name: str) -> None:
        """Everything that a page loads stands beside it."""
        (page,) = book.html.rglob(f"{name}.html")
        html = page.read_text(encoding="utf-8")
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
    """Two cold builds give the same bytes."""

    def test_two_cold_builds_are_identical(self, book: Built, tmp_path: Path) -> None:
        """Every file of the site is the same in a build from another folder."""
        other = build(copy_book(tmp_path))
        assert other.code == 0, other.log

        def digests(built: Built) -> dict[str, str]:
            return {
                path.relative_to(built.html).as_posix(): hashlib.sha256(
                    path.read_bytes()
                ).hexdigest()
                for path in built.html.rglob("*")
                if path.is_file()
            }

        assert digests(book) == digests(other)
