"""Keep the weights small: decay, shifted pictures, and what width does by itself."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import _checks, fitting, losses
from gdbook._arguments import (
    Choice,
    Count0,
    Count1,
    Count2,
    Finite,
    Kind,
    NotNegative,
    Positive,
    Positives,
    Share,
    SomeCounts1,
    checked,
    each,
)
from gdbook._checks import Number, shown
from gdbook.examples.capacity import N_CLASSES, _loaded, _mislabelled
from gdbook.network import dense_network, forward
from gdbook.optimizers import Adam, AdamW, GradientDescent
from gdbook.splits import accuracy
from gdbook.traces import plain, trace

_NOT_NEGATIVE = Kind(_checks.not_negative, "number, 0 or more")
Decays = Annotated[Sequence[Number], each(_NOT_NEGATIVE, least=1)]

SIDE = 8  # pixels of a digit, across and down
WAYS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))  # down and to the right
N_VALIDATION = 600


@trace
class DecayStep(NamedTuple):
    """One step from the same weight, by five rules.

    From `weight`, with the `slope` of the loss, at the `learning_rate` and with the
    `weight_decay`: decay leaves the `factor` of the weight
    (`shrunk`), and with the slope's step that makes `new_weight`. The slope of the
    loss and a penalty is `penalised_slope`, and a step along it leads to `by_penalty`.
    Where Adam comes without decay, with the penalty in its slope, and with the decay
    beside it, is `adam`, `adam_by_penalty` and `adamw`.
    """

    weight: Number
    slope: Number
    learning_rate: Number
    weight_decay: Number
    factor: Number
    shrunk: Number
    new_weight: Number
    penalised_slope: Number
    by_penalty: Number
    adam: Number
    adam_by_penalty: Number
    adamw: Number


@checked
def decay_step(
    weight: Finite = 2,
    slope: Finite = -24,
    learning_rate: Positive = Fraction(1, 100),
    weight_decay: NotNegative = Fraction(1, 2),
) -> DecayStep:
    r"""Shrink a weight and step, and step along the slope of a penalised loss.

    .. math:: w_{t+1} = (1 - \alpha\zeta)\, w_t - \alpha g_t

    Plain descent is exact on fractions; Adam's root makes floats.

    Parameters
    ----------
    weight
        Where the step starts, :math:`w`.
    slope
        The slope of the loss there, :math:`g`.
    learning_rate
        The rate, :math:`\alpha`.
    weight_decay
        The decay, :math:`\zeta`.

    Examples
    --------
    >>> step = decay_step()
    >>> step.new_weight == step.by_penalty, float(step.new_weight)
    (True, 2.23)
    >>> round(step.adam_by_penalty, 6), round(step.adamw, 6)
    (2.01, 2.0)
    """
    factor = 1 - learning_rate * weight_decay
    penalised = slope + weight_decay * weight
    rate = float(learning_rate)

    def after(rule: Any, along: Number) -> Number:
        update, _ = rule.update(along, rule.init(weight))
        found: Number = plain(weight + update)
        return found

    return DecayStep(
        weight=weight,
        slope=slope,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        factor=factor,
        shrunk=factor * weight,
        new_weight=factor * weight - learning_rate * slope,
        penalised_slope=penalised,
        by_penalty=after(GradientDescent(learning_rate), penalised),
        adam=after(Adam(rate), float(slope)),
        adam_by_penalty=after(Adam(rate), float(penalised)),
        adamw=after(AdamW(rate, weight_decay=float(weight_decay)), float(slope)),
    )


@trace
class KeptShares(NamedTuple):
    """What decay leaves of the lowest place, in directions of several curvatures.

    For each of the `curvatures` the share of the way from zero that is kept (`kept`),
    with this `weight_decay`.
    """

    curvatures: tuple[Number, ...]
    weight_decay: Number
    kept: tuple[Number, ...]


@checked
def kept_shares(
    curvatures: Positives = (18, 1, Fraction(1, 10)),
    weight_decay: NotNegative = Fraction(1, 2),
) -> KeptShares:
    r"""Say where descent with decay comes to rest.

    .. math:: \lambda\,(w - w^\ast) + \zeta w = 0
              \quad\Longleftrightarrow\quad
              w = \frac{\lambda}{\lambda + \zeta}\, w^\ast

    It is exact on fractions.

    Parameters
    ----------
    curvatures
        The curvatures, :math:`\lambda`.
    weight_decay
        The decay, :math:`\zeta`.

    Examples
    --------
    >>> kept_shares().kept
    (Fraction(36, 37), Fraction(2, 3), Fraction(1, 6))
    """
    return KeptShares(
        curvatures=tuple(curvatures),
        weight_decay=weight_decay,
        kept=tuple(curvature / (curvature + weight_decay) for curvature in curvatures),
    )


@trace
class DecaySearch(NamedTuple):
    """A wide network on a few digits, for several decays and rates.

    With `n_samples` digits, `n_wrong` of them labelled wrongly, and `copies` of each,
    networks of this `width` took `num_steps` steps. For each of the `decays` and each
    of the `rates` the mean over `num_seeds` seeds of the losses on what was learned and
    on other digits, `training_losses` and `validation_losses`, and of the accuracy on
    these, `accuracies`; for each decay the number of the rate with the least validation
    loss, `best`, and the validation losses from all seeds there, `seed_losses`.
    """

    n_samples: int
    n_wrong: int
    copies: int
    width: int
    num_steps: int
    num_seeds: int
    decays: tuple[Number, ...]
    rates: tuple[Number, ...]
    training_losses: tuple[tuple[float, ...], ...]
    validation_losses: tuple[tuple[float, ...], ...]
    accuracies: tuple[tuple[float, ...], ...]
    best: tuple[int, ...]
    seed_losses: tuple[tuple[float, ...], ...]


@checked
def decay_search(
    decays: Decays = (0, 0.3, 1, 3),
    rates: Positives = (0.003, 0.01, 0.03),
    shifted: Choice = False,  # noqa: FBT002 (given like the others)
    n_samples: Count2 = 100,
    wrong_share: Share = 0.2,
    width: Count1 = 64,
    num_epochs: Count1 = 32,
    num_seeds: Count1 = 3,
) -> DecaySearch:
    r"""Train a wide network on a few digits by AdamW, for each decay and each rate.

    .. math:: \Delta_t = \Delta_t^{\text{Adam}} - \alpha\, \zeta\, w_t

    A fifth of the samples makes a batch. Each seed draws the digits, wrong labels,
    first weights and batches.

    Parameters
    ----------
    decays
        The decays to try, :math:`\zeta`.
    rates
        The rates to try with each of them, :math:`\alpha`.
    shifted
        Whether to learn from each picture in five places, one pixel apart.
    n_samples
        How many digits to learn from.
    wrong_share
        Which share of them gets another label.
    width
        How many hidden nodes the network has.
    num_epochs
        How often to go through all samples, in five steps.
    num_seeds
        From how many seeds to train.

    Raises
    ------
    ValueError
        If `n_samples` is more than 1000, or less than 5.

    Examples
    --------
    >>> search = decay_search((0, 1), (0.01,), num_epochs=1, num_seeds=1)
    >>> search.n_wrong, search.num_steps, search.best
    (20, 5, (0, 0))
    """
    _check_samples(n_samples)
    rows = [
        [
            [
                _trained(
                    decay,
                    rate,
                    shifted,
                    n_samples,
                    wrong_share,
                    width,
                    num_epochs,
                    seed,
                )
                for seed in range(num_seeds)
            ]
            for rate in rates
        ]
        for decay in decays
    ]
    found = np.array(rows)
    means = found.mean(axis=2)
    best = means[:, :, 1].argmin(axis=1)
    return DecaySearch(
        n_samples=n_samples,
        n_wrong=round(wrong_share * n_samples),
        copies=len(WAYS) if shifted else 1,
        width=width,
        num_steps=5 * num_epochs,
        num_seeds=num_seeds,
        decays=tuple(decays),
        rates=tuple(rates),
        training_losses=plain(means[:, :, 0]),
        validation_losses=plain(means[:, :, 1]),
        accuracies=plain(means[:, :, 2]),
        best=tuple(best.tolist()),
        seed_losses=tuple(
            plain(found[at, place, :, 1]) for at, place in enumerate(best)
        ),
    )


@trace
class Shifts(NamedTuple):
    """A digit in five places: where it was, and a pixel further on each side.

    The `label` of the digit, and the five `pictures`, each eight rows of eight pixels.
    """

    label: int
    pictures: tuple[tuple[tuple[float, ...], ...], ...]


@checked
def shifts(sample: Count0 = 0) -> Shifts:
    r"""Move a digit by one pixel: down, up, to the right and to the left.

    Parameters
    ----------
    sample
        Which of the digits.

    Raises
    ------
    ValueError
        If there are not so many digits.

    Examples
    --------
    >>> moved = shifts()
    >>> moved.label, len(moved.pictures)
    (0, 5)
    """
    data = _loaded()
    if sample >= len(data.labels):
        msg = f"`sample` is {shown(sample)} but must be less than {len(data.labels)}"
        raise ValueError(msg)
    pictures = _shifted(data.inputs[[sample]]).reshape(len(WAYS), SIDE, SIDE)
    return Shifts(label=int(data.labels[sample]), pictures=plain(pictures))


@trace
class DoubleDescent(NamedTuple):
    """The loss of a network with a random first layer, over its width.

    Fitted to `n_samples` digits, of which `n_wrong` are labelled wrongly, with this
    `weight_decay`, and tested on all others. For each of the `widths` and each of the
    seeds the `training_losses` and `test_losses`; for each width the `medians` of the
    latter. The width with the number `highest` has the highest of these.
    """

    n_samples: int
    n_wrong: int
    weight_decay: Number
    widths: tuple[int, ...]
    training_losses: tuple[tuple[float, ...], ...]
    test_losses: tuple[tuple[float, ...], ...]
    medians: tuple[float, ...]
    highest: int


@checked
def double_descent(
    widths: SomeCounts1 = (10, 20, 40, 60, 80, 100, 120, 150, 200, 400, 800, 1600),
    weight_decay: NotNegative = 0,
    n_samples: Count2 = 100,
    wrong_share: Share = 0.2,
    num_seeds: Count1 = 6,
) -> DoubleDescent:
    r"""Fit the last layer of a network whose first layer stays as it was drawn.

    .. math:: H = \operatorname{relu}(X W_1), \qquad
              V = (H^\top H + \zeta I)^{-1} H^\top Y

    Without decay, :math:`V` is the smallest of the matrices that fit best, which is
    where descent from zero ends. The loss is the mean over the pictures of the sum of
    the squared errors; targets are 1 in the column of the digit, less a tenth
    everywhere. Each seed draws the digits, the wrong labels and the first layer.

    Parameters
    ----------
    widths
        How many hidden nodes each network has.
    weight_decay
        The decay, :math:`\zeta`.
    n_samples
        How many digits to learn from.
    wrong_share
        Which share of them gets another label.
    num_seeds
        From how many seeds to do it all.

    Raises
    ------
    ValueError
        If `n_samples` is more than 1000, or less than 5.

    Examples
    --------
    >>> found = double_descent((20, 100, 800), num_seeds=2)
    >>> found.widths[found.highest]
    100
    """
    _check_samples(n_samples)
    runs = [
        _fitted(tuple(widths), weight_decay, n_samples, wrong_share, seed)
        for seed in range(num_seeds)
    ]
    training, test = np.array(runs).transpose(2, 1, 0)
    medians = np.median(test, axis=1)
    return DoubleDescent(
        n_samples=n_samples,
        n_wrong=round(wrong_share * n_samples),
        weight_decay=weight_decay,
        widths=tuple(widths),
        training_losses=plain(training),
        test_losses=plain(test),
        medians=plain(medians),
        highest=int(medians.argmax()),
    )


def _check_samples(n_samples: int) -> None:
    """Refuse too few samples for five batches, and too many to leave others."""
    _checks.count("n_samples", n_samples, least=5)
    if n_samples > 1000:
        msg = f"`n_samples` is {shown(n_samples)} but must be at most 1000"
        raise ValueError(msg)


def _drawn(
    n_samples: int, wrong_share: Number, generator: np.random.Generator
) -> tuple[Any, Any, Any]:
    """Draw digits to learn from with their labels, some wrong, and name the others."""
    rows = generator.permutation(len(_loaded().labels))
    labels = _loaded().labels[rows[:n_samples]].copy()
    wrong = np.arange(round(wrong_share * n_samples))
    targets = _mislabelled(labels, wrong, generator)
    return _loaded().inputs[rows[:n_samples]], targets, rows[n_samples:]


def _shifted(inputs: Any) -> Any:
    """Give every picture in five places, one place after the other."""
    pictures = inputs.reshape(-1, SIDE, SIDE)
    framed = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    places = [
        framed[:, 1 - down : 1 - down + SIDE, 1 - right : 1 - right + SIDE]
        for down, right in WAYS
    ]
    return np.concatenate(places).reshape(-1, SIDE * SIDE)


@cache
def _trained(
    decay: Number,
    rate: Number,
    shifted: bool,  # noqa: FBT001
    n_samples: int,
    wrong_share: Number,
    width: int,
    num_epochs: int,
    seed: int,
) -> tuple[float, float, float]:
    """Train a network; give both losses and the accuracy on other digits."""
    generator = np.random.default_rng(seed)
    inputs, targets, others = _drawn(n_samples, wrong_share, generator)
    learned, named = inputs, targets
    if shifted:
        learned = _shifted(inputs)
        named = np.tile(targets, (len(WAYS), 1))
    layers = fitting.fit(
        dense_network([SIDE * SIDE, width, N_CLASSES], generator),
        learned,
        named,
        loss=losses.SOFTMAX_CROSS_ENTROPY,
        rule=AdamW(rate, weight_decay=decay),
        num_epochs=num_epochs,
        batch_size=-(-len(learned) // 5),
        generator=generator,
        progress=False,
    ).layers
    asked = others[:N_VALIDATION]
    true = _loaded().targets[asked]
    logits = forward(layers, _loaded().inputs[asked])[-1]
    known, new = (
        float(losses.SOFTMAX_CROSS_ENTROPY.function(*pair))
        for pair in ((forward(layers, inputs)[-1], targets), (logits, true))
    )
    return known, new, accuracy(logits, true)


@cache
def _fitted(
    widths: tuple[int, ...],
    decay: Number,
    n_samples: int,
    wrong_share: Number,
    seed: int,
) -> tuple[tuple[float, float], ...]:
    """Fit the last layer for each width; give the losses on both parts."""
    generator = np.random.default_rng(seed)
    inputs, targets, others = _drawn(n_samples, wrong_share, generator)
    first = generator.normal(size=(SIDE * SIDE, max(widths))) / SIDE
    centred = targets - 1 / N_CLASSES
    true = _loaded().targets[others] - 1 / N_CLASSES
    found = []
    for width in widths:
        hidden, asked = (
            np.maximum(rows @ first[:, :width], 0)
            for rows in (inputs, _loaded().inputs[others])
        )
        left, sizes, right = np.linalg.svd(hidden, full_matrices=False)
        kept = sizes > 1e-9 * sizes[0]  # a node that is never on has none
        shrunk = sizes[kept] / (sizes[kept] ** 2 + float(decay))
        last = right[kept].T @ (shrunk[:, None] * (left[:, kept].T @ centred))
        pairs = ((hidden @ last, centred), (asked @ last, true))
        known, new = (float(np.mean(((a - b) ** 2).sum(axis=1))) for a, b in pairs)
        found.append((known, new))
    return tuple(found)
