"""The worked examples of the chapter on loss functions."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_numbers, leaves

from gdbook.examples.loss_functions import (
    MeanSquaredError,
    SquaredErrorTable,
    TwoWeightLosses,
    likelihoods,
    mean_squared_error_of_three,
    one_answer,
    outputs_added,
    squared_error_table,
    two_weight_losses,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("150", "50", "0.06", "−10", "100", "25", "362", "443", "15.2", "10.2")

TABLES = [squared_error_table, mean_squared_error_of_three]


class TestOneAnswerForAll:
    """Of 1, 2, 3, 4 and 50 the mean is 12 and the median 3."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        found = one_answer()
        assert (found.mean, found.median) == (12, 3)  # 60/5, and the third of five
        # 121 + 100 + 81 + 64 + 1444 = 1810; 4 + 1 + 0 + 1 + 2209 = 2215
        assert (found.squared_at_mean, found.squared_at_median) == (362, 443)
        # 11 + 10 + 9 + 8 + 38 = 76; 2 + 1 + 0 + 1 + 47 = 51
        assert (found.absolute_at_mean, found.absolute_at_median) == (76 / 5, 51 / 5)

    def test_it_is_exact_on_fractions(self) -> None:
        """Of 0, 1/2, 1 and 5/2 the mean is 1, the median 3/4."""
        half = Fraction(1, 2)
        found = one_answer((half, 0 * half, 5 * half, 2 * half))
        # squares 1/4 + 1 + 9/4 + 0, and 1/16 + 9/16 + 49/16 + 1/16; sizes 3 and 3
        assert found[1:] == (
            1,
            Fraction(3, 4),
            Fraction(7, 8),
            Fraction(15, 16),
            Fraction(3, 4),
            Fraction(3, 4),
        )
        assert {type(number) for number in found[1:]} == {Fraction}


class TestLikelihoods:
    """An error of 2 costs a factor of e⁻² under both kinds of noise."""

    def test_every_number_of_the_book(self) -> None:
        """Powers of e, of half the square and of the size."""
        found = likelihoods()
        assert found.errors == (1, 2, 5, 10)
        root = math.exp(-0.5)
        assert found.normal == near((root, root**4, root**25, root**100), rel=1e-13)
        assert found.pointed == near((root**2, root**4, root**10, root**20), rel=1e-14)
        assert likelihoods((-2, 0))[1:] == (
            near((math.exp(-2), 1), rel=1e-15),
            near((math.exp(-2), 1), rel=1e-15),
        )


class TestSeveralOutputs:
    """The squares of a sample are added up, and the mean is over the samples."""

    def test_every_number_of_the_book(self) -> None:
        """(0 + 4) + (0 + 0) + (4 + 1) = 9, over 3 samples, and over 6 outputs."""
        found = outputs_added()
        assert found.shape == (3, 2)
        assert found.errors == ((0, 2), (0, 0), (-2, 1))
        assert found.of_samples == (4, 0, 5)
        assert (found.loss, found.over_outputs) == (3, 1.5)

    def test_it_is_exact_on_fractions(self) -> None:
        """One sample of three outputs: 1/9 + 4/9 + 1."""
        third = Fraction(1, 3)
        found = outputs_added([[third, 2 * third, 1]], [[0 * third, 0, 0]])
        assert (found.loss, found.over_outputs) == (Fraction(14, 9), Fraction(14, 27))

    def test_other_shapes_are_refused(self) -> None:
        """By name, with both shapes."""
        says = "has shape (1, 3) but must have shape (1, 2), that of `predictions`"
        with refused(ValueError, "targets", says):
            outputs_added([[1, 2]], [[1, 2, 3]])


