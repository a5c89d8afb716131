"""The worked examples of the chapter on adaptive rates."""

import inspect
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.examples.adaptive_rates import (
    OneRate,
    OnlineWalk,
    OtherValleys,
    Race,
    ShrinkingWeights,
    SideBySide,
    SteadySlope,
    Walk,
    adagrad,
    adam,
    one_rate,
    other_valleys,
    race_of_rules,
    reddi,
    rmsprop,
    shrinking_weights,
    side_by_side,
    sign_steps,
    steady_slope,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("10/21", "19/21", "1/4", "12/125", "81/250", "84/145", "3.16", "6.57", "77"),
    *("146", "23", "80", "8", "3951", "144", "8000", "152", "1545", "6.58", "1/3"),
    *("0.606",),
)

RULES = (
    "descent",
    "momentum 0.9",
    "momentum 0.4",
    "Nesterov",
    "AdaGrad",
    "RMSProp",
    "Adam",
)
WALKS: list[Callable[..., Walk]] = [sign_steps, adagrad, rmsprop, adam]
RATES = 201
LIMIT = 4000
SHORTER = 2000


def referee(  # one weight, written out rule by rule with nothing of the library
    rule: str,
    rate: float,
    place: float,
    curvature: float,
    num_steps: int,
    *,
    epsilon: float = 0.0,
    beta1: float = 0.9,
    beta2: float = 0.999,
) -> list[float]:
    """Walk one weight along a parabola of this curvature."""
    places, speed, square = [place], 0.0, 0.0
    for step in range(1, num_steps + 1):
        slope = curvature * place
        if rule == "descent":
            place -= rate * slope
        elif rule.startswith("momentum"):
            speed = float(rule.split()[1]) * speed - rate * slope
            place += speed
        elif rule == "Nesterov":
            speed = 0.9 * speed - rate * slope
            place += 0.9 * speed - rate * slope
        elif rule == "AdaGrad":
            square += slope * slope
            place -= rate * slope / (math.sqrt(square) + epsilon)
        elif rule == "RMSProp":
            square = 0.9 * square + 0.1 * slope * slope
            place -= rate * slope / (math.sqrt(square) + epsilon)
        else:
            speed = beta1 * speed + (1 - beta1) * slope
            square = beta2 * square + (1 - beta2) * slope * slope
            mean, size = speed, square
            if rule == "Adam":
                mean, size = mean / (1 - beta1**step), size / (1 - beta2**step)
            place -= rate * mean / (math.sqrt(size) + epsilon)
        if abs(place) > 1e50:
            return [*places, *[math.inf] * (num_steps + 1 - step)]
        places.append(place)
    return places


EPSILONS = {"AdaGrad": 1e-10, "RMSProp": 1e-8, "Adam": 1e-8}


def heights(rule: str, rate: float, num_steps: int, scale: float = 1) -> list[float]:
    """Give the loss of a rule on the valley, its second weight in another unit."""
    epsilon = EPSILONS.get(rule, 0.0)
    flat = referee(rule, rate, -5.0, 0.2, num_steps, epsilon=epsilon)
    steep = referee(
        rule, rate, -2.0 / scale, 4.0 * scale**2, num_steps, epsilon=epsilon
    )
    return [0.1 * x**2 + 2 * (scale * y) ** 2 for x, y in zip(flat, steep, strict=True)]


def settles(losses: Sequence[float], target: float = 1e-6) -> int:
    """Give the first step from which all losses are at the target."""
    above = [step for step, loss in enumerate(losses) if not loss <= target]
    return above[-1] + 1 if above else 0


@pytest.fixture(scope="module")
def race() -> Race:
    """Run the book's race once."""
    return race_of_rules()


