"""What the chapter says, beyond its own numbers; what workers do is in test_cluster."""

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import as_samples, some_points

from gdbook.examples.beyond_one_machine import (
    averaged_batches,
    costs,
    cut_sum,
    lost_digits,
    projection,
    rounded_sums,
    travel,
)
from gdbook.examples.conditioning import INPUTS, TARGETS
from gdbook.examples.measurements import measured
from gdbook.examples.stochastic_gradient import batch_variance
from gdbook.glue import defaults
from gdbook.gradients import linear_gradient
from gdbook.losses import mean_squared_error
from gdbook.seeds import held, spread
from gdbook.sums import LeastSquares, NormalEquations

NUMBERS = st.fractions(-5, 5, max_denominator=9)
POINTS = some_points(2, 7)
LINES = st.tuples(NUMBERS, NUMBERS)


@pytest.mark.claims(
    "Every row counts for one, so every piece counts for the share of the rows that it "
    "holds:",
    "The shares add up to …, which is the gradient of all samples, to the last "
    "fraction.",
    "Each piece has a gradient of its own; the shares of them, one behind the other, "
    "lead to the gradient of all.",
    "Pieces of one size have one share, so the plain mean is the gradient.",
    "A gradient is a sum over the rows: cut it anywhere, weigh each piece by its rows, "
    "and add.",
)
@settings(max_examples=25)
@given(points=POINTS, line=LINES, data=st.data())
def test_any_cut(points: Any, line: Any, data: Any) -> None:
    """Whatever the samples, the line and the cut, and exactly."""
    given_samples, left, sizes = as_samples(points), len(points), []
    while left:
        sizes.append(data.draw(st.integers(1, left)))
        left -= sizes[-1]
    seen = cut_sum(sizes, **given_samples, slope=line[0], intercept=line[1])
    assert seen.total == seen.gradient
    assert sum(seen.shares) == 1
    assert seen.shares == tuple(Fraction(size, len(points)) for size in sizes)
    ones = cut_sum((1,) * len(points), **given_samples, slope=line[0])
    assert ones.plain_mean == ones.gradient
    if len(set(sizes)) == 1:
        assert seen.plain_mean == seen.gradient


@pytest.mark.claims(
    "The plain mean of the pieces' gradients misses it.",
    "Midway, at …, the single sample would count as much as the other two together.",
    "The three samples of … are cut into a piece of … and a piece of ….",
    "Then cut the three samples into pieces of one.",
)
def test_plain_mean_misses() -> None:
    """Here, as on the page: the pieces have other sizes and other gradients."""
    seen = cut_sum()
    assert sorted(seen.sizes) == [1, 2]
    each: Any = zip(*seen.gradient_of_each, strict=True)
    assert seen.plain_mean == tuple((first + rest) / 2 for first, rest in each)
    own = defaults(cut_sum)
    assert {own["inputs"], own["targets"]} == {INPUTS, TARGETS}
    assert seen.plain_mean != seen.gradient
    assert len(set(seen.gradient_of_each)) == len(set(seen.sizes)) == 2


@pytest.mark.claims(
    "The numbers are few, because a gradient has as many entries as there are "
    "weights, however many rows it was made of.",
    "What travels is as large as the weights and not as the data, and chunks that are "
    "added in their order give the same bits whoever summed them.",
    "Weights travel to each worker, a loss and a gradient travel back.",
    "Each of $K$ workers receives $d$ weights and sends a loss and $d$ slopes:",
)
def test_what_travels_does_not_grow() -> None:
    """A gradient is as long as the weights, for any number of rows."""
    random = np.random.default_rng(0)
    for n_samples, n_inputs in ((1, 3), (50, 3), (2000, 3), (50, 7)):
        rows, weights = random.normal(size=(n_samples, n_inputs)), np.zeros(n_inputs)
        targets = random.normal(size=n_samples)
        loss, gradient = LeastSquares(rows, targets)(weights)
        assert gradient.size == weights.size == n_inputs
        seen = travel((n_samples,), n_inputs, n_workers=1)
        bytes_sent = weights.nbytes + gradient.nbytes + np.float64(loss).nbytes
        assert seen.step == bytes_sent
        assert seen.data == (rows.nbytes + targets.nbytes,)
        assert travel((1,), n_inputs, n_workers=1).step == seen.step


