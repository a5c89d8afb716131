"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise, product
from operator import add, mul
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import exact_arrays, fractions, positive_fractions

from gdbook import datasets, gradients, losses, network
from gdbook.activations import IDENTITY, RELU, SIGMOID, TANH, Activation, relu
from gdbook.examples.backpropagation import (
    XOR_INPUTS,
    XOR_TARGETS,
    Circuit,
    best_split,
    check_errors,
    circuit,
    gates,
    gradient_check,
    hand_made,
    layer_shapes,
    learn_moons,
    learn_xor,
    moons_seeds,
    moons_split,
    passes,
    three_factors,
    training_step,
)
from gdbook.examples.forward_propagation import two_layers
from gdbook.examples.weight_update import weight_update
from gdbook.glue import defaults
from gdbook.optimizers import Adam, GradientDescent

LATE = Activation(relu, lambda sums: (relu(sums) >= 0) + 0 * sums)
INPUTS, OUTPUTS = exact_arrays((2,)), exact_arrays((2,))
HIDDEN = exact_arrays((2, 2))
FEW = settings(max_examples=25)  # a network each
NINTHS = st.fractions(Fraction(1, 9), 9, max_denominator=99)
SIZES = st.lists(st.integers(1, 5), min_size=2, max_size=4)


@pytest.mark.claims(
    "You need the network of …, the three factors of …, and the central difference of "
    "….",
    "The hidden layer has moved the samples: two of them now lie on one another, and a "
    "line parts what it could not part before.",
    "The line bends until it parts the four samples.",
    "Four samples can be learned by heart.",
    "Weight w21 leads from the second input to the first hidden node.",
    "Now join such pieces to the network with which this book began.",
    "Here $z_k$ is the sum that reaches hidden node $k$ and $h_k = \\sigma(z_k)$ what "
    "leaves it; the first network has the identity there, where $\\sigma'$ is $1$.",
    "It has … hidden nodes with tanh, starts at random, and takes … steps of Adam with "
    "the learning rate …, along slopes that were carried back from the mean squared "
    "error of the … samples.",
    "The network has … hidden nodes with tanh, with … weights and biases together.",
    "What the network says over the plane, before, during and after its training.",
)
def test_what_the_examples_share() -> None:
    """One network, four samples, and moons of one kind."""
    net = defaults(two_layers)
    for example in (circuit, three_factors, training_step, gradient_check):
        own = defaults(example)
        assert {name: own[name] for name in net if name in own} == net
        assert own["activation"] is IDENTITY
    assert three_factors().names[1:3] == ("w21", "w12")
    for known in (best_split, hand_made):
        own = defaults(known)
        assert (own["inputs"], own["targets"]) == (XOR_INPUTS, XOR_TARGETS)
    assert (len(XOR_INPUTS), len(set(hand_made().hidden))) == (4, 3)
    xor, moons = defaults(learn_xor), defaults(learn_moons)
    for own in (xor, moons):
        assert own["activation"] is TANH
        assert own["epochs"][0] == 0
    first, *_, last = learn_xor(resolution=2).accuracies
    assert first < last == 1


@pytest.mark.claims(
    "If it is told the slope of the loss along $y$, it can tell the slope along $a$, "
    "whatever stands before or behind it:",
    "A sum rises as fast as either input does, so it hands the slope to both.",
    "A product rises by the other input for each unit of the one, so the slopes are … "
    "times the inputs, swapped.",
    "A maximum follows its larger input, and does not feel the other one while it "
    "stays below.",
    "The last column holds the same slopes, measured by central differences.",
    "The bend of ReLU is a maximum of its sum and zero: it routes the slope to the "
    "sum or to nowhere.",
)
@FEW
@given(inputs=INPUTS, bend=fractions(), lean=fractions())
def test_operations_know_their_own_slopes(
    inputs: Any, bend: Fraction, lean: Fraction
) -> None:
    """Behind an operation stands any parabola, whose slope is known."""
    a, b = inputs
    step = Fraction(1, 1000)
    assume(abs(a - b) > step < abs(a))
    for name, operation, shares in (
        ("add", add, (1, 1)),
        ("multiply", mul, (b, a)),
        ("largest", max, (int(a > b), int(a < b))),
    ):

        def loss(pair: Any, operation: Any = operation) -> Any:
            output = operation(*pair)
            return bend * output**2 + lean * output

        slope = 2 * bend * operation(a, b) + lean
        gate = getattr(gates(inputs, slope, step), name)
        assert gate.input_slopes == gate.measured
        assert gate.input_slopes == tuple(slope * share for share in shares)
        along = gradients.central_difference(loss, inputs, step)
        assert tuple(along) == gate.input_slopes
    relu_slope = RELU.chain([a], [lean])[0]
    assert relu_slope == gates((a, Fraction(0)), lean).largest.input_slopes[0]


