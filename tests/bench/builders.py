"""Builders of books, each with the settings that let it read this one's pages."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml
from book import ROOT, copy_book

if TYPE_CHECKING:
    from collections.abc import Callable

# Where books are built, and left for those that look at them.
FOLDER = Path(os.environ.get("BENCH_FOLDER", ROOT / ".nox" / "bench" / "tmp"))
# What this book's settings tell its own cells.
SETTINGS = {
    "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
    "KERAS_HOME": os.devnull,
    "NO_COLOR": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
}
EXTENSIONS = ["colon_fence", "deflist", "dollarmath", "html_image", "substitution"]
LEFT_OUT = ["_build", "_ext", "requirements.txt"]
MINUTES = 30


class Builder(NamedTuple):
    """What builds a book: its name, how it is told to, and what it leaves where."""

    name: str
    settle: Callable[[Path], None]
    command: tuple[str, ...]
    site: str
    environment: str = ""  # the venv of its own

    @property
    def book(self) -> Path:
        """The copy of the book that it builds."""
        return FOLDER / "books" / self.name.replace(" ", "-")

    def copy(self) -> None:
        """Begin with the sources alone."""
        shutil.rmtree(self.book, ignore_errors=True)
        self.book.mkdir(parents=True)
        copy_book(self.book)
        self.settle(self.book / "docs")

    def build(self) -> str:
        """Build the book, and return what was said."""
        folder = FOLDER / "venvs" / self.environment / "bin"
        commands = str(folder if self.environment else Path(sys.executable).parent)
        told = {
            "JUPYTER_CONFIG_DIR": str(self.book / "jupyter"),
            "PATH": os.pathsep.join((commands, os.environ["PATH"])),
            "PYTHONPATH": str(self.book),
        }
        with subprocess.Popen(
            [str(Path(commands, self.command[0])), *self.command[1:]],
            cwd=self.book / "docs",
            env=os.environ | SETTINGS | told,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            said, _ = process.communicate(timeout=60 * MINUTES)
        with suppress(ProcessLookupError):  # Jupyter Book 2 leaves a server running
            os.killpg(process.pid, signal.SIGTERM)
        (self.book / "log.txt").write_text(said, encoding="utf-8")
        # Some say by their code that there were warnings.
        if process.returncode and not (self.book / self.site).exists():
            msg = f"{self.name} built nothing:\n{said[-2000:]}"
            raise RuntimeError(msg)
        return said


def as_it_is(docs: Path) -> None:
    """Change nothing: the book is its own."""


def for_jupyter_book_1(docs: Path) -> None:
    """Write its settings, and its table of contents."""
    (docs / "conf.py").unlink()
    settings = {
        "title": "Gradient descent, number by number",
        "execute": {
            "execute_notebooks": "cache",
            "allow_errors": True,
            "timeout": 60 * MINUTES,
        },
        "bibtex_bibfiles": ["references.bib"],
        "parse": {"myst_enable_extensions": EXTENSIONS},
        "sphinx": {"config": {"exclude_patterns": LEFT_OUT}},
    }
    index = docs / "index.md"
    text = index.read_text(encoding="utf-8")
    parts = [
        {"caption": caption, "chapters": [{"file": name} for name in names.split()]}
        for caption, names in re.findall(
            r"(?ms)^```\{toctree\}\n:caption: (.*?)\n(?::.*?\n)*\n(.*?)^```$", text
        )
    ]
    contents = {"format": "jb-book", "root": "index", "parts": parts}
    for name, said in {"_config.yml": settings, "_toc.yml": contents}.items():
        (docs / name).write_text(yaml.safe_dump(said, sort_keys=False), "utf-8")
    text = re.sub(r"(?ms)^```\{toctree\}\n.*?^```$", "", text)
    index.write_text(text, encoding="utf-8")


def for_jupyter_book_2(docs: Path) -> None:
    """Write its settings, and allow its server of kernels to run as root."""
    settings = {
        "version": 1,
        "project": {
            "title": "Gradient descent, number by number",
            "bibliography": ["references.bib"],
            "exclude": LEFT_OUT,
        },
        "site": {"template": "book-theme"},
    }
    (docs / "myst.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    server = docs.parent / "jupyter" / "jupyter_server_config.json"
    server.parent.mkdir()
    allowed = {"ServerApp": {"allow_root": True}}
    server.write_text(json.dumps(allowed), encoding="utf-8")


def for_nbsphinx(docs: Path) -> None:
    """Write its settings: jupytext reads the pages, and pandoc their Markdown."""
    settings = f"""
import os
from pathlib import Path
import pypandoc
pandoc = str(Path(pypandoc.get_pandoc_path()).parent)
os.environ["PATH"] = os.pathsep.join((pandoc, os.environ["PATH"]))
project = "Gradient descent, number by number"
extensions = ["nbsphinx", "sphinx.ext.mathjax"]
nbsphinx_custom_formats = {{".md": ["jupytext.reads", {{"fmt": "md:myst"}}]}}
nbsphinx_execute = "always"
nbsphinx_allow_errors = True
nbsphinx_kernel_name = "python3"
nbsphinx_timeout = {60 * MINUTES}
html_theme = "sphinx_book_theme"
exclude_patterns = {LEFT_OUT}
"""
    (docs / "conf.py").write_text(settings, encoding="utf-8")
    for page in docs.rglob("*.md"):  # a kernel without this name is no kernel to it
        text = page.read_text(encoding="utf-8")
        named = text.replace(
            "  name: python3\n", "  name: python3\n  display_name: P\n"
        )
        page.write_text(named, encoding="utf-8")


_SPHINX = ("python", "-m", "sphinx", "-q", "-b", "html", "-d", "../built/doctrees")
GDBOOK = Builder(
    "gdbook",
    as_it_is,
    (*_SPHINX, "-j", "auto", ".", "../built/html"),
    "built/html",
)
BUILDERS = (
    GDBOOK,
    Builder(
        "Jupyter Book 1",
        for_jupyter_book_1,
        ("jupyter-book", "build", "--quiet", "."),
        "docs/_build/html",
        "jupyter-book-1",
    ),
    Builder(
        "Jupyter Book 2",
        for_jupyter_book_2,
        ("jupyter-book", "build", "--execute", "--site", "--ci"),
        "docs/_build/site/content",
        "jupyter-book-2",
    ),
    Builder(
        "nbsphinx",
        for_nbsphinx,
        (*_SPHINX, ".", "../built/html"),
        "built/html",
        "nbsphinx",
    ),
)


def versions() -> dict[str, str]:
    """Return the versions of the other builders, as they are installed."""
    found = {}
    for one in BUILDERS:
        if one.environment:
            venv = FOLDER / "venvs" / one.environment
            paths = [*map(str, venv.glob("lib/python*/site-packages"))]
            package = re.sub(r"-\d$", "", one.environment)
            (installed,) = distributions(name=package, path=paths)
            found[one.name] = installed.version
    return found
