"""What the chapter on training says, beyond its own numbers."""

from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from exercises.kept import shown
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near
from strategies import exact_arrays

from gdbook import datasets, fitting, initialisation, losses, network
from gdbook.activations import IDENTITY, RELU, TANH, Activation, sigmoid
from gdbook.examples.training import (
    XOR_INPUTS,
    XOR_TARGETS,
    best_split,
    hand_made,
    learn_moons,
    learn_xor,
    moons_seeds,
    moons_split,
)
from gdbook.glue import defaults
from gdbook.optimizers import Adam, GradientDescent

FEW = settings(max_examples=25)  # a network each


@pytest.mark.claims(
    "The hidden layer has moved the samples: two of them now lie on one another, and a "
    "line parts what it could not part before.",
    "The line bends until it parts the four samples.",
    "Four samples can be learned by heart.",
    "It has … hidden nodes with tanh, starts at random, and takes … steps of Adam with "
    "the learning rate …, along slopes that were carried back from the mean squared "
    "error of the … samples.",
    "The network has … hidden nodes with tanh, with … weights and biases together.",
    "What the network says over the plane, before, during and after its training.",
)
def test_what_the_examples_share() -> None:
    """Four samples, and networks with tanh that are seen from their start."""
    for known in (best_split, hand_made):
        own = defaults(known)
        assert (own["inputs"], own["targets"]) == (XOR_INPUTS, XOR_TARGETS)
    assert (len(XOR_INPUTS), len(set(hand_made().hidden))) == (4, 3)
    for learn in (learn_xor, learn_moons):
        own = defaults(learn)
        assert own["activation"] is TANH
        assert own["epochs"][0] == 0
    first, *_, last = learn_xor(resolution=2).accuracies
    assert first < last == 1


@pytest.mark.claims(
    "Here is a task that no line can solve: say one if exactly one of two inputs is "
    "one, and zero otherwise.",
    "It is called the exclusive or, XOR, and of the sixteen ways to answer its four "
    "samples, lines give all but this one and its opposite.",
    "A line that gets … samples of XOR right, and no line gets more; a ring marks the "
    "one on the wrong side.",
    "You will find a task that no line can solve, write the loop that trains a "
    "network, and let it part two moons.",
)
def test_answers_that_lines_give() -> None:
    """All four are right for fourteen of sixteen, and three for the other two."""
    ways = list(product((0, 1), repeat=4))
    right = {way: best_split(XOR_INPUTS, way, num_angles=16).right for way in ways}
    opposite = tuple(1 - target for target in XOR_TARGETS)
    unsolved = {XOR_TARGETS: 3, opposite: 3}
    assert right == dict.fromkeys(ways, 4) | unsolved
    # What a line adds up to over either diagonal is the same, so that both cannot lie
    # on sides of their own.
    along = np.array(XOR_INPUTS) @ np.random.default_rng(0).normal(size=(2, 99))
    assert along[0] + along[3] == near(along[1] + along[2], abs=1e-14)
    assert best_split().right == 3
    assert len(best_split().wrong) == 1


@pytest.mark.claims(
    "All four are right, and the loss is ….",
    "Samples that no line parts, a hidden layer can move to places where a line does.",
    "Here are weights chosen by hand, for two nodes with ReLU:",
)
def test_network_by_hand() -> None:
    """In fractions, too; and a line parts the samples where the nodes put them."""
    made = hand_made()
    for x, y in product((-1, 0, 1, 2), repeat=2):
        written = max(x + y, 0) - 2 * max(x + y - 1, 0)
        assert hand_made(inputs=[(x, y)], targets=[0]).predictions == (written,)
    assert made.predictions == made.targets == XOR_TARGETS
    assert made.hidden[1] == made.hidden[2]
    assert best_split(made.hidden, made.targets).right == 4


