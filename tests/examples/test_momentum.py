"""The worked examples of the chapter on momentum."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.examples.momentum import (
    BestSettings,
    ClosedForm,
    Goals,
    LookAhead,
    MomentumSweep,
    PhaseMap,
    Roll,
    Searched,
    Sides,
    Stability,
    VelocityMemory,
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

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("10/21", "19/21", "20", "6.58", "0.349", "1/4", "1/2", "3/2", "16/25", "0.6345"),
    *("0.2080", "116", "45"),
    *("0.4026", "0.6679", "0.7439", "0.478", "0.949", "70", "23", "28"),
)

EXACT_START = (Fraction(-5), Fraction(-2))
HALF, QUARTER, TENTH = Fraction(1, 2), Fraction(1, 4), Fraction(1, 10)


def ball_distances(product: Any, momentum: Any, num_steps: int) -> list[Any]:
    """Follow a heavy ball by its last two places, without a velocity.

    w' = w + β(w − w₋₁) − αλw, and the first step has no velocity: w₁ = 1 − αλ.
    """
    places = [1, 1 - product]
    for _ in range(num_steps):
        places.append((1 + momentum - product) * places[-1] - momentum * places[-2])
    return places[: num_steps + 1]


def ahead_distances(product: Any, momentum: Any, num_steps: int) -> list[Any]:
    """Follow Nesterov by his own two sequences: descend from ahead, then go ahead.

    y' = (1 − αλ)x, x' = y' + β(y' − y), from y = x = 1.
    """
    places, below = [1], 1
    for _ in range(num_steps):
        after = (1 - product) * places[-1]
        places.append(after + momentum * (after - below))
        below = after
    return places


def assert_valley(run: Roll, flat: list[Any], steep: list[Any]) -> None:
    """Check path and losses against distances from 1 along both axes."""
    places = [(-5 * float(a), -2 * float(b)) for a, b in zip(flat, steep, strict=True)]
    # A step is as small as the place is near, and so is what it rounds away.
    assert np.array(run.path) == near(np.array(places))
    losses = [x**2 / 10 + 2 * y**2 for x, y in places]
    assert run.losses == near(losses)
    assert run.num_steps == len(places) - 1


class TestAHeavyBall:
    """Every update is a share of the last one, plus a step against the gradient."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        ball = heavy_ball()
        assert isinstance(ball, Roll)
        assert (ball.rule, ball.learning_rate, ball.momentum) == (
            *("heavy ball", 10 / 21, 0.5),
        )
        # αλ = 10/21·1/5 = 2/21 and 10/21·4 = 40/21
        flat = ball_distances(Fraction(2, 21), HALF, 20)
        assert_valley(ball, flat, ball_distances(Fraction(40, 21), HALF, 20))
        assert ball.path[0] == (-5, -2)
        assert ball.losses[0] == 10.5  # 25/10 + 2·4

    def test_without_momentum_it_is_descent(self) -> None:
        """At the best constant rate every part shrinks by 19/21 a step."""
        run = heavy_ball(momentum=0)
        assert (run.rule, run.momentum) == ("descent", 0)
        factor = Fraction(19, 21)
        flat = [factor**step for step in range(21)]
        assert_valley(run, flat, [(-factor) ** step for step in range(21)])

    def test_it_is_exact_on_fractions(self) -> None:
        """Two steps by hand, with α = 1/4 and β = 1/2."""
        # g = (−1, −8), v = (1/4, 2); then g = (−19/20, 0), v = (1/8 + 19/80, 1).
        run = heavy_ball(QUARTER, HALF, EXACT_START, num_steps=2)
        assert run.path == (
            *((-5, -2), (Fraction(-19, 4), 0), (Fraction(-351, 80), 1)),
        )
        # 361/16/10 and 351²/6400/10 + 2
        losses = (Fraction(21, 2), Fraction(361, 160), Fraction(251201, 64000))
        assert run.losses == losses
        assert run == ("heavy ball", QUARTER, HALF, run.path, losses, 2)
        assert_plain(run, Fraction)

    def test_the_lowest_point_is_flat(self) -> None:
        """Nothing moves there."""
        run = heavy_ball(start=(0, 0))
        assert (run.path, run.losses, run.num_steps) == (((0, 0),), (0,), 0)


