"""What the errata say, beyond the numbers of their cells."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from near import near

from gdbook.activations import RELU, SIGMOID, relu, relu_slope
from gdbook.descent import FLAT, descend
from gdbook.examples import errata, many_weights, saddle_points, weight_update
from gdbook.examples.capacity import all_noises, count_params
from gdbook.examples.forward_propagation import two_layers
from gdbook.examples.learning_rate import stability_bound, three_rates
from gdbook.examples.linear_regression import (
    hours_and_grades,
    linear_step,
    linear_steps,
)
from gdbook.losses import squared_error, squared_error_slope
from gdbook.network import Dense, backward, forward_pass
from gdbook.optimizers import GradientDescent

if TYPE_CHECKING:
    from gdbook._checks import Number

NUMBERS = st.fractions(-5, 5, max_denominator=9)
FINITE = st.floats(-300, 300)


@pytest.mark.claims(
    "These are the values after the third step in all, … and …, the first of them cut "
    "short."
)
def test_printed_slope_is_cut_and_intercept_rounded() -> None:
    """0.42724 is 0.43 when rounded, and 0.42 when cut; 0.40014 is 0.40 in both ways."""
    steps = linear_steps()
    slope, intercept = steps.slopes[3], steps.intercepts[3]
    assert (f"{slope:.2f}", math.floor(100 * slope)) == ("0.43", 42)
    assert (f"{intercept:.2f}", math.floor(100 * intercept)) == ("0.40", 40)


@pytest.mark.claims(
    "After three more steps they are … and ….",
    "After this step, text 002 goes on: “After continuing the iterations for 3 more "
    "steps, we arrive at the following values:” m=0.42 and b=0.40.",
)
def test_three_more_steps_are_four() -> None:
    """The first step and three more are the fourth line of the descent."""
    first, steps = linear_step(), linear_steps()
    more = linear_steps(slope=first.new_slope, intercept=first.new_intercept)
    assert (more.slopes[3], more.intercepts[3]) == near(
        (steps.slopes[4], steps.intercepts[4])
    )
    assert (steps.slopes[4], steps.intercepts[4]) != near((0.42, 0.40), rel=0.02)


@pytest.mark.claims(
    "The best line is right, but for the x: a weight is a number, and the input is "
    "what it multiplies.",
    "Of the best line it says “w=0.55x and b=1.90”.",
)
def test_the_best_line_of_the_grades() -> None:
    """The numbers are those of algebra; the drawn one has a loss that is not 0."""
    guess = hours_and_grades()
    assert (guess.new_slope, guess.new_intercept) == near((0.55, 1.90))
    assert (guess.slope, guess.intercept) == (1, 1)
    assert guess.loss > guess.new_loss > 0


@pytest.mark.claims(
    "The right formula has the index in the exponent, and needs all values for each "
    "share:"
)
@given(values=st.lists(FINITE, min_size=2, max_size=6), more=st.floats(0.5, 5))
def test_softmax_needs_every_value(values: list[float], more: float) -> None:
    """Every share is the power over the sum of all, and the greatest moves them all."""
    powers = [math.exp(value - max(values)) for value in values]
    right = errata.softmax(values).right
    assert right == near([power / sum(powers) for power in powers], abs=1e-300)
    greatest = values.index(max(values))
    raised = [*values]
    raised[greatest] += more
    moved = errata.softmax(raised).right
    assert moved[greatest] >= right[greatest]
    assert all(
        after < before or before < 1e-300
        for place, (before, after) in enumerate(zip(right, moved, strict=True))
        if place != greatest
    )


@pytest.mark.claims(
    "In text 001 the error of another prediction is “13 minus 9, which is 4”; the "
    "slides of the same lecture, text 004, print “-4” for it."
)
def test_the_other_sign() -> None:
    """Target minus prediction is 4 there, and prediction minus target −4."""
    net = two_layers()
    assert (net.target, net.prediction, net.error) == (13, 9, -4)


@pytest.mark.claims("There is no such loss, and this library says so.")
def test_no_validation_loss() -> None:
    """What watches it without validation data is refused by name."""
    assert "validation" in errata.unwatched().message


@pytest.mark.claims(
    "Text 002 says of the learning rate that it is “a small positive value”, so that "
    "“we subtract only a fraction” of the gradient.",
    "Text 002 says of the rate 0.1 that it “is not an ideal value”, because “larger "
    "values may cause the model to have trouble converging.”",
)
def test_what_is_said_of_rates() -> None:
    """A rate of 2 takes twice the gradient and arrives; so do others above 0.1."""
    run = weight_update.repeated(input_value=0.5, num_steps=1, flat=0, learning_rate=2)
    assert run.errors[1] == 0
    for rate in (0.2, 0.3):
        steps = linear_steps(learning_rate=rate, num_steps=5000, flat=1e-6)
        assert steps.stopped == FLAT


@pytest.mark.claims(
    "Read as printed, every power is the same, and softmax shares out equal parts "
    "whatever it is given."
)
@given(values=st.lists(FINITE, min_size=1, max_size=6))
def test_softmax_as_printed_forgets_its_values(values: list[float]) -> None:
    """The printed shares know how many values there are, and nothing else."""
    assert set(errata.softmax(values).printed) == {1 / len(values)}


@pytest.mark.claims(
    "With the sum the neuron has one value, without it one for each input."
)
@given(weights=st.lists(NUMBERS, min_size=1, max_size=5), bias=NUMBERS)
def test_one_value_for_each_input(weights: list[Fraction], bias: Fraction) -> None:
    """The right value counts the bias once, the printed ones count it each time."""
    inputs = range(1, len(weights) + 1)
    found = errata.neuron_without_sum(tuple(inputs), tuple(weights), bias)
    assert len(found.printed) == len(weights)
    assert found.right == sum(found.printed) - (len(weights) - 1) * bias


@pytest.mark.claims(
    "On one row it divides by the number of inputs instead of samples, which halves a "
    "gradient of two weights.",
)
@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=2))
def test_missing_transpose(rows: list[tuple[Fraction, Fraction]]) -> None:
    """Half on one row, right on a symmetric matrix, wrong on others in general."""
    (a, b), (c, d) = rows
    third = (1, 1)
    found = many_weights.missing_transpose((*rows, third), (1, 2), (6, 4, 8))
    assert [2 * x for x in found.on_one_row] == [*found.true_on_one_row]
    first, second = a + 2 * b - 6, c + 2 * d - 4  # the errors
    differ = (b - c) * second or (c - b) * first
    assert (found.on_two_rows != found.true_on_two_rows) == bool(differ)
    if b == c:
        assert found.on_two_rows == found.true_on_two_rows


@pytest.mark.claims(
    "On the batch of …, at the rate of that text, as many steps are too few.",
    "A loop that looks at the slopes takes as many as it needs, and says why it "
    "stopped.",
)
def test_fixed_number_of_steps_is_too_few() -> None:
    """After 1000 steps the slope is far above the limit that the other loop reaches."""
    fixed = many_weights.until_flat(learning_rate=0.01, num_steps=1000)
    looking = many_weights.until_flat(learning_rate=0.01, num_steps=10_000)
    assert fixed.steepest_slopes[-1] > 0.08
    assert looking.steepest_slopes[-1] <= 1e-6 < looking.steepest_slopes[-2]
    assert looking.stopped == FLAT


@pytest.mark.claims(
    "It knows shapes and not what they mean: a row of predictions and a column of "
    "targets become every prediction minus every target, and no error is raised."
)
@given(predictions=st.lists(FINITE, min_size=2, max_size=5))
def test_broadcasting_pairs_everything(predictions: list[float]) -> None:
    """NumPy itself returns all differences."""
    targets = np.arange(len(predictions))[:, None]
    errors = np.array(predictions) - targets
    expected = [[p - y for p in predictions] for y in range(len(predictions))]
    assert errors.tolist() == expected


@pytest.mark.claims("The input layer is the … inputs, which have no weights.")
def test_inputs_have_no_weights() -> None:
    """Three layers of nodes have weights, though four sizes are given."""
    counted = count_params((8, 10, 5, 1))
    assert len(counted.weights) == len(counted.sizes) - 1
    assert counted.total == 8 * 10 + 10 + 10 * 5 + 5 + 5 + 1


@pytest.mark.claims("Whatever is added comes after the output, and becomes the output.")
@pytest.mark.parametrize("added", [2, 3, 64])
def test_added_nodes_are_the_output(added: int) -> None:
    """There are as many predictions as added nodes."""
    assert errata.after_output(added).longer_shape == (2, added)


@pytest.mark.claims(
    "What comes back through the sigmoids is multiplied by each of them, whatever "
    "stands behind."
)
@given(weights=st.lists(st.floats(-2, 2), min_size=1, max_size=6), behind=FINITE)
def test_slopes_come_through_every_sigmoid(weights: list[float], behind: float) -> None:
    """The slope that arrives is what enters from behind times each node's factor."""
    layers = [Dense([[weight]], [0.0], SIGMOID) for weight in weights]
    layers.append(Dense([[behind]], [0.0], RELU))
    passed = forward_pass(layers, [[0.5]])
    values = backward(layers, passed, [[1.0]]).values
    expected = values[-2].item()
    nodes = zip(weights, passed.values[1:-1], strict=True)
    for weight, output in nodes:
        expected *= output.item() * (1 - output.item()) * weight
    assert values[0].item() == near(expected, rel=1e-9, abs=1e-300)


