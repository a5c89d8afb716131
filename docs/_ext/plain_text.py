"""Give the book as plain text its numbers, and its figures their words.

Sphinx's writer for text gives a section without a number that of its chapter, figures
and equations, which sentences call by their numbers, none, and breaks the lines of a
formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from numbering import number_of, written
from sphinx.builders.text import TextBuilder
from sphinx.writers.text import TextTranslator

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class PlainText(TextTranslator):
    """Write what the pages of the site say, with the numbers that they give it."""

    def number(self, node: nodes.Element) -> str:
        """Return the number of a figure, a table, a listing or an equation."""
        return number_of(self.builder, self.builder.current_docname or "", node)

    def get_section_number_string(self, node: nodes.Element) -> str:
        """Return the number of a title, which is that of its own section or table."""
        numbers, parent = self.builder.secnumbers, node.parent
        if not isinstance(parent, nodes.section):
            return f"{self.number(parent)} ".lstrip()
        number = numbers.get(f"#{parent['ids'][0]}", numbers.get(""))
        return written(number) + self.secnumber_suffix if number else ""

    def visit_caption(self, node: nodes.Element) -> None:
        """Begin a caption with the number of what it belongs to."""
        self.new_state(0)
        self.add_text(f"{self.number(node.parent)} ".lstrip())

    def depart_caption(self, _node: nodes.Element) -> None:
        """End a caption as a paragraph."""
        self.end_state()

    def visit_image(self, node: nodes.Element) -> None:
        """Write the words of a picture, as a paragraph where it is one."""
        inline = isinstance(node.parent, nodes.TextElement)
        if not inline:
            self.new_state(0)
        self.add_text(f"[{node.get('alt', '')}]")
        if not inline:
            self.end_state()
        raise nodes.SkipNode

    def visit_number_reference(self, _node: nodes.Element) -> None:
        """Leave a reference to a number to the text in it."""

    def depart_number_reference(self, _node: nodes.Element) -> None:
        """Write nothing more."""

    def depart_math_block(self, node: nodes.Element) -> None:
        """Leave the lines of a formula as they are, and number it."""
        number = self.number(node)
        self.add_text(f"   {number}" if number else "")
        self.end_state(wrap=False)


class PlainPages(TextBuilder):
    """Write pages so.

    Where any writer is set by `set_translator`, the theme leaves Sphinx's writer of web
    pages as it is, without the boxes that tables scroll in and the levels of headings.
    """

    default_translator_class = PlainText


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the builder."""
    app.add_builder(PlainPages, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
