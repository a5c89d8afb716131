"""Draw the chapter on vanishing gradients: slopes that shrink, and nodes that die."""

import numpy as np
from matplotlib.axes import Axes

from gdbook.activations import sigmoid_slope
from gdbook.examples.vanishing_gradients import (
    Chain,
    DeadShares,
    LayerSlopes,
    NeuronStarts,
    Remedies,
)
from gdbook.plotting._base import (
    ACTIVATIONS,
    BLUE,
    GREEN,
    INK,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _and,
    _array,
    _count,
    _draws,
    _legend_above,
    _n,
    _note,
)

_START_COLORS = (GREEN, RED, PURPLE, BLUE)


@_draws()
def sigmoid_starts(trace: NeuronStarts, ax: Axes = NEW) -> str:
    """Plot the slope of the sigmoid over its sum, with the starts of a node marked.

    Examples
    --------
    >>> from gdbook.examples.vanishing_gradients import saturated_neuron
    >>> print(sigmoid_starts(saturated_neuron(num_steps=1)).alt)
    The slope of the sigmoid over the sum that reaches it: a hump of height 0.25 at 0. The start with the sum 1.5 meets the slope 0.149; the start with the sum 4 meets the slope 0.0177.
    """
    reach = max(6.0, *(abs(z) for z in trace.sums))
    sums = np.linspace(-reach, reach, 241)
    ax.plot(sums, sigmoid_slope(sums), color=MUTED)
    top = sigmoid_slope(0)
    ax.plot([0], [top], "o", color=INK)
    _note(ax, f"steepest: {_n(top)}", (0, top), (-78, -6), color=INK)
    said: list[str] = []
    for index, (z, slope) in enumerate(
        zip(trace.sums, trace.activation_slopes, strict=True)
    ):
        color = _START_COLORS[index % len(_START_COLORS)]
        ax.plot([z], [slope], "o", color=color)
        _note(ax, f"start: {_n(slope)}", (z, slope), (32, 26), color=color)
        said.append(f"the start with the sum {_n(z)} meets the slope {_n(slope)}")
    ax.set(xlabel="sum z", ylabel="slope of the sigmoid", ylim=(0, 0.29))
    return (
        "The slope of the sigmoid over the sum that reaches it: a hump of height "
        f"{_n(top)} at 0. {_sentence('; '.join(said))}"
    )


@_draws(figsize=(4.8, 3.9))
def neuron_losses(trace: NeuronStarts, ax: Axes = NEW) -> str:
    """Plot the loss of a node over its steps, one line for each start.

    Examples
    --------
    >>> from gdbook.examples.vanishing_gradients import saturated_neuron
    >>> print(neuron_losses(saturated_neuron()).alt)
    The loss over 300 steps. From the sum 1.5 it falls from 0.334 to 0.00441, and the prediction from 0.818 to 0.094; from the sum 4 the loss falls from 0.482 to 0.0206, and the prediction from 0.982 to 0.203.
    """
    said: list[str] = []
    for index, own in enumerate(trace.losses):
        first, last = trace.first_predictions[index], trace.last_predictions[index]
        ax.plot(
            own,
            color=_START_COLORS[index % len(_START_COLORS)],
            label=f"prediction {_n(first, 2)} to {_n(last, 2)}",
        )
        which = "the loss falls" if said else "it falls"
        said.append(
            f"from the sum {_n(trace.sums[index])} {which} from {_n(own[0])} to "
            f"{_n(own[-1])}, and the prediction from {_n(first)} to {_n(last)}"
        )
    _legend_above(ax)
    ax.set(xlabel="step", ylabel="loss")
    ax.set_ylim(bottom=0)
    return (
        f"The loss over {_count(len(trace.losses[0]) - 1, 'step')}. "
        f"{_sentence('; '.join(said))}"
    )


@_draws(figsize=(4.8, 3.9), most=len(_START_COLORS))
def chain_slopes(trace: tuple[Chain, ...], ax: Axes = NEW) -> str:
    """Plot the slope that reaches each node of a chain.

    Examples
    --------
    >>> from gdbook.examples.vanishing_gradients import chain
    >>> print(chain_slopes((chain(), chain(4, 0))).alt)
    The slope that reaches the output of each node, on a logarithmic scale, from 1 at node 10 back to the input. With weight 1 and bias −0.5 it is 9.54 × 10⁻⁷ at the input; with weight 4 and bias 0 it is 5.49 × 10⁻¹¹ at the input.
    """
    said: list[str] = []
    for own, color in zip(trace, _START_COLORS, strict=False):
        sizes = abs(_array(own.slopes))
        name = f"weight {_n(own.weight)}, bias {_n(own.bias)}"
        ax.semilogy(sizes, "o-", color=color, markersize=4, label=name)
        said.append(f"{name.replace(',', ' and')} it is {_n(sizes[0])} at the input")
    _legend_above(ax)
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="node (0 is the input)", ylabel="slope of the output")
    listed = "; with ".join(said)
    return (
        "The slope that reaches the output of each node, on a logarithmic scale, from "
        f"1 at node {len(trace[0].factors)} back to the input. With {listed}."
    )


