"""Give the search its texts: every section, definition and name, and what it says.

Sphinx's own search knows which words are on a page, and fetches every page that it
found to show a sentence of it. A page from the disk may not fetch, what is digits only
is no word, all words must be on one page, and a result is a page and no place on it.
So its index is left out, and `_static/search.js` looks through the texts themselves.
They are one file, which only a search loads, with the stop words and the stemmer that
Sphinx has for the book's language. Lunr, MiniSearch and the like search in a reader's
browser too, but split numbers as Sphinx does, and Pagefind fetches.

A page's front matter may say, as `keywords`, what people call its subject who do not
know the book's words for it. Like any page's keywords they are for machines.
"""

from __future__ import annotations

import hashlib
import json
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import lookup

from builders import SITES
from docutils import nodes
from sphinx import addnodes
from sphinx.search import IndexBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

FILE = "searchindex.js"
UNSEEN = (nodes.comment, nodes.meta, addnodes.index, addnodes.toctree)
SIGNS = {
    "approx": "≈",
    "cdot": "·",
    "ge": "≥",
    "in": "∈",
    "infty": "∞",
    "le": "≤",
    "leftarrow": "←",
    "nabla": "∇",
    "odot": "⊙",
    "partial": "∂",
    "prod": "∏",
    "sim": "~",
    "sqrt": "√",
    "sum": "∑",
    "times": "×",
    "to": "→",
    "top": "⊤",
}
NAMES = {"cos", "exp", "lim", "ln", "log", "max", "min", "sin", "tan", "tanh"}
FRACTION = re.compile(r"\\[tdc]?frac\s*(?:\{([^{}]*)\}|(\d))\s*(?:\{([^{}]*)\}|(\d))")


class Part(NamedTuple):
    """A place that an address leads to, what it is called, and what stands there."""

    anchor: str
    title: str
    text: list[str]


def plain(tex: str) -> str:
    """Write a formula as a line of text."""
    tex = tex.replace("{,}", ",").replace(r"\%", "%").replace("-", "−")
    while tex != (shorter := FRACTION.sub(r"\1\2/\3\4", tex)):
        tex = shorter
    tex = re.sub(r"\\(?:begin|end)\{\w+\*?\}|\\[^A-Za-z]|[&~]", " ", tex)
    return re.sub(r"[{}_]", "", re.sub(r"\\([A-Za-z]+)", _sign, tex))


def _sign(command: re.Match[str]) -> str:
    name = command[1]
    if name in NAMES:
        return name
    try:
        case = "CAPITAL" if name[0].isupper() else "SMALL"
        return lookup(f"GREEK {case} LETTER {name.removeprefix('var').upper()}")
    except KeyError:
        return SIGNS.get(name, "")


def parts_of(doctree: nodes.document) -> Iterator[Part]:
    """Return the parts of a page, in its order; the first is the page itself."""
    parts = [Part("", "", [])]
    _walk(doctree, parts, parts[0])
    for anchor, title, text in parts:
        yield Part(anchor, title, [re.sub(r"\s+", " ", "".join(text)).strip()])


def _walk(node: nodes.Node, parts: list[Part], part: Part) -> None:
    if isinstance(node, UNSEEN) or _is_told_elsewhere(node):
        return
    text = _text_of(node)
    part.text.append(text or "")
    if text is None and isinstance(node, nodes.Element):
        begins = _begins(node)
        if begins is not None:
            part = Part(*begins, [])
            parts.append(part)
        for child in node.children:
            _walk(child, parts, part)
    if not isinstance(node, (nodes.Text, nodes.Inline)):
        part.text.append(" ")


