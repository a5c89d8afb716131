"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import fractions, positive_fractions

from gdbook import gradients, losses
from gdbook.descent import FLAT, descend
from gdbook.examples.saddle_points import (
    chord,
    escape,
    escape_times,
    flat_places,
    judge,
    noisy_escape,
    saddle_gradient,
    saddle_loss,
    three_starts,
    tilted_loss,
    tilted_slope,
    two_valleys,
    weights_in_a_row,
)
from gdbook.optimizers import GradientDescent

FEW = settings(max_examples=30)
NOT_ZERO = fractions().filter(bool)
NEAR = st.fractions(Fraction(1, 99), Fraction(98, 99), max_denominator=99)
RATES = st.fractions(Fraction(1, 50), Fraction(99, 50), max_denominator=50)


class TestFlatIsNotLowest:
    """Of a line it is; of a saddle it is not."""

    @pytest.mark.claims(
        "For the loss of a line that was right, because such a loss is lowest wherever "
        "it is flat."
    )
    @FEW
    @given(
        st.lists(st.tuples(fractions(), fractions()), min_size=1, max_size=4),
        fractions(),
        fractions(),
    )
    def test_of_a_line(self, points: Any, slope: Any, intercept: Any) -> None:
        """Even of points above each other, where it is flat along a whole line."""
        inputs, targets = zip(*points, strict=True)
        if len(set(inputs)) > 1:
            flat = gradients.best_line(inputs, targets)
        else:
            flat = slope, sum(targets) / len(targets) - slope * inputs[0]
        rows = gradients.with_intercept(inputs)
        (at_flat, least), (elsewhere, loss) = (
            (
                gradients.linear_gradient(rows, weights, targets),
                losses.mean_squared_error(rows @ np.array(weights), targets),
            )
            for weights in (flat, (slope, intercept))
        )
        assert not any(at_flat)
        assert loss == least if not any(elsewhere) else loss > least

    @pytest.mark.claims(
        "Along $y$ it falls on both sides of $0$, and rises again further out: the "
        "lowest it gets is ….",
        "The hollows on either side are equally low, ….",
        "The loss has three flat places: the middle, and one hollow on either side, at "
        "$y = 1$ and $y = -1$.",
    )
    @given(fractions(), fractions())
    def test_the_ground(self, x: Fraction, y: Fraction) -> None:
        """The loss above the least is a sum of two squares."""
        assert saddle_loss((x, y)) + Fraction(1, 4) == x**2 / 2 + (y**2 - 1) ** 2 / 4
        assert saddle_loss((x, y)) == saddle_loss((x, -y))
        slopes = saddle_gradient((x, y))
        assert any(slopes) != ((x, y) in flat_places().places)
        outwards = slopes[1] * y
        assert (outwards < 0) == (0 < abs(y) < 1)
        assert (outwards > 0) == (abs(y) > 1)
        assert (saddle_loss((x, 0)) > saddle_loss((0, 0))) == (x != 0)
        assert (saddle_loss((0, y)) < saddle_loss((0, 0))) == (0 < y**2 < 2)

    @pytest.mark.claims(
        "The learning rate is …, and descent stops when no slope is steeper than ….",
        "All three stopped for one reason: ….",
        "The first one stands at a loss of …, the other two at …: flat is not always "
        "lowest.",
    )
    @pytest.mark.parametrize("rate", [0.05, 0.1, 0.5, 0.9])
    def test_the_ends(self, rate: float) -> None:
        """On either side, at other rates and distances, from further up the ridge."""
        distances = (0, 1e-6, 0.5, -1e-6, -1.2)
        for run in three_starts(distances, -1.5, rate, num_steps=3000):
            assert run.stopped == FLAT
            slopes = abs(saddle_gradient(np.array(run.places).T)).max(axis=0)
            assert slopes[-1] <= run.flat < slopes[:-1].min()
            assert run.end_loss == near(-0.25 if run.distance else 0, abs=1e-15)

    @pytest.mark.claims(
        "On the line $y = 0$ the slope along $y$ is $0$ exactly, so no step leaves the "
        "line, and descent walks along it to the flat place in the middle.",
        "On the ridge itself the logarithm is infinite, and so is the time: … shows "
        "the one start that never leaves.",
    )
    @FEW
    @given(NOT_ZERO, RATES)
    def test_on_the_ridge(self, along: Fraction, rate: Fraction) -> None:
        """Whatever the rate below two over the curvature along the ridge."""
        run: Any
        (run,) = three_starts((0,), along, rate, num_steps=5, flat=0)
        assert {y for _, y in run.places} == {0}
        assert all(b < a for a, b in pairwise(run.losses))

    @pytest.mark.claims(
        "The start at … first follows the ridge to the middle, as if it were on it, "
        "and then turns off, on this scale at a right angle.",
        "Two descents reach the same plateau, and for … steps their losses are one "
        "line, although one of them will leave it.",
        "After … steps it is more than … away from the ridge, and the loss falls to ….",
    )
    def test_the_figures(self) -> None:
        """A thousandth is less than the width of a line in either of them."""
        run: Any
        on, run, _ = three_starts()
        assert max(min(abs(x), abs(y)) for x, y in run.places) < 0.001
        apart = [abs(a - b) for a, b in zip(on.losses, run.losses, strict=False)]
        alike = sum(distance < 0.001 for distance in apart)
        assert 50 < alike == next(t for t, far in enumerate(apart) if far >= 0.001)
        gone = escape(run.distance)
        away = [abs(y) > 0.5 for _, y in run.places]
        assert away.index(True) == gone.num_steps
        assert sum(away) == len(away) - gone.num_steps
        assert all(b <= a for a, b in pairwise(run.losses[: gone.num_steps]))


