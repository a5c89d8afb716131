"""The worked examples of the chapter on vanishing gradients."""

import math
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain
from tqdm import tqdm

from gdbook import fitting
from gdbook.activations import RELU, SIGMOID, TANH, leaky
from gdbook.datasets import digits
from gdbook.descent import FLAT, OUT_OF_STEPS
from gdbook.examples.vanishing_gradients import (
    Chain,
    DeadNode,
    DeadShares,
    LayerSlopes,
    NeuronStarts,
    Remedies,
    _dead,
    _silent,
    chain,
    dead_node,
    dead_shares,
    layer_slopes,
    remedies,
    saturated_neuron,
    with_cross_entropy,
)
from gdbook.fitting import fit
from gdbook.initialisation import glorot, he, normal
from gdbook.losses import SOFTMAX_CROSS_ENTROPY
from gdbook.network import Dense, dense_network, forward
from gdbook.optimizers import GradientDescent

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("0.82", "0.98", "0.09", "0.20", "0.012", "0.25", "1048576", "5/2", "−1/2"),
    *("−3/2", "(0, 0)", "2.303", "57.7", "1.5"),
)

data = cache(digits)
book_starts = cache(saturated_neuron)
book_surprise = cache(with_cross_entropy)
book_remedies = cache(remedies)
book_slopes = cache(layer_slopes)
book_shares = cache(dead_shares)


def squash(z: float) -> float:
    """Give the sigmoid, by its definition."""
    return 1 / (1 + math.exp(-z))


def walk(
    start: tuple[float, float], num_steps: int, *, flattened: bool
) -> tuple[list[float], list[float]]:
    """Train the node by hand: its sums, and half its squared errors.

    Input 1 and target 0, rate 0.15. The error is the prediction p itself; half the
    squared error multiplies it by the sigmoid's slope p(1 − p).
    """
    weight, bias = start
    sums = [weight + bias]
    for _ in range(num_steps):
        p = squash(weight + bias)
        slope = p * p * (1 - p) if flattened else p
        weight, bias = weight - 0.15 * slope, bias - 0.15 * slope
        sums.append(weight + bias)
    return sums, [squash(z) ** 2 / 2 for z in sums]


class TestOneSaturatedNode:
    """The first start goes from 0.82 to 0.09, the second from 0.98 to 0.20."""

    def test_four_numbers(self) -> None:
        """They are those of Nielsen's third chapter."""
        runs = book_starts()
        assert isinstance(runs, NeuronStarts)
        assert [f"{p:.2f}" for p in runs.first_predictions] == ["0.82", "0.98"]
        assert [f"{p:.2f}" for p in runs.last_predictions] == ["0.09", "0.20"]
        assert runs.starts == ((0.6, 0.9), (2, 2))
        assert [len(own) for own in runs.predictions] == [301, 301]

    def test_every_number_of_the_book(self) -> None:
        """Each step is the one worked by hand."""
        runs = book_starts()
        assert runs.sums == (1.5, 4)
        # e⁻ᶻ/(1 + e⁻ᶻ)², and that times the prediction.
        slopes = [math.exp(-z) / (1 + math.exp(-z)) ** 2 for z in (1.5, 4)]
        assert runs.activation_slopes == near(slopes, rel=1e-14)
        along = [squash(z) * s for z, s in zip((1.5, 4), slopes, strict=True)]
        assert runs.sum_slopes == near(along, rel=1e-13)
        for index, start in enumerate(((0.6, 0.9), (2.0, 2.0))):
            sums, losses = walk(start, 300, flattened=True)
            predictions = [squash(z) for z in sums]
            # Three hundred steps, each with some roundings.
            assert runs.predictions[index] == near(predictions)
            assert runs.losses[index] == near(losses)
            assert runs.first_predictions[index] == runs.predictions[index][0]
            assert runs.last_predictions[index] == runs.predictions[index][-1]

    def test_the_wait_grows_like_a_power(self) -> None:
        """Far out the wait is eᶻ over twice the rate, and a little more."""
        # dz/dt = −2·0.15·p²(1 − p) with p = 1/(1 + e⁻ᶻ), so that dt = −dz/0.3 times
        # (1 + e⁻ᶻ)³/e⁻ᶻ = eᶻ + 3 + 3e⁻ᶻ + e⁻²ᶻ, from z down to 0.
        starts = [(1, 1), (1.5, 1.5), (2, 2)]
        runs = saturated_neuron(starts, num_steps=240)
        waits = [next(t for t, p in enumerate(r) if p < 0.5) for r in runs.predictions]
        for z, wait in zip((2, 3, 4), waits, strict=True):
            area = math.exp(z) + 3 * z - 3 * math.exp(-z) - math.exp(-2 * z) / 2 + 2.5
            assert wait == near(area / 0.3, rel=0.02, abs=1)  # steps, no flow
        assert waits[1] > 2 * waits[0]
        assert waits[2] > 2 * waits[1]

    def test_other_numbers_give_other_results(self) -> None:
        """Input 2, target 1 and the rate 1, by hand."""
        # z = 0, p = 1/2, error −1/2, slope along z −1/8, along w −1/4: z = 5/8 next.
        runs = saturated_neuron([(0, 0)], 2, 1, learning_rate=1, num_steps=1)
        assert runs.sums == (0,)
        assert runs.activation_slopes == (0.25,)
        assert runs.sum_slopes == (-0.125,)
        assert runs.losses[0][0] == 0.125
        assert runs.predictions[0] == near((0.5, squash(0.625)), rel=1e-15)
        assert runs.losses[0][1] == near(squash(-0.625) ** 2 / 2, rel=1e-14)

    def test_its_numbers_are_plain(self) -> None:
        """Arrays and fractions go in, Python's numbers come out."""
        starts = np.array([[0.5, 0.0]])
        runs = saturated_neuron(starts, np.float64(1), num_steps=1)
        assert_plain(runs)
        assert starts.tolist() == [[0.5, 0]]
        exact = saturated_neuron([(Fraction(1, 2), 0)], num_steps=1)
        assert exact.predictions == runs.predictions


