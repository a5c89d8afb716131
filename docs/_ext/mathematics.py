"""Turn TeX into MathML while the book is built.

A reader's browser lays MathML out by itself: no script, also offline, in print and in
an ePub. math-core converts. sphinxcontrib-katex needs Node and leaves out macros when
it prerenders, and a formula that MathJax cannot read is shown in red and not reported;
here it is a warning with its place, which stops a strict build.

math-core writes styles as attributes, which a strict Content-Security-Policy forbids.
They become classes whose rules stand in `mathematics.css`.

No browser breaks a formula into lines. So the parts between which a line may end are
grouped here, and on a narrow page `mathematics.css` lays the groups out like words.
Every browser breaks a line between a formula and the comma behind it, so the two are
kept together.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
SHEET = Path(__file__).parents[1] / "_static" / "mathematics.css"
RULES = frozenset(re.findall(r"\.(tex-[\w-]+)", SHEET.read_text(encoding="utf-8")))
# Sphinx numbers equations, so the environments that would number them as well do not.
UNNUMBERED = (
    (r"\\(begin|end)\{(?:split|align(?:at)?\*?(?:\}\{\d+)?)\}", r"\\\1{aligned}"),
    (r"\\(begin|end)\{(?:equation|gather|multline)\*?\}", r"\\\1{gathered}"),
)
REPAIRS = (
    # Chromium lets a big bracket drop that has an exponent.
    (r"(<ms\w+>)(<mo [^>]*size=[^>]*>[^<]*</mo>)", r"\1<mrow>\2</mrow>"),
    # The font has a prime that is drawn for its place beside a letter.
    ("<mo(?=>[′″‴⁗]<)", '<mo class="tex-prime"'),
    # XML, of which an ePub consists, knows no names of characters but its own few.
    (r"&(?!lt|gt|amp|quot)\w+;", lambda name: unescape(name[0])),
)

MATHML = "{http://www.w3.org/1998/Math/MathML}"
ET.register_namespace("", MATHML[1:-1])
# A line may begin with one of these, outside of brackets.
RELATIONS = frozenset("=≠≈≡≤≥<>∼∝∈→←↦⇒⟹⟸⟺")
ARROWS = frozenset("⇒⟹⟸⟺")
OPERATORS = frozenset("+−±∓·⋅×⊙")
BRACKETS = dict(zip("([{⟨⌊⌈|‖∥", ")]}⟩⌋⌉|‖∥", strict=True))


def to_mathml(tex: str, *, display: bool, macros: dict[str, str] | None = None) -> str:
    """Convert TeX, or raise a ValueError that says what is wrong with it."""
    if skip := re.search(r"\\\\\s*\[[\d.]+\s*[a-z]+\]", tex):
        msg = f"math-core would print the distance in {skip[0]!r}"
        raise ValueError(msg)
    for numbered, plain in UNNUMBERED:
        tex = re.sub(numbered, plain, tex)
    converter = LatexToMathML(macros=macros, xml_namespace=True, fancy_error=False)
    try:
        mathml = converter.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise ValueError(str(error).partition(": ")[2].rstrip(".")) from error
    for found, better in REPAIRS:
        mathml = re.sub(found, better, mathml)
    mathml = re.sub(r' style="([^"]*)"', _class_of, mathml)
    return _with_breaks(mathml) if display else mathml


def _class_of(style: re.Match[str]) -> str:
    name = "tex-" + re.sub(r"\W+", "-", style[1]).strip("-")
    if name not in RULES:
        msg = f"mathematics.css has no rule .{name} for {style[1]!r}"
        raise ValueError(msg)
    return f' class="{name}"'


def _with_breaks(mathml: str) -> str:
    """Group a formula into clauses, and these into parts that may begin a line."""
    math = ET.fromstring(mathml)  # noqa: S314 (math-core wrote it)
    clauses, spaces = _clauses(math)
    if len(clauses[0]) == len(clauses) == 1:
        return mathml
    math[:] = []
    for clause, space in zip_longest(clauses, spaces):
        group = ET.SubElement(math, f"{MATHML}mrow", {"class": "clause"})
        for part in clause:
            ET.SubElement(group, f"{MATHML}mrow").extend(part)
        if space is not None:
            math.append(space)
    return ET.tostring(math, encoding="unicode")


def _clauses(math: ET.Element) -> tuple[list[list[list[ET.Element]]], list[ET.Element]]:
    """Return the parts of each clause, and the spaces between the clauses."""
    clauses: list[list[list[ET.Element]]] = [[[]]]
    spaces = []
    ends: list[str] = []  # of the brackets that are open
    last = ""
    for item in math:
        base = _base(item)
        word = (base.text or "") if base.tag == f"{MATHML}mo" else ""
        infix = word in OPERATORS and base.get("lspace") != "0"
        begins = not ends and (word in RELATIONS or infix)
        if not ends and _is_wide(item) and last not in ARROWS:
            clauses.append([[]])
            spaces.append(item)
        elif clauses[-1][-1] and (begins or (not ends and last == ",")):
            clauses[-1].append([item])
        else:
            clauses[-1][-1].append(item)
        if begins and (word in RELATIONS or clauses[-1][-1] == [item]):
            base.set("form", "infix")
        if ends and word == ends[-1]:
            ends.pop()
        elif word in BRACKETS:
            ends.append(BRACKETS[word])
        last = word
    return clauses, spaces


def _base(item: ET.Element) -> ET.Element:
    """Return what a power or an index is put to."""
    powers = {f"{MATHML}{name}" for name in ("msub", "msup", "msubsup")}
    while item.tag in powers or (item.tag == f"{MATHML}mrow" and len(item) == 1):
        item = item[0]
    return item


def _is_wide(item: ET.Element) -> bool:
    width = item.get("width", "0em").removesuffix("em")
    return item.tag == f"{MATHML}mspace" and float(width) >= 1


def render(translator: HTML5Translator, node: nodes.Element, *, display: bool) -> str:
    """Convert a formula of a page, or report its place and show its TeX."""
    tex, macros = node.astext(), translator.builder.config.math_macros
    try:
        return to_mathml(tex, display=display, macros=macros)
    except ValueError as error:
        LOGGER.warning("mathematics: %s in %r", error, tex, location=node, type="math")
        return f"<code>{translator.encode(tex)}</code>"


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    mathml = render(translator, node, display=False)
    span = translator.starttag(node, "span", "", CLASS="math notranslate")
    translator.body.append(f"{span}{mathml}</span>")
    raise nodes.SkipNode


def visit_display(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula of its own, in a box that scrolls when it is too wide."""
    mathml = render(translator, node, display=True)
    number = get_node_equation_number(translator, node) if node["number"] else ""
    label = f"Equation {number}".strip()
    write = translator.body.append
    write(translator.starttag(node, "div", CLASS="math notranslate equation"))
    write(f'<div class="equation-box" tabindex="0" role="group" aria-label="{label}">')
    write(f"{mathml}</div>")
    if number:
        write(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, f"Link to equation {number}")
        write("</span>")
    write("</div>\n")
    raise nodes.SkipNode


