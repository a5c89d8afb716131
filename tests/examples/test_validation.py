"""The worked examples of the chapter on validation."""

import inspect
import math
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain
from public import public
from referees import nearest, scaled_by
from tqdm import tqdm

from gdbook import fitting
from gdbook.datasets import breast_cancer, digits
from gdbook.examples import validation as examples
from gdbook.examples.validation import (
    BestGuesser,
    ClassShares,
    Deals,
    FoldCost,
    HeldOutSizes,
    KnownAndNew,
    LeakedChoice,
    Memoriser,
    NearestPictures,
    OneSplit,
    SamplesNeeded,
    Seeds,
    SignTest,
    Staircase,
    Writers,
    accuracy_and_loss,
    best_guesser,
    class_shares,
    deals,
    fold_cost,
    held_out_sizes,
    known_and_new,
    leaked_choice,
    memoriser,
    nearest_pictures,
    one_split,
    samples_needed,
    seeds,
    sign_test,
    whole_writers,
)
from gdbook.fitting import FitHistory, fit
from gdbook.glue import defaults
from gdbook.losses import SIGMOID_CROSS_ENTROPY, Loss
from gdbook.network import dense_network, forward
from gdbook.optimizers import Adam
from gdbook.splits import Split, folds, hold_out

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("1347", "450", "455", "114", "0.632", "0.991", "0.102", "−0.296", "0.667"),
    *("0.833", "1744", "0.854", "0.034", "100", "900", "10000", "90000", "22760"),
    *("5690", "28450", "3231920", "568", "377", "22", "63", "0.625"),
    *("1.15", "0.0018", "0.0001"),
)

# Sums may be taken in another order by the processor at hand, and 40 steps of Adam
# carry the last digit of each on.
CLOSE = 1e-6

once = cache(memoriser)
dealt = cache(deals)
drawn = cache(held_out_sizes)


def trained(
    inputs: Any,
    targets: Any,
    side: Any,
    *,
    hidden: tuple[int, ...],
    rate: float,
    num_epochs: int,
    batch_size: int,
    seed: int,
    loss: Loss = SIGMOID_CROSS_ENTROPY,
    scaled_on: Any = None,
) -> tuple[FitHistory, Any]:
    """Train with scaled inputs, and predict every sample."""
    scaled = scaled_by(inputs[side] if scaled_on is None else scaled_on, inputs)
    generator = np.random.default_rng(seed)
    sizes = (inputs.shape[1], *hidden, 1)
    history = fit(
        dense_network(sizes, generator),
        scaled[side],
        targets[side],
        loss=loss,
        rule=Adam(rate),
        num_epochs=num_epochs,
        batch_size=batch_size,
        generator=generator,
        progress=False,
    )
    return history, forward(history.layers, scaled)[-1]


def tumours() -> tuple[Any, Any]:
    """Give the inputs and the labels of the tumours."""
    found = breast_cancer()
    return found.inputs, found.labels


def right_answers(split: Any, labels: Any) -> Any:
    """Ask which held-out digits have the class of their nearest neighbour."""
    pixels = digits().inputs
    places = nearest(pixels[split.training], pixels[split.held_out])
    return labels[split.training][places] == labels[split.held_out]


class TestMemoriser:
    """On what it was shown it scores 1 both times."""

    def test_every_number_of_the_book(self) -> None:
        """The memoriser answers with the class of the nearest neighbour."""
        seen = once()
        assert isinstance(seen, Memoriser)
        # A quarter of 1797 is 449.25, and the split rounds up.
        assert (seen.n_training, seen.n_held_out) == (1347, 450)
        assert seen.training_accuracies == (1, 1)
        assert seen.held_out_accuracies == (446 / 450, 46 / 450)
        labels, split = digits().labels, hold_out(1797, 0.25)
        shuffled = np.random.default_rng(0).permutation(labels)
        for given, score in zip(
            (labels, shuffled), seen.held_out_accuracies, strict=True
        ):
            assert score == right_answers(split, given).mean()

    def test_other_numbers_give_other_results(self) -> None:
        """Half of the digits, from another seed."""
        seen = memoriser(0.5, 3)
        assert (seen.n_training, seen.n_held_out) == (898, 899)
        labels, split = digits().labels, hold_out(1797, 0.5, seed=3)
        assert seen.held_out_accuracies[0] == right_answers(split, labels).mean()
        known, asked = (labels[side].tolist() for side in split)
        most_common = max(range(10), key=known.count)
        assert seen.base_rate == asked.count(most_common) / 899

    def test_its_numbers_are_plain(self) -> None:
        """Python's numbers come out."""
        assert_plain(once())
        assert defaults(memoriser) == {"share": 0.25, "seed": 0}