class TestTheLossThatCancelsTheSlope:
    """The slope along the sum is the prediction itself, because the target is zero."""

    def test_every_number_of_the_book(self) -> None:
        """Each step is the one worked by hand."""
        runs = book_surprise()
        assert runs.sums == (1.5, 4)
        assert runs.sum_slopes == near((squash(1.5), squash(4)), rel=1e-15)
        assert runs.activation_slopes == book_starts().activation_slopes
        for index, start in enumerate(((0.6, 0.9), (2.0, 2.0))):
            sums, _ = walk(start, 300, flattened=False)
            assert runs.predictions[index] == near([squash(z) for z in sums])
            # −ln(1 − p) is ln(1 + eᶻ)
            losses = [math.log1p(math.exp(z)) for z in sums]
            assert runs.losses[index] == near(losses)
        assert [f"{p:.3f}" for p in runs.last_predictions] == ["0.012", "0.012"]

    def test_the_worse_start_learns_faster(self) -> None:
        """With half the squared error it is the other way round."""
        assert book_surprise().sum_slopes[1] > book_surprise().sum_slopes[0]
        assert book_starts().sum_slopes[1] < book_starts().sum_slopes[0] / 5

    def test_other_numbers_give_other_results(self) -> None:
        """Input 2, target 1 and the rate 1, by hand."""
        # Error −1/2, along w −1: w = 1, b = 1/2, so z = 5/2.
        runs = with_cross_entropy([(0, 0)], 2, 1, learning_rate=1, num_steps=1)
        assert runs.sum_slopes == (-0.5,)
        assert runs.predictions[0] == near((0.5, squash(2.5)), rel=1e-15)
        expected = (math.log(2), math.log1p(math.exp(-2.5)))
        assert runs.losses[0] == near(expected, rel=1e-14)
        assert_plain(runs)


@pytest.mark.parametrize("train", [saturated_neuron, with_cross_entropy])
class TestTheNodeRefuses:
    """Every argument is looked at before a step."""

    def test_shape_of_starts(self, train: Any) -> None:
        """A start is a weight and a bias."""
        says = "has shape (1, 3) but must have a weight and a bias"
        with refused(ValueError, "starts", says):
            train([(1, 2, 3)])

    def test_target(self, train: Any) -> None:
        """Both ends are probabilities."""
        assert len(train(target=0, num_steps=0).losses[0]) == 1
        assert len(train(target=1, num_steps=0).losses[0]) == 1


