"""The worked examples of the chapter, against numbers worked by hand."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.datasets import digits
from gdbook.examples.weight_decay import (
    DecaySearch,
    DecayStep,
    DoubleDescent,
    KeptShares,
    Shifts,
    _drawn,
    _shifted,
    decay_search,
    decay_step,
    double_descent,
    kept_shares,
    shifts,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("199/200", "2.23", "36/37", "1/6")


class TestDecayStep:
    """From 2, with the slope −24, at the rate 1/100."""

    def test_every_number_of_the_book(self) -> None:
        """2·(1 − 1/200) + 24/100 is 2 + 23/100."""
        step = decay_step()
        assert isinstance(step, DecayStep)
        assert step.factor == Fraction(199, 200)
        assert step.shrunk == Fraction(199, 100)
        assert step.new_weight == step.by_penalty == Fraction(223, 100)
        assert step.penalised_slope == -23
        # Adam goes as far as its rate; the decay takes 2 · 1/2 · 1/100.
        assert (step.adam, step.adam_by_penalty) == near((2.01, 2.01), rel=1e-9)
        assert step.adamw == near(2, rel=1e-9)
        assert_plain(step.adam, float)

    def test_floats(self) -> None:
        """From 4, slope 1: 3/4 of it is left, less 1/2."""
        step = decay_step(4.0, 1.0, 0.5, 0.5)
        assert (step.factor, step.shrunk, step.new_weight) == (0.75, 3, 2.5)
        assert (step.penalised_slope, step.by_penalty) == (3, 2.5)
        assert (step.adam, step.adam_by_penalty) == near((3.5, 3.5), rel=1e-7)
        assert step.adamw == near(2.5, rel=1e-7)


class TestKeptShares:
    """What decay leaves."""

    def test_every_number_of_the_book(self) -> None:
        """18 over 18 1/2, 1 over 1 1/2, 1/10 over 6/10."""
        assert kept_shares() == KeptShares(
            (18, 1, Fraction(1, 10)),
            Fraction(1, 2),
            (Fraction(36, 37), Fraction(2, 3), Fraction(1, 6)),
        )

    def test_floats(self) -> None:
        """3 of 4."""
        assert kept_shares((3.0,), 1).kept == (0.75,)

    def test_descent_ends_there(self) -> None:
        """Forty steps towards 6 end at 4, as half of the distance is left each time."""
        weight: Any = 0
        for _ in range(40):
            weight = decay_step(weight, 2 * (weight - 6), Fraction(1, 6), 1).new_weight
        assert kept_shares((2,), 1).kept[0] * 6 == 4
        assert 4 - weight == Fraction(4, 2**40)


class TestDecaySearch:
    """A wide network on a few digits."""

    def test_shapes_and_means(self) -> None:
        """A row for each decay, a column for each rate, the best of which is named."""
        search = decay_search((0, 3), (0.001, 0.03), num_epochs=2, num_seeds=2)
        assert isinstance(search, DecaySearch)
        assert (search.n_wrong, search.copies, search.num_steps) == (20, 1, 10)
        for at, row in enumerate(search.validation_losses):
            assert len(row) == 2
            assert row[search.best[at]] == min(row)
            seeds = search.seed_losses[at]
            assert sum(seeds) / 2 == near(min(row))
        assert_plain(search)

    def test_pictures_are_moved(self) -> None:
        """Five times the samples, and as many steps; it is another training."""
        still = decay_search((0,), (0.01,), num_epochs=2, num_seeds=1)
        moved = decay_search((0,), (0.01,), num_epochs=2, num_seeds=1, shifted=True)
        assert moved.copies == 5
        assert moved.num_steps == still.num_steps
        assert moved.validation_losses != still.validation_losses

    def test_refuses(self) -> None:
        """Five batches need five samples, and others must be left."""
        with refused(ValueError, "n_samples", "is 4 but must be at least 5"):
            decay_search(n_samples=4)
        with refused(ValueError, "n_samples", "is 1001 but must be at most 1000"):
            decay_search(n_samples=1001)


class TestShifts:
    """A digit in five places."""

    def test_moves(self) -> None:
        """What is dark moves by one, and what is beyond the edge is lost."""
        picture = np.zeros((8, 8))
        picture[0, 0], picture[3, 7] = 1, 2
        still, down, up, right, left = _shifted(picture.reshape(1, -1)).reshape(5, 8, 8)
        assert np.array_equal(still, picture)
        assert (down[1, 0], down[4, 7], down.sum()) == (1, 2, 3)
        assert (up[2, 7], up.sum()) == (2, 2)
        assert (right[0, 1], right.sum()) == (1, 1)
        assert (left[3, 6], left.sum()) == (2, 2)

    def test_several_pictures(self) -> None:
        """All pictures at one place stand before those at the next."""
        pictures = digits().inputs[:3]
        assert np.array_equal(_shifted(pictures)[:3], pictures)
        assert len(_shifted(pictures)) == 15

    def test_every_number_of_the_book(self) -> None:
        """The first digit is a 0."""
        found = shifts()
        assert isinstance(found, Shifts)
        assert (found.label, len(found.pictures)) == (0, 5)
        assert np.ravel(found.pictures[0]).tolist() == digits().inputs[0].tolist()
        assert_plain(found)
        with refused(ValueError, "sample", "is 1797 but must be less than 1797"):
            shifts(1797)


class TestDoubleDescent:
    """A random first layer, and a last layer that fits best."""

    @pytest.mark.parametrize("decay", [0, Fraction(1, 2)])
    def test_it_is_the_best_fit(self, decay: Any) -> None:
        """The normal equations, with decay, or with fewer nodes than samples."""
        found = double_descent((4,), decay, 40, 0.25, 1)
        assert isinstance(found, DoubleDescent)
        generator = np.random.default_rng(0)
        inputs, targets, _ = _drawn(40, 0.25, generator)
        hidden = np.maximum(inputs @ (generator.normal(size=(64, 4)) / 8), 0)
        matrix = hidden.T @ hidden + float(decay) * np.eye(4)
        centred = targets - 0.1
        last = np.linalg.solve(matrix, hidden.T @ centred)
        expected = ((hidden @ last - centred) ** 2).sum(axis=1).mean()
        assert found.training_losses[0][0] == near(expected, rel=1e-9)

    def test_room_for_all(self) -> None:
        """With more nodes than samples and no decay the fit is exact."""
        found = double_descent((5, 60), 0, 20, num_seeds=2)
        assert max(found.training_losses[1]) < 1e-20
        assert min(found.training_losses[0]) > 0.01
        assert found.n_wrong == 4
        assert found.medians == tuple(sum(row) / 2 for row in found.test_losses)
        assert found.highest == found.medians.index(max(found.medians))
        assert_plain(found)

    def test_wrong_labels(self) -> None:
        """A share of the labels is another one, and the rest is right."""
        _, targets, others = _drawn(50, 0.2, np.random.default_rng(3))
        rows = np.random.default_rng(3).permutation(1797)[:50]
        same = targets.argmax(axis=1) == digits().labels[rows]
        assert (same.sum(), len(others)) == (40, 1747)
        assert targets.sum(axis=1).tolist() == [1] * 50

    def test_refuses(self) -> None:
        """Others must be left to test on."""
        with refused(ValueError, "n_samples", "is 1001 but must be at most 1000"):
            double_descent(n_samples=1001)
