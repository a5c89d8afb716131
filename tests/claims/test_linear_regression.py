"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from itertools import pairwise
from statistics import mean
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near

from gdbook.descent import FLAT
from gdbook.examples.learning_rate import stability_bound
from gdbook.examples.linear_regression import (
    TwoSpeeds,
    hours_and_grades,
    linear_step,
    linear_steps,
    solve_line,
    two_curvatures,
    two_speeds,
)
from gdbook.glue import defaults
from gdbook.gradients import (
    best_line,
    central_difference,
    linear_gradient,
    with_intercept,
)
from gdbook.losses import mean_squared_error

NUMBERS = st.fractions(-5, 5, max_denominator=9)
NUDGES = st.fractions(-1, 1, max_denominator=9)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=6)
RATES = (0.02, 0.05, 0.1, 0.15)
FEW = settings(max_examples=30)


def loss_of(
    points: list[tuple[Fraction, Fraction]], slope: Any, intercept: Any
) -> Fraction:
    """Return the exact loss of a line, and pass over points without a best one."""
    inputs, targets = zip(*points, strict=True)
    assume(len(set(inputs)) > 1)
    run = linear_steps(inputs, targets, slope, intercept, num_steps=0)
    return run.losses[0]  # type: ignore[return-value]


def parts(slope: Any, intercept: Any, speeds: TwoSpeeds) -> Any:
    """Return how far a line is from the best, along the floor and across it."""
    best = linear_steps(num_steps=0)
    way = (slope - best.best_slope, intercept - best.best_intercept)
    return np.array([speeds.along, speeds.across]) @ way


@pytest.mark.claims(
    "For a given slope the best line passes through the mean point, so the intercept "
    "is the mean target minus the slope times the mean input.",
)
@FEW
@given(points=POINTS, slope=NUMBERS, nudge=NUDGES)
def test_best_intercept_of_a_slope(
    points: list[tuple[Fraction, Fraction]], slope: Fraction, nudge: Fraction
) -> None:
    """Whatever the points and the slope, any other intercept costs more."""
    assume(nudge)
    inputs, targets = zip(*points, strict=True)
    through_mean = mean(targets) - slope * mean(inputs)
    least = loss_of(points, slope, through_mean)
    assert least < loss_of(points, slope, through_mean + nudge)


@pytest.mark.claims(
    "The best line is the one with the least mean squared error:",
    "For a line, algebra finds the best slope and intercept at once, as a later "
    "section shows.",
)
@FEW
@given(points=POINTS, nudges=st.tuples(NUDGES, NUDGES))
def test_best_line(
    points: list[tuple[Fraction, Fraction]], nudges: tuple[Fraction, Fraction]
) -> None:
    """Whatever the points, any other line costs more than that of the algebra."""
    assume(any(nudges))
    assume(len({x for x, _ in points}) > 1)
    slope, intercept = best_line(*zip(*points, strict=True))
    worse = loss_of(points, slope + nudges[0], intercept + nudges[1])
    assert loss_of(points, slope, intercept) < worse


@pytest.mark.claims(
    "Take a multiple of the second equation from the first, so that $b$ drops out.",
    "Without $b$ the first equation says … $m$ = …, so $m$ is …, and the second "
    "equation then gives … for $b$.",
    "Each equation is a straight line of pairs of slope and intercept at which one "
    "slope of the loss is zero.",
    "The best line is where they cross, … and …, and the descent, blue, ends there.",
)
@FEW
@given(points=POINTS, line=st.tuples(NUMBERS, NUMBERS))
def test_solved_by_algebra(
    points: list[tuple[Fraction, Fraction]], line: tuple[Fraction, Fraction]
) -> None:
    """An equation misses its right side by a slope of the loss, on any line."""
    inputs, targets = zip(*points, strict=True)
    assume(len(set(inputs)) > 1)
    solved: Any = solve_line(inputs, targets)
    slopes = linear_step(inputs, targets, *line)[3:5]
    for row, side, slope in zip(solved.matrix, solved.right_sides, slopes, strict=True):
        assert row[0] * line[0] + row[1] * line[1] - side == slope
    (first, shared), (_, second) = solved.matrix
    assert shared - solved.multiplier * second == 0
    assert first - solved.multiplier * shared == solved.left
    assert solved.left * solved.slope == solved.right
    assert (solved.slope, solved.intercept) == best_line(inputs, targets)
    run = linear_steps(num_steps=1000, flat=1e-6)
    end, best = (run.new_slope, run.new_intercept), solve_line()
    assert end == near((float(best.slope), float(best.intercept)), abs=1e-5)


