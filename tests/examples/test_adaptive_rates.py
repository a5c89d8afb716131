"""The worked examples of the chapter on adaptive rates."""

import inspect
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain
from referees import one_weight

from gdbook.examples.adaptive_rates import (
    OneRate,
    SteadySlope,
    Walk,
    adagrad,
    adam,
    one_rate,
    rmsprop,
    sign_steps,
    steady_slope,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("10/21", "19/21", "1/4", "12/125", "81/250", "84/145", "3.16", "6.57", "6.58"),
)

WALKS: list[Callable[..., Walk]] = [sign_steps, adagrad, rmsprop, adam]


class TestOneRateIsWrongForBothWeights:
    """With the common rate neither weight gets what it needs."""

    def test_every_number_of_the_book(self) -> None:
        """The curvatures are 1/5 and 4, and 2/(1/5 + 4) = 10/21."""
        assert one_rate() == OneRate(
            curvatures=(Fraction(1, 5), 4),
            best_rate=Fraction(10, 21),
            # 1 − 10/21·1/5 and 1 − 10/21·4
            factors=(Fraction(19, 21), Fraction(-19, 21)),
            # −5·19/21 and −2·(−19/21)
            new_weights=(Fraction(-95, 21), Fraction(38, 21)),
            own_rates=(5, Fraction(1, 4)),
            own_new_weights=(0, 0),
        )
        assert_plain(one_rate(), Fraction)

    def test_another_start(self) -> None:
        """From (21, 42) the factors lead to (19, −38)."""
        start = np.array([21, 42])
        step = one_rate(start)
        assert step.new_weights == (19, -38)
        assert step.own_new_weights == (0, 0)
        assert start.tolist() == [21, 42]
        assert one_rate((2.1, 0)).new_weights == near((1.9, 0), rel=1e-15)


class TestSignStepsNeverSettle:
    """The walk changes between two places for ever."""

    def test_every_number_of_the_book(self) -> None:
        """Steps of 3/5 from −5 and −2."""
        walk = sign_steps()
        assert isinstance(walk, Walk)
        assert walk.rule == "sign steps"
        step = Fraction(3, 5)
        flat = [-5 + step * t for t in range(9)]  # −1/5 at step 8, then 2/5, −1/5, …
        flat += [Fraction(2, 5) if t % 2 else Fraction(-1, 5) for t in range(9, 21)]
        steep = [-2 + step * t for t in range(4)]  # −1/5 at step 3
        steep += [Fraction(-1, 5) if t % 2 else Fraction(2, 5) for t in range(4, 21)]
        assert walk.weights == tuple(zip(flat, steep, strict=True))
        assert walk.slopes == tuple((x / 5, 4 * y) for x, y in walk.weights)
        assert walk.losses == tuple(x**2 / 10 + 2 * y**2 for x, y in walk.weights)
        assert walk.updates == tuple(
            (-step if x > 0 else step, -step if y > 0 else step)
            for x, y in walk.weights[:-1]
        )
        assert walk.own_rates == tuple(
            (3 / abs(Fraction(x)), 3 / abs(20 * Fraction(y)))
            for x, y in walk.weights[:-1]
        )
        # 0.1·(4/25) + 2·(1/25) and 0.1·(1/25) + 2·(4/25)
        assert walk.losses[-2:] == (Fraction(12, 125), Fraction(81, 250))
        assert_plain(walk, Fraction)

    def test_a_slope_of_zero_stands_still(self) -> None:
        """With the rate 1 the steep weight arrives after 2 steps, the flat after 5."""
        walk = sign_steps(1)
        assert walk.weights[2:] == ((-3, 0), (-2, 0), (-1, 0), (0, 0))
        assert walk.own_rates[2:] == (
            (Fraction(5, 3), 0),
            (Fraction(5, 2), 0),
            (5, 0),
        )
        assert len(walk.updates) == 5
        assert_plain(walk, Fraction)

    def test_floats_and_arrays(self) -> None:
        """A float makes the walk one of floats, and the start stays."""
        start = np.array([1.0, -1.0])
        walk = sign_steps(0.5, 1, start)
        assert walk.weights == ((1, -1), (0.5, -0.5))
        assert start.tolist() == [1, -1]
        assert_plain(walk)
        assert_plain(sign_steps(Fraction(1, 2), 1, start), Fraction)


