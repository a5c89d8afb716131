"""The worked examples of the chapter on updating one weight."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import refused
from near import near

from gdbook.descent import FLAT, OUT_OF_STEPS, DivergenceError
from gdbook.examples.weight_update import (
    Promise,
    Repeated,
    WeightUpdate,
    promise,
    promises,
    repeated,
    weight_update,
)

# What the page of the chapter shows; tests/test_book.py looks for it there.
NUMBERS = ("6", "−4", "−24", "2.24", "5.76", "5.2416", "0.5184", "0.82", "3.3333")

HUNDREDTH = Fraction(1, 100)


class TestOneWeightThreeFactors:
    """Input 3, weight 2, target 10: slope 2·(−4)·3 = −24, new weight 2.24."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        # 3·2 = 6; 6 − 10 = −4; 2·(−4)·3 = −24; 0.01·24 = 0.24; 2 + 0.24 = 2.24
        assert weight_update() == WeightUpdate(6, -4, -24, 0.24, 2.24)

    def test_it_is_exact_on_fractions(self) -> None:
        """A learning rate of 1/100 gives 56/25."""
        step = weight_update(learning_rate=HUNDREDTH)
        assert type(step.new_weight) is Fraction
        assert step == (6, -4, -24, Fraction(6, 25), Fraction(56, 25))

    def test_every_argument_as_a_fraction(self) -> None:
        """Fractions in all places give fractions in all places."""
        step = weight_update(
            Fraction(3, 2), Fraction(1, 3), Fraction(1, 4), Fraction(1, 5)
        )
        # 3/2·1/3 = 1/2; 1/2 − 1/4 = 1/4; 2·1/4·3/2 = 3/4; −1/5·3/4 = −3/20;
        # 1/3 − 3/20 = 20/60 − 9/60 = 11/60
        assert step == (
            Fraction(1, 2),
            Fraction(1, 4),
            Fraction(3, 4),
            Fraction(-3, 20),
            Fraction(11, 60),
        )

    def test_numbers_are_pythons_own(self) -> None:
        """NumPy's scalars go in, Python's numbers come out."""
        numpys: tuple[Any, ...] = (np.float64(3), np.int64(2), np.float32(10), 0.5)
        step = weight_update(*numpys)
        assert [type(value) for value in step] == [float, float, float, float, float]
        # 2 + 0.5·24 = 14
        assert step.new_weight == 14


class TestPromiseAgainstKept:
    """The tangent promises 0.24·24 = 5.76, and half of 18·0.24² = 0.5184 is missing."""

    def test_every_number_of_the_book(self) -> None:
        """The defaults give the numbers of the page."""
        step = promise()
        assert isinstance(step, Promise)
        assert (step.learning_rate, step.before, step.slope, step.square) == (
            0.01,
            16,
            -24,
            9,
        )
        assert step.update == near(0.24, rel=1e-15)
        assert step.promised == near(5.76, rel=1e-15)
        assert step.gap == near(0.5184, rel=1e-15)
        assert step.kept == near(5.2416, rel=1e-15)

    def test_it_is_exact_on_fractions(self) -> None:
        """576/100 promised, 9·(24/100)² missing, 16 − (328/100)² kept."""
        step = promise(learning_rate=HUNDREDTH)
        assert step[5:] == (
            Fraction(144, 25),
            Fraction(324, 625),
            Fraction(3276, 625),
        )
        # x = 1/2, w = 3, y = 5/2: error −1, slope −1, step 1/4; the new error is −7/8
        step = promise(Fraction(1, 2), 3, Fraction(5, 2), Fraction(1, 4))
        quarter = Fraction(1, 4)
        gap = Fraction(1, 64)
        assert step == (
            quarter,
            quarter,
            1,
            -1,
            quarter,
            quarter,
            gap,
            Fraction(15, 64),
        )

    def test_every_rate_of_the_book(self) -> None:
        """At 1/18 half is kept, at 1/9 nothing, and at 1/6 the loss rises by 48."""
        assert [(one.promised, one.gap, one.kept) for one in promises()] == [
            (16, 4, 12),
            (32, 16, 16),
            (48, 36, 12),
            (64, 64, 0),
            (96, 144, -48),
        ]
        assert promises(learning_rates=[0.01]) == (promise(),)
        assert promises(1, 2, 3, (Fraction(1, 2),)) == (
            promise(1, 2, 3, Fraction(1, 2)),
        )


