"""PyTorch runs the listings of the chapter on Keras, as they stand on its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from book import ROOT, source
from exercises.kept import run

from gdbook.activations import TANH
from gdbook.datasets import moons
from gdbook.fitting import fit
from gdbook.losses import MEAN_SQUARED_ERROR
from gdbook.network import Dense
from gdbook.optimizers import GradientDescent

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL, LOOP = re.findall(
    r"(?ms)^```python\n(.*?)^```$", source(ROOT / "docs" / "chapters" / "in_keras.md")
)


@pytest.fixture(autouse=True)
def narrow() -> Iterator[None]:
    """Give PyTorch its own floats back, which the listing changes."""
    yield
    torch.set_default_dtype(torch.float32)


def copied(part: Any) -> np.ndarray:
    """Return the numbers of a tensor, which PyTorch goes on changing."""
    numbers: np.ndarray = part.detach().numpy().copy()
    return numbers


def layers_of(known: dict[str, Any]) -> list[Dense]:
    """Return the library's form of the network; PyTorch's weights have node by row."""
    (first, bias), (last, end) = (
        (copied(known[name].weight).T, copied(known[name].bias))
        for name in ("hidden", "output")
    )
    return [Dense(first, bias, TANH), Dense(last, end)]


@pytest.mark.claims(
    "The build of this page has no PyTorch, so a test of the book runs these two "
    "listings: with the shuffles of this library, they come to the weights of its fit, "
    "but for rounding.",
    page="in_keras",
)
@pytest.mark.parametrize("seed", range(3))
def test_loop_comes_to_the_weights_of_fit(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch draws the start, and the library the order of the samples."""
    torch.manual_seed(seed)
    known = run(MODEL, "model of in_keras.md")
    start, generator = layers_of(known), np.random.default_rng(seed)

    def shuffled(n_samples: int) -> Any:
        return torch.as_tensor(generator.permutation(n_samples))

    monkeypatch.setattr(torch, "randperm", shuffled)
    theirs = layers_of(run(LOOP, "loop of in_keras.md", **known))
    ours = fit(
        start,
        *moons(200, noise=0.2, seed=0)[:2],
        loss=MEAN_SQUARED_ERROR,
        rule=GradientDescent(0.1),
        num_epochs=20,
        batch_size=20,
        generator=np.random.default_rng(seed),
    )
    assert ours.num_steps == 200
    assert ours.epochs[-1].loss < ours.epochs[0].loss / 2
    for own, other, before in zip(ours.layers, theirs, start, strict=True):
        assert isinstance(own, Dense)
        for name in ("weights", "bias"):
            a, b, c = (getattr(layer, name) for layer in (own, other, before))
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
            assert abs(a - c).max() > 1e-3


@pytest.mark.claims(
    "Going forward, PyTorch notes every operation; backward walks back along these "
    "notes, and leaves at each weight its slope.",
    "It adds the slope to what lies there, which is why zero_grad comes first.",
    page="in_keras",
)
def test_slopes_are_added_to_what_lies_there() -> None:
    """A second walk back, without `zero_grad`, doubles the slopes."""
    known = run(MODEL, "model of in_keras.md")
    assert all(part.grad is None for part in known["model"].parameters())
    model, (inputs, targets) = known["model"], (known["X"], known["y"])
    found = []
    for _ in range(2):
        torch.nn.functional.mse_loss(model(inputs), targets).backward()
        found.append(copied(known["hidden"].weight.grad))
    assert all(part.grad is not None for part in model.parameters())
    np.testing.assert_allclose(found[1], 2 * found[0], rtol=1e-12)
    torch.optim.SGD(model.parameters(), lr=0.1).zero_grad()
    torch.nn.functional.mse_loss(model(inputs), targets).backward()
    np.testing.assert_allclose(
        copied(known["hidden"].weight.grad), found[0], rtol=1e-12
    )
