"""Runs on disk: whole or not at all, and nothing in them is executed."""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from alike import alike
from bad_input import NOT_A_PATH, not_a_count, refused

import gdbook
from gdbook.activations import RELU, TANH, Activation, leaky
from gdbook.callbacks import (
    Callback,
    Decision,
    EarlyStopping,
    Epoch,
    ReduceOnPlateau,
    Run,
)
from gdbook.checkpoints import Checkpoint, CheckpointError, load, save
from gdbook.fitting import fit
from gdbook.losses import MEAN_SQUARED_ERROR, SIGMOID_CROSS_ENTROPY
from gdbook.network import BatchNorm, Dense, Dropout, batch_norm, dense_network
from gdbook.optimizers import (
    Adam,
    AdamW,
    GradientDescent,
    GradientDescentState,
    Nesterov,
)
from gdbook.packing import snapshot

MAGIC = b"gdbook checkpoint 1\n"
UNREADABLE = "is damaged: it cannot be read"
INTERRUPTED = "the power failed"


def run_with(weight: float = 1.5, **given: Any) -> Run:
    """Make a small run."""
    layers = (Dense(np.array([[weight]]), np.array([0.5])),)
    run = Run(
        layers, (Epoch(2.25),), 3, 0.1, GradientDescentState(), (), {}, "settings"
    )
    return run._replace(**given)


def run_after(num_epochs: int) -> Run:
    """Make a run with one step for each epoch."""
    return run_with(epochs=(Epoch(2.25),) * (num_epochs + 1), num_steps=num_epochs)


def stamped(body: bytes) -> bytes:
    """Put a right fingerprint before any contents."""
    return MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def archive(*arrays: Any, **options: Any) -> bytes:
    """Pack arrays as NumPy does."""
    body = io.BytesIO()
    np.savez(body, *arrays, **options)
    return body.getvalue()


def texts(value: Any) -> Any:
    """Write a header as the array that it is stored in."""
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


@pytest.fixture(name="path")
def path_(tmp_path: Path) -> Path:
    """Give a place for a file."""
    return tmp_path / "run.gdbook"


def names(path: Path) -> list[str]:
    """List what lies beside a file, itself included."""
    return sorted(entry.name for entry in path.parent.iterdir())


