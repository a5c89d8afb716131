"""Measure all parts, or those that are named, record them, and print tables."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from statistics import median

from bench.builders import versions
from bench.record import record

PARTS = (
    *("steps", "descents", "digits", "memory", "blocks", "cluster"),
    *("builds", "floor", "reading", "scale", "scores", "weights"),
)
# These compare builders, each of which has an environment of its own.
OF_BUILDERS = {"builds", "reading", "scores", "weights"}


def say(*words: str) -> None:
    """Print a line while others are still being measured."""
    print(*words, sep="; ", flush=True)  # noqa: T201


def main(*chosen: str) -> None:
    """Run the parts one after the other; each is recorded when it is done."""
    for part in chosen or PARTS:
        if part not in PARTS:
            sys.exit(f"there is no part {part!r}; there are {', '.join(PARTS)}")
    for part in chosen or PARTS:
        started, measured = time.perf_counter(), import_module(f"bench.{part}")
        cases = []
        for case in measured.cases():
            cases.append(case)
            times = {name: median(found) for name, found in case.values.items()}
            say(case.case, *(f"{name} {x:.3g}" for name, x in times.items()))
        others = versions() if part in OF_BUILDERS else {}
        record(part, measured.UNIT, cases, others=others)
        say(f"{part} took {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
