"""Each loss and its slope, against numbers worked by hand."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from alike import alike
from bad_input import NOT_NUMBERS, refused
from hypothesis import given
from hypothesis import strategies as st
from near import near
from strategies import LinearProblem, exact_arrays, fractions, linear_problems

from gdbook import losses
from gdbook.gradients import central_difference

LN2 = 0.693147180559945309  # the natural logarithm of 2, as tables give it
LN3 = 1.09861228866810969  # that of 3
HALF = Fraction(1, 2)
# A few roundings of half an ulp each: the logarithms, their sum, the division.
ROUNDED = 4 * 2.0**-52

SQUARED = [losses.squared_error, losses.squared_error_slope]
MEAN = [losses.mean_squared_error, losses.mean_squared_error_slope]
BINARY = [losses.binary_cross_entropy, losses.binary_cross_entropy_slope]
CLASSES = [losses.cross_entropy, losses.cross_entropy_slope]
SCORES = [losses.sigmoid_cross_entropy, losses.sigmoid_cross_entropy_slope]
CLASS_SCORES = [losses.softmax_cross_entropy, losses.softmax_cross_entropy_slope]
GOOD: dict[Callable[..., Any], tuple[Any, Any]] = (
    dict.fromkeys([*SQUARED, *MEAN], ([1, 2], [3, 4]))
    | dict.fromkeys(BINARY, ([0.5, 0.25], [1, 0]))
    | dict.fromkeys(CLASSES, ([[0.5, 0.5]], [[1, 0]]))
    | dict.fromkeys(SCORES, ([2, -1], [1, 0]))
    | dict.fromkeys(CLASS_SCORES, ([[2, -1]], [[1, 0]]))
)


def first_argument(function: Callable[..., Any]) -> str:
    """Name what a loss takes first: predictions, or scores before the activation."""
    return "logits" if function in {*SCORES, *CLASS_SCORES} else "predictions"


def objects(*rows: Any) -> Any:
    """Make an array of fractions."""
    return np.array(rows, dtype=object)


class TestSquaredError:
    """Square each error."""

    @pytest.mark.parametrize(
        ("prediction", "target", "loss", "slope"),
        [
            (6, 10, 16, -8),  # error −4: 4² and 2 · (−4)
            (8, 3, 25, 10),  # error 5: 5² and 2 · 5
            (7, 7, 0, 0),  # no error
            (
                Fraction(1, 2),
                Fraction(1, 3),
                Fraction(1, 36),
                Fraction(1, 3),
            ),  # error 3/6 − 2/6 = 1/6
            (Fraction(1, 3), 1, Fraction(4, 9), Fraction(-4, 3)),  # error −2/3
            (2**63, -(2**63), 2**128, 2**65),  # error 2⁶⁴
            (0.5, 0.25, 0.0625, 0.5),  # error 1/4, exact in binary
        ],
    )
    def test_by_hand(self, prediction: Any, target: Any, loss: Any, slope: Any) -> None:
        """The loss and its slope are those worked by hand, in the same type."""
        found = losses.squared_error(prediction, target)
        found_slope = losses.squared_error_slope(prediction, target)
        assert (found, found_slope) == (loss, slope)
        assert (type(found), type(found_slope)) == (type(loss), type(slope))

    def test_array_of_fractions(self) -> None:
        """Every error is squared on its own, in every shape."""
        predictions, targets = (
            objects([Fraction(1, 2), 3]),
            objects([Fraction(1, 4), Fraction(1)]),
        )
        # Errors 1/4 and 2.
        loss = losses.squared_error(predictions, targets)
        slope = losses.squared_error_slope(predictions, targets)
        assert loss.tolist() == [[Fraction(1, 16), 4]]
        assert slope.tolist() == [[Fraction(1, 2), 4]]
        assert {type(x) for x in (*loss.flat, *slope.flat)} == {Fraction}

    def test_integers_stay_exact(self) -> None:
        """Integers in an array do not overflow, whatever their width."""
        predictions, targets = np.array([2**62]), np.array([-(2**62)])
        # Error 2⁶³, which 64 bits no longer hold.
        assert losses.squared_error(predictions, targets).tolist() == [2**126]
        assert losses.squared_error_slope(predictions, targets).tolist() == [2**64]

    @given(fractions(), fractions(), fractions().filter(bool))
    def test_slope_is_the_central_difference(
        self, y: Fraction, target: Fraction, step: Fraction
    ) -> None:
        """For a quadratic the central difference is the slope, whatever the step."""
        measured = central_difference(
            lambda prediction: losses.squared_error(prediction, target), y, abs(step)
        )
        assert measured == losses.squared_error_slope(y, target)

    @given(fractions(), fractions())
    def test_symmetric(self, prediction: Fraction, target: Fraction) -> None:
        """Too high and too low by the same amount are equally wrong."""
        assert losses.squared_error(prediction, target) == losses.squared_error(
            target, prediction
        )


class TestMeanSquaredError:
    """Average the squared errors over the samples."""

    @pytest.mark.parametrize(
        ("predictions", "targets", "loss", "slope"),
        [
            # Errors −10, 5, 5: (100 + 25 + 25) / 3 = 50, slopes 2/3 of the errors.
            (
                objects(Fraction(10), 8, 6),
                objects(20, Fraction(3), Fraction(1)),
                Fraction(50),
                [Fraction(-20, 3), Fraction(10, 3), Fraction(10, 3)],
            ),
            # One sample: error 1/6.
            (
                objects(Fraction(1, 2)),
                objects(Fraction(1, 3)),
                Fraction(1, 36),
                [Fraction(1, 3)],
            ),
            # Two samples with two outputs: (1 + 4 + 9 + 16) / 2 = 15, not / 4.
            (
                objects([Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]),
                objects([Fraction(0), Fraction(0)], [Fraction(0), Fraction(0)]),
                Fraction(15),
                [[1, 2], [3, 4]],
            ),
            # The same sample four times over: the mean is that of one.
            (
                objects(*[Fraction(3, 2)] * 4),
                objects(*[Fraction(1)] * 4),
                Fraction(1, 4),
                [Fraction(1, 4)] * 4,
            ),
        ],
    )
    def test_by_hand(
        self, predictions: Any, targets: Any, loss: Fraction, slope: Any
    ) -> None:
        """The loss and its slopes are fractions worked by hand."""
        found = losses.mean_squared_error(predictions, targets)
        slopes = losses.mean_squared_error_slope(predictions, targets)
        assert found == loss
        assert slopes.tolist() == slope
        assert {type(x) for x in (found, *slopes.flat)} == {Fraction}

    def test_floats(self) -> None:
        """Floats give a Python float, and an array of floats."""
        loss = losses.mean_squared_error([1.0, 2.0], [0.5, 0.5])
        slope = losses.mean_squared_error_slope([1.0, 2.0], [0.5, 0.5])
        # Errors 1/2 and 3/2: (1/4 + 9/4) / 2.
        assert loss == 1.25
        assert type(loss) is float
        assert slope.tolist() == [0.5, 1.5]
        assert slope.dtype == np.float64

    def test_integers_stay_exact(self) -> None:
        """Squares of large integers are added exactly, and divided once."""
        # (2⁶⁴)² − (2⁶⁴)² would leave nothing of 1² if the squares were rounded.
        assert losses.mean_squared_error([2**64, 2**40], [0, 0]) == (2**128 + 2**80) / 2
        assert losses.mean_squared_error_slope([2**63], [-(2**63)]).tolist() == [
            2.0**65
        ]

    @given(linear_problems())
    def test_slope_is_the_central_difference(self, problem: LinearProblem) -> None:
        """The slope along each prediction is its central difference, exactly."""
        predictions = problem.inputs @ problem.weights
        measured = central_difference(
            lambda moved: losses.mean_squared_error(moved, problem.targets), predictions
        )
        slope = losses.mean_squared_error_slope(predictions, problem.targets)
        assert np.array_equal(measured, slope)

    @given(linear_problems(), st.randoms(use_true_random=False))
    def test_order_of_samples(self, problem: LinearProblem, random: Any) -> None:
        """Permuting the samples changes nothing."""
        predictions = problem.inputs @ problem.weights
        order = list(range(len(predictions)))
        random.shuffle(order)
        assert losses.mean_squared_error(
            predictions[order], problem.targets[order]
        ) == losses.mean_squared_error(predictions, problem.targets)

    @given(exact_arrays((3, 2)), exact_arrays((3, 2)))
    def test_sum_over_outputs(self, predictions: Any, targets: Any) -> None:
        """The squared error of a sample is the sum over its outputs."""
        columns = zip(predictions.T, targets.T, strict=True)
        assert losses.mean_squared_error(predictions, targets) == sum(
            losses.mean_squared_error(*column) for column in columns
        )


class TestBinaryCrossEntropy:
    """Average the surprise at yes-or-no targets."""

    @pytest.mark.parametrize(
        ("predictions", "targets", "loss"),
        [
            ([0.5], [1], LN2),  # −ln ½
            ([0.5], [0.5], LN2),  # −½ ln ½ − ½ ln ½
            ([0.25, 0.5], [1, 0], 1.5 * LN2),  # (ln 4 + ln 2) / 2
            ([0.75, 0.75], [0, 0], 2 * LN2),  # −ln ¼, twice, over 2
            ([[0.5, 0.25], [0.5, 0.5]], [[1, 1], [0, 1]], 2.5 * LN2),  # (3 + 2) / 2
            (
                [Fraction(1, 4)],
                [Fraction(1)],
                2 * LN2,
            ),  # fractions are computed as floats
        ],
    )
    def test_by_hand(self, predictions: Any, targets: Any, loss: float) -> None:
        """The loss is a sum of logarithms of powers of two, worked by hand."""
        found = losses.binary_cross_entropy(predictions, targets)
        assert found == near(loss, rel=ROUNDED)
        assert type(found) is float

    @pytest.mark.parametrize(
        ("predictions", "targets", "slope"),
        [
            ([Fraction(1, 4)], [Fraction(1)], [Fraction(-4)]),  # (−3/4) / (3/16)
            ([Fraction(1, 2)], [Fraction(0)], [Fraction(2)]),  # (1/2) / (1/4)
            (
                [Fraction(1, 4), Fraction(1, 2)],
                [1, 0],
                [Fraction(-2), Fraction(1)],
            ),  # both halved
            (
                [Fraction(1, 3)],
                [Fraction(1, 3)],
                [Fraction(0)],
            ),  # as sure as it should be
            # (1/6) / (1/4) / 1 for each output of one sample.
            (
                [[Fraction(1, 2), Fraction(1, 2)]],
                [[Fraction(1, 3), Fraction(1, 3)]],
                [[Fraction(2, 3), Fraction(2, 3)]],
            ),
        ],
    )
    def test_slope_by_hand(self, predictions: Any, targets: Any, slope: Any) -> None:
        """The slope needs no logarithm, so it is an exact fraction."""
        found = losses.binary_cross_entropy_slope(predictions, targets)
        assert found.tolist() == slope
        assert {type(x) for x in found.flat} == {Fraction}

    @given(
        st.lists(st.floats(0.125, 0.875), min_size=3, max_size=3),
        st.lists(st.floats(0, 1), min_size=3, max_size=3),
    )
    def test_slope_is_the_central_difference(
        self, predictions: list[float], targets: list[float]
    ) -> None:
        """The slope is what a central difference of the loss measures."""
        measured = central_difference(
            lambda moved: losses.binary_cross_entropy(moved, targets),
            np.array(predictions),
        )
        slope = losses.binary_cross_entropy_slope(predictions, targets)
        # Bending: h²/6 times the third derivative of a logarithm, at most 2 · 8³ for
        # each of two, over 3 samples. Rounding: a loss below 3 ln 2 in steps of
        # 2⁻⁵², a few of them, over 2h.
        h = 2.0**-17
        allowed = h**2 / 6 * 4 * 8**3 / 3 + 8 * 2.0**-52 / (2 * h)
        assert slope == near(measured, abs=allowed)

    def test_boundary_of_targets(self) -> None:
        """Targets may be 0 and 1 themselves."""
        assert losses.binary_cross_entropy_slope([0.5, 0.5], [0, 1]).tolist() == [1, -1]

    @pytest.mark.parametrize("function", BINARY)
    @pytest.mark.parametrize(
        ("bad", "shown"),
        [
            ([0.5, 0], "0.0"),
            ([0.5, 1.0], "1.0"),
            ([-0.25, 0.5], "-0.25"),
            ([1.5, 2.5], "1.5"),
            ([Fraction(3, 2), Fraction(1, 2)], "Fraction(3, 2)"),
            ([1, 0], "1.0"),
        ],
    )
    def test_predictions_out_of_range(
        self, function: Callable[..., Any], bad: Any, shown: str
    ) -> None:
        """Probabilities of a yes are greater than 0 and less than 1."""
        expected = "every probability in it must be greater than 0 and less than 1"
        with refused(ValueError, "predictions", f"holds {shown} but {expected}"):
            function(bad, [1, 0])

    @pytest.mark.parametrize("function", [*BINARY, *CLASSES, *SCORES, *CLASS_SCORES])
    @pytest.mark.parametrize(
        ("bad", "shown"), [([-0.5, 1.5], "-0.5"), ([1.25, 0], "1.25"), ([2, -1], "2.0")]
    )
    def test_targets_out_of_range(
        self, function: Callable[..., Any], bad: Any, shown: str
    ) -> None:
        """Targets are probabilities from 0 to 1."""
        expected = "every probability in it must be from 0 to 1"
        with refused(ValueError, "targets", f"holds {shown} but {expected}"):
            function([[0.5, 0.5]], [bad])


class TestCrossEntropy:
    """Average the surprise at which of several classes is true."""

    @pytest.mark.parametrize(
        ("predictions", "targets", "loss"),
        [
            ([[0.25, 0.25, 0.5]], [[0, 0, 1]], LN2),  # −ln ½
            ([[0.25, 0.25, 0.5]], [[0, 1, 0]], 2 * LN2),  # −ln ¼
            ([[0.5, 0.5], [0.25, 0.75]], [[1, 0], [1, 0]], 1.5 * LN2),  # (1 + 2) / 2
            ([[0.25, 0.75]], [[0.25, 0.75]], 2 * LN2 - 0.75 * LN3),
            (
                [[Fraction(1, 2), Fraction(1, 2)]],
                [[1, 0]],
                LN2,
            ),  # fractions are computed as floats
        ],
    )
    def test_by_hand(self, predictions: Any, targets: Any, loss: float) -> None:
        """The loss is a sum of logarithms, worked by hand with ln 2 and ln 3."""
        found = losses.cross_entropy(predictions, targets)
        assert found == near(loss, rel=ROUNDED)
        assert type(found) is float

    def test_sure_and_right(self) -> None:
        """No surprise at what was certain; a probability may be 1."""
        assert losses.cross_entropy([[1.0]], [[1]]) == 0

    @pytest.mark.parametrize(
        ("predictions", "targets", "slope"),
        [
            ([[Fraction(1, 4), Fraction(3, 4)]], [[1, 0]], [[-4, 0]]),  # −1 / ¼
            # −1 / ½ / 2 and −⅓ / ⅔ / 2, −⅔ / ⅓ / 2.
            (
                [[Fraction(1, 2), Fraction(1, 2)], [Fraction(2, 3), Fraction(1, 3)]],
                [[0, 1], [Fraction(1, 3), Fraction(2, 3)]],
                [[0, -1], [Fraction(-1, 4), -1]],
            ),
        ],
    )
    def test_slope_by_hand(self, predictions: Any, targets: Any, slope: Any) -> None:
        """The slope needs no logarithm, so it is an exact fraction."""
        found = losses.cross_entropy_slope(predictions, targets)
        assert found.tolist() == slope
        assert {type(x) for x in found.flat} == {Fraction}

    @given(st.integers(2, 30), st.integers(2, 30), st.floats(0, 1))
    def test_slope_is_the_central_difference(self, a: int, b: int, y: float) -> None:
        """The slope is what a difference measures that keeps the row's sum."""
        p, q = a / (a + b + 2), b / (a + b + 2)
        targets = [[y, 1 - y, 0.0], [0.0, 0.0, 1.0]]

        def loss(moved: float) -> Any:
            row = [p + moved, q - moved, 1 - p - q]
            return losses.cross_entropy([row, [0.25, 0.25, 0.5]], targets)

        rows = [[p, q, 1 - p - q], [0.25, 0.25, 0.5]]
        slope = losses.cross_entropy_slope(rows, targets)[0]
        # As above: third derivatives of at most 2/p³ and 2/q³, halved by two samples.
        h = 2.0**-17
        bending = h**2 / 6 * (1 / (p - h) ** 3 + 1 / (q - h) ** 3)
        allowed = bending + 16 * 2.0**-52 / (2 * h)
        assert abs(central_difference(loss, 0.0) - (slope[0] - slope[1])) <= allowed

    @pytest.mark.parametrize("function", CLASSES)
    @pytest.mark.parametrize(
        ("bad", "shown"), [([0.0, 1.0], "0.0"), ([1.5, -0.5], "-0.5"), ([1, 0], "0.0")]
    )
    def test_predictions_out_of_range(
        self, function: Callable[..., Any], bad: Any, shown: str
    ) -> None:
        """Probabilities of the classes are greater than 0."""
        expected = "every probability in it must be greater than 0"
        with refused(ValueError, "predictions", f"holds {shown} but {expected}"):
            function([bad], [[1, 0]])

    @pytest.mark.parametrize("function", CLASSES)
    @pytest.mark.parametrize(
        ("predictions", "targets", "name", "shown"),
        [
            ([[0.5, 0.25]], [[1, 0]], "predictions", "0.75"),
            ([[0.5, 0.75]], [[1, 0]], "predictions", "1.25"),
            ([[0.5, 0.5], [0.5, 0.25]], [[1, 0], [1, 0]], "predictions", "0.75"),
            ([[0.5, 0.5]], [[0, 0]], "targets", "0.0"),
            ([[HALF, HALF]], [[1, Fraction(1, 3)]], "targets", "Fraction(4, 3)"),
        ],
    )
    def test_rows_that_do_not_add_up(
        self,
        function: Callable[..., Any],
        predictions: Any,
        targets: Any,
        name: str,
        shown: str,
    ) -> None:
        """Each row adds up to 1."""
        says = f"has a row that adds up to {shown} but every row must to 1"
        with refused(ValueError, name, says):
            function(predictions, targets)

    @pytest.mark.parametrize("sign", [1, -1])
    def test_rounding_of_a_row(self, sign: int) -> None:
        """A row of n numbers may miss 1 by n roundings of 2⁻⁵², and no more."""
        half, allowed = Fraction(1, 2), sign * Fraction(2, 2**52)
        slope = losses.cross_entropy_slope([[half, half + allowed]], [[1, 0]])
        assert slope.tolist() == [[-2, 0]]
        too_much = half + allowed + sign * Fraction(1, 2**90)
        with pytest.raises(ValueError, match="`predictions` has a row that adds up to"):
            losses.cross_entropy_slope([[half, too_much]], [[1, 0]])

    def test_tenths(self) -> None:
        """Ten tenths add up to 1 as far as floats go."""
        tenths = [[0.1] * 10]
        # Their sum in floats is 0.9999999999999999.
        assert losses.cross_entropy(tenths, tenths) == near(math.log(10), rel=ROUNDED)


