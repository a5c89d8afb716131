"""A number says where it comes from, and leads to its function, code and test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser import limits
from browser.pages import ask, code_of, listed, read_to_the_end
from browser.test_every_page import axe_violations, walk

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from browser.pages import Reader

CHAPTER = "chapters/linear_regression"
CALL = "linear_step().new_slope"
ENTRY = "gdbook.examples.linear_regression.linear_step"


def number_on(page: Page, call: str = CALL) -> Locator:
    """Return the first number that comes from a call, in the middle of the window."""
    ask(page, "openAll")
    number = page.locator(f"a.number[data-from='{call}']").first
    number.evaluate("number => number.scrollIntoView({block: 'center'})")
    return number


def centre(element: Locator) -> tuple[float, float]:
    """Return the middle of an element."""
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class TestMouse:
    """The pointer on a number shows the call and the field."""

    def test_pointer_shows_and_leaves(self, reader: Reader) -> None:
        """The note stands below, moves nothing, and goes with the pointer."""
        page = reader.open(CHAPTER)
        number, note = number_on(page), page.locator("#origin")
        paragraph = number.locator("xpath=..")
        before = paragraph.bounding_box()
        expect(note).to_have_count(0)
        number.hover()
        expect(note).to_have_text(CALL)
        assert paragraph.bounding_box() == before
        assert not ask(page, "tooWide")
        # On the way to the note, and on it, it stays.
        x, y = centre(number)
        to_x, to_y = centre(note)
        page.mouse.move(x, y)
        page.mouse.move(x, to_y, steps=10)
        page.mouse.move(to_x, to_y, steps=10)
        expect(note).to_be_visible()
        page.mouse.move(5, 5)
        expect(note).to_have_count(0)
        assert reader.records.complaints == []

    def test_escape_takes_it_away(self, reader: Reader) -> None:
        """Escape removes the note until the pointer comes again."""
        page = reader.open(CHAPTER)
        number, note = number_on(page), page.locator("#origin")
        number.hover()
        expect(note).to_be_visible()
        page.keyboard.press("Escape")
        expect(note).to_have_count(0)
        x, y = centre(number)
        page.mouse.move(x + 2, y)
        expect(note).to_have_count(0)
        page.mouse.move(5, 5)
        number.hover()
        expect(note).to_be_visible()

    def test_nothing_cuts_the_note_off(self, reader: Reader) -> None:
        """A caption lies in a box that scrolls, and its notes lie above it."""
        page = reader.open(CHAPTER)
        numbers = page.locator("figcaption a.number")
        assert numbers.count() > 0
        for number in numbers.all():
            number.scroll_into_view_if_needed()
            number.hover()
            x, y = centre(page.locator("#origin"))
            hit = "([x, y]) => document.elementFromPoint(x, y).id"
            assert page.evaluate(hit, [x, y]) == "origin"

    @pytest.mark.parametrize("width", [limits.LAPTOP, limits.SMALL_PHONE])
    def test_note_stays_in_the_window(self, reader: Reader, width: int) -> None:
        """Wherever a number stands, its note is seen whole."""
        page = reader.open(CHAPTER, width=width)
        ask(page, "openAll")
        for number in page.locator("a.number").all()[::3]:
            number.scroll_into_view_if_needed()
            number.hover()
            box = page.locator("#origin").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= 800

    @pytest.mark.parametrize("theme", limits.THEMES)
    def test_axe_finds_nothing(self, reader: Reader, npm: Path, theme: str) -> None:
        """It does so also while a note is shown."""
        page = reader.open(CHAPTER, theme=theme)
        number_on(page).hover()
        expect(page.locator("#origin")).to_be_visible()
        found = axe_violations(page, npm)
        assert not found, listed(found)


class TestKeyboard:
    """So does the focus."""

    def test_focus_shows_and_describes(self, reader: Reader) -> None:
        """The link is called by its number, and described by the call while focused."""
        page = reader.open(CHAPTER)
        page.keyboard.press("Tab")
        number, note = number_on(page), page.locator("#origin")
        said = number.inner_text()
        assert number.get_attribute("aria-describedby") is None
        number.focus()
        expect(note).to_have_text(CALL)
        expect(number).to_have_accessible_name(said)
        expect(number).to_have_accessible_description(CALL)
        page.keyboard.press("Escape")
        expect(note).to_have_count(0)
        page.mouse.move(200, 200)
        expect(note).to_have_count(0)
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(note).to_have_text(CALL)
        page.keyboard.press("Tab")
        expect(note).not_to_have_text(CALL)
        assert number.get_attribute("aria-describedby") is None


class TestTouch:
    """A tap shows it, and another one follows the link."""

    def test_second_tap_leads_there(self, reader: Reader) -> None:
        """The first tap stays on the page, and one beside it takes the note away."""
        page = reader.open(CHAPTER, width=limits.PHONE, touch=True)
        number, note = number_on(page), page.locator("#origin")
        number.tap()
        expect(note).to_have_text(CALL)
        page.locator("article h1").tap()
        expect(note).to_have_count(0)
        number_on(page).tap()
        expect(note).to_have_text(CALL)
        assert CHAPTER in page.url
        number.tap()
        page.wait_for_url(f"**/*#{ENTRY}")

    def test_tap_on_the_note_leads_there(self, reader: Reader) -> None:
        """The note is a part of the link."""
        page = reader.open(CHAPTER, width=limits.PHONE, touch=True)
        number_on(page).tap()
        page.locator("#origin").tap()
        page.wait_for_url(f"**/*#{ENTRY}")


class TestWithoutScripts:
    """Where no script runs, the style sheet shows the call."""

    def test_pointer_shows_it(self, reader: Reader) -> None:
        """The edge of the window has the words of the number under the pointer."""
        page = reader.open(CHAPTER, scripts=False)
        number = number_on(page)
        shown = "number => getComputedStyle(number, '::after').content"
        assert number.evaluate(shown) == "none"
        number.hover()
        assert CALL in number.evaluate(shown)
        number.click()
        page.wait_for_url(f"**/*#{ENTRY}")


class TestPaper:
    """Paper shows numbers alone."""

    def test_numbers_are_plain(self, reader: Reader) -> None:
        """No line and no note is printed."""
        page = reader.open(CHAPTER)
        number = number_on(page)
        number.hover()
        page.emulate_media(media="print")
        line = "number => getComputedStyle(number).textDecorationLine"
        assert number.evaluate(line) == "none"
        expect(page.locator("#origin")).to_be_hidden()


class TestWay:
    """A number leads to its function, that to its code, and that to its test."""

    def test_entry_leads_to_source_and_test(self, reader: Reader) -> None:
        """Each link ends at the name itself, and the source leads back."""
        page = reader.open(CHAPTER)
        number_on(page).click()
        page.wait_for_url(f"**/*#{ENTRY}")
        entry = page.locator("dl.py", has=page.locator(f"[id='{ENTRY}']"))
        links = entry.get_by_role("link")
        links.get_by_text("test", exact=True).click()
        page.wait_for_url("**/code/tests/examples/test_linear_regression.html#Test*")
        expect(page.locator(":target")).to_have_text(re.compile("^Test"))
        page.go_back()
        links.get_by_text("source", exact=True).click()
        page.wait_for_url("**/code/gdbook/examples/linear_regression.html#linear_step")
        expect(page.locator(":target")).to_be_in_viewport()
        page.locator(":target").click()
        page.wait_for_url(f"**/*#{ENTRY}")
        assert reader.records.complaints == []
        assert reader.elsewhere() == []

    def test_cell_answers_where_no_function_does(self, reader: Reader) -> None:
        """A number that a page computes leads to the cell, which unfolds."""
        page = reader.open("chapters/adaptive_rates")
        number = page.locator("a.number[href^='#cell-']").first
        place = number.get_attribute("href") or ""
        number.click()
        page.wait_for_url(f"**/*{place}")
        expect(page.locator(place)).to_be_visible()


class TestCode:
    """A page of code is a page of the book: one template makes them all."""

    @pytest.fixture(params=["code/gdbook", "code/tests"])
    def name(self, request: pytest.FixtureRequest, site: Path) -> str:
        """Take the heaviest page of each kind."""
        names = [name for name in code_of(site) if name.startswith(request.param)]
        return max(names, key=lambda name: (site / f"{name}.html").stat().st_size)

    def test_page_is_light_and_quiet(self, reader: Reader, name: str) -> None:
        """It stays below the weight of a page, by itself, under the policy."""
        page = reader.open(name)
        read_to_the_end(page)
        sizes = [request.sizes() for request in reader.records.requests]
        weight = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)
        assert weight <= limits.PAGE_BYTES
        assert reader.records.complaints == []
        assert reader.elsewhere() == []

    @pytest.mark.parametrize("theme", limits.THEMES)
    @pytest.mark.parametrize("width", [limits.LAPTOP, limits.SMALL_PHONE])
    def test_page_can_be_read(
        self, reader: Reader, npm: Path, name: str, width: int, theme: str
    ) -> None:
        """Axe-core finds nothing, it fits a phone, and the keyboard reaches all."""
        page = reader.open(name, width=width, theme=theme)
        found = [*axe_violations(page, npm), *ask(page, "tooWide")]
        found += ask(page, "unreachableBoxes")
        found += [line for lines in walk(page).values() for line in lines]
        assert not found, listed(found)
