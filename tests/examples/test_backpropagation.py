"""The worked examples of the chapter on backpropagation."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook import gradients, initialisation, losses, network, packing
from gdbook.activations import IDENTITY, RELU, SIGMOID, SOFTMAX, TANH, Activation, relu
from gdbook.examples.backpropagation import (
    CheckErrors,
    Circuit,
    Gate,
    Gates,
    GradientCheck,
    Passes,
    Shapes,
    ThreeFactors,
    TrainingStep,
    check_errors,
    circuit,
    gates,
    gradient_check,
    layer_shapes,
    passes,
    three_factors,
    training_step,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("9", "−4", "16", "−8", "−40", "−16", "8", "−32", "−48", "24", "−24", "12.8272"),
    *("−0.1728", "0.02985984", "11664/390625", "16.23", "12", "1192", "17.0288"),
)
NETWORKS = [circuit, three_factors, training_step, gradient_check]
HALF = Fraction(1, 2)


class TestTheWalkBack:
    """From there every slope follows from those that are already known."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        assert circuit() == Circuit(
            inputs=(2, 3),
            hidden_weights=((1, 1), (-1, 1)),
            sums=(5, 1),  # 2 + 3 and −2 + 3
            hidden=(5, 1),
            output_weights=(2, -1),
            prediction=9,  # 10 − 1
            target=13,
            error=-4,
            loss=16,
            loss_slope=-8,  # 2 · −4
            output_slopes=(-40, -8),  # −8 · 5 and −8 · 1
            hidden_slopes=(-16, 8),  # −8 · 2 and −8 · −1
            activation_slopes=(1, 1),
            sum_slopes=(-16, 8),
            weight_slopes=((-32, -48), (16, 24)),  # −16 · (2, 3) and 8 · (2, 3)
            input_slopes=(-24, -8),  # −16 − 8 and −16 + 8
        )

    def test_a_stopped_node_gets_no_slope(self) -> None:
        """With ReLU and the inputs swapped, the second node is stopped."""
        assert circuit((3, 2), activation=RELU) == Circuit(
            inputs=(3, 2),
            hidden_weights=((1, 1), (-1, 1)),
            sums=(5, -1),
            hidden=(5, 0),
            output_weights=(2, -1),
            prediction=10,
            target=13,
            error=-3,
            loss=9,
            loss_slope=-6,
            output_slopes=(-30, 0),
            hidden_slopes=(-12, 6),
            activation_slopes=(1, 0),
            sum_slopes=(-12, 0),
            weight_slopes=((-36, -24), (0, 0)),
            input_slopes=(-12, -12),
        )

    def test_it_is_exact_on_fractions(self) -> None:
        """Three inputs, one hidden node, halves and thirds."""
        third = Fraction(1, 3)
        ran = circuit((HALF, 1, 2), ((third, 1, -HALF),), (HALF,), target=0)
        # 1/6 + 1 − 1 = 1/6; half of it is 1/12, twice that the slope 1/6
        assert ran.hidden == (Fraction(1, 6),)
        assert ran.prediction == ran.error == Fraction(1, 12)
        assert ran.loss == Fraction(1, 144)
        assert ran.loss_slope == Fraction(1, 6)
        assert ran.output_slopes == (Fraction(1, 36),)
        assert ran.hidden_slopes == ran.sum_slopes == (Fraction(1, 12),)
        twelfth = Fraction(1, 12)
        assert ran.weight_slopes == ((twelfth / 2, twelfth, twelfth * 2),)
        assert ran.input_slopes == (twelfth / 3, twelfth, -twelfth / 2)
        assert_plain(ran, Fraction)

    def test_the_sigmoid_multiplies_by_its_slope(self) -> None:
        """Each hidden node multiplies by σ(z)(1 − σ(z))."""
        ran = circuit(activation=SIGMOID)
        said = [1 / (1 + np.exp(-5)), 1 / (1 + np.exp(-1))]
        own = [s * (1 - s) for s in said]
        slope = 2 * (2 * said[0] - said[1] - 13)
        assert ran.sums == (5, 1)
        assert ran.hidden == near(said, rel=1e-14)
        assert ran.activation_slopes == near(own, rel=1e-12)
        assert ran.loss_slope == near(slope, rel=1e-14)
        backward = [2 * slope * own[0], -slope * own[1]]
        assert ran.sum_slopes == near(backward, rel=1e-12)
        assert ran.weight_slopes[0] == near(
            [2 * backward[0], 3 * backward[0]], rel=1e-12
        )

    def test_its_numbers_are_plain(self) -> None:
        """Arrays go in, Python's numbers come out, and the arrays stay."""
        inputs, rows = np.array([2.0, 3.0]), np.array([[1.0, 1.0], [-1.0, 1.0]])
        last = np.array([2.0, -1.0])
        ran = circuit(inputs, rows, last, np.float64(13))
        assert_plain(ran)
        assert ran == circuit()
        assert inputs.tolist() == [2, 3]
        assert rows.tolist() == [[1, 1], [-1, 1]]
        assert last.tolist() == [2, -1]


