"""Tell a saddle from a minimum, and measure how long descent stays near one."""

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks, descent, gradients, losses
from gdbook._arguments import (
    Count0,
    Count1,
    Finite,
    Function,
    Positive,
    Row,
    Rows,
    checked,
)
from gdbook._checks import Number, Numbers
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

__all__ = [
    "Escape",
    "EscapeTimes",
    "FlatPlaces",
    "Judgement",
    "NoisyEscape",
    "SaddlePath",
    "SignPatterns",
    "WeightsInARow",
    "escape",
    "escape_times",
    "flat_places",
    "judge",
    "noisy_escape",
    "saddle_gradient",
    "saddle_loss",
    "sign_patterns",
    "three_starts",
    "weights_in_a_row",
]

MINIMUM = (0, 1)
LIMIT = 10_000  # steps that are taken at most before descent counts as caught


@checked
def saddle_loss(params: Numbers) -> Any:
    r"""Give the height of a saddle between two hollows.

    .. math:: f(x, y) = \frac{x^2}{2} - \frac{y^2}{2} + \frac{y^4}{4}

    Parameters
    ----------
    params : array, shape (2,) or (2, n_places)
        The place, :math:`(x, y)`, or one place in each column.

    Returns
    -------
    number or array, shape (n_places,)
        The loss there.

    Raises
    ------
    TypeError
        If `params` holds something that is not a number.
    ValueError
        If `params` has not two rows, or is NaN or infinite.

    Examples
    --------
    >>> saddle_loss((0, 0)), saddle_loss((0, 1))
    (0.0, -0.25)
    """
    x, y = _two_rows(params)
    heights = x**2 / 2 - y**2 / 2 + y**4 / 4
    return heights if np.ndim(heights) else plain(heights)


@checked
def saddle_gradient(params: Numbers) -> Any:
    r"""Give the gradient of the saddle between two hollows.

    .. math:: \nabla f(x, y) = (x,\; y^3 - y)

    Parameters
    ----------
    params : array, shape (2,) or (2, n_places)
        The place, :math:`(x, y)`, or one place in each column.

    Returns
    -------
    array, same shape as `params`
        The slopes along :math:`x` and :math:`y`.

    Raises
    ------
    TypeError
        If `params` holds something that is not a number.
    ValueError
        If `params` has not two rows, or is NaN or infinite.

    Examples
    --------
    >>> saddle_gradient((1, 2)).tolist()
    [1, 6]
    """
    x, y = _two_rows(params)
    return np.array([x, y**3 - y])


@trace
class SaddlePath(NamedTuple):
    """A descent that starts at some distance from the ridge of a saddle."""

    distance: Number
    learning_rate: Number
    flat: Number
    places: tuple[tuple[Number, ...], ...]
    losses: tuple[Number, ...]
    end: tuple[Number, ...]
    end_loss: Number
    num_steps: int
    stopped: str


@checked
def three_starts(
    distances: Row = (0, 1e-6, 0.5),
    along: Finite = 1,
    learning_rate: Number = 0.1,
    num_steps: int = 1000,
    flat: Number = 1e-9,
) -> tuple[SaddlePath, ...]:
    r"""Start on the ridge of a saddle, near it, and away from it.

    .. math:: x_{t+1} = (1 - \alpha)\,x_t, \qquad
              y_{t+1} = (1 + \alpha)\,y_t - \alpha\,y_t^3

    Parameters
    ----------
    distances
        How far from the ridge to start, :math:`y_0`.
    along
        How far up the ridge to start, :math:`x_0`.
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`.
    num_steps : int
        How many steps to take at most.
    flat : number
        The steepest slope that counts as flat.

    Returns
    -------
    tuple of SaddlePath
        For each distance every place with its loss, where descent ended, and why.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.descent.descend` does.

    Examples
    --------
    >>> on, near, away = three_starts()
    >>> on.stopped == near.stopped == away.stopped
    True
    >>> on.end_loss < 1e-15, round(near.end_loss, 12)
    (True, -0.25)
    """
    rule = GradientDescent(learning_rate)
    return tuple(
        _path(along, distance, rule, num_steps, flat) for distance in plain(distances)
    )


