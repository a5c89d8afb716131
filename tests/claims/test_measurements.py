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


@pytest.mark.claims("Where it is faster, each has its reason:")
@pytest.mark.parametrize("part", ["steps", "descents", "digits"])
def test_every_leader_has_a_reason(part: str) -> None:
    """Whoever is faster somewhere is named where the page says why."""
    terms = re.findall(r"(?m)^(.+)\n: ", section("Say who is faster, and why"))
    named = {name for term in terms for name in term.split(", ")}
    assert set(ahead(part).names) <= named
    parts = ("steps", "descents", "digits")
    assert named <= {name for each in parts for name in measured(each).names}


@pytest.mark.claims("Where one is not met, this is why:")
def test_every_target_that_is_missed_has_a_reason() -> None:
    """Each is named, in its own words, where the page says why."""
    terms = re.findall(r"(?m)^(.+)\n: ", section("Hold it to its targets"))
    found = targets()
    missed = {
        target
        for target, met in zip(found.targets, found.met, strict=True)
        if met == "no"
    }
    assert missed <= {*terms} <= {*found.targets}


@pytest.mark.claims(
    "At the one size where it takes more, the two are even: from repeat to repeat it "
    "takes … to … times as long as PyTorch's."
)
def test_pytorch_is_even_where_it_is_ahead() -> None:
    """Each of the two is the faster one in some repeats."""
    against = {
        case: compared("steps", case, OURS, "PyTorch")
        for case in measured("steps").cases
    }
    assert [case for case, one in against.items() if one.ratio > 1] == ["10⁵ × 10"]
    assert against["10⁵ × 10"].least < 1 < against["10⁵ × 10"].most


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
    small = found.targets.index("a step on three rows beside NumPy by hand")
    assert found.found[small] == (
        compared("steps", "3 × 2", OURS, "NumPy by hand").ratio
    )
    for limit, reached, met in zip(found.limits, found.found, found.met, strict=True):
        assert met == ("yes" if reached <= limit else "no")