class TestCurvatureJudges:
    """The least and the greatest of all directions decide, if neither is 0."""

    @pytest.mark.claims(
        "Each curvature is a central difference of a slope, with a step of … to each "
        "side.",
        "Worked out by hand, the slope of $y\\,(y^2 - 1)$ is $-1$ in the middle, and "
        "$2$ in the hollows.",
        "The measured … and … are off by the square of the step, exactly, because "
        "$y\\,(y^2 - 1)$ has a cube.",
        "In the middle one curvature is positive and one negative: walk along $x$ and "
        "the ground turns up, walk along $y$ and it turns down.",
        "In a hollow both are positive, and the place is a minimum.",
    )
    @given(fractions(), fractions(), positive_fractions(), NOT_ZERO, NOT_ZERO)
    def test_this_loss(self, x: Any, y: Any, step: Any, first: Any, other: Any) -> None:
        """No second slope mixes the two, so no direction is outside the cuts."""
        (across, none), (zero, along_y) = judge(
            saddle_gradient, (x, y), step
        ).second_slopes
        assert (across, none, zero) == (1, 0, 0)
        slopes = [saddle_gradient((x, y + side * step))[1] for side in (1, -1)]
        assert along_y == (slopes[0] - slopes[1]) / (2 * step)
        assert along_y == 3 * y**2 - 1 + step**2
        assert [3 * height**2 - 1 for height in (0, 1, -1)] == [-1, 2, 2]
        assert flat_places(step=Fraction(1, 9)).verdicts == (
            "saddle",
            *2 * ("minimum",),
        )
        direction = (first**2 * across + other**2 * along_y) / (first**2 + other**2)
        assert min(across, along_y) <= direction <= max(across, along_y)

    @pytest.mark.claims(
        "The curvatures of all directions lie between a least and a greatest one, and "
        "these two are computed from the changes of all slopes along all weights, the "
        "matrix of the second slopes:",
        "If the least curvature of a flat place is positive, the ground around it "
        "rises in every direction; if the greatest is negative, it falls in every "
        "direction; and if the least is negative and the greatest positive, the place "
        "is a saddle.",
        "The least and the greatest curvature are the least and the greatest of the "
        "matrix's eigenvalues; judge computes them all and returns the verdict, which "
        "may be “undecided”.",
        "A gradient of zero marks a flat place, and the signs of the curvatures there "
        "say whether it is a minimum or a saddle, if none of them is $0$.",
    )
    @given(
        st.integers(1, 3).flatmap(
            lambda n: st.tuples(
                st.lists(st.integers(-3, 3), min_size=n * n, max_size=n * n),
                st.lists(
                    st.lists(st.integers(-5, 5), min_size=n, max_size=n).filter(any),
                    min_size=1,
                    max_size=5,
                ),
            )
        )
    )
    def test_every_direction(self, drawn: Any) -> None:
        """For bowls, hills, saddles and troughs of one weight to three."""
        numbers, directions = drawn
        n = math.isqrt(len(numbers))
        half = np.array(numbers).reshape(n, n)
        matrix = half + half.T
        found = judge(lambda weights: matrix @ weights, (0,) * n)
        assert len(found.curvatures) == n
        least, greatest = found.curvatures[0], found.curvatures[-1]
        curved = [
            float(way @ matrix @ way / (way @ way)) for way in map(np.array, directions)
        ]
        assert least - 1e-9 < min(curved) <= max(curved) < greatest + 1e-9
        _, own = np.linalg.eigh(matrix)
        ends = [float(way @ matrix @ way) for way in own.T]
        assert (min(ends), max(ends)) == near((least, greatest), abs=1e-9)
        expected = (
            "minimum"
            if least > 1e-5
            else "maximum"
            if greatest < -1e-5
            else "saddle"
            if least < -1e-5 and greatest > 1e-5
            else "undecided"
        )
        assert found.verdict == expected
        if expected == "minimum":
            assert min(curved) > 0
        if expected == "maximum":
            assert max(curved) < 0
        if expected == "undecided":
            assert 0 in (round(least, 9), round(greatest, 9))

    @pytest.mark.claims(
        "Where the least or the greatest is $0$, curvature may not decide.",
    )
    @FEW
    @given(fractions(), fractions(), positive_fractions())
    def test_where_one_is_zero(self, x: Any, y: Any, distance: Any) -> None:
        """The first rises everywhere, the others fall however near one looks."""
        for along_y in (
            lambda y: 4 * y**3,
            lambda y: -4 * y**3,
            lambda y: 3 * y**2,
        ):

            def gradient(weights: Any, along_y: Any = along_y) -> Any:
                return np.array([2 * weights[0], along_y(weights[1])])

            found = judge(gradient, (0, 0))
            assert found.gradient == (0, 0)
            assert found.curvatures == near((0, 2), abs=1e-5)
            assert found.verdict == "undecided"
        assert (x**2 + y**4 > 0) == ((x, y) != (0, 0))
        assert -((distance / 10**6) ** 4) < 0
        assert (-distance / 10**6) ** 3 < 0

    @pytest.mark.claims(
        "In general the ground may rise along every weight and still fall in a "
        "direction between the weights.",
    )
    @FEW
    @given(st.just(Fraction(1)) | positive_fractions(), NOT_ZERO, positive_fractions())
    def test_between_the_weights(self, more: Any, way: Any, rate: Any) -> None:
        """Of every loss whose mixed second slope is greater than the others."""
        mixed = 1 + more

        def gradient(weights: Any) -> Any:
            return np.array(
                [weights[0] + mixed * weights[1], mixed * weights[0] + weights[1]]
            )

        found = judge(gradient, (0, 0), Fraction(1, 10))
        assert found.second_slopes == ((1, mixed), (mixed, 1))
        assert found.curvatures == near(
            (float(1 - mixed), float(1 + mixed)), abs=1e-13 * float(1 + mixed)
        )
        assert found.verdict == "saddle"
        slopes = gradient((way, -way))
        assert tuple(slopes) == (-more * way, more * way)
        assert abs(way - rate * slopes[0]) > abs(way)


