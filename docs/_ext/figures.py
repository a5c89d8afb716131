"""Give every figure of a page the words that it carries, and refuse one without.

A `gdbook.plotting.Figure` writes its description into its SVG, because only the code
that draws a figure knows its numbers. MyST-NB takes alternative text from the page
alone, where numbers would have to be typed. This transform copies the words over.

It also notes the size of every figure, so that the page keeps its place free. Sphinx
would write a size that the page asks for as a style attribute, which a strict
Content-Security-Policy forbids, so that here it is attributes of the image.

A picture is a file of the book. What would not be shown, or not as the page asks, is a
warning where it stands: Sphinx looks at less, and at nothing within HTML.
"""

from __future__ import annotations

import os
import re
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from docutils import nodes
from docutils.nodes import parse_measure
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.images import get_image_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
SVG = re.compile(r"<svg\b[^>]*>")
LENGTH = re.compile(r"""\s(width|height)=["']([\d.]+(?:px|pt|pc|in|cm|mm)?)["']""")
VIEW_BOX = re.compile(r"""\sviewBox=["']\s*\S+\s+\S+\s+([\d.]+)\s+([\d.]+)\s*["']""")
DESCRIPTION = re.compile(r"<dc:description>\s*(.*?)\s*</dc:description>", re.DOTALL)
# Pixels of a style sheet.
UNITS = {"": 1, "px": 1, "pt": 96 / 72, "pc": 16, "em": 16, "rem": 16}
UNITS |= {"in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4}
ELSEWHERE = re.compile(r"//|[a-z][a-z\d+.-]*:", re.IGNORECASE)
ONE_FILE = "a picture must be one file of this book"
NO_WORDS = "a figure has no alternative text"
NO_FIGWIDTH = "figwidth would be a style of the page: give the picture a width instead"
DRAWN = {"canvas", "embed", "iframe", "img", "object", "svg", "video"}
STATIC = Path(__file__).parents[1] / "_static"
FETCHED = {"data", "href", "poster", "src", "srcset", "xlink:href"}


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
            self._warn(image, self._faults(image))
        for figure in self.document.findall(nodes.figure):
            if figure.attributes.pop("width", None):
                self._warn(figure, [NO_FIGWIDTH])
        for holder, html in self._html().items():
            self._warn(holder, dict.fromkeys(InHTML(html).faults))

    def _warn(self, node: nodes.Element, faults: Iterable[str]) -> None:
        """Say what is wrong with a figure, and which cell shows it."""
        by, place = self._cell_of(node)
        for fault in faults:
            LOGGER.warning("%s%s", by, fault, location=place)

    def _html(self) -> dict[nodes.Element, str]:
        """Return the HTML of the page, put together where it stands within a line."""
        found = {}
        for raw in self.document.findall(nodes.raw):
            if "html" in raw.get("format", "").split():
                inline = isinstance(raw.parent, nodes.TextElement)
                holder = raw.parent if inline else raw
                found[holder] = "".join(
                    text if isinstance(text.parent, nodes.raw) else escape(text)
                    for text in holder.findall(nodes.Text)
                )
        return found

    def _faults(self, image: nodes.image) -> Iterator[str]:
        """Describe and measure an image, and say what is wrong with it."""
        try:
            path = self._file(image)
            # Sphinx says of one that is missing where it stands.
            if os.access(path, os.R_OK):
                svg = _text(path) if path.suffix == ".svg" else ""
                described = DESCRIPTION.search(svg)
                if described and not image.get("alt"):
                    image["alt"] = unescape(described[1])
                natural = _natural_size(svg) if svg else get_image_size(path)
                image["size"] = _size(image, natural)
        except ValueError as error:
            yield str(error)
        if not re.search(r"\w", image.get("alt", "")):
            yield NO_WORDS
        if image.get("loading") == "embed":
            yield "a picture stays a file: loading is lazy or link, not embed"

    def _file(self, image: nodes.image) -> Path:
        """Return the path of an image, whose name Markdown may have encoded."""
        if ELSEWHERE.match(image["uri"]):
            msg = f"{ONE_FILE}, not {image['uri'][:60]}"
            raise ValueError(msg)
        for name in (unquote(image["uri"]), image["uri"]):
            path = Path(self.env.srcdir, self.env.relfn2path(name)[0])
            if path.exists():
                image["uri"] = name
                break
        if "*" in path.name or path.is_dir():
            msg = f"{ONE_FILE}, not {image['uri']}"
            raise ValueError(msg)
        if path.suffix != path.suffix.lower():
            msg = f"{path.name} needs a suffix in small letters: ePubs know no others"
            raise ValueError(msg)
        if path.suffix == ".svgz":
            msg = f"{path.name} is packed, and browsers do not open it from the disk"
            raise ValueError(msg)
        return path

    def _cell_of(self, node: nodes.Node) -> tuple[str, Any]:
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


def _text(path: Path) -> str:
    """Return the text of an SVG."""
    try:
        svg = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        msg = f"{path.name} is not in UTF-8"
        raise ValueError(msg) from None
    if "<!ENTITY" in svg:
        msg = f"{path.name} declares entities, which a browser would have to expand"
        raise ValueError(msg)
    return svg


def _natural_size(svg: str) -> tuple[float, float] | None:
    """Return the pixels that an SVG asks for by itself, if it does."""
    opening = "".join(SVG.findall(svg)[:1])
    found = {side: _pixels(side, length) for side, length in LENGTH.findall(opening)}
    if len(found) == 2:
        return found["width"], found["height"]
    box = VIEW_BOX.search(opening)
    return (float(box[1]), float(box[2])) if box else None


def _size(image: nodes.image, natural: tuple[float, float] | None) -> dict[str, str]:
    """Return the attributes of the size that a page asks for, or of the natural one."""
    asked = {side: image[side] for side in ("width", "height") if side in image}
    share = image.get("scale", 100) / 100
    if not natural or not all(natural):
        msg = f"{image['uri']} is no picture, or is one without a size of its own"
        raise ValueError(msg)
    if str(asked.get("width", "")).endswith("%"):
        part = float(asked["width"][:-1]) * share
        if not 0 < part <= 100:
            msg = f"the width of an image is {part:g}% but must be within its page"
            raise ValueError(msg)
        return {"width": f"{part:g}%"}
    pixels = {side: _pixels(side, length) for side, length in asked.items()}
    if len(pixels) < 2:
        width, height = natural
        grown = (
            pixels.get("width", width) / width * pixels.get("height", height) / height
        )
        pixels = {"width": width * grown, "height": height * grown}
    size = {side: str(round(length * share)) for side, length in pixels.items()}
    if "0" in size.values():
        msg = f"an image would be {size['width']} by {size['height']} pixels"
        raise ValueError(msg)
    return size


def _pixels(side: str, length: str) -> float:
    value, unit = parse_measure(length)
    if unit not in UNITS:
        known = ", ".join(filter(None, UNITS))
        msg = f"the {side} of an image is {length} but must be in {known} or %"
        raise ValueError(msg)
    return value * UNITS[unit]


class InHTML(HTMLParser):
    """What is wrong with the figures in the HTML of a page or of a cell's output."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.drawings: list[list[str]] = []  # those that are open, and their words
        self.tag = ""
        self.feed(html)
        self.close()
        while self.drawings:
            self._end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at what an element fetches, and for its words."""
        self.tag, given = tag, {name: value or "" for name, value in attrs}
        for name in FETCHED & given.keys() if tag != "a" else ():
            if ELSEWHERE.match(given[name].strip()) and given[name][:5] != "data:":
                self.faults.append(f"<{tag}> fetches {given[name][:60]}: {ONE_FILE}")
        source = given.get("src", "")
        if tag == "img" and not ELSEWHERE.match(source) and not _static(source):
            self.faults.append(
                f"<img> in other HTML finds no {source[:60]!r}: nothing is copied for "
                "it, as it is for ![words](file)"
            )
        if tag in DRAWN:
            words = given.get("alt" if tag == "img" else "aria-label", "")
            inner = "svg" in (drawing for drawing, *_ in self.drawings)
            if tag == "svg" and given.get("role") != "img" and not inner:
                self.faults.append("<svg> is no figure for all without role='img'")
            self.drawings.append([tag, "within" if inner else words])
            if tag in {"img", "embed"}:
                self._end()

    def handle_data(self, data: str) -> None:
        """Take words that stand in an element, as the title of an SVG."""
        if self.drawings and (self.tag == "title" or self.drawings[-1][0] != "svg"):
            self.drawings[-1].append(data)

    def handle_endtag(self, tag: str) -> None:
        """Look whether a figure had words."""
        self.tag = ""
        if self.drawings and self.drawings[-1][0] == tag:
            self._end()

    def _end(self) -> None:
        _tag, *words = self.drawings.pop()
        if not re.search(r"\w", "".join(words)):
            self.faults.append(NO_WORDS)


def _static(source: str) -> bool:
    """Say whether an address is that of a file that every site has."""
    _, folder, name = source.rpartition("_static/")
    return bool(folder) and (STATIC / name).is_file()


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write an image with its size, fetched late if it is not the page's first."""
    builder = translator.builder
    name = builder.images.get(node["uri"])
    source = f"{builder.imgpath}/{quote(name)}" if name else node["uri"]
    attributes: dict[str, Any] = {"src": source, "alt": node.get("alt", "")}
    size: dict[str, str] = node.get("size", {})
    if builder.name == "epub" and "%" in size.get("width", ""):
        size = {"style": f"width: {size['width']}"}  # as an attribute it is pixels
    attributes |= {"decoding": "async", **size}
    if "title" in node:
        attributes["title"] = node["title"]
    if {"width", "height", "scale"} & set(node.attributes):
        node["classes"].append("sized")
    if "align" in node:
        node["classes"].append(f"align-{node['align']}")
    first = (
        next(iter(node.document.findall(nodes.image)), node) if node.document else node
    )
    # A reader of ePubs counts its pages when it has all that is on them.
    late = "link" if node is first or builder.name == "epub" else "lazy"
    if node.get("loading", late) == "lazy":
        attributes["loading"] = "lazy"
    translator.body.append(translator.emptytag(node, "img", "", **attributes))


def depart_image(_translator: HTML5Translator, _node: nodes.image) -> None:
    """Write nothing: an image has no end."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_transform(DescribeFigures)
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
