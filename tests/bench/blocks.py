"""One look at many rows, in blocks of many sizes, in one thread and in two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.record import Case
from bench.steps import agree
from bench.timer import Contender, Stable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNIT = "seconds for loss and gradient"
SIZE = (10**6, 100)
KIBIBYTES = (32, 128, 512, 1024, 2048, 8192, 32768, 262144)
CONTENDERS = (
    Contender("two threads", "bench.in_numpy", "two_threads"),
    Contender("one thread", "bench.in_numpy", "one_thread"),
    Contender("NumPy by hand", "bench.in_numpy", "once_by_hand"),
    Contender("one read", "bench.in_numpy", "one_read"),
)
AGREE = 1e-10


def cases(
    size: tuple[int, int] = SIZE,
    kibibytes: Sequence[int] = KIBIBYTES,
    repeats: int = 9,
) -> Iterator[Case]:
    """Take loss and gradient in blocks of each size."""
    rows, inputs = size
    with Stable(CONTENDERS) as stable:
        for each in kibibytes:
            agree(stable.prepare(rows=rows, inputs=inputs, kibibytes=each), AGREE)
            yield Case(f"{each} KiB", {"kibibytes": each}, stable.race(repeats))
