"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near

from gdbook.activations import RELU, SIGMOID, TANH, leaky, sigmoid_slope
from gdbook.descent import FLAT
from gdbook.examples.vanishing_gradients import (
    INITIALISATIONS,
    chain,
    dead_node,
    dead_shares,
    layer_slopes,
    remedies,
    saturated_neuron,
    with_cross_entropy,
)
from gdbook.glue import defaults
from gdbook.losses import SOFTMAX_CROSS_ENTROPY, softmax_cross_entropy
from gdbook.network import Dense, backward, forward_pass

SUMS = st.floats(-8, 8)
SEEDS = (1, 2)


def sigmoid(z: float) -> float:
    """Give the sigmoid of one number."""
    return 1 / (1 + math.exp(-z))


@pytest.mark.claims(
    "Its loss is half the squared error, so that the slope along the prediction is "
    "the error itself:",
    "Half the squared error from both starts.",
    "It is at most …, where the sum is zero, and … at the second start.",
    "The bound holds because the sigmoid is steepest at zero, where its slope is ….",
    "The slope along the sum is the prediction itself, because the target is zero.",
)
@settings(max_examples=30)
@given(z=SUMS)
def test_one_node(z: float) -> None:
    """At every sum."""
    said = sigmoid(z)
    squared, surprise = (
        run(((z / 2, z / 2),), num_steps=0)
        for run in (saturated_neuron, with_cross_entropy)
    )
    assert squared.losses[0][0] == near(said**2 / 2)
    assert squared.sum_slopes[0] == near(said * said * (1 - said), rel=1e-9)
    assert surprise.sum_slopes[0] == near(said, rel=1e-9)
    assert 0 < sigmoid_slope(z) <= sigmoid_slope(0) == 0.25 == chain().factors[0]


