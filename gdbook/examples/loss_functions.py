"""Turn many errors into one number: squares, their mean, and a bowl of them."""

from statistics import median
from typing import NamedTuple

import numpy as np

from gdbook import _checks, losses
from gdbook._arguments import Row, Rows, checked, look_at_shape
from gdbook._checks import Number
from gdbook.traces import plain, trace


@trace
class SquaredErrorTable(NamedTuple):
    """Each error beside its square, and their totals.

    The `predictions` and `targets` given; the `errors` and `sum_of_errors`; the
    `squares`, their `total` and their `mean`.
    """

    predictions: tuple[Number, ...]
    targets: tuple[Number, ...]
    errors: tuple[Number, ...]
    squares: tuple[Number, ...]
    sum_of_errors: Number
    total: Number
    mean: Number


@checked
def squared_error_table(
    predictions: Row = (10, 8, 6), targets: Row = (20, 3, 1)
) -> SquaredErrorTable:
    r"""Square each error, add up, and divide by how many there are.

    .. math:: L = \frac1n \sum_{i=1}^{n} (\hat y_i - y_i)^2

    Parameters
    ----------
    predictions
        What the model says.
    targets
        What is true.

    Raises
    ------
    ValueError
        If the predictions and the targets have different shapes.

    Examples
    --------
    >>> squared_error_table()  # doctest: +NORMALIZE_WHITESPACE
    SquaredErrorTable(predictions=(10, 8, 6), targets=(20, 3, 1), errors=(-10, 5, 5),
                      squares=(100, 25, 25), sum_of_errors=0, total=150, mean=50)
    """
    predictions, targets = _checks.paired(
        "predictions", predictions, "targets", targets
    )
    errors = predictions - targets
    squares = losses.squared_error(predictions, targets)
    return SquaredErrorTable(
        predictions=plain(predictions),
        targets=plain(targets),
        errors=plain(errors),
        squares=plain(squares),
        sum_of_errors=plain(errors.sum()),
        total=plain(squares.sum()),
        mean=losses.mean_squared_error(predictions, targets),
    )


@trace
class MeanSquaredError(NamedTuple):
    """Three squared errors and their mean.

    The `squares`, their `total`, and their `mean`.
    """

    squares: tuple[Number, ...]
    total: Number
    mean: Number


@checked
def mean_squared_error_of_three(
    predictions: Row = (3.1, 2.7, 4.0), targets: Row = (3.5, 2.8, 4.1)
) -> MeanSquaredError:
    r"""Average three squared errors.

    .. math:: L = \frac13 \sum_{i=1}^{3} (\hat y_i - y_i)^2

    Parameters
    ----------
    predictions
        What the model says.
    targets
        What is true.

    Raises
    ------
    ValueError
        If the predictions and the targets have different shapes.

    Examples
    --------
    >>> mean_squared_error_of_three()
    MeanSquaredError(squares=(0.16, 0.01, 0.01), total=0.18, mean=0.06)
    """
    table = squared_error_table(predictions, targets)
    return MeanSquaredError(table.squares, table.total, table.mean)


@trace
class OneAnswer(NamedTuple):
    """One number as the prediction for all targets, and what it costs.

    The `targets` given, their `mean` and `median`; the mean squared error where all
    predictions are the one or the other, `squared_at_mean` and `squared_at_median`, and
    the mean absolute error, `absolute_at_mean` and `absolute_at_median`.
    """

    targets: tuple[Number, ...]
    mean: Number
    median: Number
    squared_at_mean: Number
    squared_at_median: Number
    absolute_at_mean: Number
    absolute_at_median: Number


@checked
def one_answer(targets: Row = (1, 2, 3, 4, 50)) -> OneAnswer:
    r"""Predict one number for all targets: their mean, or their median.

    .. math:: \frac1n \sum_i (a - y_i)^2, \qquad \frac1n \sum_i |a - y_i|

    Parameters
    ----------
    targets
        What is true.

    Examples
    --------
    >>> one_answer()  # doctest: +NORMALIZE_WHITESPACE
    OneAnswer(targets=(1, 2, 3, 4, 50), mean=12, median=3,
              squared_at_mean=362, squared_at_median=443,
              absolute_at_mean=15.2, absolute_at_median=10.2)
    """
    answers = (plain(targets.sum()) / len(targets), median(plain(targets)))
    squared, absolute = zip(
        *(
            (
                plain((errors**2).sum()) / len(targets),
                plain(abs(errors).sum()) / len(targets),
            )
            for errors in (answer - targets for answer in answers)
        ),
        strict=True,
    )
    return OneAnswer(plain(targets), *answers, *squared, *absolute)


@trace
class Likelihoods(NamedTuple):
    """How likely an error is, as a part of how likely none is.

    The `errors` given; `normal`, under noise whose density falls with the square of the
    error, and `pointed`, under noise whose density falls with its size.
    """

    errors: tuple[Number, ...]
    normal: tuple[float, ...]
    pointed: tuple[float, ...]


