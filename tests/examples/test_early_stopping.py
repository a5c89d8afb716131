"""The worked examples of the chapter on early stopping."""

import inspect
import math
import tempfile
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain
from tqdm import tqdm

from gdbook import fitting
from gdbook.callbacks import Run
from gdbook.checkpoints import Checkpoint
from gdbook.datasets import breast_cancer, diabetes
from gdbook.examples.early_stopping import (
    Floors,
    LongRun,
    ManySplits,
    PlateauRun,
    Refused,
    Resumed,
    StoppedRun,
    SwappedRoles,
    ThreeParts,
    Waiting,
    _parts,
    _scores,
    dealt_floors,
    many_splits,
    patiences,
    reduce_rate,
    refuse_damaged,
    resume_training,
    stop_early,
    swap_roles,
    three_parts,
    to_the_end,
    waiting,
)
from gdbook.fitting import FitHistory, fit
from gdbook.losses import MEAN_SQUARED_ERROR, SIGMOID_CROSS_ENTROPY
from gdbook.network import Dense, dense_network
from gdbook.optimizers import Adam, GradientDescent
from gdbook.packing import flatten

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("569", "227", "171", "142", "108", "107", "1025", "0.01", "32", "3", "7"),
    *("11", "6", "4", "0", "0.2", "17/16", "1/20", "7/128"),
)

HAND = (10, 8, 6, 7, 5, 4, 6, 5, 3, 5, 6, 7, 8)

# It is trained once for all tests; the library remembers the networks itself.
LINE = cache(reduce_rate)


def first_least(values: Any) -> int:
    """Find the first of the least values, one by one."""
    best = 0
    for index, value in enumerate(values):
        if value < values[best]:
            best = index
    return best


@pytest.mark.parametrize(
    ("function", "defaults"),
    [
        (three_parts, (6,)),
        (to_the_end, (40, 32, 6)),
        (waiting, (HAND, 1, 0)),
        (patiences, (HAND, (1, 2, 3))),
        (stop_early, (5, "validation_loss", "min", 40, 6)),
        (reduce_rate, (3, 0.25, 0.2, 40, 0)),
        (dealt_floors, (0.2, 0.25, 5, 20, 3)),
        (resume_training, (10, 4, 6)),
        (refuse_damaged, (6,)),
        (swap_roles, (40, 6)),
        (many_splits, (12, 5, 40)),
    ],
)
def test_defaults(function: Any, defaults: tuple[Any, ...]) -> None:
    """The defaults are the book's numbers."""
    parameters = inspect.signature(function).parameters.values()
    assert tuple(parameter.default for parameter in parameters) == defaults


class TestThreeParts:
    """They are dealt into three parts, each with its share of both kinds."""

    def test_every_number_of_the_book(self) -> None:
        """Of 569 samples 2/5 learn, and the rest is halved."""
        dealt = three_parts()
        assert isinstance(dealt, ThreeParts)
        assert dealt.names == ("training", "validation", "test")
        assert dealt.n_samples == 569
        # 0.6 · 569 = 341.4, rounded up to 342 that are kept aside, 171 each.
        assert dealt.sizes == (227, 171, 171)
        # 357 of 569 are benign: 227 · 357/569 = 142.4, and 214.6 among the rest.
        assert dealt.benign == (142, 108, 107)
        assert_plain(dealt)

    def test_every_sample_is_in_one_part(self) -> None:
        """The parts hold all tumours, each once, whatever the seed."""
        own = breast_cancer()
        for seed in (0, 6):
            parts = _parts(seed)
            # Undo the units: each part's inputs are the same map of the raw ones.
            rows = np.concatenate([inputs for inputs, _ in parts])
            targets = np.concatenate([targets for _, targets in parts])
            assert targets.sum() == own.targets.sum()
            ranks = np.sort(rows[:, 0])
            raw = np.sort(own.inputs[:, 0])
            slope = (ranks[-1] - ranks[0]) / (raw[-1] - raw[0])
            assert ranks == near(ranks[0] + slope * (raw - raw[0]), abs=2.0**-46)

    @pytest.mark.claims(
        "Mean and deviation, which standardise the inputs, are taken from the first "
        "part as well, so that nothing about the other two leaks in.",
    )
    def test_units_come_from_the_training_part(self) -> None:
        """Its mean is 0 and its deviation 1; those of the others are not."""
        training, validation, test = (x for x, _ in _parts(6))
        assert abs(training.mean(axis=0)).max() < 1e-12
        assert abs(training.std(axis=0) - 1).max() < 1e-12
        for part in (validation, test):
            assert abs(part.mean(axis=0)).max() > 0.01

    def test_other_seeds_deal_otherwise(self) -> None:
        """The sizes stay, the samples do not."""
        assert three_parts(1).sizes == (227, 171, 171)
        first, second = (_parts(seed).test[0] for seed in (1, 6))
        assert not np.array_equal(first, second)


