"""Update one weight by hand, then let it settle."""

from fractions import Fraction
from typing import NamedTuple

from gdbook import descent, gradients, losses
from gdbook._arguments import (
    Count0,
    Finite,
    NotNegative,
    Positive,
    Positives,
    checked,
)
from gdbook._checks import Number
from gdbook.optimizers import GradientDescent
from gdbook.traces import trace


@trace
class WeightUpdate(NamedTuple):
    """One step of gradient descent on one weight.

    The `prediction` and its `error`, the `slope` along the weight, the `update`, and
    the `new_weight`.
    """

    prediction: Number
    error: Number
    slope: Number
    update: Number
    new_weight: Number


@checked
def weight_update(
    input_value: Finite = 3,
    weight: Finite = 2,
    target: Finite = 10,
    learning_rate: Positive = 0.01,
) -> WeightUpdate:
    r"""Multiply three factors to the slope, and step against it.

    .. math:: \frac{dL}{dw} = 2\,(\hat y - y) \cdot 1 \cdot x, \qquad
              w \leftarrow w - \alpha\,\frac{dL}{dw}, \qquad \hat y = w\,x

    Parameters
    ----------
    input_value
        What feeds into the weight, :math:`x`.
    weight
        The weight before the step, :math:`w`.
    target
        What the prediction should be, :math:`y`.
    learning_rate
        How much of the slope to use, :math:`\alpha`.

    Examples
    --------
    >>> weight_update()
    WeightUpdate(prediction=6, error=-4, slope=-24, update=0.24, new_weight=2.24)
    """
    rule = GradientDescent(learning_rate)
    prediction = weight * input_value
    loss_slope = losses.squared_error_slope(prediction, target)
    slope = gradients.weight_slope(input_value, loss_slope)
    update, _ = rule.update(slope, rule.init(weight))
    return WeightUpdate(
        prediction=prediction,
        error=prediction - target,
        slope=slope,
        update=update,
        new_weight=weight + update,
    )


@trace
class Promise(NamedTuple):
    """What the tangent promises of a step, and what the step keeps.

    The `learning_rate` given and the `update`; what the loss is `before` the step, how
    it changes with a change of the weight, by the `slope` times that and the `square`
    times its square; how far it falls on the tangent, `promised`, the `gap` that the
    square makes, and how far the loss falls itself, `kept`.
    """

    learning_rate: Number
    update: Number
    before: Number
    slope: Number
    square: Number
    promised: Number
    gap: Number
    kept: Number


@checked
def promise(
    input_value: Finite = 3,
    weight: Finite = 2,
    target: Finite = 10,
    learning_rate: Positive = 0.01,
) -> Promise:
    r"""Compare the fall that the tangent promises of a step with the fall of the loss.

    .. math:: L(w + h) = L(w) + \frac{dL}{dw}\,h + \frac{\lambda}{2}\,h^2,
              \qquad h = -\alpha\,\frac{dL}{dw}, \qquad \lambda = 2 x^2

    Parameters
    ----------
    input_value
        What feeds into the weight, :math:`x`.
    weight
        The weight before the step, :math:`w`.
    target
        What the prediction should be, :math:`y`.
    learning_rate
        How much of the slope to use, :math:`\alpha`.

    Examples
    --------
    >>> promise()  # doctest: +NORMALIZE_WHITESPACE
    Promise(learning_rate=0.01, update=0.24, before=16, slope=-24, square=9,
            promised=5.76, gap=0.5184, kept=5.2416)
    """
    step = weight_update(input_value, weight, target, learning_rate)
    before, after = (
        losses.squared_error(one * input_value, target)
        for one in (weight, step.new_weight)
    )
    square = input_value**2
    return Promise(
        learning_rate=learning_rate,
        update=step.update,
        before=before,
        slope=step.slope,
        square=square,
        promised=-step.slope * step.update,
        gap=square * step.update**2,
        kept=before - after,
    )


