"""Take the README's picture anew, from the book that `nox -s browser` has built.

Run it as ``.nox/browser/bin/python tests/browser/picture.py``.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.append(str(Path(__file__).parents[1]))

from browser import chromium
from browser.server import serve

DOCS = Path(__file__).parents[2] / "docs"
PICTURE = DOCS / "_static" / "page.webp"


def take(site: Path, to: Path) -> None:
    """Look at a chapter where it steps, and keep what is seen, small."""
    with sync_playwright() as playwright, serve(site) as address:
        browser = chromium.launch(playwright, chromium.find(playwright))
        page = browser.new_page(viewport={"width": 1280, "height": 1040})
        page.goto(f"{address}/chapters/weight_update.html")
        page.get_by_role("button", name="Show").first.click()
        page.locator(".admonition.predict").first.evaluate(
            "place => window.scrollTo(0, place.offsetTop - 200)"
        )
        page.locator("figure img").first.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        seen = page.screenshot()
        browser.close()
    Image.open(io.BytesIO(seen)).convert("RGB").save(to, quality=60, method=6)


if __name__ == "__main__":
    take(DOCS / "_build" / "published", PICTURE)
