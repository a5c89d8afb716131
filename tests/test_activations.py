"""Each activation and its slope, against numbers worked by hand."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import NOT_A_SHARE, NOT_NUMBERS, refused
from hypothesis import given
from hypothesis import strategies as st
from near import near
from strategies import exact_arrays, fractions

from gdbook import activations
from gdbook.activations import (
    GELU,
    IDENTITY,
    RELU,
    SIGMOID,
    SILU,
    SOFTMAX,
    TANH,
    Activation,
    gelu,
    gelu_slope,
    leaky,
    leaky_relu,
    leaky_relu_slope,
    relu,
    relu_slope,
    sigmoid,
    sigmoid_slope,
    silu,
    silu_slope,
    softmax,
    softmax_slope,
    tanh,
    tanh_slope,
)
from gdbook.gradients import central_difference

# A few roundings of half an ulp each: the power, the sum, the quotient, the product.
ROUNDED = 8 * 2.0**-52
LN3 = 1.09861228866810969  # the natural logarithm of 3, as tables give it
FARTHEST = 1.7e308  # near the largest float, twice which is none

EXACT = [relu, relu_slope, leaky_relu, leaky_relu_slope]
SMOOTH = [gelu, gelu_slope, silu, silu_slope]
ROUNDING = [sigmoid, sigmoid_slope, tanh, tanh_slope, *SMOOTH]
SOFT = [softmax, softmax_slope]
PAIRS = [IDENTITY, SIGMOID, TANH, RELU, leaky(0.25), GELU, SILU]


def objects(*rows: Any) -> Any:
    """Make an array of fractions."""
    return np.array(rows, dtype=object)


class TestRelu:
    """Let positive values through and stop the others."""

    @pytest.mark.parametrize(
        ("value", "result", "slope"),
        [
            (3, 3, 1),
            (-3, 0, 0),
            (0, 0, 0),  # the slope at the corner is that of what is stopped
            (Fraction(1, 3), Fraction(1, 3), Fraction(1)),
            (Fraction(-1, 3), Fraction(0), Fraction(0)),
            (0.5, 0.5, 1.0),
            (-0.5, 0.0, 0.0),
            (5e-324, 5e-324, 1.0),
            (2**63 + 1, 2**63 + 1, 1),  # 64 bits no longer hold it
            (-(2**70), 0, 0),
        ],
    )
    def test_by_hand(self, value: Any, result: Any, slope: Any) -> None:
        """A number gives a number of its own type, and so does the slope."""
        assert (relu(value), relu_slope(value)) == (result, slope)
        assert type(relu(value)) is type(relu_slope(value)) is type(value)

    @pytest.mark.parametrize("value", [-0.5, -0.0, np.array([-0.5, -0.0])])
    def test_zero_has_no_sign(self, value: Any) -> None:
        """What is stopped is zero, not minus zero."""
        assert not np.signbit(relu(value)).any()
        assert not np.signbit(relu_slope(value)).any()

    @given(exact_arrays((2, 3)))
    def test_array(self, values: Any) -> None:
        """Every value of an array is looked at on its own, exactly."""
        assert relu(values).tolist() == [[max(x, 0) for x in row] for row in values]
        expected = [[int(x > 0) for x in row] for row in values]
        assert relu_slope(values).tolist() == expected
        assert {type(x) for x in relu_slope(values).flat} == {Fraction}

    def test_float_array(self) -> None:
        """Floats stay floats."""
        values = [[-2.0, 0.0], [3.0, 0.25]]
        assert relu(values).tolist() == [[0, 0], [3, 0.25]]
        assert relu_slope(values).tolist() == [[0, 0], [1, 1]]
        assert relu(values).dtype == relu_slope(values).dtype == np.float64


class TestLeakyRelu:
    """Let positive values through, and a share of the others."""

    @pytest.mark.parametrize(
        ("value", "result", "slope"),
        [
            (Fraction(3), 3, 1),
            (Fraction(-3), -1, Fraction(1, 3)),  # a third of −3
            (Fraction(0), 0, Fraction(1, 3)),
            (2**63 + 1, 2**63 + 1, 1),
            (-3 * 2**63, -(2**63), Fraction(1, 3)),
        ],
    )
    def test_by_hand(self, value: Any, result: Any, slope: Any) -> None:
        """A third of what is negative leaks, exactly."""
        share = Fraction(1, 3)
        assert leaky_relu(value, negative_slope=share) == result
        assert leaky_relu_slope(value, negative_slope=share) == slope

    def test_a_hundredth_unless_told(self) -> None:
        """PyTorch and JAX leak c = 0.01 unless told."""
        values = [-2.0, 0.0, 3.0]
        assert leaky_relu(values).tolist() == [-0.02, 0, 3]
        assert leaky_relu_slope(values).tolist() == [0.01, 0.01, 1]
        assert leaky().function(values).tolist() == [-0.02, 0, 3]
        assert leaky().slope(values).tolist() == [0.01, 0.01, 1]

    @given(exact_arrays((3, 2)), st.sampled_from([Fraction(0), Fraction(7, 8)]))
    def test_array(self, values: Any, share: Fraction) -> None:
        """Every value of an array leaks on its own, exactly."""
        expected = [[x if x > 0 else share * x for x in row] for row in values]
        slopes = [[1 if x > 0 else share for x in row] for row in values]
        assert leaky_relu(values, negative_slope=share).tolist() == expected
        assert leaky_relu_slope(values, negative_slope=share).tolist() == slopes

    def test_pair(self) -> None:
        """A leaky ReLU with its share stands beside its own slope."""
        pair = leaky(Fraction(1, 4))
        assert type(pair) is Activation
        assert pair.function(Fraction(-2)) == Fraction(-1, 2)
        assert pair.slope(Fraction(-2)) == Fraction(1, 4)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_SHARE)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The share that leaks is 0 or more and less than 1."""
        for function in (leaky_relu, leaky_relu_slope):
            with refused(exception, "negative_slope", says):
                function([1.0], negative_slope=bad)
        with refused(exception, "negative_slope", says):
            leaky(bad)


