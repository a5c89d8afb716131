"""Stop in time: patience, the best weights, the rate, checkpoints, an honest score."""

import tempfile
from collections.abc import Sequence
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import datasets
from gdbook._arguments import (
    Between,
    Count0,
    Count1,
    Count2,
    NotNegative,
    Positive,
    Row,
    SomeCounts1,
    checked,
    one_of,
)
from gdbook._checks import Number, shown
from gdbook.activations import sigmoid
from gdbook.callbacks import Callback, EarlyStopping, Epoch, Mode, ReduceOnPlateau, Run
from gdbook.checkpoints import Checkpoint, CheckpointError
from gdbook.fitting import FitHistory, fit
from gdbook.losses import MEAN_SQUARED_ERROR, SIGMOID_CROSS_ENTROPY, mean_squared_error
from gdbook.network import Dense, Layer, dense_network, forward
from gdbook.optimizers import Adam, GradientDescent
from gdbook.packing import flatten
from gdbook.splits import accuracy, hold_out
from gdbook.traces import plain, trace

MEASURED = ("loss", "accuracy", "validation_loss", "validation_accuracy")
Measured = Annotated[str, one_of(MEASURED)]
MinOrMax = Annotated[Mode, one_of(("min", "max"))]

# Losses with a bump of one epoch, a bump of two, and a climb without end.
HAND = (10, 8, 6, 7, 5, 4, 6, 5, 3, 5, 6, 7, 8)
HIDDEN = 32
RATE = 0.01
BATCH = 32
LINE_BATCH = 16


class _Parts(NamedTuple):
    """Inputs and targets of three parts, each a pair."""

    training: tuple[Any, Any]
    validation: tuple[Any, Any]
    test: tuple[Any, Any]


@cache
def _parts(seed: int) -> _Parts:
    """Deal the tumours; the units come from the training part alone."""
    data = datasets.breast_cancer()
    labels = data.labels
    training, rest = hold_out(len(labels), 0.6, seed=seed, labels=labels)
    halves = hold_out(len(rest), 0.5, seed=seed, labels=labels[rest])
    learned = data.inputs[training]
    inputs = (data.inputs - learned.mean(axis=0)) / learned.std(axis=0)
    samples = (training, rest[halves.training], rest[halves.held_out])
    return _Parts(*((inputs[chosen], data.targets[chosen]) for chosen in samples))


def _accuracy(scores: Any, targets: Any) -> float:
    return accuracy(scores, targets, threshold=0)


def _train(
    seed: int,
    num_epochs: int,
    *,
    num_hidden: int = HIDDEN,
    judge: str = "validation",
    callbacks: tuple[Callback, ...] = (),
    layers: Sequence[Layer] | None = None,
    generator: np.random.Generator | None = None,
    batch_size: int = BATCH,
    resume: Path | None = None,
) -> FitHistory:
    """Train a network on the tumours; the seed deals, draws and shuffles."""
    parts = _parts(seed)
    if generator is None:
        generator = np.random.default_rng(seed)
    if layers is None:
        n_inputs = parts.training[0].shape[1]
        layers = dense_network([n_inputs, num_hidden, 1], generator)
    return fit(
        layers,
        *parts.training,
        loss=SIGMOID_CROSS_ENTROPY,
        rule=Adam(RATE),
        num_epochs=num_epochs,
        batch_size=batch_size,
        generator=generator,
        validation=getattr(parts, judge),
        metrics={"accuracy": _accuracy},
        callbacks=callbacks,
        resume=resume,
        progress=False,
    )


_history = cache(_train)


def _scores(layers: Sequence[Layer], part: tuple[Any, Any]) -> tuple[Any, Any, Any]:
    """Give the loss, the accuracy, and the least probability given to the truth."""
    inputs, targets = part
    scores = forward(layers, inputs)[-1]
    sure = sigmoid((2 * targets - 1) * scores)
    loss = SIGMOID_CROSS_ENTROPY.function(scores, targets)
    return plain(loss), _accuracy(scores, targets), plain(sure.min())


