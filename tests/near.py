"""What is equal but for rounding."""

from typing import Any

import pytest


def near(expected: Any, *, rel: float = 1e-12, abs: float = 0.0) -> Any:  # noqa: A002
    """Expect numbers to within a share of each, and by no more unless it says so.

    pytest's own `approx` also lets through what is 10⁻¹² away, however small the
    number, so that a test of small numbers could not fail; lint bans it elsewhere.
    """
    return pytest.approx(expected, rel=rel, abs=abs)  # noqa: TID251
