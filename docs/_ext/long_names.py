"""Let a long name of code break where its parts meet, and nowhere else.

A browser takes ``gdbook.callbacks.Epoch.values`` for one word, which a phone can only
cut somewhere. CSS knows no such places; HTML has an element for each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SHORT = 16  # characters, for which every line has room
PLACE = nodes.raw("", "<wbr/>", format="html")


def parts(name: str) -> list[str]:
    """Cut a long name behind its dots, slashes, brackets, commas and equality signs."""
    if max(map(len, name.split()), default=0) <= SHORT:
        return [name]
    return re.split(r"(?<=[./(,=])(?=\S)", name)


class BreakNames(SphinxPostTransform):
    """Mark the places in the long words of code."""

    default_priority = 890  # when references have been found
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Put a place between two parts of a name."""
        for code in self.document.findall(nodes.literal):
            first, *others = parts(code.astext())
            if others and all(isinstance(child, nodes.Text) for child in code.children):
                code.children = []
                code.append(nodes.Text(first))
                for part in others:
                    code.extend([PLACE.deepcopy(), nodes.Text(part)])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(BreakNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
