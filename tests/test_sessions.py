"""The sessions of nox run what they say."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nox
import pytest
from book import CHAPTERS, ROOT
from nox import registry
from nox.command import CommandFailed
from packaging.requirements import Requirement

# An import would leave a folder of bytecode beside the file. Nox minds a session that
# is there already, and pytest imports the file as well where it is told to.
registry.reset()
noxfile = SimpleNamespace(**runpy.run_path(str(ROOT / "noxfile.py")))
SESSIONS = dict(registry.get())
registry.reset()


class Recorded:
    """A session that notes its commands, some of which fail, and what it installs."""

    posargs = ()

    def __init__(self, *failing: str, folder: Path = ROOT) -> None:
        self.failing = failing
        self.folder = folder
        self.commands: list[tuple[str, ...]] = []
        self.installed: list[tuple[str, ...]] = []

    def create_tmp(self) -> str:
        """Return a folder to write in."""
        return str(self.folder)

    def install(self, *given: str, **_: object) -> None:
        """Note what is installed."""
        self.installed.append(given)

    def log(self, message: str) -> None:
        """Say nothing."""

    def run(self, *command: str, **_: object) -> None:
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
    promised = re.search(r"(?s)`nox` alone runs the whole gate:(.*?)\n\n\w", readme)
    assert promised is not None
    sessions = list(noxfile.nox.options.sessions)
    assert sessions == [name for name in sessions if name in promised[1]]
    assert set(sessions) >= {
        *("lint", "tests", "kernels", "package"),
        *("oracles", "docs", "notebooks", "ebook", "pdf", "browser"),
    }
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in gate
    assert gate.rstrip().endswith("-m nox")


def pins(lock: str) -> dict[str, list[Requirement]]:
    """Return the requirements of a file of pins, each of which has a hash."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    found: dict[str, list[Requirement]] = {}
    for line, hashes in re.findall(r"(?m)^(\S.*?) \\\n((?:    --hash=.*\n)+)", text):
        requirement = Requirement(line)
        (exact,) = requirement.specifier
        assert exact.operator == "=="
        assert re.fullmatch(r"(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+", hashes)
        found.setdefault(requirement.name, []).append(requirement)
    unread = re.sub(r"(?m)^\S.*? \\\n(    --hash=\S+( \\)?\n)+", "", text)
    assert not unread  # neither an address nor a requirement without a hash
    return found


@pytest.mark.parametrize("name", SESSIONS)
def test_session_installs_what_is_pinned(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tomorrow's session installs what today's does, with hashes, and runs no other."""
    monkeypatch.chdir(ROOT)
    session = Recorded(folder=tmp_path)
    SESSIONS[name](session)
    for first, *files in session.installed:
        assert first == "--require-hashes"
        assert files
        assert files[::2] == ["-r"] * (len(files) // 2)
        assert all(map(pins, files[1::2]))
    fetching = [run for run in session.commands if {"install", "ci", "pip"} & {*run}]
    for command in fetching:
        assert {
            ("npm", "ci"): "--ignore-scripts" in command,
            ("npm", "install"): "--package-lock-only" in command,
            ("uv", "pip"): command[2] == "compile",
            ("python", "-m"): "--no-index" in command
            or ("--require-hashes" in command and pins(command[-1])),
        }[Path(command[0]).stem, command[1]]


@pytest.mark.parametrize("name", ["docs", *noxfile.LOCKED])
def test_pins_are_those_of_the_groups(name: str) -> None:
    """Each tool that pyproject.toml names is pinned to a version that it allows."""
    lock = noxfile.PINNED if name == "docs" else noxfile.TOOLS / f"{name}.txt"
    pinned = pins(str(lock))
    for need in nox.project.dependency_groups(noxfile.PYPROJECT, name):
        wanted = Requirement(need)
        for pin in pinned[wanted.name]:
            (exact,) = pin.specifier
            assert wanted.specifier.contains(exact.version)


def test_no_other_file_of_pins_lies_about() -> None:
    """Every file of pins is written by `nox -s lock`."""
    files = {path.stem for path in (ROOT / noxfile.TOOLS).iterdir()}
    assert files == set(noxfile.LOCKED)


def test_gate_installs_what_is_pinned() -> None:
    """The gate's own nox is pinned, too."""
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8").replace("\\\n", " ")
    (command,) = re.findall(r"pip install (.*)", gate)
    *_, hashes, option, lock = command.split()
    assert (hashes, option) == ("--require-hashes", "-r")
    assert set(pins(lock)) >= {"nox", "uv", "virtualenv"}


def test_browser_tools_are_pinned() -> None:
    """Every package of npm has a hash, none has an address, and versions are exact."""
    folder = ROOT / "tests" / "browser"
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    own, *others = lock["packages"].values()
    assert own["dependencies"] == wanted
    for name, version in wanted.items():
        assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version)
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    assert others
    for package in others:
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package
        package.pop("funding", None)
        assert "://" not in json.dumps(package)


def test_what_builds_is_tested_last() -> None:
    """The files whose tests build a book are those that the second run names."""
    building = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("tests/**/test_*.py")
        if "browser" not in path.parts  # a session of its own
        and re.search(
            r"(?m)^from book import (?:.*|\([^)]*)\bbuild\b", path.read_text("utf-8")
        )
    }
    assert building == set(noxfile.BUILDING)


def test_mutants_meet_every_test_of_the_library() -> None:
    """A mutation leaves out figures, threads, and what reads more than the library."""
    left_out = {
        option.removeprefix("--ignore=")
        for option in noxfile.PYPROJECT["tool"]["mutmut"]["pytest_add_cli_args"]
        if option.startswith("--ignore=")
    }
    threads = {"tests/test_cluster.py", "tests/examples/test_in_keras.py"}
    of_more = {*noxfile.BUILDING, *noxfile.OF_THE_PROJECT}
    folders = {"tests/exercises", "tests/plotting"}
    assert left_out - threads - folders == of_more


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
        "tests/exercises/test_exercises.py",
        "tests/exercises/test_predictions.py",
        "tests/plotting/test_momentum.py",
        *(
            f"tests/test_{what}.py"
            for what in ("sources", "arguments", "fields", "docstrings")
        ),
    }
    assert "tests/test_book.py" not in collected
