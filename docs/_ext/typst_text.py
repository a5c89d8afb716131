"""Say in Typst what the nodes of a page say.

Typst is markup with calls, ``#emph[so];``, and what a call looks like stands in
`typst_book.typ`. A formula is the place of its TeX in a list, since pandoc reads all of
them at once. Sphinx writes LaTeX for print, which cannot include SVG and takes a
gigabyte to set; the Typst builders of others know none of this book's nodes.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from formula_words import words
from linked_numbers import Number
from sphinx import addnodes
from sphinx.util import logging
from typst_calls import Row, Tables, block, call, grid, string, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from solutions import Solution

LOGGER = logging.getLogger(__name__)
LANGUAGES = {"default": "", "none": "", "text": "", "ipython3": "python"}
POINTS = 72 / 96  # of a pixel
LINK_BACK = "In the reference: "  # at the end of a chapter, to what is left out
SMALLER = 0.7  # than on a page, whose letters are larger
SIDE_BY_SIDE, ROOM = 2, 368  # panels, and points for them
FONT = 'font-family="DejaVu Sans" font-size="11"'
SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


class Formula(NamedTuple):
    """What pandoc reads, and what a screen reader says in its place."""

    tex: str
    display: bool
    words: str


class Later(NamedTuple):
    """What stands at the end of the book, and the place that it belongs to."""

    docname: str
    title: str
    name: str
    markup: str


class Markup:
    """The markup of one book.

    Parameters
    ----------
    wanted : set of str
        The places that links lead to; no other has a label.
    numbers : dict of str to str
        The number of each figure, table and equation, with its word.
    picture : callable
        Returns the name of the file of a picture.
    """

    def __init__(
        self,
        wanted: set[str],
        numbers: dict[str, str],
        picture: Callable[[nodes.image | str], str],
    ) -> None:
        self.wanted, self.numbers, self.picture = wanted, numbers, picture
        self.formulas: dict[Formula, int] = {}
        self.labels: dict[str, str] = {}
        self.later: dict[str, list[Later]] = {"solutions": [], "code": []}
        self.docname = ""
        self.footnotes: dict[str, nodes.Element] = {}

    def page(self, page: nodes.Element) -> str:
        """Write a page."""
        self.docname = page["docname"]
        self.footnotes = {
            name: note for note in page.findall(nodes.footnote) for name in note["ids"]
        }
        return self.inner(page)

    def inner(self, node: Any) -> str:
        """Write what an element holds."""
        return "".join(map(self, node.children))

    def __call__(self, node: nodes.Node) -> str:
        """Write a node, or warn of one that this book had not when this was written."""
        for kind in type(node).__mro__:
            write = getattr(self, f"_{kind.__name__.lower()}", None)
            if write:
                return str(write(node))
        LOGGER.warning("typst: no way to write %r", type(node).__name__, location=node)
        return ""

    def label(self, node: nodes.Element, markup: str = "") -> str:
        """Return the label of an element that a link leads to, for behind it."""
        names = [name for name in node["ids"] if name in self.wanted]
        if not names:
            return ""
        for name in names:
            self.labels[name] = names[0]
        return call(f"{markup}label", string(names[0]), ends="")

    def at(self, node: nodes.Element) -> str:
        """Return a place for links to an element that Typst cannot label."""
        label = self.label(node)
        return f"#metadata(none)#{label[1:]}" if label else ""

    # Text.

    def _text(self, node: nodes.Text) -> str:
        return text(node.astext())

    def _paragraph(self, node: nodes.Element) -> str:
        if node.astext().startswith(LINK_BACK):
            return ""
        return block(self.at(node) + self.inner(node))

    def _emphasis(self, node: nodes.Element) -> str:
        return f"#emph[{self.inner(node)}];"

    def _strong(self, node: nodes.Element) -> str:
        return f"#strong[{self.inner(node)}];"

    def _literal(self, node: nodes.Element) -> str:
        return call("raw", string(node.astext()))

    def _inline(self, node: nodes.Element) -> str:
        return self.at(node) + self.inner(node)

    def _number(self, node: nodes.Element) -> str:
        """Write a number without its link: the reference stays with the site."""
        return self.inner(node)

    def _reference(self, node: nodes.Element) -> str:
        """Write a link, or its words alone where this book lacks the page."""
        inner = self.inner(node)
        place = f"#{node['refid']}" if "refid" in node else node.get("refuri", "")
        if not place.startswith("#"):
            return f"{call('link', string(place), ends='')}[{inner}];"
        if place[1:] not in self.wanted:
            return inner
        return f"{call('to', string(place[1:]), ends='')}[{inner}];"

    def _footnote_reference(self, node: nodes.Element) -> str:
        label, *rest = self.footnotes[node["refid"]].children
        inner = "".join(map(self, rest)).strip()
        return f"#footnote[{inner}];" if label else ""

    # Formulas.

    def formula(self, node: nodes.Element, *, display: bool) -> str:
        """Return the place of a formula among all of them."""
        tex = node.astext()
        try:
            said = words(tex)
        except ValueError as error:
            LOGGER.warning("typst: %s in %r", error, tex, location=node)
            said = tex
        formula = Formula(tex, display, said)
        return str(self.formulas.setdefault(formula, len(self.formulas)))

    def _math(self, node: nodes.Element) -> str:
        return call("tex", self.formula(node, display=False))

    def _math_block(self, node: nodes.Element) -> str:
        number = next((self.numbers[n] for n in node["ids"] if n in self.numbers), "")
        given = self.formula(node, display=True), string(number)
        return block(call("display", *given, ends="") + self.label(node))

    # Blocks.

    def _section(self, node: nodes.Element) -> str:
        return self.inner(node)

    _compound = _glossary = _label = _section

    def _title(self, node: nodes.Element) -> str:
        """Write a heading, one level below that of the part its page is in."""
        level, section = 1, node.parent
        above: Any = section
        while above is not None and not isinstance(above, addnodes.start_of_file):
            level += isinstance(above, nodes.section)
            above = above.parent
        names = list(section["ids"])
        if above is not None and level == 2:
            names.append(f"document-{above['docname']}")
            section["ids"] = names
        number = self.numbers.get(f"document-{self.docname}", "") if level == 2 else ""
        if level == 2:
            call_ = call("chapter", string(number), ends="")
        else:
            call_ = call("heading", level=str(level), ends="")
        return block(f"{call_}[{self.inner(node)}]{self.label(section)}")

    def _rubric(self, node: nodes.Element) -> str:
        return block(f"#strong[{self.inner(node)}]")

    def _bullet_list(self, node: nodes.Element) -> str:
        return self._listed("list", node)

    def _enumerated_list(self, node: nodes.Element) -> str:
        return self._listed("enum", node, start=str(node.get("start", 1)))

    def _listed(self, kind: str, node: nodes.Element, **named: str) -> str:
        items = [f"[{self.inner(item).strip()}]" for item in node.children]
        tight = all(len(item.children) < 2 for item in node.children)
        return block(call(kind, *items, tight=str(tight).lower(), **named))

    def _definition_list(self, node: nodes.Element) -> str:
        items = []
        for item in node.findall(nodes.definition_list_item):
            terms = [term for term in item.children if isinstance(term, nodes.term)]
            named = ", ".join(self.at(term) + self.inner(term) for term in terms)
            said = self.inner(item.children[-1]).strip()
            items.append(f"terms.item([{named}], [{said}])")
        return block(call("terms", *items, tight="false"))

    def _block_quote(self, node: nodes.Element) -> str:
        return block(f"#quote(block: true)[{self.inner(node).strip()}]")

    def _citation(self, node: nodes.Element) -> str:
        """Write an entry of the bibliography."""
        label, *rest = node.children
        inner = "".join(map(self, rest)).strip()
        return block(f"{self.at(node)}#entry[{self(label).strip()}][{inner}]")

    def _admonition(self, node: nodes.Element) -> str:
        """Frame a box, by its class."""
        title, *rest = node.children
        kinds = [kind for kind in node["classes"] if kind in {"opening", "predict"}]
        kind = string(kinds[0] if kinds else "note")
        inner = "".join(map(self, rest)).strip()
        called = call("framed", kind, ends="")
        return block(f"{self.at(node)}{called}[{self.inner(title)}][{inner}]")

    # Code, and what it gives.

    def _literal_block(self, node: nodes.Element) -> str:
        box: Any = node.parent
        source = string(node.astext())
        if "cell_output" in box.get("classes", ()):
            return block(call("printed", source))
        language = node.get("language", "")
        given = string(LANGUAGES.get(language, language)), source
        shows = "cell_input" in box.get("classes", ()) and len(box.parent.children) > 1
        return block(call("code", *given, sticky=str(shows).lower()))

    def _container(self, node: nodes.Element) -> str:
        """Write a cell; code that the page hides stands at the end of the book."""
        hidden = "tag_hide-input" in node["classes"]
        if "tag_exercise" in node["classes"]:
            return self.at(node) + self(node.children[0])  # nothing is checked here
        if node.get("nb_element") != "cell_code" or not hidden:
            return self.at(node) + self.inner(node)
        inputs, *rest = node.children
        name = f"code-{len(self.later['code']) + 1}"
        later = Later(self.docname, "", name, self.inner(inputs))
        self.later["code"].append(later)
        link = block(call("hidden", string(name)))
        return self.at(node) + "".join(map(self, rest)) + link

    def _solution(self, node: Solution) -> str:
        """Let a link stand in the place of a solution, and of the hint before it."""
        siblings, kind = node.parent.children, type(node)
        at = siblings.index(node)
        if at and isinstance(siblings[at - 1], kind):
            return ""
        folds = list(takewhile(lambda each: isinstance(each, kind), siblings[at:]))
        name = f"solution-{len(self.later['solutions']) + 1}"
        inner = "".join(map(self.inner, folds))
        later = Later(self.docname, self._asked(node), name, inner)
        self.later["solutions"].append(later)
        title = " and ".join(each["title"] for each in folds).capitalize()
        return block(call("folded", string(name), string(title)))

    def _asked(self, node: nodes.Node) -> str:
        """Return the title of an exercise, or the function that it asks for."""
        above: Any = node.parent
        before = above.children[: above.index(node)]
        for cell in reversed(before):
            if isinstance(cell, nodes.Element) and "tag_exercise" in cell["classes"]:
                asked = re.search(r"(?m)^def (\w+)", cell.astext())
                return call("raw", string(asked[1] if asked else ""))
        return self.inner(above.next_node(nodes.title))

    def _image(self, node: nodes.image) -> str:
        """Write a picture, a little smaller than on a page, where type is larger."""
        asked: dict[str, str] = node.get("size", {})
        size = asked.get("width", "")
        share = f"{size[:-1]}%" if size.endswith("%") else ""
        width = share or f"{float(size or 400) * POINTS * SMALLER:g}pt"
        alt = string(node.get("alt", ""))
        drawn = call("image", string(self.picture(node)), width=width, alt=alt, ends="")
        inline = isinstance(node.parent, nodes.TextElement)
        in_figure = isinstance(node.parent, nodes.figure)
        return drawn if inline or in_figure else block(f"#align(center)[{drawn}]")

    def _explorable(self, node: nodes.Element) -> str:
        """Write the panels of a figure that moves on its page."""
        found = [(svg, _width(svg)) for svg in SVG.findall(node["still"])]
        widest = sum(sorted((width for _, width in found), reverse=True)[:SIDE_BY_SIDE])
        scale = min(SMALLER, ROOM / widest)
        given = []
        for number, (svg, width) in enumerate(found):
            styled = svg.replace("<svg ", f"<svg {FONT} ", 1)
            file = self.picture(f"{node['explorable']}-{number}.svg\0{styled}")
            size, alt = f"{width * scale:g}pt", string(node["alt"])
            drawn = call("image", string(file), width=size, alt=alt)[1:-1]
            # Its words are heard once.
            given.append(f"pdf.artifact({drawn})" if number else drawn)
        return call("panels", *given, ends="")

    def _figure(self, node: nodes.Element) -> str:
        """Write a figure with the number that the book gives it."""
        captions = [child for child in node.children if _is_caption(child)]
        drawn = "".join(map(self, (c for c in node.children if c not in captions)))
        caption = " ".join(self.inner(each) for each in captions)
        return self._numbered(node, "picture", drawn, caption)

    def _numbered(
        self, node: nodes.Element, kind: str, drawn: str, caption: str
    ) -> str:
        number = next((self.numbers[n] for n in node["ids"] if n in self.numbers), "")
        given = string(kind), string(number), f"[{caption}]", f"[{drawn.strip()}]"
        return block(call("shown", *given, ends="") + self.label(node))

    def _table(self, node: nodes.table) -> str:
        """Write a table, whose columns are where the page has them."""
        rows = [
            (row, isinstance(row.parent, nodes.thead))
            for row in node.findall(nodes.row)
        ]
        cells = [
            Row([(self.inner(cell).strip(), _side(cell)) for cell in row], head=head)
            for row, head in rows
        ]
        table = grid(cells)
        titles = [child for child in node.children if isinstance(child, nodes.title)]
        if not titles:
            return block(self.at(node) + table)
        return self._numbered(node, "table", table, self.inner(titles[0]))

    def _raw(self, node: nodes.Element) -> str:
        """Write the tables of a cell, and what its HTML says besides."""
        if "html" not in node.get("format", "").split():
            return ""
        found = Tables(node.astext())
        return block(grid(found.rows)) if found.rows else block(found.said.strip())

    # What only pages have, or other nodes speak for.

    def _nothing(self, _node: nodes.Node) -> str:
        return ""

    _comment = _footnote = _index = _meta = _page = _target = _nothing
    _substitution_definition = _nothing
    _transition = _nothing  # before notes, which here stand at the foot of their page


def _width(svg: str) -> float:
    return float(svg.split('viewBox="')[1].split()[2])


def _is_caption(node: nodes.Node) -> bool:
    return isinstance(node, nodes.caption | nodes.legend)


def _side(cell: Any) -> str:
    sides = [name[5:] for name in cell["classes"] if name.startswith("text-")]
    return sides[0] if sides else "left"


def links_of(tree: nodes.Element) -> set[str]:
    """Return the places that links lead to."""
    found = set()
    for link in tree.findall(nodes.reference):
        if isinstance(link, Number):
            continue
        where = f"#{link['refid']}" if "refid" in link else link.get("refuri", "")
        if where.startswith("#"):
            found.add(where[1:])
    return found
