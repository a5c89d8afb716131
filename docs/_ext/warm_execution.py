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
change of `gdbook`. The cache's folder is therefore named after a fingerprint of the
library, the versions it runs on, and this file.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import importlib.metadata
import multiprocessing
import os
import platform
import re
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import create_nb_reader
from sphinx.errors import ExtensionError
from sphinx.util import logging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from jupyter_cache.cache.main import JupyterCacheBase
    from myst_nb.core.config import NbParserConfig
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

LOGGER = logging.getLogger(__name__)
LIBRARY = Path(__file__).parents[2] / "gdbook"
RUNS_ON = ("ipython", "jax", "keras", "matplotlib", "numpy", "scikit-learn")
# The numbers in the prose, as a page names them.
GLUED = re.compile(r"\{glue:\w+\}`([^`:]+)")
# Imported before the forks, so that no page pays for it.
PRELOAD = (
    "gdbook.plotting.weight_update",
    "IPython.utils.capture",
    "myst_nb",
    "nbformat.v4",
)
# A cell may take this many times its processor time on the clock.
PATIENCE = 10


class Page(NamedTuple):
    """A page whose cells are to be run, and how many seconds each may take."""

    path: Path
    notebook: nbformat.NotebookNode
    timeout: int


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


def fingerprint() -> str:
    """Hash everything but the page itself that its outputs depend on."""
    seen = hashlib.sha256(platform.python_version().encode())
    for name in RUNS_ON:
        seen.update(f"{name}=={_version(name)}\n".encode())
    for path in [Path(__file__), *sorted(LIBRARY.rglob("*.py"))]:
        seen.update(f"{path.relative_to(LIBRARY.parent).as_posix()}\n".encode())
        seen.update(path.read_bytes())
    return seen.hexdigest()[:16]


def _version(name: str) -> str:
    """Return the version of a distribution; only one page needs Keras and JAX."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def choose_cache(app: Sphinx, config: Config) -> None:
    """Name the cache's folder after the fingerprint, and drop those of the past.

    Sphinx reads every page again when the setting changes.
    """
    caches = Path(app.doctreedir).parent / ".jupyter_cache"
    chosen = caches / fingerprint()
    for old in caches.glob("*"):
        if old != chosen:
            shutil.rmtree(old)
    chosen.mkdir(parents=True, exist_ok=True)
    config.nb_execution_cache_path = str(chosen)


def fill_cache(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute every page that Sphinx is about to read and the cache lacks."""
    settings = env.mystnb_config  # type: ignore[attr-defined]
    if settings.execution_mode != "cache":
        return
    if "fork" not in multiprocessing.get_all_start_methods():
        return
    cache = get_cache(settings.execution_cache_path)
    todo = [page for page in _pages(env, docnames) if not _is_cached(cache, page)]
    if todo:
        _warm_up()
    failures = []
    for count, (page, result) in enumerate(_run(todo), 1):
        name = page.path.relative_to(app.srcdir).as_posix()
        if result.error:
            failures.append(f"{name}: {result.error}")
            LOGGER.error("%s: %s", name, result.error)
            continue
        LOGGER.info(
            "executed [%d/%d] %s in %.1f s", count, len(todo), name, result.seconds
        )
        cache.cache_notebook_bundle(
            CacheBundleIn(
                nbformat.reads(result.text, as_version=4),
                str(page.path),
                data={"execution_seconds": result.seconds},
            ),
            check_validity=False,
            overwrite=True,
        )
    cache.db.dispose()
    if failures:
        msg = "cells failed in " + "; ".join(failures)
        raise ExtensionError(msg)


def _pages(env: BuildEnvironment, docnames: list[str]) -> Iterator[Page]:
    """Read the pages that have cells to run."""
    for docname in docnames:
        path = Path(env.doc2path(docname))
        text = path.read_text(encoding="utf-8")
        settings = env.mystnb_config  # type: ignore[attr-defined]
        reader = create_nb_reader(str(path), env.myst_config, settings, text)  # type: ignore[attr-defined]
        if reader is not None:
            notebook = reader.read(text)
            own = _own_settings(settings, notebook)
            if own.execution_mode == "cache":
                yield Page(path, notebook, own.execution_timeout)


def _is_cached(cache: JupyterCacheBase, page: Page) -> bool:
    try:
        cache.match_cache_notebook(page.notebook)
    except KeyError:
        return False
    return True


def _own_settings(
    settings: NbParserConfig, notebook: nbformat.NotebookNode
) -> NbParserConfig:
    """Return the settings of a page, with those of its front matter."""
    try:
        return settings.copy(**notebook.metadata.get(settings.metadata_key, {}))
    except (TypeError, ValueError):
        return settings  # MyST-NB warns of it


def _warm_up() -> None:
    """Import, and draw once, so that Matplotlib has its fonts before the forks."""
    for name in PRELOAD:
        importlib.import_module(name)
    chapter = (f"gdbook.{part}.weight_update" for part in ("examples", "plotting"))
    example, draw = map(importlib.import_module, chapter)
    draw.one_step(example.repeated(num_steps=1))._repr_svg_()


def _run(todo: list[Page]) -> Iterator[tuple[Page, Result]]:
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
    source = page.path.read_text(encoding="utf-8")
    error = _execute(page, set(GLUED.findall(source)), connection.send)
    text = nbformat.writes(page.notebook)
    connection.send(Result(text, time.perf_counter() - started, error))
    connection.close()
    # Leave without the exit handlers of the Sphinx process that was forked.
    os._exit(0)


def _limit(seconds: float) -> None:
    """Let the system end this process when its time is up; 0 lets it be."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE * seconds)


def _execute(page: Page, named: set[str], report: Callable[[int], None]) -> str:
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
            if (shown.metadata or {}).get("scrapbook", {}).get("name") in {None, *named}
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
    app.connect("config-inited", choose_cache)
    app.connect("env-before-read-docs", fill_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