class TestNearestPictures:
    """Above, digits that were kept aside; below, the nearest ones it has seen."""

    def test_every_number_of_the_book(self) -> None:
        """Two right answers, then three wrong ones, in the order of the split."""
        shown = nearest_pictures()
        assert isinstance(shown, NearestPictures)
        pixels, _, labels, _ = digits()
        split = hold_out(1797, 0.25)
        known, asked = (pixels[side] for side in split)
        right = right_answers(split, labels)
        chosen = [*np.flatnonzero(right)[:2], *np.flatnonzero(~right)[:3]]
        places = nearest(known, asked[chosen])
        assert shown.labels == tuple(labels[split.held_out][chosen])
        assert shown.answers == tuple(labels[split.training][places])
        assert shown.asked == tuple(
            tuple(map(tuple, asked[i].reshape(8, 8))) for i in chosen
        )
        assert shown.nearest == tuple(
            tuple(map(tuple, known[i].reshape(8, 8))) for i in places
        )
        assert_plain(shown)
        assert defaults(nearest_pictures) == {
            "num_right": 2,
            "num_wrong": 3,
            "share": 0.25,
            "seed": 0,
        }

    def test_as_many_as_there_are(self) -> None:
        """450 digits are held out, and the wrong ones can all be shown."""
        wrong = round(450 * (1 - once().held_out_accuracies[0]))
        assert len(nearest_pictures(0, wrong).labels) == wrong
        says = f"is {wrong + 1} but there are only {wrong} such pictures"
        with refused(ValueError, "num_wrong", says):
            nearest_pictures(0, wrong + 1)
        says = f"is 451 but there are only {450 - wrong} such pictures"
        with refused(ValueError, "num_right", says):
            nearest_pictures(num_right=451)
        assert nearest_pictures(1, 0).labels == nearest_pictures().labels[:1]

    def test_another_seed(self) -> None:
        """It is another split, with other pictures to ask for."""
        shown = nearest_pictures(450, 0, 0.3, 5)
        asked = digits().inputs[hold_out(1797, 0.3, seed=5).held_out]
        asked = asked.reshape(-1, 8, 8).tolist()
        asked = [tuple(map(tuple, picture)) for picture in asked]
        assert set(shown.asked) <= set(asked)


class TestOneSplit:
    """The loss is then two numbers, and the gradient is that of the first alone."""

    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"hidden": (), "share": 0.5, "learning_rate": 0.1, "num_epochs": 2}
            | {"batch_size": 50, "seed": 2},
        ],
        ids=["book", "other"],
    )
    def test_it_is_a_fit_on_one_side(self, given: dict[str, Any]) -> None:
        """The same network, trained on the split, with scaled inputs."""
        asked = defaults(one_split) | given
        run = one_split(**given)
        assert isinstance(run, OneSplit)
        inputs, labels = tumours()
        ours, theirs = hold_out(569, asked["share"], seed=asked["seed"], labels=labels)
        targets = labels[:, None].astype(float)
        history, scores = trained(
            inputs,
            targets,
            ours,
            hidden=asked["hidden"],
            rate=asked["learning_rate"],
            num_epochs=asked["num_epochs"],
            batch_size=asked["batch_size"],
            seed=asked["seed"],
        )
        assert run.losses == near(history.values("loss"), rel=CLOSE)
        answers = (scores[:, 0] > 0).astype(int)
        for side, accuracies, values in (
            (ours, run.accuracies, run.losses),
            (theirs, run.held_out_accuracies, run.held_out_losses),
        ):
            assert accuracies[-1] == (labels == answers)[side].mean()
            # ln(1 + e^z) − y z is ln(1 + e^−z) for a yes and ln(1 + e^z) for a no.
            signed = np.where(labels[side] == 1, -1, 1) * scores[side, 0]
            loss = np.log1p(np.exp(signed)).mean()
            assert values[-1] == near(loss, rel=CLOSE)
            assert len(values) == len(accuracies) == asked["num_epochs"] + 1
        assert (run.n_training, run.n_held_out) == (len(ours), len(theirs))
        # Benign tumours, class 1, are the most common ones.
        assert run.base_rate == near(labels[theirs].mean(), rel=1e-15)

    @pytest.mark.claims(
        "On its own samples it scores …, and there its loss is … instead of …: it is "
        "better at what it was shown."
    )
    def test_every_number_of_the_book(self) -> None:
        """A fifth of 569 samples is held out; 72 of 114 are benign."""
        run = one_split()
        assert (run.n_training, run.n_held_out) == (455, 114)
        assert run.base_rate == 72 / 114
        assert run.held_out_accuracies[-1] > 0.9
        assert run.losses[-1] < run.held_out_losses[-1]
        assert_plain(run)
        assert defaults(one_split) == {
            "hidden": (8,),
            "share": 0.2,
            "learning_rate": 0.03,
            "num_epochs": 10,
            "batch_size": 114,
            "seed": 0,
        }

    def test_a_batch_needs_its_samples(self) -> None:
        """455 tumours are to learn from."""
        with refused(ValueError, "batch_size", "is 456 but there are only 455 samples"):
            one_split(batch_size=456, num_epochs=1)
        assert len(one_split(batch_size=455, num_epochs=1).losses) == 2


