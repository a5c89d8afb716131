"""Optax walks the same ways, once its conventions are mapped to ours."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import optax
import pytest
from near import near
from rules import left_out

from gdbook.optimizers import (
    AdaGrad,
    AdaGradState,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
)
from gdbook.schedules import constant_rate, cosine_decay, step_decay
from oracles.problems import NUM_STEPS, PROBLEMS, Problem, assert_same_way, walk

jax.config.update("jax_enable_x64", True)  # noqa: FBT003 (JAX's own signature)

PAIRS: list[tuple[Any, Any]] = [
    (GradientDescent(0.3), optax.sgd(0.3)),
    *((Momentum(0.1, b), optax.sgd(0.1, momentum=b)) for b in (0.0, 0.5, 0.9)),
    *(
        (Nesterov(0.1, b), optax.sgd(0.1, momentum=b, nesterov=True))
        for b in (0.5, 0.9)
    ),
    # Optax adds ε under the root unless told otherwise.
    *(
        (RMSProp(0.02, d, e), optax.rmsprop(0.02, d, e, eps_in_sqrt=False))
        for d, e in ((0.9, 1e-8), (0.99, 0.1), (0.0, 1e-3))
    ),
    *(
        (Adam(0.1, b1, b2, e), optax.adam(0.1, b1, b2, e))
        for b1, b2, e in ((0.9, 0.999, 1e-8), (0.0, 0.9, 0.1), (0.5, 0.5, 1e-8))
    ),
    *(
        (AdamW(0.1, 0.9, 0.99, 1e-8, d), optax.adamw(0.1, 0.9, 0.99, weight_decay=d))
        for d in (0.0, 0.01, 0.5)
    ),
]


def optax_walk(transform: Any, problem: Problem) -> np.ndarray:
    """Return every place that optax visits."""
    params = jax.numpy.array(problem.start)
    state = transform.init(params)
    visited = [problem.start]
    for _ in range(NUM_STEPS):
        gradient = jax.numpy.array(problem.gradient(np.asarray(params)))
        updates, state = transform.update(gradient, state, params)
        params = optax.apply_updates(params, updates)
        visited.append(np.asarray(params))
    return np.array(visited)


class TestRules:
    """Every rule and setting, step by step."""

    def test_no_rule_is_left_out(self) -> None:
        """Every rule of the library walks beside another one's."""
        walking = [AdaGrad, *(rule for rule, _ in PAIRS)]
        assert left_out(walking, "PAIRS of tests/oracles/test_optax.py") == []

    @pytest.mark.parametrize("problem", PROBLEMS, ids=str)
    @pytest.mark.parametrize(
        ("rule", "transform"), PAIRS, ids=[str(rule) for rule, _ in PAIRS]
    )
    def test_whole_trajectory(
        self, rule: Any, transform: Any, problem: Problem
    ) -> None:
        """Every place on the way is the same, not only the end."""
        theirs = optax_walk(transform, problem)
        assert_same_way(walk(rule, problem), theirs)
        assert abs(theirs[-1] - theirs[0]).max() > 0.1

    @pytest.mark.parametrize("problem", PROBLEMS, ids=str)
    @pytest.mark.parametrize(("start", "epsilon"), [(0.1, 1e-7), (0.5, 0.0)])
    def test_adagrad(self, start: float, epsilon: float, problem: Problem) -> None:
        """Optax starts its sum above zero and adds ε under the root.

        The divisor √(start + Σg² + ε) is ours without an ε, from a sum that starts at
        start + ε.
        """
        theirs = optax_walk(optax.adagrad(0.5, start, epsilon), problem)
        state = AdaGradState(np.full(2, start + epsilon))
        ours = walk(AdaGrad(0.5, epsilon=0), problem, state)
        assert_same_way(ours, theirs)
        assert abs(walk(AdaGrad(0.5), problem) - theirs).max() > 1e-3

    @pytest.mark.parametrize("problem", PROBLEMS, ids=str)
    def test_rmsprop_with_epsilon_under_the_root(self, problem: Problem) -> None:
        """Without an ε the two agree; with a large one under the root they do not."""
        theirs = optax_walk(optax.rmsprop(0.02, 0.9, 0.1), problem)
        assert abs(walk(RMSProp(0.02, 0.9, 0.1), problem) - theirs).max() > 1e-3

    def test_weight_decay_unless_told(self) -> None:
        """Optax decays a hundred times more slowly than we and PyTorch do."""
        theirs = optax_walk(optax.adamw(0.1), PROBLEMS[0])
        ours = walk(AdamW(0.1, weight_decay=AdamW().weight_decay / 100), PROBLEMS[0])
        assert_same_way(ours, theirs)


class TestSchedules:
    """Optax computes the same rates."""

    def test_rates(self) -> None:
        """Constant, in steps, and along a cosine."""
        for ours, theirs in (
            (lambda t: constant_rate(0.3, t), optax.constant_schedule(0.3)),
            (
                lambda t: step_decay(0.3, t, every=7, factor=0.5),
                optax.exponential_decay(0.3, 7, 0.5, staircase=True),
            ),
            (
                lambda t: cosine_decay(0.3, t, num_steps=40, least=0.03),
                optax.cosine_decay_schedule(0.3, 40, alpha=0.1),
            ),
        ):
            rates = [float(theirs(t)) for t in range(NUM_STEPS)]
            assert [ours(t) for t in range(NUM_STEPS)] == near(rates, rel=1e-7)
