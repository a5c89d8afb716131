"""What the chapter says, beyond its own numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near

from gdbook import gradients, losses
from gdbook.examples.class_scores import (
    large_scores,
    moving_score,
    output_pair,
    softmax_shares,
    two_classes,
    two_losses,
)
from gdbook.glue import defaults

FEW = settings(max_examples=30)
SCORES = st.lists(st.floats(-30, 30), min_size=2, max_size=5)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.claims(
    "The first of three classes has the score $\\ln 2$ and the power $e^{\\ln 2} = 2$; "
    "the others have the score $0$.",
    "The score of the first class moves, the other two stay at zero.",
    "The slopes of the three shares along the three scores.",
    "The last one gives the true one of three classes the share … from above.",
    "For two classes softmax is a sigmoid:",
)
def test_what_the_page_counts() -> None:
    """Three scores, of which the first is true, and two."""
    scores = defaults(softmax_shares)["scores"]
    assert scores == near((math.log(2), 0, 0), abs=1e-15)
    for example in (moving_score, output_pair):
        assert defaults(example)["scores"] == scores
    assert output_pair().predictions == softmax_shares().shares
    assert defaults(output_pair)["targets"] == (1, 0, 0)
    assert len(two_classes().shares) == 2


@pytest.mark.claims(
    "Softmax raises $e$ to each score and divides by the total: a shift of all scores "
    "changes no share, and for two classes it is the sigmoid of their difference.",
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


@pytest.mark.claims(
    "One output is enough for two classes.",
    "Softmax raises $e$ to each score and divides by the total: a shift of all scores "
    "changes no share, and for two classes it is the sigmoid of their difference.",
)
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
    "Computed as they are written, powers overflow and small shares become zero; take "
    "the highest score off first, and the logarithm before anything is divided.",
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
    "The library computes it as the error from the start, since the product of the two "
    "slopes fails where the formula of the loss does.",
    "You will share out one among classes, keep large scores finite, and give each "
    "kind of output its loss.",
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
    "The slope of the logarithm is one over the sum, and the slope of the sum along "
    "$z_j$ is $e^{z_j}$: together that is the share $p_j$.",
    "The second term adds $-1$ along the score of the true class, and nothing along "
    "the others.",
    "That is $p_j - y_j$, the error, since the target is one for the true class and "
    "zero otherwise.",
    "You will learn what softmax does to scores, where its formula fails on a "
    "computer, and why the slope along a score is the error.",
)
@FEW
@given(scores=SCORES, true=st.integers(0, 1))
def test_slope_from_the_logarithm(scores: list[float], true: int) -> None:
    """The powers over their sum, less one at the true class, for any scores."""
    powers = [math.exp(score) for score in scores]
    expected = [power / sum(powers) for power in powers]
    expected[true] -= 1
    targets = [float(index == true) for index in range(len(scores))]
    found = losses.softmax_cross_entropy_slope([scores], [targets])
    assert found[0].tolist() == near(expected, rel=1e-9, abs=1e-15)
    for index, slope in enumerate(expected):

        def loss(change: float, index: int = index) -> float:
            moved = [score + change * (at == index) for at, score in enumerate(scores)]
            return float(losses.softmax_cross_entropy([moved], [targets]))

        measured = gradients.central_difference(loss, 0.0)
        assert measured == near(slope, rel=1e-5, abs=1e-7)


@pytest.mark.claims(
    "Far from the target the slope of the cross-entropy is nearly one in size, so each "
    "step is nearly as long as the rate; that of the squared error is nearly zero "
    "there.",
    "The one needs … steps and the other ….",
)
@FEW
@given(score=st.floats(-30, -6))
def test_exchanged_losses(score: float) -> None:
    """Whatever is far, and the second wait is the longer the farther it is."""
    found = two_losses((score,))
    assert -1 <= found.entropy[0] < -0.99
    assert -0.01 < found.squared[0] <= 0

    def steps(loss: str, place: float) -> int:
        count = 0
        while place < 0:
            place -= getattr(two_losses((place,)), loss)[0]
            count += 1
        return count

    if score > -7:
        assert steps("entropy", score) <= 9
        assert steps("squared", score) > 10 * steps("entropy", score)