class TestKnownAndNew:
    """It is better at what it was shown: that is the rule, with exceptions."""

    @pytest.mark.claims(
        "That is the rule, with exceptions.",
        "Deal the tumours in … ways, and the loss is lower on what was shown in … of "
        "the splits, and the accuracy higher in …; on average … stands against …, and "
        "… against ….",
    )
    def test_every_number_of_the_book(self) -> None:
        """Twenty splits, counted by hand; some of them go the other way."""
        both = known_and_new()
        assert isinstance(both, KnownAndNew)
        runs = [one_split(seed=seed) for seed in range(20)]
        assert both.num_splits == 20
        ends = [(run.losses[-1], run.held_out_losses[-1]) for run in runs]
        assert both.lower_losses == len([1 for known, new in ends if known < new])
        assert both.mean_loss == near(sum(known for known, _ in ends) / 20)
        assert both.held_out_loss == near(sum(new for _, new in ends) / 20)
        right = [(run.accuracies[-1], run.held_out_accuracies[-1]) for run in runs]
        assert both.higher_accuracies == len([1 for a, b in right if a > b])
        assert both.mean_accuracy == near(sum(known for known, _ in right) / 20)
        assert both.held_out_accuracy == near(sum(new for _, new in right) / 20)
        assert 10 < both.lower_losses < 20
        assert 10 < both.higher_accuracies < 20
        assert both.mean_loss < both.held_out_loss
        assert both.mean_accuracy > both.held_out_accuracy
        assert_plain(both)
        assert defaults(known_and_new) == {
            name: value
            for name, value in {"num_splits": 20, **defaults(one_split)}.items()
            if name != "seed"
        }

    def test_other_numbers_give_other_results(self) -> None:
        """The arguments are handed on."""
        given = ((3,), 0.4, 0.05, 2, 50)
        both = known_and_new(1, *given)
        run = one_split(*given, 0)
        assert (both.mean_loss, both.held_out_loss) == (
            run.losses[-1],
            run.held_out_losses[-1],
        )


def test_no_bar_is_shown(monkeypatch: Any) -> None:
    """A page shows numbers, however long the training takes."""
    hidden: list[Any] = []

    def bar(*, disable: Any, **told: Any) -> Any:
        hidden.append(disable)
        return tqdm(disable=True, **told)

    monkeypatch.setattr(fitting, "_Bar", bar)
    one_split(num_epochs=1, seed=99)
    assert hidden == [True]


class TestStaircase:
    """The loss is a bowl, the accuracy a staircase."""

    @pytest.mark.claims(
        "The two need not even agree: where the loss is least the accuracy is …, and "
        "elsewhere it is …."
    )
    def test_every_number_of_the_book(self) -> None:
        """Yes above x = −b: answers change at 1, 2 and 3 to each side."""
        stairs = accuracy_and_loss()
        assert isinstance(stairs, Staircase)
        assert stairs.biases == tuple(k / 20 for k in range(-100, 101))
        accuracies = dict(zip(stairs.biases, stairs.accuracies, strict=True))
        # No samples: 3 of 6 right. Then the yes at 3, the yes at 2, the no at 1, the
        # yes at −1, the no at −2 and the no at −3 change sides.
        steps = {-4: 3, -2.5: 4, -1.5: 5, 0: 4, 1.5: 5, 2.5: 4, 4: 3}
        assert {b: accuracies[b] for b in steps} == {
            b: right / 6 for b, right in steps.items()
        }
        # A sum of zero is no yes: at b = 1 the sample at −1 is still a no.
        assert (accuracies[1], accuracies[1.05]) == (4 / 6, 5 / 6)
        losses = dict(zip(stairs.biases, stairs.losses, strict=True))
        # At b = 0 the surprises are ln(1 + e^−3) and ln(1 + e^−2) twice, ln(1 + e)
        # twice: the sample at −1 is a yes and the one at 1 a no.
        log = math.log
        least = (log(1 + math.exp(-3)) + log(1 + math.exp(-2)) + log(1 + math.e)) / 3
        assert losses[0] == near(least, rel=1e-14)
        assert stairs.least_loss == min(stairs.losses) == losses[0]
        assert (stairs.least_loss_bias, stairs.accuracy_there) == (0, 4 / 6)
        assert stairs.best_accuracy == 5 / 6
        # At b = −2.5 the sums are −5.5, −4.5, −3.5, −1.5, −0.5, 0.5, and the sigmoids
        # of the last two add up to 1; three of six targets are a yes.
        shares = [1 / (1 + math.exp(z)) for z in (5.5, 4.5, 3.5, 1.5)]
        slope = (sum(shares) + 1 - 3) / 6
        assert stairs.bias == -2.5
        assert stairs.loss_slope == near(slope, rel=1e-14)
        assert stairs.accuracy_slope == 0
        assert_plain(stairs)

    def test_across_a_jump_there_is_a_slope(self) -> None:
        """From −2.5 to −1.5 the accuracy rises by a sixth."""
        stairs = accuracy_and_loss(bias=-2, reach=0.5)
        assert stairs.accuracy_slope == near(1 / 6, rel=1e-15)
        # A reach of a quarter from −2.2 does not get to −1.9.
        assert accuracy_and_loss(bias=-2.3).accuracy_slope == 0
        assert accuracy_and_loss(bias=-2.2).accuracy_slope == near(1 / 3)

    def test_other_numbers_give_other_results(self) -> None:
        """One sample at 0 that is a yes: the loss is ln(1 + e^−b)."""
        inputs, targets = np.array([0.0]), np.array([1])
        stairs = accuracy_and_loss(inputs, targets, [Fraction(-1), 0, 1], bias=0)
        assert stairs.biases == (-1, 0, 1)
        assert stairs.accuracies == (0, 0, 1)
        assert stairs.losses == near(
            (math.log(1 + math.e), math.log(2), math.log(1 + 1 / math.e)), rel=1e-14
        )
        assert stairs.loss_slope == near(-0.5, rel=1e-15)  # 1/2 − 1
        assert stairs.least_loss_bias == 1
        assert stairs.accuracy_there == stairs.best_accuracy == 1
        # From −1/4 to 1/4 the accuracy rises from 0 to 1.
        assert stairs.accuracy_slope == 2
        assert inputs.tolist() == [0]
        assert targets.tolist() == [1]

    def test_every_sample_needs_its_target(self) -> None:
        """One target for each, a probability."""
        says = "has shape (2,) but `targets` has shape (1,); they must be equal"
        with refused(ValueError, "inputs", says):
            accuracy_and_loss((1, 2), (1,))
        says = "holds 1.5 but every probability in it must be from 0 to 1"
        with refused(ValueError, "targets", says):
            accuracy_and_loss((1, 2), (1, 1.5))


