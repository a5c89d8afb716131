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

from gdbook import gradients
from gdbook.descent import FLAT, descend
from gdbook.examples import adaptive_rates
from gdbook.examples.conditioning import (
    CURVATURES,
    START,
    aims,
    best_rate,
    linear_step_parts,
    measured_factors,
    standardised,
    valley_gradient,
    valley_loss,
    zig_zag,
)
from gdbook.examples.learning_rate import race
from gdbook.examples.linear_regression import linear_steps
from gdbook.examples.momentum import best_settings, heavy_ball, nesterov
from gdbook.examples.weight_update import repeated
from gdbook.glue import defaults
from gdbook.optimizers import GradientDescent

PARTS = fractions().filter(bool)
NUMBERS = st.fractions(-5, 5, max_denominator=9)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=6).filter(
    lambda points: len({x for x, _ in points}) > 1
)


def spread_out(points: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Give inputs and targets, no two inputs so close that floats lose them."""
    inputs, targets = zip(*points, strict=True)
    assume(max(inputs) - min(inputs) > 1)
    return inputs, targets


def descended(curvatures: Any, start: Any, rates: Any) -> tuple[Any, ...]:
    """Take one step with each rate on the quadratic that has these curvatures."""
    place = np.array(start, dtype=object)
    for rate in rates:
        rule = GradientDescent(rate)
        place = place + rule.update(np.array(curvatures) * place, rule.init(place))[0]
    return tuple(place)


class TestTheValley:
    """It is what the page says at every place."""

    @pytest.mark.claims(
        "With $a$ = … and $c$ = … it rises slowly along $x_1$ and fast along $x_2$, "
        "and its lowest point is $(0, 0)$."
    )
    @given(PARTS, fractions())
    def test_how_it_rises(self, first: Fraction, second: Fraction) -> None:
        """The same distance leads higher along x₂, and nowhere is lower than 0."""
        assert 0 < valley_loss((first, 0)) < valley_loss((0, first))
        assert valley_loss((first, second)) > valley_loss((0, 0)) == 0

    @pytest.mark.claims(
        "To find the cure we take a valley that is narrower still, and easier to "
        "look at:",
        "The rules of … and … are going to race on it from the place where we start, "
        "(…, …).",
        "At the start it is … high, and the gradient is (…, …).",
        "From the start the lowest point is … away along $x_1$ and … along $x_2$.",
        "At (…, …) the gradient is (…, …), which does not point straight away from the "
        "lowest point.",
    )
    def test_others_start_there(self) -> None:
        """κ is 20 and not 17.4, and the other chapters use the place and the valley."""
        parts = linear_step_parts()
        assert best_rate().condition_number > parts.condition_number
        rules = (adaptive_rates.adagrad, adaptive_rates.rmsprop, adaptive_rates.adam)
        for example in (zig_zag, best_rate, heavy_ball, nesterov, *rules):
            assert defaults(example)["start"] == START
        assert aims((START,)).misses[0] > 1
        # The page writes its gradient in whole numbers.
        assert valley_gradient(START).tolist() == [-1, -8]

    @pytest.mark.claims(
        "The gradient is … along $x_2$ and … along $x_1$, so the step goes further "
        "where there is less to go.",
        "With the rate … it jumps across the valley to …, and along the valley it "
        "comes to ….",
        "The next step jumps back, and each of the others does: the path is a zig-zag.",
        "The factors are … and …: the negative one makes the jumps, the one nearer to "
        "$1$ makes the crawl.",
    )
    @given(PARTS, PARTS, st.fractions(Fraction(26, 100), Fraction(49, 100)))
    def test_it_zig_zags(self, x1: Fraction, x2: Fraction, rate: Fraction) -> None:
        """From START, and across the valley from every place off its floor."""
        along, across = (abs(slope) for slope in valley_gradient(START))
        assert along < across
        assert abs(START[0]) > abs(START[1])
        for path in (zig_zag((x1, x2), rate, num_steps=5), zig_zag()):
            assert all(a * b < 0 for a, b in pairwise(path.steep_parts))
            assert all(a * b > 0 for a, b in pairwise(path.flat_parts))
            crawls, jumps = path.factors
            assert 1 - crawls < 1 - jumps
            assert -1 < jumps < 0 < crawls

    @pytest.mark.claims(
        "Turned around, the gradient is the steepest way down, and that need not be "
        "the way to the lowest point.",
        "The steepest way down crosses every ellipse at a right angle.",
        "Only on the two axes, dotted, does it point straight at the lowest point.",
        "On the axes the last column of the table is that multiple: … on the long "
        "axis, … on the short one, which is $2a$ and $2c$.",
        "From (…, …) and from (…, …) it does not miss.",
        "These places lie on the axes of the ellipses of equal height.",
    )
    @given(fractions(), fractions(), PARTS)
    def test_the_steepest_way(
        self, first: Fraction, second: Fraction, distance: Fraction
    ) -> None:
        """At a right angle to it the height has slope 0; it aims from axes alone."""
        assume(first or second)
        slope, other = valley_gradient((first, second))
        ahead, behind = (
            (first - way * other, second + way * slope) for way in (distance, -distance)
        )
        assert valley_loss(ahead) == valley_loss(behind)
        a, c = valley_loss((1, 0)), valley_loss((0, 1))
        assert aims().points[0] == START
        assert aims().misses[1:3] == (0, 0)
        assert [place.index(0) for place in aims().points[1:3]] == [1, 0]
        assert aims().stretches[1:3] == near((2 * a, 2 * c))
        (miss,) = aims(((first, second),)).misses
        assert (miss == 0) == (first == 0 or second == 0)


class TestTheErrorIsSplit:
    """One part knows nothing of the other."""

    @pytest.mark.claims(
        "You will split the error of a descent into two parts that know nothing of "
        "each other, and make a valley round by scaling its inputs.",
        "Neither part knows of the other.",
        "A zig-zag in two directions is two single weights, each with its constant "
        "factor from ….",
        "Along each axis of a quadratic valley a step multiplies the error by one "
        "minus the rate times the curvature of that axis, and no axis knows of the "
        "others.",
    )
    @given(PARTS, fractions(), fractions(), positive_fractions(), positive_fractions())
    def test_each_part_is_a_single_weight(
        self, first: Any, second: Any, other: Any, rate: Any, input_value: Any
    ) -> None:
        """Another x₂ leaves x₁ as it is, and its errors are those of one weight."""
        assume(rate != 1 / CURVATURES[0])  # arrives, where a single weight stops
        path = zig_zag((first, second), rate, num_steps=4)
        assert path.flat_parts == zig_zag((first, other), rate, 4).flat_parts
        single = repeated(
            weight=first / input_value,
            input_value=input_value,
            target=0,
            learning_rate=rate * CURVATURES[0] / (2 * input_value**2),
            num_steps=4,
            flat=0,
        )
        assert single.factor == path.factors[0]
        assert single.errors == path.flat_parts

    @pytest.mark.claims(
        "So the way from the lowest point to any place has two parts, one along the "
        "first axis and one along the second."
    )
    @given(POINTS)
    def test_the_parts_are_the_way(self, points: Any) -> None:
        """On the turned valley of any line they add up to the error of its weights."""
        inputs, targets = spread_out(points)
        parts = linear_step_parts(inputs, targets, Fraction(1, 1000), num_steps=1)
        along, across = np.array(parts.along), np.array(parts.across)
        assert along @ across == near(0, abs=1e-14)
        way = parts.along_parts[0] * along + parts.across_parts[0] * across
        best = -float(parts.best_slope), -float(parts.best_intercept)
        scale = 1 + max(map(abs, best))
        assert tuple(way) == near(best, abs=1e-13 * scale)

    @pytest.mark.claims(
        "From a start off the axes the slower part is what remains in the long run, "
        "so a rate is as good as the greater of its two factors in size."
    )
    @pytest.mark.parametrize("start", [(-5, -2), (0.01, 3), (7, -0.02)])
    @pytest.mark.parametrize("rate", [0.1, 0.25, 0.45, 0.487, 0.51])
    def test_the_slower_part_remains(self, start: Any, rate: float) -> None:
        """The last of many steps has the greater factor, wherever they began."""
        losses = zig_zag(start, rate, num_steps=500).losses
        (slower,) = measured_factors((rate,), num_steps=1).predicted
        assert math.sqrt(losses[-1] / losses[-2]) == near(slower, rel=1e-9)


class TestTheBestRate:
    """No constant rate is faster, and the condition number tells its speed."""

    @pytest.mark.claims(
        "Another constant rate is not the cure, for in the long run none is faster.",
        "To the left of it the flat direction is slower, to the right the steep one, "
        "and no constant rate helps both.",
        "Put it into a factor, and only the ratio of the curvatures remains, the "
        "condition number $\\kappa$:",
        "With more than two parameters there are curvatures in between, and their "
        "factors lie between the two outer ones.",
        "So only the least curvature and the greatest enter.",
        "Equation … gave the rate that makes both equal in size.",
        "In the long run the best constant rate is two over the sum of the least and "
        "the greatest curvature, and then the condition number alone says how fast "
        "descent is.",
    )
    @given(
        st.lists(positive_fractions(), min_size=2, max_size=5, unique=True),
        st.fractions(Fraction(-9, 10), Fraction(9, 10)).filter(bool),
        positive_fractions(),
    )
    def test_it_is_best(self, curvatures: Any, share: Any, unit: Fraction) -> None:
        """Any other rate has a greater slower factor, with curvatures in between."""
        flat, *_, steep = curvatures = sorted(curvatures)
        best = best_settings((flat, steep))
        rate, factor, kappa = best.learning_rates[0], best.factors[0], steep / flat
        assert rate == 2 / (flat + steep)
        assert factor == (kappa - 1) / (kappa + 1) == 1 - rate * flat
        assert best_settings((unit * flat, unit * steep)).factors[0] == factor
        ones = [1] * len(curvatures)
        after = descended(curvatures, ones, [rate])
        assert after[-1] == -factor
        assert all(-factor <= part <= factor for part in after)
        assert max(map(abs, descended(curvatures, ones, [rate * (1 + share)]))) > factor
        # The flat direction is slower to the left, the steep one to the right.
        left, right = (
            descended((flat, steep), (1, 1), [rate * (1 + sign * abs(share))])
            for sign in (-1, 1)
        )
        assert abs(left[0]) > abs(left[1])
        assert abs(right[0]) < abs(right[1])

    @pytest.mark.claims(
        "Two rates in turn do: a step with the rate $1/\\lambda_n$ ends the part "
        "across, and one with $1/\\lambda_1$ then the part along.",
        "With many weights that would take a step for each of their curvatures, and "
        "all of these would have to be known.",
    )
    @given(
        st.lists(positive_fractions(), min_size=2, max_size=5, unique=True), st.data()
    )
    def test_a_rate_for_each_curvature(self, curvatures: Any, data: Any) -> None:
        """As many steps as curvatures arrive, and none of them can be left out."""
        start = [data.draw(PARTS) for _ in curvatures]
        rates = [1 / curvature for curvature in sorted(curvatures, reverse=True)]
        assert not any(descended(curvatures, start, rates))
        missing = data.draw(st.integers(0, len(rates) - 1))
        rest = rates[:missing] + rates[missing + 1 :]
        assert sum(part != 0 for part in descended(curvatures, start, rest)) == 1

    @pytest.mark.claims(
        "Beyond the bound of the steep direction a start arrives only if it has no "
        "part in that direction.",
        "That rate lies far beyond the bound ….",
    )
    @given(fractions(), fractions(), positive_fractions())
    def test_beyond_the_bound(self, first: Any, second: Any, more: Fraction) -> None:
        """However small, the part across grows in each step."""
        path = zig_zag((first, second / 10**6), 2 / CURVATURES[1] + more, num_steps=2)
        assert 1 / CURVATURES[0] > 5 * best_rate().bound
        grows = [a * a < b * b for a, b in pairwise(path.steep_parts)]
        assert all(grows) if second else not any(path.steep_parts)


class TestTheLine:
    """The slope starts near its end because two errors cancel."""

    @pytest.mark.claims(
        "The slope is … from its end, because two errors that are more than ten times "
        "as large nearly cancel.",
        "From there on it comes back, in the long run by the slow factor, …, in each "
        "step.",
        "They start with opposite signs; the steep one is used up first, and the flat "
        "one is left.",
        "Its slope climbed to … and then crawled back to ….",
        "The slope starts at … and has to end at ….",
    )
    def test_it_climbs_and_comes_back(self) -> None:
        """What is left of the steep part vanishes beside the flat one."""
        parts = linear_step_parts()
        along, across = np.array(parts.slope_along), np.array(parts.slope_across)
        errors = along + across
        assert along[0] > 0 > across[0]
        assert parts.slopes[0] == 0 < parts.best_slope < parts.highest_slope
        assert abs(errors[0]) == near(float(parts.best_slope), rel=1e-12)
        assert min(along[0], -across[0]) > 10 * parts.best_slope
        assert abs(across[-1]) < 1e-12 * along[-1]
        ratios = errors[1:] / errors[:-1]
        back = parts.highest_slope_step
        assert (ratios[back:] < 1).all()
        assert ratios[-1] == near(parts.factors[0], rel=1e-11)


class TestScaledInputs:
    """A line with one input gets a round valley, whatever the data."""

    @pytest.mark.claims(
        "Its curvature is the matrix of four numbers of …, which is $\\tfrac{2}{n} "
        "X^\\top X$ for the rows $(x_i, 1)$ of the line:",
        "The sum of the inputs stands beside the diagonal, and it is what turns the "
        "axes.",
        "What is left are the numbers on the diagonal, and they are the two "
        "curvatures: $2$ for the intercept, and twice the mean of the squares for the "
        "slope.",
    )
    @given(POINTS)
    def test_centred_inputs(self, points: Any) -> None:
        """The curvature is diag(2 mean x², 2), exactly."""
        inputs = np.array([x for x, _ in points], dtype=object)
        bare = gradients.linear_curvature(gradients.with_intercept(inputs))
        table = [[sum(inputs**2), sum(inputs)], [sum(inputs), len(inputs)]]
        two_over = Fraction(2, len(inputs))
        assert bare.tolist() == [[two_over * one for one in row] for row in table]
        centred = inputs - inputs.sum() / len(inputs)
        curvature = gradients.linear_curvature(gradients.with_intercept(centred))
        squares = sum(x**2 for x in centred) / len(centred)
        assert curvature.tolist() == [[2 * squares, 0], [0, 2]]

    @pytest.mark.claims(
        "In a round valley every direction is an axis, the factor is $0$ at the rate "
        "…, and … step lands on the best line.",
        "Scale first and choose the rate afterwards: standardising makes the valley of "
        "a line with one input round, and of several inputs it evens out the units, "
        "not what they have in common.",
        "It is the same line, … and ….",
        "Standardising makes both curvatures … and $\\kappa$ equal to ….",
        "Centring alone is not enough, for the unit remains; the standardised inputs "
        "have no unit, and for them no step changes.",
    )
    @given(POINTS, st.sampled_from([0.01, 3.0, 1000.0]))
    def test_standardised_inputs(self, points: Any, unit: float) -> None:
        """Whatever the data, one step arrives, and another unit changes nothing."""
        inputs, targets = spread_out(points)
        x = np.array(inputs, dtype=float)
        y = np.array(targets, dtype=float)
        scaled = (x - x.mean()) / x.std()
        rows = gradients.with_intercept(scaled)
        assert gradients.curvatures(rows) == near((2, 2), rel=1e-13)
        start = np.array([3.0, -7.0])
        step = start - gradients.linear_gradient(rows, start, y) / 2
        best = [float(number) for number in gradients.best_line(scaled, y)]
        assert step.tolist() == near(best, abs=1e-12)
        # Translated back it is the best line of the inputs as they are.
        slope = best[0] / x.std()
        translated = (slope, best[1] - slope * x.mean())
        line = tuple(map(float, gradients.best_line(inputs, targets)))
        assert translated == near(line, abs=1e-11)
        other = unit * x
        assert (other - other.mean()) / other.std() == near(scaled, abs=1e-12)
        squares = [2 * u**2 * x.var() for u in (1, unit)]
        assert squares[0] != near(squares[1], rel=1e-3)

    @pytest.mark.claims(
        "Measure the input in quarters, so that every number becomes four times as "
        "large.",
        "The data are the same, but the best slope is now …, a quarter of …, and the "
        "curvature along it … instead of ….",
    )
    @given(POINTS, positive_fractions())
    def test_another_unit(self, points: Any, unit: Fraction) -> None:
        """Inputs four times as large have a quarter of the slope; so for any unit."""
        inputs, targets = zip(*points, strict=True)
        slope, intercept = gradients.best_line(inputs, targets)
        larger = [unit * x for x in inputs]
        assert gradients.best_line(larger, targets) == (slope / unit, intercept)
        first, more = (
            gradients.linear_curvature(gradients.with_intercept(xs))[0, 0]
            for xs in (inputs, larger)
        )
        assert more == unit**2 * first

    @pytest.mark.claims(
        "The diagonal of the curvature matrix is $2$, and $2r$ stands beside it.",
        "It turns $(1, 1)$ into $2\\,(1 + r)$ times itself, and $(1, -1)$ into "
        "$2\\,(1 - r)$ times itself: these are its curvatures, and",
        "Try it on inputs that are $1$ or $-1$, where $r$ is the share of the samples "
        "in which they agree less the share in which they do not.",
        "Standardising treats one input at a time and cannot mend what two inputs "
        "have in common.",
    )
    @given(st.permutations([1, 1, 1, 1, -1, -1, -1, -1]))
    def test_two_inputs(self, second: list[int]) -> None:
        """With the mean product r the curvatures are 2 − 2|r| and 2 + 2|r|."""
        first = (1, 1, 1, 1, -1, -1, -1, -1)
        common = Fraction(sum(a * b for a, b in zip(first, second, strict=True)), 8)
        rows = list(zip(first, second, strict=True))
        curvature = gradients.linear_curvature(rows)
        assert curvature.tolist() == [[2, 2 * common], [2 * common, 2]]
        for sign in (1, -1):
            turned = curvature @ (1, sign)
            assert turned.tolist() == [
                2 * (1 + sign * common) * one for one in (1, sign)
            ]
        agree = sum(a == b for a, b in rows)
        assert common == Fraction(agree - (8 - agree), 8)
        extremes = (2 * (1 - abs(common)), 2 * (1 + abs(common)))
        assert gradients.curvatures(rows) == near(extremes, abs=1e-14)


@pytest.mark.claims(
    "Each small dot is a descent of … steps, measured at its end: all lie on the band, "
    "and none is lower than its corner at …."
)
def test_the_measured_rates() -> None:
    """Where rounding ends, the measured factor is the slower one."""
    found = measured_factors()
    assert found.measured == near(found.predicted, rel=1e-10)
    assert min(found.predicted) == near(float(best_rate().factor), rel=1e-15)


@pytest.mark.claims(
    "In … the rate with the best factor, …, took … steps to a flat gradient, for two "
    "weights and … points.",
    "The loss of the line is a valley too, but its axes are turned against the slope "
    "and the intercept.",
    "Its condition number is …, where the valley above has ….",
    "The condition number of the line as it is climbs from … to …, and that of the "
    "standardised one stays ….",
)
def test_the_descent_of_the_line() -> None:
    """The count is that of a descent that was run without the chapter's examples."""
    scaled = standardised()
    assert scaled.num_steps[0] == race((float(scaled.best_rates[0]),)).num_steps[0]
    line = defaults(linear_steps)
    for example in (linear_step_parts, standardised):
        own = defaults(example)
        for name in ("inputs", "targets"):
            assert tuple(map(float, own[name])) == line[name]
    assert defaults(linear_step_parts)["learning_rate"] == line["learning_rate"]
    inputs, targets = (0.5, 2.0, 1.0), (0.8, 1.0, 1.5)
    rows = gradients.with_intercept(inputs)

    def gradient(weights: Any) -> Any:
        return gradients.linear_gradient(rows, weights, np.array(targets))

    rule = GradientDescent(float(scaled.best_rates[0]))
    run = descend(lambda _: 1.0, gradient, np.zeros(2), rule, num_steps=999, flat=1e-9)
    assert run.stopped == FLAT
    assert run.num_steps == scaled.num_steps[0]
    quarters = standardised(inputs=[4 * one for one in scaled.inputs[0]])
    (narrow, *_, even), (narrower, *_, same) = (
        one.condition_numbers for one in (scaled, quarters)
    )
    assert narrower > narrow
    assert same == near(even)
