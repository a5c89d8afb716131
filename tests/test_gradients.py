"""Slopes of a linear model against numbers worked by hand, and exact laws."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from alike import alike
from bad_input import NOT_A_NUMBER, NOT_NUMBERS, NOT_POSITIVE, refused
from hypothesis import given
from hypothesis import strategies as st
from near import near
from strategies import (
    LinearProblem,
    Slide,
    exact_arrays,
    fractions,
    linear_problems,
    positive_fractions,
    slides,
)

from gdbook.gradients import (
    best_line,
    central_difference,
    curvatures,
    linear_curvature,
    linear_gradient,
    weight_slope,
    with_intercept,
)
from gdbook.losses import mean_squared_error
from gdbook.optimizers import GradientDescent

INPUTS = [[Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]]


def loss_of(problem: LinearProblem | Slide) -> Callable[[Any], Any]:
    """Give the loss of a linear model as a function of its weights."""
    return lambda weights: mean_squared_error(problem.inputs @ weights, problem.targets)


class TestWeightSlope:
    """Multiply the three factors of the slope along a weight."""

    @pytest.mark.parametrize(
        ("inputs", "loss_slope", "activation_slope", "slope"),
        [
            (3, -8, 1, -24),  # 3 · −8
            (3, -8, Fraction(1, 2), Fraction(-12)),  # 3 · −8 · ½
            (Fraction(2, 3), Fraction(3, 4), Fraction(1, 2), Fraction(1, 4)),  # 6/24
            (2**40, 2**40, 2**40, 2**120),
            (0.5, -8, 0.25, -1.0),
        ],
    )
    def test_by_hand(
        self, inputs: Any, loss_slope: Any, activation_slope: Any, slope: Any
    ) -> None:
        """The slope is the product worked by hand, in the type of its factors."""
        found = weight_slope(inputs, loss_slope, activation_slope)
        assert found == slope
        assert type(found) is type(slope)

    def test_several_weights(self) -> None:
        """Several weights of one node have one input each."""
        found = weight_slope([Fraction(3), Fraction(4), Fraction(1, 2)], 10)
        assert found.tolist() == [30, 40, 5]
        assert {type(x) for x in found} == {Fraction}

    def test_identity(self) -> None:
        """The slope of the activation is 1 for the identity."""
        assert weight_slope(3, -8) == weight_slope(3, -8, 1) == -24

    def test_refuses(self) -> None:
        """Every argument is looked at, and named."""
        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, "inputs", says):
                weight_slope(bad, 1)
        for bad, exception, says in NOT_A_NUMBER:
            with refused(exception, "loss_slope", says):
                weight_slope(1, bad)
            with refused(exception, "activation_slope", says):
                weight_slope(1, 1, bad)


class TestLinearGradient:
    """Give the gradient of a linear model's mean squared error on a batch."""

    @pytest.mark.parametrize(
        ("inputs", "weights", "targets", "gradient"),
        [
            # Prediction 3 + 8 = 11, error 5: 2 · 5 · (3, 4).
            ([[Fraction(3), 4]], [1, Fraction(2)], [Fraction(6)], [30, 40]),
            # Predictions 3 and 7, errors 1 and −2: (1 − 6, 2 − 8) · 2/2.
            (INPUTS, [1, 1], [2, 9], [-5, -6]),
            # Errors are the rows: ((1 + 9, 2 + 12), (2 + 12, 4 + 16)) · 2/2.
            (INPUTS, [[1, 0], [0, 1]], [[0, 0], [0, 0]], [[10, 14], [14, 20]]),
            # One input, three samples, errors 1/2, 1, 3/2: 2/3 · (½ + 2 + 4½).
            ([[Fraction(1)], [2], [3]], [Fraction(1, 2)], [0, 0, 0], [Fraction(14, 3)]),
            # One input, two outputs, errors 2 and −1: 2 · 2 · (2, −1).
            ([[Fraction(2)]], [[1, Fraction(1, 2)]], [[0, 2]], [[8, -4]]),
        ],
    )
    def test_by_hand(
        self, inputs: Any, weights: Any, targets: Any, gradient: Any
    ) -> None:
        """The gradient is the fractions worked by hand, in the weights' shape."""
        found = linear_gradient(inputs, weights, targets)
        assert found.tolist() == gradient
        assert {type(x) for x in found.flat} == {Fraction}

    def test_integers_beside_a_fraction(self) -> None:
        """Integers stay exact where one number of the call is a fraction."""
        # Prediction 2⁸⁰ + 1, error 1, where floats and 64 bits would find 0.
        gradient = linear_gradient([[2**40, 1]], [2**40, 1], [Fraction(2**80)])
        assert gradient.tolist() == [2**41, 2]
        assert {type(x) for x in gradient} == {Fraction}

    @given(linear_problems())
    def test_is_the_central_difference(self, problem: LinearProblem) -> None:
        """The closed form is the central difference of the loss, exactly."""
        measured = central_difference(loss_of(problem), problem.weights, Fraction(1, 3))
        assert np.array_equal(linear_gradient(*problem), measured)

    @given(linear_problems(), st.randoms(use_true_random=False))
    def test_order_of_samples(self, problem: LinearProblem, random: Any) -> None:
        """Permuting the samples changes nothing."""
        order = list(range(len(problem.inputs)))
        random.shuffle(order)
        shuffled = problem._replace(
            inputs=problem.inputs[order], targets=problem.targets[order]
        )
        assert np.array_equal(linear_gradient(*shuffled), linear_gradient(*problem))

    @given(linear_problems())
    def test_no_error(self, problem: LinearProblem) -> None:
        """Where every prediction is right, the loss is flat."""
        right = problem._replace(targets=problem.inputs @ problem.weights)
        assert not linear_gradient(*right).any()

    @given(linear_problems())
    def test_mean_of_samples(self, problem: LinearProblem) -> None:
        """The gradient of a batch is the mean of its samples' gradients."""
        single = [
            linear_gradient([row], problem.weights, [target])
            for row, target in zip(problem.inputs, problem.targets, strict=True)
        ]
        assert np.array_equal(
            linear_gradient(*problem), sum(single) / Fraction(len(single))
        )

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Every argument is looked at, and named."""
        with refused(exception, "inputs", says):
            linear_gradient(bad, [1, 1], [2, 9])
        with refused(exception, "weights", says):
            linear_gradient(INPUTS, bad, [2, 9])
        with refused(exception, "targets", says):
            linear_gradient(INPUTS, [1, 1], bad)

    @pytest.mark.parametrize(
        ("inputs", "weights", "targets", "name", "says"),
        [
            (
                [1, 2],
                [1, 1],
                [1, 1],
                "inputs",
                "has shape (2,) but must have 2 dimensions",
            ),
            (1, [1, 1], [1, 1], "inputs", "has shape () but must have 2 dimensions"),
            (
                INPUTS,
                1,
                [1, 1],
                "weights",
                "has shape () but must have 1 or 2 dimensions",
            ),
            (
                INPUTS,
                [1, 1],
                1,
                "targets",
                "has shape () but must have 1 or 2 dimensions",
            ),
            (
                INPUTS,
                [1],
                [1, 1],
                "weights",
                (
                    "has shape (1,) but `inputs` has shape (2, 2); "
                    "`weights` must have 2 rows"
                ),
            ),
            (
                [[1, 2, 3]],
                [[1, 1]],
                [[1, 1]],
                "weights",
                (
                    "has shape (1, 2) but `inputs` has shape (1, 3); "
                    "`weights` must have 3 rows"
                ),
            ),
            (INPUTS, [1, 1], [1], "targets", "has shape (1,) but must have shape (2,)"),
            (
                INPUTS,
                [1, 1],
                [[1], [1]],
                "targets",
                "has shape (2, 1) but must have shape (2,)",
            ),
            (
                INPUTS,
                [[1], [1]],
                [1, 1],
                "targets",
                "has shape (2,) but must have shape (2, 1)",
            ),
            (
                INPUTS,
                [[1, 1], [1, 1]],
                [[1], [1]],
                "targets",
                "has shape (2, 1) but must have shape (2, 2)",
            ),
        ],
    )
    def test_shapes(
        self, inputs: Any, weights: Any, targets: Any, name: str, says: str
    ) -> None:
        """Shapes that do not fit are refused, even where NumPy would broadcast."""
        with refused(ValueError, name, says):
            linear_gradient(inputs, weights, targets)


class TestLinearCurvature:
    """Give the curvature of a linear model's mean squared error."""

    @pytest.mark.parametrize(
        ("inputs", "curvature"),
        [
            ([[Fraction(3)]], [[18]]),  # 2 · 3²
            (INPUTS, [[10, 14], [14, 20]]),  # 1 + 9, 2 + 12, 4 + 16, times 2/2
            ([[Fraction(1)], [2], [3]], [[Fraction(28, 3)]]),  # 2/3 · 14
        ],
    )
    def test_by_hand(self, inputs: Any, curvature: Any) -> None:
        """The curvature is the fractions worked by hand."""
        found = linear_curvature(inputs)
        assert found.tolist() == curvature
        assert {type(x) for x in found.flat} == {Fraction}

    @given(linear_problems(), st.data())
    def test_bends_the_gradient(self, problem: LinearProblem, data: Any) -> None:
        """A move of the weights changes the gradient by the curvature times it."""
        move = data.draw(exact_arrays(problem.weights.shape))
        moved = problem._replace(weights=problem.weights + move)
        change = linear_gradient(*moved) - linear_gradient(*problem)
        assert np.array_equal(change, linear_curvature(problem.inputs) @ move)

    def test_refuses(self) -> None:
        """The inputs are looked at, and named."""
        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, "inputs", says):
                linear_curvature(bad)
            with refused(exception, "inputs", says):
                curvatures(bad)
        with refused(ValueError, "inputs", "has shape (2,) but must have 2 dimensions"):
            linear_curvature([1, 2])


