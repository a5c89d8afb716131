"""Keep the speed: momentum on a valley, its closed form, and the map of its limits."""

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gdbook import descent
from gdbook._arguments import (
    Between,
    Count0,
    Count1,
    Count2,
    Positive,
    Row,
    Share,
    Shares,
    checked,
    look_at_shape,
)
from gdbook._checks import Number, Numbers, shown
from gdbook.examples.conditioning import (
    CURVATURES,
    FAR,
    START,
    valley_gradient,
    valley_loss,
)
from gdbook.optimizers import GradientDescent, Momentum, Nesterov, UpdateRule, _root
from gdbook.traces import plain, trace

DESCENT, HEAVY_BALL, NESTEROV = "descent", "heavy ball", "Nesterov"


@trace
class Roll(NamedTuple):
    """Every step of one rule on the valley.

    The name of the `rule`, its `learning_rate` and `momentum`, the places of its `path`
    with their `losses`, and the `num_steps` between them.
    """

    rule: str
    learning_rate: Number
    momentum: Number
    path: tuple[tuple[Number, Number], ...]
    losses: tuple[Number, ...]
    num_steps: int


@checked
def heavy_ball(
    learning_rate: Positive = 10 / 21,
    momentum: Share = 0.5,
    start: Row = START,
    num_steps: Count0 = 20,
) -> Roll:
    r"""Roll down the valley and keep a share of the last update.

    .. math:: v_{t+1} = \beta\, v_t - \alpha\, \nabla f(x_t), \qquad
              x_{t+1} = x_t + v_{t+1}, \qquad
              f(x) = \tfrac{1}{10} x_1^2 + 2 x_2^2

    Without momentum it is descent. It is exact when every argument is a fraction.

    Parameters
    ----------
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    momentum
        How much of the velocity to keep, :math:`\beta`.
    start
        Where to begin, without velocity; of shape (2,).
    num_steps
        How many steps to take at most; a flat gradient ends the roll before.

    Raises
    ------
    ValueError
        If `start` has another shape.

    References
    ----------
    .. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration
       methods", USSR Computational Mathematics and Mathematical Physics 4 (1964).

    Examples
    --------
    >>> round(heavy_ball().losses[-1], 6), round(heavy_ball(momentum=0).losses[-1], 3)
    (1.7e-05, 0.192)
    """
    name = HEAVY_BALL if momentum else DESCENT
    return _roll(name, Momentum(learning_rate, momentum), start, num_steps)


@checked
def nesterov(
    learning_rate: Positive = 0.2,
    momentum: Share = 0.9,
    start: Row = START,
    num_steps: Count0 = 20,
) -> Roll:
    r"""Roll down the valley, and feel the slope where the roll leads.

    .. math:: v_{t+1} = \beta\, v_t - \alpha\, \nabla f(x_t), \qquad
              x_{t+1} = x_t + \beta\, v_{t+1} - \alpha\, \nabla f(x_t)

    It is exact when every argument is a fraction.

    Parameters
    ----------
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    momentum
        How much of the velocity to keep, :math:`\beta`.
    start
        Where to begin, without velocity; of shape (2,).
    num_steps
        How many steps to take at most; a flat gradient ends the roll before.

    Raises
    ------
    ValueError
        If `start` has another shape.

    References
    ----------
    .. [1] Y. Nesterov, "A method for solving the convex programming problem with
       convergence rate O(1/k²)", Soviet Mathematics Doklady 27 (1983).

    Examples
    --------
    >>> round(nesterov().losses[-1], 3), round(heavy_ball(0.2, 0.9).losses[-1], 3)
    (0.082, 0.963)
    """
    return _roll(NESTEROV, Nesterov(learning_rate, momentum), start, num_steps)


@trace
class LookAhead(NamedTuple):
    """Nesterov's rule as he has it, beside the library's.

    After every step the `weights`; where they `felt` the slope, which is where the
    velocity carries them; and the places of the library's `path`.
    """

    weights: tuple[tuple[Number, Number], ...]
    felt: tuple[tuple[Number, Number], ...]
    path: tuple[tuple[Number, Number], ...]


