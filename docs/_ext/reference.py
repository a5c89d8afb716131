"""Generate the reference from the library, in the order of the book's parts.

``{reference} gdbook`` documents the library's own modules, in the order of the table
that opens it, from the module `first` to the module `last` if it has such options.
``{reference} gdbook.examples`` and ``{reference} gdbook.plotting`` document the module
of every chapter in the table of contents, part by part; the option ``part`` names one
part. So a new chapter needs no line in the reference.

Every entry names the chapters that use it, in a cell, an example or a figure, and leads
to its code (`code_pages`); every chapter ends with a link to its own modules; and a
name in single backticks, which in docstrings may be an argument as well, is a link
where the library has that name.

Sphinx documents the modules that a page names; neither it nor a theme knows which page
uses a function.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.addnodes import pending_xref
from sphinx.domains.python import PyXRefRole
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

import gdbook

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

LIBRARY = Path(gdbook.__file__).parent
PACKAGES = {"gdbook.examples": "worked examples", "gdbook.plotting": "figures"}
ENTRIES = {"class", "exception", "function"}
PAGE = "reference"  # what the names of all pages of the reference begin with
IMPORT = re.compile(r"(?m)^from (gdbook[\w.]*) import (\([^)]*\)|.+)$")
ATTRIBUTE = re.compile(r"(?<![\w.`])(\w+)\.(\w+)")
DEFINED = re.compile(r"(?m)^(?:class|def) (\w+)")
CONSTANT = re.compile(r"(?m)^([A-Z_]+) = \w+\((.*)\)$")


class Chapter(NamedTuple):
    """A page of the table of contents that has modules of its own."""

    docname: str
    title: str

    @property
    def stem(self) -> str:
        """The name of its modules."""
        return self.docname.rpartition("/")[2]

    @property
    def modules(self) -> dict[str, str]:
        """What its modules hold, by their names."""
        return {
            f"{package}.{self.stem}": held
            for package, held in PACKAGES.items()
            if _file(f"{package}.{self.stem}").exists()
        }


class Book(NamedTuple):
    """What the reference lists, and the chapters that use each name of the library."""

    parts: dict[str, list[Chapter]]
    modules: list[str]
    users: dict[str, list[Chapter]]


def book(docs: Path) -> Book:
    """Read the chapters of each part, all modules, and their users."""
    found = parts(docs)
    chapters = [chapter for part in found.values() for chapter in part]
    own = [name for chapter in chapters for name in chapter.modules]
    return Book(found, _library() + own, users(docs))


def parts(docs: Path) -> dict[str, list[Chapter]]:
    """Read the chapters of each part from the table of contents."""
    text = (docs / "index.md").read_text(encoding="utf-8")
    found: dict[str, list[Chapter]] = {}
    for body in re.findall(r"(?ms)^```\{toctree\}\n(.*?)^```$", text):
        caption = re.search(r"(?m)^:caption: (.+)$", body)
        names = re.findall(r"(?m)^(\w[\w/]*)$", body)
        chapters = [Chapter(name, _title(docs / f"{name}.md")) for name in names]
        part = found.setdefault(caption[1] if caption else "", [])
        part += [chapter for chapter in chapters if chapter.modules]
    return found


def users(docs: Path) -> dict[str, list[Chapter]]:
    """Find the chapters that use each name of the library."""
    found: dict[str, list[Chapter]] = {}
    pairs = _pairs()
    for chapter in (chapter for part in parts(docs).values() for chapter in part):
        page = (docs / f"{chapter.docname}.md").read_text(encoding="utf-8")
        cells = re.findall(r"(?ms)^```\{code-cell\}\n(.*?)^```$", page)
        used = _used("".join(cells))
        for module in chapter.modules:
            code = _file(module).read_text(encoding="utf-8")
            used |= _used(code) | {f"{module}.{own}" for own in DEFINED.findall(code)}
        for name in used.union(*(pairs.get(name, ()) for name in used)):
            found.setdefault(name, []).append(chapter)
    return found


def _used(code: str) -> set[str]:
    """Return the names of the library that a piece of Python uses, in full."""
    meant = {}
    for module, names in IMPORT.findall(code):
        for name, other in re.findall(r"(\w+)(?: as (\w+))?", names):
            meant[other or name] = f"{module}.{name}"
    used = {f"{meant[n]}.{part}" for n, part in ATTRIBUTE.findall(code) if n in meant}
    return used | set(meant.values())


def _pairs() -> dict[str, list[str]]:
    """Return what each constant of the library joins, such as a loss and its slope."""
    found = {}
    for path in LIBRARY.glob("*.py"):
        module = f"{gdbook.__name__}.{path.stem}"
        for name, joined in CONSTANT.findall(path.read_text(encoding="utf-8")):
            parts = re.findall(r"\w+", joined)
            found[f"{module}.{name}"] = [f"{module}.{part}" for part in parts]
    return found


def _file(module: str) -> Path:
    return LIBRARY.parent / f"{module.replace('.', '/')}.py"


def _title(page: Path) -> str:
    found = re.search(r"(?m)^# (.+)$", page.read_text(encoding="utf-8"))
    return found[1] if found else page.stem


def _library() -> list[str]:
    """Return the library's own modules in the order of its table."""
    named = re.findall(r"(?m)^`(\w+)` ", gdbook.__doc__ or "")
    return [name for name in named if (LIBRARY / f"{name}.py").exists()]


