"""The worked examples of the errata."""

from __future__ import annotations

import math
from fractions import Fraction

from near import near

from gdbook.examples.errata import (
    AfterOutput,
    Softmax,
    Tanh,
    Unwatched,
    after_output,
    softmax,
    tanh,
    unwatched,
)


class TestSoftmax:
    """With the index outside the exponent every share is 1/n."""

    def test_right_shares(self) -> None:
        """Shares of (2, 1, 0) are 1, 1/e and 1/e² over their sum."""
        e = math.e
        total = 1 + 1 / e + 1 / e**2
        shares = softmax()
        assert isinstance(shares, Softmax)
        assert shares.right == near(
            (1 / total, 1 / e / total, 1 / e**2 / total), rel=1e-15
        )
        assert shares.printed == (1 / 3, 1 / 3, 1 / 3)

    def test_equal_values_share_equally(self) -> None:
        """Four equal values get a quarter each, whichever way it is read."""
        quarters = (0.25, 0.25, 0.25, 0.25)
        assert softmax((7, 7, 7, 7)) == (quarters, quarters)

    def test_large_values_do_not_overflow(self) -> None:
        """Only differences count: (1001, 1000) shares like (1, 0)."""
        assert softmax((1001, 1000)).right == softmax((1, 0)).right
        assert softmax((1000, 0)).right == (1, 0)

    def test_fractions_go_in(self) -> None:
        """A difference of 1/2 gives 1 to e^(-1/2)."""
        right = softmax((Fraction(1), Fraction(1, 2))).right
        assert right[1] / right[0] == near(math.exp(-0.5), rel=1e-15)


class TestTanh:
    """Without its brackets the formula leaves the range of tanh."""

    def test_both_values(self) -> None:
        """At 1: (e − 1/e)/(e + 1/e), and e − e^(-1)/e + e^(-1)."""
        e = math.e
        result = tanh()
        assert isinstance(result, Tanh)
        assert result.right == near((e - 1 / e) / (e + 1 / e), rel=1e-15)
        assert result.printed == near(e - 1 / e**2 + 1 / e, rel=1e-15)

    def test_right_value_is_the_librarys(self) -> None:
        """The right formula is the tanh of Python's own library."""
        assert tanh(-0.75).right == near(math.tanh(-0.75), rel=1e-15)
        assert tanh(0) == (0, 1)  # 1 − 1/1 + 1


class TestAfterOutput:
    """Whatever is added behind the output becomes the output."""

    def test_every_number_of_the_book(self) -> None:
        """Two samples have one prediction each, and then twenty."""
        longer = after_output()
        assert isinstance(longer, AfterOutput)
        says = (
            "`predictions` has shape (2, 20) but `targets` has shape (2, 1); "
            "they must be equal"
        )
        assert longer == ((2, 1), (2, 20), says)

    def test_other_numbers_give_other_results(self) -> None:
        """Two added nodes are enough."""
        longer = after_output(2)
        assert longer.longer_shape == (2, 2)
        assert longer.message.startswith("`predictions` has shape (2, 2) but")


class TestUnwatched:
    """Without validation there is no validation loss to watch."""

    def test_the_message(self) -> None:
        """It says what there is."""
        said = unwatched()
        assert isinstance(said, Unwatched)
        assert said == (
            "validation_loss",
            (
                "`monitor` is 'validation_loss' but must be one of: loss; "
                "`validation` gives `fit` samples to measure it on"
            ),
        )

    def test_what_is_measured_can_be_watched(self) -> None:
        """The training loss is there."""
        assert unwatched("loss") == ("loss", "")
