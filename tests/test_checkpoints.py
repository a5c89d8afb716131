"""Runs on disk: whole or not at all, and nothing in them is executed."""

import hashlib
import json
import math
import os
import pickle
import random
import re
import threading
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest
from alike import alike
from bad_input import NOT_A_PATH, not_a_count, refused
from children import said
from peak import peak

from gdbook import _codec, checkpoints
from gdbook._checks import shown
from gdbook.activations import RELU, TANH, Activation, leaky
from gdbook.callbacks import (
    Callback,
    Decision,
    EarlyStopping,
    EarlyStoppingState,
    Epoch,
    ReduceOnPlateau,
    ReduceOnPlateauState,
    Run,
)
from gdbook.checkpoints import SETTINGS, Checkpoint, CheckpointError, load, save
from gdbook.fitting import fit
from gdbook.losses import MEAN_SQUARED_ERROR, SIGMOID_CROSS_ENTROPY, Loss
from gdbook.network import (
    BatchNorm,
    Dense,
    Dropout,
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
    MomentumState,
    Nesterov,
    RMSProp,
)
from gdbook.packing import snapshot
from gdbook.schedules import cosine_decay

MAGIC = b"gdbook checkpoint 2\n"
FORM = "is of another form than `save` writes"
DAMAGED = "is damaged: its contents do not fit its fingerprint"
EARLY = EarlyStoppingState(0, (np.array([1.5, 0.5]),))
MOMENTUM = "MomentumState(velocity=array([0., 0.]))"


def run_with(weight: float = 1.5, **given: Any) -> Run:
    """Make a small run, at its start."""
    layers = (Dense(np.array([[weight]]), np.array([0.5])),)
    run = Run(layers, (Epoch(2.25),), 0, 0.1, GradientDescentState(), (), {})
    return run._replace(**given)


def run_after(num_epochs: int, **given: Any) -> Run:
    """Make a run with one step for each epoch."""
    epochs = (Epoch(2.25),) * (num_epochs + 1)
    return run_with(epochs=epochs, num_steps=num_epochs, **given)


def stamped(body: bytes) -> bytes:
    """Put a right fingerprint before any contents."""
    return MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def fields_at(path: Path) -> dict[str, Any]:
    """Give what stands in a file."""
    found: dict[str, Any] = _codec.unpack(memoryview(path.read_bytes())[85:])
    return found


@pytest.fixture(name="path")
def path_(tmp_path: Path) -> Path:
    """Give a place for a file."""
    return tmp_path / "run.gdbook"


def names(path: Path) -> list[str]:
    """List what lies beside a file, itself included."""
    return sorted(entry.name for entry in path.parent.iterdir())


def mean(predictions: Any, _: Any) -> float:
    """Measure something."""
    return float(predictions.mean())


def lowest(predictions: Any, _: Any) -> float:
    """Measure something else."""
    return float(predictions.min())


def falling(rate: float, step: int, _: Any) -> float:
    """Follow a schedule."""
    return rate / (step + 1)


class Square:
    """An activation that is an object."""

    def __call__(self, values: Any) -> Any:
        """Give the square."""
        return values**2


class Everything:
    """A training run with every part that a checkpoint has to hold."""

    def __init__(self, path: Path) -> None:
        generator = np.random.default_rng(5)
        inputs = generator.normal(size=(13, 2))
        self.path = path
        self.given: dict[str, Any] = {
            "layers": dense_network(
                [2, 6, 4, 1],
                np.random.default_rng(0),
                activation=TANH,
                dropout=0.25,
                normalise=True,
            ),
            "inputs": inputs,
            "targets": (inputs[:, :1] * inputs[:, 1:] > 0).astype(float),
            "loss": SIGMOID_CROSS_ENTROPY,
            "rule": Adam(0.5),
            "batch_size": 5,
            "validation": (generator.normal(size=(5, 2)), np.ones((5, 1))),
            "metrics": {"mean": mean},
            "callbacks": [
                ReduceOnPlateau(1, 0.5),
                Checkpoint(path),
                EarlyStopping(6, monitor="validation_mean", mode="max"),
            ],
        }

    def fit(self, num_epochs: int, *, seed: int = 1, **other: Any) -> Any:
        """Train with dropout, batch normalisation, and all callbacks at once."""
        bits = other.pop("bits", np.random.PCG64)
        generator = np.random.Generator(bits(seed))
        return fit(
            **{"generator": generator} | self.given | other, num_epochs=num_epochs
        )


