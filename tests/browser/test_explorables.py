"""Every interactive figure, in the hands of a reader: mouse, finger, keys, address.

The tests know no figure: what each has to show is computed from what it declares in
`gdbook.explorables`. At the end stands what is special to one.
"""

from __future__ import annotations

import gzip
import math
import random
import re
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from near import near
from playwright.sync_api import expect

from browser import limits
from browser.pages import Reader, pages_of, read_to_the_end
from gdbook import explorables
from gdbook.examples.linear_regression import linear_steps
from gdbook.explorables._parts import (
    Choice,
    Explorable,
    Handle,
    Log,
    Slider,
    Steps,
    Toggle,
)
from gdbook.explorables._stage import COLORS
from gdbook.plotting import _base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from gdbook.explorables._parts import Control

FIGURES = explorables.figures()
SETTINGS = 200
# What one page's figures' scripts may weigh together, gzipped.
SCRIPT_BYTES = 12_000
LIMIT = 1e-12
# What one change may touch: attributes and texts, and characters of attributes.
MOST_CHANGES, MOST_WRITTEN = 500, 50_000
ODD = (
    "",
    "nonsense",
    "1e300",
    "-1e300",
    "-Infinity",
    "NaN",
    "0x1p9",
    "<script>",
    "%00",
)
# The texts, the number of elements, how many lines each mark has, and the coordinates.
LOOK = r"""(root) => ({
  box: [...root.querySelector("svg").getAttribute("viewBox").matchAll(/\S+/g)]
    .slice(2).map(Number),
  text: root.textContent,
  elements: root.querySelectorAll("*").length,
  lines: [...root.querySelectorAll("[data-mark] > path")].map((path) =>
    path.getAttribute("d").split("M").length - 1),
  marks: [...root.querySelectorAll("[data-mark]")].map((mark) =>
    [...mark.querySelectorAll(":scope > path, use")].flatMap((part) =>
      ((part.getAttribute("d") ?? `${part.getAttribute("x")} ${part.getAttribute("y")}`)
        .match(/-?[\d.]+/g) ?? []).map(Number))),
})"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of a figure on every figure, and name the page that it is on."""
    if "placed" in metafunc.fixturenames:
        site = metafunc.config.getoption("--site")
        pages = {name: page_of(site, name) for name in FIGURES}
        metafunc.parametrize(
            "placed",
            [
                pytest.param((page, FIGURES[n]), id=f"{page}-{n}")
                for n, page in pages.items()
            ],
            indirect=True,
            scope="module",
        )


def page_of(site: Path, name: str) -> str:
    """Return the page that a figure is on."""
    mark = f'class="explorable" id="{name}"'
    (page,) = (
        page
        for page in pages_of(site)
        if mark in (site / f"{page}.html").read_text(encoding="utf-8")
    )
    return page


