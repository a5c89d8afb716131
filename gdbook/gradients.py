r"""Which way is down? Slopes of a model, and differences that check them.

The gradient collects the slope of the loss along every weight. For a linear
model it has a closed form; for anything else, a central difference measures it.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, Numbers, shown
from gdbook._ranges import in_range, rounded, whole
from gdbook.traces import plain

__all__ = [
    "best_line",
    "central_difference",
    "curvatures",
    "linear_curvature",
    "linear_gradient",
    "weight_slope",
    "with_intercept",
]


def weight_slope(
    inputs: Numbers, loss_slope: Number, activation_slope: Number = 1
) -> Any:
    r"""Multiply the three factors of the slope along a weight.

    .. math:: \frac{dL}{dw} = \frac{dL}{d\hat y} \cdot \frac{d\hat y}{dz} \cdot x,
              \qquad z = w\,x

    Parameters
    ----------
    inputs : number or array, any shape
        The value that feeds into the weight, :math:`x`; several weights of one
        node have one each.
    loss_slope : number
        The slope of the loss along the prediction.
    activation_slope : number, default 1
        The slope of the activation; 1 for the identity.

    Returns
    -------
    number or array, same shape as `inputs`
        The slope along each weight, in units of loss per unit of weight.

    Examples
    --------
    >>> weight_slope(3, loss_slope=-8)
    -24
    """
    inputs, loss_slope, activation_slope = _checks.together(
        inputs=inputs,
        loss_slope=_checks.number("loss_slope", loss_slope),
        activation_slope=_checks.number("activation_slope", activation_slope),
    )
    return in_range(
        lambda x, *slopes: slopes[0] * slopes[1] * x,
        inputs,
        loss_slope,
        activation_slope,
        products=True,
    )


def linear_gradient(inputs: Numbers, weights: Numbers, targets: Numbers) -> Any:
    r"""Give the gradient of a linear model's mean squared error on a batch.

    .. math:: \nabla L(W) = \frac2n\, X^\top (X W - Y)

    Parameters
    ----------
    inputs : array, shape (n_samples, n_inputs)
        One row for each sample, :math:`X`.
    weights : array, shape (n_inputs,) or (n_inputs, n_outputs)
        One column for each output, :math:`W`.
    targets : array, shape (n_samples,) or (n_samples, n_outputs)
        One row for each sample, :math:`Y`.

    Returns
    -------
    array, same shape as `weights`
        The slope along every weight.

    Examples
    --------
    >>> linear_gradient([[3.0, 4.0]], [1.0, 2.0], [6.0])
    array([30., 40.])
    """
    inputs, weights, targets = _checks.together(
        ndims={"inputs": (2,), "weights": (1, 2), "targets": (1, 2)},
        inputs=inputs,
        weights=weights,
        targets=targets,
    )
    n_samples, n_inputs = inputs.shape
    if weights.shape[0] != n_inputs:
        msg = (
            f"`weights` has shape {weights.shape} but `inputs` has shape "
            f"{inputs.shape}; `weights` must have {n_inputs} rows"
        )
        raise ValueError(msg)
    if targets.shape != (n_samples, *weights.shape[1:]):
        msg = (
            f"`targets` has shape {targets.shape} "
            f"but must have shape {(n_samples, *weights.shape[1:])}"
        )
        raise ValueError(msg)

    def slopes(inputs: Any, weights: Any, targets: Any) -> Any:
        errors = inputs @ weights - targets  # (n_samples, n_outputs)
        return 2 * (inputs.T @ errors) / n_samples  # (n_inputs, n_outputs)

    return in_range(slopes, inputs, weights, targets, products=True)


def linear_curvature(inputs: Numbers) -> Any:
    r"""Give the curvature of a linear model's mean squared error.

    .. math:: H = \frac2n\, X^\top X

    It does not depend on the weights: the loss is a bowl of one shape.

    Parameters
    ----------
    inputs : array, shape (n_samples, n_inputs)
        One row for each sample, :math:`X`.

    Returns
    -------
    array, shape (n_inputs, n_inputs)
        How fast the slope along one weight changes along another.

    Examples
    --------
    >>> linear_curvature([[3.0]])
    array([[18.]])
    """
    inputs = _checks.numbers("inputs", inputs, ndims=(2,))
    n_samples = inputs.shape[0]
    return in_range(lambda x: 2 * (x.T @ x) / n_samples, inputs, products=True)


def curvatures(inputs: Numbers) -> tuple[float, ...]:
    r"""Give the curvatures of a linear model's loss along its own axes.

    They are the eigenvalues of :math:`H = \frac2n X^\top X`. Plain descent at a
    constant rate converges from every start below :math:`2 / \lambda_{\max}`; above
    it, only from starts without a distance along the steepest axis. Eigenvalues are
    irrational in general, so fractions are computed as floats here.

    Parameters
    ----------
    inputs : array, shape (n_samples, n_inputs)
        One row for each sample, :math:`X`.

    Returns
    -------
    tuple of float
        The curvatures, smallest first.

    Examples
    --------
    >>> curvatures([[3, 0], [0, 1]])
    (1.0, 9.0)
    """
    curvature = np.asarray(linear_curvature(inputs), dtype=float)
    if not np.isfinite(curvature).all():
        largest = shown(float(np.max(abs(np.asarray(inputs, dtype=float)))))
        msg = (
            f"`inputs` holds {largest} but its square must fit a float; "
            "divide all inputs by a number"
        )
        raise ValueError(msg)
    eigenvalues: tuple[float, ...] = plain(np.linalg.eigvalsh(curvature))
    return eigenvalues


def with_intercept(inputs: Numbers) -> Any:
    """Append an input that is always 1, so that its weight is the intercept.

    Parameters
    ----------
    inputs : array, shape (n_samples,) or (n_samples, n_inputs)
        One number or one row for each sample.

    Returns
    -------
    array, shape (n_samples, n_inputs + 1)
        The same rows with a 1 at the end.

    Examples
    --------
    >>> with_intercept([0.5, 2.0, 1.0])
    array([[0.5, 1. ],
           [2. , 1. ],
           [1. , 1. ]])
    """
    inputs = _checks.numbers("inputs", inputs, ndims=(1, 2))
    columns = inputs.reshape(inputs.shape[0], -1)
    # Ones of the inputs' own kind: a whole 1 among fractions would be averaged to
    # a float.
    ones = 0 * columns[:, :1] + 1
    return np.concatenate([columns, ones], axis=1)


def best_line(inputs: Numbers, targets: Numbers) -> tuple[Any, Any]:
    r"""Find the line whose mean squared error is least, by algebra alone.

    The gradient vanishes where the line passes through the mean point
    :math:`(\bar x, \bar y)` with

    .. math:: m = \frac{\sum_i (x_i - \bar x)(y_i - \bar y)}
                       {\sum_i (x_i - \bar x)^2},
              \qquad b = \bar y - m\,\bar x

    Parameters
    ----------
    inputs : array, shape (n_samples,)
        Where the samples are.
    targets : array, shape (n_samples,)
        What is true there.

    Returns
    -------
    slope : number
        How much the line rises per unit of input, :math:`m`.
    intercept : number
        What the line says at 0, :math:`b`.

    Raises
    ------
    ValueError
        If all inputs are equal.

    References
    ----------
    .. [1] A.-M. Legendre, "Nouvelles méthodes pour la détermination des orbites
       des comètes" (1805).

    Examples
    --------
    >>> best_line([0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
    (2.0, 1.0)
    """
    _checks.varied("inputs", inputs)
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)
    # In floats the mean of two neighbours is one of them, and so no mean. Whole numbers
    # are as exact as fractions, and far quicker to add up.
    (x, x_unit), (y, y_unit) = whole(inputs), whole(targets)
    n_samples, sum_x, sum_y = len(x), x.sum(), y.sum()
    slope = (y_unit / x_unit) * Fraction(
        n_samples * (x @ y) - sum_x * sum_y, n_samples * (x @ x) - sum_x**2
    )
    intercept = (y_unit * sum_y - slope * x_unit * sum_x) / n_samples
    line = np.array([slope, intercept])
    slope, intercept = plain(rounded(line, inputs, targets))
    return slope, intercept


def central_difference(
    function: Callable[[Any], Number], params: Numbers, step: Number | None = None
) -> Any:
    r"""Measure a gradient by walking a little to both sides of every parameter.

    .. math:: \frac{\partial f}{\partial w_i} \approx
              \frac{f(w + h e_i) - f(w - h e_i)}{2h}

    For a quadratic this is the slope itself, but for rounding, whatever the step
    :math:`h`.

    Parameters
    ----------
    function : callable
        Takes parameters, returns a number.
    params : number or array, any shape
        Where to measure.
    step : number, optional
        How far to walk, :math:`h`, greater than 0; unless told a power of two near the
        cube root of the parameters' rounding, where the errors of rounding and of
        bending balance: 2⁻¹⁷, and 2⁻⁸ for float32.

    Returns
    -------
    number or array, same shape as `params`
        The slope along each parameter.

    Raises
    ------
    TypeError
        If `function` returns something that is not a number.
    ValueError
        If `step` is too small to change a parameter, or `function` returns a number
        that is not finite.

    Examples
    --------
    >>> central_difference(lambda x: x**2, 2.0, step=0.5)
    4.0
    """
    function = _checks.function("function", function)
    if step is None:
        (params,) = _checks.together(params=params, integers=False)
        step = _best_step(params)
    else:
        step = _checks.positive("step", step)
        params, step = _checks.together(params=params, step=step, integers=False)
    if np.shape(params) == ():
        return _slope_at(function, params, step)
    start = np.array(params)
    gradient = np.empty(start.shape, dtype=start.dtype)
    for index in np.ndindex(start.shape):

        def along(value: Any, index: tuple[int, ...] = index) -> Number:
            moved = start.copy()
            moved[index] = value
            return function(moved)

        gradient[index] = _slope_at(along, start[index], step)
    return gradient


def _best_step(params: Any) -> Number:
    """Return a power of two near the cube root of the rounding of the parameters."""
    if _checks.holds_fractions(params):
        return Fraction(1, 2**17)
    # What the function returns is looked at as a Python float, so that wider ones do
    # not help.
    rounding = max(np.finfo(getattr(params, "dtype", float)).eps, np.finfo(float).eps)
    return 2.0 ** round(math.log2(rounding) / 3)


def _slope_at(function: Callable[[Any], Number], value: Any, step: Number) -> Any:
    with np.errstate(over="ignore"):
        above, below = value + step, value - step
    if not abs(above - below) < math.inf:
        msg = f"`step` is {shown(step)} but must keep {shown(value)} finite"
        raise ValueError(msg)
    if value in (above, below):
        msg = (
            f"`step` is {shown(step)} but must be large enough to change {shown(value)}"
        )
        raise ValueError(msg)
    rise = _checks.number("function", function(above)) - _checks.number(
        "function", function(below)
    )
    # Not 2 * step: rounding moves the two points, and the difference knows by how much.
    return plain(rise / (above - below))
