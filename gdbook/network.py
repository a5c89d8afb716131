r"""What does a network say? Dense layers, forward.

Each node of a layer takes every number of the layer before, multiplies each by a
weight, adds them up with a bias, and applies an activation:

.. math:: a_{l} = \sigma(a_{l-1} W_l + b_l)

For now there is one activation, the identity, which changes nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gdbook import _checks
from gdbook._checks import Numbers

__all__ = ["IDENTITY", "Activation", "Dense", "forward", "identity", "identity_slope"]


def identity(values: Numbers) -> Any:
    r"""Return every value as it is.

    .. math:: \sigma(z) = z

    Parameters
    ----------
    values : number or array, any shape
        What reaches the nodes.

    Returns
    -------
    number or array, same shape
        What leaves them.

    Raises
    ------
    TypeError
        If `values` holds something that is not a number.
    ValueError
        If `values` is empty, NaN or infinite.

    Examples
    --------
    >>> identity(-4)
    -4
    """
    return _checks.numbers("values", values)


def identity_slope(values: Numbers) -> Any:
    r"""Give the slope of the identity, which is 1 everywhere.

    .. math:: \sigma'(z) = 1

    Parameters
    ----------
    values : number or array, any shape
        What reaches the nodes.

    Returns
    -------
    number or array, same shape
        The slope at each of them.

    Raises
    ------
    TypeError
        If `values` holds something that is not a number.
    ValueError
        If `values` is empty, NaN or infinite.

    Examples
    --------
    >>> identity_slope(-4)
    1
    """
    values = _checks.numbers("values", values)
    return 0 * values + 1


class Activation(NamedTuple):
    """A function of what reaches a node, beside its slope.

    Parameters
    ----------
    function : callable
        Takes an array, returns an array of the same shape.
    slope : callable
        Takes the same array, returns the slope of `function` at each value.
    """

    function: Callable[[Any], Any]
    slope: Callable[[Any], Any]


IDENTITY = Activation(identity, identity_slope)


class Dense(NamedTuple):
    """A layer in which every input feeds every node.

    Parameters
    ----------
    weights : array, shape (n_inputs,) or (n_inputs, n_outputs)
        One column for each node; a single node may leave out its column.
    bias : number or array, shape () or (n_outputs,), default 0
        What each node adds; one number is given to every node.
    activation : Activation, default IDENTITY
        What each node does to its sum.
    """

    weights: Numbers
    bias: Numbers = 0
    activation: Activation = IDENTITY


def forward(layers: Sequence[Dense], inputs: Numbers) -> tuple[Any, ...]:
    r"""Carry inputs through the layers of a network.

    .. math:: a_0 = X, \qquad a_l = \sigma_l(a_{l-1} W_l + b_l)

    Parameters
    ----------
    layers : sequence of Dense
        The layers, first to last.
    inputs : array, shape (n_inputs,) or (n_samples, n_inputs)
        One sample, or one row for each.

    Returns
    -------
    tuple of array
        The inputs and what each layer makes of them; the prediction is the last.

    Raises
    ------
    TypeError
        If `layers` holds something that is not a `Dense` layer, or an argument
        something that is not a number.
    ValueError
        If there is no layer, the shapes do not fit, or an argument is empty, NaN
        or infinite.

    References
    ----------
    .. [1] D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning
       representations by back-propagating errors", Nature 323 (1986).

    Examples
    --------
    >>> layers = [Dense([[1.0, -1.0], [1.0, 1.0]]), Dense([2.0, -1.0])]
    >>> hidden, prediction = forward(layers, [2.0, 3.0])[1:]
    >>> hidden, float(prediction)
    (array([5., 1.]), 9.0)
    """
    activations = [_checks.numbers("inputs", inputs, ndims=(1, 2))]
    for layer, weights, bias in _checked(layers, n_inputs=activations[0].shape[-1]):
        sums = activations[-1] @ weights + bias  # (n_samples, n_outputs)
        activations.append(layer.activation.function(sums))  # (n_samples, n_outputs)
    return tuple(activations)


def _checked(layers: Sequence[Dense], n_inputs: int) -> list[tuple[Dense, Any, Any]]:
    """Return each layer with its weights and bias, all of whose shapes fit."""
    if isinstance(layers, Dense) or not isinstance(layers, Sequence):
        msg = f"`layers` is {layers!r} but must be a sequence of Dense"
        raise TypeError(msg)
    if not layers:
        msg = "`layers` is empty but must hold at least one layer"
        raise ValueError(msg)
    checked = []
    for index, layer in enumerate(layers):
        name = f"layers[{index}]"
        _check_types(name, layer)
        weights = _checks.numbers(f"{name}.weights", layer.weights, ndims=(1, 2))
        bias = _checks.numbers(f"{name}.bias", layer.bias, ndims=(0, 1))
        n_rows, *n_outputs = weights.shape
        if n_rows != n_inputs:
            msg = (
                f"`{name}.weights` has shape {weights.shape} "
                f"but must have {n_inputs} rows"
            )
            raise ValueError(msg)
        if np.shape(bias) not in {(), tuple(n_outputs)}:
            msg = (
                f"`{name}.bias` has shape {np.shape(bias)} "
                f"but must have shape {tuple(n_outputs)}"
            )
            raise ValueError(msg)
        if not n_outputs and index < len(layers) - 1:
            msg = f"`{name}.weights` has shape {weights.shape} but needs a column"
            raise ValueError(msg)
        checked.append((layer, weights, bias))
        n_inputs = n_outputs[0] if n_outputs else 1
    return checked


def _check_types(name: str, layer: Any) -> None:
    if not isinstance(layer, Dense):
        msg = f"`{name}` is {layer!r} but must be a Dense layer"
        raise TypeError(msg)
    if not isinstance(layer.activation, Activation):
        msg = f"`{name}.activation` is {layer.activation!r} but must be an Activation"
        raise TypeError(msg)
