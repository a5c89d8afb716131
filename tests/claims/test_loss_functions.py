"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from itertools import pairwise
from statistics import mean, median
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import exact_arrays, fractions, positive_fractions

from gdbook.examples.loss_functions import (
    likelihoods,
    mean_squared_error_of_three,
    one_answer,
    outputs_added,
    squared_error_table,
    two_weight_losses,
)
from gdbook.examples.weight_update import repeated
from gdbook.losses import (
    binary_cross_entropy,
    cross_entropy,
    mean_squared_error,
    mean_squared_error_slope,
    squared_error,
)

FEW = settings(max_examples=30)
SAMPLES = st.lists(st.tuples(fractions(), fractions()), min_size=1, max_size=6)
PAIRS = st.tuples(fractions(), fractions())
RATES = st.fractions(0, 1, max_denominator=9)
# The inputs of the page, exact.
INPUTS = tuple((Fraction(a), Fraction(b)) for a, b in two_weight_losses().inputs)
TARGETS: Any = two_weight_losses().targets
RAISED = (*TARGETS[:2], TARGETS[2] + 1)


def loss_of(weights: Any, targets: Any = TARGETS) -> Any:
    """Return the exact loss of one setting of the weights."""
    return two_weight_losses((weights,), INPUTS, targets).losses[0]


@pytest.mark.claims(
    "The point below the diagonal has the error …, the two points above it have … "
    "each; none lies on it.",
    "Every one of the three predictions is wrong.",
    "The sum is …, as if nothing were wrong.",
    "The first prediction misses most: its square is …, and the total is ….",
    "Here are three.",
    "The total of the three squares is ….",
    "Three samples with a total of … have a mean of ….",
)
def test_the_errors_of_the_page() -> None:
    """The first is the large one, the others are equal, and all cancel."""
    below, *above = squared_error_table().errors
    assert len(above) == 2
    assert below < 0 < above[0] == above[1]
    assert squared_error_table().sum_of_errors == 0
    close = mean_squared_error_of_three()
    assert len(close.squares) == 3
    assert close.squares[0] == max(close.squares) > close.total / 2


@pytest.mark.claims(
    "A square has no minus sign: … and its opposite both have the square ….",
    "It is zero for a perfect prediction and positive for every other.",
    "Errors of both signs cancel when they are added, so a loss adds up something "
    "that is never negative.",
    "You will learn why errors are squared before they are added, what their sizes "
    "would do instead, what an average adds to that, and what the lowest point of a "
    "loss means.",
)
@FEW
@given(samples=SAMPLES)
def test_squares_have_no_sign(samples: list[tuple[Fraction, Fraction]]) -> None:
    """Mirrored errors cancel theirs, and none of the squares."""
    says, targets = map(list, zip(*samples, strict=True))
    mirrored = [2 * y - x for x, y in samples]
    both = squared_error_table(says + mirrored, targets * 2)
    assert both.sum_of_errors == 0
    assert both.squares[: len(says)] == both.squares[len(says) :]
    for error, square in zip(both.errors, both.squares, strict=True):
        assert (square == 0) == (error == 0)
        assert square >= 0


@pytest.mark.claims(
    "Both are the same distance off in all, but the square makes a large miss count "
    "for more than its share: it is multiplied by itself, and so the larger it is, "
    "the more each further unit costs.",
    "The two misses cost … each, … together.",
    "Each error as the side of a square, each cost as its area.",
    "Side by side, the two small squares are as wide as the large one, but they cover "
    "only … of its ….",
)
@FEW
@given(misses=st.lists(positive_fractions(), min_size=2, max_size=6))
def test_one_large_miss_costs_more(misses: list[Fraction]) -> None:
    """However it is split, and by more for each further unit."""
    apart = squared_error_table(misses, [0] * len(misses))
    large = squared_error_table([sum(misses)], [0])
    assert sum(apart.errors) == sum(large.errors)
    assert apart.total < large.total
    assert apart.mean == apart.total / len(misses)
    costs = [
        squared_error(miss + 1, 0) - squared_error(miss, 0) for miss in sorted(misses)
    ]
    assert costs == sorted(costs)
    below, *above = squared_error_table().errors
    assert sum(above) == -below


