"""The worked examples on a command line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from book import ROOT
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from gdbook import __main__ as command_line
from gdbook import activations, examples
from gdbook.examples.learning_rate import three_rates
from gdbook.examples.weight_update import weight_update

CHAPTERS = [*examples.__all__]
EXAMPLES = command_line.worked_examples()


def run(*words: str) -> Result:
    """Run the command with these words behind it."""
    return CliRunner().invoke(command_line.main, words, prog_name="gdbook")


def refused(*words: str, code: int) -> str:
    """Run what must fail with a code, print nothing, and say one thing as an error."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    *_, last = result.stderr.splitlines()
    return last


class TestAList:
    """Without a name, all worked examples are listed."""

    def test_every_chapter_lists_its_own(self) -> None:
        """Each chapter is a heading, with its examples and what they do below it."""
        result = run()
        assert (result.exit_code, result.stderr) == (0, "")
        _, *sections = result.stdout.split("\n\n")
        headed = dict(section.split(":\n", 1) for section in sections[-len(CHAPTERS) :])
        assert [*headed] == CHAPTERS
        for one in EXAMPLES.values():
            assert re.search(rf"^  {one.name}\s+\S", headed[one.chapter], re.MULTILINE)

    def test_a_program_reads_it(self) -> None:
        """As JSON it holds chapter, summary and givens, as they are written."""
        listed = json.loads(run("--json").stdout)
        assert list(listed) == list(EXAMPLES)
        assert listed["weight_update"] == {
            "chapter": "weight_update",
            "summary": "Multiply three factors to the slope, and step against it.",
            "givens": {
                "input_value": "3",
                "weight": "2",
                "target": "10",
                "learning_rate": "0.01",
            },
        }
        assert listed["judge"]["givens"]["gradient"] is None

    def test_no_name_stands_for_two(self) -> None:
        """An example is found by its name alone, so no two chapters share one."""
        own = [
            name
            for chapter in examples.__all__
            for name, value in vars(getattr(examples, chapter)).items()
            if getattr(value, "__module__", None) == f"gdbook.examples.{chapter}"
            and hasattr(value, "__wrapped__")
            and not name.startswith("_")
        ]
        assert sorted(own) == sorted(EXAMPLES)


class TestARun:
    """An example runs with the givens that are named, and the book's own."""

    def test_the_books_numbers(self) -> None:
        """Each field stands on a line, as it prints elsewhere."""
        assert run("weight_update").stdout.splitlines() == [
            "prediction  6",
            "error       -4",
            "slope       -24",
            "update      0.24",
            "new_weight  2.24",
        ]

    def test_fractions_stay_exact(self) -> None:
        """A fraction that is given gives fractions, also for programs."""
        result = run("weight_update", "learning_rate=1/3", "weight=-1/2", "--json")
        expected = weight_update(learning_rate=Fraction(1, 3), weight=Fraction(-1, 2))
        assert isinstance(expected.new_weight, Fraction)
        found = json.loads(result.stdout)
        assert found["new_weight"] == str(expected.new_weight)
        assert found.keys() == expected._asdict().keys()

    def test_options_stand_anywhere(self) -> None:
        """The option may stand before the givens."""
        words = ("learning_rate=0.1", "--json")
        assert run("weight_update", *words).stdout == (
            run("weight_update", *reversed(words)).stdout
        )

    def test_several_runs_are_numbered(self) -> None:
        """What returns several traces counts them from 0, and lists them in JSON."""
        runs = three_rates()
        lines = run("three_rates").stdout.splitlines()
        assert [line for line in lines if ".learning_rate " in line] == [
            f"{place}.learning_rate  {one.learning_rate}"
            for place, one in enumerate(runs)
        ]
        found = json.loads(run("three_rates", "--json").stdout)
        assert [one["losses"] for one in found] == [list(one.losses) for one in runs]

    def test_a_number_alone(self) -> None:
        """What returns a number prints it, and nothing else."""
        assert run("valley_loss", "params=(1, 1)").stdout == "2.1\n"

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_defaults_can_be_typed(self, name: str) -> None:
        """What help and completion offer is read as the default that it stands for."""
        written = EXAMPLES[name].written
        for argument, one in EXAMPLES[name].parameters.items():
            text = written[argument]
            if text is not None:
                read = command_line.read(text)
                assert read == tupled(one.default), argument

    @given(
        value := st.recursive(
            st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.fractions()
            | st.booleans(),
            lambda parts: st.lists(parts, max_size=3).map(tuple),
            max_leaves=6,
        )
    )
    def test_values_come_back(self, value: Any) -> None:
        """Every number and tuple that is written is read as itself."""
        assert command_line.read(command_line.written(value)) == value

    @pytest.mark.parametrize("text", ["glorot", "two words", "1 +", "f(1)", "1/0", "("])
    def test_all_else_is_a_word(self, text: str) -> None:
        """What is no number, tuple or activation is handed on as it is."""
        assert command_line.read(text) == text

    def test_activations_by_name(self) -> None:
        """An activation has the name that it has in Python."""
        assert command_line.read("TANH") is activations.TANH


