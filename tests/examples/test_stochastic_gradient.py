"""The worked examples of the chapter on the stochastic gradient."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_numbers

from gdbook._checks import Number
from gdbook.descent import DivergenceError
from gdbook.examples.stochastic_gradient import (
    BatchVariance,
    Cooling,
    MadeData,
    NoiseFloor,
    NoisyPaths,
    SampleMean,
    Shuffled,
    StepsToLoss,
    batch_variance,
    cooling,
    make_data,
    measured_variance,
    noise_floor,
    noisy_paths,
    sample_mean,
    shuffled,
    steps_to_loss,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("−2.6", "−2.2", "−13/5", "−11/5", "32/15", "16/15", "8/15", "10000", "0.55"),
    *("1.9", "139", "140"),
)

# A descent of many steps in floats; the sums of two ways to write it differ in order.
MANY_ROUNDINGS = 4e-11


def summed(expected: Any) -> Any:
    """Compare what two ways of adding up floats give."""
    return near(expected, rel=MANY_ROUNDINGS, abs=MANY_ROUNDINGS / 10_000)


class Oracle(NamedTuple):
    """The stated process, and descents on it, in NumPy alone."""

    hours: np.ndarray
    grades: np.ndarray  # one column for each line
    best: np.ndarray  # (2, n_lines)
    state: dict[str, Any]

    @classmethod
    def make(cls, n_samples: int, seed: int = 0, n_lines: int = 1) -> "Oracle":
        """Draw hours up to 10, then luck of 0.5 around 0.55 x + 1.9."""
        generator = np.random.default_rng(seed)
        hours = generator.uniform(0, 10, n_samples)
        luck = generator.standard_normal((n_samples, n_lines))
        grades = 0.55 * hours[:, None] + 1.9 + 0.5 * luck
        rows = np.column_stack([hours, np.ones(n_samples)])
        best = np.linalg.lstsq(rows, grades, rcond=None)[0]
        return cls(hours, grades, best, dict(generator.bit_generator.state))

    @property
    def generator(self) -> np.random.Generator:
        """The generator as the data left it."""
        generator = np.random.default_rng()
        generator.bit_generator.state = self.state
        return generator

    def excess(self, weights: np.ndarray) -> float:
        """Give the mean squared error above that of the best line, lines averaged."""
        errors = np.outer(self.hours, weights[0]) + weights[1] - self.grades
        least = np.outer(self.hours, self.best[0]) + self.best[1] - self.grades
        return float((errors**2).mean() - (least**2).mean())

    def gradient(self, weights: np.ndarray, batch: np.ndarray) -> np.ndarray:
        """Give the slopes along m and b: means of 2·error·x and of 2·error."""
        x = self.hours[batch][:, None]
        errors = x * weights[0] + weights[1] - self.grades[batch]
        return np.array([(2 * errors * x).mean(axis=0), (2 * errors).mean(axis=0)])

    def deal(self, batch_size: int) -> Iterator[np.ndarray]:
        """Shuffle all samples, deal them, and shuffle again."""
        generator = self.generator
        while True:
            order = np.arange(len(self.hours))
            generator.shuffle(order)
            for first in range(0, len(order), batch_size):
                yield order[first : first + batch_size]

    def shuffled_walks(
        self, batch_size: int, rate: Number, num_steps: int, n_shuffles: int
    ) -> np.ndarray:
        """Walk through as many shuffles at once, each dealt from one order of all."""
        generator, n_samples = self.generator, len(self.hours)
        weights = np.zeros((n_shuffles, 2))
        path, start = [weights], n_samples
        orders = np.tile(np.arange(n_samples), (n_shuffles, 1))
        while len(path) <= num_steps:
            if start >= n_samples:
                dealt, start = generator.permuted(orders, axis=1), 0
            batch = dealt[:, start : start + batch_size]
            start += batch_size
            x, y = self.hours[batch], self.grades[batch, 0]
            slopes = 2 * (x * weights[:, :1] + weights[:, 1:] - y)
            along = np.array([(slopes * x).mean(axis=1), slopes.mean(axis=1)]).T
            weights = weights - float(rate) * along
            path.append(weights)
        return np.array(path)

    def excesses(self, weights: np.ndarray) -> np.ndarray:
        """Give ½ eᵀHe for each of the lines of one data set."""
        away = weights - self.best[:, 0]
        return np.asarray((away @ self.curvature() * away).sum(axis=-1) / 2)

    def walk(
        self, batch_size: int, start: np.ndarray, rates: Iterable[float]
    ) -> list[np.ndarray]:
        """Take one step on each batch, with one rate for each step."""
        path, dealt = [start], self.deal(batch_size)
        for rate in rates:
            slope = self.gradient(path[-1], next(dealt))
            path.append(path[-1] - rate * slope)
        return path

    def curvature(self) -> np.ndarray:
        """Give 2·(mean of x², mean of x; mean of x, 1)."""
        mean, square = self.hours.mean(), (self.hours**2).mean()
        return 2 * np.array([[square, mean], [mean, 1]])

    def sample_variance(self, weights: np.ndarray) -> float:
        """Give the variance of one sample's gradient, both slopes added."""
        x = self.hours[:, None]
        errors = x * weights[0] + weights[1] - self.grades
        along = np.stack([2 * errors * x, 2 * errors])
        return float(along.var(axis=1).sum(axis=0).mean())