@pytest.mark.claims(
    "So the curvature, a single number for a single weight, is here a square of four "
    "numbers, a matrix $H$:",
    "Walk from the best line in a direction $u$, and the gradient becomes $H u$, each "
    "row of $H$ times $u$.",
    "As a rule it points another way than $u$.",
)
@FEW
@given(points=POINTS, way=st.tuples(NUMBERS, NUMBERS))
def test_four_numbers(
    points: list[tuple[Fraction, Fraction]], way: tuple[Fraction, Fraction]
) -> None:
    """They say how the slopes of the loss change, on a walk in any direction."""
    inputs, targets = zip(*points, strict=True)
    assume(len(set(inputs)) > 1)
    matrix: Any = two_curvatures(inputs).matrix
    best: Any = best_line(inputs, targets)
    gradient = linear_step(inputs, targets, best[0] + way[0], best[1] + way[1])[3:5]
    assert gradient == tuple(a * way[0] + b * way[1] for a, b in matrix)
    (a, b), (_, d) = two_curvatures().matrix
    turned = [
        (a * u1 + b * u2) * u2 - (b * u1 + d * u2) * u1
        for u1, u2 in ((1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2), (-1, 3))
    ]
    assert all(turned)


@pytest.mark.claims(
    "Both hold for a $u$ other than zero only if one equation is a multiple of the "
    "other, and for that the products across must be equal, $(h_{11} - \\lambda)"
    "(h_{22} - \\lambda) = h_{12}^2$.",
    "Half the sum of the diagonal, plus or minus the root of …, gives … and ….",
    "Both are positive, so the greatest is less than their sum.",
    "That makes two over the sum of the diagonal, …, a safe learning rate that is "
    "known before any root is taken: it lies below the bound $2/\\lambda$ of … in both "
    "directions.",
)
@FEW
@given(
    inputs=st.lists(NUMBERS, min_size=2, max_size=6),
    off=st.fractions(Fraction(1, 9), 5, max_denominator=9),
)
def test_curvatures_by_hand(inputs: list[Fraction], off: Fraction) -> None:
    """They solve the quadratic, whose equations have no other directions."""
    assume(max(inputs) - min(inputs) >= 1)
    found: Any = two_curvatures(inputs)
    (a, b), (_, d) = found.matrix
    least, greatest = found.curvatures
    assert 0 < least <= greatest < float(found.diagonal)
    assert float(found.safe_rate) < found.bound <= 2 / least
    half, root = float(found.diagonal) / 2, float(found.under_root) ** 0.5
    assert (half + root, half - root) == near((greatest, least), abs=1e-12 * half)
    assert found.under_root == (found.diagonal / 2) ** 2 - found.determinant
    rows = np.array([(x, 1) for x in inputs], dtype=float)
    eigenvalues = np.linalg.eigvalsh(2 * rows.T @ rows / len(rows))
    assert (least, greatest) == near(eigenvalues, abs=1e-12 * half)
    # Beside a root the first equation leaves one direction, and the second refuses it.
    other = Fraction(greatest) + off
    u = (b, other - a) if b else (0, 1)
    assert (a - other) * u[0] + b * u[1] == 0 or not b
    assert b * u[0] + (d - other) * u[1] != 0
    assert (a - other) * (d - other) != b**2


@pytest.mark.claims(
    "It is four times the variance of the inputs, and zero only if all of them are "
    "equal.",
    "Then the two normal equations are one, and every line that passes through the "
    "mean of the targets there is as good as any other.",
    "Adding ten to every input leaves the variance, and so the determinant, as it is:",
    "The sum of the two curvatures grows while their product stays, so the greatest "
    "grows and the least shrinks: the valley of the exercise before becomes narrower.",
)
@FEW
@given(points=POINTS, slope=NUMBERS)
def test_the_determinant(
    points: list[tuple[Fraction, Fraction]], slope: Fraction
) -> None:
    """It is four times the variance, wherever the inputs lie."""
    inputs, targets = zip(*points, strict=True)
    assume(len(set(inputs)) > 1)
    variance = mean((x - mean(inputs)) ** 2 for x in inputs)
    assert two_curvatures(inputs).determinant == 4 * variance > 0
    shifted = [x + 10 for x in inputs]
    assert two_curvatures(shifted).determinant == 4 * variance
    here = inputs[0]  # all at one place: the errors depend on what the line says there
    rows = with_intercept([here] * len(points))
    lines = [(m, mean(targets) - m * here) for m in (slope, slope + 1)]
    least = [mean_squared_error(rows @ np.array(line), targets) for line in lines]
    assert least[0] == least[1] == mean((y - mean(targets)) ** 2 for y in targets)
    (a, b), (_, d) = (2 * rows.T @ rows / Fraction(len(points))).tolist()
    assert a * d - b * b == 0
    narrow = two_curvatures([x + 10 for x in defaults(two_curvatures)["inputs"]])
    (low, high), (least_one, greatest) = narrow.curvatures, two_curvatures().curvatures
    assert low < least_one
    assert high > greatest


