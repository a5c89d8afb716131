"""Let a build know of the build before it what Sphinx forgets.

- Warnings: Sphinx gives them when it reads or writes a page, and a build that has to do
  neither succeeds on the mistakes of the last one. Pages with warnings are read again.
- Numbers of figures: Sphinx writes a page again when those of its own figures change,
  but not the pages that refer to them.
- Ends: a build that is killed leaves cut files and pages that were read and not
  written, and their dates say that nothing is out of date. Such pages are written
  again, all of them where a build did not come to its end, and a picture whose name is
  not the fingerprint of its content is dropped before it is looked for.
- Compiled templates: Jinja compiles the theme's with every build unless it is given a
  place for them.
"""

from __future__ import annotations

import hashlib
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


class Ends:
    """Whether the last build of a folder came to its end."""

    def __init__(self) -> None:
        self.cut = False

    def begin(self, app: Sphinx, *_: Any) -> None:
        """Look for the mark of the last build, and leave one."""
        self.cut = mark(app).exists()
        mark(app).touch()

    def write_the_rest(self, app: Sphinx, env: BuildEnvironment) -> set[str]:
        """Write the pages that were read after they were written, or all."""
        builder: Any = app.builder
        place = getattr(builder, "get_output_path", lambda _: "")
        written = {name: Path(place(name)) for name in env.all_docs}
        return {
            name
            for name, path in written.items()
            if self.cut
            or (path.is_file() and path.stat().st_mtime_ns // 1000 < env.all_docs[name])
        }

    def end(self, app: Sphinx, error: Exception | None) -> None:
        """Take the mark away where nothing was cut."""
        if error is None:
            mark(app).unlink(missing_ok=True)


def mark(app: Sphinx) -> Path:
    """Return the file that stands beside the doctrees while a folder is written."""
    folder = hashlib.sha256(str(app.outdir).encode()).hexdigest()[:16]
    return Path(app.doctreedir) / f"unfinished-{folder}.txt"


def drop_cut_pictures(app: Sphinx) -> None:
    """Remove pictures of cells that were cut: MyST-NB writes none that is there."""
    config: Any = app.env
    for path in Path(config.mystnb_config.output_folder).glob("*.*"):
        whole = hashlib.sha256(path.read_bytes()).hexdigest()
        if len(path.stem) == len(whole) and path.stem != whole:
            path.unlink()


def write_references(_app: Sphinx, env: BuildEnvironment) -> set[str]:
    """Write all pages again when any figure's number has changed."""
    kept: Any = env
    before = getattr(kept, "figures_numbered", None)
    kept.figures_numbered = dict(env.toc_fignumbers)
    return set() if before == env.toc_fignumbers else env.found_docs


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    warnings, ends = Warnings(), Ends()
    logging.getLogger(NAMESPACE).addHandler(warnings)
    app.connect("env-get-outdated", warned)
    app.connect("build-finished", warnings.keep, priority=950)
    app.connect("builder-inited", keep_templates)
    app.connect("builder-inited", drop_cut_pictures, priority=900)
    app.connect("env-before-read-docs", ends.begin, priority=900)
    app.connect("env-get-updated", ends.write_the_rest)
    app.connect("build-finished", ends.end, priority=960)
    app.connect("env-get-updated", write_references)
    return {"env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
