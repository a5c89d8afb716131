"""Let a reader foretell a number or choose, and unfold what follows.

``:::{predict} CHAPTER.QUESTION`` is an admonition that asks what its content says.
Answer, tolerance and known mistakes come from `gdbook.exercises`, and a small script,
`exercises.js`, judges by them: no Python is fetched. Until there is an answer, the
output of the cell right behind is folded, and so is what the page says of it, up to
the next heading, box, figure or cell. A style sheet folds, so that nothing is seen
before a script runs. Where none runs, in print, and in every format that is no page,
the question is all there is.

The script also notes which exercises are done, and shows that in the contents beside
every page and where ``{progress}`` stands; so all pages load it, with the number of
exercises of every chapter. No library keeps a reader's progress without a server.
"""

from __future__ import annotations

import json
from html import escape
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from builders import THEMED
from docutils import nodes
from solutions import asked_by
from sphinx.util.docutils import SphinxDirective

from gdbook import exercises

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

    from gdbook.exercises._predict import Prediction


# What is folded with the output before it, as it may state the answer.
TOLD = (
    nodes.bullet_list,
    nodes.comment,
    nodes.definition_list,
    nodes.enumerated_list,
    nodes.math_block,
    nodes.paragraph,
    nodes.table,
    nodes.target,
)


class Page(nodes.General, nodes.Element):
    """HTML that pages have, and no other format."""


class Predict(SphinxDirective):
    """Ask a question of the library."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the question, and the form for its answer."""
        asked = asked_by(self, exercises.predictions, "prediction")
        question = nodes.admonition("\n".join(self.content), classes=["predict"])
        self.set_source_info(question)
        question += nodes.title("", "Predict")
        question += self.parse_content_to_nodes()
        question += Page(html=form(asked))
        return [question]


def form(asked: Prediction) -> str:
    """Write the form that an answer is typed into, or chosen from."""
    fields = "".join(
        f'<button value="{escape(choice)}">{escape(choice)}</button>'
        for choice in asked.choices
    )
    if fields and asked.asks:
        fields = f"<span>{escape(asked.asks)}</span>{fields}"
    fields = fields or (
        f"<label>{escape(asked.asks or 'Your number')} "
        '<input name="guess" size="8" autocomplete="off"></label><button>Check</button>'
    )
    data = escape(json.dumps(asked.data, ensure_ascii=False))
    return (
        f'<form class="guess" data-prediction="{asked.name}" data-told="{data}">'
        f'{fields}<button type="button">Show</button><p role="status"></p></form>'
    )


class Answer(nodes.General, nodes.Element):
    """What a page says of an output that waits for an answer."""


def fold(app: Sphinx, doctree: nodes.document, _page: str) -> None:
    """Gather what follows such an output, up to the next thing to look at."""
    if app.builder.name not in THEMED:
        return
    for form in list(doctree.findall(Page)):
        asked, siblings = form.parent, form.parent.parent.children
        if "predict" not in asked.get("classes", ()):
            continue
        first = siblings.index(asked) + 2  # behind the cell whose output waits
        told = list(takewhile(_tells, siblings[first:]))
        while told and _is_quiet(told[-1]):
            told.pop()
        if told:
            asked.parent[first : first + len(told)] = [Answer("", *told)]


def _tells(node: nodes.Node) -> bool:
    return isinstance(node, TOLD) or _is_quiet(node)


def _is_quiet(node: nodes.Node) -> bool:
    """Say whether a node is a cell that shows neither code nor output at first."""
    if not isinstance(node, nodes.container) or "tag_hide-input" not in node["classes"]:
        return False
    inner = (each["classes"] for each in node.findall(nodes.container))
    return not any("cell_output" in classes for classes in inner)


def open_answer(translator: HTML5Translator, node: Answer) -> None:
    """Begin what a style sheet folds; a browser finds and shows what is in it."""
    given: dict[str, Any] = {"hidden": "until-found"}
    translator.body.append(translator.starttag(node, "div", CLASS="answer", **given))


def close_answer(translator: HTML5Translator, _node: Answer) -> None:
    """End it."""
    translator.body.append("</div>\n")


class Progress(SphinxDirective):
    """Leave the place where a script says how far the reader has come."""

    def run(self) -> list[nodes.Node]:
        """Return the place."""
        return [Page(html='<div class="done"></div>')]


def visit(translator: HTML5Translator, node: Page) -> None:
    """Write it on a page."""
    if translator.builder.name in THEMED:
        translator.body.append(node["html"])
    raise nodes.SkipNode


def skip(_translator: Any, _node: Page) -> None:
    """Write nothing."""
    raise nodes.SkipNode


def load_script(app: Sphinx, *_: object) -> None:
    """Have every page load the script, with how many exercises each chapter has."""
    if app.builder.name in THEMED:
        counted = ((stem, len(exercises.of(stem))) for stem in exercises.__all__)
        told = " ".join(f"{stem} {count}" for stem, count in counted)
        attributes: dict[str, Any] = {"data-exercises": told}
        app.add_js_file("exercises.js", **attributes)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_node(Page, html=(visit, None), text=(skip, None))
    app.add_node(Answer, html=(open_answer, close_answer))
    app.add_directive("predict", Predict)
    app.add_directive("progress", Progress)
    app.connect("builder-inited", load_script)
    app.connect("doctree-resolved", fold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
