"""Dense layers, forward, against numbers worked by hand."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import NOT_NUMBERS, refused
from hypothesis import given
from hypothesis import strategies as st
from strategies import exact_arrays

from gdbook.activations import IDENTITY, Activation, identity, identity_slope
from gdbook.network import Dense, forward

SQUARE = Activation(lambda values: values**2, lambda values: 2 * values)


class TestIdentity:
    """Return every value as it is."""

    @pytest.mark.parametrize("value", [-4, 2**70, Fraction(1, 3), 0.5])
    def test_scalar(self, value: Any) -> None:
        """A number stays the same number of the same type; its slope is 1."""
        assert identity(value) == value
        assert identity_slope(value) == 1
        assert type(identity(value)) is type(identity_slope(value)) is type(value)

    def test_array(self) -> None:
        """An array stays the same array; its slopes are as many ones."""
        values = [[Fraction(1, 3), Fraction(0)], [Fraction(-2), Fraction(7)]]
        assert identity(values).tolist() == values
        assert identity_slope(values).tolist() == [[1, 1], [1, 1]]
        assert {type(x) for x in identity_slope(values).flat} == {Fraction}

    def test_pair(self) -> None:
        """The identity stands beside its own slope."""
        assert Activation(identity, identity_slope) == IDENTITY

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The values are looked at, and named."""
        with refused(exception, "values", says):
            identity(bad)
        with refused(exception, "values", says):
            identity_slope(bad)


