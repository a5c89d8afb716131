"""The worked examples of the chapter on activations."""

import math
import sys
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import _checks, activations, gradients, losses, network
from gdbook._arguments import (
    Count0,
    Finite,
    Probability,
    Row,
    Rows,
    SomeCounts1,
    Varied,
    checked,
    look_at_shape,
    one_of,
)
from gdbook._checks import Number, shown
from gdbook.activations import Activation
from gdbook.losses import Loss
from gdbook.traces import plain, trace

# A score of ln 2 counts for two beside a score of 0, for e to this power is 2.
LN_2 = math.log(2)

# Steps that a float holds exactly: from -4 to 4, from -4 to 6, and from -8 to 8.
_SUMS = tuple(step / 8 for step in range(-32, 33))
_MOVES = tuple(step / 4 for step in range(-16, 25))
_SCORES = tuple(step / 4 for step in range(-32, 33))

_SHAPES = {
    "identity": activations.IDENTITY,
    "sigmoid": activations.SIGMOID,
    "tanh": activations.TANH,
    "ReLU": activations.RELU,
    "leaky ReLU": activations.leaky(0.1),
    "GELU": activations.GELU,
    "SiLU": activations.SILU,
}

# What belongs on the output, and the loss of its predictions.
_PAIRS: dict[str, tuple[Activation, Loss]] = {
    "identity": (activations.IDENTITY, losses.MEAN_SQUARED_ERROR),
    "sigmoid": (activations.SIGMOID, losses.BINARY_CROSS_ENTROPY),
    "softmax": (activations.SOFTMAX, losses.CROSS_ENTROPY),
}

Bend = Annotated[str, one_of(_SHAPES)]
Output = Annotated[str, one_of(_PAIRS)]


@trace
class BestLine(NamedTuple):
    """Data with a bend in them, and the best line through them.

    The `inputs` and `targets`, the `slope` and the `intercept` of the line of least
    loss, its `predictions` and `errors`, and the `loss` that is left.
    """

    inputs: tuple[Number, ...]
    targets: tuple[Number, ...]
    slope: Number
    intercept: Number
    predictions: tuple[Number, ...]
    errors: tuple[Number, ...]
    loss: Number


@checked
def best_line_on_bend(
    inputs: Varied = (-2, -1, 0, 1, 2), targets: Row = (2, 1, 0, 1, 2)
) -> BestLine:
    r"""Fit the best line to data that no line fits.

    .. math:: \hat y_i = m\,x_i + b, \qquad L = \frac1n \sum_i (\hat y_i - y_i)^2

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true there.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> best_line_on_bend()  # doctest: +NORMALIZE_WHITESPACE
    BestLine(inputs=(-2, -1, 0, 1, 2), targets=(2, 1, 0, 1, 2), slope=0, intercept=1.2,
             predictions=(1.2, 1.2, 1.2, 1.2, 1.2), errors=(-0.8, 0.2, 1.2, 0.2, -0.8),
             loss=0.56)
    """
    slope, intercept = gradients.best_line(inputs, targets)
    line = [network.Dense([slope], intercept)]
    _, predictions = network.forward(line, inputs[:, None])
    return BestLine(
        inputs=plain(inputs),
        targets=plain(targets),
        slope=slope,
        intercept=intercept,
        predictions=plain(predictions),
        errors=plain(predictions - targets),
        loss=losses.mean_squared_error(predictions, targets),
    )


@trace
class Collapsed(NamedTuple):
    """Two layers without a bend, and the one layer that they are.

    The `hidden` nodes and the `predictions` of the two layers; `weights` and `bias` of
    the one, what it predicts (`one_layer`), and the `largest_difference` of the two.
    """

    hidden: tuple[tuple[Number, ...], ...]
    predictions: tuple[Number, ...]
    weights: tuple[Number, ...]
    bias: Number
    one_layer: tuple[Number, ...]
    largest_difference: Number


