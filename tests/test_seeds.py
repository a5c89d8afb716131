"""One run from many seeds."""

from fractions import Fraction
from typing import Any

import pytest
from bad_input import NOT_A_NUMBER, refused

from gdbook.seeds import Held, Spread, held, spread


class TestSpread:
    """Run from many seeds, and give the spread of a number."""

    def test_by_hand(self) -> None:
        """Five squares have their quarters at places of their own."""
        assert spread(lambda seed: (3 - seed) ** 2, 5) == Spread(
            *(5, (9, 4, 1, 0, 1)), least=0, low=1, median=1, high=4, greatest=9
        )

    def test_between_values(self) -> None:
        """A quarter between two values is their mixture, exact on fractions."""
        half = Fraction(1, 2)
        found = spread(lambda seed: seed * half, 4)
        # 0, 1/2, 1, 3/2: a quarter of the way along three gaps is 3/4 of the first.
        assert found[2:] == (0, 3 * half / 4, 3 * half / 2, 9 * half / 4, 3 * half)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A run returns a number."""
        with refused(exception, "run", says):
            spread(lambda _: bad)

    @pytest.mark.parametrize("bad", [1, 0, -1])
    def test_refuses_too_few(self, bad: int) -> None:
        """One value has no spread."""
        with refused(ValueError, "num_seeds", f"is {bad} but must be at least 2"):
            spread(lambda seed: seed, bad)


class TestHeld:
    """Run from many seeds, and count where something holds."""

    def test_by_hand(self) -> None:
        """The seeds where it does not hold are named."""
        assert held(lambda seed: seed % 3 != 1, 8) == Held(8, 5, (1, 4, 7))
        assert held(lambda seed: seed < 1, 1) == Held(1, 1, ())

    @pytest.mark.parametrize("bad", [1, None, "yes", 0.5])
    def test_refuses(self, bad: Any) -> None:
        """A run returns whether it holds."""
        with refused(TypeError, "run", f"is {bad!r} but must be True or False"):
            held(lambda _: bad)

    def test_refuses_none(self) -> None:
        """At least one seed is tried."""
        with refused(ValueError, "num_seeds", "is 0 but must be at least 1"):
            held(lambda _: True, 0)