@pytest.mark.claims(
    "For the line the two curvatures add up to the sum of the diagonal, …, so the best "
    "rate is the one that … called safe, ….",
    page="learning_rate",
)
def test_the_safe_rate_is_the_best() -> None:
    """For two weights the sum of the curvatures is all of the diagonal."""
    found = two_curvatures()
    assert sum(found.curvatures) == near(float(found.diagonal), rel=1e-15)
    assert stability_bound().best_rate == near(float(found.safe_rate), rel=1e-15)


@pytest.mark.claims(
    "The slope of the line goes too far: to …, where … is the best.",
    "One step takes the loss from … to …, where the best line has ….",
    "The line before the first step, after it, and the best line.",
)
def test_the_examples_start_alike() -> None:
    """The page puts the numbers of one beside those of the others."""
    one, many, speeds = (
        defaults(each) for each in (linear_step, linear_steps, two_speeds)
    )
    assert all(many[name] == one[name] for name in one)
    assert all(many[name] == speeds[name] for name in speeds)


@pytest.mark.claims(
    "There are … pupils, and no line passes through all of them.",
)
def test_no_line_passes_through_all() -> None:
    """Even the best one has a loss."""
    exact = hours_and_grades([Fraction(hour) for hour in hours_and_grades().hours])
    assert exact.new_loss == Fraction(27, 50)


@pytest.mark.claims(
    "Each slope of the loss is the average over the samples of a product: twice the "
    "error, times what the weight multiplies, which is $x_i$ for the slope and $1$ for "
    "the intercept.",
    "The loss has a slope of its own along each of the two weights.",
    "A line has two weights, its slope and its intercept, and the loss has a slope "
    "along each.",
)
@pytest.mark.claims(
    "The vector of the slopes of the loss along every weight, written $\\nabla L$.",
    page="glossary",
)
@FEW
@given(points=POINTS, line=st.tuples(NUMBERS, NUMBERS))
def test_slopes_of_the_loss(
    points: list[tuple[Fraction, Fraction]], line: tuple[Fraction, Fraction]
) -> None:
    """By the average of products and by a central difference, to the last digit."""
    inputs, targets = zip(*points, strict=True)
    rows = with_intercept(inputs)
    step = linear_step(inputs, targets, *line)
    measured = central_difference(
        lambda weights: mean_squared_error(rows @ weights, targets), line
    )
    products = [
        (2 * error * x, 2 * error) for error, x in zip(step.errors, inputs, strict=True)
    ]
    by_formula = [mean(column) for column in zip(*products, strict=True)]
    slopes = [step.slope_gradient, step.intercept_gradient]
    assert slopes == by_formula == measured.tolist()


@pytest.mark.claims(
    "The slope of the line goes too far: to …, where … is the best.",
    "A learning rate of … turns them into a new slope of the line, …, and a new "
    "intercept, …, so the line moves up over all the points.",
    "The second step adds less, because the errors, all of them still negative, have "
    "shrunk, and both slopes of the loss with them.",
    "Both slopes of the loss are negative, … along $m$ and … along $b$.",
    "Descent starts with slope … and intercept …, a line that lies flat on the axis.",
    "The flat line predicts … everywhere, and its errors are the targets with their "
    "signs turned.",
    "The second step follows the same formulas, at the place that the first one has "
    "reached.",
    "The first step added … to the slope of the line.",
)
def test_the_second_step() -> None:
    """The first goes too far, and leaves smaller errors, all below zero."""
    first = linear_step()
    second = linear_step(slope=first.new_slope, intercept=first.new_intercept)
    run = linear_steps()
    assert set(first.predictions) == {0}
    assert first.errors == tuple(-target for target in run.targets)
    assert first.new_slope > run.best_slope
    assert run.slopes[:3] == near((0, first.new_slope, second.new_slope))
    assert all(a < b < 0 for a, b in zip(first.errors, second.errors, strict=True))
    assert first.slope_gradient < second.slope_gradient < 0
    assert first.intercept_gradient < second.intercept_gradient < 0