@pytest.mark.claims("A comment is no body: Python refuses the listing with “…”.")
@pytest.mark.parametrize("body", ["pass", "0", "..."])
def test_any_statement_is_a_body(body: str) -> None:
    """What lacks is a statement, whichever it is."""
    compile(errata.empty_loop().listing + f"    {body}\n", "mended", "exec")


@pytest.mark.claims(
    "This book has one sign, prediction minus target, with which twice the error is "
    "the slope of the squared error.",
    "With the other sign in its place the step would go uphill.",
)
@given(prediction=NUMBERS, target=NUMBERS, rate=st.fractions("0.01", "0.9"))
def test_sign_of_the_error(
    prediction: Fraction, target: Fraction, rate: Fraction
) -> None:
    """Against twice the error the loss falls, with it the loss grows."""
    assume(prediction != target)
    slope = 2 * (prediction - target)
    assert slope == squared_error_slope(prediction, target)
    loss = squared_error(prediction, target)
    assert squared_error(prediction - rate * slope, target) < loss
    assert squared_error(prediction + rate * slope, target) > loss


@pytest.mark.claims(
    "The three calls choose three learning rates, and find one and the same pair of "
    "weights.",
    "The smaller rate is the slower one here.",
)
def test_rates_differ_and_weights_do_not() -> None:
    """They agree to what the flat limit leaves, and the smallest takes longest."""
    rates = (0.01, 0.1, stability_bound().best_rate)
    runs = [linear_steps(learning_rate=r, num_steps=5000, flat=1e-6) for r in rates]
    for run in runs:
        assert run.new_slope == near(3 / 70, abs=1e-5)
        assert run.new_intercept == near(21 / 20, abs=1e-5)
    steps = [run.num_steps for run in runs]
    assert steps == sorted(steps, reverse=True)


