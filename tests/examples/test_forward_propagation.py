"""The worked examples of the chapter on forward propagation."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_numbers, leaves

from gdbook.examples.forward_propagation import (
    Neuron,
    OneWeight,
    SingleLayer,
    TwoLayers,
    neuron,
    one_weight,
    single_layer,
    two_layers,
    word_inputs,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("3.1", "−0.4", "9", "−4", "13", "5", "1")


class TestWordsAsInputs:
    """“very very good” is 0 bad, 1 good, 2 very: 3 + 2·1 = 5."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        found = word_inputs()
        assert found.one_hot == ((0, 0, 1), (0, 0, 1), (0, 1, 0))
        assert found.inputs == (0, 1, 2)
        assert found.prediction == 5

    def test_it_is_exact_on_fractions(self) -> None:
        """Twice 1/2 and once 1/3."""
        weights = (Fraction(1, 2), Fraction(1, 3), 0)
        found = word_inputs(["bad", "good", "bad"], weights)
        assert found.prediction == Fraction(4, 3)
        assert found.words == ("bad", "good", "bad")

    def test_each_word_needs_a_weight(self) -> None:
        """Other numbers of weights are refused."""
        says = "has shape (2,) but must have shape (3,), one for each word there is"
        with refused(ValueError, "weights", says):
            word_inputs(weights=(1, 2))


class TestOneLayerGives3Point1:
    """Inputs (2, 3), weights (0.5, 0.7) give 3.1; target 3.5, so error −0.4."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = single_layer()
        assert isinstance(result, SingleLayer)
        assert result.inputs == (2, 3)
        assert result.weights == (0.5, 0.7)
        # 2·0.5 = 1, 3·0.7 = 2.1
        assert result.products == near((1, 2.1), rel=1e-15)
        # 1 + 2.1 = 3.1
        assert result.prediction == near(3.1, rel=1e-15)
        assert result.target == 3.5
        # 3.1 − 3.5 = −0.4; the difference cancels one digit of 3.1
        assert result.error == near(-0.4, rel=1e-14)

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions the same numbers come out without rounding."""
        weights = (Fraction(1, 2), Fraction(7, 10))
        assert single_layer((2, 3), weights, Fraction(7, 2)) == (
            (2, 3),
            weights,
            (1, Fraction(21, 10)),  # 2·1/2, 3·7/10
            Fraction(31, 10),  # 1 + 21/10
            Fraction(7, 2),
            Fraction(-2, 5),  # 31/10 − 35/10 = −4/10
        )

    def test_other_numbers_give_other_results(self) -> None:
        """Three inputs, one of them negative."""
        assert single_layer((1, -2, 4), (3, 5, 7), target=20) == (
            (1, -2, 4),
            (3, 5, 7),
            (3, -10, 28),
            21,  # 3 − 10 + 28
            20,
            1,  # 21 − 20
        )

    @pytest.mark.parametrize("weights", [(0.5,), (1, 2, 3)])
    def test_every_input_needs_one_weight(self, weights: Any) -> None:
        """Shapes that NumPy would broadcast are refused as well."""
        with pytest.raises(
            ValueError, match=r"`inputs` has shape \(2,\) but `weights`"
        ):
            single_layer(weights=weights)


class TestOneNeuronWithThreeInputsAndABias:
    """One neuron with three inputs and a bias."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = neuron()
        assert isinstance(result, Neuron)
        assert result.inputs == (2, 3, 5)
        assert result.weights == (0.5, -1, 0.2)
        assert result.products == (1, -3, 1)  # 2·0.5, 3·(−1), 5·0.2
        assert result.total == -1  # 1 − 3 + 1
        assert result.bias == 4
        assert result.prediction == 3  # −1 + 4

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions the same numbers come out without rounding."""
        weights = (Fraction(1, 2), Fraction(-1), Fraction(1, 3))
        result = neuron((2, 3, 5), weights, Fraction(1, 6))
        assert result.products == (1, -3, Fraction(5, 3))
        assert result.total == Fraction(-1, 3)  # 1 − 3 + 5/3
        assert result.prediction == Fraction(-1, 6)  # −2/6 + 1/6

    @pytest.mark.claims(
        "It is what the neuron says when every input is zero.",
        "When every input is zero, no weight matters, and the bias alone is left.",
        "The bias needs no input.",
    )
    def test_the_bias_is_what_the_neuron_says_when_every_input_is_zero(self) -> None:
        """No weight matters then."""
        assert neuron(inputs=(0, 0), weights=(7, 8), bias=-3) == (
            (0, 0),
            (7, 8),
            (0, 0),
            0,
            -3,
            -3,
        )

    def test_a_bias_can_silence_it(self) -> None:
        """The exercise: the bias takes back what the inputs give, 1 − 1 = 0."""
        assert neuron(bias=1).prediction == 0

    def test_every_input_needs_one_weight(self) -> None:
        """One weight is not given to all three."""
        with pytest.raises(
            ValueError,
            match=r"^`inputs` has shape \(3,\) but `weights` has shape \(1,\)",
        ):
            neuron(weights=(1,))