class TestSigmoid:
    """Squeeze every value between 0 and 1."""

    @pytest.mark.parametrize(
        ("value", "result", "slope"),
        [
            (0, 1 / 2, 1 / 4),
            (LN3, 3 / 4, 3 / 16),  # 1 / (1 + 1/3)
            (-LN3, 1 / 4, 3 / 16),  # 1 / (1 + 3)
            (2 * LN3, 9 / 10, 9 / 100),  # 1 / (1 + 1/9)
            (Fraction(0), 1 / 2, 1 / 4),
            (-700, math.exp(-700), math.exp(-700)),  # 1 + e^700 is e^700 in floats
            (700, 1, math.exp(-700)),
        ],
    )
    def test_by_hand(self, value: Any, result: float, slope: float) -> None:
        """At whole multiples of ln 3 the powers are whole."""
        assert sigmoid(value) == near(result, rel=ROUNDED)
        assert sigmoid_slope(value) == near(slope, rel=ROUNDED)
        assert type(sigmoid(value)) is type(sigmoid_slope(value)) is float

    @given(st.floats(-700, 700))
    def test_symmetric(self, value: float) -> None:
        """A yes is as sure as a no on the other side: σ(z) + σ(−z) = 1."""
        assert sigmoid(value) + sigmoid(-value) == near(1, rel=ROUNDED)
        assert sigmoid_slope(value) == sigmoid_slope(-value)

    @pytest.mark.parametrize("far", [1000, FARTHEST])
    def test_far(self, far: float) -> None:
        """No value is too far from zero."""
        assert sigmoid([-far, far]).tolist() == [0, 1]
        assert sigmoid_slope([-far, far]).tolist() == [0, 0]


