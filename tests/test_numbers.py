"""Where the numbers of a page come from, as its cells say it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from book import CHAPTERS, PAGES, ROOT, cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from origins import Origin, Origins

    Find = Callable[[str, str], Origin]
    Read = Callable[[Iterable[str]], Origins]

LINE = "gdbook.examples.linear_regression"
IMPORTS = """
from gdbook.examples import linear_regression
from gdbook.examples.linear_regression import linear_step, linear_steps, two_speeds
from gdbook.examples.linear_regression import linear_steps as walk
from gdbook.formatting import below
from gdbook.glue import glue
from somewhere import other
"""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Return what reads cells."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    from origins import Origins  # noqa: PLC0415

    return lambda cells: Origins(cells, ROOT)


@pytest.fixture
def origin(read: Read) -> Find:
    """Return what finds a number of a page with some cells."""

    def find(code: str, key: str) -> Origin:
        found = read([IMPORTS, "", *code.split("# %%\n")]).of(key)
        assert found is not None
        return found

    return find


class TestText:
    """The call and the field are Python, as short as they can be."""

    @pytest.mark.parametrize(
        ("code", "key", "text"),
        [
            ("glue(step=linear_step)", "step.new_slope", "linear_step().new_slope"),
            ("glue(step=linear_step)", "step.errors.2", "linear_step().errors[2]"),
            (
                "glue(a=linear_regression.linear_step)",
                "a.loss",
                "linear_regression.linear_step().loss",
            ),
            ("glue(a=walk)", "a.slopes.1", "walk().slopes[1]"),
            ("glue(a=walk)", "a.slopes.-1", "walk().slopes[-1]"),
            (
                "run = linear_steps(num_steps=9)\nglue(a=run)",
                "a.loss",
                "linear_steps(num_steps=9).loss",
            ),
            ("glue(n=len(linear_step().errors))", "n", "len(linear_step().errors)"),
            ("glue(a=(1, two_speeds().rate))", "a.1", "two_speeds().rate"),
            ("glue(a={'b': two_speeds()}['b'])", "a.rate", "two_speeds().rate"),
            (
                "glue(a=[linear_step(s) for s in (1, 2)][-1])",
                "a.loss",
                "linear_step(2).loss",
            ),
            ("glue(a=tuple(walk(s).loss for s in (1, 2)))", "a.0", "walk(1).loss"),
            (
                "glue(a=two_speeds()._replace(b=2))",
                "a.along.0",
                "two_speeds().along[0]",
            ),
            (
                "glue(a=two_speeds()._replace(along=(5,)))",
                "a.along.0",
                "a.along[0] = 5",
            ),
            ("glue(rate=0.5)", "rate", "rate = 0.5"),
            ("half = 1\nglue(a=(0, half / 2))", "a.1", "a[1] = 1 / 2"),
            ('glue(a=walk("x"))', "a.loss", 'walk("x").loss'),
            ('glue("a", walk().loss)', "a", "walk().loss"),
            ("if True:\n    glue(a=walk)", "a.loss", "walk().loss"),
            ("%time\nglue(a=walk)", "a.loss", "walk().loss"),
        ],
    )
    def test_says_call_and_field(
        self, origin: Find, code: str, key: str, text: str
    ) -> None:
        """What a cell glues is followed to the call, and a sentence's path to it."""
        assert origin(code, key).text == text

    @pytest.mark.parametrize(
        ("key", "text"),
        [
            ("step.learning_rate", "argument learning_rate of linear_step()"),
            ("step.inputs.1", "argument inputs[1] of linear_step()"),
            ("step.new_slope", "linear_step().new_slope"),
        ],
    )
    def test_argument_is_called_one(self, origin: Find, key: str, text: str) -> None:
        """The default of an argument is no field of the result."""
        assert origin("glue(step=linear_step)", key).text == text

    def test_result_comes_before_an_argument(self, origin: Find) -> None:
        """What a function returns takes the place of an argument of the same name."""
        code = "from gdbook.examples.gradient import two_inputs\nglue(step=two_inputs)"
        assert origin(code, "step.weights.0").text == "two_inputs().weights[0]"

    @pytest.mark.parametrize(
        ("assignment", "text"),
        [
            ("a, b = walk()", "walk()[1]"),
            ("a, (b, c) = walk()", "walk()[1][0]"),
            ("*a, b = walk()", "walk()[-1]"),
            ("a, *b = walk()", "walk()[1:]"),
            ("a, *b, c = walk()", "walk()[1:-1]"),
            ("a = b = walk()", "walk()"),
            ("b: object = walk()", "walk()"),
            ("a, b = walk(), linear_step()", "linear_step()"),
            ("a, b = map(float, walk().x)", "tuple(map(float, walk().x))[1]"),
            ("f = walk\nb = f(2)", "walk(2)"),
        ],
    )
    def test_assignment_is_followed(
        self, origin: Find, assignment: str, text: str
    ) -> None:
        """A name is what it was assigned, also one of several at once."""
        assert origin(f"{assignment}\nglue(n=b)", "n").text == text

    def test_name_is_what_it_was_then(self, origin: Find) -> None:
        """A name that is assigned again later was something else before."""
        code = "a = walk()\nglue(n=a)\na = linear_step()\nglue(m=a)"
        assert origin(code, "n").text == "walk()"
        assert origin(code, "m").text == "linear_step()"

    @pytest.mark.parametrize(
        "change",
        [
            "a.append(walk())",
            "for a in walk(): pass",
            "a += walk()",
            "a[0] = walk()",
            "other(a, walk())",
            "with walk() as a: pass",
            "def a(): return walk()",
        ],
    )
    def test_changed_name_stands_for_itself(self, origin: Find, change: str) -> None:
        """What is bound or changed otherwise is not what was assigned."""
        found = origin(f"a = []\n{change}\nglue(n=max(a))", "n")
        assert found.text == "max(a)"
        assert found.functions == [f"{LINE}.linear_steps"]

    @pytest.mark.parametrize(
        "code",
        [
            "x = 1\nglue(n=[x for x in walk()])",
            "x = 1\nglue(n=max(walk(), key=lambda x: -x))",
        ],
    )
    def test_own_names_are_left_alone(self, origin: Find, code: str) -> None:
        """A name that an expression binds itself is no name of the page."""
        assert origin(code, "n").text in code

    def test_long_call_goes_without_arguments(self, origin: Find) -> None:
        """A call that is too long loses what is in its brackets."""
        code = f"a = walk(inputs={tuple(range(40))})\nglue(n=a)"
        assert origin(code, "n.slopes.1").text == "walk(…).slopes[1]"

    def test_long_expression_loses_its_middle(self, origin: Find) -> None:
        """What is too long otherwise keeps both of its ends."""
        text = origin(f"glue(n=min(walk().loss, {list(range(40))})[1])", "n").text
        assert len(text) <= 72
        assert text.startswith("min(walk().loss, [0, 1,")
        assert text.endswith("38, 39])[1]")

    @pytest.mark.parametrize("digits", range(1, 13))
    def test_no_number_loses_a_part(self, origin: Find, digits: int) -> None:
        """The middle is left out between names, wherever these stand."""
        numbers = [10**digits, *range(10**8, 10**8 + 40)]
        text = origin(f"glue(n=min(walk().loss, {numbers})[1])", "n").text
        assert " … " in text
        seen = {int(number) for number in re.findall(r"\d+", text)}
        assert len(seen) > 3
        assert seen <= {1, *numbers}

    def test_names_stay_where_they_are_shorter(self, origin: Find) -> None:
        """Arithmetic keeps the names of the page where their values are long."""
        code = f"a = walk(inputs={tuple(range(40))})\nglue(n=a.loss / a.rate)"
        found = origin(code, "n")
        assert found.text == "a.loss / a.rate"
        assert found.functions == [f"{LINE}.linear_steps"]


