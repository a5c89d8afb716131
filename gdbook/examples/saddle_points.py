"""Tell a saddle from a minimum, and measure how long descent stays near one."""

import math
import statistics
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks, descent, gradients, losses
from gdbook._arguments import (
    Array,
    Between,
    Count0,
    Count1,
    Finite,
    Function,
    NotNegative,
    Positive,
    Positives,
    Row,
    Rows,
    checked,
)
from gdbook._checks import Number, Numbers, shown
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

MINIMUM = (0, 1)
LIMIT = 10_000  # steps that are taken at most before descent counts as caught


@checked
def saddle_loss(params: Array) -> Any:
    r"""Give the height of a saddle between two hollows.

    .. math:: f(x, y) = \frac{x^2}{2} - \frac{y^2}{2} + \frac{y^4}{4}

    Parameters
    ----------
    params
        The place, :math:`(x, y)`, or one place in each column: of shape (2,) or
        (2, n_places).

    Returns
    -------
    number or array, shape (n_places,)
        The loss there.

    Raises
    ------
    ValueError
        If `params` has another shape.

    Examples
    --------
    >>> saddle_loss((0, 0)), saddle_loss((0, 1))
    (0.0, -0.25)
    """
    x, y = _two_rows(params)
    heights = x**2 / 2 - y**2 / 2 + y**4 / 4
    return heights if np.ndim(heights) else plain(heights)


@checked
def saddle_gradient(params: Array) -> Any:
    r"""Give the gradient of the saddle between two hollows.

    .. math:: \nabla f(x, y) = (x,\; y^3 - y)

    Parameters
    ----------
    params
        The place, :math:`(x, y)`, or one place in each column: of shape (2,) or
        (2, n_places).

    Returns
    -------
    array, same shape as `params`
        The slopes along :math:`x` and :math:`y`.

    Raises
    ------
    ValueError
        If `params` has another shape.

    Examples
    --------
    >>> saddle_gradient((1, 2)).tolist()
    [1, 6]
    """
    x, y = _two_rows(params)
    return np.array([x, y**3 - y])


@trace
class SaddlePath(NamedTuple):
    """A descent that starts at some distance from the ridge of a saddle.

    The `distance` of the start, and the `flat` limit; the `places` and `losses` of all
    steps; the place of the `end` and its loss, `end_loss`; the `num_steps` taken, and
    why descent `stopped`.
    """

    distance: Number
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
    learning_rate: Positive = 0.1,
    num_steps: Count0 = 1000,
    flat: NotNegative = 1e-9,
) -> tuple[SaddlePath, ...]:
    r"""Start on the ridge of a saddle, near it, and away from it.

    .. math:: x_{t+1} = (1 - \alpha)\,x_t, \qquad
              y_{t+1} = (1 + \alpha)\,y_t - \alpha\,y_t^3

    Parameters
    ----------
    distances
        How far from the ridge to start, :math:`y_0`, one descent for each.
    along
        How far up the ridge to start, :math:`x_0`.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    num_steps
        How many steps to take at most.
    flat
        The steepest slope that counts as flat.

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
    """What the curvatures around a place say about it.

    The `place` and the `gradient` there; the matrix of `second_slopes`, and its
    eigenvalues with the smallest first, the `curvatures`; and the `verdict`, which is
    ``"not flat"``, ``"minimum"``, ``"maximum"``, ``"saddle"``, or ``"undecided"`` if no
    two curvatures have opposite signs and one counts as none.
    """

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

    Raises
    ------
    TypeError, ValueError
        If `gradient` returns anything but finite numbers in the shape of `place`.

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
    """The flat places of a loss, with the curvature along each weight.

    The `places`, their `losses`, the curvatures `along_x` and `along_y` as they were
    measured, and the `verdicts`.
    """

    places: tuple[tuple[Number, ...], ...]
    losses: tuple[Number, ...]
    along_x: tuple[Number, ...]
    along_y: tuple[Number, ...]
    verdicts: tuple[str, ...]


@checked
def flat_places(
    places: Rows = ((0, 0), (0, 1), (0, -1)), step: Positive = 0.001
) -> FlatPlaces:
    r"""Judge the three flat places of the saddle between two hollows.

    .. math:: \frac{\partial^2 f}{\partial x^2} = 1, \qquad
              \frac{\partial^2 f}{\partial y^2} = 3y^2 - 1

    The second one is measured too large, by :math:`h^2`.

    Parameters
    ----------
    places
        Where to look around.
    step
        How far to walk to each side, :math:`h`.

    Raises
    ------
    ValueError
        If `places` has not two columns.

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


