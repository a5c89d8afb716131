"""The loop around an update rule: every step, and the reason to stop."""

import dataclasses
import math
import pickle
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from alike import alike
from bad_input import NOT_A_NUMBER, NOT_NUMBERS, NOT_POSITIVE, not_a_count, refused
from hypothesis import given
from hypothesis import strategies as st
from rules import left_out
from strategies import LinearProblem, fractions, linear_problems, positive_fractions
from work import calls_of

from gdbook import _checks
from gdbook._checks import shown
from gdbook.descent import (
    FLAT,
    OUT_OF_STEPS,
    DivergenceError,
    EpochHistory,
    History,
    batches,
    descend,
    descend_in_batches,
)
from gdbook.gradients import linear_gradient
from gdbook.losses import mean_squared_error
from gdbook.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
)
from gdbook.schedules import step_decay

HALVING = GradientDescent(Fraction(1, 4))  # on w², w ← w − ¼ · 2w
RULES: list[Any] = [
    *(GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW)
]


def test_no_rule_is_left_out() -> None:
    """What holds for every rule is tried with every rule."""
    assert left_out(RULES, "RULES of tests/test_descent.py") == []


def square(weight: Any) -> Any:
    """Give w², a parabola."""
    return weight**2


def square_slope(weight: Any) -> Any:
    """Give 2w, its slope."""
    return 2 * weight


def square_sum(weights: Any) -> Any:
    """Give the sum of the squares, a bowl."""
    return (weights**2).sum()


def bowl(weights: Any) -> Any:
    """Give the same, of one number too."""
    return np.sum(weights**2)


class TestDescend:
    """Find the slope, step downhill, and repeat until it is flat."""

    def test_by_hand(self) -> None:
        """Halving 2 three times passes 1 and 1/2, and ends at 1/4."""
        history = descend(square, square_slope, Fraction(2), HALVING, num_steps=3)
        assert history.params == (2, 1, Fraction(1, 2), Fraction(1, 4))
        assert history.losses == (
            4,
            1,
            Fraction(1, 4),
            Fraction(1, 16),
        )  # their squares
        assert history.gradients == (4, 2, 1, Fraction(1, 2))  # twice each
        assert history.stopped == OUT_OF_STEPS == "the number of steps is used up"
        assert history.num_steps == 3
        kinds = {type(x) for x in (*history.params, *history.losses)}
        assert kinds | {type(x) for x in history.gradients} == {Fraction}

    @given(fractions(), positive_fractions(), fractions(), st.integers(0, 6))
    def test_parabola(
        self, a: Fraction, learning_rate: Fraction, start: Fraction, num_steps: int
    ) -> None:
        """On a·w²/2 the weight after k steps is (1 − αa)ᵏ·w₀, exactly."""
        history = descend(
            lambda w: a * w**2 / 2,
            lambda w: a * w,
            start,
            GradientDescent(learning_rate),
            num_steps=num_steps,
        )
        assert list(history.params) == [
            (1 - learning_rate * a) ** k * start for k in range(history.num_steps + 1)
        ]

    @pytest.mark.parametrize(
        ("flat", "num_steps", "steps", "stopped"),
        # The slopes are 4, 2, 1, ½, ¼ …
        [
            (1, 9, 2, FLAT),  # a slope of exactly `flat` is flat
            (Fraction(99, 100), 9, 3, FLAT),
            (Fraction(101, 100), 9, 2, FLAT),
            (4, 9, 0, FLAT),  # flat at the start
            (1, 2, 2, FLAT),  # flat at the last step
            (1, 1, 1, OUT_OF_STEPS),
            (1, 0, 0, OUT_OF_STEPS),
            (0, 5, 5, OUT_OF_STEPS),
        ],
    )
    def test_stops(self, flat: Any, num_steps: int, steps: int, stopped: str) -> None:
        """Descent stops where no slope is steeper than `flat`, or out of steps."""
        history = descend(
            square, square_slope, Fraction(2), HALVING, num_steps=num_steps, flat=flat
        )
        assert (history.num_steps, history.stopped) == (steps, stopped)
        lengths = {
            len(values)
            for values in (history.params, history.losses, history.gradients)
        }
        assert lengths == {steps + 1}

    def test_flat_by_default(self) -> None:
        """Unless told, only a slope of zero is flat."""
        history = descend(square, square_slope, 0, HALVING, num_steps=3)
        assert history == History((0,), (0,), (0,), FLAT)
        assert FLAT == "the gradient is flat"

    @pytest.mark.parametrize(
        ("gradient", "stopped"),
        [([-3, 1], OUT_OF_STEPS), ([-2, 1], FLAT), ([1, 3], OUT_OF_STEPS)],
    )
    def test_steepest_slope(self, gradient: list[int], stopped: str) -> None:
        """The steepest slope counts, up or down, not the mean and not the first."""
        history = descend(
            square_sum,
            lambda _: np.array(gradient),
            [Fraction(1), Fraction(1)],
            HALVING,
            num_steps=0,
            flat=2,
        )
        assert history.stopped == stopped

    def test_array(self) -> None:
        """Every weight steps along its own slope."""
        history = descend(
            square_sum, square_slope, [Fraction(2), Fraction(-4)], HALVING, num_steps=1
        )
        assert [list(params) for params in history.params] == [[2, -4], [1, -2]]
        assert history.losses == (20, 5)
        assert [list(slope) for slope in history.gradients] == [[4, -8], [2, -4]]

    def test_plain_loss(self) -> None:
        """A loss of NumPy becomes a Python number."""
        start = np.array([3.0, 4.0])
        history = descend(
            lambda w: np.float64(square_sum(w)),
            square_slope,
            start,
            HALVING,
            num_steps=0,
        )
        assert history.losses == (25.0,)
        assert type(history.losses[0]) is float

    def test_evaluations(self) -> None:
        """The gradient is asked for once at each place, the last included."""
        places = []

        def slope(weight: Any) -> Any:
            places.append(weight)
            return 2 * weight

        history = descend(square, slope, Fraction(2), HALVING, num_steps=3)
        assert tuple(places) == history.params

    def test_state_is_handed_on(self) -> None:
        """What a rule returns as its state is what it is given next."""

        class Growing:
            """A rule whose every step is longer by 1."""

            learning_rate = 1

            def init(self, params: Any) -> Any:
                """Remember the start."""
                return (params,)

            def update(self, gradient: Any, state: Any) -> tuple[Any, Any]:
                """Step by the number of places seen."""
                return len(state) + 0 * gradient, (*state, gradient)

        history = descend(square, square_slope, 5, Growing(), num_steps=3)
        assert history.params == (5, 6, 8, 11)  # steps of 1, 2 and 3

    @pytest.mark.parametrize("dtype", [float, object])
    def test_start_is_not_changed(self, dtype: type) -> None:
        """Where descent starts stays what it was."""
        start: Any = np.array([2, -4], dtype=dtype)
        descend(square_sum, square_slope, start, GradientDescent(0.25), num_steps=3)
        assert start.tolist() == [2, -4]


