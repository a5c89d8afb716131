"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from near import near

from gdbook.datasets import digits
from gdbook.examples.weight_decay import (
    _drawn,
    _shifted,
    decay_search,
    decay_step,
    double_descent,
    kept_shares,
)
from gdbook.examples.weight_update import weight_update
from gdbook.glue import defaults

NUMBERS = st.fractions(-20, 20, max_denominator=50)
POSITIVE = st.fractions(Fraction(1, 50), 20, max_denominator=50)


@pytest.mark.claims(
    "Its slope is $\\zeta w$, so the slope of both is …, and the same step follows: "
    "for plain descent, decay and penalty are one.",
    "Weight decay takes a share of each weight away in every step, the rate $\\alpha$ "
    "times the decay $\\zeta$:",
    "Weight decay shrinks each weight by rate times decay in every step; for plain "
    "descent that is a penalty in the loss, and for Adam it is not.",
)
@given(NUMBERS, NUMBERS, POSITIVE, POSITIVE)
def test_decay_and_penalty(
    weight: Fraction, slope: Fraction, rate: Fraction, decay: Fraction
) -> None:
    """Exactly the same step, and the slope of the penalty by its definition."""
    step = decay_step(weight, slope, rate, decay)
    assert step.new_weight == step.by_penalty
    penalty = [decay * (weight + move) ** 2 / 2 for move in (1, -1)]
    assert (penalty[0] - penalty[1]) / 2 == step.penalised_slope - slope
    assert (
        decay_step(weight, 0, rate, decay).new_weight == weight - rate * decay * weight
    )


@pytest.mark.claims(
    "Its first step has the length of the rate, whatever the slope, so with the "
    "penalty in the slope Adam goes to … as without; AdamW, with the decay beside the "
    "quotient, goes to …, and … shows what becomes of this over many steps.",
    "The first step of this book went from the weight … with the slope … at the rate "
    "…, and ended at ….",
    "Take it once more, with a decay of ….",
)
@pytest.mark.parametrize("slope", [-24.0, 0.5, 3.0])
def test_adam_divides_the_penalty_away(slope: float) -> None:
    """Its step is as long as the rate with any slope; the decay beside it is felt."""
    step = decay_step(2.0, slope, 0.01, 0.125)
    assert abs(step.adam - 2) == near(0.01, rel=1e-6)
    assert step.adam_by_penalty == near(step.adam, rel=1e-9)
    assert step.adamw == near(step.adam - 0.01 * 0.125 * 2, rel=1e-9)
    first, given_there, book = weight_update(), defaults(weight_update), decay_step()
    assert (given_there["weight"], first.slope) == (book.weight, book.slope)
    assert given_there["learning_rate"] == float(book.learning_rate)
    assert book.weight_decay > 0
    assert defaults(decay_step)["weight"] == given_there["weight"]


@pytest.mark.claims(
    "Decay gives up first what the samples ask for least.",
    "It gives up first what the samples ask for least, and is one remedy among others: "
    "try it beside an early end and moved pictures, with the same search for each.",
    "To the right of the decay most is left, to the left of it little.",
    "Each distance is … of the one before, and the factor is ….",
    "The distance $e$ from it is multiplied by one factor in every step:",
    "The decay adds to every curvature, also to those that were $0$: what stood still "
    "now goes to zero.",
    "In a direction with the curvature $\\lambda$ the slope pulls to the lowest place "
    "$w^\\ast$ with $\\lambda\\,(w^\\ast - w)$, and the decay pulls to zero with "
    "$\\zeta w$.",
    "Put $g = \\lambda\\,(w - w^\\ast)$ into equation …, and subtract the place of "
    "equation …, where nothing moves.",
)
@given(st.tuples(POSITIVE, POSITIVE), POSITIVE, POSITIVE, NUMBERS, NUMBERS)
def test_where_decay_rests(
    curvatures: tuple[Fraction, Fraction],
    decay: Fraction,
    rate: Fraction,
    weight: Fraction,
    lowest: Fraction,
) -> None:
    """The steeper keeps more; more than half above the decay; one factor a step."""
    flat, steep = sorted(curvatures)
    kept = kept_shares((flat, steep), decay).kept
    assert (kept[0] < kept[1]) == (flat < steep)
    for curvature, share in zip((flat, steep), kept, strict=True):
        assert (share > Fraction(1, 2)) == (curvature > decay)
        step = decay_step(weight, curvature * (weight - lowest), rate, decay)
        rest = share * lowest
        factor = 1 - rate * (curvature + decay)
        assert step.new_weight - rest == factor * (weight - rest)
        assert curvature * (lowest - rest) == decay * rest
        still = decay_step(rest, curvature * (rest - lowest), rate, decay)
        assert still.new_weight == rest


