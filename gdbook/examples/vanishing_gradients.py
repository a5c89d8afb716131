"""See slopes vanish: in one node, through ten layers, and in nodes that are dead."""

import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import _checks, datasets, descent, fitting, losses
from gdbook._arguments import (
    Count0,
    Count1,
    Count2,
    Finite,
    Kind,
    Positive,
    Positives,
    Probability,
    Row,
    Rows,
    Share,
    checked,
    each,
    one_of,
)
from gdbook._checks import Number, shown
from gdbook.activations import (
    IDENTITY,
    RELU,
    SIGMOID,
    TANH,
    Activation,
    leaky,
    sigmoid,
    sigmoid_slope,
)
from gdbook.initialisation import glorot, he, normal
from gdbook.losses import Loss
from gdbook.network import Dense, Layer, backward, dense_network, forward, forward_pass
from gdbook.optimizers import GradientDescent
from gdbook.packing import flatten, unflatten
from gdbook.traces import plain, trace

STARTS = ((0.6, 0.9), (2, 2))
LEAK = 0.1
N_CLASSES = 10
ACTIVATIONS = {
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "ReLU": RELU,
    "leaky ReLU": leaky(LEAK),
}
INITIALISATIONS = {"normal": normal, "glorot": glorot, "he": he}

_BEND, _INITIAL = one_of(ACTIVATIONS), one_of(INITIALISATIONS)
Bend = Annotated[str, _BEND]
Initial = Annotated[str, _INITIAL]


def _choice(name: str, value: Any) -> tuple[str, str, bool]:
    """Return what one network of `remedies` is made of."""
    if not isinstance(value, tuple | list) or len(value) != 3:
        msg = f"`{name}` is {shown(value)} but must be a {_CHOICE.words}"
        raise TypeError(msg)
    activation, initialise, normalise = value
    return (
        _BEND.check(f"{name}[0]", activation),
        _INITIAL.check(f"{name}[1]", initialise),
        _checks.choice(f"{name}[2]", normalise),
    )


_CHOICE = Kind(_choice, "tuple of two names and True or False")
Choices = Annotated[Sequence[tuple[str, str, bool]], each(_CHOICE, least=1)]


# Half the squared error, whose slope along the prediction is the error itself.
def _half(predictions: Any, targets: Any) -> Any:
    return losses.mean_squared_error(predictions, targets) / 2


def _half_slope(predictions: Any, targets: Any) -> Any:
    return losses.mean_squared_error_slope(predictions, targets) / 2


@trace
class NeuronStarts(NamedTuple):
    """One sigmoid node in training, from several starts.

    For each of the `starts` the first of the `sums` that reach the node, the slope of
    the sigmoid there (`activation_slopes`) and that of the loss along the sum
    (`sum_slopes`); what the node says before all steps, after them and at each of them
    (`first_predictions`, `last_predictions`, `predictions`), and the `losses`.
    """

    starts: tuple[tuple[Number, ...], ...]
    sums: tuple[float, ...]
    activation_slopes: tuple[float, ...]
    sum_slopes: tuple[float, ...]
    first_predictions: tuple[float, ...]
    last_predictions: tuple[float, ...]
    predictions: tuple[tuple[float, ...], ...]
    losses: tuple[tuple[float, ...], ...]


@checked
def saturated_neuron(
    starts: Rows = STARTS,
    input_value: Finite = 1,
    target: Probability = 0,
    learning_rate: Positive = 0.15,
    num_steps: Count0 = 300,
) -> NeuronStarts:
    r"""Train one sigmoid node on half the squared error, from several starts.

    .. math:: L = \frac{(\hat y - y)^2}{2}, \qquad
              \frac{\partial L}{\partial z} = (\hat y - y)\,\sigma'(z), \qquad
              z = w x + b, \quad \hat y = \sigma(z)

    The sigmoid is irrational, so fractions are computed as floats here.

    Parameters
    ----------
    starts
        Weight and bias, :math:`(w, b)`, of each start, in a row of its own.
    input_value
        The input, :math:`x`.
    target
        What the node should say, :math:`y`, from 0 to 1.
    learning_rate
        The rate.
    num_steps
        How many steps to take from each start.

    Raises
    ------
    ValueError
        If `starts` has not two columns.

    References
    ----------
    .. [1] M. A. Nielsen, "Neural Networks and Deep Learning", Determination Press
       (2015), chapter 3.

    Examples
    --------
    >>> runs = saturated_neuron()
    >>> [round(prediction, 2) for prediction in runs.first_predictions]
    [0.82, 0.98]
    >>> [round(prediction, 2) for prediction in runs.last_predictions]
    [0.09, 0.2]
    """
    settings = starts, input_value, target, learning_rate, num_steps
    return _neuron(Loss(_half, _half_slope), SIGMOID, *settings)


