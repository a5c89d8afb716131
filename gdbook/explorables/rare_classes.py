"""A threshold among ten scores, where each that is not true stands for several."""

import numpy as np

from gdbook.examples.rare_classes import ranking
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
from gdbook.plotting._base import BLUE, CLASSES, INK, MUTED, _array, _legend_above
from gdbook.splits import confusion

__all__ = ["threshold"]

_NEAR = 1e-9  # what rounding leaves between a score and an equal threshold
_LOW, _HIGH = -0.5, 1.5
_RANKED = ranking()


def _threshold(threshold: float, others: float) -> Numbers:
    """Let each sample that is not true stand for several."""
    times = [1 if target else int(others) for target in _RANKED.targets]
    scores, targets = (
        np.repeat(_array(each), times)[:, None]
        for each in (_RANKED.scores, _RANKED.targets)
    )
    *_, least = _RANKED.scores
    # A threshold at the next score lets all through that are above it.
    points = [
        confusion(scores, targets, threshold=each)
        for each in (*_RANKED.scores[1:], least - 1)
    ]
    here = confusion(scores, targets, threshold=threshold + _NEAR)
    return {
        "recalls": [float(point.recall) for point in points],
        "precisions": [float(point.precision) for point in points],
        "line": {"x": [threshold, threshold], "y": [_LOW, _HIGH]},
        "yes": {
            "x": [threshold, 1, 1, threshold],
            "y": [_LOW, _LOW, _HIGH, _HIGH],
        },
        "found": here.true_positives,
        "alarms": here.false_positives,
        "accuracy": float(here.accuracy),
        "precision": float(here.precision),
        "recall": float(here.recall),
        "f1": float(here.f1),
        "highest": float(max(point.f1 for point in points)),
    }


def _draw_threshold(stage: Stage) -> Words:
    left = stage.panel(xlim=(0, 1), ylim=(_LOW, _HIGH), xlabel="score", yticks=(0, 1))
    left.set_yticklabels(["other", "true"])
    stage.area(left, "yes.y", "yes.x", facecolor=BLUE, alpha=0.12)
    stage.line(left, "line.y", "line.x", color=INK, linewidth=2)
    for label in (0, 1):
        chosen = [
            score
            for score, target in zip(_RANKED.scores, _RANKED.targets, strict=True)
            if target == label
        ]
        look = {"linestyle": "", "clip_on": False, "zorder": 3, **CLASSES[label]}
        left.plot(_array(chosen), [label] * len(chosen), **look)
    right = stage.panel(
        xlim=(0, 1.04), ylim=(0, 1.06), xlabel="recall", ylabel="precision"
    )
    right.plot(
        _array(_RANKED.recalls),
        _array(_RANKED.precisions),
        color=MUTED,
        linewidth=1,
        ls=":",
    )
    right.plot([], [], color=MUTED, linewidth=1, ls=":", label="one other for each")
    right.plot([], [], color=BLUE, label="as many as you set")
    look = {"color": BLUE, "linewidth": 1.2, "marker": "o", "markersize": 3.5}
    stage.line(right, "precisions", "recalls", **look)
    look = {"color": INK, "linestyle": "", "marker": "o", "markersize": 8}
    stage.line(right, "precision", "recall", **look)
    _legend_above(right, columns=2)
    found, alarms = stage.get("found"), stage.get("alarms")
    return Words(
        "Ten samples at their scores, those that are true above the others, and a "
        "threshold: what lies to the right of it gets a yes. Beside them precision "
        "over recall for all thresholds, and the place of this one.",
        f"Of the yeses {found} are right and {alarms} are false alarms: F1 is "
        f"{printed(stage.get('f1'))}.",
    )


threshold = Explorable(
    "rare_classes_threshold",
    controls=(
        Slider("threshold", "threshold", 0.2, 0, 0.85, 0.05),
        Slider("others", "others for each", 1, 1, 20, 1),
    ),
    compute=_threshold,
    draw=_draw_threshold,
    readouts=(
        Readout("precision", "precision"),
        Readout("recall", "recall"),
        Readout("accuracy", "accuracy"),
    ),
    handles=(
        Handle("Move the threshold", x="threshold", y="middle", across="threshold"),
    ),
    given={
        "scores": list(_RANKED.scores),
        "targets": list(map(int, _RANKED.targets)),
        "middle": 0.5,
        "ends": [_LOW, _HIGH],
        "near": _NEAR,
    },
    task=Task({"threshold": 0.5}, "No threshold has a higher F1."),
)
