"""Figures that a reader can work: one module per chapter, one name for each figure.

A figure is an `Explorable`: its controls, a function that computes its numbers from
what they are set to, and one that draws its marks from these numbers, with Matplotlib.
On a page, a script computes the same numbers again whenever a control is moved, and
moves the marks.

>>> from gdbook.explorables import linear_regression
>>> numbers = linear_regression.grades(slope=0.55, intercept=1.9)
>>> round(numbers["loss"], 12)
0.54
"""

from typing import TYPE_CHECKING, Any

from gdbook import _chapters
from gdbook._checks import shown
from gdbook._extras import need

if TYPE_CHECKING:
    from gdbook.explorables._parts import Explorable as Explorable

need("matplotlib", "plotting")

__all__ = list(_chapters.stems(__path__))


def __getattr__(name: str) -> Any:
    """Import a chapter's figures, and Matplotlib, when they are first used."""
    if name == "Explorable":
        return _chapters.load(__name__, "_parts", ["_parts"]).Explorable
    return _chapters.load(__name__, name, __all__)


def chapter_of(name: str) -> str:
    """Return the chapter of ``<chapter>_<figure>``, or refuse what has none."""
    found = [stem for stem in __all__ if name.startswith(f"{stem}_")]
    if not found:
        msg = f"`name` is {shown(name)} but must be of the form <chapter>_<figure>"
        raise ValueError(msg)
    return max(found, key=len)


def find(name: str) -> "Explorable":
    """Return the figure of the name ``<chapter>_<figure>``."""
    module = _chapters.load(__name__, chapter_of(name), __all__)
    found: Explorable | None = figures_of(module).get(name)
    if found is None:
        msg = f"`name` is {shown(name)} but {module.__name__} has no such figure"
        raise ValueError(msg)
    return found


def figures_of(module: Any) -> "dict[str, Explorable]":
    """Return the figures of a chapter's module by their names."""
    cls = __getattr__("Explorable")
    found = (member for member in vars(module).values() if isinstance(member, cls))
    return {figure.name: figure for figure in found}


def figures() -> "dict[str, Explorable]":
    """Return all figures by their names."""
    modules = (_chapters.load(__name__, stem, __all__) for stem in __all__)
    return {
        name: figure
        for module in modules
        for name, figure in figures_of(module).items()
    }