class TestHeldOutSizes:
    """The measured deviation follows the formula at every size."""

    def test_every_number_of_the_book(self) -> None:
        """The accuracy is the nearest neighbour's, the errors follow from it."""
        seen = drawn()
        assert isinstance(seen, HeldOutSizes)
        # 0.97 · 1797 is 1743.09, and the split rounds up.
        assert (seen.n_training, seen.n_held_out) == (53, 1744)
        assert seen.sizes == (10, 30, 100, 300, 1000)
        right = right_answers(hold_out(1797, 0.97), digits().labels)
        share = right.mean()
        assert seen.accuracy == share
        errors = [
            math.sqrt(share * (1 - share) / size * (1744 - size) / 1743)
            for size in seen.sizes
        ]
        assert seen.standard_errors == near(errors, rel=1e-12)
        # A deviation of a thousand draws is itself uncertain by a share of 1/√2000.
        assert seen.measured == near(errors, rel=0.1)
        for size, lowest, highest in zip(
            seen.sizes, seen.lowest, seen.highest, strict=True
        ):
            assert 0 <= lowest < share < highest <= 1
            for score in (lowest, highest):
                assert score * size == near(round(score * size), abs=2.0**-42)
        assert seen.lowest[2] < share - 0.08
        assert seen.highest[2] > share + 0.06
        assert_plain(seen)
        assert defaults(held_out_sizes) == {
            "sizes": (10, 30, 100, 300, 1000),
            "num_draws": 1000,
            "share": 0.97,
            "seed": 0,
        }

    def test_the_draws_are_numpys(self) -> None:
        """The right ones among the drawn are counted by the hypergeometric law."""
        seen = held_out_sizes((7, 20), 5, 0.9, 4)
        answers = right_answers(hold_out(1797, 0.9, seed=4), digits().labels)
        assert seen.accuracy == answers.mean()
        right = int(answers.sum())
        generator = np.random.default_rng(4)
        for place, size in enumerate((7, 20)):
            counts = generator.hypergeometric(right, seen.n_held_out - right, size, 5)
            scores = [int(count) / size for count in counts]
            mean = sum(scores) / 5
            spread = math.sqrt(sum((x - mean) ** 2 for x in scores) / 5)
            assert seen.measured[place] == near(spread, rel=1e-12)
            assert (seen.lowest[place], seen.highest[place]) == (
                min(scores),
                max(scores),
            )

    def test_all_samples_have_no_spread(self) -> None:
        """Who draws all gets the score of all."""
        seen = held_out_sizes((1744,), 3)
        assert seen.standard_errors == (0,)
        assert seen.measured == near((0,), abs=1e-15)
        assert seen.lowest == seen.highest == (seen.accuracy,)

    def test_a_draw_needs_its_samples(self) -> None:
        """No more can be drawn than are held out; one, or no size at all, is enough."""
        says = "holds 1745 but only 1744 samples are held out"
        with refused(ValueError, "sizes", says):
            held_out_sizes(sizes=(10, 1745))
        assert held_out_sizes(sizes=(1,), num_draws=1).measured == (0,)
        assert held_out_sizes(sizes=()).measured == ()
        assert held_out_sizes((10,)) == held_out_sizes((10,), 1000, 0.97, 0)


class TestSamplesNeeded:
    """Half the error costs four times the samples."""

    def test_every_number_of_the_book(self) -> None:
        """0.9 · 0.1 over 0.0009, 0.0001, 0.000009 and 0.000001."""
        needed = samples_needed()
        assert isinstance(needed, SamplesNeeded)
        assert needed == (
            0.9,
            (0.03, 0.01, 0.003, 0.001),
            (100, 900, 10_000, 90_000),
        )
        assert_plain(needed)

    def test_it_rounds_up(self) -> None:
        """0.25/0.09 is 2.78; fractions are taken as they are, floats as printed."""
        assert samples_needed(0.5, (0.3,)).samples == (3,)
        half = samples_needed(Fraction(1, 2), [Fraction(1, 4), Fraction(1, 8)])
        assert half == (Fraction(1, 2), (Fraction(1, 4), Fraction(1, 8)), (4, 16))
        # 2/9 over 1/9 is 2 exactly; as floats it might be a hair more.
        assert samples_needed(Fraction(1, 3), (1, Fraction(1, 3))).samples == (1, 2)


