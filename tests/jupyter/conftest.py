"""Give the tests the notebooks, and a Python where the library's wheel is installed.

`nox -s notebooks` makes both and comes here. The default run of the tests leaves this
folder out (see ../conftest.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the notebooks are, and in which Python they run."""
    group = parser.getgroup("the chapters as notebooks")
    group.addoption("--notebooks", type=Path, help="the folder of the notebooks")
    group.addoption("--fresh", type=Path, help="a Python with the wheel and a kernel")


def pytest_configure(config: pytest.Config) -> None:
    """Stop at once where there is nothing to test."""
    for option in ("--notebooks", "--fresh"):
        path = config.getoption(option)
        if path is None or not path.exists():
            pytest.exit(f"{option} is {path}: use nox -s notebooks.", 4)
