"""What is said to an answer, on exercises that are made for it."""

from __future__ import annotations

import linecache
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from exercises.kept import run
from gdbook.exercises._judge import GAPS, Exercise, exercise


@exercise(right=lambda x: 2 * x, cases=[(3,), (5,)], mistakes={})
def double(x: float) -> float:
    """Take it twice."""
    return 2 * x


@exercise(right=lambda x: (x, 2 * x), cases=[(3,), (5,)], mistakes={})
def pair(x: float) -> tuple[float, float]:
    """Take it once and twice."""
    return x, 2 * x


@exercise(right=lambda x: "up" if x > 0 else "down", cases=[(3,), (-5,)], mistakes={})
def way(x: float) -> str:
    """Look at the sign."""
    return "up" if x > 0 else "down"


@exercise(right=np.flip, cases=[(np.arange(3),)], mistakes={})
def turned(xs: Any) -> Any:
    """Read it from the end."""
    return xs[::-1]


RIGHT = [
    (double, lambda x: Fraction(2 * x)),
    (double, lambda x: Decimal(2 * x)),
    (double, lambda x: np.float32(2 * x)),
    (double, lambda x: 2 * x + 1e-12),
    (pair, lambda x: [x, 2 * x]),
    (pair, lambda x: np.array([x, 2 * x])),
    (way, lambda x: ("down", "up")[x > 0]),
    (turned, lambda xs: tuple(reversed(xs))),
]


@pytest.mark.parametrize(("each", "answer"), RIGHT, ids=range(len(RIGHT)))
def test_right(each: Exercise, answer: Any) -> None:
    """The kind of number, list or array does not matter, nor does rounding."""
    assert each(answer).right


WRONG = [
    (double, lambda x: -2 * x, "Everything is -1 times what it should be."),
    (double, lambda x: x, "Everything is 0.5 times what it should be."),
    (double, lambda x: 2 * x - 4, "Everything is off by -4."),
    (double, lambda _x: 6, "Those are the book's numbers, whatever is asked for"),
    (double, lambda x: x + 3, "The book's numbers come out, and others do not."),
    (double, lambda x: x * x, "the result is 9 and should be 6, 3 too much."),
    (double, lambda x: 2 * x + 1e-6, "is 6.000001 and should be 6, 1e-06 too much"),
    (double, lambda x: (x,), "It should give one number, not (3,)."),
    (double, lambda x: str(2 * x), "It should give one number, not '6'."),
    (pair, lambda x: (2 * x, x), "The right numbers come out, in the wrong places."),
    (pair, lambda x: (x, x), "the result[1] is 3 and should be 6, 3 too little."),
    (pair, lambda x: x, "It should give 2 values, not 3."),
    (pair, lambda x: (x, x, x), "It should give 2 values, not 3."),
    (pair, lambda x: (x, (x, x)), "It should give one number, not (3, 3)."),
    (way, lambda _x: "left", "the result is 'left' and should be 'up'."),
    (way, lambda x: x, "It should give one text, not 3."),
    (way, lambda _x: "up", "Those are the book's numbers"),
    (double, 6, "That is the book's number."),
    (double, 7, "7 is no function."),
    (pair, (3, 6), "That is the book's number."),
]


@pytest.mark.parametrize(("each", "answer", "words"), WRONG, ids=range(len(WRONG)))
def test_wrong(each: Exercise, answer: Any, words: str) -> None:
    """What is wrong is said as closely as it can be."""
    verdict = each(answer)
    assert not verdict.right
    assert words in verdict.words


def gap_within(x: float) -> float:
    """Leave a gap in a function within."""

    def inner() -> Any:
        return ...

    return x * float(inner())


def endless(x: float) -> float:
    """Go on as long as there is a gap."""
    while ...:
        x = x + 1
    return x


def test_a_gap_is_found_and_not_run() -> None:
    """Also in a function within, and where it would have no end."""
    assert double(gap_within).words == GAPS
    assert double(endless).words == GAPS
    assert turned(lambda xs: xs[::-1][..., None][:, 0]).right


LEFT = (
    "def f(x):\n    while ...:\n        x = x + 1\n    return x",
    "def f(x):\n    if ...:\n        x = x + 1\n    return 2 * x",
    "def f(x):\n    return ..., ...",
    "def f(x):\n    for _ in range(2):\n        ...\n    return 2 * x",
    "def f(x):\n    def g():\n        return 1 if ... else 2\n    return x * g()",
    "def g():\n    pass\n\n\nf = lambda x: x or ...",
)
DONE = (
    "def f(x):\n    ...\n    return 2 * x",
    "def f(x: tuple[float, ...] | float):\n    return 2 * x",
    "import numpy as np\n\ndef f(x):\n    return 2 * np.array([x, x])[..., 0]",
    "def g():\n    return ...\n\ndef f(x):\n    return 2 * x",
    "def f(x):\n    return ...\n\ndef f(x):\n    return 2 * x",
)


@pytest.mark.parametrize("code", LEFT)
def test_a_gap_is_read_where_the_code_is_kept(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one of which the compiler leaves no trace."""
    monkeypatch.setattr(linecache, "cache", {})
    assert double(run(code, "cell 1")["f"]).words == GAPS


@pytest.mark.parametrize("code", DONE)
def test_dots_may_be_code(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of NumPy, a type, and what does nothing are no gaps."""
    monkeypatch.setattr(linecache, "cache", {})
    assert double(run(code, "cell 1")["f"]).right


def test_code_that_is_not_kept_is_looked_at() -> None:
    """What was compiled says what it can; other lines in its place say nothing."""
    code = "def f(x):\n    y = ...\n    return 2 * x"
    answer = run(code, "cell 1")["f"]
    for other in ((), ("def g(x):\n", "    return x"), ("1 +",)):
        linecache.cache["cell 1"] = (0, None, [*other], "cell 1")
        assert double(answer).words == GAPS
    del linecache.cache["cell 1"]
    assert double(answer).words == GAPS


def test_words_are_escaped() -> None:
    """What a reader wrote stays text on a page."""
    shown = double(lambda _x: "<b>`&`</b>")._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown


def test_an_edit_must_stand_once() -> None:
    """A mistake that the solution does not have is the author's."""
    with pytest.raises(ValueError, match=r"`3 . x` must stand once in the solution of"):
        double.edited("3 * x", "x")