class TestTheMeanOverAllBatchesIsTheGradient:
    """For every batch size, the mean over all batches is the gradient."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page, exactly."""
        seen = sample_mean()
        assert isinstance(seen, SampleMean)
        assert seen.batches == (
            ((0,), (1,), (2,)),
            ((0, 1), (0, 2), (1, 2)),
            ((0, 1, 2),),
        )
        # At m = b = 0 an error is −y: 2·(−4/5)·(1/2, 1), 2·(−1)·(2, 1), 2·(−3/2)·(1, 1)
        singles = ((Fraction(-4, 5), Fraction(-8, 5)), (-4, -2), (-3, -3))
        pairs = (
            (Fraction(-12, 5), Fraction(-9, 5)),  # (−4/5 − 4)/2, (−8/5 − 2)/2
            (Fraction(-19, 10), Fraction(-23, 10)),  # (−4/5 − 3)/2, (−8/5 − 3)/2
            (Fraction(-7, 2), Fraction(-5, 2)),  # (−4 − 3)/2, (−2 − 3)/2
        )
        gradient = (Fraction(-13, 5), Fraction(-11, 5))  # (−2.6, −2.2)
        assert seen.gradients == (singles, pairs, (gradient,))
        assert seen.means == (gradient,) * 3
        assert seen.gradient == gradient
        assert_numbers(seen, Fraction)

    def test_other_numbers_give_other_results(self) -> None:
        """At y = x + 1 the errors at 0, 1, 3 with targets 1, 0, 2 are 0, 2, 2."""
        seen = sample_mean(np.array([0.0, 1, 3]), np.array([1.0, 0, 2]), 1, 1)
        assert seen.gradients[0] == ((0, 0), (4, 4), (12, 4))
        assert seen.gradients[1] == ((2, 2), (6, 2), (8, 4))
        assert seen.gradient == near((16 / 3, 8 / 3), rel=1e-15)
        means = [(16 / 3, 8 / 3)] * 3
        assert np.array(seen.means) == near(np.array(means), rel=1e-15)
        assert_numbers(seen)

    def test_holds_for_four_samples(self) -> None:
        """Also where sizes have 4, 6, 4 and 1 batches."""
        inputs = tuple(Fraction(n, 3) for n in (1, 2, 5, 7))
        seen = sample_mean(inputs, (3, 1, 4, 1), Fraction(1, 2), -1)
        assert [len(same_size) for same_size in seen.batches] == [4, 6, 4, 1]
        assert set(seen.means) == {seen.gradient}

    def test_arrays_stay(self) -> None:
        """Nothing is changed in place."""
        inputs, targets = np.array([0.0, 1, 3]), np.array([1.0, 0, 2])
        sample_mean(inputs, targets)
        batch_variance((1,), inputs, targets)
        assert inputs.tolist() == [0, 1, 3]
        assert targets.tolist() == [1, 0, 2]


