"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near

from gdbook.examples.adaptive_rates import adagrad, adam, rmsprop
from gdbook.examples.conditioning import valley_gradient
from gdbook.examples.racing_rules import (
    Race,
    race_of_rules,
    reddi,
    shrinking_weights,
)
from gdbook.glue import defaults
from gdbook.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    UpdateRule,
)

STARTS = ((-5, -2), (3, 1), (-2, 4), (6, -5))
FEWER: dict[str, Any] = {"memories": (0.5, 0.9, 0.999), "num_rates": 12, "limit": 600}


@pytest.fixture(scope="module")
def race() -> Race:
    """Run the race of the page."""
    return race_of_rules()


@pytest.mark.claims(
    "The last column has the usual memories, … for momentum and RMSProp, … and … for "
    "Adam, and searches the rate alone.",
    "The losses of all rules, each at its best settings; the dotted line is the "
    "target.",
)
def test_usual_memories(race: Race) -> None:
    """Those that the library's rules have, of which each was tried."""
    usual = Adam(1)
    assert RMSProp(1).decay == Momentum(1).momentum == usual.beta1 == race.memories[3]
    assert usual.beta2 == race.memories[-1]
    alone = [counts[3] for counts in race.by_memory[:3]]
    assert alone == [race.usual_steps[at][0] for at in (1, 2, 4)]
    assert race.target == 1e-6  # where the figure of the losses has its line


@pytest.mark.claims(
    "With those, plain descent beats the heavy ball and Adam, … steps to … and ….",
    "At their best settings they beat descent: … and … steps.",
    "Then descent needs the most steps, and AdaGrad and RMSProp need the fewest, … and "
    "….",
    "For momentum, Nesterov and Adam's mean above the line, a memory in the middle is "
    "best in this valley.",
    "Below the line only the longest memory is quick.",
    "A comparison at settings that suit one of them would be worth little, so each "
    "rule is searched for its best, with the same … tries.",
    "Adam tries all pairs of them, and the rules with fewer settings try more rates "
    "instead.",
    "A momentum, the decay of RMSProp, and each of Adam's two memories is one of ….",
    "Which rule wins is a statement about its settings as much as about the rule.",
    "Compare rules at the best settings of each, found with as many tries: which one "
    "wins is a statement about the settings as much as about the rule.",
    "Here is the search: the fewest steps with each memory, whatever the rest of the "
    "settings is.",
    "You will search the best settings of six rules, race them, turn the valley under "
    "them, and walk Adam to the worst place there is.",
    "The steps of every rule with its best memory over its rate, the best rate marked.",
)
def test_settings_decide(race: Race) -> None:
    """On this valley, and with fewer tries."""
    for found in (race, race_of_rules(num_rates=20, limit=300)):
        usual = [counts[0] for counts in found.usual_steps]
        best = [counts[0] for counts in found.num_steps]
        descent, momentum, nesterov, adagrad_steps, rms, adams = range(6)
        assert usual[descent] < min(usual[momentum], usual[nesterov], usual[adams])
        assert 2 * max(best[momentum], best[nesterov], best[adams]) < best[descent]
        assert max(best[adagrad_steps], best[rms]) < min(*best[:3], best[adams])
        for at in (0, 1, 3):  # momentum, Nesterov, and Adam's mean
            assert 0 < int(np.argmin(found.by_memory[at])) < 3
        for at in (2, 4):
            assert min(found.by_memory[at][:-1]) > 9 * found.by_memory[at][-1]
        for rates, memories in zip(found.rates, (1, 6, 6, 1, 6, 36), strict=True):
            assert len(rates) * memories == found.num_tries
        tried = [memory for row in found.best_memories for memory in row[0]]
        assert set(tried) <= set(found.memories)
        columns = (momentum, nesterov, rms, adams, adams)
        assert [min(column) for column in found.by_memory] == [best[i] for i in columns]
    for steps, (fewest, *_) in zip(race.steps_by_rate, race.num_steps, strict=True):
        assert min(steps) == fewest


