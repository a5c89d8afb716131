"""Fit a line step by step, and follow the steps to their end."""

from typing import NamedTuple

import numpy as np

from gdbook import _checks, descent, gradients, losses
from gdbook._arguments import Finite, Positive, Varied, checked
from gdbook._checks import Number, Numbers
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

__all__ = [
    "HoursAndGrades",
    "LinearStep",
    "LinearSteps",
    "TwoSpeeds",
    "hours_and_grades",
    "linear_step",
    "linear_steps",
    "two_speeds",
]

INPUTS = (0.5, 2.0, 1.0)
TARGETS = (0.8, 1.0, 1.5)


@trace
class LinearStep(NamedTuple):
    """One step of gradient descent on a line."""

    predictions: tuple[Number, ...]
    errors: tuple[Number, ...]
    loss: Number
    slope_gradient: Number
    intercept_gradient: Number
    new_slope: Number
    new_intercept: Number
    new_loss: Number


@checked
def linear_step(
    inputs: Numbers = INPUTS,
    targets: Numbers = TARGETS,
    slope: Number = 0,
    intercept: Number = 0,
    learning_rate: Number = 0.1,
) -> LinearStep:
    r"""Move a line's slope and intercept one step downhill.

    .. math:: \frac{\partial L}{\partial m} = \frac2n \sum_i (\hat y_i - y_i)\, x_i,
              \qquad
              \frac{\partial L}{\partial b} = \frac2n \sum_i (\hat y_i - y_i),
              \qquad \hat y_i = m x_i + b

    Parameters
    ----------
    inputs : array, shape (n_samples,)
        Where the samples are, :math:`x`.
    targets : array, shape (n_samples,)
        What is true there, :math:`y`.
    slope : number
        The slope before the step, :math:`m`.
    intercept : number
        The intercept before the step, :math:`b`.
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`.

    Returns
    -------
    LinearStep
        Predictions, errors, loss, gradient, the new line and its loss.

    Raises
    ------
    TypeError, ValueError
        If the shapes differ, a value is no finite number, or `learning_rate` is
        not positive.

    Examples
    --------
    >>> step = linear_step()
    >>> step  # doctest: +NORMALIZE_WHITESPACE
    LinearStep(predictions=(0, 0, 0), errors=(-0.8, -1, -1.5), loss=1.29666666667,
               slope_gradient=-2.6, intercept_gradient=-2.2, new_slope=0.26,
               new_intercept=0.22, new_loss=0.436833333333)
    """
    rows, targets = _rows(inputs, targets)
    weights = _weights(slope, intercept)
    rule = GradientDescent(learning_rate)
    predictions = rows @ weights
    gradient = gradients.linear_gradient(rows, weights, targets)
    update, _ = rule.update(gradient, rule.init(weights))
    new_weights = weights + update
    slope_gradient, intercept_gradient = plain(gradient)
    new_slope, new_intercept = plain(new_weights)
    return LinearStep(
        predictions=plain(predictions),
        errors=plain(predictions - targets),
        loss=losses.mean_squared_error(predictions, targets),
        slope_gradient=slope_gradient,
        intercept_gradient=intercept_gradient,
        new_slope=new_slope,
        new_intercept=new_intercept,
        new_loss=losses.mean_squared_error(rows @ new_weights, targets),
    )


@trace
class LinearSteps(NamedTuple):
    """Many steps of gradient descent on a line, and the line they lead to."""

    inputs: tuple[Number, ...]
    targets: tuple[Number, ...]
    slopes: tuple[Number, ...]
    intercepts: tuple[Number, ...]
    losses: tuple[Number, ...]
    new_slope: Number
    new_intercept: Number
    new_loss: Number
    highest_slope: Number
    highest_slope_step: int
    best_slope: Number
    best_intercept: Number
    best_loss: Number
    num_steps: int
    stopped: str


