"""Run the cells of a page in this process, as a kernel and its client would.

The kernel's own shell makes the messages, so that a cell has all that a notebook has:
magics, commands of the system, `display`, errors, `await`. The client's own code puts
them into the notebook. What stands between the two is left out: sockets, threads, and
clocks, by which a kernel's output is cut into pieces.

What a cell writes goes to two files, which stand in for the file descriptors. So the
words of C code and of other processes have their place among those of Python.
"""

from __future__ import annotations

import asyncio
import builtins
import ctypes
import getpass
import io
import os
import sys
import threading
from contextlib import suppress
from tempfile import TemporaryFile
from traceback import format_exception_only
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ipykernel import zmqshell
from IPython.core.error import StdinNotImplementedError
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from nbclient import NotebookClient
from traitlets import Any as Anything
from traitlets import Type
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable

    import nbformat

# The pools of the standard library keep their threads for more work.
IDLE = ("ThreadPoolExecutor-", "asyncio_")


class Fault(NamedTuple):
    """What stopped a page, the number of the cell, and the traceback, if any."""

    cell: int
    what: str
    traceback: str = ""


class Messages(Session):
    """A session that hands its messages on instead of sending them."""

    take = Anything()

    def send(  # type: ignore[override]
        self,
        _stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        **_: Any,
    ) -> None:
        """Take a message, or make one of its type and content."""
        whole = isinstance(msg_or_type, dict)
        self.take(msg_or_type if whole else self.msg(msg_or_type, content, parent))


class Publisher(zmqshell.ZMQDisplayPublisher):
    """What `display` sends by, but for texts that are glued and not shown.

    A trace glues each of its numbers, up to twenty thousand on a page, and MyST-NB
    would read all of them with every build. What is glued twice it warns of.
    """

    glued: Any = Anything()

    def publish(self, data: Any, metadata: Any = None, *_: Any, **how: Any) -> None:
        """Send a display, or keep what is glued by its name."""
        about = dict(metadata or {})
        glue = about.pop("scrapbook", {})
        prefix, name = glue.get("mime_prefix"), glue.get("name")
        texts = all(isinstance(text, str) for text in data.values())
        if not prefix or about or not texts:
            super().publish(data, metadata, **how)  # type: ignore[no-untyped-call]
        elif name not in self.glued:
            self.glued[name] = {
                kind.removeprefix(prefix): text for kind, text in data.items()
            }
        else:
            once = {f"{prefix}{kind}": text for kind, text in self.glued[name].items()}
            super().publish(once, metadata)  # type: ignore[no-untyped-call]
            super().publish(data, metadata, **how)  # type: ignore[no-untyped-call]


class ZMQInteractiveShell(zmqshell.ZMQInteractiveShell):
    """A kernel's shell without the kernel; libraries know it by its name."""

    display_pub_class = Type(Publisher)
    display_pub: Any
    displayhook: Any

    def ask_exit(self) -> None:
        """Note that the cell wants to end the notebook."""
        self.exit_now = True

    def _update_exit_now(self, _change: Any) -> None:
        """Look at that after the cell."""

    def enable_gui(self, gui: Any = None) -> None:
        """Wait for no window."""
        self.active_eventloop = gui


class Written:
    """What is written to a file descriptor, by whom it may be."""

    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self.file = TemporaryFile("ab+", buffering=0)  # noqa: SIM115 (for all cells)
        self.seen = 0
        os.dup2(self.file.fileno(), descriptor)
        raw: Any = io.FileIO(descriptor, "w", closefd=False)
        how: Any = {"newline": "\n", "write_through": True}
        stream = io.TextIOWrapper(raw, "utf-8", "backslashreplace", **how)
        setattr(sys, name, stream)

    def rest(self) -> str:
        """Return what has been written since the last time."""
        if self.file.seek(0, os.SEEK_END) == self.seen:
            return ""
        self.file.seek(self.seen)
        new = self.file.read()
        self.seen += len(new)
        return new.decode("utf-8", "replace")


