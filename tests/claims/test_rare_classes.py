"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbook.activations import sigmoid
from gdbook.datasets import digits
from gdbook.examples.rare_classes import (
    _answered,
    _Plan,
    base_rates,
    ranking,
    rare_digit,
    screening,
    threshold_costs,
)
from gdbook.glue import defaults
from gdbook.splits import confusion

COUNTS = st.integers(0, 60)
SOME = st.integers(1, 60)
SHARES = st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=1000)


@pytest.mark.claims(
    "It lies nearer to the smaller of the two and is never more than twice that: yes "
    "to all has an $F_1$ of ….",
)
@given(SOME, COUNTS, COUNTS, SOME)
def test_f1_is_near_the_smaller(found: int, alarms: int, missed: int, no: int) -> None:
    """The harmonic mean, below the ordinary one and twice the smaller."""
    test = screening(found, alarms, missed, no)
    smaller = min(test.precision, test.recall)
    assert smaller <= test.f1 <= min(test.mean, 2 * smaller)
    assert test.f1 == 2 / (1 / test.precision + 1 / test.recall)
    assert test.f1_of_yes <= 2 * test.precision_of_yes


@pytest.mark.claims(
    "Two numbers do not rank tests, and either one alone can be had for nothing: say "
    "yes to all, and the recall is $1$.",
    "Where one class is rare, the accuracy is nearly that of the common class alone, "
    "and hides what we ask for.",
    "A program that says no to everybody has …, and finds nobody.",
)
@given(SOME, COUNTS)
def test_nothing_is_had_for_nothing(n_ill: int, n_healthy: int) -> None:
    """Yes to all, no to all, and a yes to one who is ill."""
    says = [[1]] * (n_ill + n_healthy)
    true = [[1]] * n_ill + [[0]] * n_healthy
    assert confusion(says, true).recall == 1
    no = confusion([[0] for _ in says], true)
    assert no.true_positives == no.recall == 0
    assert 1 - no.accuracy == Fraction(n_ill, n_ill + n_healthy)
    one = confusion([[1]] + [[0]] * (len(says) - 1), true)
    assert one.precision == 1


@pytest.mark.claims(
    "The right noes stand in none of the three, so only the accuracy changes:",
    "Ask two questions instead, which leave the many right noes out:",
)
@given(SOME, COUNTS, COUNTS, SOME, SOME)
def test_right_noes_count_in_the_accuracy_alone(
    found: int, alarms: int, missed: int, no: int, more: int
) -> None:
    """Precision, recall and F1 stay, whatever is added."""
    test = screening(found, alarms, missed, no)
    other = screening(found, alarms, missed, no + more)
    shares = [(each.precision, each.recall, each.f1) for each in (test, other)]
    assert shares[0] == shares[1]
    assert (other.accuracy > test.accuracy) == (test.accuracy < 1)


@pytest.mark.claims(
    "A yes multiplies the odds by recall over false alarms, so the same test is worth "
    "less where fewer are ill.",
    "What its yes is worth falls with the share of people who are ill.",
    "Odds become a share again when they are divided by one more than they are.",
    "A precision that was measured where the rare class is less rare than later is too "
    "high.",
    "Of all people, $p R$ are ill and get a yes, and $(1 - p)\\,a$ are healthy and get "
    "one.",
    "Recall and false alarms belong to the test; the precision belongs to the test and "
    "to those whom it is asked about.",
    "One test, with the same recall and the same share of false alarms everywhere.",
)
@given(SHARES, SHARES, SHARES, SHARES)
def test_fewer_ill_make_a_yes_worth_less(
    rate: Fraction, other: Fraction, recall: Fraction, alarms: Fraction
) -> None:
    """Counted among all people, and in order of the shares of ill ones."""
    few, many = sorted((rate, other))
    found = base_rates((few, many), recall, alarms)
    for share, precision in zip((few, many), found.precisions, strict=True):
        yes = share * recall + (1 - share) * alarms
        assert precision == share * recall / yes
    assert (found.precisions[0] < found.precisions[1]) == (few < many)
    assert (found.recall, found.false_alarm_rate) == (recall, alarms)


