"""The worked examples of the chapter on the learning rate."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.descent import DivergenceError
from gdbook.examples.learning_rate import (
    BesideBound,
    Race,
    Schedule,
    StabilityBound,
    Sweep,
    beside_bound,
    plateau,
    race,
    schedule,
    stability_bound,
    sweep,
    three_rates,
)
from gdbook.examples.linear_regression import linear_steps
from gdbook.examples.weight_update import Repeated

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("18", "0.38455", "0.36364")

# The line's curvature is 2/3·((5.25, 3.5), (3.5, 3)) = ((7/2, 7/3), (7/3, 2)).
# Its trace is 11/2 and its determinant 7 − 49/9 = 14/9, so its eigenvalues are
# (11/2 ∓ √(121/4 − 56/9))/2 = (33 ∓ √865)/12.
FLAT_CURVATURE = 0.2990931383579
STEEP_CURVATURE = 5.2009068616421


def gradient_after(rate: float, steps: np.ndarray) -> np.ndarray:
    """Give the line's gradient after many steps, by its eigenvectors, in closed form.

    The gradient starts at (−2.6, −2.2). An eigenvector of λ is (7/3, λ − 7/2),
    because its first row gives 7/2·a + 7/3·b = λ·a.
    """
    start = np.array([-2.6, -2.2])
    total = np.zeros((len(steps), 2))
    for curvature in (FLAT_CURVATURE, STEEP_CURVATURE):
        vector = np.array([7 / 3, curvature - 7 / 2])
        part = vector * (vector @ start) / (vector @ vector)
        total += ((1 - rate * curvature) ** steps)[:, None] * part
    return total


def excess_after(rate: float, steps: np.ndarray) -> np.ndarray:
    """Give the line's loss above its least, in closed form: the sum of g²/2λ."""
    gradient = gradient_after(rate, steps)
    total = np.zeros(len(steps))
    for curvature in (FLAT_CURVATURE, STEEP_CURVATURE):
        vector = np.array([7 / 3, curvature - 7 / 2])
        total += (gradient @ vector) ** 2 / (vector @ vector) / (2 * curvature)
    return total


class TestASweepOverDecades:
    """The smallest rates leave the loss where it was, then it falls, then explodes."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        swept = sweep()
        assert isinstance(swept, Sweep)
        decades = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1)
        assert swept.learning_rates == decades
        # Ten steps multiply the first loss 16 by (1 − 18α)²⁰.
        expected = (
            15.99999424,  # 16·(1 − 20·18·10⁻⁹)
            15.9999424001,
            15.9994240098,
            15.9942409849,
            15.9424983897,
            15.4337440334,  # 16·0.9982²⁰
            11.1262736811,  # 16·0.982²⁰
            0.30227138109,  # 16·0.82²⁰
            0.184467440737,  # 16·0.8²⁰ = 2⁶⁴/10²⁰
            6.50277025064e25,  # 16·17²⁰
        )
        assert swept.losses == near(expected, rel=1e-11)
        assert swept.losses[-2] == near(2**64 / 10**20, rel=1e-13)
        assert swept.losses[-1] == near(16 * 17**20, rel=1e-14)
        stuck, lower = ("stuck",) * 5, ("lower",) * 4
        assert swept.verdicts == (*stuck, *lower, "higher")
        assert swept.first_loss == 16  # (2·3 − 10)²
        assert swept.best_rate == 0.1

    def test_it_is_exact_on_fractions(self) -> None:
        """Factors 1/2, 0, −1 and −2: losses to the fourth power after two steps."""
        rates = tuple(Fraction(1, n) for n in (36, 18, 9, 6))
        assert sweep(rates, num_steps=2) == (
            rates,
            (1, 0, 16, 256),  # 16/2⁴, 0, 16, 16·2⁴
            ("lower", "lower", "stuck", "higher"),
            16,
            Fraction(1, 18),
        )

    def test_ten_steps_unless_told(self) -> None:
        """Descent does not stop before, however flat it is."""
        assert sweep((Fraction(1, 36),)).losses == (Fraction(16, 2**20),)

    def test_one_percent_is_stuck(self) -> None:
        """Losses of 0.990025 and 0.98982601 of the first are told apart."""
        # 1 − 18·0.005/18 = 0.995 and 0.995² = 0.990025; 0.9949² = 0.98982601
        rates = (Fraction(5, 18000), Fraction(51, 180000))
        assert sweep(rates, num_steps=1).verdicts == ("stuck", "lower")

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the array stays."""
        rates: Any = np.array([0.01, 0.1])
        assert_plain(sweep(rates))
        assert_plain(sweep((Fraction(1, 36),)), Fraction)
        assert rates.tolist() == [0.01, 0.1]

    def test_every_step_is_taken(self) -> None:
        """A rate whose slope is soon almost flat takes all its steps all the same."""
        # 1 − 18/20 = 1/10, so the loss falls from 16 to 16/100^10
        swept = sweep((Fraction(1, 20),))
        assert swept.losses == (16 * Fraction(1, 100) ** 10,)