@trace
class Judgement(NamedTuple):
    """What the curvatures around a place say about it."""

    place: tuple[Number, ...]
    gradient: tuple[Number, ...]
    second_slopes: tuple[tuple[Number, ...], ...]
    curvatures: tuple[float, ...]
    verdict: str


@checked
def judge(
    gradient: Function,
    place: Row,
    step: Positive = 0.001,
    negligible: Positive = 1e-5,
) -> Judgement:
    r"""Feel how the gradient changes around a place, and say what the place is.

    .. math:: \frac{\partial^2 L}{\partial w_i\, \partial w_j} \approx
              \frac{1}{2h} \left(
              \frac{\partial L}{\partial w_i}(w + h e_j)
              - \frac{\partial L}{\partial w_i}(w - h e_j) \right)

    The least and the greatest curvature of all directions, and those between, are the
    eigenvalues of this matrix. They are irrational in general, so fractions are
    computed as floats there; the second slopes are exact.

    Parameters
    ----------
    gradient
        Takes parameters, returns the gradient in their shape.
    place
        Where to look around, :math:`w`.
    step
        How far to walk to each side, :math:`h`.
    negligible
        The size up to which a slope or a curvature counts as none.

    Returns
    -------
    Judgement
        The place and the gradient there, the matrix of second slopes, its
        eigenvalues with the smallest first, and a verdict: ``"not flat"``,
        ``"minimum"``, ``"maximum"``, ``"saddle"``, or ``"undecided"`` if no two
        curvatures have opposite signs and one counts as none.

    Raises
    ------
    TypeError, ValueError
        If `gradient` cannot be called or returns another shape than that of `place`,
        or an argument is no finite number, or `step` or `negligible` is not positive.

    Examples
    --------
    >>> judge(saddle_gradient, (0, 0)).verdict
    'saddle'
    """
    slopes = _checks.numbers("gradient", gradient(place))
    if np.shape(slopes) != place.shape:
        msg = (
            f"`gradient` has shape {np.shape(slopes)} "
            f"but `place` has shape {place.shape}; they must be equal"
        )
        raise ValueError(msg)
    second_slopes = tuple(
        plain(gradients.central_difference(_one_slope(gradient, index), place, step))
        for index in range(place.shape[0])
    )
    curvatures = plain(np.linalg.eigvalsh(np.array(second_slopes, dtype=float)))
    return Judgement(
        place=plain(place),
        gradient=plain(slopes),
        second_slopes=second_slopes,
        curvatures=curvatures,
        verdict=_verdict(max(abs(slopes)), curvatures, negligible),
    )


@trace
class FlatPlaces(NamedTuple):
    """The flat places of a loss, with the curvature along each weight."""

    places: tuple[tuple[Number, ...], ...]
    losses: tuple[Number, ...]
    along_x: tuple[Number, ...]
    along_y: tuple[Number, ...]
    verdicts: tuple[str, ...]


@checked
def flat_places(
    places: Rows = ((0, 0), (0, 1), (0, -1)), step: Number = 0.001
) -> FlatPlaces:
    r"""Judge the three flat places of the saddle between two hollows.

    .. math:: \frac{\partial^2 f}{\partial x^2} = 1, \qquad
              \frac{\partial^2 f}{\partial y^2} = 3y^2 - 1

    The second one is measured too large, by :math:`h^2`.

    Parameters
    ----------
    places
        Where to look around.
    step : number
        How far to walk to each side, :math:`h`.

    Returns
    -------
    FlatPlaces
        The loss, the measured curvature along each weight, and the verdict at each
        place.

    Raises
    ------
    TypeError, ValueError
        As `judge` does; also if `places` has not two columns.

    Examples
    --------
    >>> flat_places().verdicts
    ('saddle', 'minimum', 'minimum')
    """
    if places.shape[1] != 2:
        msg = f"`places` has shape {places.shape} but must have 2 columns"
        raise ValueError(msg)
    found = [judge(saddle_gradient, place, step) for place in places]
    return FlatPlaces(
        places=plain(places),
        losses=tuple(saddle_loss(place) for place in places),
        along_x=tuple(one.second_slopes[0][0] for one in found),
        along_y=tuple(one.second_slopes[1][1] for one in found),
        verdicts=tuple(one.verdict for one in found),
    )


