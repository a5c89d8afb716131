"""Fit a line step by step, and follow the steps to their end."""

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks, descent, gradients, losses
from gdbook._arguments import (
    Count0,
    Finite,
    NotNegative,
    Positive,
    Row,
    Varied,
    checked,
)
from gdbook._checks import Number, shown
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

INPUTS = (0.5, 2.0, 1.0)
TARGETS = (0.8, 1.0, 1.5)
EXACT_INPUTS, EXACT_TARGETS = (
    tuple(Fraction(str(number)) for number in numbers) for numbers in (INPUTS, TARGETS)
)


@trace
class LinearStep(NamedTuple):
    """One step of gradient descent on a line.

    The `predictions`, their `errors` and the `loss`; the slopes of the loss,
    `slope_gradient` and `intercept_gradient`; the `new_slope` and `new_intercept` of
    the line, and the `new_loss`.
    """

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
    inputs: Row = INPUTS,
    targets: Row = TARGETS,
    slope: Finite = 0,
    intercept: Finite = 0,
    learning_rate: Positive = 0.1,
) -> LinearStep:
    r"""Move a line's slope and intercept one step downhill.

    .. math:: \frac{\partial L}{\partial m} = \frac2n \sum_i (\hat y_i - y_i)\, x_i,
              \qquad
              \frac{\partial L}{\partial b} = \frac2n \sum_i (\hat y_i - y_i),
              \qquad \hat y_i = m x_i + b

    Parameters
    ----------
    inputs
        Where the samples are, :math:`x`.
    targets
        What is true there, :math:`y`.
    slope
        The slope before the step, :math:`m`.
    intercept
        The intercept before the step, :math:`b`.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.

    Raises
    ------
    ValueError
        If the inputs and the targets have different shapes.

    Examples
    --------
    >>> step = linear_step()
    >>> step  # doctest: +NORMALIZE_WHITESPACE
    LinearStep(predictions=(0, 0, 0), errors=(-0.8, -1, -1.5), loss=1.29666666667,
               slope_gradient=-2.6, intercept_gradient=-2.2, new_slope=0.26,
               new_intercept=0.22, new_loss=0.436833333333)
    """
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)
    rows = gradients.with_intercept(inputs)
    weights = np.array([slope, intercept])
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
    """Many steps of gradient descent on a line, and the line they lead to.

    The `inputs`, `targets` and `learning_rate` given; all `slopes` and `intercepts`
    with their `losses`; the last of each, `new_slope`, `new_intercept` and `new_loss`;
    the `highest_slope` on the way, and at which step, `highest_slope_step`; the best
    line and its loss, `best_slope`, `best_intercept` and `best_loss`; after how many
    steps, `num_steps`, and why descent `stopped`.
    """

    inputs: tuple[Number, ...]
    targets: tuple[Number, ...]
    learning_rate: Number
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
    inputs: Varied = INPUTS,
    targets: Row = TARGETS,
    slope: Finite = 0,
    intercept: Finite = 0,
    learning_rate: Positive = 0.1,
    num_steps: Count0 = 4,
    flat: NotNegative = 0,
) -> LinearSteps:
    r"""Repeat the step, and say where it leads.

    .. math:: m \leftarrow m - \alpha \frac{\partial L}{\partial m}, \qquad
              b \leftarrow b - \alpha \frac{\partial L}{\partial b}

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true there.
    slope
        The slope at the start, :math:`m`.
    intercept
        The intercept at the start, :math:`b`.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    num_steps
        How many steps to take at most.
    flat
        The steepest slope that counts as flat.

    Raises
    ------
    ValueError
        If the inputs and the targets have different shapes.

    Examples
    --------
    >>> steps = linear_steps(num_steps=3)
    >>> [round(slope, 5) for slope in steps.slopes]
    [0.0, 0.26, 0.37767, 0.42724]
    >>> [round(intercept, 5) for intercept in steps.intercepts]
    [0.0, 0.22, 0.33533, 0.40014]
    """
    best = gradients.best_line(inputs, targets)
    rows = gradients.with_intercept(inputs)
    history = descent.descend(
        lambda weights: losses.mean_squared_error(rows @ weights, targets),
        lambda weights: gradients.linear_gradient(rows, weights, targets),
        np.array([slope, intercept], dtype=object),
        GradientDescent(learning_rate),
        num_steps=num_steps,
        flat=flat,
    )
    slopes = tuple(plain(line)[0] for line in history.params)
    intercepts = tuple(plain(line)[1] for line in history.params)
    return LinearSteps(
        inputs=plain(inputs),
        targets=plain(targets),
        learning_rate=learning_rate,
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
        best_loss=losses.mean_squared_error(rows @ np.array(best), targets),
        num_steps=history.num_steps,
        stopped=history.stopped,
    )


