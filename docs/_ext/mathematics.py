"""Turn TeX into MathML while the book is built.

A reader's browser lays MathML out by itself: no script, also offline, in print and in
an ePub. The converter is Temml, a JavaScript library, which runs here in a JavaScript
engine inside Python. sphinxcontrib-katex needs Node and leaves out macros when it
prerenders, and a formula that MathJax cannot read is shown in red and not reported;
here it is a warning with its place, which stops a strict build.

Temml writes a few style attributes, which a strict Content-Security-Policy forbids.
They become classes whose rules stand in `mathematics.css`.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import quickjs
from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

LOGGER = logging.getLogger(__name__)
TEMML = Path(__file__).parent / "vendor" / "temml" / "temml.min.js"
# Sphinx numbers equations, so the environments that would number them as well do not.
NUMBERED = re.compile(r"\\(begin|end)\{(align|gather|alignat|multline|equation)\}")
STYLED_TAG = re.compile(r'<[^<>]* style="[^"]*"[^<>]*>')


@cache
def converter() -> Callable[[str, str], str]:
    """Load Temml into a JavaScript engine, once."""
    context = quickjs.Context()
    context.set_max_stack_size(8 * 2**20)
    context.eval(TEMML.read_text(encoding="utf-8"))
    # The engine returns joined strings as ropes, which its Python side cannot read;
    # JSON makes a plain string of them.
    context.eval(
        "function toMathML(tex, options) {"
        "return JSON.stringify(temml.renderToString(tex, JSON.parse(options)))}"
    )
    convert: Callable[[str, str], str] = context.get("toMathML")
    return convert


@cache
def to_mathml(tex: str, *, display: bool, macros: str = "{}") -> str:
    """Convert TeX, or raise a ValueError that says what is wrong with it."""
    options = {
        "displayMode": display,
        "macros": json.loads(macros),
        "throwOnError": True,
        "wrap": "none",
        "xml": True,
    }
    tex = NUMBERED.sub(r"\\\1{\2*}", tex)
    try:
        mathml: str = json.loads(converter()(tex, json.dumps(options)))
    except quickjs.JSException as error:
        message = str(error).partition("\n    at ")[0]
        msg = " ".join(message.replace("ParseError:", "").split())
        raise ValueError(msg) from error
    return STYLED_TAG.sub(_style_as_class, mathml)


def class_of(style: str) -> str:
    """Name a style attribute of Temml's: ``math-depth:0;`` is ``tml-math-depth-0``."""
    return "tml-" + re.sub(r"[^a-z0-9]+", "-", style.strip().rstrip(";").lower())


def _style_as_class(found: re.Match[str]) -> str:
    tag, style = found[0], re.search(r' style="([^"]*)"', found[0])
    assert style is not None  # noqa: S101 (the pattern of the tag has it)
    name = class_of(style[1])
    tag = tag.replace(style[0], "")
    if ' class="' in tag:
        return tag.replace(' class="', f' class="{name} ')
    return re.sub(r"(/?>)$", rf' class="{name}"\1', tag)


def render(translator: HTML5Translator, node: nodes.Element, *, display: bool) -> str:
    """Convert a formula of a page, or report its place and show its TeX."""
    config = translator.builder.config
    try:
        return to_mathml(
            node.astext(), display=display, macros=json.dumps(config.math_macros)
        )
    except ValueError as error:
        LOGGER.warning(
            "mathematics: %s in %r", error, node.astext(), location=node, type="math"
        )
        return f"<code>{translator.encode(node.astext())}</code>"


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


def note_mathematics(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Tell the layout whether the page needs the font of mathematics."""
    context["has_mathematics"] = "<math" in context.get("body", "")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer(
        "temml",
        inline_renderers=(visit_inline, None),
        block_renderers=(visit_display, None),
    )
    app.add_config_value("math_macros", {}, "env")
    app.connect("html-page-context", note_mathematics)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