class TestCurvatures:
    """Descent converges for every learning rate below 2/λmax, and for no rate above."""

    def test_by_hand(self) -> None:
        """Rows along the axes have their squared lengths as curvatures."""
        # 2/2 · diag(9, 1), smallest first; nothing is rounded.
        assert curvatures([[3, 0], [0, 1]]) == (1.0, 9.0)
        assert [type(x) for x in curvatures([[Fraction(3), 0], [0, 1]])] == [
            float,
            float,
        ]

    def test_mixed(self) -> None:
        """Rows (2, 1) and (1, 2) give 1 along (1, −1) and 9 along (1, 1)."""
        # 2/2 · ((5, 4), (4, 5)). An eigenvalue is right to a few ulp of the largest.
        assert curvatures([[2, 1], [1, 2]]) == near((1, 9), abs=9 * 2.0**-50)

    @given(slides())
    def test_known_eigenvalues(self, slide: Slide) -> None:
        """Two rows at a right angle have the curvatures of the strategy's proof."""
        # As above; the matrix itself is rounded once.
        close = float(slide.steepest) * 2.0**-50
        assert curvatures(slide.inputs) == near(
            (float(slide.least), float(slide.steepest)), abs=close
        )

    @given(slides(), exact_arrays((2,)), st.fractions(0, 1, max_denominator=50))
    def test_below_the_bound(self, slide: Slide, start: Any, share: Fraction) -> None:
        """One step at a rate up to 2/λmax never increases the loss."""
        loss = loss_of(slide)
        if share:
            rule = GradientDescent(share * 2 / slide.steepest)
            gradient = linear_gradient(slide.inputs, start, slide.targets)
            update, _ = rule.update(gradient, rule.init(start))
            assert loss(start + update) <= loss(start)
        else:
            assert loss(slide.best) <= loss(start)

    @given(
        slides(),
        fractions().filter(bool),
        st.fractions(Fraction(1, 50), 2, max_denominator=50),
    )
    def test_above_the_bound(
        self, slide: Slide, away: Fraction, excess: Fraction
    ) -> None:
        """One step at a rate above 2/λmax increases the loss along the steepest way."""
        loss, start = loss_of(slide), slide.best + away * slide.steepest_direction
        rule = GradientDescent((1 + excess) * 2 / slide.steepest)
        gradient = linear_gradient(slide.inputs, start, slide.targets)
        update, _ = rule.update(gradient, rule.init(start))
        assert loss(start + update) > loss(start)


