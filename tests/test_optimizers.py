"""Update rules against numbers worked by hand, and their laws."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import NOT_A_NUMBER, NOT_NUMBERS, NOT_POSITIVE, Refusal, refused
from hypothesis import given
from hypothesis import strategies as st
from near import near
from rules import left_out
from strategies import exact_arrays, fractions, positive_fractions

from gdbook import optimizers
from gdbook._checks import shown
from gdbook.optimizers import (
    AdaGrad,
    AdaGradState,
    Adam,
    AdamState,
    AdamW,
    AdamWState,
    GradientDescent,
    GradientDescentState,
    Momentum,
    MomentumState,
    Nesterov,
    RMSProp,
    RMSPropState,
    UpdateRule,
    clip_norm,
)

NOTHING = GradientDescentState()


def test_no_rule_is_left_out() -> None:
    """Every rule is public, and obeys the laws below; the oracles ask the same."""
    said = left_out(optimizers.__all__, "gdbook.optimizers.__all__")
    said += left_out([GradientDescent, *RULES], "RULES of tests/test_optimizers.py")
    assert not said, "\n".join(said)
    rules = [rule for rule in RULES if not isinstance(rule, Momentum)]
    said = left_out([GradientDescent, *rules], "the list")
    assert said == ["Momentum of gdbook/optimizers.py is not in the list."]


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


HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)

# Every rule, each with hyperparameters that keep fractions exact.
RULES: list[Any] = [
    Momentum(HALF, HALF),
    Nesterov(HALF, HALF),
    AdaGrad(HALF, 1),
    RMSProp(HALF, 3 * QUARTER, 1),
    Adam(1, HALF, 3 * QUARTER, 1),
    AdamW(1, HALF, 3 * QUARTER, 1, QUARTER),
]
REMEMBERING = [rule for rule in RULES if rule.init(1)]

NOT_A_SHARE: list[Refusal] = [
    *NOT_A_NUMBER,
    (1, ValueError, "is 1 but must be 0 or more and less than 1"),
    (1.5, ValueError, "is 1.5 but must be 0 or more and less than 1"),
    (-0.5, ValueError, "is -0.5 but must be 0 or more and less than 1"),
]
NEGATIVE: list[Refusal] = [
    *NOT_A_NUMBER,
    (-0.5, ValueError, "is -0.5 but must not be negative"),
]


def run(rule: Any, gradients: Any, start: Any = Fraction(2)) -> list[Any]:
    """Feed gradients to a rule one by one, and return its updates."""
    state, updates = rule.init(start), []
    for gradient in gradients:
        update, state = rule.update(gradient, state)
        updates.append(update)
    return updates


class TestByHand:
    """The code's line is the equation's line."""

    @pytest.mark.parametrize(
        ("rule", "gradients", "updates"),
        [
            # −½·8; ½·(−4) − 4; ½·(−6) + 2
            (Momentum(HALF, HALF), (8, 8, -4), (-4, -6, -1)),
            # the velocities −4, −6 and −1 again: ½·(−4) − 4; ½·(−6) − 4; −½ + 2
            (Nesterov(HALF, HALF), (8, 8, -4), (-6, -7, Fraction(3, 2))),
            # sums 9, 25 and 169: −1.5/(3 + 1); −2/(5 + 1); 6/(13 + 1)
            (
                AdaGrad(HALF, 1),
                (3, 4, -12),
                (Fraction(-3, 8), Fraction(-1, 3), Fraction(3, 7)),
            ),
            # means 64/4 = 16, 12 + 16/4 = 16 and 16 again: −4/5; −2/5; 2/5
            (
                RMSProp(HALF, 3 * QUARTER, 1),
                (8, 4, -4),
                (Fraction(-4, 5), Fraction(-2, 5), Fraction(2, 5)),
            ),
            # means 4, −2, 3 over 1/2, 3/4, 7/8 are 8, −8/3, 24/7; mean squares 16, 28,
            # 37 over 1/4, 7/16, 37/64 are 64 each, so every divisor is 8 + 1
            (
                Adam(1, HALF, 3 * QUARTER, 1),
                (8, -8, 8),
                (Fraction(-8, 9), Fraction(8, 27), Fraction(-8, 21)),
            ),
            # the same less a quarter of the weight, which is 2, then 2 − 25/18 = 11/18:
            # −8/9 − 1/2; 8/27 − 11/72; at 11/18 + 31/216 = 163/216, −8/21 − 163/864
            (
                AdamW(1, HALF, 3 * QUARTER, 1, QUARTER),
                (8, -8, 8),
                (Fraction(-25, 18), Fraction(31, 216), Fraction(-3445, 6048)),
            ),
        ],
    )
    def test_exactly(self, rule: Any, gradients: Any, updates: Any) -> None:
        """Three steps, in fractions, for a number and for every entry of an array."""
        assert tuple(run(rule, map(Fraction, gradients))) == updates
        start = np.array([Fraction(2), Fraction(2)])
        doubled = [np.array([Fraction(g), Fraction(g)]) for g in gradients]
        for update, expected in zip(run(rule, doubled, start), updates, strict=True):
            assert update.tolist() == [expected, expected]
            assert {type(entry) for entry in update} == {Fraction}

    def test_without_bias_correction(self) -> None:
        """Means 4 and −2 and mean squares 16 and 28 as they are."""
        rule = Adam(1, HALF, 3 * QUARTER, 1, bias_correction=False)
        first, second = run(rule, (Fraction(8), Fraction(-8)))
        assert first == Fraction(-4, 5)  # −4/(4 + 1)
        assert second == near(2 / (28**0.5 + 1), rel=1e-15)

    def test_roots_that_are_irrational(self) -> None:
        """A root without a fraction becomes a float, each entry for itself."""
        rule = RMSProp(Fraction(1), Fraction(1, 2), 0)
        # 4²/2 = 8 is no square; 1²/2 = 1/2 is none; a mean of 0 divides nothing.
        (update,) = run(rule, [[4, 1, 0]], [0, 0, 0])
        assert update.tolist() == near([-(2**0.5), -(2**0.5), 0], rel=1e-15)
        # 9/4 is one, in numerator and denominator: −½·(3/2)/(3/2)
        (exact,) = run(RMSProp(HALF, 0, 0), [Fraction(3, 2)])
        assert (exact, type(exact)) == (-HALF, Fraction)

    def test_roots_in_every_shape(self) -> None:
        """A table of fractions stays a table, also where every root is irrational."""
        start: Any = np.array([[Fraction(1), Fraction(1)]] * 2)
        (update,) = run(RMSProp(HALF, 0, 1), [[[Fraction(3), 0], [-4, 1]]], start)
        # ½·3/(3 + 1), 0, ½·4/(4 + 1) and ½·1/(1 + 1)
        assert update.tolist() == [
            [Fraction(-3, 8), 0],
            [Fraction(2, 5), Fraction(-1, 4)],
        ]
        (update,) = run(RMSProp(Fraction(1), HALF, 0), [[1, 1]], start[0])
        assert update.tolist() == near([-(2**0.5)] * 2, rel=1e-15)

    def test_square_too_small_for_a_float(self) -> None:
        """A slope whose square is zero still steps downhill, by itself."""
        assert run(AdaGrad(2.0, 0), [1e-200, -1e-200]) == [-2, 2**0.5]


class TestKinds:
    """A float makes floats of all, a fraction makes fractions of integers."""

    @pytest.mark.parametrize("rule", [GradientDescent(HALF), *RULES])
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, float, np.longdouble])
    def test_arrays_keep_their_dtype(self, rule: Any, dtype: Any) -> None:
        """Updates and states have that of parameters and gradient, for every rule."""
        gradients = np.array([[8, 0], [8, -3]], dtype)
        given = {
            field.name: np.float64(0.25)
            for field in dataclasses.fields(rule)
            if field.name != "bias_correction"
        }
        for other in (rule, type(rule)(learning_rate=0.5), type(rule)(**given)):
            state = other.init(np.ones(2, dtype))
            for gradient in gradients:
                update, state = other.update(gradient, state)
                kept = [
                    part
                    for name, part in state._asdict().items()
                    if name not in {"num_steps", "exponent"}
                ]
                assert {part.dtype for part in (update, *kept)} == {np.dtype(dtype)}

    @pytest.mark.parametrize("rule", [GradientDescent(HALF), *RULES])
    def test_fractions_meet_floats(self, rule: Any) -> None:
        """Where one of rule, start and gradient is a float, all are, and no objects."""
        in_floats = dataclasses.replace(rule, learning_rate=0.5)
        exact: Any = np.array([Fraction(8), Fraction(1, 2)])
        floats = np.array([8, 0.5])
        expected = run(in_floats, [floats, floats], floats)
        cases: list[Any] = [
            (in_floats, exact, exact),
            (in_floats, exact, floats),
            (dataclasses.replace(rule, learning_rate=HALF), floats, exact),
            (dataclasses.replace(rule, learning_rate=HALF), floats, floats),
        ]
        for other, gradient, start in cases:
            updates = run(other, [gradient, gradient], start)
            assert [x.dtype for x in updates] == [np.dtype(float)] * 2
            for update, known in zip(updates, expected, strict=True):
                assert update.tolist() == near(known.tolist())
        (update, _) = run(in_floats, [Fraction(8), Fraction(8)], Fraction(8))
        assert type(update) is float
        assert update == near(expected[0][0])

    @pytest.mark.parametrize("rule", [GradientDescent(HALF), *RULES])
    def test_integers_meet_fractions(self, rule: Any) -> None:
        """The integers of a start and a gradient become fractions, none is a float."""
        for start, gradient in ([2, 3], [8, -4]), (np.array([2, 3]), np.array([8, -4])):
            (update,) = run(rule, [gradient], start)
            (known,) = run(rule, [[Fraction(8), -4]], [Fraction(2), Fraction(3)])
            assert update.tolist() == known.tolist()
            assert {type(item) for item in update} == {Fraction}
        (update,) = run(rule, [8], 2)
        assert (update, type(update)) == (known[0], Fraction)

    @pytest.mark.parametrize("rule", [GradientDescent(1), *RULES])
    def test_integers_alone(self, rule: Any) -> None:
        """A product of integers is one; what divides by a root gives floats."""
        given = {
            field.name: field.name == "bias_correction"
            or int(getattr(rule, field.name))
            for field in dataclasses.fields(rule)
        }
        given["learning_rate"] = 2
        (update,) = run(type(rule)(**given), [8], 2)
        rational = isinstance(rule, GradientDescent | Momentum | Nesterov)
        assert type(update) is (int if rational else float)
        (update,) = run(type(rule)(**given), [np.array([8])], np.array([2]))
        assert update.dtype == np.dtype(float)

    def test_integers_stay_exact(self) -> None:
        """Beside a fraction, integers of any width are exact."""
        updates = run(Momentum(2**40, HALF), np.array([[2**62 + 1]]), np.array([1]))
        assert updates[0].tolist() == [-(2**102) - 2**40]

    def test_too_large_for_a_float(self) -> None:
        """What meets a float must be one, and is not shown in full."""
        for big in (10**400, Fraction(10**400, 3), 10**5000):
            says = f"is {shown(big)} but must fit a float, below about 1.8e308"
            with refused(ValueError, "gradient", says):
                Momentum(0.5).update(big, MomentumState(0.0))
            with refused(ValueError, "params", says):
                Momentum(0.5).init(big)
        big = Fraction(10**400, 3)
        says = f"is {shown(big)} but must fit a float, below about 1.8e308"
        with refused(ValueError, "learning_rate", says):
            Momentum(big).update(1.0, MomentumState(0.0))


def root(square: Fraction) -> Fraction:
    """Take a square root to a hundred bits, however large or small it is."""
    bits = square.numerator.bit_length() - square.denominator.bit_length()
    unit = Fraction(2) ** (bits // 2 - 100)
    return math.isqrt(int(square / unit**2)) * unit


def exact_updates(
    rule: Any, gradients: Sequence[float]
) -> Iterator[tuple[Fraction, Fraction]]:
    """Work an adaptive rule out in fractions: each update, and what cancels in it."""
    named = {
        field.name: Fraction(getattr(rule, field.name))
        for field in dataclasses.fields(rule)
    }
    mean = size = square = Fraction(0)
    beta1 = named.get("beta1", Fraction(0))
    keep = named.get("beta2", named.get("decay", Fraction(1)))
    share = 1 if isinstance(rule, AdaGrad) else 1 - keep
    for step, gradient in enumerate(map(Fraction, gradients), start=1):
        mean = beta1 * mean + (1 - beta1) * gradient
        size = beta1 * size + (1 - beta1) * abs(gradient)
        square = keep * square + share * gradient**2
        corrected = 1 - keep**step if isinstance(rule, Adam | AdamW) else Fraction(1)
        divisor = root(square / corrected) + named["epsilon"]
        if divisor == 0:
            yield Fraction(0), Fraction(0)
            continue
        factor = named["learning_rate"] / divisor / (1 - beta1**step)
        yield -factor * mean, factor * size


def slopes_of_any_size(dtype: Any) -> st.SearchStrategy[list[float]]:
    """Draw gradients from nearly the least normal one to the largest, and zeros."""
    info = np.finfo(dtype)
    powers = st.integers(int(info.minexp) + 8, int(info.maxexp) - 1)
    slopes = st.builds(
        math.ldexp,
        st.sampled_from([0.0, 0.5, -0.5, 0.75, -0.8125, 1.0]),
        # Mostly wild, at times all alike or ordinary.
        powers | st.just(-4) | st.just(0) | st.just(int(info.maxexp) - 1),
    )
    return st.lists(slopes, min_size=1, max_size=7)


ADAPTIVE = [
    rule(learning_rate, *betas)
    for learning_rate in (0.5, 0.001)
    for rule, shares in [
        (AdaGrad, [()]),
        (RMSProp, [(0.0,), (0.9,), (0.99,)]),
        (Adam, [(0.0, 0.0), (0.5, 0.9), (0.9, 0.999)]),
        (AdamW, [(0.9, 0.999)]),
    ]
    for betas in shares  # type: ignore[attr-defined]
]


class TestSlopesOfAnySize:
    """What a float can hold is computed, whatever the squares on the way to it."""

    @pytest.mark.parametrize("rule", ADAPTIVE)
    @pytest.mark.parametrize(
        ("dtype", "tolerance"), [(float, 1e-13), (np.float32, 2e-5)]
    )
    @given(st.data())
    def test_against_fractions(
        self, rule: Any, dtype: Any, tolerance: float, data: st.DataObject
    ) -> None:
        """Numbers and arrays of mixed sizes take the steps that fractions take."""
        gradients = data.draw(slopes_of_any_size(dtype))
        others = data.draw(slopes_of_any_size(dtype))[: len(gradients)]
        others += [0.0] * (len(gradients) - len(others))
        epsilon = data.draw(st.sampled_from([0.0, 1e-8, 1e-30, 1e30]))
        changed = {"epsilon": epsilon}
        if isinstance(rule, AdamW):
            changed["weight_decay"] = 0.0
        rule = dataclasses.replace(rule, **changed)
        together = np.array([gradients, others], dtype).T
        runs: list[Any] = [(run(rule, together, np.ones(2, dtype)), 0, gradients)]
        runs += [(runs[0][0], 1, others)]
        if dtype is float:
            runs += [(run(rule, gradients, 1.0), (), gradients)]
        info = np.finfo(dtype)
        for updates, where, own in runs:
            for update, (expected, size) in zip(
                updates, exact_updates(rule, own), strict=True
            ):
                if size < Fraction(float(info.max)):
                    found = float(np.asarray(update)[where])
                    assert abs(Fraction(found) - expected) <= (
                        Fraction(tolerance) * size + Fraction(float(info.tiny))
                    )

    @pytest.mark.parametrize("slope", [1e155, -1e300, 1e-200, -5e-324, 1.7e308])
    @pytest.mark.parametrize("shape", [(), (2,)])
    def test_adam_steps_by_the_rate(self, slope: float, shape: tuple[int, ...]) -> None:
        """Without an epsilon, a steady slope is a step of the rate, however steep."""
        gradients = [np.full(shape, slope)] * 3 if shape else [slope] * 3
        for update in run(Adam(0.25, epsilon=0), gradients, 0 * gradients[0]):
            expected = np.full(shape, -0.25 if slope > 0 else 0.25).tolist()
            assert np.asarray(update).tolist() == near(expected)

    def test_there_and_back(self) -> None:
        """After 3·10²⁰⁰, AdaGrad's step at 4·10²⁰⁰ is 4/5; a slope of 1 is nothing.

        The other weight, in the same array, has slopes of 3 and 4.
        """
        rule = AdaGrad(1.0, 0)
        gradients = np.array([[3e200, 3], [4e200, 4], [1, 12]])
        found = run(rule, gradients, np.zeros(2))
        assert found[1].tolist() == near([-0.8, -0.8])
        assert found[2].tolist() == near([-1 / 5e200, -12 / 13])

    @pytest.mark.parametrize("dtype", [float, np.float32])
    def test_ordinary_range(self, dtype: Any) -> None:
        """There, every digit is that of the equations as they stand."""
        generator = np.random.default_rng(4)
        gradients = generator.normal(size=(5, 40)).astype(dtype)
        gradients *= dtype(10) ** generator.integers(-9, 9, size=40)
        gradients[:, :3] = 0
        mean = square = np.zeros(40, dtype)
        adam, rms, ada = Adam(0.25), RMSProp(0.25), AdaGrad(0.25)
        states = [rule.init(np.ones(40, dtype)) for rule in (adam, rms, ada)]
        fading = total = square
        for step, gradient in enumerate(gradients, start=1):
            mean = 0.9 * mean + (1 - 0.9) * gradient
            square = 0.999 * square + (1 - 0.999) * gradient**2
            fading = 0.9 * fading + (1 - 0.9) * gradient**2
            total = total + gradient**2
            corrected = mean / (1 - 0.9**step), square / (1 - 0.999**step)
            expected = [
                -(0.25 * corrected[0] / (corrected[1] ** 0.5 + 1e-8)),
                -(0.25 * gradient / (fading**0.5 + 1e-8)),
                -(0.25 * gradient / (total**0.5 + 1e-10)),
            ]
            for index, rule in enumerate((adam, rms, ada)):
                update, states[index] = rule.update(gradient, states[index])
                assert update.tolist() == expected[index].tolist()
                assert not states[index].exponent.any()
        assert states[0].square_mean.tolist() == square.tolist()

    def test_float16(self) -> None:
        """Squares leave it at 256 already; a slope of 1000 steps as one of 1 does."""
        for slope in (1000, 1, 0.001):
            gradients = np.full((3, 2), slope, np.float16)
            for update in run(Adam(0.25, epsilon=0), gradients, np.ones(2, np.float16)):
                assert update.tolist() == near([-0.25] * 2, rel=0.01)

    @pytest.mark.parametrize("power", [300, -300])
    def test_fractions(self, power: int) -> None:
        """A root that is irrational comes out, though its square is no float."""
        (update,) = run(RMSProp(Fraction(1), HALF, 0), [Fraction(10) ** power])
        assert float(update) == near(-(2**0.5), rel=1e-15)

    def test_products_that_leave_the_floats(self) -> None:
        """½·1.6·10³⁰⁸ less 2·0.9·10³⁰⁸ is −10³⁰⁸, though 1.8·10³⁰⁸ is no float."""
        for size in (1, np.ones(2)):
            state = MomentumState(1.6e308 * size)
            with np.errstate(all="raise"):
                update, new = Momentum(2.0, 0.5).update(0.9e308 * size, state)
            assert np.ravel(update).tolist() == near([-1e308] * np.size(size))
            assert np.ravel(new.velocity).tolist() == np.ravel(update).tolist()
        # −½·1.2·10³⁰⁸ − 2·0.6·10³⁰⁸ is −1.8·10³⁰⁸ and none; the other entry stays.
        state = MomentumState(np.array([-1.2e308, 8.0]))
        with np.errstate(over="ignore"):
            update, _ = Momentum(2.0, 0.5).update(np.array([0.6e308, 4.0]), state)
        assert update.tolist() == [-math.inf, -4]

    @pytest.mark.parametrize(
        ("learning_rate", "weight_decay", "weight"),
        [(1e-200, 1e-200, 1e300), (1e200, 1e200, 1e-300), (1e-10, 1e307, 1e-290)],
    )
    def test_weight_decay(
        self, learning_rate: float, weight_decay: float, weight: float
    ) -> None:
        """Rate times decay times weight is computed where two of them are no float."""
        exact = Fraction(learning_rate) * Fraction(weight_decay) * Fraction(weight)
        rule = AdamW(learning_rate, weight_decay=weight_decay)
        update, _ = rule.update(0.0, rule.init(weight))
        assert update == near(-float(exact))
        update, _ = rule.update(np.zeros(2), rule.init(np.full(2, weight)))
        assert update.tolist() == near([-float(exact)] * 2)

    @pytest.mark.parametrize("one", [1.0, np.ones(2), Fraction(1)])
    def test_a_mean_over_zero(self, one: Any) -> None:
        """A mean slope over a mean square that has forgotten it is no step at all."""
        rule = (
            Adam(HALF if one == 1 else 0.5, HALF, 0, 0) if np.ndim(one) == 0 else None
        )
        rule = rule or Adam(0.5, 0.5, 0, 0)
        _, state = rule.update(one, rule.init(one))
        says = r"^the mean slope is not 0 but the mean square is: give an `epsilon`$"
        with pytest.raises(ZeroDivisionError, match=says):
            rule.update(0 * one, state)


class TestStates:
    """The state is explicit and returned."""

    def test_momentum(self) -> None:
        """Momentum remembers the velocity; Nesterov's lacks the look ahead."""
        for rule in (Momentum(HALF, HALF), Nesterov(HALF, HALF)):
            state = rule.init(Fraction(2))
            assert state == MomentumState(velocity=0)
            assert rule.update(Fraction(8), state)[1] == MomentumState(velocity=-4)

    def test_adagrad(self) -> None:
        """AdaGrad remembers the sum of the squares."""
        rule = AdaGrad(HALF, 1)
        state = rule.update(3, rule.init(2))[1]
        assert rule.update(4, state)[1] == AdaGradState(square_sum=25)

    def test_rmsprop(self) -> None:
        """RMSProp remembers the fading mean of the squares."""
        rule = RMSProp(HALF, 3 * QUARTER, 1)
        assert rule.update(8, rule.init(2))[1] == RMSPropState(square_mean=16)

    def test_adam(self) -> None:
        """Adam remembers both means as they are, before their correction."""
        rule = Adam(1, HALF, 3 * QUARTER, 1)
        assert rule.init(2) == AdamState(num_steps=0, mean=0, square_mean=0)
        state = rule.update(8, rule.init(2))[1]
        assert state == AdamState(num_steps=1, mean=4, square_mean=16)

    def test_adamw(self) -> None:
        """AdamW remembers the weights as well."""
        rule = AdamW(1, HALF, 3 * QUARTER, 1, QUARTER)
        state = rule.init(Fraction(2))
        assert state == AdamWState(num_steps=0, mean=0, square_mean=0, weights=2)
        state = rule.update(8, state)[1]
        assert state == AdamWState(1, 4, 16, weights=Fraction(11, 18))

    @pytest.mark.parametrize("rule", RULES)
    def test_zeros_have_the_kind_of_the_params(self, rule: Any) -> None:
        """Fractions begin with fractions, floats with floats, in every shape."""
        for start in (np.full((2, 3), Fraction(1, 3)), np.full((2, 3), 0.5)):
            for name, remembered in rule.init(start)._asdict().items():
                if name != "num_steps":
                    integers = np.dtype(np.int32)
                    expected = integers if name == "exponent" else start.dtype
                    assert remembered.dtype == expected
                    assert remembered.shape == (2, 3)


