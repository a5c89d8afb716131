"""The sources of the book: each page has what it must have, or says what it lacks."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from book import CHAPTERS, PAGES, ROOT, cells
from sources import KINDS, Page, faults, functions_of, typed, typed_numbers

from gdbook import explorables

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path) -> None:
    """Nothing is missing; each fault says in one sentence what, and in which file."""
    found = faults(Page(page, ROOT))
    assert not found, "\n".join(found)


def test_every_module_has_its_page() -> None:
    """No examples, no figures and no test of them are left without a page."""
    pages = {page.stem for page in PAGES}
    holding = ("gdbook/examples", "gdbook/exercises", "gdbook/plotting")
    for package in (*holding, "tests/examples"):
        for path in (ROOT / package).glob("[!_]*.py"):
            assert path.stem.removeprefix("test_") in pages, f"{path} has no page"
            if package != "tests/examples":
                assert functions_of(path), f"{path} has no public function"
    examples, figures = (
        {path.stem.removeprefix("test_") for path in (ROOT / folder).glob("test_*.py")}
        for folder in ("tests/examples", "tests/plotting")
    )
    assert set(CHAPTERS) <= examples
    others = {"base", "edges", "explorables", "measurements"}
    assert figures - others == set(CHAPTERS)


def test_only_the_page_on_keras_needs_scikit_learn() -> None:
    """No other page imports it, nor SciPy, and no example of that page."""
    needing = (
        r"(?m)^ *(?:from|import) (?:keras|sklearn|scipy|gdbook.examples.in_keras)\b"
    )
    found = [page.stem for page in PAGES if re.search(needing, "\n".join(cells(page)))]
    assert found == ["in_keras"]


def test_every_explorable_has_its_parts() -> None:
    """Figure, script and page share a name, which starts with the chapter's."""
    names = set(explorables.figures())
    scripts = (ROOT / "docs" / "_static" / "explorables").glob("*.js")
    # What all figures share has no chapter.
    assert {path.stem for path in scripts} - {"descent", "explorable"} == names
    used = [
        name
        for page in PAGES
        for name in re.findall(
            r"(?m)^```\{explorable\} (\w+)$", page.read_text(encoding="utf-8")
        )
    ]
    assert names
    assert sorted(used) == sorted(names)
    assert set(explorables.__all__) <= set(CHAPTERS)


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
def test_the_scan_sees_typed_numbers(text: str, found: list[str]) -> None:
    """The scan finds a number wherever one could be typed, and no other."""
    assert typed_numbers(text) == found


