"""Training a network, against numbers worked by hand."""

import copy
import dataclasses
import io
import math
import os
import pty
import re
import subprocess
import sys
import termios
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pytest
from alike import alike
from bad_input import (
    NOT_A_CHOICE,
    NOT_A_FUNCTION,
    NOT_A_GENERATOR,
    NOT_A_NUMBER,
    NOT_A_PATH,
    NOT_NUMBERS,
    NOT_POSITIVE,
    not_a_count,
    refused,
)
from near import near
from networks import cube, cube_slope, in_a_buffer
from sharing import arrays, share, shares, spoil
from work import calls_of

from gdbook import fitting, losses, network
from gdbook._checks import shown
from gdbook.activations import (
    IDENTITY,
    RELU,
    SIGMOID,
    SOFTMAX,
    TANH,
    Activation,
    leaky,
)
from gdbook.callbacks import Callback, Decision, EarlyStopping, Epoch, Run
from gdbook.checkpoints import Checkpoint
from gdbook.descent import DivergenceError, batches
from gdbook.fitting import OUT_OF_EPOCHS, FitHistory, fit
from gdbook.losses import (
    BINARY_CROSS_ENTROPY,
    CROSS_ENTROPY,
    MEAN_SQUARED_ERROR,
    SIGMOID_CROSS_ENTROPY,
    SOFTMAX_CROSS_ENTROPY,
    Loss,
    _targets_inside,
    mean_squared_error,
    mean_squared_error_slope,
)
from gdbook.network import (
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    Residual,
    batch_norm,
    dense_network,
    layer_norm,
)
from gdbook.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    GradientDescentState,
    Momentum,
    Nesterov,
    RMSProp,
)
from gdbook.packing import flatten, snapshot, unflatten

ROOT = Path(__file__).parents[1]

LINE: list[Layer] = [Dense([[Fraction(0)]], [Fraction(0)])]
HALF = Fraction(1, 2)
INPUTS = [[HALF], [Fraction(2)], [Fraction(1)]]
TARGETS = [[Fraction(4, 5)], [Fraction(1)], [Fraction(3, 2)]]
TENTH = GradientDescent(Fraction(1, 10))


def train(**given: Any) -> FitHistory:
    """Train the line on its three points, for an epoch of a step unless told."""
    arguments: dict[str, Any] = {
        "layers": LINE,
        "inputs": INPUTS,
        "targets": TARGETS,
        "loss": MEAN_SQUARED_ERROR,
        "rule": TENTH,
        "num_epochs": 1,
        "batch_size": 3,
        "generator": np.random.default_rng(1),
    }
    return fit(**arguments | given)


def params(layers: Any) -> list[Any]:
    """Give all that is learned."""
    return list(flatten(layers).tolist())


def mean_distance(predictions: Any, targets: Any) -> Any:
    """Average how far off the predictions are."""
    return abs(predictions - targets).sum() / len(targets)


class Recorded(NamedTuple):
    """A loss that remembers which targets it was asked about."""

    batches: list[list[Any]]
    loss: Loss


def recorded() -> Recorded:
    """Make the mean squared error remember the targets of every step."""
    batches: list[list[Any]] = []

    def slope(predictions: Any, targets: Any) -> Any:
        batches.append(targets[:, 0].tolist())
        return mean_squared_error_slope(predictions, targets)

    return Recorded(batches, Loss(mean_squared_error, slope))


def together(loss: Loss) -> Loss:
    """Make one function of a loss and its slope."""
    return Loss(lambda *given: (loss.function(*given), loss.slope(*given)))


class TestFit:
    """Train a network in batches, and measure it after every epoch."""

    def test_by_hand(self) -> None:
        """One step from (0, 0) at a tenth leads to 13/50 and 11/50.

        Errors −4/5, −1, −3/2: slopes 2/3 · (−2/5 − 2 − 3/2) = −13/5 and
        2/3 · (−33/10) = −11/5. Then the errors are −9/20, −13/50 and −51/50.
        """
        history = train()
        assert params(history.layers) == [Fraction(13, 50), Fraction(11, 50)]
        # (64 + 100 + 225) / 300 before, (2025 + 676 + 10404) / 30000 after.
        assert history.epochs == (
            Epoch(Fraction(389, 300), learning_rate=Fraction(1, 10)),
            Epoch(Fraction(2621, 6000), learning_rate=Fraction(1, 10)),
        )
        numbers = (*params(history.layers), *history.values("loss"))
        assert {type(x) for x in numbers} == {Fraction}
        assert history.num_steps == 1
        assert history.stopped == OUT_OF_EPOCHS == "the number of epochs is used up"
        assert type(history.layers) is tuple

    def test_batches(self) -> None:
        """An epoch deals all samples into batches and takes a step on each.

        The steps are repeated here in fractions, in the order in which they were dealt.
        """
        batches, loss = recorded()
        places = (HALF, 2, 1, -1, 3)
        inputs: dict[int, Any] = dict(zip((4, 3, 2, 1, 0), places, strict=True))
        history = train(
            inputs=[[Fraction(x)] for x in inputs.values()],
            targets=[[Fraction(y)] for y in inputs],
            loss=loss,
            num_epochs=3,
            batch_size=2,
        )
        assert [len(batch) for batch in batches] == [2, 2, 1] * 3
        epochs = [[*batches[k], *batches[k + 1], *batches[k + 2]] for k in (0, 3, 6)]
        assert all(sorted(epoch) == [0, 1, 2, 3, 4] for epoch in epochs)
        assert len({tuple(epoch) for epoch in epochs}) == 3
        weight = bias = Fraction(0)
        losses = []
        for step, batch in enumerate(batches):
            if step % 3 == 0:
                errors = [weight * x + bias - y for y, x in inputs.items()]
                losses.append(sum(error**2 for error in errors) / 5)
            errors = [weight * inputs[y] + bias - y for y in batch]
            slopes = [error * inputs[y] for error, y in zip(errors, batch, strict=True)]
            weight -= 2 * sum(slopes) / len(batch) / 10
            bias -= 2 * sum(errors) / len(batch) / 10
        assert params(history.layers) == [weight, bias]
        assert list(history.values("loss"))[:3] == losses
        assert history.num_steps == 9

    def test_shuffling(self) -> None:
        """The generator decides the order of every epoch, and nothing else."""
        batches, loss = recorded()
        train(loss=loss, num_epochs=2, batch_size=1)
        generator, expected = np.random.default_rng(1), []
        for _ in range(2):
            order = np.arange(3)
            generator.shuffle(order)
            expected += [[TARGETS[index][0]] for index in order]
        assert batches == expected

    @pytest.mark.parametrize(
        ("limit", "times"),
        [(HALF, 10), (Fraction(5), 1), (6, 1), (0.5, 10.0), (None, 1)],
    )
    def test_clip_norm(self, limit: Any, times: Any) -> None:
        """A gradient that is too long is shortened: (−3, −4) has the norm 5."""
        history = train(
            inputs=[[Fraction(3, 4)]],
            targets=[[Fraction(2)]],
            batch_size=1,
            clip_norm=limit,
        )
        step = [Fraction(x) / 10 / Fraction(times) for x in (3, 4)]
        if isinstance(limit, float):
            assert params(history.layers) == near(list(map(float, step)))
        else:
            assert params(history.layers) == step

    def test_irrational_norm(self) -> None:
        """A norm without an exact root makes floats of fractions."""
        history = train(clip_norm=Fraction(1, 100))
        step = np.array([float(x) for x in params(history.layers)])
        assert step == near(np.array([13, 11]) / 290**0.5 / 1000, rel=1e-12)

    def test_state_is_handed_on(self) -> None:
        """The rule remembers from step to step, across epochs."""
        history = train(rule=Momentum(Fraction(1, 10), HALF), num_epochs=2)
        # The first step is (13/50, 11/50). There the slopes are 2/3 of
        # −9/40 − 13/25 − 51/50 = −353/200 and −9/20 − 13/50 − 51/50 = −173/100.
        weight = Fraction(13, 50) * 3 / 2 + Fraction(353, 3000)
        bias = Fraction(11, 50) * 3 / 2 + Fraction(173, 1500)
        assert params(history.layers) == [weight, bias]

    def test_metrics_and_validation(self) -> None:
        """Everything is measured at the start and after every epoch, on both sets."""
        history = train(
            validation=([[Fraction(4)]], [[Fraction(1)]]),
            metrics={"distance": mean_distance, "two": lambda *_: np.int64(2)},
        )
        # At (13/50, 11/50): (45 + 26 + 102) / 300, and 104/100 + 22/100 − 1.
        first, last = history.epochs
        rate = Fraction(1, 10)
        two: dict[str, Any] = {"two": 2}
        assert first == Epoch(
            Fraction(389, 300),
            1,
            {"distance": Fraction(33, 30)} | two,
            {"distance": Fraction(1)} | two,
            rate,
        )
        assert last == Epoch(
            Fraction(2621, 6000),
            Fraction(169, 2500),
            {"distance": Fraction(173, 300)} | two,
            {"distance": Fraction(13, 50)} | two,
            rate,
        )
        assert type(last.metrics["two"]) is int
        assert history.values("validation_distance") == (1, Fraction(13, 50))

    def test_values(self) -> None:
        """A value that nothing measured is refused with all that was."""
        says = "is 'accuracy' but must be one of: loss"
        with refused(ValueError, "monitor", says):
            train().values("accuracy")

    def test_no_epochs(self) -> None:
        """Without an epoch the network stays as it is, and is measured."""
        history = train(num_epochs=0)
        assert params(history.layers) == [0, 0]
        assert history.values("loss") == (Fraction(389, 300),)
        assert (history.num_steps, history.stopped) == (0, OUT_OF_EPOCHS)

    def test_schedule(self) -> None:
        """A schedule is asked before every step, and given the losses of the epochs."""
        asked = []

        def schedule(step: int, losses: Any) -> Any:
            asked.append((step, losses))
            return Fraction(1, 10 + step)

        history = train(num_epochs=2, batch_size=2, schedule=schedule)
        losses = history.values("loss")
        assert asked == [
            (0, losses[:1]),
            (1, losses[:1]),
            (2, losses[:2]),
            (3, losses[:2]),
        ]
        rates = [epoch.learning_rate for epoch in history.epochs]
        assert rates == [Fraction(1, 10), Fraction(1, 11), Fraction(1, 13)]
        # A step with the rate 1/20 is half as long.
        halved = train(schedule=lambda *_: Fraction(1, 20))
        assert params(halved.layers) == [Fraction(13, 100), Fraction(11, 100)]

    def test_predicts_when_it_measures(self) -> None:
        """Losses are measured in the mode that predicts: dropout changes nothing."""
        history = train(
            layers=[Dropout(HALF), Dense([[HALF]], [Fraction(0)])],
            inputs=[[Fraction(2)]],
            targets=[[Fraction(0)]],
            batch_size=1,
            num_epochs=3,
        )
        # Prediction w · 2 + b. A step on 4 or 0 changes them; the loss is predicted.
        weight, bias = params(history.layers)
        assert history.epochs[0].loss == 1
        assert history.epochs[-1].loss == (2 * weight + bias) ** 2

    def test_running_statistics(self) -> None:
        """Batch normalisation looks at each batch, and predicts with what it kept."""
        layer = BatchNorm([0.0], [0.0], [0.0], [4.0], momentum=0.5, epsilon=1e-5)
        history = train(
            layers=[layer],
            inputs=[[1.0], [3.0]],
            targets=[[0.0], [0.0]],
            batch_size=2,
            num_epochs=2,
        )
        # Half of the way to 2, twice; and from 4 half of the way to 1, twice.
        _, mean, variance = snapshot(history.layers)
        assert (mean.tolist(), variance.tolist()) == ([1.5], [1.75])

    def test_nothing_is_changed(self) -> None:
        """Neither the network nor the samples are changed in place."""
        layers = dense_network(
            [2, 3, 1], np.random.default_rng(1), dropout=0.5, normalise=True
        )
        inputs, targets = np.ones((4, 2)), np.ones((4, 1))
        before = [part.copy() for part in (*snapshot(layers), inputs, targets)]
        fit(
            layers,
            inputs,
            targets,
            loss=MEAN_SQUARED_ERROR,
            rule=Adam(0.1),
            num_epochs=2,
            batch_size=2,
            generator=np.random.default_rng(2),
            validation=(inputs, targets),
        )
        assert alike([*snapshot(layers), inputs, targets], before)

    def test_reproducible(self) -> None:
        """The same seed gives the same run to the last bit; another one does not."""
        first, again, other = (
            train(
                layers=dense_network(
                    [1, 5, 1], np.random.default_rng(0), dropout=0.5, normalise=True
                ),
                inputs=np.linspace(-1, 1, 7)[:, None],
                targets=np.linspace(0, 1, 7)[:, None],
                rule=Adam(0.05),
                num_epochs=3,
                generator=np.random.default_rng(seed),
                batch_size=5,
            )
            for seed in (1, 1, 2)
        )
        assert alike(first, again)
        assert not alike(snapshot(first.layers), snapshot(other.layers))


