"""Write what only a published book needs: a sitemap, and the card that links show.

The card repeats the description that a page has for search engines. The sitemap and
the card's picture need absolute addresses, so they are written when `html_baseurl` is
set, which conf.py takes from the environment variable BOOK_URL. sphinx-sitemap would
do the first and sphinxext-opengraph a card of text; the card of this book is its cover
figure.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from builders import SITES
from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
CARD = (1200, 630)  # pixels that the networks ask for
SEARCH = "Find a phrase, a name or a number in the book, and the place where it stands."


def describe(
    _app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give a page's card the description that the page gives itself."""
    descriptions = [SEARCH] if page == "search" else []
    if doctree is not None:
        descriptions = [
            node["content"]
            for node in doctree.findall(nodes.meta)
            if node.get("name") == "description"
        ]
    names = ['property="og:description"']
    if page == "search":
        names.append('name="description"')
    for description in descriptions:
        for name in names:
            tag = f"<meta {name} content={quoteattr(description)} />\n"
            context["metatags"] = context.get("metatags", "") + tag


def publish(app: Sphinx, error: Exception | None) -> None:
    """Write the sitemap and the card when the book knows its address."""
    base = app.config.html_baseurl
    if error or app.builder.name not in SITES or not base:
        return
    # Not for every build to wait for.
    from gdbook.examples.linear_regression import linear_steps  # noqa: PLC0415
    from gdbook.plotting._base import PAPER  # noqa: PLC0415
    from gdbook.plotting.linear_regression import valley  # noqa: PLC0415

    pages = sorted(app.env.found_docs)
    addresses = (base + quote(app.builder.get_target_uri(page)) for page in pages)
    entries = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in addresses)
    (Path(app.outdir) / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="{NAMESPACE}">\n{entries}</urlset>\n',
        encoding="utf-8",
    )
    figure = valley(linear_steps(num_steps=400))
    dpi = 150
    figure.set_size_inches(CARD[0] / dpi, CARD[1] / dpi)
    figure.savefig(
        Path(app.outdir) / "_static" / "card.png",
        dpi=dpi,
        facecolor=PAPER,
        metadata={"Software": None},
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("html-page-context", describe)
    app.connect("build-finished", publish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
