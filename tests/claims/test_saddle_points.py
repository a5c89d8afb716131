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

from gdbook.examples.saddle_points import (
    escape,
    escape_times,
    flat_places,
    judge,
    noisy_escape,
    saddle_gradient,
    saddle_loss,
    sign_patterns,
    three_starts,
    weights_in_a_row,
)
from gdbook.gradients import linear_curvature, with_intercept

SIDES = st.fractions(-2, 2, max_denominator=9)
SEEDS = (2, 3, 4)
RATE = 0.1


@pytest.mark.claims(
    "For the loss of a line that was right, because such a loss is a bowl and has "
    "one flat place only, if two inputs differ."
)
@given(inputs=st.lists(st.integers(-5, 5), min_size=2, max_size=5))
def test_a_line_has_a_bowl(inputs: list[int]) -> None:
    """Its curvature is positive in all directions, unless all inputs are equal."""
    matrix = linear_curvature(with_intercept(np.array(inputs, dtype=object)))
    determinant = matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]
    assert matrix[0][0] >= 0
    assert (determinant > 0) == (len(set(inputs)) > 1)


@pytest.mark.claims(
    "Along $y$ it falls on both sides of $0$, and rises again further out, so that "
    "descent cannot fall for ever.",
    "On the line $y = 0$ the slope along $y$ is $0$ exactly, no step ever leaves the "
    "line, and descent walks along it to the flat place in the middle.",
    "The middle has a loss of …, so the ground rises along the ridge, and falls "
    "across it.",
    "The hollows on either side are equally low, ….",
    "Descent near a ridge leaves it after a time that grows as the logarithm of one "
    "over the distance, and from exactly on the ridge it never leaves.",
)
@given(x=SIDES, y=SIDES)
def test_the_loss(x: Fraction, y: Fraction) -> None:
    """Nowhere below −1/4; and the ridge is never left."""
    loss = saddle_loss((x, y))
    assert loss >= Fraction(-1, 4)
    assert loss == saddle_loss((x, -y))
    assert (loss == Fraction(-1, 4)) == (x == 0 and abs(y) == 1)
    if x and abs(x) < 1:
        assert saddle_loss((x, 0)) > 0
    if 0 < abs(y) < Fraction(7, 5):
        assert saddle_loss((0, y)) < 0
    (run,) = three_starts((0,), along=x, num_steps=5)
    assert all(place[1] == 0 for place in run.places)


@pytest.mark.claims(
    "All three stopped for one reason: ….",
    "The first one stands at a loss of …, the other two at …, so flat is not lowest.",
    "The start at … first follows the ridge to the middle, as if it were on it, and "
    "then turns off at a right angle.",
    "Two descents reach the same plateau, and for a long time their losses do not "
    "say that one of them will leave it.",
)
def test_three_starts() -> None:
    """Also from other starts, at other rates."""
    for along, rate in ((1, 0.1), (-0.7, 0.2), (1.5, 0.05)):
        runs = three_starts((0, 1e-6, 0.5), along, rate)
        assert {run.stopped for run in runs} == {"the gradient is flat"}
        assert [round(float(run.end_loss), 9) for run in runs] == [0, -0.25, -0.25]
        on, near_it, _ = runs
        apart = [
            abs(float(a - b)) < 1e-3
            for a, b in zip(on.losses, near_it.losses, strict=False)
        ]
        leaves = apart.index(False)
        assert leaves > 5 / rate
        assert float(on.losses[leaves]) < 1e-3