class TestForward:
    """Carry inputs through the layers of a network."""

    def test_one_node(self) -> None:
        """Half of 2 plus seven tenths of 3 is 31/10."""
        inputs, prediction = forward([Dense([Fraction(1, 2), Fraction(7, 10)])], [2, 3])
        assert inputs.tolist() == [2, 3]
        assert prediction == Fraction(31, 10)
        assert type(prediction) is Fraction

    def test_two_layers(self) -> None:
        """(2, 3) becomes (5, 1), and then 9."""
        # 2 + 3 and −2 + 3; 2 · 5 − 1 · 1.
        layers = [Dense([[1, -1], [1, 1]]), Dense([2, -1])]
        assert [np.array(a).tolist() for a in forward(layers, [2, 3])] == [
            [2, 3],
            [5, 1],
            9,
        ]

    def test_bias(self) -> None:
        """A node adds its bias; one number is given to every node."""
        weights = [[Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]]
        # (1, 1) gives 4 and 6.
        assert forward([Dense(weights, [Fraction(1, 2), -6])], [1, 1])[-1].tolist() == [
            Fraction(9, 2),
            0,
        ]
        assert forward([Dense(weights, Fraction(1, 2))], [1, 1])[-1].tolist() == [
            Fraction(9, 2),
            Fraction(13, 2),
        ]
        assert forward([Dense([Fraction(1), Fraction(3)], 10)], [1, 1])[-1] == 14
        assert forward([Dense([[Fraction(1)], [Fraction(3)]], [10])], [1, 1])[
            -1
        ].tolist() == [14]

    def test_activation(self) -> None:
        """Each node applies its layer's activation to its sum."""
        # 1 · 1 + 1 · 2 + 1 = 4, squared 16; then 16 · 3 = 48.
        layers = [Dense([[1], [2]], 1, SQUARE), Dense([[3]])]
        assert [a.tolist() for a in forward(layers, [1, 1])] == [[1, 1], [16], [48]]

    def test_batch(self) -> None:
        """One row for each sample."""
        inputs = [[1, 0], [0, 1], [1, 1]]
        column = forward([Dense([[Fraction(2)], [Fraction(3)]], 1)], inputs)[-1]
        assert column.tolist() == [[3], [4], [6]]
        assert forward([Dense([Fraction(2), Fraction(3)], 1)], inputs)[-1].tolist() == [
            3,
            4,
            6,
        ]

    def test_integers_stay_exact(self) -> None:
        """Products of large integers do not overflow."""
        prediction = forward([Dense(np.array([2**40, 1]))], np.array([2**40, 1]))[-1]
        assert prediction == 2**80 + 1
        assert type(prediction) is int

    def test_floats(self) -> None:
        """Floats give floats."""
        prediction = forward([Dense([0.5, 0.25])], [2.0, 4.0])[-1]
        assert prediction == 2.0
        assert type(prediction) is float

    @given(st.data(), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
    def test_two_layers_are_one(
        self, data: Any, n_inputs: int, n_hidden: int, n_outputs: int
    ) -> None:
        """Two layers of identities are one layer, exactly."""
        first = data.draw(exact_arrays((n_inputs, n_hidden)))
        second = data.draw(exact_arrays((n_hidden, n_outputs)))
        bias = data.draw(exact_arrays((n_hidden,)))
        inputs = data.draw(exact_arrays((2, n_inputs)))
        stacked = forward([Dense(first, bias), Dense(second)], inputs)[-1]
        single = forward([Dense(first @ second, bias @ second)], inputs)[-1]
        assert np.array_equal(stacked, single)

    @given(exact_arrays((3, 2)), exact_arrays((2, 2)), exact_arrays((2,)))
    def test_batch_is_its_samples(self, inputs: Any, hidden: Any, output: Any) -> None:
        """A batch gives what its samples give one by one."""
        layers = [Dense(hidden, 1, SQUARE), Dense(output)]
        batch = forward(layers, inputs)
        for index, sample in enumerate(inputs):
            single = forward(layers, sample)
            assert all(map(np.array_equal, single, [a[index] for a in batch]))

    @pytest.mark.parametrize("dtype", [float, object])
    def test_arguments_are_not_changed(self, dtype: type) -> None:
        """Arguments are never changed in place."""
        weights: Any = np.array([[1, 2], [3, 4]], dtype=dtype)
        bias: Any = np.array([1, 1], dtype=dtype)
        inputs: Any = np.array([5, 6], dtype=dtype)
        layers = [Dense(weights, bias, SQUARE), Dense(weights, bias)]
        forward(layers, inputs)
        assert weights.tolist() == [[1, 2], [3, 4]]
        assert (bias.tolist(), inputs.tolist()) == ([1, 1], [5, 6])
        assert len(layers) == 2


class TestForwardArguments:
    """Shapes that do not fit, and what holds no numbers, are refused by name."""

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A bad value is named with the layer it stands in."""
        with refused(exception, "inputs", says):
            forward([Dense([1, 1])], bad)
        with refused(exception, "layers[0].weights", says):
            forward([Dense(bad)], [1, 1])
        with refused(exception, "layers[1].bias", says):
            forward([Dense([[1], [1]]), Dense([1], bad)], [1, 1])

    @pytest.mark.parametrize(
        ("layers", "inputs", "name", "says"),
        [
            ([Dense([1])], 1, "inputs", "has shape () but must have 1 or 2 dimensions"),
            (
                [Dense([1])],
                [[[1]]],
                "inputs",
                "has shape (1, 1, 1) but must have 1 or 2 dimensions",
            ),
            (
                [Dense(1)],
                [1],
                "layers[0].weights",
                "has shape () but must have 1 or 2 dimensions",
            ),
            (
                [Dense([1], [[1]])],
                [1],
                "layers[0].bias",
                "has shape (1, 1) but must have 0 or 1 dimensions",
            ),
            (
                [Dense([1])],
                [1, 2],
                "layers[0].weights",
                "has shape (1,) but must have 2 rows",
            ),
            (
                [Dense([1, 2, 3])],
                [[1], [2], [3]],
                "layers[0].weights",
                "has shape (3,) but must have 1 rows",
            ),
            (
                [Dense([[1, 2, 3]]), Dense([[1], [2]])],
                [1],
                "layers[1].weights",
                "has shape (2, 1) but must have 3 rows",
            ),
            (
                [Dense([[1, 2]], [1])],
                [1],
                "layers[0].bias",
                "has shape (1,) but must have shape (2,)",
            ),
            (
                [Dense([1], [1])],
                [1],
                "layers[0].bias",
                "has shape (1,) but must have shape ()",
            ),
            (
                [Dense([1]), Dense([1])],
                [1],
                "layers[0].weights",
                "has shape (1,) but needs a column",
            ),
        ],
    )
    def test_shapes(self, layers: Any, inputs: Any, name: str, says: str) -> None:
        """Shapes that do not fit are refused, even where NumPy would broadcast."""
        with refused(ValueError, name, says):
            forward(layers, inputs)

    def test_no_layers(self) -> None:
        """A network has at least one layer."""
        with refused(ValueError, "layers", "is empty but must hold at least one layer"):
            forward([], [1])

    @pytest.mark.parametrize("bad", [None, 3, Dense([1])])
    def test_no_sequence(self, bad: Any) -> None:
        """A single layer is no sequence of layers."""
        with refused(
            TypeError, "layers", f"is {bad!r} but must be a sequence of layers"
        ):
            forward(bad, [1])

    @pytest.mark.parametrize("bad", [None, 3, "dense", ([1], 0, IDENTITY)])
    def test_no_layer(self, bad: Any) -> None:
        """Every layer is a Dense layer."""
        says = f"is {bad!r} but must be a Dense, Dropout, BatchNorm or Activation layer"
        with refused(TypeError, "layers[1]", says):
            forward([Dense([[1]]), bad], [1])

    @pytest.mark.parametrize("bad", [None, "relu", abs])
    def test_no_activation(self, bad: Any) -> None:
        """An activation is a function beside its slope."""
        says = f"is {bad!r} but must be an Activation"
        with refused(TypeError, "layers[0].activation", says):
            forward([Dense([1], 0, bad)], [1])