class TestNumbers:
    """Fractions stay exact; integers become floats, since a mean divides."""

    WHOLE: ClassVar[dict[str, Any]] = {
        "layers": [Dense([[0]], [0])],
        "inputs": [[1], [2], [3]],
        "targets": [[2], [4], [6]],
        "rule": GradientDescent(0.0625),
        "validation": ([[4]], [[8]]),
    }

    def test_integers(self) -> None:
        """Whole numbers everywhere, and every number in the end is a float."""
        history = train(**self.WHOLE)
        # Slopes −2/3 · (2 + 8 + 18) and −2/3 · 12, over 16.
        expected = near([7 / 6, 0.5], rel=4 * 2.0**-52)
        assert params(history.layers) == expected
        assert flatten(history.layers).dtype == np.float64
        assert {type(x) for epoch in history.epochs for x in epoch[:2]} == {float}

    @pytest.mark.parametrize("name", ["layers", "inputs", "targets", "validation"])
    def test_some_integers(self, name: str) -> None:
        """It does not matter which of them are whole numbers."""
        floats = {
            "layers": [Dense([[0.0]], [0.0])],
            "inputs": [[1.0], [2.0], [3.0]],
            "targets": [[2.0], [4.0], [6.0]],
            "validation": ([[4.0]], [[8.0]]),
        }
        some = train(**self.WHOLE | floats | {name: self.WHOLE[name]})
        assert alike(some, train(**self.WHOLE | floats))
        assert alike(some, train(**self.WHOLE))

    @pytest.mark.parametrize(
        "exact",
        [
            {"layers": [Dense([[Fraction(0)]], [0])]},
            {"inputs": [[Fraction(1)], [2], [3]]},
            {"targets": [[2], [Fraction(4)], [6]]},
            {"validation": ([[4]], [[Fraction(8)]])},
            {"rule": GradientDescent(Fraction(1, 16))},
        ],
        ids=lambda given: next(iter(given)),
    )
    def test_a_fraction(self, exact: Any) -> None:
        """Where a fraction is, nothing is made a float before the first step."""
        seen = []

        def loss(predictions: Any, targets: Any) -> Any:
            seen.append((predictions.dtype, targets.dtype))
            return mean_squared_error(predictions, targets)

        loss_and_slope = Loss(loss, mean_squared_error_slope)
        history = train(**self.WHOLE | exact | {"loss": loss_and_slope})
        assert set(seen[:2]) == {(np.dtype(object), np.dtype(object))}
        stays = isinstance(exact.get("rule"), GradientDescent)
        expected = object if stays else float  # which the rate makes of all
        assert flatten(history.layers).dtype == expected


class Watcher(Callback):
    """One that writes down what happens to it, and decides as it is told."""

    def __init__(self, decisions: Any = (), log: Any = None, name: str = "") -> None:
        self.decisions = iter(decisions)
        self.log = [] if log is None else log
        self.name = name

    def init(self, run: Run) -> Any:
        """Write down the start."""
        self.log.append((self.name, "init", run))
        return ("state", 0)

    def after_epoch(self, run: Run, state: Any) -> tuple[Decision, Any]:
        """Write down the epoch, and count it."""
        self.log.append((self.name, "after_epoch", run, state))
        return next(self.decisions, Decision()), (state[0], state[1] + 1)

    def record(self, run: Run) -> None:
        """Write down what is recorded."""
        self.log.append((self.name, "record", run))

    def at_end(self, layers: tuple[Layer, ...], state: Any) -> tuple[Layer, ...]:
        """Write down the end, and add a layer."""
        self.log.append((self.name, "at_end", layers, state))
        return (*layers, RELU)


