"""The book as it is taken along, opened from the disk in Chromium and in Firefox.

Browsers give such a page less than one from a host: no module, no `fetch`, no font that
is asked for early.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import ZipFile

import pytest
from downloads import TOP, pack_site
from links import is_dead

from browser.node import ask
from browser.pages import CHECKS, NOT_FOUND, PATIENCE, Reader, listed, pages_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    Visits = list[tuple[str, str]]

FIREFOX = ("firefox", "firefox-esr", "/Applications/Firefox.app/Contents/MacOS/firefox")
NONE_FOUND = """\
The browser tests open the book from the disk in Firefox too, and there is none.
Install it where your system keeps its programs: as firefox-esr on Debian, as firefox
elsewhere."""
CHAPTER = "chapters/linear_regression.html"

# What every page is asked.
LOOK = """async (checks) => {
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map((image) => image.decode().catch(() => 0)));
  await document.fonts.ready;
  const named = [...document.querySelectorAll("[href], [src], [action]")];
  return {
    "broken figures": checks.brokenFigures(),
    asleep: [...document.querySelectorAll(".explorable :disabled")].length,
    formulas: document.querySelectorAll("math").length,
    fonts: Object.fromEntries(
      [...document.fonts].map((font) => [font.family.replaceAll('"', ""), font.status]),
    ),
    links: named.map((element) => {
      const names = ["href", "src", "action"];
      const name = names.find((name) => element.hasAttribute(name));
      return new URL(element.getAttribute(name), document.baseURI).href;
    }),
  };
}"""
STEP = """async () => {
  const find = (what) => document.querySelector(`.explorable ${what}`);
  const loss = () => find('[data-number="loss"]').textContent;
  const before = loss();
  find("[data-do=step]").click();
  for (let waited = 0; !location.hash && waited < 600; waited += 1) {
    await new Promise((passed) => setTimeout(passed, 100));
  }
  return { losses: [before, loss()], hash: location.hash };
}"""
GO_DARK = """() => {
  document.querySelector('.theme-change-button[data-mode="dark"]').click();
  return document.documentElement.dataset.theme;
}"""
THEME = """() => document.documentElement.dataset.theme"""
RESULTS = """async () => {
  const contexts = () =>
    [...document.querySelectorAll("li .context")].map((p) => p.textContent);
  for (let waited = 0; !contexts().length && waited < 600; waited += 1) {
    await new Promise((passed) => setTimeout(passed, 100));
  }
  return [contexts()[0], document.querySelector("#search-results li a").href];
}"""
STATE = """() => document.querySelector('[for$="-slope"] ~ output').textContent"""


class Visit(NamedTuple):
    """What a page answered, and what it complained of."""

    answer: Any
    complaints: list[str]


@pytest.fixture(scope="module")
def taken(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site as whoever takes it along has it: packed, and unpacked."""
    folder = tmp_path_factory.mktemp("taken")
    pack_site(site, folder / "site.zip")
    with ZipFile(folder / "site.zip") as packed:
        packed.extractall(folder)
    return (folder / TOP).resolve()


@pytest.fixture(params=["Chromium", "Firefox"])
def visit(
    request: pytest.FixtureRequest, taken: Path, npm: Path, browser: Browser
) -> Callable[[Visits], list[Visit]]:
    """Return what opens pages from the disk, one after the other, in one browser."""
    address = f"{taken.as_uri()}/"

    def in_chromium(visits: Visits) -> list[Visit]:
        found = []
        with closing(Reader(browser, address)) as reader:
            page = reader.open("index")
            for name, question in visits:
                reader.records.complaints.clear()
                page.goto(address + name)
                answer = page.evaluate(f"({question})({CHECKS})")
                found.append(Visit(answer, reader.records.complaints.copy()))
        return found

    def in_firefox(visits: Visits) -> list[Visit]:
        path = next(filter(None, map(shutil.which, FIREFOX)), None)
        if path is None:
            pytest.exit(NONE_FOUND, 4)
        found = ask(
            "firefox.mjs",
            npm,
            timeout=5 * PATIENCE / 1000,
            firefox=path,
            address=address,
            checks=CHECKS,
            visits=visits,
        )
        return [Visit(**visit) for visit in found]

    return in_chromium if request.param == "Chromium" else in_firefox


class TestFromDisk:
    """A page from the disk is as whole as one from a host."""

    def test_every_page(
        self, visit: Callable[[Visits], list[Visit]], site: Path, taken: Path
    ) -> None:
        """Figures, fonts and links are there, and the console is quiet."""
        wrong = []
        pages = [f"{name}.html" for name in pages_of(site) if name != NOT_FOUND]
        for name, seen in zip(pages, visit([(p, LOOK) for p in pages]), strict=True):
            found = seen.answer
            fonts = {"Font Awesome 7 Free": "loaded", "Book Math": "unloaded"}
            if found["formulas"]:
                fonts["Book Math"] = "loaded"
            if found["asleep"]:
                wrong.append(f"{name}: no script has woken a figure")
            if found["fonts"] != fonts:
                wrong.append(f"{name}: {found['fonts']}")
            dead = {link for link in found["links"] if is_dead(link, taken)}
            faults = (*found["broken figures"], *sorted(dead), *seen.complaints)
            wrong += [f"{name}: {fault}" for fault in faults]
        assert not wrong, listed(wrong)

    def test_what_a_reader_does(self, visit: Callable[[Visits], list[Visit]]) -> None:
        """The figure moves, its address keeps it, a theme stays, and a search finds."""
        seen = visit(
            [
                (CHAPTER, STEP),
                (f"{CHAPTER}#linear_regression_grades:slope=0.75,intercept=2", STATE),
                ("index.html", GO_DARK),
                (CHAPTER, THEME),
                ("search.html?q=-24", RESULTS),
            ]
        )
        stepped, slope, turned, kept, found = (visit.answer for visit in seen)
        assert stepped == {
            "losses": ["5.4", "0.7512"],
            "hash": "#linear_regression_grades:slope=0.712,intercept=0.964",
        }
        assert slope == "0.75"
        assert (turned, kept) == ("dark", "dark")
        context, link = found
        assert "24" in context
        assert "/chapters/weight_update.html#multiply-three-factors" in link
        assert [visit.complaints for visit in seen] == [[], [], [], [], []]