class TestTheVarianceFallsWithTheBatch:
    """One sample's variance over B, times (n − B)/(n − 1) without replacement."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page, exactly."""
        seen = batch_variance()
        assert isinstance(seen, BatchVariance)
        assert seen.batch_sizes == (1, 2, 3)
        # From the mean (−13/5, −11/5): (9/5, 3/5), (−7/5, 1/5), (−2/5, −4/5), whose
        # squares add up to 90/25, 50/25 and 20/25: 160/25/3.
        single = Fraction(32, 15)
        assert seen.sample_variance == single
        drawn = (single, Fraction(16, 15), Fraction(32, 45))
        # The distances of the pairs are half those of the samples they leave out.
        dealt = (single, Fraction(8, 15), 0)
        assert seen.with_replacement == seen.formula_with == drawn
        assert seen.without_replacement == seen.formula_without == dealt
        assert_numbers(seen, Fraction)

    def test_other_numbers_give_other_results(self) -> None:
        """Single gradients (0, 0), (4, 4), (12, 4) about (16/3, 8/3)."""
        inputs = tuple(map(Fraction, (0, 1, 3)))
        seen = batch_variance((2,), inputs, (1, 0, 2), slope=1, intercept=1)
        # 256/9 + 64/9 + 16/9 + 16/9 + 400/9 + 16/9 = 768/9, over 3
        assert seen.sample_variance == Fraction(256, 9)
        assert seen.batch_sizes == (2,)
        assert seen.with_replacement == seen.formula_with == (Fraction(128, 9),)
        assert seen.without_replacement == seen.formula_without == (Fraction(64, 9),)

    def test_holds_for_four_samples(self) -> None:
        """Factors 3/3, 2/3, 1/3 and 0 over 1, 2, 3 and 4."""
        inputs = tuple(Fraction(n, 3) for n in (1, 2, 5, 7))
        seen = batch_variance((1, 2, 3, 4), inputs, (3, 1, 4, 1))
        single = seen.sample_variance
        assert seen.with_replacement == tuple(single / size for size in (1, 2, 3, 4))
        assert seen.without_replacement == (single, single / 3, single / 9, 0)


