"""Every question to predict keeps one contract; a new one needs no code here."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import pytest
from book import CHAPTERS, ROOT, source

from gdbook import exercises

if TYPE_CHECKING:
    from gdbook.exercises._predict import Prediction

PAGES = {stem: source(ROOT / "docs" / "chapters" / f"{stem}.md") for stem in CHAPTERS}
EVERY = [
    each for stem in exercises.__all__ for each in exercises.predictions(stem).values()
]

each_question = pytest.mark.parametrize("each", EVERY, ids=lambda each: each.name)


@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_asks_each_once(stem: str) -> None:
    """At least one, in the order of the module."""
    asked = re.findall(r"(?m)^:{3,}\{predict\} (\S+)$", PAGES[stem])
    assert asked == [each.name for each in exercises.predictions(stem).values()]
    assert asked


def test_what_is_no_chapter_has_none() -> None:
    """Names that no module has find nothing, and import nothing."""
    assert not exercises.of("no_chapter")
    assert not exercises.predictions("no_chapter")


@each_question
def test_wrong_answers_can_be_told_apart(each: Prediction) -> None:
    """No known mistake is near the right answer, or near another one."""
    answers = [each.answer, *each.mistakes.values()]
    assert each.mistakes
    assert len(set(answers)) == len(answers)
    numbers = [value for value in answers if not isinstance(value, str)]
    assert len(numbers) in {0, len(answers)}
    assert all(map(math.isfinite, numbers))
    for index, value in enumerate(numbers):
        for other in numbers[:index]:
            assert abs(value - other) > 2 * each.within
    assert each.choices == sorted(set(answers) - set(numbers))
    assert (each.within > 0) <= bool(numbers)


@each_question
def test_everything_is_said_in_sentences(each: Prediction) -> None:
    """And it travels to the page as it is."""
    for words in (each.praise, *each.mistakes):
        assert words.endswith((".", "?"))
        assert len(words) > 10
    data = json.loads(json.dumps(each.data))
    assert data["answer"] == each.answer
    assert data["wrong"] == [[wrong, words] for words, wrong in each.mistakes.items()]
