"""scikit-learn finds the neighbours, scales and scores of the chapter on validation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from referees import nearest, scaled_by
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.model_selection import (
    KFold,
    StratifiedKFold,
    cross_val_predict,
    train_test_split,
)
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.preprocessing import StandardScaler

from gdbook.examples.validation import (
    class_shares,
    held_out_sizes,
    memoriser,
    nearest_pictures,
    whole_writers,
)

PIXELS, LABELS = load_digits(return_X_y=True)


def neighbour(share: float, seed: int, labels: Any = LABELS) -> tuple[Any, Any, Any]:
    """Fit one neighbour to a split; give it, what is kept aside and the classes."""
    known, asked, classes, true = train_test_split(
        PIXELS, labels, test_size=share, random_state=seed
    )
    return KNeighborsClassifier(1).fit(known, classes), asked, true


class TestMemoriser:
    """The memoriser is scikit-learn's classifier with one neighbour."""

    @pytest.mark.parametrize(("share", "seed"), [(0.25, 0), (0.5, 3), (0.9, 4)])
    def test_scores(self, share: float, seed: int) -> None:
        """With the classes of the digits, and with classes dealt anew."""
        shuffled = np.random.default_rng(seed).permutation(LABELS)
        scores = []
        for labels in (LABELS, shuffled):
            found, asked, true = neighbour(share, seed, labels)
            scores.append(found.score(asked, true))
        assert memoriser(share, seed).held_out_accuracies == tuple(scores)

    def test_pictures(self) -> None:
        """Its answers, and the pictures that it takes them from."""
        shown = nearest_pictures(3, 4)
        found, asked, true = neighbour(0.25, 0)
        answers = found.predict(asked)
        right = answers == true
        chosen = [*np.flatnonzero(right)[:3], *np.flatnonzero(~right)[:4]]
        assert shown.labels == tuple(true[chosen])
        assert shown.answers == tuple(answers[chosen])
        known, _ = train_test_split(PIXELS, test_size=0.25, random_state=0)
        _, places = found.kneighbors(asked[chosen])
        for pictures, rows in (
            (shown.asked, asked[chosen]),
            (shown.nearest, known[places]),
        ):
            assert np.array_equal(np.ravel(pictures), rows.ravel() / 16)

    @pytest.mark.parametrize(("share", "seed"), [(0.97, 0), (0.9, 4)])
    def test_sizes(self, share: float, seed: int) -> None:
        """The accuracy that held-out sets of all sizes estimate."""
        found, asked, true = neighbour(share, seed)
        sizes = held_out_sizes((7,), 3, share, seed)
        assert sizes.accuracy == found.score(asked, true)

    def test_writers(self) -> None:
        """Five folds, shuffled and in order."""
        held = whole_writers()
        for dealer, scores, wrong in (
            (
                KFold(5, shuffle=True, random_state=0),
                held.shuffled,
                held.wrong_shuffled,
            ),
            (KFold(5), held.in_order, held.wrong_in_order),
        ):
            right = (
                cross_val_predict(KNeighborsClassifier(1), PIXELS, LABELS, cv=dealer)
                == LABELS
            )
            sides = [side for _, side in dealer.split(PIXELS)]
            assert scores == tuple(float(right[side].mean()) for side in sides)
            assert wrong == (~right).sum()


def test_class_shares() -> None:
    """The first malignant tumours stay at their places, whoever deals the folds."""
    found = class_shares(4, 13, 1)
    labels = load_breast_cancer().target
    labels = labels[(labels == 1) | ((labels == 0).cumsum() <= 13)]
    for kind, counts in ((KFold, found.shuffled), (StratifiedKFold, found.stratified)):
        sides = kind(4, shuffle=True, random_state=1).split(labels, labels)
        assert counts == tuple((labels[side] == 0).sum() for _, side in sides)


@pytest.mark.parametrize("load", [load_digits, load_breast_cancer, load_diabetes])
def test_referees(load: Any) -> None:
    """What tests/examples holds its numbers against is held here."""
    inputs = load(return_X_y=True)[0]
    inputs = inputs[:, inputs[:200].std(axis=0) > 0]
    known, asked = inputs[:200], inputs[200:]
    expected = StandardScaler().fit(known).transform(inputs)
    # A mean of 200 numbers rounds in another order.
    assert abs(scaled_by(known, inputs) - expected).max() < 1e-12 * abs(expected).max()
    _, places = NearestNeighbors(n_neighbors=1).fit(known).kneighbors(asked)
    assert nearest(known, asked).tolist() == places.ravel().tolist()