@checked
def tilted_loss(params: Array) -> Any:
    r"""Give the height of a curve with two valleys, one deeper than the other.

    .. math:: f(x) = \frac{x^4}{4} - \frac{x^3}{3} - x^2

    Parameters
    ----------
    params
        The place, :math:`x`, or several.

    Returns
    -------
    number or array, same shape as `params`
        The loss there.

    Examples
    --------
    >>> tilted_loss(Fraction(-1)), tilted_loss(Fraction(2))
    (Fraction(-5, 12), Fraction(-8, 3))
    """
    return params * params * (params * params / 4 - params / 3 - 1)


@checked
def tilted_slope(params: Array) -> Any:
    r"""Give the slope of the curve with two valleys.

    .. math:: f'(x) = x\,(x + 1)\,(x - 2)

    Parameters
    ----------
    params
        The place, :math:`x`, or several.

    Returns
    -------
    number or array, same shape as `params`
        The slope there.

    Examples
    --------
    >>> [tilted_slope(place) for place in (-1, 0, 1, 2)]
    [0, 0, -2, 0]
    """
    return params * (params + 1) * (params - 2)


@trace
class Chord(NamedTuple):
    """The middle between two places, on a curve and on its chord.

    The `middle`, and there the height `on_curve` and `on_chord`.
    """

    middle: Number
    on_curve: Number
    on_chord: Number


@checked
def chord(first: Finite = Fraction(-1), second: Finite = Fraction(2)) -> Chord:
    r"""Stretch a line between two points of the curve with two valleys.

    .. math:: f\Bigl(\frac{a + b}{2}\Bigr) \le \frac{f(a) + f(b)}{2}

    holds for all places :math:`a` and :math:`b` of a convex loss. It is exact on
    fractions.

    Parameters
    ----------
    first
        Where the chord begins, :math:`a`.
    second
        Where it ends, :math:`b`.

    Examples
    --------
    >>> found = chord()
    >>> found.on_curve > found.on_chord
    True
    >>> str(found.on_curve), str(found.on_chord)
    ('-53/192', '-37/24')
    """
    middle = (first + second) / 2
    return Chord(
        middle=middle,
        on_curve=tilted_loss(middle),
        on_chord=(tilted_loss(first) + tilted_loss(second)) / 2,
    )


@trace
class TwoValleys(NamedTuple):
    """Descents into two valleys, and the flat places of the curve.

    For each of the `starts` where the descent `ends`, its `end_losses` and its
    `num_steps`; the `places` where the curve is flat, with their `heights` and
    `curvatures`; and the `chord` from the lowest place of one valley to that of the
    other.
    """

    starts: tuple[Number, ...]
    ends: tuple[Number, ...]
    end_losses: tuple[Number, ...]
    num_steps: tuple[int, ...]
    places: tuple[Number, ...]
    heights: tuple[Number, ...]
    curvatures: tuple[Number, ...]
    chord: Chord


@checked
def two_valleys(
    starts: Row = (-2, -0.001, 0, 0.001, 3),
    learning_rate: Positive = 0.1,
    num_steps: Count0 = 1000,
    flat: NotNegative = 1e-9,
) -> TwoValleys:
    r"""Descend from places in two valleys, and from the hill between them.

    .. math:: x_{t+1} = x_t - \alpha\, x_t\,(x_t + 1)\,(x_t - 2)

    Where one factor of the slope is 0, the curvature is the product of the two others.
    The heights and curvatures of the flat places are fractions.

    Parameters
    ----------
    starts
        Where to begin, :math:`x_0`, one descent for each.
    learning_rate
        How much of the slope to use, :math:`\alpha`.
    num_steps
        How many steps to take at most.
    flat
        The steepest slope that counts as flat.

    Raises
    ------
    DivergenceError
        If a descent leaves the finite numbers.

    Examples
    --------
    >>> valleys = two_valleys()
    >>> [round(end, 6) for end in valleys.ends]
    [-1.0, -1.0, 0.0, 2.0, 2.0]
    >>> valleys.curvatures
    (Fraction(3, 1), Fraction(-2, 1), Fraction(6, 1))
    """
    rule = GradientDescent(learning_rate)
    runs = [
        descent.descend(
            tilted_loss, tilted_slope, start, rule, num_steps=num_steps, flat=flat
        )
        for start in plain(starts)
    ]
    left, top, right = places = (Fraction(-1), Fraction(0), Fraction(2))
    return TwoValleys(
        starts=plain(starts),
        ends=tuple(plain(run.params[-1]) for run in runs),
        end_losses=tuple(run.losses[-1] for run in runs),
        num_steps=tuple(run.num_steps for run in runs),
        places=places,
        heights=tuple(tilted_loss(place) for place in places),
        curvatures=(
            (left - top) * (left - right),
            (top - left) * (top - right),
            (right - left) * (right - top),
        ),
        chord=chord(left, right),
    )


