"""Measure a cold build of the book against its floor, side by side in one run.

The floor is what no executor can beat: Sphinx with execution switched off, plus all
cells run once, one page after the other, in one Python process. The issue allows a
cold build 1.5 times that. Also measured: a rebuild with no change, and one after an
edit of prose.

Run with ``nox -s bench``; ``nox -s bench -- 5`` takes the median of five rounds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from book import copy_book

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


def seconds(*command: str | Path, cwd: Path) -> float:
    """Run a command and return how long it took."""
    started = time.perf_counter()
    subprocess.run(list(map(str, command)), cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - started


def build(book: Path, out: str, *options: str) -> float:
    """Build the book and return how long it took."""
    sphinx = (sys.executable, "-m", "sphinx", "-q", "-b", "html", *options)
    return seconds(*sphinx, "-d", f"{out}/doctrees", "docs", f"{out}/html", cwd=book)


def one_round(book: Path) -> dict[str, float]:
    """Measure everything once, on a fresh copy of the book."""
    copy_book(book)
    # -W is off here: without execution there is no glue, and every number is missing.
    floor_sphinx = build(book, "off", "-D", "nb_execution_mode=off")
    floor_cells = seconds(sys.executable, "-c", ALL_CELLS, cwd=book)
    cold = build(book, "cold", "-W")
    unchanged = build(book, "cold", "-W")
    chapter = book / "docs" / "chapters" / "weight_update.md"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text + "\nOne more sentence.\n", encoding="utf-8")
    edited = build(book, "cold", "-W")
    return {
        "Sphinx without execution": floor_sphinx,
        "all cells in one process": floor_cells,
        "floor (the sum)": floor_sphinx + floor_cells,
        "cold build": cold,
        "rebuild, no change": unchanged,
        "rebuild, prose edited": edited,
        "ratio of cold build to floor": cold / (floor_sphinx + floor_cells),
    }


def main() -> None:
    """Measure several rounds and print the medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    measured = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            measured.append(one_round(Path(folder)))
    for name in measured[0]:
        values = [round_[name] for round_ in measured]
        unit = "" if name.startswith("ratio") else " s"
        spread = f"{min(values):.2f} to {max(values):.2f}"
        print(f"{name:30} {statistics.median(values):6.2f}{unit}  ({spread})")  # noqa: T201


if __name__ == "__main__":
    main()