@pytest.mark.claims(
    "A constant rate converges on these data, from every start, if it is below ….",
    "So 0.1 is safe, and the best constant rate is larger, …; … derives both.",
)
@pytest.mark.parametrize("slope", [-3.0, 5.0])
@pytest.mark.parametrize("intercept", [0.0, 7.0])
def test_bound_of_the_rate(slope: float, intercept: float) -> None:
    """Below the bound the line arrives from wherever it starts; above it does not."""
    bound = stability_bound()
    assert 0.1 < bound.best_rate < bound.linear_step

    def end(rate: Number) -> float:
        run = linear_steps(
            slope=slope, intercept=intercept, learning_rate=rate, num_steps=1200
        )
        return float(run.new_slope)

    for rate in (0.1, bound.best_rate, 0.99 * bound.linear_step):
        assert end(rate) == near(3 / 70, abs=1e-8)
    assert abs(end(1.01 * bound.linear_step)) > 1e6


@pytest.mark.claims(
    "How large a rate may be, the curvature says: where the single weight has a small "
    "input, the loss bends little, and twice the gradient is the best step."
)
@pytest.mark.parametrize("x", [Fraction(1, 2), Fraction(1, 10), Fraction(3)])
def test_best_rate_is_one_over_the_curvature(x: Fraction) -> None:
    """One step lands at the target if the rate is 1/(2x²), which is 2 for x = 1/2."""
    best = 1 / (2 * x**2)
    one = weight_update.repeated(x, learning_rate=best, num_steps=1, flat=0)
    assert one.losses[1] == 0
    assert (best == 2) == (x == Fraction(1, 2))
    for other in (best * Fraction(9, 10), best * Fraction(11, 10)):
        run = weight_update.repeated(x, learning_rate=other, num_steps=1, flat=0)
        assert run.losses[1] > 0


@pytest.mark.claims(
    "Against it the loss falls fastest at the place where it was measured, and the "
    "best weights may lie in another direction: for the line of … the two are … "
    "degrees apart at the start."
)
@given(angle=st.floats(0.01, 2 * math.pi - 0.01))
def test_no_other_direction_falls_faster(angle: float) -> None:
    """Turned away from minus the gradient, a short walk loses less height."""
    down = np.array(errata.compass().downhill)
    turned = np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    short = 1e-6

    def loss(way: Any) -> float:
        slope, intercept = (short * way).tolist()
        return float(linear_step(slope=slope, intercept=intercept).loss)

    assert loss(down) < loss(turned @ down)
    assert 47 < errata.compass().degrees < 48


@pytest.mark.claims(
    "Its slope is computed at once, anew in each step, and at the best weight it is "
    "zero."
)
def test_slope_at_the_best_weight() -> None:
    """At 10/3 the prediction is 10, and one call says that the slope is zero."""
    assert weight_update.weight_update(weight=Fraction(10, 3)).slope == 0
    assert weight_update.weight_update(weight=Fraction(3)).slope == -6


