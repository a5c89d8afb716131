"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from near import near
from strategies import fractions, positive_fractions

from gdbook.descent import DivergenceError
from gdbook.examples.conditioning import CURVATURES, START
from gdbook.examples.momentum import (
    best_settings,
    closed_form,
    critical_damping,
    heavy_ball,
    look_ahead,
    nesterov,
    phase_map,
    searched_settings,
    stability,
    steps_to_goals,
    sweep_momentum,
    three_rules,
    velocity_memory,
)
from gdbook.glue import defaults
from gdbook.optimizers import Momentum, Nesterov

SHARES = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=40)
# Roots of αλ on the branches of the map: rational, so that everything stays exact.
ROOTS = st.fractions(Fraction(1, 20), Fraction(39, 20), max_denominator=40)


class TestTheVelocity:
    """It adds up what agrees and cancels what alternates."""

    @pytest.mark.claims(
        "Along its floor the curvature $\\lambda_1$ is …, across it $\\lambda_2$ is …, "
        "so the condition number $\\kappa$ is ….",
        "The constant rate that is best in the long run is …, and it multiplies both "
        "parts of the distance to the lowest point by … in size.",
        "Across the valley the sign changes in every step: the path zig-zags.",
    )
    def test_descent_without_it(self) -> None:
        """At the best rate both factors are ±19/21, exactly."""
        best = best_settings()
        assert best.condition_number == best.curvatures[1] / best.curvatures[0]
        start = tuple(map(Fraction, START))
        path = heavy_ball(best.learning_rates[0], 0, start, num_steps=6).path
        factor = best.factors[0]
        for before, after in pairwise(path):
            assert after == (factor * before[0], -factor * before[1])

    @pytest.mark.claims(
        "This is momentum: every update is a share $\\beta$ of the last one, plus a "
        "step against the gradient.",
        "Momentum keeps a share of each update, so that slopes that agree add up and "
        "slopes that alternate cancel.",
    )
    @given(SHARES, positive_fractions(), st.integers(2, 8))
    def test_adds_up_and_cancels(self, beta: Any, slope: Any, steps: int) -> None:
        """Equal slopes make the velocity grow, alternating ones keep it below one."""
        rule = Momentum(1, beta)
        agree, alternate = rule.init(0), rule.init(0)
        for step in range(steps):
            last = agree.velocity
            update, agree = rule.update(slope, agree)
            assert update == beta * last - slope
            alternate = rule.update(slope * (-1) ** step, alternate)[1]
        assert abs(agree.velocity) > slope > abs(alternate.velocity)

    @pytest.mark.claims(
        "After each step a share $\\beta$ of the velocity is left, so after $t$ steps "
        "it is $\\beta^t$.",
        "Push in every step instead, and the velocity grows towards the one at which "
        "what is lost equals what is added.",
        "The sum is not the half-life: that is …, so the first whole step with half of "
        "the push or less is step ….",
        "That is the sum of all shares:",
        "For a momentum of … the sum of all shares is ….",
    )
    @pytest.mark.claims(
        "After how many steps half of something is left.", page="glossary"
    )
    @given(SHARES)
    def test_how_long_it_remembers(self, beta: Fraction) -> None:
        """For every momentum, in fractions."""
        memory = velocity_memory(beta, num_steps=20)
        assert memory.shares == tuple(beta**t for t in range(21))
        assert all(a < b < memory.total for a, b in pairwise(memory.velocities))
        assert beta * memory.total + 1 == memory.total
        left = beta**memory.halved_after
        assert left <= Fraction(1, 2) < left / beta
        assert beta**memory.half_life == near(0.5, rel=1e-13)