@pytest.mark.claims(
    "The slope of the squared error along the prediction is twice the error, ….",
    "From there every slope follows from those that are already known, one layer "
    "after the other:",
    "It feeds both hidden nodes, so two slopes come back to it, … from one and … from "
    "the other.",
    "Raising it does both at once, so they add up to …: where a value is used twice, "
    "its slopes add.",
    "They are at every weight of …, however deep it lies:",
    "Along one weight alone the prediction of this network is a straight line, and "
    "its loss a parabola.",
    "Any step will do, and this one is …: on a parabola the central difference is the "
    "slope itself.",
    "The check went forward … times, twice for each of six weights.",
    "Backpropagation walks a network once forward and once back, and then knows the "
    "slope along every weight: sums distribute a slope, products swap, maxima route, "
    "and where a value is used twice its slopes add.",
    "On every wire the slope is what feeds the weight, times the slope of the loss at "
    "its node, times the slope of the activation there.",
)
@FEW
@given(
    inputs=INPUTS,
    hidden=HIDDEN,
    outputs=OUTPUTS,
    target=fractions(),
    step=st.fractions(Fraction(1, 100), 50, max_denominator=100),
)
def test_slopes_of_any_network(
    inputs: Any, hidden: Any, outputs: Any, target: Fraction, step: Fraction
) -> None:
    """Each is that of the loss, measured with any step, and has three factors."""
    ran: Any = circuit(inputs, hidden, outputs, target)
    check: Any = gradient_check(inputs, hidden, outputs, target, step=step)
    assert check.differences == (0,) * 6
    assert check.forward_passes == 2 * len(check.names)
    found = three_factors(inputs, hidden, outputs, target)
    assert found.slopes == check.slopes
    assert ran.loss_slope == 2 * ran.error

    def loss(inputs: Any) -> Any:
        return circuit(inputs, hidden, outputs, target).loss

    assert tuple(gradients.central_difference(loss, inputs, step)) == ran.input_slopes
    for index in range(2):
        shares = [
            row[index] * slope
            for row, slope in zip(hidden, ran.sum_slopes, strict=True)
        ]
        assert ran.input_slopes[index] == sum(shares)
    lines = [
        circuit(inputs, [(w, hidden[0][1]), hidden[1]], outputs, target)
        for w in (0, 1, 2, 3)
    ]
    assert not np.diff([one.prediction for one in lines], n=2).any()
    assert not np.diff([one.loss for one in lines], n=3).any()


@pytest.mark.claims(
    "The signs differ: raising the first node lowers the loss, raising the second one "
    "raises it.",
    "Four weights have a negative slope and rise, two fall, and each of the six moves "
    "lifts the prediction.",
    "In fractions the new loss is exactly ….",
    "Here it is the steepest of all six.",
    "Together they lift it from … to ….",
    "The error shrinks to …, and the loss from … to ….",
    "Both layers have moved, the hidden nodes to … and …, along slopes that were taken "
    "before the first of them moved.",
)
def test_step_of_the_book() -> None:
    """Each move alone lifts the prediction, and the error shrinks."""
    ran: Any = circuit()
    step: Any = training_step()
    assert ran.hidden_slopes[0] < 0 < ran.hidden_slopes[1]
    slopes: Any = three_factors().slopes
    assert [slope < 0 for slope in slopes].count(True) == 4
    assert [slope > 0 for slope in slopes].count(True) == 2
    assert max(map(abs, slopes)) == -slopes[1]
    for layer, node in ((0, 0), (0, 1), (1, 0)):
        for index in range(2):
            hidden, outputs = np.array(ran.hidden_weights, float), [2.0, -1.0]
            if layer:
                outputs[index] = float(step.new_output_weights[index])
            else:
                hidden[node][index] = step.new_hidden_weights[node][index]
            assert circuit(ran.inputs, hidden, outputs).prediction > ran.prediction
    assert step.new_prediction > step.prediction
    assert abs(step.new_error) < abs(step.error)
    assert (step.new_loss, step.loss) == near((step.new_error**2, step.error**2))
    assert all(np.not_equal(step.new_hidden, step.hidden))
    rate = Fraction(str(step.learning_rate))
    assert training_step(rate).new_loss == near(step.new_loss)


