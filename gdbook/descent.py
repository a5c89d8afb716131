r"""Repeat until flat: the loop around an update rule.

.. math:: w_{t+1} = w_t + \Delta_t, \qquad t = 0, 1, 2, \dots

A loop needs a reason to stop. `descend` has two, a flat gradient and a number of
steps, and says which it was. `descend_in_batches` looks at a few samples a step.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, Numbers, shown
from gdbook.optimizers import UpdateRule
from gdbook.schedules import Schedule
from gdbook.traces import plain

__all__ = [
    "FLAT",
    "OUT_OF_STEPS",
    "DivergenceError",
    "EpochHistory",
    "History",
    "batches",
    "descend",
    "descend_in_batches",
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
    schedule: Schedule | None = None,
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
        How many steps to take at most, 0 or more.
    flat : number, default 0
        The steepest slope that counts as flat, 0 or more.
    schedule : callable, optional
        Takes the number of steps taken and the losses so far, the first one included,
        and returns the learning rate of the next step; the rule's own unless given.

    Returns
    -------
    History
        Every step, and why descent stopped.

    Raises
    ------
    TypeError
        If `loss`, `gradient` or `schedule` returns no number, or there is a schedule
        and `rule` is no dataclass, whose rate it could change.
    ValueError
        If `gradient` returns another shape than that of the parameters, or NaN or
        infinity, or `schedule` a rate that is not positive.
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
    rule = _scheduled_rule(rule, schedule)
    num_steps = _checks.count("num_steps", num_steps)
    flat = _checks.not_negative("flat", flat)
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
        rule = _at_rate(rule, schedule, step, losses)
        with np.errstate(over="ignore"):  # the next measurement finds the overflow
            update, state = rule.update(slope, state)
            params = params + update
    return History(tuple(visited), tuple(losses), tuple(gradients), stopped)


def _scheduled_rule(rule: Any, schedule: Any) -> Any:
    """Look at a rule, and at the schedule that changes its rate."""
    if not isinstance(rule, UpdateRule):
        msg = f"`rule` is {shown(rule)} but must be an UpdateRule"
        raise TypeError(msg)
    if schedule is not None:
        _checks.function("schedule", schedule)
        if not dataclasses.is_dataclass(rule):
            msg = (
                f"`rule` is {shown(rule)} but must be a dataclass to follow a schedule"
            )
            raise TypeError(msg)
    return rule


def _at_rate(
    rule: Any, schedule: Schedule | None, step: int, losses: Sequence[Number]
) -> Any:
    """Return the rule with the learning rate of a step."""
    if schedule is None:
        return rule
    rate = _checks.positive("schedule", schedule(step, tuple(losses)))
    return dataclasses.replace(rule, learning_rate=rate)


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


class EpochHistory(NamedTuple):
    """A descent in batches, seen at the start and after every epoch.

    Parameters
    ----------
    params : tuple
        The parameters at the start and after every epoch.
    losses : tuple of number
        The loss on all samples at each of them.
    num_steps : int
        How many steps were taken in all.
    """

    params: tuple[Any, ...]
    losses: tuple[Number, ...]
    num_steps: int


def batches(
    n_samples: int, batch_size: int, generator: np.random.Generator | None = None
) -> Iterator[np.ndarray]:
    r"""Deal the samples into batches: every sample once, the rest last.

    An epoch has :math:`\lceil n / B \rceil` batches; when :math:`B` does not divide
    :math:`n`, the last one is smaller.

    Parameters
    ----------
    n_samples : int
        How many samples there are, :math:`n`, 1 or more.
    batch_size : int
        How many of them share a step, :math:`B`, from 1 to `n_samples`.
    generator : Generator, optional
        What shuffles the samples; they keep their order unless given.

    Returns
    -------
    iterator of array of int, shape (batch_size,)
        Which samples form each batch.

    Examples
    --------
    >>> [batch.tolist() for batch in batches(5, 2)]
    [[0, 1], [2, 3], [4]]
    """
    n_samples, batch_size = _batching(n_samples, batch_size, generator)
    return _deal(n_samples, batch_size, generator)


def _batching(n_samples: Any, batch_size: Any, generator: Any) -> tuple[int, int]:
    n_samples = _checks.count("n_samples", n_samples, least=1)
    batch_size = _checks.count("batch_size", batch_size, least=1)
    if batch_size > n_samples:
        msg = f"`batch_size` is {batch_size} but there are only {n_samples} samples"
        raise ValueError(msg)
    if generator is not None:
        _checks.generator("generator", generator)
    return n_samples, batch_size


def _deal(
    n_samples: int, batch_size: int, generator: np.random.Generator | None
) -> Iterator[np.ndarray]:
    order = np.arange(n_samples)
    if generator is not None:
        generator.shuffle(order)
    for first in range(0, n_samples, batch_size):
        yield order[first : first + batch_size]


def descend_in_batches(  # noqa: PLR0913 (each is one part of the loop)
    loss: Callable[[Any, Any, Any], Number],
    gradient: Callable[[Any, Any, Any], Any],
    start: Numbers,
    rule: UpdateRule,
    *,
    inputs: Numbers,
    targets: Numbers,
    batch_size: int,
    num_epochs: int,
    generator: np.random.Generator | None = None,
    schedule: Schedule | None = None,
) -> EpochHistory:
    r"""Step downhill on a few samples at a time.

    .. math:: w_{t+1} = w_t + \Delta_t(\nabla L_{B_t}(w_t))

    An epoch deals all samples into batches and takes a step on each. The samples are
    shuffled before every epoch.

    Parameters
    ----------
    loss : callable
        Takes parameters, inputs and targets, returns the loss.
    gradient : callable
        Takes the same, returns the gradient in the shape of the parameters.
    start : number or array, any shape
        Where to begin.
    rule : UpdateRule
        How to step.
    inputs : array, shape (n_samples, ...)
        One entry for each sample.
    targets : array, shape (n_samples, ...)
        One entry for each sample.
    batch_size : int
        How many samples share a step, from 1 to `n_samples`.
    num_epochs : int
        How often to go through all samples, 0 or more.
    generator : Generator, optional
        What shuffles the samples; they keep their order unless given.
    schedule : callable, optional
        Takes the number of steps taken and the losses of the epochs so far, the first
        one included, and returns the learning rate of the next step; the rule's own
        unless given.

    Returns
    -------
    EpochHistory
        The start and every epoch.

    Raises
    ------
    TypeError, ValueError
        As `descend` does.
    DivergenceError
        If a loss or a parameter becomes infinite or NaN.

    References
    ----------
    .. [1] H. Robbins and S. Monro, "A stochastic approximation method", Annals of
       Mathematical Statistics 22 (1951).

    Examples
    --------
    >>> from gdbook.gradients import linear_gradient
    >>> from gdbook.losses import mean_squared_error
    >>> from gdbook.optimizers import GradientDescent
    >>> inputs, targets = [[1.0], [2.0], [4.0]], [2.0, 4.0, 8.0]
    >>> history = descend_in_batches(
    ...     lambda w, x, y: mean_squared_error(x @ w, y),
    ...     lambda w, x, y: linear_gradient(x, w, y),
    ...     [0.0],
    ...     GradientDescent(0.125),
    ...     inputs=inputs,
    ...     targets=targets,
    ...     batch_size=2,
    ...     num_epochs=1,
    ... )
    >>> history.losses, history.num_steps
    ((28.0, 35.4375), 2)
    """
    loss = _checks.function("loss", loss)
    gradient = _checks.function("gradient", gradient)
    params = _checks.numbers("start", start)
    rule = _scheduled_rule(rule, schedule)
    inputs, targets = _samples(inputs, targets)
    inputs, targets = _checks.together(inputs=inputs, targets=targets)
    n_samples, batch_size = _batching(len(inputs), batch_size, generator)
    num_epochs = _checks.count("num_epochs", num_epochs)

    def measure(params: Any, chosen: Any, step: int) -> tuple[Number, Any]:
        x, y = inputs[chosen], targets[chosen]
        return _measure(
            lambda w: loss(w, x, y),
            lambda w: gradient(w, x, y),
            params,
            step,
            rule.learning_rate,
        )

    state, step, everyone = rule.init(params), 0, slice(None)
    visited, losses = [params], [measure(params, everyone, 0)[0]]
    for _ in range(num_epochs):
        for chosen in _deal(n_samples, batch_size, generator):
            rule = _at_rate(rule, schedule, step, losses)
            _, slope = measure(params, chosen, step)
            with np.errstate(over="ignore"):  # the next measurement finds the overflow
                update, state = rule.update(slope, state)
                params = params + update
            step += 1
        visited.append(params)
        losses.append(measure(params, everyone, step)[0])
    return EpochHistory(tuple(visited), tuple(losses), step)


def _samples(
    inputs: Any, targets: Any, *, names: tuple[str, str] = ("inputs", "targets")
) -> tuple[Any, Any]:
    inputs = _checks.looked(names[0], inputs)
    targets = _checks.looked(names[1], targets)
    if not np.shape(inputs) or np.shape(targets)[:1] != np.shape(inputs)[:1]:
        msg = (
            f"`{names[1]}` has shape {np.shape(targets)} but `{names[0]}` has shape "
            f"{np.shape(inputs)}; there must be one entry for each sample in both"
        )
        raise ValueError(msg)
    return inputs, targets
