"""Update one weight by hand, then let it settle."""

from typing import NamedTuple

from gdbook import descent, gradients, losses
from gdbook._arguments import Finite, checked
from gdbook._checks import Number
from gdbook.optimizers import GradientDescent
from gdbook.traces import trace

__all__ = ["Repeated", "WeightUpdate", "repeated", "weight_update"]


@trace
class WeightUpdate(NamedTuple):
    """One step of gradient descent on one weight."""

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
    learning_rate: Number = 0.01,
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
    learning_rate : number
        How much of the slope to use, :math:`\alpha`.

    Returns
    -------
    WeightUpdate
        The prediction, its error, the slope, the update, and the new weight.

    Raises
    ------
    TypeError, ValueError
        If an argument is no finite number, or `learning_rate` is not positive.

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
class Repeated(NamedTuple):
    """The same update again and again."""

    input_value: Number
    target: Number
    learning_rate: Number
    weights: tuple[Number, ...]
    errors: tuple[Number, ...]
    losses: tuple[Number, ...]
    factor: Number
    settles_at: Number
    new_weight: Number
    num_steps: int
    stopped: str


@checked
def repeated(
    input_value: Finite = 3,
    weight: Finite = 2,
    target: Finite = 10,
    learning_rate: Number = 0.01,
    num_steps: int = 100,
    flat: Number = 0.001,
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
    learning_rate : number
        How much of the slope to use, :math:`\alpha`.
    num_steps : int
        How many steps to take at most.
    flat : number
        The steepest slope that counts as flat.

    Returns
    -------
    Repeated
        What was given, every weight with its error and loss, the factor, where the
        weight settles, and why descent stopped.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.descent.descend` does; also if `input_value` is 0.

    Examples
    --------
    >>> repeated(num_steps=2)  # doctest: +NORMALIZE_WHITESPACE
    Repeated(input_value=3, target=10, learning_rate=0.01, weights=(2, 2.24, 2.4368),
             errors=(-4, -3.28, -2.6896), losses=(16, 10.7584, 7.23394816), factor=0.82,
             settles_at=3.33333333333, new_weight=2.4368, num_steps=2,
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
        learning_rate=rule.learning_rate,
        weights=history.params,
        errors=tuple(w * input_value - target for w in history.params),
        losses=history.losses,
        factor=1 - rule.learning_rate * 2 * input_value**2,
        settles_at=target / input_value,
        new_weight=history.params[-1],
        num_steps=history.num_steps,
        stopped=history.stopped,
    )
