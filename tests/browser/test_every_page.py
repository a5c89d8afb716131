"""What holds for every page of the book, read in a real browser."""

from __future__ import annotations

import statistics
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from browser import limits
from browser.pages import (
    PATIENCE,
    Reader,
    Records,
    ask,
    chapters_of,
    is_written_alike,
    listed,
    read_to_the_end,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from browser.table import Measured


FASTER = (Path(__file__).parent / "axe_faster.js").read_text(encoding="utf-8")


BAD_PAGE = """<!doctype html><title>Bad</title><img src="none.png"><main>
<p id="fine" style="color: black">Black on white can be read.</p>
<p id="pale" style="color: hsl(0 0% 70%)">Pale on white cannot.</p>
<p id="faint" style="color: black; opacity: 0.3">Faint on white cannot.</p>
<div style="background: rgb(0 0 0 / 60%)"><p id="veiled" style="color: #222">Dark
under a veil cannot.</p></div>
<p style="background: linear-gradient(red, blue)">Over two colours, who knows?</p>
</main>"""


@cache
def axe(npm: Path) -> str:
    """Return the source of axe-core."""
    return (npm / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@cache
def faster_axe(npm: Path) -> str:
    """Return axe-core in a third of its time."""
    return FASTER.replace("AXE;", axe(npm))


def axe_violations(page: Page, npm: Path, *left_out: str) -> list[str]:
    """Run axe-core on a page, and return what it finds, a line for each element."""
    page.evaluate(faster_axe(npm))
    results = page.evaluate(
        "([tags, rules]) => axe.run(document, {runOnly: {type: 'tag', values: tags},"
        " rules, resultTypes: ['violations'], preload: false})",
        [list(limits.AXE_TAGS), {rule: {"enabled": False} for rule in left_out}],
    )
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


class Visit(NamedTuple):
    """What one reading of a page found, under the names of the questions."""

    found: dict[str, Any]
    records: Records
    elsewhere: list[str]


class Visits:
    """Readings of pages, each made when a test first asks for it."""

    def __init__(self, browser: Browser, address: str, npm: Path) -> None:
        self._browser = browser
        self._address = address
        self._npm = npm
        self._made: dict[tuple[str, str], Visit] = {}

    def make(self, name: str, read: Callable[..., dict[str, Any]]) -> Visit:
        """Read a page in one way, once."""
        key = (name, read.__name__)
        if key not in self._made:
            with closing(Reader(self._browser, self._address)) as reader:
                found = read(reader, name, self._npm)
                self._made[key] = Visit(found, reader.records, reader.elsewhere())
        return self._made[key]


@pytest.fixture(scope="session")
def visits(browser: Browser, address: str, npm: Path) -> Visits:
    """Keep the readings of this file."""
    return Visits(browser, address, npm)


def axe_in(theme: limits.Theme, page: Page, name: str, npm: Path) -> list[str]:
    """Run axe-core on a page in the theme that it is left in, or in the other first."""
    found = []
    others = {*limits.THEMES} - {theme} if name in limits.OF_EACH_KIND else ()
    # Two thirds of the time go to the colours of names and numbers, and Sphinx writes
    # these alike on all pages of the reference.
    left_out = ("color-contrast",) if is_written_alike(name) else ()
    for each in (*others, theme):
        page.emulate_media(color_scheme=each)
        page.locator(f"html[data-theme={each}]").wait_for(state="attached")
        found += [f"{each}: {line}" for line in axe_violations(page, npm, *left_out)]
    return found


def walk(page: Page) -> dict[str, list[str]]:
    """Hold Tab down through a page, and return what is wrong with the way."""
    names = ask(page, "startTabbing")
    for _ in names:
        page.keyboard.down("Tab")
    page.keyboard.up("Tab")
    stops = page.evaluate("() => endTabbing()") if names else []
    wrong: dict[str, list[str]] = {"order": [], "unmarked": [], "unseen": []}
    for (place, name), stop in zip(enumerate(names), stops, strict=True):
        if stop["place"] != place:
            wrong["order"].append(f"{stop['name']} instead of {name}")
        if not stop["shows"]:
            wrong["unmarked"].append(stop["name"])
        if not stop["seen"]:
            wrong["unseen"].append(stop["name"])
    return wrong


def on_laptop(reader: Reader, name: str, npm: Path) -> dict[str, Any]:
    """Read a page to its end at a desk."""
    page = reader.open(name)
    read_to_the_end(page)
    weights = []
    for request in reader.records.requests:
        if not request.url.startswith("data:") and request.response():
            sizes = request.sizes()
            size = sizes["responseBodySize"] + sizes["responseHeadersSize"]
            weights.append((size, request.resource_type, request.url))
    found = {
        "weights": sorted(weights, reverse=True),
        "connections": page.evaluate(
            "() => [...document.querySelectorAll('link')]"
            ".filter((link) => /preconnect|prefetch/.test(link.rel))"
            ".map((link) => link.href)"
        ),
        "without address": ask(page, "withoutAddress"),
        "measure": ask(page, "measure"),
        "columns": ask(page, "codeColumns"),
        "loosePunctuation": ask(page, "loosePunctuation"),
        "small": ask(page, "smallCode", limits.CODE_SIZE),
        "blanks": ask(page, "blanks", limits.BLANK),
        "inset": ask(page, "insetBoxes"),
    }
    ask(page, "openAll")
    found["axe"] = axe_in("light", page, name, npm)
    return found if is_written_alike(name) else found | walk(page)


def on_phone(reader: Reader, name: str, npm: Path) -> dict[str, Any]:
    """Read a page on a small phone that has a keyboard."""
    page = reader.open(name, width=limits.SMALL_PHONE)
    ask(page, "openAll")
    found = {"axe": [] if is_written_alike(name) else axe_in("dark", page, name, npm)}
    if name in limits.OF_EACH_KIND:
        found |= walk(page)
    found |= {
        "too wide": ask(page, "tooWide"),
        "formulas": ask(page, "formulas"),
        "unreachable": ask(page, "unreachableBoxes"),
        "stuck": [],
    }
    boxes = page.locator("article math[display=block]").locator("xpath=..")
    wide = boxes.evaluate_all(
        "boxes => boxes.flatMap((box, place) =>"
        " box.scrollWidth > box.clientWidth + 1 ? [place] : [])"
    )
    for box in map(boxes.nth, wide):
        box.focus()
        page.keyboard.press("ArrowRight")
        waits = iter((0, 10, 40, 150, 300, 500, PATIENCE))  # some browsers animate it
        while not (moved := box.evaluate("box => box.scrollLeft")):
            if (wait := next(waits, None)) is None:
                break
            page.wait_for_timeout(wait)
        if not moved:
            found["stuck"].append(box.inner_text())
    for width in (limits.BIG_PHONE, limits.PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        for question in ("cut", "withoutHint", "brokenNames", "loosePunctuation"):
            found.setdefault(question, []).extend(ask(page, question))
    return found | {
        "too wide for more": ask(page, "tooWide"),
        "small": ask(page, "smallCode", limits.CODE_SIZE),
        "blanks": ask(page, "blanks", limits.BLANK),
        "inset": ask(page, "insetBoxes"),
    }


def without_scripts(reader: Reader, name: str, _npm: Path) -> dict[str, Any]:
    """Read a page where no script runs, on a laptop and on a phone."""
    found: dict[str, Any] = {"folded": [], "links": []}
    page = reader.open(name, scripts=False)
    for width in (limits.LAPTOP, limits.SMALL_PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        found["links"].append(ask(page, "visibleLinks", "a[href]"))
        for question in ("emptyFormulas", "rawTeX", "brokenFigures"):
            found.setdefault(question, []).extend(ask(page, question))
        for details in page.locator("article details").all():
            body = details.locator(":scope > :not(summary)").first
            folded = not body.is_visible()
            details.locator(":scope > summary").click()
            if not (folded and body.is_visible()):
                found["folded"].append(details.inner_text()[:60])
        ask(page, "closeAll")
    return found


def on_paper(reader: Reader, name: str, _npm: Path) -> dict[str, Any]:
    """Lay a page out for paper that the reader has turned dark."""
    page = reader.open(name, theme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.locator("html[data-theme=light]").wait_for(state="attached")
    return {
        "navigation": ask(
            page,
            "shownIn",
            "nav, button, input, select, header *, .headerlink, dialog, "
            "[class*='sidebar'], .prev-next-area, .skip-link",
        ),
        "folded": ask(page, "hiddenIn", "article details > :not(.live-bar)"),
        "pale": ask(page, "pale", limits.CONTRAST),
        "dark": ask(page, "darkOnPaper"),
        "without address": ask(page, "addressesNotPrinted"),
    }


class TestWire:
    """Nothing leaves the site, nothing breaks its policy, and little travels."""

    @pytest.fixture
    def visit(self, visits: Visits, page_name: str, measured: Measured) -> Visit:
        """Read a page to its end, and note what that took."""
        visit = visits.make(page_name, on_laptop)
        weights = visit.found["weights"]
        scripts = [size for size, kind, _ in weights if kind == "script"]
        measured.setdefault(page_name, {}).update(
            {
                "bytes": sum(size for size, *_ in weights),
                "script bytes": sum(scripts),
                "requests": len(weights),
                "policy": len(visit.records.violations),
            }
        )
        return visit

    def test_nothing_leaves_the_site(self, visit: Visit, address: str) -> None:
        """A page asks no other host for anything, and prepares no connection."""
        urls = visit.elsewhere + visit.found["connections"]
        found = [url for url in urls if not url.startswith(address)]
        assert not found, listed(found)

    def test_policy_holds(self, visit: Visit) -> None:
        """A page keeps to the Content-Security-Policy that the book ships."""
        assert not visit.records.violations, listed(visit.records.violations)

    def test_console_is_quiet(self, visit: Visit) -> None:
        """A page raises no error and earns no warning."""
        assert not visit.records.complaints, listed(visit.records.complaints)

    def test_page_is_light(self, visit: Visit) -> None:
        """A page with all its figures stays below its weight."""
        weights = visit.found["weights"]
        assert sum(size for size, *_ in weights) <= limits.PAGE_BYTES, listed(weights)

    def test_scripts_are_light(self, visit: Visit) -> None:
        """So do its scripts."""
        scripts = [weight for weight in visit.found["weights"] if weight[1] == "script"]
        assert sum(size for size, *_ in scripts) <= limits.SCRIPT_BYTES, listed(scripts)


class TestAxe:
    """Axe-core finds nothing."""

    def test_axe_finds_nothing(
        self, visits: Visits, page_name: str, measured: Measured
    ) -> None:
        """It looks in a laptop's light and, but for the reference, a phone's dark."""
        found = [
            f"{read.__name__}, {line}"
            for read in (on_laptop, on_phone)
            for line in visits.make(page_name, read).found["axe"]
        ]
        measured.setdefault(page_name, {})["axe"] = len(found)
        assert not found, listed(found)

    def test_faster_axe_finds_the_same(self, reader: Reader, npm: Path) -> None:
        """What makes axe faster changes nothing of what it says about a bad page."""
        page = reader.open("index")
        # The page's own policy forbids the styles that make a page bad.
        page.goto("about:blank")
        page.set_content(BAD_PAGE)
        said = []
        for source in (axe(npm), faster_axe(npm)):
            page.evaluate(source)
            results = page.evaluate("() => axe.run(document)")
            kinds = ("violations", "incomplete", "passes")
            said.append({kind: results[kind] for kind in kinds})
        plain, faster = said
        assert faster == plain
        contrast = next(
            found for found in plain["violations"] if found["id"] == "color-contrast"
        )
        assert [node["target"] for node in contrast["nodes"]] == [
            ["#pale"],
            ["#faint"],
            ["#veiled"],
        ]


class TestPhone:
    """A page fits a phone."""

    @pytest.fixture
    def found(self, visits: Visits, page_name: str) -> dict[str, Any]:
        """Read a page on a small phone."""
        return visits.make(page_name, on_phone).found

    def test_page_fits(self, found: dict[str, Any]) -> None:
        """A page does not scroll sideways, and nothing runs out of it."""
        assert not found["too wide"], listed(found["too wide"])
        assert not found["too wide for more"], listed(found["too wide for more"])

    def test_formulas_scroll_in_their_box(self, found: dict[str, Any]) -> None:
        """A displayed formula scrolls in a box of its own, which has a name."""
        out = [formula for formula in found["formulas"] if not formula["fits"]]
        assert not out, listed(out)
        wide = [formula for formula in found["formulas"] if formula["wide"]]
        bad = [
            formula
            for formula in wide
            if not (formula["inBox"] and formula["focusable"] and formula["named"])
        ]
        assert not bad, listed(bad)

    def test_nothing_is_cut(self, found: dict[str, Any]) -> None:
        """Formulas break into lines and tables into rows, so that a phone shows all."""
        assert not found["cut"], listed(found["cut"])

    def test_edges_say_that_there_is_more(self, found: dict[str, Any]) -> None:
        """What scrolls sideways has a shadow at its edge."""
        assert not found["withoutHint"], listed(found["withoutHint"])

    def test_names_stay_whole(self, found: dict[str, Any]) -> None:
        """No line ends inside a name."""
        assert not found["brokenNames"], listed(found["brokenNames"])

    def test_arrows_move_wide_formulas(self, found: dict[str, Any]) -> None:
        """The arrow keys move a formula that is wider than the page."""
        assert not found["stuck"], listed(found["stuck"])

    def test_scroll_boxes_take_the_focus(self, found: dict[str, Any]) -> None:
        """Whatever scrolls in a box can be reached without a mouse."""
        assert not found["unreachable"], listed(found["unreachable"])


class TestKeyboard:
    """A page works without a mouse."""

    @pytest.fixture
    def found(self, visits: Visits, walked: str) -> dict[str, Any]:
        """Press Tab through a page."""
        return visits.make(walked, on_laptop).found

    def test_tab_reaches_everything_in_order(self, found: dict[str, Any]) -> None:
        """Tab stops at all that can be used, in the order of the page."""
        assert not found["order"], listed(found["order"])

    def test_focus_is_visible(self, found: dict[str, Any]) -> None:
        """The reader sees where the focus is: it is marked, and nothing covers it."""
        assert not found["unmarked"], listed(found["unmarked"])
        assert not found["unseen"], listed(found["unseen"])

    @pytest.mark.parametrize("name", sorted(limits.OF_EACH_KIND))
    def test_on_a_phone(self, visits: Visits, name: str) -> None:
        """What folds away there is no stop, and what is left works in the same way."""
        found = visits.make(name, on_phone).found
        wrong = {key: found[key] for key in ("order", "unmarked", "unseen")}
        assert wrong == {"order": [], "unmarked": [], "unseen": []}


class TestText:
    """A page is set to be read, and to be linked to."""

    @pytest.fixture
    def found(self, visits: Visits, page_name: str) -> dict[str, Any]:
        """Read a page at a desk."""
        return visits.make(page_name, on_laptop).found

    def test_parts_have_addresses(self, found: dict[str, Any]) -> None:
        """An address, with a link to it, leads to each heading, formula and figure."""
        assert not found["without address"], listed(found["without address"])

    def test_lines_have_a_good_length(self, found: dict[str, Any]) -> None:
        """The median full line of prose has 60 to 75 characters."""
        lines = found["measure"]
        low, high = limits.MEASURE
        if len(lines) >= 10:
            assert low <= statistics.median(lines) <= high, sorted(lines)

    def test_code_does_not_wrap(self, found: dict[str, Any]) -> None:
        """A laptop shows all columns of the code."""
        narrow = [count for count in found["columns"] if count < limits.CODE_COLUMNS]
        assert not narrow, listed(narrow)


class TestLook:
    """A page looks alike at a desk and on a phone."""

    @pytest.fixture(params=[on_laptop, on_phone])
    def found(
        self, request: pytest.FixtureRequest, visits: Visits, page_name: str
    ) -> dict[str, Any]:
        """Read a page."""
        return visits.make(page_name, request.param).found

    def test_punctuation_stays_with_its_formula(self, found: dict[str, Any]) -> None:
        """No line begins with the comma behind a formula."""
        loose = found["loosePunctuation"]
        assert not loose, listed(loose)

    def test_code_is_large_enough(self, found: dict[str, Any]) -> None:
        """Code and the numbers it shows are not much smaller than the text."""
        assert not found["small"], listed(found["small"])

    def test_text_follows_a_caption(self, found: dict[str, Any]) -> None:
        """There is no blank below a figure."""
        assert not found["blanks"], listed(found["blanks"])

    def test_boxes_begin_with_the_text(self, found: dict[str, Any]) -> None:
        """Boxes and figures begin where the lines of text do."""
        assert not found["inset"], listed(found["inset"])


class TestWithoutScripts:
    """A page reads where no script runs."""

    @pytest.fixture
    def visit(self, visits: Visits, page_name: str) -> Visit:
        """Read a page without scripts."""
        return visits.make(page_name, without_scripts)

    @pytest.mark.parametrize("what", ["emptyFormulas", "rawTeX", "brokenFigures"])
    def test_mathematics_and_figures_show(self, visit: Visit, what: str) -> None:
        """Formulas are set, figures are drawn, and no TeX is left over."""
        assert not visit.found[what], listed(visit.found[what])

    def test_every_chapter_is_a_link_away(
        self, visit: Visit, site: Path, page_name: str
    ) -> None:
        """On a laptop each page shows all chapters; on a phone, a way to the next."""
        laptop, phone = visit.found["links"]
        ends = {link.rpartition("/")[2].partition("#")[0] for link in laptop}
        chapters = {f"{Path(name).name}.html" for name in chapters_of(site)}
        assert chapters - {f"{Path(page_name).name}.html"} <= ends
        here = f"/{page_name}.html"
        assert any(".html" in link and here not in link for link in phone)

    def test_solutions_open(self, visit: Visit) -> None:
        """A folded solution opens when its summary is pressed."""
        assert not visit.found["folded"], listed(visit.found["folded"])

    def test_policy_holds(self, visit: Visit) -> None:
        """Nothing that stands in for the scripts breaks the policy or leaves."""
        assert not visit.records.complaints, listed(visit.records.complaints)
        assert not visit.elsewhere, listed(visit.elsewhere)


class TestPaper:
    """A page prints cleanly, whatever its theme is on the screen."""

    @pytest.fixture
    def found(self, visits: Visits, page_name: str) -> dict[str, Any]:
        """Lay a page out for paper."""
        return visits.make(page_name, on_paper).found

    def test_navigation_stays_on_the_screen(self, found: dict[str, Any]) -> None:
        """Nothing is printed that only leads elsewhere or waits for a hand."""
        assert not found["navigation"], listed(found["navigation"])

    def test_solutions_are_open(self, found: dict[str, Any]) -> None:
        """A solution that is folded on the screen is open on paper."""
        assert not found["folded"], listed(found["folded"])

    def test_ink_is_dark(self, found: dict[str, Any]) -> None:
        """Text stands out from white paper, and figures are drawn for it."""
        assert not found["pale"], listed(found["pale"])
        assert not found["dark"], listed(found["dark"])

    def test_addresses_are_printed(self, found: dict[str, Any]) -> None:
        """The address of another site stands beside its link."""
        assert not found["without address"], listed(found["without address"])
