"""The worked examples of the chapter on capacity."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook import datasets, fitting, initialisation, losses, network, schedules
from gdbook.activations import TANH
from gdbook.examples import capacity
from gdbook.examples.capacity import (
    CapacityCurve,
    DropoutGap,
    FinalTest,
    Growth,
    Memorised,
    MoonFits,
    MoonSeeds,
    Noises,
    ParamCount,
    Plan,
    Score,
    Settings,
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
from gdbook.network import Layer
from gdbook.optimizers import Adam
from gdbook.seeds import Held
from gdbook.splits import hold_out

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = (
    *("2048", "320", "2410", "75", "47/50", "11/50", "32", "7/10", "3/20", "4/5"),
    *("7/20", "1/2", "1/4", "100", "20", "288", "97", "360", "1437"),
)

HALF = Fraction(1, 2)


@cache
def parts() -> tuple[Any, Any, Any]:
    """Deal the digits: to learn from, to validate, to test."""
    left, test = hold_out(1797, 0.2)
    rows, unseen = (left[side] for side in hold_out(1437, 0.2))
    return rows, unseen, test


@cache
def digits() -> tuple[Any, Any]:
    """Load the pixels, from 0 to 1, and the labels."""
    found = datasets.digits()
    return found.inputs, found.labels


def samples(rows: Any, labels: Any = None) -> tuple[Any, Any]:
    """Give the inputs and the targets of some digits."""
    pixels, known = digits()
    return pixels[rows], np.eye(10)[known[rows] if labels is None else labels]


def noisy(n_samples: int, n_wrong: int) -> tuple[Any, Any]:
    """Give the first digits to learn from, the same of them labelled wrongly."""
    rows = parts()[0][:n_samples]
    labels = digits()[1][rows].copy()
    generator = np.random.default_rng(0)
    wrong = generator.permutation(n_samples)[:n_wrong]
    labels[wrong] = (labels[wrong] + generator.integers(1, 10, n_wrong)) % 10
    return samples(rows, labels)


def trained(
    plan: Plan,
    learned: tuple[Any, Any],
    seed: int,
    settings: tuple[int, int, float],
    *,
    num_cooled: int | None = None,
    unseen: tuple[Any, Any] | None = None,
) -> fitting.FitHistory:
    """Train one network with the library alone."""
    generator = np.random.default_rng(seed)
    num_epochs, batch_size, rate = settings
    sizes = [64, *plan.hidden, 10]
    layers = network.dense_network(
        sizes, generator, normalise=plan.normalise, dropout=plan.dropout
    )

    def wave(step: int, _: Any) -> Any:
        assert num_cooled is not None
        return schedules.cosine_decay(rate, step, num_steps=num_cooled)

    return fitting.fit(
        layers,
        *learned,
        loss=losses.SOFTMAX_CROSS_ENTROPY,
        rule=Adam(rate),
        num_epochs=num_epochs,
        batch_size=batch_size,
        generator=generator,
        validation=unseen,
        schedule=wave if num_cooled else None,
        progress=False,
    )


def scored(layers: Sequence[Layer], on: tuple[Any, Any]) -> tuple[float, float]:
    """Give loss and accuracy, by NumPy alone."""
    logits = network.forward(layers, on[0])[-1]
    powers = np.exp(logits)
    true = (powers * on[1]).sum(axis=1) / powers.sum(axis=1)
    right = logits.argmax(axis=1) == on[1].argmax(axis=1)
    return float(-np.log(true).mean()), float(right.mean())


class TestCountingParameters:
    """With n nodes in layer l, a network learns (n before + 1)·n numbers."""

    def test_every_number_of_the_book(self) -> None:
        """64·32 + 32 and 32·10 + 10 are 2410 parameters."""
        counted = count_params()
        assert isinstance(counted, ParamCount)
        assert counted == ((64, 32, 10), (2048, 320), (32, 10), 2410)
        assert_plain(counted)

    @pytest.mark.parametrize("width", [1, 4, 24, 256])
    def test_one_hidden_layer(self, width: int) -> None:
        """One hidden layer has 64·h + h + h·10 + 10 = 75·h + 10."""
        assert count_params((64, width, 10)).total == 75 * width + 10

    def test_deeper(self) -> None:
        """Two layers of 24 have as many as one of 32: 64·24+24+24·24+24+240+10."""
        counted = count_params([64, 24, 24, 10])
        assert counted.weights == (1536, 576, 240)
        assert counted.biases == (24, 24, 10)
        assert counted.total == 2410
        # 65·20 + 21·20 + 21·22 + 23·10
        assert count_params((64, 20, 20, 22, 10)).total == 1300 + 420 + 462 + 230
        assert count_params((2, 1)) == ((2, 1), (2,), (1,), 3)


class TestMemorising:
    """The loss is zero for every set of targets, even for pure noise."""

    def test_every_number_of_the_book(self) -> None:
        """Slopes −1/2, 1/2, 3/2, 1/2 change by −1/2, 1, 1, −1."""
        found = memorise()
        assert isinstance(found, Memorised)
        assert found.inputs == (0, 1, 2, 3, 4)
        assert found.targets == (3 * HALF, 1, 3 * HALF, 3, 7 * HALF)
        assert found.weights == (-HALF, 1, 1, -1)
        # The mean is 21/2 over 5. Around it and around 2 the sum of products is
        # 2·3/5 + 1·11/10 + 0 + 1·9/10 + 2·7/5 = 6, over 10 the slope 3/5.
        mean = Fraction(21, 10)
        line = tuple(mean + Fraction(3, 5) * (x - 2) for x in range(5))
        assert found.predictions == ((mean,) * 5, line, found.targets)
        # Squares around the mean: 36 + 121 + 36 + 81 + 196 = 470 hundredths; the line
        # takes 36/10 of the sum 47/10 away.
        assert found.losses == (Fraction(47, 50), Fraction(11, 50), 0)
        assert_plain(found, Fraction)

    @pytest.mark.parametrize("signs", [*product((-1, 1), repeat=4)])
    def test_any_targets(self, signs: tuple[int, ...]) -> None:
        """Every set of targets is reached, at unequal distances too."""
        inputs = (Fraction(-3), Fraction(1, 3), Fraction(2), Fraction(7))
        targets = tuple(Fraction(sign * 5, 3) for sign in signs)
        found = memorise(inputs, targets)
        assert found.predictions[2] == targets
        assert found.losses[2] == 0

    def test_two_points(self) -> None:
        """Two points need one node; floats stay floats, and arrays as they are."""
        inputs, targets = np.array([1.0, 3.0]), np.array([5.0, 9.0])
        found = memorise(inputs, targets)
        assert found.weights == (2.0,)
        assert found.predictions == ((7.0, 7.0), (5.0, 9.0), (5.0, 9.0))
        assert found.losses == (4.0, 0.0, 0.0)
        assert_plain(found)
        assert inputs.tolist() == [1, 3]
        assert targets.tolist() == [5, 9]

    def test_refuses(self) -> None:
        """Points lie from left to right, each with a height."""
        with refused(ValueError, "inputs", "holds 1 after 1 but must rise"):
            memorise((0, 1, 1), (0, 1, 2))
        with refused(ValueError, "inputs", "holds 0 after 2 but must rise"):
            memorise((2, 0), (0, 1))
        says = "has shape (2,) but `targets` has shape (3,); they must be equal"
        with refused(ValueError, "inputs", says):
            memorise((0, 1), (0, 1, 2))


class TestAllNoises:
    """Every fitted number is gained on the old points and lost on the new ones."""

    def test_every_number_of_the_book(self) -> None:
        """The mean misses 1/4·2 without noise; s² is 1/4, and n is 5."""
        found = all_noises()
        assert isinstance(found, Noises)
        assert found.size == HALF
        assert found.n_ways == 32
        assert found.n_fitted == (1, 2, 5)
        # 1/2 + 1/4·4/5, 1/4·3/5, 0 and 1/2 + 1/4·6/5, 1/4·7/5, 1/4·2
        assert found.training_losses == (Fraction(7, 10), Fraction(3, 20), 0)
        assert found.new_losses == (Fraction(4, 5), Fraction(7, 20), HALF)
        assert_plain(found, Fraction)

    def test_law(self) -> None:
        """B + s²(1 ∓ p/n) holds for other points, lines and noises."""
        inputs = (Fraction(0), Fraction(1), Fraction(5))
        found = all_noises(inputs, Fraction(3), Fraction(-2), Fraction(2))
        assert found.n_ways == 8
        assert found.n_fitted == (1, 2, 3)
        # The truth has the mean 4 and the variance (36 + 9 + 81)/3 = 42; s² is 4.
        for p, b, seen, new in zip(
            (1, 2, 3),
            (42, 0, 0),
            found.training_losses,
            found.new_losses,
            strict=True,
        ):
            assert seen == b + 4 * (1 - Fraction(p, 3))
            assert new == b + 4 * (1 + Fraction(p, 3))

    def test_floats(self) -> None:
        """Floats stay floats: 1 and 3 on a line of slope 2, moved by 1/2."""
        found = all_noises(np.array([0.0, 1.0]), 2.0, 1.0, 0.5)
        # B is 1 for the mean; s² is 1/4, p/n is 1/2 and then 1.
        assert found.training_losses == (1.125, 0.0, 0.0)
        assert found.new_losses == (1.375, 0.5, 0.5)
        assert_plain(found)

    def test_refuses(self) -> None:
        """Points lie from left to right."""
        with refused(ValueError, "inputs", "holds 0 after 1 but must rise"):
            all_noises((1, 0))


@cache
def moons() -> MoonFits:
    """Train the networks of the page, with a coarse map."""
    return moon_fits(resolution=5)


class TestMoons:
    """The middle border follows the moons, the widest makes room for single points."""

    def test_defaults(self) -> None:
        """The settings of the page, as seen from outside and as used."""
        settings: dict[str, Any] = {
            "widths": (1, 3, 30),
            "n_samples": 40,
            "n_validation": 400,
            "noise": 0.25,
            "num_epochs": 400,
            "learning_rate": 0.05,
            "resolution": 121,
            "seed": 0,
        }
        assert defaults(moon_fits) == settings
        one: dict[str, Any] = {"widths": (2,)}
        assert moon_fits(**one) == moon_fits(**settings | one)

    def test_silent(self, capsys: pytest.CaptureFixture[str]) -> None:
        """No bar is shown."""
        moon_fits((1,), num_epochs=1, resolution=2)
        assert capsys.readouterr() == ("", "")

    @pytest.mark.claims(
        "One hidden node, three, thirty: which border goes around single points?",
        "The narrow one draws a line, the middle one follows the moons, and the "
        "wide one makes room for single points.",
        "The last two columns are accuracies: the wide network gets more of its own "
        "points right than the middle one, and fewer of the new ones.",
        "There are … points; Adam took … steps with the learning rate …, along "
        "the binary cross-entropy of these points together.",
    )
    def test_under_and_overfitting(self) -> None:
        """The training loss falls with the width, the validation loss turns."""
        found = moons()
        assert isinstance(found, MoonFits)
        assert found.widths == (1, 3, 30)
        narrow, middle, wide = found.training_losses
        assert narrow > 1.5 * middle > 3 * wide
        narrow, middle, wide = found.validation_losses
        assert narrow > 1.3 * middle
        assert wide > 2 * middle
        assert (found.settings, found.seed) == (Settings(400, 40, 0.05), 0)
        assert found.training_accuracies[2] > max(0.95, found.training_accuracies[1])
        assert found.validation_accuracies[1] > found.validation_accuracies[2] + 0.03
        assert_plain(found)

    def test_points_and_map(self) -> None:
        """Points lie on moons; the map reaches from −1.5 to 2.5 and −1 to 1.5."""
        found = moons()
        points, _, labels, _ = datasets.moons(40, noise=0.25)
        assert found.points == tuple(map(tuple, points.tolist()))
        assert found.labels == tuple(labels.tolist())
        assert found.across == (-1.5, -0.5, 0.5, 1.5, 2.5)
        assert found.up == (-1, -0.375, 0.25, 0.875, 1.5)
        assert np.shape(found.scores) == (3, 5, 5)

    def test_training(self) -> None:
        """Each network is trained from the seed, every epoch on all points at once."""
        found = moon_fits([4], 20, 30, 0.1, 3, 0.02, 2, 7)
        points, targets, labels, _ = datasets.moons(20, noise=0.1, seed=7)
        others, _, other_labels, _ = datasets.moons(30, noise=0.1, seed=8)
        generator = np.random.default_rng(7)
        layers = network.dense_network(
            [2, 4, 1], generator, activation=TANH, initialise=initialisation.glorot
        )
        layers = fitting.fit(
            layers,
            points,
            targets,
            loss=losses.SIGMOID_CROSS_ENTROPY,
            rule=Adam(0.02),
            num_epochs=3,
            batch_size=20,
            generator=generator,
        ).layers
        for inputs, true, loss, right in (
            (points, labels, found.training_losses, found.training_accuracies),
            (
                others,
                other_labels,
                found.validation_losses,
                found.validation_accuracies,
            ),
        ):
            scores = network.forward(layers, inputs)[-1][:, 0]
            signs = 2 * true - 1
            # ln(1 + e^−z) is what a score z in the right direction costs.
            expected = np.log1p(np.exp(-signs * scores)).mean()
            # The logarithms round in another order.
            assert loss == near((expected,), rel=1e-13)
            assert right == ((signs * scores > 0).mean(),)
        # Row by row from the bottom, each from left to right.
        corners = [[-1.5, -1], [2.5, -1], [-1.5, 1.5], [2.5, 1.5]]
        at_corners = network.forward(layers, corners)[-1].reshape(2, 2)
        assert np.array(found.scores[0]) == near(at_corners, rel=1e-13)
        assert found.widths == (4,)


class TestMoonsFromSeveralSeeds:
    """Each seed has points and networks of its own."""

    def test_it_counts(self) -> None:
        """It is narrower against wider, seed by seed."""
        found = moon_seeds(2, 12, num_seeds=3)
        assert isinstance(found, MoonSeeds)
        dearer, less_right = [], []
        for seed in range(3):
            run = moon_fits((2, 12), seed=seed, resolution=2)
            few_nodes, many = run.validation_losses
            if many <= few_nodes:
                dearer.append(seed)
            few_nodes, many = run.validation_accuracies
            if many >= few_nodes:
                less_right.append(seed)
        assert found.dearer == Held(3, 3 - len(dearer), tuple(dearer))
        assert found.less_right == Held(3, 3 - len(less_right), tuple(less_right))
        assert_plain(found)

    def test_equals_are_neither(self) -> None:
        """A network is not worse than itself; six seeds unless told."""
        assert moon_seeds(1, 1, 1).dearer.num_held == 0
        assert moon_seeds(1, 1, 1).less_right.num_held == 0
        assert defaults(moon_seeds) == {"narrow": 3, "wide": 30, "num_seeds": 6}


@cache
def few() -> CapacityCurve:
    """Train three networks of the page's curve."""
    return capacity_curve(hidden=((2,), (16,), (256,)))


