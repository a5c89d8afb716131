"""Draw the chapter: what decay leaves, what it does to a network, and width alone."""

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.weight_decay import (
    DecaySearch,
    DoubleDescent,
    KeptShares,
    Shifts,
    kept_shares,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    NEW,
    RED,
    TRAINING,
    VALIDATION,
    _and,
    _array,
    _count,
    _draws,
    _legend_above,
    _listed,
    _n,
    _note,
)

_COLORS = (RED, BLUE, GREEN, INK)  # of the first run, the second and so on


@_draws()
def kept_of_curvatures(trace: KeptShares, ax: Axes = NEW) -> str:
    """Plot which share of the lowest place decay leaves, over the curvature.

    Examples
    --------
    >>> from gdbook.examples.weight_decay import kept_shares
    >>> print(kept_of_curvatures(kept_shares()).alt)
    The share of the lowest place that is left with a weight decay of 0.5, over the curvature on a logarithmic scale: 0.973 at 18, 0.667 at 1 and 0.167 at 0.1. It is a half where the curvature is 0.5.
    """
    curvatures, kept = _array(trace.curvatures), _array(trace.kept)
    every = np.geomspace(min(curvatures) / 4, max(curvatures) * 4, 200)
    curve = kept_shares(every.tolist(), float(trace.weight_decay))
    ax.semilogx(every, curve.kept, color=BLUE)
    ax.semilogx(curvatures, kept, "o", color=BLUE)
    ax.axvline(float(trace.weight_decay), color=MUTED, linewidth=1, linestyle=":")
    for curvature, share in zip(curvatures, kept, strict=True):
        _note(ax, _n(share), (curvature, share), (30, -16), color=BLUE)
    ax.text(float(trace.weight_decay), 1.02, " the decay", color=MUTED, va="bottom")
    ax.set(xlabel="curvature", ylabel="share that is left", ylim=(0, 1.12))
    points = _listed(
        f"{_n(share)} at {_n(curvature)}"
        for curvature, share in zip(curvatures, kept, strict=True)
    )
    return (
        "The share of the lowest place that is left with a weight decay of "
        f"{_n(trace.weight_decay)}, over the curvature on a logarithmic scale: {points}. "
        f"It is a half where the curvature is {_n(trace.weight_decay)}."
    )


@_draws(figsize=(4.8, 3.6))
def searched_decays(trace: DecaySearch, ax: Axes = NEW) -> str:
    """Plot both losses over the decay, at the highest rate and at the best one.

    Examples
    --------
    >>> from gdbook.examples.weight_decay import decay_search
    >>> search = decay_search((0, 1), (0.01,), num_epochs=1, num_seeds=1)
    >>> print(searched_decays(search).alt[:73])
    Losses of a network with 64 hidden nodes on 100 digits over the weight de
    """
    places = range(len(trace.decays))
    known = [row[-1] for row in trace.training_losses]
    new = [row[-1] for row in trace.validation_losses]
    best = [
        row[at] for row, at in zip(trace.validation_losses, trace.best, strict=True)
    ]
    rate = _n(trace.rates[-1])
    ax.plot(places, known, "o-", color=TRAINING, label=f"training, rate {rate}")
    ax.plot(places, new, "o-", color=VALIDATION, label=f"validation, rate {rate}")
    ax.plot(places, best, "o--", color=GREEN, label="validation, best rate")
    ax.set_xticks(list(places), [_n(decay) for decay in trace.decays])
    ax.set(xlabel="weight decay", ylabel="loss", ylim=(0, None))
    _legend_above(ax)
    return (
        f"Losses of a network with {trace.width} hidden nodes on {trace.n_samples} "
        f"digits over the weight decays {_and(trace.decays)}. At the rate {rate} the "
        f"training loss is {_and(known)} and the validation loss {_and(new)}; at the "
        f"best rate of each decay the latter is {_and(best)}."
    )


@_draws(figsize=(4.8, 1.3))
def five_places(trace: Shifts, ax: Axes = NEW) -> str:
    """Show a digit where it was, and moved by a pixel to each side.

    Examples
    --------
    >>> from gdbook.examples.weight_decay import shifts
    >>> print(five_places(shifts()).alt)
    A 0 in 5 places: as it was, and one pixel further down, up, to the right and to the left.
    """
    for place, picture in enumerate(trace.pictures):
        begin = 9 * place
        ax.imshow(
            picture, cmap="gray_r", vmin=0, vmax=1, extent=(begin, begin + 8, 8, 0)
        )
        ax.plot(
            [begin, begin + 8, begin + 8, begin, begin],
            [0, 0, 8, 8, 0],
            color=MUTED,
            linewidth=0.8,
        )
    ax.set(xlim=(-0.5, 9 * len(trace.pictures) - 0.5), ylim=(8.5, -0.5))
    ax.axis("off")
    return (
        f"A {trace.label} in {len(trace.pictures)} places: as it was, and one pixel "
        "further down, up, to the right and to the left."
    )


@_draws(figsize=(4.8, 3.8), most=len(_COLORS))
def loss_over_width(trace: tuple[DoubleDescent, ...], ax: Axes = NEW) -> str:
    """Plot the test loss over the width, for several decays.

    Examples
    --------
    >>> from gdbook.examples.weight_decay import double_descent
    >>> found = double_descent((20, 100, 400), num_seeds=2)
    >>> print(loss_over_width((found,)).alt[:72])
    The test loss over the width from 20 to 400, both on logarithmic scales,
    """
    parts = []
    for run, color in zip(trace, _COLORS, strict=False):
        widths, losses = _array(run.widths), _array(run.test_losses)
        least, most = losses.min(axis=1), losses.max(axis=1)
        ax.fill_between(widths, least, most, color=color, alpha=0.15, linewidth=0)
        name = f"decay {_n(run.weight_decay)}" if run.weight_decay else "no decay"
        ax.loglog(widths, run.medians, "o-", color=color, label=name, markersize=4)
        parts.append(
            f"With {name} its median over {_count(losses.shape[1], 'seed')} is "
            f"{_n(run.medians[0])} at first, {_n(run.medians[run.highest])} at its "
            f"highest, with {run.widths[run.highest]} nodes, and {_n(run.medians[-1])} "
            "at last."
        )
    ax.axvline(trace[0].n_samples, color=MUTED, linewidth=1, linestyle=":")
    ax.set(xlabel="hidden nodes", ylabel="test loss")
    _legend_above(ax, 2)
    return (
        f"The test loss over the width from {trace[0].widths[0]} to "
        f"{trace[0].widths[-1]}, both on logarithmic scales, of networks fitted to "
        f"{trace[0].n_samples} digits. {' '.join(parts)}"
    )
