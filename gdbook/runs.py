"""Where does a training run stand? What is known after every epoch.

`gdbook.training.fit` makes a `Run` of every epoch. Callbacks look at it and decide,
and a checkpoint is a run on disk.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gdbook._checks import Number
from gdbook.network import Layer

__all__ = ["Callback", "Decision", "Epoch", "Run"]

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
        if monitor not in known:
            names = ", ".join(known)
            msg = f"`monitor` is {monitor!r} but must be one of: {names}"
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
    """Everything that decides how a training run goes on.

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
    settings : str, default ""
        What the run was started with; a checkpoint of other settings is refused.
    stopped : str, optional
        Why a callback stopped the run.
    """

    layers: tuple[Layer, ...]
    epochs: tuple[Epoch, ...]
    num_steps: int
    learning_rate: Number
    rule_state: Any
    callback_states: tuple[Any, ...]
    generator_state: Mapping[str, Any]
    settings: str = ""
    stopped: str | None = None


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
    numbers and arrays that `fit` carries, so that a checkpoint holds it too.
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
