"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near
from strategies import fractions, positive_fractions

from gdbook.datasets import digits
from gdbook.examples import capacity
from gdbook.examples.capacity import (
    KEPT_ASIDE,
    N_CLASSES,
    N_INPUTS,
    all_noises,
    capacity_curve,
    count_params,
    dropout_gap,
    final_test,
    grow,
    loss_spread,
    memorise,
    moon_fits,
    moon_seeds,
)
from gdbook.glue import defaults
from gdbook.splits import accuracy, hold_out

FEW = settings(max_examples=20)
RISING = st.lists(fractions(), min_size=3, max_size=4, unique=True).map(sorted)


@pytest.mark.claims(
    "Three models are to fit them: their mean, which has one number to choose, their "
    "line of least squares, which has two, and a network with a hidden layer of … "
    "nodes.",
    "Look for both where three networks, with one hidden layer of different widths, "
    "learn to part two moons from points that they share.",
    "The borders of three networks between … points.",
    "The network of … nodes in the capacity curve learns again from its samples, with "
    "a dropout of ….",
    "The first network has … hidden nodes.",
    "The luck of the first weights comes on top: this was seed …, and from the first … "
    "seeds this network reads from … to … of … digits.",
    "A digit has … pixels and belongs to one of … classes.",
    "It has … weights and … biases into the hidden layer, … weights and … biases out "
    "of it, … together.",
    "Now the digits, and a harsh trial: some samples are labelled wrongly, as happens "
    "where people label pictures by hand.",
)
def test_what_the_examples_share() -> None:
    """What one is said to take of another, it takes."""
    assert all_noises().n_fitted[:2] == (1, 2)
    assert len(set(defaults(moon_fits)["widths"])) == 3
    narrow, wide = (defaults(moon_seeds)[name] for name in ("narrow", "wide"))
    assert (narrow, wide) == defaults(moon_fits)["widths"][1:]
    curve, gap = defaults(capacity_curve), defaults(dropout_gap)
    assert (gap["width"],) in curve["hidden"]
    assert gap["rates"][0] == 0 < gap["rates"][1]
    assert curve["wrong_share"] > 0
    assert {name: gap[name] for name in gap if name in curve} == {
        name: curve[name] for name in curve if name in gap
    }
    assert [*count_params().sizes[::2]] == [N_INPUTS, N_CLASSES]
    assert len(count_params().weights) == 2
    search = defaults(grow)
    for example in (loss_spread, final_test):
        own = defaults(example)
        for name in ("num_epochs", "batch_size", "learning_rate"):
            assert own[name] == search[name]
    assert defaults(loss_spread)["hidden"] == defaults(final_test)["hidden"]
    assert defaults(final_test)["seed"] < defaults(loss_spread)["num_seeds"]


@pytest.mark.claims(
    "A dense layer has a weight for every pair of nodes that it joins, and a bias for "
    "every node that it feeds.",
    "Each further hidden node brings a weight from every pixel, a bias, and a weight "
    "to every class: … parameters.",
)
@FEW
@given(sizes=st.lists(st.integers(1, 9), min_size=3, max_size=4))
def test_counts(sizes: list[int]) -> None:
    """One node more has one number for each pair, and one of its own."""
    found = count_params(tuple(sizes))
    assert found.weights == tuple(a * b for a, b in pairwise(sizes))
    assert found.biases == tuple(sizes[1:])
    wider = count_params((sizes[0], sizes[1] + 1, *sizes[2:]))
    assert wider.total - found.total == sizes[0] + 1 + sizes[2]


@pytest.mark.claims(
    "Nothing in … asks where the targets come from, so the loss is zero for every set "
    "of targets, even for pure noise.",
    "By … it has … parameters, but its corners stand where the points do: the … "
    "output weights and the bias behind them are fitted, as many numbers as there are "
    "points.",
)
@FEW
@given(inputs=RISING, data=st.data())
def test_any_targets(inputs: list[Fraction], data: st.DataObject) -> None:
    """Whatever stands at the inputs, it is hit exactly."""
    count = len(inputs)
    targets = data.draw(st.lists(fractions(), min_size=count, max_size=count))
    found = memorise(inputs, targets)
    assert found.losses[2] == 0
    assert list(found.predictions[2]) == targets
    assert len(found.weights) + 1 == count
    assert count_params((1, count - 1, 1)).total == 3 * (count - 1) + 1