class TestTheLossTurns:
    """The training loss falls and falls; the validation loss turns."""

    @pytest.mark.claims(
        "The validation loss after epoch $t$ is the mean loss of the $n$ samples of "
        "the second part, and the best epoch is where it is least:",
        "After epoch … the validation loss is …, the least of all; at the end it is "
        "…, which is … times as much.",
    )
    def test_bookkeeping(self) -> None:
        """The start and 40 epochs are measured; the best is the first least one."""
        run = to_the_end()
        assert isinstance(run, LongRun)
        assert run.num_epochs == 40
        # 30 · 32 weights and 32 biases, 32 weights and a bias.
        assert run.num_weights == 30 * 32 + 32 + 32 + 1 == 1025
        assert run.n_samples == 227
        assert (run.learning_rate, run.batch_size) == (0.01, 32)
        for measured in run[5:9]:
            assert len(measured) == 41
        assert run.best_epoch == first_least(run.validation_losses)
        assert run.best_loss == run.validation_losses[run.best_epoch]
        assert_plain(run)

    @pytest.mark.claims(
        "What the network still learns of its … samples no longer holds for these "
        "others: this is overfitting.",
        "The first ends at its lowest, the second turns after epoch ….",
        "When the validation loss turns up while the training loss still falls, the "
        "network overfits; patience decides how long to wait for a better epoch, and "
        "the best weights are those of the best epoch, not of the last.",
    )
    @pytest.mark.parametrize("seed", [1, 2, 4, 5, 6])
    def test_it_turns(self, seed: int) -> None:
        """The training loss ends far below, the validation loss above its best."""
        run = to_the_end(seed=seed)
        assert run.losses[-1] == min(run.losses) < run.losses[run.best_epoch] / 5
        assert run.validation_losses[-1] > 1.2 * run.best_loss
        assert 0 < run.best_epoch < 20

    def test_it_learns(self) -> None:
        """An untrained network is worse than knowing the shares of the classes."""
        run = to_the_end()
        # The classes' shares alone, 142 of 227, have the loss 0.661.
        share = 142 / 227
        guess = -share * math.log(share) - (1 - share) * math.log(1 - share)
        assert run.validation_losses[0] > guess > 5 * run.best_loss
        # An accuracy is a number of samples over all of them.
        for shares, count in ((run.accuracies, 227), (run.validation_accuracies, 171)):
            counts = np.array(shares) * count
            assert counts == near(np.round(counts), abs=2.0**-40)
            assert shares[-1] > 0.9

    def test_other_arguments(self) -> None:
        """Epochs, nodes and seeds can be chosen; the first epochs are the same."""
        short = to_the_end(num_epochs=2)
        assert short.validation_losses == to_the_end().validation_losses[:3]
        assert short.num_epochs == 2
        # 30 · 3 + 3 + 3 + 1
        assert to_the_end(num_epochs=1, num_hidden=3).num_weights == 97
        other = to_the_end(num_epochs=1, seed=7)
        assert other.losses[0] != short.losses[0]