class TestTwoValleys:
    """Which of them a descent ends in, and which losses have one alone."""

    @pytest.mark.claims(
        "A minimum is lower than what is near it, and another one may be lower still.",
        "It is flat where a factor of its slope is $0$, and there the curvature is the "
        "product of the two others: at $-1$ it is $(-1)(-3)$, at $0$ it is "
        "$(1)(-2)$, at $2$ it is $(2)(3)$.",
        "The top of the hill, where the curvature is …, is the border between the two, "
        "and on it descent stands still.",
        "The dashed chord joins the two minima, and the curve lies above it.",
        "The curve of two valleys is not convex: in the middle of the chord between "
        "them, it is higher.",
    )
    @given(st.fractions(Fraction(1, 999), Fraction(1, 2)), st.sampled_from([1, -1]))
    def test_its_flat_places(self, away: Fraction, side: int) -> None:
        """Near a minimum the curve is higher, near the top of the hill it is lower."""
        valleys = two_valleys((0,))
        assert valleys.num_steps == (0,)
        for place, height, curvature in zip(
            valleys.places, valleys.heights, valleys.curvatures, strict=True
        ):
            assert tilted_slope(place) == 0
            higher = tilted_loss(place + side * away) > height
            assert higher == (curvature > 0)
            measured = gradients.central_difference(tilted_slope, place, step=away)
            assert measured == curvature + away**2
        assert valleys.heights[2] < valleys.heights[0] < valleys.heights[1]
        assert valleys.curvatures == (-1 * -3, 1 * -2, 2 * 3)
        along = -1 + 3 * away
        on_chord = valleys.heights[0] + away * (valleys.heights[2] - valleys.heights[0])
        assert tilted_loss(along) > on_chord
        assert chord().on_curve > chord().on_chord

    @pytest.mark.claims(
        "Left of $0$ descent ends in a local minimum of height …, right of it in the "
        "lowest one, ….",
        "Descent goes down from where it is, and no slope in one valley tells of the "
        "other: which minimum it finds, its start decides.",
        "From the circles to the stars: each start ends in the valley on its side of "
        "the hill.",
    )
    @FEW
    @given(st.fractions(Fraction(-296, 99), Fraction(395, 99), max_denominator=99))
    def test_the_start_decides(self, start: Fraction) -> None:
        """Where no step leaps, and no slope of the other side is ever felt."""
        felt = []

        def slope(place: Any) -> Any:
            felt.append(place)
            return tilted_slope(place)

        run = descend(
            tilted_loss,
            slope,
            float(start),
            GradientDescent(0.1),
            num_steps=900,
            flat=1e-9,
        )
        assert run.stopped == FLAT
        assert {np.sign(place) for place in felt} == {np.sign(float(start))}
        expected = -1 if start < 0 else 2 * (start > 0)
        assert run.params[-1] == near(expected, abs=1e-9)
        valleys = two_valleys((start,))
        assert valleys.end_losses[0] == near(
            float(tilted_loss(Fraction(expected))), abs=1e-12
        )

    @pytest.mark.claims(
        "If a place $b$ is lower than $a$, the chord falls from $a$ on, and a convex "
        "loss must fall below it: then $a$ is not flat.",
        "So wherever a convex loss is flat it is lowest, and it has one valley.",
        "It bends down nowhere: no curvature of it, in any direction, is below $0$.",
        "A convex loss has one valley; any other may have several, and then the start "
        "decides in which of them descent ends.",
        "Call a loss convex if it lies nowhere above a chord between two of its "
        "points:",
    )
    @FEW
    @given(
        st.lists(st.tuples(positive_fractions(), fractions()), min_size=1, max_size=3),
        fractions(),
        fractions(),
        NEAR,
    )
    def test_of_a_convex_loss(self, parts: Any, first: Any, other: Any, s: Any) -> None:
        """Sums of squares and of their squares, beside the curve that is none."""

        def loss(x: Any) -> Any:
            return sum(c * (x - at) ** 2 + c * (x - at) ** 4 for c, at in parts)

        def slope(x: Any) -> Any:
            return sum(2 * c * (x - at) + 4 * c * (x - at) ** 3 for c, at in parts)

        rise = loss(other) - loss(first)
        assert loss(first + s * (other - first)) <= loss(first) + s * rise
        assert slope(first) * (other - first) <= rise
        if rise < 0:
            assert slope(first) != 0
        assert gradients.central_difference(slope, first, step=s) >= 0
        assert sum(curvature < 0 for curvature in two_valleys().curvatures) == 1
        assert len({round(end) for end in two_valleys().ends}) > 1

    @pytest.mark.claims(
        "The mean squared error of a line is convex, for its curvature along any "
        "direction is twice a mean of squares.",
    )
    @FEW
    @given(
        st.lists(st.tuples(fractions(), fractions()), min_size=1, max_size=4),
        st.tuples(fractions(), fractions()),
        st.tuples(fractions(), fractions()),
    )
    def test_of_a_line_with_two_weights(self, points: Any, at: Any, way: Any) -> None:
        """Of the changes of the predictions along that direction."""
        inputs, targets = zip(*points, strict=True)
        rows = gradients.with_intercept(inputs)

        def loss(share: int) -> Any:
            weights = np.array(at) + share * np.array(way)
            return losses.mean_squared_error(rows @ weights, targets)

        changes = rows @ np.array(way)
        bend = loss(1) - 2 * loss(0) + loss(-1)
        assert bend == 2 * sum(changes**2) / len(changes) >= 0

    @pytest.mark.claims(
        "One step of descent multiplies $x$ on the curve of two valleys by $1 + "
        "\\alpha\\,(2 + x - x^2)$.",
        "The factor is $0$ where $x^2 - x = 2 + 1/\\alpha$, at two places.",
        "Between them it is positive, and no step changes the sign of $x$; beyond them "
        "it is negative, and a step leaps over the hill.",
        "From … and … descent stops on the hill; from just beyond them it ends in the "
        "valley on the other side.",
    )
    @given(st.fractions(Fraction(21, 10), 9, max_denominator=50), fractions())
    def test_starts_that_land_on_the_hill(self, lands: Any, start: Any) -> None:
        """Two places whose sum is 1, at the rate that leads from there to 0."""
        rate = 1 / (lands**2 - lands - 2)
        for place in (lands, 1 - lands):
            assert two_valleys((place,), rate, num_steps=1).ends == (0,)
        (end,) = two_valleys((start,), rate, num_steps=1).ends
        assert end == start * (1 + rate * (2 + start - start**2))
        if start:
            between = 1 - lands < start < lands
            assert (end * start > 0) == between
            assert (end == 0) == (start in (lands, 1 - lands))
        beyond = two_valleys((-3.1, 4.1))
        assert beyond.ends == near((2, -1), rel=1e-8)

    @pytest.mark.claims(
        "The valley is gone once the slope between $-1$ and $0$ is positive nowhere.",
        "It is greatest there where the curvature $3x^2 - 2x - 2$ is $0$, and that "
        "slope is the tilt: ….",
    )
    @pytest.mark.parametrize("share", [0.5, 0.9, 0.99, 1.01, 1.1, 1.5])
    def test_tilted_away(self, share: float) -> None:
        """Below that tilt the upper valley holds the descent, and beyond it not."""
        top = (1 - 7**0.5) / 3
        assert 3 * top**2 - 2 * top - 2 == near(0, abs=1e-14)
        along = np.linspace(-1, 0, 1001)
        greatest = tilted_slope(top)
        assert max(tilted_slope(along)) == near(greatest, rel=1e-5)
        tilt = share * greatest
        run = descend(
            lambda x: tilted_loss(x) - tilt * x,
            lambda x: tilted_slope(x) - tilt,
            -2,
            GradientDescent(0.1),
            num_steps=5000,
            flat=1e-9,
        )
        assert (run.params[-1] < top) == (share < 1)