def _right_at_most(inputs: Any, targets: Any, step: float) -> int:
    """Bound how many any line gets right, from those of some angles.

    Between two angles a point moves across by no more than its distance from the
    middle times half the angle; whatever lies that close to the line is let pass.
    """
    points = inputs - inputs.mean(axis=0)
    reach = np.linalg.norm(points, axis=1) * step / 2
    most = 0
    for angle in np.arange(0, 2 * np.pi, step):
        along = points @ [np.cos(angle), np.sin(angle)]
        for offset in along:
            right = (along > offset) == targets
            most = max(most, int((right | (abs(along - offset) <= 2 * reach)).sum()))
    return most


@pytest.mark.claims(
    "The line to compare it with is the best for those others, among lines at whole "
    "degrees, which can only flatter the line.",
    "The best of these lines gets … of the … points right.",
    "Rings mark the … on the wrong side, most of them at the horns.",
    "After … it gets … right, which no line does, at whatever angle.",
)
def test_lines_through_moons() -> None:
    """No line between the degrees gets what the network gets."""
    line, network_ = moons_split(), learn_moons(resolution=2)
    own = defaults(learn_moons)
    held_out = datasets.moons(
        own["n_held_out"], noise=own["noise"], seed=own["seed"] + 1
    )
    assert np.array(line.inputs).tolist() == held_out.inputs.tolist()
    assert defaults(moons_split)["num_angles"] == 360
    inputs, targets = np.array(line.inputs), np.array(line.targets)
    most = _right_at_most(inputs, targets == 1, np.deg2rad(1.5))
    assert line.right <= most < network_.accuracies[-1] * len(targets)
    # The horns that reach into the other moon are those on the inner side.
    horns = np.where(targets == 0, inputs[:, 0] > 0.5, inputs[:, 0] < 0.5)
    assert horns[list(line.wrong)].mean() > 0.75 > 2 * horns.mean()
    for seed in (2, 3, 4):
        blind = moons_split(200, seed=seed + 10, num_angles=60)
        sighted = moons_split(200, seed=seed, num_angles=60)
        angle = np.deg2rad(blind.angle)
        says = np.array(sighted.inputs) @ [np.cos(angle), np.sin(angle)] > blind.offset
        assert (says == np.array(sighted.targets)).sum() <= sighted.right


@pytest.mark.claims(
    "The moons are half circles, and each has one of its horns in the hollow of the "
    "other."
)
@pytest.mark.parametrize(("label", "up"), [(0, 1), (1, -1)])
def test_horns_in_hollows(label: int, up: int) -> None:
    """The points go half around a middle, and one end lies on the other way round."""
    data, middles = datasets.moons(noise=0), np.array([(0, 0), (1, 0.5)])
    own = data.inputs[data.labels == label]
    around, other = own - middles[label], own - middles[1 - label]
    assert np.hypot(*around.T) == near(np.ones(len(own)))
    assert (up * around[:, 1]).min() > -1e-12
    ends = other[[own[:, 0].argmin(), own[:, 0].argmax()]]
    hollow = (np.hypot(*ends.T) < 1) & (up * ends[:, 1] < 0)
    assert sorted(hollow) == [False, True]


@pytest.mark.claims(
    "First its border is close to a line, then it bends around the horns; the share of "
    "the other points that it gets right stands below.",
    "After … epochs it gets … right, where the line gets ….",
)
def test_first_a_line_then_a_bend() -> None:
    """A line draws nearly the border of the third epoch, and not that of the last."""
    _, soon, *_, last = defaults(learn_moons)["epochs"]
    run = learn_moons(epochs=(soon, last), resolution=21)
    assert run.accuracies[0] == near(moons_split().accuracy, rel=0.02)
    (left, right), (low, high) = run.limits
    places = [
        (x, y) for y in np.linspace(low, high, 21) for x in np.linspace(left, right, 21)
    ]
    early, late = (
        best_split(places, (np.ravel(said) > 0.5).astype(int), num_angles=90).accuracy
        for said in run.surfaces
    )
    assert early > 0.96
    assert late < 0.92


