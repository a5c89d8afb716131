"""The weights that a network begins with."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_input import NOT_A_GENERATOR, NOT_POSITIVE, not_a_count, refused
from sharing import share

from gdbook._checks import shown
from gdbook.initialisation import glorot, he, normal


class TestInitialisation:
    """Draw weights."""

    def test_normal(self) -> None:
        """Around zero with a given standard deviation, 0.05 unless told."""
        drawn = np.random.default_rng(1).standard_normal((3, 2))
        told = normal(np.random.default_rng(1), 3, 2, deviation=Fraction(1, 2))
        assert told.tolist() == (drawn / 2).tolist()
        default = normal(np.random.default_rng(1), 3, 2)
        assert default.tolist() == (drawn * 0.05).tolist()

    def test_glorot(self) -> None:
        """With 2 inputs and 4 outputs the reach is 1; with 3 and 21 it is a half."""
        for n_inputs, n_outputs, reach in ((2, 4, 1), (3, 21, 0.5)):
            drawn = np.random.default_rng(1).random((n_inputs, n_outputs))
            weights = glorot(np.random.default_rng(1), n_inputs, n_outputs)
            assert weights.tolist() == (reach * (2 * drawn - 1)).tolist()

    def test_he(self) -> None:
        """With 2 inputs the deviation is 1; with 8 it is a half."""
        for n_inputs, deviation in ((2, 1), (8, 0.5)):
            drawn = np.random.default_rng(1).standard_normal((n_inputs, 3))
            weights = he(np.random.default_rng(1), n_inputs, 3)
            assert weights.tolist() == (deviation * drawn).tolist()

    @pytest.mark.parametrize("function", [normal, glorot, he])
    def test_refuses(self, function: Callable[..., Any]) -> None:
        """A generator, and numbers of nodes."""
        generator = np.random.default_rng(1)
        assert function(generator, 1, 1).shape == (1, 1)
        for bad, exception, says in NOT_A_GENERATOR:
            with refused(exception, "generator", says):
                function(bad, 1, 1)
        for bad, exception, says in not_a_count(1):
            with refused(exception, "n_inputs", says):
                function(generator, bad, 1)
            with refused(exception, "n_outputs", says):
                function(generator, 1, bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_deviation(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A standard deviation is positive."""
        with refused(exception, "deviation", says):
            normal(np.random.default_rng(1), 1, 1, deviation=bad)

    @pytest.mark.parametrize("function", [normal, glorot, he])
    @pytest.mark.parametrize("sizes", [(10**100, 1), (1, 10**100), (2**31, 2**31)])
    def test_too_many(self, function: Callable[..., Any], sizes: Any) -> None:
        """More weights than a computer can count are refused before they are drawn."""
        n_inputs, n_outputs = map(shown, sizes)
        says = f"is {n_inputs} but must leave a layer of {n_outputs} nodes that fits a"
        with refused(ValueError, "n_inputs", f"{says} memory"):
            function(np.random.default_rng(1), *sizes)

    def test_far_apart(self) -> None:
        """Weights that no float holds are refused, and those at its end are drawn."""
        says = "is 1e+308 but must be so small that every weight is finite"
        with refused(ValueError, "deviation", says):
            normal(np.random.default_rng(1), 10, 10, deviation=1e308)
        assert (
            abs(normal(np.random.default_rng(1), 9, 9, deviation=1e307)).max() > 1e307
        )

    @pytest.mark.parametrize("function", [normal, glorot, he])
    def test_sharing(self, function: Callable[..., Any]) -> None:
        """Every draw has an array of its own."""
        generator = np.random.default_rng(1)
        assert not share(function(generator, 2, 2), function(generator, 2, 2))