class TestTanh:
    """Squeeze every value between −1 and 1."""

    @pytest.mark.parametrize(
        ("value", "result", "slope"),
        [
            (0, 0, 1),
            (LN3, 4 / 5, 9 / 25),  # (3 − 1/3) / (3 + 1/3)
            (-LN3, -4 / 5, 9 / 25),
            (LN3 / 2, 1 / 2, 3 / 4),  # (3 − 1) / (3 + 1)
            (Fraction(0), 0, 1),
            (-350, -1, 4 * math.exp(-700)),  # 2 / (e^350 + e^−350), squared
            (350, 1, 4 * math.exp(-700)),
        ],
    )
    def test_by_hand(self, value: Any, result: float, slope: float) -> None:
        """At multiples of ln 3 the powers are whole, or the root of a whole."""
        assert tanh(value) == near(result, rel=ROUNDED)
        assert tanh_slope(value) == near(slope, rel=ROUNDED)
        assert type(tanh(value)) is type(tanh_slope(value)) is float

    @given(st.floats(-300, 300))
    def test_is_a_sigmoid(self, value: float) -> None:
        """The tanh of z is 2 σ(2z) − 1, and its slope 4 σ′(2z)."""
        # The difference from 1 rounds to half an ulp of 1.
        expected = 2 * sigmoid(2 * value) - 1
        assert tanh(value) == near(expected, abs=ROUNDED)
        expected = 4 * sigmoid_slope(2 * value)
        assert tanh_slope(value) == near(expected, rel=ROUNDED)

    @pytest.mark.parametrize("far", [1000, FARTHEST])
    def test_far(self, far: float) -> None:
        """No value is too far from zero."""
        assert tanh([-far, far]).tolist() == [-1, 1]
        assert tanh_slope([-far, far]).tolist() == [0, 0]


class TestGelu:
    """Weigh every value by the share of normal random numbers below it."""

    @pytest.mark.parametrize(
        ("value", "result", "slope"),
        [
            (0, 0, 1 / 2),
            # Φ(1) and Φ(2) as tables give them, and the densities beside.
            (1, 0.8413447460685429, 0.8413447460685429 + 0.24197072451914337),
            (-1, -0.15865525393145707, 0.15865525393145707 - 0.24197072451914337),
            (2, 2 * 0.9772498680518208, 0.9772498680518208 + 2 * 0.05399096651318806),
            (Fraction(0), 0, 1 / 2),
        ],
    )
    def test_by_hand(self, value: Any, result: float, slope: float) -> None:
        """Tables of the normal distribution have its shares."""
        assert gelu(value) == near(result, rel=ROUNDED)
        assert gelu_slope(value) == near(slope, rel=ROUNDED)
        assert type(gelu(value)) is type(gelu_slope(value)) is float

    @given(st.floats(-30, 30))
    def test_other_side(self, value: float) -> None:
        """The two shares add up to 1, so gelu(z) − gelu(−z) is z."""
        assert gelu(value) - gelu(-value) == near(value, rel=ROUNDED)
        assert gelu_slope(value) + gelu_slope(-value) == near(1, rel=ROUNDED)

    def test_the_left_tail_keeps_its_digits(self) -> None:
        """Below −10 a share is 7.6·10⁻²⁴, which 1 − Φ(10) would lose."""
        assert gelu(-10.0) == near(-10 * 7.61985302416047e-24, rel=1e-12)

    @pytest.mark.parametrize("far", [1000, FARTHEST])
    def test_far(self, far: float) -> None:
        """No value is too far from zero."""
        assert gelu([-far, far]).tolist() == [0, far]
        assert gelu_slope([-far, far]).tolist() == [0, 1]


class TestSilu:
    """Weigh every value by its own sigmoid."""

    @pytest.mark.parametrize(
        ("value", "result", "slope"),
        [
            (0, 0, 1 / 2),
            (LN3, LN3 * 3 / 4, 3 / 4 + LN3 * 3 / 16),
            (-LN3, -LN3 / 4, 1 / 4 - LN3 * 3 / 16),
            (2 * LN3, 2 * LN3 * 9 / 10, 9 / 10 + 2 * LN3 * 9 / 100),
            (Fraction(0), 0, 1 / 2),
            (-700, -700 * math.exp(-700), -699 * math.exp(-700)),
        ],
    )
    def test_by_hand(self, value: Any, result: float, slope: float) -> None:
        """At whole multiples of ln 3 the sigmoid is a fraction."""
        assert silu(value) == near(result, rel=ROUNDED)
        assert silu_slope(value) == near(slope, rel=ROUNDED)
        assert type(silu(value)) is type(silu_slope(value)) is float

    @pytest.mark.parametrize("far", [1000, FARTHEST])
    def test_far(self, far: float) -> None:
        """No value is too far from zero."""
        assert silu([-far, far]).tolist() == [0, far]
        assert silu_slope([-far, far]).tolist() == [0, 1]


@pytest.mark.parametrize("function", SMOOTH)
def test_width_stays(function: Callable[..., Any]) -> None:
    """Floats of 32 bits give floats of 32 bits, in any shape."""
    values = np.array([[-1.0, 0.0, 2.0]], dtype=np.float32)
    assert function(values).dtype == np.float32
    assert function(values) == near(function(values.astype(float)), rel=2.0**-20)


