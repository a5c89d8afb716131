"""Draw the chapter on capacity: what fits too little, enough, and too much."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from gdbook.examples.capacity import (
    CapacityCurve,
    DropoutGap,
    Growth,
    Memorised,
    MoonFits,
    Noises,
)
from gdbook.plotting._base import (
    BLUE,
    CLASSES,
    GREEN,
    INK,
    MUTED,
    NEW,
    PURPLE,
    RED,
    TRAINING,
    VALIDATION,
    _and,
    _array,
    _draws,
    _legend_above,
    _n,
    _note,
)

# Too little room, enough, too much.
COLORS = (PURPLE, GREEN, INK)


@_draws()
def memorised_points(trace: Memorised, ax: Axes = NEW) -> str:
    """Draw the mean, the best line and the network through all points.

    Examples
    --------
    >>> from gdbook.examples.capacity import memorise
    >>> print(memorised_points(memorise()).alt)
    5 points and three models of them. The mean is flat, with mean squared error 0.94; the best line leaves 0.22; the network goes through the points and leaves 0.
    """
    inputs = _array(trace.inputs)
    for predictions, color, name in zip(
        trace.predictions, COLORS, ("mean", "line", "network"), strict=True
    ):
        ax.plot(inputs, _array(predictions), color=color, label=name)
    ax.plot(inputs, _array(trace.targets), "o", color=INK, markersize=7)
    _legend_above(ax, 3)
    ax.set(xlabel="input", ylabel="target")
    mean, line, network = (_n(loss) for loss in trace.losses)
    return (
        f"{len(inputs)} points and three models of them. The mean is flat, with mean "
        f"squared error {mean}; the best line leaves {line}; the network goes through the "
        f"points and leaves {network}."
    )


@_draws()
def noise_losses(trace: Noises, ax: Axes = NEW) -> str:
    """Plot the losses over how many numbers a model fits, exact means over all noise.

    Examples
    --------
    >>> from gdbook.examples.capacity import all_noises
    >>> print(noise_losses(all_noises()).alt)
    Mean losses over all 32 ways in which the noise can fall, for models that fit 1, 2 and 5 numbers. On the points of the fit they are 0.7, 0.15 and 0; on new ones 0.8, 0.35 and 0.5.
    """
    fitted = _array(trace.n_fitted)
    for values, color, name in (
        (trace.training_losses, BLUE, "points of the fit"),
        (trace.new_losses, RED, "new points"),
    ):
        ax.plot(fitted, _array(values), "o-", color=color, label=name)
    ax.axhline(float(trace.size) ** 2, color=MUTED, linewidth=1, linestyle=":")
    ax.text(
        fitted[-1],
        float(trace.size) ** 2,
        "noise alone",
        color=MUTED,
        ha="right",
        va="bottom",
    )
    _legend_above(ax, 2)
    ax.xaxis.set_major_locator(FixedLocator(fitted.tolist()))
    ax.set(xlabel="numbers that the model fits", ylabel="mean loss", ylim=(0, None))
    return (
        f"Mean losses over all {trace.n_ways} ways in which the noise can fall, for "
        f"models that fit {_and(trace.n_fitted)} numbers. On the points of the fit they "
        f"are {_and(trace.training_losses)}; on new ones {_and(trace.new_losses)}."
    )


@_draws(figsize=(4.8, 3.9))
def moon_borders(trace: MoonFits, ax: Axes = NEW) -> str:
    """Draw the border that each network puts between two moons.

    Examples
    --------
    >>> from gdbook.examples.capacity import moon_fits
    >>> print(moon_borders(moon_fits(num_epochs=0, resolution=5)).alt[:77])
    40 points on two moons and the borders of networks with 1, 3 and 30 hidden no
    """
    if len(trace.widths) > len(COLORS):
        msg = f"`trace` holds {len(trace.widths)} networks but must hold 1 to 3"
        raise ValueError(msg)
    styles = ("--", "-", "-")
    for width, scores, color, style in zip(
        trace.widths, trace.scores, COLORS, styles, strict=False
    ):
        ax.contour(
            trace.across,
            trace.up,
            _array(scores),
            levels=[0],
            colors=color,
            linewidths=2,
            linestyles=style,
        )
        # A contour has no entry in a legend of its own.
        ax.plot([], [], style, color=color, label=f"width {width}")
    points, labels = _array(trace.points), np.array(trace.labels)
    for label, look in CLASSES.items():
        x, y = points[labels == label].T
        ax.plot(x, y, linestyle="", markersize=5, **look)
    _legend_above(ax, len(trace.widths))
    ax.set(
        xlabel="first input",
        ylabel="second input",
        xlim=(trace.across[0], trace.across[-1]),
        ylim=(trace.up[0], trace.up[-1]),
    )
    ax.grid(visible=False)
    return (
        f"{len(points)} points on two moons and the borders of networks with "
        f"{_and(trace.widths)} hidden nodes. They part "
        f"{_and([round(100 * x, 1) for x in trace.training_accuracies])} % of these "
        f"points rightly, and {_and([round(100 * x, 1) for x in trace.validation_accuracies])} % "
        "of new ones."
    )


@_draws(figsize=(4.8, 3.6))
def capacity_losses(trace: CapacityCurve, ax: Axes = NEW) -> str:
    """Plot training and validation loss over the number of parameters.

    Examples
    --------
    >>> from gdbook.examples.capacity import capacity_curve
    >>> curve = capacity_curve(hidden=((2,), (8,)), num_epochs=1, num_seeds=1)
    >>> print(capacity_losses(curve).alt[:74])
    Losses over the number of parameters from 160 to 610, means and bands of 1
    """
    n_params = _array(trace.n_params)
    for rows, means, color, name in (
        (trace.training_losses, trace.mean_training, TRAINING, "training"),
        (trace.validation_losses, trace.mean_validation, VALIDATION, "validation"),
    ):
        ax.fill_between(
            n_params,
            [min(row) for row in rows],
            [max(row) for row in rows],
            color=color,
            alpha=0.2,
            linewidth=0,
        )
        ax.plot(n_params, means, "o-", color=color, label=name, markersize=4)
    least = trace.mean_validation[trace.best]
    at = n_params[trace.best]
    ax.plot([at], [least], "o", color=GREEN, markersize=8)
    hidden = ", ".join(map(str, trace.hidden[trace.best]))
    _note(ax, f"least: {hidden} nodes", (at, least), (18, 34), color=GREEN)
    _legend_above(ax, 2)
    ax.set(xlabel="parameters", ylabel="loss", xscale="log", ylim=(0, None))
    return (
        f"Losses over the number of parameters from {trace.n_params[0]} to "
        f"{trace.n_params[-1]}, means and bands of {len(trace.training_losses[0])} seeds. "
        f"The training loss goes from {_n(trace.mean_training[0])} to "
        f"{_n(trace.mean_training[-1])}. The validation loss starts at "
        f"{_n(trace.mean_validation[0])}, is least, {_n(least)}, with {hidden} hidden "
        f"nodes, and ends at {_n(trace.mean_validation[-1])}."
    )


@_draws(figsize=(4.8, 3.6))
def dropout_epochs(trace: DropoutGap, ax: Axes = NEW) -> str:
    """Plot training and validation loss over the epochs, with and without dropout.

    Examples
    --------
    >>> from gdbook.examples.capacity import dropout_gap
    >>> gap = dropout_gap(width=8, num_epochs=2, num_seeds=1)
    >>> print(dropout_epochs(gap).alt[:59])
    Losses over 2 epochs, validation solid and training dashed.
    """
    colors = (RED, GREEN, PURPLE)
    if len(trace.rates) > len(colors):
        msg = f"`trace` holds {len(trace.rates)} rates but must hold 1 to 3"
        raise ValueError(msg)
    parts = []
    for rate, seen, new, gap, color in zip(
        trace.rates,
        trace.training_losses,
        trace.validation_losses,
        trace.gaps,
        colors,
        strict=False,
    ):
        ax.plot(new, color=color, label=f"dropout {_n(rate)}")
        ax.plot(seen, "--", color=color, linewidth=1.5)
        parts.append(
            f"With dropout {_n(rate)} the validation loss ends at {_n(new[-1])} and the "
            f"training loss at {_n(seen[-1])}, a gap of {_n(gap)}."
        )
    last = len(trace.training_losses[0]) - 1
    words = "solid: validation\ndashed: training"
    ax.text(
        0.98, 0.96, words, color=MUTED, ha="right", va="top", transform=ax.transAxes
    )
    _legend_above(ax, len(trace.rates))
    ax.set(xlabel="epoch", ylabel="loss", xlim=(0, last), ylim=(0, None))
    return (
        f"Losses over {last} epochs, validation solid and training dashed. "
        + " ".join(parts)
    )


@_draws(figsize=(4.8, 4.4))
def growth_steps(trace: Growth, ax: Axes = NEW) -> str:
    """Draw the validation loss of every network that was tried.

    Examples
    --------
    >>> from gdbook.examples.capacity import Score, grow
    >>> found = grow(widest=16, score=lambda plan: [Score(1 / plan.hidden[0], 0)])
    >>> print(growth_steps(found).alt)
    The validation losses of 5 networks in the order in which they were tried. The loss falls from 0.125 with 8 hidden nodes to 0.0625 with 16; kept were 2 of them, the others were taken back.
    """
    names = []
    colors = {"kept": GREEN, "taken back": RED}
    for row, (move, hidden, own, mean, verdict) in enumerate(
        zip(
            trace.moves,
            trace.hidden,
            trace.losses,
            trace.mean_losses,
            trace.verdicts,
            strict=True,
        )
    ):
        color = colors[verdict]
        ax.plot(
            [float(min(own)), float(max(own))], [row, row], color=color, linewidth=3
        )
        ax.plot([float(mean)], [row], "o", color=color, markersize=8)
        nodes = ", ".join(map(str, hidden))
        names.append(nodes if move in {"start", "wider", "deeper"} else move)
    for verdict, color in colors.items():
        ax.plot([], [], "o", color=color, label=verdict)
    least = float(trace.mean_losses[trace.best])
    ax.axvline(least, color=MUTED, linewidth=1, linestyle=":")
    _legend_above(ax, 2)
    ax.set(xlabel="validation loss", xscale="log")
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    lows = [float(min(own)) for own in trace.losses]
    highs = [float(max(own)) for own in trace.losses]
    ticks = [
        x for x in (0.02, 0.05, 0.1, 0.2, 0.5, 1) if min(lows) / 2 < x < max(highs)
    ]
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticks(ticks, [_n(tick) for tick in ticks])
    final = ", ".join(map(str, trace.final_hidden))
    return (
        f"The validation losses of {len(names)} networks in the order in which they were "
        f"tried. The loss falls from {_n(trace.mean_losses[0])} with {names[0]} hidden "
        f"nodes to {_n(least)} with {final}; kept were {trace.verdicts.count('kept')} of "
        "them, the others were taken back."
    )
