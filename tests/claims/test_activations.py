"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import exact_arrays, fractions

from gdbook import activations, gradients, losses, network
from gdbook.examples.activations import (
    bend_more,
    best_line_on_bend,
    collapse,
    shape,
    stacked,
    tanh_from_sigmoid,
    turning_points,
)
from gdbook.examples.forward_propagation import two_layers
from gdbook.glue import defaults
from gdbook.optimizers import GradientDescent

FEW = settings(max_examples=30)
NOT_ZERO = fractions().filter(bool)


@pytest.mark.claims(
    "Take five points with a bend in them: the target is the size of the input, "
    "without its sign.",
    "Two such nodes are enough for the five points.",
    "It is level: its slope is …, and it says … everywhere.",
    "Three hidden nodes, which are lines, multiplied by the output weights ….",
    "The predictions are …, which are the targets, and the loss has fallen from … to "
    "….",
)
def test_what_the_page_counts() -> None:
    """Five points, three nodes."""
    line = best_line_on_bend()
    assert line.targets == tuple(map(abs, line.inputs))
    assert len(line.inputs) == 5
    assert line.slope == 0
    assert len(set(line.predictions)) == 1
    flat = stacked()
    assert flat.inputs == line.inputs
    assert len(flat.nodes) == 3
    two = stacked(
        "ReLU", hidden_weights=(1, -1), hidden_bias=(0, 0), output_weights=(1, 1)
    )
    assert two.predictions == line.targets


@pytest.mark.claims(
    "The points on the left ask for a falling line and those on the right for a "
    "rising one, and the mean squared error of … is the least that any line can have.",
    "Another rule or another learning rate cannot help: the descent is not at fault, "
    "the model is.",
    "Five targets with a bend, and the best line through them.",
    "It is level, and its largest error is ….",
)
@FEW
@given(slope=fractions(), intercept=fractions())
def test_no_line_fits(slope: Fraction, intercept: Fraction) -> None:
    """Any other line costs more, by the squares of what it adds."""
    line = best_line_on_bend()
    inputs, targets = np.array(line.inputs), np.array(line.targets)
    predictions = [Fraction(x) * slope + intercept for x in line.inputs]
    extra = 2 * slope**2 + (intercept - Fraction(6, 5)) ** 2  # the mean of x² is 2
    loss = losses.mean_squared_error(predictions, line.targets)
    assert loss == Fraction(14, 25) + extra
    assert line.loss == near(0.56)
    assert np.diff(targets[inputs <= 0]).max() < 0 < np.diff(targets[inputs >= 0]).min()
    assert line.slope == 0
    assert max(map(abs, line.errors)) == line.errors[2]  # type: ignore[type-var]


@pytest.mark.claims(
    "They predict …, the two layers predict …, and since all of it is computed in "
    "fractions, the largest difference is … exactly.",
    "Layers without a bend between them collapse into one layer, whatever their "
    "weights; with ReLU, a node adds a corner to the prediction, and enough corners "
    "follow a continuous curve between two ends as closely as one likes.",
)
@FEW
@given(
    inputs=exact_arrays((2, 2)),
    first=exact_arrays((2, 3)),
    first_bias=exact_arrays((3,)),
    second=exact_arrays((3, 2)),
    last=exact_arrays((2,)),
)
def test_layers_collapse(
    inputs: Any, first: Any, first_bias: Any, second: Any, last: Any
) -> None:
    """Two of them, and further ones like the second."""
    bias = np.full(2, Fraction(1, 3))
    assert (
        collapse(inputs, first[:, :2], first_bias[:2], last, 1).largest_difference == 0
    )
    layers: list[network.Layer] = [
        network.Dense(first, first_bias),
        network.Dense(second, bias),
        network.Dense(last, 0),
    ]
    one = network.Dense(first @ second @ last, (first_bias @ second + bias) @ last)
    both = (network.forward(own, inputs)[-1].tolist() for own in (layers, [one]))
    assert next(both) == next(both)


