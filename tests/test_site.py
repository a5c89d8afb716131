"""What a published book has beside its pages, seen on a book of two."""

from __future__ import annotations

import importlib
import re
import shutil
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import nox
import pytest
from book import ROOT, Built, build, copy_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROJECT = nox.project.load_toml(str(ROOT / "pyproject.toml"))["project"]
ADDRESS = "https://example.org/a%20shelf/book/"
POLICY = "Content-Security-Policy"
FORGE = "https://forge.example/authors/gdbook"
FOLDER = "/a%20shelf/book/"
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">\
<style>path{fill:red}</style><path d="M0 0h9v9z"/></svg>"""
PAGES = """
```{toctree}
chapters/é & b
```

```{eval-rst}
.. automodule:: gdbook.examples.weight_update
   :members: WeightUpdate, weight_update
```

```{image} picture.svg
:alt: 1
```
"""


class Site(NamedTuple):
    """A book built for an address, and once more in the same folder without one."""

    published: Built
    unpublished: Built

    def sent(self, name: str) -> str:
        """Return the value of a header in the file that hosts read."""
        headers = (self.published.html / "_headers").read_text(encoding="utf-8")
        (line,) = re.findall(rf"(?m)^  {name}: .*$", headers)
        return str(line).partition(": ")[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Build a book twice."""
    book = copy_settings(tmp_path_factory.mktemp("site"), PAGES)
    (book / "docs" / "picture.svg").write_text(PICTURE, encoding="utf-8")
    (book / "docs" / "chapters").mkdir()
    (book / "docs" / "chapters" / "é & b.md").write_text("# A page\n", "utf-8")
    address = ADDRESS.removesuffix("/")
    first = build(book, BOOK_URL=address, BOOK_REPOSITORY=FORGE)
    assert first.code == 0, first.log
    kept = shutil.copytree(first.html, book / "kept")
    second = build(book)
    assert second.code == 0, second.log
    return Site(Built(first.code, first.log, kept), second)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Return what checks an address."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    check = importlib.import_module("publishing").checked
    return partial(check, name="BOOK_URL", what="the folder where the book will stand")


class TestAddress:
    """The address of a book is checked before anything runs, and written as it is."""

    def test_pages_know_their_address(self, site: Site) -> None:
        """With an address the build writes a sitemap, canonical links and a card."""
        sitemap = ET.parse(site.published.html / "sitemap.xml")  # noqa: S314 (ours)
        assert [(element.text or "").strip() for element in sitemap.iter()][2::2] == [
            f"{ADDRESS}chapters/%C3%A9%20%26%20b.html",
            f"{ADDRESS}index.html",
        ]
        page = site.published.page("index")
        assert f'rel="canonical" href="{ADDRESS}index.html"' in page
        assert f'property="og:image" content="{ADDRESS}_static/card.png"' in page
        card = (site.published.html / "_static" / "card.png").read_bytes()
        assert card[16:24] == (1200).to_bytes(4, "big") + (630).to_bytes(4, "big")

    def test_book_without_address_has_none(self, site: Site) -> None:
        """What an earlier build wrote for an address goes."""
        assert not (site.unpublished.html / "sitemap.xml").exists()
        assert not (site.unpublished.html / "_static" / "card.png").exists()
        for page in site.unpublished.html.rglob("*.html"):
            assert "example.org" not in page.read_text(encoding="utf-8")

    def test_mistakes_have_a_place(self, site: Site) -> None:
        """Examples and chapters lead to a form with page, example and commit."""
        asked = re.compile(r'href="(https://forge[^"]*)">Report a mistake in a number<')
        forms = []
        for page in ("index", "chapters/é & b"):
            (address,) = asked.findall(site.published.page(page))
            assert not asked.search(site.unpublished.page(page))
            where, _, query = unescape(address).partition("?")
            assert where == f"{FORGE}/issues/new"
            forms.append(parse_qs(query))
        example = "gdbook.examples.weight_update.weight_update"
        assert forms[0]["title"] == [f"A mistake in a number of {example}"]
        assert forms[1]["title"] == ["A mistake in a number of chapters/é & b"]
        lines = [form["body"][0].splitlines() for form in forms]
        assert lines[0][:2] == ["Page: index.html", f"Example: {example}"]
        assert lines[1][0] == "Page: chapters/%C3%A9%20%26%20b.html"
        # The copy that is built lies in no repository.
        commit = f"Commit: that of version {PROJECT['version']}"
        assert lines[0][2] == lines[1][1] == commit

    def test_wrong_repository_stops_the_build(self, tmp_path: Path) -> None:
        """One sentence says what is wrong, as of a wrong address."""
        built = build(copy_settings(tmp_path, ""), BOOK_REPOSITORY="authors/gdbook")
        assert built.code == 1
        *_, message = built.log.splitlines()
        assert message.startswith("BOOK_REPOSITORY is 'authors/gdbook' but must be")
        assert "https://example.org/owner/gdbook/" in message

    def test_wrong_address_stops_the_build(self, tmp_path: Path) -> None:
        """One sentence says what is wrong, and nothing is read."""
        built = build(copy_settings(tmp_path, ""), BOOK_URL='https://a.b/"><script>')
        assert built.code == 1
        *_, message = built.log.splitlines()
        assert message.startswith("BOOK_URL is 'https://a.b/\"><script>' but must be")
        assert not re.search("Traceback|report", built.log)
        assert not (built.html / "index.html").exists()

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ("example.org/book/", "begins with https://"),
            ("javascript:alert(1)", "begins with https://"),
            ("ftp://example.org/", "begins with https://"),
            ("/srv/book/", "begins with https://"),
            (" https://example.org/", "spaces, quotes"),
            ("https://example.org/\n", "spaces, quotes"),
            ("'https://example.org/'", "spaces, quotes"),
            ('https://example.org/" onload="', "spaces, quotes"),
            ("https://example.org/<b>/", "spaces, quotes"),
            ("https://me:secret@example.org/", "name and the password"),
            ("https://example.org/book/?v=1", "no query"),
            ("https://example.org/book/#top", "no query"),
            ("https://example.org/book/index.html", "names a page"),
            ("https://example.org/book/../", "steps up"),
            ("https://bücher.example/", "xn--"),
            ("https://", "the host"),
            ("https:///book/", "the host"),
            ("https://-a.example/", "the host"),
            ("https://a..b/", "the host"),
            ("https://example.org:99999/", "port"),
            ("https://example.org:0/", "port"),
            ("https://example.org:x/", "port"),
            ("https://example.org/100%/", "a %"),
            ("https://example.org//evil.example/", "a slash"),
            ("https://example.org/\x00/", "is wrong"),
        ],
    )
    def test_mistake_is_named(
        self, checked: Callable[[str], str], given: str, why: str
    ) -> None:
        """An error names the variable, the value, what it should be and the cause."""
        with pytest.raises(ValueError, match="BOOK_URL") as caught:
            checked(given)
        message = str(caught.value)
        assert message.startswith("BOOK_URL is ")
        assert "but must be the address of the folder where the book will" in message
        assert why in message
        assert "secret" not in message

    @pytest.mark.parametrize(
        ("given", "written"),
        [
            ("", ""),
            ("https://example.org", "https://example.org/"),
            ("http://localhost:8000/", "http://localhost:8000/"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example/"),
            ("https://example.org/é/~me", "https://example.org/%C3%A9/~me/"),
            ("https://a.b/x%20(1)&y", "https://a.b/x%20(1)&y/"),
        ],
    )
    def test_address_is_written_for_machines(
        self, checked: Callable[[str], str], given: str, written: str
    ) -> None:
        """A folder ends in a slash, and letters beyond ASCII are escaped."""
        assert checked(given) == written


class TestHosts:
    """What a host needs lies in the site."""

    def test_every_source_is_named(self, site: Site) -> None:
        """The policy allows the site alone, and nobody else to show it."""
        policy = dict(rule.split(" ", 1) for rule in site.sent(POLICY).split("; "))
        assert policy.pop("default-src") == policy.pop("base-uri") == "'none'"
        assert policy.pop("frame-ancestors") == "'none'"
        assert policy.pop("require-trusted-types-for") == "'script'"
        assert policy.pop("trusted-types") == "default search"
        assert policy.pop("img-src") == "'self' data:"
        # Python is WebAssembly for a page; text becomes a program nowhere.
        assert policy.pop("script-src") == "'self' 'wasm-unsafe-eval'"
        # The digests are those of the picture's style and of the icon's.
        site_alone, *digests = policy.pop("style-src").split(" ")
        assert {site_alone, *policy.values()} == {"'self'"}
        assert "'sha256-elaeix7TXJmBtubS9vFK8OgYMqZnCUFOwk5u5WBZzo0='" in digests
        assert set(policy) == {"font-src", "connect-src", "form-action"}

    def test_headers_are_sent(self, site: Site) -> None:
        """A page says nothing of where a reader is from, and asks for no device."""
        assert site.sent("Referrer-Policy") == "no-referrer"
        assert site.sent("X-Content-Type-Options") == "nosniff"
        assert site.sent("Cross-Origin-Opener-Policy") == "same-origin"
        assert site.sent("Cross-Origin-Resource-Policy") == "same-origin"
        features = site.sent("Permissions-Policy").split(", ")
        assert {"camera=()", "geolocation=()", "microphone=()"} <= set(features)
        assert all(feature.endswith("=()") for feature in features)

    @pytest.mark.claims(
        "Each host gets them in its own way, and docs/_ext/publishing.py writes them"
        " all:",
        page="contributing",
    )
    def test_hosts_are_told_the_same(self, site: Site) -> None:
        """The file for nginx has every header of the file for other hosts."""
        folder = site.published.html
        wanted, *headers = (folder / "_headers").read_text("utf-8").splitlines()
        error, *lines = (folder / "_headers.nginx").read_text("utf-8").splitlines()
        assert wanted == "/*"
        assert error == f"error_page 404 {FOLDER}404.html;"
        assert [re.sub(r'^add_header (\S+) "', r"  \1: ", line) for line in lines] == [
            f'{line}" always;' for line in headers
        ]

    @pytest.mark.claims(
        "For hosts like the last, a book with an address carries in every page what "
        "a page can say itself: the policy of its sources, and that no link tells "
        "where a reader came from.",
        page="contributing",
    )
    def test_published_page_carries_its_policy(self, site: Site) -> None:
        """Where a host sends no header, each page says what a page can say."""
        sent = re.sub(
            r"frame-ancestors 'none'; | 'sha256-[^']*'", "", site.sent(POLICY)
        )
        for page in site.published.html.glob("**/*.html"):
            html = page.read_text(encoding="utf-8")
            before = html[: html.index("<script")]
            named = re.findall(rf'http-equiv="{POLICY}" content="([^"]*)"', before)
            assert named == [sent]
            assert '<meta name="referrer" content="no-referrer"' in before
        assert POLICY not in site.unpublished.page("index")

    def test_folders_with_an_underscore_are_published(self, site: Site) -> None:
        """GitHub Pages would leave them out, but for a file."""
        assert (site.published.html / ".nojekyll").read_bytes() == b""
        assert (site.unpublished.html / ".nojekyll").read_bytes() == b""


class TestWrongAddress:
    """There is a page for every address at which there is none."""

    @pytest.mark.claims(
        "Its links begin at the root of the host, so a book that stands in a folder "
        "needs its BOOK_URL.",
        page="contributing",
    )
    def test_its_addresses_hold_anywhere(self, site: Site) -> None:
        """Each begins at the root of the host, and leads to a file of the site."""
        for built, folder in ((site.published, FOLDER), (site.unpublished, "/")):
            page = built.page("404")
            named = re.findall(r'\s(?:href|src|action)="([^"#][^"]*)"', page)
            assert f"{folder}chapters/%C3%A9%20%26%20b.html" in map(unescape, named)
            for address in map(unescape, named):
                assert address.startswith(folder)
                place = urlsplit(address.removeprefix(folder)).path
                place = place.replace("%C3%A9%20%26%20b", "é & b")
                assert (built.html / place).is_file(), address
            assert f'data-content_root="{folder}"' in page

    def test_nobody_looks_for_it(self, site: Site) -> None:
        """It is in no list of pages, and search engines leave it out."""
        page = site.published.page("404")
        assert '<meta name="robots" content="noindex"' in page
        assert "canonical" not in page
        assert "og:url" not in page
        for name in ("sitemap.xml", "searchindex.js"):
            text = (site.published.html / name).read_text(encoding="utf-8")
            assert "404" not in re.findall(r"\b[\w.]+\b", text)
            assert "Page not found" not in text


@pytest.mark.parametrize(
    "script",
    sorted((ROOT / "docs" / "_static").rglob("*.js")),
    ids=lambda path: path.stem,
)
def test_functions_of_a_script_are_its_own(script: Path) -> None:
    """Elsewhere than in strict code, one in a block takes the window's place."""
    code = script.read_text(encoding="utf-8")
    inner = re.findall(r"(?m)^  (?:async )?function \w+", code)
    assert not inner or re.search(r'(?m)^ *"use strict";', code), inner
