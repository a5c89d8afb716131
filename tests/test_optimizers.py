"""Update rules against numbers worked by hand, and their laws."""

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import NOT_NUMBERS, NOT_POSITIVE, refused
from hypothesis import given
from hypothesis import strategies as st
from strategies import exact_arrays, fractions, positive_fractions

from gdbook.optimizers import GradientDescent, GradientDescentState, UpdateRule

NOTHING = GradientDescentState()


class TestGradientDescent:
    """Step against the gradient."""

    @pytest.mark.parametrize(
        ("learning_rate", "gradient", "update"),
        [
            (Fraction(1, 100), -24, Fraction(6, 25)),  # 24/100
            (Fraction(1, 3), Fraction(-1, 2), Fraction(1, 6)),
            (1, 3, -3),
            (2**40, 2**40, -(2**80)),
            (0.5, 8, -4.0),
        ],
    )
    def test_by_hand(self, learning_rate: Any, gradient: Any, update: Any) -> None:
        """The update is the product worked by hand, in the type of its factors."""
        found, state = GradientDescent(learning_rate).update(gradient, NOTHING)
        assert found == update
        assert type(found) is type(update)
        assert state == NOTHING

    def test_array_of_fractions(self) -> None:
        """Every parameter has its own step, in every shape."""
        update, _ = GradientDescent(Fraction(1, 100)).update(
            [[Fraction(30), 40], [0, -5]], NOTHING
        )
        assert update.tolist() == [
            [Fraction(-3, 10), Fraction(-2, 5)],
            [0, Fraction(1, 20)],
        ]
        assert {type(x) for x in update.flat} == {Fraction}

    def test_array_of_integers(self) -> None:
        """Integers stay exact, whatever width the platform gives them."""
        update, _ = GradientDescent(2**40).update(np.array([2**62]), NOTHING)
        assert update.tolist() == [-(2**102)]

    def test_array_of_floats(self) -> None:
        """Floats stay floats."""
        update, _ = GradientDescent(0.5).update(np.array([1.0, -3.0]), NOTHING)
        assert update.tolist() == [-0.5, 1.5]
        assert update.dtype == np.float64

    @given(positive_fractions())
    def test_zero_gradient(self, learning_rate: Fraction) -> None:
        """Where it is flat, nothing moves."""
        rule = GradientDescent(learning_rate)
        assert rule.update(Fraction(0), rule.init(Fraction(1)))[0] == 0
        zeros = np.array([Fraction(0), Fraction(0)])
        assert not rule.update(zeros, rule.init(zeros))[0].any()

    @given(positive_fractions(), exact_arrays((2,)), fractions())
    def test_linear(
        self, learning_rate: Fraction, gradient: Any, factor: Fraction
    ) -> None:
        """A slope that is steeper by a factor takes a step longer by it."""
        rule = GradientDescent(learning_rate)
        single, _ = rule.update(gradient, NOTHING)
        several, _ = rule.update(factor * gradient, NOTHING)
        assert np.array_equal(several, factor * single)

    @given(fractions(), positive_fractions(), fractions(), st.integers(0, 6))
    def test_parabola(
        self, a: Fraction, learning_rate: Fraction, start: Fraction, num_steps: int
    ) -> None:
        """On a·w²/2 the weight after k steps is (1 − αa)ᵏ·w₀, exactly."""
        rule, weight = GradientDescent(learning_rate), start
        state = rule.init(weight)
        for _ in range(num_steps):
            update, state = rule.update(a * weight, state)
            weight += update
        assert weight == (1 - learning_rate * a) ** num_steps * start

    def test_state(self) -> None:
        """Nothing is remembered between steps, and what was given comes back."""
        rule, state = GradientDescent(1), GradientDescentState()
        assert rule.init([1, 2]) == state == ()
        assert rule.update([1, 2], state)[1] is state

    def test_frozen(self) -> None:
        """A rule is a frozen set of hyperparameters."""
        rule = GradientDescent(0.5)
        with pytest.raises(dataclasses.FrozenInstanceError):
            rule.learning_rate = 2  # type: ignore[misc]
        assert rule == GradientDescent(learning_rate=0.5)

    def test_learning_rate(self) -> None:
        """The learning rate is a Python number."""
        rule = GradientDescent(np.float64(0.25))
        assert repr(rule) == "GradientDescent(learning_rate=0.25)"
        assert type(rule.learning_rate) is float

    def test_protocol(self) -> None:
        """Gradient descent offers what every update rule offers."""
        assert isinstance(GradientDescent(1), UpdateRule)
        assert not isinstance(GradientDescent, UpdateRule)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_refuses_rate(
        self, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """A learning rate is a positive finite number."""
        with refused(exception, "learning_rate", says):
            GradientDescent(bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The parameters and their gradient are looked at, and named."""
        rule = GradientDescent(1)
        with refused(exception, "params", says):
            rule.init(bad)
        with refused(exception, "gradient", says):
            rule.update(bad, NOTHING)

    @pytest.mark.parametrize("bad", [None, (), 3, GradientDescentState])
    def test_refuses_state(self, bad: Any) -> None:
        """The state is one of gradient descent."""
        with refused(
            TypeError, "state", f"is {bad!r} but must be a GradientDescentState"
        ):
            GradientDescent(1).update(1, bad)

    @pytest.mark.parametrize("dtype", [float, object])
    def test_arguments_are_not_changed(self, dtype: type) -> None:
        """Arguments are never changed in place."""
        gradient: Any = np.array([1, -2], dtype=dtype)
        rule = GradientDescent(2)
        rule.update(gradient, rule.init(gradient))
        assert gradient.tolist() == [1, -2]
