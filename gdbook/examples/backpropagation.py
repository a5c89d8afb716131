"""Find out which weight is to blame: slopes carried back, and what they can learn."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import (
    _checks,
    datasets,
    fitting,
    gradients,
    initialisation,
    losses,
    network,
    packing,
)
from gdbook._arguments import (
    Count0,
    Count1,
    Count2,
    Finite,
    NotNegative,
    Positive,
    Positives,
    Row,
    Rows,
    checked,
    count,
    each,
    instance,
    look_at_shape,
)
from gdbook._checks import Number, shown
from gdbook.activations import IDENTITY, RELU, TANH, Activation
from gdbook.examples.forward_propagation import two_layers
from gdbook.optimizers import Adam, GradientDescent
from gdbook.seeds import Spread, spread
from gdbook.splits import accuracy
from gdbook.traces import plain, trace

XOR_INPUTS = ((0, 0), (0, 1), (1, 0), (1, 1))
XOR_TARGETS = (0, 1, 1, 0)

Bend = Annotated[Activation, instance(Activation)]
_SIZES = each(count(1), least=2)
Sizes = Annotated[Sequence[int], _SIZES]
Networks = Annotated[Sequence[Sequence[int]], each(_SIZES, least=1)]
Epochs = Annotated[Sequence[int], each(count(0), least=1)]


@trace
class Circuit(NamedTuple):
    """Every value of a network with a hidden layer, and the loss's slope along it.

    Forward: the `inputs` and `hidden_weights`, the `sums` that reach the `hidden`
    nodes, the `output_weights` and the `prediction`; the `target`, the `error` and the
    `loss`. Backward: the slope of the loss along the prediction (`loss_slope`), the
    output weights (`output_slopes`), the hidden nodes (`hidden_slopes`), their sums
    (`sum_slopes`), the hidden weights (`weight_slopes`) and the inputs
    (`input_slopes`); and the slope of each hidden node's activation
    (`activation_slopes`).
    """

    inputs: tuple[Number, ...]
    hidden_weights: tuple[tuple[Number, ...], ...]
    sums: tuple[Number, ...]
    hidden: tuple[Number, ...]
    output_weights: tuple[Number, ...]
    prediction: Number
    target: Number
    error: Number
    loss: Number
    loss_slope: Number
    output_slopes: tuple[Number, ...]
    hidden_slopes: tuple[Number, ...]
    activation_slopes: tuple[Number, ...]
    sum_slopes: tuple[Number, ...]
    weight_slopes: tuple[tuple[Number, ...], ...]
    input_slopes: tuple[Number, ...]


@checked
def circuit(
    inputs: Row = (2, 3),
    hidden_weights: Rows = ((1, 1), (-1, 1)),
    output_weights: Row = (2, -1),
    target: Finite = 13,
    activation: Bend = IDENTITY,
) -> Circuit:
    r"""Go forward through two layers, and carry the slope of the loss back.

    .. math:: \frac{\partial L}{\partial v_k} = \frac{dL}{d\hat y}\, h_k, \qquad
              \frac{\partial L}{\partial h_k} = \frac{dL}{d\hat y}\, v_k, \qquad
              \frac{\partial L}{\partial w_{jk}} =
              \frac{\partial L}{\partial h_k}\, \sigma'(z_k)\, x_j

    Parameters
    ----------
    inputs
        What goes in, :math:`x`.
    hidden_weights
        One row for each hidden node, as the diagram is read.
    output_weights
        One for each hidden node, :math:`v`.
    target
        What should come out.
    activation
        What each hidden node does to its sum, :math:`h_k = \sigma(z_k)`.

    Raises
    ------
    ValueError
        If the arrays do not fit each other, or the slopes of `activation` the sums.

    Examples
    --------
    >>> circuit()  # doctest: +NORMALIZE_WHITESPACE
    Circuit(inputs=(2, 3), hidden_weights=((1, 1), (-1, 1)), sums=(5, 1), hidden=(5, 1),
            output_weights=(2, -1), prediction=9, target=13, error=-4, loss=16,
            loss_slope=-8, output_slopes=(-40, -8), hidden_slopes=(-16, 8),
            activation_slopes=(1, 1), sum_slopes=(-16, 8),
            weight_slopes=((-32, -48), (16, 24)), input_slopes=(-24, -8))
    """
    given = two_layers(inputs, hidden_weights, output_weights, target)
    layers = _layers(given.hidden_weights, given.output_weights, activation)
    _, sums = network.forward([layers[0]._replace(activation=IDENTITY)], inputs)
    activation_slopes = activation.slope(sums)
    if np.shape(activation_slopes) != np.shape(sums):
        msg = (
            f"`activation` has slopes of shape {np.shape(activation_slopes)} "
            f"but must have one for each of {len(sums)} hidden nodes"
        )
        raise ValueError(msg)
    passed = network.forward_pass(layers, inputs)
    _, hidden, prediction = passed.values
    loss_slope = losses.squared_error_slope(prediction, target)
    slopes = network.backward(layers, passed, loss_slope)
    input_slopes, hidden_slopes, _ = slopes.values
    (weight_slopes, _), (output_slopes, _) = slopes.params
    return Circuit(
        inputs=given.inputs,
        hidden_weights=given.hidden_weights,
        sums=plain(sums),
        hidden=plain(hidden),
        output_weights=given.output_weights,
        prediction=plain(prediction),
        target=given.target,
        error=plain(prediction - target),
        loss=plain(losses.squared_error(prediction, target)),
        loss_slope=plain(loss_slope),
        output_slopes=plain(output_slopes),
        hidden_slopes=plain(hidden_slopes),
        activation_slopes=plain(activation_slopes),
        sum_slopes=plain(activation.chain(sums, hidden_slopes)),
        weight_slopes=plain(weight_slopes.T),
        input_slopes=plain(input_slopes),
    )


@trace
class ThreeFactors(NamedTuple):
    """The slope along every weight, as a product of three numbers.

    The `names` of the weights; for each what feeds it (`inputs`), the slope of the loss
    along what leaves its node (`loss_slopes`), that of the activation there
    (`activation_slopes`), and their product (`slopes`).
    """

    names: tuple[str, ...]
    inputs: tuple[Number, ...]
    loss_slopes: tuple[Number, ...]
    activation_slopes: tuple[Number, ...]
    slopes: tuple[Number, ...]


@checked
def three_factors(
    inputs: Row = (2, 3),
    hidden_weights: Rows = ((1, 1), (-1, 1)),
    output_weights: Row = (2, -1),
    target: Finite = 13,
    activation: Bend = IDENTITY,
) -> ThreeFactors:
    r"""Multiply what feeds a weight by the two slopes at the node that it feeds.

    .. math:: \frac{\partial L}{\partial w} =
              x \cdot \frac{\partial L}{\partial a} \cdot \sigma'(z)

    Parameters
    ----------
    inputs
        What goes in.
    hidden_weights
        One row for each hidden node.
    output_weights
        One for each hidden node.
    target
        What should come out.
    activation
        What each hidden node does to its sum; the output passes its sum on.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> three_factors()  # doctest: +NORMALIZE_WHITESPACE
    ThreeFactors(names=('w11', 'w21', 'w12', 'w22', 'v1', 'v2'),
                 inputs=(2, 3, 2, 3, 5, 1), loss_slopes=(-16, -16, 8, 8, -8, -8),
                 activation_slopes=(1, 1, 1, 1, 1, 1),
                 slopes=(-32, -48, 16, 24, -40, -8))
    """
    ran = circuit(inputs, hidden_weights, output_weights, target, activation)
    # What feeds the weights of a node, and the two slopes at the node.
    nodes = [
        *(
            (ran.inputs, *at)
            for at in zip(ran.hidden_slopes, ran.activation_slopes, strict=True)
        ),
        (ran.hidden, ran.loss_slope, 1),
    ]
    wires = [(fed, *at) for feeding, *at in nodes for fed in feeding]
    return ThreeFactors(
        names=_names(ran),
        inputs=tuple(wire[0] for wire in wires),
        loss_slopes=tuple(wire[1] for wire in wires),
        activation_slopes=tuple(wire[2] for wire in wires),
        slopes=tuple(gradients.weight_slope(*wire) for wire in wires),
    )


@trace
class Gate(NamedTuple):
    """One operation: what goes in and out, and what slopes come back.

    The `kind` of the operation, its `inputs` and `output`, the `slope` that arrives,
    and those that it sends back: `input_slopes`, and `measured` by central differences.
    """

    kind: str
    inputs: tuple[Number, Number]
    output: Number
    slope: Number
    input_slopes: tuple[Number, Number]
    measured: tuple[Number, Number]


@trace
class Gates(NamedTuple):
    """The three operations of which networks are made.

    A sum (`add`), a product (`multiply`) and a maximum (`largest`).
    """

    add: Gate
    multiply: Gate
    largest: Gate


@checked
def gates(inputs: Row = (3, 4), slope: Finite = 2, step: Positive = 0.25) -> Gates:
    r"""Carry a slope back through a sum, a product and a maximum.

    .. math:: \nabla (a + b) = (1, 1), \qquad \nabla (a\,b) = (b, a), \qquad
              \nabla \max(a, b) = \begin{cases} (1, 0) & a > b \\ (0, 1) & a \le b
              \end{cases}

    Parameters
    ----------
    inputs
        The two that go into each of them, :math:`a` and :math:`b`.
    slope
        The slope of the loss along what comes out.
    step
        How far to walk to either side when the slopes are measured.

    Raises
    ------
    ValueError
        If there are not two inputs.

    Examples
    --------
    >>> gates().multiply  # doctest: +NORMALIZE_WHITESPACE
    Gate(kind='multiply', inputs=(3, 4), output=12, slope=2, input_slopes=(8, 6),
         measured=(8, 6))
    """
    look_at_shape("inputs", inputs, (2,))
    first, second = plain(inputs)
    # The slope of a sum is that of a node whose weights are 1.
    adding = [network.Dense(np.array((1, 1), dtype=object))]
    passed = network.forward_pass(adding, inputs)
    added = plain(network.backward(adding, passed, slope).values[0])
    # A maximum is ReLU of the difference, on top of the second: max(a − b, 0) + b.
    to_first = plain(RELU.chain([first - second], [slope]))[0]

    def gate(
        kind: str, function: Callable[..., Number], slopes: tuple[Number, Number]
    ) -> Gate:
        measured = gradients.central_difference(
            lambda pair: slope * function(*pair), inputs, step
        )
        output = function(first, second)
        return Gate(kind, (first, second), output, slope, slopes, plain(measured))

    return Gates(
        add=gate("add", lambda a, b: plain(a + b), added),
        multiply=gate(
            "multiply",
            lambda a, b: plain(a * b),
            (
                gradients.weight_slope(second, slope),
                gradients.weight_slope(first, slope),
            ),
        ),
        largest=gate("max", max, (to_first, slope - to_first)),
    )


@trace
class TrainingStep(NamedTuple):
    """All weights of a network before and after a step, and what it says.

    The `learning_rate`; before and after the step the `hidden_weights` and
    `new_hidden_weights`, the `output_weights` and `new_output_weights`, the `hidden`
    nodes and `new_hidden`, the `prediction` and `new_prediction`, the `error` and
    `new_error`, and the `loss` and `new_loss`.
    """

    learning_rate: Number
    hidden_weights: tuple[tuple[Number, ...], ...]
    new_hidden_weights: tuple[tuple[Number, ...], ...]
    output_weights: tuple[Number, ...]
    new_output_weights: tuple[Number, ...]
    hidden: tuple[Number, ...]
    new_hidden: tuple[Number, ...]
    prediction: Number
    new_prediction: Number
    error: Number
    new_error: Number
    loss: Number
    new_loss: Number


@checked
def training_step(
    learning_rate: Positive = 0.005,
    inputs: Row = (2, 3),
    hidden_weights: Rows = ((1, 1), (-1, 1)),
    output_weights: Row = (2, -1),
    target: Finite = 13,
    activation: Bend = IDENTITY,
) -> TrainingStep:
    r"""Forward, backward, and downhill: move every weight at once.

    .. math:: w \leftarrow w - \alpha\,\frac{\partial L}{\partial w}

    Parameters
    ----------
    learning_rate
        How much of each slope to use, :math:`\alpha`.
    inputs
        What goes in.
    hidden_weights
        One row for each hidden node.
    output_weights
        One for each hidden node.
    target
        What should come out.
    activation
        What each hidden node does to its sum.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> training_step()  # doctest: +NORMALIZE_WHITESPACE
    TrainingStep(learning_rate=0.005,
                 hidden_weights=((1, 1), (-1, 1)),
                 new_hidden_weights=((1.16, 1.24), (-1.08, 0.88)),
                 output_weights=(2, -1), new_output_weights=(2.2, -0.96),
                 hidden=(5, 1), new_hidden=(6.04, 0.48),
                 prediction=9, new_prediction=12.8272,
                 error=-4, new_error=-0.1728, loss=16, new_loss=0.02985984)
    """
    rule = GradientDescent(learning_rate)
    before = circuit(inputs, hidden_weights, output_weights, target, activation)
    weights = _joined(before.hidden_weights, before.output_weights)
    gradient = _joined(before.weight_slopes, before.output_slopes)
    update, _ = rule.update(gradient, rule.init(weights))
    new_hidden_weights, new_output_weights = _parted(weights + update, before)
    after = circuit(inputs, new_hidden_weights, new_output_weights, target, activation)
    return TrainingStep(
        learning_rate=learning_rate,
        hidden_weights=before.hidden_weights,
        new_hidden_weights=after.hidden_weights,
        output_weights=before.output_weights,
        new_output_weights=after.output_weights,
        hidden=before.hidden,
        new_hidden=after.hidden,
        prediction=before.prediction,
        new_prediction=after.prediction,
        error=before.error,
        new_error=after.error,
        loss=before.loss,
        new_loss=after.loss,
    )


@trace
class GradientCheck(NamedTuple):
    """The slope along every weight, carried back and measured.

    The `names` of the weights, their `slopes` as they were carried back and as central
    differences over the `step` have `measured` them, the `differences` of the two, and
    the number of `forward_passes` that the measuring took.
    """

    names: tuple[str, ...]
    slopes: tuple[Number, ...]
    measured: tuple[Number, ...]
    differences: tuple[Number, ...]
    step: Number
    forward_passes: int


@checked
def gradient_check(
    inputs: Row = (2, 3),
    hidden_weights: Rows = ((1, 1), (-1, 1)),
    output_weights: Row = (2, -1),
    target: Finite = 13,
    activation: Bend = IDENTITY,
    step: Positive = 0.25,
) -> GradientCheck:
    r"""Hold the slope along every weight against a central difference.

    .. math:: \frac{\partial L}{\partial w_i} \approx
              \frac{L(w + h e_i) - L(w - h e_i)}{2h}

    With the identity the loss is quadratic along each weight alone, so that the two
    agree for every step; so they do with ReLU where no sum passes its corner.

    Parameters
    ----------
    inputs
        What goes in.
    hidden_weights
        One row for each hidden node.
    output_weights
        One for each hidden node.
    target
        What should come out.
    activation
        What each hidden node does to its sum, beside the slope to check.
    step
        How far to walk to either side, :math:`h`.

    Raises
    ------
    ValueError
        If the arrays do not fit each other.

    Examples
    --------
    >>> gradient_check()  # doctest: +NORMALIZE_WHITESPACE
    GradientCheck(names=('w11', 'w21', 'w12', 'w22', 'v1', 'v2'),
                  slopes=(-32, -48, 16, 24, -40, -8),
                  measured=(-32, -48, 16, 24, -40, -8),
                  differences=(0, 0, 0, 0, 0, 0), step=0.25, forward_passes=12)
    """
    ran = circuit(inputs, hidden_weights, output_weights, target, activation)
    weights = _joined(ran.hidden_weights, ran.output_weights)
    slopes = _joined(ran.weight_slopes, ran.output_slopes)
    passed = 0

    def loss(weights: Any) -> Any:
        nonlocal passed
        passed += 1
        layers = _layers(*_parted(weights, ran), activation)
        prediction = network.forward(layers, inputs)[-1]
        return plain(losses.squared_error(prediction, ran.target))

    measured = gradients.central_difference(loss, weights, step)
    return GradientCheck(
        names=_names(ran),
        slopes=plain(slopes),
        measured=plain(measured),
        differences=plain(slopes - measured),
        step=step,
        forward_passes=passed,
    )


@trace
class CheckErrors(NamedTuple):
    """How far a gradient and its central differences are apart, for each step.

    For each of the `steps` the relative `errors`, and those with a `wrong` slope of the
    bend, each with the power of ten that it is nearest to, `powers` and
    `wrong_powers`; the share to which a float `rounding` is exact, and its cube root,
    the `best_step` of theory; and three `thresholds` for the relative error.
    """

    steps: tuple[Number, ...]
    errors: tuple[float, ...]
    wrong: tuple[float, ...]
    powers: tuple[float, ...]
    wrong_powers: tuple[float, ...]
    rounding: float
    best_step: float
    thresholds: tuple[float, float, float]


@checked
def check_errors(
    steps: Positives = tuple(float(f"1e-{decade}") for decade in range(1, 13)),
    sizes: Sizes = (2, 8, 1),
    seed: Count0 = 24,
) -> CheckErrors:
    r"""Check the gradient of a network of tanh nodes with longer and shorter steps.

    .. math:: e = \frac{|g - m|}{\max(|g|, |m|)} \approx c\,h^2 + \frac{d\,\epsilon}{h}

    Here :math:`g` is carried back, :math:`m` is measured, and :math:`|\cdot|` is the
    length of a gradient. The wrong slope puts a node's sum where what it says belongs,
    :math:`1 - z^2` for :math:`1 - \tanh^2 z`. Random numbers and tanh are floats.

    Parameters
    ----------
    steps
        How far to walk to either side, :math:`h`.
    sizes
        How many numbers enter, how many nodes each hidden layer has, and how many
        numbers leave.
    seed
        What the random weights and the sample start from.

    References
    ----------
    .. [1] F.-F. Li, A. Karpathy and others, "CS231n: Convolutional neural networks for
       visual recognition", lecture notes, Stanford University.

    Examples
    --------
    >>> check_errors(steps=(1e-1, 1e-5, 1e-9)).powers
    (0.001, 1e-11, 1e-07)
    """
    forgetful = Activation(TANH.function, lambda sums: 1 - sums**2)
    errors, wrong = (
        _check_errors(steps, sizes, bend, np.random.default_rng(seed))
        for bend in (TANH, forgetful)
    )
    rounding = float(np.finfo(float).eps)
    return CheckErrors(
        steps=tuple(steps),
        errors=errors,
        wrong=wrong,
        powers=_nearest_powers(errors),
        wrong_powers=_nearest_powers(wrong),
        rounding=rounding,
        best_step=rounding ** (1 / 3),
        thresholds=(1e-2, 1e-4, 1e-7),
    )


def _check_errors(
    steps: Sequence[Number],
    sizes: Sequence[int],
    bend: Activation,
    generator: np.random.Generator,
) -> tuple[float, ...]:
    loss, params, carry_back, _ = _drawn(sizes, bend, generator)
    gradient = carry_back()
    found = []
    for step in steps:
        measured = gradients.central_difference(loss, params, step)
        gap, *lengths = map(np.linalg.norm, (gradient - measured, gradient, measured))
        found.append(float(gap / max(lengths)) if gap else 0.0)
    return tuple(found)


def _nearest_powers(errors: Sequence[float]) -> tuple[float, ...]:
    return tuple(
        float(f"1e{round(math.log10(error))}") if error else 0.0 for error in errors
    )


@trace
class Passes(NamedTuple):
    """What the gradient of some networks costs, found in two ways.

    For each network its `sizes`, the number of its weights and biases (`counts`), the
    passes that one gradient takes (`by_differences`, `by_backpropagation`), and the
    largest difference between the two gradients (`gaps`).
    """

    sizes: tuple[tuple[int, ...], ...]
    counts: tuple[int, ...]
    by_differences: tuple[int, ...]
    by_backpropagation: tuple[int, ...]
    gaps: tuple[float, ...]


@checked
def passes(
    sizes: Networks = ((2, 2, 1), (2, 8, 1), (8, 8, 2), (32, 16, 4)),
    seed: Count0 = 0,
) -> Passes:
    """Count the passes through networks that their gradients take.

    Each network gets a sample and a target drawn at random, and its tanh nodes drawn
    weights. Random numbers and tanh are floats, and so are the gradients.

    Parameters
    ----------
    sizes
        For each network, how many numbers enter, how many nodes each hidden layer has,
        and how many numbers leave.
    seed
        What the random numbers start from.

    Examples
    --------
    >>> counted = passes(((2, 2, 1), (2, 8, 1)))
    >>> counted.counts, counted.by_differences, counted.by_backpropagation
    ((9, 33), (18, 66), (2, 2))
    """
    found = [_passes(own, np.random.default_rng(seed)) for own in sizes]
    counts, differences, backpropagation, gaps = zip(*found, strict=True)
    return Passes(
        sizes=tuple(map(tuple, sizes)),
        counts=counts,
        by_differences=differences,
        by_backpropagation=backpropagation,
        gaps=gaps,
    )


def _drawn(
    sizes: Sequence[int], bend: Activation, generator: np.random.Generator
) -> tuple[Callable[[Any], Any], Any, Callable[[], Any], Callable[[], int]]:
    """Draw a network and a sample.

    Return its loss, its weights and biases, what carries slopes back to them, and what
    counts the passes so far.
    """
    layers = network.dense_network(
        sizes, generator, activation=bend, initialise=initialisation.glorot
    )
    inputs = generator.normal(size=(1, sizes[0]))
    targets = generator.normal(size=(1, sizes[-1]))
    passed = 0

    def counted(one_pass: Callable[..., Any], *given: Any) -> Any:
        nonlocal passed
        passed += 1
        return one_pass(*given)

    def loss(params: Any) -> Any:
        own = packing.unflatten(layers, params)
        values = counted(network.forward, own, inputs)
        return losses.mean_squared_error(values[-1], targets)

    def gradient() -> Any:
        forward = counted(network.forward_pass, layers, inputs)
        slope = losses.mean_squared_error_slope(forward.values[-1], targets)
        return counted(network.backward, layers, forward, slope).gradient

    return loss, packing.flatten(layers), gradient, lambda: passed


def _passes(
    sizes: Sequence[int], generator: np.random.Generator
) -> tuple[int, int, int, float]:
    loss, params, gradient, passed = _drawn(sizes, TANH, generator)
    measured = gradients.central_difference(loss, params)
    by_differences = passed()
    gap = float(np.max(abs(gradient() - measured)))
    return params.size, by_differences, passed() - by_differences, gap


@trace
class Shapes(NamedTuple):
    """The shape of everything in a network, and that of its slope.

    The `names` of the arrays, their `shapes`, and the shape of the slope along each
    (`slope_shapes`).
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    slope_shapes: tuple[tuple[int, ...], ...]


