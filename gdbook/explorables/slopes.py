"""A hidden sea floor: each probe shows how deep and how steep it is at one place."""

import math
from itertools import accumulate
from typing import Any

import numpy as np

from gdbook.descent import descend
from gdbook.explorables._parts import (
    Explorable,
    Handle,
    Log,
    Numbers,
    Readout,
    Slider,
    Task,
    Toggle,
    Words,
)
from gdbook.explorables._print import printed
from gdbook.explorables._runs import rested
from gdbook.explorables._stage import Stage
from gdbook.optimizers import GradientDescent
from gdbook.plotting._base import BLUE, INK, MUTED, RED, _legend_above

__all__ = ["probes"]

_WIDE, _MOST = 10.0, 12
_GRID = [each / 10 for each in range(101)]
_FIRST, _RATE, _GOAL, _WITHIN = 2.0, 0.08, 1.0, 8
# The middle and steepness of a bowl, height, frequency and phase of the waves on it,
# and how far all of it is below the surface.
_FLOORS = (
    (5.0, 1.3, 9.0, 1.0, 4.6, 53.0),
    (6.0, 1.9, 5.0, 1.7, 1.0, 84.0),
    (5.9, 0.9, 10.0, 1.3, 5.7, 63.0),
    (7.1, 1.4, 2.0, 1.7, 4.3, 78.0),
    (8.3, 1.2, 10.0, 1.2, 4.1, 86.0),
    (3.5, 1.8, 9.0, 1.3, 4.1, 88.0),
)


def height(floor: tuple[float, ...], x: Any) -> Any:
    """Return the height of a floor, which is below 0."""
    middle, steepness, waves, frequency, phase, level = floor
    bowl = steepness * (x - middle) ** 2
    return bowl + waves * np.cos(frequency * x + phase) - level


def slope(floor: tuple[float, ...], x: Any) -> Any:
    """Return the slope of a floor."""
    middle, steepness, waves, frequency, phase, _ = floor
    bowl = 2 * steepness * (x - middle)
    return bowl - waves * frequency * np.sin(frequency * x + phase)


def guessed(floor: tuple[float, ...]) -> list[float]:
    """Return how deep blind guesses come on average, with the first probe given."""
    first, depths = -height(floor, _FIRST), -height(floor, np.array(_GRID))
    depths = np.sort(np.maximum(depths, first))
    # How likely all of so many guesses are no deeper than each place.
    shares = np.arange(len(depths) + 1) / len(depths)
    averages = (np.diff(shares**many) @ depths for many in range(1, _MOST))
    return [float(first), *map(float, averages)]


_GIVEN: dict[str, Any] = {
    "floors": [list(floor) for floor in _FLOORS],
    "guessed": [guessed(floor) for floor in _FLOORS],
    "grid": _GRID,
    "first": _FIRST,
    "rate": _RATE,
    "goal": _GOAL,
    "within": _WITHIN,
    "most": _MOST,
    "surface": 0,
    "rope": [0, 100],
}


def _probes(place: float, sea: float, probes: str, *, shown: bool) -> Numbers:
    del shown  # the floor is there, seen or not
    floor = _FLOORS[int(sea) - 1]
    noted = probes.split("_") if probes else []
    places = [_FIRST, *map(float, noted)]
    depths = [-float(height(floor, x)) for x in places]
    slopes = [float(slope(floor, x)) for x in places]
    run = descend(
        lambda x: height(floor, x),
        lambda x: slope(floor, x),
        _FIRST,
        GradientDescent(_RATE),
        num_steps=len(noted),
    )
    found = [-each for each in rested(run.losses, len(noted))]
    halves = [0.6 / math.hypot(1, steep / 13) for steep in slopes]
    tangents = [
        {"x": [x - half, x + half], "y": [y + steep * half, y - steep * half]}
        for x, y, steep, half in zip(places, depths, slopes, halves, strict=True)
    ]
    bottom = [-float(height(floor, x)) for x in _GRID]
    full = len(places) == _MOST
    return {
        "places": places,
        "depths": depths,
        "slope": slopes[-1],
        "tangents": [*tangents, *tangents[-1:] * (_MOST - len(places))],
        "deepest": list(accumulate(depths, max)),
        "bot": {
            "places": rested(run.params, len(noted)),
            "depths": found,
            "deepest": list(accumulate(found, max)),
        },
        "guessed": _GIVEN["guessed"][int(sea) - 1][: len(places)],
        "used": list(range(1, len(places) + 1)),
        "count": len(places),
        "yours": max(depths),
        "bots": max(found),
        "bottom": bottom,
        "at": [place, place],
        "met": max(depths[:_WITHIN]) >= max(bottom) - _GOAL,
        "next": probes if full else "_".join([*noted, f"{place:.15g}"]),
        "ended": "full" if full else "",
    }