class TestSoftmax:
    """Turn the scores of classes into probabilities that add up to 1."""

    def test_by_hand(self) -> None:
        """Powers of three: 1, 3 and 9 of 13."""
        expected = [1 / 13, 3 / 13, 9 / 13]
        assert softmax([0, LN3, 2 * LN3]) == near(expected, rel=ROUNDED)
        shifted = softmax([[-LN3, 0, LN3], [LN3, LN3, LN3]])
        assert shifted.shape == (2, 3)
        assert shifted[0] == near(expected, rel=ROUNDED)
        assert shifted[1] == near([1 / 3] * 3, rel=ROUNDED)

    def test_slope_by_hand(self) -> None:
        """With 1/4 and 3/4 every slope is 3/16, up or down."""
        expected = [[3 / 16, -3 / 16], [-3 / 16, 3 / 16]]
        found = softmax_slope([0, LN3])
        assert found == near(np.array(expected), rel=ROUNDED)
        # 1/13, 3/13 and 9/13: p (1 − p) on the diagonal, −p q beside it, over 169.
        rows = [[12, -3, -9], [-3, 30, -27], [-9, -27, 36]]
        found = softmax_slope([[0, LN3, 2 * LN3], [0, 0, 0]])
        assert found.shape == (2, 3, 3)
        assert found[0] == near(np.array(rows) / 169, rel=ROUNDED)
        rows = [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]]
        assert found[1] == near(np.array(rows) / 9, rel=ROUNDED)

    def test_slope_keeps_the_digits_of_small_shares(self) -> None:
        """A float leaves nothing of 1 − p here, but p (1 − p) has all its digits."""
        slope = math.exp(-40) / (1 + math.exp(-40)) ** 2
        expected = slope * np.array([[1.0, -1.0], [-1.0, 1.0]])
        assert softmax_slope([40.0, 0.0]) == near(expected, rel=ROUNDED)

    def test_row_and_column(self) -> None:
        """A row for each probability, a column for each score."""
        measured = [
            central_difference(
                lambda z, k=k: softmax(z)[k],  # type: ignore[misc]
                np.array([0.5, -1.0, 2]),
            )
            for k in range(3)
        ]
        # Bending: h²/6 times a third derivative below 1. Rounding: an ulp of 1 over 2h.
        assert softmax_slope([0.5, -1.0, 2]) == near(
            np.array(measured), abs=2.0**-34 / 6 + 2.0**-52 * 2**16
        )

    @pytest.mark.parametrize("far", [1000, FARTHEST])
    def test_far(self, far: float) -> None:
        """No score is too far from the others."""
        assert softmax([far, -far, far]).tolist() == [0.5, 0, 0.5]
        assert softmax([[-far, 0]]).tolist() == [[0, 1]]
        # Each sample is shifted by its own highest score.
        assert softmax([[far, far], [-far, -far]]).tolist() == [[0.5, 0.5]] * 2
        assert softmax_slope([far, -far]).tolist() == [[0, 0], [0, 0]]

    @given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=6), fractions())
    def test_laws(self, scores: list[float], shift: Fraction) -> None:
        """A shift changes nothing; the sum is 1, and its slope along a score is 0."""
        shares = softmax(scores)
        # One rounding for each number.
        allowed = len(scores) * 2.0**-52
        assert shares.sum() == near(1, abs=allowed)
        assert softmax_slope(scores).sum(axis=0) == near(0, abs=allowed)
        # The shifted scores round by an ulp of 1000, and the powers with them.
        moved = softmax([float(Fraction(score) + shift) for score in scores])
        assert moved == near(shares, rel=2.0**-41)

    @pytest.mark.parametrize("function", SOFT)
    @pytest.mark.parametrize(("bad", "shape"), [(1.0, "()"), ([[[1.0]]], "(1, 1, 1)")])
    def test_dimensions(
        self, function: Callable[..., Any], bad: Any, shape: str
    ) -> None:
        """Scores have one dimension or two."""
        says = f"has shape {shape} but must have 1 or 2 dimensions"
        with refused(ValueError, "values", says):
            function(bad)