class Worked:
    """A figure on its page, and what a reader does with it."""

    def __init__(self, page: Page, figure: Explorable) -> None:
        self.page = page
        self.figure = figure
        self.root = page.locator(f"#{figure.name}")
        self.said = self.root.locator(".said output")
        self.drawing = self.root.locator("[role=img]")
        # What stood there when the page was opened.
        self.opened = self.ask(f"return ({LOOK})(root)")

    def ask(self, code: str, given: Any = None) -> Any:
        """Run code with the figure's element and its handle for tests."""
        return self.root.evaluate(f"(root, given) => {{ {code} }}", given)

    @property
    def state(self) -> dict[str, Any]:
        """What the controls are set to."""
        state: dict[str, Any] = self.ask("return root.explorable.now().state")
        return state

    @property
    def numbers(self) -> dict[str, Any]:
        """The numbers that are shown."""
        numbers: dict[str, Any] = self.ask("return root.explorable.now().numbers")
        return numbers

    def control(self, control: Control) -> Locator:
        """Return the input of a control."""
        return self.root.locator(f"#{self.figure.name}-{control.name}")

    def button(self, does: str) -> Locator:
        """Return a button by what it does."""
        return self.root.locator(f"[data-do={does}]")

    def reset(self) -> None:
        """Set everything to what it is at the start."""
        self.ask("root.querySelector('[data-do=reset]').click()")

    def set(self, state: dict[str, Any]) -> None:
        """Move the controls, as their inputs would say it."""
        self.ask(
            """for (const [name, value] of Object.entries(given)) {
              const input = root.querySelector(`[name="${name}"]`);
              if (input.type === "checkbox") input.checked = value;
              else input.value = value;
              input.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            state,
        )

    def handles(self) -> list[tuple[Handle, Locator]]:
        """Return what is declared of each handle, and the handle."""
        found = self.root.locator(".handle").all()
        panels = range(len(self.figure.drawn.panels))
        declared = [
            h for panel in panels for h in self.figure.handles if h.panel == panel
        ]
        return list(zip(declared, found, strict=True))

    def go(self, state: str) -> None:
        """Send the page to an address of the figure, without loading it again."""
        state = state.removeprefix(f"{self.figure.name}:")
        self.page.evaluate(
            """(place) => new Promise((passed) => {
              if (location.hash === place) return passed();
              addEventListener("hashchange", () => passed(), { once: true });
              location.hash = place;
            })""",
            f"#{self.figure.name}:{state}",
        )

    def middle(self, handle: Locator) -> tuple[float, float]:
        """Return where the middle of a handle is in the window."""
        handle.scroll_into_view_if_needed()
        x, y = handle.evaluate(
            "handle => { const { e, f } = handle.getScreenCTM(); return [e, f]; }"
        )
        return x, y

    def pixels(self, panel: int) -> tuple[float, float]:
        """Return how much of the data a pixel is, along both axes of a panel."""
        scale = (
            self.root.locator("svg").nth(panel).evaluate("svg => svg.getScreenCTM().a")
        )
        axes = self.figure.drawn.panels[panel]
        across, up = (
            abs((high - low) / (to - start) / scale)
            for _, low, high, start, to in (axes.x, axes.y)
        )
        return across, up


@pytest.fixture(scope="module")
def shared(browser: Browser, address: str) -> Iterator[Reader]:
    """Open pages that several tests share."""
    reads = Reader(browser, address)
    yield reads
    reads.close()


@pytest.fixture(scope="module")
def placed(request: pytest.FixtureRequest, shared: Reader) -> Worked:
    """Open the page of a figure once, for all tests that only look or reset."""
    name, figure = request.param
    page = shared.open(name)
    read_to_the_end(page)  # a picture that comes late moves what is below it
    return Worked(page, figure)


@pytest.fixture
def worked(placed: Worked, shared: Reader) -> Iterator[Worked]:
    """Start anew on a page that is open, and expect no complaint from it."""
    placed.page.emulate_media(reduced_motion="reduce")
    placed.reset()
    yield placed
    assert shared.records.complaints == []
    assert shared.elsewhere() == []


@pytest.fixture(scope="module")
def phone(placed: Worked, shared: Reader) -> Worked:
    """Open the page on a phone, once."""
    page = shared.open(page_at(placed.page), width=limits.PHONE, touch=True)
    return Worked(page, placed.figure)


def page_at(page: Page) -> str:
    """Return the name of an open page."""
    found = re.search(r"//[^/]+/(.*)\.html", page.url)
    assert found
    return found[1]


def settings(figure: Explorable, count: int = SETTINGS) -> list[dict[str, Any]]:
    """Return settings drawn at random from all that the controls can be set to."""
    draw = random.Random(figure.name)  # noqa: S311 (no secret)
    return [
        {control.name: drawn_by(draw, control) for control in figure.controls}
        for _ in range(count)
    ]


def drawn_by(draw: random.Random, control: Control) -> Any:
    """Return one value of a control."""
    if isinstance(control, Choice):
        return draw.choice(control.options)
    if isinstance(control, Toggle):
        return draw.random() < 0.5
    if isinstance(control, Steps):
        return draw.randint(0, control.high)
    if isinstance(control, Log):
        count = draw.randint(0, control.most)
        noted = (draw.uniform(control.low, control.high) for _ in range(count))
        return "_".join(f"{round(each, 1):g}" for each in noted)
    return on_grid(control, draw.random())


def hands_on(figure: Explorable) -> list[Slider | Steps | Toggle | Choice]:
    """Return the controls that a hand can move."""
    return [each for each in figure.controls if not isinstance(each, Log)]


def on_grid(control: Slider | Steps, share: float) -> float:
    """Return the value of a slider that is nearest to a share of its way."""
    steps = round(share * (control.high - control.low) / control.step)
    return float(f"{control.low + control.step * steps:.10g}")


def differences(found: Any, right: Any, place: str = "") -> Iterator[tuple[float, str]]:
    """Yield the difference of numbers on the scale of all in their list, and where.

    A weight of a trajectory that has reached rounding level is rounding alone; beside
    the numbers that it has come from, it is zero.
    """
    if isinstance(right, dict):
        assert found.keys() == right.keys(), place
        for key in right:
            yield from differences(found[key], right[key], f"{place}.{key}")
    elif isinstance(right, list) and any(isinstance(x, list | dict) for x in right):
        assert len(found) == len(right), place
        for index, pair in enumerate(zip(found, right, strict=True)):
            yield from differences(*pair, f"{place}.{index}")
    elif isinstance(right, str | bool):
        assert found == right, place
    else:
        ours, theirs = ([x] if not isinstance(x, list) else x for x in (found, right))
        assert len(ours) == len(theirs), place
        scale = max(map(abs, theirs), default=0) or 1
        for one, other in zip(ours, theirs, strict=True):
            yield abs(one - other) / scale, place


def valued(numbers: Any, name: str) -> Any:
    """Return the number at the end of a dotted name."""
    for part in name.split("."):
        numbers = numbers[part]
    return numbers


def same(found: Any, right: Any) -> None:
    """Hold a script's numbers against the library's."""
    worst = max(differences(found, right), default=(0, ""))
    assert worst[0] <= LIMIT, worst


class TestNumbers:
    """The script's numbers are the library's."""

    @pytest.mark.claims(
        "In tests/browser/test_explorables.py one contract holds every figure: script "
        "and library on hundreds of settings, keys, finger and mouse, play, address, "
        "words, themes, and the still figure where no script runs.",
        page="contributing",
    )
    def test_every_setting(self, worked: Worked) -> None:
        """Hundreds of settings give the library's numbers, to 1e-12 of their scale."""
        states = settings(worked.figure)
        found = worked.ask(
            "return given.map((s) => root.explorable.compute(s))", states
        )
        for numbers, state in zip(found, states, strict=True):
            same(numbers, worked.figure(**state))

    def test_every_step(self, worked: Worked) -> None:
        """What the script's own steps lead to, the library's do, from any setting."""
        figure = worked.figure
        for state in settings(figure, 5):
            worked.reset()
            worked.set(state)
            expected = dict(state)
            for _ in range(5 if figure.carries else 0):
                numbers = figure(**expected)
                if numbers.get("ended"):
                    break
                expected |= {
                    name: valued(numbers, key) for name, key in figure.carries.items()
                }
                worked.ask("root.querySelector('[data-do=step]').click()")
            same(worked.state, expected)
            same(worked.numbers, figure(**expected))

    def test_little_work(self, worked: Worked) -> None:
        """A change touches little of the page, so that it can follow every frame."""
        for state in settings(worked.figure, 5):
            touched, written = worked.ask(
                """const changes = new MutationObserver(() => {});
                const all = { attributes: true, childList: true, subtree: true };
                changes.observe(root, { ...all, characterData: true });
                const name = Object.keys(given)[0];
                const input = root.querySelector(`[name="${name}"]`);
                input.value = given[name];
                input.dispatchEvent(new Event("input", { bubbles: true }));
                const found = changes.takeRecords();
                return [found.length, found.map(({ target, attributeName }) =>
                  (attributeName && target.getAttribute(attributeName)?.length) || 0)
                  .reduce((sum, each) => sum + each, 0)];""",
                state,
            )
            assert 0 < touched <= MOST_CHANGES
            assert written <= MOST_WRITTEN


class TestHands:
    """Every control answers, to keys, to a finger, and to the mouse."""

    def test_keys(self, worked: Worked) -> None:
        """Every control goes both ways by keys, and tells its value."""
        for control in hands_on(worked.figure):
            element, name = worked.control(control), control.name
            element.focus()
            press = worked.page.keyboard.press
            if isinstance(control, Toggle):
                press("Space")
                assert worked.state[name] is not control.start
            elif isinstance(control, Choice):
                press("ArrowDown")
                assert worked.state[name] == control.options[1]
            else:
                for key, expected in (
                    ("ArrowRight", control.start + control.step),
                    ("End", control.high),
                    ("Home", control.low),
                ):
                    press(key)
                    assert worked.state[name] == near(min(expected, control.high))
                    text = control.text(worked.state[name])
                    expect(element).to_have_attribute("aria-valuetext", text)
                    output = worked.root.locator(
                        f"output[for={worked.figure.name}-{name}]"
                    )
                    expect(output).to_have_text(text)
            assert worked.state != worked.figure.start
        worked.button("reset").focus()
        worked.page.keyboard.press("Enter")
        assert worked.state == worked.figure.start

    def test_handles_by_keys(self, worked: Worked) -> None:
        """The keys of a slider move a handle, and its new value is told."""
        controls = {control.name: control for control in worked.figure.controls}
        for handle, element in worked.handles():
            up = handle.up or handle.moves or handle.across
            across = handle.across or up
            element.focus()
            ring = element.locator(".ring")
            stroke = ring.evaluate("ring => getComputedStyle(ring).stroke")
            assert stroke == rgb(_base.INK)
            for name, key, steps in (
                *((up, "ArrowUp", 1), (up, "ArrowDown", -1), (up, "PageUp", 10)),
                *((across, "ArrowRight", 1), (across, "ArrowLeft", -1)),
                *(
                    (up, "PageDown", -10),
                    (up, "End", math.inf),
                    (up, "Home", -math.inf),
                ),
            ):
                control = controls[name]
                assert isinstance(control, Slider)
                before = worked.state
                worked.page.keyboard.press(key)
                expected = before[name] + steps * control.step
                expected = min(control.high, max(control.low, expected))
                same(worked.state, before | {name: expected})
                told = element.get_attribute("aria-valuetext") or ""
                assert control.text(worked.state[name]) in told
            before = worked.state
            for key in ("Alt+ArrowUp", "Control+ArrowUp", "a"):
                worked.page.keyboard.press(key)
            assert worked.state == before

    def test_mouse(self, worked: Worked) -> None:
        """A handle that is dragged sets what belongs to its place, and no more."""
        mouse = worked.page.mouse
        controls = {control.name: control for control in worked.figure.controls}
        for handle, element in worked.handles():
            worked.reset()
            x, y = worked.middle(element)
            mouse.move(x + 4, y + 3)
            mouse.down()
            mouse.move(x + 4, y + 3)
            # A handle that is grasped beside its middle stays where it is.
            assert worked.state == worked.figure.start
            mouse.move(x + 34, y - 17, steps=3)
            mouse.up()
            after, unit = worked.state, worked.pixels(handle.panel)
            mouse.move(x, y)
            assert worked.state == after
            moved = {name for name in after if after[name] != worked.figure.start[name]}
            assert moved == {*filter(None, (handle.across, handle.up, handle.moves))}
            for name, pixels, of_one in (
                (handle.across, 30, unit[0]),
                (handle.up, 20, unit[1]),
            ):
                if name:
                    control = controls[name]
                    assert isinstance(control, Slider)
                    expected = control.start + pixels * of_one
                    expected = min(control.high, max(control.low, expected))
                    assert after[name] == near(expected, abs=of_one + control.step)

    def test_finger(self, phone: Worked) -> None:
        """A finger works sliders and handles, and the page under it stays still."""
        page, figure = phone.page, phone.figure
        phone.reset()
        page.evaluate(
            "() => { globalThis.cancelled = 0; addEventListener('pointercancel',"
            " () => { globalThis.cancelled += 1; }, true); }"
        )
        for control in hands_on(figure):
            element = phone.control(control)
            if isinstance(control, Slider | Steps):
                box = element.bounding_box()
                assert box
                share = 0.75 if control.start < on_grid(control, 0.5) else 0.25
                element.tap(
                    position={"x": share * box["width"], "y": box["height"] / 2}
                )
            elif isinstance(control, Toggle):
                element.tap()
            else:
                element.select_option(control.options[1])
            assert phone.state[control.name] != control.start, control.name
        devices = page.context.new_cdp_session(page)
        for handle, element in phone.handles():
            phone.reset()
            element.evaluate(
                "handle => handle.ownerSVGElement.scrollIntoView("
                "{ block: 'center', behavior: 'instant' })"
            )
            scrolled = page.evaluate("() => scrollY")
            x, y = phone.middle(element)
            for dx, dy in ((22, 0), (0, 22), (0, -22), (-15, 15)):
                hit = element.evaluate(
                    "(handle, place) =>"
                    " handle.contains(document.elementFromPoint(...place))",
                    [x + dx, y + dy],
                )
                assert hit, (handle.says, dx, dy)
            touch(devices, "touchStart", x + 12, y)
            for part in (6, 12, 18, 24):
                touch(devices, "touchMove", x + 12 + part, y + part)
            touch(devices, "touchEnd")
            assert phone.state != figure.start, handle.says
            assert page.evaluate("() => scrollY") == scrolled
        assert page.evaluate("() => globalThis.cancelled") == 0

    def test_handles_stay_in_the_frame(self, worked: Worked) -> None:
        """Wherever the numbers go, a hand can take them back."""
        free = {
            control.name: control.most
            for control in worked.figure.controls
            if isinstance(control, Slider) and control.most
        }
        for sign in (1, -1):
            state = ",".join(f"{name}={sign * most}" for name, most in free.items())
            worked.go(state)
            for _, element in worked.handles():
                inside = element.evaluate(
                    """handle => { const { e, f } = handle.getCTM();
                    const box = handle.ownerSVGElement.getBoundingClientRect();
                    return e >= 0 && f >= 0 && e <= box.width && f <= box.height; }"""
                )
                assert inside


class TestPlay:
    """Play shows the way, unless the reader asked for less motion."""

    def test_play_and_pause(self, worked: Worked) -> None:
        """Steps come one by one; Pause holds them, and a moved control ends them."""
        play, figure = worked.button("play"), worked.figure
        if not figure.can_play:
            assert play.count() == 0
            return
        if figure.plays:
            worked.set({figure.plays: 0})
        worked.page.emulate_media(reduced_motion="no-preference")
        begun = worked.state
        play.click()
        expect(play).to_have_text("Pause")
        worked.page.wait_for_function(
            "(id) => document.getElementById(id).explorable.now().taken > 1",
            arg=figure.name,
        )
        play.click()
        expect(play).to_have_text("Play")
        held = worked.ask("return root.explorable.now()")
        assert held["state"] != begun
        worked.page.evaluate("() => new Promise((passed) => setTimeout(passed, 300))")
        assert worked.ask("return root.explorable.now()") == held
        same(held["numbers"], figure(**held["state"]))
        play.click()
        expect(play).to_have_text("Pause")
        worked.set({figure.controls[0].name: on_first(figure)})
        expect(play).to_have_text("Play")
        assert worked.ask("return root.explorable.now().taken") == 0

    def test_less_motion_jumps(self, worked: Worked) -> None:
        """With less motion, Play is at its end at once, and there is nothing more."""
        figure = worked.figure
        if not figure.can_play:
            assert worked.button("play").count() == 0
            return
        ends = worked.ask(
            "return [1, 2].map(() => { root.querySelector('[data-do=play]').click();"
            " return root.explorable.now().state; })"
        )
        assert ends[0] == ends[1] != figure.start
        same(worked.numbers, figure(**ends[0]))


def on_first(figure: Explorable) -> Any:
    """Return another value of the first control than that of the start."""
    first = figure.controls[0]
    assert isinstance(first, Slider | Steps)
    return on_grid(first, 0.25 if first.start > on_grid(first, 0.5) else 0.75)


class TestAddress:
    """The state is in the address."""

    def test_state_is_noted_and_restored(self, worked: Worked, reader: Reader) -> None:
        """An address brings back what was set, in view; the start has none."""
        figure, page = worked.figure, worked.page
        expect(page).to_have_url(re.compile(r"\.html$"))
        visits = page.evaluate("() => history.length")
        worked.set(settings(figure, 1)[0])
        state, numbers = worked.state, worked.numbers
        expect(page).to_have_url(re.compile(f"#{figure.name}:"))
        place = page.url.partition("#")[2]
        other = Worked(reader.open(f"{page_at(page)}#{place}"), figure)
        assert other.state == state
        assert other.numbers == numbers
        expect(other.root).to_be_in_viewport()
        worked.reset()
        expect(page).to_have_url(re.compile(rf"{page_at(page)}\.html$"))
        worked.go(place)
        assert worked.state == state
        assert page.evaluate("() => history.length") <= visits + 1
        worked.reset()
        expect(page).to_have_url(re.compile(rf"{page_at(page)}\.html$"))
        assert reader.records.complaints == []

    def test_odd_addresses(self, worked: Worked, reader: Reader) -> None:
        """What makes no sense in an address is left out, or counts as an end."""
        figure = worked.figure
        for odd in ODD:
            worked.reset()
            place = ",".join(f"{control.name}={odd}" for control in figure.controls)
            worked.go(f"{place},{odd},{odd}={odd}")
            for control in figure.controls:
                # Whatever it is, the library takes it, too.
                control.check(worked.state[control.name])
            same(worked.numbers, figure(**worked.state))
        worked.go("nonsense")
        assert worked.state == figure.start
        other = Worked(
            reader.open(f"{page_at(worked.page)}#{figure.name}:{place}"), figure
        )
        assert other.state == worked_by(other, place)
        assert reader.records.complaints == []


def worked_by(other: Worked, place: str) -> dict[str, Any]:
    """Return the state that an address leads to on a page that is open."""
    other.go(place)
    return other.state


class TestLooks:
    """The figure is made for its page."""

    def test_colours_follow_the_theme(self, worked: Worked) -> None:
        """Every colour is one of the book's, also after a switch."""
        for theme in (*limits.THEMES, limits.THEMES[0]):
            worked.page.locator(f".theme-change-button[data-mode={theme}]").click()
            found = worked.ask(
                """return [...root.querySelectorAll("svg *")].flatMap((element) =>
                  ["fill", "stroke"].flatMap((kind) => {
                    const color = element.getAttribute(kind);
                    return color && color !== "none"
                      ? [`${color} ${getComputedStyle(element)[kind]}`] : [];
                  }))"""
            )
            light = {name: getattr(_base, name.upper()) for name in COLORS.values()}
            expected = {
                f"var(--{name}) {rgb(_base.DARK[color] if theme == 'dark' else color)}"
                for name, color in light.items()
            }
            assert found
            assert set(found) <= expected

    def test_words_keep_up(self, worked: Worked) -> None:
        """The drawing is an image whose label ends with what the figure says."""
        figure = worked.figure
        drawing = worked.drawing
        expect(drawing).to_have_accessible_name(
            f"{figure.drawn.scene} {figure.drawn.said}"
        )
        expect(worked.said).to_have_attribute("aria-live", "polite")
        spoken = set()
        for state in settings(figure, 3):
            worked.set(state)
            words = worked.ask("return root.explorable.now().words")
            expect(worked.said).to_have_text(words)
            expect(drawing).to_have_accessible_name(f"{figure.drawn.scene} {words}")
            spoken.add(words)
        assert len(spoken) > 1
        assert not [
            text for text in spoken if re.search(r"NaN|undefined|Infinity|-\d", text)
        ]

    def test_nothing_moves(self, worked: Worked, phone: Worked) -> None:
        """The figure and its page have one size, whatever is set and said."""
        for shown in (worked, phone):
            shown.reset()
            sizes = shown.ask(
                """const figure = root.closest("figure");
                const said = root.querySelector(".said output");
                return [...given, null].map((state) => {
                  for (const [name, value] of Object.entries(state ?? {})) {
                    const input = root.querySelector(`[name="${name}"]`);
                    if (input.type === "checkbox") input.checked = value;
                    else input.value = value;
                    input.dispatchEvent(new Event("input", { bubbles: true }));
                  }
                  root.querySelector(`[data-do=${state ? "step" : "reset"}]`)?.click();
                  const { words } = root.explorable.now();
                  said.textContent = words;
                  const { width, height } = figure.getBoundingClientRect();
                  return [width, height, document.body.scrollWidth, words];
                })""",
                settings(shown.figure, 40),
            )
            *_, (*size, _) = sizes
            moved = [words for *found, words in sizes if found != size]
            assert not moved

    @pytest.mark.claims(
        "Find the best rate for the valley, to two digits; the figure says when you "
        "have it.",
        page="conditioning",
    )
    @pytest.mark.claims(
        "Find the weights that meet all targets; the figure says when you have them.",
        page="loss_functions",
    )
    @pytest.mark.claims(
        "Find weights with which it meets all the points; the figure says when you "
        "have them.",
        page="activations",
    )
    @pytest.mark.claims(
        "Find a block whose loss costs no time; the figure says when you have it.",
        page="beyond_one_machine",
    )
    @pytest.mark.claims(
        "Then bring the last validation loss below … without less noise than at first; "
        "the figure says when you have done it.",
        page="capacity",
    )
    @pytest.mark.claims(
        "From the first start, bring all rules below … within … steps; the figure says "
        "when you have done it.",
        page="racing_rules",
    )
    def test_task(self, worked: Worked) -> None:
        """What is to be found is not there at the start, and said when it is found.

        A figure without a task promises none.
        """
        task = worked.figure.task
        if task is None:
            caption = worked.page.locator("figure", has=worked.root).inner_text()
            assert "the figure says when" not in caption
            return
        words = "return root.explorable.now().words"
        assert task.words not in worked.ask(words)
        worked.go(",".join(f"{name}={value}" for name, value in task.solved.items()))
        assert task.words in worked.ask(words)

    def test_still_figure(self, worked: Worked, reader: Reader) -> None:
        """Without scripts the start stands there, where the script then begins."""
        figure = worked.figure
        still = Worked(reader.open(page_at(worked.page), scripts=False), figure)
        expect(still.drawing).to_have_accessible_name(
            f"{figure.drawn.scene} {figure.drawn.said}"
        )
        for control in still.root.locator("button, input, select, .handle").all():
            expect(control).to_be_hidden()
        note = still.page.locator("figure", has=still.root).locator("noscript p")
        expect(note).to_be_visible()
        expect(note).to_contain_text("This figure stands still")
        before, now = still.opened, worked.opened
        assert (now["text"], now["elements"]) == (before["text"], before["elements"])
        assert worked.ask("return root.explorable.now().words") == figure.drawn.said
        expect(still.said).to_have_text(figure.drawn.said)
        assert worked.state == figure.start
        # A line that leaves the picture is cut there by Matplotlib.
        compared = [
            (mark, drawn)
            for mark, drawn in zip(now["marks"], before["marks"], strict=True)
            if all(0 <= x <= end for x, end in zip(mark, cycle(now["box"])))
        ]
        assert compared
        assert now["lines"] == before["lines"]
        for mark, drawn in compared:
            assert mark == near(drawn, abs=0.06)


class TestScripts:
    """A figure's script is small, and only on its page."""

    def test_scripts_are_small_and_at_home(self, site: Path) -> None:
        """A page loads the scripts of its figures and no others, which weigh little."""
        homes = {name: page_of(site, name) for name in FIGURES}
        for page in pages_of(site):
            text = (site / f"{page}.html").read_text(encoding="utf-8")
            loaded = re.findall(r'src="[^"]*_static/explorables/(\w+)\.js', text)
            own = [name for name, home in homes.items() if home == page]
            assert sorted(loaded) == sorted(
                [*own, "descent", "explorable"] if own else []
            )
            scripts = [site / f"_static/explorables/{name}.js" for name in loaded]
            sizes = [len(gzip.compress(path.read_bytes(), mtime=0)) for path in scripts]
            assert sum(sizes) <= SCRIPT_BYTES, (page, sizes)


class TestLinearRegressionGrades:
    """What is special to the line over hours and grades."""

    NAME = "linear_regression_grades"

    @pytest.fixture
    def line(self, site: Path, reader: Reader) -> Worked:
        """Open its page."""
        return Worked(reader.open(page_of(site, self.NAME)), FIGURES[self.NAME])

    def run(self, line: Worked, rate: float) -> tuple[int, Any]:
        """Play to the end, and let the library take as many steps."""
        line.set({"learning_rate": rate})
        line.button("play").click()
        taken = int(line.ask("return root.explorable.now().taken"))
        given = line.figure.given
        return taken, linear_steps(given["hours"], given["grades"], 1, 1, rate, taken)

    @pytest.mark.parametrize("rate", [0.01, 0.022])
    def test_below_the_bound(self, line: Worked, rate: float) -> None:
        """Below the bound descent ends where the library's does, flat."""
        taken, trace = self.run(line, rate)
        given = line.figure.given
        flat = linear_steps(
            given["hours"], given["grades"], 1, 1, rate, 100_000, given["flat"]
        )
        assert taken == flat.num_steps
        found = [line.state["slope"], line.state["intercept"], line.numbers["loss"]]
        assert found == near([trace.new_slope, trace.new_intercept, trace.new_loss])
        expect(line.said).to_contain_text(f"Flat after {taken} steps")

    @pytest.mark.parametrize("rate", [0.0225, 0.03])
    def test_above_the_bound(self, line: Worked, rate: float) -> None:
        """Above the bound descent says that it diverged, stops, and can come back."""
        _, trace = self.run(line, rate)
        *_, before, last = trace.losses
        assert before <= line.figure.given["diverged"] < last
        assert line.state["slope"] == near(trace.new_slope)
        expect(line.said).to_contain_text(
            re.compile(rf"Diverged after .* rate {rate}, above the bound 0\.0223,")
        )
        line.set({"learning_rate": 0.02})
        line.button("play").click()
        expect(line.said).to_contain_text("Flat after")

    def test_steps_are_told(self, line: Worked) -> None:
        """A step tells both losses, and why one that rises does so."""
        line.button("step").click()
        said = "Step 1: the mean squared error fell from 5.4 to 0.7512."
        expect(line.said).to_have_text(said)
        line.set({"learning_rate": 0.03})
        line.button("step").click()
        expect(line.said).to_have_text(
            re.compile(r"^Step 1: .* rose .* above the bound 0\.0223\.$")
        )

    def test_squares_are_squares(self, line: Worked) -> None:
        """Each error is the side of a square on the screen, and their mean the loss."""
        line.set({"slope": 0.3, "intercept": 2})
        across, up = line.pixels(0)
        assert across == near(up, rel=1e-4)
        boxes = line.ask(
            """return [...root.querySelectorAll("[data-y^=squares]")].map((square) => {
              const { width, height } = square.getBoundingClientRect();
              return [width, height]; })"""
        )
        sides = [math.sqrt(each) / across for each in line.numbers["squared"]]
        for box, side in zip(boxes, sides, strict=True):
            assert box == near([side, side], abs=0.05)
        area = sum(width * height for width, height in boxes) / len(boxes)
        assert area * across * up == near(line.numbers["loss"], rel=1e-2)

    def test_best_line(self, line: Worked) -> None:
        """The best line is hidden until it is asked for, and then said as well."""
        best = line.root.locator("[data-when=best]")
        expect(best).to_be_hidden()
        line.root.get_by_label("show the best line").check()
        expect(best).to_be_visible()
        said = "The best line is y = 0.55 x + 1.9, with mean squared error 0.54."
        expect(line.said).to_contain_text(said)

    def test_anchors_are_left_alone(self, line: Worked) -> None:
        """An ordinary anchor leads where it leads, and stays until the line moves."""
        page = line.page
        page.evaluate("() => { location.hash = 'other' }")
        line.reset()
        page.wait_for_timeout(400)
        assert page.url.endswith("#other")
        assert line.state == line.figure.start
        line.set({"slope": 0.5})
        expect(page).to_have_url(re.compile(f"#{self.NAME}:slope=0.5$"))
        page.evaluate("() => { location.hash = 'other' }")
        assert line.state["slope"] == 0.5


def rgb(color: str) -> str:
    """Write a colour as a browser does."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


def touch(devices: Any, kind: str, *place: float) -> None:
    """Send what a finger sends."""
    points = [{"x": place[0], "y": place[1]}] if place else []
    devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