@trace
class ThreeParts(NamedTuple):
    """How samples were dealt: to learn from, to choose with, to judge with.

    The `names` of the parts, their `sizes`, `n_samples` in all, and how many of each
    are `benign`.
    """

    names: tuple[str, ...]
    n_samples: int
    sizes: tuple[int, ...]
    benign: tuple[int, ...]


@checked
def three_parts(seed: Count0 = 6) -> ThreeParts:
    r"""Deal the tumours into three parts, each with its share of both classes.

    .. math:: n = n_{\text{training}} + n_{\text{validation}} + n_{\text{test}}

    Parameters
    ----------
    seed
        What the shuffling starts from.

    Examples
    --------
    >>> three_parts().sizes
    (227, 171, 171)
    """
    parts = _parts(seed)
    sizes = tuple(len(inputs) for inputs, _ in parts)
    return ThreeParts(
        names=parts._fields,
        n_samples=sum(sizes),
        sizes=sizes,
        benign=tuple(int(targets.sum()) for _, targets in parts),
    )


@trace
class LongRun(NamedTuple):
    """A network in training, measured after every epoch, with nobody to stop it.

    A network of `num_weights` weights and biases learns from `n_samples` samples for
    `num_epochs` epochs, with the `learning_rate` and `batch_size`. `losses` and
    `accuracies` are those of the samples that are learned from, `validation_losses` and
    `validation_accuracies` those of the others, from the start on; `best_loss` is the
    least of the latter losses, first reached after `best_epoch`.
    """

    num_epochs: int
    num_weights: int
    n_samples: int
    learning_rate: Number
    batch_size: int
    losses: tuple[Number, ...]
    validation_losses: tuple[Number, ...]
    accuracies: tuple[Number, ...]
    validation_accuracies: tuple[Number, ...]
    best_epoch: int
    best_loss: Number


@checked
def to_the_end(
    num_epochs: Count1 = 40, num_hidden: Count1 = HIDDEN, seed: Count0 = 6
) -> LongRun:
    r"""Train to the last epoch, and look which one was best.

    .. math:: t^* = \operatorname*{arg\,min}_t V_t

    The loss is a logarithm, so nothing here is a fraction.

    Parameters
    ----------
    num_epochs
        How often to go through the training samples.
    num_hidden
        How many hidden nodes the network has.
    seed
        What deals the samples, draws the weights and shuffles.

    Examples
    --------
    >>> run = to_the_end()
    >>> run.num_weights, run.n_samples
    (1025, 227)
    >>> run.validation_losses[-1] > 1.2 * run.best_loss
    True
    """
    history = _history(seed, num_epochs, num_hidden=num_hidden)
    validation_losses = history.values("validation_loss")
    best_loss = min(validation_losses)
    return LongRun(
        num_epochs=num_epochs,
        num_weights=flatten(history.layers).size,
        n_samples=len(_parts(seed).training[0]),
        learning_rate=RATE,
        batch_size=BATCH,
        losses=history.values("loss"),
        validation_losses=validation_losses,
        accuracies=history.values("accuracy"),
        validation_accuracies=history.values("validation_accuracy"),
        best_epoch=validation_losses.index(best_loss),
        best_loss=best_loss,
    )


@trace
class Waiting(NamedTuple):
    """A list of losses, read epoch by epoch until the patience runs out.

    The `losses` are read with a `patience`. For every epoch up to `stop_epoch`,
    `best_epochs` says which one was best so far and `waited` how long ago that was; in
    the end it is `best_epoch`, with `best_loss`.
    """

    losses: tuple[Number, ...]
    patience: int
    best_epochs: tuple[int, ...]
    waited: tuple[int, ...]
    stop_epoch: int
    best_epoch: int
    best_loss: Number


