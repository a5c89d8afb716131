r"""All that a network learns as one vector, for a rule to step on, and back again.

.. math:: w = (W_1, b_1, W_2, b_2, \dots)

`flatten` and `unflatten` see what is learned; `snapshot` and `restore` see the running
statistics of batch normalisation as well.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gdbook import _checks
from gdbook._checks import Numbers, shown
from gdbook.network import BatchNorm, Layer, _checked, _joined, _own

__all__ = ["flatten", "restore", "snapshot", "unflatten"]


def flatten(layers: Sequence[Layer]) -> Any:
    r"""Join all that is learned into one vector: weights, biases, scales and shifts.

    .. math:: w = (W_1, b_1, W_2, b_2, \dots)

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation
        The layers, first to last.

    Returns
    -------
    array, shape (n_params,)
        Layer by layer, each row after row.

    Raises
    ------
    ValueError
        If nothing is learned.

    Examples
    --------
    >>> from gdbook.network import Dense
    >>> flatten([Dense([[1.0, -1.0], [1.0, 1.0]], [0.0, 0.5])])
    array([ 1. , -1. ,  1. ,  1. ,  0. ,  0.5])
    """
    return _flat(_checked(layers))


def _flat(layers: Sequence[Layer]) -> Any:
    return _joined(layer._params for layer in layers)


def unflatten(layers: Sequence[Layer], vector: Numbers) -> tuple[Layer, ...]:
    """Put a vector of all that is learned into the layers of a network.

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation
        The layers, first to last; they stay as they are.
    vector : array, shape (n_params,)
        What `flatten` returns, or as much of something else.

    Returns
    -------
    tuple
        Layers of the same shapes.

    Examples
    --------
    >>> from gdbook.network import Dense
    >>> unflatten([Dense([[1.0], [2.0]], [0.0])], [3.0, 4.0, 5.0])[0].weights
    array([[3.],
           [4.]])
    """
    layers = _checked(layers)
    vector = _checks.numbers("vector", vector, ndims=(1,), exact=_exact(layers))
    return _filled(_own(layers), _own(vector))


def _exact(layers: Sequence[Layer]) -> bool:
    """Say whether there are fractions among what is learned."""
    params = [param for layer in layers for param in layer._params]
    return any(np.asarray(param).dtype == object for param in params)


def _filled(layers: Sequence[Layer], vector: Any) -> tuple[Layer, ...]:
    """Cut a vector into the parameters of checked layers."""
    sizes = [[np.size(param) for param in layer._params] for layer in layers]
    n_params = sum(map(sum, sizes))
    if vector.shape != (n_params,):
        msg = f"`vector` has shape {vector.shape} but must have shape ({n_params},)"
        raise ValueError(msg)
    first, filled = 0, []
    for layer, own in zip(layers, sizes, strict=True):
        params = []
        for param, size in zip(layer._params, own, strict=True):
            chosen = vector[first : first + size].reshape(np.shape(param))
            if not np.shape(param):  # a number of Python's, which has no width
                chosen = float(chosen) if vector.dtype.kind == "f" else chosen.item()
            params.append(chosen)
            first += size
        filled.append(layer._with_params(*params))
    return tuple(filled)


def snapshot(layers: Sequence[Layer]) -> tuple[Any, ...]:
    """Give every number of a network: what is learned, and what batches left.

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation
        The layers, first to last.

    Returns
    -------
    tuple of array
        The vector of `flatten`, then the running means and variances.

    Raises
    ------
    ValueError
        If nothing is learned.

    Examples
    --------
    >>> from gdbook.network import Dense, batch_norm
    >>> snapshot([Dense([[1.5]], [0.5]), batch_norm(1)])
    (array([1.5, 0.5, 1. , 0. ]), array([0.]), array([1.]))
    """
    layers = _checked(layers)
    running = [
        number
        for layer in layers
        if isinstance(layer, BatchNorm)
        for number in (layer.running_mean, layer.running_variance)
    ]
    numbers: tuple[Any, ...] = _own((_flat(layers), *running))
    return numbers


def restore(layers: Sequence[Layer], numbers: Sequence[Any]) -> tuple[Layer, ...]:
    """Put a snapshot back into a network of the same shapes.

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation
        The layers, first to last; they stay as they are.
    numbers : sequence of array
        What `snapshot` returned.

    Returns
    -------
    tuple
        Layers of the same shapes, with these numbers.

    Examples
    --------
    >>> from gdbook.network import Dense
    >>> layers = [Dense([[1.5]], [0.5])]
    >>> restore(layers, [[2.5, 3.5]])[0]._replace(activation=None)
    Dense(weights=array([[2.5]]), bias=array([3.5]), activation=None)
    """
    layers = _checked(layers)
    own = snapshot(layers)
    if isinstance(numbers, str) or not isinstance(numbers, Sequence):
        msg = f"`numbers` is {shown(numbers)} but must be what `snapshot` returns"
        raise TypeError(msg)
    given = [
        _checks.numbers(f"numbers[{index}]", part, ndims=(1,), exact=_exact(layers))
        for index, part in enumerate(numbers)
    ]
    shapes = [part.shape for part in given]
    expected = [part.shape for part in own]
    if shapes != expected:
        msg = f"`numbers` has shapes {shapes} but must have shapes {expected}"
        raise ValueError(msg)
    vector, *running = given
    left = iter(_own(running))
    return _checked(
        [
            layer._replace(running_mean=next(left), running_variance=next(left))
            if isinstance(layer, BatchNorm)
            else layer
            for layer in unflatten(layers, vector)
        ]
    )