class TestRepeatedUntilItSettles:
    """Repeated until it settles at 10/3; each step multiplies the error by 0.82."""

    def test_given_numbers_are_in_the_trace(self) -> None:
        """The trace begins with what was given."""
        run = repeated()
        assert isinstance(run, Repeated)
        assert (run.input_value, run.target, run.learning_rate) == (3, 10, 0.01)

    def test_first_steps_are_exact_on_fractions(self) -> None:
        """Two steps worked by hand."""
        run = repeated(learning_rate=HUNDREDTH, num_steps=2)
        # error −4·41/50 = −82/25, then −82/25·41/50 = −1681/625;
        # weight (10 − 82/25)/3 = 56/25, then (10 − 1681/625)/3 = 1523/625
        assert run.weights == (2, Fraction(56, 25), Fraction(1523, 625))
        assert run.errors == (-4, Fraction(-82, 25), Fraction(-1681, 625))
        assert run.losses == (16, Fraction(6724, 625), Fraction(1681, 625) ** 2)
        assert run.factor == Fraction(41, 50)  # 1 − 2·9/100 = 82/100
        assert (run.num_steps, run.stopped) == (2, OUT_OF_STEPS)

    def test_every_step_has_one_factor(self) -> None:
        """The error after k steps is −4·(41/50)^k, exactly."""
        run = repeated(learning_rate=HUNDREDTH, num_steps=30, flat=0)
        assert run.errors == tuple(-4 * Fraction(41, 50) ** k for k in range(31))

    def test_it_settles_at_ten_thirds(self) -> None:
        """Descent stops flat, with the weight within its promise of 10/3."""
        run = repeated()
        assert run.stopped == FLAT
        # |slope| = 6·4·0.82^k <= 0.001 first for k = ln(24000)/−ln(0.82) = 50.8, so 51
        assert run.num_steps == 51
        assert run.settles_at == 10 / 3
        # a slope of at most 0.001 is 18 times the distance
        assert abs(run.weights[-1] - 10 / 3) <= 0.001 / 18
        assert run.factor == near(0.82, rel=2e-16)

    @pytest.mark.claims(
        "That works because the loss has one curvature here, and the rate fits it.",
    )
    def test_settling_place_is_exact_on_fractions(self) -> None:
        """Target over input, as a fraction: 7/4."""
        run = repeated(Fraction(2), Fraction(1), Fraction(7, 2), Fraction(1, 8))
        assert run.settles_at == Fraction(7, 4)
        # 1 − 2·(1/8)·4 = 0: one step lands, and there it is flat
        assert (run.factor, run.weights) == (0, (1, Fraction(7, 4)))
        assert (run.num_steps, run.stopped) == (1, FLAT)

    def test_flat_and_number_of_steps_are_used(self) -> None:
        """A looser promise stops sooner, and no step leaves the start."""
        # 24·0.82^k <= 12 first for k = ln(2)/−ln(0.82) = 3.5, so 4
        assert repeated(flat=12).num_steps == 4
        assert repeated(num_steps=0).weights == (2,)
        assert repeated(flat=0).num_steps == 100

    def test_divergence_is_an_error(self) -> None:
        """Far above the bound the loss leaves the finite numbers at once."""
        with pytest.raises(DivergenceError, match="learning rate 1e\\+200") as caught:
            repeated(learning_rate=1e200)
        assert (caught.value.step, caught.value.loss) == (1, math.inf)

    def test_zero_input_is_refused(self) -> None:
        """No weight reaches the target from an input of zero."""
        with refused(
            ValueError,
            "input_value",
            "is 0 but must not be: then no weight reaches the target",
        ):
            repeated(input_value=0)