class TestPatience:
    """Stop when the best epoch so far is p epochs ago."""

    def test_patience_of_one(self) -> None:
        """It stops at the first bump."""
        # 10, 8, 6 improve; 7 does not.
        assert waiting() == (
            HAND,
            1,
            (0, 1, 2, 2),
            (0, 0, 0, 1),
            3,
            2,
            6,
        )
        assert isinstance(waiting(), Waiting)

    def test_patience_of_two(self) -> None:
        """It gets over the first bump and stops inside the second one."""
        # After 7 comes 5, then 4; 6 and 5 are two that do not improve.
        read = waiting(patience=2)
        assert read.best_epochs == (0, 1, 2, 2, 4, 5, 5, 5)
        assert read.waited == (0, 0, 0, 1, 0, 0, 1, 2)
        assert (read.stop_epoch, read.best_epoch, read.best_loss) == (7, 5, 4)

    @pytest.mark.claims(
        "One of … finds the least loss, …, and pays with … epochs that bring nothing.",
    )
    def test_patience_of_three(self) -> None:
        """It finds the least loss, and pays with three epochs."""
        # 3 comes just in time; 5, 6, 7 do not improve on it.
        read = waiting(patience=3)
        assert read.best_epochs == (0, 1, 2, 2, 4, 5, 5, 5, 8, 8, 8, 8)
        assert read.waited == (0, 0, 0, 1, 0, 0, 1, 2, 0, 1, 2, 3)
        assert (read.stop_epoch, read.best_epoch, read.best_loss) == (11, 8, 3)

    def test_patience_that_lasts(self) -> None:
        """After the best, 8, four more are read; a patience of five outlives them."""
        four, five = waiting(patience=4), waiting(patience=5)
        assert (four.stop_epoch, five.stop_epoch) == (12, 12)
        assert four.waited[-1] == five.waited[-1] == 4
        assert five.best_loss == 3

    @pytest.mark.claims(
        "A tie is no improvement, so the first epoch with the greatest value is kept, "
        "here epoch ….",
    )
    def test_a_tie_is_no_improvement(self) -> None:
        """The first of equal losses is the best."""
        assert waiting((2, 1, 1)).best_epochs == (0, 1, 1)

    def test_the_start_alone(self) -> None:
        """A single loss is the best, and nothing stops."""
        assert waiting((5,))[2:] == ((0,), (0,), 0, 0, 5)

    @pytest.mark.claims(
        "Ask for an improvement by more than …, and work out by hand where patiences "
        "of one, two and three stop.",
        "Patiences of … and … end with epoch …, the last one that improved by more "
        "than … at once.",
        "One of … goes on: after … epochs the small improvements add up to …, which "
        "is more than ….",
        "An improvement is measured against the best value, not against the last one.",
    )
    def test_least_improvement(self) -> None:
        """Small improvements add up: they are measured against the best."""
        creeping = [1 + Fraction(1, 2**t) for t in range(12)]
        least = Fraction(1, 20)
        reads = [waiting(creeping, p, least_improvement=least) for p in (1, 2, 3)]
        # From 17/16 at epoch 4: 1/32 and 3/64 are less than 1/20, 7/128 is more.
        assert [(read.stop_epoch, read.best_epoch) for read in reads[:2]] == [
            (5, 4),
            (6, 4),
        ]
        assert reads[0].best_loss == Fraction(17, 16)
        # From 1 + 1/128 no more than 1/128 is left.
        assert (reads[2].best_epoch, reads[2].stop_epoch) == (7, 10)

    def test_an_improvement_that_is_just_as_large_does_not_count(self) -> None:
        """It must be more than what is asked for."""
        assert waiting((4, 3, 2), least_improvement=1).best_epoch == 0
        assert waiting((4, 3, 2), least_improvement=Fraction(1, 2)).best_epoch == 2

    def test_plain(self) -> None:
        """Arrays go in and stay, Python's numbers come out."""
        given = np.array([2.0, 1.0, 3.0])
        read = waiting(given)
        assert_plain(read)
        assert read.losses == (2, 1, 3)
        assert given.tolist() == [2, 1, 3]
        exact = waiting([Fraction(1, 2), Fraction(1, 3)])
        assert exact.best_loss == Fraction(1, 3)
        assert_plain(exact, Fraction)

    def test_it_says_what_a_run_does(self) -> None:
        """Read from a list, a patience stops where it stops the run itself."""
        values = to_the_end().validation_losses
        for patience in (1, 5):
            read, run = waiting(values, patience), stop_early(patience)
            assert read.stop_epoch == run.stop_epoch
            assert read.best_epoch == run.best_epoch