@pytest.mark.claims(
    "Take the two layers of …, whose hidden nodes have the weights … and …, and whose "
    "output weights are …; there the inputs … gave …."
)
def test_layers_of_another_chapter() -> None:
    """The weights that the prediction names are those that are multiplied out."""
    named, first = collapse(), two_layers()
    own, there = defaults(collapse), defaults(two_layers)
    assert own["inputs"][0] == there["inputs"]
    assert tuple(zip(*own["hidden_weights"], strict=True)) == there["hidden_weights"]
    assert own["output_weights"] == there["output_weights"]
    without = collapse(hidden_bias=(0, 0), output_bias=0)
    assert without.predictions[0] == first.prediction
    assert without.hidden[0] == first.hidden
    assert named.predictions[0] != first.prediction


@pytest.mark.claims(
    "With the identity the network was one line whatever its weights; now it has one "
    "piece more than it has nodes, if no weight is zero and no two nodes bend at the "
    "same place.",
    "The sum has the slopes …: it bends where a node does.",
    "A node with ReLU bends the prediction at minus its bias over its weight, by the "
    "output weight times the size of its own.",
    "There the slope of the prediction changes by the output weight times the size of "
    "$w$: the weights say how much.",
)
@FEW
@given(
    nodes=st.lists(st.tuples(NOT_ZERO, fractions(), NOT_ZERO), min_size=1, max_size=5)
)
def test_pieces_of_a_prediction(
    nodes: list[tuple[Fraction, Fraction, Fraction]],
) -> None:
    """At −b/w the slope changes by v times the size of w."""
    bends = {-b / w: v * abs(w) for w, b, v in nodes}
    assume(len(bends) == len(nodes))
    weights, biases, outputs = zip(*nodes, strict=True)
    corners = sorted(bends)
    inputs = [corners[0] - 1, *corners, corners[-1] + 1]
    bent: Any = stacked("ReLU", inputs, weights, biases, outputs)
    straight = stacked("identity", inputs, weights, biases, outputs)
    assert np.diff(bent.slopes).tolist() == [bends[place] for place in corners]
    assert len(bent.slopes) == len(nodes) + 1
    assert len(set(straight.slopes)) == 1


@pytest.mark.claims(
    "With one node the largest gap is ….",
    "Each time it is multiplied by …: …, …, and on to … with … nodes.",
    "Twice the nodes leave … of the gap.",
    "Layers without a bend between them collapse into one layer, whatever their "
    "weights; with ReLU, a node adds a corner to the prediction, and enough corners "
    "follow a continuous curve between two ends as closely as one likes.",
)
@FEW
@given(n=st.integers(1, 12), place=st.fractions(0, 1, max_denominator=200))
def test_gaps_of_a_parabola(n: int, place: Fraction) -> None:
    """The largest is 1/(4n²), in the middle of a piece and nowhere larger."""
    found = bend_more((n, 2 * n))
    assert found.largest_gaps == (Fraction(1, 4 * n**2), Fraction(1, 16 * n**2))
    heights = found.heights[0]
    piece = min(int(place * n), n - 1)
    along = place * n - piece
    says = heights[piece] * (1 - along) + heights[piece + 1] * along
    assert 0 <= says - place**2 <= found.largest_gaps[0]
    counts = bend_more().num_nodes
    assert counts[0] == 1
    assert all(b == 2 * a for a, b in pairwise(counts))


@pytest.mark.claims(
    "The sigmoid is nowhere steeper than …, tanh nowhere steeper than …, and away "
    "from zero both flatten on either side.",
    "Both are steepest at a sum of …, the sigmoid with … and tanh with ….",
    "The slope of an activation is a factor in the slope of every weight in front of "
    "it: ReLU lets a slope through whole or stops it, the sigmoid lets through … of "
    "it at most, and sigmoid and tanh the less the further their sum is from zero.",
    "At a sum of … a sigmoid lets … of a slope through and tanh …: a node that is sure "
    "of itself passes little on.",
)
@FEW
@given(near_zero=st.floats(0, 15), further=st.floats(0.01, 5))
def test_bends_flatten(near_zero: float, further: float) -> None:
    """On either side the slope falls with the distance from zero."""
    for sign in (-1, 1):
        places = (sign * near_zero, sign * (near_zero + further))
        for name, steepest in (("sigmoid", 0.25), ("tanh", 1)):
            slopes: Any = shape(name, places).slopes
            close, far = slopes
            assert steepest >= close >= far
            assert close > far or abs(places[1]) > 15
        assert set(shape("ReLU", places).slopes) <= {0, 1}
    for name in ("sigmoid", "tanh"):
        found = shape(name)
        assert (found.steepest_at, found.steepest) == (
            (0,),
            {"sigmoid": 0.25}.get(name, 1),
        )
        assert found.slopes[0] < found.steepest / 10
        assert not 0.05 < found.outputs[0] < 0.95


