"""The worked examples of the chapter, against numbers worked by hand."""

from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near
from plain import assert_plain

from gdbook.datasets import digits
from gdbook.examples.deep_networks import (
    TwoMeans,
    _steps,
    _with,
    clipped_run,
    deep_losses,
    linked_chain,
    linked_scale,
    running_norm,
    two_means,
)
from gdbook.examples.vanishing_gradients import _deep
from gdbook.fitting import fit
from gdbook.losses import SOFTMAX_CROSS_ENTROPY
from gdbook.network import (
    BatchNorm,
    Dense,
    LayerNorm,
    Residual,
    batch_norm,
    forward,
    forward_pass,
    layer_norm,
)
from gdbook.optimizers import GradientDescent
from gdbook.packing import flatten

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("1048576", "25/16", "9.31", "5/3", "6.13", "1.68", "9.313")

book_run = cache(clipped_run)
SMALL: dict[str, Any] = {"n_layers": 3, "n_nodes": 8, "n_samples": 40, "batch_size": 10}


class TestLinkedChain:
    """A slope that comes back through layers, with links and without."""

    def test_every_number_of_the_book(self) -> None:
        """A quarter to the tenth, and five quarters to the tenth."""
        chain = linked_chain()
        assert chain.layer_factor == Fraction(1, 4)
        assert chain.plain_slopes[0] == Fraction(1, 1048576)
        assert chain.slopes[0] == chain.output == Fraction(9765625, 1048576)
        assert chain.slopes[-1] == chain.plain_slopes[-1] == 1
        assert len(chain.slopes) == len(chain.plain_slopes) == 11
        assert linked_chain(n_layers=2).slopes == (Fraction(25, 16), Fraction(5, 4), 1)
        assert {type(slope) for slope in chain.slopes} == {Fraction}
        assert_plain(chain, Fraction)

    @pytest.mark.parametrize("factor", [Fraction(-1), Fraction(2, 3), 0.5, 0, 3])
    def test_other_factors(self, factor: Fraction) -> None:
        """Every link multiplies by one more than the layer does."""
        chain = linked_chain(factor, 3)
        assert chain.plain_slopes == (factor**3, factor**2, factor, 1)
        more = 1 + factor
        assert chain.slopes == (more**3, more**2, more, 1)


class TestTwoMeans:
    """Means and deviations over each sample, and over the batch."""

    def test_every_number_of_the_book(self) -> None:
        """Rows: (2, 2, 6, 6) and (12, 6, 6, 4), with the variances 4 and 36/4."""
        third = Fraction(1, 3)
        expected = TwoMeans(
            row_means=(4, 7),
            row_deviations=(2, 3),
            by_rows=((-1, -1, 1, 1), (5 * third, -third, -third, -1)),
            column_means=(7, 4, 6, 5),
            column_deviations=(5, 2, 0, 1),
            by_columns=((-1, -1, 0, 1), (1, 1, 0, -1)),
        )
        assert two_means() == expected
        assert {type(x) for row in two_means().by_rows for x in row} == {Fraction}
        assert_plain(two_means(), Fraction)

    @pytest.mark.parametrize("seed", range(5))
    def test_layers_of_the_library(self, seed: int) -> None:
        """Both tables are what the two layers make of it."""
        samples = np.random.default_rng(seed).normal(size=(4, 3))
        means = two_means(samples)
        layers: Any = layer_norm(3, epsilon=1e-30), batch_norm(3, epsilon=1e-30)
        for layer, table in zip(layers, (means.by_rows, means.by_columns), strict=True):
            made = forward_pass([layer], samples, training=True).values[-1]
            assert made == near(np.array(table), rel=1e-9, abs=1e-12)


class TestRunningNorm:
    """One batch, shown again and again."""

    def test_by_hand(self) -> None:
        """Mean 7 and variance 25; a tenth of the way from 0 and from 1."""
        shown = running_norm()
        assert shown.running_means[:3] == near((0, 0.7, 1.33), rel=1e-12)
        assert shown.running_variances[:3] == near((1, 3.4, 5.56), rel=1e-12)
        assert shown.predicted[0] == near(12, rel=1e-5)
        assert shown.predicted[1] == near(11.3 / 3.4**0.5, rel=1e-5)
        assert shown.in_training == near(1, rel=1e-5)
        assert shown.predicted[-1] == near(1, rel=2e-3)
        assert shown.batches == tuple(range(81))
        assert_plain(shown)

    def test_other_numbers(self) -> None:
        """Beside a larger number it is −1 in training."""
        assert running_norm(12, 22, 1).in_training == near(-1, rel=1e-5)
        assert running_norm(3, 3, 1).in_training == 0


