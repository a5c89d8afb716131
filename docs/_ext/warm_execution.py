"""Run notebooks in forks of one warm process, and key their cache on the library.

MyST-NB starts a new kernel for every page, which takes longer than the page's cells.
In ``cache`` mode it looks for an executed copy of the page first, so this extension
puts one there just before Sphinx reads the page: the Sphinx process imports what every
page imports, once, and each page runs in a fork of it, while Sphinx reads the pages
that have no cells. Where the platform cannot fork, each runs in a new process, and
everything else is the same.

jupyter-cache knows a page by its cells alone and would serve old numbers after a
change of `gdbook`. So every page has a cache of its own, whose folder is named after
all that its outputs depend on: its cells, the modules that they reach, and what they
run on. Caches of the past stay, as those of another branch, until all of them take too
much room.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import io
import json
import os
import platform
import re
import shutil
import sqlite3
import sys
from bisect import bisect
from contextlib import closing, suppress
from functools import cache
from multiprocessing import get_all_start_methods
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from textwrap import shorten
from typing import TYPE_CHECKING, Any, NamedTuple

import nbformat
from forks import Running
from glued import FILE
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import create_nb_reader
from myst_nb.core.render import strip_ansi
from reached import Library
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
    *("dask", "distributed", "ipykernel", "ipython", "jax", "jaxlib", "keras"),
    *("matplotlib", "matplotlib-inline", "myst-nb", "nbclient", "nbformat", "numpy"),
    *("scikit-learn", "scipy", "tqdm", "zarr"),
)
# Ours that every page depends on: how it is run, and what libraries are told then.
RUN_BY = (
    *(HERE / f"{name}.py" for name in ("warm_execution", "forks", "cells", "reached")),
    HERE.parent / "conf.py",
)
# Any other file of the library is data, which any module may read.
CODE = {".py", ".pyc"}
# Imported before the forks, so that no page pays for it.
PRELOAD = ("cells", "matplotlib.figure")
KERNEL = "python3"
CACHED = {"timeout", "allow_errors"}
LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}
# Bytes of all caches, some twenty books.
ROOM = 100_000_000
# The names of caches, and of what a killed build has left.
HASH, UNFINISHED = 16 * "[0-9a-f]", "unfinished-"


class Page(NamedTuple):
    """A page whose cells are to be run.

    `settings` are MyST-NB's for this page, `lines` are those of its code cells,
    `reached` the modules that cells reach, `based_on` stands for the state of those,
    the folder `kept` is the page's cache, and `failed` is the cell that stopped it.
    """

    docname: str
    path: Path
    notebook: nbformat.NotebookNode
    settings: NbParserConfig
    lines: list[int]
    reached: list[str]
    based_on: str
    kept: Path
    failed: int = 0

    def place(self, cell: int) -> str | tuple[str, int]:
        """Return where a cell stands; a notebook file has no lines."""
        known = cell > 0 and self.lines
        return (self.docname, self.lines[cell - 1]) if known else self.docname

    def explain(self, record: Any) -> bool:
        """Say which cell wrote what to stderr; MyST-NB says that some cell did."""
        if getattr(record, "subtype", "") == "stderr" and self.lines:
            cell = bisect(self.lines, record.location[1])
            if cell == self.failed:
                return False  # of that enough has been said
            (executed,) = self.kept.rglob("*.ipynb")
            outputs = self.code(nbformat.read(executed, as_version=4))[cell - 1].outputs
            errors = (out.text for out in outputs if out.get("name") == "stderr")
            said = shorten(" ".join(errors), 300, placeholder=" …")
            record.location = self.place(cell)
            record.msg = f"cell {cell} wrote to stderr: {said}"
        return True

    @staticmethod
    def code(notebook: nbformat.NotebookNode) -> list[Any]:
        """Return the cells that are numbered."""
        return [cell for cell in notebook.cells if cell.cell_type == "code"]


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
    """Return the version of a distribution; some only one page needs."""
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


class PageError(Exception):
    """What is wrong with a page that cannot be read or run, and in which line."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.line = line


