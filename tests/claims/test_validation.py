"""What the chapter says, beyond its own numbers."""

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import chain, combinations, pairwise, permutations, product
from statistics import mean, pvariance

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from near import near
from referees import nearest

from gdbook.datasets import breast_cancer, digits
from gdbook.examples import validation
from gdbook.examples.validation import (
    accuracy_and_loss,
    best_guesser,
    class_shares,
    deals,
    fold_cost,
    held_out_sizes,
    known_and_new,
    leaked_choice,
    memoriser,
    nearest_pictures,
    one_split,
    samples_needed,
    seeds,
    sign_test,
)
from gdbook.glue import defaults
from gdbook.splits import folds, hold_out

HALF = Fraction(1, 2)


@pytest.mark.claims(
    "Before we ask a network, ask a memoriser: it keeps the samples that it is shown, "
    "and answers with the class of the nearest one.",
    "What the memoriser does: above, digits that were kept aside with their classes, "
    "below, the nearest ones that it has seen with theirs, which are its answers.",
    "On what it was shown it scores … both times: it finds the picture itself, at "
    "distance zero.",
    "So a score on what was shown cannot tell knowledge from memory: it is the same "
    "where there is nothing to know.",
    "A score on what a model was shown cannot tell knowledge from memory, because a "
    "memoriser gets it too; ask held-out samples, and compare the answer with the base "
    "rate.",
)
@pytest.mark.claims(
    "A model that keeps all samples and answers with the class of the nearest one.",
    page="glossary",
)
@pytest.mark.parametrize(("share", "seed"), [(0.25, 1), (0.5, 2), (0.9, 3)])
def test_memory_scores_like_knowledge(share: float, seed: int) -> None:
    """Perfect on what was shown, with true and drawn classes; apart on the others."""
    seen = memoriser(share, seed)
    assert seen.training_accuracies == memoriser().training_accuracies == (1, 1)
    true, drawn = seen.held_out_accuracies
    assert (true > 0.9, drawn < 0.2) == (True, True)
    assert abs(drawn - seen.base_rate) < 0.05
    shown, data = nearest_pictures(4, 4, share, seed), digits()
    known = data.inputs[hold_out(1797, share, seed=seed).training]
    asked = np.array(shown.asked).reshape(8, 64)
    found = known[nearest(known, asked)]
    assert np.array_equal(np.array(shown.nearest).reshape(8, 64), found)


@pytest.mark.claims(
    "Deal the tumours in … ways, and the loss is lower on what was shown in … of the "
    "splits, and the accuracy higher in …; on average … stands against …, and … "
    "against ….",
    "Deal the tumours into … folds, and do it … times, with one set of first weights "
    "and the settings of the split above.",
    "Train the network on one split from … seeds, and the scores run from … to ….",
    "Take six samples on a line, a model with one weight, fixed at $1$, and move its "
    "bias:",
    "It has one hidden layer with … ReLU nodes, and descends on the cross-entropy by "
    "Adam, at the rate …, in batches of …, for … epochs.",
    "Large data can spare that many for one split; we have … tumours together.",
    "With as many folds as samples it is … times, for networks that learn from ….",
    "Those are many inputs for few samples, and a usual remedy is to keep the ones "
    "that go with the targets; keep the … with the strongest correlation:",
)
def test_what_the_examples_share() -> None:
    """The settings of one split are those of all, and the counts are those of words."""
    split = defaults(one_split)
    for example in (known_and_new, deals, seeds, fold_cost):
        own = defaults(example)
        assert {name: own[name] for name in own if name in split} == {
            name: split[name] for name in split if name in own
        }
    folded = {defaults(example)["num_folds"] for example in (deals, leaked_choice)}
    assert len(folded) == 1
    data = breast_cancer()
    cost = defaults(fold_cost)
    assert cost["n_samples"] == cost["num_folds"][4] == len(data.inputs)
    assert len(cost["num_folds"]) == 5
    assert samples_needed().samples[2] > 10 * len(data.inputs)
    noise = defaults(leaked_choice)
    assert noise["n_inputs"] >= 10 * noise["n_samples"] >= 50 * noise["num_chosen"]
    assert len(defaults(accuracy_and_loss)["inputs"]) == 6
    assert len(split["hidden"]) == 1


