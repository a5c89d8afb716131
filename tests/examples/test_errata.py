"""The worked examples of the errata."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from bad_input import refused
from near import near

from gdbook.examples.errata import (
    AfterOutput,
    BehindSigmoids,
    Compass,
    EmptyLoop,
    NeuronWithoutSum,
    Softmax,
    Unwatched,
    Validated,
    after_output,
    behind_sigmoids,
    compass,
    empty_loop,
    neuron_without_sum,
    softmax,
    unwatched,
    validated,
)


class TestSoftmax:
    """With the index outside the exponent every share is 1/n."""

    def test_right_shares(self) -> None:
        """Shares of (2, 1, 0) are 1, 1/e and 1/e² over their sum."""
        e = math.e
        total = 1 + 1 / e + 1 / e**2
        shares = softmax()
        assert isinstance(shares, Softmax)
        assert shares.right == near(
            (1 / total, 1 / e / total, 1 / e**2 / total), rel=1e-15
        )
        assert shares.printed == (1 / 3, 1 / 3, 1 / 3)

    def test_equal_values_share_equally(self) -> None:
        """Four equal values get a quarter each, whichever way it is read."""
        quarters = (0.25, 0.25, 0.25, 0.25)
        assert softmax((7, 7, 7, 7)) == (quarters, quarters)

    def test_large_values_do_not_overflow(self) -> None:
        """Only differences count: (1001, 1000) shares like (1, 0)."""
        assert softmax((1001, 1000)).right == softmax((1, 0)).right
        assert softmax((1000, 0)).right == (1, 0)

    def test_fractions_go_in(self) -> None:
        """A difference of 1/2 gives 1 to e^(-1/2)."""
        right = softmax((Fraction(1), Fraction(1, 2))).right
        assert right[1] / right[0] == near(math.exp(-0.5), rel=1e-15)


class TestNeuronWithoutSum:
    """Without the sum there is one value for each input, each with a bias."""

    def test_both_readings(self) -> None:
        """1 − 3 + 1 + 4 is 3; 1 + 4, −3 + 4 and 1 + 4 are three numbers."""
        neuron = neuron_without_sum()
        assert isinstance(neuron, NeuronWithoutSum)
        assert neuron == (3, (5, 1, 5))

    def test_one_input_needs_no_sum(self) -> None:
        """With a single input both say the same, and fractions stay exact."""
        half = Fraction(1, 2)
        assert neuron_without_sum((3,), (half,), half) == (2, (2,))

    def test_shapes_that_differ_are_refused(self) -> None:
        """The inputs are named."""
        says = "has shape (2,) but `weights` has shape (3,)"
        with refused(ValueError, "inputs", says):
            neuron_without_sum((1, 2), (1, 2, 3))


class TestCompass:
    """The way downhill is not the way to the best line."""

    def test_every_number_of_the_book(self) -> None:
        """Downhill is (2.6, 2.2), the best line (3/70, 21/20)."""
        needle = compass()
        assert isinstance(needle, Compass)
        assert needle.downhill == near((2.6, 2.2), rel=1e-14)
        assert needle.to_best == near((3 / 70, 21 / 20), rel=1e-13)
        dot = 2.6 * 3 / 70 + 2.2 * 21 / 20
        lengths = math.hypot(2.6, 2.2) * math.hypot(3 / 70, 21 / 20)
        assert needle.degrees == near(math.degrees(math.acos(dot / lengths)))

    @pytest.mark.parametrize(
        ("targets", "slope", "intercept"),
        [((2, 0), 0, 0), ((0, 2), 0, 0), ((0, 0), 1, 1), ((0, 0), -3, -1)],
    )
    def test_round_valley_is_pointed_through(
        self, targets: tuple[int, ...], slope: int, intercept: int
    ) -> None:
        """With inputs −1 and 1 both curvatures are 2, and the compass is right."""
        assert compass((-1, 1), targets, slope, intercept).degrees < 1e-6

    def test_angle_does_not_go_round(self) -> None:
        """Directions on both sides of the way to the left are near each other."""
        needle = compass((-1.1, 1), (0, 0), 1, 0.01)
        assert needle.downhill[0] < 0 < needle.downhill[1]
        assert needle.to_best[1] < 0
        assert 0 < needle.degrees < 10

    def test_one_of_two_may_be_right(self) -> None:
        """From the best slope the way leads along the intercept, and back down."""
        needle = compass((0, 1), (1, 3), 2, 0)
        assert needle.to_best == (0, 1)
        # Against (2·1/2, 2·2/2): 26.565 degrees, whose tangent is 1/2.
        assert needle.degrees == near(math.degrees(math.atan(0.5)), rel=1e-13)

    def test_no_way_leads_from_the_best_line(self) -> None:
        """There the angle is refused, exactly."""
        says = (
            "is 2 and `intercept` is 1 but they must not be those of the best line, "
            "from which no way leads there"
        )
        with refused(ValueError, "slope", says):
            compass((0, 1), (1, 3), 2, 1)


class TestAfterOutput:
    """Whatever is added behind the output becomes the output."""

    def test_every_number_of_the_book(self) -> None:
        """Two samples have one prediction each, and then twenty."""
        longer = after_output()
        assert isinstance(longer, AfterOutput)
        says = (
            "`predictions` has shape (2, 20) but `targets` has shape (2, 1); "
            "they must be equal"
        )
        assert longer == ((2, 1), (2, 20), says)

    def test_other_numbers_give_other_results(self) -> None:
        """Two added nodes are enough."""
        longer = after_output(2)
        assert longer.longer_shape == (2, 2)
        assert longer.message.startswith("`predictions` has shape (2, 2) but")


class TestUnwatched:
    """Without validation there is no validation loss to watch."""

    def test_the_message(self) -> None:
        """It says what there is."""
        said = unwatched()
        assert isinstance(said, Unwatched)
        assert said == (
            "validation_loss",
            (
                "`monitor` is 'validation_loss' but must be one of: loss; "
                "`validation` gives `fit` samples to measure it on"
            ),
        )

    def test_what_is_measured_can_be_watched(self) -> None:
        """The training loss is there."""
        assert unwatched("loss") == ("loss", "")


class TestBehindSigmoids:
    """What is added behind changes nothing of what comes back through."""

    def test_every_number_of_the_book(self) -> None:
        """Ten sigmoids multiply by a quarter each, before and after."""
        slopes = behind_sigmoids()
        assert isinstance(slopes, BehindSigmoids)
        assert slopes == (1 / 4**10, 1 / 4**10, 1)

    @pytest.mark.parametrize("n_layers", [1, 2, 20])
    def test_any_depth(self, n_layers: int) -> None:
        """A ReLU instead of each lets the whole slope through."""
        assert behind_sigmoids(n_layers) == (0.25**n_layers, 0.25**n_layers, 1)


class TestEmptyLoop:
    """A comment is no body."""

    def test_python_refuses_it(self) -> None:
        """The loop is refused for its missing block, and runs with one."""
        loop = empty_loop()
        assert isinstance(loop, EmptyLoop)
        assert loop.error == "IndentationError"
        assert loop.message.startswith("expected an indented block after 'for'")
        compile(loop.listing + "    pass\n", "mended", "exec")


class TestValidated:
    """Validation measures, and moves nothing."""

    def test_every_number_of_the_book(self) -> None:
        """The line y = x + 1 of two grades misses each of the others by 3."""
        trained = validated(1000, 0.08)
        assert isinstance(trained, Validated)
        # The slower part of the distance shrinks by 1 − 0.08·(11 − √117) in a step.
        left = (1 - 0.08 * (11 - math.sqrt(117))) ** 1000
        assert trained.with_validation == near((1, 1), rel=2 * left)
        assert trained.without == trained.with_validation
        assert trained.loss < left**2
        assert trained.validation_loss == near(9, rel=4 * left)

    def test_one_epoch_by_hand(self) -> None:
        """From (0, 0): slopes −(2·3 + 4·5) and −(3 + 5), a twentieth of each."""
        trained = validated(1)
        assert trained.with_validation == near((1.3, 0.4))
        # 1.3·2 + 0.4 = 3 and 1.3·4 + 0.4 = 5.6; then 8.2, 10.8 and 13.4
        assert trained.loss == near(0.18, rel=1e-11)
        assert trained.validation_loss == near(
            (4.2**2 + 4.8**2 + 5.4**2) / 3, rel=1e-11
        )
