"""Draw the chapter beyond one machine: sums, their rounding, and what they cost."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from gdbook._checks import Number
from gdbook.examples.beyond_one_machine import (
    UNIT,
    AveragedBatches,
    Costs,
    CutSum,
    LostDigits,
    Projection,
    RoundedSums,
    Travel,
)
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    LOWEST,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _and,
    _array,
    _arrow,
    _count,
    _draws,
    _legend_above,
    _listed,
    _n,
    _name_at_end,
    _note,
    _pair,
)


@_draws(figsize=(4.8, 3.8))
def cut_gradients(trace: CutSum, ax: Axes = NEW) -> str:
    """Draw the gradients of pieces, and their shares joined to the whole.

    Examples
    --------
    >>> from gdbook.examples.beyond_one_machine import cut_sum
    >>> print(cut_gradients(cut_sum()).alt)
    Arrows from (0, 0) over the slopes of the loss along m and b. The gradients of 2 pieces end at (−0.8, −1.6) and (−3.5, −2.5). Their shares (−0.267, −0.533) and (−2.33, −1.67), one after the other, end at the gradient of all, (−2.6, −2.2); the plain mean (−2.15, −2.05) misses it.
    """
    pieces, total = _array(trace.gradient_of_each), _array(trace.total)
    joined = np.cumsum(np.vstack([[0, 0], _array(trace.parts)]), axis=0)
    for piece in pieces:
        ax.plot(*np.vstack([[0, 0], piece]).T, color=MUTED, linewidth=1.2)
    ax.plot(*pieces.T, "o", color=BLUE, markersize=8, label="each piece")
    for start, end in pairwise(joined):
        _arrow(ax, start, end, PURPLE)
    ax.plot([], [], color=PURPLE, label="its share")
    ax.plot(
        *_array(trace.plain_mean), "D", color=RED, label="plain mean", fillstyle="none"
    )
    ax.plot(*total, "*", color=GREEN, markersize=15, label="all")
    ax.set(xlabel="slope of the loss along m", ylabel="slope of the loss along b")
    ax.margins(0.12)
    _legend_above(ax, 4)
    misses = _pair(trace.plain_mean)
    end = "misses it" if trace.plain_mean != trace.total else "is the same"
    return (
        f"Arrows from (0, 0) over the slopes of the loss along m and b. The gradients of "
        f"{len(pieces)} pieces end at {_listed(map(_pair, pieces))}. Their shares "
        f"{_listed(map(_pair, _array(trace.parts)))}, one after the other, end at the "
        f"gradient of all, {_pair(total)}; the plain mean {misses} {end}."
    )


@_draws(figsize=(4.8, 3.6))
def rounding_errors(trace: RoundedSums, ax: Axes = NEW) -> str:
    """Plot the rounding of a sum over the size of its blocks, under its bound.

    Examples
    --------
    >>> from gdbook.examples.beyond_one_machine import rounded_sums
    >>> print(rounding_errors(rounded_sums()).alt)
    The rounding of a sum of 32768 numbers over the sizes 1, 8, 64, 512, 4096 and 32768 of its blocks, both on logarithmic scales, in roundings of the total. It is 30.5, 12.5, 4.48, 0.48, 2.48 and 30.5, below the bounds 32767, 4102, 574, 574, 4102 and 32767.
    """
    sizes = _array(trace.block_sizes)
    for name, values, color, marker in (
        ("bound", trace.bounds, RED, "D"),
        ("measured", trace.errors, BLUE, "o"),
    ):
        numbers = _array(values)
        shown = numbers > 0
        ax.loglog(sizes[shown], numbers[shown], color=color, marker=marker, label=name)
    ax.set(xlabel="numbers in a block", ylabel="roundings of the total")
    _legend_above(ax, 2)
    return (
        f"The rounding of a sum of {trace.n_terms} numbers over the sizes "
        f"{_listed(map(str, trace.block_sizes))} of its blocks, both on logarithmic "
        f"scales, in roundings of the total. It is {_and(trace.errors)}, below the "
        f"bounds {_listed(map(str, trace.bounds))}."
    )


@_draws(figsize=(4.8, 3.6))
def travelling_bytes(trace: Travel, ax: Axes = NEW) -> str:
    """Plot the bytes of the data over the rows, and those that travel.

    Examples
    --------
    >>> from gdbook.examples.beyond_one_machine import travel
    >>> print(travelling_bytes(travel()).alt)
    Bytes over rows of 100 inputs, both on logarithmic scales. The data grow from 8.08 MB to 8.08 TB. With 2 workers, 161.6 kB travel once for the two sums, and 3.216 kB in a step, whatever the number of rows.
    """
    rows = _array(trace.row_counts)
    ax.loglog(rows, _array(trace.data), "o-", color=BLUE, label="data")
    for name, size, color in (
        ("sums, once", trace.once, GREEN),
        ("each step", trace.step, RED),
    ):
        ax.loglog(rows, np.full(len(rows), float(size)), "-", color=color, label=name)
    ax.set(xlabel="rows", ylabel="bytes")
    _legend_above(ax, 3)
    first, last = (_bytes(trace.data[at]) for at in (0, -1))
    workers = _count(trace.n_workers, "worker")
    return (
        f"Bytes over rows of {trace.n_inputs} inputs, both on logarithmic scales. The "
        f"data grow from {first} to {last}. With {workers}, {_bytes(trace.once)} travel "
        f"once for the two sums, and {_bytes(trace.step)} in a step, whatever the number "
        "of rows."
    )


def _bytes(number: int) -> str:
    power = min(max(len(str(number)) - 1, 0) // 3, 8)
    unit = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")[power]
    return f"{_n(number / 1000**power, 4)} {unit}"


@_draws(figsize=(4.8, 3.6))
def averaged_variances(trace: AveragedBatches, ax: Axes = NEW) -> str:
    """Plot the variance of an averaged gradient over the number of workers.

    Examples
    --------
    >>> from gdbook.examples.beyond_one_machine import averaged_batches
    >>> print(averaged_variances(averaged_batches()).alt)
    The variance of the averaged gradient over 1, 2, 4, 8 and 16 workers with batches of 10, both on logarithmic scales: 191, 95.9, 49.1, 24.6 and 12.4, on a line for the formula.
    """
    workers = _array(trace.worker_counts)
    ax.loglog(workers, _array(trace.predicted), color=RED, label="by formula")
    measured = {
        "color": BLUE,
        "markersize": 8,
        "fillstyle": "none",
        "label": "measured",
    }
    ax.loglog(workers, _array(trace.variances), "o", markeredgewidth=1.6, **measured)
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter(lambda value, _: _n(value))
    ax.set(xlabel="workers", ylabel="variance of the gradient")
    _legend_above(ax, 2)
    return (
        f"The variance of the averaged gradient over "
        f"{_listed(map(str, trace.worker_counts))} workers with batches of "
        f"{trace.batch_size}, both on logarithmic scales: {_and(trace.variances)}, on a "
        "line for the formula."
    )


@_draws(figsize=(4.8, 3.6))
def crossing_costs(trace: Costs, ax: Axes = NEW) -> str:
    """Plot the products that steps take, on all rows and on sums of them.

    Examples
    --------
    >>> from gdbook.examples.beyond_one_machine import costs
    >>> print(crossing_costs(costs()).alt)
    Products over 1 to 10000 steps, both on logarithmic scales, for 1000000 rows of 100 inputs. Steps on all rows take 200000000 to 2 × 10¹²; steps on sums take 10100000000 to 10200000000, and fewer from step 51 on.
    """
    steps = _array(trace.step_counts)
    for name, values, color in (
        ("on all rows", trace.stepping, RED),
        ("on sums", trace.once, GREEN),
    ):
        ax.loglog(steps, _array(values), "o-", color=color, label=name)
    ax.axvline(trace.fewer_from, color=MUTED, linewidth=1.2, linestyle=":")
    ax.set(xlabel="steps", ylabel="products of two numbers")
    _legend_above(ax, 2)
    return (
        f"Products over {trace.step_counts[0]} to {trace.step_counts[-1]} steps, both on "
        f"logarithmic scales, for {trace.n_samples} rows of {trace.n_inputs} inputs. "
        f"Steps on all rows take {_ends(trace.stepping)}; steps on sums take "
        f"{_ends(trace.once)}, and fewer from step {trace.fewer_from} on."
    )


def _ends(values: Sequence[Number]) -> str:
    return f"{_n(values[0])} to {_n(values[-1])}"


@_draws(figsize=(4.8, 3.6))
def lost_figures(trace: LostDigits, ax: Axes = NEW) -> str:
    """Plot how far the lowest point of rounded sums is off, over the condition number.

    Examples
    --------
    >>> from gdbook.examples.beyond_one_machine import lost_digits
    >>> print(lost_figures(lost_digits((0.1, 0.001, 1e-5, 1e-7))).alt)
    The error of the lowest point over the condition number of the rows, both on logarithmic scales. Where that is 14.2 to 14100000, rounded sums are off by 6.94 × 10⁻¹⁶ to 0.0008, near a line for a rounding times its square; a rounding times the number itself is 1.57 × 10⁻¹⁵ to 1.57 × 10⁻⁹.
    """
    of_rows, errors = _array(trace.of_rows), _array(trace.errors)
    ax.loglog(of_rows, UNIT * of_rows**2, color=MUTED, linewidth=1.2)
    ax.loglog(of_rows, UNIT * of_rows, color=GREEN, linestyle="--")
    shown = errors > 0
    ax.loglog(of_rows[shown], errors[shown], "o", color=RED)
    _name_at_end(ax, of_rows[-1], float(UNIT * of_rows[-1] ** 2), "sums", RED)
    _name_at_end(ax, of_rows[-1], float(UNIT * of_rows[-1]), "rows", GREEN)
    ax.set(xlabel="condition number of the rows", ylabel="error of the lowest point")
    return (
        "The error of the lowest point over the condition number of the rows, both on "
        f"logarithmic scales. Where that is {_ends(trace.of_rows)}, rounded sums are off "
        f"by {_ends(trace.errors)}, near a line for a rounding times its square; a "
        f"rounding times the number itself is {_ends((UNIT * of_rows).tolist())}."
    )


@_draws(figsize=(4.8, 3.6))
def projected_steps(trace: Projection, ax: Axes = NEW) -> str:
    """Plot the time of a step over the number of workers, and its least.

    Examples
    --------
    >>> from gdbook.examples.beyond_one_machine import projection
    >>> print(projected_steps(projection()).alt)
    Seconds of a step over 1 to 10000 workers, both on logarithmic scales: 808, 80.8, 8.18, 1.81 and 10.1, the sum of reading, which falls, and of handing out tasks, which rises. It is least, 1.8, with 899 workers.
    """
    ends = _array(trace.worker_counts)[[0, -1]]
    size, rate = _array(trace.reading[:1])[0] * ends[0], _array(trace.scheduling[:1])[0]
    workers = np.geomspace(ends[0], ends[1], 101)
    reading, scheduling = size / workers, rate / ends[0] * workers
    ax.loglog(workers, reading, color=BLUE, linewidth=1.2, label="reading")
    ax.loglog(workers, scheduling, color=RED, linewidth=1.2, label="handing out")
    ax.loglog(workers, reading + scheduling, color=PURPLE, label="both")
    ax.plot(_array(trace.worker_counts), _array(trace.steps), "o", color=PURPLE)
    ax.plot(trace.best_workers, trace.best_step, markersize=13, **LOWEST)
    best = f"{_n(round(trace.best_workers), 9)}"
    _note(ax, f"{best} workers", (trace.best_workers, trace.best_step), (0, 30))
    ax.set(xlabel="workers", ylabel="seconds a step")
    _legend_above(ax, 3)
    return (
        f"Seconds of a step over {trace.worker_counts[0]} to {trace.worker_counts[-1]} "
        f"workers, both on logarithmic scales: {_and(trace.steps)}, the sum of reading, "
        "which falls, and of handing out tasks, which rises. It is least, "
        f"{_n(trace.best_step)}, with {best} workers."
    )