class TestThreeFactors:
    """They are on every wire, however deep it lies."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        assert three_factors() == ThreeFactors(
            names=("w11", "w21", "w12", "w22", "v1", "v2"),
            inputs=(2, 3, 2, 3, 5, 1),
            loss_slopes=(-16, -16, 8, 8, -8, -8),
            activation_slopes=(1, 1, 1, 1, 1, 1),
            slopes=(-32, -48, 16, 24, -40, -8),
        )

    def test_the_second_factor_is_taken_behind_the_activation(self) -> None:
        """The slope along what leaves a stopped node is not zero; its own slope is."""
        found = three_factors((3, 2), activation=RELU)
        assert found.inputs == (3, 2, 3, 2, 5, 0)
        assert found.loss_slopes == (-12, -12, 6, 6, -6, -6)
        assert found.activation_slopes == (1, 1, 0, 0, 1, 1)
        assert found.slopes == (-36, -24, 0, 0, -30, 0)

    def test_names_follow_the_wires(self) -> None:
        """From input j to hidden node k: three inputs, one node."""
        found = three_factors((1, 2, 3), ((1, 1, 1),), (1,), target=5)
        assert found.names == ("w11", "w21", "w31", "v1")
        assert found.slopes == (2, 4, 6, 12)  # 2 · (6 − 5) times 1, 2, 3 and 6
        assert_plain(found)

    @pytest.mark.parametrize("activation", [IDENTITY, RELU, SIGMOID, TANH])
    def test_the_products_are_the_slopes_carried_back(
        self, activation: Activation
    ) -> None:
        """The product on each wire is the slope that the walk back finds."""
        ran = circuit((0.5, -0.25), activation=activation)
        found = three_factors((0.5, -0.25), activation=activation)
        slopes = [x for row in (*ran.weight_slopes, ran.output_slopes) for x in row]
        assert found.slopes == near(slopes, rel=1e-14)


class TestGates:
    """A sum hands the slope to both; a product swaps; a maximum routes."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        assert gates() == Gates(
            add=Gate("add", (3, 4), 7, 2, (2, 2), (2, 2)),
            multiply=Gate("multiply", (3, 4), 12, 2, (8, 6), (8, 6)),
            largest=Gate("max", (3, 4), 4, 2, (0, 2), (0, 2)),
        )

    def test_it_is_exact_on_fractions(self) -> None:
        """The first input may be the largest, and the slope negative."""
        found = gates((HALF, -3), Fraction(-1, 3), step=1)
        third = Fraction(1, 3)
        assert found.add == Gate(
            "add",
            (HALF, -3),
            Fraction(-5, 2),
            -third,
            (-third, -third),
            (-third, -third),
        )
        pair: tuple[Any, Any] = (1, -third / 2)
        assert found.multiply == Gate(
            "multiply", (HALF, -3), Fraction(-3, 2), -third, pair, pair
        )
        pair = (-third, 0)
        assert found.largest == Gate("max", (HALF, -3), HALF, -third, pair, pair)
        assert_plain(found, Fraction)

    def test_the_step_is_a_quarter_unless_told(self) -> None:
        """Near the corner a step of a quarter sees a part of the other side."""
        # From 1/8 below: max(1 ± 1/4, 9/8) = 5/4 and 9/8: 2 · (1/8)/(1/2) = 1/2
        found = gates((Fraction(1), Fraction(9, 8)))
        assert found.largest.input_slopes == (0, 2)
        assert found.largest.measured == (HALF, Fraction(3, 2))

    def test_at_a_tie_the_second_gets_the_slope(self) -> None:
        """A maximum of equals has a corner; the slope is given to the second."""
        assert gates((1, 1)).largest.input_slopes == (0, 2)

    def test_two_inputs(self) -> None:
        """A gate has two, no more and no less."""
        for bad in ((1,), (1, 2, 3)):
            says = f"has shape ({len(bad)},) but must have shape (2,)"
            with refused(ValueError, "inputs", says):
                gates(bad)