@pytest.mark.claims(
    "No other weight of its layer is steeper, since it has the largest input and "
    "leads to the node with the largest slope, both without their signs."
)
@FEW
@given(inputs=INPUTS, hidden=HIDDEN, outputs=OUTPUTS, target=fractions())
def test_steepest_weight_of_a_layer(
    inputs: Any, hidden: Any, outputs: Any, target: Fraction
) -> None:
    """The largest input at the steepest node, in any network of this kind."""
    found: Any = three_factors(inputs, hidden, outputs, target)
    layer = list(zip(found.inputs[:4], found.loss_slopes[:4], strict=True))
    fed, slope = (max(abs(pair[place]) for pair in layer) for place in (0, 1))
    assert max(map(abs, found.slopes[:4])) == fed * slope
    assert (three_factors().inputs[1], three_factors().loss_slopes[1]) == (3, -16)


@pytest.mark.claims(
    "A wrong slope of the right shape raises no error.",
    "Training goes on with it, and can even learn something, as it does with the "
    "wrong slope of the first exercise.",
    "A wrong slope of the right shape raises no error: hold a new one against a "
    "central difference before you train with it.",
    "The predictions are what they were before; the gradient check sees the fault.",
)
@pytest.mark.parametrize("seed", range(2))
def test_wrong_slope_learns_something(seed: int) -> None:
    """More than three quarters of two moons, and less than with the right slope."""
    start, wrong = learn_moons(
        epochs=(0, 100), activation=LATE, seed=seed, resolution=2
    ).accuracies
    right = learn_moons(
        epochs=(100,), activation=RELU, seed=seed, resolution=2
    ).accuracies
    assert start < 0.75 < wrong < right[0]
    swapped = (circuit((3, 2), activation=bend) for bend in (LATE, RELU))
    assert len({ran.prediction for ran in swapped}) == 1
    assert any(gradient_check((3, 2), activation=LATE).differences)


@pytest.mark.claims(
    "With a curved activation a gap is left.",
    "Its bend leaves a part that falls with the square of the step, and both losses "
    "are rounded, to a share $\\epsilon$ of about …, which is divided by the step:",
)
@pytest.mark.parametrize("bend", [TANH, SIGMOID])
def test_gap_of_a_curved_activation(bend: Activation) -> None:
    """Half the step leaves a quarter of the gap; a tiny step leaves more again."""

    def gap(step: float) -> float:
        # Along the first weight, whose node is far from a point of inflection.
        found = gradient_check((0.5, -0.25), activation=bend, step=step)
        return abs(float(found.differences[0]))

    for step in (2.0**-5, 2.0**-7, 2.0**-9):
        assert gap(step) / gap(step / 2) == near(4, rel=1e-2)
    assert gap(2.0**-44) > gap(2.0**-15)


@pytest.mark.claims(
    "Whether it is small, only the slopes themselves can say, so take its share of "
    "them:",
    "The step decides what is left of a right slope.",
    "Shorter steps are worse by their factor: rounding is all that they measure.",
    "The wrong slope is $1 - z^2$ in place of $1 - \\sigma(z)^2$, the sum where the "
    "node's answer belongs, and no step hides it.",
    "The relative error of a gradient check: it falls with the square of the step and "
    "rises with one over it.",
    "The step … does, where the error is near …; the cube root of $\\epsilon$ is ….",
)
@pytest.mark.parametrize("seed", range(5))
def test_steps_of_a_check(seed: int) -> None:
    """Of other networks: two decades a step down, one up, and the least between."""
    found = check_errors(sizes=(3, 6, 2), seed=seed)
    decades = np.log10(found.errors)
    assert np.diff(decades[:3]) == near([-2, -2], abs=0.05)
    assert np.diff(decades[7:]) == near([1, 1, 1, 1], abs=0.4)
    at = found.steps[int(decades.argmin())]
    assert abs(math.log10(at / found.best_step)) < 1.3
    assert min(found.errors) < found.thresholds[2] < found.thresholds[1]
    wrong = np.array(found.wrong)
    assert wrong.min() > 0.9 * wrong[0] > 100 * min(found.errors)
    book = check_errors()
    assert min(book.wrong) > book.thresholds[0]


