r"""Train a network: descent in batches, measured after every epoch.

.. math:: w_{t+1} = w_t + \Delta_t(\nabla L_{B_t}(w_t))

`fit` goes through all samples as often as it is told to; its callbacks may stop it.
"""

import dataclasses
import math
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from gdbook import _checks, _kinds, losses
from gdbook._checks import Number, Numbers, shown
from gdbook._fingerprints import described
from gdbook.activations import (
    Activation,
    _returned,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from gdbook.callbacks import VALIDATION, Callback, Decision, Epoch, Run
from gdbook.checkpoints import (
    _MEASURED,
    SETTINGS,
    CheckpointError,
    _loaded,
    _names_of_settings,
)
from gdbook.descent import (
    _LEFT,
    DivergenceError,
    _at_rate,
    _batching,
    _both,
    _check_samples,
    _deal,
    _diverge,
    _scheduled_rule,
    _updated,
)
from gdbook.losses import _UNCHECKED, Loss
from gdbook.network import (
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    Residual,
    _check_shapes,
    _checked,
    _numbers_of,
    _own,
    _passed,
    _slopes,
)
from gdbook.optimizers import UpdateRule, _clipped, _is_known
from gdbook.packing import _filled, _flat
from gdbook.schedules import Schedule
from gdbook.traces import plain

__all__ = ["OUT_OF_EPOCHS", "FitHistory", "fit"]

OUT_OF_EPOCHS = "the number of epochs is used up"


class FitHistory(NamedTuple):
    """A network in training, seen at the start and after every epoch.

    Parameters
    ----------
    layers : tuple
        The network at the end; with early stopping, the best one.
    epochs : tuple of Epoch
        What was measured at the start and after every epoch.
    num_steps : int
        How many steps were taken.
    stopped : str
        Why training stopped: `OUT_OF_EPOCHS` or what a callback said.
    """

    layers: tuple[Layer, ...]
    epochs: tuple[Epoch, ...]
    num_steps: int
    stopped: str

    def values(self, monitor: str) -> tuple[Number, ...]:
        """Give one measured value over the epochs.

        Parameters
        ----------
        monitor : str
            ``loss`` or the name of a metric, with ``validation_`` before it for the
            validation samples.

        Returns
        -------
        tuple of number
            The value at the start and after every epoch.

        Raises
        ------
        ValueError
            If nothing of that name was measured.

        Examples
        --------
        >>> FitHistory((), (Epoch(4.0), Epoch(1.0)), 1, OUT_OF_EPOCHS).values("loss")
        (4.0, 1.0)
        """
        return tuple(epoch.value(monitor) for epoch in self.epochs)


def fit(  # noqa: PLR0913 (each is one part of the loop)
    layers: Sequence[Layer],
    inputs: Numbers,
    targets: Numbers,
    *,
    loss: Loss,
    rule: UpdateRule,
    num_epochs: int,
    batch_size: int,
    generator: np.random.Generator,
    clip_norm: Number | None = None,
    validation: tuple[Numbers, Numbers] | None = None,
    metrics: Mapping[str, Callable[[Any, Any], Number]] | None = None,
    callbacks: Sequence[Callback] = (),
    schedule: Schedule | None = None,
    resume: str | os.PathLike[str] | None = None,
    changed: Collection[str] = (),
    progress: bool | None = None,
) -> FitHistory:
    r"""Train a network in batches, and measure it after every epoch.

    .. math:: w_{t+1} = w_t + \Delta_t(\nabla L_{B_t}(w_t))

    An epoch shuffles the samples, deals them into batches and takes a step on each.
    All losses and metrics are measured after the epoch, on all samples, in the mode
    that predicts; of the training samples, Keras reports the mean over the epoch's
    batches instead. Integers are floats, unless a fraction among samples, weights or
    the rule's numbers asks for exact ones. The samples are copied, and what functions
    and callbacks are given.

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm, LayerNorm, Residual or Activation
        The network to begin with; it stays as it is.
    inputs : array, shape (n_samples, n_inputs)
        One row for each sample.
    targets : array, shape (n_samples, ...)
        One entry for each sample, in the shape of the predictions.
    loss : Loss
        What is to become small, beside its slope.
    rule : UpdateRule
        How to step.
    num_epochs : int
        How often to go through all samples at most, 0 or more.
    batch_size : int
        How many samples share a step, from 1 to `n_samples`.
    generator : Generator
        What shuffles the samples, and decides what dropout stops.
    clip_norm : number, optional
        How long the gradient of a batch may be, greater than 0; a longer one is
        shortened to it by `gdbook.optimizers.clip_norm`.
    validation : tuple of array, optional
        Inputs and targets to measure on as well.
    metrics : dict, optional
        More to measure, by name: functions of predictions and targets. No name is
        ``loss`` or begins with ``validation_``.
    callbacks : sequence of Callback, default ()
        What looks on after every epoch.
    schedule : callable, optional
        Takes the number of steps taken and the losses of the epochs so far, the first
        one included, and returns the learning rate of the next step; it takes the
        place of the rate that a callback asks for.
    resume : path, optional
        A checkpoint to go on from, made by a run with the same arguments; only
        `num_epochs`, the numbers in `layers` and the seed of `generator` may differ.
    changed : collection of str, default ()
        Which arguments may differ as well, by name, from `gdbook.checkpoints.SETTINGS`.
        A changed rule begins with its own rate, and anew unless it remembers the same
        things. After a change in what is measured, the last epoch is measured again.
        After that or a change of callbacks, all callbacks begin anew. A run that was
        stopped goes on.
    progress : bool, optional
        Whether to show a bar; unless told, for runs of some seconds on a terminal, in a
        notebook or in a browser, and never where ``TQDM_DISABLE`` is set.

    Returns
    -------
    FitHistory
        The trained network, every epoch, and why training stopped.

    Raises
    ------
    TypeError, ValueError
        As `gdbook.descent.descend` does; also if a batch of one is left for batch
        normalisation, a metric has a name that is taken, or the last activation does
        not fit the loss: a loss of scores holds its sigmoid or softmax itself.
    FileNotFoundError
        If there is no file to resume from.
    CheckpointError
        If `resume` is damaged or belongs to another run; it says what differs.
    DivergenceError
        If a loss, a metric or a parameter becomes infinite, or a loss NaN.

    Examples
    --------
    >>> from gdbook.losses import MEAN_SQUARED_ERROR
    >>> from gdbook.network import Dense
    >>> from gdbook.optimizers import GradientDescent
    >>> history = fit(
    ...     [Dense([[0.0]], [0.0])],
    ...     [[0.5], [2.0], [1.0]],
    ...     [[0.8], [1.0], [1.5]],
    ...     loss=MEAN_SQUARED_ERROR,
    ...     rule=GradientDescent(0.1),
    ...     num_epochs=1,
    ...     batch_size=3,
    ...     generator=np.random.default_rng(seed=1),
    ... )
    >>> layer = history.layers[0]
    >>> round(layer.weights.item(), 2), round(layer.bias.item(), 2)
    (0.26, 0.22)
    """
    num_epochs = _checks.count("num_epochs", num_epochs)
    rule = _scheduled_rule(_checked_rule(rule), schedule)
    samples = {"inputs": inputs, "targets": targets, **_validation(validation)}
    layers, (inputs, targets, *held_out) = _ready(layers, samples, rule)
    _, batch_size = _batching(len(inputs), batch_size, None)
    loss = _checked_loss(loss)
    _check_end(layers, loss)
    callbacks = _callbacks(callbacks)
    if clip_norm is not None:
        clip_norm = _checks.positive("clip_norm", clip_norm)
    trainer = _Trainer(
        inputs,
        targets,
        loss=loss,
        rule=rule,
        clip_norm=clip_norm,
        batch_size=batch_size,
        generator=_checks.generator("generator", generator),
        validation=tuple(held_out),
        metrics=_metrics(metrics),
        callbacks=callbacks,
        schedule=schedule,
        quick=next((slope for known, slope in _UNCHECKED if known is loss), None),
        seen=[[] for _ in callbacks],
    )
    if progress is not None:
        progress = _checks.choice("progress", progress)
    allowed = _names_of_settings(changed)
    if resume is not None:
        _checks.file_path("resume", resume)
    run = trainer.start(layers, told=resume is not None or bool(callbacks))
    if resume is not None:
        run = trainer.resumed(run, resume, num_epochs, allowed)
    with _Bar(
        total=num_epochs,
        initial=len(run.epochs) - 1,
        unit="epoch",
        **_visibility(progress=progress),
    ) as bar:
        for _ in range(len(run.epochs) - 1, num_epochs):
            if run.stopped is not None:
                break
            run = trainer.epoch(run)
            bar.set_postfix(
                {name: _short(x) for name, x in run.epochs[-1].values().items()},
                refresh=False,
            )
            bar.update()
    final = _own(run.layers)
    for index, callback in enumerate(callbacks):
        chosen = callback.at_end(final, _own(run.callback_states[index]))
        final = _chosen(f"callbacks[{index}].at_end", chosen)
    return FitHistory(final, run.epochs, run.num_steps, run.stopped or OUT_OF_EPOCHS)


class _Bar(tqdm):  # type: ignore[type-arg]  # its own class takes no type either
    """A bar without the thread that tqdm starts beside one: a browser has none."""

    monitor_interval = 0


def _visibility(*, progress: bool | None) -> dict[str, Any]:
    """Say whether a bar is drawn, where, and after how many seconds."""
    module = sys.modules.get("IPython.core.interactiveshell")
    shell: Any = module and module.InteractiveShell
    # Asked of its class: what asks IPython for the shell could run anything with it.
    running = shell.instance() if shell and shell.initialized() else None
    kernel = getattr(running, "kernel", None)
    where: dict[str, Any] = {}
    if kernel is not None or sys.platform == "emscripten":
        # Text, since widgets are seldom installed; red, as errors are, on stderr.
        where = {"file": sys.stdout, "leave": False}
    if progress is not None:
        return where | {"disable": not progress}
    if not where and not getattr(sys.stderr, "isatty", bool)():
        return {"disable": True}
    # A bar that is gone at once only flickers. Where nothing is said about `disable`,
    # tqdm looks at TQDM_DISABLE.
    return where | {"delay": 2}


@dataclasses.dataclass(frozen=True)
class _Trainer:
    """What stays the same from epoch to epoch."""

    inputs: Any
    targets: Any
    loss: Loss
    rule: Any
    clip_norm: Number | None
    batch_size: int
    generator: np.random.Generator
    validation: tuple[Any, ...]
    metrics: dict[str, Callable[[Any, Any], Number]]
    callbacks: tuple[Callback, ...]
    schedule: Schedule | None
    quick: Any  # the slope of a loss of the library, without checks
    seen: list[list[Epoch]]  # by each callback, which may write into its own

    def start(self, layers: tuple[Layer, ...], *, told: bool) -> Run:
        """Look at the network, once, and measure it before the first step."""
        self._look_at_batches(layers)
        run = Run(
            layers=layers,
            epochs=(self._measured(layers, 0, self.rule.learning_rate),),
            num_steps=0,
            learning_rate=self.rule.learning_rate,
            rule_state=self.rule.init(_flat(layers)),
            callback_states=(),
            generator_state=self.generator.bit_generator.state,
            settings=self._settings() if told else {},
        )
        return self._looked_at(run)

    def resumed(
        self,
        start: Run,
        path: str | os.PathLike[str],
        num_epochs: int,
        allowed: Collection[str],
    ) -> Run:
        """Go on from a file, with what has changed."""
        run, differing = _loaded(path, start, num_epochs, allowed)
        for seen in self.seen:  # of the network that is not gone on from
            seen.clear()
        last = len(run.epochs) - 1
        steps = last * math.ceil(len(self.inputs) / self.batch_size)
        if run.num_steps != steps and not {"inputs", "batch_size"} & {*run.changed}:
            reason = f"has {run.num_steps} steps after {last} epochs, not {steps}"
            raise CheckpointError(path, reason)
        self.generator.bit_generator.state = run.generator_state
        if differing & {*_MEASURED}:
            rate = run.epochs[-1].learning_rate
            epoch = self._measured(run.layers, run.num_steps, rate or run.learning_rate)
            run = run._replace(epochs=(*run.epochs[:-1], epoch))
        return self._looked_at(run) if differing & {*_MEASURED, "callbacks"} else run

    def _settings(self) -> dict[str, str]:
        """Say what a run was started with; the run tells its layers and generator."""
        names = (name for name in SETTINGS if name not in {"layers", "generator"})
        return {name: described(getattr(self, name)) for name in names}

    def _looked_at(self, run: Run) -> Run:
        """Let every callback begin."""
        states = tuple(
            _own(callback.init(self._shown(run, index)))
            for index, callback in enumerate(self.callbacks)
        )
        return run._replace(callback_states=states)

    def epoch(self, run: Run) -> Run:
        """Take a step on every batch, measure, and ask the callbacks."""
        rule = self.rule
        if run.learning_rate != rule.learning_rate:
            rule = dataclasses.replace(rule, learning_rate=run.learning_rate)
        layers, state, step = run.layers, run.rule_state, run.num_steps
        losses = [epoch.loss for epoch in run.epochs]
        vector = _flat(layers)
        known = _is_known(rule, vector)
        with np.errstate(all="ignore"):
            for chosen in _deal(len(self.inputs), self.batch_size, self.generator):
                rule = _at_rate(rule, self.schedule, step, losses)
                try:
                    layers, vector, state = self._step(
                        layers, vector, chosen, rule, state, known=known
                    )
                except _LEFT as error:
                    _diverge(error, step, rule.learning_rate)
                step += 1
        epoch = self._measured(layers, step, rule.learning_rate)
        run = run._replace(
            layers=layers,
            epochs=(*run.epochs, epoch),
            num_steps=step,
            rule_state=state,
            generator_state=self.generator.bit_generator.state,
        )
        return self._asked(run)

    def _step(  # noqa: PLR0913
        self,
        layers: Sequence[Layer],
        vector: Any,
        chosen: Any,
        rule: UpdateRule,
        state: Any,
        *,
        known: bool,
    ) -> tuple[tuple[Layer, ...], Any, Any]:
        """Go forward, backward, and downhill."""
        passed = _passed(
            layers, self.inputs[chosen], training=True, generator=self.generator
        )
        slope = self._slope(passed.values[-1], self.targets[chosen])
        gradient = _slopes(layers, passed, slope, "loss.slope").gradient
        if self.clip_norm is not None:
            gradient = _clipped(gradient, self.clip_norm)
        update, state = _updated(rule, gradient, state, known=known)
        if np.shape(update) != gradient.shape:
            msg = (
                f"`rule` gives an update of shape {np.shape(update)} but must give "
                f"shape {gradient.shape}; one number for each that is learned"
            )
            raise ValueError(msg)
        vector = _checks.numbers("vector", vector + update, exact=True)
        return _filled(passed.layers, vector), vector, state

    def _slope(self, predictions: Any, targets: Any) -> Any:
        """Ask for the slope of the loss along predictions that are new."""
        given = predictions, targets
        if self.quick is not None and all(map(_kinds.is_float, given)):
            slope = self.quick(*given) if _kinds.finite(predictions) else None
            if slope is not None and _kinds.finite(slope):
                return slope
        return _judged("loss.slope", self.loss, *given)

    def _shown(self, run: Run, index: int) -> Run:
        """Give a callback a run of its own, which it cannot spoil for anybody else."""
        seen = self.seen[index]
        seen += _own(run.epochs[len(seen) :])
        own: Run = _own(run._replace(epochs=()))
        return own._replace(epochs=tuple(seen))

    def _asked(self, run: Run) -> Run:
        """Let every callback decide, and then keep what they decided."""
        states = []
        for index, callback in enumerate(self.callbacks):
            given = callback.after_epoch(
                self._shown(run, index), _own(run.callback_states[index])
            )
            decision, state = _decided(f"callbacks[{index}].after_epoch", given)
            states.append(_own(state))
            if decision.learning_rate is not None:
                run = run._replace(learning_rate=decision.learning_rate)
            if decision.stop is not None and run.stopped is None:
                run = run._replace(stopped=decision.stop)
        run = run._replace(callback_states=tuple(states))
        for index, callback in enumerate(self.callbacks):
            callback.record(self._shown(run, index))
        return run

    def _measured(self, layers: Sequence[Layer], step: int, rate: Number) -> Epoch:
        loss, metrics = self._scores(layers, self.inputs, self.targets, step, rate)
        epoch = Epoch(loss, metrics=metrics, learning_rate=rate)
        if not self.validation:
            return epoch
        inputs, targets = self.validation
        loss, metrics = self._scores(layers, inputs, targets, step, rate)
        return epoch._replace(validation_loss=loss, validation_metrics=metrics)

    def _scores(
        self, layers: Sequence[Layer], inputs: Any, targets: Any, step: int, rate: Any
    ) -> tuple[Number, dict[str, Number]]:
        try:
            with np.errstate(all="ignore"):
                passed = _passed(layers, inputs, training=False, generator=None)
                predictions = passed.values[-1]
                loss = plain(_judged("loss", self.loss, predictions, _own(targets)))
                if isinstance(loss, float) and not math.isfinite(loss):
                    raise DivergenceError(step, rate, loss)
                return _checks.number("loss", loss), {
                    name: _metric(name, metric, predictions, targets)
                    for name, metric in self.metrics.items()
                }
        except _LEFT as error:
            _diverge(error, step, rate)

    def _look_at_batches(self, layers: Sequence[Layer]) -> None:
        left = len(self.inputs) % self.batch_size
        if any(isinstance(layer, BatchNorm) for layer in layers) and (
            1 in {left, self.batch_size}
        ):
            msg = (
                f"`batch_size` is {self.batch_size} but must leave no batch of one of "
                f"{len(self.inputs)} samples, which batch normalisation cannot use"
            )
            raise ValueError(msg)
        _check_shapes(layers, self.inputs.shape)


def _judged(name: str, loss: Loss, predictions: Any, targets: Any) -> Any:
    """Ask for a loss, or its slope, and say more about what the library's own refuses.

    It may write into what it is given.
    """
    alone = name == "loss" or loss.slope is None
    function = loss.function if alone else loss.slope
    try:
        judged = function(_own(predictions), targets)
    except _checks.NotFiniteError:
        raise
    except ValueError as error:
        way_out = _way_out(str(error), np.shape(predictions), np.shape(targets))
        msg = f"{error}{way_out}"
        raise ValueError(msg) from error
    if loss.slope is None:
        judged = _both("loss.function", judged, "loss.slope")[name != "loss"]
    if name == "loss":
        if isinstance(judged, tuple) and len(judged) == 2:
            msg = (
                f"`loss.function` returned {shown(judged)} but must return one number; "
                "without a `loss.slope` it may return both"
            )
            raise TypeError(msg)
        return judged
    exact = predictions.dtype == object
    return _returned(_checks.numbers, name, judged, exact=exact)


def _way_out(
    message: str, predictions: tuple[int, ...], targets: tuple[int, ...]
) -> str:
    """Say what usually leads to a loss that refuses its arguments."""
    if message.startswith("`predictions` holds"):
        return (
            "; a sigmoid or softmax of large sums rounds to that: leave it out, and "
            "let SIGMOID_CROSS_ENTROPY or SOFTMAX_CROSS_ENTROPY take the sums"
        )
    if message.startswith("`targets` holds"):
        return "; one_hot of gdbook.datasets makes rows of class labels that begin at 0"
    several = len(predictions) == 2 and predictions[1] > 1
    if several and targets[1:] in {(), (1,)}:
        return f"; one_hot(labels, {predictions[-1]}) makes rows of class labels"
    return ""


def _metric(name: str, metric: Any, predictions: Any, targets: Any) -> Any:
    value = metric(_own(predictions), _own(targets))
    return _returned(_checks.number, f"metrics[{name!r}]", value)


def _decided(name: str, given: Any) -> tuple[Decision, Any]:
    """Return what a callback decided, and its state."""
    if not (isinstance(given, tuple) and len(given) == 2) or not isinstance(
        given[0], Decision
    ):
        msg = (
            f"`{name}` gives {shown(given)} but must give a Decision and a state; "
            "`Decision(), state` changes nothing"
        )
        raise TypeError(msg)
    decision, state = given
    if not isinstance(decision.stop, str | None):
        msg = f"`{name}` stops for {shown(decision.stop)} but must for a text; say why"
        raise TypeError(msg)
    if decision.learning_rate is not None:
        rate = _checks.positive(f"{name} learning_rate", decision.learning_rate)
        decision = decision._replace(learning_rate=rate)
    return decision, state


def _chosen(name: str, layers: Any) -> tuple[Layer, ...]:
    """Return the layers that a callback hands out."""
    try:
        own: tuple[Layer, ...] = _own(_checked(layers))
    except (TypeError, ValueError) as error:
        msg = f"`{name}` gives {shown(layers)} but must give layers; {error}"
        raise type(error)(msg) from error
    return own


def _short(value: Number) -> str:
    try:
        return f"{float(value):.3g}"
    except OverflowError:  # a fraction beyond the floats
        return "inf"


def _checked_rule(rule: Any) -> Any:
    if not dataclasses.is_dataclass(rule) or isinstance(rule, type):
        way_out = f"; {rule.__name__}(...) makes one" if isinstance(rule, type) else ""
        msg = (
            f"`rule` is {shown(rule)} but must be an update rule of "
            f"gdbook.optimizers{way_out}"
        )
        raise TypeError(msg)
    return rule


# The losses of the library, by the names under which they stand beside their slopes.
_LOSSES = {name: x for name, x in vars(losses).items() if isinstance(x, Loss)}


def _checked_loss(loss: Any) -> Loss:
    if not isinstance(loss, Loss):
        ways = [name for name, known in _LOSSES.items() if known.function is loss]
        way_out = ways[0] if ways else "Loss(function, slope) makes one"
        msg = f"`loss` is {shown(loss)} but must be a Loss; {way_out}"
        raise TypeError(msg)
    _checks.function("loss.function", loss.function)
    if loss.slope is not None:
        _checks.function("loss.slope", loss.slope)
    return loss


def _check_end(layers: Sequence[Layer], loss: Loss) -> None:
    """Refuse scores where a loss wants probabilities, and the other way round.

    The activation of a reader may give either.
    """
    name, end = _end(layers)
    if end in {"sigmoid", "softmax"} and loss.function in _FROM_SCORES:
        msg = (
            f"`{name}` is {end} but must be left out; the loss takes scores, and holds "
            "the activation itself"
        )
        raise ValueError(msg)
    for function, wanted in _FROM_PROBABILITIES.items():
        if loss.function is not function:
            continue
        if end not in {*wanted, "another"}:
            msg = (
                f"`{name}` is {end} but must be {wanted[0]}; the loss takes "
                f"probabilities, and {wanted[0].upper()}_CROSS_ENTROPY takes scores"
            )
            raise ValueError(msg)
        dropped = isinstance(layers[-1], Dropout)
        if dropped:
            msg = (
                f"`layers[{len(layers) - 1}]` is {shown(layers[-1])} but must be left "
                "out; the loss takes probabilities, which dropout would enlarge"
            )
            raise ValueError(msg)


_FROM_SCORES = (losses.sigmoid_cross_entropy, losses.softmax_cross_entropy)
_FROM_PROBABILITIES: dict[Any, tuple[str, ...]] = {
    losses.binary_cross_entropy: ("sigmoid", "softmax"),
    losses.cross_entropy: ("softmax",),
}


def _end(layers: Sequence[Layer]) -> tuple[str, str]:
    """Say which activation gives the predictions, and where it stands."""
    name = "layers[0]"
    for index in reversed(range(len(layers))):
        name, layer = f"layers[{index}]", layers[index]
        if isinstance(layer, BatchNorm | LayerNorm | Residual):
            return name, type(layer).__name__
        if isinstance(layer, Dropout):
            continue
        function = layer.function if isinstance(layer, Activation) else None
        if isinstance(layer, Dense):
            name, function = f"{name}.activation", layer.activation.function
        function = getattr(function, "func", function)  # leaky_relu leaks a share
        known = (identity, leaky_relu, relu, sigmoid, softmax, tanh)
        end = next((x.__name__ for x in known if x is function), "another")
        if end != "identity" or isinstance(layer, Dense):
            return name, end
    return name, "identity"


def _ready(
    layers: Sequence[Layer], samples: dict[str, Any], rule: Any
) -> tuple[tuple[Layer, ...], list[Any]]:
    """Return layers and samples of their own: exact if a fraction is, or floats."""
    ndims: dict[str, tuple[int, ...]] = dict.fromkeys(
        {"inputs", "validation[0]"} & samples.keys(), (2,)
    )
    exact = {
        f"rule.{field.name}": number
        for field in dataclasses.fields(rule)
        if isinstance(number := getattr(rule, field.name), Fraction)
    }
    layers, found = _numbers_of(layers, ndims, integers=False, **samples, **exact)
    _flat(layers)
    arrays = dict(zip(samples, found, strict=False))
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    for first, second in (("inputs", "targets"), ("validation[0]", "validation[1]")):
        if first in arrays:
            _check_samples(first, arrays[first], second, arrays[second])
    for first, second in (("inputs", "validation[0]"), ("targets", "validation[1]")):
        if second in shapes and shapes[first][1:] != shapes[second][1:]:
            msg = (
                f"`{second}` has shape {shapes[second]} but `{first}` has shape "
                f"{shapes[first]}; a sample must have as many numbers in both"
            )
            raise ValueError(msg)
    return _own(layers), list(map(_own, arrays.values()))


def _validation(validation: Any) -> dict[str, Any]:
    if validation is None:
        return {}
    if not isinstance(validation, tuple) or len(validation) != 2:
        msg = (
            f"`validation` is {shown(validation)} but must be inputs and targets; "
            "as in validation=(inputs, targets)"
        )
        raise TypeError(msg)
    return dict(zip(("validation[0]", "validation[1]"), validation, strict=True))


def _metrics(metrics: Any) -> dict[str, Callable[[Any, Any], Number]]:
    if not isinstance(metrics, Mapping | None):
        msg = f"`metrics` is {shown(metrics)} but must be functions by name"
        raise TypeError(msg)
    for name, metric in (metrics or {}).items():
        if not isinstance(name, str) or name == "loss" or name.startswith(VALIDATION):
            msg = (
                f"`metrics` holds the name {name!r} but must hold texts that are "
                f"neither 'loss' nor begin with '{VALIDATION}'"
            )
            raise ValueError(msg)
        _checks.function(f"metrics[{name!r}]", metric)
    return dict(metrics or {})


def _callbacks(callbacks: Any) -> tuple[Callback, ...]:
    if isinstance(callbacks, str) or not isinstance(callbacks, Sequence):
        way_out = "; [callback] makes one" if isinstance(callbacks, Callback) else ""
        msg = (
            f"`callbacks` is {shown(callbacks)} but must be a sequence of Callback"
            f"{way_out}"
        )
        raise TypeError(msg)
    for index, callback in enumerate(callbacks):
        _checks.instance(f"callbacks[{index}]", callback, Callback)
    return tuple(callbacks)
