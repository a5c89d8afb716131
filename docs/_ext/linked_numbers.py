"""Let a number in a sentence say where it comes from, and lead there.

Each glued number is a link: it carries the call and the field behind it, which
`_static/theme.js` shows on hover, focus or tap, and leads to the entry of that function
in the reference. Where the reference has none, it leads to the cell that glued it.
Other forms of the book have the link alone, and plain text the number. MyST-NB puts
numbers into sentences and forgets where it took them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from myst_nb.ext.glue.utils import PendingGlueReference
from origins import EXAMPLES, Origin, Origins
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform

import gdbook

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

ROOT = Path(gdbook.__file__).parents[1]
NUMBERS = (nodes.inline, nodes.literal, PendingGlueReference)
LINKS = (nodes.reference, pending_xref, nodes.title)
ENTRIES = {"class", "exception", "function"}


class Number(nodes.reference):
    """A glued number that leads to what it comes from."""


class LinkNumbers(SphinxPostTransform):
    """Make a link of every number whose origin the page's cells tell."""

    default_priority = 3  # before numbers of other pages lose their names

    def run(self, **_: object) -> None:
        """Wrap the numbers that stand in no other link."""
        numbers: list[Any] = list(self.document.findall(_is_number))
        for node in numbers:
            here = self.env.current_document.docname
            page, _, key = node["number"].rpartition("::")
            page = getattr(node, "refdoc", here) if page else here
            origin = _origins(*_cells(self.env, page)).of(key.partition(":")[0])
            if origin and not _has_ancestor(node, LINKS):
                number = Number(origin=origin.text, **self._address(origin, page))
                node.parent.replace(node, number)
                number += node

    def _address(self, origin: Origin, page: str) -> dict[str, str]:
        """Return where an entry of the reference is, or else the cell."""
        here = self.env.current_document.docname
        objects = self.env.domains.python_domain.objects
        known = [
            objects[name]
            for name in sorted(origin.functions, key=lambda name: EXAMPLES not in name)
            if name in objects and objects[name].objtype in ENTRIES
        ]
        if known:
            place, anchor = known[0].docname, known[0].node_id
        else:
            place, anchor = page, f"cell-{origin.cell + 1}"
        uri = self.app.builder.get_relative_uri(here, place)
        return {"refid": anchor} if place == here else {"refuri": f"{uri}#{anchor}"}


def _is_number(node: Any) -> bool:
    return isinstance(node, NUMBERS) and "number" in node


def _cells(env: BuildEnvironment, page: str) -> tuple[str, ...]:
    return tuple(env.metadata[page].get("code", ()))


@lru_cache(maxsize=4)
def _origins(*cells: str) -> Origins:
    return Origins(cells, ROOT)


def _has_ancestor(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    above = node.parent
    while above is not None and not isinstance(above, kinds):
        above = above.parent
    return above is not None


def name_cells(_app: Sphinx, doctree: nodes.document) -> None:
    """Give every cell an address."""
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") == "cell_code":
            node["ids"].append(f"cell-{node['cell_index'] + 1}")


def visit(translator: HTML5Translator, node: Number) -> None:
    """Begin a link that carries its origin."""
    href = node["refuri"] if "refuri" in node else f"#{node['refid']}"
    about: dict[str, Any] = {"class": "number", "href": href}
    about["data-from"] = node["origin"]
    translator.body.append(translator.starttag(node, "a", "", **about))


def depart(translator: HTML5Translator, _node: Number) -> None:
    """End the link."""
    translator.body.append("</a>")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_node(Number, html=(visit, depart))
    app.add_post_transform(LinkNumbers)
    app.connect("doctree-read", name_cells)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