class TestTheTimeIsALogarithm:
    """The same number of steps for each decade, whatever the rate."""

    @pytest.mark.claims(
        "Near the ridge the curvature across it is $\\lambda = -1$, so the factor of "
        "…, $1 + \\alpha|\\lambda|$, is greater than $1$: every step leads further "
        "away."
    )
    @given(fractions(), NEAR, positive_fractions(), st.sampled_from([1, -1]))
    def test_every_step_leads_away(
        self, along: Any, distance: Any, rate: Any, side: Any
    ) -> None:
        """By the factor of the ridge, less what the walls take."""
        (run,) = three_starts((side * distance,), along, rate, num_steps=1, flat=0)
        growth = run.end[1] / run.distance
        assert growth == 1 + rate - rate * distance**2
        assert abs(run.end[1]) > distance

    @pytest.mark.claims(
        "You will learn how curvature judges a flat place, which losses have a single "
        "valley, and why the time to escape is a logarithm.",
        "A start closer by a factor of ten, one decade, costs a fixed number of steps "
        "more, the natural logarithm of ten over $\\ln(1 + \\alpha|\\lambda|)$.",
        "The closer the start lies to the ridge, the longer descent stays, by … steps "
        "for each decade.",
        "This descent leaves, too, after … steps where theory says ….",
        "The best line through the points, found by best_line from …, rises by … steps "
        "for each decade, and theory says ….",
    )
    def test_decades(self) -> None:
        """At other rates and up to twenty decades, but for one step of rounding."""
        slopes = []
        for rate in (0.1, 0.2, 0.5, 1.0):
            times = escape_times((1e-3, 1e-4, 1e-8, 1e-16, 1e-23), rate)
            decade = math.log(10) / math.log(1 + rate)
            assert times.slope_theory == near(decade)
            assert times.slope == near(decade, abs=0.1)
            for steps, decades in zip(times.steps, (0, 1, 5, 13, 20), strict=True):
                assert steps - times.steps[0] == near(decades * decade, abs=1.01)
            slopes.append(times.slope)
        assert slopes == sorted(slopes, reverse=True)
        book = escape_times()
        far = escape(3e-290)
        assert far.num_steps == near(far.forecast, abs=2.5)
        best, _ = gradients.best_line(range(1, 13), book.steps)
        assert book.slope == near(float(best), rel=1e-9)

    @pytest.mark.claims(
        "Where the curvature across a ridge is negative, descent leaves after a time "
        "that grows as the logarithm of one over its distance, and from exactly on the "
        "ridge it never leaves; noise across such a ridge leads off it, and its price "
        "is a floor that grows with the square of the noise."
    )
    @pytest.mark.parametrize("curvature", [0.3, 1, 4])
    def test_of_other_ridges(self, curvature: float) -> None:
        """A ridge without curvature is left later than any logarithm says."""

        def steps(distance: float, slope: Any) -> int:
            rule, count = GradientDescent(0.1), 0
            state = rule.init(distance)
            while abs(distance) < 0.5 and count < 20_000:
                update, state = rule.update(slope(distance), state)
                distance, count = distance + update, count + 1
            return count

        decade = math.log(10) / math.log(1 + 0.1 * curvature)
        curved = [steps(10.0**-k, lambda y: -curvature * y) for k in (2, 6, 12)]
        assert np.diff(curved) == near([4 * decade, 6 * decade], abs=1)
        flat = [steps(distance, lambda y: -(y**3)) for distance in (0.1, 0.05, 0.025)]
        assert flat[1] > 3.5 * flat[0]
        assert flat[2] > 3.5 * flat[1]
        assert steps(0.0, lambda y: -curvature * y) == 20_000

    @pytest.mark.claims(
        "Every measured number is a little above theory: steps are whole, and the "
        "walls of the hollow, which equation … leaves out, begin to slow the descent "
        "before it has left.",
    )
    @settings(max_examples=20)
    @given(st.floats(1, 25), st.floats(0.1, 1))
    def test_above_theory(self, decades: float, rate: float) -> None:
        """Less than one step for rounding; the rest is the walls'."""
        run = escape(10**-decades, rate)
        assert run.num_steps > run.forecast
        without_walls = math.ceil(run.forecast)
        assert run.num_steps >= without_walls
        # The walls take αy² of each factor, near the end of the way alone.
        y, slowed = run.distance, 0.0
        for _ in range(run.num_steps):
            slowed += math.log((1 + rate) / (1 + rate - rate * y**2))
            y += rate * (y - y**3)
        assert run.num_steps - run.forecast < slowed / math.log(1 + rate) + 1

    @pytest.mark.claims(
        "Such starts fill no more than lines of the plane, the ridge and those from "
        "which a step lands on it, so a random start has no chance of being one; a "
        "start chosen by hand may be, as the last section shows."
    )
    @settings(max_examples=10)
    @given(fractions(), fractions(), st.integers(1, 10_000))
    def test_starts_that_stay(self, along: Any, distance: Any, seed: int) -> None:
        """One height on either side lands on the ridge; of random starts none does."""
        assume(abs(distance) > 1)
        rate = 1 / (distance**2 - 1)
        for height, lands in ((distance, True), (distance + Fraction(1, 99), False)):
            (run,) = three_starts((height,), along, rate, num_steps=1, flat=0)
            assert (run.end[1] == 0) == lands
        places = np.random.default_rng(seed).uniform(-2, 2, (2, 100))
        rule = GradientDescent(0.1)
        state = rule.init(places)
        for _ in range(300):
            update, state = rule.update(saddle_gradient(places), state)
            places = places + update
        assert abs(places[1]) == near(np.ones(100), abs=1e-6)


