"""Work the reference of a module out once, and again when what it says has changed.

Autodoc looks a module's members up and has numpydoc write each docstring as
reStructuredText, which takes as long as all other reading. That text is kept with the
environment, next to a hash of what it was made of: the module's source, and the
signatures and docstrings that its objects have, wherever these come from. So an edit
of a base class or of the words for an argument counts, an edit of a function that the
module only calls does not, and where no text has changed no page is read.

Autodoc goes by the dates of files, for a page as a whole.
"""

from __future__ import annotations

import copy
import importlib
import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils.statemachine import StringList
from docutils.utils import DependencyList, new_document
from notes import digest, state
from rebuilds import tools
from sphinx.ext.autodoc import AutodocDirective  # type: ignore[attr-defined]
from sphinx.util import inspect, logging
from sphinx.util.docutils import switch_source_input
from sphinx.util.parsing import nested_parse_to_nodes

import gdbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

LOGGER = logging.getLogger(__name__)
LIBRARY = Path(gdbook.__file__).parent
SETTINGS = ("autodoc_", "numpydoc_", "python_")
ADDRESS = re.compile(r"(?i)\b0x[0-9a-f]+")


class Worked(NamedTuple):
    """The lines that document a module, where they stand, and what they are made of."""

    lines: list[str]
    places: list[tuple[str, int]]
    made_of: str


class Listening:
    """A parser's state that only takes down what it is to parse."""

    def __init__(self, whole: Any) -> None:
        self.whole, self.heard = whole, StringList()
        settings = copy.copy(whole.document.settings)
        settings.record_dependencies = DependencyList()
        self.document = new_document("", settings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def nested_parse(self, lines: StringList, *_: Any, **__: Any) -> None:
        """Take lines down."""
        self.heard = lines


class Automodule(AutodocDirective):
    """Autodoc's, which remembers what it wrote."""

    def run(self) -> list[nodes.Node]:
        """Work the module out, if it is new, and parse what documents it."""
        key = self.env.docname, self.arguments[0], str(sorted(self.options.items()))
        known = _known(self.env)
        if key not in known:
            known[key] = self._work_out()
        worked = known[key]
        text = StringList(worked.lines, items=worked.places)
        with switch_source_input(self.state, text):
            return nested_parse_to_nodes(self.state, text)

    def _work_out(self) -> Worked:
        module, whole = self.arguments[0], self.state
        LOGGER.info("worked out %s", module)
        listening: Any = Listening(whole)
        self.state = listening
        super().run()
        self.state = whole
        return Worked([*listening.heard], listening.heard.items, made_of(module))


def made_of(name: str) -> str:
    """Hash what the reference of a module is made of."""
    try:
        module = importlib.import_module(name)
        source = Path(module.__file__ or "").read_bytes()
        return digest([source, *_said(module, name)])
    except Exception:  # noqa: BLE001 (of a module that is being written)
        return ""


def _said(holder: Any, module: str) -> Iterator[tuple[str, ...]]:
    """Yield what the public objects of a module, or of a class of it, say of it."""
    for name in sorted(dir(holder)):
        thing = getattr(holder, name, None)
        if name.startswith("_") or isinstance(thing, ModuleType):
            continue
        own = isinstance(thing, type) and thing.__module__ == module
        yield name, str(inspect.getdoc(thing)), _written(thing)
        if own and thing is not holder:
            yield from _said(thing, module)


def _written(thing: Any) -> str:
    """Return the signature of what can be called, and else its value."""
    if not callable(thing):
        return ADDRESS.sub("", inspect.object_description(thing))
    try:
        return inspect.stringify_signature(inspect.signature(thing))
    except (TypeError, ValueError):
        return ""


def _known(env: BuildEnvironment) -> dict[tuple[str, str, str], Worked]:
    kept: Any = env
    if not hasattr(kept, "worked_out"):
        kept.worked_out = {}
    found: dict[tuple[str, str, str], Worked] = kept.worked_out
    return found


def forget(app: Sphinx, env: BuildEnvironment, *_: object) -> set[str]:
    """Forget what is no longer so, and have its pages read."""
    kept: Any = env
    known = _known(env)
    given = (each for each in app.config if each.name.startswith(SETTINGS))
    settings = [(each.name, each.value) for each in given]
    conf = Path(app.confdir, "conf.py").read_bytes()
    worked_with = digest([*tools(app), conf, *settings])
    library = digest(map(state, sorted(LIBRARY.rglob("*.py"))))
    if getattr(kept, "worked_with", "") != worked_with:
        known.clear()
    stale = set()
    if getattr(kept, "library", "") != library:
        now = {module: made_of(module) for _, module, _ in known}
        stale = {key for key in known if known[key].made_of != now[key[1]]}
    for key in stale:
        del known[key]
    kept.worked_with, kept.library = worked_with, library
    return {docname for docname, _, _ in stale}


def take_place(app: Sphinx, *_: object) -> None:
    """Put the directive in the place of autodoc's, which comes late itself."""
    app.add_directive("automodule", Automodule, override=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", take_place, priority=900)
    app.connect("env-get-outdated", forget)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