class Execution:
    """What a build knows of the pages that it reads."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.awaited: dict[str, int] = {}
        self.running = Running([], "", _keep)
        self.failed = TemporaryDirectory()

    def outdated(self, _app: Sphinx, env: BuildEnvironment, *_: Any) -> list[str]:
        """Have a page read again when what its cells depend on has changed.

        So is one whose numbers another page needs and cannot read any more.
        """
        pages = env.metadata.values()
        needed = {name for about in pages for name in about.get("glues", ())}
        return [
            docname
            for docname, about in env.metadata.items()
            if "reached" in about
            and not (
                about["based_on"] == based_on(about["reached"])
                and Path(about["kept"]).exists()
                and (docname not in needed or _whole(Path(about["kept"])))
            )
        ]

    def fill(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
        """Begin to run every page that Sphinx is about to read and no cache holds."""
        self.pages = {}
        for docname in tuple(docnames):
            try:
                self.pages |= {page.docname: page for page in pages(env, [docname])}
            except PageError as error:
                place = (docname, error.line)
                LOGGER.error("%s", error, location=place)  # noqa: TRY400 (an author's)
                app.statuscode = 1
                _leave_out(app, env, docname)
                docnames.remove(docname)
        todo = [page for page in self.pages.values() if not _whole(page.kept)]
        for page in todo:
            _drop(page.kept)
        # One that took long and began last would run alone at the end.
        todo.sort(key=lambda page: -len(Page.code(page.notebook)))
        start = app.config.execution_start
        if todo and start == "fork":
            warm_up({name for page in todo for name in page.reached} & LIBRARY.modules)
        self.running = Running(todo, start, self._keep)
        self.awaited = dict.fromkeys((page.docname for page in todo), len(todo))
        # What has no cells to run is read while others' run, and these as they end.
        order = {docname: place for place, docname in enumerate(self.awaited, 1)}
        docnames.sort(key=lambda docname: order.get(docname, 0))

    def _keep(self, page: Page, result: Result) -> None:
        """Make the cache of a page, or of as far as it came."""
        _keep(self._half_done(page, result) if result.error else page, result)

    def _half_done(self, page: Page, result: Result) -> Page:
        kept = Path(self.failed.name, page.kept.name)
        return page._replace(kept=kept, failed=result.cell)

    def _wait(self, app: Sphinx, docname: str) -> None:
        """Wait for a page's cells, and say of all pages on the way how they ran."""
        while docname in self.awaited:
            done, result = next(self.running.results)
            total, page = self.awaited.pop(done), self.pages[done]
            if not result.error:
                name = page.path.relative_to(app.srcdir).as_posix()
                count = total - len(self.awaited)
                LOGGER.info(
                    "executed [%d/%d] %s in %.1f s", count, total, name, result.seconds
                )
                continue
            what = f"cell {result.cell} {result.error}"
            if page.settings.execution_show_tb and result.traceback:
                what += f"\n{strip_ansi(result.traceback)}"
            LOGGER.error("%s", what, location=page.place(result.cell))
            self.pages[done] = self._half_done(page, result)
            if page.settings.execution_raise_on_error:
                app.statuscode = 1

    def choose(self, app: Sphinx, docname: str, _source: list[str]) -> None:
        """Point MyST-NB to the cache of the page that it is about to read."""
        self._wait(app, docname)
        page = self.pages.get(docname)
        if page:
            env: Any = app.env
            env.mystnb_config = env.mystnb_config.copy(
                execution_cache_path=str(page.kept)
            )
            env.metadata[docname] |= {
                "cells": page.lines,
                "code": [
                    cell.source if cell.cell_type == "code" else ""
                    for cell in page.notebook.cells
                ],
                "reached": page.reached,
                "based_on": page.based_on,
                "kept": str(page.kept),
                "half_done": self.failed.name in str(page.kept),
            }
            logging.getLogger(f"mystnb-{docname}").logger.addFilter(page.explain)

    def make_room(self, app: Sphinx, _error: Exception | None) -> None:
        """Drop the caches that no build has used for longest where room is short.

        Whatever else lies there is not ours.
        """
        self.running.end()
        self.failed.cleanup()
        pages = app.env.metadata.values()
        used = {Path(about["kept"]) for about in pages if "kept" in about}
        for kept in used:
            with suppress(OSError):  # not there, or not to be changed
                os.utime(kept)
        ages = {}
        for folder in {kept.parent for kept in used}:
            for place in (*folder.glob(HASH), *folder.glob(f"{UNFINISHED}*")):
                with suppress(OSError):  # another build has been here
                    ages[place] = -place.stat().st_mtime
        room = ROOM
        for place in sorted(ages, key=lambda place: ages[place]):
            with suppress(OSError):
                room -= sum(path.stat().st_size for path in place.rglob("*"))
            if room < 0 and place not in used:
                _drop(place)


def pages(env: Any, docnames: list[str]) -> Iterator[Page]:
    """Read the pages that have cells to run."""
    for docname in docnames:
        path = Path(env.doc2path(docname))
        text = _text(path)
        settings: NbParserConfig = env.mystnb_config
        try:
            reader = create_nb_reader(str(path), env.myst_config, settings, text)
            notebook = reader and reader.read(text)
        except Exception as error:  # noqa: BLE001 (of YAML, JSON, and more)
            where = ".".join(map(str, getattr(error, "absolute_path", ())))
            msg = f"the page is no notebook: {where} {error}".replace("  ", " ")
            raise PageError(msg) from None
        if notebook is None:
            continue
        own = _own_settings(path, settings, notebook)
        if own.execution_mode != "cache":
            continue
        notebook.metadata["language_info"] = LANGUAGE
        lines = [
            line
            for line, cell in zip(
                notebook.metadata.get("source_map", []), notebook.cells, strict=False
            )
            if cell.cell_type == "code"
        ]
        code = Page.code(notebook)
        # Captions and other options, too: MyST-NB looks its notebook up by all of them.
        cells = [(cell.source, json.dumps(cell.metadata)) for cell in code]
        reached = sorted(LIBRARY.reached("\n".join(source for source, _ in cells)))
        base = based_on(reached)
        run_by = (own.execution_allow_errors, own.execution_in_temp)
        key = repr((docname, cells, run_by, base))
        kept = hashlib.sha256(key.encode()).hexdigest()[:16]
        folder = Path(settings.execution_cache_path) / kept
        yield Page(docname, path, notebook, own, lines, reached, base, folder)


