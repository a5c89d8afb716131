"""The worked examples of the chapter on many weights."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.descent import FLAT, OUT_OF_STEPS, DivergenceError
from gdbook.examples.many_weights import (
    BatchGradient,
    MissingTranspose,
    SampleGradients,
    SilentBroadcast,
    UntilFlat,
    batch_gradient,
    missing_transpose,
    sample_gradients,
    several_outputs,
    silent_broadcast,
    until_flat,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("8", "12", "15", "20", "30", "40")

# Whole numbers are averaged to floats, so exact averages need fractions.
INPUTS = tuple(tuple(Fraction(x) for x in row) for row in ((3, 4), (1, 2), (2, 2)))


class TestTheBatchGradient:
    """The gradient of a batch is 2 Xᵀ(Xw − y)/n."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        step = batch_gradient()
        assert isinstance(step, BatchGradient)
        assert step.predictions == (11, 5, 6)  # 3 + 8, 1 + 4, 2 + 4
        assert step.errors == (5, 1, -2)  # 11 − 6, 5 − 4, 6 − 8
        assert step.loss == 10  # (25 + 1 + 4)/3
        # 2/3·(3·5 + 1·1 − 2·2) = 2/3·12, 2/3·(4·5 + 2·1 − 2·2) = 2/3·18
        assert step.gradient == (8, 12)
        # 1 − 0.08, 2 − 0.12
        assert step.new_weights == near((0.92, 1.88), rel=1e-15)
        # 2.76 + 7.52 − 6, 0.92 + 3.76 − 4, 1.84 + 3.76 − 8
        assert step.new_errors == near((4.28, 0.68, -2.4), rel=1e-14)
        # (18.3184 + 0.4624 + 5.76)/3 = 24.5408/3
        assert step.new_loss == near(24.5408 / 3, rel=1e-14)

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions the same numbers come out without rounding."""
        step = batch_gradient(INPUTS, learning_rate=Fraction(1, 100))
        assert step == (
            (11, 5, 6),
            (5, 1, -2),
            10,
            (8, 12),
            (Fraction(23, 25), Fraction(47, 25)),
            Fraction(15338, 1875),  # 24.5408/3 = 245408/30000
            (Fraction(107, 25), Fraction(17, 25), Fraction(-12, 5)),
        )

    def test_other_numbers_give_other_results(self) -> None:
        """Two samples, and another rate."""
        inputs = ((Fraction(1), 2), (3, Fraction(4)))
        assert batch_gradient(inputs, (1, 1), (2, 9), Fraction(1, 10)) == (
            (3, 7),
            (1, -2),
            Fraction(5, 2),  # (1 + 4)/2
            (-5, -6),  # 1·1 − 2·3, 1·2 − 2·4
            (Fraction(3, 2), Fraction(8, 5)),  # 1 + 5/10, 1 + 6/10
            Fraction(109, 20),  # (729 + 361)/100/2
            (Fraction(27, 10), Fraction(19, 10)),  # 47/10 − 2, 109/10 − 9
        )

    def test_a_mean_does_not_double(self) -> None:
        """Every sample twice gives the same gradient."""
        inputs = ((3, 4), (1, 2), (2, 2)) * 2
        assert batch_gradient(inputs, targets=(6, 4, 8) * 2).gradient == (8, 12)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        inputs = np.array([[3.0, 4.0], [1.0, 2.0], [2.0, 2.0]])
        weights, targets = np.array([1.0, 2.0]), np.array([6.0, 4.0, 8.0])
        step = batch_gradient(inputs, weights, targets, np.float64(0.01))
        assert_plain(step)
        assert_plain(batch_gradient(learning_rate=Fraction(1, 100)), Fraction)
        assert step.gradient == (8, 12)
        assert inputs.tolist() == [[3, 4], [1, 2], [2, 2]]
        assert weights.tolist() == [1, 2]
        assert targets.tolist() == [6, 4, 8]


class TestSeveralOutputs:
    """The same product gives one column of slopes for each output."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        step = several_outputs()
        assert step.predictions == ((11, 4), (5, 2), (6, 2))
        assert step.errors == ((5, 2), (1, 1), (-2, 1))
        assert step.loss == 12  # (25 + 1 + 4 + 4 + 1 + 1)/3
        # The second column: 2/3·(6 + 1 + 2) = 6, 2/3·(8 + 2 + 2) = 8
        assert step.gradient == ((8, 6), (12, 8))
        first, second = step.new_weights
        assert first == near((0.92, -0.06), rel=1e-14)
        assert second == near((1.88, 0.92), rel=1e-14)
        # second column: −0.18 + 3.68 − 2, −0.06 + 1.84 − 1, −0.12 + 1.84 − 1
        errors = np.array([[4.28, 1.5], [0.68, 0.78], [-2.4, 0.72]])
        assert np.array(step.new_errors) == near(errors, rel=1e-13)
        # a third of 24.5408 and of 2.25, 0.6084, 0.5184
        assert step.new_loss == near(27.9176 / 3, rel=1e-14)
        assert_plain(step)

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions the same numbers come out without rounding."""
        step = several_outputs(INPUTS, learning_rate=Fraction(1, 100))
        assert step.new_weights == (
            (Fraction(23, 25), Fraction(-3, 50)),
            (Fraction(47, 25), Fraction(23, 25)),
        )
        assert step.new_loss == Fraction(279176, 30000)

    def test_other_numbers_give_other_results(self) -> None:
        """One sample, two inputs, two outputs."""
        step = several_outputs(((1, 2),), ((1, 0), (0, 1)), ((0, 1),), 0.5)
        assert step == (
            ((1, 2),),
            ((1, 1),),  # 1 − 0, 2 − 1
            2,  # 1 + 1
            ((2, 2), (4, 4)),  # 2·1·(1, 1), 2·2·(1, 1)
            ((0, -1), (-2, -1)),  # minus half of the gradient
            32,  # 16 + 16
            ((-4, -4),),  # 0 − 4 − 0, −1 − 2 − 1
        )


class TestTheMeanOfTheSamples:
    """The gradient of a batch is the mean of the gradients of the samples."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        each = sample_gradients()
        assert isinstance(each, SampleGradients)
        # 2·5·(3, 4), 2·1·(1, 2), 2·(−2)·(2, 2)
        assert each.gradients == ((30, 40), (2, 4), (-8, -8))
        assert each.mean == (8, 12)  # 24/3, 36/3

    def test_it_is_exact_on_fractions(self) -> None:
        """Two samples with fractions: 2·1·(1, 2) and 2·(−2)·(3, 4)."""
        inputs = ((Fraction(1), 2), (3, Fraction(4)))
        each = sample_gradients(inputs, (1, 1), (2, 9))
        assert each == (((2, 4), (-12, -16)), (-5, -6))
        assert_plain(each, Fraction)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        inputs, targets = np.array([[3.0, 4.0], [1.0, 2.0]]), np.array([6.0, 4.0])
        weights = np.array([1.0, 2.0])
        assert_plain(sample_gradients(inputs, weights, targets))
        assert inputs.tolist() == [[3, 4], [1, 2]]
        assert weights.tolist() == [1, 2]
        assert targets.tolist() == [6, 4]