class TestLaws:
    """What holds for every gradient."""

    @pytest.mark.parametrize("rule", RULES)
    def test_zero_gradient(self, rule: Any) -> None:
        """Where it was always flat, nothing moves, and no divisor is in the way."""
        bare = {"epsilon": 0, "weight_decay": 0}
        names = {field.name for field in dataclasses.fields(rule)}
        given = {name: value for name, value in bare.items() if name in names}
        rule = dataclasses.replace(rule, **given)
        assert run(rule, [Fraction(0)] * 3) == [0, 0, 0]
        for update in run(rule, np.zeros((3, 2)), np.ones(2)):
            assert update.tolist() == [0, 0]

    @pytest.mark.parametrize("rule", RULES)
    @given(exact_arrays((3, 2)))
    def test_every_weight_for_itself(self, rule: Any, gradients: Any) -> None:
        """An array takes the steps of its entries."""
        together = run(rule, gradients, np.array([Fraction(1), Fraction(-3)]))
        for column, start in enumerate((Fraction(1), Fraction(-3))):
            alone = run(rule, gradients[:, column], start)
            assert [update[column] for update in together] == alone

    @given(positive_fractions(), exact_arrays((4,)))
    def test_without_momentum(self, learning_rate: Fraction, gradients: Any) -> None:
        """Momentum 0 is gradient descent."""
        plain = run(GradientDescent(learning_rate), gradients)
        assert run(Momentum(learning_rate, 0), gradients) == plain
        assert run(Nesterov(learning_rate, 0), gradients) == plain

    @given(positive_fractions(), fractions(), st.integers(1, 6))
    def test_velocity_of_a_steady_slope(
        self, learning_rate: Fraction, gradient: Fraction, num_steps: int
    ) -> None:
        """The k-th update is −αg·(1 − βᵏ)/(1 − β), a geometric sum."""
        beta = Fraction(2, 3)
        update = run(Momentum(learning_rate, beta), [gradient] * num_steps)[-1]
        assert update == -learning_rate * gradient * (1 - beta**num_steps) / (1 - beta)

    @given(positive_fractions(), fractions().filter(bool), st.integers(1, 6))
    def test_adam_steps_the_rate(
        self, learning_rate: Fraction, gradient: Fraction, num_steps: int
    ) -> None:
        """With ε = 0 and a constant gradient Adam steps exactly the learning rate."""
        rule = Adam(learning_rate, Fraction(9, 10), Fraction(999, 1000), epsilon=0)
        step = learning_rate if gradient < 0 else -learning_rate
        assert run(rule, [gradient] * num_steps) == [step] * num_steps

    @given(positive_fractions(), exact_arrays((4,)))
    def test_sign_steps(self, learning_rate: Fraction, gradients: Any) -> None:
        """Without a memory, RMSProp and Adam look at the sign only."""
        signs = [-learning_rate * ((g > 0) - (g < 0)) for g in gradients]
        assert run(RMSProp(learning_rate, 0, 0), gradients) == signs
        assert run(Adam(learning_rate, 0, 0, 0), gradients) == signs

    @given(positive_fractions(), fractions().filter(bool))
    def test_adagrad_slows_down(
        self, learning_rate: Fraction, gradient: Fraction
    ) -> None:
        """Along a steady slope the k-th step is α/√k."""
        updates = run(AdaGrad(learning_rate, 0), [gradient] * 9)
        assert abs(updates[0]) == learning_rate
        assert abs(updates[3]) == learning_rate / 2
        assert abs(updates[8]) == learning_rate / 3

    @pytest.mark.parametrize(
        "rule",
        [AdaGrad(1, 0), RMSProp(1, HALF, 0), Adam(1, HALF, HALF, 0)],
        ids=lambda rule: type(rule).__name__,
    )
    @given(exact_arrays((3,)), st.sampled_from([4, QUARTER, 1024]))
    def test_scale_does_not_matter(
        self, rule: Any, gradients: Any, factor: Any
    ) -> None:
        """A loss measured in another unit takes the same steps."""
        # Powers of four scale a float's root without rounding.
        assert run(rule, factor * gradients) == run(rule, gradients)

    @given(positive_fractions(), exact_arrays((4,)), fractions())
    def test_adamw_without_decay(
        self, learning_rate: Fraction, gradients: Any, start: Fraction
    ) -> None:
        """Weight decay 0 is Adam."""
        betas = (HALF, 3 * QUARTER, 1)
        with_weights = run(AdamW(learning_rate, *betas, 0), gradients, start)
        assert with_weights == run(Adam(learning_rate, *betas), gradients, start)

    @given(positive_fractions(), fractions(), st.integers(0, 5))
    def test_adamw_shrinks(
        self, learning_rate: Fraction, start: Fraction, num_steps: int
    ) -> None:
        """Where it is flat, the weight after k steps is (1 − αλ)ᵏ·w₀."""
        rule = AdamW(learning_rate, HALF, HALF, 0, QUARTER)
        moved = sum(run(rule, [Fraction(0)] * num_steps, start))
        assert start + moved == (1 - learning_rate / 4) ** num_steps * start


