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

from gdbook.examples.adaptive_rates import (
    Race,
    adagrad,
    adam,
    one_rate,
    race_of_rules,
    reddi,
    rmsprop,
    shrinking_weights,
    sign_steps,
    steady_slope,
)
from gdbook.examples.conditioning import START, valley_gradient
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

PLACES = st.fractions(-5, 5, max_denominator=9).filter(bool)
RATES = st.fractions(Fraction(1, 20), 2, max_denominator=20)
STARTS = ((-5, -2), (3, 1), (-2, 4), (6, -5))
FEWER: dict[str, Any] = {"memories": (0.5, 0.9, 0.999), "num_rates": 12, "limit": 600}


@pytest.mark.claims(
    "At the same distance, the slope of a steep weight is larger than that of a flat "
    "one.",
    "With the common rate the two factors are … and …: neither weight gets what it "
    "needs.",
    "No common rate can do that in one step.",
    "The best common rate, two over their sum, is ….",
    "One over its curvature is the right rate for a weight, and a rule that divides "
    "each slope by the size of such slopes gives every weight a rate of its own "
    "without knowing any curvature.",
)
@given(first=PLACES, second=PLACES, rate=RATES)
def test_one_rate(first: Fraction, second: Fraction, rate: Fraction) -> None:
    """From every start that lies on no axis."""
    one: Any = one_rate((first, second))
    assert one.own_new_weights == (0, 0)
    assert one.factors[0] == -one.factors[1] != 0
    if rate != one.best_rate:
        factors = [abs(1 - rate * curvature) for curvature in one.curvatures]
        assert max(factors) > abs(one.factors[0])
    flat, steep = map(abs, valley_gradient((first, first)))
    assert flat < steep
    slopes = valley_gradient((first, second))
    assert first - rate * slopes[0] or second - rate * slopes[1]


@pytest.mark.claims(
    "What is left of the slope is its sign, so every step of every weight has the "
    "length $\\alpha$: a sign step.",
    "Both weights walk at the same speed, the flat one as fast as the steep one.",
    "Then it jumps from one side of the valley to the other, and soon the flat one "
    "does the same.",
    "Sign steps never settle, AdaGrad remembers everything and slows down, RMSProp "
    "forgets and jumps, and Adam averages above the line, remembers longer below it, "
    "and corrects both means for their start at zero.",
    "These are fractions, so it is exact: the walk changes between … and … for ever, "
    "with losses … and ….",
    "It arrives after a few steps and never settles: a rule that knows no size of a "
    "slope cannot slow down where the slope gets small.",
    "A sign step fails because it divides by the slope of the moment: where the "
    "slope gets small, the step does not.",
)
@settings(max_examples=20)
@given(first=PLACES, second=PLACES, rate=RATES)
def test_sign_steps(first: Fraction, second: Fraction, rate: Fraction) -> None:
    """A walk that is within a step of the bottom comes back after two steps."""
    num_steps = math.ceil(5 / rate) + 2
    walk = sign_steps(rate, num_steps, (first, second))
    for update, slopes in zip(walk.updates, walk.slopes, strict=False):
        for part, slope in zip(update, slopes, strict=True):
            assert abs(part) == (rate if slope else 0)
    last = walk.weights[-1]
    if len(walk.updates) == num_steps and all(last) and all(walk.weights[-2]):
        before = walk.weights[-2]
        assert walk.weights[-3] == last != before
        assert all(a * b < 0 for a, b in zip(before, last, strict=True))


