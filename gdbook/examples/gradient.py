"""Collect the slopes of several weights into one arrow."""

from typing import NamedTuple

from gdbook import _checks, descent, gradients, losses, network
from gdbook._arguments import Finite, Row, checked
from gdbook._checks import Number, Numbers
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

__all__ = [
    "Directions",
    "ManySteps",
    "TwoInputs",
    "directions",
    "many_steps",
    "several_starts",
    "two_inputs",
]


@trace
class TwoInputs(NamedTuple):
    """One step of gradient descent on two weights."""

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
    weights: Numbers = (1, 2),
    inputs: Numbers = (3, 4),
    target: Finite = 6,
    learning_rate: Number = 0.01,
) -> TwoInputs:
    r"""Find one slope for each weight, and step against all of them.

    .. math:: \nabla L = 2\,(\hat y - y)\, x, \qquad
              w \leftarrow w - \alpha\, \nabla L, \qquad \hat y = x \cdot w

    Parameters
    ----------
    weights : array, shape (n_inputs,)
        The weights before the step, :math:`w`.
    inputs : array, shape (n_inputs,)
        What feeds into them, :math:`x`.
    target
        What the prediction should be, :math:`y`.
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`.

    Returns
    -------
    TwoInputs
        What was given, prediction, error and loss before and after, the gradient,
        the new weights.

    Raises
    ------
    TypeError, ValueError
        If the shapes differ, an argument is no finite number, or `learning_rate`
        is not positive.

    Examples
    --------
    >>> two_inputs()  # doctest: +NORMALIZE_WHITESPACE
    TwoInputs(inputs=(3, 4), target=6, weights=(1, 2), prediction=11, error=5, loss=25,
              gradient=(30, 40), new_weights=(0.7, 1.6), new_prediction=8.5,
              new_error=2.5, new_loss=6.25)
    """
    weights, inputs = _one_row(weights, inputs)
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
    """The same step again and again, towards the weights that fit one sample."""

    inputs: tuple[Number, ...]
    target: Number
    learning_rate: Number
    squared_length: Number
    factor: Number
    weights: tuple[tuple[Number, ...], ...]
    errors: tuple[Number, ...]
    losses: tuple[Number, ...]
    settles_at: tuple[Number, ...]
    new_weights: tuple[Number, ...]
    num_steps: int
    stopped: str


@checked
def many_steps(
    weights: Numbers = (1, 2),
    inputs: Numbers = (3, 4),
    target: Finite = 6,
    learning_rate: Number = 0.01,
    num_steps: int = 10,
    flat: Number = 0,
) -> ManySteps:
    r"""Repeat the step on all weights.

    Each step multiplies the error by the same factor, and moves the weights along
    the inputs only:

    .. math:: \hat y_{t+1} - y = (1 - 2 \alpha \lVert x \rVert^2)\,(\hat y_t - y),
              \qquad w_t \to w_0 - \frac{\hat y_0 - y}{\lVert x \rVert^2}\, x

    Parameters
    ----------
    weights : array, shape (n_inputs,)
        The weights at the start, :math:`w_0`.
    inputs : array, shape (n_inputs,)
        What feeds into them, :math:`x`, not all 0.
    target
        What the prediction should be, :math:`y`.
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`.
    num_steps : int
        How many steps to take at most.
    flat : number
        The steepest slope that counts as flat.

    Returns
    -------
    ManySteps
        What was given, the squared length of the inputs, the factor, all weights
        with their error and loss, where they settle, and why descent stopped.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.descent.descend` does; also if the shapes differ, or every
        input is 0.

    Examples
    --------
    >>> run = many_steps(num_steps=3)
    >>> [round(error, 3) for error in run.errors]
    [5, 2.5, 1.25, 0.625]
    >>> [round(weight, 3) for weight in run.settles_at]
    [0.4, 1.2]
    """
    weights, inputs = _one_row(weights, inputs)
    if not (inputs != 0).any():
        msg = "`inputs` is zero but must not be: then no weights reach the target"
        raise ValueError(msg)
    rule = GradientDescent(learning_rate)

    def loss(weights: Numbers) -> Number:
        value: Number = losses.squared_error(_predict(weights, inputs), target)
        return value

    def gradient(weights: Numbers) -> Numbers:
        loss_slope = losses.squared_error_slope(_predict(weights, inputs), target)
        return gradients.weight_slope(inputs, loss_slope)

    history = descent.descend(
        loss, gradient, weights, rule, num_steps=num_steps, flat=flat
    )
    errors = tuple(_predict(visited, inputs) - target for visited in history.params)
    squared_length = plain(inputs @ inputs)
    return ManySteps(
        inputs=plain(inputs),
        target=target,
        learning_rate=rule.learning_rate,
        squared_length=squared_length,
        factor=1 - rule.learning_rate * 2 * squared_length,
        weights=plain(history.params),
        errors=errors,
        losses=history.losses,
        settles_at=plain(weights - errors[0] * inputs / squared_length),
        new_weights=plain(history.params[-1]),
        num_steps=history.num_steps,
        stopped=history.stopped,
    )


