r"""Repeat until flat: the loop around an update rule.

.. math:: w_{t+1} = w_t + \Delta_t, \qquad t = 0, 1, 2, \dots

A loop needs a reason to stop. `descend` has two, a flat gradient and a number of
steps, and says which it was. `descend_in_batches` looks at a few samples a step.
"""

import dataclasses
import math
import numbers as abstract
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

import numpy as np

from gdbook import _checks, _kinds
from gdbook._checks import Number, Numbers, shown
from gdbook.optimizers import UpdateRule, _is_known
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
    """The loss, a gradient or a parameter left the finite numbers.

    Parameters
    ----------
    step : int
        How many steps were taken.
    learning_rate : number
        The rate that led there.
    loss : float
        What the loss became: infinity, which also stands for a loss that could not be
        computed, or NaN; a number if only its gradient left them.
    found : str, default ""
        What was found instead of a number, if it was not the loss.

    Examples
    --------
    >>> error = DivergenceError(step=3, learning_rate=2.0, loss=float("inf"))
    >>> for part in str(error).split("; "):
    ...     print(part)
    descent diverged: after step 3 with learning rate 2.0 the loss is inf
    usually the learning rate is too large for this loss: try a tenth of it
    """

    def __init__(
        self, step: int, learning_rate: Number, loss: Number, found: str = ""
    ) -> None:
        self.step = step
        self.learning_rate = learning_rate
        self.loss = loss
        self.found = found
        super().__init__(step, learning_rate, loss, found)  # what pickle keeps

    def __str__(self) -> str:
        rate, loss = map(_words, (self.learning_rate, self.loss))
        found = f" ({self.found})" if self.found else ""
        if self.step == 0:
            cause = "no step was taken, so the cause is where descent starts"
        elif self.loss == -math.inf:
            cause = "there is no least loss to descend to"
        else:
            cause = "usually the learning rate is too large for this loss: "
            cause += "try a tenth of it"
        return (
            f"descent diverged: after step {self.step} with learning rate {rate} "
            f"the loss is {loss}{found}; {cause}"
        )


def _words(number: Number) -> str:
    long = isinstance(number, Fraction) and number.denominator > 10**9
    return shown(number) if long else str(number)


# How an error says that numbers left the finite ones: Python's own floats raise where
# NumPy's become infinite, and NumPy's raise where a function asks them to.
_QUOTED = (_checks.NotFiniteError, ZeroDivisionError)
_LEFT = (*_QUOTED, OverflowError, FloatingPointError)