class TestCapacityCurve:
    """The training loss falls all the way, the validation loss falls and turns."""

    def test_defaults(self) -> None:
        """The settings of the page, as seen from outside and as used."""
        settings: dict[str, Any] = {
            "hidden": ((2,), (4,), (8,), (16,), (32,), (64,), (128,), (256,)),
            "n_samples": 100,
            "wrong_share": 0.2,
            "num_epochs": 30,
            "batch_size": 32,
            "learning_rate": 0.01,
            "num_seeds": 3,
        }
        assert defaults(capacity_curve) == settings
        one: dict[str, Any] = {"hidden": ((4,),)}
        assert capacity_curve(**one) == capacity_curve(**settings | one)

    @pytest.mark.claims(
        "The validation loss falls from … to … at a width of …, and ends at ….",
        "The capacity curve of the digits: too small on the left, where both "
        "losses are high, too large on the right, where the gap opens.",
        "The network of … nodes has … parameters for a sample, and gets a share "
        "of … of the labels right, the wrong ones included.",
    )
    def test_curve(self) -> None:
        """Too small, about right, too large."""
        found = few()
        assert isinstance(found, CapacityCurve)
        assert found.hidden == ((2,), (16,), (256,))
        assert found.n_params == (160, 1210, 19210)  # 75·h + 10
        counts = found.n_samples, found.n_wrong, found.n_validation
        assert counts == (100, 20, 288)
        assert found.settings == Settings(30, 32, 0.01)
        small, middle, large = found.mean_training
        assert small > 2 * middle > 4 * large
        small, middle, large = found.mean_validation
        assert small > 2 * middle
        assert large > 1.1 * middle
        assert found.best == 1
        assert min(found.training_accuracies[2]) > 0.95  # the wrong labels too
        assert max(found.validation_accuracies[2]) < 0.85
        assert_plain(found)

    def test_bookkeeping(self) -> None:
        """Means and spreads are those of the seeds."""
        found = few()
        for mean, rows in (
            (found.mean_training, found.training_losses),
            (found.mean_validation, found.validation_losses),
        ):
            assert [len(row) for row in rows] == [3, 3, 3]
            # A sum of three rounds twice.
            assert mean == near([np.mean(row) for row in rows], rel=1e-15)
        spreads = tuple(max(row) - min(row) for row in found.validation_losses)
        assert found.spreads == spreads
        assert min(spreads) > 0

    def test_training(self) -> None:
        """Seeds 0 and 1 train it on the first samples, three of them wrong."""
        found = capacity_curve([[5, 4], ()], 30, 0.1, 2, 16, 0.02, 2)
        assert found.hidden == ((5, 4), ())
        assert found.n_params == (325 + 24 + 50, 650)
        learned, unseen = noisy(30, 3), samples(parts()[1])
        for index, hidden in enumerate(((5, 4), ())):
            for seed in (0, 1):
                layers = trained(Plan(hidden), learned, seed, (2, 16, 0.02)).layers
                for on, loss, right in (
                    (learned, found.training_losses, found.training_accuracies),
                    (unseen, found.validation_losses, found.validation_accuracies),
                ):
                    expected, share = scored(layers, on)
                    # The logarithms round in another order.
                    assert loss[index][seed] == near(expected, rel=1e-13)
                    assert right[index][seed] == share
        counts = found.n_samples, found.n_wrong, found.n_validation
        assert counts == (30, 3, 288)
        spreads = tuple(abs(one - other) for one, other in found.validation_losses)
        assert found.spreads == spreads

    def test_wrong_labels(self) -> None:
        """All labels are right, or the asked share is wrong, rounded to a whole."""
        one: dict[str, Any] = {"hidden": ((2,),), "num_epochs": 1, "num_seeds": 1}
        assert capacity_curve(wrong_share=0, **one).n_wrong == 0
        assert capacity_curve(wrong_share=0.99, **one).n_wrong == 99
        assert capacity_curve(n_samples=33, wrong_share=Fraction(1, 2), **one) == (
            capacity_curve(n_samples=33, wrong_share=0.5, **one)
        )

    def test_all_digits(self) -> None:
        """1149 digits are there to learn from, and no more."""
        one: dict[str, Any] = {
            "hidden": ((),),
            "num_epochs": 1,
            "num_seeds": 1,
            "batch_size": 1149,
        }
        assert capacity_curve(n_samples=1149, **one).n_samples == 1149
        says = "is 1150 but must be at most 1149"
        with refused(ValueError, "n_samples", says):
            capacity_curve(n_samples=1150, **one)