class TestWithIntercept:
    """Append an input that is always 1, so that its weight is the intercept."""

    @pytest.mark.parametrize(
        ("inputs", "rows", "kind"),
        [
            ([Fraction(1, 2), Fraction(2)], [[Fraction(1, 2), 1], [2, 1]], Fraction),
            ([5, 2**70], [[5.0, 1.0], [2.0**70, 1.0]], float),
            ([0.5, 2.0], [[0.5, 1.0], [2.0, 1.0]], float),
            ([[1, 2], [3, 4], [5, 6]], [[1, 2, 1], [3, 4, 1], [5, 6, 1]], float),
        ],
    )
    def test_by_hand(self, inputs: Any, rows: Any, kind: type) -> None:
        """The rows keep their numbers and types, and end with a 1."""
        found = with_intercept(inputs)
        assert found.tolist() == rows
        assert {type(row[0]) for row in found.tolist()} == {kind}
        assert {type(row[-1]) for row in found.tolist()} <= {kind, int}

    @given(exact_arrays((3,)), exact_arrays((2,)))
    def test_weight_is_the_intercept(self, inputs: Any, line: Any) -> None:
        """The last weight is added to every prediction."""
        assert np.array_equal(with_intercept(inputs) @ line, line[0] * inputs + line[1])

    def test_refuses(self) -> None:
        """The inputs are looked at, and named."""
        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, "inputs", says):
                with_intercept(bad)
        for bad, shape in ((1, ()), ([[[1]]], (1, 1, 1))):
            says = f"has shape {shape} but must have 1 or 2 dimensions"
            with refused(ValueError, "inputs", says):
                with_intercept(bad)

    def test_ones_are_of_the_inputs_kind(self) -> None:
        """Among fractions the ones are fractions, so that their mean is exact."""
        curvature = linear_curvature(
            with_intercept([Fraction(1, 2), Fraction(2), Fraction(1)])
        )
        # 2/3·(1/4 + 4 + 1) = 7/2; 2/3·(1/2 + 2 + 1) = 7/3; 2/3·3 = 2
        assert curvature.tolist() == [
            [Fraction(7, 2), Fraction(7, 3)],
            [Fraction(7, 3), Fraction(2)],
        ]
        assert {type(entry) for entry in curvature.flat} == {Fraction}


