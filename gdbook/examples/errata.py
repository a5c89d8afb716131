"""Compute what the sources' misprints say, beside what holds."""

import math
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import numpy as np

from gdbook import gradients
from gdbook._arguments import (
    Count0,
    Count1,
    Count2,
    Finite,
    Positive,
    Row,
    Varied,
    checked,
    instance,
)
from gdbook._checks import Number, shown
from gdbook.activations import RELU, SIGMOID
from gdbook.callbacks import EarlyStopping, Epoch, Run
from gdbook.examples.forward_propagation import neuron
from gdbook.examples.linear_regression import (
    INPUTS,
    TARGETS,
    hours_and_grades,
    linear_step,
)
from gdbook.fitting import fit
from gdbook.losses import MEAN_SQUARED_ERROR, mean_squared_error
from gdbook.network import Dense, backward, forward, forward_pass
from gdbook.optimizers import GradientDescent
from gdbook.packing import flatten
from gdbook.traces import plain, trace


@trace
class Softmax(NamedTuple):
    """Softmax, and what its formula says with the index outside the exponent.

    The `right` shares, and those of the formula as `printed`.
    """

    right: tuple[float, ...]
    printed: tuple[float, ...]


@checked
def softmax(values: Row = (2, 1, 0)) -> Softmax:
    r"""Share out 1 among values, and misread the formula for it.

    .. math:: \sigma(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}
              \quad\text{printed as}\quad \frac{e^x_i}{\sum e^x_j}

    With the index outside the exponent every power is the same :math:`e^x`, so
    every share is :math:`1/n`.

    Parameters
    ----------
    values
        The values to share 1 among.

    Examples
    --------
    >>> softmax()  # doctest: +NORMALIZE_WHITESPACE
    Softmax(right=(0.665240955775, 0.244728471055, 0.0900305731704),
            printed=(0.333333333333, 0.333333333333, 0.333333333333))
    """
    values = plain(values)
    largest = max(values)
    powers = [math.exp(value - largest) for value in values]
    return Softmax(
        right=tuple(power / sum(powers) for power in powers),
        printed=tuple(1 / len(powers) for _ in powers),
    )


@trace
class NeuronWithoutSum(NamedTuple):
    """A neuron, and what its formula says without the sum.

    The `right` value, and the values of the formula as `printed`, one for each input.
    """

    right: Number
    printed: tuple[Number, ...]


@checked
def neuron_without_sum(
    inputs: Row = (2, 3, 5), weights: Row = (0.5, -1, 0.2), bias: Finite = 4
) -> NeuronWithoutSum:
    r"""Compute what goes into an activation with and without its sum.

    .. math:: z = \sum_i w_i x_i + b \quad\text{printed as}\quad w_i x_i + b_i

    Parameters
    ----------
    inputs
        What goes in.
    weights
        One for each input.
    bias
        What the neuron says when every input is 0.

    Raises
    ------
    ValueError
        If the inputs and the weights have different shapes.

    Examples
    --------
    >>> neuron_without_sum()
    NeuronWithoutSum(right=3, printed=(5, 1, 5))
    """
    right = neuron(inputs, weights, bias).prediction
    return NeuronWithoutSum(right, printed=plain(weights * inputs + bias))


@trace
class Compass(NamedTuple):
    """Where the gradient of a line points, and where the best line is.

    The way `downhill` from the start, which is minus the gradient; the way `to_best`,
    from the start to the best slope and intercept; and the `degrees` between the two.
    """

    downhill: tuple[Number, Number]
    to_best: tuple[Number, Number]
    degrees: float


@checked
def compass(
    inputs: Varied = INPUTS,
    targets: Row = TARGETS,
    slope: Finite = 0,
    intercept: Finite = 0,
) -> Compass:
    r"""Measure the angle between the way downhill and the way to the best line.

    .. math:: \cos\varphi = \frac{-\nabla L \cdot (w^* - w)}
              {\lVert \nabla L \rVert\, \lVert w^* - w \rVert}

    An angle is irrational in general, so fractions are computed as floats there.

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        What is true there.
    slope
        The slope at the start.
    intercept
        The intercept at the start.

    Raises
    ------
    ValueError
        If the inputs and the targets have different shapes, or the start is the best
        line.

    Examples
    --------
    >>> round(compass().degrees, 1)
    47.4
    """
    step = linear_step(inputs, targets, slope, intercept)
    best_slope, best_intercept = gradients.best_line(inputs, targets)
    downhill = (-step.slope_gradient, -step.intercept_gradient)
    to_best = (best_slope - slope, best_intercept - intercept)
    if not any(to_best):
        msg = (
            f"`slope` is {shown(slope)} and `intercept` is {shown(intercept)} "
            "but they must not be those of the best line, from which no way leads there"
        )
        raise ValueError(msg)
    angles = [math.atan2(along_b, along_m) for along_m, along_b in (downhill, to_best)]
    between = abs(angles[0] - angles[1])
    return Compass(
        downhill=downhill,
        to_best=to_best,
        degrees=math.degrees(min(between, 2 * math.pi - between)),
    )


@trace
class AfterOutput(NamedTuple):
    """What a network predicts before and after a layer is added behind its output.

    The `shape` of its predictions for two samples, the `longer_shape` of those of the
    longer network, and the `message` that says why the latter have no errors.
    """

    shape: tuple[int, ...]
    longer_shape: tuple[int, ...]
    message: str


