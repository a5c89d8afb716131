"""What the chapter says, beyond its own numbers."""

import math
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
    fold,
    large_scores,
    moving_score,
    output_pair,
    shape,
    softmax_shares,
    stacked,
    tanh_from_sigmoid,
    turning_points,
    two_classes,
    two_losses,
)
from gdbook.examples.forward_propagation import two_layers
from gdbook.glue import defaults
from gdbook.optimizers import GradientDescent

FEW = settings(max_examples=30)
SUMS = st.floats(-700, 700)
SCORES = st.lists(st.floats(-30, 30), min_size=2, max_size=5)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NOT_ZERO = fractions().filter(bool)


@pytest.mark.claims(
    "Take five points with a bend in them: the target is the size of the input, "
    "without its sign.",
    "Two such nodes are enough for the five points.",
    "It is level: its slope is …, and it says … everywhere.",
    "Three hidden nodes, which are lines, multiplied by the output weights ….",
    "Give two hidden ReLU nodes the sum $x_1 + x_2$, and one of them the bias $-1$ on "
    "top.",
    "The first of three classes has the score $\\ln 2$ and the power $e^{\\ln 2} = 2$; "
    "the others have the score $0$.",
    "The score of the first class moves, the other two stay at zero.",
    "The slopes of the three shares along the three scores.",
    "The last one gives the true one of three classes the share … from above.",
    "For two classes softmax is a sigmoid:",
    "The predictions are …, which are the targets, and the loss has fallen from … to "
    "….",
)
def test_what_the_page_counts() -> None:
    """Five points, three nodes, a sum and a bias, three scores."""
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
    folded = defaults(fold)
    assert folded["hidden_weights"] == ((1, 1), (1, 1))
    assert folded["hidden_bias"] == (0, -1)
    scores = defaults(softmax_shares)["scores"]
    assert scores == near((math.log(2), 0, 0), abs=1e-15)
    for example in (moving_score, output_pair):
        assert defaults(example)["scores"] == scores
    assert output_pair().predictions == softmax_shares().shares
    assert defaults(output_pair)["targets"] == (1, 0, 0)
    assert len(two_classes().shares) == 2


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
    "A line becomes a plane, $\\hat y = w_1 x_1 + w_2 x_2 + b$, and no plane can say "
    "that.",
    "With the weights and bias … the gradient of its loss is …, and since the loss is "
    "a bowl, there is no better plane.",
    "It says … to everything, and its loss is ….",
)
@FEW
@given(plane=exact_arrays((3,)))
def test_no_plane_is_better(plane: Any) -> None:
    """What it costs is 1/4 and squares of what is changed, so never zero."""
    best, found = fold(), fold(plane=plane)
    shift = plane - np.array(best.plane)
    rows = np.array([(*inputs, 1) for inputs in best.inputs], dtype=object)
    assert found.plane_loss == best.plane_loss + ((rows @ shift) ** 2).mean()
    assert best.plane_loss == Fraction(1, 4)
    assert best.plane_gradient == (0, 0, 0)
    assert (rows @ best.plane).tolist() == [Fraction(1, 2)] * 4