class TestOneCurvature:
    """All depends on αλ and β, and the roots say how."""

    @pytest.mark.claims(
        "Along each axis of the valley the ball rolls on its own, as descent did."
    )
    @given(fractions(), fractions(), fractions(), SHARES)
    def test_the_axes_are_apart(self, x1: Any, x2: Any, other: Any, beta: Any) -> None:
        """Another x₂ leaves the walk along x₁ as it is, and it is the one from 1."""
        assume(x1 and x2 and other)
        rate = Fraction(1, 3)
        one, two = (heavy_ball(rate, beta, (x1, x), num_steps=4) for x in (x2, other))
        assert [place[0] for place in one.path] == [place[0] for place in two.path]
        alone = closed_form(CURVATURES[0], rate, beta, num_steps=4).distances
        assert [place[0] for place in one.path] == [x1 * part for part in alone]

    @pytest.mark.claims(
        "The velocity is the last update, $w_t - w_{t-1}$, so equation … becomes",
        "Descent multiplied $w$ by the same factor in each step.",
    )
    @given(positive_fractions(), positive_fractions(), SHARES)
    def test_two_places_are_enough(self, curvature: Any, rate: Any, beta: Any) -> None:
        """The rule with its velocity, and without momentum, exactly."""
        product = rate * curvature
        run = closed_form(curvature, rate, beta, num_steps=6).distances
        for before, now, after in zip(run, run[1:], run[2:], strict=False):
            assert after == (1 + beta - product) * now - beta * before
        alone = closed_form(curvature, rate, Fraction(0), num_steps=6).distances
        assert alone == tuple((1 - product) ** t for t in range(7))

    @pytest.mark.claims(
        "All of this depends on two numbers only, $\\alpha\\lambda$ and $\\beta$."
    )
    @given(positive_fractions(), positive_fractions(), SHARES)
    def test_two_numbers(self, curvature: Any, rate: Any, beta: Any) -> None:
        """Twice the curvature and half the rate is the same roll."""
        one = closed_form(curvature, rate, beta, num_steps=5).distances
        assert one == closed_form(1, rate * curvature, beta, num_steps=5).distances
        assert one == closed_form(2 * curvature, rate / 2, beta, 5).distances

    @pytest.mark.claims(
        "Two factors solve it, and a roll is a mixture of their powers.",
        "For a ball that starts at rest the root that is greater in size rules in the "
        "long run.",
    )
    @given(SHARES, SHARES, st.sampled_from([1, -1]))
    def test_two_roots(self, one: Fraction, other: Fraction, sign: int) -> None:
        """Chosen first, in fractions, on both sides of αλ = 1."""
        assume(abs(one - other) > Fraction(1, 10))
        greater, lesser = sign * max(one, other), sign * min(one, other)
        product = (1 - greater) * (1 - lesser)
        run = closed_form(1, product, greater * lesser, num_steps=12)
        assert run.distances == run.foretold
        assert {root for root, _ in run.roots} == {greater, lesser}
        assert run.factor == abs(greater)
        assert (product > 1) == (sign < 0) or product == 1
        if sign < 0:
            assert all(a * b < 0 for a, b in pairwise(run.distances))
        late = closed_form(1, float(product), float(greater * lesser), 300).distances
        assert late[300] / late[299] == near(float(greater), rel=1e-9)

    @pytest.mark.claims(
        "Equation … has two real roots, one, or none.",
        "Less momentum leaves two real roots, and the greater one is slower than that "
        "of the border: the distance creeps, or diverges where the rate is too high.",
        "More momentum leaves none, and the distance swings like a pendulum.",
        "Its swings shrink by the factor $\\sqrt\\beta$ in each step, so more momentum "
        "makes them last longer.",
        "Too little momentum creeps, too much swings, and between them lies the one "
        "that settles first.",
        "Along one curvature a distance creeps below the critical momentum, swings "
        "above it, and settles fastest at it; it diverges beyond a rate times "
        "curvature of two plus twice the momentum.",
    )
    @given(ROOTS, SHARES)
    def test_the_border(self, root: Fraction, beta: Fraction) -> None:
        """With αλ = root², on both sides of the critical momentum and of the bound."""
        critical = (1 - root) ** 2
        assume(beta != critical != 0)
        product = root**2
        border = closed_form(1, product, critical, num_steps=0)
        assert (border.regime, border.factor) == ("critical", abs(1 - root))
        assert border.roots[0] == border.roots[1] == (1 - root, 0)
        run = closed_form(1, float(product), float(beta), num_steps=0)
        if abs(product - 2 - 2 * beta) < Fraction(1, 10**9):
            return
        if product > 2 + 2 * beta:
            assert run.regime == "diverges"
        elif beta < critical:
            assert run.regime == "creeps"
            assert {imaginary for _, imaginary in run.roots} == {0}
            assert run.roots[0] != run.roots[1]
        else:
            assert run.regime == "swings"
            assert all(imaginary for _, imaginary in run.roots)
            assert run.factor == near(float(beta) ** 0.5, rel=1e-15)
        assert run.factor > border.factor