class TestErrorsSquaresTotalMean:
    """Errors −10, 5, 5, squares 100, 25, 25, total 150, mean 50."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = squared_error_table()
        assert isinstance(result, SquaredErrorTable)
        assert result.predictions == (10, 8, 6)
        assert result.targets == (20, 3, 1)
        assert result.errors == (-10, 5, 5)  # 10 − 20, 8 − 3, 6 − 1
        assert result.squares == (100, 25, 25)
        assert result.sum_of_errors == 0  # −10 + 5 + 5: every one wrong, none left
        assert result.total == 150  # 100 + 25 + 25
        assert result.mean == 50  # 150 / 3

    def test_whole_numbers_stay_whole(self) -> None:
        """Only the mean is divided."""
        result = squared_error_table()
        assert {type(leaf) for leaf in leaves(result[:-1])} == {int}
        assert type(result.mean) is float

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions nothing is rounded."""
        half, third = Fraction(1, 2), Fraction(1, 3)
        assert squared_error_table((half, third), (third, half)) == (
            (half, third),
            (third, half),
            (Fraction(1, 6), Fraction(-1, 6)),  # 3/6 − 2/6
            (Fraction(1, 36), Fraction(1, 36)),
            0,
            Fraction(1, 18),  # 2/36
            Fraction(1, 36),
        )

    def test_the_errors_of_other_predictions_need_not_cancel(self) -> None:
        """Four samples: errors 1, −2, 3, 0."""
        result = squared_error_table((3, 0, 5, 7), (2, 2, 2, 7))
        assert result.errors == (1, -2, 3, 0)
        assert result.squares == (1, 4, 9, 0)
        assert result.sum_of_errors == 2  # 1 − 2 + 3
        assert result.total == 14  # 1 + 4 + 9
        assert result.mean == 3.5  # 14 / 4


class TestOneMissOfTenCostsMoreThanTwoMissesOfFive:
    """The squares count a large miss for more than its share."""

    def test_one_miss_of_ten(self) -> None:
        """10² = 100."""
        assert squared_error_table((10,), (20,)).total == 100

    def test_two_misses_of_five(self) -> None:
        """5² + 5² = 50."""
        assert squared_error_table((8, 6), (3, 1)).total == 50

    def test_doubled_errors_cost_four_times_as_much(self) -> None:
        """The exercise: 20² + 10² + 10² = 600, by three 200, four times 50."""
        result = squared_error_table(predictions=(0, 13, 11))
        assert result.errors == (-20, 10, 10)
        assert result.mean == 200

    @pytest.mark.parametrize(
        ("answer", "total"),
        [
            (3, 293),  # 17² + 0 + 2²
            (7, 221),  # 13² + 4² + 6²
            (8, 218),  # 12² + 5² + 7²
            (9, 221),  # 11² + 6² + 8²
            (20, 650),  # 0 + 17² + 19²
        ],
    )
    def test_the_mean_of_the_targets_is_the_best_single_answer(
        self, answer: int, total: int
    ) -> None:
        """The exercise: (20 + 3 + 1) / 3 = 8 has the least total."""
        assert squared_error_table(predictions=(answer,) * 3).total == total

    def test_the_errors_of_the_best_single_answer_cancel(self) -> None:
        """The exercise: 8 − 20, 8 − 3, 8 − 1 add up to 0."""
        result = squared_error_table(predictions=(8, 8, 8))
        assert result.errors == (-12, 5, 7)
        assert result.sum_of_errors == 0


