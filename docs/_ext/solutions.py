"""Fold a solution away until the reader opens it, code cells and all.

A page writes ``{solution-start}`` and ``{solution-end}`` around the solution of an
exercise. Everything between, cells with their outputs included, goes into an HTML
``<details>``, which folds without a script. No library does this: a directive cannot
hold MyST-NB's cells, and sphinx-exercise folds with JavaScript. Plain text has the
solution open.

``{solution} CHAPTER.EXERCISE`` folds the hint and the solution of an exercise that the
reader's own code is checked by, as they stand in `gdbook.exercises`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from warm_execution import LIBRARY

from gdbook import exercises

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

LOGGER = logging.getLogger(__name__)


class Solution(nodes.General, nodes.Element):
    """What stays folded, under its `title`."""


class Mark(nodes.General, nodes.Element):
    """Where a solution starts or ends, until they are paired."""


class MarkDirective(Directive):
    """Put a mark into the page."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Return the mark."""
        mark = Mark(ends=self.name == "solution-end")
        mark.source, mark.line = self.state_machine.get_source_and_line(self.lineno)
        return [mark]


def asked_by(
    directive: SphinxDirective, offered: Callable[[str], dict[str, Any]], kind: str
) -> Any:
    """Return what ``CHAPTER.NAME`` asks, and read the page again when that changes."""
    chapter, _, name = directive.arguments[0].partition(".")
    known = offered(chapter)
    if name not in known:
        msg = f"gdbook/exercises/{chapter}.py has no {kind} {name!r}"
        raise directive.error(msg)
    for module in LIBRARY.reached(f"import {exercises.__name__}.{chapter}"):
        directive.env.note_dependency(LIBRARY.paths[module])
    return known[name]


class SolutionDirective(SphinxDirective):
    """Fold the hint and the solution of an exercise of the library."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the two folds."""
        asked = asked_by(self, exercises.of, "exercise")
        source = asked.source.rstrip()
        code = nodes.literal_block(source, source, language="python")
        hint = Solution("", *self.parse_text_to_nodes(asked.hint), title="Hint")
        folds = [hint, Solution("", code, title="Solution")]
        found: list[nodes.Node] = [*folds, code]
        for node in found:
            self.set_source_info(node)
        return found[:-1]


class FoldSolutions(SphinxTransform):
    """Gather the nodes between two marks into one solution."""

    default_priority = 10

    def apply(self) -> None:
        """Pair the marks of the page, and complain about those left over."""
        marks = list(self.document.findall(Mark))
        for start in [mark for mark in marks if not mark["ends"]]:
            siblings = start.parent.children
            end = next(
                (node for node in _after(start) if isinstance(node, Mark)), start
            )
            if not end["ends"]:
                continue
            first, last = siblings.index(start), siblings.index(end)
            solution = Solution("", *siblings[first + 1 : last], title="Solution")
            solution.source, solution.line = start.source, start.line
            start.parent[first : last + 1] = [solution]
        for mark in list(self.document.findall(Mark)):
            LOGGER.warning(
                "a solution needs one start and one end in the same section",
                location=mark,
            )
            mark.parent.remove(mark)


def _after(node: nodes.Element) -> list[nodes.Node]:
    siblings = node.parent.children
    return list(siblings[siblings.index(node) + 1 :])


def open_details(translator: Any, node: Solution) -> None:
    """Begin the fold."""
    translator.body.append(translator.starttag(node, "details", CLASS="solution"))
    translator.body.append(f"<summary>{node['title']}</summary>\n")


def close_details(translator: Any, _node: Solution) -> None:
    """End the fold."""
    translator.body.append("</details>\n")


def open_paragraph(translator: Any, node: Solution) -> None:
    """Say where a solution begins, in plain text."""
    translator.new_state(0)
    translator.add_text(f"{node['title']}:")
    translator.end_state()


def close_paragraph(_translator: Any, _node: Solution) -> None:
    """Write nothing more."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    folded, printed = (open_details, close_details), (open_paragraph, close_paragraph)
    app.add_node(Solution, html=folded, text=printed)
    app.add_directive("solution", SolutionDirective)
    app.add_directive("solution-start", MarkDirective)
    app.add_directive("solution-end", MarkDirective)
    app.add_transform(FoldSolutions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
