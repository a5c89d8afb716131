"""Show the library's code and its tests, and lead there from the reference.

Every entry of the reference ends with links to its source and to its test. These are
pages of the site, one for each file, each name an address; a name of the library leads
back to its entry. They are plain: colours for two megabytes of code would take longer
than the rest of a build. sphinx.ext.viewcode goes by dates, knows no tests, and leaves
pages that have not changed to be taken for leftovers; sphinx.ext.linkcode leads to
another site.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from builders import SITES
from docutils import nodes
from notes import digest, state
from publishing import tags
from reference import ENTRIES
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole
from tested import places

import gdbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

ROOT = Path(gdbook.__file__).parents[1]
FOLDER = "code"
DEFINED = re.compile(r"(?m)^((?:class|(?:async )?def) )(\w+)")


class CodeOf(nodes.inline):
    """The links of an entry, until it is known whether there is a site."""


class CodeRole(SphinxRole):
    """Lead to the source of a name of the library, and to its test."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave the links to be written."""
        return [CodeOf(name=self.text)], []


class LinkCode(SphinxPostTransform):
    """Write the links, where the site has the pages."""

    default_priority = 500

    def run(self, **_: object) -> None:
        """Write those of every entry."""
        for node in list(self.document.findall(CodeOf)):
            links = {}
            if self.app.builder.name in SITES:
                links = {"source": _source(node["name"])}
                links |= {"test": _tests(self.env).get(node["name"])}
            self._write(node, {what: place for what, place in links.items() if place})

    def _write(self, node: CodeOf, links: dict[str, Any]) -> None:
        here = self.env.current_document.docname
        written: list[nodes.Node] = []
        for what, (file, name) in links.items():
            uri = self.app.builder.get_relative_uri(here, page_of(file))
            link = nodes.reference("", what, refuri=f"{uri}#{name}", internal=True)
            begins = "Read its " if node is node.parent[0] else " Read its "
            written += [nodes.Text(" and its " if written else begins), link]
        node.replace_self([*written, nodes.Text(".")] if written else [])


def page_of(file: str) -> str:
    """Return the name of the page that shows a file."""
    return f"{FOLDER}/{file.removesuffix('.py')}"


def _source(name: str) -> tuple[str, str] | None:
    module, _, own = name.rpartition(".")
    file = f"{module.replace('.', '/')}.py"
    return (file, own) if (ROOT / file).exists() else None


def _tests(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    return getattr(env, "tests_of_names", {})


def find_tests(_app: Sphinx, env: BuildEnvironment) -> None:
    """Find the tests of all entries; `rebuilds` writes pages that have others now."""
    kept, names = cast("Any", env), _entries(env)
    files = [(path, state(path)) for path in sorted((ROOT / "tests").rglob("*.py"))]
    made_of = digest([names, files])
    if getattr(kept, "tests_made_of", "") != made_of:
        kept.tests_of_names, kept.tests_made_of = places(ROOT, names), made_of


def _entries(env: BuildEnvironment) -> list[str]:
    """Return the names of all functions and classes that the reference has."""
    objects = env.domains.python_domain.objects
    return [name for name, entry in objects.items() if entry.objtype in ENTRIES]


def code_pages(app: Sphinx) -> dict[str, str]:
    """Return the pages of code that a site has, and the files that they show."""
    if app.builder.name not in SITES:
        return {}
    sources = (_source(name) for name in _entries(app.env))
    linked = {*filter(None, sources), *_tests(app.env).values()}
    return {page_of(file): file for file, _ in sorted(linked)}


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the page of every file."""
    builder: Any = app.builder
    for page, file in ({} if error else code_pages(app)).items():
        address = builder.get_target_uri(page)
        path = Path(builder.get_output_path(page))
        path.parent.mkdir(parents=True, exist_ok=True)
        text = builder.templates.render(
            "code.html",
            {
                "file": file,
                "root": "../" * address.count("/"),
                "home": builder.get_relative_uri(page, app.config.root_doc),
                "title": app.config.html_title,
                "language": app.config.language,
                "metatags": "".join(f"<meta {tag}>\n" for tag in tags(app, page, None)),
                "code": "".join(_lines(app, page, file)),
            },
        )
        path.write_text(text, encoding="utf-8")


def _lines(app: Sphinx, page: str, file: str) -> Iterator[str]:
    """Yield the code, each definition with an address and a link to its entry."""
    objects = app.env.domains.python_domain.objects
    module = file.removesuffix(".py").replace("/", ".")
    text = escape((ROOT / file).read_text(encoding="utf-8"))
    for number, part in enumerate(DEFINED.split(text)):
        if number % 3 < 2:  # before a definition, and its keyword
            yield part
        elif entry := objects.get(f"{module}.{part}"):
            uri = app.builder.get_relative_uri(page, entry.docname)
            yield f'<a id="{part}" href="{uri}#{entry.node_id}">{part}</a>'
        else:
            yield f'<b id="{part}">{part}</b>'


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_role("code-of", CodeRole())
    app.add_post_transform(LinkCode)
    app.connect("env-updated", find_tests)
    # Before the style sheet is cut to what pages use.
    app.connect("build-finished", write, priority=800)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