@pytest.mark.claims(
    "In fractions nothing rounds, and nothing differs:",
    "In fractions all of them give one result, in floats one result up to the bound of "
    "equation …, and the same bits from run to run.",
)
@settings(max_examples=25)
@given(points=POINTS, line=LINES, cut=st.integers(1, 6))
def test_fractions_do_not_round(points: Any, line: Any, cut: int) -> None:
    """Wherever the rows are cut."""
    assume(cut < len(points))
    rows, targets = [[x, 1] for x, _ in points], [y for _, y in points]
    whole = LeastSquares(rows, targets)
    both = LeastSquares(rows[:cut], targets[:cut]) + LeastSquares(
        rows[cut:], targets[cut:]
    )
    exact = [Fraction(number) for number in line]
    assert both.loss(exact) == whole.loss(exact)
    assert both.gradient(exact).tolist() == whole.gradient(exact).tolist()


@pytest.mark.claims(
    "Floats round after every addition, and another order of adding rounds other "
    "numbers.",
    "A number that passes through $k$ additions is rounded $k$ times at most, each "
    "time by a share $u = 2^{-53}$, so positive numbers with the sum $s$ that are "
    "added in blocks of $B$ give a sum $\\hat s$ with",
)
def test_rounding_is_bounded() -> None:
    """From many seeds, for many blocks, with the terms of higher order."""
    sizes = (1, 2, 3, 10, 31, 100, 500, 1000)

    def bounded(seed: int) -> bool:
        seen = rounded_sums(sizes, n_terms=1000, seed=seed)
        beyond = 1 + 2000 * 2.0**-53
        return all(
            error <= bound * beyond
            for error, bound in zip(seen.errors, seen.bounds, strict=True)
        )

    assert held(bounded, 20).num_held == 20
    assert 0.1 + 0.2 + 0.3 != 0.3 + 0.2 + 0.1


@pytest.mark.claims(
    "The bound is lowest where a block has as many numbers as there are blocks; blocks "
    "of one and a single block of all are the same long chain.",
)
@pytest.mark.parametrize("root", [2, 6, 30])
def test_lowest_bound(root: int) -> None:
    """Among all blocks that divide the numbers."""
    n_terms = root**2
    sizes = [size for size in range(1, n_terms + 1) if n_terms % size == 0]
    seen = rounded_sums(sizes, n_terms)
    assert sizes[int(np.argmin(seen.bounds))] == root
    assert seen.bounds.count(min(seen.bounds)) == 1
    assert (seen.errors[0], seen.bounds[0]) == (seen.errors[-1], seen.bounds[-1])


@pytest.mark.claims(
    "The bound falls from … to …, and what is measured lies far below it, since "
    "roundings up and down cancel.",
    "One long chain is off by … roundings here, blocks of … by ….",
    "… numbers between zero and one are added, first one after the other, then in "
    "larger and larger blocks.",
)
def test_measured_lies_far_below() -> None:
    """From many seeds, by a factor of ten or more."""
    own = rounded_sums()
    sizes = own.block_sizes
    assert sizes == tuple(sorted({1, *sizes}))
    assert own.bounds[0] == own.n_terms - 1
    assert own.bounds[2] < own.bounds[0]
    assert own.errors[2] < own.errors[0]

    def largest_share(seed: int) -> float:
        seen = rounded_sums(sizes, seed=seed)
        pairs = zip(seen.errors, seen.bounds, strict=True)
        return max(error / bound for error, bound in pairs)

    assert spread(largest_share, 8).greatest < 0.1


@pytest.mark.claims(
    "The … rows, enough to be worth a thread, are cut into the same groups whatever "
    "the number of threads, and the sums of the groups are added in the order of the "
    "rows.",
    "So nothing travels: each thread sums blocks of its own, and one of them adds up "
    "what all have found.",
)
def test_threads_do_not_change_a_bit() -> None:
    """For more threads than cores, too."""
    random = np.random.default_rng(1)
    rows, targets = random.normal(size=(400_000, 2)), random.normal(size=400_000)
    found = [
        LeastSquares(rows, targets, num_threads=number)(np.ones(2))
        for number in (1, 2, 5, 16)
    ]
    for loss, gradient in found:
        assert loss == found[0][0]
        assert gradient.tolist() == found[0][1].tolist()


