"""Draw the chapter: yes and no, what a yes is worth, and where to put the threshold."""

import numpy as np
from matplotlib.axes import Axes

from gdbook.examples.rare_classes import (
    BaseRates,
    Ranking,
    RareDigit,
    Screening,
    ThresholdCosts,
    base_rates,
)
from gdbook.plotting._base import (
    BLUE,
    CLASSES,
    GREEN,
    MUTED,
    NEW,
    PAPER,
    RED,
    _array,
    _count,
    _draws,
    _legend_above,
    _listed,
    _n,
    _note,
)


@_draws(figsize=(4.8, 3.4))
def screened_people(trace: Screening, ax: Axes = NEW) -> str:
    """Draw a mark for each person: round if ill, and filled if the test says yes.

    Examples
    --------
    >>> from gdbook.examples.rare_classes import screening
    >>> print(screened_people(screening()).alt)
    1000 people as marks. Of 20 who are ill, 15 get a yes and 5 a no. Of 980 who are healthy, 30 get a yes, and 950 a no.
    """
    groups = (
        (trace.true_positives, 1, True, "ill, yes"),
        (trace.false_negatives, 1, False, "ill, no"),
        (trace.false_positives, 0, True, "healthy, yes"),
        (trace.true_negatives, 0, False, "healthy, no"),
    )
    height, begin = 20, 0
    for number, ill, says, words in groups:
        places = np.arange(begin, begin + number)
        color = CLASSES[ill]["color"]
        ax.plot(
            places // height,
            -(places % height),
            linestyle="",
            marker=CLASSES[ill]["marker"],
            markersize=4.5 if ill else 3.6,
            color=color,
            markerfacecolor=color if says else PAPER,
            markeredgewidth=1 if ill else 0.6,
            label=f"{number} {words}",
        )
        begin += number
    ax.axis("off")
    _legend_above(ax, 2, labelcolor=[CLASSES[ill]["color"] for _, ill, *_ in groups])
    return (
        f"{trace.n_people} people as marks. Of {trace.n_ill} who are ill, "
        f"{trace.true_positives} get a yes and {trace.false_negatives} a no. Of "
        f"{trace.n_people - trace.n_ill} who are healthy, {trace.false_positives} get a "
        f"yes, and {trace.true_negatives} a no."
    )


@_draws()
def precision_over_rate(trace: BaseRates, ax: Axes = NEW) -> str:
    """Plot what a yes is worth over the share of people who are ill.

    Examples
    --------
    >>> from gdbook.examples.rare_classes import base_rates
    >>> print(precision_over_rate(base_rates()).alt)
    The precision of one test over the share of ill people, on a logarithmic scale: 0.961 where it is 0.5, 0.333 where it is 0.02 and 0.0239 where it is 0.001.
    """
    rates, precisions = _array(trace.rates), _array(trace.precisions)
    every = np.geomspace(min(rates) / 2, 0.9, 200)
    curve = base_rates(
        every.tolist(), float(trace.recall), float(trace.false_alarm_rate)
    )
    ax.semilogx(every, curve.precisions, color=BLUE)
    ax.semilogx(rates, precisions, "o", color=BLUE)
    for rate, precision in zip(rates, precisions, strict=True):
        to = (-34, 8) if precision > 0.2 else (4, 26)
        _note(ax, _n(precision), (rate, precision), to, color=BLUE)
    ax.set(xlabel="share of ill people", ylabel="precision", ylim=(0, 1.04))
    points = _listed(
        f"{_n(precision)} where it is {_n(rate)}"
        for rate, precision in zip(rates, precisions, strict=True)
    )
    return (
        "The precision of one test over the share of ill people, on a logarithmic "
        f"scale: {points}."
    )