@checked
def with_cross_entropy(
    starts: Rows = STARTS,
    input_value: Finite = 1,
    target: Probability = 0,
    learning_rate: Positive = 0.15,
    num_steps: Count0 = 300,
) -> NeuronStarts:
    r"""Train the same node on the cross-entropy: its slope along the sum is the error.

    .. math:: L = -y \ln \hat y - (1 - y) \ln (1 - \hat y), \qquad
              \frac{\partial L}{\partial z} = \hat y - y

    The sigmoid is irrational, so fractions are computed as floats here.

    Parameters
    ----------
    starts
        Weight and bias, :math:`(w, b)`, of each start, in a row of its own.
    input_value
        The input, :math:`x`.
    target
        What the node should say, :math:`y`, from 0 to 1.
    learning_rate
        The rate.
    num_steps
        How many steps to take from each start.

    Raises
    ------
    ValueError
        If `starts` has not two columns.

    References
    ----------
    .. [1] M. A. Nielsen, "Neural Networks and Deep Learning", Determination Press
       (2015), chapter 3.

    Examples
    --------
    >>> runs = with_cross_entropy()
    >>> [round(prediction, 3) for prediction in runs.last_predictions]
    [0.012, 0.012]
    >>> runs.sum_slopes == runs.first_predictions
    True
    """
    settings = starts, input_value, target, learning_rate, num_steps
    # This loss takes the sums, and applies the sigmoid itself.
    return _neuron(losses.SIGMOID_CROSS_ENTROPY, IDENTITY, *settings)


def _neuron(
    loss: Loss,
    activation: Activation,
    starts: Any,
    input_value: Number,
    target: Number,
    learning_rate: Number,
    num_steps: int,
) -> NeuronStarts:
    if starts.shape[1] != 2:
        msg = f"`starts` has shape {starts.shape} but must have a weight and a bias"
        raise ValueError(msg)
    inputs = [[input_value]]
    runs, predictions, sums, sum_slopes = [], [], [], []
    for weight, bias in starts:
        layers = (Dense([[weight]], [bias], activation),)
        run = descent.descend(
            *_loss_of(layers, inputs, [[target]], loss),
            flatten(layers),
            GradientDescent(learning_rate),
            num_steps=num_steps,
        )
        runs.append(run)
        sums.append(_sums_of(run.params, inputs))
        predictions.append(tuple(plain(sigmoid(sums[-1]))))
        # The bias takes part in the sum as it is: its slope is that of the sum.
        sum_slopes.append(float(run.gradients[0][1]))
    first = tuple(own[0] for own in sums)
    return NeuronStarts(
        starts=plain(starts),
        sums=first,
        activation_slopes=plain(sigmoid_slope(first)),
        sum_slopes=tuple(sum_slopes),
        first_predictions=tuple(own[0] for own in predictions),
        last_predictions=tuple(own[-1] for own in predictions),
        predictions=tuple(predictions),
        losses=tuple(plain(run.losses) for run in runs),
    )


def _sums_of(params: Any, inputs: Any) -> list[float]:
    """Give the sum of the node at every step: each step is a node of one layer."""
    weights, biases = np.transpose(params)
    sums = forward([Dense([weights], biases)], inputs)[1][0]
    return [float(z) for z in sums]


def _loss_of(
    layers: Sequence[Layer], inputs: Any, targets: Any, loss: Loss
) -> tuple[Callable[[Any], Number], Callable[[Any], Any]]:
    """Give the loss of a network, and its gradient, along all that is learned."""

    def value(vector: Any) -> Number:
        *_, predictions = forward(unflatten(layers, vector), inputs)
        given: Number = loss.function(predictions, targets)
        return given

    def gradient(vector: Any) -> Any:
        filled = unflatten(layers, vector)
        passed = forward_pass(filled, inputs)
        *_, predictions = passed.values
        slope = loss.slope(predictions, targets)
        return backward(filled, passed, slope).gradient

    return value, gradient


