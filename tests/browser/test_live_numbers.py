"""Every cell of the book in the reader's Python, beside what the build printed."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from kernels import USE
from live import SECONDS, key, stale
from live_cells import Tree
from myst_nb.core.variables import format_plain_text

from browser.pages import listed, pages_of
from gdbook import exercises

if TYPE_CHECKING:
    from collections.abc import Iterator

    from browser.table import Measured

    Pages = subprocess.Popen[str]

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
CACHES = DOCS / "_build" / ".jupyter_cache"
# Why the cells of a page cannot run, and what an exercise needs before it runs.
NOTE, BEFORE = 'class="live-note"', re.compile(r'data-before="([^"]*)"')
DESCRIPTION = re.compile(r"<dc:description>\s*(.*?)\s*</dc:description>", re.DOTALL)
# Page, cell and why it may say something else; nothing does.
EXCEPT: dict[tuple[str, int], str] = {}
# How many exercises there are, and which are judged as they should not be.
JUDGED = """
from gdbook import exercises

asked = [each for stem in exercises.__all__ for each in exercises.of(stem).values()]
wrong = [
    (each.name, words)
    for each in asked
    for words, mistake in each.mistakes.items()
    if each(mistake).words != words or not each(each.solution).right
]
print(len(asked), wrong)
"""
# Seconds of a cell that a reader is told of before it runs.
LONG = 3


@cache
def built() -> dict[str, Path]:
    """Return where the last build has kept each page that it ran."""
    places: dict[str, Path] = {}
    for database in CACHES.glob("*/global.db"):
        with closing(sqlite3.connect(database)) as opened:
            (page,) = opened.execute("SELECT uri FROM nbcache").fetchone()
        newest = max(places.get(page, database), database, key=used)
        places[page] = newest
    return {page: place.parent for page, place in places.items()}


def used(database: Path) -> float:
    """Return when a build last used a cache."""
    return database.parent.stat().st_mtime


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on every page whose cells have buttons."""
    if "live_page" in metafunc.fixturenames:
        site = metafunc.config.getoption("--site")
        pages = pages_of(site)
        metafunc.parametrize("live_page", [p for p in pages if has_bars(site, p)])


def has_bars(site: Path, page: str) -> bool:
    """Say whether the cells of a page can be run."""
    return 'class="live-bar' in (site / f"{page}.html").read_text("utf-8")


@pytest.fixture(scope="session")
def python(site: Path) -> Iterator[Pages]:
    """Start the Python that pages load, in Node."""
    node = shutil.which("node")
    assert node is not None, "Node is needed, and there is none"
    command = [node, str(HERE / "live.mjs"), str((site / "live").resolve())]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        process.kill()


def native(cell: Any) -> list[tuple[str, Any]]:
    """Return what a cell of the built page wrote and shows."""
    found: list[tuple[str, Any]] = []
    for output in cell.outputs:
        if output.output_type == "stream":
            found.append((output.name, output.text))
        elif "image/svg+xml" in output.data:
            words = DESCRIPTION.search(output.data["image/svg+xml"])
            found.append(("alt", words and unescape(words[1])))
        elif "text/html" in output.data:
            found.append(("html", Tree(output.data["text/html"]).root))
        else:
            found.append(("text", output.data["text/plain"]))
    return found


def live(told: list[tuple[str, str]]) -> list[tuple[str, Any]]:
    """Return what the same cell told the page."""
    found: list[tuple[str, Any]] = []
    for kind, text in told:
        if kind == "shown":
            shown = json.loads(text)
            name = next(one for one in ("alt", "html", "text") if one in shown)
            found.append((name, shown[name]))
        elif found and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + text)
        else:
            found.append((kind, text))
    return found


class TestNumbers:
    """The reader's Python says what the build said."""

    def test_every_page_runs_or_says_why(self, site: Path) -> None:
        """All cells have buttons, but for those of two pages that say what is missing.

        Each of these has three exercises that can be done all the same.
        """
        pages = {page: (site / f"{page}.html").read_text("utf-8") for page in built()}
        notes = {page for page, html in pages.items() if NOTE in html}
        assert notes == {"chapters/beyond_one_machine", "chapters/in_keras"}
        for page, html in pages.items():
            bars = html.count('class="live-bar')
            assert bars == 3 if page in notes else bars > 0
        for page in notes:
            said = rf"{NOTE}>[^<]*cannot run in a page: [^<]* Those of “<a "
            assert re.search(said, pages[page])

    @pytest.mark.claims(
        "What a cell prints is the same in both Pythons, or the browser session fails.",
        page="contributing",
    )
    def test_every_cell_says_the_same(
        self, site: Path, python: Pages, live_page: str, measured: Measured
    ) -> None:
        """Texts, tables, words of figures and glued numbers are the same, all of them.

        Of a page that cannot run that is what its exercises say, behind its imports.
        The table of what was measured has the rows of long cells that are not in the
        list yet, and of those whose code has changed since they were timed.
        """
        kept = built()[live_page]
        (path,) = kept.glob("executed/*/base.ipynb")
        cells = [
            cell
            for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "code"
        ]
        html = (site / f"{live_page}.html").read_text("utf-8")
        before, uses = [], sorted(set(USE.findall(page_of(live_page))))
        if NOTE in html:
            before = [*{json.loads(unescape(each)) for each in BEFORE.findall(html)}]
            cells = [
                cell for cell in cells if "exercise" in cell.metadata.get("tags", ())
            ]
            uses = []
            assert (len(before), len(cells)) == (1, 3)
        answer = run(python, [*before, *(cell.source for cell in cells)])
        timed = {code for _, code in SECONDS.get(live_page, {}).values()}
        wrong, long = [], []
        old = stale(live_page, [cell.source for cell in cells])
        runs = answer["said"][len(before) :]
        for number, cell in enumerate(cells, 1):
            said = runs[number - 1]
            ours, theirs = native(cell), live(said["told"])
            if ours != theirs and (live_page, number) not in EXCEPT:
                wrong.append(f"cell {number}:\n{ours}\n{theirs}")
            new = said["seconds"] > LONG and key(cell.source) not in timed
            if new or str(number) in old:
                row = json.dumps([round(said["seconds"]), key(cell.source)])
                long.append(f'"{number}": {row}')
        measured.setdefault(live_page, {})["long cells"] = ", ".join(long) or "–"
        glued = json.loads((kept / "glued.json").read_text(encoding="utf-8"))
        for use in uses:
            name, _, spec = use.partition(":")
            ours = glued[name]["text/plain"]
            theirs = answer["glued"].get(name, "")
            if written(ours, spec) != written(theirs, spec):
                wrong.append(f"{use}: {ours} and {theirs}")
        assert not wrong, listed(wrong)

    def test_every_exercise_judges_the_same(self, python: Pages) -> None:
        """A solution is right there, and each mistake gets its own words."""
        answer = run(python, [JUDGED])
        told = live(answer["said"][0]["told"])
        stems = exercises.__all__
        number = sum(len(exercises.of(stem)) for stem in stems)
        assert told == [("stdout", f"{number} []\n")]
        assert number >= 3 * len(stems)


def run(python: Pages, cells: list[str]) -> Any:
    """Run the cells of a page in the reader's Python."""
    assert python.stdin is not None
    assert python.stdout is not None
    python.stdin.write(json.dumps(cells) + "\n")
    python.stdin.flush()
    return json.loads(python.stdout.readline())


def written(text: str, spec: str) -> str:
    """Return a glued number as a sentence has it."""
    return str(format_plain_text(text, spec or "s")).strip()


def page_of(name: str) -> str:
    """Return the source of a page."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")
