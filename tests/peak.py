"""Measure how much memory a call takes."""

import tracemalloc
from collections.abc import Callable


def peak(call: Callable[[], object]) -> int:
    """Return the most bytes that Python held at once for a call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