class TestBroadcastingIsSilent:
    """A row of predictions minus a column of targets has shape (3, 3)."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        seen = silent_broadcast()
        assert isinstance(seen, SilentBroadcast)
        assert seen.predictions_shape == (3,)
        assert seen.targets_shape == (3, 1)
        assert seen.errors_shape == (3, 3)
        # (11, 5, 6) − 6, (11, 5, 6) − 4, (11, 5, 6) − 8
        assert seen.errors == ((5, -1, 0), (7, 1, 2), (3, -3, -2))
        # (25 + 1 + 0 + 49 + 1 + 4 + 9 + 9 + 4)/9 = 102/9
        assert seen.wrong_loss == near(34 / 3, rel=1e-15)
        assert seen.true_loss == 10  # (25 + 1 + 4)/3
        assert seen.message == (
            "`predictions` has shape (3,) but `targets` has shape (3, 1); "
            "they must be equal; reshape((3,)) gives `targets` the same"
        )

    def test_it_is_exact_on_fractions(self) -> None:
        """Two samples: errors −1 and −2, and two that belong to no sample."""
        seen = silent_broadcast((Fraction(1), 3), (2, 5))
        assert seen.errors == ((-1, 1), (-4, -2))
        assert seen.wrong_loss == Fraction(11, 2)  # (1 + 1 + 16 + 4)/4
        assert seen.true_loss == Fraction(5, 2)  # (1 + 4)/2
        assert_plain(seen, Fraction)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        predictions, targets = np.array([11.0, 5.0, 6.0]), np.array([6.0, 4.0, 8.0])
        seen = silent_broadcast(predictions, targets)
        assert_plain(seen)
        assert seen == silent_broadcast()
        assert predictions.tolist() == [11, 5, 6]
        assert targets.tolist() == [6, 4, 8]

    @pytest.mark.parametrize("targets", [(6,), (6, 4)])
    def test_every_prediction_needs_one_target(self, targets: Any) -> None:
        """Shapes that NumPy would broadcast are refused as well."""
        says = (
            f"has shape (3,) but `targets` has shape {np.shape(targets)}; "
            "they must be equal"
        )
        with refused(ValueError, "predictions", says):
            silent_broadcast(targets=targets)


class TestTheTransposeThatIsMissing:
    """On one row half the gradient, on a square batch silently wrong, then an error."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        seen = missing_transpose()
        assert isinstance(seen, MissingTranspose)
        assert seen.on_one_row == (15, 20)  # 2·(3, 4)·5/2
        assert seen.true_on_one_row == (30, 40)  # 2·(3, 4)·5
        assert seen.on_two_rows == (19, 7)  # 3·5 + 4·1, 1·5 + 2·1
        assert seen.true_on_two_rows == (16, 22)  # 3·5 + 1·1, 4·5 + 2·1
        assert seen.message == (
            "shapes (3,2) and (3,) not aligned: 2 (dim 1) != 3 (dim 0)"
        )

    def test_it_is_exact_on_fractions(self) -> None:
        """Four rows, the first two with errors 1 and −2."""
        inputs = ((1, 2), (3, 4), (0, 1), (5, 5))
        seen = missing_transpose(inputs, (Fraction(1), 1), (2, 9, 1, 1))
        assert seen.on_one_row == (1, 2)  # 2·(1, 2)·1/2
        assert seen.true_on_one_row == (2, 4)
        assert seen.on_two_rows == (-3, -5)  # 1 − 4, 3 − 8
        assert seen.true_on_two_rows == (-5, -6)  # 1 − 6, 2 − 8
        assert seen.message == (
            "shapes (4,2) and (4,) not aligned: 2 (dim 1) != 4 (dim 0)"
        )
        assert_plain(seen, Fraction)

    def test_a_symmetric_batch_hides_it(self) -> None:
        """A matrix that equals its transpose cannot tell the formulas apart."""
        seen = missing_transpose(inputs=((3, 4), (4, 1), (2, 2)))
        # errors 5 and 2: 3·5 + 4·2, 4·5 + 1·2
        assert seen.on_two_rows == seen.true_on_two_rows == (23, 22)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        inputs = np.array([[3.0, 4.0], [1.0, 2.0], [2.0, 2.0]])
        weights, targets = np.array([1.0, 2.0]), np.array([6.0, 4.0, 8.0])
        seen = missing_transpose(inputs, weights, targets)
        assert_plain(seen)
        assert seen == missing_transpose()
        assert inputs.tolist() == [[3, 4], [1, 2], [2, 2]]
        assert weights.tolist() == [1, 2]
        assert targets.tolist() == [6, 4, 8]

    @pytest.mark.parametrize(
        ("inputs", "weights"),
        [
            (((3, 4), (1, 2)), (1, 2)),
            (((3, 4, 5), (1, 2, 3), (1, 1, 1)), (1, 2, 3)),
            (((1,), (2,), (3,)), (1,)),
        ],
        ids=["two rows", "three columns", "one column"],
    )
    def test_it_needs_two_inputs_and_three_rows(
        self, inputs: Any, weights: Any
    ) -> None:
        """Other shapes cannot show all three cases."""
        says = (
            f"has shape {np.shape(inputs)} but must have 2 columns and 3 rows or more"
        )
        with refused(ValueError, "inputs", says):
            missing_transpose(inputs, weights, (6, 4, 8)[: len(inputs)])


