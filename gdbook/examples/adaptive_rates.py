"""Give each weight its own rate: AdaGrad, RMSProp and Adam, each from a failure."""

import dataclasses
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from gdbook import descent
from gdbook._arguments import (
    Choice,
    Count0,
    Count1,
    Finite,
    Positive,
    Row,
    Share,
    checked,
    look_at_shape,
)
from gdbook._checks import Number, Numbers
from gdbook.examples.conditioning import START, valley_gradient, valley_loss
from gdbook.optimizers import (
    AdaGrad,
    Adam,
    GradientDescent,
    RMSProp,
    UpdateRule,
)
from gdbook.traces import plain, trace


@trace
class OneRate(NamedTuple):
    """A step with one rate for both weights, beside one with a rate for each.

    The `curvatures` of the valley, the `best_rate` for both weights with its `factors`
    and the `new_weights` after its first step; then the `own_rates` that the weights
    would need, and the `own_new_weights` to which these lead.
    """

    curvatures: tuple[Number, ...]
    best_rate: Number
    factors: tuple[Number, ...]
    new_weights: tuple[Number, ...]
    own_rates: tuple[Number, ...]
    own_new_weights: tuple[Number, ...]


@checked
def one_rate(start: Row = START) -> OneRate:
    r"""Step through the valley with the best rate for both weights, then for each.

    .. math:: f(x) = \frac{x_1^2}{10} + 2 x_2^2, \qquad
              \alpha = \frac{2}{\lambda_1 + \lambda_2} \quad\text{or}\quad
              \alpha_i = \frac{1}{\lambda_i}

    Fractions stay fractions.

    Parameters
    ----------
    start
        Where to begin, of shape (2,).

    Raises
    ------
    ValueError
        If `start` has another shape.

    Examples
    --------
    >>> one_rate()  # doctest: +NORMALIZE_WHITESPACE
    OneRate(curvatures=(1/5, 4), best_rate=10/21, factors=(19/21, -19/21),
            new_weights=(-95/21, 38/21), own_rates=(5, 1/4), own_new_weights=(0, 0))
    """
    params = _start(start, exact=True)
    slopes = valley_gradient(params)
    curvatures = valley_gradient((Fraction(1), Fraction(1)))
    best_rate = 2 / sum(curvatures)
    update, _ = _first_update(GradientDescent(best_rate), slopes)
    own_rates = 1 / curvatures
    own_updates = [
        _first_update(GradientDescent(rate), slope)[0]
        for rate, slope in zip(own_rates, slopes, strict=True)
    ]
    return OneRate(
        curvatures=plain(curvatures),
        best_rate=best_rate,
        factors=plain(1 - best_rate * curvatures),
        new_weights=plain(params + update),
        own_rates=plain(own_rates),
        own_new_weights=plain(params + own_updates),
    )


@trace
class Walk(NamedTuple):
    """Every step of one rule through the valley.

    The name of the `rule`; the `weights`, `slopes` and `losses` at every place; and of
    every step the `updates`, and the `own_rates` by which these multiplied each slope:
    update over minus slope, 0 for a slope of 0.
    """

    rule: str
    weights: tuple[tuple[Number, ...], ...]
    slopes: tuple[tuple[Number, ...], ...]
    updates: tuple[tuple[Number, ...], ...]
    own_rates: tuple[tuple[Number, ...], ...]
    losses: tuple[Number, ...]


@checked
def sign_steps(
    learning_rate: Positive = Fraction(3, 5),
    num_steps: Count0 = 20,
    start: Row = START,
) -> Walk:
    r"""Divide each slope by its own size, so that only its sign is left.

    .. math:: \Delta_t = -\alpha\, \frac{g_t}{|g_t|}

    This is `gdbook.optimizers.RMSProp` without a memory, :math:`\rho = 0`. Fractions
    stay fractions.

    Parameters
    ----------
    learning_rate
        How long each step is, :math:`\alpha`.
    num_steps
        How many steps to take; fewer if both slopes become zero.
    start
        Where to begin, of shape (2,).

    Raises
    ------
    ValueError
        If `start` has another shape.

    Examples
    --------
    >>> walk = sign_steps()
    >>> walk.weights[-2:]
    ((Fraction(2, 5), Fraction(-1, 5)), (Fraction(-1, 5), Fraction(2, 5)))
    >>> walk.own_rates[0]
    (Fraction(3, 5), Fraction(3, 40))
    """
    rule = RMSProp(learning_rate, decay=0, epsilon=0)
    return _walk("sign steps", rule, start, num_steps)


