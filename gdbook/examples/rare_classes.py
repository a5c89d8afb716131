"""Score what is rare: the confusion matrix, its shares, and the threshold."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache, partial
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import _checks, datasets, fitting, losses
from gdbook._arguments import (
    Between,
    Count0,
    Count1,
    Count2,
    Kind,
    Positive,
    Row,
    checked,
    count,
    each,
)
from gdbook._checks import Number, shown
from gdbook.activations import sigmoid
from gdbook.network import dense_network, forward
from gdbook.optimizers import Adam
from gdbook.splits import (
    Confusion,
    average_precision,
    confusion,
    folds,
    precision_recall,
)
from gdbook.traces import plain, trace

_BETWEEN = Kind(_checks.between, "number greater than 0 and less than 1")
SomeBetween = Annotated[Sequence[Number], each(_BETWEEN, least=1)]
Digit = Annotated[int, count(0)]

# What a threshold is tried at: hundredths.
THRESHOLDS = tuple(hundredths / 100 for hundredths in range(1, 100))

# Scores, before the sigmoid, above 0 are a yes.
_COUNTED = partial(confusion, threshold=0)


@trace
class Screening(NamedTuple):
    """What a test says of many people, of whom few are ill.

    The four counts of yes and no (`true_positives`, `false_positives`,
    `false_negatives`, `true_negatives`), of `n_people` of whom `n_ill` are ill; the
    `accuracy` of the test, and that of saying no to all (`accuracy_of_no`); its
    `precision`, `recall` and `f1`, and the `mean` of the first two; how often a yes is
    said of the healthy (`false_alarm_rate`); and of saying yes to all the
    `precision_of_yes`, its mean with a recall of 1 (`mean_of_yes`), and the
    `f1_of_yes`.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    n_people: int
    n_ill: int
    accuracy: Number
    accuracy_of_no: Number
    precision: Number
    recall: Number
    f1: Number
    mean: Number
    false_alarm_rate: Number
    precision_of_yes: Number
    mean_of_yes: Number
    f1_of_yes: Number


@checked
def screening(
    true_positives: Count1 = 15,
    false_positives: Count0 = 30,
    false_negatives: Count0 = 5,
    true_negatives: Count1 = 950,
) -> Screening:
    r"""Count what a test is worth, of people of whom few are ill.

    .. math:: P = \frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FP}}, \qquad
              R = \frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FN}}, \qquad
              F_1 = \frac{2}{1/P + 1/R}

    It is exact.

    Parameters
    ----------
    true_positives
        How many of the ill get a yes, TP.
    false_positives
        How many of the healthy get a yes, FP.
    false_negatives
        How many of the ill get a no, FN.
    true_negatives
        How many of the healthy get a no.

    Examples
    --------
    >>> test = screening()
    >>> float(test.accuracy), float(test.accuracy_of_no)
    (0.965, 0.98)
    >>> test.precision, test.recall, test.f1
    (Fraction(1, 3), Fraction(3, 4), Fraction(6, 13))
    """
    counts = Confusion(true_positives, false_positives, false_negatives, true_negatives)
    n_ill = true_positives + false_negatives
    n_healthy = false_positives + true_negatives
    to_none, to_all = (
        Confusion(0, 0, n_ill, n_healthy),
        Confusion(n_ill, n_healthy, 0, 0),
    )
    return Screening(
        *counts,
        n_people=n_ill + n_healthy,
        n_ill=n_ill,
        accuracy=counts.accuracy,
        accuracy_of_no=to_none.accuracy,
        precision=counts.precision,
        recall=counts.recall,
        f1=counts.f1,
        mean=(counts.precision + counts.recall) / 2,
        false_alarm_rate=Fraction(false_positives, n_healthy),
        precision_of_yes=to_all.precision,
        mean_of_yes=(to_all.precision + to_all.recall) / 2,
        f1_of_yes=to_all.f1,
    )


@trace
class BaseRates(NamedTuple):
    """What a yes of one test is worth where more people are ill, and where fewer.

    A yes of a test with this `recall` and `false_alarm_rate` multiplies the odds by the
    `factor`. For each of the shares of ill people, `rates`, the `odds_before` and
    `odds_after` a yes, and the `precisions`.
    """

    rates: tuple[Number, ...]
    recall: Number
    false_alarm_rate: Number
    factor: Number
    odds_before: tuple[Number, ...]
    odds_after: tuple[Number, ...]
    precisions: tuple[Number, ...]