class TestBothSides:
    """Each bound holds for every momentum."""

    @pytest.mark.claims(
        "Only one of the two can hold.",
        "It diverges beyond …, and the heavy ball beyond ….",
    )
    @pytest.mark.parametrize("beta", [Fraction(part, 20) for part in (1, 7, 10, 17)])
    def test_the_bounds(self, beta: Fraction) -> None:
        """Inside they come nearer, at them they stay, outside they go away."""
        sides = stability(beta, Fraction(1, 10), num_steps=24)
        assert sides.nesterov.bound < sides.descent.bound < sides.heavy_ball.bound
        for side in (sides.descent, sides.heavy_ball, sides.nesterov):
            assert all(isinstance(one, (int, Fraction)) for one in side.distances)
            outside: Any = side.distances[2]
            assert abs(outside) > 10
        inside, at, outside = (abs(float(one)) for one in sides.believed.distances)
        assert max(inside, outside) < 1e-20
        assert at == 0
        later = stability(float(beta), 0.1, num_steps=400)
        for side in (later.descent, later.heavy_ball, later.nesterov):
            inside, at, _ = (abs(float(one)) for one in side.distances)
            assert inside < 0.2
            assert 0.9 < at < 1e3

    @pytest.mark.claims(
        "At its bound the size of the distance comes to … and stays, inside it falls "
        "to …, and outside it is ….",
        "At $1$ descent does not diverge on either side; at the bound that is believed "
        "it arrives in a single step.",
    )
    def test_the_runs_of_the_page(self) -> None:
        """In as many steps again the distance stays, falls further and grows."""
        sides, own = stability(), defaults(stability)
        later = stability(num_steps=2 * own["num_steps"])
        for side in sides[1:]:
            assert all(isinstance(one, (int, Fraction)) for one in side.distances)
        pairs = zip(sides.heavy_ball.distances, later.heavy_ball.distances, strict=True)
        inside, at, outside = ([abs(float(one)) for one in pair] for pair in pairs)
        assert at[1] == near(at[0], rel=1e-3)
        assert inside[1] < inside[0] < 0.1
        assert outside[1] > outside[0] > 10
        assert sides.believed.bound == 1
        assert all(abs(float(one)) < 1 for one in sides.believed.distances)
        assert stability(num_steps=1).believed.distances[1] == 0

    @pytest.mark.claims(
        "Both overshoot along the valley; across it the heavy ball keeps swinging, and "
        "Nesterov's swing is soon gone.",
        "Across the valley the slope changes much on the way, so looking ahead brakes "
        "the swing: after … steps Nesterov is … from the floor, the ball ….",
        "Along the floor the slope changes little, and it brakes less.",
        "Give both rules the rate … and the usual momentum ….",
    )
    def test_looking_ahead_brakes(self) -> None:
        """Its swings shrink by √(β(1 − αλ)), those of the ball by √β, at every αλ."""
        ahead = nesterov()
        assert ahead.momentum == velocity_memory().momentum
        usual = heavy_ball(ahead.learning_rate, ahead.momentum)
        for run in (ahead, usual):
            assert {x > 0 for x, _ in run.path} == {True, False}
        assert max(abs(float(x)) for _, x in usual.path[15:]) > 0.3
        assert max(abs(float(x)) for _, x in ahead.path[8:]) < 0.01
        beta = ahead.momentum
        for product in (0.04, 0.2, 0.5, 0.8):
            places, state = [1.0], (rule := Nesterov(product, beta)).init(1.0)
            for _ in range(60):
                update, state = rule.update(places[-1], state)
                places.append(places[-1] + update)
            # w² of two steps in a row, turned by the roots, falls by their product.
            brakes = beta * (1 - product)
            three = places[-3:]
            two = places[-4:-1]
            area = [a * c - b * b for a, b, c in (two, three)]
            assert area[1] / area[0] == near(brakes, rel=1e-6)
            assert brakes < beta