@trace
class TwoSpeeds(NamedTuple):
    """How fast the distance to the best line shrinks, across and along the valley.

    For the flat direction and the steep one, the `curvatures`, the `factors` of a step
    and the `steps_to_halve` the distance; the `condition_number`, which is the ratio of
    the curvatures; and the two directions in the (slope, intercept) plane, `along` the
    floor and `across` the valley.
    """

    curvatures: tuple[float, float]
    condition_number: float
    factors: tuple[float, float]
    steps_to_halve: tuple[float, float]
    along: tuple[float, float]
    across: tuple[float, float]


@checked
def two_speeds(inputs: Varied = INPUTS, learning_rate: Positive = 0.1) -> TwoSpeeds:
    r"""Take the valley of the loss apart into its flat and its steep direction.

    Each step multiplies the distance to the best line by
    :math:`1 - \alpha \lambda` in the direction whose curvature is :math:`\lambda`.
    Eigenvalues are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    inputs
        Where the samples are.
    learning_rate
        How much of the gradient to use, :math:`\alpha`, below the bound
        :math:`2 / \lambda_{\max}`.

    Raises
    ------
    ValueError
        If `learning_rate` is not below the bound.

    Examples
    --------
    >>> speeds = two_speeds()
    >>> round(speeds.condition_number, 2)
    17.39
    >>> [round(factor, 3) for factor in speeds.factors]
    [0.97, 0.48]
    """
    rows = gradients.with_intercept(inputs)
    curvature = np.asarray(gradients.linear_curvature(rows), dtype=float)
    (flat, steep), directions = np.linalg.eigh(curvature)
    bound = 2 / steep
    if learning_rate >= bound:
        msg = (
            f"`learning_rate` is {shown(learning_rate)} "
            f"but must be less than {shown(bound)}"
        )
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
class SolvedLine(NamedTuple):
    """The best line by algebra: two equations, of which one unknown is taken away.

    The `matrix` of the factors of slope and intercept, and the `right_sides` of the
    equations; the `multiplier` of the second one that takes the intercept out of the
    first, of which `left` times the slope is `right`; the `slope` and the `intercept`.
    """

    matrix: tuple[tuple[Number, Number], tuple[Number, Number]]
    right_sides: tuple[Number, Number]
    multiplier: Number
    left: Number
    right: Number
    slope: Number
    intercept: Number


@checked
def solve_line(
    inputs: Varied = EXACT_INPUTS, targets: Row = EXACT_TARGETS
) -> SolvedLine:
    r"""Find the line at which both slopes of the loss are zero.

    .. math:: \frac2n \sum_i x_i^2\;m + \frac2n \sum_i x_i\;b
              = \frac2n \sum_i x_i y_i, \qquad
              \frac2n \sum_i x_i\;m + 2\,b = \frac2n \sum_i y_i

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true there.

    Raises
    ------
    ValueError
        If the inputs and the targets have different shapes, or the inputs are so close
        to each other that floats cannot tell the two equations apart.

    Examples
    --------
    >>> solved = solve_line()
    >>> print(*solved.matrix[0], *solved.matrix[1], *solved.right_sides)
    7/2 7/3 7/3 2 13/5 11/5
    >>> print(solved.multiplier, solved.left, solved.right)
    7/6 7/9 1/30
    >>> print(solved.slope, solved.intercept)
    3/70 21/20
    """
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)
    rows = gradients.with_intercept(inputs)
    matrix, _ = _four_numbers(rows)
    (first, shared), (_, second) = matrix
    zero = np.zeros(2, dtype=int)
    along_slope, along_intercept = plain(
        -gradients.linear_gradient(rows, zero, targets)
    )
    multiplier = shared / second
    left = first - multiplier * shared
    right = along_slope - multiplier * along_intercept
    slope = right / left
    return SolvedLine(
        matrix=matrix,
        right_sides=(along_slope, along_intercept),
        multiplier=multiplier,
        left=left,
        right=right,
        slope=slope,
        intercept=(along_intercept - shared * slope) / second,
    )


def _four_numbers(rows: Any) -> tuple[Any, Number]:
    """Return the curvature of a line's loss, and its determinant, which is positive."""
    matrix = plain(gradients.linear_curvature(rows))
    (first, shared), (_, second) = matrix
    determinant = first * second - shared**2
    # Where a difference of floats is this small, few of its digits are right.
    least = shared**2 * 1e-12 if isinstance(determinant, float) else 0
    if not determinant > least:
        msg = (
            f"`inputs` holds {shown(plain(rows[0, 0]))} but must hold numbers farther "
            "apart: rounding makes them one"
        )
        raise ValueError(msg)
    return matrix, determinant


