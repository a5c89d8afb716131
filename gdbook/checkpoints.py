"""Can an interrupted run go on as if nothing had happened? Runs on disk.

A checkpoint is one file: a line that says what it is, a fingerprint of the rest, a
header, and the bytes of the arrays that the header lists. The header is JSON, with
numbers and names and nothing that could be executed. The file is written beside the
last good one and takes its place only when it is complete. `Checkpoint` writes it after
epochs, and `gdbook.fitting.fit` resumes from it.
"""

import hashlib
import math
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from gdbook import _checks, _codec, _files
from gdbook._checks import shown
from gdbook._codec import FormError, Named
from gdbook._fingerprints import described
from gdbook.callbacks import (
    Callback,
    Epoch,
    Run,
)
from gdbook.network import _NDIMS, Layer, _checked

__all__ = ["SETTINGS", "Checkpoint", "CheckpointError", "load", "save"]

# The arguments of `fit` that a run is known by, and those that decide what is measured.
_MEASURED = ("layers", "inputs", "targets", "validation", "loss", "metrics")
SETTINGS = (
    *_MEASURED,
    *("rule", "clip_norm", "batch_size", "callbacks", "schedule", "generator"),
)

_MAGIC = b"gdbook checkpoint 2\n"
_STAMP = len(_MAGIC) + 65  # how many bytes the first line and the fingerprint take

_MOST_EPOCHS = 10**6
_MOST_BESIDE = 2**26  # bytes beside those for each number of the network and each epoch
_MOST_LETTERS = 1000

# The greatest integers in the states of NumPy's generators. NumPy believes what it is
# told, and reads beyond its buffers where a place in them is out of range.
_GREATEST = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "uinteger": 2**32 - 1}