@pytest.mark.claims(
    "At the largest of these rates the loss of the single weight grows in every step.",
    "The smallest does not get stuck: each step leaves the same share of the error, so "
    "it is slow and no more.",
)
def test_too_large_and_too_small() -> None:
    """The largest multiplies by −1.07, small ones by something between 0 and 1."""
    runs = three_rates()
    assert all(after > before for before, after in pairwise(runs[-1].losses))
    for rate in (Fraction(1, 200), Fraction(1, 10**6)):
        run = weight_update.repeated(learning_rate=rate, num_steps=20, flat=0)
        sizes = {4 * run.factor**n for n in range(21)}
        assert {abs(error) for error in run.errors} == sizes
        assert 0 < run.factor < 1


@pytest.mark.claims(
    "The single weight comes as near as we like: each step multiplies its error by …, "
    "which leaves some of it after any number of steps."
)
@pytest.mark.parametrize("num_steps", [1, 10, 400])
def test_error_is_never_none(num_steps: int) -> None:
    """In fractions the error is −4·(41/50)ᵗ, as small as we like and not zero."""
    rate = Fraction(1, 100)
    run = weight_update.repeated(learning_rate=rate, num_steps=num_steps, flat=0)
    assert run.errors[-1] == -4 * Fraction(41, 50) ** num_steps != 0
    assert 4 * Fraction(41, 50) ** 400 < Fraction(1, 10**33)


@pytest.mark.claims(
    "Where a loss has more than one hollow, descent may settle in one that is not the "
    "lowest."
)
@pytest.mark.parametrize(("start", "lowest"), [(-1.5, True), (1.5, False)])
def test_settles_in_a_hollow(start: float, *, lowest: bool) -> None:
    """The hollows of (x² − 1)² + x/5 are near −1 and 1, and the left one is lower."""

    def loss(x: Any) -> float:
        return float((x**2 - 1) ** 2 + x / 5)

    def slope(x: Any) -> Any:
        return 4 * x * (x**2 - 1) + 0.2

    run = descend(loss, slope, start, GradientDescent(0.05), num_steps=500, flat=1e-9)
    assert run.stopped == FLAT
    assert (run.losses[-1] < 0) is lowest
    assert (run.params[-1] < 0) is lowest


@pytest.mark.claims(
    "All three places are flat, and from the first of them it is downhill along $y$; … "
    "shows how descent meets such a place and leaves it."
)
@pytest.mark.parametrize("step", [-0.5, -0.001, 0.001, 0.5])
def test_downhill_from_a_flat_place(step: float) -> None:
    """The gradients are zero; a step along y leads lower from the saddle alone."""
    places = saddle_points.flat_places().places
    assert [saddle_points.saddle_gradient(p).tolist() for p in places] == [[0, 0]] * 3
    lower = [
        saddle_points.saddle_loss((x, y + step)) < saddle_points.saddle_loss((x, y))
        for x, y in places
    ]
    assert lower == [True, False, False]


@pytest.mark.claims(
    "The model that goes through every noisy point has no loss on these, and more on "
    "new ones than the line, in the mean over all the noise there can be; … has the "
    "example."
)
@pytest.mark.parametrize("slope", [Fraction(-7, 3), 0, 2])
@pytest.mark.parametrize("size", [Fraction(1, 100), 40])
def test_no_loss_on_what_was_seen(slope: Number, size: Number) -> None:
    """Whatever the line and the noise, as long as there is some."""
    noises = all_noises(slope=slope, size=size)
    assert noises.training_losses[2] == 0
    assert noises.new_losses[2] > noises.new_losses[1]


@pytest.mark.claims(
    "The output of a ReLU is not less than zero for any sum.",
    "A node falls silent if its sum is above zero for no sample; … shows one die.",
)
@given(total=FINITE)
def test_output_of_a_relu(total: float) -> None:
    """It is zero or the sum, and lets no slope through unless the sum is above zero."""
    assert relu(total) == max(0, total) >= 0
    assert relu_slope(total) == (total > 0)


@pytest.mark.claims(
    "Validation measures, and ensures nothing: this line was trained on two of the "
    "grades above, and ends at the same numbers with and without it."
)
@pytest.mark.parametrize("num_epochs", [0, 1, 7])
@pytest.mark.parametrize("rate", [0.001, 0.09])
def test_validation_moves_nothing(num_epochs: int, rate: float) -> None:
    """After any number of epochs, and at any rate, the two runs are the same."""
    trained = errata.validated(num_epochs, rate)
    assert trained.with_validation == trained.without