@pytest.mark.claims(
    "The second start is the worse one: its error is larger.",
    "The same starts, the same rate, the same number of steps.",
    "The second goes from … to … only.",
    "Its sum is …, where the sigmoid is almost flat: the node is saturated.",
    "The error is multiplied by …, so the slope along the sum is … times smaller than "
    "at the better start.",
    "After … steps the node that was most wrong still says ….",
    "The worse start has the larger slope, and both end near ….",
    "So the right loss saves the last layer.",
)
def test_saturation() -> None:
    """Squared, the worse start learns later; with the cross-entropy it does not."""
    settings = defaults(saturated_neuron)
    assert settings == defaults(with_cross_entropy)
    assert (settings["input_value"], settings["target"]) == (1, 0)
    starts = settings["starts"]
    squared, surprise = saturated_neuron(starts), with_cross_entropy(starts)
    assert len(squared.starts) == 2
    assert squared.activation_slopes[1] < 0.02
    assert squared.predictions[1][settings["num_steps"] // 2] > 0.9
    assert squared.last_predictions[1] > 2 * squared.last_predictions[0]
    assert squared.first_predictions == tuple(run[0] for run in squared.predictions)
    assert squared.first_predictions[0] < squared.first_predictions[1]
    assert all(a > b for a, b in pairwise(squared.sum_slopes))
    assert all(a < b for a, b in pairwise(squared.last_predictions))
    assert all(a < b for a, b in pairwise(surprise.sum_slopes))
    assert max(surprise.last_predictions) < 1.1 * min(surprise.last_predictions)
    for fell in surprise.losses:
        assert fell[10] < 0.8 * fell[0]
    assert squared.losses[1][10] > 0.99 * squared.losses[1][0]


@pytest.mark.claims(
    "Each layer multiplies the slope that comes back by its weight and by the slope "
    "of its sigmoid:",
    "Let the weight be one, and let the bias and the input keep every sum at zero: "
    "nothing better can happen.",
    "At best one part in … arrives, and that is the bound: each of the ten nodes "
    "keeps ….",
    "A weight of … would make up for the sigmoid.",
    "With every sum at zero it does: the slope at the input is exactly ….",
    "If a weight is large enough, a layer can multiply the slope by more than one.",
    "At zero each layer multiplies by …, and ten of them by …: the exploding gradient.",
)
@settings(max_examples=50)
@given(
    weight=st.floats(0.2, 8),
    bias=st.floats(-3, 3),
    enters=st.floats(-2, 2),
    n_layers=st.integers(1, 12),
)
def test_chains(weight: float, bias: float, enters: float, n_layers: int) -> None:
    """No chain exceeds its bound, and the one whose sums are zero reaches it."""
    of_the_page = chain()
    assert of_the_page.weight == 1
    assert of_the_page.slopes[0] == of_the_page.bound == 0.25**10
    assert chain(4, -2).slopes[0] == 1
    nodes = chain(weight, bias, enters, n_layers)
    product = math.prod(nodes.factors)
    assert nodes.slopes[0] == near(product, rel=1e-9)
    assert 0 < nodes.slopes[0] <= (weight / 4) ** n_layers * (1 + 1e-12)
    balanced = chain(weight, -weight / 2, 0.5, n_layers)
    assert balanced.slopes[0] == near((weight / 4) ** n_layers)
    assert (balanced.slopes[0] > 1) == (weight > 4)


@pytest.mark.claims(
    "Without the bias that balances them the nodes saturate, and … arrives, less "
    "than with the weight ….",
    "On this scale a constant factor is a straight line; the best case of the weight "
    "… is the upper one.",
    "The same slope drives the values away from …, into the flat part, so that a "
    "small change of the input leaves ….",
    "This chain explodes around one input and vanishes at most of the others.",
    "Take a chain with the weight six, and the bias that keeps all sums at zero.",
)
def test_large_weights() -> None:
    """Over the inputs from 0 to 1."""
    inputs = np.linspace(0, 1, 101).tolist()
    for enters in inputs[::10]:
        unbiased = [chain(weight, 0, enters).slopes[0] for weight in (1, 4)]
        assert unbiased[1] < unbiased[0] < chain().slopes[0]
    assert chain(6, -3).factors == near([6 / 4] * 10)
    exploding = [enters for enters in inputs if chain(6, -3, enters).slopes[0] > 1]
    assert exploding == [one for one in inputs if 0.475 < one < 0.525]
    for enters in (0.55, 0.6, 0.8):
        away = [abs(value - 0.5) for value in chain(6, -3, enters).values]
        assert all(a < b for a, b in pairwise(away[:4]))


@pytest.mark.claims(
    "For the sigmoid $r$ is …, for tanh it is one, and for ReLU, which stops the "
    "negative ones of the sums, it is the root of …."
)
def test_slopes_beside_zero() -> None:
    """The root of the mean square of the slopes on both sides."""
    for activation, square in ((SIGMOID, 1 / 16), (TANH, 1), (RELU, 1 / 2)):
        beside = activation.slope(np.array([-1e-9, 1e-9]))
        assert float((beside**2).mean()) == near(square)
    assert chain().factors[0] == near(1 / 4)


@pytest.mark.claims(
    "The signs are random, so the sum grows like $\\sqrt n$, and a layer multiplies "
    "the size $g$ of the slopes by about",
    "A slope on its way back is multiplied by a weight and by the slope of an "
    "activation in every layer, so ten sigmoid layers with small weights leave next "
    "to nothing for the first.",
    "The upper three rows have the small weights of the prediction, and no slope "
    "survives them; the other rows belong to the next section.",
    "Sigmoid keeps … of the slope, ReLU …, and even tanh no more than ….",
    "The lines are nearly straight, as every layer multiplies by nearly the same "
    "factor.",
    "The pairs matter: tanh with the weights of He has a factor above one, and its "
    "slopes grow.",
    "Weights that match their activation keep the slopes of tanh and ReLU.",
    "The size survives when the deviation of the weights, the root of the number of "
    "nodes and the slope of the activation multiply to one: Glorot for tanh, He for "
    "ReLU, or a batch normalisation that measures the scale anew in every step.",
)
def test_ten_layers() -> None:
    """From other seeds, and for other widths."""
    for seed in SEEDS:
        for width in (36, 64):
            for kind in ("sigmoid", "tanh", "ReLU"):
                small = layer_slopes(kind, "normal", n_nodes=width, seed=seed)
                assert small.factor == near(small.expected, rel=0.1)
                assert small.ratio < 1e-3
                logs = np.log(small.slopes)
                line = np.polyfit(range(10), logs, 1)
                off = np.abs(logs - np.polyval(line, range(10)))
                assert off.max() < 0.05 * np.ptp(logs)
            pairs = (("tanh", "glorot"), ("ReLU", "he"))
            for pair in pairs:
                assert 0.1 < layer_slopes(*pair, n_nodes=width, seed=seed).ratio < 10
            assert layer_slopes("tanh", "he", n_nodes=width, seed=seed).factor > 1
            assert layer_slopes("sigmoid", "glorot", n_nodes=width, seed=seed).ratio < (
                1e-4
            )


@pytest.mark.claims(
    "On the way back $n$ is $n_{\\text{out}}$, the number of nodes that a value feeds.",
    "On the way forward the sum of a node is over $n_{\\text{in}}$ values instead, so "
    "the two ways ask for different weights where a layer changes the width:",
    "Glorot initialisation takes $r = 1$, and for $n$ the mean of both numbers.",
    "He initialisation takes the $r^2$ of ReLU, …, and $n_{\\text{in}}$; "
    "$2 / n_{\\text{out}}$ would serve the slopes as well:",
)
@pytest.mark.parametrize("kind", [TANH, RELU])
@pytest.mark.parametrize(("n_in", "n_out"), [(400, 100), (100, 400), (200, 200)])
def test_two_ways(kind: Any, n_in: int, n_out: int) -> None:
    """One width keeps what goes forward, the other one what comes back."""
    rng = np.random.default_rng(0)
    square = 1 if kind is TANH else 0.5
    values, slopes = (0.01 * rng.normal(size=(300, n)) for n in (n_in, n_out))
    for n, kept in ((n_in, 0), (n_out, 1)):
        weights = rng.normal(0, (1 / (square * n)) ** 0.5, size=(n_in, n_out))
        layers = [Dense(weights, np.zeros(n_out), kind)]
        passed = forward_pass(layers, values)
        back = backward(layers, passed, slopes).values[0]
        went = passed.values[-1]
        factors = (
            (went**2).mean() / (values**2).mean(),
            (back**2).mean() / (slopes**2).mean(),
        )
        assert factors[kept] == near(1, rel=0.15)
        assert factors[1 - kept] == near((n_out / n_in) ** (1 - 2 * kept), rel=0.15)
    drawn = {"glorot": 2 / (n_in + n_out), "he": 2 / n_in}
    for name, variance in drawn.items():
        weights = INITIALISATIONS[name](rng, n_in, n_out)
        assert (weights**2).mean() == near(variance, rel=0.05)
    assert drawn["glorot"] == near(1 / ((n_in + n_out) / 2))


@given(enters=st.floats(-5, 5), weight=st.floats(-5, 5))
def test_along_weights(enters: float, weight: float) -> None:
    """Along a weight, the slope of the sum is multiplied by what enters."""
    layers = [Dense([[weight]], [0.0], TANH)]
    passed = forward_pass(layers, [[enters]])
    slopes = backward(layers, passed, [[1.0]])
    along_sum = slopes.params[0][1].item()
    assert slopes.params[0][0].item() == along_sum * enters
    assert slopes.values[0].item() == along_sum * weight


@pytest.mark.claims(
    "The same ten sigmoid layers now hand … of the last slope to the first, where … "
    "arrived before.",
    "This is one start of each; from two other starts, too, these four end below half "
    "the loss of a guess.",
    "Three of the seven are without a remedy, or with one that is not enough.",
    "The losses of all seven networks over the epochs.",
    "A guess that looks at no picture has the loss $\\ln n$ for $n$ classes, here ….",
    "Where less than a ten-thousandth arrives, descent ends where a guess would be: at "
    "…, … and ….",
    "The networks whose slope arrives end far below: tanh, ReLU, the leaky ReLU, of "
    "which more below, and the normalised sigmoid.",
    "Where the slope arrives the network learns, with jumps or without; where it does "
    "not, the loss ends at that of a guess.",
    "None of these rates brings the loss below …, and the largest one raises it to ….",
    "The first layer of the deep sigmoid network with Glorot's weights gets a share of "
    "… of the slope at the last one.",
    "A step of plain descent is the rate times the slope, so for the first layer to "
    "move as the last one does at the rate …, it needs the rate ….",
    "A rate that is large enough for the first layer is far too large for the last "
    "one, which gets its slope whole.",
)
def test_remedies() -> None:
    """From another start, after fewer steps; and the rate is no remedy there."""
    for classes in (2, 7, 10):
        targets = np.eye(classes)[np.arange(25) % classes]
        guess = softmax_cross_entropy(np.zeros((25, classes)), targets)
        assert guess == near(math.log(classes))
    choices = defaults(remedies)["choices"]
    assert len(choices) == 7
    assert choices[1] == ("sigmoid", "glorot", False)
    pairs = [(kind, normalise) for kind, _, normalise in choices[3:]]
    plain = [(kind, False) for kind in ("tanh", "ReLU", "leaky ReLU")]
    assert pairs == [*plain, ("sigmoid", True)]
    trained = remedies(choices[:3], num_epochs=12, seed=1)
    assert trained.last_losses == near([trained.guess] * 3, rel=0.005)
    assert max(trained.ratios) < 1e-4
    for seed in SEEDS:
        learned = remedies(choices[3:], seed=seed)
        assert max(learned.last_losses) < learned.guess / 2
        assert all(0.1 < ratio < 10 for ratio in learned.ratios)
    for rate in (0.05, 0.5, 5, 50):
        choice = [("sigmoid", "glorot", False)]
        run = remedies(choice, learning_rate=rate, num_epochs=6, seed=1)
        assert run.last_losses[0] > 0.99 * run.guess
    assert run.last_losses[0] > 2 * run.guess


@pytest.mark.claims(
    "You will measure the slope that reaches each of ten layers, kill nodes with steps "
    "that are too long, and train the same deep network with every remedy.",
    "Put ten sigmoid nodes one after the other, all with the weight $w$.",
    "Now a network: ten hidden layers of … nodes, which read … pictures of handwritten "
    "digits.",
    "The column before the last is the factor of one layer, and the last one what nine "
    "of them do: the slope at the first hidden layer over that at the tenth.",
    "The slope is again that at the first hidden layer over that at the tenth.",
    "Seven networks, the same … digits, … "
    "steps of plain descent on the cross-entropy, in batches of …, at the same rate ….",
    "A hidden layer of … ReLU nodes learns the same digits in … steps of plain descent "
    "on the cross-entropy, all pictures in every step, from … starts for each rate.",
)
def test_ten_layers_everywhere() -> None:
    """The chain, the network that is measured and those that learn have as many."""
    layers = [defaults(one)["n_layers"] for one in (chain, layer_slopes, remedies)]
    assert layers == [10, 10, 10]
    sizes = {defaults(one)["n_nodes"] for one in (layer_slopes, remedies)}
    assert len(sizes) == 1
    read = {defaults(one)["n_samples"] for one in (layer_slopes, remedies, dead_shares)}
    assert len(read) == 1
    slopes = layer_slopes(n_nodes=8, n_samples=20)
    assert len(slopes.slopes) == 10
    assert slopes.ratio == near(slopes.slopes[0] / slopes.slopes[-1])
    assert slopes.factor**9 == near(slopes.ratio)


@pytest.mark.claims(
    "ReLU passes a slope on whole or not at all.",
    "A node whose sums are below zero for every sample passes nothing on: it is "
    "silent.",
    "None: after one step the weight is …, the bias …, and both predictions are zero.",
    "These are fractions, so the zeros are exact, and no step of any length changes "
    "anything from here.",
    "A leaky ReLU lets a share $c$ of the negative sums through, so that its slope "
    "there is $c$ and never zero.",
    "Take one ReLU node that should learn $\\hat y = x$ from two samples, at one and "
    "at two.",
    "It starts with the weight …, and the first step has the rate …, which is too "
    "long.",
    "The later ones have the rate ….",
    "The loss is …, and the gradient is ….",
    "The stopping rule even reports success: ….",
    "The node is dead.",
    "The first step goes too far down.",
    "With $c$ of … and the same steps the slope is alive: at step … a prediction is "
    "positive again, and after … steps the loss is ….",
)
@settings(max_examples=40)
@given(
    first=st.fractions(Fraction(9, 20), 2, max_denominator=20),
    later=st.fractions(Fraction(1, 50), 50, max_denominator=50),
    leak=st.fractions(Fraction(1, 50), Fraction(9, 10), max_denominator=50),
)
def test_dead_for_ever(first: Fraction, later: Fraction, leak: Fraction) -> None:
    """After a long first step, whatever the later ones; a leak keeps a slope."""
    dead = dead_node(first_rate=first, learning_rate=later, num_steps=3)
    own = defaults(dead_node)
    assert own["inputs"] == own["targets"] == (1, 2)
    of_the_page, mended = dead_node(), dead_node(Fraction(1, 4))
    assert own["learning_rate"] < own["first_rate"]
    assert of_the_page.num_steps == 1
    assert of_the_page.predictions[1] == of_the_page.gradients[1] == (0, 0)
    assert of_the_page.stopped == FLAT
    assert max(mended.predictions[1]) < 0 < max(mended.predictions[-1])
    assert mended.losses[-1] < mended.losses[0]
    assert dead.num_steps == 1
    assert dead.predictions[1] == dead.gradients[1] == (0, 0)
    leaking = dead_node(leak, first_rate=first, learning_rate=later, num_steps=1)
    assert leaking.gradients[1] != (0, 0)
    assert leaking.losses[1] > dead.losses[1]
    assert leaky(leak).slope(-leak) == leak


@pytest.mark.claims(
    "A ReLU node that no sample reaches has no slope and is dead for as long as its "
    "inputs stay, long steps kill many, and a leak keeps them within reach.",
    "With a leak of …, long steps still make nodes silent, … percent of them at the "
    "largest rate, but none is dead.",
    "A silent node that leaks is a line with a small slope, and it goes on learning.",
    "The leak does not make a rate good that is too large, as the last row shows; it "
    "makes the mistake one that can be mended.",
    "A node is counted as dead if the slopes along its weights and its bias are all "
    "zero.",
    "With so few nodes left the loss is …, and a guess has ….",
    "At the start … percent of the nodes are silent already, by the luck of the draw.",
    "For ReLU, silent is dead.",
)
def test_shares() -> None:
    """With a narrower layer, fewer digits and other rates."""
    given_: dict[str, Any] = {"n_nodes": 20, "n_samples": 100, "n_networks": 2}
    relu = dead_shares(learning_rates=(0.25, 2.5), **given_)
    leaks = dead_shares("leaky ReLU", (0.25, 2.5), **given_)
    assert relu.dead == relu.silent
    assert 0.01 < dead_shares(learning_rates=(1,), num_steps=1).born_silent < 0.3
    assert relu.dead[0] < 0.3 < relu.dead[1]
    assert relu.losses[1] > 0.7 * math.log(10)
    assert leaks.dead == (0, 0)
    assert leaks.silent[1] > leaks.silent[0]
    assert leaks.losses[1] > leaks.losses[0]


def test_a_node_whose_inputs_move_may_come_back() -> None:
    """Dead is said of inputs that stay: other samples give a silent node a slope."""
    silent = (Dense([[1.0]], [-2.0], RELU), Dense([[1.0, -1.0]], [0.0, 0.0]))
    for inputs, alive in (([[1.0], [1.5]], False), ([[1.0], [3.0]], True)):
        passed = forward_pass(silent, np.array(inputs))
        slope = SOFTMAX_CROSS_ENTROPY.slope(passed.values[-1], np.eye(2))
        found, _ = backward(silent, passed, slope).params[0]
        assert bool(np.any(found != 0)) == alive


@pytest.mark.claims(
    "Far out, $\\sigma'(z)$ is close to $e^{-z}$, so with the first loss the sum falls "
    "at a speed like $e^{-z}$, and $e^z$ at one that stays:",
    "The wait grows like $e^z$, from which it has to come down.",
    "Here the last wait is … times the one before; the ratio climbs to $e$.",
    "With the cross-entropy the last unit of the sum costs … more steps: there the "
    "speed is nearly constant.",
)
def test_waits() -> None:
    """Further out than the page waits."""
    assert SIGMOID.slope(9.0) == near(math.exp(-9), rel=0.001)
    said = saturated_neuron([(4, 4)], num_steps=9).predictions[0]
    lost = [b - a for a, b in pairwise(1 / (1 - share) for share in said)]
    assert max(lost) < 0
    assert lost == near([lost[0]] * len(lost), rel=0.01)
    starts = [(one / 2, one / 2) for one in (2.5, 3.5, 4.5)]
    slow, fast = (
        [
            next(t for t, said in enumerate(run) if said < 0.5)
            for run in train(starts, num_steps=num_steps).predictions
        ]
        for train, num_steps in ((saturated_neuron, 400), (with_cross_entropy, 40))
    )
    ratios = [b / a for a, b in pairwise(slow)]
    assert all(a < b < math.e for a, b in pairwise(ratios))
    gaps = [b - a for a, b in pairwise(fast)]
    assert max(gaps) - min(gaps) <= 1
