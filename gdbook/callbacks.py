"""When should training stop, slow down or be kept? What looks on after every epoch.

`gdbook.training.fit` asks its callbacks after every epoch. `EarlyStopping` stops a run
that no longer gets better and hands out its best network, `ReduceOnPlateau` lowers the
learning rate first, and `Checkpoint` keeps the run on disk.
"""

import os
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from gdbook import _checks
from gdbook._checks import Number
from gdbook.checkpoints import save
from gdbook.network import Layer, restore, snapshot
from gdbook.runs import Callback, Decision, Run
from gdbook.training import reduce_on_plateau

__all__ = [
    "Checkpoint",
    "EarlyStopping",
    "EarlyStoppingState",
    "ReduceOnPlateau",
    "ReduceOnPlateauState",
]

Mode = Literal["min", "max"]


class EarlyStoppingState(NamedTuple):
    """What early stopping remembers.

    Parameters
    ----------
    best_epoch : int
        The epoch with the best value so far; 0 is the start.
    best : tuple of array
        The network after it, as `gdbook.network.snapshot` gives it.
    """

    best_epoch: int
    best: tuple[Any, ...]


@dataclass(frozen=True)
class EarlyStopping(Callback):
    """Stop when a value has not improved for some epochs, and keep the best network.

    Parameters
    ----------
    patience : int
        How many epochs without improvement to wait for, 1 or more.
    monitor : str, default "validation_loss"
        What is watched: a name that `gdbook.runs.Epoch.values` gives.
    mode : str, default "min"
        Whether the ``min`` or the ``max`` of it is best.
    least_improvement : number, default 0
        A value that beats the best by no more than this does not count.

    Raises
    ------
    TypeError
        If an argument is not what it should be.
    ValueError
        If `patience` is less than 1, `mode` neither ``min`` nor ``max``, or
        `least_improvement` negative.

    References
    ----------
    .. [1] L. Prechelt, "Early stopping — but when?", in Neural Networks: Tricks of the
       Trade, Springer (1998).

    Examples
    --------
    >>> early = EarlyStopping(patience=3)
    >>> early.monitor, early.mode
    ('validation_loss', 'min')
    """

    patience: int
    monitor: str = "validation_loss"
    mode: Mode = "min"
    least_improvement: Number = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _look(self.patience, self.monitor, self.mode)
        _checks.not_negative("least_improvement", self.least_improvement)

    def init(self, run: Run) -> EarlyStoppingState:
        """Make the state before the first epoch: the start is the best so far.

        Parameters
        ----------
        run : Run
            The run at its start.

        Returns
        -------
        EarlyStoppingState
            What early stopping remembers.

        Raises
        ------
        ValueError
            If what is watched is not measured.

        Examples
        --------
        >>> from gdbook.network import Dense
        >>> from gdbook.runs import Epoch
        >>> run = Run((Dense([[1.5]]),), (Epoch(4.0),), 0, 0.1, (), (), {})
        >>> EarlyStopping(patience=3, monitor="loss").init(run)
        EarlyStoppingState(best_epoch=0, best=(array([1.5, 0. ]),))
        """
        run.epochs[-1].value(self.monitor)
        return EarlyStoppingState(len(run.epochs) - 1, snapshot(run.layers))

    def after_epoch(
        self, run: Run, state: EarlyStoppingState
    ) -> tuple[Decision, EarlyStoppingState]:
        """Compare the last epoch with the best one.

        Parameters
        ----------
        run : Run
            The run after the epoch.
        state : EarlyStoppingState
            What `init` or the last `after_epoch` returned.

        Returns
        -------
        decision : Decision
            Stop, or go on.
        state : EarlyStoppingState
            What to remember.

        Examples
        --------
        >>> from gdbook.network import Dense
        >>> from gdbook.runs import Epoch
        >>> run = Run((Dense([[1.5]]),), (Epoch(4.0),), 0, 0.1, (), (), {})
        >>> early = EarlyStopping(patience=1, monitor="loss")
        >>> worse = run._replace(epochs=(Epoch(4.0), Epoch(5.0)))
        >>> decision, state = early.after_epoch(worse, early.init(run))
        >>> decision.stop
        'loss has not improved for an epoch'
        """
        epoch = len(run.epochs) - 1
        best, value = (
            _signed(run.epochs[index].value(self.monitor), self.mode)
            for index in (state.best_epoch, epoch)
        )
        if value < best - self.least_improvement:
            return Decision(), EarlyStoppingState(epoch, snapshot(run.layers))
        if epoch - state.best_epoch < self.patience:
            return Decision(), state
        waited = "an epoch" if self.patience == 1 else f"{self.patience} epochs"
        reason = f"{self.monitor} has not improved for {waited}"
        return Decision(stop=reason), state

    def at_end(
        self, layers: tuple[Layer, ...], state: EarlyStoppingState
    ) -> tuple[Layer, ...]:
        """Hand out the best network.

        Parameters
        ----------
        layers : tuple
            The network after the last epoch.
        state : EarlyStoppingState
            What the last `after_epoch` returned.

        Returns
        -------
        tuple
            The network of the best epoch.

        Examples
        --------
        >>> from gdbook.network import Dense
        >>> state = EarlyStoppingState(2, ([1.5, 0.0],))
        >>> layers = EarlyStopping(patience=1).at_end((Dense([[2.0]]),), state)
        >>> layers[0].weights
        array([[1.5]])
        """
        return restore(layers, state.best)


