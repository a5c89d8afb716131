"""What the page of the mathematics says, beyond its own numbers."""

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from book import CHAPTERS, ROOT
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import exact_arrays, fractions, positive_fractions

from gdbook.examples.linear_regression import two_curvatures
from gdbook.examples.weight_update import repeated, weight_update
from gdbook.glue import defaults
from gdbook.gradients import central_difference

FEW = settings(max_examples=30)
TEXT = (ROOT / "docs" / "beforehand.md").read_text(encoding="utf-8")


@pytest.mark.claims(
    "Later chapters multiply matrices, and use the cosine of an angle and the roots of "
    "a quadratic: … has that little algebra and calculus, with a check for each piece "
    "of it.",
    page="index",
)
def test_each_piece_has_a_check_and_a_chapter() -> None:
    """And an answer that runs."""
    pieces = re.split(r"(?m)^## ", TEXT)[1:]
    assert len(pieces) == 8
    for piece in pieces:
        assert re.search(r"(?m)^\*First used in \{doc\}`chapters/", piece)
        assert piece.count("**Check.**") == 1
        answer = re.search(r"(?s)\{solution-start\}(.*?)\{solution-end\}", piece)
        assert answer is not None
        assert "```{code-cell}" in answer[1]
    assert set(re.findall(r"\{doc\}`chapters/(\w+)`", TEXT)) <= set(CHAPTERS)


@pytest.mark.claims(
    "A matrix times a vector takes the product of each of its rows with the vector, so "
    "a row must be as long as the vector, and the result has a number for each row.",
    "The transpose has the columns of $X$ as rows, so it takes vectors as long as a "
    "column: one number for each sample.",
)
@FEW
@given(matrix=exact_arrays((3, 2)), wide=exact_arrays((2,)), tall=exact_arrays((3,)))
def test_products(matrix: Any, wide: Any, tall: Any) -> None:
    """Row by row, and other lengths are refused."""
    assert (matrix @ wide).tolist() == [
        row[0] * wide[0] + row[1] * wide[1] for row in matrix
    ]
    columns = zip(*matrix.tolist(), strict=True)
    by_hand = [sum(a * b for a, b in zip(each, tall, strict=True)) for each in columns]
    assert (matrix.T @ tall).tolist() == by_hand
    with pytest.raises(ValueError, match="mismatch"):
        matrix @ tall


@pytest.mark.claims(
    "The cosine is $1$ where both point the same way, $0$ at a right angle, and $-1$ "
    "where they point opposite ways.",
)
@FEW
@given(arrow=st.tuples(fractions(), fractions()), times=positive_fractions())
def test_cosines(arrow: Any, times: Fraction) -> None:
    """Squared, so that all stays exact."""
    a, b = arrow
    assume(a or b)
    for other, sign in (((times * a, times * b), 1), ((-times * a, -times * b), -1)):
        product = a * other[0] + b * other[1]
        lengths = (a * a + b * b) * (other[0] ** 2 + other[1] ** 2)
        assert product**2 == lengths
        assert (product > 0) == (sign > 0)
    assert a * -b + b * a == 0


@pytest.mark.claims(
    "Where the number under the root is negative, no real number is a root.",
    "It multiplies each axis by the number on the diagonal, so the axes are its "
    "eigenvectors, and these numbers its eigenvalues.",
)
@FEW
@given(s=fractions(), p=fractions(), x=fractions())
def test_roots(s: Fraction, p: Fraction, x: Fraction) -> None:
    """The quadratic is a square more than what is missing under the root."""
    under = (s / 2) ** 2 - p
    assert x**2 - s * x + p == (x - s / 2) ** 2 - under
    table = np.array([[s, 0], [0, p]])
    assert (table @ (1, 0)).tolist() == [s, 0]
    assert (table @ (0, 1)).tolist() == [0, p]


@pytest.mark.claims("A matrix turns most vectors into another direction.")
def test_most_vectors_turn() -> None:
    """Of many directions all do, but for those next to the two that do not."""
    matrix = np.array(two_curvatures().matrix, dtype=float)
    angles = np.linspace(0, np.pi, 1000)
    arrows = np.array([np.cos(angles), np.sin(angles)])
    turned = matrix @ arrows
    across = arrows[0] * turned[1] - arrows[1] * turned[0]
    assert np.mean(abs(across) > 0.01) > 0.98


@pytest.mark.claims(
    "The slope of a curve at a place is what the rise over the run comes to as the run "
    "$h$ shrinks, and the rule that gives it at each place is the derivative:",
    "The square moves by twice the error, and the prediction by the input: the product "
    "of the two is ….",
    "A function of several numbers has a slope along each of them, found by holding "
    "the others still: a partial derivative, written with a curved $\\partial$.",
)
@FEW
@given(x=fractions(), w1=fractions(), w2=fractions())
def test_slopes(x: Fraction, w1: Fraction, w2: Fraction) -> None:
    """Of a square, of a chain, and along one of two numbers."""
    for h in (Fraction(1, 10), Fraction(1, 1000)):
        assert ((x + h) ** 2 - x**2) / h - 2 * x == h
    measured = central_difference(lambda w: w[0] ** 2 + w[0] * w[1], (w1, w2))
    assert measured.tolist() == [2 * w1 + w2, w1]
    given_numbers = defaults(weight_update)
    step: Any = weight_update()
    assert step.slope == 2 * step.error * given_numbers["input_value"]
    assert repeated().weights[0] == given_numbers["weight"]


@pytest.mark.claims(
    "It turns a product into a sum and a power into a product, $\\ln a^t = t \\ln a$, "
    "and so answers after how many steps a factor has shrunk a number to a part of it.",
)
@FEW
@given(factor=st.floats(0.1, 0.9), part=st.floats(0.001, 0.9))
def test_logarithms(factor: float, part: float) -> None:
    """The steps that it gives shrink the number to that part."""
    steps = np.log(part) / np.log(factor)
    assert factor**steps == near(part, rel=1e-12)
    assert np.log(factor * part) == near(np.log(factor) + np.log(part), abs=1e-12)
