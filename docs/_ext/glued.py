"""Give every sentence every number that its page, or another, has glued.

A trace glues each of its numbers, up to twenty thousand on a page, and MyST-NB would
check and read all of them with every build. So they lie apart from the executed cells,
in one file of the page's cache, and the roles and directives of glue take from there
what they name, however they were written: in an included file, in a substitution, in
reStructuredText, on another page. An edit of prose runs no cell.

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
from myst_nb.ext.glue.utils import PendingGlueReference
from myst_nb.sphinx_ import Parser
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FILE = "glued.json"


class Apart:
    """What the cells of a page glue without showing it: kinds of text, by name.

    What is glued twice stays with the cells, for MyST-NB to warn of.
    """

    def __init__(self) -> None:
        self.texts: dict[str, dict[str, Any]] = {}
        self.twice = set[str]()

    def take(self, data: dict[str, Any], metadata: dict[str, Any]) -> bool:
        """Take an output that only glues, and say whether it may go."""
        about = metadata.get("scrapbook", {})
        prefix, name = about.get("mime_prefix"), about.get("name")
        if not prefix or len(metadata) > 1 or name in self.twice:
            return False
        if name in self.texts:
            self.twice.add(name)
            return False
        self.texts[name] = {kind.removeprefix(prefix): data[kind] for kind in data}
        return True


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


class RememberedParser(Parser):
    """MyST-NB's, which lets text in reStructuredText find the page's numbers."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Remember the page, and parse it."""
        self.env.current_document["page"] = document
        super().parse(inputstring, document)


def _offer(document: nodes.document, text: str) -> None:
    """Give MyST-NB what a role or directive names."""
    env = document.settings.env
    page = env.current_document.get("page", document)
    if "nb_renderer" not in page:
        return
    document["nb_renderer"] = page["nb_renderer"]
    known = page["nb_renderer"].renderer.nb_client.glue_data
    texts = _texts(env.metadata[env.docname].get("kept", ""))
    for name in {text, text.rpartition(":")[0]} & texts.keys():
        known.setdefault(name, _output(texts[name]))


def _role(base: type[Any]) -> type[Any]:
    class Role(base):
        """A role of glue that knows all numbers."""

        def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
            """Run the role, and show on the page what it does not find."""
            _offer(self.document, self.text)
            found, messages = super().run()
            return found or [nodes.problematic(self.rawtext, self.rawtext)], messages

    return Role


def _directive(base: type[Any]) -> type[Any]:
    class Directive(base):
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