@checked
def layer_shapes(
    sizes: Sizes = (2, 8, 1), n_samples: Count1 = 20, seed: Count0 = 0
) -> Shapes:
    r"""Send a batch forward and its slopes backward, and look at the shapes.

    .. math:: \frac{\partial L}{\partial W_l} = A_{l-1}^\top
              \frac{\partial L}{\partial Z_l}, \qquad
              \frac{\partial L}{\partial A_{l-1}} =
              \frac{\partial L}{\partial Z_l} W_l^\top

    Parameters
    ----------
    sizes
        How many numbers enter, how many nodes each hidden layer has, and how many
        numbers leave.
    n_samples
        How many samples share the batch.
    seed
        What the random numbers start from.

    Examples
    --------
    >>> layer_shapes(sizes=(2, 1), n_samples=5)  # doctest: +NORMALIZE_WHITESPACE
    Shapes(names=('A0', 'W1', 'b1', 'A1'), shapes=((5, 2), (2, 1), (1,), (5, 1)),
           slope_shapes=((5, 2), (2, 1), (1,), (5, 1)))
    """
    generator = np.random.default_rng(seed)
    layers = network.dense_network(sizes, generator)
    inputs = generator.normal(size=(n_samples, sizes[0]))
    passed = network.forward_pass(layers, inputs)
    slopes = network.backward(layers, passed, np.ones_like(passed.values[-1]))
    rows = [("A0", passed.values[0], slopes.values[0])]
    for depth, layer in enumerate(layers, start=1):
        weights_slope, bias_slope = slopes.params[depth - 1]
        rows += [
            (f"W{depth}", layer.weights, weights_slope),  # type: ignore[union-attr]
            (f"b{depth}", layer.bias, bias_slope),  # type: ignore[union-attr]
            (f"A{depth}", passed.values[depth], slopes.values[depth]),
        ]
    return Shapes(
        names=tuple(row[0] for row in rows),
        shapes=tuple(np.shape(row[1]) for row in rows),
        slope_shapes=tuple(np.shape(row[2]) for row in rows),
    )


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


