"""Ten epochs on the digits, from equal weights, in equal batches, to equal losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.record import Case
from bench.steps import agree
from bench.timer import Contender, Stable

if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT = "seconds"
CONTENDERS = (
    Contender("gdbook", "bench.in_numpy", "train"),
    Contender("PyTorch", "bench.in_torch", "train"),
    Contender("Keras", "bench.in_keras", "train"),
    Contender("Keras with compiling", "bench.in_keras", "train_anew"),
    Contender("PyTorch in 32 bits", "bench.in_torch", "train_in_32_bits"),
    Contender("Keras in 32 bits", "bench.in_keras", "train_in_32_bits"),
)
AGREE, IN_32_BITS = 1e-11, 1e-6  # of the largest loss of an epoch


def cases(repeats: int = 9) -> Iterator[Case]:
    """Train with each, after looking that the losses of all epochs are equal."""
    with Stable(CONTENDERS) as stable:
        found = stable.prepare()
        agree(found, IN_32_BITS)
        agree({k: v for k, v in found.items() if not k.endswith("32 bits")}, AGREE)
        yield Case("ten epochs", {"epochs": 10}, stable.race(repeats))
