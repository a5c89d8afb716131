"""Whatever a float can hold is computed, against exact arithmetic at every magnitude.

The twins at the end are the formulas as they stand in books, which lose digits. Each
must fail the test that its sturdy form passes.
"""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gdbook import activations, gradients, losses
from gdbook._ranges import exactly, in_range

# From the smallest to the largest, both signs, and near 1, where digits cancel.
EVERY = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, 5e-324, 1e-310, 2.0**-53, 1e-8, 1.0, 40.0, 1e308, -1.7e308]),
    st.floats(-750, 750),
)
CHANCES = st.one_of(
    st.floats(5e-324, 1 - 2.0**-53), st.sampled_from([1e-300, 1e-20, 1 - 2.0**-53])
)
SMALLEST = 2.0**-1074


def off(found: float, exact: Fraction | Decimal, *, ulps: float) -> bool:
    """Say whether a float is further from an exact number than some of its roundings.

    Below the smallest normal float the roundings are those of the smallest float.
    """
    if math.isnan(found):
        return True
    if abs(Fraction(exact)) >= 2**1024 - 2**970:
        return found != math.copysign(math.inf, 1 if exact > 0 else -1)
    allowed = ulps * max(abs(Fraction(exact)) * Fraction(2) ** -52, Fraction(SMALLEST))
    return math.isinf(found) or abs(Fraction(found) - Fraction(exact)) > allowed


def numbers(*sizes: int) -> Any:
    """Draw lists of these sizes."""
    return st.tuples(*(st.lists(EVERY, min_size=n, max_size=n) for n in sizes))


def exp(value: Any) -> Decimal:
    """Raise e to a power, with sixty digits."""
    with localcontext(prec=60, Emin=-(10**9), Emax=10**9):
        return Decimal(value).exp()


def sigma(value: float) -> Fraction:
    """Compute a sigmoid with sixty digits."""
    if abs(value) > 2000:
        return Fraction(1) if value > 0 else Fraction(0)
    power = Fraction(exp(-abs(value)))
    return 1 / (1 + power) if value > 0 else power / (1 + power)


def softened(row: list[float]) -> list[Fraction]:
    """Compute a softmax with sixty digits."""
    highest = max(map(Fraction, row))
    shifts = [max(Fraction(x) - highest, Fraction(-2000)) for x in row]
    powers = [
        Fraction(exp(Decimal(x.numerator) / Decimal(x.denominator))) for x in shifts
    ]
    return [power / sum(powers) for power in powers]


def log1p(value: Fraction) -> Fraction:
    """Compute ln(1 + x) with sixty digits, also of a small x."""
    with localcontext(prec=400, Emin=-(10**9), Emax=10**9):
        one_more = 1 + Decimal(value.numerator) / Decimal(value.denominator)
        if abs(value) < Fraction(1, 10**150):
            return value
        return Fraction(one_more.ln())


@pytest.fixture(autouse=True)
def _strict() -> Any:
    """Whoever has NumPy raise for every float that leaves its range may go on."""
    with np.errstate(all="raise"):
        yield


