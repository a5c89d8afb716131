"""Find out which weight is to blame: slopes carried back through a network."""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np

from gdbook import (
    _checks,
    gradients,
    initialisation,
    losses,
    network,
    packing,
)
from gdbook._arguments import (
    Count0,
    Count1,
    Finite,
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
from gdbook._checks import Number
from gdbook.activations import IDENTITY, RELU, TANH, Activation
from gdbook.examples.forward_propagation import two_layers
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

Bend = Annotated[Activation, instance(Activation)]
_SIZES = each(count(1), least=2)
Sizes = Annotated[Sequence[int], _SIZES]
Networks = Annotated[Sequence[Sequence[int]], each(_SIZES, least=1)]


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