def sizes(answer: Any, targets: Any) -> Any:
    """Return the exact mean absolute error of one answer."""
    return mean(abs(answer - target) for target in targets)


@pytest.mark.claims(
    "A square is not the only cost without a sign.",
    "The two means agree that zero is best, and part where no prediction can be right.",
    "The size of the error falls for each target above it and grows as much for each "
    "target below it, so the sizes are at rest where there are as many targets above "
    "as below: at the median, the middle one.",
    "For squares an error counts with its size, so they are at rest where the errors "
    "add up to zero: at the mean.",
    "The mean squared error averages the squares of the errors: a large miss costs "
    "more than small ones that add up to it, and one number for all is best at their "
    "mean, where the sizes of the errors would choose the median.",
)
@FEW
@given(
    targets=st.lists(fractions(), min_size=1, max_size=6), move=fractions(), way=RATES
)
def test_mean_and_median(
    targets: list[Fraction], move: Fraction, way: Fraction
) -> None:
    """No other answer costs less, in squares or in sizes."""
    found: Any = one_answer(targets)
    assert found.mean == mean(targets)
    assert found.median == median(targets)
    assert found.squared_at_mean == mean((found.mean - y) ** 2 for y in targets)
    assert (
        found.squared_at_median
        == found.squared_at_mean + (found.mean - found.median) ** 2
    )
    assert found.absolute_at_median == sizes(found.median, targets)
    assert found.absolute_at_mean == sizes(found.mean, targets)
    assert sizes(found.median + move, targets) >= found.absolute_at_median
    assert sizes(move, targets) >= 0
    # Between two targets, the sizes change by the surplus of targets below.
    places = sorted({*targets, min(targets) - 1, max(targets) + 1})
    for low, high in pairwise(places):
        below = sum(y <= low for y in targets)
        change = sizes(low + way * (high - low), targets) - sizes(low, targets)
        surplus = 2 * below - len(targets)
        assert change == way * (high - low) * Fraction(surplus, len(targets))
    same: Any = one_answer([move] * 3)
    assert same.squared_at_mean == same.absolute_at_mean == 0


@pytest.mark.claims(
    "The mean is …, more than all targets but one; the median stays at ….",
    "Both losses over one answer for the targets …, each as a multiple of its least.",
    "The squares are a smooth bowl with its floor at …; the sizes have a corner at "
    "each target, and their least at ….",
)
@FEW
@given(far=st.fractions(5, 99, max_denominator=9))
def test_an_outlier(far: Fraction) -> None:
    """However far it is: the mean follows by its share, and the median stays."""
    found: Any = one_answer()
    *others, outlier = found.targets
    assert max(others) < found.mean < outlier
    assert found.absolute_at_median < found.absolute_at_mean
    assert found.squared_at_mean < found.squared_at_median
    moved: Any = one_answer([*map(Fraction, others), far])
    assert moved.median == found.median
    assert moved.mean == Fraction(found.mean) + (far - outlier) / 5
    assert one_answer([*others, max(others) + 1])[1:3] == (found.median,) * 2


@pytest.mark.claims(
    "For all targets together the likelihoods multiply, and in an exponent that is a "
    "sum:",
    "So the weights under which the targets are most likely are those with the least "
    "sum of squares.",
    "If the likelihood falls with the size instead, as $\\exp(-|\\hat y - y|)$, they "
    "are those with the least sum of sizes.",
    "Compared with no error at all, normal noise makes an error of … as good as "
    "impossible, …, so the answer goes to great lengths to avoid it.",
    "By the size the same error has …: rare, and to be lived with.",
)
@FEW
@given(errors=st.lists(st.floats(-9, 9), min_size=1, max_size=6))
def test_likelihoods_multiply(errors: list[float]) -> None:
    """Minus the logarithm of their product is half the squares, or the sizes."""
    found = likelihoods(errors)
    logarithms = [-np.log(np.prod(kind)) for kind in (found.normal, found.pointed)]
    sums = [sum(each**2 for each in errors) / 2, sum(map(abs, errors))]
    assert logarithms == near(sums, abs=1e-9)
    large = likelihoods()
    assert large.normal[-1] < 1e-20
    assert 1e-5 < large.pointed[-1] < 1e-3