class TestDeals:
    """The score is the mean over the folds, and every sample has been asked once."""

    @pytest.mark.parametrize("on_all", [False, True])
    def test_every_fold_is_a_fit(self, on_all: bool) -> None:  # noqa: FBT001
        """Inputs are scaled with the training samples, or with all."""
        found = deals(2, 2, (3,), 0.05, 2, 50, on_all)
        inputs, labels = tumours()
        targets = labels[:, None].astype(float)
        for deal, scores in enumerate(found.scores):
            splits = folds(569, 2, seed=deal, labels=labels)
            for (ours, theirs), score in zip(splits, scores, strict=True):
                _, predicted = trained(
                    inputs,
                    targets,
                    ours,
                    hidden=(3,),
                    rate=0.05,
                    num_epochs=2,
                    batch_size=50,
                    seed=0,
                    scaled_on=inputs if on_all else None,
                )
                assert score == ((predicted[:, 0] > 0) == labels)[theirs].mean()
        # 284 and 285 samples in batches of 50, two epochs, two deals.
        assert found.num_trainings == 4
        assert found.num_steps == 2 * 2 * (6 + 6)
        assert found.sample_gradients == 2 * 2 * 569
        assert_plain(found)

    def test_bookkeeping(self) -> None:
        """Means, spreads and errors follow from the scores."""
        found = dealt()
        assert isinstance(found, Deals)
        assert [len(own) for own in found.scores] == [5] * 8
        means = [sum(own) / 5 for own in found.scores]
        assert found.means == near(means, rel=1e-14)
        every = [score for own in found.scores for score in own]
        mean = sum(every) / 40
        assert found.mean == near(mean, rel=1e-14)
        assert (found.lowest, found.highest) == (min(every), max(every))
        spread = math.sqrt(sum((score - mean) ** 2 for score in every) / 40)
        assert found.fold_deviation == near(spread)
        centre = sum(means) / 8
        spread = math.sqrt(sum((each - centre) ** 2 for each in means) / 8)
        assert found.mean_deviation == near(spread, rel=1e-11)
        variance = mean * (1 - mean)
        assert found.fold_error == near(math.sqrt(variance / (569 / 5)))
        assert found.all_error == near(math.sqrt(variance / 569))
        # Each training learns from 455 or 456 samples: four steps of 114 at most.
        assert found.num_trainings == 40
        assert found.num_steps == 8 * 5 * 10 * 4
        assert found.sample_gradients == 8 * 10 * 4 * 569
        assert_plain(found)

    @pytest.mark.claims("The deviation of one fold, …, is near its standard error, ….")
    def test_the_book_says(self) -> None:
        """One fold is far more spread than the mean of a deal."""
        found = dealt()
        assert found.fold_deviation > 2 * found.mean_deviation
        assert found.mean_deviation < found.all_error
        # A deviation of 40 scores is uncertain by a share of 1/√80.
        assert found.fold_deviation == near(found.fold_error, rel=0.22)
        assert found.highest - found.lowest > 0.03
        assert found.mean > 0.95

    @pytest.mark.claims(
        "The means differ by …, less than the standard error of all samples, ….",
    )
    def test_standardising_on_all_is_a_small_leak(self) -> None:
        """The means differ by less than the standard error of all samples."""
        careless = deals(standardise_on_all=True)
        assert abs(careless.mean - dealt().mean) < dealt().all_error
        assert careless.scores != dealt().scores

    def test_defaults(self) -> None:
        """The book's numbers."""
        assert defaults(deals) == {
            "num_folds": 5,
            "num_deals": 8,
            "hidden": (8,),
            "learning_rate": 0.03,
            "num_epochs": 10,
            "batch_size": 114,
            "standardise_on_all": False,
        }

        # After one epoch the size of the batches still shows in the scores.
        found = deals(num_deals=1, num_epochs=1)
        assert found == deals(5, 1, (8,), 0.03, 1, 114, standardise_on_all=False)

    def test_a_fold_needs_its_sample(self) -> None:
        """There are 569 tumours."""
        with refused(ValueError, "num_folds", "is 570 but there are only 569 samples"):
            deals(num_folds=570)


class TestSeeds:
    """Chance has a second way in: the first weights and the shuffling."""

    def test_every_seed_is_a_fit(self) -> None:
        """The split stays, the seed of weights and shuffling moves."""
        tried = seeds(2, (3,), 0.4, 0.05, 2, 50, 7)
        assert isinstance(tried, Seeds)
        inputs, labels = tumours()
        targets = labels[:, None].astype(float)
        ours, theirs = hold_out(569, 0.4, seed=7, labels=labels)
        for seed, score in enumerate(tried.scores):
            _, predicted = trained(
                inputs,
                targets,
                ours,
                hidden=(3,),
                rate=0.05,
                num_epochs=2,
                batch_size=50,
                seed=seed,
            )
            assert score == ((predicted[:, 0] > 0) == labels)[theirs].mean()
        assert (tried.lowest, tried.highest) == (min(tried.scores), max(tried.scores))
        assert_plain(tried)

    def test_every_number_of_the_book(self) -> None:
        """Sixteen starts do not agree."""
        tried = seeds()
        assert len(tried.scores) == 16
        assert 0.9 < tried.lowest < tried.highest < 1
        assert tried == seeds(16, (8,), 0.2, 0.03, 10, 114, 0)
        assert defaults(seeds) == {"num_seeds": 16} | defaults(one_split)

    def test_one_seed_is_enough(self) -> None:
        """It is the lowest and the highest."""
        alone = seeds(num_seeds=1, num_epochs=1)
        assert alone.scores == (alone.lowest,) == (alone.highest,)


