"""The worked examples of the chapter on activations."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
from bad_input import refused
from near import near
from plain import assert_plain, leaves

from gdbook.examples.activations import (
    BendMore,
    BestLine,
    Collapsed,
    Shape,
    Stacked,
    TanhFromSigmoid,
    TurningPoints,
    bend_more,
    best_line_on_bend,
    collapse,
    shape,
    stacked,
    tanh_from_sigmoid,
    turning_points,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("0.56", "1.2", "9/2", "27/2", "1/2", "1/4", "1/16", "1/1024", "0.25", "1"),
    *("0.762", "0.731", "0.1", "0.018", "0.0013"),
)

HALF = Fraction(1, 2)
# A handful of roundings, of a number near 1 or of a difference of two.
ROUNDED = 2.0**-50
E = math.e


def close(expected: Any) -> Any:
    """Expect numbers up to the rounding of a few steps."""
    return near(expected, rel=ROUNDED, abs=ROUNDED)


class TestTheBestLineOnBentData:
    """Neither: its slope is zero, and the loss that is left is the least of a line."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        line = best_line_on_bend()
        assert isinstance(line, BestLine)
        assert line.inputs == (-2, -1, 0, 1, 2)
        assert line.targets == (2, 1, 0, 1, 2)
        # The sum of input times target is −4 − 1 + 0 + 1 + 4 = 0; the mean is 6/5.
        assert line.slope == 0
        assert line.intercept == 1.2
        assert line.predictions == (1.2,) * 5
        assert line.errors == close((-0.8, 0.2, 1.2, 0.2, -0.8))
        # The squares 0.64, 0.04, 1.44, 0.04 and 0.64 add up to 2.8.
        assert line.loss == close(0.56)
        assert_plain(line)

    def test_fractions_are_exact(self) -> None:
        """The same in fractions: 6/5 and 14/25."""
        line = best_line_on_bend(
            inputs=[Fraction(x) for x in (-2, -1, 0, 1, 2)],
            targets=[Fraction(y) for y in (2, 1, 0, 1, 2)],
        )
        fifth = Fraction(1, 5)
        assert (line.slope, line.intercept) == (0, 6 * fifth)
        assert line.predictions == (6 * fifth,) * 5
        assert line.errors == (-4 * fifth, fifth, 6 * fifth, fifth, -4 * fifth)
        assert line.loss == Fraction(14, 25)
        assert_plain(line, Fraction)

    def test_other_data(self) -> None:
        """Through (0, 0), (1, 0) and (2, 3) the best line is 3/2 x − 1/2."""
        line = best_line_on_bend(
            [Fraction(0), Fraction(1), Fraction(2)],
            [Fraction(0), Fraction(0), Fraction(3)],
        )
        assert (line.slope, line.intercept) == (Fraction(3, 2), -HALF)
        assert line.predictions == (-HALF, 1, Fraction(5, 2))
        assert line.errors == (-HALF, 1, -HALF)
        # The squares 1/4, 1 and 1/4 add up to 3/2.
        assert line.loss == HALF

    def test_shapes(self) -> None:
        """A target is needed for each input."""
        says = "has shape (2,) but `targets` has shape (3,); they must be equal"
        with refused(ValueError, "inputs", says):
            best_line_on_bend((1, 2), (1, 2, 3))