@pytest.mark.claims(
    "Its first step is a sign step, and from then on each weight has the rate "
    "$\\alpha$ over the root of its own sum.",
    "A sum of squares never falls.",
    "So divide by something that does not get small: the root of the sum of the "
    "squares of all slopes so far.",
    "Now the walk settles instead of jumping, but its rates die.",
    "It comes in without a jump, ever slower.",
    "Every slope counts for ever, even one from a place that the walk left long ago.",
)
def test_adagrad() -> None:
    """From several starts, at the rate of the page."""
    for start in STARTS:
        walk: Any = adagrad(num_steps=40, start=start)
        assert [abs(part) for part in walk.updates[0]] == near([0.6, 0.6])
        for step, rates in enumerate(walk.own_rates):
            sums = (np.array(walk.slopes[: step + 1]) ** 2).sum(axis=0)
            assert rates == near((0.6 / np.sqrt(sums)).tolist())
        sizes = np.abs(walk.weights)
        assert (np.diff(sizes, axis=0) < 0).all()
        assert {tuple(side) for side in np.sign(walk.weights)} == {
            tuple(np.sign(start))
        }
        assert (np.diff(walk.own_rates, axis=0) < 1e-12).all()


@pytest.mark.claims(
    "The two slopes differ by a factor of …, the two first updates do not differ at "
    "all.",
    "They are longer than the rate, because the mean starts at zero and has seen too "
    "little: the first step is too long by $1/\\sqrt{1 - \\rho}$.",
)
@given(first=PLACES, second=PLACES, half=st.fractions(Fraction(1, 9), Fraction(8, 9)))
def test_first_step_of_rmsprop(
    first: Fraction, second: Fraction, half: Fraction
) -> None:
    """With a decay of 1 − half² the factor is 1/half."""
    rate = Fraction(1, 3)
    walk = rmsprop(rate, 1 - half**2, 1, (first, second))
    assert [abs(part) for part in walk.updates[0]] == [rate / half] * 2


@pytest.mark.claims(
    "But there the slopes are tiny, their mean fades, and so the rates grow.",
    "When the rate of the steep weight has passed its bound …, two over its "
    "curvature, every jump across the valley is longer than the last one.",
    "The loss climbs back as far as …, until the memory has seen large slopes again.",
    "It settles, forgets the slopes that made it settle, and jumps: a fading memory "
    "of sizes does not settle either.",
    "The walk comes near the lowest point, where all slopes are small.",
)
def test_rmsprop_forgets() -> None:
    """From every start the loss comes down, and up again by two decades."""
    for start in STARTS:
        walk: Any = rmsprop(num_steps=90, start=start)
        low = int(np.argmin(walk.losses[:50]))
        assert max(walk.losses[low:]) > 100 * walk.losses[low]
        assert max(map(abs, walk.slopes[low])) < 0.1
        assert walk.own_rates[low][1] > walk.own_rates[0][1]
        for before, after, rates in zip(
            walk.weights, walk.weights[1:], walk.own_rates, strict=False
        ):
            assert (abs(after[1]) > abs(before[1])) == (rates[1] > 0.5)


@pytest.mark.claims(
    "With the same short memory, the mean above the line makes the jumps far "
    "smaller, but it does not end them.",
    "The long memory below and the mean above together end them for as long as the "
    "memory lasts; the third exercise waits longer than that.",
    "From this start the long memory alone does even better, but from … it ends at "
    "…: even a long mean of squares shrinks when the slopes do.",
)
def test_mean_and_memory() -> None:
    """From every start the same order, with decades between."""
    for start in STARTS:
        late = {}
        for beta1, beta2 in ((0, 0.9), (0.9, 0.9), (0, 0.999), (0.9, 0.999)):
            walk = adam(beta1=beta1, beta2=beta2, num_steps=200, start=start)
            late[beta1, beta2] = max(map(float, walk.losses[180:]))
        assert late[0, 0.9] > 10 * late[0.9, 0.9]
        assert late[0.9, 0.9] > 1e3 * late[0.9, 0.999]
        if start == (3, 1):
            assert late[0, 0.999] > late[0, 0.9]
        else:
            assert late[0.9, 0.999] > 1e3 * late[0, 0.999]