class TestTheMeanSquaredErrorIs006:
    """Predictions 3.1, 2.7, 4.0 against 3.5, 2.8, 4.1: MSE 0.06."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = mean_squared_error_of_three()
        assert isinstance(result, MeanSquaredError)
        # (−0.4)² = 0.16, (−0.1)² = 0.01 twice; each difference of numbers near 4
        # is off by up to 4.4e-16, a relative 4.4e-15, and squaring doubles that
        assert result.squares == near((0.16, 0.01, 0.01), rel=1e-14)
        # 0.16 + 0.01 + 0.01 = 0.18
        assert result.total == near(0.18, rel=1e-14)
        # 0.18 / 3 = 0.06
        assert result.mean == near(0.06, rel=1e-14)

    def test_it_is_3_50ths_on_fractions(self) -> None:
        """With fractions the mean is exact."""
        predictions = (Fraction("3.1"), Fraction("2.7"), Fraction("4.0"))
        targets = (Fraction("3.5"), Fraction("2.8"), Fraction("4.1"))
        assert mean_squared_error_of_three(predictions, targets) == (
            (Fraction(4, 25), Fraction(1, 100), Fraction(1, 100)),
            Fraction(9, 50),  # 16/100 + 2/100
            Fraction(3, 50),  # 18/100 / 3
        )

    def test_other_numbers_give_other_results(self) -> None:
        """Errors 3 and −1."""
        # 9 + 1 = 10, by two 5
        assert mean_squared_error_of_three((4, 1), (1, 2)) == ((9, 1), 10, 5)


@pytest.mark.parametrize("example", TABLES)
def test_every_prediction_needs_a_target(example: Callable[..., Any]) -> None:
    """Shapes that NumPy would broadcast are refused as well."""
    says = "has shape (3,) but `targets` has shape (1,); they must be equal"
    with refused(ValueError, "predictions", says):
        example(targets=(1,))


class TestTheLossOfAModelWithTwoWeights:
    """The loss of a model with two weights as a surface and as contours."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        result = two_weight_losses()
        assert isinstance(result, TwoWeightLosses)
        assert result.inputs == ((1, 0), (0, 1), (1, 1))
        assert result.targets == (2, 1, 3)
        assert result.weights == ((0, 0), (1, 1), (3, 0), (2, 1))
        # errors (−2, −1, −3), (−1, 0, −1), (1, −1, 0), (0, 0, 0):
        # 14/3, 2/3, 2/3, 0
        assert result.losses == near((14 / 3, 2 / 3, 2 / 3, 0), rel=1e-15)
        assert result.best == (2, 1)

    def test_it_is_exact_on_fractions(self) -> None:
        """With fractions the losses are exact."""
        weights = ((Fraction(0), Fraction(0)), (Fraction(7, 3), Fraction(4, 3)))
        inputs = tuple((Fraction(a), Fraction(b)) for a, b in ((1, 0), (0, 1), (1, 1)))
        result = two_weight_losses(weights, inputs, targets=(2, 1, 4))
        # errors (−2, −1, −4): 21/3; errors (1/3, 1/3, −1/3): (3/9)/3
        assert result.losses == (7, Fraction(1, 9))
        assert result.best == (Fraction(7, 3), Fraction(4, 3))

    def test_a_shared_miss_costs_less(self) -> None:
        """The exercise: one error of −1 costs 1/3, three of 1/3 cost 1/9."""
        pairs = ((2, 1), (7 / 3, 4 / 3), (1, 1))
        result = two_weight_losses(weights=pairs, targets=(2, 1, 4))
        # errors (−1, 0, −2) of the third pair: 5/3
        # rel: the errors 1/3 are differences of rounded numbers near 4
        assert result.losses == near((1 / 3, 1 / 9, 5 / 3), rel=1e-14)

    def test_other_numbers_give_other_results(self) -> None:
        """Two samples, and inputs that are not symmetric."""
        result = two_weight_losses(((5, 1), (1, -1)), ((2, 3), (4, 5)), (7, 9))
        # 2·5 + 3 − 7 = 6, 4·5 + 5 − 9 = 16: (36 + 256)/2 = 146
        # 2 − 3 − 7 = −8, 4 − 5 − 9 = −10: (64 + 100)/2 = 82
        assert result == (
            ((2, 3), (4, 5)),
            (7, 9),
            ((5, 1), (1, -1)),
            (146, 82),
            (1, -1),
        )

    def test_of_equal_losses_the_first_is_the_best(self) -> None:
        """(1, 1) and (3, 0) share the loss 2/3."""
        assert two_weight_losses(weights=((3, 0), (1, 1))).best == (3, 0)

    @pytest.mark.parametrize("name", ["weights", "inputs"])
    @pytest.mark.parametrize(
        ("value", "says"),
        [
            ([[1], [2], [3]], "has shape (3, 1) but must have 2 columns"),
            ([[1, 2, 3]], "has shape (1, 3) but must have 2 columns"),
        ],
    )
    def test_there_are_two_weights(self, name: str, value: Any, says: str) -> None:
        """Each setting is a pair, and so is each sample."""
        with refused(ValueError, name, says):
            two_weight_losses(**{name: value})

    @pytest.mark.parametrize("value", [(2,), (2, 1)])
    def test_every_sample_needs_a_target(self, value: Any) -> None:
        """One target is not given to all samples."""
        expected = "must have shape (3,), one for each row of `inputs`"
        says = f"has shape {np.shape(value)} but {expected}"
        with refused(ValueError, "targets", says):
            two_weight_losses(targets=value)


ARRAYS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    *(
        (table, {"predictions": [10.0, 8.0, 6.0], "targets": [20.0, 3.0, 1.0]})
        for table in TABLES
    ),
    (
        two_weight_losses,
        {
            "weights": [[0.0, 0.0], [2.0, 1.0]],
            "inputs": [[1.0, 0.0], [0.0, 1.0]],
            "targets": [2.0, 1.0],
        },
    ),
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
