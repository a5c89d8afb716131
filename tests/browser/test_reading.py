"""What a reader does with the book: search it, switch its theme, find a way."""

from __future__ import annotations

import io
import re
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, quote_plus, unquote
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from browser import limits
from browser.pages import (
    NOT_FOUND,
    PATIENCE,
    Reader,
    ask,
    chapters_of,
    code_of,
    listed,
    pages_of,
    read_to_the_end,
)
from browser.test_every_page import axe_violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

T = TypeVar("T")
CHAPTER = "chapters/linear_regression"


def pixels(locator: Locator) -> np.ndarray:
    """Return what a part of the page looks like."""
    picture = Image.open(io.BytesIO(locator.screenshot())).convert("RGB")
    return np.asarray(picture, dtype=np.int16)


def ink_on_paper(page: Page, figure: Locator) -> tuple[np.ndarray, np.ndarray]:
    """Return a figure's pixels, and where there is ink, on the page's own paper."""
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    colour = [int(value) for value in re.findall(r"\d+", paper)[:3]]
    shown = pixels(figure)
    corners = shown[[2, 2, -3, -3], [2, -3, 2, -3]]
    assert np.abs(corners - colour).max() <= 2
    ink = np.abs(shown - colour).max(axis=2) > 40
    assert ink.mean() > limits.REDRAWN
    return shown, ink


def drawn_in_time(look: Callable[[], T], figure: Locator) -> T:
    """Look again until what is asserted holds: a browser draws a figure late."""
    figure.evaluate("image => image.decode()")
    end = monotonic() + PATIENCE / 1000
    while True:
        try:
            return look()
        except AssertionError as missing:
            if monotonic() > end:
                missing.add_note(figure.get_attribute("alt") or "")
                raise


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on an element."""
    target = page.locator(selector)
    for _ in range(200):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {selector}")


class TestTheme:
    """The reader chooses light or dark."""

    @pytest.mark.parametrize("theme", limits.THEMES)
    def test_switch_works_by_keyboard(self, reader: Reader, theme: str) -> None:
        """Each button of the switch takes the focus, and Enter turns the page."""
        other = next(name for name in limits.THEMES if name != theme)
        page = reader.open(CHAPTER, theme=other)
        tab_to(page, f".theme-change-button[data-mode={theme}]")
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        reader.go(page, "index")
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert reader.records.complaints == []

    def test_system_decides_until_the_reader_does(self, reader: Reader) -> None:
        """A page follows the system's theme, also while it is open."""
        page = reader.open(CHAPTER, theme="light")
        page.emulate_media(color_scheme="dark")
        page.locator("html[data-theme=dark]").wait_for(state="attached")

    def test_figures_follow_the_switch(self, reader: Reader, page_name: str) -> None:
        """Every figure is drawn anew for the theme, without a reload and a card."""
        page = reader.open(page_name)
        ask(page, "openAll")
        read_to_the_end(page)
        figures = page.locator("article img").all()
        if not figures:
            return
        light = [
            drawn_in_time(partial(ink_on_paper, page, figure), figure)
            for figure in figures
        ]
        page.locator(".theme-change-button[data-mode=dark]").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")

        def redrawn(
            figure: Locator, before: np.ndarray, ink_before: np.ndarray
        ) -> None:
            after, ink_after = ink_on_paper(page, figure)
            ink = ink_before & ink_after
            changed = ink & (np.abs(after - before).max(axis=2) > 40)
            assert changed.mean() > limits.REDRAWN

        for figure, drawn in zip(figures, light, strict=True):
            drawn_in_time(partial(redrawn, figure, *drawn), figure)


class TestKeyboardShortcuts:
    """The keyboard leads past the navigation, and opens what is folded."""

    def test_skip_link_leads_to_the_text(self, reader: Reader) -> None:
        """The first stop of Tab skips the navigation."""
        page = reader.open(CHAPTER)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        inside = "() => Boolean(document.activeElement.closest('main'))"
        assert page.evaluate(inside)

    def test_solution_opens_and_closes(self, reader: Reader) -> None:
        """Enter opens a solution, and Space closes it."""
        page = reader.open(CHAPTER)
        details = page.locator("article details.solution").first
        summary = details.locator("summary")
        body = details.locator(":scope > :not(summary)").first
        summary.focus()
        page.keyboard.press("Enter")
        expect(body).to_be_visible()
        page.keyboard.press("Space")
        expect(body).to_be_hidden()

    @pytest.mark.parametrize("theme", limits.THEMES)
    def test_contents_open_on_a_phone(
        self, reader: Reader, npm: Path, theme: str
    ) -> None:
        """On a phone the contents open and close by keyboard, and axe finds nothing."""
        page = reader.open(CHAPTER, width=limits.SMALL_PHONE, theme=theme)
        link = page.locator("nav.bd-links a[href$='weight_update.html']").first
        assert not link.is_visible()
        tab_to(page, "button.primary-toggle")
        page.keyboard.press("Enter")
        link.wait_for(state="visible")
        found = axe_violations(page, npm)
        assert not found, listed(found)
        page.keyboard.press("Escape")
        link.wait_for(state="hidden")
        assert reader.records.complaints == []


