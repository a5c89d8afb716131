"""Build the book, or a small one with its settings, the way `nox -s docs` does."""

from __future__ import annotations

import atexit
import compileall
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from html import unescape
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted(path.stem for path in (ROOT / "docs" / "chapters").glob("*.md"))
PAGES = sorted(
    path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts
)
FRONT_MATTER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"

# A build that reaches for another machine, or asks for its address, dies of it; so does
# what it starts in Python. Processes of this machine may talk to each other.
NO_NETWORK = """
import socket

def refuse(asked):
    raise OSError(f"the book must build without a network, but asked for {asked}")

def guarded(name):
    trusted = getattr(socket.socket, name)

    def guard(self, *asked):
        address = asked[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6):
            if not address[0].startswith(("127.", "::1")):
                refuse(address)
        return trusted(self, *asked)

    setattr(socket.socket, name, guard)

for name in ("connect", "connect_ex", "sendto"):
    guarded(name)
look_up = socket.getaddrinfo

def getaddrinfo(host, *asked, **named):
    if host not in {None, "", "localhost", "127.0.0.1", "::1"}:
        refuse(host)
    return look_up(host, *asked, **named)

socket.getaddrinfo = getaddrinfo
"""


class Built(NamedTuple):
    """What a build left behind."""

    code: int
    log: str
    html: Path

    def page(self, name: str) -> str:
        """Return the HTML of a page."""
        return (self.html / f"{name}.html").read_text(encoding="utf-8")

    @property
    def faults(self) -> list[str]:
        """Return the warnings and errors."""
        return sorted(re.findall(r"(?m)^.*(?:WARNING|ERROR|CRITICAL): .*$", self.log))

    @property
    def executed(self) -> list[str]:
        """Return the pages whose cells ran."""
        return re.findall(r"executed \[\d+/\d+\] (\S+) in", self.log)


def source(page: Path) -> str:
    """Return the text of a page."""
    return page.read_text(encoding="utf-8")


def add_sentence(page: Path) -> None:
    """Say one more sentence on a page."""
    page.write_text(source(page) + "\nOne more sentence.\n", encoding="utf-8")


def text_of(html: str) -> str:
    """Return what a reader sees of a page, without its scripts and navigation."""
    article = html[html.index("<article") : html.index("</article>")]
    article = re.sub(r"<(script|style).*?</\1>", " ", article, flags=re.DOTALL)
    article = re.sub(r"</t[dh]>", " ", article)
    return unescape(re.sub(r"<[^>]+>", "", article))