@checked
def waiting(
    losses: Row = HAND, patience: Count1 = 1, least_improvement: NotNegative = 0
) -> Waiting:
    r"""Read losses one by one, and stop when the best is too long ago.

    .. math:: b_t = \operatorname*{arg\,min}_{s \le t} V_s, \qquad
              \text{stop at the first } t \text{ with } t - b_t \ge p

    Exact on fractions. The losses are given: `gdbook.callbacks.EarlyStopping` is asked
    after each of them, as `gdbook.fitting.fit` would do.

    Parameters
    ----------
    losses
        The loss at the start and after every epoch, :math:`V_t`.
    patience
        How many epochs without improvement to wait for, :math:`p`.
    least_improvement
        How much better than the best a loss must be, at least, to count.

    References
    ----------
    .. [1] L. Prechelt, "Early stopping — but when?", in Neural Networks: Tricks of the
       Trade, Springer (1998).

    Examples
    --------
    >>> read = waiting()
    >>> read.waited, read.stop_epoch, read.best_loss
    ((0, 0, 0, 1), 3, 6)
    """
    values = plain(losses)
    early = EarlyStopping(patience, monitor="loss", least_improvement=least_improvement)
    run = Run((Dense([[0]]),), (Epoch(values[0]),), 0, RATE, (), (), {})
    state = early.init(run)
    best_epochs = [state.best_epoch]
    for value in values[1:]:
        run = run._replace(epochs=(*run.epochs, Epoch(value)))
        decision, state = early.after_epoch(run, state)
        best_epochs.append(state.best_epoch)
        if decision.stop is not None:
            break
    return Waiting(
        losses=values,
        patience=patience,
        best_epochs=tuple(best_epochs),
        waited=tuple(epoch - best for epoch, best in enumerate(best_epochs)),
        stop_epoch=len(best_epochs) - 1,
        best_epoch=state.best_epoch,
        best_loss=values[state.best_epoch],
    )


@checked
def patiences(
    losses: Row = HAND, tried: SomeCounts1 = (1, 2, 3)
) -> tuple[Waiting, ...]:
    r"""Read the same losses with several patiences.

    .. math:: p \le q \quad\Rightarrow\quad V_{b(p)} \ge V_{b(q)}

    More patience never ends with a worse epoch, because it reads at least as far.

    Parameters
    ----------
    losses
        The loss at the start and after every epoch.
    tried
        The patiences.

    Examples
    --------
    >>> [(read.stop_epoch, read.best_loss) for read in patiences()]
    [(3, 6), (7, 4), (11, 3)]
    """
    return tuple(waiting(losses, patience=patience) for patience in tried)


@trace
class StoppedRun(NamedTuple):
    """A run that was stopped, beside the same run to its end.

    With its `patience` the run stops after `stop_epoch`, where it has `loss_at_stop`,
    and `saved_epochs` of `num_epochs` are saved; `best_epoch` is restored. The
    validation `losses`, the `accuracies` and the `least_probabilities` that were given
    to the truth are those of the restored network and of the one at the very end; the
    loss of the former differs from the one recorded in passing by
    `restored_difference`. `part_losses` and `part_accuracies` are the restored
    network's on the training, the validation and the test part.
    """

    patience: int
    num_epochs: int
    stop_epoch: int
    best_epoch: int
    saved_epochs: int
    loss_at_stop: Number
    losses: tuple[Number, ...]
    accuracies: tuple[Number, ...]
    least_probabilities: tuple[Number, ...]
    restored_difference: Number
    part_losses: tuple[Number, ...]
    part_accuracies: tuple[Number, ...]