class TestTwoLayersCollapse:
    """On the right there is one layer, and nothing is left of the two."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page, exactly."""
        two = collapse()
        assert isinstance(two, Collapsed)
        # (2, 3): 2 + 3 + 1 and −2 + 3 − 2; (−1, 2): −1 + 2 + 1 and 1 + 2 − 2.
        assert two.hidden == ((6, -1), (2, 1), (1, -2))
        # 12 + 1 + 1/2, 4 − 1 + 1/2, 2 + 2 + 1/2
        assert two.predictions == (Fraction(27, 2), Fraction(7, 2), Fraction(9, 2))
        # 1·2 + (−1)(−1) and 1·2 + 1·(−1); 1·2 + (−2)(−1) + 1/2
        assert two.weights == (3, 1)
        assert two.bias == Fraction(9, 2)
        assert two.one_layer == two.predictions
        assert two.largest_difference == 0
        assert_plain(two, Fraction)

    def test_other_layers(self) -> None:
        """One input, three hidden nodes."""
        two = collapse(
            inputs=((2,), (-1,)),
            hidden_weights=((1, 2, 3),),
            hidden_bias=(0, 1, -1),
            output_weights=(HALF, -1, 2),
            output_bias=-4,
        )
        assert two.hidden == ((2, 5, 5), (-1, -1, -4))
        # 1 − 5 + 10 − 4 and −1/2 + 1 − 8 − 4
        assert two.predictions == (2, Fraction(-23, 2))
        # 1/2 − 2 + 6, and −1 − 2 − 4
        assert (two.weights, two.bias) == ((Fraction(9, 2),), -7)
        assert two.one_layer == two.predictions

    def test_floats_may_differ_by_a_rounding(self) -> None:
        """The largest difference is that of the two tuples, by its size."""
        two = collapse(
            inputs=((0.1, 0.7), (0.3, -0.9)),
            hidden_weights=((0.1, 0.2), (0.3, 0.7)),
            hidden_bias=(0.6, 0.1),
            output_weights=(0.9, -0.7),
            output_bias=0.1,
        )
        pairs: Any = zip(two.predictions, two.one_layer, strict=True)
        differences = [abs(first - second) for first, second in pairs]
        assert two.largest_difference == max(differences) < ROUNDED
        assert_plain(two)

    def test_shapes(self) -> None:
        """A row for each input, a bias and an output weight for each hidden node."""
        says = "has shape (3, 2) but must have 2 rows, one for each input"
        with refused(ValueError, "hidden_weights", says):
            collapse(hidden_weights=((1, 1), (1, 1), (1, 1)))
        for value in ((1,), (1, 2, 3)):
            says = f"has shape {np.shape(value)} but must have shape (2,)"
            with refused(ValueError, "hidden_bias", says):
                collapse(hidden_bias=value)
            with refused(ValueError, "output_weights", says):
                collapse(output_weights=value)


class TestStackedNodes:
    """A sum of lines is a line; with a bend in each node it bends where they do."""

    def test_lines(self) -> None:
        """Three lines with the slopes 1, −2 and 2 add up to one with slope 1."""
        flat = stacked()
        assert isinstance(flat, Stacked)
        assert flat.activation == "identity"
        assert flat.inputs == (-2, -1, 0, 1, 2)
        # x + 1, x and x − 1
        nodes = ((-1, 0, 1, 2, 3), (-2, -1, 0, 1, 2), (-3, -2, -1, 0, 1))
        assert flat.nodes == nodes
        parts = ((-1, 0, 1, 2, 3), (4, 2, 0, -2, -4), (-6, -4, -2, 0, 2))
        assert flat.parts == parts
        # (x + 1) − 2x + 2(x − 1) = x − 1
        assert flat.predictions == (-3, -2, -1, 0, 1)
        assert flat.slopes == (1, 1, 1, 1)
        assert_plain(flat)

    def test_bends(self) -> None:
        """The same with ReLU bends at −1, 0 and 1."""
        bent = stacked("ReLU")
        assert bent.activation == "ReLU"
        assert bent.nodes == ((0, 0, 1, 2, 3), (0, 0, 0, 1, 2), (0, 0, 0, 0, 1))
        assert bent.parts == ((0, 0, 1, 2, 3), (0, 0, 0, -2, -4), (0, 0, 0, 0, 2))
        # 0, 0, 1, 2 − 2, 3 − 4 + 2
        assert bent.predictions == (0, 0, 1, 0, 1)
        assert bent.slopes == (0, 1, -1, 1)

    def test_two_nodes_on_the_bent_data(self) -> None:
        """One takes the input, the other its opposite; together they are its size."""
        v = stacked(
            "ReLU", hidden_weights=(1, -1), hidden_bias=(0, 0), output_weights=(1, 1)
        )
        assert v.predictions == best_line_on_bend().targets
        assert v.slopes == (-1, -1, 1, 1)

    def test_uneven_inputs_in_fractions(self) -> None:
        """The slope is the rise over the distance, exactly."""
        leaky = stacked(
            "identity",
            inputs=(Fraction(-1), HALF, Fraction(3)),
            hidden_weights=(2,),
            hidden_bias=(1,),
            output_weights=(Fraction(1, 3),),
        )
        assert leaky.nodes == ((-1, 2, 7),)
        assert leaky.parts == ((Fraction(-1, 3), Fraction(2, 3), Fraction(7, 3)),)
        # 1 over 3/2, and 5/3 over 5/2
        assert leaky.slopes == (Fraction(2, 3), Fraction(2, 3))
        assert_plain(leaky, Fraction)

    def test_other_activations(self) -> None:
        """The names stand for what they say, and the leak is a tenth."""
        one = {
            "inputs": (-2, 0, 3),
            "hidden_weights": (1,),
            "hidden_bias": (0,),
            "output_weights": (1,),
        }
        assert stacked("leaky ReLU", **one).predictions == close((-0.2, 0, 3))
        sigmoid = tuple(1 / (1 + E**-z) for z in (-2, 0, 3))
        assert stacked("sigmoid", **one).predictions == close(sigmoid)
        tanh = tuple((E ** (2 * z) - 1) / (E ** (2 * z) + 1) for z in (-2, 0, 3))
        assert stacked("tanh", **one).predictions == close(tanh)

    def test_inputs_must_grow(self) -> None:
        """A slope needs a distance, and a picture an order."""
        says = "holds 2 after 2 but every number must be greater"
        with refused(ValueError, "inputs", says):
            stacked(inputs=(1, 2, 2))
        says = "holds 1 after 2 but every number must be greater"
        with refused(ValueError, "inputs", says):
            stacked(inputs=(2, 1))

    def test_shapes(self) -> None:
        """A bias and an output weight for each node."""
        says = "has shape (2,) but must have shape (3,)"
        with refused(ValueError, "hidden_bias", says):
            stacked(hidden_bias=(1, 2))
        with refused(ValueError, "output_weights", says):
            stacked(output_weights=(1, 2))


