"""The interactive figures, in the hands of a reader: mouse, finger, keys, address."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from near import near
from playwright.sync_api import expect

from browser import limits
from browser.test_reading import tab_to
from gdbook import explorables
from gdbook.examples.linear_regression import LinearSteps, linear_steps
from gdbook.plotting import _base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from browser.pages import Reader

PAGE = "chapters/linear_regression"
NAME = "linear_regression_grades"
DATA = explorables.linear_regression_grades()
# What all figures' scripts may weigh together, gzipped.
SCRIPT_BYTES = 8_000


class Explorable:
    """The figure on its page, and what a reader does with it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(f"#{NAME}")
        self.figure = page.locator("figure", has=self.root)

    def part(self, name: str) -> Locator:
        """Return a part by the name in its HTML."""
        return self.root.locator(f'[data-part="{name}"]')

    def handle(self, moves: str) -> Locator:
        """Return the handle that moves the slope or the intercept."""
        return self.root.locator(f'[data-moves="{moves}"]')

    def exact(self, name: str) -> float:
        """Return the number behind an output, unrounded."""
        return float(self.part(name).get_attribute("data-value") or "nan")

    @property
    def line(self) -> list[float]:
        """Return slope, intercept and loss."""
        return [self.exact(n) for n in ("slope-value", "intercept-value", "loss")]

    def says(self, text: str | re.Pattern[str]) -> None:
        """Expect a sentence, which waits until the line rests."""
        expect(self.part("said")).to_contain_text(text)

    def place(self, hours: float, grade: float) -> tuple[float, float]:
        """Return where a point of the data is in the window."""
        x, y = self.part("plane").evaluate(
            "(plane, [x, y]) => { const p = new DOMPoint(x, y)"
            ".matrixTransform(plane.getScreenCTM()); return [p.x, p.y]; }",
            [hours, grade],
        )
        return x, y

    def middle(self, moves: str) -> tuple[float, float]:
        """Return where the middle of a handle is in the window."""
        self.handle(moves).scroll_into_view_if_needed()
        x, y = self.handle(moves).evaluate(
            "handle => { const { e, f } = handle.getScreenCTM(); return [e, f]; }"
        )
        return x, y

    def drag(self, moves: str, hours: float, grade: float) -> None:
        """Drag a handle with the mouse, grasping it a little beside its middle."""
        x, y = self.middle(moves)
        to_x, to_y = self.place(hours, grade)
        self.page.mouse.move(x + 4, y + 3)
        self.page.mouse.down()
        self.page.mouse.move(to_x + 4, to_y + 3, steps=4)
        self.page.mouse.up()

    def steps(self, count: int) -> list[list[float]]:
        """Press Step many times, and return the line after each."""
        step = self.part("step")
        found = []
        for _ in range(count):
            step.evaluate("button => button.click()")
            found.append(self.line)
        return found


def close(numbers: Any) -> Any:
    """Allow for the last digits: JavaScript sums in another order than NumPy."""
    return near(numbers, rel=1e-12, abs=1e-12)


def descent(rate: float, num_steps: int, flat: float = 0) -> LinearSteps:
    """Let the library take the steps."""
    steps = DATA["steps"]
    return linear_steps(
        inputs=DATA["hours"],
        targets=DATA["grades"],
        slope=steps["slopes"][0],
        intercept=steps["intercepts"][0],
        learning_rate=rate,
        num_steps=num_steps,
        flat=flat,
    )


def loss_of(slope: float, intercept: float) -> float:
    """Return the loss of a line, from the definition."""
    pupils = zip(DATA["hours"], DATA["grades"], strict=True)
    return float(sum((slope * x + intercept - y) ** 2 for x, y in pupils) / 5)


@pytest.fixture
def explorable(reader: Reader) -> Iterator[Explorable]:
    """Open the page, and expect no complaint from it, whatever the test does."""
    yield Explorable(reader.open(PAGE))
    assert reader.records.complaints == []
    assert reader.elsewhere() == []


