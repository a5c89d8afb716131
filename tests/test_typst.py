"""What is set for print: formulas in words, and Typst's markup of single nodes."""

from __future__ import annotations

import pytest
from docutils import nodes
from formula_words import words
from typst_calls import Tables, call, grid, string, text
from typst_text import Markup

SAID = {
    r"\frac12 x^2": "one half x squared",
    r"\Delta\lambda": "capital delta lambda",
    r"x_{t+1} = x_t - \alpha\,g": "x sub t plus 1, equals x sub t minus alpha g",
    r"\sum_{i=1}^{n} x_i": "the sum from i equals 1 to n of x sub i",
    r"\hat y \ge \bar y": "y hat is at least y bar",
    r"X^\top f'(x)": "capital X transposed f prime open bracket x close bracket",
    r"\frac{a + b}{\sqrt{c}}": (
        "the fraction a plus b over the root of c, end of fraction"
    ),
    r"\sqrt{a + b}": "the root of a plus b, end of root",
    r"e^{-z}": "e to the power minus z",
    r"\binom nk": "open bracket n choose k close bracket",
    r"\underbrace{x}_{\text{input}}": "x, called input",
    r"\max_j z_j": "max over j of z sub j",
    r"a = 1, \quad b = 2": "a equals 1, b equals 2",
    r"\begin{aligned} a &= 1 \\ b &= 2 \end{aligned}": "a equals 1; b equals 2",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}": (
        "open bracket a, b; c, d close bracket"
    ),
    r"A \odot B": "capital A times, entry by entry, capital B",
    r"\operatorname{relu}(x)": "relu open bracket x close bracket",
}


@pytest.mark.parametrize("tex", SAID)
def test_formula_in_words(tex: str) -> None:
    """A listener hears each sign, and where a fraction or a root ends."""
    assert words(tex) == SAID[tex]


def test_formula_without_words() -> None:
    """What no page can show has no words either."""
    with pytest.raises(ValueError, match="nope"):
        words(r"\nope")


def test_words_are_no_markup() -> None:
    """No sign of a sentence means anything to Typst."""
    assert text("a_1  *b*\n#c [d] 2.") == r"a\_1 \*b\* \#c \[d\] 2\."
    assert string('"\\\x1b\n') == r'"\"\\\u{001b}\n"'
    assert call("f", "1", a_b="2") == "#f(a-b: 2, 1);"


def test_tables_of_cells() -> None:
    """Numbers stand to the right, as on the page, and the fields of a trace do not."""
    numbers = Tables(
        '<table class="numbers"><thead><tr><th scope="col">a &lt; b</th></tr></thead>'
        "<tbody><tr><td>1.50</td></tr><tr><td>−2</td></tr></tbody></table>"
    )
    assert grid(numbers.rows) == (
        r"#rows(columns: 1, align: (right,), table.header([a \< b]), [1\.50], [−2]);"
    )
    trace = Tables(
        '<table class="trace"><tbody><tr><th scope="row"><code>new_weight</code></th>'
        "<td>2</td></tr></tbody></table>"
    )
    assert grid(trace.rows) == (
        '#rows(columns: 2, align: (left, left,), [#raw("new_weight");], [2]);'
    )
    said = Tables("<p>No <code>table</code> here</p>")
    assert (said.rows, said.said) == ([], 'No #raw("table"); here')


def markup(*wanted: str, **numbers: str) -> Markup:
    """Return the markup of a book without pictures."""
    return Markup(set(wanted), numbers, str)


def test_links() -> None:
    """A link leads to what is there; to what was left out, it is its words."""
    inside = nodes.reference("", "here", refid="a")
    away = nodes.reference("", "away", refuri="#document-reference")
    site = nodes.reference("", "site", refuri="https://book.example/")
    write = markup("a")
    assert write(inside) == '#to("a")[here];'
    assert write(away) == "away"
    assert write(site) == '#link("https://book.example/")[site];'


def test_places() -> None:
    """What nobody links to has no label, and what has two names has one."""
    write = markup("b", "c")
    assert write(nodes.paragraph("", "x", ids=["a"])).strip() == "x"
    paragraph = nodes.paragraph("", "x", ids=["b", "c"])
    assert write(paragraph).strip() == '#metadata(none)#label("b")x'
    assert write.labels == {"b": "b", "c": "b"}


def test_boxes() -> None:
    """Each kind of box is framed as what it is."""
    for kind, framed in (("predict", "predict"), ("opening", "opening"), ("x", "note")):
        box = nodes.admonition("", nodes.title("", "T"), nodes.paragraph("", "x"))
        box["classes"] = [kind]
        assert markup()(box).strip() == f'#framed("{framed}")[T][x]'


class Strange(nodes.Element):
    """A node that no page has."""


def test_unknown_node(caplog: pytest.LogCaptureFixture) -> None:
    """A node that has no way into print is named, which stops a strict build."""
    assert markup()(Strange()) == ""
    assert "no way to write 'Strange'" in caplog.text
