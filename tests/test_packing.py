"""All that a network learns as one vector, and back again."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest
from bad_input import NOT_NUMBERS, refused
from networks import NETWORKS, flat, rows

from gdbook._checks import shown
from gdbook.activations import RELU, Activation
from gdbook.network import BatchNorm, Dense, Dropout, Layer, batch_norm, forward_pass
from gdbook.packing import flatten, restore, snapshot, unflatten


class TestFlatten:
    """Join all that is learned into one vector: weights, biases, scales and shifts."""

    def test_by_hand(self) -> None:
        """Layer by layer, each row after row."""
        third = Fraction(1, 3)
        layers: list[Layer] = [
            Dense(rows([[1, 2], [third, 4]]), rows([5, 6])),
            RELU,
            Dense(rows([7, 8]), Fraction(9)),
        ]
        vector = flatten(layers)
        assert flat(vector) == [1, 2, third, 4, 5, 6, 7, 8, 9]
        moved: Any = unflatten(layers, vector + 1)
        assert [type(layer) for layer in moved] == [Dense, Activation, Dense]
        assert flat(moved[0].weights) == [[2, 3], [third + 1, 5]]
        assert flat(moved[0].bias) == [6, 7]
        assert flat(moved[2].weights) == [8, 9]
        assert moved[2].bias == 10
        assert type(moved[2].bias) is Fraction
        assert moved[1] is RELU

    def test_scale_and_shift(self) -> None:
        """What batches left is no part of it, and stays."""
        layers: list[Layer] = [Dropout(0.5), BatchNorm([1], [2], [3], [4], 0.5, 0.25)]
        assert flat(flatten(layers)) == [1, 2]
        moved: Any = unflatten(layers, [5, 6])
        assert moved[0] == Dropout(0.5)
        assert [flat(part) for part in moved[1][:4]] == [[5], [6], [3], [4]]
        assert moved[1][4:] == (0.5, 0.25)

    @pytest.mark.parametrize("name", NETWORKS)
    def test_there_and_back(self, name: str) -> None:
        """What is put back is what was taken out."""
        layers: Any = NETWORKS[name]
        vector = np.arange(len(flatten(layers))) / 2
        moved: Any = unflatten(layers, vector)
        assert flat(flatten(moved)) == flat(vector)
        assert [np.shape(param) for layer in moved for param in layer[:2]] == [
            np.shape(param) for layer in layers for param in layer[:2]
        ]

    def test_nothing_learned(self) -> None:
        """A network without a dense layer learns nothing."""
        says = "learn nothing but must hold a Dense or a normalising layer"
        for function in (flatten, snapshot):
            with refused(ValueError, "layers", says):
                function([RELU, Dropout(0.5)])

    @pytest.mark.parametrize("bad", [[1.0, 2.0], [1.0, 2.0, 3.0, 4.0]])
    def test_length(self, bad: Any) -> None:
        """A vector has as many numbers as are learned."""
        says = f"has shape ({len(bad)},) but must have shape (3,)"
        with refused(ValueError, "vector", says):
            unflatten([Dense([[1.0], [2.0]])], bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_vector(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A vector holds numbers, in one dimension."""
        with refused(exception, "vector", says):
            unflatten([Dense([[1.0], [2.0]])], bad)
        says = "has shape (1, 3) but must have 1 dimensions"
        with refused(ValueError, "vector", says):
            unflatten([Dense([[1.0], [2.0]])], [[1.0, 2.0, 3.0]])

    @pytest.mark.parametrize(
        "function",
        [
            flatten,
            snapshot,
            lambda layers: unflatten(layers, [1.0]),
            lambda layers: restore(layers, [[1.0]]),
            lambda layers: forward_pass(layers, [[1.0]]),
        ],
        ids=["flatten", "snapshot", "unflatten", "restore", "forward_pass"],
    )
    def test_layers(self, function: Callable[[Any], Any]) -> None:
        """Layers are looked at wherever they are given."""
        for bad in (None, 3, Dense([[1]]), Dropout(0.5), batch_norm(1), RELU):
            says = f"is {shown(bad)} but must be a sequence of layers"
            with refused(TypeError, "layers", says):
                function(bad)
        with refused(ValueError, "layers", "is empty but must hold at least one layer"):
            function([])
        with refused(
            ValueError,
            "layers[1].weights",
            "has shape (2, 1) but must have 1 rows",
        ):
            function([Dense([[1]]), Dense([[1], [2]])])


class TestSnapshot:
    """Give every number of a network: what is learned, and what batches left."""

    LAYERS: ClassVar[list[Layer]] = [
        Dense([[1.0]], [2.0]),
        BatchNorm([3.0], [4.0], [5.0], [6.0]),
        BatchNorm([7.0], [8.0], [9.0], [10.0]),
    ]

    def test_by_hand(self) -> None:
        """The vector of `flatten`, then the running means and variances."""
        vector, *running = snapshot(self.LAYERS)
        assert flat(vector) == [1, 2, 3, 4, 7, 8]
        assert [flat(part) for part in running] == [[5], [6], [9], [10]]

    def test_there_and_back(self) -> None:
        """What is put back is what was taken out, and the layers stay as they are."""
        numbers = [[1, 2, 3, 4, 5, 6], [7], [8], [9], [10]]
        moved = restore(self.LAYERS, numbers)
        assert [flat(part) for part in snapshot(moved)] == numbers
        assert flat(flatten(self.LAYERS)) == [1, 2, 3, 4, 7, 8]
        assert [type(layer) for layer in moved] == [Dense, BatchNorm, BatchNorm]

    def test_shapes(self) -> None:
        """A snapshot of another network is refused."""
        says = "has shapes [(1,)] but must have shapes [(6,), (1,), (1,), (1,), (1,)]"
        with refused(ValueError, "numbers", says):
            restore(self.LAYERS, [[1.0]])
        says = "has shapes [(2,), (1,)] but must have shapes [(2,)]"
        with refused(ValueError, "numbers", says):
            restore(self.LAYERS[:1], [[1.0, 2.0], [1.0]])

    @pytest.mark.parametrize("bad", [None, 3, "12", np.array([[1.0, 2.0]])])
    def test_numbers(self, bad: Any) -> None:
        """A snapshot is a sequence."""
        says = f"is {shown(bad)} but must be what `snapshot` returns"
        with refused(TypeError, "numbers", says):
            restore(self.LAYERS[:1], bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_arrays(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A snapshot is made of numbers, in one dimension each."""
        with refused(exception, "numbers[1]", says):
            restore(self.LAYERS, [[1.0] * 6, bad, [1.0], [1.0], [1.0]])
        says = "has shape () but must have 1 dimensions"
        with refused(ValueError, "numbers[0]", says):
            restore(self.LAYERS, [1.0])
