r"""Repeat until flat: the loop around an update rule.

.. math:: w_{t+1} = w_t + \Delta_t, \qquad t = 0, 1, 2, \dots

A loop needs a reason to stop. `descend` has two, a flat gradient and a number of
steps, and says which it was. `fit` trains a network, and its callbacks may stop it.
"""

import dataclasses
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from tqdm import tqdm

from gdbook import _checks
from gdbook._checks import Number, Numbers
from gdbook.checkpoints import load
from gdbook.losses import Loss
from gdbook.network import (
    BatchNorm,
    Layer,
    backward,
    flatten,
    forward,
    forward_pass,
    snapshot,
    unflatten,
)
from gdbook.optimizers import UpdateRule
from gdbook.runs import VALIDATION, Callback, Epoch, Run
from gdbook.traces import plain

__all__ = [
    "FLAT",
    "OUT_OF_EPOCHS",
    "OUT_OF_STEPS",
    "DivergenceError",
    "EpochHistory",
    "FitHistory",
    "History",
    "batches",
    "constant_rate",
    "cosine_decay",
    "descend",
    "descend_in_batches",
    "fit",
    "reduce_on_plateau",
    "step_decay",
]

# Takes the number of steps taken and the losses so far, returns the next step's rate.
Schedule: TypeAlias = Callable[[int, Sequence[Number]], Number]

FLAT = "the gradient is flat"
OUT_OF_STEPS = "the number of steps is used up"
OUT_OF_EPOCHS = "the number of epochs is used up"


class DivergenceError(ArithmeticError):
    """The loss left the finite numbers.

    Parameters
    ----------
    step : int
        How many steps were taken.
    learning_rate : number
        The rate that led there.
    loss : float
        What the loss became: infinity or NaN.

    Examples
    --------
    >>> print(DivergenceError(step=3, learning_rate=2.0, loss=float("inf")))
    descent diverged: after step 3 with learning rate 2.0 the loss is inf
    """

    def __init__(self, step: int, learning_rate: Number, loss: float) -> None:
        self.step = step
        self.learning_rate = learning_rate
        self.loss = loss
        super().__init__(
            f"descent diverged: after step {step} "
            f"with learning rate {learning_rate} the loss is {loss}"
        )


class History(NamedTuple):
    """Every step of a descent, the start included.

    Parameters
    ----------
    params : tuple
        The parameters at the start and after every step.
    losses : tuple of number
        The loss at each of them.
    gradients : tuple
        The gradient at each of them.
    stopped : str
        Why descent stopped: `FLAT` or `OUT_OF_STEPS`.
    """

    params: tuple[Any, ...]
    losses: tuple[Number, ...]
    gradients: tuple[Any, ...]
    stopped: str

    @property
    def num_steps(self) -> int:
        """How many steps were taken.

        Returns
        -------
        int
            One less than the number of places visited.

        Examples
        --------
        >>> History((4, 2, 1), (16, 4, 1), (8, 4, 2), OUT_OF_STEPS).num_steps
        2
        """
        return len(self.params) - 1


def descend(  # noqa: PLR0913 (each is one part of the loop)
    loss: Callable[[Any], Number],
    gradient: Callable[[Any], Any],
    start: Numbers,
    rule: UpdateRule,
    *,
    num_steps: int,
    flat: Number = 0,
    schedule: Schedule | None = None,
) -> History:
    r"""Find the slope, step downhill, and repeat until it is flat.

    Descent stops where no slope is steeper than `flat`,
    :math:`\max_i |\partial L / \partial w_i| \le` `flat`, or after `num_steps` steps.

    Parameters
    ----------
    loss : callable
        Takes parameters, returns the loss.
    gradient : callable
        Takes parameters, returns the gradient in their shape.
    start : number or array, any shape
        Where to begin.
    rule : UpdateRule
        How to step.
    num_steps : int
        How many steps to take at most.
    flat : number, default 0
        The steepest slope that counts as flat.
    schedule : callable, optional
        Takes the number of steps taken and the losses so far, the first one included,
        and returns the learning rate of the next step; the rule's own unless given.

    Returns
    -------
    History
        Every step, and why descent stopped.

    Raises
    ------
    TypeError
        If `loss`, `gradient` or `schedule` cannot be called or return no number,
        `start` or `flat` is none, `rule` is no update rule, or none with a rate that a
        schedule could change, or `num_steps` no whole number.
    ValueError
        If `start`, `flat` or what `gradient` returns is NaN or infinite, `start` is
        empty, `num_steps` or `flat` is negative, `gradient` returns another shape than
        that of the parameters, or `schedule` a rate that is not positive.
    DivergenceError
        If the loss or a parameter becomes infinite or NaN.

    Examples
    --------
    >>> from gdbook.optimizers import GradientDescent
    >>> history = descend(
    ...     lambda x: x**2, lambda x: 2 * x, 2, GradientDescent(0.25), num_steps=3
    ... )
    >>> history.params
    (2, 1.0, 0.5, 0.25)
    >>> history.stopped
    'the number of steps is used up'
    """
    loss = _checks.function("loss", loss)
    gradient = _checks.function("gradient", gradient)
    params = _checks.numbers("start", start)
    rule = _scheduled_rule(rule, schedule)
    num_steps = _checks.count("num_steps", num_steps)
    flat = _checks.not_negative("flat", flat)
    state = rule.init(params)
    visited, losses, gradients = [], [], []
    for step in range(num_steps + 1):
        value, slope = _measure(loss, gradient, params, step, rule.learning_rate)
        visited.append(params)
        losses.append(value)
        gradients.append(slope)
        if np.max(abs(slope)) <= flat:
            stopped = FLAT
            break
        if step == num_steps:
            stopped = OUT_OF_STEPS
            break
        rule = _at_rate(rule, schedule, step, losses)
        with np.errstate(over="ignore"):  # the next measurement finds the overflow
            update, state = rule.update(slope, state)
            params = params + update
    return History(tuple(visited), tuple(losses), tuple(gradients), stopped)


