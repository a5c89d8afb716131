"""Draw the chapter on training: lines, moons, and what a network says of them."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.training import (
    BestSplit,
    HandMade,
    Learned,
)
from gdbook.plotting._base import (
    CLASSES,
    INK,
    NEW,
    _and,
    _array,
    _draws,
    _listed,
    _n,
    _pair,
)

Point = tuple[float, float]


def _points(ax: Axes, places: Any, classes: Any, **marks: Any) -> None:
    """Draw the samples of two classes, in two colours and shapes."""
    for one, look in CLASSES.items():
        ax.plot(*places[classes == one].T, linestyle="", **look, **marks)


@_draws()
def split_line(trace: BestSplit, ax: Axes = NEW) -> str:
    """Draw the line that parts two classes best, and the samples it gets wrong.

    Examples
    --------
    >>> from gdbook.examples.training import best_split
    >>> print(split_line(best_split()).alt)
    4 samples of two classes in a plane, and the best of the lines that were tried, at an angle of 45 degrees. It gets 3 right, a share of 0.75, and 1 wrong.
    """
    places, classes = _array(trace.inputs), np.asarray(trace.targets)
    many = len(places) > 50
    _points(ax, places, classes, markersize=3 if many else 10)
    wrong = places[list(trace.wrong)]
    ax.plot(
        *wrong.T,
        "o",
        markerfacecolor="none",
        markeredgecolor=INK,
        markeredgewidth=1 if many else 2,
        markersize=6 if many else 18,
    )
    angle = np.deg2rad(trace.angle)
    across = np.array([np.cos(angle), np.sin(angle)])
    along = np.array([-across[1], across[0]])
    margin = 0.1 * np.ptp(places, axis=0).max() + 0.2
    low, high = places.min(axis=0) - margin, places.max(axis=0) + margin
    middle = trace.offset * across
    # Long enough to leave the picture on both sides.
    middle = middle + along * (along @ ((low + high) / 2))
    reach = np.linalg.norm(high - low) * along
    ax.plot(*np.array([middle - reach, middle + reach]).T, color=INK, linewidth=1.8)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.set(xlabel="first input", ylabel="second input")
    ax.set_aspect("equal")
    return (
        f"{len(places)} samples of two classes in a plane, and the best of the "
        f"lines that were tried, at an angle of {_n(trace.angle)} degrees. It gets {trace.right} right, a "
        f"share of {_n(trace.accuracy)}, and {len(trace.wrong)} wrong."
    )


@_draws()
def hidden_plane(trace: HandMade, ax: Axes = NEW) -> str:
    """Draw samples where two hidden nodes put them, and the line behind the output.

    Examples
    --------
    >>> from gdbook.examples.training import hand_made
    >>> print(hidden_plane(hand_made()).alt)
    Samples in the plane of two hidden nodes, with a line on which the output is 0.5: input (0, 0) at (0, 0), input (0, 1) at (1, 0), input (1, 0) at (1, 0) and input (1, 1) at (2, 1). The network says 0, 1, 1 and 0.
    """
    if len(trace.output_weights) != 2:
        count = len(trace.output_weights)
        msg = f"`trace` has {count} hidden nodes but must have 2 to be drawn in a plane"
        raise ValueError(msg)
    places, classes = _array(trace.hidden), np.asarray(trace.targets)
    _points(ax, places, classes, markersize=10)
    first, second = map(float, trace.output_weights)
    names: dict[Point, list[str]] = {}
    for place, inputs in zip(places, trace.inputs, strict=True):
        names.setdefault((place[0], place[1]), []).append(_pair(inputs))
    for at, named in names.items():
        # On the side of the point that the line is not on.
        above = (first * at[0] + second * at[1] > 0.5) == (second > 0)
        ax.annotate(
            *(" and ".join(named), at, (0, 10 if above else -10)),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
        )
    low, high = places.min(axis=0) - 0.45, places.max(axis=0) + 0.45
    reach = np.array([low[0], high[0]])
    ax.plot(reach, (0.5 - first * reach) / second, color=INK, linewidth=1.8)
    ax.set(xlim=reach, ylim=(low[1], high[1] + 0.1))
    ax.set(xlabel="first hidden node", ylabel="second hidden node")
    ax.set_aspect("equal")
    listed = [
        f"input {_pair(inputs)} at {_pair(place)}"
        for place, inputs in zip(places, trace.inputs, strict=True)
    ]
    return (
        "Samples in the plane of two hidden nodes, with a line on which the output is "
        f"0.5: {_listed(listed)}. The network says {_and(trace.predictions)}."
    )


def _rows(trace: Learned) -> int:
    return -(-len(trace.epochs) // 2)  # two panels in a row


@_draws(figsize=lambda trace: (4.8, 2.26 * (0.05 + 1.3 * _rows(trace))))
def learned_surfaces(trace: Learned, ax: Axes = NEW) -> str:
    """Draw what a network says all over the plane, at several epochs.

    Examples
    --------
    >>> from gdbook.examples.training import learn_xor
    >>> print(learned_surfaces(learn_xor(epochs=(0, 100), resolution=9)).alt)
    What a network says all over a plane, at epochs 0 and 100. Of the samples that it is measured on, the shares 0.5 and 1 are right.
    """
    ax.axis("off")
    (left, right), (low, high) = trace.limits
    start, size = np.array([left, low]), np.array([right - left, high - low])
    inside = (_array(trace.inputs) - start) / size
    classes = np.asarray(trace.targets)
    many = len(classes) > 50
    for index, (epoch, surface, share) in enumerate(
        zip(trace.epochs, trace.surfaces, trace.accuracies, strict=True)
    ):
        corner = np.array([1.08 * (index % 2), -1.3 * (index // 2)])
        said = _array(surface)
        along = np.linspace(0, 1, len(said))
        _shade(ax, corner[0] + along, corner[1] + along, said)
        _points(ax, inside + corner, classes, markersize=2.6 if many else 8, zorder=4)
        for height, va, text in (
            (1.04, "bottom", f"epoch {epoch}"),
            (-0.04, "top", f"right: {_n(share)}"),
        ):
            x, y = corner
            ax.text(x + 0.5, y + height, text, ha="center", va=va, fontsize=10.5)
    ax.set(xlim=(-0.02, 2.1), ylim=(1.15 - 1.3 * _rows(trace), 1.2))
    ax.set_aspect("equal")
    return (
        f"What a network says all over a plane, at epochs {_and(trace.epochs)}. Of the "
        f"samples that it is measured on, the shares {_and(trace.accuracies)} are right."
    )


def _shade(ax: Axes, across: Any, up: Any, said: Any) -> None:
    """Colour each place by its prediction, the stronger the further from one half."""
    sure = 2 * said - 1
    for shares, one in ((-sure, 0), (sure, 1)):
        # One veil over another: areas that only touch would leave seams.
        for share in np.arange(4) / 4:
            if shares.max() > share:
                ax.contourf(
                    *(across, up, shares),
                    levels=[share, max(1, shares.max()) + 1],
                    colors=CLASSES[one]["color"],
                    alpha=0.11,
                    zorder=0,
                )
    if said.min() < 0.5 < said.max():
        ax.contour(across, up, said, levels=[0.5], colors=INK, linewidths=1.6)