class TestHyperparameters:
    """A rule is a frozen set of hyperparameters, each checked and named."""

    @pytest.mark.parametrize(
        ("rule", "defaults"),
        [
            (Momentum(1), "Momentum(learning_rate=1, momentum=0.9)"),
            (Nesterov(1), "Nesterov(learning_rate=1, momentum=0.9)"),
            (AdaGrad(1), "AdaGrad(learning_rate=1, epsilon=1e-10)"),
            (RMSProp(1), "RMSProp(learning_rate=1, decay=0.9, epsilon=1e-08)"),
            (
                Adam(),
                (
                    "Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, "
                    "bias_correction=True)"
                ),
            ),
            (
                AdamW(),
                (
                    "AdamW(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, "
                    "weight_decay=0.01)"
                ),
            ),
        ],
    )
    def test_defaults(self, rule: Any, defaults: str) -> None:
        """What the papers and most libraries take, unless told."""
        assert repr(rule) == defaults

    @pytest.mark.parametrize("rule", RULES)
    def test_frozen(self, rule: Any) -> None:
        """Nothing changes once it is made, and every rule is an update rule."""
        with pytest.raises(dataclasses.FrozenInstanceError):
            rule.learning_rate = 2
        assert rule == dataclasses.replace(rule)
        assert isinstance(rule, UpdateRule)

    @pytest.mark.parametrize("rule", RULES)
    def test_plain(self, rule: Any) -> None:
        """A hyperparameter is a Python number, whatever was given."""
        given = {
            field.name: np.bool_(True)  # noqa: FBT003
            if field.name == "bias_correction"
            else np.float64(0.25)
            for field in dataclasses.fields(rule)
        }
        kept = dataclasses.astuple(type(rule)(**given))
        assert {type(value) for value in kept} <= {float, bool}

    @pytest.mark.parametrize(
        ("rule", "name", "refusals"),
        [
            *((type(rule), "learning_rate", NOT_POSITIVE) for rule in RULES),
            (Momentum, "momentum", NOT_A_SHARE),
            (Nesterov, "momentum", NOT_A_SHARE),
            (RMSProp, "decay", NOT_A_SHARE),
            *((rule, "beta1", NOT_A_SHARE) for rule in (Adam, AdamW)),
            *((rule, "beta2", NOT_A_SHARE) for rule in (Adam, AdamW)),
            *((rule, "epsilon", NEGATIVE) for rule in (AdaGrad, RMSProp, Adam, AdamW)),
            (AdamW, "weight_decay", NEGATIVE),
        ],
    )
    def test_refuses(self, rule: Any, name: str, refusals: list[Refusal]) -> None:
        """A hyperparameter out of its range is refused before any step."""
        for bad, exception, says in refusals:
            with refused(exception, name, says):
                rule(**({"learning_rate": 1} | {name: bad}))

    @pytest.mark.parametrize("bad", [None, 1, 0.0, "yes", [True]])
    def test_refuses_no_choice(self, bad: Any) -> None:
        """Bias correction is on or off."""
        with refused(
            TypeError, "bias_correction", f"is {bad!r} but must be True or False"
        ):
            Adam(bias_correction=bad)

    def test_bounds_belong_to_the_range(self) -> None:
        """Zero is a share, and no epsilon is one."""
        assert Momentum(1, 0).momentum == 0
        assert Adam(1, 0, 0, 0) == Adam(1, beta1=0, beta2=0, epsilon=0)
        assert math.nextafter(1, 0) == Momentum(1, math.nextafter(1, 0)).momentum