class TestNumbers:
    """The script's numbers are the library's, to 1e-12."""

    def test_data(self, explorable: Explorable) -> None:
        """The page carries what the library computes."""
        assert json.loads(explorable.part("data").text_content() or "") == DATA

    def test_start(self, explorable: Explorable) -> None:
        """The figure starts at the first guess, whose loss is 5.4."""
        steps = DATA["steps"]
        start = [steps[name][0] for name in ("slopes", "intercepts", "losses")]
        assert explorable.line == close(start)
        expect(explorable.part("loss")).to_have_text("5.4")
        expect(explorable.part("steps")).to_have_text("0")

    def test_first_steps(self, explorable: Explorable) -> None:
        """The first steps are those that came with the page."""
        slopes, intercepts, losses = DATA["steps"].values()
        expected = list(zip(slopes, intercepts, losses, strict=True))[1:]
        for found, step in zip(explorable.steps(5), expected, strict=True):
            assert found == close(step)

    @pytest.mark.parametrize("rate", [0.001, 0.022, 0.025])
    def test_every_step(self, explorable: Explorable, rate: float) -> None:
        """Many steps follow the library's, also with a rate above the bound."""
        explorable.part("learning_rate").fill(str(rate))
        trace = descent(rate, 9)
        expected = zip(trace.slopes, trace.intercepts, trace.losses, strict=True)
        next(expected)
        for found, step in zip(explorable.steps(9), expected, strict=True):
            assert found == close(step)

    @pytest.mark.parametrize("rate", [0.001, 0.01, 0.022])
    def test_run_below_the_bound(self, explorable: Explorable, rate: float) -> None:
        """Below the bound descent ends where the library's does, flat."""
        explorable.part("learning_rate").fill(str(rate))
        explorable.part("run").click()
        trace = descent(rate, 100_000, flat=DATA["flat"])
        explorable.says(f"Flat after {trace.num_steps} steps")
        end = [trace.new_slope, trace.new_intercept, trace.new_loss]
        assert explorable.exact("steps") == trace.num_steps
        assert explorable.line == close(end)
        expect(explorable.part("loss")).to_have_text("0.54")

    @pytest.mark.parametrize("rate", [0.0225, 0.03])
    def test_run_above_the_bound(self, explorable: Explorable, rate: float) -> None:
        """Above the bound descent says that it diverged, and stops."""
        explorable.part("learning_rate").fill(str(rate))
        explorable.part("run").click()
        explorable.says("Diverged after")
        explorable.says(re.compile(rf"rate {rate}, above the bound 0\.0223,"))
        trace = descent(rate, int(explorable.exact("steps")))
        *_, before, last = trace.losses
        assert before <= DATA["diverged"] < last
        end = [trace.new_slope, trace.new_intercept, trace.new_loss]
        assert explorable.line == close(end)
        explorable.part("step").click()
        assert explorable.exact("steps") == trace.num_steps
        # A smaller rate leads back.
        explorable.part("learning_rate").fill("0.02")
        explorable.part("run").click()
        explorable.says("Flat after")
        expect(explorable.part("loss")).to_have_text("0.54")

    def test_rising_step_says_why(self, explorable: Explorable) -> None:
        """A step that raises the loss names the bound."""
        explorable.part("step").click()
        explorable.says("Step 1: the mean squared error fell from 5.4 to 0.7512.")
        explorable.part("learning_rate").fill("0.03")
        explorable.part("step").click()
        explorable.says(re.compile(r"^Step 2: .* rose .* above the bound 0\.0223\.$"))

    def test_squares_are_squares(self, explorable: Explorable) -> None:
        """Each error is the side of a square on the screen, and their mean the loss."""
        explorable.drag("slope", 9, 5)
        slope, intercept, loss = explorable.line
        areas = []
        for index, (x, y) in enumerate(zip(DATA["hours"], DATA["grades"], strict=True)):
            error = slope * x + intercept - y
            square = explorable.part("square").nth(index)
            sides = square.evaluate(
                "s => { const { width, height } = s.getBoundingClientRect();"
                " return [width, height]; }"
            )
            unit = explorable.place(1, 0)[0] - explorable.place(0, 0)[0]
            assert sides == near([abs(error) * unit] * 2, abs=0.01)
            areas.append(sides[0] * sides[1] / unit**2)
            box = {
                name: float(square.get_attribute(name) or "nan")
                for name in ("x", "y", "width", "height")
            }
            # One corner is the pupil, and the next one is on the line.
            corner = (box["x"], box["y"])
            assert corner == close((min(x, x + error), min(y, y + error)))
        assert sum(areas) / 5 == near(loss, rel=1e-3)

    def test_best_line(self, explorable: Explorable) -> None:
        """The best line is hidden until it is asked for, and then said as well."""
        best = explorable.part("best")
        expect(best).to_be_hidden()
        explorable.part("reveal").click()
        expect(best).to_be_visible()
        explorable.says(
            "The best line is y = 0.55 x + 1.9, with mean squared error 0.54."
        )
        ends = [float(best.get_attribute(name) or "nan") for name in ("y1", "y2")]
        right = DATA["axes"]["hours"][1]
        assert ends == close([1.9, 0.55 * right + 1.9])
        expect(explorable.part("reveal")).to_have_attribute("aria-pressed", "true")
        explorable.part("reveal").click()
        expect(best).to_be_hidden()


