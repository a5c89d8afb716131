"""Put an interactive figure into a page.

``{explorable} CHAPTER_FIGURE`` writes what `gdbook.explorables.CHAPTER` declares under
the name ``FIGURE``: the panels that Matplotlib draws, the controls, and the data of the
script ``_static/explorables/CHAPTER_FIGURE.js``, which only this page loads, after the
scripts that all figures share. The directive's content is the caption, its option
``name`` the target of references.

The HTML is complete before any script runs: nothing moves when the script starts, and
where none does a still figure stands in its place. Formats other than web pages get the
figure's words.

Libraries for interactive plots bring their own charts, sizes and colours, inline
scripts or styles that a strict Content-Security-Policy forbids, and 160 kB to 4 MB; a
figure here is the page's own SVG, a few kB. Sphinx itself has no directive that
combines computed data, a template and a script.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from reached import Library
from sphinx.util.docutils import SphinxDirective

import gdbook

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

LIBRARY = Library(Path(gdbook.__file__).parent)
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
        # Matplotlib is needed for pages with such a figure alone.
        from gdbook import explorables  # noqa: PLC0415

        name = self.arguments[0]
        try:
            explorable = explorables.find(name)
        except ValueError as error:
            raise self.error(str(error)) from None
        module = f"gdbook.explorables.{explorables.chapter_of(name)}"
        modules = LIBRARY.reached(f"import {module}")
        paths = {LIBRARY.paths[module] for module in modules}
        scripts = [SCRIPTS / f"{script}.js" for script in (*SHARED, name)]
        for path in (TEMPLATES / TEMPLATE, *scripts, *sorted(paths)):
            self.env.note_dependency(path)
        words = f"{explorable.drawn.scene} {explorable.drawn.said}"
        html = render(explorable, words)
        drawn = Explorable(explorable=name, html=html, alt=words)
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


def describe(app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Put the figure's words in its place where nothing can move."""
    if app.builder.format == "html" and app.builder.name != "epub":
        return
    for node in list(doctree.findall(Explorable)):
        node.replace_self(nodes.paragraph(node["alt"], node["alt"]))


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