@_draws()
def ranking_steps(trace: Ranking, ax: Axes = NEW) -> str:
    """Plot precision over recall, sample by sample, and the steps that are averaged.

    Examples
    --------
    >>> from gdbook.examples.rare_classes import ranking
    >>> print(ranking_steps(ranking()).alt)
    Precision over recall for 10 samples, 4 of them true, from (0.25, 1) to (1, 0.4). The steps below the true ones have the area 0.83, and the base rate is 0.4. F1 is highest, 0.75, after sample 4.
    """
    recalls, precisions = _array(trace.recalls), _array(trace.precisions)
    true = _array(trace.targets) > 0
    at, heights = recalls[true], precisions[true]
    ax.bar(
        at, heights, width=-at[0], align="edge", color=GREEN, alpha=0.15, linewidth=0
    )
    ax.plot(recalls, precisions, color=MUTED, linewidth=1.2)
    for kind, words in ((1, "a yes that is right"), (0, "a yes that is wrong")):
        chosen = true == bool(kind)
        ax.plot(
            recalls[chosen],
            precisions[chosen],
            linestyle="",
            label=words,
            **CLASSES[kind],
        )
    ax.axhline(float(trace.base_rate), color=MUTED, linewidth=1, linestyle=":")
    ax.text(0.01, float(trace.base_rate), "base rate", color=MUTED, va="bottom")
    ax.set(xlabel="recall", ylabel="precision", xlim=(0, 1.04), ylim=(0, 1.06))
    _legend_above(ax, 2)
    return (
        f"Precision over recall for {_count(len(recalls), 'sample')}, {true.sum()} of "
        f"them true, from ({_n(recalls[0])}, {_n(precisions[0])}) to ({_n(recalls[-1])}, "
        f"{_n(precisions[-1])}). The steps below the true ones have the area "
        f"{_n(trace.average)}, and the base rate is {_n(trace.base_rate)}. F1 is "
        f"highest, {_n(max(trace.f1s))}, after sample {trace.best + 1}."
    )


@_draws(figsize=(4.8, 3.6))
def rare_curves(trace: RareDigit, ax: Axes = NEW) -> str:
    """Plot precision over recall of a rare digit, a line for each seed.

    Examples
    --------
    >>> from gdbook.examples.rare_classes import rare_digit
    >>> print(rare_curves(rare_digit(num_epochs=1, num_seeds=2)).alt[:72])
    Precision over recall of 33 pictures of the digit 8 among 1656, from 2 s
    """
    for recalls, precisions in zip(
        trace.curve_recalls, trace.curve_precisions, strict=True
    ):
        ax.plot(recalls, precisions, color=BLUE, linewidth=1, alpha=0.7)
    ax.plot(trace.recalls, trace.precisions, "o", color=RED)
    rightmost = int(np.argmax(trace.recalls))
    at = (trace.recalls[rightmost], trace.precisions[rightmost])
    _note(ax, "threshold of a half", at, (52, 16), color=RED)
    base_rate = trace.n_rare / trace.n_samples
    ax.axhline(base_rate, color=MUTED, linewidth=1, linestyle=":")
    ax.text(0.01, base_rate, "base rate", color=MUTED, va="bottom")
    ax.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.06))
    return (
        f"Precision over recall of {trace.n_rare} pictures of the digit {trace.digit} "
        f"among {trace.n_samples}, from {_count(len(trace.averages), 'seed')}. The "
        f"average precision is {_n(min(trace.averages))} to {_n(max(trace.averages))}, "
        f"and the base rate {_n(base_rate)}. At the threshold of a half the recall is "
        f"{_n(min(trace.recalls))} to {_n(max(trace.recalls))}."
    )


@_draws(figsize=(4.8, 3.6))
def cost_curves(trace: ThresholdCosts, ax: Axes = NEW) -> str:
    """Plot what the answers cost over the threshold, a line for each seed.

    Examples
    --------
    >>> from gdbook.examples.rare_classes import threshold_costs
    >>> print(cost_curves(threshold_costs(num_seeds=2)).alt[:79])
    The cost of the answers over the threshold from 2 seeds, where a miss costs 9 f
    """
    for row in trace.costs:
        ax.plot(trace.thresholds, _array(row), color=BLUE, linewidth=1, alpha=0.7)
    both = (trace.at_forecast, trace.at_half)
    low, high = (float(np.median(_array(costs))) for costs in both)
    for threshold, cost in ((float(trace.forecast), low), (0.5, high)):
        ax.plot(threshold, cost, "o", color=RED)
        _note(
            ax, f"{_n(threshold)}: {_n(cost)}", (threshold, cost), (26, 30), color=RED
        )
    ax.axhline(float(trace.cost_of_no), color=MUTED, linewidth=1, linestyle=":")
    ax.text(
        1, float(trace.cost_of_no), "no to all", color=MUTED, ha="right", va="bottom"
    )
    top = 1.6 * float(trace.cost_of_no)
    ax.set(xlabel="threshold", ylabel="cost", xlim=(0, 1), ylim=(0, top))
    return (
        f"The cost of the answers over the threshold from "
        f"{_count(len(trace.costs), 'seed')}, where a miss costs {_n(trace.miss_cost)} "
        f"false alarms. At the median it is {_n(high)} at the threshold of a half and "
        f"{_n(low)} at {_n(trace.forecast)}; no to all costs {_n(trace.cost_of_no, 5)}."
    )
