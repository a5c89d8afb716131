"""Turn scores into probabilities, keep them finite, and give each output its loss."""

import math
import sys
from typing import Annotated, NamedTuple

import numpy as np

from gdbook import _checks, activations, losses
from gdbook._arguments import (
    Finite,
    Probability,
    Row,
    checked,
    look_at_shape,
    one_of,
)
from gdbook._checks import Number
from gdbook.activations import Activation
from gdbook.losses import Loss
from gdbook.traces import plain, trace

# A score of ln 2 counts for two beside a score of 0, for e to this power is 2.
LN_2 = math.log(2)

# Steps that a float holds exactly: from -4 to 6, and from -8 to 8.
_MOVES = tuple(step / 4 for step in range(-16, 25))
_SCORES = tuple(step / 4 for step in range(-32, 33))

# What belongs on the output, and the loss of its predictions.
_PAIRS: dict[str, tuple[Activation, Loss]] = {
    "identity": (activations.IDENTITY, losses.MEAN_SQUARED_ERROR),
    "sigmoid": (activations.SIGMOID, losses.BINARY_CROSS_ENTROPY),
    "softmax": (activations.SOFTMAX, losses.CROSS_ENTROPY),
}

Output = Annotated[str, one_of(_PAIRS)]


@trace
class Shares(NamedTuple):
    """What softmax makes of scores, and how it answers to each of them.

    The `scores`, their `shares`, the shares of the `shifted` scores, and a row of
    `slopes` for each share.
    """

    scores: tuple[Number, ...]
    shares: tuple[float, ...]
    shifted: tuple[float, ...]
    slopes: tuple[tuple[float, ...], ...]


@checked
def softmax_shares(scores: Row = (LN_2, 0, 0), shift: Finite = 100) -> Shares:
    r"""Share out 1 among classes, by their scores.

    .. math:: p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad
              \frac{\partial p_k}{\partial z_j} = p_k\,(\delta_{kj} - p_j)

    Powers of :math:`e` are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    scores
        One for each class, :math:`z`.
    shift
        What to add to every score, to see that nothing changes.

    Examples
    --------
    >>> softmax_shares()  # doctest: +NORMALIZE_WHITESPACE
    Shares(scores=(0.69314718056, 0, 0), shares=(0.5, 0.25, 0.25),
           shifted=(0.5, 0.25, 0.25), slopes=((0.25, -0.125, -0.125),
           (-0.125, 0.1875, -0.0625), (-0.125, -0.0625, 0.1875)))
    """
    return Shares(
        scores=plain(scores),
        shares=plain(activations.softmax(scores)),
        shifted=plain(activations.softmax(scores + shift)),
        slopes=plain(activations.softmax_slope(scores)),
    )


@trace
class MovingScore(NamedTuple):
    """The shares of all classes while the score of the first one moves.

    The `values` of the first score, the `shares` of each class along them, and the
    `score` that was given with its `share`.
    """

    values: tuple[Number, ...]
    shares: tuple[tuple[float, ...], ...]
    score: Number
    share: float


@checked
def moving_score(scores: Row = (LN_2, 0, 0), values: Row = _MOVES) -> MovingScore:
    r"""Move the score of the first class and leave the others alone.

    .. math:: p_1(z) = \frac{e^{z}}{e^{z} + e^{z_2} + \dots + e^{z_n}}

    Powers of :math:`e` are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    scores
        One for each class; the first is replaced.
    values
        What to put in the place of the first score, :math:`z`.

    Examples
    --------
    >>> moving = moving_score(values=(-4, 0, 4))
    >>> [round(share, 3) for share in moving.shares[0]]
    [0.009, 0.333, 0.965]
    """
    rows = [[value, *scores[1:]] for value in values]
    return MovingScore(
        values=plain(values),
        shares=plain(activations.softmax(rows).T),
        score=plain(scores)[0],
        share=plain(activations.softmax(scores))[0],
    )