@pytest.mark.claims(
    "The sum is least where $2c\\,h = d\\,\\epsilon/h^2$.",
    "If $c$ and $d$ are not far from $1$, this $h$ is near the cube root of "
    "$\\epsilon$.",
)
@given(NINTHS, NINTHS, positive_fractions(), NINTHS)
def test_the_step_with_the_least_sum(c: Any, d: Any, h: Any, factor: Any) -> None:
    """With the rounding for which a step is the best, any other step is worse."""
    rounding = 2 * c * h**3 / d

    def error(step: Any) -> Any:
        return c * step**2 + d * rounding / step

    assert error(factor * h) >= error(h)
    assert (error(factor * h) == error(h)) == (factor == 1)
    assert Fraction(1, 6) ** 3 < h**3 / rounding < 6**3


@pytest.mark.claims(
    "Differences take … passes, two for each weight.",
    "The gap column bounds the largest difference between the two gradients, so this "
    "is a gradient check of every weight, too.",
)
@pytest.mark.parametrize("seed", range(1, 4))
def test_passes_of_other_networks(seed: int) -> None:
    """Whatever the sizes and the numbers drawn, each weight takes two."""
    counted = passes(((3, 2), (2, 3, 3, 1), (4, 4, 2)), seed)
    assert counted.by_differences == tuple(2 * count for count in counted.counts)
    assert max(counted.gaps) < 1e-8


