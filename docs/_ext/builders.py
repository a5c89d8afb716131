"""Say which of Sphinx's builders make a book of this book, and stop the others.

A builder that loses figures, formulas or numbers says nothing of it, and what it leaves
looks like a book. So every builder has its place here: a book of those that are taken
is read by a test, and the others end with a sentence before any cell runs, as does one
that nobody has tried. Sphinx knows no list of the builders that a project is made for,
and shows any error with a traceback and a request to report it: a refused build leaves
by the exit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx.builders import Builder
from sphinx.builders.gettext import MessageCatalogBuilder
from sphinx.util.nodes import extract_messages

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

SITES = ("html", "dirhtml")
THEMED = (*SITES, "singlehtml")
NOTEBOOKS = "notebooks"  # of ours
BOOKS = (*THEMED, "epub", "text", "typst")
TOOLS = ("gettext", "linkcheck", "dummy", "xml", "pseudoxml")
MANUAL = "a manual has no place for its figures and formulas"
PIECES = "its pages would lack the layout and the style sheet that they need"
TESTED = "the tests do that with every part of the library: run nox -s tests"
VIEWER = "help viewers show neither its formulas nor its interactive figures"
REFUSED = {
    "applehelp": VIEWER,
    "changes": "what has changed stands in its changelog",
    "coverage": TESTED,
    "devhelp": VIEWER,
    "doctest": TESTED,
    "htmlhelp": VIEWER,
    "json": PIECES,
    "latex": "LaTeX cannot include its figures, which are SVG",
    "man": MANUAL,
    "pickle": PIECES,
    "qthelp": VIEWER,
    "texinfo": MANUAL,
}


class Refused(Builder):
    """A builder that ends before it begins, and misses no settings.

    Two of them Sphinx would only know when it is asked to load what brings them.
    """

    def init(self) -> None:
        """Refuse."""
        refuse(self.name)


class Catalogs(MessageCatalogBuilder):
    """Write the catalogs of a translation from the pages that other builders share.

    Sphinx's own wants pages that were read for it alone, because it can number their
    messages, which this book does not ask for.
    """

    versioning_method = "none"

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Take all messages, though none has a number."""
        for node, _message in extract_messages(doctree):
            numbered: Any = node
            numbered.uid = ""
        super().write_doc(docname, doctree)


def refuse(name: str) -> None:
    """Say why a builder is not taken, and leave."""
    reason = REFUSED.get(name, "nobody has read what comes out of it")
    msg = (
        f"This book cannot be built with {name}: {reason}. "
        f"Of Sphinx's builders it has {', '.join(BOOKS)}."
    )
    raise SystemExit(msg)


def refuse_unknown(app: Sphinx) -> None:
    """Stop a builder that no list above has."""
    if app.builder.name not in (*BOOKS, *TOOLS, NOTEBOOKS):
        refuse(app.builder.name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    for name in REFUSED:
        app.add_builder(type(name, (Refused,), {"name": name}), override=True)
    app.add_builder(Catalogs, override=True)
    app.connect("builder-inited", refuse_unknown, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