def _draw_probes(stage: Stage) -> Words:
    left = stage.panel(xlabel="place (km)", ylabel="depth (m)")
    left.set(xlim=(-0.3, _WIDE + 0.3), ylim=(105, -12), yticks=range(0, 101, 20))
    left.axhline(0, color=BLUE, linewidth=1)
    stage.line(left, "rope", "at", color=MUTED, linestyle=":", linewidth=1)
    stage.line(left, "bottom", "grid", when="shown", color=INK, linewidth=1.2)
    for index in range(_MOST):
        name = f"tangents.{index}"
        stage.line(left, f"{name}.y", f"{name}.x", color=BLUE, linewidth=2)
    points: dict[str, Any] = {"linestyle": "", "markersize": 5}
    stage.line(left, "depths", "places", color=BLUE, marker="o", **points)
    points |= {"color": RED, "marker": "D", "markersize": 4}
    stage.line(left, "bot.depths", "bot.places", when="shown", **points)
    right = stage.panel(xlabel="probes", ylabel="deepest so far (m)")
    right.set(xlim=(0.5, _MOST + 0.5), ylim=(105, 0), xticks=range(2, _MOST + 1, 2))
    for name, color, label, mark in (
        ("deepest", BLUE, "you", "o"),
        ("bot.deepest", RED, "bot", "D"),
        ("guessed", MUTED, "guesses", ""),
    ):
        look: dict[str, Any] = {"color": color, "marker": mark, "markersize": 4}
        order = 4 if name == "deepest" else 3
        stage.line(right, name, "used", zorder=order, **look)
        right.plot([], [], label=label, **look)
    _legend_above(right, columns=3, fontsize=9)
    depth, steep = printed(stage.get("yours"), 1), printed(-stage.get("slope"), 1)
    return Words(
        "A hidden sea floor under a boat, with the depth and the tangent at each place "
        "that was probed; and the deepest so far over the number of probes, beside "
        "that of a bot that follows the slope, and of blind guesses on average.",
        f"At {printed(_FIRST)} km it is {depth} m deep, and the floor falls to the "
        f"right by {steep} m per km. You have found {depth} m, the bot {depth} m.",
    )


probes = Explorable(
    "slopes_probes",
    controls=(
        Slider("place", "place (km)", 5, 0, _WIDE, 0.1),
        Slider("sea", "sea floor", 1, 1, len(_FLOORS), 1),
        Log("probes", 0, _WIDE, _MOST - 1, anew="sea"),
        Toggle("shown", "show the floor and the bot"),
    ),
    compute=_probes,
    draw=_draw_probes,
    readouts=(
        Readout("count", "probes", 0),
        Readout("yours", "deepest of yours (m)", 1),
        Readout("bots", "deepest of the bot (m)", 1),
    ),
    handles=(Handle("Move the boat", x="place", y="surface", across="place"),),
    given=_GIVEN,
    carries={"probes": "next"},
    does="Probe",
    task=Task({"probes": "4.9"}, "That is deep enough."),
)