class TestArguments:
    """Bad input is refused by every rule, and good input stays as it was."""

    @pytest.mark.parametrize("rule", RULES)
    def test_refuses_numbers(self, rule: Any) -> None:
        """Parameters and gradient are looked at, and named."""
        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, "params", says):
                rule.init(bad)
            with refused(exception, "gradient", says):
                rule.update(bad, rule.init(1))

    @pytest.mark.parametrize("rule", RULES)
    def test_refuses_state(self, rule: Any) -> None:
        """The state is the rule's own."""
        state = type(rule.init(1))
        article = "an" if state.__name__.startswith("A") else "a"
        for bad in (None, (), 3, state, GradientDescentState()):
            says = f"is {bad!r} but must be {article} {state.__name__}"
            with refused(TypeError, "state", says):
                rule.update(1, bad)

    @pytest.mark.parametrize("rule", REMEMBERING)
    def test_refuses_shape(self, rule: Any) -> None:
        """A gradient that NumPy would broadcast over the state is refused."""
        name = next(name for name in rule.init(1)._fields if name != "num_steps")
        pairs: list[Any] = [([1, 2], 3), (1, [1, 2]), ([[1], [2]], [1, 2])]
        for start, gradient in pairs:
            shapes = np.shape(gradient), np.shape(start)
            says = (
                f"has shape {shapes[0]} but the {name} in `state` has shape "
                f"{shapes[1]}; they must be equal"
            )
            with refused(ValueError, "gradient", says):
                rule.update(gradient, rule.init(start))

    def test_every_part_of_the_state_is_looked_at(self) -> None:
        """Not only the first array of a state must have the gradient's shape."""
        says = (
            "has shape (2,) but the square_mean in `state` has shape (); "
            "they must be equal"
        )
        with refused(ValueError, "gradient", says):
            Adam().update([1, 2], AdamState(0, np.zeros(2), 0))
        with refused(ValueError, "gradient", says.replace("square_mean", "weights")):
            AdamW().update([1, 2], AdamWState(0, np.zeros(2), np.zeros(2), 0))

    @pytest.mark.parametrize("rule", RULES)
    @pytest.mark.parametrize("dtype", [float, object])
    def test_nothing_changes_in_place(self, rule: Any, dtype: type) -> None:
        """Parameters, gradients and states stay what they were."""
        start: Any = np.array([1, -2], dtype)
        gradient: Any = np.array([8, -8], dtype)
        state = rule.init(start)
        before = [np.copy(part) for part in state]
        rule.update(gradient, state)
        assert start.tolist() == [1, -2]
        assert gradient.tolist() == [8, -8]
        for part, copy in zip(state, before, strict=True):
            assert np.array_equal(part, copy)

    @pytest.mark.parametrize("rule", [GradientDescent(HALF), *RULES])
    @pytest.mark.parametrize("item", [Fraction(1), 1.0, 1e200])
    def test_nothing_is_shared(self, rule: Any, item: Any) -> None:
        """What comes out shares memory with nothing that went in, and no two parts."""
        start = np.array([item, item])
        gradients = [1 * start, 2 * start]
        held = [start, *gradients]
        state = rule.init(start)
        parts = [part for part in state if np.ndim(part)]
        for gradient in gradients:
            for index, array in enumerate(held := [*held, *parts]):
                assert not any(np.shares_memory(array, x) for x in held[:index])
            update, state = rule.update(gradient, state)
            parts = [update, *(part for part in state if np.ndim(part))]

    def test_an_update_that_is_changed(self) -> None:
        """What a caller does to an update does not reach the state."""
        rule = Momentum(HALF, HALF)
        update, state = rule.update(np.array([8.0]), rule.init(np.array([2.0])))
        update *= 2
        assert state.velocity.tolist() == [-4]

    def test_refuses_parts_of_a_state(self) -> None:
        """A state that no rule made is refused, part by part."""
        with refused(ValueError, "state.num_steps", "is -1 but must be at least 0"):
            Adam().update(1.0, AdamState(-1, 0.0, 0.0))
        with refused(TypeError, "state.mean", "is None but must be a number"):
            Adam().update(1.0, AdamState(0, None, 0.0))
        with refused(TypeError, "state.velocity", "is 'x' but must be a number"):
            Momentum(1).update(1.0, MomentumState("x"))


