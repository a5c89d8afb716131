"""Cells that run in the reader's browser, used as a reader uses them."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser import limits
from browser.node import ask as ask_node
from browser.pages import Reader, ask
from browser.server import serve
from browser.test_every_page import axe_violations
from browser.test_from_disk import FIREFOX, NONE_FOUND
from gdbook import exercises

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

CHAPTER = "chapters/weight_update"
STEP, FIGURE = 2, 3  # cells of that chapter: a table, and a figure below it
# Bytes of a first run, and what a first figure adds, as they travel.
FIRST, DRAWN = 10_000_000, 9_000_000
ENDLESS = "while True: pass"
UNFOLD = """(cell) => {
  for (const fold of [cell, ...cell.querySelectorAll("details")]) {
    const outer = fold.closest("details");
    if (outer) outer.open = true;
  }
}"""
# Notes all that the bars of a page say.
WATCH = """() => {
  window.told = [];
  const outputs = [...document.querySelectorAll(".live-bar output")];
  const note = () => told.push(...outputs.map((output) => output.textContent));
  const all = { characterData: true, childList: true, subtree: true };
  new MutationObserver(note).observe(document.body, all);
}"""
IN_FIREFOX = """async () => {
  const state = (bar) => bar.dataset.state;
  const bars = [...document.querySelectorAll(".live-bar")];
  const run = async (bar) => {
    bar.querySelector("[data-do=run]").click();
    while (!/done|failed/.test(state(bar))) {
      await new Promise((passed) => setTimeout(passed, 100));
    }
  };
  await run(bars[1]);
  await run(bars[2]);
  const [step, figure] = [1, 2].map((at) => bars[at].closest(".cell"));
  return {
    states: [state(bars[1]), state(bars[2])],
    step: step.querySelector(".cell_output").textContent.replace(/\\s+/g, " "),
    figure: figure.querySelector("img").src.slice(0, 18),
    words: figure.querySelector("img").alt,
  };
}"""


class Cells:
    """The cells of a page that a reader has open."""

    def __init__(self, reader: Reader, name: str = CHAPTER, **how: Any) -> None:
        self.page = reader.open(name, **how)
        self.reader = reader

    def cell(self, number: int) -> Locator:
        """Return a cell, unfolded."""
        cell = self.page.locator(".cell:has(.live-bar)").nth(number - 1)
        cell.evaluate(UNFOLD)
        return cell

    def press(self, number: int, name: str) -> None:
        """Press a button."""
        self.cell(number).get_by_role("button", name=f"{name} cell {number}").click()

    def said(self, number: int) -> str:
        """Return what the bar of a cell says."""
        return self.cell(number).get_by_role("status").inner_text()

    def output(self, number: int) -> Locator:
        """Return what a cell shows."""
        return self.cell(number).locator(":scope > .cell_output")

    def wait(self, number: int, state: str = "done") -> None:
        """Wait until a run has ended in a state."""
        bar = self.cell(number).locator(".live-bar")
        expect(bar).to_have_attribute("data-state", state)

    def run(self, number: int, state: str = "done") -> str:
        """Run a cell, and return what it shows then."""
        self.press(number, "Run")
        self.wait(number, state)
        return self.output(number).inner_text()

    def write(self, number: int, code: str) -> None:
        """Write other code into a cell, by keys."""
        edit = self.cell(number).get_by_role("button", name=f"Edit cell {number}")
        field = self.field(number)
        if edit.is_visible():
            edit.click()
        else:
            field.focus()
        expect(field).to_be_focused()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(code)
        expect(field).to_have_value(code)

    def field(self, number: int) -> Locator:
        """Return the field that a cell is written in."""
        return self.cell(number).get_by_label(f"Code of cell {number}")


@pytest.fixture(scope="module")
def shared(browser: Browser, address: str) -> Iterator[Cells]:
    """Open a page once, and start its Python."""
    reader = Reader(browser, address)
    cells = Cells(reader)
    cells.run(STEP)
    yield cells
    reader.close()


@pytest.fixture
def cells(shared: Cells) -> Iterator[Cells]:
    """Give each test the page as it was built, and hear no complaint."""
    shared.reader.records.complaints.clear()
    yield shared
    assert shared.reader.records.complaints == []
    for number in (STEP, FIGURE):
        reset = shared.cell(number).get_by_role("button", name=f"Reset cell {number}")
        if reset.is_visible():
            reset.click()


class TestFirstRun:
    """Python comes with the first run, from the site alone."""

    @pytest.mark.claims(
        "The first run fetches Python and NumPy from the site of this book, and the"
        " first figure Matplotlib; a browser keeps both for the next page.",
        page="live",
    )
    def test_nothing_comes_before_a_click(self, reader: Reader) -> None:
        """A page that is read to its end has asked for nothing of it."""
        page = reader.open(CHAPTER)
        page.wait_for_load_state("networkidle")
        urls = [request.url for request in reader.records.requests]
        assert len(urls) > 5
        assert [url for url in urls if "/live/" in url] == []

    def test_first_run_and_first_figure(self, browser: Browser, site: Path) -> None:
        """They say the built numbers, come in so many bytes, and say how many."""
        sent: list[tuple[str, int]] = []
        with serve(site, sent=sent) as address:
            reader = Reader(browser, address)
            cells = Cells(reader)
            built = cells.output(STEP).inner_text()
            cells.page.evaluate(WATCH)
            sent.clear()
            # What a question folds away has no lines before it is run.
            assert "".join(cells.run(STEP).split()) == "".join(built.split())
            told = cells.page.evaluate("() => told")
            assert any(re.fullmatch(r"loading Python: \d+ of \d+ MB", x) for x in told)
            assert 5_000_000 < sum(size for _, size in sent) < FIRST
            assert not [path for path, _ in sent if "matplotlib" in path]
            before = figure_of(cells)
            sent.clear()
            cells.run(FIGURE)
            assert 5_000_000 < sum(size for _, size in sent) < DRAWN
            assert "loading matplotlib" in " ".join(cells.page.evaluate("() => told"))
            source, *after = figure_of(cells)
            assert source.startswith("data:image/svg+xml")
            assert after == before[1:]
            # The next page takes what the browser has.
            reader.go(cells.page, "chapters/forward_propagation")
            sent.clear()
            cells.run(2)
            fetched = [path for path, _ in sent if not path.startswith("/_images/")]
            assert fetched == ["/live/config.json"]  # pictures come as one scrolls
            assert reader.elsewhere() == []
            assert reader.records.complaints == []
            reader.close()

    def test_a_press_shows_at_once(self, reader: Reader) -> None:
        """A cell that failed says that it tries again before anything has come."""
        cells = Cells(reader)
        context, place = cells.page.context, "**/config.json"
        context.route(place, lambda route: route.fulfill(status=404))
        cells.run(STEP, "failed")
        context.unroute(place)
        held: list[Any] = []
        context.route(place, lambda route: held.append(route))  # noqa: PLW0108
        cells.press(STEP, "Run")
        cells.wait(STEP, "running")
        assert cells.said(STEP) == "loading Python"
        held[0].abort()
        cells.wait(STEP, "failed")

    def test_policy_without_webassembly_is_named(self, reader: Reader) -> None:
        """A page whose Python may not start says so, and does not hang."""
        cells = Cells(reader)
        policy = "script-src 'self'"

        def forbid(route: Any) -> None:
            answer = route.fetch()
            headers = answer.headers | {"content-security-policy": policy}
            route.fulfill(response=answer, headers=headers)

        cells.page.context.route("**/worker.mjs", forbid)
        cells.run(STEP, "failed")
        assert "forbids WebAssembly" in cells.said(STEP)

    @pytest.mark.parametrize("gone", ["config.json", "worker.mjs", "python_stdlib.zip"])
    def test_missing_files_are_named(self, reader: Reader, gone: str) -> None:
        """What does not come is said, and the next run tries again."""
        cells = Cells(reader)
        context = cells.page.context
        context.route(f"**/{gone}", lambda route: route.fulfill(status=404))
        cells.run(STEP, "failed")
        assert re.search("Python|config.json", cells.said(STEP))
        context.unroute(f"**/{gone}")
        assert "2.24" in cells.run(STEP)


def figure_of(cells: Cells) -> list[str]:
    """Return the address of a figure, its words, its size and its caption."""
    asked = "image => [image.src, image.alt, `${image.clientWidth}`, `${image.height}`]"
    found: list[str] = cells.output(FIGURE).locator("figure img").evaluate(asked)
    return [*found, cells.output(FIGURE).locator("figcaption").inner_text()]


class TestRun:
    """A cell runs as it stands, behind those before it."""

    def test_again(self, cells: Cells) -> None:
        """A second run says the same."""
        assert "2.24" in cells.run(STEP)

    def test_edit_by_keys(self, cells: Cells) -> None:
        """Shift and Enter run what was written, and Tab leads on to the buttons."""
        cells.write(STEP, "weight_update(weight=3)")
        cells.page.keyboard.press("Shift+Enter")
        cells.wait(STEP)
        assert "9" in cells.output(STEP).inner_text()
        expect(cells.field(STEP)).to_be_focused()
        cells.page.keyboard.press("Tab")
        expect(cells.cell(STEP).get_by_role("button", name="Run cell")).to_be_focused()
        cells.page.keyboard.press("Shift+Tab")
        expect(cells.field(STEP)).to_be_focused()

    def test_output_streams(self, cells: Cells) -> None:
        """Lines come as they are written, and a carriage return goes back."""
        code = "import time\nfor i in range(3):\n    print(f'step {i}', end='\\r')\n"
        cells.write(STEP, f"{code}print('done  ')\nprint('next')\ntime.sleep(2)")
        cells.press(STEP, "Run")
        expect(cells.output(STEP)).to_contain_text("next")
        bar = cells.cell(STEP).locator(".live-bar")
        assert bar.get_attribute("data-state") == "running"
        cells.wait(STEP)
        assert cells.output(STEP).inner_text().split() == ["done", "next"]

    def test_error_is_the_readers(self, cells: Cells) -> None:
        """An error names the reader's lines, and none of the library."""
        cells.write(STEP, "rate = -1\nweight_update(learning_rate=rate)")
        said = cells.run(STEP, "failed")
        assert said.startswith(
            "line 2: weight_update(learning_rate=rate)\nValueError: "
        )
        assert "learning_rate" in said
        assert "gdbook/" not in said

    def test_a_gap_without_an_end_is_seen(self, cells: Cells) -> None:
        """A check reads the code itself: compiled, `while ...:` is an endless loop."""
        code = "from gdbook.exercises import weight_update as exercise\n\n"
        code += "def step(input_value, weight, target, learning_rate):\n"
        code += "    while ...:\n        weight -= 1\n    return weight\n\n"
        cells.write(STEP, f"{code}exercise.step(step)")
        assert "Put code where ... stands." in cells.run(STEP)

    def test_cell_before_fails(self, cells: Cells) -> None:
        """What a cell needs and does not get is named, and its error stands there."""
        cells.write(STEP, "1 / 0")
        cells.run(FIGURE, "failed")
        assert cells.said(FIGURE) == "Cell 2 failed, and this one needs it."
        assert "ZeroDivisionError" in cells.output(STEP).inner_text()

    def test_markup_is_harmless(self, cells: Cells) -> None:
        """HTML that a cell shows brings no script, no style and no picture."""
        html = (
            "<b onclick='x()' style='color:red'>bold</b><script>1</script><img src=x>"
        )
        cells.write(
            STEP, f'class A:\n    def _repr_html_(self): return """{html}"""\nA()'
        )
        cells.run(STEP)
        assert cells.output(STEP).locator("b").inner_text() == "bold"
        inner = cells.output(STEP).evaluate("output => output.innerHTML")
        assert not re.search("onclick|style=|<script|<img", inner)

    @pytest.mark.claims(
        "Nothing is sent anywhere: what you write runs in your browser, which keeps"
        " your changes for you alone.",
        page="live",
    )
    def test_storage_is_out_of_reach(self, cells: Cells) -> None:
        """What a reader runs finds no storage of the site, and no other worker."""
        names = ("indexedDB", "caches", "localStorage", "cookieStore", "Worker")
        cells.write(STEP, f"import js\n[hasattr(js, name) for name in {names}]")
        assert "True" not in cells.run(STEP)
        assert "False" in cells.output(STEP).inner_text()
        cells.write(STEP, "import js\nhasattr(js.navigator, 'storage')")
        assert cells.run(STEP).strip() == "False"

    def test_outputs_are_announced(self, cells: Cells) -> None:
        """Other scripts of the page hear of a result."""
        cells.page.evaluate(
            "() => { window.heard = []; document.addEventListener('gdbook:output',"
            " ({target}) => heard.push(target.textContent.includes('2.24'))); }"
        )
        cells.run(STEP)
        assert cells.page.evaluate("() => heard") == [True]


