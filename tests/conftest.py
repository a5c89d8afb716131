"""Hypothesis draws the same examples in every run, however slow the machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pytest

# Networks are small: more threads of linear algebra only wait for each other. NumPy is
# imported later, and looks here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
# What needs more than the library's own dependencies.
OPTIONAL = {
    ROOT / "tests" / name
    for name in (
        *("bench", "browser", "ebook", "jupyter", "oracles", "package", "pdf"),
    )
}

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


def pytest_sessionstart() -> None:
    """Forget what an earlier run computed: mutmut repeats the tests in one process."""
    for module in list(sys.modules.values()):
        path = Path(getattr(module, "__file__", None) or "/")
        # Not what an environment inside the project holds.
        if {ROOT / "gdbook", ROOT / "tests"} & {*path.parents}:
            for member in list(vars(module).values()):
                if hasattr(member, "cache_clear"):
                    member.cache_clear()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folders that have a nox session of their own, unless named."""
    if collection_path not in OPTIONAL:
        return None
    named = (Path(name).resolve() for name in config.args)
    return None if any(p.is_relative_to(collection_path) for p in named) else True
