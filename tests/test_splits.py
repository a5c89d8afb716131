"""Splits and scores, counted by hand."""

from collections import Counter
from fractions import Fraction
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
from sklearn.metrics import accuracy_score
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from gdbook.splits import Split, accuracy, folds, hold_out


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
        assert accuracy(scores, targets) == 1 / 3
        assert accuracy(scores, targets, threshold=Fraction(-1, 2)) == 1
        # Targets are read as probabilities, whatever the threshold of the scores.
        assert accuracy([[7]], [[0.5]], threshold=5) == 0
        assert accuracy([[7]], [[0.75]], threshold=5) == 1

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
    def test_oracle(self, pairs: list[tuple[int, int]]) -> None:
        """The score is that of scikit-learn."""
        predicted, true = np.transpose(pairs)
        expected = accuracy_score(true, predicted)
        assert accuracy(np.eye(4)[predicted], np.eye(4)[true]) == expected

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

    def test_shapes(self) -> None:
        """Both have two dimensions, and one shape."""
        with refused(
            ValueError, "predictions", "has shape (1,) but must have 2 dimensions"
        ):
            accuracy([1], [1])
        says = "has shape (1, 1) but `targets` has shape (1, 2); they must be equal"
        with refused(ValueError, "predictions", says):
            accuracy([[1]], [[1, 0]])

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_bad_threshold(
        self, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """A threshold is a number."""
        with refused(exception, "threshold", says):
            accuracy([[1]], [[1]], threshold=bad)


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
        ("given_", "seed"), [({}, 0), ({"seed": 0}, 0), ({"seed": 7}, 7)]
    )
    def test_oracle(self, given_: Any, seed: int) -> None:
        """The splits are scikit-learn's, in its order and with its seeds."""
        split = hold_out(20, Fraction(1, 4), **given_)
        expected = train_test_split(np.arange(20), test_size=0.25, random_state=seed)
        assert [side.tolist() for side in split] == [side.tolist() for side in expected]

    def test_labels(self) -> None:
        """Every class keeps its share on both sides."""
        labels = np.array([0] * 12 + [3] * 6 + [5] * 2)
        split = hold_out(20, 0.5, labels=labels)
        for side in split:
            assert Counter(labels[side].tolist()) == {0: 6, 3: 3, 5: 1}
        expected = train_test_split(
            np.arange(20), test_size=0.5, random_state=0, stratify=labels
        )
        assert [side.tolist() for side in split] == [side.tolist() for side in expected]

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
            ([0, 0, 0, 7], 0.5, "holds 7 1 times but must at least 2 times"),
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
        ("given_", "seed"), [({}, 0), ({"seed": 0}, 0), ({"seed": 7}, 7)]
    )
    def test_oracle(self, given_: Any, seed: int) -> None:
        """The folds are scikit-learn's, in its order and with its seeds."""
        expected = KFold(3, shuffle=True, random_state=seed).split(np.arange(20))
        assert [split.held_out.tolist() for split in folds(20, 3, **given_)] == [
            held_out.tolist() for _, held_out in expected
        ]

    def test_labels(self) -> None:
        """Every fold gets its share of each class."""
        labels = np.array([0] * 9 + [3] * 3)
        found = folds(12, 3, seed=5, labels=labels)
        for split in found:
            assert Counter(labels[split.held_out].tolist()) == {0: 3, 3: 1}
        dealer = StratifiedKFold(3, shuffle=True, random_state=5)
        expected = dealer.split(np.arange(12), labels)
        assert [split.held_out.tolist() for split in found] == [
            held_out.tolist() for _, held_out in expected
        ]

    @pytest.mark.parametrize(
        ("labels", "says"),
        [
            ([0, 0, 0, 0, 7, 7], "holds 7 2 times but must at least 3 times"),
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


@pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
def test_labels(bad: Any, exception: type[Exception], says: str) -> None:
    """Labels are numbers."""
    if bad is not None:
        with refused(exception, "labels", says):
            hold_out(4, 0.5, labels=bad)
        with refused(exception, "labels", says):
            folds(4, 2, labels=bad)


@pytest.mark.parametrize(
    ("bad", "exception", "says"),
    [
        (0.5, TypeError, "is 0.5 but must be a whole number"),
        (1.0, TypeError, "is 1.0 but must be a whole number"),
        (-1, ValueError, "is -1 but must be at least 0"),
    ],
)
def test_whole_labels(bad: Any, exception: type[Exception], says: str) -> None:
    """Labels are whole numbers from 0."""
    labels = np.array([0, 0, bad, 1], dtype=object)
    with refused(exception, "labels[2]", says):
        hold_out(4, 0.5, labels=labels)
    with refused(exception, "labels[2]", says):
        folds(4, 2, labels=labels)