class TestLookingAhead:
    """Nesterov's rule feels the slope where the velocity leads."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        run = nesterov()
        assert isinstance(run, Roll)
        assert (run.rule, run.learning_rate, run.momentum) == ("Nesterov", 0.2, 0.9)
        # Rate times curvature: 0.2/5 and 0.2·4
        flat = ahead_distances(Fraction(1, 25), Fraction(9, 10), 20)
        assert_valley(run, flat, ahead_distances(Fraction(4, 5), Fraction(9, 10), 20))

    def test_it_is_exact_on_fractions(self) -> None:
        """Two steps by hand, with α = 1/4 and β = 1/2."""
        # g = (−1, −8): v = (1/4, 2), step (1/8 + 1/4, 1 + 2).
        # g = (−37/40, 4): v = (1/8 + 37/160, 0), step (57/320 + 74/320, −1).
        run = nesterov(QUARTER, HALF, EXACT_START, num_steps=2)
        path = ((-5, -2), (Fraction(-37, 8), 1), (Fraction(-1349, 320), 0))
        # 1369/640 + 2 and 1349²/102400/10
        losses = (Fraction(21, 2), Fraction(2649, 640), Fraction(1819801, 1024000))
        assert run == ("Nesterov", QUARTER, HALF, path, losses, 2)
        assert_plain(run, Fraction)

    def test_as_he_has_it(self) -> None:
        """The slope is felt where the library's rule is, two steps by hand."""
        # From (−5, −2) v = (1/4, 2) carries the weights to (−19/4, 0), and ahead of
        # it to (−37/8, 1); then v = (57/160, 0).
        both = look_ahead(QUARTER, HALF, EXACT_START, num_steps=2)
        assert isinstance(both, LookAhead)
        assert both.weights == (
            (-5, -2),
            (Fraction(-19, 4), 0),
            (Fraction(-703, 160), 0),
        )
        assert both.felt == ((-5, -2), (Fraction(-37, 8), 1), (Fraction(-1349, 320), 0))
        assert both.path == nesterov(QUARTER, HALF, EXACT_START, num_steps=2).path
        assert_plain(both, Fraction)
        book = look_ahead()
        assert (
            book.felt
            == book.path
            == nesterov(Fraction(1, 5), Fraction(9, 10), num_steps=5).path
        )
        assert [round(float(weights[1]), 4) for weights in book.weights] == [
            *(-2, -0.4, 0.208, 0.151, 0.02, -0.0196)
        ]

    def test_the_ball_with_the_same_numbers_swings_across(self) -> None:
        """With 0.2 and 0.9 the ball is compared with it on the page."""
        flat = ball_distances(Fraction(1, 25), Fraction(9, 10), 20)
        steep = ball_distances(Fraction(4, 5), Fraction(9, 10), 20)
        assert_valley(heavy_ball(0.2, 0.9), flat, steep)

    def test_the_settings_of_the_ball_are_too_much(self) -> None:
        """At 40/21, beyond 3/2, the loss grows in every step."""
        losses = nesterov(10 / 21, 0.5).losses
        assert all(a < b for a, b in pairwise(losses))


@pytest.mark.parametrize("rule", [heavy_ball, nesterov])
class TestARollTakesArrays:
    """It gives Python's numbers back."""

    def test_its_numbers_are_plain(self, rule: Any) -> None:
        """Arrays go in, Python's numbers come out, and the array stays."""
        start = np.array([-5.0, -2.0])
        run = rule(np.float64(0.1), np.float64(0.5), start, 3)
        assert_plain(run)
        assert start.tolist() == [-5, -2]

    def test_the_shape_of_the_start(self, rule: Any) -> None:
        """It holds two numbers."""
        with refused(ValueError, "start", "has shape (3,) but must have shape (2,)"):
            rule(start=(1, 2, 3))