@pytest.mark.claims(
    "Tanh is a sigmoid that runs twice as fast and is stretched from $-1$ to $1$:",
    "The largest difference is …, which is rounding.",
    "Twice as fast and twice as high makes four times as steep, and that is how … "
    "becomes ….",
    "The last two can be computed from what the node has said.",
)
@FEW
@given(value=st.floats(-20, 20))
def test_relatives(value: float) -> None:
    """So are their slopes, fourfold, at half the sum; both come from the outputs."""
    assert tanh_from_sigmoid([value]).largest_difference < 1e-15
    flat = activations.sigmoid_slope(2 * value)
    assert activations.tanh_slope(value) == near(4 * flat, rel=1e-9, abs=1e-15)
    said = activations.sigmoid(value)
    slope = activations.sigmoid_slope(value)
    assert slope == near(said * (1 - said), rel=1e-9, abs=1e-15)
    said = activations.tanh(value)
    assert activations.tanh_slope(value) == near(1 - said**2, rel=1e-9, abs=1e-15)


@pytest.mark.claims(
    "Above zero ReLU and its leaky kin pass slopes on whole; below zero ReLU stops "
    "them, and GELU and SiLU turn."
)
@FEW
@given(value=st.floats(min_value=5e-324, allow_infinity=False))
def test_straight_bends(value: float) -> None:
    """However large the sum."""
    bends = (activations.RELU, activations.leaky(0.1), activations.IDENTITY)
    assert [bend.slope([value]).tolist() for bend in bends] == [[1]] * 3
    assert [bend.slope([-value]).tolist() for bend in bends] == [[0], [0.1], [1]]
    for bend in (activations.GELU, activations.SILU):
        assert bend.slope(-3.0) < 0 < bend.slope(-0.1)


@pytest.mark.claims(
    "Its price is the other side: a node whose sum is negative for every sample has "
    "slope zero for every sample, and plain descent leaves it where it is."
)
@FEW
@given(
    inputs=exact_arrays((3, 2)), weights=exact_arrays((2,)), slopes=exact_arrays((3,))
)
def test_silent_node(inputs: Any, weights: Any, slopes: Any) -> None:
    """A leak lets it move, unless what comes back is zero."""
    bias = -max(inputs @ weights) - 1
    params = [*weights, bias]
    for bend, moves in (
        (activations.RELU, False),
        (activations.leaky(Fraction(1, 2)), True),
    ):
        layers: list[network.Layer] = [network.Dense(weights[:, None], [bias], bend)]
        passed = network.forward_pass(layers, inputs)
        back = network.backward(layers, passed, slopes[:, None])
        along_weights, along_bias = back.params[0]
        gradient = [*along_weights[:, 0], along_bias[0]]
        rule = GradientDescent(Fraction(1, 2))
        update, _ = rule.update(gradient, rule.init(params))
        assert moves or update.tolist() == [0, 0, 0]
        assert not moves or along_bias[0] == sum(slopes) / 2


@pytest.mark.claims(
    "Hats of different heights, side by side, give any heights at the inputs, with "
    "straight pieces between."
)
@FEW
@given(heights=st.lists(fractions(), min_size=2, max_size=5))
def test_hats_side_by_side(heights: list[Fraction]) -> None:
    """Each hat has changes of 1, −2 and 1 times its height."""
    count = len(heights)
    changes = np.zeros(count + 2, dtype=object)
    for place, height in enumerate(heights, start=1):
        changes[place - 1 : place + 2] += np.array([1, -2, 1]) * height
    corners = range(count + 2)
    found = stacked(
        "ReLU", corners, [1] * (count + 2), [-corner for corner in corners], changes
    )
    assert list(found.predictions) == [0, *heights, 0]