@FEW
@given(
    samples=st.lists(
        st.tuples(*[st.fractions(Fraction(1, 9), 5, max_denominator=9)] * 3),
        min_size=2,
        max_size=6,
    )
)
def test_smaller_errors_of_one_sign_have_smaller_slopes(
    samples: list[tuple[Fraction, ...]],
) -> None:
    """It is the one sign that makes it so, where the inputs are positive."""
    inputs, missed, less = (np.array(column) for column in zip(*samples, strict=True))
    rows = with_intercept(inputs)
    before = linear_gradient(rows, [0, 0], missed + less)
    after = linear_gradient(rows, [0, 0], missed)
    assert all(before < after)
    assert all(after < 0)


@pytest.mark.claims(
    "After three steps the line has slope … and intercept …; one step later they are … "
    "and ….",
    "Rounding has no part in these digits.",
)
def test_rounding_has_no_part() -> None:
    """Fractions give the same five decimals."""
    run = linear_steps()
    inputs, targets = (
        [Fraction(str(number)) for number in numbers]
        for numbers in (run.inputs, run.targets)
    )
    exact = linear_steps(inputs, targets, learning_rate=Fraction(1, 10), num_steps=4)
    for name in ("slopes", "intercepts"):
        floats, fractions = getattr(run, name), getattr(exact, name)
        assert [f"{x:.5f}" for x in floats] == [f"{float(x):.5f}" for x in fractions]


@pytest.mark.claims(
    "After … steps, slope and intercept are … each, and both are still growing, by "
    "less with every step.",
)
def test_after_four_steps() -> None:
    """They agree to two decimals, and each addition is smaller than the last."""
    run = linear_steps()
    assert f"{run.new_slope:.2f}" == f"{run.new_intercept:.2f}"
    for numbers in (run.slopes, run.intercepts):
        added = [after - before for before, after in pairwise(numbers)]
        assert sorted(added, reverse=True) == added
        assert added[-1] > 0


@pytest.mark.claims(
    "The descent goes on until no slope of the loss is steeper than ….",
    "Descent stopped because ….",
)
@pytest.mark.parametrize("flat", [1e-2, 1e-4, 1e-6])
def test_flat_enough(flat: float) -> None:
    """Both slopes are flat at the end, and one step earlier one is not."""
    run = linear_steps(num_steps=1000, flat=flat)
    ends = [
        linear_step(slope=run.slopes[k], intercept=run.intercepts[k]) for k in (-2, -1)
    ]
    steepest = [
        max(abs(float(end.slope_gradient)), abs(float(end.intercept_gradient)))
        for end in ends
    ]
    assert steepest[1] <= flat < steepest[0]
    assert run.stopped == FLAT


@pytest.mark.claims(
    "In each of them a step multiplies the distance to the best line by a factor of "
    "its own:",
    "Across the valley every step leaves … of the distance, and that part of the way "
    "is soon done.",
    "Along the floor every step leaves …, and it takes … steps to halve what is left.",
    "Every step multiplies the distance to the best line by one factor across the "
    "valley and by another, closer to one, along its floor.",
)
@pytest.mark.parametrize("learning_rate", RATES)
@FEW
@given(start=st.tuples(st.floats(-5, 5), st.floats(-5, 5)))
def test_a_factor_for_each_direction(
    learning_rate: float, start: tuple[float, float]
) -> None:
    """From any start, step by step."""
    speeds = two_speeds(learning_rate=learning_rate)
    run = linear_steps(
        slope=start[0], intercept=start[1], learning_rate=learning_rate, num_steps=5
    )
    assert speeds.factors[1] < speeds.factors[0] < 1
    places = [
        parts(*line, speeds) for line in zip(run.slopes, run.intercepts, strict=True)
    ]
    for before, after in pairwise(places):
        assert after == near(before * speeds.factors, abs=1e-13)
    if learning_rate == linear_steps().learning_rate:
        steps = speeds.steps_to_halve
        assert speeds.factors[0] ** steps[0] == near(0.5)
        assert speeds.factors[1] ** 10 < 1e-3 < speeds.factors[0] ** 10


