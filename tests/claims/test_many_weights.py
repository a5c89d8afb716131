"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from near import near
from strategies import LinearProblem, exact_arrays, fractions, linear_problems

from gdbook import gradients, losses
from gdbook.descent import FLAT
from gdbook.examples.gradient import two_inputs
from gdbook.examples.many_weights import (
    INPUTS,
    TARGETS,
    WEIGHTS,
    batch_gradient,
    missing_transpose,
    sample_gradients,
    several_outputs,
    silent_broadcast,
    until_flat,
)
from gdbook.glue import defaults

ROWS = st.integers(2, 4).flatmap(lambda count: exact_arrays((count, 2)))


class TestTheProduct:
    """Every slope is the mean of what the rows contribute."""

    @pytest.mark.claims(
        "The product with the weights gives one prediction for each row, and taking "
        "away the targets gives one error for each row.",
        "Each weight meets every sample: its slope collects one contribution from each "
        "row, the error of the row times the input that this weight carries there.",
        "So the gradient takes the errors times the columns of $X$, and columns become "
        "rows by transposing:",
        "The inner sizes, one for each sample, meet and disappear; what remains is one "
        "slope for each weight.",
        "The gradient … has one number for each weight.",
        "The errors become a matrix with one column for each output, and the same "
        "product gives one column of slopes for each.",
        "A model with two outputs has a column of weights for each of them.",
        "The gradient of a batch is two over the number of samples times the "
        "transposed inputs times the errors, and it is the mean of the gradients of "
        "the samples.",
    )
    @given(linear_problems())
    def test_rows_contribute(self, problem: LinearProblem) -> None:
        """Sums over the rows, written out, give every slope of every output."""
        inputs, weights, targets = problem
        step = batch_gradient(inputs, weights, targets)
        errors = np.array(step.errors, dtype=object)
        assert errors.shape == targets.shape
        gradient = np.array(step.gradient, dtype=object)
        assert gradient.shape == weights.shape
        flat_errors = errors.reshape(len(inputs), -1)
        columns = gradient.reshape(inputs.shape[1], -1)
        for weight in range(inputs.shape[1]):
            for output in range(flat_errors.shape[1]):
                rows = zip(flat_errors[:, output], inputs[:, weight], strict=True)
                collected = sum(error * carried for error, carried in rows)
                assert columns[weight, output] == 2 * collected / len(inputs)

    @pytest.mark.claims(
        "Take it apart: each row alone has a gradient of its own, twice its error "
        "times its inputs.",
        "It is shorter than the arrows are on average, because they do not point the "
        "same way.",
    )
    @given(ROWS, exact_arrays((2,)), st.data())
    def test_the_mean_of_the_arrows(self, inputs: Any, weights: Any, data: Any) -> None:
        """It is as long as they are on average only where all point the same way."""
        targets = data.draw(exact_arrays((len(inputs),)))
        apart = sample_gradients(inputs, weights, targets)
        errors = inputs @ weights - targets
        for row, error, arrow in zip(inputs, errors, apart.gradients, strict=True):
            assert arrow == tuple(2 * error * carried for carried in row)
        arrows = np.array(apart.gradients, dtype=object)
        assert apart.mean == tuple(arrows.sum(axis=0) / Fraction(len(arrows)))
        lengths = [math.hypot(*arrow) for arrow in apart.gradients]
        total = arrows.sum(axis=0)
        same_way = all(
            a * total[1] == b * total[0] and a * total[0] + b * total[1] >= 0
            for a, b in arrows
        ) and (any(total) or not arrows.any())
        shorter = math.hypot(*apart.mean) < sum(lengths) / len(lengths) - 1e-12
        assert shorter != same_way

    @pytest.mark.claims(
        "The first sample pulls hardest, for it has the largest error and the largest "
        "inputs.",
        "It makes one sample worse: the third has a prediction that is too small "
        "already, and its error goes from … to ….",
        "The third has an error of the other sign and pulls both weights the other "
        "way.",
        "A step with the learning rate … lowers the loss from … to ….",
        "A step against the mean is a compromise.",
    )
    def test_the_samples_of_the_page(self) -> None:
        """Error and inputs are the greatest in size, and one error of three grows."""
        step, apart = batch_gradient(), sample_gradients()
        for sizes in (
            [abs(float(error)) for error in step.errors],  # type: ignore[arg-type]
            [math.hypot(*row) for row in INPUTS],
            [math.hypot(*arrow) for arrow in apart.gradients],
        ):
            assert sizes[0] == max(sizes) > sorted(sizes)[1]
        assert np.sign(np.array(apart.gradients)).tolist() == [[1, 1], [1, 1], [-1, -1]]
        old, new = np.array(step.errors), np.array(step.new_errors)
        assert (abs(new) > abs(old)).tolist() == [False, False, True]
        assert new[2] < old[2] < 0
        assert step.new_loss < step.loss

    @pytest.mark.claims(
        "No weight of one column feeds the other output, so the columns do not disturb "
        "each other.",
        "With two outputs, errors and gradient gain a column, and $X^\\top$ stays as "
        "it is.",
        "With a single output gdbook leaves out the last size, so these errors and "
        "this gradient are plain vectors.",
    )
    @given(ROWS, st.data())
    def test_columns_are_apart(self, inputs: Any, data: Any) -> None:
        """Two outputs together have the slopes that each of them has alone."""
        weights = data.draw(exact_arrays((2, 2)))
        targets = data.draw(exact_arrays((len(inputs), 2)))
        many = several_outputs(inputs, weights, targets)
        for output in (0, 1):
            alone = batch_gradient(inputs, weights[:, output], targets[:, output])
            assert alone.gradient == tuple(row[output] for row in many.gradient)  # type: ignore[index]

    @pytest.mark.claims(
        "The first column of weights and of targets is the one we had.",
        "The first output has the slopes that it had alone, … and ….",
        "The first sample is the one from …, with error ….",
        "The batch takes the mean, and that is the gradient … of the product.",
    )
    def test_the_first_column_of_the_page(self) -> None:
        """Its slopes are those of the one output, whose numbers it has."""
        one = defaults(two_inputs)
        batch = defaults(batch_gradient)
        assert batch["inputs"][0] == one["inputs"]
        assert (batch["weights"], batch["targets"][0]) == (
            one["weights"],
            one["target"],
        )
        for example in (sample_gradients, missing_transpose, until_flat):
            own = defaults(example)
            names = ("inputs", "weights", "targets")
            assert all(own[name] == batch[name] for name in names)
        assert sample_gradients().mean == batch_gradient().gradient
        silent = defaults(silent_broadcast)
        assert silent["predictions"] == batch_gradient().predictions
        assert silent["targets"] == batch["targets"]
        several = several_outputs()
        assert batch_gradient().gradient == tuple(row[0] for row in several.gradient)  # type: ignore[index]

    @pytest.mark.claims(
        "The gradient stays, because it is a mean.",
        "With a sum instead of the mean it would double, and the learning rate would "
        "have to follow the size of the batch.",
    )
    @given(linear_problems(), st.integers(2, 5))
    def test_samples_again(self, problem: LinearProblem, often: int) -> None:
        """The mean stays however often the batch is repeated, and the sum grows."""
        inputs, weights, targets = problem
        more_inputs = np.concatenate([inputs] * often)
        more_targets = np.concatenate([targets] * often)
        once = gradients.linear_gradient(inputs, weights, targets)
        again = gradients.linear_gradient(more_inputs, weights, more_targets)
        assert np.array_equal(again, once)
        assert np.array_equal(again * len(more_inputs), often * once * len(inputs))


