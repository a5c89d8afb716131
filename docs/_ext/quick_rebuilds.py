"""Keep what Sphinx would work out again with every build.

Sphinx numbers figures by walking through all pages, and loads each from disk for that,
even where nothing has changed: a quarter of a rebuild of this book. This extension
keeps an outline of each page, with what the walk looks at and nothing else: sections,
lists of pages, and what may have a number with its caption. Compiled templates are
kept, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from jinja2 import FileSystemBytecodeCache
from sphinx import addnodes
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.environment.collectors.toctree import TocTreeCollector

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

WALK = TocTreeCollector.assign_figure_numbers


def outlines(env: BuildEnvironment) -> dict[str, nodes.Element]:
    """Return the outline of each page."""
    if not hasattr(env, "outlines"):
        env.outlines = {}  # type: ignore[attr-defined]
    kept: dict[str, nodes.Element] = env.outlines  # type: ignore[attr-defined]
    return kept


def outline(env: BuildEnvironment, node: nodes.Element) -> nodes.Element:
    """Copy of a node what the numbering of figures looks at."""
    domains = env.domains.sorted()
    counted = any(domain.get_enumerable_node_type(node) for domain in domains)
    kept = isinstance(node, nodes.section | nodes.caption | nodes.title)
    if counted or kept or isinstance(node, addnodes.toctree):
        copy = type(node)(**node.attributes)
    else:
        copy = nodes.Element()
    for child in node.children:
        if isinstance(child, nodes.Element):
            part = outline(env, child)
            if part.children or type(part) is not nodes.Element:
                copy += part
        elif isinstance(node, nodes.caption | nodes.title):
            copy += nodes.Text(child.astext())
    return copy


class Outlines(EnvironmentCollector):
    """Keep the outlines with the environment."""

    def clear_doc(self, _app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page."""
        outlines(env).pop(docname, None)

    def merge_other(
        self,
        _app: Sphinx,
        env: BuildEnvironment,
        docnames: AbstractSet[str],
        other: BuildEnvironment,
    ) -> None:
        """Take over what another process has read."""
        outlines(env).update({name: outlines(other)[name] for name in docnames})

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Outline a page."""
        outlines(app.env)[app.env.docname] = outline(app.env, doctree)


def number_figures(collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
    """Let Sphinx walk through the outlines instead of the pages.

    Any page can refer to a figure whose number has changed, and Sphinx alone would
    write again the page of the figure only.
    """
    env.get_doctree = outlines(env).__getitem__  # type: ignore[method-assign, assignment]
    try:
        changed = WALK(collector, env)
    finally:
        del env.get_doctree
    before = getattr(env, "figures_numbered", None)
    env.figures_numbered = dict(env.toc_fignumbers)  # type: ignore[attr-defined]
    return changed if before == env.toc_fignumbers else sorted(env.found_docs)


def keep_templates(app: Sphinx) -> None:
    """Compile a template when it has changed, not with every build."""
    templates: Any = getattr(app.builder, "templates", None)
    if templates is not None:
        folder = Path(app.doctreedir) / "templates"
        folder.mkdir(parents=True, exist_ok=True)
        templates.environment.bytecode_cache = FileSystemBytecodeCache(str(folder))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    TocTreeCollector.assign_figure_numbers = number_figures  # type: ignore[assignment, method-assign]
    app.add_env_collector(Outlines)
    app.connect("builder-inited", keep_templates)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