@trace
class SignPatterns(NamedTuple):
    """In how many ways the curvatures can have signs."""

    num_weights: tuple[int, ...]
    patterns: tuple[int, ...]
    all_positive: int


@checked
def sign_patterns(num_weights: Sequence[int] = (1, 2, 10, 20)) -> SignPatterns:
    r"""Count the ways in which the curvatures of a flat place can have signs.

    .. math:: \underbrace{2 \cdot 2 \cdots 2}_{n} = 2^n

    Parameters
    ----------
    num_weights : sequence of int
        How many weights, and so curvatures, there are: :math:`n`, each at least 1.

    Returns
    -------
    SignPatterns
        The number of ways for each, and how many of them are positive throughout.

    Raises
    ------
    TypeError, ValueError
        If a number of weights is not a whole one, or less than 1.

    Examples
    --------
    >>> sign_patterns((1, 2, 3)).patterns
    (2, 4, 8)
    """
    counts = tuple(_checks.count("num_weights", n, least=1) for n in num_weights)
    return SignPatterns(
        num_weights=counts, patterns=tuple(2**n for n in counts), all_positive=1
    )


@trace
class Escape(NamedTuple):
    """How long one descent stays near the ridge."""

    distance: Number
    num_steps: int
    forecast: float


@checked
def escape(
    distance: Positive = 1e-300,
    learning_rate: Number = 0.1,
    reach: Number = 0.5,
    limit: Count0 = LIMIT,
) -> Escape:
    r"""Count the steps until descent has left the ridge.

    .. math:: (1 + \alpha|\lambda|)^t\, d = r \quad\Longleftrightarrow\quad
              t = \frac{\ln (r / d)}{\ln(1 + \alpha|\lambda|)}

    The forecast is a logarithm, so a float. Steps in fractions are exact, but each
    triples their digits.

    Parameters
    ----------
    distance
        How far from the ridge to start, :math:`d`; not 0.
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`.
    reach : number
        How far from the ridge counts as having left, :math:`r`, less than 1.
    limit
        How many steps to take at most.

    Returns
    -------
    Escape
        The distance, the steps until :math:`|y| > r`, and the forecast.

    Raises
    ------
    TypeError, ValueError
        If an argument is no finite number, `distance` or `learning_rate` is not
        positive, `reach` is not between 0 and 1, `limit` is no whole number from 0
        on, or descent is still near the ridge after `limit` steps.

    Examples
    --------
    >>> escape(0.001).num_steps
    67
    """
    rule = GradientDescent(learning_rate)
    reach = _within_reach(reach)
    place = np.array([1, distance])
    state = rule.init(place)
    for step in range(limit + 1):
        if abs(place[1]) > reach:
            return Escape(
                distance=distance,
                num_steps=step,
                # Not the logarithm of a ratio, which the least floats would overflow.
                forecast=(math.log(reach) - math.log(distance))
                / math.log(_growth(rule)),
            )
        update, state = rule.update(saddle_gradient(place), state)
        place = place + update
    msg = (
        f"`limit` is {limit} but from distance {distance} "
        "descent is still near the ridge by then"
    )
    raise ValueError(msg)


@trace
class EscapeTimes(NamedTuple):
    """How the time near the ridge grows as the start comes closer to it."""

    distances: tuple[Number, ...]
    steps: tuple[int, ...]
    forecasts: tuple[float, ...]
    growth: Number
    slope: float
    slope_theory: float


