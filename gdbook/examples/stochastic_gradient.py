"""Step on a few samples: the noise that it brings, and the work that it saves."""

import copy
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import _checks, descent, gradients, losses, schedules
from gdbook._arguments import (
    Count0,
    Count1,
    Count2,
    Finite,
    NotNegative,
    Positive,
    Positives,
    Row,
    SomeCounts1,
    Varied,
    checked,
    count,
)
from gdbook._checks import Number, shown
from gdbook.examples.conditioning import INPUTS, TARGETS
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

# Through two samples goes a line without noise.
Scattered = Annotated[int, count(3)]

# The process that makes the large data set: its line, its noise, and its hours.
SLOPE = 0.55
INTERCEPT = 1.9
NOISE = 0.5
MOST_HOURS = 10


@trace
class SampleMean(NamedTuple):
    """The gradient of every batch of every size, and the gradient of all samples.

    For each size from 1 to all, the `batches`, their `gradients` along slope and
    intercept, and the `means` of these; last the `gradient` of all samples.
    """

    batches: tuple[tuple[tuple[int, ...], ...], ...]
    gradients: tuple[tuple[tuple[Number, Number], ...], ...]
    means: tuple[tuple[Number, Number], ...]
    gradient: tuple[Number, Number]


@checked
def sample_mean(
    inputs: Varied = INPUTS,
    targets: Row = TARGETS,
    slope: Finite = 0,
    intercept: Finite = 0,
) -> SampleMean:
    r"""Average the gradients of all batches of each size.

    .. math:: \frac{1}{\binom nB} \sum_{|S| = B} \nabla L_S = \nabla L,
              \qquad \nabla L_S = \frac1B \sum_{i \in S} \nabla L_i

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true there.
    slope
        The slope of the line at which to look.
    intercept
        Its intercept.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> seen = sample_mean()
    >>> len(seen.gradients[1]), seen.means[1] == seen.gradient
    (3, True)
    >>> seen.gradient
    (Fraction(-13, 5), Fraction(-11, 5))
    """
    rows, targets, weights = _line(inputs, targets, slope, intercept)
    n_samples = len(rows)
    batches = [
        list(itertools.combinations(range(n_samples), batch_size))
        for batch_size in range(1, n_samples + 1)
    ]
    found = [
        np.array([_gradient(rows, weights, targets, batch) for batch in same_size])
        for same_size in batches
    ]
    return SampleMean(
        batches=plain(batches),
        gradients=tuple(plain(group) for group in found),
        means=tuple(plain(group.sum(axis=0) / len(group)) for group in found),
        gradient=plain(gradients.linear_gradient(rows, weights, targets)),
    )


@trace
class BatchVariance(NamedTuple):
    """How far the gradient of a batch is from the gradient, squared, on average.

    The `batch_sizes`, the `sample_variance` of a single sample's gradient, and for
    each size the variance over its batches, drawn `with_replacement` and
    `without_replacement`, beside the two formulas, `formula_with` and
    `formula_without`.
    """

    batch_sizes: tuple[int, ...]
    sample_variance: Number
    with_replacement: tuple[Number, ...]
    without_replacement: tuple[Number, ...]
    formula_with: tuple[Number, ...]
    formula_without: tuple[Number, ...]


