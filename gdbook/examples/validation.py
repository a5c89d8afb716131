"""Score what was never seen: splits, folds, standard errors, and leaks."""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache, partial
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import _checks, datasets, fitting, gradients, losses
from gdbook._arguments import (
    Between,
    Choice,
    Count0,
    Count1,
    Count2,
    Counts1,
    Finite,
    Positive,
    Positives,
    Row,
    checked,
    count,
    each,
)
from gdbook._checks import Number, shown
from gdbook.datasets import Dataset
from gdbook.fitting import FitHistory
from gdbook.network import dense_network, forward
from gdbook.optimizers import Adam
from gdbook.splits import Split, accuracy, folds, hold_out
from gdbook.traces import plain, trace

FoldCounts = Annotated[Sequence[int], each(count(2), least=1)]

# From −5 to 5, in twentieths.
BIASES = tuple(step / 20 for step in range(-100, 101))

# A sample is benign when its score, before the sigmoid, is above zero.
_SCORED = partial(accuracy, threshold=0)


@trace
class Memoriser(NamedTuple):
    """What a memoriser scores on true classes, and on classes drawn by chance.

    `n_training` pictures were shown and `n_held_out` kept aside. `training_accuracies`
    and `held_out_accuracies` are for the true and for the drawn classes. `base_rate` is
    the share of the held-out pictures whose true class is the most common one of the
    others.
    """

    n_training: int
    n_held_out: int
    training_accuracies: tuple[float, float]
    held_out_accuracies: tuple[float, float]
    base_rate: float


@checked
def memoriser(share: Between = 0.25, seed: Count0 = 0) -> Memoriser:
    r"""Let a memoriser answer with the class of the nearest picture that it has seen.

    .. math:: \hat c(x) = c_j, \qquad j = \operatorname*{arg\,min}_{i \in T}
              \lVert x - x_i \rVert

    The pictures are scikit-learn's digits; :math:`T` are those to learn from. The
    second pair of scores is for the same classes, dealt anew to all pictures.

    Parameters
    ----------
    share
        The share of the pictures to hold out.
    seed
        What the split and the new deal of the classes start from.

    Raises
    ------
    ValueError
        If `share` leaves no picture to learn from.

    Examples
    --------
    >>> seen = memoriser()
    >>> seen.training_accuracies
    (1.0, 1.0)
    >>> [round(accuracy, 3) for accuracy in seen.held_out_accuracies]
    [0.991, 0.102]
    """
    data = datasets.digits()
    split = hold_out(len(data.inputs), share, seed=seed)
    drawn = np.random.default_rng(seed).permutation(data.labels)
    memory = data.inputs[split.training]
    known = {
        name: _nearest(memory, data.inputs[side])
        for name, side in split._asdict().items()
    }

    def scores(name: str) -> tuple[float, float]:
        side = getattr(split, name)
        true, chance = (
            _agreement(labels[split.training][known[name]], labels[side])
            for labels in (data.labels, drawn)
        )
        return true, chance

    return Memoriser(
        n_training=len(split.training),
        n_held_out=len(split.held_out),
        training_accuracies=scores("training"),
        held_out_accuracies=scores("held_out"),
        base_rate=_base_rate(data.labels, split),
    )


@trace
class NearestPictures(NamedTuple):
    """Held-out pictures, and the nearest one in memory for each.

    The pictures `asked` with their `labels`, and the `nearest` ones, whose labels are
    the `answers`; a picture is eight rows of eight pixels.
    """

    asked: tuple[tuple[tuple[float, ...], ...], ...]
    nearest: tuple[tuple[tuple[float, ...], ...], ...]
    labels: tuple[int, ...]
    answers: tuple[int, ...]


@checked
def nearest_pictures(
    num_right: Count0 = 2,
    num_wrong: Count0 = 3,
    share: Between = 0.25,
    seed: Count0 = 0,
) -> NearestPictures:
    r"""Show what the memoriser answers with, where it is right and where it is wrong.

    .. math:: j = \operatorname*{arg\,min}_{i \in T} \lVert x - x_i \rVert

    :math:`T` are the pictures in memory.

    Parameters
    ----------
    num_right
        How many held-out pictures to show that are answered rightly.
    num_wrong
        How many that are answered wrongly.
    share
        The share of the pictures to hold out.
    seed
        What the split starts from.

    Raises
    ------
    ValueError
        If `share` leaves no picture to learn from, or there are fewer pictures of a
        kind than are asked for.

    Examples
    --------
    >>> shown = nearest_pictures(num_right=1, num_wrong=2)
    >>> shown.labels, shown.answers
    ((2, 2, 9), (2, 3, 3))
    """
    data = datasets.digits()
    split = hold_out(len(data.inputs), share, seed=seed)
    memory, asked = data.inputs[split.training], data.inputs[split.held_out]
    found = split.training[_nearest(memory, asked)]
    right = data.labels[found] == data.labels[split.held_out]
    chosen: list[int] = []
    for name, wanted, kind in (
        ("num_right", num_right, right),
        ("num_wrong", num_wrong, ~right),
    ):
        places = np.flatnonzero(kind)
        if len(places) < wanted:
            msg = (
                f"`{name}` is {shown(wanted)} "
                f"but there are only {len(places)} such pictures"
            )
            raise ValueError(msg)
        chosen += places[:wanted].tolist()
    ours, theirs = split.held_out[chosen], found[chosen]
    return NearestPictures(
        asked=plain(data.inputs[ours].reshape(-1, 8, 8)),
        nearest=plain(data.inputs[theirs].reshape(-1, 8, 8)),
        labels=plain(data.labels[ours]),
        answers=plain(data.labels[theirs]),
    )


