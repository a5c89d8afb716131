"""What the glossary says of its terms, beyond one example each."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from near import near

from gdbook.activations import RELU, sigmoid, softmax, tanh
from gdbook.callbacks import Callback, Decision, Run
from gdbook.examples.momentum import critical_damping
from gdbook.fitting import fit
from gdbook.gradients import (
    central_difference,
    curvatures,
    linear_curvature,
    linear_gradient,
)
from gdbook.losses import MEAN_SQUARED_ERROR, mean_squared_error
from gdbook.network import BatchNorm, Dense, Dropout, backward, forward_pass
from gdbook.optimizers import AdaGrad, Adam, AdamW, GradientDescent, RMSProp
from gdbook.packing import flatten, unflatten
from gdbook.splits import accuracy, folds

FLOATS = st.floats(-300, 300)
SEEDS = st.integers(0, 50)


@pytest.mark.claims(
    "Walking back through a network from the loss, so that one pass finds the slope "
    "along every weight."
)
@given(seed=SEEDS)
def test_one_pass_finds_every_slope(seed: int) -> None:
    """Each is the central difference along its weight."""
    rng = np.random.default_rng(seed)
    layers = [
        Dense(rng.normal(size=(2, 3)), rng.normal(size=3)),
        Dense(rng.normal(size=(3, 1)), rng.normal(size=1)),
    ]
    inputs, targets = rng.normal(size=(4, 2)), rng.normal(size=(4, 1))
    passed = forward_pass(layers, inputs)
    slope = MEAN_SQUARED_ERROR.slope(passed.values[-1], targets)
    found = backward(layers, passed, slope).gradient

    def loss(params: Any) -> Any:
        values = forward_pass(unflatten(layers, params), inputs).values
        return mean_squared_error(values[-1], targets)

    params = flatten(layers)
    assert found.shape == params.shape
    measured = central_difference(loss, params, 1e-4)
    assert found == near(measured, rel=1e-6, abs=1e-6)


@pytest.mark.claims(
    "The slope of a curve at each point that has one, as a rule: $2x$ for $x^2$; "
    "written $f'(x)$ or $dL/dw$."
)
@given(
    x=st.fractions(-9, 9, max_denominator=9),
    h=st.fractions("1/9", 2, max_denominator=9),
)
def test_derivative_of_a_square(x: Fraction, h: Fraction) -> None:
    """The central difference of x² is 2x at every distance."""
    assert central_difference(lambda at: at**2, x, h) == 2 * x


@pytest.mark.claims(
    "The error without its sign; the mean absolute error is the mean of these over all "
    "samples.",
    "A number that is reported beside the loss, for people; nothing descends on it.",
    "What is told of a training run after every epoch, and may stop it, change its "
    "rate, or choose its weights.",
    "A held-out sample that is asked once, after every choice has been made.",
    "A sample kept aside: no step learns from it, and the network is scored on it.",
)
@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_told_of_a_run(seed: int) -> None:
    """No metric and no held-out sample moves a weight; a callback hears every epoch."""
    rng = np.random.default_rng(seed)
    inputs, targets = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
    layers = (Dense(rng.normal(size=(2, 1)), np.zeros(1)),)
    heard = []

    @dataclass(frozen=True)
    class Hearing(Callback):
        def after_epoch(self, run: Run, state: Any) -> tuple[Decision, Any]:
            heard.append(run)
            return super().after_epoch(run, state)

    def absolute_error(says: Any, wanted: Any) -> float:
        return float(np.mean(np.abs(says - wanted)))

    def run(**also: Any) -> Any:
        return fit(
            layers,
            inputs,
            targets,
            loss=MEAN_SQUARED_ERROR,
            rule=GradientDescent(0.1),
            num_epochs=4,
            batch_size=2,
            generator=np.random.default_rng(seed),
            progress=False,
            **also,
        )

    plain = run()
    other = rng.normal(size=(3, 2)), rng.normal(size=(3, 1))
    told = run(
        metrics={"absolute": absolute_error},
        validation=other,
        callbacks=[Hearing()],
    )
    assert np.array_equal(flatten(told.layers), flatten(plain.layers))
    says = forward_pass(told.layers, inputs).values[-1]
    assert told.values("absolute")[-1] == near(absolute_error(says, targets))
    assert len(heard) == 4


@pytest.mark.claims("The accuracy of always answering the most common class.")
@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_base_rate_is_the_best_of_one_answer(labels: list[int]) -> None:
    """No other single answer is right more often."""
    targets = np.eye(4)[labels]
    scores = [
        accuracy(np.tile(np.eye(4)[answer], (len(labels), 1)), targets)
        for answer in range(4)
    ]
    common = max(range(4), key=labels.count)
    assert scores[common] == max(scores) == near(labels.count(common) / len(labels))


@pytest.mark.claims(
    "Bringing each number that a layer passes on to the mean zero and the variance one "
    "within a batch, and giving it a learned scale and shift; when predicting, with a "
    "fading mean of the batches' means and variances instead of the batch's own."
)
@given(seed=SEEDS)
def test_batch_normalisation(seed: int) -> None:
    """In training mean and variance are the shift and the squared scale."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(3, 5, size=(8, 2))
    layer = BatchNorm([2.0, 0.5], [1.0, -1.0], [0.0, 4.0], [1.0, 9.0], epsilon=1e-12)
    values = forward_pass([layer], inputs, training=True, generator=rng).values[-1]
    assert values.mean(axis=0) == near((1, -1), rel=1e-9)
    assert values.var(axis=0) == near((4, 0.25), rel=1e-9)
    told = forward_pass([layer], inputs).values[-1]
    expected = (inputs - [0, 4]) / [1, 3] * [2, 0.5] + [1, -1]
    assert told == near(expected, rel=1e-9, abs=1e-9)


