"""Give every figure of a page the words that it carries, and refuse one without.

A `gdbook.plotting.Figure` writes its description into its SVG, because only the code
that draws a figure knows its numbers. MyST-NB takes alternative text from the page
alone, where numbers would have to be typed. This transform copies the words over.

It also notes the size of every figure, so that the page keeps its place free. Sphinx
would write a size that the page asks for as a style attribute, which a strict
Content-Security-Policy forbids, so that here it is attributes of the image.
"""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from docutils import nodes
from docutils.nodes import parse_measure
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.images import get_image_size

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
SVG = re.compile(r"<svg\b[^>]*>")
LENGTH = re.compile(r'\s(width|height)="([\d.]+(?:pt|px)?)"')
DESCRIPTION = re.compile(r"<dc:description>\s*(.*?)\s*</dc:description>", re.DOTALL)
# Pixels of a style sheet.
UNITS = {"": 1, "px": 1, "pt": 96 / 72, "pc": 16, "em": 16, "rem": 16}
UNITS |= {"in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4}
IN_HTML = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
WORDS = re.compile(r"""\balt\s*=\s*(?:"[^"]*\w|'[^']*\w|\w)""", re.IGNORECASE)
NO_WORDS = "a figure has no alternative text"


class DescribeFigures(SphinxTransform):
    """Set the alternative text and the size of every image."""

    default_priority = 15  # before Sphinx translates the words

    def apply(self) -> None:
        """Look into every image of the page."""
        for image in self.document.findall(nodes.image):
            place: nodes.Element = image
            while not image.line and place.parent:  # a cell has a line
                place = place.parent
                image.source, image.line = place.source, place.line
            if "://" in image["uri"]:
                LOGGER.warning(
                    "an image of another site, which a page of this book cannot show: "
                    "%s",
                    image["uri"],
                    location=image,
                )
            path = Path(self.env.srcdir, self.env.relfn2path(image["uri"])[0])
            # Sphinx says of one that is missing where it stands.
            is_svg = path.suffix == ".svg" and path.is_file()
            svg = path.read_text(encoding="utf-8", errors="replace") if is_svg else ""
            described = DESCRIPTION.search(svg)
            if not image.get("alt") and described:
                image["alt"] = unescape(described[1])
            by, place = self.cell_of(image)
            if not image.get("alt"):
                LOGGER.warning("%s%s", by, NO_WORDS, location=place)
            try:
                image["size"] = _size(image, _natural_size(path, svg))
            except ValueError as error:
                LOGGER.warning("%s%s", by, error, location=place)
        for raw in self.document.findall(nodes.raw):
            for tag in IN_HTML.findall(raw.astext()):
                if "html" in raw.get("format", "") and not WORDS.search(tag):
                    by, place = self.cell_of(raw)
                    LOGGER.warning("%s%s", by, NO_WORDS, location=place)

    def cell_of(self, node: nodes.Node) -> tuple[str, Any]:
        """Return the words that name the cell which a node is shown by, and where."""
        shown_by: Any = node
        while shown_by is not None and "cell_index" not in shown_by.attributes:
            shown_by = shown_by.parent
        about = self.env.metadata[self.env.docname]
        lines, cells = about.get("source_map"), about.get("cells", [])
        if shown_by is None or not lines:
            return "", node
        line = lines[shown_by["cell_index"]]
        number = cells.index(line) + 1 if line in cells else "without a number"
        return f"cell {number}: ", (self.env.docname, line)


def _natural_size(path: Path, svg: str) -> tuple[float, float] | None:
    """Return the pixels that a picture asks for by itself, if it does."""
    if not svg:
        return get_image_size(str(path)) if path.is_file() else None
    lengths = re.findall(LENGTH, "".join(SVG.findall(svg)[:1]))
    found = {side: _pixels(side, length) for side, length in lengths}
    return (found["width"], found["height"]) if len(found) == 2 else None


def _size(image: nodes.image, natural: tuple[float, float] | None) -> dict[str, str]:
    """Return the attributes of the size that a page asks for, or of the natural one."""
    asked = {side: image[side] for side in ("width", "height") if side in image}
    if "scale" in image and not asked:
        if natural is None:
            msg = "the size of a scaled image is unknown"
            raise ValueError(msg)
        share = image["scale"] / 100
        natural = (natural[0] * share, natural[1] * share)
    if str(asked.get("width", "")).endswith("%"):
        return {"width": asked["width"]}
    pixels = {side: _pixels(side, length) for side, length in asked.items()}
    if natural and len(pixels) < 2:
        width, height = natural
        share = (
            pixels.get("width", width) / width * pixels.get("height", height) / height
        )
        pixels = {"width": width * share, "height": height * share}
    return {side: str(round(length)) for side, length in pixels.items()}


def _pixels(side: str, length: str) -> float:
    value, unit = parse_measure(length)
    if unit not in UNITS:
        known = ", ".join(filter(None, UNITS))
        msg = f"the {side} of an image is {length} but must be in {known} or %"
        raise ValueError(msg)
    return value * UNITS[unit]


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write an image with its size, fetched late if it is not the page's first."""
    builder = translator.builder
    name = builder.images.get(node["uri"])
    source = f"{builder.imgpath}/{quote(name)}" if name else node["uri"]
    attributes: dict[str, Any] = {"src": source, "alt": node.get("alt", "")}
    attributes |= {"decoding": "async", **node.get("size", {})}
    if {"width", "height", "scale"} & set(node.attributes):
        node["classes"].append("sized")
    if "align" in node:
        node["classes"].append(f"align-{node['align']}")
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
