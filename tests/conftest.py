"""Hypothesis draws the same examples in every run, however slow the machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pytest

BROWSER = Path(__file__).parent / "browser"

settings.register_profile(
    "reproducible",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.differing_executors,  # mutmut repeats the tests in one process
    ],
)
settings.load_profile("reproducible")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what needs a browser, unless it is named: ``nox -s browser``."""
    named = any(Path(name).resolve().is_relative_to(BROWSER) for name in config.args)
    return True if collection_path == BROWSER and not named else None