@checked
def escape_times(
    distances: Sequence[Number] = (
        1e-1,
        1e-2,
        1e-3,
        1e-4,
        1e-5,
        1e-6,
        1e-7,
        1e-8,
        1e-9,
        1e-10,
        1e-11,
        1e-12,
    ),
    learning_rate: Number = 0.1,
    reach: Number = 0.5,
    limit: int = LIMIT,
) -> EscapeTimes:
    r"""Start closer and closer to the ridge, and count the steps to leave it.

    .. math:: t = \frac{\ln r + \ln (1/d)}{\ln(1 + \alpha|\lambda|)}
              = \dots + \frac{\ln 10}{\ln(1 + \alpha|\lambda|)}\, \log_{10} \frac1d

    Logarithms are irrational, so forecasts and slopes are floats.

    Parameters
    ----------
    distances : sequence of number
        How far from the ridge to start, :math:`d`; two different ones or more.
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`.
    reach : number
        How far from the ridge counts as having left, :math:`r`, less than 1.
    limit : int
        How many steps to take at most.

    Returns
    -------
    EscapeTimes
        The steps and the forecast for each distance, the factor by which a step
        multiplies a small distance, the steps for each decade as the slope of the
        best line, and the same in theory.

    Raises
    ------
    TypeError, ValueError
        As `escape` does; also if the distances are all equal.

    Examples
    --------
    >>> times = escape_times((1e-2, 1e-4, 1e-6))
    >>> times.steps
    (43, 91, 139)
    >>> round(times.slope, 2), round(times.slope_theory, 2)
    (24.0, 24.16)
    """
    starts: tuple[Number, ...] = plain(_checks.varied("distances", distances))
    rule = GradientDescent(learning_rate)
    runs = [escape(distance, learning_rate, reach, limit) for distance in starts]
    steps = tuple(run.num_steps for run in runs)
    return EscapeTimes(
        distances=starts,
        steps=steps,
        forecasts=tuple(run.forecast for run in runs),
        growth=_growth(rule),
        slope=_steps_per_decade(starts, steps),
        slope_theory=math.log(10) / math.log(_growth(rule)),
    )


@trace
class NoisyEscape(NamedTuple):
    """How noise in the gradient leads away from the ridge, and what it costs."""

    noises: tuple[Number, ...]
    median_steps: tuple[float, ...]
    fastest: tuple[int, ...]
    slowest: tuple[int, ...]
    forecasts: tuple[float, ...]
    distances: tuple[float, ...]
    slope: float
    slope_theory: float
    floors: tuple[float, ...]
    floors_theory: tuple[float, ...]


