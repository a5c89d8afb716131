"""Read the slope of a curve, and walk downhill with nothing else."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gdbook import _checks, descent, gradients
from gdbook._arguments import (
    Count0,
    Count1,
    Finite,
    NotNegative,
    Positive,
    Row,
    checked,
)
from gdbook._checks import Number, Numbers, shown
from gdbook.optimizers import GradientDescent
from gdbook.traces import plain, trace


@trace
class Parabola(NamedTuple):
    """The slope of x² by the rule, and by two kinds of difference.

    At `x` the `value` and the `slope`; for each of the `steps` the `central` and the
    `forward` difference, and by how much the latter `misses` the slope.
    """

    x: Number
    value: Number
    slope: Number
    steps: tuple[Number, ...]
    central: tuple[Number, ...]
    forward: tuple[Number, ...]
    misses: tuple[Number, ...]


@checked
def parabola(x: Finite = 2, steps: Row = (1, 0.5, 0.25)) -> Parabola:
    r"""Hold the slope of a parabola against differences over a step.

    .. math:: f(x) = x^2, \qquad f'(x) = 2x, \qquad
              \frac{f(x + h) - f(x - h)}{2h} = 2x, \qquad
              \frac{f(x + h) - f(x)}{h} = 2x + h

    Parameters
    ----------
    x
        Where to read the slope.
    steps
        The distances :math:`h` to walk, each greater than 0.

    Raises
    ------
    ValueError
        If a step is not positive, or too small to change `x`.

    Examples
    --------
    >>> parabola()  # doctest: +NORMALIZE_WHITESPACE
    Parabola(x=2, value=4, slope=4, steps=(1, 0.5, 0.25), central=(4, 4, 4),
             forward=(5, 4.5, 4.25), misses=(1, 0.5, 0.25))
    """
    steps = _steps_at(x, steps)
    slope = 2 * x
    forward = tuple((_square(x + h) - _square(x)) / h for h in steps)
    return Parabola(
        x=x,
        value=_square(x),
        slope=slope,
        steps=steps,
        central=tuple(gradients.central_difference(_square, x, h) for h in steps),
        forward=forward,
        misses=tuple(measured - slope for measured in forward),
    )


@trace
class Cubic(NamedTuple):
    """The slope of x³ by the rule, and by a central difference that misses it.

    At `x` the `slope`; for each of the `steps` the `central` difference, and by how
    much it `misses` the slope.
    """

    x: Number
    slope: Number
    steps: tuple[Number, ...]
    central: tuple[Number, ...]
    misses: tuple[Number, ...]


@checked
def cubic(x: Finite = 2, steps: Row = (1, 0.5, 0.25)) -> Cubic:
    r"""Hold the slope of a curve that is no parabola against central differences.

    .. math:: f(x) = x^3, \qquad f'(x) = 3x^2, \qquad
              \frac{f(x + h) - f(x - h)}{2h} = 3x^2 + h^2

    Parameters
    ----------
    x
        Where to read the slope.
    steps
        The distances :math:`h` to walk, each greater than 0.

    Raises
    ------
    ValueError
        If a step is not positive, or too small to change `x`.

    Examples
    --------
    >>> cubic()  # doctest: +NORMALIZE_WHITESPACE
    Cubic(x=2, slope=12, steps=(1, 0.5, 0.25), central=(13, 12.25, 12.0625),
          misses=(1, 0.25, 0.0625))
    """
    steps = _steps_at(x, steps)
    slope = 3 * x**2
    central = tuple(gradients.central_difference(lambda x: x**3, x, h) for h in steps)
    return Cubic(
        x=x,
        slope=slope,
        steps=steps,
        central=central,
        misses=tuple(measured - slope for measured in central),
    )


@trace
class SlopeSigns(NamedTuple):
    """The slope at several places, and the way down from each.

    The `points` given, their `slopes`, and for each whether `downhill` is ``"left"`` or
    ``"right"``, or it is ``"flat"``.
    """

    points: tuple[Number, ...]
    slopes: tuple[Number, ...]
    downhill: tuple[str, ...]


@checked
def slope_signs(points: Row = (-2, -1, 0, 1, 2)) -> SlopeSigns:
    r"""Read the way down from the sign of the slope.

    .. math:: f(x) = x^2, \qquad f'(x) = 2x

    Parameters
    ----------
    points
        Where to read the slope.

    Examples
    --------
    >>> slope_signs().slopes
    (-4, -2, 0, 2, 4)
    >>> slope_signs().downhill
    ('right', 'right', 'flat', 'left', 'left')
    """
    points = plain(points)
    slopes = tuple(2 * x for x in points)
    return SlopeSigns(points, slopes, tuple(_way_down(slope) for slope in slopes))


@trace
class DarkField(NamedTuple):
    """A walk downhill that knows only the slope underfoot.

    The `places` with their `heights` and `slopes`; the last of them, `last_place` and
    `last_slope`; the `num_steps` taken of at most `most_steps`, and why the walk
    `stopped`; the `learning_rate` given, and the slope that counts as `flat`.
    """

    places: tuple[Number, ...]
    heights: tuple[Number, ...]
    slopes: tuple[Number, ...]
    last_place: Number
    last_slope: Number
    num_steps: int
    stopped: str
    most_steps: int
    learning_rate: Number
    flat: Number


@checked
def dark_field(
    start: Finite = 2,
    learning_rate: Positive = 0.2,
    num_steps: Count0 = 100,
    flat: NotNegative = 0.001,
) -> DarkField:
    r"""Feel the slope, step downhill, and repeat until it is flat.

    .. math:: x_{t+1} = x_t - \alpha\, f'(x_t), \qquad f(x) = x^2

    Parameters
    ----------
    start
        Where the walk begins.
    learning_rate
        How far to step for a slope of 1.
    num_steps
        How many steps to take at most.
    flat
        The steepest slope that counts as flat.

    Examples
    --------
    >>> walk = dark_field()
    >>> walk.num_steps, walk.stopped
    (17, 'the gradient is flat')
    """
    rule = GradientDescent(learning_rate)
    history = descent.descend(
        _square, lambda x: 2 * x, start, rule, num_steps=num_steps, flat=flat
    )
    return DarkField(
        places=history.params,
        heights=history.losses,
        slopes=history.gradients,
        last_place=history.params[-1],
        last_slope=history.gradients[-1],
        num_steps=history.num_steps,
        stopped=history.stopped,
        most_steps=num_steps,
        learning_rate=learning_rate,
        flat=flat,
    )


@trace
class RandomStarts(NamedTuple):
    """Walks from places that are drawn at random.

    The `starts`, in hundredths, and for each of them the `last_places` and the number
    of steps, `nums_steps`; the `seed` and the `reach` given.
    """

    seed: int
    reach: Number
    starts: tuple[float, ...]
    last_places: tuple[float, ...]
    nums_steps: tuple[int, ...]


@checked
def random_starts(
    seed: Count0 = 0, num_walks: Count1 = 5, reach: Positive = 5
) -> RandomStarts:
    r"""Draw where to start, and walk down from each place as in the dark field.

    .. math:: x_0 \text{ uniform between } -r \text{ and } r

    Parameters
    ----------
    seed
        What the draws follow from: one seed, one list of starts.
    num_walks
        How many starts to draw.
    reach
        How far from 0 a start may lie, :math:`r`.

    Examples
    --------
    >>> random_starts(num_walks=2) == random_starts(num_walks=2)
    True
    >>> [round(abs(place), 3) for place in random_starts(num_walks=2).last_places]
    [0.0, 0.0]
    """
    draws = np.random.default_rng(seed).uniform(-1, 1, num_walks)
    starts = [round(float(reach) * draw, 2) for draw in draws.tolist()]
    walks = [dark_field(start) for start in starts]
    return RandomStarts(
        seed=seed,
        reach=reach,
        starts=tuple(starts),
        last_places=tuple(float(walk.last_place) for walk in walks),
        nums_steps=tuple(walk.num_steps for walk in walks),
    )


def _square(x: Number) -> Number:
    return x**2


def _steps_at(x: Number, steps: Numbers) -> tuple[Number, ...]:
    """Return steps that are positive, and large enough to lead away from a place."""
    found: tuple[Number, ...] = plain(steps)
    for index, h in enumerate(found):
        name = f"steps[{index}]"
        _checks.positive(name, h)
        reached = (x - h, x + h)  # floats, unless a fraction keeps them exact
        if not isinstance(x + h, Fraction) and float(x) in map(float, reached):
            msg = (
                f"`{name}` is {shown(h)} but must be large enough to change {shown(x)}"
            )
            raise ValueError(msg)
    return found


def _way_down(slope: Number) -> str:
    if slope == 0:
        return "flat"
    return "left" if slope > 0 else "right"
