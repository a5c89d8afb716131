"""What every figure promises, tried on a chapter's figures at once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
from bad_input import refused
from matplotlib.text import Annotation
from near import near
from public import public

from gdbook._checks import shown
from gdbook.plotting import Figure
from gdbook.plotting._base import DARK

Point: TypeAlias = tuple[float, float]

ROUNDED = 2.0**-48  # sixteen roundings: a descent of a few steps in floats


@dataclass(eq=False)
class Kind:
    """A kind of figure, a trace for it, and what the figure must hold."""

    draw: Callable[..., Figure]
    trace: Callable[[], Any]
    says: tuple[str, ...]  # numbers of its description
    marks: tuple[Point, ...] = ()  # where markers lie
    notes: tuple[tuple[str, Point], ...] = ()  # what annotations point to
    options: dict[str, Any] = field(default_factory=dict)  # of the axes it needs

    def __str__(self) -> str:
        return self.draw.__name__

    @cached_property
    def traced(self) -> Any:
        """The trace, made once."""
        return self.trace()

    @cached_property
    def drawn(self) -> Figure:
        """The figure, drawn once."""
        return self.draw(self.traced)

    @cached_property
    def rendered(self) -> str:
        """The SVG, written once."""
        return self.drawn._repr_svg_()


def pictures(
    kinds: Sequence[Kind],
) -> tuple[Callable[[str], Figure], Callable[[str], Any]]:
    """Return what looks up a figure, and its trace, by the name of its function."""
    named = {str(kind): kind for kind in kinds}
    return lambda name: named[name].drawn, lambda name: named[name].traced


def close(point: Any, expected: Point) -> bool:
    """Compare two points up to the rounding of a few steps."""
    x, y = map(float, point)
    return bool((x, y) == near(expected, rel=ROUNDED, abs=ROUNDED))


def texts(figure: Figure) -> list[str]:
    """Return what is written on the axes."""
    return [text.get_text() for text in figure.axes[0].texts]


def first_places(lines: Any) -> list[Any]:
    """Return where each line starts, which is where a single marker lies."""
    return [tuple(map(float, line.get_xydata()[0])) for line in lines]


class Contract:
    """It returns a `Figure` that shows itself, and says in words what it shows.

    A chapter's test derives from this and names its module and its kinds of figures;
    the tests that ask for a `kind` then run for each.
    """

    module: ModuleType
    kinds: Sequence[Kind]

    def test_every_kind_is_here(self) -> None:
        """No kind of figure lacks a test."""
        assert {str(kind) for kind in self.kinds} == set(public(self.module))

    def test_shows_its_trace(self, kind: Kind) -> None:
        """Words, markers and annotations have the numbers of the trace."""
        assert isinstance(kind.drawn, Figure)
        assert [part for part in kind.says if part not in kind.drawn.alt] == []
        assert kind.drawn.alt[-1] == "."
        shown_words = [text for ax in kind.drawn.axes for text in ax.texts]
        assert [text for text in shown_words if not text.get_visible()] == []
        marked = [
            point
            for line in kind.drawn.axes[0].lines
            if line.get_marker() in {"o", "*", "D"}
            for point in np.asarray(line.get_xydata())
        ]
        for expected in kind.marks:
            found = [at for at, point in enumerate(marked) if close(point, expected)]
            assert found, (expected, marked)
            del marked[found[0]]
        notes = [
            (text.get_text(), text.xy)
            for text in kind.drawn.axes[0].texts
            if isinstance(text, Annotation)
        ]
        for words, expected in kind.notes:
            assert [close(at, expected) for found, at in notes if found == words] == [
                True
            ]

    def test_svg(self, kind: Kind) -> None:
        """The SVG is well formed, describes itself, and has no date and no creator."""
        root = ET.fromstring(kind.rendered)  # noqa: S314 (our own)
        dublin = "{http://purl.org/dc/elements/1.1/}"
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        described = [element.text for element in root.iter(f"{dublin}description")]
        assert described == [kind.drawn.alt]
        assert not list(root.iter(f"{dublin}date"))
        assert not list(root.iter(f"{dublin}creator"))

    def test_dark(self, kind: Kind) -> None:
        """The SVG's one style swaps every colour on dark paper; attributes do the rest.

        A strict policy draws attributes, and allows one style that all figures share.
        """
        root = ET.fromstring(kind.rendered)  # noqa: S314 (our own)
        (style,) = root.iter("{http://www.w3.org/2000/svg}style")
        swaps = re.findall(r'\[(\w+)="(#\w+)"\]{\1:(#\w+)}', style.text or "")
        assert set(swaps) == {
            (part, *pair) for part in ("fill", "stroke") for pair in DARK.items()
        }
        assert not [element for element in root.iter() if "style" in element.attrib]
        assert "system-ui" in root.attrib["font-family"]
        colours = {element.get(part) for element in root.iter() for part, *_ in swaps}
        assert colours <= {*DARK, "none", None}

    def test_same_bytes(self, kind: Kind) -> None:
        """Drawn a second time, it is the same to the byte, and no setting is left."""
        before = dict(mpl.rcParams)
        assert kind.draw(kind.traced)._repr_svg_() == kind.rendered
        assert dict(mpl.rcParams) == before

    def test_given_axes(self, kind: Kind) -> None:
        """It draws on the axes that are given, and returns their figure."""
        figure = Figure()
        other = figure.add_subplot(1, 2, 1)
        ax = figure.add_subplot(1, 2, 2, **kind.options)
        assert kind.draw(kind.traced, ax) is figure
        assert figure.alt == kind.drawn.alt
        assert len(ax.get_children()) > len(other.get_children())
        assert not other.texts
        assert not other.lines

    def test_tells_its_trace(self, kind: Kind) -> None:
        """The docstring, and so the reference, names the type of the trace."""
        _, names = wanted(kind)
        entry = re.search(r"(?m)^ +trace : (.+)$", kind.draw.__doc__ or "")
        assert entry is not None
        assert [name for name in names if name not in entry[1]] == []

    def test_refuses_trace(self, kind: Kind) -> None:
        """A trace of another type is refused by name, and what it must be is said."""
        several, names = wanted(kind)
        expected = "must be a tuple" if several else f"must be a {' or '.join(names)}"
        others: list[Any] = [None, 3, "trace", np.zeros(3), {}]
        for bad in others if several else [*others, (), (3,)]:
            with refused(TypeError, "trace", f"is {shown(bad)} but {expected}"):
                kind.draw(bad)
        with refused(TypeError, "trace", f"is None but {expected}"):
            kind.draw()

    def test_refuses_tuples(self, kind: Kind) -> None:
        """A tuple of anything else, of nothing or of too much is refused."""
        several, (name, *_) = wanted(kind)
        if not several:
            assert not isinstance(kind.traced, tuple) or hasattr(kind.traced, "_fields")
            return
        first = kind.traced[0]
        mixed: Any = (first, 3)
        for bad in ((1,), ("run",), mixed):
            with refused(
                TypeError, "trace", f"is {shown(bad)} but must hold {name} only"
            ):
                kind.draw(bad)
        most: int = kind.draw.most  # type: ignore[attr-defined]
        expected = f"1 to {most}" if most else "at least one"
        for count in (0, most + 1) if most else (0,):
            says = f"holds {count} {name} but must hold {expected}"
            with refused(ValueError, "trace", says):
                kind.draw((first,) * count)
        assert kind.draw((first,) * (most or 1)).alt

    def test_refuses_axes(self, kind: Kind) -> None:
        """What is no axes is refused by name, a figure too, and what was removed."""
        wrong: list[Any] = [3, "ax", Figure(), [Figure().add_subplot()]]
        for bad in wrong:
            with refused(
                TypeError, "ax", f"is {shown(bad)} but must be Matplotlib axes"
            ):
                kind.draw(kind.traced, bad)
        gone = Figure().add_subplot(**kind.options)
        gone.remove()
        says = f"is {shown(gone)} but must be part of a figure"
        with refused(ValueError, "ax", says):
            kind.draw(kind.traced, gone)
        deep = kind.options.get("projection") == "3d"
        made, wanted_axes = ("polar", "3d") if deep else ("3d", "flat")
        unfit = Figure().add_subplot(projection=made)
        says = f"is {shown(unfit)} but must be {wanted_axes} axes"
        with refused(TypeError, "ax", says):
            kind.draw(kind.traced, unfit)


def wanted(kind: Kind) -> tuple[bool, list[str]]:
    """Say whether a figure takes several traces, and the names of their types."""
    annotation = get_type_hints(kind.draw)["trace"]
    several = get_origin(annotation) is tuple
    classes = [one for one in get_args(annotation) or (annotation,) if one is not ...]
    return several, [cls.__name__ for cls in classes]