class TestWalksOfAdaptiveRules:
    """Every rule takes the steps of its equation."""

    @pytest.mark.parametrize(
        ("walk", "rule", "num_steps"),
        [(adagrad, "AdaGrad", 20), (rmsprop, "RMSProp", 20), (adam, "Adam", 60)],
    )
    def test_every_number_of_the_book(
        self, walk: Callable[[], Walk], rule: str, num_steps: int
    ) -> None:
        """The referee takes the same steps, one weight at a time."""
        found = walk()
        flat = one_weight(rule, 0.6, -5.0, 0.2, num_steps)
        steep = one_weight(rule, 0.6, -2.0, 4.0, num_steps)
        assert found.rule == rule
        assert len(found.losses) == num_steps + 1
        # Near the lowest point a place is what is left of much larger ones.
        for at, path in enumerate((flat, steep)):
            places = [pair[at] for pair in found.weights]
            assert places == near(path, rel=1e-11)
        for (x, y), slopes in zip(found.weights, found.slopes, strict=True):
            assert slopes == near((x / 5, 4 * y), rel=1e-15)
        for (x, y), loss in zip(found.weights, found.losses, strict=True):
            assert loss == near(0.1 * x**2 + 2 * y**2, rel=1e-14)
        for t, update in enumerate(found.updates):
            moved = zip(found.weights[t], found.weights[t + 1], strict=True)
            assert update == tuple(after - before for before, after in moved)
            slopes = found.slopes[t]
            for one, slope, rate in zip(
                update, slopes, found.own_rates[t], strict=True
            ):
                assert rate * -slope == near(one, rel=1e-14)
        assert_plain(found)

    def test_adagrad_is_exact_where_roots_are(self) -> None:
        """The first step is the rate; slopes −1 and −8 give own rates 3/5 and 3/40."""
        walk = adagrad(Fraction(3, 5), num_steps=1)
        assert walk.weights == ((-5, -2), (Fraction(-22, 5), Fraction(-7, 5)))
        assert walk.own_rates == ((Fraction(3, 5), Fraction(3, 40)),)
        assert_plain(walk, Fraction)

    def test_adagrad_with_a_large_rate_finds_the_curvatures(self) -> None:
        """From (1, 4) it divides by √(1 + 1/25) and by √(64 + 256)."""
        walk = adagrad(6, num_steps=2)
        assert walk.weights[1] == (1, 4)
        expected = (6 / math.sqrt(1.04), 6 / math.sqrt(320))
        assert walk.own_rates[1] == near(expected, rel=1e-14)

    def test_rmsprop_by_hand(self) -> None:
        """Decay 16/25 and rate 12/25 have two steps of exact roots."""
        walk = rmsprop(Fraction(12, 25), Fraction(16, 25), num_steps=2)
        # s = 9/25·(1, 64), roots 3/5 and 24/5: updates 12/25·1/(3/5) = 4/5, both.
        # Then slopes −21/25 and −24/5; s = 144/625 + 9/25·441/625 = (87/125)², and
        # 64·144/625 + 9/25·576/25 = (24/5)².
        assert walk.slopes[:2] == ((-1, -8), (Fraction(-21, 25), Fraction(-24, 5)))
        assert walk.updates == (
            (Fraction(4, 5), Fraction(4, 5)),
            (Fraction(84, 145), Fraction(12, 25)),
        )
        assert_plain(walk, Fraction)

    def test_rmsprop_forgets_and_jumps(self) -> None:
        """The loss falls below 10⁻¹⁶ and climbs above 1/2 again."""
        losses = rmsprop(num_steps=60).losses
        assert min(losses[:40]) < 1e-16
        assert max(losses[40:]) > 0.5

    def test_adam_is_exact_in_its_first_step(self) -> None:
        """The corrections cancel, and the step is the rate."""
        exact = (Fraction(3, 5), Fraction(9, 10), Fraction(999, 1000))
        assert adam(*exact, num_steps=1).updates == ((exact[0], exact[0]),)

    def test_adam_with_other_numbers(self) -> None:
        """Its arguments are its equation's."""
        for correction, rule in ((True, "Adam"), (False, "bare Adam")):
            walk = adam(0.5, 0.5, 0.25, 7, (1, -3), bias_correction=correction)
            for at, (place, curvature) in enumerate(((1.0, 0.2), (-3.0, 4.0))):
                path = one_weight(rule, 0.5, place, curvature, 7, memory=(0.5, 0.25))
                assert [pair[at] for pair in walk.weights] == near(path, rel=1e-12)

    def test_correction_unless_told(self) -> None:
        """Without it the first step is 0.6·0.1/√0.001 long."""
        bare = adam(bias_correction=False, num_steps=1).updates[0]
        assert bare == near((0.06 / math.sqrt(0.001),) * 2, rel=1e-12)
        assert adam(num_steps=1).updates[0] == near((0.6, 0.6), rel=1e-14)

    @pytest.mark.parametrize("walk", WALKS)
    def test_no_rule_leaves_a_place_without_slope(
        self, walk: Callable[..., Walk]
    ) -> None:
        """From (0, 0) no rule takes a step."""
        found = walk(start=(0, 0))
        assert found.weights == ((0, 0),)
        assert found.updates == found.own_rates == ()
        assert found.losses == (0,)

    @pytest.mark.parametrize("walk", WALKS)
    def test_other_starts(self, walk: Callable[..., Walk]) -> None:
        """Whole numbers, fractions and floats start at the same place."""
        runs = [
            walk(num_steps=2, start=start)
            for start in ((3, 1), (Fraction(3), Fraction(1)), np.array([3.0, 1.0]))
        ]
        for run in runs:
            for found, expected in zip(run.weights, runs[0].weights, strict=True):
                assert found == near(
                    tuple(map(float, expected)), rel=1e-12
                ) or found == near(expected)
            assert len(run.updates) == 2

    def test_adam_is_thrown_out(self) -> None:
        """Settled for thousands of steps, Adam with the rate 1 leaves again."""
        losses = adam(1, num_steps=3600).losses
        assert max(losses[1000:3000]) < 1e-12
        assert max(losses[3000:]) > 0.1