@trace
class OneSplit(NamedTuple):
    """A network in training, scored on both sides of one split after every epoch.

    `n_training` and `n_held_out` samples; `base_rate` is the share of the latter that
    have the most common class. `losses`, `held_out_losses`, `accuracies` and
    `held_out_accuracies` start before the first epoch.
    """

    n_training: int
    n_held_out: int
    base_rate: float
    losses: tuple[Number, ...]
    held_out_losses: tuple[Number, ...]
    accuracies: tuple[Number, ...]
    held_out_accuracies: tuple[Number, ...]


@checked
def one_split(
    hidden: Counts1 = (8,),
    share: Between = 0.2,
    learning_rate: Positive = 0.03,
    num_epochs: Count1 = 10,
    batch_size: Count1 = 114,
    seed: Count0 = 0,
) -> OneSplit:
    r"""Train a network on the tumours, and keep some of them aside.

    .. math:: L_S = \frac{1}{|S|} \sum_{i \in S} L_i, \qquad
              S \in \{\text{training}, \text{held out}\}

    Every class keeps its share on both sides. The inputs are standardised with the
    means and deviations of the training samples. The rule is Adam.

    Parameters
    ----------
    hidden
        How many nodes each hidden layer has.
    share
        The share of the samples to hold out.
    learning_rate
        The rate of Adam.
    num_epochs
        How often to go through all training samples.
    batch_size
        How many samples share a step.
    seed
        What the split, the first weights and the shuffling start from.

    Raises
    ------
    ValueError
        If `share` leaves too few samples on a side, or `batch_size` is greater than
        the number of training samples.

    Examples
    --------
    >>> run = one_split()
    >>> run.n_training, run.n_held_out
    (455, 114)
    >>> run.held_out_accuracies[-1] > run.base_rate
    True
    """
    setting = _Setting(tuple(hidden), learning_rate, num_epochs, batch_size)
    return _watched(setting, share, seed)


@cache
def _watched(setting: "_Setting", share: Number, seed: int) -> OneSplit:
    data = datasets.breast_cancer()
    split = hold_out(len(data.inputs), share, seed=seed, labels=data.labels)
    history, _ = _trained(data, split, setting, seed=seed, watched=True)
    return OneSplit(
        n_training=len(split.training),
        n_held_out=len(split.held_out),
        base_rate=_base_rate(data.labels, split),
        losses=history.values("loss"),
        held_out_losses=history.values("validation_loss"),
        accuracies=history.values("accuracy"),
        held_out_accuracies=history.values("validation_accuracy"),
    )


@trace
class KnownAndNew(NamedTuple):
    """The same training on many splits, scored on both of their sides.

    Of `num_splits` splits, `lower_losses` have a lower loss on the samples that were
    learned from than on those held out, and `higher_accuracies` a higher accuracy. The
    means over all splits are `mean_loss` and `mean_accuracy` on the former, and
    `held_out_loss` and `held_out_accuracy` on the latter.
    """

    num_splits: int
    lower_losses: int
    higher_accuracies: int
    mean_loss: float
    held_out_loss: float
    mean_accuracy: float
    held_out_accuracy: float


@checked
def known_and_new(
    num_splits: Count1 = 20,
    hidden: Counts1 = (8,),
    share: Between = 0.2,
    learning_rate: Positive = 0.03,
    num_epochs: Count1 = 10,
    batch_size: Count1 = 114,
) -> KnownAndNew:
    r"""Count the splits on which a network is better at what it was shown.

    .. math:: \#\{\, s : L_{T_s} < L_{H_s} \,\}

    :math:`T_s` are the training samples of the split :math:`s`, :math:`H_s` the others.

    Parameters
    ----------
    num_splits
        How many splits; each has its own first weights and shuffles, and the seeds
        are 0, 1, 2, and so on.
    hidden
        How many nodes each hidden layer has.
    share
        The share of the samples to hold out.
    learning_rate
        The rate of Adam.
    num_epochs
        How often to go through all training samples.
    batch_size
        How many samples share a step.

    Raises
    ------
    ValueError
        If `share` leaves too few samples on a side, or `batch_size` is greater than
        the number of training samples.

    Examples
    --------
    >>> both = known_and_new(num_splits=5)
    >>> both.lower_losses, both.mean_loss < both.held_out_loss
    (5, True)
    """
    runs = [
        one_split(hidden, share, learning_rate, num_epochs, batch_size, seed)
        for seed in range(num_splits)
    ]
    sides = np.array(
        [
            (run.losses, run.held_out_losses, run.accuracies, run.held_out_accuracies)
            for run in runs
        ]
    )
    known, new, right, right_new = sides[:, :, -1].T
    return KnownAndNew(
        num_splits=num_splits,
        lower_losses=int((known < new).sum()),
        higher_accuracies=int((right > right_new).sum()),
        mean_loss=float(known.mean()),
        held_out_loss=float(new.mean()),
        mean_accuracy=float(right.mean()),
        held_out_accuracy=float(right_new.mean()),
    )