@trace
class Chain(NamedTuple):
    """One node after the other: what goes forward, and the slopes that come back.

    The `weight` and `bias` of every node; the `values` from the input on, the `factors`
    by which each node multiplies a slope, the `slopes` of the output along the values,
    and the `bound` of the first one.
    """

    weight: float
    bias: float
    values: tuple[float, ...]
    factors: tuple[float, ...]
    slopes: tuple[float, ...]
    bound: float


@checked
def chain(
    weight: Finite = 1,
    bias: Finite = -0.5,
    input_value: Finite = 0.5,
    n_layers: Count1 = 10,
) -> Chain:
    r"""Send a slope back through layers of one sigmoid node each.

    .. math:: \frac{\partial a_n}{\partial a_0}
              = \prod_{l=1}^{n} \sigma'(z_l)\, w, \qquad
              \left| \frac{\partial a_n}{\partial a_0} \right|
              \le \left( \frac{|w|}{4} \right)^{n}

    The sigmoid is irrational, so fractions are computed as floats here.

    Parameters
    ----------
    weight
        The weight of every node, :math:`w`; not 0.
    bias
        The bias of every node.
    input_value
        What enters the first node, :math:`a_0`.
    n_layers
        How many nodes, :math:`n`.

    Raises
    ------
    ValueError
        If `weight` is 0.

    References
    ----------
    .. [1] S. Hochreiter, "Untersuchungen zu dynamischen neuronalen Netzen", diploma
       thesis, TU München (1991).

    Examples
    --------
    Every sum is zero here, where the sigmoid is steepest:

    >>> nodes = chain(n_layers=3)
    >>> nodes.factors, nodes.slopes
    ((0.25, 0.25, 0.25), (0.015625, 0.0625, 0.25, 1.0))
    >>> chain().slopes[0] == 1 / 4**10
    True
    """
    if weight == 0:
        msg = "`weight` is 0 but must not be: then nothing comes through"
        raise ValueError(msg)
    weight, bias = float(weight), float(bias)
    layers = (Dense([[weight]], [bias], SIGMOID),) * n_layers
    passed = forward_pass(layers, [[float(input_value)]])
    slopes = [v.item() for v in backward(layers, passed, [[1.0]]).values]
    values = tuple(value.item() for value in passed.values)
    alone = Dense([[weight]], [bias])
    sums = [forward([alone], [[value]])[1].item() for value in values[:-1]]
    return Chain(
        weight=weight,
        bias=bias,
        values=values,
        factors=tuple(sigmoid_slope(z) * weight for z in sums),
        slopes=tuple(slopes),
        bound=(sigmoid_slope(0) * abs(weight)) ** n_layers,
    )


@trace
class LayerSlopes(NamedTuple):
    """The slope of the loss that reaches each hidden layer of a fresh network.

    The `activation` and how the weights were drawn (`initialise`); the `slopes` at the
    hidden layers, the first over the last (`ratio`), and from that the `factor` of one
    layer; the `deviation` of the weights, and the factor that is `expected` of it.
    """

    activation: str
    initialise: str
    slopes: tuple[float, ...]
    ratio: float
    factor: float
    deviation: float
    expected: float


