r"""How far, and which way? Update rules, in order of complexity.

A rule is a frozen set of hyperparameters with two methods. ``init`` makes the
state that the rule remembers, ``update`` turns a gradient and a state into an
update and the next state. The update is added to the parameters:

.. math:: w_{t+1} = w_t + \Delta_t

`GradientDescent` crawls along narrow valleys, so `Momentum` keeps its speed and
`Nesterov` looks ahead. One rate for all weights may be too large for some and too small
for others, so `AdaGrad` divides by the slopes seen so far, `RMSProp` forgets the old
ones, `Adam` adds momentum to that, and `AdamW` shrinks the weights on the way.

Square roots of fractions stay fractions where they are exact, so that every rule can
be held against arithmetic by hand. Where a rule divides zero by zero, because no
gradient was ever anything but zero, the update is zero.

Squares leave the floats long before slopes do: that of 1e200 is infinite, that of
1e-200 is zero. Where this would matter, the adaptive rules measure slopes in a power of
two, which rounds nothing, and remember its exponent.

`clip_norm` shortens a gradient that is too long, before a rule takes it.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, ClassVar, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np

from gdbook import _checks, _kinds
from gdbook._checks import Number, Numbers, shown
from gdbook._ranges import scalar

__all__ = [
    "AdaGrad",
    "AdaGradState",
    "Adam",
    "AdamState",
    "AdamW",
    "AdamWState",
    "GradientDescent",
    "GradientDescentState",
    "Momentum",
    "MomentumState",
    "Nesterov",
    "RMSProp",
    "RMSPropState",
    "UpdateRule",
    "clip_norm",
]


@runtime_checkable
class UpdateRule(Protocol):
    """What every update rule offers."""

    @property
    def learning_rate(self) -> Number:
        """The factor that scales every step."""

    def init(self, params: Numbers) -> Any:
        """Make the state before the first step."""

    def update(self, gradient: Numbers, state: Any) -> tuple[Any, Any]:
        """Turn a gradient into an update, and the state into the next state."""


class _Rule(ABC):
    """The checks that all rules share: a rule adds its equations."""

    _state: ClassVar[type]
    _rational: ClassVar[bool] = True  # no root makes floats of integers

    def init(self, params: Numbers) -> Any:
        """Make the state before the first step.

        Parameters
        ----------
        params : number or array
            Where descent starts.

        Returns
        -------
        NamedTuple
            What the rule remembers: nothing yet.

        Examples
        --------
        >>> GradientDescent(learning_rate=0.01).init(2)
        GradientDescentState()
        >>> Momentum(learning_rate=0.01).init(2)
        MomentumState(velocity=0.0)
        """
        return self._start(self._taken("params", params))

    def update(self, gradient: Numbers, state: Any) -> tuple[Any, Any]:
        """Turn a gradient into an update, and the state into the next state.

        Parameters
        ----------
        gradient : number or array
            The slope of the loss along every parameter.
        state : NamedTuple
            What `init` or the last `update` returned.

        Returns
        -------
        update : number or array, same shape
            What to add to the parameters.
        state : NamedTuple
            What to remember.

        Raises
        ------
        TypeError
            If `state` is none of this rule.
        ValueError
            If `gradient` has another shape than the state.

        Examples
        --------
        >>> rule = GradientDescent(learning_rate=0.5)
        >>> rule.update(8, GradientDescentState())
        (-4.0, GradientDescentState())
        """
        if not isinstance(state, self._state):
            name = self._state.__name__
            article = "an" if name.startswith("A") else "a"
            msg = (
                f"`state` is {shown(state)} but must be {article} {name}; "
                "the rule's own `init` makes the first one"
            )
            raise TypeError(msg)
        gradient = self._taken("gradient", gradient, state)
        state = _remembered(state, gradient)
        if not _kinds.is_float(gradient):
            update, state = self._step(gradient, state)
            return _kinds.tidy(update), type(state)(*map(_kinds.tidy, state))
        return self._in_floats._step(gradient, state)  # noqa: SLF001

    @abstractmethod
    def _start(self, params: Any) -> Any:
        """Make the state before the first step."""

    @abstractmethod
    def _step(self, gradient: Any, state: Any) -> tuple[Any, Any]:
        """Write the rule's equations."""

    def _settle(self, **checks: Callable[[str, Any], Any]) -> None:
        """Keep the hyperparameters as their checks return them."""
        for name, check in checks.items():
            object.__setattr__(self, name, check(name, getattr(self, name)))

    @cached_property
    def _hyperparameters(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    @cached_property
    def _in_floats(self) -> Self:
        """Give the rule for floats, which would make arrays of objects of fractions."""
        changed = {
            name: _kinds.floats(name, value)
            for name, value in self._hyperparameters.items()
            if isinstance(value, Fraction)
        }
        return replace(self, **changed) if changed else self  # type: ignore[type-var]

    def _taken(self, name: str, value: Any, state: Any = ()) -> Any:
        """Check an argument, and give it the kind of the numbers that it meets."""
        if _kinds.is_float(value):
            return _checks.numbers(name, value)
        # The weights of AdamW are floats as soon as one root was irrational.
        memory = [x for x in state if x is not getattr(state, "weights", None)]
        kind = _kinds.kind((*self._hyperparameters.values(), *memory))
        if kind is Fraction:
            value = _kinds.exact(value)
        value = _checks.numbers(name, value)
        own_kind = _kinds.kind([value])
        if kind is not float and own_kind is Fraction:
            return _kinds.exact(value)  # also the integers among fractions
        if kind is own_kind is int and self._rational and isinstance(value, int):
            return value
        return _kinds.floats(name, value)


def _is_known(rule: Any, params: Any) -> bool:
    """Say whether a rule that began at `params` is the library's, and in floats.

    Floats then lead to floats, and nothing that it is given or remembers is changed.
    """
    return type(rule).__module__ == __name__ and _kinds.is_float(params)


def _remembered(state: Any, gradient: Any) -> Any:
    """Look at a state, and make floats of the fractions that meet a float."""
    shape, changed = _shape(gradient), {}
    for name, part in zip(state._fields, state, strict=True):
        if name == "num_steps":
            _checks.count("state.num_steps", part)
            continue
        if not isinstance(part, float | int | np.ndarray):
            changed[name] = _checks.numbers(f"state.{name}", part)
        if _kinds.is_float(gradient) and _kinds.any_fraction([part]):
            changed[name] = _kinds.floats(f"state.{name}", part)
        if _shape(part) != shape and not (name == "exponent" and _shape(part) == ()):
            msg = (
                f"`gradient` has shape {shape} but the {name} in `state` has shape "
                f"{_shape(part)}; they must be equal"
            )
            raise ValueError(msg)
    return state._replace(**changed) if changed else state


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def _root(value: Any) -> Any:
    """Take the square root; of a fraction exactly, where it has one."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        roots = [_root(item) for item in value.flat]
        return np.array(roots).reshape(value.shape)
    if isinstance(value, int | Fraction):
        root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
        if root**2 == value:
            return root
        bits = value.numerator.bit_length() - value.denominator.bit_length()
        if abs(bits) > 1000:  # no float, but its root may be one
            unit = Fraction(2) ** (bits // 2 - 64)
            return math.isqrt(int(value / unit**2)) * unit
    return value**0.5


def _difference(share: Number, old: Any, rate: Number, new: Any) -> Any:
    """Return share · old − rate · new, also where a product leaves the floats."""
    with np.errstate(over="ignore", invalid="ignore"):
        result = share * old - rate * new
        if not _kinds.is_float(result) or _kinds.finite(result):
            return result
        quarters = share * (old / 4) - rate / 4 * new
    # What overflows now is no float.
    return scalar(np.where(np.isfinite(result), result, 4 * quarters))


class _Adaptive(_Rule):
    """A rule that divides by the size of slopes."""

    learning_rate: Number
    epsilon: Number
    _rational = False

    def _in_scale(
        self, slopes: tuple[Any, ...], squares: Any, exponent: Any
    ) -> tuple[tuple[Any, ...], Any, Any, Any]:
        """Measure slopes, the gradient first, in units whose squares are floats.

        The unit is two to the power of the exponent, and 1 in the ordinary range; other
        than 1, no digit changes. It cancels in the update, which is a quotient.
        """
        gradient = slopes[0]
        if not _kinds.is_float(gradient):
            return slopes, squares, +exponent, self.epsilon
        epsilon, dtype = (
            float(self.epsilon),
            getattr(gradient, "dtype", np.dtype(float)),
        )
        ordinary = _ordinary_range(dtype)
        if not ordinary.low < self.learning_rate < ordinary.high:
            ordinary = _Range(-1)
        elif not np.count_nonzero(exponent) and ordinary.holds(
            gradient, squares, epsilon
        ):
            return slopes, squares, +exponent, epsilon
        # The largest of what makes up the divisor.
        size = np.maximum(_exponent(gradient), _exponent(epsilon))
        size = np.maximum(size, (_exponent(squares) + 1) // 2 + exponent)
        new = np.where((abs(size) <= ordinary.limit) | (size < _OF_ZERO // 4), 0, size)
        new = new.astype(np.int32)
        up = exponent - new
        return (
            (_scaled(gradient, -new), *(_scaled(slope, up) for slope in slopes[1:])),
            _scaled(squares, 2 * up),
            scalar(new),
            scalar(np.ldexp(epsilon, -new).astype(dtype)),
        )

    def _quotient(self, slope: Any, squares: Any, epsilon: Any) -> Any:
        divisor = _root(squares) + epsilon
        if self.epsilon == 0:
            zero = divisor == 0
            if np.any(zero & (slope != 0)):
                msg = (
                    "the mean slope is not 0 but the mean square is: give an `epsilon`"
                )
                raise ZeroDivisionError(msg)
            divisor = divisor + zero
        return -(self.learning_rate * slope / divisor)


class _Range(NamedTuple):
    """The powers of two far from the ends of a type: up to a limit, or none."""

    limit: int

    @property
    def low(self) -> float:
        return 2.0**-self.limit

    @property
    def high(self) -> float:
        return 2.0**self.limit

    def holds(self, gradient: Any, squares: Any, epsilon: float) -> bool:
        """Say whether it holds all divisors, if possible without a look at each."""
        if isinstance(gradient, float):
            size = max(abs(gradient), squares**0.5, epsilon)
            return bool(self.low < size < self.high or size == 0)
        return bool(
            epsilon < self.high
            # Quicker than a look at each: no square is larger than the sum of all.
            and np.vdot(gradient, gradient) < self.high**2
            and np.vdot(squares, squares) < math.inf
            and (
                epsilon > self.low
                or ((abs(gradient) > self.low) | (squares > self.low**2)).all()
            )
        )


@cache
def _ordinary_range(dtype: np.dtype[Any]) -> _Range:
    # Float16 has none: there, slopes are always measured in their own size.
    return _Range((min(np.finfo(dtype).maxexp, 1024) - 28) * 3 // 8)


_OF_ZERO = -(2**20)


def _unit(params: Any) -> Any:
    """Return the exponents of two in the ordinary range."""
    return np.zeros(_shape(params), np.int32) if _shape(params) else 0


def _exponent(value: Any) -> Any:
    """Return the power of two just above a number; for zero, one below them all."""
    return np.where(value == 0, np.int32(_OF_ZERO), np.frexp(value)[1])


def _scaled(value: Any, exponent: Any) -> Any:
    return scalar(np.ldexp(value, exponent))


class GradientDescentState(NamedTuple):
    """What gradient descent remembers between steps: nothing."""


@dataclass(frozen=True)
class GradientDescent(_Rule):
    r"""Step against the gradient.

    .. math:: \Delta_t = -\alpha\, \nabla L(w_t)

    Parameters
    ----------
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`, greater than 0.

    References
    ----------
    .. [1] A. Cauchy, "Méthode générale pour la résolution des systèmes
       d'équations simultanées", Comptes rendus 25 (1847).

    Examples
    --------
    >>> rule = GradientDescent(learning_rate=0.01)
    >>> state = rule.init(2)
    >>> update, state = rule.update(-24, state)
    >>> update
    0.24
    """

    learning_rate: Number
    _state = GradientDescentState

    def __post_init__(self) -> None:
        """Refuse a learning rate that cannot work."""
        self._settle(learning_rate=_checks.positive)

    def _start(self, params: Any) -> GradientDescentState:  # noqa: ARG002
        return GradientDescentState()

    def _step(
        self, gradient: Any, state: GradientDescentState
    ) -> tuple[Any, GradientDescentState]:
        return -self.learning_rate * gradient, state


class MomentumState(NamedTuple):
    """What momentum remembers between steps.

    Parameters
    ----------
    velocity : number or array
        The last update; of `Nesterov`, the last update without its look ahead.
    """

    velocity: Any


@dataclass(frozen=True)
class Momentum(_Rule):
    r"""Keep a share of the last update: a heavy ball that rolls.

    .. math:: v_{t+1} = \beta\, v_t - \alpha\, \nabla L(w_t), \qquad
              \Delta_t = v_{t+1}

    Keras computes the same. PyTorch and optax keep
    :math:`u_{t+1} = \beta\, u_t + \nabla L(w_t)` and step by
    :math:`-\alpha\, u_{t+1}`: the same path as long as the rate is constant. When a
    schedule changes the rate, theirs changes the speed that is already there as well.

    Parameters
    ----------
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`, greater than 0.
    momentum : number, default 0.9
        How much of the velocity to keep, :math:`\beta`; 0 or more and less than 1.

    References
    ----------
    .. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration
       methods", USSR Computational Mathematics and Mathematical Physics 4 (1964).

    Examples
    --------
    The same gradient twice: the second step is longer.

    >>> rule = Momentum(learning_rate=0.5, momentum=0.5)
    >>> update, state = rule.update(8, rule.init(2))
    >>> update
    -4.0
    >>> update, state = rule.update(8, state)
    >>> update
    -6.0
    """

    learning_rate: Number
    momentum: Number = 0.9
    _state = MomentumState

    def __post_init__(self) -> None:
        """Refuse hyperparameters that cannot work."""
        self._settle(learning_rate=_checks.positive, momentum=_checks.share)

    def _start(self, params: Any) -> MomentumState:
        return MomentumState(velocity=params - params)

    def _step(self, gradient: Any, state: MomentumState) -> tuple[Any, MomentumState]:
        velocity = _difference(
            self.momentum, state.velocity, self.learning_rate, gradient
        )
        return _kinds.own(velocity), MomentumState(velocity)


@dataclass(frozen=True)
class Nesterov(_Rule):
    r"""Roll like a heavy ball, and feel the slope where the roll leads.

    .. math:: v_{t+1} = \beta\, v_t - \alpha\, \nabla L(w_t), \qquad
              \Delta_t = \beta\, v_{t+1} - \alpha\, \nabla L(w_t)

    Nesterov takes the gradient ahead of the weights, at
    :math:`\theta_t + \beta v_t`. Here :math:`w_t` stands for that place, which turns
    his rule into this one; Keras, PyTorch and optax do the same, the latter two with
    the rate outside, as they do for `Momentum`.

    Parameters
    ----------
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`, greater than 0.
    momentum : number, default 0.9
        How much of the velocity to keep, :math:`\beta`; 0 or more and less than 1.

    References
    ----------
    .. [1] Y. Nesterov, "A method for solving the convex programming problem with
       convergence rate O(1/k²)", Soviet Mathematics Doklady 27 (1983).
    .. [2] I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of
       initialization and momentum in deep learning", ICML (2013).

    Examples
    --------
    >>> rule = Nesterov(learning_rate=0.5, momentum=0.5)
    >>> update, state = rule.update(8, rule.init(2))
    >>> update
    -6.0
    >>> update, state = rule.update(8, state)
    >>> update
    -7.0
    """

    learning_rate: Number
    momentum: Number = 0.9
    _state = MomentumState

    def __post_init__(self) -> None:
        """Refuse hyperparameters that cannot work."""
        self._settle(learning_rate=_checks.positive, momentum=_checks.share)

    def _start(self, params: Any) -> MomentumState:
        return MomentumState(velocity=params - params)

    def _step(self, gradient: Any, state: MomentumState) -> tuple[Any, MomentumState]:
        velocity = self.momentum * state.velocity - self.learning_rate * gradient
        update = self.momentum * velocity - self.learning_rate * gradient
        return update, MomentumState(velocity)


class AdaGradState(NamedTuple):
    """What AdaGrad remembers between steps.

    Parameters
    ----------
    square_sum : number or array
        The sum of the squared gradients so far.
    exponent : int or array of int, default 0
        What power of two the slopes are measured in; 0 in the ordinary range.
    """

    square_sum: Any
    exponent: Any = 0


@dataclass(frozen=True)
class AdaGrad(_Adaptive):
    r"""Divide by the slopes seen so far, each weight by its own.

    .. math:: s_{t+1} = s_t + \nabla L(w_t)^2, \qquad
              \Delta_t = -\frac{\alpha\, \nabla L(w_t)}{\sqrt{s_{t+1}} + \epsilon}

    PyTorch computes the same. Keras and optax add :math:`\epsilon` under the root and
    start the sum at 0.1 unless told; optax also steps by zero where the sum is zero.

    Parameters
    ----------
    learning_rate : number
        How long the first step is, :math:`\alpha`, greater than 0.
    epsilon : number, default 1e-10
        What keeps the divisor from zero, :math:`\epsilon`; 0 or more.

    References
    ----------
    .. [1] J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online
       learning and stochastic optimization", JMLR 12 (2011).

    Examples
    --------
    The first step has the length of the rate, however steep the slope:

    >>> rule = AdaGrad(learning_rate=0.5, epsilon=0)
    >>> update, state = rule.update([3.0, -40.0], rule.init([0.0, 0.0]))
    >>> update
    array([-0.5,  0.5])
    >>> update, state = rule.update([4.0, 0.0], state)
    >>> update
    array([-0.4, -0. ])
    """

    learning_rate: Number
    epsilon: Number = 1e-10
    _state = AdaGradState

    def __post_init__(self) -> None:
        """Refuse hyperparameters that cannot work."""
        self._settle(learning_rate=_checks.positive, epsilon=_checks.not_negative)

    def _start(self, params: Any) -> AdaGradState:
        return AdaGradState(square_sum=params - params, exponent=_unit(params))

    def _step(self, gradient: Any, state: AdaGradState) -> tuple[Any, AdaGradState]:
        (gradient,), old, exponent, epsilon = self._in_scale(
            (gradient,), state.square_sum, state.exponent
        )
        square_sum = old + gradient**2
        update = self._quotient(gradient, square_sum, epsilon)
        return update, AdaGradState(square_sum, exponent)


class RMSPropState(NamedTuple):
    """What RMSProp remembers between steps.

    Parameters
    ----------
    square_mean : number or array
        The fading mean of the squared gradients.
    exponent : int or array of int, default 0
        What power of two the slopes are measured in; 0 in the ordinary range.
    """

    square_mean: Any
    exponent: Any = 0


@dataclass(frozen=True)
class RMSProp(_Adaptive):
    r"""Divide by the slopes of late: AdaGrad with a memory that fades.

    .. math:: s_{t+1} = \rho\, s_t + (1 - \rho)\, \nabla L(w_t)^2, \qquad
              \Delta_t = -\frac{\alpha\, \nabla L(w_t)}{\sqrt{s_{t+1}} + \epsilon}

    PyTorch computes the same and calls :math:`\rho` alpha, 0.99 unless told. Keras and
    optax add :math:`\epsilon` under the root.

    Parameters
    ----------
    learning_rate : number
        How long a step along a steady slope becomes, :math:`\alpha`, greater than 0.
    decay : number, default 0.9
        How much of the mean to keep, :math:`\rho`; 0 or more and less than 1.
    epsilon : number, default 1e-8
        What keeps the divisor from zero, :math:`\epsilon`; 0 or more.

    References
    ----------
    .. [1] T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", COURSERA: Neural networks
       for machine learning (2012).

    Examples
    --------
    The mean starts at zero, so the first step is too long, by a factor of 1/√(1 − ρ):

    >>> rule = RMSProp(learning_rate=0.5, decay=0.75, epsilon=0)
    >>> update, state = rule.update(-24.0, rule.init(2.0))
    >>> update
    1.0
    """

    learning_rate: Number
    decay: Number = 0.9
    epsilon: Number = 1e-8
    _state = RMSPropState

    def __post_init__(self) -> None:
        """Refuse hyperparameters that cannot work."""
        self._settle(
            learning_rate=_checks.positive,
            decay=_checks.share,
            epsilon=_checks.not_negative,
        )

    def _start(self, params: Any) -> RMSPropState:
        return RMSPropState(square_mean=params - params, exponent=_unit(params))

    def _step(self, gradient: Any, state: RMSPropState) -> tuple[Any, RMSPropState]:
        (gradient,), old, exponent, epsilon = self._in_scale(
            (gradient,), self.decay * state.square_mean, state.exponent
        )
        square_mean = old + (1 - self.decay) * gradient**2
        update = self._quotient(gradient, square_mean, epsilon)
        return update, RMSPropState(square_mean, exponent)


class AdamState(NamedTuple):
    """What Adam remembers between steps.

    Parameters
    ----------
    num_steps : int
        How many steps were taken.
    mean : number or array
        The fading mean of the gradients.
    square_mean : number or array
        The fading mean of the squared gradients.
    exponent : int or array of int, default 0
        What power of two the slopes are measured in; 0 in the ordinary range.
    """

    num_steps: int
    mean: Any
    square_mean: Any
    exponent: Any = 0


@dataclass(frozen=True)
class Adam(_Adaptive):
    r"""Divide the mean of late gradients by the size of late gradients.

    .. math:: \begin{aligned}
              m_{t+1} &= \beta_1\, m_t + (1 - \beta_1)\, \nabla L(w_t) \\
              s_{t+1} &= \beta_2\, s_t + (1 - \beta_2)\, \nabla L(w_t)^2 \\
              \hat m &= \frac{m_{t+1}}{1 - \beta_1^{t+1}}, \qquad
              \hat s = \frac{s_{t+1}}{1 - \beta_2^{t+1}} \\
              \Delta_t &= -\frac{\alpha\, \hat m}{\sqrt{\hat s} + \epsilon}
              \end{aligned}

    Both means start at zero and are too small at first; the divisors
    :math:`1 - \beta^{t+1}` correct that. PyTorch and optax compute the same. Keras adds
    :math:`\epsilon` before it corrects the second mean, so that its
    :math:`\epsilon` weighs more in the first steps.

    Parameters
    ----------
    learning_rate : number, default 0.001
        How long a step along a steady slope is, :math:`\alpha`, greater than 0.
    beta1 : number, default 0.9
        How much of the mean to keep, :math:`\beta_1`; 0 or more and less than 1.
    beta2 : number, default 0.999
        How much of the mean square to keep, :math:`\beta_2`; 0 or more and less than 1.
    epsilon : number, default 1e-8
        What keeps the divisor from zero, :math:`\epsilon`; 0 or more.
    bias_correction : bool, default True
        Whether to correct the means; without it the first steps have other lengths.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
       (2015).

    Examples
    --------
    Without an epsilon, a steady slope is a step of exactly the rate, however steep:

    >>> from fractions import Fraction
    >>> rule = Adam(Fraction(1, 100), Fraction(9, 10), Fraction(999, 1000), epsilon=0)
    >>> update, state = rule.update(-24, rule.init(2))
    >>> update
    Fraction(1, 100)
    >>> update, state = rule.update(-24, state)
    >>> update
    Fraction(1, 100)
    """

    learning_rate: Number = 0.001
    beta1: Number = 0.9
    beta2: Number = 0.999
    epsilon: Number = 1e-8
    bias_correction: bool = True
    _state = AdamState

    def __post_init__(self) -> None:
        """Refuse hyperparameters that cannot work."""
        self._settle(
            learning_rate=_checks.positive,
            beta1=_checks.share,
            beta2=_checks.share,
            epsilon=_checks.not_negative,
            bias_correction=_checks.choice,
        )

    def _start(self, params: Any) -> AdamState:
        return AdamState(0, params - params, params - params, _unit(params))

    def _step(self, gradient: Any, state: AdamState) -> tuple[Any, AdamState]:
        num_steps = state.num_steps + 1
        (gradient, old_mean), old_square_mean, exponent, epsilon = self._in_scale(
            (gradient, self.beta1 * state.mean),
            self.beta2 * state.square_mean,
            state.exponent,
        )
        mean = old_mean + (1 - self.beta1) * gradient
        square_mean = old_square_mean + (1 - self.beta2) * gradient**2
        state = AdamState(num_steps, mean, square_mean, exponent)
        if self.bias_correction:
            mean = mean / (1 - self.beta1**num_steps)
            square_mean = square_mean / (1 - self.beta2**num_steps)
        return self._quotient(mean, square_mean, epsilon), state


class AdamWState(NamedTuple):
    """What AdamW remembers between steps.

    Parameters
    ----------
    num_steps : int
        How many steps were taken.
    mean : number or array
        The fading mean of the gradients.
    square_mean : number or array
        The fading mean of the squared gradients.
    weights : number or array
        Where the updates have led so far.
    exponent : int or array of int, default 0
        What power of two the slopes are measured in; 0 in the ordinary range.
    """

    num_steps: int
    mean: Any
    square_mean: Any
    weights: Any
    exponent: Any = 0


@dataclass(frozen=True)
class AdamW(_Adaptive):
    r"""Step like Adam, and shrink the weights a little in every step.

    .. math:: \Delta_t = \Delta_t^{\text{Adam}} - \alpha\, \zeta\, w_t

    The decay stands beside Adam's quotient, not in the gradient, where it would be
    divided with it. PyTorch, Keras and optax compute the same, with the differences of
    `Adam`; unless told, Keras decays by 0.004 and optax by 0.0001. They are handed the
    weights in every step; here the state keeps them, which is why a rule's updates must
    be added to the parameters as they are.

    Parameters
    ----------
    learning_rate : number, default 0.001
        How long a step along a steady slope is, :math:`\alpha`, greater than 0.
    beta1 : number, default 0.9
        How much of the mean to keep, :math:`\beta_1`; 0 or more and less than 1.
    beta2 : number, default 0.999
        How much of the mean square to keep, :math:`\beta_2`; 0 or more and less than 1.
    epsilon : number, default 1e-8
        What keeps the divisor from zero, :math:`\epsilon`; 0 or more.
    weight_decay : number, default 0.01
        How fast the weights shrink, :math:`\zeta`; 0 or more.

    References
    ----------
    .. [1] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR
       (2019).

    Examples
    --------
    Where the loss is flat, the weights shrink all the same:

    >>> rule = AdamW(learning_rate=0.5, weight_decay=0.5)
    >>> update, state = rule.update(0.0, rule.init(2.0))
    >>> update
    -0.5
    """

    learning_rate: Number = 0.001
    beta1: Number = 0.9
    beta2: Number = 0.999
    epsilon: Number = 1e-8
    weight_decay: Number = 0.01
    _state = AdamWState

    def __post_init__(self) -> None:
        """Refuse hyperparameters that cannot work."""
        self._settle(
            learning_rate=_checks.positive,
            beta1=_checks.share,
            beta2=_checks.share,
            epsilon=_checks.not_negative,
            weight_decay=_checks.not_negative,
        )

    @cached_property
    def _adam(self) -> Adam:
        return Adam(self.learning_rate, self.beta1, self.beta2, self.epsilon)

    def _start(self, params: Any) -> AdamWState:
        num_steps, mean, square_mean, exponent = self._adam._start(params)  # noqa: SLF001
        return AdamWState(num_steps, mean, square_mean, _kinds.own(params), exponent)

    def _step(self, gradient: Any, state: AdamWState) -> tuple[Any, AdamWState]:
        num_steps, mean, square_mean, weights, exponent = state
        update, state_of_adam = self._adam._step(  # noqa: SLF001
            gradient, AdamState(num_steps, mean, square_mean, exponent)
        )
        num_steps, mean, square_mean, exponent = state_of_adam
        decay = self.learning_rate * self.weight_decay
        if isinstance(decay, float) and not 2.0**-1000 < decay < 2.0**1000:
            (x, up), (y, further) = map(
                math.frexp, (self.learning_rate, self.weight_decay)
            )
            shrinking = _scaled(x * y * weights, up + further)
            update = _difference(1, update, 1, shrinking)
        else:
            update = _difference(1, update, decay, weights)
        return update, AdamWState(
            num_steps, mean, square_mean, weights + update, exponent
        )


def clip_norm(gradient: Numbers, limit: Number) -> Any:
    r"""Shorten a gradient to a limit, if it is longer, and keep where it points.

    .. math:: g \leftarrow g \cdot \min\left(1, \frac{c}{\lVert g \rVert}\right), \qquad
              \lVert g \rVert = \sqrt{\sum_i g_i^2}

    All slopes share one norm, as in PyTorch's ``clip_grad_norm_`` and the
    ``global_clipnorm`` of Keras. The root of a fraction stays a fraction where it is
    exact.

    Parameters
    ----------
    gradient : number or array
        The slope of the loss along every parameter, :math:`g`.
    limit : number
        How long the gradient may be, :math:`c`; greater than 0.

    Returns
    -------
    number or array, same shape
        The gradient, as long as the limit or shorter.

    References
    ----------
    .. [1] R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training
       recurrent neural networks", ICML (2013).

    Examples
    --------
    >>> clip_norm([3.0, 4.0], 2.5), clip_norm([3.0, 4.0], 10)
    (array([1.5, 2. ]), array([3., 4.]))
    """
    limit = _checks.positive("limit", limit)
    gradient, limit = _checks.together(gradient=gradient, limit=limit)
    return _kinds.own(_clipped(gradient, limit))


def _clipped(gradient: Any, limit: Number) -> Any:
    longest = scalar(abs(gradient).max()) if np.ndim(gradient) else abs(gradient)
    if longest == 0:
        return gradient
    # In units of the longest slope no square leaves the floats.
    shares = gradient / longest
    norm = _root(scalar((shares**2).sum()) if np.ndim(gradient) else shares**2)
    if longest * norm <= limit:
        return gradient
    return _kinds.tidy(shares * (limit / norm))