class TestExercises:
    """They are done in the page, also where its other cells cannot run."""

    def test_of_a_page_without_its_package(self, reader: Reader) -> None:
        """Starters have gaps and solutions are right, with what the page imports."""
        cells = Cells(reader, "chapters/in_keras")
        cells.page.get_by_role("link", name="Write it yourself").first.click()
        asked = exercises.of("in_keras")
        assert cells.page.locator(".live-bar").count() == len(asked) == 3
        for number, (name, each) in enumerate(asked.items(), 1):
            assert "Put code where" in cells.run(number)
            cells.write(number, f"{each.source}\n\nexercise.{name}({name})")
            assert each.praise in cells.run(number)
        assert reader.elsewhere() == []
        assert reader.records.complaints == []


class TestStop:
    """A run can be stopped, and Python starts anew."""

    def test_endless_loop(self, reader: Reader) -> None:
        """Stop ends it, and what waits; the next run begins from nothing."""
        cells = Cells(reader)
        cells.write(STEP, ENDLESS)
        cells.press(STEP, "Run")
        expect(cells.cell(STEP).get_by_role("status")).to_have_text("running")
        cells.press(FIGURE, "Run")
        cells.press(STEP, "Stop")
        cells.wait(STEP, "stopped")
        cells.wait(FIGURE, "stopped")
        cells.press(STEP, "Reset")
        assert "2.24" in cells.run(STEP)
        assert reader.records.complaints == []

    def test_late_start_ends(self, reader: Reader) -> None:
        """A start that shows no sign of life for a minute ends with a sentence."""
        page = reader.open(
            CHAPTER, first="window.Worker = class { postMessage() {} terminate() {} };"
        )
        page.clock.install()
        bar = page.locator(".live-bar").nth(STEP - 1)
        bar.get_by_role("button", name="Run cell").click()
        expect(bar.get_by_role("status")).to_contain_text("starting")
        page.wait_for_timeout(500)
        page.clock.fast_forward(61_000)
        expect(bar.get_by_role("status")).to_contain_text("did not start within 60 s")


