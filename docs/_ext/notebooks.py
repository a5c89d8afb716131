"""Write each chapter as a notebook with its outputs, to be taken along and run.

The pages are those that all builders share, so their numbers and references are filled
in, and outputs come from the caches of the build: no cell runs. What a notebook cannot
show stands in another form: a box is a quotation, a solution folds, and so do the
output that a question asks for and the cells of a solution. Terms and sources stand at
the end of each notebook, so that it needs no other file but the library.

jupytext writes a page's own words, with roles that no notebook knows, and
sphinx-markdown-builder pages without cells. What is not known here ends the build.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import nbformat
from builders import NOTEBOOKS
from docutils import nodes
from nbformat import v4
from numbering import chapter_number, number_of
from sphinx.builders import Builder
from sphinx.errors import SphinxError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from typing import TypeAlias

    from predictions import Page
    from sphinx.application import Sphinx

    Piece: TypeAlias = str | nbformat.NotebookNode

FOLDER = "chapters/"
# Which extra brings what the cells of a page import, by the module that they reach.
EXTRAS = {"gdbook.cluster": "cluster", "gdbook.examples.in_keras": "keras"}
ABOUT = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
# The pages whose entries a notebook takes along, and what they are called there.
ASIDE = {"glossary": "Terms", "bibliography": "Sources"}
SPECIAL = re.compile(r"[\\`*_<>$\[\]|#~]")


class Notebooks(Builder):
    """A notebook of each chapter, named by its number so that a folder is in order."""

    name = NOTEBOOKS
    format = "ipynb"
    allow_parallel = True
    supported_image_types: ClassVar[list[str]] = ["image/svg+xml", "image/png"]

    def get_outdated_docs(self) -> list[str]:
        """Return all chapters: what is in a notebook may stand on any page."""
        return sorted(name for name in self.env.found_docs if name.startswith(FOLDER))

    def write_documents(self, _docnames: AbstractSet[str]) -> None:
        """Write the chapters, and remove what was one once."""
        chapters = self.get_outdated_docs()
        own = {self.get_target_uri(name) for name in chapters}
        for path in Path(self.outdir).glob("*.ipynb"):
            if path.name not in own:
                path.unlink()
        # Once: sphinxcontrib-bibtex gives its sources again to each tree that asks.
        self.asides = {
            page: self.env.get_and_resolve_doctree(page, self)
            for page in ASIDE
            if page in self.env.found_docs
        }
        super().write_documents(set(chapters))

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:  # noqa: ARG002 (Sphinx's)
        """Return the file of a chapter, and of other pages their place in the book."""
        if not docname.startswith(FOLDER):
            return f"{self.config.html_baseurl}{docname}.html"
        number = chapter_number(self.env, docname)
        return f"{number:0>2}_{docname.removeprefix(FOLDER)}.ipynb"

    def get_relative_uri(self, _from: str, to: str, typ: str | None = None) -> str:
        """Return the same from everywhere: all notebooks lie in one folder."""
        return self.get_target_uri(to, typ)

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Write a chapter."""
        notebook = v4.new_notebook(
            metadata=ABOUT, cells=Chapter(self, docname)(doctree)
        )
        nbformat.validate(notebook)
        path = Path(self.outdir) / self.get_target_uri(docname)
        nbformat.write(notebook, path)


def executed(about: dict[str, Any]) -> list[nbformat.NotebookNode | None]:
    """Return the cells of a page with their outputs, and none where it has text."""
    (path,) = Path(about["kept"]).glob("executed/*/base.ipynb")
    run = iter(nbformat.read(path, as_version=4).cells)
    return [next(run) if code else None for code in about["code"]]


