"""Do the book's own steps in Keras, and ask Keras what has changed.

Keras computes in 32-bit floats. Its numbers leave as the shortest decimals that are
those floats, the way Python itself prints a float: 2.24, never 2.240000009536743.
Keras is imported when a function is called, with JAX under it unless told otherwise.
"""

import inspect
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np

from gdbook import _checks
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
    one_of,
)
from gdbook._checks import Number, Numbers, shown
from gdbook._extras import need
from gdbook.activations import TANH, leaky_relu
from gdbook.datasets import moons
from gdbook.examples import linear_regression
from gdbook.examples.weight_update import weight_update
from gdbook.fitting import fit
from gdbook.initialisation import glorot
from gdbook.losses import SIGMOID_CROSS_ENTROPY, mean_squared_error
from gdbook.network import BatchNorm, dense_network
from gdbook.optimizers import Adam, GradientDescent, Momentum, RMSProp, UpdateRule
from gdbook.traces import trace

if TYPE_CHECKING:
    from collections.abc import Iterator


# Under Keras' name, the same rule here.
_RULES: dict[str, Callable[[Number], UpdateRule]] = {
    "SGD": GradientDescent,
    "RMSprop": RMSProp,
    "Adam": Adam,
}

Rule = Annotated[str, one_of(_RULES)]
Recorded = Annotated[Mapping[str, Sequence[Number]], instance(Mapping)]


@trace
class KerasWeight(NamedTuple):
    """The step of one weight in Keras, and the same step here.

    Keras' `new_weight`, and `ours`.
    """

    new_weight: float
    ours: Number


@checked
def weight_in_keras(
    input_value: Finite = 3,
    weight: Finite = 2,
    target: Finite = 10,
    learning_rate: Positive = 0.01,
    rule: Rule = "SGD",
) -> KerasWeight:
    r"""Let Keras find the slope of one weight and take a step.

    .. math:: \hat y = w x, \qquad L = (\hat y - y)^2, \qquad
              w_1 = w_0 + \Delta_0

    Parameters
    ----------
    input_value
        The input, :math:`x`.
    weight
        The weight before the step, :math:`w_0`.
    target
        What the prediction should be, :math:`y`.
    learning_rate
        The learning rate.
    rule
        Keras' name of the update rule; its other settings stay as they are.

    Examples
    --------
    >>> step = weight_in_keras()
    >>> round(step.new_weight, 5), round(step.ours, 5)
    (2.24, 2.24)
    """
    ours = weight_update(
        input_value=input_value,
        weight=weight,
        target=target,
        learning_rate=learning_rate,
    )
    ours_rule = _RULES[rule](learning_rate)
    update, _ = ours_rule.update(ours.slope, ours_rule.init(weight))
    keras = _keras()
    node = keras.layers.Dense(1, use_bias=False)
    model = keras.Sequential([keras.Input((1,)), node])
    node.kernel.assign([[float(weight)]])
    stepper = getattr(keras.optimizers, rule)(learning_rate=float(learning_rate))
    model.compile(optimizer=stepper, loss="mean_squared_error")
    model.train_on_batch(_array([[input_value]]), _array([[target]]))
    return KerasWeight(
        new_weight=_short(np.asarray(node.kernel)[0, 0]), ours=weight + update
    )


@trace
class KerasLine(NamedTuple):
    """A line that Keras fits, step by step.

    Its `slopes` and `intercepts` before all steps and after each, and the largest
    `difference` of one of them from the same steps here.
    """

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    difference: float