class TestTenNodesInARow:
    """At best one part in 1048576 arrives, and that is the bound."""

    def test_every_number_of_the_book(self) -> None:
        """Every sum is zero, so every factor is a quarter, without rounding."""
        nodes = chain()
        assert isinstance(nodes, Chain)
        assert (nodes.weight, nodes.bias) == (1, -0.5)
        assert nodes.values == (0.5,) * 11
        assert nodes.factors == (0.25,) * 10
        assert nodes.slopes == tuple(0.25 ** (10 - node) for node in range(11))
        assert nodes.bound == nodes.slopes[0] == 1 / 1048576

    def test_a_weight_of_four(self) -> None:
        """With every sum at zero it makes up for the sigmoid; otherwise it does not."""
        assert chain(4, -2).slopes == (1,) * 11
        assert chain(4, -2).bound == 1
        assert chain(4, 0).slopes[0] < chain(1, 0).slopes[0] / 1000

    def test_a_weight_of_six(self) -> None:
        """At zero ten layers multiply by 1.5 to the tenth, elsewhere they saturate."""
        assert chain(6, -3).factors == (1.5,) * 10
        assert chain(6, -3).slopes[0] == 1.5**10
        assert chain(6, -3, 0.6).slopes[0] < 0.02

    def test_two_nodes_by_hand(self) -> None:
        """The weight −2, the bias 1 and the input 3."""
        nodes = chain(-2, 1, 3, n_layers=2)
        first = squash(-5)
        second = squash(1 - 2 * first)
        assert nodes.values == near((3, first, second), rel=1e-15)
        factors = (-2 * first * squash(5), -2 * second * (1 - second))
        assert nodes.factors == near(factors, rel=1e-14)
        slopes = (factors[0] * factors[1], factors[1], 1)
        assert nodes.slopes == near(slopes, rel=1e-14)
        assert nodes.bound == 0.25  # (2/4)²
        assert_plain(nodes)

    @pytest.mark.parametrize("weight", [-3, 0.5, 2, 7.5])
    def test_the_bound_holds(self, weight: float) -> None:
        """Whatever the input, no slope is beyond it."""
        for input_value in (-1, 0, 0.5, 2):
            nodes = chain(weight, 0.25, input_value, n_layers=5)
            assert abs(nodes.slopes[0]) <= nodes.bound

    def test_a_small_change_of_the_input(self) -> None:
        """The slope says how far the last value moves."""
        move = 2.0**-17
        up, down = (chain(3, -1, 0.5 + d, 3).values[-1] for d in (move, -move))
        # The central difference is off by the square of the move.
        slope = chain(3, -1, 0.5, 3).slopes[0]
        assert (up - down) / (2 * move) == near(slope, rel=1e-10)

    def test_fractions_become_floats(self) -> None:
        """The sigmoid is irrational."""
        assert chain(Fraction(1), Fraction(-1, 2), Fraction(1, 2)) == chain()
        assert_plain(chain(Fraction(1), np.float64(0), np.array(0.5)))  # type: ignore[arg-type]

    def test_no_weight_no_slope(self) -> None:
        """With the weight 0 nothing comes through."""
        says = "is 0 but must not be: then nothing comes through"
        for zero in (0, 0.0):
            with refused(ValueError, "weight", says):
                chain(weight=zero)
        assert len(chain(n_layers=1).factors) == 1


def slopes_by_hand(weights: list[Any], n_samples: int) -> list[float]:
    """Go forward and back through sigmoid layers without biases, in a few lines."""
    values = [data().inputs[:n_samples]]
    for own in weights[:-1]:
        values.append(1 / (1 + np.exp(-values[-1] @ own)))
    scores = np.exp(values[-1] @ weights[-1])
    shares = scores / scores.sum(axis=1, keepdims=True)
    slope = (shares - data().targets[:n_samples]) / n_samples
    sizes = []
    for own, value in zip(weights[:0:-1], values[:0:-1], strict=True):
        along = slope @ own.T
        sizes.append(float(np.sqrt(np.mean(along**2))))
        slope = along * value * (1 - value)
    return sizes[::-1]


