"""The worked examples of the chapter on training."""

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain, leaves

from gdbook import datasets, initialisation, network
from gdbook.activations import IDENTITY, RELU, TANH
from gdbook.examples.training import (
    BestSplit,
    HandMade,
    Learned,
    MoonsSeeds,
    best_split,
    hand_made,
    learn_moons,
    learn_xor,
    moons_seeds,
    moons_split,
)
from gdbook.traces import plain

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("0.75", "17", "33", "200", "1000", "400")

HALF = Fraction(1, 2)


class TestBestSplit:
    """A line says one on one side of it and zero on the other."""

    def test_every_number_of_the_book(self) -> None:
        """The best of all lines for XOR gets three of four right."""
        found = best_split()
        assert isinstance(found, BestSplit)
        assert found.inputs == ((0, 0), (0, 1), (1, 0), (1, 1))
        assert found.targets == (0, 1, 1, 0)
        # The diagonal cuts one corner off; two are √½ from it, so half of that.
        assert found.angle == 45
        assert found.offset == near(0.5**0.5 / 2, rel=1e-14)
        assert (found.right, found.accuracy, found.wrong) == (3, 0.75, (3,))
        assert_plain(found)

    def test_what_a_line_can_part(self) -> None:
        """The widest gap is kept, halfway between the samples."""
        found = best_split([[0, 0], [1, 0], [4, 0]], [0, 0, 1], num_angles=4)
        assert (found.angle, found.offset) == (0, 2.5)
        assert (found.right, found.accuracy, found.wrong) == (3, 1, ())
        # Turned round: yes is to the left.
        found = best_split([[0, 0], [1, 0], [4, 0]], [1, 0, 0], num_angles=2)
        assert found.angle == 180
        assert found.offset == near(-0.5, rel=1e-14)
        assert found.wrong == ()

    def test_one_answer_for_all(self) -> None:
        """Where nothing else is better, all samples are on one side."""
        yes = best_split([[0, 0], [0, 1]], [1, 1], num_angles=1)
        assert (yes.right, yes.wrong, yes.angle) == (2, (), 0)
        assert yes.offset == -1  # one below the least, which is 0
        no = best_split([[3, 0], [5, 1]], [0, 0], num_angles=1)
        assert (no.right, no.wrong, no.offset) == (2, (), 6)  # one above the greatest
        rising = [[3, 0], [5, 1], [9, 0]]
        assert best_split(rising, [1, 1, 1], num_angles=1).offset == 2
        assert best_split(rising, [0, 0, 0], num_angles=1).offset == 10

    def test_a_gap_is_better_than_none(self) -> None:
        """Of lines that are right equally often, one between samples is kept."""
        row = [[0, 0], [0.5, 0], [1, 0]]
        # To say yes everywhere is right twice as well, and so is no everywhere.
        assert best_split(row, [1, 0, 1], num_angles=1).offset == 0.75
        assert best_split(row, [0, 1, 0], num_angles=1).offset == 0.25

    def test_a_sample_on_the_line(self) -> None:
        """What is not greater than the offset is a no."""
        far = 2.0**60  # the next float is 256 away
        found = best_split([[far, 0]], [0], num_angles=1)
        assert (found.offset, found.right, found.wrong) == (far, 1, ())

    def test_nothing_fits_between_equals(self) -> None:
        """Samples on a line of this direction are not parted by rounding."""
        found = best_split([[1, 0], [1, 1], [1, 2]], [0, 1, 0], num_angles=1)
        assert (found.right, found.wrong) == (2, (1,))
        # A billionth is still none, and to part nothing is one below the least.
        for gap, offset, wrong in ((1e-9, -1, (0,)), (2e-9, 1e-9, ())):
            found = best_split([[0, 0], [gap, 0]], [0, 1], num_angles=1)
            assert (found.offset, found.wrong) == (offset, wrong)

    def test_equal_lines_keep_the_first_angle(self) -> None:
        """Four corners, one of them yes: of eight angles 225 degrees is as wide."""
        square = [[0, 0], [0, 1], [1, 0], [1, 1]]
        found = best_split(square, [0, 1, 1, 0], num_angles=8)
        assert found.angle == 45  # 225 degrees cuts the opposite corner off
        assert found.wrong == (3,)
        # The gap is 1 to the right, and a little more upwards.
        for more, angle in ((3e-10, 0), (2e-9, 90)):
            found = best_split([[0, 0], [1, 1 + more]], [0, 1], num_angles=4)
            assert found.angle == angle

    def test_every_degree_unless_told(self) -> None:
        """A full turn has 360 of them."""
        # The nearest to the direction of (cos 17°, sin 17°).
        place = np.deg2rad(17)
        found = best_split([[0, 0], [np.cos(place), np.sin(place)]], [0, 1])
        assert found.angle == 17
        assert found.offset == near(0.5, rel=1e-14)

    def test_fractions_and_arrays(self) -> None:
        """Fractions leave as they came; arrays stay as they are."""
        found = best_split([[HALF, 0], [2, 0]], [0, 1], num_angles=1)
        assert found.inputs == ((HALF, 0), (2, 0))
        assert found.offset == 1.25
        inputs, targets = np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([0, 1])
        assert_plain(best_split(inputs, targets))
        assert inputs.tolist() == [[0, 1], [2, 1]]
        assert targets.tolist() == [0, 1]

    def test_shapes_and_classes(self) -> None:
        """Two columns, a target for each row, and two classes."""
        says = "has shape {} but must have shape {}, one row for each target"
        with refused(ValueError, "inputs", says.format("(2, 3)", "(2, 2)")):
            best_split([[1, 2, 3], [4, 5, 6]], [0, 1])
        with refused(ValueError, "inputs", says.format("(2, 2)", "(3, 2)")):
            best_split([[1, 2], [4, 5]], [0, 1, 0])
        with refused(ValueError, "targets", "must hold 0 and 1 only"):
            best_split([[1, 2], [4, 5]], [0, 2])


