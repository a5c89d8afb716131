r"""How wrong is a prediction? Each loss stands beside its slope.

The error of a prediction is :math:`\hat y - y`, prediction minus target.
A loss turns errors into one number that is small when predictions are good;
its slope says how that number moves when a prediction moves.

A loss and its slope take the same arguments; a slope returns one number for each
prediction or score, in their shape.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks, _kinds
from gdbook._checks import Numbers, shown
from gdbook._ranges import in_range
from gdbook.activations import _powers, sigmoid
from gdbook.traces import plain

__all__ = [
    "BINARY_CROSS_ENTROPY",
    "CROSS_ENTROPY",
    "MEAN_SQUARED_ERROR",
    "SIGMOID_CROSS_ENTROPY",
    "SOFTMAX_CROSS_ENTROPY",
    "Loss",
    "binary_cross_entropy",
    "binary_cross_entropy_slope",
    "cross_entropy",
    "cross_entropy_slope",
    "mean_squared_error",
    "mean_squared_error_slope",
    "sigmoid_cross_entropy",
    "sigmoid_cross_entropy_slope",
    "softmax_cross_entropy",
    "softmax_cross_entropy_slope",
    "squared_error",
    "squared_error_slope",
]


def squared_error(predictions: Numbers, targets: Numbers) -> Any:
    r"""Square each error.

    .. math:: L(\hat y) = (\hat y - y)^2

    Parameters
    ----------
    predictions : number or array, any shape
        What the model says.
    targets : number or array, same shape
        What is true.

    Returns
    -------
    number or array, same shape
        The squared errors, in the square of the targets' unit.

    Examples
    --------
    >>> squared_error(6, 10)
    16
    """
    predictions, targets = _errors_of(predictions, targets)
    return in_range(lambda y, t: (y - t) ** 2, predictions, targets)


def squared_error_slope(predictions: Numbers, targets: Numbers) -> Any:
    r"""Give the slope of `squared_error`: twice the errors.

    .. math:: \frac{dL}{d\hat y} = 2\,(\hat y - y)

    Examples
    --------
    >>> squared_error_slope(6, 10)
    -8
    """
    predictions, targets = _errors_of(predictions, targets)
    return in_range(lambda y, t: 2 * (y - t), predictions, targets)


def mean_squared_error(predictions: Numbers, targets: Numbers) -> Any:
    r"""Average the squared errors over the samples.

    .. math:: L = \frac1n \sum_{i=1}^{n} \lVert \hat y_i - y_i \rVert^2

    With several outputs, the squared error of a sample is the sum over its
    outputs. Keras and PyTorch divide by the number of outputs as well.

    Parameters
    ----------
    predictions : array, shape (n_samples,) or (n_samples, n_outputs)
        What the model says.
    targets : array, same shape
        What is true.

    Returns
    -------
    number
        The loss, in the square of the targets' unit.

    Examples
    --------
    >>> mean_squared_error([10, 8, 6], [20, 3, 1])
    50.0
    """
    predictions, targets = _batch_of(predictions, targets)
    n_samples = predictions.shape[0]
    return in_range(
        lambda y, t: ((y - t) ** 2).sum() / n_samples,
        predictions,
        targets,
        products=True,
    )


def mean_squared_error_slope(predictions: Numbers, targets: Numbers) -> Any:
    r"""Give the slope of `mean_squared_error` along each prediction.

    .. math:: \frac{\partial L}{\partial \hat y_i} = \frac2n\,(\hat y_i - y_i)

    Examples
    --------
    >>> mean_squared_error_slope([10.0, 8.0, 7.0, 5.0], [20.0, 3.0, 1.0, 1.0])
    array([-5. ,  2.5,  3. ,  2. ])
    """
    return _mean_squared_slope(*_batch_of(predictions, targets))


def _mean_squared_slope(predictions: Any, targets: Any) -> Any:
    n_samples = predictions.shape[0]
    return in_range(lambda y, t: 2 * (y - t) / n_samples, predictions, targets)


def binary_cross_entropy(predictions: Numbers, targets: Numbers) -> Any:
    r"""Average the surprise at yes-or-no targets.

    .. math:: L = -\frac1n \sum_{i=1}^{n}
              \bigl( y_i \ln \hat y_i + (1 - y_i) \ln (1 - \hat y_i) \bigr)

    With several outputs, the surprises of a sample are added.
    Logarithms are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    predictions : array, shape (n_samples,) or (n_samples, n_outputs)
        Probabilities of a yes, greater than 0 and less than 1.
    targets : array, same shape
        Probabilities from 0 to 1; usually 0 for no and 1 for yes.

    Returns
    -------
    float
        The loss, in nats.

    References
    ----------
    .. [1] I. J. Good, "Rational decisions", Journal of the Royal Statistical
       Society B 14 (1952).

    Examples
    --------
    A coin tossed to decide costs one bit, which is ln 2 nats:

    >>> round(binary_cross_entropy([0.5, 0.5], [1, 0]), 6)
    0.693147
    """
    predictions, targets = _probabilities_of(predictions, targets)
    n_samples = predictions.shape[0]
    predictions = _kinds.floats("predictions", predictions)
    targets = _kinds.floats("targets", targets)
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        yes, no = np.log(predictions), np.log1p(-predictions)
        return plain(-(targets * yes + (1 - targets) * no).sum() / n_samples)


def binary_cross_entropy_slope(predictions: Numbers, targets: Numbers) -> Any:
    r"""Give the slope of `binary_cross_entropy` along each prediction.

    .. math:: \frac{\partial L}{\partial \hat y_i}
              = \frac1n\, \frac{\hat y_i - y_i}{\hat y_i\,(1 - \hat y_i)}

    Examples
    --------
    >>> binary_cross_entropy_slope([0.25, 0.5], [1.0, 0.0])
    array([-2.,  1.])
    """
    predictions, targets = _probabilities_of(predictions, targets)
    n_samples = predictions.shape[0]
    return in_range(
        lambda y, t: (y - t) / (y * (1 - y)) / n_samples, predictions, targets
    )


def cross_entropy(predictions: Numbers, targets: Numbers) -> Any:
    r"""Average the surprise at which of several classes is true.

    .. math:: L = -\frac1n \sum_{i=1}^{n} \sum_{k} y_{ik} \ln \hat y_{ik}

    Logarithms are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    predictions : array, shape (n_samples, n_outputs)
        Probabilities of the classes, greater than 0; each row adds up to 1.
    targets : array, same shape
        Probabilities from 0 to 1 that add up to 1; usually a single 1 in each row.

    Returns
    -------
    float
        The loss, in nats.

    References
    ----------
    .. [1] C. E. Shannon, "A mathematical theory of communication", Bell System
       Technical Journal 27 (1948).

    Examples
    --------
    Choosing among four classes without knowing anything costs two bits:

    >>> round(cross_entropy([[0.25, 0.25, 0.25, 0.25]], [[0, 1, 0, 0]]), 6)
    1.386294
    """
    predictions, targets = _distributions_of(predictions, targets)
    n_samples = predictions.shape[0]
    predictions = _kinds.floats("predictions", predictions)
    targets = _kinds.floats("targets", targets)
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        return plain(0 - (targets * np.log(predictions)).sum() / n_samples)


def cross_entropy_slope(predictions: Numbers, targets: Numbers) -> Any:
    r"""Give the slope of `cross_entropy` along each prediction.

    .. math:: \frac{\partial L}{\partial \hat y_{ik}}
              = -\frac1n\, \frac{y_{ik}}{\hat y_{ik}}

    Examples
    --------
    >>> cross_entropy_slope([[0.25, 0.75]], [[1.0, 0.0]])
    array([[-4., -0.]])
    """
    predictions, targets = _distributions_of(predictions, targets)
    n_samples = predictions.shape[0]
    return in_range(lambda y, t: -t / y / n_samples, predictions, targets)


def sigmoid_cross_entropy(logits: Numbers, targets: Numbers) -> Any:
    r"""Average the surprise at yes-or-no targets, from scores instead of probabilities.

    .. math:: L = \frac1n \sum_{i=1}^{n} \bigl( \ln(1 + e^{z_i}) - y_i z_i \bigr)

    This is `binary_cross_entropy` of :math:`\sigma(z)`, written so that no score is too
    large for it.

    Parameters
    ----------
    logits : array, shape (n_samples,) or (n_samples, n_outputs)
        The scores :math:`z`, before the sigmoid.
    targets : array, same shape
        Probabilities from 0 to 1; usually 0 for no and 1 for yes.

    Returns
    -------
    float
        The loss, in nats.

    Examples
    --------
    >>> sigmoid_cross_entropy([1000.0, -1000.0], [1, 1])
    500.0
    """
    logits, targets = _scores_of(logits, targets)
    n_samples = logits.shape[0]
    # ln(1 + e^z) is max(z, 0) + ln(1 + e^-|z|), which keeps the digits of small losses.
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        missed = abs(logits) * np.where(logits > 0, 1 - targets, targets)
        surprises = missed + np.log1p(np.exp(-abs(logits)))
    return in_range(lambda each: each.sum() / n_samples, surprises)


def sigmoid_cross_entropy_slope(logits: Numbers, targets: Numbers) -> Any:
    r"""Give the slope of `sigmoid_cross_entropy` along each score: the error.

    .. math:: \frac{\partial L}{\partial z_i} = \frac1n\,\bigl(\sigma(z_i) - y_i\bigr)

    Examples
    --------
    >>> sigmoid_cross_entropy_slope([1000.0, -1000.0, 0.0, 0.0], [1, 1, 1, 0])
    array([ 0.   , -0.25 , -0.125,  0.125])
    """
    logits, targets = _scores_of(logits, targets)
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        return _sigmoid_slope(logits, targets)


def _sigmoid_slope(logits: Any, targets: Any) -> Any:
    less_likely = sigmoid(-abs(logits))
    # Of a chance near 1 a target of 1 would leave no digit, of the chance of a no all.
    errors = np.where(logits > 0, (1 - targets) - less_likely, less_likely - targets)
    return errors / logits.shape[0]


def softmax_cross_entropy(logits: Numbers, targets: Numbers) -> Any:
    r"""Average the surprise at the true class, from scores instead of probabilities.

    .. math:: L = \frac1n \sum_{i=1}^{n} \Bigl( \ln \sum_j e^{z_{ij}}
              - \sum_k y_{ik} z_{ik} \Bigr)

    This is `cross_entropy` of the softmax of :math:`z`, written so that no score is too
    large for it.

    Parameters
    ----------
    logits : array, shape (n_samples, n_outputs)
        The scores :math:`z`, before the softmax.
    targets : array, same shape
        Probabilities from 0 to 1 that add up to 1; usually a single 1 in each row.

    Returns
    -------
    float
        The loss, in nats.

    Examples
    --------
    >>> softmax_cross_entropy([[1000.0, -1000.0]], [[0, 1]])
    2000.0
    """
    logits, targets = _class_scores_of(logits, targets)
    n_samples = logits.shape[0]
    highest = logits.max(axis=1, keepdims=True)
    missed = in_range(
        lambda z, top, y: (y * (top - z)).sum() / n_samples, logits, highest, targets
    )
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        _, others = _powers(logits)
        return missed + plain(np.log1p(others.sum(axis=1)).sum() / n_samples)


def softmax_cross_entropy_slope(logits: Numbers, targets: Numbers) -> Any:
    r"""Give the slope of `softmax_cross_entropy` along each score: the error.

    .. math:: \frac{\partial L}{\partial z_{ik}}
              = \frac1n\,\bigl(\operatorname{softmax}(z_i)_k - y_{ik}\bigr)

    Examples
    --------
    >>> softmax_cross_entropy_slope([[1000.0, -1000.0]], [[0, 1]])
    array([[ 1., -1.]])
    """
    logits, targets = _class_scores_of(logits, targets)
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        return _softmax_slope(logits, targets)


def _softmax_slope(logits: Any, targets: Any) -> Any:
    powers, others = _powers(logits)
    rest = others.sum(axis=1, keepdims=True)
    # Of a share near 1 a target of 1 would leave no digit, of the other shares all.
    errors = np.where(
        powers > others,  # the highest score of each row
        (1 - targets) - rest / (1 + rest),
        powers / (1 + rest) - targets,
    )
    return errors / logits.shape[0]


class Loss(NamedTuple):
    """A loss of predictions and targets, beside its slope along the predictions.

    Parameters
    ----------
    function : callable
        Takes predictions and targets, returns one number.
    slope : callable, optional
        Takes the same, returns the slope along each prediction. Without it, `function`
        returns both, as a tuple of the loss and the slope.

    Examples
    --------
    >>> def mean_square(predictions, targets):
    ...     errors = predictions - targets
    ...     return float((errors**2).mean()), 2 * errors / len(errors)
    >>> predictions = np.array([10.0, 8.0, 7.0, 5.0])
    >>> Loss(mean_square).function(predictions, np.array([20.0, 3.0, 1.0, 1.0]))
    (44.25, array([-5. ,  2.5,  3. ,  2. ]))
    """

    function: Callable[[Any, Any], Any]
    slope: Any = None  # a function to whoever made it with one


MEAN_SQUARED_ERROR = Loss(mean_squared_error, mean_squared_error_slope)
BINARY_CROSS_ENTROPY = Loss(binary_cross_entropy, binary_cross_entropy_slope)
CROSS_ENTROPY = Loss(cross_entropy, cross_entropy_slope)
SIGMOID_CROSS_ENTROPY = Loss(sigmoid_cross_entropy, sigmoid_cross_entropy_slope)
SOFTMAX_CROSS_ENTROPY = Loss(softmax_cross_entropy, softmax_cross_entropy_slope)

# Slopes without a look at floats that the loss has taken before: what predictions are
# refused for is that they are not finite.
_UNCHECKED: list[tuple[Loss, Callable[[Any, Any], Any]]] = [
    (MEAN_SQUARED_ERROR, _mean_squared_slope),
    (SIGMOID_CROSS_ENTROPY, _sigmoid_slope),
    (SOFTMAX_CROSS_ENTROPY, _softmax_slope),
]


def _errors_of(
    predictions: Numbers, targets: Numbers, ndims: tuple[int, ...] | None = None
) -> tuple[Any, Any]:
    return _checks.paired("predictions", predictions, "targets", targets, ndims=ndims)


def _batch_of(predictions: Numbers, targets: Numbers) -> tuple[Any, Any]:
    return _errors_of(predictions, targets, ndims=(1, 2))


def _probabilities_of(predictions: Numbers, targets: Numbers) -> tuple[Any, Any]:
    predictions, targets = _batch_of(predictions, targets)
    inside = (predictions > 0) & (predictions < 1)
    _all_inside("predictions", predictions, inside, "greater than 0 and less than 1")
    _targets_inside(targets)
    return predictions, targets


def _distributions_of(predictions: Numbers, targets: Numbers) -> tuple[Any, Any]:
    predictions, targets = _errors_of(predictions, targets, ndims=(2,))
    _all_inside("predictions", predictions, predictions > 0, "greater than 0")
    _targets_inside(targets)
    _rows_add_up("predictions", predictions)
    _rows_add_up("targets", targets)
    return predictions, targets


def _scores_of(
    logits: Numbers, targets: Numbers, ndims: tuple[int, ...] = (1, 2)
) -> tuple[Any, Any]:
    logits, targets = _checks.paired("logits", logits, "targets", targets, ndims=ndims)
    _targets_inside(targets)
    return _kinds.floats("logits", logits), _kinds.floats("targets", targets)


def _class_scores_of(logits: Numbers, targets: Numbers) -> tuple[Any, Any]:
    logits, targets = _scores_of(logits, targets, ndims=(2,))
    _rows_add_up("targets", targets)
    return logits, targets


def _targets_inside(targets: Any) -> None:
    inside = (targets >= 0) & (targets <= 1)
    _all_inside("targets", targets, inside, "from 0 to 1")


def _all_inside(name: str, values: Any, inside: Any, expected: str) -> None:
    if not inside.all():
        found = plain(values[~inside.astype(bool)][0])
        msg = (
            f"`{name}` holds {shown(found)} but every probability in it must be "
            f"{expected}; {_cause(name, found)}"
        )
        raise ValueError(msg)


def _cause(name: str, found: Any) -> str:
    if name == "targets":
        return "one_hot makes such rows of class labels, min and max rescale others"
    if found in {0, 1}:
        return (
            "a saturated activation: leave it out and use the loss of its scores, "
            "sigmoid_cross_entropy or softmax_cross_entropy"
        )
    return "a sigmoid or a softmax makes probabilities of scores"


def _rows_add_up(name: str, rows: Any) -> None:
    # One rounding of at most half an ulp of 1 for each number and each addition, and
    # the same for the sum that a softmax divided by.
    rounding = np.finfo(rows.dtype).eps if rows.dtype.kind == "f" else 2.0**-52
    with np.errstate(all="ignore"):
        totals = rows.sum(axis=1)
        wrong = abs(totals - 1) > rows.shape[1] * rounding
    if wrong.any():
        total = shown(plain(totals[wrong.astype(bool)][0]))
        msg = f"`{name}` has a row that adds up to {total} but every row must to 1"
        msg += f"; {_ADDING_UP[name]}"
        raise ValueError(msg)


_ADDING_UP = {
    "predictions": "softmax makes such rows of scores",
    "targets": "one_hot makes such rows of class labels",
}
