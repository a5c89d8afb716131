"""Draw the chapter on validation: splits, scores, and how far they mislead."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gdbook.examples.validation import (
    ClassShares,
    Deals,
    HeldOutSizes,
    LeakedChoice,
    NearestPictures,
    Staircase,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    GRID,
    MUTED,
    NEW,
    RED,
    _and,
    _array,
    _draws,
    _legend_above,
    _listed,
    _n,
    _note,
)
from gdbook.splits import Split


@_draws(figsize=(4.8, 2.35))
def nearest_digits(trace: NearestPictures, ax: Axes = NEW) -> str:
    """Draw held-out digits above the nearest ones in memory.

    Examples
    --------
    >>> from gdbook.examples.validation import nearest_pictures
    >>> print(nearest_digits(nearest_pictures(1, 2)).alt)
    3 held-out digits, each above the nearest one in memory: a 2 answered with 2, a 2 answered with 3 and a 9 answered with 3.
    """
    pairs = zip(trace.asked, trace.nearest, strict=True)
    for column, pictures in enumerate(pairs):
        right = trace.labels[column] == trace.answers[column]
        color = GREEN if right else RED
        left = 1.15 * column
        for bottom, picture in zip((1.15, 0), pictures, strict=True):
            ax.imshow(
                1 - _array(picture),
                cmap="gray",
                vmin=0,
                vmax=1,
                extent=(left, left + 1, bottom, bottom + 1),
                interpolation="nearest",
                rasterized=True,
            )
            frame = Rectangle((left, bottom), 1, 1, fill=False, edgecolor=color, lw=2)
            ax.add_patch(frame)
        middle = left + 0.5
        for height, align, label in (
            (2.22, "bottom", trace.labels[column]),
            (-0.08, "top", trace.answers[column]),
        ):
            ax.text(
                middle,
                height,
                str(label),
                ha="center",
                va=align,
                color=color,
                fontsize=13,
            )
    for height, words in ((1.65, "held\nout"), (0.5, "nearest\nseen")):
        ax.text(-0.15, height, words, ha="right", va="center", color=MUTED)
    width = 1.15 * len(trace.labels)
    ax.set(xlim=(-1, width), ylim=(-0.5, 2.65), aspect="equal")
    ax.axis("off")
    cases = [
        f"a {label} answered with {answer}"
        for label, answer in zip(trace.labels, trace.answers, strict=True)
    ]
    return (
        f"{len(cases)} held-out digits, each above the nearest one in memory: "
        f"{_listed(cases)}."
    )


@_draws()
def score_staircase(trace: Staircase, ax: Axes = NEW) -> str:
    """Plot loss and accuracy over the bias.

    Examples
    --------
    >>> from gdbook.examples.validation import accuracy_and_loss
    >>> print(score_staircase(accuracy_and_loss()).alt)
    Loss and accuracy over the bias from −5 to 5. The loss is a smooth bowl, least, 0.496, at the bias 0. The accuracy is a staircase between 0.5 and 0.833, and 0.667 where the loss is least. At the bias −2.5 the loss has slope −0.296 and the accuracy slope 0.
    """
    biases, accuracies = _array(trace.biases), _array(trace.accuracies)
    ax.plot(biases, _array(trace.losses), color=BLUE)
    # The accuracy of a bias holds up to the next one.
    ax.step(biases, accuracies, where="pre", color=RED)
    ax.axvline(float(trace.bias), color=MUTED, linewidth=1, linestyle=":")
    best = (float(trace.least_loss_bias), trace.least_loss)
    ax.plot(*best, "o", color=BLUE)
    _note(ax, f"least loss {_n(best[1])}", best, (0, -22), color=BLUE)
    there = (best[0], trace.accuracy_there)
    ax.plot(*there, "o", color=RED)
    _note(ax, f"accuracy {_n(there[1])}", there, (0, 34), color=RED)
    ax.text(biases[0] + 0.2, trace.losses[0] - 0.05, "  loss", color=BLUE, va="bottom")
    ax.text(biases[0], accuracies[0] - 0.06, "accuracy", color=RED, va="top")
    ax.set(xlabel="bias", ylabel="loss, accuracy", ylim=(0, None))
    return (
        f"Loss and accuracy over the bias from {_n(biases[0])} to {_n(biases[-1])}. The "
        f"loss is a smooth bowl, least, {_n(best[1])}, at the bias {_n(best[0])}. The "
        f"accuracy is a staircase between {_n(min(accuracies))} and "
        f"{_n(trace.best_accuracy)}, and {_n(there[1])} where the loss is least. At the "
        f"bias {_n(trace.bias)} the loss has slope {_n(trace.loss_slope)} and the "
        f"accuracy slope {_n(trace.accuracy_slope)}."
    )


@_draws(figsize=(4.8, 3.6))
def score_spread(trace: HeldOutSizes, ax: Axes = NEW) -> str:
    """Plot the scores of small draws from the held-out samples over their size.

    Examples
    --------
    >>> from gdbook.examples.validation import held_out_sizes
    >>> print(score_spread(held_out_sizes()).alt)
    The accuracy on draws of 10 to 1000 held-out samples, around 0.854 on all 1744. The lowest score rises from 0.4 to 0.828, the highest falls from 1 to 0.879. Two standard errors shrink from 0.223 to 0.0146.
    """
    sizes, errors = _array(trace.sizes), _array(trace.standard_errors)
    ax.fill_between(
        sizes,
        trace.accuracy - 2 * errors,
        np.minimum(trace.accuracy + 2 * errors, 1),
        color=BLUE,
        alpha=0.2,
        linewidth=0,
    )
    ax.axhline(trace.accuracy, color=BLUE, linewidth=1.4)
    ax.semilogx(sizes, trace.highest, "o", color=GREEN)
    ax.semilogx(sizes, trace.lowest, "o", color=RED)
    last = len(sizes) // 2
    _note(ax, "highest", (sizes[last], trace.highest[last]), (34, 16), color=GREEN)
    _note(ax, "lowest", (sizes[last], trace.lowest[last]), (34, -22), color=RED)
    ax.text(
        sizes[-1],
        trace.accuracy + 2.4 * errors[-1] + 0.02,
        f"all: {_n(trace.accuracy)}",
        color=BLUE,
        ha="right",
        va="bottom",
    )
    ax.set(xlabel="held-out samples drawn", ylabel="accuracy", ylim=(None, 1.04))
    return (
        f"The accuracy on draws of {_n(sizes[0])} to {_n(sizes[-1], 4)} held-out "
        f"samples, around {_n(trace.accuracy)} on all {_n(trace.n_held_out, 4)}. The "
        f"lowest score rises from {_n(trace.lowest[0])} to {_n(trace.lowest[-1])}, the "
        f"highest falls from {_n(trace.highest[0])} to {_n(trace.highest[-1])}. Two "
        f"standard errors shrink from {_n(2 * errors[0])} to {_n(2 * errors[-1])}."
    )


@_draws(figsize=(4.8, 2.4))
def fold_grid(trace: tuple[Split, ...], ax: Axes = NEW) -> str:
    """Draw which samples each training holds out.

    Examples
    --------
    >>> from gdbook.splits import folds
    >>> print(fold_grid(folds(6, 3)).alt)
    3 rows, one for each training, and 6 columns, one for each sample. The rows hold out 2, 2 and 2 samples, every sample once.
    """
    n_samples = len(trace[0].training) + len(trace[0].held_out)
    for row, split in enumerate(trace):
        aside = set(split.held_out.tolist())
        for sample in range(n_samples):
            color = RED if sample in aside else GRID
            place = (sample + 0.08, -row - 0.92)
            ax.add_patch(
                Rectangle(place, 0.84, 0.84, facecolor=color, edgecolor="none")
            )
    ax.set(
        xlim=(0, n_samples),
        ylim=(-len(trace), 0),
        xlabel="sample",
        ylabel="training",
        yticks=[-row - 0.5 for row in range(len(trace))],
        yticklabels=[str(row + 1) for row in range(len(trace))],
        xticks=[],
    )
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    held_out = [len(split.held_out) for split in trace]
    times = np.bincount(
        np.concatenate([split.held_out for split in trace]), minlength=n_samples
    )
    how = "every sample once" if (times == 1).all() else "some more often than others"
    return (
        f"{len(trace)} rows, one for each training, and {n_samples} columns, one for "
        f"each sample. The rows hold out {_and(held_out)} samples, {how}."
    )


@_draws(figsize=(4.8, 3.6))
def fold_scores(trace: Deals, ax: Axes = NEW) -> str:
    """Plot the score of every fold in every deal, and the mean of each deal.

    Examples
    --------
    >>> from gdbook.examples.validation import deals
    >>> print(fold_scores(deals(num_deals=2)).alt[:60])
    The accuracy of 10 networks in 2 deals of 5 folds. The folds
    """
    for deal, (own, mean) in enumerate(
        zip(trace.scores, trace.means, strict=True), start=1
    ):
        ax.plot([deal] * len(own), own, "o", color=BLUE, alpha=0.55, markersize=7)
        ax.plot(deal, mean, "D", color=RED, markersize=8)
    names = {"handles": ax.lines[:2], "labels": ["one fold", "mean of a deal"]}
    _legend_above(ax, 2, **names)
    ax.set(xlabel="deal", ylabel="held-out accuracy")
    ax.set_xticks(range(1, len(trace.means) + 1))
    return (
        f"The accuracy of {trace.num_trainings} networks in {len(trace.scores)} deals of "
        f"{len(trace.scores[0])} folds. The folds score from {_n(trace.lowest)} to "
        f"{_n(trace.highest)}, the means of the deals from {_n(min(trace.means))} to "
        f"{_n(max(trace.means))}."
    )


@_draws()
def rare_shares(trace: ClassShares, ax: Axes = NEW) -> str:
    """Draw how many samples of the rare class each fold gets.

    Examples
    --------
    >>> from gdbook.examples.validation import class_shares
    >>> print(rare_shares(class_shares()).alt)
    How many of 20 malignant tumours each of 10 folds gets: 2, 5, 3, 0, 0, 4, 4, 1, 0 and 1 dealt by chance, 2, 2, 2, 2, 2, 2, 2, 2, 2 and 2 stratified.
    """
    folds = np.arange(1, len(trace.shuffled) + 1)
    for shift, counts, color, name in (
        (-0.2, trace.shuffled, RED, "by chance"),
        (0.2, trace.stratified, GREEN, "stratified"),
    ):
        ax.bar(folds + shift, counts, 0.36, color=color, label=name)
        for fold, count in zip(folds, counts, strict=True):
            if count == 0:
                ax.text(fold + shift, 0.06, "0", color=color, ha="center")
    _legend_above(ax, 2, labelcolor=[RED, GREEN])
    ax.set_xticks(folds)
    ax.grid(visible=False, axis="x")
    ax.locator_params(axis="y", integer=True)
    ax.set(xlabel="fold", ylabel="malignant tumours")
    return (
        f"How many of {trace.num_rare} malignant tumours each of {len(folds)} folds "
        f"gets: {_and(trace.shuffled)} dealt by chance, {_and(trace.stratified)} "
        "stratified."
    )


@_draws()
def leaked_scores(trace: LeakedChoice, ax: Axes = NEW) -> str:
    """Plot the scores on noise, with inputs chosen the wrong and the right way.

    Examples
    --------
    >>> from gdbook.examples.validation import leaked_choice
    >>> print(leaked_scores(leaked_choice(num_repeats=2)).alt[:66])
    The mean accuracy over the folds for 2 draws of noise. With inputs
    """
    draws = np.arange(1, len(trace.leaked) + 1)
    ax.vlines(draws, trace.honest, trace.leaked, color=GRID, linewidth=2, zorder=1)
    ax.axhline(0.5, color=MUTED, linewidth=1, linestyle=":")
    ax.plot(draws, trace.leaked, "o", color=RED, label="chosen on all")
    ax.plot(draws, trace.honest, "o", color=GREEN, label="chosen in each fold")
    _legend_above(ax, 2, handlelength=0.8, columnspacing=1.0)
    ax.text(draws[-1] + 1.4, 0.505, "chance", color=MUTED, ha="right", va="bottom")
    ax.set_xticks(draws)
    ax.set(
        xlabel="draw of noise",
        ylabel="held-out accuracy",
        ylim=(0.3, 1),
        xlim=(0.5, draws[-1] + 1.5),
    )
    return (
        f"The mean accuracy over the folds for {len(draws)} draws of noise. With inputs "
        f"chosen on all samples it lies from {_n(min(trace.leaked))} to "
        f"{_n(max(trace.leaked))}, chosen in each fold anew from "
        f"{_n(min(trace.honest))} to {_n(max(trace.honest))}; chance is 0.5."
    )
