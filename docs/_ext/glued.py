"""Give every sentence every number that its page, or another, has glued.

A trace glues each of its numbers, up to twenty thousand on a page, and MyST-NB would
check and read all of them with every build. So they lie apart from the executed cells,
in one file of the page's cache, and the roles and directives of glue take from there
what they name, however they were written: in an included file, in a substitution, in
reStructuredText, in a translation, on another page. An edit of prose runs no cell.

A name that nothing glues is one warning, and stands on the page as it was written.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from myst_nb.ext.glue.crossref import read_glue_cache
from myst_nb.ext.glue.domain import NbGlueDomain
from myst_nb.ext.glue.roles import PasteTextRole
from myst_nb.ext.glue.utils import PendingGlueReference
from myst_nb.sphinx_ import Parser
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FILE = "glued.json"


@lru_cache(maxsize=1)
def _texts(kept: str) -> dict[str, dict[str, Any]]:
    """Return what lies in the cache of a page."""
    path = Path(kept) / FILE
    if not path.exists():  # a kernel ran the page
        return {}
    texts: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def _output(texts: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": texts, "metadata": {}}


class RememberedParser(Parser):  # type: ignore[misc]
    """MyST-NB's, which lets text in reStructuredText find the page's numbers."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Remember the page, and parse it, or a translation of its sentences."""
        document.settings.env.current_document["page"] = document
        super().parse(inputstring, document)
        document.attributes.pop("nb_renderer", None)  # which no page can keep


def _offer(document: nodes.document, text: str) -> None:
    """Give MyST-NB what a role or directive names."""
    env = document.settings.env
    here = env.current_document
    page = here.get("page", document)
    if "nb_renderer" in page:
        here["renderer"] = page["nb_renderer"]
    if "renderer" not in here:
        return
    document["nb_renderer"] = here["renderer"]
    known = here["renderer"].renderer.nb_client.glue_data
    about = env.metadata[env.docname]
    texts = _texts(about.get("kept", ""))
    names = {text, text.rpartition(":")[0]}
    for name in names & texts.keys():
        known.setdefault(name, _output(texts[name]))
    if about.get("half_done"):  # a sentence is not at fault for a cell
        for name in names:
            known.setdefault(name, _output({"text/plain": "nan"}))


def _role(base: type[Any]) -> type[Any]:
    class Role(base):  # type: ignore[misc]
        """A role of glue that knows all numbers."""

        def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
            """Run the role, and show on the page what it does not find."""
            _, other_page, name = self.text.partition("::")
            if base is PasteTextRole and other_page and ":" not in name:
                self.text += ":s"  # MyST-NB would take the name for the format
            _offer(self.document, self.text)
            found, messages = super().run()
            for node in found[:1]:
                node["number"] = self.text
            return found or [nodes.problematic(self.rawtext, self.rawtext)], messages

    return Role


def _directive(base: type[Any]) -> type[Any]:
    class Directive(base):  # type: ignore[misc]
        """A directive of glue that knows all numbers."""

        def run(self) -> list[nodes.Node]:
            """Run the directive, and show on the page what it does not find."""
            _offer(self.document, self.arguments[0])
            return [
                nodes.literal_block(self.block_text, self.block_text)
                if isinstance(node, nodes.system_message)
                else node
                for node in super().run()
            ]

    return Directive


class OtherPages(SphinxPostTransform):
    """Let MyST-NB find all numbers of another page."""

    default_priority = 4  # before MyST-NB looks for them

    def run(self, **_: object) -> None:
        """Complete the other page's numbers, and show what is not among them."""
        settings: Any = self.env
        folder = settings.mystnb_config.output_folder
        for node in list(self.document.findall(PendingGlueReference)):
            kept = self.env.metadata[node.refdoc].get("kept", "")
            _complete(Path(folder) / f"{node.refdoc}.glue.json", kept)
            if node.key not in read_glue_cache(folder, node.refdoc):
                text = f"{node.refdoc}::{node.key}"
                shown: nodes.Element = nodes.problematic(text, text)
                if not node.inline:
                    shown = nodes.paragraph("", "", shown)
                node.parent.insert(node.parent.index(node), shown)


@cache
def _complete(path: Path, kept: str) -> None:
    """Write all numbers of a page where MyST-NB looks for them."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    texts = _texts(kept)
    if not texts.keys() <= known.keys():
        known = {name: _output(text) for name, text in texts.items()} | known
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(known), encoding="utf-8")


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Note which other pages a page takes numbers from."""
    others = {node.refdoc for node in doctree.findall(PendingGlueReference)}
    if others:
        app.env.metadata[app.env.docname]["glues"] = sorted(others)


def setup(app: Sphinx) -> dict[str, Any]:
    """Put roles and directives in the place of MyST-NB's."""
    app.setup_extension("myst_nb")
    app.add_source_parser(RememberedParser, override=True)
    for name, role in NbGlueDomain.roles.items():
        app.add_role_to_domain("glue", name, _role(type(role))(), override=True)
    for name, directive in NbGlueDomain.directives.items():
        app.add_directive_to_domain("glue", name, _directive(directive), override=True)
    app.add_role("glue", _role(type(NbGlueDomain.roles[""]))(), override=True)
    app.add_directive("glue", _directive(NbGlueDomain.directives[""]), override=True)
    app.add_post_transform(OtherPages)
    app.connect("doctree-read", note)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