@checked
def linear_steps(
    inputs: Numbers = INPUTS,
    targets: Numbers = TARGETS,
    slope: Number = 0,
    intercept: Number = 0,
    learning_rate: Number = 0.1,
    num_steps: int = 4,
    flat: Number = 0,
) -> LinearSteps:
    r"""Repeat the step, and say where it leads.

    .. math:: m \leftarrow m - \alpha \frac{\partial L}{\partial m}, \qquad
              b \leftarrow b - \alpha \frac{\partial L}{\partial b}

    Parameters
    ----------
    inputs : array, shape (n_samples,)
        Where the samples are, not all equal.
    targets : array, shape (n_samples,)
        What is true there.
    slope : number
        The slope at the start, :math:`m`.
    intercept : number
        The intercept at the start, :math:`b`.
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`.
    num_steps : int
        How many steps to take at most.
    flat : number
        The steepest slope that counts as flat.

    Returns
    -------
    LinearSteps
        What was given, every line with its loss, the last one, the highest slope on
        the way, the best line, and why descent stopped.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.descent.descend` and `gdbook.gradients.best_line` do.

    Examples
    --------
    >>> steps = linear_steps(num_steps=3)
    >>> [round(slope, 5) for slope in steps.slopes]
    [0, 0.26, 0.37767, 0.42724]
    >>> [round(intercept, 5) for intercept in steps.intercepts]
    [0, 0.22, 0.33533, 0.40014]
    """
    rows, targets = _rows(inputs, targets)
    best = gradients.best_line(inputs, targets)
    history = descent.descend(
        lambda weights: losses.mean_squared_error(rows @ weights, targets),
        lambda weights: gradients.linear_gradient(rows, weights, targets),
        _weights(slope, intercept),
        GradientDescent(learning_rate),
        num_steps=num_steps,
        flat=flat,
    )
    slopes = tuple(plain(line)[0] for line in history.params)
    intercepts = tuple(plain(line)[1] for line in history.params)
    return LinearSteps(
        inputs=plain(rows[:, 0]),
        targets=plain(targets),
        slopes=slopes,
        intercepts=intercepts,
        losses=history.losses,
        new_slope=slopes[-1],
        new_intercept=intercepts[-1],
        new_loss=history.losses[-1],
        highest_slope=max(slopes),
        highest_slope_step=slopes.index(max(slopes)),
        best_slope=best[0],
        best_intercept=best[1],
        best_loss=losses.mean_squared_error(rows @ _weights(*best), targets),
        num_steps=history.num_steps,
        stopped=history.stopped,
    )


@trace
class TwoSpeeds(NamedTuple):
    """How fast the distance to the best line shrinks, across and along the valley."""

    curvatures: tuple[float, float]
    condition_number: float
    factors: tuple[float, float]
    steps_to_halve: tuple[float, float]
    along: tuple[float, float]
    across: tuple[float, float]


@checked
def two_speeds(inputs: Numbers = INPUTS, learning_rate: Positive = 0.1) -> TwoSpeeds:
    r"""Take the valley of the loss apart into its flat and its steep direction.

    Each step multiplies the distance to the best line by
    :math:`1 - \alpha \lambda` in the direction whose curvature is :math:`\lambda`.
    Eigenvalues are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    inputs : array, shape (n_samples,)
        Where the samples are.
    learning_rate
        How much of the gradient to use, :math:`\alpha`, below the bound
        :math:`2 / \lambda_{\max}`.

    Returns
    -------
    TwoSpeeds
        The two curvatures, smallest first, their ratio, the factor of each, how
        many steps halve the distance, and the directions in the (slope, intercept)
        plane.

    Raises
    ------
    TypeError, ValueError
        If a value is no finite number, all inputs are equal, or `learning_rate` is
        not positive, or is as large as the bound.

    Examples
    --------
    >>> speeds = two_speeds()
    >>> round(speeds.condition_number, 2)
    17.39
    >>> [round(factor, 3) for factor in speeds.factors]
    [0.97, 0.48]
    """
    rows = gradients.with_intercept(_checks.varied("inputs", inputs))
    curvature = np.asarray(gradients.linear_curvature(rows), dtype=float)
    (flat, steep), directions = np.linalg.eigh(curvature)
    bound = 2 / steep
    if learning_rate >= bound:
        msg = f"`learning_rate` is {learning_rate!r} but must be less than {bound}"
        raise ValueError(msg)
    factors = 1 - float(learning_rate) * np.array([flat, steep])
    # An eigenvector's sign is a matter of convention: along points to a larger
    # intercept, across to a larger slope, or else to more of the other.
    along, across = directions.T
    along = along * (np.sign(along[1]) or np.sign(along[0]))
    across = across * (np.sign(across[0]) or np.sign(across[1]))
    with np.errstate(divide="ignore"):  # a factor of 0 halves in no time
        steps_to_halve = np.log(0.5) / np.log(abs(factors))
    return TwoSpeeds(
        curvatures=plain((flat, steep)),
        condition_number=plain(steep / flat),
        factors=plain(factors),
        steps_to_halve=plain(steps_to_halve),
        along=plain(along),
        across=plain(across),
    )