@pytest.mark.claims(
    "AdaGrad's first step is … long on both axes, far beyond the lowest point, and "
    "so the slopes it meets there are nearly in proportion to the curvatures, and "
    "dwarf those before.",
    "What it divides by from then on is the curvature of each weight, in a common "
    "unit: in the fourth step its own rates are … and …, where … and … would be ideal.",
    "RMSProp with the longest memory does the same: its mean starts at zero, so its "
    "first step is … long.",
    "In a valley that bends alike everywhere no jump is too long; the loss of a "
    "network is no such valley.",
    "AdaGrad and RMSProp leave the map with their first step, come back with the "
    "second, and then know the way.",
    "The fastest two jump.",
)
def test_the_longer_the_jump() -> None:
    """The farther, the nearer to the curvatures, from every start."""
    for start in STARTS:
        off = []
        for length in (50, 500, 5000):
            walks: tuple[Any, ...] = (
                adagrad(length, start=start),
                rmsprop(length * math.sqrt(0.001), 0.999, start=start),
            )
            for walk in walks:
                assert [abs(part) for part in walk.updates[0]] == near([length] * 2)
                slopes = np.abs(np.array(walk.slopes[1], dtype=float))
                assert slopes[1] / slopes[0] == near(20, rel=10 / length * 2)
                rates = np.array(walk.own_rates[3], dtype=float)
                off.append(float(np.abs(rates * (0.2, 4) - 1).max()))
                assert min(map(abs, walk.weights[1])) > 40
                assert max(map(abs, walk.weights[2])) < 8
        assert all(b < a for a, b in pairwise(off[::2]))
        assert all(b < a for a, b in pairwise(off[1::2]))
        assert max(off[-2:]) < 0.01


