r"""Where does a gradient come from? From sums over the rows, added up anywhere.

.. math:: L(W) = \frac1n \sum_{i=1}^{n} \lVert x_i W - y_i \rVert^2, \qquad
          \nabla L(W) = \frac2n \sum_{i=1}^{n} x_i^\top (x_i W - y_i)

A sum may be taken in pieces, in any order, on any machine. `LeastSquares` takes it in
blocks that fit a processor's cache, over its cores; `NormalEquations` takes it once.
Either is a function of the weights that returns the loss and the gradient together, as
`descent.descend` takes one, and ``+`` joins the rows of two.

The data are looked at once, when they are given. Integers are exact if there is a
fraction or an array of dtype object among the data, and floats otherwise.
"""

import math
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from itertools import starmap
from typing import Any, Self

import numpy as np

from gdbook import _checks, _kinds
from gdbook._arguments import look_at_shape
from gdbook._checks import Numbers, shown
from gdbook._ranges import in_range
from gdbook.gradients import linear_gradient
from gdbook.losses import mean_squared_error

__all__ = ["LeastSquares", "NormalEquations"]

# A block stays in the second cache of one core, and is so small that OpenBLAS, which
# would wait for threads of its own, does without.
_BLOCK_BYTES, _BLOCK_ERRORS, _BLOCK_PRODUCTS = 2**20, 10_000, 2**18
_LEAST_ROWS = 16
# Of the rows of one piece, each of so many groups is summed by one thread. There are as
# many whatever the number of threads, so that this never changes a digit.
_GROUPS = 64
_LONG = 64
_WORTH_A_THREAD = 2**24  # bytes below which starting one takes longer than it saves


class _Sums:
    """What sums over rows have in common: the shape of the weights, and ``+``."""

    n_samples: int
    _shape: tuple[int, ...]
    _dtype: Any

    def __call__(self, weights: Numbers) -> tuple[Any, Any]:
        """Give the loss and the gradient at some weights.

        Parameters
        ----------
        weights : array, shape (n_inputs,) or (n_inputs, n_outputs)
            Where to look; one column for each column of the targets.

        Returns
        -------
        loss : number
            The mean squared error.
        gradient : array, same shape as `weights`
            Its slope along every weight.
        """
        quick = type(weights) is np.ndarray and weights.dtype == self._dtype
        if not quick or weights.shape != self._shape or self._dtype.kind != "f":
            # With all the care that the quick way leaves out.
            weights = _checks.looked("weights", weights, ndims=(1, 2))
            look_at_shape("weights", weights, self._shape, "a row for each input")
            if self._dtype.kind == "O":
                return self._exactly(weights)
            weights = np.asarray(_kinds.floats("weights", weights))
        try:
            with np.errstate(over="raise", invalid="raise", under="raise"):
                loss, gradient = self._quickly(weights)
        except FloatingPointError:
            return self._carefully(weights)
        if not (loss < np.inf and _kinds.finite(gradient)):
            return self._carefully(weights)
        return loss, gradient

    def loss(self, weights: Numbers) -> Any:
        """Give the loss alone.

        Parameters
        ----------
        weights : array, shape (n_inputs,) or (n_inputs, n_outputs)
            Where to look.

        Returns
        -------
        number
            The mean squared error.

        Examples
        --------
        >>> LeastSquares([[3.0, 4.0]], [6.0]).loss([1.0, 2.0])
        25.0
        """
        return self(weights)[0]

    def gradient(self, weights: Numbers) -> Any:
        """Give the gradient alone.

        Parameters
        ----------
        weights : array, shape (n_inputs,) or (n_inputs, n_outputs)
            Where to look.

        Returns
        -------
        array, same shape as `weights`
            The slope along every weight.

        Examples
        --------
        >>> LeastSquares([[3.0, 4.0]], [6.0]).gradient([1.0, 2.0])
        array([30., 40.])
        """
        return self(weights)[1]

    def __add__(self, other: Self) -> Self:
        """Give the sums over the rows of both."""
        if type(other) is not type(self):
            return NotImplemented
        if self._shape != other._shape:
            msg = (
                f"one piece takes weights of shape {self._shape}, the other of shape "
                f"{other._shape}; they must be equal"
            )
            raise ValueError(msg)
        return self._joined(other)

    def __radd__(self, other: Any) -> Self:
        """Let `sum` begin, as it does, with 0."""
        return self if type(other) is int and other == 0 else NotImplemented

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.n_samples} samples>"

    def _joined(self, other: Self) -> Self:
        raise NotImplementedError

    def _exactly(self, weights: Any) -> tuple[Any, Any]:
        raise NotImplementedError

    def _quickly(self, weights: Any) -> tuple[Any, Any]:
        raise NotImplementedError

    def _carefully(self, weights: Any) -> tuple[Any, Any]:
        raise NotImplementedError