@checked
def stop_early(
    patience: Count1 = 5,
    monitor: Measured = "validation_loss",
    mode: MinOrMax = "min",
    num_epochs: Count1 = 40,
    seed: Count0 = 6,
) -> StoppedRun:
    r"""Stop when patience runs out, and go back to the best weights.

    .. math:: w = w_{b_t} \quad\text{where}\quad t - b_t \ge p

    Parameters
    ----------
    patience
        How many epochs without improvement to wait for, :math:`p`.
    monitor
        What is watched; with ``validation_`` before it, on the validation samples.
    mode
        Whether the least or the greatest value of it is best.
    num_epochs
        How many epochs there are at most.
    seed
        What deals the samples, draws the weights and shuffles.

    Examples
    --------
    >>> run = stop_early()
    >>> run.stop_epoch - run.best_epoch, run.restored_difference
    (5, 0.0)
    """
    early = EarlyStopping(patience, monitor=monitor, mode=mode)
    parts = _parts(seed)
    end = _history(seed, num_epochs)
    history = _history(seed, num_epochs, callbacks=(early,))
    recorded = history.values("validation_loss")
    watched = history.values(monitor)
    best_epoch = watched.index(min(watched) if mode == "min" else max(watched))
    on_parts = [_scores(history.layers, part) for part in parts]
    restored, at_end = on_parts[1], _scores(end.layers, parts.validation)
    stop_epoch = len(recorded) - 1
    return StoppedRun(
        patience=patience,
        num_epochs=num_epochs,
        stop_epoch=stop_epoch,
        best_epoch=best_epoch,
        saved_epochs=num_epochs - stop_epoch,
        loss_at_stop=recorded[-1],
        losses=(restored[0], at_end[0]),
        accuracies=(restored[1], at_end[1]),
        least_probabilities=(restored[2], at_end[2]),
        restored_difference=restored[0] - recorded[best_epoch],
        part_losses=tuple(loss for loss, _, _ in on_parts),
        part_accuracies=tuple(accuracy for _, accuracy, _ in on_parts),
    )


@trace
class PlateauRun(NamedTuple):
    """A line that is fitted to the patients, with a rate that shrinks and without.

    The `least_loss` of any line, the `learning_rates` and `losses` of the epochs, and
    the `constant_losses` with a constant rate; `reduced_after` lists the epochs after
    which the rate was reduced. A step is taken on `batch_size` of `n_samples`.
    """

    n_samples: int
    batch_size: int
    least_loss: Number
    learning_rates: tuple[Number, ...]
    losses: tuple[Number, ...]
    constant_losses: tuple[Number, ...]
    reduced_after: tuple[int, ...]


@checked
def reduce_rate(
    patience: Count1 = 3,
    factor: Between = 0.25,
    learning_rate: Positive = 0.2,
    num_epochs: Count1 = 40,
    seed: Count0 = 0,
) -> PlateauRun:
    r"""Shrink the rate whenever the loss stands still.

    .. math:: \alpha \leftarrow \gamma\, \alpha \quad\text{when}\quad t - b_t \ge p

    The model is linear, ten inputs and one output, and steps on small batches: their
    noise holds the loss above the least that any line has. Inputs and targets are
    standardised over all patients.

    Parameters
    ----------
    patience
        How many epochs without improvement to wait for, :math:`p`.
    factor
        What the rate is multiplied by then, :math:`\gamma`.
    learning_rate
        The rate at first, :math:`\alpha`.
    num_epochs
        How often to go through the patients.
    seed
        What draws the weights and shuffles.

    Examples
    --------
    >>> run = reduce_rate()
    >>> run.learning_rates[:10]
    (0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.05, 0.05)
    """
    reducing = ReduceOnPlateau(patience, factor=factor, monitor="loss")
    patients = _patients()
    n_samples, n_inputs = patients.inputs.shape
    constant, changing = (
        _fit_line(
            patients,
            dense_network([n_inputs, 1], generator := np.random.default_rng(seed)),
            learning_rate,
            num_epochs,
            generator,
            callbacks,
        )
        for callbacks in ((), (reducing,))
    )
    rates = [epoch.learning_rate for epoch in changing.epochs]
    pairs = enumerate(pairwise(rates))
    return PlateauRun(
        n_samples=n_samples,
        batch_size=LINE_BATCH,
        least_loss=patients.least_loss,
        learning_rates=plain(rates),
        losses=changing.values("loss"),
        constant_losses=constant.values("loss"),
        reduced_after=tuple(epoch for epoch, (old, new) in pairs if new != old),
    )


