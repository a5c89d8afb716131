"""Layers, forward and backward, against numbers worked by hand and differences."""

import copy
import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest
from alike import alike
from bad_input import (
    NOT_A_CHOICE,
    NOT_A_FUNCTION,
    NOT_A_GENERATOR,
    NOT_A_SHARE,
    NOT_NUMBERS,
    NOT_POSITIVE,
    not_a_count,
    refused,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near
from networks import (
    NETWORKS,
    SQUARE,
    cube,
    cube_slope,
    flat,
    in_a_buffer,
    in_place,
    rows,
)
from sharing import arrays, share, shares, spoil
from strategies import exact_arrays

from gdbook._checks import shown
from gdbook.activations import (
    IDENTITY,
    RELU,
    SIGMOID,
    TANH,
    Activation,
    identity,
    identity_slope,
    leaky,
)
from gdbook.gradients import central_difference
from gdbook.initialisation import glorot, he
from gdbook.losses import mean_squared_error, mean_squared_error_slope
from gdbook.network import (
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    Residual,
    Slopes,
    backward,
    batch_norm,
    dense,
    dense_network,
    forward,
    forward_pass,
    layer_norm,
)
from gdbook.packing import flatten, restore, snapshot, unflatten


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
        inputs, prediction = forward(
            [Dense([Fraction(1, 2), Fraction(7, 10)])], [Fraction(2), 3]
        )
        assert inputs.tolist() == [2, 3]
        assert prediction == Fraction(31, 10)
        assert type(prediction) is Fraction

    def test_one_node_after_a_sigmoid(self) -> None:
        """Half of what holds e is a float."""
        half = Fraction(1, 2)
        layers = [Dense([[Fraction(0)]], [Fraction(0)], SIGMOID), Dense([half], half)]
        prediction = forward(layers, [Fraction(1)])[-1]
        assert prediction == 3 / 4
        assert type(prediction) is float

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

    def test_integers(self) -> None:
        """Integers are floats here: their products do not overflow."""
        prediction = forward([Dense(np.array([2**40, 1]))], np.array([2**40, 1]))[-1]
        assert prediction == 2.0**80

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
            for one, all_of_them in zip(single, batch, strict=True):
                assert np.array_equal(one, all_of_them[index])

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
            TypeError, "layers", f"is {shown(bad)} but must be a sequence of layers"
        ):
            forward(bad, [1])

    @pytest.mark.parametrize("bad", [None, 3, "dense", ([1], 0, IDENTITY)])
    def test_no_layer(self, bad: Any) -> None:
        """Every layer is a Dense layer."""
        expected = (
            "a Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation layer"
        )
        says = f"is {shown(bad)} but must be {expected}"
        with refused(TypeError, "layers[1]", says):
            forward([Dense([[1]]), bad], [1])

    @pytest.mark.parametrize("bad", [None, "relu", abs])
    def test_no_activation(self, bad: Any) -> None:
        """An activation is a function beside its slope."""
        says = f"is {shown(bad)} but must be an Activation"
        with refused(TypeError, "layers[0].activation", says):
            forward([Dense([1], 0, bad)], [1])


class Dealt(np.random.Generator):
    """A source of numbers that are not random."""

    def __init__(self, draws: Any) -> None:
        super().__init__(np.random.PCG64(0))
        self.draws = np.array(draws)

    def random(self, *args: Any, **_: Any) -> Any:
        """Give the numbers that were put in, in the shape that is asked for."""
        return self.draws.reshape(args[0])


def measured(function: Callable[[Any], Any], point: Any) -> Any:
    """Measure slopes with five points each, whose bending counts h⁴ only."""
    h = 2.0**-11
    slopes = np.empty(np.shape(point))
    for index in np.ndindex(slopes.shape):
        move = np.zeros(slopes.shape)
        move[index] = h
        near = function(point + move) - function(point - move)
        far = function(point + 2 * move) - function(point - 2 * move)
        slopes[index] = (8 * near - far) / (12 * h)
    return slopes


# Bending: h⁴/30 is 2⁻⁴⁹, times a fifth derivative, of some thousands where a batch is
# normalised. Rounding: sums below 10 are off by some 2⁻⁴⁸, over h.
CLOSE = 2.0**-32


class TestBackwardByHand:
    """Carry the slope of the loss back through the layers of a network."""

    def test_two_layers(self) -> None:
        """Every slope of a network with ReLU, in fractions.

        Sums: (2, 3/2) and (5/2, −7/2), of which ReLU stops the last. Predictions
        2 + 3 − 1 = 4 and 5/2 − 1 = 3/2; errors 1 and −1/2 of 3 and 2.
        """
        half = Fraction(1, 2)
        inputs = rows([[1, 2], [3, -1]])
        layers = [
            Dense(rows([[1, -1], [half, 1]]), rows([0, half]), RELU),
            Dense(rows([[1], [2]]), rows([-1])),
        ]
        passed = forward_pass(layers, inputs)
        assert [flat(values) for values in passed.values] == [
            [[1, 2], [3, -1]],
            [[2, 3 * half], [5 * half, 0]],
            [[4], [3 * half]],
        ]
        targets = rows([[3], [2]])
        slope = mean_squared_error_slope(passed.values[-1], targets)
        slopes = backward(layers, passed, slope)
        # 2/2 of the errors; then times (1, 2); then times W₁ᵀ, without what is stopped.
        assert [flat(values) for values in slopes.values] == [
            [[-1, 5 * half], [-half, -Fraction(1, 4)]],
            [[1, 2], [-half, -1]],
            [[1], [-half]],
        ]
        # (1, 3) · (1, −½) = −½, (2, −1) · (1, −½) = 5/2, (1, 2) · 2.
        assert flat(slopes.params[0][0]) == [[-half, 2], [5 * half, 4]]
        assert flat(slopes.params[0][1]) == [half, 2]
        # 2 − 5/4 and 3/2; 1 − 1/2.
        assert flat(slopes.params[1][0]) == [[Fraction(3, 4)], [3 * half]]
        assert flat(slopes.params[1][1]) == [half]
        expected = [-half, 2, 5 * half, 4, half, 2, Fraction(3, 4), 3 * half, half]
        assert flat(slopes.gradient) == expected
        assert {type(x) for x in slopes.gradient} == {Fraction}

    @settings(max_examples=20)
    @given(st.data(), st.sampled_from([(), (1,), (2,)]), st.booleans())
    def test_is_the_central_difference(
        self,
        data: Any,
        outputs: tuple[int, ...],
        shared: bool,  # noqa: FBT001
    ) -> None:
        """For squares of a line the difference is the slope, in fractions."""
        inputs = data.draw(exact_arrays((3, 2)))
        bias = data.draw(exact_arrays(() if shared else outputs))
        bias = bias.item() if np.shape(bias) == () else bias
        layers = [Dense(data.draw(exact_arrays((2, *outputs))), bias)]
        targets = data.draw(exact_arrays((3, *outputs)))
        passed = forward_pass(layers, inputs)
        slope = mean_squared_error_slope(passed.values[-1], targets)
        slopes = backward(layers, passed, slope)

        def loss(vector: Any) -> Any:
            prediction = forward(unflatten(layers, vector), inputs)[-1]
            return mean_squared_error(prediction, targets)

        expected = central_difference(loss, flatten(layers))
        assert flat(slopes.gradient) == flat(expected)
        expected = central_difference(
            lambda moved: mean_squared_error(forward(layers, moved)[-1], targets),
            inputs,
        )
        assert flat(slopes.values[0]) == flat(expected)

    @settings(max_examples=20)
    @given(exact_arrays((2,)), exact_arrays((2, 3)), exact_arrays((3,)))
    def test_one_sample(self, sample: Any, hidden: Any, output: Any) -> None:
        """A sample without its axis has the slopes of a batch of one."""
        layers = [Dense(hidden, 1, leaky(Fraction(1, 4))), Dense(output, Fraction(2))]
        alone = backward(layers, forward_pass(layers, sample), Fraction(3))
        batch = forward_pass(layers, sample[None])
        together = backward(layers, batch, rows([3]))
        assert flat(alone.gradient) == flat(together.gradient)
        assert flat(alone.values[0]) == flat(together.values[0][0])
        assert [np.shape(param) for own in alone.params for param in own] == [
            (2, 3),
            (),
            (3,),
            (),
        ]

    def test_layers_between(self) -> None:
        """An activation by itself, and dropout that predicts, learn nothing."""
        layers: list[Layer] = [
            leaky(Fraction(1, 2)),
            Dropout(Fraction(1, 3)),
            Dense(rows([[3]])),
        ]
        passed = forward_pass(layers, rows([[-2], [4]]))
        assert [flat(values) for values in passed.values[1:]] == [
            [[-1], [4]],
            [[-1], [4]],
            [[-3], [12]],
        ]
        slopes = backward(layers, passed, rows([[1], [2]]))
        assert [flat(values) for values in slopes.values] == [
            [[Fraction(3, 2)], [6]],
            [[3], [6]],
            [[3], [6]],
            [[1], [2]],
        ]
        assert slopes.params[:2] == ((), ())
        assert flat(slopes.gradient) == [7, 3]  # −1 · 1 + 4 · 2 and 1 + 2

    def test_nothing_learned(self) -> None:
        """A network that learns nothing has no gradient, but slopes."""
        slopes = backward([RELU], forward_pass([RELU], [[2]]), [[5]])
        assert flat(slopes.values[0]) == [[5]]
        says = "learn nothing but must hold a Dense or a normalising layer"
        with refused(ValueError, "layers", says):
            _ = slopes.gradient