@pytest.mark.claims(
    "This book squares, and … shows what else that is good for: as the error shrinks, "
    "so do the steps.",
)
def test_steps_shrink_with_the_error() -> None:
    """In proportion, by the slope of a square."""
    run: Any = repeated(learning_rate=Fraction(1, 100), num_steps=5)
    ratios = {
        (after - before) / error
        for before, after, error in zip(
            run.weights, run.weights[1:], run.errors, strict=False
        )
    }
    assert len(ratios) == 1


@pytest.mark.claims(
    "A model may also state a probability for each answer.",
    "Then minus the logarithm of the probability that it gave to what is true is the "
    "cost, by the same rule: its mean is the cross-entropy, which … puts to work.",
)
@FEW
@given(shares=st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6))
def test_cross_entropy_is_that_mean(shares: list[float]) -> None:
    """For yes or no, and for classes."""
    costs = -np.log(shares)
    yes = [1] * len(shares)
    assert binary_cross_entropy(shares, yes) == near(costs.mean(), rel=1e-12)
    rows = [(share, 1 - share) for share in shares]
    true = [(1, 0)] * len(shares)
    assert cross_entropy(rows, true) == near(costs.mean(), rel=1e-12)


@pytest.mark.claims(
    "Predictions and targets are then tables, with a row for each sample and a column "
    "for each output, of the shape ($n$, number of outputs).",
    "Three samples with two outputs each have the errors …, … and ….",
    "The lowest point is the same, but the whole landscape is flatter by that factor, "
    "which a larger learning rate has to make up for.",
)
@FEW
@given(says=exact_arrays((3, 2)), targets=exact_arrays((3, 2)))
def test_several_outputs(says: Any, targets: Any) -> None:
    """Each mean is the other one, but for the number of outputs."""
    found: Any = outputs_added(says, targets)
    assert found.shape == (3, 2) == outputs_added().shape
    rows = [
        sum((a - b) ** 2 for a, b in zip(*each, strict=True))
        for each in zip(says, targets, strict=True)
    ]
    assert found.loss == mean(rows) == mean_squared_error(says, targets)
    assert found.loss == found.over_outputs * found.shape[1]
    slopes = mean_squared_error_slope(says, targets)
    assert np.array_equal(slopes, Fraction(2, 3) * (says - targets))


@pytest.mark.claims(
    "A total grows with every further miss, so the total of many good answers may "
    "exceed that of a few bad ones.",
    "The mean counts each sample for its share.",
)
@FEW
@given(samples=SAMPLES, times=st.integers(2, 5), miss=positive_fractions())
def test_totals_grow_and_means_do_not(
    samples: list[tuple[Fraction, Fraction]], times: int, miss: Fraction
) -> None:
    """The same samples again leave the mean, and many small misses pass one large."""
    says, targets = map(list, zip(*samples, strict=True))
    once, more = (
        squared_error_table(says * count, targets * count) for count in (1, times)
    )
    assert more.total == times * once.total
    assert more.mean == once.mean
    assert squared_error_table([*says, miss], [*targets, 0]).total > once.total
    many, bad = (
        squared_error_table([miss] * 5, [0] * 5),
        squared_error_table([2 * miss], [0]),
    )
    assert many.total > bad.total
    assert many.mean < bad.mean


@pytest.mark.claims(
    "The three predictions move away from their targets until every error is twice "
    "what it was.",
    "Each square contains the factor two twice, so the loss is not doubled but "
    "doubled and doubled again.",
)
@FEW
@given(samples=SAMPLES)
def test_doubled_errors(samples: list[tuple[Fraction, Fraction]]) -> None:
    """Whatever the samples, the loss is four times what it was."""
    says, targets = zip(*samples, strict=True)
    once = squared_error_table(says, targets)
    farther = [x + error for x, error in zip(says, once.errors, strict=True)]
    twice = squared_error_table(farther, targets)
    assert list(twice.errors) == [2 * error for error in once.errors]
    assert twice.mean == 2 * (2 * once.mean)