@checked
def promises(
    input_value: Finite = 3,
    weight: Finite = 2,
    target: Finite = 10,
    learning_rates: Positives = (
        *(Fraction(1, 36), Fraction(1, 18), Fraction(1, 12)),
        *(Fraction(1, 9), Fraction(1, 6)),
    ),
) -> tuple[Promise, ...]:
    r"""Make that comparison for several learning rates.

    The step keeps :math:`\alpha\,(dL/dw)^2\,(1 - \alpha\lambda/2)`, which is more than
    nothing for a rate below :math:`2/\lambda`.

    Parameters
    ----------
    input_value
        What feeds into the weight, :math:`x`.
    weight
        The weight before the step, :math:`w`.
    target
        What the prediction should be, :math:`y`.
    learning_rates
        How much of the slope to use, :math:`\alpha`, one for each step.

    Examples
    --------
    >>> for one in promises():
    ...     print(one.learning_rate, one.promised, one.kept)
    1/36 16 12
    1/18 32 16
    1/12 48 12
    1/9 64 0
    1/6 96 -48
    """
    return tuple(promise(input_value, weight, target, rate) for rate in learning_rates)


@trace
class Repeated(NamedTuple):
    """The same update again and again.

    What was given as `input_value`, `target` and `learning_rate`; all `weights` with
    their `errors` and `losses`; the `factor` between two errors, the weight that it
    `settles_at`, and after how many steps, `num_steps`, and why descent `stopped`.
    """

    input_value: Number
    target: Number
    learning_rate: Number
    weights: tuple[Number, ...]
    errors: tuple[Number, ...]
    losses: tuple[Number, ...]
    factor: Number
    settles_at: Number
    num_steps: int
    stopped: str


@checked
def repeated(
    input_value: Finite = 3,
    weight: Finite = 2,
    target: Finite = 10,
    learning_rate: Positive = 0.01,
    num_steps: Count0 = 100,
    flat: NotNegative = 0.001,
) -> Repeated:
    r"""Repeat the update until the slope is flat.

    Each step multiplies the error by the same factor:

    .. math:: \hat y_{t+1} - y = (1 - 2 \alpha x^2)\,(\hat y_t - y)

    Parameters
    ----------
    input_value
        What feeds into the weight, :math:`x`, not 0.
    weight
        The weight at the start.
    target
        What the prediction should be, :math:`y`.
    learning_rate
        How much of the slope to use, :math:`\alpha`.
    num_steps
        How many steps to take at most.
    flat
        The steepest slope that counts as flat.

    Raises
    ------
    ValueError
        If `input_value` is 0.

    Examples
    --------
    >>> repeated(num_steps=2)  # doctest: +NORMALIZE_WHITESPACE
    Repeated(input_value=3, target=10, learning_rate=0.01, weights=(2, 2.24, 2.4368),
             errors=(-4, -3.28, -2.6896), losses=(16, 10.7584, 7.23394816), factor=0.82,
             settles_at=3.33333333333, num_steps=2,
             stopped='the number of steps is used up')
    """
    if input_value == 0:
        msg = "`input_value` is 0 but must not be: then no weight reaches the target"
        raise ValueError(msg)
    rule = GradientDescent(learning_rate)

    def loss(weight: Number) -> Number:
        value: Number = losses.squared_error(weight * input_value, target)
        return value

    def slope(weight: Number) -> Number:
        loss_slope = losses.squared_error_slope(weight * input_value, target)
        value: Number = gradients.weight_slope(input_value, loss_slope)
        return value

    history = descent.descend(loss, slope, weight, rule, num_steps=num_steps, flat=flat)
    return Repeated(
        input_value=input_value,
        target=target,
        learning_rate=learning_rate,
        weights=history.params,
        errors=tuple(w * input_value - target for w in history.params),
        losses=history.losses,
        factor=1 - learning_rate * 2 * input_value**2,
        settles_at=target / input_value,
        num_steps=history.num_steps,
        stopped=history.stopped,
    )