@checked
def layer_slopes(
    activation: Bend = "sigmoid",
    initialise: Initial = "normal",
    n_layers: Count2 = 10,
    n_nodes: Count1 = 64,
    n_samples: Count1 = 200,
    seed: Count0 = 0,
) -> LayerSlopes:
    r"""Measure the slope that reaches each layer of a network that reads digits.

    .. math:: \frac{g_{l-1}}{g_l} \approx s\,\sqrt{n}\;r, \qquad
              r = \sqrt{\text{mean of } \sigma'(z)^2 \text{ near } z = 0}

    :math:`g_l` is the root of the mean square of the slopes along what leaves layer
    :math:`l`, :math:`n` the number of nodes of a layer and :math:`s` the standard
    deviation of its weights. Nothing here is exact on fractions.

    Parameters
    ----------
    activation
        What every hidden node does; the leaky one leaks a tenth.
    initialise
        How the weights are drawn.
    n_layers
        How many hidden layers.
    n_nodes
        How many nodes each of them has.
    n_samples
        How many digits to read.
    seed
        What the random weights start from.

    Raises
    ------
    ValueError
        If `n_samples` is more than 1797.

    References
    ----------
    .. [1] X. Glorot and Y. Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS (2010).
    .. [2] K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers:
       surpassing human-level performance on ImageNet classification", ICCV (2015).

    Examples
    --------
    Eight times 0.05 times 1/4 is 0.1, and nine such factors come after one another:

    >>> measured = layer_slopes()
    >>> len(measured.slopes), round(measured.factor, 2), round(measured.expected, 2)
    (10, 0.1, 0.1)
    """
    data = _digits(n_samples)
    layers = _deep(activation, initialise, n_layers, n_nodes, seed)
    slopes = _slopes_at(layers, *data)
    between = np.array([layer.weights for layer in layers[1:-1]])
    deviation = (between**2).mean() ** 0.5
    tiny = sys.float_info.epsilon
    beside = ACTIVATIONS[activation].slope(np.array([-tiny, tiny]))
    ratio = slopes[0] / slopes[-1]
    return LayerSlopes(
        activation=activation,
        initialise=initialise,
        slopes=slopes,
        ratio=ratio,
        factor=ratio ** (1 / (n_layers - 1)),
        deviation=float(deviation),
        expected=float(deviation * n_nodes**0.5 * (beside**2).mean() ** 0.5),
    )


def _digits(n_samples: int) -> tuple[Any, Any]:
    data = _all_digits()
    if n_samples > len(data.inputs):
        msg = f"`n_samples` is {shown(n_samples)} but there are only {len(data.inputs)}"
        raise ValueError(msg)
    return data.inputs[:n_samples], data.targets[:n_samples]


@cache
def _all_digits() -> datasets.Dataset:
    return datasets.digits()


def _deep(
    activation: str,
    initialise: str,
    n_layers: int,
    n_nodes: int,
    seed: int,
    *,
    normalise: bool = False,
) -> tuple[Any, ...]:
    return dense_network(
        [_all_digits().inputs.shape[1], *(n_nodes,) * n_layers, N_CLASSES],
        np.random.default_rng(seed),
        activation=ACTIVATIONS[activation],
        initialise=INITIALISATIONS[initialise],
        normalise=normalise,
    )


def _slopes_at(layers: Any, inputs: Any, targets: Any) -> tuple[float, ...]:
    """Give the root mean square of the slopes along what leaves each hidden layer."""
    loss = losses.SOFTMAX_CROSS_ENTROPY
    passed = forward_pass(layers, inputs, training=True)
    slopes = backward(layers, passed, loss.slope(passed.values[-1], targets)).values
    # What enters a dense layer, the first one apart, is what left a hidden layer.
    entered = [
        slope
        for layer, slope in zip(layers, slopes[:-1], strict=True)
        if isinstance(layer, Dense)
    ]
    return tuple(float((slope**2).mean() ** 0.5) for slope in entered[1:])


@trace
class Remedies(NamedTuple):
    """Networks of ten layers that differ in one thing, before and after training.

    For each network what differs (`names`), the slope at the first hidden layer over
    that at the last, before training (`ratios`), and the loss before it, after it and
    after each epoch (`first_losses`, `last_losses`, `losses`); the number of steps
    (`num_steps`), and the loss of a `guess`.
    """

    names: tuple[str, ...]
    ratios: tuple[float, ...]
    first_losses: tuple[Number, ...]
    last_losses: tuple[Number, ...]
    losses: tuple[tuple[Number, ...], ...]
    num_steps: int
    guess: Number