class TestSearch:
    """Search finds a phrase or a number, and shows where."""

    @pytest.mark.parametrize("words", limits.SEARCHES)
    def test_search_shows_the_place(self, reader: Reader, words: str) -> None:
        """Each result shows the words in their sentence and leads to them."""
        page = reader.open(f"search?q={quote_plus(words)}")
        results = page.locator("#search-results li")
        results.first.wait_for()
        page.wait_for_load_state("networkidle")
        context = results.first.locator(".context")
        context.wait_for()
        assert words in context.inner_text().lower()
        link = results.first.locator("a")
        # The browser marks the words that the address ends with.
        _, _, marked = (link.get_attribute("href") or "").partition(":~:text=")
        assert unquote(marked).replace("-", "−") == words
        link.click()
        page.wait_for_load_state("load")
        assert "search" not in page.url.partition("?")[0]
        ask(page, "openAll")
        assert words in page.locator("article").inner_text().lower()
        assert reader.records.complaints == []
        assert reader.elsewhere() == []

    def test_search_misses_no_chapter(self, reader: Reader, site: Path) -> None:
        """Every chapter that holds the words is among the results."""
        page = reader.open("index")
        texts = {}
        for name in chapters_of(site):
            reader.go(page, name)
            ask(page, "openAll")
            # What code does stands in the sentences around it.
            page.evaluate(
                "() => { for (const code of document.querySelectorAll('.cell_input'))"
                " code.remove(); }"
            )
            texts[name] = page.locator("article").inner_text().lower()
        for words in limits.SEARCHES:
            whole = re.compile(rf"(?<![\w.]){re.escape(words)}(?![\w/]|\.\d)")
            holding = {name for name, text in texts.items() if whole.search(text)}
            reader.go(page, f"search?q={quote(words)}")
            results = page.locator("#search-results li a:first-child")
            results.first.wait_for()
            page.wait_for_load_state("networkidle")
            links = [link.get_attribute("href") or "" for link in results.all()]
            found = [re.sub(r"\.html.*$", "", link).lstrip("./") for link in links]
            assert holding
            assert holding <= set(found)

    def test_search_opens_by_keyboard(self, reader: Reader) -> None:
        """A shortcut or the button opens the search, and Enter shows the results."""
        page = reader.open(CHAPTER)
        page.keyboard.press("Control+k")
        page.keyboard.type(limits.SEARCHES[0])
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?*")
        page.locator("#search-results li").first.wait_for()
        assert reader.records.complaints == []
        assert reader.elsewhere() == []

    @pytest.mark.parametrize("theme", limits.THEMES)
    @pytest.mark.parametrize("width", [limits.LAPTOP, limits.SMALL_PHONE])
    def test_results_are_accessible(
        self, reader: Reader, npm: Path, theme: str, width: int
    ) -> None:
        """Axe-core finds nothing among the results, and they fit a phone."""
        page = reader.open(
            f"search?q={quote(limits.SEARCHES[0])}", theme=theme, width=width
        )
        page.locator("#search-results li").first.wait_for()
        page.wait_for_load_state("networkidle")
        found = axe_violations(page, npm)
        assert not found, listed(found)
        found = ask(page, "tooWide")
        assert not found, listed(found)

    def test_dialog_is_accessible(self, reader: Reader, npm: Path) -> None:
        """Axe-core finds nothing while the search stands open, and Escape closes it."""
        page = reader.open(CHAPTER)
        page.keyboard.press("Control+k")
        field = page.locator("dialog input[name=q]")
        field.wait_for(state="visible")
        found = axe_violations(page, npm)
        assert not found, listed(found)
        page.keyboard.press("Escape")
        field.wait_for(state="hidden")


