"""One gradient for a whole batch: the transpose that makes its shapes fit."""

from typing import NamedTuple

from gdbook import descent, gradients, losses
from gdbook._arguments import (
    Array,
    Count0,
    NotNegative,
    Positive,
    Row,
    Rows,
    checked,
)
from gdbook._checks import Number, Numbers
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

INPUTS = ((3, 4), (1, 2), (2, 2))
WEIGHTS = (1, 2)
TARGETS = (6, 4, 8)


@trace
class BatchGradient(NamedTuple):
    """One step of gradient descent on a batch.

    The `predictions` and `errors`, one row for each sample, and the `loss`; the
    `gradient`, the `new_weights`, and their `new_loss` and `new_errors`.
    """

    predictions: tuple[Number, ...] | tuple[tuple[Number, ...], ...]
    errors: tuple[Number, ...] | tuple[tuple[Number, ...], ...]
    loss: Number
    gradient: tuple[Number, ...] | tuple[tuple[Number, ...], ...]
    new_weights: tuple[Number, ...] | tuple[tuple[Number, ...], ...]
    new_loss: Number
    new_errors: tuple[Number, ...] | tuple[tuple[Number, ...], ...]


@checked
def batch_gradient(
    inputs: Rows = INPUTS,
    weights: Array = WEIGHTS,
    targets: Array = TARGETS,
    learning_rate: Positive = 0.01,
) -> BatchGradient:
    r"""Average the gradients of all samples in one product.

    .. math:: \nabla L = \frac2n\, X^\top (X w - y)

    Parameters
    ----------
    inputs
        One row for each sample, :math:`X`.
    weights
        The weights before the step, :math:`w`.
    targets
        One row for each sample, :math:`y`.
    learning_rate
        How much of the gradient to use.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> step = batch_gradient()
    >>> step.predictions, step.errors
    ((11, 5, 6), (5, 1, -2))
    >>> step.gradient
    (8.0, 12.0)
    """
    rule = GradientDescent(learning_rate)
    gradient = gradients.linear_gradient(inputs, weights, targets)
    update, _ = rule.update(gradient, rule.init(weights))
    predictions = inputs @ weights
    new_weights = weights + update
    new_predictions = inputs @ new_weights
    return BatchGradient(
        predictions=plain(predictions),
        errors=plain(predictions - targets),
        loss=losses.mean_squared_error(predictions, targets),
        gradient=plain(gradient),
        new_weights=plain(new_weights),
        new_loss=losses.mean_squared_error(new_predictions, targets),
        new_errors=plain(new_predictions - targets),
    )


@checked
def several_outputs(
    inputs: Rows = INPUTS,
    weights: Array = ((1, 0), (2, 1)),
    targets: Array = ((6, 2), (4, 1), (8, 1)),
    learning_rate: Positive = 0.01,
) -> BatchGradient:
    r"""Use the same product for two outputs: one column for each.

    .. math:: \nabla L = \frac2n\, X^\top (X W - Y)

    Parameters
    ----------
    inputs
        One row for each sample, :math:`X`.
    weights
        One column for each output, :math:`W`.
    targets
        One column for each output, :math:`Y`.
    learning_rate
        How much of the gradient to use.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> several_outputs().gradient
    ((8.0, 6.0), (12.0, 8.0))
    """
    return batch_gradient(inputs, weights, targets, learning_rate)


@trace
class SampleGradients(NamedTuple):
    """The gradient of every sample, and their mean.

    The `gradients` of the samples, each alone, and the `mean`, which is the gradient of
    the batch.
    """

    gradients: tuple[tuple[Number, ...], ...]
    mean: tuple[Number, ...]