@checked
def look_ahead(
    learning_rate: Positive = Fraction(1, 5),
    momentum: Share = Fraction(9, 10),
    start: Row = START,
    num_steps: Count0 = 5,
) -> LookAhead:
    r"""Roll with the slope of the place ahead, and with the library's rule.

    .. math:: v_{t+1} = \beta\, v_t - \alpha\, \nabla f(w_t + \beta\, v_t), \qquad
              w_{t+1} = w_t + v_{t+1}

    The slope is felt at :math:`x_t = w_t + \beta\, v_t`, and these are the places of
    `gdbook.optimizers.Nesterov`. It is exact on fractions.

    Parameters
    ----------
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    momentum
        How much of the velocity to keep, :math:`\beta`.
    start
        Where to begin, without velocity; of shape (2,).
    num_steps
        How many steps to take at most; a flat gradient ends the roll before.

    Raises
    ------
    ValueError
        If `start` has another shape.

    Examples
    --------
    >>> both = look_ahead()
    >>> both.felt == both.path
    True
    """
    run = nesterov(learning_rate, momentum, start, num_steps)
    place, velocity = np.array(run.path[0]), 0 * np.array(run.path[0])
    weights, felt = [plain(place)], [plain(place)]
    for _ in range(run.num_steps):
        slope = valley_gradient(place + momentum * velocity)
        velocity = momentum * velocity - learning_rate * slope
        place = place + velocity
        weights.append(plain(place))
        felt.append(plain(place + momentum * velocity))
    return LookAhead(weights=tuple(weights), felt=tuple(felt), path=run.path)


def _roll(name: str, rule: Momentum | Nesterov, start: Numbers, num_steps: int) -> Roll:
    look_at_shape("start", start, (2,))
    history = descent.descend(
        valley_loss, valley_gradient, start, rule, num_steps=num_steps
    )
    return Roll(
        rule=name,
        learning_rate=rule.learning_rate,
        momentum=rule.momentum,
        path=plain(history.params),
        losses=history.losses,
        num_steps=history.num_steps,
    )


@trace
class VelocityMemory(NamedTuple):
    """What is left of one push, and what a steady push adds up to.

    The `momentum`; after every step the `shares` of one push that are left, and the
    `velocities` under a steady push; after how many steps a share has halved, as a
    formula (`half_life`) and counted (`halved_after`); the `total` of all shares; and
    what is left after that many steps, `left_after_total`.
    """

    momentum: Number
    shares: tuple[Number, ...]
    velocities: tuple[Number, ...]
    half_life: float
    halved_after: int
    total: Number
    left_after_total: Number


@checked
def velocity_memory(momentum: Between = 0.9, num_steps: Count0 = 30) -> VelocityMemory:
    r"""Push the ball once, and push it in every step.

    .. math:: v_t = \sum_{s=0}^{t-1} \beta^s = \frac{1 - \beta^t}{1 - \beta}, \qquad
              \beta^{\,t_{1/2}} = \tfrac12 \iff
              t_{1/2} = \frac{\ln 2}{\ln(1/\beta)}

    Logarithms are irrational, so the half-life of a fraction is computed as a float;
    all else is exact.

    Parameters
    ----------
    momentum
        How much of the velocity to keep, :math:`\beta`.
    num_steps
        How many steps to follow.

    Examples
    --------
    >>> memory = velocity_memory()
    >>> round(memory.half_life, 2), memory.halved_after, round(memory.total)
    (6.58, 7, 10)
    """
    rule = Momentum(learning_rate=1, momentum=momentum)
    once, steady = rule.update(-1, rule.init(0))[1], rule.init(0)
    shares, velocities = [once.velocity], [steady.velocity]
    for _ in range(num_steps):
        once, steady = rule.update(0, once)[1], rule.update(-1, steady)[1]
        shares.append(once.velocity)
        velocities.append(steady.velocity)
    half_life = math.log(2) / -math.log(momentum)
    total = 1 / (1 - momentum)
    return VelocityMemory(
        momentum=momentum,
        shares=tuple(shares),
        velocities=tuple(velocities),
        half_life=half_life,
        halved_after=math.ceil(half_life),
        total=total,
        left_after_total=momentum**total,
    )