@pytest.mark.claims(
    "NumPy's way with arrays of different shapes: along an axis where one of them has "
    "the length one, or has no axis, it is repeated until the shapes agree."
)
@pytest.mark.parametrize(
    ("one", "other"), [((3, 1), (4,)), ((2, 1, 3), (5, 1)), ((), (2, 3)), ((1,), (3,))]
)
def test_broadcasting(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    """Where lengths differ one of them is one, and both arrays may be repeated."""
    shape = (np.zeros(one) + np.zeros(other)).shape
    pairs = zip(
        shape,
        (1,) * (len(shape) - len(one)) + one,
        (1,) * (len(shape) - len(other)) + other,
        strict=True,
    )
    assert all({a, b} <= {1, length} for length, a, b in pairs)
    with pytest.raises(ValueError, match="broadcast"):
        np.zeros(2) + np.zeros(3)


@pytest.mark.claims(
    "For a given rate and curvature the momentum at which a distance neither creeps "
    "nor swings, and settles fastest."
)
@pytest.mark.parametrize("product", [2, 5, 10])
def test_critical_momentum_settles_fastest(product: int) -> None:
    """The greater of the two factors is least there: on both sides it is greater."""
    root = Fraction(1, product)
    critical = (1 - root) ** 2
    (run,) = critical_damping((critical,), learning_rate=root**2, num_steps=1)
    assert run.regime == "critical"

    def factor(momentum: Fraction) -> Any:
        away = critical_damping((momentum,), learning_rate=root**2, num_steps=1)
        return away[0].factor

    least = factor(critical)
    for away in (Fraction(1, 1000), Fraction(1, 30)):
        assert factor(critical + away) > least
        assert factor(critical - away) > least


@pytest.mark.claims(
    "A node along whose weights and bias every slope is zero, so that a step of plain "
    "descent leaves them as they are."
)
def test_dead_node_stays_and_velocity_moves_it() -> None:
    """Zero slopes give zero updates; a weight decay would still move the weights."""
    layers = [Dense([[1.0]], [-9.0], RELU)]
    passed = forward_pass(layers, [[1.0], [2.0]])
    gradient = backward(layers, passed, [[1.0], [1.0]]).gradient
    assert gradient.tolist() == [0, 0]
    params = flatten(layers)
    plain, decaying = GradientDescent(0.1), AdamW(0.1, weight_decay=0.1)
    assert plain.update(gradient, plain.init(params))[0].tolist() == [0, 0]
    update, _ = decaying.update(gradient, decaying.init(params))
    assert update.tolist() != [0, 0]


@pytest.mark.claims(
    "Setting numbers that pass between layers to zero at random in every training "
    "step, and scaling up those that stay."
)
@pytest.mark.parametrize("rate", [0.25, 0.5])
def test_dropout(rate: float) -> None:
    """What stays is divided by the share that stays, and only in training."""
    inputs = np.ones((50, 4))
    rng = np.random.default_rng(seed=0)
    layers = [Dropout(rate)]
    values = forward_pass(layers, inputs, training=True, generator=rng).values[-1]
    assert set(values.ravel().tolist()) == {0.0, 1 / (1 - rate)}
    assert forward_pass(layers, inputs).values[-1].tolist() == inputs.tolist()


@pytest.mark.claims(
    "One of the parts, as equal as can be, into which the samples are dealt; each is "
    "held out once."
)
@given(n_samples=st.integers(2, 40), data=st.data())
def test_folds(n_samples: int, data: st.DataObject) -> None:
    """Sizes differ by one at most, and together the parts are all samples."""
    count = data.draw(st.integers(2, n_samples))
    parts = [split.held_out for split in folds(n_samples, count)]
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(i for part in parts for i in part) == list(range(n_samples))


@pytest.mark.claims(
    "Dealt class by class, so that every part has the same share of each class, as "
    "nearly as their numbers allow."
)
@given(labels=st.lists(st.integers(0, 1), min_size=4, max_size=30))
def test_stratified(labels: list[int]) -> None:
    """Of a class that is there twice or more, parts differ by one sample at most."""
    counts = [labels.count(0), labels.count(1)]
    if min(counts) < 2:
        return
    parts = [split.held_out for split in folds(len(labels), 2, labels=labels)]
    for each in (0, 1):
        sizes = [sum(labels[i] == each for i in part) for part in parts]
        assert max(sizes) - min(sizes) <= 1


@pytest.mark.claims(
    "The mean of the squared errors of all samples; where a sample has several "
    "outputs, their squared errors are added up first."
)
@given(rows=st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=5))
def test_mean_over_samples(rows: list[tuple[float, float]]) -> None:
    """The outputs are added up and the samples averaged."""
    sums = [a**2 + b**2 for a, b in rows]
    found = mean_squared_error(np.array(rows), np.zeros((len(rows), 2)))
    assert found == near(sum(sums) / len(rows), rel=1e-12, abs=1e-300)