class TestThreeDescents:
    """Too small, right, too large: factors 0.91, 0.1 and −1.07."""

    @pytest.mark.claims(
        "The small rate creeps, with factor …; the right one is there after a few "
        "steps, with factor …; the large one jumps across to the other side, further "
        "each time, with factor ….",
    )
    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        runs = three_rates()
        assert all(isinstance(run, Repeated) for run in runs)
        assert [run.learning_rate for run in runs] == [0.005, 0.05, 0.115]
        # 1 − 18·0.005, 1 − 18·0.05, 1 − 18·0.115
        factors = (0.91, 0.1, -1.07)
        for run, factor in zip(runs, factors, strict=True):
            assert run.factor == near(factor, rel=1e-14)
            errors = [-4 * factor**step for step in range(13)]
            # An error is a difference of numbers near 10, whose rounding is absolute.
            assert run.errors == near(errors, rel=1e-13, abs=2e-14)
            assert run.num_steps == 12
        _, right, large = (np.array(run.errors) for run in runs)
        assert np.abs(right[3:]).max() <= 0.0011 * abs(right[0])
        assert (large[1:] * large[:-1]).max() < 0
        assert np.diff(np.abs(large)).min() > 0

    def test_it_is_exact_on_fractions(self) -> None:
        """Factors 1/2 and −1/2."""
        halved, mirrored = three_rates((Fraction(1, 36), Fraction(1, 12)), num_steps=2)
        assert halved.errors == (-4, -2, -1)
        assert mirrored.errors == (-4, 2, -1)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out."""
        rates: Any = np.array([0.01])
        assert_plain(three_rates(rates))


class TestTheBound:
    """The bound 2/λ: 2/18 and 0.38455; the best constant rate is 0.36364."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        bound = stability_bound()
        assert isinstance(bound, StabilityBound)
        assert bound.single_curvature == 18  # 2·3²
        assert bound.single_weight == near(1 / 9, rel=1e-15)  # 2/18
        assert bound.curvatures == near((FLAT_CURVATURE, STEEP_CURVATURE), rel=1e-12)
        # 2/5.2009068616421
        assert bound.linear_step == near(0.384548320745841, rel=1e-12)
        assert round(bound.linear_step, 5) == 0.38455
        assert bound.best_rate == near(4 / 11, rel=1e-15)  # 2/(11/2)
        # (33 + √865)/(33 − √865) = (33 + √865)²/(1089 − 865)
        ratio = (33 + 865**0.5) ** 2 / 224
        assert bound.condition_number == near(ratio, rel=1e-12)
        assert round(bound.condition_number, 2) == 17.39
        # 1 − 4/11·0.2990931383579
        assert bound.best_factor == near(0.8912388587789, rel=1e-12)

    def test_both_factors_are_equal_at_the_best_rate(self) -> None:
        """The steep one is the negative of the flat one."""
        bound = stability_bound()
        steep = 1 - bound.best_rate * bound.curvatures[1]
        assert steep == near(-bound.best_factor, rel=1e-12)

    def test_it_is_exact_on_fractions(self) -> None:
        """Only eigenvalues are irrational."""
        bound = stability_bound(Fraction(3), (Fraction(1, 2), 2, 1))
        assert bound.single_weight == Fraction(1, 9)
        assert bound.single_curvature == 18
        assert bound.best_rate == Fraction(4, 11)
        assert_plain(bound, Fraction)

    def test_other_numbers_give_other_results(self) -> None:
        """Inputs 0 and 2: curvature ((4, 2), (2, 2)), eigenvalues 3 ∓ √5."""
        bound = stability_bound(1, np.array([0, 2]))
        assert bound.single_weight == 1  # 2/(2·1²)
        assert bound.curvatures == near((3 - 5**0.5, 3 + 5**0.5), rel=1e-13)
        assert bound.linear_step == near(2 / (3 + 5**0.5), rel=1e-13)
        assert bound.best_rate == near(1 / 3, rel=1e-15)  # 2/6
        # (3 + √5)/(3 − √5) = (14 + 6√5)/4
        assert bound.condition_number == near(3.5 + 1.5 * 5**0.5, rel=1e-13)
        assert bound.best_factor == near(5**0.5 / 3, rel=1e-13)  # 1 − (3−√5)/3
        assert_plain(bound)

    def test_an_input_of_zero_is_refused(self) -> None:
        """Then every rate stands still."""
        says = "is 0 but must not be: then every rate stands still"
        with refused(ValueError, "input_value", says):
            stability_bound(input_value=0)
        assert stability_bound(input_value=-1).single_weight == 1