@trace
class Escape(NamedTuple):
    """How long one descent stays near the ridge.

    The `distance` of the start, the `num_steps` until the ridge is left, and the
    `forecast` of these.
    """

    distance: Number
    num_steps: int
    forecast: float


@checked
def escape(
    distance: Positive = 1e-300,
    learning_rate: Positive = 0.1,
    reach: Between = 0.5,
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
        How far from the ridge to start, :math:`d`.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    reach
        How far from the ridge counts as having left, :math:`r`.
    limit
        How many steps to take at most.

    Raises
    ------
    ValueError
        If descent is still near the ridge after `limit` steps.

    Examples
    --------
    >>> escape(0.001).num_steps
    67
    """
    rule = GradientDescent(learning_rate)
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
        f"`limit` is {shown(limit)} but from distance {shown(distance)} "
        "descent is still near the ridge by then"
    )
    raise ValueError(msg)


@trace
class EscapeTimes(NamedTuple):
    """How the time near the ridge grows as the start comes closer to it.

    For each of the `distances` the `steps` and the `forecasts` of these; the `growth`,
    which is the factor by which a step multiplies a small distance; and the steps for
    each decade, as the `slope` of the best line and in theory, `slope_theory`.
    """

    distances: tuple[Number, ...]
    steps: tuple[int, ...]
    forecasts: tuple[float, ...]
    growth: Number
    slope: float
    slope_theory: float


@checked
def escape_times(
    distances: Positives = (
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
    learning_rate: Positive = 0.1,
    reach: Between = 0.5,
    limit: Count0 = LIMIT,
) -> EscapeTimes:
    r"""Start closer and closer to the ridge, and count the steps to leave it.

    .. math:: t = \frac{\ln r + \ln (1/d)}{\ln(1 + \alpha|\lambda|)}
              = \dots + \frac{\ln 10}{\ln(1 + \alpha|\lambda|)}\, \log_{10} \frac1d

    Logarithms are irrational, so forecasts and slopes are floats.

    Parameters
    ----------
    distances
        How far from the ridge to start, :math:`d`; two different ones or more.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    reach
        How far from the ridge counts as having left, :math:`r`.
    limit
        How many steps to take at most.

    Raises
    ------
    ValueError
        If the distances are all equal, or a descent is still near the ridge after
        `limit` steps.

    Examples
    --------
    >>> times = escape_times((1e-2, 1e-4, 1e-6))
    >>> times.steps
    (43, 91, 139)
    >>> round(times.slope, 2), round(times.slope_theory, 2)
    (24.0, 24.16)
    """
    _checks.varied("distances", distances)
    growth = _growth(GradientDescent(learning_rate))
    runs = [escape(distance, learning_rate, reach, limit) for distance in distances]
    steps = tuple(run.num_steps for run in runs)
    return EscapeTimes(
        distances=tuple(distances),
        steps=steps,
        forecasts=tuple(run.forecast for run in runs),
        growth=growth,
        slope=_steps_per_decade(distances, steps),
        slope_theory=math.log(10) / math.log(growth),
    )


@trace
class NoisyEscape(NamedTuple):
    """How noise in the gradient leads away from the ridge, and what it costs.

    For each of the `noises` the median number of steps to leave, `median_steps`, the
    `fastest` and the `slowest`, the `forecasts` of the median, and the `distances` that
    the noise acts like; the steps for each decade, as the `slope` of the best line and
    in theory, `slope_theory`; and the mean loss above the least at the end, measured
    (`floors`) and in theory (`floors_theory`).
    """

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
    noises: Positives = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6),
    learning_rate: Between = 0.1,
    num_runs: Count1 = 101,
    num_steps: Count1 = 600,
    settled: Count1 = 200,
    reach: Between = 0.5,
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
    noises
        The size of the noise, :math:`\sigma`, as a standard deviation; two different
        ones or more.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    num_runs
        How many descents to try with each noise.
    num_steps
        How many steps each takes.
    settled
        Over how many of the last steps the loss is averaged.
    reach
        How far from the ridge counts as having left.
    seed
        The seed of the random numbers, the same for each noise.

    Raises
    ------
    ValueError
        If the noises are all equal, `settled` is greater than `num_steps`, or a
        descent has not left before the last `settled` steps.

    Examples
    --------
    >>> escape = noisy_escape((1e-2, 1e-4), num_runs=11, num_steps=400)
    >>> escape.fastest[0] < escape.median_steps[0] < escape.slowest[0]
    True
    """
    _checks.varied("noises", noises)
    if settled > num_steps:
        msg = f"`settled` is {shown(settled)} but must be at most {shown(num_steps)}"
        raise ValueError(msg)
    rule, rate = GradientDescent(learning_rate), float(learning_rate)
    sizes = [float(noise) for noise in noises]
    draws = np.random.default_rng(seed).standard_normal((num_steps, 2, num_runs))
    steps, floors = _noisy_runs(rule, sizes, draws, float(reach), settled)
    growth = _growth(rule)
    distances = tuple(rate * noise / math.sqrt(growth**2 - 1) for noise in sizes)
    # Half of all normal random numbers are nearer to 0 than this one, 0.674.
    usual = statistics.NormalDist().inv_cdf(0.75)
    medians = plain(np.median(steps, axis=1))
    return NoisyEscape(
        noises=tuple(noises),
        median_steps=medians,
        fastest=plain(steps.min(axis=1)),
        slowest=plain(steps.max(axis=1)),
        forecasts=tuple(
            math.log(reach / (usual * distance)) / math.log(growth)
            for distance in distances
        ),
        distances=distances,
        slope=_steps_per_decade(sizes, medians),
        slope_theory=math.log(10) / math.log(growth),
        floors=plain(floors),
        floors_theory=tuple(
            rate * noise**2 / 2 * (1 / (2 - rate) + 1 / (2 - 2 * rate))
            for noise in sizes
        ),
    )


@trace
class WeightsInARow(NamedTuple):
    """The saddle of two weights that are multiplied with each other.

    The `loss` and the `gradient` where both weights are 0, and the `second_slopes`
    there; the loss when one weight moves `alone`, when both move `together`, and when
    they move `opposed` ways; and the `curvatures` with their `verdict`.
    """

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
    shape = np.shape(params)
    if shape[:1] != (2,) or len(shape) > 2:
        msg = f"`params` has shape {shape} but must have shape (2,) or (2, n_places)"
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


def _growth(rule: GradientDescent) -> Number:
    """Give the factor by which a step multiplies a small distance from the ridge."""
    update, _ = rule.update(-1, rule.init(1))  # the curvature across the ridge is -1
    growth: Number = 1 + update
    return growth


def _steps_per_decade(sizes: Sequence[Number], steps: Sequence[float]) -> float:
    decades = [-math.log10(size) for size in sizes]
    slope, _ = gradients.best_line(decades, [float(count) for count in steps])
    return float(slope)


def _noisy_runs(
    rule: GradientDescent,
    sizes: Sequence[float],
    draws: np.ndarray,
    reach: float,
    settled: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps to leave the ridge, and the mean losses above the least.

    The steps have one row for each size of the noise, the losses one number.
    """
    num_steps, _, num_runs = draws.shape
    noise = np.kron(sizes, draws)
    places = np.zeros(noise.shape[1:])
    places[0] = 1
    state = rule.init(places)
    left = np.full(places.shape[1], num_steps + 1)
    above = np.zeros(len(sizes))
    for step in range(1, num_steps + 1):
        update, state = rule.update(saddle_gradient(places) + noise[step - 1], state)
        places = places + update
        left = np.where((abs(places[1]) > reach) & (left > step), step, left)
        if step > num_steps - settled:
            heights = saddle_loss(places) - saddle_loss(MINIMUM)
            above += heights.reshape(len(sizes), num_runs).mean(axis=1) / settled
    if left.max() > num_steps - settled:
        msg = (
            f"`num_steps` is {shown(num_steps)} but a descent is still near the ridge "
            f"{settled} steps before its end"
        )
        raise ValueError(msg)
    return left.reshape(len(sizes), num_runs), above