@checked
def batch_variance(
    batch_sizes: SomeCounts1 = (1, 2, 3),
    inputs: Varied = INPUTS,
    targets: Row = TARGETS,
    slope: Finite = 0,
    intercept: Finite = 0,
) -> BatchVariance:
    r"""Measure the variance of the batch gradient over every batch there is.

    .. math:: \operatorname{Var}_B = \frac{\operatorname{Var}_1}{B}
              \quad\text{with replacement,}\qquad
              \operatorname{Var}_B = \frac{\operatorname{Var}_1}{B} \cdot
              \frac{n - B}{n - 1} \quad\text{without}

    The variance is the mean of :math:`\|\nabla L_S - \nabla L\|^2`. With replacement
    there are :math:`n^B` batches in order, so keep the samples few.

    Parameters
    ----------
    batch_sizes
        How many samples form a batch, :math:`B`.
    inputs
        Where the samples are.
    targets
        What is true there.
    slope
        The slope of the line at which to look.
    intercept
        Its intercept.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or a batch has more than all samples.

    Examples
    --------
    >>> seen = batch_variance()
    >>> seen.with_replacement
    (Fraction(32, 15), Fraction(16, 15), Fraction(32, 45))
    >>> seen.without_replacement
    (Fraction(32, 15), Fraction(8, 15), Fraction(0, 1))
    """
    rows, targets, weights = _line(inputs, targets, slope, intercept)
    n_samples = len(rows)
    _checks.not_beyond("batch_sizes", max(batch_sizes), n_samples)

    def variance(batches: Iterable[tuple[int, ...]]) -> Any:
        return _mean_square(rows, weights, targets, batches)

    everyone = range(n_samples)
    return _beside_formulas(
        batch_sizes,
        n_samples,
        variance((index,) for index in everyone),
        [variance(itertools.product(everyone, repeat=size)) for size in batch_sizes],
        [variance(itertools.combinations(everyone, size)) for size in batch_sizes],
    )


@trace
class MadeData(NamedTuple):
    """Many grades, made by a stated process, and the valley of their loss.

    The `hours` and `grades` of `n_samples` students, made with this `slope`,
    `intercept` and `noise` and at most `most_hours`; the best line, by its
    `best_slope` and `best_intercept`, with its loss, `best_loss`; and the `curvatures`
    of the loss with their ratio, the `condition_number`.
    """

    hours: tuple[float, ...]
    grades: tuple[float, ...]
    n_samples: int
    slope: Number
    intercept: Number
    noise: Number
    most_hours: int
    best_slope: float
    best_intercept: float
    best_loss: float
    curvatures: tuple[float, ...]
    condition_number: float


@checked
def make_data(
    n_samples: Count2 = 10_000,
    slope: Finite = SLOPE,
    intercept: Finite = INTERCEPT,
    noise: NotNegative = NOISE,
    seed: Count0 = 0,
) -> MadeData:
    r"""Make the grades of many students.

    .. math:: x_i \sim \text{uniform}(0, 10), \qquad
              y_i = m\,x_i + b + \sigma\,\varepsilon_i, \qquad
              \varepsilon_i \sim \text{normal}(0, 1)

    One generator draws all hours first, then all noise.

    Parameters
    ----------
    n_samples
        How many students.
    slope
        How much an hour raises the grade, :math:`m`.
    intercept
        The grade without study, :math:`b`.
    noise
        The standard deviation of what hours do not explain, :math:`\sigma`.
    seed
        Where the generator starts.

    Examples
    --------
    >>> made = make_data()
    >>> round(made.best_slope, 2), round(made.best_intercept, 2)
    (0.55, 1.9)
    >>> round(made.condition_number)
    139
    """
    drawn = _draw(n_samples, seed, slope=slope, intercept=intercept, noise=noise)
    best = drawn.best[:, 0]
    grades = drawn.grades[:, 0]
    curvatures = gradients.curvatures(drawn.rows)
    return MadeData(
        hours=plain(drawn.rows[:, 0]),
        grades=plain(grades),
        n_samples=n_samples,
        slope=slope,
        intercept=intercept,
        noise=noise,
        most_hours=MOST_HOURS,
        best_slope=plain(best[0]),
        best_intercept=plain(best[1]),
        best_loss=losses.mean_squared_error(drawn.rows @ best, grades),
        curvatures=curvatures,
        condition_number=curvatures[-1] / curvatures[0],
    )