class TestCallbacks:
    """What looks on after every epoch."""

    def test_order(self) -> None:
        """All decide after an epoch, then all record; in their order."""
        log: list[Any] = []
        history = train(
            num_epochs=2, callbacks=[Watcher((), log, "a"), Watcher((), log, "b")]
        )
        calls = [(entry[0], entry[1]) for entry in log]
        epoch = [(who, what) for what in ("after_epoch", "record") for who in "ab"]
        assert calls == [
            ("a", "init"),
            ("b", "init"),
            *epoch,
            *epoch,
            ("a", "at_end"),
            ("b", "at_end"),
        ]
        assert len(log[-2][2]) == 1
        assert len(log[-1][2]) == 2
        assert history.layers[1:] == (RELU, RELU)

    def test_run_at_the_start(self) -> None:
        """What is known before the first step."""
        watcher = Watcher()
        generator = np.random.default_rng(1)
        before = generator.bit_generator.state
        train(callbacks=(watcher, Callback()), generator=generator)
        run = watcher.log[0][2]
        assert run == Run(
            layers=tuple(LINE),
            epochs=(Epoch(Fraction(389, 300), learning_rate=Fraction(1, 10)),),
            num_steps=0,
            learning_rate=Fraction(1, 10),
            rule_state=GradientDescentState(),
            callback_states=(),
            generator_state=before,
            settings=run.settings,
            stopped=None,
        )

    def test_run_after_an_epoch(self) -> None:
        """A state goes in, the next one comes out, and what is recorded has it."""
        watcher = Watcher()
        generator = np.random.default_rng(1)
        history = train(
            callbacks=[watcher, Callback()],
            rule=Momentum(Fraction(1, 10), HALF),
            num_epochs=2,
            batch_size=2,
            generator=generator,
        )
        _, after, record, _, last, end = watcher.log
        assert after[3] == ("state", 0)
        assert after[2].callback_states == (("state", 0), None)
        expected = after[2]._replace(callback_states=(("state", 1), None))
        assert alike(record[2], expected)
        assert (after[2].num_steps, record[2].num_steps) == (2, 2)
        assert last[2].callback_states == (("state", 2), None)
        assert end[3] == ("state", 2)
        run = last[2]
        assert (run.epochs, run.num_steps) == (history.epochs, history.num_steps)
        assert run.generator_state == generator.bit_generator.state
        assert params(run.layers) == params(history.layers[:1])
        first, second = (entry[2].rule_state.velocity for entry in (record, last))
        assert first.tolist() != second.tolist()
        assert run.stopped is None

    def test_stop(self) -> None:
        """The first that says stop ends the run, and the others are asked as well."""
        log: list[Any] = []
        callbacks = [
            Watcher([Decision(), Decision(stop="enough")], log, "a"),
            Watcher([Decision(), Decision(stop="too late")], log, "b"),
        ]
        history = train(num_epochs=9, callbacks=callbacks)
        assert history.stopped == "enough"
        assert len(history.epochs) == 3
        recorded_ = [entry[2].stopped for entry in log if entry[1] == "record"]
        assert recorded_ == [None, None, "enough", "enough"]

    def test_learning_rate(self) -> None:
        """A new rate holds from the next step on, and the next callback sees it."""
        log: list[Any] = []
        callbacks = [
            Watcher([Decision(learning_rate=Fraction(1, 20))], log, "a"),
            Watcher((), log, "b"),
        ]
        history = train(num_epochs=3, callbacks=callbacks)
        rates = [epoch.learning_rate for epoch in history.epochs]
        assert rates == [Fraction(1, n) for n in (10, 10, 20, 20)]
        seen = [entry[2].learning_rate for entry in log if entry[1] == "after_epoch"]
        assert seen == [Fraction(1, n) for n in (10, 20, 20, 20, 20, 20)]
        alone = train(num_epochs=1)
        slow = train(layers=alone.layers, rule=GradientDescent(Fraction(1, 20)))
        two = train(
            num_epochs=2,
            callbacks=[Watcher([Decision(learning_rate=Fraction(1, 20))])],
        )
        assert params(two.layers[:1]) == params(slow.layers)

    def test_schedule_goes_first(self) -> None:
        """A schedule takes the place of the rate that a callback asks for."""
        history = train(
            num_epochs=2,
            schedule=lambda *_: HALF,
            callbacks=[Watcher([Decision(learning_rate=Fraction(1, 20))])],
        )
        assert history.epochs[-1].learning_rate == HALF


class TestDivergence:
    """The loss left the finite numbers."""

    # On w² with the rate 5·10⁹ every step multiplies w by 1 − 10¹⁰, and w² by 10²⁰:
    # 10³⁰⁰ after 15 steps is a float, 10³²⁰ after 16 is none.
    GIVEN: ClassVar[dict[str, Any]] = {
        "layers": [Dense(np.array([[1.0]]), np.array([0.0]))],
        "inputs": [[1.0]],
        "targets": [[0.0]],
        "rule": GradientDescent(2.5e9),
        "batch_size": 1,
        "num_epochs": 99,
    }

    @pytest.mark.parametrize("number", [float, Fraction])
    def test_message(self, number: Any) -> None:
        """Step, rate and loss are named, whoever computes the floats."""
        # Weight and bias move alike, so that the rate counts twice.
        given = self.GIVEN | {"inputs": [[number(1)]]}
        with pytest.raises(DivergenceError) as caught:
            train(**given)
        error = caught.value
        assert (error.step, error.learning_rate, error.loss) == (16, 2.5e9, math.inf)
        assert str(error) == (
            "descent diverged: after step 16 with learning rate 2500000000.0 "
            "the loss is inf; usually the learning rate is too large for this loss: "
            "try a tenth of it"
        )

    def test_last_finite_epoch(self) -> None:
        """One epoch less, and every loss is finite."""
        history = train(**self.GIVEN | {"num_epochs": 15})
        assert max(history.values("loss")) < math.inf

    def test_within_an_epoch(self) -> None:
        """A number that overflows between two measurements is found at its step."""
        given = self.GIVEN | {
            "inputs": [[1.0]] * 40,
            "targets": [[0.0]] * 40,
        }
        # After 30 steps the prediction is 10³⁰⁰; the next step is 10³¹⁰ long.
        with pytest.raises(DivergenceError, match="after step 30 with ") as caught:
            train(**given)
        assert (caught.value.loss, caught.value.learning_rate) == (math.inf, 2.5e9)

    def test_variance_of_a_batch(self) -> None:
        """A batch whose variance overflows is reported, though its loss is finite."""
        layers = [batch_norm(1), Dense(np.array([[1e-160]]), np.array([0.0]))]
        given = self.GIVEN | {"layers": layers, "rule": GradientDescent(0.1)}
        samples = {"inputs": [[0.0], [2e160]], "targets": [[0.0], [0.0]]}
        with pytest.raises(DivergenceError, match=r"step 0 .* loss is inf .*; no step"):
            train(**given | samples | {"batch_size": 2})

    def test_nan(self) -> None:
        """A loss that is no number at all is reported as NaN."""
        loss = Loss(lambda *_: math.nan, mean_squared_error_slope)
        with pytest.raises(DivergenceError, match=r"step 0 .* loss is nan; no step"):
            train(loss=loss)

    def test_rate_of_the_schedule(self) -> None:
        """The rate that is named is the one that led there."""
        given = self.GIVEN | {"schedule": lambda *_: 5e9}
        with pytest.raises(DivergenceError, match=r"learning rate 5000000000\.0 "):
            train(**given)

    def test_validation(self) -> None:
        """Validation samples whose loss overflows are reported as well."""
        with pytest.raises(DivergenceError, match="after step 1 "):
            train(
                **self.GIVEN | {"rule": GradientDescent(0.1)},
                validation=([[0.0]], [[-1e154]]),
                metrics={},
                schedule=lambda *_: 1e155,
            )

    def test_validation_alone(self) -> None:
        """Its step and its rate are named, too, when the training loss is finite."""
        says = r"after step 0 with learning rate 0\.1 the loss is inf"
        with pytest.raises(DivergenceError, match=says):
            train(
                **self.GIVEN | {"rule": GradientDescent(0.1)},
                validation=([[0.0]], [[1e160]]),
            )

    def test_fractions_beyond_the_floats(self) -> None:
        """Fractions never leave the finite numbers, with a bar or without."""
        huge = Fraction(10) ** 400
        history = train(
            targets=[[huge]], inputs=[[Fraction(1)]], batch_size=1, num_epochs=0
        )
        assert history.values("loss") == (huge**2,)
        history = train(targets=[[huge]], inputs=[[Fraction(1)]], batch_size=1)
        # A step of 2/10 along both: 4/10 of the way.
        assert history.values("loss") == (huge**2, (huge * 6 / 10) ** 2)


class Bar:
    """What stands in for the bar, and writes down what it is told."""

    told: ClassVar[list[Any]] = []

    def __init__(self, **told: Any) -> None:
        self.told.append(told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.told.append("closed")

    def set_postfix(self, numbers: Any, *, refresh: bool) -> None:
        """Write down the numbers."""
        self.told.append((numbers, refresh))

    def update(self) -> None:
        """Write down an epoch."""
        self.told.append("epoch")


# A run whose clock moves on by some seconds whenever the bar looks at it.
ON_A_TERMINAL = """
import itertools
import threading
import numpy as np
from tqdm import std
from gdbook.fitting import fit
from gdbook.losses import MEAN_SQUARED_ERROR
from gdbook.network import Dense
from gdbook.optimizers import GradientDescent

std.time = itertools.count(0, {seconds}).__next__
measured = iter([1.0] * 8)
fit(
    [Dense([[0.0]], [0.0])],
    [[1.0], [2.0]],
    [[1.0], [2.0]],
    loss=MEAN_SQUARED_ERROR,
    rule=GradientDescent(0.1),
    num_epochs={num_epochs},
    batch_size=1,
    generator=np.random.default_rng(1),
    metrics={{"left": lambda *_: next(measured)}},
    progress={progress},
)
print([thread.name for thread in threading.enumerate()])
"""


def on_a_terminal(progress: Any = None, seconds: int = 1, num_epochs: int = 5) -> str:
    """Run a script whose output and errors are a terminal; give what is on it."""
    script = ON_A_TERMINAL.format(
        progress=progress, seconds=seconds, num_epochs=num_epochs
    )
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (24, 80))
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=there, stderr=there
    )
    os.close(there)
    written = b""
    with suppress(OSError), open(here, "rb", buffering=0) as screen:  # noqa: PTH123
        while got := screen.read(4096):  # Linux raises where the other end is closed
            written += got
    process.wait()
    return written.decode().replace("\r\n", "\n")