@checked
def line_in_keras(
    inputs: Varied = (0.5, 2.0, 1.0),
    targets: Row = (0.8, 1.0, 1.5),
    learning_rate: Positive = 0.1,
    num_steps: Count0 = 4,
) -> KerasLine:
    r"""Let Keras step a line downhill from zero.

    .. math:: \hat y_i = m x_i + b, \qquad
              L = \frac1n \sum_{i=1}^{n} (\hat y_i - y_i)^2

    Parameters
    ----------
    inputs
        The inputs, :math:`x_i`.
    targets
        The targets, :math:`y_i`.
    learning_rate
        The learning rate.
    num_steps
        How many steps to take.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> line = line_in_keras(num_steps=1)
    >>> round(line.slopes[1], 5), round(line.intercepts[1], 5)
    (0.26, 0.22)
    """
    ours = linear_regression.linear_steps(
        inputs=inputs,
        targets=targets,
        learning_rate=learning_rate,
        num_steps=num_steps,
        flat=0,
    )
    keras = _keras()
    node = keras.layers.Dense(1, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), node])
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=float(learning_rate)),
        loss="mean_squared_error",
    )
    columns = _array(inputs)[:, None], _array(targets)[:, None]
    slopes, intercepts = [0.0], [0.0]
    for _ in range(num_steps):
        model.train_on_batch(*columns)
        slopes.append(_short(np.asarray(node.kernel)[0, 0]))
        intercepts.append(_short(np.asarray(node.bias)[0]))
    pairs = (*zip(slopes, ours.slopes, strict=False),)
    pairs += (*zip(intercepts, ours.intercepts, strict=False),)
    return KerasLine(
        slopes=tuple(slopes),
        intercepts=tuple(intercepts),
        difference=max(abs(theirs - float(own)) for theirs, own in pairs),
    )


@trace
class SameLosses(NamedTuple):
    """The losses of one small network, here and in Keras, for several rules.

    For each of the `rules` the losses before every step, `ours` and `theirs`, and the
    `largest` difference relative to ours; how many weights and biases there are
    (`num_params`), how many samples are in every step (`n_samples`), and the
    `learning_rates` of the rules.
    """

    rules: tuple[str, ...]
    ours: tuple[tuple[float, ...], ...]
    theirs: tuple[tuple[float, ...], ...]
    largest: tuple[float, ...]
    num_params: int
    n_samples: int
    learning_rates: tuple[float, ...]


@checked
def losses_in_keras(
    num_steps: Count1 = 60,
    n_hidden: Count1 = 8,
    n_samples: Count2 = 100,
    seed: Count0 = 1,
) -> SameLosses:
    r"""Train one small network here and in Keras, from the same start.

    .. math:: \max_t \frac{|L_t^{\text{Keras}} - L_t|}{L_t}

    Two moons, one hidden layer of tanh nodes, all samples in every step. The library
    computes in 64-bit floats and Keras in 32-bit ones.

    Parameters
    ----------
    num_steps
        How many steps to take.
    n_hidden
        How many hidden nodes there are.
    n_samples
        How many points lie on the moons.
    seed
        What the points and the weights are drawn from.

    Examples
    --------
    >>> same = losses_in_keras(num_steps=5)
    >>> same.rules, max(same.largest) < 1e-5
    (('descent', 'momentum', 'Adam'), True)
    """
    data = moons(n_samples, seed=seed)
    generator = np.random.default_rng(seed)
    layers: Any = dense_network(
        [2, n_hidden, 1], generator, activation=TANH, initialise=glorot
    )
    keras = _keras()
    optimizers = keras.optimizers
    # Keras adds epsilon before it corrects Adam's second mean; here it plays no part.
    pairs: dict[str, tuple[Any, Any]] = {
        "descent": (GradientDescent(0.5), optimizers.SGD(0.5)),
        "momentum": (Momentum(0.1, 0.9), optimizers.SGD(0.1, momentum=0.9)),
        "Adam": (Adam(0.05, epsilon=1e-12), optimizers.Adam(0.05, epsilon=1e-12)),
    }
    ours, theirs = [], []
    for rule, stepper in pairs.values():
        history = fit(
            layers,
            data.inputs,
            data.targets,
            loss=SIGMOID_CROSS_ENTROPY,
            rule=rule,
            num_epochs=num_steps,
            batch_size=n_samples,
            generator=generator,
            progress=False,
        )
        ours.append(tuple(float(epoch.loss) for epoch in history.epochs[:-1]))
        model = keras.Sequential([keras.Input((2,))])
        for layer, activation in zip(layers, ("tanh", None), strict=True):
            node = keras.layers.Dense(layer.weights.shape[1], activation=activation)
            model.add(node)
            node.kernel.assign(_array(layer.weights))
        model.compile(
            optimizer=stepper, loss=keras.losses.BinaryCrossentropy(from_logits=True)
        )
        columns = _array(data.inputs), _array(data.targets)
        theirs.append(
            tuple(_short(model.train_on_batch(*columns)) for _ in range(num_steps))
        )
    return SameLosses(
        rules=tuple(pairs),
        ours=tuple(ours),
        theirs=tuple(theirs),
        largest=tuple(
            max(abs(k - o) / o for k, o in zip(*both, strict=True))
            for both in zip(theirs, ours, strict=True)
        ),
        num_params=sum(layer.weights.size + layer.bias.size for layer in layers),
        n_samples=n_samples,
        learning_rates=tuple(float(rule.learning_rate) for rule, _ in pairs.values()),
    )


