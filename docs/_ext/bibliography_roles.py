"""Mark the entries of a bibliography as what they are: items of a list.

Docutils gives each the role `doc-biblioentry`, which ARIA has deprecated, inside an
element with the role `list`, which must hold list items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def mark_items(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Replace the deprecated role."""
    if "body" in context:
        entry = 'role="doc-biblioentry"'
        context["body"] = context["body"].replace(entry, 'role="listitem"')


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("html-page-context", mark_items)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