def tupled(value: Any) -> Any:
    """Return a default with tuples for its lists."""
    return tuple(map(tupled, value)) if isinstance(value, list | tuple) else value


class TestMisuse:
    """What is wrong goes to stderr with what was meant, and fails."""

    def test_the_nearest_example(self) -> None:
        """A misspelt example is answered with the nearest."""
        assert refused("weight_updte", code=2) == (
            "Error: There is no example 'weight_updte'. Did you mean 'weight_update'?"
        )
        assert "--help lists them" in refused("qqqqqqq", code=2)

    def test_the_nearest_given(self) -> None:
        """A misspelt given is answered with the nearest."""
        assert refused("weight_update", "learnin_rate=1", code=2).endswith(
            "no given 'learnin_rate'. Did you mean 'learning_rate'?"
        )

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["weight_update", "learning_rate"], "'learning_rate' is no given"),
            (["weight_update", "learning_rate="], "'learning_rate=' is no given"),
            (["weight_update", "weight=1", "weight=2"], "'weight' is given twice"),
            (["valley_loss"], "valley_loss has to be given params"),
            (["weight_update", "--jsn"], "No such option"),
        ],
    )
    def test_a_given_that_is_none(self, words: list[str], said: str) -> None:
        """What is no given, twice there or missing is a misuse of the command."""
        assert said in refused(*words, code=2)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("-1", "is -1 but must be a positive finite number"),
            ("1e400", "is inf but must be finite"),
            ("fast", "is 'fast' but must be a number"),
        ],
    )
    def test_a_value_that_is_refused(self, text: str, said: str) -> None:
        """The library's own words say what is wrong with a value."""
        error = refused("weight_update", f"learning_rate={text}", code=1)
        assert error.startswith(f"Error: `learning_rate` {said}")


def alone(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gdbook", *words],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_module_is_the_command() -> None:
    """`python -m gdbook` is the command, and fails as one."""
    right, wrong = alone("weight_update"), alone("weight_updte")
    assert (right.returncode, right.stderr) == (0, "")
    assert right.stdout == run("weight_update").stdout
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "python -m gdbook" in wrong.stderr


def test_a_reader_may_leave() -> None:
    """A pipe that is closed early ends the command without a complaint."""
    bash = shutil.which("bash")
    assert bash
    piped = f"{sys.executable} -m gdbook three_rates | head -n 1"
    ended = subprocess.run(
        [bash, "-c", piped], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert (ended.stdout, ended.stderr) == ("0.input_value    3\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
class TestCompletion:
    """Three shells complete names and givens."""

    def offered(self, shell: str, *words: str) -> list[str]:
        """Ask what a shell would offer for the last word."""
        *before, last = words
        typed = " ".join(["gdbook", *words])
        told = {"COMP_WORDS": typed, "_GDBOOK_COMPLETE": f"{shell}_complete"}
        told["COMP_CWORD"] = last if shell == "fish" else str(len(before) + 1)
        found = CliRunner().invoke(
            command_line.main, prog_name="gdbook", env=told, standalone_mode=False
        )
        lines = found.stdout.splitlines()
        if shell == "zsh":  # which takes the kind, the word and its help, a line each
            return lines[1::3]
        return [line.partition(",")[2].partition("\t")[0] for line in lines]

    def test_a_script_is_there(self, shell: str) -> None:
        """Each shell gets a script of its own."""
        found = CliRunner().invoke(
            command_line.main,
            prog_name="gdbook",
            env={"_GDBOOK_COMPLETE": f"{shell}_source"},
        )
        assert f"_GDBOOK_COMPLETE={shell}_complete" in found.stdout

    def test_names_and_givens(self, shell: str) -> None:
        """A name is completed, and behind it what is not given yet."""
        assert self.offered(shell, "weight_u") == ["weight_update"]
        assert self.offered(shell, "weight_update", "lea") == ["learning_rate=0.01"]
        given = self.offered(shell, "weight_update", "weight=3", "")
        assert given == ["input_value=3", "target=10", "learning_rate=0.01"]
