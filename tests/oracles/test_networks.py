"""PyTorch goes through the same networks, forward, backward and step by step.

Its numbers are of double precision here, as ours are. Where its conventions differ from
ours, the mapping stands beside the comparison.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from near import near

from gdbook import activations, losses
from gdbook.activations import (
    GELU,
    IDENTITY,
    RELU,
    SIGMOID,
    SILU,
    SOFTMAX,
    TANH,
    Activation,
    leaky,
)
from gdbook.callbacks import Callback, Decision, Run
from gdbook.fitting import fit
from gdbook.network import (
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    Residual,
    backward,
    forward_pass,
)
from gdbook.optimizers import Adam
from gdbook.packing import flatten, unflatten

DOUBLE = torch.float64
FUNCTIONAL = torch.nn.functional

# Ours beside PyTorch's, which takes the softmax along an axis that it is told.
ACTIVATIONS: dict[str, tuple[Activation, Any]] = {
    "identity": (IDENTITY, torch.nn.Identity()),
    "sigmoid": (SIGMOID, torch.sigmoid),
    "tanh": (TANH, torch.tanh),
    "relu": (RELU, torch.relu),
    "leaky": (leaky(), FUNCTIONAL.leaky_relu),
    "leaky by a quarter": (leaky(0.25), torch.nn.LeakyReLU(0.25)),
    "gelu": (GELU, FUNCTIONAL.gelu),
    "silu": (SILU, FUNCTIONAL.silu),
    "softmax": (SOFTMAX, lambda sums: torch.softmax(sums, dim=-1)),
}


def tensor(values: Any) -> Any:
    """Give PyTorch a copy of an array, along which it finds slopes."""
    return torch.tensor(np.array(values), dtype=DOUBLE, requires_grad=True)


def same(ours: Any, theirs: Any) -> None:
    """Compare numbers of size one that some roundings are in."""
    found = theirs.detach().numpy()
    np.testing.assert_allclose(ours, found, rtol=1e-12, atol=1e-13)


class TestActivations:
    """Each activation and its slope."""

    @pytest.mark.parametrize("name", ACTIVATIONS)
    @pytest.mark.parametrize("seed", range(3))
    def test_chain(self, name: str, seed: int) -> None:
        """What leaves, and the slope of anything that is made of it."""
        ours, theirs = ACTIVATIONS[name]
        generator = np.random.default_rng(seed)
        sums, slopes = generator.normal(size=(2, 5, 4)) * 3
        given = tensor(sums)
        outputs = theirs(given)
        outputs.backward(torch.tensor(slopes))
        same(ours.function(sums), outputs)
        same(ours.chain(sums, slopes), given.grad)

    @pytest.mark.parametrize("name", ACTIVATIONS)
    def test_far_and_corner(self, name: str) -> None:
        """At ±1000 and at 0, where PyTorch takes the same slope of a corner."""
        ours, theirs = ACTIVATIONS[name]
        sums = np.array([[-1000.0, 0.0, 1000.0]])
        given = tensor(sums)
        outputs = theirs(given)
        outputs.backward(torch.ones_like(outputs))
        same(ours.function(sums), outputs)
        same(ours.chain(sums, np.ones((1, 3))), given.grad)

    def test_softmax_slope(self) -> None:
        """The whole matrix of slopes."""
        scores = np.random.default_rng(1).normal(size=4)
        theirs = torch.autograd.functional.jacobian(
            lambda given: torch.softmax(given, dim=0), torch.tensor(scores)
        )
        same(activations.softmax_slope(scores), theirs)


class TestLosses:
    """Each loss from scores; PyTorch averages over the outputs as well."""

    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("size", [1.0, 1000.0])
    @pytest.mark.parametrize("shape", [(6,), (5, 3)])
    def test_sigmoid(self, shape: tuple[int, ...], size: float, seed: int) -> None:
        """`binary_cross_entropy_with_logits`, times the number of outputs."""
        generator = np.random.default_rng(seed)
        logits = generator.normal(size=shape) * size
        targets = generator.uniform(size=shape)
        given = tensor(logits)
        value = FUNCTIONAL.binary_cross_entropy_with_logits(
            given, torch.tensor(targets)
        ) * int(np.prod(shape[1:]))
        value.backward()
        found = losses.sigmoid_cross_entropy(logits, targets)
        assert found == near(value.item(), rel=1e-13)
        same(losses.sigmoid_cross_entropy_slope(logits, targets), given.grad)

    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("size", [1.0, 1000.0])
    def test_softmax(self, size: float, seed: int) -> None:
        """`cross_entropy`, which takes logits and the probabilities of the classes."""
        generator = np.random.default_rng(seed)
        logits = generator.normal(size=(6, 4)) * size
        targets = generator.uniform(size=(6, 4))
        targets /= targets.sum(axis=1, keepdims=True)
        given = tensor(logits)
        value = FUNCTIONAL.cross_entropy(given, torch.tensor(targets))
        value.backward()
        found = losses.softmax_cross_entropy(logits, targets)
        assert found == near(value.item(), rel=1e-13)
        same(losses.softmax_cross_entropy_slope(logits, targets), given.grad)


class Twin:
    """A network of ours in PyTorch's tensors, with dropout masks handed to it."""

    def __init__(self, layers: list[Layer]) -> None:
        self.layers = layers
        self.params: list[Any] = []
        for layer in layers:
            if isinstance(layer, Dense | BatchNorm | LayerNorm):
                self.params += [tensor(layer[0]), tensor(layer[1])]
        # Copies, since PyTorch changes running statistics in place.
        self.running = {
            index: [torch.tensor(np.array(part)) for part in layer[2:4]]
            for index, layer in enumerate(layers)
            if isinstance(layer, BatchNorm)
        }

    def forward(self, inputs: Any, masks: list[Any], *, training: bool) -> Any:
        """Go through the layers in PyTorch."""
        left, masks_left = iter(self.params), iter(masks)
        known: dict[Any, Any] = dict(ACTIVATIONS.values())
        entered = []
        for index, layer in enumerate(self.layers):
            entered.append(inputs)
            if isinstance(layer, Dense):
                inputs = inputs @ next(left) + next(left)
                inputs = known[layer.activation](inputs)
            elif isinstance(layer, BatchNorm):
                mean, variance = self.running[index]
                # PyTorch's momentum is one minus ours: the share of the new batch.
                inputs = FUNCTIONAL.batch_norm(
                    inputs,
                    mean,
                    variance,
                    next(left),
                    next(left),
                    training=training,
                    momentum=1 - float(layer.momentum),
                    eps=float(layer.epsilon),
                )
            elif isinstance(layer, LayerNorm):
                scale, shift = next(left), next(left)
                epsilon = float(layer.epsilon)
                inputs = FUNCTIONAL.layer_norm(
                    inputs, scale.shape, scale, shift, eps=epsilon
                )
            elif isinstance(layer, Residual):
                inputs = inputs + entered[index - layer.n_layers]
            elif isinstance(layer, Dropout):
                # The same mask is handed to both; PyTorch divides by 1 − p as well.
                inputs = inputs * next(masks_left) if training else inputs
            else:
                inputs = known[layer](inputs)
        return inputs

    def gradient(self) -> np.ndarray:
        """Join PyTorch's slopes as `flatten` joins ours."""
        found: np.ndarray = np.concatenate(
            [param.grad.numpy().ravel() for param in self.params]
        )
        return found