@checked
def collapse(
    inputs: Rows = ((2, 3), (-1, 2), (0, 0)),
    hidden_weights: Rows = ((1, -1), (1, 1)),
    hidden_bias: Row = (1, -2),
    output_weights: Row = (2, -1),
    output_bias: Finite = Fraction(1, 2),
) -> Collapsed:
    r"""Multiply two layers out until one is left.

    .. math:: (X W_1 + b_1)\,W_2 + b_2 = X\,(W_1 W_2) + (b_1 W_2 + b_2)

    Parameters
    ----------
    inputs
        One row for each sample, :math:`X`.
    hidden_weights
        One row for each input and one column for each hidden node, :math:`W_1`.
    hidden_bias
        What the hidden nodes add, :math:`b_1`.
    output_weights
        One for each hidden node, :math:`W_2`.
    output_bias
        What the output adds, :math:`b_2`.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> collapse()  # doctest: +NORMALIZE_WHITESPACE
    Collapsed(hidden=((6, -1), (2, 1), (1, -2)), predictions=(27/2, 7/2, 9/2),
              weights=(3, 1), bias=9/2, one_layer=(27/2, 7/2, 9/2),
              largest_difference=0)
    """
    _look_at_layers(inputs.shape[1], hidden_weights, hidden_bias, output_weights)
    two = [
        network.Dense(hidden_weights, hidden_bias),
        network.Dense(output_weights, output_bias),
    ]
    _, hidden, predictions = network.forward(two, inputs)
    weights = hidden_weights @ output_weights  # (n_inputs,)
    bias = hidden_bias @ output_weights + output_bias
    _, one_layer = network.forward([network.Dense(weights, bias)], inputs)
    return Collapsed(
        hidden=plain(hidden),
        predictions=plain(predictions),
        weights=plain(weights),
        bias=plain(bias),
        one_layer=plain(one_layer),
        largest_difference=plain(abs(predictions - one_layer).max()),
    )


@trace
class Stacked(NamedTuple):
    """A hidden layer of one input, and what the output makes of it.

    The `activation` and the `inputs`; for each hidden node what leaves it (`nodes`),
    and that times the output weight (`parts`); the `predictions`, and their `slopes`
    from each input to the next.
    """

    activation: str
    inputs: tuple[Number, ...]
    nodes: tuple[tuple[Number, ...], ...]
    parts: tuple[tuple[Number, ...], ...]
    predictions: tuple[Number, ...]
    slopes: tuple[Number, ...]


@checked
def stacked(
    activation: Bend = "identity",
    inputs: Varied = (-2, -1, 0, 1, 2),
    hidden_weights: Row = (1, 1, 1),
    hidden_bias: Row = (1, 0, -1),
    output_weights: Row = (1, -2, 2),
) -> Stacked:
    r"""Add up what the nodes of a hidden layer make of one input.

    .. math:: \hat y = \sum_k v_k\, \sigma(w_k x + b_k)

    Fractions stay exact with the identity and with ReLU.

    Parameters
    ----------
    activation
        What each node does to its sum, :math:`\sigma`.
    inputs
        The inputs :math:`x`, each greater than the one before.
    hidden_weights
        One for each hidden node, :math:`w_k`.
    hidden_bias
        What the hidden nodes add, :math:`b_k`.
    output_weights
        One for each hidden node, :math:`v_k`.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or `inputs` do not grow.

    Examples
    --------
    >>> stacked().slopes, stacked("ReLU").slopes
    ((1.0, 1.0, 1.0, 1.0), (0.0, 1.0, -1.0, 1.0))
    """
    for low, high in pairwise(plain(inputs)):
        if low >= high:
            msg = (
                f"`inputs` holds {shown(high)} after {shown(low)} "
                f"but every number must be greater"
            )
            raise ValueError(msg)
    look_at_shape("hidden_bias", hidden_bias, hidden_weights.shape)
    look_at_shape("output_weights", output_weights, hidden_weights.shape)
    layers: list[network.Layer] = [
        network.Dense(hidden_weights[None, :], hidden_bias),
        _SHAPES[activation],
        network.Dense(output_weights),
    ]
    *_, nodes, predictions = network.forward(layers, inputs[:, None])
    return Stacked(
        activation=activation,
        inputs=plain(inputs),
        nodes=plain(nodes.T),
        parts=plain((nodes * output_weights).T),
        predictions=plain(predictions),
        slopes=plain(np.diff(predictions) / np.diff(inputs)),
    )


@trace
class BendMore(NamedTuple):
    """How far a line with bends stays from a curve, by the number of its pieces.

    For each network its `num_nodes`, the `bends` where its pieces end, what it predicts
    there (`heights`), and the largest gap from the parabola, which is in the middle of
    a piece (`largest_gaps`).
    """

    num_nodes: tuple[int, ...]
    bends: tuple[tuple[Fraction, ...], ...]
    heights: tuple[tuple[Fraction, ...], ...]
    largest_gaps: tuple[Fraction, ...]


