"""Descents as a script can repeat them: lists of a fixed length."""

from collections.abc import Callable
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
    places = [*run.params, *[run.params[-1]] * (num_steps - run.num_steps)]
    losses = [*run.losses, *[run.losses[-1]] * (num_steps - run.num_steps)]
    return {
        "x": [float(place[0]) for place in places],
        "y": [float(place[1]) for place in places],
        "losses": [float(each) for each in losses],
    }