@checked
def noisy_escape(
    noises: Sequence[Number] = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6),
    learning_rate: Number = 0.1,
    num_runs: Count1 = 101,
    num_steps: Count1 = 600,
    settled: Count1 = 200,
    reach: Number = 0.5,
    seed: Count0 = 1,
) -> NoisyEscape:
    r"""Start exactly on the ridge, and add noise to every slope.

    Noise of size :math:`\sigma` in every step acts like a start at the distance
    :math:`d` times a normal random number, and keeps the loss above the least:

    .. math:: d = \frac{\alpha\sigma}{\sqrt{(1 + \alpha)^2 - 1}}, \qquad
              \text{floor} \approx \frac{\alpha\sigma^2}{2}
              \left( \frac{1}{2 - \alpha} + \frac{1}{2 - 2\alpha} \right)

    Logarithms and random numbers are floats, so fractions become floats here.

    Parameters
    ----------
    noises : sequence of number
        The size of the noise, :math:`\sigma`, as a standard deviation; two different
        ones or more, each greater than 0.
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`, less than 1.
    num_runs
        How many descents to try with each noise.
    num_steps
        How many steps each takes.
    settled
        Over how many of the last steps the loss is averaged.
    reach : number
        How far from the ridge counts as having left, less than 1.
    seed
        The seed of the random numbers, the same for each noise.

    Returns
    -------
    NoisyEscape
        For each noise the median, the least and the greatest number of steps to
        leave, a forecast of the median, the distance that it acts like, and the mean
        loss above the least at the end, measured and in theory; the steps for each
        decade, measured and in theory.

    Raises
    ------
    TypeError, ValueError
        If an argument is no finite number, the noises are not positive or all
        equal, `learning_rate` or `reach` is not between 0 and 1, `num_runs`,
        `num_steps` or `settled` is less than 1, `settled` is greater than
        `num_steps`, `seed` is negative, or a descent has not left before the last
        `settled` steps.

    Examples
    --------
    >>> escape = noisy_escape((1e-2, 1e-4), num_runs=11, num_steps=400)
    >>> escape.fastest[0] < escape.median_steps[0] < escape.slowest[0]
    True
    """
    sizes: tuple[Number, ...] = plain(_checks.varied("noises", noises))
    for noise in sizes:
        _checks.positive("noises", noise)
    rule = GradientDescent(_between_0_and_1("learning_rate", learning_rate))
    if settled > num_steps:
        msg = f"`settled` is {settled} but must be at most {num_steps}"
        raise ValueError(msg)
    reach = float(_within_reach(reach))
    draws = np.random.default_rng(seed).standard_normal((num_steps, 2, num_runs))
    runs = [_noisy_run(rule, float(noise) * draws, reach, settled) for noise in sizes]
    rate = float(rule.learning_rate)
    growth = _growth(rule)
    distances = tuple(rate * float(noise) / math.sqrt(growth**2 - 1) for noise in sizes)
    # Half of all normal random numbers are nearer to 0 than this one, 0.674.
    usual = statistics.NormalDist().inv_cdf(0.75)
    medians = tuple(float(np.median(steps)) for steps, _ in runs)
    return NoisyEscape(
        noises=sizes,
        median_steps=medians,
        fastest=tuple(int(steps.min()) for steps, _ in runs),
        slowest=tuple(int(steps.max()) for steps, _ in runs),
        forecasts=tuple(
            math.log(reach / (usual * distance)) / math.log(growth)
            for distance in distances
        ),
        distances=distances,
        slope=_steps_per_decade(sizes, medians),
        slope_theory=math.log(10) / math.log(growth),
        floors=tuple(floor for _, floor in runs),
        floors_theory=tuple(
            rate * float(noise) ** 2 / 2 * (1 / (2 - rate) + 1 / (2 - 2 * rate))
            for noise in sizes
        ),
    )


@trace
class WeightsInARow(NamedTuple):
    """The saddle of two weights that are multiplied with each other."""

    loss: Number
    gradient: tuple[Number, ...]
    second_slopes: tuple[tuple[Number, ...], ...]
    alone: Number
    together: Number
    opposed: Number
    curvatures: tuple[float, ...]
    verdict: str


@checked
def weights_in_a_row(
    move: Finite = 0.5, input_value: Finite = 1, target: Finite = 1
) -> WeightsInARow:
    r"""Judge the place where two weights in a row are both 0.

    .. math:: \hat y = w_2\,(w_1 x), \qquad
              \frac{\partial L}{\partial w_1} = 2\,(\hat y - y)\, w_2\, x, \qquad
              \frac{\partial L}{\partial w_2} = 2\,(\hat y - y)\, w_1\, x

    Parameters
    ----------
    move
        How far each weight is moved away from 0.
    input_value
        What feeds into the first weight, :math:`x`.
    target
        What the prediction should be, :math:`y`.

    Returns
    -------
    WeightsInARow
        The loss and the gradient where both weights are 0, the second slopes there,
        the loss when one weight moves alone, when both move together, and when they
        move opposite ways, and the curvatures with their verdict.

    Raises
    ------
    TypeError, ValueError
        If an argument is no finite number.

    Examples
    --------
    >>> row = weights_in_a_row()
    >>> row.loss, row.alone, row.together, row.opposed
    (1, 1.0, 0.5625, 1.5625)
    """

    def predict(weights: Any) -> Number:
        product: Number = plain(weights[1] * (weights[0] * input_value))
        return product

    def gradient(weights: Any) -> Any:
        slope = losses.squared_error_slope(predict(weights), target)
        # Each weight is fed by what the other one passes on.
        return gradients.weight_slope(weights[::-1] * input_value, slope)

    def loss_at(first: Number, second: Number) -> Any:
        return losses.squared_error(predict((first, second)), target)

    found = judge(gradient, np.array([0, 0], dtype=object))
    return WeightsInARow(
        loss=loss_at(0, 0),
        gradient=found.gradient,
        second_slopes=found.second_slopes,
        alone=loss_at(move, 0),
        together=loss_at(move, move),
        opposed=loss_at(move, -move),
        curvatures=found.curvatures,
        verdict=found.verdict,
    )


