"""Carry inputs forward to a prediction: one layer, one neuron, two layers."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np

from gdbook import _checks, network
from gdbook._arguments import (
    Finite,
    Row,
    Rows,
    checked,
    each,
    look_at_shape,
    one_of,
)
from gdbook._checks import Number
from gdbook.traces import plain, trace

VOCABULARY = ("bad", "good", "very")
Words = Annotated[Sequence[str], each(one_of(VOCABULARY), least=1)]


@trace
class SingleLayer(NamedTuple):
    """A prediction from two inputs, and its error.

    The `inputs`, their `weights` and the `target` given; the `products` of the first
    two, the `prediction` that they add up to, and its `error`.
    """

    inputs: tuple[Number, ...]
    weights: tuple[Number, ...]
    products: tuple[Number, ...]
    prediction: Number
    target: Number
    error: Number


@checked
def single_layer(
    inputs: Row = (2, 3), weights: Row = (0.5, 0.7), target: Finite = 3.5
) -> SingleLayer:
    r"""Multiply each input by its weight and add up.

    .. math:: \hat y = \sum_j x_j w_j

    Parameters
    ----------
    inputs
        What goes in.
    weights
        One for each input.
    target
        What should come out.

    Raises
    ------
    ValueError
        If the inputs and the weights have different shapes.

    Examples
    --------
    >>> single_layer()  # doctest: +NORMALIZE_WHITESPACE
    SingleLayer(inputs=(2, 3), weights=(0.5, 0.7), products=(1, 2.1),
                prediction=3.1, target=3.5, error=-0.4)
    """
    inputs, weights = _checks.paired("inputs", inputs, "weights", weights)
    _, prediction = network.forward([network.Dense(weights)], inputs)
    return SingleLayer(
        inputs=plain(inputs),
        weights=plain(weights),
        products=plain(inputs * weights),
        prediction=plain(prediction),
        target=target,
        error=plain(prediction - target),
    )


@trace
class Neuron(NamedTuple):
    """What one neuron does: multiply, add up, add the bias.

    The `inputs`, their `weights` and the `bias` given; the `products` of the first two,
    their `total`, and the `prediction`.
    """

    inputs: tuple[Number, ...]
    weights: tuple[Number, ...]
    products: tuple[Number, ...]
    total: Number
    bias: Number
    prediction: Number


@checked
def neuron(
    inputs: Row = (2, 3, 5), weights: Row = (0.5, -1, 0.2), bias: Finite = 4
) -> Neuron:
    r"""Add a bias to what the inputs give.

    .. math:: \hat y = x_1 w_1 + x_2 w_2 + x_3 w_3 + b

    Parameters
    ----------
    inputs
        What goes in.
    weights
        One for each input.
    bias
        What the neuron says when every input is 0.

    Raises
    ------
    ValueError
        If the inputs and the weights have different shapes.

    Examples
    --------
    >>> neuron()  # doctest: +NORMALIZE_WHITESPACE
    Neuron(inputs=(2, 3, 5), weights=(0.5, -1, 0.2), products=(1, -3, 1), total=-1,
           bias=4, prediction=3)
    """
    inputs, weights = _checks.paired("inputs", inputs, "weights", weights)
    _, prediction = network.forward([network.Dense(weights, bias)], inputs)
    return Neuron(
        inputs=plain(inputs),
        weights=plain(weights),
        products=plain(inputs * weights),
        total=plain(inputs @ weights),
        bias=bias,
        prediction=plain(prediction),
    )


@trace
class WordInputs(NamedTuple):
    """Words as the inputs of a neuron.

    The `vocabulary`, which gives each word its place, and the `words` given; a row of
    zeros and a one for each of them, `one_hot`, and their sum, the `inputs`; the
    `prediction` that these make with the weights.
    """

    vocabulary: tuple[str, ...]
    words: tuple[str, ...]
    one_hot: tuple[tuple[int, ...], ...]
    inputs: tuple[int, ...]
    prediction: Number


@checked
def word_inputs(
    words: Words = ("very", "very", "good"), weights: Row = (-2, 3, 1)
) -> WordInputs:
    r"""Give each word of a vocabulary an input of its own.

    .. math:: x_j = \text{how often word } j \text{ is said}, \qquad
              \hat y = \sum_j x_j w_j

    Parameters
    ----------
    words
        What is said, word by word.
    weights
        One for each word of the vocabulary.

    Raises
    ------
    ValueError
        If there is not one weight for each word of the vocabulary.

    Examples
    --------
    >>> word_inputs()  # doctest: +NORMALIZE_WHITESPACE
    WordInputs(vocabulary=('bad', 'good', 'very'), words=('very', 'very', 'good'),
               one_hot=((0, 0, 1), (0, 0, 1), (0, 1, 0)), inputs=(0, 1, 2),
               prediction=5)
    """
    look_at_shape("weights", weights, (len(VOCABULARY),), "one for each word there is")
    one_hot = np.array([[int(one == word) for one in VOCABULARY] for word in words])
    inputs = one_hot.sum(axis=0)
    _, prediction = network.forward([network.Dense(weights)], inputs)
    return WordInputs(
        vocabulary=VOCABULARY,
        words=tuple(words),
        one_hot=plain(one_hot),
        inputs=plain(inputs),
        prediction=plain(prediction),
    )


@trace
class TwoLayers(NamedTuple):
    """A prediction through a hidden layer, and its error.

    The `inputs`, `hidden_weights`, `output_weights` and `target` given; the
    `hidden_products` that the nodes of `hidden` add up, the `output_products` that the
    `prediction` adds up, and its `error`.
    """

    inputs: tuple[Number, ...]
    hidden_weights: tuple[tuple[Number, ...], ...]
    hidden: tuple[Number, ...]
    output_weights: tuple[Number, ...]
    prediction: Number
    target: Number
    error: Number
    hidden_products: tuple[tuple[Number, ...], ...]
    output_products: tuple[Number, ...]


@checked
def two_layers(
    inputs: Row = (2, 3),
    hidden_weights: Rows = ((1, 1), (-1, 1)),
    output_weights: Row = (2, -1),
    target: Finite = 13,
) -> TwoLayers:
    r"""Feed a hidden layer, then feed the output from it.

    .. math:: h_k = \sum_j x_j w_{jk}, \qquad \hat y = \sum_k h_k v_k

    Parameters
    ----------
    inputs
        What goes in.
    hidden_weights
        One row for each hidden node, as the diagram is read.
    output_weights
        One for each hidden node.
    target
        What should come out.

    Raises
    ------
    ValueError
        If the inputs or the output weights do not fit the hidden weights.

    Examples
    --------
    >>> two_layers()  # doctest: +NORMALIZE_WHITESPACE
    TwoLayers(inputs=(2, 3), hidden_weights=((1, 1), (-1, 1)), hidden=(5, 1),
              output_weights=(2, -1), prediction=9, target=13, error=-4,
              hidden_products=((2, 3), (-2, 3)), output_products=(10, -1))
    >>> two_layers(output_weights=(3, -2)).error
    0
    """
    n_hidden, n_inputs = hidden_weights.shape
    if inputs.shape != (n_inputs,):
        msg = (
            f"`hidden_weights` has shape {hidden_weights.shape} but `inputs` has shape "
            f"{inputs.shape}; `hidden_weights` must have one column for each input"
        )
        raise ValueError(msg)
    look_at_shape(
        "output_weights", output_weights, (n_hidden,), "one weight for each hidden node"
    )
    layers = [network.Dense(hidden_weights.T), network.Dense(output_weights)]
    _, hidden, prediction = network.forward(layers, inputs)
    return TwoLayers(
        inputs=plain(inputs),
        hidden_weights=plain(hidden_weights),
        hidden=plain(hidden),
        output_weights=plain(output_weights),
        prediction=plain(prediction),
        target=target,
        error=plain(prediction - target),
        hidden_products=plain(hidden_weights * inputs),
        output_products=plain(output_weights * hidden),
    )


@trace
class OneWeight(NamedTuple):
    """What the two layers predict while a single weight moves.

    All `predictions` and their `errors` for the `weights` and the `target` given; the
    weight is `fed_by` the first hidden node, and `meets_target` is the right weight.
    """

    weights: tuple[Number, ...]
    predictions: tuple[Number, ...]
    errors: tuple[Number, ...]
    fed_by: Number
    target: Number
    meets_target: Number


@checked
def one_weight(
    weights: Row = (0, 1, 2, 3, 4), output_weights: Row = (2, -1), target: Finite = 13
) -> OneWeight:
    r"""Move the first output weight of the two layers and leave every other alone.

    The prediction moves in proportion, by what feeds the weight:

    .. math:: \hat y(v_1 + \delta) = \hat y(v_1) + h_1\,\delta

    Parameters
    ----------
    weights
        What to put in the place of the first output weight.
    output_weights
        The two output weights before; the first is replaced.
    target
        What should come out.

    Raises
    ------
    ValueError
        If there are not two output weights.

    Examples
    --------
    >>> one_weight(weights=(2, 3))  # doctest: +NORMALIZE_WHITESPACE
    OneWeight(weights=(2, 3), predictions=(9, 14), errors=(-4, 1), fed_by=5, target=13,
              meets_target=2.8)
    """
    weights = plain(weights)
    before = two_layers(output_weights=output_weights, target=target)
    _, *others = before.output_weights
    runs = [
        two_layers(output_weights=(weight, *others), target=target)
        for weight in weights
    ]
    fed_by = before.hidden[0]
    return OneWeight(
        weights=weights,
        predictions=tuple(run.prediction for run in runs),
        errors=tuple(run.error for run in runs),
        fed_by=fed_by,
        target=target,
        meets_target=before.output_weights[0] - before.error / fed_by,
    )