@trace
class Floors(NamedTuple):
    """How high the noise of small batches holds a loss, at one rate after the other.

    With each of the `learning_rates`, runs from `num_seeds` seeds start at the best
    line, and their losses stay at the `floors` above its loss, on average over the
    second half of their epochs.
    """

    num_seeds: int
    learning_rates: tuple[Number, ...]
    floors: tuple[Number, ...]


@checked
def dealt_floors(
    learning_rate: Positive = 0.2,
    factor: Between = 0.25,
    num_rates: Count2 = 5,
    num_epochs: Count2 = 20,
    num_seeds: Count1 = 3,
) -> Floors:
    r"""Start at the best line, and measure how far the noise lifts the loss.

    .. math:: \frac{2}{E} \sum_{t = E/2 + 1}^{E} \bigl(L_t - L^*\bigr)

    The patients, the line and the batches are those of `reduce_rate`; :math:`E` is the
    number of epochs, :math:`L^*` the least loss.

    Parameters
    ----------
    learning_rate
        The first rate, :math:`\alpha`.
    factor
        What the rate is multiplied by for the next one.
    num_rates
        How many rates to try.
    num_epochs
        How often to go through the patients.
    num_seeds
        How many seeds shuffle; they are 0, 1, 2, and so on.

    Examples
    --------
    >>> found = dealt_floors(num_rates=2)
    >>> found.learning_rates
    (0.2, 0.05)
    >>> found.floors[0] > 10 * found.floors[1]
    True
    """
    patients = _patients()
    rates = tuple(learning_rate * factor**power for power in range(num_rates))
    best = (Dense(patients.best, np.zeros(1)),)
    half = num_epochs // 2

    def floor(rate: Number) -> Any:
        runs = [
            _fit_line(patients, best, rate, num_epochs, np.random.default_rng(seed))
            for seed in range(num_seeds)
        ]
        losses: Any = [run.values("loss")[-half:] for run in runs]
        return plain(np.mean(losses) - patients.least_loss)

    return Floors(
        num_seeds=num_seeds,
        learning_rates=rates,
        floors=tuple(floor(rate) for rate in rates),
    )


class _Patients(NamedTuple):
    """The patients, standardised, and the best line with its loss."""

    inputs: Any
    targets: Any
    best: Any
    least_loss: Number


def _patients() -> _Patients:
    data = datasets.diabetes()
    inputs, targets = (_standardised(part) for part in (data.inputs, data.targets))
    best = np.linalg.lstsq(inputs, targets)[0]
    return _Patients(inputs, targets, best, mean_squared_error(inputs @ best, targets))


def _standardised(values: Any) -> Any:
    return (values - values.mean(axis=0)) / values.std(axis=0)


def _fit_line(
    patients: _Patients,
    layers: Sequence[Layer],
    learning_rate: Number,
    num_epochs: int,
    generator: np.random.Generator,
    callbacks: tuple[Callback, ...] = (),
) -> FitHistory:
    return fit(
        layers,
        patients.inputs,
        patients.targets,
        loss=MEAN_SQUARED_ERROR,
        rule=GradientDescent(learning_rate),
        num_epochs=num_epochs,
        batch_size=LINE_BATCH,
        generator=generator,
        callbacks=callbacks,
        progress=False,
    )


@trace
class Resumed(NamedTuple):
    """Runs that were interrupted and resumed, beside one that was not.

    Runs of `num_epochs` epochs are `interrupted_after` some, and go on from what was
    `kept`. In the end their weights are off by the `differences`, at most, and their
    validation losses by the `loss_differences`.
    """

    num_epochs: int
    interrupted_after: int
    kept: tuple[str, ...]
    differences: tuple[Number, ...]
    loss_differences: tuple[Number, ...]


