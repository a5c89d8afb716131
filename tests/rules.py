"""The update rules that there are, so that no list of a test leaves one out."""

import inspect
from collections.abc import Collection

from gdbook import optimizers
from gdbook.optimizers import _Rule


def left_out(listed: Collection[object], where: str) -> list[str]:
    """Say of each update rule that a list has no setting of it."""
    there = {type(rule) for rule in listed} | {x for x in listed if isinstance(x, type)}
    return [
        f"{name} of gdbook/optimizers.py is not in {where}."
        for name, rule in vars(optimizers).items()
        if isinstance(rule, type) and issubclass(rule, _Rule)
        if not inspect.isabstract(rule)
        if rule not in there and name not in listed
    ]