@checked
def measured_variance(
    batch_sizes: SomeCounts1 = (1, 10, 100, 1000, 5000),
    n_draws: Count1 = 500,
    n_samples: Count2 = 10_000,
    seed: Count0 = 0,
) -> BatchVariance:
    r"""Draw many batches from the large data set, and measure their variance.

    .. math:: \operatorname{Var}_B \approx \frac1K \sum_{k=1}^{K}
              \|\nabla L_{S_k} - \nabla L\|^2

    Gradients are taken at slope 0 and intercept 0. The generator that made the data
    draws for each size all batches with replacement, then all without.

    Parameters
    ----------
    batch_sizes
        How many samples form a batch, :math:`B`.
    n_draws
        How many batches to draw of each size and kind, :math:`K`.
    n_samples
        How many samples to make.
    seed
        Where the generator starts.

    Raises
    ------
    ValueError
        If a batch has more than all samples.

    Examples
    --------
    >>> seen = measured_variance(batch_sizes=(5000,))
    >>> round(seen.formula_with[0], 2), round(seen.formula_without[0], 2)
    (0.39, 0.19)
    >>> round(seen.with_replacement[0], 2), round(seen.without_replacement[0], 2)
    (0.39, 0.2)
    """
    _checks.not_beyond("batch_sizes", max(batch_sizes), n_samples)
    drawn = _draw(n_samples, seed)
    rows, grades, generator = drawn.rows, drawn.grades[:, 0], drawn.generator
    start = np.zeros(2)

    def variance(size: int, *, replace: bool) -> Any:
        batches = (
            generator.choice(n_samples, size, replace=replace) for _ in range(n_draws)
        )
        return _mean_square(rows, start, grades, batches)

    measured = [
        (variance(size, replace=True), variance(size, replace=False))
        for size in batch_sizes
    ]
    variance_of_one = _sample_variance(rows, start, grades)
    return _beside_formulas(
        batch_sizes, n_samples, variance_of_one, *zip(*measured, strict=True)
    )


@trace
class NoisyPaths(NamedTuple):
    """The same steps with batches of several sizes, on the map of the loss.

    The `batch_sizes`, the `learning_rate` and `num_steps`; for each size the `slopes`
    and `intercepts` on the way, the `excesses` of the loss above the least, where the
    path `ends`, and how many `sample_gradients` it took; then the `best` line and the
    `curvature` of the loss.
    """

    batch_sizes: tuple[int, ...]
    learning_rate: Number
    num_steps: int
    slopes: tuple[tuple[float, ...], ...]
    intercepts: tuple[tuple[float, ...], ...]
    excesses: tuple[tuple[float, ...], ...]
    ends: tuple[tuple[float, float], ...]
    sample_gradients: tuple[int, ...]
    best: tuple[float, float]
    curvature: tuple[tuple[float, float], tuple[float, float]]


@checked
def noisy_paths(
    batch_sizes: SomeCounts1 = (1, 10, 10_000),
    learning_rate: Positive = 0.002,
    num_steps: Count0 = 300,
    n_samples: Count2 = 10_000,
    seed: Count0 = 0,
) -> NoisyPaths:
    r"""Take the same steps on one sample, on a few, and on all.

    .. math:: w_{t+1} = w_t - \alpha\, \nabla L_{S_t}(w_t)

    The samples are shuffled and dealt into batches, and shuffled again when all are
    used. Each path starts at slope 0 and intercept 0, and with the same shuffle.

    Parameters
    ----------
    batch_sizes
        How many samples share a step, one size for each path.
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    num_steps
        How many steps to take on each path.
    n_samples
        How many samples to make.
    seed
        Where the generator starts.

    Raises
    ------
    ValueError
        If a batch has more than all samples.

    Examples
    --------
    >>> paths = noisy_paths()
    >>> paths.sample_gradients
    (300, 3000, 3000000)
    >>> [[round(weight, 2) for weight in end] for end in paths.ends]
    [[0.72, 0.44], [0.74, 0.57], [0.75, 0.58]]
    """
    _checks.not_beyond("batch_sizes", max(batch_sizes), n_samples)
    drawn = _draw(n_samples, seed)
    rule = GradientDescent(learning_rate)
    start = np.zeros((2, 1))
    histories = [_steps(drawn, size, start, rule, num_steps) for size in batch_sizes]
    paths = [np.array(history.params)[:, :, 0] for history in histories]
    return NoisyPaths(
        batch_sizes=tuple(batch_sizes),
        learning_rate=learning_rate,
        num_steps=num_steps,
        slopes=tuple(plain(path[:, 0]) for path in paths),
        intercepts=tuple(plain(path[:, 1]) for path in paths),
        excesses=tuple(plain(history.losses) for history in histories),
        ends=tuple(plain(path[-1]) for path in paths),
        sample_gradients=tuple(num_steps * size for size in batch_sizes),
        best=plain(drawn.best[:, 0]),
        curvature=plain(gradients.linear_curvature(drawn.rows)),
    )