@pytest.mark.claims(
    "Each curvature is a central difference of a slope, with a step of … to each side.",
    "The measured … and … are off by the square of the step, as they must be for a "
    "cube.",
    "In the middle one curvature is positive and one negative: walk along $x$ and "
    "the ground turns up, walk along $y$ and it turns down.",
    "In a hollow both are positive, and the place is a minimum.",
    "Two cuts are enough for this loss, because it is a part in $x$ plus a part in "
    "$y$.",
)
@settings(max_examples=30)
@given(step=st.fractions(Fraction(1, 1000), Fraction(1, 2), max_denominator=1000))
def test_curvatures(step: Fraction) -> None:
    """For every step, exactly."""
    places = flat_places(step=step)
    assert [y - want for y, want in zip(places.along_y, (-1, 2, 2), strict=True)] == [
        step**2
    ] * 3
    assert places.along_x == (1, 1, 1)
    for place in ((0, 0), (0, 1), (0, -1)):
        second = judge(saddle_gradient, place, step=step).second_slopes
        assert second[0][1] == second[1][0] == 0


@pytest.mark.claims(
    "In general a place may rise along every weight and still fall in a direction "
    "between the weights, so curvature must be asked in all directions.",
    "There is a shortcut: the curvatures of all directions lie between a least and a "
    "greatest one, and these two are found by a formula from the changes of all "
    "slopes along all weights, the matrix of the second slopes:",
    "A gradient of zero marks a flat place, and the signs of the curvatures there "
    "say whether it is a minimum or a saddle, if none of them is zero.",
    "If the least curvature is positive, the ground around the place rises in every "
    "direction; if the least is negative and the greatest positive, it is a saddle.",
    "The least and the greatest are two of the matrix's eigenvalues; judge computes "
    "them all and returns the verdict.",
    "A curvature is positive, negative or zero; leave zero out, where judge can only "
    "say that it is undecided.",
    "No: the least curvature is …, and the place is a ….",
    "Walk in the direction $(1, -1)$: the gradient there is $(-1, 1)$, it points "
    "back, so a step against the gradient leads on, away from the origin.",
    "Both curvatures along the weights are positive, and the ground still falls "
    "between them.",
)
@settings(max_examples=60)
@given(
    entries=st.tuples(*[st.integers(-4, 4)] * 3),
    angle=st.floats(0, math.pi),
)
def test_all_directions(entries: tuple[int, int, int], angle: float) -> None:
    """No direction lies outside, and the verdict follows from the signs."""
    a, b, d = entries

    def gradient(w: Any) -> Any:
        return np.array([a * w[0] + b * w[1], b * w[0] + d * w[1]])

    found = judge(gradient, np.array([0.0, 0.0]))
    least, greatest = found.curvatures
    way = np.array([math.cos(angle), math.sin(angle)])
    bend = float(way @ gradient(way))
    assert least - 1e-6 <= bend <= greatest + 1e-6
    if a * d - b * b < 0:
        assert found.verdict == "saddle"
    elif a * d - b * b > 0:
        assert found.verdict == ("minimum" if a > 0 else "maximum")
    else:
        assert found.verdict == "undecided"
    if a > 0 and d > 0 and b > max(a, d):  # rises along both, and falls between
        assert gradient(np.array([1, -1]))[0] < 0
        assert found.verdict == "saddle"


@pytest.mark.claims(
    "With … weights there are … ways to choose the signs, and … of them is positive "
    "throughout."
)
def test_signs() -> None:
    """Counted one by one."""
    for number, ways in zip((1, 3, 6), sign_patterns((1, 3, 6)).patterns, strict=True):
        signs = np.array(np.meshgrid(*[[-1, 1]] * number)).reshape(number, -1).T
        assert len(signs) == ways
        assert (signs > 0).all(axis=1).sum() == 1