class TestDropout:
    """A layer that, in training, stops each of its inputs at random."""

    def test_by_hand(self) -> None:
        """What is drawn below the rate is stopped; the rest is divided by 1 − p."""
        layers = [Dropout(Fraction(1, 4))]
        drawn = Dealt([0.0, 0.2499, 0.25, 0.9])
        inputs = rows([[3, 3], [6, 9]])
        passed = forward_pass(layers, inputs, training=True, generator=drawn)
        assert flat(passed.values[-1]) == [[0, 0], [8, 12]]
        assert {type(x) for x in passed.values[-1].flat} == {Fraction}
        assert passed.layers == tuple(layers)
        slopes = backward(layers, passed, rows([[1, 2], [3, 6]]))
        assert flat(slopes.values[0]) == [[0, 0], [4, 8]]
        assert slopes.params == ((),)

    def test_predicting(self) -> None:
        """Outside of training the layer changes nothing, and draws nothing."""
        generator = np.random.default_rng(1)
        before = generator.bit_generator.state
        inputs = rows([[3], [4]])
        for passed in (
            forward_pass([Dropout(0.5)], inputs),
            forward_pass([Dropout(0.5)], inputs, generator=generator),
        ):
            assert flat(passed.values[-1]) == [[3], [4]]
            slopes = backward([Dropout(0.5)], passed, rows([[5], [6]]))
            assert flat(slopes.values[0]) == [[5], [6]]
        assert flat(forward([Dropout(0.5)], inputs)[-1]) == [[3], [4]]
        assert generator.bit_generator.state == before

    @pytest.mark.parametrize("rate", [0, 0.2, 0.5, 0.9])
    def test_share(self, rate: float) -> None:
        """Each input is stopped with probability p, and the mean is kept."""
        n_inputs = 20_000
        passed = forward_pass(
            [Dropout(rate)],
            np.ones((2, n_inputs // 2)),
            training=True,
            generator=np.random.default_rng(5),
        )
        stopped = (passed.values[-1] == 0).mean()
        # Five standard deviations of a mean of Bernoulli trials.
        assert abs(stopped - rate) <= 5 * (rate * (1 - rate) / n_inputs) ** 0.5
        assert set(passed.values[-1].flat) <= {0, 1 / (1 - rate)}

    def test_needs_no_generator_without_dropout(self) -> None:
        """Dense layers train without a generator."""
        layers = [Dense([[2]])]
        assert flat(forward_pass(layers, [[3]], training=True).values[-1]) == [[6]]

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_SHARE)
    def test_rate(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The rate is 0 or more and less than 1."""
        with refused(exception, "layers[1].rate", says):
            forward([RELU, Dropout(bad)], [[1.0]])


def with_field(layer: BatchNorm, field: str, value: Any) -> BatchNorm:
    """Change one field."""
    return BatchNorm(**(layer._asdict() | {field: value}))


class TestBatchNorm:
    """A layer that gives each of its inputs mean 0 and variance 1 in a batch."""

    LAYER = BatchNorm([4.0], [10.0], [0.0], [3.0], momentum=0.75, epsilon=3.0)

    def test_training_by_hand(self) -> None:
        """Mean 2 and variance 1 of 1 and 3; the root of 1 + 3 is 2."""
        passed = forward_pass([self.LAYER], [[1.0], [3.0]], training=True)
        assert flat(passed.values[-1]) == [[8], [12]]  # 10 ∓ 4 · 1/2
        moved: Any = passed.layers[0]
        # A quarter of the way from 0 to 2, and from 3 to 1.
        assert (flat(moved.running_mean), flat(moved.running_variance)) == (
            [0.5],
            [2.5],
        )
        assert moved[:2] == ([4], [10])
        assert moved[4:] == (0.75, 3)
        slopes = backward([self.LAYER], passed, [[1.0], [0.0]])
        # Along the scale −1/2, along the shift 1. Times the scale: 4 and 0, mean 2,
        # mean product −1; (4 − 2 − 1/2) / 2 and (0 − 2 + 1/2) / 2.
        assert [flat(param) for param in slopes.params[0]] == [[-0.5], [1]]
        assert flat(slopes.values[0]) == [[0.75], [-0.75]]

    def test_predicting_by_hand(self) -> None:
        """Otherwise mean and variance are the running ones, and stay."""
        layer = self.LAYER._replace(running_mean=[1.0], running_variance=[6.0])
        passed = forward_pass([layer], [[1.0], [7.0]])
        assert flat(passed.values[-1]) == [[10], [18]]  # 10 + 4 · 6 / 3
        moved: Any = passed.layers[0]
        assert (flat(moved.running_mean), flat(moved.running_variance)) == ([1], [6])
        slopes = backward([layer], passed, [[3.0], [6.0]])
        assert [flat(param) for param in slopes.params[0]] == [[12], [9]]
        assert flat(slopes.values[0]) == [[4], [8]]  # times 4/3

    def test_one_sample(self) -> None:
        """A single sample is predicted, with or without its axis."""
        layer = self.LAYER._replace(running_mean=[1.0], running_variance=[6.0])
        passed = forward_pass([layer], [7.0])
        assert flat(passed.values[-1]) == [18]
        slopes = backward([layer], passed, [3.0])
        assert [flat(param) for param in slopes.params[0]] == [[6], [3]]
        assert flat(slopes.values[0]) == [4]

    @pytest.mark.parametrize("kind", [int, Fraction])
    def test_floats(self, kind: type) -> None:
        """Roots are irrational, so fractions are computed as floats here."""
        inputs = [[kind(1)], [kind(3)]]
        passed = forward_pass([self.LAYER], inputs, training=True)
        assert passed.values[-1].dtype == np.float64
        moved: Any = passed.layers[0]
        assert moved.running_variance.dtype == np.float64

    def test_floats_of_its_own(self) -> None:
        """Its own fractions become floats as well."""
        four, ten, zero = ([Fraction(number)] for number in (4, 10, 0))
        for inputs in ([[1.0], [3.0]], rows([[1], [3]])):
            passed = forward_pass([BatchNorm(four, ten, zero, four)], inputs)
            assert passed.values[-1].dtype == np.float64

    @given(st.integers(2, 9), st.integers(0, 99))
    def test_laws(self, n_samples: int, seed: int) -> None:
        """The batch leaves with mean 0 and variance 1, and its slopes add up to 0."""
        generator = np.random.default_rng(seed)
        inputs = generator.normal(size=(n_samples, 3))
        layers = [batch_norm(3, epsilon=1e-300)]
        passed = forward_pass(layers, inputs, training=True)
        outputs = passed.values[-1]
        # A mean of n numbers below 3 rounds by n ulps; two samples may lie close.
        closest = inputs.std(axis=0).min()
        allowed = n_samples * 8 * 2.0**-52 / min(closest, 1)
        assert outputs.mean(axis=0) == near(0, abs=allowed)
        assert outputs.var(axis=0) == near(1, abs=allowed)
        slopes = backward(layers, passed, generator.normal(size=inputs.shape))
        assert slopes.values[0].sum(axis=0) == near(0, abs=8 * allowed / closest)

    @pytest.mark.parametrize(
        ("inputs", "shape"), [([[1.0]], "(1, 1)"), ([1.0], "(1,)")]
    )
    def test_needs_a_batch(self, inputs: Any, shape: str) -> None:
        """In training there are two samples or more."""
        says = "but batch normalisation needs two samples or more in training"
        with refused(ValueError, "inputs", f"has shape {shape} {says}"):
            forward_pass([self.LAYER], inputs, training=True)

    @pytest.mark.parametrize(
        "field", ["scale", "shift", "running_mean", "running_variance"]
    )
    def test_arrays(self, field: str) -> None:
        """Every array has one number for each that enters."""
        name = f"layers[1].{field}"
        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, name, says):
                flatten([RELU, with_field(self.LAYER, field, bad)])
        for bad, says in (
            (1.0, "has shape () but must have 1 dimensions"),
            ([[1.0]], "has shape (1, 1) but must have 1 dimensions"),
            ([1.0, 2.0], "has shape (2,) but must have shape (1,)"),
        ):
            with refused(ValueError, name, says):
                forward([RELU, with_field(self.LAYER, field, bad)], [[1.0]])
        if field != "scale":
            with refused(ValueError, name, says):
                flatten([RELU, with_field(self.LAYER, field, [1.0, 2.0])])

    def test_negative_variance(self) -> None:
        """A variance is not negative; zero is none."""
        layer = BatchNorm([1] * 3, [0] * 3, [0] * 3, [0, -2.5, -0.5])
        says = "holds -2.5 but must not be negative"
        with refused(ValueError, "layers[0].running_variance", says):
            flatten([layer])
        layer = layer._replace(running_variance=[0, 0, 0])
        assert flat(flatten([layer])) == [1, 1, 1, 0, 0, 0]

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_SHARE)
    def test_momentum(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The momentum is 0 or more and less than 1."""
        with refused(exception, "layers[0].momentum", says):
            flatten([self.LAYER._replace(momentum=bad)])
        with refused(exception, "momentum", says):
            batch_norm(1, momentum=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_epsilon(self, bad: Any, exception: type[Exception], says: str) -> None:
        """What keeps the divisor from zero is greater than 0."""
        with refused(exception, "layers[0].epsilon", says):
            flatten([self.LAYER._replace(epsilon=bad)])
        with refused(exception, "epsilon", says):
            batch_norm(1, epsilon=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(1))
    def test_n_outputs(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A layer is one wide or more."""
        with refused(exception, "n_outputs", says):
            batch_norm(bad)

    def test_fresh(self) -> None:
        """Scale 1, shift 0, running mean 0 and running variance 1."""
        layer = batch_norm(2)
        assert [flat(part) for part in layer[:4]] == [[1, 1], [0, 0], [0, 0], [1, 1]]
        assert layer[4:] == (0.9, 1e-5) == BatchNorm([1], [0], [0], [1])[4:]
        assert batch_norm(1, momentum=0.5, epsilon=0.1)[4:] == (0.5, 0.1)
        assert len(batch_norm(1).scale) == 1


class TestLayerNorm:
    """A layer that gives the numbers of each sample mean 0 and variance 1."""

    LAYER = LayerNorm([4.0, 6.0], [10.0, 20.0], epsilon=3.0)

    def test_by_hand(self) -> None:
        """Mean 2 and variance 1 of 1 and 3; the root of 1 + 3 is 2."""
        for training in (False, True):
            passed = forward_pass([self.LAYER], [[1.0, 3.0]], training=training)
            assert flat(passed.values[-1]) == [[8, 23]]  # 10 − 4/2 and 20 + 6/2
            assert flat(flatten(passed.layers)) == [4, 6, 10, 20]
            slopes = backward([self.LAYER], passed, [[1.0, 0.0]])
            # Along the scales −1/2 and 0, along the shifts 1 and 0. Times the scales: 4
            # and 0, mean 2, mean product −1; (4 − 2 − 1/2) / 2 and (0 − 2 + 1/2) / 2.
            assert [flat(param) for param in slopes.params[0]] == [[-0.5, 0], [1, 0]]
            assert flat(slopes.values[0]) == [[0.75, -0.75]]

    def test_one_sample(self) -> None:
        """A single sample needs no axis, and no company."""
        passed = forward_pass([self.LAYER], [1.0, 3.0], training=True)
        assert flat(passed.values[-1]) == [8, 23]
        slopes = backward([self.LAYER], passed, [1.0, 0.0])
        assert [flat(param) for param in slopes.params[0]] == [[-0.5, 0], [1, 0]]
        assert flat(slopes.values[0]) == [0.75, -0.75]

    def test_samples_add_up(self) -> None:
        """The slopes along scale and shift are sums over the samples."""
        passed = forward_pass([self.LAYER], [[1.0, 3.0], [3.0, 1.0]])
        assert flat(passed.values[-1]) == [[8, 23], [12, 17]]
        slopes = backward([self.LAYER], passed, [[1.0, 0.0], [2.0, 0.0]])
        assert [flat(param) for param in slopes.params[0]] == [[0.5, 0], [3, 0]]
        assert flat(slopes.values[0]) == [[0.75, -0.75], [1.5, -1.5]]

    @given(st.integers(1, 5), st.integers(2, 9), st.integers(0, 99))
    def test_laws(self, n_samples: int, n_outputs: int, seed: int) -> None:
        """Each sample leaves with mean 0 and variance 1, whoever is beside it."""
        generator = np.random.default_rng(seed)
        inputs = generator.normal(size=(n_samples, n_outputs))
        layers = [layer_norm(n_outputs, epsilon=1e-300)]
        passed = forward_pass(layers, inputs)
        outputs = passed.values[-1]
        # A mean of n numbers below 3 rounds by n ulps; two numbers may lie close.
        closest = inputs.std(axis=1).min()
        allowed = n_outputs * 8 * 2.0**-52 / min(closest, 1)
        assert outputs.mean(axis=1) == near(0, abs=allowed)
        assert outputs.var(axis=1) == near(1, abs=allowed)
        alone = [forward(layers, sample)[-1] for sample in inputs]
        assert outputs == near(np.array(alone), abs=allowed)
        slopes = backward(layers, passed, generator.normal(size=inputs.shape))
        assert slopes.values[0].sum(axis=1) == near(0, abs=8 * allowed / closest)

    @pytest.mark.parametrize("kind", [int, Fraction])
    def test_floats(self, kind: type) -> None:
        """Roots are irrational, so fractions are computed as floats here."""
        layer = LayerNorm([kind(4), kind(6)], [kind(10), kind(20)])
        for layers in ([self.LAYER], [layer]):
            values = forward(layers, [[kind(1), kind(3)]])
            assert values[-1].dtype == np.float64

    def test_equal_numbers(self) -> None:
        """Numbers that do not differ leave as the shift."""
        assert flat(forward([self.LAYER], [[7.0, 7.0]])[-1]) == [[10, 20]]
        assert flat(forward([layer_norm(1)], [[7.0]])[-1]) == [[0]]

    @pytest.mark.parametrize("field", ["scale", "shift"])
    def test_arrays(self, field: str) -> None:
        """Both arrays have one number for each that enters."""
        name = f"layers[1].{field}"

        def with_field(value: Any) -> list[Any]:
            return [RELU, self.LAYER._replace(**{field: value})]

        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, name, says):
                flatten(with_field(bad))
        for bad, says in (
            ([[1.0]], "has shape (1, 1) but must have 1 dimensions"),
            ([1.0], "has shape (1,) but must have shape (2,)"),
        ):
            with refused(ValueError, name, says):
                forward(with_field(bad), [[1.0, 2.0]])

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_epsilon(self, bad: Any, exception: type[Exception], says: str) -> None:
        """What keeps the divisor from zero is greater than 0."""
        with refused(exception, "layers[0].epsilon", says):
            flatten([self.LAYER._replace(epsilon=bad)])
        with refused(exception, "epsilon", says):
            layer_norm(1, epsilon=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(1))
    def test_n_outputs(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A layer is one wide or more."""
        with refused(exception, "n_outputs", says):
            layer_norm(bad)

    def test_fresh(self) -> None:
        """Scale 1 and shift 0."""
        layer = layer_norm(2)
        assert [flat(part) for part in layer[:2]] == [[1, 1], [0, 0]]
        assert layer.epsilon == 1e-5 == LayerNorm([1], [0]).epsilon
        assert layer_norm(1, epsilon=0.1).epsilon == 0.1


class TestResidual:
    """A layer that adds what entered some layers before."""

    def test_by_hand(self) -> None:
        """Around one layer, around two, and around a link."""
        double, triple = Dense(rows([[2]])), Dense(rows([[3]]))
        layers: list[Layer] = [double, Residual(), triple, Residual(2), Residual(4)]
        passed = forward_pass(layers, rows([[1], [5]]))
        # 2x; 2x + x; 3 · 3x; 9x + 2x, which entered the first link; 11x + x.
        factors = 1, 2, 3, 9, 11, 12
        assert [flat(values) for values in passed.values] == [
            [[factor], [5 * factor]] for factor in factors
        ]
        slopes = backward(layers, passed, rows([[1], [2]]))
        # From the end: 1; 1; 3 · 1; 3 + 1 through the second link; 2 · 4 + 3 … + 1.
        expected = 12, 4, 3, 1, 1, 1
        assert [flat(slope) for slope in slopes.values] == [
            [[factor], [2 * factor]] for factor in expected
        ]
        assert {type(x) for slope in slopes.values for x in slope.flat} == {Fraction}
        # Σ input · slope: (1 + 10) · 4 for the first weight, (3 + 30) · 1 for the next.
        assert flat(slopes.gradient) == [44, 12, 33, 3]
        assert slopes.params[1] == slopes.params[3] == ()

    def test_no_block(self) -> None:
        """Two links around the same layer add its input twice."""
        layers: list[Layer] = [IDENTITY, Residual(), Residual(2)]
        passed = forward_pass(layers, [5.0])
        assert flat(passed.values[-1]) == [15]
        assert flat(backward(layers, passed, [1.0]).values[0]) == [3]

    def test_is_kept(self) -> None:
        """It learns nothing, and stays what it is."""
        layers: list[Layer] = [Dense([[2.0]]), Residual()]
        assert flat(flatten(layers)) == [2, 0]
        assert unflatten(layers, [3.0, 4.0])[1] == Residual(1)
        assert restore(layers, snapshot(layers))[1] == Residual(1)

    def test_place(self) -> None:
        """There are as many layers before it as it goes around."""
        says = "is 2 but must be at most 1"
        with refused(ValueError, "layers[1].n_layers", says):
            flatten([Dense([[2.0]]), Residual(2)])
        with refused(ValueError, "layers[0].n_layers", "is 1 but must be at most 0"):
            forward([Residual()], [[1.0]])

    def test_widths(self) -> None:
        """What is added has as many numbers."""
        wide = Dense(np.ones((2, 3)))
        says = "adds the 2 numbers that enter `layers[0]` to 3"
        with refused(ValueError, "layers[1]", says):
            forward([wide, Residual()], [[1.0, 2.0]])
        with refused(ValueError, "layers[2]", says):
            forward([wide, TANH, Residual(2)], [1.0, 2.0])
        with refused(ValueError, "layers[2]", says.replace("[0]", "[1]")):
            forward([RELU, wide, Residual()], [1.0, 2.0])
        # Where nothing is known of the inputs, the first weights tell.
        flatten([RELU, wide, Residual(2)])

    @pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(1))
    def test_n_layers(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A link goes around one layer or more."""
        with refused(exception, "layers[1].n_layers", says):
            forward([RELU, Residual(bad)], [[1.0]])


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("training", [False, True], ids=["predicting", "training"])
@pytest.mark.parametrize(("n_samples", "seed"), [(2, 0), (5, 1)])
class TestGradient:
    """Every slope is what a difference measures, in both modes."""

    def test_params(
        self,
        name: str,
        training: bool,  # noqa: FBT001
        n_samples: int,
        seed: int,
    ) -> None:
        """Weights, biases, scales, shifts, and what enters."""
        layers = NETWORKS[name]
        generator = np.random.default_rng(seed)
        inputs = generator.normal(size=(n_samples, 3))

        def run(layers: Any, inputs: Any) -> Any:
            return forward_pass(
                layers,
                inputs,
                training=training,
                generator=np.random.default_rng(seed) if training else None,
            )

        passed = run(layers, inputs)
        slope = generator.normal(size=passed.values[-1].shape)
        slopes = backward(layers, passed, slope)
        vector = flatten(layers)
        by_params = measured(
            lambda moved: (
                run(unflatten(layers, moved), inputs).values[-1] * slope
            ).sum(),
            vector,
        )
        by_inputs = measured(
            lambda moved: (run(layers, moved).values[-1] * slope).sum(), inputs
        )
        assert slopes.gradient == near(by_params, rel=CLOSE, abs=CLOSE)
        assert slopes.values[0] == near(by_inputs, rel=CLOSE, abs=CLOSE)
        assert slopes.values[-1].tolist() == slope.tolist()
        shapes = [np.shape(values) for values in passed.values]
        assert [np.shape(values) for values in slopes.values] == shapes
        assert len(slopes.params) == len(layers)


class TestForwardPass:
    """Carry inputs forward, and remember what the way back needs."""

    def test_is_forward(self) -> None:
        """Its values are those of `forward`; the layers come back."""
        for layers in NETWORKS.values():
            passed = forward_pass(layers, [[1.0, 2.0, 3.0]])
            expected = forward(layers, [[1.0, 2.0, 3.0]])
            assert alike(passed.values, expected)
            assert len(passed.values) == len(layers) + 1
            assert len(passed.memories) == len(passed.layers) == len(layers)
            assert list(map(type, passed.layers)) == list(map(type, layers))

    def test_draws_differ(self) -> None:
        """Every pass in training draws anew; the same generator draws the same."""
        layers = [Dropout(0.5)]
        generator = np.random.default_rng(1)
        first, second, again = (
            flat(
                forward_pass(
                    layers, np.ones((4, 9)), training=True, generator=drawn
                ).values[-1]
            )
            for drawn in (generator, generator, np.random.default_rng(1))
        )
        assert first == again != second

    @pytest.mark.parametrize("training", [False, True])
    def test_nothing_is_changed(self, training: bool) -> None:  # noqa: FBT001
        """Neither layers nor inputs, slopes or passes are changed in place."""
        layers = NETWORKS["everything"]
        inputs = np.random.default_rng(3).normal(size=(4, 3))
        slope = np.ones((4, 2))
        kept = copy.deepcopy((snapshot(layers), inputs, slope))
        passed = forward_pass(
            layers, inputs, training=training, generator=np.random.default_rng(1)
        )
        remembered = copy.deepcopy(passed.values)
        backward(layers, passed, slope)
        unflatten(layers, flatten(layers) + 1)
        restore(layers, [part + 1 for part in snapshot(layers)])
        assert alike(passed.values, remembered)
        assert alike(snapshot(layers), kept[0])
        assert np.array_equal(inputs, kept[1])
        assert np.array_equal(slope, kept[2])

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_CHOICE)
    def test_training(self, bad: Any, exception: type[Exception], says: str) -> None:
        """In training, or not."""
        with refused(exception, "training", says):
            forward_pass([RELU], [[1]], training=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_GENERATOR)
    def test_generator(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Dropout in training needs a generator, and nothing takes another thing."""
        with refused(exception, "generator", says):
            forward_pass([RELU, Dropout(0.5)], [[1]], training=True, generator=bad)
        if bad is not None:
            with refused(exception, "generator", says):
                forward_pass([RELU], [[1]], generator=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_inputs(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The inputs are looked at."""
        with refused(exception, "inputs", says):
            forward_pass([RELU], bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_FUNCTION)
    def test_activation(self, bad: Any, exception: type[Exception], says: str) -> None:
        """An activation is made of two functions."""
        for layer, name in (
            (Activation(bad, abs), "layers[0].function"),
            (Activation(abs, bad), "layers[0].slope"),
            (Dense([[1]], 0, Activation(bad, abs)), "layers[0].activation.function"),
            (Dense([[1]], 0, Activation(abs, bad)), "layers[0].activation.slope"),
        ):
            with refused(exception, name, says):
                forward_pass([layer], [[1]])


class TestBackwardArguments:
    """A way back goes through the layers of the way there."""

    LAYERS: ClassVar[list[Layer]] = [Dense([[1.0, 2.0]]), RELU]
    PASSED = forward_pass(LAYERS, [[1.0], [2.0]])

    @pytest.mark.parametrize("bad", [None, 3, (1, 2, 3), ([[1.0]], [[1.0]])])
    def test_passed(self, bad: Any) -> None:
        """What `forward_pass` returns, and nothing else."""
        says = f"is {shown(bad)} but must be what `forward_pass` returns"
        with refused(TypeError, "passed", says):
            backward(self.LAYERS, bad, [[1.0]])

    def test_layers(self) -> None:
        """As many layers as the pass went through, of the same kinds and shapes."""
        says = "holds 1 layers but `passed` went through 2"
        with refused(ValueError, "layers", says):
            backward(self.LAYERS[:1], self.PASSED, [[1.0, 1.0]])
        says = "is another layer than `passed` went through"
        for index, other in (
            (0, Dense([[1.0, 2.0, 3.0]])),
            (0, Dense([[1.0, 2.0]], [0.0, 0.0])),
            (0, Dropout(0.5)),
            (1, Dropout(0.5)),
            (1, batch_norm(2)),
        ):
            layers = [*self.LAYERS[:index], other, *self.LAYERS[index + 1 :]]
            with refused(ValueError, f"layers[{index}]", says):
                backward(layers, self.PASSED, [[1.0, 1.0], [1.0, 1.0]])
        with refused(TypeError, "layers", "is None but must be a sequence of layers"):
            none: Any = None
            backward(none, self.PASSED, [[1.0, 1.0]])
        says = "has shape (2, 1) but must have 1 rows"
        with refused(ValueError, "layers[0].weights", says):
            backward([Dense([[1.0], [2.0]]), RELU], self.PASSED, [[1.0, 1.0]])

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_slope(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The slope is looked at."""
        with refused(exception, "slope", says):
            backward(self.LAYERS, self.PASSED, bad)

    @pytest.mark.parametrize(
        ("bad", "shape"),
        [(1.0, "()"), ([1.0, 1.0], "(2,)"), ([[1.0, 1.0]], "(1, 2)")],
    )
    def test_shape_of_slope(self, bad: Any, shape: str) -> None:
        """The slope has the shape of the prediction, not merely one that broadcasts."""
        says = f"has shape {shape} but the prediction has shape (2, 2)"
        with refused(ValueError, "slope", f"{says}; they must be equal"):
            backward(self.LAYERS, self.PASSED, bad)

    def test_shape_of_another_layer(self) -> None:
        """The shape of what entered, or of what a hidden layer says, will not do."""
        layers: list[Layer] = [Dense([[1.0] * 3] * 4), RELU, Dense([[1.0]] * 3)]
        passed = forward_pass(layers, [[1.0] * 4])
        for width in (3, 4):
            says = f"has shape (1, {width}) but the prediction has shape (1, 1)"
            with refused(ValueError, "slope", f"{says}; they must be equal"):
                backward(layers, passed, [[1.0] * width])


def ones(generator: np.random.Generator, n_inputs: int, n_outputs: int) -> Any:
    """Draw nothing."""
    assert isinstance(generator, np.random.Generator)
    return np.ones((n_inputs, n_outputs))


class TestDense:
    """Make a dense layer with drawn weights, its biases zero."""

    def test_default(self) -> None:
        """Drawn by `glorot`, with no activation."""
        layer = dense(2, 3, np.random.default_rng(1))
        expected = glorot(np.random.default_rng(1), 2, 3)
        assert layer.weights.tolist() == expected.tolist()
        assert layer.bias.tolist() == [0, 0, 0]
        assert layer.activation is IDENTITY is Dense([1]).activation
        assert Dense([1]).bias == 0

    def test_told(self) -> None:
        """Drawn as told, with an activation."""
        layer = dense(2, 1, np.random.default_rng(1), activation=RELU, initialise=ones)
        assert flat(layer.weights) == [[1], [1]]
        assert layer.activation is RELU

    @pytest.mark.parametrize(
        ("given", "shape"),
        [([[1.0]], "(1, 1)"), ([[1.0], [1.0]], "(2, 1)"), ([[1.0] * 2] * 2, "(2, 2)")],
    )
    def test_shape(self, given: Any, shape: str) -> None:
        """What is drawn fits."""
        says = f"gave shape {shape} but must give shape (1, 2)"
        with refused(ValueError, "initialise", says):
            dense(1, 2, np.random.default_rng(1), initialise=lambda *_: given)

    def test_refuses(self) -> None:
        """Every argument is looked at."""
        generator = np.random.default_rng(1)
        for bad, exception, says in not_a_count(1):
            with refused(exception, "n_inputs", says):
                dense(bad, 1, generator)
            with refused(exception, "n_outputs", says):
                dense(1, bad, generator)
        for bad, exception, says in NOT_A_GENERATOR:
            with refused(exception, "generator", says):
                dense(1, 1, bad)
        for bad, exception, says in NOT_A_FUNCTION:
            with refused(exception, "initialise", says):
                dense(1, 1, generator, initialise=bad)
        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, "initialise", says):
                dense(1, 1, generator, initialise=lambda *_, bad=bad: bad)
        says = "has shape (1,) but must have 2 dimensions"
        with refused(ValueError, "initialise", says):
            dense(1, 1, generator, initialise=lambda *_: [1.0])

    @pytest.mark.parametrize("bad", [None, "relu", abs])
    def test_activation(self, bad: Any) -> None:
        """An activation is a function beside its slope."""
        generator = np.random.default_rng(1)
        says = f"is {shown(bad)} but must be an Activation"
        with refused(TypeError, "activation", says):
            dense(1, 1, generator, activation=bad)
        with refused(TypeError, "activation", says):
            dense_network([1, 1], generator, activation=bad)


class TestDenseNetwork:
    """Make a network of dense layers whose last layer has no activation."""

    def test_default(self) -> None:
        """ReLU between layers drawn by `he`, first to last from one generator."""
        layers: Any = dense_network([2, 3, 4, 1], np.random.default_rng(1))
        generator = np.random.default_rng(1)
        sizes = ((2, 3), (3, 4), (4, 1))
        expected = [he(generator, *size).tolist() for size in sizes]
        assert type(layers) is tuple
        assert [flat(layer.weights) for layer in layers] == expected
        assert [flat(layer.bias) for layer in layers] == [[0] * 3, [0] * 4, [0]]
        assert [layer.activation for layer in layers] == [RELU, RELU, IDENTITY]

    def test_told(self) -> None:
        """Another activation, drawn as told."""
        layers: Any = dense_network(
            (2, 3, 1), np.random.default_rng(1), activation=TANH, initialise=ones
        )
        assert [layer.activation for layer in layers] == [TANH, IDENTITY]
        assert [flat(layer.weights) for layer in layers] == [[[1] * 3] * 2, [[1]] * 3]

    def test_dropout(self) -> None:
        """Dropout after each hidden layer."""
        layers: Any = dense_network(
            [2, 3, 3, 1], np.random.default_rng(1), dropout=0.25
        )
        kinds = [Dense, Dropout, Dense, Dropout, Dense]
        assert [type(layer) for layer in layers] == kinds
        assert layers[1] == layers[3] == Dropout(0.25)
        assert layers[0].activation == RELU

    def test_normalise(self) -> None:
        """Each hidden layer normalises its sums before the activation."""
        layers: Any = dense_network(
            [2, 3, 1],
            np.random.default_rng(1),
            activation=TANH,
            dropout=0.5,
            normalise=True,
        )
        kinds = [Dense, BatchNorm, Activation, Dropout, Dense]
        assert [type(layer) for layer in layers] == kinds
        assert [layers[0].activation, layers[2]] == [IDENTITY, TANH]
        assert [flat(part) for part in layers[1][:4]] == [
            [1, 1, 1],
            [0, 0, 0],
            [0, 0, 0],
            [1, 1, 1],
        ]
        assert [np.shape(layers[index].weights) for index in (0, 4)] == [(2, 3), (3, 1)]

    def test_one_layer(self) -> None:
        """Two sizes make one layer without activation."""
        layers: Any = dense_network([2, 3], np.random.default_rng(1), dropout=0.5)
        (layer,) = layers
        assert np.shape(layer.weights) == (2, 3)
        assert layer.activation is IDENTITY

    @pytest.mark.parametrize("bad", [None, 3, "23", np.array([2, 3])])
    def test_no_sequence(self, bad: Any) -> None:
        """Sizes form a sequence."""
        says = f"is {shown(bad)} but must be a sequence of whole numbers"
        with refused(TypeError, "sizes", says):
            dense_network(bad, np.random.default_rng(1))

    @pytest.mark.parametrize("bad", [[], [3], ()])
    def test_too_few(self, bad: Any) -> None:
        """There are two sizes or more."""
        says = f"is {shown(bad)} but must hold two sizes or more"
        with refused(ValueError, "sizes", says):
            dense_network(bad, np.random.default_rng(1))

    def test_refuses(self) -> None:
        """Every argument is looked at."""
        generator = np.random.default_rng(1)
        for bad, exception, says in not_a_count(1):
            with refused(exception, "sizes[1]", says):
                dense_network([2, bad, 1], generator)
        for bad, exception, says in NOT_A_GENERATOR:
            with refused(exception, "generator", says):
                dense_network([1, 1], bad)
        for bad, exception, says in NOT_A_FUNCTION:
            with refused(exception, "initialise", says):
                dense_network([1, 1], generator, initialise=bad)
        for bad, exception, says in NOT_A_SHARE:
            with refused(exception, "dropout", says):
                dense_network([1, 1], generator, dropout=bad)
        for bad, exception, says in NOT_A_CHOICE:
            with refused(exception, "normalise", says):
                dense_network([1, 1], generator, normalise=bad)


@pytest.mark.parametrize("name", NETWORKS)
class TestSharing:
    """Nothing that comes out lies where something lies that went in, or is kept."""

    INPUTS = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]])

    def passed(self, layers: Any, inputs: Any, *, training: bool) -> Any:
        """Go forward, with the same draws every time."""
        generator = np.random.default_rng(1)
        return forward_pass(layers, inputs, training=training, generator=generator)

    @pytest.mark.parametrize("training", [False, True])
    def test_passes(self, name: str, training: bool) -> None:  # noqa: FBT001
        """A reader may write into values, slopes, layers and inputs."""
        layers, inputs = NETWORKS[name], self.INPUTS.copy()
        passed = self.passed(layers, inputs, training=training)
        given = (layers, inputs)
        assert not share(passed, given)
        assert not shares(passed.values)
        assert not share(forward(layers, inputs), given)
        slope = np.ones_like(passed.values[-1])
        expected = backward(layers, passed, slope)
        assert not share(expected, (layers, inputs, passed, slope))
        assert not shares(expected)
        assert not share(expected.gradient, expected)
        spoil((passed.values, inputs))
        assert alike(backward(layers, passed, slope), expected)

    def test_packing(self, name: str) -> None:
        """A reader may write into vectors, snapshots, and layers made of them."""
        layers = NETWORKS[name]
        vector, numbers = flatten(layers), snapshot(layers)
        made = [vector, numbers, unflatten(layers, vector), restore(layers, numbers)]
        for index, one in enumerate(made):
            assert not shares(one)
            assert not any(share(one, other) for other in (layers, *made[:index]))


class TestOwnNumbers:
    """What is made by itself shares no memory either."""

    def test_dense(self) -> None:
        """A function that gives the same weights twice makes two layers of them."""
        kept = np.ones((2, 3))
        first, second = (
            dense(2, 3, np.random.default_rng(1), initialise=lambda *_: kept)
            for _ in range(2)
        )
        assert not share(first, (second, kept))
        assert not shares(first)

    def test_batch_norm(self) -> None:
        """Scale, shift and running statistics are arrays of their own."""
        assert not shares(batch_norm(3))

    def test_gradient_of_one_part(self) -> None:
        """The gradient is no view of the only slopes that there are."""
        slopes = Slopes((), ((np.array([1.0, 2.0]),),))
        assert not share(slopes.gradient, slopes)


class TestOwnActivation:
    """An activation of the reader's is looked at, and cannot write into the pass."""

    SUMS: ClassVar[list[list[float]]] = [[-2.0, 1.0], [0.5, 3.0]]

    @pytest.mark.parametrize("habit", [in_place, in_a_buffer])
    def test_habits(self, habit: Any) -> None:
        """Writing into the argument, and using one buffer again, change nothing."""
        square = [[2.0, -1.0], [1.0, 0.5]]
        results = []
        for own in (
            Activation(cube, cube_slope),
            Activation(habit(cube), habit(cube_slope)),
        ):
            layers: list[Layer] = [Dense(square, 0.5, own), own, Dense(square, 0, own)]
            first = forward_pass(layers, self.SUMS)
            forward_pass(layers, np.ones((2, 2)))
            slope = np.ones((2, 2))
            results.append((first.values, backward(layers, first, slope)))
        assert alike(results[0], results[1])

    @pytest.mark.parametrize(
        ("gives", "exception", "says"),
        [
            (None, TypeError, "is None but must be a number"),
            ("abc", TypeError, "is 'abc' but must be a number"),
            (
                [[True, False], [True, True]],
                TypeError,
                "holds True but must hold numbers only",
            ),
            (
                np.ones((2, 2), complex),
                TypeError,
                "holds np.complex128(1+0j) but must hold numbers only",
            ),
            (1.0, ValueError, "gives shape () but must give shape (2, 2)"),
            ([[1.0, 2.0]], ValueError, "gives shape (1, 2) but must give shape (2, 2)"),
            (
                [[math.nan, 1.0], [1.0, 1.0]],
                ValueError,
                "holds nan but every number in it must be finite",
            ),
        ],
    )
    def test_function(self, gives: Any, exception: type[Exception], says: str) -> None:
        """What it gives has the shape of the sums and holds finite numbers."""
        own = Activation(lambda _: gives, cube_slope)
        for layer, name in (
            (Dense(np.eye(2), 0, own), "layers[1].activation.function"),
            (own, "layers[1].function"),
        ):
            with refused(exception, name, says):
                forward([RELU, layer], self.SUMS)

    @pytest.mark.parametrize(
        ("gives", "exception", "says"),
        [
            (None, TypeError, "is None but must be a number"),
            (
                1.0,
                ValueError,
                "gives shape () but must give shape (2, 2) or (2, 2, 2)",
            ),
            (
                np.ones((2, 2, 3)),
                ValueError,
                "gives shape (2, 2, 3) but must give shape (2, 2) or (2, 2, 2)",
            ),
            (
                [[math.nan] * 2] * 2,
                ValueError,
                "holds nan but every number in it must be finite",
            ),
        ],
    )
    def test_slope(self, gives: Any, exception: type[Exception], says: str) -> None:
        """So does its slope, which may have one dimension more."""
        own = Activation(cube, lambda _: gives)
        for layer, name in (
            (Dense(np.eye(2), 0, own), "layers[0].activation.slope"),
            (own, "layers[0].slope"),
        ):
            passed = forward_pass([layer], self.SUMS)
            with refused(exception, name, says):
                backward([layer], passed, np.ones((2, 2)))

    def test_matrix_of_slopes(self) -> None:
        """One dimension more is a matrix of slopes for each sample."""
        own = Activation(cube, lambda values: np.eye(2) * cube_slope(values)[:, None])
        layers = [own]
        passed = forward_pass(layers, self.SUMS)
        slopes = backward(layers, passed, np.ones((2, 2))).values[0]
        assert slopes.tolist() == cube_slope(np.array(self.SUMS)).tolist()

    def test_integers(self) -> None:
        """Whole numbers that it gives are floats of the width of the sums."""
        step = Activation(
            lambda values: np.where(values > 0, 1, 0), lambda values: 0 * values
        )
        for dtype in (np.float32, float):
            outputs = forward([step], np.array(self.SUMS, dtype))[-1]
            assert (outputs.tolist(), outputs.dtype) == ([[0, 1], [1, 1]], dtype)

    def test_not_hashable(self) -> None:
        """It may be any object that can be called."""

        class Cube:
            __hash__ = None  # type: ignore[assignment]

            def __call__(self, values: Any) -> Any:
                return cube(values)

        assert forward([Activation(Cube(), cube_slope)], [[2.0]])[-1].tolist() == [[8]]


class TestNumbers:
    """What comes out has the dtype that NumPy's promotion gives for what came in."""

    @pytest.mark.parametrize("name", NETWORKS)
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
    @pytest.mark.parametrize("training", [False, True])
    def test_width(
        self,
        name: str,
        dtype: Any,
        training: bool,  # noqa: FBT001
    ) -> None:
        """A network of one width stays so on all ways."""
        layers = of_width(NETWORKS[name], dtype)
        inputs = np.array([[1, 2, 3], [3, 1, 0]], dtype)
        passed = forward_pass(
            layers, inputs, training=training, generator=np.random.default_rng(1)
        )
        slopes = backward(layers, passed, np.ones_like(passed.values[-1]))
        vector = flatten(layers)
        found = [
            *(passed.values, passed.layers, slopes.values, slopes.params),
            *(slopes.gradient, vector, snapshot(layers), unflatten(layers, vector)),
            restore(layers, snapshot(layers)),
        ]
        assert {array.dtype for array in arrays(found)} == {np.dtype(dtype)}

    def test_drawn(self) -> None:
        """A layer has the width of the weights that it is drawn with."""

        def narrow(generator: Any, n_inputs: int, n_outputs: int) -> Any:
            return he(generator, n_inputs, n_outputs).astype(np.float32)

        layer = dense(2, 3, np.random.default_rng(1), initialise=narrow)
        assert {x.dtype for x in arrays(layer)} == {np.dtype(np.float32)}

    def test_wider_weights(self) -> None:
        """Of two widths the wider one counts."""
        layers = [Dense(np.ones((1, 1), np.float32)), Dense(np.ones((1, 1)))]
        values = forward(layers, np.ones((1, 1), np.float32))
        assert [x.dtype for x in values] == [np.float32, np.float32, float]
        assert flatten(layers).dtype == float
        layers = [Dense(np.ones((1, 1), np.float32), np.array([1e-12]))]
        assert forward(layers, np.ones((1, 1), np.float32))[1].item() == 1 + 1e-12

    def test_integers(self) -> None:
        """Whole numbers count as floats, on all ways."""
        layers = [Dense(np.array([[1, 2]]), [3, 4], RELU), Dense([[1], [2]], 5)]
        passed = forward_pass(layers, np.array([[1], [2]]))
        slopes = backward(layers, passed, [[1], [1]])
        found = [passed, slopes, flatten(layers), unflatten(layers, [1] * 7)]
        assert {array.dtype for array in arrays(found)} == {np.dtype(float)}
        assert flat(passed.values[-1]) == [[4 + 2 * 6 + 5], [5 + 2 * 8 + 5]]

    def test_fractions(self) -> None:
        """Beside a fraction integers stay exact, and beside a float neither does."""
        third = Fraction(1, 3)
        exact = forward([Dense([[third]], [2**60])], [[1]])[-1]
        assert exact.item() == third + 2**60
        mixed = forward([Dense([[third]], [0.5])], [[Fraction(3)]])
        assert {x.dtype for x in mixed} == {np.dtype(float)}
        assert mixed[-1].item() == 1.5

    def test_fractions_of_batches(self) -> None:
        """What batch normalisation computes with roots are floats."""
        half = Fraction(1, 2)
        layers = [batch_norm(1, momentum=half, epsilon=half)]
        passed = forward_pass(layers, [[1.0], [3.0]], training=True)
        found = {x.dtype for x in arrays((passed.values[1:], passed.layers))}
        assert found == {np.dtype(float)}
        assert snapshot(passed.layers)[1].tolist() == [1]  # half of the way to 2
        assert passed.values[-1][:, 0] == near([-(1.5**-0.5), 1.5**-0.5])

    def test_fractions_and_roots(self) -> None:
        """What turns into floats on the way comes out as floats."""
        layers: list[Layer] = [Dense(rows([[1]])), TANH, Dense(rows([[2]]))]
        passed = forward_pass(layers, rows([[0]]))
        assert [x.dtype for x in passed.values] == [object, object, float, float]
        slopes = backward(layers, passed, rows([[1]]))
        assert slopes.gradient.dtype == float

    @pytest.mark.parametrize("huge", [10**400, -(10**5000)], ids=["400", "5000"])
    def test_integers_beyond_floats(self, huge: int) -> None:
        """An integer that no float holds is told wherever it stands."""
        for layers, inputs, name in (
            ([Dense([[1]])], [[huge]], "inputs"),
            ([Dense([[huge]])], [[1]], "layers[0].weights"),
            ([Dense([[1]], huge)], [[1]], "layers[0].bias"),
            ([BatchNorm([huge], [1], [1], [1])], [[1]], "layers[0].scale"),
        ):
            with pytest.raises(ValueError, match=rf"^`{re.escape(name)}` .*integer of"):
                forward(layers, inputs)


def of_width(layers: Any, dtype: Any) -> list[Layer]:
    """Give a network numbers of another width; those that are alone have none."""
    return [
        layer
        if isinstance(layer, Activation)
        else type(layer)(
            *(x.astype(dtype) if isinstance(x, np.ndarray) else x for x in layer)
        )
        for layer in layers
    ]


@pytest.mark.parametrize("strict", [False, True], ids=["quiet", "raising"])
class TestLargeNumbers:
    """What a float holds is computed, and what it does not is told with its layer."""

    @pytest.fixture(autouse=True)
    def settings_of_numpy(self, strict: bool) -> Any:  # noqa: FBT001
        """NumPy's own settings change nothing."""
        with np.errstate(all="raise" if strict else "warn"):
            yield

    def test_forward(self) -> None:
        """The layer whose sums overflow is named."""
        large = Dense([[1e200]])
        layers: list[Layer] = [RELU, large, RELU, large, RELU]
        says = "makes values that are not finite"
        with refused(ValueError, "layers[3]", says):
            forward(layers, [[1e10]])
        assert forward(layers[:3], [[1e100]])[-1].tolist() == [[1e200 * 1e100]]

    def test_own_activation(self) -> None:
        """So is the layer whose activation overflows."""
        with refused(ValueError, "layers[1]", "makes values that are not finite"):
            forward([RELU, SQUARE], [[1e200]])
        squashing = Activation(np.tanh, cube_slope)  # infinity becomes 1
        with refused(ValueError, "layers[0]", "makes values that are not finite"):
            forward([Dense([[1e200]], 0, squashing)], [[1e200]])

    @pytest.mark.parametrize("training", [False, True])
    def test_last(self, training: bool) -> None:  # noqa: FBT001
        """What no next layer looks at is looked at as well."""
        layers = [BatchNorm([1.7e308], [1.7e308], [0.0], [1.0])]
        with refused(ValueError, "layers[0]", "makes values that are not finite"):
            forward_pass(layers, [[-1.0], [1.0]], training=training)

    def test_backward(self) -> None:
        """The layer whose slopes overflow is named."""
        layers = [Dense([[1e-300]]), Dense([[1e200]]), Dense([[1e100]])]
        passed = forward_pass(layers, [[1.0]])
        with refused(ValueError, "layers[1]", "makes slopes that are not finite"):
            backward(layers, passed, [[1e100]])
        gradient = backward(layers, passed, [[1e-100]]).gradient
        assert np.isfinite(gradient).all()

    def test_small(self) -> None:
        """What is too small for a float is zero."""
        layers = [Dense([[1e-200]]), Dense([[1e-200]], 0, TANH)]
        passed = forward_pass(layers, [[1.0]])
        assert passed.values[-1].tolist() == [[0]]
        assert backward(layers, passed, [[1e-200]]).values[0].tolist() == [[0]]

    @pytest.mark.parametrize("place", [1e200, -1e200, 1e308, 1.7e308])
    def test_equal(self, place: float) -> None:
        """Equal inputs have no variance, however large they are."""
        layers = [batch_norm(1, momentum=0)]
        passed = forward_pass(layers, [[place]] * 3, training=True)
        assert passed.values[-1].tolist() == [[0]] * 3
        moved: Any = passed.layers[0]
        assert moved.running_mean.tolist() == [place]
        assert moved.running_variance.tolist() == [0]

    def test_nearly_equal(self) -> None:
        """Large inputs that differ by little are as far apart as they are."""
        inputs = [[2.0**60], [2.0**60 + 2**10], [2.0**60 + 2**11]]
        layers = [batch_norm(1, momentum=0, epsilon=1e-9)]
        passed = forward_pass(layers, inputs, training=True)
        moved: Any = passed.layers[0]
        # Around 2¹⁰ away from the first: −2¹⁰, 0 and 2¹⁰.
        assert moved.running_variance.tolist() == [near(2 * 2.0**20 / 3)]
        assert passed.values[-1][:, 0] == near([-(1.5**0.5), 0, 1.5**0.5])

    @pytest.mark.parametrize("n_samples", [2, 10])
    def test_large_variance(self, n_samples: int) -> None:
        """A variance that a float holds is computed, though its sum is none."""
        inputs = [[0.0], [2.4e154]] * (n_samples // 2)
        passed = forward_pass([batch_norm(1, momentum=0)], inputs, training=True)
        moved: Any = passed.layers[0]
        assert moved.running_mean.tolist() == [near(1.2e154)]
        assert moved.running_variance.tolist() == [near(1.44e308)]
        assert passed.values[-1][:, 0] == near([-1, 1] * (n_samples // 2))

    def test_large_mean(self) -> None:
        """A mean that a float holds is computed, though its sum is none."""
        inputs = [[1.7e308], [1.7e308 * (1 - 2**-50)]]
        layers = [batch_norm(1, momentum=0)]
        with refused(ValueError, "layers[0]", "makes values that are not finite"):
            forward_pass(layers, inputs, training=True)  # the variance is 10⁵⁸⁵
        inputs = [[1.5e308], [-1.5e308]]
        with refused(ValueError, "layers[0]", "makes values that are not finite"):
            forward_pass(layers, inputs, training=True)

    def test_tiny_epsilon(self) -> None:
        """An epsilon that is zero in float32 divides nothing by it."""
        inputs = np.ones((2, 1), np.float32)
        outputs = forward_pass(
            of_width([batch_norm(1, epsilon=1e-100)], np.float32), inputs, training=True
        )
        assert outputs.values[-1].tolist() == [[0], [0]]


class TestAnotherPass:
    """A pass belongs to the layers that it went through."""

    INPUTS: ClassVar[list[list[float]]] = [[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]]

    @pytest.mark.parametrize("name", NETWORKS)
    def test_same(self, name: str) -> None:
        """The same numbers will do, whoever holds them, and moved statistics."""
        layers = NETWORKS[name]
        for training in (False, True):
            passed = forward_pass(
                layers,
                self.INPUTS,
                training=training,
                generator=np.random.default_rng(1),
            )
            slope = np.ones_like(passed.values[-1])
            expected = backward(layers, passed, slope)
            for same in (copy.deepcopy(layers), passed.layers):
                assert alike(backward(same, passed, slope), expected)

    @pytest.mark.parametrize(
        ("layer", "other"),
        [
            (Dense(np.eye(3)), Dense(np.eye(3) * 2)),
            (Dense(np.eye(3), 1.0), Dense(np.eye(3), 2.0)),
            (Dense(np.eye(3), 1.0), Dense(np.eye(3), [1.0, 1.0, 1.0])),
            (Dense(np.eye(3)), Dense(np.eye(3), 0, RELU)),
            (Dense(np.eye(3), 0, leaky(0.1)), Dense(np.eye(3), 0, leaky(0.2))),
            (RELU, TANH),
            (leaky(0.1), leaky(0.2)),
            (Dropout(0.1), Dropout(0.2)),
            (RELU, Dropout(0.2)),
            (batch_norm(3), batch_norm(3)._replace(scale=[2.0] * 3)),
            (batch_norm(3), batch_norm(3, epsilon=0.1)),
            (batch_norm(3), batch_norm(3)._replace(running_variance=[2.0] * 3)),
        ],
    )
    def test_other(self, layer: Any, other: Any) -> None:
        """Other numbers and other activations are told, of the same shapes too."""
        says = "is another layer than `passed` went through"
        passed = forward_pass([RELU, layer], self.INPUTS)
        with refused(ValueError, "layers[1]", says):
            backward([RELU, other], passed, np.ones((2, 3)))

    @pytest.mark.parametrize("field", ["scale", "epsilon"])
    def test_other_norm(self, field: str) -> None:
        """In training, too, the scale and the epsilon of a batch count."""
        layer = batch_norm(3)
        other = with_field(layer, field, {"scale": [2.0] * 3, "epsilon": 0.1}[field])
        passed = forward_pass([layer], self.INPUTS, training=True)
        says = "is another layer than `passed` went through"
        with refused(ValueError, "layers[0]", says):
            backward([other], passed, np.ones((2, 3)))

    def test_changed_in_place(self) -> None:
        """Weights that have moved since the pass are told."""
        layers: list[Any] = [Dense(np.eye(3)), Dense(np.eye(3))]
        passed = forward_pass(layers, self.INPUTS)
        layers[1].weights[0, 0] += 1
        says = "is another layer than `passed` went through"
        with refused(ValueError, "layers[1]", says):
            backward(layers, passed, np.ones((2, 3)))

    def test_made_again(self) -> None:
        """An activation that is made again with the same share is the same."""
        passed = forward_pass([leaky(0.25)], self.INPUTS)
        backward([leaky(0.25)], passed, np.ones((2, 3)))