class TestTwoLayersGive9:
    """Hidden nodes 5 and 1, output weights (2, −1) give 9; target 13, error −4."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = two_layers()
        assert isinstance(result, TwoLayers)
        assert result.inputs == (2, 3)
        assert result.hidden_weights == ((1, 1), (-1, 1))
        assert result.hidden_products == ((2, 3), (-2, 3))
        assert result.hidden == (5, 1)  # 2 + 3, −2 + 3
        assert result.output_weights == (2, -1)
        assert result.output_products == (10, -1)  # 5·2, 1·(−1)
        assert result.prediction == 9  # 10 − 1
        assert result.target == 13
        assert result.error == -4  # 9 − 13

    @pytest.mark.claims(
        "The same inputs and the same hidden nodes under other output weights.",
        "The network has the same structure as before and receives the same inputs.",
        "Only the output weights have changed, so other products arrive at the end: … "
        "and … instead of … and ….",
    )
    def test_output_weights_3_and_minus_2_give_13_error_0(self) -> None:
        """The other weights of the page meet the target."""
        result = two_layers(output_weights=(3, -2))
        assert result.inputs == two_layers().inputs
        assert result.hidden == two_layers().hidden == (5, 1)
        assert result.output_products == (15, -2)
        assert result.prediction == 13
        assert result.error == 0

    def test_integers_stay_integers(self) -> None:
        """Nothing is turned into a float on the way."""
        assert {type(leaf) for leaf in leaves(two_layers())} == {int}

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions nothing is rounded."""
        third = Fraction(1, 3)
        result = two_layers((third, 1), ((3, 1), (6, -1)), (third, third), third)
        assert result.hidden == (2, 1)  # 1 + 1, 2 − 1
        assert result.prediction == 1  # 2/3 + 1/3
        assert result.error == Fraction(2, 3)

    def test_rows_of_the_hidden_weights_belong_to_hidden_nodes(self) -> None:
        """Three hidden nodes over two inputs, and no symmetry to hide a transpose."""
        result = two_layers((2, 3), ((1, 10), (100, 0), (0, 7)), (1, 2, 3), target=0)
        assert result.hidden_products == ((2, 30), (200, 0), (0, 21))
        assert result.hidden == (32, 200, 21)
        assert result.output_products == (32, 400, 63)
        assert result.prediction == 495  # 32 + 400 + 63
        assert result.error == 495

    def test_a_single_layer_can_take_its_place(self) -> None:
        """The exercise: weights 1·2 − 1·(−1) = 3 and 1·2 − 1·1 = 1."""
        assert single_layer((2, 3), (3, 1)).prediction == 9
        assert two_layers((7, -4)).prediction == 17  # 3·7 − 4

    @pytest.mark.parametrize(
        ("inputs", "first", "second"),
        [
            ((2, 3), 13, 13),  # 5·3 − 1·2; 5·2.8 − 1
            ((1, 1), 6, 5.6),  # 2·3 − 0; 2·2.8
            ((0, 5), 5, 9),  # 5·3 − 5·2; 5·2.8 − 5
        ],
    )
    @pytest.mark.claims(
        "They agree about the inputs for which they were chosen, and disagree about "
        "the others of the table.",
        "The output weights … give no error, and neither does … in place of the first "
        "of the old ones.",
    )
    def test_two_settings_without_error_disagree_elsewhere(
        self, inputs: Any, first: float, second: float
    ) -> None:
        """The exercise: both meet the first target, and differ about other inputs."""
        says = two_layers(inputs, output_weights=(3, -2)).prediction
        others = two_layers(inputs, output_weights=(2.8, -1)).prediction
        assert says == first
        assert others == near(second, rel=1e-15)

    @pytest.mark.parametrize("value", [((1,), (-1,)), ((1, 1, 1), (1, 1, 1))])
    def test_every_input_needs_one_column_of_hidden_weights(self, value: Any) -> None:
        """The message names both arguments."""
        message = (
            rf"^`hidden_weights` has shape \(2, {len(value[0])}\) but `inputs` has "
            r"shape \(2,\); `hidden_weights` must have one column for each input$"
        )
        with pytest.raises(ValueError, match=message):
            two_layers(hidden_weights=value)

    @pytest.mark.parametrize("value", [(2,), (2, -1, 1)])
    def test_every_hidden_node_needs_one_output_weight(self, value: Any) -> None:
        """One weight is not given to both nodes."""
        message = (
            rf"^`output_weights` has shape \({len(value)},.*\) but must have shape "
            r"\(2,\), one weight for each hidden node$"
        )
        with pytest.raises(ValueError, match=message):
            two_layers(output_weights=value)


