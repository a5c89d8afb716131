"""The worked examples of the chapter on adaptive rates."""

import inspect
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.examples.adaptive_rates import (
    OneRate,
    OnlineWalk,
    Race,
    ShrinkingWeights,
    SideBySide,
    SteadySlope,
    Walk,
    adagrad,
    adam,
    one_rate,
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
    *("10/21", "19/21", "1/4", "12/125", "81/250", "84/145", "3.16", "6.57", "75"),
    *("145", "24", "30", "5", "79", "1440", "8000", "152", "615", "6.58", "1/3"),
    *("0.606",),
)

RULES = ("descent", "momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam")
MEMORIES = (0, 0.5, 0.7, 0.9, 0.95, 0.999)
WALKS: list[Callable[..., Walk]] = [sign_steps, adagrad, rmsprop, adam]
LIMIT = 1000


def referee(  # one weight, written out rule by rule with nothing of the library
    rule: str,
    rate: float,
    place: float,
    curvature: float,
    num_steps: int,
    *,
    epsilon: float = 0.0,
    memory: Sequence[float] = (),
) -> list[float]:
    """Walk one weight along a parabola of this curvature."""
    beta1, beta2 = memory if len(memory) == 2 else (0.9, 0.999)
    (beta,) = memory if len(memory) == 1 else (0.9,)
    places, speed, square = [place], 0.0, 0.0
    for step in range(1, num_steps + 1):
        slope = curvature * place
        if rule == "descent":
            place -= rate * slope
        elif rule == "momentum":
            speed = beta * speed - rate * slope
            place += speed
        elif rule == "Nesterov":
            speed = beta * speed - rate * slope
            place += beta * speed - rate * slope
        elif rule == "AdaGrad":
            square += slope * slope
            place -= rate * slope / (math.sqrt(square) + epsilon)
        elif rule == "RMSProp":
            square = beta * square + (1 - beta) * slope * slope
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


def heights(
    rule: str,
    rate: float,
    num_steps: int,
    scale: float = 1,
    memory: Sequence[float] = (),
) -> list[float]:
    """Give the loss of a rule on the valley, its second weight in another unit."""
    given: dict[str, Any] = {"epsilon": EPSILONS.get(rule, 0.0), "memory": memory}
    flat = referee(rule, rate, -5.0, 0.2, num_steps, **given)
    steep = referee(rule, rate, -2.0 / scale, 4.0 * scale**2, num_steps, **given)
    return [0.1 * x**2 + 2 * (scale * y) ** 2 for x, y in zip(flat, steep, strict=True)]


def settles(losses: Sequence[float], target: float = 1e-6) -> int:
    """Give the first step from which all losses are at the target."""
    above = [step for step, loss in enumerate(losses) if not loss <= target]
    return above[-1] + 1 if above else 0


@pytest.fixture(scope="module")
def race() -> Race:
    """Run the book's race once."""
    return race_of_rules()


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
                path = referee(rule, 0.5, place, curvature, 7, memory=(0.5, 0.25))
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


