"""What of the library a page's cells reach, tried on a small one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from book import CHAPTERS, PAGES, ROOT, cells

if TYPE_CHECKING:
    from pathlib import Path

    from reached import Library

MODULES = {
    "__init__": "from lib import a, pack",
    "a": "if True:\n    def f():\n        from lib.b import f\n",
    "b": "from importlib.resources import files\nimport numpy",
    "c": "'Speaks of a system.'",
    "broken": "from lib import (",
    "pack.__init__": "from lib.pack.one import draw as paint\nown = 1",
    "pack.one": "from lib import c",
    "pack.two": "import lib.b",
    "lazy.__init__": "import importlib\n"
    "def __getattr__(name): return importlib.import_module(f'lib.lazy.{name}')",
    "lazy.inner": "",
}
ALL = {"lib", "lib.pack", "lib.lazy", *(f"lib.{name}" for name in MODULES)}
PACK = {"lib", "lib.pack"}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Write the small library."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    from reached import Library  # noqa: PLC0415

    for name, code in MODULES.items():
        path = tmp_path / "lib" / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    return Library(tmp_path / "lib")


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("import numpy", set()),
        ("from lib.a import f", {"lib", "lib.a", "lib.b"}),
        ("from lib import a as first", {"lib", "lib.a", "lib.b"}),
        ("import lib.c", {"lib", "lib.c"}),
        ("import lib\nlib.a.f(0)", {"lib", "lib.a", "lib.b"}),
        ("import lib.pack as p\np.paint()", {*PACK, "lib.pack.one", "lib.c"}),
        ("from lib import pack\npack.two.x", {*PACK, "lib.pack.two", "lib.b"}),
        ("from lib.pack import two as draw", {*PACK, "lib.pack.two", "lib.b"}),
        (
            "from lib.pack import own",
            {*PACK, "lib.pack.__init__", "lib.pack.one", "lib.c"},
        ),
        ("from lib.lazy import inner", {"lib", "lib.lazy", "lib.lazy.inner"}),
        ("__import__('numpy')\nimport lib.c", {"lib", "lib.c"}),
        ("import lib.c\nclass Machine:\n    system: str", {"lib", "lib.c"}),
    ],
)
def test_imports_are_followed(library: Library, code: str, reached: set[str]) -> None:
    """What code imports counts, by whatever name, and nothing else."""
    assert library.reached(code) == reached


@pytest.mark.claims(
    "A package on the way counts for the names that cells take from it and not for "
    "everything that it imports; cells that import by computed names, or hand a "
    "package on, reach the whole library.",
    page="contributing",
)
@pytest.mark.parametrize(
    "code",
    [
        "from lib import pack\ngetattr(pack, 'two')",
        "import lib\nprint(lib)",
        "import lib\ngetattr(lib.pack, 'two')",
        "from lib.pack import *",
        "from . import lib",
        "from lib import lazy\nlazy.inner2",
        "from importlib import import_module as load\nload('lib.c')",
        "import importlib\nimportlib.import_module('lib.c')",
        "name = 'numpy'\n__import__(name)",
        "__import__('lib.c')",
        "exec('import lib.c')",
        "import subprocess as s",
        "%run other.py",
        "import lib.broken",
    ],
)
def test_in_doubt_everything_is_reached(library: Library, code: str) -> None:
    """Code that may reach a module in a way that cannot be seen reaches all."""
    assert library.reached(code) == ALL


def test_an_edit_in_a_chapter_concerns_few_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No page of the book reaches all of the library, by whatever it imports."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    from reached import Library  # noqa: PLC0415

    book = Library(ROOT / "gdbook")
    code = {page.stem: "\n".join(cells(page)) for page in PAGES}
    reached = {stem: book.reached(text) for stem, text in code.items() if text}
    assert [stem for stem, found in reached.items() if found >= book.modules] == []
    concerned = [
        sum(module in found for found in reached.values())
        for module in book.modules
        if module.count(".") == 2
    ]
    assert sorted(concerned)[len(concerned) // 2] <= 2


@pytest.mark.claims(
    "A change of a chapter's example runs that chapter, a change of a loss runs most "
    "pages, and a change of prose runs none.",
    page="contributing",
)
def test_changes_run_what_they_concern(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page runs again for is its cells, and the modules that they reach."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    from reached import Library  # noqa: PLC0415

    book = Library(ROOT / "gdbook")
    code = {page.stem: "\n".join(cells(page)) for page in PAGES}
    reached = {stem: book.reached(text) for stem, text in code.items() if text}
    for stem in CHAPTERS:
        assert f"gdbook.examples.{stem}" in reached[stem]
    by_losses = [stem for stem, found in reached.items() if "gdbook.losses" in found]
    assert len(by_losses) > len(PAGES) / 2