@pytest.mark.claims(
    "You will learn how the slope of a line differs from the slopes of its loss, how "
    "to find the two curvatures of the loss by hand, and why the slope of the line "
    "first climbs past the best one and then comes back.",
    "The intercept goes on growing all the while, from … after … steps to ….",
    "So the slope climbs while the fast part lasts and comes back with the slow one.",
    "The slope climbs to … at step …, and then comes back, to … after … steps.",
    "The first steps point to a slope far above the dotted one.",
    "That fast part of the way points to a larger slope and a larger intercept alike, "
    "in the direction (…, …).",
    "That slow part points to a smaller slope, in the direction (…, …).",
    "The two directions in which the curvature is a single number lead along the "
    "valley and across it, and their curvatures $\\lambda$ are very different.",
    "The ratio of the two curvatures, …, is the condition number of the valley.",
    "The first steps cross the valley and overshoot the slope of the best line; all "
    "later ones creep along the floor.",
    "A parameter that has stopped growing need not have arrived, because it may turn "
    "once the fast part of the way is done.",
)
@pytest.mark.parametrize("learning_rate", RATES)
def test_climbs_and_comes_back(learning_rate: float) -> None:
    """The slope turns where the slow part outweighs the fast one, past the best."""
    speeds = two_speeds(learning_rate=learning_rate)
    run = linear_steps(learning_rate=learning_rate, num_steps=200)
    turn = run.highest_slope_step
    assert 0 < turn < run.num_steps
    flat, steep = speeds.curvatures
    assert speeds.condition_number == near(steep / flat)
    assert steep > 10 * flat
    assert min(speeds.across) > 0 > speeds.along[0]
    assert speeds.along[1] > 0
    assert run.highest_slope > 9 * run.best_slope
    start, factors = parts(0, 0, speeds), np.array(speeds.factors)
    for step in range(run.num_steps):
        moves = (factors - 1) * factors**step * start
        slow, fast = moves * (speeds.along[0], speeds.across[0])
        assert slow < 0 < fast
        assert (fast > -slow) == (step < turn)
        assert (run.slopes[step + 1] > run.slopes[step]) == (step < turn)
        assert run.intercepts[step + 1] > run.intercepts[step]
    along, across = abs(parts(run.slopes[turn + 5], run.intercepts[turn + 5], speeds))
    assert across < along / 20


@pytest.mark.claims(
    "In a round bowl it is $1$, and there every direction is equally fast.",
)
@FEW
@given(start=st.tuples(NUMBERS, NUMBERS))
def test_a_round_bowl(start: tuple[Fraction, Fraction]) -> None:
    """Inputs of mean 0 and mean square 1 lead straight to the best line."""
    speeds = two_speeds((-1, 1))
    assert speeds.condition_number == 1
    run = linear_steps((-1, 1), (2, 4), *start, learning_rate=Fraction(1, 2))
    assert (run.slopes[1], run.intercepts[1]) == (1, 3)


@pytest.mark.claims(
    "The best intercept for a slope lies close to the floor, so almost the whole way "
    "is the slow part.",
    "The slope falls from the first step on.",
)
@FEW
@given(slope=st.floats(-9, 9))
def test_start_on_the_floor(slope: float) -> None:
    """From any slope, with the intercept that is best for it."""
    speeds, run = two_speeds(), linear_steps()
    point: list[Any] = [mean(map(float, line)) for line in (run.inputs, run.targets)]
    along, across = abs(parts(slope, point[1] - slope * point[0], speeds))
    assert across <= along / 12 + 1e-14
    falls = linear_steps(slope=1, intercept=point[1] - point[0])
    assert all(before > after for before, after in pairwise(falls.slopes))


@pytest.mark.claims(
    "Far from zero, turning the line moves all points by nearly the same amount, just "
    "as lifting it does.",
    "The two weights do almost the same thing, so one direction of the valley is "
    "steep and the other almost flat.",
)
@FEW
@given(shift=st.integers(10, 100))
def test_far_from_zero(shift: int) -> None:
    """The farther, the more alike the weights, and the longer the valley."""
    near_by = linear_steps().inputs

    def moved(by: int) -> tuple[Any, TwoSpeeds]:
        inputs = [x + by for x in near_by]
        return min(inputs) / max(inputs), two_speeds(inputs, learning_rate=1e-6)

    (alike, speeds), (more_alike, farther) = moved(shift), moved(shift + 10)
    assert 0.85 < alike < more_alike
    flat, steep = speeds.curvatures
    assert flat < 0.01
    assert steep > 200
    assert speeds.condition_number < farther.condition_number