@checked
def adagrad(
    learning_rate: Positive = 0.6, num_steps: Count0 = 20, start: Row = START
) -> Walk:
    r"""Divide each slope by the root of the sum of all its squares so far.

    .. math:: \Delta_t = -\frac{\alpha\, g_t}{\sqrt{g_0^2 + \dots + g_t^2}}

    Fractions stay fractions as long as the roots are exact.

    Parameters
    ----------
    learning_rate
        How long the first step is, :math:`\alpha`.
    num_steps
        How many steps to take; fewer if both slopes become zero.
    start
        Where to begin, of shape (2,).

    Raises
    ------
    ValueError
        If `start` has another shape.

    Examples
    --------
    >>> walk = adagrad()
    >>> [round(update[0], 3) for update in walk.updates[:4]]
    [0.6, 0.396, 0.309, 0.258]
    """
    return _walk("AdaGrad", AdaGrad(learning_rate, epsilon=0), start, num_steps)


@checked
def rmsprop(
    learning_rate: Positive = 0.6,
    decay: Share = 0.9,
    num_steps: Count0 = 20,
    start: Row = START,
) -> Walk:
    r"""Divide each slope by the root of a fading mean of its squares.

    .. math:: s_{t+1} = \rho\, s_t + (1 - \rho)\, g_t^2, \qquad
              \Delta_t = -\frac{\alpha\, g_t}{\sqrt{s_{t+1}}}

    Fractions stay fractions as long as the roots are exact.

    Parameters
    ----------
    learning_rate
        How long a step along a steady slope is, :math:`\alpha`.
    decay
        How much of the mean to keep, :math:`\rho`.
    num_steps
        How many steps to take; fewer if both slopes become zero.
    start
        Where to begin, of shape (2,).

    Raises
    ------
    ValueError
        If `start` has another shape.

    Examples
    --------
    >>> rmsprop(Fraction(12, 25), Fraction(16, 25), num_steps=2).updates
    ((Fraction(4, 5), Fraction(4, 5)), (Fraction(84, 145), Fraction(12, 25)))
    """
    rule = RMSProp(learning_rate, decay, epsilon=0)
    return _walk("RMSProp", rule, start, num_steps)


@checked
def adam(
    learning_rate: Positive = 0.6,
    beta1: Share = 0.9,
    beta2: Share = 0.999,
    num_steps: Count0 = 60,
    start: Row = START,
    *,
    bias_correction: Choice = True,
) -> Walk:
    r"""Divide the fading mean of each slope by the root of that of its squares.

    .. math:: \Delta_t = -\alpha\, \frac{\hat m}{\sqrt{\hat s}}, \qquad
              \hat m = \frac{m_{t+1}}{1 - \beta_1^{t+1}}, \quad
              \hat s = \frac{s_{t+1}}{1 - \beta_2^{t+1}}

    Fractions stay fractions as long as the roots are exact.

    Parameters
    ----------
    learning_rate
        How long a step along a steady slope is, :math:`\alpha`.
    beta1
        How much of the mean to keep, :math:`\beta_1`.
    beta2
        How much of the mean square to keep, :math:`\beta_2`.
    num_steps
        How many steps to take; fewer if both slopes become zero.
    start
        Where to begin, of shape (2,).
    bias_correction
        Whether to correct the means for their start at zero.

    Raises
    ------
    ValueError
        If `start` has another shape.

    Examples
    --------
    >>> adam(Fraction(3, 5), Fraction(9, 10), Fraction(999, 1000), num_steps=1).updates
    ((Fraction(3, 5), Fraction(3, 5)),)
    """
    rule = Adam(learning_rate, beta1, beta2, epsilon=0, bias_correction=bias_correction)
    return _walk("Adam", rule, start, num_steps)