@pytest.mark.claims(
    "The two samples whose target is one land on the same place, …, and the plane of "
    "the hidden nodes is folded so that one line parts them from the others.",
    "On the left no line parts them; on the right, after two ReLU nodes, a line does, "
    "and on the left that line is two, with a band between.",
)
@FEW
@given(place=exact_arrays((2,)))
def test_folded_plane(place: Any) -> None:
    """More than 1/2 is said between the sums 1/2 and 3/2, and nowhere else."""
    folded = fold()
    assert folded.hidden[1] == folded.hidden[2]
    first, second = folded.output_weights
    says = [first * a + second * b for a, b in folded.hidden]
    assert [said > 0.5 for said in says] == [False, True, True, False]
    total = sum(place)
    hidden = (max(total, 0), max(total - 1, 0))
    assert (first * hidden[0] + second * hidden[1] > Fraction(1, 2)) == (
        Fraction(1, 2) < total < Fraction(3, 2)
    )


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
    "A shift multiplies every power by the same factor, which cancels, so only "
    "differences of scores count.",
    "Here a score moves the shares of all classes.",
    "What one class gains the others lose, in proportion to what they have.",
    "On the diagonal stands the slope of the sigmoid again.",
    "A share rises with its own score and falls with every other, and each row and "
    "each column adds up to zero.",
)
@FEW
@given(scores=SCORES, shift=st.floats(-100, 100))
def test_shares(scores: list[float], shift: float) -> None:
    """For any scores, and any shift of them."""
    found = softmax_shares(scores, shift)
    assert found.shifted == near(found.shares, rel=1e-11)
    slopes, shares = np.array(found.slopes), np.array(found.shares)
    others = ~np.eye(len(shares), dtype=bool)
    assert (slopes[others] < 0).all()
    assert (np.diag(slopes) >= 0).all()
    assert np.diag(slopes).tolist() == near(shares * (1 - shares), rel=1e-9, abs=1e-15)
    assert slopes.sum(axis=0).tolist() == near([0] * len(shares), abs=1e-15)
    assert slopes.sum(axis=1).tolist() == near([0] * len(shares), abs=1e-15)
    lost = -slopes[1:, 0] / shares[1:]
    assert lost.tolist() == near([shares[0]] * len(lost))


@pytest.mark.claims("One output is enough for two classes.")
@FEW
@given(first=st.floats(-20, 20), second=st.floats(-20, 20))
def test_two_classes(first: float, second: float) -> None:
    """The share of the first is the sigmoid of the difference."""
    pair = two_classes((first, second))
    assert pair.shares == near((pair.sigmoid, 1 - pair.sigmoid), rel=1e-9, abs=1e-15)


@pytest.mark.claims(
    "At … the share of the true class is so small that it is rounded to zero, and "
    "zero has no logarithm.",
    "At … the power itself is too large: a float holds $e$ to the power of … and no "
    "more.",
    "The loss itself is neither infinite nor undefined, it is ….",
    "which is each error over the number of samples: … for the sample that is wrong, "
    "and nothing for the one that is right.",
    "With scores of plus and minus … the loss is close to ….",
    "At … one power is close to ten to the power of …, and the other to ten to the "
    "power of ….",
    "A float reaches ten to the power of …, and ten to the power of … is zero to it.",
    "It fails in two ways.",
)
def test_formula_as_written_fails() -> None:
    """It works up to 372, loses its logarithm up to 709, and then its powers."""
    sizes = (*range(100, 373, 16), 374, 709, 710, 10_000)
    found = large_scores(sizes)
    fails = [one if isinstance(one, str) else "" for one in found.as_written]
    assert fails == [""] * (len(sizes) - 4) + ["ln 0", "ln 0", "overflow", "overflow"]
    assert found.losses == near(sizes)
    # Of two exponents around the largest, one has a power and the other has none.
    assert math.isfinite(math.exp(found.largest_exponent - 1e-12))
    with pytest.raises(OverflowError):
        math.exp(found.largest_exponent + 1e-12)
    book = large_scores()
    assert book.losses[0] == near(book.sizes[0], rel=1e-9)
    assert book.as_written[2:] == ("ln 0", "overflow")
    tens = math.log10(math.exp(book.sizes[2]))
    assert tens == near(217, abs=0.5)
    assert (float("1e308"), float("1e309")) == (10.0**308, math.inf)
    assert (float("1e-323"), float("1e-324")) == (2 * math.ulp(0), 0)
    halves = [tuple(error / 2 for error in row) for row in book.errors]
    assert list(book.slopes) == halves == [(0.5, -0.5), (0, 0)]


@pytest.mark.claims(
    "Subtract the highest score $m$ first, so that no power is greater than one, and "
    "take the logarithm before anything is divided:",
    "One of the powers in the sum is $e^0 = 1$, so the logarithm is never that of "
    "zero.",
)
@FEW
@given(
    scores=st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=4),
    true=st.integers(0, 1),
)
def test_shifted_powers(scores: list[float], true: int) -> None:
    """The formula then works for scores of any size, and the library says the same."""
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    assert max(powers) == 1
    loss = math.log(sum(powers)) - (scores[true] - highest)
    targets = [float(index == true) for index in range(len(scores))]
    assert losses.softmax_cross_entropy([scores], [targets]) == near(
        loss, abs=1e-12, rel=1e-12
    )


