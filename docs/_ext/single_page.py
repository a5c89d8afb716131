"""Join all pages to one whose links lead somewhere.

Sphinx's builder for one page leaves the names of places as they are on their pages, so
that every chapter has the same `exercises`, and the links of its navigation name a page
and a place, ``#document-momentum#exercises``, which no browser finds. Here each page is
resolved as a page of its own, the name of a place begins with that of its page, and
links follow. Searching is left to the browser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.builders.singlehtml import SingleFileHTMLBuilder

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sphinx.application import Sphinx
    from sphinx.builders import Builder

ELSEWHERE = re.compile("#document-([^#]+)#(.+)")


def place(docname: str, name: str) -> str:
    """Name a place of a page so that no other page has it."""
    return f"{docname.replace('/', '-')}-{name}"


def follow(tree: nodes.Node) -> None:
    """Let links to other pages name the places that these have become."""
    for link in tree.findall(nodes.reference):
        if found := ELSEWHERE.fullmatch(link.get("refuri", "")):
            link["refuri"] = f"#{place(*found.groups())}"


def assembled(builder: Builder) -> nodes.document:
    """Join all pages to one tree."""
    root = builder.config.root_doc
    tree = builder.env.get_doctree(root)
    tree.children = []
    tree += _page(builder, root, {root})
    return tree


def _page(builder: Builder, docname: str, seen: set[str]) -> nodes.Element:
    """Return a page with those of its contents, each of them resolved by itself."""
    doctree = builder.env.get_doctree(docname)
    builder.env.resolve_references(doctree, docname, builder)
    for node in doctree.findall(nodes.Element):
        for attribute in {"ids", "backrefs"} & set(node.attributes):
            node[attribute] = [place(docname, name) for name in node[attribute]]
        if "refid" in node:
            node["refid"] = place(docname, node["refid"])
    follow(doctree)
    if docname != builder.config.root_doc:
        for description in list(doctree.findall(nodes.meta)):
            doctree.remove(description)
    for contents in list(doctree.findall(addnodes.toctree)):
        caption = contents.get("caption")
        parts: list[nodes.Node] = []
        if caption:
            parts.append(nodes.rubric(caption, caption))
        for included in contents["includefiles"]:
            if included not in seen:
                seen.add(included)
                parts.append(_page(builder, included, seen))
        contents.replace_self(parts)
    return addnodes.start_of_file("", *doctree.children, docname=docname)


class SinglePage(SingleFileHTMLBuilder):
    """One page with the numbers of many, in which each place has a name of its own."""

    search = False

    def init(self) -> None:
        """Have no address: a book on one page is for taking along."""
        self.config.html_baseurl = ""
        super().init()

    def prepare_writing(self, docnames: AbstractSet[str]) -> None:
        """Leave out the search, whose results would be pages."""
        super().prepare_writing(docnames)
        self.globalcontext["theme_disable_search"] = True

    def get_doc_context(self, docname: str, body: str, metatags: str) -> dict[str, Any]:
        """Give the page the title of the book, which is None otherwise."""
        context = super().get_doc_context(docname, body, metatags)
        return context | {"docstitle": self.config.html_title}

    def assemble_doctree(self) -> nodes.document:
        """Join all pages."""
        return assembled(self)

    def assemble_toc_secnumbers(self) -> dict[str, dict[str, Any]]:
        """Return the numbers of all sections by the places that they have here."""
        numbers = {
            f"{docname}/{anchor and '#' + place(docname, anchor[1:])}": number
            for docname, sections in self.env.toc_secnumbers.items()
            for anchor, number in sections.items()
        }
        return {self.config.root_doc: numbers}

    def assemble_toc_fignumbers(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the numbers of all figures by the places that they have here."""
        numbers = {
            f"{docname}/{kind}": {
                place(docname, name): number for name, number in found
            }
            for docname, kinds in self.env.toc_fignumbers.items()
            for kind, found in ((kind, own.items()) for kind, own in kinds.items())
        }
        return {self.config.root_doc: numbers}

    def render_partial(self, node: nodes.Node | None) -> dict[str, str]:
        """Render the navigation with links that lead somewhere."""
        if node is not None:
            follow(node)
        return super().render_partial(node)

    def dump_inventory(self) -> None:
        """Write no list of places for other books: it would name them as on pages."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the builder."""
    app.add_builder(SinglePage, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
