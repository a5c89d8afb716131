"""Draw the chapter on the weight update: one weight on its way."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from gdbook import losses
from gdbook.examples.weight_update import Promise, Repeated
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    MUTED,
    NEW,
    RED,
    _array,
    _draws,
    _halo,
    _legend_above,
    _listed,
    _n,
    _note,
)


@_draws()
def one_step(trace: Repeated, ax: Axes = NEW) -> str:
    """Draw the tangent at the first weight, and the step that follows from it.

    Examples
    --------
    >>> from gdbook.examples.weight_update import repeated
    >>> print(one_step(repeated(num_steps=1)).alt)
    The loss over the weight near its start. At weight 2 the loss is 16 and the tangent falls by 24 for each unit of weight; one step leads to weight 2.24 and loss 10.8.
    """
    loss = _weight_loss(trace)
    (w0, w1), (l0, l1) = (
        _array(values[:2]) for values in (trace.weights, trace.losses)
    )
    slope = 2 * float(trace.errors[0]) * float(trace.input_value)
    around = np.linspace(w0 - 1.4 * abs(w1 - w0), w1 + 1.6 * abs(w1 - w0), 61)
    ax.plot(around, [loss(w) for w in around], color=MUTED)
    touching = np.array([w0 - abs(w1 - w0), w1])
    ax.plot(touching, l0 + slope * (touching - w0), color=RED, linewidth=1.4)
    ax.plot([w0, w1], [l0, l0], color=MUTED, linewidth=1, linestyle=":")
    ax.plot([w1, w1], [l0, l1], color=MUTED, linewidth=1, linestyle=":")
    ax.plot([w0], [l0], "o", color=BLUE)
    ax.plot([w1], [l1], "o", color=GREEN)
    _note(
        ax,
        f"slope {_n(slope)}",
        (float(touching[0]), float(l0 - slope * (w0 - touching[0]))),
        (52, 2),
        color=RED,
    )
    _halo(
        ax,
        float(w0),
        float(l0) - 2.6,
        f"weight {_n(w0)}\nloss {_n(l0)}",
        ha="right",
        va="top",
        color=BLUE,
    )
    _halo(
        ax,
        float(w1) + 0.02,
        float(l1) + 1.0,
        f"weight {_n(w1)}\nloss {_n(l1)}",
        ha="left",
        va="bottom",
        color=GREEN,
    )
    ax.set(xlabel="weight", ylabel="loss")
    return (
        f"The loss over the weight near its start. At weight {_n(w0)} the loss is "
        f"{_n(l0)} and the tangent falls by {_n(-slope)} for each unit of weight; "
        f"one step leads to weight {_n(w1)} and loss {_n(l1)}."
    )


@_draws(figsize=(4.8, 3.5))
def promise_and_kept(trace: tuple[Promise, ...], ax: Axes = NEW) -> str:
    """Plot what the tangent promises of a step and what the step keeps, over the rate.

    Examples
    --------
    >>> from gdbook.examples.weight_update import promises
    >>> print(promise_and_kept(promises()).alt)
    The fall of the loss in one step over the learning rate. What the tangent promises is a straight line; what the step keeps is a parabola that is highest, 16, at the rate 0.0556 and back at nothing at 0.111. At the rates 0.0278, 0.0556, 0.0833, 0.111 and 0.167 a step keeps 12, 16, 12, 0 and −48.
    """
    slope, square = float(trace[0].slope), float(trace[0].square)
    bound = 1 / square  # two over the curvature, which is twice the square
    rates, kept, promised = (
        _array([getattr(one, name) for one in trace])
        for name in ("learning_rate", "kept", "promised")
    )
    along = np.linspace(0, 1.05 * max(*rates, bound), 101)
    fall = along * slope**2
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.plot(along, fall, color=RED, label="promised")
    ax.plot(along, fall * (1 - along * square), color=GREEN, label="kept")
    ax.vlines(rates, kept, promised, color=MUTED, linewidth=1.2, linestyle=":")
    ax.plot(rates, promised, "o", color=RED)
    ax.plot(rates, kept, "o", color=GREEN)
    _note(ax, f"2/λ = {_n(bound)}", (bound, 0), (24, 26))
    _legend_above(ax, columns=2)
    ax.set(xlabel="learning rate", ylabel="fall of the loss")
    return (
        "The fall of the loss in one step over the learning rate. What the tangent "
        "promises is a straight line; what the step keeps is a parabola that is "
        f"highest, {_n(bound * slope**2 / 4)}, at the rate {_n(bound / 2)} and back at "
        f"nothing at {_n(bound)}. At the rates {_listed(map(_n, rates))} a step keeps "
        f"{_listed(map(_n, kept))}."
    )


@_draws()
def weight_descent(trace: Repeated, ax: Axes = NEW) -> str:
    """Draw a descent on the loss of one weight, all the way.

    Examples
    --------
    >>> from gdbook.examples.weight_update import repeated
    >>> print(weight_descent(repeated()).alt)
    The loss over the weight, a parabola with its lowest point at 3.33. 51 steps lead from weight 2 with loss 16 down to weight 3.33.
    """
    loss = _weight_loss(trace)
    weights, heights = _array(trace.weights), _array(trace.losses)
    end = float(trace.settles_at)
    reach = 1.2 * float(np.max(abs(weights - end)))
    xs = np.linspace(end - reach, end + reach, 121)
    ax.plot(xs, [loss(w) for w in xs], color=MUTED)
    ax.plot(weights, heights, "o-", color=BLUE, linewidth=1.2, markersize=4.5)
    _note(ax, f"start: {_n(weights[0])}", (weights[0], heights[0]), (44, 8))
    _note(ax, f"settles at {_n(end)}", (end, 0), (0, 40))
    ax.set(xlabel="weight", ylabel="loss")
    return (
        f"The loss over the weight, a parabola with its lowest point at {_n(end)}. "
        f"{trace.num_steps} steps lead from weight {_n(weights[0])} with loss "
        f"{_n(heights[0])} down to weight {_n(weights[-1])}."
    )


def _weight_loss(trace: Repeated) -> Callable[[float], float]:
    def loss(weight: float) -> float:
        prediction = weight * float(trace.input_value)
        value: float = losses.squared_error(prediction, float(trace.target))
        return value

    return loss


@_draws(figsize=(4.8, 3.1))
def shrinking_errors(trace: Repeated, ax: Axes = NEW) -> str:
    """Plot the size of the error over the steps, on a scale where equal factors are equal lengths.

    Examples
    --------
    >>> from gdbook.examples.weight_update import repeated
    >>> print(shrinking_errors(repeated()).alt)
    The size of the error over the steps, on a logarithmic scale: a straight line from 4 at step 0 to 0.00016 at step 51. Each step multiplies it by 0.82.
    """
    sizes = abs(_array(trace.errors))
    ax.semilogy(sizes, "o-", color=BLUE, markersize=3.5, linewidth=1.2)
    middle, factor = len(sizes) // 2, abs(float(trace.factor))
    _note(ax, f"× {_n(factor)} each step", (middle, sizes[middle]), (42, 26))
    ax.set(xlabel="step", ylabel="size of the error")
    return (
        "The size of the error over the steps, on a logarithmic scale: a straight line "
        f"from {_n(sizes[0])} at step 0 to {_n(sizes[-1], 2)} at step {trace.num_steps}. "
        f"Each step multiplies it by {_n(factor)}."
    )