@trace
class NoiseFloor(NamedTuple):
    """Descents that start at the bottom, and the height to which noise lifts them.

    For each of the `learning_rates` the mean loss above the least, its `floors`, what
    the law says, `predicted`, and the `ratios` of the two; the `exponent` of the rate
    with which the floor grows; the `sample_variance` of a single sample's gradient at
    the best line; the `n_lines`, `settle` and `num_steps` that were given; and the
    `excesses` of the loss above the least at every step.
    """

    learning_rates: tuple[Number, ...]
    floors: tuple[float, ...]
    predicted: tuple[float, ...]
    ratios: tuple[float, ...]
    exponent: float
    sample_variance: float
    n_lines: int
    settle: int
    num_steps: int
    excesses: tuple[tuple[float, ...], ...]


@checked
def noise_floor(
    learning_rates: Positives = (0.0002, 0.0004, 0.0008, 0.0016),
    batch_size: Count1 = 1,
    num_steps: Count0 = 1200,
    settle: Count0 = 200,
    n_lines: Count1 = 40,
    n_samples: Scattered = 10_000,
    seed: Count0 = 0,
) -> NoiseFloor:
    r"""Start at the best line, and see how far the noise drives it away.

    .. math:: L - L_{\min} \approx \frac{\alpha}{4} \cdot
              \frac{\operatorname{Var}_1}{B}

    The law holds for small rates. Several lines learn at once, each from grades of
    its own for the same hours, and the loss above the least is their mean.

    Parameters
    ----------
    learning_rates
        The rates to try, :math:`\alpha`, two different ones or more.
    batch_size
        How many samples share a step, :math:`B`.
    num_steps
        How many steps to take with each rate.
    settle
        After how many steps to begin with the mean; less than `num_steps`.
    n_lines
        How many lines learn at once.
    n_samples
        How many samples to make.
    seed
        Where the generator starts.

    Raises
    ------
    ValueError
        If the rates are all equal, `settle` is not less than `num_steps`, or a batch
        has more than all samples.

    Examples
    --------
    >>> noise = noise_floor()
    >>> [round(floor, 4) for floor in noise.floors]
    [0.0017, 0.0034, 0.0069, 0.0146]
    >>> [round(floor, 4) for floor in noise.predicted]
    [0.0017, 0.0034, 0.0069, 0.0138]
    """
    _checks.varied("learning_rates", learning_rates)
    if settle >= num_steps:
        msg = (
            f"`settle` is {shown(settle)} "
            f"but must be less than the {shown(num_steps)} steps"
        )
        raise ValueError(msg)
    _checks.not_beyond("batch_size", batch_size, n_samples)
    drawn = _draw(n_samples, seed, n_lines=n_lines)
    variance = float(
        np.mean(
            [
                _sample_variance(drawn.rows, best, grades)
                for best, grades in zip(drawn.best.T, drawn.grades.T, strict=True)
            ]
        )
    )
    excesses = [
        _steps(drawn, batch_size, drawn.best, GradientDescent(rate), num_steps).losses
        for rate in learning_rates
    ]
    floors = [float(np.mean(losses[settle + 1 :])) for losses in excesses]
    rates = [float(rate) for rate in learning_rates]
    predicted = [rate / 4 * variance / batch_size for rate in rates]
    exponent, _ = gradients.best_line(np.log(rates), np.log(floors))
    return NoiseFloor(
        learning_rates=tuple(learning_rates),
        floors=tuple(floors),
        predicted=tuple(predicted),
        ratios=tuple(floor / law for floor, law in zip(floors, predicted, strict=True)),
        exponent=exponent,
        sample_variance=variance,
        n_lines=n_lines,
        settle=settle,
        num_steps=num_steps,
        excesses=tuple(excesses),
    )


