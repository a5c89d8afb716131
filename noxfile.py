"""Build, test and check the book: the only description of the gate."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "tests", "oracles", "docs", "browser"]

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
PINNED = Path("docs", "requirements.txt")
BUILD = Path("docs", "_build")
# What needs no build of the book.
LIBRARY_TESTS = (
    "gdbook",
    "tests/examples",
    *sorted(
        str(path.relative_to(ROOT))
        for path in ROOT.glob("tests/test_*.py")
        if path.name not in {"test_book.py", "test_build.py", "test_readme.py"}
    ),
)


def group(name: str) -> tuple[str, ...]:
    """Return the requirements of a dependency group."""
    return tuple(nox.project.dependency_groups(PYPROJECT, name))


def install_book(session: nox.Session, *requirements: str) -> None:
    """Install what the book is built with, to the byte; `gdbook` is used in place."""
    # pip compiles what it installs and uv does not unless told, which every build pays.
    compiled = {"UV_COMPILE_BYTECODE": "1"}
    session.install("--require-hashes", "-r", str(PINNED), env=compiled)
    if requirements:
        session.install(*requirements)


def sphinx(session: nox.Session, *args: str, **run: Any) -> None:
    """Run Sphinx so that every warning and every missing reference is an error."""
    strict = ("-W", "--keep-going", "-n")
    session.run(
        "python", "-m", "sphinx", *strict, "-d", str(BUILD / "doctrees"), *args, **run
    )


@nox.session
def docs(session: nox.Session) -> None:
    """Build the book and print the path to open."""
    install_book(session)
    out = BUILD / "html"
    sphinx(session, "-b", "html", *session.posargs, "docs", str(out))
    session.log(f"The book is ready. Open {(ROOT / out / 'index.html').resolve()}")


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test: the library, its doctests, the book and the README."""
    install_book(session, *group("tests"))
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, docstrings and spelling."""
    install_book(session, *group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    modules = sorted(
        str(path.relative_to(ROOT)) for path in ROOT.glob("gdbook/**/[!_]*.py")
    )
    session.run("numpydoc", "lint", *modules)
    session.run("codespell", "README.md", "noxfile.py", "docs", "gdbook", "tests")


@nox.session
def browser(session: nox.Session) -> None:
    """Read the book in a real browser; `-- --all` runs Lighthouse on every page."""
    install_book(session, *group("browser"))
    out = BUILD / "published"
    published = {"BOOK_URL": "https://book.example/"}
    sphinx(session, "-q", "-b", "html", "docs", str(out), env=published)
    here, tools = Path("tests", "browser"), Path(session.create_tmp()).resolve()
    shutil.copy(here / "package.json", tools)
    fetch = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
    npm = shutil.which("npm") or session.error("Lighthouse and axe need Node and npm")
    session.run(npm, "install", "--prefix", str(tools), *fetch, external=True)
    measured = tools / "measured.json"
    measured.unlink(missing_ok=True)
    given = ("--site", str(out), "--npm", str(tools), "--measured", str(measured))
    options = (*given, *session.posargs)
    lighthouse = here / "test_lighthouse.py"
    failed = False
    # Two processes read the pages; Lighthouse measures times, so it runs by itself.
    for tests_ in (
        (str(here), f"--ignore={lighthouse}", "-n", "2"),
        (str(lighthouse),),
    ):
        try:
            session.run("pytest", "--tb=short", *tests_, *options)
        except CommandFailed:
            failed = True
    if failed:
        session.error("the book does not read as it should: see above")


@nox.session
def oracles(session: nox.Session) -> None:
    """Walk beside PyTorch and optax, step by step."""
    session.install(*PYPROJECT["project"]["dependencies"], *group("oracles"))
    session.run("pytest", "tests/oracles", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the library in small ways and expect a test to fail."""
    install_book(session, *group("mutation"))
    copy = Path(session.create_tmp()) / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("gdbook", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", copy)
    # Each child has a processor of its own, and threads do not survive its fork.
    alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with session.chdir(copy):
        children = str(os.cpu_count())
        session.run("mutmut", "run", "--max-children", children, env=alone)
        results = session.run("mutmut", "results", silent=True)
        survivors = set()
        for line in str(results).splitlines():
            name, _, status = line.strip().rpartition(": ")
            # A test that finds a fault may look for the smallest one until time is up.
            if name.startswith("gdbook.") and status not in {"killed", "timeout"}:
                diff = session.run("mutmut", "show", name, silent=True)
                lines = str(diff).splitlines()
                before, after = (
                    " ".join(
                        line[1:].strip()
                        for line in lines
                        if line.startswith(sign) and not line.startswith(3 * sign)
                    )
                    for sign in "-+"
                )
                # What is zipped has one length, because the arguments were looked at.
                loose = r",\s*(strict=\w+)?\)"
                if re.sub(loose, ")", before) != re.sub(loose, ")", after):
                    function = name.rpartition("__mutmut_")[0]
                    survivors.add(f"{function} : {after}")
    listed = (ROOT / "tests" / "equivalent_mutants.txt").read_text(encoding="utf-8")
    equivalent = {line.rpartition("  # ")[0] for line in listed.splitlines()}
    if survivors - equivalent:
        session.error("\n".join(["no test fails for", *sorted(survivors - equivalent)]))


@nox.session(python=PYTHONS)
def compat(session: nox.Session) -> None:
    """Test the library on every supported Python that is here."""
    groups = (*group("docs"), *group("keras"), *group("tests"))
    session.install("-e", ".[data,plotting]", *groups)
    session.run("pytest", *LIBRARY_TESTS, *session.posargs)


@nox.session
def oldest(session: nox.Session) -> None:
    """Test the library on the oldest dependencies that it declares."""
    project = PYPROJECT["project"]
    declared = [
        *project["dependencies"],
        *project["optional-dependencies"]["data"],
        *project["optional-dependencies"]["plotting"],
    ]
    oldest = [requirement.replace(">=", "==") for requirement in declared]
    session.install(*oldest, "myst-nb", *group("keras"), *group("tests"))
    # An old release may use what a newer one of its own dependencies deprecates.
    lenient = ("-W", "default::DeprecationWarning")
    session.run("pytest", *lenient, *LIBRARY_TESTS, *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure a cold build against its floor, and say the ratio."""
    install_book(session)
    session.run("python", "tests/bench_build.py", *session.posargs)


@nox.session
def live(session: nox.Session) -> None:
    """Show the book in a browser and build it again at every change."""
    install_book(session, "sphinx-autobuild")
    session.run(
        *("sphinx-autobuild", "-W", "--keep-going", "-n"),
        *("-d", str(BUILD / "doctrees")),
        *("--watch", "gdbook", "--ignore", str(BUILD), "--re-ignore", "__pycache__"),
        *("--open-browser", *session.posargs, "docs", str(BUILD / "html")),
    )


@nox.session
def lock(session: nox.Session) -> None:
    """Pin what the book is built with, for every Python and platform, with hashes."""
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "pyproject.toml", "--group", "docs"),
        *("--group", "keras"),
        *("--universal", "--python-version", PYTHONS[0], "--generate-hashes"),
        *("--no-header", "--no-annotate", "--quiet", *session.posargs),
        *("--output-file", str(PINNED)),
    )
