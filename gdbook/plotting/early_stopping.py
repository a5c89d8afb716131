"""Draw the chapter on early stopping: where the loss turns, and who waits how long."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from gdbook.examples.early_stopping import (
    LongRun,
    ManySplits,
    PlateauRun,
    SwappedRoles,
    Waiting,
)
from gdbook.plotting._base import (
    GREEN,
    MUTED,
    NEW,
    PURPLE,
    RED,
    TEST,
    TRAINING,
    VALIDATION,
    _and,
    _array,
    _draws,
    _legend_above,
    _n,
    _name_at_end,
    _note,
)

_STEEP = 5  # times the least


@_draws(figsize=(4.8, 3.6))
def turning_loss(trace: LongRun, ax: Axes = NEW) -> str:
    """Plot the training and the validation loss over the epochs.

    Examples
    --------
    >>> from gdbook.examples.early_stopping import to_the_end
    >>> print(turning_loss(to_the_end(num_epochs=2)).alt[:70])
    The losses over 2 epochs, on a logarithmic scale. The training loss fa
    """
    ax.semilogy(trace.losses, color=TRAINING, label="training loss")
    ax.semilogy(trace.validation_losses, color=VALIDATION, label="validation loss")
    best = (trace.best_epoch, float(trace.best_loss))
    ax.plot(*best, "o", color=GREEN)
    _note(ax, f"best: epoch {trace.best_epoch}", best, (34, 44), color=GREEN)
    _legend_above(ax, 2)
    ax.set(xlabel="epoch", ylabel="loss", xlim=(0, trace.num_epochs))
    return (
        f"The losses over {trace.num_epochs} epochs, on a logarithmic scale. The "
        f"training loss falls from {_n(trace.losses[0])} to {_n(trace.losses[-1])}. The "
        f"validation loss is least, {_n(trace.best_loss)}, after epoch "
        f"{trace.best_epoch}, and ends at {_n(trace.validation_losses[-1])}."
    )


@_draws(figsize=(4.8, 3.6))
def patience_stops(trace: tuple[Waiting, ...], ax: Axes = NEW) -> str:
    """Plot losses, and where each patience stops reading them.

    Examples
    --------
    >>> from gdbook.examples.early_stopping import patiences
    >>> print(patience_stops(patiences()).alt)
    The loss over 12 epochs. Patience 1 stops after epoch 3 with 6, the best, after epoch 2. Patience 2 stops after epoch 7 with 4, the best, after epoch 5. Patience 3 stops after epoch 11 with 3, the best, after epoch 8.
    """
    if len({read.losses for read in trace}) != 1:
        msg = f"`trace` is {trace!r} but must hold readings of the same losses"
        raise ValueError(msg)
    losses = _array(trace[0].losses)
    epochs = np.arange(len(losses))
    ax.plot(epochs, losses, "o-", color=MUTED, linewidth=1.4, markersize=3)
    # Where the first epochs win most of the loss, the rest is seen in its powers.
    steep = losses.max() > _STEEP * losses.min() > 0
    if steep:
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(lambda loss, _: _n(loss))
        ax.yaxis.set_minor_locator(NullLocator())
    scale, back = (math.log, math.exp) if steep else (float, float)
    low, high = scale(losses.min()), scale(losses.max())
    reach = high - low
    for index, read in enumerate(trace):
        stop, best = read.stop_epoch, read.best_epoch
        least = float(read.best_loss)
        at = (stop, losses[stop])
        wait = (best, stop, stop), (least, least, at[1])
        ax.plot(*wait, color=PURPLE, linewidth=1.6)
        ax.plot([best], [least], "o", color=GREEN)
        ax.plot([stop], [at[1]], "D", color=PURPLE, markersize=5)
        words = f"patience {read.patience}" if index == 0 else f"{read.patience}"
        # The words stand on the side from which the losses come up, or go down.
        climbs = stop + 1 < len(losses) and losses[stop + 1] > losses[stop]
        side = "right" if climbs else "left"
        up = back(scale(at[1]) + 0.03 * reach)
        ax.text(stop, up, words, color=PURPLE, ha=side, va="bottom")
    ax.set(xlabel="epoch", ylabel="loss", xlim=(-0.2, len(losses) - 0.5))
    ax.set_ylim(back(low - 0.1 * reach), back(high + 0.1 * reach))
    listed = " ".join(
        f"Patience {read.patience} stops after epoch {read.stop_epoch} with "
        f"{_n(read.best_loss)}, the best, after epoch {read.best_epoch}."
        for read in trace
    )
    scaled = ", on a logarithmic scale" if steep else ""
    return f"The loss over {len(losses) - 1} epochs{scaled}. {listed}"


@_draws(figsize=(4.8, 3.8))
def rate_staircase(trace: PlateauRun, ax: Axes = NEW) -> str:
    """Plot the loss above the least, and beside it the rate as a staircase.

    Examples
    --------
    >>> from gdbook.examples.early_stopping import reduce_rate
    >>> print(rate_staircase(reduce_rate(num_epochs=2)).alt[:51])
    The loss above the least of any line, over 2 epochs
    """
    least = trace.least_loss
    constant = _array(trace.constant_losses) - least
    changing = _array(trace.losses) - least
    rates = _array(trace.learning_rates)
    epochs = np.arange(len(rates))
    ax.semilogy(epochs, constant, color=RED, linewidth=1.2, label="constant rate")
    ax.semilogy(epochs, changing, color=GREEN, label="reduced rate")
    # An epoch's rate is that of the steps that led to it.
    ax.step(epochs, rates, where="pre", color=PURPLE, linewidth=1.6)
    _name_at_end(ax, epochs[-1], rates[-1], "rate", PURPLE)
    _legend_above(ax, 2)
    ax.set(xlabel="epoch", ylabel="loss above the least", xlim=(0, epochs[-1]))
    count = len(trace.reduced_after)
    times = "once" if count == 1 else f"{count} times"
    return (
        f"The loss above the least of any line, over {len(rates) - 1} epochs, on a "
        f"logarithmic scale. With the constant rate {_n(rates[0])} it ends at "
        f"{_n(constant[-1])}. With a rate that is reduced {times}, to "
        f"{_n(rates[-1])}, it ends at {_n(changing[-1])}."
    )


@_draws(figsize=(4.8, 3.6))
def swapped_choices(trace: SwappedRoles, ax: Axes = NEW) -> str:
    """Plot one run's losses on two parts, and what each says of the other's choice.

    Examples
    --------
    >>> from gdbook.examples.early_stopping import swap_roles
    >>> print(swapped_choices(swap_roles(num_epochs=2)).alt[:49])
    The losses of one run on two parts over 2 epochs.
    """
    names = ("validation part", "test part")
    said = []
    for index, color in enumerate((VALIDATION, TEST)):
        values = _array(trace.losses[index])
        epochs = np.arange(1, len(values))
        ax.plot(epochs, values[1:], color=color, label=names[index])
        own, other = trace.best_epochs[index], trace.best_epochs[1 - index]
        ax.plot([own], [values[own]], "o", color=color, markersize=8)
        ax.plot([other], [values[other]], "D", color=color, markersize=6)
        said.append(
            f"The {names[index]} chooses epoch {own}, where it says "
            f"{_n(trace.own_losses[index])} and the other one "
            f"{_n(trace.other_losses[index])}."
        )
    for epoch in trace.best_epochs:
        ax.axvline(epoch, color=MUTED, linewidth=1, linestyle=":")
    _legend_above(ax, 2)
    ax.set(xlabel="epoch", ylabel="loss", xlim=(0, len(trace.losses[0]) - 1))
    return (
        f"The losses of one run on two parts over {len(trace.losses[0]) - 1} epochs. "
        f"{' '.join(said)} The mean of the choosers is "
        f"{_n(trace.own_mean)}, that of the judges {_n(trace.other_mean)}."
    )


@_draws(figsize=(4.8, 3.6))
def split_pairs(trace: ManySplits, ax: Axes = NEW) -> str:
    """Plot the test loss at the stop and at the end, for every split.

    Examples
    --------
    >>> from gdbook.examples.early_stopping import many_splits
    >>> print(split_pairs(many_splits(2, num_epochs=2)).alt[:51])
    The test loss in 2 splits. The restored network has
    """
    rows = np.arange(trace.num_splits)
    stop, end = _array(trace.stop_losses), _array(trace.end_losses)
    for row in rows:
        ax.plot((stop[row], end[row]), (row, row), color=MUTED, linewidth=1.4)
    ax.plot(end, rows, "D", color=RED, label="at the end")
    ax.plot(stop, rows, "o", color=GREEN, label="at the stop")
    _legend_above(ax, 2)
    ax.set(xlabel="test loss", ylabel="split", yticks=rows)
    ax.locator_params(axis="x", nbins=5)
    ax.set_xlim(0, None)
    ax.invert_yaxis()
    return (
        f"The test loss in {trace.num_splits} splits. The restored network has "
        f"{_and(trace.stop_losses)}, the network at the end {_and(trace.end_losses)}: "
        f"the restored one is better in {trace.num_better} of them."
    )