class CheckpointError(ValueError):
    """A file that cannot be gone on from, or that is not this run's to write.

    Parameters
    ----------
    path : path
        The file.
    reason : str
        What is wrong with it.

    Examples
    --------
    >>> print(CheckpointError("run.gdbook", "is damaged"))
    the checkpoint 'run.gdbook' is damaged
    """

    def __init__(self, path: str | os.PathLike[str], reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        return f"the checkpoint {shown(os.fspath(self.path))} {self.reason}"


class _FlawError(ValueError):
    """What no run has."""


def save(path: str | os.PathLike[str], run: Run) -> None:
    """Write a run to a file, whole or not at all.

    Where the path is a link, the file that it leads to is replaced; the file keeps its
    mode. What a killed process left beside it is removed.

    Parameters
    ----------
    path : path
        The file; one that is there already is replaced in one move.
    run : Run
        Where training stands.

    Raises
    ------
    TypeError
        If `run` holds something that is neither a number nor an array of numbers, nor
        a name, nor made of these.
    ValueError
        If `run` holds what no run has, or more than a checkpoint does.
    CheckpointError
        If there is a directory, a pipe or a device in the place of the file.
    OSError
        If the file cannot be written; the one that was there stays.

    Examples
    --------
    >>> from gdbook.network import Dense
    >>> run = Run((Dense(np.array([[1.5]]), np.array([0.5])),), (Epoch(2.25),), 0, 0.1, (), (), {})
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Path(folder) / "run.gdbook", run)
    ...     load(Path(folder) / "run.gdbook", run).layers[0].weights
    array([[1.5]])
    """  # noqa: E501 (a run is long)
    file = _checks.file_path("path", path)
    contents = _contents(_checks.instance("run", run, Run))
    with _refusing(path):
        _files.replace(file, contents)


def load(
    path: str | os.PathLike[str],
    start: Run,
    *,
    num_epochs: int = _MOST_EPOCHS,
    changed: Collection[str] = (),
) -> Run:
    """Read a run from a file; nothing in it is ever executed.

    The file may come from a stranger. Only what `save` writes is read, and never more
    bytes than a run with this start, of so many epochs, can need.

    Parameters
    ----------
    path : path
        The file that `save` wrote.
    start : Run
        The same run before its first epoch: it gives the shapes.
    num_epochs : int, default 1000000
        How many epochs the run may have, at most.
    changed : collection of str, default ()
        Which settings may differ from those of the run in the file, from `SETTINGS`:
        names of arguments of `gdbook.fitting.fit`, which says what becomes of them.

    Returns
    -------
    Run
        Where training stood.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the run has more epochs, or if `changed` holds another name.
    CheckpointError
        If the file is no checkpoint, is damaged, holds what no run has, or belongs to
        another run.

    Examples
    --------
    >>> import tempfile
    >>> from gdbook.network import Dense
    >>> start = Run((Dense([[1.5]]),), (Epoch(4.0),), 0, 0.1, (), (), {})
    >>> with tempfile.NamedTemporaryFile(suffix=".gdbook") as file:
    ...     _ = file.write(b"something else")
    ...     file.flush()
    ...     try:
    ...         load(file.name, start)
    ...     except CheckpointError as error:
    ...         print(error.reason)
    is no checkpoint
    """
    return _loaded(path, start, num_epochs, changed)[0]


def _loaded(
    path: str | os.PathLike[str], start: Run, num_epochs: int, changed: Collection[str]
) -> tuple[Run, set[str]]:
    """Return a run from a file, and the names of the settings that differ."""
    file = _checks.file_path("path", path)
    start = _checks.instance("start", start, Run)
    start = start._replace(layers=_checked(start.layers))
    num_epochs = _checks.count("num_epochs", num_epochs)
    allowed = _names_of_settings(changed)
    own = _settings(start)
    with _refusing(path), _reading():
        found = _unpacked(_read(file, _most_bytes(start, num_epochs)))
        stored = found["settings"]
        texts = all(type(x) is str for x in stored.values())
        _require(texts and set(stored) <= set(SETTINGS), "has settings of no run")
        pairs = {x: (stored.get(x, "nothing"), own.get(x, "nothing")) for x in SETTINGS}
        differing = {name for name, (old, new) in pairs.items() if old != new}
        n_epochs = len(found["epochs"]["loss"]) - 1
    words = [
        f"whose `{name}` was {', not '.join(_apart(*pair))}"
        for name, pair in pairs.items()
        if name in differing - allowed
    ]
    if words:
        reason = f"belongs to another run, {', and '.join(words)}"
        raise CheckpointError(path, f"{reason}; `changed` names what may differ")
    if n_epochs > num_epochs:
        msg = (
            f"`num_epochs` is {num_epochs} but must be at least {n_epochs}, the epochs "
            f"of the run in the checkpoint {shown(os.fspath(path))}"
        )
        raise ValueError(msg)
    with _refusing(path), _reading():
        return _restored(found, start, differing), differing


@dataclass(frozen=True)
class Checkpoint(Callback):
    """Keep the run in a file, so that an interrupted one can be resumed.

    A run has its file for itself. When somebody else has written it since the run began
    or last wrote it, the run stops with an error, and leaves the file as it is. A file
    that is there from before is replaced.

    Parameters
    ----------
    path : path
        The file; the last one is replaced when the new one is complete.
    every : int, default 1
        How many epochs to let pass from one file to the next, 1 or more; a run that a
        callback stops is kept as well.

    Examples
    --------
    >>> Checkpoint("run.gdbook", every=10)
    Checkpoint(path='run.gdbook', every=10)
    """

    # Neither decides how a run goes on.
    path: str | os.PathLike[str] = field(metadata={"decides": False})
    every: int = field(default=1, metadata={"decides": False})
    _stamps: dict[str, bytes | None] = field(
        default_factory=dict,
        init=False,
        repr=False,
        compare=False,
        metadata={"decides": False},
    )

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _checks.file_path("path", self.path)
        _checks.count("every", self.every, least=1)

    def init(self, run: Run) -> None:  # noqa: ARG002
        """Look at the file that is there before the first epoch.

        Parameters
        ----------
        run : Run
            The run at its start.

        Raises
        ------
        CheckpointError
            If there is a directory, a pipe or a device in the place of the file.
        OSError
            If no file can be written there.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     try:
        ...         Checkpoint(folder).init(None)
        ...     except CheckpointError as error:
        ...         print(error.reason)
        is no file but a directory
        """
        with _refusing(self.path):
            self._stamps["last"] = _stamp(_files.look(Path(self.path)))

    def record(self, run: Run) -> None:
        """Write the file.

        Parameters
        ----------
        run : Run
            The run after the epoch.

        Raises
        ------
        CheckpointError
            If somebody else has written the file since this run last looked.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from gdbook.network import Dense
        >>> from gdbook.callbacks import Epoch
        >>> run = Run((Dense([[1.5]]),), (Epoch(4.0),), 0, 0.1, (), (), {})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Checkpoint(Path(folder) / "run.gdbook").record(run)
        ...     [path.name for path in Path(folder).iterdir()]
        ['run.gdbook']
        """
        if (len(run.epochs) - 1) % self.every and run.stopped is None:
            return
        contents = _contents(run)
        with _refusing(self.path):
            found = _stamp(_files.look(Path(self.path)))
            # Another checkpoint of this very run may have written the same.
            own = (None, contents[:_STAMP], self._stamps.get("last", found))
            _require(
                found in own,
                "was written by another run since this one last did; give each run a "
                "path of its own",
            )
            _files.replace(Path(self.path), contents)
        self._stamps["last"] = contents[:_STAMP]


def _contents(run: Run) -> bytes:
    """Return the bytes of a file."""
    checked = _checked(run.layers)
    try:
        _look_at(run)
    except _FlawError as error:
        msg = f"`run` {error}"
        raise ValueError(msg) from error
    pieces = _codec.pack(
        run._asdict()
        | {
            "settings": _settings(run),
            "layers": tuple(map(_numbers_of, run.layers, checked)),
            "epochs": _columns(run.epochs),
        }
    )
    contents = b"".join([_MAGIC, _fingerprint(pieces), *pieces])
    most = _most_bytes(run, len(run.epochs) - 1)
    header = len(pieces[0]), _codec.MOST_HEADER, " beside its arrays"
    for n_bytes, bound, part in (header, (len(contents), most, "")):
        if n_bytes > bound:
            msg = (
                f"`run` takes {n_bytes} bytes{part} but must take {bound} at most; "
                "does a callback remember more and more?"
            )
            raise ValueError(msg)
    return contents


def _numbers_of(layer: Layer, checked: Layer) -> tuple[Any, ...]:
    """Give the numbers as they are in training, where they are arrays or scalars."""
    pairs = [(getattr(layer, x), getattr(checked, x)) for x in _arrays_of(layer)]
    return tuple(x if isinstance(x, np.ndarray | np.generic) else y for x, y in pairs)


def _fingerprint(pieces: Iterable[bytes | memoryview]) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest().encode() + b"\n"


def _read(path: Path, most: int) -> bytes:
    with _files.opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        _require(size <= most, f"has {size} bytes, but such a run has {most} at most")
        return file.read(size)


def _unpacked(contents: bytes) -> dict[str, Any]:
    """Return the fields of a run, as far as a file tells them."""
    if not contents.startswith(_MAGIC):
        other = re.match(rb"gdbook checkpoint (\d{1,9})\n", contents)
        version = other and f"of version {int(other[1])}; this library reads version 2"
        flaw = f"is {version or 'no checkpoint'}"
        raise _FlawError(flaw)
    body = memoryview(contents)[_STAMP:]
    intact = _fingerprint([body]) == contents[len(_MAGIC) : _STAMP]
    _require(intact, "is damaged: its contents do not fit its fingerprint")
    fields = _codec.unpack(body)
    _require(set(fields) == set(Run._fields), str(FormError()))
    return fields  # type: ignore[no-any-return]


def _stamp(path: Path) -> bytes | None:
    """Return how a file begins, which tells one checkpoint from another."""
    try:
        with _files.opened(path) as file:
            return file.read(_STAMP)
    except FileNotFoundError:
        return None


def _most_bytes(run: Run, num_epochs: int) -> int:
    """Say how long the file of such a run can be."""
    layers = [getattr(x, name) for x in run.layers for name in _arrays_of(x)]
    size = _size((layers, run.rule_state, run.callback_states))
    return _MOST_BESIDE + 64 * (size + min(num_epochs, _MOST_EPOCHS))


def _size(value: Any) -> int:
    if isinstance(value, tuple | list):
        return sum(map(_size, value))
    return int(np.size(value)) if isinstance(value, np.ndarray) else 1


def _settings(run: Run) -> dict[str, str]:
    """Say what a run was started with."""
    forms = tuple(
        layer._replace(**{x: np.shape(getattr(layer, x)) for x in _arrays_of(layer)})
        for layer in run.layers
    )
    kind = run.generator_state.get("bit_generator")
    own = {"layers": described(forms), "generator": described(kind)}
    return own | dict(run.settings)


def _arrays_of(layer: Layer) -> tuple[str, ...]:
    known = _NDIMS.items()
    return next((tuple(own) for kind, own in known if isinstance(layer, kind)), ())


def _columns(epochs: Sequence[Epoch]) -> dict[str, Any]:
    """Turn epochs into rows of numbers by name."""
    columns: dict[str, Any] = {}
    for name in Epoch._fields:
        values: Any = tuple(getattr(epoch, name) for epoch in epochs)
        if name.endswith("metrics"):
            names = dict.fromkeys(x for value in values for x in value)
            values = {x: tuple(value.get(x) for value in values) for x in names}
        elif set(values) == {None}:
            values = None
        columns[name] = values
    return columns


def _epochs(columns: dict[str, Any]) -> tuple[Epoch, ...]:
    n_epochs = len(columns["loss"])

    def row(values: Any, epoch: int) -> Any:
        if isinstance(values, dict):
            found = {name: row(x, epoch) for name, x in values.items()}
            return {name: x for name, x in found.items() if x is not None}
        return None if values is None else values[epoch]

    return tuple(
        Epoch(**{name: row(values, epoch) for name, values in columns.items()})
        for epoch in range(n_epochs)
    )


def _restored(found: dict[str, Any], start: Run, differing: set[str]) -> Run:
    """Give what was stored the types that it had, and refuse what no run has."""
    rule_state, state = start.rule_state, found["rule_state"]
    if "rule" not in differing or _is_like(rule_state, state):
        rule_state = _like(rule_state, state)
    states = start.callback_states
    if not differing & {*_MEASURED, "callbacks"}:
        pairs = zip(states, found["callback_states"], strict=True)
        states = tuple(_like(template, state) for template, state in pairs)
    generator_state = start.generator_state
    if "generator" not in differing:
        generator_state = _like_generator(generator_state, found["generator_state"])
    changed = {*found["changed"], *differing}
    _require(changed <= set(SETTINGS), "was changed in what no run has")
    epochs = _epochs(found["epochs"])
    _require(_columns(epochs) == found["epochs"], str(FormError()))
    for epoch in epochs if not changed & set(_MEASURED) else ():
        measured = list(epoch.values())
        own = list(start.epochs[0].values())
        _require(measured == own, f"has measured {shown(measured)}, not {shown(own)}")
    run = Run(
        layers=_with_arrays(start.layers, found["layers"]),
        epochs=epochs,
        num_steps=found["num_steps"],
        learning_rate=found["learning_rate"],
        rule_state=rule_state,
        callback_states=states,
        generator_state=generator_state,
        settings=dict(start.settings),
        stopped=found["stopped"],
        changed=tuple(name for name in SETTINGS if name in changed),
    )
    _look_at(run)
    if not differing:
        return run
    if "rule" in differing:
        run = run._replace(learning_rate=start.learning_rate)
    return run._replace(stopped=None)


def _with_arrays(layers: Sequence[Any], stored: Any) -> tuple[Layer, ...]:
    """Put numbers into the layers that have some; the others may come and go."""
    left, filled = [numbers for numbers in stored if numbers], []
    for layer in layers:
        names = _arrays_of(layer)
        numbers = left.pop(0) if names and left else ()
        arrays = dict(zip(names, numbers, strict=True))
        for name, array in arrays.items():
            shapes = np.shape(array), np.shape(getattr(layer, name))
            _require(
                _is_like(getattr(layer, name), array),
                f"has {name} of shape {shapes[0]}, but the network's have {shapes[1]}",
            )
        filled.append(layer._replace(**arrays))
    _require(not left, "has numbers for more layers")
    _checked(filled)
    return tuple(filled)


def _is_like(template: Any, value: Any) -> bool:
    """Say whether a value has the form of another: kind and shape."""
    if hasattr(template, "_fields"):
        named = isinstance(value, Named) and value.name == type(template).__name__
        return named and len(value.items) == len(template)
    if isinstance(template, tuple):
        return type(value) is tuple and len(value) == len(template)
    if isinstance(value, np.ndarray | np.generic):
        kinds = {value.dtype.kind, getattr(template, "dtype", value.dtype).kind}
        fits = kinds <= {"f", "O"} or kinds == {"i"}
        return fits and value.shape == np.shape(template)
    return type(value) in {int, float, Fraction} and np.shape(template) == ()


def _like(template: Any, value: Any, *, ours: bool = False) -> Any:
    """Give a state the types that it had at the start.

    What the library's own states hold has the form that it had then as well.
    """
    named = hasattr(template, "_fields")
    if named or ours:
        fits = _is_like(template, value)
        _require(fits, f"has {shown(value)} where the start has {shown(template)}")
    if named:
        ours = _is_ours(template)
        pairs = zip(template, value.items, strict=True)
        return type(template)._make(_like(*pair, ours=ours) for pair in pairs)
    if isinstance(value, Named):
        msg = f"has a state with a {shown(value.name)}, of which the start has none"
        raise _FlawError(msg)
    if isinstance(value, tuple | list):
        fits = type(template) is type(value) and len(template) == len(value)
        templates = template if fits else [None] * len(value)
        pairs = zip(templates, value, strict=True)
        return type(value)(_like(*pair, ours=ours and fits) for pair in pairs)
    if isinstance(value, dict):
        templates = template if isinstance(template, dict) else {}
        return {name: _like(templates.get(name), x) for name, x in value.items()}
    return value


def _like_generator(template: Any, value: Any, name: str = "state") -> Any:
    """Look at a state of a generator, which NumPy does not."""
    if isinstance(template, dict) and isinstance(value, dict):
        _require(template.keys() == value.keys(), f"has a generator with other {name}s")
        return {x: _like_generator(template[x], value[x], x) for x in template}
    if isinstance(template, np.ndarray) and isinstance(value, np.ndarray):
        fits = (value.dtype, value.shape) == (template.dtype, template.shape)
    elif type(template) is type(value) is int:
        fits = 0 <= value <= _GREATEST.get(name, 2**128 - 1)
        fits = fits and (name != "inc" or value % 2 == 1)
    else:
        fits = type(template) is type(value) and template == value
    _require(fits, f"has a generator with the {name} {shown(value)}")
    return value


def _look_at(run: Run) -> None:
    """Refuse what no run has."""
    last = len(run.epochs) - 1
    _require(last >= 0, "has no epochs, not even the start")
    for epoch in run.epochs:
        for name, value in epoch.values().items():
            _require(_is_finite(value), f"has a {shown(name)} of {shown(value)}")
    for rate in (run.learning_rate, *(epoch.learning_rate for epoch in run.epochs)):
        fits = rate is None or (_is_finite(rate) and rate > 0)
        _require(fits, f"has a learning rate of {shown(rate)}")
    steps = run.num_steps
    fits = type(steps) is int and (steps >= last > 0 or steps == last == 0)
    _require(fits, f"has {shown(steps)} steps after {last} epochs")
    if (reason := run.stopped) is not None:
        fits = isinstance(reason, str) and len(reason) <= _MOST_LETTERS
        fits = fits and re.sub(r"[\n\t]", "", reason).isprintable()
        _require(fits, f"was stopped for the reason {shown(reason)}")
    for state in (run.rule_state, *run.callback_states):
        form = type(state).__name__
        for name, value in state._asdict().items() if _is_ours(state) else ():
            fits = _is_possible(name, value, run)
            _require(fits, f"has {shown(value)} for {form}.{name}")


def _is_ours(state: Any) -> bool:
    return hasattr(state, "_fields") and type(state).__module__.startswith("gdbook.")


def _is_possible(name: str, value: Any, run: Run) -> bool:
    """Say whether a state of the library's own can hold a value."""
    if name == "best":
        return all(_is_finite(np.abs(part).max()) for part in value)
    if name in {"num_steps", "best_epoch", "since"}:
        most = run.num_steps if name == "num_steps" else len(run.epochs) - 1
        return type(value) is int and 0 <= value <= most
    if name == "exponent":  # of any float, however long
        return bool(np.all(np.abs(value) <= 2**15))
    least = 0 if name.startswith("square") else -math.inf
    return bool(np.all(np.asarray(value) >= least))  # which NaN is not


def _is_finite(value: Any) -> bool:
    try:
        _checks.number("value", value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, np.ndarray)


def _apart(first: str, second: str) -> tuple[str, str]:
    """Show where two texts begin to differ."""
    pairs = enumerate(zip(first, second, strict=False))
    same = next((place for place, (x, y) in pairs if x != y), 0)
    begin = max(0, same - 20) if max(len(first), len(second)) > 56 else 0
    mark = "..." if begin else ""
    return shown(mark + first[begin:][:52]), shown(mark + second[begin:][:52])


def _names_of_settings(changed: Any) -> set[str]:
    if isinstance(changed, str) or not isinstance(changed, Collection):
        msg = f"`changed` is {shown(changed)} but must be a collection of names"
        raise TypeError(msg)
    for name in changed:
        if name not in SETTINGS:
            msg = (
                f"`changed` holds {shown(name)} but must hold some of these names: "
                f"{', '.join(SETTINGS)}"
            )
            raise ValueError(msg)
    return set(changed)


def _require(fits: Any, flaw: str) -> None:
    if not fits:
        raise _FlawError(flaw)


@contextmanager
def _refusing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Tell what is wrong with which file."""
    try:
        yield
    except (_FlawError, FormError, _files.NoFileError) as error:
        raise CheckpointError(path, str(error)) from None


@contextmanager
def _reading() -> Iterator[None]:
    """Call what has the wrong fields what it is."""
    try:
        yield
    except (_FlawError, FormError, _files.NoFileError):
        raise
    except (AttributeError, LookupError, OverflowError, TypeError, ValueError):
        raise FormError from None