class TestRational:
    """Sums, products and quotients, rounded a few times."""

    @given(numbers(3, 3))
    def test_squared_error(self, drawn: Any) -> None:
        """Each error is squared, as an array and as numbers."""
        y, t = drawn
        found = losses.squared_error(y, t)
        slopes = losses.squared_error_slope(y, t)
        for i in range(3):
            error = Fraction(y[i]) - Fraction(t[i])
            assert not off(found[i], error**2, ulps=3)
            assert not off(slopes[i], 2 * error, ulps=1)
            assert not off(losses.squared_error(y[i], t[i]), error**2, ulps=3)
            assert losses.squared_error_slope(y[i], t[i]) == slopes[i]

    @given(numbers(3, 3))
    def test_mean_squared_error(self, drawn: Any) -> None:
        """A mean is no larger than the largest, whatever the sum."""
        y, t = drawn
        errors = [Fraction(a) - Fraction(b) for a, b in zip(y, t, strict=True)]
        exact = sum(error**2 for error in errors) / Fraction(3)
        assert not off(losses.mean_squared_error(y, t), exact, ulps=5)
        slopes = losses.mean_squared_error_slope(y, t)
        for slope, error in zip(slopes, errors, strict=True):
            assert not off(slope, 2 * error / 3, ulps=2)

    def test_mean_of_a_sum_beyond_the_floats(self) -> None:
        """A hundred squares of 1e155 among ten thousand zeros are 1e308 on average."""
        y = np.zeros(10_000)
        y[:100] = 1e155
        assert not off(
            losses.mean_squared_error(y, 0 * y), Fraction(1e155) ** 2 / 100, ulps=1
        )
        narrow = np.full(4, 1e30, dtype=np.float32)
        loss = losses.mean_squared_error(narrow, 0 * narrow)
        assert not off(loss, Fraction(float(narrow[0])) ** 2, ulps=1)

    def test_sum_of_squares_below_the_floats(self) -> None:
        """A thousand squares of 1e-163 are no float each, and one together."""
        y = np.full((1, 1000), 1e-163)
        exact = 1000 * Fraction(1e-163) ** 2
        assert not off(losses.mean_squared_error(y, 0 * y), exact, ulps=1)

    @given(numbers(3))
    def test_weight_slope(self, drawn: Any) -> None:
        """Three factors, whatever the product of two."""
        ((x, first, second),) = drawn
        exact = Fraction(x) * Fraction(first) * Fraction(second)
        assert not off(gradients.weight_slope(x, first, second), exact, ulps=3)
        (found,) = gradients.weight_slope([x], first, second)
        assert not off(found, exact, ulps=3)

    @given(numbers(4, 2, 2))
    def test_linear(self, drawn: Any) -> None:
        """Right to the roundings of the largest product that is added."""
        x, w, t = drawn
        rows = [[Fraction(a) for a in x[:2]], [Fraction(a) for a in x[2:]]]
        parts = [
            [row[0] * Fraction(w[0]), row[1] * Fraction(w[1]), -Fraction(b)]
            for row, b in zip(rows, t, strict=True)
        ]
        found = gradients.linear_gradient(np.reshape(x, (2, 2)), w, t)
        bent = gradients.linear_curvature(np.reshape(x, (2, 2)))
        for j in range(2):
            exact = sum(row[j] * sum(p) for row, p in zip(rows, parts, strict=True))
            sizes = sum(
                abs(row[j] * part)
                for row, p in zip(rows, parts, strict=True)
                for part in p
            )
            if sizes < 2**1023:
                spread = abs(Fraction(float(found[j])) - exact)
                assert spread <= 6 * max(sizes / 2**52, Fraction(SMALLEST))
            else:
                assert not math.isnan(found[j])
            exact = sum(row[j] ** 2 for row in rows)
            assert not off(bent[j, j], exact, ulps=4)

    @given(numbers(3, 3))
    def test_best_line(self, drawn: Any) -> None:
        """It is rounded once, however close or far the points are."""
        x, y = drawn
        if len(set(x)) == 1:
            return
        xs, ys = list(map(Fraction, x)), list(map(Fraction, y))
        mean_x, mean_y = sum(xs) / 3, sum(ys) / 3
        slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(xs, ys, strict=True))
        slope /= sum((a - mean_x) ** 2 for a in xs)
        found = gradients.best_line(x, y)
        assert not off(found[0], slope, ulps=1)
        assert not off(found[1], mean_y - slope * mean_x, ulps=1)

    @given(CHANCES, st.floats(0, 1))
    def test_slopes_of_chances(self, p: float, t: float) -> None:
        """A slope is a float where the quotient shared by the samples is one."""
        y, z = Fraction(p), Fraction(t)
        exact = (y - z) / (y * (1 - y)) / 4
        (found, *_) = losses.binary_cross_entropy_slope([p] * 4, [t] * 4)
        assert not off(found, exact, ulps=4)
        rows, targets = [[p, 1 - p]] * 4, [[1.0, 0.0]] * 4
        found = losses.cross_entropy_slope(rows, targets)[0, 0]
        assert not off(found, -1 / y / 4, ulps=2)

    @given(EVERY, st.floats(0, 0.99))
    def test_relus(self, z: float, leak: float) -> None:
        """What leaks is rounded once, what passes never."""
        exact = Fraction(z) if z > 0 else Fraction(leak) * Fraction(z)
        for value in (z, [z]):
            (found,) = np.ravel(activations.leaky_relu(value, negative_slope=leak))
            assert not off(float(found), exact, ulps=0.5 if z <= 0 else 0)
            slope = activations.leaky_relu_slope(value, negative_slope=leak)
            assert np.ravel(slope).tolist() == [1.0 if z > 0 else leak]
            (found,) = np.ravel(activations.relu(value))
            assert found == max(z, 0)