class TestChain:
    """Carry slopes back through the nodes: the chain rule."""

    def test_by_hand(self) -> None:
        """Each slope is multiplied by the slope of its own node."""
        sums = objects([Fraction(2), Fraction(-2)], [Fraction(0), Fraction(1, 2)])
        slopes = objects([Fraction(1, 3), Fraction(5)], [Fraction(7), Fraction(-4)])
        found = leaky(Fraction(1, 2)).chain(sums, slopes)
        assert found.tolist() == [
            [Fraction(1, 3), Fraction(5, 2)],
            [Fraction(7, 2), -4],
        ]
        assert RELU.chain(Fraction(1, 2), Fraction(3)) == 3

    def test_softmax(self) -> None:
        """Every slope along a probability counts for every score."""
        # p = (1/4, 3/4): 3/16 · (5 − 1) = 3/4 along the first, −3/4 along the second.
        found = SOFTMAX.chain([0, LN3], [5.0, 1.0])
        assert found == near([0.75, -0.75], rel=ROUNDED)
        found = SOFTMAX.chain([[0, LN3], [0, 0]], [[5.0, 1.0], [0.0, 2.0]])
        # p = (1/2, 1/2): 1/4 · (0 − 2) = −1/2.
        expected = np.array([[0.75, -0.75], [-0.5, 0.5]])
        assert found == near(expected, rel=ROUNDED)

    def test_row_and_column(self) -> None:
        """What is carried back is the sum down a column, not along a row."""

        def slope(_: Any) -> Any:
            return objects([1, 2], [3, 4])

        # 1 · 10 + 3 · 1 and 2 · 10 + 4 · 1.
        found = Activation(lambda z: z, slope).chain(objects(0, 0), objects(10, 1))
        assert found.tolist() == [13, 24]

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Sums and slopes are looked at."""
        with refused(exception, "sums", says):
            RELU.chain(bad, [1])
        with refused(exception, "slopes", says):
            RELU.chain([1], bad)

    def test_shapes(self) -> None:
        """Slopes have the shape of the sums."""
        says = "has shape (1, 2) but `slopes` has shape (2,); they must be equal"
        with refused(ValueError, "sums", says):
            RELU.chain([[1, 2]], [1, 2])


class TestSlopes:
    """The slope says how a moves when z does."""

    @pytest.mark.parametrize("pair", PAIRS)
    @given(value=st.floats(-6, 6))
    def test_is_the_central_difference(self, pair: Activation, value: float) -> None:
        """Every slope is what a central difference measures, away from corners."""
        h = 2.0**-17
        if abs(value) <= h:
            value = 1.0
        # Bending: h²/6 times a third derivative, at most 2. Rounding: values below 6
        # are off by up to four times 2⁻⁵¹ on either side, over 2h.
        allowed = h**2 / 3 + 8 * 2.0**-51 / (2 * h)
        measured = central_difference(pair.function, value, h)
        assert pair.slope(value) == near(measured, abs=allowed)

    def test_pairs(self) -> None:
        """Each activation stands beside its own slope."""
        assert (
            Activation(sigmoid, sigmoid_slope),
            Activation(tanh, tanh_slope),
            Activation(relu, relu_slope),
            Activation(softmax, softmax_slope),
        ) == (SIGMOID, TANH, RELU, SOFTMAX)
        assert Activation(gelu, gelu_slope) == GELU
        assert Activation(silu, silu_slope) == SILU
        assert Activation(activations.identity, activations.identity_slope) == IDENTITY


@pytest.mark.parametrize("function", [*EXACT, *ROUNDING, *SOFT])
class TestArguments:
    """Every activation looks at its values, and changes none."""

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(
        self,
        function: Callable[..., Any],
        bad: Any,
        exception: type[Exception],
        says: str,
    ) -> None:
        """What is no number, not finite, empty or ragged is refused by name."""
        with refused(exception, "values", says):
            function(bad)

    @pytest.mark.parametrize("dtype", [float, object])
    def test_is_not_changed(self, function: Callable[..., Any], dtype: type) -> None:
        """Arguments are never changed in place."""
        values: Any = np.array([[-1, 2], [0, -3]], dtype=dtype)
        function(values)
        assert values.tolist() == [[-1, 2], [0, -3]]

    def test_shape(self, function: Callable[..., Any]) -> None:
        """What leaves has the shape of what enters; softmax has a slope for each."""
        more = (3,) if function is softmax_slope else ()
        assert np.shape(function([[1.0, -2.0, 0.5]])) == (1, 3, *more)