@checked
def bend_more(num_nodes: SomeCounts1 = (1, 2, 4, 8, 16)) -> BendMore:
    r"""Follow the parabola from 0 to 1 with more and more ReLU nodes.

    .. math:: \hat y = \frac1n \operatorname{relu}(x)
              + \sum_{k=1}^{n-1} \frac2n
              \operatorname{relu}\Bigl(x - \frac kn\Bigr) \approx x^2

    Everything is a fraction, so that the gaps are exact.

    Parameters
    ----------
    num_nodes
        How many nodes to take, :math:`n`, one number for each network.

    Examples
    --------
    >>> bend_more((1, 2, 4)).largest_gaps
    (Fraction(1, 4), Fraction(1, 16), Fraction(1, 64))
    """
    bends, heights, gaps = [], [], []
    for n in num_nodes:
        starts = [Fraction(k, n) for k in range(n)]
        changes = [Fraction(1, n), *[Fraction(2, n)] * (n - 1)]
        layers = [
            network.Dense(
                [[Fraction(1)] * n], [-start for start in starts], activations.RELU
            ),
            network.Dense(changes),
        ]
        # The ends of the pieces and their middles, in turn.
        places = np.array([Fraction(k, 2 * n) for k in range(2 * n + 1)])
        *_, predictions = network.forward(layers, places[:, None])
        bends.append(plain(places[::2]))
        heights.append(plain(predictions[::2]))
        gaps.append(plain(abs(predictions - places**2).max()))
    return BendMore(tuple(num_nodes), tuple(bends), tuple(heights), tuple(gaps))


@trace
class Fold(NamedTuple):
    """The exclusive or: the best plane through it, and two nodes that fold it.

    The four samples (`inputs`, `targets`); the `plane`, the gradient of its loss and
    its loss (`plane_gradient`, `plane_loss`); the `sums` that reach the hidden nodes,
    what leaves them (`hidden`), the `predictions` and their `loss`; and the weights and
    biases that were given (`hidden_weights`, `hidden_bias`, `output_weights`).
    """

    inputs: tuple[tuple[Number, ...], ...]
    targets: tuple[Number, ...]
    plane: tuple[Number, ...]
    plane_gradient: tuple[Number, ...]
    plane_loss: Number
    sums: tuple[tuple[Number, ...], ...]
    hidden: tuple[tuple[Number, ...], ...]
    predictions: tuple[Number, ...]
    loss: Number
    hidden_weights: tuple[tuple[Number, ...], ...]
    hidden_bias: tuple[Number, ...]
    output_weights: tuple[Number, ...]


@checked
def fold(
    hidden_weights: Rows = ((1, 1), (1, 1)),
    hidden_bias: Row = (0, -1),
    output_weights: Row = (1, -2),
    plane: Row = (0, 0, Fraction(1, 2)),
) -> Fold:
    r"""Say whether exactly one of two inputs is 1, by a plane and by two ReLU nodes.

    .. math:: \hat y = \operatorname{relu}(x_1 + x_2)
              - 2 \operatorname{relu}(x_1 + x_2 - 1)

    The plane is the best one where the gradient of its loss is zero.

    Parameters
    ----------
    hidden_weights
        Two rows, and one column for each hidden node.
    hidden_bias
        What the hidden nodes add.
    output_weights
        One for each hidden node.
    plane
        The two weights of the plane, and its bias.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> folded = fold()
    >>> folded.plane_gradient, folded.plane_loss
    ((Fraction(0, 1), Fraction(0, 1), Fraction(0, 1)), Fraction(1, 4))
    >>> folded.hidden, folded.predictions, folded.loss
    (((0, 0), (1, 0), (1, 0), (2, 1)), (0, 1, 1, 0), 0.0)
    """
    _look_at_layers(2, hidden_weights, hidden_bias, output_weights)
    look_at_shape("plane", plane, (3,))
    targets = (0, 1, 1, 0)
    inputs = np.array(((0, 0), (0, 1), (1, 0), (1, 1)), dtype=object)
    rows = gradients.with_intercept(inputs)
    gradient = gradients.linear_gradient(rows, plane, targets)
    layers: list[network.Layer] = [
        network.Dense(hidden_weights, hidden_bias),
        activations.RELU,
        network.Dense(output_weights),
    ]
    _, sums, hidden, predictions = network.forward(layers, inputs)
    return Fold(
        inputs=plain(inputs),
        targets=targets,
        plane=plain(plane),
        plane_gradient=plain(gradient),
        plane_loss=losses.mean_squared_error(rows @ plane, targets),
        sums=plain(sums),
        hidden=plain(hidden),
        predictions=plain(predictions),
        loss=losses.mean_squared_error(predictions, targets),
        hidden_weights=plain(hidden_weights),
        hidden_bias=plain(hidden_bias),
        output_weights=plain(output_weights),
    )


@trace
class Shape(NamedTuple):
    """An activation, its slope, and the slope that a difference measures.

    The `activation` and the `values` that reach the node, the `outputs` that leave it,
    the `slopes` by the formula, those that a central difference has `measured`, and
    which is `steepest`, with every place where it is found (`steepest_at`).
    """

    activation: str
    values: tuple[Number, ...]
    outputs: tuple[Number, ...]
    slopes: tuple[Number, ...]
    measured: tuple[Number, ...]
    steepest: Number
    steepest_at: tuple[Number, ...]