class TestTenLayersOfANetwork:
    """A layer multiplies the size of the slopes by about s times the root of n."""

    def test_a_small_network_by_hand(self) -> None:
        """Three layers of four nodes, five pictures, another seed."""
        measured = layer_slopes("sigmoid", "he", 3, 4, 5, seed=7)
        assert isinstance(measured, LayerSlopes)
        assert measured[:2] == ("sigmoid", "he")
        layers = dense_network(
            [64, 4, 4, 4, 10], np.random.default_rng(7), activation=SIGMOID
        )
        weights: list[Any] = [layer.weights for layer in layers]  # type: ignore[union-attr]
        sizes = slopes_by_hand(weights, 5)
        assert measured.slopes == near(sizes, rel=1e-12)
        assert measured.ratio == near(sizes[0] / sizes[2], rel=1e-12)
        root = (sizes[0] / sizes[2]) ** 0.5
        assert measured.factor == near(root, rel=1e-12)
        squares = np.concatenate([weights[1].ravel(), weights[2].ravel()]) ** 2
        deviation = float(squares.mean()) ** 0.5
        assert measured.deviation == near(deviation, rel=1e-13)
        # √4 nodes and the slope 1/4
        assert measured.expected == near(deviation / 2, rel=1e-13)
        assert_plain(measured)

    @pytest.mark.parametrize(
        ("activation", "r"),
        [
            ("sigmoid", 0.25),
            ("tanh", 1),
            ("ReLU", 0.5**0.5),
            ("leaky ReLU", 0.505**0.5),  # half ones, half 0.1²
        ],
    )
    @pytest.mark.parametrize(
        ("initialise", "s"),
        [("normal", 0.05), ("glorot", 0.125), ("he", 2**0.5 / 8)],
    )
    def test_what_is_expected(
        self, activation: str, r: float, initialise: str, s: float
    ) -> None:
        """The root of 64 nodes is 8; √(2/128) is 1/8, and √(2/64) is √2/8."""
        measured = book_slopes(activation, initialise)
        # The deviation of 9 · 64² drawn weights is off by 0.4 percent or so.
        assert measured.deviation == near(s, rel=0.02)
        assert measured.expected == near(8 * measured.deviation * r)
        assert len(measured.slopes) == 10

    @pytest.mark.parametrize("activation", ["sigmoid", "tanh", "ReLU"])
    def test_small_weights(self, activation: str) -> None:
        """None of the activations survives them, and each as expected."""
        measured = book_slopes(activation, "normal")
        assert measured.factor == near(measured.expected, rel=0.1)
        assert measured.ratio < 0.001
        assert measured.factor**9 == near(measured.ratio, rel=1e-12)

    def test_matched_weights(self) -> None:
        """Weights that match their activation keep the slopes of tanh and ReLU."""
        assert 0.1 < book_slopes("tanh", "glorot").ratio < 1
        assert 0.3 < book_slopes("ReLU", "he").ratio < 3
        assert 1 < book_slopes("tanh", "he").factor < book_slopes("tanh", "he").expected
        assert book_slopes("sigmoid", "glorot").ratio < 1e-4

    def test_the_defaults(self) -> None:
        """They are the first row of the table."""
        assert layer_slopes() == layer_slopes("sigmoid", "normal", 10, 64, 200, 0)
        assert layer_slopes().slopes != layer_slopes(seed=1).slopes

    def test_the_smallest_and_the_most(self) -> None:
        """Two layers of one node and one digit, and all 1797 digits."""
        assert len(layer_slopes(n_layers=2, n_nodes=1, n_samples=1).slopes) == 2
        assert layer_slopes(n_layers=2, n_nodes=2, n_samples=1797).ratio > 0


@pytest.mark.parametrize("example", [layer_slopes, remedies, dead_shares])
def test_no_more_digits_than_there_are(example: Any) -> None:
    """The library ships 1797 of them."""
    with refused(ValueError, "n_samples", "is 1798 but there are only 1797"):
        example(n_samples=1798)