def raising(compute: Callable[[], Any]) -> Any:
    """Compute as code does that wants to hear of every overflow."""
    with np.errstate(all="raise"):
        return compute()


# How numbers leave the floats, and what the message then quotes.
FAILING: dict[str, tuple[Any, str]] = {
    "prediction": (lambda w: mean_squared_error(w * 1e308 * np.float64(10), w), "inf"),
    "power": (lambda w: 10.0**400 * w, ""),
    "conversion": (lambda w: float(10**400) * w, ""),
    "quotient": (lambda _: 1.0 / (0 * math.pi), "(float division by zero)"),
    "quotient of NumPy": (lambda _: 1.0 / np.float64(0), ""),
    "logarithm": (lambda _: np.log(np.zeros(1)).sum(), ""),
    "raised overflow": (lambda _: raising(lambda: np.float64(1e308) * 10), ""),
    "raised NaN": (lambda _: raising(lambda: np.float64(0) / np.float64(0)), ""),
    "NaN": (lambda _: math.nan, ""),
    "float32": (lambda _: np.float32(math.inf), ""),
}


class TestDivergence:
    """The loss left the finite numbers."""

    # On w² with the rate 5·10⁹ every step multiplies w by 1 − 10¹⁰, and w² by 10²⁰:
    # 10³⁰⁰ after 15 steps is a float, 10³²⁰ after 16 is none.
    RULE = GradientDescent(5e9)
    MESSAGE = (
        "descent diverged: after step 16 with learning rate 5000000000.0 "
        "the loss is inf; usually the learning rate is too large for this loss: "
        "try a tenth of it"
    )

    def check(self, error: DivergenceError) -> None:
        """Compare with the numbers worked above."""
        assert error.step == 16
        assert error.learning_rate == 5e9
        assert error.loss == math.inf
        assert str(error) == self.MESSAGE

    def test_numpy(self) -> None:
        """NumPy's overflow is reported, and no warning escapes."""
        with pytest.raises(DivergenceError) as caught:
            descend(square_sum, square_slope, [1.0, 1.0], self.RULE, num_steps=99)
        self.check(caught.value)

    def test_python(self) -> None:
        """The OverflowError of a Python float is reported in the same way."""
        with pytest.raises(OverflowError):
            square(1e160)
        with pytest.raises(DivergenceError) as caught:
            descend(square, square_slope, 1.0, self.RULE, num_steps=99)
        self.check(caught.value)

    def test_last_finite_step(self) -> None:
        """One step less, and every loss is finite."""
        history = descend(square, square_slope, 1.0, self.RULE, num_steps=15)
        assert history.stopped == OUT_OF_STEPS
        assert max(history.losses) < math.inf

    def test_nan(self) -> None:
        """A loss that is no number at all is reported as NaN."""
        with pytest.raises(
            DivergenceError, match=r"the loss is nan; no step was"
        ) as caught:
            descend(
                # Infinity minus infinity, each of them an overflow.
                lambda w: (np.exp(w) - np.exp(w)).sum(),
                square_slope,
                np.array([1000.0]),
                HALVING,
                num_steps=1,
            )
        assert caught.value.step == 0
        assert math.isnan(caught.value.loss)

    def test_minus_infinity(self) -> None:
        """A loss that falls for ever has diverged, too."""
        with pytest.raises(DivergenceError, match=r"the loss is -inf; no step"):
            descend(lambda _: -math.inf, square_slope, 1, HALVING, num_steps=1)

    @pytest.mark.parametrize("start", [1.0, np.array([1.0])])
    def test_infinite_parameter(self, start: Any) -> None:
        """A parameter that overflows is reported before the loss is asked for it."""

        def loss(weight: Any) -> float:
            assert np.all(abs(weight) < math.inf)
            return 0.0

        def slope(weight: Any) -> Any:
            return 1e308 * weight / weight

        with pytest.raises(DivergenceError, match=r"after step 1 .* the loss is inf"):
            descend(loss, slope, start, GradientDescent(100.0), num_steps=9)

    @pytest.mark.parametrize("start", [-1e308, np.array([-1e308])])
    def test_parameter_beyond_the_floats(self, start: Any) -> None:
        """A finite update that carries a parameter beyond the floats is reported."""
        with pytest.raises(DivergenceError, match=r"after step 1 .* the loss is inf"):
            descend(
                lambda _: 0.0,
                lambda w: 0 * w + 1e308,
                start,
                GradientDescent(1.0),
                num_steps=9,
            )

    def test_is_an_arithmetic_error(self) -> None:
        """It can be caught as an error of arithmetic."""
        error = DivergenceError(step=3, learning_rate=Fraction(1, 2), loss=math.inf)
        assert isinstance(error, ArithmeticError)
        assert str(error) == (
            "descent diverged: after step 3 with learning rate 1/2 the loss is inf; "
            "usually the learning rate is too large for this loss: try a tenth of it"
        )
        falling = DivergenceError(step=3, learning_rate=0.5, loss=-math.inf)
        assert str(falling).endswith("; there is no least loss to descend to")
        long = DivergenceError(step=3, learning_rate=Fraction(1, 10**5000), loss=1)
        assert len(str(long)) < 300

    def test_survives_pickling(self) -> None:
        """Another process can hand it back."""
        error = DivergenceError(3, 0.5, math.inf, "found")
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
        assert str(copy) == str(error)
        assert (copy.step, copy.loss, copy.found) == (3, math.inf, "found")

    @pytest.mark.parametrize("start", [1.0, np.array([1.0])])
    @pytest.mark.parametrize(("failing", "found"), FAILING.values(), ids=FAILING.keys())
    def test_one_error(self, start: Any, failing: Any, found: str) -> None:
        """Whatever leaves the floats, and however it is noticed, is divergence."""

        def loss(weight: Any) -> Any:
            return 0.0 if np.all(weight == start) else failing(weight)

        def slope(weight: Any) -> Any:
            return 0 * weight + (1 if np.all(weight == start) else failing(weight))

        outer = np.geterr()
        pairs: list[Any] = [(loss, lambda w: 0 * w + 1), (lambda _: 5.0, slope)]
        for own_loss, own_slope in pairs:
            with (
                np.errstate(all="raise"),
                pytest.raises(DivergenceError) as caught,
            ):
                descend(own_loss, own_slope, start, GradientDescent(0.25), num_steps=9)
            assert caught.value.step == 1
            assert found in str(caught.value)
            assert np.geterr() == outer

    @pytest.mark.parametrize("start", [1.0, np.array([1.0])])
    def test_gradient(self, start: Any) -> None:
        """A gradient that is NaN where the loss is finite is divergence, and named."""
        bad: Any
        for bad in (math.nan, math.inf, -math.inf):
            with pytest.raises(DivergenceError) as caught:
                descend(
                    lambda _: 5,
                    lambda w, bad=bad: bad * w,  # type: ignore[misc]
                    start,
                    GradientDescent(0.25),
                    num_steps=9,
                )
            assert (caught.value.step, caught.value.loss) == (0, 5)
            assert re.search(
                rf"is 5.0 \(`gradient` (is|holds) {bad} ", str(caught.value)
            )

    def test_underflow_is_none(self) -> None:
        """What becomes too small for a float is zero, and no divergence."""
        with np.errstate(all="raise"):
            history = descend(
                lambda w: (w * 1e-200 * 1e-200).sum(),
                lambda w: 1e-200 * w,
                np.array([1e-100]),
                Adam(0.25),
                num_steps=2,
            )
        assert history.losses == (0, 0, 0)
        with pytest.raises(FloatingPointError, match="underflow"):
            descend(
                lambda _: raising(lambda: np.float64(1e-300) * 1e-300),
                square_slope,
                1.0,
                HALVING,
                num_steps=1,
            )

    def test_own_rule(self) -> None:
        """An update of a rule of the caller's that overflows is divergence as well."""
        for update in (math.inf, -math.inf, math.nan):
            with pytest.raises(DivergenceError, match=r"after step 1 .*`update` is"):
                descend(square, square_slope, 1.0, Constant(update), num_steps=3)

    def test_schedule(self) -> None:
        """A rate that overflows is refused, and warns of nothing."""

        def stepped(rate: Callable[..., Any]) -> None:
            descend(square, square_slope, 1.0, HALVING, num_steps=1, schedule=rate)

        with pytest.raises(DivergenceError, match=r"after step 0 .* the loss is 1\.0;"):
            stepped(lambda *_: 10.0**400)
        with refused(ValueError, "schedule", "is inf but must be finite"):
            stepped(lambda *_: np.float64(1e308) * 10)