@trace
class Cooling(NamedTuple):
    """The same start with a large rate, a small one, and one that is lowered.

    The large `learning_rate`, the `small_rate`, the `num_steps` and the `n_lines`; the
    last of the `steps` of each stretch, with the mean loss above the least over the
    stretch for the `large` rate, the `small` one, and the one that is lowered,
    `cooled`; and the `ends`, which are these three over the last stretch.
    """

    learning_rate: Number
    small_rate: Number
    num_steps: int
    n_lines: int
    steps: tuple[int, ...]
    large: tuple[float, ...]
    small: tuple[float, ...]
    cooled: tuple[float, ...]
    ends: tuple[float, float, float]


@checked
def cooling(
    learning_rate: Positive = 0.006,
    small_rate: Positive = 0.0005,
    num_steps: Count1 = 2000,
    every: Count1 = 50,
    n_lines: Count1 = 20,
    n_samples: Count2 = 10_000,
    seed: Count0 = 0,
) -> Cooling:
    r"""Lower the rate of single-sample steps, and let the noise die down.

    .. math:: \alpha_t = \frac{\alpha_0}{2} \left(1 + \cos\frac{\pi t}{T}\right)

    Several lines learn at once, each from grades of its own for the same hours. The
    loss above the least is the mean over the lines and over a few steps.

    Parameters
    ----------
    learning_rate
        The large rate, with which the schedule starts, :math:`\alpha_0`.
    small_rate
        The small constant rate.
    num_steps
        How many steps to take with each, :math:`T`.
    every
        Over how many steps to average the loss; `num_steps` is a multiple of it.
    n_lines
        How many lines learn at once.
    n_samples
        How many samples to make.
    seed
        Where the generator starts.

    Raises
    ------
    ValueError
        If `every` does not divide `num_steps`.

    Examples
    --------
    >>> [round(end, 4) for end in cooling().ends]
    [0.0822, 0.313, 0.0034]
    """
    if num_steps % every:
        msg = f"`every` is {shown(every)} but must divide the {shown(num_steps)} steps"
        raise ValueError(msg)
    drawn = _draw(n_samples, seed, n_lines=n_lines)

    def cooled(step: int, _losses: Sequence[Number]) -> Number:
        return schedules.cosine_decay(learning_rate, step, num_steps=num_steps)

    start = np.zeros_like(drawn.best)
    runs = [
        _steps(drawn, 1, start, GradientDescent(rate), num_steps, schedule).losses
        for rate, schedule in (
            (learning_rate, None),
            (small_rate, None),
            (learning_rate, cooled),
        )
    ]
    means: list[tuple[float, ...]] = [
        plain(np.reshape(run[1:], (-1, every)).mean(axis=1)) for run in runs
    ]
    return Cooling(
        learning_rate=learning_rate,
        small_rate=small_rate,
        num_steps=num_steps,
        n_lines=n_lines,
        steps=tuple(range(every, num_steps + 1, every)),
        large=means[0],
        small=means[1],
        cooled=means[2],
        ends=(means[0][-1], means[1][-1], means[2][-1]),
    )


@trace
class StepsToLoss(NamedTuple):
    """What it costs to come close to the least loss, for each batch size.

    The `rates` that race; for each of the `batch_sizes` the `winners` among them, the
    `num_steps` of the winner, its `sample_gradients` and `num_epochs`, and the
    `excesses` of the loss above the least that all rates have when it arrives; then how
    far above the least the loss was at the start, `first_excess`, how far it may be at
    the end, `wanted`, and over how many shuffles it is averaged, `n_shuffles`. A rate
    whose loss has grown above the first leaves the race, with the excess of that step.
    """

    rates: tuple[Number, ...]
    batch_sizes: tuple[int, ...]
    winners: tuple[Number, ...]
    num_steps: tuple[int, ...]
    sample_gradients: tuple[int, ...]
    num_epochs: tuple[float, ...]
    excesses: tuple[tuple[float, ...], ...]
    first_excess: float
    wanted: Number
    n_shuffles: int


