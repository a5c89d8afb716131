"""Draw the chapter on deep networks: links, two norms, and gradients that are clipped."""

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.deep_networks import (
    ClippedRun,
    DeepLosses,
    LinkedChain,
    LinkedScale,
    RunningNorm,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _array,
    _count,
    _draws,
    _legend_above,
    _n,
    _note,
)

_PLAIN, _LINKED = RED, BLUE
_REMEDIES = {"plain": RED, "links": BLUE, "layer norm": GREEN, "batch norm": PURPLE}


@_draws(figsize=(4.8, 3.6))
def linked_slopes(trace: LinkedChain, ax: Axes = NEW) -> str:
    """Plot the slope that reaches each node of a chain, with links and without.

    Examples
    --------
    >>> from gdbook.examples.deep_networks import linked_chain
    >>> print(linked_slopes(linked_chain(n_layers=2)).alt)
    The slope of the output along the value of each of 3 nodes, on a logarithmic scale, from 1 at the last one back to the input: 0.0625 without links, 1.56 with links.
    """
    said: list[str] = []
    for name, slopes, color in (
        ("with links", trace.slopes, _LINKED),
        ("without links", trace.plain_slopes, _PLAIN),
    ):
        sizes = abs(_array(slopes))
        ax.semilogy(sizes, "o-", color=color, markersize=4, label=name)
        said.insert(0, f"{_n(sizes[0])} {name}")
    _legend_above(ax, columns=2)
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="node (0 is the input)", ylabel="slope of the output")
    return (
        f"The slope of the output along the value of each of {len(trace.slopes)} nodes, "
        "on a logarithmic scale, from 1 at the last one back to the input: "
        f"{', '.join(said)}."
    )


@_draws(figsize=(4.8, 4.4))
def remedy_ranges(trace: tuple[DeepLosses, ...], ax: Axes = NEW) -> str:
    """Plot where the losses of deep networks end, from the least to the greatest.

    Examples
    --------
    >>> from gdbook.examples.deep_networks import deep_losses
    >>> one = deep_losses(num_epochs=1, n_layers=2, num_seeds=2)
    >>> print(remedy_ranges((one,)).alt[:74])
    Where the loss ends, over several starts; a guess has 2.3. tanh, normal wi
    """
    said, names = [], []
    for row, own in enumerate(trace):
        color = _REMEDIES[own.remedy]
        ends = float(own.least), float(own.greatest)
        ax.plot(ends, (row, row), color=color, linewidth=5, solid_capstyle="butt")
        ax.plot([float(own.median)], [row], "o", color=color)
        names.append(f"{own.activation}: {own.remedy}")
        said.append(
            f"{own.activation}, {own.initialise} with {own.remedy}: {_n(ends[0])} to "
            f"{_n(ends[1])}"
        )
    guess = float(trace[0].guess)
    ax.axvline(guess, color=MUTED, linewidth=1, linestyle=":")
    ax.set_yticks(range(len(trace)), names)
    ax.invert_yaxis()
    ax.set_xlim(left=0)
    ax.set(xlabel="loss after training (dotted: a guess)")
    return (
        f"Where the loss ends, over several starts; a guess has {_n(guess)}. "
        f"{'; '.join(said)}."
    )


@_draws()
def running_norms(trace: RunningNorm, ax: Axes = NEW) -> str:
    """Plot what batch normalisation makes of a number, over the batches it has seen.

    Examples
    --------
    >>> from gdbook.examples.deep_networks import running_norm
    >>> print(running_norms(running_norm(num_batches=2)).alt)
    What batch normalisation makes of a number when predicting: 12 before the first batch, and 4.53 after 2 batches. In training it is 1.
    """
    predicted = _array(trace.predicted)
    ax.plot(trace.batches, predicted, color=BLUE)
    ax.plot(trace.batches[:2], predicted[:2], "o", color=BLUE)
    ax.axhline(trace.in_training, color=MUTED, linewidth=1, linestyle=":")
    seen, at = trace.batches[-1], (trace.batches[1], float(predicted[1]))
    _note(ax, f"after one batch: {_n(at[1])}", at, (76, 12), color=INK)
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="batches seen", ylabel="when predicting")
    return (
        "What batch normalisation makes of a number when predicting: "
        f"{_n(predicted[0])} before the first batch, and {_n(predicted[-1])} after "
        f"{seen} {'batches' if seen > 1 else 'batch'}. "
        f"In training it is {_n(trace.in_training)}."
    )


@_draws(figsize=(4.8, 3.6))
def linked_sizes(trace: LinkedScale, ax: Axes = NEW) -> str:
    """Plot how large the values are that leave each hidden layer.

    Examples
    --------
    >>> from gdbook.examples.deep_networks import linked_scale
    >>> print(linked_sizes(linked_scale(n_layers=2)).alt[:89])
    The size of what leaves each of 2 hidden layers, on a logarithmic scale: without links fr
    """
    said: list[str] = []
    for name, sizes, color in (
        ("with links", trace.sizes, _LINKED),
        ("without links", trace.plain_sizes, _PLAIN),
    ):
        layers = np.arange(1, len(sizes) + 1)
        ax.semilogy(layers, _array(sizes), "o-", color=color, markersize=4, label=name)
        said.insert(0, f"{name} from {_n(sizes[0])} to {_n(sizes[-1])}")
    _legend_above(ax, columns=2)
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="hidden layer", ylabel="root of the mean square")
    return (
        f"The size of what leaves each of {len(trace.sizes)} hidden layers, on a "
        f"logarithmic scale: {', '.join(said)}."
    )


@_draws(figsize=(4.8, 3.9))
def gradient_norms(trace: ClippedRun, ax: Axes = NEW) -> str:
    """Plot the norm of the gradient in every step, clipped and not.

    Examples
    --------
    >>> from gdbook.examples.deep_networks import clipped_run
    >>> print(gradient_norms(clipped_run(num_epochs=2)).alt[:79])
    The norm of the gradient in each step, before clipping, on a logarithmic scale.
    """
    said: list[str] = []
    for name, norms, color in (
        ("as they are", trace.plain_norms, _PLAIN),
        ("clipped", trace.norms, _LINKED),
    ):
        steps = np.arange(1, len(norms) + 1)
        ax.semilogy(steps, _array(norms), "o-", color=color, markersize=3, label=name)
        said.append(
            f"{name}, it goes from {_n(norms[0])} to {_n(norms[-1])} in "
            f"{_count(len(norms), 'step')}"
        )
    ax.axhline(float(trace.longest), color=MUTED, linewidth=1, linestyle=":")
    _legend_above(ax, columns=2)
    ax.set(xlabel="step (dotted: the limit)", ylabel="norm of the gradient")
    top = 1e3 * max(trace.norms)  # where steps as they are leave the picture
    ax.set_ylim(top=max(top, 10 * float(trace.longest)))
    text = "; ".join(said)
    return (
        "The norm of the gradient in each step, before clipping, on a logarithmic "
        f"scale. {text[0].upper()}{text[1:]}."
    )