@pytest.mark.claims(
    "Descent and the balls end at a cliff, and Adam's steps climb as steeply beyond "
    "its best rate; AdaGrad and RMSProp need fewer steps the farther they jump.",
    "Adam sets out along the diagonal, because its first step is as long on the flat "
    "axis as on the steep one.",
)
def test_rates_of_the_race(race: Race) -> None:
    """Beyond the bound nothing arrives, or only late; jumps may be of any length."""
    for at in (0, 1, 2):
        best = race.steps_by_rate[at].index(race.num_steps[at][0])
        assert min(race.steps_by_rate[at][best + len(race.rates[at]) // 20 :]) > 1000
    best = race.steps_by_rate[5].index(race.num_steps[5][0])
    assert min(race.steps_by_rate[5][best + 2 :]) > 20 * race.num_steps[5][0]
    for at in (3, 4):
        arrived = [count for count in race.steps_by_rate[at] if count <= race.limit]
        assert race.steps_by_rate[at][-1] == min(arrived)
        assert all(b <= a + 1 for a, b in pairwise(arrived))
    for start in STARTS:
        first, second = adam(num_steps=1, start=start).updates[0]
        assert abs(first) == near(abs(second))


@pytest.mark.claims(
    "That is what a rate per weight is for: the trouble lies along the axes, and each "
    "axis has its own slopes to be divided by.",
    "For the same reason AdaGrad and RMSProp do not mind the unit, with … and … steps.",
    "Descent and momentum do not know where the axes are, so momentum takes … steps as "
    "before.",
    "None of the rules with a rate per weight arrives in …: each weight now has a "
    "share in both curvatures, so no rate for a weight is right for both.",
    "Then turn the same valley by … degrees, so that it runs along no axis.",
    "A turned valley is the same valley.",
    "In the badly scaled valley Adam needs … steps, momentum …, and descent does not "
    "arrive in ….",
    "A rate for each weight cures bad scales, and the cure is gone when the valley is "
    "turned, since such a rate belongs to an axis.",
    "Each rule is searched in each valley anew.",
    "Never stands where no rate arrives and stays in … steps.",
)
def test_units_and_turns(race: Race) -> None:
    """With other units and other angles."""
    descent, momentum, _, adagrad_steps, rms, adams = race.num_steps
    assert adams[1] < momentum[1] == momentum[2] < race.limit < descent[1]
    assert max(adagrad_steps[1], rms[1]) < 10
    assert race.degrees % 90
    assert race.condition_numbers[2] == near(race.condition_numbers[1], rel=1e-9)
    assert min(adagrad_steps[2], rms[2], adams[2]) > race.limit
    for scale, degrees in ((4, 45), (6, 30), (8, 70), (20, 70)):
        turned = race_of_rules(scale=scale, degrees=degrees, **FEWER)
        for at, (_, other_unit, and_turned) in enumerate(turned.num_steps):
            if at in {3, 4}:
                assert other_unit < 20 < turned.limit < and_turned
            elif at < 3:
                # Rounding in another frame may move a step across the target.
                assert other_unit == near(and_turned, abs=1)
            else:
                assert and_turned > 1.3 * other_unit
        # What does not arrive is equal in both valleys without a reason.
        assert scale == 20 or turned.num_steps[1][2] < turned.limit
    assert all(len(row) == 3 for row in (*race.best_rates, *race.best_memories))
    assert max(map(max, race.num_steps)) == race.limit + 1


@pytest.mark.claims(
    "Descent and AdaGrad find the best place; Adam walks to the worst and stays.",
    "With so short a memory the large slope is divided by its own size, so its step is "
    "hardly longer than the rate.",
    "Each of the two small ones has a shorter step, but together the two go further.",
    "AdaGrad never forgets, so it divides large and small slopes by almost the same "
    "number and keeps their proportion.",
    "Adam needs a memory that is long beside the time between large slopes, one reason "
    "to keep $\\beta_2$ near $1$.",
    "For $C$ of … the mean slope is …, so the best place is $-1$ and the worst is $1$.",
    "Reddi, Kale and Kumar found losses on which Adam walks to the worst place there "
    "is ….",
    "One weight between $-1$ and $1$ meets a new loss in each step, a steep one every "
    "third time:",
    "Adam has $\\beta_1 = 0$, no correction, and $\\beta_2 = 1/(1 + C^2)$, here …, and "
    "its rate falls like $1/\\sqrt t$, as does that of descent.",
    "After each large slope come two small ones, with the other sign.",
    "The same slopes, three rules.",
    "Adam divides each by the size of what it has seen of late.",
)
def test_the_worst_place() -> None:
    """From other starts and with other slopes; a long memory mends it."""
    of_the_page = reddi()
    assert max(abs(float(of_the_page.adam[0])), of_the_page.descent[-1] + 1) < 0.3
    assert of_the_page.adam[-1] > 0.9
    for steep in (3, 4, 8):
        for start in (-0.9, 0.9):
            walk = reddi(steep, num_steps=1500, start=start)
            assert max(abs(float(x)) for x in walk.adam + walk.descent) <= 1
            assert walk.beta2 == near(1 / (1 + steep**2))
            # The first six steps of descent, whose slopes are C, −1, −1.
            places, place = [start], start
            for step in range(1, 7):
                slope = steep if step % 3 == 1 else -1
                place = min(max(place - 0.2 / math.sqrt(step) * slope, -1.0), 1.0)
                places.append(place)
            assert walk.descent[:7] == near(places)
            assert min(walk.adam[-150:]) > 0.9
            assert max(walk.adagrad[-150:]) < -0.9
            assert max(walk.descent[-150:]) < -0.8
        own = Adam(1, 0, 1 / (1 + steep**2), epsilon=0, bias_correction=False)
        state: Any = own.init(0.0)
        for _ in range(20):
            back, state = own.update(float(steep), state)
            first, state = own.update(-1.0, state)
            second, state = own.update(-1.0, state)
            assert max(first, second) < 1 < -back < 1.06 < first + second
    place, rule = 0.0, Adam(1, 0, 0.999, epsilon=0, bias_correction=False)
    state = rule.init(place)
    for step in range(1, 3001):
        update, state = rule.update(3.0 if step % 3 == 1 else -1.0, state)
        place = min(max(place + 0.2 / math.sqrt(step) * update, -1.0), 1.0)
    assert place < -0.9


@pytest.mark.claims(
    "With plain descent it does not matter whether the pull is added to the slope or "
    "to the step.",
    "With Adam it does, since whatever goes into the slope gets divided.",
    "In the slope, the decay of the weight with the largest slopes is divided by these "
    "slopes, and … of it is left; of the weight with the smallest slopes ….",
    "What a rule divides it also distorts: with a short memory Adam walks to the worst "
    "place, and a decay that goes into the slope shrinks the wrong weights; AdamW puts "
    "it beside the quotient.",
    "Beside the quotient all three keep …, close to the share of the decay alone.",
    "Take three weights that start at one, and whose slopes lead nowhere: they change "
    "their sign in every step.",
    "The decay alone would leave … of each weight after … steps.",
)
@settings(max_examples=20)
@given(sizes=st.lists(st.floats(0.5, 20), min_size=2, max_size=4, unique=True))
def test_decay(sizes: list[float]) -> None:
    """The larger the slopes, the more is left; beside the quotient it is all one."""
    sizes_of_the_page = shrinking_weights(num_steps=1).sizes
    assert len(sizes_of_the_page) == 3
    assert list(sizes_of_the_page) == sorted(sizes_of_the_page)
    left = shrinking_weights(tuple(sorted(sizes)))
    assert all(a < b + 1e-12 for a, b in pairwise(left.in_gradient))
    assert left.beside == near([left.beside[0]] * len(sizes), rel=1e-5)
    assert left.beside[0] == near(left.share, rel=0.05)
    weight, slope, rate, decay = Fraction(3, 4), Fraction(1, 3), Fraction(1, 7), 2
    rule = GradientDescent(rate)
    inside, _ = rule.update(slope + decay * weight, rule.init(slope))
    outside, _ = rule.update(slope, rule.init(slope))
    assert inside == outside - rate * decay * weight
    own, alone = defaults(shrinking_weights), 1.0
    for _ in range(own["num_steps"]):
        alone -= own["learning_rate"] * own["weight_decay"] * alone
    assert left.share == near(alone, rel=1e-9)


@pytest.mark.claims(
    "AdamW aside, the rules of this book multiply and average slopes, and add "
    "nothing to them.",
    "Started there, all of them stand still, and … is about getting away.",
    "Put those of … where all slopes are zero, and see how many steps they take:",
    "AdamW, below, is left out: it pulls weights to zero, which happens to be the "
    "lowest point here.",
)
def test_standing_still() -> None:
    """Slopes of zero move no weight, except by a decay."""
    rules: tuple[UpdateRule, ...] = (
        *(
            GradientDescent(1),
            Momentum(1),
            Nesterov(1),
            AdaGrad(1),
            RMSProp(1),
            Adam(1),
        ),
        RMSProp(1, 0, epsilon=0),
    )
    for rule in rules:
        state = rule.init(0.0)
        for _ in range(3):
            update, state = rule.update(0.0, state)
            assert update == 0
    assert not any(valley_gradient((0, 0)))
    pulled = AdamW(1, weight_decay=0.5)
    update, _ = pulled.update(0.0, pulled.init(2.0))
    assert update == near(-1)


TURNS = st.sampled_from([(3, 4, 5), (5, 12, 13), (8, 15, 17), (-20, 21, 29)])
PARTS = st.tuples(*[st.fractions(-5, 5, max_denominator=9).filter(bool)] * 2)


@pytest.mark.claims(
    "Show that a step of plain descent on $u$ leads to the same place as one on $x$.",
    "Multiplied by $R$ that is $R u - \\alpha R R^\\top g = x - \\alpha g$, the step "
    "on $x$.",
    "A turn by the angle of a triangle with the sides 3, 4 and 5 keeps everything "
    "exact:",
    "Descent ends at the same place, a sign step at another one.",
    "Let $x = R u$ be the same place along turned axes, with a matrix $R$ for which "
    "$R^\\top R = I$.",
)
@given(TURNS, PARTS, st.fractions(Fraction(1, 50), 2))
def test_turned_steps(
    sides: tuple[int, int, int],
    place: tuple[Fraction, Fraction],
    rate: Fraction,
) -> None:
    """The gradient of the turned valley is worked out by its own coordinates."""
    cosine, sine = (Fraction(side, sides[2]) for side in sides[:2])
    turn = np.array([[cosine, -sine], [sine, cosine]])
    x = np.array(place)
    u = turn.T @ x
    assert np.array_equal(turn @ u, x)
    # f(Ru) = (c u₁ − s u₂)²/10 + 2 (s u₁ + c u₂)², differentiated along u₁ and u₂.
    along, across = cosine * u[0] - sine * u[1], sine * u[0] + cosine * u[1]
    slopes = np.array(
        [
            along * cosine / 5 + 4 * across * sine,
            -along * sine / 5 + 4 * across * cosine,
        ]
    )
    own = valley_gradient(x)
    assert np.array_equal(turn.T @ own, slopes)
    assert np.array_equal(turn @ (u - rate * slopes), x - rate * own)
    # Entries of ±1 and 0, turned by no right angle, are not of that kind.
    assert not np.array_equal(turn @ np.sign(slopes), np.sign(own))


@pytest.mark.claims(
    "Those that divide by the size of the slopes do: a factor in all slopes of a "
    "weight cancels.",
    "The start does not, since their rate is a length.",
    "Which rules take the same steps as before?",
)
@given(
    PARTS,
    st.fractions(Fraction(1, 50), 2),
    st.integers(2, 400),
)
def test_steeper_weights(
    slopes: tuple[Fraction, Fraction], rate: Fraction, factor: int
) -> None:
    """The update is the same for slopes that are all a factor as large."""
    start, rules = 1.0, [RMSProp(float(rate), epsilon=0), Adam(float(rate), epsilon=0)]
    rules.append(AdaGrad(float(rate), epsilon=0))
    for rule in (*rules, GradientDescent(float(rate))):
        states: list[Any] = [rule.init(start)] * 2
        for slope in map(float, slopes):
            update, states[0] = rule.update(slope, states[0])
            steeper, states[1] = rule.update(factor * slope, states[1])
            same = steeper == near(update, rel=1e-9)
            assert same == (rule in rules)
        first, _ = rule.update(1.0, rule.init(start))
        if not isinstance(rule, RMSProp | GradientDescent):
            assert first == near(-rate)


@pytest.mark.claims(
    "With … it still walks to the worst place, with … to the best.",
    "Somewhere between these memories the two small steps together are as long as the "
    "large one.",
    "From which memory on does Adam walk to the better side?",
)
def test_where_adam_turns_round() -> None:
    """Three steps of a long walk, by the mean squares that repeat themselves."""
    gains: list[float] = []
    for memory in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.9, 0.99):
        rule = Adam(1, 0, memory, epsilon=0, bias_correction=False)
        state: Any = rule.init(0.0)
        for step in range(3000):
            update, state = rule.update(-1.0 if step % 3 else 3.0, state)
            gains = [*gains[-2:], update] if step else [update]
        squares = [9 + memory + memory**2, 1 + 9 * memory + memory**2]
        squares.append(1 + memory + 9 * memory**2)
        share = (1 - memory) / (1 - memory**3)
        sizes = [math.sqrt(share * square) for square in squares]
        assert gains == near([-3 / sizes[0], 1 / sizes[1], 1 / sizes[2]], rel=1e-6)
        assert (sum(gains) > 0) == (memory < 0.45)