@trace
class Staircase(NamedTuple):
    """Loss and accuracy over the bias of a model, and the slope of both at one.

    For each of the `biases` the `losses` and `accuracies`; at the `bias` the
    `loss_slope`, and the `accuracy_slope` by central differences. The `least_loss`, the
    `least_loss_bias` that has it, the `accuracy_there`, and the `best_accuracy` of all.
    """

    biases: tuple[Number, ...]
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    bias: Number
    loss_slope: float
    accuracy_slope: float
    least_loss: float
    least_loss_bias: Number
    accuracy_there: float
    best_accuracy: float


@checked
def accuracy_and_loss(
    inputs: Row = (-3, -2, -1, 1, 2, 3),
    targets: Row = (0, 0, 1, 0, 1, 1),
    biases: Row = BIASES,
    bias: Finite = -2.5,
    reach: Positive = 0.25,
) -> Staircase:
    r"""Move the bias of a model, and watch its loss and its accuracy.

    .. math:: z_i = x_i + b, \qquad
              L(b) = \frac1n \sum_{i=1}^{n} \bigl( \ln(1 + e^{z_i}) - y_i z_i \bigr)

    The answer is yes where :math:`z_i > 0`. Logarithms are irrational, so losses and
    their slope are floats.

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true at each of them: 0 for no and 1 for yes.
    biases
        The biases to try.
    bias
        The bias at which to measure slopes.
    reach
        How far to walk to both sides for the accuracy's slope.

    Raises
    ------
    ValueError
        If the shapes differ, or a target is not from 0 to 1.

    Examples
    --------
    >>> stairs = accuracy_and_loss()
    >>> round(stairs.loss_slope, 3), stairs.accuracy_slope
    (-0.296, 0.0)
    """
    inputs, targets = _checks.paired("inputs", inputs, "targets", targets)

    def loss(b: Number) -> float:
        return float(losses.sigmoid_cross_entropy(inputs + b, targets))

    def right(b: Number) -> float:
        return _SCORED((inputs + b)[:, None], targets[:, None])

    slopes = losses.sigmoid_cross_entropy_slope(inputs + bias, targets)
    biases = plain(biases)
    all_losses = tuple(loss(b) for b in biases)
    accuracies = tuple(right(b) for b in biases)
    least = all_losses.index(min(all_losses))
    return Staircase(
        biases=biases,
        losses=all_losses,
        accuracies=accuracies,
        bias=bias,
        loss_slope=plain(slopes.sum()),
        accuracy_slope=plain(gradients.central_difference(right, bias, step=reach)),
        least_loss=all_losses[least],
        least_loss_bias=biases[least],
        accuracy_there=accuracies[least],
        best_accuracy=max(accuracies),
    )


@trace
class HeldOutSizes(NamedTuple):
    """How far the score of fewer held-out samples lies from that of all.

    `n_training` and `n_held_out` pictures, and the `accuracy` on all of the latter. For
    each of the `sizes` the `standard_errors`, the `measured` deviation, and the
    `lowest` and `highest` score.
    """

    n_training: int
    n_held_out: int
    accuracy: float
    sizes: tuple[int, ...]
    standard_errors: tuple[float, ...]
    measured: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]


@checked
def held_out_sizes(
    sizes: Counts1 = (10, 30, 100, 300, 1000),
    num_draws: Count1 = 1000,
    share: Between = 0.97,
    seed: Count0 = 0,
) -> HeldOutSizes:
    r"""Score one memoriser on many small draws from its held-out samples.

    .. math:: s_m = \sqrt{\frac{a\,(1 - a)}{m} \cdot \frac{n - m}{n - 1}}

    The memoriser knows few digits, so that :math:`n`, the number of held-out ones, is
    large; :math:`a` is its accuracy on all of them, :math:`m` the number drawn. Roots
    are irrational, so the errors are floats.

    Parameters
    ----------
    sizes
        How many held-out samples to score on, :math:`m`.
    num_draws
        How often to draw them, for each size.
    share
        The share of the pictures to hold out.
    seed
        What the split and the draws start from.

    Raises
    ------
    ValueError
        If `share` leaves no picture to learn from, or a size is greater than the
        number of held-out samples.

    Examples
    --------
    >>> seen = held_out_sizes(sizes=(10, 1000))
    >>> seen.n_held_out, round(seen.accuracy, 3)
    (1744, 0.854)
    >>> [round(error, 3) for error in seen.standard_errors]
    [0.111, 0.007]
    """
    data = datasets.digits()
    split = hold_out(len(data.inputs), share, seed=seed)
    n_held_out = len(split.held_out)
    if any(size > n_held_out for size in sizes):
        msg = (
            f"`sizes` holds {shown(max(sizes))} "
            f"but only {n_held_out} samples are held out"
        )
        raise ValueError(msg)
    found = _nearest(data.inputs[split.training], data.inputs[split.held_out])
    accuracy = _agreement(
        data.labels[split.training][found], data.labels[split.held_out]
    )
    num_right = round(accuracy * n_held_out)
    generator = np.random.default_rng(seed)
    scores = [
        generator.hypergeometric(num_right, n_held_out - num_right, size, num_draws)
        / size
        for size in sizes
    ]
    return HeldOutSizes(
        n_training=len(split.training),
        n_held_out=n_held_out,
        accuracy=accuracy,
        sizes=tuple(sizes),
        standard_errors=tuple(
            _standard_error(accuracy, size, n_held_out) for size in sizes
        ),
        measured=tuple(_deviation(each) for each in scores),
        lowest=tuple(plain(each.min()) for each in scores),
        highest=tuple(plain(each.max()) for each in scores),
    )


