"""Where an assertion holds whatever the code does, or looks at less than it says."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def _compares(node: ast.expr) -> bool:
    """Say whether arrays of other shapes may be compared here, entry by entry."""
    return (
        isinstance(node, ast.Compare)
        and isinstance(
            node.ops[0], ast.Eq | ast.NotEq | ast.Lt | ast.LtE | ast.Gt | ast.GtE
        )
        and not any(
            isinstance(side, ast.Constant) or ast.unparse(side) == "math.inf"
            for side in (node.left, *node.comparators)
        )
    )


def doubts(source: str) -> Iterator[tuple[int, str]]:
    """Give the line of every such place, and what to write instead.

    Lint finds the other kinds: a tuple that is asserted, an exception of any kind.
    """
    asserted = [x for x in ast.walk(ast.parse(source)) if isinstance(x, ast.Assert)]
    for node in (part for x in asserted for part in ast.walk(x)):
        if not isinstance(node, ast.Call):
            continue
        name, arguments = ast.unparse(node.func), node.args
        if name == "map" and len(arguments) > 2:
            yield node.lineno, "`map` stops at the shorter: zip with strict=True"
        elif name == "zip" and any(
            keyword.arg == "strict" and ast.unparse(keyword.value) == "False"
            for keyword in node.keywords
        ):
            yield node.lineno, "it stops at the shorter: strict=True, or pairwise"
        elif (name in {"np.all", "np.any"} and _compares(arguments[0])) or (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in {"all", "any"}
            and _compares(node.func.value)
        ):
            yield node.lineno, "shapes may differ: near or np.array_equal"
