"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise, product
from operator import add, mul
from typing import Any

import numpy as np
import pytest
from exercises.kept import shown
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import exact_arrays, fractions, positive_fractions

from gdbook import gradients, losses, network
from gdbook.activations import IDENTITY, RELU, SIGMOID, TANH, Activation, relu
from gdbook.examples.backpropagation import (
    Circuit,
    check_errors,
    circuit,
    gates,
    gradient_check,
    layer_shapes,
    passes,
    three_factors,
    training_step,
)
from gdbook.examples.forward_propagation import two_layers
from gdbook.examples.training import learn_moons
from gdbook.examples.weight_update import weight_update
from gdbook.glue import defaults

LATE = Activation(relu, lambda sums: (relu(sums) >= 0) + 0 * sums)
INPUTS, OUTPUTS = exact_arrays((2,)), exact_arrays((2,))
HIDDEN = exact_arrays((2, 2))
FEW = settings(max_examples=25)  # a network each
NINTHS = st.fractions(Fraction(1, 9), 9, max_denominator=99)
SIZES = st.lists(st.integers(1, 5), min_size=2, max_size=4)


@pytest.mark.claims(
    "You need the network of …, the three factors of …, and the central difference of "
    "….",
    "Weight w21 leads from the second input to the first hidden node.",
    "Now join such pieces to the network with which this book began.",
    "Here $z_k$ is the sum that reaches hidden node $k$ and $h_k = \\sigma(z_k)$ what "
    "leaves it; the first network has the identity there, where $\\sigma'$ is $1$.",
)
def test_what_the_examples_share() -> None:
    """One network, with the identity on its nodes."""
    net = defaults(two_layers)
    for example in (circuit, three_factors, training_step, gradient_check):
        own = defaults(example)
        assert {name: own[name] for name in net if name in own} == net
        assert own["activation"] is IDENTITY
    assert three_factors().names[1:3] == ("w21", "w12")


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
    "These two functions are all of backpropagation for a network of such layers, "
    "however many there are.",
    "They agree in every layer, and would to the last digit if floats did not round.",
)
class TestCodeOfThePage:
    """The cells of the page, run as they stand, on networks of all sizes."""

    @staticmethod
    def slopes(layers: Any, inputs: Any, targets: Any) -> Any:
        """Walk with the code of the page, and look at what it passes on."""
        code = shown("backpropagation", "go_forward", "go_back")
        values, sums = code["go_forward"](layers, inputs)
        for own, known in zip(values, network.forward(layers, inputs), strict=True):
            assert np.shape(own) == np.shape(known)
        slope = 2 * (values[-1] - targets) / len(inputs)
        return code["go_back"](layers, values, sums, slope)

    @staticmethod
    def known(layers: Any, inputs: Any, targets: Any) -> Any:
        """Walk with the library."""
        passed = network.forward_pass(layers, inputs)
        slope = losses.mean_squared_error_slope(passed.values[-1], targets)
        return network.backward(layers, passed, slope).params

    @FEW
    @given(st.data(), SIZES, st.integers(1, 4), st.sampled_from([IDENTITY, RELU]))
    def test_exactly(
        self, data: st.DataObject, sizes: list[int], n_samples: int, bend: Activation
    ) -> None:
        """In fractions all slopes are equal."""
        layers = [
            network.Dense(
                data.draw(exact_arrays(pair)), data.draw(exact_arrays(pair[1:])), bend
            )
            for pair in pairwise(sizes)
        ]
        given = [
            data.draw(exact_arrays((n_samples, size))) for size in (sizes[0], sizes[-1])
        ]
        found, known = self.slopes(layers, *given), self.known(layers, *given)
        assert len(found) == len(known) == len(layers)
        for own, other in zip(found, known, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(own, other, strict=True))

    @pytest.mark.parametrize("bend", [TANH, SIGMOID])
    @pytest.mark.parametrize("sizes", [(2, 8, 8, 1), (3, 1), (1, 4, 2, 5, 3)])
    def test_in_floats(self, sizes: tuple[int, ...], bend: Activation) -> None:
        """With bends that are irrational, to rounding."""
        generator = np.random.default_rng(len(sizes))
        layers = network.dense_network(sizes, generator, activation=bend)
        given = [generator.normal(size=(6, size)) for size in (sizes[0], sizes[-1])]
        pairs = zip(
            self.slopes(layers, *given), self.known(layers, *given), strict=True
        )
        for own, other in pairs:
            for a, b in zip(own, other, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.claims(
    "The slope of either weight along $u$ is one.",
    "A weight that is used twice is such a value as the first input of the network: "
    "its slopes add.",
)
@FEW
@given(
    inputs=INPUTS,
    hidden=HIDDEN,
    outputs=OUTPUTS,
    step=st.fractions(Fraction(1, 100), 50, max_denominator=100),
)
def test_slope_along_a_shared_weight(
    inputs: Any, hidden: Any, outputs: Any, step: Fraction
) -> None:
    """Both wires follow it, in any such network."""

    def at(shared: Any) -> Any:
        rows = ((shared, hidden[0][1]), (hidden[1][0], shared))
        return circuit(inputs, rows, outputs)

    start = hidden[0][0]
    slopes = at(start).weight_slopes
    measured = (at(start + step).loss - at(start - step).loss) / (2 * step)
    assert measured == slopes[0][0] + slopes[1][1]


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
