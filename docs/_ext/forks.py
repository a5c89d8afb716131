"""Run pages in forks of this process.

A kernel's cell may take ``execution_timeout`` seconds on the clock, which a busy
machine makes too few. A fork's cell may use as many seconds of processor time, and far
more on the clock, for a cell that only waits. Both are timers of the fork: the system
stops it, whatever the cell is doing, and no process outlives its build for long.
"""

from __future__ import annotations

import base64
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, NamedTuple

import nbformat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from warm_execution import Page

# A cell may take this many times its processor time on the clock.
PATIENCE = 10


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