def network(seed: int, activation: Activation) -> list[Layer]:
    """Make a network with every kind of layer."""
    generator = np.random.default_rng(seed)

    def layer(n_inputs: int, n_outputs: int, kind: Activation = IDENTITY) -> Dense:
        weights = generator.normal(size=(n_inputs, n_outputs))
        return Dense(weights, generator.normal(size=n_outputs), kind)

    def norm(width: int) -> BatchNorm:
        scale, shift, mean = generator.normal(size=(3, width))
        return BatchNorm(scale, shift, mean, generator.uniform(0.5, 2, width), 0.7, 0.1)

    scale, shift = generator.normal(size=(2, 4))
    return [
        *(layer(3, 5), norm(5), activation, Residual(2), Dropout(0.25)),
        *(layer(5, 4, activation), norm(4), LayerNorm(scale, shift, 0.1), Residual()),
        *(Dropout(0.5), layer(4, 2)),
    ]


def masks_of(layers: list[Layer], memories: Any) -> list[Any]:
    """Take the masks of dropout out of a pass."""
    return [
        torch.tensor(np.asarray(memory, dtype=float))
        for layer, memory in zip(layers, memories, strict=True)
        if isinstance(layer, Dropout)
    ]


class TestNetworks:
    """Forward values and every gradient, in both modes."""

    @pytest.mark.parametrize("name", ACTIVATIONS)
    @pytest.mark.parametrize("training", [False, True])
    @pytest.mark.parametrize(("n_samples", "seed"), [(2, 0), (7, 1), (20, 2)])
    def test_gradient(
        self,
        name: str,
        training: bool,  # noqa: FBT001
        n_samples: int,
        seed: int,
    ) -> None:
        """Along weights, biases, scales, shifts and inputs; and what batches leave."""
        layers = network(seed, ACTIVATIONS[name][0])
        generator = np.random.default_rng(seed)
        inputs = generator.normal(size=(n_samples, 3))
        targets = generator.normal(size=(n_samples, 2))
        passed = forward_pass(layers, inputs, training=training, generator=generator)
        prediction = passed.values[-1]
        slope = losses.mean_squared_error_slope(prediction, targets)
        slopes = backward(layers, passed, slope)

        twin, given = Twin(layers), tensor(inputs)
        theirs = twin.forward(
            given, masks_of(layers, passed.memories), training=training
        )
        errors = theirs - torch.tensor(targets)
        ((errors**2).sum() / n_samples).backward()
        # Where two samples nearly agree, normalising divides by a small deviation.
        close: dict[str, Any] = {"rtol": 1e-10, "atol": 1e-11}
        np.testing.assert_allclose(prediction, theirs.detach().numpy(), **close)
        np.testing.assert_allclose(slopes.gradient, twin.gradient(), **close)
        np.testing.assert_allclose(slopes.values[0], given.grad.numpy(), **close)

        # PyTorch moves to the variance with one sample less in the divisor, n − 1.
        for index, (mean, variance) in twin.running.items():
            before, after = layers[index], passed.layers[index]
            assert isinstance(before, BatchNorm)
            assert isinstance(after, BatchNorm)
            kept = before.momentum * before.running_variance if training else 0
            share = (n_samples - 1) / n_samples if training else 1
            mapped = kept + (variance.numpy() - kept) * share
            np.testing.assert_allclose(after.running_mean, mean.numpy(), **close)
            np.testing.assert_allclose(after.running_variance, mapped, **close)


