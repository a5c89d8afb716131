"""Draw the stage of an interactive figure: named marks, moved by a script later.

Each mark says which numbers it is drawn from, so that what draws it here, and what
moves it on the page, is one declaration. A panel is one Matplotlib figure and becomes
an SVG inside the page: styles are attributes, which a strict policy allows, and colours
are the book's by name, which follow the theme.
"""

import io
import re
import xml.etree.ElementTree as ET
from typing import Any, NamedTuple, cast

import numpy as np
from matplotlib import figure as mpl_figure
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from gdbook.explorables._print import printed
from gdbook.plotting import _base

COLORS = {
    getattr(_base, name): name.lower()
    for name in ("INK", "MUTED", "GRID", "PAPER", "BLUE", "RED", "GREEN", "PURPLE")
}
SVG = "{http://www.w3.org/2000/svg}"
LEFT_OUT = {f"{SVG}{tag}" for tag in ("metadata", "style")}
_LINK = "{http://www.w3.org/1999/xlink}href"
STYLE = {**_base.STYLE, "path.simplify": False}
SIZE = (4.2, 3.2)


class Panel(NamedTuple):
    """What an SVG holds, and the map from data to its coordinates.

    An axis is its scale, its ends in the data, and where they are in the SVG.
    """

    box: str
    inner: str
    x: list[Any]
    y: list[Any]


class Drawn(NamedTuple):
    """The panels, and the words of the start: what stays, and what is said."""

    panels: tuple[Panel, ...]
    scene: str
    said: str


class Stage:
    """The panels of one figure, which a phone shows below each other."""

    def __init__(self, name: str, numbers: dict[str, Any]) -> None:
        self._name = name
        self.numbers = numbers
        self._panels: list[Axes] = []
        self._marks: dict[str, dict[str, str]] = {}

    def get(self, name: str) -> Any:
        """Return the number, or the list of them, at the end of a dotted name."""
        found: Any = self.numbers
        for part in name.split("."):
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found

    def panel(self, size: tuple[float, float] = SIZE, **settings: Any) -> Axes:
        """Add axes in a figure of their own."""
        ax = _base.Figure(figsize=size).add_subplot()
        ax.set(**settings)
        self._panels.append(ax)
        return ax

    def line(
        self, ax: Axes, y: str, x: str = "", *, when: str = "", **look: Any
    ) -> None:
        """Draw a line, or points, over other numbers or over 0, 1, 2 …."""
        ys = _listed(self.get(y))
        xs = _listed(self.get(x)) if x else range(len(ys))
        ax.plot(xs, ys, gid=self._mark(y=y, x=x, when=when), **look)

    def pieces(self, ax: Axes, y: str, x: str, **look: Any) -> None:
        """Draw a line of its own between every two places."""
        ends = [np.reshape(self.get(name), (-1, 2)) * 1.0 for name in (x, y)]
        broken = [np.insert(each, 2, np.nan, axis=1).ravel() for each in ends]
        ax.plot(*broken, gid=self._mark(y=y, x=x, pieces="yes"), **look)

    def area(self, ax: Axes, y: str, x: str, **look: Any) -> None:
        """Fill a polygon."""
        corners = list(zip(self.get(x), self.get(y), strict=True))
        codes = [Path.MOVETO, *[Path.LINETO] * (len(corners) - 1)]
        patch = PathPatch(Path(corners, codes), linewidth=0, **look)
        patch.set_gid(self._mark(y=y, x=x, closed="yes"))
        ax.add_patch(patch)

    def text(self, ax: Axes, value: str, at: tuple[float, float], **look: Any) -> None:
        """Write a number at a place that stays."""
        look = {"ha": "center", **look}
        ax.text(*at, printed(self.get(value)), gid=self._mark(text=value), **look)

    def _mark(self, **names: str) -> str:
        gid = f"mark{len(self._marks)}"
        self._marks[gid] = {name: value for name, value in names.items() if value}
        return gid

    def done(self, scene: str, said: str) -> Drawn:
        """Write every panel."""
        panels = map(self._panel, range(len(self._panels)), self._panels)
        return Drawn(tuple(panels), scene, said)

    def _panel(self, number: int, ax: Axes) -> Panel:
        buffer = io.StringIO()
        figure = _figure(ax)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        text = _base._without_styles(buffer.getvalue())  # noqa: SLF001 (the same book)
        root = ET.fromstring(text)  # noqa: S314 (our own text)
        prefix = f"{self._name}-{number}-"
        used = set(re.findall(r'="(?:url\()?#([\w-]+)', text))
        for element in list(root.iter()):
            for child in list(element):
                empty = child.tag == f"{SVG}defs" and not len(child)
                if empty or child.tag in LEFT_OUT:
                    element.remove(child)
            if mark := self._marks.get(element.get("id", "")):
                element.set("data-mark", "")
                element.attrib |= {f"data-{key}": name for key, name in mark.items()}
                if "when" in mark and not self.get(mark["when"]):
                    element.set("visibility", "hidden")
            if element.get("id") not in used:
                element.attrib.pop("id", None)
            element.attrib = {
                name.replace(_LINK, "href"): _own(name, value, prefix)
                for name, value in element.attrib.items()
                if not value.startswith("rotate(-0 ")
            }
        inner = "".join(ET.tostring(child, encoding="unicode") for child in root)
        inner = re.sub(r' xmlns(:\w+)?="[^"]*"', "", inner).replace("ns0:", "")
        inner = re.sub(r"\d+\.\d{2,}", lambda found: f"{float(found[0]):.1f}", inner)
        inner = re.sub(r">\s+<", "><", re.sub(r"\s*\n\s*", " ", inner))
        return Panel(root.get("viewBox", ""), inner, *_map(ax))


def _own(name: str, value: str, prefix: str) -> str:
    """Give a colour the book's name, and a place a name that no other figure has."""
    if name in {"fill", "stroke"} and value.startswith("#"):
        return f"var(--{COLORS[value]})"
    if name == "id":
        return prefix + value
    return re.sub(r"^(url\()?#", rf"\1#{prefix}", value)


def _figure(ax: Axes) -> mpl_figure.Figure:
    return cast("mpl_figure.Figure", ax.get_figure(root=True))


def _map(ax: Axes) -> tuple[list[Any], list[Any]]:
    """Say where the ends of both axes are, in the SVG's coordinates."""
    figure = _figure(ax)
    scale = 72 / figure.dpi
    high, box = figure.bbox.height, ax.bbox
    across = (*ax.get_xlim(), box.x0 * scale, box.x1 * scale)
    up = (*ax.get_ylim(), (high - box.y0) * scale, (high - box.y1) * scale)
    return (
        [ax.get_xscale(), *(float(f"{end:.8g}") for end in across)],
        [ax.get_yscale(), *(float(f"{end:.8g}") for end in up)],
    )


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