@checked
def shape(activation: Bend = "sigmoid", values: Row = _SUMS) -> Shape:
    r"""Follow an activation and its slope along the sums that reach a node.

    .. math:: a = \sigma(z), \qquad \sigma'(z) \approx
              \frac{\sigma(z + h) - \sigma(z - h)}{2h}

    Fractions stay exact with the identity and with ReLU.

    Parameters
    ----------
    activation
        What the node does, :math:`\sigma`; the leaky one leaks a tenth.
    values
        What reaches the node, :math:`z`.

    Examples
    --------
    >>> shape().steepest, shape().steepest_at
    (0.25, (0.0,))
    >>> shape("ReLU", (-2, 0, 3))  # doctest: +NORMALIZE_WHITESPACE
    Shape(activation='ReLU', values=(-2, 0, 3), outputs=(0, 0, 3), slopes=(0, 0, 1),
          measured=(0, 0.5, 1), steepest=1, steepest_at=(3,))
    """
    bend = _SHAPES[activation]
    slopes = plain(bend.slope(values))
    steepest = max(slopes)
    places = plain(values)
    return Shape(
        activation=activation,
        values=places,
        outputs=plain(bend.function(values)),
        slopes=slopes,
        measured=tuple(
            gradients.central_difference(bend.function, value) for value in places
        ),
        steepest=steepest,
        steepest_at=tuple(
            value
            for value, slope in zip(places, slopes, strict=True)
            if slope == steepest
        ),
    )


@trace
class TurningPoints(NamedTuple):
    """Where the bends that are not monotone turn.

    For each of the `names` the sum at which the activation is lowest, `lowest_at`, and
    what it is there, `lowest`.
    """

    names: tuple[str, ...]
    lowest_at: tuple[float, ...]
    lowest: tuple[float, ...]


@checked
def turning_points(num_halvings: Count0 = 60) -> TurningPoints:
    r"""Find where GELU and SiLU are lowest, by halving a stretch that holds it.

    .. math:: \Phi(z) + z\,\varphi(z) = 0, \qquad 1 + z\,\sigma(-z) = 0

    Left of the place the slope is below zero, right of it above; the stretch from -2
    to 0 is halved again and again. Both hold :math:`e`, so all are floats.

    Parameters
    ----------
    num_halvings
        How often to halve.

    Examples
    --------
    >>> found = turning_points()
    >>> [round(lowest, 4) for lowest in found.lowest]
    [-0.17, -0.2785]
    """
    names = ("GELU", "SiLU")
    places = []
    for name in names:
        left, right = -2.0, 0.0
        for _ in range(num_halvings):
            middle = (left + right) / 2
            if _SHAPES[name].slope(middle) < 0:
                left = middle
            else:
                right = middle
        places.append(right)
    return TurningPoints(
        names=names,
        lowest_at=tuple(places),
        lowest=tuple(
            _SHAPES[name].function(place)
            for name, place in zip(names, places, strict=True)
        ),
    )


@trace
class TanhFromSigmoid(NamedTuple):
    """The hyperbolic tangent, and a sigmoid stretched into it.

    The `values` that reach the node, their `tanh`, the `stretched` sigmoid, and the
    `largest_difference` between the two.
    """

    values: tuple[Number, ...]
    tanh: tuple[float, ...]
    stretched: tuple[float, ...]
    largest_difference: float


@checked
def tanh_from_sigmoid(values: Row = (-2, -1, 0, 1, 2)) -> TanhFromSigmoid:
    r"""Stretch a sigmoid until it is the hyperbolic tangent.

    .. math:: \tanh z = 2\,\sigma(2z) - 1

    Powers of :math:`e` are irrational, so fractions are computed as floats here.

    Parameters
    ----------
    values
        What reaches the node, :math:`z`.

    Examples
    --------
    >>> both = tanh_from_sigmoid()
    >>> both.largest_difference < 1e-15
    True
    """
    tanh = activations.tanh(values)
    stretched = 2 * activations.sigmoid(2 * values) - 1
    return TanhFromSigmoid(
        values=plain(values),
        tanh=plain(tanh),
        stretched=plain(stretched),
        largest_difference=plain(abs(tanh - stretched).max()),
    )


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


def _look_at_layers(
    n_inputs: int, hidden_weights: Any, hidden_bias: Any, output_weights: Any
) -> None:
    """Refuse the numbers of two layers that do not fit each other."""
    n_rows, n_hidden = hidden_weights.shape
    if n_rows != n_inputs:
        msg = (
            f"`hidden_weights` has shape {hidden_weights.shape} "
            f"but must have {n_inputs} rows, one for each input"
        )
        raise ValueError(msg)
    look_at_shape("hidden_bias", hidden_bias, (n_hidden,))
    look_at_shape("output_weights", output_weights, (n_hidden,))


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