class TestHowLongAVelocityRemembers:
    """The half-life of 0.9 is 6.58 steps, and 10 is the sum of all shares."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        memory = velocity_memory()
        assert isinstance(memory, VelocityMemory)
        assert memory.momentum == 0.9
        shares = [0.9**step for step in range(31)]
        assert memory.shares == near(shares, rel=1e-14)
        # (1 − βᵗ)/(1 − β)
        velocities = [10 * (1 - share) for share in shares]
        assert memory.velocities == near(velocities, rel=1e-13)
        # ln 2 = 0.693147180559945, ln 10/9 = 0.105360515657826
        assert memory.half_life == near(6.57881347896059, rel=1e-13)
        assert memory.halved_after == 7
        assert memory.shares[6] > 0.5 > memory.shares[7]
        assert memory.total == near(10, rel=1e-15)
        assert memory.left_after_total == near(0.3486784401, rel=1e-14)

    def test_it_is_exact_on_fractions(self) -> None:
        """A half is halved after one step, and adds up to 2."""
        assert velocity_memory(HALF, num_steps=3) == (
            HALF,
            (1, HALF, QUARTER, Fraction(1, 8)),
            (0, 1, Fraction(3, 2), Fraction(7, 4)),
            1.0,
            1,
            2,
            QUARTER,
        )
        assert velocity_memory(QUARTER).half_life == 0.5
        assert velocity_memory(QUARTER).halved_after == 1
        assert_plain(velocity_memory(HALF), Fraction)

    def test_its_numbers_are_plain(self) -> None:
        """NumPy's numbers go in, Python's come out."""
        assert_plain(velocity_memory(np.float64(0.5), 2))


class TestTheClosedForm:
    """The error from the roots is the error from running the rule."""

    @pytest.mark.claims(
        "With $\\alpha\\lambda$ and $\\beta$ both … the roots are equal.",
        "Both roots are ….",
        "What the rule ran is what the formula foretells: these are fractions, and "
        "they are equal.",
    )
    def test_every_number_of_the_book(self) -> None:
        """At αλ = 1/4 the critical momentum is 1/4, and both roots are 1/2."""
        solved = closed_form()
        assert isinstance(solved, ClosedForm)
        # (1 + t/2)/2ᵗ, because 1 − 1/4 = (1 + c)/2 gives c = 1/2
        expected = tuple((1 + Fraction(t, 2)) / 2**t for t in range(9))
        assert solved == (
            *(QUARTER, QUARTER, QUARTER, QUARTER, "critical"),
            *(((HALF, 0), (HALF, 0)), HALF, expected, expected),
        )
        assert_plain(solved, Fraction)

    def test_two_roots(self) -> None:
        """Roots 2/3 and 1/4: β is their product, αλ is 1/3·3/4."""
        solved = closed_form(2, Fraction(1, 8), Fraction(1, 6), num_steps=5)
        # 1 − 1/4 = a·2/3 + (1 − a)/4 gives a = 6/5.
        expected = tuple(
            Fraction(6, 5) * Fraction(2, 3) ** t - Fraction(1, 5) * QUARTER**t
            for t in range(6)
        )
        assert solved == (
            *(Fraction(1, 8), Fraction(1, 6), QUARTER, QUARTER, "creeps"),
            *(((Fraction(2, 3), 0), (QUARTER, 0)), Fraction(2, 3)),
            *(expected, expected),
        )

    def test_no_real_root(self) -> None:
        """β = 81/100 and αλ = 1/4: the middle is 39/50, the size 9/10."""
        solved = closed_form(momentum=Fraction(81, 100), num_steps=30)
        assert solved.regime == "swings"
        assert solved.factor == Fraction(9, 10)
        # √(81/100 − 39²/2500) = √0.2016
        (one, up), (other, down) = solved.roots
        assert one == other == Fraction(39, 50)
        assert up == -down == near(0.448998886412873, rel=1e-14)
        expected = ball_distances(QUARTER, Fraction(81, 100), 30)
        assert solved.distances == tuple(expected)
        # The angle is rounded once and turned thirty times.
        floats = [float(place) for place in expected]
        assert solved.foretold == near(floats, rel=1e-12, abs=2.0**-48)

    def test_a_negative_double_root(self) -> None:
        """On the right branch, αλ = 9/4, both roots are −1/2."""
        solved = closed_form(1, Fraction(9, 4), QUARTER, num_steps=4)
        # 1 − 9/4 = −(1 + c)/2 gives c = 3/2.
        expected = tuple((1 + Fraction(3 * t, 2)) * (-HALF) ** t for t in range(5))
        assert (solved.regime, solved.factor) == ("critical", HALF)
        assert solved.critical_momentum == QUARTER
        assert solved.distances == solved.foretold == expected

    def test_a_root_of_zero_arrives_at_once(self) -> None:
        """Without momentum and with αλ = 1."""
        solved = closed_form(Fraction(2), HALF, 0, num_steps=3)
        assert solved.distances == solved.foretold == (1, 0, 0, 0)
        assert (solved.regime, solved.factor, solved.critical_momentum) == (
            *("critical", 0, 0),
        )
        assert closed_form(1, 1, 0, num_steps=2).foretold == (1, 0, 0)

    def test_at_the_bound_it_is_stuck(self) -> None:
        """αλ = 3 with β = 1/2: roots −1 and −1/2."""
        solved = closed_form(1, Fraction(3), HALF, num_steps=4)
        expected = tuple(3 * (-1) ** t - 2 * (-HALF) ** t for t in range(5))
        assert (solved.regime, solved.factor) == ("stuck", 1)
        assert solved.roots == ((-HALF, 0), (-1, 0))
        assert solved.distances == solved.foretold == expected

    def test_the_greater_root_is_greater_in_size(self) -> None:
        """Without momentum and with αλ = 3/2 the roots are 0 and −1/2."""
        solved = closed_form(1, Fraction(3, 2), 0, num_steps=3)
        assert (solved.roots, solved.factor) == (((0, 0), (-HALF, 0)), HALF)
        assert solved.distances == (1, -HALF, QUARTER, Fraction(-1, 8))

    def test_beyond_the_bound_it_diverges(self) -> None:
        """Without momentum and with αλ = 3 every step doubles the distance."""
        solved = closed_form(1, 3, 0, num_steps=3)
        assert (solved.regime, solved.factor) == ("diverges", 2)
        assert solved.distances == solved.foretold == (1, -2, 4, -8)

    def test_floats(self) -> None:
        """The rule and its formula agree in floats as well."""
        for product, momentum in ((0.3, 0.05), (2.9, 0.7), (2.0, 0.1)):
            solved = closed_form(1, product, momentum, num_steps=25)
            # Two roots add up to the distance, and cancel where it is small.
            assert solved.foretold == near(solved.distances, rel=1e-12, abs=2.0**-48)
            assert_plain(solved)

    def test_its_numbers_are_plain(self) -> None:
        """NumPy's numbers go in, Python's come out."""
        assert_plain(closed_form(np.float64(1), np.float64(0.1), np.float64(0.5)))

    def test_a_distance_that_becomes_infinite_is_refused(self) -> None:
        """999 to the power of 103 is no float."""
        with pytest.raises(ValueError, match="within the floats"):
            closed_form(1, 1000.0, 0, num_steps=200)


class TestCriticalDamping:
    """Below it the distance creeps, above it it swings, at it it is fastest."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        runs = creeping, critical, swinging = critical_damping()
        assert [run.momentum for run in runs] == [
            *(Fraction(19, 100), Fraction(16, 25), Fraction(9, 10)),
        ]
        assert [run.regime for run in runs] == ["creeps", "critical", "swings"]
        for run in runs:
            assert run.learning_rate == run.product == Fraction(1, 25)
            assert run.critical_momentum == Fraction(16, 25)  # (1 − 1/5)²
            assert len(run.distances) == 41
        # Roots 19/20 and 1/5: 24/25 = a·19/20 + (1 − a)/5 gives a = 76/75.
        assert creeping.factor == Fraction(19, 20)
        expected = tuple(
            Fraction(76, 75) * Fraction(19, 20) ** t - Fraction(1, 75) / 5**t
            for t in range(41)
        )
        assert creeping.distances == creeping.foretold == expected
        # Root 4/5: 24/25 = (1 + c)·4/5 gives c = 1/5.
        assert critical.factor == Fraction(4, 5)
        expected = tuple((1 + Fraction(t, 5)) * Fraction(4, 5) ** t for t in range(41))
        assert critical.distances == critical.foretold == expected
        assert swinging.factor == near(0.948683298050514, rel=1e-14)  # √0.9
        places = ball_distances(Fraction(1, 25), Fraction(9, 10), 40)
        assert swinging.distances == tuple(places)
        floats = [float(place) for place in places]
        # The angle is small, so its rounding weighs: 1e-16 over sin² 11.4°, 40 times.
        assert swinging.foretold == near(floats, rel=1e-11)

    def test_other_numbers_give_other_results(self) -> None:
        """Every argument goes on to its run."""
        runs = critical_damping((0, HALF), HALF, HALF, num_steps=3)
        assert runs == (
            closed_form(HALF, HALF, 0, 3),
            closed_form(HALF, HALF, HALF, 3),
        )
        momenta = np.array([0.1, 0.5])
        assert_plain(critical_damping(momenta), Fraction)  # type: ignore[arg-type]
        assert momenta.tolist() == [0.1, 0.5]


