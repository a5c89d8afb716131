"""Rows cut into blocks and dealt to workers, of which one is killed."""

import math
from itertools import accumulate

import numpy as np

from gdbook.examples.stochastic_gradient import make_data
from gdbook.explorables._parts import (
    Explorable,
    Handle,
    Numbers,
    Readout,
    Slider,
    Task,
    Words,
)
from gdbook.explorables._print import printed
from gdbook.explorables._stage import Stage
from gdbook.plotting._base import BLUE, GREEN, INK, LOWEST, PURPLE, RED, _legend_above
from gdbook.sums import LeastSquares

__all__ = ["blocks"]

_N_ROWS, _MOST_WORKERS = 24, 6
_GAP = 0.12  # between blocks that follow each other, in rows
_MADE = make_data(_N_ROWS)
# Whole hours and grades, so that nothing is rounded where rows are added.
_GIVEN: Numbers = {
    "hours": [float(round(each)) for each in _MADE.hours],
    "grades": [float(round(each)) for each in _MADE.grades],
    "weights": [0.5, 2.0],
    "first": 1,
    "gap": _GAP,
}


def _cut(num_blocks: int) -> tuple[list[int], list[list[float]]]:
    """Return the sizes of the blocks, and the gradient as it adds up over them."""
    rows = np.column_stack([_GIVEN["hours"], np.ones(_N_ROWS)])
    grades = np.array(_GIVEN["grades"])
    pairs = zip(*(np.array_split(x, num_blocks) for x in (rows, grades)), strict=True)
    blocks = [LeastSquares(inputs, targets) for inputs, targets in pairs]
    shares = [
        block.gradient(_GIVEN["weights"]) * (block.n_samples / _N_ROWS)
        for block in accumulate(blocks)
    ]
    so_far = [[0.0, *map(float, each)] for each in zip(*shares, strict=True)]
    return [block.n_samples for block in blocks], so_far


def _deal(sizes: list[int], num_workers: int, after: float) -> Numbers:
    """Give the next block to whoever is free, until the first worker is killed."""
    free = [0.0] * num_workers
    waiting = [(0.0, number) for number in range(len(sizes))]  # since when, and which
    bars: Numbers = {name: {"x": [], "y": []} for name in ("done", "lost", "again")}
    fate, lost, by = "idle", -1, 0
    while waiting:
        worker = min(range(num_workers), key=free.__getitem__)
        now = free[worker]
        ready = [each for each in waiting if each[0] <= now]
        if not ready:
            free[worker] = waiting[0][0]
            continue
        if worker == 0 and now >= after:
            free[0], fate = math.inf, "between"
            continue
        waiting.remove(ready[0])
        number = ready[0][1]
        end, kind = now + sizes[number], "done"
        free[worker] = end
        if worker == 0 and end > after:
            end, kind, fate, lost = after, "lost", "killed", number
            free[0] = math.inf
            waiting.insert(0, (after, number))
        elif number == lost:
            kind, by = "again", worker + 1
        bars[kind]["x"] += [now + _GAP, end - _GAP]
        bars[kind]["y"] += [worker + 1, worker + 1]
    time = max(bars["done"]["x"] + bars["again"]["x"]) + _GAP
    return bars | {"fate": fate, "block": lost + 1, "by": by, "time": round(time)}


def _blocks(num_blocks: float, num_workers: float, after: float) -> Numbers:
    sizes, (along, beside) = _cut(int(num_blocks))
    dealt = _deal(sizes, int(num_workers), after)
    vain = dealt["lost"]["x"]
    return dealt | {
        "undisturbed": _deal(sizes, int(num_workers), math.inf)["time"],
        "vain": round(vain[1] - vain[0] + 2 * _GAP) if vain else 0,
        "sent": 3 * len(sizes),
        "sums": {"x": along, "y": beside},
        "gradient": [along[-1], beside[-1]],
    }


def _draw_blocks(stage: Stage) -> Words:
    left = stage.panel(
        xlim=(-3.5, 0.3),
        ylim=(-0.65, 0.1),
        xlabel="slope along m",
        ylabel="slope along b",
    )
    stage.line(left, "sums.y", "sums.x", color=PURPLE, marker="o", markersize=4)
    left.plot(*stage.get("gradient"), markersize=13, linestyle="", **LOWEST)
    right = stage.panel(
        xlim=(0, _N_ROWS),
        ylim=(_MOST_WORKERS + 0.6, 0.4),
        xlabel="rows read one after the other",
        ylabel="worker",
        xticks=range(0, _N_ROWS + 1, 4),
    )
    right.grid(visible=False, axis="y")
    bar = {"linewidth": 13, "solid_capstyle": "butt"}
    for name, color, says in (
        ("done", BLUE, "read"),
        ("lost", RED, "lost"),
        ("again", GREEN, "read again"),
    ):
        stage.pieces(right, f"{name}.y", f"{name}.x", color=color, **bar)
        right.plot([], [], color=color, linewidth=5, label=says)
    _legend_above(right, columns=3, fontsize=9)
    stage.line(right, "first", "after", color=INK, marker="x", linestyle="")
    along, beside = map(printed, stage.get("gradient"))
    return Words(
        "The gradient as it adds up block by block, and beside it a line for each "
        "worker with the blocks that it reads, over the rows read one after the other.",
        f"Worker 1 is killed in block {stage.get('block')}, and worker "
        f"{stage.get('by')} reads that block again: {stage.get('time')} rows instead "
        f"of {stage.get('undisturbed')}. The gradient stays ({along}, {beside}).",
    )


blocks = Explorable(
    "beyond_one_machine_blocks",
    controls=(
        Slider("num_blocks", "blocks", 6, 2, _N_ROWS, 1),
        Slider("num_workers", "workers", 3, 2, _MOST_WORKERS, 1),
        Slider("after", "worker 1 is killed at", 6, 1, _N_ROWS, 1),
    ),
    compute=_blocks,
    draw=_draw_blocks,
    readouts=(
        Readout("time", "rows one after the other", 0),
        Readout("vain", "rows read in vain", 0),
        Readout("sent", "numbers sent, three a block", 0),
        Readout("gradient", "gradient"),
    ),
    handles=(
        Handle(
            "Move the moment of the kill", x="after", y="first", across="after", panel=1
        ),
    ),
    given=_GIVEN,
    task=Task(
        {"num_blocks": 6, "num_workers": 5, "after": 2}, "The kill costs no time."
    ),
)
