"""Splits and scores are scikit-learn's, in its order and with its seeds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
import pytest
from alike import alike
from near import near
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
)
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from gdbook.splits import (
    Confusion,
    accuracy,
    average_precision,
    confusion,
    folds,
    hold_out,
    precision_recall,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def settings(seed: int) -> Iterator[tuple[int, int, Any]]:
    """Draw hundreds of sizes, seeds and labels, few and many, even and not."""
    drawn = np.random.default_rng(seed)
    for _ in range(400):
        n_samples = int(drawn.integers(2, 200))
        n_classes = 1 + int(n_samples // 2 * drawn.uniform() ** 3)  # mostly few
        labels = drawn.permutation(
            [
                *np.repeat(np.arange(n_classes), 2),
                *drawn.integers(n_classes, size=n_samples - 2 * n_classes),
            ]
        )
        # The order in which classes appear, and their names, must not matter.
        yield n_samples, int(drawn.integers(2**32)), drawn.permutation(400)[labels]


def test_hold_out() -> None:
    """Both sides are the same arrays."""
    drawn = np.random.default_rng(1)
    for n_samples, seed, _ in settings(2):
        share = float(drawn.uniform(0, 1 - 1 / n_samples))
        expected = train_test_split(
            np.arange(n_samples), test_size=share, random_state=seed
        )
        assert alike([*hold_out(n_samples, share, seed=seed)], expected)


def test_hold_out_by_labels() -> None:
    """Every class keeps its share, and chance rounds as scikit-learn does."""
    drawn, tried = np.random.default_rng(3), 0
    for n_samples, seed, labels in settings(4):
        share = float(drawn.choice([0.5, drawn.uniform()]))
        n_held_out, n_classes = math.ceil(share * n_samples), len(set(labels))
        if n_classes <= min(n_held_out, n_samples - n_held_out):
            expected = train_test_split(
                np.arange(n_samples),
                test_size=share,
                random_state=seed,
                stratify=labels,
            )
            found = hold_out(n_samples, share, seed=seed, labels=labels)
            assert alike([*found], expected)
            tried += 1
    assert tried > 200


def test_folds() -> None:
    """All folds, sample by sample."""
    drawn = np.random.default_rng(5)
    for n_samples, seed, _ in settings(6):
        num_folds = int(drawn.integers(2, n_samples + 1))
        dealer = KFold(num_folds, shuffle=True, random_state=seed)
        found = folds(n_samples, num_folds, seed=seed)
        expected = list(dealer.split(np.arange(n_samples)))
        assert alike([tuple(split) for split in found], expected)


def test_folds_by_labels() -> None:
    """Every fold gets its share of each class."""
    drawn = np.random.default_rng(7)
    for n_samples, seed, labels in settings(8):
        _, sizes = np.unique(labels, return_counts=True)
        num_folds = int(drawn.integers(2, sizes.min() + 1))
        dealer = StratifiedKFold(num_folds, shuffle=True, random_state=seed)
        found = folds(n_samples, num_folds, seed=seed, labels=labels)
        expected = list(dealer.split(np.arange(n_samples), labels))
        assert alike([tuple(split) for split in found], expected)


def test_accuracy() -> None:
    """The score of classes, and of yes and no."""
    drawn = np.random.default_rng(9)
    for _ in range(300):
        n_samples, n_classes = int(drawn.integers(1, 60)), int(drawn.integers(2, 6))
        predicted, true = drawn.integers(n_classes, size=(2, n_samples))
        expected = accuracy_score(true, predicted)
        rows = np.eye(n_classes)
        assert accuracy(rows[predicted], rows[true]) == expected
        chances, answers = drawn.uniform(size=n_samples), true > 0
        expected = accuracy_score(answers, chances > 0.5)
        columns = chances[:, None], answers[:, None].astype(float)
        assert accuracy(*columns) == expected


def test_confusion() -> None:
    """The four counts and their scores, where nothing is found, too."""
    drawn = np.random.default_rng(11)
    for _ in range(300):
        n_samples = int(drawn.integers(1, 40))
        true, says = drawn.uniform(size=(2, n_samples)) < drawn.uniform(size=(2, 1))
        counts = confusion(says[:, None].astype(float), true[:, None].astype(float))
        (right_no, alarms), (misses, right_yes) = confusion_matrix(
            true, says, labels=[False, True]
        )
        assert counts == Confusion(right_yes, alarms, misses, right_no)
        for found, score in (
            (counts.precision, precision_score),
            (counts.recall, recall_score),
            (counts.f1, f1_score),
        ):
            assert float(found) == score(true, says, zero_division=0)


def test_precision_recall() -> None:
    """The curve from its other end, without the point that scikit-learn adds."""
    drawn = np.random.default_rng(13)
    for _ in range(300):
        n_samples = int(drawn.integers(1, 60))
        scores = drawn.integers(12, size=n_samples) / 4  # many are equal
        true = drawn.uniform(size=n_samples) < 0.3
        true[0] = True
        columns = scores[:, None], true[:, None].astype(float)
        precisions, recalls, thresholds = precision_recall_curve(true, scores)
        curve = precision_recall(*columns)
        assert np.array_equal(curve.thresholds, thresholds[::-1])
        assert np.array_equal(curve.precisions, precisions[-2::-1])
        assert np.array_equal(curve.recalls, recalls[-2::-1])
        expected = average_precision_score(true, scores)
        assert average_precision(*columns) == near(expected)


def test_arrays_of_jax() -> None:
    """Arrays of another library are scored as NumPy's are, and so are their faults."""
    assert accuracy(jnp.array([[0.75], [0.25]]), jnp.array([[1.0], [1.0]])) == 0.5
    assert accuracy(jnp.eye(2), jnp.eye(2)) == 1
    with pytest.raises(ValueError, match=r"^`targets\[0\]` is \[1.0, 1.0\] but "):
        accuracy(jnp.eye(2), jnp.ones((2, 2)))
    assert alike(
        [*hold_out(4, 0.5, labels=jnp.array([0, 1, 0, 1]))],
        [*hold_out(4, 0.5, labels=[0, 1, 0, 1])],
    )
