"""No test has an assertion that a wrong shape or a missing entry slips through."""

import pytest
from assertions import doubts
from book import ROOT


def test_no_test_is_in_doubt() -> None:
    """Every test compares all that it has."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {better}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line, better in doubts(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "assert all(map(f, first, second))",
        "assert all(f(*pair) for pair in zip(first, second, strict=False))",
        "assert (first == second).all()",
        "assert np.all(first <= second)",
        "assert (abs(first) != second).any()",
    ],
)
def test_doubt_is_found(line: str) -> None:
    """What may compare less than it seems to is named by its line."""
    assert [number for number, _ in doubts(f"\n{line}")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "assert all(map(f, first))",
        "assert all(f(*pair) for pair in zip(first, second, strict=True))",
        "assert (first == 0).all()",
        "assert np.all(abs(first) < math.inf)",
        "assert np.array_equal(first, second)",
    ],
)
def test_no_doubt_is_raised(line: str) -> None:
    """What compares all that there is passes."""
    assert list(doubts(line)) == []