@trace
class ClosedForm(NamedTuple):
    """The distance to the lowest point along one curvature: run, and foretold.

    The `learning_rate` and `momentum`; the `product` of rate and curvature, and its
    `critical_momentum`; the `regime`: the distance ``"creeps"``, is ``"critical"``,
    ``"swings"``, is ``"stuck"`` or ``"diverges"``; both `roots` as real and imaginary
    parts, and the size of the greater one, the `factor`; and the `distances` as they
    were run and as they were `foretold`.
    """

    learning_rate: Number
    momentum: Number
    product: Number
    critical_momentum: Number
    regime: str
    roots: tuple[tuple[Number, Number], tuple[Number, Number]]
    factor: Number
    distances: tuple[Number, ...]
    foretold: tuple[Number, ...]


@checked
def closed_form(
    curvature: Positive = 1,
    learning_rate: Positive = Fraction(1, 4),
    momentum: Share = Fraction(1, 4),
    num_steps: Count0 = 8,
) -> ClosedForm:
    r"""Solve momentum along one curvature, and run it.

    .. math:: w_{t+1} = (1 + \beta - \alpha\lambda)\, w_t - \beta\, w_{t-1}, \qquad
              z^2 - (1 + \beta - \alpha\lambda)\, z + \beta = 0

    The distance starts at 1, without velocity. With two roots it is
    :math:`w_t = a z_1^t + b z_2^t`; with a double root
    :math:`z = \sqrt\beta` it is :math:`w_t = (1 + c\,t)\, z^t`; a complex pair turns by
    the angle :math:`\varphi` in each step and shrinks by :math:`\sqrt\beta`. It is
    exact on fractions whose roots are rational. Angles are not: a complex pair is
    computed in floats.

    Parameters
    ----------
    curvature
        How fast the slope changes, :math:`\lambda`.
    learning_rate
        How much of the slope to use, :math:`\alpha`.
    momentum
        How much of the velocity to keep, :math:`\beta`.
    num_steps
        How many steps to take.

    Raises
    ------
    ValueError
        If a distance becomes infinite.

    Examples
    --------
    >>> solved = closed_form()
    >>> solved.regime, solved.factor
    ('critical', Fraction(1, 2))
    >>> solved.distances == solved.foretold
    True
    """
    product = learning_rate * curvature
    middle, spread = _middle_and_spread(product, momentum)
    distances = _distances(Momentum(learning_rate, momentum), curvature, num_steps)
    if spread < 0:
        apart = (-spread) ** 0.5
        roots = ((middle, apart), (middle, -apart))
    else:
        apart = _root(spread)
        roots = ((middle + apart, 0), (middle - apart, 0))
    factor = _factor(product, momentum)
    return ClosedForm(
        learning_rate=learning_rate,
        momentum=momentum,
        product=product,
        critical_momentum=_critical(product),
        regime=_regime(spread, factor),
        roots=roots,
        factor=factor,
        distances=distances,
        foretold=tuple(
            _foretold(product, momentum, step) for step in range(num_steps + 1)
        ),
    )


@checked
def critical_damping(
    momenta: Shares = (Fraction(19, 100), Fraction(16, 25), Fraction(9, 10)),
    learning_rate: Positive = Fraction(1, 25),
    curvature: Positive = 1,
    num_steps: Count0 = 40,
) -> tuple[ClosedForm, ...]:
    r"""Follow one distance with too little momentum, just enough, and too much.

    .. math:: \beta_{\text{critical}} = \left(1 - \sqrt{\alpha\lambda}\right)^2

    Parameters
    ----------
    momenta
        The momenta :math:`\beta` to follow, one run for each.
    learning_rate
        How much of the slope to use, :math:`\alpha`.
    curvature
        How fast the slope changes, :math:`\lambda`.
    num_steps
        How many steps to take with each.

    Raises
    ------
    ValueError
        If a distance becomes infinite.

    Examples
    --------
    >>> [(run.regime, round(float(run.factor), 3)) for run in critical_damping()]
    [('creeps', 0.95), ('critical', 0.8), ('swings', 0.949)]
    """
    return tuple(
        closed_form(curvature, learning_rate, momentum, num_steps)
        for momentum in momenta
    )