class TestIrrational:
    """Powers and logarithms, against sixty digits."""

    @given(EVERY)
    @example(z=40.0)
    def test_sigmoid_and_tanh(self, z: float) -> None:
        """Both sides keep their digits, however small the slope."""
        yes, no = sigma(z), sigma(-z)
        for value in (z, [z]):
            for function, exact in (
                (activations.sigmoid, yes),
                (activations.sigmoid_slope, yes * no),
                (activations.tanh_slope, 4 * sigma(2 * z) * sigma(-2 * z))
                if abs(z) < 1e300
                else (activations.tanh_slope, Fraction(0)),
            ):
                (found,) = np.ravel(function(value))
                assert not off(float(found), exact, ulps=8)

    @given(st.lists(EVERY, min_size=2, max_size=4))
    @example(row=[40.0, 0.0])
    def test_softmax(self, row: list[float]) -> None:
        """Each share is right to the rounding of its distance from the highest."""
        exact = softened(row)
        ulps = 8 + min(max(map(Fraction, row)) - min(map(Fraction, row)), 800)
        shares, slopes = activations.softmax(row), activations.softmax_slope(row)
        for k, share in enumerate(exact):
            assert not off(shares[k], share, ulps=float(ulps))
            for j, other in enumerate(exact):
                rest = sum(exact[:k] + exact[k + 1 :])
                slope = share * rest if j == k else -share * other
                assert not off(slopes[k, j], slope, ulps=2 * float(ulps))

    @given(CHANCES, st.sampled_from([0.0, 1e-300, 0.25, 0.5, 1.0]))
    @example(p=1e-20, t=0.0)
    def test_surprise(self, p: float, t: float) -> None:
        """A small surprise keeps its digits: ln(1 − p) of a small p."""
        yes = -log1p(Fraction(p) - 1) if p < 1 else Fraction(0)
        no = -log1p(-Fraction(p))
        exact = Fraction(t) * yes + (1 - Fraction(t)) * no
        assert not off(losses.binary_cross_entropy([p], [t]), exact, ulps=6)

    @given(EVERY, st.sampled_from([0.0, 1e-300, 0.25, 0.5, 1 - 2.0**-53, 1.0]))
    @example(z=20.0, t=1.0)
    def test_scores_of_yes_and_no(self, z: float, t: float) -> None:
        """Loss and slope keep their digits where the score is right by far."""
        small = Fraction(exp(-abs(z))) if abs(z) < 2000 else Fraction(0)
        missed = abs(Fraction(z)) * (1 - Fraction(t) if z > 0 else Fraction(t))
        exact = missed + log1p(small)
        assert not off(losses.sigmoid_cross_entropy([z] * 3, [t] * 3), exact, ulps=6)
        (slope,) = losses.sigmoid_cross_entropy_slope([z], [t])
        part = sigma(-abs(z))
        exact = 1 - Fraction(t) - part if z > 0 else part - Fraction(t)
        size = max(abs(exact), part) if exact else part
        assert abs(Fraction(float(slope)) - exact) <= 6 * size / 2**52 + Fraction(
            SMALLEST
        )

    @given(st.lists(EVERY, min_size=3, max_size=3), st.sampled_from([0, 1, 2]))
    @example(row=[40.0, 0.0, 0.0], true=0)
    def test_scores_of_classes(self, row: list[float], true: int) -> None:
        """Loss and slope keep their digits where the score is right by far."""
        target = [float(k == true) for k in range(3)]
        exact = softened(row)
        distances = [max(map(Fraction, row)) - Fraction(x) for x in row]
        ulps = 8 + float(min(max(distances), 800))
        others = sum(exact) - max(exact)
        loss = distances[true] + log1p(others / max(exact))
        found = losses.softmax_cross_entropy([row] * 2, [target] * 2)
        assert not off(found, loss, ulps=ulps)
        (slopes,) = losses.softmax_cross_entropy_slope([row], [target])
        for k in range(3):
            rest = sum(exact[:k] + exact[k + 1 :])
            slope = -rest if k == true else exact[k]
            assert not off(slopes[k], slope, ulps=ulps)

    def test_soft_targets_far_away(self) -> None:
        """A tenth of a distance that no float holds is one."""
        found = losses.softmax_cross_entropy([[1e308, -1e308]], [[0.9, 0.1]])
        assert not off(found, Fraction(0.1) * 2 * Fraction(1e308), ulps=1)


class TestInRange:
    """In floats, and once more in fractions where that leaves their range."""

    @pytest.mark.parametrize(
        "dtype", [np.float16, np.float32, np.float64, np.longdouble]
    )
    def test_width(self, dtype: Any) -> None:
        """The result has the width of what was given."""
        most = np.finfo(dtype).max
        found = in_range(lambda x: x + x - x, np.array([most, dtype(1)]))
        assert found.dtype == dtype
        assert found[0] == (most if dtype is not np.longdouble else math.inf)
        assert found[1] == 1

    def test_exactly_once_rounded(self) -> None:
        """A third is rounded once, and of fractions never."""
        assert exactly(lambda x: (x / 3).sum(), np.array([1.0, 2.0])) == 1.0
        third = np.array([Fraction(1, 3)], dtype=object)
        assert exactly(lambda x: x.sum(), third) == Fraction(1, 3)


