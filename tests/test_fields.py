"""Every field of a trace is told to the reader, and used."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from book import PAGES, ROOT, cells

from gdbook import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACES = [
    pytest.param(stem, cls, id=f"{stem}.{cls.__name__}")
    for stem in examples.__all__
    for cls in vars(getattr(examples, stem)).values()
    if hasattr(cls, "_fields") and cls.__module__ == f"gdbook.examples.{stem}"
    if not cls.__name__.startswith("_")
]


def users(stem: str) -> Iterator[str]:
    """Give the text of everything that works with a chapter's traces."""
    paths = [*PAGES, *ROOT.glob("gdbook/**/*.py"), *ROOT.glob("tests/**/test_*.py")]
    own = ROOT / "gdbook" / "examples" / f"{stem}.py"
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if path != own and re.search(rf"examples(\.| import [^)]*\b){stem}\b", text):
            yield text


def shown_whole(stem: str, cls: type) -> bool:
    """Say whether the last line of a cell shows such a trace with all its fields."""
    functions = [
        name
        for name, function in vars(getattr(examples, stem)).items()
        if inspect.isfunction(function)
        and inspect.signature(function).return_annotation is cls
    ]
    last = [cell.rstrip().splitlines()[-1] for page in PAGES for cell in cells(page)]
    calls = rf"({'|'.join(functions) or '-'})\(.*\)"
    return any(re.fullmatch(calls, line) for line in last)


@pytest.mark.parametrize(("stem", "cls"), TRACES)
def test_fields(stem: str, cls: Any) -> None:
    """A page, a figure or the test of a claim names each field, or a cell shows all.

    And the docstring of the class, which the reference shows, tells what each holds.
    """
    where = f"{cls.__name__} of gdbook/examples/{stem}.py"
    told = re.findall(r"`(\w+)`", cls.__doc__)
    untold = [field for field in cls._fields if field not in told]
    assert not untold, f"The docstring of {where} does not tell {', '.join(untold)}."
    if shown_whole(stem, cls):
        return
    text = "\n".join(users(stem))
    used = set(re.findall(r"\.(\w+)", text))
    unused = [field for field in cls._fields if field not in used]
    assert not unused, f"Nothing uses {', '.join(unused)} of {where}."