class TestNoise:
    """It leads off the ridge, and leaves a floor."""

    @pytest.mark.claims(
        "The first push is multiplied by the factor of every later step, and the "
        "pushes after it have fewer steps to grow.",
        "After many steps near the ridge, all of them together act like a start at the "
        "distance $d$, times one normal random number:",
    )
    @FEW
    @given(positive_fractions(), st.integers(1, 12))
    def test_pushes_add_up(self, rate: Fraction, num_steps: int) -> None:
        """The squares of what is left of them, over what a start would have become."""
        rule = GradientDescent(rate)
        squares = []
        for pushed in range(num_steps):
            place: Any = Fraction(0)
            state = rule.init(place)
            for step in range(num_steps):
                update, state = rule.update((step == pushed) - place, state)
                place += update
            squares.append((place / (1 + rate) ** num_steps) ** 2)
            assert abs(place) == rate * (1 + rate) ** (num_steps - 1 - pushed)
        distance_squared = rate**2 / ((1 + rate) ** 2 - 1)
        rest = (1 + rate) ** (-2 * num_steps)
        assert sum(squares) == distance_squared * (1 - rest)

    @pytest.mark.claims(
        "So the time to leave must be a logarithm again, with the same number of steps "
        "for each decade, now of the noise.",
        "These random numbers are those of one seed; from … seeds a decade costs "
        "between … and … steps, and the median at noise … lies between … and ….",
        "With the curvatures $1$ and $2$ of a hollow that is … for the noise …, and "
        "the descents show …; those from … seeds show between … and ….",
        "It keeps pushing in the hollow, and the loss stays above the least by a noise "
        "floor, here the mean over the last … steps.",
        "So the price is lopsided in our favour: noise … smaller costs about … steps "
        "more and lowers the floor by a factor of ….",
    )
    @pytest.mark.parametrize("seed", range(10, 15))
    @pytest.mark.parametrize("rate", [0.1, 0.3])
    def test_time_and_floor(self, seed: int, rate: float) -> None:
        """From seeds that the page does not have, and at another rate."""
        noisy = noisy_escape(seed=seed, learning_rate=rate)
        decade = math.log(10) / math.log(1 + rate)
        squares = [(rate * noise) ** 2 / (2 * rate + rate**2) for noise in noisy.noises]
        assert np.square(noisy.distances) == near(squares)
        assert np.diff(noisy.forecasts) == near([decade] * 5, rel=1e-10)
        assert noisy.slope == near(decade, abs=0.5)
        late = np.subtract(noisy.median_steps, noisy.forecasts)
        assert -3 < late.min() < late.max() < 6
        assert noisy.floors == near(noisy.floors_theory, rel=0.07)
        factors = np.divide(noisy.floors[:-1], noisy.floors[1:])
        assert factors == near([100] * 5, rel=0.02)

    @pytest.mark.claims(
        "Each decade of noise costs … steps; the theory is the same … as before."
    )
    def test_a_decade_is_a_decade(self) -> None:
        """Of the noise as of the distance, at the rate that both have on the page."""
        noisy, before = noisy_escape(), escape_times()
        assert noisy.slope_theory == before.slope_theory
        assert noisy.slope == near(before.slope, abs=0.5)

    @pytest.mark.claims(
        "Around a minimum with curvature $\\lambda$ the noise of a step adds to what "
        "the factor $1 - \\alpha\\lambda$ leaves of the earlier ones, and in balance "
        "each direction contributes, while the bowl is as good as a quadratic,"
    )
    @FEW
    @given(NEAR, positive_fractions(), positive_fractions())
    def test_the_balance(self, share: Any, curvature: Any, noise: Any) -> None:
        """A step changes no variance of this size; the floor is λ/2 of it."""
        rate = 2 * share / curvature
        variance = rate * noise**2 / (curvature * (2 - rate * curvature))
        after = (1 - rate * curvature) ** 2 * variance + rate**2 * noise**2
        assert after == variance
        floor = rate * noise**2 / (2 * (2 - rate * curvature))
        assert curvature * variance / 2 == floor


