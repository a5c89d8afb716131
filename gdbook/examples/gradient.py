"""Collect the slopes of several weights into one arrow."""

from typing import NamedTuple

from gdbook import _checks, descent, gradients, losses, network
from gdbook._arguments import (
    Count0,
    Finite,
    NotNegative,
    Positive,
    Row,
    Rows,
    checked,
)
from gdbook._checks import Number, Numbers, shown
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace


@trace
class TwoInputs(NamedTuple):
    """One step of gradient descent on two weights.

    The `inputs`, the `target` and the `weights` given; `prediction`, `error` and `loss`
    before the step, the `gradient`, the `new_weights`, and `new_prediction`,
    `new_error` and `new_loss` after it.
    """

    inputs: tuple[Number, ...]
    target: Number
    weights: tuple[Number, ...]
    prediction: Number
    error: Number
    loss: Number
    gradient: tuple[Number, ...]
    new_weights: tuple[Number, ...]
    new_prediction: Number
    new_error: Number
    new_loss: Number


@checked
def two_inputs(
    weights: Row = (1, 2),
    inputs: Row = (3, 4),
    target: Finite = 6,
    learning_rate: Positive = 0.01,
) -> TwoInputs:
    r"""Find one slope for each weight, and step against all of them.

    .. math:: \nabla L = 2\,(\hat y - y)\, x, \qquad
              w \leftarrow w - \alpha\, \nabla L, \qquad \hat y = x \cdot w

    Parameters
    ----------
    weights
        The weights before the step, :math:`w`.
    inputs
        What feeds into them, :math:`x`.
    target
        What the prediction should be, :math:`y`.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.

    Raises
    ------
    ValueError
        If the weights and the inputs have different shapes.

    Examples
    --------
    >>> two_inputs()  # doctest: +NORMALIZE_WHITESPACE
    TwoInputs(inputs=(3, 4), target=6, weights=(1, 2), prediction=11, error=5, loss=25,
              gradient=(30, 40), new_weights=(0.7, 1.6), new_prediction=8.5,
              new_error=2.5, new_loss=6.25)
    """
    weights, inputs = _checks.paired("weights", weights, "inputs", inputs)
    rule = GradientDescent(learning_rate)
    prediction = _predict(weights, inputs)
    loss_slope = losses.squared_error_slope(prediction, target)
    gradient = gradients.weight_slope(inputs, loss_slope)
    update, _ = rule.update(gradient, rule.init(weights))
    new_weights = weights + update
    new_prediction = _predict(new_weights, inputs)
    return TwoInputs(
        inputs=plain(inputs),
        target=target,
        weights=plain(weights),
        prediction=prediction,
        error=prediction - target,
        loss=losses.squared_error(prediction, target),
        gradient=plain(gradient),
        new_weights=plain(new_weights),
        new_prediction=new_prediction,
        new_error=new_prediction - target,
        new_loss=losses.squared_error(new_prediction, target),
    )


@trace
class ManySteps(NamedTuple):
    """The same step again and again, towards the weights that fit one sample.

    The `inputs` and the `target` given, and the `squared_length` of the inputs; the
    `factor` between two errors; all `weights` with their `errors` and `losses`, and the
    weights that the descent `settles_at`.
    """

    inputs: tuple[Number, ...]
    target: Number
    squared_length: Number
    factor: Number
    weights: tuple[tuple[Number, ...], ...]
    errors: tuple[Number, ...]
    losses: tuple[Number, ...]
    settles_at: tuple[Number, ...]