class TestEveryRemedy:
    """Where the slope arrives the network learns, where it does not it guesses."""

    def test_the_book(self) -> None:
        """Three networks stay at a guess, four come far below it."""
        trained = book_remedies()
        assert isinstance(trained, Remedies)
        assert trained.names == (
            "sigmoid, normal",
            "sigmoid, glorot",
            "ReLU, normal",
            "tanh, glorot",
            "ReLU, he",
            "leaky ReLU, he",
            "sigmoid, glorot, batch norm",
        )
        assert trained.guess == near(math.log(10), rel=1e-14)
        assert trained.num_steps == 100  # 25 epochs of 200/50 steps
        assert all(len(own) == 26 for own in trained.losses)
        assert trained.first_losses == tuple(own[0] for own in trained.losses)
        assert trained.last_losses == tuple(own[-1] for own in trained.losses)
        assert all(ratio < 1e-4 for ratio in trained.ratios[:3])
        assert all(0.1 < ratio < 10 for ratio in trained.ratios[3:])
        assert trained.last_losses[:3] == near((math.log(10),) * 3, rel=0.01)
        assert all(loss < 0.6 * trained.guess for loss in trained.last_losses[3:])
        assert_plain(trained)

    def test_the_defaults(self) -> None:
        """They are 25 epochs of batches of 50, ten layers of 64 nodes, 200 digits."""
        choices = [("ReLU", "normal", False)]
        assert remedies(choices) == remedies(choices, 0.02, 25, 50, 10, 64, 200, 0)

    def test_the_same_ratios(self) -> None:
        """Without normalisation they are those measured before."""
        short = remedies([("tanh", "he", False)], num_epochs=1)
        assert short.ratios == (layer_slopes("tanh", "he").ratio,)
        for index, (activation, initialise) in enumerate(
            [("sigmoid", "normal"), ("sigmoid", "glorot"), ("ReLU", "normal")]
        ):
            expected = book_slopes(activation, initialise).ratio
            assert book_remedies().ratios[index] == expected

    @pytest.mark.parametrize(
        ("choice", "activation", "initialise"),
        [
            (("tanh", "normal", False), TANH, normal),
            (("ReLU", "he", True), RELU, he),
            (("leaky ReLU", "glorot", False), leaky(0.1), glorot),
        ],
    )
    def test_every_setting_arrives(
        self, choice: tuple[str, str, bool], activation: Any, initialise: Any
    ) -> None:
        """It is what the library's `fit` does with the same settings."""
        trained = remedies([choice], 0.25, 2, 4, 3, 5, 12, 7)
        layers = dense_network(
            [64, 5, 5, 5, 10],
            np.random.default_rng(7),
            activation=activation,
            initialise=initialise,
            normalise=choice[2],
        )
        history = fit(
            layers,
            data().inputs[:12],
            data().targets[:12],
            loss=SOFTMAX_CROSS_ENTROPY,
            rule=GradientDescent(0.25),
            num_epochs=2,
            batch_size=4,
            generator=np.random.default_rng(7),
            progress=False,
        )
        assert trained.losses == (history.values("loss"),)
        assert trained.num_steps == 6

    @pytest.mark.parametrize("wrong", [("tanh", "he"), ["tanh", "he", False, 1], {}])
    def test_a_choice_has_three_parts(self, wrong: Any) -> None:
        """Two names, and whether to normalise."""
        says = f"is {wrong!r} but must be a tuple of two names and True or False"
        with refused(TypeError, "choices[0]", says):
            remedies([wrong])

    def test_parts_of_a_choice(self) -> None:
        """Each of them is looked at, and named."""
        says = "must be one of: 'sigmoid', 'tanh', 'ReLU', 'leaky ReLU'"
        with refused(ValueError, "choices[0][0]", f"is 'ELU' but {says}"):
            remedies([("ELU", "he", False)])
        with refused(TypeError, "choices[0][0]", "is 3 but must be a name"):
            remedies([(3, "he", False)])  # type: ignore[list-item]
        says = "is 'He' but must be one of: 'normal', 'glorot', 'he'"
        with refused(ValueError, "choices[0][1]", says):
            remedies([("tanh", "He", False)])
        with refused(TypeError, "choices[1][2]", "is 1 but must be True or False"):
            remedies([("tanh", "he", False), ("tanh", "he", 1)])  # type: ignore[list-item]