@pytest.mark.claims("The activation that squeezes every value between zero and one.")
@pytest.mark.claims(
    "The hyperbolic tangent, an activation that squeezes every value between minus one "
    "and one."
)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_squeezed(value: float) -> None:
    """The ends are reached by rounding alone, beyond 36 and 19."""
    assert 0 <= sigmoid(value) <= 1
    assert -1 <= tanh(value) <= 1
    if abs(value) < 18:
        assert 0 < sigmoid(value) < 1
        assert -1 < tanh(value) < 1


@pytest.mark.claims(
    "The activation that turns the scores of all classes into positive shares that add "
    "up to one."
)
@given(scores=st.lists(FLOATS, min_size=1, max_size=6))
def test_shares_of_all_classes(scores: list[float]) -> None:
    """They are positive where they do not underflow, and their sum is one."""
    shares = softmax(scores)
    assert shares.sum() == near(1)
    assert (shares > 0).all()


@pytest.mark.claims("A pull of every weight towards zero, in proportion to the weight.")
@given(weight=st.floats(-100, 100), decay=st.sampled_from((0.01, 0.5)))
def test_weight_decay(weight: float, decay: float) -> None:
    """Without a slope a step takes the same share of whatever weight there is."""
    rule = AdamW(0.1, weight_decay=decay)
    params = np.array([weight])
    update, _ = rule.update(np.zeros(1), rule.init(params))
    assert update == near(np.array([-0.1 * decay * weight]), rel=1e-12)


@pytest.mark.claims(
    "Taking the mean from an input and dividing by the standard deviation, so that its "
    "mean is zero and its deviation one."
)
@given(values=st.lists(st.integers(-99, 99), min_size=2, max_size=9, unique=True))
def test_standardised(values: list[int]) -> None:
    """Two different values are enough."""
    numbers = np.array(values, dtype=float)
    scaled = (numbers - numbers.mean()) / numbers.std()
    assert scaled.mean() == near(0, abs=1e-14)
    assert scaled.std() == near(1)