@pytest.mark.claims(
    "The heavy ball feels the slope where it is, though it knows already where its "
    "velocity will carry it.",
    "From there to $w_{t+1}$ leads $v_{t+1} - \\beta v_t$, which is $-\\alpha \\nabla "
    "f(x_t)$, and from $w_{t+1}$ on to $x_{t+1}$ leads $\\beta v_{t+1}$:",
    "The two are one rule, in fractions too; here is what they do across the valley:",
)
@given(SHARES, positive_fractions(), fractions(), fractions())
def test_two_forms_of_one_rule(beta: Any, rate: Any, first: Any, other: Any) -> None:
    """Step for step, wherever they start, also where slopes are not straight."""
    both = look_ahead(rate, beta, (first, other), num_steps=3)
    assert both.felt == both.path
    rule, place, velocity = Nesterov(rate, beta), first, Fraction(0)
    ahead, state = place, rule.init(place)
    for _ in range(3):
        slope = ahead * ahead - other
        update, state = rule.update(slope, state)
        moved = beta * velocity - rate * slope
        assert moved - beta * velocity == -rate * slope
        place, velocity = place + moved, moved
        ahead += update
        assert ahead == place + beta * velocity
        assert state.velocity == velocity


def factor_of(rule: int, curvature: float, rate: float, momentum: float) -> float:
    """Return the greater root of descent, of the heavy ball, or of Nesterov.

    Nesterov's update is a share β of the last one, taken for the slope ahead, so
    z² − (1 + β)(1 − αλ)z + β(1 − αλ) = 0.
    """
    ahead = 1 - rate * curvature
    linear = (1 + momentum) * ahead if rule == 2 else momentum + ahead
    last = momentum * ahead if rule == 2 else momentum
    return float(np.abs(np.roots([1, -linear, last])).max())


def _until_small(rate: float) -> int:
    losses = heavy_ball(rate, 0, num_steps=1000).losses
    return next(step for step, loss in enumerate(losses) if loss <= 1e-6 * losses[0])