class TestStepsOnASteadySlope:
    """Every step along a constant slope has the length of the rate."""

    def test_every_number_of_the_book(self) -> None:
        """The four laws in closed form, whatever the slope."""
        steady = steady_slope()
        assert isinstance(steady, SteadySlope)
        steps = range(1, 2001)
        ones = [1.0] * 2000
        short = [1 / math.sqrt(1 - 0.9**t) for t in steps]
        bare = [(1 - 0.9**t) / math.sqrt(1 - 0.999**t) for t in steps]
        died = [1 / math.sqrt(t) for t in steps]
        # 1 − 0.999 has lost three digits, and a mean of 2000 steps rounds as often.
        assert steady.corrected == near(ones)
        assert steady.rmsprop == near(short, rel=1e-13)
        assert steady.uncorrected == near(bare)
        assert [float(x) for x in steady.adagrad] == near(died, rel=1e-14)
        assert steady.longest == steady.uncorrected[11]
        assert steady.longest_step == 12
        # The first is 0.1/√0.001 = √10.
        assert steady.uncorrected[0] == near(math.sqrt(10), rel=1e-12)
        assert_plain(steady)

    def test_a_wrong_correction_is_caught_by_the_second_step(self) -> None:
        """1 − β instead of 1 − βᵗ: right at first, then 1.9/√1.999."""
        wrong = [
            length * math.sqrt(0.001) / 0.1
            for length in steady_slope(num_steps=2).uncorrected
        ]
        expected = [1, 1.9 / math.sqrt(1.999)]
        assert wrong == near(expected, rel=1e-12)

    def test_adagrad_at_squares(self) -> None:
        """Step 4 is half the rate, step 9 a third."""
        lengths = steady_slope(3, 9).adagrad
        assert lengths[3::5] == near((1 / 2, 1 / 3))

    def test_other_numbers(self) -> None:
        """The lengths do not know the slope."""
        steady = steady_slope(0.25, 5)
        assert len(steady.corrected) == 5
        assert steady.corrected == near([1.0] * 5, rel=1e-12)
        assert steady.adagrad[3] == 0.5
        assert (steady.longest, steady.longest_step) == (steady.uncorrected[4], 5)
        assert_plain(steady_slope(np.float64(-2), 2))

    def test_one_step_is_enough(self) -> None:
        """The least number of steps is one."""
        assert steady_slope(num_steps=1).longest_step == 1

    def test_no_slope_is_refused(self) -> None:
        """Nothing would move."""
        with refused(ValueError, "slope", "is 0 but must not be: then no rule moves"):
            steady_slope(0)


@pytest.mark.parametrize("example", [one_rate, *WALKS])
def test_the_valley_has_two_weights(example: Callable[..., Any]) -> None:
    """Another number of them is refused."""
    with refused(ValueError, "start", "has shape (3,) but must have shape (2,)"):
        example(start=(1, 2, 3))


def test_defaults_start_where_the_valley_does() -> None:
    """Every walk begins at (−5, −2)."""
    functions: list[Callable[..., Any]] = [one_rate, *WALKS]
    for example in functions:
        default = inspect.signature(example).parameters["start"].default
        assert default == (-5, -2)