class TestSignTest:
    """Two networks that answered the same samples can be told apart by less."""

    def test_every_number_of_the_book(self) -> None:
        """1 + 22 + 231 of 2²² ways, to both sides; 18 of 10,000 between them."""
        tested = sign_test()
        assert isinstance(tested, SignTest)
        p = Fraction(2 * (1 + 22 + 231), 2**22)
        assert tested == (20, 2, 10_000, Fraction(18, 10_000), p)
        assert_plain(tested, Fraction)
        assert defaults(sign_test) == {
            "num_wins": 20,
            "num_losses": 2,
            "n_samples": 10_000,
        }

    def test_other_numbers_give_other_results(self) -> None:
        """Three coins alike: 2/8. One against one, and none at all: no difference."""
        assert sign_test(3, 0, 10)[3:] == (Fraction(3, 10), Fraction(1, 4))
        assert sign_test(0, 3, 10)[3:] == (Fraction(-3, 10), Fraction(1, 4))
        none = (Fraction(0), Fraction(1))
        assert sign_test(1, 1, 2)[3:] == sign_test(0, 0, 1)[3:] == none

    def test_a_win_needs_its_sample(self) -> None:
        """Nobody wins on a sample that was not answered."""
        says = "is 2 but must be at least 3, the wins and the losses"
        with refused(ValueError, "n_samples", says):
            sign_test(2, 1, 2)


class TestFoldCost:
    """With as many folds as samples it is 568 times, for little more to learn from."""

    def test_every_number_of_the_book(self) -> None:
        """Steps are counted fold by fold, gradients are (k − 1) n E."""
        cost = fold_cost()
        assert isinstance(cost, FoldCost)
        assert cost.num_folds == (2, 3, 5, 10, 569)
        # The largest fold has 285, 190, 114, 57 and 1 samples.
        assert cost.fewest_learned == (284, 379, 455, 512, 568)
        # 284 and 285 samples take 3 steps of 114, 379 and 380 take 4, 455 and 456
        # take 4, 512 and 513 take 5, and 568 take 5; ten epochs each.
        assert cost.num_steps == (60, 120, 200, 500, 28_450)
        assert cost.sample_gradients == (5690, 11_380, 22_760, 51_210, 3_231_920)
        assert cost.once == 5690
        assert cost.times_once == (1, 2, 4, 9, 568)
        assert_plain(cost)
        # Half of 230 is a batch of 114 and one more.
        assert fold_cost((2,), 230).num_steps == (2 * 10 * 2,)

    @pytest.mark.claims(
        "Count the gradients of single samples, which do not depend on the machine.",
        "Training $j$ of $k$ goes $E$ times through all $n$ samples but the $n_j$ of "
        "its fold.",
    )
    def test_it_is_what_deals_cost(self) -> None:
        """The count by hand is the count of a real deal."""
        found = deals(num_deals=1)
        cost = fold_cost((5,))
        assert (found.num_steps,) == cost.num_steps
        assert (found.sample_gradients,) == cost.sample_gradients

    def test_other_numbers_give_other_results(self) -> None:
        """Seven samples in folds of 3, 2 and 2, batches of 2, three epochs."""
        # To learn from are 4, 5 and 5: 2 + 3 + 3 steps, 14 gradients, an epoch.
        assert fold_cost((3,), 7, 3, 2) == ((3,), (4,), (24,), (42,), 21, (2,))
        assert fold_cost((2,), 2, 1, 1) == ((2,), (1,), (2,), (2,), 2, (1,))

    def test_a_fold_needs_its_sample(self) -> None:
        """The message names the largest number of folds."""
        with refused(
            ValueError, "num_folds", "holds 570 but there are only 569 samples"
        ):
            fold_cost(num_folds=(570, 2))


class TestClassShares:
    """Dealt by chance, some of the folds have none."""

    def test_every_number_of_the_book(self) -> None:
        """Of 377 tumours 20 are malignant, 2 for each of ten folds."""
        found = class_shares()
        assert isinstance(found, ClassShares)
        assert (found.n_samples, found.num_rare) == (377, 20)  # 357 + 20
        assert found.base_rate == near(357 / 377, rel=1e-15)
        assert found.stratified == (2,) * 10
        assert sum(found.shuffled) == 20
        assert found.without == [count == 0 for count in found.shuffled].count(True)
        assert found.without > 0
        # Of 377 samples 38 are in each of seven folds and 37 in each of three; a fold
        # has no rare one if the 20 are dealt to the places of the others.
        none = [Fraction(1), Fraction(1)]
        for rare in range(20):
            none[0] *= Fraction(377 - 38 - rare, 377 - rare)
            none[1] *= Fraction(377 - 37 - rare, 377 - rare)
        assert found.mean_without == 7 * none[0] + 3 * none[1]
        assert found == class_shares(10, 20, 0)
        assert found != class_shares(seed=1)
        assert_plain(found, Fraction)
        assert defaults(class_shares) == {"num_folds": 10, "num_rare": 20, "seed": 0}

    def test_the_folds_are_dealt_from_the_rest(self) -> None:
        """The first malignant tumours stay at their places."""
        found = class_shares(4, 13, 1)
        _, labels = tumours()
        kept = [
            index
            for index, label in enumerate(labels)
            if label == 1 or labels[:index].tolist().count(0) < 13
        ]
        labels = labels[kept]
        for given, counts in ((None, found.shuffled), (labels, found.stratified)):
            splits = folds(370, 4, seed=1, labels=given)
            rare = [int((labels[each.held_out] == 0).sum()) for each in splits]
            assert tuple(rare) == counts
        assert sorted(found.stratified) == [3, 3, 3, 4]
        assert found.n_samples == 370

    def test_a_fold_needs_its_share(self) -> None:
        """A stratified fold needs one of the class, and there are 212."""
        with refused(ValueError, "num_rare", "is 4 but must be at least 5"):
            class_shares(num_folds=5, num_rare=4)
        with refused(ValueError, "num_rare", "is 213 but only 212 are malignant"):
            class_shares(num_rare=213)
        assert class_shares(num_rare=212).n_samples == 569
        assert class_shares(num_folds=2, num_rare=2).stratified == (1, 1)


