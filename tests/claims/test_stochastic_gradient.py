"""What the chapter says, beyond its own numbers."""

from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from near import near
from strategies import as_samples, some_points

from gdbook.descent import batches
from gdbook.examples.linear_regression import linear_step
from gdbook.examples.stochastic_gradient import (
    StepsToLoss,
    batch_variance,
    cooling,
    make_data,
    measured_variance,
    noise_floor,
    noisy_paths,
    sample_mean,
    shuffled,
    steps_to_loss,
)
from gdbook.glue import defaults

NUMBERS = st.fractions(-5, 5, max_denominator=9)
POINTS = some_points(3, 4)
LINES = st.tuples(NUMBERS, NUMBERS)
SEEDS = range(1, 3)


@pytest.mark.claims(
    "The arithmetic is in fractions, so the last column is exact: for every batch "
    "size, the mean over all batches is the gradient ….",
    "It has to be, since every sample is in equally many batches.",
    "The gradient of two samples lies midway between the gradients of the two.",
    "Square it and average: whatever the distance, the noise of a fresh draw averages "
    "to zero, so their product does too.",
    "A mini-batch is a few of the samples, $B$ of them, and its gradient is the mean "
    "over these alone.",
)
@settings(max_examples=25)
@given(points=POINTS, line=LINES)
def test_right_on_average(
    points: list[tuple[Fraction, Fraction]], line: tuple[Fraction, Fraction]
) -> None:
    """Whatever the samples and the line, and exactly."""
    seen = sample_mean(**as_samples(points), slope=line[0], intercept=line[1])
    assert set(seen.means) == {seen.gradient}
    for same_size in seen.batches:
        counts = [sum(i in batch for batch in same_size) for i in range(len(points))]
        assert len(set(counts)) == 1
    singles = seen.gradients[0]
    for (i, j), pair in zip(seen.batches[1], seen.gradients[1], strict=True):
        ends = zip(singles[i], singles[j], strict=True)
        assert pair == tuple((a + b) / 2 for a, b in ends)


@pytest.mark.claims(
    "Batches of two form a smaller triangle around the same centre, so they agree "
    "better.",
    "Dealt, they have less: in each direction the small triangle has half the size of "
    "the large one, so the mean of its squared distances is … of the other: … for ….",
    "Drawn, batches of two have … of the variance of one sample.",
)
@settings(max_examples=25)
@given(points=some_points(3, 3), line=LINES)
def test_the_small_triangle(
    points: list[tuple[Fraction, Fraction]], line: tuple[Fraction, Fraction]
) -> None:
    """A pair lies opposite the sample that it leaves out, half as far away."""
    given_samples = as_samples(points)
    seen = sample_mean(**given_samples, slope=line[0], intercept=line[1])
    for single, pair in zip(seen.gradients[0], seen.gradients[1][::-1], strict=True):
        for one, two, centre in zip(single, pair, seen.gradient, strict=True):
            assert 2 * (two - centre) == centre - one
    spread = batch_variance(**given_samples, slope=line[0], intercept=line[1])
    assert 4 * spread.without_replacement[1] == spread.sample_variance
    assert 2 * spread.with_replacement[1] == spread.sample_variance


@pytest.mark.claims(
    "Take the three samples of the linear step in …, at slope and intercept zero.",
    "There the gradient is (…, …), the mean of three sample gradients.",
    "Three samples make three different batches of two.",
    "For one sample the variance of the three is ….",
    "Three samples need no mini-batches.",
    "Three samples in batches of two leave one over, and it gets a batch to itself.",
)
def test_three_samples() -> None:
    """The examples of the page take the same three, at the same line."""
    step, seen, exact = linear_step(), sample_mean(), batch_variance()
    assert seen.gradient == near((step.slope_gradient, step.intercept_gradient))
    assert [len(same_size) for same_size in seen.batches] == [3, 3, 1]
    assert [defaults(sample_mean)[name] for name in ("slope", "intercept")] == [0, 0]
    away = [
        sum((a - b) ** 2 for a, b in zip(one, seen.gradient, strict=True))
        for one in seen.gradients[0]
    ]
    assert sum(away) / 3 == exact.sample_variance
    assert exact.batch_sizes == (1, 2, 3)