class TestDeepLosses:
    """A deep network, from several starts, with a remedy."""

    def test_remedies(self) -> None:
        """Which layers each of them has."""
        layers = _deep("tanh", "normal", 3, 8, 0)
        assert _with("plain", layers) is layers
        linked = _with("links", layers)
        kinds = [Dense, Dense, Residual, Dense, Residual, Dense]
        assert [type(layer) for layer in linked] == kinds
        for remedy, kind in (("layer norm", LayerNorm), ("batch norm", BatchNorm)):
            normed = _with(remedy, layers)
            assert [type(layer) for layer in normed[1::3]] == [kind] * 3
            assert normed[2::3] == tuple(layer.activation for layer in layers[:3])

    @pytest.mark.parametrize("remedy", ["plain", "links", "layer norm", "batch norm"])
    @pytest.mark.parametrize("limit", [None, 0.05])
    def test_steps_are_those_of_fit(self, remedy: str, limit: float | None) -> None:
        """The chapter's loop takes the same steps, in the same batches."""
        data = digits()
        inputs, targets = data.inputs[:40], data.targets[:40]
        layers = _with(remedy, _deep("tanh", "glorot", 2, 8, 1))
        steps = list(_steps(layers, inputs, targets, (0.1, 2, 10), 1, limit))
        history = fit(
            layers,
            inputs,
            targets,
            loss=SOFTMAX_CROSS_ENTROPY,
            rule=GradientDescent(0.1),
            num_epochs=2,
            batch_size=10,
            generator=np.random.default_rng(1),
            clip_norm=limit,
        )
        assert len(steps) == history.num_steps == 8
        assert flatten(steps[-1].layers) == near(flatten(history.layers), rel=1e-9)

    def test_spread(self) -> None:
        """Least, median and greatest of the starts, and the loss of a guess."""
        run = deep_losses(num_epochs=1, num_seeds=3, **SMALL)
        assert run.least <= run.median <= run.greatest
        assert run.num_steps == 4
        assert run.guess == near(np.log(10), rel=1e-12)
        still = deep_losses(num_epochs=0, num_seeds=3, **SMALL)
        assert still.median == near(run.first_loss, rel=1e-12)
        assert_plain(run)

    def test_too_many(self) -> None:
        """There are only so many digits."""
        for example in (deep_losses, clipped_run, linked_scale):
            with refused(ValueError, "n_samples", "is 1798 but there are only 1797"):
                example(n_samples=1798)


class TestLinkedScale:
    """How large the values are, layer by layer."""

    def test_silent(self) -> None:
        """A layer that says nothing has no scale."""
        with refused(ValueError, "n_nodes", "is 1 but at seed 1 all are silent"):
            linked_scale(n_nodes=1, n_samples=1, seed=1)

    def test_by_definition(self) -> None:
        """The root of the mean square behind each link."""
        scale = linked_scale(n_layers=3)
        layers = _deep("ReLU", "he", 3, 64, 0)
        values = digits().inputs[:200]
        values, sizes = forward(layers[:1], values)[-1], []
        for layer in layers[1:-1]:
            sizes.append(np.sqrt((values**2).mean()))
            values = values + forward([layer], values)[-1]
        sizes.append(np.sqrt((values**2).mean()))
        assert scale.sizes == near(tuple(sizes), rel=1e-9)
        assert scale.factor**2 == near(sizes[2] / sizes[0], rel=1e-9)
        assert_plain(scale)


class TestClippedRun:
    """A network whose scale explodes."""

    def test_of_the_book(self) -> None:
        """Clipped it learns, and as it is it leaves the floats."""
        run = book_run()
        assert len(run.norms) == len(run.losses) == 100
        assert len(run.plain_norms) == len(run.plain_losses) < 8
        assert run.norms[0] == run.plain_norms[0] > 100
        assert run.losses[0] == run.plain_losses[0]
        assert run.end < 0.1
        assert run.shortened == sum(norm > run.longest for norm in run.norms)
        assert all(a < b for a, b in pairwise(run.plain_norms))
        assert_plain(run)

    def test_limit_out_of_reach(self) -> None:
        """A limit that no gradient reaches changes nothing."""
        run = clipped_run(longest=1e9, learning_rate=0.001, num_epochs=1, **SMALL)
        assert run.norms == run.plain_norms
        assert run.shortened == 0
