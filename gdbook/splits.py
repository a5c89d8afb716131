"""How good is a network on samples that it has never seen? Splits and scores.

The splits are scikit-learn's, in its order and with its seeds.
"""

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, Numbers, shown
from gdbook._samples import classes, how_many, random_state

__all__ = [
    "Confusion",
    "PrecisionRecall",
    "Split",
    "accuracy",
    "average_precision",
    "confusion",
    "folds",
    "hold_out",
    "precision_recall",
]


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


class Confusion(NamedTuple):
    """How often yes and no were said, rightly and wrongly: the confusion matrix.

    Parameters
    ----------
    true_positives : int
        A yes that is right.
    false_positives : int
        A yes that is wrong, a false alarm.
    false_negatives : int
        A no that is wrong, a miss.
    true_negatives : int
        A no that is right.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def accuracy(self) -> Fraction:
        """The share of answers that are right.

        Examples
        --------
        >>> Confusion(1, 1, 1, 5).accuracy
        Fraction(3, 4)
        """
        return _of(self.true_positives + self.true_negatives, sum(self))

    @property
    def precision(self) -> Fraction:
        """The share of the yeses that are right; 0 if nobody said yes.

        Examples
        --------
        >>> Confusion(1, 2, 1, 5).precision
        Fraction(1, 3)
        """
        return _of(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> Fraction:
        """The share of the positives that were found; 0 if there are none.

        Examples
        --------
        >>> Confusion(1, 2, 3, 5).recall
        Fraction(1, 4)
        """
        return _of(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> Fraction:
        """The harmonic mean of precision and recall; 0 if both are.

        Examples
        --------
        >>> Confusion(1, 2, 3, 5).f1
        Fraction(2, 7)
        """
        found = 2 * self.true_positives
        return _of(found, found + self.false_positives + self.false_negatives)


class PrecisionRecall(NamedTuple):
    """Precision and recall at every threshold, from the strictest on.

    Parameters
    ----------
    thresholds : array
        The different predictions, from the highest on; whoever has as much is a yes.
    precisions : array of float
        The share of the yeses that are right.
    recalls : array of float
        The share of the positives that are found.
    """

    thresholds: Any
    precisions: Any
    recalls: Any


def accuracy(
    predictions: Numbers, targets: Numbers, *, threshold: Number | None = None
) -> float:
    r"""Give the share of samples whose class is predicted.

    .. math:: \frac1n \sum_{i=1}^{n} [\hat c_i = c_i]

    With several outputs, the class of a sample is its highest output, and the first of
    those that are equal; with a single one it is whether the output exceeds a
    threshold.

    Parameters
    ----------
    predictions : array, shape (n_samples, n_outputs)
        What the model says: probabilities or scores.
    targets : array, same shape
        What is true: a 1 for yes, or in the column of the class, and else 0.
        Probabilities will do; above a half is a yes.
    threshold : number, optional
        What a single output must exceed for a yes: 0 for scores before the sigmoid. If
        it is left out, predictions are probabilities, and must exceed a half.

    Returns
    -------
    float
        A number from 0 to 1.

    Raises
    ------
    ValueError
        If scores of a single output have no threshold, or several outputs have one, or
        several targets of a sample are the highest.

    Examples
    --------
    >>> accuracy([[0.9], [0.2], [0.6], [0.4]], [[1], [0], [0], [0]])
    0.75
    >>> accuracy([[2.2], [-1.4], [0.4], [-0.4]], [[1], [0], [0], [0]], threshold=0)
    0.75
    """
    predictions, targets = _rows(predictions, targets)
    n_outputs = predictions.shape[1]
    if n_outputs == 1:
        least = _least(predictions, threshold)
        right = (predictions > least) == (targets > 0.5)
    elif threshold is not None:
        msg = (
            f"`threshold` is {shown(threshold)} but must be left out: "
            f"the highest of {n_outputs} outputs counts"
        )
        raise ValueError(msg)
    else:
        highest = targets == targets.max(axis=1)[:, None]
        if (highest.sum(axis=1) > 1).any():
            row = int((highest.sum(axis=1) > 1).argmax())
            msg = (
                f"`targets[{row}]` is {shown(targets[row].tolist())} "
                "but one of its numbers must be the highest; one_hot makes such rows"
            )
            raise ValueError(msg)
        right = predictions.argmax(axis=1) == targets.argmax(axis=1)
    return float(np.mean(right))


def confusion(
    predictions: Numbers, targets: Numbers, *, threshold: Number | None = None
) -> Confusion:
    """Count how often a single output says yes and no, rightly and wrongly.

    Parameters
    ----------
    predictions : array, shape (n_samples, 1)
        What the model says: probabilities or scores.
    targets : array, same shape
        What is true: a 1 for yes, and else 0. Probabilities will do; above a half is a
        yes.
    threshold : number, optional
        What a prediction must exceed for a yes: 0 for scores before the sigmoid. If it
        is left out, predictions are probabilities, and must exceed a half.

    Returns
    -------
    Confusion
        The four counts, and the scores that follow from them.

    Raises
    ------
    ValueError
        If scores have no threshold, or there are several outputs.

    Examples
    --------
    >>> counts = confusion([[0.9], [0.2], [0.6], [0.4]], [[1], [0], [0], [1]])
    >>> counts.true_positives, counts.precision, counts.recall
    (1, Fraction(1, 2), Fraction(1, 2))
    """
    predictions, targets = _column(predictions, targets)
    says, true = predictions > _least(predictions, threshold), targets > 0.5
    pairs = (says & true, says & ~true, ~says & true, ~says & ~true)
    return Confusion(*(int(np.sum(pair)) for pair in pairs))


def precision_recall(predictions: Numbers, targets: Numbers) -> PrecisionRecall:
    r"""Lower the threshold from one prediction to the next, and score each time.

    .. math:: P_k = \frac{\text{true among the first } k}{k}, \qquad
              R_k = \frac{\text{true among the first } k}{\text{all that are true}}

    Equal predictions become a yes together.

    Parameters
    ----------
    predictions : array, shape (n_samples, 1)
        What the model says: probabilities or scores.
    targets : array, same shape
        What is true: a 1 for yes, and else 0. Probabilities will do; above a half is a
        yes.

    Returns
    -------
    PrecisionRecall
        The curve, from the strictest threshold to the one at which all are a yes.

    Raises
    ------
    ValueError
        If no target is a yes, or there are several outputs.

    Examples
    --------
    >>> curve = precision_recall([[0.9], [0.2], [0.6], [0.4]], [[1], [0], [0], [1]])
    >>> curve.precisions.tolist()[:2], curve.recalls.tolist()
    ([1.0, 0.5], [0.5, 0.5, 1.0, 1.0])
    """
    predictions, targets = (side[:, 0] for side in _column(predictions, targets))
    order = np.argsort(-predictions, kind="stable")
    falling, true = predictions[order], targets[order] > 0.5
    if not true.any():
        msg = "`targets` holds no yes but must hold one; recall is a share of them"
        raise ValueError(msg)
    found = np.cumsum(true)
    # The last of equal predictions stands for all of them.
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))
    return PrecisionRecall(
        falling[last], found[last] / (last + 1), found[last] / found[-1]
    )


def average_precision(predictions: Numbers, targets: Numbers) -> float:
    r"""Average the precision over the recall: the area under the curve, in steps.

    .. math:: \sum_k (R_k - R_{k-1})\, P_k, \qquad R_0 = 0

    Parameters
    ----------
    predictions : array, shape (n_samples, 1)
        What the model says: probabilities or scores.
    targets : array, same shape
        What is true: a 1 for yes, and else 0.

    Returns
    -------
    float
        A number from 0 to 1; 1 if all that are true come first.

    Raises
    ------
    ValueError
        If no target is a yes, or there are several outputs.

    Examples
    --------
    >>> average_precision([[0.9], [0.2], [0.6], [0.4]], [[1], [0], [0], [1]])
    0.8333333333333333
    """
    _, precisions, recalls = precision_recall(predictions, targets)
    return float(np.sum(np.diff(recalls, prepend=0) * precisions))


def hold_out(
    n_samples: int, share: Number, *, seed: int = 0, labels: Any = None
) -> Split:
    """Keep a share of the samples aside.

    Parameters
    ----------
    n_samples : int
        How many samples there are, 2 or more.
    share : number
        The share to keep aside, greater than 0 and less than 1; what it comes to is
        rounded up.
    seed : int, default 0
        What the shuffling starts from, 0 or more.
    labels : array of int, shape (n_samples,), optional
        The class of each sample; if given, every class keeps its share on both sides,
        as nearly as can be.

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
    n_samples = _length(n_samples)
    share = _share(share)
    generator = random_state(seed)
    n_held_out = math.ceil(share * n_samples)
    n_training = n_samples - n_held_out
    if not n_training:
        msg = f"`share` is {shown(share)} but must leave one of {n_samples} samples"
        raise ValueError(msg)
    if labels is None:
        order = generator.permutation(np.arange(n_samples))
        return Split(order[n_held_out:], order[:n_held_out])
    groups = _groups(labels, n_samples, each=2, why="once for each side")
    smaller = min(n_held_out, n_training)
    if smaller < len(groups):
        msg = (
            f"`labels` has {len(groups)} classes but a side has {smaller} samples "
            "only; let `share` be nearer to a half"
        )
        raise ValueError(msg)
    sizes = np.array([len(group) for group in groups])
    learned = _portions(sizes, n_training, generator)
    kept = _portions(sizes - learned, n_held_out, generator)
    parts = [
        np.split(generator.permutation(group), [n, n + m])[:2]
        for group, n, m in zip(groups, learned, kept, strict=True)
    ]
    training, held_out = map(np.concatenate, zip(*parts, strict=True))
    return Split(generator.permutation(training), generator.permutation(held_out))


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
        The class of each sample; if given, every fold gets its share of each class, as
        nearly as can be.

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
    n_samples = _length(n_samples)
    num_folds = _checks.count("num_folds", num_folds, least=2)
    generator = random_state(seed)
    _checks.not_beyond("num_folds", num_folds, n_samples)
    fold_of = np.empty(n_samples, dtype=np.int64)
    if labels is None:
        order = generator.permutation(np.arange(n_samples))
        fold_of[order] = np.sort(np.arange(n_samples) % num_folds)
    else:
        # Dealt like cards, one class after the other, and shuffled within each.
        groups = _groups(labels, n_samples, each=num_folds, why="once for each fold")
        num_dealt = 0
        for group in sorted(groups, key=lambda group: group[0]):
            dealt = np.arange(num_dealt, num_dealt + len(group)) % num_folds
            fold_of[group] = generator.permutation(np.sort(dealt))
            num_dealt += len(group)
    return tuple(
        Split(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold))
        for fold in range(num_folds)
    )


