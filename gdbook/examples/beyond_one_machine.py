"""Sum the gradient anywhere: in blocks, on threads, on workers, or once."""

import math
from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks, gradients, losses
from gdbook._arguments import (
    Count0,
    Count1,
    Count2,
    Finite,
    Positive,
    Positives,
    Row,
    SomeCounts1,
    Varied,
    checked,
)
from gdbook._checks import Number, shown
from gdbook.examples.conditioning import INPUTS, TARGETS
from gdbook.examples.stochastic_gradient import _line, _sample_variance, make_data
from gdbook.traces import plain, trace

BYTES = 8  # of a float
UNIT = 2.0**-53  # the most that one rounding changes, as a share


@trace
class CutSum(NamedTuple):
    """A gradient from the gradients of the pieces that the samples are cut into.

    The `sizes` of the pieces, the `gradient_of_each` along slope and intercept, the
    `shares` of all samples that they hold, and each gradient times its share, the
    `parts`; their sum, the `total`, beside the `gradient` of all samples at once and
    the `plain_mean` of the pieces' gradients, which knows of no shares.
    """

    sizes: tuple[int, ...]
    gradient_of_each: tuple[tuple[Number, Number], ...]
    shares: tuple[Number, ...]
    parts: tuple[tuple[Number, Number], ...]
    total: tuple[Number, Number]
    gradient: tuple[Number, Number]
    plain_mean: tuple[Number, Number]


@checked
def cut_sum(
    sizes: SomeCounts1 = (1, 2),
    inputs: Varied = INPUTS,
    targets: Row = TARGETS,
    slope: Finite = 0,
    intercept: Finite = 0,
) -> CutSum:
    r"""Cut the samples into pieces, and add the gradients of the pieces.

    .. math:: \nabla L = \sum_k \frac{n_k}{n}\, \nabla L_k

    Parameters
    ----------
    sizes
        How many samples each piece has, :math:`n_k`, in their order.
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
        If the arrays do not fit each other, or the pieces have not as many samples as
        there are.

    Examples
    --------
    >>> seen = cut_sum()
    >>> seen.gradient_of_each[1], seen.shares[1]
    ((Fraction(-7, 2), Fraction(-5, 2)), Fraction(2, 3))
    >>> seen.total == seen.gradient, seen.plain_mean
    (True, (Fraction(-43, 20), Fraction(-41, 20)))
    """
    rows, targets, weights = _line(inputs, targets, slope, intercept)
    if sum(sizes) != len(rows):
        msg = (
            f"`sizes` sums to {shown(sum(sizes))} but must sum to the "
            f"{len(rows)} samples of `inputs`"
        )
        raise ValueError(msg)
    ends = pairwise(accumulate(sizes, initial=0))
    each_gradient = [
        gradients.linear_gradient(rows[start:end], weights, targets[start:end])
        for start, end in ends
    ]
    exact = rows.dtype == object
    shares = [Fraction(n, len(rows)) if exact else n / len(rows) for n in sizes]
    parts = [share * part for share, part in zip(shares, each_gradient, strict=True)]
    return CutSum(
        sizes=tuple(sizes),
        gradient_of_each=plain(each_gradient),
        shares=tuple(shares),
        parts=plain(parts),
        total=plain(sum(parts)),
        gradient=plain(gradients.linear_gradient(rows, weights, targets)),
        plain_mean=plain(sum(each_gradient) / len(sizes)),
    )


@trace
class RoundedSums(NamedTuple):
    """The same numbers summed in blocks of several sizes, and what rounding changes.

    How many numbers there are (`n_terms`) and the exact `total`; for each of the
    `block_sizes` how far the sum is from it, the `errors`, and how far it can be at
    most, the `bounds`, both in roundings of the total.
    """

    n_terms: int
    total: float
    block_sizes: tuple[int, ...]
    errors: tuple[float, ...]
    bounds: tuple[int, ...]


