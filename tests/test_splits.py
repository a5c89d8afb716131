"""Splits and scores, counted by hand."""

import math
import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import combinations, starmap
from typing import Any

import numpy as np
import pytest
from bad_input import (
    NOT_A_NUMBER,
    NOT_BETWEEN_0_AND_1,
    NOT_NUMBERS,
    not_a_count,
    refused,
)
from hypothesis import given
from hypothesis import strategies as st

from gdbook._checks import NotFiniteError
from gdbook.datasets import breast_cancer, one_hot
from gdbook.splits import (
    Confusion,
    Split,
    accuracy,
    average_precision,
    confusion,
    folds,
    hold_out,
    precision_recall,
)

# More digits than a message shows.
LONG = pytest.param(10**200, id="long")


class Series:
    """What turns into an array when NumPy asks, like a column of a data frame."""

    def __init__(self, values: list[int]) -> None:
        self.values, self.shape = values, (len(values),)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.values, dtype)


def ends(samples: np.ndarray) -> tuple[int, int, int]:
    """Give how many samples there are, the first and the last."""
    return len(samples), int(samples[0]), int(samples[-1])


class TestAccuracy:
    """Give the share of samples whose class is predicted."""

    @pytest.mark.parametrize(
        ("predictions", "targets", "share"),
        [
            ([[0.9], [0.2], [0.6], [0.4]], [[1], [0], [0], [0]], 3 / 4),
            ([[0.5]], [[0]], 1),  # a half is no yes
            ([[0.5]], [[1]], 0),
            ([[Fraction(2, 3)], [Fraction(1, 3)]], [[1], [1]], 1 / 2),
            ([[0.1, 0.9], [0.8, 0.2]], [[0, 1], [0, 1]], 1 / 2),
            ([[-3, -1, -2]], [[0, 1, 0]], 1),
            ([[5, 4]], [[0.4, 0.6]], 0),
            ([[0.9, 0.8]], [[1, 0]], 1),  # the highest counts, not a threshold
        ],
    )
    def test_by_hand(self, predictions: Any, targets: Any, share: float) -> None:
        """The share of rows that are right."""
        found = accuracy(predictions, targets)
        assert found == share
        assert type(found) is float

    def test_threshold(self) -> None:
        """What a single output must exceed for a yes: 0 for scores."""
        scores, targets = [[0.25], [0.0], [-1.0]], [[1], [1], [0]]
        assert accuracy(scores, targets, threshold=0) == 2 / 3
        assert accuracy(scores, targets, threshold=0.5) == 1 / 3
        assert accuracy(scores, targets, threshold=Fraction(-1, 2)) == 1
        # Targets are read as probabilities, whatever the threshold of the scores.
        assert accuracy([[7]], [[0.5]], threshold=5) == 0
        assert accuracy([[7]], [[0.75]], threshold=5) == 1

    @pytest.mark.parametrize("score", [1.5, -0.25])
    def test_scores_need_a_threshold(self, score: float) -> None:
        """What is no probability would be held against a half."""
        says = f"holds {score} but must hold numbers from 0 to 1"
        with refused(ValueError, "predictions", says):
            accuracy([[0.5], [score]], [[1], [0]])
        assert accuracy([[0.0], [1.0]], [[0], [1]]) == 1

    @pytest.mark.parametrize("threshold", [0, 0.5])
    def test_several_outputs_need_none(self, threshold: float) -> None:
        """A threshold that would not be looked at is refused."""
        says = f"is {threshold} but must be left out: the highest of 2 outputs counts"
        with refused(ValueError, "threshold", says):
            accuracy([[0.9, 0.8]], [[1, 0]], threshold=threshold)

    @pytest.mark.parametrize(
        ("targets", "says"),
        [
            ([[1], [2.0]], "holds 2.0 but must hold numbers from 0 to 1; classes are "),
            (
                [[-1.0], [1]],
                "holds -1.0 but must hold numbers from 0 to 1; classes are ",
            ),
            (
                [[0, 2.0], [1, 0]],
                "holds 2.0 but must hold numbers from 0 to 1; one_hot ",
            ),
        ],
    )
    def test_other_classes(self, targets: Any, says: str) -> None:
        """Classes 1 and 2 would be yes twice."""
        with pytest.raises(ValueError, match=f"^`targets` {says}"):
            accuracy(np.full(np.shape(targets), 0.25), targets)

    @pytest.mark.parametrize("row", [[0, 0, 0], [1, 0, 1], [0.5, 0.5, 0]])
    def test_one_target_is_highest(self, row: list[float]) -> None:
        """A sample has one class, and not the first of several."""
        with pytest.raises(ValueError, match=r"^`targets\[1\]` is \[.* one_hot makes"):
            accuracy(np.eye(3), [[0.2, 0.5, 0.3], row, [0, 0, 1]])

    def test_first_of_equal_predictions(self) -> None:
        """An undecided network has the first of its answers."""
        assert accuracy([[0.5, 0.5], [0.5, 0.5]], [[1, 0], [0, 1]]) == 0.5

    def test_is_not_changed(self) -> None:
        """Arguments are never changed in place."""
        predictions, targets = np.array([[0.5, 0.25]]), np.array([[1.0, 0.0]])
        accuracy(predictions, targets)
        assert predictions.tolist() == [[0.5, 0.25]]
        assert targets.tolist() == [[1, 0]]

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Predictions and targets hold numbers."""
        with refused(exception, "predictions", says):
            accuracy(bad, [[1]])
        with refused(exception, "targets", says):
            accuracy([[1]], bad)

    @pytest.mark.parametrize(
        ("predictions", "targets", "says"),
        [
            ([1], [1], "has shape (1,) but must have 2 dimensions; a single output"),
            (0.5, 1, "has shape () but must have 2 dimensions; a single output"),
            ([[1]], [[1, 0]], "has shape (1, 1) but `targets` has shape (1, 2); they "),
            (
                [[1], [0]],
                [1, 0],
                (
                    "has shape (2, 1) but `targets` has shape (2,); "
                    "they must be equal; give np.reshape(targets, (-1, 1))"
                ),
            ),
            (
                np.eye(3),
                [0, 1, 2],
                (
                    "has shape (3, 3) but `targets` has shape (3,); "
                    "they must be equal; give one_hot(np.ravel(targets), 3)"
                ),
            ),
            (
                np.eye(3),
                [[0], [1], [2]],
                (
                    "has shape (3, 3) but `targets` has shape (3, 1); "
                    "they must be equal; give one_hot(np.ravel(targets), 3)"
                ),
            ),
        ],
    )
    def test_shapes(self, predictions: Any, targets: Any, says: str) -> None:
        """Both have two dimensions, and one shape; a way out is named."""
        with pytest.raises(ValueError, match=f"^{re.escape('`predictions` ' + says)}"):
            accuracy(predictions, targets)

    def test_the_way_out_works(self) -> None:
        """What the messages advise is right."""
        targets = [2, 0, 1]
        assert accuracy(np.eye(3), one_hot(np.ravel(targets), 3)) == 0
        assert accuracy([[0.75], [0.25]], np.reshape([1, 0], (-1, 1))) == 1

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_bad_threshold(
        self, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """A threshold is a number, or left out."""
        if bad is not None:
            with refused(exception, "threshold", says):
                accuracy([[1]], [[1]], threshold=bad)


COLUMNS = st.lists(
    st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=12
).filter(lambda rows: any(true for _, true in rows))


def columns(rows: list[tuple[int, bool]]) -> tuple[Any, Any]:
    """Give predictions in quarters, and targets, as columns."""
    says, true = zip(*rows, strict=True)
    return np.array(says)[:, None] / 4, np.array(true, dtype=float)[:, None]


class TestConfusion:
    """Count how often a single output says yes and no, rightly and wrongly."""

    def test_by_hand(self) -> None:
        """Of five yeses three are right, of seven that are true three are found."""
        says = [[1]] * 5 + [[0]] * 5
        counts = confusion(says, [[1]] * 3 + [[0]] * 2 + [[1]] * 4 + [[0]])
        assert counts == Confusion(3, 2, 4, 1)
        assert counts.accuracy == Fraction(2, 5)
        assert counts.precision == Fraction(3, 5)
        assert counts.recall == Fraction(3, 7)
        # 2 ÷ (5/3 + 7/3)
        assert counts.f1 == Fraction(1, 2)

    def test_nobody_says_yes(self) -> None:
        """Shares of nothing are 0, as in scikit-learn."""
        counts = confusion([[0.5]], [[0]])
        assert counts == Confusion(0, 0, 0, 1)
        assert counts.precision == counts.recall == counts.f1 == 0
        assert counts.accuracy == 1

    @given(COLUMNS, st.sampled_from([None, 0, Fraction(3, 4)]))
    def test_accuracy_is_the_same(
        self, rows: list[tuple[int, bool]], threshold: Any
    ) -> None:
        """The counts and `accuracy` read predictions alike."""
        predictions, targets = columns(rows)
        counts = confusion(predictions, targets, threshold=threshold)
        expected = accuracy(predictions, targets, threshold=threshold)
        assert float(counts.accuracy) == expected

    def test_threshold(self) -> None:
        """A yes exceeds it, and scores need one."""
        assert confusion([[2], [1]], [[1], [1]], threshold=1) == (1, 0, 1, 0)
        with refused(
            ValueError, "predictions", "holds 2.0 but must hold numbers from 0 to 1"
        ):
            confusion([[2], [1]], [[1], [1]])


class TestPrecisionRecall:
    """Lower the threshold from one prediction to the next, and score each time."""

    def test_by_hand(self) -> None:
        """Yes, no, and two that are equal, one of each."""
        curve = precision_recall([[0.5], [3], [0.5], [2]], [[1], [1], [0], [0]])
        assert curve.thresholds.tolist() == [3, 2, 0.5]
        assert curve.precisions.tolist() == [1, 0.5, 0.5]
        assert curve.recalls.tolist() == [0.5, 0.5, 1]
        # 1/2·1 + 0 + 1/2·1/2
        args = [[0.5], [3], [0.5], [2]], [[1], [1], [0], [0]]
        assert average_precision(*args) == 0.75

    @given(COLUMNS)
    def test_each_point_is_a_confusion(self, rows: list[tuple[int, bool]]) -> None:
        """Just below a threshold, whoever has as much is a yes."""
        predictions, targets = columns(rows)
        curve = precision_recall(predictions, targets)
        for threshold, precision, recall in zip(*curve, strict=True):
            counts = confusion(predictions, targets, threshold=threshold - 0.125)
            assert precision == float(counts.precision)
            assert recall == float(counts.recall)
        assert curve.recalls[-1] == 1

    @pytest.mark.parametrize("score", [confusion, precision_recall, average_precision])
    def test_refuses(self, score: Callable[..., Any]) -> None:
        """There is one output."""
        says = "has shape (1, 2) but must be a column; take that of a class from both, "
        says += "predictions[:, [k]]"
        with refused(ValueError, "predictions", says):
            score([[0, 1]], [[0, 1]])

    @pytest.mark.parametrize("score", [precision_recall, average_precision])
    def test_there_is_a_yes(self, score: Callable[..., Any]) -> None:
        """Recall is a share of what is true."""
        with refused(ValueError, "targets", "holds no yes but must hold one"):
            score([[0.5]], [[0]])


class TestHoldOut:
    """Keep a share of the samples aside."""

    @given(st.integers(2, 40), st.integers(0, 9))
    def test_every_sample_once(self, n_samples: int, seed: int) -> None:
        """Every sample is on one side; a fifth is kept aside, and part of one more."""
        split = hold_out(n_samples, 0.2, seed=seed)
        assert type(split) is Split
        together = sorted([*split.training.tolist(), *split.held_out.tolist()])
        assert together == list(range(n_samples))
        assert len(split.held_out) == -(-n_samples // 5)

    @pytest.mark.parametrize(
        ("n_samples", "share", "training", "held_out"),
        [
            (1797, 0.25, (1347, 372, 684), (450, 1081, 1262)),
            (1797, 0.2, (1437, 1109, 684), (360, 1081, 829)),
            (1797, 0.97, (53, 244, 684), (1744, 1081, 151)),
        ],
    )
    def test_splits_of_the_book(
        self, n_samples: int, share: float, training: Any, held_out: Any
    ) -> None:
        """How many samples each side has, its first and its last: scikit-learn's."""
        for told in ({}, {"seed": 0}):
            split = hold_out(n_samples, share, **told)
            assert ends(split.training) == training
            assert ends(split.held_out) == held_out

    @pytest.mark.parametrize(
        ("share", "training", "held_out"),
        [
            (0.2, (455, 54, 31), (114, 501, 188)),
            (0.6, (227, 467, 442), (342, 64, 328)),
        ],
    )
    def test_tumours_of_the_book(
        self, share: float, training: Any, held_out: Any
    ) -> None:
        """The same with 357 benign tumours and 212 malignant ones."""
        split = hold_out(569, share, labels=breast_cancer().labels)
        assert ends(split.training) == training
        assert ends(split.held_out) == held_out

    def test_seeds(self) -> None:
        """Each deals in its own order."""
        found = {tuple(hold_out(9, 0.5, seed=seed).held_out) for seed in range(20)}
        assert len(found) == 20

    @pytest.mark.parametrize(
        ("seed", "training", "held_out"),
        [
            (0, [13, 0, 7, 9, 5, 8, 10], [3, 4, 2, 6, 12, 11, 1]),
            (1, [12, 8, 0, 7, 3, 11, 9], [1, 13, 2, 4, 6, 5, 10]),
            (2, [3, 9, 12, 0, 8, 10, 7], [2, 1, 13, 4, 6, 5, 11]),
        ],
    )
    def test_chance_rounds(self, seed: int, training: Any, held_out: Any) -> None:
        """Half of three is one or two: two for two of the four classes, by lot.

        These are the splits of scikit-learn.
        """
        labels = [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3 + [4] * 2
        split = hold_out(14, 0.5, seed=seed, labels=labels)
        assert (split.training.tolist(), split.held_out.tolist()) == (
            training,
            held_out,
        )

    def test_labels(self) -> None:
        """Every class keeps its share on both sides."""
        labels = np.array([0] * 12 + [3] * 6 + [5] * 2)
        split = hold_out(20, 0.5, labels=labels)
        for side in split:
            assert Counter(labels[side].tolist()) == {0: 6, 3: 3, 5: 1}

    def test_chance_is_asked_for_rounding_alone(self) -> None:
        """1/49 of 49 is 1 less a rounding: of two such classes, the lot says both.

        scikit-learn draws lots then, too, and what is drawn later depends on it.
        """
        split = hold_out(98, 0.5, labels=[0] * 94 + [1, 1, 2, 2])
        assert ends(split.training) == (49, 45, 75)
        assert ends(split.held_out) == (49, 29, 9)

    def test_fractions_round_exactly(self) -> None:
        """7 % of 100 are 7; the float 0.07 is a little more, which takes one more."""
        assert len(hold_out(100, Fraction(7, 100)).held_out) == 7
        assert len(hold_out(100, 0.07).held_out) == 8
        assert len(hold_out(100, Fraction(1, 10**400)).held_out) == 1

    @pytest.mark.parametrize(
        "share", [np.float16(0.2), np.float32(0.2), np.array(0.2, np.float32)]
    )
    def test_narrow_shares(self, share: Any) -> None:
        """A fifth of ten are two, also where 0.2 is rounded up to fewer bits."""
        assert len(hold_out(10, share).held_out) == 2

    @pytest.mark.parametrize(
        ("n_samples", "share"), [(2, 0.9), (2, 0.51), (10, 0.91), (10, 1 - 2**-53)]
    )
    def test_nothing_left(self, n_samples: int, share: float) -> None:
        """A share that leaves nothing to learn from is refused."""
        says = f"is {share!r} but must leave one of {n_samples} samples"
        with refused(ValueError, "share", says):
            hold_out(n_samples, share)

    def test_one_left(self) -> None:
        """One sample is enough on either side."""
        assert list(map(len, hold_out(2, 0.5))) == [1, 1]
        assert list(map(len, hold_out(10, 0.9))) == [1, 9]
        assert list(map(len, hold_out(10, 1e-9))) == [9, 1]

    @pytest.mark.parametrize(
        ("labels", "share", "says"),
        [
            (
                [0, 0, 0, 7],
                0.5,
                "holds 7 1 times but must at least 2 times, once for each side",
            ),
            ([0, 0, 0], 0.5, "has 3 entries but there are 4 samples"),
            (
                [0, 0, 1, 1],
                0.25,
                "has 2 classes but a side has 1 samples only",
            ),
            (
                [0, 0, 1, 1],
                0.75,
                "has 2 classes but a side has 1 samples only",
            ),
            ([[0, 0, 1, 1]], 0.5, "has shape (1, 4) but must have 1 dimensions"),
        ],
    )
    def test_bad_labels(self, labels: Any, share: float, says: str) -> None:
        """A class must be large enough to be on both sides."""
        with refused(ValueError, "labels", says):
            hold_out(4, share, labels=labels)

    def test_smallest_classes(self) -> None:
        """Two samples of each class are enough."""
        split = hold_out(4, 0.5, labels=[4, 4, 9, 9])
        assert sorted(split.held_out.tolist() // np.int64(2)) == [0, 1]

    def test_refuses(self) -> None:
        """Every argument is looked at."""
        for bad, exception, says in not_a_count(2):
            with refused(exception, "n_samples", says):
                hold_out(bad, 0.5)
        for bad, exception, says in NOT_BETWEEN_0_AND_1:
            with refused(exception, "share", says):
                hold_out(4, bad)
        for bad, exception, says in not_a_count(0):
            with refused(exception, "seed", says):
                hold_out(4, 0.5, seed=bad)

    @pytest.mark.parametrize("share", [20, 1.5, 100, LONG])
    def test_percentages(self, share: float) -> None:
        """A percentage is no share, and the message says what is."""
        says = "must be greater than 0 and less than 1; 20 % is 0.2, and 30 of 150 "
        with pytest.raises(ValueError, match=f"^`share` is .* but {says}"):
            hold_out(150, share)


class TestFolds:
    """Keep every sample aside once: in k folds, each the rest of the others."""

    @given(st.integers(2, 30), st.data())
    def test_every_sample_once(self, n_samples: int, data: Any) -> None:
        """Every sample is kept aside once, and learned from otherwise."""
        num_folds = data.draw(st.integers(2, n_samples))
        found = folds(n_samples, num_folds, seed=data.draw(st.integers(0, 9)))
        assert len(found) == num_folds
        assert type(found) is tuple
        together = sorted(x for split in found for x in split.held_out.tolist())
        assert together == list(range(n_samples))
        for split in found:
            assert type(split) is Split
            rest = set(range(n_samples)) - set(split.held_out.tolist())
            assert split.training.tolist() == sorted(rest)
            assert len(split.held_out) - n_samples // num_folds in {0, 1}

    @pytest.mark.parametrize(
        ("n_samples", "stratified", "first", "last"),
        [
            (1797, False, (360, 4, 1787), (359, 11, 1794)),
            (442, False, (89, 1, 441), (88, 9, 440)),
            (569, True, (114, 1, 557), (113, 0, 567)),
        ],
    )
    def test_folds_of_the_book(
        self, n_samples: int, *, stratified: bool, first: Any, last: Any
    ) -> None:
        """How many samples a fold has, its first and its last: scikit-learn's."""
        labels = breast_cancer().labels if stratified else None
        for told in ({}, {"seed": 0}):
            found = folds(n_samples, 5, labels=labels, **told)
            assert ends(found[0].held_out) == first
            assert ends(found[4].held_out) == last

    def test_seeds(self) -> None:
        """Each deals in its own order."""
        found = {tuple(folds(8, 2, seed=seed)[0].held_out) for seed in range(20)}
        assert len(found) > 15

    def test_labels(self) -> None:
        """Every fold gets its share of each class."""
        labels = np.array([0] * 9 + [3] * 3)
        found = folds(12, 3, seed=5, labels=labels)
        for split in found:
            assert Counter(labels[split.held_out].tolist()) == {0: 3, 3: 1}

    @pytest.mark.parametrize(
        ("labels", "seed", "held_out"),
        [
            ([3, 3, 1, 1, 0, 0, 0], 0, [[1, 2, 5, 6], [0, 3, 4]]),
            ([3, 3, 1, 1, 0, 0, 0], 4, [[1, 3, 4, 6], [0, 2, 5]]),
            (
                [0] * 4 + [1] * 5 + [2] * 4,
                *(0, [[2, 3, 4, 10, 12], [0, 5, 6, 11], [1, 7, 8, 9]]),
            ),
        ],
    )
    def test_cards(
        self, labels: list[int], seed: int, held_out: list[list[int]]
    ) -> None:
        """Class after class is dealt like cards: the first folds get one more.

        These are the folds of scikit-learn.
        """
        found = folds(len(labels), len(held_out), seed=seed, labels=labels)
        assert [split.held_out.tolist() for split in found] == held_out

    @pytest.mark.parametrize(
        ("labels", "says"),
        [
            (
                [0, 0, 0, 0, 7, 7],
                "holds 7 2 times but must at least 3 times, once for each fold",
            ),
            ([0] * 7, "has 7 entries but there are 6 samples"),
        ],
    )
    def test_bad_labels(self, labels: Any, says: str) -> None:
        """A class must be large enough to be in every fold."""
        with refused(ValueError, "labels", says):
            folds(6, 3, labels=labels)

    def test_refuses(self) -> None:
        """Every argument is looked at."""
        for bad, exception, says in not_a_count(2):
            with refused(exception, "n_samples", says):
                folds(bad, 2)
            with refused(exception, "num_folds", says):
                folds(4, bad)
        for bad, exception, says in not_a_count(0):
            with refused(exception, "seed", says):
                folds(4, 2, seed=bad)
        with refused(ValueError, "num_folds", "is 5 but there are only 4 samples"):
            folds(4, 5)


def splitters() -> list[Callable[..., Any]]:
    """Give both ways to split four samples."""
    return [partial(hold_out, 4, 0.5), partial(folds, 4, 2)]


@pytest.mark.parametrize("split", splitters())
class TestBoth:
    """What holds for a split and for folds."""

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_labels(
        self, split: Any, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """Labels are numbers."""
        if bad is not None:
            with refused(exception, "labels", says):
                split(labels=bad)

    @pytest.mark.parametrize(
        ("bad", "exception", "says"),
        [
            (0.5, TypeError, "is 0.5 but must be a whole number; np.unique"),
            (1.0, TypeError, "is 1.0 but must be a whole number; np.asarray(labels, "),
            (-1, ValueError, "is -1 but must be at least 0; np.unique(labels, "),
            (2**63, ValueError, f"is {2**63} but must be less than 2**63; np.unique"),
        ],
    )
    def test_whole_labels(
        self, split: Any, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """Labels are whole numbers from 0."""
        labels = np.array([0, 0, bad, 1], dtype=object)
        with pytest.raises(exception, match=f"^{re.escape('`labels[2]` ' + says)}"):
            split(labels=labels)

    @pytest.mark.parametrize(
        ("bad", "exception", "says"),
        [
            (["a", "b", "a", "b"], TypeError, r"'a'.*; np\.unique\(labels, "),
            ([True, False] * 2, TypeError, r"True.*; np\.unique\(labels, "),
            ([0, 0, math.nan, 1], NotFiniteError, "nan .*; leave out the samples "),
            (
                np.eye(4),
                ValueError,
                r"shape \(4, 4\) .*; give labels.argmax\(axis=1\)$",
            ),
            ([[0]] * 4, ValueError, r"shape \(4, 1\) .*; give labels\.ravel\(\)$"),
            (np.zeros((4, 1, 1)), ValueError, r"shape \(4, 1, 1\) .* 1 dimensions$"),
        ],
    )
    def test_other_labels(
        self, split: Any, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """What else stands for classes gets a way to number them."""
        with pytest.raises(exception, match=f"^`labels` (holds|has) {says}"):
            split(labels=bad)

    @pytest.mark.parametrize(
        "labels",
        [
            [9, 2, 9, 2],
            (9, 2, 9, 2),
            *(np.array([9, 2, 9, 2], dtype=kind) for kind in "bBhHiIlLqQO"),
            np.array([9, 7, 2, 7, 9, 7, 2, 7])[::2],
            Series([9, 2, 9, 2]),
        ],
    )
    def test_any_labels(self, split: Any, labels: Any) -> None:
        """Labels are arrays of any width, lists, and what turns into an array."""
        expected, found = split(labels=[1, 0, 1, 0]), split(labels=labels)
        assert np.array_equal(found, expected)

    def test_large_labels(self, split: Any) -> None:
        """Labels that floats cannot tell apart are told apart."""
        labels = np.array([2**53, 2**53 + 1] * 2)
        assert np.array_equal(split(labels=labels), split(labels=[0, 1] * 2))
        rows = [2**53, 2**53 + 1, 2**53, 0]
        with pytest.raises(ValueError, match=r"^`labels` holds 0 1 times"):
            split(labels=rows)

    @pytest.mark.parametrize("seed", [2**32, 2**64, LONG])
    def test_large_seeds(self, split: Any, seed: int) -> None:
        """The generator takes 32 bits, and the message names its limit."""
        says = r"must be less than 2\*\*32, the limit of NumPy's RandomState$"
        with pytest.raises(ValueError, match=f"^`seed` is .* but {says}"):
            split(seed=seed)

    def test_largest_seed(self, split: Any) -> None:
        """The last seed is one, and NumPy's integers are seeds."""
        last = np.uint32(2**32 - 1)
        assert np.array_equal(split(seed=2**32 - 1), split(seed=last))

    @pytest.mark.parametrize("data", [np.zeros((4, 3)), [[1, 2], [3, 4]], range(4)])
    def test_data_for_its_length(self, split: Any, data: Any) -> None:
        """Who gives the data is told to give its length."""
        says = "must be a whole number; give the length of the data, len(inputs)"
        with pytest.raises(
            TypeError, match=f"^`n_samples` is .* but {re.escape(says)}$"
        ):
            split.func(data, *split.args[1:])

    @pytest.mark.parametrize("text", ["4", b"5"])
    def test_text_is_no_data(self, split: Any, text: str | bytes) -> None:
        """Who gives a text is told that it is no number, and nothing of lengths."""
        with pytest.raises(TypeError, match=r"^`n_samples` is b?'[45]' but ") as caught:
            split.func(text, *split.args[1:])
        assert "len(" not in str(caught.value)

    @pytest.mark.parametrize("n_samples", [2**31, 10**18, LONG])
    def test_too_many(self, split: Any, n_samples: int) -> None:
        """More samples than an index holds are refused before memory is asked for."""
        says = "but must be at most 2147483647$"
        with pytest.raises(ValueError, match=f"^`n_samples` is .* {says}"):
            split.func(n_samples, *split.args[1:])

    @pytest.mark.parametrize("labels", [None, [0, 0, 1, 1]])
    def test_nothing_is_shared(self, split: Any, labels: Any) -> None:
        """Each array has memory of its own, and a change does not reach another."""
        found = split(labels=labels)
        splits = [found] if isinstance(found, Split) else found
        arrays = [side for each in splits for side in each]
        assert not any(starmap(np.shares_memory, combinations(arrays, 2)))
        for array in arrays:
            assert array.dtype == np.int64
            array[:] = -1
        assert min(np.ravel(split(labels=labels))) == 0