def _portions(sizes: Any, total: int, generator: np.random.RandomState) -> Any:
    """Divide a total among classes by their sizes: the largest remainders round up.

    Chance decides between equal remainders.
    """
    exact = sizes / sizes.sum() * total
    portions = np.floor(exact).astype(np.int64)
    remainders = exact - portions
    for remainder in np.unique(remainders)[::-1]:
        left = total - portions.sum()
        if left:
            (tied,) = np.nonzero(remainders == remainder)
            portions[generator.choice(tied, min(left, len(tied)), replace=False)] += 1
    return portions


def _rows(predictions: Any, targets: Any) -> tuple[Any, Any]:
    """Return predictions and targets of one shape, a row for each sample."""
    predictions = _checks.numbers("predictions", predictions)
    targets = _checks.numbers("targets", targets)
    shape, other = np.shape(predictions), np.shape(targets)
    if len(shape) != 2:
        msg = (
            f"`predictions` has shape {shape} but must have 2 dimensions; "
            "a single output is a column, .reshape(-1, 1), and classes are one_hot"
        )
        raise ValueError(msg)
    if shape != other:
        msg = (
            f"`predictions` has shape {shape} but `targets` has shape {other}; "
            "they must be equal"
        )
        if other in {shape[:1], (shape[0], 1)}:
            column = "np.reshape(targets, (-1, 1))"
            rows = f"one_hot(np.ravel(targets), {shape[1]})"
            msg += f"; give {column if shape[1] == 1 else rows}"
        raise ValueError(msg)
    cause = (
        "classes are numbered 0 and 1" if shape[1] == 1 else "one_hot makes such rows"
    )
    _from_0_to_1("targets", targets, cause)
    return np.asarray(predictions), np.asarray(targets)