@checked
def resume_training(
    num_epochs: Count2 = 10, interrupted_after: Count1 = 4, seed: Count0 = 6
) -> Resumed:
    r"""Interrupt a run, resume it from what was kept, and compare with one in a piece.

    .. math:: d = \max_i \left|w_i^{\text{resumed}} - w_i^{\text{in one}}\right|

    A checkpoint keeps everything that decides how a run goes on. The other two keep
    less: one the weights and where the random numbers stand, but not what Adam
    remembers; one the weights alone.

    Parameters
    ----------
    num_epochs
        How many epochs there are in all.
    interrupted_after
        How many there are before the interruption.
    seed
        What deals the samples, draws the weights and shuffles.

    Raises
    ------
    ValueError
        If `interrupted_after` is not less than `num_epochs`.

    Examples
    --------
    >>> resumed = resume_training()
    >>> resumed.kept[0], resumed.differences[0], resumed.loss_differences[0]
    ('the whole run', 0.0, 0.0)
    """
    before = interrupted_after
    if before >= num_epochs:
        msg = (
            f"`interrupted_after` is {shown(before)} "
            f"but must be less than {shown(num_epochs)}"
        )
        raise ValueError(msg)
    whole = _history(seed, num_epochs)
    generator = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.gdbook"
        callbacks = (Checkpoint(path),)
        half = _train(seed, before, generator=generator, callbacks=callbacks)
        resumed = _train(seed, num_epochs, callbacks=callbacks, resume=path)
    rest = num_epochs - before
    others = [
        _train(seed, rest, layers=half.layers, generator=going_on)
        for going_on in (generator, np.random.default_rng(seed))
    ]
    runs = (resumed, *others)
    return Resumed(
        num_epochs=num_epochs,
        interrupted_after=before,
        kept=("the whole run", "weights and random numbers", "weights alone"),
        differences=tuple(
            plain(abs(flatten(run.layers) - flatten(whole.layers)).max())
            for run in runs
        ),
        loss_differences=tuple(
            run.values("validation_loss")[-1] - whole.values("validation_loss")[-1]
            for run in runs
        ),
    )


@trace
class Refused(NamedTuple):
    """What a run says about files that it cannot go on from.

    What each of the `files` is, and the `reasons` why they were refused.
    """

    files: tuple[str, ...]
    reasons: tuple[str, ...]