@pytest.mark.claims(
    "These models are fitted by least squares, with predictions that are linear in the "
    "$p$ fitted numbers, and for such models the means over the noise of $n$ points "
    "are",
    "A fitted number follows the noise by $s^2/n$, which is gained on the old points "
    "and lost on the new ones.",
    "On new points it falls from … to … and rises again to …, which is twice the "
    "noise's own …: the network repeats the old noise and meets the new one.",
    "The truth is a line, so the line of least squares misses nothing without noise.",
)
@FEW
@given(
    inputs=RISING, slope=fractions(), intercept=fractions(), size=positive_fractions()
)
def test_law_of_capacity(
    inputs: list[Fraction], slope: Fraction, intercept: Fraction, size: Fraction
) -> None:
    """For any points, line and noise: the misses, and the noise by p/n."""
    found: Any = all_noises(inputs, slope, intercept, size)
    truth = [slope * x + intercept for x in inputs]
    middle = sum(truth) / Fraction(len(truth))
    # The mean misses what the truth varies by; the others miss nothing.
    misses = (sum((y - middle) ** 2 for y in truth) / len(truth), 0, 0)
    for place, missed in enumerate(misses):
        share = Fraction(found.n_fitted[place], len(inputs))
        assert found.training_losses[place] == missed + size**2 * (1 - share)
        assert found.new_losses[place] == missed + size**2 * (1 + share)
    assert found.new_losses[2] == 2 * size**2


@pytest.mark.claims(
    "From the mean over the line to the network, the loss on the points of the fit "
    "falls; the loss on new points is least in between.",
    "The network is still better than the mean here, and with noise twice as large it "
    "would be worse.",
    "The points above lie above or below a line by ….",
)
def test_noises_of_the_book() -> None:
    """The points to memorise are one of the ways in which the noise can fall."""
    found: Any = all_noises()
    mean, line, network = found.training_losses
    assert mean > line > network
    mean, line, network = found.new_losses
    assert mean > line < network < mean
    mean, _, network = all_noises(size=2 * found.size).new_losses
    assert network > mean
    memory: Any = memorise()
    line = defaults(all_noises)
    truth = [line["slope"] * x + line["intercept"] for x in memory.inputs]
    apart = [abs(y - t) for y, t in zip(memory.targets, truth, strict=True)]
    assert all(gap == found.size for gap in apart)
    assert len(memory.inputs) == found.n_fitted[2]