@pytest.mark.claims(
    "Backpropagation takes … at every size: one forward, and one back, which takes "
    "twice the multiplications of the one forward, and one for the activation of each "
    "node."
)
@pytest.mark.claims(
    "How to compute these slopes together, for about the price of two more passes "
    "forward, is the question of ….",
    page="activations",
)
@pytest.mark.parametrize("sizes", [(2, 2, 1), (3, 4, 2, 5), (1, 1)])
def test_multiplications_of_a_walk_back(
    sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count them in fractions, for three samples."""
    count, times = 0, Fraction.__mul__

    def counted(first: Fraction, second: Any) -> Any:
        nonlocal count
        count += 1
        return times(first, second)

    layers: list[network.Layer] = [
        network.Dense(np.full(pair, Fraction(1, 2)), np.full(pair[1], Fraction(1)))
        for pair in pairwise(sizes)
    ]
    inputs = np.full((3, sizes[0]), Fraction(1, 3))
    monkeypatch.setattr(Fraction, "__mul__", counted)
    passed = network.forward_pass(layers, inputs)
    forward, count = count, 0
    network.backward(layers, passed, np.full((3, sizes[-1]), Fraction(2)))
    weights = sum(a * b for a, b in pairwise(sizes))
    nodes = sum(sizes[1:])
    assert (forward, count) == (3 * weights, 2 * forward + 3 * nodes)


@pytest.mark.claims("A bias is used by every sample, so its slopes add.")
@FEW
@given(st.data())
def test_slope_along_a_bias(data: st.DataObject) -> None:
    """The slope of a batch is the sum of its samples'."""
    inputs, weights = data.draw(exact_arrays((3, 2))), data.draw(exact_arrays((2, 2)))
    slopes = data.draw(exact_arrays((3, 2)))
    layers: list[network.Layer] = [network.Dense(weights, np.full(2, Fraction(0)))]

    def along_bias(rows: slice) -> Any:
        passed = network.forward_pass(layers, inputs[rows])
        return network.backward(layers, passed, slopes[rows]).params[0][1]

    alone = [along_bias(slice(i, i + 1)) for i in range(3)]
    assert along_bias(slice(None)).tolist() == sum(alone).tolist()


@pytest.mark.claims(
    "Every slope has the shape of what it is a slope along.",
    "Where the sizes differ, that rule alone puts each transpose of … where it "
    "belongs.",
)
@FEW
@given(sizes=SIZES, n_samples=st.integers(1, 6))
def test_shapes_of_slopes(sizes: list[int], n_samples: int) -> None:
    """Of all products of two matrices, turned or not, one fits if the sizes differ."""
    seen = layer_shapes(tuple(sizes), n_samples)
    assert seen.slope_shapes == seen.shapes
    values, weights = (n_samples, sizes[0]), (sizes[0], sizes[1])
    sums = (n_samples, sizes[1])
    assume(len({*values, *weights}) == 3)

    def fitting(left: Any, right: Any, wanted: Any) -> list[tuple[int, int, bool]]:
        return [
            (a, b, turned)
            for a, b, turned in product((1, -1), (1, -1), (False, True))
            for one, two in [(right, left) if turned else (left, right)]
            if one[::a][1] == two[::b][0] and (one[::a][0], two[::b][1]) == wanted
        ]

    assert fitting(values, sums, weights) == [(-1, 1, False)]
    assert fitting(sums, weights, values) == [(1, -1, False)]


@pytest.mark.claims(
    "Here is a task that no line can solve: say one if exactly one of two inputs is "
    "one, and zero otherwise.",
    "It is called the exclusive or, XOR, and of the sixteen ways to answer its four "
    "samples, lines give all but this one and its opposite.",
    "A line that gets … samples of XOR right, and no line gets more; a ring marks the "
    "one on the wrong side.",
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


@pytest.mark.claims(
    "The error is now …, and still the slope along the first weight has gone from … "
    "to …, because its node multiplies by …."
)
@FEW
@given(inputs=INPUTS, outputs=OUTPUTS)
def test_what_a_sigmoid_leaves(inputs: Any, outputs: Any) -> None:
    """The slope's share is that of the errors, times the slope of the activation."""
    plain, dim = (
        circuit(inputs, output_weights=outputs, activation=bend)
        for bend in (IDENTITY, SIGMOID)
    )

    def first(ran: Circuit) -> float:
        return float(ran.weight_slopes[0][0])

    factor = float(dim.activation_slopes[0])
    assert first(dim) * float(plain.error) == near(
        first(plain) * float(dim.error) * factor, rel=1e-9, abs=1e-12
    )
    book: Any = circuit(activation=SIGMOID)
    assert abs(book.error) > abs(float(circuit().error))
    assert abs(first(book)) < abs(first(circuit())) / 10


@pytest.mark.claims(
    "What leaves a ReLU is never negative, so the question is always answered with "
    "yes, and the slope is one everywhere."
)
@FEW
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_slope_taken_too_late(value: float) -> None:
    """It is one, whatever the sum."""
    assert relu(value) >= 0
    assert LATE.slope(np.array([value])).tolist() == [1]


@pytest.mark.claims(
    "The weights of the stopped node get slopes although moving them a little changes "
    "nothing.",
    "Its step must be small enough not to wake the node: a gap from crossing the bend "
    "says nothing about the slope.",
)
@FEW
@given(st.fractions(Fraction(1, 100), 2, max_denominator=100))
def test_steps_that_wake_a_node(step: Fraction) -> None:
    """The sum is −1, and the inputs are 3 and 2: up to 1/3 it sleeps."""
    late = gradient_check((3, 2), activation=LATE, step=step)
    right = gradient_check((3, 2), activation=RELU, step=step)
    assert late.slopes[2:4] == (18, 12)
    assert right.slopes[2:4] == (0, 0)
    assert (right.measured[2] == 0) == (step <= Fraction(1, 3))
    assert (right.measured[3] == 0) == (step <= Fraction(1, 2))
    assert gradient_check((3, 2), activation=RELU).differences == (0,) * 6


@pytest.mark.claims(
    "The prediction climbs to … instead of …: the hidden nodes move, the output "
    "weights that multiply them move as well, and the product of the two moves grows "
    "with the square of the rate."
)
@FEW
@given(rate=st.fractions(Fraction(1, 1000), 1, max_denominator=1000))
def test_moves_multiply(rate: Fraction) -> None:
    """What is more than twice the climb is twice the product of the two moves."""
    one: Any = training_step(rate)
    two = training_step(2 * rate)
    more = two.new_prediction - one.new_prediction - (one.new_prediction - 9)
    hidden = np.subtract(one.new_hidden, one.hidden)
    moves = hidden @ np.subtract(one.new_output_weights, one.output_weights)
    assert more == 2 * moves
    assert moves == rate**2 * (208 * 40 - 104 * 8)


@pytest.mark.claims(
    "Take the step of this chapter with twice its learning rate, which is the rate "
    "that served the single weight of … well.",
    "The loss rises from … to ….",
)
def test_rate_of_a_single_weight() -> None:
    """There it shrinks the error; here the loss rises."""
    rate = defaults(weight_update)["learning_rate"]
    assert rate == near(2 * training_step().learning_rate)
    single: Any = weight_update()
    then: Any = weight_update(weight=single.new_weight)
    assert abs(then.error) < abs(single.error)
    more: Any = training_step(rate).new_loss
    assert more > training_step().loss


@pytest.mark.claims(
    "Of … runs … found them, and … end at the loss of a network that says one half to "
    "everything."
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
