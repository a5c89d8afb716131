"""The data is scikit-learn's, number by number, and so are the moons."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from alike import alike
from sklearn.datasets import make_moons

from gdbook import datasets
from oracles.sets import DATA, SETS, text


class TestFiles:
    """Each file of the package can be written anew."""

    @pytest.mark.parametrize("name", SETS)
    def test_file_is_what_is_written(self, name: str) -> None:
        """Every name and every digit is the same."""
        packed = (DATA / f"{name}.csv.gz").read_bytes()
        assert gzip.decompress(packed).decode("ascii") == text(name)

    def test_no_file_is_left_out(self) -> None:
        """There is no other data, and each file has its source and licence."""
        sources = (DATA / "SOURCES.md").read_text(encoding="utf-8")
        files = {"measurements.json", *(f"{name}.csv.gz" for name in SETS)}
        assert {path.name for path in DATA.iterdir()} == {*files, "SOURCES.md"}
        for file in files:
            (section,) = sources.split(f"\n## {file}\n")[1:]
            own = section.partition("\n## ")[0]
            for what in ("Source", "Licence", "Made by"):
                assert own.count(f"\n- {what}: ") == 1


@pytest.mark.parametrize("name", SETS)
def test_sets_are_scikit_learns(name: str) -> None:
    """Inputs, targets, labels and names are the same to the last bit."""
    data, found = getattr(datasets, name)(), SETS[name].load()
    inputs, targets = found.data, found.target[:, None]
    if name == "digits":
        inputs, targets = inputs / 16, targets == np.arange(10)
    assert alike(data.inputs, np.ascontiguousarray(inputs))
    assert alike(data.targets, targets.astype(float))
    labels = None if name == "diabetes" else found.target.astype(np.int64)
    assert alike(data.labels, labels)
    assert data.names == tuple(map(str, found.feature_names))


def test_moons_are_scikit_learns() -> None:
    """Hundreds of sizes, noises and seeds."""
    drawn = np.random.default_rng(0)
    for _ in range(300):
        n_samples, seed = int(drawn.integers(2, 300)), int(drawn.integers(2**32))
        noise = float(drawn.choice([0, drawn.uniform(0, 2)]))
        data = datasets.moons(n_samples, noise=noise, seed=seed)
        inputs, labels = make_moons(n_samples, noise=noise, random_state=seed)
        assert alike(data.inputs, inputs)
        assert alike(data.labels, labels.astype(np.int64))