@pytest.mark.claims(
    "Adam swings like a heavy ball, and its swings die out.",
    "In the valley the same walk without the correction swings across to … on the "
    "steep axis, with it to ….",
)
def test_swings() -> None:
    """From every start it crosses, less with the correction, and comes to rest."""
    for start in STARTS:
        side = -np.sign(start[1])
        walks = [
            np.array(adam(bias_correction=corrected, start=start).weights)[:, 1] * side
            for corrected in (False, True)
        ]
        assert max(walks[0]) > max(walks[1]) > 0
        assert np.abs(walks[1][-15:]).max() < max(walks[1]) / 2


@pytest.mark.claims(
    "so dividing by those shares gives the slope and its square exactly: the bias "
    "correction.",
    "Then every step along a constant slope has the length $\\alpha$, the first one "
    "too.",
    "Too long: the mean square below the line is by far the slower of the two.",
    "The first step is … times as long as the rate, which is $(1 - "
    "\\beta_1)/\\sqrt{1 - \\beta_2}$, and step … even … times.",
    "Step … is still … times as long as the rate: the start is not forgotten.",
    "The length of each step on a slope that never changes, in units of the rate.",
    "Both means start at zero and are too small at first.",
    "Both means are too small at first, and one is divided by the root of the other.",
    "AdaGrad dies, RMSProp starts too long, Adam without its correction is wrong for "
    "more than … steps, and Adam is right from the first.",
    "On a slope that never changes, step number $t$ has the length $\\alpha/\\sqrt "
    "t$: step … is … as long as the first.",
)
def test_steady_slopes() -> None:
    """Whatever the slope and the rate are."""
    for slope in (-8, 1e-3, 40):
        steady = steady_slope(slope, num_steps=1500)
        assert steady.corrected == near([1] * 1500, rel=1e-9)
        assert steady.adagrad == near([t**-0.5 for t in range(1, 1501)])
        assert steady.rmsprop[0] > 3
        assert steady.rmsprop[-1] == near(1)
        assert min(steady.uncorrected[:1000]) > 1.25
        assert max(steady.uncorrected) == steady.longest > steady.uncorrected[0]
        rule = Adam(0.3, epsilon=0, bias_correction=False)
        state: Any = rule.init(float(slope))
        for length in steady.uncorrected[:20]:
            update, state = rule.update(float(slope), state)
            assert abs(update) == near(0.3 * length)


@pytest.mark.claims(
    "Here is the valley of … and … again, with the same start, $x_1$ along it and "
    "$x_2$ across it:",
    "The first step multiplies the two slopes by … and by …: each weight has a rate of "
    "its own.",
    "AdaGrad beside the sign steps, both with the rate ….",
    "Sign steps, RMSProp and Adam with the same rate, ….",
    "Its second cure is a longer memory below the line: $\\beta_2$ is … unless told, "
    "and $\\beta_1$ is ….",
    "The last column has the usual memories, … for momentum and RMSProp, … and … for "
    "Adam, and searches the rate alone.",
)
def test_what_the_walks_share(race: Race) -> None:
    """One start, one rate, and the memories that the library's rules have."""
    walks = [defaults(walk) for walk in (sign_steps, adagrad, rmsprop, adam)]
    assert {walk["start"] for walk in walks} == {START}
    assert {float(walk["learning_rate"]) for walk in walks} == {0.6}
    rates = sign_steps().own_rates[0]
    assert rates[0] != rates[1]
    usual = Adam(1)
    memories = usual.beta1, usual.beta2
    assert (walks[3]["beta1"], walks[3]["beta2"]) == memories
    assert walks[2]["decay"] == usual.beta1 == race.memories[3]
    alone = [counts[3] for counts in race.by_memory[:3]]
    assert alone == [race.usual_steps[at][0] for at in (1, 2, 4)]
    assert memories[1] == race.memories[-1] > memories[0]


@pytest.fixture(scope="module")
def race() -> Race:
    """Run the race of the page."""
    return race_of_rules()


