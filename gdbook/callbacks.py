"""When should training stop or slow down? What looks on after every epoch.

`gdbook.fitting.fit` makes a `Run` of every epoch and asks its callbacks, which look at
it and decide. `EarlyStopping` stops a run that no longer gets better and hands out its
best network, and `ReduceOnPlateau` lowers the learning rate first;
`gdbook.checkpoints.Checkpoint` keeps the run on disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from gdbook import _checks
from gdbook._arguments import nearest
from gdbook._checks import Number, shown
from gdbook.network import Layer
from gdbook.packing import restore, snapshot
from gdbook.schedules import reduce_on_plateau

__all__ = [
    "Callback",
    "Decision",
    "EarlyStopping",
    "EarlyStoppingState",
    "Epoch",
    "ReduceOnPlateau",
    "ReduceOnPlateauState",
    "Run",
]

VALIDATION = "validation_"  # what stands before the names of validation values


class Epoch(NamedTuple):
    """What was measured after an epoch, in the mode that predicts.

    Parameters
    ----------
    loss : number
        The loss on all training samples.
    validation_loss : number, optional
        The loss on the validation samples.
    metrics : dict, optional
        Each metric on all training samples, by name.
    validation_metrics : dict, optional
        Each metric on the validation samples, by name.
    learning_rate : number, optional
        The rate of the epoch's last step.
    """

    loss: Number
    validation_loss: Number | None = None
    metrics: dict[str, Number] = {}  # noqa: RUF012 (nobody writes into it)
    validation_metrics: dict[str, Number] = {}  # noqa: RUF012
    learning_rate: Number | None = None

    def value(self, monitor: str) -> Number:
        """Look up what a callback watches.

        Parameters
        ----------
        monitor : str
            ``loss`` or the name of a metric, with ``validation_`` before it for the
            validation samples.

        Returns
        -------
        number
            What was measured.

        Raises
        ------
        ValueError
            If nothing of that name was measured.

        Examples
        --------
        >>> Epoch(0.5, 0.75, {"accuracy": 0.875}).value("validation_loss")
        0.75
        """
        known = self.values()
        _look_at_name(monitor)
        if monitor not in known:
            names = ", ".join(known)
            msg = f"`monitor` is {shown(monitor)} but must be one of: {names}"
            if monitor.removeprefix(VALIDATION) in known:
                msg += "; `validation` gives `fit` samples to measure it on"
            elif near := nearest(monitor, known):
                msg += f"; {near} is meant?"
            raise ValueError(msg)
        return known[monitor]

    def values(self) -> dict[str, Number]:
        """Give all that was measured, by the names that a callback watches.

        Returns
        -------
        dict
            The names and the numbers.

        Examples
        --------
        >>> Epoch(0.5, 0.75, {"accuracy": 0.875}, {"accuracy": 0.625}).values()
        {'loss': 0.5, 'accuracy': 0.875, 'validation_loss': 0.75, 'validation_accuracy': 0.625}
        """  # noqa: E501 (a doctest shows a dict as one line)
        found: dict[str, Number] = {"loss": self.loss, **self.metrics}
        if self.validation_loss is not None:
            found[VALIDATION + "loss"] = self.validation_loss
        for name, number in self.validation_metrics.items():
            found[VALIDATION + name] = number
        return found


class Run(NamedTuple):
    """Where a training run stands: what it goes on from, beside its samples.

    Parameters
    ----------
    layers : tuple
        The network after the last epoch.
    epochs : tuple of Epoch
        What was measured at the start and after every epoch.
    num_steps : int
        How many steps were taken.
    learning_rate : number
        The rate of the next step.
    rule_state : NamedTuple
        What the update rule remembers.
    callback_states : tuple
        What each callback remembers.
    generator_state : mapping
        Where the random numbers stand.
    settings : mapping, default {}
        What the run was started with, in words: data, loss, rule and the like by name;
        a checkpoint of other settings is refused.
    stopped : str, optional
        Why a callback stopped the run.
    changed : tuple of str, default ()
        Which settings were changed on the way, by name.
    """

    layers: tuple[Layer, ...]
    epochs: tuple[Epoch, ...]
    num_steps: int
    learning_rate: Number
    rule_state: Any
    callback_states: tuple[Any, ...]
    generator_state: Mapping[str, Any]
    settings: Mapping[str, str] = {}
    stopped: str | None = None
    changed: tuple[str, ...] = ()


class Decision(NamedTuple):
    """What a callback wants to change.

    Parameters
    ----------
    stop : str, optional
        Why the run should stop now.
    learning_rate : number, optional
        The rate from now on.
    """

    stop: str | None = None
    learning_rate: Number | None = None


class Callback:
    """What looks at a run after every epoch: this one sees and changes nothing.

    A callback is frozen, like an update rule: what it remembers is a NamedTuple of
    numbers and arrays that `fit` carries, so that a checkpoint holds it too. A run with
    other fields is another run to a checkpoint, but for those of a dataclass whose
    metadata say ``{"decides": False}``.
    """

    def init(self, run: Run) -> Any:  # noqa: ARG002
        """Make the state before the first epoch.

        Parameters
        ----------
        run : Run
            The run at its start.

        Returns
        -------
        NamedTuple or None
            What the callback remembers.

        Examples
        --------
        >>> Callback().init(None) is None
        True
        """
        return None

    def after_epoch(self, run: Run, state: Any) -> tuple[Decision, Any]:  # noqa: ARG002
        """Look at a run after an epoch.

        Parameters
        ----------
        run : Run
            The run after the epoch.
        state : NamedTuple or None
            What `init` or the last `after_epoch` returned.

        Returns
        -------
        decision : Decision
            What to change.
        state : NamedTuple or None
            What to remember.

        Examples
        --------
        >>> Callback().after_epoch(None, None)
        (Decision(stop=None, learning_rate=None), None)
        """
        return Decision(), state

    def record(self, run: Run) -> None:
        """Keep a run whose callbacks have all decided.

        Parameters
        ----------
        run : Run
            The run after the epoch.

        Examples
        --------
        >>> Callback().record(None)
        """

    def at_end(self, layers: tuple[Layer, ...], state: Any) -> tuple[Layer, ...]:  # noqa: ARG002
        """Choose the network that the run ends with.

        Parameters
        ----------
        layers : tuple
            The network after the last epoch.
        state : NamedTuple or None
            What the last `after_epoch` returned.

        Returns
        -------
        tuple
            The network to hand out.

        Examples
        --------
        >>> Callback().at_end((1,), None)
        (1,)
        """
        return layers


Mode = Literal["min", "max"]


class EarlyStoppingState(NamedTuple):
    """What early stopping remembers.

    Parameters
    ----------
    best_epoch : int
        The epoch with the best value so far; 0 is the start.
    best : tuple of array
        The network after it, as `gdbook.packing.snapshot` gives it.
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
        What is watched: a name that `gdbook.callbacks.Epoch.values` gives.
    mode : str, default "min"
        Whether the ``min`` or the ``max`` of it is best.
    least_improvement : number, default 0
        A value that beats the best by no more than this does not count; 0 or more.

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
        >>> from gdbook.callbacks import Epoch
        >>> run = Run((Dense([[1.5]]),), (Epoch(4.0),), 0, 0.1, (), (), {})
        >>> EarlyStopping(patience=3, monitor="loss").init(run)
        EarlyStoppingState(best_epoch=0, best=(array([1.5, 0. ]),))
        """
        _look_at(run).epochs[-1].value(self.monitor)
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
        >>> from gdbook.callbacks import Epoch
        >>> run = Run((Dense([[1.5]]),), (Epoch(4.0),), 0, 0.1, (), (), {})
        >>> early = EarlyStopping(patience=1, monitor="loss")
        >>> worse = run._replace(epochs=(Epoch(4.0), Epoch(5.0)))
        >>> decision, state = early.after_epoch(worse, early.init(run))
        >>> decision.stop
        'loss has not improved for an epoch'
        """
        epoch = len(_look_at(run).epochs) - 1
        _look_at_state(state, EarlyStoppingState, run)
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
        _look_at_state(state, EarlyStoppingState)
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
        What is watched: a name that `gdbook.callbacks.Epoch.values` gives.
    mode : str, default "min"
        Whether the ``min`` or the ``max`` of it is best.

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
        >>> from gdbook.callbacks import Epoch
        >>> run = Run((), (Epoch(4.0),), 0, 0.1, (), (), {})
        >>> ReduceOnPlateau(patience=3, monitor="loss").init(run)
        ReduceOnPlateauState(since=0)
        """
        _look_at(run).epochs[-1].value(self.monitor)
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
        >>> from gdbook.callbacks import Epoch
        >>> run = Run((), (Epoch(4.0), Epoch(4.0)), 0, 0.5, (), (), {})
        >>> plateau = ReduceOnPlateau(patience=1, factor=0.5, monitor="loss")
        >>> plateau.after_epoch(run, ReduceOnPlateauState(since=0))[0].learning_rate
        0.25
        """
        _look_at_state(state, ReduceOnPlateauState, _look_at(run))
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


