"""What every figure shares: its colours, its style, its words."""

import inspect
import io
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, cast, get_args, get_origin, get_type_hints

import matplotlib as mpl
import numpy as np
from matplotlib import figure as mpl_figure
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from gdbook._checks import Number, shown
from gdbook.formatting import format_number, typeset

P = ParamSpec("P")

# Okabe and Ito's colours, which stay apart for the colour-blind, each with the shade
# that takes its place on dark paper. The contrast with the paper is at least 4.5.
INK = "#1f2328"
MUTED = "#5f6b7a"
GRID = "#d8dee6"
PAPER = "#ffffff"
BLUE = "#0069a8"
RED = "#b84a00"
GREEN = "#007a57"
PURPLE = "#9b4f80"
DARK = {
    INK: "#e6e8eb",
    MUTED: "#a3adba",
    GRID: "#3a424d",
    PAPER: "#14181e",
    BLUE: "#62b6ee",
    RED: "#ff9a5c",
    GREEN: "#3fcf9f",
    PURPLE: "#e19ac4",
}

# What a colour and a shape mean, in every figure that compares.
_Look: TypeAlias = dict[str, Any]
_RULES: dict[str, _Look] = {
    "descent": {"color": BLUE},
    "momentum": {"color": PURPLE},
    "heavy": {"color": PURPLE},
    "Nesterov": {"color": PURPLE, "linestyle": "--"},
    "AdaGrad": {"color": GREEN},
    "RMSProp": {"color": INK},
    "Adam": {"color": RED},
}
ACTIVATIONS = {
    "identity": MUTED,
    "sigmoid": RED,
    "tanh": PURPLE,
    "ReLU": BLUE,
    "leaky ReLU": GREEN,
    "GELU": INK,
    "SiLU": RED,
}
TRAINING, VALIDATION, TEST = BLUE, RED, PURPLE
CLASSES: dict[int, _Look] = {
    0: {"marker": "D", "color": BLUE},
    1: {"marker": "o", "color": RED},
}
LOWEST: _Look = {"marker": "*", "color": GREEN}  # what a descent looks for

_PAPER_PATCH = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5, "alpha": 0.85}

STYLE: dict[Any, Any] = {  # Matplotlib's names for its settings are literals
    "figure.figsize": (4.8, 3.3),
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "text.color": INK,
    "font.size": 11,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "legend.frameon": False,
    "savefig.dpi": 200,  # of the few parts that are pixels
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "gdbook",
}


class Figure(mpl_figure.Figure):
    """A Matplotlib figure that shows itself as an SVG for both themes.

    Attributes
    ----------
    alt : str
        What the figure shows, in words and numbers.
    """

    alt: str = ""

    def _repr_svg_(self) -> str:
        """Return the SVG that a page shows."""
        buffer = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Description": self.alt}
        with mpl.rc_context(STYLE):
            self.savefig(buffer, format="svg", metadata=metadata)
        return _in_hundredths(_without_styles(buffer.getvalue()))


def _in_hundredths(svg: str) -> str:
    """Leave places in hundredths of a point, which halves what some figures weigh.

    >>> _in_hundredths('<path d="M 38.241712 195.5 "/><desc>0.38455</desc>')
    '<path d="M 38.24 195.5 "/><desc>0.38455</desc>'
    """
    return re.sub(r"<[^>]*>", lambda tag: _FINER.sub(r"\1", tag[0]), svg)


_FINER = re.compile(r"(\d\.\d\d)\d+")


def _without_styles(svg: str) -> str:
    """Write styles as attributes, which a strict policy draws when it stands alone."""
    svg = re.sub(r'(?<=<)([^<>]*?) style="([^"]*)"', _in_tag, svg)
    (before, of_all, after) = re.split(r"<style[^>]*>\*{(.*?)}</style>", svg)
    start = before.index("<svg") + len("<svg")
    head = f'{_attributes(of_all)} font-family="{_FONT}"{before[start:]}'
    end = head.index(">") + 1
    theme = f"<style>{_theme()}</style>"
    return f"{before[:start]}{head[:end]}{theme}{head[end:]}{after}"


def _in_tag(tag: re.Match[str]) -> str:
    """Write the style of an element as attributes."""
    attributes = _attributes(tag[2])
    if tag[1].split()[0] == "text":  # a formula's parts keep their font
        attributes = re.sub(' font-family="[^"]*"', "", attributes)
    return tag[1] + attributes


def _attributes(style: str) -> str:
    """Return the attributes that say what a style says.

    >>> _attributes("fill: none; stroke-width: 2")
    ' fill="none" stroke-width="2"'
    >>> _attributes("font: italic 700 11px 'DejaVu Sans'").split()[:3]
    ['font-style="italic"', 'font-weight="700"', 'font-size="11px"']
    """
    style = re.sub(_SHORT, _long, style)
    pairs = (part.split(":", 1) for part in style.split(";") if part.strip())
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)


# Matplotlib before 3.11 writes fonts in one word, for which there is no attribute.
_SHORT = re.compile(r"\bfont: (?:(italic|oblique) )?(?:(\d+) )?([\d.]+px) ([^;]*)")


