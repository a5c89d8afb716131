"""Descents from arrays of NumPy to weights at which the gradient is flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.record import Case
from bench.steps import agree, named
from bench.timer import Contender, Stable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNIT = "seconds"
SIZES = ((100, 10), (1000, 100), (10**4, 10), (10**5, 10), (10**5, 100), (10**6, 10))
CONTENDERS = (
    Contender("gdbook LeastSquares", "bench.in_numpy", "least_squares_arrive"),
    Contender("gdbook NormalEquations", "bench.in_numpy", "normal_equations_arrive"),
    Contender("NumPy by hand", "bench.in_numpy", "by_hand_arrives"),
    Contender("PyTorch", "bench.in_torch", "arrives"),
    Contender("JAX", "bench.in_jax", "arrives"),
    Contender("JAX in one loop", "bench.in_jax", "arrives_in_one_loop"),
)
AGREE = 1e-9  # of the size of the weights


def cases(
    sizes: Sequence[tuple[int, int]] = SIZES,
    contenders: Sequence[Contender] = CONTENDERS,
    repeats: int = 9,
) -> Iterator[Case]:
    """Descend with each, after looking that they end at one place."""
    with Stable(contenders) as stable:
        for rows, inputs in sizes:
            case = {"rows": rows, "inputs": inputs}
            agree(stable.prepare(**case), AGREE)
            yield Case(named(**case), case, stable.race(repeats))
