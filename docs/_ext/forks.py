"""Run pages in forks of this process, or in new processes where none can be forked.

A kernel's cell may take ``execution_timeout`` seconds on the clock, which a busy
machine makes too few. Here it may use as many seconds of processor time, with all that
it starts, and far more on the clock, for a cell that only waits. This process measures
that from outside, whatever the cell does with its signals, and ends a page with all
that it has started. Where this process is killed, a guard does so: no cell outlives its
build.
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import nbformat
import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from warm_execution import Page

    Keep = Callable[[Page, "Result"], None]

# A cell may take this many times its processor time on the clock.
PATIENCE = 10
WAY_OUT = "; `execution_timeout` in the page's front matter allows more"
# Seconds between two looks at what the cells have used.
LOOK = 0.2
# Kills the groups of processes that it was told of, when the build ends in any way.
GUARD = """
import os, shutil, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


class Result(NamedTuple):
    """What comes of a page: the notebook, and what went wrong in which cell.

    The notebook and what it has glued are JSON.
    """

    text: str
    glued: str
    seconds: float
    cell: int = 0
    error: str = ""
    traceback: str = ""


@dataclass(eq=False)
class Fork:
    """A process that runs a page, and the cell that it is at."""

    page: Page
    process: BaseProcess
    connection: Connection
    cell: int = 0
    started: float = field(default_factory=time.monotonic)
    before: float = 0.0

    def used(self) -> float:
        """Return the processor time of the page and of all that it started."""
        try:
            process = psutil.Process(self.process.pid)
            spent = float(sum(process.cpu_times()[:4]))
            longest = (time.monotonic() - self.started) * (os.cpu_count() or 1)
            # To look for what else runs takes long, and is in vain at first.
            others = process.children(recursive=True) if longest > self.limit else []
        except psutil.NoSuchProcess:
            return 0.0
        for other in others:
            with suppress(psutil.NoSuchProcess):
                spent += sum(other.cpu_times()[:4])
        return spent

    @property
    def limit(self) -> float:
        """Return the seconds that a cell of the page may take, without end below 1."""
        timeout = self.page.settings.execution_timeout
        return timeout if timeout > 0 else float("inf")

    def begin(self, cell: int) -> None:
        """Note that the next cell has begun."""
        self.started, self.cell = time.monotonic(), cell
        self.before = self.used()

    def overdue(self) -> str:
        """Say what the cell has taken more of than it may, if it has."""
        limit = self.limit
        if self.used() - self.before > limit:
            return f"used more than {limit} s of processor time{WAY_OUT}"
        if time.monotonic() - self.started > PATIENCE * limit:
            return (
                f"waited: it took more than {PATIENCE * limit} s on the clock, and "
                f"less than {limit} s of processor time{WAY_OUT}"
            )
        return ""

    def dead(self, *, silent: bool) -> str:
        """Say how the process ended, if it has, or why it will say no more."""
        self.process.join(LOOK if silent else 0)
        code = self.process.exitcode
        if code is None:
            return "closed the files that it did not open" if silent else ""
        if not silent and self.connection.poll():  # what it said before
            return ""
        how = signal.Signals(-code).name if code < 0 else code
        return f"ended its process ({how})"

    def end(self) -> None:
        """End the process, with all that it has started."""
        others = list[psutil.Process]()
        with suppress(psutil.NoSuchProcess):
            others = psutil.Process(self.process.pid).children(recursive=True)
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        for other in others:
            with suppress(psutil.NoSuchProcess):
                other.kill()
        self.process.join()
        self.connection.close()