class TestPatiences:
    """A patience that is too short costs quality, one that is too long costs time."""

    def test_every_number_of_the_book(self) -> None:
        """One, two and three stop after epochs 3, 7 and 11 with 6, 4 and 3."""
        reads = patiences()
        assert reads == tuple(waiting(patience=patience) for patience in (1, 2, 3))
        assert all(isinstance(read, Waiting) for read in reads)

    def test_more_patience_is_never_worse(self) -> None:
        """It reads at least as far, and so it finds at least as little."""
        reads = patiences(to_the_end().validation_losses, range(1, 41))
        for less, more in pairwise(reads):
            assert less.stop_epoch <= more.stop_epoch
            assert less.best_loss >= more.best_loss
        assert reads[-1].best_loss == to_the_end().best_loss
        assert_plain(reads)


class TestBestWeights:
    """The very number that was recorded in passing."""

    def test_bookkeeping(self) -> None:
        """The run stops five epochs after its best, and saves the rest."""
        run = stop_early()
        assert isinstance(run, StoppedRun)
        assert (run.patience, run.num_epochs) == (5, 40)
        recorded = to_the_end().validation_losses
        best = first_least(recorded[: run.stop_epoch + 1])
        assert run.best_epoch == best
        assert run.stop_epoch == best + 5
        assert run.saved_epochs == 40 - run.stop_epoch
        assert run.loss_at_stop == recorded[run.stop_epoch]
        assert_plain(run)

    @pytest.mark.claims(
        "… is one of them, and copies the weights when the watched value is the best "
        "so far.",
        "Without going back, its loss would be …; with the best weights it is ….",
    )
    def test_the_best_weights_are_restored(self) -> None:
        """Measured again, the loss is the recorded one, to the last bit."""
        run, recorded = stop_early(), to_the_end()
        assert run.restored_difference == 0
        assert run.losses == (
            recorded.validation_losses[run.best_epoch],
            recorded.validation_losses[-1],
        )
        assert run.accuracies == (
            recorded.validation_accuracies[run.best_epoch],
            recorded.validation_accuracies[-1],
        )

    def test_parts(self) -> None:
        """The scores are those of the best epoch on every part."""
        run, recorded = stop_early(), to_the_end()
        swapped = swap_roles()
        assert run.part_losses == (
            recorded.losses[run.best_epoch],
            recorded.validation_losses[run.best_epoch],
            swapped.losses[1][run.best_epoch],
        )
        assert run.part_accuracies[:2] == (
            recorded.accuracies[run.best_epoch],
            recorded.validation_accuracies[run.best_epoch],
        )
        assert 0.9 < run.part_accuracies[2] <= 1

    def test_one_mistake_is_a_share_of_the_loss(self) -> None:
        """Minus the logarithm of a probability, over 171, is no more than the loss."""
        run = stop_early()
        for loss, probability in zip(run.losses, run.least_probabilities, strict=True):
            assert 0 < -math.log(probability) / 171 < loss
            # The least is below the mean of the logarithms.
            assert probability < math.exp(-loss)

    @pytest.mark.claims(
        "The last column shows the least probability that it gives to the truth, … "
        "when it is restored and … at the end.",
    )
    def test_least_probability_by_hand(self) -> None:
        """Scores ln 3 for a yes and ln 4 for a no: 3/4 and 1/5 for the truth."""
        layers = (Dense(np.array([[1.0]]), np.array([0.0])),)
        part = (np.array([[math.log(3)], [math.log(4)]]), np.array([[1.0], [0.0]]))
        loss, accuracy, least = _scores(layers, part)
        assert loss == near(-(math.log(3 / 4) + math.log(1 / 5)) / 2)
        assert accuracy == 0.5
        assert least == near(1 / 5, rel=1e-14)
        assert_plain((loss, accuracy, least))
        # A score above zero is a yes, a probability above one half.
        assert _scores(layers, (np.array([[0.1]]), np.array([[1.0]])))[1] == 1
        # With both signs turned they are 1/4 and 4/5.
        assert _scores(layers, (-part[0], part[1]))[2] == near(1 / 4, rel=1e-14)

    def test_stopping_helps_here(self) -> None:
        """The restored network is better, and less sure of its mistakes."""
        run = stop_early()
        assert run.losses[1] > 1.2 * run.losses[0]
        assert run.least_probabilities[0] > 2 * run.least_probabilities[1]

    def test_watching_the_accuracy(self) -> None:
        """The greatest accuracy is best, the first of equal ones."""
        run = stop_early(monitor="validation_accuracy", mode="max")
        recorded = to_the_end().validation_accuracies
        upside_down = [-value for value in recorded]
        assert run.best_epoch == waiting(upside_down, 5).best_epoch
        assert run.stop_epoch == run.best_epoch + 5
        assert run.accuracies[0] == max(recorded[: run.stop_epoch + 1])
        assert run.restored_difference == 0

    def test_a_run_that_nothing_stops(self) -> None:
        """With too few epochs the patience does not run out."""
        run = stop_early(num_epochs=2, seed=1)
        assert (run.stop_epoch, run.saved_epochs, run.num_epochs) == (2, 0, 2)
        assert run.losses[1] == to_the_end(2, seed=1).validation_losses[-1]


