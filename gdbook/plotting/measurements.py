"""Draw how many times as much as the first contender each other needs."""

from matplotlib.axes import Axes

from gdbook.examples.measurements import Measured
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _draws,
    _legend_above,
    _listed,
    _n,
)

# The first is the line at 1, and others have a colour and a shape of their own.
_LOOKS = [
    (color, shape) for shape in "oD*" for color in (RED, PURPLE, GREEN, INK, MUTED)
]


def _height(trace: Measured) -> tuple[float, float]:
    return 4.8, 1.4 + 0.32 * len(trace.cases)


@_draws(_height)
def ratios(trace: Measured, ax: Axes = NEW) -> str:
    """Draw each contender in a row for each case, beside the line of the first.

    Examples
    --------
    >>> from gdbook.examples.measurements import measured
    >>> ratios(measured("steps")).alt.split(".")[0]
    'The rows are cases, and the first contender is the line at 1'
    """
    first, *others = trace.names
    rows = range(len(trace.cases))
    ax.axvline(1, color=BLUE)
    said = []
    for index, (name, (color, shape)) in enumerate(
        zip(others, _LOOKS, strict=False), start=1
    ):
        found = [float(row[index]) for row in trace.ratios]
        ax.plot(found, rows, shape, color=color, label=name)
        said.append(f"{name} from {_n(min(found))} to {_n(max(found))}")
    _legend_above(ax, 2)
    ax.set_xscale("log")
    ax.set_yticks(rows, trace.cases)
    ax.set_ylim(len(trace.cases) - 0.5, -0.5)
    ax.set(xlabel=f"times as much as {first}")
    return (
        f"The rows are cases, and the first contender is the line at 1. Beside {first}, "
        f"{_listed(said)} times as much is needed in {len(rows)} cases."
    )