@pytest.mark.claims(
    "It is …: nearly all yeses are false alarms.",
    "All three describe one test, and the precision is low because the healthy are "
    "many.",
    "It says yes to … of the ill and no to the other …, and of the healthy it says yes "
    "to … and no to ….",
    "This is Bayes' rule: a yes multiplies the odds from before by $R/a$, which is … "
    "for this test.",
    "With a share of …, the odds are … before a yes and … behind it, and the precision "
    "is … as we counted.",
)
def test_the_test_is_that_of_the_counts() -> None:
    """The rates of the second example are those of the first; few are ill at last."""
    test, rates = screening(), base_rates()
    assert (rates.recall, rates.false_alarm_rate) == (
        test.recall,
        test.false_alarm_rate,
    )
    assert rates.rates[1] == Fraction(test.n_ill, test.n_people)
    assert rates.precisions[1] == test.precision
    assert rates.precisions[2] < Fraction(1, 20)
    assert rates.precisions[0] > Fraction(9, 10)
    assert test.n_ill == test.true_positives + test.false_negatives
    assert test.n_people - test.n_ill == test.false_positives + test.true_negatives


@pytest.mark.claims(
    "The recall never falls when the threshold does.",
    "The precision rises with a sample that is true, or stays at $1$, and falls with "
    "one that is not, or stays at $0$; behind the last sample it is the base rate of "
    "the true class, ….",
    "At a true sample it moves to the right, at another one it falls straight down; "
    "the area of the steps is the average precision.",
    "It scores the order of the samples, for all thresholds at once.",
    "Lower the threshold, step by step, until all samples get a yes.",
)
@given(st.lists(st.booleans(), min_size=2, max_size=12).filter(any))
def test_how_a_threshold_falls(true: list[bool]) -> None:
    """Sample by sample, for all orders."""
    ranked = ranking(range(len(true), 0, -1), [int(yes) for yes in true])
    points = list(zip(true, ranked.recalls, ranked.precisions, strict=True))
    for before, (yes, recall, precision) in pairwise(points):
        _, recall_before, precision_before = before
        assert (recall > recall_before) == yes
        if yes:
            assert precision > precision_before or precision == precision_before == 1
        else:
            assert precision < precision_before or precision == precision_before == 0
            assert recall == recall_before
    assert ranked.precisions[-1] == ranked.base_rate
    assert ranked.recalls[-1] == 1
    other = [score**3 - 5 for score in range(len(true), 0, -1)]
    assert ranking(other, [int(yes) for yes in true]).average == ranked.average


@pytest.mark.claims(
    "Sort ten samples by their scores, of which four are true, and lower the threshold "
    "past one after the other:",
    "Each of the four true samples adds a quarter of the recall, at a precision of "
    "$1$, $1$, … and …, so the average precision is …, about ….",
    "The $F_1$ is highest, …, with … samples.",
    "The curve of the ten samples, from the surest on the left.",
)
def test_ten_samples() -> None:
    """Four are true, and each adds a quarter."""
    targets = defaults(ranking)["targets"]
    assert (len(targets), sum(targets)) == (10, 4)
    ranked = ranking()
    assert sorted(set(ranked.recalls)) == [Fraction(part, 4) for part in range(1, 5)]
    assert ranked.precisions[:2] == (1, 1)
    assert [at for at, yes in enumerate(ranked.targets) if yes] == [0, 1, 3, 6]
    assert ranked.f1s[ranked.best] == max(ranked.f1s)
    assert ranked.best == 3


@pytest.mark.claims(
    "It finds … to … of …, with … or … false alarms: from each seed it misses more "
    "than half of them, and its accuracy does not show it.",
    "Among so many noes a half is a high threshold; the curve shows what the same "
    "scores give at others.",
    "The average precision lies between … and …, where a score that knows nothing has "
    "about the base rate, ….",
    "At the threshold of a half the accuracy is … at the median of the seeds, and no "
    "to all would have ….",
    "The dots are the threshold of a half; to the right of them lie lower ones, which "
    "find more and are wrong more often.",
    "… stratified folds see to it that every picture is answered by a model that has "
    "not seen it.",
    "Keep all handwritten digits but the …s, and of these …: a share of ….",
    "Do all of it from … seeds, each of which draws the …s to keep, the folds and the "
    "first weights.",
    "Precision over recall of the rare digit, a line for each of the … seeds.",
    "Where a class is rare, report its precision and its recall, and compare the "
    "accuracy with that of saying no to all.",
)
def test_the_accurate_misses_half() -> None:
    """From each seed; and the curve passes through points that find most of them."""
    found = rare_digit()
    for seed, recall in enumerate(found.recalls):
        scores, targets = _answered(8, 33, _Plan(), seed)
        at_half = confusion(sigmoid(scores), targets)
        assert recall == float(at_half.recall)
        lower = confusion(sigmoid(scores), targets, threshold=0.1)
        assert lower.recall > at_half.recall
        assert lower.precision < at_half.precision
    assert found.num_folds == _Plan().num_folds
    assert max(found.recalls) < 0.5
    assert min(found.accuracies) > found.accuracy_of_no
    assert set(found.false_positives) == {
        min(found.false_positives),
        max(found.false_positives),
    }
    base_rate = found.n_rare / found.n_samples
    assert min(found.averages) > 10 * base_rate
    for recalls, precisions in zip(
        found.curve_recalls, found.curve_precisions, strict=True
    ):
        most = next(at for at, recall in enumerate(recalls) if recall > 0.8)
        assert precisions[most] > 3 * base_rate
    others = int((digits().labels != found.digit).sum())
    assert found.n_samples == others + found.n_rare
    assert len(set(found.averages)) == len(found.averages) == len(found.curve_recalls)
    kept = [np.flatnonzero(_answered(8, 33, _Plan(), seed)[1]) for seed in (0, 1)]
    assert kept[0].tolist() != kept[1].tolist()