class KeepTogether(SphinxPostTransform):
    """Let no line end between a formula and the punctuation that touches it."""

    default_priority = 890
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Put the formula and its punctuation into one part of the line."""
        for math in list(self.document.findall(nodes.math)):
            line, at = math.parent, math.parent.index(math)
            before, after = (
                str(line[place])
                if 0 <= place < len(line) and isinstance(line[place], nodes.Text)
                else ""
                for place in (at - 1, at + 1)
            )
            start = len(before.rstrip("([“‘"))
            end = len(after) - len(re.sub(r"^[^\s\w(\[—–]+", "", after))
            if start == len(before) and not end:
                continue
            inside = (nodes.Text(before[start:]), math, nodes.Text(after[:end]))
            outside = (nodes.Text(before[:start]), nodes.Text(after[end:]))
            together = nodes.inline("", "", *inside, classes=["together"])
            first, last = at - bool(before), at + bool(after)
            line[first : last + 1] = [outside[0], together, outside[1]]


def note_mathematics(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Tell the layout whether the page needs the font of mathematics."""
    context["has_mathematics"] = "<math" in context.get("body", "")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(visit_inline, None),
        block_renderers=(visit_display, None),
    )
    app.add_config_value("math_macros", {}, "env")
    app.add_post_transform(KeepTogether)
    app.connect("html-page-context", note_mathematics)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
