"""Say the numbers that Sphinx gives to chapters, figures, tables and equations.

Sphinx keeps them as tuples, by page and place, and writes them in its HTML alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment


def written(number: tuple[int, ...]) -> str:
    """Write a number as all pages do."""
    return ".".join(map(str, number))


def chapter_number(env: BuildEnvironment, docname: str) -> str:
    """Return the number of a chapter, or nothing for a page that has none."""
    return written(env.toc_secnumbers.get(docname, {}).get("", ()))


def number_of(builder: Builder, docname: str, node: nodes.Element) -> str:
    """Return the number of a figure, a table, a listing or an equation, in words."""
    for kind, numbers in builder.env.toc_fignumbers.get(docname, {}).items():
        for name in numbers.keys() & set(node["ids"]):
            return in_words(builder, kind, numbers[name])
    return ""


def in_words(builder: Builder, kind: str, number: tuple[int, ...]) -> str:
    """Write a number behind the word for its kind; that of an equation has brackets."""
    form: str = builder.config.numfig_format.get(kind, "(%s)")
    return form % written(number)