class TestMotion:
    """Run shows the way, unless the reader asked for less motion."""

    def test_run_can_be_watched_and_paused(self, explorable: Explorable) -> None:
        """Steps come one by one at first; Pause holds the line where it is."""
        explorable.page.emulate_media(reduced_motion="no-preference")
        run = explorable.part("run")
        run.click()
        expect(run).to_have_text("Pause")
        expect(explorable.part("steps")).not_to_have_text("0")
        run.click()
        expect(run).to_have_text("Run")
        taken = int(explorable.exact("steps"))
        explorable.says(re.compile(rf"^After {taken} steps? the line"))
        trace = descent(0.01, taken)
        end = [trace.new_slope, trace.new_intercept, trace.new_loss]
        assert 0 < taken < 200
        assert explorable.line == close(end)

    def test_run_ends_by_itself(self, explorable: Explorable) -> None:
        """The animation ends where the jump ends."""
        explorable.page.emulate_media(reduced_motion="no-preference")
        explorable.part("run").click()
        explorable.says("Flat after 1628 steps")
        expect(explorable.part("run")).to_have_text("Run")
        trace = descent(0.01, 100_000, flat=DATA["flat"])
        assert explorable.exact("steps") == trace.num_steps == 1628
        assert explorable.line[0] == close(trace.new_slope)

    def test_the_reader_takes_over(self, explorable: Explorable) -> None:
        """Moving the line stops a descent, and starts to count anew."""
        explorable.page.emulate_media(reduced_motion="no-preference")
        explorable.part("run").click()
        explorable.part("intercept").fill("3")
        expect(explorable.part("run")).to_have_text("Run")
        assert explorable.exact("intercept-value") == 3
        assert explorable.exact("steps") == 0

    def test_less_motion_jumps(self, explorable: Explorable) -> None:
        """With less motion, Run is at its end at once, without a frame between."""
        steps = explorable.part("run").evaluate(
            "(run, steps) => { run.click(); return steps.textContent; }",
            explorable.part("steps").element_handle(),
        )
        assert steps == "1628"


