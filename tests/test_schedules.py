"""Learning rates over time."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import (
    NOT_A_NUMBER,
    NOT_BETWEEN_0_AND_1,
    NOT_NUMBERS,
    NOT_POSITIVE,
    Refusal,
    not_a_count,
    refused,
)
from near import near

from gdbook.schedules import constant_rate, cosine_decay, reduce_on_plateau, step_decay


class TestStepDecay:
    """Shrink the learning rate by a factor at fixed intervals."""

    @pytest.mark.parametrize(
        ("step", "rate"),
        [
            (0, Fraction(1, 2)),
            (1, Fraction(1, 2)),
            (2, Fraction(1, 2)),  # the last of three steps that share a rate
            (3, Fraction(1, 6)),  # the first of the next three
            (5, Fraction(1, 6)),
            (6, Fraction(1, 18)),
            (30, Fraction(1, 2 * 3**10)),
        ],
    )
    def test_by_hand(self, step: int, rate: Fraction) -> None:
        """Half, then a third of it every three steps."""
        found = step_decay(Fraction(1, 2), step, every=3, factor=Fraction(1, 3))
        assert found == rate
        assert type(found) is Fraction

    def test_every_step(self) -> None:
        """With `every` 1 the rate shrinks at each step."""
        rates = [step_decay(8.0, step, every=1, factor=0.5) for step in range(4)]
        assert rates == [8.0, 4.0, 2.0, 1.0]

    def test_refuses(self) -> None:
        """Every argument is looked at, and named."""
        for bad, exception, says in NOT_POSITIVE:
            with refused(exception, "learning_rate", says):
                step_decay(bad, 1, every=1, factor=0.5)
        for bad, exception, says in not_a_count(0):
            with refused(exception, "step", says):
                step_decay(1, bad, every=1, factor=0.5)
        for bad, exception, says in not_a_count(1):
            with refused(exception, "every", says):
                step_decay(1, 1, every=bad, factor=0.5)
        for bad, exception, says in NOT_BETWEEN_0_AND_1:
            with refused(exception, "factor", says):
                step_decay(1, 1, every=1, factor=bad)


class TestReduceOnPlateau:
    """None of the last `patience` losses is less than the least loss before them."""

    @pytest.mark.parametrize(
        ("losses", "patience", "reduced"),
        [
            ([4, 3, 3, 3], 2, True),  # equal is no improvement
            ([4, 3, 3, Fraction(299, 100)], 2, False),  # however small, it is one
            (
                [4, 3, Fraction(299, 100), 3],
                2,
                False,
            ),  # the first of the last two improved
            ([4, 3, 2, 3, 3], 2, True),
            ([4, 3, 2, 3, 3], 3, False),  # 2 is among the last three
            ([2, 9, 3, 3], 2, True),  # the least before, not the last
            ([9, 2, 3, 3], 2, True),  # and not the first
            ([3, 3], 2, False),  # nothing before them yet
            ([3], 2, False),
            ([3], 1, False),
            ([3, 3], 1, True),
            ([3, 3, 3], 2, True),
            ([-1, -1], 1, True),
        ],
    )
    def test_by_hand(self, losses: list[Any], patience: int, reduced: bool) -> None:  # noqa: FBT001 (a row of the table)
        """The rate is a third of a half when the loss stopped improving."""
        found = reduce_on_plateau(
            Fraction(1, 2), losses, patience=patience, factor=Fraction(1, 3)
        )
        assert found == (Fraction(1, 6) if reduced else Fraction(1, 2))
        assert type(found) is Fraction

    def test_array(self) -> None:
        """The losses may be an array, which is not changed."""
        losses = np.array([4.0, 3.0, 3.0])
        assert reduce_on_plateau(0.5, losses, patience=1, factor=0.5) == 0.25  # type: ignore[arg-type]
        assert losses.tolist() == [4.0, 3.0, 3.0]

    def test_refuses(self) -> None:
        """Every argument is looked at, and named."""
        for bad, exception, says in NOT_POSITIVE:
            with refused(exception, "learning_rate", says):
                reduce_on_plateau(bad, [1], patience=1, factor=0.5)
        for bad, exception, says in NOT_NUMBERS:
            with refused(exception, "losses", says):
                reduce_on_plateau(1, bad, patience=1, factor=0.5)
        for bad, shape in ((2, ()), ([[2]], (1, 1))):
            says = f"has shape {shape} but must have 1 dimensions"
            with refused(ValueError, "losses", says):
                reduce_on_plateau(1, bad, patience=1, factor=0.5)  # type: ignore[arg-type]
        for bad, exception, says in not_a_count(1):
            with refused(exception, "patience", says):
                reduce_on_plateau(1, [1], patience=bad, factor=0.5)
        for bad, exception, says in NOT_BETWEEN_0_AND_1:
            with refused(exception, "factor", says):
                reduce_on_plateau(1, [1], patience=1, factor=bad)


class TestConstantRate:
    """Keep the learning rate."""

    def test_by_hand(self) -> None:
        """It is the same in every step, and a Python number."""
        rates = [constant_rate(Fraction(1, 3), step) for step in (0, 1, 10**9)]
        assert rates == [Fraction(1, 3)] * 3
        assert type(constant_rate(np.float64(0.5), 3)) is float

    def test_refuses(self) -> None:
        """Every argument is looked at, and named."""
        for bad, exception, says in NOT_POSITIVE:
            with refused(exception, "learning_rate", says):
                constant_rate(bad, 1)
        for bad, exception, says in not_a_count(0):
            with refused(exception, "step", says):
                constant_rate(1, bad)


class TestCosineDecay:
    """Lower the learning rate along half a wave of the cosine."""

    @pytest.mark.parametrize(
        ("step", "rate"),
        [
            (0, 1.0),
            (1, 0.2 + 0.8 * (1 + 3**0.5 / 2) / 2),  # cos 30° = √3/2
            (2, 0.2 + 0.8 * 0.75),  # cos 60° = 1/2
            (3, 0.6),  # half-way between 1 and 0.2
            (4, 0.2 + 0.8 * 0.25),
            (6, 0.2),
            (7, 0.2),  # and stays there
            (600, 0.2),
        ],
    )
    def test_by_hand(self, step: int, rate: float) -> None:
        """From 1 to 0.2 in six steps of thirty degrees."""
        found = cosine_decay(1.0, step, num_steps=6, least=0.2)
        assert found == near(rate, rel=4e-16)

    def test_to_zero_unless_told(self) -> None:
        """The least rate is 0; its ends are exact."""
        assert cosine_decay(0.3, 0, num_steps=1) == 0.3
        assert cosine_decay(0.3, 1, num_steps=1) == 0.0

    def test_a_rate_that_is_its_own_least(self) -> None:
        """Then it is constant."""
        assert cosine_decay(0.5, 3, num_steps=7, least=0.5) == 0.5

    def test_refuses(self) -> None:
        """Every argument is looked at, and named."""
        for bad, exception, says in NOT_POSITIVE:
            with refused(exception, "learning_rate", says):
                cosine_decay(bad, 1, num_steps=2)
        for bad, exception, says in not_a_count(0):
            with refused(exception, "step", says):
                cosine_decay(1, bad, num_steps=2)
        for bad, exception, says in not_a_count(1):
            with refused(exception, "num_steps", says):
                cosine_decay(1, 1, num_steps=bad)
        least: list[Refusal] = [
            *NOT_A_NUMBER,
            (-0.5, ValueError, "is -0.5 but must not be negative"),
            (1.5, ValueError, "is 1.5 but must not exceed the rate, 1"),
        ]
        for bad, exception, says in least:
            with refused(exception, "least", says):
                cosine_decay(1, 1, num_steps=2, least=bad)
