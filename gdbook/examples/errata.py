"""Compute what the sources' misprints say, beside what holds."""

import math
from typing import Annotated, NamedTuple

import numpy as np

from gdbook._arguments import Count2, Finite, Row, checked, instance
from gdbook.activations import RELU, SIGMOID
from gdbook.callbacks import EarlyStopping, Epoch, Run
from gdbook.losses import mean_squared_error
from gdbook.network import Dense, forward
from gdbook.traces import plain, trace


@trace
class Softmax(NamedTuple):
    """Softmax, and what its formula says with the index outside the exponent.

    The `right` shares, and those of the formula as `printed`.
    """

    right: tuple[float, ...]
    printed: tuple[float, ...]


@checked
def softmax(values: Row = (2, 1, 0)) -> Softmax:
    r"""Share out 1 among values, and misread the formula for it.

    .. math:: \sigma(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}
              \quad\text{printed as}\quad \frac{e^x_i}{\sum e^x_j}

    With the index outside the exponent every power is the same :math:`e^x`, so
    every share is :math:`1/n`.

    Parameters
    ----------
    values
        The values to share 1 among.

    Examples
    --------
    >>> softmax()  # doctest: +NORMALIZE_WHITESPACE
    Softmax(right=(0.665240955775, 0.244728471055, 0.0900305731704),
            printed=(0.333333333333, 0.333333333333, 0.333333333333))
    """
    values = plain(values)
    largest = max(values)
    powers = [math.exp(value - largest) for value in values]
    return Softmax(
        right=tuple(power / sum(powers) for power in powers),
        printed=tuple(1 / len(powers) for _ in powers),
    )


@trace
class Tanh(NamedTuple):
    """The hyperbolic tangent, and what its formula says without brackets.

    The `right` value, and that of the formula as `printed`.
    """

    right: float
    printed: float


@checked
def tanh(value: Finite = 1) -> Tanh:
    r"""Compute the hyperbolic tangent with and without its brackets.

    .. math:: \tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}
              \quad\text{is not}\quad e^z - e^{-z} / e^z + e^{-z}

    Parameters
    ----------
    value
        Where to compute it, :math:`z`.

    Examples
    --------
    >>> tanh()
    Tanh(right=0.761594155956, printed=2.95082598639)
    """
    up, down = math.exp(value), math.exp(-value)
    return Tanh(right=(up - down) / (up + down), printed=up - down / up + down)


@trace
class AfterOutput(NamedTuple):
    """What a network predicts before and after a layer is added behind its output.

    The `shape` of its predictions for two samples, the `longer_shape` of those of the
    longer network, and the `message` that says why the latter have no errors.
    """

    shape: tuple[int, ...]
    longer_shape: tuple[int, ...]
    message: str


@checked
def after_output(added: Count2 = 20) -> AfterOutput:
    r"""Add a layer behind the output layer of a network, as text 003 does.

    .. math:: (n, 1) \;\to\; (n, k)

    Parameters
    ----------
    added
        How many nodes the added layer has, :math:`k`.

    Examples
    --------
    >>> after_output().shape, after_output().longer_shape
    ((2, 1), (2, 20))
    """
    inputs, targets = [[0.0, 0.0], [1.0, 1.0]], [[1], [0]]
    layers = [Dense([[1.0], [-1.0]], [0.0], SIGMOID)]
    shape = forward(layers, inputs)[-1].shape
    layers.append(Dense(np.ones((1, added)), np.zeros(added), RELU))
    longer = forward(layers, inputs)[-1]
    try:
        mean_squared_error(longer, targets)
    except ValueError as error:
        message = str(error)
    return AfterOutput(shape=shape, longer_shape=longer.shape, message=message)


@trace
class Unwatched(NamedTuple):
    """What early stopping says when there is no validation.

    The value to `monitor`, and the `message`, which is empty if the value is there.
    """

    monitor: str
    message: str


@checked
def unwatched(monitor: Annotated[str, instance(str)] = "validation_loss") -> Unwatched:
    r"""Watch the validation loss of a run without validation, as text 003 does.

    .. math:: L^{\text{validation}}\ \text{of no samples is no number}

    Parameters
    ----------
    monitor
        The name of what to watch.

    Examples
    --------
    >>> print(unwatched().message.partition(";")[0])
    `monitor` is 'validation_loss' but must be one of: loss
    """
    early = EarlyStopping(patience=5, monitor=monitor)
    run = Run((Dense([[1.0]]),), (Epoch(0.5),), 0, 0.1, (), (), {})
    try:
        early.init(run)
    except ValueError as error:
        return Unwatched(monitor, str(error))
    return Unwatched(monitor, "")
