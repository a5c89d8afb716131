"""Run notebooks in forks of one warm process, and key their cache on the library.

MyST-NB starts a new kernel for every page, which takes longer than the page's cells.
In ``cache`` mode it looks for an executed copy of the page first, so this extension
puts one there just before Sphinx reads: the Sphinx process imports what every page
imports, once, and each page runs in a fork of it. Where the platform cannot fork,
nothing is put there, and MyST-NB starts its ordinary kernels.

jupyter-cache knows a page by its cells alone and would serve old numbers after a
change of `gdbook`. So every page has a cache of its own, whose folder is named after
all that its outputs depend on: its cells, the numbers that its sentences name, the
modules that its cells reach, and what they run on. Caches of the past stay, as those
of another branch, until all of them take too much room.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import io
import multiprocessing
import os
import platform
import re
import shutil
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import nbformat
from forks import run
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import create_nb_reader
from reached import Library
from sphinx.errors import ExtensionError
from sphinx.util import logging

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forks import Result
    from myst_nb.core.config import NbParserConfig
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

LOGGER = logging.getLogger(__name__)
HERE = Path(__file__).parent
LIBRARY = Library(HERE.parents[1] / "gdbook")
RUNS_ON = (
    *("ipython", "jax", "jaxlib", "keras", "matplotlib", "myst-nb", "nbformat"),
    *("numpy", "scikit-learn", "scipy", "tqdm"),
)
# Ours that every page depends on: how it is run, and what libraries are told then.
RUN_BY = (
    *(HERE / f"{name}.py" for name in ("warm_execution", "forks", "reached")),
    HERE.parent / "conf.py",
)
# Any other file of the library is data, which any module may read.
CODE = {".py", ".pyc"}
# The numbers in the prose, as a page names them.
GLUED = re.compile(r"\{glue:\w+\}`([^`:]+)")
# Imported before the forks, so that no page pays for it.
PRELOAD = ("IPython.utils.capture", "matplotlib.figure", "myst_nb", "nbformat.v4")
# Bytes of all caches, some twenty books.
ROOM = 100_000_000


class Page(NamedTuple):
    """A page whose cells are to be run.

    A cell may take `timeout` seconds, `named` are the glued numbers in the sentences,
    `reached` the modules that cells reach, `based_on` stands for the state of those,
    and the folder `kept` is the page's cache.
    """

    path: Path
    notebook: nbformat.NotebookNode
    timeout: int
    named: list[str]
    reached: list[str]
    based_on: str
    kept: Path


@cache
def _runs_on() -> str:
    """Hash what all pages depend on."""
    seen = hashlib.sha256(platform.python_version().encode())
    for name in RUNS_ON:
        seen.update(f"{name}=={_version(name)}\n".encode())
    data = (path for path in sorted(LIBRARY.folder.rglob("*")) if path.is_file())
    for path in (*RUN_BY, *(path for path in data if path.suffix not in CODE)):
        seen.update(f"{path.name}\n{_digest(path)}\n".encode())
    return seen.hexdigest()


def _version(name: str) -> str:
    """Return the version of a distribution; only one page needs Keras and JAX."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def based_on(modules: Iterable[str]) -> str:
    """Hash what a page depends on besides itself."""
    paths = {name: LIBRARY.paths.get(name) for name in modules}
    seen = [f"{name} {path and _digest(path)}" for name, path in sorted(paths.items())]
    return hashlib.sha256("\n".join([_runs_on(), *seen]).encode()).hexdigest()