def _one_slope(gradient: Callable[[Any], Any], index: int) -> Callable[[Any], Number]:
    def slope(weights: Any) -> Number:
        found: Number = gradient(weights)[index]
        return found

    return slope


def _two_rows(params: Numbers) -> Any:
    params = _checks.numbers("params", params, ndims=(1, 2))
    if params.shape[0] != 2:
        msg = f"`params` has shape {params.shape} but must have 2 rows"
        raise ValueError(msg)
    return params


def _path(
    along: Number, distance: Number, rule: GradientDescent, num_steps: int, flat: Number
) -> SaddlePath:
    history = descent.descend(
        saddle_loss,
        saddle_gradient,
        (along, distance),
        rule,
        num_steps=num_steps,
        flat=flat,
    )
    places = plain(history.params)
    return SaddlePath(
        distance=distance,
        learning_rate=rule.learning_rate,
        flat=flat,
        places=places,
        losses=history.losses,
        end=places[-1],
        end_loss=history.losses[-1],
        num_steps=history.num_steps,
        stopped=history.stopped,
    )


def _verdict(
    steepest: Number, curvatures: tuple[float, ...], negligible: Number
) -> str:
    least, greatest = curvatures[0], curvatures[-1]
    if steepest > negligible:
        return "not flat"
    if least < -negligible and greatest > negligible:
        return "saddle"
    if least > negligible:
        return "minimum"
    return "maximum" if greatest < -negligible else "undecided"


def _between_0_and_1(name: str, value: Number) -> Number:
    value = _checks.number(name, value)
    if not 0 < value < 1:
        msg = f"`{name}` is {value!r} but must be greater than 0 and less than 1"
        raise ValueError(msg)
    return value


def _within_reach(reach: Number) -> Number:
    return _between_0_and_1("reach", reach)


def _growth(rule: GradientDescent) -> Number:
    """Give the factor by which a step multiplies a small distance from the ridge."""
    update, _ = rule.update(-1, rule.init(1))  # the curvature across the ridge is -1
    growth: Number = 1 + update
    return growth


def _steps_per_decade(sizes: tuple[Number, ...], steps: Sequence[float]) -> float:
    decades = [-math.log10(size) for size in sizes]
    slope, _ = gradients.best_line(decades, [float(count) for count in steps])
    return float(slope)


def _noisy_run(
    rule: GradientDescent, noise: np.ndarray, reach: float, settled: int
) -> tuple[np.ndarray, float]:
    """Return the steps to leave the ridge, and the mean loss above the least."""
    num_steps, _, num_runs = noise.shape
    places = np.array([np.ones(num_runs), np.zeros(num_runs)])
    state = rule.init(places)
    left = np.full(num_runs, num_steps + 1)
    above = []
    for step in range(1, num_steps + 1):
        update, state = rule.update(saddle_gradient(places) + noise[step - 1], state)
        places = places + update
        left = np.where((abs(places[1]) > reach) & (left > step), step, left)
        if step > num_steps - settled:
            above.append(np.mean(saddle_loss(places)) - saddle_loss(MINIMUM))
    if left.max() > num_steps - settled:
        msg = (
            f"`num_steps` is {num_steps} but a descent is still near the ridge "
            f"{settled} steps before its end"
        )
        raise ValueError(msg)
    return left, float(np.mean(above))