class TestTheData:
    """A stated process makes 10,000 students."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        made, oracle = make_data(), Oracle.make(10_000)
        assert isinstance(made, MadeData)
        assert made.hours == tuple(oracle.hours.tolist())
        assert made.grades == near(oracle.grades[:, 0], rel=1e-15)
        assert made[2:7] == (10_000, 0.55, 1.9, 0.5, 10)
        # A sum of 10,000 in another order.
        assert made.best_slope == near(oracle.best[0, 0], rel=1e-12)
        assert made.best_intercept == near(oracle.best[1, 0], rel=1e-12)
        errors = oracle.hours * oracle.best[0, 0] + oracle.best[1, 0]
        least = ((errors - oracle.grades[:, 0]) ** 2).mean()
        assert made.best_loss == near(least, rel=1e-12)
        # Of a matrix ((a, b), (b, d)): (a + d)/2 ∓ √((a − d)²/4 + b²)
        (a, b), (_, d) = oracle.curvature()
        middle, half = (a + d) / 2, np.hypot((a - d) / 2, b)
        curvatures = (middle - half, middle + half)
        assert made.curvatures == near(curvatures)
        ratio = curvatures[1] / curvatures[0]
        assert made.condition_number == near(ratio)
        assert_numbers(made)

    def test_moments(self) -> None:
        """Hours have mean 5 and variance 100/12, the luck 0 and 1/4."""
        made = make_data()
        hours, grades = np.array(made.hours), np.array(made.grades)
        luck = grades - 0.55 * hours - 1.9
        # Five standard errors: √(100/12/10000), √(100²/180/10000), 1/2/100, √2/4/100
        assert hours.mean() == near(5, abs=5 * 0.0289)
        assert hours.var() == near(100 / 12, abs=5 * 0.0746)
        assert luck.mean() == near(0, abs=5 * 0.005)
        assert luck.var() == near(1 / 4, abs=5 * 0.00354)
        # Uncorrelated: 1/√10000 each
        assert np.corrcoef(hours, luck)[0, 1] == near(0, abs=0.05)
        assert 0 <= hours.min() < 0.01
        assert 9.99 < hours.max() <= 10

    def test_other_numbers_give_other_results(self) -> None:
        """Without noise the best line is the line, and the seed changes the hours."""
        made = make_data(5, Fraction(2), Fraction(1, 2), 0, seed=3)
        generator = np.random.default_rng(3)
        assert made.hours == tuple(generator.uniform(0, 10, 5).tolist())
        grades = [2 * x + 0.5 for x in made.hours]
        assert made.grades == near(grades, rel=1e-15)
        assert made[2:7] == (5, 2, Fraction(1, 2), 0, 10)
        assert made.best_slope == near(2, rel=1e-13)
        assert made.best_intercept == near(0.5, rel=1e-12)
        assert made.best_loss == near(0, abs=1e-25)

    def test_two_samples_are_enough(self) -> None:
        """Two points have a line of their own."""
        assert make_data(2).best_loss == near(0, abs=1e-25)


class TestTheVarianceMeasured:
    """The measured points scatter a little around the lines."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        seen, oracle = measured_variance(), Oracle.make(10_000)
        assert isinstance(seen, BatchVariance)
        assert seen.batch_sizes == (1, 10, 100, 1000, 5000)
        single = oracle.sample_variance(np.zeros((2, 1)))
        assert seen.sample_variance == near(single, rel=1e-12)
        drawn = [single / size for size in seen.batch_sizes]
        assert seen.formula_with == near(drawn, rel=1e-12)
        factors = (1, 9990 / 9999, 9900 / 9999, 9000 / 9999, 5000 / 9999)
        dealt = [law * factor for law, factor in zip(drawn, factors, strict=True)]
        assert seen.formula_without == near(dealt, rel=1e-12)
        # The mean of 500 squares, nearly all along the one steep direction, has a
        # standard error of √(2/500) = 6.3 percent; three of them.
        assert seen.with_replacement == near(drawn, rel=0.19)
        assert seen.without_replacement == near(dealt, rel=0.19)
        assert_numbers(seen)

    def test_every_draw(self) -> None:
        """For each size the batches with replacement come first."""
        seen = measured_variance((2, 5), n_draws=3, n_samples=6, seed=4)
        oracle = Oracle.make(6, 4)
        generator, zero = oracle.generator, np.zeros((2, 1))
        gradient = oracle.gradient(zero, np.arange(6))
        expected = [
            np.mean(
                [
                    ((oracle.gradient(zero, batch) - gradient) ** 2).sum()
                    for batch in [
                        generator.choice(6, size, replace=replace) for _ in range(3)
                    ]
                ]
            )
            for size in (2, 5)
            for replace in (True, False)
        ]
        assert seen.with_replacement == summed(expected[::2])
        assert seen.without_replacement == summed(expected[1::2])
        single = oracle.sample_variance(zero)
        assert seen.formula_with == summed([single / 2, single / 5])
        # (6 − 2)/5/2 and (6 − 5)/5/5
        assert seen.formula_without == summed([single * 4 / 10, single / 25])

    def test_five_hundred_draws_unless_told(self) -> None:
        """As many as the page says."""
        seen = measured_variance((2,), n_samples=6)
        assert seen == measured_variance((2,), 500, n_samples=6)

    def test_all_samples_have_no_variance(self) -> None:
        """Dealing all of them gives the gradient."""
        seen = measured_variance((6,), n_draws=1, n_samples=6)
        assert seen.formula_without == (0,)
        assert seen.without_replacement == near((0,), abs=1e-24)


