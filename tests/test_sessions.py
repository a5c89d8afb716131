"""The sessions of nox run what they say."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from types import SimpleNamespace

import pytest
from book import CHAPTERS, ROOT
from nox import registry
from nox.command import CommandFailed

# An import would leave a folder of bytecode beside the file. Nox minds a session that
# is there already, and pytest imports the file as well where it is told to.
registry.reset()
noxfile = SimpleNamespace(**runpy.run_path(str(ROOT / "noxfile.py")))
registry.reset()


class Recorded:
    """A session that notes its commands, some of which fail."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.commands: list[tuple[str, ...]] = []

    def run(self, *command: str) -> None:
        """Note a command."""
        self.commands.append(command)
        if command[0] in self.failing:
            raise CommandFailed

    def error(self, message: str) -> None:
        """Fail."""
        raise RuntimeError(message)


def test_every_tool_runs_before_lint_fails() -> None:
    """All commands run, and those that failed are named."""
    session = Recorded("mypy", "codespell")
    commands = ("ruff", "check", "."), ("mypy",), ("codespell", "README.md"), ("last",)
    with pytest.raises(RuntimeError, match=r"found: mypy, codespell$"):
        noxfile.run_each(session, *commands)
    assert tuple(session.commands) == commands


def test_nothing_found_is_no_failure() -> None:
    """Where no command fails, neither does the session."""
    session = Recorded()
    noxfile.run_each(session, ("ruff",), ("mypy",))
    assert session.commands == [("ruff",), ("mypy",)]


def test_gate_is_the_default() -> None:
    """`nox` alone runs all that the README promises, and the gate runs `nox`."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    promised = re.search(r"`nox` alone runs the whole gate: (.*)", readme)
    assert promised is not None
    sessions = list(noxfile.nox.options.sessions)
    assert sessions == [name for name in sessions if name in promised[1]]
    assert set(sessions) >= {
        *("lint", "tests", "kernels", "package"),
        *("oracles", "docs", "browser"),
    }
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in gate
    assert gate.rstrip().endswith("-m nox")


def test_what_builds_is_tested_last() -> None:
    """The files whose tests build a book are those that the second run names."""
    building = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("tests/**/test_*.py")
        if "browser" not in path.parts  # a session of its own
        and re.search(r"(?m)^from book import .*\bbuild\b", path.read_text("utf-8"))
    }
    assert building == set(noxfile.BUILDING)


def test_mutants_meet_every_test_of_the_library() -> None:
    """What a mutation leaves out is what reads more than the library, and figures."""
    left_out = {
        option.removeprefix("--ignore=")
        for option in noxfile.PYPROJECT["tool"]["mutmut"]["pytest_add_cli_args"]
        if option.startswith("--ignore=")
    }
    figures_and_keras = {"tests/plotting", "tests/examples/test_in_keras.py"}
    of_more = {*noxfile.BUILDING, *noxfile.OF_THE_PROJECT}
    assert left_out - figures_and_keras == of_more


def test_chapters_are_known_by_name() -> None:
    """A chapter that is not there gets a sentence that lists those that are."""
    assert set(CHAPTERS) <= set(noxfile.CHAPTERS)
    with pytest.raises(
        ValueError, match=r"^there is no chapter 'moment'; there are .*, momentum, "
    ):
        noxfile.tests_of("moment")


def test_chapter_is_tested_in_all_its_places() -> None:
    """Its examples, its figures and the source of its page are tested, and no build."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q"]
    process = subprocess.run(
        [*command, *noxfile.tests_of("momentum")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    collected = {line.partition("::")[0] for line in process.stdout.splitlines()}
    assert collected >= {
        "gdbook/examples/momentum.py",
        "gdbook/plotting/momentum.py",
        "tests/examples/test_momentum.py",
        "tests/plotting/test_momentum.py",
        *(
            f"tests/test_{what}.py"
            for what in ("sources", "arguments", "fields", "docstrings")
        ),
    }
    assert "tests/test_book.py" not in collected