@pytest.mark.claims(
    "At the rate … and without decay the network learns by heart: its training loss, "
    "wrong labels included, is …, and its validation loss ….",
    "A decay of … holds the training loss at …, and the validation loss falls to ….",
    "Too much decay holds the network back from the truth as well, in the last row.",
    "Decay brings the two losses together; the dashed line says what a search for the "
    "rate gets without it.",
    "Let each decay have its best rate, and no decay has …, at the rate …, where … has "
    "…: so slow a training ends before the wrong labels are learned, which is … by "
    "another name.",
    "Decay is no gain over that here.",
    "What it gives is freedom: the validation loss hangs less on the rate.",
    "For every decay we try the same rates, and score on validation samples that are "
    "labelled rightly; the numbers are means over … seeds, each with digits, wrong "
    "labels and first weights of its own.",
    "Both losses over the decay at the rate …, and the validation loss at the best "
    "rate of each decay.",
)
def test_decay_against_wrong_labels() -> None:
    """The page's search, whose differences at the highest rate are large."""
    search = decay_search()
    known, new = search.training_losses, search.validation_losses
    assert known[0][-1] < 0.05
    assert search.accuracies[0][-1] < search.accuracies[0][0]
    assert new[0][-1] > new[1][-1] + 0.2
    gaps = [b[-1] - a[-1] for a, b in zip(known, new, strict=True)]
    assert gaps == sorted(gaps, reverse=True)
    lowest = [row[at] for row, at in zip(new, search.best, strict=True)]
    assert lowest[-1] > lowest[0] + 0.3
    assert search.best[0] == 0
    assert min(lowest[1:]) > lowest[0] - 0.02
    apart = [max(row) - min(row) for row in new]
    assert max(apart[1], apart[2]) < apart[0] / 2
    # So slow a training has not learned the wrong labels.
    assert known[0][0] > 0.3
    assert lowest == [min(row) for row in new]
    assert search.rates[-1] == max(search.rates)


@pytest.mark.claims(
    "The best rate now has … without decay, where it had …, and … with a decay of ….",
    "Knowledge of the pictures is worth more here than a pull to zero, and the two go "
    "together.",
    "Take as many steps as before, in batches that are larger by as much:",
)
def test_moved_pictures_help() -> None:
    """From each seed, and once more with decay."""
    search = decay_search()
    moved = decay_search(decays=search.decays[:2], shifted=True)
    assert moved.num_steps == search.num_steps
    for without, with_it in zip(
        search.seed_losses[0], moved.seed_losses[0], strict=True
    ):
        assert with_it < without
    for without, with_it in zip(
        search.seed_losses[1], moved.seed_losses[1], strict=True
    ):
        assert with_it < without
    assert sum(moved.seed_losses[1]) < sum(moved.seed_losses[0])


@pytest.mark.claims(
    "What leaves on one side is lost, and white comes in on the other.",
    "Data augmentation writes such knowledge into the samples, and learns from each "
    "picture in … places.",
)
def test_what_leaves_is_lost() -> None:
    """A dark picture loses a row or a column each time."""
    found = _shifted(np.ones((1, 64))).reshape(5, 8, 8)
    assert found.sum(axis=(1, 2)).tolist() == [64, 56, 56, 56, 56]
    one = decay_search((0,), (0.01,), shifted=True, num_epochs=1, num_seeds=1)
    assert len(found) == one.copies


@pytest.mark.claims(
    "With … nodes, as many as there are samples, the median of the test losses is ….",
    "Up to there the network follows more and more of the wrong labels, and at that "
    "width just one $V$ fits all of them, however huge it has to be.",
    "Beyond it there is a choice, and the smallest $V$ shrinks with every node that is "
    "added: the test loss descends a second time, to … with … nodes, below the … of "
    "its first hollow with ….",
    "This is double descent, and from each of the … seeds the peak stands at the same "
    "width.",
    "It forbids the huge weights, and the loss lies below the one without decay at "
    "every width; its least is ….",
    "The dotted line is the number of samples: without decay the loss has its peak "
    "there, and with a decay of … it has none.",
    "The test loss can peak where a network has just enough room for its samples, and "
    "fall again beyond; with decay the peak is gone.",
)
def test_the_peak_and_what_removes_it() -> None:
    """From each seed of the page."""
    free, held = double_descent(), double_descent(weight_decay=1)
    peak = free.widths.index(free.n_samples)
    assert free.highest == peak
    for losses in np.array(free.test_losses).T:
        assert losses.argmax() == peak
        assert losses[-1] < min(losses[:peak])
        assert (np.diff(losses[peak:]) < 0).all()
    for known in np.array(free.training_losses).T:
        assert (np.diff(known[: peak + 1]) < 0).all()
    assert all(a < b for a, b in zip(held.medians, free.medians, strict=True))
    assert max(held.medians) < 1
    falling = np.diff(held.medians)
    turns = np.flatnonzero(np.diff(np.sign(falling)) < 0)
    assert held.medians[-1] < held.medians[0]
    assert all(held.medians[at + 1] < 0.52 for at in turns)


