"""Give a network neither too little room nor too much, and keep what it gains."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np

from gdbook import (
    _checks,
    datasets,
    fitting,
    gradients,
    initialisation,
    losses,
    network,
    packing,
    schedules,
)
from gdbook._arguments import Count1, Count2, Finite, Positive, Share, checked
from gdbook._checks import Number, Numbers
from gdbook.activations import RELU, TANH
from gdbook.network import Dense, Layer
from gdbook.optimizers import Adam
from gdbook.splits import Split, accuracy, hold_out
from gdbook.traces import plain, trace

__all__ = [
    "CapacityCurve",
    "DropoutGap",
    "FinalTest",
    "Growth",
    "Memorised",
    "MoonFits",
    "Noises",
    "ParamCount",
    "Plan",
    "Score",
    "all_noises",
    "capacity_curve",
    "count_params",
    "dropout_gap",
    "final_test",
    "grow",
    "memorise",
    "moon_fits",
]

N_INPUTS = 64  # the pixels of a digit
N_CLASSES = 10
KEPT_ASIDE = Fraction(1, 5)  # of the digits for the test, then of the rest to validate

# Five points, as fractions, so that the best line is exact.
INPUTS = tuple(map(Fraction, range(5)))

# What a network learns on: inputs and targets.
Samples = tuple[Any, Any]


@trace
class ParamCount(NamedTuple):
    """How many numbers each layer of a network learns, and all of them together."""

    sizes: tuple[int, ...]
    weights: tuple[int, ...]
    biases: tuple[int, ...]
    total: int


@checked
def count_params(sizes: Sequence[int] = (64, 32, 10)) -> ParamCount:
    r"""Count what a network of dense layers learns.

    .. math:: n_{\text{params}} = \sum_l (n_{l-1} + 1)\, n_l

    Parameters
    ----------
    sizes : sequence of int
        How many numbers enter, how many nodes each hidden layer has, and how many
        numbers leave: two sizes or more.

    Returns
    -------
    ParamCount
        The weights and the biases of each layer, and their total.

    Raises
    ------
    TypeError, ValueError
        As `gdbook.network.dense_network` does.

    Examples
    --------
    >>> count_params()
    ParamCount(sizes=(64, 32, 10), weights=(2048, 320), biases=(32, 10), total=2410)
    """
    layers = network.dense_network(sizes, np.random.default_rng(seed=0))
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    return ParamCount(
        sizes=tuple(map(int, sizes)),
        weights=tuple(np.size(layer.weights) for layer in dense),
        biases=tuple(np.size(layer.bias) for layer in dense),
        total=packing.flatten(layers).size,
    )


@trace
class Memorised(NamedTuple):
    """Three models of the same points: their mean, their line, and all of them."""

    inputs: tuple[Number, ...]
    targets: tuple[Number, ...]
    hidden_biases: tuple[Number, ...]
    weights: tuple[Number, ...]
    bias: Number
    predictions: tuple[tuple[Number, ...], ...]
    losses: tuple[Number, Number, Number]
    n_params: int


@checked
def memorise(
    inputs: Numbers = INPUTS,
    targets: Numbers = (
        Fraction(3, 2),
        Fraction(1),
        Fraction(3, 2),
        Fraction(3),
        Fraction(7, 2),
    ),
) -> Memorised:
    r"""Write down a network that goes through every point, whatever the points are.

    .. math:: \hat y = y_1 + \sum_{k=1}^{n-1} v_k \operatorname{relu}(x - x_k),
              \qquad v_k = s_k - s_{k-1}, \qquad
              s_k = \frac{y_{k+1} - y_k}{x_{k+1} - x_k}, \qquad s_0 = 0

    Each hidden node is a corner. It is exact on fractions.

    Parameters
    ----------
    inputs : array, shape (n_samples,)
        Where the points are, from left to right: two points or more.
    targets : array, shape (n_samples,)
        How high they are, :math:`y_k`.

    Returns
    -------
    Memorised
        The biases of the hidden nodes, whose weights are all 1, the weights of the
        output, :math:`v_k`, and its bias; what the mean, the best line and the network
        predict for every point, the mean squared error of each, and how many
        parameters the network has.

    Raises
    ------
    TypeError
        If an argument holds something that is not a number.
    ValueError
        If the shapes differ or have other dimensions than one, there are less than two
        points, `inputs` do not rise, or an argument is empty, NaN or infinite.

    Examples
    --------
    >>> memorised = memorise()
    >>> memorised.weights, memorised.losses
    ((Fraction(-1, 2), Fraction(1, 1), Fraction(1, 1), Fraction(-1, 1)), (Fraction(47, 50), Fraction(11, 50), Fraction(0, 1)))
    """  # noqa: E501 (a doctest shows a tuple as one line)
    inputs, targets = _points(inputs, targets)
    layers = _through(inputs, targets)
    hidden, output = layers
    predictions = _three_models(inputs, targets)
    return Memorised(
        inputs=plain(inputs),
        targets=plain(targets),
        hidden_biases=plain(np.asarray(hidden.bias)),
        weights=plain(np.asarray(output.weights)),
        bias=plain(output.bias),
        predictions=tuple(plain(each) for each in predictions),
        losses=tuple(
            plain(losses.mean_squared_error(each, targets)) for each in predictions
        ),
        n_params=packing.flatten(layers).size,
    )


@trace
class Noises(NamedTuple):
    """What three models make of every way in which the noise can fall, on average."""

    inputs: tuple[Number, ...]
    truth: tuple[Number, ...]
    size: Number
    n_ways: int
    n_fitted: tuple[int, int, int]
    training_losses: tuple[Number, Number, Number]
    new_losses: tuple[Number, Number, Number]


@checked
def all_noises(
    inputs: Numbers = INPUTS,
    slope: Finite = Fraction(1, 2),
    intercept: Finite = 1,
    size: Positive = Fraction(1, 2),
) -> Noises:
    r"""Move every point of a line up or down, in all ways, and fit each time anew.

    .. math:: \bar L_{\text{training}} = B + s^2 \left(1 - \frac pn\right),
              \qquad
              \bar L_{\text{new}} = B + s^2 \left(1 + \frac pn\right)

    A model that fits :math:`p` numbers to :math:`n` points, and whose predictions are
    linear in the targets, misses by :math:`B` even without noise. It follows some of
    the noise, and it pays for that on new targets at the same inputs, whose noise falls
    anew. It is exact on fractions.

    Parameters
    ----------
    inputs : array, shape (n_samples,)
        Where the points are, from left to right: two points or more.
    slope
        How the true line rises.
    intercept
        Where it starts.
    size
        How far the noise moves a point up or down, :math:`s`.

    Returns
    -------
    Noises
        The true line, in how many ways the noise can fall, and for the mean, the best
        line and the network through all points: how many numbers each fits, :math:`p`,
        and its mean squared error on the points that it has seen and on new ones.

    Raises
    ------
    TypeError
        If an argument holds something that is not a number.
    ValueError
        If `inputs` are not of one dimension, less than two, do not rise, or an argument
        is empty, NaN or infinite, or `size` is not positive.

    Examples
    --------
    >>> noises = all_noises()
    >>> noises.training_losses
    (Fraction(7, 10), Fraction(3, 20), Fraction(0, 1))
    >>> noises.new_losses
    (Fraction(4, 5), Fraction(7, 20), Fraction(1, 2))
    """
    inputs, _ = _points(inputs, inputs)
    truth = slope * inputs + intercept
    seen, new = [], []
    for above in product((False, True), repeat=len(inputs)):
        targets = np.where(above, truth + size, truth - size)
        predictions = _three_models(inputs, targets)
        seen.append([losses.mean_squared_error(p, targets) for p in predictions])
        # A new sample is as often above the truth as below, which adds the square.
        new.append([losses.mean_squared_error(p, truth) + size**2 for p in predictions])
    training_losses, new_losses = (
        tuple(
            plain(sum(column) / Fraction(len(rows)))
            for column in zip(*rows, strict=True)
        )
        for rows in (seen, new)
    )
    return Noises(
        inputs=plain(inputs),
        truth=plain(truth),
        size=size,
        n_ways=len(seen),
        n_fitted=(1, 2, len(inputs)),
        training_losses=training_losses,
        new_losses=new_losses,
    )


def _points(inputs: Numbers, targets: Numbers) -> tuple[Any, Any]:
    inputs = _checks.varied("inputs", inputs)
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)
    for before, after in pairwise(inputs):
        if not before < after:
            msg = f"`inputs` holds {after} after {before} but must rise"
            raise ValueError(msg)
    return inputs, targets


def _through(inputs: Any, targets: Any) -> tuple[Dense, Dense]:
    """Write down the network through all points: each point but the last a corner."""
    rises = (targets[1:] - targets[:-1]) / (inputs[1:] - inputs[:-1])
    weights = np.concatenate([rises[:1], rises[1:] - rises[:-1]])
    hidden = Dense(np.ones((1, len(weights)), dtype=object), -inputs[:-1], RELU)
    return hidden, Dense(weights, targets[0])


def _three_models(inputs: Any, targets: Any) -> tuple[Any, Any, Any]:
    """Predict every point: by the mean, by the best line, by the network."""
    slope, intercept = gradients.best_line(inputs, targets)
    mean = targets.sum() / Fraction(len(targets))
    through = network.forward(_through(inputs, targets), inputs[:, None])[-1]
    return 0 * inputs + mean, slope * inputs + intercept, through


@trace
class MoonFits(NamedTuple):
    """Networks of several widths, trained on the same few points of two moons."""

    widths: tuple[int, ...]
    n_params: tuple[int, ...]
    training_losses: tuple[float, ...]
    validation_losses: tuple[float, ...]
    training_accuracies: tuple[float, ...]
    validation_accuracies: tuple[float, ...]
    points: tuple[tuple[float, ...], ...]
    labels: tuple[int, ...]
    across: tuple[float, ...]
    up: tuple[float, ...]
    scores: tuple[tuple[tuple[float, ...], ...], ...]


@checked
def moon_fits(
    widths: Sequence[int] = (1, 3, 30),
    n_samples: int = 40,
    n_validation: int = 400,
    noise: Number = 0.25,
    num_epochs: int = 400,
    learning_rate: Number = 0.05,
    resolution: Count2 = 61,
    seed: int = 0,
) -> MoonFits:
    r"""Part two moons with one hidden layer, narrow and wide.

    .. math:: z = \tanh(x W_1 + b_1)\, W_2 + b_2

    The border between the classes lies where the score :math:`z` is 0. Every epoch is
    one step of Adam on all points.

    Parameters
    ----------
    widths : sequence of int
        How many hidden nodes each network has.
    n_samples : int
        How many points to learn from.
    n_validation : int
        How many other points to measure on.
    noise : number
        How far points lie off their moon.
    num_epochs : int
        How long to train.
    learning_rate : number
        Adam's rate.
    resolution
        How many scores to compute along each axis of the map, 2 or more.
    seed : int
        Where the random numbers start: of the points, of the validation points from the
        next one, and of every network.

    Returns
    -------
    MoonFits
        The parameters of each network, its loss and accuracy on both sets, the points
        with their classes, and its scores on a map around them.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.datasets.moons`, `gdbook.network.dense_network` and
        `gdbook.fitting.fit` do; also if `widths` is empty or `resolution` less than 2.

    Examples
    --------
    >>> fits = moon_fits(num_epochs=5, resolution=3)
    >>> fits.n_params, len(fits.points), fits.across
    ((5, 13, 121), 40, (-1.5, 0.5, 2.5))
    """
    plans = [(width,) for width in _counts("widths", widths)]
    data = datasets.moons(n_samples, noise=noise, seed=seed)
    other = datasets.moons(n_validation, noise=noise, seed=seed + 1)
    across, up = np.linspace(-1.5, 2.5, resolution), np.linspace(-1, 1.5, resolution)
    grid = np.array([[x, y] for y in up for x in across])
    n_params, measured, scores = [], [], []
    for hidden in plans:
        generator = np.random.default_rng(seed)
        layers = fitting.fit(
            network.dense_network(
                [2, *hidden, 1],
                generator,
                activation=TANH,
                initialise=initialisation.glorot,
            ),
            data.inputs,
            data.targets,
            loss=losses.SIGMOID_CROSS_ENTROPY,
            rule=Adam(learning_rate),
            num_epochs=num_epochs,
            batch_size=n_samples,
            generator=generator,
            progress=False,
        ).layers
        n_params.append(packing.flatten(layers).size)
        measured.append(
            [
                number
                for each in (data, other)
                for number in _moon_scores(layers, each.inputs, each.targets)
            ]
        )
        map_of = network.forward(layers, grid)[-1].reshape(resolution, resolution)
        scores.append(tuple(map(tuple, map_of.tolist())))
    seen, seen_right, new, new_right = (tuple(x) for x in zip(*measured, strict=True))
    return MoonFits(
        widths=tuple(hidden[0] for hidden in plans),
        n_params=tuple(n_params),
        training_losses=seen,
        validation_losses=new,
        training_accuracies=seen_right,
        validation_accuracies=new_right,
        points=tuple(map(tuple, data.inputs.tolist())),
        labels=tuple(data.labels.tolist()),
        across=tuple(across.tolist()),
        up=tuple(up.tolist()),
        scores=tuple(scores),
    )


def _moon_scores(
    layers: Sequence[Layer], inputs: Any, targets: Any
) -> tuple[float, float]:
    scores = network.forward(layers, inputs)[-1]
    loss = float(losses.SIGMOID_CROSS_ENTROPY.function(scores, targets))
    return loss, accuracy(scores, targets, threshold=0)


class Plan(NamedTuple):
    """What a network for the digits is made of.

    Parameters
    ----------
    hidden : tuple of int
        How many nodes each hidden layer has.
    normalise : bool, default False
        Whether its hidden layers normalise their sums.
    dropout : number, default 0
        The rate of the dropout after each of them.
    """

    hidden: tuple[int, ...]
    normalise: bool = False
    dropout: Number = 0


class Score(NamedTuple):
    """What a network reaches on the validation samples.

    Parameters
    ----------
    loss : number
        Its loss there.
    accuracy : number
        The share of them that it gets right.
    """

    loss: Number
    accuracy: Number


@trace
class CapacityCurve(NamedTuple):
    """Loss and accuracy of networks of growing size, from several seeds."""

    hidden: tuple[tuple[int, ...], ...]
    n_params: tuple[int, ...]
    n_samples: int
    n_wrong: int
    n_validation: int
    training_losses: tuple[tuple[float, ...], ...]
    validation_losses: tuple[tuple[float, ...], ...]
    training_accuracies: tuple[tuple[float, ...], ...]
    validation_accuracies: tuple[tuple[float, ...], ...]
    mean_training: tuple[float, ...]
    mean_validation: tuple[float, ...]
    spreads: tuple[float, ...]
    best: int


@checked
def capacity_curve(
    hidden: Sequence[Sequence[int]] = (
        (2,),
        (4,),
        (8,),
        (16,),
        (32,),
        (64,),
        (128,),
        (256,),
    ),
    n_samples: int = 100,
    wrong_share: Share = 0.2,
    num_epochs: int = 30,
    batch_size: int = 32,
    learning_rate: Number = 0.01,
    num_seeds: Count1 = 3,
) -> CapacityCurve:
    r"""Train networks of many sizes on a few digits, some of them labelled wrongly.

    .. math:: L_{\text{training}}(h), \qquad L_{\text{validation}}(h)

    Every size is trained from several seeds: each draws other first weights and deals
    the samples in another order. The samples and the wrong labels stay the same. The
    validation samples are all labelled rightly.

    Parameters
    ----------
    hidden : sequence of sequences of int
        How many nodes each hidden layer of each network has.
    n_samples : int
        How many digits to learn from.
    wrong_share
        Which share of them gets another label, drawn from the nine others.
    num_epochs : int
        How long to train each network.
    batch_size : int
        How many samples share a step.
    learning_rate : number
        Adam's rate.
    num_seeds
        How often to train each network, from the seeds 0, 1 and so on.

    Returns
    -------
    CapacityCurve
        The parameters of each network, how many samples there were and how many wrong;
        losses and accuracies on the training and the validation samples, for each
        network and each seed; the mean losses; the spread of the validation loss from
        its least to its greatest over the seeds; and which network has the least mean
        validation loss.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.network.dense_network` and `gdbook.fitting.fit` do; also if `hidden`
        is empty, `n_samples` is more than 1149, `wrong_share` is not from 0 to 1, or
        `num_seeds` is less than 1.

    Examples
    --------
    >>> curve = capacity_curve(hidden=((2,), (8,)), num_epochs=1, num_seeds=2)
    >>> curve.n_params, curve.n_samples, curve.n_wrong, curve.n_validation
    ((160, 610), 100, 20, 288)
    """
    plans = _plans(hidden)
    samples, unseen, n_wrong = _few_digits(n_samples, wrong_share)
    settings = _Settings(num_epochs, batch_size, learning_rate)
    n_params, results = [], []
    for plan in plans:
        rows = []
        for seed in range(num_seeds):
            layers = _fit(plan, samples, settings, seed).layers
            rows.append((*_digit_score(layers, samples), *_digit_score(layers, unseen)))
        n_params.append(packing.flatten(layers).size)
        results.append(tuple(zip(*rows, strict=True)))
    seen, seen_right, new, new_right = (tuple(x) for x in zip(*results, strict=True))
    mean_training, mean_validation = _means(seen), _means(new)
    return CapacityCurve(
        hidden=tuple(plan.hidden for plan in plans),
        n_params=tuple(n_params),
        n_samples=len(samples[0]),
        n_wrong=n_wrong,
        n_validation=len(unseen[0]),
        training_losses=seen,
        validation_losses=new,
        training_accuracies=seen_right,
        validation_accuracies=new_right,
        mean_training=mean_training,
        mean_validation=mean_validation,
        spreads=tuple(max(row) - min(row) for row in new),
        best=mean_validation.index(min(mean_validation)),
    )


@trace
class DropoutGap(NamedTuple):
    """The same network with and without dropout, epoch by epoch."""

    rates: tuple[Number, ...]
    width: int
    n_samples: int
    n_wrong: int
    training_losses: tuple[tuple[float, ...], ...]
    validation_losses: tuple[tuple[float, ...], ...]
    training_accuracies: tuple[float, ...]
    validation_accuracies: tuple[float, ...]
    gaps: tuple[float, ...]
    best_epochs: tuple[int, ...]


@checked
def dropout_gap(
    rates: Sequence[Number] = (0, 0.5),
    width: int = 256,
    n_samples: int = 100,
    wrong_share: Share = 0.2,
    num_epochs: int = 30,
    batch_size: int = 32,
    learning_rate: Number = 0.01,
    num_seeds: Count1 = 3,
) -> DropoutGap:
    r"""Train a network that is far too wide, with several rates of dropout.

    .. math:: \text{gap} = L_{\text{validation}} - L_{\text{training}}

    Samples, wrong labels and seeds are those of `capacity_curve`.

    Parameters
    ----------
    rates : sequence of number
        The rates of dropout; 0 is none.
    width : int
        How many hidden nodes the network has.
    n_samples : int
        How many digits to learn from.
    wrong_share
        Which share of them gets another label, drawn from the nine others.
    num_epochs : int
        How long to train.
    batch_size : int
        How many samples share a step.
    learning_rate : number
        Adam's rate.
    num_seeds
        How often to train each network, from the seeds 0, 1 and so on.

    Returns
    -------
    DropoutGap
        For each rate, the loss on the training and on the validation samples at the
        start and after every epoch, and the accuracies after the last one, all as means
        over the seeds; the gap between the last losses, and the epoch in which the
        validation loss was least.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.network.dense_network` and `gdbook.fitting.fit` do; also if `rates`
        is empty, `n_samples` is more than 1149, `wrong_share` is not from 0 to 1, or
        `num_seeds` is less than 1.

    References
    ----------
    .. [1] N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov,
       "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15
       (2014).

    Examples
    --------
    >>> gap = dropout_gap(width=8, num_epochs=2, num_seeds=1)
    >>> [len(row) for row in gap.training_losses], gap.n_wrong
    ([3, 3], 20)
    """
    _checks.numbers("rates", rates, ndims=(1,))
    rates = tuple(_checks.share("rates", rate) for rate in rates)
    plans = [
        Plan((_checks.count("width", width, least=1),), dropout=rate) for rate in rates
    ]
    samples, unseen, n_wrong = _few_digits(n_samples, wrong_share)
    settings = _Settings(num_epochs, batch_size, learning_rate)
    seen, new, right = [], [], []
    for plan in plans:
        runs = [
            _fit(plan, samples, settings, seed, unseen) for seed in range(num_seeds)
        ]
        epochs = list(zip(*(run.epochs for run in runs), strict=True))
        seen.append(_means([[each.loss for each in epoch] for epoch in epochs]))
        new.append(
            _means([[each.validation_loss for each in epoch] for epoch in epochs])
        )
        right.append(
            _means(
                [
                    [_digit_score(run.layers, each).accuracy for run in runs]
                    for each in (samples, unseen)
                ]
            )
        )
    return DropoutGap(
        rates=rates,
        width=plans[0].hidden[0],
        n_samples=len(samples[0]),
        n_wrong=n_wrong,
        training_losses=tuple(seen),
        validation_losses=tuple(new),
        training_accuracies=tuple(pair[0] for pair in right),
        validation_accuracies=tuple(pair[1] for pair in right),
        gaps=tuple(b[-1] - a[-1] for a, b in zip(seen, new, strict=True)),
        best_epochs=tuple(row.index(min(row)) for row in new),
    )


@trace
class Growth(NamedTuple):
    """Every network that was tried on the way from a small one to the last."""

    moves: tuple[str, ...]
    hidden: tuple[tuple[int, ...], ...]
    n_params: tuple[int, ...]
    losses: tuple[tuple[Number, ...], ...]
    mean_losses: tuple[Number, ...]
    mean_accuracies: tuple[Number, ...]
    verdicts: tuple[str, ...]
    least_improvement: Number
    best: int
    final_hidden: tuple[int, ...]
    normalise: int
    dropout: Number


@checked
def grow(
    start: Count1 = 8,
    dropout: Share = 0.2,
    least_improvement: Share = 0.15,
    widest: int = 256,
    deepest: Count1 = 4,
    num_epochs: int = 12,
    batch_size: int = 64,
    learning_rate: Number = 0.02,
    num_seeds: Count1 = 3,
    score: Callable[[Plan], Sequence[Score]] | None = None,
) -> Growth:
    r"""Start with a small network, and let it grow while the validation loss falls.

    .. math:: \text{keep a change if} \quad
              \bar L_{\text{new}} < (1 - q)\, \bar L_{\text{best}}

    The width is doubled until that no longer helps, then layers of the same width are
    added until that no longer helps, then batch normalisation is tried, and then
    dropout. What does not help is taken back. Each network learns on the digits that
    are left when one fifth is kept aside for the test and one fifth of the rest to
    validate.

    Parameters
    ----------
    start
        The width of the first network.
    dropout
        The rate of dropout to try.
    least_improvement
        By which share of itself the loss must fall, at least, :math:`q`.
    widest : int
        The greatest width to try.
    deepest
        The greatest number of hidden layers to try.
    num_epochs : int
        How long to train each network.
    batch_size : int
        How many samples share a step.
    learning_rate : number
        Adam's first rate, which goes to zero along half a wave of the cosine.
    num_seeds
        How often to train each network, from the seeds 0, 1 and so on.
    score : callable, optional
        Takes a `Plan` and returns a `Score` for each seed; trains on the digits unless
        told.

    Returns
    -------
    Growth
        Each network in the order in which it was tried: what was changed, its hidden
        layers, its parameters, its validation losses from every seed with their mean,
        its mean accuracy, and whether the change was kept; the threshold; which
        network is the best, and what it is made of, with 1 if it normalises and 0 if
        not.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.network.dense_network` and `gdbook.fitting.fit` do; also if `start`
        is greater than `widest`, `least_improvement` is not from 0 to 1, or `deepest`
        or `num_seeds` is less than 1.

    Examples
    --------
    Here the loss is one over the width, and nothing else helps:

    >>> found = grow(widest=32, score=lambda plan: [Score(1 / plan.hidden[0], 0)])
    >>> found.moves  # doctest: +NORMALIZE_WHITESPACE
    ('start', 'wider', 'wider', 'deeper', 'normalised', 'dropout')
    >>> found.verdicts[-3:], found.final_hidden
    (('taken back', 'taken back', 'taken back'), (32,))
    """
    widest = _checks.count("widest", widest, least=start)
    if score is None:
        split = _split()
        samples, unseen = _chosen(split.training), _chosen(split.held_out)
        settings = _Settings(num_epochs, batch_size, learning_rate, cooled=True)

        def measure(plan: Plan) -> list[Score]:
            return [
                _digit_score(_fit(plan, samples, settings, seed).layers, unseen)
                for seed in range(num_seeds)
            ]
    else:
        measure = _checks.function("score", score)

    tried: list[tuple[str, Plan, Sequence[Score]]] = []
    kept: list[int] = []  # which of them, the best one last

    def helps(move: str, plan: Plan) -> bool:
        scores = tuple(measure(plan))
        better = not kept or _mean_loss(scores) < (1 - least_improvement) * _mean_loss(
            tried[kept[-1]][2]
        )
        if better:
            kept.append(len(tried))
        tried.append((move, plan, scores))
        return better

    hidden: tuple[int, ...] = (start,)
    helps("start", Plan(hidden))
    while 2 * hidden[0] <= widest and helps("wider", Plan((2 * hidden[0],))):
        hidden = (2 * hidden[0],)
    while len(hidden) < deepest and helps("deeper", Plan((*hidden, hidden[0]))):
        hidden = (*hidden, hidden[0])
    helps("normalised", Plan(hidden, normalise=True))
    helps("dropout", tried[kept[-1]][1]._replace(dropout=dropout))
    moves, plans, scores = zip(*tried, strict=True)
    final = plans[kept[-1]]
    return Growth(
        moves=moves,
        hidden=tuple(plan.hidden for plan in plans),
        n_params=tuple(_n_params(plan) for plan in plans),
        losses=tuple(tuple(each.loss for each in own) for own in scores),
        mean_losses=tuple(_mean_loss(own) for own in scores),
        mean_accuracies=tuple(_mean([each.accuracy for each in own]) for own in scores),
        verdicts=tuple(
            "kept" if index in kept else "taken back" for index in range(len(tried))
        ),
        least_improvement=least_improvement,
        best=kept[-1],
        final_hidden=final.hidden,
        normalise=int(final.normalise),
        dropout=final.dropout,
    )


@trace
class FinalTest(NamedTuple):
    """The network that was chosen, on digits that no choice has seen."""

    hidden: tuple[int, ...]
    n_params: int
    n_training: int
    n_test: int
    n_right: int
    accuracy: float
    deviation: float
    loss: float


@checked
def final_test(
    hidden: Sequence[int] = (64, 64),
    normalise: bool = False,  # noqa: FBT001, FBT002 (given like the others)
    dropout: Number = 0,
    num_epochs: int = 12,
    batch_size: int = 64,
    learning_rate: Number = 0.02,
    seed: int = 0,
) -> FinalTest:
    r"""Train the chosen network on all other digits, and test it once.

    .. math:: s = \sqrt{\frac{p\,(1 - p)}{n}}

    That is the standard deviation of an accuracy :math:`p` that was counted on
    :math:`n` samples drawn by chance.

    Parameters
    ----------
    hidden : sequence of int
        How many nodes each hidden layer has.
    normalise : bool
        Whether its hidden layers normalise their sums.
    dropout : number
        The rate of the dropout after each of them.
    num_epochs : int
        How long to train.
    batch_size : int
        How many samples share a step.
    learning_rate : number
        Adam's first rate, which goes to zero along half a wave of the cosine.
    seed : int
        Where the random numbers start.

    Returns
    -------
    FinalTest
        How many digits the network learned on, how many it was tested on and how many
        of these it got right, its accuracy with its standard deviation, and its loss.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.network.dense_network` and `gdbook.fitting.fit` do.

    Examples
    --------
    >>> tested = final_test()
    >>> tested.n_params, tested.n_training, tested.n_test, tested.accuracy > 0.97
    (8970, 1437, 360, True)
    """
    plan = Plan(_hidden("hidden", hidden), normalise, dropout)
    outer = _outer_split()
    samples, kept_aside = _chosen(outer.training), _chosen(outer.held_out)
    settings = _Settings(num_epochs, batch_size, learning_rate, cooled=True)
    layers = _fit(plan, samples, settings, seed).layers
    loss, accuracy = _digit_score(layers, kept_aside)
    n_test = len(kept_aside[0])
    return FinalTest(
        hidden=plan.hidden,
        n_params=packing.flatten(layers).size,
        n_training=len(samples[0]),
        n_test=n_test,
        n_right=round(float(accuracy) * n_test),
        accuracy=float(accuracy),
        deviation=float(accuracy * (1 - accuracy) / n_test) ** 0.5,
        loss=float(loss),
    )


def _counts(name: str, values: Any) -> tuple[int, ...]:
    counts = _hidden(name, values)
    if not counts:
        msg = f"`{name}` is {values!r} but must not be empty"
        raise ValueError(msg)
    return counts


def _hidden(name: str, values: Any) -> tuple[int, ...]:
    if isinstance(values, str) or not isinstance(values, Sequence):
        msg = f"`{name}` is {values!r} but must be a sequence of whole numbers"
        raise TypeError(msg)
    return tuple(
        _checks.count(f"{name}[{index}]", value, least=1)
        for index, value in enumerate(values)
    )


def _plans(hidden: Any) -> list[Plan]:
    if isinstance(hidden, str) or not isinstance(hidden, Sequence):
        msg = f"`hidden` is {hidden!r} but must be a sequence of sequences"
        raise TypeError(msg)
    if not hidden:
        msg = f"`hidden` is {hidden!r} but must not be empty"
        raise ValueError(msg)
    return [Plan(_hidden(f"hidden[{at}]", each)) for at, each in enumerate(hidden)]


@cache
def _loaded() -> datasets.Dataset:
    return datasets.digits()


def _outer_split() -> Split:
    return hold_out(len(_loaded().labels), KEPT_ASIDE)


@cache
def _split() -> Split:
    """Split what is left when the test is kept aside, once more."""
    left = _outer_split().training
    inner = hold_out(len(left), KEPT_ASIDE)
    return Split(left[inner.training], left[inner.held_out])


def _chosen(rows: Any) -> Samples:
    return _loaded().inputs[rows], _loaded().targets[rows]


def _few_digits(n_samples: Any, wrong_share: Number) -> tuple[Samples, Samples, int]:
    """Take the first digits to learn from, and give some of them another label."""
    rows = _split().training
    n_samples = _checks.count("n_samples", n_samples, least=1)
    if n_samples > len(rows):
        msg = f"`n_samples` is {n_samples} but must be at most {len(rows)}"
        raise ValueError(msg)
    generator = np.random.default_rng(seed=0)
    labels = _loaded().labels[rows[:n_samples]].copy()
    n_wrong = round(wrong_share * n_samples)
    wrong = generator.permutation(n_samples)[:n_wrong]
    # A shift by 1 to 9 gives every other label with the same probability.
    shifts = generator.integers(1, N_CLASSES, n_wrong)
    labels[wrong] = (labels[wrong] + shifts) % N_CLASSES
    inputs = _loaded().inputs[rows[:n_samples]]
    targets = datasets.one_hot(labels, N_CLASSES)
    return (inputs, targets), _chosen(_split().held_out), n_wrong


def _network(plan: Plan, generator: np.random.Generator) -> tuple[Layer, ...]:
    return network.dense_network(
        [N_INPUTS, *plan.hidden, N_CLASSES],
        generator,
        normalise=plan.normalise,
        dropout=plan.dropout,
    )


def _n_params(plan: Plan) -> int:
    layers = _network(plan, np.random.default_rng(seed=0))
    return int(packing.flatten(layers).size)


class _Settings(NamedTuple):
    num_epochs: int
    batch_size: int
    learning_rate: Number
    cooled: bool = False  # whether the rate goes to zero along half a wave


def _fit(
    plan: Plan,
    samples: Samples,
    settings: _Settings,
    seed: int,
    unseen: Samples | None = None,
) -> fitting.FitHistory:
    generator = np.random.default_rng(_checks.count("seed", seed))
    num_epochs, batch_size, rate, cooled = settings
    batch_size = _checks.count("batch_size", batch_size, least=1)
    num_epochs = _checks.count("num_epochs", num_epochs, least=1)
    num_steps = num_epochs * -(-len(samples[0]) // batch_size)

    def cosine(step: int, _losses: Any) -> Number:
        return schedules.cosine_decay(rate, step, num_steps=num_steps)

    return fitting.fit(
        _network(plan, generator),
        *samples,
        loss=losses.SOFTMAX_CROSS_ENTROPY,
        rule=Adam(rate),
        num_epochs=num_epochs,
        batch_size=batch_size,
        generator=generator,
        validation=unseen,
        schedule=cosine if cooled else None,
        progress=False,
    )


def _digit_score(layers: Sequence[Layer], samples: Samples) -> Score:
    inputs, targets = samples
    logits = network.forward(layers, inputs)[-1]
    loss = float(losses.SOFTMAX_CROSS_ENTROPY.function(logits, targets))
    return Score(loss, accuracy(logits, targets))


def _mean(values: Sequence[Number]) -> Number:
    return sum(values) / len(values)


def _means(rows: Sequence[Sequence[Any]]) -> tuple[float, ...]:
    return tuple(float(_mean(row)) for row in rows)


def _mean_loss(scores: Sequence[Score]) -> Number:
    return _mean([each.loss for each in scores])
