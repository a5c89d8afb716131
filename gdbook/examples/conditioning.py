"""Take a narrow valley apart, and scale the inputs until it is round."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks, descent, gradients
from gdbook._arguments import (
    Count0,
    Count1,
    NotNegative,
    Positive,
    Positives,
    Row,
    Rows,
    Varied,
    checked,
    look_at_shape,
)
from gdbook._checks import Number, Numbers, shown
from gdbook.examples import linear_regression
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

# Where descents start on the valley on which the rules of part two are compared.
START = (-5, -2)
FAR = 1e60  # where a descent that diverges is held; its square is still finite

# The samples of the linear step, as fractions.
INPUTS, TARGETS = linear_regression.EXACT_INPUTS, linear_regression.EXACT_TARGETS


@checked
def valley_loss(params: Row) -> Any:
    r"""Give the height of the narrow valley on which rules are compared.

    .. math:: f(x_1, x_2) = \frac{x_1^2}{10} + 2 x_2^2

    Fractions stay fractions.

    Parameters
    ----------
    params
        A place, :math:`(x_1, x_2)`, of shape (2,).

    Returns
    -------
    number
        The height there.

    Raises
    ------
    ValueError
        If `params` has another shape.

    Examples
    --------
    >>> valley_loss(START)
    10.5
    """
    look_at_shape("params", params, (2,))
    first, second = params
    return plain(first**2 / 10 + 2 * second**2)


@checked
def valley_gradient(params: Row) -> Any:
    r"""Give the gradient of the narrow valley.

    .. math:: \nabla f(x_1, x_2) = \left(\frac{x_1}{5},\; 4 x_2\right)

    Fractions stay fractions.

    Parameters
    ----------
    params
        A place, :math:`(x_1, x_2)`, of shape (2,).

    Returns
    -------
    array, shape (2,)
        The slope along each parameter.

    Raises
    ------
    ValueError
        If `params` has another shape.

    Examples
    --------
    >>> valley_gradient(START)
    array([-1., -8.])
    """
    look_at_shape("params", params, (2,))
    first, second = params
    return np.array([first / 5, 4 * second])


# At distance 1 from the lowest point the slope along each axis is its curvature.
CURVATURES: tuple[Fraction, Fraction] = plain(
    valley_gradient((Fraction(1), Fraction(1)))
)


@trace
class ZigZag(NamedTuple):
    """A descent through the valley, and what its two parts must become.

    The `learning_rate`, the `factors`, the `flat_parts` and `steep_parts` of the error
    at every step as descent finds them, the `predicted_flat_parts` and
    `predicted_steep_parts` as the factors foretell them, how far the steps have gone
    along the valley and across it in all (`walked`), and the `losses`.
    """

    learning_rate: Number
    factors: tuple[Number, Number]
    flat_parts: tuple[Number, ...]
    steep_parts: tuple[Number, ...]
    predicted_flat_parts: tuple[Number, ...]
    predicted_steep_parts: tuple[Number, ...]
    walked: tuple[Number, Number]
    losses: tuple[Number, ...]


@checked
def zig_zag(
    start: Row = START, learning_rate: Positive = 0.45, num_steps: Count0 = 20
) -> ZigZag:
    r"""Descend through the narrow valley, and multiply each part by its factor.

    .. math:: x_{i,t} = (1 - \alpha \lambda_i)^t\, x_{i,0}, \qquad
              \lambda_1 = \frac15, \quad \lambda_2 = 4

    Parameters
    ----------
    start
        Where to begin, of shape (2,).
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    num_steps
        How many steps to take.

    Raises
    ------
    ValueError
        If `start` has another shape.

    Examples
    --------
    >>> zig_zag(num_steps=2)  # doctest: +NORMALIZE_WHITESPACE
    ZigZag(learning_rate=0.45, factors=(0.91, -0.8),
           flat_parts=(-5, -4.55, -4.1405), steep_parts=(-2, 1.6, -1.28),
           predicted_flat_parts=(-5, -4.55, -4.1405),
           predicted_steep_parts=(-2, 1.6, -1.28), walked=(0.8595, 6.48),
           losses=(10.5, 7.19025, 4.991174025))
    """
    look_at_shape("start", start, (2,))
    # Whole numbers become numbers of the rate's own kind: an exact rate gives exact
    # places.
    start = start + 0 * learning_rate
    rule = GradientDescent(learning_rate)
    history = descent.descend(
        valley_loss, valley_gradient, start, rule, num_steps=num_steps
    )
    flat_parts, steep_parts = zip(*map(plain, history.params), strict=True)
    factors = _factors(learning_rate)
    steps = range(history.num_steps + 1)
    return ZigZag(
        learning_rate=learning_rate,
        factors=factors,
        flat_parts=flat_parts,
        steep_parts=steep_parts,
        predicted_flat_parts=tuple(flat_parts[0] * factors[0] ** t for t in steps),
        predicted_steep_parts=tuple(steep_parts[0] * factors[1] ** t for t in steps),
        walked=(_walked(flat_parts), _walked(steep_parts)),
        losses=history.losses,
    )


def _walked(parts: tuple[Any, ...]) -> Any:
    return sum(abs(after - before) for before, after in pairwise(parts))


def _factors(learning_rate: Any) -> tuple[Any, Any]:
    flat, steep = CURVATURES
    return 1 - learning_rate * flat, 1 - learning_rate * steep


@trace
class Aims(NamedTuple):
    """Where the steepest way down points, seen from several places.

    The `points`; the `downhills`, which are the gradients with their signs turned; the
    `misses`, by how many degrees these miss the lowest point; and the `stretches`, how
    many times as long as the way from the lowest point they are.
    """

    points: tuple[tuple[Number, ...], ...]
    downhills: tuple[tuple[Number, ...], ...]
    misses: tuple[float, ...]
    stretches: tuple[float, ...]


@checked
def aims(
    points: Rows = (
        START,
        (-6, 0),
        (0, -2),
        (4, 1),
        (-4, 1),
        (6, 0),
        (0, 2),
    ),
) -> Aims:
    r"""Measure by how much the steepest way down misses the lowest point.

    On an axis of the valley it does not miss, and the gradient is a multiple of the
    way from the lowest point:

    .. math:: \nabla f(x) = \lambda\, x

    Angles and lengths are irrational, so fractions are measured as floats here.

    Parameters
    ----------
    points
        Where to look, anywhere but at the lowest point.

    Raises
    ------
    ValueError
        If the rows of `points` are no pairs, or one is the lowest point.

    Examples
    --------
    >>> aimed = aims(((-5, -2), (-6, 0), (0, -2)))
    >>> [round(miss, 1) for miss in aimed.misses]
    [61.1, 0.0, 0.0]
    >>> [round(stretch, 1) for stretch in aimed.stretches]
    [1.5, 0.2, 4.0]
    """
    if points.shape[1] != 2:
        msg = f"`points` has shape {points.shape} but its rows must be pairs"
        raise ValueError(msg)
    if (points == 0).all(axis=1).any():
        msg = "`points` holds (0, 0) but no way leads from the lowest point to itself"
        raise ValueError(msg)
    downhills = tuple(plain(-valley_gradient(point)) for point in points)
    looked = list(zip(plain(points), downhills, strict=True))
    return Aims(
        points=plain(points),
        downhills=downhills,
        misses=tuple(_angle(point, downhill) for point, downhill in looked),
        stretches=tuple(
            math.hypot(*downhill) / math.hypot(*point) for point, downhill in looked
        ),
    )


def _angle(point: tuple[Any, ...], downhill: tuple[Any, ...]) -> float:
    """Give the angle between a direction and the way to the lowest point."""
    x, y = point
    right, up = downhill
    return math.degrees(math.atan2(abs(x * up - y * right), -x * right - y * up))


@trace
class BestRate(NamedTuple):
    """The best constant rate in the valley, and what a long descent makes of it.

    The `curvatures`, their ratio (`condition_number`), the `bound` of the rates, the
    best `learning_rate`, its `factors`, and their common size, the `factor`; then the
    `loss_factor` of the last step, its square root, `measured`, and the
    `steps_to_halve` the error.
    """

    curvatures: tuple[Number, Number]
    condition_number: Number
    bound: Number
    learning_rate: Number
    factors: tuple[Number, Number]
    factor: Number
    loss_factor: Number
    measured: float
    steps_to_halve: float


@checked
def best_rate(start: Row = START, num_steps: Count1 = 100) -> BestRate:
    r"""Compute the best constant rate from the curvatures, and measure it.

    .. math:: \alpha_{\text{best}} = \frac{2}{\lambda_1 + \lambda_n}, \qquad
              |1 - \alpha_{\text{best}}\lambda| \le \frac{\kappa - 1}{\kappa + 1},
              \qquad \kappa = \frac{\lambda_n}{\lambda_1}

    The descent is exact: a float is taken as the fraction that it is.

    Parameters
    ----------
    start
        Where to begin, of shape (2,), anywhere but at the lowest point.
    num_steps
        How many steps to take; the last one is measured.

    Raises
    ------
    ValueError
        If `start` has another shape, or is the lowest point.

    Examples
    --------
    >>> best_rate()  # doctest: +NORMALIZE_WHITESPACE
    BestRate(curvatures=(1/5, 4), condition_number=20, bound=1/2,
             learning_rate=10/21, factors=(19/21, -19/21), factor=19/21,
             loss_factor=361/441, measured=0.904761904762,
             steps_to_halve=6.92569172323)
    """
    look_at_shape("start", start, (2,))
    if (start == 0).all():
        msg = "`start` is (0, 0) but must not be the lowest point"
        raise ValueError(msg)
    flat, steep = CURVATURES
    condition_number = steep / flat
    rate = 2 / (flat + steep)
    factor = (condition_number - 1) / (condition_number + 1)
    exact = [Fraction(value) for value in plain(start)]
    losses = zig_zag(exact, rate, num_steps).losses
    return BestRate(
        curvatures=CURVATURES,
        condition_number=condition_number,
        bound=2 / steep,
        learning_rate=rate,
        factors=_factors(rate),
        factor=factor,
        loss_factor=losses[-1] / losses[-2],
        measured=math.sqrt(losses[-1] / losses[-2]),
        steps_to_halve=math.log(2) / -math.log(factor),
    )


@trace
class MeasuredFactors(NamedTuple):
    """By what a step multiplies the error in the long run, for each rate.

    The `learning_rates`, the size of the slower of the two factors, `predicted`, and
    what the last step of a descent makes of the error, `measured`.
    """

    learning_rates: tuple[Number, ...]
    predicted: tuple[Number, ...]
    measured: tuple[float, ...]


@checked
def measured_factors(
    learning_rates: Positives = (
        0.05,
        0.1,
        0.2,
        0.3,
        0.4,
        0.45,
        10 / 21,
        0.49,
        0.5,
        0.52,
    ),
    num_steps: Count1 = 200,
) -> MeasuredFactors:
    r"""Measure the last step of a long descent, for each learning rate.

    .. math:: \sqrt{\frac{f(x_t)}{f(x_{t-1})}} \;\to\; \max_i |1 - \alpha\lambda_i|

    A square root is irrational, so fractions are measured as floats.

    Parameters
    ----------
    learning_rates
        The rates :math:`\alpha` to try.
    num_steps
        How many steps to take with each.

    Raises
    ------
    ValueError
        If the loss is 0 before the last step.

    Examples
    --------
    >>> found = measured_factors((0.1, 0.4))
    >>> [round(factor, 6) for factor in found.predicted]
    [0.98, 0.92]
    >>> [round(factor, 6) for factor in found.measured]
    [0.98, 0.92]
    """
    measured = []
    for rate in learning_rates:
        losses = zig_zag(START, rate, num_steps).losses
        if not losses[-2] > 0:
            msg = (
                f"`num_steps` is {shown(num_steps)} "
                f"but the loss is 0 before the last step"
            )
            raise ValueError(msg)
        measured.append(math.sqrt(losses[-1] / losses[-2]))
    return MeasuredFactors(
        learning_rates=tuple(learning_rates),
        predicted=tuple(max(map(abs, _factors(rate))) for rate in learning_rates),
        measured=tuple(measured),
    )


@trace
class LinearStepParts(NamedTuple):
    """The descent of a line, taken apart along the two axes of its valley.

    The `curvatures` along and across the valley, their ratio (`condition_number`),
    their `factors`, and the two directions, `along` and `across`. The lines, by their
    `slopes` and `intercepts`, and the best one, by its `best_slope` and
    `best_intercept`. The error's part in each direction at every step, as descent
    finds it (`along_parts`, `across_parts`) and as the factors foretell it
    (`predicted_along_parts`, `predicted_across_parts`), and what each part adds to the
    slope (`slope_along`, `slope_across`). At last the `highest_slope` and the
    `highest_slope_step` at which it is reached.
    """

    curvatures: tuple[float, float]
    condition_number: float
    factors: tuple[float, float]
    along: tuple[float, float]
    across: tuple[float, float]
    slopes: tuple[Number, ...]
    intercepts: tuple[Number, ...]
    best_slope: Number
    best_intercept: Number
    along_parts: tuple[float, ...]
    across_parts: tuple[float, ...]
    predicted_along_parts: tuple[float, ...]
    predicted_across_parts: tuple[float, ...]
    slope_along: tuple[float, ...]
    slope_across: tuple[float, ...]
    highest_slope: Number
    highest_slope_step: int


@checked
def linear_step_parts(
    inputs: Varied = linear_regression.INPUTS,
    targets: Row = linear_regression.TARGETS,
    learning_rate: Positive = 0.1,
    num_steps: Count0 = 200,
) -> LinearStepParts:
    r"""Split the error of a line's weights along the axes of its valley.

    .. math:: \begin{pmatrix} m_t - m^* \\ b_t - b^* \end{pmatrix}
              = \sum_i (1 - \alpha\lambda_i)^t\, e_i\, u_i

    Eigenvectors are irrational, so fractions are split as floats.

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true there.
    learning_rate
        How much of the gradient to use, :math:`\alpha`, below the bound.
    num_steps
        How many steps to take.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> parts = linear_step_parts()
    >>> round(parts.slope_along[0], 3), round(parts.slope_across[0], 3)
    (0.485, -0.528)
    >>> round(parts.slope_along[5], 3), round(parts.slope_across[5], 3)
    (0.417, -0.013)
    """
    speeds = linear_regression.two_speeds(inputs, learning_rate)
    run = linear_regression.linear_steps(
        inputs, targets, learning_rate=learning_rate, num_steps=num_steps
    )
    errors = np.array(
        [
            [float(slope - run.best_slope), float(intercept - run.best_intercept)]
            for slope, intercept in zip(run.slopes, run.intercepts, strict=True)
        ]
    )  # (num_steps + 1, 2)
    along_parts, across_parts = errors @ speeds.along, errors @ speeds.across
    along_factor, across_factor = speeds.factors
    steps = np.arange(run.num_steps + 1)
    return LinearStepParts(
        curvatures=speeds.curvatures,
        condition_number=speeds.condition_number,
        factors=speeds.factors,
        along=speeds.along,
        across=speeds.across,
        slopes=run.slopes,
        intercepts=run.intercepts,
        best_slope=run.best_slope,
        best_intercept=run.best_intercept,
        along_parts=plain(along_parts),
        across_parts=plain(across_parts),
        predicted_along_parts=plain(along_parts[0] * along_factor**steps),
        predicted_across_parts=plain(across_parts[0] * across_factor**steps),
        slope_along=plain(along_parts * speeds.along[0]),
        slope_across=plain(across_parts * speeds.across[0]),
        highest_slope=run.highest_slope,
        highest_slope_step=run.highest_slope_step,
    )


@trace
class Standardised(NamedTuple):
    """A line fitted to its inputs as they are, centred, and standardised.

    The `mean` and the `deviation` of the inputs. Then, for each of the three: the
    `inputs`, the `curvatures` of the loss, its `condition_numbers`, the `best_rates`
    with their `factors`, the `num_steps` that these take, and the `paths` of (slope,
    intercept). At last the standardised line, translated back to the inputs as they
    are (`slope`, `intercept`), and the best line (`best_slope`, `best_intercept`).
    """

    mean: Number
    deviation: float
    inputs: tuple[tuple[Number, ...], ...]
    curvatures: tuple[tuple[tuple[Number, ...], ...], ...]
    condition_numbers: tuple[Number, ...]
    best_rates: tuple[Number, ...]
    factors: tuple[Number, ...]
    num_steps: tuple[int, ...]
    paths: tuple[tuple[tuple[float, ...], ...], ...]
    slope: float
    intercept: float
    best_slope: Number
    best_intercept: Number


@checked
def standardised(
    inputs: Varied = INPUTS,
    targets: Row = TARGETS,
    flat: NotNegative = 1e-9,
    limit: Count0 = 10_000,
) -> Standardised:
    r"""Centre and scale the inputs of a line, and count the steps that it saves.

    .. math:: x' = \frac{x - \bar x}{s}, \qquad
              s^2 = \frac1n \sum_i (x_i - \bar x)^2, \qquad
              m = \frac{m'}{s}, \qquad b = b' - \frac{m'\,\bar x}{s}

    The deviation :math:`s` is a square root, so what is divided by it is a float;
    mean, centred inputs and their curvature are exact for fractions. The descents run
    on floats.

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true there.
    flat
        The steepest slope that counts as flat.
    limit
        How many steps to take at most.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or a descent is still not flat after
        `limit` steps.

    Examples
    --------
    >>> scaled = standardised()
    >>> scaled.condition_numbers[1]
    Fraction(18, 7)
    >>> scaled.num_steps
    (190, 27, 1)
    >>> round(scaled.slope, 10), round(scaled.intercept, 10)
    (0.0428571429, 1.05)
    """
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)
    mean = plain(inputs.sum() / inputs.shape[0])
    centred = inputs - mean
    deviation = math.sqrt((centred**2).sum() / inputs.shape[0])
    scaled = np.asarray(centred, dtype=float) / deviation
    versions = (inputs, centred, scaled)
    rows = [gradients.with_intercept(version) for version in versions]
    curvatures = [gradients.linear_curvature(row) for row in rows]
    flattest, *_, steepest = gradients.curvatures(rows[0])
    # Inputs whose mean is 0 have a curvature of 0 beside the diagonal, so that its
    # axes are those of slope and intercept, and the diagonal says it all, exactly.
    diagonals = [plain(np.diagonal(curvature)) for curvature in curvatures[1:]]
    condition_numbers: tuple[Any, ...] = (
        steepest / flattest,
        *(max(diagonal) / min(diagonal) for diagonal in diagonals),
    )
    best_rates = tuple(plain(2 / np.trace(curvature)) for curvature in curvatures)
    paths = [
        _path(version, targets, rate, flat, limit)
        for version, rate in zip(versions, best_rates, strict=True)
    ]
    slope, intercept = paths[-1][-1]
    best_slope, best_intercept = gradients.best_line(inputs, targets)
    return Standardised(
        mean=mean,
        deviation=deviation,
        inputs=tuple(plain(version) for version in versions),
        curvatures=tuple(plain(curvature) for curvature in curvatures),
        condition_numbers=condition_numbers,
        best_rates=best_rates,
        factors=tuple((kappa - 1) / (kappa + 1) for kappa in condition_numbers),
        num_steps=tuple(len(path) - 1 for path in paths),
        paths=tuple(paths),
        slope=slope / deviation,
        intercept=float(intercept - slope * mean / deviation),
        best_slope=best_slope,
        best_intercept=best_intercept,
    )


def _path(
    inputs: Numbers, targets: Numbers, rate: Number, flat: Number, limit: int
) -> tuple[tuple[float, float], ...]:
    """Descend from the line that lies flat on the axis until the gradient is flat."""
    run = linear_regression.linear_steps(
        np.asarray(inputs, dtype=float),
        np.asarray(targets, dtype=float),
        learning_rate=float(rate),
        num_steps=limit,
        flat=flat,
    )
    if run.stopped != descent.FLAT:
        msg = (
            f"`limit` is {shown(limit)} but learning rate {rate!s:.40} needs more steps"
        )
        raise ValueError(msg)
    lines = zip(run.slopes, run.intercepts, strict=True)
    return tuple((float(slope), float(intercept)) for slope, intercept in lines)
