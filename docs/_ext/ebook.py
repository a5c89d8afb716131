"""Make of Sphinx's ePub one that EPUBCheck accepts, the same bytes in every build.

Sphinx does not declare the formulas and drawings in its pages, names the identifier of
the book where the old table of contents wants the identifier itself, knows no parts,
packs what older builds have left, and dates all of it. It says nothing of
accessibility, and has no cover unless it is given one: here Matplotlib draws it from a
figure of the book. A page is what `_templates/ebook.html` says and no more.

Many readers of ePubs fold nothing, run nothing and turn the paper dark behind a
picture: so an exercise is told by a box, and pictures keep the colours of light paper.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import leftovers
import zips
from docutils import nodes
from lean import cut_mathematics, used
from live import ASKS
from mathematics import MATHML
from notes import Found
from numbering import chapter_number
from solutions import Solution
from sphinx import addnodes
from sphinx.builders.epub3 import Epub3Builder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

COVER_INCHES = (6, 9.6)
FEATURES = ("alternativeText", "MathML", "structuralNavigation", "tableOfContents")
ACCESS = (
    *(("accessMode", mode) for mode in ("textual", "visual")),
    ("accessModeSufficient", "textual"),
    *(("accessibilityFeature", feature) for feature in FEATURES),
    ("accessibilityHazard", "none"),
    ("accessibilitySummary", "Formulas are MathML, and figures are told in words."),
)
ITEM = re.compile(r'href="([^"]*)" media-type="([^"]*)" />')
# Where no date is given, it is that of a build that anybody can repeat.
NO_DATE = re.compile(r"\s*<dc:date>1970-01-01T.*?</dc:date>")
# What a cell folds has its title twice, for those who see and for scripts.
SUMMARY = re.compile(r"<summary[^>]*>.*?</summary>", re.DOTALL)
# Browsers know these at every element, and the format does not know them here.
SIZES = {f"{MATHML}mfrac": "displaystyle", f"{MATHML}mtable": "scriptlevel"}
FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
THEMES = re.compile(r"<style>[^<]*prefers-color-scheme[^<]*</style>")


class Ebook(Epub3Builder):
    """Sphinx's ePub, declared and packed as the format asks."""

    media_types = Epub3Builder.media_types | {".woff2": "font/woff2"}

    def get_toc(self) -> None:
        """Give chapters their numbers, and note which of them begins a part."""
        super().get_toc()
        numbers = {
            self.get_target_uri(name): chapter_number(self.env, name)
            for name in self.env.found_docs
        }
        for entry in self.refnodes:
            if number := numbers.get(entry["refuri"]):
                entry["text"] = f"{number}. {entry['text']}"
        root = self.env.get_doctree(self.config.root_doc)
        self.parts = {
            self.get_target_uri(contents["includefiles"][0]): contents["caption"]
            for contents in root.findall(addnodes.toctree)
            if contents["caption"] and contents["includefiles"]
        }

    def build_navlist(self, navnodes: list[dict[str, Any]]) -> list[Any]:
        """List the parts, too."""
        return super().build_navlist(list(self._with_parts(navnodes)))

    def build_navpoints(self, nodes: list[dict[str, Any]]) -> list[Any]:
        """List them where old readers look."""
        return super().build_navpoints(list(self._with_parts(nodes)))

    def new_navpoint(self, node: dict[str, Any], level: int, *_: Any, **__: Any) -> Any:
        """Count a part and its first chapter once, since they are one place."""
        again = node["level"] > 1 and node["refuri"] in self.parts
        return super().new_navpoint(node, level, incr=not again)

    def _with_parts(self, entries: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        first, *others = entries
        yield first
        for entry in others:
            place = entry["refuri"]
            if place in self.parts:
                yield {"level": 1, "refuri": place, "text": escape(self.parts[place])}
            yield entry | {"level": entry["level"] + 1}

    def toc_metadata(self, level: int, navpoints: Any) -> dict[str, Any]:
        """Name the identifier itself."""
        identifier = self.config.epub_identifier
        return super().toc_metadata(level + 1, navpoints) | {"uid": identifier}

    def copy_image_files(self) -> None:
        """Leave pictures the colours of light paper, whatever a system prefers."""
        super().copy_image_files()
        for path in Path(self.outdir, self.imagedir).glob("*.svg"):
            drawn = path.read_text(encoding="utf-8")
            path.write_text(THEMES.sub("", drawn), encoding="utf-8")

    def handle_finish(self) -> None:
        """Leave out what no page uses, and pack the rest with a font and a cover."""
        out = Path(self.outdir)
        pages = {Path(self.get_output_path(name)) for name in self.env.found_docs}
        for path in {*out.rglob("*.xhtml")} - pages:
            path.unlink()
        formulas = (used(path.read_text("utf-8"))[1] for path in pages)
        cut_mathematics(out / "_static", set().union(*formulas))
        builder: Any = self
        found = Found(builder, leftovers.__file__)
        leftovers.remove_unused(out, pages, found)
        found.keep()
        draw_cover(out / self.config.epub_cover[0], self.config)
        super().handle_finish()

    def build_content(self) -> None:
        """Declare what the pages hold, and to whom they are open."""
        super().build_content()
        path = Path(self.outdir, "content.opf")
        access = "".join(
            f'    <meta property="schema:{name}">{value}</meta>\n'
            for name, value in ACCESS
        )
        content = ITEM.sub(self._declared, path.read_text(encoding="utf-8"))
        content = content.replace("  </metadata>", f"{access}  </metadata>")
        path.write_text(NO_DATE.sub("", content), encoding="utf-8")

    def _declared(self, item: re.Match[str]) -> str:
        """Say of a file whether it has formulas or drawings, or is the cover."""
        properties = ["cover-image"] * (item[1] == self.config.epub_cover[0])
        if item[2] == "application/xhtml+xml":
            page = Path(self.outdir, item[1]).read_text(encoding="utf-8")
            marks = {"mathml": "<math", "svg": "<svg"}
            properties += [name for name, mark in marks.items() if mark in page]
        if not properties:
            return item[0]
        return f'{item[0][:-3]} properties="{" ".join(properties)}" />'

    def build_epub(self) -> None:
        """Pack the files in one order, without dates."""
        names = (zips.MIMETYPE, "META-INF/container.xml", "content.opf", "toc.ncx")
        files = dict.fromkeys((*names, *self.files))
        out = Path(self.outdir)
        book = out / f"{self.config.epub_basename}.epub"
        zips.pack(book, ((name, (out / name).read_bytes()) for name in files))


def draw_cover(path: Path, config: Any) -> None:
    """Draw the title above the steps of the book's line."""
    import matplotlib as mpl  # noqa: PLC0415 (other builders need not wait for it)
    from matplotlib.figure import Figure  # noqa: PLC0415

    from gdbook.examples.linear_regression import linear_steps  # noqa: PLC0415
    from gdbook.plotting import linear_regression as draw  # noqa: PLC0415
    from gdbook.plotting._base import BLUE, INK, MUTED, PAPER  # noqa: PLC0415

    title, comma, rest = config.project.partition(", ")
    lines = (
        (0.86, f"{title}{comma}", 48, INK),
        (0.785, rest, 48, BLUE),
        (0.735, config.copyright, 17, MUTED),
    )
    with mpl.rc_context({"font.family": "STIXGeneral"}):
        figure = Figure(COVER_INCHES, dpi=250, facecolor=PAPER)
        valley = figure.add_axes((0, 0, 1, 0.66))
        draw.valley(linear_steps(num_steps=400), valley)
        valley.set_axis_off()
        valley.set_aspect("auto")
        for note in valley.texts:
            note.set_visible(False)
        for height, text, size, color in lines:
            figure.text(0.07, height, text, size=size, color=color)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None})


