"""Where a formula may break into lines on a narrow page."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from book import ROOT


def lines(tex: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a formula's words, clauses apart by ``||`` and their parts by ``|``."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    from mathematics import MATHML, to_mathml  # noqa: PLC0415 (from that folder)

    math = ET.fromstring(to_mathml(tex, display=True))  # noqa: S314 (our own)
    clauses = [item for item in math if item.get("class") == "clause"]
    assert [item.tag for item in math if item not in clauses] == (
        [f"{MATHML}mspace"] * (len(clauses) - 1) if clauses else [i.tag for i in math]
    )
    parts = [["".join(part.itertext()) for part in clause] for clause in clauses]
    return " || ".join(" | ".join(clause) for clause in parts)


@pytest.mark.parametrize(
    ("tex", "broken"),
    [
        # Before relations, before signs between terms, between clauses, after commas.
        (r"x = y", "x | =y"),
        (r"x = -y + 2 - z \cdot 3", "x | =−y | +2 | −z | ⋅3"),
        (r"a \le b, c", "a | ≤b, | c"),
        (r"a = b, \qquad c", "a | =b, || c"),
        (r"a \quad\Longrightarrow\quad b = c", "a || ⟹b | =c"),
        (r"w \leftarrow w - 1", "w | ←w | −1"),
        # Never within brackets, however they are written, or their powers.
        (r"a = (b + c, d)^2 + e", "a | =(b+c,d)2 | +e"),
        (r"a = \left(b + c\right) + e", "a | =(b+c) | +e"),
        (r"\bigl(a + b\bigr)^2 + c", "(a+b)2 | +c"),
        (r"a = |b - c| + d", "a | =|b−c| | +d"),
        (r"a = (1 - \|x\|^2)\,(y + z)", "a | =(1−‖x‖2)(y+z)"),
        (r"a = \{b : \lvert c + d\rvert = e\}", "a | ={b:|c+d|=e}"),
        (r"a = \frac{b + c}{d}", "a | =b+cd"),
        (r"a_{i + 1}", ""),
        (r"\frac{a = b}{c}", ""),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", ""),
    ],
)
def test_formula_breaks(tex: str, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines begin where a reader expects them to."""
    assert lines(tex, monkeypatch) == broken


def test_operators_stay_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """What begins a part has the space of what stands between two."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    from mathematics import to_mathml  # noqa: PLC0415 (from that folder)

    mathml = to_mathml("a = -b - c", display=True)
    assert mathml.count('<mo form="infix">=</mo>') == 1
    assert mathml.count('<mo form="infix">−</mo>') == 1
    assert mathml.count('<mo lspace="0" rspace="0">−</mo>') == 1