@pytest.mark.claims(
    "From … seeds, with moons of their own, the lead over such a line goes from … to "
    "… after … epochs, and from … to … after …."
)
def test_leads_of_several_seeds() -> None:
    """Behind or level at first, ahead at the end; each lead is the difference."""
    found = moons_seeds(num_seeds=3, epochs=(3, 60))
    early, late = found.leads
    assert found.epochs == (3, 60)
    assert early.greatest < 0.03
    assert late.least > 0.04


# What the loop of the page is told beside a network and samples.
RUN: dict[str, Any] = {"batch_size": 2, "num_epochs": 2}


def trained_by(name: str, layers: Any, inputs: Any, targets: Any, **run: Any) -> Any:
    """Train with the code of the page, as it stands there."""
    known = {"np": np, "sigmoid": sigmoid}
    known |= {name: getattr(network, name) for name in ("Dense", "backward")}
    code = shown("training", name, **known, forward_pass=network.forward_pass)
    generator = np.random.default_rng(3)
    return code[name](layers, inputs, targets, **run, generator=generator)


def trained_by_fit(
    loss: Any, layers: Any, inputs: Any, targets: Any, *, rate: Any, **run: Any
) -> Any:
    """Train with the library, from the same seed."""
    rule, generator = GradientDescent(rate), np.random.default_rng(3)
    given: dict[str, Any] = {"loss": loss, "rule": rule, "generator": generator}
    return fitting.fit(layers, inputs, targets, **given, **run).layers


@pytest.mark.claims(
    "An epoch shuffles the samples and deals them into batches $B$; for each, the "
    "inputs go forward and the slopes back, and every weight and bias moves:",
    "From the same start, with plain descent and the same shuffles, it arrives at the "
    "same weights:",
    "An epoch shuffles the samples and deals them into batches, and on each batch the "
    "weights take one step: forward, back, and against the slopes.",
    "Let them start somewhere, and take the steps of …, each along the slopes of a "
    "batch.",
)
@settings(max_examples=10)
@given(st.data(), st.integers(2, 5), st.sampled_from([IDENTITY, RELU]))
def test_loop_of_the_page_exactly(
    data: st.DataObject, n_samples: int, bend: Activation
) -> None:
    """In fractions the loop and `fit` give equal weights, also with a batch left."""
    layers = [
        network.Dense(
            data.draw(exact_arrays(pair)), data.draw(exact_arrays(pair[1:])), bend
        )
        for pair in ((2, 2), (2, 1))
    ]
    inputs, targets = (data.draw(exact_arrays((n_samples, n))) for n in (2, 1))
    given = layers, inputs, targets
    run = {"rate": Fraction(1, 8), "batch_size": 2, "num_epochs": 1}
    own = trained_by("train", *given, **run)
    known = trained_by_fit(losses.MEAN_SQUARED_ERROR, *given, **run)
    assert len(own) == len(known) == 2
    for one, other in zip(own, known, strict=True):
        assert np.array_equal(one.weights, other.weights)
        assert np.array_equal(one.bias, other.bias)