class TestBestLine:
    """Find the line whose mean squared error is least, by algebra alone."""

    def test_by_hand(self) -> None:
        """The line through (0, 1), (1, 2), (3, 2) has slope 2/7 and intercept 9/7."""
        # Means 4/3 and 5/3; spreads −4/3, −1/3, 5/3 and −2/3, 1/3, 1/3;
        # slope (8 − 1 + 5)/9 over (16 + 1 + 25)/9, intercept 5/3 − 2/7 · 4/3.
        line = best_line(
            [Fraction(0), Fraction(1), Fraction(3)],
            [Fraction(1), Fraction(2), Fraction(2)],
        )
        assert line == (Fraction(2, 7), Fraction(9, 7))
        assert [type(x) for x in line] == [Fraction, Fraction]

    def test_floats(self) -> None:
        """Floats give Python floats."""
        line = best_line([0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
        assert line == (2.0, 1.0)
        assert [type(x) for x in line] == [float, float]

    def test_large_common_height(self) -> None:
        """Heights that all lie far up are measured from their mean."""
        # Spreads 1, 1, −2; the heights above 2⁵² are 3, 3, 0, their mean 2.
        line = best_line([3.0, 3.0, 0.0], [2.0**52 + 3, 2.0**52 + 3, 2.0**52])
        assert line == (1.0, 2.0**52)

    @given(st.integers(2, 5).flatmap(lambda n: exact_arrays((2, n))))
    def test_gradient_vanishes(self, points: Any) -> None:
        """At the best line the gradient is zero, exactly."""
        inputs, targets = points
        inputs = inputs + np.array([Fraction(0), *[Fraction(20)] * (len(inputs) - 1)])
        line = np.array(best_line(inputs, targets), dtype=object)
        assert not linear_gradient(with_intercept(inputs), line, targets).any()

    @given(exact_arrays((4,)), exact_arrays((4,)), st.randoms(use_true_random=False))
    def test_order_of_samples(self, inputs: Any, targets: Any, random: Any) -> None:
        """Permuting the samples changes nothing."""
        inputs = inputs + np.array(
            [Fraction(0), Fraction(20), Fraction(40), Fraction(60)]
        )
        order = [0, 1, 2, 3]
        random.shuffle(order)
        assert best_line(inputs[order], targets[order]) == best_line(inputs, targets)

    @pytest.mark.parametrize(
        ("inputs", "targets", "name", "says"),
        [
            (
                [2, 2],
                [1, 3],
                "inputs",
                "holds 2 only but must hold two different numbers",
            ),
            ([2], [1], "inputs", "holds 2 only but must hold two different numbers"),
            (
                [[1], [2]],
                [1, 2],
                "inputs",
                "has shape (2, 1) but must have 1 dimensions",
            ),
            (1, [1, 2], "inputs", "has shape () but must have 1 dimensions"),
            (
                [1, 2],
                [[1], [2]],
                "inputs",
                "has shape (2,) but `targets` has shape (2, 1); they must be equal",
            ),
            (
                [1, 2],
                1,
                "inputs",
                "has shape (2,) but `targets` has shape (); they must be equal",
            ),
        ],
    )
    def test_shapes(self, inputs: Any, targets: Any, name: str, says: str) -> None:
        """A vertical line, and shapes that do not fit, are refused."""
        with refused(ValueError, name, says):
            best_line(inputs, targets)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Both arguments are looked at, and named."""
        with refused(exception, "inputs", says):
            best_line(bad, [1, 2])
        with refused(exception, "targets", says):
            best_line([1, 2], bad)


class TestCentralDifference:
    """For a quadratic this is the slope itself, whatever the step h."""

    @given(fractions(), fractions(), fractions(), fractions(), positive_fractions())
    def test_quadratic(
        self, a: Fraction, b: Fraction, c: Fraction, x: Fraction, step: Fraction
    ) -> None:
        """The slope of a·x² + b·x + c is 2a·x + b, exactly, for every step."""
        found = central_difference(lambda x: a * x**2 + b * x + c, x, step)
        assert found == 2 * a * x + b
        assert type(found) is Fraction

    def test_default_step(self) -> None:
        """The default step is 2⁻¹⁷, so a cube's slope is too large by 2⁻³⁴."""
        # ((x + h)³ − (x − h)³) / 2h = 3x² + h².
        assert central_difference(lambda x: x**3, Fraction(2)) == 12 + Fraction(
            1, 2**34
        )

    def test_integer(self) -> None:
        """The function receives a float, unless the step is a fraction."""
        found = central_difference(lambda x: x**2, 3)
        assert found == 6
        assert type(found) is float
        found = central_difference(lambda x: x**2, 3, Fraction(1, 3))
        assert found == 6
        assert type(found) is Fraction

    def test_float(self) -> None:
        """A float gives a float; powers of two are not rounded."""
        found = central_difference(lambda x: x**2, 2.0, step=0.5)
        assert found == 4.0
        assert type(found) is float

    @pytest.mark.parametrize("step", [1e-3, 1e-9, 1e-15])
    def test_rounding_of_the_points(self, step: float) -> None:
        """The points are divided by the distance that rounding left between them."""
        assert central_difference(lambda x: x, 0.1, step) == 1.0

    def test_shape(self) -> None:
        """Every parameter moves on its own; the gradient has the shape of all."""
        params = np.array([[Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]])
        factors = np.array(
            [[Fraction(1), Fraction(10)], [Fraction(100), Fraction(1000)]]
        )
        found = central_difference(
            lambda w: (factors * w**2).sum(), params, Fraction(1, 5)
        )
        # 2 · factor · weight.
        assert found.tolist() == [[2, 40], [600, 8000]]
        assert {type(x) for x in found.flat} == {Fraction}

    def test_floats_stay_floats(self) -> None:
        """An array of floats has a gradient of floats."""
        found = central_difference(lambda w: (w**2).sum(), [1.0, 2.0], step=0.5)
        assert found.tolist() == [2.0, 4.0]
        assert found.dtype == np.float64

    @pytest.mark.parametrize(
        ("params", "step"),
        # Half an ulp is lost on the side where floats are sparser: above a power of
        # two, and below a negative one.
        [(1.0, 1e-20), (1.0, 2.0**-53), (-1.0, 2.0**-53), (1e300, 1.0)],
    )
    def test_step_too_small(self, params: float, step: float) -> None:
        """A step that is lost in rounding is refused."""
        says = f"is {step!r} but must be large enough to change {params!r}"
        with refused(ValueError, "step", says):
            central_difference(lambda x: x, params, step)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_function_returns(
        self, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """Both values of the function are looked at."""
        with refused(exception, "function", says):
            central_difference(lambda x: bad if x > 2 else 0, 2)
        with refused(exception, "function", says):
            central_difference(lambda x: bad if x < 2 else 0, 2)

    def test_refuses(self) -> None:
        """Every argument is looked at, and named."""
        bad: Any
        for bad in (None, "x**2", 3):
            with refused(TypeError, "function", f"is {bad!r} but must be a function"):
                central_difference(bad, 2)
        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, "params", says):
                central_difference(abs, bad)
        for bad, exception, says in NOT_POSITIVE:
            if bad is not None:  # which asks for the default
                with refused(exception, "step", says):
                    central_difference(abs, 2, bad)


@pytest.mark.parametrize("dtype", [float, object])
@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (lambda inputs: weight_slope(inputs, 2), [[1, 2]]),
        (linear_gradient, [[[1, 2], [3, 4]], [1, 1], [2, 9]]),
        (linear_curvature, [[[1, 2], [3, 4]]]),
        (curvatures, [[[1, 2], [3, 4]]]),
        (with_intercept, [[1, 2]]),
        (best_line, [[1, 2, 4], [1, 3, 3]]),
        (lambda w: central_difference(lambda x: (x**2).sum(), w), [[1, 2]]),
    ],
)
def test_arguments_are_not_changed(
    function: Callable[..., Any], arguments: list[Any], dtype: type
) -> None:
    """Arguments are never changed in place."""
    arrays: list[Any] = [np.array(argument, dtype=dtype) for argument in arguments]
    before = [array.copy() for array in arrays]
    function(*arrays)
    assert alike(arrays, before)


def test_function_may_change_its_argument() -> None:
    """A function that changes what it is given does not disturb the measurement."""

    def spoiling(weights: Any) -> Any:
        value = (weights**2).sum()
        weights[:] = 99
        return value

    params = np.array([Fraction(1), Fraction(2)])
    assert central_difference(spoiling, params).tolist() == [2, 4]
    assert params.tolist() == [1, 2]