@trace
class TwoClasses(NamedTuple):
    """Softmax of two scores, and the sigmoid of their difference.

    The `scores` and their `shares`, the `difference` of the first score and the second,
    and its `sigmoid`.
    """

    scores: tuple[Number, ...]
    shares: tuple[float, ...]
    difference: Number
    sigmoid: float


@checked
def two_classes(scores: Row = (3, 1)) -> TwoClasses:
    r"""Ask softmax for two classes, and the sigmoid for one.

    .. math:: \frac{e^{z_1}}{e^{z_1} + e^{z_2}} = \frac{1}{1 + e^{-(z_1 - z_2)}}
              = \sigma(z_1 - z_2)

    Powers of :math:`e` are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    scores
        One for each of the two classes.

    Raises
    ------
    ValueError
        If there are not two scores.

    Examples
    --------
    >>> two_classes()  # doctest: +NORMALIZE_WHITESPACE
    TwoClasses(scores=(3, 1), shares=(0.880797077978, 0.119202922022), difference=2,
               sigmoid=0.880797077978)
    """
    look_at_shape("scores", scores, (2,))
    first, second = plain(scores)
    return TwoClasses(
        scores=(first, second),
        shares=plain(activations.softmax(scores)),
        difference=first - second,
        sigmoid=activations.sigmoid(first - second),
    )


@trace
class LargeScores(NamedTuple):
    """A loss of large scores, as the formula is written and as the library has it.

    For each of the `sizes` what comes of computing the formula `as_written`, a number
    or where it fails, and the library's `losses`; for the last one the `errors` and the
    `slopes` along each score; and the largest power of e that a float holds
    (`largest_exponent`).
    """

    sizes: tuple[Number, ...]
    as_written: tuple[float | str, ...]
    losses: tuple[float, ...]
    errors: tuple[tuple[float, ...], ...]
    slopes: tuple[tuple[float, ...], ...]
    largest_exponent: float


@checked
def large_scores(sizes: Row = (10, 100, 500, 1000)) -> LargeScores:
    r"""Take the cross-entropy of two samples whose scores grow.

    .. math:: L = -\frac1n \sum_i \ln \frac{e^{z_{ik}}}{\sum_j e^{z_{ij}}}

    Both samples are of the second class. The first has the scores :math:`s` and
    :math:`-s`, which is wrong, the second :math:`-s` and :math:`s`, which is right.

    Parameters
    ----------
    sizes
        How large the scores are, :math:`s`.

    Examples
    --------
    >>> large_scores((10, 500, 1000))  # doctest: +NORMALIZE_WHITESPACE
    LargeScores(sizes=(10, 500, 1000), as_written=(10.0000000021, 'ln 0', 'overflow'),
                losses=(10.0000000021, 500, 1000), errors=((1, -1), (0, 0)),
                slopes=((0.5, -0.5), (0, 0)), largest_exponent=709.782712893)
    """
    targets = [[0, 1], [0, 1]]
    batches = [[[size, -size], [-size, size]] for size in plain(sizes)]
    return LargeScores(
        sizes=plain(sizes),
        as_written=tuple(map(_cross_entropy_as_written, batches)),
        losses=tuple(losses.softmax_cross_entropy(batch, targets) for batch in batches),
        errors=plain(activations.softmax(batches[-1]) - targets),
        slopes=plain(losses.softmax_cross_entropy_slope(batches[-1], targets)),
        largest_exponent=math.log(sys.float_info.max),
    )


@trace
class OutputPair(NamedTuple):
    """An output with the loss that belongs to it, for one sample.

    The `activation`, its `predictions`, the `targets` and the `errors`; the slope of
    the loss along each prediction (`loss_slopes`), and by the chain rule along each
    score (`chained_slopes`).
    """

    activation: str
    predictions: tuple[Number, ...]
    targets: tuple[Number, ...]
    errors: tuple[Number, ...]
    loss_slopes: tuple[Number, ...]
    chained_slopes: tuple[Number, ...]


