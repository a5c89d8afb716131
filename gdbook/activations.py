r"""What does a node do with its sum? Each activation stands beside its slope.

Two lines stacked are a line, so a network that bends needs a bend between its layers:

.. math:: a = \sigma(z)

:math:`z` is the sum that reaches a node and :math:`a` what leaves it. The slope says
how :math:`a` moves when :math:`z` does; the chain rule multiplies by it.

A function and its slope take the same arguments; unless it says otherwise, a slope
returns one number for each value, in the shape of the values.

`relu`, `leaky_relu` and `identity` stay exact on `fractions.Fraction`. The others hold
:math:`e`, which is irrational, so fractions are computed as floats there. None of them
overflows, however far a sum is from zero.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Self

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, Numbers
from gdbook._ranges import scalar

__all__ = [
    "GELU",
    "IDENTITY",
    "RELU",
    "SIGMOID",
    "SILU",
    "SOFTMAX",
    "TANH",
    "Activation",
    "gelu",
    "gelu_slope",
    "identity",
    "identity_slope",
    "leaky",
    "leaky_relu",
    "leaky_relu_slope",
    "relu",
    "relu_slope",
    "sigmoid",
    "sigmoid_slope",
    "silu",
    "silu_slope",
    "softmax",
    "softmax_slope",
    "tanh",
    "tanh_slope",
]


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

    Examples
    --------
    >>> identity(-4)
    -4
    """
    return 1 * _checks.numbers("values", values)


def identity_slope(values: Numbers) -> Any:
    r"""Give the slope of `identity`, which is 1 everywhere.

    .. math:: \sigma'(z) = 1

    Examples
    --------
    >>> identity_slope(-4)
    1
    """
    values = _checks.numbers("values", values)
    return 0 * values + 1


def sigmoid(values: Numbers) -> Any:
    r"""Squeeze every value between 0 and 1.

    .. math:: \sigma(z) = \frac{1}{1 + e^{-z}}

    Parameters
    ----------
    values : number or array, any shape
        What reaches the nodes.

    Returns
    -------
    float or array of float, same shape
        What leaves them: read as the probability of a yes.

    References
    ----------
    .. [1] P.-F. Verhulst, "Notice sur la loi que la population suit dans son
       accroissement", Correspondance mathématique et physique 10 (1838).

    Examples
    --------
    >>> sigmoid([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    return scalar(_share(*_shrunk(values)))


def sigmoid_slope(values: Numbers) -> Any:
    r"""Give the slope of `sigmoid`: 1/4 at 0, and less everywhere else.

    .. math:: \sigma'(z) = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)
              = \sigma(z)\,\sigma(-z)

    Examples
    --------
    >>> sigmoid_slope(0)
    0.25
    """
    _, shrunk = _shrunk(values)
    return scalar(_share_slope(shrunk))


def tanh(values: Numbers) -> Any:
    r"""Squeeze every value between −1 and 1.

    .. math:: \tanh z = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}} = 2\,\sigma(2z) - 1

    Parameters
    ----------
    values : number or array, any shape
        What reaches the nodes.

    Returns
    -------
    float or array of float, same shape
        What leaves them.

    Examples
    --------
    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        return scalar(np.tanh(_checks.floats("values", values)))


def tanh_slope(values: Numbers) -> Any:
    r"""Give the slope of `tanh`: 1 at 0, and less everywhere else.

    .. math:: \tanh' z = 1 - \tanh^2 z
              = \left(\frac{2}{e^{z} + e^{-z}}\right)^2

    Examples
    --------
    >>> tanh_slope(0)
    1.0
    """
    # The difference from 1 loses every digit where tanh is nearly 1; the quotient none.
    _, shrunk = _shrunk(values)
    with np.errstate(all="ignore"):
        return scalar((2 * shrunk / (1 + shrunk**2)) ** 2)


