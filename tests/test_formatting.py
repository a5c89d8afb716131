"""How a number is written."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import NOT_A_NUMBER, refused
from hypothesis import given
from hypothesis import strategies as st

from gdbook._checks import shown
from gdbook.examples.weight_update import weight_update
from gdbook.formatting import below, format_number, in_words, times, typeset
from gdbook.glue import defaults


class TestFormatNumber:
    """Write a number with at most twelve significant digits."""

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0.1 + 0.2, "0.3"),  # 0.30000000000000004
            (1 - 0.74, "0.26"),
            (6.0, "6"),
            (6, "6"),
            (-24, "-24"),
            (-0.0, "0"),  # nothing has no sign
            (-1e-300, "-1e-300"),
            (2**70, "1180591620717411303424"),  # integers in full
            (Fraction(56, 25), "56/25"),
            (Fraction(-6, 3), "-2"),
            (Fraction(1, 10**400), f"1/1{'0' * 400}"),
            # Python writes no integer of more than 4300 digits.
            (Fraction(10**5000, 7), "1.42857142857e+4999"),
            (Fraction(-3, 10**5000), "-3e-5000"),
            (Fraction(3 * 2**20_000_000), "2.45697579836e+6020600"),
            (1 / 3, "0.333333333333"),  # twelve digits
            (2 / 3, "0.666666666667"),
            (123456789012.25, "123456789012"),
            (1234567890123.0, "1.23456789012e+12"),
            (1e-9, "1e-09"),
            (np.float64(0.25), "0.25"),
            (np.int64(7), "7"),
        ],
    )
    def test_by_hand(self, value: Any, text: str) -> None:
        """The text is the number that was meant."""
        assert format_number(value) == text

    @given(st.integers(-(10**12) + 1, 10**12 - 1), st.integers(0, 20))
    def test_twelve_digits_survive(self, digits: int, places: int) -> None:
        """A number of at most twelve digits is shown as it was typed."""
        typed = float(f"{digits}e-{places}")
        assert float(format_number(typed)) == typed

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Only a finite number is written."""
        with refused(exception, "value", says):
            format_number(bad)


class TestTypeset:
    """The number with a minus sign and a power of ten; other text as it is."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("24", "24"),
            ("-24", "−24"),
            ("0.26", "0.26"),
            ("-0.5", "−0.5"),
            ("56/25", "56/25"),
            ("-56/25", "−56/25"),
            ("1e-09", "10⁻⁹"),
            ("-1e-09", "−10⁻⁹"),
            ("1e+25", "10²⁵"),
            ("2.5e+25", "2.5 × 10²⁵"),
            ("-1.05e+13467", "−1.05 × 10¹³⁴⁶⁷"),
            ("3e-280", "3 × 10⁻²⁸⁰"),
            ("flat", "flat"),
            ("-flat", "-flat"),
            ("x = -24", "x = -24"),
            ("(-0.5, 1e-09)", "(−0.5, 10⁻⁹)"),
            ("(-1,)", "(−1,)"),
            ("((-1, 2), -56/25)", "((−1, 2), −56/25)"),
            ("(see -24)", "(see -24)"),
            ("()", "()"),
            ("(-24", "(-24"),
            ("-24)", "-24)"),
            ("1 - 2", "1 - 2"),
            ("3 steps", "3 steps"),
            ("", ""),
            ("-", "-"),
        ],
    )
    def test_by_hand(self, text: str, shown: str) -> None:
        """Numbers are typeset, texts are not touched."""
        assert typeset(text) == shown

    @pytest.mark.parametrize("bad", [None, 24, 0.5, b"25", ["24"]])
    def test_refuses(self, bad: Any) -> None:
        """Only a text is typeset."""
        with refused(TypeError, "text", f"is {bad!r} but must be a text"):
            typeset(bad)


class TestBelow:
    """A bound, in words, where rounding decides a number's digits."""

    @pytest.mark.parametrize(
        ("value", "bound", "text"),
        [
            (2e-16, 1e-15, "below 10⁻¹⁵"),
            (-2e-16, 1e-15, "below 10⁻¹⁵"),
            (0, 2.5e-8, "below 2.5 × 10⁻⁸"),
            (Fraction(1, 3), Fraction(1, 2), "below 1/2"),
        ],
    )
    def test_by_hand(self, value: Any, bound: Any, text: str) -> None:
        """The bound is typeset, and none of the number's digits is there."""
        assert below(value, bound) == text

    @pytest.mark.parametrize("value", [1e-15, -1e-15, 1.0])
    def test_a_number_that_is_not_small(self, value: float) -> None:
        """A bound that does not hold is not printed, on either side of zero."""
        with refused(ValueError, "value", f"is {value} but must be smaller than 1e-15"):
            below(value, 1e-15)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Only finite numbers are compared."""
        with refused(exception, "value", says):
            below(bad, 1)
        with refused(exception, "bound", says):
            below(0, bad)

    def test_refuses_no_bound(self) -> None:
        """Nothing is smaller than zero in size."""
        with refused(ValueError, "bound", "is 0 but must be a positive finite number"):
            below(0, 0)


class TestInWords:
    """Write a number in the words of a sentence."""

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (0, "zero"),
            (12, "twelve"),
            (2.0, "two"),
            (100, "a hundred"),
            (0.5, "half"),
            (Fraction(1, 4), "a quarter"),
            (0.75, "three quarters"),
            (1 / 8, "an eighth"),
            (2 / 3, "two thirds"),
            (0.1 + 0.2, "three tenths"),  # 0.30000000000000004
            (0.01, "a hundredth"),
            (1e-6, "a millionth"),
        ],
    )
    def test_by_hand(self, value: Any, words: str) -> None:
        """A simple number has words, also when arithmetic has rounded it."""
        assert in_words(value) == words

    @pytest.mark.claims(
        "Compute a number that hides in a word, so that it changes with its example: "
        "glue(share=in_words(step.learning_rate)) says “a hundredth”, and fails when "
        "there is no such word.",
        page="contributing",
    )
    def test_word_of_a_page(self) -> None:
        """The rate of the first example has a word, and twice that rate has none."""
        rate = defaults(weight_update)["learning_rate"]
        assert in_words(rate) == "a hundredth"
        with refused(ValueError, "value", f"is {2 * rate} but must have a word"):
            in_words(2 * rate)

    @pytest.mark.parametrize(
        "value", [13, -1, 0.02, 2.5, 1.5, 3 / 7.5001, Fraction(13, 100), 0.1 + 1e-15]
    )
    def test_other_number(self, value: Any) -> None:
        """A number that is no longer the sentence's is refused."""
        with refused(ValueError, "value", f"is {shown(value)} but must have a word"):
            in_words(value)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    @pytest.mark.parametrize("function", [in_words, times])
    def test_refuses(
        self, function: Any, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """Only a finite number has words."""
        with refused(exception, "value", says):
            function(bad)


class TestTimes:
    """Say how many times as much."""

    @pytest.mark.parametrize(
        ("value", "words"),
        [(1, "once"), (2.0, "twice"), (3, "three times"), (100, "a hundred times")],
    )
    def test_by_hand(self, value: Any, words: str) -> None:
        """A whole number that has a word."""
        assert times(value) == words

    @pytest.mark.parametrize("value", [2.5, 13, -2, Fraction(1, 2)])
    def test_other_number(self, value: Any) -> None:
        """Any other is refused."""
        with refused(ValueError, "value", f"is {shown(value)} but must have a word"):
            times(value)