class TestClipNorm:
    """Shorten a gradient to a limit, if it is longer, and keep where it points."""

    @pytest.mark.parametrize(
        ("gradient", "limit", "clipped"),
        [
            ([3.0, 4.0], 2.5, [1.5, 2.0]),  # the norm is 5
            ([-3.0, 4.0], 5, [-3.0, 4.0]),
            ([3.0, 4.0], 5.001, [3.0, 4.0]),
            ([[3.0, 4.0], [0.0, 12.0]], 6.5, [[1.5, 2.0], [0.0, 6.0]]),  # 13
            ([0.0, 0.0], 1, [0.0, 0.0]),
            (-8.0, 2, -2.0),
            (1.5, 2, 1.5),
            (0, 2, 0),
        ],
    )
    def test_by_hand(self, gradient: Any, limit: Any, clipped: Any) -> None:
        """Numbers worked by hand."""
        found = clip_norm(gradient, limit)
        assert np.asarray(found).tolist() == clipped

    def test_fractions(self) -> None:
        """A root that is exact stays a fraction."""
        found = clip_norm([Fraction(3), Fraction(4)], Fraction(1, 3))
        assert found.tolist() == [Fraction(1, 5), Fraction(4, 15)]
        assert {type(x) for x in found} == {Fraction}
        assert clip_norm(Fraction(-7), Fraction(1, 3)) == Fraction(-1, 3)
        irrational = clip_norm([Fraction(1), Fraction(1)], 1)
        assert irrational.dtype == np.float64
        assert irrational == near(0.5**0.5)

    @given(exact_arrays((3,)), positive_fractions())
    def test_laws(self, gradient: Any, limit: Fraction) -> None:
        """It is never longer than the limit, and points where it pointed."""
        floats = gradient.astype(float)
        found = clip_norm(floats, float(limit))
        norm, length = (float(np.linalg.norm(x)) for x in (floats, found))
        assert length == near(min(norm, float(limit)), rel=1e-12)
        assert found * norm == near(floats * length, rel=1e-12)

    def test_far_away(self) -> None:
        """Squares that no float holds change nothing."""
        for unit in (1e200, 1e-200):
            assert clip_norm([3 * unit, 4 * unit], 2.5 * unit) == near(
                np.array([1.5 * unit, 2 * unit]), rel=1e-15
            )
        huge = clip_norm([1.7e308, 1.7e308], 1)
        assert huge == near(0.5**0.5, rel=1e-15)

    def test_width(self) -> None:
        """Narrow floats stay narrow."""
        assert clip_norm(np.array([3, 4], np.float32), 2.5).dtype == np.float32

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_limit(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The limit is greater than 0."""
        with refused(exception, "limit", says):
            clip_norm([1.0], bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_gradient(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The gradient is a number or an array of them."""
        with refused(exception, "gradient", says):
            clip_norm(bad, 1)
