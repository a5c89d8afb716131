"""Write the book as one document of Typst, for `typst_pdf.py` to set.

The pages are joined as for the book on one page. What print has not stays with the
site: the reference of the library, and the pages on running, changing and measuring the
book. A link that leads there is its words alone; any other leads somewhere, since Typst
stops at a label that it does not find.

Solutions, and code that the page folds away, stand at the end, and links lead there and
back: paper has no folds. No library writes Typst from Sphinx's pages with the nodes of
MyST-NB and of this book.
"""

from __future__ import annotations

import json
import shutil
from itertools import groupby, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from numbering import chapter_number, in_words
from single_page import assembled, place
from sphinx import addnodes
from sphinx.builders import Builder
from typst_calls import call, string, text
from typst_text import Later, Markup, links_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from sphinx.application import Sphinx

TEMPLATE = Path(__file__).with_suffix(".typ")
# The captions of the contents whose pages stay with the site.
LEFT_OUT = ("The library", "Behind the book")
PICTURES = "pictures"


class TypstBook(Builder):
    """Typst's markup of all pages, the TeX of their formulas, and their pictures."""

    name = format = "typst"
    epilog = "The sources of the book are in %(outdir)s; nox -s pdf sets them."
    supported_image_types = ["image/svg+xml", "image/png", "image/jpeg"]  # noqa: RUF012

    def get_outdated_docs(self) -> str:
        """Write all: it is one document."""
        return "all documents"

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:  # noqa: ARG002
        """Name a page by a place of the one document."""
        return f"#document-{docname}"

    def get_relative_uri(self, from_: str, to: str, typ: str | None = None) -> str:  # noqa: ARG002
        """Name a page by a place of the one document."""
        return self.get_target_uri(to)

    def write_documents(self, _docnames: AbstractSet[str]) -> None:
        """Write the document, its formulas and its pictures."""
        tree = assembled(self)
        cover: Any = tree[0]
        links = links_of(tree)
        parts = list(taken_apart(cover))
        left_out = {
            name
            for caption, pages in parts
            if caption in LEFT_OUT
            for page in pages
            for name in places(page)
        }
        pictures = Path(self.outdir, PICTURES)
        shutil.rmtree(pictures, ignore_errors=True)
        pictures.mkdir(parents=True)
        markup = Markup(links - left_out, self._numbers(), self._picture)
        written = [markup.page(cover)]
        for caption, pages in parts:
            if caption in LEFT_OUT:
                continue
            written.append(f"\n\n#part({string(caption)});\n\n")
            written += map(markup.page, pages)
        written += self._at_the_end(markup)
        about = {
            "title": self.config.project,
            "author": self.config.author,
            "version": self.config.version,
            "language": self.config.language,
        }
        head = [f"#let {key} = {string(value)}" for key, value in about.items()]
        head += ['#import "setting.typ": *']
        head += ["#show: set-book.with(title, author, language, version)"]
        source = "\n".join(head) + "".join(written)
        for other, label in markup.labels.items():
            if other != label:
                source = source.replace(
                    f"#to({string(other)})", f"#to({string(label)})"
                )
        Path(self.outdir, "book.typ").write_text(source, encoding="utf-8")
        shutil.copy(TEMPLATE, Path(self.outdir, "setting.typ"))
        formulas = [formula._asdict() for formula in markup.formulas]
        Path(self.outdir, "formulas.json").write_text(
            json.dumps(formulas, ensure_ascii=False, indent=1), encoding="utf-8"
        )

    def _numbers(self) -> dict[str, str]:
        """Return the number of what has one, by its place."""
        chapters = {
            f"document-{docname}": chapter_number(self.env, docname)
            for docname in self.env.found_docs
        }
        return chapters | {
            place(docname, name): in_words(self, kind, number)
            for docname, kinds in self.env.toc_fignumbers.items()
            for kind, own in kinds.items()
            for name, number in own.items()
        }

    def _picture(self, image: nodes.image | str) -> str:
        """Copy a picture, or write a drawing, and return the name of its file."""
        if isinstance(image, str):
            name, _, drawn = image.partition("\0")
            Path(self.outdir, PICTURES, name).write_text(drawn, encoding="utf-8")
            return f"{PICTURES}/{name}"
        path = Path(self.srcdir, image["uri"])
        name = self.env.images[image["uri"]][1]
        shutil.copy(path, Path(self.outdir, PICTURES, name))
        return f"{PICTURES}/{name}"

    def _at_the_end(self, markup: Markup) -> Iterator[str]:
        """Write what paper cannot fold, under the names of the chapters."""
        titles = {"solutions": "Solutions", "code": "Code behind the figures"}
        for kind, title in titles.items():
            if markup.later[kind]:
                yield f"\n\n#part({string(title)});\n\n"
            for docname, those in groupby(markup.later[kind], lambda one: one.docname):
                name = text(self.env.titles[docname].astext())
                number = string(markup.numbers[f"document-{docname}"])
                yield f"\n\n{call('answers', number, ends='')}[{name}]\n\n"
                yield from map(_answer, those)


def _answer(one: Later) -> str:
    title = f"[{one.title}]"
    return f"\n\n{call('answer', string(one.name), title, ends='')}[{one.markup}]\n\n"


def taken_apart(cover: nodes.Element) -> Iterator[tuple[str, list[Any]]]:
    """Take the pages out of the cover that lists them, and yield them by their part."""
    for caption in list(cover.findall(nodes.rubric)):
        listed: Any = caption.parent
        at = listed.index(caption)
        pages = list(takewhile(_is_page, listed[at + 1 :]))
        if pages:
            del listed[at : at + 1 + len(pages)]
            yield caption.astext(), pages


def _is_page(node: nodes.Node) -> bool:
    return isinstance(node, addnodes.start_of_file)


def places(page: nodes.Element) -> Iterator[str]:
    """Yield the names of all places of a page."""
    yield f"document-{page['docname']}"
    for node in page.findall(nodes.Element):
        yield from node["ids"]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the builder."""
    app.add_builder(TypstBook)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