class TestDropout:
    """Dropout narrows the gap and does not close it."""

    def test_defaults(self) -> None:
        """The settings of the page, but for rates and width those of the curve."""
        own: dict[str, Any] = {"rates": (0, 0.5), "width": 256}
        curve = defaults(capacity_curve)
        del curve["hidden"]
        assert defaults(dropout_gap) == own | curve
        one: dict[str, Any] = {"rates": (0.5,)}
        assert dropout_gap(**one) == dropout_gap(**own | curve | one)

    @pytest.mark.claims(
        "Dropout holds the training loss up and the validation loss down.",
        "The gap is … instead of …: dropout narrows it and does not close it.",
        "A network of … hidden nodes with and without dropout.",
        "Early stopping would help, too: with and without dropout, the validation loss "
        "is least before the last epoch.",
    )
    def test_gap(self) -> None:
        """The training loss is held up, and the gap is smaller."""
        found = dropout_gap(num_seeds=2)
        assert isinstance(found, DropoutGap)
        assert found.rates == (0, 0.5)
        assert (found.num_seeds, found.settings) == (2, Settings(30, 32, 0.01))
        assert found.training_losses[1][-1] > 2 * found.training_losses[0][-1]
        assert found.validation_losses[1][-1] < found.validation_losses[0][-1]
        assert 0.2 < found.gaps[1] < 0.95 * found.gaps[0]
        assert 1 <= found.best_epochs[0] < found.best_epochs[1] < 30
        assert_plain(found)

    def test_training(self) -> None:
        """Losses are means over seeds 0 and 1, from the start to the last epoch."""
        found = dropout_gap([0.25, 0], 6, 40, 0.1, 3, 20, 0.02, 2)
        assert found.rates == (0.25, 0)
        assert found.width == 6
        learned, unseen = noisy(40, 4), samples(parts()[1])
        for index, rate in enumerate((0.25, 0)):
            plan = Plan((6,), dropout=rate)
            runs = [
                trained(plan, learned, seed, (3, 20, 0.02), unseen=unseen)
                for seed in (0, 1)
            ]
            seen: Any = [[epoch.loss for epoch in run.epochs] for run in runs]
            new: Any = [[epoch.validation_loss for epoch in run.epochs] for run in runs]
            assert found.training_losses[index] == tuple(np.mean(seen, axis=0))
            assert found.validation_losses[index] == tuple(np.mean(new, axis=0))
            gap = np.mean(new, axis=0)[-1] - np.mean(seen, axis=0)[-1]
            assert found.gaps[index] == gap
            assert found.best_epochs[index] == np.argmin(np.mean(new, axis=0))