class TestTheWeightMultipliesWhatFeedsIt:
    """Raising a weight raises the prediction by that much times what feeds it."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = one_weight()
        assert isinstance(result, OneWeight)
        assert result.weights == (0, 1, 2, 3, 4)
        # 5·v − 1 for v = 0, 1, 2, 3, 4
        assert result.predictions == (-1, 4, 9, 14, 19)
        # minus 13
        assert result.errors == (-14, -9, -4, 1, 6)
        assert result.fed_by == 5  # the first hidden node
        assert result.target == 13
        assert result.meets_target == 2.8  # (13 + 1) / 5

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions the weight that meets the target is exact."""
        result = one_weight(
            weights=(Fraction(1, 5), Fraction(14, 5)),
            output_weights=(Fraction(2), Fraction(-1)),
            target=Fraction(13),
        )
        assert result.predictions == (0, 13)  # 1 − 1, 14 − 1
        assert result.errors == (-13, 0)
        assert result.meets_target == Fraction(14, 5)

    def test_other_numbers_give_other_results(self) -> None:
        """The second output weight and the target are used, the first is replaced."""
        result = one_weight(weights=(-1,), output_weights=(99, 4), target=24)
        assert result.predictions == (-1,)  # −5 + 4
        assert result.errors == (-25,)  # −1 − 24
        assert result.target == 24
        assert result.meets_target == near(4, rel=1e-14)  # (24 − 4) / 5

    @pytest.mark.parametrize("value", [(2,), (2, -1, 1)])
    def test_there_are_two_output_weights(self, value: Any) -> None:
        """One for each hidden node."""
        with pytest.raises(ValueError, match=r"^`output_weights` has shape .* \(2,\)"):
            one_weight(output_weights=value)


ARRAYS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (single_layer, {"inputs": [2.0, 3.0], "weights": [0.5, 0.7]}),
    (neuron, {"inputs": [2.0, 3.0, 5.0], "weights": [0.5, -1.0, 0.2]}),
    (
        two_layers,
        {
            "inputs": [2.0, 3.0],
            "hidden_weights": [[1.0, 1.0], [-1.0, 1.0]],
            "output_weights": [2.0, -1.0],
        },
    ),
    (one_weight, {"weights": [1.0, 2.0], "output_weights": [2.0, -1.0]}),
]


@pytest.mark.parametrize(("example", "arguments"), ARRAYS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32, object])
def test_arrays_go_in_and_plain_numbers_come_out(
    example: Callable[..., Any], arguments: dict[str, Any], dtype: Any
) -> None:
    """Arrays of any number type are the same afterwards."""
    arrays = {name: np.array(value, dtype) for name, value in arguments.items()}
    copies = {name: array.copy() for name, array in arrays.items()}
    assert_numbers(example(**arrays))
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, copies[name])


@pytest.mark.parametrize("example", [single_layer, two_layers, one_weight])
def test_a_numpy_target_becomes_a_python_number(example: Callable[..., Any]) -> None:
    """A glued np.float64 would print its type."""
    result = example(target=np.float64(3))
    assert type(result.target) is float
    assert_numbers(result)


def test_a_numpy_bias_becomes_a_python_number() -> None:
    """A glued np.float64 would print its type."""
    result = neuron(bias=np.float64(3))
    assert type(result.bias) is float
    assert type(result.prediction) is float