class TestTheMap:
    """It creeps, swings or diverges, with boundaries that are formulas."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        mapped = phase_map()
        assert isinstance(mapped, PhaseMap)
        products = [(2 * i + 1) * 4 / 420 for i in range(210)]
        momenta = [(2 * j + 1) / 200 for j in range(100)]
        assert mapped.products == near(products, rel=1e-15)
        assert mapped.momenta == near(momenta, rel=1e-15)
        # Each cell lies on one side of the boundaries, and none on them.
        swings = diverges = 0
        for product in products:
            for momentum in momenta:
                swings += momentum > (1 - math.sqrt(product)) ** 2
                diverges += product > 2 + 2 * momentum
        assert mapped.swinging == swings / 21000
        assert mapped.diverging == diverges / 21000
        assert mapped.creeping == (21000 - swings - diverges) / 21000
        # The areas: 8/3, 1/6 + 1/6 and 1, of 4; the cells on the edges are few.
        assert mapped.swinging == near(2 / 3, abs=0.0002)
        assert mapped.creeping == near(1 / 12, abs=0.0002)
        assert mapped.diverging == near(1 / 4, abs=0.0002)
        assert mapped.descent_products == (Fraction(2, 21), Fraction(40, 21))
        root = math.sqrt(20)
        assert mapped.ball_products == near(
            ((2 / (1 + root)) ** 2, (2 * root / (1 + root)) ** 2), rel=1e-14
        )
        assert mapped.ball_momentum == near(((root - 1) / (root + 1)) ** 2, rel=1e-14)

    def test_eight_cells_by_hand(self) -> None:
        """Two of the eight lie on the bound 2 + 2β, and one beyond it."""
        mapped = phase_map(num_products=4, num_momenta=2)
        assert mapped.products == (0.5, 1.5, 2.5, 3.5)
        assert mapped.momenta == (0.25, 0.75)
        # 0.625 + √(0.390625 − 0.25) = 1, 1.125 + √(1.265625 − 0.25)
        beyond = 1.125 + math.sqrt(1.015625)
        assert mapped.factors[0] == near((0.5, 0.5, 1, beyond), rel=1e-15)
        # 0.875 + √(0.765625 − 0.75) = 1
        root = math.sqrt(0.75)
        assert mapped.factors[1] == near((root, root, root, 1), rel=1e-15)
        assert (mapped.swinging, mapped.creeping, mapped.diverging) == (
            *(5 / 8, 0, 1 / 8),
        )

    def test_one_cell(self) -> None:
        """The least map has its centre only: αλ = 2 and β = 1/2 swing."""
        mapped = phase_map(1, 1)
        assert (mapped.products, mapped.momenta) == ((2,), (0.5,))
        ((factor,),) = mapped.factors
        assert factor == near(math.sqrt(0.5), rel=1e-15)
        assert_plain(mapped, Fraction)

    def test_eigenvalues_agree(self) -> None:
        """The factor is the spectral radius of the two-step matrix."""
        mapped = phase_map(21, 10)
        for momentum, row in zip(mapped.momenta, mapped.factors, strict=True):
            for product, factor in zip(mapped.products, row, strict=True):
                matrix = np.array([[1 + momentum - product, -momentum], [1, 0]])
                radius = max(abs(np.linalg.eigvals(matrix)))
                # Close to a double root an eigenvalue keeps half its digits.
                assert factor == near(radius, rel=1e-7)


class TestTheBounds:
    """Descent is stable up to αλ = 2, with momentum up to 2 + 2β."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page, exactly."""
        tested = stability()
        assert isinstance(tested, Stability)
        assert tested.momentum == HALF
        assert tested.believed == Sides(1, (TENTH**40, 0, TENTH**40))
        # 1 − 9/5 and 1 − 11/5
        ends = (Fraction(4, 5) ** 40, 1, Fraction(6, 5) ** 40)
        assert tested.descent == (2, ends)
        products = (Fraction(27, 10), Fraction(3), Fraction(33, 10))
        last = [ball_distances(product, HALF, 40)[-1] for product in products]
        assert tested.heavy_ball == (3, tuple(last))
        assert last[1] == 3 - 2 * HALF**40
        products = (Fraction(27, 20), Fraction(3, 2), Fraction(33, 20))
        last = [ahead_distances(product, HALF, 40)[-1] for product in products]
        assert tested.nesterov == (Fraction(3, 2), tuple(last))
        every: Any = tested[2:]
        for sides in every:
            inside, at, outside = map(abs, sides.distances)
            assert inside < Fraction(1, 1000) < 1 <= at < 1000 < outside
        assert_plain(tested, Fraction)

    def test_other_numbers_give_other_results(self) -> None:
        """Without momentum all bounds are 2; a wider margin leads further."""
        tested = stability(0, HALF, num_steps=3)
        assert [sides.bound for sides in tested[2:]] == [2, 2, 2]
        # 1 − 1, 1 − 2 and 1 − 3, each to the third power
        for sides in tested[2:]:
            assert sides.distances == (0, -1, -8)
        assert tested.believed == (1, (HALF**3, 0, -(HALF**3)))

    def test_its_numbers_are_plain(self) -> None:
        """NumPy's numbers go in, Python's come out."""
        assert_plain(stability(np.float64(0.5), np.float64(0.1), 2))