@pytest.fixture(scope="module")
def other() -> OtherValleys:
    """Run the book's races on three valleys once."""
    return other_valleys()


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
        flat = referee(rule, 0.6, -5.0, 0.2, num_steps)
        steep = referee(rule, 0.6, -2.0, 4.0, num_steps)
        assert found.rule == rule
        assert len(found.losses) == num_steps + 1
        # Near the lowest point a place is what is left of much larger ones.
        for at, path in enumerate((flat, steep)):
            places = [pair[at] for pair in found.weights]
            assert places == near(path, rel=1e-11, abs=1e-14)
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
                path = referee(rule, 0.5, place, curvature, 7, beta1=0.5, beta2=0.25)
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
        assert steady.corrected == near(ones, rel=1e-11)
        assert steady.rmsprop == near(short, rel=1e-13)
        assert steady.uncorrected == near(bare, rel=1e-11)
        assert [float(x) for x in steady.adagrad] == near(died, rel=1e-14)
        assert steady.longest == steady.uncorrected[11]
        assert steady.longest_step == 12
        # The first is 0.1/√0.001 = √10.
        assert steady.uncorrected[0] == near(math.sqrt(10), rel=1e-12)
        assert_plain(steady, Fraction)

    def test_a_wrong_correction_is_caught_by_the_second_step(self) -> None:
        """1 − β instead of 1 − βᵗ: right at first, then 1.9/√1.999."""
        wrong = [
            length * math.sqrt(0.001) / 0.1
            for length in steady_slope(num_steps=2).uncorrected
        ]
        expected = [1, 1.9 / math.sqrt(1.999)]
        assert wrong == near(expected, rel=1e-12)

    def test_adagrad_is_exact_at_squares(self) -> None:
        """Step 4 is half the rate, step 9 a third."""
        lengths = steady_slope(3, Fraction(1, 2), 9).adagrad
        assert lengths[3] == Fraction(1, 4)
        assert lengths[8] == Fraction(1, 6)

    def test_other_numbers(self) -> None:
        """The lengths grow with the rate and do not know the slope."""
        steady = steady_slope(0.25, 2, 5)
        assert len(steady.corrected) == 5
        assert steady.corrected == near([2.0] * 5, rel=1e-12)
        assert steady.adagrad[3] == 1
        assert (steady.longest, steady.longest_step) == (steady.uncorrected[4], 5)
        assert_plain(steady_slope(np.float64(-2), np.float64(1), 2))

    def test_one_step_is_enough(self) -> None:
        """The least number of steps is one."""
        assert steady_slope(num_steps=1).longest_step == 1

    def test_no_slope_is_refused(self) -> None:
        """Nothing would move."""
        with refused(ValueError, "slope", "is 0 but must not be: then no rule moves"):
            steady_slope(0)


class TestTheRace:
    """Every rule gets its best rate, found among many."""

    def test_every_number_of_the_book(self, race: Race) -> None:
        """The table of the page, from 201 rates from 0.001 to 10 at equal ratios."""
        assert isinstance(race, Race)
        assert race.rules == RULES
        assert race.limit == LIMIT
        assert len(race.rates) == RATES
        expected = [10 ** (-3 + 4 * at / 200) for at in range(RATES)]
        assert race.rates == near(expected, rel=1e-13)
        # The referee below counts the same.
        assert race.num_steps == (77, 146, 23, 80, 8, 3951, 144)
        assert_plain(race)

    def test_descent_in_closed_form(self, race: Race) -> None:
        """The loss is 2.5·(1 − α/5)²ᵗ + 8·(1 − 4α)²ᵗ, for every rate."""
        for rate, found in zip(race.rates, race.steps_by_rate[0], strict=True):
            if rate >= 0.5:
                assert found == LIMIT + 1
                continue
            steps = np.arange(LIMIT + 1)
            losses = 2.5 * (1 - rate / 5) ** (2.0 * steps)
            losses += 8 * (1 - 4 * rate) ** (2.0 * steps)
            assert found == settles(losses.tolist())

    @pytest.mark.parametrize("rule", RULES)
    def test_the_referee_counts_the_same(self, race: Race, rule: str) -> None:
        """At the best rate, beside it, and at every fortieth."""
        at = RULES.index(rule)
        counts = race.steps_by_rate[at]
        best = counts.index(min(counts))
        assert race.num_steps[at] == counts[best]
        assert race.best_rates[at] == race.rates[best]
        for index in {best - 1, best, best + 1, *range(0, RATES, 40)}:
            losses = heights(rule, race.rates[index], LIMIT)
            assert counts[index] == settles(losses)

    def test_other_numbers(self) -> None:
        """Two rates, another ball, target and limit."""
        found = race_of_rules(0.25, 0.5, 2, 0, 1e-3, 50)
        assert found.rates == near((0.25, 0.5), rel=1e-15)
        assert found.rules[2] == "momentum 0"
        assert found.limit == 50
        # A ball without momentum descends: (1 − 1/20)²ᵗ·2.5 ≤ 1/1000 from t = 77 on,
        # which is beyond the limit, and at the bound the steep weight never settles.
        assert found.steps_by_rate[0] == found.steps_by_rate[2] == (51, 51)
        assert found.num_steps[0] == 51
        assert found.best_rates[0] == found.rates[0]
        for at, rule in ((1, "momentum 0.9"), (4, "AdaGrad"), (6, "Adam")):
            counts = [settles(heights(rule, r, 50), 1e-3) for r in found.rates]
            assert found.steps_by_rate[at] == tuple(counts)

    def test_arrived_from_the_start(self) -> None:
        """The first loss is 10.5, and the target may be equal to it."""
        found = race_of_rules(0.001, 0.01, 2, target=10.5, limit=0)
        assert found.num_steps == (0,) * 7
        assert race_of_rules(target=10.4, limit=0).num_steps == (1,) * 7

    @pytest.mark.parametrize("example", [race_of_rules, other_valleys])
    def test_rates_in_the_wrong_order(self, example: Any) -> None:
        """The fastest must be faster than the slowest."""
        for fastest in (0.5, 1):
            says = f"is {fastest} but must be greater than 1"
            with refused(ValueError, "fastest", says):
                example(slowest=1, fastest=fastest)