def _long(font: re.Match[str]) -> str:
    names = ("style", "weight", "size", "family")
    pairs = zip(names, font.groups(), strict=True)
    return "; ".join(f"font-{name}: {value}" for name, value in pairs if value)


# A page's fonts do not reach into its images; the system's own do.
_FONT = "system-ui, 'DejaVu Sans', sans-serif"


def _theme() -> str:
    """Write the style that swaps every colour on dark paper."""
    swaps = "".join(
        f'[{part}="{light}"]{{{part}:{dark}}}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
    )
    # By itself, a figure has the paper of the browser.
    paper = ":root{color-scheme:light dark}"
    return f"{paper}@media(prefers-color-scheme:dark){{{swaps}}}"


# The axes of a new figure, which `_draws` makes.
NEW: Any = None

_Size: TypeAlias = tuple[float, float]


def _draws(
    figsize: _Size | Callable[[Any], _Size] | None = None, most: int = 0, **kind: Any
) -> Callable[[Callable[P, str]], Callable[P, Figure]]:
    """Keep the package's contract for a function that draws on axes and returns words.

    The type of the trace is that of its annotation; a tuple of traces holds at least
    one, and no more than `most` if that is given. Axes are made where none are given,
    of a size and `kind` that the figure needs.
    """

    def decorate(draw: Callable[P, str]) -> Callable[P, Figure]:
        annotation, signature = get_type_hints(draw)["trace"], inspect.signature(draw)

        @wraps(draw)
        @mpl.rc_context(STYLE)
        def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
            given = signature.bind_partial(*args, **kwargs).arguments
            trace, ax = given.get("trace"), given.get("ax")
            _look(trace, annotation, most)
            if ax is None:
                size = figsize(trace) if callable(figsize) else figsize
                ax = Figure(figsize=size).add_subplot(**kind)
            else:
                _look_at_axes(ax, kind.get("projection"))
            figure = cast("Figure", ax.get_figure(root=True))
            before = list(figure.axes)
            with (
                warnings.catch_warnings(),
                np.errstate(over="raise", divide="raise", invalid="raise"),
            ):
                # A range of no width is widened, and nobody need know.
                warnings.filterwarnings("ignore", "Attempting to set identical")
                warnings.filterwarnings("ignore", "Data has no positive")  # see below
                try:
                    alt = draw(**given | {"ax": ax})  # type: ignore[call-arg]
                    for new in (ax, *(one for one in figure.axes if one not in before)):
                        _look_at_ranges(trace, new)
                except (ArithmeticError, LookupError, ValueError) as error:
                    if str(error).startswith("`"):
                        raise
                    raise _undrawable(trace) from error
            figure.alt = alt
            return figure

        drawn.__doc__ = _told(draw.__doc__ or "", annotation, most)
        returned = signature.replace(return_annotation=Figure)
        drawn.__signature__ = returned  # type: ignore[attr-defined]
        drawn.most = most  # type: ignore[attr-defined]
        return drawn

    return decorate


def _look_at_axes(ax: Any, projection: str | None) -> None:
    """Refuse what is no axes of that kind."""
    if not isinstance(ax, Axes):
        msg = f"`ax` is {shown(ax)} but must be Matplotlib axes"
        if isinstance(ax, mpl_figure.FigureBase | Sequence | np.ndarray):
            msg += "; choose one of its axes, such as figure.axes[0] or axes[0]"
        raise TypeError(msg)
    if ax.figure is None:
        msg = f"`ax` is {shown(ax)} but must be part of a figure; it was removed"
        raise ValueError(msg)
    wanted = projection or ("flat" if ax.name == "3d" else ax.name)
    if ax.name != wanted:
        msg = f"`ax` is {shown(ax)} but must be {wanted} axes"
        if projection:
            msg += f"; add_subplot(projection={projection!r}) makes them"
        raise TypeError(msg)


def _undrawable(trace: Any) -> ValueError:
    return ValueError(
        f"`trace` is {shown(trace)} but must hold different numbers of ordinary size, "
        "and a step or more where there are any, to be drawn"
    )


def _look_at_ranges(trace: Any, ax: Axes) -> None:
    """Refuse numbers that an axis has no room for, and hide words far beyond it.

    Words for which room is made leave none for the axes.
    """
    ends = (ax.get_xlim(), ax.get_ylim())
    if not max(abs(end) for pair in ends for end in pair) < _WIDEST:
        raise _undrawable(trace)
    scales = (ax.get_xscale(), ax.get_yscale())
    for scale, least in zip(scales, np.array(ax.dataLim.minpos), strict=True):
        if scale == "log" and not least < np.inf:
            msg = (
                f"`trace` is {shown(trace)} but must hold numbers greater than 0, "
                "to be drawn on a logarithmic scale"
            )
            raise ValueError(msg)
    for text in ax.texts:
        if isinstance(text, Annotation):
            point, on_data = text.xy, text.xycoords == "data"
        else:
            point, on_data = text.get_position(), text.get_transform() == ax.transData
        if on_data and any(map(_far_beyond, point, ends, scales)):
            text.set_visible(False)