@pytest.mark.claims(
    "For the rest of the chapter a stated process makes … students, each with hours of "
    "study drawn evenly between zero and …, and a grade with luck in it:",
    "Take … steps with the rate … from zero: once on a single sample each, once on …, "
    "once on all.",
    "The path on all samples costs … sample gradients, the path on single ones ….",
    "… steps on one sample, on …, and on all.",
    "Take the rates …, each … the one before, and steps on single samples.",
    "A batch of … is a small part of all.",
    "So for the small part it hardly matters, as dealing saves … percent of the "
    "variance, and for the large one it does, as it saves … percent.",
    "Even at its best rate the full batch looks at all samples in each of these steps.",
    "The law predicts it from one number, the variance … of a sample's gradient at the "
    "best line.",
    "Single samples arrive after … epochs, the full batch after ….",
    "The full batch looks at … samples to do what … can do.",
)
def test_the_students_of_the_page() -> None:
    """All runs draw the same ones, and what is called all or single is that."""
    examples: tuple[Any, ...] = (
        *(make_data, measured_variance, noisy_paths, noise_floor, cooling),
        *(steps_to_loss, shuffled),
    )
    drawn = {(d["n_samples"], d["seed"]) for d in map(defaults, examples)}
    assert len(drawn) == 1
    n_samples, _ = next(iter(drawn))
    single, few, every = defaults(noisy_paths)["batch_sizes"]
    assert single == 1 < few < every == n_samples
    noise = defaults(noise_floor)
    assert noise["batch_size"] == 1
    rates = noise["learning_rates"]
    assert [b / a for a, b in pairwise(rates)] == near([rates[1] / rates[0]] * 3)
    sizes = defaults(measured_variance)["batch_sizes"]
    saved = [(size - 1) / (n_samples - 1) for size in sizes]
    assert saved[2] < 0.02
    assert 0.4 < saved[4] < 0.6
    few_steps = noise_floor(num_steps=1, settle=0, n_lines=1)
    laws = [rate / 4 * few_steps.sample_variance for rate in rates]
    assert few_steps.predicted == near(laws)
    raced = defaults(steps_to_loss)["batch_sizes"]
    assert (raced[0], raced[4]) == (single, every)
    full = steps_to_loss((200,), (0.02,), n_samples=200, n_shuffles=2)
    assert full.sample_gradients[0] == 200 * full.num_steps[0]
    few_again = steps_to_loss((1,), (0.002,), n_samples=200, n_shuffles=2)
    assert few_again.sample_gradients[0] < full.sample_gradients[0]


@pytest.mark.claims(
    "The best line through all of them has slope … and intercept …, and leaves a loss "
    "of …, the part that is luck."
)
def test_what_is_left_is_luck() -> None:
    """The loss is σ², within four standard errors, from every seed."""
    for seed in SEEDS:
        made = make_data(seed=seed)
        error = (2 / made.n_samples) ** 0.5
        assert made.best_loss == near(made.noise**2, rel=4 * error)


@pytest.mark.claims(
    "Errors of samples that are drawn one by one, each time from all of them, are "
    "independent, so in a sum their variances add up.",
    "The fewer are left, the less can go wrong, and with all of them nothing can:",
    "Every batch there is went into these numbers, and both formulas hold exactly.",
    "The variance falls as one over the batch size; dealing saves the share of it "
    "that the batch is of all samples, up to a single sample.",
    "The gradient of a few samples is right on average, and its variance is that of "
    "one sample over their number, less where they are dealt.",
)
@settings(max_examples=25)
@given(points=POINTS, line=LINES)
def test_variances(
    points: list[tuple[Fraction, Fraction]], line: tuple[Fraction, Fraction]
) -> None:
    """Both formulas hold for every batch size, exactly."""
    n = len(points)
    sizes = tuple(range(1, n + 1))
    seen = batch_variance(sizes, **as_samples(points), slope=line[0], intercept=line[1])
    assert seen.with_replacement == seen.formula_with
    assert seen.without_replacement == seen.formula_without
    one = seen.sample_variance
    assume(one)
    for size, drawn, dealt in zip(
        sizes, seen.with_replacement, seen.without_replacement, strict=True
    ):
        assert drawn * size == one
        saved = Fraction(drawn - dealt) / Fraction(drawn)
        assert saved == Fraction(size - 1, n - 1)
        assert 0 <= Fraction(size, n) - saved <= Fraction(1, n)
    assert all(a > b for a, b in pairwise(seen.without_replacement))