@checked
def steps_to_loss(
    batch_sizes: SomeCounts1 = (1, 10, 100, 1000, 10_000),
    learning_rates: Positives = (0.0015, 0.003, 0.006, 0.012, 0.024),
    wanted: Positive = 0.03,
    limit: Count1 = 10_000,
    n_shuffles: Count1 = 40,
    n_samples: Count2 = 10_000,
    seed: Count0 = 0,
) -> StepsToLoss:
    r"""Count the steps until the loss is close to its least, for each batch size.

    .. math:: \frac1K \sum_{k=1}^{K} L(w_t^{(k)}) - L_{\min} \le \text{wanted}

    For each size all rates race from slope 0 and intercept 0, and the loss is looked at
    after every step: the mean over descents that deal the same samples, each in
    shuffles of its own. A batch of all samples has nothing to shuffle. The first rate
    to arrive wins; of several in one step, the one with the least loss.

    Parameters
    ----------
    batch_sizes
        How many samples share a step.
    learning_rates
        The rates that race.
    wanted
        How far above the least the loss may be.
    limit
        How many steps to try at most.
    n_shuffles
        Over how many descents the loss is averaged, :math:`K`.
    n_samples
        How many samples to make.
    seed
        Where the generator starts.

    Raises
    ------
    ValueError
        If a batch has more than all samples, or no rate arrives in `limit` steps.

    Examples
    --------
    >>> cost = steps_to_loss(batch_sizes=(100, 1000, 10_000))
    >>> cost.winners
    (0.024, 0.024, 0.024)
    >>> cost.num_steps
    (153, 140, 139)
    """
    _checks.not_beyond("batch_sizes", max(batch_sizes), n_samples)
    drawn = _draw(n_samples, seed)
    races = [
        _race(drawn, size, learning_rates, wanted, limit, n_shuffles)
        for size in batch_sizes
    ]
    num_steps, excesses = zip(*races, strict=True)
    samples = [
        _samples_seen(steps, size, n_samples)
        for steps, size in zip(num_steps, batch_sizes, strict=True)
    ]
    return StepsToLoss(
        rates=tuple(learning_rates),
        batch_sizes=tuple(batch_sizes),
        winners=tuple(learning_rates[int(np.argmin(one))] for one in excesses),
        num_steps=num_steps,
        sample_gradients=tuple(samples),
        num_epochs=tuple(seen / n_samples for seen in samples),
        excesses=plain(excesses),
        first_excess=_excess(drawn)(np.zeros((2, 1))),
        wanted=wanted,
        n_shuffles=n_shuffles,
    )


@trace
class Shuffled(NamedTuple):
    """Samples sorted by their targets, dealt in this order and shuffled.

    The `batch_size`, `learning_rate`, `num_epochs` and `n_shuffles`; the loss above the
    least at the start and after every epoch, dealt `in_order` and `shuffled`, which is
    the mean over the shuffles; the `greatest` of these at the end; the line at the end
    of the samples in order and the mean of the shuffled ones, `ends`; and the `best`
    line.
    """

    batch_size: int
    learning_rate: Number
    num_epochs: int
    n_shuffles: int
    in_order: tuple[float, ...]
    shuffled: tuple[float, ...]
    greatest: float
    ends: tuple[tuple[float, float], tuple[float, float]]
    best: tuple[float, float]


