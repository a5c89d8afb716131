"""Keep compiled templates from one build to the next, and references up to date.

Jinja compiles the theme's templates with every build unless it is given a place for
them. And Sphinx writes a page again when the numbers of its own figures change, but not
the pages that refer to them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemBytecodeCache

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def keep_templates(app: Sphinx) -> None:
    """Compile a template when it has changed, not with every build."""
    templates: Any = getattr(app.builder, "templates", None)
    if templates is not None:
        folder = Path(app.doctreedir) / "templates"
        folder.mkdir(parents=True, exist_ok=True)
        templates.environment.bytecode_cache = FileSystemBytecodeCache(str(folder))


def write_references(_app: Sphinx, env: BuildEnvironment) -> set[str]:
    """Write all pages again when any figure's number has changed."""
    kept: Any = env
    before = getattr(kept, "figures_numbered", None)
    kept.figures_numbered = dict(env.toc_fignumbers)
    return set() if before == env.toc_fignumbers else env.found_docs


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", keep_templates)
    app.connect("env-get-updated", write_references)
    return {"env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