class TestHands:
    """The line is dragged by its two handles."""

    def test_mouse(self, explorable: Explorable) -> None:
        """Two drags reach the best line; only the slope turns the line."""
        explorable.drag("intercept", 0, 1.9)
        assert explorable.line[:2] == close([1, 1.9])
        explorable.drag("slope", 9, 0.55 * 9 + 1.9)
        found = [0.55, 1.9, DATA["best"]["loss"]]
        assert explorable.line == close(found)
        explorable.says("The line y = 0.55 x + 1.9 has mean squared error 0.54.")

    def test_press_moves_nothing(self, explorable: Explorable) -> None:
        """A handle that is grasped beside its middle stays where it is."""
        for moves in ("intercept", "slope"):
            x, y = explorable.middle(moves)
            explorable.page.mouse.move(x + 9, y - 9)
            explorable.page.mouse.down()
            explorable.page.mouse.move(x + 9, y - 9)
            explorable.page.mouse.up()
        assert explorable.line[:2] == [1, 1]

    def test_drag_ends_with_the_button(self, explorable: Explorable) -> None:
        """After the button is up, the mouse moves nothing."""
        explorable.drag("intercept", 0, 3)
        before = explorable.line
        explorable.page.mouse.move(*explorable.place(0, 3.4))
        assert explorable.line == before

    @pytest.mark.parametrize("grade", [40, -40])
    def test_drag_ends_where_the_slider_ends(
        self, explorable: Explorable, grade: float
    ) -> None:
        """However far one drags, the slope stays on its slider."""
        explorable.drag("slope", 9, grade)
        low, high, _ = DATA["sliders"]["slope"]
        assert explorable.line[0] == (high if grade > 0 else low)

    @pytest.mark.parametrize("state", ["m=1.5,b=6", "m=-0.5,b=0", "m=-12,b=-3"])
    def test_handles_stay_in_the_frame(self, reader: Reader, state: str) -> None:
        """Wherever the line goes, a hand can take it back."""
        explorable = Explorable(reader.open(f"{PAGE}#grades:{state}"))
        for moves in ("intercept", "slope"):
            x, y = explorable.middle(moves)
            (left, bottom), (right, top) = (
                explorable.place(0, 0),
                explorable.place(13, 12),
            )
            assert left - 1 <= x <= right + 1
            assert top - 1 <= y <= bottom + 1

    @pytest.mark.parametrize("width", [limits.PHONE, limits.SMALL_PHONE])
    def test_finger(self, reader: Reader, width: int) -> None:
        """A finger drags a handle, and the page under it stays still."""
        explorable = Explorable(reader.open(PAGE, width=width, touch=True))
        page = explorable.page
        page.evaluate(
            "() => { globalThis.cancelled = 0; addEventListener('pointercancel',"
            " () => { globalThis.cancelled += 1; }, true); }"
        )
        explorable.root.locator("svg").evaluate(
            "svg => svg.scrollIntoView({ block: 'center', behavior: 'instant' })"
        )
        devices = page.context.new_cdp_session(page)
        scrolled = page.evaluate("() => scrollY")
        assert scrolled > 0
        for moves, to in (("intercept", (0, 1.9)), ("slope", (9, 0.55 * 9 + 1.9))):
            x, y = explorable.middle(moves)
            to_x, to_y = explorable.place(*to)
            # Beside the visible circle, where a fingertip still is.
            x, to_x = x + 16, to_x + 16
            touch(devices, "touchStart", x, y)
            for part in (0.25, 0.5, 0.75, 1):
                touch(
                    devices, "touchMove", x + part * (to_x - x), y + part * (to_y - y)
                )
            touch(devices, "touchEnd")
        assert explorable.line[:2] == close([0.55, 1.9])
        assert page.evaluate("() => scrollY") == scrolled
        assert page.evaluate("() => globalThis.cancelled") == 0
        assert reader.records.complaints == []

    @pytest.mark.parametrize("width", [limits.PHONE, limits.SMALL_PHONE])
    def test_handles_are_as_large_as_a_finger(self, reader: Reader, width: int) -> None:
        """A handle answers within 22 px of its middle, though it looks smaller."""
        explorable = Explorable(reader.open(PAGE, width=width))
        for moves in ("intercept", "slope"):
            x, y = explorable.middle(moves)
            for dx, dy in ((22, 0), (0, 22), (0, -22), (-15, 15)):
                hit = explorable.handle(moves).evaluate(
                    "(handle, place) =>"
                    " handle.contains(document.elementFromPoint(...place))",
                    [x + dx, y + dy],
                )
                assert hit, (moves, dx, dy)


def touch(devices: Any, kind: str, *place: float) -> None:
    """Send what a finger sends."""
    points = [{"x": place[0], "y": place[1]}] if place else []
    devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