class TestTheLoopUntilFlat:
    """The loop run until the gradient is flat, with a stopping rule that exists."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        run = until_flat()
        assert isinstance(run, UntilFlat)
        assert run.losses[0] == 10
        assert run.steepest_slopes[0] == 12  # of (8, 12)
        # XᵀX = ((14, 18), (18, 24)) and Xᵀy = (38, 48): w = (4, −1), errors 2, −2, −2.
        # The flat curvature is 0.2123, so slopes of 10⁻⁶ leave 10⁻⁶/0.2123 = 5·10⁻⁶.
        assert run.new_weights == near((4, -1), abs=6e-6)
        assert run.new_weights != (4, -1)
        assert run.new_loss == near(4, rel=1e-11)  # (4 + 4 + 4)/3
        assert run.new_loss == run.losses[-1]
        assert run.num_steps == 1580
        assert len(run.losses) == len(run.steepest_slopes) == 1581
        assert run.steepest_slopes[-2] > 1e-6 >= run.steepest_slopes[-1]
        assert run.stopped == FLAT

    @pytest.mark.claims(
        "The steepest slope is still …, and the weights are on their way.",
    )
    def test_a_thousand_steps_of_the_source_are_not_enough(self) -> None:
        """At its rate 0.01 the steepest slope is still 0.0848."""
        run = until_flat(learning_rate=0.01, num_steps=1000)
        assert run.num_steps == 1000
        assert run.stopped == OUT_OF_STEPS
        assert round(run.steepest_slopes[-1], 4) == 0.0848
        assert [round(weight, 4) for weight in run.new_weights] == [3.6004, -0.6963]

    def test_it_ends_where_the_limit_is(self) -> None:
        """A rate that is far too small uses up all 5000 steps."""
        run = until_flat(learning_rate=1e-9)
        assert run.num_steps == 5000
        assert run.stopped == OUT_OF_STEPS

    def test_flat_is_what_it_is_told(self) -> None:
        """Each further digit costs 270 steps, for 0.99151²⁷⁰ is 0.1."""
        counts = [until_flat(flat=flat).num_steps for flat in (0.1, 0.01, 0.001)]
        assert counts == [230, 500, 770]

    def test_it_is_exact_on_fractions(self) -> None:
        """One step from (1, 2) to (23/25, 47/25)."""
        run = until_flat(INPUTS, learning_rate=Fraction(1, 100), num_steps=1)
        assert run == (
            (10, Fraction(15338, 1875)),
            # 2/3·(4·4.28 + 2·0.68 − 2·2.4) = 2/3·13.68
            (12, Fraction(228, 25)),
            (Fraction(23, 25), Fraction(47, 25)),
            Fraction(15338, 1875),
            1,
            OUT_OF_STEPS,
        )
        assert_plain(run, Fraction)

    def test_the_steepest_slope_may_be_negative(self) -> None:
        """Its size counts: of (−14, −28) it is 28."""
        run = until_flat(((1, 2),), (0, 1), (9,), num_steps=0)
        assert run.steepest_slopes == (28,)  # 2·(2 − 9)·2
        assert run.losses == (49,)
        assert run.new_weights == (0, 1)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        inputs = np.array([[3.0, 4.0], [1.0, 2.0], [2.0, 2.0]])
        weights, targets = np.array([1.0, 2.0]), np.array([6.0, 4.0, 8.0])
        run = until_flat(inputs, weights, targets, np.float64(0.04), num_steps=3)
        assert_plain(run)
        assert run.losses == near(until_flat(num_steps=3).losses, rel=1e-14)
        assert inputs.tolist() == [[3, 4], [1, 2], [2, 2]]
        assert weights.tolist() == [1, 2]
        assert targets.tolist() == [6, 4, 8]

    def test_it_diverges_beyond_the_bound(self) -> None:
        """The bound is 2/25.12 = 0.0796."""
        with pytest.raises(
            DivergenceError, match=r"learning rate 0.1 the loss is inf; usually"
        ):
            until_flat(learning_rate=0.1)


@pytest.mark.parametrize(
    "example", [batch_gradient, sample_gradients, missing_transpose, until_flat]
)
class TestArraysThatDoNotFit:
    """Shapes that NumPy would broadcast are refused as well."""

    @pytest.mark.parametrize("weights", [(1,), (1, 2, 3)])
    def test_weights_that_do_not_fit(self, example: Any, weights: Any) -> None:
        """Every input needs one weight."""
        says = (
            f"has shape {np.shape(weights)} but `inputs` has shape (3, 2); "
            "`weights` must have 2 rows"
        )
        with refused(ValueError, "weights", says):
            example(weights=weights)

    @pytest.mark.parametrize("targets", [(6,), (6, 4)])
    def test_targets_that_do_not_fit(self, example: Any, targets: Any) -> None:
        """Every sample needs one target."""
        says = f"has shape {np.shape(targets)} but must have shape (3,)"
        with refused(ValueError, "targets", says):
            example(targets=targets)


@pytest.mark.parametrize("example", [batch_gradient, until_flat])
@pytest.mark.parametrize("targets", [((6,), (4,), (8,)), ((6, 4, 8),)])
def test_targets_of_one_output_are_a_row(example: Any, targets: Any) -> None:
    """Neither a column nor a matrix with one row will do."""
    says = f"has shape {np.shape(targets)} but must have shape (3,)"
    with refused(ValueError, "targets", says):
        example(targets=targets)