class TestOneDeadNode:
    """After one step that is too long, no step of any length changes anything."""

    def test_every_number_of_the_book(self) -> None:
        """The zeros are exact."""
        # Predictions 2 and 4, errors 1 and 2: slopes 1·1 + 2·2 and 1 + 2, loss 5/2.
        # Half of that leads to −1/2 and −3/2: sums −2 and −5/2.
        node = dead_node()
        assert isinstance(node, DeadNode)
        assert node == (
            (2, Fraction(-1, 2)),
            (0, Fraction(-3, 2)),
            ((2, 4), (0, 0)),
            ((5, 3), (0, 0)),
            (Fraction(5, 2), Fraction(5, 2)),  # errors −1 and −2
            1,
            FLAT,
        )
        assert_plain(node, Fraction)

    def test_a_leak_brings_it_back(self) -> None:
        """With a quarter the same step does more harm, and later ones mend it."""
        node = dead_node(Fraction(1, 4))
        # Sums −2 and −5/2 leak −1/2 and −5/8: errors −3/2 and −21/8.
        assert node.predictions[1] == (Fraction(-1, 2), Fraction(-5, 8))
        assert node.losses[1] == Fraction(585, 128)  # (9/4 + 441/64)/2
        # A quarter of −3/2 − 21/4, and of −3/2 − 21/8.
        assert node.gradients[1] == (Fraction(-27, 16), Fraction(-33, 32))
        # A tenth of that: −1/2 + 27/160 and −3/2 + 33/320.
        assert node.weights[2] == Fraction(-53, 160)
        assert node.biases[2] == Fraction(-447, 320)
        assert node.predictions[2][0] == Fraction(-553, 1280)
        assert (node.num_steps, node.stopped) == (12, OUT_OF_STEPS)
        assert min(node.predictions[-1]) > 0
        assert node.losses[-1] < Fraction(1, 50)
        alive = [max(pair) > 0 for pair in node.predictions]
        assert alive.index(True, 1) == 8

    def test_a_short_first_step_leaves_it_alive(self) -> None:
        """A tenth leads to 3/2 and −3/10."""
        node = dead_node(first_rate=Fraction(1, 10), num_steps=1)
        assert node.weights[1] == Fraction(3, 2)
        assert node.biases[1] == Fraction(-3, 10)
        assert node.predictions[1] == (Fraction(6, 5), Fraction(27, 10))

    def test_other_numbers_give_other_results(self) -> None:
        """One sample at 2 with target 1, weight 1: error 1, slopes 4 and 2."""
        node = dead_node(0, (2.0,), np.array([1.0]), 1, 0.125, 0.25, 2)
        assert node.gradients[0] == (4, 2)
        assert node.weights[1:2] == (0.5,)
        assert node.biases[1:2] == (-0.25,)
        # Prediction 3/4, error −1/4, slopes −1 and −1/2, and a quarter of them.
        assert node.predictions[1] == (0.75,)
        assert node.weights[2] == 0.75
        assert node.biases[2] == -0.125
        assert_plain(node)

    def test_a_target_for_each_input(self) -> None:
        """The message names both."""
        says = "has shape (2,) but `targets` has shape (1,); they must be equal"
        with refused(ValueError, "inputs", says):
            dead_node(targets=(1,))


def test_no_bar_is_shown(monkeypatch: Any) -> None:
    """A page shows numbers, however long the training takes."""
    hidden: list[Any] = []

    def bar(*, disable: Any, **told: Any) -> Any:
        hidden.append(disable)
        return tqdm(disable=True, **told)

    monkeypatch.setattr(fitting, "_Bar", bar)
    remedies([("tanh", "he", False)], num_epochs=1, n_layers=2, n_nodes=2)
    dead_shares(learning_rates=(0.5,), num_steps=1, n_nodes=2, n_networks=1)
    assert hidden == [True, True]


