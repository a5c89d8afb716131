"""What no function may accept, and what its message says about it."""

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import pytest

from gdbook._checks import shown

Refusal: TypeAlias = tuple[Any, type[Exception], str]

_NO_NUMBER: list[Refusal] = [
    ("2", TypeError, "is '2' but must be a number"),
    (b"2", TypeError, "is b'2' but must be a number"),
    (True, TypeError, "is True but must be a number"),
    (np.bool_(True), TypeError, "is True but must be a number"),  # noqa: FBT003
    (None, TypeError, "is None but must be a number"),
    (1j, TypeError, "is 1j but must be a number"),
    (Decimal(1), TypeError, "is Decimal('1') but must be a number"),
    ({1: 2}, TypeError, "is {1: 2} but must be a number"),
    (math.nan, ValueError, "is nan but must be finite"),
    (math.inf, ValueError, "is inf but must be finite"),
    (-math.inf, ValueError, "is -inf but must be finite"),
    (np.array(math.nan), ValueError, "is nan but must be finite"),
]

NOT_A_NUMBER: list[Refusal] = [
    *_NO_NUMBER,
    ([1], TypeError, "is [1] but must be a number"),
]

NOT_POSITIVE: list[Refusal] = [
    *NOT_A_NUMBER,
    (0, ValueError, "is 0 but must be a positive finite number"),
    (-0.5, ValueError, "is -0.5 but must be a positive finite number"),
]

NOT_BETWEEN_0_AND_1: list[Refusal] = [
    *NOT_A_NUMBER,
    (0, ValueError, "is 0 but must be greater than 0 and less than 1"),
    (1, ValueError, "is 1 but must be greater than 0 and less than 1"),
    (-0.5, ValueError, "is -0.5 but must be greater than 0 and less than 1"),
    (1.5, ValueError, "is 1.5 but must be greater than 0 and less than 1"),
]

NOT_A_SHARE: list[Refusal] = [
    *NOT_A_NUMBER,
    (1, ValueError, "is 1 but must be 0 or more and less than 1"),
    (-0.5, ValueError, "is -0.5 but must be 0 or more and less than 1"),
]

NEGATIVE: list[Refusal] = [
    *NOT_A_NUMBER,
    (-0.5, ValueError, "is -0.5 but must not be negative"),
]

NOT_A_GENERATOR: list[Refusal] = [
    (bad, TypeError, f"is {shown(bad)} but must be a numpy.random.Generator")
    for bad in (None, 1, "1", np.random.Generator, np.random.PCG64)
]

NOT_A_FUNCTION: list[Refusal] = [
    (bad, TypeError, f"is {shown(bad)} but must be a function")
    for bad in (None, 2, "w**2")
]

NOT_A_CHOICE: list[Refusal] = [
    (bad, TypeError, f"is {shown(bad)} but must be True or False")
    for bad in (0, 1, None, "True", [True])
]

NOT_A_PATH: list[Refusal] = [
    (bad, TypeError, f"is {shown(bad)} but must be a path")
    for bad in (None, 3, b"run.gdbook", ["run.gdbook"])
]

NOT_NUMBERS: list[Refusal] = [
    *_NO_NUMBER,
    (["2"], TypeError, "holds '2' but must hold numbers only"),
    ([1, "2"], TypeError, "holds '2' but must hold numbers only"),
    ([1.5, b"2"], TypeError, "holds b'2' but must hold numbers only"),
    ([1, True], TypeError, "holds True but must hold numbers only"),
    ([Fraction(1, 2), True], TypeError, "holds True but must hold numbers only"),
    ([1.5, None], TypeError, "holds None but must hold numbers only"),
    ([1, 1j], TypeError, "holds 1j but must hold numbers only"),
    (np.array(["2"]), TypeError, "holds np.str_('2') but must hold numbers only"),
    (np.array([True]), TypeError, "holds np.True_ but must hold numbers only"),
    (np.array([1j]), TypeError, "holds np.complex128(1j) but must hold numbers only"),
    ([1, math.nan], ValueError, "holds nan but every number in it must be finite"),
    ([1, -math.inf], ValueError, "holds -inf but every number in it must be finite"),
    (
        [Fraction(1, 2), math.nan],
        ValueError,
        "holds nan but every number in it must be finite",
    ),
    (
        np.array([math.inf]),
        ValueError,
        "holds inf but every number in it must be finite",
    ),
    ([], ValueError, "has shape (0,) but must not be empty"),
    ([[], []], ValueError, "has shape (2, 0) but must not be empty"),
    (
        [[1, 2], [3]],
        ValueError,
        "is [[1, 2], [3]] but its rows must have equal lengths",
    ),
    ([[1], 2], ValueError, "is [[1], 2] but its rows must have equal lengths"),
]


def not_a_count(least: int) -> list[Refusal]:
    """Give what is no whole number, and the number just below `least`."""
    return [
        ("2", TypeError, "is '2' but must be a whole number"),
        (b"2", TypeError, "is b'2' but must be a whole number"),
        (True, TypeError, "is True but must be a whole number"),
        (None, TypeError, "is None but must be a whole number"),
        (2.0, TypeError, "is 2.0 but must be a whole number"),
        (math.nan, TypeError, "is nan but must be a whole number"),
        (math.inf, TypeError, "is inf but must be a whole number"),
        (Fraction(2), TypeError, "is Fraction(2, 1) but must be a whole number"),
        ([2], TypeError, "is [2] but must be a whole number"),
        (least - 1, ValueError, f"is {least - 1} but must be at least {least}"),
        (-7, ValueError, f"is -7 but must be at least {least}"),
    ]


def refused(
    exception: type[Exception], name: str, says: str
) -> pytest.RaisesExc[Exception]:
    """Expect a message that names the argument and says exactly this about it.

    Behind a semicolon may stand the usual cause, or a way out.
    """
    return pytest.raises(exception, match=f"^{re.escape(f'`{name}` {says}')}(; |$)")