class Chapter:
    """What makes cells of a page: text in Markdown, and code as it ran."""

    def __init__(self, builder: Notebooks, docname: str) -> None:
        self.builder, self.docname, self.env = builder, docname, builder.env
        self.level = 0
        self.waits = False  # whether the next output is what a question asks for
        self.named: dict[str, dict[str, None]] = {page: {} for page in ASIDE}

    def __call__(self, doctree: nodes.document) -> list[nbformat.NotebookNode]:
        """Return all cells."""
        self.about = self.env.metadata[self.docname]
        self.run = executed(self.about)
        pieces = [*self.blocks(doctree)]
        pieces.insert(1, self.how_to_run())
        for page, title in ASIDE.items():
            pieces += self.aside(page, title)
        cells = []
        for place, piece in enumerate(joined(pieces)):
            cell = v4.new_markdown_cell(piece) if isinstance(piece, str) else piece
            cell.id = f"{self.docname.removeprefix(FOLDER)}-{place}"
            cells.append(cell)
        return cells

    def how_to_run(self) -> str:
        """Say what the cells need."""
        config, reached = self.builder.config, set(self.about["reached"])
        more = (extra for module, extra in EXTRAS.items() if module in reached)
        extras = ",".join(("plotting", *more))
        wheel = f"./gdbook-{config.release}-py3-none-any.whl[{extras}]"
        book = text(config.project)
        if config.html_baseurl:
            book = f"[{book}]({config.html_baseurl})"
        return (
            f"*A chapter of {book}, version {config.release}. "
            "Its cells have run; to run them again, install the library once, "
            "which lies beside this notebook:*\n\n"
            f'```\n%pip install "{wheel}"\n```'
        )

    def aside(self, page: str, title: str) -> Iterator[Piece]:
        """Give the entries of another page that this one names."""
        wanted = self.named[page].copy()
        if not wanted:
            return
        yield f"## {title}"
        for node in self.builder.asides[page].findall(nodes.Element):
            ids: set[str] = {*node.get("ids", ())} & wanted.keys()
            if not ids:
                continue
            if isinstance(node, nodes.term):
                entry = nodes.definition_list("", node.parent.deepcopy())
                yield from self.block_definition_list(entry)
            elif isinstance(node, nodes.citation):
                yield "- " + " ".join(map(self.inline, node.findall(nodes.paragraph)))

    # Blocks

    def blocks(self, node: nodes.Element) -> Iterator[Piece]:
        """Yield what the children of a node become: Markdown and cells."""
        for child in node.children:
            yield from self.block(child)

    def block(self, node: nodes.Node) -> Iterator[Piece]:
        """Yield what a node becomes."""
        known: Any = getattr(self, f"block_{type(node).__name__}", None)
        if known is None:
            self.refuse(node)
        yield from known(node)

    def refuse(self, node: nodes.Node) -> NoReturn:
        """End the build for a node that has no form here."""
        said = node.astext()[:60]
        kind = type(node).__name__
        msg = f"{self.docname}: a notebook has no form for {kind} {said!r}"
        raise SphinxError(msg)

    def text_blocks(self, node: nodes.Element) -> Iterator[str]:
        """Yield the blocks of a node that may hold no cell."""
        for piece in self.blocks(node):
            if not isinstance(piece, str):
                msg = f"{self.docname}: a cell stands within {type(node).__name__}"
                raise SphinxError(msg)
            yield piece

    def nothing(self, _node: nodes.Node) -> Iterator[Piece]:
        """Yield nothing of what no reader sees."""
        yield from ()

    block_comment = block_target = block_meta = block_toctree = nothing
    block_index = block_substitution_definition = block_compact_paragraph = nothing

    def block_section(self, node: nodes.section) -> Iterator[Piece]:
        """Yield a section, one level deeper."""
        self.level += 1
        yield from self.blocks(node)
        self.level -= 1

    def block_compound(self, node: nodes.compound) -> Iterator[Piece]:
        """Yield what is only held together."""
        yield from self.blocks(node)

    def block_title(self, node: nodes.title) -> Iterator[Piece]:
        """Yield a heading, with the number of its chapter."""
        number = chapter_number(self.env, self.docname) if self.level == 1 else ""
        words = f"{number}. {self.inline(node)}" if number else self.inline(node)
        yield f"{'#' * self.level} {words}"

    def block_paragraph(self, node: nodes.paragraph) -> Iterator[Piece]:
        """Yield a paragraph."""
        yield self.inline(node)

    def block_math_block(self, node: nodes.math_block) -> Iterator[Piece]:
        """Yield a formula, with its number."""
        tex = node.astext().strip()
        if r"\\" in tex and r"\begin" not in tex:
            tex = f"\\begin{{aligned}}\n{tex}\n\\end{{aligned}}"
        number = self.number(node).strip("()")
        tag = rf" \tag{{{number}}}" if number else ""
        yield f"$$\n{tex}{tag}\n$$"

    def number(self, node: nodes.Element) -> str:
        """Return the number of a figure, a table or an equation, as it is called."""
        return number_of(self.builder, self.docname, node)

    def block_bullet_list(self, node: nodes.bullet_list) -> Iterator[Piece]:
        """Yield a list."""
        yield self.listed(node, ["- "] * len(node))

    def block_enumerated_list(self, node: nodes.enumerated_list) -> Iterator[Piece]:
        """Yield a list with numbers."""
        first = node.get("start", 1)
        yield self.listed(node, [f"{first + i}. " for i in range(len(node))])

    def listed(self, node: nodes.Element, marks: list[str]) -> str:
        """Return the items of a list."""
        items = []
        for mark, item in zip(marks, node.children, strict=True):
            words = "\n\n".join(self.text_blocks(item))  # type: ignore[arg-type]
            items.append(mark + indent(words, " " * len(mark)).lstrip())
        return "\n".join(items)

    def block_definition_list(self, node: nodes.definition_list) -> Iterator[Piece]:
        """Yield terms and what they mean, as a list."""
        items = []
        for item in node.findall(nodes.definition_list_item):
            terms = ", ".join(map(self.inline, item.findall(nodes.term)))
            (meaning,) = item.findall(nodes.definition)
            words = "\n\n".join(self.text_blocks(meaning))
            items.append(f"- **{terms}:** {indent(words, '  ').lstrip()}")
        yield "\n".join(items)

    def block_glossary(self, node: nodes.Element) -> Iterator[Piece]:
        """Yield the list in it."""
        yield from self.blocks(node)

    def block_table(self, node: nodes.table) -> Iterator[Piece]:
        """Yield a table."""
        rows = [
            [" ".join(self.text_blocks(entry)) for entry in row.children]  # type: ignore[arg-type]
            for row in node.findall(nodes.row)
        ]
        rows.insert(1, ["---"] * len(rows[0]))
        for title in node.findall(nodes.title):
            yield f"**{self.number(node)}.** {self.inline(title)}"
        yield "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def block_admonition(self, node: nodes.admonition) -> Iterator[Piece]:
        """Yield a box, as a quotation under its title."""
        title, *rest = node.children
        words = [f"**{self.inline(title)}**"]
        for child in rest:
            words += map(str, self.block(child))
        yield quoted("\n\n".join(words))

    def block_Page(self, _node: Page) -> Iterator[Piece]:  # noqa: N802 (of the class)
        """Fold the output that a question asks for, in place of its form."""
        self.waits = True
        yield from ()

    def block_block_quote(self, node: nodes.block_quote) -> Iterator[Piece]:
        """Yield a quotation."""
        yield quoted("\n\n".join(self.text_blocks(node)))

    def block_footnote(self, node: nodes.footnote) -> Iterator[Piece]:
        """Yield a note behind its number."""
        number, *rest = node.children
        words = (str(piece) for child in rest for piece in self.block(child))
        yield f"<sup>{number.astext()}</sup> " + "\n\n".join(words)

    def block_transition(self, _node: nodes.transition) -> Iterator[Piece]:
        """Yield a line."""
        yield "---"

    def block_literal_block(self, node: nodes.literal_block) -> Iterator[Piece]:
        """Yield code that does not run."""
        yield f"```{node.get('language', '')}\n{node.astext()}\n```"

    def block_Solution(self, node: Any) -> Iterator[Piece]:  # noqa: N802 (of the class)
        """Yield what is folded: text in an element, and cells by what they say."""
        title = escape(node["title"])
        for piece in joined(self.blocks(node)):
            if isinstance(piece, str):
                yield f"<details><summary>{title}</summary>\n\n{piece}\n\n</details>"
            else:
                fold(piece, source=True, outputs=True)
                yield piece

    def block_figure(self, node: nodes.figure) -> Iterator[Piece]:
        """Yield the words of a figure that moves in the book, and stands nowhere else.

        Its caption says what to press.
        """
        if "explorable-figure" not in node["classes"]:
            self.refuse(node)
        where = self.builder.config.html_baseurl
        place = f"{where}{self.docname}.html#{node['ids'][0]}"
        moves = f"[moves in the book]({place})" if where else "moves in the book"
        said = " ".join(map(self.inline, node.findall(nodes.paragraph)))
        yield f"> **{self.number(node)}** {moves}. {said}"

    def block_container(self, node: nodes.container) -> Iterator[Piece]:
        """Yield a cell, and the caption of its figure."""
        if node.get("nb_element") != "cell_code":
            self.refuse(node)
        ran = self.run[node["cell_index"]]
        cell = v4.new_code_cell(ran.source, execution_count=ran.execution_count)
        cell.outputs = ran.outputs
        tags = ran.metadata.get("tags", [])
        fold(cell, source="hide-input" in tags, outputs=self.waits)
        self.waits = False
        yield cell
        for caption in node.findall(nodes.caption):
            yield f"**{self.number(caption.parent)}.** {self.inline(caption)}"

    # Within a line

    def inline(self, node: nodes.Node) -> str:
        """Return a node as Markdown within a line."""
        kind = type(node).__name__
        known: Any = getattr(self, f"inline_{kind}", None)
        if known is None:
            self.refuse(node)
        return str(known(node))

    def within(self, node: nodes.Element) -> str:
        """Return the children of a node."""
        return "".join(map(self.inline, node.children))

    inline_paragraph = inline_title = inline_caption = inline_term = within
    inline_inline = within
    inline_Number = within  # noqa: N815 (of the class)

    def inline_target(self, _node: nodes.target) -> str:
        """Return nothing for a place."""
        return ""

    inline_index = inline_comment = inline_target

    def inline_footnote_reference(self, node: nodes.footnote_reference) -> str:
        """Return the number of a note."""
        return f"<sup>{node.astext()}</sup>"

    def inline_Text(self, node: nodes.Text) -> str:  # noqa: N802 (of the class)
        """Return text that Markdown takes for text."""
        return text(node.astext())

    def inline_emphasis(self, node: nodes.emphasis) -> str:
        """Return stressed words."""
        return f"*{self.within(node)}*"

    inline_title_reference = inline_emphasis

    def inline_strong(self, node: nodes.strong) -> str:
        """Return important words."""
        return f"**{self.within(node)}**"

    def inline_literal(self, node: nodes.Element) -> str:
        """Return code."""
        code = node.astext()
        return f"`` {code} ``" if "`" in code else f"`{code}`"

    inline_literal_strong = inline_literal_emphasis = inline_literal

    def inline_math(self, node: nodes.math) -> str:
        """Return a formula."""
        return f"${node.astext()}$"

    def inline_reference(self, node: nodes.reference) -> str:
        """Return a link, or its words where they lead to no file."""
        words = self.within(node)
        address = node.get("refuri", "")
        page, _, name = address.removeprefix(
            self.builder.config.html_baseurl
        ).partition("#")
        page = page.removesuffix(".html")
        if page in self.named:
            self.named[page][name] = None
        if "://" in address or address.startswith("mailto:"):
            return f"[{words}]({address})"
        # Notebooks have no places of their own.
        return (
            f"[{words}]({address.partition('#')[0]})" if ".ipynb" in address else words
        )

    inline_number_reference = inline_reference


def text(words: str) -> str:
    """Return words that Markdown leaves as they are."""
    return SPECIAL.sub(r"\\\g<0>", words)


def quoted(words: str) -> str:
    """Return words as a quotation."""
    return re.sub(r"(?m)^> $", ">", indent(words, "> ", lambda _line: True))


def fold(cell: nbformat.NotebookNode, *, source: bool, outputs: bool) -> None:
    """Have notebooks show a part of a cell when it is asked for."""
    hidden = {"source_hidden": source, "outputs_hidden": outputs}
    hidden = {name: True for name, folded in hidden.items() if folded}
    if hidden:
        cell.metadata["jupyter"] = {**cell.metadata.get("jupyter", {}), **hidden}


def joined(pieces: Any) -> Iterator[Piece]:
    """Join texts that follow each other to one cell, up to the next heading."""
    words: list[str] = []
    for piece in pieces:
        cell = not isinstance(piece, str)
        if words and (cell or piece.startswith("#")):
            yield "\n\n".join(words)
            words = []
        if cell:
            yield piece
        else:
            words.append(piece)
    if words:
        yield "\n\n".join(words)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the builder."""
    app.add_builder(Notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
