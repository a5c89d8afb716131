"""PyTorch walks the same ways."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from near import near
from rules import left_out

from gdbook import gradients, losses
from gdbook.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    clip_norm,
)
from gdbook.schedules import cosine_decay, step_decay
from oracles.problems import NUM_STEPS, PROBLEMS, Problem, assert_same_way, walk

if TYPE_CHECKING:
    from collections.abc import Callable

DOUBLE = torch.float64

# Each rule of ours beside PyTorch's with the same numbers: no convention differs while
# the rate is constant.
PAIRS: list[tuple[Any, Callable[[Any], Any]]] = [
    (GradientDescent(0.3), lambda p: torch.optim.SGD(p, lr=0.3)),
    *(
        (
            Momentum(0.1, beta),
            lambda p, beta=beta: torch.optim.SGD(p, lr=0.1, momentum=beta),
        )
        for beta in (0.0, 0.5, 0.9)
    ),
    *(
        (
            Nesterov(0.1, beta),
            lambda p, beta=beta: torch.optim.SGD(
                p, lr=0.1, momentum=beta, nesterov=True
            ),
        )
        for beta in (0.5, 0.9)
    ),
    *(
        (
            AdaGrad(0.5, epsilon),
            lambda p, epsilon=epsilon: torch.optim.Adagrad(p, lr=0.5, eps=epsilon),
        )
        for epsilon in (1e-10, 0.1)
    ),
    *(
        (
            RMSProp(0.02, decay, epsilon),
            lambda p, decay=decay, epsilon=epsilon: torch.optim.RMSprop(
                p, lr=0.02, alpha=decay, eps=epsilon
            ),
        )
        for decay, epsilon in ((0.9, 1e-8), (0.99, 0.1), (0.0, 1e-3))
    ),
    *(
        (
            Adam(0.1, beta1, beta2, epsilon),
            lambda p, beta1=beta1, beta2=beta2, epsilon=epsilon: torch.optim.Adam(
                p, lr=0.1, betas=(beta1, beta2), eps=epsilon
            ),
        )
        for beta1, beta2, epsilon in (
            (0.9, 0.999, 1e-8),
            (0.0, 0.9, 0.1),
            (0.5, 0.5, 1e-8),
        )
    ),
    *(
        (
            AdamW(0.1, 0.9, 0.99, 1e-8, decay),
            lambda p, decay=decay: torch.optim.AdamW(
                p, lr=0.1, betas=(0.9, 0.99), eps=1e-8, weight_decay=decay
            ),
        )
        for decay in (0.0, 0.01, 0.5)
    ),
]


def torch_walk(make: Any, problem: Problem, schedule: Any = None) -> np.ndarray:
    """Return every place that an optimiser of PyTorch visits."""
    params = torch.tensor(problem.start, dtype=DOUBLE, requires_grad=True)
    optimizer = make([params])
    scheduler = schedule(optimizer) if schedule else None
    visited = [problem.start]
    for _ in range(NUM_STEPS):
        params.grad = torch.tensor(problem.gradient(params.detach().numpy()))
        optimizer.step()
        if scheduler:
            scheduler.step()
        visited.append(params.detach().numpy().copy())
    return np.array(visited)


class TestRules:
    """Every rule and setting, step by step."""

    def test_no_rule_is_left_out(self) -> None:
        """Every rule of the library walks beside another one's."""
        walking = [rule for rule, _ in PAIRS]
        assert left_out(walking, "PAIRS of tests/oracles/test_torch.py") == []

    @pytest.mark.parametrize("problem", PROBLEMS, ids=str)
    @pytest.mark.parametrize(
        ("rule", "make"), PAIRS, ids=[str(rule) for rule, _ in PAIRS]
    )
    def test_whole_trajectory(self, rule: Any, make: Any, problem: Problem) -> None:
        """Every place on the way is the same, not only the end."""
        ours, theirs = walk(rule, problem), torch_walk(make, problem)
        assert_same_way(ours, theirs)
        assert abs(theirs[-1] - theirs[0]).max() > 0.1

    def test_another_setting_is_another_way(self) -> None:
        """The comparison can fail: a momentum that is a little less is seen."""
        theirs = torch_walk(
            lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), PROBLEMS[0]
        )
        ours = walk(Momentum(0.1, 0.9 - 1e-9), PROBLEMS[0])
        with pytest.raises(AssertionError, match="Not equal to tolerance"):
            assert_same_way(ours, theirs)