@checked
def base_rates(
    rates: SomeBetween = (Fraction(1, 2), Fraction(1, 50), Fraction(1, 1000)),
    recall: Between = Fraction(3, 4),
    false_alarm_rate: Between = Fraction(3, 98),
) -> BaseRates:
    r"""Take the same test to where more people are ill, or fewer.

    .. math:: \frac{P}{1 - P} = \frac{p}{1 - p} \cdot \frac{R}{a}

    It is exact on fractions.

    Parameters
    ----------
    rates
        The shares of ill people, :math:`p`.
    recall
        The share of the ill who get a yes, :math:`R`.
    false_alarm_rate
        The share of the healthy who get a yes, :math:`a`.

    Examples
    --------
    >>> found = base_rates()
    >>> found.factor, found.precisions
    (Fraction(49, 2), (Fraction(49, 51), Fraction(1, 3), Fraction(49, 2047)))
    """
    factor = recall / false_alarm_rate
    before = [rate / (1 - rate) for rate in rates]
    after = [odds * factor for odds in before]
    return BaseRates(
        rates=tuple(rates),
        recall=recall,
        false_alarm_rate=false_alarm_rate,
        factor=factor,
        odds_before=tuple(before),
        odds_after=tuple(after),
        precisions=tuple(odds / (1 + odds) for odds in after),
    )


@trace
class Ranking(NamedTuple):
    """Precision and recall, while the threshold falls from sample to sample.

    From the surest yes on, the `scores` and `targets`; with a threshold that lets this
    one and all before it through, the `precisions` and `recalls`, and the `f1s`. The
    `average` is the average precision, the `base_rate` the share of samples that are a
    yes, and the sample with the number `best` has the highest F1.
    """

    scores: tuple[Number, ...]
    targets: tuple[Number, ...]
    precisions: tuple[Number, ...]
    recalls: tuple[Number, ...]
    f1s: tuple[Number, ...]
    average: Number
    base_rate: Number
    best: int


@checked
def ranking(
    scores: Row = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0),
    targets: Row = (1, 1, 0, 1, 0, 0, 1, 0, 0, 0),
) -> Ranking:
    r"""Lower the threshold by one sample at a time.

    .. math:: \bar P = \sum_k (R_k - R_{k-1})\, P_k, \qquad R_0 = 0

    All scores differ. It is exact, since it counts.

    Parameters
    ----------
    scores
        How sure a model is of each sample.
    targets
        What is true: 1 for yes and 0 for no.

    Raises
    ------
    ValueError
        If the shapes differ, two scores are equal, a target is neither 0 nor 1, or none
        is 1.

    Examples
    --------
    >>> ranked = ranking()
    >>> ranked.precisions[:3], ranked.average
    ((Fraction(1, 1), Fraction(1, 1), Fraction(2, 3)), Fraction(93, 112))
    """
    scores, targets = _checks.paired("scores", scores, "targets", targets)
    ordered = sorted(zip(plain(scores), plain(targets), strict=True), reverse=True)
    falling, true = zip(*ordered, strict=True)
    if len(set(falling)) < len(falling):
        msg = f"`scores` is {shown(plain(scores))} but no two of them may be equal"
        raise ValueError(msg)
    if not {0, 1} >= set(true) or 1 not in true:
        msg = f"`targets` is {shown(plain(targets))} but must hold 0 and 1, and a 1"
        raise ValueError(msg)
    n_true = int(sum(true))
    points = []
    for number in range(1, len(true) + 1):
        found = int(sum(true[:number]))
        missed, left = n_true - found, len(true) - number
        points.append(Confusion(found, number - found, missed, left - missed))
    f1s = [point.f1 for point in points]
    return Ranking(
        scores=falling,
        targets=true,
        precisions=tuple(point.precision for point in points),
        recalls=tuple(point.recall for point in points),
        f1s=tuple(f1s),
        # Recall rises by one share at each sample that is true.
        average=sum(
            (point.precision for point, yes in zip(points, true, strict=True) if yes),
            Fraction(0),
        )
        / n_true,
        base_rate=Fraction(n_true, len(true)),
        best=f1s.index(max(f1s)),
    )