class TestResume:
    """An interrupted run goes on as if nothing had happened."""

    @pytest.mark.parametrize("split", [1, 2, 5, 8])
    def test_same_to_the_last_bit(self, split: int, path: Path) -> None:
        """Wherever it was interrupted, and with whatever seed it is begun again."""
        everything = Everything(path)
        whole = everything.fit(9)
        kept = path.read_bytes()
        # The rate was reduced on the way, and the best epoch is not the last.
        assert len({epoch.learning_rate for epoch in whole.epochs}) > 1
        everything.fit(split)
        resumed = everything.fit(9, seed=99, resume=path)
        assert alike(resumed, whole)
        assert path.read_bytes() == kept

    @pytest.mark.parametrize(
        ("rule", "bits"),
        [
            (GradientDescent(0.1), np.random.PCG64),
            (Momentum(0.1), np.random.PCG64DXSM),
            (Nesterov(0.1, 0.9), np.random.MT19937),
            (AdaGrad(0.1), np.random.Philox),
            (RMSProp(0.1), np.random.SFC64),
            (AdamW(0.1), np.random.MT19937),
        ],
    )
    def test_rules_and_generators(self, rule: Any, bits: Any, path: Path) -> None:
        """Every kind of state is kept."""
        everything = Everything(path)
        whole = everything.fit(4, rule=rule, bits=bits)
        everything.fit(2, rule=rule, bits=bits)
        resumed = everything.fit(4, rule=rule, bits=bits, seed=7, resume=path)
        assert alike(resumed, whole)

    @pytest.mark.parametrize("kind", [np.float32, np.float64, np.longdouble, Fraction])
    def test_kinds_of_numbers(self, kind: Any, path: Path) -> None:
        """Whatever numbers a network is made of, none is rounded."""
        rows = np.array([[kind(2)], [kind(1)], [kind(3)]])
        rate = (Fraction(1, 50), Fraction(1, 2)) if kind is Fraction else (0.02, 0.5)
        given: dict[str, Any] = {
            "layers": [Dense(rows[:1] / kind(7), rows[0]), Dense(rows[0] / kind(3))],
            "inputs": rows,
            "targets": rows[:, 0] / kind(3),
            "loss": MEAN_SQUARED_ERROR,
            "rule": Momentum(*rate),
            "batch_size": 2,
            "callbacks": [Checkpoint(path), EarlyStopping(5, monitor="loss")],
        }

        def train(num_epochs: int, **other: Any) -> Any:
            generator = np.random.default_rng(1)
            return fit(**given, num_epochs=num_epochs, generator=generator, **other)

        whole = train(3)
        train(1)
        resumed = train(3, resume=path)
        for first, second in zip(resumed.layers, whole.layers, strict=True):
            assert first.weights.dtype == second.weights.dtype
            assert alike(first.weights.tolist(), second.weights.tolist())
        assert alike(resumed.epochs, whole.epochs)
        if kind is Fraction:
            assert type(resumed.epochs[-1].loss) is Fraction

    def test_again_and_again(self, path: Path) -> None:
        """A run that is interrupted after every epoch is one run."""
        everything = Everything(path)
        whole = everything.fit(5)
        for num_epochs in range(1, 6):
            resume = path if num_epochs > 1 else None
            resumed = everything.fit(num_epochs, seed=num_epochs, resume=resume)
        assert alike(resumed, whole)

    def test_another_network_to_begin_with(self, path: Path) -> None:
        """Its numbers come from the file, and callbacks look at none but those."""
        everything = Everything(path)
        whole = everything.fit(6)
        kept = path.read_bytes()
        everything.fit(2)
        layers = everything.given["layers"]
        worse = [x._replace(bias=x.bias + 9) if type(x) is Dense else x for x in layers]
        resumed = everything.fit(6, layers=worse, resume=path)
        assert alike(resumed, whole)
        assert path.read_bytes() == kept

    def test_schedule(self, path: Path) -> None:
        """A schedule goes on where it was."""
        schedule = lambda step, _: cosine_decay(0.5, step, num_steps=40)  # noqa: E731
        everything = Everything(path)
        whole = everything.fit(4, schedule=schedule)
        everything.fit(2, schedule=schedule)
        assert alike(everything.fit(4, schedule=schedule, resume=path), whole)

    def test_stopped(self, path: Path) -> None:
        """A run that was stopped stays stopped, with its best network."""
        everything = Everything(path)
        whole = everything.fit(99)
        assert whole.stopped == "validation_mean has not improved for 6 epochs"
        assert alike(everything.fit(99, seed=3, resume=path), whole)

    def test_as_many_epochs(self, path: Path) -> None:
        """A run that has all its epochs takes no further step."""
        everything = Everything(path)
        whole = everything.fit(3)
        assert alike(everything.fit(3, seed=3, resume=path), whole)

    def test_fewer_epochs(self, path: Path) -> None:
        """A run that has more epochs cannot have fewer."""
        everything = Everything(path)
        everything.fit(3)
        says = "is 2 but must be at least 3, the epochs of the run in the checkpoint "
        with refused(ValueError, "num_epochs", says + shown(str(path))):
            everything.fit(2, resume=path)
        with refused(ValueError, "num_epochs", says + shown(str(path))):
            everything.fit(2, resume=path, rule=Adam(0.1), changed=["rule"])

    def test_fresh_process(self, path: Path) -> None:
        """What a run is known by is the same in another process."""
        script = (
            "import sys\n"
            "from pathlib import Path\n"
            "from test_checkpoints import Everything\n"
            "Everything(Path(sys.argv[1])).fit(2)\n"
        )
        said(script, path, PYTHONHASHSEED="7")
        said(script.replace("2)", "3, resume=sys.argv[1])"), path, PYTHONHASHSEED="8")
        assert len(fields_at(path)["epochs"]["loss"]) == 4

    def test_progress(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The bar begins where the run does."""
        given: dict[str, Any] = {
            "layers": [Dense([[0.0]], [0.0])],
            "inputs": [[1.0]],
            "targets": [[1.0]],
            "loss": MEAN_SQUARED_ERROR,
            "rule": GradientDescent(0.1),
            "batch_size": 1,
            "callbacks": [Checkpoint(path)],
        }
        fit(**given, num_epochs=2, generator=np.random.default_rng(1))
        fit(
            **given,
            num_epochs=3,
            generator=np.random.default_rng(1),
            resume=path,
            progress=True,
        )
        error = capsys.readouterr().err
        assert "2/3" in error
        assert "3/3" in error
        assert "0/3" not in error

    def test_no_file(self, path: Path) -> None:
        """There is nothing to go on from."""
        with pytest.raises(FileNotFoundError, match=r"run\.gdbook"):
            Everything(path).fit(2, resume=path)


class TestAnotherRun:
    """A checkpoint belongs to a network, to data and to the settings of a run."""

    ROWS: ClassVar[list[list[float]]] = [[1.0], [2.0]]
    GIVEN: ClassVar[dict[str, Any]] = {
        "layers": [Dense(np.array([[1.5]]), np.array([0.5]))],
        "inputs": ROWS,
        "targets": ROWS,
        "loss": MEAN_SQUARED_ERROR,
        "rule": GradientDescent(0.1),
        "num_epochs": 2,
        "batch_size": 2,
    }
    OTHER: ClassVar[dict[str, Any]] = {"validation": (ROWS, ROWS)}

    def fit(self, path: Path, **other: Any) -> Any:
        """Train the small run, with something else."""
        given: dict[str, Any] = {
            "callbacks": [Checkpoint(path)],
            "generator": np.random.default_rng(1),
        }
        return fit(**given | self.GIVEN | other)

    @pytest.mark.parametrize(
        ("name", "before", "after", "old", "new"),
        [
            ("inputs", [[1.0], [2.0]], [[1.0], [2.5]], "float64 of shape (2, 1)", ""),
            ("inputs", [[1.0], [2.0]], [[2.0], [1.0]], "float64 of shape (2, 1)", ""),
            (
                "inputs",
                np.array([[1], [2]], np.float32),
                np.array([[1], [2]], np.float64),
                "float32 of shape (2, 1)",
                "float64 of shape (2, 1)",
            ),
            ("targets", [[1.0], [2.0]], [[1.0], [2.5]], "float64 of shape (2, 1)", ""),
            ("validation", None, (ROWS, ROWS), "()", "(float64 of shape (2, 1)"),
            (
                "validation",
                (ROWS, ROWS),
                (ROWS, ROWS[::-1]),
                "...",
                "...",
            ),
            (
                "loss",
                MEAN_SQUARED_ERROR,
                Loss(MEAN_SQUARED_ERROR.function, lambda p, t: p - t),
                "...quared_error, slope=mean_squared_error_slope)",
                "...quared_error, slope=",
            ),
            (
                "rule",
                GradientDescent(0.1),
                GradientDescent(0.2),
                "GradientDescent(learning_rate=0.1)",
                "GradientDescent(learning_rate=0.2)",
            ),
            (
                "rule",
                Adam(beta2=0.99),
                Adam(beta2=0.999),
                "...eta1=0.9, beta2=0.99, epsilon=1e-08, bias_correction",
                "...eta1=0.9, beta2=0.999, epsilon=1e-08, bias_correctio",
            ),
            ("rule", Momentum(0.1), Nesterov(0.1), "Momentum(", "Nesterov("),
            ("batch_size", 2, 1, "2", "1"),
            ("metrics", None, {"mean": mean}, "{}", "{'mean': "),
            ("metrics", {"mean": mean}, {"mean": lowest}, "...", "..."),
            (
                "callbacks",
                (),
                [EarlyStopping(3, monitor="loss")],
                "(Checkpoint())",
                "(EarlyStopping(patience=3",
            ),
            (
                "callbacks",
                [EarlyStopping(3, monitor="loss")],
                [EarlyStopping(4, monitor="loss")],
                "...lyStopping(patience=3, ",
                "...lyStopping(patience=4, ",
            ),
            (
                "callbacks",
                [ReduceOnPlateau(3, monitor="loss"), EarlyStopping(3, monitor="loss")],
                [EarlyStopping(3, monitor="loss"), ReduceOnPlateau(3, monitor="loss")],
                "(ReduceOnPlateau(patience=3",
                "(EarlyStopping(patience=3",
            ),
            (
                "schedule",
                None,
                partial(falling, 0.1),
                "None",
                "partial(",
            ),
            (
                "schedule",
                lambda step, _: 0.1 / (step + 1),
                lambda step, _: 0.1 / (step + 2),
                "",
                "",
            ),
            ("clip_norm", None, 0.5, "None", "0.5"),
            ("clip_norm", 0.25, 0.5, "0.25", "0.5"),
            (
                "generator",
                np.random.Generator(np.random.PCG64(1)),
                np.random.Generator(np.random.MT19937(1)),
                "'PCG64'",
                "'MT19937'",
            ),
            (
                "layers",
                [Dense(np.array([[1.5]]), np.array([0.5]))],
                [Dense(np.array([[1.5]]), np.array([0.5])), Dropout(0.5)],
                "...ope=identity_slope)))",
                "...ope=identity_slope)), Dropout(rate=0.5))",
            ),
        ],
    )
    def test_what_differs(  # noqa: PLR0917
        self, name: str, before: Any, after: Any, old: str, new: str, path: Path
    ) -> None:
        """It is named, old and new, and it can be allowed; nothing else can."""
        first, second = (
            {name: [*value, Checkpoint(path)] if name == "callbacks" else value}
            for value in (before, after)
        )
        self.fit(path, **first)
        kept = path.read_bytes()
        others = [other for other in SETTINGS if other != name]
        for changed in ((), others):
            with pytest.raises(CheckpointError) as caught:
                self.fit(path, **second, resume=path, changed=changed)
            quoted = r"(['\"])(.*)\1, not (['\"])(.*)\3"
            found = re.fullmatch(
                rf"belongs to another run, whose `{name}` was {quoted}; "
                "`changed` names what may differ",
                caught.value.reason,
            )
            assert found
            assert found[2].startswith(old)
            assert found[4].startswith(new)
            assert found[2] != found[4]
            assert len(caught.value.reason) < 250
        assert path.read_bytes() == kept
        resumed = self.fit(path, **second, resume=path, changed=(name,), num_epochs=3)
        assert len(resumed.epochs) == 4
        # From now on, this is the run.
        assert alike(self.fit(path, **second, resume=path, num_epochs=3), resumed)
        assert fields_at(path)["changed"] == (name,)

    def test_several(self, path: Path) -> None:
        """All that differ are named, but for those that may."""
        self.fit(path)
        other: dict[str, Any] = {"rule": GradientDescent(0.2), "batch_size": 1}
        with pytest.raises(CheckpointError) as caught:
            self.fit(path, **other, resume=path)
        assert caught.value.reason == (
            "belongs to another run, whose `rule` was 'GradientDescent(learning_rate="
            "0.1)', not 'GradientDescent(learning_rate=0.2)', and whose `batch_size` "
            "was '2', not '1'; `changed` names what may differ"
        )
        with pytest.raises(CheckpointError, match=r"run, whose `batch_size` was '2', "):
            self.fit(path, **other, resume=path, changed=["rule"])
        self.fit(path, **other, resume=path, changed={"rule", "batch_size"})

    def test_all(self, path: Path) -> None:
        """Even where all differ, the message has an end."""
        save(path, run_with())
        settings = dict.fromkeys(SETTINGS, "x" * 10**5)
        with pytest.raises(CheckpointError) as caught:
            load(path, run_with(settings=settings))
        assert all(f"whose `{name}` was" in caught.value.reason for name in SETTINGS)
        assert len(caught.value.reason) < 2000

    def test_fractions(self, path: Path) -> None:
        """Exact data are known by their numbers as well."""
        half = Fraction(1, 2)
        exact: dict[str, Any] = {
            "layers": [Dense([[half]], [half])],
            "targets": [[half], [half]],
        }
        self.fit(path, **exact, inputs=[[half], [2 * half]])
        with pytest.raises(CheckpointError, match="`inputs` was 'object of shape"):
            self.fit(path, **exact, inputs=[[half], [3 * half]], resume=path)

    def test_what_may_differ(self, path: Path) -> None:
        """The numbers of the network, the seed, more epochs, and where it is kept."""
        whole = self.fit(path, num_epochs=4)
        self.fit(path)
        other = path.with_name("other.gdbook")
        path.rename(other)
        resumed = self.fit(
            path,
            layers=[Dense(np.array([[7.5]]), np.array([7.5]))],
            generator=np.random.default_rng(7),
            num_epochs=4,
            resume=other,
            callbacks=[Checkpoint(path, every=2)],
        )
        assert alike(resumed, whole)

    @pytest.mark.parametrize(
        ("layers", "described"),
        [
            ([Dense(np.array([[1.5], [1.5]]).T, np.array([0.5, 0.5]))], "1, 2), bias="),
            ([Dense([[1.5]], 0.5)], "ights=(1, 1), bias=(), activation="),
            ([Dense([[1.5]], [0.5], RELU)], "relu, slope=relu_slope"),
            (
                [Dense([[1.5]], [0.5], leaky(0.25))],
                "partial(leaky_relu, negative_sl",
            ),
            ([Activation(partial(np.clip, min=0, max=1), abs)], "(Activation("),
            ([Dense([[1.5]], [0.5], Activation(np.sin, np.cos))], "sin, slope=ufunc"),
            ([Dense([[1.5]], [0.5]), TANH], ", Activation(function=tanh"),
            ([Dense([[1.5]], [0.5]), Dropout(0.5)], ", Dropout(rate=0.5)"),
            ([Dense([[1.5]], [0.5]), batch_norm(1)], ", BatchNorm(scale=(1)"),
            ([Dense([[1.5]], [0.5]), layer_norm(1)], ", LayerNorm(scale=(1)"),
            ([Dense([[1.5]], [0.5]), Residual(1)], ", Residual(n_layers=1)"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_network(self, layers: Any, described: str, path: Path) -> None:
        """Another network: other shapes, activations, or layers."""
        save(path, run_with())
        with pytest.raises(CheckpointError) as caught:
            load(path, run_with(layers=tuple(layers)))
        assert "run, whose `layers` was" in caught.value.reason
        assert described in caught.value.reason

    def test_object_that_can_be_called(self, path: Path) -> None:
        """An activation made of an object is known by its class."""
        layers = (Dense([[1.5]], [0.5], Activation(Square(), abs)),)
        save(path, run_with(layers=layers))
        with pytest.raises(CheckpointError, match="Square"):
            load(path, run_with())


class TestChanged:
    """A run may be changed on the way, if one says so."""

    def test_nothing(self, path: Path) -> None:
        """What is allowed to differ need not differ."""
        everything = Everything(path)
        whole = everything.fit(4)
        kept = path.read_bytes()
        everything.fit(2)
        assert alike(everything.fit(4, resume=path, changed=SETTINGS), whole)
        assert path.read_bytes() == kept
        assert fields_at(path)["changed"] == ()

    def test_rate_of_a_rule(self, path: Path) -> None:
        """A rule with another rate keeps what it remembers."""
        everything = Everything(path)
        everything.fit(2, callbacks=[Checkpoint(path)])
        before = fields_at(path)["rule_state"].items[0]
        resumed = everything.fit(
            3,
            callbacks=[Checkpoint(path)],
            rule=Adam(0.125),
            resume=path,
            changed=("rule",),
        )
        assert [epoch.learning_rate for epoch in resumed.epochs] == [0.5] * 3 + [0.125]
        after = fields_at(path)
        assert (before, after["rule_state"].items[0]) == (6, 9)
        assert after["learning_rate"] == 0.125

    def test_another_rule(self, path: Path) -> None:
        """A rule that remembers other things begins anew."""
        everything = Everything(path)
        everything.fit(2)
        everything.fit(3, rule=AdamW(0.1), resume=path, changed=("rule",))
        name, (steps, *_) = fields_at(path)["rule_state"]
        assert (name, steps) == ("AdamWState", 3)

    def test_measured_again(self, path: Path) -> None:
        """The last epoch is measured as later ones are, and callbacks begin there."""
        everything = Everything(path)
        half = everything.fit(3)
        resumed = everything.fit(
            4,
            validation=None,
            metrics={"sum": lambda predictions, _: float(predictions.sum())},
            callbacks=[Checkpoint(path), EarlyStopping(6, monitor="sum", mode="max")],
            resume=path,
            changed=("validation", "metrics", "callbacks"),
        )
        assert alike(resumed.epochs[:3], half.epochs[:3])
        assert list(resumed.epochs[3].values()) == ["loss", "sum"]
        assert list(resumed.epochs[2].values()) == list(half.epochs[3].values())
        assert resumed.epochs[3].loss == half.epochs[3].loss
        assert resumed.epochs[3].learning_rate == half.epochs[3].learning_rate
        states = fields_at(path)["callback_states"]
        assert states[0] is None
        assert states[1].items[0] in {3, 4}

    def test_more_data(self, path: Path) -> None:
        """Data of another shape, and another number of steps from then on."""
        everything = Everything(path)
        everything.fit(2)
        inputs, targets = (everything.given[x] for x in ("inputs", "targets"))
        more: Any = {
            "inputs": np.vstack([inputs, inputs[:12]]),
            "targets": np.vstack([targets, targets[:12]]),
        }
        changed = ("inputs", "targets")
        resumed = everything.fit(3, **more, resume=path, changed=changed)
        assert resumed.num_steps == 2 * 3 + 5
        assert fields_at(path)["changed"] == changed
        again = everything.fit(4, **more, resume=path)
        assert again.num_steps == 2 * 3 + 2 * 5
        # And back.
        less = everything.fit(5, resume=path, changed=changed)
        assert less.num_steps == 2 * 3 + 2 * 5 + 3

    def test_callbacks_keep_their_states(self, path: Path) -> None:
        """Unless they, or what is measured, have changed."""
        everything = Everything(path)
        everything.fit(4)
        before = fields_at(path)["callback_states"]
        resumed = everything.fit(5, batch_size=7, resume=path, changed=("batch_size",))
        after = fields_at(path)["callback_states"]
        assert before[2].items[0] == after[2].items[0] < 4
        assert resumed.num_steps == 4 * 3 + 2

    def test_stopped_run(self, path: Path) -> None:
        """A run that was stopped goes on with more patience."""
        everything = Everything(path)
        stopped = everything.fit(99)
        callbacks = [*everything.given["callbacks"][:2], EarlyStopping(9)]
        resumed = everything.fit(
            len(stopped.epochs) + 1,
            callbacks=callbacks,
            resume=path,
            changed=["callbacks"],
        )
        assert len(resumed.epochs) == len(stopped.epochs) + 2
        assert alike(resumed.epochs[: len(stopped.epochs)], stopped.epochs)

    def test_another_generator(self, path: Path) -> None:
        """Which begins as it is given."""
        everything = Everything(path)
        half = everything.fit(2, callbacks=[Checkpoint(path)])
        bits = np.random.Philox
        resumed = everything.fit(
            3,
            callbacks=[Checkpoint(path)],
            rule=GradientDescent(0.1),
            bits=bits,
            seed=5,
            resume=path,
            changed=("generator", "rule"),
        )
        network = everything.fit(
            1,
            layers=half.layers,
            callbacks=[],
            rule=GradientDescent(0.1),
            bits=bits,
            seed=5,
        )
        assert alike(snapshot(resumed.layers), snapshot(network.layers))

    def test_network_of_another_shape(self, path: Path) -> None:
        """There is no way from one shape to another."""
        save(path, run_with())
        layers = (Dense(np.ones((2, 1)), np.array([0.5])),)
        with pytest.raises(CheckpointError) as caught:
            load(path, run_with(layers=layers), changed=["layers"])
        says = "has weights of shape (1, 1), but the network's have (2, 1)"
        assert caught.value.reason == says
        layers = (Dense([[1.0]], [0.5], RELU),)
        found: Any = load(path, run_with(layers=layers), changed=["layers"]).layers[0]
        assert found.weights == 1.5
        assert found.activation == RELU

    @pytest.mark.parametrize("bad", ["rule", 3, None])
    def test_kinds(self, bad: Any, path: Path) -> None:
        """Names in a row."""
        says = f"is {bad!r} but must be a collection of names"
        with refused(TypeError, "changed", says):
            load(path, run_with(), changed=bad)
        with refused(TypeError, "changed", says):
            Everything(path).fit(1, changed=bad)

    @pytest.mark.parametrize("bad", ["Rule", "num_epochs", "", 3, None])
    def test_names(self, bad: Any, path: Path) -> None:
        """Names of what can differ, even where nothing is resumed."""
        says = f"holds {bad!r} but must hold some of these names: {', '.join(SETTINGS)}"
        with refused(ValueError, "changed", says):
            load(path, run_with(), changed=["rule", bad])
        with refused(ValueError, "changed", says):
            Everything(path).fit(1, changed=["rule", bad])


class TestSave:
    """Write a run to a file, whole or not at all."""

    def test_there_and_back(self, path: Path) -> None:
        """Every field comes back as it was, types and bits."""
        filled: Any = np.array([[1.0, 2], [3, 4], [5, 6], [7, 8]])
        layers = (
            Dense(np.array([[0.1, 1e-300]]), 0.25, leaky(0.25)),
            TANH,
            Dropout(0.5),
            BatchNorm(filled[0], filled[1], filled[2], filled[3], 0.7, 0.1),
            LayerNorm(filled[1], filled[2], 0.1),
            Residual(2),
        )
        far: Any = {"metrics": {"far": 1}, "validation_metrics": {"far": 2.5}}
        run = Run(
            layers=layers,
            epochs=(
                Epoch(0.1, 2, learning_rate=1, **far),
                Epoch(1 / 3, 2 / 3, learning_rate=1e-9, **far),
                Epoch(Fraction(1, 3), 2 / 3, learning_rate=1e-9, **far),
            ),
            num_steps=12,
            learning_rate=0.3,
            rule_state=Adam().init([0.5, 1.5]),
            callback_states=(None, EarlyStopping(1, monitor="loss").init(run_with())),
            generator_state=np.random.default_rng(3).bit_generator.state,
            settings={"loss": "Ünïcode, and more"},
            stopped="enough\n",
            changed=("loss",),
        )
        before = path.parent / "before"
        save(before, run)
        save(str(path), run)
        assert path.read_bytes() == before.read_bytes()
        start = run._replace(epochs=run.epochs[:1], num_steps=0, stopped=None)
        found = load(str(path), start)
        assert alike(found, run)
        assert alike(snapshot(found.layers), snapshot(run.layers))

    @pytest.mark.parametrize(
        "dtype", [np.float16, np.float32, np.float64, np.longdouble]
    )
    def test_dtypes(self, dtype: Any, path: Path) -> None:
        """Each array keeps its own."""
        layers = (
            Dense(np.ones((1, 1), dtype), np.ones(1, np.float32)),
            Dense(np.ones((1, 1), np.float64), dtype(0.5)),
        )
        save(path, run_with(layers=layers))
        found: Any = load(path, run_with(layers=layers)).layers
        assert found[0].weights.dtype == dtype
        assert found[0].bias.dtype == np.float32
        assert found[1].weights.dtype == np.float64

    def test_contents(self, path: Path) -> None:
        """A line that says what it is, a fingerprint, a header, and arrays."""
        save(path, run_with())
        first, second, body = path.read_bytes().split(b"\n", 2)
        assert first == b"gdbook checkpoint 2"
        assert second.decode() == hashlib.sha256(body).hexdigest()
        length = int(body[:8], 16)
        header = json.loads(body[9 : 9 + length])["dict"]
        assert header["layers"] == {
            "tuple": [
                {"tuple": [{"array": ["float64", [1, 1]]}, {"array": ["float64", [1]]}]}
            ]
        }
        arrays = np.frombuffer(body[9 + length :], "<f8")
        assert arrays.tolist() == [1.5, 0.5, 2.25]

    @pytest.mark.parametrize("bad", [None, 3, "run", (1, 2)])
    def test_run(self, bad: Any, path: Path) -> None:
        """A run, and nothing else."""
        with refused(TypeError, "run", f"is {bad!r} but must be a Run"):
            save(path, bad)
        with refused(TypeError, "start", f"is {bad!r} but must be a Run"):
            load(path, bad)

    @pytest.mark.parametrize(
        ("bad", "exception", "says"),
        [
            *NOT_A_PATH,
            ("a\0", ValueError, r"is 'a\x00' but no file can have that name"),
        ],
    )
    def test_path(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A path is a text or a path."""
        for function in (save, load):
            with refused(exception, "path", says):
                function(bad, run_with())
        with refused(exception, "path", says):
            Checkpoint(bad)

    @pytest.mark.parametrize("bad", [{1}, 1j, np.array([True]), abs])
    def test_what_it_cannot_hold(self, bad: Any, path: Path) -> None:
        """What is neither a number nor made of numbers is refused, unwritten."""
        save(path, run_with(2.5))
        with pytest.raises(
            TypeError, match=rf"^`run` holds {re.escape(shown(bad))} but"
        ):
            save(path, run_with(rule_state=(bad,)))
        assert load(path, run_with()).layers[0] == run_with(2.5).layers[0]
        assert names(path) == ["run.gdbook"]

    def test_scalars(self, path: Path) -> None:
        """The scalars of NumPy stay what they are."""
        state = (
            np.float32(0.5),
            np.int64(3),
            {"best": np.float64(0.1)},
            [np.float16(2)],
        )
        run = run_with(callback_states=(state,))
        save(path, run)
        found = load(path, run_with(callback_states=(None,)))
        assert alike(found.callback_states, (state,))

    def test_too_much(self, path: Path) -> None:
        """A run that remembers more and more comes to an end, and the file stays."""
        save(path, run_with(2.5))
        rest = "at most; does a callback remember more and more\\?$"
        for state, says in (
            (("x" * 2**20,), r"^`run` takes 104\d{4} bytes beside its arrays but must"),
            (
                (np.zeros(2**23), np.zeros(2**16)),
                r"^`run` takes \d+ bytes but must take",
            ),
        ):
            growing = run_with(rule_state=state)
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(checkpoints, "_size", lambda _: 1)
                with pytest.raises(ValueError, match=f"{says}.*{rest}"):
                    save(path, growing)
        assert load(path, run_with()).layers[0] == run_with(2.5).layers[0]

    def test_directory(self, path: Path) -> None:
        """A directory is no file."""
        path.mkdir()
        for function in (save, load):
            with pytest.raises(CheckpointError) as caught:
                function(path, run_with())
            assert caught.value.reason == "is no file but a directory"
            assert caught.value.path == path

    def test_no_folder(self, path: Path) -> None:
        """A folder that is not there is not made."""
        with pytest.raises(FileNotFoundError) as caught:
            save(path / "inside", run_with())
        assert caught.value.filename == str(path / "inside")
        assert names(path) == []


class TestError:
    """One error, short, on one line, wherever it goes."""

    def test_message(self) -> None:
        """The path is shortened, and shows no control characters."""
        error = CheckpointError("a\n\x1b[31m" + "b" * 10**4, "is damaged")
        assert str(error).startswith(r"the checkpoint 'a\n\x1b[31mbbbb")
        assert len(str(error)) < 120
        assert error.path == "a\n\x1b[31m" + "b" * 10**4
        assert isinstance(error, ValueError)

    def test_pickle(self, path: Path) -> None:
        """It comes out of another process as it went in."""
        found = pickle.loads(pickle.dumps(CheckpointError(path, "is damaged")))  # noqa: S301
        assert (found.path, found.reason) == (path, "is damaged")
        assert str(found) == str(CheckpointError(path, "is damaged"))


class TestCheckpoint:
    """Keep the run in a file, so that an interrupted one can be resumed."""

    @pytest.mark.parametrize(
        ("every", "kept"), [(1, [0, 1, 2, 3]), (2, [0, 2]), (3, [0, 3]), (5, [0])]
    )
    def test_every(self, every: int, kept: list[int], path: Path) -> None:
        """Some epochs pass from one file to the next."""
        checkpoint, found = Checkpoint(path, every), []
        for epoch in range(4):
            run = run_after(epoch)
            checkpoint.record(run)
            if path.exists():
                assert load(path, run).num_steps == epoch
                found.append(epoch)
                path.unlink()
        assert found == kept

    def test_stopped(self, path: Path) -> None:
        """A run that a callback stops is kept as well."""
        run = run_after(1)
        Checkpoint(path, 5).record(run)
        assert not path.exists()
        Checkpoint(path, 5).record(run._replace(stopped="enough"))
        assert load(path, run).stopped == "enough"

    def test_defaults(self, path: Path) -> None:
        """Every epoch, unless told; a path may be a text."""
        assert Checkpoint("a") == Checkpoint("a", every=1)
        assert hash(Checkpoint("a")) == hash(Checkpoint("a"))
        assert repr(Checkpoint("a")) == "Checkpoint(path='a', every=1)"
        Checkpoint(str(path)).record(run_after(0))
        assert names(path) == ["run.gdbook"]

    @pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(1))
    def test_count(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Epochs are counted."""
        with refused(exception, "every", says):
            Checkpoint("a", every=bad)

    def test_told_before(self, path: Path) -> None:
        """What cannot be written is told before the first epoch."""
        with pytest.raises(FileNotFoundError, match="inside"):
            Everything(path / "inside").fit(0)
        with pytest.raises(CheckpointError, match="is no file but a directory"):
            Everything(path.parent).fit(0)


class TestShared:
    """A run has its file for itself."""

    SHARED = (
        "was written by another run since this one last did; give each run a path of "
        "its own"
    )

    def refuses(self, checkpoint: Checkpoint, run: Run) -> None:
        """Expect a run to stop, and the file to stay."""
        kept = Path(checkpoint.path).read_bytes()
        with pytest.raises(CheckpointError) as caught:
            checkpoint.record(run)
        assert caught.value.reason == self.SHARED
        assert Path(checkpoint.path).read_bytes() == kept

    def test_second_run(self, path: Path) -> None:
        """Whoever comes later is refused, if the first one has written meanwhile."""
        first, second = Checkpoint(path), Checkpoint(path)
        first.init(run_with())
        first.record(run_after(1))
        second.init(run_with())
        first.record(run_after(2))
        self.refuses(second, run_after(1, weight=2.5))
        first.record(run_after(3))

    def test_first_run(self, path: Path) -> None:
        """If it has not, it is the first one that is told."""
        first, second = Checkpoint(path), Checkpoint(path)
        first.init(run_with())
        second.init(run_with())
        second.record(run_after(1, weight=2.5))
        self.refuses(first, run_after(1))
        second.record(run_after(2, weight=2.5))

    def test_what_was_there(self, path: Path) -> None:
        """What a run found at its start is replaced, whatever it was."""
        path.write_bytes(b"something")
        checkpoint = Checkpoint(path)
        checkpoint.init(run_with())
        checkpoint.record(run_after(1))
        assert load(path, run_with()).num_steps == 1

    def test_gone(self, path: Path) -> None:
        """A file that was removed is written again."""
        checkpoint = Checkpoint(path)
        checkpoint.init(run_with())
        checkpoint.record(run_after(1))
        path.unlink()
        checkpoint.record(run_after(2))
        assert load(path, run_with()).num_steps == 2

    def test_same_run_twice(self, path: Path) -> None:
        """Two checkpoints of one run agree on what is in the file."""
        everything = Everything(path)
        callbacks = [Checkpoint(path), Checkpoint(path, every=2)]
        everything.fit(4, callbacks=callbacks)
        assert len(fields_at(path)["epochs"]["loss"]) == 5

    def test_same_callback_again(self, path: Path) -> None:
        """A callback may serve one run after the other."""
        everything = Everything(path)
        everything.fit(2)
        other = Checkpoint(path)
        other.record(run_after(1))
        assert everything.fit(2).num_steps == 6

    def test_two_fits(self, path: Path) -> None:
        """Of two runs that share a path at once, one goes on and one is told."""
        everything, meet = Everything(path), threading.Barrier(2, timeout=60)
        caught: list[CheckpointError] = []
        ended = []

        class Meeting(Callback):
            def init(self, _: Run) -> None:
                meet.wait()

        def train(seed: int) -> None:
            callbacks = [Checkpoint(path), Meeting()]
            try:
                ended.append(everything.fit(20, seed=seed, callbacks=callbacks))
            except CheckpointError as error:
                caught.append(error)

        threads = [threading.Thread(target=train, args=(seed,)) for seed in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {error.reason for error in caught} == {self.SHARED}
        assert len(caught) + len(ended) == 2
        assert len(fields_at(path)["epochs"]["loss"]) > 1


class TestKilled:
    """A process that is killed while it saves leaves a good file, whenever it is."""

    SAVING = """
import os, random, signal, sys
from pathlib import Path
from test_checkpoints import load, run_after, save
path, rng = Path(sys.argv[1]), random.Random(5)
save(path, run_after(0))
reached = []
for _ in range(40):
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        for number in range(1, 10**6):
            save(path, run_after(1, weight=float(number)))
            os.write(writer, b"x")
    os.close(writer)
    for _ in range(rng.randrange(4)):
        os.read(reader, 1)
    for _ in range(rng.randrange(20_000)):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    reached.append(load(path, run_after(0)).layers[0].weights.item())
left = len(os.listdir(path.parent)) - 1
save(path, run_after(0))
print(len(set(reached)), left, os.listdir(path.parent))
"""

    def test_at_random(self, path: Path) -> None:
        """Forty times, in a save or between two; the next one tidies up."""
        different, left, names = said(self.SAVING, path).split(" ", 2)
        assert int(different) > 1
        assert int(left) <= 1  # each save removes what the one before left
        assert names == "['run.gdbook']\n"

    def test_two_writers(self, path: Path) -> None:
        """Many saves of two processes at once, and every file that is read is good."""
        script = """
import os, sys
from pathlib import Path
from test_checkpoints import load, run_after, save
path = Path(sys.argv[1])
save(path, run_after(0))
children = []
for weight in (2.5, 3.5):
    child = os.fork()
    if not child:
        for _ in range(150):
            save(path, run_after(1, weight=weight))
        os._exit(0)
    children.append(child)
found = set()
while children:
    found.add(load(path, run_after(0)).layers[0].weights.item())
    if os.waitpid(children[-1], os.WNOHANG)[0]:
        children.pop()
print(sorted(found | {1.5}), os.listdir(path.parent))
"""
        assert said(script, path) == "[1.5, 2.5, 3.5] ['run.gdbook']\n"


class TestStranger:
    """A file from a stranger is input: only what `save` writes is read."""

    def refuses(self, path: Path, contents: bytes, reason: str) -> None:
        """Expect a file with these contents to be refused for this reason."""
        path.write_bytes(contents)
        with pytest.raises(CheckpointError) as caught:
            load(path, run_with())
        assert caught.value.reason == reason
        assert caught.value.path == path
        assert str(caught.value) == f"the checkpoint {shown(str(path))} {reason}"
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__

    def read_as(
        self, contents: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> CheckpointError:
        """Give the error of a file with these contents, without a disk."""
        monkeypatch.setattr(checkpoints, "_read", lambda *_: contents)
        with pytest.raises(CheckpointError) as caught:
            load("run.gdbook", run_with())
        return caught.value

    @pytest.mark.claims(
        "A file carries a fingerprint of its contents, and a single bit is enough that "
        "the two no longer agree.",
        page="early_stopping",
    )
    def test_any_byte(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file of which any single byte has changed is refused."""
        save(path, run_with())
        good = path.read_bytes()
        for place, byte in enumerate(good):
            for bit in (1, 128):
                changed = good[:place] + bytes([byte ^ bit]) + good[place + 1 :]
                reason = self.read_as(changed, monkeypatch).reason
                if place == len(MAGIC) - 2 and bit == 1:
                    assert reason == "is of version 3; this library reads version 2"
                else:
                    magic = place < len(MAGIC)
                    assert reason == ("is no checkpoint" if magic else DAMAGED)

    def test_any_length(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file that breaks off anywhere is refused, and one that goes on."""
        save(path, run_with())
        good = path.read_bytes()
        for length in range(len(good)):
            reason = "is no checkpoint" if length < len(MAGIC) else DAMAGED
            assert self.read_as(good[:length], monkeypatch).reason == reason
        assert self.read_as(good + b"\n", monkeypatch).reason == DAMAGED
        assert self.read_as(b"\n" + good, monkeypatch).reason == "is no checkpoint"

    @pytest.mark.parametrize("version", [1, 3, 999_999_999])
    def test_versions(self, version: int, path: Path) -> None:
        """A file of another version is told by it."""
        contents = b"gdbook checkpoint %d\n" % version + bytes(100)
        reason = f"is of version {version}; this library reads version 2"
        self.refuses(path, contents, reason)

    @pytest.mark.parametrize(
        "contents",
        [
            b"",
            b"something else",
            b"PK\x03\x04" * 100,
            b"gdbook checkpoint",
            bytes(10**4),
        ],
        ids=range(5),
    )
    def test_no_checkpoint(self, contents: bytes, path: Path) -> None:
        """Whatever else it is."""
        self.refuses(path, contents, "is no checkpoint")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"no header",
            b"00000002\n{}",
            b'0000000c\n{"dict": {}}',
            b"".join(_codec.pack(())),
            b"".join(_codec.pack({"settings": {}})),
            b"".join(_codec.pack(dict.fromkeys(Run._fields))),
            b"".join(_codec.pack(dict.fromkeys(Run._fields, ()))),
            b"".join(_codec.pack({name: {} for name in Run._fields})),
        ],
        ids=map(str, range(9)),
    )
    def test_another_form(self, body: bytes, path: Path) -> None:
        """Contents of another form are refused, though the fingerprint is right."""
        self.refuses(path, stamped(body), FORM)

    def changed(
        self, path: Path, run: Run, start: Run, **fields: Any
    ) -> CheckpointError:
        """Give the error of a run's file in which fields are others."""
        save(path, run)
        found = fields_at(path)
        path.write_bytes(stamped(b"".join(_codec.pack(found))))
        load(path, start)
        path.write_bytes(stamped(b"".join(_codec.pack(found | fields))))
        with pytest.raises(CheckpointError) as caught:
            load(path, start)
        return caught.value

    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("settings", {"loss": 3}, "has settings of no run"),
            ("settings", {"more": "a"}, "has settings of no run"),
            ("settings", 3, FORM),
            ("settings", None, FORM),
            ("layers", (), FORM),
            ("layers", ((np.ones((1, 1)),),), FORM),
            ("layers", ((np.ones((1, 1)), np.ones(1), np.ones(1)),), FORM),
            (
                "layers",
                ((np.ones((1, 1)), np.ones(1)),) * 2,
                "has numbers for more layers",
            ),
            ("layers", 3, FORM),
            ("epochs", 3, FORM),
            ("epochs", {}, FORM),
            ("epochs", {"loss": ()}, FORM),
            ("epochs", {"loss": (0.5,)}, "has 3 steps after 0 epochs"),
            ("epochs", {"loss": (0.5,) * 5}, "has 3 steps after 4 epochs"),
            ("epochs", {"loss": 0.5}, FORM),
            ("epochs", {"loss": "abcd"}, FORM),
            ("epochs", {"loss": [0.5, 0.5]}, FORM),
            ("epochs", {"loss": np.ones(4)}, FORM),
            ("epochs", {"loss": (0.5, None, 0.5, 0.5)}, "has a 'loss' of None"),
            ("epochs", {"loss": (0.5, math.nan)}, "has a 'loss' of nan"),
            ("epochs", {"loss": (0.5, math.inf)}, "has a 'loss' of inf"),
            ("epochs", {"loss": (0.5, True)}, "has a 'loss' of True"),
            ("epochs", {"loss": (0.5, "a")}, "has a 'loss' of 'a'"),
            ("epochs", {"validation_loss": (0.5,)}, FORM),
            (
                "epochs",
                {"validation_loss": (0.5,) * 4},
                "has measured ['loss', 'validation_loss'], not ['loss']",
            ),
            (
                "epochs",
                {"metrics": {"\x1b[31m": (0.5,) * 4}},
                r"has measured ['loss', '\x1b[31m'], not ['loss']",
            ),
            ("epochs", {"learning_rate": (0.0,) * 4}, "has a learning rate of 0.0"),
            ("epochs", {"learning_rate": (-0.5,) * 4}, "has a learning rate of -0.5"),
            ("epochs", {"metrics": 3}, FORM),
            ("epochs", {"more": (0.5,) * 4}, FORM),
            ("num_steps", -1, "has -1 steps after 3 epochs"),
            ("num_steps", 0, "has 0 steps after 3 epochs"),
            ("num_steps", 2, "has 2 steps after 3 epochs"),
            ("num_steps", True, "has True steps after 3 epochs"),
            ("num_steps", 3.0, "has 3.0 steps after 3 epochs"),
            ("num_steps", None, "has None steps after 3 epochs"),
            ("num_steps", "3", "has '3' steps after 3 epochs"),
            ("learning_rate", 0.0, "has a learning rate of 0.0"),
            ("learning_rate", 0, "has a learning rate of 0"),
            ("learning_rate", -0.1, "has a learning rate of -0.1"),
            ("learning_rate", math.nan, "has a learning rate of nan"),
            ("learning_rate", math.inf, "has a learning rate of inf"),
            ("learning_rate", True, "has a learning rate of True"),
            ("learning_rate", "0.1", "has a learning rate of '0.1'"),
            ("learning_rate", np.array(0.1), "has a learning rate of array(0.1)"),
            ("stopped", 3, "was stopped for the reason 3"),
            ("stopped", True, "was stopped for the reason True"),
            ("stopped", "\x1b[31mred", r"was stopped for the reason '\x1b[31mred'"),
            ("stopped", "x" * 1001, f"was stopped for the reason {shown('x' * 1001)}"),
            ("changed", ("more",), "was changed in what no run has"),
            ("changed", (3, 4), "was changed in what no run has"),
            ("changed", 3, FORM),
            (
                "rule_state",
                3,
                "has 3 where the start has MomentumState(velocity=array([0., 0.]))",
            ),
            (
                "rule_state",
                (),
                "has () where the start has MomentumState(velocity=array([0., 0.]))",
            ),
            (
                "rule_state",
                MomentumState(np.ones(3)),
                "has array([1., 1., 1.]) where the start has array([0., 0.])",
            ),
            (
                "rule_state",
                MomentumState(np.ones(2, int)),
                "has array([1, 1]) where the start has array([0., 0.])",
            ),
            (
                "rule_state",
                MomentumState("a"),
                "has 'a' where the start has array([0., 0.])",
            ),
            (
                "rule_state",
                MomentumState(np.array([0.5, math.nan])),
                "has array([0.5, nan]) for MomentumState.velocity",
            ),
            ("callback_states", 3, FORM),
            ("callback_states", (None,), FORM),
            (
                "callback_states",
                (None,) * 3,
                f"has None where the start has {shown(EARLY)}",
            ),
            (
                "callback_states",
                (None, EarlyStoppingState(4, (np.ones(2),)), ReduceOnPlateauState(0)),
                "has 4 for EarlyStoppingState.best_epoch",
            ),
            (
                "callback_states",
                (None, EarlyStoppingState(-1, (np.ones(2),)), ReduceOnPlateauState(0)),
                "has -1 for EarlyStoppingState.best_epoch",
            ),
            (
                "callback_states",
                (None, EarlyStoppingState(0.5, (np.ones(2),)), ReduceOnPlateauState(0)),  # type: ignore[arg-type]
                "has 0.5 for EarlyStoppingState.best_epoch",
            ),
            (
                "callback_states",
                (None, EarlyStoppingState(0, ()), ReduceOnPlateauState(0)),
                "has () where the start has (array([1.5, 0.5]),)",
            ),
            (
                "callback_states",
                (
                    None,
                    EarlyStoppingState(0, (np.array([0.5, math.inf]),)),
                    ReduceOnPlateauState(0),
                ),
                "has (array([0.5, inf]),) for EarlyStoppingState.best",
            ),
            (
                "callback_states",
                (None, EarlyStoppingState(0, (np.ones(2),)), ReduceOnPlateauState(4)),
                "has 4 for ReduceOnPlateauState.since",
            ),
            (
                "callback_states",
                (
                    MomentumState(0.5),
                    EarlyStoppingState(0, (np.ones(2),)),
                    ReduceOnPlateauState(0),
                ),
                "has a state with a 'MomentumState', of which the start has none",
            ),
            ("generator_state", 3, "has a generator with the state 3"),
        ],
        ids=map(str, range(999)),
    )
    def test_what_no_run_has(
        self, name: str, value: Any, reason: str, path: Path
    ) -> None:
        """It is refused, by name, though the fingerprint is right."""
        start = run_with(
            rule_state=Momentum(0.1).init(np.ones(2)),
            generator_state=np.random.default_rng(1).bit_generator.state,
        )
        early = EarlyStopping(9, monitor="loss").init(start)
        states = (None, early, ReduceOnPlateauState(0))
        start = start._replace(callback_states=states)
        run = start._replace(epochs=start.epochs * 4, num_steps=3)
        save(path, run)
        if name == "epochs" and value and isinstance(value, dict):
            value = fields_at(path)["epochs"] | value
        error = self.changed(path, run, start, **{name: value})
        assert error.reason == reason

    @pytest.mark.parametrize(
        ("rule", "field", "value"),
        [
            (Adam(), "num_steps", -1),
            (Adam(), "num_steps", 4),
            (Adam(), "num_steps", True),
            (Adam(), "num_steps", 1.5),
            (Adam(), "mean", np.array([math.nan, 0.0])),
            (Adam(), "mean", np.zeros((2, 1))),
            (Adam(), "mean", 0.5),
            (Adam(), "square_mean", np.array([0.0, -0.5])),
            (Adam(), "exponent", np.array([0, 2**20], np.int32)),
            (Adam(), "exponent", np.array([0.0, 0.5])),
            (AdamW(), "num_steps", -1),
            (AdaGrad(0.1), "square_sum", np.array([0.0, -0.5])),
            (RMSProp(0.1), "square_mean", np.array([math.nan, 0.5])),
        ],
        ids=map(str, range(13)),
    )
    def test_rule_states(self, rule: Any, field: str, value: Any, path: Path) -> None:
        """No rule remembers that."""
        start = run_with(rule_state=rule.init(np.ones(2)))
        run = start._replace(epochs=start.epochs * 4, num_steps=3)
        state = run.rule_state._replace(**{field: value})
        error = self.changed(path, run, start, rule_state=state)
        assert error.reason.startswith(f"has {shown(value)} ")

    @pytest.mark.parametrize(
        ("bits", "place", "value"),
        [
            (np.random.PCG64, ("state", "inc"), 2),
            (np.random.PCG64, ("state", "inc"), 2**128 + 1),
            (np.random.PCG64, ("state", "state"), -1),
            (np.random.PCG64, ("state", "state"), 0.5),
            (np.random.PCG64, ("has_uint32",), 2),
            (np.random.PCG64, ("has_uint32",), True),
            (np.random.PCG64, ("uinteger",), 2**32),
            (np.random.PCG64, ("state",), 3),
            (np.random.PCG64, ("state",), {}),
            (np.random.PCG64, ("more",), 3),
            (np.random.MT19937, ("state", "pos"), 625),
            (np.random.MT19937, ("state", "pos"), -1),
            (np.random.MT19937, ("state", "key"), np.zeros(623, np.uint32)),
            (np.random.MT19937, ("state", "key"), np.zeros(624, np.int32)),
            (np.random.MT19937, ("state", "key"), (1, 2)),
            (np.random.Philox, ("buffer_pos",), 5),
            (np.random.Philox, ("buffer_pos",), -(10**6)),
            (np.random.Philox, ("buffer",), np.zeros(3, np.uint64)),
            (np.random.Philox, ("state", "counter"), None),
            (np.random.SFC64, ("state", "state"), np.zeros((4, 1), np.uint64)),
        ],
        ids=map(str, range(20)),
    )
    def test_generators(
        self, bits: Any, place: tuple[str, ...], value: Any, path: Path
    ) -> None:
        """NumPy would read beyond its buffers where it is told to."""
        start = run_with(generator_state=bits(1).state)
        state = bits(1).state
        inner = state if len(place) == 1 else state[place[0]]
        inner[place[-1]] = value
        error = self.changed(path, start, start, generator_state=state)
        assert error.reason.startswith("has a generator with ")

    def test_steps_that_do_not_fit(self, path: Path) -> None:
        """Where the data and the batches are known, so is the number of steps."""
        everything = Everything(path)
        everything.fit(2)
        fields = fields_at(path) | {"num_steps": 7}
        path.write_bytes(stamped(b"".join(_codec.pack(fields))))
        with pytest.raises(CheckpointError) as caught:
            everything.fit(3, resume=path)
        assert caught.value.reason == "has 7 steps after 2 epochs, not 6"

    def test_more_epochs_than_there_can_be(self, path: Path) -> None:
        """Whoever loads says how many there can be, in numbers that are told apart."""
        save(path, run_after(5))
        assert len(load(path, run_with(), num_epochs=5).epochs) == 6
        says = "is 4 but must be at least 5, the epochs of the run in the checkpoint "
        with refused(ValueError, "num_epochs", says + shown(str(path))):
            load(path, run_with(), num_epochs=4)
        for bad, exception, said_of in not_a_count(0):
            with refused(exception, "num_epochs", said_of):
                load(path, run_with(), num_epochs=bad)

    def test_any_header(self, path: Path) -> None:
        """Headers of which anything was changed are refused, in a word and at once."""
        rng = random.Random(7)  # noqa: S311
        start = run_with(
            rule_state=Adam().init(np.ones(2)),
            generator_state=np.random.default_rng(1).bit_generator.state,
            callback_states=(EarlyStopping(9, monitor="loss").init(run_with()),),
        )
        run = start._replace(epochs=start.epochs * 4, num_steps=3)
        save(path, run)
        body = path.read_bytes()[85:]
        length = int(body[:8], 16)
        header, arrays = body[9 : 9 + length], body[9 + length :]
        odd: list[Any] = [
            None,
            True,
            -1,
            0,
            2**62,
            "",
            "x",
            [],
            {},
            [[]],
            {"tuple": []},
        ]
        refusals = []
        for _ in range(400):
            text = json.dumps(mutated(json.loads(header), rng, odd)).encode()
            path.write_bytes(stamped(b"%08x\n%b%b" % (len(text), text, arrays)))
            try:
                load(path, start)
            except CheckpointError as error:
                refusals.append(str(error))
        assert 360 < len(refusals) < 400
        assert all(words.isprintable() for words in refusals)
        assert max(map(len, refusals)) < 2000

    def test_memory(self, path: Path) -> None:
        """What takes much memory is refused before it does."""
        save(path, run_with())
        fields = fields_at(path)
        bombs = [
            {"epochs": fields["epochs"] | {"loss": (0.5,) * 10**6}},
            {"callback_states": ("x" * 10**6,)},
            {"callback_states": ((None,) * 200_000,)},
            {"rule_state": np.zeros(10**6)},
        ]
        for bomb in bombs:
            path.write_bytes(stamped(b"".join(_codec.pack(fields | bomb))))
            size = path.stat().st_size

            def refused_bomb() -> None:
                with pytest.raises((CheckpointError, ValueError)):
                    load(path, run_with(), num_epochs=100)

            assert peak(refused_bomb) < 8 * size + 2**20

    @pytest.mark.parametrize("size", [2**27, 2**40])
    def test_long_file(self, size: int, path: Path) -> None:
        """A file that is too long for its run is refused before a byte is read."""
        save(path, run_with())
        os.truncate(path, size)
        most = 2**26 + 64 * (2 + 10)
        reason = f"has {size} bytes, but such a run has {most} at most"

        def refused_file() -> None:
            with pytest.raises(CheckpointError) as caught:
                load(path, run_with(), num_epochs=10)
            assert caught.value.reason == reason

        assert peak(refused_file) < 2**17

    def test_no_file(self, path: Path) -> None:
        """Nor is anything read from what is no file."""
        os.mkfifo(path)
        for other in (path, Path("/dev/zero")):
            with pytest.raises(
                CheckpointError, match="is no file but a pipe or device"
            ):
                load(other, run_with())

    def test_nothing_is_executed(self, path: Path) -> None:
        """A pickle inside, with a right fingerprint, is refused and not read."""

        class Trap:
            def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
                return os.mkdir, (str(path.parent / "sprung"),)

        trap = pickle.dumps(Trap())
        for header in (
            {"array": ["object", [1]]},
            {"array": ["exact", [1], len(trap)]},
        ):
            text = json.dumps(header).encode()
            body = b"%08x\n%b%b" % (len(text), text, trap)
            self.refuses(path, stamped(body), FORM)
        assert names(path) == ["run.gdbook"]
        # The trap is one: it springs where pickles are read.
        pickle.loads(trap)  # noqa: S301
        assert names(path) == ["run.gdbook", "sprung"]


