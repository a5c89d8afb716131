"""Draw the chapter on Keras: the same losses, slopes layer by layer, a run."""

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.in_keras import DeepSlopes, KerasRun, SameLosses
from gdbook.plotting._base import (
    BLUE,
    GREEN,
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
    _name_at_end,
    _note,
    _rule,
)

_SEEN = 0.001  # less than that is neither seen nor the same on every processor


@_draws(figsize=(4.8, 3.6))
def keras_losses(trace: SameLosses, ax: Axes = NEW) -> str:
    """Draw the losses of this library as lines, and those of Keras as dots on them.

    Examples
    --------
    >>> from gdbook.examples.in_keras import SameLosses
    >>> same = SameLosses(("descent",), ((0.5, 0.25),), ((0.5, 0.2501),), (4e-4,), 33, 9, (1,))
    >>> print(keras_losses(same).alt)
    The loss of one network over 1 step, as a line computed by this library and as dots computed by Keras, which lie on it. With descent it falls from 0.5 to 0.25, and the two differ by 0.001 of it at most.
    """
    parts: list[str] = []
    rows = zip(trace.rules, trace.ours, trace.theirs, trace.largest, strict=True)
    for rule, ours, theirs, largest in rows:
        look = _rule(rule)
        ax.plot(_array(ours), linewidth=1.6, label=rule, **look)
        # A dot here and there, shifted from rule to rule, so that all can be seen.
        steps = np.arange(2 * len(parts) % len(theirs), len(theirs), 6)
        ax.plot(steps, _array(theirs)[steps], "o", color=look["color"], markersize=5)
        falls = f"from {_n(ours[0])} to {_n(ours[-1])}"
        apart = _n(max(largest, _SEEN))
        parts.append(
            f"with {rule} {falls}, differing by {apart}"
            if parts
            else f"With {rule} it falls {falls}, and the two differ by {apart} of it at most"
        )
    ax.set(xlabel="step", ylabel="loss")
    ax.legend(labelcolor="linecolor", handlelength=1.2, loc="upper right")
    return (
        f"The loss of one network over {_count(len(trace.ours[0]) - 1, 'step')}, as a "
        "line computed by this library and as dots computed by Keras, which lie on it. "
        f"{'; '.join(parts)}."
    )


@_draws(figsize=(4.8, 3.6))
def keras_slopes(trace: DeepSlopes, ax: Axes = NEW) -> str:
    """Plot how large the slopes are in each layer of deep networks.

    Examples
    --------
    >>> from gdbook.examples.in_keras import DeepSlopes
    >>> slopes = DeepSlopes(("sigmoid", "ReLU"), ((1e-4, 0.01), (0.02, 0.01)), (0.01, 2))
    >>> print(keras_slopes(slopes).alt)
    The size of the slopes in layers 1 to 2 of deep networks, on a logarithmic scale. In the first layer it is 0.0001 for sigmoid and 0.02 for ReLU; in the last one 0.01 and 0.01.
    """
    num_layers = len(trace.sizes[0])
    layers = np.arange(1, num_layers + 1)
    for kind, sizes, color in zip(
        trace.kinds, trace.sizes, (RED, BLUE, GREEN), strict=False
    ):
        ax.semilogy(layers, _array(sizes), "o-", color=color, markersize=4, label=kind)
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="hidden layer, from the inputs", ylabel="size of the slopes")
    _legend_above(ax, 2)
    listed = _listed(
        f"{_n(sizes[0])} for {kind}"
        for kind, sizes in zip(trace.kinds, trace.sizes, strict=True)
    )
    return (
        f"The size of the slopes in layers 1 to {num_layers} of deep networks, on a "
        f"logarithmic scale. In the first layer it is {listed}; in the last one "
        f"{_and([sizes[-1] for sizes in trace.sizes])}."
    )


@_draws(figsize=(4.8, 3.6))
def keras_run(trace: KerasRun, ax: Axes = NEW) -> str:
    """Plot the losses of a run that Keras recorded, with its best epoch.

    Examples
    --------
    >>> from gdbook.examples.in_keras import recorded
    >>> run = recorded({"loss": [0.5, 0.25, 0.125], "val_loss": [0.5, 0.375, 0.75]})
    >>> print(keras_run(run).alt)
    The losses over 3 epochs. On the training samples the loss goes from 0.5 to 0.125. On the validation samples it is least, 0.375, at epoch 2, and ends at 0.75.
    """
    epochs = np.arange(1, trace.num_epochs + 1)
    best = (trace.best_epoch, trace.best_loss)
    for values, name, color in (
        (trace.losses, "training", TRAINING),
        (trace.validation_losses, "validation", VALIDATION),
    ):
        ax.plot(epochs, _array(values), color=color)
        _name_at_end(ax, epochs[-1], values[-1], name, color)
    rates = trace.learning_rates
    falls = [t for t in range(1, len(rates)) if rates[t] < rates[t - 1]]
    for index in falls:
        ax.axvline(epochs[index], color=MUTED, linewidth=1, linestyle=":")
    ax.plot(*best, "o", color=GREEN)
    _note(ax, f"best: epoch {trace.best_epoch}", best, (-30, -34), color=GREEN)
    ax.locator_params(axis="x", integer=True)
    ax.margins(y=0.15)  # room for the note below
    ax.set(xlabel="epoch", ylabel="loss")
    lowered = ""
    if falls:
        listed = _and([int(epochs[index]) for index in falls])
        lowered = f" The rate falls before epoch{'s' * (len(falls) > 1)} {listed}."
    return (
        f"The losses over {trace.num_epochs} epochs. On the training samples the loss "
        f"goes from {_n(trace.losses[0])} to {_n(trace.losses[-1])}. On the validation "
        f"samples it is least, {_n(trace.best_loss)}, at epoch {trace.best_epoch}, and "
        f"ends at {_n(trace.validation_losses[-1])}.{lowered}"
    )
