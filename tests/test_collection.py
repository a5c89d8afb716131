"""Any selection of files can be tested, in any order, from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from book import ROOT

# What has a session of its own needs more than is installed here.
FILES = [
    str(path.relative_to(ROOT))
    for folder in ("gdbook", "tests", "tests/examples", "tests/plotting")
    for path in sorted(
        (ROOT / folder).glob("**/*.py" if folder == "gdbook" else "*.py")
    )
]
PYTEST = (sys.executable, "-m", "pytest")
COLLECT = (*PYTEST, "--collect-only")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run pytest on what must pass, no module of it twice, and return its output."""
    process = subprocess.run(
        [*command, "-p", "once", "-p", "no:cacheprovider", "-q"],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def selections(num_selections: int) -> list[list[str]]:
    """Shuffle the files and deal them out: each is in one selection."""
    files = [str(file) for file in np.random.default_rng(0).permutation(FILES)]
    return [files[start::num_selections] for start in range(num_selections)]


@pytest.mark.parametrize("files", selections(3))
def test_selection_in_any_order(files: list[str]) -> None:
    """Files that have nothing in common are collected together."""
    tested = {line.partition("::")[0] for line in run(*COLLECT, *files).split("\n")}
    assert tested >= {file for file in files if "/test_" in file}


@pytest.mark.parametrize(
    "asked",
    [
        "gdbook/activations.py gdbook/network.py tests/test_network.py",
        "gdbook/losses.py::gdbook.losses.squared_error tests/test_losses.py",
        "tests/test_network.py::TestDenseNetwork gdbook/network.py",
        "gdbook/plotting/momentum.py gdbook/plotting tests/plotting/test_momentum.py",
        "tests/package tests/package/test_package.py tests/test_packing.py",
        "gdbook/losses.py gdbook/losses.py tests/../gdbook/losses.py",
        "tests/near.py tests/test_losses.py tests/drawings.py",
        "noxfile.py tests/test_sessions.py docs",
        "docs tests/test_build.py tests/test_sessions.py noxfile.py",
        "--pyargs gdbook.losses gdbook.examples.momentum",
    ],
)
def test_selection_as_people_write_them(asked: str) -> None:
    """Files, folders and single tests may overlap, and come in any order."""
    assert " tests collected in " in run(*COLLECT, *asked.split())


PASSING = ("gdbook/activations.py", "gdbook/network.py", "tests/test_packing.py")


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=" ".join)
def test_selection_passes(more: tuple[str, ...]) -> None:
    """What is collected passes, in one process and in several."""
    assert " passed in " in run(*PYTEST, *more, *PASSING)


@pytest.mark.parametrize(
    "command",
    [PYTEST, (Path(sys.executable).with_name("pytest"),)],
    ids=["python -m pytest", "pytest"],
)
def test_selection_from_elsewhere(
    command: tuple[str | Path, ...], tmp_path: Path
) -> None:
    """Where pytest is called, and how, does not matter."""
    elsewhere = (str(ROOT / file) for file in PASSING)
    assert " passed in " in run(*command, *elsewhere, cwd=tmp_path)