@checked
def sample_gradients(
    inputs: Rows = INPUTS, weights: Row = WEIGHTS, targets: Row = TARGETS
) -> SampleGradients:
    r"""Take the batch apart into its samples.

    .. math:: \nabla L = \frac1n \sum_{i=1}^{n} 2\,(\hat y_i - y_i)\, x_i

    Parameters
    ----------
    inputs
        One row for each sample, :math:`x_i`.
    weights
        The weights, :math:`w`.
    targets
        One for each sample, :math:`y_i`.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> sample_gradients()  # doctest: +NORMALIZE_WHITESPACE
    SampleGradients(gradients=((30, 40), (2, 4), (-8, -8)), mean=(8, 12))
    """
    mean = _true_gradient(inputs, weights, targets)
    return SampleGradients(
        gradients=tuple(
            _true_gradient(inputs[i : i + 1], weights, targets[i : i + 1])
            for i in range(inputs.shape[0])
        ),
        mean=mean,
    )


@trace
class SilentBroadcast(NamedTuple):
    """What NumPy makes of predictions in a row and targets in a column.

    The shapes, `predictions_shape`, `targets_shape` and `errors_shape`; the `errors`,
    every prediction minus every target, and the mean of their squares, the
    `wrong_loss`; the `true_loss`, and the `message` of a loss that refuses.
    """

    predictions_shape: tuple[int, ...]
    targets_shape: tuple[int, ...]
    errors_shape: tuple[int, ...]
    errors: tuple[tuple[Number, ...], ...]
    wrong_loss: Number
    true_loss: Number
    message: str


@checked
def silent_broadcast(
    predictions: Row = (11, 5, 6), targets: Row = TARGETS
) -> SilentBroadcast:
    r"""Subtract a column of targets from a row of predictions, as NumPy lets you.

    .. math:: \frac{1}{n^2} \sum_{i=1}^{n} \sum_{j=1}^{n} (\hat y_j - y_i)^2
              \quad\text{instead of}\quad
              \frac1n \sum_{i=1}^{n} (\hat y_i - y_i)^2

    Parameters
    ----------
    predictions
        What the model says, :math:`\hat y`.
    targets
        What is true, :math:`y`; they are turned into a column.

    Raises
    ------
    ValueError
        If the predictions and the targets have different shapes.

    Examples
    --------
    >>> seen = silent_broadcast()
    >>> seen.errors_shape, seen.true_loss, round(seen.wrong_loss, 3)
    ((3, 3), 10.0, 11.333)
    """
    true_loss = losses.mean_squared_error(predictions, targets)
    column = targets[:, None]
    errors = predictions - column  # (n_samples, n_samples), and no complaint
    try:
        message = f"no error: {losses.mean_squared_error(predictions, column)}"
    except ValueError as error:
        message = str(error)
    return SilentBroadcast(
        predictions_shape=predictions.shape,
        targets_shape=column.shape,
        errors_shape=errors.shape,
        errors=plain(errors),
        wrong_loss=plain((errors**2).mean()),
        true_loss=true_loss,
        message=message,
    )


@trace
class MissingTranspose(NamedTuple):
    """A gradient without its transpose, on one row, on two, and on three.

    What the formula returns, `on_one_row` and `on_two_rows`, beside the true gradients,
    `true_on_one_row` and `true_on_two_rows`, and NumPy's `message` for more rows.
    """

    on_one_row: tuple[Number, ...]
    true_on_one_row: tuple[Number, ...]
    on_two_rows: tuple[Number, ...]
    true_on_two_rows: tuple[Number, ...]
    message: str


