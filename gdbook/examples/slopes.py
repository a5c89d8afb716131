"""Read the slope of a curve, and walk downhill with nothing else."""

from collections.abc import Sequence
from typing import NamedTuple

from gdbook import _checks, gradients, training
from gdbook._checks import Number
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace

__all__ = [
    "DarkField",
    "Parabola",
    "SlopeSigns",
    "dark_field",
    "parabola",
    "slope_signs",
]


@trace
class Parabola(NamedTuple):
    """The slope of x² by the rule, and by two kinds of difference."""

    value: Number
    slope: Number
    steps: tuple[Number, ...]
    central: tuple[Number, ...]
    forward: tuple[Number, ...]


def parabola(x: Number = 2, steps: Sequence[Number] = (1, 0.5, 0.25)) -> Parabola:
    r"""Hold the slope of a parabola against differences over a step.

    .. math:: f(x) = x^2, \qquad f'(x) = 2x, \qquad
              \frac{f(x + h) - f(x - h)}{2h} = 2x, \qquad
              \frac{f(x + h) - f(x)}{h} = 2x + h

    Parameters
    ----------
    x : number
        Where to read the slope.
    steps : sequence of number
        The distances :math:`h` to walk, each greater than 0.

    Returns
    -------
    Parabola
        The value, the slope, and both differences for every step.

    Raises
    ------
    TypeError, ValueError
        If `x` or a step is no finite number, or a step is not positive.

    Examples
    --------
    >>> parabola()  # doctest: +NORMALIZE_WHITESPACE
    Parabola(value=4, slope=4, steps=(1, 0.5, 0.25), central=(4, 4, 4),
             forward=(5, 4.5, 4.25))
    """
    x = _checks.number("x", x)
    steps = plain(_checks.numbers("steps", steps, ndims=(1,)))
    return Parabola(
        value=_square(x),
        slope=2 * x,
        steps=tuple(steps),
        central=tuple(gradients.central_difference(_square, x, h) for h in steps),
        forward=tuple((_square(x + h) - _square(x)) / h for h in steps),
    )


@trace
class SlopeSigns(NamedTuple):
    """The slope at several places, and the way down from each."""

    points: tuple[Number, ...]
    slopes: tuple[Number, ...]
    downhill: tuple[str, ...]


def slope_signs(points: Sequence[Number] = (-2, -1, 0, 1, 2)) -> SlopeSigns:
    r"""Read the way down from the sign of the slope.

    .. math:: f(x) = x^2, \qquad f'(x) = 2x

    Parameters
    ----------
    points : sequence of number
        Where to read the slope.

    Returns
    -------
    SlopeSigns
        The slope at each point, and ``"left"``, ``"right"`` or ``"flat"``.

    Raises
    ------
    TypeError, ValueError
        If a point is no finite number.

    Examples
    --------
    >>> slope_signs().slopes
    (-4, -2, 0, 2, 4)
    >>> slope_signs().downhill
    ('right', 'right', 'flat', 'left', 'left')
    """
    points = plain(_checks.numbers("points", points, ndims=(1,)))
    slopes = tuple(2 * x for x in points)
    return SlopeSigns(
        points=tuple(points),
        slopes=slopes,
        downhill=tuple(_way_down(slope) for slope in slopes),
    )


@trace
class DarkField(NamedTuple):
    """A walk downhill that knows only the slope underfoot."""

    places: tuple[Number, ...]
    heights: tuple[Number, ...]
    slopes: tuple[Number, ...]
    num_steps: int
    stopped: str


def dark_field(
    start: Number = 2,
    learning_rate: Number = 0.2,
    num_steps: int = 100,
    flat: Number = 0.001,
) -> DarkField:
    r"""Feel the slope, step downhill, and repeat until it is flat.

    .. math:: x_{t+1} = x_t - \alpha\, f'(x_t), \qquad f(x) = x^2

    Parameters
    ----------
    start : number
        Where the walk begins.
    learning_rate : number
        How far to step for a slope of 1.
    num_steps : int
        How many steps to take at most.
    flat : number
        The steepest slope that counts as flat.

    Returns
    -------
    DarkField
        Every place with its height and slope, and why the walk stopped.

    Raises
    ------
    TypeError, ValueError, DivergenceError
        As `gdbook.training.descend` does.

    Examples
    --------
    >>> walk = dark_field()
    >>> walk.num_steps, walk.stopped
    (17, 'the gradient is flat')
    """
    start = _checks.number("start", start)
    history = training.descend(
        _square,
        lambda x: 2 * x,
        start,
        GradientDescent(learning_rate),
        num_steps=num_steps,
        flat=flat,
    )
    return DarkField(
        places=history.params,
        heights=history.losses,
        slopes=history.gradients,
        num_steps=history.num_steps,
        stopped=history.stopped,
    )


def _square(x: Number) -> Number:
    return x**2


def _way_down(slope: Number) -> str:
    if slope == 0:
        return "flat"
    return "left" if slope > 0 else "right"