def _of(part: int, whole: int) -> Fraction:
    return Fraction(part, whole or 1)


def _column(predictions: Any, targets: Any) -> tuple[Any, Any]:
    """Return predictions and targets of a single output."""
    predictions, targets = _rows(predictions, targets)
    if predictions.shape[1] != 1:
        msg = (
            f"`predictions` has shape {predictions.shape} but must be a column; "
            "take that of a class from both, predictions[:, [k]]"
        )
        raise ValueError(msg)
    return predictions, targets


def _least(predictions: Any, threshold: Any) -> Any:
    """Return what a single output must exceed."""
    if threshold is not None:
        return _checks.number("threshold", threshold)
    _from_0_to_1("predictions", predictions, "scores need threshold=0")
    return 0.5


def _from_0_to_1(name: str, values: Any, cause: str) -> None:
    for value in (values.max(), values.min()):
        if not 0 <= value <= 1:
            wrong = shown(_checks.number(name, value))
            msg = f"`{name}` holds {wrong} but must hold numbers from 0 to 1; {cause}"
            raise ValueError(msg)


def _length(n_samples: Any) -> int:
    """Return a number of samples."""
    if hasattr(n_samples, "__len__") and not isinstance(n_samples, str | bytes):
        msg = (
            f"`n_samples` is {shown(n_samples)} but must be a whole number; "
            "give the length of the data, len(inputs)"
        )
        raise TypeError(msg)
    return how_many("n_samples", n_samples, least=2)


def _share(given: Any) -> Any:
    """Return a number greater than zero and less than one."""
    share = _checks.number("share", given)
    if hasattr(given, "dtype"):
        share = float(str(given))  # in 32 bits, 0.2 is a little more than that
    if share > 1:
        msg = (
            f"`share` is {shown(share)} but must be greater than 0 and less than 1; "
            "20 % is 0.2, and 30 of 150 samples are 30 / 150"
        )
        raise ValueError(msg)
    return _checks.between("share", share)


def _groups(labels: Any, n_samples: int, *, each: int, why: str) -> list[Any]:
    """Return the samples of each class, of which there must be enough."""
    labels = classes(labels)
    if len(labels) != n_samples:
        msg = f"`labels` has {len(labels)} entries but there are {n_samples} samples"
        raise ValueError(msg)
    found, counts = np.unique(labels, return_counts=True)
    rarest = counts.argmin()
    if counts[rarest] < each:
        msg = (
            f"`labels` holds {found[rarest]} {counts[rarest]} times "
            f"but must at least {each} times, {why}; join classes, or leave one out"
        )
        raise ValueError(msg)
    return np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1])
