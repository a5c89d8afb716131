"""The worked examples of the chapter, against numbers worked by hand."""

from fractions import Fraction

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_numbers

from gdbook.examples.beyond_one_machine import (
    Costs,
    CutSum,
    Travel,
    averaged_batches,
    costs,
    cut_sum,
    lost_digits,
    projection,
    rounded_sums,
    travel,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("−13/5", "−11/5", "−43/20", "389/300", "32767", "4102", "574", "3.216", "8.08"),
    *("0.032", "0.0294", "51", "899", "808.001", "10.081"),
)
F = Fraction


class TestCutSum:
    """Gradients of pieces, and their shares."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        # Samples (1/2, 4/5), (2, 1), (1, 3/2) at zero: 2·(−y)·(x, 1) each.
        one = (F(-4, 5), F(-8, 5))
        # half of (−4, −2) + (−3, −3)
        two = (F(-7, 2), F(-5, 2))
        assert cut_sum() == CutSum(
            sizes=(1, 2),
            gradient_of_each=(one, two),
            shares=(F(1, 3), F(2, 3)),
            parts=((F(-4, 15), F(-8, 15)), (F(-7, 3), F(-5, 3))),
            total=(F(-13, 5), F(-11, 5)),
            gradient=(F(-13, 5), F(-11, 5)),
            # half of (−4/5 − 7/2, −8/5 − 5/2)
            plain_mean=(F(-43, 20), F(-41, 20)),
        )

    def test_floats_stay_floats(self) -> None:
        """The same numbers, rounded."""
        seen = cut_sum(inputs=(0.5, 2.0, 1.0), targets=(0.8, 1.0, 1.5))
        assert_numbers(seen)
        assert seen.shares == (1 / 3, 2 / 3)
        assert seen.total == near((-2.6, -2.2))

    @pytest.mark.parametrize("sizes", [(1,), (2, 2), (3, 1)])
    def test_pieces_hold_all_samples(self, sizes: tuple[int, ...]) -> None:
        """As many as there are, no more and no fewer."""
        says = f"sums to {sum(sizes)} but must sum to the 3 samples of `inputs`"
        with refused(ValueError, "sizes", says):
            cut_sum(sizes)

    def test_samples_have_targets(self) -> None:
        """One each."""
        with refused(
            ValueError,
            "inputs",
            "has shape (2,) but `targets` has shape (3,); they must be equal",
        ):
            cut_sum(inputs=(1, 2))


class TestRoundedSums:
    """Sums in blocks."""

    def test_errors_are_those_of_the_order(self) -> None:
        """Blocks of two of five numbers, added as the page says."""
        seen = rounded_sums((1, 2, 5), n_terms=5)
        a, b, c, d, e = np.random.default_rng(0).random(5).tolist()
        exact = sum(map(F, (a, b, c, d, e)))
        sums = (a + b + c + d + e, ((a + b) + (c + d)) + e, a + b + c + d + e)
        assert seen.total == float(exact)
        assert seen.errors == tuple(
            float(abs(F(one) - exact) / exact * 2**53) for one in sums
        )
        # one after the other: 4 additions; in the first block 1, and 2 for 3 blocks
        assert seen.bounds == (4, 3, 4)

    def test_numbers_of_the_book(self) -> None:
        """B − 1 + n/B − 1 for each block."""
        seen = rounded_sums()
        assert_numbers(seen)
        assert seen.bounds == (32767, 4102, 574, 574, 4102, 32767)
        assert [round(error, 2) for error in seen.errors] == [
            *(30.45, 12.47, 4.48, 0.48, 2.48, 30.45)
        ]

    def test_blocks_fit(self) -> None:
        """No block is larger than all numbers."""
        with refused(ValueError, "block_sizes", "is 9 but there are only 8 numbers"):
            rounded_sums((9,), n_terms=8)


class TestTravel:
    """Bytes that lie, and bytes that travel."""

    def test_every_number(self) -> None:
        """Worked by hand for 2 rows of 3 inputs and 5 workers."""
        # 8·2·(3 + 1); 8·5·(3 + 1 + 3); 8·5·(9 + 3 + 1)
        assert travel((2,), 3, 5) == Travel((2,), 3, 5, (64,), 280, 520)
        # 8·10¹⁰·101; 8·2·201; 8·2·10101
        seen = travel()
        assert (seen.data[-1], seen.step, seen.once) == (8080 * 10**9, 3216, 161_616)


class TestAveragedBatches:
    """Batches that several workers draw."""

    def test_numbers_follow_from_the_draws(self) -> None:
        """Two workers with batches of three, drawn and averaged by hand."""
        seen = averaged_batches((1, 2), 3, F(1, 500), n_draws=4, n_samples=9, seed=5)
        generator = np.random.default_rng(5)
        x = generator.uniform(0, 10, 9)
        y = 0.55 * x + 1.9 + 0.5 * generator.standard_normal(9)
        slopes = np.array([-2 * y * x, -2 * y]).T
        away = slopes - slopes.mean(axis=0)
        variance = (away**2).sum() / 9
        assert seen.sample_variance == near(variance)
        assert seen.predicted == near((variance / 3, variance / 6))
        assert seen.rates == (F(1, 500), F(1, 250))
        first, second = np.random.default_rng(5).spawn(2)
        means = [
            slopes[worker.integers(9, size=(4, 3))].mean(axis=1)
            for worker in (first, second)
        ]
        drift = sum(means) / 2 - slopes.mean(axis=0)
        assert seen.variances[1] == near((drift**2).sum() / 4)
        square, mean = (x**2).mean(), x.mean()
        steepest = np.linalg.eigvalsh(2 * np.array([[square, mean], [mean, 1]]))[-1]
        assert seen.bound == near(2 / steepest)

    def test_numbers_of_the_book(self) -> None:
        """A share of one over the workers, and rates that many times larger."""
        seen = averaged_batches()
        assert_numbers(seen)
        assert seen.rates == near((0.002, 0.004, 0.008, 0.016, 0.032))
        assert round(seen.bound, 4) == 0.0294


class TestCosts:
    """Products of numbers."""

    def test_every_number(self) -> None:
        """Worked by hand for 10 rows of 3 inputs."""
        # a step 2·10·3 = 60; the sums 10·3·4 = 120, and 9 a step: 60 T > 120 + 9 T
        # from T = 3 on, since 120/51 is more than 2
        assert costs((1, 2, 3), 10, 3) == Costs(
            10, 3, (1, 2, 3), (60, 120, 180), (129, 138, 147), 3
        )
        # 101·10⁶ / (2·10⁶ − 100) is a little more than 50.5
        assert costs().fewer_from == 51

    def test_equal_costs_are_not_fewer(self) -> None:
        """One row of one input: 2 T against 2 + T, which are equal for T = 2."""
        seen = costs((2, 3), 1, 1)
        assert seen.stepping[0] == seen.once[0]
        assert seen.fewer_from == 3

    def test_few_rows_are_refused(self) -> None:
        """With n ≤ d/2 a step on the sums takes no fewer products than on the rows."""
        says = "is 2 but must be more than half of the 4 inputs, or sums of them save "
        with refused(ValueError, "n_samples", f"{says}nothing"):
            costs((1,), 2, 4)
        assert costs((1,), 3, 4).fewer_from == 8  # 3·5 / (6 − 4) is 7.5


class TestLostDigits:
    """Squares beside one."""

    def test_every_number(self) -> None:
        """A power of two is kept whole; of 10⁻⁷ as much as 1 has digits for."""
        seen = lost_digits((2.0**-20, 1e-7))
        assert seen.differences == (2.0**-20, 1e-7)
        assert seen.errors[0] == 0
        # 10⁻¹⁴ in units of 2⁻⁵² is 45.03…, of which the sums keep 45
        assert seen.errors[1] == near(1e-14 * 2**52 / 45 - 1, rel=1e-9)
        assert seen.of_rows == near((np.sqrt(2 + 2.0**-40) * 2**20, np.sqrt(2) * 1e7))
        assert seen.of_sums == near((2.0**41 + 1, 2e14 + 1))

    def test_what_is_lost_is_refused(self) -> None:
        """A square that does not change 1 leaves two equal inputs."""
        assert lost_digits((2.0**-26,)).errors == (0,)
        says = (
            f"holds {2.0**-27} but its square must change 1 when it is added, so it "
            "must be at least 1.5e-8"
        )
        with refused(ValueError, "differences", says):
            lost_digits((2.0**-27,))


class TestProjection:
    """Time of a step on many workers."""

    def test_every_number(self) -> None:
        """Worked by hand, in fractions, for 25 rows of 1 input."""
        # 8·25·2 = 400 bytes; 400/(K·100) + K/4; least at √(400/25) = 4
        seen = projection((1, 2, 4), 25, 1, 100, F(1, 4))
        assert seen.bytes == 400
        assert seen.held == (400, 200, 100)
        assert seen.reading == (4, 2, 1)
        assert seen.scheduling == (F(1, 4), F(1, 2), 1)
        assert seen.steps == (F(17, 4), F(5, 2), 2)
        assert (seen.best_workers, seen.best_step) == (4, 2)

    def test_numbers_of_the_book(self) -> None:
        """8·10¹⁰·101 bytes at 10¹⁰ a second, and a millisecond for a task."""
        seen = projection()
        assert_numbers(seen, F)
        assert seen.steps == near((808.001, 80.81, 8.18, 1.808, 10.0808))
        assert seen.best_workers == near(808_000**0.5)
        assert seen.best_step == near(2 * 0.808**0.5)