@trace
class HoursAndGrades(NamedTuple):
    """A line through grades, from a first guess to the best."""

    hours: tuple[Number, ...]
    grades: tuple[Number, ...]
    slope: Number
    intercept: Number
    errors: tuple[Number, ...]
    loss: Number
    new_slope: Number
    new_intercept: Number
    new_loss: Number
    new_hours: Number
    prediction: Number


@checked
def hours_and_grades(
    hours: Varied = (2, 4, 6, 8, 10),
    grades: Numbers = (3, 5, 4, 6, 8),
    slope: Number = 1,
    intercept: Number = 1,
    new_hours: Finite = 7,
) -> HoursAndGrades:
    r"""Find the best line through grades, and predict one more.

    .. math:: \hat y = m x + b

    Parameters
    ----------
    hours
        Hours studied.
    grades : array, shape (n_samples,)
        The grade each student got.
    slope : number
        The slope of the first guess, in grades per hour.
    intercept : number
        The intercept of the first guess, in grades.
    new_hours
        Hours of the student whose grade is to be predicted.

    Returns
    -------
    HoursAndGrades
        What was given, the errors and the loss of the guess, the best line and its
        loss, and the prediction.

    Raises
    ------
    TypeError, ValueError
        As `gdbook.gradients.best_line` does.

    Examples
    --------
    >>> hours_and_grades()  # doctest: +NORMALIZE_WHITESPACE
    HoursAndGrades(hours=(2, 4, 6, 8, 10), grades=(3, 5, 4, 6, 8), slope=1,
                   intercept=1, errors=(0, 0, 3, 3, 3), loss=5.4, new_slope=0.55,
                   new_intercept=1.9, new_loss=0.54, new_hours=7, prediction=5.75)
    """
    rows, targets = _rows(hours, grades, "hours", "grades")
    weights = _weights(slope, intercept)
    best = gradients.best_line(hours, grades)
    return HoursAndGrades(
        hours=plain(rows[:, 0]),
        grades=plain(targets),
        slope=slope,
        intercept=intercept,
        errors=plain(rows @ weights - targets),
        loss=losses.mean_squared_error(rows @ weights, targets),
        new_slope=best[0],
        new_intercept=best[1],
        new_loss=losses.mean_squared_error(rows @ _weights(*best), targets),
        new_hours=new_hours,
        prediction=best[0] * new_hours + best[1],
    )


def _rows(
    inputs: Numbers,
    targets: Numbers,
    inputs_name: str = "inputs",
    targets_name: str = "targets",
) -> tuple[Numbers, Numbers]:
    """Return one row (input, 1) for each sample, and the targets."""
    inputs = _checks.numbers(inputs_name, inputs, ndims=(1,))
    inputs, targets = _checks.paired(inputs_name, inputs, targets_name, targets)
    return gradients.with_intercept(inputs), targets


def _weights(slope: Number, intercept: Number) -> Numbers:
    return np.array(
        [_checks.number("slope", slope), _checks.number("intercept", intercept)]
    )
