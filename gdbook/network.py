r"""What does a network say, and which weight is to blame? Layers, forward and backward.

Each node of a dense layer takes every number of the layer before, multiplies each by a
weight, adds them up with a bias, and applies an activation:

.. math:: Z_l = A_{l-1} W_l + b_l, \qquad A_l = \sigma_l(Z_l)

Backward, the slope of the loss along what leaves a layer becomes the slope along its
weights, its bias and what enters it:

.. math:: \frac{\partial L}{\partial W_l} = A_{l-1}^\top
          \frac{\partial L}{\partial Z_l}, \qquad
          \frac{\partial L}{\partial b_l} = \sum_i \frac{\partial L}{\partial Z_{l,i}},
          \qquad
          \frac{\partial L}{\partial A_{l-1}} = \frac{\partial L}{\partial Z_l} W_l^\top

`Dropout`, `BatchNorm`, `LayerNorm`, `Residual` and an `Activation` by itself are layers
as well. The layers are never changed: a pass returns new ones, with arrays of their
own. `gdbook.packing` makes one vector of all that is learned. Fractions stay exact
where no float is beside them; whole numbers count as floats otherwise, and narrow
floats stay narrow.
"""

import math
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, Self, TypeAlias, get_args

import numpy as np

from gdbook import _checks
from gdbook._checks import Number, Numbers, shown
from gdbook.activations import IDENTITY, RELU, Activation
from gdbook.initialisation import Initialisation, _shape, glorot, he

__all__ = [
    "BatchNorm",
    "Dense",
    "Dropout",
    "LayerNorm",
    "Pass",
    "Residual",
    "Slopes",
    "backward",
    "batch_norm",
    "dense",
    "dense_network",
    "forward",
    "forward_pass",
    "layer_norm",
]


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

    # These methods of every layer take values that were checked before.

    def _forward(self, inputs: Any, *, name: str, **_: Any) -> tuple[Any, Any, Self]:
        sums = inputs @ self.weights  # (n_samples, n_outputs)
        if type(sums) is np.ndarray and sums.dtype == getattr(self.bias, "dtype", None):
            sums += self.bias
        else:
            sums = sums + self.bias
        name += ".activation"
        outputs = self.activation._apply(name, sums)  # (n_samples, n_outputs)
        return outputs, (inputs, sums), self

    def _backward(
        self, memory: Any, slope: Any, name: str
    ) -> tuple[Any, tuple[Any, Any]]:
        inputs, sums = memory
        name += ".activation"
        sums_slope = self.activation._chain(name, sums, slope)  # (n_samples, n_outputs)
        if np.ndim(inputs) == np.ndim(self.weights) == 2:
            weights_slope = inputs.T @ sums_slope  # (n_inputs, n_outputs)
            inputs_slope = sums_slope @ self.weights.T  # (n_samples, n_inputs)
        else:
            weights_slope, inputs_slope = self._alone(inputs, sums_slope)
        n_shared = np.ndim(sums_slope) - np.ndim(self.bias)
        shared = tuple(range(n_shared))
        bias_slope = np.add.reduce(sums_slope, axis=shared)  # (n_outputs,)
        return inputs_slope, (weights_slope, bias_slope)

    def _alone(self, inputs: Any, slope: Any) -> tuple[Any, Any]:
        """Do without the axis that one sample, or a single node, leaves out."""
        rows = inputs.reshape(-1, inputs.shape[-1])  # (n_samples, n_inputs)
        slopes = np.reshape(slope, (rows.shape[0], -1))  # (n_samples, n_outputs)
        columns = self.weights.reshape(self.weights.shape[0], -1)
        weights_slope = (rows.T @ slopes).reshape(self.weights.shape)
        return weights_slope, (slopes @ columns.T).reshape(inputs.shape)

    @property
    def _params(self) -> tuple[Any, ...]:
        return self.weights, self.bias

    def _with_params(self, weights: Any, bias: Any) -> Self:
        return type(self)(weights, bias, self.activation)


class Dropout(NamedTuple):
    r"""A layer that, in training, stops each of its inputs at random.

    .. math:: A = X \odot M / (1 - p)

    The mask :math:`M` is 0 with probability :math:`p` and 1 otherwise; the division
    keeps the mean, so that outside of training the layer changes nothing.

    Parameters
    ----------
    rate : number
        The probability of being stopped, :math:`p`; 0 or more and less than 1.

    References
    ----------
    .. [1] N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov,
       "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15
       (2014).
    """

    rate: Number

    def _forward(
        self, inputs: Any, *, training: bool, generator: Any, **_: Any
    ) -> tuple[Any, Any, Self]:
        mask: Any = 1
        if training:
            stays = generator.random(np.shape(inputs)) >= self.rate
            if inputs.dtype == object:
                mask = stays / (1 - self.rate)
            else:
                mask = np.divide(stays, float(1 - self.rate), dtype=inputs.dtype)
        return inputs * mask, mask, self  # (n_samples, n_outputs)

    def _backward(self, memory: Any, slope: Any, _name: str) -> tuple[Any, tuple[()]]:
        return slope * memory, ()  # (n_samples, n_outputs)

    @property
    def _params(self) -> tuple[()]:
        return ()

    def _with_params(self) -> Self:
        return self