@checked
def refuse_damaged(seed: Count0 = 6) -> Refused:
    """Damage a checkpoint in three ways, and try to resume from each.

    The files live in a temporary directory. The last of them is whole, but it is
    offered to a run with batches of another size.

    Parameters
    ----------
    seed
        What deals the samples, draws the weights and shuffles.

    Examples
    --------
    >>> refuse_damaged().reasons[0]
    'is damaged: its contents do not fit its fingerprint'
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.gdbook"
        train = partial(_train, seed, 2, callbacks=(Checkpoint(path),))
        train()
        good = path.read_bytes()
        middle = len(good) // 2
        turned = bytes([good[middle] ^ 1])
        files = {
            "one bit turned": (good[:middle] + turned + good[middle + 1 :], BATCH),
            "second half missing": (good[:middle], BATCH),
            "another text": (b"something else", BATCH),
            "other batches": (good, BATCH // 2),
        }
        reasons = []
        for contents, batch_size in files.values():
            path.write_bytes(contents)
            try:
                train(batch_size=batch_size, resume=path)
            except CheckpointError as error:
                reasons.append(error.reason.partition(",")[0])
    return Refused(files=tuple(files), reasons=tuple(reasons))


@trace
class SwappedRoles(NamedTuple):
    """Two parts that choose the epoch for each other, and judge each other's choice.

    The `losses` of one run on either part, and the `best_epochs` that the parts choose.
    Of each choice the part that chose says `own_losses`, the other one `other_losses`;
    `own_mean` and `other_mean` are their means.
    """

    losses: tuple[tuple[Number, ...], ...]
    best_epochs: tuple[int, ...]
    own_losses: tuple[Number, ...]
    other_losses: tuple[Number, ...]
    own_mean: Number
    other_mean: Number


@checked
def swap_roles(num_epochs: Count1 = 40, seed: Count0 = 6) -> SwappedRoles:
    r"""Let each of two parts choose the best epoch, and ask the other what it is worth.

    .. math:: \tfrac12 \bigl(A_{a} + B_{b}\bigr) \le \tfrac12 \bigl(B_{a} + A_{b}\bigr),
              \qquad a = \operatorname*{arg\,min}_t A_t, \quad
              b = \operatorname*{arg\,min}_t B_t

    The inequality holds for any two lists: :math:`A_a \le A_b` and
    :math:`B_b \le B_a`.

    Parameters
    ----------
    num_epochs
        How often to go through the training samples.
    seed
        What deals the samples, draws the weights and shuffles.

    Examples
    --------
    >>> swapped = swap_roles()
    >>> swapped.own_mean <= swapped.other_mean
    True
    """
    first, second = (
        _history(seed, num_epochs, judge=judge).values("validation_loss")
        for judge in ("validation", "test")
    )
    chosen = tuple(part.index(min(part)) for part in (first, second))
    own = (first[chosen[0]], second[chosen[1]])
    other = (second[chosen[0]], first[chosen[1]])
    return SwappedRoles(
        losses=(first, second),
        best_epochs=chosen,
        own_losses=own,
        other_losses=other,
        own_mean=sum(own) / 2,
        other_mean=sum(other) / 2,
    )


@trace
class ManySplits(NamedTuple):
    """Early stopping on many ways to deal the same samples.

    For each of `num_splits` splits, `stop_epochs` has the epoch of the stop,
    `stop_losses` and `end_losses` the test loss of the restored network and of the one
    at the end; `num_better` counts the splits where the restored one is better.
    `growths` says how many times its least the validation loss is at the end.
    `own_means` and `other_means` are those of `swap_roles`, `own_mean` and `other_mean`
    their means over all splits.
    """

    num_splits: int
    stop_epochs: tuple[int, ...]
    stop_losses: tuple[Number, ...]
    end_losses: tuple[Number, ...]
    num_better: int
    growths: tuple[Number, ...]
    own_means: tuple[Number, ...]
    other_means: tuple[Number, ...]
    own_mean: Number
    other_mean: Number


@checked
def many_splits(
    num_splits: Count1 = 12, patience: Count1 = 5, num_epochs: Count1 = 40
) -> ManySplits:
    r"""Deal the samples again and again, and measure on each test part.

    .. math:: T_{b_t} \text{ against } T_{\text{end}}, \qquad t - b_t \ge p

    The seeds are 0, 1, 2 and so on.

    Parameters
    ----------
    num_splits
        How many ways to deal.
    patience
        How many epochs without improvement to wait for, :math:`p`.
    num_epochs
        How often to go through the training samples at most.

    Examples
    --------
    >>> splits = many_splits(num_splits=2)
    >>> len(splits.stop_losses), splits.own_mean <= splits.other_mean
    (2, True)
    """
    swaps = [swap_roles(num_epochs, seed) for seed in range(num_splits)]
    reads = [waiting(swap.losses[0], patience) for swap in swaps]
    pairs = list(zip(swaps, reads, strict=True))
    stop_losses = tuple(swap.losses[1][read.best_epoch] for swap, read in pairs)
    end_losses = tuple(swap.losses[1][-1] for swap in swaps)
    own_means = tuple(swap.own_mean for swap in swaps)
    other_means = tuple(swap.other_mean for swap in swaps)
    better = [stop < end for stop, end in zip(stop_losses, end_losses, strict=True)]
    return ManySplits(
        num_splits=num_splits,
        stop_epochs=tuple(read.stop_epoch for read in reads),
        stop_losses=stop_losses,
        end_losses=end_losses,
        num_better=sum(better),
        growths=tuple(swap.losses[0][-1] / min(swap.losses[0]) for swap in swaps),
        own_means=own_means,
        other_means=other_means,
        own_mean=sum(own_means) / num_splits,
        other_mean=sum(other_means) / num_splits,
    )