class TestEveryMomentumWithOneRate:
    """The best momentum is the greater critical one; too much is slower than none."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        swept = sweep_momentum()
        assert isinstance(swept, MomentumSweep)
        assert swept.learning_rate == 10 / 21
        assert swept.curvatures == (Fraction(1, 5), 4)
        momenta = [j / 100 for j in range(100)]
        assert swept.momenta == near(momenta, rel=1e-15)
        for product, factors in (
            (2 / 21, swept.flat_factors),
            (40 / 21, swept.steep_factors),
        ):
            expected = [
                max(abs(np.roots([1, -(1 + momentum - product), momentum])))
                for momentum in momenta
            ]
            # Close to a double root a root keeps half its digits.
            assert factors == near(expected, rel=1e-7)
        # The best rate of descent: 19/21 in both directions.
        starts = (swept.flat_factors[0], swept.steep_factors[0])
        assert starts == near((19 / 21, 19 / 21), rel=1e-14)
        ends = (swept.flat_factors[90], swept.steep_factors[90])
        assert ends == near((0.9**0.5, 0.9**0.5), rel=1e-15)
        # 1 − √(2/21) against √(40/21) − 1 = 0.3801
        best = 1 - math.sqrt(2 / 21)
        assert swept.best_factor == near(best, rel=1e-14)
        assert swept.best_momentum == near(best**2, rel=1e-14)
        assert_plain(swept, Fraction)

    def test_it_is_exact_on_fractions(self) -> None:
        """Products 1/4 and 1, whose critical momenta are 1/4 and 0."""
        swept = sweep_momentum(QUARTER, (1, 4), num_momenta=4)
        assert swept.momenta == (0, QUARTER, HALF, Fraction(3, 4))
        assert swept.flat_factors[:2] == (Fraction(3, 4), HALF)
        assert swept.steep_factors[:2] == (0, HALF)
        assert swept.flat_factors[2] == near(math.sqrt(0.5), rel=1e-15)
        assert (swept.best_momentum, swept.best_factor) == (QUARTER, HALF)
        assert_plain(swept, Fraction)

    def test_the_steep_one_may_be_the_last(self) -> None:
        """Products 1 and 9/4, whose critical momenta are 0 and 1/4."""
        swept = sweep_momentum(Fraction(1), (1, Fraction(9, 4)), num_momenta=1)
        assert swept.flat_factors == (0,)
        assert swept.steep_factors == (Fraction(5, 4),)
        assert (swept.best_momentum, swept.best_factor) == (QUARTER, HALF)

    def test_a_rate_beyond_all_momenta_is_refused(self) -> None:
        """At αλ = 4 the bound 2 + 2β lies beyond every β below 1."""
        says = "is 1 but no momentum converges from 1"
        with refused(ValueError, "learning_rate", says):
            sweep_momentum(1)
        with refused(
            ValueError, "learning_rate", "is 3 but no momentum converges from 2"
        ):
            sweep_momentum(3, (1, 2))
        assert sweep_momentum(Fraction(99, 100)).best_momentum < 1


def slowest(products: tuple[Any, Any], momentum: Any, *, ahead: bool) -> float:
    """Give the spectral radius of a rule on two curvatures, by eigenvalues."""
    radii = []
    for product in map(float, products):
        kept = 1 - product if ahead else 1.0
        first = (1 + momentum) * kept if ahead else 1 + momentum - product
        eigenvalues = np.linalg.eigvals([[first, -momentum * kept], [1, 0]])
        radii.append(max(abs(eigenvalues)))
    return float(max(radii))


class TestTheBestSettings:
    """Momentum puts the root of the condition number in its place."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        best = best_settings()
        assert isinstance(best, BestSettings)
        assert best.curvatures == (Fraction(1, 5), 4)
        assert best.condition_number == 20
        assert best.rules == ("descent", "heavy ball", "Nesterov")
        # 2/(21/5) and 4/(61/5) are exact; (2/(√0.2 + 2))² is not.
        assert best.learning_rates[::2] == (Fraction(10, 21), Fraction(20, 61))
        assert best.learning_rates[1] == near(4 / (math.sqrt(0.2) + 2) ** 2, rel=1e-14)
        root, wider = math.sqrt(20), math.sqrt(61)
        assert best.momenta[0] == 0
        assert best.momenta[1:] == near(
            (((root - 1) / (root + 1)) ** 2, (wider - 2) / (wider + 2)), rel=1e-14
        )
        assert best.factors[0] == Fraction(19, 21)
        assert best.factors[1:] == near(
            ((root - 1) / (root + 1), 1 - 2 / wider), rel=1e-14
        )
        assert_plain(best, Fraction)

    def test_it_is_exact_on_fractions(self) -> None:
        """κ = 16, whose root is 4, and 3·16 + 1 = 49, whose root is 7."""
        assert best_settings((1, 16)) == (
            (1, 16),
            16,
            ("descent", "heavy ball", "Nesterov"),
            (Fraction(2, 17), Fraction(4, 25), Fraction(4, 49)),
            (0, Fraction(9, 25), Fraction(5, 9)),
            (Fraction(15, 17), Fraction(3, 5), Fraction(5, 7)),
        )
        assert type(best_settings((1, 16)).condition_number) is Fraction

    def test_a_round_bowl_needs_one_step(self) -> None:
        """Equal curvatures need no momentum."""
        best = best_settings((4, 4))
        assert best.learning_rates == (QUARTER, QUARTER, QUARTER)
        assert best.momenta == best.factors == (0, 0, 0)

    def test_eigenvalues_agree_and_no_neighbour_is_better(self) -> None:
        """Each factor is the spectral radius, and the least around."""
        best = best_settings()
        for index, ahead in ((1, False), (2, True)):
            rate, momentum = float(best.learning_rates[index]), best.momenta[index]
            found = slowest((rate / 5, rate * 4), momentum, ahead=ahead)
            # Both are double roots, of which an eigenvalue keeps half the digits.
            assert found == near(float(best.factors[index]), rel=1e-7)
            for more in (0.99, 1, 1.01):
                for heavier in (-0.01, 0, 0.01):
                    if (more, heavier) == (1, 0):
                        continue
                    moved = rate * more
                    other = slowest(
                        (moved / 5, moved * 4), momentum + heavier, ahead=ahead
                    )
                    assert other > found

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the array stays."""
        curvatures = np.array([0.2, 4.0])
        assert_plain(best_settings(curvatures))
        assert curvatures.tolist() == [0.2, 4]

    @pytest.mark.parametrize("example", [best_settings, sweep_momentum])
    @pytest.mark.parametrize("value", [(4, 1), (0, 1), (-1, 1), (1, 2, 3), (1,)])
    def test_two_curvatures_smaller_first(self, example: Any, value: Any) -> None:
        """The message says what they are and must be."""
        says = f"is {value} but must be two positive numbers, smaller first"
        with refused(ValueError, "curvatures", says):
            example(curvatures=value)


class TestTheRace:
    """Each rule with its best settings, until the loss is a millionth of the first."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        slow, fast, steady = three_rules()
        best = best_settings()
        for index, run in enumerate((slow, fast, steady)):
            assert run.rule == best.rules[index]
            assert run.learning_rate == float(best.learning_rates[index])
            assert run.momentum == best.momenta[index]
            assert len(run.path) == len(run.losses) == run.num_steps + 1
            assert run.losses[-1] <= 1.05e-5 < run.losses[-2]
        assert (slow.num_steps, fast.num_steps, steady.num_steps) == (70, 23, 28)
        losses = [10.5 * (361 / 441) ** step for step in range(71)]
        assert slow.losses == near(losses, rel=1e-12)
        # Double roots s and −s: (1 + (1 − s)t)sᵗ along, (1 + (1 + s)t)(−s)ᵗ across.
        size = (math.sqrt(20) - 1) / (math.sqrt(20) + 1)
        flat = [(1 + (1 - size) * t) * size**t for t in range(24)]
        assert_valley(
            fast, flat, [(1 + (1 + size) * t) * (-size) ** t for t in range(24)]
        )
        momentum = (math.sqrt(61) - 2) / (math.sqrt(61) + 2)
        flat = ahead_distances(4 / 61, momentum, 28)
        assert_valley(steady, flat, ahead_distances(80 / 61, momentum, 28))

    def test_the_best_ball_climbs_first(self) -> None:
        """Beyond the bound of descent the first step leads up."""
        _, fast, _ = three_rules()
        # αλ = 2.67 across: the loss there grows by 1.67² = 2.79, from 8.
        assert 24 < fast.losses[1] < max(fast.losses) < 25

    def test_other_numbers_give_other_results(self) -> None:
        """(361/441)⁴ = 0.449 is the first power below one half."""
        assert three_rules(share=0.5)[0].num_steps == 4
        assert_plain(three_rules(np.float64(0.5), 10))

    def test_the_limit_is_enough_or_not(self) -> None:
        """Descent needs 70 steps."""
        assert three_rules(limit=70) == three_rules()
        with refused(ValueError, "limit", "is 69 but descent needs more steps"):
            three_rules(limit=69)

    def test_two_hundred_steps_unless_told(self) -> None:
        """After 200 steps the loss of descent is 2·10⁻¹⁷ of the first."""
        # 200·log₁₀ 441/361 = 17.39
        assert three_rules(1e-17)[0].num_steps == 196
        with refused(ValueError, "limit", "is 200 but descent needs more steps"):
            three_rules(1e-18)