@pytest.mark.claims(
    "Near the ridge the curvature across it is $\\lambda = -1$, so the factor of … "
    "is greater than $1$: every step multiplies the distance $d$ from the ridge.",
    "A start closer by a factor of ten, one decade, costs a fixed number of steps "
    "more, the natural logarithm of ten over $\\ln(1 + \\alpha|\\lambda|)$.",
    "The best line through the points, found by best_line from …, rises by … steps "
    "for each decade, and theory says ….",
    "Every measured number is a little above theory: steps are whole, and the walls "
    "of the hollow, which equation … leaves out, begin to slow the descent before it "
    "has left.",
    "Neither depends on where the start lies, but for the rounding, so they shift "
    "the line and hardly turn it.",
    "The closer the start lies to the ridge, the longer descent stays, by … steps "
    "for each decade.",
    "A larger rate makes it gentler still: at a rate of … a decade costs … steps, "
    "and theory says ….",
    "Even this descent leaves, after … steps where theory says ….",
)
def test_times_of_escape() -> None:
    """At several rates, for starts between whole decades, and very near."""
    slopes = []
    for rate in (0.05, 0.1, 0.2, 0.4):
        times = escape_times(tuple(3.0 * 10.0**-k for k in range(2, 12)), rate)
        assert times.slope == near(math.log(10) / math.log1p(rate), rel=0.01)
        above = [n - t for n, t in zip(times.steps, times.forecasts, strict=True)]
        assert all(0 < one < 1 + 0.2 / rate for one in above)
        slopes.append(times.slope)
        (run,) = three_starts((1e-6,), learning_rate=rate, num_steps=40)
        sides = [float(place[1]) for place in run.places if abs(float(place[1])) < 1e-4]
        assert [b / a for a, b in pairwise(sides)] == near(
            [1 + rate] * (len(sides) - 1), rel=1e-8
        )
        far = escape(1e-290, rate, limit=20_000)
        assert 0 < far.num_steps - far.forecast < 1 + 0.2 / rate
    assert all(b < a for a, b in pairwise(slopes))


@pytest.mark.claims(
    "On the ridge itself the logarithm is infinite, and so is the time: … shows the "
    "one start that never leaves.",
    "Around the middle such starts are a line in a plane, so a random start hits one "
    "with probability zero; but a start chosen by hand may, as the last section "
    "shows.",
)
def test_random_starts_leave() -> None:
    """Each of many ends in a hollow."""
    starts = np.random.default_rng(0).uniform(-1, 1, 40)
    for run in three_starts(tuple(starts.tolist())):
        assert run.end_loss == near(-0.25)


@pytest.mark.claims(
    "The first push is at once multiplied by the factor of every later step, and the "
    "pushes after it have fewer steps to grow.",
    "All together they act like a start at the distance $d$, times one random number:",
    "So the time to leave must be a logarithm again, with the same number of steps "
    "for each decade, now of the noise.",
    "Each decade of noise costs … steps; the theory is the same … as before.",
    "With the curvatures $1$ and $2$ of a hollow that is … for the noise …, and the "
    "descents show …, and … to … from … seeds.",
    "So the price is lopsided in our favour: noise ten times smaller costs about … "
    "steps and lowers the floor by a factor of ten times ten.",
    "Noise in the gradient leads off such a ridge in logarithmic time, and its price "
    "is a floor that grows with the square of the noise.",
    "At noise … the bar reaches from … to … steps, for chance decides how far the "
    "first pushes lead.",
)
def test_noise() -> None:
    """From other seeds, and at another rate."""
    for seed in SEEDS:
        for rate in (0.1, 0.2):
            noisy = noisy_escape((1e-1, 1e-2, 1e-4), learning_rate=rate, seed=seed)
            decade = math.log(10) / math.log1p(rate)
            assert noisy.slope == near(decade, rel=0.04)
            assert noisy.median_steps == near(noisy.forecasts, abs=4)
            # 101 descents over 200 steps: within a quarter
            assert noisy.floors == near(noisy.floors_theory, rel=0.25)
            assert noisy.floors[1] / noisy.floors[2] == near(10_000, rel=0.02)
            assert noisy.fastest[0] < noisy.median_steps[0] < noisy.slowest[0]
    draws = np.random.default_rng(0).standard_normal((400, 2000))
    grown = sum(RATE * 1.1 ** (399 - step) * draws[step] for step in range(400))
    distance = RATE / math.sqrt(1.1**2 - 1)
    assert np.std(grown / 1.1**400) == near(distance, rel=0.1)


