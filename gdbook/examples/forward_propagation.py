"""Carry inputs forward to a prediction: one layer, two layers, one neuron."""

from typing import NamedTuple

from gdbook import _checks, network
from gdbook._checks import Number, Numbers
from gdbook.traces import plain, trace

__all__ = [
    "Neuron",
    "SingleLayer",
    "TwoLayers",
    "neuron",
    "single_layer",
    "two_layers",
]


@trace
class SingleLayer(NamedTuple):
    """A prediction from two inputs, and its error."""

    inputs: tuple[Number, ...]
    weights: tuple[Number, ...]
    products: tuple[Number, ...]
    prediction: Number
    target: Number
    error: Number


def single_layer(
    inputs: Numbers = (2, 3), weights: Numbers = (0.5, 0.7), target: Number = 3.5
) -> SingleLayer:
    r"""Multiply each input by its weight and add up.

    .. math:: \hat y = \sum_j x_j w_j

    Parameters
    ----------
    inputs : array, shape (n_inputs,)
        What goes in.
    weights : array, shape (n_inputs,)
        One for each input.
    target : number
        What should come out.

    Returns
    -------
    SingleLayer
        What was given, the products, the prediction, and prediction minus target.

    Raises
    ------
    TypeError, ValueError
        As `gdbook.network.forward` does.

    Examples
    --------
    >>> single_layer()  # doctest: +NORMALIZE_WHITESPACE
    SingleLayer(inputs=(2, 3), weights=(0.5, 0.7), products=(1, 2.1),
                prediction=3.1, target=3.5, error=-0.4)
    """
    inputs, weights = _checks.paired("inputs", inputs, "weights", weights)
    target = _checks.number("target", target)
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
class TwoLayers(NamedTuple):
    """A prediction through a hidden layer, and its error."""

    inputs: tuple[Number, ...]
    hidden_weights: tuple[tuple[Number, ...], ...]
    hidden: tuple[Number, ...]
    output_weights: tuple[Number, ...]
    prediction: Number
    target: Number
    error: Number


def two_layers(
    inputs: Numbers = (2, 3),
    hidden_weights: Numbers = ((1, 1), (-1, 1)),
    output_weights: Numbers = (2, -1),
    target: Number = 13,
) -> TwoLayers:
    r"""Feed a hidden layer, then feed the output from it.

    .. math:: h_k = \sum_j x_j w_{jk}, \qquad \hat y = \sum_k h_k v_k

    Parameters
    ----------
    inputs : array, shape (n_inputs,)
        What goes in.
    hidden_weights : array, shape (n_hidden, n_inputs)
        One row for each hidden node, as the diagram is read.
    output_weights : array, shape (n_hidden,)
        One for each hidden node.
    target : number
        What should come out.

    Returns
    -------
    TwoLayers
        What was given, the hidden nodes, the prediction, and prediction minus target.

    Raises
    ------
    TypeError, ValueError
        As `gdbook.network.forward` does.

    Examples
    --------
    >>> two_layers()  # doctest: +NORMALIZE_WHITESPACE
    TwoLayers(inputs=(2, 3), hidden_weights=((1, 1), (-1, 1)), hidden=(5, 1),
              output_weights=(2, -1), prediction=9, target=13, error=-4)
    >>> two_layers(output_weights=(3, -2)).error
    0
    """
    hidden_weights = _checks.numbers("hidden_weights", hidden_weights, ndims=(2,))
    target = _checks.number("target", target)
    layers = [network.Dense(hidden_weights.T), network.Dense(output_weights)]
    inputs, hidden, prediction = network.forward(layers, inputs)
    return TwoLayers(
        inputs=plain(inputs),
        hidden_weights=plain(hidden_weights),
        hidden=plain(hidden),
        output_weights=plain(_checks.numbers("output_weights", output_weights)),
        prediction=plain(prediction),
        target=target,
        error=plain(prediction - target),
    )


@trace
class Neuron(NamedTuple):
    """What one neuron does: multiply, add up, add the bias."""

    inputs: tuple[Number, ...]
    weights: tuple[Number, ...]
    products: tuple[Number, ...]
    total: Number
    bias: Number
    prediction: Number


def neuron(
    inputs: Numbers = (2, 3, 5),
    weights: Numbers = (0.5, -1, 0.2),
    bias: Number = 4,
) -> Neuron:
    r"""Add a bias to what the inputs give.

    .. math:: \hat y = x_1 w_1 + x_2 w_2 + x_3 w_3 + b

    Parameters
    ----------
    inputs : array, shape (n_inputs,)
        What goes in.
    weights : array, shape (n_inputs,)
        One for each input.
    bias : number
        What the neuron says when every input is 0.

    Returns
    -------
    Neuron
        What was given, the products, their total, and the prediction.

    Raises
    ------
    TypeError, ValueError
        As `gdbook.network.forward` does.

    Examples
    --------
    >>> neuron()  # doctest: +NORMALIZE_WHITESPACE
    Neuron(inputs=(2, 3, 5), weights=(0.5, -1, 0.2), products=(1, -3, 1), total=-1,
           bias=4, prediction=3)
    """
    inputs, weights = _checks.paired("inputs", inputs, "weights", weights)
    bias = _checks.number("bias", bias)
    _, prediction = network.forward([network.Dense(weights, bias)], inputs)
    return Neuron(
        inputs=plain(inputs),
        weights=plain(weights),
        products=plain(inputs * weights),
        total=plain(inputs @ weights),
        bias=bias,
        prediction=plain(prediction),
    )