class TestTheGoals:
    """The steps of the race, to several shares of the first loss."""

    def test_every_number_of_the_book(self) -> None:
        """The first steps at which the losses of the race are small enough."""
        goals = steps_to_goals()
        assert isinstance(goals, Goals)
        shares = (1e-1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10)
        assert goals.shares == shares
        for index, share in enumerate(shares):
            runs = [run.num_steps for run in three_rules(share)]
            counted = [steps[index] for steps in goals[1:4]]
            assert counted == runs
        assert goals.descent == (12, 24, 47, 70, 93, 116)
        assert goals.heavy_ball == (9, 12, 18, 23, 29, 34)
        assert goals.nesterov == (6, 10, 19, 28, 37, 45)
        # The factors 19/21, (√20 − 1)/(√20 + 1) and 1 − 2/√61, squared for the loss.
        factors = (19 / 21, (20**0.5 - 1) / (20**0.5 + 1), 1 - 2 / 61**0.5)
        costs = [math.log(10) / -math.log(factor**2) for factor in factors]
        assert goals.per_decade == near(costs, rel=1e-12)
        assert_plain(goals)

    def test_the_limit_is_enough_or_not(self) -> None:
        """Descent needs 70 steps to a millionth."""
        assert steps_to_goals((1e-6,), 70).descent == (70,)
        with refused(ValueError, "limit", "is 69 but descent needs more steps"):
            steps_to_goals((0.1, 1e-6), 69)
        assert steps_to_goals((1e-17,)).descent == (196,)
        with refused(ValueError, "limit", "is 200 but descent needs more steps"):
            steps_to_goals((1e-18,))