class TestReducedRate:
    """A reduction divides the rate, and the floor sinks."""

    @pytest.mark.claims(
        "Here $b_t$ is the best epoch since the rate last changed, and $0 < \\gamma < "
        "1$."
    )
    def test_bookkeeping(self) -> None:
        """The rate is divided by four where three losses in a row do not improve."""
        line = LINE()
        assert isinstance(line, PlateauRun)
        assert (line.n_samples, line.batch_size) == (442, 16)
        assert len(line.losses) == len(line.constant_losses) == 41
        rates, since, reduced = [0.2], 0, []
        for epoch in range(1, 41):
            rates.append(rates[-1] if epoch - 1 not in reduced else rates[-1] / 4)
            best = since + first_least(line.losses[since : epoch + 1])
            if epoch - best >= 3:
                reduced.append(epoch)
                since = epoch
        assert line.learning_rates == tuple(rates)
        # A reduction after the last epoch would have no epoch to show it.
        assert line.reduced_after == tuple(epoch for epoch in reduced if epoch < 40)
        assert len(line.reduced_after) >= 2
        assert_plain(line)

    def test_both_start_alike(self) -> None:
        """Up to the first reduction the rate is the same, and so is the loss."""
        line = LINE()
        first = line.reduced_after[0]
        assert line.losses[: first + 1] == line.constant_losses[: first + 1]
        assert line.losses[first + 1] != line.constant_losses[first + 1]

    @pytest.mark.claims(
        "A linear model has a least loss that algebra finds, and above it the floor "
        "can be measured.",
    )
    def test_least_loss(self) -> None:
        """No line is better than the one that the normal equations give."""
        line = LINE()
        data = diabetes()
        inputs = (data.inputs - data.inputs.mean(0)) / data.inputs.std(0)
        targets = (data.targets - data.targets.mean()) / data.targets.std()
        best = np.linalg.solve(inputs.T @ inputs, inputs.T @ targets)
        least = ((inputs @ best - targets) ** 2).mean()
        # The condition number, some hundreds, costs a few digits.
        assert line.least_loss == near(least, rel=1e-12)
        assert min(*line.losses, *line.constant_losses) > line.least_loss

    def test_first_epoch(self) -> None:
        """Batches of sixteen, shuffled, each a step along twice the mean of e·x."""
        line = reduce_rate(num_epochs=1)
        data = diabetes()
        inputs = (data.inputs - data.inputs.mean(0)) / data.inputs.std(0)
        targets = (data.targets - data.targets.mean()) / data.targets.std()
        generator = np.random.default_rng(0)
        weights, bias = generator.normal(0, (2 / 10) ** 0.5, (10, 1)), 0.0
        errors = inputs @ weights + bias - targets
        assert line.losses[0] == near((errors**2).mean(), rel=1e-12)
        order = np.arange(442)
        generator.shuffle(order)
        for first in range(0, 442, 16):
            x, y = (part[order[first : first + 16]] for part in (inputs, targets))
            errors = x @ weights + bias - y
            weights = weights - 0.2 * 2 * x.T @ errors / len(x)
            bias -= 0.2 * 2 * errors.mean()
        errors = inputs @ weights + bias - targets
        # 28 steps multiply the rounding of the first by less than a thousand.
        assert line.losses[1] == near((errors**2).mean())

    def test_floor(self) -> None:
        """In the last ten epochs the noise at the constant rate is far higher."""
        line = LINE()
        high, low = (
            max(values[-10:]) - line.least_loss
            for values in (line.constant_losses, line.losses)
        )
        assert high > 100 * low

    def test_other_arguments(self) -> None:
        """A factor of a half and a patience of one make smaller and earlier stairs."""
        line = reduce_rate(1, 0.5, learning_rate=0.1, num_epochs=6, seed=3)
        assert line.learning_rates[0] == 0.1
        assert len(line.losses) == 7
        steps = {new / old for old, new in pairwise(line.learning_rates)}
        assert steps == {1, 0.5}
        assert line.losses[0] != LINE().losses[0]
        for epoch, (old, new) in enumerate(pairwise(line.learning_rates)):
            assert (new < old) == (epoch in line.reduced_after)


