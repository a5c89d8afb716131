"""Keep the numbers of a page in its translation.

Sphinx reads the translation of a sentence as a text of its own, where MyST-NB knows no
notebook, so that every number in it is lost. Here the sentence gets the numbers of its
page, in the order of the translation, whose numbers must be those of the original: one
that is missing, new or doubled is a warning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from myst_nb.ext.glue.domain import NbGlueDomain
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.nodes import extract_messages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)


class Number:
    """A role of MyST-NB that remembers what it gave a page, for its translation."""

    def __init__(self, role: Any) -> None:
        self.role = role

    def __call__(
        self, name: str, rawtext: str, text: str, lineno: int, inliner: Any, *more: Any
    ) -> Any:
        """Return a number of a page, or what the page has where it is translated."""
        document, called = inliner.document, f"{{{name}}}`{text}`"
        numbers = document.settings.env.temp_data.setdefault("numbers", {})
        messages: list[nodes.system_message] = []
        if not document["source"].endswith("<translated>"):
            numbers[called], messages = self.role(
                name, rawtext, text, lineno, inliner, *more
            )
        found = [node.deepcopy() for node in numbers.get(called, [])]
        for node in found[:1]:
            node["number"] = called
        return found, messages


def numbers_in(node: nodes.Element) -> list[str]:
    """Return the numbers of a sentence as its source calls them.

    The words of a figure were written with theirs.
    """
    if isinstance(node, nodes.image):
        return sorted(re.findall(r"\d+(?:\.\d+)?", node.get("alt", "")))
    inner = (element.get("number") for element in node.findall(nodes.Element))
    return sorted(filter(None, inner))


class NoteNumbers(SphinxTransform):
    """Note the numbers of every sentence."""

    default_priority = 19  # before Sphinx puts the translations in

    def apply(self) -> None:
        """Look at every sentence of the page."""
        for node, _ in extract_messages(self.document):
            node["numbers"] = numbers_in(node)


class CompareNumbers(SphinxTransform):
    """Hold the numbers of a translated sentence against those of the original."""

    default_priority = 21

    def apply(self) -> None:
        """Look at every sentence of the page again."""
        for node, _ in extract_messages(self.document):
            original: list[str] = node.get("numbers", [])
            translated = numbers_in(node)
            if original != translated:
                LOGGER.warning(
                    "the translation of a sentence has other numbers than the "
                    "original: %s instead of %s",
                    ", ".join(translated) or "none",
                    ", ".join(original) or "none",
                    location=node,
                )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the roles in place of MyST-NB's."""
    roles: dict[str, Any] = {
        name: Number(role) for name, role in NbGlueDomain.roles.items()
    }
    for name, role in roles.items():
        app.add_role_to_domain("glue", name, role, override=True)
    app.add_role("glue", roles["any"], override=True)
    app.add_transform(NoteNumbers)
    app.add_transform(CompareNumbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
