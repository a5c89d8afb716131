"""Put an interactive figure into a page.

``{explorable} CHAPTER_FIGURE`` writes what `gdbook.explorables.CHAPTER` declares under
the name ``FIGURE``: the panels that Matplotlib draws, the controls, and the data of the
script ``_static/explorables/CHAPTER_FIGURE.js``, which only this page loads, after the
scripts that all figures share. The directive's content is the caption, its option
``name`` the target of references.

The HTML is complete before any script runs: nothing moves when the script starts, and
where none does a still figure stands in its place. In a book to take along its caption
is what the figure shows, since the page's own says what to try; where there are no
pictures, that is all.

Libraries for interactive plots bring their own charts, sizes and colours, inline
scripts or styles that a strict Content-Security-Policy forbids, and 160 kB to 4 MB; a
figure here is the page's own SVG, a few kB. Sphinx itself has no directive that
combines computed data, a template and a script.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from builders import BOOKS, THEMED
from docutils import nodes
from docutils.parsers.rst import directives
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from notes import digest
from sphinx.util.docutils import SphinxDirective
from warm_execution import LIBRARY, based_on

from gdbook import explorables
from gdbook.explorables import chapter_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

DOCS = Path(__file__).parents[1]
TEMPLATES = DOCS / "_templates"
TEMPLATE = "explorable.html"
SCRIPTS = DOCS / "_static" / "explorables"
SHARED = ("descent", "explorable")  # what figures' own scripts use
STILL = (
    "<noscript><p>This figure stands still: to move it takes JavaScript.</p></noscript>"
)


class Explorable(nodes.General, nodes.Element):
    """What the reader moves; a figure with a number and a caption is around it."""


class ExplorableDirective(SphinxDirective):
    """Compute the data, and write the figure as it is at the start."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"name": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return the figure with its caption."""
        name = self.arguments[0]
        try:
            module = f"{explorables.__name__}.{chapter_of(name)}"
            modules = LIBRARY.reached(f"import {module}")
            drawn = Explorable(explorable=name, **self._drawn(name, based_on(modules)))
        except ValueError as error:
            raise self.error(str(error)) from None
        paths = {LIBRARY.paths[module] for module in modules}
        scripts = [SCRIPTS / f"{script}.js" for script in (*SHARED, name)]
        for path in (TEMPLATES / TEMPLATE, *scripts, *sorted(paths)):
            self.env.note_dependency(path)
        figure = nodes.figure("", drawn, align="default", classes=["explorable-figure"])
        self.set_source_info(figure)
        if self.content:
            caption = nodes.caption("\n".join(self.content))
            self.set_source_info(caption)
            for paragraph in self.parse_content_to_nodes():
                caption += paragraph.children
            figure += caption
        self.add_name(figure)
        return [figure]

    def _drawn(self, name: str, library: str) -> dict[str, str]:
        """Return a figure as it moves, as it stands still, and as it is told.

        Matplotlib takes longer to import than the rest of a page takes to read.
        """
        files = (TEMPLATES / TEMPLATE, Path(__file__))
        made_of = digest([library, *(path.read_bytes() for path in files)])
        kept = vars(self.env).setdefault("explorables", {})
        if name not in kept or kept[name][0] != made_of:
            figure = explorables.find(name)
            words = f"{figure.drawn.scene} {figure.drawn.said}"
            shown = {"html": render(figure, words), "still": still(figure)}
            kept[name] = made_of, {**shown, "alt": words}
        return kept[name][1]  # type: ignore[no-any-return]


def describe(app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Let a figure stand still, and say what it shows, where nothing can move."""
    if app.builder.name in THEMED:
        return
    for node in list(doctree.findall(Explorable)):
        words, figure = node["alt"], node.parent
        shown: list[nodes.Node] = []
        if app.builder.format == "html":
            shown.append(nodes.raw("", node["still"], format="html"))
        elif app.builder.format == "typst":  # which draws the panels by itself
            shown.append(node)
        caption = next(figure.findall(nodes.caption), None)
        if caption is None or app.builder.name not in BOOKS:
            shown.append(nodes.paragraph(words, words))
        else:
            caption[:] = [nodes.Text(words)]
        node.replace_self(shown)


def render(figure: Any, words: str) -> str:
    """Write the HTML of a figure as it is at the start."""
    from gdbook.explorables._print import power, printed  # noqa: PLC0415

    start = figure.given | figure.start | figure()

    def cells(name: str) -> list[tuple[str, Any]]:
        value = start[name]
        if not isinstance(value, list):
            return [(name, value)]
        return [(f"{name}.{index}", each) for index, each in enumerate(value)]

    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
    )
    jinja.filters["labelled"] = labelled
    panels = figure.drawn.panels
    return jinja.get_template(TEMPLATE).render(
        figure=figure,
        words=words,
        controls={control.name: control for control in figure.controls},
        cells=cells,
        power=power,
        printed=printed,
        data={
            "axes": [{"x": panel.x, "y": panel.y} for panel in panels],
            "carries": dict(figure.carries),
            "given": figure.given,
            "plays": figure.plays,
            "scene": figure.drawn.scene,
            "start": list(figure.start.items()),
        },
    )


def still(figure: Any) -> str:
    """Draw the panels as they are at the start, in the colours of light paper."""
    from gdbook.explorables._stage import COLORS  # noqa: PLC0415

    names = {name: color for color, name in COLORS.items()}
    panels = "".join(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{panel.box}" '
        f'width="{width}pt" height="{height}pt" aria-hidden="true">{panel.inner}</svg>'
        for panel in figure.drawn.panels
        for width, height in [panel.box.split()[2:]]
    )
    shown = re.sub(r"var\(--(\w+)\)", lambda found: names[found[1]], panels)
    scene = escape(figure.drawn.scene)
    return f'<div class="still" role="img" aria-label="{scene}">{shown}</div>'


def labelled(text: str) -> Markup:
    """Set what stands between asterisks in italics."""
    return Markup(re.sub(r"\*(\w+)\*", r"<i>\1</i>", str(escape(text))))  # noqa: S704


def visit(translator: HTML5Translator, node: Explorable) -> None:
    """Write the figure's HTML."""
    translator.body.append(node["html"] + STILL)


def depart(_translator: HTML5Translator, _node: Explorable) -> None:
    """Write nothing more."""


def load_scripts(
    app: Sphinx, _page: str, _template: str, _context: Any, doctree: nodes.document
) -> None:
    """Load each figure's scripts on the page that it is on, and on no other."""
    for node in doctree.findall(Explorable) if doctree else ():
        for script in (*SHARED, node["explorable"]):
            app.add_js_file(f"explorables/{script}.js")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_node(Explorable, html=(visit, depart))
    app.add_directive("explorable", ExplorableDirective)
    app.connect("doctree-resolved", describe)
    app.connect("html-page-context", load_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
