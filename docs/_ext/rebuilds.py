"""Make every build the same as a build from nothing, whatever came before it.

Sphinx goes by dates, forgets the warnings of the build before, and does not know that
it was killed. Here:

- What a build did that failed, warned or was killed did not happen: the environment of
  the last build without fault stays, and the next build reads what has changed since
  that one, with the same warnings. Dropping the environment, as Sphinx does after an
  exception, would read all pages again; reading only the pages that warned would miss
  what a warning owes to another page, as that a label stands twice.
- A page is read again when its source, what it includes or its doctree is another file
  than the one that was read, newer or not; when pages came or went and it lists pages;
  and when the extensions have changed.
- A page is written again when it has been read, or what it shows of other pages has
  changed, since that folder got it: several folders can share the doctrees.
- Jinja compiles the theme's templates with every build unless it is given a place.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemBytecodeCache
from notes import digest, put_away, state
from sphinx.util.logging import NAMESPACE, is_suppressed_warning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

HERE = Path(__file__).parent


class Warned(logging.Handler):
    """Whether there was a warning."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__(logging.WARNING)
        self.app = app
        self.any = False

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning, unless the settings let it pass."""
        kind, which = getattr(record, "type", ""), getattr(record, "subtype", "")
        lets_pass = self.app.config.suppress_warnings
        self.any |= not is_suppressed_warning(kind, which, lets_pass)


class Environments:
    """The environment that Sphinx saves, and the last one of a build without fault.

    While a build runs, the saved one is set aside: an empty file if there was none.
    """

    def __init__(self, app: Sphinx) -> None:
        self.saved = Path(app.doctreedir) / "environment.pickle"
        self.aside = self.saved.with_suffix(".before")

    def go_back(self, *_: Any) -> None:
        """Take the one that was set aside again."""
        if self.aside.exists():
            self.aside.replace(self.saved)
            if not self.saved.stat().st_size:
                self.saved.unlink()

    def set_aside(self) -> None:
        """Keep the saved one for the case that this build fails."""
        if self.saved.exists():
            self.saved.replace(self.aside)
        else:
            self.aside.touch()

    def go_on(self) -> None:
        """Forget the one that was set aside, unless it is still what holds."""
        if self.saved.exists():
            self.aside.unlink(missing_ok=True)
        else:
            self.go_back()


class Build:
    """What one build reads and writes."""

    def __init__(self, app: Sphinx) -> None:
        self.warned = Warned(app)
        self.environments = Environments(app)
        self.begun = False
        self.reading: list[str] = []
        self.before: dict[str, str] = {}
        self.now: dict[str, str] = {}
        self.written = set[str]()

    def outdated(
        self, app: Sphinx, env: BuildEnvironment, *changes: set[str]
    ) -> set[str]:
        """Return the pages to be read that Sphinx takes for up to date."""
        kept: Any = env
        with_ = digest(tools(app))
        if getattr(kept, "read_with", with_) != with_:
            return env.found_docs
        kept.read_with = with_
        added, _, removed = changes
        lists = set(env.toctree_includes) if added or removed else set()
        return lists | {
            name
            for name in env.all_docs
            if env.metadata[name].get("read") != _files(env, name)
        }

    def begin(self, app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        """Leave nothing that a killed build would be taken for whole by."""
        place = _record(app)
        self.begun, self.reading, self.before = True, names, _loaded(place)
        place.unlink(missing_ok=True)
        self.environments.set_aside()
        # All at once: what one page had would be at odds with what another gets.
        for name in names:
            app.events.emit("env-purge-doc", env, name)
            env.clear_doc(name)

    def note_read(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Note which files each page was read from."""
        kept: Any = env
        kept.read_with = digest(tools(app))
        for name in self.reading:
            env.metadata[name]["read"] = _files(env, name)

    def to_write(self, app: Sphinx, env: BuildEnvironment) -> set[str]:
        """Return the pages that are not what their folder got."""
        name_images(env)
        index = getattr(app.builder, "searchindex_filename", None)
        if index and not (Path(app.outdir) / index).exists():
            self.before = {}
        self.now = _stamps(app, env)
        return {name for name in self.now if self.now[name] != self.before.get(name)}

    def note_written(self, _app: Sphinx, _doctree: nodes.document, name: str) -> None:
        """Take the name of a page that is being written."""
        self.written.add(name)

    def end(self, app: Sphinx, error: Exception | None) -> None:
        """Keep what was done, or take it back."""
        if not self.begun:
            return
        good = self.now
        if failed := error is not None or self.warned.any:
            names = self.before.keys() - self.written
            good = {name: self.before[name] for name in names}
        place = _record(app)
        part = place.with_name(f"{place.name}.part")
        part.write_text(json.dumps(good), encoding="utf-8")
        part.replace(place)
        if failed:
            self.environments.go_back()
        else:
            self.environments.go_on()