class LeastSquares(_Sums):
    r"""The mean squared error of a linear model, summed in blocks over threads.

    Called with weights it returns the loss and the gradient; its ``loss`` and
    ``gradient`` return one of them.

    A block is read from memory once for both the loss and the gradient. They are those
    of `losses.mean_squared_error` and `gradients.linear_gradient` but for rounding, and
    the same to the last digit whatever the number of threads.

    Arrays of floats are not copied, and must not change while this is in use. Beside
    them there are one block a thread and some sums. Of Dask's arrays the chunks stay
    where they are, and only sums travel.

    Parameters
    ----------
    inputs : array, shape (n_samples, n_inputs)
        One row for each sample, :math:`x_i`.
    targets : array, shape (n_samples,) or (n_samples, n_outputs)
        One row for each sample, :math:`y_i`.
    num_threads : int, optional
        How many threads to use at most, 1 or more; unless told one for data of less
        than 16 MB, and else as many as there are cores that the process may use.
    block_size : int, optional
        How many rows make a block, 1 or more; unless told as many as fill a
        megabyte, or fewer for several outputs.

    Attributes
    ----------
    n_samples : int
        How many rows were summed.

    Examples
    --------
    >>> problem = LeastSquares([[3.0, 4.0]], [6.0])
    >>> problem([1.0, 2.0])
    (25.0, array([30., 40.]))
    >>> (problem + LeastSquares([[1.0, 0.0]], [0.0])).loss([1.0, 2.0])
    13.0
    """

    def __init__(
        self,
        inputs: Numbers,
        targets: Numbers,
        *,
        num_threads: int | None = None,
        block_size: int | None = None,
    ) -> None:
        if num_threads is not None:
            num_threads = _checks.count("num_threads", num_threads, least=1)
        if block_size is not None:
            block_size = _checks.count("block_size", block_size, least=1)
        inputs, targets = _data(inputs, targets)
        rows = block_size or _rows_of(inputs, math.prod(targets.shape[1:]))
        self._num_threads, self._rows = num_threads, rows
        self._hold(tuple(_groups(inputs, targets, rows)))

    def _hold(self, groups: tuple[tuple[Any, Any], ...]) -> None:
        self._dtype = _common(*(part.dtype for group in groups for part in group))
        if self._dtype.kind == "f":
            groups = tuple(
                (_kinds.floats("inputs", x), _kinds.floats("targets", y))
                if "O" in {x.dtype.kind, y.dtype.kind}
                else (x, y)
                for x, y in groups
            )
        self._groups = groups
        self.n_samples = sum(inputs.shape[0] for inputs, _ in groups)
        inputs, targets = groups[0]
        self._shape = (inputs.shape[1], *targets.shape[1:])
        # What fits one block goes the shortest way.
        self._only = None
        if (
            len(groups) == 1
            and self._dtype.kind == "f"
            and all(_is_plain(part, self._dtype) for part in groups[0])
            and len(inputs) <= self._rows
        ):
            self._only = groups[0]

    def _joined(self, other: Self) -> Self:
        joined = copy(self)
        joined._hold(self._groups + other._groups)  # noqa: SLF001
        return joined

    def _quickly(self, weights: Any) -> tuple[float, Any]:
        """Sum over all rows in floats, as they are."""
        if self._only is not None:
            inputs, targets = self._only
            errors = inputs.dot(weights)
            errors -= targets
            flat = errors.ravel()
            loss, gradient = float(flat.dot(flat)), inputs.T.dot(errors)
        else:
            sums = self._spread(weights)
            loss, gradient = next(sums)
            for more, slopes in sums:
                loss += more
                gradient += slopes
        gradient *= 2
        gradient /= self.n_samples
        return loss / self.n_samples, gradient

    def _spread(self, weights: Any) -> Iterator[tuple[float, Any]]:
        """Give the sums of the groups in their order, whichever thread ends first."""
        dtype = np.result_type(self._dtype, weights)
        groups = [(*group, weights, dtype, self._rows) for group in self._groups]
        large = sum(group[0].nbytes for group in groups) > _WORTH_A_THREAD
        threads = self._num_threads or (_num_cores() if large else 1)
        helpers = min(threads, len(groups)) - 1
        if not helpers:
            return starmap(_sum_of, groups)
        found: list[Any] = [None] * len(groups)
        todo = deque(range(len(groups)))
        settings = np.geterr()  # which each thread has of its own

        def left() -> Iterator[int]:
            with suppress(IndexError):  # another thread took the last
                while True:
                    yield todo.popleft()

        def work() -> None:
            try:
                with np.errstate(**settings):
                    for at in left():
                        found[at] = _sum_of(*groups[at])
            except BaseException:
                todo.clear()  # so that all others stop as well
                raise

        # Threads are started anew each time: none is left that a fork, a pickle or the
        # end of the program would have to deal with.
        with ThreadPoolExecutor(helpers) as pool:
            started: list[Any] = []
            with suppress(RuntimeError):  # there are no more threads, as in a browser
                started.extend(pool.submit(work) for _ in range(helpers))
            work()
        for each in started:
            each.result()
        return iter(found)

    def _carefully(self, weights: Any) -> tuple[float, Any]:
        """Sum once more where numbers left the range of floats, in a wider one."""
        weights = _checks.numbers("weights", weights)
        dtype = np.result_type(self._dtype, weights)
        with np.errstate(all="ignore"):
            loss, gradient = self._quickly(weights)
            least = np.finfo(dtype).tiny / np.finfo(dtype).eps
            if np.isfinite([loss, *gradient.flat]).all() and (
                min(loss, abs(gradient).min()) >= least
            ):
                return loss, gradient
            for inputs, targets in self._groups:  # which may have changed since
                _checks.looked("inputs", inputs)
                _checks.looked("targets", targets)
            return _scaled(self._groups, weights, self.n_samples)

    def _exactly(self, weights: Any) -> tuple[Any, Any]:
        inputs, targets = map(np.concatenate, zip(*self._groups, strict=True))
        inputs, weights, targets = _checks.together(
            inputs=inputs, weights=weights, targets=targets
        )
        if weights.dtype.kind == "f":
            return LeastSquares(inputs, targets, num_threads=1)(weights)
        return (
            mean_squared_error(inputs @ weights, targets),
            linear_gradient(inputs, weights, targets),
        )