class BatchNorm(NamedTuple):
    r"""A layer that gives each of its inputs mean 0 and variance 1 in a batch.

    .. math:: \hat X = \frac{X - \mu}{\sqrt{d^2 + \epsilon}}, \qquad
              A = \gamma\, \hat X + \beta

    In training :math:`\mu` and :math:`d^2` are the mean and the variance of the batch,
    and the running ones move a share of the way to them; otherwise they are the
    running ones. Keras does the same with a momentum of 0.99 and an epsilon of 0.001;
    PyTorch calls one minus the momentum momentum, and divides the variance that it
    moves to by one sample less. Roots are irrational, so fractions are computed as
    floats here.

    Parameters
    ----------
    scale : array, shape (n_outputs,)
        What each normalised number is multiplied by, :math:`\gamma`; learned.
    shift : array, shape (n_outputs,)
        What is added to it, :math:`\beta`; learned.
    running_mean : array, shape (n_outputs,)
        The fading mean of the batches' means.
    running_variance : array, shape (n_outputs,)
        The fading mean of the batches' variances.
    momentum : number, default 0.9
        How much of the running numbers a batch leaves; 0 or more and less than 1.
    epsilon : number, default 1e-5
        What keeps the divisor from zero, :math:`\epsilon`; greater than 0.

    References
    ----------
    .. [1] S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network
       training by reducing internal covariate shift", ICML (2015).
    """

    scale: Numbers
    shift: Numbers
    running_mean: Numbers
    running_variance: Numbers
    momentum: Number = 0.9
    epsilon: Number = 1e-5

    def _forward(
        self, inputs: Any, *, training: bool, **_: Any
    ) -> tuple[Any, Any, Self]:
        layer, variance = self, self.running_variance
        if not training:
            centred = inputs - self.running_mean  # (n_samples, n_outputs)
        else:
            mean, variance, centred = _spread(inputs)
            keep = float(layer.momentum)
            layer = layer._replace(
                running_mean=keep * layer.running_mean + (1 - keep) * mean,
                running_variance=keep * layer.running_variance + (1 - keep) * variance,
            )
        deviation = _deviation(variance, layer.epsilon)  # (n_outputs,)
        normal = centred / deviation  # (n_samples, n_outputs)
        outputs = layer.scale * normal + layer.shift  # (n_samples, n_outputs)
        return outputs, (normal, deviation, training), layer

    def _backward(
        self, memory: Any, slope: Any, _name: str
    ) -> tuple[Any, tuple[Any, Any]]:
        normal, deviation, training = memory
        normal_slope = slope * self.scale  # (n_samples, n_outputs)
        if training:
            # The mean and the variance move with every sample of the batch.
            normal_slope = _centred_slope(normal_slope, normal)
        return normal_slope / deviation, _learned_slopes(slope, normal)

    @property
    def _params(self) -> tuple[Any, ...]:
        return self.scale, self.shift

    def _with_params(self, scale: Any, shift: Any) -> Self:
        return self._replace(scale=scale, shift=shift)


class LayerNorm(NamedTuple):
    r"""A layer that gives the numbers of each sample mean 0 and variance 1.

    .. math:: \hat x = \frac{x - \mu}{\sqrt{d^2 + \epsilon}}, \qquad
              a = \gamma \odot \hat x + \beta

    :math:`\mu` and :math:`d^2` are the mean and the variance of the numbers of one
    sample, whatever else is in the batch, so the layer does the same in training and in
    predicting. PyTorch and Keras do so, too, Keras with an epsilon of 0.001. Roots are
    irrational, so fractions are computed as floats here.

    Parameters
    ----------
    scale : array, shape (n_outputs,)
        What each normalised number is multiplied by, :math:`\gamma`; learned.
    shift : array, shape (n_outputs,)
        What is added to it, :math:`\beta`; learned.
    epsilon : number, default 1e-5
        What keeps the divisor from zero, :math:`\epsilon`; greater than 0.

    References
    ----------
    .. [1] J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization",
       arXiv:1607.06450 (2016).
    """

    scale: Numbers
    shift: Numbers
    epsilon: Number = 1e-5

    def _forward(self, inputs: Any, **_: Any) -> tuple[Any, Any, Self]:
        # Turned, a sample stands where an input of the batch stands in `BatchNorm`.
        _, variance, centred = _spread(inputs.T)  # (n_outputs, n_samples)
        deviation = _deviation(variance, self.epsilon)  # (n_samples,)
        normal = (centred / deviation).T  # (n_samples, n_outputs)
        return self.scale * normal + self.shift, (normal, deviation), self

    def _backward(
        self, memory: Any, slope: Any, _name: str
    ) -> tuple[Any, tuple[Any, Any]]:
        normal, deviation = memory
        turned = _centred_slope((slope * self.scale).T, normal.T)
        return (turned / deviation).T, _learned_slopes(slope, normal)

    @property
    def _params(self) -> tuple[Any, ...]:
        return self.scale, self.shift

    def _with_params(self, scale: Any, shift: Any) -> Self:
        return self._replace(scale=scale, shift=shift)


