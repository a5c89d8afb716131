"""Keep deep networks trainable: links around layers, other means, shorter gradients."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import _checks, descent, losses
from gdbook._arguments import (
    Count0,
    Count1,
    Count2,
    Finite,
    Positive,
    Rows,
    checked,
    one_of,
)
from gdbook._checks import NotFiniteError, Number, shown
from gdbook.activations import IDENTITY
from gdbook.examples.vanishing_gradients import (
    Bend,
    Initial,
    _deep,
    _digits,
    _slopes_at,
)
from gdbook.fitting import fit
from gdbook.network import (
    BatchNorm,
    Dense,
    Layer,
    Residual,
    _passed,
    _slopes,
    backward,
    batch_norm,
    forward,
    forward_pass,
    layer_norm,
)
from gdbook.optimizers import GradientDescent, _root, clip_norm
from gdbook.packing import _filled, flatten
from gdbook.seeds import spread
from gdbook.traces import plain, trace

TABLE = ((Fraction(2), 2, 6, 6), (12, 6, 6, 4))
REMEDIES = ("plain", "links", "layer norm", "batch norm")
Remedy = Annotated[str, one_of(REMEDIES)]


@trace
class LinkedChain(NamedTuple):
    """The slope that comes back through layers, without links and with them.

    The `layer_factor` of one layer, the slope of the output along the value of each
    node from the input on, without links (`plain_slopes`) and with them (`slopes`), and
    what leaves the linked chain when 1 enters (`output`).
    """

    layer_factor: Number
    plain_slopes: tuple[Number, ...]
    slopes: tuple[Number, ...]
    output: Number


@checked
def linked_chain(
    layer_factor: Finite = Fraction(1, 4), n_layers: Count1 = 10
) -> LinkedChain:
    r"""Send a slope back through layers that multiply by a factor, linked or not.

    .. math:: \frac{\partial a_n}{\partial a_0} = f^n, \qquad
              a_l = a_{l-1} + f a_{l-1} \;\Rightarrow\;
              \frac{\partial a_n}{\partial a_0} = (1 + f)^n

    Parameters
    ----------
    layer_factor
        What each layer multiplies by, :math:`f`.
    n_layers
        How many layers, :math:`n`.

    Examples
    --------
    One way goes around both layers, one through each, and one through both:

    >>> two = linked_chain(n_layers=2)
    >>> two.slopes[0] == 1 + 2 * two.layer_factor + two.plain_slopes[0]
    True
    >>> two.slopes[0]
    Fraction(25, 16)
    """
    one = np.array([[layer_factor * 0 + 1]])
    layer = Dense(layer_factor * one)
    chains: list[list[Layer]] = [[layer] * n_layers, [layer, Residual()] * n_layers]
    passes = [forward_pass(layers, one) for layers in chains]
    slopes = [
        [plain(slope.item()) for slope in backward(layers, passed, one).values]
        for layers, passed in zip(chains, passes, strict=True)
    ]
    return LinkedChain(
        layer_factor=layer_factor,
        plain_slopes=tuple(slopes[0]),
        slopes=tuple(slopes[1][::2]),
        output=plain(passes[1].values[-1].item()),
    )


@trace
class DeepLosses(NamedTuple):
    """A deep network that is trained from several starts, with one remedy.

    The `activation`, how the weights were drawn (`initialise`), and the `remedy`; the
    slope at the first hidden layer over that at the last, before training, from the
    first start (`ratio`); the median of the losses before training (`first_loss`), and
    the `least`, the `median` and the `greatest` one after it; the number of steps
    (`num_steps`), and the loss of a `guess`.
    """

    activation: str
    initialise: str
    remedy: str
    ratio: float
    first_loss: Number
    least: Number
    median: Number
    greatest: Number
    num_steps: int
    guess: float


@checked
def deep_losses(
    activation: Bend = "tanh",
    initialise: Initial = "normal",
    remedy: Remedy = "links",
    learning_rate: Positive = 0.02,
    num_epochs: Count0 = 25,
    batch_size: Count1 = 50,
    n_layers: Count2 = 10,
    n_nodes: Count1 = 64,
    n_samples: Count1 = 200,
    num_seeds: Count2 = 3,
) -> DeepLosses:
    r"""Train a deep network that reads digits, from several starts.

    .. math:: A_l = A_{l-1} + \sigma(A_{l-1} W_l + b_l)

    is a hidden layer with a link, for all hidden layers but the first. Nothing here is
    exact on fractions.

    Parameters
    ----------
    activation
        What every hidden node does, as in `vanishing_gradients.layer_slopes`.
    initialise
        How the weights are drawn.
    remedy
        What is added to the network: nothing, links around its layers, or a
        normalisation of the sums of each hidden layer.
    learning_rate
        The rate.
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
    num_seeds
        How many starts, seeds counting from 0.

    Raises
    ------
    ValueError
        If `n_samples` is more than 1797, or `batch_size` does not fit it.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image
       recognition", CVPR (2016).
    .. [2] J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization",
       arXiv:1607.06450 (2016).

    Examples
    --------
    >>> trained = deep_losses(num_epochs=8, n_layers=6, num_seeds=2)
    >>> trained.greatest < trained.guess
    True
    """
    data = _digits(n_samples)
    starts = [
        _with(remedy, _deep(activation, initialise, n_layers, n_nodes, seed))
        for seed in range(num_seeds)
    ]
    runs = [
        fit(
            layers,
            *data,
            loss=losses.SOFTMAX_CROSS_ENTROPY,
            rule=GradientDescent(learning_rate),
            num_epochs=num_epochs,
            batch_size=batch_size,
            generator=np.random.default_rng(seed),
            progress=False,
        )
        for seed, layers in enumerate(starts)
    ]
    fell = [run.values("loss") for run in runs]
    slopes = _slopes_at(starts[0], *data)
    ends = spread(lambda seed: fell[seed][-1], num_seeds)
    return DeepLosses(
        activation=activation,
        initialise=initialise,
        remedy=remedy,
        ratio=slopes[0] / slopes[-1],
        first_loss=float(np.median([own[0] for own in fell])),
        least=ends.least,
        median=ends.median,
        greatest=ends.greatest,
        num_steps=runs[0].num_steps,
        guess=losses.softmax_cross_entropy(0 * data[1], data[1]),
    )


def _with(remedy: str, layers: tuple[Any, ...]) -> tuple[Layer, ...]:
    """Add a remedy to the dense layers of a network."""
    first, *hidden, last = layers
    if remedy == "plain":
        return layers
    if remedy == "links":
        return (first, *(x for layer in hidden for x in (layer, Residual())), last)
    norm = layer_norm if remedy == "layer norm" else batch_norm
    return (
        *(
            x
            for layer in (first, *hidden)
            for x in (
                layer._replace(activation=IDENTITY),
                norm(len(layer.bias)),
                layer.activation,
            )
        ),
        last,
    )


def _loss(layers: tuple[Layer, ...], inputs: Any, targets: Any) -> float:
    predictions = forward(layers, inputs)[-1]
    return float(losses.softmax_cross_entropy(predictions, targets))


class _Step(NamedTuple):
    """The network after a step, and what the step was taken on."""

    layers: tuple[Layer, ...]
    loss: float  # of the batch, before the step
    norm: float  # of its gradient, before it was clipped


def _steps(
    layers: tuple[Layer, ...],
    inputs: Any,
    targets: Any,
    plan: tuple[Number, int, int],
    seed: int,
    longest: Number | None = None,
) -> Iterator[_Step]:
    """Train as `fit` does, step by step, to where the numbers leave the floats.

    The plan is the learning rate, how many epochs, and how large a batch is.
    """
    learning_rate, num_epochs, batch_size = plan
    n_samples, batch_size = descent._batching(len(inputs), batch_size, None)  # noqa: SLF001
    generator, vector = np.random.default_rng(seed), flatten(layers)
    for _ in range(num_epochs):
        for chosen in descent._deal(n_samples, batch_size, generator):  # noqa: SLF001
            wanted = targets[chosen]
            try:
                with np.errstate(all="ignore"):  # what overflows ends the run
                    passed = _passed(
                        layers, inputs[chosen], training=True, generator=None
                    )
                    predictions = passed.values[-1]
                    loss = losses.softmax_cross_entropy(predictions, wanted)
                    slope = losses.softmax_cross_entropy_slope(predictions, wanted)
                    gradient = _slopes(layers, passed, slope).gradient
                    norm = _checks.number("norm", float(np.linalg.norm(gradient)))
            except NotFiniteError:
                return
            if longest is not None:
                gradient = clip_norm(gradient, longest)
            vector = vector - float(learning_rate) * gradient
            layers = _filled(passed.layers, vector)
            yield _Step(layers, float(loss), norm)


@trace
class ClippedRun(NamedTuple):
    """A network whose scale explodes, trained with gradients clipped, and as they are.

    The `longest` gradient that is let through; for each step the norm of the gradient
    before it is clipped, and the loss of its batch (`norms`, `losses`); the same
    without clipping, up to the last step that is finite (`plain_norms`,
    `plain_losses`); the loss of all samples after clipped training (`end`), and in how
    many of its steps the gradient was `shortened`.
    """

    longest: Number
    norms: tuple[float, ...]
    losses: tuple[float, ...]
    plain_norms: tuple[float, ...]
    plain_losses: tuple[float, ...]
    end: float
    shortened: int


@checked
def clipped_run(
    longest: Positive = 5,
    learning_rate: Positive = 0.1,
    num_epochs: Count1 = 25,
    batch_size: Count1 = 50,
    n_layers: Count2 = 10,
    n_nodes: Count1 = 64,
    n_samples: Count1 = 200,
    seed: Count0 = 0,
) -> ClippedRun:
    r"""Train a ReLU network with links and the weights of He, clipped and not.

    .. math:: g \leftarrow g \cdot \min\left(1, \frac{c}{\lVert g \rVert}\right)

    Nothing here is exact on fractions.

    Parameters
    ----------
    longest
        The norm that a gradient is shortened to, :math:`c`.
    learning_rate
        The rate.
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
    .. [1] R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training
       recurrent neural networks", ICML (2013).

    Examples
    --------
    >>> run = clipped_run(num_epochs=4)
    >>> len(run.norms), len(run.plain_norms) < 8
    (16, True)
    """
    data = _digits(n_samples)
    layers = _with("links", _deep("ReLU", "he", n_layers, n_nodes, seed))
    plan = learning_rate, num_epochs, batch_size
    clipped, as_they_are = (
        list(_steps(layers, *data, plan, seed, limit)) for limit in (longest, None)
    )
    return ClippedRun(
        longest=longest,
        norms=tuple(step.norm for step in clipped),
        losses=tuple(step.loss for step in clipped),
        plain_norms=tuple(step.norm for step in as_they_are),
        plain_losses=tuple(step.loss for step in as_they_are),
        end=_loss(clipped[-1].layers, *data) if clipped else _loss(layers, *data),
        shortened=sum(step.norm > longest for step in clipped),
    )


@trace
class LinkedScale(NamedTuple):
    """How large the values of a linked network grow, layer by layer.

    The root of the mean square of what leaves each hidden layer, without links and with
    them (`plain_sizes`, `sizes`), and by how much a layer multiplies it with links
    (`factor`), from the first to the last.
    """

    plain_sizes: tuple[float, ...]
    sizes: tuple[float, ...]
    factor: float


@checked
def linked_scale(
    activation: Bend = "ReLU",
    initialise: Initial = "he",
    n_layers: Count2 = 10,
    n_nodes: Count1 = 64,
    n_samples: Count1 = 200,
    seed: Count0 = 0,
) -> LinkedScale:
    r"""Measure the values in a fresh network that reads digits, with links and without.

    .. math:: s_l = \sqrt{\text{mean of } A_l^2}

    Nothing here is exact on fractions.

    Parameters
    ----------
    activation
        What every hidden node does, as in `deep_losses`.
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
        If `n_samples` is more than 1797, or no node of the first layer says anything.

    Examples
    --------
    >>> scale = linked_scale()
    >>> scale.sizes[0] == scale.plain_sizes[0], scale.factor > 1.5
    (True, True)
    """
    inputs, _ = _digits(n_samples)
    layers = _deep(activation, initialise, n_layers, n_nodes, seed)
    sizes = [
        tuple(float((values**2).mean() ** 0.5) for values in forward(net, inputs)[1:-1])
        for net in (layers, _with("links", layers))
    ]
    linked = sizes[1][::2]  # what leaves each link, and the first layer
    if linked[0] == 0:
        msg = f"`n_nodes` is {shown(n_nodes)} but at seed {seed} all are silent"
        raise ValueError(msg)
    return LinkedScale(
        plain_sizes=sizes[0],
        sizes=linked,
        factor=(linked[-1] / linked[0]) ** (1 / (n_layers - 1)),
    )


@trace
class TwoMeans(NamedTuple):
    """A table that is normalised along its rows, and along its columns.

    Along the rows, which are samples: the `row_means`, the `row_deviations`, and the
    table that layer normalisation makes (`by_rows`); along the columns the
    `column_means`, the `column_deviations`, and what batch normalisation makes
    (`by_columns`).
    """

    row_means: tuple[Number, ...]
    row_deviations: tuple[Number, ...]
    by_rows: tuple[tuple[Number, ...], ...]
    column_means: tuple[Number, ...]
    column_deviations: tuple[Number, ...]
    by_columns: tuple[tuple[Number, ...], ...]


@checked
def two_means(samples: Rows = TABLE) -> TwoMeans:
    r"""Take means and deviations over each sample, and over the batch.

    .. math:: \hat x_{ij} = \frac{x_{ij} - \mu_i}{s_i} \quad \text{or} \quad
              \hat x_{ij} = \frac{x_{ij} - \mu_j}{s_j}

    Fractions stay exact where the deviations are rational; where one is zero, so is
    what is divided by it.

    Parameters
    ----------
    samples
        One row of numbers for each sample, :math:`x_{ij}`.

    Examples
    --------
    >>> means = two_means()
    >>> means.row_means == (4, 7), means.row_deviations == (2, 3)
    (True, True)
    >>> means.by_columns[0] == (-1, -1, 0, 1)
    True
    """
    rows, columns = _normalised(samples), _normalised(samples.T)
    return TwoMeans(
        row_means=plain(rows[0]),
        row_deviations=plain(rows[1]),
        by_rows=plain(rows[2]),
        column_means=plain(columns[0]),
        column_deviations=plain(columns[1]),
        by_columns=plain(columns[2].T),
    )


def _normalised(rows: Any) -> tuple[Any, Any, Any]:
    """Give means and deviations of rows, and the rows without both."""
    means = rows.mean(axis=1)
    centred = rows - means[:, None]
    deviations = _root((centred**2).mean(axis=1))
    return means, deviations, centred / (deviations + (deviations == 0))[:, None]


@trace
class RunningNorm(NamedTuple):
    """What batch normalisation makes of one number, in training and in predicting.

    What it makes of the number in training (`in_training`); for each number of
    `batches` seen before, its `running_means` and `running_variances`, and what it
    makes of the number when predicting (`predicted`).
    """

    in_training: float
    batches: tuple[int, ...]
    running_means: tuple[float, ...]
    running_variances: tuple[float, ...]
    predicted: tuple[float, ...]


@checked
def running_norm(
    number: Finite = 12, beside: Finite = 2, num_batches: Count1 = 80
) -> RunningNorm:
    r"""Show one batch of two numbers to batch normalisation, many times.

    .. math:: m \leftarrow \frac{9}{10} m + \frac{1}{10} \mu, \qquad
              v \leftarrow \frac{9}{10} v + \frac{1}{10} s^2

    Parameters
    ----------
    number
        The number that is predicted.
    beside
        The other one of its batch.
    num_batches
        How often the batch is shown.

    Examples
    --------
    >>> shown = running_norm(num_batches=2)
    >>> [round(mean, 4) for mean in shown.running_means]  # 7/10, and a tenth of 63/10
    [0.0, 0.7, 1.33]
    >>> round(shown.in_training, 4)
    1.0
    """
    layer: BatchNorm = batch_norm(1)
    batch = [[float(number)], [float(beside)]]
    passed = forward_pass([layer], batch, training=True)
    means, variances, predicted = [], [], []
    for _ in range(num_batches + 1):
        means.append(float(layer.running_mean[0]))
        variances.append(float(layer.running_variance[0]))
        predicted.append(float(forward([layer], batch)[-1][0, 0]))
        (layer,) = forward_pass([layer], batch, training=True).layers  # type: ignore[assignment]
    return RunningNorm(
        in_training=float(passed.values[-1][0, 0]),
        batches=tuple(range(num_batches + 1)),
        running_means=tuple(means),
        running_variances=tuple(variances),
        predicted=tuple(predicted),
    )