@pytest.mark.claims(
    "The measured points, … and … for the last, scatter a little around the lines, "
    "as they are means over batches drawn by chance.",
    "Variance of the gradient, measured over … batches of each size, on lines of the "
    "two formulas.",
)
def test_measured_variances() -> None:
    """Within four standard errors from every seed, and never on the line."""
    for seed in SEEDS:
        seen = measured_variance((10, 100), n_draws=300, n_samples=2000, seed=seed)
        for found, law in (
            (seen.with_replacement, seen.formula_with),
            (seen.without_replacement, seen.formula_without),
        ):
            # Squares of two normal numbers at most: √(2/300) = 0.08
            assert found == near(law, rel=4 * 0.082)
            assert all(a != b for a, b in zip(found, law, strict=True))


@pytest.mark.claims(
    "The noisy paths rattle across the valley and travel along it as the exact one "
    "does.",
    "All three come down the wall together and creep along the floor together.",
    "What the exact path bought with … times the work is that it does not rattle.",
    "They end … apart in the slope and … in the intercept, nearer to one another "
    "than to the best line.",
    "Along the floor of a narrow valley the slope is small, and noise that averages "
    "to zero does not make it greater.",
)
def test_paths_travel_together() -> None:
    """From every seed they end far from the best line, and near each other."""
    for seed in range(6):
        paths = noisy_paths((1, 10, 2000), n_samples=2000, seed=seed)
        heights = [end[1] for end in paths.ends]
        assert heights == near([heights[2]] * 3, abs=0.2)
        assert all(paths.best[1] - height > 1.2 for height in heights)
        slopes = [end[0] for end in paths.ends]
        off = [abs(slope - paths.best[0]) for slope in slopes]
        assert max(slopes) - min(slopes) < min(off)
        # Down the wall: a tenth of the steps takes nine tenths of the loss.
        assert all(loss[30] < loss[0] / 10 for loss in paths.excesses)
        falls = np.diff(paths.excesses, axis=1) < 0
        assert falls[2].all()
        assert not falls[0].all()
        assert not falls[1].all()


@pytest.mark.claims("The exact path will settle at the best line.")
def test_the_exact_path_settles() -> None:
    """After many steps on all samples nothing is left."""
    paths = noisy_paths((50,), 0.02, num_steps=4000, n_samples=50)
    assert paths.ends[0] == near(paths.best, rel=1e-6)


