"""What counts as equal is no more than what a test says."""

import math

import pytest
from near import near


@pytest.mark.parametrize(
    ("value", "expected", "tolerances", "equal"),
    [
        (1 + 0.9e-12, 1, {}, True),
        (1 + 1.1e-12, 1, {}, False),
        (1e-300, 0, {}, False),
        (0, 1e-300, {}, False),
        (1.25, 1, {"rel": 0.25}, True),
        (1.26, 1, {"rel": 0.25}, False),
        (1 + 1e-14, 1, {"abs": 1e-15}, False),
        (1e-15, 0, {"abs": 1e-15}, True),
        (4.5, 4, {"rel": 0.125, "abs": 0.25}, True),
        ([1, 2.1], [1, 2], {}, False),
        ([1, 2], [1, 2, 3], {}, False),
        (math.nan, math.nan, {}, False),
    ],
)
def test_near(
    value: object, expected: object, tolerances: dict[str, float], *, equal: bool
) -> None:
    """A share of each number, or a distance where one is given, and nothing else."""
    assert (value == near(expected, **tolerances)) == equal