@trace
class SamplesNeeded(NamedTuple):
    """How many held-out samples give a score with a given standard error.

    For an `accuracy` each of the `errors` needs that many `samples`.
    """

    accuracy: Number
    errors: tuple[Number, ...]
    samples: tuple[int, ...]


@checked
def samples_needed(
    accuracy: Between = 0.9, errors: Positives = (0.03, 0.01, 0.003, 0.001)
) -> SamplesNeeded:
    r"""Count the held-out samples that a score needs.

    .. math:: m = \left\lceil \frac{a\,(1 - a)}{s^2} \right\rceil

    The samples are thought to be drawn from very many. A float is taken as the decimal
    number that it prints, so that the count is exact.

    Parameters
    ----------
    accuracy
        The accuracy to be measured, :math:`a`.
    errors
        The standard errors wanted, :math:`s`.

    Examples
    --------
    >>> samples_needed().samples
    (100, 900, 10000, 90000)
    """
    spread = _printed(accuracy) * (1 - _printed(accuracy))
    return SamplesNeeded(
        accuracy=accuracy,
        errors=tuple(errors),
        samples=tuple(math.ceil(spread / _printed(error) ** 2) for error in errors),
    )


@trace
class Deals(NamedTuple):
    """The scores of all folds, for several deals of the same samples.

    `scores` holds those of the folds of each deal, `means` their means; `mean`,
    `lowest` and `highest` are those of all scores. `fold_deviation` and
    `mean_deviation` say how far scores and means are spread, `fold_error` and
    `all_error` are the standard errors of a score on one fold and on all samples. All
    this cost `num_trainings`, `num_steps` and `sample_gradients`.
    """

    scores: tuple[tuple[float, ...], ...]
    means: tuple[float, ...]
    mean: float
    lowest: float
    highest: float
    fold_deviation: float
    mean_deviation: float
    fold_error: float
    all_error: float
    num_trainings: int
    num_steps: int
    sample_gradients: int


@checked
def deals(
    num_folds: Count2 = 5,
    num_deals: Count1 = 8,
    hidden: Counts1 = (8,),
    learning_rate: Positive = 0.03,
    num_epochs: Count1 = 10,
    batch_size: Count1 = 114,
    standardise_on_all: Choice = False,  # noqa: FBT002 (given like the others)
) -> Deals:
    r"""Deal the tumours into folds, hold each out once, and deal again.

    .. math:: \bar a = \frac1k \sum_{j=1}^{k} a_j

    Every class keeps its share in every fold. All networks start from the same
    weights, so that the deals alone differ.

    Parameters
    ----------
    num_folds
        How many folds, :math:`k`.
    num_deals
        How often to deal; the deals start from the seeds 0, 1, 2, and so on.
    hidden
        How many nodes each hidden layer has.
    learning_rate
        The rate of Adam.
    num_epochs
        How often to go through all training samples.
    batch_size
        How many samples share a step.
    standardise_on_all
        Whether to standardise with the means and deviations of all samples, the
        held-out ones too: a leak.

    Raises
    ------
    ValueError
        If a class has fewer samples than there are folds, or `batch_size` is greater
        than the number of training samples.

    Examples
    --------
    >>> once = deals(num_deals=1)
    >>> once.num_trainings, once.num_steps, once.sample_gradients
    (5, 200, 22760)
    >>> min(once.scores[0]) > 0.9
    True
    """
    setting = _Setting(hidden, learning_rate, num_epochs, batch_size)
    data = datasets.breast_cancer()
    dealt = [
        folds(len(data.inputs), num_folds, seed=deal, labels=data.labels)
        for deal in range(num_deals)
    ]
    found = [
        [_score(data, split, setting, leaky=standardise_on_all) for split in splits]
        for splits in dealt
    ]
    scores = tuple(tuple(score for score, _ in own) for own in found)
    every = [score for own in scores for score in own]
    mean = float(np.mean(every))
    n_samples = len(data.inputs)
    means = tuple(float(np.mean(own)) for own in scores)
    return Deals(
        scores=scores,
        means=means,
        mean=mean,
        lowest=min(every),
        highest=max(every),
        fold_deviation=_deviation(every),
        mean_deviation=_deviation(means),
        fold_error=_standard_error(mean, n_samples / num_folds),
        all_error=_standard_error(mean, n_samples),
        num_trainings=len(every),
        num_steps=sum(steps for own in found for _, steps in own),
        sample_gradients=sum(
            num_epochs * len(split.training) for splits in dealt for split in splits
        ),
    )


@trace
class Seeds(NamedTuple):
    """The scores of the same training on the same split, from several starts.

    The held-out `scores`, the `lowest` and the `highest` of them.
    """

    scores: tuple[float, ...]
    lowest: float
    highest: float