class Reference(SphinxDirective):
    """Document the modules of a package, each under a heading."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("part", "first", "last"), directives.unchanged_required
    )

    def run(self) -> list[nodes.Node]:
        """Return a section for each module."""
        package, part = self.arguments[0], self.options.get("part")
        lines: list[str] = []
        if package == gdbook.__name__:
            for name in self._between(_library()):
                lines += _section("##", name.title(), f"{package}.{name}")
        for caption, chapters in _known(self.env).parts.items():
            own = [c for c in chapters if f"{package}.{c.stem}" in c.modules]
            if not own or part not in (None, caption.partition(" — ")[0]):
                continue
            if part is None:
                lines += [f"## {caption}", ""]
            for chapter in own:
                lines += _chapter("##" if part else "###", chapter, package)
        if not lines:
            msg = f"no module of {package!r} belongs to a chapter of {part!r}"
            raise self.error(msg)
        node = nodes.Element()
        self.state.nested_parse(StringList(lines), 0, node, match_titles=True)
        return node.children

    def _between(self, names: list[str]) -> list[str]:
        """Return the modules of this page."""
        ends = (
            self.options.get("first", names[0]),
            self.options.get("last", names[-1]),
        )
        for end in ends:
            if end not in names:
                msg = f"no module {end!r} in the table that opens {gdbook.__name__}"
                raise self.error(msg)
        return names[names.index(ends[0]) : names.index(ends[1]) + 1]


def _section(level: str, title: str, module: str, *about: str) -> list[str]:
    shown = ["```{eval-rst}", f".. automodule:: {module}", "   :members:", "```"]
    return [f"{level} {title}", "", *about, *shown, ""]


def _chapter(level: str, chapter: Chapter, package: str) -> list[str]:
    module = f"{package}.{chapter.stem}"
    about = f"{{py:mod}}`{module}` belongs to {{doc}}`/{chapter.docname}`"
    for other, held in chapter.modules.items():
        about += f"; its {held} are in {{py:mod}}`{other}`" if other != module else ""
    return _section(level, chapter.title, module, f"{about}.", "")


def name_users(
    _app: Sphinx, what: str, name: str, _obj: Any, _options: Any, lines: list[str]
) -> None:
    """Have the chapters that use a function or a class, and its code, named below."""
    if what in ENTRIES:
        lines += ["", f".. users:: {name}", ""]


class Users(SphinxDirective):
    """Name the chapters that use an entry, and its code."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Name them when the page is read: the text around them may be older."""
        name = self.arguments[0]
        using = _known(self.env).users.get(name, [])
        found = [f":doc:`/{chapter.docname}`" for chapter in using]
        used = f"Used in {', '.join(found)}.\\ " if found else ""
        (line,) = self.parse_text_to_nodes(f"{used}:code-of:`{name}`")
        # The search would find a name for every word of those chapters' titles.
        line["classes"].append("no-search")  # type: ignore[index]
        return [line]


def find_users(_app: Sphinx, env: BuildEnvironment, *_: object) -> set[str]:
    """Read a page of the reference again when other chapters use what it documents."""
    docs = Path(env.srcdir)
    before, now = getattr(env, "book", None), book(docs)
    env.book = now  # type: ignore[attr-defined]
    if before is None or before[:2] != now[:2]:
        other = set(before.modules if before else ()) ^ set(now.modules)
        chapters = (chapter for part in now.parts.values() for chapter in part)
        return {name for name in env.found_docs if name.startswith(PAGE)} | {
            chapter.docname
            for chapter in chapters
            if other & {f"{package}.{chapter.stem}" for package in PACKAGES}
        }
    documented = env.domains.python_domain.objects
    return {
        documented[name].docname
        for name in before.users.keys() | now.users.keys()
        if name in documented and before.users.get(name) != now.users.get(name)
    }


def _known(env: BuildEnvironment) -> Book:
    return env.book  # type: ignore[attr-defined,no-any-return]


class LinkBack(SphinxTransform):
    """Close a chapter with a link to its modules in the reference."""

    default_priority = 500

    def apply(self) -> None:
        """Add a sentence to the chapter's last section."""
        chapters = [c for part in _known(self.env).parts.values() for c in part]
        own = [c for c in chapters if c.docname == self.env.docname]
        if not own or PAGE not in self.env.found_docs:
            return
        sentence = nodes.paragraph("", "In the reference: ")
        for index, (module, held) in enumerate(own[0].modules.items()):
            sentence += nodes.Text(f"{', ' * (index > 0)}{held} in ")
            sentence += pending_xref(
                "",
                nodes.literal(module, module, classes=["xref", "py", "py-mod"]),
                refdomain="py",
                reftype="mod",
                reftarget=module,
                refwarn=True,
                refdoc=self.env.docname,
            )
        sentence += nodes.Text(".")
        *_, last = self.document, *self.document.findall(nodes.section)
        last += sentence


def leave_unknown(
    _app: Sphinx, _env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Take an argument for what it is: a name that leads nowhere."""
    if node["reftype"] != "known":
        return None
    return nodes.title_reference("", content.astext())


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_directive("reference", Reference)
    app.add_directive("users", Users)
    app.add_role_to_domain("py", "known", PyXRefRole())
    app.add_transform(LinkBack)
    app.connect("autodoc-process-docstring", name_users, priority=900)  # below numpydoc
    app.connect("env-get-outdated", find_users)
    app.connect("missing-reference", leave_unknown)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