class TestFont:
    """The font of formulas comes early, so that no line moves when it comes."""

    @pytest.mark.parametrize(("name", "times"), [(CHAPTER, 1), ("changelog", 0)])
    def test_font_is_asked_for_early(
        self, reader: Reader, name: str, times: int
    ) -> None:
        """A page with formulas asks for it once, by itself; another does not."""
        page = reader.open(name)
        preload = page.locator("link[rel=preload][as=font]")
        assert preload.count() == times
        urls = [request.url for request in reader.records.requests]
        assert sum(url.endswith("/mathematics.woff2") for url in urls) == times


class TestWay:
    """Pages say what they are, and lead to each other."""

    def test_titles_and_descriptions_differ(self, reader: Reader, site: Path) -> None:
        """Every page has a title, a description and a card of its own."""
        titles, descriptions = [], []
        page = reader.open("index", scripts=False)
        for name in pages_of(site):
            reader.go(page, name)
            titles.append(page.title())
            head = page.locator("head")
            description = head.locator("meta[name=description]")
            assert description.count() == 1, name
            descriptions.append(description.get_attribute("content") or "")
            for part in ("og:title", "og:description", "og:image"):
                tags = head.locator(f"meta[property='{part}']")
                assert tags.count() == 1, (name, part)
        assert len(set(titles)) == len(titles)
        assert len(set(descriptions)) == len(descriptions)
        assert all(20 <= len(text) <= 200 for text in descriptions)

    def test_icon_and_card_exist(self, reader: Reader, site: Path) -> None:
        """The icon and the picture of the card are on the site."""
        page = reader.open("index")
        icon = page.locator("link[rel~=icon]").first
        assert icon.count() == 1
        picture = page.locator("meta[property='og:image']").first
        assert picture.count() == 1
        for url in (icon.get_attribute("href"), picture.get_attribute("content")):
            inside = re.search(r"_(static|images)/[^?]*", url or "")
            assert inside is not None, url
            assert (site / inside[0]).is_file(), url

    def test_site_map_lists_every_page(self, site: Path) -> None:
        """The site map names each page that a reader would look for."""
        tree = ET.parse(site / "sitemap.xml")  # noqa: S314 (the book wrote it)
        listed = [place.text or "" for place in tree.iter() if "loc" in place.tag]
        for name in pages_of(site):
            if name not in {"search", NOT_FOUND}:
                assert any(url.endswith(f"/{name}.html") for url in listed) or (
                    name == "index" and any(url.endswith("/") for url in listed)
                ), name

    def test_chapters_lead_to_each_other(self, reader: Reader, site: Path) -> None:
        """Next goes through all chapters, previous comes back; each has an outline."""
        page = reader.open("index")
        seen = []
        for _ in pages_of(site):
            following = page.locator("a.right-next")
            if not following.count():
                break
            before = page.url
            following.click()
            page.wait_for_load_state("load")
            seen.append(page.url.removeprefix(reader.address).removesuffix(".html"))
            back = page.locator("a.left-prev").evaluate("link => link.href")
            assert back.removesuffix("index.html") == before.removesuffix("index.html")
            if seen[-1].startswith("chapters/"):
                outline = ask(page, "visibleLinks", "nav.page-toc a")
                sections = page.locator("article section > h2").count()
                assert len(outline) >= sections > 0
        assert set(chapters_of(site)) <= set(seen)

    def test_links_lead_somewhere(self, reader: Reader, site: Path) -> None:
        """Every link within the book ends at a page, and at a place on it."""
        page = reader.open("index", scripts=False)
        ids: dict[str, set[str]] = {}
        links: list[tuple[str, str]] = []
        for name in (*pages_of(site), *code_of(site)):
            reader.go(page, name)
            found = page.evaluate(
                "() => [[...document.querySelectorAll('[id]')].map((e) => e.id),"
                " [...document.querySelectorAll('a[href]')].map((e) => e.href)]"
            )
            ids[name] = set(found[0])
            links += [(name, link) for link in found[1]]
        dead = []
        for name, link in links:
            if not link.startswith(reader.address):
                continue
            path, _, place = link.removeprefix(reader.address).partition("#")
            target = path.partition("?")[0].removesuffix(".html") or "index"
            if target.startswith(("_static/", "_images/")):
                continue
            if target not in ids or (place and place not in ids[target]):
                dead.append(f"{name}: {link}")
        assert not dead, listed(dead)
