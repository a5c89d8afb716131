"""Let a build know of the build before it what Sphinx forgets.

- Warnings: Sphinx gives them when it reads or writes a page, and a build that has to do
  neither succeeds on the mistakes of the last one. Pages with warnings are read again.
- Numbers of figures: Sphinx writes a page again when those of its own figures change,
  but not the pages that refer to them.
- Compiled templates: Jinja compiles the theme's with every build unless it is given a
  place for them.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from jinja2 import FileSystemBytecodeCache
from sphinx.util.logging import NAMESPACE, get_node_location

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


class Warnings(logging.Handler):
    """The warnings of a build, by the places that they speak of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.places = set[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning; Sphinx gives its place as a node, a page or a text."""
        place: Any = getattr(record, "location", None)
        if isinstance(place, nodes.Node):
            place = get_node_location(place)
        self.places.add(str(place[0] if isinstance(place, tuple) else place))

    def keep(self, app: Sphinx, error: Exception | None) -> None:
        """Write down the pages that the warnings speak of, or all where none fits."""
        if error is None:
            paths = {name: str(app.env.doc2path(name)) for name in app.env.found_docs}
            pages = set[str]()
            for place in self.places:
                pages |= {
                    name
                    for name, path in paths.items()
                    if place in {name, path} or place.startswith(f"{path}:")
                } or set(paths)
            kept_in(app).write_text("\n".join(sorted(pages)), encoding="utf-8")


def kept_in(app: Sphinx) -> Path:
    """Return the file that holds the pages with warnings."""
    return Path(app.doctreedir) / "warned.txt"


def warned(app: Sphinx, *_: Any) -> list[str]:
    """Have pages with warnings read again."""
    path = kept_in(app)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


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
    warnings = Warnings()
    logging.getLogger(NAMESPACE).addHandler(warnings)
    app.connect("env-get-outdated", warned)
    app.connect("build-finished", warnings.keep, priority=950)
    app.connect("builder-inited", keep_templates)
    app.connect("env-get-updated", write_references)
    return {"env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