class TestNoisyPathsTravelAsTheExactOneDoes:
    """The same steps on one sample, on a few, and on all."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        paths, oracle = noisy_paths(), Oracle.make(10_000)
        assert isinstance(paths, NoisyPaths)
        assert paths.batch_sizes == (1, 10, 10_000)
        assert (paths.learning_rate, paths.num_steps) == (0.002, 300)
        for at, size in enumerate(paths.batch_sizes):
            path = oracle.walk(size, np.zeros((2, 1)), [0.002] * 300)
            m, b = np.array(path)[:, :, 0].T
            assert paths.slopes[at] == summed(m.tolist())
            assert paths.intercepts[at] == summed(b.tolist())
            assert paths.ends[at] == (paths.slopes[at][-1], paths.intercepts[at][-1])
            excesses = [oracle.excess(weights) for weights in path[::50]]
            assert paths.excesses[at][::50] == summed(excesses)
            assert len(paths.excesses[at]) == 301
        assert paths.sample_gradients == (300, 3000, 3_000_000)
        assert paths.best == summed(oracle.best[:, 0].tolist())
        curvature = oracle.curvature().tolist()
        assert [list(row) for row in paths.curvature] == [
            summed(row) for row in curvature
        ]
        assert_numbers(paths)

    def test_the_exact_path_in_closed_form(self) -> None:
        """Each part of the distance shrinks by 1 − αλ a step, whatever the shuffle."""
        paths, oracle = noisy_paths(), Oracle.make(10_000)
        curvatures, directions = np.linalg.eigh(oracle.curvature())
        parts = directions.T @ -oracle.best[:, 0] * (1 - 0.002 * curvatures) ** 300
        end = oracle.best[:, 0] + directions @ parts
        assert paths.ends[2] == summed(end.tolist())

    def test_batches_are_shuffled_again_when_they_are_used_up(self) -> None:
        """Five samples in batches of two: two, two, one, and a new shuffle."""
        paths = noisy_paths((2, 5), 0.01, 7, n_samples=5, seed=2)
        oracle = Oracle.make(5, 2)
        for at, size in enumerate((2, 5)):
            path = oracle.walk(size, np.zeros((2, 1)), [0.01] * 7)
            assert paths.slopes[at] == summed([float(w[0, 0]) for w in path])
        assert paths.sample_gradients == (14, 35)
        assert (paths.learning_rate, paths.num_steps) == (0.01, 7)


class TestTheNoiseFloor:
    """Twice the rate, twice the height."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        noise, oracle = noise_floor(), Oracle.make(10_000, n_lines=40)
        assert isinstance(noise, NoiseFloor)
        rates = (0.0002, 0.0004, 0.0008, 0.0016)
        assert noise.learning_rates == rates
        assert (noise.n_lines, noise.settle, noise.num_steps) == (40, 200, 1200)
        variance = oracle.sample_variance(oracle.best)
        assert noise.sample_variance == summed(variance)
        assert noise.predicted == summed([rate / 4 * variance for rate in rates])
        # An excess is the difference of two losses near 0.25 here.
        for rate, losses in zip(rates, noise.excesses, strict=True):
            path = oracle.walk(1, oracle.best, [rate] * 1200)
            excesses = [oracle.excess(weights) for weights in path[::100]]
            assert len(losses) == 1201
            assert losses[::100] == near(excesses, abs=2.0**-50)
        for floor, losses in zip(noise.floors, noise.excesses, strict=True):
            # The mean after 200 steps: steps 201 to 1200.
            assert floor == near(sum(losses[201:]) / 1000, rel=1e-12)
        ratios = np.divide(noise.floors, noise.predicted)
        assert noise.ratios == near(ratios.tolist(), rel=1e-14)
        power = np.polyfit(np.log(rates), np.log(noise.floors), 1)[0]
        assert noise.exponent == near(power)
        assert_numbers(noise)

    def test_the_floors_solve_the_balance(self) -> None:
        """No approximation: M = E[(I − αH_i) M (I − αH_i)] + α² E[g gᵀ]."""
        noise, oracle = noise_floor(), Oracle.make(10_000, n_lines=40)
        rows = np.column_stack([oracle.hours, np.ones(10_000)])
        errors = rows @ oracle.best - oracle.grades
        squares = (4 * errors**2).mean(axis=1)  # over the lines
        kicks = np.einsum("n,ni,nj->ij", squares, rows, rows) / 10_000
        curved = 2 * rows[:, :, None] * rows[:, None, :]
        for rate, floor in zip(noise.learning_rates, noise.floors, strict=True):
            pull = np.eye(2) - float(rate) * curved
            carried = np.einsum("nij,nkl->ikjl", pull, pull).reshape(4, 4) / 10_000
            push = float(rate) ** 2 * kicks.reshape(4)
            spread = np.linalg.solve(np.eye(4) - carried, push).reshape(2, 2)
            law = (oracle.curvature() * spread).sum() / 2
            # All lines share their hours, so the mean over 1000 steps counts some
            # hundred independent ones at the smallest rate: within ten percent.
            assert floor == near(law, rel=0.1)

    def test_the_floor_is_twice_as_high(self) -> None:
        """The ratio of one floor to the next is 2, within a tenth."""
        floors = noise_floor().floors
        ratios = [high / low for low, high in pairwise(floors)]
        assert ratios == near([2, 2, 2], rel=0.1)

    def test_other_numbers_give_other_results(self) -> None:
        """Batches of three of five samples, and two lines."""
        rates = (0.01, 0.005)
        noise = noise_floor(
            rates, batch_size=3, num_steps=4, settle=1, n_lines=2, n_samples=5, seed=1
        )
        oracle = Oracle.make(5, 1, n_lines=2)
        for rate, losses, floor in zip(
            rates, noise.excesses, noise.floors, strict=True
        ):
            path = oracle.walk(3, oracle.best, [rate] * 4)
            excesses = [oracle.excess(weights) for weights in path]
            assert losses == summed(excesses)
            assert floor == summed(sum(excesses[2:]) / 3)
        variance = oracle.sample_variance(oracle.best)
        assert noise.sample_variance == summed(variance)
        assert noise.predicted == summed([rate / 4 * variance / 3 for rate in rates])
        assert (noise.n_lines, noise.settle, noise.num_steps) == (2, 1, 4)

    def test_rates_may_be_fractions(self) -> None:
        """They stay fractions, and the floors are floats."""
        rates = (Fraction(1, 100), Fraction(1, 200))
        noise = noise_floor(rates, num_steps=2, settle=0, n_lines=1, n_samples=5)
        assert noise.learning_rates == rates
        assert {type(floor) for floor in noise.floors + noise.predicted} == {float}

    def test_the_rates_differ(self) -> None:
        """One rate alone has no power with which its floor grows."""
        says = "holds 0.1 only but must hold two different numbers"
        with refused(ValueError, "learning_rates", says):
            noise_floor(learning_rates=(0.1, 0.1))

    def test_a_settled_mean_needs_a_step(self) -> None:
        """At least one step must be left."""
        says = "is 3 but must be less than the 3 steps"
        with refused(ValueError, "settle", says):
            noise_floor(num_steps=3, settle=3)
        noise = noise_floor(num_steps=3, settle=2, n_lines=1, n_samples=5)
        assert noise.floors[0] == noise.excesses[0][3]