@pytest.mark.claims(
    "A descent that jumps from side to side across a valley, because the factor across "
    "it is negative."
)
@pytest.mark.parametrize(("share", "jumps"), [(Fraction(3, 2), True), (1, False)])
def test_zig_zag(share: Fraction, *, jumps: bool) -> None:
    """Between one and two over the greatest curvature the sides alternate."""
    inputs = ((Fraction(2), 0), (0, Fraction(1)))
    curvature = linear_curvature(inputs)
    greatest = max(curvature[0][0], curvature[1][1])
    weights = np.array([Fraction(1), Fraction(1)], dtype=object)
    sides = []
    for _ in range(4):
        sides.append(weights[0])
        gradient = linear_gradient(inputs, weights, (0, 0))
        weights = weights - share / greatest * gradient
    across = [a * b < 0 for a, b in itertools.pairwise(sides)]
    assert across == [jumps] * 3


SLOPES = st.lists(st.floats(0.1, 10) | st.floats(-10, -0.1), min_size=1, max_size=5)


@pytest.mark.claims(
    "A rule that divides each slope by the root of the sum of its squares so far.",
    "A rule that divides each slope by the root of a fading mean of its squares.",
    "A rule that divides a fading mean of each slope by the root of a fading mean of "
    "its squares.",
)
@given(slopes=SLOPES)
def test_adaptive_rules(slopes: list[float]) -> None:
    """The last update of each rule, at rate 1, from all slopes at once."""
    squares = np.square(slopes)
    ages = np.arange(len(slopes))[::-1]
    fading = (squares * 0.1 * 0.9**ages).sum()
    mean = (np.array(slopes) * 0.2 * 0.8**ages).sum() / (1 - 0.8 ** len(slopes))
    for rule, expected in (
        (AdaGrad(1.0, epsilon=0), slopes[-1] / squares.sum() ** 0.5),
        (RMSProp(1.0, decay=0.9, epsilon=0), slopes[-1] / fading**0.5),
        (
            Adam(1.0, beta1=0.8, beta2=0.9, epsilon=0),
            mean / (fading / (1 - 0.9 ** len(slopes))) ** 0.5,
        ),
    ):
        state, update = rule.init(0.0), 0.0
        for slope in slopes:
            update, state = rule.update(slope, state)
        assert update == near(-expected, rel=1e-9, abs=1e-12)


@pytest.mark.claims(
    "A step that moves a weight by the rate, whatever the size of the slope, unless "
    "that is zero."
)
@given(slope=st.floats(1e-200, 1e200), sign=st.sampled_from((-1, 1)))
def test_sign_step(slope: float, sign: int) -> None:
    """The first step of Adam is one, and that of AdaGrad."""
    for rule in (Adam(0.5, epsilon=0), AdaGrad(0.5, epsilon=0)):
        update, _ = rule.update(sign * slope, rule.init(0.0))
        assert update == near(-0.5 * sign)
        assert rule.update(0.0, rule.init(0.0))[0] == 0


@pytest.mark.claims(
    "A flat place that is lower than what is near it; it need not be the lowest of all."
)
def test_minimum_that_is_not_the_lowest() -> None:
    """The right hollow of (x² − 1)² + x/5 is a minimum, and the left one is lower."""

    def loss(x: Any) -> Any:
        return (x**2 - 1) ** 2 + x / 5

    left, _, right = np.sort(np.roots([4, 0, -4, 0.2]).real)
    assert all(loss(right) < loss(right + away) for away in (-0.1, 0.1))
    assert loss(left) < loss(right)


@pytest.mark.claims(
    "The ratio of the greatest to the least curvature of a loss around its minimum, "
    "which says how narrow the valley is there."
)
@given(narrow=st.integers(1, 50))
def test_condition_number_is_the_ratio_of_widths_squared(narrow: int) -> None:
    """At one height the valley is √κ times as long as it is wide."""
    across, along = curvatures([[narrow, 0.0], [0.0, 1.0]])[::-1]
    widths = [(2 / curvature) ** 0.5 for curvature in (along, across)]
    assert (widths[0] / widths[1]) ** 2 == near(across / along)
    assert across / along == near(narrow**2)


@pytest.mark.claims("A node whose sum is above zero for no sample.")
@given(bias=st.floats(-20, 20))
def test_silent_node(bias: float) -> None:
    """Behind a ReLU such a node passes on zero for every sample."""
    inputs = np.array([[1.0], [2.0], [-3.0]])
    silent = bool((inputs + bias <= 0).all())
    passed = forward_pass([Dense([[1.0]], [bias], RELU)], inputs).values[-1]
    assert silent == (not passed.any())
