"""Every exercise of every chapter keeps one contract; a new one needs no code here."""

from __future__ import annotations

import ast
import inspect
import math
import re
from typing import Any

import numpy as np
import pytest
from book import CHAPTERS, ROOT, source

from exercises.kept import run
from gdbook import exercises
from gdbook.exercises._judge import GAPS, Exercise
from gdbook.traces import plain

PAGES = {stem: source(ROOT / "docs" / "chapters" / f"{stem}.md") for stem in CHAPTERS}
EVERY = [each for stem in exercises.__all__ for each in exercises.of(stem).values()]
CELL = r"(?ms)^```\{code-cell\}\n:tags: \[exercise\]\n(.*?)^```$"

each_exercise = pytest.mark.parametrize("each", EVERY, ids=lambda each: each.name)


def starter(each: Exercise) -> str:
    """Return what the page gives a reader to begin with."""
    chapter, _, name = each.name.partition(".")
    found = [
        cell
        for cell in re.findall(CELL, PAGES[chapter])
        if cell.endswith(f"\nexercise.{name}({name})\n")
    ]
    assert len(found) == 1, f"{chapter}.md has not one cell that checks {name}"
    return str(found[0])


def defined(code: str, each: Exercise) -> Any:
    """Run a cell as a notebook would, without its check, and return the function."""
    code = code.rpartition("exercise.")[0]
    return run(code, f"cell of {each.name}", math=math, np=np)[each.__name__]


@pytest.mark.claims(
    "Each chapter asks you to predict, ends with functions to write, and says what is "
    "wrong with yours.",
    page="index",
)
@pytest.mark.parametrize("stem", CHAPTERS)
def test_a_chapter_has_three_and_shows_each(stem: str) -> None:
    """Each is on the page once, its solution behind its cell, in the module's order."""
    assert stem in exercises.__all__, f"gdbook/exercises/{stem}.py is missing"
    names = list(exercises.of(stem))
    assert len(names) >= 3
    checked = re.findall(r"(?m)^exercise\.(\w+)\(", PAGES[stem])
    solved = re.findall(r"(?m)^```\{solution\} (\S+)$", PAGES[stem])
    assert checked == names
    assert solved == [f"{stem}.{name}" for name in names]
    assert f"from gdbook.exercises import {stem} as exercise\n" in PAGES[stem]


@each_exercise
def test_the_solution_is_right(each: Exercise) -> None:
    """What the page unfolds passes, also as it is typed, and begins as the starter."""
    assert each(each.solution).right
    verdict = each(each.written(each.source))
    assert verdict == (each.name, True, each.praise)
    assert str(verdict) == f"Right. {each.praise}"
    assert f'data-exercise="{each.name}" data-right="true"' in verdict._repr_html_()
    assert 'data-right="false"' in each(math.exp)._repr_html_()
    if re.search(r"\bnp\.", each.source):
        assert "\nimport numpy as np\n" in PAGES[each.name.partition(".")[0]]
    if re.search(r"\bmath\.", each.source):
        assert "\nimport math\n" in PAGES[each.name.partition(".")[0]]
    first = each.source.partition("\n")[0]
    assert first in starter(each).splitlines(), "the starter's arguments are others"
    assert len(each.hint) > 20
    assert each.hint.endswith((".", "?"))
    tree = ast.parse(each.source)
    assert inspect.getdoc(each.solution)
    assert not ast.get_docstring(tree.body[0])  # type: ignore[arg-type]


@each_exercise
def test_the_starter_says_what_to_do(each: Exercise) -> None:
    """It has gaps, raises nothing, and is told to fill them."""
    assert "..." in starter(each)
    assert each(defined(starter(each), each)).words == GAPS


@each_exercise
def test_every_mistake_gets_its_own_words(each: Exercise) -> None:
    """Whoever makes it reads what it is, in a sentence of its own."""
    assert len(each.mistakes) >= 2
    assert len(each.cases) >= 2
    for words, mistaken in each.mistakes.items():
        verdict = each(mistaken)
        assert verdict == (each.name, False, words)
        assert str(verdict).startswith("Not yet. ")
        assert words.endswith((".", "?"))
        assert words not in {GAPS, each.praise}


def moved(value: Any, by: float) -> Any:
    """Return a result with its last number moved by a little."""
    if isinstance(value, tuple | list):
        return (*value[:-1], moved(value[-1], by))
    return f"{value}?" if isinstance(value, str) else value + by * (1 + abs(value))


@pytest.mark.claims(
    "Numbers copied from the book, gaps, other shapes, errors and mistakes that nobody "
    "listed are answered by themselves.",
    page="contributing",
)
@each_exercise
def test_a_mistake_that_nobody_listed_is_placed(each: Exercise) -> None:
    """It hears for which numbers it differs, where, and by how much."""
    placed = r"For `.* the result(\[\d+\])* is .* and should be"
    for by in (1e-3, -1e-7, 0.37):
        verdict = each(lambda *case, by=by: moved(plain(each.right(*case)), by))
        assert not verdict.right
        assert re.search(placed, verdict.words)
        for argument in each.arguments:
            assert f"`{argument} = " in verdict.words


@each_exercise
def test_numbers_of_the_book_are_known(each: Exercise) -> None:
    """Whoever copies them is told so, and so is who gets no other case right."""
    first = each.right(*each.cases[0])
    assert (
        "are the book's numbers, whatever is asked for" in each(lambda *_: first).words
    )
    assert each(first).words.startswith("That is the book's number. Hand over the")
    calls = []

    def only_first(*case: Any) -> Any:
        calls.append(case)
        return first if len(calls) == 1 else moved(plain(each.right(*case)), 0.1)

    said = each(only_first).words
    assert said.startswith("The book's numbers come out, and others do not. ")


ANSWERS: tuple[Any, ...] = (
    *(None, "x", (), math.nan, math.inf, tuple(range(7)), {"a": 1}, 1 + 2j),
    *(((1.0,), ((2.0,),)), Exercise, 10**400, np.ones((2, 3, 4))),
)


@each_exercise
def test_anything_is_answered(each: Exercise) -> None:
    """What is no number, or of another shape, is told so, and raises nothing."""
    words = r"It should give|gives nothing back|For `|are the book's|Everything is"
    for answer in ANSWERS:
        assert each(answer).words
        verdict = each(lambda *_, answer=answer: answer)
        assert not verdict.right
        assert re.search(words, verdict.words) or verdict.words in each.mistakes


def fail(*_: Any) -> Any:
    """Fail as a reader's function may."""
    msg = "of its own"
    raise RuntimeError(msg)


def endless(*case: Any) -> Any:
    """Call itself without an end."""
    return endless(*case)


@each_exercise
def test_what_cannot_be_called_is_answered(each: Exercise) -> None:
    """Too few arguments, errors and recursion become words, and nothing is raised."""
    assert each(lambda: 1).words.startswith("Your function must take `")
    assert "Your function raised RuntimeError: of its own." in each(fail).words
    assert "Your function raised RecursionError" in each(endless).words
    for given in (print, sum, int, len, Exercise):
        assert not each(given).right


@each_exercise
def test_no_answer_changes_the_cases(each: Exercise) -> None:
    """What a function does to its arguments is undone."""

    def spoils(*case: Any) -> Any:
        answer = each.solution(*case)
        for value in case:
            if hasattr(value, "fill"):
                value.fill(0)
            elif isinstance(value, list):
                value.clear()
        return answer

    assert each(spoils).right
    assert each(each.solution).right