def _layers(
    hidden_weights: Any, output_weights: Any, activation: Activation
) -> list[network.Dense]:
    hidden = _checks.numbers("hidden_weights", hidden_weights, exact=True).T
    output = _checks.numbers("output_weights", output_weights, exact=True)
    return [network.Dense(hidden, 0, activation), network.Dense(output)]


def _names(ran: Circuit) -> tuple[str, ...]:
    """Name the weights: from input j to hidden node k, then from k to the output."""
    nodes, feeds = range(1, len(ran.hidden) + 1), range(1, len(ran.inputs) + 1)
    hidden = [f"w{j}{k}" for k in nodes for j in feeds]
    return (*hidden, *(f"v{k}" for k in nodes))


def _joined(rows: Sequence[Sequence[Number]], last: Sequence[Number]) -> Any:
    """Make one vector of the hidden layer's rows and the output's."""
    # Only slopes can be refused; the weights were looked at before.
    slopes = [x for row in (*rows, last) for x in row]
    return _checks.numbers("slopes", slopes, exact=True)


def _parted(vector: Any, ran: Circuit) -> tuple[Any, Any]:
    """Undo `_joined`."""
    n_hidden, n_inputs = len(ran.hidden), len(ran.inputs)
    rows = vector[: n_hidden * n_inputs].reshape(n_hidden, n_inputs)
    return rows, vector[n_hidden * n_inputs :]