class TestTheRace:
    """Every rule gets its best settings, found among as many."""

    def test_every_number_of_the_book(self, race: Race) -> None:
        """The tables of the page; the referee below counts the same."""
        assert isinstance(race, Race)
        assert race.rules == RULES
        assert race.memories == MEMORIES
        assert race.num_tries == 6 * 6 * 40
        # Ratios 20 and 20·20²; a turn changes no curvature.
        assert race.condition_numbers == near((20, 8000, 8000), rel=1e-11)
        never = LIMIT + 1
        assert race.num_steps == (
            (75, never, never),
            (24, 615, 615),
            (30, never, never),
            (5, 4, never),
            (4, 4, never),
            (24, 152, never),
        )
        firsts = tuple(counts[0] for counts in race.usual_steps)
        assert firsts == (75, 145, 79, 5, never, 145)
        assert [rule[0] for rule in race.best_memories] == [
            *((), (0.5,), (0.7,), (), (0.999,), (0.5, 0.999))
        ]
        assert race.by_memory == (
            (78, 24, 44, 145, 296, never),
            (78, 47, 30, 79, 124, 210),
            (1000, never, never, never, never, 4),
            (64, 24, 44, 145, 296, never),
            (never, 1000, 940, 453, 446, 24),
        )
        assert race[-6:] == (0.001, 100, 20, 45, 1e-6, LIMIT)
        assert_plain(race)

    def test_the_rates(self, race: Race) -> None:
        """Rules with fewer memories try more, all at equal ratios."""
        for rates, number in zip(
            race.rates, (1440, 240, 240, 1440, 240, 40), strict=True
        ):
            expected = [10 ** (-3 + 5 * at / (number - 1)) for at in range(number)]
            assert rates == near(expected, rel=1e-13)

    def test_descent_in_closed_form(self, race: Race) -> None:
        """The loss is 2.5·(1 − α/5)²ᵗ + 8·(1 − 4α)²ᵗ, for every rate."""
        for rate, found in zip(race.rates[0], race.steps_by_rate[0], strict=True):
            if rate >= 0.5:
                assert found == LIMIT + 1
                continue
            steps = np.arange(LIMIT + 1)
            losses = 2.5 * (1 - rate / 5) ** (2.0 * steps)
            losses += 8 * (1 - 4 * rate) ** (2.0 * steps)
            assert found == settles(losses.tolist())

    @pytest.mark.parametrize("rule", RULES)
    def test_the_referee_counts_the_same(self, race: Race, rule: str) -> None:
        """At the best settings, beside them, and at some others."""
        at = RULES.index(rule)
        counts, rates = race.steps_by_rate[at], race.rates[at]
        memory = [float(one) for one in race.best_memories[at][0]]
        best = counts.index(min(counts))
        assert race.num_steps[at][0] == counts[best]
        assert race.best_rates[at][0] == rates[best]
        beside = {best - 1, best, min(best + 1, len(rates) - 1)}
        for index in {*beside, *range(0, len(rates), len(rates) // 5)}:
            losses = heights(rule, rates[index], LIMIT, 1, memory)
            assert counts[index] == settles(losses)

    @pytest.mark.parametrize("rule", RULES)
    def test_the_referee_counts_the_same_in_the_other_unit(
        self, race: Race, rule: str
    ) -> None:
        """At the best settings there."""
        at = RULES.index(rule)
        memory = [float(one) for one in race.best_memories[at][1]]
        losses = heights(rule, race.best_rates[at][1], LIMIT, 20, memory)
        assert race.num_steps[at][1] == settles(losses)

    def test_the_search(self) -> None:
        """All settings of a small race, one by one."""
        found = race_of_rules(0.01, 1, (0.3, 0.8), 5, 2, 90, 1e-4, 200)
        assert found.condition_numbers == near((20, 80, 80), rel=1e-12)
        assert found.num_tries == 20
        columns: list[tuple[int, ...]] = []
        for at, rule in enumerate(RULES):
            usual = {"Adam": (0.9, 0.999), "descent": (), "AdaGrad": ()}.get(
                rule, (0.9,)
            )
            tried = list(product((0.3, 0.8), repeat=len(usual)))
            rates = np.geomspace(0.01, 1, 20 // len(tried)).tolist()
            # A turn by a right angle swaps the axes, and no rule notices.
            for valley, scale in enumerate((1, 2, 2)):
                counts = {
                    (memory, rate): settles(
                        heights(rule, rate, 200, scale, memory), 1e-4
                    )
                    for memory in [*tried, usual]
                    for rate in rates
                }
                best = min(count for (m, _), count in counts.items() if m in tried)
                assert found.num_steps[at][valley] == best
                memory = tuple(map(float, found.best_memories[at][valley]))
                rate = near_one(found.best_rates[at][valley], rates)
                assert counts[memory, rate] == best
                assert found.usual_steps[at][valley] == min(
                    count for (m, _), count in counts.items() if m == usual
                )
                if not valley:
                    columns += [
                        tuple(
                            min(
                                n
                                for (m, _), n in counts.items()
                                if m in tried and m[i] == one
                            )
                            for one in (0.3, 0.8)
                        )
                        for i in range(len(usual))
                    ]
        assert found.by_memory == tuple(columns)

    def test_in_words(self, race: Race) -> None:
        """What is over the limit says so."""
        for counts, words in (
            (race.num_steps, race.finishes),
            (race.usual_steps, race.usual_finishes),
        ):
            assert words == tuple(
                tuple(str(n) if n <= LIMIT else "over 1000" for n in row)
                for row in counts
            )
        assert race.finishes[0] == ("75", "over 1000", "over 1000")

    def test_the_first_of_equals(self) -> None:
        """A ball without momentum descends; the least rate, the first memory."""
        found = race_of_rules(0.001, 0.01, (0, 0.5), 2, target=10.6, limit=0)
        assert found.num_steps == ((0, 0, 0),) * 6
        assert {rates for row in found.best_rates for rates in row} == {
            near_one(0.001, found.rates[0])
        }
        assert found.best_memories[5] == ((0, 0),) * 3
        assert race_of_rules(target=10.4, limit=0).num_steps == ((1, 1, 1),) * 6

    def test_what_is_given_back_is_ones_own(self) -> None:
        """The search is kept, and what is returned are tuples of numbers."""
        again = [race_of_rules(memories=(0, 0.5), num_rates=3, limit=5) for _ in "ab"]
        assert again[0] == again[1]
        assert_plain(again[1])

    def test_rates_in_the_wrong_order(self) -> None:
        """The fastest must be faster than the slowest."""
        for fastest in (0.5, 1):
            says = f"is {fastest} but must be greater than 1"
            with refused(ValueError, "fastest", says):
                race_of_rules(slowest=1, fastest=fastest)


def near_one(value: float, values: Sequence[float]) -> float:
    """Return the one of some values that another is but for its rounding."""
    (found,) = (one for one in values if one == near(value))
    return found


class TestSideBySide:
    """The paths at the best rates."""

    def test_every_rule_walks_its_walk(self) -> None:
        """The referee takes the same steps, with the usual memories and with others."""
        rates = (0.45, 0.02, 0.3, 6, 0.0013, 0.25)
        for memories in ((), ((), (0.4,), (0.7,), (), (0.99,), (0.5, 0.9))):
            flat = [m for memory in memories for m in memory]
            walks = side_by_side(rates, flat) if flat else side_by_side(rates)
            assert isinstance(walks, SideBySide)
            assert walks.rules == RULES
            for at, rule in enumerate(RULES):
                memory = memories[at] if memories else ()
                epsilon = EPSILONS.get(rule, 0.0)
                paths = np.array(walks.weights[at])
                for i, (place, curvature) in enumerate(((-5.0, 0.2), (-2.0, 4.0))):
                    path = referee(
                        rule,
                        rates[at],
                        place,
                        curvature,
                        80,
                        epsilon=epsilon,
                        memory=memory,
                    )
                    assert paths[:, i].tolist() == near(path, rel=1e-10, abs=1e-14)
                losses = heights(rule, rates[at], 80, 1, memory)
                assert walks.losses[at] == near(losses, rel=1e-10, abs=1e-14)
            assert_plain(walks)

    def test_other_numbers(self) -> None:
        """A ball without momentum is descent."""
        rates = np.array([0.25] * 6)
        walks = side_by_side(rates, (0, 0, 0, 0, 0), 3)  # type: ignore[arg-type]
        assert walks.weights[1] == walks.weights[2] == walks.weights[0]
        assert walks.weights[0][1] == (-4.75, 0)
        assert len(walks.losses[5]) == 4
        assert rates.tolist() == [0.25] * 6

    def test_one_of_each(self) -> None:
        """A rate for each rule, and a memory for each that they have."""
        with refused(ValueError, "learning_rates", "holds 5 numbers but must hold 6"):
            side_by_side((1,) * 5)
        with refused(ValueError, "memories", "holds 6 numbers but must hold 5"):
            side_by_side((1,) * 6, (0.5,) * 6)


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
            assert places == near([row[at] for row in expected], abs=300 * 2.0**-53)
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
            found == near(expected)
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