class TestSideBySide:
    """The paths at the best rates."""

    def test_every_rule_walks_its_walk(self) -> None:
        """The referee takes the same steps."""
        rates = (0.45, 0.02, 0.66, 0.3, 6, 0.0013, 0.25)
        walks = side_by_side(rates)
        assert isinstance(walks, SideBySide)
        assert walks.rules == RULES
        for at, rule in enumerate(RULES):
            epsilon = EPSILONS.get(rule, 0.0)
            flat = referee(rule, rates[at], -5.0, 0.2, 160, epsilon=epsilon)
            steep = referee(rule, rates[at], -2.0, 4.0, 160, epsilon=epsilon)
            paths = np.array(walks.weights[at])
            assert paths[:, 0].tolist() == near(flat, rel=1e-9, abs=1e-12)
            assert paths[:, 1].tolist() == near(steep, rel=1e-9, abs=1e-12)
            losses = heights(rule, rates[at], 160)
            assert walks.losses[at] == near(losses, rel=1e-9, abs=1e-20)
        assert_plain(walks)

    def test_other_numbers(self) -> None:
        """A ball without momentum is descent."""
        rates = np.array([0.25] * 7)
        walks = side_by_side(rates, 0, 3)  # type: ignore[arg-type]
        assert walks.rules[2] == "momentum 0"
        assert walks.weights[2] == walks.weights[0]
        assert walks.weights[0][1] == (-4.75, 0)
        assert len(walks.losses[6]) == 4
        assert rates.tolist() == [0.25] * 7

    def test_one_rate_for_each_rule(self) -> None:
        """Six rates are one too few."""
        says = "holds 6 rates but must hold 7"
        with refused(ValueError, "learning_rates", says):
            side_by_side((1,) * 6)