class TestOneStep:
    """A training step is taken by all weights together."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        step = training_step()
        assert isinstance(step, TrainingStep)
        assert step.learning_rate == 0.005
        assert step.hidden_weights == ((1, 1), (-1, 1))
        assert step.output_weights == (2, -1)
        assert (step.hidden, step.prediction) == ((5, 1), 9)
        assert (step.error, step.loss) == (-4, 16)
        # 1 + 0.16, 1 + 0.24, −1 − 0.08, 1 − 0.12; 2 + 0.2, −1 + 0.04
        rows = step.new_hidden_weights
        assert rows[0] == near((1.16, 1.24), rel=1e-15)
        assert rows[1] == near((-1.08, 0.88), rel=1e-15)
        assert step.new_output_weights == near((2.2, -0.96), rel=1e-15)
        assert step.new_prediction == near(12.8272, rel=1e-14)
        assert step.new_error == near(-0.1728, rel=1e-12)
        assert step.new_loss == near(0.02985984, rel=1e-12)  # 0.1728²

    def test_it_is_exact_on_fractions(self) -> None:
        """The rate 1/200 leads to an error of −108/625."""
        assert training_step(Fraction(1, 200)) == TrainingStep(
            learning_rate=Fraction(1, 200),
            hidden_weights=((1, 1), (-1, 1)),
            new_hidden_weights=(
                (Fraction(29, 25), Fraction(31, 25)),
                (Fraction(-27, 25), Fraction(22, 25)),
            ),
            output_weights=(2, -1),
            new_output_weights=(Fraction(11, 5), Fraction(-24, 25)),
            hidden=(5, 1),
            # (58 + 93)/25 and (−54 + 66)/25
            new_hidden=(Fraction(151, 25), Fraction(12, 25)),
            prediction=9,
            # 1661/125 − 288/625
            new_prediction=Fraction(8017, 625),
            error=-4,
            new_error=Fraction(-108, 625),
            loss=16,
            new_loss=Fraction(11664, 390625),
        )

    def test_twice_the_rate_is_too_much(self) -> None:
        """The prediction follows 9 + 728 α + 7488 α², from 5824/8 and 8320 − 832."""
        for rate in (Fraction(1, 100), Fraction(1, 1000), Fraction(3)):
            says = 9 + 728 * rate + 7488 * rate**2
            step = training_step(rate)
            assert step.new_prediction == says
            assert step.new_error == says - 13
            assert step.new_loss == (says - 13) ** 2
        assert training_step(Fraction(1, 100)).new_loss > 16

    def test_a_stopped_node_keeps_its_weights(self) -> None:
        """With ReLU and the inputs swapped, only what feeds on moves."""
        step = training_step(Fraction(1, 12), (3, 2), activation=RELU)
        assert step.new_hidden_weights == ((4, 3), (-1, 1))  # 1 + 36/12, 1 + 24/12
        assert step.new_output_weights == (Fraction(9, 2), -1)  # 2 + 30/12
        assert step.new_hidden == (18, 0)
        assert step.new_prediction == 81
        assert_plain(step, Fraction)

    def test_a_slope_beyond_all_floats(self) -> None:
        """A step along it would lead nowhere."""
        says = "makes slopes that are not finite"
        with np.errstate(over="ignore"), refused(ValueError, "layers[1]", says):
            # The first output weight has the slope −2 · 10¹⁰ · 10³⁰⁰.
            training_step(0.1, (1, 0), ((1e300, 0), (0, 0)), (0, 0), target=1e10)


class TestTheStepOfACheck:
    """Too long a step bends, and too short a one measures rounding."""

    def test_every_number_of_the_book(self) -> None:
        """The powers of ten are far enough from the next for any processor."""
        found = check_errors()
        assert isinstance(found, CheckErrors)
        assert found.steps == near([10.0**-k for k in range(1, 13)], rel=1e-15)
        powers = [-3, -5, -7, -9, -11, -10, -9, -8, -7, -6, -5, -4]
        assert found.powers == near([10.0**k for k in powers], rel=1e-15)
        # Rounding differs by tenths of a decade; the nearest power needs half of one.
        away = np.log10(found.errors) - powers
        assert abs(away).max() < 0.35
        assert found.wrong_powers == 12 * (0.1,)
        assert abs(np.log10(found.wrong) + 1).max() < 0.4
        assert found.rounding == 2.0**-52
        assert found.best_step == near(2 ** (-52 / 3), rel=1e-12)
        assert found.thresholds == (0.01, 0.0001, 1e-7)
        assert_plain(found)

    def test_a_network_by_hand(self) -> None:
        """One weight, one bias and a node of tanh, whose slopes follow by the chain."""
        generator = np.random.default_rng(3)
        layers = network.dense_network(
            (1, 1, 1), generator, activation=TANH, initialise=initialisation.glorot
        )
        x, y = (float(generator.normal(size=(1, 1))[0, 0]) for _ in range(2))
        hidden, output = (
            float(layer.weights[0, 0])
            for layer in layers
            if isinstance(layer, network.Dense)
        )

        def loss(w: float, b: float, v: float, c: float) -> float:
            return (v * math.tanh(w * x + b) + c - y) ** 2

        a = math.tanh(hidden * x)
        slope = 2 * (output * a - y)
        for bend, errors in (
            (1 - a**2, check_errors((0.1,), (1, 1, 1), 3).errors),
            (1 - (hidden * x) ** 2, check_errors((0.1,), (1, 1, 1), 3).wrong),
        ):
            carried = np.array(
                [slope * output * bend * x, slope * output * bend, slope * a, slope]
            )
            at = (hidden, 0.0, output, 0.0)
            measured = []
            for index in range(4):
                up, down = list(at), list(at)
                up[index] += 0.1
                down[index] -= 0.1
                measured.append((loss(*up) - loss(*down)) / 0.2)
            gap = math.dist(carried, measured)
            longer = max(math.hypot(*carried), math.hypot(*measured))
            assert errors == near((gap / longer,), rel=1e-9)

    def test_without_a_gap_there_is_no_error(self) -> None:
        """On a line the loss is a parabola along each weight."""
        found = check_errors((0.5,), (1, 1))
        assert found.errors[0] < 1e-14
        assert found.powers[0] < 1e-13


class TestGradientCheck:
    """A wrong slope raises no error; a central difference finds it."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        assert gradient_check() == GradientCheck(
            names=("w11", "w21", "w12", "w22", "v1", "v2"),
            slopes=(-32, -48, 16, 24, -40, -8),
            measured=(-32, -48, 16, 24, -40, -8),
            differences=(0, 0, 0, 0, 0, 0),
            step=0.25,
            forward_passes=12,  # two for each of six weights
        )
        assert_plain(gradient_check())

    @pytest.mark.parametrize("step", [Fraction(1, 1000), Fraction(100)])
    def test_any_step_will_do(self, step: Any) -> None:
        """On a parabola the central difference is the slope itself."""
        checked = gradient_check((Fraction(1, 3), 2), target=Fraction(1, 7), step=step)
        assert checked.differences == (0,) * 6
        assert checked.slopes == checked.measured
        assert_plain(checked, Fraction)

    def test_every_weight_takes_two_passes(self) -> None:
        """Three inputs and one hidden node have four weights."""
        assert gradient_check((1, 2, 3), ((1, 1, 1),), (1,)).forward_passes == 8

    def test_a_slope_taken_too_late_is_caught(self) -> None:
        """ReLU's slope after ReLU, with a zero or more, is one everywhere."""
        late = Activation(relu, lambda sums: (relu(sums) >= 0) + 0 * sums)
        checked = gradient_check((3, 2), activation=late)
        assert checked.slopes == (-36, -24, 18, 12, -30, 0)
        assert checked.measured == (-36, -24, 0, 0, -30, 0)
        assert checked.differences == (0, 0, 18, 12, 0, 0)
        assert gradient_check((3, 2), activation=RELU).differences == (0,) * 6

    def test_the_step_is_a_quarter_unless_told(self) -> None:
        """A step that wakes the stopped node measures something else."""
        # Moved by 1/2, the sum −1 becomes 1/2: (10 − 1/2 − 13)² = 49/4 against 9.
        woken = gradient_check((3, 2), activation=RELU, step=HALF)
        assert woken.measured[2] == Fraction(49, 4) - 9
        assert gradient_check((3, 2), activation=RELU).measured[2] == 0
        # 3 · 1/3 just reaches the corner.
        third = Fraction(1, 3)
        assert gradient_check((3, 2), activation=RELU, step=third).measured[2] == 0
        # On x⁴ of a sum a quarter shows as h²: the loss (s² − 0)² with s = w · 1.
        square = Activation(lambda z: z**2, lambda z: 2 * z)
        checked = gradient_check((1,), ((1,),), (1,), 0, square)
        # ((5/4)⁴ − (3/4)⁴) / (1/2) = (625 − 81)/128 = 17/4 against 4
        assert checked.measured[0] == 4.25
        assert checked.differences[0] == -0.25

    def test_curved_activations_agree_closely(self) -> None:
        """With a small step tanh and sigmoid leave a gap of the order h²."""
        for activation in (TANH, SIGMOID):
            checked = gradient_check((0.5, -0.25), activation=activation, step=2.0**-17)
            assert max(abs(float(gap)) for gap in checked.differences) < 1e-8

    def test_a_step_beyond_all_floats(self) -> None:
        """It must lead from every weight to a number."""
        says = "makes slopes that are not finite"
        with np.errstate(over="ignore"), refused(ValueError, "layers[0]", says):
            gradient_check((0, 0), ((1e308, 0), (0, 0)), step=1e308)