@pytest.mark.claims(
    "The second factor is there because no sample is drawn twice.",
    "Where all $n$ are drawn, the number of right answers is the same each time: $n$ "
    "variances and $n\\,(n - 1)$ covariances of two draws add up to zero, so that a "
    "covariance is $-1/(n - 1)$ of a variance.",
    "In a sum over $m$ draws, $m - 1$ of these stand beside each variance, and "
    "$1 - (m - 1)/(n - 1)$ of it is left, which is the factor.",
)
@given(answers=st.lists(st.integers(0, 1), min_size=2, max_size=5), data=st.data())
def test_the_factor_of_draws(answers: list[int], data: st.DataObject) -> None:
    """All ways to draw, counted exactly."""
    n, right = len(answers), Fraction(sum(answers), len(answers))
    m = data.draw(st.integers(1, n))
    off = [[answers[i] - right for i in way] for way in permutations(range(n), m)]
    variance = right * (1 - right)
    if m > 1:
        together = sum(first * second for first, second, *_ in off) / len(off)
        assert together == -variance / (n - 1)
    spread = sum((sum(way) / m) ** 2 for way in off) / len(off)
    left = 1 - Fraction(m - 1, n - 1)
    assert left == Fraction(n - m, n - 1)
    assert spread == variance / m * left
    with_return = [
        [answers[i] - right for i in way] for way in product(range(n), repeat=m)
    ]
    spread = sum((sum(way) / m) ** 2 for way in with_return) / len(with_return)
    assert spread == variance / m


@pytest.mark.claims(
    "Between two jumps a small step changes no answer, so the accuracy cannot guide "
    "it.",
)
@given(
    inputs=st.lists(st.integers(-20, 20), min_size=1, max_size=6, unique=True),
    bias=st.integers(-20, 20),
    data=st.data(),
)
def test_the_accuracy_has_no_slope(
    inputs: list[int], bias: int, data: st.DataObject
) -> None:
    """Samples stand on whole numbers, and so do the jumps; between they are still."""
    targets = [data.draw(st.sampled_from([0, 1])) for _ in inputs]
    between = bias + HALF
    stairs = accuracy_and_loss(inputs, targets, (0,), between, Fraction(1, 3))
    assert stairs.accuracy_slope == 0
    # The loss has one, as long as the answers are not sure to the last bit.
    known = [1 / (1 + math.exp(-(x + between))) for x in inputs]
    slope = sum(p - y for p, y in zip(known, targets, strict=True)) / len(inputs)
    assert stairs.loss_slope == near(slope, abs=1e-15)


@pytest.mark.claims(
    "At the bias …, a step towards zero would help.",
    "The slope of the loss is … and that of the accuracy is …, which tells descent "
    "that it has arrived.",
)
def test_the_bias_of_the_page() -> None:
    """Its accuracy is still, and its loss falls all the way to zero."""
    stairs, own = accuracy_and_loss(), defaults(accuracy_and_loss)
    assert stairs.accuracy_slope == 0
    assert stairs.loss_slope * own["bias"] > 0
    losses = dict(zip(stairs.biases, stairs.losses, strict=True))
    assert min(losses, key=lambda bias: losses[bias]) == 0


def variance_of_scores(answers: tuple[int, ...], size: int) -> Fraction:
    """Give the variance of the accuracy over all draws of a size."""
    scores = [Fraction(sum(drawn), size) for drawn in combinations(answers, size)]
    return pvariance(scores)


@pytest.mark.claims(
    "It is near $1$ while few of many are drawn, and $0$ when all are.",
    "The measured deviation follows the formula at every size.",
)
@pytest.mark.parametrize("right", [1, 4, 6])
@pytest.mark.claims(
    "The standard deviation of a score over all draws of the samples that it is "
    "measured on.",
    page="glossary",
)
def test_the_formula_counts_all_draws(right: int) -> None:
    """Of eight answers, every draw of one to eight is scored, exactly."""
    answers = (1,) * right + (0,) * (8 - right)
    share, factors = Fraction(right, 8), []
    for size in range(1, 9):
        factors.append(Fraction(8 - size, 7))
        law = share * (1 - share) / size * factors[-1]
        assert variance_of_scores(answers, size) == law
    assert factors[0] - 1 == factors[-1] == 0
    seen = held_out_sizes((5, 50, 500), 10_000, 0.9, right)
    # A deviation of 10,000 draws is uncertain by a share of 1/√20000.
    assert seen.measured == near(seen.standard_errors, rel=0.03)