class TestBendMore:
    """Twice the nodes leave a quarter of the gap."""

    def test_every_number_of_the_book(self) -> None:
        """The gap in the middle of a chord of width h is h²/4."""
        more = bend_more()
        assert isinstance(more, BendMore)
        assert more.num_nodes == (1, 2, 4, 8, 16)
        assert more.largest_gaps == (
            Fraction(1, 4),
            Fraction(1, 16),
            Fraction(1, 64),
            Fraction(1, 256),
            Fraction(1, 1024),
        )
        assert list(more.bends[1]) == [0, HALF, 1]
        assert list(more.heights[1]) == [0, Fraction(1, 4), 1]
        assert [len(places) for places in more.bends] == [2, 3, 5, 9, 17]
        # The network meets the parabola where it bends.
        for places, heights in zip(more.bends, more.heights, strict=True):
            assert heights == tuple(place**2 for place in places)
        assert {type(leaf) for leaf in leaves(more)} == {int, Fraction}

    def test_other_numbers(self) -> None:
        """Three nodes leave a gap of 1/36, in any order."""
        more = bend_more((3, 1))
        assert more.num_nodes == (3, 1)
        assert more.largest_gaps == (Fraction(1, 36), Fraction(1, 4))
        thirds, ends = more.bends
        assert list(thirds) == [0, Fraction(1, 3), Fraction(2, 3), 1]
        assert list(ends) == [0, 1]
        counts: Any = np.array([2])
        assert bend_more([2]) == bend_more(counts)
        assert bend_more(counts).num_nodes == (2,)


class TestShapes:
    """The sigmoid is nowhere steeper than a quarter, tanh nowhere steeper than one."""

    def test_sigmoid(self) -> None:
        """From −4 to 4 in eighths, steepest at 0."""
        sigmoid = shape()
        assert isinstance(sigmoid, Shape)
        assert sigmoid.activation == "sigmoid"
        assert sigmoid.values == tuple(step / 8 for step in range(-32, 33))
        assert (sigmoid.values[0], sigmoid.values[-1]) == (-4, 4)
        assert sigmoid.steepest == 0.25
        assert sigmoid.steepest_at == (0,)
        outputs = [1 / (1 + E**-z) for z in sigmoid.values]
        assert list(sigmoid.outputs) == close(outputs)
        # e⁻ᶻ/(1 + e⁻ᶻ)²
        slopes = [E**-z / (1 + E**-z) ** 2 for z in sigmoid.values]
        assert list(sigmoid.slopes) == close(slopes)
        # The step is 2⁻¹⁷: the third slope is at most 1/8, times h²/6 is 1.3 · 10⁻¹²;
        # a rounding of 10⁻¹⁶ over 2h is 7 · 10⁻¹².
        assert list(sigmoid.measured) == near(slopes, abs=2e-11)
        assert_plain(sigmoid)

    def test_tanh(self) -> None:
        """Four times as steep at 0."""
        tanh = shape("tanh")
        assert tanh.steepest == 1
        assert tanh.steepest_at == (0,)
        # 1/cosh²
        slopes = [1 / math.cosh(z) ** 2 for z in tanh.values]
        assert list(tanh.slopes) == near(slopes, rel=1e-14)
        assert list(tanh.outputs) == close([math.tanh(z) for z in tanh.values])
        # The third slope is at most 2: 2 · h²/6 = 1.9 · 10⁻¹¹, and a rounding.
        assert list(tanh.measured) == near(slopes, abs=5e-11)

    def test_straight_pieces(self) -> None:
        """ReLU, the leaky one and the identity, exactly where they are exact."""
        values = (-2, 0, Fraction(1, 3), 2)
        relu = shape("ReLU", values)
        assert relu == Shape(
            activation="ReLU",
            values=values,
            outputs=(0, 0, Fraction(1, 3), 2),
            slopes=(0, 0, 1, 1),
            # At the corner the mean of 0 and 1.
            measured=(0, HALF, 1, 1),
            steepest=1,
            steepest_at=(Fraction(1, 3), 2),
        )
        identity = shape("identity", values)
        assert identity.outputs == identity.values == identity.steepest_at == values
        assert identity.slopes == identity.measured == (1, 1, 1, 1)
        leaky = shape("leaky ReLU", (-2, 0, 3))
        assert leaky.outputs == close((-0.2, 0, 3))
        assert leaky.slopes == close((0.1, 0.1, 1))
        # Where the difference is 0.1 · 2h a rounding of 0.2 is 2 · 10⁻¹²;
        # at the corner the mean of 0.1 and 1.
        assert leaky.measured == near((0.1, 0.55, 1), abs=1e-11)
        assert (leaky.steepest, leaky.steepest_at) == (1, (3,))

    def test_numbers_are_plain(self) -> None:
        """NumPy's numbers go in, Python's come out."""
        given = np.array([-1.0, 0.0, 1.0])
        for name in (
            *("identity", "sigmoid", "tanh", "ReLU", "leaky ReLU", "GELU", "SiLU"),
        ):
            assert_plain(shape(name, given))
        assert given.tolist() == [-1, 0, 1]