@trace
class SteadySlope(NamedTuple):
    """How long the steps of each rule are on a slope that never changes.

    In units of the rate, the lengths of every step of AdaGrad (`adagrad`), of RMSProp
    (`rmsprop`), of Adam without its correction (`uncorrected`) and of Adam
    (`corrected`); the `longest` of the uncorrected ones, and the `longest_step` that it
    is, counted from 1.
    """

    adagrad: tuple[Number, ...]
    rmsprop: tuple[Number, ...]
    uncorrected: tuple[Number, ...]
    corrected: tuple[Number, ...]
    longest: Number
    longest_step: int


@checked
def steady_slope(slope: Finite = -8, num_steps: Count1 = 2000) -> SteadySlope:
    r"""Feed every rule the same slope in every step, and measure its steps.

    .. math:: \frac{1}{\sqrt t}, \qquad
              \frac{1}{\sqrt{1 - \rho^t}}, \qquad
              \frac{1 - \beta_1^t}{\sqrt{1 - \beta_2^t}}, \qquad 1

    for step :math:`t` of AdaGrad, RMSProp, Adam without its correction, and Adam, as
    multiples of the rate. The rates of forgetting are the rules' own.

    Parameters
    ----------
    slope
        The slope, not 0.
    num_steps
        How many steps to take.

    Raises
    ------
    ValueError
        If `slope` is 0.

    Examples
    --------
    >>> steady = steady_slope(num_steps=20)
    >>> round(steady.uncorrected[0], 3), round(steady.corrected[0], 3)
    (3.162, 1.0)
    >>> round(steady.longest, 2), steady.longest_step
    (6.57, 12)
    """
    if slope == 0:
        msg = "`slope` is 0 but must not be: then no rule moves"
        raise ValueError(msg)
    rules: tuple[UpdateRule, ...] = (
        AdaGrad(1, epsilon=0),
        RMSProp(1, epsilon=0),
        Adam(1, epsilon=0, bias_correction=False),
        Adam(1, epsilon=0),
    )
    lengths = []
    for rule in rules:
        state, steps = rule.init(slope), []
        for _ in range(num_steps):
            update, state = rule.update(slope, state)
            steps.append(abs(update))
        lengths.append(tuple(steps))
    longest = max(lengths[2])
    return SteadySlope(
        adagrad=lengths[0],
        rmsprop=lengths[1],
        uncorrected=lengths[2],
        corrected=lengths[3],
        longest=longest,
        longest_step=lengths[2].index(longest) + 1,
    )


def _start(start: Numbers, *, exact: bool) -> Any:
    """Return a pair of numbers; whole numbers as fractions if it can be exact."""
    look_at_shape("start", start, (2,))
    if exact and all(isinstance(item, int | Fraction) for item in start):
        return start * Fraction(1)
    return start.astype(float)


def _first_update(rule: UpdateRule, slopes: Any) -> Any:
    return rule.update(slopes, rule.init(slopes))


def _walk(name: str, rule: Any, start: Numbers, num_steps: int) -> Walk:
    settings = dataclasses.astuple(rule)
    exact = all(isinstance(item, int | Fraction) for item in settings)
    run = descent.descend(
        valley_loss,
        valley_gradient,
        _start(start, exact=exact),
        rule,
        num_steps=num_steps,
    )
    updates = [after - before for before, after in pairwise(run.params)]
    own_rates = [
        [-update / slope if slope else 0 for update, slope in zip(*pair, strict=True)]
        for pair in zip(updates, run.gradients, strict=False)
    ]
    return Walk(
        rule=name,
        weights=plain(run.params),
        slopes=plain(run.gradients),
        updates=plain(updates),
        own_rates=plain(own_rates),
        losses=run.losses,
    )
