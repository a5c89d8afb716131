"""Time things in turn, each in a process of its own, so that they share one weather."""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

# What every process is told before it imports anything.
SETTINGS = {
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
    "KERAS_BACKEND": "jax",
    "KERAS_HOME": os.devnull,
    "TQDM_DISABLE": "1",
}


def paired(
    racers: Mapping[str, Callable[[], float]], repeats: int, *, warm: bool = True
) -> dict[str, list[float]]:
    """Run all of them once in each round, which begins with another one each time.

    What one repeat of all of them gives stands at one index, so that a ratio of two is
    taken between neighbours in time. A round before them warms up, unless it is cold
    that is asked for.
    """
    names = list(racers)
    found: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(-1 if warm else 0, repeats):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            value = racers[name]()
            if turn >= 0:
                found[name].append(value)
    return found


def timed(run: Callable[[], Any]) -> Callable[[], float]:
    """Return what runs something and says how many seconds it took."""

    def seconds() -> float:
        gc.collect()
        gc.disable()
        started = time.perf_counter()
        run()
        taken = time.perf_counter() - started
        gc.enable()
        return taken

    return seconds


class Contender(NamedTuple):
    """What runs in a race: its name, and the function that makes it ready.

    The function takes what the case says, and returns what runs without an argument and
    returns what it found, for the contenders to be compared by.
    """

    name: str
    module: str
    function: str

    def make(self, **case: Any) -> Callable[[], Any]:
        """Make it ready for a case, in the process that asks."""
        make = getattr(importlib.import_module(self.module), self.function)
        ready: Callable[[], Any] = make(**case)
        return ready


class Stable:
    """The processes of some contenders, one for each module."""

    def __init__(self, contenders: Sequence[Contender]) -> None:
        self._contenders = contenders
        spawn = multiprocessing.get_context("spawn")
        self._processes = {
            module: ProcessPoolExecutor(1, spawn, _told, (SETTINGS,))
            for module in dict.fromkeys(one.module for one in contenders)
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes.values():
            process.shutdown()

    def prepare(self, **case: Any) -> dict[str, Any]:
        """Make all contenders ready, and return what each finds when it runs once."""
        for process in self._processes.values():
            process.submit(_forget).result()
        return {
            one.name: self._processes[one.module].submit(_prepared, one, case).result()
            for one in self._contenders
        }

    def race(self, repeats: int, share: float = 1) -> dict[str, list[float]]:
        """Return the seconds of each repeat, or the share of them that is one step."""

        def racer(one: Contender) -> Callable[[], float]:
            process = self._processes[one.module]
            return lambda: process.submit(_seconds, one.name).result() * share

        return paired({one.name: racer(one) for one in self._contenders}, repeats)


def asked(question: Callable[..., float], *given: Any) -> float:
    """Ask a new process, which ends with its answer."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, _told, (SETTINGS,)) as process:
        return process.submit(question, *given).result()


_ready: dict[str, Callable[[], Any]] = {}


def _told(settings: Mapping[str, str]) -> None:
    os.environ.update(settings)


def _forget() -> None:
    _ready.clear()
    gc.collect()


def _prepared(one: Contender, case: dict[str, Any]) -> Any:
    _ready[one.name] = one.make(**case)
    return _ready[one.name]()


def _seconds(name: str) -> float:
    return timed(_ready[name])()