class TestReddi:
    """Adam walks to the worst place there is."""

    def test_every_number_of_the_book(self) -> None:
        """C = 3: β₂ is 1/10, the mean slope 1/3; Adam goes to 1, the others to −1."""
        walk = reddi()
        assert isinstance(walk, OnlineWalk)
        assert (walk.beta2, walk.mean_slope) == (Fraction(1, 10), Fraction(1, 3))
        adam_at, adagrad_at, descent_at, square, total = 0.0, 0.0, 0.0, 0.0, 0.0
        expected: list[tuple[float, float, float]] = [(0.0, 0.0, 0.0)]
        met = [0.0, 0.0, 0.0]
        for t in range(1, 301):
            slope = 3.0 if t % 3 == 1 else -1.0
            met = [m + slope * x for m, x in zip(met, expected[-1], strict=True)]
            rate = 0.2 / math.sqrt(t)
            square = 0.1 * square + 0.9 * slope**2
            total += slope**2
            adam_at = min(max(adam_at - rate * slope / math.sqrt(square), -1), 1)
            adagrad_at = min(max(adagrad_at - 0.2 * slope / math.sqrt(total), -1), 1)
            descent_at = min(max(descent_at - rate * slope, -1), 1)
            expected.append((adam_at, adagrad_at, descent_at))
        for at, places in enumerate((walk.adam, walk.adagrad, walk.descent)):
            assert places == near([row[at] for row in expected], abs=1e-13)
        means = [m / 300 for m in met]
        assert walk.mean_losses == near(means, rel=1e-12)
        assert max(walk.adam[-3:]) == 1
        assert min(walk.adagrad[-3:]) == min(walk.descent[-3:]) == -1
        assert_plain(walk, Fraction)

    def test_the_best_place_is_never_left_for_long(self) -> None:
        """In the last hundred steps Adam is near 1, the others near −1."""
        walk = reddi()
        assert min(walk.adam[-100:]) > 0.9
        assert max(walk.adagrad[-100:]) < -0.9
        assert max(walk.descent[-100:]) < -0.9

    def test_other_numbers(self) -> None:
        """C = 7: β₂ is 1/50, and the first steps are known by heart."""
        walk = reddi(7, 0.5, 2, 0.25)
        assert (walk.beta2, walk.mean_slope) == (Fraction(1, 50), Fraction(5, 3))
        # √(0.98·49) = 7·√0.98; then v = 0.02·48.02 + 0.98
        first = 0.25 - 0.5 / math.sqrt(0.98)
        second = first + 0.5 / math.sqrt(2) / math.sqrt(0.9604 + 0.98)
        assert walk.adam == near((0.25, first, second), rel=1e-12)
        # 0.25 − 0.5, then 0.5/√50 back
        assert walk.adagrad == near(
            (0.25, -0.25, -0.25 + 0.5 / math.sqrt(50)), rel=1e-12
        )
        # 0.25 − 3.5 is beyond −1
        assert walk.descent == near((0.25, -1, -1 + 0.5 / math.sqrt(2)))
        # 7·0.25 and −1 times the place after the first step, halved
        means = [(1.75 - place) / 2 for place in (first, -0.25, -1)]
        assert walk.mean_losses == near(means, rel=1e-12)

    def test_ends_of_the_interval(self) -> None:
        """The start may be an end."""
        assert reddi(start=1, num_steps=1).adam[0] == 1
        assert reddi(start=-1, num_steps=1).descent == (-1, -1)
        assert reddi(2.5, num_steps=1).mean_slope == near(1 / 6, rel=1e-15)

    @pytest.mark.parametrize("value", [2, 1.5])
    def test_a_slope_that_does_not_outweigh_two(self, value: float) -> None:
        """At 2 every place is as good as the other."""
        says = f"is {value} but must be greater than 2"
        with refused(ValueError, "steep", says):
            reddi(value)

    @pytest.mark.parametrize("value", [1.5, -1.5])
    def test_a_start_outside(self, value: float) -> None:
        """The interval ends at −1 and 1."""
        says = f"is {value} but must be from -1 to 1"
        with refused(ValueError, "start", says):
            reddi(start=value)


class TestOtherValleys:
    """Adaptive rates cure scales, not turns."""

    def test_every_number_of_the_book(self, other: OtherValleys) -> None:
        """Ratios 20 and 20·20²; a turn changes no curvature."""
        assert isinstance(other, OtherValleys)
        assert other.rules == ("descent", "momentum 0.9", "AdaGrad", "Adam")
        assert other.condition_numbers == near((20, 8000, 8000), rel=1e-11)
        # The race and the referee below count the same; 2001 is over the limit.
        assert other.num_steps == (
            (77, 2001, 2001),
            (146, 1545, 1545),
            (8, 4, 2001),
            (144, 152, 2001),
        )
        assert_plain(other)

    def test_the_first_valley_is_that_of_the_race(
        self, other: OtherValleys, race: Race
    ) -> None:
        """Its counts are those of the race."""
        named = dict(zip(race.rules, race.num_steps, strict=True))
        firsts = tuple(counts[0] for counts in other.num_steps)
        assert firsts == tuple(named[rule] for rule in other.rules)

    def test_the_referee_counts_the_same_in_the_other_unit(
        self, other: OtherValleys, race: Race
    ) -> None:
        """No rate of the grid is better, and one is as good."""
        for rule, counts in zip(other.rules[2:], other.num_steps[2:], strict=True):
            found = [
                settles(heights(rule, rate, SHORTER if rule == "Adam" else 30, 20))
                for rate in (race.rates[85:115] if rule == "Adam" else race.rates[150:])
            ]
            assert min(found) == counts[1]

    def test_descent_and_momentum_do_not_notice_a_turn(
        self, other: OtherValleys
    ) -> None:
        """Their counts are equal; Adam and AdaGrad no longer arrive."""
        descent, momentum, adagrad_counts, adam_counts = other.num_steps
        assert descent[1:] == (SHORTER + 1, SHORTER + 1)
        assert momentum[1] == momentum[2] < SHORTER
        assert adam_counts[1] < momentum[1] < adam_counts[2] == SHORTER + 1
        assert adagrad_counts[1] < 10
        assert adagrad_counts[2] == SHORTER + 1

    def test_the_same_in_words(self, other: OtherValleys) -> None:
        """What is over the limit says so."""
        for counts, words in zip(other.num_steps, other.finishes, strict=True):
            expected = [str(n) if n <= SHORTER else "over 2000" for n in counts]
            assert words == tuple(expected)
        assert other.finishes[0][1] == "over 2000"

    def test_other_numbers(self) -> None:
        """A turn by a right angle swaps the axes, and no rule notices."""
        found = other_valleys(2, 90, 0.01, 1, 21, 1e-4, 200)
        assert found.condition_numbers == near((20, 80, 80), rel=1e-12)
        for rule, counts in zip(found.rules, found.num_steps, strict=True):
            for scale, count in zip((1, 2, 2), counts, strict=True):
                rates = np.geomspace(0.01, 1, 21).tolist()
                all_counts = [
                    settles(heights(rule, rate, 200, scale), 1e-4) for rate in rates
                ]
                assert count == min(all_counts)
        exactly = other_valleys(1, 0, 0.1, 0.2, 2, 1e-4, found.num_steps[3][0])
        assert len(set(exactly.condition_numbers)) == 1

    def test_the_limit_itself_is_no_excess(self) -> None:
        """AdaGrad needs 8 steps, and 8 are enough."""
        found = other_valleys(1, 0, 6, 6.05, 2, limit=8)
        assert found.finishes[2] == ("8", "8", "8")
        assert other_valleys(1, 0, 6, 6.05, 2, limit=7).finishes[2][0] == "over 7"


