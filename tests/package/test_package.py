"""What is built and installed keeps its word.

`nox -s package` comes here. The default run of the tests leaves this folder out (see
../conftest.py), because it fetches what it installs.
"""

from __future__ import annotations

import email
import json
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
LICENCES = {
    name: (ROOT / name).read_bytes()
    for name in ("gdbook/LICENSE", "gdbook/data/SOURCES.md")
}


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed, away from the sources, and return its output."""
    process = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and the wheel from it."""
    folder = tmp_path_factory.mktemp("built")
    command = (sys.executable, "-m", "build", "--no-isolation")
    run(*command, "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """Return the wheel."""
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def sources(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the sdist."""
    (path,) = built.glob("*.tar.gz")
    folder = tmp_path_factory.mktemp("sources")
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    return unpacked


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, without extras, in an environment of its own."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    (found,) = (path for path in folder.glob("*/python*") if path.stem == "python")
    run(found, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return found


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """Return what the wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_metadata_is_the_projects(metadata: Message) -> None:
    """Name, version, Pythons, licence, dependencies and extras are those declared."""
    for field in ("name", "version", "requires-python"):
        assert metadata[field] == PROJECT[field]
    assert metadata["license-expression"] == "MIT AND CC-BY-4.0"
    assert metadata.get_all("license-file") == [*LICENCES]
    needed = metadata.get_all("requires-dist", [])
    assert [need for need in needed if "extra ==" not in need] == [
        *PROJECT["dependencies"]
    ]
    extras = set(PROJECT["optional-dependencies"])
    assert set(metadata.get_all("provides-extra", [])) == extras
    assert extras == {"cluster", "keras", "plotting"}


def test_licences_travel_along(wheel: Path, sources: Path) -> None:
    """Wheel and sdist carry the texts of the licences, of code and of data."""
    assert b"Permission is hereby granted" in LICENCES["gdbook/LICENSE"]
    assert b"CC BY 4.0" in LICENCES["gdbook/data/SOURCES.md"]
    with zipfile.ZipFile(wheel) as archive:
        for name, text in LICENCES.items():
            assert (sources / name).read_bytes() == text
            named = [path for path in archive.namelist() if path.endswith(name)]
            assert any(".dist-info/licenses/" in path for path in named)
            assert {archive.read(path) for path in named} == {text}


def test_wheel_holds_the_library_and_nothing_else(wheel: Path) -> None:
    """Every module is in it, the mark of types and the data too, no test or page."""
    library = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "gdbook").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        names = {n for n in archive.namelist() if ".dist-info/" not in n}
    assert {"gdbook/py.typed", "gdbook/data/digits.csv.gz"} <= names
    assert names == library
    # What a browser fetches before a page can compute: its chapters, mostly.
    chapters = [*(ROOT / "docs" / "chapters").glob("*.md")]
    assert wheel.stat().st_size < 23_500 * len(chapters)


def test_sources_hold_what_their_tests_need(sources: Path) -> None:
    """The sdist has every file of the library, the tests and the book."""
    left_out = {"_build", "__pycache__"}
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in (".ci", "docs", "gdbook", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not left_out.intersection(path.parts)
    }
    files |= {"README.md", "noxfile.py", "pyproject.toml"}
    assert len(files) > 100
    assert [name for name in sorted(files) if not (sources / name).is_file()] == []


def test_unpacked_sources_pass_their_tests(sources: Path) -> None:
    """Tests of the library and of the README pass where they lie."""
    chosen = (
        *("gdbook/losses.py", "tests/test_formatting.py"),
        *("gdbook/examples/weight_update.py", "tests/examples/test_weight_update.py"),
        "tests/test_readme.py",
    )
    said = run(sys.executable, "-m", "pytest", "-q", *chosen, cwd=sources)
    assert " passed in " in said


def test_library_works_without_extras(python: Path, tmp_path: Path) -> None:
    """What is installed is imported, computes, and knows its version."""
    code = (
        "import gdbook, importlib.metadata\n"
        "from gdbook.examples.weight_update import weight_update\n"
        "print(gdbook.__file__)\n"
        "print(importlib.metadata.version('gdbook'))\n"
        "print(weight_update().new_weight)\n"
        "from gdbook.datasets import breast_cancer, diabetes, digits\n"
        "print(*(len(load().inputs) for load in (digits, breast_cancer, diabetes)))\n"
        "from gdbook.splits import folds\n"
        "print(len(folds(6, 3)))\n"
    )
    file, version, weight, *lengths = run(python, "-c", code, cwd=tmp_path).split()
    assert Path(file).is_relative_to(python.parents[1])
    assert (version, weight) == (PROJECT["version"], "2.24")
    assert lengths == ["1797", "569", "442", "3"]


def test_command_is_installed(python: Path, tmp_path: Path) -> None:
    """The command lists, runs and refuses as its module does, and bash completes it."""
    command = python.with_name(f"gdbook{python.suffix}")
    assert run(command, cwd=tmp_path).count("\n  weight_update ") == 1
    printed = run(command, "weight_update", "--json", cwd=tmp_path)
    assert json.loads(printed)["new_weight"] == 2.24
    said = run(command, "--version", cwd=tmp_path)
    assert said.split()[-1] == PROJECT["version"]
    script = (
        f"PATH={shlex.quote(str(command.parent))}:$PATH\n"
        'eval "$(_GDBOOK_COMPLETE=bash_source gdbook)"\n'
        "COMP_WORDS=(gdbook weight_update lea) COMP_CWORD=2\n"
        '_gdbook_completion gdbook lea weight_update; echo "${COMPREPLY[@]}"\n'
    )
    bash = shutil.which("bash")
    assert bash
    assert run(bash, "-c", script, cwd=tmp_path) == "learning_rate=0.01\n"


def test_library_works_from_the_wheel_itself(
    python: Path, wheel: Path, tmp_path: Path
) -> None:
    """A wheel on Python's path is an archive, and its data is found there."""
    code = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "from gdbook import datasets\n"
        "print(datasets.__file__, len(datasets.digits().inputs))\n"
    )
    file, length = run(python, "-c", code, cwd=tmp_path).split()
    assert Path(file).is_relative_to(wheel)
    assert length == "1797"


@pytest.mark.parametrize(
    ("code", "missing", "extra"),
    [
        ("from gdbook import plotting", "matplotlib", "plotting"),
        ("import gdbook.plotting.momentum", "matplotlib", "plotting"),
        (
            "from gdbook.examples.in_keras import weight_in_keras; weight_in_keras()",
            *("keras", "keras"),
        ),
    ],
)
def test_missing_extra_is_named(
    python: Path, tmp_path: Path, code: str, missing: str, extra: str
) -> None:
    """What is not installed is named, and so is the extra that brings it."""
    (tmp_path / "asks.py").write_text(
        f"try:\n    {code}\nexcept ModuleNotFoundError as error:\n    print(error)\n",
        encoding="utf-8",
    )
    said = run(python, "asks.py", cwd=tmp_path)
    assert said.strip() == (
        f"No module named {missing!r}, which the extra `{extra}` brings: "
        f'pip install "gdbook[{extra}]"'
    )


def test_extras_can_be_installed(python: Path, wheel: Path) -> None:
    """Each extra has an answer, and it holds what the extra is for."""
    every = ",".join(PROJECT["optional-dependencies"])
    asked = ("--dry-run", "--quiet", "--report", "-", f"{wheel}[{every}]")
    said = run(python, "-m", "pip", "install", *asked, cwd=wheel.parent)
    report: dict[str, Any] = json.loads(said)
    names = {found["metadata"]["name"].lower() for found in report["install"]}
    assert {"dask", "jax", "keras", "matplotlib", "scikit-learn"} <= names


def test_type_checker_sees_types(python: Path, tmp_path: Path) -> None:
    """A type checker finds the types of what is installed, and what breaks them."""
    use = tmp_path / "use.py"
    use.write_text(
        "from gdbook.examples.weight_update import weight_update\n"
        "from gdbook.optimizers import Momentum\n\n"
        "reveal_type(weight_update())\n"
        "rule = Momentum(learning_rate='fast')\n",
        encoding="utf-8",
    )
    process = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-color-output"),
            *("--python-executable", str(python), "--cache-dir", ".cache", "use.py"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    revealed, refused, *rest = process.stdout.splitlines()
    assert "gdbook.examples.weight_update.WeightUpdate" in revealed
    assert refused.startswith("use.py:5: error: ")
    assert refused.endswith("[arg-type]")
    assert rest == ["Found 1 error in 1 file (checked 1 source file)"]