class TestLeakedChoice:
    """The wrong way finds an accuracy in pure noise."""

    @pytest.mark.claims(
        "Over … draws the wrong way finds an accuracy of … in pure noise, the right "
        "way …."
    )
    def test_every_number_of_the_book(self) -> None:
        """Far above chance on the one side, near it on the other."""
        found = leaked_choice()
        assert isinstance(found, LeakedChoice)
        assert (found.n_samples, found.n_inputs, found.num_chosen) == (100, 2000, 20)
        assert (found.learning_rate, found.num_epochs) == (0.1, 20)
        assert len(found.leaked) == len(found.honest) == 8
        # 800 honest answers by chance: three standard errors are 0.053.
        assert found.leaked_mean > 0.8
        assert abs(found.honest_mean - 0.5) < 0.08
        assert all(
            wrong > right + 0.1
            for wrong, right in zip(found.leaked, found.honest, strict=True)
        )
        assert found.leaked_mean == near(sum(found.leaked) / 8, rel=1e-14)
        assert found.honest_mean == near(sum(found.honest) / 8, rel=1e-14)
        first = leaked_choice(100, 2000, 20, 5, 2, 0.1, 20)
        assert found.leaked[:2] == first.leaked
        assert found.honest[:2] == first.honest
        assert_plain(found)
        assert defaults(leaked_choice) == {
            "n_samples": 100,
            "n_inputs": 2000,
            "num_chosen": 20,
            "num_folds": 5,
            "num_repeats": 8,
            "learning_rate": 0.1,
            "num_epochs": 20,
        }

    @pytest.mark.claims(
        "Those are many inputs for few samples, and a usual remedy is to keep the "
        "ones that go with the targets; keep the … with the strongest correlation:",
        "The wrong way chooses the inputs once, on all samples, before a fold is held "
        "out.",
        "The right way chooses anew for every fold, on its training samples.",
    )
    def test_every_score_is_a_fit(self) -> None:
        """Inputs chosen by NumPy's own correlation, on all and inside each fold."""
        found = leaked_choice(20, 30, 3, 2, 2, 0.2, 3)
        labels = np.arange(20) % 2
        targets = labels[:, None].astype(float)
        for repeat in range(2):
            noise = np.random.default_rng(repeat).normal(size=(20, 30))
            leaked: list[float] = []
            honest: list[float] = []
            for ours, theirs in folds(20, 2, seed=repeat, labels=labels):
                for scores, rows in ((leaked, np.arange(20)), (honest, ours)):
                    strength = [
                        abs(np.corrcoef(noise[rows, j], labels[rows])[0, 1])
                        for j in range(30)
                    ]
                    best = sorted(range(30), key=lambda j: -strength[j])[:3]
                    _, predicted = trained(
                        noise[:, best],
                        targets,
                        ours,
                        hidden=(),
                        rate=0.2,
                        num_epochs=3,
                        batch_size=len(ours),
                        seed=0,
                    )
                    right = (predicted[:, 0] > 0) == labels
                    scores.append(float(right[theirs].mean()))
            assert found.leaked[repeat] == near(sum(leaked) / 2, rel=1e-15)
            assert found.honest[repeat] == near(sum(honest) / 2, rel=1e-15)

    @pytest.mark.claims(
        "The only difference is whether the inputs were chosen before or after the "
        "samples were kept aside.",
    )
    def test_all_inputs_leave_no_choice(self) -> None:
        """Who keeps every input cannot leak, whatever the order of the inputs."""
        found = leaked_choice(8, 1, 1, 2, 1)
        assert found.leaked == found.honest

    def test_numbers_must_fit_each_other(self) -> None:
        """Two samples for each fold, and no more inputs chosen than there are."""
        with refused(ValueError, "n_samples", "is 9 but must be at least 10"):
            leaked_choice(n_samples=9)
        with refused(ValueError, "num_chosen", "is 4 but there are only 3 inputs"):
            leaked_choice(n_inputs=3, num_chosen=4)
        assert len(leaked_choice(10, 3, 3, 5, 1, num_epochs=1).leaked) == 1