class TestCooling:
    """Lowered, the rate follows the large one and then sinks below both."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        cool, oracle = cooling(), Oracle.make(10_000, n_lines=20)
        assert isinstance(cool, Cooling)
        assert cool[:4] == (0.006, 0.0005, 2000, 20)
        assert cool.steps == tuple(range(50, 2001, 50))
        curvature = oracle.curvature()
        rates: tuple[Iterable[float], ...] = (
            [0.006] * 2000,
            [0.0005] * 2000,
            0.003 * (1 + np.cos(np.pi * np.arange(2000) / 2000)),
        )
        for rate, means in zip(
            rates, (cool.large, cool.small, cool.cooled), strict=True
        ):
            path = np.array(oracle.walk(1, np.zeros((2, 20)), rate))
            away = path - oracle.best
            # ½ eᵀHe, which the tests of the paths hold against the loss itself
            excess = (away * (curvature @ away)).sum(axis=1).mean(axis=1) / 2
            expected = [
                float(excess[first : first + 50].mean()) for first in range(1, 2000, 50)
            ]
            assert means == summed(expected)
        assert cool.ends == (cool.large[-1], cool.small[-1], cool.cooled[-1])
        assert_numbers(cool)

    def test_the_lowered_rate_ends_below_both(self) -> None:
        """The large rate leads at first, the lowered one at the end."""
        cool = cooling()
        assert cool.large[5] < cool.small[5]
        assert 10 * cool.ends[2] < cool.ends[0] < cool.ends[1]

    def test_other_numbers_give_other_results(self) -> None:
        """Means over two steps of four."""
        cool = cooling(0.01, 0.005, 4, 2, n_lines=3, n_samples=5, seed=6)
        oracle = Oracle.make(5, 6, n_lines=3)
        rates: tuple[Iterable[float], ...] = (
            [0.01] * 4,
            [0.005] * 4,
            0.005 * (1 + np.cos(np.pi * np.arange(4) / 4)),
        )
        assert cool.steps == (2, 4)
        assert cool[:4] == (0.01, 0.005, 4, 3)
        for rate, means in zip(
            rates, (cool.large, cool.small, cool.cooled), strict=True
        ):
            path = oracle.walk(1, np.zeros((2, 3)), rate)
            excesses = [oracle.excess(weights) for weights in path]
            assert means == summed([sum(excesses[1:3]) / 2, sum(excesses[3:]) / 2])

    def test_stretches_fit(self) -> None:
        """Every step belongs to a stretch."""
        says = "is 3 but must divide the 4 steps"
        with refused(ValueError, "every", says):
            cooling(num_steps=4, every=3)
        one = cooling(num_steps=1, every=1, n_lines=1, n_samples=2)
        assert one.steps == (1,)


class TestStepsFallAndEpochsRise:
    """The larger the batch, the fewer steps and the more epochs."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        cost, oracle = steps_to_loss(), Oracle.make(10_000)
        assert isinstance(cost, StepsToLoss)
        assert cost.rates == (0.0015, 0.003, 0.006, 0.012, 0.024)
        assert cost.batch_sizes == (1, 10, 100, 1000, 10_000)
        assert cost.winners == (0.003, 0.012, 0.024, 0.024, 0.024)
        assert cost.num_steps == (1503, 334, 153, 140, 139)
        assert cost.sample_gradients == (1503, 3340, 15_300, 140_000, 1_390_000)
        assert cost.num_epochs == (0.1503, 0.334, 1.53, 14, 139)
        assert cost.first_excess == near(oracle.excess(np.zeros((2, 1))))
        assert (cost.wanted, cost.n_shuffles) == (0.03, 40)
        assert_numbers(cost)

    @pytest.mark.parametrize("at", range(4))
    def test_every_race(self, at: int) -> None:
        """The winner arrives in its last step, and the others stand where they do."""
        cost, oracle = steps_to_loss(), Oracle.make(10_000)
        size, steps = cost.batch_sizes[at], cost.num_steps[at]
        for rate, excess in zip(cost.rates, cost.excesses[at], strict=True):
            if (size, rate) == (1, 0.024):  # has left the race
                continue
            path = oracle.shuffled_walks(size, rate, steps, 40)
            means = oracle.excesses(path).mean(axis=1)
            assert excess == summed(float(means[-1]))
            assert (means[:-1] > 0.03).all()
            assert (means[-1] <= 0.03) == (rate == cost.winners[at])

    def test_what_has_grown_leaves_the_race(self) -> None:
        """Single samples swing ever higher at the largest rate."""
        cost, oracle = steps_to_loss((1,)), Oracle.make(10_000)
        means = oracle.excesses(oracle.shuffled_walks(1, 0.024, 100, 40)).mean(axis=1)
        grown = means[np.argmax(means > means[0])]
        assert cost.excesses[0][4] == summed(float(grown))

    def test_the_full_batch_in_closed_form(self) -> None:
        """Each part of the loss shrinks by (1 − αλ)² a step, without any chance."""
        cost, oracle = steps_to_loss((10_000,)), Oracle.make(10_000)
        curvatures, directions = np.linalg.eigh(oracle.curvature())
        parts = curvatures * (directions.T @ oracle.best[:, 0]) ** 2 / 2
        for rate, excess in zip(cost.rates, cost.excesses[0], strict=True):
            shrunk = (1 - float(rate) * curvatures) ** 2
            assert excess == summed(float(parts @ shrunk**139))
            assert parts @ shrunk**138 > 0.03

    def test_the_least_of_several_in_one_step(self) -> None:
        """Both rates arrive at once, and the one with the lower loss wins."""
        for rates in ((0.004, 0.005), (0.005, 0.004)):
            cost = steps_to_loss((5,), rates, wanted=20, n_samples=5)
            assert cost.winners == (0.005,)
            assert cost.num_steps == (1,)

    def test_other_numbers_give_other_results(self) -> None:
        """Five samples in batches of two take three steps an epoch."""
        cost = steps_to_loss(
            (2, 5), (0.005, 0.01), wanted=0.3, n_shuffles=3, n_samples=5, seed=8
        )
        oracle = Oracle.make(5, 8)
        for at, (size, shuffles) in enumerate(((2, 3), (5, 1))):
            walks = [oracle.shuffled_walks(size, r, 900, shuffles) for r in cost.rates]
            means = np.array([oracle.excesses(walk).mean(axis=1) for walk in walks])
            steps = int(np.argmax((means <= 0.3).any(axis=0)))
            assert steps > 3
            assert cost.num_steps[at] == steps
            assert cost.excesses[at] == summed(means[:, steps].tolist())
            assert cost.winners[at] == cost.rates[int(means[:, steps].argmin())]
        steps = cost.num_steps[0]
        seen = steps // 3 * 5 + (0, 2, 4)[steps % 3]
        assert cost.sample_gradients == (seen, cost.num_steps[1] * 5)
        assert cost.num_epochs == (seen / 5, cost.num_steps[1])
        assert (cost.wanted, cost.n_shuffles) == (0.3, 3)

    def test_just_as_close_is_close_enough(self) -> None:
        """The wanted loss itself counts."""
        ((excess,),) = steps_to_loss((5,), (0.005,), 20, n_samples=5).excesses
        again = steps_to_loss((5,), (0.005,), wanted=excess, n_samples=5)
        assert again.num_steps == (1,)

    def test_a_rate_that_diverges_leaves_the_race(self) -> None:
        """The others go on, however far it went."""
        cost = steps_to_loss((1,), (1e200, 0.005), wanted=1, n_samples=50)
        assert cost.winners == (0.005,)
        assert cost.excesses[0][0] == np.finfo(float).max

    def test_the_limit_is_enough_or_not(self) -> None:
        """The full batch takes 139 steps."""
        cost = steps_to_loss((10_000,), (0.024,), limit=139)
        assert cost.num_steps == (139,)
        says = "is 138 but batches of 10000 need more steps"
        with refused(ValueError, "limit", says):
            steps_to_loss((10_000,), (0.024,), limit=138)

    def test_ten_thousand_steps_unless_told(self) -> None:
        """A rate that is far too small uses up the limit."""
        says = "is 10000 but batches of 2 need more steps"
        with refused(ValueError, "limit", says):
            steps_to_loss((2,), (1e-9,), n_samples=2)