class TestShrinkingWeights:
    """In the slope, a decay is divided like everything else."""

    def test_every_number_of_the_book(self) -> None:
        """The referee repeats both runs, weight by weight."""
        left = shrinking_weights()
        assert isinstance(left, ShrinkingWeights)
        assert left.sizes == (0.5, 1, 8)
        assert left.share == near(0.995**100, rel=1e-13)
        assert left == self.repeated((0.5, 1, 8), 0.01, 0.5, 100)
        assert_plain(left)

    def test_large_slopes_keep_their_weight(self) -> None:
        """The larger the slopes, the more is left; beside the quotient all is equal."""
        left = shrinking_weights()
        assert left.in_gradient[0] < left.in_gradient[1] < left.in_gradient[2]
        assert left.beside == near((left.beside[0],) * 3, rel=1e-8)
        assert left.beside[0] == near(left.share, rel=0.02)  # "close to"

    def test_other_numbers(self) -> None:
        """Each argument reaches its place, and the sizes stay as they are."""
        sizes = np.array([2, 3])
        left = shrinking_weights(sizes, 0.1, 0.25, 7)
        assert left == self.repeated((2, 3), 0.1, 0.25, 7)
        assert sizes.tolist() == [2, 3]

    def test_the_first_step_does_not_see_a_decay_in_the_slope(self) -> None:
        """Adam's first step is the rate, whatever is added to the slope."""
        left = shrinking_weights(num_steps=1)
        assert left.in_gradient == near((0.99,) * 3, rel=1e-9)
        # 1 − 0.01 − 0.01·0.5
        assert left.beside == near((0.985,) * 3, rel=1e-9)

    def test_no_steps_and_no_decay(self) -> None:
        """Then nothing shrinks."""
        assert shrinking_weights(num_steps=0)[1:] == ((1,) * 3, (1,) * 3, 1)
        left = shrinking_weights(weight_decay=0)
        assert left.in_gradient == left.beside

    @staticmethod
    def repeated(
        sizes: tuple[float, ...], rate: float, decay: float, num_steps: int
    ) -> Any:
        """Run Adam with a decay in the slope, and with one beside."""

        def end(size: float, inside: float, beside: float) -> float:
            weight, mean, square = 1.0, 0.0, 0.0
            for t in range(1, num_steps + 1):
                slope = size * (-1) ** (t - 1) + inside * weight
                mean = 0.9 * mean + (1 - 0.9) * slope
                square = 0.999 * square + (1 - 0.999) * slope**2
                quotient = mean / (1 - 0.9**t)
                quotient /= math.sqrt(square / (1 - 0.999**t)) + 1e-8
                weight += -rate * quotient - rate * beside * weight
            return weight

        kinds = [(decay, 0), (0, decay)]
        ends = [[end(size, *kind) for size in sizes] for kind in kinds]
        return _Near(sizes, ends, (1 - rate * decay) ** num_steps)


class _Near:
    """What a `ShrinkingWeights` is compared with, up to rounding."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, sizes: Sequence[float], ends: Sequence[Sequence[float]], share: float
    ) -> None:
        self.parts = (tuple(sizes), *map(tuple, ends), share)

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, tuple)
        return all(
            found == near(expected, rel=1e-11)
            for found, expected in zip(other, self.parts, strict=True)
        )


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
