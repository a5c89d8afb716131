"""Every public docstring has what its package's contract does not already state."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from numpydoc.validate import validate
from public import methods, modules, public

if TYPE_CHECKING:
    from collections.abc import Iterator

# One sentence and the equation say it, the summary stands on the first line, and the
# reference page is the list of neighbours.
NOWHERE = {"ES01", "GL01", "SA01"}
# The package says what a figure takes and returns, a function what its slope does.
SLOPE = {"PR01", "RT01"}
FIGURE = SLOPE | {"PR07"}


def documented() -> Iterator[str]:
    """Give the full name of every public function, method and property."""
    for module in modules():
        for name, member in public(module).items():
            if inspect.isclass(member) and name != "UpdateRule":
                for method in methods(member).keys() & vars(member).keys():
                    yield f"{module.__name__}.{name}.{method}"
            elif inspect.isfunction(member):
                yield f"{module.__name__}.{name}"


NAMES = sorted(documented())


@pytest.mark.parametrize("name", NAMES)
def test_docstring(name: str) -> None:
    """One sentence, arguments, what is returned, and an example, as numpydoc asks."""
    let_off: set[str] = NOWHERE
    if name.startswith("gdbook.plotting."):
        let_off = NOWHERE | FIGURE
    elif name.endswith("_slope") and name.split(".")[1] in {"activations", "losses"}:
        let_off = NOWHERE | SLOPE
    seen: dict[str, Any] = validate(name)
    faults = [text for code, text in seen["errors"] if code not in let_off]
    assert not faults, f"{name} of {seen['file']}: {' '.join(faults)}"


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("gdbook._arguments.checked", {"PR01", "RT01", "EX01"}),
        ("gdbook._checks.number", {"PR01", "RT01", "EX01"}),
    ],
)
def test_the_check_finds_what_is_missing(name: str, codes: set[str]) -> None:
    """A docstring without its parts, as private functions have, would not pass."""
    assert codes <= {code for code, _ in validate(name)["errors"]}