@dataclasses.dataclass(frozen=True)
class Constant:
    """A rule of the caller's own that answers the same, whatever the slope."""

    answer: Any
    learning_rate: Any = 0.5

    def init(self, _params: Any) -> Any:
        """Remember nothing."""

    def update(self, _gradient: Any, _state: Any) -> Any:
        """Give the update."""
        return self.answer, None


class TestKinds:
    """The caller's functions receive floats, unless there is a fraction."""

    @pytest.mark.parametrize("start", [2, np.int8(2), np.uint64(2), np.array(2)])
    def test_integer_start(self, start: Any) -> None:
        """An integer start is a float from the first call on."""
        history = descend(
            lambda w: np.log(w) ** 2,
            lambda w: 2 * np.log(w) / w,
            start,
            GradientDescent(1),
            num_steps=2,
        )
        kinds = {type(x) for x in (*history.params, *history.losses)}
        assert kinds | {type(x) for x in history.gradients} == {float}

    @pytest.mark.parametrize("start", [[2, 4], (2, 4), np.array([2, 4], np.int16)])
    def test_integer_array(self, start: Any) -> None:
        """An array of integers is one of floats; so is what the functions return."""
        gradients: Any = [np.sin, lambda _: [1, 2]]
        for gradient in gradients:
            history = descend(
                lambda w: int(np.cos(w).sum()),
                gradient,
                start,
                GradientDescent(1),
                num_steps=2,
            )
            arrays = (*history.params, *history.gradients)
            assert {array.dtype for array in arrays} == {np.dtype(float)}
            assert {type(loss) for loss in history.losses} == {float}

    @pytest.mark.parametrize(
        "rule",
        [
            GradientDescent(Fraction(1, 4)),
            Momentum(1, Fraction(1, 2)),
            RMSProp(1, Fraction(0), 1),
        ],
    )
    def test_fraction_among_hyperparameters(self, rule: Any) -> None:
        """Beside a fraction, integers are fractions, also where the caller divides."""
        history = descend(
            lambda w: (w**2 / 3).sum(),
            lambda w: 2 * w / 3,
            [3, -1],
            rule,
            num_steps=3,
        )
        found = [
            *history.losses,
            *np.ravel(history.params),
            *np.ravel(history.gradients),
        ]
        assert {type(x) for x in found} == {Fraction}

    @pytest.mark.parametrize("start", [[Fraction(3), -1], [3, -1]])
    def test_schedule(self, start: Any) -> None:
        """A fraction that a schedule returns counts as well."""
        history = descend(
            lambda w: (w**2 / 3).sum(),
            lambda w: 2 * w / 3,
            start,
            GradientDescent(99),
            num_steps=1,
            schedule=lambda *_: Fraction(1, 4),
        )
        assert [list(w) for w in history.params] == [
            [3, -1],
            [Fraction(5, 2), Fraction(-5, 6)],
        ]
        assert {type(x) for x in np.ravel(history.params)} == {Fraction}

    def test_fractions_become_floats(self) -> None:
        """Where a rate or a root is a float, no array of objects is left."""
        for rule in (GradientDescent(0.25), AdaGrad(Fraction(1))):
            history = descend(
                lambda w: (w**2).sum(),
                lambda w: 2 * w + Fraction(1, 3),
                [Fraction(3), Fraction(-1, 3)],
                rule,
                num_steps=3,
            )
            kinds = [w.dtype.kind for w in history.params]
            assert kinds == ["O", "f", "f", "f"]

    @pytest.mark.parametrize(
        "rule", [rule(learning_rate=np.float64(0.25)) for rule in RULES]
    )
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
    def test_precision_of_the_start(self, rule: Any, dtype: Any) -> None:
        """Parameters keep it, whatever the functions compute in."""
        for gradient in (square_slope, lambda w: 2.0 * np.asarray(w, float)):
            history = descend(
                square_sum, gradient, np.array([1, -2], dtype), rule, num_steps=3
            )
            arrays = (*history.params, *history.gradients)
            assert {array.dtype for array in arrays} == {np.dtype(dtype)}
            assert {type(loss) for loss in history.losses} == {float}

    def test_batches(self) -> None:
        """Inputs and targets are of the same kind as the start."""
        seen: set[str] = set()

        def loss(weights: Any, inputs: Any, targets: Any) -> Any:
            seen.update(array.dtype.kind for array in (weights, inputs, targets))
            return batch_loss(weights, inputs, targets)

        whole: Any = {"start": [0], "inputs": [[1], [2], [4]], "targets": [2, 4, 8]}
        three_samples(loss=loss, rule=GradientDescent(1 / 8), **whole)
        assert seen == {"f"}
        history = three_samples(rule=GradientDescent(Fraction(1, 8)), **whole)
        assert history.params[-1].tolist() == [Fraction(17, 4)]
        assert type(history.params[-1][0]) is Fraction
        history = three_samples(
            rule=GradientDescent(9), schedule=lambda *_: Fraction(1, 8), **whole
        )
        assert type(history.params[-1][0]) is Fraction
        for name in whole:
            given = whole | {name: np.array(whole[name], float)}
            history = three_samples(loss=loss, **given)
            assert {w.dtype for w in history.params} == {np.dtype(float)}
        assert seen == {"f"}

    @pytest.mark.parametrize("big", [10**400, [1, -(10**5000)]])
    def test_too_large_for_a_float(self, big: Any) -> None:
        """An integer that no float can hold is refused, and not shown in full."""
        with pytest.raises(ValueError, match=r"^`start` .*an integer of \d+ digits"):
            descend(square_sum, square_slope, big, GradientDescent(0.5), num_steps=1)


