"""Compute what the sources' misprints say, beside what holds."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from gdbook import _checks
from gdbook._checks import Number
from gdbook.traces import plain, trace

__all__ = ["Softmax", "Tanh", "softmax", "tanh"]


@trace
class Softmax(NamedTuple):
    """Softmax, and what its formula says with the index outside the exponent."""

    right: tuple[float, ...]
    printed: tuple[float, ...]


def softmax(values: Sequence[Number] = (2, 1, 0)) -> Softmax:
    r"""Share out 1 among values, and misread the formula for it.

    .. math:: \sigma(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}
              \quad\text{printed as}\quad \frac{e^x_i}{\sum e^x_j}

    With the index outside the exponent every power is the same :math:`e^x`, so
    every share is :math:`1/n`.

    Parameters
    ----------
    values : sequence of number
        The values to share 1 among.

    Returns
    -------
    Softmax
        The right shares, and those of the printed formula.

    Raises
    ------
    TypeError, ValueError
        If a value is no finite number.

    Examples
    --------
    >>> softmax()  # doctest: +NORMALIZE_WHITESPACE
    Softmax(right=(0.665240955775, 0.244728471055, 0.0900305731704),
            printed=(0.333333333333, 0.333333333333, 0.333333333333))
    """
    values = plain(_checks.numbers("values", values, ndims=(1,)))
    largest = max(values)
    powers = [math.exp(value - largest) for value in values]
    return Softmax(
        right=tuple(power / sum(powers) for power in powers),
        printed=tuple(1 / len(powers) for _ in powers),
    )


@trace
class Tanh(NamedTuple):
    """The hyperbolic tangent, and what its formula says without brackets."""

    right: float
    printed: float


def tanh(value: Number = 1) -> Tanh:
    r"""Compute the hyperbolic tangent with and without its brackets.

    .. math:: \tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}
              \quad\text{is not}\quad e^z - e^{-z} / e^z + e^{-z}

    Parameters
    ----------
    value : number
        Where to compute it, :math:`z`.

    Returns
    -------
    Tanh
        The right value, and that of the formula without brackets.

    Raises
    ------
    TypeError, ValueError
        If `value` is no finite number.

    Examples
    --------
    >>> tanh()
    Tanh(right=0.761594155956, printed=2.95082598639)
    """
    value = _checks.number("value", value)
    up, down = math.exp(value), math.exp(-value)
    return Tanh(right=(up - down) / (up + down), printed=up - down / up + down)