def _middle_and_spread(product: Any, momentum: Any) -> tuple[Any, Any]:
    """Give the middle of the two roots, and the square of their distance from it."""
    middle = (1 + momentum - product) / 2
    return middle, middle**2 - momentum


def _factor(product: Any, momentum: Any) -> Any:
    """Give the size of the greater root: how a distance shrinks in the long run."""
    middle, spread = _middle_and_spread(product, momentum)
    return _root(momentum) if spread < 0 else abs(middle) + _root(spread)


def _critical(product: Any) -> Any:
    return (1 - _root(product)) ** 2


def _regime(spread: Any, factor: Any) -> str:
    if factor >= 1:
        return "stuck" if factor == 1 else "diverges"
    if spread == 0:
        return "critical"
    return "creeps" if spread > 0 else "swings"


def _foretold(product: Any, momentum: Any, step: int) -> Any:
    """Give the distance after some steps, without taking them."""
    middle, spread = _middle_and_spread(product, momentum)
    first = 1 - product
    if spread < 0:
        size = _root(momentum)
        angle = math.acos(middle / size)
        lean = (first / size - math.cos(angle)) / math.sin(angle)
        turned = angle * step
        return size**step * (math.cos(turned) + lean * math.sin(turned))
    if spread == 0:
        # With a root of 0 the first step arrives.
        lean = first / middle - 1 if middle else 0
        return (1 + lean * step) * middle**step
    apart = _root(spread)
    one, other = middle + apart, middle - apart
    weight = (first - other) / (one - other)
    return weight * one**step + (1 - weight) * other**step


def _distances(
    rule: UpdateRule, curvature: Number, num_steps: int
) -> tuple[Number, ...]:
    """Run a rule along one curvature, from a distance of 1."""
    distances: list[Number] = [1]
    state = rule.init(1)
    # Not `descend`: it stops at a flat slope, where a ball in motion rolls on.
    for _ in range(num_steps):
        update, state = rule.update(curvature * distances[-1], state)
        distances.append(distances[-1] + update)
    return tuple(distances)


@trace
class PhaseMap(NamedTuple):
    """By which factor a distance shrinks, over rate times curvature and momentum.

    The `products` and `momenta` at the centres of the cells, and the `factors`, one row
    for each momentum; the shares of the map that are `swinging`, `creeping` and
    `diverging`; and where the two curvatures of the valley lie on it with the best rate
    of descent (`descent_products`) and with the best settings of the heavy ball
    (`ball_products`, `ball_momentum`).
    """

    products: tuple[float, ...]
    momenta: tuple[float, ...]
    factors: tuple[tuple[float, ...], ...]
    swinging: float
    creeping: float
    diverging: float
    descent_products: tuple[Number, Number]
    ball_products: tuple[Number, Number]
    ball_momentum: Number


@checked
def phase_map(num_products: Count1 = 210, num_momenta: Count1 = 100) -> PhaseMap:
    r"""Map the three regimes of momentum.

    .. math:: \text{factor} = \max(|z_1|, |z_2|), \qquad
              \beta = \left(1 - \sqrt{\alpha\lambda}\right)^2, \qquad
              \alpha\lambda = 2 + 2\beta

    The map is cut into cells, for :math:`\alpha\lambda` from 0 to 4 and :math:`\beta`
    from 0 to 1, each with the factor at its centre. Everything is computed in floats.

    Parameters
    ----------
    num_products
        How many cells there are along :math:`\alpha\lambda`.
    num_momenta
        How many cells there are along :math:`\beta`.

    Examples
    --------
    >>> mapped = phase_map(num_products=4, num_momenta=2)
    >>> mapped.products, mapped.momenta
    ((0.5, 1.5, 2.5, 3.5), (0.25, 0.75))
    >>> [round(factor, 3) for factor in mapped.factors[0]]
    [0.5, 0.5, 1.0, 2.133]
    """
    products = tuple(4 * (2 * i + 1) / (2 * num_products) for i in range(num_products))
    momenta = tuple((2 * j + 1) / (2 * num_momenta) for j in range(num_momenta))
    factors = tuple(
        tuple(_factor(product, momentum) for product in products)
        for momentum in momenta
    )
    found = [
        _regime(_middle_and_spread(product, momentum)[1], factor)
        for momentum, row in zip(momenta, factors, strict=True)
        for product, factor in zip(products, row, strict=True)
    ]
    best = best_settings()
    (flat, steep), (rate, ball_rate, _) = best.curvatures, best.learning_rates
    return PhaseMap(
        products=products,
        momenta=momenta,
        factors=factors,
        swinging=found.count("swings") / len(found),
        creeping=found.count("creeps") / len(found),
        diverging=found.count("diverges") / len(found),
        descent_products=(rate * flat, rate * steep),
        ball_products=(ball_rate * flat, ball_rate * steep),
        ball_momentum=best.momenta[1],
    )