@pytest.mark.claims(
    "The errors of the mean add up to zero, so the middle term goes, and what is left "
    "exceeds the loss at the mean by $h^2$.",
    "The least loss is …, and the answer that has it is …, the mean of the targets.",
    "There the errors … add up to …: no move helps one side more than it hurts the "
    "other.",
    "The loss is far from zero all the same, because no single number meets three "
    "different targets.",
    "A model without inputs predicts one number for all three targets ….",
)
@FEW
@given(
    targets=st.lists(fractions(), min_size=1, max_size=6),
    move=fractions(),
)
def test_one_answer_for_all(targets: list[Fraction], move: Fraction) -> None:
    """The mean has the least loss, and any move from it adds its square."""
    answer = mean(targets)
    best: Any = squared_error_table([answer] * len(targets), targets)
    moved = squared_error_table([answer + move] * len(targets), targets)
    assert best.sum_of_errors == 0
    assert moved.mean == best.mean + move**2
    assert (best.mean > 0) == (len(set(targets)) > 1)


@pytest.mark.claims(
    "The weights … have the loss …: they answer all the samples.",
    "With both weights at zero every prediction is zero, and the loss is …, the "
    "greatest of the four.",
    "Take three samples, with the inputs …, … and … and the targets …, and try four "
    "pairs of weights.",
    "Two of the pairs share a loss, …, although their predictions differ.",
    "The loss over two weights is a bowl.",
    "The four marked points are the pairs of the table; the bowl touches the floor at "
    "….",
    "Two of the marked pairs lie on one contour, the one with loss …; the innermost "
    "point has the loss ….",
    "A model with two weights has a loss for each pair of them.",
    "The samples are given, so the loss depends on the weights alone.",
    "For given samples the loss is a landscape over the weights, and the best weights "
    "lie at its lowest point.",
)
@FEW
@given(weights=PAIRS)
def test_the_bowl(weights: Any) -> None:
    """Any other weights have a loss, and so has the same way to the other side."""
    bowl: Any = two_weight_losses()
    assert loss_of(bowl.best) == bowl.losses[3] == 0
    assert loss_of((0, 0)) == Fraction(sum(y**2 for y in TARGETS), 3)
    assert bowl.losses[0] > bowl.losses[1] == bowl.losses[2] > bowl.losses[3]
    assert (len(INPUTS), len(TARGETS), len(bowl.weights)) == (3, 3, 4)
    says = [
        [sum(w * x for w, x in zip(pair, row, strict=True)) for row in INPUTS]
        for pair in bowl.weights[1:3]
    ]
    assert says[0] != says[1]
    assert (loss_of(weights) == 0) == (tuple(weights) == bowl.best)
    opposite = [2 * b - w for b, w in zip(bowl.best, weights, strict=True)]
    assert loss_of(opposite) == loss_of(weights)


@pytest.mark.claims(
    "Now no weights answer all three samples.",
    "Or share the miss evenly among the three: raise both weights by a third.",
    "Three small misses cost …, less than the … of the large one, and no weights cost "
    "less.",
    "The landscape is the same bowl, moved sideways and lifted off the floor.",
    "The bowl of the three samples that no weights answer, with the three pairs on it.",
    "The first sample looks at the first weight alone, the second sample at the "
    "second, and the third at their sum, which is now one too small.",
    "Leave the weights, and the third sample bears the whole miss.",
    "Another pair, farther away, is there for comparison.",
)
@FEW
@given(weights=PAIRS)
def test_the_lifted_bowl(weights: Any) -> None:
    """A third to the right and up, and a ninth above the floor, everywhere."""
    third = Fraction(1, 3)
    moved = tuple(w + third for w in weights)
    assert loss_of(moved, RAISED) == loss_of(weights) + third**2
    best: Any = two_weight_losses().best
    shared, borne = loss_of([w + third for w in best], RAISED), loss_of(best, RAISED)
    assert 0 < shared < borne == third < loss_of((1, 1), RAISED)
    assert two_weight_losses().inputs == ((1, 0), (0, 1), (1, 1))
    assert sum(best) == RAISED[2] - 1
    assume(tuple(weights) != best)
    assert loss_of(moved, RAISED) > shared
