"""The worked examples of the chapter on the scores of classes."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook import losses
from gdbook.examples.class_scores import (
    LargeScores,
    MovingScore,
    OutputPair,
    Shares,
    TwoClasses,
    TwoLosses,
    large_scores,
    moving_score,
    output_pair,
    softmax_shares,
    two_classes,
    two_losses,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("0.50", "0.880797", "709.78", "overflow", "ln 0", "1000", "−0.9997", "−0.00067"),
    *("0.30", "−1.33", "−0.25", "0.75"),
)

HALF = Fraction(1, 2)
# A handful of roundings, of a number near 1 or of a difference of two.
ROUNDED = 2.0**-50
E = math.e


def close(expected: Any) -> Any:
    """Expect numbers up to the rounding of a few steps."""
    return near(expected, rel=ROUNDED, abs=ROUNDED)


def rows_close(rows: Any, expected: Any) -> bool:
    """Compare rows of numbers up to the rounding of a few steps."""
    return bool(
        np.shape(rows) == np.shape(expected)
        and np.array(rows) == near(np.array(expected), rel=ROUNDED, abs=ROUNDED)
    )


class TestSharingOut:
    """Softmax shares out one among classes, and only differences of scores count."""

    def test_every_number_of_the_book(self) -> None:
        """The powers are 2, 1 and 1."""
        shares = softmax_shares()
        assert isinstance(shares, Shares)
        assert shares.scores == (math.log(2), 0, 0)
        assert shares.shares == close((1 / 2, 1 / 4, 1 / 4))
        assert sum(shares.shares) == close(1)
        # A score near 100 has a rounding of 10⁻¹⁴.
        assert shares.shifted == near((1 / 2, 1 / 4, 1 / 4), abs=1e-14)
        # p(1 − p) on the diagonal, minus the product of two shares beside it
        slopes = (
            (1 / 4, -1 / 8, -1 / 8),
            (-1 / 8, 3 / 16, -1 / 16),
            (-1 / 8, -1 / 16, 3 / 16),
        )
        assert rows_close(shares.slopes, slopes)
        assert [sum(row) for row in shares.slopes] == close([0, 0, 0])
        assert_plain(shares)

    def test_two_equal_scores(self) -> None:
        """Halves, and slopes of a quarter, whatever the shift."""
        shares = softmax_shares((7, 7), shift=-1e6)
        assert shares == Shares(
            scores=(7, 7),
            shares=(0.5, 0.5),
            shifted=(0.5, 0.5),
            slopes=((0.25, -0.25), (-0.25, 0.25)),
        )

    def test_the_shift_is_added(self) -> None:
        """A shift that is too large for a float drowns the scores."""
        shares = softmax_shares((math.log(3), 0), shift=2.0**60)
        assert shares.shares == close((3 / 4, 1 / 4))
        assert shares.shifted == (0.5, 0.5)
        # Beside 2⁵² a float holds whole numbers only: 0.6 becomes 1.
        rounded = softmax_shares((0.6, 0), shift=2.0**52).shifted
        assert rounded == close((E / (E + 1), 1 / (E + 1)))

    def test_the_default_shift_is_added(self) -> None:
        """It is 100: 2⁻⁴⁶ is lost beside 28 + 100, but not beside 27 + 100."""
        # From 128 on the floats are 2⁻⁴⁵ apart, below it half of that.
        tiny = 2.0**-46
        below, beyond = softmax_shares((27 + tiny, 27)), softmax_shares((28 + tiny, 28))
        assert below.shares[0] == beyond.shares[0] > 0.5
        assert below.shifted[0] > 0.5
        assert beyond.shifted == (0.5, 0.5)


class TestAMovingScore:
    """What one class gains the others lose, in proportion to what they have."""

    def test_every_number_of_the_book(self) -> None:
        """The first share is eᶻ/(eᶻ + 2), the others half of the rest."""
        moving = moving_score()
        assert isinstance(moving, MovingScore)
        assert moving.values == tuple(step / 4 for step in range(-16, 25))
        assert (moving.values[0], moving.values[-1]) == (-4, 6)
        first = [E**z / (E**z + 2) for z in moving.values]
        assert list(moving.shares[0]) == close(first)
        rest = [1 / (E**z + 2) for z in moving.values]
        assert list(moving.shares[1]) == close(rest)
        assert moving.shares[2] == moving.shares[1]
        assert len(moving.shares) == 3
        assert moving.score == math.log(2)
        assert moving.share == close(0.5)
        assert_plain(moving)

    def test_other_scores(self) -> None:
        """The others keep their proportion: ln 3 to 0 is 3 to 1."""
        moving = moving_score((5, math.log(3), 0), (0, math.log(4)))
        # 1, 3, 1 and 4, 3, 1
        shares = ((1 / 5, 1 / 2), (3 / 5, 3 / 8), (1 / 5, 1 / 8))
        assert rows_close(moving.shares, shares)
        assert moving.score == 5
        assert moving.share == close(E**5 / (E**5 + 4))


class TestTwoClasses:
    """For two classes softmax is the sigmoid of the difference."""

    def test_every_number_of_the_book(self) -> None:
        """e³/(e³ + e) = e²/(e² + 1)."""
        pair = two_classes()
        assert isinstance(pair, TwoClasses)
        assert pair.scores == (3, 1)
        assert pair.shares == close((E**2 / (E**2 + 1), 1 / (E**2 + 1)))
        assert pair.difference == 2
        assert pair.sigmoid == close(E**2 / (E**2 + 1))
        assert_plain(pair)

    def test_other_scores(self) -> None:
        """The first minus the second, with its sign."""
        pair = two_classes((Fraction(1, 2), Fraction(3, 2)))
        assert pair.difference == -1
        assert pair.sigmoid == close(1 / (1 + E))
        assert pair.shares == close((1 / (1 + E), E / (1 + E)))
        assert_plain(pair, Fraction)

    @pytest.mark.parametrize("value", [(1,), (1, 2, 3)])
    def test_shape(self, value: Any) -> None:
        """Two scores, no more and no less."""
        says = f"has shape {np.shape(value)} but must have shape (2,)"
        with refused(ValueError, "scores", says):
            two_classes(value)


class TestLargeScores:
    """It fails in two ways, and the loss itself is neither infinite nor undefined."""

    def test_every_number_of_the_book(self) -> None:
        """The loss of the wrong sample is 2s, that of the right one 0; half of it."""
        big = large_scores()
        assert isinstance(big, LargeScores)
        assert big.sizes == (10, 100, 500, 1000)
        # ln(1 + e⁻²⁰) is e⁻²⁰ for each of the samples.
        assert big.as_written[0] == near(10 + E**-20, rel=1e-14)
        assert big.as_written[1] == near(100, rel=1e-14)
        assert big.as_written[2:] == ("ln 0", "overflow")
        assert big.losses[0] == near(10 + E**-20, rel=1e-14)
        assert big.losses[1:] == (100, 500, 1000)
        # All on the first class, where the second is true; then all on the second.
        assert big.errors == ((1, -1), (0, 0))
        assert big.slopes == ((0.5, -0.5), (0, 0))
        assert big.largest_exponent == near(1024 * math.log(2), rel=1e-15)
        assert_plain(big)

    def test_small_scores(self) -> None:
        """The errors and slopes are those of the last size."""
        big = large_scores((1000, math.log(3) / 2))
        # Powers √3 and 1/√3: shares 3/4 and 1/4, then 1/4 and 3/4.
        loss = (math.log(4) + math.log(4 / 3)) / 2
        assert big.as_written[0] == "overflow"
        assert big.as_written[1] == close(loss)
        assert big.losses[1] == close(loss)
        assert rows_close(big.errors, ((3 / 4, -3 / 4), (1 / 4, -1 / 4)))
        assert rows_close(big.slopes, ((3 / 8, -3 / 8), (1 / 8, -1 / 8)))

    def test_where_the_written_formula_fails(self) -> None:
        """Below and above the least float, and above the power 709.78."""
        (right,) = large_scores((350,)).as_written
        assert right == near(350, rel=1e-14)
        # e⁻³⁷³/e³⁷³ is less than half of the least float.
        assert large_scores((373,)).as_written == ("ln 0",)
        assert large_scores((709,)).as_written == ("ln 0",)
        assert large_scores((710,)).as_written == ("overflow",)
        assert large_scores((-710,)).as_written == ("overflow",)


class TestOutputsAndTheirLosses:
    """The slope along the score is the error, whatever the activation."""

    def test_a_number(self) -> None:
        """9 where 13 is true: the slope of the squared error is −8."""
        assert output_pair("identity", (9,), (13,)) == OutputPair(
            activation="identity",
            predictions=(9,),
            targets=(13,),
            errors=(-4,),
            loss_slopes=(-8,),
            chained_slopes=(-8,),
        )

    def test_two_numbers_in_fractions(self) -> None:
        """Exact, and each output has its own slope."""
        pair = output_pair("identity", (HALF, 2), (0, 1))
        assert pair.errors == (HALF, 1)
        assert pair.loss_slopes == pair.chained_slopes == (1, 2)
        assert_plain(pair, Fraction)

    def test_a_yes(self) -> None:
        """The score ln 3 is a yes with 3/4."""
        pair = output_pair("sigmoid", (math.log(3),), (1,))
        assert pair.activation == "sigmoid"
        assert pair.predictions == close((3 / 4,))
        assert pair.errors == close((-1 / 4,))
        # −1/(3/4), times 3/4 · 1/4
        assert pair.loss_slopes == close((-4 / 3,))
        assert pair.chained_slopes == close((-1 / 4,))
        assert_plain(pair)

    def test_two_answers(self) -> None:
        """A yes and a no: ln 3 is 3/4, and 0 is 1/2."""
        pair = output_pair("sigmoid", (math.log(3), 0), (0, 1))
        assert pair.errors == close((3 / 4, -1 / 2))
        # 1/(1/4) and −1/(1/2)
        assert pair.loss_slopes == close((4, -2))
        assert pair.chained_slopes == close((3 / 4, -1 / 2))

    def test_classes(self) -> None:
        """Shares 1/2, 1/4, 1/4 where the first class is true."""
        pair = output_pair()
        assert isinstance(pair, OutputPair)
        assert pair.activation == "softmax"
        assert pair.targets == (1, 0, 0)
        assert pair.predictions == close((1 / 2, 1 / 4, 1 / 4))
        assert pair.errors == close((-1 / 2, 1 / 4, 1 / 4))
        # −1/(1/2); times (1/4, −1/8, −1/8)
        assert pair.loss_slopes == close((-2, 0, 0))
        assert pair.chained_slopes == close((-1 / 2, 1 / 4, 1 / 4))
        assert_plain(pair)

    @pytest.mark.parametrize(
        ("activation", "scores", "targets", "loss"),
        [
            ("identity", (0.5, 2), (0, 1), losses.MEAN_SQUARED_ERROR),
            ("sigmoid", (math.log(3), 0), (0, 1), losses.SIGMOID_CROSS_ENTROPY),
            ("softmax", (math.log(2), 0, 0), (1, 0, 0), losses.SOFTMAX_CROSS_ENTROPY),
        ],
    )
    def test_the_library_starts_from_the_scores(
        self, activation: str, scores: Any, targets: Any, loss: losses.Loss
    ) -> None:
        """Its loss of scores has the slope that the chain rule gives."""
        pair = output_pair(activation, scores, targets)
        (slopes,) = loss.slope([scores], [targets])
        assert pair.chained_slopes == close(tuple(slopes))

    def test_a_score_too_large_for_the_chain(self) -> None:
        """The product of two slopes needs a prediction inside its range."""
        says = "holds 0.0 but every probability in it must be greater than 0"
        with refused(ValueError, "predictions", says):
            output_pair("softmax", (1000, -1000), (0, 1))
        says += " and less than 1"
        with refused(ValueError, "predictions", says.replace("0.0", "1.0")):
            output_pair("sigmoid", (1000,), (0,))

    def test_shapes(self) -> None:
        """One sample, and a target for each score."""
        says = "has shape (2,) but `targets` has shape (3,); they must be equal"
        with refused(ValueError, "scores", says):
            output_pair(scores=(1, 2))

    def test_targets_out_of_range(self) -> None:
        """A probability is needed where the loss needs one."""
        says = "holds 2.0 but every probability in it must be from 0 to 1"
        with refused(ValueError, "targets", says):
            output_pair("sigmoid", (0,), (2,))


class TestTwoLosses:
    """On the left the cross-entropy is steepest, and the squared error is flat."""

    def test_every_number_of_the_book(self) -> None:
        """The slopes are σ − 1 and 2(σ − 1)σ(1 − σ)."""
        both = two_losses()
        assert isinstance(both, TwoLosses)
        assert both.scores == tuple(step / 4 for step in range(-32, 33))
        assert (both.scores[0], both.scores[-1]) == (-8, 8)
        assert both.target == 1
        shares = [1 / (1 + E**-z) for z in both.scores]
        assert list(both.predictions) == close(shares)
        entropy = [share - 1 for share in shares]
        assert list(both.entropy) == close(entropy)
        squared = [-2 * share * (1 - share) ** 2 for share in shares]
        assert list(both.squared) == close(squared)
        # Steepest where the prediction is 1/3, at −ln 2: 2 · 1/3 · 4/9.
        assert max(map(abs, both.squared)) < 8 / 27
        assert_plain(both)

    def test_other_targets(self) -> None:
        """A no, and a half; the number of scores does not matter."""
        no = two_losses((0, math.log(3)), target=0)
        assert no.target == 0
        assert no.predictions == close((1 / 2, 3 / 4))
        assert no.entropy == close((1 / 2, 3 / 4))
        # 2 · 1/2 · 1/4 and 2 · 3/4 · 3/16
        assert no.squared == close((1 / 4, 9 / 32))
        half = two_losses((math.log(3),), target=HALF)
        assert half.target == HALF
        assert half.entropy == close((1 / 4,))
        assert half.squared == close((3 / 32,))
        assert_plain(half, Fraction)

    def test_far_away(self) -> None:
        """Where the sigmoid is 0 as a float, the cross-entropy still has a slope."""
        far = two_losses((-1000,))
        assert (far.predictions, far.squared, far.entropy) == ((0,), (0,), (-1,))


def test_arguments_are_left_alone() -> None:
    """What goes in as an array is unchanged afterwards."""
    numbers = np.array([-2.0, -1.0, 1.0, 2.0])
    before = numbers.copy()
    softmax_shares(numbers)
    moving_score(numbers, numbers)
    large_scores(numbers)
    output_pair("identity", numbers, numbers)
    two_losses(numbers)
    assert np.array_equal(numbers, before)
