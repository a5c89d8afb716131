"""What was measured is read as it was recorded, and its ratios are of neighbours."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from bad_input import refused
from book import ROOT
from near import near

from gdbook.examples import measurements
from gdbook.examples.measurements import (
    Ahead,
    Compared,
    Measured,
    Recording,
    ahead,
    compared,
    measured,
    recording,
)

TEXT = (ROOT / "gdbook" / "data" / "measurements.json").read_text(encoding="utf-8")
PARTS = json.loads(TEXT)


@pytest.mark.parametrize("part", PARTS)
class TestFile:
    """Every part of the file is whole."""

    def test_every_contender_is_in_every_case(self, part: str) -> None:
        """All of them ran equally often, and found something."""
        cases = PARTS[part]["cases"]
        names = [list(case["values"]) for case in cases]
        assert all(others == names[0] for others in names)
        for case in cases:
            (repeats,) = {len(found) for found in case["values"].values()}
            assert repeats > 0
            first, *others = case["values"].values()
            assert min(first) > 0  # what all others are divided by
            assert min(map(min, others)) >= 0
        sizes = [list(case["sizes"]) for case in cases]
        assert all(others == sizes[0] for others in sizes)
        assert len({case["case"] for case in cases}) == len(cases)

    def test_says_when_and_on_what(self, part: str) -> None:
        """Date, machine and versions are there."""
        found = recording(part)
        assert isinstance(found, Recording)
        assert dt.date.fromisoformat(found.date).year > 2025
        assert found.processor
        assert min(found.cores, found.memory) > 0
        assert (
            dict(zip(found.packages, found.versions, strict=True))
            == (PARTS[part]["versions"])
        )
        assert all(re.match(r"\d+\.\d", version) for version in found.versions)

    def test_reads_all(self, part: str) -> None:
        """The trace has the cases and contenders of the file, and the first is 1."""
        found = measured(part)
        assert isinstance(found, Measured)
        assert found.unit == PARTS[part]["unit"]
        assert found.cases == tuple(case["case"] for case in PARTS[part]["cases"])
        for case, medians, ratios in zip(
            PARTS[part]["cases"], found.medians, found.ratios, strict=True
        ):
            assert tuple(case["values"]) == found.names
            assert len(medians) == len(found.names)
            assert ratios[0] == 1


def test_names_no_machine() -> None:
    """A path or an address would say whose machine it was."""
    assert re.findall(r"[/\\@~]|\w+\.(?:local|home|lan)\b", TEXT) == []


class TestArithmetic:
    """Of (2, 8, 3) and (1, 2, 6) the ratios are 2, 4 and 1/2, and the median is 2."""

    @pytest.fixture(autouse=True)
    def recorded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put three repeats in the place of a case."""
        values = {"PyTorch": [2, 8, 3], "NumPy by hand": [1, 2, 6]}
        case = {"case": "3 × 2", "values": values}
        monkeypatch.setitem(measurements._CASES, "steps", {"3 × 2": case})  # noqa: SLF001
        monkeypatch.setitem(measurements._CONTENDERS, "steps", tuple(values))  # noqa: SLF001

    def test_median_of_ratios(self) -> None:
        """It is no ratio of the medians, 3 and 2."""
        assert compared() == Compared(3, 2, 2.0, 0.5, 4.0, 3)

    def test_all_beside_the_first(self) -> None:
        """The other way round the median is a half."""
        found = measured()
        assert found.medians == ((3, 2),)
        assert found.ratios == ((1.0, near(0.5)),)
        assert found.repeats == (3,)

    def test_who_is_ahead(self) -> None:
        """By hand it takes half of what the first takes."""
        assert ahead() == Ahead(("NumPy by hand",), (1,), ("3 × 2",), (0.5,), 1)

    def test_nobody_is_ahead(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the first takes least, a row says so."""
        values = {"PyTorch": [1, 1, 1], "JAX": [1, 2, 3]}
        case = {"case": "3 × 2", "values": values}
        monkeypatch.setitem(measurements._CASES, "steps", {"3 × 2": case})  # noqa: SLF001
        monkeypatch.setitem(measurements._CONTENDERS, "steps", tuple(values))  # noqa: SLF001
        assert ahead() == Ahead((), (), (), (), 1)
        assert ahead().table().columns["ahead"] == ("nobody",)

    def test_nothing_is_no_divisor(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """How many times nothing was taken is no number."""
        values = {"PyTorch": [1, 1, 1], "NumPy by hand": [1, 0, 1]}
        case = {"case": "3 × 2", "values": values}
        monkeypatch.setitem(measurements._CASES, "steps", {"3 × 2": case})  # noqa: SLF001
        says = "is 'NumPy by hand' but must have found more than 0 in 3 × 2"
        with refused(ValueError, "other", says):
            compared()

    def test_unknown_names(self) -> None:
        """What another part has, this one has not."""
        known = "'PyTorch', 'NumPy by hand'"
        with refused(ValueError, "other", f"is 'JAX' but steps has only: {known}"):
            compared(other="JAX")
        with refused(ValueError, "case", "is '1 × 1' but steps has only: '3 × 2'"):
            compared(case="1 × 1")