@trace
class Sides(NamedTuple):
    """A bound of rate times curvature, and where runs on both sides of it end.

    The `bound`, and the `distances` after runs inside, at and outside it, from 1 at
    the start.
    """

    bound: Number
    distances: tuple[Number, Number, Number]


@trace
class Stability(NamedTuple):
    """Both sides of the bound that is believed, and of each that holds.

    The `momentum`; a bound of descent that is only `believed`; and those of `descent`,
    of the `heavy_ball` and of `nesterov`.
    """

    momentum: Number
    believed: Sides
    descent: Sides
    heavy_ball: Sides
    nesterov: Sides


@checked
def stability(
    momentum: Share = Fraction(1, 2),
    margin: Between = Fraction(1, 10),
    num_steps: Count0 = 40,
) -> Stability:
    r"""Run every rule just inside its bound, at it, and just outside.

    .. math:: \alpha\lambda < 2 \ \text{(descent)}, \qquad
              \alpha\lambda < 2 + 2\beta \ \text{(heavy ball)}, \qquad
              \alpha\lambda < \frac{2 + 2\beta}{1 + 2\beta} \ \text{(Nesterov)}

    The first bound of the trace is a belief: that descent diverges beyond
    :math:`\alpha\lambda = 1`. It is exact on fractions.

    Parameters
    ----------
    momentum
        How much of the velocity to keep, :math:`\beta`.
    margin
        How far from a bound to run, as a share of it.
    num_steps
        How many steps to take.

    Examples
    --------
    >>> sides = stability()
    >>> [str(side.bound) for side in sides[1:]]
    ['1', '2', '3', '3/2']
    >>> [f"{float(distance):.3g}" for distance in sides.heavy_ball.distances]
    ['-1.77e-06', '3', '6.03e+06']
    """

    def beside(bound: Number, rule: Any, **settings: Number) -> Sides:
        inside, at, outside = (
            _distances(rule(share * bound, **settings), 1, num_steps)[-1]
            for share in (1 - margin, 1, 1 + margin)
        )
        return Sides(bound, (inside, at, outside))

    widest = 2 + 2 * momentum
    return Stability(
        momentum=momentum,
        believed=beside(1, GradientDescent),
        descent=beside(2, GradientDescent),
        heavy_ball=beside(widest, Momentum, momentum=momentum),
        nesterov=beside(widest / (1 + 2 * momentum), Nesterov, momentum=momentum),
    )


@trace
class MomentumSweep(NamedTuple):
    """The factor of a step along two curvatures, for each momentum.

    The `learning_rate`, the two `curvatures`, the `momenta`, and for each of these the
    `flat_factors` and `steep_factors` of a step; then the `best_momentum` of all and
    its `best_factor`.
    """

    learning_rate: Number
    curvatures: tuple[Number, Number]
    momenta: tuple[Number, ...]
    flat_factors: tuple[Number, ...]
    steep_factors: tuple[Number, ...]
    best_momentum: Number
    best_factor: Number