class Everything:
    """A training run with every part that a checkpoint has to hold."""

    def __init__(self, path: Path) -> None:
        generator = np.random.default_rng(5)
        self.path = path
        self.inputs = generator.normal(size=(13, 2))
        self.targets = (self.inputs[:, :1] * self.inputs[:, 1:] > 0).astype(float)
        self.held_out = generator.normal(size=(5, 2)), np.ones((5, 1))

    def fit(
        self,
        num_epochs: int,
        *,
        seed: int = 1,
        resume: Path | None = None,
        rule: Any = None,
        bits: Any = np.random.PCG64,
    ) -> Any:
        """Train with dropout, batch normalisation, and all callbacks at once."""
        return fit(
            dense_network(
                [2, 6, 4, 1],
                np.random.default_rng(0),
                activation=TANH,
                dropout=0.25,
                normalise=True,
            ),
            self.inputs,
            self.targets,
            loss=SIGMOID_CROSS_ENTROPY,
            rule=rule or Adam(0.5),
            num_epochs=num_epochs,
            batch_size=5,
            generator=np.random.Generator(bits(seed)),
            validation=self.held_out,
            metrics={"mean": lambda predictions, _: float(predictions.mean())},
            callbacks=[
                ReduceOnPlateau(1, 0.5),
                Checkpoint(self.path),
                EarlyStopping(6, monitor="validation_mean", mode="max"),
            ],
            resume=resume,
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
            (Nesterov(0.1, 0.9), np.random.MT19937),
            (AdamW(0.1), np.random.Philox),
            (Adam(0.1), np.random.SFC64),
        ],
    )
    def test_rules_and_generators(self, rule: Any, bits: Any, path: Path) -> None:
        """Every kind of state is kept."""
        everything = Everything(path)
        whole = everything.fit(4, rule=rule, bits=bits)
        everything.fit(2, rule=rule, bits=bits)
        resumed = everything.fit(4, rule=rule, bits=bits, seed=7, resume=path)
        assert alike(resumed, whole)

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
        assert alike(everything.fit(1, seed=3, resume=path), whole)

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
        )
        run = Run(
            layers=layers,
            epochs=(
                Epoch(0.1, learning_rate=1),
                Epoch(1 / 3, 2 / 3, {"far": 1}, {"far": 2.5}, 1e-9),
            ),
            num_steps=12,
            learning_rate=0.3,
            rule_state=Adam().init([0.5, 1.5]),
            callback_states=(None, EarlyStopping(1, monitor="loss").init(run_with())),
            generator_state=np.random.default_rng(3).bit_generator.state,
            settings="Ünïcode, and more",
            stopped="enough",
        )
        before = path.parent / "before"
        save(before, run)
        save(str(path), run)
        assert path.read_bytes() == before.read_bytes()
        start = run._replace(epochs=run.epochs[:1], num_steps=0, stopped=None)
        found = load(str(path), start)
        assert alike(found, run)
        assert alike(snapshot(found.layers), snapshot(run.layers))

    def test_contents(self, path: Path) -> None:
        """A line that says what it is, a fingerprint of the rest, and an archive."""
        save(path, run_with())
        first, second, body = path.read_bytes().split(b"\n", 2)
        assert first == b"gdbook checkpoint 1"
        assert second.decode() == hashlib.sha256(body).hexdigest()
        with np.load(io.BytesIO(body), allow_pickle=False) as stored:
            header = json.loads(stored["arr_0"].tobytes())
            assert stored["arr_1"].tolist() == [1.5, 0.5]
        network = "Dense(weights (1, 1), bias (1,), identity)"
        assert header["network"] == network
        assert header["run"]["dict"]["layers"] == [{"array": 0}]

    @pytest.mark.parametrize("bad", [None, 3, "run", (1, 2)])
    def test_run(self, bad: Any, path: Path) -> None:
        """A run, and nothing else."""
        with refused(TypeError, "run", f"is {bad!r} but must be a Run"):
            save(path, bad)
        with refused(TypeError, "start", f"is {bad!r} but must be a Run"):
            save(path, run_with())
            load(path, bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_PATH)
    def test_path(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A path is a text or a path."""
        with refused(exception, "path", says):
            save(bad, run_with())
        with refused(exception, "path", says):
            load(bad, run_with())

    @pytest.mark.parametrize(
        "bad", [{1}, 1j, np.array([None]), np.array(["text"]), np.array([True]), abs]
    )
    def test_what_it_cannot_hold(self, bad: Any, path: Path) -> None:
        """What is neither a number nor an array of floats is refused, unwritten."""
        save(path, run_with(2.5))
        says = f"holds {bad!r} but must hold numbers and arrays of floats only"
        with refused(TypeError, "run", says):
            save(path, run_with(rule_state=(bad,)))
        assert load(path, run_with()).layers[0] == run_with(2.5).layers[0]
        assert names(path) == ["run.gdbook"]

    def test_no_folder(self, path: Path) -> None:
        """A folder that is not there is not made."""
        with pytest.raises(FileNotFoundError) as caught:
            save(path / "inside", run_with())
        assert names(path) == []
        # Tidying up finds nothing, and adds no error of its own.
        assert caught.value.__context__ is None


class TestCheckpoint:
    """Keep the run in a file, so that an interrupted one can be resumed."""

    @pytest.mark.parametrize(
        ("every", "kept"), [(1, [0, 1, 2, 3]), (2, [0, 2]), (3, [0, 3]), (5, [0])]
    )
    def test_every(self, every: int, kept: list[int], tmp_path: Path) -> None:
        """Some epochs pass from one file to the next."""
        path = tmp_path / "run.gdbook"
        found = []
        for epoch in range(4):
            run = run_after(epoch)
            Checkpoint(path, every).record(run)
            if path.exists():
                assert load(path, run).num_steps == epoch
                found.append(epoch)
                path.unlink()
        assert found == kept

    def test_stopped(self, tmp_path: Path) -> None:
        """A run that a callback stops is kept as well."""
        path = tmp_path / "run.gdbook"
        run = run_after(1)
        Checkpoint(path, 5).record(run)
        assert not path.exists()
        Checkpoint(path, 5).record(run._replace(stopped="enough"))
        assert load(path, run).stopped == "enough"

    def test_defaults(self, tmp_path: Path) -> None:
        """Every epoch, unless told; a path may be a text."""
        assert Checkpoint("a") == Checkpoint("a", every=1)
        Checkpoint(str(tmp_path / "a")).record(run_after(0))
        assert [path.name for path in tmp_path.iterdir()] == ["a"]

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_PATH)
    def test_path(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A path is a text or a path."""
        with refused(exception, "path", says):
            Checkpoint(bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(1))
    def test_count(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Epochs are counted."""
        with refused(exception, "every", says):
            Checkpoint("a", every=bad)


class TestInterrupted:
    """An interruption in the middle of writing never destroys the last good file."""

    @pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
    @pytest.mark.parametrize(
        "place", [(os, "fsync"), (Path, "replace")], ids=["fsync", "replace"]
    )
    @pytest.mark.parametrize("first", [False, True])
    def test_raised(
        self,
        error: type[BaseException],
        place: tuple[Any, str],
        first: bool,  # noqa: FBT001
        path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The last good one stays, and nothing is left beside it."""
        if not first:
            save(path, run_with(2.5))

        def fail(*_: Any) -> None:
            raise error(INTERRUPTED)

        with monkeypatch.context() as patched:
            patched.setattr(*place, fail)
            with pytest.raises(error, match=INTERRUPTED):
                save(path, run_with(3.5))
        assert names(path) == ([] if first else ["run.gdbook"])
        if not first:
            assert load(path, run_with()).layers[0] == run_with(2.5).layers[0]
        save(path, run_with(3.5))
        assert load(path, run_with()).layers[0] == run_with(3.5).layers[0]

    def test_written_before_it_is_moved(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The new file is complete on the disk before it takes the place."""
        save(path, run_with(2.5))
        good, seen, really = path.read_bytes(), [], os.fsync

        def look(handle: int) -> None:
            really(handle)
            (unfinished,) = set(names(path)) - {"run.gdbook"}
            written = (path.parent / unfinished).read_bytes()
            seen.append((path.read_bytes() == good, written))

        monkeypatch.setattr(os, "fsync", look)
        save(path, run_with(3.5))
        assert seen == [(True, path.read_bytes())]

    KILLED = """
import os, sys, time
from test_checkpoints import run_with
from gdbook.checkpoints import save
path, really = sys.argv[1], os.fsync
save(path, run_with(2.5))
def wait(handle):
    really(handle)
    print("writing", flush=True)
    time.sleep({seconds})
os.fsync = wait
while True:
    save(path, run_with(3.5))
"""

    @pytest.mark.parametrize("seconds", [0, 60], ids=["in a loop", "in the middle"])
    def test_killed(self, seconds: int, path: Path) -> None:
        """A process killed while saving leaves a good file; the next save tidies up."""
        here = Path(__file__).parent
        root = Path(gdbook.__file__).parents[1]
        with subprocess.Popen(
            [sys.executable, "-c", self.KILLED.format(seconds=seconds), str(path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (root, here)))},
        ) as child:
            assert child.stdout
            for _ in range(1 if seconds else 20):
                assert child.stdout.readline() == b"writing\n"
            child.kill()
        weights = (2.5,) if seconds else (2.5, 3.5)
        found: Any = load(path, run_with()).layers[0]
        assert found.weights.item() in weights
        save(path, run_with(4.5))
        assert names(path) == ["run.gdbook"]
        assert load(path, run_with()).layers[0] == run_with(4.5).layers[0]


class TestDamaged:
    """A file that is damaged is refused."""

    def refuses(self, path: Path, contents: bytes, reason: str) -> None:
        """Expect a file with these contents to be refused for this reason."""
        path.write_bytes(contents)
        with pytest.raises(CheckpointError) as caught:
            load(path, run_with())
        assert caught.value.reason == reason
        assert caught.value.path == path
        assert str(caught.value) == f"the checkpoint `{path}` {reason}"
        assert isinstance(caught.value, ValueError)

    DAMAGED = "is damaged: its contents do not fit its fingerprint"
    NONE = "is no checkpoint"

    def read_as(
        self, contents: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> CheckpointError:
        """Give the error of a file with these contents, without a disk."""
        monkeypatch.setattr(Path, "read_bytes", lambda _: contents)
        with pytest.raises(CheckpointError) as caught:
            load("run.gdbook", run_with())
        return caught.value

    def test_any_byte(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file of which any single byte has changed is refused."""
        save(path, run_with())
        good = path.read_bytes()
        for place, byte in enumerate(good):
            changed = good[:place] + bytes([byte ^ 1]) + good[place + 1 :]
            reason = self.NONE if place < len(MAGIC) else self.DAMAGED
            assert self.read_as(changed, monkeypatch).reason == reason

    def test_any_length(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file that breaks off anywhere is refused, and one that goes on."""
        save(path, run_with())
        good = path.read_bytes()
        for length in range(len(good)):
            reason = self.NONE if length < len(MAGIC) else self.DAMAGED
            assert self.read_as(good[:length], monkeypatch).reason == reason
        assert self.read_as(good + b"\n", monkeypatch).reason == self.DAMAGED
        assert self.read_as(b"\n" + good, monkeypatch).reason == self.NONE

    def test_on_disk(self, path: Path) -> None:
        """The reason and the file are told."""
        save(path, run_with())
        good = path.read_bytes()
        self.refuses(path, b"", self.NONE)
        self.refuses(path, good[:-1], self.DAMAGED)
        self.refuses(path, good.replace(b"arr_1", b"arr_2"), self.DAMAGED)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"no archive",
            archive(),
            archive(np.array([1.0]))[:-30],
            archive(np.array([1.0])),
            archive(texts([])),
            archive(texts(3)),
            archive(texts({})),
            archive(texts({"network": ""})),
            archive(texts({"network": "", "run": 3})),
            archive(texts({"network": "", "run": {}})),
            archive(texts({"network": "", "run": {"dict": 3}})),
            archive(texts({"network": "", "run": {"dict": {}}})),
            archive(texts({"network": "", "run": {"array": 0}})),
            archive(np.frombuffer(b"{", dtype=np.uint8)),
            archive(np.frombuffer(b"\xff", dtype=np.uint8)),
        ],
        ids=lambda body: hashlib.sha256(body).hexdigest()[:6],
    )
    def test_another_form(self, body: bytes, path: Path) -> None:
        """Contents of another form are refused, though the fingerprint is right."""
        self.refuses(path, stamped(body), UNREADABLE)

    def test_array_itself(self, path: Path) -> None:
        """An array is no archive."""
        body = io.BytesIO()
        np.save(body, np.array([1.0]))
        self.refuses(path, stamped(body.getvalue()), UNREADABLE)

    @pytest.mark.parametrize(
        "changed",
        [
            {"layers": [{"array": 7}]},
            {"layers": [{"array": 0}, {"array": 0}]},
            {"layers": []},
            {"layers": 3},
            {"epochs": 3},
            {"epochs": [[1, 2, 3, 4, 5, 6]]},
            {"rule_state": [1]},
            {"callback_states": [1]},
            {"generator_state": 3},
            {"more": 3},
        ],
        ids=str,
    )
    def test_another_run(self, changed: Any, path: Path) -> None:
        """Fields that no run has are refused."""
        save(path, run_with())
        body = path.read_bytes().split(b"\n", 2)[2]
        with np.load(io.BytesIO(body)) as stored:
            header = json.loads(stored["arr_0"].tobytes())
            numbers = stored["arr_1"]
        self.refuses_nothing(path, header, numbers)
        header["run"]["dict"] |= changed
        self.refuses(path, stamped(archive(texts(header), numbers)), UNREADABLE)

    def refuses_nothing(self, path: Path, header: Any, numbers: Any) -> None:
        """Expect a file that was packed again to be as good as before."""
        path.write_bytes(stamped(archive(texts(header), numbers)))
        assert load(path, run_with()).layers[0] == run_with().layers[0]

    def test_nothing_is_executed(self, path: Path) -> None:
        """A pickle inside, with a right fingerprint, is refused and not read."""

        class Trap:
            def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
                return os.mkdir, (str(path.parent / "sprung"),)

        trap = np.array([Trap()], dtype=object)
        save(path, run_with())
        body = path.read_bytes().split(b"\n", 2)[2]
        with np.load(io.BytesIO(body)) as stored:
            text = stored["arr_0"]
        for arrays in ([trap], [text, trap]):
            poisoned = archive(*arrays, allow_pickle=True)
            self.refuses(path, stamped(poisoned), UNREADABLE)
        assert names(path) == ["run.gdbook"]
        # The trap is one: it springs where pickles are read.
        with np.load(io.BytesIO(poisoned), allow_pickle=True) as stored:
            assert stored["arr_1"].tolist() == [None]
        assert names(path) == ["run.gdbook", "sprung"]


class TestAnotherRun:
    """A checkpoint belongs to a network and to the settings of a run."""

    GIVEN: ClassVar[dict[str, Any]] = {
        "layers": [Dense(np.array([[1.5]]), np.array([0.5]))],
        "inputs": [[1.0], [2.0]],
        "targets": [[1.0], [2.0]],
        "loss": MEAN_SQUARED_ERROR,
        "rule": GradientDescent(0.1),
        "num_epochs": 2,
        "batch_size": 2,
    }

    def refuses(self, path: Path, part: str, stored: str, **other: Any) -> None:
        """Expect a run with something else to be refused, and be told of both."""
        given = self.GIVEN | {"callbacks": [Checkpoint(path)]}
        if not path.exists():
            fit(**given, generator=np.random.default_rng(1))
        with pytest.raises(CheckpointError) as caught:
            fit(**{"generator": np.random.default_rng(1)} | given | other, resume=path)
        says = f"belongs to another run, with {part}; expected {stored}"
        assert caught.value.reason == says

    SETTINGS = (
        "settings GradientDescent(learning_rate=0.1), 2 samples in batches of 2, "
        "callbacks (Checkpoint)"
    )

    def test_rule(self, path: Path) -> None:
        """Another rule, or the same with another rate."""
        rest = "2 samples in batches of 2, callbacks (Checkpoint)"
        self.refuses(
            path,
            self.SETTINGS,
            f"GradientDescent(learning_rate=0.2), {rest}",
            rule=GradientDescent(0.2),
        )
        self.refuses(path, self.SETTINGS, f"{Adam(0.1)!r}, {rest}", rule=Adam(0.1))

    def test_batches(self, path: Path) -> None:
        """Other batches, or another number of samples."""
        self.refuses(
            path,
            self.SETTINGS,
            "GradientDescent(learning_rate=0.1), 2 samples in batches of 1, "
            "callbacks (Checkpoint)",
            batch_size=1,
        )
        self.refuses(
            path,
            self.SETTINGS,
            "GradientDescent(learning_rate=0.1), 3 samples in batches of 2, "
            "callbacks (Checkpoint)",
            inputs=[[1.0]] * 3,
            targets=[[1.0]] * 3,
        )

    def test_callbacks(self, path: Path) -> None:
        """Other callbacks, or in another order."""
        rest = "GradientDescent(learning_rate=0.1), 2 samples in batches of 2"
        self.refuses(path, self.SETTINGS, f"{rest}, callbacks ()", callbacks=())
        self.refuses(
            path,
            self.SETTINGS,
            f"{rest}, callbacks (EarlyStopping, Checkpoint)",
            callbacks=[EarlyStopping(1, monitor="loss"), Checkpoint(path)],
        )

    @pytest.mark.parametrize(
        ("layers", "described"),
        [
            (
                [Dense(np.array([[1.5], [1.5]]).T, np.array([0.5, 0.5]))],
                "Dense(weights (1, 2), bias (2,), identity)",
            ),
            ([Dense([[1.5]], 0.5)], "Dense(weights (1, 1), bias (), identity)"),
            ([Dense([[1.5]], [0.5], RELU)], "Dense(weights (1, 1), bias (1,), relu)"),
            (
                [Dense([[1.5]], [0.5], leaky(0.25))],
                "Dense(weights (1, 1), bias (1,), leaky_relu(negative_slope=0.25))",
            ),
            (
                [Activation(partial(np.clip, min=0, max=1), abs)],
                "clip(min=0, max=1)",
            ),
            (
                [Dense([[1.5]], [0.5], Activation(np.sin, np.cos))],
                "Dense(weights (1, 1), bias (1,), sin)",
            ),
            (
                [Dense([[1.5]], [0.5]), TANH],
                "Dense(weights (1, 1), bias (1,), identity), tanh",
            ),
            (
                [Dense([[1.5]], [0.5]), Dropout(0.5)],
                "Dense(weights (1, 1), bias (1,), identity), Dropout(0.5)",
            ),
            (
                [Dense([[1.5]], [0.5]), batch_norm(1)],
                (
                    "Dense(weights (1, 1), bias (1,), identity), "
                    "BatchNorm((1,), momentum 0.9, epsilon 1e-05)"
                ),
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_network(self, layers: Any, described: str, path: Path) -> None:
        """Another network: other shapes, activations, or layers."""
        save(path, run_with())
        with pytest.raises(CheckpointError) as caught:
            load(path, run_with(layers=tuple(layers)))
        own = "Dense(weights (1, 1), bias (1,), identity)"
        says = f"belongs to another run, with network {own}; expected {described}"
        assert caught.value.reason == says

    def test_network_goes_first(self, path: Path) -> None:
        """Where network and settings differ, the network is named."""
        save(path, run_with())
        layers = (Dense([[1.5]], 0.5),)
        with pytest.raises(CheckpointError, match="with network Dense"):
            load(path, run_with(layers=layers, settings="others"))

    def test_generator(self, path: Path) -> None:
        """Another kind of generator counts on in another way."""
        self.refuses(
            path,
            "generator PCG64",
            "MT19937",
            generator=np.random.Generator(np.random.MT19937(1)),
        )

    def test_object_that_can_be_called(self, path: Path) -> None:
        """An activation made of an object is known by its class."""

        class Square:
            def __call__(self, values: Any) -> Any:
                """Give the square."""
                return values**2

        layers = (Dense([[1.5]], [0.5], Activation(Square(), abs)),)
        save(path, run_with(layers=layers))
        with pytest.raises(CheckpointError, match=r"bias \(1,\), Square\)"):
            load(path, run_with())


class Counting(Callback):
    """One that remembers nothing at first."""

    def after_epoch(self, run: Run, state: Any) -> tuple[Decision, Any]:
        """Remember the epochs as a tuple."""
        return Decision(), (*(state or ()), len(run.epochs))


def test_state_without_a_form(path: Path) -> None:
    """What a callback remembers without having begun with it comes back as it is."""
    given = TestAnotherRun.GIVEN | {"callbacks": [Counting(), Checkpoint(path)]}
    fit(**given, generator=np.random.default_rng(1))
    start = run_with(
        callback_states=(None, None),
        generator_state=np.random.default_rng(1).bit_generator.state,
        settings="GradientDescent(learning_rate=0.1), 2 samples in batches of 2, "
        "callbacks (Counting, Checkpoint)",
    )
    assert load(path, start).callback_states == ((2, 3), None)