def made_up(known: dict[Plan, tuple[Any, ...]]) -> Callable[[Plan], list[Score]]:
    """Make a score that is looked up."""
    return lambda plan: [Score(loss, 1 - loss) for loss in known[plan]]


class TestGrowing:
    """Keep a change if the mean loss falls by a share worth having."""

    def test_defaults(self) -> None:
        """The settings of the page, as seen from outside and as used."""
        settings: dict[str, Any] = {
            "start": 8,
            "dropout": 0.2,
            "least_improvement": 0.15,
            "widest": 256,
            "deepest": 4,
            "num_epochs": 12,
            "batch_size": 64,
            "learning_rate": 0.02,
            "num_seeds": 3,
            "score": None,
        }
        assert defaults(grow) == settings
        least: dict[str, Any] = {"start": 2, "widest": 2, "deepest": 1}
        assert grow(**least) == grow(**settings | least)

    def test_every_move(self) -> None:
        """Wider until that fails, deeper until that fails, normalised, dropout."""
        quarter = Fraction(1, 4)
        known = {
            Plan((8,)): (Fraction(7, 8), Fraction(9, 8)),  # mean 1
            Plan((16,)): (Fraction(1, 2),),
            Plan((32,)): (Fraction(3, 8),),  # not less than 3/4 of 1/2
            Plan((16, 16)): (Fraction(1, 4),),
            Plan((16, 16, 16)): (Fraction(1, 4),),
            Plan((16, 16), normalise=True): (Fraction(1, 8),),
            Plan((16, 16), normalise=True, dropout=HALF): (Fraction(1, 16),),
        }
        found = grow(dropout=HALF, least_improvement=quarter, score=made_up(known))
        assert isinstance(found, Growth)
        assert found.moves == (
            *("start", "wider", "wider", "deeper", "deeper"),
            *("normalised", "dropout"),
        )
        assert found.hidden == tuple(plan.hidden for plan in known)
        yes, no = "kept", "taken back"
        assert found.verdicts == (yes, yes, no, yes, no, yes, yes)
        assert found.losses == tuple(known.values())
        means = (1, HALF, Fraction(3, 8), quarter, quarter)
        assert found.mean_losses == (*means, Fraction(1, 8), Fraction(1, 16))
        assert found.mean_accuracies == tuple(1 - loss for loss in found.mean_losses)
        # 75·8 + 10, 75·16 + 10, 75·32 + 10; 16·17 for each further layer; two numbers
        # for each of the 32 normalised nodes
        two = 1210 + 272
        counts = (610, 1210, 2410, two, two + 272, two + 64, two + 64)
        assert found.n_params == counts
        assert found.least_improvement == quarter
        assert found.best == 6
        assert found.final_hidden == (16, 16)
        assert (found.normalise, found.dropout) == (1, HALF)
        assert_plain(found, Fraction)

    def test_nothing_helps(self) -> None:
        """The first network stays, and every change is taken back."""
        found = grow(score=lambda _: [Score(Fraction(1), Fraction(0))])
        assert found.moves == ("start", "wider", "deeper", "normalised", "dropout")
        assert found.verdicts == ("kept", *("taken back",) * 4)
        assert found.hidden == ((8,), (16,), (8, 8), (8,), (8,))
        assert found.best == 0
        assert found.final_hidden == (8,)
        assert (found.normalise, found.dropout) == (0, 0)
        # Dropout of the last network, which is not normalised: 610 as before.
        assert found.n_params == (610, 1210, 682, 626, 610)

    def test_limits(self) -> None:
        """It grows to the widest and the deepest, and then no more."""
        halves = iter(Fraction(1, 2**k) for k in range(9))
        found = grow(
            3, widest=13, deepest=3, score=lambda _: [Score(next(halves), Fraction(0))]
        )
        widths = ((3,), (6,), (12,))
        deeper = ((12, 12), (12, 12, 12))
        last = (12, 12, 12)
        assert found.hidden == (*widths, *deeper, last, last)
        assert set(found.verdicts) == {"kept"}
        assert found.best == 6
        exact = grow(3, widest=6, deepest=1, score=lambda _: [Score(HALF, HALF)])
        assert exact.moves == ("start", "wider", "normalised", "dropout")

    def test_limits_of_the_page(self) -> None:
        """It grows to a width of 256 and to four layers unless told."""
        halves = iter(Fraction(1, 2**k) for k in range(6))
        found = grow(256, score=lambda _: [Score(next(halves), Fraction(0))])
        four = (256,) * 4
        assert found.hidden == ((256,), (256,) * 2, (256,) * 3, four, four, four)
        with refused(ValueError, "widest", "is 256 but must be at least 257"):
            grow(257, score=lambda _: [Score(HALF, HALF)])

    def test_threshold(self) -> None:
        """A loss that falls by the threshold exactly is no improvement."""

        def falling(to: Fraction) -> Growth:
            return grow(
                deepest=1,
                widest=16,
                least_improvement=Fraction(1, 10),
                score=lambda plan: [
                    Score(Fraction(1) if plan == Plan((8,)) else to, Fraction(0))
                ],
            )

        assert falling(Fraction(9, 10)).verdicts[1] == "taken back"
        assert falling(Fraction(8999, 10000)).verdicts[1] == "kept"

    def test_training(self) -> None:
        """The digits that are not kept aside train every network, cooled to zero."""
        found = grow(4, 0.25, 0.9, 4, 1, 2, 128, 0.03, 2)
        rows, unseen, _ = parts()
        learned, other = samples(rows), samples(unseen)
        plans = (Plan((4,)), Plan((4,), normalise=True), Plan((4,), dropout=0.25))
        assert found.moves == ("start", "normalised", "dropout")
        for index, plan in enumerate(plans):
            # 1149 samples in batches of 128 are 9 steps.
            pairs = [
                scored(
                    trained(plan, learned, seed, (2, 128, 0.03), num_cooled=18).layers,
                    other,
                )
                for seed in (0, 1)
            ]
            expected = [loss for loss, _ in pairs]
            # The logarithms round in another order.
            assert found.losses[index] == near(expected, rel=1e-13)
            assert found.mean_losses[index] == near(sum(expected) / 2, rel=1e-13)
            assert found.mean_accuracies[index] == sum(x for _, x in pairs) / 2
        assert_plain(found)


