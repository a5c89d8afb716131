r"""How long should a step be, and when? The learning rate over time.

.. math:: \alpha_t = s(t), \qquad t = 0, 1, 2, \dots

A schedule takes the number of steps taken and the losses so far, and returns the
learning rate of the next step; these functions are what it is made of.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from gdbook import _checks
from gdbook._checks import Number, shown
from gdbook.traces import plain

__all__ = ["constant_rate", "cosine_decay", "reduce_on_plateau", "step_decay"]

# Takes the number of steps taken and the losses so far, returns the next step's rate.
Schedule: TypeAlias = Callable[[int, Sequence[Number]], Number]


def constant_rate(learning_rate: Number, step: int) -> Any:
    r"""Keep the learning rate.

    .. math:: \alpha_t = \alpha_0

    Parameters
    ----------
    learning_rate : number
        The rate of every step, :math:`\alpha_0`, greater than 0.
    step : int
        How many steps were taken, :math:`t`, 0 or more.

    Returns
    -------
    number
        The rate of the next step.

    Examples
    --------
    >>> [constant_rate(0.5, step) for step in range(3)]
    [0.5, 0.5, 0.5]
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    _checks.count("step", step)
    return learning_rate


def cosine_decay(
    learning_rate: Number, step: int, *, num_steps: int, least: Number = 0
) -> Number:
    r"""Lower the learning rate along half a wave of the cosine.

    .. math:: \alpha_t = \alpha_{\min} + \tfrac12 (\alpha_0 - \alpha_{\min})
              \left(1 + \cos\frac{\pi t}{T}\right)

    It starts and ends gently, and is halfway in the middle. After the last step
    the rate stays at its least. Cosines are irrational, so fractions are computed as
    floats here.

    Parameters
    ----------
    learning_rate : number
        The rate of the first step, :math:`\alpha_0`, greater than 0.
    step : int
        How many steps were taken, :math:`t`, 0 or more.
    num_steps : int
        How many steps the decay takes, :math:`T`, 1 or more.
    least : number, default 0
        The rate at the end, :math:`\alpha_{\min}`, from 0 to `learning_rate`.

    Returns
    -------
    number
        The rate of the next step.

    References
    ----------
    .. [1] I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm
       restarts", ICLR (2017).

    Examples
    --------
    >>> [round(cosine_decay(0.4, step, num_steps=4), 4) for step in range(6)]
    [0.4, 0.3414, 0.2, 0.0586, 0.0, 0.0]
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    step = _checks.count("step", step)
    num_steps = _checks.count("num_steps", num_steps, least=1)
    least = _checks.not_negative("least", least)
    if least > learning_rate:
        rate = shown(learning_rate)
        msg = f"`least` is {shown(least)} but must not exceed the rate, {rate}"
        raise ValueError(msg)
    learning_rate = _checks.floats("learning_rate", learning_rate)
    least = _checks.floats("least", least)
    angle = math.pi * min(step, num_steps) / num_steps
    return least + (learning_rate - least) * (1 + math.cos(angle)) / 2


def step_decay(
    learning_rate: Number, step: int, *, every: int, factor: Number
) -> Number:
    r"""Shrink the learning rate by a factor at fixed intervals.

    .. math:: \alpha_t = \alpha_0\, \gamma^{\lfloor t / k \rfloor}

    Parameters
    ----------
    learning_rate : number
        The rate of the first step, :math:`\alpha_0`, greater than 0.
    step : int
        How many steps were taken, :math:`t`, 0 or more.
    every : int
        How many steps share a rate, :math:`k`, 1 or more.
    factor : number
        What the rate is multiplied by, :math:`\gamma`, greater than 0 and less
        than 1.

    Returns
    -------
    number
        The rate of the next step.

    References
    ----------
    .. [1] H. Robbins and S. Monro, "A stochastic approximation method", Annals of
       Mathematical Statistics 22 (1951).

    Examples
    --------
    >>> [step_decay(0.5, step, every=2, factor=0.5) for step in range(5)]
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    step = _checks.count("step", step)
    every = _checks.count("every", every, least=1)
    factor = _checks.between("factor", factor)
    return learning_rate * factor ** (step // every)


def reduce_on_plateau(
    learning_rate: Number, losses: Sequence[Number], *, patience: int, factor: Number
) -> Number:
    r"""Shrink the learning rate when the loss has stopped improving.

    The rate is multiplied by `factor` when none of the last `patience` losses is
    less than the least loss before them.

    Parameters
    ----------
    learning_rate : number
        The rate of the last step, greater than 0.
    losses : sequence of number
        The losses since the rate last changed, oldest first.
    patience : int
        How many losses without improvement to wait for, 1 or more.
    factor : number
        What the rate is multiplied by, greater than 0 and less than 1.

    Returns
    -------
    number
        The rate of the next step.

    Examples
    --------
    >>> reduce_on_plateau(0.5, [4, 3, 3, 3], patience=2, factor=0.5)
    0.25
    >>> reduce_on_plateau(0.5, [4, 3, 3, 2], patience=2, factor=0.5)
    0.5
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    losses = plain(_checks.numbers("losses", losses, ndims=(1,)))
    patience = _checks.count("patience", patience, least=1)
    factor = _checks.between("factor", factor)
    before, recent = losses[:-patience], losses[-patience:]
    if before and min(recent) >= min(before):
        return learning_rate * factor
    return learning_rate
