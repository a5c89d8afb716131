"""Give every figure of a page the words that it carries, and refuse one without.

A `gdbook.plotting.Figure` writes its description into its SVG, because only the code
that draws a figure knows its numbers. MyST-NB takes alternative text from the page
alone, where numbers would have to be typed. This transform copies the words over.
"""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)
DESCRIPTION = re.compile(r"<dc:description>\s*(.*?)\s*</dc:description>", re.DOTALL)


class DescribeFigures(SphinxTransform):
    """Set the alternative text of every image that has none."""

    default_priority = 400  # before Sphinx collects the images

    def apply(self) -> None:
        """Look into every image of the page."""
        for image in self.document.findall(nodes.image):
            if image.get("alt"):
                continue
            path = Path(self.env.srcdir, self.env.relfn2path(image["uri"])[0])
            found = path.suffix == ".svg" and DESCRIPTION.search(
                path.read_text(encoding="utf-8")
            )
            if found:
                image["alt"] = unescape(found[1])
            else:
                LOGGER.warning("a figure has no alternative text", location=image)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_transform(DescribeFigures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
