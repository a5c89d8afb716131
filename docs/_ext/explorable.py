"""Put an interactive figure into a page.

``{explorable} NAME`` joins three files and a function under one name: the data that
`gdbook.explorables.NAME` computes, the HTML around them
(``_templates/figures/NAME.html``), and the script that draws
(``_static/figures/NAME.js``), which only this page loads, after the scripts that all
figures share. The directive's content is the caption, its option ``name`` the target
of references.

The HTML is complete before any script runs, drawn from the same data: nothing moves
when the script starts, and where none does a still figure stands in its place. Formats
other than web pages get the figure's words.

Libraries for interactive plots bring their own charts, sizes and colours, inline
scripts or styles that a strict Content-Security-Policy forbids, and 160 kB to 4 MB; a
figure here is the page's own SVG, a few kB. Sphinx itself has no directive that
combines computed data, a template and a script.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from reached import Library
from sphinx.util.docutils import SphinxDirective

import gdbook
from gdbook import explorables
from gdbook.formatting import format_number, typeset

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

LIBRARY = Library(Path(gdbook.__file__).parent)
DOCS = Path(__file__).parents[1]
TEMPLATES = DOCS / "_templates" / "figures"
SCRIPTS = DOCS / "_static" / "figures"
SHARED = ("figure",)  # each uses those before it
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
        if name not in explorables.__all__:
            msg = f"no function {name!r} in gdbook.explorables"
            raise self.error(msg)
        modules = LIBRARY.reached(f"from gdbook.explorables import {name}")
        paths = {LIBRARY.paths[module] for module in modules}
        scripts = [SCRIPTS / f"{script}.js" for script in (*SHARED, name)]
        for path in (TEMPLATES / f"{name}.html", *scripts, *sorted(paths)):
            self.env.note_dependency(path)
        jinja = Environment(
            loader=FileSystemLoader(TEMPLATES),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
        )
        jinja.globals.update(number=number, zip=zip)
        data = getattr(explorables, name)()
        html = jinja.get_template(f"{name}.html").render(data=data)
        drawn = Explorable(explorable=name, html=html, alt=data["alt"])
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


def number(value: float, decimals: int = 4) -> str:
    """Write a number as the scripts do: with a few decimals at most."""
    return typeset(format_number(round(value, decimals)))


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
            app.add_js_file(f"figures/{script}.js")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_node(Explorable, html=(visit, depart))
    app.add_directive("explorable", ExplorableDirective)
    app.connect("doctree-resolved", describe)
    app.connect("html-page-context", load_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
