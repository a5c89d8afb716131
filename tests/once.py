"""A plugin of pytest that fails where a module of the project has run twice.

What runs twice gives two classes of one name, and neither knows the other's objects.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / name for name in ("docs", "gdbook", "tests")]
RAN: Counter[str] = Counter()


def _note(event: str, args: tuple[Any, ...]) -> None:
    """Count the modules that Python runs."""
    if event == "exec" and getattr(args[0], "co_name", None) == "<module>":
        RAN[args[0].co_filename] += 1


def pytest_configure() -> None:
    """Count from here on: no module of the project is imported yet."""
    sys.addaudithook(_note)


def pytest_collection_finish() -> None:
    """Fail if no module of the project was seen to run: nothing would be checked."""
    assert _times()


def pytest_sessionfinish() -> None:
    """Name what has run twice."""
    twice = [file for file, times in sorted(_times().items()) if times > 1]
    assert not twice, f"ran twice: {', '.join(twice)}"


def _times() -> dict[str, int]:
    """Return how often each module of the project has run."""
    return {
        file: times
        for file, times in RAN.items()
        if any(Path(file).is_relative_to(folder) for folder in FOLDERS)
    }