class TestShapesThatFitByAccident:
    """They compute something else, silently."""

    @pytest.mark.claims(
        "NumPy repeats the row of predictions for every target and the column of "
        "targets for every prediction, and the difference has shape ….",
        "It holds every prediction minus every target, and only the diagonal pairs "
        "what belongs together.",
        "The mean of all these squares is …, and nothing says that the loss is ….",
    )
    @given(st.lists(st.tuples(fractions(), fractions()), min_size=2, max_size=5))
    def test_every_pair(self, pairs: Any) -> None:
        """Written out, for any predictions and targets; the loss is the diagonal's."""
        predictions, targets = zip(*pairs, strict=True)
        silent = silent_broadcast(predictions, targets)
        expected = tuple(
            tuple(prediction - target for prediction in predictions)
            for target in targets
        )
        assert silent.errors == expected
        squares = [error**2 for row in expected for error in row]
        assert silent.wrong_loss == sum(squares) / Fraction(len(squares))
        diagonal = [(p - t) ** 2 for p, t in pairs]
        assert silent.true_loss == sum(diagonal) / Fraction(len(diagonal))
        assert f"`targets` has shape {(len(pairs), 1)}" in silent.message

    @pytest.mark.claims(
        "One row, passed as a plain vector, has nothing to transpose, so the product "
        "comes out right.",
        "With two inputs the slopes are half of what they should be, … for …: the "
        "descent goes the right way, at half the learning rate.",
        "Neither case has a message that warns of it.",
        "Three rows do not fit any more, and NumPy says so:",
        "Of the three failures it is the only one that shows itself.",
        "They differ by $(c - b)\\,e_2$ and $(b - c)\\,e_1$, so they agree for all "
        "errors where $b = c$: where the matrix equals its transpose.",
        "But the function divides by the first size of the shape, which for a vector "
        "is the number of inputs and not the number of samples.",
        "Two rows with two inputs make a square matrix.",
        "The shapes fit with and without the transpose, and the function returns … "
        "where … is right.",
    )
    @given(exact_arrays((3, 2)), exact_arrays((2,)), exact_arrays((3,)))
    def test_where_it_hides(self, inputs: Any, weights: Any, targets: Any) -> None:
        """Half on one row, right on two rows that are symmetric, an error on three."""
        seen = missing_transpose(inputs, weights, targets)
        assert seen.on_one_row == tuple(slope / 2 for slope in seen.true_on_one_row)
        first, second = inputs[:2] @ weights - targets[:2]
        unlike = (inputs[0, 1] - inputs[1, 0]) * np.array([second, -first])
        off = np.array(seen.on_two_rows) - np.array(seen.true_on_two_rows)
        assert np.array_equal(off, unlike)
        assert "not aligned" in seen.message
        symmetric = inputs.copy()
        symmetric[1, 0] = symmetric[0, 1]
        hidden = missing_transpose(symmetric, weights, targets)
        assert hidden.on_two_rows == hidden.true_on_two_rows
        of_the_page = missing_transpose()
        assert of_the_page.on_two_rows != of_the_page.true_on_two_rows