@cache
def moons_line() -> BestSplit:
    """Find the book's line once."""
    return moons_split()


class TestTheBestLineThroughMoons:
    """A line cuts off the horns of both moons."""

    def test_it_gets_less_than_nine_tenths(self) -> None:
        """More than three quarters, less than nine tenths of 400."""
        found = moons_line()
        assert len(found.targets) == 400
        assert sum(found.targets) == 200
        assert 0.8 < found.accuracy < 0.9
        assert found.right == 400 - len(found.wrong) == 400 * found.accuracy

    def test_no_line_is_better(self) -> None:
        """Two thousand random lines get no more right."""
        found = moons_line()
        points, yes = np.array(found.inputs), np.array(found.targets)
        generator = np.random.default_rng(5)
        for angle, offset in generator.uniform((0, -2), (2 * np.pi, 2), (2000, 2)):
            says = points @ [np.cos(angle), np.sin(angle)] > offset
            # Between whole degrees a point or two may change sides.
            assert (says == yes).sum() <= found.right + 2

    def test_the_wrong_ones_are_on_the_wrong_side(self) -> None:
        """The line that is described is the one that was counted."""
        found = moons_line()
        angle = np.deg2rad(found.angle)
        says = np.array(found.inputs) @ [np.cos(angle), np.sin(angle)] > found.offset
        wrong = np.flatnonzero(says != np.array(found.targets))
        assert tuple(wrong.tolist()) == found.wrong

    def test_its_arguments(self) -> None:
        """Without noise, moons of four points are parted; the seed is 1 unless told."""
        assert moons_split(4, noise=0, num_angles=8).accuracy == 1
        few = moons_split(20, num_angles=1)
        assert few == moons_split(20, 0.2, 1, 1)
        assert few.inputs != moons_split(20, seed=2, num_angles=1).inputs
        assert few.angle == 0
        for noise in (0, 0.5):
            drawn = datasets.moons(20, noise=noise, seed=1).inputs
            assert moons_split(20, noise, num_angles=1).inputs == plain(drawn)
        assert moons_split(8, num_angles=360) == moons_split(8)