def cells(page: Path) -> list[str]:
    """Return the code cells of a page, without their options."""
    found = re.findall(r"(?ms)^```\{code-cell\}\n(.*?)^```$", source(page))
    options = re.compile(r"\A(?:---\n(?s:.*?)^---\n|(?::.*\n)+)", re.MULTILINE)
    return [options.sub("", cell) for cell in found]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def copy_book(to: Path, *, compiled: bool = False, tests: bool = False) -> Path:
    """Copy the sources of the book and the library to a folder of their own.

    The tests come along where the code is to be shown or run that the numbers lead to.
    """
    left_out = ["_build"] if compiled else ["_build", "__pycache__"]
    ignore = shutil.ignore_patterns(*left_out)
    for name in ("docs", "gdbook", *(("tests",) if tests else ())):
        shutil.copytree(ROOT / name, to / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


@cache
def compile_sources() -> None:
    """Compile once what the build of every small book would compile anew."""
    for folder in ("docs/_ext", "gdbook"):
        compileall.compile_dir(ROOT / folder, quiet=2)


def copy_settings(to: Path, page: str) -> Path:
    """Make a book of one page, with the real settings, extensions and library."""
    compile_sources()
    copy_book(to, compiled=True)
    shutil.rmtree(to / "docs" / "chapters")
    for path in (to / "docs").glob("*.md"):
        path.unlink()
    index = f"{FRONT_MATTER}# One page\n\n{page}"
    (to / "docs" / "index.md").write_text(index, encoding="utf-8")
    return to


# What builds import, of which nothing looks at the environment then.
PRELOADED = (
    *("sphinx.cmd.build", "sphinx.builders.html", "sphinx.ext.autodoc", "myst_nb"),
    *("myst_nb.sphinx_ext", "sphinx_book_theme", "sphinx_multitoc_numbering"),
    *("sphinxcontrib.bibtex", "numpydoc", "fontTools.subset", "tinycss2", "psutil"),
    *("math_core", "IPython"),
)
CAN_FORK = "forkserver" in get_all_start_methods()
# Where pytest finds this project, and a build must not.
OWN = {str(ROOT / name) for name in ("", "tests", "docs/_ext")}


def build(
    book: Path,
    out: str = "built",
    builder: str = "html",
    *,
    first: str = "",
    doctrees: str = "",
    jobs: str = "1",
    fresh: bool = not CAN_FORK,
    **environment: str,
) -> Built:
    """Build a copy of the book, strictly, without a network, and after some code.

    The doctrees are the folder's own, or those of another, as of `nox -s docs`. Builds
    are forks of a process that has imported Sphinx, unless they are to be `fresh`: then
    each has a Python of its own, which hashes and measures by itself.
    """
    folder = book / out
    return _built(
        *(book, book / "guard", folder / "html", book / (doctrees or out) / "doctrees"),
        *("-b", builder, "-j", jobs),
        first=first,
        fresh=fresh,
        environment=environment,
    )


def build_in_place(elsewhere: Path) -> Built:
    """Build this very book from the doctrees of `nox -s docs`, or so that it need not.

    What cells run on in a browser stays out, since not every machine can fetch it.
    """
    to = ROOT / "docs" / "_build"
    without = f"live_supply={elsewhere}"
    return _built(
        *(ROOT, elsewhere / "guard", to / "tested", to / "doctrees"),
        *("-b", "html", "-j", "auto", "-D", without),
        first="",
        fresh=True,
        environment={},
    )


def _built(
    book: Path,
    guard: Path,
    html: Path,
    doctrees: Path,
    *options: str,
    first: str,
    fresh: bool,
    environment: dict[str, str],
) -> Built:
    guard.mkdir(exist_ok=True)
    first = NO_NETWORK + first
    (guard / "sitecustomize.py").write_text(first, encoding="utf-8")
    strict = ("-W", "--keep-going", "-n", "-d", str(doctrees), *options)
    arguments = [*strict, str(book / "docs"), str(html)]
    own = os.environ | environment | {"PYTHONPATH": str(guard), "NO_COLOR": "1"}
    if not fresh:
        return Built(*_forked(book, first, arguments, own), html)
    process = subprocess.run(
        [sys.executable, "-m", "sphinx", *arguments],
        cwd=book,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Built(process.returncode, process.stdout, html)


def _forked(book: Path, *how: Any) -> tuple[int, str]:
    """Build in a fork, and return what it ended with and all that was said."""
    forks: Any = get_context("forkserver")
    forks.set_forkserver_preload(list(PRELOADED))
    heard, told = forks.Pipe(duplex=False)
    process = forks.Process(target=_be_sphinx, args=(told, book, *how))
    process.start()
    told.close()
    # To the end of all that the build has started.
    with os.fdopen(os.dup(heard.fileno()), encoding="utf-8") as pipe:
        said = pipe.read()
    heard.close()
    process.join()
    return process.exitcode, said


def _be_sphinx(
    told: Connection, book: Path, first: str, arguments: list[str], own: dict[str, str]
) -> None:
    """Do in a fork what ``python -m sphinx`` does."""
    for stream in (1, 2):
        os.dup2(told.fileno(), stream)
    told.close()
    os.environ.clear()
    os.environ.update(own)
    os.chdir(book)
    kept = (place for place in sys.path if place not in OWN)
    sys.path[:] = [str(book), own["PYTHONPATH"], *kept]
    exec(first, {"__name__": "sitecustomize"})  # noqa: S102 (as Python itself would)
    from sphinx.cmd.build import main  # noqa: PLC0415

    try:
        sys.exit(main(arguments))
    finally:
        # A fork would leave them out.
        atexit._run_exitfuncs()  # noqa: SLF001