@_draws(figsize=(4.8, 3.9), most=4)
def layer_slopes(trace: tuple[LayerSlopes, ...], ax: Axes = NEW) -> str:
    """Plot the slope that reaches each hidden layer, relative to the last.

    Examples
    --------
    >>> from gdbook.examples.vanishing_gradients import layer_slopes as measured
    >>> print(layer_slopes((measured(n_layers=2),)).alt[:90])
    The slope that reaches each of 2 hidden layers, relative to the last, on a logarithmic sca
    """
    said: list[str] = []
    for own in trace:
        sizes = _array(own.slopes) / own.slopes[-1]
        name = f"{own.activation}, {own.initialise}"
        layers = np.arange(1, len(sizes) + 1)
        color = ACTIVATIONS[own.activation]
        ax.semilogy(layers, sizes, "o-", color=color, markersize=4, label=name)
        said.append(f"{_n(sizes[0])} with {name.replace(',', ' and')}")
    ax.axhline(1, color=MUTED, linewidth=1, linestyle=":")
    _legend_above(ax)
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="hidden layer", ylabel="slope, last layer = 1")
    return (
        f"The slope that reaches each of {len(trace[0].slopes)} hidden layers, relative "
        "to the last, on a logarithmic scale. At the first layer it is "
        f"{', '.join(said)}."
    )


@_draws(figsize=(4.8, 4.5))
def remedy_losses(trace: Remedies, ax: Axes = NEW) -> str:
    """Plot the loss of deep networks over the epochs, one line for each remedy.

    Networks whose loss stays within five percent of a guess are drawn in grey.

    Examples
    --------
    >>> from gdbook.examples.vanishing_gradients import remedies
    >>> trained = remedies([("sigmoid", "glorot", False)], num_epochs=2, n_layers=8)
    >>> print(remedy_losses(trained).alt[:58])
    The loss over 2 epochs; a guess has loss 2.3. 1 network st
    """
    stuck = [float(last) > 0.95 * float(trace.guess) for last in trace.last_losses]
    colors = iter((PURPLE, BLUE, GREEN, RED) * len(stuck))
    said: list[str] = []
    for name, own, is_stuck in zip(trace.names, trace.losses, stuck, strict=True):
        if is_stuck:
            ax.plot(_array(own), color=MUTED, linewidth=2.4)
        else:
            ax.plot(_array(own), color=next(colors), label=name)
            said.append(f"{name} ends at {_n(own[-1])}")
    count = stuck.count(True)
    if count:
        ax.plot([], [], color=MUTED, label=f"stuck: {_count(count, 'network')}")
    ax.axhline(float(trace.guess), color=MUTED, linewidth=1, linestyle=":")
    _legend_above(ax, bbox_to_anchor=(0.45, 1.0))
    ax.set(xlabel="epoch", ylabel="loss")
    ax.set_ylim(bottom=0)
    return (
        f"The loss over {_count(len(trace.losses[0]) - 1, 'epoch')}; a guess has loss "
        f"{_n(trace.guess)}. {_count(count, 'network')} stay{'s' * (count == 1)} "
        f"near it{''.join('; ' + part for part in said)}."
    )


@_draws(figsize=(4.8, 3.6), most=4)
def dead_shares(trace: tuple[DeadShares, ...], ax: Axes = NEW) -> str:
    """Plot the share of silent nodes over the learning rate.

    Examples
    --------
    >>> from gdbook.examples.vanishing_gradients import dead_shares as counted
    >>> one = counted(learning_rates=(0.25, 2), num_steps=1, n_networks=1)
    >>> print(dead_shares((one,)).alt[:62])
    The percentage of silent nodes over the learning rates 0.25 an
    """
    said: list[str] = []
    for own in trace:
        rates, silent = _array(own.learning_rates), 100 * _array(own.silent)
        dead = 100 * _array(own.dead)
        word = "dead" if (dead == silent).all() else "silent, not dead"
        ax.semilogx(
            rates,
            silent,
            "o-",
            color=ACTIVATIONS[own.activation],
            label=f"{own.activation}: {word}",
        )
        said.append(
            f"with {own.activation} {_and([float(f'{x:.1f}') for x in silent])}, of "
            f"which dead {_and([float(f'{x:.1f}') for x in dead])}"
        )
    rates = _array(trace[0].learning_rates)
    ax.axhline(100 * trace[0].born_silent, color=MUTED, linewidth=1, linestyle=":")
    ax.set_xticks(rates, [_n(rate) for rate in rates])
    ax.minorticks_off()
    ax.legend(loc="upper left", labelcolor="linecolor")
    ax.set(xlabel="learning rate", ylabel="percent of the nodes", ylim=(0, 105))
    return (
        f"The percentage of silent nodes over the learning rates {_and(tuple(rates))}; "
        f"at the start it is {_n(100 * trace[0].born_silent)}. "
        f"{_sentence('; '.join(said))}"
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
