"""Give every figure of a page the words that it carries, and refuse one without.

A `gdbook.plotting.Figure` writes its description into its SVG, because only the code
that draws a figure knows its numbers. MyST-NB takes alternative text from the page
alone, where numbers would have to be typed. This transform copies the words over.

It also notes the size of every figure, so that the page keeps its place free: Sphinx
would write a size as a style attribute, which a strict Content-Security-Policy forbids.
"""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)pt"[^>]*?\bheight="([\d.]+)pt"')
SIZE_TURNED = re.compile(r'<svg\b[^>]*?\bheight="([\d.]+)pt"[^>]*?\bwidth="([\d.]+)pt"')
POINT = 4 / 3  # pixels of a style sheet
DESCRIPTION = re.compile(r"<dc:description>\s*(.*?)\s*</dc:description>", re.DOTALL)


class DescribeFigures(SphinxTransform):
    """Set the alternative text and the size of every image."""

    default_priority = 400  # before Sphinx collects the images

    def apply(self) -> None:
        """Look into every image of the page."""
        for image in self.document.findall(nodes.image):
            path = Path(self.env.srcdir, self.env.relfn2path(image["uri"])[0])
            svg = path.read_text(encoding="utf-8") if path.suffix == ".svg" else ""
            if turned := SIZE_TURNED.search(svg):
                image["pixels"] = _pixels(turned[2], turned[1])
            elif size := SIZE.search(svg):
                image["pixels"] = _pixels(size[1], size[2])
            described = DESCRIPTION.search(svg)
            if not image.get("alt") and described:
                image["alt"] = unescape(described[1])
            if not image.get("alt"):
                LOGGER.warning("a figure has no alternative text", location=image)


def _pixels(width: str, height: str) -> tuple[int, int]:
    return round(float(width) * POINT), round(float(height) * POINT)


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write an image with its size, fetched late if it is not the page's first."""
    builder = translator.builder
    name = builder.images.get(node["uri"])
    source = f"{builder.imgpath}/{quote(name)}" if name else node["uri"]
    attributes = {"src": source, "alt": node.get("alt", ""), "decoding": "async"}
    if "pixels" in node:
        attributes["width"], attributes["height"] = map(str, node["pixels"])
    first = (
        next(iter(node.document.findall(nodes.image)), node) if node.document else node
    )
    if node is not first:
        attributes["loading"] = "lazy"
    translator.body.append(translator.emptytag(node, "img", "", **attributes))


def depart_image(_translator: HTML5Translator, _node: nodes.image) -> None:
    """Write nothing: an image has no end."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_transform(DescribeFigures)
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