class TestSigmoidCrossEntropy:
    """Average the surprise at yes-or-no targets, from scores."""

    @pytest.mark.parametrize(
        ("logits", "targets", "loss"),
        [
            ([0.0], [1], LN2),  # σ is ½
            ([LN3], [1], 2 * LN2 - LN3),  # σ is ¾: −ln ¾
            ([LN3], [0], 2 * LN2),  # −ln ¼
            ([-LN3], [0.5], 2 * LN2 - LN3 / 2),  # half of either
            ([LN3, 0.0], [0, 1], 1.5 * LN2),  # (2 + 1) / 2
            ([[LN3, 0.0], [0.0, 0.0]], [[0, 1], [1, 0]], 2.5 * LN2),  # (3 + 2) / 2
            ([Fraction(0)], [Fraction(1)], LN2),  # fractions are computed as floats
        ],
    )
    def test_by_hand(self, logits: Any, targets: Any, loss: float) -> None:
        """At whole multiples of ln 3 the loss is a sum of known logarithms."""
        found = losses.sigmoid_cross_entropy(logits, targets)
        assert found == near(loss, rel=ROUNDED)
        assert type(found) is float

    def test_slope_by_hand(self) -> None:
        """The slope is the error of the probability, shared by the samples."""
        slope = losses.sigmoid_cross_entropy_slope([LN3, -LN3, 0.0], [1, 0.5, 0])
        # Errors ¾ − 1, ¼ − ½ and ½ − 0, over 3.
        assert slope == near([-1 / 12, -1 / 12, 1 / 6], rel=ROUNDED)
        rows = losses.sigmoid_cross_entropy_slope([[LN3, 0.0]], [[0, 1]])
        assert rows == near(np.array([[3 / 4, -1 / 2]]), rel=ROUNDED)

    @pytest.mark.parametrize("far", [1000.0, 1.7e308])
    def test_far(self, far: float) -> None:
        """No score is too large: the loss of a wrong one is the score itself."""
        for logit, target, loss in (
            (far, 1, 0.0),
            (far, 0, far),
            (-far, 1, far),
            (-far, 0, 0.0),
        ):
            found = losses.sigmoid_cross_entropy([logit], [target])
            slope = losses.sigmoid_cross_entropy_slope([logit], [target])
            assert (found, slope.tolist()) == (loss, [int(logit > 0) - target])

    @pytest.mark.parametrize("logit", [40.0, 300.0, 700.0])
    def test_small_losses(self, logit: float) -> None:
        """A score that is right by far still costs e⁻ᶻ, to every digit."""
        # ln(1 + x) is x where x² is beyond the digits.
        for score, target in ((logit, 1), (-logit, 0)):
            assert losses.sigmoid_cross_entropy([score], [target]) == near(
                math.exp(-logit), rel=ROUNDED
            )

    @given(
        st.lists(st.floats(-5, 5), min_size=3, max_size=3),
        st.lists(st.floats(0, 1), min_size=3, max_size=3),
    )
    def test_is_the_loss_of_the_sigmoid(
        self, logits: list[float], targets: list[float]
    ) -> None:
        """The loss is `binary_cross_entropy` of σ(z)."""
        chances = [1 / (1 + math.exp(-z)) for z in logits]
        # The probability rounds by an ulp; 1 − p magnifies that by less than e⁵.
        assert losses.sigmoid_cross_entropy(logits, targets) == near(
            losses.binary_cross_entropy(chances, targets), abs=150 * ROUNDED
        )

    @given(
        st.lists(st.floats(-20, 20), min_size=3, max_size=3),
        st.lists(st.floats(0, 1), min_size=3, max_size=3),
    )
    def test_slope_is_the_central_difference(
        self, logits: list[float], targets: list[float]
    ) -> None:
        """The slope is what a central difference of the loss measures."""
        measured = central_difference(
            lambda moved: losses.sigmoid_cross_entropy(moved, targets), np.array(logits)
        )
        slope = losses.sigmoid_cross_entropy_slope(logits, targets)
        # Bending: h²/6 times σ″, less than 1/8. Rounding: a loss below 20 is off by
        # a few 2⁻⁴⁹, over 2h.
        h = 2.0**-17
        assert slope == near(measured, abs=h**2 / 48 + 3 * 2.0**-49 / (2 * h))