@checked
def sweep_momentum(
    learning_rate: Positive = 10 / 21,
    curvatures: Row = CURVATURES,
    num_momenta: Count1 = 100,
) -> MomentumSweep:
    r"""Try every momentum with one learning rate on two curvatures.

    .. math:: \beta_{\text{best}} = \max_i \left(1 - \sqrt{\alpha\lambda_i}\right)^2,
              \qquad \text{factor} = \sqrt{\beta_{\text{best}}}

    It is exact on fractions wherever the roots are.

    Parameters
    ----------
    learning_rate
        How much of the gradient to use, :math:`\alpha`.
    curvatures
        The least and the greatest curvature, :math:`\lambda_1 \le \lambda_2`.
    num_momenta
        How many momenta to try, evenly from 0 up to 1.

    Raises
    ------
    ValueError
        If `learning_rate` is so large that no momentum converges, or `curvatures` are
        not two positive numbers, smaller first.

    Examples
    --------
    >>> swept = sweep_momentum()
    >>> round(swept.flat_factors[0], 4), round(swept.best_momentum, 4)
    (0.9048, 0.478)
    """
    flat, steep = _two_curvatures(curvatures)
    rate = learning_rate
    if not rate * steep < 4:
        msg = (
            f"`learning_rate` is {shown(rate)} "
            f"but no momentum converges from {4 / steep}"
        )
        raise ValueError(msg)
    momenta = tuple(plain(Fraction(j, num_momenta)) for j in range(num_momenta))
    if isinstance(rate, float):
        momenta = tuple(float(momentum) for momentum in momenta)
    best = max(_critical(rate * flat), _critical(rate * steep))
    return MomentumSweep(
        learning_rate=rate,
        curvatures=(flat, steep),
        momenta=momenta,
        flat_factors=tuple(_factor(rate * flat, momentum) for momentum in momenta),
        steep_factors=tuple(_factor(rate * steep, momentum) for momentum in momenta),
        best_momentum=best,
        best_factor=_root(best),
    )


@trace
class BestSettings(NamedTuple):
    """The settings of each rule that shrink both parts of the error the most.

    The `curvatures` and their ratio, the `condition_number`; for each of the `rules`
    its `learning_rates`, its `momenta`, and the `factors` of a step.
    """

    curvatures: tuple[Number, Number]
    condition_number: Number
    rules: tuple[str, str, str]
    learning_rates: tuple[Number, Number, Number]
    momenta: tuple[Number, Number, Number]
    factors: tuple[Number, Number, Number]


@checked
def best_settings(curvatures: Row = CURVATURES) -> BestSettings:
    r"""Choose rate and momentum for the least and the greatest curvature.

    .. math:: \alpha = \left(\frac{2}{\sqrt{\lambda_1} + \sqrt{\lambda_2}}\right)^2,
              \qquad
              \sqrt\beta = \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}, \qquad
              \kappa = \frac{\lambda_2}{\lambda_1}

    for the heavy ball, whose factor is :math:`\sqrt\beta`. Descent has
    :math:`\alpha = 2/(\lambda_1 + \lambda_2)` with factor
    :math:`(\kappa - 1)/(\kappa + 1)`, and Nesterov
    :math:`\alpha = 4/(\lambda_1 + 3\lambda_2)` and
    :math:`\beta = (q - 2)/(q + 2)` with :math:`q = \sqrt{3\kappa + 1}` and factor
    :math:`1 - 2/q`. It is exact on fractions wherever the roots are.

    Parameters
    ----------
    curvatures
        The least and the greatest curvature, :math:`\lambda_1 \le \lambda_2`.

    Raises
    ------
    ValueError
        If `curvatures` are not two positive numbers, smaller first.

    References
    ----------
    .. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration
       methods", USSR Computational Mathematics and Mathematical Physics 4 (1964).
    .. [2] L. Lessard, B. Recht and A. Packard, "Analysis and design of optimization
       algorithms via integral quadratic constraints", SIAM Journal on Optimization 26
       (2016).

    Examples
    --------
    >>> best = best_settings()
    >>> best.learning_rates[0], best.factors[0]
    (Fraction(10, 21), Fraction(19, 21))
    >>> [round(float(factor), 3) for factor in best.factors]
    [0.905, 0.635, 0.744]
    """
    flat, steep = _two_curvatures(curvatures)
    ratio = steep / flat
    wide, wider = _root(ratio), _root(3 * ratio + 1)
    return BestSettings(
        curvatures=(flat, steep),
        condition_number=ratio,
        rules=(DESCENT, HEAVY_BALL, NESTEROV),
        learning_rates=(
            2 / (flat + steep),
            (2 / (_root(flat) + _root(steep))) ** 2,
            4 / (flat + 3 * steep),
        ),
        momenta=(0, ((wide - 1) / (wide + 1)) ** 2, (wider - 2) / (wider + 2)),
        factors=((ratio - 1) / (ratio + 1), (wide - 1) / (wide + 1), 1 - 2 / wider),
    )


