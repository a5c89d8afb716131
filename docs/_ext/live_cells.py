"""Run cells in the reader's browser: what stands between Pyodide and a page.

The worker of a page imports this module in the browser's Python, and the tests do it
here. What a cell shows is told to the page as it comes, in a form that a page can
check: HTML is a tree of tags, attributes and texts.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import time
import traceback
import warnings
from html.parser import HTMLParser
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Say = Callable[[str, str], object]  # what kind, and what, as JSON or as text

VOID = {"br", "col", "hr", "wbr"}
# After so many characters, what a cell writes comes in pieces, so many seconds apart.
AT_ONCE, PAUSE = 20_000, 0.2
# A name is completed by so many.
MOST = 500
HINTS = (
    (ModuleNotFoundError, "Python in a page has NumPy, Matplotlib and gdbook alone."),
    (RecursionError, "A function calls itself without an end."),
    (MemoryError, "The page has no memory left for that: Stop gives it back."),
    (EOFError, "Nobody can answer input() here: write the value into the cell."),
    (OSError, "Python in a page has no files, processes or hosts of yours."),
)


class AtNeed(MetaPathFinder, Loader):
    """Fetch a package when it is imported, wherever that happens, and not before."""

    def __init__(self, fetch: Callable[[str], object], names: Iterable[str]) -> None:
        self.fetch = fetch
        self.names = set(names)

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Say that a package can be had, without fetching it."""
        known = fullname in self.names
        return ModuleSpec(fullname, self, is_package=True) if known else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Fetch a package, and hand it on to who imports what is there."""
        self.names.discard(spec.name)
        self.fetch(spec.name)
        importlib.invalidate_caches()
        found = PathFinder.find_spec(spec.name)
        if found is None or found.loader is None:
            msg = f"No module named {spec.name!r}"
            raise ModuleNotFoundError(msg, name=spec.name)
        vars(spec).update(vars(found))
        return found.loader.create_module(found)

    def exec_module(self, module: ModuleType) -> None:
        """Leave that to the loader of what was fetched."""


class Later(MetaPathFinder):
    """Import a module of the library when it is used, and Matplotlib with a figure."""

    packages = ("gdbook", "gdbook.plotting")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, *_: object
    ) -> ModuleSpec | None:
        """Find a module whose first use is its import."""
        package, _dot, module = fullname.rpartition(".")
        if package not in self.packages or module.startswith("_"):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


class Stream(io.TextIOBase):
    """What a cell writes to, told at once, or in pieces where it is much."""

    def __init__(self, say: Say, name: str) -> None:
        self.say, self.name = say, name
        self.held, self.told, self.last = "", 0, 0.0

    def write(self, text: str) -> int:
        """Tell the page."""
        self.held += text
        if self.told < AT_ONCE or time.monotonic() > self.last + PAUSE:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Tell what was held back."""
        if self.held:
            self.say(self.name, self.held)
            self.told += len(self.held)
            self.held, self.last = "", time.monotonic()


class Tree(HTMLParser):
    """HTML as a tree: a tag, its attributes, and what stands in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root: list[Any] = ["div", {}]
        self.open = [self.root]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        node: list[Any] = [tag, {name: value or "" for name, value in attrs}]
        self.open[-1].append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        """End the innermost element of that name, and all within."""
        depths = [at for at, node in enumerate(self.open) if at and node[0] == tag]
        del self.open[depths[-1] if depths else len(self.open) :]

    def handle_data(self, data: str) -> None:
        """Take a text."""
        self.open[-1].append(data)


def shown(value: Any) -> dict[str, Any]:
    """Return what a page shows of a value, in the order of its taste."""
    methods = {"svg": "_repr_svg_", "html": "_repr_html_"}
    for kind, name in methods.items():
        method = getattr(value, name, None)
        made = method() if callable(method) and not isinstance(value, type) else None
        if kind == "svg" and made is not None:
            return {"svg": made, "alt": str(getattr(value, "alt", "") or "A figure")}
        if made is not None:
            return {"html": Tree(made).root}
    return {"text": repr(value)}


def drawings() -> list[Any]:
    """Return the figures that pyplot has open, and close them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
    pyplot.close("all")
    return figures


def drawn(figure: Any) -> dict[str, Any]:
    """Return what a page shows of a figure that has no words."""
    if hasattr(figure, "_repr_svg_"):
        return shown(figure)
    text = io.StringIO()
    figure.savefig(text, format="svg")
    return {"svg": text.getvalue(), "alt": "A figure drawn by this cell"}


def told(error: BaseException, code: str, name: str) -> str:
    """Say what went wrong in the reader's own lines, and what to do about it."""
    lines = code.splitlines()
    said = [
        f"line {frame.lineno}: {lines[frame.lineno - 1].strip()}\n"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == name and frame.lineno and frame.lineno <= len(lines)
    ]
    said += traceback.format_exception_only(error)
    said += [f"{hint}\n" for kind, hint in HINTS if isinstance(error, kind)][:1]
    return "".join(said)


def names_of(space: dict[str, Any]) -> str:
    """Return the names that a reader can use now, each with what follows its dot."""
    known = {
        name: _inner(value) for name, value in space.items() if not name.startswith("_")
    }
    return json.dumps(known)


def _inner(value: Any) -> str | list[str]:
    """Return what a value holds, or the name of a module that the page knows."""
    if isinstance(value, ModuleType):
        # A look into a module that waits for its first use would be that.
        inner = object.__getattribute__(value, "__dict__")
        if inner["__name__"].startswith("gdbook."):
            return str(inner["__name__"])
    else:
        inner = () if isinstance(value, int | float | str) else dir(value)
    return [name for name in inner if not name.startswith("_")][:MOST]


async def run(code: str, space: dict[str, Any], name: str, say: Say) -> bool:
    """Run a cell as a notebook does, and tell what it writes, shows and raises."""
    from pyodide.code import eval_code_async  # noqa: PLC0415 (the browser's)

    before = sys.stdout, sys.stderr
    streams = Stream(say, "stdout"), Stream(say, "stderr")
    sys.stdout, sys.stderr = streams
    try:
        value = await eval_code_async(code, globals=space, filename=name)
        made = [drawn(figure) for figure in drawings()]
        made += [shown(value)] if value is not None else []
    except BaseException as error:  # noqa: BLE001 (whatever a reader's code raises)
        drawings()
        for stream in streams:
            stream.flush()
        say("error", told(error, code, name))
        return False
    finally:
        sys.stdout, sys.stderr = before
    for stream in streams:
        stream.flush()
    for one in made:
        say("shown", json.dumps(one))
    return True


def begin(fetch: Callable[[str], object], packages: Iterable[str]) -> dict[str, Any]:
    """Make Python ready for a page, and return where its cells keep their names."""
    os.environ["MPLBACKEND"] = "agg"
    warnings.filterwarnings("ignore", ".*non-interactive")
    sys.meta_path[:] = [Later(), *sys.meta_path, AtNeed(fetch, packages)]
    return {"__name__": "__main__"}