class TestKept:
    """What a reader has written is there again."""

    def test_edit_survives_a_reload(self, reader: Reader) -> None:
        """It is there after a reload, as text, and gone after a reset."""
        cells = Cells(reader)
        cells.write(STEP, "weight_update(weight=3)")
        kept = "() => localStorage.getItem('gdbook:edit:chapters/weight_update:2')"
        value = json.loads(cells.page.evaluate(kept))
        assert value == ["weight_update()", "weight_update(weight=3)"]
        reader.go(cells.page, CHAPTER)
        expect(cells.field(STEP)).to_have_value("weight_update(weight=3)")
        assert cells.said(STEP) == "edited by you"
        cells.press(STEP, "Reset")
        assert cells.page.evaluate(kept) is None
        reader.go(cells.page, CHAPTER)
        assert cells.field(STEP).count() == 0
        assert reader.records.complaints == []

    def test_stranger_values_are_nothing(self, reader: Reader) -> None:
        """What is no edit of this cell is left alone."""
        other = json.dumps(["another cell", "1 / 0"])
        for value in ("null", "{", "[]", other):
            first = (
                f"if (origin !== 'null')"
                f" localStorage.setItem('gdbook:edit:{CHAPTER}:2', {value!r});"
            )
            page = reader.open(CHAPTER, first=first)
            assert page.locator(".live-bar").count() > 5
            assert page.get_by_label("Code of cell 2").count() == 0
            page.context.close()
        assert reader.records.complaints == []