class TestShuffle:
    """In order, each epoch ends with the best students."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        dealt, made = shuffled(), Oracle.make(10_000)
        assert isinstance(dealt, Shuffled)
        assert dealt[:4] == (100, 0.01, 20, 40)
        order = np.argsort(made.grades[:, 0])
        oracle = made._replace(hours=made.hours[order], grades=made.grades[order])
        path = oracle.shuffled_walks(100, 0.01, 2000, 40)
        excesses = oracle.excesses(path[::100])
        assert dealt.shuffled == summed(excesses.mean(axis=1).tolist())
        assert dealt.greatest == summed(float(excesses[-1].max()))
        assert dealt.ends[1] == summed(path[-1].mean(axis=0).tolist())
        weights, in_order = np.zeros((2, 1)), [oracle.excess(np.zeros((2, 1)))]
        for _ in range(20):
            for batch in np.arange(10_000).reshape(100, 100):
                weights = weights - 0.01 * oracle.gradient(weights, batch)
            in_order.append(oracle.excess(weights))
        assert dealt.in_order == summed(in_order)
        assert dealt.ends[0] == summed(weights[:, 0].tolist())
        assert dealt.best == summed(made.best[:, 0].tolist())
        assert_numbers(dealt)

    def test_other_numbers_give_other_results(self) -> None:
        """With all samples in one batch the order does not matter."""
        dealt = shuffled(5, 0.005, 3, n_shuffles=2, n_samples=5, seed=9)
        assert dealt[:4] == (5, 0.005, 3, 2)
        assert dealt.in_order == summed(dealt.shuffled)
        path = Oracle.make(5, 9).walk(5, np.zeros((2, 1)), [0.005] * 3)
        assert dealt.ends[0] == summed(path[-1][:, 0].tolist())

    def test_a_rate_that_is_far_too_large_diverges(self) -> None:
        """The loss leaves the finite numbers."""
        with pytest.raises(DivergenceError):
            shuffled(learning_rate=1e200)


@pytest.mark.parametrize("example", [sample_mean, batch_variance])
def test_each_sample_needs_one_target(example: Callable[..., Any]) -> None:
    """Shapes must be equal."""
    says = "has shape (3,) but `targets` has shape (2,); they must be equal"
    with refused(ValueError, "inputs", says):
        example(targets=(1, 2))


@pytest.mark.parametrize(
    ("example", "n_samples"),
    [
        (batch_variance, 3),
        (measured_variance, 10_000),
        (noisy_paths, 10_000),
        (steps_to_loss, 10_000),
    ],
)
def test_a_batch_is_no_larger_than_all_samples(
    example: Callable[..., Any], n_samples: int
) -> None:
    """The greatest size is refused, wherever it stands."""
    says = f"is {n_samples + 1} but there are only {n_samples} samples"
    with refused(ValueError, "batch_sizes", says):
        example(batch_sizes=(n_samples + 1, 1))


@pytest.mark.parametrize("example", [noise_floor, shuffled])
def test_a_single_size_is_no_larger_either(example: Callable[..., Any]) -> None:
    """The message names it."""
    says = "is 6 but there are only 5 samples"
    with refused(ValueError, "batch_size", says):
        example(batch_size=6, n_samples=5)