def _text_of(node: nodes.Node) -> str | None:
    """Return what a node says by itself, or nothing if its children say it."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, (nodes.math, nodes.math_block)):
        return plain(node.astext())
    if isinstance(node, addnodes.desc_signature):
        names = (name.astext() for name in node.findall(addnodes.desc_parameter))
        return ", ".join(names) + " "
    if isinstance(node, nodes.raw):
        shown = "html" in node["format"].split()
        html = node.astext().replace("<wbr/>", "")
        return unescape(re.sub(r"<[^>]*>", " ", html)) if shown else ""
    if isinstance(node, nodes.Element) and "alt" in node:
        return str(node["alt"])
    return None


def _is_told_elsewhere(node: nodes.Node) -> bool:
    """Say whether the search does without a node.

    The title of a section is its part's, and of a name in the reference the search
    knows what it is for. What code does stands in the sentences around it.
    """
    if not isinstance(node, nodes.Element):
        return False
    above = node.parent
    if isinstance(above, addnodes.desc_content):
        return isinstance(node, (nodes.field_list, nodes.rubric))
    classes = set[str](node.get("classes", ()))
    titled = isinstance(node, nodes.title) and isinstance(above, nodes.section)
    return titled or bool(classes & {"cell_input", "no-search"})


def _begins(node: nodes.Element) -> tuple[str, str] | None:
    """Return the anchor and the title of the part that begins with a node, if any."""
    named = isinstance(node, (nodes.section, nodes.definition_list_item, addnodes.desc))
    if not named or isinstance(node.parent, nodes.document):
        return None
    first: Any = node.children[0]
    holder: Any = node if isinstance(node, nodes.section) else first
    if not holder["ids"]:
        return None
    return holder["ids"][0], first.get("fullname") or first.astext()


def keep(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Keep what the search may find on a page, until all pages are there."""
    if app.builder.name not in SITES:
        return
    keywords = [
        keyword.strip()
        for node in doctree.findall(nodes.meta)
        if node.get("name") == "keywords"
        for keyword in node["content"].split(",")
    ]
    title = app.env.titles[page].astext()
    parts = [(anchor, name, *text) for anchor, name, text in parts_of(doctree)]
    path = kept(app, page)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps([title, keywords, parts], ensure_ascii=False)
    path.write_text(said, encoding="utf-8")


def kept(app: Sphinx, page: str) -> Path:
    """Return the file that keeps what the search may find on a page."""
    return Path(app.doctreedir) / "search" / f"{page}.json"


def write_missing(app: Sphinx, env: BuildEnvironment) -> set[str]:
    """Write the pages of which nothing is kept."""
    return {page for page in env.found_docs if not kept(app, page).exists()}


def in_order(env: BuildEnvironment) -> list[str]:
    """Return all pages, in the order of the book, and those that it does not list."""
    order: dict[str, None] = {}

    def follow(page: str) -> None:
        if page not in order:
            order[page] = None
            for below in env.toctree_includes.get(page, ()):
                follow(below)

    for page in (env.config.root_doc, *sorted(env.found_docs)):
        follow(page)
    return [page for page in order if page in env.found_docs]


def leave_out_index(app: Sphinx) -> None:
    """Have Sphinx make no index of its own."""
    builder: Any = app.builder
    if builder.name in SITES:
        builder.search = False


def write(app: Sphinx) -> Iterator[tuple[str, dict[str, str], str]]:
    """Write the texts, and have the page written that loads them."""
    if app.builder.name not in SITES:
        return
    config = app.config
    language = config.html_search_language or config.language
    index = IndexBuilder(app.env, language, config.html_search_options, "")
    address: Any = app.builder.get_target_uri
    pages = ",\n".join(
        f"[{json.dumps(address(page))}, {kept(app, page).read_text(encoding='utf-8')}]"
        for page in in_order(app.env)
    )
    text = (
        f"const STOPWORDS = new Set({json.dumps(sorted(index.lang.stopwords))});\n"
        f"{index.get_js_stemmer_code()}\nconst PAGES = [\n{pages}\n];\n"
    )
    (Path(app.outdir) / FILE).write_text(text, encoding="utf-8")
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    yield "search", {"searchindex": f"{FILE}?v={version}"}, "search.html"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", leave_out_index)
    app.connect("env-get-updated", write_missing)
    app.connect("doctree-resolved", keep, priority=900)
    app.connect("html-collect-pages", write)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