@pytest.mark.claims(
    "The function fit of the library is this loop, with any rule of part two in place "
    "of the last line, with other losses, and with measurements after each epoch.",
    "Nothing else changes: forward, backward and step do not know which loss they "
    "serve.",
    "Rewrite the line of train that computes the slope of the loss, so that the output "
    "of the network is taken for a score: the sigmoid makes a probability of it, and "
    "the loss is the cross-entropy.",
)
@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("train", losses.MEAN_SQUARED_ERROR),
        ("to_score", losses.SIGMOID_CROSS_ENTROPY),
    ],
)
@pytest.mark.parametrize("sizes", [(2, 8, 1), (3, 4, 4, 1)])
def test_loop_of_the_page_in_floats(
    name: str, loss: Any, sizes: tuple[int, ...]
) -> None:
    """With tanh, several epochs, and a number that the batch does not divide."""
    generator = np.random.default_rng(len(sizes))
    layers = network.dense_network(sizes, generator, activation=TANH)
    inputs = generator.normal(size=(23, sizes[0]))
    targets = generator.integers(0, 2, size=(23, 1)).astype(float)
    given = layers, inputs, targets
    run = {"rate": 0.1, "batch_size": 5, "num_epochs": 4}
    own, known = trained_by(name, *given, **run), trained_by_fit(loss, *given, **run)
    for start, one, other in zip(layers, own, known, strict=True):
        np.testing.assert_allclose(one.weights, other.weights, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(one.bias, other.bias, rtol=1e-10, atol=1e-12)
        assert abs(start.weights - one.weights).min() > 1e-9  # type: ignore[union-attr]


@pytest.mark.claims(
    "From a random start the same loop learns:",
    "This start and these shuffles are drawn from one seed; of the first … seeds, … "
    "learn all four targets.",
)
@pytest.mark.parametrize("seed", [10, 11, 12])
def test_loop_learns_from_other_seeds(seed: int) -> None:
    """From starts that the page has not seen."""
    start = network.dense_network(
        (2, 4, 1),
        np.random.default_rng(seed),
        activation=TANH,
        initialise=initialisation.glorot,
    )
    inputs, targets = np.array(XOR_INPUTS, float), np.array(XOR_TARGETS)[:, None]
    given: Any = start, inputs, targets
    after = trained_by("train", *given, rate=0.1, batch_size=2, num_epochs=200)
    before, says = (network.forward(own, inputs)[-1] for own in (start, after))
    assert abs(says - targets).max() < 0.1 < abs(before - targets).max()


@pytest.mark.claims(
    "The hidden nodes pass zeros on, so the slopes along the output weights are zero; "
    "and as the output weights are zero, no slope comes back to the hidden layer.",
    "One bias is left, and all that it can say is the same to every sample.",
    "The plainest start would have zero for all weights and biases.",
    "A network with … inputs, … hidden nodes with tanh, whose value at zero is zero, "
    "and … output has … weights and biases, all of them zero.",
)
@FEW
@given(st.data(), st.sampled_from([IDENTITY, RELU]), st.integers(1, 3))
def test_start_at_zero(data: st.DataObject, bend: Activation, n_hidden: int) -> None:
    """Whatever the samples, and every bend that is zero at zero."""
    zero = Fraction(0)
    layers = [
        network.Dense(np.full((2, n_hidden), zero), np.full(n_hidden, zero), bend),
        network.Dense(np.full((n_hidden, 1), zero), np.full(1, zero)),
    ]
    inputs, targets = (data.draw(exact_arrays((3, n))) for n in (2, 1))
    first, second = trained_by(
        "train", layers, inputs, targets, rate=Fraction(1, 4), **RUN
    )
    assert not first.weights.any()
    assert not first.bias.any()
    assert not second.weights.any()
    says = network.forward([first, second], inputs)[-1]
    assert len(set(says[:, 0])) == 1
    assert TANH.function(0) == 0


@pytest.mark.claims(
    "Equal columns of $W_1$ and equal biases give every hidden node the same sum, and "
    "so the same value and the same slope of its activation.",
    "Equal rows of $W_2$ send the same slope back to every one of them, since "
    "$\\partial L / \\partial A_1 = \\partial L / \\partial Z_2 \\, W_2^\\top$.",
    "Then the columns of $\\partial L / \\partial W_1 = X^\\top\\, \\partial L / "
    "\\partial Z_1$ are equal, and so are the rows of $\\partial L / \\partial W_2 = "
    "A_1^\\top\\, \\partial L / \\partial Z_2$: all nodes take the same step, and the "
    "next step meets equal nodes again.",
    "Nodes that are alike do the work of one.",
    "Let all hidden nodes of a network start with the same weights, the same bias, and "
    "the same weight to the output.",
    "Show by the equations of a layer, …, that no step of the loop can make them "
    "differ.",
)
@settings(max_examples=10)
@given(st.data(), st.sampled_from([IDENTITY, RELU]))
def test_nodes_that_start_alike(data: st.DataObject, bend: Activation) -> None:
    """Three stay equal, exactly, and one in their place gives what they do."""
    column, bias = data.draw(exact_arrays((2, 1))), data.draw(exact_arrays((1,)))
    row = data.draw(exact_arrays((1, 2)))
    layers = [
        network.Dense(np.tile(column, 3), np.tile(bias, 3), bend),
        network.Dense(np.tile(row, (3, 1)), np.full(2, Fraction(1))),
    ]
    inputs, targets = (data.draw(exact_arrays((2, n))) for n in (2, 2))
    run = {"rate": Fraction(1, 4), "batch_size": 1, "num_epochs": 1}
    first, second = trained_by("train", layers, inputs, targets, **run)
    for same in (first.weights.T, first.bias, second.weights):
        assert all(np.array_equal(same[0], other) for other in same)
    alone: list[network.Layer] = [
        network.Dense(first.weights[:, :1], first.bias[:1], bend),
        network.Dense(3 * second.weights[:1], second.bias),
    ]
    both = (network.forward(own, inputs)[-1] for own in ([first, second], alone))
    assert np.array_equal(*both)


@pytest.mark.claims(
    "Of … runs … found them, and … end at the loss of a network that says one half to "
    "everything.",
    "You will learn what a hidden layer does to its samples, of what an epoch "
    "consists, why the weights start at random, and that training need not find a "
    "solution which exists.",
)
def test_two_nodes_from_other_seeds() -> None:
    """Few of the next twelve seeds find them, and a constant half has the loss 1/4."""
    start: dict[str, Any] = {"n_hidden": 2, "activation": RELU, "learning_rate": 0.1}
    ends = [
        float(learn_xor(epochs=(100,), resolution=2, seed=seed, **start).losses[0])
        for seed in range(10, 22)
    ]
    assert sum(end < 0.01 for end in ends) < 4
    assert sum(abs(end - 0.25) < 0.01 for end in ends) > 2
    assert losses.mean_squared_error([0.5] * 4, XOR_TARGETS) == 0.25


@pytest.mark.claims(
    "A node that stops all four samples gets no slope: plain descent leaves it where "
    "it is, and the steps of Adam, which remember earlier slopes, fade."
)
@FEW
@given(weights=exact_arrays((2, 2)), outputs=exact_arrays((2,)))
def test_node_that_stops_every_sample(weights: Any, outputs: Any) -> None:
    """Its bias is below what its weights can lift."""
    bias = np.array([Fraction(1), -abs(weights[:, 1]).sum() - 1])
    layers: list[network.Layer] = [
        network.Dense(weights, bias, RELU),
        network.Dense(outputs[:, None], np.array([Fraction(0)])),
    ]
    passed = network.forward_pass(layers, XOR_INPUTS)
    targets = np.array(XOR_TARGETS)[:, None]
    slope = losses.mean_squared_error_slope(passed.values[-1], targets)
    along_weights, along_bias = network.backward(layers, passed, slope).params[0]
    rule = GradientDescent(Fraction(1, 10))
    dead = [*along_weights[:, 1], along_bias[1]]
    update, _ = rule.update(dead, rule.init([*weights[:, 1], bias[1]]))
    assert dead == [0, 0, 0]
    assert update.tolist() == [0, 0, 0]
    adam, sizes = Adam(0.1), []
    state = adam.init(1.0)
    for slope in (0.5, -2.0, 0.25, *[0.0] * 20):
        update, state = adam.update(slope, state)
        sizes.append(abs(float(update)))
    assert all(later < 0.95 * earlier for earlier, later in pairwise(sizes[3:]))


@pytest.mark.claims(
    "The seed is …; of the first … seeds, … part the four samples by the last epoch."
)
@pytest.mark.parametrize("seed", [10, 11, 12])
def test_xor_from_other_seeds(seed: int) -> None:
    """The next seeds learn it too."""
    run = learn_xor(epochs=(200,), seed=seed, resolution=2)
    assert run.accuracies == (1,)
    assert run.losses[0] < 1e-5
