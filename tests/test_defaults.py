"""A changed default is put in its place, and its page is heard."""

from __future__ import annotations

import inspect
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from book import ROOT
from defaults import (
    DEPENDING,
    Default,
    Heard,
    attempt,
    changed,
    copies,
    defaults,
    keep_results,
    reaching,
    report,
)

from gdbook import _arguments
from gdbook.examples.weight_update import weight_update

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = '''"""A module."""


def first(rate: float = 0.01, start: tuple[int, ...] = (1, (2, 3))) -> float:
    return rate


def second(rate: float = FAST, *, steps: int = 4) -> float:
    return rate
'''


@pytest.mark.parametrize(
    ("function", "argument", "value", "line"),
    [
        ("first", "rate", 0.02, "def first(rate: float = 0.02, start"),
        ("first", "start", (2, (4, 6)), "] = (2, (4, 6, ), )) -> float:"),
        ("second", "rate", 0.5, "def second(rate: float = 0.5, *, steps"),
        ("second", "steps", 8, "*, steps: int = 8) -> float:"),
        ("second", "rate", Fraction(1, 3), "= __import__('fractions').Fraction(1, 3),"),
    ],
)
def test_default_is_changed(
    function: str, argument: str, value: Any, line: str
) -> None:
    """One default is another, as Python reads it, and nothing else is."""
    new = changed(SOURCE, function, argument, value)
    assert line in new
    space: dict[str, Any] = {"FAST": 7, "float": float}
    exec(new, space)  # noqa: S102 (what is written above)
    now = inspect.signature(space[function]).parameters
    exec(SOURCE, space)  # noqa: S102
    old = inspect.signature(space[function]).parameters
    assert now[argument].default == value
    assert [p for p in now if now[p].default != old[p].default] == [argument]


def test_argument_without_default() -> None:
    """A default that is not there is no default to change."""
    with pytest.raises(ValueError, match="first has no default of speed"):
        changed(SOURCE, "first", "speed", 1)


def test_every_number_is_tried() -> None:
    """Each argument of an example that is a number has others, never its own value."""
    found = [
        one for one in defaults("weight_update") if one.function == "weight_update"
    ]
    parameters = inspect.signature(weight_update).parameters
    assert [one.argument for one in found] == list(parameters)
    assert [one.value for one in found] == [p.default for p in parameters.values()]
    assert all(one.value not in one.others and one.others for one in found)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the book, and let its chapter on one weight claim what its rate decides."""
    root = next(copies(tmp_path))
    page = root / "docs" / "chapters" / "weight_update.md"
    text = page.read_text(encoding="utf-8")
    claims = "The update is a hundredth of the slope.\nNothing else will ever do.\n"
    text = text.replace("## What to remember\n", f"{claims}\n## What to remember\n")
    page.write_text(text, encoding="utf-8")
    test = """
import pytest
from fractions import Fraction
from gdbook.examples.weight_update import weight_update

@pytest.mark.claims("The update is a hundredth of the slope.")
def test_hundredth():
    step = weight_update()
    assert round(-step.slope / step.update) == 100
"""
    for path in (root / "tests").glob("*/test_weight_update.py"):
        path.write_text(test, encoding="utf-8")
    return root


def test_false_sentence_is_caught(copy: Path) -> None:
    """A test that quotes a sentence finds it false, and other claims are to be read."""
    before = Heard("", {"step.update": "0.24"}, [])
    default = Default(
        "weight_update", "weight_update", "learning_rate", 0.01, (-1, 0.02)
    )
    path = copy / "gdbook" / "examples" / "weight_update.py"
    source = path.read_text(encoding="utf-8")
    said, read = attempt(copy, default, before)
    first, false, lines = said
    assert first == "weight_update: weight_update(learning_rate=0.01) -> 0.02"
    assert false == "  a test finds false: The update is a hundredth of the slope."
    assert lines.startswith("  read lines ")
    assert read
    assert all(s.words or DEPENDING.search(s.text) for s in read)
    assert path.read_text(encoding="utf-8") == source


def test_only_what_a_default_may_change_is_computed_anew() -> None:
    """An example that calls another is among them, across chapters, and no other is."""
    assert reaching(ROOT, "sure_and_wrong") == {"sure_and_wrong"}
    assert {"promises", "weight_in_keras"} <= reaching(ROOT, "weight_update")
    assert "linear_steps" not in reaching(ROOT, "weight_update")


def test_slow_results_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result is computed once for equal arguments, however they are given."""
    monkeypatch.setattr(_arguments, "checked", _arguments.checked)
    monkeypatch.setattr("defaults.SLOW", -1)
    results = keep_results(tmp_path, {"changed_example"})
    computed = []

    def example(rate: float = 0.5) -> tuple[float, ...]:
        computed.append(rate)
        return (rate,)

    kept = _arguments.checked(example)
    assert [kept(), kept(0.5), kept(rate=0.5), kept(2)] == [(0.5,)] * 3 + [(2,)]
    assert computed == [0.5, 2]
    results.use = False
    assert kept(2) == (2,)
    assert computed == [0.5, 2, 2]
    results.use = True
    example.__name__ = "changed_example"
    anew = _arguments.checked(example)
    assert [anew(), anew()] == [(0.5,)] * 2
    assert computed == [0.5, 2, 2, 0.5, 0.5]


def test_what_is_refused_is_said(copy: Path) -> None:
    """A default that the example refuses in each of its changes is named."""
    default = Default("weight_update", "repeated", "num_steps", 100, (-1, 0.5))
    said, read = attempt(copy, default, Heard("", {}, []))
    assert said[1] == "  is refused as -1 and 0.5"
    assert read == []


def test_what_stops_the_build_is_said() -> None:
    """A page that cannot run any more says so itself."""
    default = defaults("weight_update")[0]
    now = Heard("docs/x.md: cell 3 ValueError", {}, [])
    said, _ = report(ROOT, default, Heard("", {}, []), now)
    assert said == ["stops the build: docs/x.md: cell 3 ValueError"]
    unheard = report(
        ROOT, default, Heard("", {"a": "1"}, []), Heard("", {"a": "1"}, [])
    )
    assert unheard == (["no sentence depends on it"], [])


def test_what_a_test_holds_is_read_when_its_own_number_changes() -> None:
    """A test that tries other numbers may pass where the one on the page fails."""
    default = defaults("momentum")[0]
    use, sentence = "usual_factor:.3f", "At … the factor is …: slower than no momentum"
    before, now = (Heard("", {use: text}, []) for text in ("0.949", "0.671"))
    said, read = report(ROOT, default, before, now)
    assert any(one.text.startswith(sentence) for one in read)
    assert said[-1].startswith("a test holds what says another number now: lines ")
    failing = [one.text for one in read]
    _, left = report(ROOT, default, before, now._replace(failing=failing))
    assert not any(one.text.startswith(sentence) for one in left)


def test_scale_alone_is_tried_last() -> None:
    """A tuple changes in one part first, and once in how many it has."""
    starts = [one for one in defaults("momentum") if one.argument == "start"]
    assert starts[0].others == ((-5, -4), (-5, -1), (-10, -2), (-4, -2), (-10, -4))
    assert starts[1].others == ((-5, -2, -4), (-5, -2, -1))