@checked
def missing_transpose(
    inputs: Rows = INPUTS, weights: Row = WEIGHTS, targets: Row = TARGETS
) -> MissingTranspose:
    r"""Run the formula that lacks the transpose, and see where it hides.

    .. math:: \frac2n\, X (X w - y) \quad\text{instead of}\quad
              \frac2n\, X^\top (X w - y)

    On one row it divides by the number of inputs instead of samples; on as many
    rows as inputs it returns a gradient that is right by accident at most; on more it
    fails.

    Parameters
    ----------
    inputs
        Three rows or more, one for each sample, :math:`X`.
    weights
        The weights, :math:`w`.
    targets
        One for each sample, :math:`y`.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or there are not two inputs and three rows
        or more.

    Examples
    --------
    >>> seen = missing_transpose()
    >>> seen.on_one_row, seen.true_on_one_row
    ((15.0, 20.0), (30.0, 40.0))
    >>> seen.on_two_rows, seen.true_on_two_rows
    ((19.0, 7.0), (16.0, 22.0))
    """
    gradients.linear_gradient(inputs, weights, targets)  # refuses what does not fit
    if inputs.shape[1] != 2 or inputs.shape[0] < 3:
        msg = (
            f"`inputs` has shape {inputs.shape} "
            "but must have 2 columns and 3 rows or more"
        )
        raise ValueError(msg)
    try:
        message = f"no error: {_without_transpose(inputs, weights, targets)}"
    except ValueError as error:
        message = str(error)
    return MissingTranspose(
        on_one_row=plain(_without_transpose(inputs[0], weights, targets[0])),
        true_on_one_row=_true_gradient(inputs[:1], weights, targets[:1]),
        on_two_rows=plain(_without_transpose(inputs[:2], weights, targets[:2])),
        true_on_two_rows=_true_gradient(inputs[:2], weights, targets[:2]),
        message=message,
    )


@trace
class UntilFlat(NamedTuple):
    """A descent with a stopping rule that exists.

    All `losses` and `steepest_slopes`, the `new_weights` and their `new_loss`, and
    after how many steps, `num_steps`, and why the descent `stopped`.
    """

    losses: tuple[Number, ...]
    steepest_slopes: tuple[Number, ...]
    new_weights: tuple[Number, ...]
    new_loss: Number
    num_steps: int
    stopped: str


@checked
def until_flat(
    inputs: Rows = INPUTS,
    weights: Array = WEIGHTS,
    targets: Array = TARGETS,
    learning_rate: Positive = 0.04,
    num_steps: Count0 = 5000,
    flat: NotNegative = 1e-6,
) -> UntilFlat:
    r"""Repeat the batch step until no slope is steeper than `flat`.

    .. math:: w \leftarrow w - \alpha\, \frac2n\, X^\top (X w - y)

    Parameters
    ----------
    inputs
        One row for each sample, :math:`X`.
    weights
        The weights at the start, :math:`w`.
    targets
        One for each sample, :math:`y`.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    num_steps
        How many steps to take at most.
    flat
        The steepest slope that counts as flat.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> run = until_flat()
    >>> run.stopped
    'the gradient is flat'
    >>> [round(weight, 4) for weight in run.new_weights]
    [4.0, -1.0]
    """
    gradients.linear_gradient(inputs, weights, targets)  # refuses what does not fit
    history = descent.descend(
        lambda weights: losses.mean_squared_error(inputs @ weights, targets),
        lambda weights: gradients.linear_gradient(inputs, weights, targets),
        weights,
        GradientDescent(learning_rate),
        num_steps=num_steps,
        flat=flat,
    )
    return UntilFlat(
        losses=history.losses,
        steepest_slopes=tuple(plain(abs(g).max()) for g in history.gradients),
        new_weights=plain(history.params[-1]),
        new_loss=history.losses[-1],
        num_steps=history.num_steps,
        stopped=history.stopped,
    )


def _without_transpose(inputs: Numbers, weights: Numbers, targets: Numbers) -> Numbers:
    """Do what the source's `calculate_slope` does, in its own words."""
    predictions = inputs.dot(weights)
    error = predictions - targets
    return 2 * inputs.dot(error) / inputs.shape[0]


def _true_gradient(
    inputs: Numbers, weights: Numbers, targets: Numbers
) -> tuple[Number, ...]:
    gradient: tuple[Number, ...] = plain(
        gradients.linear_gradient(inputs, weights, targets)
    )
    return gradient
