"""One look at rows that lie in the memory of workers of Dask, and at those of this one.

The workers are processes already, so that all of it is timed from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.array as da
import numpy as np

from bench.record import Case
from bench.steps import agree, named
from bench.timer import paired, timed
from gdbook.cluster import MeanOverChunks, local_cluster
from gdbook.sums import LeastSquares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

UNIT = "seconds for loss and gradient"
SIZES = ((10**4, 20), (10**5, 20), (10**6, 20), (4 * 10**6, 20))
CHUNKS = 8
AGREE = 1e-10


def drawn(rows: int, inputs: int) -> list[Any]:
    """Return inputs and targets that are drawn by whoever computes them."""
    generator = da.random.default_rng(0)
    shapes = ((rows, inputs), (rows,))
    cut = rows // CHUNKS
    return [generator.normal(size=shape, chunks=(cut, *shape[1:])) for shape in shapes]


def over_chunks(client: Any, rows: int, inputs: int) -> Callable[[], Any]:
    """Put chunks into the memory of workers, and return what sums over them."""
    with client.as_current():
        pieces = [part.persist() for part in drawn(rows, inputs)]
        problem = MeanOverChunks(LeastSquares, *pieces)

    def run() -> Any:
        with client.as_current():
            return problem.gradient(np.zeros(inputs))

    return run


def cases(sizes: Sequence[tuple[int, int]] = SIZES, repeats: int = 9) -> Iterator[Case]:
    """Take loss and gradient of more and more rows."""
    with local_cluster(1) as one, local_cluster(2) as two:
        for rows, inputs in sizes:
            here = LeastSquares(
                *(part.compute(scheduler="threads") for part in drawn(rows, inputs))
            )
            runs = {
                "one process": lambda: here.gradient(np.zeros(inputs)),  # noqa: B023
                "one worker": over_chunks(one, rows, inputs),
                "two workers": over_chunks(two, rows, inputs),
            }
            agree({name: run() for name, run in runs.items()}, AGREE)
            case = {"rows": rows, "inputs": inputs}
            racers = {name: timed(run) for name, run in runs.items()}
            yield Case(named(**case), case, paired(racers, repeats))