class TestSoftmaxCrossEntropy:
    """Average the surprise at the true class, from scores instead of probabilities."""

    @pytest.mark.parametrize(
        ("logits", "targets", "loss"),
        [
            ([[0.0, 0.0]], [[1, 0]], LN2),  # both are ½
            ([[0.0, LN3]], [[1, 0]], 2 * LN2),  # ¼ and ¾
            ([[0.0, LN3]], [[0, 1]], 2 * LN2 - LN3),
            ([[0.0, LN3]], [[0.5, 0.5]], 2 * LN2 - LN3 / 2),
            ([[0.0, LN3], [5.0, 5.0]], [[1, 0], [0, 1]], 1.5 * LN2),  # (2 + 1) / 2
            ([[7.0]], [[1]], 0),  # a single class is no surprise
            ([[Fraction(0), Fraction(0)]], [[1, 0]], LN2),
        ],
    )
    def test_by_hand(self, logits: Any, targets: Any, loss: float) -> None:
        """At whole multiples of ln 3 the loss is a sum of known logarithms."""
        found = losses.softmax_cross_entropy(logits, targets)
        assert found == near(loss, rel=ROUNDED)
        assert type(found) is float

    def test_slope_by_hand(self) -> None:
        """The slope is the error of the probabilities, shared by the samples."""
        logits, targets = [[0.0, LN3], [4.0, 4.0]], [[1, 0], [0.25, 0.75]]
        slope = losses.softmax_cross_entropy_slope(logits, targets)
        # Errors ¼ − 1 and ¾ − 0; ½ − ¼ and ½ − ¾; over 2.
        expected = np.array([[-3 / 8, 3 / 8], [1 / 8, -1 / 8]])
        assert slope == near(expected, rel=ROUNDED)

    @pytest.mark.parametrize("far", [1000.0, 0.8e308])
    def test_far(self, far: float) -> None:
        """No score is too large: a wrong one costs its distance from the highest."""
        for logits, targets, loss, slope in (
            ([far, -far], [1, 0], 0.0, [0, 0]),
            ([far, -far], [0, 1], 2 * far, [1, -1]),
            ([far, far], [1, 0], LN2, [-0.5, 0.5]),
            ([0.0, -far], [0.5, 0.5], far / 2, [0.5, -0.5]),
        ):
            found = losses.softmax_cross_entropy([logits], [targets])
            assert found == near(loss, rel=ROUNDED)
            found = losses.softmax_cross_entropy_slope([logits], [targets])
            assert found.tolist() == [slope]
        # Each sample is shifted by its own highest score.
        found = losses.softmax_cross_entropy([[far, far], [-far, -far]], [[1, 0]] * 2)
        assert found == near(LN2, rel=ROUNDED)

    def test_scores_that_no_float_parts(self) -> None:
        """Two scores whose distance is no float, and the higher one is true."""
        logits = [[1.7e308, -1.7e308]]
        assert losses.softmax_cross_entropy(logits, [[1, 0]]) == 0
        slope = losses.softmax_cross_entropy_slope(logits, [[1, 0]])
        assert slope.tolist() == [[0, 0]]

    @given(exact_arrays((2, 3)), fractions())
    def test_shift(self, logits: Any, shift: Fraction) -> None:
        """A shift of all scores changes nothing."""
        targets = [[1, 0, 0], [0, 0.5, 0.5]]
        # The shifted scores are eighths and rounded ones; they round by an ulp of 18.
        assert losses.softmax_cross_entropy(logits + shift, targets) == near(
            losses.softmax_cross_entropy(logits, targets), abs=2.0**-46
        )

    @given(exact_arrays((2, 3)))
    def test_slope_is_the_central_difference(self, logits: Any) -> None:
        """The slope is what a central difference of the loss measures."""
        logits = logits.astype(float)
        targets = [[0, 1, 0], [0.25, 0.25, 0.5]]
        measured = central_difference(
            lambda moved: losses.softmax_cross_entropy(moved, targets), logits
        )
        slope = losses.softmax_cross_entropy_slope(logits, targets)
        # Bending: h²/6 times a third derivative below 1/8. Rounding: a loss below 20
        # is off by a few 2⁻⁴⁹, over 2h.
        h = 2.0**-17
        assert slope == near(measured, abs=h**2 / 48 + 3 * 2.0**-49 / (2 * h))

    @given(exact_arrays((2, 3)))
    def test_is_the_loss_of_the_softmax(self, logits: Any) -> None:
        """The loss is `cross_entropy` of the softmax of z."""
        powers = np.exp(logits.astype(float))
        chances = powers / powers.sum(axis=1, keepdims=True)
        targets = [[0, 1, 0], [0.25, 0.25, 0.5]]
        # Powers round by a few ulps, and a logarithm makes 2⁻⁵² of one.
        assert losses.softmax_cross_entropy(logits, targets) == near(
            losses.cross_entropy(chances, targets), abs=32 * 2.0**-52
        )

    @pytest.mark.parametrize("function", CLASS_SCORES)
    @pytest.mark.parametrize(
        ("targets", "shown"), [([[0, 0]], "0.0"), ([[0.75, 0.5]], "1.25")]
    )
    def test_rows_that_do_not_add_up(
        self, function: Callable[..., Any], targets: Any, shown: str
    ) -> None:
        """Each row of targets adds up to 1."""
        says = f"has a row that adds up to {shown} but every row must to 1"
        with refused(ValueError, "targets", says):
            function([[1.0, 2.0]], targets)