@checked
def remedies(
    choices: Choices = (
        ("sigmoid", "normal", False),
        ("sigmoid", "glorot", False),
        ("ReLU", "normal", False),
        ("tanh", "glorot", False),
        ("ReLU", "he", False),
        ("leaky ReLU", "he", False),
        ("sigmoid", "glorot", True),
    ),
    learning_rate: Positive = 0.02,
    num_epochs: Count0 = 25,
    batch_size: Count1 = 50,
    n_layers: Count2 = 10,
    n_nodes: Count1 = 64,
    n_samples: Count1 = 200,
    seed: Count0 = 0,
) -> Remedies:
    r"""Train deep networks that read digits, each with another remedy.

    .. math:: L_{\text{guess}} = \ln 10

    is the loss of a guess that looks at no picture. Nothing here is exact on fractions.

    Parameters
    ----------
    choices
        For each network its activation and initialisation, as in `layer_slopes`, and
        whether its sums are batch normalised.
    learning_rate
        The rate of all of them.
    num_epochs
        How often to go through the samples.
    batch_size
        How many samples share a step.
    n_layers
        How many hidden layers.
    n_nodes
        How many nodes each of them has.
    n_samples
        How many digits to learn from.
    seed
        What the random weights and the shuffling start from.

    Raises
    ------
    ValueError
        If `n_samples` is more than 1797, or `batch_size` does not fit it.

    References
    ----------
    .. [1] S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network
       training by reducing internal covariate shift", ICML (2015).

    Examples
    --------
    >>> trained = remedies([("tanh", "glorot", False)], num_epochs=2)
    >>> trained.names, trained.num_steps, round(trained.guess, 3)
    (('tanh, glorot',), 8, 2.303)
    >>> trained.last_losses[0] < trained.guess < trained.first_losses[0]
    True
    """
    data = _digits(n_samples)
    networks = {
        ", ".join([activation, initialise, *("batch norm",) * normalise]): _deep(
            activation, initialise, n_layers, n_nodes, seed, normalise=normalise
        )
        for activation, initialise, normalise in choices
    }
    runs = [
        fitting.fit(
            layers,
            *data,
            loss=losses.SOFTMAX_CROSS_ENTROPY,
            rule=GradientDescent(learning_rate),
            num_epochs=num_epochs,
            batch_size=batch_size,
            generator=np.random.default_rng(seed),
            progress=False,
        )
        for layers in networks.values()
    ]
    slopes = [_slopes_at(layers, *data) for layers in networks.values()]
    fell = tuple(run.values("loss") for run in runs)
    guess = losses.softmax_cross_entropy(0 * data[1], data[1])
    return Remedies(
        names=tuple(networks),
        ratios=tuple(own[0] / own[-1] for own in slopes),
        first_losses=tuple(own[0] for own in fell),
        last_losses=tuple(own[-1] for own in fell),
        losses=fell,
        num_steps=runs[0].num_steps,
        guess=guess,
    )


@trace
class DeadNode(NamedTuple):
    """One ReLU node on a line, with a first step that is too long.

    At every step, from before the first on, the weight and the bias (`weights`,
    `biases`), the `predictions`, the `gradients` along both and the loss (`losses`);
    the number of steps (`num_steps`), and why the descent `stopped`.
    """

    weights: tuple[Number, ...]
    biases: tuple[Number, ...]
    predictions: tuple[tuple[Number, ...], ...]
    gradients: tuple[tuple[Number, ...], ...]
    losses: tuple[Number, ...]
    num_steps: int
    stopped: str


@checked
def dead_node(
    negative_slope: Share = 0,
    inputs: Row = (1, 2),
    targets: Row = (1, 2),
    weight: Finite = Fraction(2),
    first_rate: Positive = Fraction(1, 2),
    learning_rate: Positive = Fraction(1, 10),
    num_steps: Count0 = 12,
) -> DeadNode:
    r"""Kill a ReLU node with one long step, and let short ones follow.

    .. math:: \hat y_i = \operatorname{relu}(w x_i + b), \qquad
              \frac{\partial L}{\partial w} = \frac2n \sum_i (\hat y_i - y_i)\,
              \operatorname{relu}'(w x_i + b)\, x_i

    The numbers are fractions unless told otherwise: the node is dead, not nearly so.

    Parameters
    ----------
    negative_slope
        The share that leaks below zero; ReLU if 0.
    inputs
        Where the samples are.
    targets
        What is true there.
    weight
        The first weight, :math:`w`; the first bias is 0.
    first_rate
        The rate of the first step.
    learning_rate
        The rate of all later steps.
    num_steps
        How many steps to take at most.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> node = dead_node()
    >>> node.weights == (2, Fraction(-1, 2)), node.biases == (0, Fraction(-3, 2))
    (True, True)
    >>> node.gradients == ((5, 3), (0, 0))
    True
    >>> node.stopped
    'the gradient is flat'
    >>> dead_node(Fraction(1, 4)).predictions[-1] > (0, 0)
    True
    """
    activation = leaky(negative_slope)
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)
    rule = GradientDescent(learning_rate)
    exact = np.array([weight, 0], dtype=object)
    layers = (Dense(exact[:1, None], exact[1:], activation),)
    rows, column = inputs[:, None], targets[:, None]
    run = descent.descend(
        *_loss_of(layers, rows, column, losses.MEAN_SQUARED_ERROR),
        flatten(layers),
        rule,
        num_steps=num_steps,
        schedule=lambda step, _losses: rule.learning_rate if step else first_rate,
    )
    weights, biases = zip(*(plain(params) for params in run.params), strict=True)
    said = [forward(unflatten(layers, own), rows)[1][:, 0] for own in run.params]
    return DeadNode(
        weights=weights,
        biases=biases,
        predictions=plain(said),
        gradients=plain(run.gradients),
        losses=plain(run.losses),
        num_steps=run.num_steps,
        stopped=run.stopped,
    )