def _scheduled_rule(rule: Any, schedule: Any) -> Any:
    """Look at a rule, and at the schedule that changes its rate."""
    if not isinstance(rule, UpdateRule):
        msg = f"`rule` is {rule!r} but must be an UpdateRule"
        raise TypeError(msg)
    if schedule is not None:
        _checks.function("schedule", schedule)
        if not dataclasses.is_dataclass(rule):
            msg = f"`rule` is {rule!r} but must be a dataclass to follow a `schedule`"
            raise TypeError(msg)
    return rule


def _at_rate(
    rule: Any, schedule: Schedule | None, step: int, losses: Sequence[Number]
) -> Any:
    """Return the rule with the learning rate of a step."""
    if schedule is None:
        return rule
    rate = _checks.positive("schedule", schedule(step, tuple(losses)))
    return dataclasses.replace(rule, learning_rate=rate)


def _measure(
    loss: Callable[[Any], Number],
    gradient: Callable[[Any], Any],
    params: Any,
    step: int,
    learning_rate: Number,
) -> tuple[Number, Any]:
    """Return the loss and the gradient at `params`, both finite."""
    # An overflow is no warning here: it is the divergence that is reported below.
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            value = plain(loss(params)) if _finite(params) else math.inf
        except OverflowError:  # Python's own floats raise where NumPy's become inf
            value = math.inf
        if isinstance(value, float) and not _finite(value):
            raise DivergenceError(step, learning_rate, value)
        value = _checks.number("loss", value)
        slope = _checks.numbers("gradient", gradient(params))
    if np.shape(slope) != np.shape(params):
        msg = (
            f"`gradient` has shape {np.shape(slope)} "
            f"but the parameters have shape {np.shape(params)}; they must be equal"
        )
        raise ValueError(msg)
    return value, slope


def _finite(value: Any) -> bool:
    return bool(np.all(abs(value) < math.inf))


class EpochHistory(NamedTuple):
    """A descent in batches, seen at the start and after every epoch.

    Parameters
    ----------
    params : tuple
        The parameters at the start and after every epoch.
    losses : tuple of number
        The loss on all samples at each of them.
    num_steps : int
        How many steps were taken in all.
    """

    params: tuple[Any, ...]
    losses: tuple[Number, ...]
    num_steps: int


def batches(
    n_samples: int, batch_size: int, generator: np.random.Generator | None = None
) -> Iterator[np.ndarray]:
    r"""Deal the samples into batches: every sample once, the rest last.

    An epoch has :math:`\lceil n / B \rceil` batches; when :math:`B` does not divide
    :math:`n`, the last one is smaller.

    Parameters
    ----------
    n_samples : int
        How many samples there are, :math:`n`.
    batch_size : int
        How many of them share a step, :math:`B`.
    generator : Generator, optional
        What shuffles the samples; they keep their order unless given.

    Returns
    -------
    iterator of array of int, shape (batch_size,)
        Which samples form each batch.

    Raises
    ------
    TypeError
        If `n_samples` or `batch_size` is no whole number, or `generator` none of
        NumPy's.
    ValueError
        If `n_samples` is less than 1, or `batch_size` less than 1 or greater than
        `n_samples`.

    Examples
    --------
    >>> [batch.tolist() for batch in batches(5, 2)]
    [[0, 1], [2, 3], [4]]
    """
    n_samples, batch_size = _batching(n_samples, batch_size, generator)
    return _deal(n_samples, batch_size, generator)


