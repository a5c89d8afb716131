"""The worked examples of the chapter that races the rules."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain
from referees import one_weight

from gdbook.examples.racing_rules import (
    OnlineWalk,
    Race,
    ShrinkingWeights,
    SideBySide,
    race_of_rules,
    reddi,
    shrinking_weights,
    side_by_side,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("75", "145", "24", "30", "5", "79", "1440", "8000", "152", "615", "1/3", "0.606"),
)

RULES = ("descent", "momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam")
MEMORIES = (0, 0.5, 0.7, 0.9, 0.95, 0.999)
LIMIT = 1000
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
    flat = one_weight(rule, rate, -5.0, 0.2, num_steps, **given)
    steep = one_weight(rule, rate, -2.0 / scale, 4.0 * scale**2, num_steps, **given)
    return [0.1 * x**2 + 2 * (scale * y) ** 2 for x, y in zip(flat, steep, strict=True)]


def settles(losses: Sequence[float], target: float = 1e-6) -> int:
    """Give the first step from which all losses are at the target."""
    above = [step for step, loss in enumerate(losses) if not loss <= target]
    return above[-1] + 1 if above else 0


@pytest.fixture(scope="module")
def race() -> Race:
    """Run the book's race once."""
    return race_of_rules()


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
                    path = one_weight(
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
