r"""Where does a network begin? Weights drawn so that numbers keep their size.

A sum over :math:`n` independent inputs has :math:`n` times the variance of one of its
terms, so the spread of the weights has to shrink as layers grow.
"""

import math
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, shown

__all__ = ["glorot", "he", "normal"]

# Takes a generator, the number of inputs and that of outputs, returns weights.
Initialisation: TypeAlias = Callable[[np.random.Generator, int, int], Any]


def normal(
    generator: np.random.Generator,
    n_inputs: int,
    n_outputs: int,
    *,
    deviation: Number = 0.05,
) -> Any:
    r"""Draw weights around zero with a given standard deviation.

    .. math:: W_{ij} \sim \mathcal N(0, s^2)

    Parameters
    ----------
    generator : Generator
        What draws them.
    n_inputs : int
        How many numbers enter the layer, 1 or more.
    n_outputs : int
        How many nodes it has, 1 or more.
    deviation : number, default 0.05
        The standard deviation, :math:`s`, greater than 0.

    Returns
    -------
    array, shape (n_inputs, n_outputs)
        The weights.

    Examples
    --------
    >>> weights = normal(np.random.default_rng(seed=1), 300, 200, deviation=0.5)
    >>> weights.shape, round(weights.std(), 2)
    ((300, 200), np.float64(0.5))
    """
    generator = _checks.generator("generator", generator)
    shape = _shape(n_inputs, n_outputs)
    deviation = _checks.positive("deviation", deviation)
    weights = generator.normal(0, float(deviation), shape)
    if not np.isfinite(weights).all():
        msg = (
            f"`deviation` is {shown(deviation)} but must be so small that every weight "
            "is finite; 4 deviations are no rare draw"
        )
        raise _checks.NotFiniteError(msg)
    return weights


def glorot(generator: np.random.Generator, n_inputs: int, n_outputs: int) -> Any:
    r"""Draw weights that keep numbers and slopes near their size through tanh.

    .. math:: W_{ij} \sim \mathcal U(-r, r), \qquad
              r = \sqrt{\frac{6}{n_{\text{in}} + n_{\text{out}}}}

    The variance is :math:`2 / (n_{\text{in}} + n_{\text{out}})`, which stands between
    :math:`1 / n_{\text{in}}`, where what goes forward keeps its size, and
    :math:`1 / n_{\text{out}}`, where what comes back does.

    Parameters
    ----------
    generator : Generator
        What draws them.
    n_inputs : int
        How many numbers enter the layer, 1 or more.
    n_outputs : int
        How many nodes it has, 1 or more.

    Returns
    -------
    array, shape (n_inputs, n_outputs)
        The weights.

    References
    ----------
    .. [1] X. Glorot and Y. Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS (2010).

    Examples
    --------
    >>> weights = glorot(np.random.default_rng(seed=1), 300, 300)
    >>> weights.shape, float(round(weights.max(), 3))
    ((300, 300), 0.1)
    """
    generator = _checks.generator("generator", generator)
    shape = _shape(n_inputs, n_outputs)
    reach = (6 / sum(shape)) ** 0.5
    return generator.uniform(-reach, reach, shape)


def he(generator: np.random.Generator, n_inputs: int, n_outputs: int) -> Any:
    r"""Draw weights that keep numbers near their size through ReLU.

    .. math:: W_{ij} \sim \mathcal N(0, s^2), \qquad s = \sqrt{2 / n_{\text{in}}}

    ReLU stops half of what lies evenly around zero; the 2 makes up for that.

    Parameters
    ----------
    generator : Generator
        What draws them.
    n_inputs : int
        How many numbers enter the layer, 1 or more.
    n_outputs : int
        How many nodes it has, 1 or more.

    Returns
    -------
    array, shape (n_inputs, n_outputs)
        The weights.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers:
       surpassing human-level performance on ImageNet classification", ICCV (2015).

    Examples
    --------
    >>> weights = he(np.random.default_rng(seed=1), 200, 300)
    >>> weights.shape, float(round(weights.std(), 2))
    ((200, 300), 0.1)
    """
    n_inputs, n_outputs = _shape(n_inputs, n_outputs)
    return normal(generator, n_inputs, n_outputs, deviation=(2 / n_inputs) ** 0.5)


def _shape(n_inputs: Any, n_outputs: Any) -> tuple[int, int]:
    shape = (
        _checks.count("n_inputs", n_inputs, least=1),
        _checks.count("n_outputs", n_outputs, least=1),
    )
    if math.prod(shape) > sys.maxsize // 8:  # bytes that a computer can count
        msg = (
            f"`n_inputs` is {shown(n_inputs)} but must leave a layer of "
            f"{shown(n_outputs)} nodes that fits a memory; a weight takes 8 bytes"
        )
        raise ValueError(msg)
    return shape