@trace
class TwoCurvatures(NamedTuple):
    """The curvatures of a line's loss, by hand.

    The `matrix` of its four numbers, the sum of its `diagonal` and its `determinant`;
    what stands `under_root` when the quadratic is solved for the `curvatures`, the
    least first; the `safe_rate`, two over the sum of the diagonal, and the `bound`, two
    over the greatest curvature.
    """

    matrix: tuple[tuple[Number, Number], tuple[Number, Number]]
    diagonal: Number
    determinant: Number
    under_root: Number
    curvatures: tuple[float, float]
    safe_rate: Number
    bound: float


@checked
def two_curvatures(inputs: Varied = EXACT_INPUTS) -> TwoCurvatures:
    r"""Solve the quadratic whose roots are the curvatures of a line's loss.

    .. math:: \lambda^2 - (h_{11} + h_{22})\,\lambda + (h_{11} h_{22} - h_{12}^2) = 0,
              \qquad H = \frac2n X^\top X

    Roots are irrational in general, so the curvatures are floats.

    Parameters
    ----------
    inputs
        Where the samples are.

    Raises
    ------
    ValueError
        If the inputs are so close to each other that floats cannot tell the least
        curvature from 0.

    Examples
    --------
    >>> found = two_curvatures()
    >>> print(found.diagonal, found.determinant, found.under_root, found.safe_rate)
    11/2 14/9 865/144 4/11
    >>> [round(curvature, 4) for curvature in found.curvatures]
    [0.2991, 5.2009]
    """
    matrix, determinant = _four_numbers(gradients.with_intercept(inputs))
    (first, shared), (_, second) = matrix
    diagonal = first + second
    # This is the square of half the diagonal minus the determinant, and never negative.
    under_root = ((first - second) / 2) ** 2 + shared**2
    greatest = float(diagonal) / 2 + math.sqrt(under_root)
    return TwoCurvatures(
        matrix=matrix,
        diagonal=diagonal,
        determinant=determinant,
        under_root=under_root,
        # The difference of two numbers that are nearly equal would lose digits.
        curvatures=(float(determinant) / greatest, greatest),
        safe_rate=2 / diagonal,
        bound=2 / greatest,
    )


@trace
class HoursAndGrades(NamedTuple):
    """A line through grades, from a first guess to the best.

    The `hours`, the `grades`, and the `slope` and `intercept` of the guess given; the
    `errors` and the `loss` of the guess; the `new_slope`, `new_intercept` and
    `new_loss` of the best line, and its `prediction` for the `new_hours` given.
    """

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
    grades: Row = (3, 5, 4, 6, 8),
    slope: Finite = 1,
    intercept: Finite = 1,
    new_hours: Finite = 7,
) -> HoursAndGrades:
    r"""Find the best line through grades, and predict one more.

    .. math:: \hat y = m x + b

    Parameters
    ----------
    hours
        Hours studied.
    grades
        The grade each student got.
    slope
        The slope of the first guess, in grades per hour.
    intercept
        The intercept of the first guess, in grades.
    new_hours
        Hours of the student whose grade is to be predicted.

    Raises
    ------
    ValueError
        If the hours and the grades have different shapes.

    Examples
    --------
    >>> hours_and_grades()  # doctest: +NORMALIZE_WHITESPACE
    HoursAndGrades(hours=(2, 4, 6, 8, 10), grades=(3, 5, 4, 6, 8), slope=1,
                   intercept=1, errors=(0, 0, 3, 3, 3), loss=5.4, new_slope=0.55,
                   new_intercept=1.9, new_loss=0.54, new_hours=7, prediction=5.75)
    """
    hours, grades = _checks.paired("hours", hours, "grades", grades)
    best = gradients.best_line(hours, grades)
    rows = gradients.with_intercept(hours)
    guessed = rows @ np.array([slope, intercept])
    return HoursAndGrades(
        hours=plain(hours),
        grades=plain(grades),
        slope=slope,
        intercept=intercept,
        errors=plain(guessed - grades),
        loss=losses.mean_squared_error(guessed, grades),
        new_slope=best[0],
        new_intercept=best[1],
        new_loss=losses.mean_squared_error(rows @ np.array(best), grades),
        new_hours=new_hours,
        prediction=best[0] * new_hours + best[1],
    )