def _two_curvatures(curvatures: Numbers) -> tuple[Any, Any]:
    """Return two curvatures, in which whole numbers divide exactly."""
    values = plain(curvatures)
    if len(values) != 2 or not 0 < values[0] <= values[1]:
        msg = (
            f"`curvatures` is {shown(values)} "
            f"but must be two positive numbers, smaller first"
        )
        raise ValueError(msg)
    flat, steep = (Fraction(v) if isinstance(v, int) else v for v in values)
    return flat, steep


@checked
def three_rules(share: Between = 1e-6, limit: Count0 = 200) -> tuple[Roll, ...]:
    r"""Race the three rules down the valley, each with its best for a long run.

    .. math:: f(x_t) \le \text{share} \cdot f(x_0)

    The runs are those of descent, of the heavy ball and of Nesterov.

    Parameters
    ----------
    share
        The share of the first loss at which to stop.
    limit
        How many steps to take at most.

    Raises
    ------
    ValueError
        If a rule needs more steps.

    Examples
    --------
    >>> [(run.rule, run.num_steps) for run in three_rules()]
    [('descent', 70), ('heavy ball', 23), ('Nesterov', 28)]
    """
    return tuple(_until(run, share, limit) for run in _best_rolls(limit))


@trace
class Goals(NamedTuple):
    """The steps that each rule needs to several goals, with its best for a long run.

    For each of the `shares` of the first loss the steps of `descent`, of the
    `heavy_ball` and of `nesterov`; and what a further factor of ten costs each of the
    three in the long run, `per_decade`.
    """

    shares: tuple[Number, ...]
    descent: tuple[int, ...]
    heavy_ball: tuple[int, ...]
    nesterov: tuple[int, ...]
    per_decade: tuple[float, float, float]


@checked
def steps_to_goals(
    shares: Shares = (1e-1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10), limit: Count0 = 200
) -> Goals:
    r"""Race the three rules to several goals.

    .. math:: f(x_t) \le \text{share} \cdot f(x_0), \qquad
              \text{steps for each decade} = \frac{\ln 10}{2\ln(1/\text{factor})}

    Parameters
    ----------
    shares
        The shares of the first loss to come to.
    limit
        How many steps to take at most.

    Raises
    ------
    ValueError
        If a rule needs more steps.

    Examples
    --------
    >>> goals = steps_to_goals((1e-2, 1e-6))
    >>> goals.descent, goals.heavy_ball, goals.nesterov
    ((24, 70), (12, 23), (10, 28))
    """
    slow, ball, ahead = (
        tuple(_until(run, share, limit).num_steps for share in shares)
        for run in _best_rolls(limit)
    )
    costs = (math.log(10) / (-2 * math.log(f)) for f in best_settings().factors)
    descent_cost, ball_cost, ahead_cost = costs
    return Goals(
        shares=tuple(shares),
        descent=slow,
        heavy_ball=ball,
        nesterov=ahead,
        per_decade=(descent_cost, ball_cost, ahead_cost),
    )


def _best_rolls(num_steps: int) -> tuple[Roll, ...]:
    """Roll with each rule's best for a long run."""
    best = best_settings()
    rates = [float(rate) for rate in best.learning_rates]
    return (
        heavy_ball(rates[0], 0, num_steps=num_steps),
        heavy_ball(rates[1], best.momenta[1], num_steps=num_steps),
        nesterov(rates[2], best.momenta[2], num_steps=num_steps),
    )