class TestEditor:
    """The editor colours, indents and completes; without it a plain field does."""

    def test_colours_and_completion(self, cells: Cells) -> None:
        """Code has colours, and names of the library and of the reader are offered."""
        cells.write(STEP, "for i in range(3):")
        expect(cells.cell(STEP).locator(".token.keyword").first).to_be_visible()
        cells.page.keyboard.press("End")
        cells.page.keyboard.press("Enter")
        expect(cells.field(STEP)).to_have_value("for i in range(3):\n    ")
        cells.write(STEP, "")
        for written, offered in (
            ("from gdbook.losses import squared_err", "squared_error"),
            ("weight_up", "weight_update"),
        ):
            cells.page.keyboard.press("ControlOrMeta+a")
            cells.page.keyboard.type(written)
            option = cells.cell(STEP).get_by_role("option").first
            expect(option).to_contain_text(offered)
            cells.page.keyboard.press("Enter")
            assert cells.field(STEP).input_value().endswith(offered)

    def test_plain_field(self, reader: Reader) -> None:
        """Where the editor was not shipped, a field takes its place."""
        cells = Cells(reader)
        cells.page.context.route("**/editor/index.js", lambda route: route.abort())
        cells.write(STEP, "weight_update(weight=3)")
        assert cells.field(STEP).evaluate("field => field.className") == "live-plain"
        cells.page.keyboard.press("Tab")
        expect(cells.cell(STEP).get_by_role("button", name="Run cell")).to_be_focused()