@trace
class DeadShares(NamedTuple):
    """How many nodes of a hidden layer a learning rate kills.

    The `activation` and the `learning_rates`; the share of nodes that are silent at the
    start (`born_silent`), and for each rate the shares that are `silent` and `dead`
    after training, and the loss (`losses`).
    """

    activation: str
    learning_rates: tuple[Number, ...]
    born_silent: float
    silent: tuple[float, ...]
    dead: tuple[float, ...]
    losses: tuple[float, ...]


@checked
def dead_shares(
    activation: Bend = "ReLU",
    learning_rates: Positives = (0.25, 0.5, 1, 1.5, 2),
    num_steps: Count0 = 50,
    n_nodes: Count1 = 32,
    n_samples: Count1 = 200,
    n_networks: Count1 = 3,
) -> DeadShares:
    r"""Count the nodes that no sample reaches any more, for each learning rate.

    .. math:: \text{silent: } z_i \le 0 \text{ for every sample } i, \qquad
              \text{dead: } \frac{\partial L}{\partial w} = 0,\;
              \frac{\partial L}{\partial b} = 0

    Networks with one hidden layer learn to read digits, all samples in every step.
    Nothing here is exact on fractions.

    Parameters
    ----------
    activation
        What every hidden node does, as in `layer_slopes`.
    learning_rates
        The rates to try.
    num_steps
        How many steps to take.
    n_nodes
        How many nodes the hidden layer has.
    n_samples
        How many digits to learn from.
    n_networks
        How many networks to train with each rate, seeds counting from 0.

    Raises
    ------
    ValueError
        If `n_samples` is more than 1797.

    Examples
    --------
    >>> counted = dead_shares(learning_rates=(0.25, 2), n_networks=1)
    >>> counted.silent == counted.dead, counted.dead[0] < 1 / 4 < counted.dead[1]
    (True, True)
    """
    data = _digits(n_samples)
    starts = [
        dense_network(
            [data[0].shape[1], n_nodes, N_CLASSES],
            np.random.default_rng(seed),
            activation=ACTIVATIONS[activation],
        )
        for seed in range(n_networks)
    ]
    runs = [
        [
            fitting.fit(
                start,
                *data,
                loss=losses.SOFTMAX_CROSS_ENTROPY,
                rule=GradientDescent(rate),
                num_epochs=num_steps,
                batch_size=len(data[0]),
                generator=np.random.default_rng(0),
                progress=False,
            )
            for start in starts
        ]
        for rate in learning_rates
    ]

    def mean(values: Any) -> float:
        return float(np.mean(list(values)))

    return DeadShares(
        activation=activation,
        learning_rates=tuple(learning_rates),
        born_silent=mean(_silent(start, data[0]) for start in starts),
        silent=tuple(mean(_silent(r.layers, data[0]) for r in own) for own in runs),
        dead=tuple(mean(_dead(r.layers, *data) for r in own) for own in runs),
        losses=tuple(mean(r.epochs[-1].loss for r in own) for own in runs),
    )


def _silent(layers: Any, inputs: Any) -> float:
    """Give the share of hidden nodes whose sum is above zero for no sample."""
    sums = forward([layers[0]._replace(activation=IDENTITY)], inputs)[1]
    return float((sums <= 0).all(axis=0).mean())


def _dead(layers: Any, inputs: Any, targets: Any) -> float:
    """Give the share of hidden nodes along which every slope is zero."""
    passed = forward_pass(layers, inputs)
    slope = losses.softmax_cross_entropy_slope(passed.values[-1], targets)
    weights, bias = backward(layers, passed, slope).params[0]
    return float(((weights == 0).all(axis=0) & (bias == 0)).mean())
