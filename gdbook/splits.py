"""How good is a network on samples that it has never seen? Splits and scores.

The splits are scikit-learn's, in its order and with its seeds; it is imported when a
split is asked for.
"""

import math
from collections import Counter
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, Numbers, shown
from gdbook._extras import need

__all__ = ["Split", "accuracy", "folds", "hold_out"]


class Split(NamedTuple):
    """Samples to learn from, and samples kept aside.

    Parameters
    ----------
    training : array of int
        The samples to learn from.
    held_out : array of int
        The samples kept aside.
    """

    training: Any
    held_out: Any


def accuracy(
    predictions: Numbers, targets: Numbers, *, threshold: Number = 0.5
) -> float:
    r"""Give the share of samples whose class is predicted.

    .. math:: \frac1n \sum_{i=1}^{n} [\hat c_i = c_i]

    With several outputs, the class of a sample is its highest output; with a single
    one it is whether the output exceeds a threshold.

    Parameters
    ----------
    predictions : array, shape (n_samples, n_outputs)
        What the model says: probabilities or scores.
    targets : array, same shape
        What is true.
    threshold : number, default 0.5
        What a single output must exceed for a yes: 0.5 for probabilities, 0 for scores
        before the sigmoid.

    Returns
    -------
    float
        A number from 0 to 1.

    Examples
    --------
    >>> accuracy([[0.9], [0.2], [0.6], [0.4]], [[1], [0], [0], [0]])
    0.75
    """
    predictions = _checks.numbers("predictions", predictions, ndims=(2,))
    predictions, targets = _checks.paired(
        "predictions", predictions, "targets", targets
    )
    threshold = _checks.number("threshold", threshold)
    if predictions.shape[1] == 1:
        right = (predictions > threshold) == (targets > 0.5)
    else:
        right = predictions.argmax(axis=1) == targets.argmax(axis=1)
    return float(np.mean(right))


def hold_out(
    n_samples: int, share: Number, *, seed: int = 0, labels: Any = None
) -> Split:
    """Keep a share of the samples aside.

    Parameters
    ----------
    n_samples : int
        How many samples there are, 2 or more.
    share : number
        The share to keep aside, greater than 0 and less than 1.
    seed : int, default 0
        What the shuffling starts from, 0 or more.
    labels : array of int, shape (n_samples,), optional
        The class of each sample; if given, every class keeps its share on both sides.

    Returns
    -------
    Split
        Which samples are on which side.

    Raises
    ------
    ValueError
        If `share` is so large that no sample is left, or `labels` has a class that is
        too small to be on both sides.

    Examples
    --------
    >>> split = hold_out(10, 0.2)
    >>> split.held_out.tolist(), len(split.training)
    ([2, 8], 8)
    """
    need("sklearn", "data")
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    n_samples = _checks.count("n_samples", n_samples, least=2)
    share = _checks.between("share", share)
    seed = _checks.count("seed", seed)
    n_held_out = math.ceil(float(share) * n_samples)
    if n_held_out == n_samples:
        msg = f"`share` is {shown(share)} but must leave one of {n_samples} samples"
        raise ValueError(msg)
    labels = _labels(labels, n_samples, each=2)
    n_classes, least = len(set(labels or ())), min(n_held_out, n_samples - n_held_out)
    if least < n_classes:
        msg = f"`labels` has {n_classes} classes but a side has {least} samples only"
        raise ValueError(msg)
    return Split(
        *train_test_split(
            np.arange(n_samples),
            test_size=float(share),
            random_state=seed,
            stratify=labels,
        )
    )


def folds(
    n_samples: int, num_folds: int, *, seed: int = 0, labels: Any = None
) -> tuple[Split, ...]:
    """Keep every sample aside once: in k folds, each the rest of the others.

    Parameters
    ----------
    n_samples : int
        How many samples there are, 2 or more.
    num_folds : int
        How many folds, :math:`k`, from 2 to `n_samples`.
    seed : int, default 0
        What the shuffling starts from, 0 or more.
    labels : array of int, shape (n_samples,), optional
        The class of each sample; if given, every fold gets its share of each class.

    Returns
    -------
    tuple of Split
        One split for each fold.

    Raises
    ------
    ValueError
        If `labels` has a class with less samples than there are folds.

    References
    ----------
    .. [1] M. Stone, "Cross-validatory choice and assessment of statistical
       predictions", Journal of the Royal Statistical Society B 36 (1974).

    Examples
    --------
    >>> [split.held_out.tolist() for split in folds(6, 3)]
    [[2, 5], [1, 3], [0, 4]]
    """
    need("sklearn", "data")
    from sklearn.model_selection import KFold, StratifiedKFold  # noqa: PLC0415

    n_samples = _checks.count("n_samples", n_samples, least=2)
    num_folds = _checks.count("num_folds", num_folds, least=2)
    seed = _checks.count("seed", seed)
    if num_folds > n_samples:
        msg = f"`num_folds` is {num_folds} but there are only {n_samples} samples"
        raise ValueError(msg)
    labels = _labels(labels, n_samples, each=num_folds)
    kind = KFold if labels is None else StratifiedKFold
    dealer = kind(num_folds, shuffle=True, random_state=seed)
    samples = np.arange(n_samples)
    return tuple(Split(*pair) for pair in dealer.split(samples, labels))


def _labels(labels: Any, n_samples: int, *, each: int) -> list[int] | None:
    """Return labels of which there are enough of each."""
    if labels is None:
        return None
    found = _checks.counts("labels", labels)
    if len(found) != n_samples:
        msg = f"`labels` has {len(found)} entries but there are {n_samples} samples"
        raise ValueError(msg)
    rarest, number = min(Counter(found).items(), key=itemgetter(1))
    if number < each:
        msg = f"`labels` holds {rarest} {number} times but must at least {each} times"
        raise ValueError(msg)
    return found