@trace
class DeepSlopes(NamedTuple):
    """How large the slopes are in each layer of deep networks, first to last.

    The `kinds` of networks; for each the `sizes` of the slopes, layer by layer, and the
    first over the last (`ratios`).
    """

    kinds: tuple[str, ...]
    sizes: tuple[tuple[float, ...], ...]
    ratios: tuple[float, ...]


@checked
def deep_slopes(
    num_layers: Count1 = 10,
    width: Count1 = 64,
    n_samples: Count2 = 100,
    seed: Count0 = 1,
) -> DeepSlopes:
    r"""Measure in Keras how large a slope reaches each layer of a deep network.

    .. math:: s_l = \sqrt{\frac{1}{n_l} \sum_{ij}
              \left( \frac{\partial L}{\partial W_{l,ij}} \right)^2}, \qquad
              \frac{s_1}{s_d}

    Keras keeps the velocities of momentum, and after one step at the rate 1 they are
    the slopes.

    Parameters
    ----------
    num_layers
        How many hidden layers there are, :math:`d`.
    width
        How many nodes each of them has.
    n_samples
        How many points lie on the two moons.
    seed
        What the points and the weights are drawn from.

    Raises
    ------
    ValueError
        If so few nodes are drawn that no slope is left in the last layer.

    Examples
    --------
    >>> slopes = deep_slopes(num_layers=3, width=4)
    >>> slopes.kinds
    ('sigmoid', 'ReLU', 'normalised sigmoid')
    >>> [len(sizes) for sizes in slopes.sizes]
    [3, 3, 3]
    """
    data = moons(n_samples, seed=seed)
    keras = _keras()
    kinds = {
        "sigmoid": ("sigmoid", False),
        "ReLU": ("relu", False),
        "normalised sigmoid": ("sigmoid", True),
    }
    found = []
    for activation, normalise in kinds.values():
        keras.utils.set_random_seed(seed)
        model = keras.Sequential([keras.Input((2,))])
        dense = [keras.layers.Dense(width) for _ in range(num_layers)]
        for layer in dense:
            model.add(layer)
            if normalise:
                model.add(keras.layers.BatchNormalization())
            model.add(keras.layers.Activation(activation))
        model.add(keras.layers.Dense(1, activation="sigmoid"))
        # At the rate 1 the first velocity is the slope, its sign turned.
        stepper = keras.optimizers.SGD(learning_rate=1.0, momentum=0.5)
        model.compile(optimizer=stepper, loss="binary_crossentropy")
        model.train_on_batch(_array(data.inputs), _array(data.targets))
        slopes = {
            variable.path: np.asarray(velocity, dtype=float)
            for variable, velocity in zip(
                model.trainable_variables, stepper.momentums, strict=True
            )
        }
        found.append([slopes[layer.kernel.path] for layer in dense])
    sizes = tuple(
        tuple(_short(np.sqrt(np.mean(slope**2))) for slope in slopes)
        for slopes in found
    )
    if not all(own[-1] for own in sizes):
        msg = (
            f"`width` is {shown(width)} but at seed {seed} no slope is left: take more"
        )
        raise ValueError(msg)
    return DeepSlopes(
        kinds=tuple(kinds),
        sizes=sizes,
        ratios=tuple(own[0] / own[-1] for own in sizes),
    )


@trace
class Defaults(NamedTuple):
    """What Keras takes unless told, and what this library takes.

    The `settings`, and for each what Keras takes (`theirs`) and this library (`ours`).
    """

    settings: tuple[str, ...]
    theirs: tuple[float, ...]
    ours: tuple[float, ...]