class TestSchedules:
    """A rate that changes on the way."""

    @pytest.mark.parametrize("problem", PROBLEMS, ids=str)
    def test_step_decay(self, problem: Problem) -> None:
        """Gradient descent under a step schedule."""
        rates = [step_decay(0.3, t, every=7, factor=0.5) for t in range(NUM_STEPS)]
        theirs = torch_walk(
            lambda p: torch.optim.SGD(p, lr=0.3),
            problem,
            lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=7, gamma=0.5),
        )
        assert_same_way(scheduled_walk(GradientDescent(1), rates, problem), theirs)

    @pytest.mark.parametrize("problem", PROBLEMS, ids=str)
    def test_cosine_decay(self, problem: Problem) -> None:
        """Adam under a cosine schedule.

        PyTorch computes each rate from the one before, which rounds differently.
        """
        rates = [
            cosine_decay(0.1, t, num_steps=NUM_STEPS, least=0.01)
            for t in range(NUM_STEPS)
        ]
        theirs = torch_walk(
            lambda p: torch.optim.Adam(p, lr=0.1),
            problem,
            lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(
                o, T_max=NUM_STEPS, eta_min=0.01
            ),
        )
        np.testing.assert_allclose(
            scheduled_walk(Adam(1), rates, problem), theirs, rtol=1e-10, atol=1e-12
        )

    @pytest.mark.parametrize(
        ("kind", "nesterov"), [(Momentum, False), (Nesterov, True)]
    )
    def test_momentum_when_the_rate_changes(self, kind: Any, nesterov: Any) -> None:
        """PyTorch's velocity grows with the rate; the mapping is β αₜ/αₜ₋₁.

        It keeps u ← βu + g and steps by −αu. Our v is −αu, so v ← β (αₜ/αₜ₋₁) v − αₜg.
        """
        rates = [step_decay(0.1, t, every=7, factor=0.5) for t in range(NUM_STEPS)]
        theirs = torch_walk(
            lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=nesterov),
            PROBLEMS[0],
            lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=7, gamma=0.5),
        )
        plain = scheduled_walk(kind(1), rates, PROBLEMS[0])
        assert abs(plain - theirs).max() > 1e-3
        params = PROBLEMS[0].start
        state = kind(1).init(params)
        mapped = [params]
        before = rates[0]
        for rate in rates:
            gradient = PROBLEMS[0].gradient(params)
            scaled = type(state)(state.velocity * rate / before)
            update, state = kind(rate, 0.9).update(gradient, scaled)
            params = params + update
            mapped.append(params)
            before = rate
        assert_same_way(np.array(mapped), theirs)


def scheduled_walk(rule: Any, rates: list[Any], problem: Problem) -> np.ndarray:
    """Return every place that a rule visits when each step has its own rate."""
    params = problem.start
    state, visited = rule.init(params), [params]
    for rate in rates:
        rule = dataclasses.replace(rule, learning_rate=rate)
        update, state = rule.update(problem.gradient(params), state)
        params = params + update
        visited.append(params)
    return np.array(visited)


class TestSlopes:
    """PyTorch's own differentiation finds our slopes."""

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("shape", [(4,), (5, 3)])
    def test_losses(self, seed: int, shape: tuple[int, ...]) -> None:
        """Each loss beside its slope; PyTorch averages over the outputs as well."""
        generator = np.random.default_rng(seed)
        predictions, targets = generator.normal(size=(2, *shape))
        chances = generator.uniform(0.05, 0.95, size=shape)
        answers = generator.integers(0, 2, size=shape).astype(float)
        n_outputs = int(np.prod(shape[1:]))
        functional = torch.nn.functional
        for loss, slope, theirs, x, y in (
            (
                losses.mean_squared_error,
                losses.mean_squared_error_slope,
                functional.mse_loss,
                predictions,
                targets,
            ),
            (
                losses.binary_cross_entropy,
                losses.binary_cross_entropy_slope,
                functional.binary_cross_entropy,
                chances,
                answers,
            ),
        ):
            given = torch.tensor(x, requires_grad=True)
            value = theirs(given, torch.tensor(y)) * n_outputs
            value.backward()
            assert loss(x, y) == near(value.item(), rel=1e-14)
            np.testing.assert_allclose(slope(x, y), given.grad.numpy(), rtol=1e-13)

    @pytest.mark.parametrize("seed", range(5))
    def test_cross_entropy(self, seed: int) -> None:
        """PyTorch begins with logits; the softmax between is its own."""
        generator = np.random.default_rng(seed)
        logits = torch.tensor(generator.normal(size=(6, 4)))
        chosen = generator.integers(0, 4, size=6)
        chances = torch.softmax(logits, dim=1).requires_grad_()
        value = torch.nn.functional.nll_loss(torch.log(chances), torch.tensor(chosen))
        value.backward()
        predictions, targets = chances.detach().numpy(), np.eye(4)[chosen]
        assert losses.cross_entropy(predictions, targets) == near(
            value.item(), rel=1e-14
        )
        np.testing.assert_allclose(
            losses.cross_entropy_slope(predictions, targets),
            chances.grad.numpy(),
            rtol=1e-13,
        )

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize("outputs", [(), (1,), (3,)])
    def test_linear_gradient(self, seed: int, outputs: tuple[int, ...]) -> None:
        """The gradient of a linear model, for one output or several."""
        generator = np.random.default_rng(seed)
        inputs = generator.normal(size=(7, 4))
        weights = generator.normal(size=(4, *outputs))
        targets = generator.normal(size=(7, *outputs))
        given = torch.tensor(weights, requires_grad=True)
        errors = torch.tensor(inputs) @ given - torch.tensor(targets)
        (errors**2).sum().div(7).backward()
        np.testing.assert_allclose(
            gradients.linear_gradient(inputs, weights, targets),
            given.grad.numpy(),
            rtol=1e-12,
            atol=1e-14,
        )


@pytest.mark.parametrize("limit", [0.1, 2.0, 100.0])
@pytest.mark.parametrize("seed", range(3))
def test_clip_norm(seed: int, limit: float) -> None:
    """`clip_grad_norm_`, which adds 10⁻⁶ to the norm that it divides by."""
    gradient = np.random.default_rng(seed).normal(size=(3, 4))
    params = torch.zeros((3, 4), dtype=DOUBLE, requires_grad=True)
    params.grad = torch.tensor(gradient)
    torch.nn.utils.clip_grad_norm_([params], limit)
    assert clip_norm(gradient, limit) == near(params.grad.numpy(), rel=1e-5)
