"""What Hypothesis draws: fractions, and small linear problems made of them.

Everything is exact, so that a property holds without a tolerance or does not hold.
"""

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

__all__ = [
    "LinearProblem",
    "Slide",
    "as_samples",
    "exact_arrays",
    "fractions",
    "linear_problems",
    "positive_fractions",
    "slides",
    "some_points",
]


def fractions() -> st.SearchStrategy[Fraction]:
    """Draw fractions with small terms."""
    return st.fractions(min_value=-9, max_value=9, max_denominator=8)


def positive_fractions() -> st.SearchStrategy[Fraction]:
    """Draw fractions greater than zero."""
    return st.fractions(min_value=Fraction(1, 8), max_value=9, max_denominator=8)


@st.composite
def exact_arrays(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """Draw an array of fractions."""
    size = int(np.prod(shape))
    drawn = draw(st.lists(fractions(), min_size=size, max_size=size))
    array = np.empty(size, dtype=object)
    array[:] = drawn
    return array.reshape(shape)


def some_points(least: int, most: int) -> st.SearchStrategy[list[tuple[Any, Any]]]:
    """Draw samples of one input, each with its target."""
    numbers = st.fractions(-5, 5, max_denominator=9)
    return st.lists(st.tuples(numbers, numbers), min_size=least, max_size=most)


def as_samples(drawn: list[tuple[Any, Any]]) -> dict[str, Any]:
    """Give such points as the inputs, not all equal, and the targets of an example."""
    inputs, targets = zip(*drawn, strict=True)
    assume(len(set(inputs)) > 1)
    return {"inputs": inputs, "targets": targets}


class LinearProblem(NamedTuple):
    """A batch, and the weights of a linear model."""

    inputs: Any
    weights: Any
    targets: Any


@st.composite
def linear_problems(draw: st.DrawFn) -> LinearProblem:
    """Draw a batch with one output or several, and weights that fit."""
    n_samples = draw(st.integers(1, 4))
    n_inputs = draw(st.integers(1, 3))
    outputs = draw(st.sampled_from([(), (1,), (2,), (3,)]))
    return LinearProblem(
        draw(exact_arrays((n_samples, n_inputs))),
        draw(exact_arrays((n_inputs, *outputs))),
        draw(exact_arrays((n_samples, *outputs))),
    )


class Slide(NamedTuple):
    """A linear problem whose curvatures and their directions are known by heart."""

    inputs: Any
    best: Any
    targets: Any
    least: Fraction
    steepest: Fraction
    steepest_direction: Any


@st.composite
def slides(draw: st.DrawFn) -> Slide:
    r"""Draw two stretched rows at a right angle, and a row that moves nothing.

    The rows are :math:`d_1 (a, b)` and :math:`d_2 (-b, a)`, so that
    :math:`X^\top X` has the eigenvectors :math:`(a, b)` and :math:`(-b, a)` with the
    eigenvalues :math:`d_i^2 (a^2 + b^2)`. The third row is zero; its target is an
    error that no weight mends.
    """
    a, b = draw(positive_fractions()), draw(fractions())
    lengths = sorted([draw(positive_fractions()), draw(positive_fractions())])
    inputs = np.array(
        [[lengths[0] * a, lengths[0] * b], [-lengths[1] * b, lengths[1] * a], [0, 0]],
        dtype=object,
    )
    best = draw(exact_arrays((2,)))
    targets = inputs @ best + np.array([0, 0, draw(fractions())], dtype=object)
    least, steepest = (Fraction(2, 3) * d**2 * (a**2 + b**2) for d in lengths)
    return Slide(
        inputs, best, targets, least, steepest, np.array([-b, a], dtype=object)
    )
