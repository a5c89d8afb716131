"""Choose the learning rate: too small, right, too large, and where the bound lies."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gdbook import _checks, gradients, training
from gdbook._checks import Number, Numbers
from gdbook.examples import linear_regression
from gdbook.examples.weight_update import Repeated, repeated, weight_update
from gdbook.traces import plain, trace

__all__ = [
    "Schedule",
    "StabilityBound",
    "Sweep",
    "plateau",
    "schedule",
    "stability_bound",
    "sweep",
    "three_rates",
]


@trace
class Sweep(NamedTuple):
    """The loss after the same number of steps, for each learning rate."""

    learning_rates: tuple[Number, ...]
    losses: tuple[Number, ...]
    verdicts: tuple[str, ...]
    first_loss: Number
    best_rate: Number


def sweep(
    learning_rates: Sequence[Number] = (
        1e-9,
        1e-8,
        1e-7,
        1e-6,
        1e-5,
        1e-4,
        1e-3,
        1e-2,
        1e-1,
        1e0,
    ),
    num_steps: int = 10,
) -> Sweep:
    r"""Try learning rates over ten decades on the single weight.

    .. math:: L_t = L_0\,(1 - \alpha \lambda)^{2t}, \qquad \lambda = 2x^2

    Parameters
    ----------
    learning_rates : sequence of number
        The rates :math:`\alpha` to try, each greater than 0.
    num_steps : int
        How many steps to take with each.

    Returns
    -------
    Sweep
        The loss after the steps for each rate, whether it is ``"stuck"`` within one
        percent of the first loss, ``"lower"`` or ``"higher"``, and the best rate.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.training.descend` does.

    Examples
    --------
    >>> sweep().best_rate
    0.1
    >>> sweep().verdicts[-4:]
    ('lower', 'lower', 'lower', 'higher')
    """
    rates = plain(_checks.numbers("learning_rates", learning_rates, ndims=(1,)))
    runs = [repeated(learning_rate=rate, num_steps=num_steps, flat=0) for rate in rates]
    first_loss = runs[0].losses[0]
    losses = tuple(run.losses[-1] for run in runs)
    return Sweep(
        learning_rates=rates,
        losses=losses,
        verdicts=tuple(_verdict(loss, first_loss) for loss in losses),
        first_loss=first_loss,
        best_rate=rates[losses.index(min(losses))],
    )


def three_rates(
    learning_rates: Sequence[Number] = (0.005, 0.05, 0.115), num_steps: int = 12
) -> tuple[Repeated, ...]:
    r"""Follow the single weight with a small, a good, and a large learning rate.

    .. math:: \hat y_{t+1} - y = (1 - \alpha \lambda)\,(\hat y_t - y),
              \qquad \lambda = 2x^2

    Parameters
    ----------
    learning_rates : sequence of number
        The rates :math:`\alpha` to follow, each greater than 0.
    num_steps : int
        How many steps to take with each.

    Returns
    -------
    tuple of Repeated
        One trace for each rate.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.training.descend` does.

    Examples
    --------
    >>> [round(run.factor, 2) for run in three_rates()]
    [0.91, 0.1, -1.07]
    """
    rates = plain(_checks.numbers("learning_rates", learning_rates, ndims=(1,)))
    return tuple(
        repeated(learning_rate=rate, num_steps=num_steps, flat=0) for rate in rates
    )


@trace
class StabilityBound(NamedTuple):
    """The largest learning rates that converge, and the best one."""

    single_weight: Number
    linear_step: float
    best_rate: Number
    curvatures: tuple[float, ...]
    condition_number: float


def stability_bound(
    input_value: Number = 3, inputs: Numbers = linear_regression.INPUTS
) -> StabilityBound:
    r"""Compute how large a learning rate may be.

    .. math:: |1 - \alpha\lambda| < 1 \iff 0 < \alpha < \frac{2}{\lambda},
              \qquad \alpha_{\text{best}} = \frac{2}{\lambda_1 + \lambda_2}

    Parameters
    ----------
    input_value : number
        The input of the single weight, whose curvature is :math:`2x^2`; not 0.
    inputs : array, shape (n_samples,)
        The inputs of the line.

    Returns
    -------
    StabilityBound
        The bound for the single weight and for the line, the best constant rate of
        the line, its curvatures, and their ratio.

    Raises
    ------
    TypeError, ValueError
        If a value is no finite number, `input_value` is 0, or all inputs are equal.

    Examples
    --------
    >>> bound = stability_bound()
    >>> round(bound.single_weight, 5), round(bound.linear_step, 5)
    (0.11111, 0.38455)
    >>> round(bound.best_rate, 5)
    0.36364
    """
    input_value = _checks.number("input_value", input_value)
    if input_value == 0:
        msg = "`input_value` is 0 but must not be: then every rate stands still"
        raise ValueError(msg)
    rows = gradients.with_intercept(_checks.varied("inputs", inputs))
    curvatures = gradients.curvatures(rows)
    ((single_curvature,),) = plain(gradients.linear_curvature([[input_value]]))
    # The trace of a matrix is the sum of its eigenvalues, and exact for fractions.
    sum_of_curvatures = np.trace(gradients.linear_curvature(rows))
    return StabilityBound(
        single_weight=2 / single_curvature,
        linear_step=2 / curvatures[-1],
        best_rate=plain(2 / sum_of_curvatures),
        curvatures=curvatures,
        condition_number=curvatures[-1] / curvatures[0],
    )


@trace
class Schedule(NamedTuple):
    """A descent whose learning rate changes on the way, beside one with one rate."""

    learning_rates: tuple[Number, ...]
    errors: tuple[Number, ...]
    losses: tuple[Number, ...]
    constant_errors: tuple[Number, ...]
    constant_losses: tuple[Number, ...]


def schedule(
    learning_rate: Number = 0.11,
    every: int = 5,
    factor: Number = 0.5,
    num_steps: int = 20,
) -> Schedule:
    r"""Halve the learning rate at fixed intervals, on the single weight.

    .. math:: \alpha_t = \alpha_0\, \gamma^{\lfloor t / k \rfloor}

    Parameters
    ----------
    learning_rate : number
        The rate of the first step, :math:`\alpha_0`.
    every : int
        How many steps share a rate, :math:`k`.
    factor : number
        What the rate is multiplied by, :math:`\gamma`.
    num_steps : int
        How many steps to take.

    Returns
    -------
    Schedule
        The rate of every step, and errors and losses with and without the schedule.

    Raises
    ------
    TypeError, ValueError
        As `gdbook.training.step_decay` does.

    Examples
    --------
    >>> run = schedule(num_steps=12)
    >>> run.learning_rates[::5]
    (0.11, 0.055, 0.0275)
    """

    def next_rate(rates: list[Number], losses: list[Number]) -> Number:
        return training.step_decay(
            learning_rate, len(rates), every=every, factor=factor
        )

    return _scheduled(learning_rate, next_rate, num_steps)


def plateau(
    learning_rate: Number = Fraction(1, 9),
    patience: int = 3,
    factor: Number = Fraction(1, 2),
    num_steps: int = 8,
) -> Schedule:
    r"""Start at the bound, where the loss stands still, and reduce on the plateau.

    At :math:`\alpha = 2/\lambda` the error changes its sign and nothing else. The rate
    is a fraction here: as a float, 1/9 lies a rounding below the bound, and the loss
    would fall by as little in every step.

    Parameters
    ----------
    learning_rate : number
        The rate of the first step.
    patience : int
        How many losses without improvement to wait for.
    factor : number
        What the rate is multiplied by then.
    num_steps : int
        How many steps to take.

    Returns
    -------
    Schedule
        The rate of every step, and errors and losses with and without reducing.

    Raises
    ------
    TypeError, ValueError
        As `gdbook.training.reduce_on_plateau` does.

    Examples
    --------
    >>> plateau(num_steps=5)  # doctest: +NORMALIZE_WHITESPACE
    Schedule(learning_rates=(1/9, 1/9, 1/9, 1/18, 1/18), errors=(-4, 4, -4, 4, 0, 0),
             losses=(16, 16, 16, 16, 0, 0), constant_errors=(-4, 4, -4, 4, -4, 4),
             constant_losses=(16, 16, 16, 16, 16, 16))
    """

    def next_rate(rates: list[Number], losses: list[Number]) -> Number:
        if not rates:
            return learning_rate
        since_change = [rate == rates[-1] for rate in rates].count(True)
        return training.reduce_on_plateau(
            rates[-1], losses[-since_change - 1 :], patience=patience, factor=factor
        )

    return _scheduled(learning_rate, next_rate, num_steps)


def _scheduled(
    learning_rate: Number,
    next_rate: Callable[[list[Number], list[Number]], Number],
    num_steps: int,
) -> Schedule:
    constant = repeated(learning_rate=learning_rate, num_steps=num_steps, flat=0)
    weight, error = constant.weights[0], constant.errors[0]
    rates: list[Number] = []
    errors, losses = [error], [error**2]
    for _ in range(num_steps):
        rates.append(next_rate(rates, losses))
        weight = weight_update(weight=weight, learning_rate=rates[-1]).new_weight
        after = repeated(weight=weight, num_steps=0)
        errors.append(after.errors[0])
        losses.append(after.losses[0])
    return Schedule(
        learning_rates=tuple(rates),
        errors=tuple(errors),
        losses=tuple(losses),
        constant_errors=constant.errors,
        constant_losses=constant.losses,
    )


def _verdict(loss: Number, first_loss: Number) -> str:
    if loss > first_loss:
        return "higher"
    return "stuck" if loss > first_loss * 99 / 100 else "lower"