def mutated(value: Any, rng: random.Random, odd: list[Any]) -> Any:
    """Change one thing somewhere inside."""
    if isinstance(value, dict | list) and value and rng.random() < 0.9:
        items = (
            list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        )
        place, item = rng.choice(items)
        other = dict(items)
        if rng.random() < 0.1:
            del other[place]
        elif rng.random() < 0.1:
            other |= {f"{place}more" if isinstance(value, dict) else 10**6: item}
        else:
            other[place] = mutated(item, rng, odd)
        return other if isinstance(value, dict) else list(other.values())
    return rng.choice(odd)


class Best(NamedTuple):
    """What a callback of one's own remembers."""

    value: Any
    weights: Any


class Counting(Callback):
    """One that remembers nothing at first."""

    def after_epoch(self, run: Run, state: Any) -> tuple[Decision, Any]:
        """Remember the epochs as a tuple."""
        return Decision(), (*(state or ()), len(run.epochs))


class Keeping(Callback):
    """One whose state has a form, which grows."""

    def init(self, run: Run) -> Best:
        """Begin with what there is."""
        return Best(math.inf, [snapshot(run.layers)[0]])

    def after_epoch(self, run: Run, state: Best) -> tuple[Decision, Best]:
        """Keep the best, and all that came before."""
        best = min(state.value, np.float64(run.epochs[-1].loss))
        return Decision(), Best(best, [*state.weights, snapshot(run.layers)[0]])


