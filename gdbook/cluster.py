r"""Sum on many machines: each adds up its own rows, and only the sums travel.

.. math:: L = \sum_k \frac{n_k}{n} L_k, \qquad
          \nabla L = \sum_k \frac{n_k}{n} \nabla L_k

The rows lie in the chunks of a Dask array, in memory, in files, or yet to be computed.
Whatever scheduler Dask has at the time computes them: threads of this process, or the
workers of a cluster, as those of `local_cluster`. Sums are added in the order of the
chunks, a few neighbours at a time, so that the result is the same to the bit whichever
worker computed what, and in exact fractions if the chunks hold fractions.

Dask is imported when a function is called.
"""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

from gdbook import _checks, _kinds
from gdbook._checks import Number, Numbers, shown
from gdbook._extras import need
from gdbook._ranges import in_range

if TYPE_CHECKING:
    from dask.distributed import Client

__all__ = ["MeanOverChunks", "local_cluster", "sum_over_chunks"]

Piece = TypeVar("Piece")
ValueAndGradient: TypeAlias = Callable[[Any], tuple[Any, Any]]


@contextmanager
def local_cluster(
    n_workers: int = 2, memory_limit: int | None = None
) -> "Iterator[Client]":
    """Start worker processes on this machine, to which Dask sends what it computes.

    It ends with the ``with`` block, and so do its workers and their files. A worker
    that dies is replaced, and what it held is computed again; nothing is written about
    it.

    Parameters
    ----------
    n_workers : int, default 2
        How many processes, each with one thread.
    memory_limit : int, optional
        Bytes that each may fill; it writes to a file what would be more, and is
        replaced where that does not help. Its share of the machine unless given.

    Yields
    ------
    Client
        Dask's own client of the cluster.

    Raises
    ------
    ModuleNotFoundError
        If Dask is not installed.

    Examples
    --------
    A script needs ``if __name__ == "__main__":`` around this, since each worker imports
    it, too:

    >>> import dask.array as da
    >>> with local_cluster(n_workers=1):
    ...     (da.ones(10, chunks=5) ** 2).sum().compute().item()
    10.0
    """
    n_workers = _checks.count("n_workers", n_workers, least=1)
    if memory_limit is not None:
        memory_limit = _checks.count("memory_limit", memory_limit, least=1)
    need("distributed", "cluster")
    import dask  # noqa: PLC0415
    from dask.distributed import Client, LocalCluster  # noqa: PLC0415

    with (
        TemporaryDirectory() as folder,
        dask.config.set(
            {
                "temporary-directory": folder,
                # Or who starts slowly on a busy machine counts as lost for good.
                "distributed.deploy.lost-worker-timeout": "1 day",
            }
        ),
        LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            processes=True,
            memory_limit="auto" if memory_limit is None else memory_limit,
            # No dashboard, and any free port of this machine for what comes with it.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL + 1,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def sum_over_chunks(
    make: Callable[[Any, Any], Piece], inputs: Numbers, targets: Numbers
) -> Piece:
    r"""Make a piece of each chunk of rows, where it lies, and add all pieces up.

    .. math:: P = \sum_k P_k, \qquad P_k = P(X_k, Y_k)

    Parameters
    ----------
    make : callable
        Takes the inputs and targets of a chunk, returns what can be added.
    inputs : Dask array, shape (n_samples, ...)
        One entry for each sample.
    targets : Dask array, shape (n_samples, ...)
        One entry for each sample; their chunks are cut as those of the inputs are.

    Returns
    -------
    the kind that `make` returns
        The sum of the pieces.

    Raises
    ------
    TypeError
        If `inputs` or `targets` is no Dask array.
    ValueError
        If they do not have as many samples, or it is not known which chunks of theirs
        belong together.

    Examples
    --------
    >>> import dask.array as da
    >>> inputs = da.from_array([[1.0], [2.0], [4.0]], chunks=2)
    >>> targets = da.from_array([2.0, 4.0, 8.0], chunks=2)
    >>> sum_over_chunks(lambda x, y: x.T @ y, inputs, targets)
    array([42.])
    """
    make = _checks.function("make", make)
    pieces = [(_made, make, x, y) for x, y in _chunks(inputs, targets)]
    total: Piece = _added(pieces, _sum)[0]
    return total