class TestKeys:
    """Everything works without a mouse."""

    @pytest.mark.parametrize(
        ("moves", "output", "index"),
        [("intercept", "intercept-value", 1), ("slope", "slope-value", 0)],
    )
    def test_handles(
        self, explorable: Explorable, moves: str, output: str, index: int
    ) -> None:
        """The keys of a slider move a handle, and its new value is told."""
        low, high, step = DATA["sliders"][moves]
        keyboard = explorable.page.keyboard
        tab_to(explorable.page, f'[data-moves="{moves}"]')
        handle = explorable.handle(moves)
        expected = 1.0
        for key, change in (
            *(("ArrowUp", 1), ("ArrowRight", 1), ("ArrowDown", -1), ("ArrowLeft", -1)),
            *(("PageUp", 10), ("PageDown", -10), ("ArrowDown", -1)),
        ):
            keyboard.press(key)
            expected += change * step
            assert explorable.exact(output) == close(expected), key
            told = float(handle.get_attribute("aria-valuenow") or "nan")
            assert told == close(expected)
        keyboard.press("End")
        assert explorable.exact(output) == high
        keyboard.press("ArrowUp")
        assert explorable.exact(output) == high
        keyboard.press("Home")
        assert explorable.exact(output) == low
        assert [handle.get_attribute(f"aria-value{end}") for end in ("min", "max")] == [
            str(low),
            str(high),
        ]
        assert explorable.line[1 - index] == 1

    def test_other_keys_stay_the_pages(self, explorable: Explorable) -> None:
        """A handle leaves alone what is no key of a slider."""
        tab_to(explorable.page, '[data-moves="slope"]')
        for key in ("Alt+ArrowUp", "Control+ArrowUp", "a"):
            explorable.page.keyboard.press(key)
        assert explorable.line[:2] == [1, 1]

    def test_focus_is_seen(self, explorable: Explorable) -> None:
        """The handle in focus has a ring in the colour of ink, and no frame besides."""
        handle = explorable.handle("slope")
        ring = handle.locator(".ring")
        stroke = "ring => getComputedStyle(ring).stroke"
        assert ring.evaluate(stroke) == "none"
        tab_to(explorable.page, '[data-moves="slope"]')
        assert ring.evaluate(stroke) == rgb(_base.INK)
        outline = handle.evaluate("handle => getComputedStyle(handle).outlineColor")
        assert outline == "rgba(0, 0, 0, 0)"

    def test_from_the_first_guess_to_the_best_line(
        self, explorable: Explorable
    ) -> None:
        """Tab, arrows, Space and Enter alone do all that the figure offers."""
        page = explorable.page
        prefix = f"#{NAME}-"
        for name, key, count in (
            *(("slope", "ArrowLeft", 45), ("intercept", "ArrowRight", 18)),
            ("learning_rate", "ArrowRight", 2),
        ):
            tab_to(page, f"{prefix}{name}")
            for _ in range(count):
                page.keyboard.press(key)
        assert explorable.line[:2] == close([0.55, 1.9])
        assert explorable.exact("learning_rate-value") == close(0.011)
        for name, key, said in (
            ("step", "Enter", "Flat after 0 steps"),
            ("run", "Space", "Flat after 0 steps"),
            ("reveal", "Space", "The best line is"),
            ("reset", "Enter", "The line y = 1 x + 1 has mean squared error 5.4."),
        ):
            tab_to(page, f'#{NAME} button[data-part="{name}"]')
            page.keyboard.press(key)
            explorable.says(said)