class TestBelowAndAboveTheBound:
    """Just below the bound the losses fall, just above they grow."""

    @pytest.mark.claims(
        "After … steps the loss below the bound is …, where the best line has …; the "
        "loss above it is …, and keeps growing.",
    )
    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        sides = beside_bound()
        assert isinstance(sides, BesideBound)
        assert sides.bound == near(0.384548320745841, rel=1e-12)
        # 0.98·0.384548320745841, 1.02·0.384548320745841
        assert sides.learning_rates == near(
            (0.376857354330924, 0.392239287160758), rel=1e-12
        )
        # 1 − 2·0.98, 1 − 2·1.02
        assert sides.factors == near((-0.96, -1.04), rel=1e-12)
        # At m = 3/70, b = 21/20 the errors are 38/140, 19/140 and −57/140:
        # (1444 + 361 + 3249)/19600/3 = 361/4200
        assert sides.best_loss == near(361 / 4200, rel=1e-14)
        steps = np.arange(201)
        below = 361 / 4200 + excess_after(0.376857354330924, steps)
        above = 361 / 4200 + excess_after(0.392239287160758, steps)
        assert sides.losses_below == near(below.tolist(), rel=1e-11)
        # 200 steps multiply the rounding of the rate by 400·λα/1.04.
        assert sides.losses_above == near(above.tolist(), rel=1e-10)

    def test_below_it_falls_and_above_it_grows(self) -> None:
        """However small the margin, once the flat direction has settled."""
        sides = beside_bound(margin=1e-6, num_steps=80)
        above, below = sides.losses_above[60:], sides.losses_below
        assert len(above) == 21
        assert all(later > earlier for earlier, later in pairwise(above))
        assert len(below) == 81
        assert all(later < earlier for earlier, later in pairwise(below))

    def test_other_numbers_give_other_results(self) -> None:
        """Inputs and targets 0 and 2: the best line is y = x, without loss."""
        sides = beside_bound((0, 2), (0, 2), margin=Fraction(1, 4), num_steps=1)
        bound = 2 / (3 + 5**0.5)
        assert sides.bound == near(bound, rel=1e-13)
        assert sides.learning_rates == near((0.75 * bound, 1.25 * bound))
        assert sides.factors == near((-0.5, -1.5), rel=1e-13)
        assert sides.best_loss == 0
        # The first gradient is (−4, −2); after it m = 4α, b = 2α, errors 2α, 10α − 2.
        for rate, losses in zip(
            (0.75 * bound, 1.25 * bound),
            (sides.losses_below, sides.losses_above),
            strict=True,
        ):
            after = (4 * rate**2 + (10 * rate - 2) ** 2) / 2
            assert losses == near((2, after), rel=1e-13)

    def test_fractions_become_floats(self) -> None:
        """The bound is irrational."""
        inputs, targets = (Fraction(1, 2), 2, 1), (Fraction(4, 5), 1, Fraction(3, 2))
        sides = beside_bound(inputs, targets)
        assert sides.losses_below[-1] == near(beside_bound().losses_below[-1])
        assert sides.best_loss == Fraction(361, 4200)
        assert_plain(sides, Fraction)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        inputs, targets = np.array([0.5, 2.0, 1.0]), np.array([0.8, 1.0, 1.5])
        sides = beside_bound(inputs, targets, np.float64(0.02))
        assert_plain(sides)
        assert sides == beside_bound()
        assert inputs.tolist() == [0.5, 2, 1]
        assert targets.tolist() == [0.8, 1, 1.5]

    @pytest.mark.parametrize("targets", [(1,), (1, 2)])
    def test_every_input_needs_one_target(self, targets: Any) -> None:
        """Shapes that NumPy would broadcast are refused as well."""
        with pytest.raises(
            ValueError, match=r"^`inputs` has shape \(3,\) but `targets` has shape"
        ):
            beside_bound(targets=targets)


