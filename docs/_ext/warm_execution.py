"""Run notebooks in forks of one warm process, and key their cache on the library.

MyST-NB starts a new kernel for every page, which takes longer than the page's cells.
In ``cache`` mode it looks for an executed copy of the page first, so this extension
puts one there just before Sphinx reads: the Sphinx process imports what every page
imports, once, and each page runs in a fork of it. Where the platform cannot fork,
nothing is put there, and MyST-NB starts its ordinary kernels.

A kernel's cell may take ``execution_timeout`` seconds on the clock, which a busy
machine makes too few. A fork's cell may use as many seconds of processor time, and far
more on the clock, for a cell that only waits. Both are timers of the fork: the system
stops it, whatever the cell is doing, and no process outlives its build for long.

jupyter-cache knows a page by its cells alone and would serve old numbers after a
change of `gdbook`. So every page has a cache of its own, whose folder is named after
all that its outputs depend on: its cells, the numbers that its sentences name, the
modules that its cells reach, and what they run on. Caches of the past stay, as those
of another branch, until all of them take too much room.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import importlib.metadata
import io
import multiprocessing
import os
import platform
import re
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import create_nb_reader
from reached import Library
from sphinx.errors import ExtensionError
from sphinx.util import logging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

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
RUN_BY = (Path(__file__), HERE / "reached.py", HERE.parent / "conf.py")
# Any other file of the library is data, which any module may read.
CODE = {".py", ".pyc"}
# The numbers in the prose, as a page names them.
GLUED = re.compile(r"\{glue:\w+\}`([^`:]+)")
# Imported before the forks, so that no page pays for it.
PRELOAD = ("IPython.utils.capture", "matplotlib.figure", "myst_nb", "nbformat.v4")
# Bytes of all caches, some twenty books.
ROOM = 100_000_000
# A cell may take this many times its processor time on the clock.
PATIENCE = 10


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


@dataclass(eq=False)
class Fork:
    """A process that runs a page, and the cell that it is at."""

    page: Page
    process: BaseProcess
    connection: Connection
    cell: int = 0


class Result(NamedTuple):
    """What a fork sends back: the executed notebook, or what went wrong."""

    text: str
    seconds: float
    error: str


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


def run(todo: list[Page]) -> Iterator[tuple[Page, Result]]:
    """Run pages in forks, as many at a time as there are processors."""
    context = multiprocessing.get_context("fork")
    waiting, running = list(todo), list[Fork]()
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            page = waiting.pop(0)
            here, there = context.Pipe(duplex=False)
            process = context.Process(target=_in_fork, args=(there, page), daemon=True)
            process.start()
            there.close()
            running.append(Fork(page, process, here))
        ready = wait([fork.connection for fork in running])
        for fork in [fork for fork in running if fork.connection in ready]:
            sent = _received(fork)
            if isinstance(sent, int):
                fork.cell = sent
            else:
                fork.process.join()
                running.remove(fork)
                yield fork.page, sent


def _received(fork: Fork) -> int | Result:
    """Return the cell that a fork has come to, or its result."""
    try:
        sent: int | Result = fork.connection.recv()
    except EOFError:
        fork.process.join()
        code, limit = fork.process.exitcode, fork.page.timeout
        reasons = {
            -signal.SIGPROF: f"used more than {limit} s of processor time",
            -signal.SIGALRM: f"waited: it took more than {PATIENCE * limit} s on the "
            f"clock, and less than {limit} s of processor time",
        }
        reason = reasons.get(code or 0, f"ended its process ({code})")
        return Result("", 0.0, f"cell {fork.cell} {reason}")
    return sent


def _in_fork(connection: Connection, page: Page) -> None:
    started = time.perf_counter()
    os.chdir(page.path.parent)
    error = _execute(page, connection.send)
    text = nbformat.writes(page.notebook)
    connection.send(Result(text, time.perf_counter() - started, error))
    connection.close()
    # Leave without the exit handlers of the Sphinx process that was forked.
    os._exit(0)


def _limit(seconds: float) -> None:
    """Let the system end this process when its time is up; 0 lets it be."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE * seconds)


def _execute(page: Page, report: Callable[[int], None]) -> str:
    """Run every code cell in place; return what went wrong, or nothing.

    A trace glues each of its numbers, up to twenty thousand on a page. Those that the
    page does not name would only be read again with every build.
    """
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415
    from IPython.utils.capture import capture_output  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    config = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell.instance(
        history_load_length=0, colors="nocolor", config=config
    )
    cells = [cell for cell in page.notebook.cells if cell.cell_type == "code"]
    for index, cell in enumerate(cells, 1):
        report(index)
        _limit(max(page.timeout, 0))
        with capture_output() as captured:
            # Running a cell sets the hook back unless the shell's own trap holds it.
            shell.display_trap.hook = sys.displayhook
            result = shell.run_cell(cell.source, store_history=True)
        _limit(0)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            return f"cell {index} raised {type(error).__name__}: {error}"
        cell.execution_count = index
        cell.outputs = [
            nbformat.v4.new_output("stream", name=name, text=text)
            for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr))
            if text
        ]
        cell.outputs += [
            nbformat.v4.new_output(
                "display_data", data=_as_text(shown.data), metadata=shown.metadata or {}
            )
            for shown in captured.outputs
            if (shown.metadata or {}).get("scrapbook", {}).get("name")
            in {None, *page.named}
        ]
    page.notebook.metadata["language_info"] = {
        "name": "python",
        "pygments_lexer": "ipython3",
    }
    return ""


def _as_text(data: dict[str, Any]) -> dict[str, Any]:
    """Encode pictures as the notebook format does."""
    return {
        mime: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for mime, value in data.items()
    }


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    execution = Execution()
    app.connect("env-get-outdated", execution.outdated)
    app.connect("env-before-read-docs", execution.fill)
    app.connect("source-read", execution.choose)
    app.connect("build-finished", execution.make_room)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