@checked
def seeds(
    num_seeds: Count1 = 16,
    hidden: Counts1 = (8,),
    share: Between = 0.2,
    learning_rate: Positive = 0.03,
    num_epochs: Count1 = 10,
    batch_size: Count1 = 114,
    seed: Count0 = 0,
) -> Seeds:
    r"""Train on one split from several seeds.

    .. math:: a_r = \frac{1}{|H|} \sum_{i \in H} [\hat c_{ri} = c_i]

    :math:`H` are the held-out samples, :math:`\hat c_{ri}` the answers of the network
    that starts from the seed :math:`r`.

    Parameters
    ----------
    num_seeds
        How many first weights and shuffles to try; they start from the seeds 0, 1, 2,
        and so on.
    hidden
        How many nodes each hidden layer has.
    share
        The share of the samples to hold out.
    learning_rate
        The rate of Adam.
    num_epochs
        How often to go through all training samples.
    batch_size
        How many samples share a step.
    seed
        What the split starts from.

    Raises
    ------
    ValueError
        If `share` leaves too few samples on a side, or `batch_size` is greater than
        the number of training samples.

    Examples
    --------
    >>> tried = seeds(num_seeds=2)
    >>> tried.scores[0] == one_split().held_out_accuracies[-1]
    True
    """
    setting = _Setting(hidden, learning_rate, num_epochs, batch_size)
    data = datasets.breast_cancer()
    split = hold_out(len(data.inputs), share, seed=seed, labels=data.labels)
    scores = tuple(
        _score(data, split, setting, seed=start)[0] for start in range(num_seeds)
    )
    return Seeds(
        scores=scores,
        lowest=min(scores),
        highest=max(scores),
    )


@trace
class SignTest(NamedTuple):
    """Two networks that answered the same samples, compared where they disagree.

    Of `n_samples`, one network alone is right on `num_wins` and the other alone on
    `num_losses`. Their accuracies differ by `difference`; if each disagreement fell
    like a coin, one side would have that much of it with the `probability`.
    """

    num_wins: int
    num_losses: int
    n_samples: int
    difference: Fraction
    probability: Fraction


@checked
def sign_test(
    num_wins: Count0 = 20, num_losses: Count0 = 2, n_samples: Count1 = 10_000
) -> SignTest:
    r"""Compare two networks on the samples on which one alone is right.

    .. math:: p = \min\Bigl(1,\ \frac{2}{2^n} \sum_{j=0}^{m} \binom nj\Bigr), \qquad
              n = w + l, \quad m = \min(w, l)

    :math:`w` are the wins of one network, :math:`l` those of the other. Counts are
    whole, so all is exact.

    Parameters
    ----------
    num_wins
        On how many samples one network alone is right.
    num_losses
        On how many samples the other one alone is right.
    n_samples
        How many samples both have answered.

    Raises
    ------
    ValueError
        If there are more wins and losses than samples.

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated
       proportions or percentages", Psychometrika 12 (1947).

    Examples
    --------
    >>> tested = sign_test(num_wins=3, num_losses=0, n_samples=10)
    >>> tested.difference, tested.probability
    (Fraction(3, 10), Fraction(1, 4))
    """
    n_differing = num_wins + num_losses
    if n_differing > n_samples:
        msg = (
            f"`n_samples` is {shown(n_samples)} but must be at least "
            f"{shown(n_differing)}, the wins and the losses"
        )
        raise ValueError(msg)
    fewer = min(num_wins, num_losses)
    ways = sum(math.comb(n_differing, hits) for hits in range(fewer + 1))
    return SignTest(
        num_wins=num_wins,
        num_losses=num_losses,
        n_samples=n_samples,
        difference=Fraction(num_wins - num_losses, n_samples),
        probability=min(Fraction(1), Fraction(2 * ways, 2**n_differing)),
    )


@trace
class FoldCost(NamedTuple):
    """What folds cost: trainings, steps, and gradients of single samples.

    For each of `num_folds` the `fewest_learned` samples that a training learns from,
    and the `num_steps` and `sample_gradients` of all trainings, which are `times_once`
    as many as the gradients of one training on all samples, `once`.
    """

    num_folds: tuple[int, ...]
    fewest_learned: tuple[int, ...]
    num_steps: tuple[int, ...]
    sample_gradients: tuple[int, ...]
    once: int
    times_once: tuple[int, ...]