class MeanOverChunks:
    r"""The mean of a loss over rows that lie in chunks, and its gradient.

    .. math:: L(w) = \sum_k \frac{n_k}{n} L_k(w), \qquad
              \nabla L(w) = \sum_k \frac{n_k}{n} \nabla L_k(w)

    Called with parameters it returns the loss and the gradient, as `descent.descend`
    takes a function; its ``loss`` and ``gradient`` return one of them.

    The parameters travel to the chunks, a loss and a gradient for each of them back.
    Chunks that are files are read anew in every call; ``persist`` of a Dask array keeps
    them in the memory of the workers.

    Parameters
    ----------
    make : callable
        Takes the inputs and targets of a chunk, which it may not change, and returns a
        function of the parameters that returns the mean of the loss over these samples
        and its gradient, such as `sums.LeastSquares`.
    inputs : Dask array, shape (n_samples, ...)
        One entry for each sample.
    targets : Dask array, shape (n_samples, ...)
        One entry for each sample; their chunks are cut as those of the inputs are.

    Raises
    ------
    TypeError
        If `inputs` or `targets` is no Dask array.
    ValueError
        If they do not have as many samples, or it is not known which chunks of theirs
        belong together.

    References
    ----------
    .. [1] J. Dean and S. Ghemawat, "MapReduce: simplified data processing on large
       clusters", OSDI (2004).

    Examples
    --------
    >>> import dask.array as da
    >>> from gdbook.sums import LeastSquares
    >>> inputs = da.from_array([[1.0], [2.0], [4.0]], chunks=2)
    >>> targets = da.from_array([2.0, 4.0, 8.0], chunks=2)
    >>> MeanOverChunks(LeastSquares, inputs, targets)([0.0])
    (28.0, array([-28.]))
    """

    def __init__(
        self,
        make: Callable[[Any, Any], ValueAndGradient],
        inputs: Numbers,
        targets: Numbers,
    ) -> None:
        self._make = _checks.function("make", make)
        self._pairs = _chunks(inputs, targets)
        self._held = inputs, targets  # or what `persist` has computed is let go
        sizes = inputs.chunks[0]
        known = not any(map(math.isnan, sizes))
        self._ends = np.cumsum((0, *sizes), dtype=int) if known else None

    def __call__(self, params: Numbers) -> tuple[Number, Any]:
        """Give the loss of all rows and the gradient.

        Parameters
        ----------
        params : number or array, any shape
            Where to look.

        Returns
        -------
        loss : number
            The mean over all rows.
        gradient : array, same shape as `params`
            Its slope along every parameter.
        """
        return self._mean(params, [(x, y, None) for x, y in self._pairs])

    def loss(self, params: Numbers) -> Number:
        """Give the loss alone.

        Parameters
        ----------
        params : number or array, any shape
            Where to look.

        Returns
        -------
        number
            The mean over all rows.

        Examples
        --------
        >>> import dask.array as da
        >>> from gdbook.sums import LeastSquares
        >>> inputs = da.from_array([[3.0, 4.0]])
        >>> problem = MeanOverChunks(LeastSquares, inputs, da.from_array([6.0]))
        >>> problem.loss([1.0, 2.0])
        25.0
        """
        return self(params)[0]

    def gradient(self, params: Numbers) -> Any:
        """Give the gradient alone.

        Parameters
        ----------
        params : number or array, any shape
            Where to look.

        Returns
        -------
        array, same shape as `params`
            The slope along every parameter.

        Examples
        --------
        >>> import dask.array as da
        >>> from gdbook.sums import LeastSquares
        >>> inputs = da.from_array([[3.0, 4.0]])
        >>> problem = MeanOverChunks(LeastSquares, inputs, da.from_array([6.0]))
        >>> problem.gradient([1.0, 2.0])
        array([30., 40.])
        """
        return self(params)[1]

    def batch(self, params: Numbers, rows: Numbers) -> tuple[Number, Any]:
        r"""Return the loss of a few rows, and its gradient.

        Each chunk takes the mean over those of the rows that it holds, and the means
        are averaged with their numbers of rows: the gradient of the whole batch.

        Parameters
        ----------
        params : number or array, any shape
            Where to look.
        rows : array of int, shape (batch_size,)
            Which rows, counted through all chunks from 0.

        Returns
        -------
        loss : number
            The mean of the loss over these rows.
        gradient : array, same shape as `params`
            Its gradient.

        Raises
        ------
        ValueError
            If a row is not there, or the chunks do not say how many rows they have.

        References
        ----------
        .. [1] J. Chen et al., "Revisiting distributed synchronous SGD",
           arXiv:1604.00981 (2016).

        Examples
        --------
        >>> import dask.array as da
        >>> from gdbook.sums import LeastSquares
        >>> inputs = da.from_array([[1.0], [2.0], [4.0]], chunks=2)
        >>> targets = da.from_array([2.0, 4.0, 8.0], chunks=2)
        >>> MeanOverChunks(LeastSquares, inputs, targets).batch([0.0], [0, 2])
        (34.0, array([-34.]))
        """
        if self._ends is None:
            msg = (
                "`rows` counts through all chunks but how many rows each of them has "
                "is not known; inputs.compute_chunk_sizes() finds out"
            )
            raise ValueError(msg)
        rows = _row_numbers(rows, self._ends[-1])
        of = np.searchsorted(self._ends, rows, side="right") - 1
        held = [
            (*self._pairs[chunk], rows[of == chunk] - self._ends[chunk])
            for chunk in np.unique(of)
        ]
        return self._mean(params, held)

    def _mean(self, params: Any, chosen: list[Any]) -> tuple[Number, Any]:
        params = _checks.numbers("params", params)
        pieces = [(_measured, self._make, params, *chunk) for chunk in chosen]
        loss, gradient = _added(pieces, _mean)
        return loss, gradient