class TestTheNetwork:
    """Two weights in a row stand on a saddle, whatever the sample."""

    @pytest.mark.claims(
        "Each slope has the other weight as a factor, so both slopes are $0$ although "
        "the error is not.",
        "One weight alone changes nothing: the loss stays at …, and the curvature "
        "along either weight is ….",
        "Together they lower the loss to …; opposed they raise it to ….",
        "So the directions that decide lie between the weights, with curvatures … and "
        "…, and the place is a ….",
        "Descent from zero weights would stand there for ever.",
        "Nor is this loss convex: with both weights at $1$ it is …, with both at $-1$ "
        "as well, and the saddle lies in the middle of that chord, at ….",
        "Small batches do not help, for the slopes of every sample are $0$ there, "
        "whatever its input and target: where no sample pushes, there is no noise.",
    )
    @FEW
    @given(NEAR, NOT_ZERO, NOT_ZERO)
    def test_two_weights(self, move: Any, input_value: Any, target: Any) -> None:
        """With the sign of their product the directions change places."""
        assume(abs(input_value) < abs(target))
        row: Any = weights_in_a_row(move, input_value, target)
        assert row.gradient == (0, 0)
        assert row.loss == row.alone == target**2 > 0
        assert row.second_slopes[0][0] == row.second_slopes[1][1] == 0
        curved = 2 * float(abs(input_value * target))
        assert row.curvatures == near((-curved, curved), rel=1e-10)
        assert row.verdict == "saddle"
        down, up = sorted((row.together, row.opposed))
        assert down < row.loss < up
        assert (down == row.together) == (input_value * target > 0)
        other: Any = weights_in_a_row(-move, input_value, target)
        assert (other.together, other.opposed) == (row.together, row.opposed)
        assert down < row.loss
        assert weights_in_a_row(1).together == 0 < weights_in_a_row(1).loss


class TestTheExercises:
    """A limit above the meeting of the slopes, and the least floats."""

    @pytest.mark.claims(
        "The slope along $x$ shrinks while the slope along $y$ grows: a limit above "
        "the size at which they meet catches the descent, a limit well below it does "
        "not.",
        "With the limit … it stops after … steps, on the plateau, although it is not "
        "on the ridge and would leave.",
    )
    @pytest.mark.parametrize("rate", [0.02, 0.1, 0.2])
    @pytest.mark.parametrize("distance", [1e-4, 1e-6, 1e-10])
    def test_stopped_too_early(self, rate: float, distance: float) -> None:
        """Both sides of the least slope that a descent meets before it leaves."""
        (run,) = three_starts((distance,), 1, rate, 3000, flat=1e-11)
        before = np.array([place for place in run.places if place[1] < 0.5])
        meeting = float(abs(saddle_gradient(before.T)).max(axis=0).min())
        for flat, caught in ((1.01 * meeting, True), (0.99 * meeting, False)):
            (run,) = three_starts((distance,), 1, rate, 3000, flat)
            assert (run.end[1] < 0.5) == caught
            assert (run.end_loss > -0.01) == caught