class TestTheShareOfDeadNodes:
    """Up to a rate of one half the share stays low, and at two almost all are dead."""

    @pytest.mark.claims(
        "Up to a rate of … the share stays near … percent, and at … it is … percent.",
        "With so few nodes left the loss is …, and a guess has ….",
        "With a leak of …, long steps still make nodes silent, … percent of them at "
        "the largest rate, but none is dead.",
        "The leak does not make a rate good that is too large, as the last row shows; "
        "it makes the mistake one that can be mended.",
    )
    def test_the_book(self) -> None:
        """The shares of 3 · 32 nodes, and means of three losses."""
        relu, leaked = book_shares(), book_shares("leaky ReLU")
        assert isinstance(relu, DeadShares)
        assert (relu.activation, leaked.activation) == ("ReLU", "leaky ReLU")
        assert relu.learning_rates == (0.25, 0.5, 1, 1.5, 2)
        assert relu.dead == relu.silent
        assert relu.born_silent == leaked.born_silent
        assert leaked.dead == (0,) * 5
        assert all(share < 0.25 for share in relu.dead[:2])
        assert relu.dead[1] == near(relu.dead[0], abs=0.03)
        assert relu.dead[-1] == relu.dead[4] > 2 * relu.dead[1]
        assert relu.dead[4] > 0.7
        assert relu.dead[4] > leaked.silent[4] + 0.1 > relu.dead[0]
        assert relu.losses[4] > 1.5
        assert leaked.losses[4] > 2 * leaked.losses[0]
        assert leaked.silent[4] > 2 * leaked.silent[0]
        assert relu.losses[2] < 0.2
        counts = [96 * share for share in (*relu.dead, *leaked.silent)]
        assert counts == near([round(count) for count in counts], rel=1e-12)
        assert_plain(relu)

    def test_the_defaults(self) -> None:
        """They are 50 steps with 32 nodes and 200 digits, in three networks."""
        rates = (0.25,)
        expected = dead_shares("ReLU", rates, 50, 32, 200, 3)
        assert dead_shares(learning_rates=rates) == expected

    def test_dead_for_ever(self) -> None:
        """More steps never bring one back."""
        shares = [
            dead_shares("ReLU", (1.5,), num_steps, 32, 50, 1).dead[0]
            for num_steps in (2, 5, 10, 20)
        ]
        assert shares == sorted(shares)
        assert shares[-1] > 0

    def test_every_setting_arrives(self) -> None:
        """It is what the library's `fit` does with the same settings."""
        counted = dead_shares("ReLU", np.array([0.5, 1.5]), 3, 7, 11, 2)  # type: ignore[arg-type]
        inputs, targets = data().inputs[:11], data().targets[:11]
        born, silent, losses = [], [], []
        for seed in (0, 1):
            layers = dense_network([64, 7, 10], np.random.default_rng(seed))
            born.append(np.mean((forward(layers, inputs)[1] == 0).all(axis=0)))
            for rate in (0.5, 1.5):
                history = fit(
                    layers,
                    inputs,
                    targets,
                    loss=SOFTMAX_CROSS_ENTROPY,
                    rule=GradientDescent(rate),
                    num_epochs=3,
                    batch_size=11,
                    generator=np.random.default_rng(0),
                    progress=False,
                )
                hidden = forward(history.layers, inputs)[1]
                silent.append(np.mean((hidden == 0).all(axis=0)))
                losses.append(history.values("loss")[-1])
        assert counted.learning_rates == (0.5, 1.5)
        assert counted.born_silent == near(sum(born) / 2, rel=1e-15)
        # Rates within seeds: 0 and 2 are the first rate's, 1 and 3 the second's.
        for index in (0, 1):
            share = (silent[index] + silent[index + 2]) / 2
            assert counted.silent[index] == near(share, rel=1e-15)
            loss = float(losses[index] + losses[index + 2]) / 2
            assert counted.losses[index] == near(loss, rel=1e-14)
        assert counted.dead == counted.silent
        assert_plain(counted)

    def test_a_sum_of_zero_is_silent(self) -> None:
        """Of the biases 0 and 1 only the second gets above zero on a black picture."""
        layers = (Dense([[1.0, 1.0]], [0.0, 1.0], RELU), Dense([[1.0], [1.0]]))
        assert _silent(layers, np.array([[0.0]])) == 0.5

    def test_a_bias_that_learns_is_not_dead(self) -> None:
        """On a black picture the weights have no slope, but the bias has one."""
        layers = (Dense([[1.0]], [1.0], RELU), Dense([[1.0, 2.0]], [0.0, 0.0]))
        assert _dead(layers, np.array([[0.0]]), np.array([[1.0, 0.0]])) == 0

    def test_a_sigmoid_is_never_dead(self) -> None:
        """It has a slope everywhere."""
        counted = dead_shares("sigmoid", (2,), 2, 4, 10, 1)
        assert counted.dead == (0,)

    def test_one_node_one_digit_one_network(self) -> None:
        """The node is silent or not."""
        one = dead_shares("ReLU", (0.5,), 1, 1, 1, 1)
        assert one.silent in {(0,), (1,)}
