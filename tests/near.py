"""What is equal but for rounding."""

from typing import Any

import pytest


def near(expected: Any, *, rel: float | None = None, abs: float = 0.0) -> Any:  # noqa: A002
    """Expect numbers to within a share of each, 10⁻¹² unless it says another.

    With `abs` alone it is that distance for all of them, and no share.

    pytest's own `approx` also lets through what is 10⁻¹² away, however small the
    number, so that a test of small numbers could not fail; lint bans it elsewhere.
    """
    if rel is None:
        rel = 0.0 if abs else 1e-12
    return pytest.approx(expected, rel=rel, abs=abs)  # noqa: TID251
