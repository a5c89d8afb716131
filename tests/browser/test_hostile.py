"""What strangers can do to a reader of the book, tried one after the other.

Every attack calls a function that this file gives to the page. What is tried on the
content of pages is tried with the policy switched off too: nothing hangs on it alone.
"""

from __future__ import annotations

import io
import json
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import pytest
from book import build, copy_settings
from PIL import Image
from playwright.sync_api import expect

from browser import limits
from browser.pages import Reader
from browser.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHAPTER = "chapters/linear_regression"
FOLDER = "/a%20shelf/book/"
LONG = 33_000
CALLED = "window.called = []; window.attack = (how) => called.push(how);"
POLICIES = pytest.mark.parametrize("policy", [True, False], ids=["", "without policy"])

ATTACKS = (
    "<img src=x onerror=attack('image')>",
    "<script>attack('script')</script>",
    "\"><svg onload=attack('quote')>",
    "'-attack('string')-'",
    "javascript:attack('address')",
    "${attack('template')}{{attack('template')}}",
    "&lt;img src=x onerror=attack('escaped')&gt;",
    "__proto__ constructor hasOwnProperty toString",
    "[(*+?\\ %00%0d%0a\ud83d \u202e",
)
# What the browser refuses where storage is blocked, or where there is no room in it.
BLOCKED = """
for (const name of ["localStorage", "sessionStorage"]) {
  const get = () => { throw new DOMException("denied", "SecurityError"); };
  Object.defineProperty(window, name, { get, configurable: true });
}"""
FULL = """
for (let size = 2 ** 23; size >= 1; size /= 2) {
  for (const name of ["localStorage", "sessionStorage"]) {
    try { window[name].setItem(`full-${size}`, "x".repeat(size)); } catch {}
  }
}"""
STORED = (
    *("theme", "mode", "sphinx_highlight_terms", "sidebar-scroll-top"),
    *("pst_banner_pref", "pst_announcement_banner_pref"),
)

# What a script might do that came through, and the rule that stops it.
MAKE = """(address) => {
  window.elsewhere = address;
  window.make = (name, given) =>
    document.body.appendChild(Object.assign(document.createElement(name), given));
  addEventListener("securitypolicyviolation", (event) => {
    window.refused ??= event.effectiveDirective;
  });
}"""
TYPES = "require-trusted-types-for"
ACTS = {
    "make('p').innerHTML = '<b>bold</b>'": TYPES,
    "new DOMParser().parseFromString('<b>', 'text/html')": TYPES,
    "make('p').setAttribute('onclick', 'attack()')": TYPES,
    "make('script', {textContent: 'attack()'})": TYPES,
    "make('script', {src: elsewhere})": TYPES,
    "setTimeout('attack()')": TYPES,
    "setTimeout(() => eval('attack()'))": TYPES,
    "setTimeout(() => new Function('attack()'))": TYPES,
    "new Worker('searchindex.js')": TYPES,
    "new Worker('live/0123456789ab/worker.mjs?')": TYPES,
    "make('p').innerHTML = '<span onclick=attack()>'": TYPES,
    "trustedTypes.createPolicy('mine', {})": "trusted-types",
    "make('a', {href: 'javascript:attack()'}).click()": "script-src-elem",
    "make('p').setAttribute('style', 'color: red')": "style-src-attr",
    "make('style', {textContent: 'p {color: red}'})": "style-src-elem",
    "new Image().src = elsewhere": "img-src",
    "fetch(elsewhere).catch(() => 0)": "connect-src",
    "make('iframe', {src: location.href})": "frame-src",
    "make('object', {data: location.href})": TYPES,
    "make('base', {href: elsewhere})": "base-uri",
    "make('form', {action: elsewhere}).submit()": "form-action",
}