class Execution:
    """What a build knows of the pages that it reads."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}

    def outdated(self, _app: Sphinx, env: BuildEnvironment, *_: Any) -> list[str]:
        """Have a page read again when what its cells depend on has changed."""
        return [
            docname
            for docname, about in env.metadata.items()
            if "reached" in about and about["based_on"] != based_on(about["reached"])
        ]

    def fill(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Execute every page that Sphinx is about to read and no cache holds."""
        self.pages = dict(pages(env, docnames))
        if "fork" not in multiprocessing.get_all_start_methods():
            places = (str(LIBRARY.folder.parent), os.environ.get("PYTHONPATH", ""))
            os.environ["PYTHONPATH"] = os.pathsep.join(places)  # for the kernels
            return
        todo = [page for page in self.pages.values() if not page.kept.exists()]
        if todo:
            warm_up({name for page in todo for name in page.reached} & LIBRARY.modules)
        failures = []
        for count, (page, result) in enumerate(run(todo), 1):
            name = page.path.relative_to(app.srcdir).as_posix()
            if result.error:
                failures.append(f"{name}: {result.error}")
                LOGGER.error("%s: %s", name, result.error)
                continue
            LOGGER.info(
                "executed [%d/%d] %s in %.1f s", count, len(todo), name, result.seconds
            )
            _keep(page, result)
        if failures:
            msg = "cells failed in " + "; ".join(failures)
            raise ExtensionError(msg)

    def choose(self, app: Sphinx, docname: str, _source: list[str]) -> None:
        """Point MyST-NB to the cache of the page that it is about to read."""
        page = self.pages.get(docname)
        if page:
            env: Any = app.env
            env.mystnb_config = env.mystnb_config.copy(
                execution_cache_path=str(page.kept)
            )
            about = {"reached": page.reached, "based_on": page.based_on}
            env.metadata[docname] |= about

    def make_room(self, _app: Sphinx, _error: Exception | None) -> None:
        """Drop the caches that no build has used for longest where room is short."""
        used = [page.kept for page in self.pages.values() if page.kept.exists()]
        for kept in used:
            kept.touch()
        folders = {folder for kept in used for folder in kept.parent.iterdir()}
        room = ROOM
        for folder in sorted(folders, key=lambda path: -path.stat().st_mtime):
            room -= sum(path.stat().st_size for path in folder.rglob("*"))
            if room < 0 and folder not in used:
                shutil.rmtree(folder)


def pages(env: Any, docnames: list[str]) -> Iterator[tuple[str, Page]]:
    """Read the pages that have cells to run."""
    for docname in docnames:
        path = Path(env.doc2path(docname))
        text = path.read_text(encoding="utf-8")
        settings: NbParserConfig = env.mystnb_config
        reader = create_nb_reader(str(path), env.myst_config, settings, text)
        if reader is None:
            continue
        notebook = reader.read(text)
        own = _own_settings(settings, notebook)
        if own.execution_mode != "cache":
            continue
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        named = sorted(set(GLUED.findall(text)))
        reached = sorted(LIBRARY.reached("\n".join(cells)))
        base = based_on(reached)
        key = repr((docname, notebook.metadata.get("kernelspec"), cells, named, base))
        kept = hashlib.sha256(key.encode()).hexdigest()[:16]
        folder = Path(settings.execution_cache_path) / kept
        yield (
            docname,
            Page(path, notebook, own.execution_timeout, named, reached, base, folder),
        )


def _keep(page: Page, result: Result) -> None:
    """Make a page's cache, which is there when it is whole."""
    page.kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=page.kept.parent) as folder:
        made = Path(folder) / page.kept.name
        cache = get_cache(str(made))
        cache.cache_notebook_bundle(
            CacheBundleIn(
                nbformat.reads(result.text, as_version=4),
                str(page.path),
                data={"execution_seconds": result.seconds},
            ),
            check_validity=False,
        )
        cache.db.dispose()
        if not page.kept.exists():  # another build may have been quicker
            made.rename(page.kept)


def _own_settings(
    settings: NbParserConfig, notebook: nbformat.NotebookNode
) -> NbParserConfig:
    """Return the settings of a page, with those of its front matter."""
    try:
        return settings.copy(**notebook.metadata.get(settings.metadata_key, {}))
    except (TypeError, ValueError):
        return settings  # MyST-NB warns of it


def warm_up(modules: set[str]) -> None:
    """Import, and draw once, so that Matplotlib has its fonts before the forks."""
    for name in (*PRELOAD, *sorted(modules)):
        with suppress(Exception):  # the page that needs it will say what is wrong
            importlib.import_module(name)
    figure = sys.modules["matplotlib.figure"].Figure()
    figure.text(0, 0, "0 $x$")
    figure.savefig(io.BytesIO(), format="svg")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    execution = Execution()
    app.connect("env-get-outdated", execution.outdated)
    app.connect("env-before-read-docs", execution.fill)
    app.connect("source-read", execution.choose)
    app.connect("build-finished", execution.make_room)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
