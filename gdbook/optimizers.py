r"""How far, and which way? Update rules, in order of complexity.

A rule is a frozen set of hyperparameters with two methods. ``init`` makes the
state that the rule remembers, ``update`` turns a gradient and a state into an
update and the next state. The update is added to the parameters:

.. math:: w_{t+1} = w_t + \Delta_t
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from gdbook import _checks
from gdbook._checks import Number, Numbers

__all__ = ["GradientDescent", "GradientDescentState", "UpdateRule"]


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


class GradientDescentState(NamedTuple):
    """What gradient descent remembers between steps: nothing."""


@dataclass(frozen=True)
class GradientDescent:
    r"""Step against the gradient.

    .. math:: \Delta_t = -\alpha\, \nabla L(w_t)

    Parameters
    ----------
    learning_rate : number
        How much of the gradient to use, :math:`\alpha`, greater than 0.

    Raises
    ------
    TypeError
        If `learning_rate` is not a number.
    ValueError
        If `learning_rate` is not positive and finite.

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

    def __post_init__(self) -> None:
        """Refuse a learning rate that cannot work."""
        rate = _checks.positive("learning_rate", self.learning_rate)
        object.__setattr__(self, "learning_rate", rate)

    def init(self, params: Numbers) -> GradientDescentState:
        """Make the state before the first step.

        Parameters
        ----------
        params : number or array
            Where descent starts.

        Returns
        -------
        GradientDescentState
            Nothing to remember.

        Raises
        ------
        TypeError
            If `params` holds something that is not a number.
        ValueError
            If `params` is empty, NaN or infinite.

        Examples
        --------
        >>> GradientDescent(learning_rate=0.01).init(2)
        GradientDescentState()
        """
        _checks.numbers("params", params)
        return GradientDescentState()

    def update(
        self, gradient: Numbers, state: GradientDescentState
    ) -> tuple[Any, GradientDescentState]:
        """Turn a gradient into an update.

        Parameters
        ----------
        gradient : number or array
            The slope of the loss along every parameter.
        state : GradientDescentState
            What `init` or the last `update` returned.

        Returns
        -------
        update : number or array, same shape
            What to add to the parameters.
        state : GradientDescentState
            Nothing to remember.

        Raises
        ------
        TypeError
            If `gradient` holds something that is not a number, or `state` is none
            of gradient descent.
        ValueError
            If `gradient` is empty, NaN or infinite.

        Examples
        --------
        >>> rule = GradientDescent(learning_rate=0.5)
        >>> rule.update(8, GradientDescentState())
        (-4.0, GradientDescentState())
        """
        gradient = _checks.numbers("gradient", gradient)
        if not isinstance(state, GradientDescentState):
            msg = f"`state` is {state!r} but must be a GradientDescentState"
            raise TypeError(msg)
        return -self.learning_rate * gradient, state