@pytest.mark.claims(
    "The error falls with the root of the number of samples, so half the error costs "
    "four times the samples:",
    "A score is a draw with a standard error that falls with the root of the held-out "
    "samples; folds ask every sample once, at the price of as many trainings as folds.",
)
@given(
    accuracy=st.fractions("1/20", "19/20", max_denominator=20),
    error=st.fractions("1/50", "1/10", max_denominator=50),
)
def test_half_the_error(accuracy: Fraction, error: Fraction) -> None:
    """Four times, but for rounding up to whole samples."""
    once, more = samples_needed(accuracy, (error, error / 2)).samples
    assert 4 * (once - 1) < more <= 4 * once


@pytest.mark.claims(
    "We hold out … tumours; to hold out another one is to learn from one less.",
    "There is a way to have both: deal the samples into $k$ folds, and train $k$ "
    "networks, each on all folds but one.",
    "Look down a column: every sample is held out once.",
    "The score is the mean over the folds, and every sample has been asked once:",
)
@given(n=st.integers(2, 40), k=st.integers(2, 9), seed=st.integers(0, 99))
def test_folds_ask_every_sample_once(n: int, k: int, seed: int) -> None:
    """And the samples of a training are the other folds."""
    splits = folds(n, min(k, n), seed=seed)
    asked = np.concatenate([split.held_out for split in splits])
    assert sorted(asked.tolist()) == list(range(n))
    for split in splits:
        assert sorted([*split.training, *split.held_out]) == list(range(n))
        others = [s.held_out.tolist() for s in splits if s is not split]
        assert sorted(split.training.tolist()) == sorted(chain(*others))


