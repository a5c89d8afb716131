"""Exercises that answer: one module per chapter, one name for each exercise.

An exercise is called with the function that a reader wrote, and says whether it is
right, or which mistake it makes. That works on a page, in a notebook and in a terminal.

>>> from gdbook.exercises import weight_update as exercise
>>> def step(input_value, weight, target, learning_rate):
...     error = weight * input_value - target
...     return weight + learning_rate * 2 * error * input_value
>>> exercise.step(step)
Not yet. The weight moved uphill: subtract the slope, and take prediction − target.
"""

from typing import Any

from gdbook import _chapters
from gdbook.exercises._asked import Asked
from gdbook.exercises._judge import Exercise
from gdbook.exercises._predict import Prediction

__all__ = list(_chapters.stems(__path__))


def __getattr__(name: str) -> Any:
    """Import a chapter's exercises when they are first used."""
    return _chapters.load(__name__, name, __all__)


def of(chapter: str) -> "dict[str, Exercise]":
    """Return the exercises of a chapter by their names, in the order of its page."""
    return _members(chapter, Exercise)


def predictions(chapter: str) -> "dict[str, Prediction]":
    """Return what a chapter asks to foretell, by name, in the order of its page."""
    return _members(chapter, Prediction)


def _members(chapter: str, kind: type[Asked]) -> dict[str, Any]:
    if chapter not in __all__:
        return {}
    members = vars(_chapters.load(__name__, chapter, __all__)).values()
    return {each.__name__: each for each in members if isinstance(each, kind)}