class TestTheBestSettings:
    """They are the best for the long run, and not for one goal."""

    @pytest.mark.claims(
        "At … the factor is …: slower than no momentum at all.",
        "A momentum of … is slower than none on this valley.",
    )
    def test_the_usual_momentum_is_too_much(self) -> None:
        """The one of the page's memory, in the sweep of the page."""
        swept, usual = sweep_momentum(), velocity_memory().momentum
        slower = [*map(max, swept.flat_factors, swept.steep_factors)]
        assert slower[swept.momenta.index(usual)] > 1.04 * slower[0]
        assert usual > swept.best_momentum

    @pytest.mark.claims(
        "The flat direction reaches its critical damping last, at …, and that is the "
        "best momentum.",
        "The best momentum is …, with factor ….",
        "On a quadratic valley the best rate and momentum together replace the "
        "condition number by its square root, and too much momentum is slower than "
        "none.",
    )
    @given(st.floats(1.5, 1000))
    def test_too_much_is_slower_than_none(self, kappa: float) -> None:
        """The slower factor falls to √β at the last critical damping, then climbs."""
        rate = 2 / (1 + kappa)
        swept = sweep_momentum(rate, (1.0, kappa), num_momenta=200)
        slower = [
            max(pair)
            for pair in zip(swept.flat_factors, swept.steep_factors, strict=True)
        ]
        assert min(slower) >= swept.best_factor - 1e-7
        assert swept.best_momentum == near((1 - rate**0.5) ** 2, rel=1e-12)
        wide = kappa**0.5
        best = best_settings((1.0, kappa))
        assert best.factors[0] == near((kappa - 1) / (kappa + 1), rel=1e-14)
        assert best.factors[1] == near((wide - 1) / (wide + 1), rel=1e-14)
        too_much = (1 + best.factors[0] ** 2) / 2
        assert sweep_momentum(rate, (1.0, kappa), 1).flat_factors[0] < too_much**0.5
        assert closed_form(1, rate, too_much, 0).factor > best.factors[0]

    @pytest.mark.claims(
        "The factor of a curvature falls along its creeping root until its critical "
        "damping, then climbs with $\\sqrt\\beta$."
    )
    @given(st.floats(0.01, 1.9))
    def test_it_falls_and_climbs(self, product: float) -> None:
        """On both sides of the critical momentum, for every αλ inside the bound."""
        critical = (1 - product**0.5) ** 2
        below = [closed_form(1, product, critical * k / 9, 0).factor for k in range(9)]
        assert all(float(a) >= float(b) for a, b in pairwise(below))
        above = [critical + (1 - critical) * k / 10 for k in range(1, 10)]
        found = [closed_form(1, product, beta, 0).factor for beta in above]
        assert found == near([beta**0.5 for beta in above], rel=1e-14)

    @pytest.mark.claims(
        "The pair that is best in the long run has both curvatures on the border, one "
        "on each branch of it, as the round dots of … have.",
        "That means $1 - \\sqrt{\\alpha\\lambda_1} = -(1 - \\sqrt{\\alpha\\lambda_2}) "
        "= \\sqrt\\beta$, and so",
        "The best heavy ball has both of them on the border, with the factor ….",
        "The diamonds are the two curvatures of the valley under descent at its best "
        "rate, the round dots those under the best heavy ball.",
        "These settings are the best for a long run from any start off the axes ….",
        "Even the best pair is a compromise.",
        "One rate serves all weights, steep and flat alike.",
    )
    @given(positive_fractions(), positive_fractions(), st.data())
    def test_both_on_the_border(self, first: Any, second: Any, data: Any) -> None:
        """In fractions, whose curvatures are squares; and no other pair is better."""
        low, high = sorted((first, second))
        assume(low < high)
        best = best_settings((low**2, high**2))
        rate, beta = best.learning_rates[1], best.momenta[1]
        runs = [closed_form(one**2, rate, beta, 0) for one in (low, high)]
        assert [run.regime for run in runs] == ["critical", "critical"]
        assert [run.roots[0][0] for run in runs] == [best.factors[1], -best.factors[1]]
        assert best.factors[1] ** 2 == beta
        assert low**2 < 1 / rate < high**2
        other = data.draw(st.fractions(Fraction(1, 100), Fraction(99, 100)))
        at = data.draw(st.fractions(Fraction(1, 100), Fraction(99, 25))) / high**2
        for index, own in enumerate(best.factors):
            momentum = float(other) if index else 0.0
            slower = max(
                factor_of(index, float(one**2), float(at), momentum)
                for one in (low, high)
            )
            assert slower >= abs(float(own)) - 1e-9
        mapped = phase_map(2, 2)
        settings = best_settings()
        assert mapped.descent_products == tuple(
            settings.learning_rates[0] * one for one in CURVATURES
        )
        assert mapped.ball_momentum == settings.momenta[1]

    @pytest.mark.claims(
        "The heavy ball climbs first because its rate, …, is beyond the bound of "
        "descent, …; without the momentum it would never come back.",
        "The heavy ball begins by climbing, to …, and then arrives first.",
    )
    def test_the_race(self) -> None:
        """The first step is one of descent, which diverges with that rate."""
        slow, fast, steady = three_rules()
        rate = fast.learning_rate
        assert rate > 2 / CURVATURES[1]
        assert fast.path[1] == heavy_ball(rate, 0, num_steps=1).path[1]
        assert fast.losses[1] > fast.losses[0]
        with pytest.raises(DivergenceError):
            heavy_ball(rate, 0, num_steps=2000)
        assert fast.num_steps < steady.num_steps < slow.num_steps
        widest = [
            max(abs(float(x)) for _, x in run.path) for run in (slow, fast, steady)
        ]
        assert max(widest) == widest[1] > 1.2 * sorted(widest)[1]

    @pytest.mark.claims(
        "One start and one goal can be served better still.",
        "Here Nesterov arrives before the heavy ball, and both leave descent behind.",
        "Search … rates, evenly up to the one from which no momentum converges, and … "
        "momenta, evenly from $0$ up to $1$, for the fewest steps to … of the first "
        "loss; descent tries as many rates as the others try pairs:",
    )
    def test_one_goal(self) -> None:
        """Ten goals, from a tenth of the first loss on, have both winners."""
        runs = [searched_settings(10.0**-power) for power in range(1, 11)]
        for descent, ball, ahead in (run.num_steps for run in runs):
            assert max(ball, ahead) < descent
        assert {
            math.copysign(1, run.num_steps[1] - run.num_steps[2])
            for run in runs
            if run.num_steps[1] != run.num_steps[2]
        } == {1, -1}
        assert defaults(searched_settings)["share"] == defaults(three_rules)["share"]
        found = searched_settings()
        long_run = [run.num_steps for run in three_rules()]
        assert all(a < b for a, b in zip(found.num_steps, long_run, strict=True))
        assert found.num_steps[2] < found.num_steps[1]
        few: dict[str, Any] = {"num_rates": 4, "num_momenta": 5}
        rates = [rate / 20 for rate in range(1, 10)]  # from 10/20 on it diverges
        alone = [_until_small(rate) for rate in rates]
        assert searched_settings(**few).num_steps[0] == min(alone)

    @pytest.mark.claims(
        "Nesterov's roots solve $z^2 - (1 + \\beta)\\,q\\,z + \\beta q = 0$ with $q "
        "= 1 - \\alpha\\lambda$.",
        "The best pair makes the flat curvature critical, $q_1 = 4\\beta/(1 + "
        "\\beta)^2$ with the double root $z = 2\\beta/(1 + \\beta)$, and gives the "
        "steep one the root $-z$.",
        "Put $-z$ into the equation, and $q_2 = -q_1/3$ comes out, so "
        "$3\\,(\\alpha\\lambda_2 - 1) = 1 - \\alpha\\lambda_1$.",
        "That is the rate, and $1 - q_1 = \\bigl((1 - \\beta)/(1 + \\beta)\\bigr)^2$ "
        "then gives the momentum:",
        "The factor is $1 - 2/\\sqrt{3\\kappa + 1}$.",
    )
    @given(positive_fractions(), st.fractions(Fraction(21, 10), 40, max_denominator=30))
    def test_the_best_look_ahead(self, flat: Any, wider: Any) -> None:
        """In fractions, whose √(3κ + 1) is rational; and runs have these roots."""
        kappa = (wider**2 - 1) / 3
        best = best_settings((flat, kappa * flat))
        rate, beta, factor = (
            each[2] for each in (best.learning_rates, best.momenta, best.factors)
        )
        assert rate == 4 / (3 * kappa * flat + flat)
        assert beta == (wider - 2) / (wider + 2)
        along, across = 1 - rate * flat, 1 - rate * kappa * flat
        assert across == -along / 3
        assert along == 4 * beta / (1 + beta) ** 2
        assert 1 - along == ((1 - beta) / (1 + beta)) ** 2
        for q, root in ((along, factor), (across, -factor)):
            assert root**2 - (1 + beta) * q * root + beta * q == 0
            rule = Nesterov(rate, beta)
            places, state = [Fraction(1)], rule.init(Fraction(1))
            for _ in range(3):
                update, state = rule.update(places[-1] * (1 - q) / rate, state)
                places.append(places[-1] + update)
            assert places[3] == (1 + beta) * q * places[2] - beta * q * places[1]
        assert factor == 2 * beta / (1 + beta) == 1 - 2 / wider
        # The steep curvature's other root is smaller.
        assert abs(beta * across / factor) < factor

    @pytest.mark.claims(
        "In the long run a step multiplies the loss by the square of the factor.",
        "A further factor of ten costs descent … steps in the long run, Nesterov … and "
        "the heavy ball ….",
        "But the heavy ball must first come back from its climb, so to a hundredth of "
        "the loss Nesterov is faster.",
        "Nesterov is first at near goals, the heavy ball at far ones.",
        "Which rule wins depends on the goal.",
        "From … of the first loss to … of it is four more factors of ten.",
    )
    def test_goals(self) -> None:
        """To further goals too, where a double root makes a decade cost more."""
        shares = tuple(10.0**-power for power in range(1, 29))
        goals = steps_to_goals(shares, limit=400)
        for steps, cost, least in zip(
            goals[1:4], goals.per_decade, (0, 2, 2), strict=True
        ):
            late = (steps[-1] - steps[9]) / 18
            assert cost - 0.1 < late < 1.1 * cost
            assert steps[least] > 0
        first = [
            ahead < ball
            for ball, ahead in zip(goals.heavy_ball, goals.nesterov, strict=True)
        ]
        assert first == sorted(first, reverse=True)
        assert first[1]
        assert not any(first[3:])
        book = steps_to_goals()
        assert defaults(three_rules)["share"] * 1e-4 == near(book.shares[-1])
        assert book.nesterov[:2] < book.heavy_ball[:2] < book.descent[:2]

    @pytest.mark.claims(
        "If each curvature had a rate of its own, $\\alpha\\lambda = 1$ would end its "
        "distance in one step, without any momentum."
    )
    @given(positive_fractions())
    def test_a_rate_of_its_own(self, curvature: Fraction) -> None:
        """The distance is 0 after one step, whatever the curvature."""
        run = closed_form(curvature, 1 / curvature, Fraction(0), num_steps=2)
        assert run.distances == (1, 0, 0)