@pytest.mark.claims(
    "Without the bend the three lines cancel, and the network says zero to everything.",
    "The slope has to become one at the first bend, minus one at the second, and zero "
    "at the third: changes of $1$, $-2$ and $1$.",
)
@FEW
@given(place=fractions())
def test_hat_without_its_bend(place: Fraction) -> None:
    """At any input, and with the bend it is a hat."""
    hat: tuple[int, ...] = (1, -2, 1)
    inputs = [place, place + 1]
    assert stacked(inputs=inputs, output_weights=hat).predictions == (0, 0)
    bent = stacked("ReLU", output_weights=hat)
    assert bent.predictions == (0, 0, 1, 0, 0)
    assert bent.slopes == (0, 1, -1, 0)


@pytest.mark.claims(
    "The difference says … with every step: that is the mean of the slopes on both "
    "sides, and neither side has it."
)
@FEW
@given(step=st.floats(1e-300, 1e300), leak=st.floats(0, 1, exclude_max=True))
def test_corner(step: float, leak: float) -> None:
    """So it is for a leaky one, whose mean is another."""
    assert gradients.central_difference(activations.relu, 0.0, step=step) == 0.5
    bend = activations.leaky(leak)
    measured = gradients.central_difference(bend.function, 0.0, step=step)
    assert measured == near((1 + leak) / 2)


@pytest.mark.claims(
    "Two ReLU nodes fold the line: $1 - 2\\,(\\operatorname{relu} x + "
    "\\operatorname{relu}(-x))$ maps the numbers from $-1$ to $1$ onto themselves, the "
    "right half back over the left one.",
    "After … layers it has … pieces, and one layer with their … nodes has … at most.",
    "Each layer folds what it gets, so it doubles the number of pieces, where a node "
    "in one layer adds a single one.",
)
@FEW
@given(place=st.fractions(-1, 1), num_layers=st.integers(1, 6))
def test_layers_fold(place: Fraction, num_layers: int) -> None:
    """Each of the pieces goes from one end to the other, twice as steep as before."""

    def folded(x: Any, layers: int) -> Any:
        for _ in range(layers):
            x = 1 - 2 * (activations.relu(x) + activations.relu(-x))
        return x

    assert folded(place, 1) == folded(-place, 1) == 1 - 2 * abs(place)
    assert -1 <= folded(place, num_layers) <= 1
    pieces = 2**num_layers
    corners = [Fraction(2 * step, pieces) - 1 for step in range(pieces + 1)]
    assert [folded(x, num_layers) for x in corners] == [
        -1 if step % 2 == 0 else 1 for step in range(pieces + 1)
    ]
    for left, right in pairwise(corners):
        middle = folded(left * Fraction(1, 4) + right * Fraction(3, 4), num_layers)
        ends = [folded(x, num_layers) for x in (left, right)]
        assert middle == ends[0] * Fraction(1, 4) + ends[1] * Fraction(3, 4)


@pytest.mark.claims(
    "They multiply the sum by a share that climbs from $0$ to $1$: GELU by "
    "$\\Phi(z)$, the share of normal random numbers that are below $z$, SiLU by the "
    "sigmoid.",
    "Far from zero on either side they are as good as ReLU, and between they are "
    "smooth and not monotone:",
    "From the left they fall to … and … before they rise, so their slope is below zero "
    "there, and a little above $1$ on the right: a node whose sum is negative still "
    "passes something on.",
)
@given(st.floats(-30, 30))
def test_bends_without_a_corner(value: float) -> None:
    """Left of its turn a slope is below zero, and right of it above."""
    normal = NormalDist()
    found = turning_points()
    pairs = zip((activations.GELU, activations.SILU), found.lowest_at, strict=True)
    for (bend, place), share in zip(
        pairs, (normal.cdf, activations.sigmoid), strict=True
    ):
        assert bend.function(value) == near(value * share(value), rel=1e-9, abs=1e-15)
        if abs(value - place) > 1e-6:
            assert (bend.slope(value) > 0) == (value > place)
        assert bend.slope(value) < 1.13
        assert max(bend.slope(np.linspace(1, 3, 50))) > 1.09
        far = 40.0
        assert bend.function(np.array([-far, far])) == near([0, far], abs=1e-12)
    draws = np.random.default_rng(1).standard_normal(10_000)
    assert np.mean(draws < 1) == near(normal.cdf(1), abs=0.02)