@checked
def defaults() -> Defaults:
    r"""Read from Keras and from this library what each takes unless told.

    .. math:: \frac{1}{n k} \sum_{i=1}^{n} \lVert \hat y_i - y_i \rVert^2
              \quad\text{is not}\quad
              \frac1n \sum_{i=1}^{n} \lVert \hat y_i - y_i \rVert^2

    Keras divides the squared error by the number of outputs, :math:`k`, as well.

    Examples
    --------
    >>> found = defaults()
    >>> found.settings[1], found.theirs[1], found.ours[1]
    ('leak of a leaky ReLU layer', 0.3, 0.01)
    """
    keras = _keras()
    norm = keras.layers.BatchNormalization()
    activation = keras.activations.leaky_relu
    pair, zeros = [[1.0, 3.0]], [[0.0, 0.0]]
    leak = _default(leaky_relu, "negative_slope")
    rows = {
        "leak of the function leaky_relu": (
            _default(activation, "negative_slope"),
            leak,
        ),
        "leak of a leaky ReLU layer": (keras.layers.LeakyReLU().negative_slope, leak),
        "momentum of batch normalisation": (
            norm.momentum,
            _default(BatchNorm, "momentum"),
        ),
        "epsilon of batch normalisation": (
            norm.epsilon,
            _default(BatchNorm, "epsilon"),
        ),
        "epsilon of Adam": (keras.optimizers.Adam().epsilon, _default(Adam, "epsilon")),
        "epsilon of RMSProp": (
            keras.optimizers.RMSprop().epsilon,
            _default(RMSProp, "epsilon"),
        ),
        "squared error of (1, 3) for (0, 0)": (
            _short(keras.losses.MeanSquaredError()(zeros, pair)),
            mean_squared_error(pair, zeros),
        ),
    }
    return Defaults(
        settings=tuple(rows),
        theirs=tuple(float(theirs) for theirs, _ in rows.values()),
        ours=tuple(float(ours) for _, ours in rows.values()),
    )


@trace
class ThenAndNow(NamedTuple):
    """Old spellings of Keras, today's, and what becomes of the old ones today.

    What stood `then` and stands `now`; of each old spelling the name of the exception
    or the warning that it leads to, and what that says (`outcomes`, `messages`); and
    the number of columns that a network with a layer behind its output predicts
    (`num_columns`).
    """

    then: tuple[str, ...]
    now: tuple[str, ...]
    outcomes: tuple[str, ...]
    messages: tuple[str, ...]
    num_columns: int


