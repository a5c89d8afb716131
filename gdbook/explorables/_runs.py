"""Descents as a script can repeat them: lists of a fixed length."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gdbook.descent import descend
from gdbook.explorables._parts import Numbers
from gdbook.optimizers import UpdateRule


def path(
    loss: Callable[[Any], Any],
    gradient: Callable[[Any], Any],
    start: tuple[float, float],
    rule: UpdateRule,
    num_steps: int,
) -> Numbers:
    """Return places and losses of a descent; where it is flat, it stays."""
    run = descend(loss, gradient, np.array(start), rule, num_steps=num_steps)
    across, up = zip(*run.params, strict=True)
    return {
        "x": rested(across, num_steps),
        "y": rested(up, num_steps),
        "losses": rested(run.losses, num_steps),
    }


def rested(values: Sequence[Any], num_steps: int) -> list[float]:
    """Return what a descent has passed; after its end, it rests at the last."""
    rest = num_steps + 1 - len(values)
    return [*map(float, values), *[float(values[-1])] * rest]