def _deviation(variance: Any, epsilon: Number) -> Any:
    deviation = np.sqrt(variance + float(epsilon))
    # What float32 makes of a tiny epsilon is zero.
    return deviation + (deviation == 0)


def _centred_slope(slope: Any, normal: Any) -> Any:
    """Take away what moves the mean and the variance along the first axis."""
    return slope - slope.mean(axis=0) - normal * (slope * normal).mean(axis=0)


def _learned_slopes(slope: Any, normal: Any) -> tuple[Any, Any]:
    """Give the slopes along scale and shift."""
    rows = slope.reshape(-1, slope.shape[-1])  # (n_samples, n_outputs)
    return (rows * normal).sum(axis=0), rows.sum(axis=0)  # (n_outputs,)


def _spread(inputs: Any) -> tuple[Any, Any, Any]:
    """Give means and variances of a batch, and how far each number is from its mean.

    Numbers that are nearly equal differ by what is exact, not by what their mean has
    been rounded by: the first one is taken away before.
    """
    apart = inputs - inputs[0]  # (n_samples, n_outputs)
    between = apart.mean(axis=0)  # (n_outputs,)
    centred = apart - between  # (n_samples, n_outputs)
    variance = (centred**2).mean(axis=0)  # (n_outputs,)
    if np.isfinite(variance).all():
        return inputs[0] + between, variance, centred
    # A sum on the way is too large: the same for numbers that powers of two make small.
    _, exponent = np.frexp(abs(inputs).max(axis=0))
    small = np.ldexp(inputs, -exponent) / 2  # (n_samples, n_outputs)
    mean = small.mean(axis=0)  # (n_outputs,)
    centred = small - mean  # (n_samples, n_outputs)
    variance = np.ldexp((centred**2).mean(axis=0), 2 * exponent + 2)
    if not np.isfinite(variance).all():
        msg = "a variance is infinite"
        raise _checks.NotFiniteError(msg)
    return np.ldexp(mean, exponent + 1), variance, np.ldexp(centred, exponent + 1)


class Residual(NamedTuple):
    r"""A layer that adds what entered some layers before to what they made of it.

    .. math:: A_l = A_{l-1} + A_{l-1-n}, \qquad
              \frac{\partial A_l}{\partial A_{l-1-n}}
              = \frac{\partial A_{l-1}}{\partial A_{l-1-n}} + 1

    Behind the :math:`n` layers of a block it is the link around them. On the way back
    the slope takes both ways, so that a slope of 1 is added to the block's own.

    Parameters
    ----------
    n_layers : int, default 1
        How many layers the link goes around, :math:`n`, 1 or more.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image
       recognition", CVPR (2016).

    Examples
    --------
    >>> layers = [Dense([[2.0]]), Residual()]
    >>> forward(layers, [[3.0]])[-1]
    array([[9.]])
    >>> backward(layers, forward_pass(layers, [[3.0]]), [[1.0]]).values[0]
    array([[3.]])
    """

    n_layers: int = 1

    def _forward(
        self, inputs: Any, *, values: Sequence[Any], **_: Any
    ) -> tuple[Any, tuple[()], Self]:
        return inputs + values[-1 - self.n_layers], (), self  # (n_samples, n_outputs)

    def _backward(self, _memory: Any, slope: Any, _name: str) -> tuple[Any, tuple[()]]:
        return slope, ()  # the other way around the block is that of `_slopes`

    @property
    def _params(self) -> tuple[()]:
        return ()

    def _with_params(self) -> Self:
        return self


Layer: TypeAlias = Dense | Dropout | BatchNorm | LayerNorm | Residual | Activation