def relu(values: Numbers) -> Any:
    r"""Let positive values through and stop the others.

    .. math:: \operatorname{relu} z = \max(z, 0)

    Parameters
    ----------
    values : number or array, any shape
        What reaches the nodes.

    Returns
    -------
    number or array, same shape
        What leaves them.

    References
    ----------
    .. [1] X. Glorot, A. Bordes and Y. Bengio, "Deep sparse rectifier neural networks",
       AISTATS (2011).

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    return _positive_part(_checks.numbers("values", values))


def relu_slope(values: Numbers) -> Any:
    r"""Give the slope of `relu`: 1 for what it lets through, 0 for what it stops.

    .. math:: \operatorname{relu}' z =
              \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}

    At 0 there is a corner and no slope; 0 is taken there, as Keras, PyTorch and JAX do.

    Examples
    --------
    >>> relu_slope([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
    """
    values = _checks.numbers("values", values)
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return (values > 0).astype(values.dtype)
    return 0 * values + (values > 0)


def leaky_relu(values: Numbers, *, negative_slope: Number = 0.01) -> Any:
    r"""Let positive values through, and a share of the others.

    .. math:: \operatorname{leaky} z = \max(z, 0) + c\,\min(z, 0)

    PyTorch and JAX leak :math:`c = 0.01` unless told; Keras leaks 0.3 as a layer,
    ``LeakyReLU``, and 0.2 as a function, ``leaky_relu``.

    Parameters
    ----------
    values : number or array, any shape
        What reaches the nodes.
    negative_slope : number, default 0.01
        The share that leaks, :math:`c`; 0 or more and less than 1.

    Returns
    -------
    number or array, same shape
        What leaves them.

    References
    ----------
    .. [1] A. L. Maas, A. Y. Hannun and A. Y. Ng, "Rectifier nonlinearities improve
       neural network acoustic models", ICML (2013).

    Examples
    --------
    >>> leaky_relu([-2.0, 0.0, 3.0], negative_slope=0.25)
    array([-0.5,  0. ,  3. ])
    """
    values, negative_slope = _checks.together(
        values=values, negative_slope=_checks.share("negative_slope", negative_slope)
    )
    positive = _positive_part(values)
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        return positive + negative_slope * (values - positive)


def leaky_relu_slope(values: Numbers, *, negative_slope: Number = 0.01) -> Any:
    r"""Give the slope of `leaky_relu`: 1 above zero, and the leak elsewhere.

    .. math:: \operatorname{leaky}' z =
              \begin{cases} 1 & z > 0 \\ c & z \le 0 \end{cases}

    Examples
    --------
    >>> leaky_relu_slope([-2.0, 0.0, 3.0], negative_slope=0.25)
    array([0.25, 0.25, 1.  ])
    """
    values, negative_slope = _checks.together(
        values=values, negative_slope=_checks.share("negative_slope", negative_slope)
    )
    positive = relu_slope(values)
    return positive + negative_slope * (1 - positive)


def gelu(values: Numbers) -> Any:
    r"""Weigh every value by the share of normal random numbers below it.

    .. math:: \operatorname{gelu} z = z\,\Phi(z), \qquad
              \Phi(z) = \tfrac12 \operatorname{erfc}\Bigl(\frac{-z}{\sqrt 2}\Bigr)

    PyTorch and Keras compute the same unless told to approximate; JAX approximates
    :math:`\Phi` by a tanh unless told.

    Parameters
    ----------
    values : number or array, any shape
        What reaches the nodes.

    Returns
    -------
    float or array of float, same shape
        What leaves them.

    References
    ----------
    .. [1] D. Hendrycks and K. Gimpel, "Gaussian error linear units (GELUs)",
       arXiv:1606.08415 (2016).

    Examples
    --------
    >>> gelu([-1000, 0, 1000]).tolist()
    [-0.0, 0.0, 1000.0]
    """
    values = _checks.floats("values", values)
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        return scalar(values * _normal_share(values))


def gelu_slope(values: Numbers) -> Any:
    r"""Give the slope of `gelu`, which is negative far left and above 1 near 1.

    .. math:: \operatorname{gelu}' z = \Phi(z) + z\,\varphi(z), \qquad
              \varphi(z) = \frac{e^{-z^2/2}}{\sqrt{2\pi}}

    Examples
    --------
    >>> gelu_slope(0)
    0.5
    """
    values = _checks.floats("values", values)
    with np.errstate(all="ignore"):
        density = np.exp(-values * values / 2) / math.sqrt(2 * math.pi)
        return scalar(_normal_share(values) + values * density)


def silu(values: Numbers) -> Any:
    r"""Weigh every value by its own sigmoid.

    .. math:: \operatorname{silu} z = z\,\sigma(z) = \frac{z}{1 + e^{-z}}

    Parameters
    ----------
    values : number or array, any shape
        What reaches the nodes.

    Returns
    -------
    float or array of float, same shape
        What leaves them.

    References
    ----------
    .. [1] S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-weighted linear units for neural
       network function approximation in reinforcement learning", Neural Networks 107
       (2018).

    Examples
    --------
    >>> silu([-1000, 0, 1000]).tolist()
    [-0.0, 0.0, 1000.0]
    """
    values, shrunk = _shrunk(values)
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        return scalar(values * _share(values, shrunk))


def silu_slope(values: Numbers) -> Any:
    r"""Give the slope of `silu`, which is negative far left and above 1 near 2.

    .. math:: \operatorname{silu}' z = \sigma(z) + z\,\sigma(z)\,\sigma(-z)

    Examples
    --------
    >>> silu_slope(0)
    0.5
    """
    values, shrunk = _shrunk(values)
    with np.errstate(all="ignore"):
        return scalar(_share(values, shrunk) + values * _share_slope(shrunk))


def softmax(values: Numbers) -> Any:
    r"""Turn the scores of classes into probabilities that add up to 1.

    .. math:: \operatorname{softmax}(z)_k = \frac{e^{z_k}}{\sum_j e^{z_j}}

    Parameters
    ----------
    values : array, shape (n_outputs,) or (n_samples, n_outputs)
        The scores, also called logits: one for each class.

    Returns
    -------
    array of float, same shape
        The probabilities of the classes.

    References
    ----------
    .. [1] J. S. Bridle, "Probabilistic interpretation of feedforward classification
       network outputs", in Neurocomputing, Springer (1990).

    Examples
    --------
    >>> softmax([1000, 0, 1000])
    array([0.5, 0. , 0.5])
    """
    values = _checks.floats("values", values, ndims=(1, 2))
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        powers, others = _powers(values)
        return powers / (1 + others.sum(axis=-1, keepdims=True))


def softmax_slope(values: Numbers) -> Any:
    r"""Give the slope of `softmax`: of every probability along every score.

    .. math:: \frac{\partial p_k}{\partial z_j} = p_k\,(\delta_{kj} - p_j)

    Every score moves every probability, so that the slopes of a sample form a matrix:
    a row for each probability, a column for each score. The result has shape
    (n_outputs, n_outputs) or (n_samples, n_outputs, n_outputs).

    Examples
    --------
    >>> softmax_slope([0, 0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    shares = softmax(values)
    with np.errstate(all="ignore"):
        slopes = -shares[..., :, None] * shares[..., None, :]
        # A row adds up to 0, and 1 − p would lose the digits of the others.
        same = np.eye(shares.shape[-1], dtype=bool)
        slopes[..., same] = 0
        slopes[..., same] = -slopes.sum(axis=-1)
    return slopes


class Activation(NamedTuple):
    """A function of what reaches a node, beside its slope.

    It is also a layer of its own, for where something stands between the sums and it.

    Parameters
    ----------
    function : callable
        Takes an array, returns an array of the same shape.
    slope : callable
        Takes the same array, returns the slope of `function` at each value; with one
        dimension more where every output depends on every input, as in `softmax`.
    """

    function: Callable[[Any], Any]
    slope: Callable[[Any], Any]

    def chain(self, sums: Numbers, slopes: Numbers) -> Any:
        r"""Carry slopes back through the nodes: the chain rule.

        .. math:: \frac{\partial L}{\partial z} = \frac{\partial L}{\partial a}\,
                  \sigma'(z)

        Parameters
        ----------
        sums : array, shape (n_samples, n_outputs)
            What reached the nodes, :math:`z`.
        slopes : array, same shape
            The slope of the loss along what left them.

        Returns
        -------
        array, same shape
            The slope of the loss along what reached them.

        Examples
        --------
        >>> RELU.chain([[-2.0, 3.0]], [[5.0, 5.0]])
        array([[0., 5.]])
        """
        sums, slopes = _checks.paired("sums", sums, "slopes", slopes)
        return self._chain("activation", sums, slopes)

    def _chain(self, name: str, sums: Any, slopes: Any) -> Any:
        own = _called(f"{name}.slope", self.slope, sums)
        if np.ndim(own) == np.ndim(sums):
            return slopes * own  # (n_samples, n_outputs)
        return (slopes[..., None, :] @ own)[..., 0, :]  # (n_samples, n_outputs)

    def _apply(self, name: str, sums: Any) -> Any:
        return _called(f"{name}.function", self.function, sums)

    # An activation by itself is a layer: see `gdbook.network`.

    def _forward(self, inputs: Any, *, name: str, **_: Any) -> tuple[Any, Any, Self]:
        return self._apply(name, inputs), inputs, self

    def _backward(self, memory: Any, slope: Any, name: str) -> tuple[Any, tuple[()]]:
        return self._chain(name, memory, slope), ()

    @property
    def _params(self) -> tuple[()]:
        return ()

    def _with_params(self) -> Self:
        return self


def _called(name: str, function: Any, sums: Any) -> Any:
    """Call an activation or its slope, and look at what one that is not ours gives.

    It gets numbers of its own, which it may write into, and may keep what it gives.
    """
    if id(getattr(function, "func", function)) in _OURS:
        return function(sums)
    sums = _checks.numbers("sums", sums, exact=True)
    given = function(np.array(sums) if np.ndim(sums) else sums)
    given = _returned(_checks.numbers, name, given, exact=True)
    shape = np.shape(sums)
    shapes = [shape] if name.endswith("function") else [shape, (*shape, *shape[-1:])]
    if np.shape(given) not in shapes:
        expected = " or ".join(map(str, shapes))
        msg = f"`{name}` gives shape {np.shape(given)} but must give shape {expected}"
        raise ValueError(msg)
    if not shape or sums.dtype == object:
        return given
    return np.array(given, dtype=sums.dtype)


def _returned(check: Callable[..., Any], name: str, value: Any, **how: Any) -> Any:
    """Look at what a function of the caller's returns.

    Infinity may be a training that diverges, NaN is the function's own mistake.
    """
    try:
        return check(name, value, **how)
    except _checks.NotFiniteError as error:
        if any(x != x for x in np.asarray(value, dtype=object).flat):  # noqa: PLR0124
            raise ValueError(str(error)) from error
        raise


IDENTITY = Activation(identity, identity_slope)
SIGMOID = Activation(sigmoid, sigmoid_slope)
TANH = Activation(tanh, tanh_slope)
RELU = Activation(relu, relu_slope)
GELU = Activation(gelu, gelu_slope)
SILU = Activation(silu, silu_slope)
SOFTMAX = Activation(softmax, softmax_slope)


_OURS = {
    id(function)
    for function in (
        *(identity, identity_slope, leaky_relu, leaky_relu_slope, relu, relu_slope),
        *(sigmoid, sigmoid_slope, softmax, softmax_slope, tanh, tanh_slope),
        *(gelu, gelu_slope, silu, silu_slope),
    )
}


def leaky(negative_slope: Number = 0.01) -> Activation:
    r"""Make a leaky ReLU that leaks a given share.

    .. math:: \sigma(z) = \max(z, 0) + c\,\min(z, 0)

    Parameters
    ----------
    negative_slope : number, default 0.01
        The share that leaks, :math:`c`; 0 or more and less than 1.

    Returns
    -------
    Activation
        `leaky_relu` beside `leaky_relu_slope`.

    Examples
    --------
    >>> leaky(0.25).function(-2)
    -0.5
    """
    negative_slope = _checks.share("negative_slope", negative_slope)
    return Activation(
        partial(leaky_relu, negative_slope=negative_slope),
        partial(leaky_relu_slope, negative_slope=negative_slope),
    )


def _shrunk(values: Numbers) -> tuple[Any, Any]:
    r"""Return values in floats, and :math:`e^{-|z|}`, which is at most 1."""
    values = _checks.floats("values", values)
    with np.errstate(all="ignore"):  # what is too small for a float is 0
        return values, np.exp(-abs(values))


_erfc = np.frompyfunc(math.erfc, 1, 1)  # NumPy has none


def _share(values: Any, shrunk: Any) -> Any:
    """Return the sigmoid of values from their `_shrunk` powers."""
    return np.where(values < 0, shrunk, 1) / (1 + shrunk)


def _share_slope(shrunk: Any) -> Any:
    return shrunk / (1 + shrunk) ** 2


def _normal_share(values: Any) -> Any:
    r"""Return :math:`\Phi`, which keeps its digits where it is small."""
    shares = _erfc(values * -math.sqrt(0.5)) / 2
    return np.asarray(shares, dtype=getattr(values, "dtype", float))


def _powers(values: Any) -> tuple[Any, Any]:
    """Return the powers of scores, and the same with 0 for the highest of each row.

    NumPy is told to be quiet where this is called.
    A shift of all scores changes nothing, and without one the powers overflow. The
    power of the highest is 1; apart from it, the others keep their digits.
    """
    rows = np.reshape(values, (-1, np.shape(values)[-1]))
    highest = np.arange(len(rows)), rows.argmax(axis=1)  # one place in each row
    powers = np.exp(rows - rows[highest][:, None])  # minus infinity becomes 0
    others = powers.copy()
    others[highest] = 0
    return powers.reshape(np.shape(values)), others.reshape(np.shape(values))


def _positive_part(values: Any) -> Any:
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        positive = np.maximum(values, 0)
        positive += 0  # minus zero becomes zero
        return positive
    return values * (values > 0) + 0