def _chunks(inputs: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Pair the chunks of rows, none of which is cut along its other axes."""
    need("dask", "cluster")
    for name, value in (("inputs", inputs), ("targets", targets)):
        _look_at(name, value)
    numbers = inputs.shape[0], targets.shape[0]
    known = not any(map(math.isnan, numbers))
    if known and numbers[0] != numbers[1]:
        msg = (
            f"`targets` has shape {targets.shape} but `inputs` has shape "
            f"{inputs.shape}; there must be one entry for each sample in both"
        )
        raise ValueError(msg)
    if known:
        targets = targets.rechunk({0: inputs.chunks[0]})
    elif inputs.numblocks[0] != targets.numblocks[0]:
        msg = (
            f"`targets` has {targets.numblocks[0]} chunks of rows but `inputs` has "
            f"{inputs.numblocks[0]}, and how many rows each has is not known; "
            "compute_chunk_sizes() of both finds out"
        )
        raise ValueError(msg)
    columns = [
        value.rechunk(dict.fromkeys(range(1, value.ndim), -1)).to_delayed().ravel()
        for value in (inputs, targets)
    ]
    return list(zip(*columns, strict=True))


def _look_at(name: str, value: Any) -> None:
    from dask.array import Array  # noqa: PLC0415

    if not isinstance(value, Array):
        msg = (
            f"`{name}` is {shown(value)} but must be a Dask array"
            "; dask.array.from_array(..., chunks=...) makes one"
        )
        raise TypeError(msg)
    if not value.ndim or 0 in value.shape:
        msg = f"`{name}` has shape {value.shape} but must have an entry for each sample"
        raise ValueError(msg)
    if value.dtype != object:  # of numbers, as one entry of its kind shows
        _checks.numbers(name, np.ones((1,) * value.ndim).astype(value.dtype))


def _row_numbers(rows: Any, n_samples: int) -> Any:
    rows = np.asarray(rows)
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or not rows.size:
        msg = f"`rows` is {shown(rows)} but must be whole numbers in a row, 1 or more"
        raise TypeError(msg)
    outside = rows[(rows < 0) | (rows >= n_samples)]
    if outside.size:
        msg = f"`rows` holds {outside[0]} but must count rows from 0 to {n_samples - 1}"
        raise ValueError(msg)
    return rows


def _added(pieces: list[Any], add: Callable[[Any, Any, int, int], Any]) -> Any:
    """Compute pieces, and add neighbours until one is left; return its values."""
    from dask.delayed import delayed  # noqa: PLC0415

    left = [delayed(piece, pure=False)(*args) for piece, *args in pieces]
    join = delayed(_joined, pure=False)
    while len(left) > 1:
        left = [join(add, *few) for few in _in_groups(left)]
    total = left[0].compute()
    if total is None:
        msg = "`inputs` has chunks of no rows only but must have an entry for a sample"
        raise ValueError(msg)
    return total[1]


def _in_groups(left: list[Any], most: int = 8) -> list[list[Any]]:
    return [left[first : first + most] for first in range(0, len(left), most)]


def _joined(add: Callable[[Any, Any, int, int], Any], *pieces: Any) -> Any:
    """Add pieces, each a number of rows and a tuple, or nothing without rows."""

    def joined(one: Any, other: Any) -> Any:
        (n, values), (m, others) = one, other
        pairs = zip(values, others, strict=True)
        return n + m, tuple(add(value, more, n, m) for value, more in pairs)

    with_rows = [piece for piece in pieces if piece]
    return reduce(joined, with_rows) if with_rows else None


def _sum(value: Any, other: Any, *_: int) -> Any:
    return value + other


def _mean(value: Any, other: Any, n: int, m: int) -> Any:
    return in_range(lambda a, b: (n * a + m * b) / (n + m), value, other)


def _made(make: Callable[[Any, Any], Any], inputs: Any, targets: Any) -> Any:
    return _with_rows(inputs, targets, lambda x, y: (_own(make(x, y)),))


def _measured(
    make: Callable[[Any, Any], ValueAndGradient],
    params: Any,
    inputs: Any,
    targets: Any,
    rows: Any,
) -> Any:
    """Return the loss of a chunk, or of some of its rows, and the gradient."""
    if rows is not None:
        inputs, targets = inputs[rows], targets[rows]

    def measure(inputs: Any, targets: Any) -> tuple[Any, Any]:
        answer: Any = make(inputs, targets)(_kinds.own(params))
        if not isinstance(answer, tuple) or len(answer) != 2:
            msg = (
                f"`make` made a function that returned {shown(answer)} "
                "but must return the loss and its gradient"
            )
            raise TypeError(msg)
        loss, gradient = answer
        if np.shape(loss) or np.shape(gradient) != np.shape(params):
            msg = (
                f"`make` made a function that returned a loss of shape "
                f"{np.shape(loss)} and a gradient of shape {np.shape(gradient)} but "
                "must return one number and a slope for each parameter, shape "
                f"{np.shape(params)}"
            )
            raise ValueError(msg)
        return loss, _own(np.asarray(gradient) if np.shape(gradient) else gradient)

    return _with_rows(inputs, targets, measure)


def _own(value: Any) -> Any:
    """Keep a result when its function writes the next one into the same array."""
    return np.array(value) if isinstance(value, np.ndarray) else value


def _with_rows(inputs: Any, targets: Any, compute: Callable[[Any, Any], Any]) -> Any:
    """Return how many rows a chunk has beside what is computed of them, if any."""
    if len(inputs) != len(targets):
        msg = (
            f"`targets` has a chunk of {len(targets)} samples where `inputs` has one "
            f"of {len(inputs)}; there must be one entry for each sample in both"
        )
        raise ValueError(msg)
    if not len(inputs):
        return None
    with np.errstate(all="ignore"):  # what leaves the floats is seen in the sum
        return len(inputs), compute(_aligned(inputs), _aligned(targets))


def _aligned(chunk: Any) -> Any:
    """Have what came from another process summed in the order that all others are.

    It may begin amid the bytes of a float, and NumPy adds such numbers in another way.
    """
    return np.require(chunk, requirements="A") if type(chunk) is np.ndarray else chunk