class TestAddress:
    """The state is in the address."""

    def test_state_is_restored(self, reader: Reader) -> None:
        """An address brings back the line, the rate and the best line, in view."""
        page = reader.open(f"{PAGE}#grades:m=0.75,b=2.125,a=0.02,best=1")
        explorable = Explorable(page)
        assert explorable.line == [0.75, 2.125, near(loss_of(0.75, 2.125))]
        assert explorable.exact("learning_rate-value") == 0.02
        expect(explorable.part("best")).to_be_visible()
        expect(explorable.root).to_be_in_viewport()
        assert reader.records.complaints == []

    def test_numbers_are_typeset(self, reader: Reader) -> None:
        """Negative numbers have a true minus sign, and no number its rounding."""
        state = "m=-0.30000000000000004,b=-1.23456"
        explorable = Explorable(reader.open(f"{PAGE}#grades:{state}"))
        expect(explorable.part("slope-value")).to_have_text("−0.3")
        expect(explorable.part("intercept-value")).to_have_text("−1.2346")
        explorable.says("The line y = −0.3 x − 1.2346 has")

    def test_changes_are_noted(self, reader: Reader) -> None:
        """What the reader does can be sent to someone else, to the last digit."""
        explorable = Explorable(reader.open(PAGE))
        explorable.part("learning_rate").fill("0.015")
        explorable.steps(3)
        explorable.part("reveal").click()
        page = explorable.page
        slope, intercept, loss = explorable.line
        state = f"m={slope!r},b={intercept!r},a=0.015,best=1"
        expect(page).to_have_url(re.compile(re.escape(f"#grades:{state}") + "$"))
        assert page.evaluate("() => history.length") == 2  # about:blank, and the page
        other = Explorable(reader.open(f"{PAGE}#{page.url.partition('#')[2]}"))
        assert other.line == [slope, intercept, loss]

    def test_address_changes_while_the_page_is_open(
        self, explorable: Explorable
    ) -> None:
        """A link to a state works from within the page."""
        explorable.page.evaluate("() => { location.hash = 'grades:m=0.25,b=4' }")
        expect(explorable.part("slope-value")).to_have_text("0.25")
        assert explorable.line[:2] == [0.25, 4]
        assert explorable.exact("learning_rate-value") == DATA["learning_rate"]

    def test_anchors_are_left_alone(self, reader: Reader) -> None:
        """An ordinary anchor leads where it leads, and stays until the line moves."""
        page = reader.open(f"{PAGE}#take-the-next-steps")
        explorable = Explorable(page)
        expect(page.locator("#take-the-next-steps")).to_be_in_viewport()
        assert explorable.line[:2] == [1, 1]
        explorable.part("said").evaluate("said => { said.textContent = '' }")
        explorable.part("reset").click()
        explorable.says("The line y = 1 x + 1")
        assert page.url.endswith("#take-the-next-steps")
        explorable.part("slope").fill("0.5")
        expect(page).to_have_url(re.compile("#grades:m=0.5,b=1,a=0.01$"))
        page.evaluate("() => { location.hash = 'exercises' }")
        expect(page.locator("#exercises")).to_be_in_viewport()
        assert explorable.line[0] == 0.5
        assert reader.records.complaints == []

    def test_reset_clears_the_address(self, reader: Reader) -> None:
        """The figure's start has the page's own address."""
        explorable = Explorable(reader.open(f"{PAGE}#grades:m=0.5,b=3,a=0.02"))
        explorable.part("reset").click()
        expect(explorable.page).to_have_url(re.compile(rf"{PAGE}\.html$"))
        assert explorable.line[:2] == [1, 1]

    @pytest.mark.parametrize(
        ("state", "line", "rate"),
        [
            ("m=nonsense,b=,a=x", [1, 1], 0.01),
            ("", [1, 1], 0.01),
            ("m=1e300,b=-Infinity,a=9", [1, 1], 0.03),
            ("a=-1,b=NaN,m=0.5", [0.5, 1], 0.001),
            ("<script>=1,m=0.5", [0.5, 1], 0.01),
            ("m=0,b=11.5", [0, 11.5], 0.01),
        ],
    )
    def test_odd_addresses(
        self, reader: Reader, state: str, line: list[float], rate: float
    ) -> None:
        """What makes no sense in an address is left out."""
        explorable = Explorable(reader.open(f"{PAGE}#grades:{state}"))
        assert explorable.line[:2] == line
        assert explorable.exact("learning_rate-value") == rate
        assert reader.records.complaints == []