@trace
class RareDigit(NamedTuple):
    """What a logistic model scores on one digit among all others, made rare.

    Of `n_samples` pictures `n_rare` show the `digit`, and who says no to all has the
    accuracy `accuracy_of_no`. For each of the seeds: how many are found and how many
    others are taken for it (`true_positives`, `false_positives`), the `accuracies`,
    `precisions`, `recalls` and `f1s` at the threshold of a half, the average precision
    in `averages`, and the curve, `curve_recalls` and `curve_precisions`. It trained in
    `num_folds` folds for `num_epochs` epochs, in batches of `batch_size`, by Adam with
    the `learning_rate`; each rare picture stood there `copies` times.
    """

    digit: int
    n_samples: int
    n_rare: int
    accuracy_of_no: float
    true_positives: tuple[int, ...]
    false_positives: tuple[int, ...]
    accuracies: tuple[float, ...]
    precisions: tuple[float, ...]
    recalls: tuple[float, ...]
    f1s: tuple[float, ...]
    averages: tuple[float, ...]
    curve_recalls: tuple[tuple[float, ...], ...]
    curve_precisions: tuple[tuple[float, ...], ...]
    num_folds: int
    num_epochs: int
    batch_size: int
    learning_rate: Number
    copies: int


@checked
def rare_digit(
    digit: Digit = 8,
    n_rare: Count2 = 33,
    copies: Count1 = 1,
    num_folds: Count2 = 5,
    num_epochs: Count1 = 40,
    batch_size: Count1 = 200,
    learning_rate: Positive = 0.1,
    num_seeds: Count2 = 6,
) -> RareDigit:
    r"""Make one digit rare, and let a logistic model look for it.

    .. math:: p(x) = \frac{1}{1 + e^{-(x W + b)}}

    All pictures of the other digits are kept, and a few of this one. A model learns on
    all folds but one, which it then answers, so that every picture is answered once.
    Each seed draws the pictures to keep, deals the folds and the batches, and draws the
    first weights.

    Parameters
    ----------
    digit
        The digit to look for, from 0 to 9.
    n_rare
        How many of its pictures to keep.
    copies
        How often each of these stands among the samples to learn from.
    num_folds
        How many folds.
    num_epochs
        How often to go through all training samples.
    batch_size
        How many samples share a step.
    learning_rate
        Adam's rate.
    num_seeds
        From how many seeds to do it all.

    Raises
    ------
    ValueError
        If `digit` is none, `n_rare` is more pictures than it has, or less than
        `num_folds`, or there are fewer training samples than `batch_size`.

    Examples
    --------
    >>> found = rare_digit(num_epochs=1, num_seeds=2)
    >>> found.n_samples, found.n_rare, round(found.accuracy_of_no, 3)
    (1656, 33, 0.98)
    """
    plan = _Plan(copies, num_folds, num_epochs, batch_size, learning_rate)
    runs = [_answered(digit, n_rare, plan, seed) for seed in range(num_seeds)]
    counts = [_COUNTED(*run) for run in runs]
    curves = [precision_recall(*run) for run in runs]
    return RareDigit(
        digit=digit,
        n_samples=len(runs[0][1]),
        n_rare=n_rare,
        accuracy_of_no=1 - n_rare / len(runs[0][1]),
        true_positives=tuple(each.true_positives for each in counts),
        false_positives=tuple(each.false_positives for each in counts),
        accuracies=tuple(float(each.accuracy) for each in counts),
        precisions=tuple(float(each.precision) for each in counts),
        recalls=tuple(float(each.recall) for each in counts),
        f1s=tuple(float(each.f1) for each in counts),
        averages=tuple(average_precision(*run) for run in runs),
        curve_recalls=tuple(tuple(each.recalls.tolist()) for each in curves),
        curve_precisions=tuple(tuple(each.precisions.tolist()) for each in curves),
        num_folds=num_folds,
        num_epochs=num_epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        copies=copies,
    )