@checked
def many_steps(
    weights: Row = (1, 2),
    inputs: Row = (3, 4),
    target: Finite = 6,
    learning_rate: Positive = 0.01,
    num_steps: Count0 = 10,
    flat: NotNegative = 0,
) -> ManySteps:
    r"""Repeat the step on all weights.

    Each step multiplies the error by the same factor, and moves the weights along
    the inputs only:

    .. math:: \hat y_{t+1} - y = (1 - 2 \alpha \lVert x \rVert^2)\,(\hat y_t - y),
              \qquad w_t \to w_0 - \frac{\hat y_0 - y}{\lVert x \rVert^2}\, x

    Parameters
    ----------
    weights
        The weights at the start, :math:`w_0`.
    inputs
        What feeds into them, :math:`x`, not all 0.
    target
        What the prediction should be, :math:`y`.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    num_steps
        How many steps to take at most.
    flat
        The steepest slope that counts as flat.

    Raises
    ------
    ValueError
        If the weights and the inputs have different shapes, or every input is 0.

    Examples
    --------
    >>> run = many_steps(num_steps=3)
    >>> [round(error, 3) for error in run.errors]
    [5.0, 2.5, 1.25, 0.625]
    >>> [round(weight, 3) for weight in run.settles_at]
    [0.4, 1.2]
    """
    weights, inputs = _checks.paired("weights", weights, "inputs", inputs)
    if not (inputs != 0).any():
        msg = "`inputs` is zero but must not be: then no weights reach the target"
        raise ValueError(msg)

    def loss(weights: Numbers) -> Number:
        value: Number = losses.squared_error(_predict(weights, inputs), target)
        return value

    def gradient(weights: Numbers) -> Numbers:
        loss_slope = losses.squared_error_slope(_predict(weights, inputs), target)
        return gradients.weight_slope(inputs, loss_slope)

    rule = GradientDescent(learning_rate)
    history = descent.descend(
        loss, gradient, weights, rule, num_steps=num_steps, flat=flat
    )
    errors = tuple(_predict(visited, inputs) - target for visited in history.params)
    squared_length = plain(inputs @ inputs)
    return ManySteps(
        inputs=plain(inputs),
        target=target,
        squared_length=squared_length,
        factor=1 - learning_rate * 2 * squared_length,
        weights=plain(history.params),
        errors=errors,
        losses=history.losses,
        settles_at=plain(weights - errors[0] * inputs / squared_length),
    )


@checked
def several_starts(
    starts: Rows = ((1, 2), (-1, 1), (2, 1)), num_steps: Count0 = 10
) -> tuple[ManySteps, ...]:
    r"""Let the same sample pull on weights that start in different places.

    .. math:: w_t \to w_0 - \frac{\hat y_0 - y}{\lVert x \rVert^2}\, x

    Parameters
    ----------
    starts
        Where to begin, :math:`w_0`, each a row of two weights.
    num_steps
        How many steps to take from each.

    Raises
    ------
    ValueError
        If `starts` has not two columns.

    Examples
    --------
    >>> [run.errors[0] for run in several_starts()]
    [5.0, -5.0, 4.0]
    """
    if starts.shape[1] != 2:
        msg = f"`starts` has shape {starts.shape} but must have 2 columns"
        raise ValueError(msg)
    return tuple(many_steps(weights=start, num_steps=num_steps) for start in starts)


@trace
class Directions(NamedTuple):
    """The slope of the loss in several directions from one place.

    The `gradient` and its `length`, the `slopes` in the `directions` given, and the
    direction of `steepest` descent.
    """

    gradient: tuple[Number, ...]
    length: Number
    directions: tuple[tuple[Number, ...], ...]
    slopes: tuple[Number, ...]
    steepest: tuple[Number, ...]


@checked
def directions(
    gradient: Row = (30, 40),
    directions: Rows = ((1, 0), (0, 1), (0.8, -0.6), (-0.6, -0.8)),
) -> Directions:
    r"""Read the slope in a direction off the gradient.

    .. math:: \frac{dL}{ds} = \nabla L \cdot u = \lVert \nabla L \rVert \cos\theta,
              \qquad \lVert u \rVert = 1

    A length is irrational as a rule, so with fractions it is computed as a float.

    Parameters
    ----------
    gradient
        The slope along each weight, not all 0.
    directions
        The directions :math:`u` to look in, each a row of length 1.

    Raises
    ------
    ValueError
        If the gradient has not one number for each column of the directions, or is
        zero, or a direction has not length 1.

    Examples
    --------
    >>> directions()  # doctest: +NORMALIZE_WHITESPACE
    Directions(gradient=(30, 40), length=50,
               directions=((1, 0), (0, 1), (0.8, -0.6), (-0.6, -0.8)),
               slopes=(30, 40, 0, -50), steepest=(-0.6, -0.8))
    """
    if directions.shape[1] != gradient.shape[0]:
        msg = (
            f"`directions` has shape {directions.shape} "
            f"but must have {gradient.shape[0]} columns"
        )
        raise ValueError(msg)
    for unit in directions:
        if abs(unit @ unit - 1) > 2.0**-50:  # a few roundings of numbers near 1
            msg = f"`directions` holds {shown(plain(unit))} but each must have length 1"
            raise ValueError(msg)
    if not (gradient != 0).any():
        msg = "`gradient` is zero but must not be: then no direction is steepest"
        raise ValueError(msg)
    length = plain((gradient @ gradient) ** 0.5)
    return Directions(
        gradient=plain(gradient),
        length=length,
        directions=plain(directions),
        slopes=plain(directions @ gradient),
        steepest=plain(-gradient / length),
    )


def _predict(weights: Numbers, inputs: Numbers) -> Number:
    _, output = network.forward([network.Dense(weights)], inputs)
    prediction: Number = plain(output)
    return prediction