@pytest.mark.claims(
    "There the heavy ball shrinks the distance by … in each step, and descent by …."
)
def test_the_valley_of_the_usual_momentum() -> None:
    """The valley for which a momentum is best, and its two factors."""
    for beta in (0.5, 0.9, 0.99):
        wide = (1 + beta**0.5) / (1 - beta**0.5)
        best = best_settings((1, wide**2))
        assert best.momenta[1] == near(beta, rel=1e-12)
        assert best.factors[1] == near(beta**0.5, rel=1e-12)


@pytest.mark.claims(
    "Too little momentum creeps, too much swings, and between them lies the one that "
    "settles first.",
    "Critical damping is nearest: its factor is …, where creeping has … and swinging "
    "….",
)
def test_the_three_momenta_of_the_page() -> None:
    """Too little, just enough and too much; the last is below zero first and far."""
    runs = critical_damping()
    assert [run.regime for run in runs] == ["creeps", "critical", "swings"]
    creeping, critical, swinging = ([float(w) for w in run.distances] for run in runs)
    assert min(swinging) < -0.1 < 0 < min(*creeping, *critical)
    assert min(runs, key=lambda run: float(run.factor)) is runs[1]
    for step in (len(critical) // 2, -1):
        assert abs(critical[step]) < min(abs(swinging[step]), creeping[step])


@pytest.mark.claims(
    "Descent jumps across the valley until the end; the heavy ball cancels the jumps "
    "and hurries along the floor.",
    "With the rate of descent the loss is … after … steps: … times smaller.",
    "At the rate … both curvatures start at the factor ….",
)
def test_the_paths_of_the_page() -> None:
    """With the best rate of descent, as in the sweep of the momentum."""
    descent, ball = heavy_ball(momentum=0), heavy_ball()
    rate = float(best_settings().learning_rates[0])
    swept = sweep_momentum()
    assert (ball.learning_rate, swept.learning_rate) == near((rate, rate), rel=1e-15)
    assert swept.flat_factors[0] == near(swept.steep_factors[0], rel=1e-12)
    jumps = [a[1] * b[1] for a, b in pairwise(descent.path)]
    assert max(jumps) < 0
    assert sum(a[1] * b[1] < 0 for a, b in pairwise(ball.path)) < len(jumps) * 2 / 3
    middle = len(ball.path) // 2
    ahead, behind = (abs(float(run.path[middle][0])) for run in (ball, descent))
    assert ahead < behind / 2
    assert ball.losses[-1] < descent.losses[-1] / 1000


@pytest.mark.claims(
    "The product of both roots is $\\beta\\,(1 - c\\,\\alpha\\lambda)$, so looking "
    "further ahead damps a swing more, until it overshoots: with the last of these "
    "shares the steep direction has a root beyond $-1$, and diverges."
)
@given(SHARES, st.fractions(0, 3, max_denominator=20), positive_fractions())
def test_further_ahead(beta: Any, ahead: Any, product: Any) -> None:
    """Two steps in a row, as a matrix whose determinant is that product."""
    # The weight and the velocity after a step, of a weight and a velocity before it.
    felt = beta - product * ahead * beta
    step = ((1 - product, felt), (-product, felt))
    determinant = step[0][0] * step[1][1] - step[0][1] * step[1][0]
    assert determinant == beta * (1 - ahead * product)
    roots = [
        np.linalg.eigvals([[1 - p, 0.9 * (1 - c * p)], [-p, 0.9 * (1 - c * p)]])
        for p, c in ((0.04, 0), (0.04, 1), (0.04, 1.5), (0.8, 1.5), (0.8, 2.5))
    ]
    sizes = [max(abs(pair)) for pair in roots]
    assert sizes[0] > sizes[1] > sizes[2] > sizes[3]
    assert min(roots[4].real) < -1


@pytest.mark.claims(
    "That is below the bound of the heavy ball, …, and even below that of descent, but "
    "above Nesterov's, …."
)
def test_where_the_look_ahead_fails() -> None:
    """The settings of the ball that opens the chapter, and of the table of bounds."""
    ball, sides = heavy_ball(num_steps=0), stability(num_steps=1)
    assert ball.momentum == sides.momentum
    product = ball.learning_rate * CURVATURES[1]
    assert sides.nesterov.bound < product < sides.descent.bound < sides.heavy_ball.bound
    lost = nesterov(ball.learning_rate, ball.momentum).losses
    assert all(after > before for before, after in pairwise(lost))
