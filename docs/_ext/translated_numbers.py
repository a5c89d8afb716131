"""Hold the numbers of a translation against those of the original.

Sphinx reads the translation of a sentence as a text of its own, and puts it where the
original was. It compares references, and knows nothing of numbers: one that the
translator has left out, doubled, typed or taken from elsewhere is a warning here. In
which order they stand is up to the language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.nodes import extract_messages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)


def numbers_in(node: nodes.Element) -> list[str]:
    """Return the numbers of a sentence by the names that it calls them.

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
            original: list[str] = node.attributes.pop("numbers", [])
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
    """Register the extension."""
    app.add_transform(NoteNumbers)
    app.add_transform(CompareNumbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
