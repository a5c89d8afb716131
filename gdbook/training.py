r"""Repeat until flat: the loop around an update rule.

.. math:: w_{t+1} = w_t + \Delta_t, \qquad t = 0, 1, 2, \dots

A loop needs a reason to stop. `descend` has two, a flat gradient and a number of
steps, and says which it was.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, Numbers
from gdbook.optimizers import UpdateRule
from gdbook.traces import plain

__all__ = [
    "FLAT",
    "OUT_OF_STEPS",
    "DivergenceError",
    "History",
    "descend",
    "reduce_on_plateau",
    "step_decay",
]

FLAT = "the gradient is flat"
OUT_OF_STEPS = "the number of steps is used up"


class DivergenceError(ArithmeticError):
    """The loss left the finite numbers.

    Parameters
    ----------
    step : int
        How many steps were taken.
    learning_rate : number
        The rate that led there.
    loss : float
        What the loss became: infinity or NaN.

    Examples
    --------
    >>> print(DivergenceError(step=3, learning_rate=2.0, loss=float("inf")))
    descent diverged: after step 3 with learning rate 2.0 the loss is inf
    """

    def __init__(self, step: int, learning_rate: Number, loss: float) -> None:
        self.step = step
        self.learning_rate = learning_rate
        self.loss = loss
        super().__init__(
            f"descent diverged: after step {step} "
            f"with learning rate {learning_rate} the loss is {loss}"
        )


class History(NamedTuple):
    """Every step of a descent, the start included.

    Parameters
    ----------
    params : tuple
        The parameters at the start and after every step.
    losses : tuple of number
        The loss at each of them.
    gradients : tuple
        The gradient at each of them.
    stopped : str
        Why descent stopped: `FLAT` or `OUT_OF_STEPS`.
    """

    params: tuple[Any, ...]
    losses: tuple[Number, ...]
    gradients: tuple[Any, ...]
    stopped: str

    @property
    def num_steps(self) -> int:
        """How many steps were taken.

        Returns
        -------
        int
            One less than the number of places visited.

        Examples
        --------
        >>> History((4, 2, 1), (16, 4, 1), (8, 4, 2), OUT_OF_STEPS).num_steps
        2
        """
        return len(self.params) - 1


def descend(  # noqa: PLR0913 (each is one part of the loop)
    loss: Callable[[Any], Number],
    gradient: Callable[[Any], Any],
    start: Numbers,
    rule: UpdateRule,
    *,
    num_steps: int,
    flat: Number = 0,
) -> History:
    r"""Find the slope, step downhill, and repeat until it is flat.

    Descent stops where no slope is steeper than `flat`,
    :math:`\max_i |\partial L / \partial w_i| \le` `flat`, or after `num_steps` steps.

    Parameters
    ----------
    loss : callable
        Takes parameters, returns the loss.
    gradient : callable
        Takes parameters, returns the gradient in their shape.
    start : number or array, any shape
        Where to begin.
    rule : UpdateRule
        How to step.
    num_steps : int
        How many steps to take at most.
    flat : number, default 0
        The steepest slope that counts as flat.

    Returns
    -------
    History
        Every step, and why descent stopped.

    Raises
    ------
    TypeError
        If `loss` or `gradient` cannot be called or return no number, `start` or
        `flat` is none, `rule` is no update rule, or `num_steps` no whole number.
    ValueError
        If `start`, `flat` or what `gradient` returns is NaN or infinite, `start` is
        empty, `num_steps` or `flat` is negative, or `gradient` returns another shape
        than that of the parameters.
    DivergenceError
        If the loss or a parameter becomes infinite or NaN.

    Examples
    --------
    >>> from gdbook.optimizers import GradientDescent
    >>> history = descend(
    ...     lambda x: x**2, lambda x: 2 * x, 2, GradientDescent(0.25), num_steps=3
    ... )
    >>> history.params
    (2, 1.0, 0.5, 0.25)
    >>> history.stopped
    'the number of steps is used up'
    """
    loss = _checks.function("loss", loss)
    gradient = _checks.function("gradient", gradient)
    params = _checks.numbers("start", start)
    if not isinstance(rule, UpdateRule):
        msg = f"`rule` is {rule!r} but must be an UpdateRule"
        raise TypeError(msg)
    num_steps = _checks.count("num_steps", num_steps)
    flat = _checks.number("flat", flat)
    if flat < 0:
        msg = f"`flat` is {flat!r} but must not be negative"
        raise ValueError(msg)
    state = rule.init(params)
    visited, losses, gradients = [], [], []
    for step in range(num_steps + 1):
        value, slope = _measure(loss, gradient, params, step, rule.learning_rate)
        visited.append(params)
        losses.append(value)
        gradients.append(slope)
        if np.max(abs(slope)) <= flat:
            stopped = FLAT
            break
        if step == num_steps:
            stopped = OUT_OF_STEPS
            break
        with np.errstate(over="ignore"):  # the next measurement finds the overflow
            update, state = rule.update(slope, state)
            params = params + update
    return History(tuple(visited), tuple(losses), tuple(gradients), stopped)


def _measure(
    loss: Callable[[Any], Number],
    gradient: Callable[[Any], Any],
    params: Any,
    step: int,
    learning_rate: Number,
) -> tuple[Number, Any]:
    """Return the loss and the gradient at `params`, both finite."""
    # An overflow is no warning here: it is the divergence that is reported below.
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            value = plain(loss(params)) if _finite(params) else math.inf
        except OverflowError:  # Python's own floats raise where NumPy's become inf
            value = math.inf
        if isinstance(value, float) and not _finite(value):
            raise DivergenceError(step, learning_rate, value)
        value = _checks.number("loss", value)
        slope = _checks.numbers("gradient", gradient(params))
    if np.shape(slope) != np.shape(params):
        msg = (
            f"`gradient` has shape {np.shape(slope)} "
            f"but the parameters have shape {np.shape(params)}; they must be equal"
        )
        raise ValueError(msg)
    return value, slope


def _finite(value: Any) -> bool:
    return bool(np.all(abs(value) < math.inf))


def step_decay(
    learning_rate: Number, step: int, *, every: int, factor: Number
) -> Number:
    r"""Shrink the learning rate by a factor at fixed intervals.

    .. math:: \alpha_t = \alpha_0\, \gamma^{\lfloor t / k \rfloor}

    Parameters
    ----------
    learning_rate : number
        The rate of the first step, :math:`\alpha_0`.
    step : int
        How many steps were taken, :math:`t`.
    every : int
        How many steps share a rate, :math:`k`.
    factor : number
        What the rate is multiplied by, :math:`\gamma`, greater than 0 and less
        than 1.

    Returns
    -------
    number
        The rate of the next step.

    Raises
    ------
    TypeError
        If an argument is not a number, or `step` or `every` not a whole one.
    ValueError
        If `learning_rate` is not positive, `step` is negative, `every` is less than
        1, or `factor` is not between 0 and 1.

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
    factor = _shrinking("factor", factor)
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
        The rate of the last step.
    losses : sequence of number
        The losses since the rate last changed, oldest first.
    patience : int
        How many losses without improvement to wait for.
    factor : number
        What the rate is multiplied by, greater than 0 and less than 1.

    Returns
    -------
    number
        The rate of the next step.

    Raises
    ------
    TypeError
        If an argument is not a number, or `patience` not a whole one.
    ValueError
        If `learning_rate` is not positive, `losses` is empty, NaN or infinite,
        `patience` is less than 1, or `factor` is not between 0 and 1.

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
    factor = _shrinking("factor", factor)
    before, recent = losses[:-patience], losses[-patience:]
    if before and min(recent) >= min(before):
        return learning_rate * factor
    return learning_rate


def _shrinking(name: str, value: Number) -> Number:
    value = _checks.number(name, value)
    if not 0 < value < 1:
        msg = f"`{name}` is {value!r} but must be greater than 0 and less than 1"
        raise ValueError(msg)
    return value