class TestHandMade:
    """Two lines in a hidden layer and a bend are enough."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        assert hand_made() == HandMade(
            inputs=((0, 0), (0, 1), (1, 0), (1, 1)),
            targets=(0, 1, 1, 0),
            sums=((0, -1), (1, 0), (1, 0), (2, 1)),
            hidden=((0, 0), (1, 0), (1, 0), (2, 1)),
            output_weights=(1, -2),
            predictions=(0, 1, 1, 0),
            loss=0,
        )

    def test_other_weights(self) -> None:
        """Rows belong to nodes, exactly in fractions."""
        made = hand_made(
            ((HALF, -1), (2, 0), (0, 1)), (0, -1, 1), (1, HALF, 3), ((1, 2),), (4,)
        )
        # 1/2 − 2, 2 − 1, 2 + 1; relu; 0 + 1/2 + 9; (19/2 − 4)²
        assert made.sums == ((Fraction(-3, 2), 1, 3),)
        assert made.hidden == ((0, 1, 3),)
        assert made.predictions == (Fraction(19, 2),)
        assert made.loss == Fraction(121, 4)
        assert made.targets == (4,)
        assert_plain(made, Fraction)

    def test_arrays_stay(self) -> None:
        """Arrays go in, Python's numbers come out."""
        rows = np.array([[1.0, 1.0], [1.0, 1.0]])
        assert_plain(hand_made(rows, np.array([0.0, -1.0])))
        assert rows.tolist() == [[1, 1], [1, 1]]

    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ({"hidden_weights": ((1, 1),)}, "hidden_bias"),
            ({"hidden_bias": (1,)}, "hidden_bias"),
            ({"output_weights": (1, 2, 3)}, "output_weights"),
            ({"inputs": ((1, 2, 3),)}, "inputs"),
            ({"targets": (1, 2)}, "inputs"),
        ],
    )
    def test_shapes(self, given: Any, named: str) -> None:
        """What does not fit is named."""
        with pytest.raises(ValueError, match=f"^`{named}` has shape"):
            hand_made(**given)


@cache
def xor() -> Learned:
    """Learn XOR once."""
    return learn_xor()


@cache
def moons_run() -> Learned:
    """Learn the moons once."""
    return learn_moons()