@contextmanager
def _guard(folder: str) -> Iterator[int]:
    """Have a process that sees this one end, and clears up; return what it reads."""
    if not hasattr(os, "killpg"):
        yield -1
        return
    command = [sys.executable, "-I", "-S", "-c", GUARD, folder]
    apart: Any = {"stdin": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen(command, **apart) as guard:  # noqa: S603 (our own)
        yield guard.stdin.fileno()  # type: ignore[union-attr]


class Running:
    """Pages that are being run while this process goes on.

    Where processes can be forked, one is that starts those of the pages, so that each
    begins as if nothing had been read. It has `keep` put away what comes of a page.
    """

    def __init__(self, todo: list[Page], start: str, keep: Keep) -> None:
        self.keep = keep
        self.results: Iterator[tuple[str, Result]] = iter(())
        self.end: Callable[[], None] = lambda: None
        if start == "fork" and todo:
            context = multiprocessing.get_context("fork")
            here, there = context.Pipe()
            starter = context.Process(target=self._beside, args=(todo, there, here))
            starter.start()
            there.close()
            self.results = iter(here.recv, None)

            def end() -> None:
                here.close()
                starter.join()

            self.end = end
            # Before Python waits for the process.
            atexit.register(end)
        else:
            self.results = iter(list(self._run(todo, start)))

    def _run(
        self, todo: list[Page], start: str, reader: Connection | None = None
    ) -> Iterator[tuple[str, Result]]:
        """Run pages, and yield the names of those that are done, and what they took."""
        for page, result in run(todo, start, reader):
            self.keep(page, result)
            yield page.docname, result._replace(text="", glued="")

    def _beside(self, todo: list[Page], there: Connection, here: Connection) -> None:
        """Run pages as long as somebody wants to know of them."""
        here.close()
        with suppress(KeyboardInterrupt, BrokenPipeError):
            for done in self._run(todo, "fork", there):
                there.send(done)


def run(
    todo: list[Page], start: str = "fork", reader: Connection | None = None
) -> Iterator[tuple[Page, Result]]:
    """Run pages in processes, as many at a time as there are processors.

    All end when a reader, if there is one, has gone.
    """
    if not todo:
        return
    others = [reader] if reader else []
    waiting, running = list(todo), list[Fork]()
    with TemporaryDirectory() as folder, _guard(folder) as guard:
        try:
            while waiting or running:
                while waiting and len(running) < (os.cpu_count() or 1):
                    running.append(_start(waiting.pop(0), start, guard, folder))
                ready = wait([*others, *(fork.connection for fork in running)], LOOK)
                if reader in ready:
                    return
                for fork in list(running):
                    result = _look(fork, heard=fork.connection in ready)
                    if result is not None:
                        fork.end()
                        _tell(guard, f"-{fork.process.pid}")
                        running.remove(fork)
                        yield fork.page, result
        finally:
            for fork in running:
                fork.end()


def _start(page: Page, start: Any, guard: int, folder: str) -> Fork:
    """Start the process of a page."""
    context: Any = multiprocessing.get_context(start)
    here, there = context.Pipe(duplex=False)
    own = str(Path(folder, page.kept.name))
    cwd = str(
        Path(folder, "cwd", page.kept.name)
        if page.settings.execution_in_temp
        else page.path.parent
    )
    told = guard if start == "fork" else -1
    how = (page.notebook, own, page.settings.execution_allow_errors)
    process = context.Process(target=_in_process, args=(there, told, str(cwd), how))
    process.start()
    there.close()
    _tell(guard, f"+{process.pid}")
    return Fork(page, process, here)


def _tell(guard: int, what: str) -> None:
    if guard >= 0:
        os.write(guard, f"{what}\n".encode())


def _look(fork: Fork, *, heard: bool) -> Result | None:
    """Return the result of a page, or nothing as long as there is none."""
    silent = False
    if heard:
        try:
            sent: Any = fork.connection.recv()
        except EOFError:
            silent = True
        else:
            if isinstance(sent, int):
                fork.begin(sent)
                return None
            return Result(*sent)
    error = fork.dead(silent=silent) or fork.overdue()
    return Result("", "{}", 0.0, fork.cell, error) if error else None


def _in_process(connection: Connection, guard: int, cwd: str, how: Any) -> None:
    """Run a page in the process that was started for it, and wait to be ended."""
    if hasattr(os, "setsid"):
        os.setsid()
    if guard >= 0:
        _tell(guard, f"+{os.getpid()}")
        os.close(guard)
    else:
        threading.Thread(target=_end_with_build, daemon=True).start()
    from cells import run_cells  # noqa: PLC0415 (a build with warm caches runs none)

    started = time.perf_counter()
    notebook, own, allow_errors = how
    glued: dict[str, Any] = {}
    for path in (cwd, own):
        Path(path).mkdir(parents=True, exist_ok=True)
    os.chdir(cwd)
    fault = run_cells(notebook, glued, own, connection.send, allow_errors=allow_errors)
    texts = nbformat.writes(notebook), json.dumps(glued)
    connection.send((*texts, time.perf_counter() - started, *(fault or ())))
    threading.Event().wait()


def _end_with_build() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
