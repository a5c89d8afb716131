"""What is not installed is named, and so is what brings it."""

from __future__ import annotations

import ast
import importlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from children import said

import gdbook
from gdbook._extras import need
from gdbook.cluster import MeanOverChunks, local_cluster
from gdbook.examples.in_keras import then_and_now, weight_in_keras
from gdbook.sums import LeastSquares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

over_chunks = partial(MeanOverChunks, LeastSquares, 1, 2)
SAID = r'which the extra `{0}` brings: pip install "gdbook\[{0}\]"$'


def test_what_is_there_is_no_fault() -> None:
    """Nothing is said of a module that is installed."""
    need("json", "plotting")


def test_missing_module_keeps_its_name() -> None:
    """The error says what is missing and what brings it."""
    said = "^No module named 'no_such_module', " + SAID.format("plotting")
    with pytest.raises(ModuleNotFoundError, match=said) as caught:
        need("no_such_module", "plotting")
    assert caught.value.name == "no_such_module"


@pytest.mark.parametrize(
    ("ask", "module"),
    [
        (weight_in_keras, "keras"),
        (then_and_now, "keras"),
        (then_and_now, "sklearn"),
        (over_chunks, "dask"),
        (local_cluster, "distributed"),
    ],
)
def test_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[], Any], module: str
) -> None:
    """What needs more than NumPy says which extra brings it."""
    monkeypatch.setitem(sys.modules, module, None)
    extra = "cluster" if module in {"dask", "distributed"} else "keras"
    said = f"^No module named {module!r}, " + SAID.format(extra)
    with pytest.raises(ModuleNotFoundError, match=said), ask():
        pass


def test_nothing_else_needs_scikit_learn() -> None:
    """The whole library is imported, and data and splits are there without it."""
    code = """if True:
        import importlib, pkgutil, sys

        sys.modules.update(dict.fromkeys(["dask", "distributed", "zarr"]))
        sys.modules.update(dict.fromkeys(["sklearn", "scipy", "keras", "jax"]))
        import gdbook
        from gdbook.datasets import breast_cancer, diabetes, digits, moons
        from gdbook.splits import folds, hold_out

        for found in pkgutil.walk_packages(gdbook.__path__, "gdbook."):
            importlib.import_module(found.name)
        data = digits(), breast_cancer(), diabetes(), moons()
        splits = hold_out(6, 0.5), *folds(6, 2)
        labelled = hold_out(6, 0.5, labels=[0, 1] * 3), *folds(6, 2, labels=[0] * 6)
        print(*map(len, (data, splits, labelled)))
        """
    assert said(code).split() == ["4", "3", "3"]


def test_only_keras_is_imported_for_one_chapter() -> None:
    """What a function imports when it is called stands in the sources."""
    found = {
        (path.name, name.partition(".")[0])
        for path in Path(gdbook.__file__).parent.rglob("*.py")
        for name in imported(path.read_text(encoding="utf-8"))
    }
    assert {file for file, name in found if name == "keras"} == {"in_keras.py"}
    assert {file for file, name in found if name == "dask"} == {"cluster.py"}
    assert {name for _, name in found}.isdisjoint({"jax", "sklearn", "scipy", "zarr"})


def imported(code: str) -> Iterator[str]:
    """Give the modules that a piece of code imports, wherever it does."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_figures_need_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Matplotlib no figure can be drawn, and the first import says so."""
    for loaded in [name for name in sys.modules if name.startswith("gdbook.plotting")]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=SAID.format("plotting")):
        importlib.import_module("gdbook.plotting.momentum")