class TestOneNetworkFromManySeeds:
    """It is trained as in the search, on the same digits."""

    def test_defaults(self) -> None:
        """The network that the page finds, with the settings of its growth."""
        own = defaults(final_test) | {"num_seeds": 5}
        del own["seed"]
        assert defaults(loss_spread) == own

    def test_it_is_what_the_search_measures(self) -> None:
        """Seed by seed, with batch normalisation and dropout, too."""
        grown = grow(4, 0.25, 0, 4, 1, 2, 100, 0.01, 3)
        assert loss_spread((4,), False, 0, 2, 100, 0.01, 3).values == grown.losses[0]  # noqa: FBT003
        normalised = loss_spread((4,), True, 0, 2, 100, 0.01, 3)  # noqa: FBT003
        assert normalised.values == grown.losses[1]
        kept = grown.verdicts[1] == "kept"
        last = loss_spread((4,), kept, 0.25, 2, 100, 0.01, 3)
        assert last.values == grown.losses[2]


class TestTheTest:
    """It is tested once, on digits that have chosen nothing."""

    def test_defaults(self) -> None:
        """The network that the page finds, with the settings of its growth."""
        settings: dict[str, Any] = {
            "hidden": (64, 64),
            "normalise": False,
            "dropout": 0,
            "num_epochs": 12,
            "batch_size": 64,
            "learning_rate": 0.02,
            "seed": 0,
        }
        assert defaults(final_test) == settings
        small: dict[str, Any] = {"hidden": (4,)}
        assert final_test(**small) == final_test(**settings | small)

    def test_silent(self, capsys: pytest.CaptureFixture[str]) -> None:
        """No bar is shown."""
        final_test((2,), num_epochs=1)
        assert capsys.readouterr() == ("", "")

    @pytest.mark.claims(
        "You will write down a network that memorises its points, see a wide one "
        "learn wrong labels by heart, and grow one that reads over 97 percent of "
        "digits that are new to it.",
        "It reads … percent, where the validation samples gave … on average: it "
        "misreads …, where 97 percent would allow ….",
    )
    @pytest.mark.parametrize("seed", [0, 1, 2, 3])
    def test_goal(self, seed: int) -> None:
        """At least 97 percent of the digits are read, whatever the seed."""
        found = final_test(seed=seed)
        assert isinstance(found, FinalTest)
        assert found.accuracy >= 0.97
        assert (found.n_training, found.n_test) == (1437, 360)
        assert (found.settings, found.seed) == (Settings(12, 64, 0.02), seed)
        assert_plain(found)

    def test_training(self) -> None:
        """All other digits train the network; 1437 of them in batches of 100."""
        found = final_test([7], True, 0.1, 2, 100, 0.01, 5)  # noqa: FBT003
        rows, unseen, kept_aside = parts()
        # Both splits keep the order in which the digits were dealt.
        left, _ = hold_out(1797, 0.2)
        assert {*rows, *unseen} == {*left}
        assert not {*left} & {*kept_aside}
        plan = Plan((7,), normalise=True, dropout=0.1)
        # 15 steps in each of two epochs
        run = trained(plan, samples(left), 5, (2, 100, 0.01), num_cooled=30)
        loss, accuracy = scored(run.layers, samples(kept_aside))
        # The logarithms round in another order.
        assert found.loss == near(loss, rel=1e-13)
        assert found.accuracy == accuracy
        n_test = len(kept_aside)
        assert found.n_right == round(n_test * accuracy)
        assert found.n_right / found.n_test == found.accuracy
        deviation = (accuracy * (1 - accuracy) / n_test) ** 0.5
        assert found.deviation == near(deviation, rel=1e-14)


def test_the_digits_are_loaded_once() -> None:
    """What every example shares stays as it is, however often it is asked for."""
    before = capacity._loaded()  # noqa: SLF001 (what is shared has no other name)
    pixels, labels = before.inputs.copy(), before.labels.copy()
    capacity_curve(hidden=((2,),), wrong_share=0.5, num_epochs=1, num_seeds=1)
    assert capacity._loaded() is before  # noqa: SLF001
    assert np.array_equal(before.inputs, pixels)
    assert np.array_equal(before.labels, labels)
