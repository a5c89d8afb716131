"""Draw the chapter on linear regression: lines and their valley."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gdbook import losses
from gdbook._checks import Number
from gdbook.examples.linear_regression import (
    HoursAndGrades,
    LinearSteps,
    solve_line,
)
from gdbook.gradients import with_intercept
from gdbook.plotting._base import (
    BLUE,
    GREEN,
    LOWEST,
    MUTED,
    NEW,
    PURPLE,
    RED,
    _array,
    _contours,
    _count,
    _draws,
    _grid,
    _legend_above,
    _listed,
    _n,
    _name_at_end,
    _note,
    _pair,
)


@_draws(figsize=(4.8, 3.6))
def lines(trace: LinearSteps, ax: Axes = NEW) -> str:
    """Draw the data with the line before, after the first step, and at the end.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import linear_steps
    >>> print(lines(linear_steps(num_steps=1)).alt)
    Data at (0.5, 0.8), (2, 1) and (1, 1.5). The line starts as y = 0 x + 0 with loss 1.3, is y = 0.26 x + 0.22 after 1 step with loss 0.437, and the best line is y = 0.0429 x + 1.05 with loss 0.086.
    """
    inputs = _array(trace.inputs)
    reach = np.array([0.0, 1.2 * float(np.max(inputs))])
    steps = _count(trace.num_steps, "step")
    drawn = (
        ("start", trace.slopes[0], trace.intercepts[0], MUTED),
        (f"after {steps}", trace.new_slope, trace.new_intercept, BLUE),
        ("best", trace.best_slope, trace.best_intercept, GREEN),
    )
    for name, slope, intercept, color in drawn:
        ys = float(slope) * reach + float(intercept)
        ax.plot(reach, ys, color=color)
        _name_at_end(ax, reach[1], ys[1], name, color)
    ax.plot(inputs, _array(trace.targets), "o", color=RED, markersize=8)
    ax.set(xlabel="x", ylabel="y", xlim=(0, reach[1]))
    points = [_pair(point) for point in zip(trace.inputs, trace.targets, strict=True)]
    return (
        f"Data at {_listed(points)}. The line starts as "
        f"{_line(*drawn[0][1:3])} with loss {_n(trace.losses[0])}, is "
        f"{_line(*drawn[1][1:3])} after {steps} with loss {_n(trace.new_loss)}, and "
        f"the best line is {_line(*drawn[2][1:3])} with loss {_n(trace.best_loss)}."
    )


def _line(slope: Number, intercept: Number) -> str:
    sign = "+" if intercept >= 0 else "\N{MINUS SIGN}"
    return f"y = {_n(slope)} x {sign} {_n(abs(float(intercept)))}"


@_draws(figsize=(4.8, 4.4))
def valley(trace: LinearSteps, ax: Axes = NEW) -> str:
    """Draw the loss over slope and intercept as a map, with a descent on it.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import linear_steps
    >>> print(valley(linear_steps(num_steps=200)).alt)
    Contours of the loss over slope and intercept, ellipses around the best line. The path starts at (0, 0), reaches its highest slope 0.446 at step 5, at (0.446, 0.469), and is at (0.044, 1.05) after 200 steps. The best line is at (0.0429, 1.05).
    """
    slopes, intercepts = _array(trace.slopes), _array(trace.intercepts)
    best = np.array([float(trace.best_slope), float(trace.best_intercept)])
    rows, targets = with_intercept(_array(trace.inputs)), _array(trace.targets)
    reach = 1.2 * max(
        float(np.max(abs(slopes - best[0]))), float(np.max(abs(intercepts - best[1])))
    )
    grid = _grid(
        lambda pair: losses.mean_squared_error(rows @ pair, targets),
        (best[0] - reach, best[0] + reach),
        (best[1] - reach, best[1] + reach),
    )
    lowest, start = float(trace.best_loss), float(trace.losses[0])
    levels = [lowest + (start - lowest) * 4.0**k for k in (-4, -3, -2, -1, 0)]
    _contours(ax, *grid, levels)
    ax.plot(slopes, intercepts, "o-", color=BLUE, linewidth=1.4, markersize=4)
    ax.plot(*best, markersize=13, **LOWEST)
    peak = trace.highest_slope_step
    _note(ax, "start", (slopes[0], intercepts[0]), (-26, -12))
    _note(
        ax,
        f"step {peak}: slope {_n(trace.highest_slope)}",
        (slopes[peak], intercepts[peak]),
        (16, 2),
        ha="left",
    )
    _note(ax, f"best: {_pair(best)}", tuple(best), (44, 26), color=GREEN)
    ax.set(xlabel="slope m", ylabel="intercept b")
    ax.set_aspect("equal")
    return (
        "Contours of the loss over slope and intercept, ellipses around the best "
        f"line. The path starts at {_pair((slopes[0], intercepts[0]))}, reaches its "
        f"highest slope {_n(trace.highest_slope)} at step {peak}, at "
        f"{_pair((slopes[peak], intercepts[peak]))}, and is "
        f"at {_pair((slopes[-1], intercepts[-1]))} after "
        f"{trace.num_steps} steps. The best line is at {_pair(best)}."
    )


@_draws(figsize=(4.8, 4.4))
def flat_lines(trace: LinearSteps, ax: Axes = NEW) -> str:
    """Draw where the loss has no slope along one weight, and a descent on the same map.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import linear_steps
    >>> print(flat_lines(linear_steps(num_steps=200)).alt)
    Two straight lines over slope and intercept: on one the loss has no slope along m, on the other none along b. They cross at (0.0429, 1.05), the best line. A descent from (0, 0) is at (0.044, 1.05) after 200 steps.
    """
    solved = solve_line(trace.inputs, trace.targets)
    slopes, intercepts = _array(trace.slopes), _array(trace.intercepts)
    best = (float(solved.slope), float(solved.intercept))
    reach = 1.2 * max(
        float(np.max(abs(slopes - best[0]))), float(np.max(abs(intercepts - best[1])))
    )
    ends = np.array([best[0] - reach, best[0] + reach])
    for row, side, color, name in zip(
        _array(solved.matrix),
        _array(solved.right_sides),
        (RED, PURPLE),
        ("no slope along m", "no slope along b"),
        strict=True,
    ):
        ax.plot(ends, (side - row[0] * ends) / row[1], color=color, label=name)
    ax.plot(slopes, intercepts, "o-", color=BLUE, linewidth=1.2, markersize=3)
    ax.plot(*best, markersize=13, **LOWEST)
    _note(ax, f"best: {_pair(best)}", best, (54, 30), color=GREEN)
    _legend_above(ax, columns=2)
    ax.set(xlabel="slope m", ylabel="intercept b")
    ax.set(xlim=ends, ylim=(best[1] - reach, best[1] + reach))
    ax.set_aspect("equal")
    return (
        "Two straight lines over slope and intercept: on one the loss has no slope "
        f"along m, on the other none along b. They cross at {_pair(best)}, the best "
        f"line. A descent from {_pair((slopes[0], intercepts[0]))} is at "
        f"{_pair((slopes[-1], intercepts[-1]))} after {trace.num_steps} steps."
    )


@_draws(figsize=(4.8, 3.4))
def slope_and_intercept(trace: LinearSteps, ax: Axes = NEW) -> str:
    """Plot slope and intercept over the steps, the first ones spread out.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import linear_steps
    >>> print(slope_and_intercept(linear_steps(num_steps=200)).alt)
    Slope and intercept over 200 steps, on a logarithmic scale. The slope is highest at step 5, 0.446, and ends at 0.044; the intercept ends at 1.05. The best line has slope 0.0429 and intercept 1.05.
    """
    steps = np.arange(trace.num_steps + 1)
    peak = trace.highest_slope_step
    for name, values, best, color in (
        ("intercept b", trace.intercepts, trace.best_intercept, PURPLE),
        ("slope m", trace.slopes, trace.best_slope, BLUE),
    ):
        ax.plot(steps, _array(values), color=color)
        ax.axhline(float(best), color=color, linewidth=1, linestyle=":")
        _name_at_end(ax, steps[-1], float(values[-1]), name, color)
    ax.plot([peak], [float(trace.highest_slope)], "o", color=BLUE)
    _note(
        ax,
        f"{_n(trace.highest_slope)} at step {peak}",
        (peak, float(trace.highest_slope)),
        (-30, 26),
        color=BLUE,
    )
    ax.set_xscale("symlog", linthresh=1)
    ax.set(xlabel="step", ylabel="value", xlim=(0, steps[-1]))
    marks = [0, *(10**k for k in range(int(math.log10(max(1, steps[-1]))) + 1))]
    ax.set_xticks(marks, [str(mark) for mark in marks])
    ax.minorticks_off()
    return (
        f"Slope and intercept over {trace.num_steps} steps, on a logarithmic scale. The "
        f"slope is highest at step {peak}, {_n(trace.highest_slope)}, and ends at "
        f"{_n(trace.new_slope)}; the intercept ends at {_n(trace.new_intercept)}. The "
        f"best line has slope {_n(trace.best_slope)} and intercept "
        f"{_n(trace.best_intercept)}."
    )


@_draws(figsize=(4.8, 4.6))
def grades(trace: HoursAndGrades, ax: Axes = NEW) -> str:
    """Draw grades over hours with a first line and the best, each error as a square.

    Examples
    --------
    >>> from gdbook.examples.linear_regression import hours_and_grades
    >>> print(grades(hours_and_grades()).alt)
    Grades over hours studied. The line y = 1 x + 1 has mean squared error 5.4; the best line y = 0.55 x + 1.9 has 0.54, drawn as squares. It predicts grade 5.75 for 7 hours.
    """
    hours, marks = _array(trace.hours), _array(trace.grades)
    reach = np.array([0.0, 1.15 * float(np.max(hours))])
    slope, intercept = float(trace.new_slope), float(trace.new_intercept)
    ax.plot(
        reach,
        float(trace.slope) * reach + float(trace.intercept),
        color=MUTED,
        linewidth=1.4,
    )
    ax.plot(reach, slope * reach + intercept, color=GREEN)
    for hour, mark in zip(hours, marks, strict=True):
        error = slope * hour + intercept - mark
        ax.add_patch(
            Rectangle(
                (hour, mark), error, error, facecolor=BLUE, alpha=0.3, linewidth=0
            )
        )
        ax.plot([hour, hour], [mark, mark + error], color=BLUE, linewidth=1.4)
    ax.plot(hours, marks, "o", color=RED)
    new_hours, prediction = float(trace.new_hours), float(trace.prediction)
    ax.plot([new_hours], [prediction], "D", color=GREEN, markersize=7)
    _note(
        ax,
        f"{_n(trace.new_hours)} hours: {_n(trace.prediction)}",
        (new_hours, prediction),
        (48, -58),
        color=GREEN,
    )
    first = float(trace.slope) * 6.0 + float(trace.intercept)
    _note(
        ax, f"first guess, MSE {_n(trace.loss)}", (6.0, first), (-62, 22), color=MUTED
    )
    ax.set(
        xlabel="hours studied",
        ylabel="grade",
        xlim=tuple(reach),
        ylim=(0, 1.35 * float(np.max(marks))),
    )
    ax.set_aspect("equal")
    return (
        f"Grades over hours studied. The line {_line(trace.slope, trace.intercept)} has "
        f"mean squared error {_n(trace.loss)}; the best line "
        f"{_line(trace.new_slope, trace.new_intercept)} has {_n(trace.new_loss)}, drawn "
        f"as squares. It predicts grade {_n(trace.prediction)} for "
        f"{_n(trace.new_hours)} hours."
    )