def _diverge(
    error: Exception, step: int, learning_rate: Number, loss: Number = math.inf
) -> NoReturn:
    """Report such an error as divergence, unless it is of a number too small."""
    if isinstance(error, FloatingPointError) and "underflow" in str(error):
        raise error
    found = str(error) if isinstance(error, _QUOTED) else ""
    raise DivergenceError(step, learning_rate, loss, found) from error


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
    loss: Callable[[Any], Any],
    gradient: Callable[[Any], Any] | None,
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
    gradient : callable or None
        Takes parameters, returns the gradient in their shape. None if `loss` returns
        both, as a tuple of the loss and the gradient, which share most of their work.
    start : number or array, any shape
        Where to begin. Integers are floats for `loss` and `gradient`, and fractions if
        there is a fraction in `start` or among the numbers of `rule`.
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
        If `loss`, `gradient` or `schedule` returns no number, `loss` a pair beside a
        `gradient` or none without one, or there is a schedule and `rule` is no
        dataclass, whose rate it could change.
    ValueError
        If `gradient` returns another shape than that of the parameters, or `schedule` a
        rate that is not positive.
    DivergenceError
        If the loss, a gradient or a parameter becomes infinite or NaN.

    Examples
    --------
    >>> from gdbook.optimizers import GradientDescent
    >>> history = descend(
    ...     lambda x: x**2, lambda x: 2 * x, 2, GradientDescent(0.25), num_steps=3
    ... )
    >>> history.params
    (2.0, 1.0, 0.5, 0.25)
    >>> history.stopped
    'the number of steps is used up'

    The same, of one function that returns both:

    >>> descend(
    ...     lambda x: (x**2, 2 * x), None, 2, GradientDescent(0.25), num_steps=3
    ... ).losses
    (4.0, 1.0, 0.25, 0.0625)
    """
    _check_functions(loss, gradient)
    rule = _scheduled_rule(rule, schedule)
    (params,), exact = _of_one_kind(rule, start=start)
    num_steps = _checks.count("num_steps", num_steps)
    flat = _checks.not_negative("flat", flat)
    params = _kinds.own(params)
    state = rule.init(_kinds.own(params))
    known = _is_known(rule, params)
    visited, losses, gradients = [], [], []
    with np.errstate(all="ignore"):
        for step in range(num_steps + 1):
            value, slope = _measure(
                loss, gradient, params, step, rule.learning_rate, exact=exact
            )
            visited.append(params)
            losses.append(value)
            gradients.append(slope)
            if _is_flat(slope, flat):
                stopped = FLAT
                break
            if step == num_steps:
                stopped = OUT_OF_STEPS
                break
            rule = _at_rate(rule, schedule, step, losses)
            if step == 0 and not exact and _makes_exact(rule, start):
                return descend(
                    loss,
                    gradient,
                    _kinds.exact(start),
                    rule,
                    num_steps=num_steps,
                    flat=flat,
                    schedule=schedule,
                )
            params, state = _stepped(rule, slope, state, params, step, known=known)
    return History(tuple(visited), tuple(losses), tuple(gradients), stopped)


def _check_functions(loss: Any, gradient: Any) -> None:
    _checks.function("loss", loss)
    if gradient is not None:
        _checks.function("gradient", gradient)


def _scheduled_rule(rule: Any, schedule: Any) -> Any:
    """Look at a rule, and at the schedule that changes its rate."""
    if isinstance(rule, type) or not isinstance(rule, UpdateRule):
        way_out = ""
        if isinstance(rule, type):
            way_out = f"; {rule.__name__}(...) makes one"
        elif isinstance(rule, abstract.Real):
            way_out = "; GradientDescent(learning_rate) makes one of a rate"
        msg = f"`rule` is {shown(rule)} but must be an UpdateRule{way_out}"
        raise TypeError(msg)
    if schedule is not None:
        _checks.function("schedule", schedule)
        if not dataclasses.is_dataclass(rule):
            msg = (
                f"`rule` is {shown(rule)} but must be a dataclass to follow a schedule"
            )
            raise TypeError(msg)
    return rule


def _of_one_kind(rule: Any, **given: Any) -> tuple[list[Any], bool]:
    """Turn integers into floats, or into fractions, and say whether into these."""
    checked = [_checks.numbers(name, value) for name, value in given.items()]
    own = vars(rule).values() if dataclasses.is_dataclass(rule) else ()
    if _kinds.any_fraction((*checked, rule.learning_rate, *own)):
        exact = [_checks.numbers(name, _kinds.exact(x)) for name, x in given.items()]
        if _kinds.kind(exact) is Fraction:
            return exact, True
    return [_kinds.floats(*named) for named in zip(given, checked, strict=True)], False


def _makes_exact(rule: Any, *given: Any) -> bool:
    """Say whether the first rate of a schedule asks for exact integers."""
    return isinstance(rule.learning_rate, Fraction) and (
        _kinds.kind(map(_kinds.exact, given)) is Fraction
    )


def _at_rate(
    rule: Any, schedule: Schedule | None, step: int, losses: Sequence[Number]
) -> Any:
    """Return the rule with the learning rate of a step."""
    if schedule is None:
        return rule
    try:
        rate = schedule(step, tuple(losses))
    except OverflowError as error:
        raise DivergenceError(step, rule.learning_rate, losses[-1]) from error
    rate = _checks.positive("schedule", rate)
    return dataclasses.replace(rule, learning_rate=rate)


def _measure(  # noqa: PLR0913
    loss: Callable[..., Any],
    gradient: Callable[..., Any] | None,
    params: Any,
    step: int,
    learning_rate: Number,
    *,
    exact: bool,
    data: Callable[[], tuple[Any, ...]] = tuple,
) -> tuple[Number, Any]:
    """Return the loss and the gradient at finite parameters, both finite.

    The functions receive arrays of their own, which they may change.
    """
    known: Number = math.inf
    try:
        value, slope = loss(_kinds.own(params), *data()), None
        if gradient is None:
            value, slope = _both("loss", value, "gradient")
        value = _one_number(value, params)
        if not exact:
            value = float(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise DivergenceError(step, learning_rate, value)
        known = value
        if gradient is not None:
            slope = gradient(_kinds.own(params), *data())
        if _kinds.alike(slope, params) and _kinds.finite(slope):
            return value, _kinds.own(slope)
        slope = _checks.numbers("gradient", _kinds.exact(slope) if exact else slope)
        slope = slope if exact else _kinds.floats("gradient", slope)
    except _LEFT as error:
        _diverge(error, step, learning_rate, known)
    _check_shape("gradient", slope, params)
    return value, _kinds.own(_of_dtype(slope, params))


def _both(name: str, returned: Any, other: str) -> tuple[Any, Any]:
    """Return both that a function returned, since there is no other, or say why not."""
    if isinstance(returned, tuple) and len(returned) == 2:
        return returned
    cause = f"; give `{other}` a function, or `return` both with a comma between"
    if returned is None:
        cause = "; is a `return` missing?"
    elif isinstance(returned, list) and len(returned) == 2:
        cause = "; tuple(...) makes one of a list"
    msg = (
        f"`{name}` returned {shown(returned)} but must return a tuple of two, the loss "
        f"and the {other.rsplit('.', maxsplit=1)[-1]}, as `{other}` is None{cause}"
    )
    raise TypeError(msg)


def _one_number(returned: Any, params: Any) -> Any:
    """Return what a loss returned as a Python number, or say why it is none."""
    if isinstance(returned, float):
        return float(returned)
    value = returned
    if getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, abstract.Real) and not isinstance(value, bool):
        return value
    shape = _shape(value)
    cause = ""
    if value is None:
        cause = "; is a `return` missing?"
    elif _is_pair(value, params):
        cause = "; with None for `gradient` it may return both"
    elif shape and shape == _shape(params):
        cause = "; are `loss` and `gradient` exchanged?"
    elif shape and math.prod(shape) == 1:
        cause = "; `.item()` takes the only number out of an array"
    elif shape:
        cause = "; a mean or a sum makes one of several"
    msg = f"`loss` returned {shown(returned)} but must return one number{cause}"
    raise TypeError(msg)


def _is_pair(value: Any, params: Any) -> bool:
    """Say whether a value is a loss beside its gradient."""
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and [_shape(part) for part in value] == [(), _shape(params)]
    )


def _shape(value: Any) -> tuple[int, ...] | None:
    """Return the shape of numbers, and none of anything else."""
    try:
        return tuple(np.shape(value))
    except ValueError:
        return None


def _check_shape(name: str, value: Any, params: Any) -> None:
    shape, expected = np.shape(value), np.shape(params)
    if shape == expected:
        return
    if shape == expected[::-1]:
        cause = "; is it transposed?"
    elif math.prod(shape) == math.prod(expected):
        cause = f"; reshape({expected}) gives it theirs"
    elif shape[1:] == expected:
        cause = "; its mean over the first axis has theirs"
    elif not shape:
        cause = "; every parameter has a slope of its own"
    else:
        cause = ""
    msg = (
        f"`{name}` has shape {shape} "
        f"but the parameters have shape {expected}; they must be equal{cause}"
    )
    raise ValueError(msg)


def _of_dtype(value: Any, params: Any) -> Any:
    """Keep the precision of the parameters, whatever a function computes in."""
    if isinstance(params, np.ndarray) and params.dtype.kind == "f":
        return value.astype(params.dtype, copy=False)
    return value


def _stepped(  # noqa: PLR0913
    rule: Any, slope: Any, state: Any, params: Any, step: int, *, known: bool
) -> tuple[Any, Any]:
    """Take a step to finite parameters, with a rule that may be the caller's own."""
    try:
        update, state = _updated(rule, slope, state, known=known)
        if _kinds.alike(update, params):
            moved = params + update
            if _kinds.finite(moved):
                return moved, state
        update = _checks.numbers("update", update)
    except _LEFT as error:
        _diverge(error, step + 1, rule.learning_rate)
    _check_shape("update", update, params)
    moved = _kinds.tidy(params + _of_dtype(update, params))
    if not _finite(moved):
        raise DivergenceError(step + 1, rule.learning_rate, math.inf)
    return moved, state