@checked
def likelihoods(errors: Row = (1, 2, 5, 10)) -> Likelihoods:
    r"""Compare two kinds of noise, which make two losses of the same errors.

    .. math:: \exp\bigl(-\tfrac12 (\hat y - y)^2\bigr), \qquad
              \exp\bigl(-|\hat y - y|\bigr)

    Exponentials are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    errors
        Prediction minus target.

    Examples
    --------
    >>> found = likelihoods()
    >>> [f"{share:.2g}" for share in found.normal]
    ['0.61', '0.14', '3.7e-06', '1.9e-22']
    >>> [f"{share:.2g}" for share in found.pointed]
    ['0.37', '0.14', '0.0067', '4.5e-05']
    """
    sizes = abs(np.asarray(errors, dtype=float))
    return Likelihoods(
        errors=plain(errors),
        normal=plain(np.exp(-(sizes**2) / 2)),
        pointed=plain(np.exp(-sizes)),
    )


@trace
class SeveralOutputs(NamedTuple):
    """The loss of a model with several outputs.

    The `shape` of predictions and targets, the number of samples first; the `errors`,
    a row for each sample; what each sample costs, `of_samples`, with its outputs added
    up; the `loss`, their mean; and the mean over all outputs of all samples,
    `over_outputs`.
    """

    shape: tuple[int, int]
    errors: tuple[tuple[Number, ...], ...]
    of_samples: tuple[Number, ...]
    loss: Number
    over_outputs: Number


@checked
def outputs_added(
    predictions: Rows = ((1, 2), (3, 5), (0, 4)),
    targets: Rows = ((1, 0), (3, 5), (2, 3)),
) -> SeveralOutputs:
    r"""Add up the squared errors of a sample's outputs, and average over the samples.

    .. math:: L = \frac1n \sum_{i=1}^{n} \sum_{k} (\hat y_{ik} - y_{ik})^2

    Parameters
    ----------
    predictions
        One row for each sample, one column for each output.
    targets
        What is true, likewise.

    Raises
    ------
    ValueError
        If the predictions and the targets have different shapes.

    Examples
    --------
    >>> outputs_added()  # doctest: +NORMALIZE_WHITESPACE
    SeveralOutputs(shape=(3, 2), errors=((0, 2), (0, 0), (-2, 1)),
                   of_samples=(4, 0, 5), loss=3, over_outputs=1.5)
    """
    look_at_shape("targets", targets, predictions.shape, "that of `predictions`")
    loss = losses.mean_squared_error(predictions, targets)
    squares = losses.squared_error(predictions, targets)
    return SeveralOutputs(
        shape=predictions.shape,
        errors=plain(predictions - targets),
        of_samples=plain(squares.sum(axis=1)),
        loss=loss,
        over_outputs=loss / predictions.shape[1],
    )


@trace
class TwoWeightLosses(NamedTuple):
    """The loss of a model with two weights, at several settings of them.

    The `inputs`, `targets` and `weights` given; the `losses`, one for each setting, and
    the `best` setting, which has the least.
    """

    inputs: tuple[tuple[Number, Number], ...]
    targets: tuple[Number, ...]
    weights: tuple[tuple[Number, Number], ...]
    losses: tuple[Number, ...]
    best: tuple[Number, Number]


@checked
def two_weight_losses(
    weights: Rows = ((0, 0), (1, 1), (3, 0), (2, 1)),
    inputs: Rows = ((1, 0), (0, 1), (1, 1)),
    targets: Row = (2, 1, 3),
) -> TwoWeightLosses:
    r"""Measure the loss for one setting of two weights after another.

    .. math:: L(w_1, w_2) = \frac1n \sum_{i=1}^{n}
              (x_{i1} w_1 + x_{i2} w_2 - y_i)^2

    Parameters
    ----------
    weights
        The settings to try, each a row of two.
    inputs
        One row of two for each sample.
    targets
        One for each sample.

    Raises
    ------
    ValueError
        If a row has not two numbers, or there is not one target for each sample.

    Examples
    --------
    >>> [round(loss, 4) for loss in two_weight_losses().losses]
    [4.6667, 0.6667, 0.6667, 0.0]
    >>> two_weight_losses().best
    (2, 1)
    """
    for name, array in (("weights", weights), ("inputs", inputs)):
        if array.shape[1] != 2:
            msg = f"`{name}` has shape {array.shape} but must have 2 columns"
            raise ValueError(msg)
    look_at_shape("targets", targets, inputs.shape[:1], "one for each row of `inputs`")
    values = [losses.mean_squared_error(inputs @ pair, targets) for pair in weights]
    return TwoWeightLosses(
        inputs=plain(inputs),
        targets=plain(targets),
        weights=plain(weights),
        losses=tuple(values),
        best=plain(weights[values.index(min(values))]),
    )
