"""Open pages of the book, and record what they ask for and complain about."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Page,
        Request,
        WebError,
    )

CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
# Milliseconds until something that does not come is missed, on a busy machine too.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
VIOLATION = "Content-Security-Policy:"
# Also a violation that the browser would only report reaches the console with this.
REPORT_VIOLATIONS = f"""
addEventListener("securitypolicyviolation", (event) => console.error(
  "{VIOLATION}", event.effectiveDirective, event.blockedURI, event.sourceFile,
  event.lineNumber, event.sample));
"""


# A host sends it for a wrong address, so that nobody opens it from a disk or a list.
NOT_FOUND = "404"


@cache
def pages_of(site: Path) -> list[str]:
    """Return every page of a built book, without ``.html``."""
    pages = [path.relative_to(site).with_suffix("") for path in site.rglob("*.html")]
    others = {"_static", "code"}
    return sorted(page.as_posix() for page in pages if page.parts[0] not in others)


def is_written_alike(page: str) -> bool:
    """Say whether a page of the reference is one of those that one template makes.

    They have a thousand links each: axe sees them on a laptop, and Tab walks through
    the first page of the reference.
    """
    return page.startswith("reference_")


@cache
def code_of(site: Path) -> list[str]:
    """Return the pages that show code; one template makes them all."""
    pages = [path.relative_to(site) for path in (site / "code").rglob("*.html")]
    return sorted(page.with_suffix("").as_posix() for page in pages)


def chapters_of(site: Path) -> list[str]:
    """Return the chapters among the pages."""
    return [page for page in pages_of(site) if page.startswith("chapters/")]


class Records(NamedTuple):
    """What a page did besides being read."""

    requests: list[Request]
    complaints: list[str]

    @property
    def violations(self) -> list[str]:
        """Return the complaints about the policy."""
        return [text for text in self.complaints if "Content-Security-Policy" in text]


def ask(page: Page, question: str, *arguments: object) -> Any:
    """Ask a page one of the questions in ``checks.js``."""
    return page.evaluate(f"(given) => {CHECKS}.{question}(...given)", list(arguments))


def listed(found: Iterable[object]) -> str:
    """Write what was found, a line each, for a test that expects nothing."""
    counted = Counter(map(str, found))
    lines = [f"{count} × {line}" for line, count in counted.most_common(25)]
    rest = len(counted) - len(lines)
    return "\n".join(["found:", *lines, *([f"and {rest} more"] if rest else [])])


class Reader:
    """A reader who opens pages, each with an empty cache and an empty memory."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.records = Records([], [])

    def open(
        self,
        name: str,
        *,
        theme: Any = "light",
        width: int = 1280,
        scripts: bool = True,
        touch: bool = False,
        policy: bool = True,
        first: str = "",
    ) -> Page:
        """Open a page in a theme and a width, and wait until it is still.

        Some script can run before its own, and its policy can be switched off.
        """
        context = self._browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
            has_touch=touch,
            service_workers="block",
            bypass_csp=not policy,
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        context.add_init_script(REPORT_VIOLATIONS + first)
        context.on("request", self._ask)
        context.on("console", self._hear)
        context.on("weberror", self._fall)
        page = context.new_page()
        self.go(page, name)
        return page

    def _ask(self, request: Request) -> None:
        self.records.requests.append(request)

    def _fall(self, error: WebError) -> None:
        self.records.complaints.append(str(error.error))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.records.complaints.append(message.text)

    def go(self, page: Page, name: str) -> None:
        """Open another page in the same place."""
        name, mark, rest = re.fullmatch(r"([^?#]*)([?#]?)(.*)", name).groups()  # type: ignore[union-attr]
        page.goto(f"{self.address}{name}.html{mark}{rest}", wait_until="load")
        page.evaluate("() => document.fonts.ready.then(() => null)")

    def elsewhere(self) -> list[str]:
        """Return the requests that left the site."""
        home = urlsplit(self.address).netloc
        urls = [urlsplit(request.url) for request in self.records.requests]
        return [
            url.geturl()
            for url in urls
            if url.scheme not in {"data", "blob"} and url.netloc != home
        ]

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            context.close()


def read_to_the_end(page: Page) -> None:
    """Let a page fetch what it fetches late, as reading to its end would."""
    page.evaluate(
        "() => { for (const image of document.images) image.loading = 'eager' }"
    )
    # A window asks for the icon of the page; a browser without a window does not.
    page.evaluate(
        "() => Promise.all([...document.querySelectorAll('link[rel~=icon]')]"
        ".map((link) => fetch(link.href).then((answer) => answer.blob())))"
    )
    page.wait_for_load_state("networkidle")
