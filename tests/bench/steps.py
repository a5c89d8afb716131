"""Training steps on data of many sizes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bench.record import Case
from bench.timer import Contender, Stable
from gdbook.formatting import typeset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNIT = "seconds a step"
SIZES = (
    *((1, 1), (3, 2), (1, 100), (100, 10), (1000, 100), (10**4, 10)),
    *((10**5, 10), (10**5, 100), (10**6, 1), (10**6, 10), (10**6, 100)),
)
CONTENDERS = (
    Contender("gdbook LeastSquares", "bench.in_numpy", "least_squares"),
    Contender("gdbook NormalEquations", "bench.in_numpy", "normal_equations"),
    Contender("gdbook two functions", "bench.in_numpy", "two_functions"),
    Contender("NumPy by hand", "bench.in_numpy", "by_hand"),
    Contender("one read", "bench.in_numpy", "one_read"),
    Contender("PyTorch", "bench.in_torch", "steps"),
    Contender("JAX", "bench.in_jax", "steps"),
    Contender("Keras", "bench.in_keras", "steps"),
    Contender("scikit-learn", "bench.in_sklearn", "epochs"),
)
# Of the size of the weights, after all steps; in 64 bits, Keras ends 3e-8 away.
AGREE = 1e-7


def named(rows: int, inputs: int) -> str:
    """Return the name of a size, in powers of ten where it is a large one.

    >>> named(10**6, 100), named(3, 2), named(4 * 10**6, 20)
    ('10⁶ × 100', '3 × 2', '4000000 × 20')
    """
    power = round(math.log10(rows))
    large = power > 3 and rows == 10**power
    return f"{typeset(f'1e+{power}') if large else rows} × {inputs}"


def cases(
    sizes: Sequence[tuple[int, int]] = SIZES,
    contenders: Sequence[Contender] = CONTENDERS,
    repeats: Sequence[int] = (9, 5),
    numbers: float = 1e7,
) -> Iterator[Case]:
    """Take the same steps with each, after looking that they end at one place.

    Data of many numbers are gone through fewer times, and fewer repeats are taken.
    """
    with Stable(contenders) as stable:
        for rows, inputs in sizes:
            num_steps = int(np.clip(numbers / (rows * inputs), 30, 300))
            case = {"rows": rows, "inputs": inputs}
            agree(stable.prepare(**case, num_steps=num_steps), AGREE)
            turns = repeats[rows * inputs >= numbers]
            yield Case(named(**case), case, stable.race(turns, 1 / num_steps))


def agree(found: dict[str, np.ndarray | None], tolerance: float) -> None:
    """Fail where two contenders end at different places."""
    first, *others = [(name, end) for name, end in found.items() if end is not None]
    for name, end in others:
        apart = np.max(abs(end - first[1])) / np.max(abs(first[1]))
        if not apart <= tolerance:
            msg = f"{first[0]} and {name} end {apart:.1e} apart, as parts of the larger"
            raise ArithmeticError(msg)
