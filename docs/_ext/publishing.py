"""Write what only a published book needs: a sitemap, and the card that links show.

Both need absolute addresses, so they are written when `html_baseurl` is set, which
conf.py takes from the environment variable BOOK_URL. sphinx-sitemap would do the first
and sphinxext-opengraph a card of text; the card of this book is its cover figure.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape

from gdbook.examples.linear_regression import linear_steps
from gdbook.plotting import PAPER, valley

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
CARD = (1200, 630)  # pixels that the networks ask for


def publish(app: Sphinx, error: Exception | None) -> None:
    """Write the sitemap and the card when the book knows its address."""
    base = app.config.html_baseurl
    if error or app.builder.name != "html" or not base:
        return
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
    app.connect("build-finished", publish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