class ReduceOnPlateauState(NamedTuple):
    """What reducing the rate on a plateau remembers.

    Parameters
    ----------
    since : int
        The epoch in which the present rate began.
    """

    since: int


@dataclass(frozen=True)
class ReduceOnPlateau(Callback):
    r"""Shrink the learning rate when a value has stopped improving.

    .. math:: \alpha \leftarrow \gamma\, \alpha

    Parameters
    ----------
    patience : int
        How many epochs without improvement to wait for, 1 or more.
    factor : number, default 0.1
        What the rate is multiplied by, :math:`\gamma`, greater than 0 and less than 1.
    monitor : str, default "validation_loss"
        What is watched: a name that `gdbook.runs.Epoch.values` gives.
    mode : str, default "min"
        Whether the ``min`` or the ``max`` of it is best.

    Raises
    ------
    TypeError
        If an argument is not what it should be.
    ValueError
        If `patience` is less than 1, `factor` not between 0 and 1, or `mode` neither
        ``min`` nor ``max``.

    Examples
    --------
    >>> ReduceOnPlateau(patience=3, factor=0.5)
    ReduceOnPlateau(patience=3, factor=0.5, monitor='validation_loss', mode='min')
    """

    patience: int
    factor: Number = 0.1
    monitor: str = "validation_loss"
    mode: Mode = "min"

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _look(self.patience, self.monitor, self.mode)
        _checks.between("factor", self.factor)

    def init(self, run: Run) -> ReduceOnPlateauState:
        """Make the state before the first epoch.

        Parameters
        ----------
        run : Run
            The run at its start.

        Returns
        -------
        ReduceOnPlateauState
            What is remembered.

        Raises
        ------
        ValueError
            If what is watched is not measured.

        Examples
        --------
        >>> from gdbook.runs import Epoch
        >>> run = Run((), (Epoch(4.0),), 0, 0.1, (), (), {})
        >>> ReduceOnPlateau(patience=3, monitor="loss").init(run)
        ReduceOnPlateauState(since=0)
        """
        run.epochs[-1].value(self.monitor)
        return ReduceOnPlateauState(since=len(run.epochs) - 1)

    def after_epoch(
        self, run: Run, state: ReduceOnPlateauState
    ) -> tuple[Decision, ReduceOnPlateauState]:
        """Look at the epochs since the rate last changed.

        Parameters
        ----------
        run : Run
            The run after the epoch.
        state : ReduceOnPlateauState
            What `init` or the last `after_epoch` returned.

        Returns
        -------
        decision : Decision
            The new rate, or nothing.
        state : ReduceOnPlateauState
            What to remember.

        Examples
        --------
        >>> from gdbook.runs import Epoch
        >>> run = Run((), (Epoch(4.0), Epoch(4.0)), 0, 0.5, (), (), {})
        >>> plateau = ReduceOnPlateau(patience=1, factor=0.5, monitor="loss")
        >>> plateau.after_epoch(run, ReduceOnPlateauState(since=0))[0].learning_rate
        0.25
        """
        values = [
            _signed(epoch.value(self.monitor), self.mode)
            for epoch in run.epochs[state.since :]
        ]
        rate = reduce_on_plateau(
            run.learning_rate, values, patience=self.patience, factor=self.factor
        )
        if rate == run.learning_rate:
            return Decision(), state
        return Decision(learning_rate=rate), ReduceOnPlateauState(len(run.epochs) - 1)


@dataclass(frozen=True)
class Checkpoint(Callback):
    """Keep the run in a file, so that an interrupted one can be resumed.

    Parameters
    ----------
    path : path
        The file; the last one is replaced when the new one is complete.
    every : int, default 1
        How many epochs to let pass from one file to the next; a run that a callback
        stops is kept as well.

    Raises
    ------
    TypeError
        If `path` is no path or `every` no whole number.
    ValueError
        If `every` is less than 1.

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
        >>> from gdbook.runs import Epoch
        >>> run = Run((Dense([[1.5]]),), (Epoch(4.0),), 0, 0.1, (), (), {})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Checkpoint(Path(folder) / "run.gdbook").record(run)
        ...     [path.name for path in Path(folder).iterdir()]
        ['run.gdbook']
        """
        if (len(run.epochs) - 1) % self.every == 0 or run.stopped is not None:
            save(self.path, run)


def _look(patience: Any, monitor: Any, mode: Any) -> None:
    _checks.count("patience", patience, least=1)
    if not isinstance(monitor, str):
        msg = f"`monitor` is {monitor!r} but must be a name"
        raise TypeError(msg)
    if mode not in ("min", "max"):
        msg = f"`mode` is {mode!r} but must be 'min' or 'max'"
        raise ValueError(msg)


def _signed(value: Number, mode: Mode) -> Number:
    return value if mode == "min" else -value