@pytest.mark.claims(
    "The validation loss goes from … to …, because the wide network is sure of itself "
    "where it is wrong."
)
def test_sure_where_it_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its scores are larger there, and the points that it has wrong cost most of it."""
    scores: list[Any] = []
    share = accuracy

    def listened(logits: Any, targets: Any, **how: Any) -> Any:
        scores.append((2 * targets - 1) * logits)  # in the right direction
        return share(logits, targets, **how)

    monkeypatch.setattr(capacity, "accuracy", listened)
    found = moon_fits(widths=(3, 30), resolution=2)
    middle, wide = scores[1], scores[3]
    assert found.validation_losses[1] > found.validation_losses[0]
    sure = [-own[own < 0].mean() for own in (middle, wide)]
    assert sure[1] > 2 * sure[0]
    cost = np.log1p(np.exp(-wide))
    assert cost.mean() == near(found.validation_losses[1])
    assert cost[wide < 0].sum() > 0.9 * cost.sum()


@pytest.mark.claims(
    "Of … seeds, the wide network has the greater validation loss in …, and the "
    "smaller share of points right in …: the accuracy does not count how sure it was."
)
def test_other_moons() -> None:
    """One seed has the greater loss and more points right, another the smaller loss."""
    for seed, dearer, less_right in ((4, True, False), (5, False, False)):
        found = moon_fits((3, 30), resolution=2, seed=seed)
        middle, wide = found.validation_losses
        assert (wide > middle) == dearer
        middle, wide = found.validation_accuracies
        assert (wide < middle) == less_right


@pytest.mark.claims(
    "The first exercise draws the curve with right labels, and it does not turn up "
    "like that: on … samples it is the wrong labels that make too much room harmful.",
    "The training loss goes to …: the network of … nodes knows its samples by heart.",
    "Yet its validation loss is …, and that of the middle one ….",
)
@pytest.mark.parametrize(
    ("n_samples", "gains"),
    [(60, False), (defaults(capacity_curve)["n_samples"], True), (150, True)],
)
def test_room_and_wrong_labels(n_samples: int, gains: bool) -> None:  # noqa: FBT001
    """With wrong labels the wide one is worse, with right ones on few samples alone."""
    wide: Any = {"hidden": ((32,), (256,)), "n_samples": n_samples, "num_seeds": 2}
    share = defaults(capacity_curve)["wrong_share"]
    wrong, right = (capacity_curve(wrong_share=part, **wide) for part in (share, 0))
    middle, widest = wrong.mean_validation
    assert widest > 1.1 * middle
    middle, widest = right.mean_validation
    assert (widest < middle) == gains
    assert min(right.training_accuracies[1]) == 1


@pytest.mark.claims(
    "From width to width the training loss falls, to ….",
    "The validation loss falls from … to … at a width of …, and ends at ….",
)
def test_training_loss_falls() -> None:
    """From the first seed alone, too, and the other loss turns within the widths."""
    found = capacity_curve(num_seeds=1)
    assert 0 < found.best < len(found.hidden) - 1
    assert list(found.mean_training) == sorted(found.mean_training, reverse=True)


@pytest.mark.claims(
    "The count alone does not say what a network does with its room, and on these … "
    "samples depth does not pay.",
    "One layer reaches …, two reach …, and three …, as means over … seeds.",
)
def test_depth_on_few_samples() -> None:
    """With equally many parameters, each shape at its best of the rates of the page.

    The seeds are other ones than those of the page.
    """
    shapes = ((32,), (24, 24), (20, 20, 22))
    few = [
        capacity_curve(shapes, wrong_share=0, num_seeds=5, learning_rate=rate)
        for rate in (0.003, 0.01, 0.03)
    ]
    assert few[0].n_params == near((few[0].n_params[0],) * 3, rel=1e-3)
    seeds = defaults(capacity_curve)["num_seeds"]
    wide, *deep = (
        min(sum(run.validation_losses[shape][seeds:]) for run in few)
        for shape in range(len(shapes))
    )
    assert wide < min(deep)


@pytest.mark.claims(
    "Here one layer with as many parameters, … nodes, has the median ….",
    "From … seeds this network has validation losses from … to …, with the median …: a "
    "part of what chose it was luck.",
)
def test_search_from_two_seeds() -> None:
    """It must fall by the threshold, which the third seed prevents."""
    threshold = defaults(grow)["least_improvement"]
    hidden, n_seeds = defaults(final_test)["hidden"], defaults(grow)["num_seeds"]
    narrow, wide = (
        loss_spread((nodes,), num_seeds=n_seeds).values
        for nodes in (hidden[0], 2 * hidden[0])
    )
    assert n_seeds == 3
    doubled = hidden[0] / defaults(grow)["start"]
    assert doubled == 2 ** round(np.log2(doubled)) > 1
    falls: Any = [1 - sum(wide[:n]) / sum(narrow[:n]) for n in (2, 3)]
    assert falls[0] > threshold > falls[1]
    (n_inputs, n_classes), chosen = (N_INPUTS, N_CLASSES), (N_INPUTS, *hidden)
    total = count_params((*chosen, n_classes)).total
    nodes = (total - n_classes) // (n_inputs + 1 + n_classes)
    one_layer = count_params((n_inputs, nodes, n_classes)).total
    assert 0 <= total - one_layer < n_inputs + 1 + n_classes
    one_more = count_params((n_inputs, nodes + 1, n_classes)).total
    assert one_more > total
    deep, shallow = loss_spread(hidden), loss_spread((nodes,))
    assert deep.least < deep.median < shallow.median
    assert deep.greatest > shallow.least


@pytest.mark.claims(
    "For … nodes in one layer the solution is …, a whole number.",
    "By … one layer has $(n_0 + 1)\\,n + (n + 1)\\,n_2$ parameters, and two have $(n_0 "
    "+ 1)\\,m + (m + 1)\\,m + (m + 1)\\,n_2$.",
)
@FEW
@given(inputs=st.integers(1, 99), wide=st.integers(1, 99), classes=st.integers(1, 9))
def test_width_for_depth(inputs: int, wide: int, classes: int) -> None:
    """The counts, and where the equation of the page has its solution."""
    for m in range(1, 9):
        one, two = (
            count_params((inputs, *hidden, classes)).total
            for hidden in ((wide,), (m, m))
        )
        gap = m**2 + (inputs + classes + 2) * m - (inputs + classes + 1) * wide
        assert two - one == gap
    assert 24**2 + (64 + 10 + 2) * 24 == (64 + 10 + 1) * 32


@pytest.mark.claims(
    "The standard error of an accuracy on so many samples is … percent.",
    "A difference of one or two digits between two networks is within that luck, and "
    "a test that is used now to choose another one has become a validation.",
)
@FEW
@given(p=st.fractions(0, 1, max_denominator=20), n=st.integers(1, 12))
def test_luck_of_a_test(p: Fraction, n: int) -> None:
    """From the chances of every count; and two digits are less of the test."""
    chances = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    variance = sum(
        chance * (Fraction(k, n) - p) ** 2 for k, chance in enumerate(chances)
    )
    assert variance == p * (1 - p) / n
    n_test = len(hold_out(len(digits().labels), KEPT_ASIDE).held_out)
    for share in (0.97, 0.975, 0.98):
        assert (share * (1 - share) / n_test) ** 0.5 > 2 / n_test
