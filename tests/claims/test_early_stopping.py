"""What the chapter says, beyond its own numbers."""

import math
from fractions import Fraction
from itertools import pairwise
from statistics import mean
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdbook.datasets import diabetes
from gdbook.examples.early_stopping import (
    dealt_floors,
    many_splits,
    patiences,
    reduce_rate,
    refuse_damaged,
    resume_training,
    stop_early,
    swap_roles,
    three_parts,
    to_the_end,
    waiting,
)
from gdbook.glue import defaults

LOSSES = st.lists(st.integers(0, 30), min_size=2, max_size=20)
DISTINCT = st.lists(st.integers(0, 60), min_size=2, max_size=20, unique=True)


@pytest.mark.claims(
    "It has a bump of one epoch, a bump of two, and then it climbs for good.",
    "The losses are …, the first one before the training.",
    "Stop the run with a patience of …, and compare with the network after … epochs.",
    "The runs are those of the tumours, interrupted after epoch … of ….",
    "Back to the tumours, and to the third part.",
    "They are dealt into three parts with their shares of both kinds; the third one "
    "waits for the end of the chapter.",
    "One run, measured on two parts, from the first epoch on.",
)
def test_what_the_examples_share() -> None:
    """One deal, one length and one patience; and the losses that are waited for."""
    runs: tuple[Any, ...] = (
        *(three_parts, to_the_end, stop_early, resume_training),
        *(refuse_damaged, swap_roles),
    )
    assert len({defaults(example)["seed"] for example in runs}) == 1
    whole = (to_the_end, stop_early, swap_roles, many_splits)
    assert len({defaults(example)["num_epochs"] for example in whole}) == 1
    patience = {defaults(one)["patience"] for one in (stop_early, many_splits)}
    assert len(patience) == 1
    losses = defaults(waiting)["losses"]
    assert losses == defaults(patiences)["losses"]
    rises = "".join("+" if a < b else "-" for a, b in pairwise(losses))
    least = [n for n, loss in enumerate(losses) if loss == min(losses[: n + 1])]
    waits = [new - old for old, new in pairwise(least)]
    assert [wait - 1 for wait in waits if wait > 1] == [1, 2]
    assert rises[least[-1] :] == "+" * (len(losses) - 1 - least[-1])


@pytest.mark.claims(
    "A patience of … stops at the first bump, after epoch …, and misses the … that "
    "comes … epochs later.",
    "One of … gets over it and stops inside the second bump.",
    "One of … finds the least loss, …, and pays with … epochs that bring nothing.",
    "Here a patience of … is too short: it ends with …, after epoch ….",
    "The loss will be lower.",
    "In … of … splits the stopped network is the better one.",
    "The table has the floors themselves: runs that start where algebra ends, and how "
    "far the noise lifts them, on average over … seeds.",
    "It turns.",
    "Meanwhile the training loss goes on falling, to ….",
    "The run stopped after epoch …, which saves … of … epochs.",
    "The accuracy says little of it: of … tumours the network gets … wrong when it is "
    "restored, and … at the end.",
    "What grows is how sure it is of its mistakes.",
    "The loss is the mean of minus the logarithms of such probabilities, and one sure "
    "mistake is dear: at the end this single tumour makes up … percent of the loss.",
    "It is not a law: confidence is rewarded where the test part is easy to tell "
    "apart.",
    "From the weights alone, some weight is off by ….",
    "Keeping the place in the random numbers as well does not suffice, with …: Adam "
    "has forgotten its means.",
)
def test_what_the_page_shows() -> None:
    """Its own patiences, stop and floors."""
    short, middle, long = patiences()
    assert short.stop_epoch < middle.best_epoch
    assert middle.stop_epoch < long.best_epoch
    assert long.best_loss == min(long.losses) < middle.best_loss < short.best_loss
    assert long.stop_epoch - long.best_epoch == long.patience
    run = to_the_end()
    assert waiting(run.validation_losses, 1).best_loss > run.best_loss
    assert 0 < run.best_epoch < run.num_epochs
    assert run.validation_losses[-1] > 1.1 * run.best_loss
    assert run.losses[-1] < run.losses[run.best_epoch]
    stopped, many = stop_early(), many_splits()
    assert stopped.losses[0] < stopped.losses[1] == run.validation_losses[-1]
    assert stopped.saved_epochs > 0
    told, told_at_the_end = map(float, stopped.accuracies)
    assert abs(told - told_at_the_end) < 0.01
    restored, ended = stopped.least_probabilities
    assert ended < restored < 0.5
    n_samples: Any = three_parts().sizes[1]
    assert -math.log(float(ended)) > n_samples * float(stopped.losses[1]) / 4
    assert many.num_splits / 2 < many.num_better < many.num_splits
    whole, *forgetful = resume_training().differences
    assert whole == 0
    assert min(forgetful) > 0.01
    line, found = reduce_rate(), dealt_floors()
    assert found.learning_rates[4] == line.learning_rates[-1]
    assert found.learning_rates[0] == line.learning_rates[0]
    last = [
        max(run[-10:]) - line.least_loss for run in (line.losses, line.constant_losses)
    ]
    assert float(last[1]) > 100 * float(last[0])