def _text(path: Path) -> str:
    """Return the text of a page as Sphinx reads it."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        what = f"byte {content[error.start]:#x} is not UTF-8, in which a page is saved"
        raise PageError(what, content.count(b"\n", 0, error.start) + 1) from None


def _leave_out(app: Sphinx, env: Any, docname: str) -> None:
    """Have Sphinx build the book without a page."""
    app.emit("env-purge-doc", env, docname)
    env.clear_doc(docname)
    env.project.docnames.discard(docname)


def _keep(page: Page, result: Result) -> None:
    """Make a page's cache, which is there when it is whole."""
    page.kept.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=page.kept.parent, prefix=UNFINISHED) as folder:
        made = Path(folder) / page.kept.name
        cache = get_cache(str(made))
        cache.cache_notebook_bundle(
            CacheBundleIn(
                nbformat.reads(result.text, 4) if result.text else page.notebook,
                page.docname,
                data={"execution_seconds": result.seconds},
            ),
            check_validity=False,
        )
        cache.db.dispose()
        (made / FILE).write_text(result.glued, encoding="utf-8")
        with suppress(OSError):  # another build has been quicker
            made.rename(page.kept)


def _whole(kept: Path) -> bool:
    """Say whether a page's cache is there and can be read."""
    try:
        texts = [kept / FILE, *kept.glob("executed/*/base.ipynb")]
        for path in texts:
            json.loads(path.read_text(encoding="utf-8"))
        database = sqlite3.connect(f"{kept.as_uri()}/global.db?mode=ro", uri=True)
        with closing(database):
            count = database.execute("SELECT count(*) FROM nbcache").fetchone()
    except (OSError, ValueError, sqlite3.Error):
        return False
    return len(texts) == 2 and count == (1,)


def _drop(place: Path) -> None:
    """Remove a cache, or what lies in its place."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def _own_settings(
    path: Path, settings: NbParserConfig, notebook: nbformat.NotebookNode
) -> NbParserConfig:
    """Return the settings of a page, with those of its front matter."""
    for name in (settings.metadata_key, "kernelspec", "execution"):
        value = notebook.metadata.get(name, {})
        if not isinstance(value, dict):
            msg = f"{name} in the front matter is {value!r} but must hold settings"
            raise PageError(msg)
    own = dict(notebook.metadata.get(settings.metadata_key, {}))
    try:
        settings = settings.copy(**own)
    except (TypeError, ValueError):
        return settings  # MyST-NB warns of it
    # The form of jupyter-cache, which counts more.
    cached = notebook.metadata.get("execution", {})
    more = {f"execution_{name}": cached[name] for name in CACHED & set(cached)}
    try:
        settings = settings.copy(**more)
    except (TypeError, ValueError) as error:
        raise PageError(str(error)) from None
    patterns = settings.execution_excludepatterns
    if any(PurePosixPath(path.as_posix()).match(pattern) for pattern in patterns):
        return settings.copy(execution_mode="off")
    if settings.execution_mode not in {"cache", "off"}:
        msg = f"execution_mode is {settings.execution_mode!r} but must be cache or off"
        raise PageError(msg + ", because pages are run before they are read")
    if "execution_cache_path" in own:
        msg = "execution_cache_path is the book's, and not a page's"
        raise PageError(msg)
    kernel = notebook.metadata.get("kernelspec", {}).get("name", KERNEL)
    for pattern, alias in settings.kernel_rgx_aliases.items():
        kernel = alias if re.fullmatch(pattern, kernel) else kernel
    if settings.execution_mode == "cache" and kernel != KERNEL:
        msg = f"the kernel is {kernel!r} but must be {KERNEL!r}: pages run in Python"
        raise PageError(msg)
    return settings


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
    # Figures appear as in a notebook, whatever whoever builds prefers.
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    # System libraries of macOS do not survive a fork.
    forks = "fork" in get_all_start_methods() and sys.platform != "darwin"
    app.add_config_value("execution_start", "fork" if forks else "spawn", "")
    app.connect("env-get-outdated", execution.outdated)
    app.connect("env-before-read-docs", execution.fill)
    app.connect("source-read", execution.choose)
    app.connect("build-finished", execution.make_room)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
