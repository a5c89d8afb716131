"""The most memory that steps on many rows take, as parts of the data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data import linear
from bench.record import Case
from bench.steps import CONTENDERS, named
from bench.timer import asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.timer import Contender

UNIT = "sizes of the data"
SIZE = (10**6, 100)


def resident(which: str) -> int:
    """Return the memory that this process has now, VmRSS, or had at most, VmHWM."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (found,) = re.findall(rf"(?m)^{which}:\s+(\d+) kB$", status)
    return 1024 * int(found)


def peak(one: Contender, rows: int, inputs: int, num_steps: int) -> float:
    """Make the data, take some steps, and say how much was there beside the data."""
    # What comes with the first step of all.
    one.make(rows=10, inputs=inputs, num_steps=2)()
    inputs_and_targets: Any = linear(rows, inputs)[:2]
    size = sum(part.nbytes for part in inputs_and_targets)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    before = resident("VmRSS")
    one.make(rows=rows, inputs=inputs, num_steps=num_steps)()
    return float(1 + (resident("VmHWM") - before) / size)


def cases(
    size: tuple[int, int] = SIZE,
    contenders: Sequence[Contender] = CONTENDERS,
    repeats: int = 3,
) -> Iterator[Case]:
    """Ask each in a new process, with nothing left of what ran before."""
    rows, inputs = size
    values = {
        one.name: [asked(peak, one, rows, inputs, 3) for _ in range(repeats)]
        for one in contenders
    }
    yield Case(named(rows, inputs), {"rows": rows, "inputs": inputs}, values)