@pytest.mark.claims(
    "So wait: stop when the best epoch so far, $b_t$, is $p$ epochs ago.",
    "More patience never ends with a worse validation loss, because it reads at least "
    "as far; what it buys may be little.",
)
@given(losses=LOSSES, patience=st.integers(1, 9))
def test_patience(losses: list[int], patience: int) -> None:
    """The stop is the first epoch that is so far from its best, or the end."""
    read, longer = patiences(losses, (patience, patience + 1))
    waits = [
        t - losses.index(min(losses[: t + 1])) >= patience for t in range(len(losses))
    ]
    out = True in waits
    assert read.stop_epoch == (waits.index(True) if out else len(losses) - 1)
    assert not out or read.stop_epoch - read.best_epoch == patience
    assert longer.stop_epoch >= read.stop_epoch
    assert longer.best_loss <= read.best_loss


@pytest.mark.claims(
    "The longer ones all find …, and differ only in the time they take: …, …, … "
    "epochs, or all …."
)
def test_longer_patiences_differ_in_time() -> None:
    """Every patience from 2 on, up to one that outlasts the run."""
    run = to_the_end()
    first, *longer = patiences(run.validation_losses, range(1, 42))
    assert first.best_loss > run.best_loss
    assert {read.best_loss for read in longer} == {run.best_loss}
    for read in longer:
        assert read.stop_epoch == min(run.best_epoch + read.patience, run.num_epochs)


@pytest.mark.claims(
    "Between one best epoch and the next there are up to … epochs: a patience of that "
    "many, or more, finds the best of all, and a shorter one does not."
)
@given(losses=DISTINCT)
def test_the_patience_that_it_takes(losses: list[int]) -> None:
    """The widest gap between records is the least patience that finds the last one."""
    records = waiting(losses, len(losses)).best_epochs
    gap = max(new - old for old, new in pairwise(records))
    for patience in range(1, len(losses)):
        found = waiting(losses, patience).best_loss == min(losses)
        assert found == (patience >= gap)


@pytest.mark.claims(
    "No patience is right for every run: behind a hill that is longer, a lower loss "
    "may lie.",
)
@pytest.mark.parametrize("patience", [1, 5, 20])
def test_a_longer_hill(patience: int) -> None:
    """It passes a hill of which it sees the end, and stops on one that is longer."""
    for length, best in ((patience, 2), (patience - 1, 1)):
        assert waiting([3, 2, *[4] * length, 1], patience).best_loss == best


@pytest.mark.claims(
    "A loss of $1 + 1/2^t$ falls in every epoch, and no patience stops it."
)
@given(num_epochs=st.integers(1, 200))
def test_a_loss_that_creeps(num_epochs: int) -> None:
    """Not even the shortest patience."""
    creeping = [1 + Fraction(1, 2**t) for t in range(num_epochs + 1)]
    assert all(new < old for old, new in pairwise(creeping))
    assert waiting(creeping, 1).stop_epoch == num_epochs


@pytest.mark.claims(
    "Then whoever chose is never harder than whoever judges, on average over both "
    "roles:",
    "This holds for any two lists of losses: $A_a \\le A_b$ because $a$ is where $A$ "
    "is least, and $B_b \\le B_a$ for the same reason.",
    "The two sides are equal only where each part likes the other's choice as much as "
    "its own.",
)
@given(lists=st.lists(st.tuples(*[st.integers(0, 9)] * 2), min_size=1, max_size=12))
def test_the_law_of_swapped_roles(lists: list[tuple[int, int]]) -> None:
    """For any two lists, and with equality where both choices tie."""
    first, second = zip(*lists, strict=True)
    a, b = first.index(min(first)), second.index(min(second))
    own, other = first[a] + second[b], first[b] + second[a]
    assert first[a] <= first[b]
    assert second[b] <= second[a]
    assert own <= other
    assert (own == other) == (first[a] == first[b] and second[a] == second[b])