def _batching(n_samples: Any, batch_size: Any, generator: Any) -> tuple[int, int]:
    n_samples = _checks.count("n_samples", n_samples, least=1)
    batch_size = _checks.count("batch_size", batch_size, least=1)
    if batch_size > n_samples:
        msg = f"`batch_size` is {batch_size} but there are only {n_samples} samples"
        raise ValueError(msg)
    if generator is not None:
        _checks.generator("generator", generator)
    return n_samples, batch_size


def _deal(
    n_samples: int, batch_size: int, generator: np.random.Generator | None
) -> Iterator[np.ndarray]:
    order = np.arange(n_samples)
    if generator is not None:
        generator.shuffle(order)
    for first in range(0, n_samples, batch_size):
        yield order[first : first + batch_size]


def descend_in_batches(  # noqa: PLR0913 (each is one part of the loop)
    loss: Callable[[Any, Any, Any], Number],
    gradient: Callable[[Any, Any, Any], Any],
    start: Numbers,
    rule: UpdateRule,
    *,
    inputs: Numbers,
    targets: Numbers,
    batch_size: int,
    num_epochs: int,
    generator: np.random.Generator | None = None,
    schedule: Schedule | None = None,
) -> EpochHistory:
    r"""Step downhill on a few samples at a time.

    .. math:: w_{t+1} = w_t + \Delta_t(\nabla L_{B_t}(w_t))

    An epoch deals all samples into batches and takes a step on each. The samples are
    shuffled before every epoch.

    Parameters
    ----------
    loss : callable
        Takes parameters, inputs and targets, returns the loss.
    gradient : callable
        Takes the same, returns the gradient in the shape of the parameters.
    start : number or array, any shape
        Where to begin.
    rule : UpdateRule
        How to step.
    inputs : array, shape (n_samples, ...)
        One entry for each sample.
    targets : array, shape (n_samples, ...)
        One entry for each sample.
    batch_size : int
        How many samples share a step.
    num_epochs : int
        How often to go through all samples.
    generator : Generator, optional
        What shuffles the samples; they keep their order unless given.
    schedule : callable, optional
        Takes the number of steps taken and the losses of the epochs so far, the first
        one included, and returns the learning rate of the next step; the rule's own
        unless given.

    Returns
    -------
    EpochHistory
        The start and every epoch.

    Raises
    ------
    TypeError
        If an argument is not what it should be.
    ValueError
        If `inputs` and `targets` have different numbers of samples, an argument is
        empty, NaN or infinite, `batch_size` is less than 1 or greater than the number
        of samples, `num_epochs` is negative, `gradient` returns another shape than that
        of the parameters, or `schedule` a rate that is not positive.
    DivergenceError
        If a loss or a parameter becomes infinite or NaN.

    References
    ----------
    .. [1] H. Robbins and S. Monro, "A stochastic approximation method", Annals of
       Mathematical Statistics 22 (1951).

    Examples
    --------
    >>> from gdbook.gradients import linear_gradient
    >>> from gdbook.losses import mean_squared_error
    >>> from gdbook.optimizers import GradientDescent
    >>> inputs, targets = [[1.0], [2.0], [4.0]], [2.0, 4.0, 8.0]
    >>> history = descend_in_batches(
    ...     lambda w, x, y: mean_squared_error(x @ w, y),
    ...     lambda w, x, y: linear_gradient(x, w, y),
    ...     [0.0],
    ...     GradientDescent(0.125),
    ...     inputs=inputs,
    ...     targets=targets,
    ...     batch_size=2,
    ...     num_epochs=1,
    ... )
    >>> history.losses, history.num_steps
    ((28.0, 35.4375), 2)
    """
    loss = _checks.function("loss", loss)
    gradient = _checks.function("gradient", gradient)
    params = _checks.numbers("start", start)
    rule = _scheduled_rule(rule, schedule)
    inputs, targets = _samples(inputs, targets)
    n_samples, batch_size = _batching(len(inputs), batch_size, generator)
    num_epochs = _checks.count("num_epochs", num_epochs)

    def measure(params: Any, chosen: Any, step: int) -> tuple[Number, Any]:
        x, y = inputs[chosen], targets[chosen]
        return _measure(
            lambda w: loss(w, x, y),
            lambda w: gradient(w, x, y),
            params,
            step,
            rule.learning_rate,
        )

    state, step, everyone = rule.init(params), 0, slice(None)
    visited, losses = [params], [measure(params, everyone, 0)[0]]
    for _ in range(num_epochs):
        for chosen in _deal(n_samples, batch_size, generator):
            rule = _at_rate(rule, schedule, step, losses)
            _, slope = measure(params, chosen, step)
            with np.errstate(over="ignore"):  # the next measurement finds the overflow
                update, state = rule.update(slope, state)
                params = params + update
            step += 1
        visited.append(params)
        losses.append(measure(params, everyone, step)[0])
    return EpochHistory(tuple(visited), tuple(losses), step)


