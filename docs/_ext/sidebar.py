"""Have the contents beside every page made once for each folder of pages.

Sphinx copies the whole tree of contents for every page, and the theme parses it as
HTML, so that twice the pages take four times as long. For two pages of a folder that
have no pages below them, it differs in which of them is marked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from builders import SITES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

HERE = (
    '<li class="toctree-l1 current active">'
    '<a class="current reference internal" href="#">'
)
PART, PART_HERE = '<ul class="nav bd-sidenav">', '<ul class="current nav bd-sidenav">'


def elsewhere(address: str) -> str:
    """Return how an entry begins that is not of the page itself."""
    return f'<li class="toctree-l1"><a class="reference internal" href="{address}">'


def unmarked(contents: str, address: str) -> str:
    """Take the mark from the page's own entry, or return nothing if there is none."""
    if (contents.count(HERE), contents.count(PART_HERE)) != (1, 1):
        return ""
    return contents.replace(HERE, elsewhere(address)).replace(PART_HERE, PART)


def marked(contents: str, address: str) -> str:
    """Mark the entry of a page, and its part; or return nothing if there is none."""
    if contents.count(elsewhere(address)) != 1:
        return ""
    before, _, after = contents.partition(elsewhere(address))
    others, _, part = before.rpartition(PART)
    return f"{others}{PART_HERE}{part}{HERE}{after}"


class Contents:
    """The contents beside the pages of each folder, as they are without a mark."""

    def __init__(self) -> None:
        self.known: dict[object, str] = {}

    def offer(
        self, app: Sphinx, page: str, _template: str, context: dict[str, Any], _: Any
    ) -> None:
        """Give the template what makes the contents of a page."""
        above = app.env.toctree_includes
        alone = page in above.get(app.config.root_doc, ()) and not above.get(page)
        folder, slash, _name = page.rpartition("/")

        def make(generate: Callable[..., object]) -> Callable[..., object]:
            def contents(**asked: Any) -> str:
                key = folder, tuple(sorted(asked.items()))
                address = app.builder.get_relative_uri(f"{folder}{slash}another", page)
                if found := marked(self.known.get(key, ""), address):
                    return found
                found = str(generate(**asked))
                self.known.setdefault(key, unmarked(found, address))
                return found

            return contents if alone and app.builder.name in SITES else generate

        context["contents_once"] = make


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("html-page-context", Contents().offer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