@pytest.mark.claims(
    "With … digits the peak stands at … nodes: it follows the number of samples.",
    "At … nodes, where the larger set had its peak, more samples make it worse.",
)
@pytest.mark.parametrize("n_samples", [30, 50])
def test_the_peak_follows_the_samples(n_samples: int) -> None:
    """With other numbers of samples."""
    widths = (10, 20, 30, 50, 70, 100)
    fewer = double_descent(widths, n_samples=n_samples)
    assert widths[fewer.highest] == n_samples
    assert fewer.medians[-1] < double_descent((100,)).medians[0]


@pytest.mark.claims(
    "Where the curvature is …, and the samples say clearly what the weight should be, "
    "… is left; where it is …, and they hardly care, ….",
    "What decay leaves of the lowest place, over the curvature.",
)
def test_what_the_page_keeps() -> None:
    """Nearly all of a steep direction, and a sixth of a flat one."""
    kept = kept_shares()
    assert kept.kept == (Fraction(36, 37), Fraction(2, 3), Fraction(1, 6))
    assert kept.curvatures[2] < kept.weight_decay < kept.curvatures[0]


@pytest.mark.claims("Decay knows nothing of pictures.")
@given(st.permutations(range(4)), st.lists(NUMBERS, min_size=4, max_size=4), POSITIVE)
def test_decay_knows_no_order(
    order: list[int], weights: list[Fraction], decay: Fraction
) -> None:
    """Pixels that change places take their weights along, and nothing else changes."""
    sample, rate = [Fraction(pixel) for pixel in (1, 0, 3, 2)], Fraction(1, 8)

    def after(pixels: list[Fraction], own: list[Fraction]) -> list[Any]:
        error = sum(x * w for x, w in zip(pixels, own, strict=True)) - 1
        return [
            decay_step(w, 2 * error * x, rate, decay).new_weight
            for x, w in zip(pixels, own, strict=True)
        ]

    moved = after([sample[at] for at in order], [weights[at] for at in order])
    stayed = after(sample, weights)
    assert moved == [stayed[at] for at in order]


@pytest.mark.claims(
    "Make the question as simple as it gets: draw the first layer at random and leave "
    "it as it is, so that only the last layer $V$ is fitted, by least squares.",
    "With $H$, what leaves the hidden nodes for all samples, and the targets $Y$,",
    "is the best $V$ with a decay of $\\zeta$.",
    "The widths go from … nodes to …, from … seeds, and the loss is tested on all "
    "other digits.",
)
@pytest.mark.parametrize("decay", [0.5, 1, 4])
def test_the_last_layer_by_algebra(decay: float) -> None:
    """The equation gives the losses of the library, and each other V a larger loss."""
    found = double_descent((12,), decay, 30, num_seeds=1)
    generator = np.random.default_rng(0)
    inputs, targets, others = _drawn(
        30, defaults(double_descent)["wrong_share"], generator
    )
    assert len(inputs) + len(others) == len(digits().labels)
    first = generator.normal(size=(64, 12)) / 8
    hidden, asked = (
        np.maximum(rows @ first, 0) for rows in (inputs, digits().inputs[others])
    )
    wanted, true = targets - 0.1, digits().targets[others] - 0.1
    last = np.linalg.solve(hidden.T @ hidden + decay * np.eye(12), hidden.T @ wanted)
    losses = [((hidden @ last - wanted) ** 2).sum() / 30]
    losses.append(((asked @ last - true) ** 2).sum() / len(others))
    assert losses == near([found.training_losses[0][0], found.test_losses[0][0]])

    def penalised(weights: np.ndarray) -> float:
        miss = hidden @ weights - wanted
        return float((miss**2).sum() + decay * (weights**2).sum())

    for _ in range(20):
        away = last + generator.normal(size=last.shape) / 100
        assert penalised(away) > penalised(last)


@pytest.mark.claims(
    "Without decay, and with more nodes than samples, many $V$ fit all samples "
    "exactly, wrong labels included; take the smallest of them, which is where descent "
    "from zero ends.",
)
@pytest.mark.parametrize("seed", range(3))
def test_descent_from_zero_ends_at_the_smallest(seed: int) -> None:
    """Two samples, five nodes: it ends where the pseudoinverse leads."""
    generator = np.random.default_rng(seed)
    hidden, targets = generator.normal(size=(2, 5)), generator.normal(size=(2, 3))
    last = np.zeros((5, 3))
    rate = 1 / np.linalg.norm(hidden, 2) ** 2
    for _ in range(5000):
        last -= rate * hidden.T @ (hidden @ last - targets)
    assert last == near(np.linalg.pinv(hidden) @ targets, abs=1e-9)


@pytest.mark.claims(
    "It is … high, and not ….",
    "The peak is still there: the right labels are no exact sums of random nodes "
    "either, and huge weights make them such.",
    "Fit digits of which all labels are right.",
)
def test_right_labels_have_a_peak() -> None:
    """A lower one, at the same width."""
    clean, wrong = (double_descent((20, 100, 800), 0, 100, share) for share in (0, 0.2))
    assert clean.widths[clean.highest] == 100
    assert clean.medians[1] < wrong.medians[1] / 2
    assert min(clean.training_losses[0]) > 0.1
    assert (clean.n_wrong, wrong.n_wrong) == (0, 20)