def frame(app: Sphinx, doctree: nodes.document, _page: str) -> None:
    """Open the solutions, and tell a cell that waits for its reader from the others."""
    if app.builder.name != Ebook.name:
        return
    for solution in list(doctree.findall(Solution)):
        title = nodes.title("", solution["title"])
        box = nodes.admonition("", title, *solution.children, classes=["solution"])
        solution.replace_self(box)
    for cell in list(doctree.findall(nodes.container)):
        if ASKS in cell["classes"]:
            asked = nodes.paragraph("", "Find what belongs in place of the dots.")
            box = nodes.admonition("", nodes.title("", "Exercise"), asked)
            box["classes"] = ["exercise"]
            cell.parent.replace(cell, box)
            # That nothing is found yet is told to those who can run it.
            del cell[1:]
            box += cell


def suit(
    app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Give what a cell folds one title, which also holds where nothing folds."""
    if app.builder.name == Ebook.name and "body" in context:
        body = SUMMARY.sub("<summary>Set-up</summary>", context["body"])
        context["body"] = FORMULA.sub(in_mathml_3, body)


def in_mathml_3(formula: re.Match[str]) -> str:
    """Have an element of its own set the size of rows and fractions."""
    math = ET.fromstring(formula[0])  # noqa: S314 (our own)
    for parent in list(math.iter()):
        for place, child in enumerate(parent):
            name = SIZES.get(child.tag, "")
            if name in child.attrib:
                style = ET.Element(f"{MATHML}mstyle", {name: child.attrib.pop(name)})
                style.append(child)
                parent[place] = style
    return ET.tostring(math, encoding="unicode")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_builder(Ebook, override=True)
    app.connect("doctree-resolved", frame)
    app.connect("html-page-context", suit)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