class TestLearningXor:
    """The line bends until it parts the four samples."""

    def test_bookkeeping(self) -> None:
        """Sizes, counts and samples follow from the arguments."""
        run = xor()
        assert run.sizes == (2, 4, 1)
        assert run.num_weights == 17  # 8 + 4 + 4 + 1
        assert run.num_steps == 200  # one for each epoch
        assert (run.learning_rate, run.batch_size, run.seed) == (0.05, 4, 0)
        assert run.epochs == (0, 10, 30, 200)
        assert run.inputs == ((0, 0), (0, 1), (1, 0), (1, 1))
        assert run.targets == (0, 1, 1, 0)
        assert run.limits == ((-0.5, 1.5), (-0.5, 1.5))
        assert np.shape(run.surfaces) == (4, 41, 41)
        assert_plain(run)
        # Training is done in floats.
        assert {type(x) for x in leaves((run.inputs, run.targets))} == {float}

    def test_it_learns(self) -> None:
        """It starts as bad as a line and ends with every sample right."""
        run = xor()
        assert run.losses[0] > 0.25 > run.losses[2] > run.losses[3]
        assert run.losses[3] < 1e-6
        assert run.accuracies[0] <= 0.75
        assert run.accuracies[2:] == (1, 1)

    def test_the_surface_says_what_the_samples_get(self) -> None:
        """At the last epoch, row and column of a sample hold its target."""
        # 41 places from −1/2 to 3/2: 0 is the tenth step, 1 the thirtieth.
        said = xor().surfaces[-1]
        corners = [said[up][across] for across in (10, 30) for up in (10, 30)]
        assert corners == near(xor().targets, abs=1e-4)
        losses = [(s - t) ** 2 for s, t in zip(corners, xor().targets, strict=True)]
        assert sum(losses) / 4 == near(xor().losses[-1], rel=1e-9)

    def test_rows_go_up(self) -> None:
        """The first row is the lowest, its first place the leftmost."""
        # A network of one linear node is a plane; at epoch 0 its bias is 0.
        run = learn_xor(1, (0,), activation=IDENTITY, resolution=3)
        (low, _, high) = run.surfaces[0]
        # −1/2, 1/2, 3/2: the middle of the rows and columns is half their sum.
        assert low[0] + high[2] == near(2 * run.surfaces[0][1][1], rel=1e-12)
        generator = np.random.default_rng(0)
        reach = (6 / 3) ** 0.5, (6 / 2) ** 0.5  # Glorot: 6 over inputs plus outputs
        first = generator.uniform(-reach[0], reach[0], (2, 1))
        last = generator.uniform(-reach[1], reach[1], (1, 1))
        across, up = (first @ last)[:, 0]
        assert low[2] - low[0] == near(2 * across, rel=1e-12)
        assert high[0] - low[0] == near(2 * up, rel=1e-12)

    def test_one_run_seen_several_times(self) -> None:
        """Looking at other epochs changes nothing of the run."""
        few = learn_xor(epochs=(10,), resolution=2)
        assert few.losses == xor().losses[1:2]
        assert few.accuracies == xor().accuracies[1:2]
        assert few.num_steps == 10
        # The corners of the plane are those of the finer picture.
        fine = xor().surfaces[1]
        corners = [fine[0][0], fine[0][40], fine[40][0], fine[40][40]]
        assert leaves(few.surfaces) == near(corners, rel=1e-12)

    def test_without_a_bend_it_stays_a_line(self) -> None:
        """With the identity the loss cannot fall below 1/4, that of one half."""
        run = learn_xor(epochs=(200,), activation=IDENTITY, resolution=2)
        assert 0.25 <= run.losses[0] < 0.26
        assert run.accuracies[0] <= 0.75

    def test_its_settings_are_used(self) -> None:
        """Each argument changes the run, and the defaults are the book's."""
        start: dict[str, Any] = {"epochs": (2,), "resolution": 2}
        told = learn_xor(4, (2,), 0.05, TANH, 0, 2)
        assert told == learn_xor(**start)
        for change in (
            {"learning_rate": 0.1},
            {"activation": RELU},
            {"seed": 1},
            {"n_hidden": 3},
        ):
            assert learn_xor(**start, **change).losses != told.losses