class TestFloors:
    """Runs that start at the best line, and how far the noise lifts them."""

    def test_every_number_of_the_book(self) -> None:
        """Five rates, each a quarter of the one before."""
        found = dealt_floors()
        assert isinstance(found, Floors)
        assert found.num_seeds == 3
        assert found.learning_rates == (0.2, 0.05, 0.0125, 0.003125, 0.00078125)
        assert len(found.floors) == 5
        assert_plain(found)

    def test_a_floor_is_a_run(self) -> None:
        """Four epochs from the best line by hand, of which the last two count."""
        inputs, targets = (
            (x - x.mean(axis=0)) / x.std(axis=0)
            for x in (diabetes().inputs, diabetes().targets)
        )
        best = np.linalg.lstsq(inputs, targets)[0]
        least = ((inputs @ best - targets) ** 2).mean()
        found: list[Any] = []
        for seed in (0, 1):
            history = fit(
                (Dense(best, np.zeros(1)),),
                inputs,
                targets,
                loss=MEAN_SQUARED_ERROR,
                rule=GradientDescent(0.025),
                num_epochs=4,
                batch_size=16,
                generator=np.random.default_rng(seed),
                progress=False,
            )
            found += history.values("loss")[3:]
        floors = dealt_floors(0.05, 0.5, 2, 4, 2)
        assert floors.learning_rates == (0.05, 0.025)
        assert floors.floors[1] == near(float(np.mean(found)) - least, rel=1e-9)