def _samples(
    inputs: Any, targets: Any, *, names: tuple[str, str] = ("inputs", "targets")
) -> tuple[Any, Any]:
    inputs = _checks.numbers(names[0], inputs)
    targets = _checks.numbers(names[1], targets)
    if not np.shape(inputs) or np.shape(targets)[:1] != np.shape(inputs)[:1]:
        msg = (
            f"`{names[1]}` has shape {np.shape(targets)} but `{names[0]}` has shape "
            f"{np.shape(inputs)}; there must be one entry for each sample in both"
        )
        raise ValueError(msg)
    return inputs, targets


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
        How often to go through all samples at most.
    batch_size : int
        How many samples share a step.
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
        Whether to show a bar; on a terminal, and for runs of some seconds, unless told.

    Returns
    -------
    FitHistory
        The trained network, every epoch, and why training stopped.

    Raises
    ------
    TypeError
        If an argument is not what it should be.
    ValueError
        If shapes do not fit, an argument is empty, NaN or infinite, `batch_size` is
        less than 1 or greater than the number of samples, or leaves a batch of one for
        batch normalisation, `num_epochs` is negative, or a metric has a name that is
        taken.
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
    hidden = None if progress is None else not _checks.choice("progress", progress)
    run = trainer.start(layers)
    if resume is not None:
        run = load(resume, run)
        generator.bit_generator.state = run.generator_state
    with tqdm(
        total=num_epochs,
        initial=len(run.epochs) - 1,
        unit="epoch",
        # Seconds: a bar that is gone at once only flickers, but who asks shall see it.
        delay=0 if progress else 2,
        disable=hidden,
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
        """Look at the network, and measure it before the first step."""
        params = snapshot(layers)[0]
        self._look_at_batches(layers)
        kinds = ", ".join(type(callback).__name__ for callback in self.callbacks)
        run = Run(
            layers=tuple(layers),
            epochs=(self._measured(layers, 0, self.rule.learning_rate),),
            num_steps=0,
            learning_rate=self.rule.learning_rate,
            rule_state=self.rule.init(params),
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
        passed = forward_pass(
            layers, self.inputs[chosen], training=True, generator=self.generator
        )
        slope = self.loss.slope(passed.values[-1], self.targets[chosen])
        gradient = backward(layers, passed, slope).gradient
        update, state = rule.update(gradient, state)
        return unflatten(passed.layers, flatten(layers) + update), state

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
            predictions = forward(layers, inputs)[-1]
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
        msg = f"`rule` is {rule!r} but must be an update rule of gdbook.optimizers"
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
        msg = f"`validation` is {validation!r} but must be inputs and targets"
        raise TypeError(msg)
    return _samples(*validation, names=("validation[0]", "validation[1]"))


def _metrics(metrics: Any) -> dict[str, Callable[[Any, Any], Number]]:
    if not isinstance(metrics, Mapping | None):
        msg = f"`metrics` is {metrics!r} but must be functions by name"
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
        msg = f"`callbacks` is {callbacks!r} but must be a sequence of Callback"
        raise TypeError(msg)
    for index, callback in enumerate(callbacks):
        _checks.instance(f"callbacks[{index}]", callback, Callback)
    return tuple(callbacks)


def constant_rate(learning_rate: Number, step: int) -> Any:
    r"""Keep the learning rate.

    .. math:: \alpha_t = \alpha_0

    Parameters
    ----------
    learning_rate : number
        The rate of every step, :math:`\alpha_0`.
    step : int
        How many steps were taken, :math:`t`.

    Returns
    -------
    number
        The rate of the next step.

    Raises
    ------
    TypeError
        If `learning_rate` is not a number, or `step` not a whole one.
    ValueError
        If `learning_rate` is not positive, or `step` is negative.

    Examples
    --------
    >>> [constant_rate(0.5, step) for step in range(3)]
    [0.5, 0.5, 0.5]
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    _checks.count("step", step)
    return learning_rate


def cosine_decay(
    learning_rate: Number, step: int, *, num_steps: int, least: Number = 0
) -> Number:
    r"""Lower the learning rate along half a wave of the cosine.

    .. math:: \alpha_t = \alpha_{\min} + \tfrac12 (\alpha_0 - \alpha_{\min})
              \left(1 + \cos\frac{\pi t}{T}\right)

    It starts and ends gently, and is at half height in the middle. After the last step
    the rate stays at its least. Cosines are irrational, so fractions are computed as
    floats here.

    Parameters
    ----------
    learning_rate : number
        The rate of the first step, :math:`\alpha_0`.
    step : int
        How many steps were taken, :math:`t`.
    num_steps : int
        How many steps the decay takes, :math:`T`.
    least : number, default 0
        The rate at the end, :math:`\alpha_{\min}`.

    Returns
    -------
    number
        The rate of the next step.

    Raises
    ------
    TypeError
        If an argument is not a number, or `step` or `num_steps` not a whole one.
    ValueError
        If `learning_rate` is not positive, `step` is negative, `num_steps` is less than
        1, or `least` is negative or greater than `learning_rate`.

    References
    ----------
    .. [1] I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm
       restarts", ICLR (2017).

    Examples
    --------
    >>> [round(cosine_decay(0.4, step, num_steps=4), 4) for step in range(6)]
    [0.4, 0.3414, 0.2, 0.0586, 0.0, 0.0]
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    step = _checks.count("step", step)
    num_steps = _checks.count("num_steps", num_steps, least=1)
    least = _checks.not_negative("least", least)
    if least > learning_rate:
        msg = f"`least` is {least!r} but must not exceed the rate, {learning_rate!r}"
        raise ValueError(msg)
    angle = math.pi * min(step, num_steps) / num_steps
    return least + (learning_rate - least) * (1 + math.cos(angle)) / 2


def step_decay(
    learning_rate: Number, step: int, *, every: int, factor: Number
) -> Number:
    r"""Shrink the learning rate by a factor at fixed intervals.

    .. math:: \alpha_t = \alpha_0\, \gamma^{\lfloor t / k \rfloor}

    Parameters
    ----------
    learning_rate : number
        The rate of the first step, :math:`\alpha_0`.
    step : int
        How many steps were taken, :math:`t`.
    every : int
        How many steps share a rate, :math:`k`.
    factor : number
        What the rate is multiplied by, :math:`\gamma`, greater than 0 and less
        than 1.

    Returns
    -------
    number
        The rate of the next step.

    Raises
    ------
    TypeError
        If an argument is not a number, or `step` or `every` not a whole one.
    ValueError
        If `learning_rate` is not positive, `step` is negative, `every` is less than
        1, or `factor` is not between 0 and 1.

    References
    ----------
    .. [1] H. Robbins and S. Monro, "A stochastic approximation method", Annals of
       Mathematical Statistics 22 (1951).

    Examples
    --------
    >>> [step_decay(0.5, step, every=2, factor=0.5) for step in range(5)]
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    step = _checks.count("step", step)
    every = _checks.count("every", every, least=1)
    factor = _checks.between("factor", factor)
    return learning_rate * factor ** (step // every)


def reduce_on_plateau(
    learning_rate: Number, losses: Sequence[Number], *, patience: int, factor: Number
) -> Number:
    r"""Shrink the learning rate when the loss has stopped improving.

    The rate is multiplied by `factor` when none of the last `patience` losses is
    less than the least loss before them.

    Parameters
    ----------
    learning_rate : number
        The rate of the last step.
    losses : sequence of number
        The losses since the rate last changed, oldest first.
    patience : int
        How many losses without improvement to wait for.
    factor : number
        What the rate is multiplied by, greater than 0 and less than 1.

    Returns
    -------
    number
        The rate of the next step.

    Raises
    ------
    TypeError
        If an argument is not a number, or `patience` not a whole one.
    ValueError
        If `learning_rate` is not positive, `losses` is empty, NaN or infinite,
        `patience` is less than 1, or `factor` is not between 0 and 1.

    Examples
    --------
    >>> reduce_on_plateau(0.5, [4, 3, 3, 3], patience=2, factor=0.5)
    0.25
    >>> reduce_on_plateau(0.5, [4, 3, 3, 2], patience=2, factor=0.5)
    0.5
    """
    learning_rate = _checks.positive("learning_rate", learning_rate)
    losses = plain(_checks.numbers("losses", losses, ndims=(1,)))
    patience = _checks.count("patience", patience, least=1)
    factor = _checks.between("factor", factor)
    before, recent = losses[:-patience], losses[-patience:]
    if before and min(recent) >= min(before):
        return learning_rate * factor
    return learning_rate