@pytest.mark.claims(
    "An epoch costs as many sample gradients as there are samples, whatever the "
    "batch size.",
    "Smaller batches make more steps of it.",
    "Every epoch still sees every sample once, in batches of ….",
    "In practice the samples are dealt: shuffled, and cut into batches until none is "
    "left.",
)
@pytest.mark.claims(
    "One pass through all samples, however many steps it takes.", page="glossary"
)
@pytest.mark.claims(
    "One pass through all samples is an epoch.", page="stochastic_gradient"
)
@settings(max_examples=30)
@given(
    n_samples=st.integers(1, 60),
    sizes=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_an_epoch(n_samples: int, sizes: tuple[int, int]) -> None:
    """Whatever the sizes, and whether they divide the samples or not."""
    small, large = (min(size, n_samples) for size in sorted(sizes))
    dealt = [
        list(batches(n_samples, size, np.random.default_rng(0)))
        for size in (small, large)
    ]
    for one in dealt:
        assert sorted(np.concatenate(one).tolist()) == list(range(n_samples))
    assert len(dealt[0]) >= len(dealt[1])


@pytest.mark.claims(
    "The loss above the least is $\\frac12 \\lambda V$.",
    "The directions add up, and so do the variances in them:",
)
@given(
    curvatures=st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)),
    angle=st.floats(0, 3),
    spread=st.tuples(st.floats(0, 4), st.floats(0, 4)),
)
def test_directions_add_up(
    curvatures: tuple[float, float], angle: float, spread: tuple[float, float]
) -> None:
    """In every turned valley the mean excess is half of the sum of λV."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    curved = turn @ np.diag(curvatures) @ turn.T
    ends = [
        turn @ (a * spread[0] ** 0.5, b * spread[1] ** 0.5)
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    excess = float(np.mean([end @ curved @ end / 2 for end in ends]))
    halves = [one * v / 2 for one, v in zip(curvatures, spread, strict=True)]
    assert excess == near(sum(halves), rel=1e-9, abs=1e-12)


def balance(rate: float, pulls: np.ndarray, kicks: np.ndarray) -> Any:
    """Solve M = E[(I − αH) M (I − αH)] + α² E[g gᵀ] for M."""
    shrink = np.eye(2) - rate * pulls
    carried = np.einsum("nij,nkl->ikjl", shrink, shrink).reshape(4, 4) / len(pulls)
    push = rate**2 * kicks.reshape(4)
    return np.linalg.solve(np.eye(4) - carried, push).reshape(2, 2)


@pytest.mark.claims(
    "The power is more than one because the law holds for small rates: it forgets the "
    "bracket, and that a sample with a large input also has a steeper pull.",
    "For a small rate the bracket is about $2$, and the curvature cancels.",
)
def test_the_power_of_the_floor() -> None:
    """Bracket and pull each raise the exact floor, more at greater rates."""
    for seed in SEEDS:
        made = make_data(1000, seed=seed)
        rows = np.column_stack([made.hours, np.ones(1000)])
        errors = rows @ (made.best_slope, made.best_intercept) - made.grades
        pulls = 2 * rows[:, :, None] * rows[:, None, :]
        curvature = pulls.mean(axis=0)
        kicks = np.einsum("n,ni,nj->ij", 4 * errors**2, rows, rows) / 1000
        rates = (1e-7, 0.0002, 0.0004, 0.0008, 0.0016)
        ratios = []
        for rate in rates:
            law = rate / 4 * float(np.trace(kicks))
            bracket = balance(rate, curvature[None], kicks)
            both = balance(rate, pulls, kicks)
            ratios.append(
                [float((curvature * m).sum() / 2 / law) for m in (bracket, both)]
            )
        assert ratios[0] == near([1, 1], rel=1e-4)
        for low, high in pairwise(ratios):
            assert low[0] < high[0]
            assert low[1] < high[1]
            assert high[0] < high[1]


@pytest.mark.claims(
    "… descents with each rate start at the very bottom, and noise lifts them.",
    "At a constant rate the loss settles on a floor that grows with the rate and "
    "falls with the batch, and a rate that is lowered to zero lowers the floor with "
    "it.",
)
@pytest.mark.claims(
    "How far above its least the loss settles on average, when the steps follow "
    "stochastic gradients at a constant rate.",
    page="glossary",
)
def test_floors() -> None:
    """From every seed a greater rate has a higher floor, a batch a lower one."""
    run: dict[str, Any] = {"num_steps": 600, "n_lines": 20, "n_samples": 1000}
    for seed in SEEDS:
        noise = noise_floor((0.0005, 0.0015), seed=seed, **run)
        batch = noise_floor((0.0005, 0.0015), batch_size=4, seed=seed, **run)
        assert all(losses[0] == near(0, abs=1e-25) for losses in noise.excesses)
        assert 0 < batch.floors[0] < noise.floors[0] < noise.floors[1]
        assert batch.floors[1] < noise.floors[1]


@pytest.mark.claims(
    "The large rate is down first and stays on its floor, the small one is still on "
    "its way.",
    "Lowered, the rate follows the large one and then sinks below both.",
    "A schedule has the good of both: hurry first, and let the noise die at the end.",
    "Over the last steps the large rate stands at …, the small one …, and the lowered "
    "one ….",
    "A large rate hurries and ends on a high floor.",
    "A small rate has a low floor and takes long to get there.",
    "Half-way the large rate stands … above the least loss, the small one …, and the "
    "lowered one, lowest already, ….",
)
def test_cooling() -> None:
    """From every seed."""
    for seed in SEEDS:
        cool = cooling(n_samples=2000, seed=seed)
        half = len(cool.steps) // 2
        assert cool.large[3] < cool.small[3]
        assert cool.cooled[half - 1] < cool.large[half - 1] < cool.small[half - 1]
        assert np.mean(cool.large[half:]) == near(np.mean(cool.large[10:half]), rel=0.2)
        assert all(a > b for a, b in pairwise(cool.small[half::4]))
        assert cool.cooled[3] == near(cool.large[3], rel=0.2)
        assert 10 * cool.ends[2] < min(cool.ends[:2])


@pytest.fixture(scope="module")
def races() -> list[StepsToLoss]:
    """Run the race of the page from other seeds."""
    return [steps_to_loss(seed=seed) for seed in (1, 2)]


@pytest.mark.claims(
    "You will fit a line to many grades without looking at all of them.",
    "Each size gets the best of the same rates, ….",
    "All of them race from a loss … above the least, and the loss is looked at after "
    "every step.",
    "The race gave the full batch no rate above …, although its bound is ….",
    "Below the winner in its column are rates that noise holds up, or that have left "
    "the race because their loss had grown above the first; above it are rates that "
    "are slower.",
    "The larger the batch, the fewer steps and the more epochs.",
    "Single samples arrive after … epochs, the full batch after ….",
    "For the small batches noise sets the rate: a larger batch has less of it, so by "
    "equation … a greater rate has the same floor, and fewer steps do.",
    "The largest batches all win with the greatest rate of the race, and take …, … "
    "and … steps: their rate is limited by the curvature, whose bound, two over the "
    "greatest curvature, is ….",
    "A larger batch saves steps as long as noise limits the rate, and hardly any "
    "once curvature does; shuffle before every epoch.",
)
def test_batch_sizes(races: list[StepsToLoss]) -> None:
    """The same rates win from every seed, and by the same law."""
    for seed, cost in enumerate(races, start=1):
        assert cost.winners == (0.003, 0.012, 0.024, 0.024, 0.024)
        assert all(a > b for a, b in pairwise(cost.num_steps))
        assert all(a < b for a, b in pairwise(cost.sample_gradients))
        assert cost.sample_gradients[0] < 10_000
        assert cost.num_steps[4] > 0.85 * cost.num_steps[2]
        assert cost.num_steps[2] < cost.num_steps[1] / 2 < cost.num_steps[0] / 4
        assert cost.rates[4] == max(cost.rates) < 2 / make_data(seed=seed).curvatures[1]
        variance = noise_floor(
            num_steps=1, settle=0, n_lines=1, seed=seed
        ).sample_variance
        floors = [rate / 4 * variance for rate in cost.rates]
        # The winner's floor is low enough, and that of the next rate is not.
        assert floors[1] < cost.wanted < floors[2]
        for size, winner, excesses in zip(
            cost.batch_sizes, cost.winners, cost.excesses, strict=True
        ):
            at = cost.rates.index(winner)
            assert all(a > b for a, b in pairwise(excesses[: at + 1]))
            assert all(excess > cost.wanted for excess in excesses[at + 1 :])
            grown = size == 1
            assert (excesses[-1] > cost.first_excess) == grown


@pytest.mark.claims(
    "With the weights held still, the mean over the batches of an epoch, all of one "
    "size, is the gradient in whatever order they come.",
)
@settings(max_examples=25)
@given(points=some_points(4, 4), line=LINES)
def test_the_mean_of_an_epoch(
    points: list[tuple[Fraction, Fraction]], line: tuple[Fraction, Fraction]
) -> None:
    """Any deal of four samples into two pairs."""
    seen = sample_mean(**as_samples(points), slope=line[0], intercept=line[1])
    pairs = dict(zip(seen.batches[1], seen.gradients[1], strict=True))
    for first in combinations(range(4), 2):
        rest = tuple(sorted({0, 1, 2, 3} - set(first)))
        both = zip(pairs[first], pairs[rest], strict=True)
        assert tuple((a + b) / 2 for a, b in both) == seen.gradient


@pytest.mark.claims(
    "But the weights move after every batch, and batches from a sorted list lean the "
    "same way many times in a row.",
    "The last batches of an epoch hold the best grades.",
    "In order, the loss ends at … above the least; shuffled before every epoch, at "
    "…, the mean of … descents of which the worst ends at ….",
    "In order, each epoch ends with the best students, and they pull the line up: "
    "its intercept is … and not ….",
    "Shuffling takes the order out of the samples, and costs no sample gradient.",
)
def test_order_does_harm() -> None:
    """From every seed even the worst of the shuffles ends closer, and not above."""
    for seed in (1, 2):
        dealt = shuffled(num_epochs=20, n_shuffles=10, seed=seed)
        assert dealt.in_order[-1] > 20 * dealt.greatest
        assert dealt.ends[0][1] > dealt.best[1] + 0.2
        assert dealt.ends[1][1] == near(dealt.best[1], abs=0.05)
        made = make_data(seed=seed)
        order = np.argsort(made.grades)
        errors = np.array(made.hours) * made.best_slope + made.best_intercept
        errors = (errors - made.grades)[order].reshape(100, 100).mean(axis=1)
        # At the best line the low grades lie below it, the high ones above.
        assert (errors[:10] > 0).all()
        assert (errors[-10:] < 0).all()


@pytest.mark.claims(
    "Each of their gradients is off the mark.",
    "In the mean of the two, the sample that is left over counts $\\frac12$, and each "
    "of the pair $\\frac12 \\cdot \\frac12$, where the gradient gives each of $n$ "
    "samples $1/n$.",
    "Over all deals each of them is left over once and in a pair $n - 1 = 2$ times:",
    "None of the three deals has the mean …, and the mean over the three has: "
    "shuffling lets each sample be the one left over equally often.",
)
def test_a_remainder() -> None:
    """Weights of a half, a quarter and a quarter."""
    seen = sample_mean()
    singles, pairs, _ = seen.gradients
    means = [
        tuple((a + b) / 2 for a, b in zip(pair, rest, strict=True))
        for pair, rest in zip(pairs, singles[::-1], strict=True)
    ]
    assert seen.gradient not in {*means, *pairs}
    assert tuple(sum(way) / 3 for way in zip(*means, strict=True)) == seen.gradient
    for left, mean in enumerate(means[::-1]):
        others = [single for at, single in enumerate(singles) if at != left]
        for one, (two, three), got in zip(
            singles[left], zip(*others, strict=True), mean, strict=True
        ):
            assert got == one / 2 + two / 4 + three / 4


@pytest.mark.claims(
    "Rate over batch size is what counts, so the floor stays where it was, up to luck.",
    "Each step goes … as far and costs … samples: the trade brings nothing as long "
    "as the rate is small against the bound of the curvature.",
)
@given(product=st.fractions(0, Fraction(1, 10)))
def test_the_trade(product: Fraction) -> None:
    """One step of 4αλ, or four of αλ: they differ by the square of what is small."""
    assert 0 <= (1 - product) ** 4 - (1 - 4 * product) <= 6 * product**2


def test_the_floor_of_the_trade() -> None:
    """The law gives both the same floor."""
    few: dict[str, Any] = {"num_steps": 2, "settle": 0, "n_lines": 1, "n_samples": 9}
    one = noise_floor((0.001, 0.002), **few)
    four = noise_floor((0.004, 0.008), batch_size=4, **few)
    assert four.predicted == near(one.predicted)


@pytest.mark.claims(
    "It comes down to …, and closer to the bound it takes more again, because there "
    "the steep direction, which swings from wall to wall, shrinks more and more "
    "slowly."
)
def test_close_to_the_bound() -> None:
    """The steep factor is negative, and its size climbs to one."""
    for seed in SEEDS:
        flat, steep = make_data(500, seed=seed).curvatures
        shares = (0.92, 0.95, 0.97, 0.985, 0.995)
        runs = [
            steps_to_loss(
                (500,), (share * 2 / steep,), n_samples=500, seed=seed
            ).num_steps[0]
            for share in shares
        ]
        assert runs[0] > runs[1] > runs[2] < runs[3] < runs[4]
        factors = [1 - 2 * share for share in shares]
        assert all(-1 < b < a < 0 for a, b in pairwise(factors))
        assert abs(factors[-1]) > 1 - shares[-1] * 2 * flat / steep
