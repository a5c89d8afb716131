r"""Train a network: descent in batches, measured after every epoch.

.. math:: w_{t+1} = w_t + \Delta_t(\nabla L_{B_t}(w_t))

`fit` goes through all samples as often as it is told to; its callbacks may stop it.
"""

import dataclasses
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from gdbook import _checks
from gdbook._checks import Number, Numbers, shown
from gdbook.callbacks import VALIDATION, Callback, Epoch, Run
from gdbook.checkpoints import load
from gdbook.descent import (
    DivergenceError,
    _at_rate,
    _batching,
    _deal,
    _finite,
    _samples,
    _scheduled_rule,
)
from gdbook.losses import Loss
from gdbook.network import BatchNorm, Layer, _checked, _passed, _slopes
from gdbook.optimizers import UpdateRule
from gdbook.packing import _filled, _flat, flatten, unflatten
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
    validation: tuple[Numbers, Numbers] | None = None,
    metrics: Mapping[str, Callable[[Any, Any], Number]] | None = None,
    callbacks: Sequence[Callback] = (),
    schedule: Schedule | None = None,
    resume: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> FitHistory:
    r"""Train a network in batches, and measure it after every epoch.

    .. math:: w_{t+1} = w_t + \Delta_t(\nabla L_{B_t}(w_t))

    An epoch shuffles the samples, deals them into batches and takes a step on each.
    All losses and metrics are measured after the epoch, on all samples, in the mode
    that predicts; Keras reports the mean over the epoch's batches instead. Fractions
    stay exact; integers become floats, since a mean divides.

    Parameters
    ----------
    layers : sequence of Dense, Dropout, BatchNorm or Activation
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
        A checkpoint to go on from, made by a run with the same arguments.
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
        normalisation, or a metric has a name that is taken.
    FileNotFoundError
        If there is no file to resume from.
    CheckpointError
        If `resume` is damaged or belongs to another run.
    DivergenceError
        If a loss or a parameter becomes infinite or NaN.

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
    samples = [*_samples(inputs, targets), *_validation(validation)]
    _, batch_size = _batching(len(samples[0]), batch_size, None)
    rule = _scheduled_rule(_checked_rule(rule), schedule)
    layers, (inputs, targets, *held_out) = _in_floats(layers, samples, rule)
    trainer = _Trainer(
        inputs,
        targets,
        loss=_checked_loss(loss),
        rule=rule,
        batch_size=batch_size,
        generator=_checks.generator("generator", generator),
        validation=tuple(held_out),
        metrics=_metrics(metrics),
        callbacks=_callbacks(callbacks),
        schedule=schedule,
    )
    if progress is not None:
        progress = _checks.choice("progress", progress)
    run = trainer.start(layers)
    if resume is not None:
        run = load(resume, run)
        generator.bit_generator.state = run.generator_state
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
    final = run.layers
    for callback, state in zip(callbacks, run.callback_states, strict=True):
        final = callback.at_end(final, state)
    return FitHistory(final, run.epochs, run.num_steps, run.stopped or OUT_OF_EPOCHS)


class _Bar(tqdm):  # type: ignore[type-arg]  # its own class takes no type either
    """A bar without the thread that tqdm starts beside one: a browser has none."""

    monitor_interval = 0


def _visibility(*, progress: bool | None) -> dict[str, Any]:
    """Say whether a bar is drawn, where, and after how many seconds."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython and ipython.get_ipython(), "kernel", None)
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
    batch_size: int
    generator: np.random.Generator
    validation: tuple[Any, ...]
    metrics: dict[str, Callable[[Any, Any], Number]]
    callbacks: tuple[Callback, ...]
    schedule: Schedule | None

    def start(self, layers: Sequence[Layer]) -> Run:
        """Look at the network, once, and measure it before the first step."""
        layers = _checked(layers)
        self._look_at_batches(layers)
        kinds = ", ".join(type(callback).__name__ for callback in self.callbacks)
        run = Run(
            layers=layers,
            epochs=(self._measured(layers, 0, self.rule.learning_rate),),
            num_steps=0,
            learning_rate=self.rule.learning_rate,
            rule_state=self.rule.init(_flat(layers)),
            callback_states=(),
            generator_state=self.generator.bit_generator.state,
            settings=f"{self.rule!r}, {len(self.inputs)} samples in batches of "
            f"{self.batch_size}, callbacks ({kinds})",
        )
        states = tuple(callback.init(run) for callback in self.callbacks)
        return run._replace(callback_states=states)

    def epoch(self, run: Run) -> Run:
        """Take a step on every batch, measure, and ask the callbacks."""
        rule = self.rule
        if run.learning_rate != rule.learning_rate:
            rule = dataclasses.replace(rule, learning_rate=run.learning_rate)
        layers, state, step = run.layers, run.rule_state, run.num_steps
        losses = [epoch.loss for epoch in run.epochs]
        for chosen in _deal(len(self.inputs), self.batch_size, self.generator):
            rule = _at_rate(rule, self.schedule, step, losses)
            with _diverging(step, rule.learning_rate):
                layers, state = self._step(layers, chosen, rule, state)
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

    def _step(
        self, layers: Sequence[Layer], chosen: Any, rule: UpdateRule, state: Any
    ) -> tuple[tuple[Layer, ...], Any]:
        """Go forward, backward, and downhill."""
        passed = _passed(
            layers, self.inputs[chosen], training=True, generator=self.generator
        )
        slope = self.loss.slope(passed.values[-1], self.targets[chosen])
        gradient = _slopes(layers, passed, slope).gradient
        update, state = rule.update(gradient, state)
        for layer in passed.layers:
            if isinstance(layer, BatchNorm):  # the variance is infinite if the mean is
                _checks.numbers("running_variance", layer.running_variance)
        vector = _checks.numbers("vector", _flat(layers) + update, ndims=(1,))
        return _filled(passed.layers, vector), state

    def _asked(self, run: Run) -> Run:
        """Let every callback decide, and then keep what they decided."""
        states = []
        for callback, state in zip(self.callbacks, run.callback_states, strict=True):
            decision, new_state = callback.after_epoch(run, state)
            states.append(new_state)
            if decision.learning_rate is not None:
                run = run._replace(learning_rate=decision.learning_rate)
            if decision.stop is not None and run.stopped is None:
                run = run._replace(stopped=decision.stop)
        run = run._replace(callback_states=tuple(states))
        for callback in self.callbacks:
            callback.record(run)
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
        with _diverging(step, rate):
            passed = _passed(layers, inputs, training=False, generator=None)
            predictions = passed.values[-1]
            loss = plain(self.loss.function(predictions, targets))
            if isinstance(loss, float) and not _finite(loss):
                raise DivergenceError(step, rate, loss)
        return _checks.number("loss", loss), {
            name: _checks.number(f"metrics[{name!r}]", metric(predictions, targets))
            for name, metric in self.metrics.items()
        }

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
        for inputs in (self.inputs, *self.validation[:1]):
            _checks.numbers("inputs", inputs, ndims=(1, 2))
            _checked(layers, np.shape(inputs))
        _checked(layers, np.shape(self.inputs[: self.batch_size]))


