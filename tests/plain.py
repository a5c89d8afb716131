"""What a trace of a worked example holds."""

from typing import Any


def leaves(value: Any) -> list[Any]:
    """Return every number and text of a trace."""
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def assert_numbers(trace: Any, *also: type) -> None:
    """Check that a trace holds Python's numbers and no other's."""
    assert {type(leaf) for leaf in leaves(trace)} <= {int, float, *also}


def assert_plain(trace: Any, *also: type) -> None:
    """Check that a trace holds Python's numbers and texts and nothing else."""
    assert_numbers(trace, str, *also)