@pytest.mark.claims(
    "That is synchronous averaging, and the average is the gradient of a batch of $K "
    "B$ rows, so by equation …",
    "The variance falls as one over the number of workers; each point is measured over "
    "… averages.",
)
@settings(max_examples=10)
@given(points=some_points(3, 3), line=LINES)
def test_two_workers_are_one_batch(points: Any, line: Any) -> None:
    """Over everything that two workers can draw, and exactly."""
    given_samples = as_samples(points)
    rows = np.array([[x, Fraction(1)] for x, _ in points], dtype=object)
    targets = np.array([y for _, y in points], dtype=object)
    weights = np.array(line, dtype=object)
    whole = linear_gradient(rows, weights, targets)
    away = []
    for draw in product(range(3), repeat=2):
        each = [linear_gradient(rows[[i]], weights, targets[[i]]) for i in draw]
        both = [*draw]
        average = sum(each) / 2
        batch = linear_gradient(rows[both], weights, targets[both])
        assert average.tolist() == batch.tolist()
        away.append(((average - whole) ** 2).sum())
    seen = batch_variance((2,), **given_samples, slope=line[0], intercept=line[1])
    assert sum(away) / len(away) == seen.with_replacement[0]
    assert seen.with_replacement[0] == seen.sample_variance / 2


@pytest.mark.claims(
    "From there on more workers make a step quieter and not longer.",
    "More workers divide the variance of a batch until the curvature bounds the rate; "
    "sums of squares make later steps free of the rows, and cost digits where inputs "
    "are nearly the same.",
    "One over … of the variance is left, and the noise floor of equation … sinks with "
    "it.",
    "Not without end: the bound that the curvature sets here is …, and the rate of … "
    "workers, …, is beyond it.",
)
def test_variance_goes_on_and_the_rate_does_not() -> None:
    """From many seeds of data and workers."""

    def ratio(seed: int) -> float:
        seen = averaged_batches(n_samples=2000, seed=seed)
        assert seen.predicted[0] == near(16 * seen.predicted[-1])
        assert seen.rates[-2] < seen.bound < seen.rates[-1]
        pairs = zip(seen.variances, seen.predicted, strict=True)
        return max(abs(found / law - 1) for found, law in pairs)

    # 4000 draws of two slopes leave some hundredths of luck
    assert spread(ratio, 10).greatest < 0.15
    page = averaged_batches(n_draws=1)
    assert page.worker_counts[0] == 1
    assert page.predicted[0] == near(page.worker_counts[4] * page.predicted[4])
    assert page.bound < page.rates[4]


@pytest.mark.claims(
    "That is … kB a step, for ten thousand rows and for the … TB of ten billion.",
    "The data grow from ten thousand rows to ten billion.",
    "Seconds of a step on ten billion rows, … TB, over the number of workers.",
    "The inputs differ in the seventh digit.",
    "Three or four digits are left.",
    "They do: from step … on they have taken fewer products.",
)
def test_what_the_page_counts() -> None:
    """Rows and digits in words; what travels and what is projected have one size."""
    seen, far = travel(), projection()
    assert (seen.row_counts[0], seen.row_counts[-1]) == (10**4, 10**10)
    assert (far.n_samples, far.bytes) == (seen.row_counts[-1], seen.data[-1])
    lost = lost_digits()
    assert lost.differences[-1] == near(1e-7)
    assert 1e-4 < lost.errors[-1] < 1e-3
    few = costs((20,), n_inputs=10)
    assert few.fewer_from <= few.step_counts[0]
    assert few.once[0] < few.stepping[0]


@pytest.mark.claims(
    "$A$ and $b$ are sums over the rows, too, so they can be taken in pieces, and they "
    "hold no weights, so they need to be taken once.",
    "The workers are gone, and so is the need for the rows:",
)
@settings(max_examples=25)
@given(points=POINTS, line=LINES)
def test_sums_need_no_rows(points: Any, line: Any) -> None:
    """Of single rows that are forgotten, at any weights, and exactly."""
    rows, targets = [[x, 1] for x, _ in points], [y for _, y in points]
    total: Any = sum(
        NormalEquations([row], [target])
        for row, target in zip(rows, targets, strict=True)
    )
    weights = np.array([Fraction(number) for number in line], dtype=object)
    exact = np.array([list(map(Fraction, row)) for row in rows], dtype=object)
    aim = np.array(targets, dtype=object)
    assert total.gradient(weights).tolist() == (
        linear_gradient(exact, weights, aim).tolist()
    )
    assert total.loss(weights) == mean_squared_error(exact @ weights, aim)


