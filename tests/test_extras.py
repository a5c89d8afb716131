"""What is not installed is named, and so is what brings it."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from gdbook import datasets, splits
from gdbook._extras import need
from gdbook.examples.in_keras import weight_in_keras

if TYPE_CHECKING:
    from collections.abc import Callable

SAID = r'which the extra `{0}` brings: pip install "gdbook\[{0}\]"$'


def test_what_is_there_is_no_fault() -> None:
    """Nothing is said of a module that is installed."""
    need("json", "data")


def test_missing_module_keeps_its_name() -> None:
    """The error says what is missing and what brings it."""
    said = "^No module named 'no_such_module', " + SAID.format("plotting")
    with pytest.raises(ModuleNotFoundError, match=said) as caught:
        need("no_such_module", "plotting")
    assert caught.value.name == "no_such_module"


@pytest.mark.parametrize(
    ("ask", "module", "name"),
    [
        (datasets.digits, "sklearn", "data"),
        (datasets.breast_cancer, "sklearn", "data"),
        (datasets.diabetes, "sklearn", "data"),
        (datasets.moons, "sklearn", "data"),
        (lambda: splits.hold_out(10, 0.2), "sklearn", "data"),
        (lambda: splits.folds(6, 3), "sklearn", "data"),
        (weight_in_keras, "keras", "keras"),
    ],
    ids=["digits", "cancer", "diabetes", "moons", "hold_out", "folds", "keras"],
)
def test_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object], module: str, name: str
) -> None:
    """What needs more than NumPy says which extra brings it."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=SAID.format(name)):
        ask()


def test_figures_need_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Matplotlib no figure can be drawn, and the first import says so."""
    for loaded in [name for name in sys.modules if name.startswith("gdbook.plotting")]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=SAID.format("plotting")):
        importlib.import_module("gdbook.plotting.momentum")