class TestTheSearch:
    """Every rule tries the same rates and momenta for the fewest steps."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page, and rolls confirm them."""
        found = searched_settings()
        assert isinstance(found, Searched)
        assert found.rules == ("descent", "heavy ball", "Nesterov")
        assert found.learning_rates == near((0.4612, 0.64, 0.26), rel=1e-15)
        assert found.momenta == near((0, 0.44, 0.78), abs=1e-15)
        assert found.num_steps == (64, 16, 10)
        for index, roll in enumerate((heavy_ball, heavy_ball, nesterov)):
            settings = found.learning_rates[index], found.momenta[index]
            losses = roll(*settings, num_steps=found.num_steps[index]).losses
            assert losses[-1] <= 1.05e-5 < losses[-2]
        assert_plain(found)

    def test_no_other_settings_are_as_fast(self) -> None:
        """Rates 1/8, 2/8, … and momenta 0, 1/4, …, each with a roll of its own."""
        found = searched_settings(0.01, num_rates=8, num_momenta=4, limit=40)
        pairs = [(part / 8, beta / 4) for beta in range(4) for part in range(1, 8)]
        alone = [(part / 32, 0.0) for part in range(1, 16)]
        for index, roll, tried in (
            (0, heavy_ball, alone),
            (1, heavy_ball, pairs),
            (2, nesterov, pairs),
        ):
            arrived = []
            for rate, momentum in tried:
                losses = roll(rate, momentum, num_steps=40).losses
                small = [loss <= 0.105 for loss in losses]
                if True in small:
                    arrived.append((small.index(True), momentum, rate))
            fewest, momentum, rate = min(arrived)
            assert found.num_steps[index] == fewest
            assert (found.momenta[index], found.learning_rates[index]) == near(
                (momentum, rate), rel=1e-15
            )

    def test_the_limit_is_enough_or_not(self) -> None:
        """Descent needs 64 steps; the momentum 0 alone makes the ball descend."""
        assert searched_settings(limit=64) == searched_settings()
        assert searched_settings(num_momenta=1).num_steps == (65, 65, 65)
        with refused(ValueError, "limit", "is 63 but descent needs more steps"):
            searched_settings(limit=63)
        with refused(ValueError, "limit", "is 200 but descent needs more steps"):
            searched_settings(1e-18)


def test_a_share_that_is_met_exactly_counts() -> None:
    """The race stops at the first loss that is not above the share."""
    losses = three_rules()[0].losses
    met = [
        (loss / losses[0], step)
        for step, loss in enumerate(losses)
        if step and loss / losses[0] * losses[0] == loss
    ]
    share, step = met[0]
    assert three_rules(share)[0].num_steps == step