class TestPlace:
    """A number leads to the functions behind it, and to its cell."""

    @pytest.mark.parametrize(
        ("code", "functions"),
        [
            ("glue(a=walk)", ["linear_steps"]),
            ("glue(a=linear_regression.two_speeds)", ["two_speeds"]),
            (
                "glue(a=walk().x + linear_step().x + walk(1).x)",
                ["linear_steps", "linear_step"],
            ),
            ("glue(a=other(1))", []),
            ("walk = 5\nglue(a=walk)", []),
        ],
    )
    def test_functions_have_their_full_names(
        self, origin: Find, code: str, functions: list[str]
    ) -> None:
        """Each function of the library is named once, as the reference names it."""
        expected = [f"{LINE}.{name}" for name in functions]
        assert origin(code, "a").functions == expected

    def test_functions_are_those_of_the_item(self, origin: Find) -> None:
        """One item of several leads to its own function."""
        found = origin("glue(a=(walk().loss, linear_step().loss))", "a.1")
        assert found.functions == [f"{LINE}.linear_step"]

    def test_cell_is_the_one_that_glued(self, origin: Find) -> None:
        """Cells are counted as the page counts them, from zero."""
        assert origin("a = walk()\n# %%\nb = 1\n# %%\nglue(n=a)", "n").cell == 4

    def test_unknown_name_has_none(self, read: Read) -> None:
        """What no cell glues comes from nowhere, and a broken cell says nothing."""
        found = read(["glue(a=", "glue(**names)", "glue(b=1)"])
        assert found.of("a") is found.of("names") is None
        assert found.of("b") == ("b = 1", [], 2)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_number_of_a_chapter_has_an_origin(read: Read, chapter: str) -> None:
    """No sentence of the book has a number whose cells say nothing of it."""
    page = next(page for page in PAGES if page.stem == chapter)
    origins = read(cells(page))
    names = re.findall(r"\{glue:text\}`([^`:]+)", page.read_text(encoding="utf-8"))
    assert names
    assert [name for name in names if origins.of(name) is None] == []
