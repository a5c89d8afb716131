"""The bench compares neighbours in time, agrees before it races, and records all."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml
from bench import blocks, builders, descents, record, steps
from bench.__main__ import PARTS, main
from bench.steps import agree
from bench.timer import paired, timed
from book import PAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

OURS = "bench.in_numpy"


class TestPaired:
    """All of them run once in each round, and each round begins with another one."""

    def run(
        self, repeats: int, *, warm: bool = True
    ) -> tuple[str, dict[str, list[float]]]:
        """Race three that count the runs of all."""
        order: list[str] = []

        def racer(name: str) -> float:
            order.append(name)
            return len(order)

        racers = {name: partial(racer, name) for name in "abc"}
        found = paired(racers, repeats, warm=warm)
        return "".join(order), found

    def test_rounds_begin_in_turn(self) -> None:
        """The first round only warms up."""
        order, found = self.run(3)
        assert order == "cab" + "abc" + "bca" + "cab"
        assert found == {"a": [4, 9, 11], "b": [5, 7, 12], "c": [6, 8, 10]}

    def test_cold(self) -> None:
        """What is asked for cold does not run before."""
        assert self.run(1, warm=False) == ("abc", {"a": [1], "b": [2], "c": [3]})


def test_timed_runs_once() -> None:
    """What is timed runs once for each time, and takes some."""
    runs: list[int] = []
    look = timed(lambda: runs.append(1))
    assert look() > 0
    assert look() > 0
    assert runs == [1, 1]


class TestAgree:
    """Who computes something else does not race."""

    def test_apart(self) -> None:
        """The distance is a part of the largest number of the first."""
        found = {
            "one": np.array([0.0, 4.0]),
            "none": None,
            "other": np.array([0.0, 5.0]),
        }
        agree(found, 0.25)
        with pytest.raises(ArithmeticError, match=r"^one and other end 2.5e-01 apart"):
            agree(found, 0.24)

    def test_nan(self) -> None:
        """What is no number is near nothing."""
        with pytest.raises(ArithmeticError, match="apart"):
            agree({"one": np.ones(1), "other": np.array([np.nan])}, 1.0)


class TestParts:
    """What needs nothing but this library measures tiny sizes to the end."""

    def test_steps(self) -> None:
        """Each of this library's ways, and NumPy by hand, steps to one place."""
        own = [one for one in steps.CONTENDERS if one.module == OURS]
        (case,) = steps.cases([(7, 2)], own, repeats=(2, 1))
        assert case.case == "7 × 2"
        assert case.sizes == {"rows": 7, "inputs": 2}
        assert [*case.values] == [one.name for one in own]
        assert all(len(found) == 2 and min(found) > 0 for found in case.values.values())

    def test_descents(self) -> None:
        """They arrive at one place as well."""
        own = [one for one in descents.CONTENDERS if one.module == OURS]
        (case,) = descents.cases([(20, 2)], own, repeats=1)
        assert [*case.values] == [one.name for one in own]

    def test_blocks(self) -> None:
        """Blocks of any size give one gradient."""
        (case,) = blocks.cases((500, 4), (1,), repeats=1)
        assert [*case.values] == [one.name for one in blocks.CONTENDERS]


def test_record_replaces_a_part(tmp_path: Path) -> None:
    """Another part stays, and numbers keep four figures."""
    file = tmp_path / "measurements.json"
    for part, value in (("one", 1.0), ("two", 2.0), ("one", 1.23456)):
        case = record.Case("small", {"rows": 3}, {"ours": [value, value]})
        record.record(part, "seconds", [case], file=file)
    parts = json.loads(file.read_text(encoding="utf-8"))
    assert [*parts] == ["one", "two"]
    assert parts["one"]["cases"] == [
        {"case": "small", "sizes": {"rows": 3}, "values": {"ours": [1.235, 1.235]}}
    ]
    assert parts["two"]["machine"]["cores"] > 0
    assert "[2.0, 2.0]" in file.read_text(encoding="utf-8")  # a row is one line


def test_unknown_part_is_told() -> None:
    """Nothing is measured where one of the names is wrong."""
    with pytest.raises(SystemExit, match=r"^there is no part 'step'; there are "):
        main("digits", "step")
    assert len(set(PARTS)) == len(PARTS)


class TestBuilders:
    """Each builder gets a copy of the book, with the settings that it reads."""

    @pytest.fixture
    def copied(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
        """Copy the book for each of them."""
        monkeypatch.setattr(builders, "FOLDER", tmp_path)
        for one in builders.BUILDERS:
            one.copy()
        return [one.book / "docs" for one in builders.BUILDERS]

    def test_settings(self, copied: list[Path]) -> None:
        """Its own settings stay; the others name its pages, or need not."""
        own, first, second, last = copied
        assert (own / "conf.py").read_bytes() == (
            ROOT / "docs" / "conf.py"
        ).read_bytes()
        assert not (first / "conf.py").exists()
        listed = yaml.safe_load((first / "_toc.yml").read_text(encoding="utf-8"))
        names = [page["file"] for part in listed["parts"] for page in part["chapters"]]
        assert {f"{name}.md" for name in (*names, "index")} == {
            page.relative_to(ROOT / "docs").as_posix() for page in PAGES
        }
        assert "{toctree}" not in (first / "index.md").read_text(encoding="utf-8")
        assert yaml.safe_load((second / "myst.yml").read_text(encoding="utf-8"))["site"]
        compile((last / "conf.py").read_text(encoding="utf-8"), "conf.py", "exec")
        assert "display_name" in (last / "index.md").read_text(encoding="utf-8")

    def test_versions(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Those of the environments of the others, and not of this one."""
        monkeypatch.setattr(builders, "FOLDER", tmp_path)
        others = [one for one in builders.BUILDERS if one.environment]
        for number, one in enumerate(others):
            name = "nbsphinx" if one.name == "nbsphinx" else "jupyter-book"
            packages = (
                tmp_path / "venvs" / one.environment / "lib/python3/site-packages"
            )
            about = (
                packages / f"{name.replace('-', '_')}-{number}.dist-info" / "METADATA"
            )
            about.parent.mkdir(parents=True)
            about.write_text(
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n"
            )
        assert builders.versions() == {
            "Jupyter Book 1": "0",
            "Jupyter Book 2": "1",
            "nbsphinx": "2",
        }