class TestLearningMoons:
    """First it finds a line, then it bends it around the horns."""

    def test_bookkeeping(self) -> None:
        """Sizes, counts and samples follow from the arguments."""
        run = moons_run()
        assert run.sizes == (2, 8, 1)
        assert run.num_weights == 33  # 16 + 8 + 8 + 1
        assert run.epochs == (0, 3, 20, 100)
        assert run.num_steps == 1000  # 200/20 batches in each of 100 epochs
        assert (run.learning_rate, run.batch_size, run.seed) == (0.03, 20, 0)
        assert np.shape(run.inputs) == (200, 2)
        assert sum(run.targets) == 100
        assert np.shape(run.surfaces) == (4, 41, 41)
        for limit, column in zip(
            run.limits, zip(*run.inputs, strict=True), strict=True
        ):
            expected = (min(column) - 0.25, max(column) + 0.25)
            assert limit == near(expected, rel=1e-12)
        assert_plain(run)

    def test_it_beats_every_line(self) -> None:
        """On moons that it never saw it is right more often than the best line."""
        run = moons_run()
        assert run.accuracies[-1] > 0.93 > moons_line().accuracy + 0.02
        assert run.accuracies[0] < run.accuracies[1] < run.accuracies[-1]
        assert abs(run.accuracies[1] - moons_line().accuracy) < 0.03
        assert run.losses[0] > 0.25 > run.losses[1] > run.losses[2] > run.losses[3]

    def test_it_is_measured_on_other_moons(self) -> None:
        """The accuracies are shares of the held-out points, of the next seed."""
        run = learn_moons(epochs=(0,), n_held_out=7, n_samples=20, resolution=2)
        assert run.accuracies[0] * 7 == near(round(run.accuracies[0] * 7))
        shares = [moons_run().accuracies[i] * 400 for i in range(4)]
        assert shares == near([round(share) for share in shares], rel=1e-12)

    def test_the_moons_that_are_drawn(self) -> None:
        """Both have the noise that is asked for; the others come from the next seed."""
        noise = 0.5
        run = learn_moons(epochs=(0,), noise=noise, seed=3, resolution=2)
        assert run.inputs == plain(datasets.moons(200, noise=noise, seed=3).inputs)
        # The network before its first step, which the same seed draws.
        layers = network.dense_network(
            run.sizes,
            np.random.default_rng(3),
            activation=TANH,
            initialise=initialisation.glorot,
        )
        others = datasets.moons(400, noise=noise, seed=4)
        says = network.forward(layers, others.inputs)[-1] > 0.5
        assert run.accuracies == ((says == others.targets).mean(),)

    def test_its_settings_are_used(self) -> None:
        """Each argument changes the run, and the defaults are the book's."""
        small: dict[str, Any] = {"epochs": (1,), "resolution": 2}
        told = learn_moons(8, (1,), 0.03, 20, TANH, 200, 400, 0.2, 0, 2)
        assert told == learn_moons(**small)
        assert told.num_steps == 10
        for change in (
            {"learning_rate": 0.1},
            {"batch_size": 10},
            {"activation": RELU},
            {"n_samples": 100},
            {"noise": 0.1},
            {"seed": 1},
            {"n_hidden": 3},
        ):
            assert learn_moons(**small, **change).losses != told.losses
        assert learn_moons(**small, n_held_out=10).losses == told.losses


class TestMoonsFromSeveralSeeds:
    """Each seed has its own moons, its own network and its own line."""

    def test_the_defaults(self) -> None:
        """Six seeds, seen early and at the end."""
        found = moons_seeds()
        assert isinstance(found, MoonsSeeds)
        assert found.epochs == (3, 100)
        assert [lead.num_seeds for lead in found.leads] == [6, 6]
        # Shares of 400 points, whose difference is a share of 400.
        leads = [400 * lead for own in found.leads for lead in own.values]
        assert leads == near([round(lead) for lead in leads], abs=1e-9)
        assert_plain(found)

    def test_a_lead_is_the_networks_share_less_the_lines(self) -> None:
        """On the same moons, those of the next seed."""
        for seed, lead in enumerate(moons_seeds(2, (0,)).leads[0].values):
            share = learn_moons(epochs=(0,), seed=seed, resolution=2).accuracies[0]
            line = moons_split(seed=seed + 1).accuracy
            assert lead == near(float(share) - line, abs=1e-12)


@pytest.mark.parametrize("learn", [learn_xor, learn_moons])
def test_epochs_rise(learn: Any) -> None:
    """One run is seen several times, each later than the one before."""
    for odd in ((2, 1), (1, 1)):
        with refused(ValueError, "epochs", f"is {odd!r} but must hold rising numbers"):
            learn(epochs=odd)


def test_a_batch_holds_some_of_the_samples() -> None:
    """No more than there are."""
    with pytest.raises(ValueError, match=r"^`batch_size` is 201 but"):
        learn_moons(batch_size=201)
