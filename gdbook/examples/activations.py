"""The worked examples of the chapter on activations."""

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import activations, gradients, losses, network
from gdbook._arguments import (
    Count0,
    Finite,
    Row,
    Rows,
    SomeCounts1,
    Varied,
    checked,
    look_at_shape,
    one_of,
)
from gdbook._checks import Number, shown
from gdbook.traces import plain, trace

# Steps that a float holds exactly, from -4 to 4.
_SUMS = tuple(step / 8 for step in range(-32, 33))

_SHAPES = {
    "identity": activations.IDENTITY,
    "sigmoid": activations.SIGMOID,
    "tanh": activations.TANH,
    "ReLU": activations.RELU,
    "leaky ReLU": activations.leaky(0.1),
    "GELU": activations.GELU,
    "SiLU": activations.SILU,
}


Bend = Annotated[str, one_of(_SHAPES)]


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