def rgb(color: str) -> str:
    """Write a colour as a browser does."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


class TestLooks:
    """The figure is made for its page."""

    COLORS = (
        *(("square", "fill", _base.BLUE), ("error", "stroke", _base.BLUE)),
        *(("line", "stroke", _base.PURPLE), ("best", "stroke", _base.GREEN)),
    )

    @pytest.mark.parametrize("theme", limits.THEMES)
    def test_colours_follow_the_theme(self, reader: Reader, theme: str) -> None:
        """The colours are those of the other figures, also after a switch."""
        explorable = Explorable(reader.open(PAGE, theme=theme))
        for shown in (theme, *(name for name in limits.THEMES if name != theme)):
            explorable.page.locator(f".theme-change-button[data-mode={shown}]").click()
            for name, kind, color in self.COLORS:
                expected = _base.DARK[color] if shown == "dark" else color
                found = explorable.part(name).first.evaluate(
                    f"element => getComputedStyle(element).{kind}"
                )
                assert found == rgb(expected), (shown, name)
            axis = explorable.root.locator(".axis")
            pupil = explorable.root.locator(".pupil").first
            text = explorable.root.locator("svg text").first
            grip = explorable.root.locator(".grip").first
            for element, kind, color in (
                (axis, "stroke", _base.MUTED),
                (pupil, "fill", _base.RED),
                (text, "fill", _base.INK),
                (grip, "fill", _base.PAPER),
            ):
                expected = _base.DARK[color] if shown == "dark" else color
                found = element.evaluate(f"e => getComputedStyle(e).{kind}")
                assert found == rgb(expected), (shown, color)

    def test_words_keep_up(self, explorable: Explorable) -> None:
        """The drawing is an image whose label says where the line is."""
        drawing = explorable.part("drawing")
        expect(drawing).to_have_role("img")
        expect(drawing).to_have_accessible_name(DATA["alt"])
        expect(explorable.part("said")).to_have_attribute("aria-live", "polite")
        explorable.part("slope").fill("0.5")
        explorable.part("reveal").click()
        said = "The line y = 0.5 x + 1 has mean squared error"
        expect(drawing).to_have_accessible_name(re.compile(re.escape(said)))
        expect(drawing).to_have_accessible_name(re.compile("The best line, y = 0.55 x"))

    @pytest.mark.parametrize("width", [limits.LAPTOP, limits.PHONE, limits.SMALL_PHONE])
    def test_nothing_moves_when_the_script_starts_or_speaks(
        self, reader: Reader, width: int
    ) -> None:
        """The figure has one size: before its script, at rest, when it diverged."""
        page = reader.open("index", width=width)
        page.route("**/figures/*.js*", lambda route: route.abort())
        reader.go(page, PAGE)
        before = Explorable(page)
        assert before.part("step").is_disabled()
        size = before.figure.bounding_box()
        page.unroute_all()
        reader.go(page, PAGE)
        explorable = Explorable(page)
        assert explorable.part("step").is_enabled()
        assert explorable.figure.bounding_box() == size
        explorable.part("learning_rate").fill("0.025")
        explorable.part("step").click()
        explorable.says("rose from")
        for _ in range(2):
            found = explorable.figure.bounding_box()
            assert found is not None
            assert size is not None
            assert (found["width"], found["height"]) == (size["width"], size["height"])
            explorable.part("run").click()
            explorable.says("Diverged")

    def test_still_figure(self, reader: Reader) -> None:
        """Without scripts the first guess is drawn, and says that it stands still."""
        explorable = Explorable(reader.open(PAGE, scripts=False))
        squares = explorable.part("square")
        sides = [float(s.get_attribute("width") or "nan") for s in squares.all()]
        assert sides == [0, 0, 3, 3, 3]
        expect(explorable.part("loss")).to_have_text("5.4")
        expect(explorable.part("drawing")).to_have_accessible_name(DATA["alt"])
        controls = explorable.root.locator("button, input").all()
        assert {control.is_visible() for control in controls} == {False}
        expect(explorable.handle("slope")).to_be_hidden()
        note = explorable.figure.locator("noscript p")
        expect(note).to_be_visible()
        expect(note).to_contain_text("This figure stands still")

    def test_print(self, explorable: Explorable) -> None:
        """On paper no control is left, and the ink is dark, whatever the theme."""
        page = explorable.page
        page.locator(".theme-change-button[data-mode=dark]").click()
        page.emulate_media(media="print")
        line = explorable.part("line")
        stroke = line.evaluate("line => getComputedStyle(line).stroke")
        assert stroke == rgb(_base.PURPLE)
        controls = explorable.root.locator("button, input").all()
        assert {control.is_visible() for control in controls} == {False}


class TestScripts:
    """A figure's script is small, and only on its page."""

    def test_scripts_are_small(self, site: Path) -> None:
        """All figures' scripts together weigh little."""
        scripts = (site / "_static" / "figures").glob("*.js")
        sizes = {s.name: len(gzip.compress(s.read_bytes(), mtime=0)) for s in scripts}
        assert {"figure.js", f"{NAME}.js"} <= set(sizes)
        assert sum(sizes.values()) <= SCRIPT_BYTES

    def test_other_pages_load_none(self, reader: Reader) -> None:
        """A page without a figure asks for no figure's script."""
        reader.open("chapters/slopes")
        urls = [request.url for request in reader.records.requests]
        assert any(url.endswith(".css") for url in urls)
        assert not [url for url in urls if "/figures/" in url]
        reader.open(PAGE)
        urls = [request.url for request in reader.records.requests]
        assert len([url for url in urls if "/figures/" in url]) == 2
