"""Give a network neither too little room nor too much, and keep what it gains."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from typing import Annotated, Any, NamedTuple

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
from gdbook._arguments import (
    FUNCTION,
    Choice,
    Count0,
    Count1,
    Count2,
    Counts1,
    Finite,
    NotNegative,
    Positive,
    Row,
    Share,
    Shares,
    SomeCounts1,
    Varied,
    checked,
    count,
    each,
)
from gdbook._checks import Number, shown
from gdbook.activations import RELU, TANH
from gdbook.network import Dense, Layer
from gdbook.optimizers import Adam
from gdbook.seeds import Held, Spread, held, spread
from gdbook.splits import Split, accuracy, hold_out
from gdbook.traces import plain, trace

Sizes = Annotated[Sequence[int], each(count(1), least=2)]
Networks = Annotated[Sequence[Sequence[int]], each(each(count(1)), least=1)]

N_INPUTS = 64  # the pixels of a digit
N_CLASSES = 10
KEPT_ASIDE = Fraction(1, 5)  # of the digits for the test, then of the rest to validate

# Five points, as fractions, so that the best line is exact.
INPUTS = tuple(map(Fraction, range(5)))

# What a network learns on: inputs and targets.
Samples = tuple[Any, Any]


@trace
class Settings(NamedTuple):
    """How a network is trained.

    For `num_epochs` epochs, in batches of `batch_size` samples, by Adam with the
    `learning_rate`.
    """

    num_epochs: int
    batch_size: int
    learning_rate: Number


@trace
class ParamCount(NamedTuple):
    """How many numbers each layer of a network learns, and all of them together.

    For layers of these `sizes` the `weights` and the `biases` of each layer, and their
    `total`.
    """

    sizes: tuple[int, ...]
    weights: tuple[int, ...]
    biases: tuple[int, ...]
    total: int


@checked
def count_params(sizes: Sizes = (64, 32, 10)) -> ParamCount:
    r"""Count what a network of dense layers learns.

    .. math:: n_{\text{params}} = \sum_l (n_{l-1} + 1)\, n_l

    Parameters
    ----------
    sizes
        How many numbers enter, how many nodes each hidden layer has, and how many
        numbers leave.

    Examples
    --------
    >>> count_params()
    ParamCount(sizes=(64, 32, 10), weights=(2048, 320), biases=(32, 10), total=2410)
    """
    layers = network.dense_network(sizes, np.random.default_rng(seed=0))
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    return ParamCount(
        sizes=tuple(sizes),
        weights=tuple(np.size(layer.weights) for layer in dense),
        biases=tuple(np.size(layer.bias) for layer in dense),
        total=packing.flatten(layers).size,
    )


@trace
class Memorised(NamedTuple):
    """Three models of the same points: their mean, their line, and all of them.

    The points, `inputs` and `targets`; the output `weights` of the network, one for
    each corner; what the mean, the best line and the network predict for every point,
    the `predictions`, and their mean squared errors, the `losses`.
    """

    inputs: tuple[Number, ...]
    targets: tuple[Number, ...]
    weights: tuple[Number, ...]
    predictions: tuple[tuple[Number, ...], ...]
    losses: tuple[Number, Number, Number]


@checked
def memorise(
    inputs: Varied = INPUTS,
    targets: Row = (
        Fraction(3, 2),
        Fraction(1),
        Fraction(3, 2),
        Fraction(3),
        Fraction(7, 2),
    ),
) -> Memorised:
    r"""Write down a network that goes through every point, whatever the targets are.

    .. math:: \hat y = y_1 + \sum_{k=1}^{n-1} v_k \operatorname{relu}(x - x_k),
              \qquad v_k = s_k - s_{k-1}, \qquad
              s_k = \frac{y_{k+1} - y_k}{x_{k+1} - x_k}, \qquad s_0 = 0

    Each hidden node is a corner. It is exact on fractions.

    Parameters
    ----------
    inputs
        Where the points are, from left to right.
    targets
        How high they are, one number for each, :math:`y_k`.

    Raises
    ------
    ValueError
        If the shapes differ, or `inputs` do not rise.

    Examples
    --------
    >>> memorised = memorise()
    >>> memorised.weights, memorised.losses
    ((Fraction(-1, 2), Fraction(1, 1), Fraction(1, 1), Fraction(-1, 1)), (Fraction(47, 50), Fraction(11, 50), Fraction(0, 1)))
    """  # noqa: E501 (a doctest shows a tuple as one line)
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)
    _look_rising(inputs)
    _, output = _through(inputs, targets)
    predictions = _three_models(inputs, targets)
    return Memorised(
        inputs=plain(inputs),
        targets=plain(targets),
        weights=plain(np.asarray(output.weights)),
        predictions=tuple(plain(each) for each in predictions),
        losses=tuple(
            plain(losses.mean_squared_error(each, targets)) for each in predictions
        ),
    )


@trace
class Noises(NamedTuple):
    """What three models make of every way in which the noise can fall, on average.

    The `size` of the noise, the `n_ways` in which it can fall, and for the mean, the
    best line and the network through all points: how many numbers each fits,
    `n_fitted`, and its mean squared errors on the points that it has seen,
    `training_losses`, and on new ones, `new_losses`.
    """

    size: Number
    n_ways: int
    n_fitted: tuple[int, int, int]
    training_losses: tuple[Number, Number, Number]
    new_losses: tuple[Number, Number, Number]


@checked
def all_noises(
    inputs: Varied = INPUTS,
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
    inputs
        Where the points are, from left to right.
    slope
        How the true line rises.
    intercept
        Where it starts.
    size
        How far the noise moves a point up or down, :math:`s`.

    Raises
    ------
    ValueError
        If `inputs` do not rise.

    Examples
    --------
    >>> noises = all_noises()
    >>> noises.training_losses
    (Fraction(7, 10), Fraction(3, 20), Fraction(0, 1))
    >>> noises.new_losses
    (Fraction(4, 5), Fraction(7, 20), Fraction(1, 2))
    """
    _look_rising(inputs)
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
        size=size,
        n_ways=len(seen),
        n_fitted=(1, 2, len(inputs)),
        training_losses=training_losses,
        new_losses=new_losses,
    )