@checked
def rounded_sums(
    block_sizes: SomeCounts1 = (1, 8, 64, 512, 4096, 32_768),
    n_terms: Count2 = 32_768,
    seed: Count0 = 0,
) -> RoundedSums:
    r"""Add positive numbers within blocks first, then the sums of the blocks.

    .. math:: |\hat s - s| \le \Bigl( B - 1 + \frac nB - 1 \Bigr)\, u \, s
              + \mathcal O(u^2), \qquad u = 2^{-53}

    The numbers are drawn evenly between 0 and 1, and added one after the other, in
    floats. Each passes at most so many additions, and each of these rounds by a share
    :math:`u` of its result at most.

    Parameters
    ----------
    block_sizes
        How many numbers form a block, :math:`B`; the last block may have fewer.
    n_terms
        How many numbers there are, :math:`n`.
    seed
        Where the generator starts.

    Raises
    ------
    ValueError
        If a block has more numbers than there are.

    References
    ----------
    .. [1] N. J. Higham, "The accuracy of floating point summation", SIAM Journal on
       Scientific Computing 14 (1993).

    Examples
    --------
    >>> seen = rounded_sums()
    >>> seen.bounds
    (32767, 4102, 574, 574, 4102, 32767)
    >>> all(error < bound for error, bound in zip(seen.errors, seen.bounds))
    True
    """
    _checks.not_beyond("block_sizes", max(block_sizes), n_terms, "numbers")
    terms = np.random.default_rng(seed).random(n_terms).tolist()
    exact = sum(map(Fraction, terms))
    found = [_in_blocks(terms, size) for size in block_sizes]
    blocks = [-(-n_terms // size) for size in block_sizes]
    return RoundedSums(
        n_terms=n_terms,
        total=float(exact),
        block_sizes=tuple(block_sizes),
        errors=tuple(
            float(abs(Fraction(one) - exact) / exact / Fraction(UNIT)) for one in found
        ),
        bounds=tuple(
            size - 1 + number - 1
            for size, number in zip(block_sizes, blocks, strict=True)
        ),
    )


@trace
class Travel(NamedTuple):
    """How many bytes the data have, and how many of them travel.

    For each number of rows, `row_counts`, the bytes of the `data`; and for `n_workers`
    workers and `n_inputs` inputs those that travel in a `step`, weights there and a
    loss and a gradient back, and those that travel `once`, for the sums of which all
    steps can be taken.
    """

    row_counts: tuple[int, ...]
    n_inputs: int
    n_workers: int
    data: tuple[int, ...]
    step: int
    once: int


@checked
def travel(
    row_counts: SomeCounts1 = (10**4, 10**6, 10**8, 10**10),
    n_inputs: Count1 = 100,
    n_workers: Count1 = 2,
) -> Travel:
    r"""Count the bytes of a linear model's data, and those that workers exchange.

    .. math:: 8\,n\,(d + 1), \qquad 8\,K\,(2 d + 1), \qquad 8\,K\,(d^2 + d + 1)

    Parameters
    ----------
    row_counts
        Numbers of rows, :math:`n`.
    n_inputs
        How many inputs each row has, :math:`d`, beside its target.
    n_workers
        How many workers share the rows, :math:`K`.

    Examples
    --------
    >>> seen = travel()
    >>> seen.data[-1], seen.step, seen.once
    (8080000000000, 3216, 161616)
    """
    return Travel(
        row_counts=tuple(row_counts),
        n_inputs=n_inputs,
        n_workers=n_workers,
        data=tuple(BYTES * n * (n_inputs + 1) for n in row_counts),
        step=BYTES * n_workers * (2 * n_inputs + 1),
        once=BYTES * n_workers * (n_inputs**2 + n_inputs + 1),
    )


@trace
class AveragedBatches(NamedTuple):
    """The variance of a gradient that several workers average.

    Each of so many workers, `worker_counts`, takes a batch of `batch_size`. The
    `variances` of the average, measured over `n_draws` draws, beside those `predicted`
    from the variance of one sample, `sample_variance`; and the `rates` that have the
    noise floor of the first, none of which helps beyond the `bound` that the curvature
    sets.
    """

    worker_counts: tuple[int, ...]
    batch_size: int
    n_draws: int
    sample_variance: float
    variances: tuple[float, ...]
    predicted: tuple[float, ...]
    rates: tuple[Number, ...]
    bound: float


@checked
def averaged_batches(
    worker_counts: SomeCounts1 = (1, 2, 4, 8, 16),
    batch_size: Count1 = 10,
    learning_rate: Positive = 0.002,
    n_draws: Count1 = 4000,
    n_samples: Count2 = 10_000,
    seed: Count0 = 0,
) -> AveragedBatches:
    r"""Average the gradients of batches that workers draw by themselves.

    .. math:: \operatorname{Var}\Bigl( \frac1K \sum_{k=1}^{K} \nabla L_{S_k} \Bigr)
              = \frac{\operatorname{Var}_1}{K B}

    The rows are those of the large data set of `stochastic_gradient`, and gradients are
    taken at slope 0 and intercept 0. Each worker has a generator of its own, and draws
    from all rows, with replacement.

    Parameters
    ----------
    worker_counts
        How many workers average, :math:`K`.
    batch_size
        How many samples each of them takes, :math:`B`.
    learning_rate
        The rate of the first number of workers.
    n_draws
        How often to draw and average.
    n_samples
        How many samples to make.
    seed
        Where the generators of the data and of the workers start.

    References
    ----------
    .. [1] P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1
       hour", arXiv:1706.02677 (2017).

    Examples
    --------
    >>> seen = averaged_batches()
    >>> [round(found / law, 1) for found, law in zip(seen.variances, seen.predicted)]
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    made = make_data(n_samples, seed=seed)
    rows, grades = gradients.with_intercept(made.hours), np.array(made.grades)
    errors = losses.squared_error_slope(np.zeros(n_samples), grades)
    slopes = errors[:, None] * rows  # of each sample, at slope and intercept 0
    whole = gradients.linear_gradient(rows, np.zeros(2), grades)

    def measured(number: int) -> float:
        workers = np.random.default_rng(seed).spawn(number)
        batches = [
            worker.integers(n_samples, size=(n_draws, batch_size)) for worker in workers
        ]
        average: Any = sum(slopes[batch].mean(axis=1) for batch in batches) / number
        return float(((average - whole) ** 2).sum() / n_draws)

    variance = _sample_variance(rows, np.zeros(2), grades)
    return AveragedBatches(
        worker_counts=tuple(worker_counts),
        batch_size=batch_size,
        n_draws=n_draws,
        sample_variance=variance,
        variances=tuple(map(measured, worker_counts)),
        predicted=tuple(variance / (number * batch_size) for number in worker_counts),
        rates=tuple(
            learning_rate * number / worker_counts[0] for number in worker_counts
        ),
        bound=2 / made.curvatures[-1],
    )


@trace
class Costs(NamedTuple):
    """What steps cost that look at all rows, and steps that look at sums of them.

    For each number of steps, `step_counts`, the products of two numbers that they take
    on `n_samples` rows of `n_inputs` inputs, `stepping`, and those of the sums and the
    steps of them, `once`; the first number of steps with which the sums take fewer is
    `fewer_from`.
    """

    n_samples: int
    n_inputs: int
    step_counts: tuple[int, ...]
    stepping: tuple[int, ...]
    once: tuple[int, ...]
    fewer_from: int


@checked
def costs(
    step_counts: SomeCounts1 = (1, 10, 100, 1000, 10_000),
    n_samples: Count1 = 10**6,
    n_inputs: Count1 = 100,
) -> Costs:
    r"""Count the products of a descent, on all rows and on sums taken once.

    .. math:: 2\,n\,d\,T, \qquad n\,d\,(d + 1) + d^2\,T

    Parameters
    ----------
    step_counts
        Numbers of steps, :math:`T`.
    n_samples
        How many rows there are, :math:`n`.
    n_inputs
        How many inputs each of them has, :math:`d`.

    Raises
    ------
    ValueError
        If there are so few rows that the sums never take fewer.

    Examples
    --------
    >>> seen = costs()
    >>> seen.stepping[1], seen.once[1], seen.fewer_from
    (2000000000, 10100100000, 51)
    """
    saved = 2 * n_samples - n_inputs
    if saved <= 0:
        msg = (
            f"`n_samples` is {shown(n_samples)} but must be more than half of the "
            f"{shown(n_inputs)} inputs, or sums of them save nothing"
        )
        raise ValueError(msg)
    return Costs(
        n_samples=n_samples,
        n_inputs=n_inputs,
        step_counts=tuple(step_counts),
        stepping=tuple(2 * n_samples * n_inputs * steps for steps in step_counts),
        once=tuple(
            n_samples * n_inputs * (n_inputs + 1) + n_inputs**2 * steps
            for steps in step_counts
        ),
        fewer_from=n_samples * (n_inputs + 1) // saved + 1,
    )


@trace
class LostDigits(NamedTuple):
    """What sums of squares forget of two inputs that are nearly the same.

    For each of the `differences` between the inputs, the condition number of the rows,
    `of_rows`, and that of their sums, `of_sums`; and by how much of itself the lowest
    point of the sums is off once they are rounded, the `errors`.
    """

    differences: tuple[float, ...]
    of_rows: tuple[float, ...]
    of_sums: tuple[float, ...]
    errors: tuple[float, ...]


@checked
def lost_digits(
    differences: Positives = (0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6, 1e-7),
) -> LostDigits:
    r"""Round the sums of two inputs that are nearly the same.

    .. math:: X = \begin{pmatrix} 1 & 1 \\ \epsilon & 0 \\ 0 & \epsilon
              \end{pmatrix}, \quad
              X^\top X = \begin{pmatrix} 1 + \epsilon^2 & 1 \\
              1 & 1 + \epsilon^2 \end{pmatrix}, \quad
              \kappa(X) = \frac{\sqrt{2 + \epsilon^2}}{\epsilon}

    The targets are those of the weights 1 and −1. The sums are rounded to floats, and
    what they say is computed from there in fractions, so that no other rounding is
    mixed in.

    Parameters
    ----------
    differences
        How much the inputs differ, :math:`\epsilon`.

    Raises
    ------
    ValueError
        If a difference is so small that its square is lost beside 1.

    References
    ----------
    .. [1] P. Läuchli, "Jordan-Elimination und Ausgleichung nach kleinsten Quadraten",
       Numerische Mathematik 3 (1961).

    Examples
    --------
    >>> seen = lost_digits((1e-7,))
    >>> round(seen.errors[0], 4)
    0.0008
    """
    found = [_rounded_at(float(difference)) for difference in differences]
    return LostDigits(tuple(map(float, differences)), *zip(*found, strict=True))


def _rounded_at(difference: float) -> tuple[float, float, float]:
    square = difference * difference
    kept = Fraction(1 + square) - 1  # of the square, in the sums
    if not kept:
        msg = (
            f"`differences` holds {shown(difference)} but its square must change 1 "
            "when it is added, so it must be at least 1.5e-8"
        )
        raise ValueError(msg)
    condition = math.sqrt(2 + square) / difference
    return condition, condition**2, float(abs(Fraction(square) / kept - 1))


@trace
class Projection(NamedTuple):
    """How long a step takes on many workers, if what is assumed holds.

    For `n_samples` rows of `n_inputs` inputs, of so many `bytes`: with each of the
    numbers of workers, `worker_counts`, the bytes that one of them has to hold
    (`held`), the seconds that they are `reading`, those of handing out the tasks
    (`scheduling`), and both, the `steps`; then the number of workers with which a step
    is shortest, `best_workers`, and its `best_step`.
    """

    n_samples: int
    n_inputs: int
    bytes: int
    worker_counts: tuple[int, ...]
    held: tuple[Number, ...]
    reading: tuple[Number, ...]
    scheduling: tuple[Number, ...]
    steps: tuple[Number, ...]
    best_workers: float
    best_step: float


@checked
def projection(
    worker_counts: SomeCounts1 = (1, 10, 100, 1000, 10_000),
    n_samples: Count1 = 10**10,
    n_inputs: Count1 = 100,
    read_rate: Positive = 1e10,
    task_time: Positive = 0.001,
) -> Projection:
    r"""Project a step to more rows than one machine holds.

    .. math:: T(K) = \frac{8\,n\,(d + 1)}{K\,r} + K\,c, \qquad
              K^\ast = \sqrt{\frac{8\,n\,(d + 1)}{r\,c}}, \qquad
              T(K^\ast) = 2\,K^\ast c

    Every worker holds its rows in memory and reads them once a step; one process hands
    out the tasks, one for each worker, one after the other.

    Parameters
    ----------
    worker_counts
        Numbers of workers, :math:`K`.
    n_samples
        How many rows there are, :math:`n`.
    n_inputs
        How many inputs each of them has, :math:`d`.
    read_rate
        Bytes that a worker reads a second, :math:`r`.
    task_time
        Seconds that handing out a task and taking its result back takes, :math:`c`.

    Examples
    --------
    >>> seen = projection()
    >>> [round(step, 2) for step in seen.steps]
    [808.0, 80.81, 8.18, 1.81, 10.08]
    >>> round(seen.best_workers), round(seen.best_step, 2)
    (899, 1.8)
    """
    size = BYTES * n_samples * (n_inputs + 1)
    reading = [_over(size, workers * read_rate) for workers in worker_counts]
    scheduling = [workers * task_time for workers in worker_counts]
    best = math.sqrt(size / (read_rate * task_time))
    return Projection(
        n_samples=n_samples,
        n_inputs=n_inputs,
        bytes=size,
        worker_counts=tuple(worker_counts),
        held=tuple(_over(size, workers) for workers in worker_counts),
        reading=tuple(reading),
        scheduling=tuple(scheduling),
        steps=tuple(map(sum, zip(reading, scheduling, strict=True))),
        best_workers=best,
        best_step=2 * best * float(task_time),
    )


def _in_blocks(terms: Sequence[float], size: int) -> float:
    """Add floats one after the other, within blocks and over them."""
    blocks = [
        deque(accumulate(terms[start : start + size]), 1)[0]
        for start in range(0, len(terms), size)
    ]
    return deque(accumulate(blocks), 1)[0]


def _over(number: int, by: Number) -> Number:
    """Divide, and keep a fraction one."""
    exact = isinstance(by, int | Fraction)
    return plain(Fraction(number) / by) if exact else number / by