@pytest.mark.claims("So far a half was the threshold, by habit.")
@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=9))
def test_a_half_is_the_habit(rows: list[tuple[int, bool]]) -> None:
    """The library counts so, unless told."""
    says, true = ([[int(each)] for each in side] for side in zip(*rows, strict=True))
    shares = [[number / 8] for (number,) in says]
    assert confusion(shares, true) == confusion(shares, true, threshold=0.5)


@pytest.mark.claims(
    "A no to a sample with the probability $p$ is expected to cost $c\\,p$, and a yes "
    "$1 - p$, so a yes is cheaper where",
    "The threshold is a choice that comes after training: lower it until a yes costs "
    "what a no does.",
)
@given(SHARES, st.fractions(Fraction(1, 50), 50))
def test_where_a_yes_is_cheaper(p: Fraction, cost: Fraction) -> None:
    """On both sides of the threshold."""
    assert (1 - p < cost * p) == (p > 1 / (1 + cost))


def middle(costs: tuple[Any, ...]) -> float:
    """Return the median."""
    return float(median(costs))


@pytest.mark.claims(
    "The dearer a miss, the lower the threshold, and the more it saves.",
    "The least costs are a little lower, at a threshold of their own in each seed.",
    "From …: at the median of the seeds all mistakes then cost …, where they cost … at "
    "a threshold of a half.",
    "The threshold of … lies in the hollow of the curves, and a half does not.",
    "Nothing was trained anew: the threshold is chosen behind the model, and another "
    "cost takes the same scores.",
    "You will learn the confusion matrix, precision, recall and their mean, and to put "
    "the threshold where mistakes cost least.",
    "Whoever reports those has chosen by the samples that score, and this is the leak "
    "of …: choose a threshold by equation …, or on samples kept for it.",
)
def test_dearer_misses_want_lower_thresholds() -> None:
    """Of the page's costs and others; the answers are those of one training."""
    known = _answered.cache_info().misses
    rows = [threshold_costs(cost) for cost in (2, 4, 9, 19, 49)]
    assert _answered.cache_info().misses <= known + len(rows[0].least)
    saved = [middle(row.at_half) - middle(row.at_forecast) for row in rows]
    forecasts = [row.forecast for row in rows]
    assert saved == sorted(saved)
    assert forecasts == sorted(forecasts, reverse=True)
    book = threshold_costs()
    assert all(a < b for a, b in zip(book.at_forecast, book.at_half, strict=True))
    assert all(a <= b for a, b in zip(book.least, book.at_forecast, strict=True))
    assert middle(book.least) > 0.7 * middle(book.at_forecast)


@pytest.mark.claims(
    "The recall rises and the precision falls, as if the threshold had been lowered, "
    "and the average precision stays about where it was: the order of the samples is "
    "hardly a better one.",
    "Moving the threshold does as much and trains nothing.",
    "To the loss a sample that stands there … times is one whose misses cost … times "
    "as much, and a model whose yeses get that much more weight says yes earlier.",
    "Let each … stand … times among the samples to learn from.",
)
def test_copies_lower_the_threshold() -> None:
    """From three seeds, in each."""
    found, copied = rare_digit(num_seeds=3), rare_digit(copies=9, num_seeds=3)
    for once, often in zip(found.recalls, copied.recalls, strict=True):
        assert often > once + 0.1
    for once, often in zip(found.precisions, copied.precisions, strict=True):
        assert often < once - 0.2
    for once, often in zip(found.averages, copied.averages, strict=True):
        assert abs(often - once) < 0.06
    assert copied.copies == defaults(threshold_costs)["miss_cost"] == 9


@pytest.mark.claims(
    "A border that is straight in the pixels cuts most zeros off, and leaves most "
    "eights among the others.",
)
def test_zeros_are_cut_off() -> None:
    """From each of the seeds of the page."""
    zero, eight = rare_digit(digit=0, num_seeds=3), rare_digit(num_seeds=3)
    assert min(zero.recalls) > 0.5 > max(eight.recalls)
