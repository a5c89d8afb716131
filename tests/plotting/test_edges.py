"""Every figure, drawn from traces at the ends of what their examples give."""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from public import public
from test_arguments import (
    COUNTED,
    EXAMPLES,
    SLOW,
    Argument,
    good,
    lets_through,
    one_score,
    quick,
)

from gdbook import plotting
from gdbook.plotting._base import _grid

FIGURES = {
    f"{stem}.{name}": getattr(getattr(plotting, stem), name)
    for stem in plotting.__all__
    for name in public(getattr(plotting, stem))
}
# Traces that no example of ours returns, or only after seconds.
ELSEWHERE = {"in_keras.keras_run", "validation.fold_grid"}


def classes(hint: Any) -> tuple[bool, list[Any]]:
    """Say whether an annotation is a tuple of many, and which classes it names."""
    found = [one for one in get_args(hint) or (hint,) if one is not ...]
    return get_origin(hint) is tuple, found


def ends(argument: Argument) -> Iterator[Any]:
    """Return the ends of what an argument may be."""
    kind, default = argument.kind, good(argument.parameter)
    words = kind.words if kind else ""
    if words.startswith("whole number"):
        yield from (kind.least,) if kind else ()
    elif "in a row" in words or "rows" in words:
        for size in (0, 1e-155, 1e308):
            yield _scaled(default, size)
        yield _scaled(default, 0, plus=1)
    elif words.startswith("number"):
        yield from (0, 1e-300, -1e150, 1e150)


def _scaled(default: Any, size: float, plus: float = 0) -> Any:
    if isinstance(default, int | float) or not hasattr(default, "__len__"):
        return float(default) * size + plus
    return [_scaled(item, size / len(default), plus) for item in default]


def traces(draw: Callable[..., Any]) -> Iterator[Any]:
    """Return traces for a figure from the ends of each argument of their examples."""
    many, wanted = classes(get_type_hints(inspect.unwrap(draw))["trace"])
    for name, arguments in EXAMPLES.items():
        function = arguments[0].function
        returned = get_type_hints(inspect.unwrap(function)).get("return")
        several, given_back = classes(returned)
        if not set(wanted) & set(given_back):
            continue
        usual = {a.name: good(a.parameter) for a in arguments} | one_score(name)
        few = {a.name: quick(a) for a in arguments}
        given = usual | few
        rounds = {name: value for name, value in few.items() if name[:4] == "num_"}
        changes = [
            {a.name: end}
            for a in arguments
            for end in ends(a)
            if a.kind and lets_through(a.kind, end)
        ]
        found = [
            trace
            for change in ({}, *(() if name in {*SLOW, *COUNTED} else changes))
            for trace in traced(function, given | change)
        ]
        found = found or [*traced(function, usual | rounds)]
        for trace in found or traced(function, usual):
            one = trace[0] if several and not many else trace
            yield (one,) if many and not several else one


def traced(function: Callable[..., Any], given: dict[str, Any]) -> Iterator[Any]:
    """Return a trace, or none where the arguments are refused."""
    with suppress(ArithmeticError, TypeError, ValueError):  # as test_arguments sees
        yield function(**given)


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have maps ask for the loss at a hundred places instead of ten thousand."""
    monkeypatch.setattr(_grid, "__defaults__", (10,))


@pytest.mark.parametrize("name", [name for name in FIGURES if name not in ELSEWHERE])
def test_edges(name: str) -> None:
    """It is drawn without a warning and with true words, or refused as what it is."""
    seen = 0
    for trace in traces(FIGURES[name]):
        seen += 1
        try:
            figure = FIGURES[name](trace)
        except ValueError as error:
            assert re.match("`trace` (is|holds|has) ", str(error)), repr(error)  # noqa: PT017
            continue
        assert not re.search(r"\b(nan|inf|infinity)\b", figure.alt)
        figure.draw_without_rendering()
        # Patches of a surface that differ in size are filled up with memory as it is.
        for solid in figure.findobj(PolyCollection):
            assert all(np.isfinite(path.vertices).all() for path in solid.get_paths())
    assert seen