@contextmanager
def _diverging(step: int, learning_rate: Number) -> Iterator[None]:
    """Report numbers that leave the finite ones as divergence."""
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            yield
        # Python's own floats raise where NumPy's become infinite.
        except (_checks.NotFiniteError, OverflowError) as error:
            raise DivergenceError(step, learning_rate, math.inf) from error


def _checked_rule(rule: Any) -> Any:
    if not dataclasses.is_dataclass(rule) or isinstance(rule, type):
        msg = f"`rule` is {shown(rule)} but must be an update rule of gdbook.optimizers"
        raise TypeError(msg)
    return rule


def _short(value: Number) -> str:
    try:
        return f"{float(value):.3g}"
    except OverflowError:  # a fraction beyond the floats
        return "inf"


def _checked_loss(loss: Any) -> Loss:
    loss = _checks.instance("loss", loss, Loss)
    _checks.function("loss.function", loss.function)
    _checks.function("loss.slope", loss.slope)
    return loss  # type: ignore[no-any-return]


def _in_floats(
    layers: Sequence[Layer], samples: Sequence[Any], rule: Any
) -> tuple[Sequence[Layer], list[Any]]:
    """Turn whole numbers into floats, which a mean makes of them, but no fractions."""
    learned = flatten(layers)
    arrays = [learned, *samples]
    objects = [array.dtype == object for array in arrays]
    exact = isinstance(rule.learning_rate, Fraction) or any(
        isinstance(number, Fraction)
        for array, is_object in zip(arrays, objects, strict=True)
        if is_object
        for number in array.flat
    )
    if exact or not any(objects):
        return layers, list(samples)
    learned, *samples = (np.asarray(array, float) for array in arrays)
    return unflatten(layers, learned), samples


def _validation(validation: Any) -> tuple[Any, ...]:
    if validation is None:
        return ()
    if not isinstance(validation, tuple) or len(validation) != 2:
        msg = f"`validation` is {shown(validation)} but must be inputs and targets"
        raise TypeError(msg)
    return _samples(*validation, names=("validation[0]", "validation[1]"))


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
        msg = f"`callbacks` is {shown(callbacks)} but must be a sequence of Callback"
        raise TypeError(msg)
    for index, callback in enumerate(callbacks):
        _checks.instance(f"callbacks[{index}]", callback, Callback)
    return tuple(callbacks)