class TestWriters:
    """The memoriser meets a handwriting that it has never seen."""

    @pytest.mark.claims(
        "Shuffled, it answers … of … digits wrongly, from … to … in … shuffles, and in "
        "order …."
    )
    def test_every_number_of_the_book(self) -> None:
        """A fold in order is one fifth of the digits after another."""
        held = whole_writers()
        assert isinstance(held, Writers)
        labels, samples = digits().labels, np.arange(1797)
        # 1797 is 5 · 359 + 2.
        bounds = [0, 360, 720, 1079, 1438, 1797]
        blocks = [samples[first:end] for first, end in pairwise(bounds)]
        in_order = [Split(np.setdiff1d(samples, block), block) for block in blocks]
        scores, wrong = [], []
        for splits in (folds(1797, 5), in_order):
            right = [right_answers(split, labels) for split in splits]
            scores.append(tuple(float(each.mean()) for each in right))
            wrong.append(sum(int((~each).sum()) for each in right))
        assert held[:5] == (1797, *scores, *wrong)
        assert wrong == [22, 63]
        assert held.num_shuffles == 10
        assert held.fewest_wrong <= 22 <= held.most_wrong < 63 / 2
        assert held.wrong_in_order > 2 * held.wrong_shuffled
        assert_plain(held)
        assert defaults(whole_writers) == {"num_folds": 5, "num_shuffles": 10}

    @pytest.mark.claims(
        "The file does not say who wrote which, but what stands near in it looks "
        "alike: from a picture to the nearest one there are … places at the median, "
        "where to any other there are …."
    )
    def test_what_looks_alike_stands_near(self) -> None:
        """The nearest of the others, and all of the others, by their places."""
        held, pixels = whole_writers(2, 1), digits().inputs
        others = [np.delete(np.arange(1797), place) for place in range(1797)]
        near_by = [
            abs(
                others[i][nearest(np.delete(pixels, i, axis=0), pixels[i : i + 1])[0]]
                - i
            )
            for i in range(0, 1797, 6)
        ]
        # Every sixth picture tells the median within a fifth of it.
        assert held.median_gap == near(float(np.median(near_by)), rel=0.2)
        # |i − j| of all pairs is at most x for 1 − (1 − x/n)² of them.
        assert held.chance_gap == near(1797 * (1 - 0.5**0.5), abs=1)
        assert 5 * held.median_gap < held.chance_gap

    def test_other_numbers_give_other_results(self) -> None:
        """Thirds, from two seeds: 599 digits each."""
        held = whole_writers(3, 2)
        assert len(held.shuffled) == len(held.in_order) == 3
        assert held.wrong_shuffled == round(sum(599 * (1 - a) for a in held.shuffled))
        right = [
            right_answers(split, digits().labels) for split in folds(1797, 3, seed=1)
        ]
        second = sum(int((~each).sum()) for each in right)
        both = sorted([held.wrong_shuffled, second])
        assert [held.fewest_wrong, held.most_wrong] == both


class TestBestGuesser:
    """The best of many guessers is expected to score more than chance."""

    @pytest.mark.claims(
        "A guesser gets $X$ of $m$ answers right, and the best of $K$ that guess each "
        "for itself gets at least $x$ unless all get fewer, which has the probability "
        "$P(X < x)^K$.",
    )
    def test_two_guessers_by_hand(self) -> None:
        """Of one sample 3/4, of two samples 11/16."""
        # One sample: P(X < 1) = 1/2, so 1 − 1/4.
        # Two: P(X < 1) = 1/4 and P(X < 2) = 3/4, so (15/16 + 7/16)/2.
        half = Fraction(1, 2)
        assert best_guesser((2,), 1, half) == (half, 1, (2,), (Fraction(3, 4),))
        found = best_guesser([1, 2], 2, half)
        assert isinstance(found, BestGuesser)
        assert found == (half, 2, (1, 2), (half, Fraction(11, 16)))

    def test_other_chances(self) -> None:
        """A third: P(X < 1) = 4/9 and P(X < 2) = 8/9."""
        # 1 − (4/9)³ = 665/729 and 1 − (8/9)³ = 217/729; half of the sum is 441/729.
        found = best_guesser((3,), 2, Fraction(1, 3))
        assert found.best == (Fraction(441, 729),)

    def test_every_number_of_the_book(self) -> None:
        """One guesser scores its chance; more cannot score less."""
        found = best_guesser()
        assert found.num_guessers == (1, 10, 100, 1000)
        assert (found.n_held_out, found.chance) == (100, 0.5)
        exact = best_guesser((1, 10, 100), chance=Fraction(1, 2)).best
        assert exact[0] == Fraction(1, 2)
        floats = [float(each) for each in exact]
        assert found.best[:3] == near(floats, rel=1e-12)
        assert list(found.best) == sorted(found.best)
        # A hundred normal numbers have an expected greatest of 2.5076, and 0.05 is
        # the standard error here; a count is no normal number, so not quite.
        assert found.best[2] == near(0.5 + 2.5076 * 0.05, abs=0.002)
        assert_plain(found)


def test_every_example_is_tested() -> None:
    """Each public function has a test that names it."""
    functions = {n for n, x in public(examples).items() if inspect.isfunction(x)}
    assert functions <= set(globals())
