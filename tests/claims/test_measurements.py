"""What the page of measurements says of who is faster, asked of the recorded file."""

from __future__ import annotations

import re

import pytest
from book import ROOT

from gdbook.examples.measurements import ahead, compared, measured, targets

PAGE = (ROOT / "docs" / "measurements.md").read_text(encoding="utf-8")
OURS = "gdbook LeastSquares"


def section(title: str) -> str:
    """Return a section of the page."""
    found = re.search(rf"(?ms)^## {title}\n(.*?)(?=^## |\Z)", PAGE)
    assert found is not None, title
    return found[1]


def test_every_contender_is_explained() -> None:
    """The page says of each what it does in a step."""
    said = re.findall(r"(?m)^(.+)\n: ", section("Take a step"))
    assert sorted(said) == sorted(measured("steps").names)


def test_every_leader_has_a_reason() -> None:
    """Whoever is faster somewhere is named where the page says why, and nobody else."""
    named = re.findall(r"\*\*(.+?)\*\*", section("Say who is faster, and why"))
    assert set(ahead("steps").names) <= {*named}
    assert {*named} <= {*measured("steps").names}


@pytest.mark.claims(
    "On the largest data it takes … s, … of the … s by hand, because each block is "
    "read from memory once for both loss and gradient; that is … times as long as "
    "one read."
)
def test_large_step_reads_less_than_by_hand() -> None:
    """It is below the two reads by hand, in most repeats."""
    large = compared("steps", "10⁶ × 100", OURS, "NumPy by hand")
    assert large.ratio < 1


@pytest.mark.claims(
    "Taking the data in counts, and so do the sums that … takes over all rows before "
    "its first step."
)
def test_sums_are_those_of_the_normal_equations() -> None:
    """The name that the sentence looks up is that of who sums before."""
    assert measured("descents").names[1] == "gdbook NormalEquations"


def test_targets_are_those_that_the_numbers_say() -> None:
    """The worst of all sizes decides, and what is met is at most its limit."""
    found = targets()
    against = "a step takes less than PyTorch's at every size"
    worst = max(
        compared("steps", case, OURS, "PyTorch").ratio
        for case in measured("steps").cases
    )
    assert found.found[found.targets.index(against)] == worst
    small = found.targets.index("a small step, on 3 × 2, beside NumPy by hand")
    assert found.found[small] == (
        compared("steps", "3 × 2", OURS, "NumPy by hand").ratio
    )
    for limit, reached, met in zip(found.limits, found.found, found.met, strict=True):
        assert met == ("yes" if reached <= limit else "no")