@checked
def fold_cost(
    num_folds: FoldCounts = (2, 3, 5, 10, 569),
    n_samples: Count2 = 569,
    num_epochs: Count1 = 10,
    batch_size: Count1 = 114,
) -> FoldCost:
    r"""Count what a network in every fold costs.

    .. math:: \text{trainings} = k, \qquad
              \text{sample gradients} = \sum_{j=1}^{k} E\,(n - n_j) = (k - 1)\,n\,E

    Parameters
    ----------
    num_folds
        How many folds, :math:`k`; no more than there are samples.
    n_samples
        How many samples there are, :math:`n`.
    num_epochs
        How often each training goes through its samples, :math:`E`.
    batch_size
        How many samples share a step.

    Raises
    ------
    ValueError
        If a number of folds is greater than `n_samples`.

    Examples
    --------
    >>> cost = fold_cost()
    >>> cost.sample_gradients[2], cost.once
    (22760, 5690)
    """
    most = max(num_folds)
    if most > n_samples:
        msg = (
            f"`num_folds` holds {shown(most)} "
            f"but there are only {shown(n_samples)} samples"
        )
        raise ValueError(msg)
    # The folds of n samples differ by one sample at most, the larger ones first.
    learned = [
        [n_samples - n_samples // k - (fold < n_samples % k) for fold in range(k)]
        for k in num_folds
    ]
    once = num_epochs * n_samples
    sample_gradients = [num_epochs * sum(sizes) for sizes in learned]
    return FoldCost(
        num_folds=tuple(num_folds),
        fewest_learned=tuple(min(sizes) for sizes in learned),
        num_steps=tuple(
            num_epochs * sum(-(-size // batch_size) for size in sizes)
            for sizes in learned
        ),
        sample_gradients=tuple(sample_gradients),
        once=once,
        # Each sample is left out once, so that k − 1 times all of them are left.
        times_once=tuple(gradients // once for gradients in sample_gradients),
    )


@trace
class ClassShares(NamedTuple):
    """How many samples of a rare class each fold gets.

    Of `n_samples` tumours `num_rare` are malignant; `base_rate` is the share of the
    others. `shuffled` and `stratified` count the malignant ones of each fold, and
    `without` the shuffled folds that have none; `mean_without` is how many have none on
    average over all deals by chance.
    """

    n_samples: int
    num_rare: int
    base_rate: float
    shuffled: tuple[int, ...]
    stratified: tuple[int, ...]
    without: int
    mean_without: Fraction


@checked
def class_shares(
    num_folds: Count2 = 10, num_rare: Count2 = 20, seed: Count0 = 0
) -> ClassShares:
    r"""Deal a rare class into folds by chance, and by its share.

    .. math:: \frac{n_{cj}}{n_j} \approx \frac{n_c}{n}

    The samples are all benign tumours and the first few malignant ones.

    Parameters
    ----------
    num_folds
        How many folds.
    num_rare
        How many malignant tumours to keep, at least one for each fold.
    seed
        What the dealing starts from.

    Raises
    ------
    ValueError
        If `num_rare` is less than `num_folds`, or greater than the number of
        malignant tumours.

    Examples
    --------
    >>> dealt = class_shares()
    >>> dealt.shuffled
    (2, 5, 3, 0, 0, 4, 4, 1, 0, 1)
    >>> dealt.stratified
    (2, 2, 2, 2, 2, 2, 2, 2, 2, 2)
    """
    num_rare = _checks.count("num_rare", num_rare, least=num_folds)
    labels = datasets.breast_cancer().labels
    malignant = np.flatnonzero(labels == 0)
    if num_rare > len(malignant):
        msg = f"`num_rare` is {shown(num_rare)} but only {len(malignant)} are malignant"
        raise ValueError(msg)
    kept = np.sort(np.concatenate([malignant[:num_rare], np.flatnonzero(labels == 1)]))
    labels = labels[kept]

    def rare(splits: tuple[Split, ...]) -> tuple[int, ...]:
        return tuple(int((labels[split.held_out] == 0).sum()) for split in splits)

    by_chance = folds(len(labels), num_folds, seed=seed)
    by_share = folds(len(labels), num_folds, seed=seed, labels=labels)
    n_samples = len(labels)
    # In how many ways the rare ones are dealt to the others, fold by fold.
    ways = [math.comb(len(split.training), num_rare) for split in by_chance]
    return ClassShares(
        n_samples=n_samples,
        num_rare=num_rare,
        base_rate=1 - num_rare / n_samples,
        shuffled=rare(by_chance),
        stratified=rare(by_share),
        without=rare(by_chance).count(0),
        mean_without=Fraction(sum(ways), math.comb(n_samples, num_rare)),
    )


@trace
class LeakedChoice(NamedTuple):
    """Scores on noise, with inputs chosen on all samples and inside every fold.

    `num_chosen` of `n_inputs` inputs are kept, for `n_samples` samples, and a node is
    trained on them for `num_epochs` steps with the `learning_rate`. `leaked` and
    `honest` hold the mean accuracy over the folds for each draw, `leaked_mean` and
    `honest_mean` the mean over all draws.
    """

    n_samples: int
    n_inputs: int
    num_chosen: int
    learning_rate: Number
    num_epochs: int
    leaked: tuple[float, ...]
    honest: tuple[float, ...]
    leaked_mean: float
    honest_mean: float


@checked
def leaked_choice(
    n_samples: Count2 = 100,
    n_inputs: Count1 = 2000,
    num_chosen: Count1 = 20,
    num_folds: Count2 = 5,
    num_repeats: Count1 = 8,
    learning_rate: Positive = 0.1,
    num_epochs: Count1 = 20,
) -> LeakedChoice:
    r"""Choose the inputs that go with the targets best, where all inputs are noise.

    .. math:: |r_j| = \frac{\left|\sum_i (x_{ij} - \bar x_j)(y_i - \bar y)\right|}
              {\sqrt{\sum_i (x_{ij} - \bar x_j)^2 \sum_i (y_i - \bar y)^2}}

    The inputs are drawn from the normal distribution and have nothing to do with the
    targets, which are no and yes in turn. The wrong way chooses once, on all samples;
    the right way chooses in every fold anew, on its training samples. The network is
    a single node, trained by Adam on all training samples at once.

    Parameters
    ----------
    n_samples
        How many samples to draw, at least two for each fold.
    n_inputs
        How many inputs each has.
    num_chosen
        How many inputs to keep.
    num_folds
        How many folds.
    num_repeats
        How often to draw anew; the draws start from the seeds 0, 1, 2, and so on.
    learning_rate
        The rate of Adam.
    num_epochs
        How many steps each training takes.

    Raises
    ------
    ValueError
        If there are fewer than two samples for each fold, or `num_chosen` is greater
        than `n_inputs`.

    Examples
    --------
    >>> chosen = leaked_choice(num_repeats=2)
    >>> chosen.leaked_mean > 0.8 > 0.7 > chosen.honest_mean
    True
    """
    # Every fold needs a sample of each class.
    n_samples = _checks.count("n_samples", n_samples, least=2 * num_folds)
    _checks.not_beyond("num_chosen", num_chosen, n_inputs, "inputs")
    setting = _Setting((), learning_rate, num_epochs, None)
    labels = np.arange(n_samples) % 2
    targets = labels[:, None].astype(float)
    leaked, honest = [], []
    for repeat in range(num_repeats):
        generator = np.random.default_rng(repeat)
        inputs = generator.normal(size=(n_samples, n_inputs))
        splits = folds(n_samples, num_folds, seed=repeat, labels=labels)

        def mean_score(
            choices: list[Any], inputs: Any = inputs, splits: Any = splits
        ) -> float:
            scores = [
                _score(Dataset(inputs[:, chosen], targets, labels, ()), split, setting)
                for chosen, split in zip(choices, splits, strict=True)
            ]
            return float(np.mean([score for score, _ in scores]))

        on_all = _strongest(inputs, labels, num_chosen)
        leaked.append(mean_score([on_all] * num_folds))
        inside = [
            _strongest(inputs[split.training], labels[split.training], num_chosen)
            for split in splits
        ]
        honest.append(mean_score(inside))
    return LeakedChoice(
        n_samples=n_samples,
        n_inputs=n_inputs,
        num_chosen=num_chosen,
        learning_rate=learning_rate,
        num_epochs=num_epochs,
        leaked=tuple(leaked),
        honest=tuple(honest),
        leaked_mean=float(np.mean(leaked)),
        honest_mean=float(np.mean(honest)),
    )


@trace
class Writers(NamedTuple):
    """What the memoriser scores with shuffled folds, and with folds in order.

    The accuracy in each fold of `n_samples` pictures, `shuffled` and `in_order`, and
    the wrong answers in all, `wrong_shuffled` and `wrong_in_order`; of `num_shuffles`
    shuffles, whose first is shown, the `fewest_wrong` and the `most_wrong`. From a
    picture to the nearest one there are `median_gap` places of the file, and
    `chance_gap` to any other, both by their medians.
    """

    n_samples: int
    shuffled: tuple[float, ...]
    in_order: tuple[float, ...]
    wrong_shuffled: int
    wrong_in_order: int
    num_shuffles: int
    fewest_wrong: int
    most_wrong: int
    median_gap: float
    chance_gap: float


@checked
def whole_writers(num_folds: Count2 = 5, num_shuffles: Count1 = 10) -> Writers:
    r"""Hold out digits that follow one another in their file.

    .. math:: \text{fold } j = \{\, i : j\,n/k \le i < (j + 1)\,n/k \,\}

    Pictures that are near in the file look alike, as those of one writer do. Folds cut
    in its order hold out whole stretches of it, shuffled ones pictures from everywhere.

    Parameters
    ----------
    num_folds
        How many folds, :math:`k`.
    num_shuffles
        How often to shuffle; the shuffles start from the seeds 0, 1, 2, and so on.

    Raises
    ------
    ValueError
        If there are more folds than pictures.

    Examples
    --------
    >>> held = whole_writers(num_shuffles=2)
    >>> held.wrong_shuffled, held.wrong_in_order
    (22, 63)
    """
    data = datasets.digits()
    n_samples = len(data.inputs)
    everyone = np.arange(n_samples)
    blocks = np.array_split(everyone, num_folds)
    in_order = [Split(np.setdiff1d(everyone, block), block) for block in blocks]
    deals = [folds(n_samples, num_folds, seed=seed) for seed in range(num_shuffles)]
    distances = _distances(data.inputs, data.inputs)

    def right(split: Split) -> Any:
        found = distances[np.ix_(split.held_out, split.training)].argmin(axis=1)
        return data.labels[split.training[found]] == data.labels[split.held_out]

    answers = [[right(split) for split in splits] for splits in (in_order, *deals)]
    wrong = [sum(int((~each).sum()) for each in own) for own in answers]
    scores = [tuple(float(each.mean()) for each in own) for own in answers[:2]]
    gaps = abs(everyone[:, None] - everyone)
    np.fill_diagonal(distances, np.inf)
    return Writers(
        n_samples=n_samples,
        shuffled=scores[1],
        in_order=scores[0],
        wrong_shuffled=wrong[1],
        wrong_in_order=wrong[0],
        num_shuffles=num_shuffles,
        fewest_wrong=min(wrong[1:]),
        most_wrong=max(wrong[1:]),
        median_gap=float(np.median(gaps[everyone, distances.argmin(axis=1)])),
        chance_gap=float(np.median(gaps[gaps > 0])),
    )


@trace
class BestGuesser(NamedTuple):
    """What the best of many guessers scores on the samples that chose it.

    Guesses are right with probability `chance`. For each of `num_guessers`, `best` is
    the expected score of the best on the `n_held_out` samples that choose it; on fresh
    ones it scores `chance`.
    """

    chance: Number
    n_held_out: int
    num_guessers: tuple[int, ...]
    best: tuple[Number, ...]


@checked
def best_guesser(
    num_guessers: Counts1 = (1, 10, 100, 1000),
    n_held_out: Count1 = 100,
    chance: Between = 0.5,
) -> BestGuesser:
    r"""Expect the score of the best of many that guess.

    .. math:: \frac1m \operatorname{E}\bigl[\max(X_1, \dots, X_K)\bigr]
              = \frac1m \sum_{x=1}^{m} \bigl(1 - P(X < x)^K\bigr)

    :math:`X` is how many of :math:`m` samples a guesser gets right, each by itself.

    Parameters
    ----------
    num_guessers
        How many guessers to choose from, :math:`K`.
    n_held_out
        How many samples choose the best of them, :math:`m`.
    chance
        The probability that a guess is right.

    Examples
    --------
    >>> [round(score, 3) for score in best_guesser().best]
    [0.5, 0.577, 0.625, 0.661]
    """
    fewer: list[Any] = [0]  # P(X < x) for x = 0, 1, 2, ...
    for hits in range(n_held_out):
        ways = math.comb(n_held_out, hits)
        fewer.append(
            fewer[-1] + ways * chance**hits * (1 - chance) ** (n_held_out - hits)
        )
    return BestGuesser(
        chance=chance,
        n_held_out=n_held_out,
        num_guessers=tuple(num_guessers),
        best=tuple(
            sum(1 - below**number for below in fewer[1:]) / n_held_out
            for number in num_guessers
        ),
    )


class _Setting(NamedTuple):
    """How a network is built and trained."""

    hidden: Sequence[int]
    learning_rate: Number
    num_epochs: int
    batch_size: int | None  # all samples, where none is given


def _trained(
    data: Dataset,
    split: Split,
    setting: _Setting,
    *,
    seed: int,
    leaky: bool = False,
    watched: bool = False,
) -> tuple[FitHistory, Any]:
    """Train on one side of a split, and predict the other."""
    known = data.inputs if leaky else data.inputs[split.training]
    inputs, asked = _standardised(known, split, data.inputs)
    targets = data.targets[split.training]
    generator = np.random.default_rng(seed)
    sizes = (inputs.shape[1], *setting.hidden, targets.shape[1])
    history = fitting.fit(
        dense_network(sizes, generator),
        inputs,
        targets,
        loss=losses.SIGMOID_CROSS_ENTROPY,
        rule=Adam(setting.learning_rate),
        num_epochs=setting.num_epochs,
        batch_size=setting.batch_size or len(inputs),
        generator=generator,
        validation=(asked, data.targets[split.held_out]) if watched else None,
        metrics={"accuracy": _SCORED} if watched else None,
        progress=False,
    )
    return history, forward(history.layers, asked)[-1]


def _score(
    data: Dataset,
    split: Split,
    setting: _Setting,
    *,
    seed: int = 0,
    leaky: bool = False,
) -> tuple[float, int]:
    """Train on one side of a split; give the accuracy on the other, and the steps."""
    history, predictions = _trained(data, split, setting, seed=seed, leaky=leaky)
    return _SCORED(predictions, data.targets[split.held_out]), history.num_steps


def _standardised(known: Any, split: Split, values: Any) -> tuple[Any, Any]:
    """Give both sides of a split in the units of what is known."""
    scaled = (values - known.mean(axis=0)) / known.std(axis=0)
    return scaled[split.training], scaled[split.held_out]


def _nearest(memory: Any, asked: Any) -> Any:
    """Find the row of `memory` that is nearest to each row of `asked`."""
    return _distances(memory, asked).argmin(axis=1)


def _distances(memory: Any, asked: Any) -> Any:
    """Give the squared distances, without what is the same for all of memory.

    Exact for pixels, which are sixteenths.
    """
    return (memory**2).sum(axis=1) - 2 * asked @ memory.T


def _agreement(answers: Any, labels: Any) -> float:
    n_classes = 1 + max(answers.max(), labels.max())
    predictions, targets = (
        datasets.one_hot(part, n_classes) for part in (answers, labels)
    )
    return accuracy(predictions, targets)


def _base_rate(labels: Any, split: Split) -> float:
    """Give the held-out accuracy of the class that is most common in training."""
    most_common = np.bincount(labels[split.training]).argmax()
    return float(np.mean(labels[split.held_out] == most_common))


def _strongest(inputs: Any, labels: Any, count: int) -> Any:
    """Find the inputs with the strongest correlation to the labels."""
    # Centred inputs add up to zero, so the labels need no centre of their own.
    centred = inputs - inputs.mean(axis=0)
    along = abs(labels @ centred) / np.sqrt((centred**2).sum(axis=0))
    return np.argsort(-along)[:count]


def _deviation(values: Any) -> float:
    return float(np.std(values))


def _standard_error(accuracy: float, size: float, n_samples: float = math.inf) -> float:
    """Give the standard deviation of an accuracy over all draws of a size."""
    left = 1 if n_samples == math.inf else (n_samples - size) / (n_samples - 1)
    return math.sqrt(accuracy * (1 - accuracy) / size * left)


def _printed(value: Any) -> Any:
    """Return the decimal number that a float prints as a fraction."""
    return Fraction(str(value))