def tools(app: Sphinx) -> Iterable[object]:
    """Return what makes pages of sources."""
    yield sys.version
    yield from (version(name) for name in ("sphinx", "docutils", "myst-parser"))
    # A theme comes with some builders alone, and reads nothing.
    used = (each for each in app.extensions.items() if not each[0].endswith("_theme"))
    yield from sorted((name, each.version) for name, each in used)
    yield from (path.read_bytes() for path in sorted(HERE.glob("*.py")))


def _files(env: BuildEnvironment, name: str) -> str:
    """Hash which files a page was made of, and its doctree."""
    doctree = Path(env.doctreedir) / f"{name}.doctree"
    paths = {Path(env.doc2path(name)), doctree, *map(Path, env.dependencies[name])}
    return digest((str(path), state(path)) for path in sorted(paths))


def _stamps(app: Sphinx, env: BuildEnvironment) -> dict[str, str]:
    """Return what stands for the state of each page."""
    shared = digest(_shared(app, env))
    names = {path: name for path, (_, name) in env.images.items()}
    images: dict[str, list[str]] = {name: [] for name in env.all_docs}
    for path, (pages, _) in env.images.items():
        for page in pages:
            images[page].append(names[path])
    tests: dict[str, list[object]] = {}
    objects = env.domains.python_domain.objects
    for entry, test in sorted(getattr(env, "tests_of_names", {}).items()):
        if entry in objects:
            tests.setdefault(objects[entry].docname, []).append((entry, test))
    stamps = {}
    for name in env.all_docs:
        others = (name, *env.metadata[name].get("glues", ()))
        read = [env.all_docs.get(other) for other in others]
        stamps[name] = digest((shared, read, sorted(images[name]), tests.get(name)))
    return stamps


def _shared(app: Sphinx, env: BuildEnvironment) -> Iterable[object]:
    """Return what a page may show of others, and of no page."""
    settings: Any = getattr(app.builder, "build_info", None)
    yield settings and (settings.config_hash, settings.tags_hash)
    for folder in app.config.templates_path:
        for path in sorted((Path(app.confdir) / folder).rglob("*")):
            yield path.name, state(path)
    for of_pages in (env.titles, env.longtitles, env.tocs):
        for name in sorted(of_pages):
            yield name, of_pages[name].pformat()
    for numbers in (env.toctree_includes, env.toc_secnumbers, env.toc_fignumbers):
        yield sorted(numbers.items())
    for domain in env.domains.sorted():
        yield sorted(map(repr, domain.get_objects()))
    standard = env.domains.standard_domain
    yield sorted(standard.labels.items()), sorted(standard.anonlabels.items())
    yield sorted(env.domains.math_domain.equations.items())
    cited: Any = env.domaindata.get("cite", {})
    yield sorted(
        (each.citation_id, each.formatted_entry.label, repr(each.entry))
        for each in cited.get("citations", ())
    )


def _record(app: Sphinx) -> Path:
    """Return the file beside the doctrees that says what a folder has got."""
    return put_away(app, f"written-{app.builder.name}")


def _loaded(path: Path) -> dict[str, str]:
    try:
        loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded


def name_images(env: BuildEnvironment) -> None:
    """Name images of the same name by their places, not by which was read first."""
    named = type(env.images)()
    for path in sorted(env.images):
        for page in sorted(env.images[path][0]):
            named.add_file(page, path)
    env.images = named


def keep_templates(app: Sphinx) -> None:
    """Compile a template when it has changed, not with every build."""
    templates: Any = getattr(app.builder, "templates", None)
    if templates is not None:
        folder = Path(app.doctreedir) / "templates"
        folder.mkdir(parents=True, exist_ok=True)
        templates.environment.bytecode_cache = FileSystemBytecodeCache(str(folder))


def drop_cut_pictures(app: Sphinx) -> None:
    """Remove pictures of cells that were cut: MyST-NB writes none that is there."""
    config: Any = app.env
    for path in Path(config.mystnb_config.output_folder).glob("*.*"):
        whole = hashlib.sha256(path.read_bytes()).hexdigest()
        if len(path.stem) == len(whole) and path.stem != whole:
            path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    build = Build(app)
    logging.getLogger(NAMESPACE).addHandler(build.warned)
    app.connect("config-inited", build.environments.go_back)
    app.connect("builder-inited", keep_templates)
    app.connect("builder-inited", drop_cut_pictures, priority=900)
    app.connect("env-get-outdated", build.outdated)
    app.connect("env-before-read-docs", build.begin, priority=100)
    app.connect("env-updated", build.note_read)
    app.connect("env-get-updated", build.to_write)
    app.connect("doctree-resolved", build.note_written)
    app.connect("build-finished", build.end, priority=990)
    return {"env_version": 3, "parallel_read_safe": True, "parallel_write_safe": True}
