"""A cold build beside its floor: Sphinx without execution, and all cells, run once.

No executor of notebooks that runs one page after the other can be below their sum.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from book import copy_book

from bench.record import Case
from bench.timer import paired

if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT = "seconds"
ALL_CELLS = """
import runpy
from pathlib import Path
runpy.run_path("docs/conf.py")  # it sets what libraries are told for a build
import nbformat
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import read_myst_markdown_notebook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

shell = InteractiveShell.instance(history_load_length=0)
shell.history_manager.enabled = False
for path in sorted(Path("docs").rglob("*.md")):
    text = path.read_text(encoding="utf-8")
    if "file_format: mystnb" not in text:
        continue
    notebook = read_myst_markdown_notebook(text, path=path)
    with capture_output():
        for cell in notebook.cells:
            if cell.cell_type == "code":
                shell.run_cell(cell.source).raise_error()
"""
SPHINX = ("-m", "sphinx", "-q", "-b", "html", "docs", "built")
# Without execution there is no glue and every number is missing, so warnings count in
# the whole build alone.
COMMANDS = {
    "gdbook": (*SPHINX, "-W", "-j", "auto"),
    "Sphinx without execution": (*SPHINX, "-D", "nb_execution_mode=off"),
    "all cells in one process": ("-c", ALL_CELLS),
}


def seconds(command: tuple[str, ...]) -> float:
    """Run Python on a new copy of the book, and return how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        copy_book(Path(folder))
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, *command], cwd=folder, check=True, capture_output=True
        )
        return time.perf_counter() - started


def cases(repeats: int = 3) -> Iterator[Case]:
    """Build from nothing, and do both parts of the floor."""
    racers = {name: partial(seconds, command) for name, command in COMMANDS.items()}
    found = paired(racers, repeats, warm=False)
    _, *parts = found.values()
    found["floor"] = [sum(both) for both in zip(*parts, strict=True)]
    yield Case("cold", {}, found)
