"""The worked examples of the errata."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from bad_input import NOT_A_NUMBER, NOT_NUMBERS, not_a_count, refused

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
        assert shares.right == pytest.approx(
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
        assert right[1] / right[0] == pytest.approx(math.exp(-0.5), rel=1e-15)

    @pytest.mark.parametrize(("value", "error", "says"), NOT_NUMBERS)
    def test_bad_values_are_refused(
        self, value: Any, error: type[Exception], says: str
    ) -> None:
        """The message names the values."""
        with refused(error, "values", says):
            softmax(value)

    def test_one_number_is_refused(self) -> None:
        """There is nothing to share among one number that is no sequence."""
        with refused(ValueError, "values", "has shape () but must have 1 dimensions"):
            softmax(2)  # type: ignore[arg-type]


class TestTanh:
    """Without its brackets the formula leaves the range of tanh."""

    def test_both_values(self) -> None:
        """At 1: (e − 1/e)/(e + 1/e), and e − e^(-1)/e + e^(-1)."""
        e = math.e
        result = tanh()
        assert isinstance(result, Tanh)
        assert result.right == pytest.approx((e - 1 / e) / (e + 1 / e), rel=1e-15)
        assert result.printed == pytest.approx(e - 1 / e**2 + 1 / e, rel=1e-15)

    def test_right_value_is_the_librarys(self) -> None:
        """The right formula is the tanh of Python's own library."""
        assert tanh(-0.75).right == pytest.approx(math.tanh(-0.75), rel=1e-15)
        assert tanh(0) == (0, 1)  # 1 − 1/1 + 1

    @pytest.mark.parametrize(("value", "error", "says"), NOT_A_NUMBER)
    def test_bad_value_is_refused(
        self, value: Any, error: type[Exception], says: str
    ) -> None:
        """The message names the value."""
        with refused(error, "value", says):
            tanh(value)


class TestAfterOutput:
    """Whatever is added behind the output becomes the output."""

    def test_every_number_of_the_book(self) -> None:
        """Inputs (0, 0) and (1, 1) with weights 1 and −1 have the sigmoid of 0."""
        longer = after_output()
        assert isinstance(longer, AfterOutput)
        says = (
            "`predictions` has shape (2, 20) but `targets` has shape (2, 1); "
            "they must be equal"
        )
        assert longer == (((0.5,), (0.5,)), (2, 1), (2, 20), says)

    def test_other_numbers_give_other_results(self) -> None:
        """Two added nodes are enough."""
        longer = after_output(2)
        assert longer.longer_shape == (2, 2)
        assert longer.message.startswith("`predictions` has shape (2, 2) but")

    @pytest.mark.parametrize(("value", "error", "says"), not_a_count(2))
    def test_too_few_nodes_are_refused(
        self, value: Any, error: type[Exception], says: str
    ) -> None:
        """A single one would fit the targets."""
        with refused(error, "added", says):
            after_output(value)


class TestUnwatched:
    """Without validation there is no validation loss to watch."""

    def test_the_message(self) -> None:
        """It says what there is."""
        said = unwatched()
        assert isinstance(said, Unwatched)
        assert said == (
            "validation_loss",
            "`monitor` is 'validation_loss' but must be one of: loss",
        )

    def test_what_is_measured_can_be_watched(self) -> None:
        """The training loss is there."""
        assert unwatched("loss") == ("loss", "")

    def test_what_is_no_name_is_refused(self) -> None:
        """The message names the monitor."""
        with refused(TypeError, "monitor", "is 5 but must be a name"):
            unwatched(5)  # type: ignore[arg-type]