class TestLoss:
    """A loss of predictions and targets, beside its slope along the predictions."""

    @pytest.mark.parametrize(
        ("pair", "functions"),
        [
            (losses.MEAN_SQUARED_ERROR, MEAN),
            (losses.BINARY_CROSS_ENTROPY, BINARY),
            (losses.CROSS_ENTROPY, CLASSES),
            (losses.SIGMOID_CROSS_ENTROPY, SCORES),
            (losses.SOFTMAX_CROSS_ENTROPY, CLASS_SCORES),
        ],
    )
    def test_pairs(self, pair: Any, functions: Any) -> None:
        """Each loss stands beside its own slope."""
        assert type(pair) is losses.Loss
        assert [pair.function, pair.slope] == functions


@pytest.mark.parametrize("function", GOOD)
class TestArguments:
    """Every loss looks at both of its arguments."""

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(
        self,
        function: Callable[..., Any],
        bad: Any,
        exception: type[Exception],
        says: str,
    ) -> None:
        """What is no number, not finite, empty or ragged is refused by name."""
        predictions, targets = GOOD[function]
        with refused(exception, first_argument(function), says):
            function(bad, targets)
        with refused(exception, "targets", says):
            function(predictions, bad)

    @pytest.mark.parametrize("n_rows", [1, 3])
    def test_shapes(self, function: Callable[..., Any], n_rows: int) -> None:
        """Shapes that NumPy would broadcast are refused."""
        column = [[0.5, 0.5]] * n_rows
        says = f"has shape {(n_rows, 2)} but `targets` has shape (2,)"
        name = first_argument(function)
        with refused(ValueError, name, f"{says}; they must be equal"):
            function(column, [0.5, 0.5])
        says = f"has shape {(n_rows, 2)} but `targets` has shape ()"
        name = first_argument(function)
        with refused(ValueError, name, f"{says}; they must be equal"):
            function(column, 1)

    def test_arguments_are_not_changed(self, function: Callable[..., Any]) -> None:
        """Arguments are never changed in place."""
        for dtype in (float, object):
            arguments = [np.array(given, dtype=dtype) for given in GOOD[function]]
            before = [argument.copy() for argument in arguments]
            function(*arguments)
            assert alike(arguments, before)


@pytest.mark.parametrize(
    ("functions", "bad", "says"),
    [
        (
            [*MEAN, *BINARY, *SCORES],
            0.5,
            "has shape () but must have 1 or 2 dimensions",
        ),
        (
            [*MEAN, *BINARY, *SCORES],
            [[[0.5]]],
            "has shape (1, 1, 1) but must have 1 or 2 dimensions",
        ),
        (
            [*CLASSES, *CLASS_SCORES],
            [0.5, 0.5],
            "has shape (2,) but must have 2 dimensions",
        ),
        (
            [*CLASSES, *CLASS_SCORES],
            [[[1.0]]],
            "has shape (1, 1, 1) but must have 2 dimensions",
        ),
    ],
)
def test_dimensions(functions: list[Callable[..., Any]], bad: Any, says: str) -> None:
    """A batch has one dimension or two, classes have two."""
    for function in functions:
        with refused(ValueError, first_argument(function), says):
            function(bad, bad)