@pytest.mark.parametrize("example", NETWORKS)
class TestNetworksRefuse:
    """What is no network is refused by name."""

    def test_shapes(self, example: Any) -> None:
        """Every weight needs a place."""
        says = (
            "has shape (2, 2) but `inputs` has shape (3,); `hidden_weights` must have "
            "one column for each input"
        )
        with refused(ValueError, "hidden_weights", says):
            example(inputs=(1, 2, 3))
        says = (
            "has shape (3,) but must have shape (2,), one weight for each hidden node"
        )
        with refused(ValueError, "output_weights", says):
            example(output_weights=(1, 2, 3))

    def test_activation(self, example: Any) -> None:
        """It must act on each node by itself."""
        says = "has slopes of shape (2, 2) but must have one for each of 2 hidden nodes"
        with refused(ValueError, "activation", says):
            example(activation=SOFTMAX)


class TestPasses:
    """Differences take two passes for each weight, backpropagation two in all."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        counted = passes()
        assert isinstance(counted, Passes)
        assert counted.sizes == ((2, 2, 1), (2, 8, 1), (8, 8, 2), (32, 16, 4))
        # 4 + 2 + 2 + 1, 16 + 8 + 8 + 1, 64 + 8 + 16 + 2, 512 + 16 + 64 + 4
        assert counted.counts == (9, 33, 90, 596)
        assert counted.by_differences == (18, 66, 180, 1192)
        assert counted.by_backpropagation == (2, 2, 2, 2)
        # Differences of floats of order one, over 2⁻¹⁶, and a bend of order h² = 6e-11.
        assert all(0 < gap < 1e-8 for gap in counted.gaps)
        assert_plain(counted)

    def test_the_seed_draws_the_network(self) -> None:
        """The same seed gives the same gaps, another one others; 0 unless told."""
        small = ((2, 3), (3, 2, 1))
        assert passes(small) == passes(small, 0)
        assert passes(small).gaps != passes(small, 1).gaps
        assert passes(small, 1).counts == (9, 11)  # 6 + 3, 6 + 2 + 2 + 1
        # Every network starts from the seed, so its place in the row does not matter.
        assert passes(small[1:]).gaps == passes(small).gaps[1:]

    def test_the_network_that_is_drawn(self) -> None:
        """It has tanh nodes and the weights of Glorot, and then a sample is drawn."""
        sizes, generator = (3, 4, 2), np.random.default_rng(5)
        layers = network.dense_network(
            sizes, generator, activation=TANH, initialise=initialisation.glorot
        )
        inputs, targets = generator.normal(size=(1, 3)), generator.normal(size=(1, 2))

        def loss(params: Any) -> Any:
            says = network.forward(packing.unflatten(layers, params), inputs)[-1]
            return losses.mean_squared_error(says, targets)

        measured = gradients.central_difference(loss, packing.flatten(layers))
        passed = network.forward_pass(layers, inputs)
        slope = losses.mean_squared_error_slope(passed.values[-1], targets)
        gaps = abs(network.backward(layers, passed, slope).gradient - measured)
        assert passes((sizes,), 5).gaps == (gaps.max(),)

    def test_lists_leave_as_tuples(self) -> None:
        """Lists go in and stay, tuples come out."""
        sizes = [[1, 1]]
        assert passes(sizes).sizes == ((1, 1),)
        assert sizes == [[1, 1]]

    def test_two_sizes(self) -> None:
        """One number is no network."""
        with refused(ValueError, "sizes[0]", "is (2,) but must hold at least 2"):
            passes(((2,),))


class TestShapes:
    """Every slope has the shape of what it is a slope along."""

    def test_every_shape_of_the_book(self) -> None:
        """The defaults give the shapes of the page."""
        shapes = ((20, 2), (2, 8), (8,), (20, 8), (8, 1), (1,), (20, 1))
        names = ("A0", "W1", "b1", "A1", "W2", "b2", "A2")
        assert layer_shapes() == Shapes(names, shapes, shapes)

    def test_other_sizes(self) -> None:
        """Three layers, four samples."""
        seen = layer_shapes((3, 2, 2, 5), n_samples=4, seed=7)
        assert seen.names[-3:] == ("W3", "b3", "A3")
        assert seen.shapes[:3] == ((4, 3), (3, 2), (2,))
        assert seen.shapes[-3:] == ((2, 5), (5,), (4, 5))
        assert seen.slope_shapes == seen.shapes
        assert layer_shapes((1, 1), 1).shapes[0] == (1, 1)

    def test_two_sizes(self) -> None:
        """One number is no network."""
        with refused(ValueError, "sizes", "is (2,) but must hold at least 2"):
            layer_shapes((2,))