class TestLook:
    """The buttons fit a phone and both themes, and are not there without a script."""

    @pytest.mark.parametrize("theme", limits.THEMES)
    def test_phone(self, reader: Reader, npm: Path, theme: str) -> None:
        """With an editor and an error a small phone is wide enough, and axe content."""
        cells = Cells(reader, theme=theme, width=limits.SMALL_PHONE)
        cells.write(STEP, "x = 1  # " + "long " * 30 + "\n1 / 0")
        cells.run(STEP, "failed")
        assert ask(cells.page, "tooWide") == []
        assert ask(cells.page, "smallCode", limits.CODE_SIZE) == []
        assert axe_violations(cells.page, npm) == []

    def test_no_script_no_buttons(self, reader: Reader) -> None:
        """Where no script runs, and on paper, cells read as they always did."""
        page = reader.open(CHAPTER, scripts=False)
        assert not page.locator(".live-bar").nth(1).is_visible()
        page = reader.open(CHAPTER)
        expect(page.locator(".live-bar").nth(1)).to_be_visible()
        page.emulate_media(media="print")
        assert not page.locator(".live-bar").nth(1).is_visible()

    def test_nothing_moves(self, reader: Reader) -> None:
        """The buttons stand in the page before its script runs."""
        page = reader.open(CHAPTER, scripts=True)
        page.route("**/live.js*", lambda route: route.abort())
        page.reload()
        still = page.locator("#what-to-remember").bounding_box()
        page.unroute("**/live.js*")
        page.reload()
        assert page.locator("#what-to-remember").bounding_box() == still


class TestElsewhere:
    """Firefox runs the same, and a page from the disk says what to do."""

    def test_firefox(self, site: Path, npm: Path, address: str) -> None:
        """A table and a figure come out as in the built page."""
        path = next(filter(None, map(shutil.which, FIREFOX)), None)
        if path is None:
            pytest.exit(NONE_FOUND, 4)
        given = {"firefox": path, "address": address, "checks": "0"}
        visits = [(f"{CHAPTER}.html", IN_FIREFOX)]
        (seen,) = ask_node("firefox.mjs", npm, timeout=300, visits=visits, **given)
        html = (site / f"{CHAPTER}.html").read_text(encoding="utf-8")
        answer = seen["answer"]
        assert answer["states"] == ["done", "done"]
        assert "new_weight2.24" in answer["step"].replace(" ", "")
        assert answer["figure"] == "data:image/svg+xml"
        assert f'alt="{answer["words"]}"' in html
        # Firefox would fetch the next page early, which no page of the book wants.
        assert [
            each for each in seen["complaints"] if "gradient.html" not in each
        ] == []

    def test_from_the_disk(self, browser: Browser, site: Path) -> None:
        """A run there names the command that serves the book."""
        reader = Reader(browser, f"{site.resolve().as_uri()}/")
        page: Page = reader.open(CHAPTER)
        bar = page.locator(".live-bar").nth(STEP - 1)
        bar.get_by_role("button", name="Run cell").click()
        expect(bar.get_by_role("status")).to_contain_text("python -m http.server")
        assert reader.records.complaints == []
        reader.close()