def _look(patience: Any, monitor: Any, mode: Any) -> None:
    _checks.count("patience", patience, least=1)
    _look_at_name(monitor)
    if mode not in ("min", "max"):
        msg = f"`mode` is {shown(mode)} but must be 'min' or 'max'"
        raise ValueError(msg)


def _look_at(run: Any) -> Run:
    run = _checks.instance("run", run, Run)
    if not run.epochs:
        msg = "`run` holds no epochs but must hold the start; `fit` makes a run"
        raise ValueError(msg)
    return run  # type: ignore[no-any-return]


def _look_at_state(state: Any, kind: type, run: Run | None = None) -> None:
    """Refuse the state of another callback, and that of a longer run."""
    if not isinstance(state, kind):
        words = shown(state)
        msg = f"`state` is {words} but must be {kind.__name__}; `init` makes the first"
        raise TypeError(msg)
    epoch = _checks.count(f"state.{kind._fields[0]}", state[0])  # type: ignore[attr-defined,index]
    if run is not None and epoch >= len(run.epochs):
        msg = (
            f"`state` is of epoch {epoch} but `run` has come to {len(run.epochs) - 1}; "
            "every run begins with `init`"
        )
        raise ValueError(msg)


def _look_at_name(monitor: Any) -> None:
    if not isinstance(monitor, str):
        msg = f"`monitor` is {shown(monitor)} but must be a name"
        raise TypeError(msg)


def _signed(value: Number, mode: Mode) -> Number:
    return value if mode == "min" else -value