@checked
def output_pair(
    activation: Output = "softmax",
    scores: Row = (LN_2, 0, 0),
    targets: Row = (1, 0, 0),
) -> OutputPair:
    r"""Carry the slope of a loss back through the output, to the scores.

    .. math:: \frac{\partial L}{\partial z_j} = \sum_k
              \frac{\partial L}{\partial \hat y_k}\,
              \frac{\partial \hat y_k}{\partial z_j} \propto \hat y_j - y_j

    Fractions stay exact with the identity alone.

    Parameters
    ----------
    activation
        The identity goes with the squared error, the sigmoid with the binary
        cross-entropy, and softmax with the cross-entropy.
    scores
        What reaches the output, :math:`z`.
    targets
        What is true, one for each score.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, a target is not what the loss takes, or a
        score is so large that a prediction is rounded to 0 or 1.

    Examples
    --------
    >>> output_pair("identity", (9,), (13,))  # doctest: +NORMALIZE_WHITESPACE
    OutputPair(activation='identity', predictions=(9,), targets=(13,), errors=(-4,),
               loss_slopes=(-8,), chained_slopes=(-8,))
    >>> output_pair().errors, output_pair().chained_slopes
    ((-0.5, 0.25, 0.25), (-0.5, 0.25, 0.25))
    """
    output, loss = _PAIRS[activation]
    scores, targets = _checks.paired("scores", scores, "targets", targets)
    sums, truths = scores[None, :], targets[None, :]  # (1, n_outputs)
    predictions = output.function(sums)
    loss_slopes = loss.slope(predictions, truths)
    return OutputPair(
        activation=activation,
        predictions=plain(predictions[0]),
        targets=plain(targets),
        errors=plain((predictions - truths)[0]),
        loss_slopes=plain(loss_slopes[0]),
        chained_slopes=plain(output.chain(sums, loss_slopes)[0]),
    )


@trace
class TwoLosses(NamedTuple):
    """The slope along the score of a sigmoid, under two losses.

    The `scores`, their `target` and the `predictions`; along each score the slope of
    the `squared` error and that of the cross-entropy (`entropy`).
    """

    scores: tuple[Number, ...]
    target: Number
    predictions: tuple[float, ...]
    squared: tuple[float, ...]
    entropy: tuple[float, ...]


@checked
def two_losses(scores: Row = _SCORES, target: Probability = 1) -> TwoLosses:
    r"""Follow the slope of two losses along the score of a sigmoid.

    .. math:: \frac{d}{dz} \bigl(\sigma(z) - y\bigr)^2
              = 2\,\bigl(\sigma(z) - y\bigr)\,\sigma'(z),
              \qquad \frac{d}{dz} H\bigl(y, \sigma(z)\bigr) = \sigma(z) - y

    Powers of :math:`e` are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    scores
        What reaches the sigmoid, :math:`z`; each is a sample of its own.
    target
        What is true.

    Examples
    --------
    >>> far = two_losses(scores=(-8,))
    >>> round(far.squared[0], 5), round(far.entropy[0], 5)
    (-0.00067, -0.99966)
    """
    rows = scores[:, None]  # (n_scores, 1)
    truths = np.full(rows.shape, float(target))
    # A mean over samples divides by their number; each is alone here.
    entropy = len(rows) * losses.sigmoid_cross_entropy_slope(rows, truths)
    predictions = activations.sigmoid(rows)
    squared = activations.SIGMOID.chain(
        rows, losses.squared_error_slope(predictions, truths)
    )
    return TwoLosses(
        scores=plain(scores),
        target=target,
        predictions=plain(predictions[:, 0]),
        squared=plain(squared[:, 0]),
        entropy=plain(entropy[:, 0]),
    )


def _cross_entropy_as_written(batch: list[list[Number]]) -> float | str:
    """Compute the formula of two samples of the second class, or say what fails."""
    surprises = []
    for scores in batch:
        try:
            powers = [math.exp(score) for score in scores]
        except OverflowError:
            return "overflow"
        share = powers[1] / sum(powers)
        if share == 0:
            return "ln 0"
        surprises.append(-math.log(share))
    return sum(surprises) / len(surprises)