class TestTheLoop:
    """It needs a reason to stop."""

    @pytest.mark.claims(
        "A count alone is no reason to stop: it can end too early, or repeat a step "
        "that no longer changes anything."
    )
    def test_a_count_alone(self) -> None:
        """A count of 5 is too early; of 3000 steps many leave the weights unmoved."""
        early = until_flat(num_steps=5, flat=0)
        assert early.steepest_slopes[-1] > 0.1
        late, later = (
            until_flat(learning_rate=0.075, num_steps=count, flat=0)
            for count in (2600, 3000)
        )
        assert late.new_weights == near(later.new_weights, rel=1e-15)

    @pytest.mark.claims(
        "A reason to stop is a flat gradient: no slope is steeper than a number that "
        "counts as flat.",
        "With the learning rate … the descent stopped after … steps because …: no "
        "slope steeper than … was left.",
        "The loss is … and not zero, for no weights fit all of the samples.",
        "The descent says which of the two ended it.",
        "The steepest slope is still …, and the weights are on their way.",
        "A loop needs a reason to stop, which is a flat gradient, and a limit in case "
        "it never gets there.",
        "After … of them the steepest slope is …, and from there on a step leaves … of "
        "it.",
    )
    def test_why_it_stopped(self) -> None:
        """One step earlier a slope is steeper; the least loss is that of algebra."""
        run = until_flat()
        of_the_source = until_flat(learning_rate=0.01, num_steps=1000)
        assert of_the_source.steepest_slopes[-1] > 1e4 * defaults(until_flat)["flat"]
        kept = [b / a for a, b in pairwise(of_the_source.steepest_slopes[100:])]
        assert kept == near([kept[0]] * 900, rel=1e-10)
        assert run.stopped == FLAT != of_the_source.stopped
        assert run.steepest_slopes[-1] <= 1e-6 < run.steepest_slopes[-2]
        best = np.linalg.lstsq(np.array(INPUTS), np.array(TARGETS), rcond=None)[0]
        assert run.new_weights == near(tuple(best), rel=1e-5)
        # The first two rows ask for (−2, 3), and the third then has 2 and not 8.
        first_two = np.linalg.solve(INPUTS[:2], TARGETS[:2])
        assert tuple(first_two) == near((-2, 3), rel=1e-12)
        assert np.dot(INPUTS[2], first_two) != near(TARGETS[2], rel=1e-3)

    @pytest.mark.claims(
        "On the floor of a valley what is left of the loss falls as the square of the "
        "slope, so to the eye the loss stands still long before the slope is flat.",
        "Each further digit costs the same number of steps, give or take one, because "
        "in the long run each step shrinks the slope by the same factor.",
        "At … the slope looks flat, and $w_1$ is still … from its end: along the floor "
        "of the valley the curvature is small, so a small slope belongs to a long way.",
    )
    @pytest.mark.parametrize("rate", [0.02, 0.04, 0.06])
    @pytest.mark.parametrize("weights", [WEIGHTS, (-3, 1)])
    def test_on_the_floor(self, rate: float, weights: Any) -> None:
        """From other starts and with other rates as well."""
        runs = [
            until_flat(weights=weights, learning_rate=rate, flat=10.0**-digits)
            for digits in (1, 2, 3, 4)
        ]
        steps = [run.num_steps for run in runs]
        costs = [after - before for before, after in pairwise(steps)]
        assert max(costs) - min(costs) <= 1
        least = losses.mean_squared_error(np.array(INPUTS) @ (4.0, -1.0), TARGETS)
        left = [float(run.new_loss) - least for run in runs]
        slopes = [float(run.steepest_slopes[-1]) for run in runs]
        curvature, _ = gradients.curvatures(INPUTS)
        for excess, slope in zip(left, slopes, strict=True):
            assert excess / slope**2 == near(left[0] / slopes[0] ** 2, rel=1e-4)
        first: Any = runs[0].new_weights
        # The slope over the small curvature is the way that is left.
        way = math.hypot(first[0] - 4, first[1] + 1)
        assert way * curvature == near(slopes[0] * way / abs(first[0] - 4), rel=1e-6)
        assert way > 2 * slopes[0]