@checked
def several_starts(
    starts: Numbers = ((1, 2), (-1, 1), (2, 1)), num_steps: int = 10
) -> tuple[ManySteps, ...]:
    r"""Let the same sample pull on weights that start in different places.

    .. math:: w_t \to w_0 - \frac{\hat y_0 - y}{\lVert x \rVert^2}\, x

    Parameters
    ----------
    starts : array, shape (n_starts, 2)
        Where to begin, :math:`w_0`.
    num_steps : int
        How many steps to take from each.

    Returns
    -------
    tuple of ManySteps
        One trace for each start.

    Raises
    ------
    TypeError, ValueError
        If `starts` has not two columns, or a value is no finite number.

    Examples
    --------
    >>> [run.errors[0] for run in several_starts()]
    [5, -5, 4]
    """
    places = _checks.numbers("starts", starts, ndims=(2,))
    if places.shape[1] != 2:
        msg = f"`starts` has shape {places.shape} but must have 2 columns"
        raise ValueError(msg)
    return tuple(many_steps(weights=start, num_steps=num_steps) for start in places)


@trace
class Directions(NamedTuple):
    """The slope of the loss in several directions from one place."""

    gradient: tuple[Number, ...]
    length: Number
    directions: tuple[tuple[Number, ...], ...]
    slopes: tuple[Number, ...]
    steepest: tuple[Number, ...]


@checked
def directions(
    gradient: Row = (30, 40),
    directions: Numbers = ((1, 0), (0, 1), (0.8, -0.6), (-0.6, -0.8)),
) -> Directions:
    r"""Read the slope in a direction off the gradient.

    .. math:: \frac{dL}{ds} = \nabla L \cdot u = \lVert \nabla L \rVert \cos\theta,
              \qquad \lVert u \rVert = 1

    A length is irrational as a rule, so with fractions it is computed as a float.

    Parameters
    ----------
    gradient
        The slope along each weight, not all 0.
    directions : array, shape (n_directions, n_inputs)
        The directions :math:`u` to look in, each of length 1.

    Returns
    -------
    Directions
        The length of the gradient, the slope in each direction, and the direction
        of steepest descent.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, a direction has not length 1, the gradient is
        zero, or a value is no finite number.

    Examples
    --------
    >>> directions()  # doctest: +NORMALIZE_WHITESPACE
    Directions(gradient=(30, 40), length=50,
               directions=((1, 0), (0, 1), (0.8, -0.6), (-0.6, -0.8)),
               slopes=(30, 40, 0, -50), steepest=(-0.6, -0.8))
    """
    units = _checks.numbers("directions", directions, ndims=(2,))
    if units.shape[1] != gradient.shape[0]:
        msg = (
            f"`directions` has shape {units.shape} "
            f"but must have {gradient.shape[0]} columns"
        )
        raise ValueError(msg)
    for unit in units:
        if abs(unit @ unit - 1) > 2.0**-50:  # a few roundings of numbers near 1
            msg = f"`directions` holds {plain(unit)} but each must have length 1"
            raise ValueError(msg)
    if not (gradient != 0).any():
        msg = "`gradient` is zero but must not be: then no direction is steepest"
        raise ValueError(msg)
    length = plain((gradient @ gradient) ** 0.5)
    return Directions(
        gradient=plain(gradient),
        length=length,
        directions=plain(units),
        slopes=plain(units @ gradient),
        steepest=plain(-gradient / length),
    )


def _one_row(weights: Numbers, inputs: Numbers) -> tuple[Numbers, Numbers]:
    """Return weights and inputs of one sample, one weight for each input."""
    weights = _checks.numbers("weights", weights, ndims=(1,))
    inputs = _checks.numbers("inputs", inputs, ndims=(1,))
    return _checks.paired("weights", weights, "inputs", inputs)


def _predict(weights: Numbers, inputs: Numbers) -> Number:
    _, output = network.forward([network.Dense(weights)], inputs)
    prediction: Number = plain(output)
    return prediction
