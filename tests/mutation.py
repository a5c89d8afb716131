"""Change the library in small ways, and name the changes that no test minds.

`nox -s mutation` comes here with a folder to work in, and with the modules to change:
all unless some are named, as `losses`, `momentum` or `gdbook/losses.py`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).parents[1]
EQUIVALENT = ROOT / "tests" / "equivalent_mutants.txt"


def modules(names: Iterable[str]) -> list[str]:
    """Return the files of the library to change: those that are named, or all."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    settings = settings["tool"]["mutmut"]
    known = {
        path.relative_to(ROOT).as_posix()
        for pattern in settings["only_mutate"]
        for path in ROOT.glob(pattern)
    } - set(settings["do_not_mutate"])
    chosen = {
        name: {file for file in known if name in {file, Path(file).stem}}
        for name in names
    }
    if unknown := [name for name, files in chosen.items() if not files]:
        msg = f"there is no module {unknown[0]!r}; there are {', '.join(sorted(known))}"
        raise ValueError(msg)
    return sorted(set().union(*chosen.values()) or known)


def module_of(mutant: str) -> str:
    """Return the file of a mutant: it starts with the function's name."""
    function = mutant.partition(" : ")[0]
    return function.rpartition(".")[0].replace(".", "/") + ".py"


def change(diff: str) -> str | None:
    """Return the line that a mutant has in place of another, unless none could mind.

    What is zipped has one length, because the arguments were looked at.
    """
    lines = diff.splitlines()
    before, after = (
        " ".join(
            line[1:].strip()
            for line in lines
            if line.startswith(sign) and not line.startswith(3 * sign)
        )
        for sign in "-+"
    )
    loose = r",\s*(strict=\w+)?\)"
    same = re.sub(loose, ")", before) == re.sub(loose, ")", after)
    return None if same else after


def mutants(results: str, show: Callable[[str], str]) -> tuple[set[str], set[str]]:
    """Return the mutants that no test killed, and those that ran out of time.

    Both as function and changed line, because numbers change with every edit.
    """
    survivors: set[str] = set()
    slow: set[str] = set()
    for result in results.splitlines():
        name, _, status = result.strip().rpartition(": ")
        # A test that finds a fault may look for the smallest one until time is up.
        found = slow if status == "timeout" else survivors
        if name.startswith("gdbook.") and status != "killed":
            line = change(show(name))
            if line is not None:
                found.add(f"{name.rpartition('__mutmut_')[0]} : {line}")
    return survivors, slow


def listed(text: str) -> set[str]:
    """Return the mutants that are known to change nothing: function and line."""
    entries = (line for line in text.splitlines() if not line.startswith("#"))
    return {entry.rpartition("  # ")[0] for entry in entries}


def complaints(
    survivors: set[str], slow: set[str], equivalent: set[str], changed: list[str]
) -> list[str]:
    """Say which mutants no test minds, and which entries name no such mutant.

    A mutant that ran out of time may be one that changes nothing.
    """
    concerned = {entry for entry in equivalent if module_of(entry) in changed}
    return [
        *(f"no test fails for: {mutant}" for mutant in sorted(survivors - equivalent)),
        *(
            f"{EQUIVALENT.name} names what no longer survives: {entry}"
            for entry in sorted(concerned - survivors - slow)
        ),
    ]


def called_on(source: str) -> str:
    """Decorate each example by a call behind it: mutmut changes no decorated one."""
    lines = source.splitlines()
    examples = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        and [ast.unparse(decorator) for decorator in node.decorator_list] == ["checked"]
    ]
    for node in reversed(examples):
        lines.insert(int(node.end_lineno or 0), f"{node.name} = checked({node.name})")
        del lines[node.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


def copy_library(to: Path, changed: list[str]) -> None:
    """Copy the library and its tests, with the settings for what is to be changed."""
    shutil.rmtree(to, ignore_errors=True)
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("gdbook", "tests"):
        shutil.copytree(ROOT / name, to / name, ignore=ignore)
    for path in (to / "gdbook" / "examples").glob("*.py"):
        path.write_text(called_on(path.read_text(encoding="utf-8")), encoding="utf-8")
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    only = f"only_mutate = {json.dumps(changed)}\n"
    settings, times = re.subn(r"(?ms)^only_mutate = \[.*?^\]\n", only, settings)
    if times != 1:
        msg = "pyproject.toml must say once what mutmut changes, as only_mutate = [...]"
        raise ValueError(msg)
    (to / "pyproject.toml").write_text(settings, encoding="utf-8")


def main() -> None:
    """Change, test, and exit with what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("copy", type=Path, help="the folder to work in")
    parser.add_argument("names", nargs="*", help="the modules to change")
    given = parser.parse_args()
    try:
        changed = modules(given.names)
    except ValueError as error:
        sys.exit(str(error))
    copy_library(given.copy, changed)
    # Each child has a processor of its own, and threads do not survive its fork.
    alone = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

    def mutmut(*command: str, silent: bool = True) -> str:
        return subprocess.run(
            [Path(sys.executable).with_name("mutmut"), *command],
            cwd=given.copy,
            env=alone,
            stdout=subprocess.PIPE if silent else None,
            text=True,
            check=True,
        ).stdout

    try:
        mutmut("run", "--max-children", str(os.cpu_count()), silent=False)
    except subprocess.CalledProcessError:
        sys.exit("mutmut could not run: the tests must pass before they are tried")
    found = mutants(mutmut("results"), lambda name: mutmut("show", name))
    equivalent = listed(EQUIVALENT.read_text(encoding="utf-8"))
    sys.exit("\n".join(complaints(*found, equivalent, changed)) or None)


if __name__ == "__main__":
    main()