class Following(Callback):
    """One that writes down the network after every epoch."""

    def __init__(self) -> None:
        self.visited: list[Any] = []

    def after_epoch(self, run: Run, state: Any) -> tuple[Decision, Any]:
        """Write down all that is learned."""
        self.visited.append(flatten(run.layers))
        return Decision(), state


class TestFit:
    """A whole trajectory of training, epoch by epoch."""

    @pytest.mark.parametrize("loss", ["squares", "sigmoid", "softmax"])
    def test_adam(self, loss: str) -> None:
        """Thirty epochs of Adam in shuffled batches, the last of them smaller."""
        ours, theirs = {
            "squares": (
                losses.MEAN_SQUARED_ERROR,
                lambda p, y: 2 * FUNCTIONAL.mse_loss(p, y),
            ),
            "sigmoid": (
                losses.SIGMOID_CROSS_ENTROPY,
                lambda p, y: 2 * FUNCTIONAL.binary_cross_entropy_with_logits(p, y),
            ),
            "softmax": (losses.SOFTMAX_CROSS_ENTROPY, FUNCTIONAL.cross_entropy),
        }[loss]
        generator = np.random.default_rng(3)
        inputs = generator.normal(size=(13, 3))
        targets = np.eye(2)[(inputs[:, 0] * inputs[:, 1] > 0).astype(int)]
        layers: list[Layer] = [
            layer for layer in network(4, TANH) if isinstance(layer, Dense | Activation)
        ]
        following = Following()
        history = fit(
            layers,
            inputs,
            targets,
            loss=ours,
            rule=Adam(0.01, 0.9, 0.99, 1e-8),
            num_epochs=30,
            batch_size=5,
            generator=np.random.default_rng(7),
            callbacks=[following],
        )

        twin, shuffling = Twin(layers), np.random.default_rng(7)
        optimizer = torch.optim.Adam(twin.params, lr=0.01, betas=(0.9, 0.99), eps=1e-8)
        for epoch in range(30):
            order = np.arange(13)
            shuffling.shuffle(order)
            for first in (0, 5, 10):
                chosen = order[first : first + 5]
                optimizer.zero_grad()
                prediction = twin.forward(
                    torch.tensor(inputs[chosen]), [], training=True
                )
                theirs(prediction, torch.tensor(targets[chosen])).backward()
                optimizer.step()
            place = np.concatenate(
                [param.detach().numpy().ravel() for param in twin.params]
            )
            # Ninety steps with a few roundings each.
            np.testing.assert_allclose(
                following.visited[epoch], place, rtol=1e-9, atol=1e-10
            )
            moved = unflatten(layers, place)
            assert history.epochs[epoch + 1].loss == near(
                ours.function(forward_pass(moved, inputs).values[-1], targets), rel=1e-9
            )
        assert abs(following.visited[-1] - flatten(layers)).max() > 0.1
        assert history.epochs[-1].loss < history.epochs[0].loss