MARKUP = "<img src=x onerror=attack(1)>\"'"
HOSTILE = f"""
```{{toctree}}
:caption: {MARKUP}
{MARKUP}
```
"""
PAGE = (
    f"""---
file_format: mystnb
kernelspec:
  name: python3
myst:
  html_meta:
    description: {json.dumps(MARKUP)}
---

"""
    r"""(<img src=x onerror=attack(2)>)=
# Hostile \<img src=x onerror=attack(3)\> `<img src=x onerror=attack(4)>`

```{code-cell}
from gdbook.glue import glue
from gdbook.plotting import Figure
text = "<img src=x onerror=attack(5)>"
print(text, "<script>attack(6)</script>")
glue(said=text)
text
```

It says {glue:text}`said`.

```{code-cell}
---
mystnb:
  figure:
    caption: A \<img src=x onerror=attack(7)\> `<script>attack(8)</script>`
    name: fig-"><img src=x onerror=attack(9)>
---
figure = Figure()
figure.add_subplot().set_title("</text><script>attack(10)</script>")
figure.alt = '"><img src=x onerror=attack(11)>'
figure
```

$$
\text{<img src=x onerror=attack(12)>}
$$

## Second \<img src=x onerror=attack(13)\> `<script>attack(14)</script>`
"""
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a book whose every name is an attack, for a folder of a host."""
    folder = copy_settings(tmp_path_factory.mktemp("hostile"), HOSTILE)
    index = folder / "docs" / "index.md"
    title = index.read_text("utf-8").replace("One page", f"Cover `{MARKUP}`")
    index.write_text(title, encoding="utf-8")
    (folder / "docs" / f"{MARKUP}.md").write_text(PAGE, encoding="utf-8")
    built = build(folder, BOOK_URL=f"https://example.org{FOLDER}")
    assert built.code == 0, built.log
    return built.html


@pytest.fixture(scope="module")
def elsewhere(site: Path) -> Iterator[str]:
    """Serve the book a second time, as a stranger's site would be."""
    with serve(site) as served:
        yield served


@pytest.fixture
def victim(browser: Browser, hostile: Path) -> Iterator[Reader]:
    """Return a reader of the book of attacks."""
    with serve(hostile, "/a shelf/book/") as served:
        address = served.replace(" ", "%20")
        with closing(Reader(browser, address)) as reader:
            yield reader


def called(page: Page) -> list[str]:
    """Return the attacks that came through, once the page is still."""
    page.wait_for_load_state("networkidle")
    found: list[str] = page.evaluate("() => called")
    return found


def search(reader: Reader, page: Page, words: str) -> str:
    """Search, and return what is said when the search has ended."""
    reader.go(page, f"search?q={quote(words, errors='surrogatepass')}")
    summary = page.locator(".search-summary")
    expect(summary).not_to_be_empty()
    return summary.inner_text()


class TestAddresses:
    """Whatever an address holds, it is text."""

    @POLICIES
    def test_queries_are_text(self, reader: Reader, *, policy: bool) -> None:
        """A query is searched for, and never becomes part of the page."""
        page = reader.open("index", policy=policy, first=CALLED)
        for attack in ATTACKS:
            assert "match" in search(reader, page, attack)
            assert called(page) == [], attack
        assert reader.records.complaints == []

    @POLICIES
    def test_rest_of_an_address_is_text(self, reader: Reader, *, policy: bool) -> None:
        """Neither what is to be marked nor the place on a page is more than that."""
        page = reader.open("index", policy=policy, first=CALLED)
        for attack in ATTACKS:
            words = quote(attack, errors="surrogatepass")
            state = f"linear_regression_grades:slope={words},intercept=NaN,{words}"
            reader.go(page, f"{CHAPTER}?highlight={words}&q={words}#{state}")
            assert called(page) == [], attack
            loss = page.locator(".explorable [data-number=loss]").inner_text()
            assert 0 < float(loss) < np.inf
        assert reader.records.complaints == []

    def test_long_queries_end(self, reader: Reader) -> None:
        """A search is for so many characters, and says so; many marks are none."""
        page = reader.open("index")
        for words in ("x" * LONG, "rate " * (LONG // 5), "\u0800" * (LONG // 100)):
            search(reader, page, words)
            note = f"The query has {len(words)} characters; the search is for the first"
            expect(page.locator("article")).to_contain_text(note)
            assert page.locator("article input[name=q]").input_value() == words[:200]
        # What was searched for last would be marked, and is short.
        page.evaluate("() => localStorage.removeItem('sphinx_highlight_terms')")
        marks = " ".join(f"a{number}" for number in range(LONG // 5))
        reader.go(page, f"reference?highlight={marks}")
        assert page.locator(".highlight-link").count() == 0
        page.evaluate(
            "words => localStorage.setItem('sphinx_highlight_terms', words)", marks
        )
        reader.go(page, "reference")
        assert page.locator(".highlight-link").count() == 0
        assert reader.records.complaints == []

    def test_short_query_is_searched_whole(self, reader: Reader) -> None:
        """Nothing is said of the length of an ordinary query."""
        page = reader.open("index")
        assert "match" in search(reader, page, "learning rate " * 14)
        assert "characters" not in page.locator("article").inner_text()


class TestStorage:
    """Whatever is stored, or cannot be, the book works."""

    @POLICIES
    def test_stored_values_are_text(self, reader: Reader, *, policy: bool) -> None:
        """Neither what is stored nor the window's name becomes part of the page."""
        for attack in (ATTACKS[0], "null", "{", json.dumps({"closed": MARKUP})):
            values = json.dumps([STORED, attack])
            first = (
                f"{CALLED} window.name = {json.dumps(attack)};"
                f"const [names, value] = {values};"
                "for (const name of names) for (const store of [localStorage,"
                " sessionStorage]) store.setItem(name, value);"
            )
            page = reader.open(CHAPTER, policy=policy, first=first)
            assert called(page) == [], attack
            expect(page.locator("html")).to_have_attribute("data-theme", "light")
            page.context.close()
        assert reader.records.violations == []

    @pytest.mark.parametrize("first", [BLOCKED, FULL], ids=["blocked", "full"])
    def test_book_works_without(self, reader: Reader, first: str) -> None:
        """Without storage the search finds, and the theme's buttons turn the page."""
        page = reader.open(CHAPTER, first=first)
        for theme in ("dark", "light"):
            page.locator(f".theme-change-button[data-mode={theme}]").click()
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert "match" in search(reader, page, "learning rate")
        results = page.locator("#search-results li")
        expect(results.first.locator(".context")).to_contain_text("rate")
        assert reader.records.complaints == []


class TestNames:
    """Names that are markup are shown as they are written."""

    @POLICIES
    def test_names_are_text(self, victim: Reader, *, policy: bool) -> None:
        """Titles, file names, labels, captions, numbers and texts run nothing."""
        page = victim.open("index", policy=policy, first=CALLED)
        assert called(page) == []
        page.locator("article a", has_text="Hostile").first.click()
        expect(page.locator("article h1")).to_contain_text("onerror=attack(3)>")
        shown = page.locator("article").inner_text()
        for number in (3, 4, 5, 7, 13):
            assert f"onerror=attack({number})>" in shown
        assert called(page) == []
        picture = page.locator("article img").first
        assert "attack(11)" in (picture.get_attribute("alt") or "")
        page.goto(f"{victim.address}{picture.get_attribute('src')}")
        assert called(page) == []
        assert "match" in search(victim, page, "hostile")
        assert "attack(3)" in page.locator("#search-results").inner_text()
        assert called(page) == []
        assert victim.records.complaints == []


class TestOthers:
    """Another site can link to the book, and no more."""

    def test_no_site_frames_it(self, reader: Reader, elsewhere: str) -> None:
        """A frame stays empty, on a stranger's site and on the book's own."""
        page = reader.open("index", first="", policy=False)
        frame = (
            "source => document.body.append(Object.assign("
            "document.createElement('iframe'), {src: source}))"
        )
        for address in (elsewhere, reader.address):
            with page.expect_console_message(lambda said: "frame-an" in said.text):
                page.evaluate(frame, f"{address}index.html")

    def test_no_site_holds_on_to_it(self, reader: Reader, elsewhere: str) -> None:
        """A window that a stranger opens knows no opener, and is closed to it."""
        page = reader.open("index")
        with page.expect_popup() as opened:
            page.evaluate(
                "url => { window.held = open(url); }", f"{elsewhere}index.html"
            )
        opened.value.wait_for_load_state()
        assert opened.value.evaluate("() => window.opener") is None
        page.wait_for_function("() => held.closed")

    def test_no_site_embeds_its_files(self, reader: Reader, elsewhere: str) -> None:
        """A stranger's page cannot show a picture of the book; its own can."""
        page = reader.open("index", policy=False)
        load = (
            "async (source) => { const image = new Image(); image.src = source;"
            " return image.decode().then(() => true, () => false); }"
        )
        assert page.evaluate(load, f"{reader.address}_static/card.png")
        assert not page.evaluate(load, f"{elsewhere}_static/card.png")


class TestPolicy:
    """The policy stops what would come through all the same."""

    def test_acts_are_refused(self, reader: Reader, elsewhere: str) -> None:
        """A script that did run could add none, and send nothing anywhere."""
        page = reader.open("changelog", first=CALLED)
        page.evaluate(MAKE, elsewhere)
        refused = {}
        for act in ACTS:
            page.evaluate(f"() => {{ refused = null; try {{ {act}; }} catch {{}} }}")
            page.wait_for_function("() => refused")
            refused[act] = page.evaluate("() => refused")
        assert refused == ACTS
        assert page.evaluate("() => called") == []


class TestPictures:
    """A figure opened by itself is drawn."""

    @pytest.mark.parametrize("theme", limits.THEMES)
    def test_figure_by_itself(self, reader: Reader, site: Path, theme: str) -> None:
        """It has ink of several colours on the paper of its theme."""
        page = reader.open("index", theme=theme)
        figures = sorted(path.name for path in (site / "_images").glob("*.svg"))
        assert len(figures) > 100
        for figure in (figures[0], figures[-1]):
            page.goto(f"{reader.address}_images/{figure}")
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            shown = np.asarray(picture, dtype=int)
            paper = shown[-1, -1]
            assert (paper.min() > 200) == (theme == "light")
            ink = shown[np.abs(shown - paper).max(axis=2) > 100]
            assert len(ink) > 500
            colourful = np.ptp(ink, axis=1) > 60
            assert 0 < colourful.mean() < 1
        page.goto(f"{reader.address}_static/favicon.svg")
        assert reader.records.complaints == []


class TestWrongAddress:
    """A wrong address leads into the book."""

    @pytest.mark.parametrize("wrong", ["gone", "a/b/c/gone"])
    def test_page_leads_on(self, reader: Reader, wrong: str) -> None:
        """At any depth the page has its style, its links and its search."""
        self.find_the_way(reader, wrong)

    @pytest.mark.parametrize("wrong", ["gone", "a/b/c/gone"])
    def test_page_leads_on_in_a_folder(self, victim: Reader, wrong: str) -> None:
        """So it has in a folder of a host."""
        self.find_the_way(victim, wrong)

    def find_the_way(self, reader: Reader, wrong: str) -> None:
        """Search from a wrong address, and go to the cover from another."""
        page = reader.open("index")
        cover = page.title()
        answers = []
        page.on("response", lambda answer: answers.append((answer.status, answer.url)))
        reader.go(page, wrong)
        assert [status for status, _ in answers].count(200) == len(answers) - 1
        assert answers[0] == (404, f"{reader.address}{wrong}.html")
        assert page.locator("h1").inner_text().startswith("Page not found")
        assert page.evaluate("() => getComputedStyle(document.body).margin") == "0px"
        page.locator("article input[name=q]").fill("page")
        page.keyboard.press("Enter")
        expect(page.locator(".search-summary")).not_to_be_empty()
        reader.go(page, wrong)
        page.locator("article a").first.click()
        page.wait_for_load_state()
        assert page.title() == cover
        assert all("404" in text for text in reader.records.complaints)


class TestMarks:
    """The words that a reader searched for are marked, and can be unmarked."""

    def test_marks_can_be_hidden(self, reader: Reader) -> None:
        """The link above the text takes all marks away, and itself."""
        page = reader.open(f"{CHAPTER}?highlight=slope")
        link = page.locator(".highlight-link a")
        link.wait_for()
        assert page.locator("article .highlighted").count() > 5
        link.click()
        expect(page.locator(".highlighted")).to_have_count(0)
        expect(link).to_have_count(0)
        assert reader.records.complaints == []