@pytest.mark.claims(
    "From step … on, the sums have taken fewer.",
    "They pay from … steps on: one more than the number of inputs, over two, where "
    "rows are many.",
    "Each later step multiplies $A$ with $w$, which takes $d^2$ products, for a "
    "thousand rows and for ten billion.",
    "The sums of … rows with … inputs take about … products for each number among the "
    "inputs, a step on all rows two.",
    "With few inputs the sums are cheap, and a descent that is to be repeated, with "
    "other rates or other starts, has them already.",
)
@given(n_samples=st.integers(1, 10**6), n_inputs=st.integers(1, 200))
def test_from_when_sums_pay(n_samples: int, n_inputs: int) -> None:
    """One step earlier they do not, and on from there they do."""
    assume(2 * n_samples > n_inputs)
    first = costs((1,), n_samples, n_inputs).fewer_from
    steps = (max(first - 1, 1), first, first + 1, 2 * first)
    seen = costs(steps, n_samples, n_inputs)
    fewer = [a < b for a, b in zip(seen.once, seen.stepping, strict=True)]
    assert fewer == [first == 1, True, True, True]
    assert seen.once[2] - seen.once[1] == n_inputs**2
    many = costs((1,), 10**12, n_inputs)
    assert many.fewer_from == (n_inputs + 1) // 2 + 1
    numbers = 10**12 * n_inputs
    assert many.stepping[0] == 2 * numbers
    assert many.once[0] == near(numbers * (n_inputs + 1), rel=1e-9)


@pytest.mark.claims(
    "A condition number of $\\kappa$ for the rows is $\\kappa^2$ for the sums.",
    "The error grows with the square of the condition number, up to which a method "
    "that looks at the rows loses in proportion to the number itself.",
    "Columns on one scale help, as in …; where inputs are nearly the same, step on the "
    "rows.",
)
@given(difference=st.floats(2e-8, 1))
def test_squares_forget(difference: float) -> None:
    """By no more than a rounding times the square of the condition number."""
    seen = lost_digits((difference,))
    rows = np.array([[1, 1], [difference, 0], [0, difference]])
    values = np.linalg.svd(rows, compute_uv=False)
    assert seen.of_rows[0] == near(values[0] / values[-1], rel=1e-6)
    assert seen.of_sums[0] == near(seen.of_rows[0] ** 2)
    assert seen.errors[0] <= 2.0**-53 * seen.of_sums[0]


@pytest.mark.claims(
    "With … workers a step takes … seconds, and no number of them makes it shorter.",
    "Beyond … workers a step takes longer again.",
    "The best number of workers grows by the square root of how many times faster "
    "tasks are handed out, here by a factor of …, and the step shortens by it.",
    "The first part falls with the number of workers and the second grows.",
)
@given(
    workers=st.integers(1, 10**6),
    rate=st.floats(1e6, 1e12),
    time=st.floats(1e-6, 1),
    faster=st.floats(1, 1000),
)
def test_least_time(workers: int, rate: float, time: float, faster: float) -> None:
    """For any rate and any time of a task."""
    seen = projection((workers, workers + 1), read_rate=rate, task_time=time)
    assert min(seen.steps) >= seen.best_step * (1 - 1e-12)
    assert seen.reading[0] > seen.reading[1]
    assert seen.scheduling[0] < seen.scheduling[1]
    if workers > seen.best_workers:
        assert seen.steps[1] > seen.steps[0]
    quick = projection((1,), read_rate=rate, task_time=time / faster)
    assert quick.best_workers / seen.best_workers == near(faster**0.5)
    assert seen.best_step / quick.best_step == near(faster**0.5)


@pytest.mark.claims(
    "The seconds are those of one process, and the workers take so many times as long: "
    "at … two of them … times, at … … times.",
    "Handing out tasks took … milliseconds where there was hardly a row to read, and "
    "the share of it falls as the rows grow.",
)
def test_what_was_measured_of_workers() -> None:
    """In what was recorded, whatever the machine."""
    seen = measured("cluster")
    assert seen.names == ("one process", "one worker", "two workers")
    assert all(row[0] == 1 for row in seen.ratios)
    first, last = seen.ratios[0], seen.ratios[-1]
    assert first[2] > 10
    assert first[1] > last[1]
    assert first[2] > last[2]
    # So little of it is summing.
    assert seen.medians[0][0] < 0.1 * seen.medians[0][2]
