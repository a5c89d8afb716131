"""Questions to answer before reading on: a number or a choice, and known wrong ones."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeAlias

from gdbook.exercises._asked import Asked

_Answer: TypeAlias = float | str
_Told: TypeAlias = tuple[_Answer, Mapping[str, _Answer]]


class Prediction(Asked):
    """What a reader is asked to foretell.

    Parameters
    ----------
    work_out : callable
        Its result is the answer and, under the words for it, each wrong answer that
        has words of its own. Its docstring says why the answer is right.
    within : float
        How far a number may lie from the answer: what the question lets a reader know.
    asks : str
        What stands before the field or the choices, if not all is clear.
    """

    def __init__(self, work_out: Callable[[], _Told], within: float, asks: str) -> None:
        super().__init__(work_out)
        self.within, self.asks = within, asks
        self.praise = self.words
        self._work_out = work_out

    @cached_property
    def _told(self) -> _Told:
        return self._work_out()

    @property
    def answer(self) -> _Answer:
        """What is right, by the library."""
        right = self._told[0]
        return right if isinstance(right, str) else float(right)

    @property
    def mistakes(self) -> dict[str, _Answer]:
        """What to say to wrong answers."""
        return {
            words: wrong if isinstance(wrong, str) else float(wrong)
            for words, wrong in self._told[1].items()
        }

    @property
    def choices(self) -> list[str]:
        """What there is to choose from, by the alphabet; nothing for a number."""
        answers = (self.answer, *self.mistakes.values())
        return sorted(each for each in answers if isinstance(each, str))

    @property
    def data(self) -> dict[str, Any]:
        """What a page's script needs."""
        return {
            "answer": self.answer,
            "within": self.within,
            "right": self.praise,
            "wrong": [[wrong, words] for words, wrong in self.mistakes.items()],
        }


def prediction(
    within: float = 0, asks: str = ""
) -> Callable[[Callable[[], Any]], Prediction]:
    """Make a question of what works its answer out; `Prediction` says what it takes."""
    return lambda work_out: Prediction(work_out, within, asks)


def either(holds: object, one: _Answer, other: _Answer) -> tuple[Any, Any]:
    """Return what is right and what is wrong: the first where this holds, or not.

    >>> either(2 > 1, "more", "less")
    ('more', 'less')
    >>> either(2 > 3, "more", "less")
    ('less', 'more')
    """
    return (one, other) if holds else (other, one)