@checked
def after_output(added: Count2 = 20) -> AfterOutput:
    r"""Add a layer behind the output layer of a network, as text 003 does.

    .. math:: (n, 1) \;\to\; (n, k)

    Parameters
    ----------
    added
        How many nodes the added layer has, :math:`k`.

    Examples
    --------
    >>> after_output().shape, after_output().longer_shape
    ((2, 1), (2, 20))
    """
    inputs, targets = [[0.0, 0.0], [1.0, 1.0]], [[1], [0]]
    layers = [Dense([[1.0], [-1.0]], [0.0], SIGMOID)]
    shape = forward(layers, inputs)[-1].shape
    layers.append(Dense(np.ones((1, added)), np.zeros(added), RELU))
    longer = forward(layers, inputs)[-1]
    try:
        mean_squared_error(longer, targets)
    except ValueError as error:
        message = str(error)
    return AfterOutput(shape=shape, longer_shape=longer.shape, message=message)


@trace
class Unwatched(NamedTuple):
    """What early stopping says when there is no validation.

    The value to `monitor`, and the `message`, which is empty if the value is there.
    """

    monitor: str
    message: str


@checked
def unwatched(monitor: Annotated[str, instance(str)] = "validation_loss") -> Unwatched:
    r"""Watch the validation loss of a run without validation, as text 003 does.

    .. math:: L^{\text{validation}}\ \text{of no samples is no number}

    Parameters
    ----------
    monitor
        The name of what to watch.

    Examples
    --------
    >>> print(unwatched().message.partition(";")[0])
    `monitor` is 'validation_loss' but must be one of: loss
    """
    early = EarlyStopping(patience=5, monitor=monitor)
    run = Run((Dense([[1.0]]),), (Epoch(0.5),), 0, 0.1, (), (), {})
    try:
        early.init(run)
    except ValueError as error:
        return Unwatched(monitor, str(error))
    return Unwatched(monitor, "")


@trace
class BehindSigmoids(NamedTuple):
    """The slope that reaches the first of several sigmoids, from the output.

    As they `stand`, with a ReLU `added` behind them, and with ReLUs `instead` of them.
    """

    stand: float
    added: float
    instead: float


@checked
def behind_sigmoids(n_layers: Count1 = 10) -> BehindSigmoids:
    r"""Add a ReLU behind layers of one sigmoid node each, as text 003 does.

    .. math:: \frac{\partial}{\partial a_0} \operatorname{relu}(a_n)
              = \prod_{l=1}^{n} \sigma'(z_l) = \frac{1}{4^n}

    The weights are 1, and every sum is 0, where the sigmoid is steepest.

    Parameters
    ----------
    n_layers
        How many layers, :math:`n`.

    Examples
    --------
    >>> behind_sigmoids(3)
    BehindSigmoids(stand=0.015625, added=0.015625, instead=1)
    """
    relu = Dense([[1.0]], [0.0], RELU)
    sigmoids = (Dense([[1.0]], [-0.5], SIGMOID),) * n_layers
    return BehindSigmoids(
        stand=_first_slope(sigmoids),
        added=_first_slope((*sigmoids, relu)),
        instead=_first_slope((relu,) * n_layers),
    )


def _first_slope(layers: Sequence[Dense]) -> float:
    """Return the slope of the output along what goes into the first layer."""
    passed = forward_pass(layers, [[0.5]])
    return float(backward(layers, passed, [[1.0]]).values[0].item())


@trace
class EmptyLoop(NamedTuple):
    """What Python says of a listing.

    The `listing`, the name of the `error`, and its `message`.
    """

    listing: str
    error: str
    message: str


@checked
def empty_loop() -> EmptyLoop:
    r"""Compile the loop over folds of text 003, whose body is a comment.

    .. math:: \text{for } k = 1, \dots, 5\text{: nothing}

    Examples
    --------
    >>> empty_loop().error
    'IndentationError'
    """
    listing = (
        "for train_index, val_index in kf.split(X):\n"
        "    # Training and validating model for each fold\n"
    )
    try:
        compile(listing, "text 003", "exec")
    except SyntaxError as error:
        return EmptyLoop(listing, type(error).__name__, error.msg)
    return EmptyLoop(listing, "", "")


@trace
class Validated(NamedTuple):
    """A line that was trained twice, with validation and without.

    The `loss` of the training samples and the `validation_loss` at the end; the slope
    and intercept `with_validation`, and those `without`.
    """

    loss: Number
    validation_loss: Number
    with_validation: tuple[float, float]
    without: tuple[float, float]


@checked
def validated(num_epochs: Count0 = 500, learning_rate: Positive = 0.05) -> Validated:
    r"""Train a line on two of the five grades, and validate it on the others.

    .. math:: L^{\text{validation}} = \frac13 \sum_{i=3}^{5} (m x_i + b - y_i)^2

    Parameters
    ----------
    num_epochs
        How often to go through the two samples.
    learning_rate
        How much of the gradient to use.

    Examples
    --------
    >>> trained = validated()
    >>> trained.with_validation == trained.without
    True
    >>> round(trained.loss, 4), round(trained.validation_loss, 2)
    (0.0, 9.05)
    """
    line = hours_and_grades()
    inputs, targets = (
        np.array(values, dtype=float)[:, None] for values in (line.hours, line.grades)
    )
    runs = [
        fit(
            [Dense([[0.0]], [0.0])],
            inputs[:2],
            targets[:2],
            loss=MEAN_SQUARED_ERROR,
            rule=GradientDescent(learning_rate),
            num_epochs=num_epochs,
            batch_size=2,
            generator=np.random.default_rng(seed=0),
            validation=validation,
        )
        for validation in ((inputs[2:], targets[2:]), None)
    ]
    with_validation, without = (plain(flatten(run.layers)) for run in runs)
    return Validated(
        loss=runs[0].values("loss")[-1],
        validation_loss=runs[0].values("validation_loss")[-1],
        with_validation=with_validation,
        without=without,
    )