class TestARateOf01IsNotTooLarge:
    """A rate of 0.1 is inside the bound; smaller is slower here."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        counted = race()
        assert isinstance(counted, Race)
        rates = (0.02, 0.1, 0.2, 0.3, 4 / 11, 0.38)
        assert counted.learning_rates == rates
        assert counted.num_steps == (3185, 630, 310, 204, 190, 908)
        # The same counts from the eigenvectors, without a descent:
        for rate, num_steps in zip(rates, counted.num_steps, strict=True):
            ends = gradient_after(rate, np.array([num_steps - 1, num_steps]))
            before, after = abs(ends).max(axis=1)
            assert before > 1e-9 >= after

    @pytest.mark.claims(
        "The smaller rate needs … steps, the best one ….",
    )
    def test_a_little_less_than_the_best_rate_wins_this_run(self) -> None:
        """0.36 needs 169 steps, the best rate 190."""
        assert race((0.36, 4 / 11)).num_steps == (169, 190)

    def test_other_numbers_give_other_results(self) -> None:
        """The slopes start at 2.6 and 2.2, so 3 is flat at once."""
        assert race((0.1, 0.2), flat=3) == ((0.1, 0.2), (0, 0))

    def test_the_limit_is_enough_or_not(self) -> None:
        """At the rate 0.3 it takes 204 steps."""
        assert race((0.3,), limit=204).num_steps == (204,)
        says = "is 203 but learning rate 0.3 needs more steps"
        with refused(ValueError, "limit", says):
            race((0.3,), limit=203)

    def test_ten_thousand_steps_unless_told(self) -> None:
        """A rate that is far too small uses up the limit."""
        says = "is 10000 but learning rate 1e-06 needs more steps"
        with refused(ValueError, "limit", says):
            race((1e-6,))

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out."""
        rates: Any = np.array([0.2, 0.3])
        assert_plain(race(rates))


