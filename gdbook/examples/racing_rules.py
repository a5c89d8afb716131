"""Race the rules, each at its best settings, and see where dividing slopes fails."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from gdbook import descent
from gdbook._arguments import (
    Count0,
    Count1,
    Count2,
    Finite,
    NotNegative,
    Positive,
    Positives,
    Row,
    Shares,
    checked,
)
from gdbook._checks import Number, shown
from gdbook.examples.conditioning import FAR, START, valley_gradient, valley_loss
from gdbook.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    UpdateRule,
)
from gdbook.traces import plain, trace


@trace
class Race(NamedTuple):
    """The fewest steps of every rule on three valleys, each rule at its best settings.

    The `condition_numbers` of the valleys, and the `rules`; of every rule on each
    valley the `num_steps` at its best settings and the `usual_steps`, for which only
    the rate was searched, both one more than the limit where it never arrives; the same
    in words, `finishes` and `usual_finishes`; its `best_rates` and `best_memories`.

    Of the search: the `memories` that were tried, and in `num_tries` how many settings
    each rule had; with each memory the fewest steps on the first valley, `by_memory`,
    for momentum, Nesterov, the decay of RMSProp, and the two of Adam, whatever the rest
    is; the `rates` of every rule, and its steps with each of them at its best memory on
    the first valley, `steps_by_rate`; and what was given, the `slowest` and the
    `fastest` rate, the `scale` of the other unit, the `degrees` of the turn, the
    `target` and the `limit`.
    """

    condition_numbers: tuple[float, ...]
    rules: tuple[str, ...]
    num_steps: tuple[tuple[int, ...], ...]
    usual_steps: tuple[tuple[int, ...], ...]
    finishes: tuple[tuple[str, ...], ...]
    usual_finishes: tuple[tuple[str, ...], ...]
    best_rates: tuple[tuple[float, ...], ...]
    best_memories: tuple[tuple[tuple[Number, ...], ...], ...]
    memories: tuple[Number, ...]
    num_tries: int
    by_memory: tuple[tuple[int, ...], ...]
    rates: tuple[tuple[float, ...], ...]
    steps_by_rate: tuple[tuple[int, ...], ...]
    slowest: Number
    fastest: Number
    scale: Number
    degrees: Number
    target: Number
    limit: int


@checked
def race_of_rules(
    slowest: Positive = 0.001,
    fastest: Positive = 100,
    memories: Shares = (0, 0.5, 0.7, 0.9, 0.95, 0.999),
    num_rates: Count2 = 40,
    scale: Positive = 20,
    degrees: Finite = 45,
    target: Positive = 1e-6,
    limit: Count0 = 1000,
) -> Race:
    r"""Find the best settings of every rule on three valleys, by trying many.

    .. math:: \min_{\alpha,\, \beta,\, t} t, \qquad f(x_s) \le \text{target}
              \quad \text{for} \quad s = t, t + 1, \dots, \text{limit}

    The valleys are that of the chapter, the same with its second weight in another
    unit, and that one turned:

    .. math:: x = \begin{pmatrix} 1 & 0 \\ 0 & c \end{pmatrix} u, \qquad
              x = \begin{pmatrix} 1 & 0 \\ 0 & c \end{pmatrix}
              \begin{pmatrix} \cos\varphi & -\sin\varphi \\
              \sin\varphi & \cos\varphi \end{pmatrix} u

    Every race starts at the same height, where :math:`x = (-5, -2)`. Every rule has the
    same number of tries on each valley: all memories that it has, in all pairs if it
    has two, and the more rates the fewer these are. Rates lie between `slowest` and
    `fastest` at equal ratios. Of several best settings the one with the first memories
    and the least rate is noted. Everything is computed in floats.

    Parameters
    ----------
    slowest
        The least rate to try.
    fastest
        The greatest rate to try, greater than `slowest`.
    memories
        What to try as a momentum, a decay, and each of Adam's two.
    num_rates
        How many rates to try with each pair of Adam's memories.
    scale
        How much the second weight counts in its new unit, :math:`c`.
    degrees
        By which angle to turn the axes, :math:`\varphi`.
    target
        The loss that counts as arrived.
    limit
        How many steps to take in all; a rule has arrived only if the loss stays at
        the target to the end of them.

    Raises
    ------
    ValueError
        If `fastest` is not greater than `slowest`.

    Examples
    --------
    >>> race = race_of_rules(memories=(0, 0.5), num_rates=10, limit=200)
    >>> race.num_tries, [round(number) for number in race.condition_numbers]
    (40, [20, 8000, 8000])
    >>> race.rules[1], race.best_memories[1][0], race.finishes[1]
    ('momentum', (0.5,), ('28', 'over 200', 'over 200'))
    """
    if not slowest < fastest:
        msg = f"`fastest` is {shown(fastest)} but must be greater than {shown(slowest)}"
        raise ValueError(msg)
    changes = _changes(float(scale), float(degrees))
    curvatures = np.linalg.eigvalsh(changes.swapaxes(1, 2) @ _curvature() @ changes)
    limits = float(slowest), float(fastest)
    searches = _searches(
        *limits, tuple(memories), num_rates, changes.tobytes(), float(target), limit
    )
    valleys = range(len(changes))
    best = [[search.best(valley) for valley in valleys] for search in searches]
    counts = tuple(tuple(found.num_steps for found in row) for row in best)
    usual = tuple(
        plain(search.counts[search.usual].min(axis=-1)) for search in searches
    )
    return Race(
        condition_numbers=plain(curvatures[:, 1] / curvatures[:, 0]),
        rules=tuple(search.rule for search in searches),
        num_steps=counts,
        usual_steps=usual,
        finishes=_finishes(counts, limit),
        usual_finishes=_finishes(usual, limit),
        best_rates=tuple(tuple(found.rate for found in row) for row in best),
        best_memories=tuple(tuple(found.memory for found in row) for row in best),
        memories=tuple(memories),
        num_tries=num_rates * len(memories) ** 2,
        by_memory=tuple(
            tuple(search.fewest(at, memory) for memory in memories)
            for search in searches
            for at in range(len(search.usual))
        ),
        rates=tuple(plain(search.rates) for search in searches),
        steps_by_rate=tuple(
            plain(search.counts[row[0].memory][0])
            for search, row in zip(searches, best, strict=True)
        ),
        slowest=slowest,
        fastest=fastest,
        scale=scale,
        degrees=degrees,
        target=target,
        limit=limit,
    )


@trace
class SideBySide(NamedTuple):
    """The first steps of every rule through the valley, each with settings of its own.

    The names of the `rules`, and the `weights` and `losses` of each at every place.
    """

    rules: tuple[str, ...]
    weights: tuple[tuple[tuple[Number, ...], ...], ...]
    losses: tuple[tuple[Number, ...], ...]


@checked
def side_by_side(
    learning_rates: Positives,
    memories: Shares = (0.9, 0.9, 0.9, 0.9, 0.999),
    num_steps: Count0 = 80,
) -> SideBySide:
    r"""Follow the rules of `race_of_rules` from the same start.

    .. math:: x_{t+1} = x_t + \Delta_t, \qquad x_0 = (-5, -2)

    Everything is computed in floats.

    Parameters
    ----------
    learning_rates
        The rate of every rule, in the order of `race_of_rules`.
    memories
        The momentum, that of Nesterov, the decay of RMSProp, and the two of Adam.
    num_steps
        How many steps to take.

    Raises
    ------
    ValueError
        If there is not one rate for each rule, or one memory for each that they have.

    Examples
    --------
    >>> walks = side_by_side((0.5, 0.02, 0.3, 6, 0.001, 0.2), num_steps=1)
    >>> walks.rules[0], walks.weights[0]
    ('descent', ((-5.0, -2.0), (-4.5, 2.0)))
    """
    _as_many("learning_rates", learning_rates, len(_RULES))
    left = list(memories)
    _as_many("memories", left, sum(len(usual) for _, usual in _RULES.values()))
    start, runs = np.array(START, dtype=float), []
    for rate, (rule, usual) in zip(learning_rates, _RULES.values(), strict=True):
        memory, left = left[: len(usual)], left[len(usual) :]
        runs.append(
            descent.descend(
                valley_loss,
                valley_gradient,
                start,
                rule(rate, *memory),
                num_steps=num_steps,
            )
        )
    return SideBySide(
        rules=tuple(_RULES),
        weights=tuple(plain(run.params) for run in runs),
        losses=tuple(run.losses for run in runs),
    )


@trace
class OnlineWalk(NamedTuple):
    """Three rules on losses that change from step to step, between −1 and 1.

    Adam's `beta2`, the `mean_slope`, the places of `adam`, of `adagrad` and of gradient
    `descent` at the start and after every step, and the `mean_losses` that each of the
    three met.
    """

    beta2: Number
    mean_slope: Number
    adam: tuple[Number, ...]
    adagrad: tuple[Number, ...]
    descent: tuple[Number, ...]
    mean_losses: tuple[Number, ...]


@checked
def reddi(
    steep: Finite = 3,
    learning_rate: Positive = 0.2,
    num_steps: Count1 = 300,
    start: Finite = 0,
) -> OnlineWalk:
    r"""Walk Adam to the worst place there is.

    .. math:: f_t(x) = \begin{cases} C x & t = 1, 4, 7, \dots \\
              -x & \text{otherwise} \end{cases} \qquad -1 \le x \le 1

    On average the loss is :math:`(C - 2)\,x/3`, least at :math:`x = -1`. Adam has
    :math:`\beta_1 = 0` and :math:`\beta_2 = 1/(1 + C^2)`, no correction and no epsilon,
    as in the paper; Adam and gradient descent have the rate :math:`\alpha/\sqrt t`.
    AdaGrad's rate falls by itself, so its own is :math:`\alpha`. Whoever leaves the
    interval is put back to its end. Roots of steps are irrational, so positions are
    floats.

    Parameters
    ----------
    steep
        The slope that comes every third time, :math:`C`, greater than 2.
    learning_rate
        The rate of the first step, :math:`\alpha`.
    num_steps
        How many steps to take.
    start
        Where to begin, from -1 to 1.

    Raises
    ------
    ValueError
        If `steep` is not greater than 2, or `start` not from -1 to 1.

    References
    ----------
    .. [1] S. J. Reddi, S. Kale and S. Kumar, "On the convergence of Adam and beyond",
       ICLR (2018).

    Examples
    --------
    >>> walk = reddi()
    >>> max(walk.adam[-3:]), min(walk.adagrad[-3:]), min(walk.descent[-3:])
    (1.0, -1.0, -1.0)
    """
    if steep <= 2:
        msg = f"`steep` is {shown(steep)} but must be greater than 2"
        raise ValueError(msg)
    if not -1 <= start <= 1:
        msg = f"`start` is {shown(start)} but must be from -1 to 1"
        raise ValueError(msg)
    exact = Fraction(1) * steep
    beta2 = 1 / (1 + exact**2)
    slopes = [float(steep) if step % 3 == 0 else -1.0 for step in range(num_steps)]
    own = Adam(learning_rate, 0, float(beta2), epsilon=0, bias_correction=False)
    walks, mean_losses = [], []
    for rule, falling in (
        (own, True),
        (AdaGrad(learning_rate, epsilon=0), False),
        (GradientDescent(learning_rate), True),
    ):
        places, state = [float(start)], rule.init(float(start))
        for step, slope in enumerate(slopes, start=1):
            rate = learning_rate / step**0.5 if falling else learning_rate
            now = dataclasses.replace(rule, learning_rate=rate)
            update, state = now.update(slope, state)
            places.append(min(max(places[-1] + update, -1.0), 1.0))
        walks.append(tuple(places))
        met = [slope * place for slope, place in zip(slopes, places, strict=False)]
        mean_losses.append(sum(met) / num_steps)
    return OnlineWalk(
        beta2=beta2,
        mean_slope=(exact - 2) / 3,
        adam=walks[0],
        adagrad=walks[1],
        descent=walks[2],
        mean_losses=tuple(mean_losses),
    )


@trace
class ShrinkingWeights(NamedTuple):
    """What is left of weights whose slopes cancel, under two kinds of decay.

    The `sizes` of the slopes; the weights after the steps of Adam with the decay
    `in_gradient`, and with it `beside` the quotient, which is AdamW; and the `share`
    that the decay alone would leave, (1 − αζ)ⁿ.
    """

    sizes: tuple[Number, ...]
    in_gradient: tuple[Number, ...]
    beside: tuple[Number, ...]
    share: Number


@checked
def shrinking_weights(
    sizes: Row = (0.5, 1, 8),
    learning_rate: Positive = 0.01,
    weight_decay: NotNegative = 0.5,
    num_steps: Count0 = 100,
) -> ShrinkingWeights:
    r"""Shrink weights through the gradient, and beside Adam's quotient.

    .. math:: g_t + \zeta\, w_t \quad\text{into Adam, or}\quad
              \Delta_t^{\text{Adam}} - \alpha\, \zeta\, w_t

    Each weight starts at 1, and its slope is its size with a sign that changes in
    every step: noise without a direction. Everything is computed in floats.

    Parameters
    ----------
    sizes
        How large the slopes of each weight are.
    learning_rate
        The rate of Adam and of AdamW, :math:`\alpha`.
    weight_decay
        How fast the weights should shrink, :math:`\zeta`.
    num_steps
        How many steps to take.

    References
    ----------
    .. [1] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR
       (2019).

    Examples
    --------
    >>> left = shrinking_weights()
    >>> [round(weight, 2) for weight in left.in_gradient]
    [0.44, 0.62, 0.92]
    >>> [round(weight, 2) for weight in left.beside]
    [0.59, 0.59, 0.59]
    """
    ends = []
    for rule, decay in (
        (Adam(learning_rate), weight_decay),
        (AdamW(learning_rate, weight_decay=weight_decay), 0),
    ):
        weights = np.ones(len(sizes))
        state = rule.init(weights)
        for step in range(num_steps):
            slopes = sizes.astype(float) * (-1) ** step
            update, state = rule.update(slopes + float(decay) * weights, state)
            weights = weights + update
        ends.append(plain(weights))
    in_gradient, beside = ends
    return ShrinkingWeights(
        sizes=plain(sizes),
        in_gradient=in_gradient,
        beside=beside,
        share=(1 - learning_rate * weight_decay) ** num_steps,
    )


# The rules whose updates grow in proportion to their rate, and their usual memories.
_RULES: dict[str, tuple[Callable[..., UpdateRule], tuple[float, ...]]] = {
    "descent": (GradientDescent, ()),
    "momentum": (Momentum, (0.9,)),
    "Nesterov": (Nesterov, (0.9,)),
    "AdaGrad": (AdaGrad, ()),
    "RMSProp": (RMSProp, (0.9,)),
    "Adam": (Adam, (0.9, 0.999)),
}


class _Best(NamedTuple):
    """The settings with the fewest steps on a valley."""

    num_steps: int
    memory: tuple[Number, ...]
    rate: float


class _Search(NamedTuple):
    """The steps of a rule with every memory and rate, on every valley."""

    rule: str
    usual: tuple[float, ...]
    tried: tuple[tuple[Number, ...], ...]
    rates: Any  # (n_rates,)
    counts: dict[tuple[Number, ...], Any]  # each (n_valleys, n_rates)

    def best(self, valley: int) -> _Best:
        """Return the best settings that were tried on a valley."""
        memory = min(self.tried, key=lambda one: int(self.counts[one][valley].min()))
        found = self.counts[memory][valley]
        return _Best(int(found.min()), memory, float(self.rates[found.argmin()]))

    def fewest(self, at: int, memory: Number) -> int:
        """Return the fewest steps on the first valley with one memory given."""
        with_it = (self.counts[one][0] for one in self.tried if one[at] == memory)
        return min(int(found.min()) for found in with_it)


@cache
def _searches(
    slowest: float,
    fastest: float,
    memories: tuple[Number, ...],
    num_rates: int,
    changes: bytes,
    target: float,
    limit: int,
) -> tuple[_Search, ...]:
    valleys = np.frombuffer(changes).reshape(-1, 2, 2)
    searches = []
    for name, (rule, usual) in _RULES.items():
        tried = tuple(itertools.product(memories, repeat=len(usual)))
        n_rates = num_rates * len(memories) ** 2 // len(tried)
        rates = np.geomspace(slowest, fastest, n_rates)
        counts = {
            memory: _steps_to_settle(rule(1, *memory), rates, valleys, target, limit)
            for memory in dict.fromkeys([*tried, usual])
        }
        searches.append(_Search(name, usual, tried, rates, counts))
    return tuple(searches)


def _finishes(
    counts: tuple[tuple[int, ...], ...], limit: int
) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(str(count) if count <= limit else f"over {limit}" for count in row)
        for row in counts
    )


def _as_many(name: str, given: Sequence[Number], needed: int) -> None:
    if len(given) != needed:
        msg = f"`{name}` holds {len(given)} numbers but must hold {needed}"
        raise ValueError(msg)


def _changes(scale: float, degrees: float) -> Any:
    """Return what makes the first valley's weights of those of each of three."""
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    stretch = np.diag([1.0, scale])
    return np.array([np.eye(2), stretch, stretch @ [[cosine, -sine], [sine, cosine]]])


def _curvature() -> Any:
    """Return the matrix of the valley: its gradient is linear in the place."""
    return np.array([valley_gradient(axis) for axis in np.eye(2)])


def _steps_to_settle(
    rule: UpdateRule, rates: Any, changes: Any, target: Number, limit: int
) -> Any:
    """Count the steps of all rates on all valleys at once.

    An update at any rate is the rate times the update at rate 1, so that one rule
    serves a whole grid: params have the shape (n_valleys, 2, n_rates).
    """
    matrices = changes.swapaxes(1, 2) @ _curvature() @ changes
    start = np.linalg.solve(changes, np.array(START, dtype=float)[:, np.newaxis])
    params = start + np.zeros(len(rates))
    state = rule.init(params)
    settled = np.zeros((len(changes), len(rates)), dtype=int)
    for step in range(limit + 1):
        slopes = matrices @ params
        losses = (params * slopes).sum(axis=1) / 2
        settled[losses > target] = step + 1
        update, state = rule.update(slopes, state)
        params = np.clip(params + rates * update, -FAR, FAR)
    return settled