class NormalEquations(_Sums):
    r"""The mean squared error of a linear model from three sums, taken once.

    .. math:: A = \sum_i x_i^\top x_i, \quad B = \sum_i x_i^\top y_i, \quad
              c = \sum_i \lVert y_i \rVert^2, \qquad
              L(W) = \frac1n \bigl( \operatorname{tr} W^\top (A W - 2 B) + c \bigr),
              \quad \nabla L(W) = \frac2n\,(A W - B)

    Each call costs ``n_inputs`` squared, however many samples there were, and nothing
    is kept of them, so that data larger than the memory can be summed piece by piece:
    ``sum(NormalEquations(*piece) for piece in pieces)``.

    Fractions stay exact. In floats the loss is a small difference of large numbers:
    errors of a share 10⁻ᵏ of the targets cost it 2k of 16 digits, and where none is
    left it may be less than 0. Of two inputs that differ by a share 10⁻ᵏ of their size
    the slope along their difference loses 2k digits; with `LeastSquares` it loses k.
    The sums are float64 also for narrower floats.

    Parameters
    ----------
    inputs : array, shape (n_samples, n_inputs)
        One row for each sample, :math:`x_i`.
    targets : array, shape (n_samples,) or (n_samples, n_outputs)
        One row for each sample, :math:`y_i`.

    Attributes
    ----------
    n_samples : int
        How many rows were summed.

    Raises
    ------
    ValueError
        If the square of a number among the data is too large or too small for a float.

    Examples
    --------
    >>> problem = NormalEquations([[3.0, 4.0]], [6.0])
    >>> problem([1.0, 2.0])
    (25.0, array([30., 40.]))
    >>> (problem + NormalEquations([[1.0, 0.0]], [0.0])).loss([1.0, 2.0])
    13.0
    """

    def __init__(self, inputs: Numbers, targets: Numbers) -> None:
        inputs, targets = _data(inputs, targets)
        self.n_samples = inputs.shape[0]
        self._shape = (inputs.shape[1], *targets.shape[1:])
        self._dtype = _common(inputs.dtype, targets.dtype)
        with np.errstate(all="ignore"):
            curvature, moments, squares = _products(inputs, targets, self._dtype)
        if self._dtype.kind == "f":
            _squares_fit("inputs", inputs, np.diagonal(curvature))
            _squares_fit("targets", targets, squares)
        self._sums = {
            "curvature": curvature,
            "moments": moments,
            "squares": squares.sum(keepdims=True),
        }

    def _joined(self, other: Self) -> Self:
        joined = copy(self)
        joined.n_samples += other.n_samples
        joined._dtype = _common(self._dtype, other._dtype)  # noqa: SLF001
        joined._sums = {  # noqa: SLF001
            name: np.add(*_checks.together(one=one, two=other._sums[name]))
            for name, one in self._sums.items()
        }
        return joined

    def _quickly(self, weights: Any) -> tuple[float, Any]:
        curvature, moments, squares = self._sums.values()
        slopes = curvature.dot(weights) - moments
        loss = float((weights * (slopes - moments)).sum() + squares[0])
        dtype = np.result_type(self._dtype, weights)
        return loss / self.n_samples, (2 * slopes / self.n_samples).astype(dtype)

    def _carefully(self, weights: Any) -> tuple[Any, Any]:
        loss, gradient = self._at(_checks.numbers("weights", weights), self._sums)
        return loss, gradient.astype(np.result_type(self._dtype, weights))

    def _exactly(self, weights: Any) -> tuple[Any, Any]:
        weights, *sums = _checks.together(weights=weights, **self._sums)
        return self._at(weights, dict(zip(self._sums, sums, strict=True)))

    def _at(self, weights: Any, sums: dict[str, Any]) -> tuple[Any, Any]:
        def loss(w: Any, a: Any, b: Any, c: Any) -> Any:
            return ((w * (a @ w - 2 * b)).sum() + c[0]) / self.n_samples

        def gradient(w: Any, a: Any, b: Any) -> Any:
            return 2 * (a @ w - b) / self.n_samples

        *products, _ = given = tuple(sums.values())
        return (
            in_range(loss, weights, *given, products=True),
            in_range(gradient, weights, *products, products=True),
        )