@pytest.mark.claims(
    "Around a minimum with curvature $\\lambda$ the noise of a step adds to what the "
    "factor $1 - \\alpha\\lambda$ leaves of the earlier ones, and in balance each "
    "direction contributes"
)
@given(
    rate=st.fractions(Fraction(1, 50), Fraction(1, 3)),
    bend=st.fractions(Fraction(1, 9), 5),
    noise=st.fractions(0, 2),
)
def test_the_balance(rate: Fraction, bend: Fraction, noise: Fraction) -> None:
    """What the formula says does not change in a step."""
    floor = rate * noise**2 / (2 * (2 - rate * bend))
    square = 2 * floor / bend
    assert (1 - rate * bend) ** 2 * square + rate**2 * noise**2 == square


@pytest.mark.claims(
    "Each slope is the error times what the other weight passes on, so both slopes "
    "are $0$ although the error is not.",
    "One weight alone changes nothing: the loss stays at …, and the curvature along "
    "either weight is ….",
    "Together they lower the loss to …; opposed they raise it to ….",
    "So the directions that decide lie between the weights, with curvatures … and …, "
    "and the place is a ….",
    "Descent from zero weights would stand there for ever.",
    "Small batches do not help, for the slopes of every sample are $0$ there, "
    "whatever its input and target: where no sample pushes, there is no noise.",
)
@settings(max_examples=30)
@given(
    move=SIDES.filter(lambda one: 0 < one <= 1),
    enters=SIDES.filter(bool),
    target=SIDES.filter(bool),
)
def test_two_weights_in_a_row(
    move: Fraction, enters: Fraction, target: Fraction
) -> None:
    """For every input and target, exactly."""
    row = weights_in_a_row(move, enters, target)
    assert row.gradient == (0, 0)
    assert row.alone == row.loss == target**2
    assert row.second_slopes[0][0] == row.second_slopes[1][1] == 0
    assert row.curvatures[0] == near(-row.curvatures[1])
    small = weights_in_a_row(Fraction(1, 100), enters, target)
    lower, higher = sorted((small.together, small.opposed))
    assert lower < row.loss < higher
    assert (small.together < small.opposed) == (enters * target > 0)
    assert row.verdict == "saddle"


@pytest.mark.claims(
    "With the limit … it stops after … steps, on the plateau, although it is not on "
    "the ridge and would leave.",
    "The slope along $x$ shrinks while the slope along $y$ grows, by factors that "
    "almost undo each other.",
    "So they meet halfway between their first sizes, counted in decades: near the "
    "square root of the distance of the start.",
    "A limit above the place where they meet catches the descent, a limit well below "
    "it does not: with … descent ends with a loss of ….",
)
def test_stopping_too_early() -> None:
    """For starts of several distances."""
    assert near(1 - RATE**2) == (1 - RATE) * (1 + RATE)
    for distance in (1e-4, 1e-6, 1e-8, 1e-10):
        meeting = math.sqrt(distance)
        for share, leaves in ((3, False), (1.5, False), (0.3, True), (0.1, True)):
            (run,) = three_starts((distance,), flat=share * meeting)
            assert (run.end_loss < -0.2) == leaves


@pytest.mark.claims(
    "A step adds … of the distance, and the computer rounds it to a whole multiple "
    "of the least float.",
    "Where that is nothing, the start is on the ridge as far as the computer can tell.",
    "The first multiple that moves is …, to which a step would add … of the least "
    "float: the float that stands for … is a hair greater, so it is rounded up.",
    "Theory says …, although it knows nothing of rounding, which here is as large as "
    "the first steps themselves.",
)
def test_the_least_floats() -> None:
    """At any rate, what is less than half of the least float is lost."""
    least = 2.0**-1074
    assert least / 2 == 0 < least
    assert Fraction(0.1) > Fraction(1, 10)
    for multiple in range(1, 9):
        (run,) = three_starts((multiple * least,), num_steps=1)
        assert (run.end[1] > multiple * least) == (multiple >= 5)
        (run,) = three_starts((multiple * least,), learning_rate=0.25, num_steps=1)
        assert (run.end[1] > multiple * least) == (multiple >= 3)
