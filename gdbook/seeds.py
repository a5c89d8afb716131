"""Does what one seed shows hold for others? Count, and give the spread.

A run that draws at random says something of its own seed. What a sentence says of such
runs is said of many of them.
"""

from collections.abc import Callable
from statistics import median, quantiles
from typing import NamedTuple

from gdbook import _checks
from gdbook._checks import Number
from gdbook.traces import trace

__all__ = ["Held", "Spread", "held", "spread"]


@trace
class Spread(NamedTuple):
    """A number of the same run from many seeds.

    How many seeds (`num_seeds`), the `values` in their order, the `least` and the
    `greatest` of them, and between these the quartiles `low`, `median` and `high`: a
    quarter, half and three quarters of the way from the least value to the greatest, in
    their order, and between two values where the way ends between them.
    """

    num_seeds: int
    values: tuple[Number, ...]
    least: Number
    low: Number
    median: Number
    high: Number
    greatest: Number


@trace
class Held(NamedTuple):
    """For how many seeds something holds.

    How many seeds were tried (`num_seeds`), for how many it holds (`num_held`), and the
    seeds for which it does not (`failing`).
    """

    num_seeds: int
    num_held: int
    failing: tuple[int, ...]


def spread(run: Callable[[int], Number], num_seeds: int = 20) -> Spread:
    r"""Run from the seeds 0, 1, 2, and so on, and give the spread of a number.

    .. math:: v_s = f(s), \qquad s = 0, 1, \dots, n - 1

    Parameters
    ----------
    run : callable
        What returns the number of the run from a seed.
    num_seeds : int, optional
        How many seeds to try, 2 or more.

    Returns
    -------
    Spread
        The numbers, and where they lie.

    Examples
    --------
    >>> found = spread(lambda seed: seed**2, num_seeds=5)
    >>> found.values, found.least, found.median, found.greatest
    ((0, 1, 4, 9, 16), 0, 4, 16)
    """
    run = _checks.function("run", run)
    num_seeds = _checks.count("num_seeds", num_seeds, least=2)
    values = tuple(_checks.number("run", run(seed)) for seed in range(num_seeds))
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Spread(
        num_seeds=num_seeds,
        values=values,
        least=min(values),
        low=low,
        median=median(values),
        high=high,
        greatest=max(values),
    )


def held(run: Callable[[int], bool], num_seeds: int = 20) -> Held:
    r"""Run from the seeds 0, 1, 2, and so on, and count where something holds.

    .. math:: c = \sum_{s=0}^{n-1} [\,f(s)\,]

    Parameters
    ----------
    run : callable
        What returns whether it holds for the run from a seed.
    num_seeds : int, optional
        How many seeds to try, 1 or more.

    Returns
    -------
    Held
        How many seeds it holds for, and the others.

    Raises
    ------
    TypeError
        If `run` returns something else than a truth.

    Examples
    --------
    >>> held(lambda seed: seed % 7 > 0, num_seeds=10)
    Held(num_seeds=10, num_held=8, failing=(0, 7))
    """
    run = _checks.function("run", run)
    num_seeds = _checks.count("num_seeds", num_seeds, least=1)
    failing = tuple(
        seed for seed in range(num_seeds) if not _checks.choice("run", run(seed))
    )
    return Held(num_seeds=num_seeds, num_held=num_seeds - len(failing), failing=failing)