@pytest.mark.claims(
    "It is no accident of this split: dealt in … ways, the validation loss ends at … "
    "to … times its least.",
    "On the … splits where the longer run wins, its loss is … or less, on the others … "
    "or more.",
    "Each dot is where a part chooses, each diamond what it says of the other's "
    "choice: a dot is never above the diamond on its own line.",
    "Over the … splits the choosers say … and the judges …, which is … percent more.",
    "In no split are the judges below the choosers.",
)
def test_splits() -> None:
    """Those of the page, and two more."""
    many = many_splits()
    swaps = [swap_roles(40, seed) for seed in range(14)]
    assert len(set(swap_roles().best_epochs)) == 2
    grown = [swap.losses[0][-1] / min(swap.losses[0]) for swap in swaps]
    assert list(many.growths) == grown[:12]
    assert min(grown) > 1.1
    assert len([1 for swap in swaps if len(set(swap.best_epochs)) == 2]) > 9
    for swap in swaps:
        for own, other, part, place in zip(
            swap.own_losses,
            reversed(swap.other_losses),
            swap.losses,
            (1, 0),
            strict=True,
        ):
            assert own == min(part) <= other == part[swap.best_epochs[place]]
        assert swap.own_mean <= swap.other_mean
    own, other = (
        mean(getattr(s, name) for s in swaps) for name in ("own_mean", "other_mean")
    )
    assert own < other
    won: dict[bool, list[float]] = {True: [], False: []}
    for swap in swaps:
        read = waiting(swap.losses[0], 5)
        ends = swap.losses[1][-1]
        won[swap.losses[1][read.best_epoch] < ends].append(float(ends))
    assert len(won[True]) > len(won[False]) > 0
    assert max(won[False]) < min(won[True])


@pytest.mark.claims(
    "One split cannot tell, because one part may be easier than the other; here the "
    "validation part is the easier one, whichever of its epochs is compared."
)
def test_an_easy_part() -> None:
    """On this split the validation part is easier; on others it is the test part."""
    validation, test = swap_roles().losses
    assert all(one < other for one, other in zip(validation, test, strict=True))
    assert max(validation[1:]) < min(test)
    others = [swap_roles(40, seed).losses for seed in range(6)]
    assert len({first[-1] < second[-1] for first, second in others}) == 2


def drawn_floor(rate: float, seed: int) -> float:
    """Measure the floor of batches that are drawn anew, from the best line on."""
    inputs, targets = (
        (x - x.mean(axis=0)) / x.std(axis=0)
        for x in (diabetes().inputs, diabetes().targets)
    )
    weights = best = np.linalg.lstsq(inputs, targets)[0]
    generator, above = np.random.default_rng(seed), []
    for _ in range(28 * 60):
        batch = generator.integers(0, len(inputs), 16)
        errors = inputs[batch] @ weights - targets[batch]
        weights = weights - rate * 2 * inputs[batch].T @ errors / 16
        # What a line has more than the best one is the square of their difference.
        above.append(float(((inputs @ (weights - best)) ** 2).mean()))
    return mean(above[28 * 20 :])


@pytest.mark.claims(
    "With a rate divided by …, the floor is … to … times lower, and not in proportion "
    "to the rate as … says of samples that are drawn anew.",
    "These batches are dealt: what one batch of an epoch adds, the others take back in "
    "part.",
)
def test_dealt_batches_sink_faster() -> None:
    """A quarter of the rate is 4 to 7 times less for drawn ones, 10 times for dealt."""
    rates = (0.05, 0.0125)
    high, low = (mean(drawn_floor(rate, seed) for seed in (0, 1)) for rate in rates)
    assert 3 < high / low < 7
    dealt = dealt_floors(rates[0], num_rates=2, num_seeds=4)
    assert dealt.floors[0] / dealt.floors[1] > 10
    assert dealt.floors[1] < low


@pytest.mark.claims(
    "The last reduction helps less than the first.",
    "Its floor is …, and the run has come down to …: the noise no longer holds it up, "
    "but its steps are short for the way that is left.",
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_last_reduction(seed: int) -> None:
    """The loss ends above the floor of its rate, and still falls."""
    line = reduce_rate(seed=seed)
    above = [float(loss - line.least_loss) for loss in line.losses]
    gains = [
        above[start] / above[end]
        for start, end in pairwise(
            (*line.reduced_after, line.losses.index(line.losses[-1]))
        )
    ]
    assert gains[-1] < gains[0]
    floor = dealt_floors(float(line.learning_rates[-1]), num_rates=2).floors[0]
    assert above[-1] > 2 * floor
    assert max(above[-10:]) < 0.01 * max(
        float(loss - line.least_loss) for loss in line.constant_losses[-10:]
    )