class Pass(NamedTuple):
    """What a pass through a network leaves behind.

    Parameters
    ----------
    values : tuple of array
        The inputs and what each layer makes of them; the prediction is the last.
    memories : tuple
        What each layer needs on the way back.
    layers : tuple
        The layers after the pass: in training, running statistics have moved on.
    """

    values: tuple[Any, ...]
    memories: tuple[Any, ...]
    layers: tuple[Layer, ...]


class Slopes(NamedTuple):
    """The slopes of the loss, layer by layer.

    Parameters
    ----------
    values : tuple of array
        Along the inputs and along what each layer makes of them.
    params : tuple of tuple of array
        Along what each layer learns: weights and bias, scale and shift, or nothing.
    """

    values: tuple[Any, ...]
    params: tuple[tuple[Any, ...], ...]

    @property
    def gradient(self) -> Any:
        """Give all slopes along what is learned as one vector, as `flatten` does.

        Returns
        -------
        array, shape (n_params,)
            The gradient.

        Examples
        --------
        >>> Slopes((), ((np.array([[1.0], [2.0]]), np.array([3.0])), ())).gradient
        array([1., 2., 3.])
        """
        return _joined(self.params)


def forward(layers: Sequence[Layer], inputs: Numbers) -> tuple[Any, ...]:
    r"""Carry inputs through the layers of a network.

    .. math:: A_0 = X, \qquad A_l = \sigma_l(A_{l-1} W_l + b_l)

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation
        The layers, first to last: one or more, each fitting the one before.
    inputs : array, shape (n_inputs,) or (n_samples, n_inputs)
        One sample, or one row for each.

    Returns
    -------
    tuple of array
        The inputs and what each layer makes of them; the prediction is the last.

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
    return forward_pass(layers, inputs).values


def forward_pass(
    layers: Sequence[Layer],
    inputs: Numbers,
    *,
    training: bool = False,
    generator: np.random.Generator | None = None,
) -> Pass:
    r"""Carry inputs forward, and remember what the way back needs.

    .. math:: A_0 = X, \qquad A_l = \sigma_l(A_{l-1} W_l + b_l)

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation
        The layers, first to last: one or more, each fitting the one before.
    inputs : array, shape (n_inputs,) or (n_samples, n_inputs)
        One sample, or one row for each.
    training : bool, default False
        Whether dropout stops inputs and batch normalisation looks at the batch.
    generator : Generator, optional
        What decides which inputs dropout stops; it needs one in training.

    Returns
    -------
    Pass
        What each layer makes of the inputs and what it remembers, and the layers
        afterwards.

    Raises
    ------
    ValueError
        If batch normalisation is in training with less than two samples, an activation
        gives another shape or NaN, or a layer makes numbers that no float holds.

    Examples
    --------
    >>> layers = [Dropout(0.5)]
    >>> forward_pass(layers, [[2.0, 3.0]]).values[-1]
    array([[2., 3.]])
    >>> generator = np.random.default_rng(seed=1)
    >>> forward_pass(layers, [[2.0, 3.0]], training=True, generator=generator).values[
    ...     -1
    ... ]
    array([[4., 6.]])
    """
    training = _checks.choice("training", training)
    layers, (inputs,) = _numbers_of(layers, {"inputs": (1, 2)}, inputs=inputs)
    _check_shapes(layers, np.shape(inputs), training=training)
    drops = training and any(isinstance(layer, Dropout) for layer in layers)
    if drops or generator is not None:
        _checks.generator("generator", generator)
    mode = {"training": training, "generator": generator}
    with np.errstate(all="ignore"):  # what overflows is found below
        passed = _passed(_own(layers), _own(inputs), **mode)
    for index, outputs in enumerate(passed.values[1:]):
        if not _finite(outputs):
            name = f"layers[{index}]"
            raise _too_large(name)
    # A reader may write into the values, but not into what the way back needs.
    return passed._replace(values=_own(passed.values))


def _passed(layers: Sequence[Layer], inputs: Any, **mode: Any) -> Pass:
    """Go forward through checked layers."""
    values, memories, after = [inputs], [], []
    for index, layer in enumerate(layers):
        name = f"layers[{index}]"
        try:
            outputs, memory, moved = layer._forward(
                values[-1], name=name, values=values, **mode
            )
        except (_checks.NotFiniteError, OverflowError) as error:
            raise _too_large(name) from error
        values.append(outputs)
        memories.append(memory)
        after.append(moved)
    return Pass(tuple(values), tuple(memories), tuple(after))


def _finite(values: Any) -> bool:
    return bool(np.all(abs(values) < math.inf))


def _too_large(name: str, what: str = "values") -> _checks.NotFiniteError:
    return _checks.NotFiniteError(
        f"`{name}` makes {what} that are not finite; they are too large for a float: "
        "scale the inputs, or take smaller weights or steps"
    )


def backward(layers: Sequence[Layer], passed: Pass, slope: Numbers) -> Slopes:
    r"""Carry the slope of the loss back through the layers of a network.

    .. math:: \frac{\partial L}{\partial Z_l} =
              \frac{\partial L}{\partial A_l} \odot \sigma_l'(Z_l), \qquad
              \frac{\partial L}{\partial W_l} =
              A_{l-1}^\top \frac{\partial L}{\partial Z_l}, \qquad
              \frac{\partial L}{\partial A_{l-1}} =
              \frac{\partial L}{\partial Z_l} W_l^\top

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation
        The layers that `forward_pass` went through, first to last.
    passed : Pass
        What it left behind.
    slope : array, shape of the prediction
        The slope of the loss along each prediction.

    Returns
    -------
    Slopes
        The slopes along every value and along all that is learned.

    Raises
    ------
    ValueError
        If the pass went through other layers, or these with other numbers, or a layer
        makes slopes that no float holds.

    References
    ----------
    .. [1] D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning
       representations by back-propagating errors", Nature 323 (1986).

    Examples
    --------
    The network that says 9 where 13 is true; the slope of its squared error is −8:

    >>> layers = [Dense([[1.0, -1.0], [1.0, 1.0]]), Dense([2.0, -1.0])]
    >>> slopes = backward(layers, forward_pass(layers, [2.0, 3.0]), -8)
    >>> slopes.params[0][0]
    array([[-32.,  16.],
           [-48.,  24.]])
    >>> slopes.params[1][0]
    array([-40.,  -8.])
    """
    if not isinstance(passed, Pass):
        msg = f"`passed` is {shown(passed)} but must be what `forward_pass` returns"
        raise TypeError(msg)
    layers, _ = _numbers_of(layers)
    _check_shapes(layers, np.shape(passed.values[0]))
    if len(layers) != len(passed.memories):
        msg = (
            f"`layers` holds {len(layers)} layers "
            f"but `passed` went through {len(passed.memories)}"
        )
        raise ValueError(msg)
    for index, (layer, memory) in enumerate(zip(layers, passed.memories, strict=True)):
        if not _same(layer, passed.layers[index], memory):
            msg = (
                f"`layers[{index}]` is another layer than `passed` went through; a "
                "layer that has changed needs a new pass"
            )
            raise ValueError(msg)
    exact = np.asarray(passed.values[-1]).dtype == object
    slope = _checks.numbers("slope", slope, exact=exact)
    with np.errstate(all="ignore"):  # what overflows is found below
        slopes = _slopes(layers, passed, slope)
    for index in reversed(range(len(layers))):
        if not all(map(_finite, (slopes.values[index], *slopes.params[index]))):
            name = f"layers[{index}]"
            raise _too_large(name, "slopes")
    own: Slopes = _own(slopes)
    return own


def _same(layer: Layer, other: Layer, memory: Any) -> bool:
    """Say whether a layer is still what a pass has gone through."""
    if type(layer) is not type(other):
        return False
    fields = layer._asdict()
    if isinstance(layer, BatchNorm) and memory[-1]:  # in training the batch decides
        fields = {"scale": layer.scale, "epsilon": layer.epsilon}
    return all(_alike(value, getattr(other, field)) for field, value in fields.items())


def _alike(value: Any, other: Any) -> bool:
    if isinstance(value, Activation):
        return all(map(_alike, value, other))
    if isinstance(value, partial) and isinstance(other, partial):
        return (value.func, value.args, value.keywords) == (
            other.func,
            other.args,
            other.keywords,
        )
    return bool(np.array_equal(value, other)) if np.ndim(value) else value == other


def _slopes(
    layers: Sequence[Layer], passed: Pass, slope: Any, name: str = "slope"
) -> Slopes:
    """Go back through the layers of a pass."""
    if np.shape(slope) != np.shape(passed.values[-1]):
        msg = (
            f"`{name}` has shape {np.shape(slope)} but the prediction has shape "
            f"{np.shape(passed.values[-1])}; they must be equal"
        )
        raise ValueError(msg)
    values, params = [slope], []
    around: dict[int, Any] = {}  # what came back by links, by where they begin
    for index in reversed(range(len(layers))):
        name, memory = f"layers[{index}]", passed.memories[index]
        try:
            slope, learned = layers[index]._backward(memory, values[-1], name)
        except (_checks.NotFiniteError, OverflowError) as error:
            raise _too_large(name, "slopes") from error
        if isinstance(layer := layers[index], Residual):
            begin = index - layer.n_layers
            around[begin] = around.get(begin, 0) + slope
        if index in around:
            slope = slope + around.pop(index)
        values.append(slope)
        params.append(learned)
    return Slopes(tuple(reversed(values)), tuple(reversed(params)))


def dense(
    n_inputs: int,
    n_outputs: int,
    generator: np.random.Generator,
    *,
    activation: Activation = IDENTITY,
    initialise: Initialisation = glorot,
) -> Dense:
    """Make a dense layer with drawn weights, its biases zero.

    Parameters
    ----------
    n_inputs : int
        How many numbers enter the layer, 1 or more.
    n_outputs : int
        How many nodes it has, 1 or more.
    generator : Generator
        What draws the weights.
    activation : Activation, default IDENTITY
        What each node does to its sum.
    initialise : callable, default glorot
        How the weights are drawn: `glorot`, `he`, `normal`, or the like.

    Returns
    -------
    Dense
        The layer.

    Raises
    ------
    ValueError
        If `initialise` returns another shape than that of the weights.

    Examples
    --------
    >>> layer = dense(2, 3, np.random.default_rng(seed=1))
    >>> layer.weights.shape, layer.bias
    ((2, 3), array([0., 0., 0.]))
    """
    shape = _shape(n_inputs, n_outputs)
    generator = _checks.generator("generator", generator)
    activation = _checks.instance("activation", activation, Activation)
    initialise = _checks.function("initialise", initialise)
    weights = _checks.numbers("initialise", initialise(generator, *shape), ndims=(2,))
    weights = _own(weights)  # which may be kept, and handed out again
    if weights.shape != shape:
        msg = f"`initialise` gave shape {weights.shape} but must give shape {shape}"
        raise ValueError(msg)
    return Dense(weights, np.zeros(n_outputs, weights.dtype), activation)


def batch_norm(
    n_outputs: int, *, momentum: Number = 0.9, epsilon: Number = 1e-5
) -> BatchNorm:
    """Make a layer of batch normalisation that has seen nothing yet.

    Parameters
    ----------
    n_outputs : int
        How many numbers enter and leave it, 1 or more.
    momentum : number, default 0.9
        How much of the running numbers a batch leaves; 0 or more and less than 1.
    epsilon : number, default 1e-5
        What keeps the divisor from zero; greater than 0.

    Returns
    -------
    BatchNorm
        The layer: scale 1, shift 0, running mean 0 and running variance 1.

    Examples
    --------
    >>> layer = batch_norm(2)
    >>> layer.scale, layer.running_mean
    (array([1., 1.]), array([0., 0.]))
    """
    n_outputs = _checks.count("n_outputs", n_outputs, least=1)
    momentum = _checks.share("momentum", momentum)
    epsilon = _checks.positive("epsilon", epsilon)
    ones, zeros = np.ones((2, n_outputs)), np.zeros((2, n_outputs))
    return BatchNorm(ones[0], zeros[0], zeros[1], ones[1], momentum, epsilon)


def layer_norm(n_outputs: int, *, epsilon: Number = 1e-5) -> LayerNorm:
    """Make a layer of layer normalisation.

    Parameters
    ----------
    n_outputs : int
        How many numbers enter and leave it, 1 or more.
    epsilon : number, default 1e-5
        What keeps the divisor from zero; greater than 0.

    Returns
    -------
    LayerNorm
        The layer: scale 1 and shift 0.

    Examples
    --------
    >>> layer = layer_norm(2)
    >>> layer.scale, layer.shift
    (array([1., 1.]), array([0., 0.]))
    """
    n_outputs = _checks.count("n_outputs", n_outputs, least=1)
    epsilon = _checks.positive("epsilon", epsilon)
    return LayerNorm(np.ones(n_outputs), np.zeros(n_outputs), epsilon)


def dense_network(  # noqa: PLR0913 (each is one part of the network)
    sizes: Sequence[int],
    generator: np.random.Generator,
    *,
    activation: Activation = RELU,
    initialise: Initialisation = he,
    dropout: Number = 0,
    normalise: bool = False,
) -> tuple[Layer, ...]:
    """Make a network of dense layers whose last layer has no activation.

    Parameters
    ----------
    sizes : sequence of int
        How many numbers enter, how many nodes each hidden layer has, and how many
        numbers leave: two sizes or more, each 1 or more.
    generator : Generator
        What draws the weights.
    activation : Activation, default RELU
        What the nodes of the hidden layers do to their sums.
    initialise : callable, default he
        How the weights are drawn: `glorot`, `he`, `normal`, or the like.
    dropout : number, default 0
        The rate of the dropout after each hidden layer, 0 or more and less than 1;
        none if 0.
    normalise : bool, default False
        Whether each hidden layer normalises its sums before the activation.

    Returns
    -------
    tuple
        The layers, first to last.

    Examples
    --------
    >>> from gdbook.packing import flatten
    >>> layers = dense_network([2, 8, 1], np.random.default_rng(seed=1))
    >>> [layer.weights.shape for layer in layers], flatten(layers).size
    ([(2, 8), (8, 1)], 33)
    """
    if isinstance(sizes, str) or not isinstance(sizes, Sequence):
        msg = (
            f"`sizes` is {shown(sizes)} but must be a sequence of whole numbers; "
            "[2, 8, 1] makes a hidden layer of 8 nodes"
        )
        raise TypeError(msg)
    counts = [
        _checks.count(f"sizes[{index}]", size, least=1)
        for index, size in enumerate(sizes)
    ]
    if len(counts) < 2:
        msg = f"`sizes` is {shown(sizes)} but must hold two sizes or more"
        raise ValueError(msg)
    activation = _checks.instance("activation", activation, Activation)
    dropout = _checks.share("dropout", dropout)
    normalise = _checks.choice("normalise", normalise)
    layers: list[Layer] = []
    for n_inputs, n_outputs in pairwise(counts[:-1]):
        inner = IDENTITY if normalise else activation
        layers.append(
            dense(
                n_inputs, n_outputs, generator, activation=inner, initialise=initialise
            )
        )
        if normalise:
            layers += [batch_norm(n_outputs), activation]
        if dropout:
            layers.append(Dropout(dropout))
    n_inputs, n_outputs = counts[-2:]
    layers.append(dense(n_inputs, n_outputs, generator, initialise=initialise))
    return tuple(layers)


def _own(value: Any) -> Any:
    """Give a layer, a pass or a state arrays of its own, and floats their own dtype."""
    if isinstance(value, np.ndarray):
        floats = value.dtype == object and any(isinstance(x, float) for x in value.flat)
        return np.array(value, dtype=float if floats else value.dtype)
    if isinstance(value, dict):
        return {name: _own(item) for name, item in value.items()}
    if isinstance(value, list):
        return list(map(_own, value))
    if isinstance(value, tuple) and not isinstance(value, Activation):
        items = map(_own, value)
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value


def _joined(params: Iterable[Sequence[Any]]) -> Any:
    # A bias that is one number of Python's has no width of its own.
    weak = {int, float}
    flat = [p if type(p) in weak else np.asarray(p) for own in params for p in own]
    if not flat:
        msg = "`layers` learn nothing but must hold a Dense or a normalising layer"
        raise ValueError(msg)
    if weak.isdisjoint(map(type, flat)):
        return np.concatenate([p.reshape(-1) for p in flat])
    return np.concatenate(list(map(np.ravel, flat)), dtype=np.result_type(*flat))


_NDIMS: dict[type, dict[str, tuple[int, ...]]] = {
    Dense: {"weights": (1, 2), "bias": (0, 1)},
    BatchNorm: dict.fromkeys(
        ("scale", "shift", "running_mean", "running_variance"), (1,)
    ),
    LayerNorm: dict.fromkeys(("scale", "shift"), (1,)),
}


def _numbers_of(
    layers: Sequence[Layer],
    ndims: dict[str, tuple[int, ...]] | None = None,
    *,
    integers: bool = True,
    **others: Any,
) -> tuple[tuple[Layer, ...], tuple[Any, ...]]:
    """Return layers and what they meet ready for arithmetic: exact, or all floats."""
    if isinstance(layers, Layer) or not isinstance(layers, Sequence):
        way_out = "; [layer] makes one" if isinstance(layers, Layer) else ""
        msg = f"`layers` is {shown(layers)} but must be a sequence of layers{way_out}"
        raise TypeError(msg)
    if not layers:
        msg = "`layers` is empty but must hold at least one layer"
        raise ValueError(msg)
    named, shapes = {}, dict(ndims or {})
    for index, layer in enumerate(layers):
        _check_type(f"layers[{index}]", layer)
        for field, own_ndims in _NDIMS.get(type(layer), {}).items():
            name, value = f"layers[{index}].{field}", getattr(layer, field)
            if isinstance(layer, BatchNorm | LayerNorm):
                value = _checks.floats(name, value, ndims=own_ndims)
            named[name], shapes[name] = value, own_ndims
    found = iter(
        _checks.together(ndims=shapes, integers=integers, **named, **others)
        if named or others
        else ()
    )
    ready = tuple(
        layer._replace(**{field: next(found) for field in _NDIMS[type(layer)]})
        if type(layer) in _NDIMS
        else layer
        for layer in layers
    )
    return ready, tuple(next(found) for _ in others)


def _check_shapes(
    layers: Sequence[Layer],
    shape: tuple[int, ...] | None = None,
    *,
    training: bool = False,
) -> None:
    """Look whether every layer fits the one before it, and the first one the inputs."""
    n_inputs, source = (shape[-1] if shape else None), "a row of `inputs`"
    widths = []  # of what enters each layer
    for index, layer in enumerate(layers):
        name = f"layers[{index}]"
        widths.append(n_inputs)
        if isinstance(layer, Dense):
            _check_dense(name, layer, n_inputs, source)
            n_inputs = layer.weights.shape[1] if layer.weights.ndim == 2 else None
            if n_inputs is None and index < len(layers) - 1:
                msg = (
                    f"`{name}.weights` has shape {layer.weights.shape} but needs a "
                    "column; reshape(-1, 1) makes one, which a next layer can take"
                )
                raise ValueError(msg)
            source = f"`{name}`"
        elif isinstance(layer, Residual):
            _check_link(name, layer, widths)
        elif isinstance(layer, BatchNorm | LayerNorm):
            _check_norm(name, layer, n_inputs, source)
            n_inputs, source = len(layer.scale), f"`{name}`"
            batch = isinstance(layer, BatchNorm) and training
            if batch and (len(shape or ()) != 2 or (shape or ())[0] < 2):
                msg = (
                    f"`inputs` has shape {shape} but batch normalisation needs two "
                    "samples or more in training"
                )
                raise ValueError(msg)


def _check_dense(name: str, layer: Dense, n_inputs: int | None, source: str) -> None:
    n_rows, *n_outputs = layer.weights.shape
    if n_inputs not in {None, n_rows}:
        msg = (
            f"`{name}.weights` has shape {layer.weights.shape} but must have "
            f"{n_inputs} rows; one for each number in {source}"
        )
        raise ValueError(msg)
    if np.shape(layer.bias) not in {(), tuple(n_outputs)}:
        msg = (
            f"`{name}.bias` has shape {np.shape(layer.bias)} but must have shape "
            f"{tuple(n_outputs)}; a number for each column of the weights"
        )
        raise ValueError(msg)


def _check_link(name: str, layer: Residual, widths: Sequence[int | None]) -> None:
    *before, width = widths
    begin = len(before) - layer.n_layers
    if begin < 0:
        msg = (
            f"`{name}.n_layers` is {layer.n_layers} but must be at most {len(before)}; "
            "a link goes around layers that stand before it"
        )
        raise ValueError(msg)
    if None not in {before[begin], width} and before[begin] != width:
        msg = (
            f"`{name}` adds the {before[begin]} numbers that enter `layers[{begin}]` "
            f"to {width}; they must be as many"
        )
        raise ValueError(msg)


def _check_norm(
    name: str, layer: BatchNorm | LayerNorm, n_inputs: int | None, source: str
) -> None:
    if n_inputs is None:
        n_inputs, source = len(layer.scale), f"`{name}.scale`"
    for field in _NDIMS[type(layer)]:
        array = getattr(layer, field)
        if array.shape != (n_inputs,):
            msg = (
                f"`{name}.{field}` has shape {array.shape} but must have shape "
                f"({n_inputs},); one for each number in {source}"
            )
            raise ValueError(msg)
    if isinstance(layer, BatchNorm) and (layer.running_variance < 0).any():
        found = layer.running_variance.min()
        msg = f"`{name}.running_variance` holds {found} but must not be negative"
        raise ValueError(msg)


def _check_type(name: str, layer: Any) -> None:
    if not isinstance(layer, Layer):
        *kinds, last = (kind.__name__ for kind in get_args(Layer))
        known = f"{', '.join(kinds)} or {last}"
        msg = f"`{name}` is {shown(layer)} but must be a {known} layer"
        raise TypeError(msg)
    if isinstance(layer, Dense):
        name, layer = f"{name}.activation", layer.activation
        _checks.instance(name, layer, Activation)
    if isinstance(layer, Activation):
        _checks.function(f"{name}.function", layer.function)
        _checks.function(f"{name}.slope", layer.slope)
    elif isinstance(layer, Dropout):
        _checks.share(f"{name}.rate", layer.rate)
    elif isinstance(layer, Residual):
        _checks.count(f"{name}.n_layers", layer.n_layers, least=1)
    elif isinstance(layer, BatchNorm | LayerNorm):
        if isinstance(layer, BatchNorm):
            _checks.share(f"{name}.momentum", layer.momentum)
        _checks.positive(f"{name}.epsilon", layer.epsilon)


def _checked(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the layers ready for a pass: each is looked at, and all shapes fit."""
    layers, _ = _numbers_of(layers)
    _check_shapes(layers)
    return layers