def _updated(rule: Any, slope: Any, state: Any, *, known: bool) -> tuple[Any, Any]:
    """Ask a rule for an update and the next state."""
    if known:
        return rule._in_floats._step(slope, state)  # type: ignore[no-any-return]  # noqa: SLF001
    answer = rule.update(_kinds.own(slope), state)
    if not isinstance(answer, tuple) or len(answer) != 2:
        msg = (
            f"`rule.update` returned {shown(answer)} "
            "but must return an update and the next state"
        )
        raise TypeError(msg)
    return answer


def _is_flat(slope: Any, flat: Number) -> bool:
    """Say whether no slope is steeper; the first one is quicker to look at than all."""
    if isinstance(slope, np.ndarray) and abs(slope.item(0)) > flat:
        return False
    return bool((plain(abs(slope).max()) if np.ndim(slope) else abs(slope)) <= flat)


def _finite(value: Any) -> bool:
    if _kinds.is_float(value):
        return _kinds.finite(value)
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
    _checks.not_beyond("batch_size", batch_size, n_samples)
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
        yield order[first : first + batch_size].copy()


def descend_in_batches(  # noqa: PLR0913 (each is one part of the loop)
    loss: Callable[[Any, Any, Any], Any],
    gradient: Callable[[Any, Any, Any], Any] | None,
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

    An epoch deals all samples into batches and takes a step on each; with a generator,
    the samples are shuffled before every epoch.

    Parameters
    ----------
    loss : callable
        Takes parameters, inputs and targets, returns the loss.
    gradient : callable or None
        Takes the same, returns the gradient in the shape of the parameters. None if
        `loss` returns both, as a tuple of the loss and the gradient.
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
    _check_functions(loss, gradient)
    rule = _scheduled_rule(rule, schedule)
    given = {"start": start, "inputs": inputs, "targets": targets}
    (params, inputs, targets), exact = _of_one_kind(rule, **given)
    _check_samples("inputs", inputs, "targets", targets)
    n_samples, batch_size = _batching(len(inputs), batch_size, generator)
    num_epochs = _checks.count("num_epochs", num_epochs)

    def measure(params: Any, chosen: Any, step: int) -> tuple[Number, Any]:
        return _measure(
            loss,
            gradient,
            params,
            step,
            rule.learning_rate,
            exact=exact,
            data=lambda: (inputs[chosen], targets[chosen]),
        )

    params = _kinds.own(params)
    state, step = rule.init(_kinds.own(params)), 0
    known = _is_known(rule, params)
    everyone = np.arange(n_samples)  # which copies, as a slice does not
    with np.errstate(all="ignore"):
        visited, losses = [params], [measure(params, everyone, 0)[0]]
        if num_epochs and not exact:
            first = _at_rate(rule, schedule, 0, losses)
            if _makes_exact(first, *given.values()):
                return descend_in_batches(
                    loss,
                    gradient,
                    rule=first,
                    batch_size=batch_size,
                    num_epochs=num_epochs,
                    generator=generator,
                    schedule=schedule,
                    **{name: _kinds.exact(value) for name, value in given.items()},
                )
        for _ in range(num_epochs):
            for chosen in _deal(n_samples, batch_size, generator):
                _, slope = measure(params, chosen, step)
                rule = _at_rate(rule, schedule, step, losses)
                params, state = _stepped(rule, slope, state, params, step, known=known)
                step += 1
            visited.append(params)
            losses.append(measure(params, everyone, step)[0])
    return EpochHistory(tuple(visited), tuple(losses), step)


def _check_samples(name: str, values: Any, other_name: str, others: Any) -> None:
    shape, other = np.shape(values), np.shape(others)
    if not shape or other[:1] != shape[:1]:
        msg = (
            f"`{other_name}` has shape {other} but `{name}` has shape {shape}; "
            "there must be one entry for each sample in both"
        )
        raise ValueError(msg)