def twin_of_softmax(values: Any) -> Any:
    """Divide powers by their sum, without a shift."""
    powers = np.exp(np.asarray(values, dtype=float))
    return powers / powers.sum(axis=-1, keepdims=True)


def scores(logits: Any, targets: Any) -> tuple[Any, Any]:
    """Make arrays of floats."""
    return np.asarray(logits, dtype=float), np.asarray(targets, dtype=float)


def twin_of_softmax_loss(logits: Any, targets: Any) -> float:
    """Take the logarithm of a sum that is nearly 1."""
    z, t = scores(logits, targets)
    z = z - z.max(axis=1, keepdims=True)
    return float((np.log(np.exp(z).sum(axis=1)) - (t * z).sum(axis=1)).mean())


def twin_of_sigmoid_loss(logits: Any, targets: Any) -> float:
    """Take the logarithm of what is nearly 1."""
    z, t = scores(logits, targets)
    return float((np.maximum(z, 0) - t * z + np.log(1 + np.exp(-abs(z)))).mean())


def twin_of_binary(predictions: Any, targets: Any) -> float:
    """Take the logarithm of a difference from 1."""
    y, t = scores(predictions, targets)
    return float(-(t * np.log(y) + (1 - t) * np.log(1 - y)).mean())


def twin_of_mean_square(predictions: Any, targets: Any) -> float:
    """Add the squares, whatever their size."""
    y, t = scores(predictions, targets)
    return float(((y - t) ** 2).sum() / len(y))


def twin_of_best_line(inputs: Any, targets: Any) -> tuple[float, float]:
    """Subtract the square of the mean from the mean of the squares."""
    x, y = scores(inputs, targets)
    n = len(x)
    slope = (n * (x * y).sum() - x.sum() * y.sum()) / (n * (x**2).sum() - x.sum() ** 2)
    return float(slope), float(y.mean() - slope * x.mean())


def sigmoid(values: Any) -> Any:
    """Compute it as the equation stands."""
    return 1 / (1 + np.exp(-np.asarray(values, dtype=float)))


TWINS: list[tuple[Any, str, Callable[..., Any], Callable[[], None]]] = [
    (
        activations,
        "sigmoid_slope",
        lambda z: sigmoid(z) * (1 - sigmoid(z)),
        TestIrrational.test_sigmoid_and_tanh,
    ),
    (
        activations,
        "tanh_slope",
        lambda z: 1 - np.tanh(z) ** 2,
        TestIrrational.test_sigmoid_and_tanh,
    ),
    (activations, "softmax", twin_of_softmax, TestIrrational.test_softmax),
    (
        activations,
        "softmax_slope",
        lambda z: (
            np.diag(activations.softmax(z))
            - np.outer(activations.softmax(z), activations.softmax(z))
        ),
        TestIrrational.test_softmax,
    ),
    (losses, "binary_cross_entropy", twin_of_binary, TestIrrational.test_surprise),
    (
        losses,
        "sigmoid_cross_entropy",
        twin_of_sigmoid_loss,
        TestIrrational.test_scores_of_yes_and_no,
    ),
    (
        losses,
        "sigmoid_cross_entropy_slope",
        lambda z, t: (activations.sigmoid(z) - np.asarray(t)) / len(z),
        TestIrrational.test_scores_of_yes_and_no,
    ),
    (
        losses,
        "softmax_cross_entropy",
        twin_of_softmax_loss,
        TestIrrational.test_scores_of_classes,
    ),
    (
        losses,
        "softmax_cross_entropy_slope",
        lambda z, t: (activations.softmax(z) - np.asarray(t)) / len(z),
        TestIrrational.test_scores_of_classes,
    ),
    (
        losses,
        "mean_squared_error",
        twin_of_mean_square,
        TestRational.test_mean_of_a_sum_beyond_the_floats,
    ),
    (gradients, "best_line", twin_of_best_line, TestRational.test_best_line),
    (
        gradients,
        "weight_slope",
        lambda x, a, b: a * b * np.asarray(x),
        TestRational.test_weight_slope,
    ),
]


@pytest.mark.parametrize(
    ("module", "name", "twin", "test"), TWINS, ids=[twin[1] for twin in TWINS]
)
def test_twins(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, twin: Any, test: Any
) -> None:
    """The formula that loses digits fails where the sturdy one passes."""

    def careless(*arguments: Any, **named: Any) -> Any:
        with np.errstate(all="ignore"):
            return twin(*arguments, **named)

    monkeypatch.setattr(module, name, careless)
    # The numbers that kill it come first or late, but they come.
    with np.errstate(all="ignore"), pytest.raises((AssertionError, ExceptionGroup)):
        test(None)