class Run:
    """The run of a page's cells."""

    def __init__(
        self, notebook: nbformat.NotebookNode, glued: dict[str, Any], own: str
    ) -> None:
        self.client = NotebookClient(notebook)
        self.written = (Written("stdout", 1), Written("stderr", 2))
        self.index = 0
        self.shell = _new_shell(glued, own, self.take)

    def take(self, message: dict[str, Any]) -> None:
        """Put a message into the notebook, after what was written before it."""
        self.take_written()
        self._process(message)

    def take_written(self) -> None:
        """Put what was written into the notebook."""
        with suppress(TypeError, AttributeError):  # only POSIX has it without a name
            ctypes.CDLL(None).fflush(None)
        for written in self.written:
            text = written.rest()
            if text:
                self._stream(written.name, text)

    def _stream(self, name: str, text: str) -> None:
        outputs = self._cell.outputs
        last = outputs[-1] if outputs else {}
        waits = self.client.clear_before_next_output
        if last.get("name") == name and not waits:
            last["text"] += text
        else:
            content = {"name": name, "text": text}
            self._process(self.shell.display_pub.session.msg("stream", content))

    def _process(self, message: dict[str, Any]) -> None:
        self.client.process_message(message, self._cell, self.index)

    @property
    def _cell(self) -> Any:
        return self.client.nb.cells[self.index]

    async def run(
        self, report: Callable[[int], None], *, allow_errors: bool
    ) -> Fault | None:
        """Run every cell that is to be run, up to a fault."""
        own, count, number = os.getpid(), 0, 0
        threads = dict.fromkeys(threading.enumerate(), 0)
        for index, cell in enumerate(self.client.nb.cells):
            self.index = index
            if cell.cell_type != "code":
                continue
            number += 1
            tags = cell.metadata.get("tags", [])
            if not cell.source.strip() or "skip-execution" in tags:
                continue
            count += 1
            cell.outputs, cell.execution_count = [], count
            report(number)
            self.client.clear_before_next_output = False
            try:
                error = await _run_cell(self.shell, cell.source)
            except BaseException as escaped:  # noqa: BLE001 (of a cell's own loop)
                error = escaped
            if os.getpid() != own:  # the cell forked
                os._exit(0)
            self.take_written()
            cell.execution_count = count
            threads |= {
                thread: number
                for thread in threading.enumerate()
                if thread not in threads
            }
            shown = [out for out in cell.outputs if out["output_type"] == "error"]
            if self.shell.exit_now:
                what = "ends the notebook with exit() or quit(), and a page has an end"
                return Fault(number, what)
            if (error or shown) and not (allow_errors or "raises-exception" in tags):
                return Fault(number, *_raised(error, shown))
        for thread, started_by in threads.items():
            busy = thread.is_alive() and not thread.daemon
            if started_by and busy and not thread.name.startswith(IDLE):
                what = f"leaves {thread.name!r} running, a thread that has to be joined"
                return Fault(started_by, what)
        return None


def _new_shell(
    glued: dict[str, Any], own: str, take: Callable[[dict[str, Any]], None]
) -> ZMQInteractiveShell:
    """Make the shell, whose own folder is none of whoever builds."""
    config = Config({"HistoryManager": {"enabled": False}})
    profile = ProfileDir(location=own)
    folders: Any = {"ipython_dir": own, "profile_dir": profile}
    shell = ZMQInteractiveShell.instance(config=config, **folders)
    shell.display_pub.glued = glued
    shell.displayhook.session = shell.display_pub.session = Messages(take=take)
    return shell


async def _run_cell(shell: ZMQInteractiveShell, code: str) -> BaseException | None:
    """Run a cell in the running loop, as a kernel does, and return what it raised."""
    transformed, wrong = code, None
    try:
        transformed = shell.transform_cell(code)  # type: ignore[no-untyped-call]
    except Exception:  # noqa: BLE001 (the shell says what it is)
        wrong = sys.exc_info()
    how: Any = {"transformed_cell": transformed, "preprocessing_exc_tuple": wrong}
    result: Any = None
    if not shell.should_run_async(code, **how):
        result = shell.run_cell(code, store_history=True)  # type: ignore[no-untyped-call]
    else:
        try:
            result = await shell.run_cell_async(code, store_history=True, **how)
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
    error: BaseException | None = result.error_before_exec or result.error_in_exec
    return error


def _raised(error: BaseException | None, shown: list[Any]) -> tuple[str, str]:
    """Say what was raised, and where."""
    if not shown:
        return f"raised {format_exception_only(error)[-1].strip()}", ""
    said = error.msg if isinstance(error, SyntaxError) else shown[0]["evalue"]
    what = f"raised {shown[0]['ename']}" + (f": {said}" if said else "")
    return what, "\n".join(shown[0]["traceback"])


def _no_reader(prompt: object = "", **_: object) -> NoReturn:
    msg = f"nobody is there to answer input({str(prompt)!r}) while a page is built"
    raise StdinNotImplementedError(msg)


def run_cells(
    notebook: nbformat.NotebookNode,
    glued: dict[str, Any],
    own: str,
    report: Callable[[int], None],
    *,
    allow_errors: bool,
) -> Fault | None:
    """Run the cells of a notebook in place; return what went wrong, or nothing.

    What the cells glue goes to `glued`, and IPython has a folder of its own for what it
    keeps.
    """
    for module, name in ((builtins, "input"), (getpass, "getpass")):
        setattr(module, name, _no_reader)
    sys.path.insert(0, "")
    run = Run(notebook, glued, own)
    loop = asyncio.new_event_loop()  # for good, and without handlers of signals
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(run.run(report, allow_errors=allow_errors))
