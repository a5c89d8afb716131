"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near

from gdbook.examples.adaptive_rates import (
    adagrad,
    adam,
    one_rate,
    rmsprop,
    sign_steps,
    steady_slope,
)
from gdbook.examples.conditioning import START, valley_gradient
from gdbook.glue import defaults
from gdbook.optimizers import (
    AdaGrad,
    Adam,
    RMSProp,
)

PLACES = st.fractions(-5, 5, max_denominator=9).filter(bool)
RATES = st.fractions(Fraction(1, 20), 2, max_denominator=20)
STARTS = ((-5, -2), (3, 1), (-2, 4), (6, -5))


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
    "Along a slope that never changes, each step of Adam is as long as its rate, from "
    "the first one on.",
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
)
def test_what_the_walks_share() -> None:
    """One start, one rate, and the memories that the library's rules have."""
    walks = [defaults(walk) for walk in (sign_steps, adagrad, rmsprop, adam)]
    assert {walk["start"] for walk in walks} == {START}
    assert {float(walk["learning_rate"]) for walk in walks} == {0.6}
    rates = sign_steps().own_rates[0]
    assert rates[0] != rates[1]
    usual = Adam(1)
    memories = usual.beta1, usual.beta2
    assert (walks[3]["beta1"], walks[3]["beta2"]) == memories
    assert walks[2]["decay"] == usual.beta1 < usual.beta2


@pytest.mark.claims(
    "The library adds a tiny $\\epsilon$ to the divisor, so that it is never zero; in "
    "the walks of this chapter $\\epsilon$ is zero.",
)
def test_epsilon() -> None:
    """With an ϵ the first step would be shorter than the rate."""
    assert min(rule.epsilon for rule in (AdaGrad(1), RMSProp(1), Adam(1))) > 0
    assert adagrad(Fraction(1), 2, (Fraction(15), Fraction(20))).updates[0] == (-1, -1)


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