@checked
def then_and_now() -> ThenAndNow:
    r"""Run what text 003 writes in the Keras that is installed.

    .. math:: \text{shape of the prediction} =
              (n,\ \text{nodes of the last layer})

    Examples
    --------
    >>> found = then_and_now()
    >>> found.then[0], found.now[0], found.outcomes[0]
    ('keras.wrappers.scikit_learn', 'keras.wrappers', 'ModuleNotFoundError')
    """
    need("sklearn", "keras")  # for keras.wrappers
    keras = _keras()
    layers, callbacks = keras.layers, keras.callbacks
    rng = np.random.default_rng(seed=1)
    inputs, targets = _array(rng.normal(size=(4, 8))), _array([[0], [1], [1], [0]])

    def network(*, compiled: bool = True) -> Any:
        output = layers.Dense(1, activation="sigmoid")
        model = keras.Sequential([keras.Input((8,)), output])
        if compiled:
            model.compile(optimizer="sgd", loss="binary_crossentropy")
        return model

    longer = network(compiled=False)
    longer.add(layers.Dense(20, activation="relu"))
    longer.compile(optimizer="adam", loss="binary_crossentropy")

    def fit_longer() -> None:
        longer.fit(inputs, targets, verbose=0)

    def fit_without_validation() -> None:
        stopping = callbacks.EarlyStopping(monitor="val_loss", patience=5)
        network().fit(inputs, targets, verbose=0, callbacks=[stopping])

    def save(name: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            network().save(Path(folder, name))

    def save_weights(name: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            network().save_weights(Path(folder, name))

    rows: list[tuple[str, str, Callable[[], Any]]] = [
        (
            "keras.wrappers.scikit_learn",
            "keras.wrappers",
            lambda: __import__("keras.wrappers.scikit_learn"),
        ),
        (
            "build_fn=…",
            "model=…",
            lambda: keras.wrappers.SKLearnClassifier(build_fn=network),
        ),
        (
            "input_shape=(8,)",
            "keras.Input((8,))",
            lambda: layers.Dense(10, input_shape=(8,)),
        ),
        (
            "LeakyReLU(alpha=…)",
            "negative_slope=…",
            lambda: layers.LeakyReLU(alpha=0.1),
        ),
        ("best_model.h5", "best_model.keras", lambda: save("best_model.h5")),
        ("weights in best.h5", "best.weights.h5", lambda: save_weights("best.h5")),
        ("add(…) after the output", "pop() first", fit_longer),
        (
            "val_loss of nothing",
            "validation_split=0.2",
            fit_without_validation,
        ),
    ]
    found = [_outcome(old) for _, _, old in rows]
    return ThenAndNow(
        then=tuple(row[0] for row in rows),
        now=tuple(row[1] for row in rows),
        outcomes=tuple(name for name, _ in found),
        messages=tuple(message for _, message in found),
        num_columns=longer.output_shape[1],
    )


@trace
class KerasRun(NamedTuple):
    """What Keras' `fit` recorded of a run, epoch by epoch.

    The `losses` of training and of validation (`validation_losses`), and the
    `learning_rates` if they were recorded; the epoch of the least validation loss
    (`best_epoch`), that loss (`best_loss`), and how many epochs there were
    (`num_epochs`).
    """

    losses: tuple[float, ...]
    validation_losses: tuple[float, ...]
    learning_rates: tuple[float, ...]
    best_epoch: int
    best_loss: float
    num_epochs: int


@checked
def recorded(history: Recorded) -> KerasRun:
    r"""Make a trace of what Keras' `fit` recorded.

    .. math:: t^* = \arg\min_t L_t^{\text{validation}}

    Parameters
    ----------
    history
        The ``history`` of what ``fit`` returns: ``loss``, ``val_loss`` and, if the rate
        was looked after, ``learning_rate``.

    Raises
    ------
    ValueError
        If there was no validation, or the lengths differ.

    Examples
    --------
    >>> run = recorded({"loss": [0.5, 0.25, 0.125], "val_loss": [0.5, 0.375, 0.75]})
    >>> run.best_epoch, run.best_loss, run.num_epochs
    (2, 0.375, 3)
    """
    for name in ("loss", "val_loss"):
        if name not in history:
            msg = f"`history` has no {shown(name)} but must have one"
            raise ValueError(msg)
    columns = {
        name: tuple(
            _short(value)
            for value in _checks.numbers(
                f"history[{name!r}]", history.get(name, history["loss"]), ndims=(1,)
            )
        )
        for name in ("loss", "val_loss", "learning_rate")
    }
    losses, seen, rates = columns.values()
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        msg = f"`history` has lengths {sorted(lengths)} but all must be equal"
        raise ValueError(msg)
    best = min(seen)
    return KerasRun(
        losses=losses,
        validation_losses=seen,
        learning_rates=rates if "learning_rate" in history else (),
        best_epoch=seen.index(best) + 1,
        best_loss=best,
        num_epochs=len(losses),
    )


def _keras() -> Any:
    """Import Keras over JAX, with no settings but its own."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    # Keras reads settings from this folder, and writes some if there are none.
    os.environ.setdefault("KERAS_HOME", os.devnull)
    need("keras", "keras")
    import keras  # noqa: PLC0415 (only who asks pays)

    return keras


def _array(values: Numbers) -> Any:
    return np.asarray(values, dtype="float32")


def _short(value: Any) -> float:
    """Return the shortest decimal that is the 32-bit float."""
    return float(str(np.float32(value)))


def _default(function: Callable[..., Any], name: str) -> Any:
    return inspect.signature(function).parameters[name].default


def _outcome(old: Callable[[], Any]) -> tuple[str, str]:
    """Say what becomes of an old spelling: an exception, a warning, or nothing."""
    with _listening() as heard:
        try:
            old()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the result)
            first = str(error).strip().splitlines()[0]
            # A path would be another one in every run.
            return type(error).__name__, first.partition(" Received: filepath")[0]
    return heard[0] if heard else ("nothing", "")


@contextmanager
def _listening() -> "Iterator[list[tuple[str, str]]]":
    """Collect the warnings that Keras gives, through Python or through its log."""
    heard: list[tuple[str, str]] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(("log warning", record.getMessage().strip()))

    log, listener = logging.getLogger("absl"), Listener(logging.WARNING)
    handlers, propagate = log.handlers[:], log.propagate
    log.handlers[:], log.propagate = [listener], False
    try:
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always", UserWarning)
            # Keras hands NumPy variables that do not know its argument `copy`.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield heard
    finally:
        log.handlers[:], log.propagate = handlers, propagate
    heard += [(warning.category.__name__, str(warning.message)) for warning in given]