class Late(Callback):
    """One whose state gets a form that nothing at the start shows."""

    def after_epoch(self, run: Run, _: Any) -> tuple[Decision, Best]:
        """Make one."""
        return Decision(), Best(run.epochs[-1].loss, None)


class TestStatesOfOnesOwn:
    """What a callback of one's own remembers comes back as it is, or is told."""

    @pytest.mark.parametrize("callback", [Counting(), Keeping()])
    def test_there_and_back(self, callback: Callback, path: Path) -> None:
        """Types and bits, however it grows."""
        everything = Everything(path)
        callbacks = [callback, Checkpoint(path)]
        everything.fit(4, callbacks=callbacks)
        kept = path.read_bytes()
        everything.fit(2, callbacks=callbacks)
        everything.fit(4, callbacks=callbacks, resume=path)
        assert path.read_bytes() == kept
        start = run_with(callback_states=(Best(0, []), None))
        state = Best(np.float64(0.5), [np.array([0.5]), ("a", 1)])
        save(path, run_with(callback_states=(state, None)))
        assert alike(load(path, start).callback_states, (state, None))

    def test_late(self, path: Path) -> None:
        """A form that nothing shows at the start is told, not guessed."""
        everything = Everything(path)
        callbacks = [Late(), Checkpoint(path)]
        everything.fit(2, callbacks=callbacks)
        with pytest.raises(CheckpointError) as caught:
            everything.fit(3, callbacks=callbacks, resume=path)
        says = "has a state with a 'Best', of which the start has none"
        assert caught.value.reason == says