@pytest.mark.claims(
    "With those, plain descent beats the heavy ball and Adam, … steps to … and ….",
    "At their best settings they beat descent: … and … steps.",
    "Then descent needs the most steps, and AdaGrad and RMSProp need the fewest, … and "
    "….",
    "For momentum, Nesterov and Adam's mean above the line, a memory in the middle "
    "is best in this valley.",
    "Below the line only the longest memory is quick.",
    "A comparison at settings that suit one of them would be worth little, so each "
    "rule is searched for its best, with the same … tries.",
    "Adam tries all pairs of them, and the rules with fewer settings try more rates "
    "instead.",
    "A momentum, the decay of RMSProp, and each of Adam's two memories is one of ….",
    "Which rule wins is a statement about its settings as much as about the rule.",
    "Here is the search: the fewest steps with each memory, whatever the rest of the "
    "settings is.",
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
    "That is what a rate per weight is for: the trouble lies along the axes, and "
    "each axis has its own slopes to be divided by.",
    "For the same reason AdaGrad and RMSProp do not mind the unit, with … and … steps.",
    "Descent and momentum do not know where the axes are, so momentum takes … steps "
    "as before.",
    "None of the rules with a rate per weight arrives in …: each weight now has a "
    "share in both curvatures, so no rate for a weight is right for both.",
    "Then turn the same valley by … degrees, so that it runs along no axis.",
    "A turned valley is the same valley.",
    "In the badly scaled valley Adam needs … steps, momentum …, and descent does not "
    "arrive in ….",
    "No rule wins everywhere: adaptive rates cure bad scales, lose their advantage "
    "in a turned valley, and can walk to the worst place when their memory is short.",
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


@pytest.mark.claims(
    "Descent and AdaGrad find the best place; Adam walks to the worst and stays.",
    "With so short a memory the large slope is divided by its own size, so its step "
    "is hardly longer than the rate.",
    "Each of the two small ones has a shorter step, but together the two go further.",
    "AdaGrad never forgets, so it divides large and small slopes by almost the same "
    "number and keeps their proportion.",
    "Adam needs a memory that is long beside the time between large slopes, one "
    "reason to keep $\\beta_2$ near $1$.",
    "For $C$ of … the mean slope is …, so the best place is $-1$ and the worst is $1$.",
    "Reddi, Kale and Kumar found losses on which Adam walks to the worst place there "
    "is ….",
    "One weight between $-1$ and $1$ meets a new loss in each step, a steep one every "
    "third time:",
    "Adam has $\\beta_1 = 0$, no correction, and $\\beta_2 = 1/(1 + C^2)$, here …, and "
    "its rate falls like $1/\\sqrt t$, as does that of descent.",
    "After each large slope come two small ones, with the other sign.",
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
    "In the slope, the decay of the weight with the largest slopes is divided by "
    "these slopes, and … of it is left; of the weight with the smallest slopes ….",
    "Beside the quotient all three keep …, close to the share of the decay alone.",
    "Take three weights that start at one, and whose slopes lead nowhere: they change "
    "their sign in every step.",
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


@pytest.mark.claims(
    "AdamW aside, the rules of this chapter multiply and average slopes, and add "
    "nothing to them.",
    "Started there, all of them stand still, and … is about getting away.",
    "Put each of them where all slopes are zero, and see how many steps it takes:",
    "AdamW, below, is left out: it pulls weights to zero, which happens to be the "
    "lowest point here.",
    "The library adds a tiny $\\epsilon$ to the divisor, so that it is never zero; in "
    "the single walks of this chapter $\\epsilon$ is zero, in the race it is not.",
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
    assert min(rule.epsilon for rule in (AdaGrad(1), RMSProp(1), Adam(1))) > 0
    assert not any(valley_gradient((0, 0)))
    # With an ϵ the first step would be shorter than the rate.
    walk = adagrad(Fraction(1), 2, (Fraction(15), Fraction(20)))
    assert walk.updates[0] == (-1, -1)
    pulled = AdamW(1, weight_decay=0.5)
    update, _ = pulled.update(0.0, pulled.init(2.0))
    assert update == near(-1)


@pytest.mark.claims(
    "Half is gone after $n$ steps with $\\rho^n = 1/2$, so $n = \\ln 2 / (-\\ln "
    "\\rho)$.",
    "A decay of … multiplies what was remembered by that number in each step.",
    "Instead of the sum, keep a mean of the squares that loses a share of itself in "
    "every step:",
    "Ten is one over $1 - \\rho$, the number of slopes that would weigh as much as "
    "the whole memory; after ten steps … is left.",
)
@settings(max_examples=20)
@given(decay=st.fractions(Fraction(1, 9), Fraction(98, 99), max_denominator=99))
def test_half_lives(decay: Fraction) -> None:
    """RMSProp keeps half for so long, and of equal slopes as many as one over 1 − ρ."""
    rule, half_life = RMSProp(1, decay, epsilon=0), math.log(2) / -math.log(decay)
    fading: Any = rule.update(1, rule.init(0))[1]
    steady, first = fading, fading.square_mean
    for step in range(1, 31):
        fading, steady = rule.update(0, fading)[1], rule.update(1, steady)[1]
        assert fading.exponent == steady.exponent
        assert (2 * fading.square_mean < first) == (step > half_life)
        assert fading.square_mean == decay**step * first
        assert steady.square_mean / first == (1 - decay ** (step + 1)) / (1 - decay)


@pytest.mark.claims(
    "A constant slope catches it: every step must have the length of the rate.",
    "The wrong divisors are constants, so the wrong steps are those without "
    "correction, times $\\sqrt{1 - \\beta_2}/(1 - \\beta_1)$.",
    "The first step is right, for then both are the same.",
    "A test with one step finds nothing; a test with two finds the mistake.",
)
def test_a_wrong_correction() -> None:
    """Worked with the two means themselves, for several memories."""
    for beta1, beta2 in ((0.9, 0.999), (0.5, 0.9), (0.8, 0.99)):
        mean = square = 0.0
        plain = Adam(1, beta1, beta2, epsilon=0, bias_correction=False)
        state: Any = plain.init(-8.0)
        for step in (1, 2, 3):
            mean = beta1 * mean - (1 - beta1) * 8
            square = beta2 * square + (1 - beta2) * 64
            wrong = -mean / (1 - beta1) / math.sqrt(square / (1 - beta2))
            update, state = plain.update(-8.0, state)
            assert wrong == near(update * math.sqrt(1 - beta2) / (1 - beta1))
            assert (abs(wrong - 1) < 1e-12) == (step == 1)


@pytest.mark.claims(
    "The slopes are tiny for so long that their mean square fades, and the rate of the "
    "steep weight grows beyond its bound.",
    "With the mean above the line that is the bound of the heavy ball, whose rate here "
    "is $1 - \\beta_1$ times that of the weight: ….",
)
def test_adam_is_thrown_out() -> None:
    """From both starts the loss falls to where the rate passes 9.5, and no further."""
    for start in STARTS[:2]:
        walk: Any = adam(learning_rate=1, num_steps=3600, start=start)
        losses = np.array(walk.losses, dtype=float)
        settled = int(np.argmax(losses < 1e-12))
        assert 0 < settled < 1000
        thrown = settled + int(np.argmax(losses[settled:] > 1e-3))
        assert thrown > settled + 500
        square, rates = np.zeros(2), []
        for step, slopes in enumerate(walk.slopes[:thrown], start=1):
            square = 0.999 * square + 0.001 * np.array(slopes, dtype=float) ** 2
            rates.append(np.sqrt((1 - 0.999**step) / square))
        lowest = settled + int(np.argmin(losses[settled:thrown]))
        assert rates[settled][1] < rates[lowest][1] == near(9.5, rel=0.03)
        assert rates[-1][1] > 10.5
        # The flat weight stays inside its own bound, which is twenty times as high.
        assert max(flat for flat, _ in rates) < 190