@trace
class ThresholdCosts(NamedTuple):
    """What the answers of the model cost, if a miss costs more than a false alarm.

    A miss costs `miss_cost` false alarms. For each of the `thresholds` the `costs` from
    every seed; the threshold of equal costs (`forecast`); for each seed the cost at a
    half (`at_half`), at the forecast (`at_forecast`), and the least of all (`least`);
    and what saying no to all costs (`cost_of_no`).
    """

    miss_cost: Number
    forecast: Number
    thresholds: tuple[float, ...]
    costs: tuple[tuple[Number, ...], ...]
    at_half: tuple[Number, ...]
    at_forecast: tuple[Number, ...]
    least: tuple[Number, ...]
    cost_of_no: Number


@checked
def threshold_costs(
    miss_cost: Positive = 9,
    digit: Digit = 8,
    n_rare: Count2 = 33,
    num_seeds: Count2 = 6,
) -> ThresholdCosts:
    r"""Move the threshold of the model of `rare_digit`, and add up what it costs.

    .. math:: C(t) = c \cdot \mathrm{FN}(t) + \mathrm{FP}(t), \qquad
              t^\ast = \frac{1}{1 + c}

    Parameters
    ----------
    miss_cost
        How many false alarms cost as much as a miss, :math:`c`.
    digit
        The digit to look for, from 0 to 9.
    n_rare
        How many of its pictures to keep.
    num_seeds
        From how many seeds to do it all.

    Raises
    ------
    ValueError
        If `digit` is none, or `n_rare` is more pictures than it has, or less than 5.

    Examples
    --------
    >>> costs = threshold_costs(num_seeds=2)
    >>> costs.forecast, costs.cost_of_no
    (0.1, 297)
    >>> all(there < half for there, half in zip(costs.at_forecast, costs.at_half))
    True
    """
    runs = [_answered(digit, n_rare, _Plan(), seed) for seed in range(num_seeds)]
    forecast = 1 / (1 + miss_cost)

    def cost(run: tuple[Any, Any], threshold: Number) -> Number:
        scores, targets = run
        counts = confusion(sigmoid(scores), targets, threshold=threshold)
        alarms, misses = counts.false_positives, counts.false_negatives
        found: Number = plain(miss_cost * misses + alarms)
        return found

    costs = [tuple(cost(run, threshold) for threshold in THRESHOLDS) for run in runs]
    return ThresholdCosts(
        miss_cost=miss_cost,
        forecast=forecast,
        thresholds=THRESHOLDS,
        costs=tuple(costs),
        at_half=tuple(cost(run, 0.5) for run in runs),
        at_forecast=tuple(cost(run, forecast) for run in runs),
        least=tuple(min(row) for row in costs),
        cost_of_no=miss_cost * n_rare,
    )


class _Plan(NamedTuple):
    """How a model is trained."""

    copies: int = 1
    num_folds: int = 5
    num_epochs: int = 40
    batch_size: int = 200
    learning_rate: Number = 0.1


@cache
def _answered(digit: int, n_rare: int, plan: _Plan, seed: int) -> tuple[Any, Any]:
    """Score every picture by the model that has not seen it, and say what is true."""
    data, generator = datasets.digits(), np.random.default_rng(seed)
    if digit > 9:
        msg = f"`digit` is {shown(digit)} but must be at most 9"
        raise ValueError(msg)
    own = np.flatnonzero(data.labels == digit)
    _checks.not_beyond("n_rare", n_rare, len(own), "pictures")
    _checks.count("n_rare", n_rare, least=plan.num_folds)
    kept = [generator.permutation(own)[:n_rare], np.flatnonzero(data.labels != digit)]
    rows = np.sort(np.concatenate(kept))
    inputs, labels = data.inputs[rows], (data.labels[rows] == digit).astype(np.int64)
    targets, scores = labels[:, None].astype(float), np.empty((len(rows), 1))
    for split in folds(len(rows), plan.num_folds, seed=seed, labels=labels):
        times = np.where(labels[split.training] == 1, plan.copies, 1)
        learned = np.repeat(split.training, times)
        layers = fitting.fit(
            dense_network([inputs.shape[1], 1], generator),
            inputs[learned],
            targets[learned],
            loss=losses.SIGMOID_CROSS_ENTROPY,
            rule=Adam(plan.learning_rate),
            num_epochs=plan.num_epochs,
            batch_size=plan.batch_size,
            generator=generator,
            progress=False,
        ).layers
        scores[split.held_out] = forward(layers, inputs[split.held_out])[-1]
    return scores, targets