@pytest.mark.claims(
    "That of the means, …, is too small to be believed, because all deals score the "
    "same tumours."
)
@given(
    right=st.lists(st.integers(0, 1), min_size=12, max_size=12),
    k=st.sampled_from([2, 3, 4, 6]),
)
def test_a_program_that_never_changes_has_no_spread(right: list[int], k: int) -> None:
    """Whatever the deal, the mean over folds of equal size is the score on all."""
    answers = np.array(right)
    means = {
        mean(Fraction(int(answers[s.held_out].sum()), 12 // k) for s in splits)
        for splits in (folds(12, k, seed=seed) for seed in range(5))
    }
    assert means == {Fraction(sum(right), 12)}


@pytest.mark.claims(
    "The standard error of all samples together, …, is the better guess for new ones; "
    "no formula gets the true one from the scores of the folds alone without a bias …."
)
def test_which_error_holds_for_new_samples() -> None:
    """Collect 60 digits anew forty times, and deal each collection five times."""
    data, generator = digits(), np.random.default_rng(0)
    first, dealt = [], []
    for _ in range(40):
        chosen = generator.choice(1797, 60, replace=False)
        pixels, labels = data.inputs[chosen], data.labels[chosen]
        means = []
        for seed in range(5):
            right = [
                labels[s.training][nearest(pixels[s.training], pixels[s.held_out])]
                == labels[s.held_out]
                for s in folds(60, 5, seed=seed)
            ]
            means.append(float(np.mean(right)))
        first.append(means[0])
        dealt.append(float(np.std(means)))
    score = float(np.mean(first))
    true, all_error = float(np.std(first)), math.sqrt(score * (1 - score) / 60)
    # The uncertainty of `true` is a share of 1/√80.
    assert all_error == near(true, rel=0.35)
    assert float(np.mean(dealt)) < 0.5 * true


@pytest.mark.claims(
    "Two networks that answered the same samples can be told apart by less, if we "
    "count the samples on which one of them alone is right.",
    "Their accuracies differ by …, within the standard error of …, and yet coins would "
    "fall as unevenly with a probability of … only.",
)
@given(wins=st.integers(0, 6), losses=st.integers(0, 6))
def test_coins(wins: int, losses: int) -> None:
    """Every fall of the coins is counted that is as uneven, to either side."""
    n = wins + losses
    falls = list(product((0, 1), repeat=n))
    uneven = [fall for fall in falls if abs(2 * sum(fall) - n) >= abs(wins - losses)]
    tested = sign_test(wins, losses, 100)
    assert tested.probability == Fraction(len(uneven), len(falls))
    book = sign_test()
    needed = samples_needed()
    assert book.n_samples == needed.samples[2]
    assert book.difference < Fraction(str(needed.errors[2]))
    assert book.probability < Fraction(1, 1000)


@pytest.mark.claims(
    "Every sample is in one fold, so the $n_j$ add up to $n$:",
    "One training takes $n E$ gradients, so the bill is $k - 1$ times as high.",
    "With … folds the bill is … times that of one training on all … tumours, which "
    "takes … gradients, and a network learns from … or one more of them.",
)
@pytest.mark.parametrize(("n", "num_epochs"), [(3, 5), (20, 1), (37, 3)])
def test_more_folds_leave_and_cost_more(n: int, num_epochs: int) -> None:
    """Up to one sample in a fold; the bill is k − 1 trainings."""
    cost = fold_cost(range(2, n + 1), n, num_epochs, 7)
    assert all(less <= more for less, more in pairwise(cost.fewest_learned))
    assert cost.fewest_learned[-1] == n - 1
    assert cost.times_once == tuple(k - 1 for k in cost.num_folds)
    for k, fewest, gradients in zip(
        cost.num_folds, cost.fewest_learned, cost.sample_gradients, strict=True
    ):
        sizes = [len(split.training) for split in folds(n, k)]
        assert {fewest} <= set(sizes) <= {fewest, fewest + 1}
        assert gradients == num_epochs * sum(sizes)


@pytest.mark.claims(
    "In this deal by chance … of the folds have none, and on those the program that "
    "says benign is right on all samples.",
    "It is an unlucky deal: on average … folds have none.",
    "Stratified folds deal each class by itself, so that every fold gets its share:",
    "Dealt by chance, a fold without any cannot ask the question that matters; dealt "
    "by class, none is without.",
)
def test_chance_leaves_folds_without() -> None:
    """Sixty deals: the mean is the law's, and few are as uneven as the page's."""
    deals = [class_shares(seed=seed) for seed in range(60)]
    empty = [deal.without for deal in deals]
    # The deviation of a deal is about 1, that of the mean of sixty 0.13.
    of_the_page = class_shares()
    assert mean(empty) == near(float(of_the_page.mean_without), abs=0.4)
    assert of_the_page.without > of_the_page.mean_without
    assert sum(count >= of_the_page.without for count in empty) < 12
    for deal in deals:
        assert sum(deal.shuffled) == deal.num_rare
        assert max(deal.stratified) - min(deal.stratified) <= 1
        assert min(deal.stratified) >= 1


@pytest.mark.claims(
    "Where the targets are numbers, the program that never looks answers with their "
    "mean, and its mean squared error is their variance."
)
@given(st.lists(st.fractions(-9, 9, max_denominator=9), min_size=2, max_size=6))
def test_who_never_looks_at_numbers(targets: list[Fraction]) -> None:
    """No other answer has a smaller loss."""
    middle = mean(targets)
    losses = [
        mean((answer - target) ** 2 for target in targets)
        for answer in (middle, middle - HALF, middle + HALF)
    ]
    assert min(losses) == losses[0] == pvariance(targets)


@pytest.mark.claims("Nothing can be learned, so an honest score is that of a coin.")
def test_noise_has_the_score_of_a_coin() -> None:
    """Thirty other draws, 900 answers: three standard errors are 0.05."""
    found = leaked_choice(30, 100, 5, 3, 30, num_epochs=4)
    assert found.honest_mean == near(0.5, abs=0.06)
    assert found.leaked_mean > found.honest_mean + 0.1


@pytest.mark.claims(
    "Train many networks, score all on the same held-out samples, and report the best.",
    "The best of … guessers is expected to score … on … samples, and on fresh ones it "
    "scores … like every other.",
)
def test_the_best_guesser_is_a_guesser() -> None:
    """Three guessers of two coins each: all 64 ways, asked once more."""
    ways = list(product(product((0, 1), repeat=2), repeat=3))
    best = [max(map(sum, guessers)) for guessers in ways]
    law = best_guesser((3,), 2, HALF)
    assert law.best == (Fraction(sum(best), 2 * len(ways)),)
    assert law.best[0] > law.chance == HALF


@pytest.mark.claims(
    "The networks of this chapter that tell tumours apart are trained and scored on "
    "stratified splits."
)
def test_every_split_of_tumours_is_stratified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever trains on tumours hands their classes to the split."""
    given = []

    def watch(split: Callable[..., object]) -> Callable[..., object]:
        def watched(*arguments: object, **named: object) -> object:
            given.append(named.get("labels") is not None)
            return split(*arguments, **named)

        return watched

    for split in (hold_out, folds):
        monkeypatch.setattr(validation, split.__name__, watch(split))
    seeds(num_seeds=1, num_epochs=1)
    validation.one_split(num_epochs=1, seed=98)
    validation.deals(num_deals=1, num_epochs=1)
    assert given == [True, True, True]