class TestARunBeyondTheBoundDiverges:
    """A DivergenceError names step, rate and loss."""

    def test_at_the_step_that_the_curvature_foretells(self) -> None:
        """308.25 decades over log₁₀ 1.6005² = 0.4085 of them in each step."""
        with pytest.raises(DivergenceError) as caught:
            linear_steps(learning_rate=0.5, num_steps=1000)
        assert caught.value.step == 755
        assert caught.value.learning_rate == 0.5
        assert caught.value.loss == float("inf")
        assert str(caught.value) == (
            "descent diverged: after step 755 with learning rate 0.5 the loss is inf; "
            "usually the learning rate is too large for this loss: try a tenth of it"
        )


class TestASchedule:
    """Just below the bound the rate is halved after every five steps."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        run = schedule()
        assert isinstance(run, Schedule)
        rates = [rate for rate in (0.11, 0.055, 0.0275, 0.01375) for _ in range(5)]
        assert run.learning_rates == tuple(rates)
        assert run.changes == (5, 10, 15)
        # 1 − 18·0.11 = −0.98, 1 − 18·0.055 = 0.01, 0.505, 0.7525
        errors = [-4.0]
        for factor in (-0.98, 0.01, 0.505, 0.7525):
            for _ in range(5):
                errors.append(errors[-1] * factor)
        # An error is a difference of numbers near 10, whose rounding is absolute.
        assert run.errors == near(errors, rel=1e-13, abs=2e-14)
        # A loss is the error's square, so it moves by twice the error times that.
        for loss, error in zip(run.losses, errors, strict=True):
            assert loss == near(error**2, rel=1e-12, abs=4e-14 * abs(error) + 4e-28)
        constant = [-4 * (-0.98) ** step for step in range(21)]
        assert run.constant_errors == near(constant, rel=1e-13)

    def test_it_is_exact_on_fractions(self) -> None:
        """Factors −1, then 1/2, then 7/8."""
        rates = (Fraction(1, 9), Fraction(1, 36), Fraction(1, 144))
        run = schedule(rates[0], every=2, factor=Fraction(1, 4), num_steps=5)
        assert run == (
            (rates[0], rates[0], rates[1], rates[1], rates[2]),
            (2, 4),
            (-4, 4, -4, -2, -1, Fraction(-7, 8)),
            (16, 16, 16, 4, 1, Fraction(49, 64)),
            (-4, 4, -4, 4, -4, 4),
        )
        assert_plain(run, Fraction)

    def test_a_constant_rate_that_arrives_stays(self) -> None:
        """At 1/18 one step ends the error, and both lines have every step."""
        run = schedule(Fraction(1, 18), every=1, factor=Fraction(1, 2), num_steps=3)
        assert run.constant_errors == (-4, 0, 0, 0)
        assert run.errors == (-4, 0, 0, 0)

    def test_a_constant_rate_goes_on_however_flat_it_is(self) -> None:
        """At 1/36 every step halves the error."""
        run = schedule(Fraction(1, 36), every=20, num_steps=10)
        halved = tuple(Fraction(-4, 2**step) for step in range(11))
        assert run.errors == run.constant_errors == halved

    def test_a_float_that_arrives_stays(self) -> None:
        """At 0.05 the error is exactly 0 after some steps, and both lines go on."""
        run = schedule(0.05, every=100, num_steps=60)
        assert len(run.constant_errors) == 61
        assert run.constant_errors == run.errors

    def test_halved_every_step_the_weight_gets_stuck(self) -> None:
        """The product of 1 − 0.09/2ᵗ over all t is 0.8305, and not 0."""
        run = schedule(learning_rate=0.005, every=1)
        assert run.errors[-1] == near(-4 * 0.83052574, rel=1e-8)
        assert run.errors[-1] == near(run.errors[-3], rel=1e-6)

    def test_its_numbers_are_plain(self) -> None:
        """NumPy's numbers go in, Python's come out."""
        assert_plain(schedule(np.float64(0.1), 2, np.float64(0.5)))

    def test_constant_run_takes_every_step(self) -> None:
        """The constant run goes on when its slope is small, and stands when it is 0."""
        run = schedule(Fraction(1, 20), every=100, factor=Fraction(1, 2), num_steps=10)
        # −4·(1/10)^10
        assert run.constant_errors[-1] == -4 * Fraction(1, 10) ** 10
        assert run.constant_errors == run.errors
        # As floats the weight stops at 10/3 after about 17 steps, and stays there.
        floats = schedule(0.05, every=100, factor=0.5, num_steps=40)
        assert len(floats.constant_errors) == 41
        assert floats.constant_errors[-1] == floats.constant_errors[-2]


class TestAPlateau:
    """At the bound the error changes its sign and nothing else."""

    @pytest.mark.claims(
        "The rates are fractions, so these numbers are exact.",
        "At the bound the factor is $-1$: the error changes its sign and nothing "
        "else, and the loss stays at ….",
        "That is the rate with factor $0$, so the next step ends the error.",
        "A loss of zero does not improve any more either, so the rule lowers the rate"
        " once more, and it does not matter.",
    )
    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page, exactly."""
        run = plateau()
        assert isinstance(run, Schedule)
        ninth, half, quarter = Fraction(1, 9), Fraction(1, 18), Fraction(1, 36)
        # Three losses of 16 without improvement, then three of 0.
        rates = (ninth, ninth, ninth, half, half, half, half, quarter)
        assert run.learning_rates == rates
        assert run.changes == (3, 7)
        assert run.errors == (-4, 4, -4, 4, 0, 0, 0, 0, 0)
        assert run.losses == (16, 16, 16, 16, 0, 0, 0, 0, 0)
        assert run.constant_errors == (-4, 4, -4, 4, -4, 4, -4, 4, -4)
        assert_plain(run, Fraction)

    def test_other_numbers_give_other_results(self) -> None:
        """With a patience of 1 the rate falls after the first step."""
        rates = (Fraction(1, 9), *(Fraction(1, 36),) * 4)
        run = plateau(patience=1, factor=Fraction(1, 4), num_steps=5)
        assert run.learning_rates == rates
        # The factor of 1/36 is 1/2.
        assert run.errors == (-4, 4, 2, 1, Fraction(1, 2), Fraction(1, 4))
        assert run.losses == (16, 16, 4, 1, Fraction(1, 4), Fraction(1, 16))

    def test_losses_from_before_a_change_do_not_count(self) -> None:
        """At 1/6 the loss grows to 64; at 1/12 it falls to 16, its first value."""
        run = plateau(Fraction(1, 6), patience=1, num_steps=3)
        # Factors 1 − 3 = −2, then 1 − 3/2 = −1/2.
        assert run.learning_rates == (Fraction(1, 6), Fraction(1, 12), Fraction(1, 12))
        assert run.errors == (-4, 8, -4, 2)

    def test_a_loss_that_falls_keeps_its_rate(self) -> None:
        """At 1/12 the factor is −1/2."""
        run = plateau(Fraction(1, 12), num_steps=4)
        assert run.learning_rates == (Fraction(1, 12),) * 4
        assert run.errors == (-4, 2, -1, Fraction(1, 2), Fraction(-1, 4))
        assert run.constant_errors == run.errors

    def test_its_numbers_are_plain(self) -> None:
        """NumPy's numbers go in, Python's come out."""
        assert_plain(plateau(np.float64(0.1), 2, np.float64(0.5)))

    def test_losses_before_a_change_do_not_count(self) -> None:
        """After a change of rate only the losses since then say whether it helps."""
        run = plateau(Fraction(1, 2), patience=1, factor=Fraction(1, 8), num_steps=3)
        # factor 1 − 18/2 = −8 takes the loss to 64·16; with 1/16 it is −1/8, which
        # brings it back to 16: no better than the first loss, but than the last.
        assert run.losses[:3] == (16, 1024, 16)
        assert run.learning_rates == (Fraction(1, 2), Fraction(1, 16), Fraction(1, 16))