def _far_beyond(at: float, ends: tuple[float, float], scale: str) -> bool:
    low, high = sorted(ends)
    room = (high - low) / 2
    return not low - room <= at <= high + room or (scale == "log" and at <= 0)


_WIDEST = 1e300  # Matplotlib multiplies by the pixels of a figure


def _look(trace: Any, annotation: Any, most: int) -> None:
    """Refuse what is no such trace."""
    several = get_origin(annotation) is tuple
    wanted = tuple if several else annotation
    if not isinstance(trace, wanted):
        msg = f"`trace` is {shown(trace)} but must be a {_names(wanted)}"
        if several and isinstance(trace, get_args(annotation)[0]):
            msg += "; (trace,) is a tuple of one"
        elif callable(trace):
            msg += "; call the example first"
        raise TypeError(msg)
    if not several:
        return
    item, _ = get_args(annotation)
    if not all(isinstance(one, item) for one in trace):
        msg = f"`trace` is {shown(trace)} but must hold {item.__name__} only"
        raise TypeError(msg)
    if not 1 <= len(trace) <= (most or len(trace)):
        number = f"{item.__name__} but must hold {_how_many(most)}"
        msg = f"`trace` holds {len(trace)} {number}"
        raise ValueError(msg)


def _names(annotation: Any) -> str:
    return " or ".join(cls.__name__ for cls in get_args(annotation) or (annotation,))


def _how_many(most: int) -> str:
    return f"1 to {most}" if most else "at least one"


def _told(text: str, annotation: Any, most: int) -> str:
    """Write the type of the trace into a docstring."""
    if get_origin(annotation) is tuple:
        words = f"tuple, {_how_many(most)} {get_args(annotation)[0].__name__}"
    else:
        words = _names(annotation)
    section = f"    Parameters\n    ----------\n    trace : {words}\n\n"
    return text.replace("    Examples\n", f"{section}    Examples\n", 1)


def _n(value: Number, digits: int = 3) -> str:
    """Write a number for the reader's eye: few digits, a true minus sign."""
    return typeset(format_number(float(f"{float(value):.{digits}g}")))


def _array(values: Any) -> np.ndarray:
    return np.asarray(values, dtype=float)


def _halo(ax: Axes, x: float, y: float, text: str, **kwargs: Any) -> None:
    """Write on a patch of paper, so that no line crosses the words."""
    ax.text(x, y, text, bbox=_PAPER_PATCH, **kwargs)


def _rule(name: str) -> _Look:
    """Return the look of a rule's line; other rules than the book's are grey."""
    return _RULES.get(name.split(maxsplit=1)[0], {"color": MUTED})


def _name_at_end(ax: Axes, x: float, y: float, text: str, color: str) -> None:
    """Name a line to the right of its end."""
    ax.annotate(
        text,
        (x, y),
        (6, 0),
        textcoords="offset points",
        color=color,
        va="center",
        annotation_clip=False,
    )


def _note(
    ax: Axes, text: str, at: tuple[float, float], to: tuple[float, float], **kwargs: Any
) -> None:
    """Write at an offset, in points, from what the words are about."""
    arrow = {"arrowstyle": "-", "color": MUTED, "linewidth": 1}
    kwargs.setdefault("ha", "center")
    kwargs.setdefault("va", "center")
    kwargs.setdefault("bbox", _PAPER_PATCH)
    ax.annotate(text, at, to, textcoords="offset points", arrowprops=arrow, **kwargs)


def _arrow(ax: Axes, start: Any, end: Any, color: str) -> None:
    arrow = {
        "arrowstyle": "-|>",
        "color": color,
        "linewidth": 2,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    (x, y), (x_start, y_start) = end, start
    ax.annotate("", (x, y), (x_start, y_start), arrowprops=arrow)


def _legend_above(ax: Axes, columns: int = 1, **more: Any) -> None:
    """Name the lines in their colours, above the axes."""
    look = {
        "bbox_to_anchor": (0.5, 1.0),
        "labelcolor": "linecolor",
        "handlelength": 1.2,
        "columnspacing": 1.0,
    }
    ax.legend(loc="lower center", ncol=columns, **(look | more))


def _listed(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _and(values: Sequence[Number]) -> str:
    return _listed(_n(value) for value in values)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _grid(
    loss: Callable[[np.ndarray], float],
    first: tuple[float, float],
    second: tuple[float, float],
    count: int = 101,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Evaluate a loss of two weights on a grid."""
    across, up = np.meshgrid(np.linspace(*first, count), np.linspace(*second, count))
    heights = [
        [loss(np.array(pair)) for pair in zip(*rows, strict=True)]
        for rows in zip(across, up, strict=True)
    ]
    return across, up, np.array(heights)


def _contours(
    ax: Axes, first: Any, second: Any, heights: Any, levels: Sequence[float]
) -> None:
    ax.contour(
        first, second, heights, levels=sorted(set(levels)), colors=MUTED, linewidths=0.9
    )
    ax.grid(visible=False)


def _pair(values: Sequence[Number] | np.ndarray, digits: int = 3) -> str:
    return f"({', '.join(_n(value, digits) for value in values)})"