def _look_rising(inputs: Any) -> None:
    """Refuse points that do not stand from left to right."""
    for before, after in pairwise(inputs):
        if not before < after:
            msg = f"`inputs` holds {shown(after)} after {shown(before)} but must rise"
            raise ValueError(msg)


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
    """Networks of several widths, trained on the same few points of two moons.

    For each of the `widths` the `training_losses`, `validation_losses`,
    `training_accuracies` and `validation_accuracies`, and the `scores` on a map with
    the places `across` and `up`; the `points` to learn from, and their `labels`; the
    `settings` and the `seed` of the training.
    """

    widths: tuple[int, ...]
    settings: Settings
    seed: int
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
    widths: SomeCounts1 = (1, 3, 30),
    n_samples: Count2 = 40,
    n_validation: Count2 = 400,
    noise: NotNegative = 0.25,
    num_epochs: Count0 = 400,
    learning_rate: Positive = 0.05,
    resolution: Count2 = 121,
    seed: Count0 = 0,
) -> MoonFits:
    r"""Part two moons with one hidden layer, narrow and wide.

    .. math:: z = \tanh(x W_1 + b_1)\, W_2 + b_2

    The border between the classes lies where the score :math:`z` is 0. Every epoch is
    one step of Adam on all points.

    Parameters
    ----------
    widths
        How many hidden nodes each network has.
    n_samples
        How many points to learn from.
    n_validation
        How many other points to measure on.
    noise
        How far points lie off their moon.
    num_epochs
        How long to train.
    learning_rate
        Adam's rate.
    resolution
        How many scores to compute along each axis of the map.
    seed
        Where the random numbers start: of the points, of the validation points from the
        next one, and of every network.

    Examples
    --------
    >>> fits = moon_fits(num_epochs=5, resolution=3)
    >>> fits.widths, len(fits.points), fits.across
    ((1, 3, 30), 40, (-1.5, 0.5, 2.5))
    """
    data = datasets.moons(n_samples, noise=noise, seed=seed)
    other = datasets.moons(n_validation, noise=noise, seed=seed + 1)
    across, up = np.linspace(-1.5, 2.5, resolution), np.linspace(-1, 1.5, resolution)
    grid = np.array([[x, y] for y in up for x in across])
    measured, scores = [], []
    for width in widths:
        generator = np.random.default_rng(seed)
        layers = fitting.fit(
            network.dense_network(
                [2, width, 1],
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
        widths=tuple(widths),
        settings=Settings(num_epochs, n_samples, learning_rate),
        seed=seed,
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


@trace
class MoonSeeds(NamedTuple):
    """From how many seeds a wide network does worse than a narrow one on two moons.

    By its validation loss (`dearer`), and by its validation accuracy (`less_right`).
    """

    dearer: Held
    less_right: Held


@checked
def moon_seeds(
    narrow: Count1 = 3, wide: Count1 = 30, num_seeds: Count1 = 6
) -> MoonSeeds:
    """Train a narrow and a wide network from several seeds, and compare them.

    Every seed draws its own points, to learn from and to validate, as in `moon_fits`.

    Parameters
    ----------
    narrow
        How many hidden nodes one network has.
    wide
        How many the other one has.
    num_seeds
        From how many seeds to train.

    Examples
    --------
    >>> moon_seeds(num_seeds=1)  # doctest: +NORMALIZE_WHITESPACE
    MoonSeeds(dearer=Held(num_seeds=1, num_held=1, failing=()),
              less_right=Held(num_seeds=1, num_held=1, failing=()))
    """
    runs = [
        moon_fits((narrow, wide), seed=seed, resolution=2) for seed in range(num_seeds)
    ]

    def dearer(seed: int) -> bool:
        few, many = runs[seed].validation_losses
        return many > few

    def less_right(seed: int) -> bool:
        few, many = runs[seed].validation_accuracies
        return many < few

    return MoonSeeds(held(dearer, num_seeds), held(less_right, num_seeds))


def _moon_scores(
    layers: Sequence[Layer], inputs: Any, targets: Any
) -> tuple[float, float]:
    scores = network.forward(layers, inputs)[-1]
    loss = float(losses.SIGMOID_CROSS_ENTROPY.function(scores, targets))
    return loss, accuracy(scores, targets, threshold=0)


class Plan(NamedTuple):
    """What a network for the digits is made of.

    How many nodes each of its `hidden` layers has, whether they `normalise` their sums,
    and the rate of the `dropout` after each of them.
    """

    hidden: tuple[int, ...]
    normalise: bool = False
    dropout: Number = 0


class Score(NamedTuple):
    """The `loss` and the `accuracy` of a network on the validation samples."""

    loss: Number
    accuracy: Number


Scored = Annotated[Callable[[Plan], Sequence[Score]], FUNCTION]


@trace
class CapacityCurve(NamedTuple):
    """Loss and accuracy of networks of growing size, from several seeds.

    Of `n_samples` samples `n_wrong` are labelled wrongly, and `n_validation` others are
    labelled rightly; the `settings` are those of all trainings. For each network its
    `hidden` layers and its `n_params` parameters; for each seed its `training_losses`,
    `validation_losses`, `training_accuracies` and `validation_accuracies`; the mean
    losses, `mean_training` and `mean_validation`, and the `spreads` of the validation
    loss from its least to its greatest. The network with the number `best` has the
    least mean validation loss.
    """

    hidden: tuple[tuple[int, ...], ...]
    n_params: tuple[int, ...]
    n_samples: int
    n_wrong: int
    n_validation: int
    settings: Settings
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
    hidden: Networks = (
        (2,),
        (4,),
        (8,),
        (16,),
        (32,),
        (64,),
        (128,),
        (256,),
    ),
    n_samples: Count1 = 100,
    wrong_share: Share = 0.2,
    num_epochs: Count1 = 30,
    batch_size: Count1 = 32,
    learning_rate: Positive = 0.01,
    num_seeds: Count1 = 3,
) -> CapacityCurve:
    r"""Train networks of many sizes on a few digits, some of them labelled wrongly.

    .. math:: L_{\text{training}}(h), \qquad L_{\text{validation}}(h)

    Every size is trained from several seeds: each draws other first weights and deals
    the samples in another order. The samples and the wrong labels stay the same. The
    validation samples are all labelled rightly.

    Parameters
    ----------
    hidden
        How many nodes each hidden layer of each network has.
    n_samples
        How many digits to learn from.
    wrong_share
        Which share of them gets another label, drawn from the nine others.
    num_epochs
        How long to train each network.
    batch_size
        How many samples share a step.
    learning_rate
        Adam's rate.
    num_seeds
        How often to train each network, from the seeds 0, 1 and so on.

    Raises
    ------
    ValueError
        If `n_samples` is more than 1149, or does not fit `batch_size`.

    Examples
    --------
    >>> curve = capacity_curve(hidden=((2,), (8,)), num_epochs=1, num_seeds=2)
    >>> curve.n_params, curve.n_samples, curve.n_wrong, curve.n_validation
    ((160, 610), 100, 20, 288)
    """
    plans = [Plan(tuple(sizes)) for sizes in hidden]
    samples, unseen, n_wrong = _few_digits(n_samples, wrong_share)
    settings = Settings(num_epochs, batch_size, learning_rate)
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
        settings=settings,
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
    """The same network with and without dropout, epoch by epoch.

    A hidden layer has this `width`. For each of the `rates` the `training_losses` and
    `validation_losses` at the start and after every epoch, as means over the seeds; the
    `gaps` between the last of them, and `best_epochs`, in which the validation loss was
    least; how many seeds there were (`num_seeds`), and the `settings` of all trainings.
    """

    rates: tuple[Number, ...]
    width: int
    num_seeds: int
    settings: Settings
    training_losses: tuple[tuple[float, ...], ...]
    validation_losses: tuple[tuple[float, ...], ...]
    gaps: tuple[float, ...]
    best_epochs: tuple[int, ...]


@checked
def dropout_gap(
    rates: Shares = (0, 0.5),
    width: Count1 = 256,
    n_samples: Count1 = 100,
    wrong_share: Share = 0.2,
    num_epochs: Count1 = 30,
    batch_size: Count1 = 32,
    learning_rate: Positive = 0.01,
    num_seeds: Count1 = 3,
) -> DropoutGap:
    r"""Train a network that is far too wide, with several rates of dropout.

    .. math:: \text{gap} = L_{\text{validation}} - L_{\text{training}}

    Samples, wrong labels and seeds are those of `capacity_curve`.

    Parameters
    ----------
    rates
        The rates of dropout; 0 is none.
    width
        How many hidden nodes the network has.
    n_samples
        How many digits to learn from.
    wrong_share
        Which share of them gets another label, drawn from the nine others.
    num_epochs
        How long to train.
    batch_size
        How many samples share a step.
    learning_rate
        Adam's rate.
    num_seeds
        How often to train each network, from the seeds 0, 1 and so on.

    Raises
    ------
    ValueError
        If `n_samples` is more than 1149, or does not fit `batch_size`.

    References
    ----------
    .. [1] N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov,
       "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15
       (2014).

    Examples
    --------
    >>> gap = dropout_gap(width=8, num_epochs=2, num_seeds=1)
    >>> [len(row) for row in gap.training_losses]
    [3, 3]
    """
    plans = [Plan((width,), dropout=rate) for rate in rates]
    samples, unseen, _ = _few_digits(n_samples, wrong_share)
    settings = Settings(num_epochs, batch_size, learning_rate)
    seen, new = [], []
    for plan in plans:
        runs = [
            _fit(plan, samples, settings, seed, unseen) for seed in range(num_seeds)
        ]
        epochs = list(zip(*(run.epochs for run in runs), strict=True))
        seen.append(_means([[each.loss for each in epoch] for epoch in epochs]))
        new.append(
            _means([[each.validation_loss for each in epoch] for epoch in epochs])
        )
    return DropoutGap(
        rates=tuple(rates),
        width=width,
        num_seeds=num_seeds,
        settings=settings,
        training_losses=tuple(seen),
        validation_losses=tuple(new),
        gaps=tuple(b[-1] - a[-1] for a, b in zip(seen, new, strict=True)),
        best_epochs=tuple(row.index(min(row)) for row in new),
    )


@trace
class Growth(NamedTuple):
    """Every network that was tried on the way from a small one to the last.

    For each network in the order in which it was tried: what was changed, in `moves`,
    its `hidden` layers, its `n_params` parameters, its validation `losses` from every
    seed, `mean_losses` and `mean_accuracies`, and the `verdicts` on the changes, with
    the threshold `least_improvement`. The one with the number `best` has the layers
    `final_hidden`, the rate of `dropout`, and 1 in `normalise` if it normalises, else
    0. All of them had the same `settings`, whose learning rate is the first one.
    """

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
    settings: Settings


@checked
def grow(
    start: Count1 = 8,
    dropout: Share = 0.2,
    least_improvement: Share = 0.15,
    widest: Count1 = 256,
    deepest: Count1 = 4,
    num_epochs: Count1 = 12,
    batch_size: Count1 = 64,
    learning_rate: Positive = 0.02,
    num_seeds: Count1 = 3,
    score: Scored | None = None,
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
    widest
        The greatest width to try, `start` or more.
    deepest
        The greatest number of hidden layers to try.
    num_epochs
        How long to train each network.
    batch_size
        How many samples share a step.
    learning_rate
        Adam's first rate, which goes to zero along half a wave of the cosine.
    num_seeds
        How often to train each network, from the seeds 0, 1 and so on.
    score
        Takes a `Plan` and returns a `Score` for each seed; trains on the digits unless
        told.

    Raises
    ------
    ValueError
        If `start` is greater than `widest`, or `batch_size` does not fit 1149 samples.

    Examples
    --------
    Here the loss is one over the width, and nothing else helps:

    >>> found = grow(widest=32, score=lambda plan: [Score(1 / plan.hidden[0], 0)])
    >>> found.moves  # doctest: +NORMALIZE_WHITESPACE
    ('start', 'wider', 'wider', 'deeper', 'normalised', 'dropout')
    >>> found.verdicts[-3:], found.final_hidden
    (('taken back', 'taken back', 'taken back'), (32,))
    """
    _checks.count("widest", widest, least=start)
    settings = Settings(num_epochs, batch_size, learning_rate)
    if score is None:
        split = _split()
        samples, unseen = _chosen(split.training), _chosen(split.held_out)

        def score(plan: Plan) -> list[Score]:
            runs = [
                _fit(plan, samples, settings, seed, cooled=True)
                for seed in range(num_seeds)
            ]
            return [_digit_score(run.layers, unseen) for run in runs]

    tried: list[tuple[str, Plan, Sequence[Score]]] = []
    kept: list[int] = []  # which of them, the best one last

    def helps(move: str, plan: Plan) -> bool:
        scores = tuple(score(plan))
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
        settings=settings,
    )


@checked
def loss_spread(
    hidden: Counts1 = (64, 64),
    normalise: Choice = False,  # noqa: FBT002 (given like the others)
    dropout: Share = 0,
    num_epochs: Count1 = 12,
    batch_size: Count1 = 64,
    learning_rate: Positive = 0.02,
    num_seeds: Count2 = 5,
) -> Spread:
    r"""Train one network from many seeds, as `grow` does it, for its validation loss.

    .. math:: L_{\text{validation}}(s), \qquad s = 0, 1, \dots

    Parameters
    ----------
    hidden
        How many nodes each hidden layer has.
    normalise
        Whether its hidden layers normalise their sums.
    dropout
        The rate of the dropout after each of them.
    num_epochs
        How long to train.
    batch_size
        How many samples share a step.
    learning_rate
        Adam's first rate, which goes to zero along half a wave of the cosine.
    num_seeds
        From how many seeds to train.

    Raises
    ------
    ValueError
        If `batch_size` does not fit 1149 samples.

    Examples
    --------
    >>> found = loss_spread((8,), num_epochs=1, num_seeds=2)
    >>> found.num_seeds, found.values == (found.greatest, found.least)
    (2, True)
    """
    split, plan = _split(), Plan(tuple(hidden), normalise, dropout)
    samples, unseen = _chosen(split.training), _chosen(split.held_out)
    settings = Settings(num_epochs, batch_size, learning_rate)

    def loss(seed: int) -> Number:
        run = _fit(plan, samples, settings, seed, cooled=True)
        return _digit_score(run.layers, unseen).loss

    return spread(loss, num_seeds)


@trace
class FinalTest(NamedTuple):
    """The network that was chosen, on digits that no choice has seen.

    The network learned on `n_training` digits and got `n_right` of `n_test` others
    right. Its `accuracy`, the standard `deviation` of that, and its `loss`; the
    `settings` of its training, and the `seed`.
    """

    n_training: int
    n_test: int
    n_right: int
    accuracy: float
    deviation: float
    loss: float
    settings: Settings
    seed: int


@checked
def final_test(
    hidden: Counts1 = (64, 64),
    normalise: Choice = False,  # noqa: FBT002 (given like the others)
    dropout: Share = 0,
    num_epochs: Count1 = 12,
    batch_size: Count1 = 64,
    learning_rate: Positive = 0.02,
    seed: Count0 = 0,
) -> FinalTest:
    r"""Train the chosen network on all other digits, and test it once.

    .. math:: s = \sqrt{\frac{p\,(1 - p)}{n}}

    That is the standard deviation of an accuracy :math:`p` that was counted on
    :math:`n` samples drawn by chance.

    Parameters
    ----------
    hidden
        How many nodes each hidden layer has.
    normalise
        Whether its hidden layers normalise their sums.
    dropout
        The rate of the dropout after each of them.
    num_epochs
        How long to train.
    batch_size
        How many samples share a step.
    learning_rate
        Adam's first rate, which goes to zero along half a wave of the cosine.
    seed
        Where the random numbers start.

    Raises
    ------
    ValueError
        If `batch_size` does not fit 1437 samples.

    Examples
    --------
    >>> tested = final_test()
    >>> tested.n_training, tested.n_test, tested.accuracy > 0.97
    (1437, 360, True)
    """
    plan = Plan(tuple(hidden), normalise, dropout)
    outer = _outer_split()
    samples, kept_aside = _chosen(outer.training), _chosen(outer.held_out)
    settings = Settings(num_epochs, batch_size, learning_rate)
    layers = _fit(plan, samples, settings, seed, cooled=True).layers
    loss, accuracy = _digit_score(layers, kept_aside)
    n_test = len(kept_aside[0])
    return FinalTest(
        n_training=len(samples[0]),
        n_test=n_test,
        n_right=round(float(accuracy) * n_test),
        accuracy=float(accuracy),
        deviation=float(accuracy * (1 - accuracy) / n_test) ** 0.5,
        loss=float(loss),
        settings=settings,
        seed=seed,
    )


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


def _few_digits(n_samples: int, wrong_share: Number) -> tuple[Samples, Samples, int]:
    """Take the first digits to learn from, and give some of them another label."""
    rows = _split().training
    if n_samples > len(rows):
        msg = f"`n_samples` is {shown(n_samples)} but must be at most {len(rows)}"
        raise ValueError(msg)
    generator = np.random.default_rng(seed=0)
    labels = _loaded().labels[rows[:n_samples]].copy()
    n_wrong = round(wrong_share * n_samples)
    wrong = generator.permutation(n_samples)[:n_wrong]
    inputs = _loaded().inputs[rows[:n_samples]]
    targets = _mislabelled(labels, wrong, generator)
    return (inputs, targets), _chosen(_split().held_out), n_wrong


def _mislabelled(labels: Any, wrong: Any, generator: np.random.Generator) -> Any:
    """Give some samples another label, and say them all in columns."""
    # A shift by 1 to 9 gives every other label with the same probability.
    shifts = generator.integers(1, N_CLASSES, len(wrong))
    labels[wrong] = (labels[wrong] + shifts) % N_CLASSES
    return datasets.one_hot(labels, N_CLASSES)


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


def _fit(
    plan: Plan,
    samples: Samples,
    settings: Settings,
    seed: int,
    unseen: Samples | None = None,
    *,
    cooled: bool = False,  # whether the rate goes to zero along half a wave
) -> fitting.FitHistory:
    generator = np.random.default_rng(seed)
    num_epochs, batch_size, rate = settings
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
