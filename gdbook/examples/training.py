"""Let networks learn what no line can: four samples, and two moons."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import (
    datasets,
    fitting,
    initialisation,
    losses,
    network,
    packing,
)
from gdbook._arguments import (
    Count0,
    Count1,
    Count2,
    NotNegative,
    Positive,
    Row,
    Rows,
    checked,
    count,
    each,
    look_at_shape,
)
from gdbook._checks import Number, shown
from gdbook.activations import RELU, TANH, Activation
from gdbook.examples.backpropagation import Bend
from gdbook.optimizers import Adam
from gdbook.seeds import Spread, spread
from gdbook.splits import accuracy
from gdbook.traces import plain, trace

XOR_INPUTS = ((0, 0), (0, 1), (1, 0), (1, 1))
XOR_TARGETS = (0, 1, 1, 0)
Epochs = Annotated[Sequence[int], each(count(0), least=1)]


@trace
class BestSplit(NamedTuple):
    """Of the lines that were tried, the one that puts most samples on their side.

    The `inputs` and `targets`; the `angle`, in degrees, and the `offset` of the line,
    how many samples it gets `right` and their share (`accuracy`), and which are
    `wrong`.
    """

    inputs: tuple[tuple[Number, ...], ...]
    targets: tuple[Number, ...]
    angle: float
    offset: float
    right: int
    accuracy: float
    wrong: tuple[int, ...]


@checked
def best_split(
    inputs: Rows = XOR_INPUTS, targets: Row = XOR_TARGETS, num_angles: Count1 = 360
) -> BestSplit:
    r"""Try lines in many directions, and keep the one that is right most often.

    A line says 1 on one side of it, and 0 on the other:

    .. math:: x_1 \cos\varphi + x_2 \sin\varphi > c

    For each angle every offset is tried that parts the samples in another way. Of
    lines that are right equally often, the one is kept with the widest gap between the
    samples on either side. Cosines are irrational, so fractions are computed as floats
    here.

    Parameters
    ----------
    inputs
        Where the samples are.
    targets
        The class of each, 0 or 1.
    num_angles
        How many angles :math:`\varphi` to try, equally far apart around the circle.

    Raises
    ------
    ValueError
        If `inputs` has other than two columns or `targets` another length, or a target
        is neither 0 nor 1.

    Examples
    --------
    >>> found = best_split()
    >>> found.angle, round(found.offset, 4), found.right, found.accuracy
    (45.0, 0.3536, 3, 0.75)
    """
    look_at_shape("inputs", inputs, (*targets.shape, 2), "one row for each target")
    if not set(plain(targets)) <= {0, 1}:
        msg = "`targets` must hold 0 and 1 only"
        raise ValueError(msg)
    points = inputs.astype(float)
    found = [
        (*_best_offset(points, targets, 2 * np.pi * turn / num_angles), turn)
        for turn in range(num_angles)
    ]
    # Rounding must not decide between gaps that are equal.
    right, _, offset, turn = max(
        found, key=lambda one: (one[0], round(one[1], 9), -one[3])
    )
    says = _along(points, 2 * np.pi * turn / num_angles) > offset
    return BestSplit(
        inputs=plain(inputs),
        targets=plain(targets),
        angle=360 * turn / num_angles,
        offset=offset,
        right=right,
        accuracy=right / len(targets),
        wrong=plain(np.flatnonzero(says != targets)),
    )


def _along(points: Any, angle: float) -> Any:
    return points @ np.array([np.cos(angle), np.sin(angle)])


def _best_offset(points: Any, yes: Any, angle: float) -> tuple[int, float, float]:
    """Return how many are right at best, the gap there, and the offset."""
    along = _along(points, angle)
    order = np.argsort(along)
    along = along[order]
    # Below all samples everything is a yes; past each, one more is a no.
    right = yes.sum() + np.concatenate([[0], np.cumsum(1 - 2 * yes[order])])
    # Nothing fits between samples that lie on a line of this direction.
    gaps = np.concatenate([[0.0], np.diff(along), [0.0]])
    open_ = gaps > 1e-9
    open_[[0, -1]] = True
    place = max(np.flatnonzero(open_), key=lambda index: (right[index], gaps[index]))
    ends = np.concatenate([[along[0] - 2], along, [along[-1] + 2]])
    offset = (ends[place] + ends[place + 1]) / 2
    return int(right[place]), float(gaps[place]), float(offset)


@checked
def moons_split(
    n_samples: Count2 = 400,
    noise: NotNegative = 0.2,
    seed: Count0 = 1,
    num_angles: Count1 = 360,
) -> BestSplit:
    """Try lines in many directions, and keep the one that parts two moons best.

    Parameters
    ----------
    n_samples
        How many points, half of them on each moon.
    noise
        The standard deviation of what moves each point off its moon.
    seed
        What the random numbers start from.
    num_angles
        How many angles to try, equally far apart around the circle.

    Examples
    --------
    >>> moons_split(n_samples=4, noise=0, num_angles=8).accuracy
    1.0
    """
    data = datasets.moons(n_samples, noise=noise, seed=seed)
    return best_split(data.inputs, data.targets[:, 0], num_angles)


@trace
class HandMade(NamedTuple):
    """A network with ReLU nodes, asked about several samples.

    The `inputs` and `targets`; the `sums` that reach the hidden nodes and what leaves
    them (`hidden`), the `output_weights`, the `predictions` and their `loss`.
    """

    inputs: tuple[tuple[Number, ...], ...]
    targets: tuple[Number, ...]
    sums: tuple[tuple[Number, ...], ...]
    hidden: tuple[tuple[Number, ...], ...]
    output_weights: tuple[Number, ...]
    predictions: tuple[Number, ...]
    loss: Number


@checked
def hand_made(
    hidden_weights: Rows = ((1, 1), (1, 1)),
    hidden_bias: Row = (0, -1),
    output_weights: Row = (1, -2),
    inputs: Rows = XOR_INPUTS,
    targets: Row = XOR_TARGETS,
) -> HandMade:
    r"""Choose the weights of a small network by hand so that it computes XOR.

    .. math:: \hat y = \operatorname{relu}(x_1 + x_2)
              - 2 \operatorname{relu}(x_1 + x_2 - 1)

    Parameters
    ----------
    hidden_weights
        One row for each hidden node.
    hidden_bias
        What each hidden node adds.
    output_weights
        One for each hidden node.
    inputs
        What to ask it.
    targets
        What it should say.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    References
    ----------
    .. [1] I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press (2016),
       section 6.1.

    Examples
    --------
    >>> made = hand_made()
    >>> made.hidden, made.predictions, made.loss
    (((0, 0), (1, 0), (1, 0), (2, 1)), (0, 1, 1, 0), 0.0)
    """
    n_hidden, n_inputs = hidden_weights.shape
    look_at_shape("hidden_bias", hidden_bias, (n_hidden,), "one for each hidden node")
    look_at_shape(
        "output_weights", output_weights, (n_hidden,), "one for each hidden node"
    )
    look_at_shape(
        "inputs", inputs, (*targets.shape, n_inputs), "one row for each target"
    )
    summing = network.Dense(hidden_weights.T, hidden_bias)
    layers: list[network.Layer] = [summing, RELU, network.Dense(output_weights)]
    _, sums, hidden, predictions = network.forward(layers, inputs)
    return HandMade(
        inputs=plain(inputs),
        targets=plain(targets),
        sums=plain(sums),
        hidden=plain(hidden),
        output_weights=plain(output_weights),
        predictions=plain(predictions),
        loss=losses.mean_squared_error(predictions, targets),
    )


@trace
class Learned(NamedTuple):
    """A network in training, seen at a few epochs.

    The `sizes` of its layers and its weights and biases (`num_weights`); the
    `learning_rate` of Adam, the `batch_size`, the `seed` and the steps of the longest
    run (`num_steps`); at each of the `epochs` the loss (`losses`) and the share of
    samples that are right (`accuracies`); the training `inputs` and `targets`, and
    within `limits` around them what the network says all over the plane, row by row
    from below (`surfaces`).
    """

    sizes: tuple[int, ...]
    num_weights: int
    learning_rate: Number
    batch_size: int
    seed: int
    num_steps: int
    epochs: tuple[int, ...]
    losses: tuple[Number, ...]
    accuracies: tuple[Number, ...]
    inputs: tuple[tuple[float, ...], ...]
    targets: tuple[float, ...]
    limits: tuple[tuple[float, float], tuple[float, float]]
    surfaces: tuple[tuple[tuple[float, ...], ...], ...]


@checked
def learn_xor(
    n_hidden: Count1 = 4,
    epochs: Epochs = (0, 10, 30, 200),
    learning_rate: Positive = 0.05,
    activation: Bend = TANH,
    seed: Count0 = 0,
    resolution: Count2 = 41,
) -> Learned:
    """Let a small network learn XOR from its four samples with Adam.

    Every step looks at all four. The run is repeated up to each epoch asked for; the
    seed is the same, so that it is one run seen several times. Training is done in
    floats.

    Parameters
    ----------
    n_hidden
        How many hidden nodes the network has.
    epochs
        When to look at it: after how many epochs, rising.
    learning_rate
        The learning rate of Adam.
    activation
        What each hidden node does to its sum.
    seed
        What the random numbers start from.
    resolution
        How many predictions to make along each side of the plane that is looked at.

    Raises
    ------
    ValueError
        If `epochs` do not rise.

    Examples
    --------
    >>> learned = learn_xor()
    >>> learned.sizes, learned.num_weights, learned.num_steps, learned.accuracies[-1]
    ((2, 4, 1), 17, 200, 1.0)
    """
    inputs = np.array(XOR_INPUTS, dtype=float)
    targets = np.array(XOR_TARGETS, dtype=float)[:, None]
    return _learned(
        datasets.Dataset(inputs, targets, None, ()),
        n_hidden=n_hidden,
        epochs=epochs,
        learning_rate=learning_rate,
        batch_size=len(inputs),
        activation=activation,
        seed=seed,
        resolution=resolution,
        margin=0.5,
    )


@checked
def learn_moons(
    n_hidden: Count1 = 8,
    epochs: Epochs = (0, 3, 20, 100),
    learning_rate: Positive = 0.03,
    batch_size: Count1 = 20,
    activation: Bend = TANH,
    n_samples: Count2 = 200,
    n_held_out: Count2 = 400,
    noise: NotNegative = 0.2,
    seed: Count0 = 0,
    resolution: Count2 = 41,
) -> Learned:
    """Let a small network learn two moons in batches with Adam.

    Its accuracy is measured on other moons, drawn from the next seed, which it never
    saw in training. The run is repeated up to each epoch asked for; the seed is the
    same, so that it is one run seen several times. Training is done in floats.

    Parameters
    ----------
    n_hidden
        How many hidden nodes the network has.
    epochs
        When to look at it: after how many epochs, rising.
    learning_rate
        The learning rate of Adam.
    batch_size
        How many samples share a step.
    activation
        What each hidden node does to its sum.
    n_samples
        How many points to learn from.
    n_held_out
        How many points to measure the accuracy on.
    noise
        The standard deviation of what moves each point off its moon.
    seed
        What the random numbers start from.
    resolution
        How many predictions to make along each side of the plane that is looked at.

    Raises
    ------
    ValueError
        If `epochs` do not rise, or `batch_size` is more than `n_samples`.

    Examples
    --------
    >>> learned = learn_moons(epochs=(0, 1), n_held_out=100)
    >>> learned.sizes, learned.num_weights, learned.num_steps
    ((2, 8, 1), 33, 10)
    """
    return _learned(
        datasets.moons(n_samples, noise=noise, seed=seed),
        datasets.moons(n_held_out, noise=noise, seed=seed + 1),
        n_hidden=n_hidden,
        epochs=epochs,
        learning_rate=learning_rate,
        batch_size=batch_size,
        activation=activation,
        seed=seed,
        resolution=resolution,
        margin=0.25,
    )


@trace
class MoonsSeeds(NamedTuple):
    """How far networks from several seeds are ahead of the best lines.

    After each of the `epochs`, the spread of how much larger the network's share of
    right points is than the line's (`leads`).
    """

    epochs: tuple[int, ...]
    leads: tuple[Spread, ...]


@checked
def moons_seeds(num_seeds: Count2 = 6, epochs: Epochs = (3, 100)) -> MoonsSeeds:
    """Learn two moons from several seeds, and compare with the best line for each.

    Every seed draws its own moons, for training and to measure on; the line is the best
    for those that it is measured on, as in `moons_split`, and the network has never
    seen them.

    Parameters
    ----------
    num_seeds
        From how many seeds to learn.
    epochs
        When to compare: after how many epochs, rising.

    Raises
    ------
    ValueError
        If `epochs` do not rise.

    Examples
    --------
    >>> late = moons_seeds(num_seeds=2, epochs=(60,)).leads[0]
    >>> late.num_seeds, late.least > 0
    (2, True)
    """

    def lead(seed: int) -> list[float]:
        shares = learn_moons(epochs=epochs, seed=seed, resolution=2).accuracies
        line = moons_split(seed=seed + 1).accuracy  # the moons it is measured on
        return [float(share) - line for share in shares]

    found = zip(*map(lead, range(num_seeds)), strict=True)
    return MoonsSeeds(
        epochs=tuple(epochs),
        leads=tuple(spread(leads.__getitem__, num_seeds) for leads in found),
    )


def _learned(
    data: datasets.Dataset,
    held_out: datasets.Dataset | None = None,
    *,
    n_hidden: int,
    epochs: Sequence[int],
    learning_rate: Number,
    batch_size: int,
    activation: Activation,
    seed: int,
    resolution: int,
    margin: float,
) -> Learned:
    if list(epochs) != sorted(set(epochs)):
        msg = f"`epochs` is {shown(epochs)} but must hold rising numbers"
        raise ValueError(msg)
    sizes = (data.inputs.shape[1], n_hidden, 1)
    measured = data if held_out is None else held_out

    def run(num_epochs: int) -> fitting.FitHistory:
        generator = np.random.default_rng(seed)
        layers = network.dense_network(
            sizes, generator, activation=activation, initialise=initialisation.glorot
        )
        return fitting.fit(
            layers,
            data.inputs,
            data.targets,
            loss=losses.MEAN_SQUARED_ERROR,
            rule=Adam(learning_rate),
            num_epochs=num_epochs,
            batch_size=batch_size,
            generator=generator,
            validation=(measured.inputs, measured.targets),
            # Predictions are no probabilities here, but more than a half is a yes.
            metrics={"accuracy": partial(accuracy, threshold=0.5)},
        )

    runs = [run(num_epochs) for num_epochs in epochs]
    lows, highs = data.inputs.min(axis=0), data.inputs.max(axis=0)
    limits = plain(np.stack([lows - margin, highs + margin], axis=1))
    across, up = (np.linspace(low, high, resolution) for low, high in limits)
    places = np.array([(x, y) for y in up for x in across])
    surfaces = [network.forward(one.layers, places)[-1] for one in runs]
    return Learned(
        sizes=sizes,
        num_weights=packing.flatten(runs[-1].layers).size,
        learning_rate=learning_rate,
        batch_size=batch_size,
        seed=seed,
        num_steps=runs[-1].num_steps,
        epochs=tuple(epochs),
        losses=tuple(one.epochs[-1].value("loss") for one in runs),
        accuracies=tuple(one.epochs[-1].value("validation_accuracy") for one in runs),
        inputs=plain(data.inputs),
        targets=plain(data.targets[:, 0]),
        limits=limits,
        surfaces=tuple(
            plain(surface.reshape(resolution, resolution)) for surface in surfaces
        ),
    )