PAGE = "docs/chapters/weight_update.md"
EXAMPLE = "gdbook/examples/weight_update.py"
TEST = "tests/examples/test_weight_update.py"
CELL = "```{code-cell}\nweight_update()\n```"
WIDE = CELL.replace("weight_update()", f"x = {'1' * 80}")
LONG = CELL.replace("()", "()" + "\nx = 1" * 15)
PACKAGES = [
    *("gdbook/examples", "gdbook/exercises", "gdbook/plotting"),
    *("tests/examples", "tests/plotting"),
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy all that a page is held against."""
    copy = tmp_path_factory.mktemp("sources")
    ignored = shutil.ignore_patterns("_build", "__pycache__", "_static")
    for folder in ("docs", "gdbook", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignored)
    return copy


class TestMistakes:
    """An author's mistake is told in a sentence that names the file."""

    @pytest.mark.parametrize(
        ("file", "old", "new", "said"),
        [
            (PAGE, ":class: opening", "", "has not one admonition of the class"),
            (PAGE, "**You need**", "", "does not say **You need** in its opening."),
            (PAGE, ":::{predict}", ":::{note}", "has 0 of at least 2 questions to pre"),
            (PAGE, "name: fig-", "name: ", "has 0 of at least 2 figures"),
            (PAGE, "```{math}", "```{text}", "has 0 of at least 1 equations"),
            (PAGE, "The slope along a weight is", "A\nB", "has 4 sentences"),
            (PAGE, "## What to rem", "## R", "has 0 sentences, not 3"),
            (PAGE, "## Read on", "## More", "has no section Read on"),
            (PAGE, "### Step too far", "", "has 2 exercises, not 3"),
            (PAGE, "## Exercises", "## Tasks", "has 0 exercises, not 3"),
            *((PAGE, f"**{kind}.**", "", f"starts with **{kind}.**") for kind in KINDS),
            (PAGE, "{solution-end}", "", "no solution with a code cell for “Step too"),
            (PAGE, "description:", "about:", "has no description under myst"),
            (PAGE, "from {doc}`loss_functions`", "of 7", "types 7; glue it"),
            (PAGE, "\n---\n\n#", "\ngiven: [3]\n---\n\n#", "lists 3 as given, but"),
            (
                PAGE,
                CELL,
                f"x = {'1' * 80}".join(CELL.split("weight_update()")),
                "wider",
            ),
            (
                PAGE,
                CELL,
                CELL.replace("()", "()\nx = 1" * 15),
                "has a cell of 16 lines",
            ),
            (
                PAGE,
                "\nglue(step=weight_update, run=repeated)\n",
                "\nglue(step=weight_update, run=repeated)" + "\nx = 1" * 16 + "\n",
                "has a cell of 16 lines",
            ),
            (PAGE, "with one weight multiplies", "triples", "says triples, which no"),
            (PAGE, "with one weight multiplies", "is. It", "two sentences on a line"),
            (PAGE, "\nrun = repeated()\n", "\nruns = repeated()\n", "glues run, but"),
            (PAGE, "# Update one weight", "{glue:text}`run.x`", "before it is glued"),
            (PAGE, "draw.one_step(", "draw.weight_descent(", "No page draws one_step"),
            (PAGE, "# Update", "```{toctree}\n```\n", "has a toctree; docs/index.md"),
            ("docs/index.md", "chapters/weight_update\n", "", "0 times, not once"),
            (PAGE, "one weight move?\n", "one weight move\n", "with a question"),
            (PAGE, "one weight move?\n", "it move?\n", "docs/index.md does not ask"),
            (PAGE, "description: ", "description: a: ", "no YAML at its top, line 7"),
            (PAGE, "run = repeated()", "run = repeated(", "has a cell with '(' was"),
            (PAGE, "import repeated, ", "import again, repeated, ", "imports again"),
            (PAGE, "draw.one_step(", "draw.steps(", "calls draw.steps, which gdbook"),
            (PAGE, "`step.slope`", "`step.slop`", "uses step.slop, which WeightUpdate"),
            (EXAMPLE, "    slope: Number\n", "", "uses step.slope, which WeightUpdate"),
            (
                "tests/examples/test_weight_update.py",
                "NUMBERS",
                "N",
                "names no NUMBERS",
            ),
            (
                "gdbook/examples/weight_update.py",
                "def repeated",
                "def thereafter",
                "calls thereafter",
            ),
        ],
    )
    def test_fault(self, book: Path, file: str, old: str, new: str, said: str) -> None:
        """Each part that goes missing is missed, and nothing is without the mistake."""
        page, path = Page(book / PAGE, book), book / file
        assert faults(page) == []
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        found = faults(page)
        path.write_text(text, encoding="utf-8")
        assert [fault for fault in found if said in fault]
        named = ("docs/", "tests/", "gdbook/", "No page")
        assert all(fault.startswith(named) for fault in found)

    def test_fault_of_the_glossary(self, book: Path) -> None:
        """A term that stands out of its place is named."""
        path = book / "docs" / "glossary.md"
        text = path.read_text(encoding="utf-8")
        assert faults(Page(path, book)) == []
        path.write_text(text.replace("\nbackend\n", "\nzackend\n"), encoding="utf-8")
        found = faults(Page(path, book))
        path.write_text(text, encoding="utf-8")
        says = "docs/glossary.md has zackend before backpropagation, against"
        assert [fault for fault in found if fault.startswith(says)]

    @pytest.mark.claims(
        "A chapter's stem is its key: what belongs to the chapter stands in files of"
        " that name, and a test names each one that is missing.",
        page="contributing",
    )
    @pytest.mark.parametrize("folder", PACKAGES)
    def test_missing_file(self, book: Path, folder: str) -> None:
        """A file that is missing is named, and the other checks go on."""
        page = Page(book / PAGE, book)
        (path,) = (book / folder).glob("*weight_update.py")
        text = path.read_text(encoding="utf-8")
        path.unlink()
        found = faults(page)
        path.write_text(text, encoding="utf-8")
        assert found[0].startswith(f"{folder}/{path.name} is missing; it holds ")


@pytest.mark.claims(
    "A number that stands in digits in a sentence of this book is computed, unless it "
    "is listed as given, like a year or a misprint of a source.",
    page="index",
)
def test_a_typed_number_is_found_wherever_it_is_typed() -> None:
    """No page has one that is not given, and one more in its first sentence is told."""
    for path in PAGES:
        page = Page(path, ROOT)
        assert [*typed(page)] == []
        title = page.text.partition("\n# ")[2].partition("\n")[0]
        more = page.text.replace(f"# {title}\n", f"# {title}\n\nIt is 98765.\n", 1)
        assert typed_numbers(more).count("98765") == 1


@pytest.mark.claims(
    "Each section below quotes one word for word and says what holds, and a cell shows "
    "what can be computed of it.",
    page="errata",
)
def test_every_section_names_its_source_and_quotes_it() -> None:
    """A section has the number of a text and its words; one alone has no cell."""
    page = (ROOT / "docs" / "errata.md").read_text(encoding="utf-8")
    sections = re.split(r"(?m)^### ", page)[1:]
    assert len(sections) > 20
    texts = [re.sub(r"(?ms)^```.*?^```$", "", section) for section in sections]
    assert all(re.search(r"(?i)texts? 00[0-4]", text) for text in texts)
    assert all(re.search(r"“|`|\$", text) for text in texts)
    without = [s.partition("\n")[0] for s in sections if "```{code-cell}" not in s]
    assert without == ["Names that have gone"]
