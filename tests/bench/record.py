"""Keep what was measured in a file that the book's pages read."""

from __future__ import annotations

import json
import os
import platform
import re
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FILE = Path(__file__).parents[2] / "gdbook" / "data" / "measurements.json"
PACKAGES = (
    *("numpy", "dask", "jax", "keras", "scikit-learn", "torch"),
    *("sphinx", "myst-nb", "sphinx-book-theme"),
)


class Case(NamedTuple):
    """One row of a comparison: its name, its sizes, and what each repeat found."""

    case: str
    sizes: dict[str, int]
    values: dict[str, list[float]]


def machine() -> dict[str, Any]:
    """Say on what was measured, and not whose it is."""
    text = Path("/proc/cpuinfo").read_text("utf-8") if os.name == "posix" else ""
    names = re.findall(r"(?m)^model name\s*: (.*)$", text)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": round(memory / 2**30),
        "system": platform.system(),
    }


def versions(packages: Iterable[str] = PACKAGES) -> dict[str, str]:
    """Return the version of Python, and of each package that is installed."""
    found = {"Python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def rounded(value: float) -> float:
    """Keep four figures, of which no two repeats agree in more."""
    return float(f"{value:.4g}")


def record(
    part: str,
    unit: str,
    cases: Iterable[Case],
    *,
    others: Mapping[str, str] | None = None,
    file: Path = FILE,
) -> None:
    """Put a part in the place of what was recorded of it before."""
    parts = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    parts[part] = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": versions() | dict(others or {}),
        "unit": unit,
        "cases": [
            case._asdict()
            | {"values": {k: [*map(rounded, v)] for k, v in case.values.items()}}
            for case in cases
        ],
    }
    text = json.dumps(dict(sorted(parts.items())), indent=1, ensure_ascii=False)
    # A list of repeats is one line, and so are sizes.
    text = re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), text)
    file.write_text(text.replace("[ ", "[").replace(" ]", "]") + "\n", encoding="utf-8")
