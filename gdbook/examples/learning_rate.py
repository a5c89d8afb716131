"""Choose the learning rate: too small, right, too large, and where the bound lies."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gdbook import descent, gradients, schedules
from gdbook._arguments import (
    Between,
    Count0,
    Count1,
    Finite,
    NotNegative,
    Positive,
    Positives,
    Row,
    Varied,
    checked,
)
from gdbook._checks import Number, shown
from gdbook.examples import linear_regression
from gdbook.examples.weight_update import Repeated, repeated, weight_update
from gdbook.traces import plain, trace


@trace
class Sweep(NamedTuple):
    """The loss after the same number of steps, for each learning rate.

    The `losses` for the `learning_rates` given, and their `verdicts`: ``"stuck"``
    within one percent of the `first_loss`, ``"lower"`` or ``"higher"``; the `best_rate`
    has the least loss.
    """

    learning_rates: tuple[Number, ...]
    losses: tuple[Number, ...]
    verdicts: tuple[str, ...]
    first_loss: Number
    best_rate: Number


@checked
def sweep(
    learning_rates: Positives = (
        *(1e-9, 1e-8, 1e-7, 1e-6, 1e-5),
        *(1e-4, 1e-3, 1e-2, 1e-1, 1e0),
    ),
    num_steps: Count0 = 10,
) -> Sweep:
    r"""Try learning rates, a decade apart, on the single weight.

    .. math:: L_t = L_0\,(1 - \alpha \lambda)^{2t}, \qquad \lambda = 2x^2

    Parameters
    ----------
    learning_rates
        The rates :math:`\alpha` to try, each greater than 0.
    num_steps
        How many steps to take with each.

    Raises
    ------
    ValueError
        If a rate is not positive.

    Examples
    --------
    >>> sweep().best_rate
    0.1
    >>> sweep().verdicts[-4:]
    ('lower', 'lower', 'lower', 'higher')
    """
    rates = plain(learning_rates)
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


@checked
def three_rates(
    learning_rates: Positives = (0.005, 0.05, 0.115), num_steps: Count0 = 12
) -> tuple[Repeated, ...]:
    r"""Follow the single weight with a small, a good, and a large learning rate.

    .. math:: \hat y_{t+1} - y = (1 - \alpha \lambda)\,(\hat y_t - y),
              \qquad \lambda = 2x^2

    Parameters
    ----------
    learning_rates
        The rates :math:`\alpha` to follow, each greater than 0.
    num_steps
        How many steps to take with each.

    Raises
    ------
    ValueError
        If a rate is not positive.

    Examples
    --------
    >>> [round(run.factor, 2) for run in three_rates()]
    [0.91, 0.1, -1.07]
    """
    rates = plain(learning_rates)
    return tuple(
        repeated(learning_rate=rate, num_steps=num_steps, flat=0) for rate in rates
    )


@trace
class StabilityBound(NamedTuple):
    """The bounds of the learning rates that converge, and the best rate.

    The bounds of the `single_weight` and of the line, `linear_step`; the `best_rate` of
    the line, its `curvatures` and their ratio, the `condition_number`; the
    `single_curvature` of the single weight; and the `best_factor`, that of the line's
    slower part at the best rate.
    """

    single_weight: Number
    linear_step: float
    best_rate: Number
    curvatures: tuple[float, ...]
    condition_number: float
    single_curvature: Number
    best_factor: float


@checked
def stability_bound(
    input_value: Finite = 3, inputs: Varied = linear_regression.INPUTS
) -> StabilityBound:
    r"""Compute how large a learning rate may be.

    .. math:: |1 - \alpha\lambda| < 1 \iff 0 < \alpha < \frac{2}{\lambda},
              \qquad \alpha_{\text{best}} = \frac{2}{\lambda_1 + \lambda_2}

    Parameters
    ----------
    input_value
        The input of the single weight, whose curvature is :math:`2x^2`; not 0.
    inputs
        The inputs of the line.

    Raises
    ------
    ValueError
        If `input_value` is 0.

    Examples
    --------
    >>> bound = stability_bound()
    >>> round(bound.single_weight, 5), round(bound.linear_step, 5)
    (0.11111, 0.38455)
    >>> round(bound.best_rate, 5)
    0.36364
    """
    if input_value == 0:
        msg = "`input_value` is 0 but must not be: then every rate stands still"
        raise ValueError(msg)
    rows = gradients.with_intercept(inputs)
    curvatures = gradients.curvatures(rows)
    ((single_curvature,),) = plain(gradients.linear_curvature([[input_value]]))
    # The trace of a matrix is the sum of its eigenvalues, and exact for fractions.
    best_rate = plain(2 / np.trace(gradients.linear_curvature(rows)))
    return StabilityBound(
        single_weight=2 / single_curvature,
        linear_step=2 / curvatures[-1],
        best_rate=best_rate,
        curvatures=curvatures,
        condition_number=curvatures[-1] / curvatures[0],
        single_curvature=single_curvature,
        best_factor=1 - best_rate * curvatures[0],
    )


@trace
class BesideBound(NamedTuple):
    """A descent just below the bound, and one just above.

    The `bound`; on either side the rate, `learning_rates`, and its factor in the steep
    direction, `factors`; the losses of both descents, `losses_below` and
    `losses_above`; and the `best_loss`, the least of all.
    """

    bound: float
    learning_rates: tuple[float, float]
    factors: tuple[float, float]
    losses_below: tuple[Number, ...]
    losses_above: tuple[Number, ...]
    best_loss: Number


@checked
def beside_bound(
    inputs: Varied = linear_regression.INPUTS,
    targets: Row = linear_regression.TARGETS,
    margin: Between = 0.02,
    num_steps: Count0 = 200,
) -> BesideBound:
    r"""Fit the line with a rate a little below the bound, and a little above.

    .. math:: \alpha = (1 \mp \epsilon)\,\frac{2}{\lambda_{\max}} \quad\Rightarrow\quad
              1 - \alpha\lambda_{\max} = -1 \pm 2\epsilon

    The bound is irrational, so fractions are computed as floats here.

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true there.
    margin
        How far from the bound, as a share of it, :math:`\epsilon`.
    num_steps
        How many steps to take on each side.

    Raises
    ------
    ValueError
        If the inputs and the targets have different shapes.

    Examples
    --------
    >>> sides = beside_bound()
    >>> [round(factor, 2) for factor in sides.factors]
    [-0.96, -1.04]
    >>> sides.losses_below[-1] < sides.losses_below[0] < sides.losses_above[-1]
    True
    """
    rows = gradients.with_intercept(inputs)
    steepest = gradients.curvatures(rows)[-1]
    bound = 2 / steepest
    rates = (bound * (1 - margin), bound * (1 + margin))
    below, above = (
        linear_regression.linear_steps(
            inputs, targets, learning_rate=rate, num_steps=num_steps
        )
        for rate in rates
    )
    return BesideBound(
        bound=bound,
        learning_rates=rates,
        factors=(1 - rates[0] * steepest, 1 - rates[1] * steepest),
        losses_below=below.losses,
        losses_above=above.losses,
        best_loss=below.best_loss,
    )


@trace
class Race(NamedTuple):
    """How many steps the line needs with each learning rate.

    The `num_steps` for the `learning_rates` given.
    """

    learning_rates: tuple[Number, ...]
    num_steps: tuple[int, ...]


@checked
def race(
    learning_rates: Positives = (0.02, 0.1, 0.2, 0.3, 4 / 11, 0.38),
    flat: NotNegative = 1e-9,
    limit: Count0 = 10_000,
) -> Race:
    r"""Count the steps until the line's gradient is flat.

    .. math:: \max\left(\left|\frac{\partial L}{\partial m}\right|,
              \left|\frac{\partial L}{\partial b}\right|\right) \le \text{flat}

    Parameters
    ----------
    learning_rates
        The rates to try, each greater than 0.
    flat
        The steepest slope that counts as flat.
    limit
        How many steps to take at most.

    Raises
    ------
    ValueError
        If a rate is not positive, or is still not flat after `limit` steps.

    Examples
    --------
    >>> race(learning_rates=(0.1, 0.2)).num_steps
    (630, 310)
    """
    rates = plain(learning_rates)
    counts = []
    for rate in rates:
        run = linear_regression.linear_steps(
            learning_rate=rate, num_steps=limit, flat=flat
        )
        if run.stopped != descent.FLAT:
            msg = (
                f"`limit` is {shown(limit)} "
                f"but learning rate {rate!s:.40} needs more steps"
            )
            raise ValueError(msg)
        counts.append(run.num_steps)
    return Race(learning_rates=rates, num_steps=tuple(counts))


@trace
class Schedule(NamedTuple):
    """A descent whose learning rate changes on the way, beside one with one rate.

    The rate of every step, `learning_rates`, and the steps at which it `changes`, with
    the `errors` and `losses`, and the `constant_errors` of the descent whose rate
    stays.
    """

    learning_rates: tuple[Number, ...]
    changes: tuple[int, ...]
    errors: tuple[Number, ...]
    losses: tuple[Number, ...]
    constant_errors: tuple[Number, ...]


@checked
def schedule(
    learning_rate: Positive = 0.11,
    every: Count1 = 5,
    factor: Between = 0.5,
    num_steps: Count0 = 20,
) -> Schedule:
    r"""Lower the learning rate at fixed intervals, on the single weight.

    .. math:: \alpha_t = \alpha_0\, \gamma^{\lfloor t / k \rfloor}

    Parameters
    ----------
    learning_rate
        The rate of the first step, :math:`\alpha_0`.
    every
        How many steps share a rate, :math:`k`.
    factor
        What the rate is multiplied by, :math:`\gamma`.
    num_steps
        How many steps to take.

    Examples
    --------
    >>> run = schedule(num_steps=12)
    >>> run.learning_rates[::5]
    (0.11, 0.055, 0.0275)
    """

    def next_rate(rates: list[Number], _losses: list[Number]) -> Number:
        return schedules.step_decay(
            learning_rate, len(rates), every=every, factor=factor
        )

    return _scheduled(learning_rate, next_rate, num_steps)


@checked
def plateau(
    learning_rate: Positive = Fraction(1, 9),
    patience: Count1 = 3,
    factor: Between = Fraction(1, 2),
    num_steps: Count0 = 8,
) -> Schedule:
    r"""Start at the bound, where the loss stands still, and reduce on the plateau.

    At :math:`\alpha = 2/\lambda` the error changes its sign and nothing else. The rate
    is a fraction here: as a float, 1/9 lies a rounding below the bound.

    Parameters
    ----------
    learning_rate
        The rate of the first step.
    patience
        How many losses without improvement to wait for.
    factor
        What the rate is multiplied by then.
    num_steps
        How many steps to take.

    Examples
    --------
    >>> plateau(num_steps=5)  # doctest: +NORMALIZE_WHITESPACE
    Schedule(learning_rates=(1/9, 1/9, 1/9, 1/18, 1/18), changes=(3,),
             errors=(-4, 4, -4, 4, 0, 0), losses=(16, 16, 16, 16, 0, 0),
             constant_errors=(-4, 4, -4, 4, -4, 4))
    """

    def next_rate(rates: list[Number], losses: list[Number]) -> Number:
        if not rates:
            return learning_rate
        since_change = [rate == rates[-1] for rate in rates].count(True)
        return schedules.reduce_on_plateau(
            rates[-1], losses[-since_change - 1 :], patience=patience, factor=factor
        )

    return _scheduled(learning_rate, next_rate, num_steps)


def _scheduled(
    learning_rate: Number,
    next_rate: Callable[[list[Number], list[Number]], Number],
    num_steps: int,
) -> Schedule:
    constant = repeated(learning_rate=learning_rate, num_steps=num_steps, flat=0)
    weight = constant.weights[0]
    rates: list[Number] = []
    errors, losses = [constant.errors[0]], [constant.losses[0]]
    for _ in range(num_steps):
        rates.append(next_rate(rates, losses))
        weight = weight_update(weight=weight, learning_rate=rates[-1]).new_weight
        after = repeated(weight=weight, num_steps=0)
        errors.append(after.errors[0])
        losses.append(after.losses[0])
    # Where the slope is exactly 0, descent stops: the weight would stay there.
    rest = num_steps - constant.num_steps
    return Schedule(
        learning_rates=tuple(rates),
        changes=tuple(t for t in range(1, num_steps) if rates[t] != rates[t - 1]),
        errors=tuple(errors),
        losses=tuple(losses),
        constant_errors=constant.errors + constant.errors[-1:] * rest,
    )


def _verdict(loss: Number, first_loss: Number) -> str:
    if loss > first_loss:
        return "higher"
    return "stuck" if loss > first_loss * 99 / 100 else "lower"