@checked
def shuffled(
    batch_size: Count1 = 100,
    learning_rate: Positive = 0.01,
    num_epochs: Count1 = 20,
    n_shuffles: Count1 = 40,
    n_samples: Count2 = 10_000,
    seed: Count0 = 0,
) -> Shuffled:
    r"""Sort the samples by their targets, and deal them with and without shuffling.

    .. math:: y_1 \le y_2 \le \dots \le y_n

    Parameters
    ----------
    batch_size
        How many samples share a step.
    learning_rate
        How much of the gradient to use.
    num_epochs
        How often to go through all samples.
    n_shuffles
        How many descents to shuffle, each on its own.
    n_samples
        How many samples to make.
    seed
        Where the generator starts.

    Raises
    ------
    ValueError
        If a batch has more than all samples.

    Examples
    --------
    >>> dealt = shuffled()
    >>> round(dealt.in_order[-1], 4), round(dealt.shuffled[-1], 4)
    (0.5976, 0.0014)
    """
    _checks.not_beyond("batch_size", batch_size, n_samples)
    drawn = _draw(n_samples, seed)
    order = np.argsort(drawn.grades[:, 0])
    ordered = drawn._replace(rows=drawn.rows[order], grades=drawn.grades[order])
    excess = _excess(ordered)
    straight = descent.descend_in_batches(
        lambda weights, _rows, _grades: excess(weights),
        lambda weights, rows, grades: gradients.linear_gradient(rows, weights, grades),
        np.zeros((2, 1)),
        GradientDescent(learning_rate),
        inputs=ordered.rows,
        targets=ordered.grades,
        batch_size=batch_size,
        num_epochs=num_epochs,
    )
    per_epoch = -(-n_samples // batch_size)
    walks = _shuffled_descents(ordered, batch_size, (learning_rate,), n_shuffles)
    lines = [
        weights[0].copy()
        for weights in itertools.islice(
            walks, per_epoch - 1, num_epochs * per_epoch, per_epoch
        )
    ]
    mixed = [_excesses(ordered, line) for line in lines]
    return Shuffled(
        batch_size=batch_size,
        learning_rate=learning_rate,
        num_epochs=num_epochs,
        n_shuffles=n_shuffles,
        in_order=plain(straight.losses),
        shuffled=(excess(np.zeros((2, 1))), *(float(found.mean()) for found in mixed)),
        greatest=float(mixed[-1].max()),
        ends=(plain(straight.params[-1][:, 0]), plain(lines[-1].mean(axis=0))),
        best=plain(drawn.best[:, 0]),
    )


class _Drawn(NamedTuple):
    """Samples with one column of grades for each line, and what draws on."""

    rows: Any  # (n_samples, 2)
    grades: Any  # (n_samples, n_lines)
    best: Any  # (2, n_lines)
    generator: np.random.Generator

    def shuffler(self) -> np.random.Generator:
        """Go on from where the data ended, for every descent alike."""
        return copy.deepcopy(self.generator)


def _draw(
    n_samples: int,
    seed: int,
    *,
    slope: Number = SLOPE,
    intercept: Number = INTERCEPT,
    noise: Number = NOISE,
    n_lines: int = 1,
) -> _Drawn:
    generator = np.random.default_rng(seed)
    hours = generator.uniform(0, MOST_HOURS, n_samples)
    luck = float(noise) * generator.standard_normal((n_samples, n_lines))
    grades = (float(slope) * hours + float(intercept))[:, None] + luck
    best = np.array([gradients.best_line(hours, column) for column in grades.T]).T
    return _Drawn(gradients.with_intercept(hours), grades, best, generator)


def _excess(drawn: _Drawn) -> Callable[[Any], float]:
    """Make the loss above the least, as the curvature gives it: a mean over lines."""
    curvature = gradients.linear_curvature(drawn.rows)
    n_lines = drawn.best.shape[1]

    def excess(weights: Any) -> float:
        away = weights - drawn.best
        return float((away * (curvature @ away)).sum() / 2 / n_lines)

    return excess


def _noisy_gradient(drawn: _Drawn, batch_size: int) -> Callable[[Any], Any]:
    """Make a gradient that looks at the next batch whenever it is asked."""
    generator = drawn.shuffler()

    def deal() -> Iterator[np.ndarray]:
        while True:
            yield from descent.batches(len(drawn.rows), batch_size, generator)

    dealt = deal()

    def gradient(weights: Any) -> Any:
        batch = next(dealt)
        return gradients.linear_gradient(
            drawn.rows[batch], weights, drawn.grades[batch]
        )

    return gradient


def _steps(
    drawn: _Drawn,
    batch_size: int,
    start: Any,
    rule: GradientDescent,
    num_steps: int,
    schedule: schedules.Schedule | None = None,
) -> Any:
    """Take one step on each batch, and note the loss above the least at each."""
    return descent.descend(
        _excess(drawn),
        _noisy_gradient(drawn, batch_size),
        start,
        rule,
        num_steps=num_steps,
        schedule=schedule,
    )


def _excesses(drawn: _Drawn, weights: Any) -> Any:
    """Give the loss above the least of each line of a stack of them."""
    away = weights - drawn.best[:, 0]
    return (away * (away @ gradients.linear_curvature(drawn.rows))).sum(axis=-1) / 2


def _shuffled_descents(
    drawn: _Drawn, batch_size: int, rates: Sequence[Number], n_shuffles: int
) -> Iterator[Any]:
    """Take steps with each rate on each shuffle, and give the weights after each.

    A batch's gradient is linear in (m, b, −1), so the means of a few products stand for
    its samples, and one sum over a shuffle makes those of all its batches.
    """
    generator, n_samples = drawn.shuffler(), len(drawn.rows)
    starts = np.arange(0, n_samples, batch_size)
    sizes = np.diff([*starts, n_samples])[:, None, None]
    products = (
        2 * drawn.rows[:, :, None] * np.hstack([drawn.rows, drawn.grades])[:, None]
    )
    orders = np.tile(np.arange(n_samples), (n_shuffles, 1))
    steps = np.array(rates, dtype=float)[:, None, None]
    weights = np.zeros((len(rates), n_shuffles, 3))
    weights[..., 2] = -1
    while True:
        dealt = products[generator.permuted(orders, axis=1)]
        for batch in np.moveaxis(np.add.reduceat(dealt, starts, axis=1) / sizes, 1, 0):
            weights[..., :2] -= steps * np.einsum("sij,rsj->rsi", batch, weights)
            yield weights[..., :2]


def _race(
    drawn: _Drawn,
    batch_size: int,
    rates: Sequence[Number],
    wanted: Number,
    limit: int,
    n_shuffles: int,
) -> tuple[int, Any]:
    """Return after how many steps a rate arrives, and how far all of them are then."""
    if batch_size == len(drawn.rows):
        n_shuffles = 1  # all shuffles make the same batch
    descents = _shuffled_descents(drawn, batch_size, rates, n_shuffles)
    first = found = _excesses(drawn, np.zeros((len(rates), 1, 2))).mean(axis=-1)
    racing = found <= first
    with np.errstate(over="ignore", invalid="ignore"):
        for step, weights in enumerate(itertools.islice(descents, limit), start=1):
            excesses = np.nan_to_num(
                _excesses(drawn, weights).mean(axis=-1), nan=np.finfo(float).max
            )
            found = np.where(racing, excesses, found)
            racing = found <= first
            if found.min() <= wanted:
                return step, found
    msg = (
        f"`limit` is {shown(limit)} but batches of {shown(batch_size)} need more steps"
    )
    raise ValueError(msg)


def _samples_seen(num_steps: int, batch_size: int, n_samples: int) -> int:
    """Count sample gradients; the last batch of an epoch may be smaller."""
    epochs, steps = divmod(num_steps, -(-n_samples // batch_size))
    return epochs * n_samples + steps * batch_size


def _line(inputs: Any, targets: Any, slope: Any, intercept: Any) -> tuple[Any, ...]:
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)
    weights = _checks.numbers("weights", (slope, intercept), exact=True)
    return gradients.with_intercept(inputs), targets, weights


def _gradient(rows: Any, weights: Any, targets: Any, batch: Any) -> Any:
    chosen = np.asarray(batch)
    return gradients.linear_gradient(rows[chosen], weights, targets[chosen])


def _mean_square(rows: Any, weights: Any, targets: Any, batches: Iterable[Any]) -> Any:
    """Average the squared distance of the batches' gradients from the gradient."""
    gradient = gradients.linear_gradient(rows, weights, targets)
    away = [
        ((_gradient(rows, weights, targets, batch) - gradient) ** 2).sum()
        for batch in batches
    ]
    return plain(sum(away) / len(away))


def _sample_variance(rows: Any, weights: Any, targets: Any) -> float:
    """Average the same over all samples at once."""
    slopes = losses.squared_error_slope(rows @ weights, targets)
    away = slopes[:, None] * rows - gradients.linear_gradient(rows, weights, targets)
    return float((away**2).sum() / len(rows))


def _beside_formulas(
    sizes: Sequence[int],
    n_samples: int,
    variance: Any,
    with_replacement: Iterable[Number],
    without_replacement: Iterable[Number],
) -> BatchVariance:
    return BatchVariance(
        batch_sizes=tuple(sizes),
        sample_variance=variance,
        with_replacement=tuple(with_replacement),
        without_replacement=tuple(without_replacement),
        formula_with=tuple(variance / size for size in sizes),
        formula_without=tuple(
            variance * (n_samples - size) / (size * (n_samples - 1)) for size in sizes
        ),
    )