class TestTurningPoints:
    """From the left they fall before they rise."""

    def test_every_number_of_the_book(self) -> None:
        """Where 1 + z σ(−z) is 0, z σ(z) is z + 1; for GELU Φ(z) is −z φ(z)."""
        found = turning_points()
        assert isinstance(found, TurningPoints)
        assert found.names == ("GELU", "SiLU")
        gaussian, weighted = found.lowest_at
        # The slope crosses zero, so its rounding moves the place by as much.
        assert weighted / (1 + math.exp(weighted)) == near(-1, rel=1e-12)
        assert found.lowest[1] == near(weighted + 1, rel=1e-12)
        share = math.erfc(-gaussian / 2**0.5) / 2
        density = math.exp(-(gaussian**2) / 2) / (2 * math.pi) ** 0.5
        assert share == near(-gaussian * density, rel=1e-12)
        assert found.lowest[0] == near(gaussian * share, rel=1e-12)
        assert found.lowest == near((-0.16997, -0.27846), rel=1e-4)
        assert_plain(found)

    def test_fewer_halvings(self) -> None:
        """From −2 to 0 the middle is −1: right of GELU's place is 0, of SiLU's −1."""
        assert turning_points(0).lowest_at == (0, 0)
        assert turning_points(1).lowest_at == (0, -1)


class TestTanhFromSigmoid:
    """Tanh is a sigmoid that runs twice as fast and is stretched from −1 to 1."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        both = tanh_from_sigmoid()
        assert isinstance(both, TanhFromSigmoid)
        assert both.values == (-2, -1, 0, 1, 2)
        expected = tuple(math.tanh(z) for z in (-2, -1, 0, 1, 2))
        assert both.tanh == close(expected)
        assert both.stretched == close(expected)
        pairs = zip(both.tanh, both.stretched, strict=True)
        differences = [abs(first - second) for first, second in pairs]
        assert both.largest_difference == max(differences) < 1e-15
        assert_plain(both)

    def test_other_values(self) -> None:
        """At 1/2, from e: (e − 1)/(e + 1), at 0 and far away exactly."""
        both = tanh_from_sigmoid((0.5, 0, 1000, -1000))
        assert both.tanh[0] == close((E - 1) / (E + 1))
        assert both.tanh[1:] == both.stretched[1:] == (0, 1, -1)


def test_arguments_are_left_alone() -> None:
    """What goes in as an array is unchanged afterwards."""
    numbers = np.array([-2.0, -1.0, 1.0, 2.0])
    before = numbers.copy()
    best_line_on_bend(numbers, numbers)
    stacked(inputs=numbers)
    tanh_from_sigmoid(numbers)
    assert np.array_equal(numbers, before)
    rows = np.array([[1.0, -1.0], [1.0, 1.0]])
    collapse(inputs=rows, hidden_weights=rows)
    assert rows.tolist() == [[1, -1], [1, 1]]