def _products(inputs: Any, targets: Any, dtype: Any) -> Any:
    """Sum the products of all columns over all rows."""
    wide = np.result_type(dtype, np.float64) if dtype.kind == "f" else dtype
    sums: Any = 0, 0, 0
    # Large blocks, since BLAS multiplies them in its own threads, yet few at a time, as
    # some have to be copied. Of fewer rows than inputs, products take long to add.
    rows = max(_rows_of(inputs), inputs.shape[1], inputs.shape[0] // _GROUPS)
    for block in _blocks(inputs, targets, rows):
        parts = _products_of(*(_of_width(part, wide) for part in block))
        sums = [total + part for total, part in zip(sums, parts, strict=True)]
    return sums


def _products_of(x: Any, y: Any) -> list[Any]:
    squares = (y * y).reshape(y.shape[0], -1).sum(axis=0)
    return _computed(x.T @ x, x.T @ y, squares)


def _of_width(part: Any, dtype: Any) -> Any:
    """Return an array as BLAS takes it."""
    if isinstance(part, np.ndarray) and not _is_plain(part, dtype):
        return np.array(part, dtype, order="C")
    return part.astype(dtype, copy=False)


def _squares_fit(name: str, values: Any, squares: Any) -> None:
    """Refuse columns whose squares left the floats, at either end."""
    floats = np.finfo(squares.dtype)
    lost = ~(squares < np.inf) | (squares < floats.tiny / floats.eps)
    if lost.any():
        sizes = np.atleast_1d(np.asarray(abs(values).max(axis=0)))
        sizes = sizes[np.atleast_1d(lost)]
        if (sizes > 0).any():
            msg = (
                f"`{name}` holds {shown(float(sizes[sizes > 0][0]))} but its square "
                "must fit a float; divide the column by a number near it"
            )
            raise ValueError(msg)


def _data(inputs: Any, targets: Any) -> tuple[Any, Any]:
    """Look at the data, once."""
    inputs, targets = _checks.together(
        ndims={"inputs": (2,), "targets": (1, 2)}, inputs=inputs, targets=targets
    )
    for name, value in (("inputs", inputs), ("targets", targets)):
        if math.isnan(value.shape[0]):
            msg = (
                f"`{name}` has shape {value.shape} but must say how many rows it has"
                f"; {name}.compute_chunk_sizes() finds out"
            )
            raise ValueError(msg)
    expected = (inputs.shape[0], *targets.shape[1:])
    look_at_shape("targets", targets, expected, "a row for each row of `inputs`")
    # Only what is lazy, and so may be larger than the memory, stays with its library.
    inputs, targets = (
        part if hasattr(part, "compute") else np.asarray(part)
        for part in (inputs, targets)
    )
    return inputs, targets


def _common(*dtypes: Any) -> Any:
    """Return the dtype of what is computed together: a float makes floats of all."""
    return np.result_type(*([each for each in dtypes if each.kind == "f"] or dtypes))


def _rows_of(inputs: Any, n_outputs: int = 1) -> int:
    """Say how many rows make a block."""
    n_inputs, size = inputs.shape[1], inputs.dtype.itemsize
    fit: int = min(
        _BLOCK_BYTES // (n_inputs * size),
        _BLOCK_ERRORS // n_outputs,
        _BLOCK_PRODUCTS // (n_inputs * n_outputs),
    )
    return max(fit, _LEAST_ROWS)


def _groups(inputs: Any, targets: Any, rows: int) -> Iterator[tuple[Any, Any]]:
    """Cut data into groups of whole blocks."""
    # Sums of fewer rows than there are groups would fill as much memory as they.
    least = max(-(-inputs.shape[0] // _GROUPS), _GROUPS)
    return _blocks(inputs, targets, rows * -(-least // rows))


def _blocks(inputs: Any, targets: Any, rows: int) -> Iterator[tuple[Any, Any]]:
    """Cut data into blocks of rows; those of Dask have their own."""
    if not (isinstance(inputs, np.ndarray) and isinstance(targets, np.ndarray)):
        rows = inputs.shape[0]
    for start in range(0, inputs.shape[0], rows):
        yield inputs[start : start + rows], targets[start : start + rows]


def _is_plain(part: Any, dtype: Any) -> bool:
    """Say whether BLAS takes an array as it is."""
    if not isinstance(part, np.ndarray) or part.dtype != dtype:
        return False
    return min(part.strides) > 0 and part.itemsize in part.strides


def _num_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _sum_of(
    inputs: Any, targets: Any, weights: Any, dtype: Any, rows: int
) -> tuple[float, Any]:
    """Sum squared errors and slopes over rows, a block at a time."""
    if not (isinstance(inputs, np.ndarray) and isinstance(targets, np.ndarray)):
        return _sum_of_others(inputs, targets, weights)
    loss, slopes = 0.0, np.zeros(weights.shape, dtype)
    plain = _is_plain(inputs, dtype)
    # BLAS reads some rows of a matrix at once, which then come late from the memory. Of
    # long rows each is a product of its own sooner.
    by_row = not plain or inputs.strides[1] == inputs.itemsize
    long = by_row and weights.ndim == 1 and len(weights) >= _LONG
    multiply = np.vecdot if long else np.matmul
    for x, y in _blocks(inputs, targets, rows):
        block = x if plain else np.array(x, dtype, order="C")
        errors = multiply(block, weights) - y
        flat = errors.ravel()
        loss += float(flat.dot(flat))
        slopes += block.T @ errors
    return loss, slopes


def _sum_of_others(inputs: Any, targets: Any, weights: Any) -> tuple[float, Any]:
    """Sum over arrays of Dask, in their own blocks."""
    errors = inputs @ weights - targets
    loss, slopes = _computed((errors**2).sum(), inputs.T @ errors)
    return float(loss), slopes


def _computed(*parts: Any) -> list[Any]:
    """Return NumPy's arrays, computed together where they are Dask's."""
    if all(isinstance(part, np.ndarray | np.generic) for part in parts):
        return list(parts)
    flat = np.array(np.concatenate([part.reshape(-1) for part in parts]))
    ends = np.cumsum([part.size for part in parts])[:-1]
    pieces = zip(np.split(flat, ends), parts, strict=True)
    return [piece.reshape(part.shape) for piece, part in pieces]


def _scaled(groups: Any, weights: Any, n_samples: int) -> tuple[float, Any]:
    """Sum numbers near 1 instead, and multiply by the powers of two left out.

    Each input is divided by the power of two above its largest, and each output by the
    one above its largest product or target.
    """
    wide = np.result_type(weights, *(x.dtype for x, _ in groups), np.float64)
    columns = _powers_of(x for x, _ in groups)[:, None]
    steep = weights.astype(wide).reshape(len(weights), -1)
    powers = np.frexp(steep)[1] + columns
    powers = np.where((steep == 0) | (columns == _NOTHING), _NOTHING, powers)
    top = np.maximum(powers.max(axis=0), _powers_of(y for _, y in groups))
    top = np.where(top == _NOTHING, 0, top)
    columns = np.where(columns == _NOTHING, 0, columns)
    steep = np.ldexp(steep, columns - top)
    losses = slopes = 0
    for inputs, targets in groups:
        block = np.ldexp(inputs.astype(wide), -columns[:, 0])
        right = np.ldexp(targets.astype(wide).reshape(-1, len(top)), -top)
        errors = block @ steep - right
        more = _computed((errors**2).sum(axis=0), block.T @ errors)
        losses, slopes = losses + more[0], slopes + more[1]
    loss = float(np.ldexp(losses / n_samples, 2 * top).sum())
    slopes = np.ldexp(2 * slopes / n_samples, columns + top)
    dtype = np.result_type(weights, *(part.dtype for group in groups for part in group))
    return loss, slopes.reshape(weights.shape).astype(dtype)


_NOTHING = -(2**20)  # the power of two of 0


def _powers_of(parts: Any) -> Any:
    """Return the power of two above the largest number of each column."""
    largest = np.max(
        [np.maximum(part.max(axis=0), -part.min(axis=0)) for part in parts], axis=0
    )
    largest = np.atleast_1d(largest)
    return np.where(largest == 0, _NOTHING, np.frexp(largest)[1])