class TestNothingIsShared:
    """What is remembered cannot be changed from outside, nor from inside."""

    def test_start(self) -> None:
        """The first entry of a history is not the caller's array."""
        start = np.array([2.0])
        history = descend(square_sum, square_slope, start, HALVING, num_steps=1)
        start += 99
        assert history.params[0].tolist() == [2]

    def test_buffers(self) -> None:
        """A gradient function that reuses its array does not rewrite history."""
        buffer = np.empty(1)

        def slope(weights: Any) -> Any:
            np.multiply(2, weights, out=buffer)
            return buffer

        history = descend(
            square_sum, slope, np.array([2.0]), GradientDescent(0.25), num_steps=2
        )
        assert [g.tolist() for g in history.gradients] == [[4], [2], [1]]

    @pytest.mark.parametrize(
        "start", [np.array([2.0, 4.0]), [Fraction(2), Fraction(4)]]
    )
    def test_functions_that_change_what_they_get(self, start: Any) -> None:
        """Parameters, inputs and targets that a function changes are its own."""

        def spoiling(function: Any) -> Any:
            def spoiled(*given: Any) -> Any:
                result = function(*given)
                for array in given:
                    np.multiply(array, 0, out=array)
                return result

            return spoiled

        known = descend(square_sum, square_slope, start, HALVING, num_steps=2)
        found = descend(
            spoiling(square_sum), spoiling(square_slope), start, HALVING, num_steps=2
        )
        assert [list(w) for w in found.params] == [list(w) for w in known.params]
        assert found.losses == known.losses
        epochs = three_samples(
            loss=spoiling(batch_loss), gradient=spoiling(batch_gradient), num_epochs=2
        )
        assert epochs.losses == three_samples(num_epochs=2).losses

    def test_rule_that_reuses_its_arrays(self) -> None:
        """A rule of the caller's own may change what it gets, and answer in place."""

        class InPlace:
            """Gradient descent that allocates nothing."""

            learning_rate = 0.25

            def init(self, params: Any) -> Any:
                """Keep the parameters themselves."""
                return params

            def update(self, gradient: Any, state: Any) -> Any:
                """Use the gradient's memory for the update, and spoil the state."""
                gradient *= -0.25
                state *= 0
                return gradient, state

        start = np.array([2.0, 4.0])
        found = descend(square_sum, square_slope, start, InPlace(), num_steps=2)
        assert [w.tolist() for w in found.params] == [[2, 4], [1, 2], [0.5, 1]]
        assert [g.tolist() for g in found.gradients] == [[4, 8], [2, 4], [1, 2]]
        assert start.tolist() == [2, 4]

    def test_no_two_arrays(self) -> None:
        """No two arrays that come out share memory, nor one with what went in."""
        start, inputs = np.array([2.0, 4.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
        history = descend(square_sum, square_slope, start, Momentum(0.1), num_steps=2)
        epochs = three_samples(start=start, inputs=inputs, targets=np.array([2.0, 4.0]))
        dealt = batches(5, 2)
        arrays = [
            *(start, inputs),
            *(*history.params, *history.gradients, *epochs.params, *dealt),
        ]
        for index, array in enumerate(arrays):
            assert array.base is None or array.base.size == array.size
            assert not any(np.shares_memory(array, other) for other in arrays[:index])


class TestDescendArguments:
    """Every argument of `descend`, and what its functions return, is looked at."""

    @pytest.mark.parametrize(
        ("start", "gradient", "shapes", "cause"),
        [
            (
                [1.0, 2.0],
                lambda _: 1.0,
                ((), (2,)),
                "; every parameter has a slope of its own",
            ),
            (1.0, lambda _: [1.0], ((1,), ()), "; reshape(()) gives it theirs"),
            (
                [1.0, 2.0],
                lambda _: [[1.0], [1.0]],
                ((2, 1), (2,)),
                "; reshape((2,)) gives it theirs",
            ),
            ([[1.0, 2.0]], lambda w: w.T, ((2, 1), (1, 2)), "; is it transposed?"),
            (
                [1.0, 2.0],
                lambda w: [w, w, w],
                ((3, 2), (2,)),
                "; its mean over the first axis has theirs",
            ),
            ([1.0, 2.0], lambda _: [1.0], ((1,), (2,)), ""),
        ],
    )
    def test_shape_of_gradient(
        self, start: Any, gradient: Any, shapes: Any, cause: str
    ) -> None:
        """A gradient of another shape is refused, even where NumPy would broadcast."""
        says = f"has shape {shapes[0]} but the parameters have shape {shapes[1]}"
        with refused(ValueError, "gradient", f"{says}; they must be equal{cause}"):
            descend(lambda _: 0, gradient, start, HALVING, num_steps=1)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_start(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The start and the gradient hold finite numbers."""
        with refused(exception, "start", says):
            descend(square_sum, square_slope, bad, HALVING, num_steps=1)
        if says.endswith("finite"):
            with pytest.raises(DivergenceError, match=re.escape(f"(`gradient` {says}")):
                descend(square, lambda _: bad, 1, HALVING, num_steps=1)
        else:
            with refused(exception, "gradient", says):
                descend(square, lambda _: bad, 1, HALVING, num_steps=1)

    @pytest.mark.parametrize(
        ("bad", "cause"),
        [
            ("2", ""),
            (b"3", ""),
            (True, ""),
            (np.bool_(False), ""),  # noqa: FBT003
            (1j, ""),
            (None, "; is a `return` missing?"),
            ([1], "; `.item()` takes the only number out of an array"),
            (np.array([[1.5]]), "; `.item()` takes the only number out of an array"),
            ((2.0, 3.0, 4.0), "; a mean or a sum makes one of several"),
            (np.zeros(1000), "; a mean or a sum makes one of several"),
            (np.zeros(2), "; are `loss` and `gradient` exchanged?"),
            ([[1], [1, 2]], ""),
        ],
    )
    def test_loss(self, bad: Any, cause: str) -> None:
        """What the loss returns is one number; the message says what else it was."""
        says = f"returned {shown(bad)} but must return one number{cause}"
        with refused(TypeError, "loss", says):
            descend(lambda _: bad, square_slope, [1.0, 2.0], HALVING, num_steps=1)

    @pytest.mark.parametrize("bad", [None, 2, "w**2"])
    def test_functions(self, bad: Any) -> None:
        """The loss and the gradient can be called."""
        with refused(TypeError, "loss", f"is {shown(bad)} but must be a function"):
            descend(bad, square_slope, 1, HALVING, num_steps=1)
        says = f"is {shown(bad)} but must be a function"
        if bad is not None:
            with refused(TypeError, "gradient", says):
                descend(square, bad, 1, HALVING, num_steps=1)

    @pytest.mark.parametrize(
        ("bad", "way_out"),
        [
            (None, ""),
            ("sgd", ""),
            (0.5, "; GradientDescent(learning_rate) makes one of a rate"),
            (GradientDescent, "; GradientDescent(...) makes one"),
            (Adam, "; Adam(...) makes one"),
        ],
    )
    def test_rule(self, bad: Any, way_out: str) -> None:
        """The rule is an update rule, not its rate and not its class."""
        says = f"is {shown(bad)} but must be an UpdateRule{way_out}"
        with refused(TypeError, "rule", says):
            descend(square, square_slope, 1, bad, num_steps=1)

    @pytest.mark.parametrize(
        "bad", [None, 0.5, np.array([1.0, 2.0]), (1.0,), (1.0, None, None)]
    )
    def test_answer_of_a_rule(self, bad: Any) -> None:
        """A rule of the caller's own returns an update and a state."""
        says = f"returned {shown(bad)} but must return an update and the next state"

        class Own(Constant):
            """A rule that forgets the state."""

            def update(self, _gradient: Any, _state: Any) -> Any:
                """Give what is no answer."""
                return bad

        with refused(TypeError, "rule.update", says):
            descend(square_sum, square_slope, [1.0, 2.0], Own(1), num_steps=1)

    def test_update_of_a_rule(self) -> None:
        """The update has the shape of the parameters, and is never broadcast."""
        says = (
            "has shape () but the parameters have shape (2,); they must be equal; "
            "every parameter has a slope of its own"
        )
        with refused(ValueError, "update", says):
            descend(square_sum, square_slope, [1.0, 2.0], Constant(1.0), num_steps=1)
        with refused(TypeError, "update", "is 'x' but must be a number"):
            descend(square_sum, square_slope, [1.0, 2.0], Constant("x"), num_steps=1)

    @pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(0))
    def test_num_steps(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The number of steps is a count."""
        with refused(exception, "num_steps", says):
            descend(square, square_slope, 1, HALVING, num_steps=bad)

    @pytest.mark.parametrize(
        ("bad", "exception", "says"),
        [
            *NOT_A_NUMBER,
            (-1e-9, ValueError, "is -1e-09 but must not be negative"),
            (
                Fraction(-1, 2),
                ValueError,
                "is Fraction(-1, 2) but must not be negative",
            ),
        ],
    )
    def test_flat(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The steepest slope that counts as flat is not negative."""
        with refused(exception, "flat", says):
            descend(square, square_slope, 1, HALVING, num_steps=1, flat=bad)


def both(loss: Any, gradient: Any) -> Any:
    """Make one function of two."""
    return lambda *given: (loss(*given), gradient(*given))


class TestLossAndGradientTogether:
    """One function may return both: the loss and the gradient."""

    def test_by_hand(self) -> None:
        """Halving 2 passes 1 and 1/2, with one call at each place."""
        places = []

        def square_and_slope(weight: Any) -> Any:
            places.append(weight)
            return weight**2, 2 * weight

        history = descend(square_and_slope, None, Fraction(2), HALVING, num_steps=2)
        half = Fraction(1, 2)
        expected = History((2, 1, half), (4, 1, half**2), (4, 2, 1), OUT_OF_STEPS)
        assert history == expected
        assert tuple(places) == history.params

    @given(
        linear_problems(),
        st.sampled_from(RULES),
        st.sampled_from([Fraction, float, np.float32]),
        st.sampled_from([None, lambda step, _: Fraction(1, step + 2)]),
        st.sampled_from([Fraction(1, 16), 0.25, 1e200]),
    )
    def test_is_the_same(
        self, problem: LinearProblem, rule: Any, kind: Any, schedule: Any, rate: Any
    ) -> None:
        """To the last bit, with every rule, in fractions and floats, to the end."""
        if kind is not Fraction:
            problem = LinearProblem(*(part.astype(kind) for part in problem))
        inputs, start, targets = problem
        functions = (batch_loss, batch_gradient)
        whole = [
            lambda w, function=function: function(w, inputs, targets)
            for function in functions
        ]
        ways: Any = (
            (descend, whole, {"num_steps": 4}),
            (
                descend_in_batches,
                functions,
                {
                    "inputs": inputs,
                    "targets": targets,
                    "batch_size": (len(inputs) + 1) // 2,
                    "num_epochs": 2,
                },
            ),
        )
        for descent, own, how in ways:
            ends = []
            for pair in (own, (both(*own), None)):
                try:
                    end = descent(*pair, start, rule(rate), schedule=schedule, **how)
                except DivergenceError as error:
                    end = (error.step, str(error))
                ends.append(end)
            assert alike(*ends)

    @pytest.mark.parametrize("start", [1.0, np.array([1.0])])
    @pytest.mark.parametrize(("failing", "found"), FAILING.values(), ids=FAILING.keys())
    def test_divergence(self, start: Any, failing: Any, found: str) -> None:
        """It has the step and the words that two functions have."""

        def loss(weight: Any) -> Any:
            return 0.0 if np.all(weight == start) else failing(weight)

        def slope(weight: Any) -> Any:
            return 0 * weight + (1 if np.all(weight == start) else failing(weight))

        ends: list[Any] = []
        pairs: list[Any] = [
            (loss, lambda w: 0 * w + 1),
            (both(loss, lambda w: 0 * w + 1), None),
            (both(lambda _: 5.0, slope), None),
        ]
        for function, gradient in pairs:
            with np.errstate(all="raise"), pytest.raises(DivergenceError) as caught:
                descend(function, gradient, start, GradientDescent(0.25), num_steps=9)
            ends.append((caught.value.step, str(caught.value)))
        assert ends[0] == ends[1]
        assert ends[2][0] == 1
        assert found in ends[2][1]

    @pytest.mark.parametrize(
        ("bad", "says"),
        [
            (5.0, "; give `gradient` a function, or `return` both with a comma"),
            (np.ones(2), "; give `gradient` a function, or `return` both with a comma"),
            ((1.0, np.ones(2), 3), "; give `gradient` a function, or `return` both"),
            ((), "; give `gradient` a function, or `return` both with a comma"),
            ([1.0, np.ones(2)], "; tuple(...) makes one of a list"),
            (None, "; is a `return` missing?"),
        ],
    )
    def test_refuses_another_answer(self, bad: Any, says: str) -> None:
        """Where no gradient is given, what comes back is a tuple of two."""
        expected = (
            f"returned {shown(bad)} but must return a tuple of two, the loss and the "
            f"gradient, as `gradient` is None{says}"
        )
        for descent in (
            lambda loss: descend(loss, None, [1.0, 2.0], HALVING, num_steps=1),
            lambda loss: three_samples(loss=loss, gradient=None, start=[1.0, 2.0]),
        ):
            with pytest.raises(TypeError, match=re.escape(f"`loss` {expected}")):
                descent(lambda *_: bad)

    def test_refuses_parts(self) -> None:
        """Each of both is looked at as if it came alone."""
        bad: Any
        for bad, error, says in (
            ((None, [2.0]), TypeError, "`loss` returned None but must return one num"),
            (([2.0], 4.0), TypeError, r"are `loss` and `gradient` exchanged\?"),
            ((4.0, None), TypeError, "`gradient` is None but must be a number"),
            ((4.0, 2.0), ValueError, r"`gradient` has shape \(\) but the parameters"),
            ((4.0, [[2.0]]), ValueError, r"`gradient` has shape \(1, 1\) but the par"),
        ):
            with pytest.raises(error, match=says):
                descend(lambda _, bad=bad: bad, None, [1.0], HALVING, num_steps=1)  # type: ignore[misc]

    @pytest.mark.parametrize("start", [1.0, [1.0, 2.0], np.ones((2, 1)), Fraction(1)])
    def test_refuses_both_beside_a_gradient(self, start: Any) -> None:
        """A loss that returns both, given beside a gradient, is told from others."""
        says = "but must return one number; with None for `gradient` it may return both"
        with pytest.raises(TypeError, match=f"^`loss` returned .* {says}$"):
            descend(lambda w: (1.0, 2 * w), square_slope, start, HALVING, num_steps=1)

    def test_what_it_keeps_is_not_changed(self) -> None:
        """A function may use its array again, and change what it gets."""
        buffer = np.empty(2)

        def spoiling(weights: Any) -> Any:
            np.multiply(2, weights, out=buffer)
            loss = weights @ weights
            weights *= 0
            return loss, buffer

        known = descend(square_sum, square_slope, [2.0, 4.0], HALVING, num_steps=3)
        found = descend(spoiling, None, [2.0, 4.0], HALVING, num_steps=3)
        assert alike(found, known)


class TestWork:
    """In a loop only what can change is looked at."""

    @pytest.mark.parametrize("rule", RULES)
    @pytest.mark.parametrize("start", [2.0, np.array([2.0, 4.0])])
    def test_no_argument_twice(self, rule: Any, start: Any) -> None:
        """However many steps are taken, as many arguments are looked at."""
        function = both(bowl, square_slope)
        few, many = (
            calls_of(
                _checks.looked,
                lambda k=k: descend(function, None, start, rule(0.01), num_steps=k),  # type: ignore[misc]
            )
            for k in (1, 30)
        )
        assert many == few > 0
        inputs = np.ones((30, np.size(start)))
        few, many = (
            calls_of(
                _checks.looked,
                lambda size=size: descend_in_batches(  # type: ignore[misc]
                    lambda w, x, _: (bowl(x[0] * w), 2 * w),
                    None,
                    start,
                    rule(0.01),
                    inputs=inputs if np.size(start) > 1 else inputs[:, 0],
                    targets=inputs,
                    batch_size=size,
                    num_epochs=1,
                ),
            )
            for size in (30, 1)
        )
        assert many == few > 0

    @pytest.mark.parametrize("rule", RULES)
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, float, None])
    def test_steps_are_those_of_the_rule(self, rule: Any, dtype: Any) -> None:
        """To the last bit, as if every update were asked for by hand."""
        start = 2.0 if dtype is None else np.array([[2.0, -1e-3], [3.0, 0.0]], dtype)
        own = rule(Fraction(1, 4))
        history = descend(both(bowl, square_slope), None, start, own, num_steps=6)
        weights, state = start, own.init(start)
        for params in history.params[1:]:
            update, state = own.update(2 * weights, state)
            weights = weights + update
            assert alike(params, weights)


class TestScheduledDescent:
    """A schedule gives every step of a descent its rate."""

    def test_by_hand(self) -> None:
        """On w², rates 1/4 and 1/8 multiply the weight by 1/2 and 3/4 in turn."""
        seen = []

        def schedule(step: int, losses: Any) -> Fraction:
            seen.append((step, losses))
            return Fraction(1, 4) if step % 2 == 0 else Fraction(1, 8)

        history = descend(
            square,
            square_slope,
            Fraction(8),
            GradientDescent(99),
            num_steps=3,
            schedule=schedule,
        )
        assert history.params == (8, 4, 3, Fraction(3, 2))
        # Every loss so far, the one before the step included.
        assert seen == [(0, (64,)), (1, (64, 16)), (2, (64, 16, 9))]

    def test_other_hyperparameters_stay(self) -> None:
        """Only the rate changes: v = −½·8 = −4, then ½·(−4) − ¼·4 = −3."""
        history = descend(
            lambda w: w**2 / 2,
            lambda w: w,
            Fraction(8),
            Momentum(99, Fraction(1, 2)),
            num_steps=2,
            schedule=lambda step, _: step_decay(
                Fraction(1, 2), step, every=1, factor=Fraction(1, 2)
            ),
        )
        assert history.params == (8, 4, 1)

    def test_divergence_names_the_rate_of_the_step(self) -> None:
        """Not the one that the rule began with."""
        with pytest.raises(DivergenceError) as caught:
            descend(
                square,
                square_slope,
                1.0,
                GradientDescent(0.25),
                num_steps=9,
                schedule=lambda _step, _losses: 1e300,
            )
        assert caught.value.learning_rate == 1e300

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_refuses_rate(
        self, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """What a schedule returns is a learning rate."""
        with refused(exception, "schedule", says):
            descend(
                square,
                square_slope,
                1,
                HALVING,
                num_steps=1,
                schedule=lambda _step, _losses: bad,
            )

    def test_refuses_schedule(self) -> None:
        """A schedule can be called, and its rule is a dataclass with a rate."""
        with refused(TypeError, "schedule", "is 0.5 but must be a function"):
            descend(square, square_slope, 1, HALVING, num_steps=1, schedule=0.5)  # type: ignore[arg-type]

        class Own:
            """A rule of the reader's own."""

            learning_rate = 1

            def __repr__(self) -> str:
                return "Own()"

            def init(self, _params: Any) -> Any:
                """Remember nothing."""

            def update(self, gradient: Any, _state: Any) -> Any:
                """Step by half the gradient."""
                return -gradient / 2, None

        assert descend(square, square_slope, 4, Own(), num_steps=1).params == (4, 0)
        says = "is Own() but must be a dataclass to follow a schedule"
        with refused(TypeError, "rule", says):
            descend(
                square, square_slope, 4, Own(), num_steps=1, schedule=lambda *_: 0.5
            )


class TestBatches:
    """Deal the samples into batches: every sample once, the rest last."""

    @pytest.mark.parametrize(
        ("n_samples", "batch_size", "dealt"),
        [
            (5, 2, [[0, 1], [2, 3], [4]]),
            (6, 3, [[0, 1, 2], [3, 4, 5]]),
            (3, 3, [[0, 1, 2]]),
            (2, 1, [[0], [1]]),
            (1, 1, [[0]]),
        ],
    )
    def test_in_order(self, n_samples: int, batch_size: int, dealt: Any) -> None:
        """Without a generator the samples keep their order; the last batch is kept."""
        assert [b.tolist() for b in batches(n_samples, batch_size)] == dealt

    @given(st.integers(1, 30), st.data())
    def test_every_sample_once(self, n_samples: int, data: st.DataObject) -> None:
        """Shuffled or not, an epoch is a permutation, and only the rest is smaller."""
        batch_size = data.draw(st.integers(1, n_samples))
        generator = np.random.default_rng(data.draw(st.integers(0, 99)))
        dealt = [b.tolist() for b in batches(n_samples, batch_size, generator)]
        assert sorted(i for batch in dealt for i in batch) == list(range(n_samples))
        assert [len(b) for b in dealt[:-1]] == [batch_size] * (len(dealt) - 1)
        assert len(dealt[-1]) == (n_samples % batch_size or batch_size)

    def test_shuffled(self) -> None:
        """A generator shuffles, as NumPy does, and anew in every epoch."""
        generator, other = np.random.default_rng(7), np.random.default_rng(7)
        first = np.concatenate(list(batches(50, 8, generator)))
        second = np.concatenate(list(batches(50, 8, generator)))
        expected = np.arange(50)
        other.shuffle(expected)
        assert first.tolist() == expected.tolist() != list(range(50))
        assert second.tolist() != first.tolist()

    def test_refuses(self) -> None:
        """Every argument is looked at, and named, before a batch is asked for."""
        for bad, exception, says in not_a_count(1):
            with refused(exception, "n_samples", says):
                batches(bad, 1)
            with refused(exception, "batch_size", says):
                batches(3, bad)
        says = "is 4 but there are only 3 samples"
        with refused(ValueError, "batch_size", says):
            batches(3, 4)
        others: list[Any] = [0, np.random, np.random.RandomState(0)]
        for bad in others:
            says = f"is {shown(bad)} but must be a numpy.random.Generator"
            with refused(TypeError, "generator", says):
                batches(3, 1, bad)


def batch_loss(weights: Any, inputs: Any, targets: Any) -> Any:
    """Give the mean squared error of a linear model."""
    return mean_squared_error(inputs @ weights, targets)


def batch_gradient(weights: Any, inputs: Any, targets: Any) -> Any:
    """Give its gradient."""
    return linear_gradient(inputs, weights, targets)


def three_samples(**changed: Any) -> EpochHistory:
    """Fit y = 2x to inputs 1, 2 and 4, in batches of two."""
    arguments: dict[str, Any] = {
        "loss": batch_loss,
        "gradient": batch_gradient,
        "start": [Fraction(0)],
        "rule": GradientDescent(Fraction(1, 8)),
        "inputs": [[Fraction(1)], [2], [4]],
        "targets": [Fraction(2), 4, 8],
        "batch_size": 2,
        "num_epochs": 1,
    }
    return descend_in_batches(**(arguments | changed))


class TestDescendInBatches:
    """Step downhill on a few samples at a time."""

    def test_by_hand(self) -> None:
        """Batches (1, 2) and (4): gradients −10 and −24, so 0, 5/4, 17/4."""
        # errors −2 and −4: 2/2·(−2·1 − 4·2) = −10; then 4·5/4 − 8 = −3: 2·(−3)·4 = −24
        history = three_samples()
        assert [weights.tolist() for weights in history.params] == [[0], [17 / 4]]
        # (4 + 16 + 64)/3; at 17/4, 9/4 too much: (1 + 4 + 16)/3·81/16
        assert history.losses == (28, Fraction(567, 16))
        assert history.num_steps == 2

    def test_whole_batch_is_descend(self) -> None:
        """One batch of all samples takes the steps of `descend`."""
        inputs: Any = np.array([[Fraction(1)], [2], [4]])
        targets: Any = np.array([Fraction(2), 4, 8])
        whole = three_samples(batch_size=3, num_epochs=4)
        history = descend(
            lambda w: batch_loss(w, inputs, targets),
            lambda w: batch_gradient(w, inputs, targets),
            [Fraction(0)],
            GradientDescent(Fraction(1, 8)),
            num_steps=4,
        )
        assert whole.losses == history.losses
        assert whole.num_steps == 4
        for found, expected in zip(whole.params, history.params, strict=True):
            assert found.tolist() == expected.tolist()

    def test_no_epoch(self) -> None:
        """Then there is only the start."""
        history = three_samples(num_epochs=0)
        assert history.losses == (28,)
        assert history.num_steps == 0
        assert len(history.params) == 1

    def test_state_is_handed_on(self) -> None:
        """Momentum carries from batch to batch, and over the end of an epoch."""
        rule = Momentum(Fraction(1, 8), Fraction(1, 2))
        history = three_samples(rule=rule, batch_size=3, num_epochs=2)
        # 2/3·21 = 14 times the error of the weight: gradient −28, velocity 7/2; at
        # 7/2, gradient 21, velocity 7/4 − 21/8 = −7/8
        assert [w.tolist() for w in history.params] == [[0], [7 / 2], [21 / 8]]

    def test_schedule(self) -> None:
        """Every batch asks for its rate, with the losses of the epochs so far."""
        seen = []

        def schedule(step: int, losses: Any) -> Fraction:
            seen.append((step, losses))
            return Fraction(1, 8)

        history = three_samples(
            rule=GradientDescent(99), num_epochs=2, schedule=schedule
        )
        first, second, _ = history.losses
        assert second == Fraction(567, 16)
        assert seen == [
            *((0, (first,)), (1, (first,))),
            *((2, (first, second)), (3, (first, second))),
        ]

    def test_shuffled_before_every_epoch(self) -> None:
        """The same generator deals the same steps as by hand."""
        generator, other = np.random.default_rng(5), np.random.default_rng(5)
        history = three_samples(generator=generator, num_epochs=3)
        weight = Fraction(0)
        inputs = [1, 2, 4]
        for epoch in range(3):
            order = np.arange(3)
            other.shuffle(order)
            for chosen in (order[:2], order[2:]):
                slope = sum(2 * inputs[i] ** 2 * (weight - 2) for i in chosen)
                weight -= slope / len(chosen) / 8
            assert history.params[epoch + 1].tolist() == [weight]

    def test_divergence(self) -> None:
        """It names the step, which is that of the batch."""
        with pytest.raises(DivergenceError) as caught:
            three_samples(
                start=[0.0],
                rule=GradientDescent(1e200),
                inputs=[[1.0], [2.0], [4.0]],
                targets=[2.0, 4.0, 8.0],
                num_epochs=5,
            )
        assert caught.value.step == 1
        assert caught.value.learning_rate == 1e200

    @pytest.mark.parametrize(
        ("start", "learning_rate", "step"),
        [
            (1e200, 0.125, 0),  # the loss is infinite before the first step
            (0.0, 1e308, 1),  # −10³⁰⁸·(−28) is no float: found after the only step
        ],
    )
    def test_divergence_is_found_at_once(
        self, start: float, learning_rate: float, step: int
    ) -> None:
        """At the start, and at the end of an epoch; an overflow is no warning."""
        with pytest.raises(DivergenceError) as caught:
            three_samples(
                start=[start],
                rule=GradientDescent(learning_rate),
                inputs=[[1.0], [2.0], [4.0]],
                targets=[2.0, 4.0, 8.0],
                batch_size=3,
            )
        assert caught.value.step == step

    def test_several_outputs(self) -> None:
        """Targets may have columns, one for each output."""
        history = three_samples(
            start=[[Fraction(0), Fraction(0)]],
            targets=[[Fraction(2), -2], [4, -4], [8, -8]],
        )
        assert history.params[-1].tolist() == [[17 / 4, -17 / 4]]

    def test_nothing_changes_in_place(self) -> None:
        """Start, inputs and targets stay what they were."""
        start = np.array([0.0])
        inputs, targets = np.array([[1.0], [2.0], [4.0]]), np.array([2.0, 4.0, 8.0])
        generator = np.random.default_rng(0)
        three_samples(start=start, inputs=inputs, targets=targets, generator=generator)
        assert start.tolist() == [0]
        assert inputs.tolist() == [[1], [2], [4]]
        assert targets.tolist() == [2, 4, 8]

    def test_refuses(self) -> None:
        """Every argument is looked at, and named."""
        for name in ("inputs", "targets", "start"):
            for bad, exception, says in NOT_NUMBERS:
                with refused(exception, name, says):
                    three_samples(**{name: bad})
        for bad, exception, says in not_a_count(1):
            with refused(exception, "batch_size", says):
                three_samples(batch_size=bad)
        for bad, exception, says in not_a_count(0):
            with refused(exception, "num_epochs", says):
                three_samples(num_epochs=bad)
        with refused(ValueError, "batch_size", "is 4 but there are only 3 samples"):
            three_samples(batch_size=4)
        for name in ("loss", "gradient", "schedule"):
            with refused(TypeError, name, "is 2 but must be a function"):
                three_samples(**{name: 2})
        with refused(TypeError, "rule", "is 0.5 but must be an UpdateRule"):
            three_samples(rule=0.5)
        with refused(
            TypeError, "generator", "is 0 but must be a numpy.random.Generator"
        ):
            three_samples(generator=0)
        with refused(
            ValueError,
            "gradient",
            "has shape () but the parameters have shape (1,); they must be equal",
        ):
            three_samples(gradient=lambda *_: 1)

    @pytest.mark.parametrize(
        ("inputs", "targets"),
        [
            ([[1], [2], [4]], [2, 4]),
            ([[1], [2], [4]], 2),
            (3, 2),
            ([[1]], [2, 4, 8]),
        ],
    )
    def test_refuses_unpaired_samples(self, inputs: Any, targets: Any) -> None:
        """Each sample has its inputs and its target."""
        says = (
            f"has shape {np.shape(targets)} but `inputs` has shape {np.shape(inputs)}; "
            "there must be one entry for each sample in both"
        )
        with refused(ValueError, "targets", says):
            three_samples(inputs=inputs, targets=targets)