@pytest.mark.claims(
    "The last row, the slopes along the scores, is the row of the errors, and for the "
    "identity twice that: under each pair the slope is in proportion to the error.",
    "The library computes it as the error from the start, since the product of the "
    "two slopes fails where the formula of the loss does.",
)
@FEW
@given(score=st.floats(-15, 15), other=st.floats(-15, 15), yes=st.booleans())
def test_pairs_of_output_and_loss(score: float, other: float, yes: bool) -> None:  # noqa: FBT001
    """Once or twice the error, for any scores; and finite where the product fails."""
    for name, scores, targets, factor in (
        ("identity", (score,), (other,), 2),
        ("sigmoid", (score,), (int(yes),), 1),
        ("softmax", (score, other, 0), (int(yes), int(not yes), 0), 1),
    ):
        pair = output_pair(name, scores, targets)
        expected = [factor * error for error in pair.errors]
        assert pair.chained_slopes == near(expected, rel=1e-9, abs=1e-12)
    with pytest.raises(ValueError, match="scores"):
        output_pair("sigmoid", (800,), (0,))
    assert losses.sigmoid_cross_entropy_slope([800.0], [0.0]).tolist() == [1]


@pytest.mark.claims(
    "The identity with the squared error, the sigmoid with the binary cross-entropy "
    "and softmax with the cross-entropy have slopes along the scores that are the "
    "error or twice the error, and computed from the scores those of the two "
    "cross-entropies are finite for every score that a float holds."
)
@FEW
@given(first=FLOATS, second=FLOATS)
def test_slopes_of_any_score(first: float, second: float) -> None:
    """They are errors, so between −1 and 1."""
    yes = losses.sigmoid_cross_entropy_slope([first], [1.0])
    shares = losses.softmax_cross_entropy_slope([[first, second]], [[0.0, 1.0]])
    assert -1 <= yes[0] <= 0
    assert 0 <= shares[0][0] <= 1
    assert shares[0][0] == near(-shares[0][1])


@pytest.mark.claims(
    "On the left the prediction is far wrong: there the cross-entropy is steep, and "
    "the squared error is flat.",
    "Nowhere is the slope of the squared error larger in size than ….",
    "With one learning rate for both, a step on the squared error is … times shorter "
    "there, on a plateau made by the loss and the activation together.",
    "The slope along the score of a sigmoid whose target is a yes.",
    "At a score of … the sigmoid says … where yes is true.",
)
@FEW
@given(score=st.floats(-30, 30))
def test_slope_of_a_squared_sigmoid(score: float) -> None:
    """At most 8/27, where a third is said; it is the other one times 2s(1 − s)."""
    found = two_losses((score, -math.log(2)))
    assert abs(found.squared[0]) <= 8 / 27
    assert found.squared[1] == near(-8 / 27)
    said = found.predictions[0]
    factor = 2 * said * (1 - said)
    assert found.squared[0] == near(found.entropy[0] * factor, rel=1e-6, abs=1e-15)
    left = two_losses()
    assert defaults(two_losses)["target"] == 1
    assert left.predictions[0] < 0.001
    assert left.entropy[0] < -0.999 < -0.001 < left.squared[0]


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
    "With a factor of zero every class gets the same share, ….",
    "The larger the factor, the more the highest score takes, here …, and in the end "
    "the largest slope shrinks to …: softmax is flat where it is sure, like the "
    "sigmoid.",
)
@FEW
@given(gaps=st.lists(st.floats(0.5, 3), min_size=1, max_size=4))
def test_factor_of_scores(gaps: list[float]) -> None:
    """Whatever the scores, if one is the highest."""
    scores = np.array([0, *(-gap for gap in gaps)])
    runs = [softmax_shares(factor * scores) for factor in (0, 0.5, 1, 2, 5, 10)]
    assert runs[0].shares == near([1 / len(scores)] * len(scores))
    highest = [run.shares[0] for run in runs]
    assert highest == sorted(highest)
    largest = [max(map(max, run.slopes)) for run in runs]
    assert largest[-1] < largest[-2] < 0.25


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
