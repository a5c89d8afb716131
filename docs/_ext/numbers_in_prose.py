"""Print glued numbers as a book prints numbers.

Glue carries the text that Python writes, ``-24`` or ``1e-06``, because a page may ask
for it with fewer digits. This transform sets the minus sign and the power of ten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from linked_numbers import Number
from sphinx.transforms.post_transforms import SphinxPostTransform

from gdbook.formatting import typeset

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class TypesetNumbers(SphinxPostTransform):
    """Set every glued number."""

    default_priority = 900  # after MyST-NB has fetched glue from other pages

    def run(self, **kwargs: object) -> None:  # noqa: ARG002 (Sphinx's signature)
        """Rewrite the text of every glued node."""
        for node in list(self.document.findall(nodes.inline)):
            if "pasted-text" in node["classes"]:
                text = typeset(node.astext())
                # Where the number is a link, that is its one element.
                whole = node.parent if isinstance(node.parent, Number) else node
                whole.children = [nodes.Text(text)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_post_transform(TypesetNumbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