class TestProgress:
    """Whether to show a bar; on a terminal, and for runs of some seconds."""

    @pytest.mark.parametrize("progress", [None, False])
    def test_silent(self, progress: Any, capsys: pytest.CaptureFixture[str]) -> None:
        """Nothing is written unless told, or when told not to."""
        train(num_epochs=3, progress=progress)
        assert capsys.readouterr() == ("", "")

    def test_visible(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Who asks sees a bar with the epochs and what was measured."""
        train(num_epochs=3, progress=True, metrics={"distance": mean_distance})
        out, err = capsys.readouterr()
        assert out == ""
        assert "3/3" in err
        assert "epoch" in err
        # At 13/50 and 11/50 the loss is 0.436833; it is lower after three epochs.
        assert "loss=0." in err
        assert "distance=0." in err

    def test_long_run(self) -> None:
        """A run of some seconds shows a bar on a terminal, and no thread beside it."""
        *bars, threads, end = on_a_terminal().split("\n")
        (bar,) = bars
        assert "5/5" in bar.split("\r")[-1]
        assert "loss=" in bar
        assert (threads, end) == ("['MainThread']", "")

    @pytest.mark.parametrize(
        "given", [{"seconds": 0}, {"num_epochs": 1}, {"progress": False}]
    )
    def test_short_run(self, given: Any) -> None:
        """A run of less than two seconds shows none, and who refuses one sees none."""
        assert on_a_terminal(**given) == "['MainThread']\n"

    @pytest.mark.parametrize("progress", [None, True])
    def test_error(self, progress: Any) -> None:
        """An error in the middle of a run begins on a line of its own."""
        bar, *error = on_a_terminal(progress, num_epochs=9).split("\n")
        assert "7/9" in bar.split("\r")[-1]
        assert error[0] == "Traceback (most recent call last):"
        assert error[-2:] == ["StopIteration", ""]

    def test_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A variable of the environment hides every bar that nobody asked for."""
        monkeypatch.setenv("TQDM_DISABLE", "1")
        assert on_a_terminal() == "['MainThread']\n"
        assert "5/5" in on_a_terminal(progress=True)

    @pytest.mark.parametrize("closed", [None, io.StringIO()])
    def test_nowhere(self, closed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where there is nothing to write on, nothing is written."""
        monkeypatch.setattr(sys, "stderr", closed)
        assert len(train(num_epochs=3).epochs) == 4

    @pytest.mark.parametrize(
        ("progress", "told"),
        [
            (None, {"disable": True}),
            (False, {"disable": True}),
            (True, {"disable": False}),
        ],
    )
    def test_told(
        self, progress: Any, told: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The bar counts epochs."""
        monkeypatch.setattr(fitting, "_Bar", Bar)
        monkeypatch.setattr(Bar, "told", [])
        train(progress=progress)
        assert Bar.told == [
            {"total": 1, "initial": 0, "unit": "epoch", **told},
            ({"loss": "0.437"}, False),
            "epoch",
            "closed",
        ]

    @pytest.mark.parametrize(
        ("progress", "told"),
        [(None, {"delay": 2}), (False, {"disable": True}), (True, {"disable": False})],
    )
    def test_browser(
        self, progress: Any, told: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In a browser it is text beside what is printed, and gone at the end."""
        monkeypatch.setattr(fitting, "_Bar", Bar)
        monkeypatch.setattr(Bar, "told", [])
        monkeypatch.setattr(sys, "platform", "emscripten")
        train(progress=progress)
        where = {"file": sys.stdout, "leave": False}
        assert Bar.told[0] == {
            "total": 1,
            "initial": 0,
            "unit": "epoch",
            **where,
            **told,
        }

    def test_latest_loss(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """After each epoch its own loss is shown."""
        monkeypatch.setattr(fitting, "_Bar", Bar)
        monkeypatch.setattr(Bar, "told", [])
        losses = train(num_epochs=3).values("loss")
        shown = [told[0]["loss"] for told in Bar.told if isinstance(told, tuple)]
        assert shown == [f"{float(loss):.3g}" for loss in losses[1:]]
        assert len(set(shown)) == 3

    def test_beyond_the_floats(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A fraction that no float holds is shown as infinite."""
        monkeypatch.setattr(fitting, "_Bar", Bar)
        monkeypatch.setattr(Bar, "told", [])
        huge = [[Fraction(10) ** 400]]
        train(targets=huge, inputs=[[Fraction(1)]], batch_size=1)
        assert Bar.told[1] == ({"loss": "inf"}, False)


class TestArguments:
    """Every argument is looked at before anything is computed."""

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_clip_norm(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A norm is greater than 0; None clips nothing."""
        if bad is not None:
            with refused(exception, "clip_norm", says):
                train(clip_norm=bad)

    def test_layers_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What steps make of good layers is not looked at again."""
        looked: list[str] = []
        check = network._check_type  # noqa: SLF001 (every look at a layer calls it)

        def counting(name: str, layer: Any) -> None:
            looked.append(name)
            check(name, layer)

        monkeypatch.setattr(network, "_check_type", counting)
        counts = []
        for num_epochs in (1, 9):
            train(num_epochs=num_epochs, batch_size=1)
            counts.append(len(looked))
            looked.clear()
        assert counts[0] == counts[1] > 0

    def test_shapes(self) -> None:
        """Inputs have a row for each sample, which the layers take."""
        for rows, shape in (([[[1.0]]] * 3, "(3, 1, 1)"), ([1.0] * 3, "(3,)")):
            says = f"has shape {shape} but must have 2 dimensions"
            with refused(ValueError, "inputs", says):
                train(inputs=rows)
            with refused(ValueError, "validation[0]", says):
                train(validation=(rows, TARGETS))
        says = "has shape (1, 1) but must have 2 rows"
        pairs = [[1.0, 2.0]] * 3
        with refused(ValueError, "layers[0].weights", says):
            train(inputs=pairs)
        says = "has shape (3, 2) but `inputs` has shape (3, 1)"
        with refused(ValueError, "validation[0]", says):
            train(validation=(pairs, TARGETS))
        says = "has shape (3, 2) but `targets` has shape (3, 1)"
        with refused(ValueError, "validation[1]", says):
            train(validation=(INPUTS, pairs))

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_samples(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Inputs and targets, and those to validate on, hold numbers."""
        with refused(exception, "inputs", says):
            train(inputs=bad)
        with refused(exception, "targets", says):
            train(targets=bad)
        with refused(exception, "validation[0]", says):
            train(validation=(bad, TARGETS))
        with refused(exception, "validation[1]", says):
            train(validation=(INPUTS, bad))

    def test_number_of_samples(self) -> None:
        """There are as many targets as inputs, in one row each."""
        says = (
            "has shape (3, 1) but `inputs` has shape (2, 1); "
            "there must be one entry for each sample in both"
        )
        with refused(ValueError, "targets", says):
            train(inputs=INPUTS[:2])
        says = (
            "has shape (3, 1) but `validation[0]` has shape (2, 1); "
            "there must be one entry for each sample in both"
        )
        with refused(ValueError, "validation[1]", says):
            train(validation=(INPUTS[:2], TARGETS))
        shapes = "has shape (3, 1) but `targets` has shape (3,); they must be equal"
        with refused(ValueError, "predictions", shapes):
            train(targets=[row[0] for row in TARGETS])

    @pytest.mark.parametrize("bad", [3, [INPUTS, TARGETS], (INPUTS,), (1, 2, 3), "xy"])
    def test_validation(self, bad: Any) -> None:
        """What to validate on is a pair."""
        says = f"is {shown(bad)} but must be inputs and targets"
        with refused(TypeError, "validation", says):
            train(validation=bad)

    @pytest.mark.parametrize("bad", [None, mean_squared_error, "mse", (abs, abs)])
    def test_loss(self, bad: Any) -> None:
        """A loss stands beside its slope."""
        with refused(TypeError, "loss", f"is {shown(bad)} but must be a Loss"):
            train(loss=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_FUNCTION)
    def test_functions(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A loss, its slope, metrics and a schedule can be called."""
        with refused(exception, "loss.function", says):
            train(loss=Loss(bad, mean_squared_error))
        with refused(exception, "metrics['far']", says):
            train(metrics={"near": abs, "far": bad})
        if bad is not None:
            with refused(exception, "loss.slope", says):
                train(loss=Loss(mean_squared_error, bad))
            with refused(exception, "schedule", says):
                train(schedule=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_returned(self, bad: Any, exception: type[Exception], says: str) -> None:
        """What a loss, a metric and a schedule return are numbers."""
        if isinstance(bad, float) and math.isinf(bad):
            with pytest.raises(DivergenceError):
                train(metrics={"far": lambda *_: bad})
        else:
            with refused(exception, "metrics['far']", says):
                train(metrics={"far": lambda *_: bad})
        with refused(exception, "schedule", says):
            train(schedule=lambda *_: bad)
        if exception is TypeError and not isinstance(bad, list):
            with refused(exception, "loss", says):
                train(loss=Loss(lambda *_: bad, mean_squared_error_slope))

    @pytest.mark.parametrize(
        ("bad", "says"),
        [
            (5.0, "; give `loss.slope` a function, or `return` both"),
            ((1.0, [[1.0]] * 3, 3), "; give `loss.slope` a function, or `return` both"),
            ([1.0, [[1.0]] * 3], "; tuple(...) makes one of a list"),
            (None, "; is a `return` missing?"),
        ],
    )
    def test_one_function(self, bad: Any, says: str) -> None:
        """Without a slope a loss returns both, and with one it does not."""
        expected = (
            f"`loss.function` returned {shown(bad)} but must return a tuple of two, "
            f"the loss and the slope, as `loss.slope` is None{says}"
        )
        with pytest.raises(TypeError, match=re.escape(expected)):
            train(loss=Loss(lambda *_: bad))
        for pair, named in (
            ((None, [[1.0]] * 3), "`loss` is None but must be a number"),
            ((1.0, None), "`loss.slope` is None but must be a number"),
        ):
            with pytest.raises(TypeError, match=re.escape(named)):
                train(loss=Loss(lambda *_, pair=pair: pair))
        with pytest.raises(ValueError, match=r"`loss.slope` has shape \(1,\) but the"):
            train(loss=Loss(lambda *_: (1.0, [1.0])))
        says = "but must return one number; without a `loss.slope` it may return both"
        with pytest.raises(TypeError, match=f"^`loss.function` returned .* {says}$"):
            train(loss=Loss(together(MEAN_SQUARED_ERROR).function, lambda *_: 1.0))

    def test_rate_of_the_schedule(self) -> None:
        """A schedule gives a positive rate."""
        says = "is 0 but must be a positive finite number"
        with refused(ValueError, "schedule", says):
            train(schedule=lambda *_: 0)

    def test_slope(self) -> None:
        """A slope has the shape of the predictions."""
        loss = Loss(mean_squared_error, lambda *_: [1.0])
        says = "has shape (1,) but the prediction has shape (3, 1)"
        with refused(ValueError, "loss.slope", f"{says}; they must be equal"):
            train(loss=loss)

    @pytest.mark.parametrize("bad", [None, 0.1, "adam", Adam, GradientDescent])
    def test_rule(self, bad: Any) -> None:
        """The rule is an update rule of the library, not its class."""
        says = f"is {shown(bad)} but must be an update rule of gdbook.optimizers"
        with refused(TypeError, "rule", says):
            train(rule=bad)

    def test_another_dataclass(self) -> None:
        """A dataclass that is no rule is none."""
        bad = Checkpoint("run.gdbook")
        with refused(TypeError, "rule", f"is {shown(bad)} but must be an UpdateRule"):
            train(rule=bad)

    def test_counts(self) -> None:
        """Epochs and batches are counted."""
        for bad, exception, says in not_a_count(0):
            with refused(exception, "num_epochs", says):
                train(num_epochs=bad)
        for bad, exception, says in not_a_count(1):
            with refused(exception, "batch_size", says):
                train(batch_size=bad)
        says = "is 4 but there are only 3 samples"
        with refused(ValueError, "batch_size", says):
            train(batch_size=4)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_GENERATOR)
    def test_generator(self, bad: Any, exception: type[Exception], says: str) -> None:
        """What shuffles is a generator."""
        with refused(exception, "generator", says):
            train(generator=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_CHOICE)
    def test_progress(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A bar is shown or not."""
        if bad is not None:
            with refused(exception, "progress", says):
                train(progress=bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_PATH)
    def test_resume(self, bad: Any, exception: type[Exception], says: str) -> None:
        """What to go on from is a path."""
        if bad is not None:
            with refused(exception, "resume", says):
                train(resume=bad)

    @pytest.mark.parametrize("bad", [3, [abs], "accuracy", abs])
    def test_metrics(self, bad: Any) -> None:
        """Metrics are functions by name."""
        says = f"is {shown(bad)} but must be functions by name"
        with refused(TypeError, "metrics", says):
            train(metrics=bad)

    @pytest.mark.parametrize("bad", [1, None, "loss", "validation_", "validation_x"])
    def test_names(self, bad: Any) -> None:
        """No name is taken, and each is a text."""
        says = (
            f"holds the name {bad!r} but must hold texts that are neither 'loss' nor "
            "begin with 'validation_'"
        )
        with refused(ValueError, "metrics", says):
            train(metrics={"losses": mean_distance, bad: mean_distance})

    @pytest.mark.parametrize("bad", [3, None, "abc", Callback(), iter(())])
    def test_callbacks(self, bad: Any) -> None:
        """Callbacks form a sequence."""
        says = f"is {shown(bad)} but must be a sequence of Callback"
        with refused(TypeError, "callbacks", says):
            train(callbacks=bad)

    @pytest.mark.parametrize("bad", [3, None, Callback, "early"])
    def test_callback(self, bad: Any) -> None:
        """Each of them is a Callback."""
        says = f"is {shown(bad)} but must be a Callback"
        with refused(TypeError, "callbacks[1]", says):
            train(callbacks=[Callback(), bad])

    def test_layers(self) -> None:
        """The network is looked at."""
        with refused(ValueError, "layers", "is empty but must hold at least one layer"):
            train(layers=[])
        says = "has shape (2, 1) but must have 1 rows"
        with refused(ValueError, "layers[0].weights", says):
            train(layers=[Dense([[1.0], [2.0]])])
        says = "learn nothing but must hold a Dense or a normalising layer"
        with refused(ValueError, "layers", says):
            train(layers=[RELU])

    @pytest.mark.parametrize(("batch_size", "n_samples"), [(1, 3), (2, 3), (3, 4)])
    def test_batches_of_one(self, batch_size: int, n_samples: int) -> None:
        """Batch normalisation cannot use a batch of one."""
        given = {
            "layers": [Dense([[1.0]]), batch_norm(1)],
            "inputs": [[1.0]] * n_samples,
            "targets": [[1.0]] * n_samples,
        }
        says = (
            f"is {batch_size} but must leave no batch of one of {n_samples} samples, "
            "which batch normalisation cannot use"
        )
        with refused(ValueError, "batch_size", says):
            train(**given, batch_size=batch_size)
        without = train(**given | {"layers": [Dense([[1.0]])]}, batch_size=batch_size)
        assert len(without.epochs) == 2

    @pytest.mark.parametrize(("batch_size", "n_samples"), [(2, 4), (3, 5), (4, 4)])
    def test_batches_of_two(self, batch_size: int, n_samples: int) -> None:
        """It can use batches of two or more."""
        history = train(
            layers=[Dense([[1.0]]), batch_norm(1)],
            inputs=[[1.0]] * n_samples,
            targets=[[1.0]] * n_samples,
            batch_size=batch_size,
        )
        assert len(history.epochs) == 2

    def test_another_loss(self) -> None:
        """A yes-or-no network learns from scores: a step towards the yes."""
        history = train(
            layers=[Dense([[0.0]], [0.0])],
            inputs=[[1.0], [-1.0]],
            targets=[[1], [0]],
            loss=SIGMOID_CROSS_ENTROPY,
            rule=GradientDescent(1.0),
            batch_size=2,
        )
        # Errors −1/2 and 1/2: slopes −1/2 along the weight and 0 along the bias.
        assert params(history.layers) == [0.5, 0]


HALVES = np.array([[0.5], [-0.5], [1.0]])
PAIRS = np.array([[0.0, 1.0]] * 3)


def floats(**given: Any) -> FitHistory:
    """Train a line of floats, for three epochs of two steps unless told."""
    arguments: dict[str, Any] = {
        "layers": [Dense(np.array([[0.5]]), np.array([0.25]))],
        "inputs": HALVES.copy(),
        "targets": 2 * HALVES,
        "rule": GradientDescent(0.1),
        "num_epochs": 3,
        "batch_size": 2,
    }
    return train(**arguments | given)


class Spoiler(Callback):
    """One that writes into all that it can reach."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def spoil(self, run: Run, state: Any) -> None:
        """Write into a run and a state, and into what was kept of the last."""
        self.kept.append((run, state))
        spoil(self.kept)
        for epoch in run.epochs:
            epoch.metrics.clear()
            epoch.validation_metrics["more"] = 1
        run.generator_state["state"].clear()

    def init(self, run: Run) -> Any:
        """Keep the state that is given away."""
        self.spoil(run, ())
        self.state = (np.zeros(2), [np.zeros(2)])
        return self.state

    def after_epoch(self, run: Run, state: Any) -> tuple[Decision, Any]:
        """Look whether the state is what it was, and spoil it."""
        assert [array.tolist() for array in arrays(state)] == [[0, 0], [0, 0]]
        assert run.epochs[-1].metrics.keys() == {"far"}
        runs = [kept for kept in self.kept if isinstance(kept, tuple)]
        assert len(run.epochs) == len(runs) // 2 + 2
        given = copy.deepcopy(state)
        spoil(self.state)
        self.spoil(run, state)
        return Decision(), given

    def record(self, run: Run) -> None:
        """Spoil what is recorded as well."""
        self.spoil(run, ())

    def at_end(self, layers: tuple[Layer, ...], state: Any) -> tuple[Layer, ...]:
        """Hand out what is kept, and keep the rest."""
        self.kept.append((layers, state))
        return layers


class TestSharing:
    """Nothing that is returned or remembered is changed by anybody else."""

    METRICS: ClassVar[dict[str, Any]] = {"far": mean_distance}

    @pytest.mark.parametrize("num_epochs", [0, 2])
    def test_layers(self, num_epochs: int) -> None:
        """The trained network shares nothing with the network to begin with."""
        layers = dense_network(
            [1, 3, 1], np.random.default_rng(1), dropout=0.5, normalise=True
        )
        given = {"batch_size": 3, "num_epochs": num_epochs}
        callbacks = (EarlyStopping(5, monitor="loss"), Spoiler())
        history = floats(
            layers=layers, metrics=self.METRICS, callbacks=callbacks, **given
        )
        assert not share(history.layers, layers)
        assert not shares(history.layers)
        assert not share(history.layers, callbacks[1].kept)

    def test_callbacks(self) -> None:
        """A callback that writes into runs and states changes nobody else's."""
        layers = dense_network([1, 3, 1], np.random.default_rng(1), normalise=True)
        given = {
            "layers": layers,
            "metrics": self.METRICS,
            "validation": (HALVES, HALVES),
            "rule": Momentum(0.1),
            "batch_size": 3,
        }
        early, watcher = EarlyStopping(9), Watcher()
        expected = floats(**given, callbacks=[early])
        expected = expected._replace(layers=(*expected.layers, RELU))
        spoilt = floats(**given, callbacks=[Spoiler(), early, watcher])
        assert alike(spoilt, expected)
        assert watcher.log[-2][2].epochs == expected.epochs

    def test_samples(self) -> None:
        """A callback that writes into the samples of the caller trains on the old."""
        inputs, targets = HALVES.copy(), HALVES.copy()

        class Writer(Callback):
            def after_epoch(self, run: Run, state: Any) -> tuple[Decision, Any]:
                spoil((inputs, targets))
                return super().after_epoch(run, state)

        samples: dict[str, Any] = {"inputs": inputs, "targets": targets}
        held_out = (inputs, targets)
        spoilt = floats(**samples, validation=held_out, callbacks=[Writer()])
        assert inputs[0, 0] == 3.5
        clean = {"inputs": HALVES, "targets": HALVES}
        assert alike(spoilt, floats(**clean, validation=(HALVES, HALVES)))

    def test_measures(self) -> None:
        """Losses, slopes and metrics may write into what they are given."""

        def spoiling(function: Any) -> Any:
            def measure(predictions: Any, targets: Any) -> Any:
                found = function(predictions, targets)
                spoil((predictions, targets))
                return found

            return measure

        expected = floats(metrics=self.METRICS | {"again": mean_distance})
        own = Loss(spoiling(mean_squared_error), spoiling(mean_squared_error_slope))
        names = ("far", "again")
        metrics = dict.fromkeys(names, spoiling(mean_distance))
        assert alike(floats(loss=own, metrics=metrics), expected)

    def test_buffers(self) -> None:
        """A slope and an activation that use one array again change nothing."""
        own = Activation(in_a_buffer(cube), in_a_buffer(cube_slope))
        other = Activation(cube, cube_slope)
        square = np.array([[0.5]])
        histories = [
            floats(
                layers=[Dense(square, 0.25, bend), bend, Dense(square, 0, bend)],
                loss=Loss(mean_squared_error, slope),
            )
            for bend, slope in (
                (own, on_a_buffer(mean_squared_error_slope)),
                (other, mean_squared_error_slope),
            )
        ]
        numbers = [flatten(history.layers) for history in histories]
        assert alike(numbers[0], numbers[1])
        assert histories[0].epochs == histories[1].epochs


class TestLossAndSlopeTogether:
    """A loss may be one function that returns its slope as well."""

    @pytest.mark.parametrize("rule", [TENTH, Momentum(0.5), Adam(0.25), AdaGrad(1e200)])
    @pytest.mark.parametrize("exact", [True, False])
    def test_is_the_same(self, rule: Any, exact: bool) -> None:  # noqa: FBT001
        """To the last bit, in fractions and floats, to the end of a divergence."""
        ends: list[Any] = []
        for loss in (MEAN_SQUARED_ERROR, together(MEAN_SQUARED_ERROR)):
            how = {"loss": loss, "rule": rule, "num_epochs": 3, "batch_size": 2}
            how["generator"] = np.random.default_rng(1)
            try:
                history = (train if exact else floats)(**how)
                ends.append((flatten(history.layers), history.epochs))
            except DivergenceError as error:
                ends.append((error.step, str(error)))
        assert alike(*ends)

    def test_one_call_a_step(self) -> None:
        """It is asked once for each batch, and once to measure an epoch."""
        asked = []

        def loss(predictions: Any, targets: Any) -> Any:
            asked.append(len(predictions))
            return together(MEAN_SQUARED_ERROR).function(predictions, targets)

        train(loss=Loss(loss), batch_size=2)
        assert asked == [3, 2, 1, 3]


class TestWork:
    """What cannot change is looked at once."""

    SCORES = np.array([[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]])

    @pytest.mark.parametrize(
        "loss", [MEAN_SQUARED_ERROR, SIGMOID_CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY]
    )
    @pytest.mark.parametrize("rule", [GradientDescent(HALF), Momentum(0.5), Adam()])
    @pytest.mark.parametrize("width", [np.float32, float])
    def test_steps_are_those_of_the_parts(
        self, loss: Loss, rule: Any, width: Any
    ) -> None:
        """To the last bit, as if each part were called by hand."""
        layers: Any = [
            Dense(np.array([[0.5, -1.0]], width), np.array([0.25, 1], width), TANH),
            Dense(np.array([[1.5, 0.5], [-1, 2]], width), np.zeros(2, width), RELU),
            Dense(np.array([[1.5, 0.5], [-1, 2]], width), 0.5),
        ]
        inputs, targets = HALVES.astype(width), self.SCORES.astype(width)
        history = floats(
            layers=layers, inputs=inputs, targets=targets, loss=loss, rule=rule
        )
        vector, generator = flatten(layers), np.random.default_rng(1)
        state = rule.init(vector)
        for _ in range(3):
            for batch in batches(3, 2, generator):
                passed = network.forward_pass(layers, inputs[batch])
                slope = loss.slope(passed.values[-1], targets[batch])
                gradient = network.backward(layers, passed, slope).gradient
                update, state = rule.update(gradient, state)
                layers = unflatten(layers, flatten(layers) + update)
        assert alike(flatten(history.layers), flatten(layers))

    @pytest.mark.parametrize(
        "loss", [MEAN_SQUARED_ERROR, SIGMOID_CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY]
    )
    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"layers": [Dense([[HALF, -HALF]], [HALF, Fraction(1)], RELU)]},
            {"rule": GradientDescent(4e307), "batch_size": 1},
            {"rule": GradientDescent(1e300), "batch_size": 1},
            {  # the running numbers stay in range, those of a batch do not
                "layers": [
                    Dense([[0.25, -0.25]], [0.0, 0.0]),
                    batch_norm(2)._replace(scale=np.full(2, 1.7e308)),
                ],
                "batch_size": 3,
            },
        ],
    )
    def test_checks_change_nothing(self, loss: Loss, given: Any) -> None:
        """A slope without checks is the same, and divergence has the same words."""
        ends: list[Any] = []
        for own in (loss, Loss(*loss)):
            how = {"layers": [Dense([[0.0, 0.0]], [0.0, 0.0])], "loss": own, **given}
            how["targets"] = [[Fraction(int(x)) for x in y] for y in np.eye(3, 2)]
            how["targets"][2][0] += 1
            try:
                history = train(**{"num_epochs": 2, "batch_size": 2, **how})
                ends.append((flatten(history.layers), history.epochs))
            except DivergenceError as error:
                ends.append((error.step, str(error)))
        assert alike(*ends)

    def test_targets(self) -> None:
        """Whether they are probabilities is asked once for each measurement."""
        for loss in (SIGMOID_CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY):
            looks = [
                calls_of(
                    _targets_inside,
                    lambda size=size, loss=loss: floats(  # type: ignore[misc]
                        layers=[Dense([[0.5, 1.0]], [0.0, 0.0])],
                        targets=self.SCORES,
                        loss=loss,
                        batch_size=size,
                    ),
                )
                for size in (1, 3)
            ]
            assert looks == [4, 4]  # at the start and after each of three epochs

    @pytest.mark.parametrize("rule", [TENTH, Momentum(0.1), Adam(), AdamW()])
    def test_state(self, rule: Any) -> None:
        """A state that the rule made itself is not looked at again."""
        assert calls_of(type(rule).update, lambda: floats(rule=rule)) == 0
        assert calls_of(type(rule).update, lambda: train(rule=TENTH)) == 1


def on_a_buffer(function: Any) -> Any:
    """Make a function of two arrays keep one array for all its results."""
    kept: dict[Any, Any] = {}

    def reuse(predictions: Any, targets: Any) -> Any:
        buffer = kept.setdefault(predictions.shape, np.empty_like(predictions))
        buffer[...] = function(predictions, targets)
        return buffer

    return reuse


RULES = [
    GradientDescent(0.1),
    Momentum(0.1),
    Nesterov(0.1),
    AdaGrad(0.1),
    RMSProp(0.1),
    Adam(0.1),
    AdamW(0.1),
]


class TestWidth:
    """A network of float32 stays one, with every rule."""

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
    @pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
    def test_rules(self, rule: Any, dtype: Any) -> None:
        """Weights, statistics, states, predictions and slopes have its width."""
        seen = []

        def slope(predictions: Any, targets: Any) -> Any:
            found = mean_squared_error_slope(predictions, targets)
            seen.append((predictions, targets, found))
            return found

        ones = np.ones((4, 2), dtype)
        layers = [
            Dense(np.ones((1, 2), dtype), 0.5),
            BatchNorm(ones[0], ones[1], ones[2], ones[3]),
            TANH,
            LayerNorm(ones[0], ones[1]),
            Residual(2),
            Dropout(0.5),
            Dense(np.ones((2, 1), dtype), np.zeros(1, dtype)),
        ]
        watcher = Watcher()
        history = train(
            layers=layers,
            inputs=HALVES.astype(dtype),
            targets=HALVES.astype(dtype),
            loss=Loss(mean_squared_error, slope),
            rule=rule,
            num_epochs=3,
            callbacks=[watcher],
        )
        run = watcher.log[-2][2]
        found = [*arrays(history.layers), *arrays(run.rule_state), *arrays(seen)]
        # The exponents that adaptive rules remember are integers.
        dtypes = {array.dtype for array in found if array.dtype.kind == "f"}
        assert dtypes == {np.dtype(dtype)}
        assert {type(loss) for loss in history.values("loss")} == {float}

    def test_fraction_of_the_rule(self) -> None:
        """A fraction as the rate of a network of floats makes no objects of it."""
        rule = GradientDescent(Fraction(1, 10))
        history = floats(rule=rule, layers=[Dense(np.ones((1, 1), np.float32), 0.5)])
        assert flatten(history.layers).dtype == float

    @pytest.mark.parametrize("name", ["inputs", "targets", "layers"])
    def test_integers_beyond_floats(self, name: str) -> None:
        """An integer that no float holds is told before anything is computed."""
        bad: dict[str, Any] = {
            "inputs": [[1], [2], [10**400]],
            "targets": [[1], [2], [10**400]],
            "layers": [Dense([[10**400]])],
        }
        with pytest.raises(ValueError, match=rf"^`{name}.* an integer of 401 digits"):
            floats(**{name: bad[name]})


@pytest.mark.parametrize("strict", [False, True], ids=["quiet", "raising"])
class TestOverflow:
    """Whatever overflows in a run is reported as divergence, and as nothing else."""

    @pytest.fixture(autouse=True)
    def settings_of_numpy(self, strict: bool) -> Any:  # noqa: FBT001
        """NumPy's own settings change nothing."""
        with np.errstate(all="raise" if strict else "warn"):
            yield

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
    def test_rules(self, rule: Any) -> None:
        """A rate that is far too large."""
        rule = dataclasses.replace(rule, learning_rate=1e200)
        with pytest.raises(DivergenceError):
            floats(rule=rule, num_epochs=99)

    @pytest.mark.parametrize(
        "given",
        [
            {"layers": [Dense([[1e200]]), Dense([[1e200]])]},
            {"layers": [Dense([[1e200]], 0, RELU), Dense([[1e200]])]},
            {"layers": [Dense([[1e200]]), Activation(cube, cube_slope)]},
            {"layers": [Dense([[1.0]]), batch_norm(1)], "inputs": HALVES * 1e200},
            {"layers": [BatchNorm([1e308], [1e308], [0.0], [1e-9])]},
            {"inputs": HALVES * 1e300},
            {"targets": HALVES * 1e300},
            {"validation": (HALVES, HALVES * 1e300)},
            {"validation": (HALVES * 1e300, HALVES)},
            {"metrics": {"large": lambda *_: np.exp(np.float64(1000))}},
            {"metrics": {"large": lambda *_: math.exp(1000)}},
            {"schedule": lambda step, _: math.exp(1000 * step)},
            {"loss": Loss(mean_squared_error, lambda p, t: (p - t) * 1e200 * 1e200)},
            {"loss": Loss(lambda p, _: math.exp(1000 * p.size), lambda p, _: p)},
        ],
    )
    def test_anywhere(self, given: Any) -> None:
        """Forward, backward, in a batch's statistics, in what is measured."""
        with pytest.raises(DivergenceError):
            floats(**{"batch_size": 3} | given)

    def test_small_numbers(self) -> None:
        """What is too small for a float is zero, and no error."""
        history = floats(
            layers=[Dense([[1e-200]]), TANH, Dense([[1e-200]])], rule=Adam(0.1)
        )
        assert len(history.epochs) == 4


class TestWords:
    """What went wrong, and the way out, for the mistakes that people make."""

    @pytest.mark.parametrize(
        ("end", "loss"),
        [
            (SIGMOID, BINARY_CROSS_ENTROPY),
            (SOFTMAX, CROSS_ENTROPY),
            (SIGMOID, Loss(losses.binary_cross_entropy, mean_squared_error_slope)),
        ],
    )
    @pytest.mark.parametrize("where", ["start", "validation", "later"])
    def test_saturated(self, end: Activation, loss: Loss, where: str) -> None:
        """A probability that is rounded to 0 or 1 points to the loss of scores."""
        weights = np.array([[1.0, -1.0]]) * (1e5 if where == "start" else 1)
        given: dict[str, Any] = {"targets": [[1, 0], [0, 1], [1, 0]]}
        if where == "validation":
            given["validation"] = ([[1e5]], [[1, 0]])
        if where == "later":
            given |= {"rule": GradientDescent(1e6), "num_epochs": 9}
        says = "`predictions` holds .*; a sigmoid or softmax of large sums rounds to "
        with pytest.raises(ValueError, match=says) as caught:
            floats(layers=[Dense(weights, 0, end)], loss=loss, **given)
        assert "SIGMOID_CROSS_ENTROPY" in str(caught.value)

    @pytest.mark.parametrize("loss", [SIGMOID_CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY])
    @pytest.mark.parametrize(
        ("layers", "name", "end"),
        [
            ([Dense(np.eye(2), 0, SOFTMAX)], "layers[0].activation", "softmax"),
            ([Dense(np.eye(2), 0, SIGMOID)], "layers[0].activation", "sigmoid"),
            ([Dense(np.eye(2)), SOFTMAX], "layers[1]", "softmax"),
            ([Dense(np.eye(2)), SIGMOID, Dropout(0.5)], "layers[1]", "sigmoid"),
            ([Dense(np.eye(2)), SOFTMAX, IDENTITY], "layers[1]", "softmax"),
            (
                [Dense(np.eye(2), 0, SOFTMAX), Dropout(0.1), Dropout(0.2)],
                "layers[0].activation",
                "softmax",
            ),
        ],
    )
    def test_twice(self, layers: Any, name: str, end: str, loss: Loss) -> None:
        """A softmax under a loss that holds one is refused before it trains."""
        with refused(ValueError, name, f"is {end} but must be left out"):
            train(layers=layers, loss=loss, inputs=PAIRS, targets=PAIRS)

    @pytest.mark.parametrize(
        ("layers", "name", "end"),
        [
            ([Dense(np.eye(2))], "layers[0].activation", "identity"),
            ([Dense(np.eye(2), 0, RELU)], "layers[0].activation", "relu"),
            ([Dense(np.eye(2), 0, leaky())], "layers[0].activation", "leaky_relu"),
            ([Dense(np.eye(2)), TANH], "layers[1]", "tanh"),
            ([Dense(np.eye(2), 0, SOFTMAX), batch_norm(2)], "layers[1]", "BatchNorm"),
            ([batch_norm(2), IDENTITY, Dropout(0.5)], "layers[0]", "BatchNorm"),
            ([Dense(np.eye(2), 0, SOFTMAX), layer_norm(2)], "layers[1]", "LayerNorm"),
            ([Dense(np.eye(2), 0, SOFTMAX), Residual()], "layers[1]", "Residual"),
        ],
    )
    @pytest.mark.parametrize(
        ("loss", "wanted"),
        [(BINARY_CROSS_ENTROPY, "sigmoid"), (CROSS_ENTROPY, "softmax")],
    )
    def test_scores(
        self, layers: Any, name: str, end: str, loss: Loss, wanted: str
    ) -> None:
        """Scores under a loss of probabilities are refused, with the loss of scores."""
        with refused(ValueError, name, f"is {end} but must be {wanted}"):
            train(layers=layers, loss=loss, inputs=PAIRS, targets=PAIRS)

    def test_end_of_ones_own(self) -> None:
        """An activation of the reader's may give probabilities, or scores."""

        def own_sigmoid(values: Any) -> Any:
            return SIGMOID.function(values)

        own = Activation(own_sigmoid, SIGMOID.slope)
        for loss in (BINARY_CROSS_ENTROPY, SIGMOID_CROSS_ENTROPY):
            layers = [Dense([[0.5]], 0, own)]
            history = floats(layers=layers, loss=loss, targets=[[1], [0], [1]])
            assert len(history.epochs) == 4

    def test_sigmoids_of_classes(self) -> None:
        """Sigmoids do not add up to 1, as a loss of classes wants."""
        layers = [Dense(np.eye(2), 0, SIGMOID)]
        says = "is sigmoid but must be softmax"
        with refused(ValueError, "layers[0].activation", says):
            train(layers=layers, loss=CROSS_ENTROPY, inputs=PAIRS, targets=PAIRS)

    @pytest.mark.parametrize(
        ("layers", "loss"),
        [
            ([Dense(np.eye(2), 0, SIGMOID), Dropout(0.5)], BINARY_CROSS_ENTROPY),
            ([Dense(np.eye(2)), SOFTMAX, Dropout(0.5)], CROSS_ENTROPY),
        ],
    )
    def test_dropped_probabilities(self, layers: Any, loss: Loss) -> None:
        """Dropout enlarges what stays, which is no probability any more."""
        says = "is Dropout(rate=0.5) but must be left out"
        with refused(ValueError, f"layers[{len(layers) - 1}]", says):
            train(layers=layers, loss=loss, inputs=PAIRS, targets=PAIRS)

    @pytest.mark.parametrize(
        ("targets", "n_outputs", "loss", "says"),
        [
            ([0, 2, 1], 3, SOFTMAX_CROSS_ENTROPY, "one_hot(labels, 3) makes rows"),
            ([[0], [2], [1]], 3, MEAN_SQUARED_ERROR, "one_hot(labels, 3) makes rows"),
            ([0, 1, 1], 1, SIGMOID_CROSS_ENTROPY, "reshape((3, 1))"),
            ([[1], [2], [1]], 1, SIGMOID_CROSS_ENTROPY, "class labels"),
            ([[1], [2], [1]], 1, BINARY_CROSS_ENTROPY, "class labels"),
        ],
    )
    def test_labels(self, targets: Any, n_outputs: int, loss: Loss, says: str) -> None:
        """Class labels, one column, and labels from 1 on have their way out."""
        end = SIGMOID if loss is BINARY_CROSS_ENTROPY else IDENTITY
        layers = [Dense(np.ones((1, n_outputs)), 0, end)]
        with pytest.raises(ValueError, match=re.escape(says)):
            floats(layers=layers, targets=targets, loss=loss)

    def test_labels_of_ones_own(self) -> None:
        """A loss of the reader's may take class labels."""

        def surprise(scores: Any, labels: Any) -> Any:
            rows = np.eye(2)[labels.astype(int)]
            return SOFTMAX_CROSS_ENTROPY.function(scores, rows)

        def slope(scores: Any, labels: Any) -> Any:
            rows = np.eye(2)[labels.astype(int)]
            return SOFTMAX_CROSS_ENTROPY.slope(scores, rows)

        history = floats(
            layers=[Dense([[1.0, 2.0]])], targets=[0, 1, 1], loss=Loss(surprise, slope)
        )
        losses_ = history.values("loss")
        assert losses_[-1] < losses_[0]

    @pytest.mark.parametrize(
        ("name", "bad", "says"),
        [
            ("layers", RELU, "[layer] makes one"),
            ("rule", Adam, "Adam(...) makes one"),
            ("loss", mean_squared_error, "MEAN_SQUARED_ERROR"),
            ("loss", losses.softmax_cross_entropy, "SOFTMAX_CROSS_ENTROPY"),
            ("loss", mean_distance, "Loss(function, slope) makes one"),
            ("callbacks", EarlyStopping(1), "[callback] makes one"),
            ("callbacks", [EarlyStopping], "EarlyStopping(...) makes one"),
            ("validation", [HALVES, HALVES], "as in validation=(inputs, targets)"),
            ("validation", zip(HALVES, HALVES, strict=True), "as in validation="),
            ("generator", 1, "default_rng"),
            ("generator", np.random.RandomState(1), "default_rng"),
            ("num_epochs", 2.0, ""),
        ],
    )
    def test_way_out(self, name: str, bad: Any, says: str) -> None:
        """What is nearly right has a way out."""
        match = rf"^`{name}.* is .* but must be .*{re.escape(says)}"
        with pytest.raises(TypeError, match=match) as caught:
            floats(**{name: bad})
        assert len(str(caught.value)) < 250

    def test_monitor(self) -> None:
        """A name that is spelt wrong is told before the first step."""
        says = "is 'los' but must be one of: loss; loss is meant?"
        with refused(ValueError, "monitor", says):
            floats(callbacks=[EarlyStopping(1, monitor="los")])
        with pytest.raises(ValueError, match="`validation` gives `fit` samples"):
            floats(callbacks=[EarlyStopping(1)])

    def test_layers_that_do_not_fit(self) -> None:
        """Both of two layers are named, and the shape."""
        layers = [Dense([[1.0, 2.0]]), RELU, Dense([[1.0]] * 3)]
        says = "has shape (3, 1) but must have 2 rows; one for each number in `layers["
        with pytest.raises(ValueError, match=re.escape(says + "0]`")):
            floats(layers=layers)


class TestCallbacksOfOnesOwn:
    """What a callback gives is looked at."""

    class Own(Callback):
        """One that gives what it is told to."""

        NOTHING: ClassVar[Any] = (Decision(), None)

        def __init__(self, decided: Any = NOTHING, end: Any = LINE) -> None:
            self.decided, self.end = decided, end

        def after_epoch(self, run: Run, state: Any) -> Any:  # noqa: ARG002
            """Give it."""
            return self.decided

        def at_end(self, layers: Any, state: Any) -> Any:  # noqa: ARG002
            """Give it."""
            return self.end

    @pytest.mark.parametrize(
        "bad", [None, 3, Decision(), (None, None), ("stop", 1), (Decision(),), Decision]
    )
    def test_decision(self, bad: Any) -> None:
        """A decision and a state."""
        says = f"gives {shown(bad)} but must give a Decision and a state"
        with refused(TypeError, "callbacks[1].after_epoch", says):
            train(callbacks=[Callback(), self.Own(bad)])

    @pytest.mark.parametrize("bad", [True, 3, b"enough", ["enough"]])
    def test_stop(self, bad: Any) -> None:
        """A reason to stop is a text."""
        says = f"stops for {shown(bad)} but must for a text"
        with refused(TypeError, "callbacks[0].after_epoch", says):
            train(callbacks=[self.Own((Decision(stop=bad), None))])

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_rate(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A rate is positive."""
        if bad is not None:
            with refused(exception, "callbacks[0].after_epoch learning_rate", says):
                train(callbacks=[self.Own((Decision(learning_rate=bad), None))])

    @pytest.mark.parametrize(
        ("bad", "exception"),
        [(None, TypeError), (3, TypeError), ([], ValueError), ([None], TypeError)],
    )
    def test_end(self, bad: Any, exception: type[Exception]) -> None:
        """What is handed out in the end are layers."""
        says = f"gives {shown(bad)} but must give layers"
        with refused(exception, "callbacks[1].at_end", says):
            train(callbacks=[Callback(), self.Own(end=bad)])

    def test_rule(self) -> None:
        """An update has a number for each that is learned."""

        @dataclasses.dataclass(frozen=True)
        class Short:
            learning_rate: float = 0.1

            def init(self, _params: Any) -> None:
                """Remember nothing."""

            def update(self, gradient: Any, state: Any) -> Any:
                """Step on the first slope only."""
                return -self.learning_rate * gradient[:1], state

        says = "gives an update of shape (1,) but must give shape (2,)"
        with refused(ValueError, "rule", says):
            floats(rule=Short())