class TestResumed:
    """A run in two halves must end with the same weights as a run in one."""

    @pytest.mark.claims(
        "From the checkpoint it ends exactly where the run in one ended: the greatest "
        "difference of a weight is …, to the last bit.",
    )
    def test_to_the_last_bit(self) -> None:
        """From a checkpoint nothing differs; from less, something does."""
        resumed = resume_training()
        assert isinstance(resumed, Resumed)
        assert (resumed.num_epochs, resumed.interrupted_after) == (10, 4)
        kept = ("the whole run", "weights and random numbers", "weights alone")
        assert resumed.kept == kept
        assert resumed.differences[0] == 0
        assert resumed.loss_differences[0] == 0
        assert min(resumed.differences[1:]) > 0.01
        assert 0 not in resumed.loss_differences[1:]
        assert len(resumed.differences) == len(resumed.loss_differences) == 3
        assert resumed.differences[1] != resumed.differences[2]
        assert resumed == resume_training(seed=6)
        assert_plain(resumed)

    def test_what_is_lost(self) -> None:
        """Trained by hand: a new Adam goes on, with the old random numbers and new."""
        parts = _parts(3)

        def train(layers: Any, epochs: int, generator: Any) -> FitHistory:
            return fit(
                layers,
                *parts.training,
                loss=SIGMOID_CROSS_ENTROPY,
                rule=Adam(0.01),
                num_epochs=epochs,
                batch_size=32,
                generator=generator,
                validation=parts.validation,
                progress=False,
            )

        def fresh() -> Any:
            generator = np.random.default_rng(3)
            return dense_network([30, 32, 1], generator), generator

        layers, generator = fresh()
        whole = train(layers, 5, generator)
        layers, generator = fresh()
        half = train(layers, 2, generator).layers
        resumed = resume_training(5, 2, seed=3)
        for index, going_on in ((1, generator), (2, np.random.default_rng(3))):
            run = train(half, 3, going_on)
            difference = abs(flatten(run.layers) - flatten(whole.layers)).max()
            assert resumed.differences[index] == difference
            losses = (each.values("validation_loss")[-1] for each in (run, whole))
            assert resumed.loss_differences[index] == next(losses) - next(losses)

    def test_only_the_rest_is_trained(self, monkeypatch: Any) -> None:
        """A checkpoint is written after each epoch, and there are ten of them."""
        written: list[int] = []
        record = Checkpoint.record

        def count(checkpoint: Checkpoint, run: Run) -> None:
            written.append(len(run.epochs) - 1)
            record(checkpoint, run)

        monkeypatch.setattr(Checkpoint, "record", count)
        resume_training(10, 4)
        assert written == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

    @pytest.mark.parametrize(("epochs", "before"), [(2, 1), (3, 1), (3, 2)])
    def test_wherever_it_is_interrupted(self, epochs: int, before: int) -> None:
        """The place and the seed do not matter."""
        resumed = resume_training(epochs, before, seed=2)
        assert resumed[:2] == (epochs, before)
        assert resumed.differences[0] == resumed.loss_differences[0] == 0
        assert min(resumed.differences[1:]) > 0

    def test_no_file_is_left(self, tmp_path: Any, monkeypatch: Any) -> None:
        """The checkpoint lives in a temporary directory that is removed."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        resume_training(2, 1)
        refuse_damaged()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("bad", [3, 4])
    def test_late_interruption(self, bad: int) -> None:
        """And there is one after it."""
        says = f"is {bad} but must be less than 3"
        with refused(ValueError, "interrupted_after", says):
            resume_training(3, bad)


def test_no_bar_is_shown(monkeypatch: Any) -> None:
    """A page shows numbers, however long the training takes."""
    hidden: list[Any] = []

    def bar(*, disable: Any, **told: Any) -> Any:
        hidden.append(disable)
        return tqdm(disable=True, **told)

    monkeypatch.setattr(fitting, "_Bar", bar)
    reduce_rate(num_epochs=1)
    resume_training(2, 1)
    assert set(hidden) == {True}


class TestRefused:
    """A single bit is enough."""

    def test_reasons(self) -> None:
        """Every damage has its reason, and a good file of another run has one too."""
        refusals = refuse_damaged()
        assert isinstance(refusals, Refused)
        assert refusals.files == (
            "one bit turned",
            "second half missing",
            "another text",
            "other batches",
        )
        damaged = "is damaged: its contents do not fit its fingerprint"
        assert refusals.reasons == (
            damaged,
            damaged,
            "is no checkpoint",
            "belongs to another run",
        )

    def test_damage(self, monkeypatch: Any) -> None:
        """A bit of all differs, then half of the bytes are there, then none of them."""
        files: list[bytes] = []
        write = Path.write_bytes

        def keep(path: Path, contents: bytes) -> int:
            files.append(contents)
            return write(path, contents)

        monkeypatch.setattr(Path, "write_bytes", keep)
        refuse_damaged()
        turned, half, other, good = files[-4:]
        assert len(turned) == len(good)
        pairs = zip(turned, good, strict=True)
        assert sum((a ^ b).bit_count() for a, b in pairs) == 1
        assert half == good[: len(good) // 2]
        assert other not in good


class TestSwappedRoles:
    """Whoever chose is never harder than whoever judges, on average over both roles."""

    def test_bookkeeping(self) -> None:
        """Each part chooses its first least loss, and the other one is asked."""
        swap = swap_roles()
        assert isinstance(swap, SwappedRoles)
        first, second = swap.losses
        assert len(first) == len(second) == 41
        assert first == to_the_end().validation_losses
        a, b = first_least(first), first_least(second)
        assert swap.best_epochs == (a, b)
        assert swap.own_losses == (first[a], second[b])
        assert swap.other_losses == (second[a], first[b])
        assert swap.own_mean == (first[a] + second[b]) / 2
        assert swap.other_mean == (second[a] + first[b]) / 2
        assert_plain(swap)

    @pytest.mark.parametrize("seed", range(4))
    def test_the_law(self, seed: int) -> None:
        """It holds for every split, without a tolerance."""
        swap = swap_roles(5, seed)
        assert len(swap.losses[0]) == 6
        assert swap.own_mean <= swap.other_mean


class TestManySplits:
    """Stopping is a bet that wins most of the time."""

    def test_bookkeeping(self) -> None:
        """Every split is read with the patience, and judged by its test part."""
        many = many_splits()
        assert isinstance(many, ManySplits)
        assert many.num_splits == 12
        swaps = [swap_roles(40, seed) for seed in range(12)]
        for seed, swap in enumerate(swaps):
            read = waiting(swap.losses[0], 5)
            assert many.stop_epochs[seed] == read.stop_epoch
            assert many.stop_losses[seed] == swap.losses[1][read.best_epoch]
            assert many.end_losses[seed] == swap.losses[1][40]
            first = swap.losses[0]
            assert many.growths[seed] == first[40] / min(first)
        assert many.own_means == tuple(swap.own_mean for swap in swaps)
        assert many.other_means == tuple(swap.other_mean for swap in swaps)
        for means, mean in (
            (many.own_means, many.own_mean),
            (many.other_means, many.other_mean),
        ):
            assert mean == near(math.fsum(means) / 12, rel=1e-15)
        gains = np.array(many.end_losses) - np.array(many.stop_losses)
        assert many.num_better == (gains > 0).sum()
        assert_plain(many)

    def test_most_of_the_time(self) -> None:
        """Stopping wins in more than half of the splits; the choosers flatter."""
        many = many_splits()
        assert many.num_better > 6
        assert many.other_mean > 1.05 * many.own_mean

    def test_other_arguments(self) -> None:
        """One split, one epoch: the stop is the end, and that is no gain."""
        many = many_splits(1, 1, 1)
        assert many[:2] == (1, (1,))
        assert many.stop_losses == many.end_losses
        assert many.num_better == 0
        assert many.own_mean == many.own_means[0]