def _until(run: Roll, share: Number, limit: int) -> Roll:
    small = [loss <= share * run.losses[0] for loss in run.losses]
    if True not in small:
        msg = f"`limit` is {shown(limit)} but {run.rule} needs more steps"
        raise ValueError(msg)
    num_steps = small.index(True)
    return run._replace(
        path=run.path[: num_steps + 1],
        losses=run.losses[: num_steps + 1],
        num_steps=num_steps,
    )


@trace
class Searched(NamedTuple):
    """The settings with which each rule needs the fewest steps to one goal.

    For each of the `rules` its `learning_rates`, its `momenta`, and the `num_steps`.
    """

    rules: tuple[str, str, str]
    learning_rates: tuple[Number, Number, Number]
    momenta: tuple[Number, Number, Number]
    num_steps: tuple[int, int, int]


@checked
def searched_settings(
    share: Between = 1e-6,
    num_rates: Count2 = 50,
    num_momenta: Count1 = 50,
    limit: Count1 = 200,
) -> Searched:
    r"""Try as many settings with each rule, from the start of the valley.

    .. math:: \min_{\alpha, \beta} \min \{t : f(x_t) \le \text{share} \cdot f(x_0)\},
              \qquad 0 < \alpha \le \frac{4}{\lambda_2}, \quad 0 \le \beta < 1

    No momentum converges from the greatest of the rates on. The rules with a momentum
    try all pairs, and descent tries as many rates in their place. Of settings that need
    the same number of steps the first counts, with the least momentum and then the
    least rate.

    Parameters
    ----------
    share
        The share of the first loss to come to.
    num_rates
        How many rates to try with each momentum, evenly up to the bound.
    num_momenta
        How many momenta to try, evenly from 0 up to 1.
    limit
        How many steps to take at most.

    Raises
    ------
    ValueError
        If a rule needs more steps.

    Examples
    --------
    >>> found = searched_settings(num_rates=20, num_momenta=10)
    >>> found.num_steps
    (64, 20, 25)
    """
    momenta = np.arange(num_momenta) / num_momenta
    best = []
    for name, rule, count, tried in (
        (DESCENT, Momentum, num_rates * num_momenta, momenta[:1]),
        (HEAVY_BALL, Momentum, num_rates, momenta),
        (NESTEROV, Nesterov, num_rates, momenta),
    ):
        rates = 4 / float(CURVATURES[1]) * np.arange(1, count + 1) / count
        best.append(_fewest(name, rule, rates, tried, share, limit))
    learning_rates, betas, num_steps = zip(*best, strict=True)
    return Searched(
        rules=(DESCENT, HEAVY_BALL, NESTEROV),
        learning_rates=plain(learning_rates),
        momenta=plain(betas),
        num_steps=plain(num_steps),
    )


def _fewest(
    name: str,
    rule: type[Momentum | Nesterov],
    rates: Any,
    momenta: Any,
    share: Number,
    limit: int,
) -> tuple[Any, Any, Any]:
    """Run a rule with all rates at once, and find what arrives first.

    An update at any rate is the rate times the update at rate 1. Each momentum has
    fewer steps than the best one before it, so the first of equals stays.
    """
    curvatures = np.array(CURVATURES, dtype=float)[:, np.newaxis]
    first = np.array([valley_loss((START[0], 0)), valley_loss((0, START[1]))])
    best = None
    for momentum in momenta:
        at_one = rule(1, momentum)
        distances = np.ones((2, len(rates)))
        state = at_one.init(distances)
        for step in range(1, limit + 1):
            update, state = at_one.update(curvatures * distances, state)
            distances = np.clip(distances + rates * update, -FAR, FAR)
            arrived = first @ distances**2 <= share * first.sum()
            if arrived.any():
                limit, best = step - 1, (rates[arrived.argmax()], momentum, step)
                break
    if best is None:
        msg = f"`limit` is {shown(limit)} but {name} needs more steps"
        raise ValueError(msg)
    return best
