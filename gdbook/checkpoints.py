"""Can an interrupted run go on as if nothing had happened? Runs on disk.

A checkpoint is one file: a line that says what it is, a fingerprint of the rest, and
NumPy's own ``.npz`` with numbers, names and nothing that could be executed. It is
written beside the last good one and takes its place only when it is complete.
`Checkpoint` writes it after epochs, and `gdbook.fitting.fit` resumes from it.
"""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gdbook import _checks
from gdbook._checks import shown
from gdbook.callbacks import Callback, Epoch, Run
from gdbook.network import BatchNorm, Dense, Dropout, Layer
from gdbook.packing import restore, snapshot

__all__ = ["Checkpoint", "CheckpointError", "load", "save"]

_MAGIC = b"gdbook checkpoint 1\n"


# What contents of another form than `save` writes can lead to, fingerprint or not.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)


class CheckpointError(ValueError):
    """A file that cannot be gone on from.

    Parameters
    ----------
    path : path
        The file.
    reason : str
        What is wrong with it.

    Examples
    --------
    >>> print(CheckpointError("run.gdbook", "is damaged"))
    the checkpoint `run.gdbook` is damaged
    """

    def __init__(self, path: str | os.PathLike[str], reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"the checkpoint `{os.fspath(path)}` {reason}")


def save(path: str | os.PathLike[str], run: Run) -> None:
    """Write a run to a file, whole or not at all.

    Parameters
    ----------
    path : path
        The file; one that is there already is replaced in one move.
    run : Run
        Where training stands.

    Raises
    ------
    TypeError
        If `run` holds something that is neither a number nor an array of floats.

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
    run = _checks.instance("run", run, Run)
    arrays: list[np.ndarray] = []
    contents = run._asdict() | {"layers": snapshot(run.layers)}
    header = {
        "network": _describe(run.layers),
        "run": _packed(contents, arrays),
    }
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    body = io.BytesIO()
    np.savez(body, text, *arrays)
    fingerprint = hashlib.sha256(body.getvalue()).hexdigest().encode() + b"\n"
    _replace(file, _MAGIC + fingerprint + body.getvalue())


def load(path: str | os.PathLike[str], start: Run) -> Run:
    """Read a run from a file; nothing in it is ever executed.

    Parameters
    ----------
    path : path
        The file that `save` wrote.
    start : Run
        The same run before its first epoch: it gives the shapes.

    Returns
    -------
    Run
        Where training stood.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    CheckpointError
        If the file is no checkpoint, is damaged, or belongs to another network, to a
        run with other settings, or to another kind of generator.

    Examples
    --------
    >>> import tempfile
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
    contents = _checks.file_path("path", path).read_bytes()
    start = _checks.instance("start", start, Run)
    if not contents.startswith(_MAGIC):
        raise CheckpointError(path, "is no checkpoint")
    fingerprint, _, body = contents.removeprefix(_MAGIC).partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != fingerprint:
        raise CheckpointError(
            path, "is damaged: its contents do not fit its fingerprint"
        )
    try:
        network, found = _read(body)
        compared = (
            ("network", network, _describe(start.layers)),
            ("settings", found["settings"], start.settings),
            ("generator", _kind(found), _kind(start._asdict())),
        )
        others = [other for other in compared if other[1] != other[2]]
        if not others:
            return _restored(found, start)
    except _UNREADABLE as error:
        raise CheckpointError(path, "is damaged: it cannot be read") from error
    part, stored, expected = others[0]
    reason = f"belongs to another run, with {part} {stored}; expected {expected}"
    raise CheckpointError(path, reason)


@dataclass(frozen=True)
class Checkpoint(Callback):
    """Keep the run in a file, so that an interrupted one can be resumed.

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

    path: str | os.PathLike[str]
    every: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _checks.file_path("path", self.path)
        _checks.count("every", self.every, least=1)

    def record(self, run: Run) -> None:
        """Write the file.

        Parameters
        ----------
        run : Run
            The run after the epoch.

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
        if (len(run.epochs) - 1) % self.every == 0 or run.stopped is not None:
            save(self.path, run)


def _read(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the description of the network, and the fields of the run."""
    with np.load(io.BytesIO(body), allow_pickle=False) as stored:
        text, *arrays = (stored[name] for name in stored.files)
    header = json.loads(text.tobytes())
    return header["network"], _unpacked(header["run"], arrays)


def _kind(run: Mapping[str, Any]) -> Any:
    return run["generator_state"].get("bit_generator")


def _restored(found: dict[str, Any], start: Run) -> Run:
    """Give what was stored the types that it had."""
    states = zip(start.callback_states, found.pop("callback_states"), strict=True)
    return Run(
        layers=restore(start.layers, found.pop("layers")),
        epochs=tuple(Epoch(*epoch) for epoch in found.pop("epochs")),
        rule_state=_like(start.rule_state, found.pop("rule_state")),
        callback_states=tuple(_like(template, state) for template, state in states),
        **found,
    )


def _like(template: Any, state: Any) -> Any:
    return state if template is None else type(template)(*state)


def _describe(layers: Sequence[Layer]) -> str:
    """Say what a network is made of, without its numbers."""
    return ", ".join(map(_describe_layer, layers))


def _describe_layer(layer: Layer) -> str:
    if isinstance(layer, Dense):
        shapes = f"weights {np.shape(layer.weights)}, bias {np.shape(layer.bias)}"
        return f"Dense({shapes}, {_describe_layer(layer.activation)})"
    if isinstance(layer, BatchNorm):
        width, momentum, epsilon = np.shape(layer.scale), layer.momentum, layer.epsilon
        return f"BatchNorm({width}, momentum {momentum}, epsilon {epsilon})"
    if isinstance(layer, Dropout):
        return f"Dropout({layer.rate})"
    return _name_of(layer.function)


def _name_of(function: Any) -> str:
    if isinstance(function, partial):
        given = ", ".join(
            f"{name}={value}" for name, value in function.keywords.items()
        )
        return f"{_name_of(function.func)}({given})"
    return str(getattr(function, "__name__", type(function).__name__))


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    """Turn a value into JSON; arrays go to a list of their own."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, dict):
        return {"dict": {name: _packed(item, arrays) for name, item in value.items()}}
    if isinstance(value, list | tuple):
        return [_packed(item, arrays) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    msg = f"`run` holds {shown(value)} but must hold numbers and arrays of floats only"
    raise TypeError(msg)


def _unpacked(value: Any, arrays: Sequence[np.ndarray]) -> Any:
    if isinstance(value, dict) and "array" in value:
        return arrays[value["array"]]
    if isinstance(value, dict):
        items = value["dict"].items()
        return {name: _unpacked(item, arrays) for name, item in items}
    if isinstance(value, list):
        return tuple(_unpacked(item, arrays) for item in value)
    return value


def _replace(path: Path, contents: bytes) -> None:
    """Write a file beside the old one, and then put it in its place."""
    # The name is always the same: what a killed process left is written over.
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
