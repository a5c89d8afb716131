"""Draw a trace: one module per chapter, one function for each kind of figure.

A function takes a trace and, if you like, the Matplotlib axes to draw on; without them
it makes a figure in the book's style. It returns a `Figure` that shows itself on a page
as an SVG, follows the page's light or dark theme, and says in words what it shows, with
its numbers (`Figure.alt`). Every annotation is computed from the trace.

A trace of another type, a tuple that holds anything else, none or too many, and what is
no axes are refused with a `TypeError` or a `ValueError` before anything is drawn.
"""

from typing import TYPE_CHECKING, Any

from gdbook import _chapters
from gdbook._extras import need

if TYPE_CHECKING:
    from gdbook.plotting._base import Figure as Figure

need("matplotlib", "plotting")

__all__ = list(_chapters.stems(__path__))


def __getattr__(name: str) -> Any:
    """Import a chapter's figures, and Matplotlib, when they are first used."""
    if name == "Figure":
        return _chapters.load(__name__, "_base", ["_base"]).Figure
    return _chapters.load(__name__, name, __all__)
