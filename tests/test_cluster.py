"""Sum on many machines: worker processes that are real, and die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dask
import dask.array as da
import numpy as np
import pytest
from bad_input import NOT_A_FUNCTION, not_a_count, refused
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near

from gdbook.cluster import MeanOverChunks, local_cluster, sum_over_chunks
from gdbook.descent import DivergenceError, descend, descend_in_batches
from gdbook.gradients import linear_gradient
from gdbook.losses import mean_squared_error
from gdbook.optimizers import GradientDescent, Momentum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dask.distributed import Client

ROOT = Path(__file__).parents[1]
LIMIT = 256 * 2**20
NUMBERS = st.fractions(-9, 9, max_denominator=9)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Start two workers, to which Dask sends everything as long as they are there."""
    with local_cluster(n_workers=2, memory_limit=LIMIT) as started:
        yield started


@pytest.fixture
def alone() -> Iterator[None]:
    """Compute in this thread."""
    with dask.config.set(scheduler="synchronous"):
        yield


def value_and_gradient(weights: Any, inputs: Any, targets: Any) -> tuple[Any, Any]:
    """Give the loss of a linear model, and its gradient."""
    loss = mean_squared_error(inputs @ weights, targets)
    return loss, linear_gradient(inputs, weights, targets)


def drawn(n_samples: int = 100, n_inputs: int = 3, seed: int = 0) -> tuple[Any, Any]:
    """Draw samples."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(n_samples, n_inputs))
    return inputs, inputs @ np.arange(n_inputs) + random.normal(size=n_samples)


def in_chunks(inputs: Any, targets: Any, rows: Any = 30) -> tuple[Any, Any]:
    """Cut samples into chunks of rows."""
    cut = {axis: -1 for axis in range(1, inputs.ndim)}
    return (
        da.from_array(inputs, chunks={0: rows, **cut}),
        da.from_array(targets, chunks={0: rows}),
    )


def pids(client: Client) -> list[int]:
    """Return the processes of the workers."""
    return sorted(client.run(os.getpid).values())


def walk(problem: MeanOverChunks, num_steps: int = 4) -> Any:
    """Descend, and return everything that was visited."""
    rule = Momentum(0.1, momentum=0.5)
    start = np.zeros(3)
    return descend(problem.loss, problem.gradient, start, rule, num_steps=num_steps)


def in_one(inputs: Any, targets: Any, num_steps: int = 4) -> Any:
    """Descend so in one process."""
    return descend(
        lambda w: value_and_gradient(w, inputs, targets)[0],
        lambda w: value_and_gradient(w, inputs, targets)[1],
        np.zeros(3),
        Momentum(0.1, momentum=0.5),
        num_steps=num_steps,
    )


def same(one: Any, other: Any) -> bool:
    """Say whether two descents are the same to the bit."""
    pairs = zip(one.params, other.params, strict=True)
    return one.losses == other.losses and all((a == b).all() for a, b in pairs)


def test_library_takes_arrays_of_dask(client: Client) -> None:
    """Losses and gradients stay unevaluated, and the workers compute them."""
    inputs, targets = drawn()
    x, y = in_chunks(inputs, targets)
    weights = np.ones(3)
    gradient = linear_gradient(x, weights, y)
    loss = mean_squared_error(x @ weights, y)
    assert isinstance(gradient, da.Array)
    assert isinstance(loss, da.Array)
    known = value_and_gradient(weights, inputs, targets)
    assert client.compute(loss).result() == near(known[0])
    assert client.compute(gradient).result() == near(known[1])


def test_descent_is_that_of_one_process(client: Client) -> None:
    """All losses and all weights are the same, to rounding."""
    data = drawn()
    found = walk(MeanOverChunks(value_and_gradient, *in_chunks(*data)))
    known = in_one(*data)
    assert client.ncores()
    assert found.losses == near(known.losses)
    assert np.array(found.params) == near(np.array(known.params), abs=1e-14)


def test_worker_killed_between_two_steps(client: Client) -> None:
    """What it held is made again, and not a bit of the descent changes."""
    x, y = in_chunks(*drawn())
    undisturbed = walk(MeanOverChunks(value_and_gradient, x, y))
    before = pids(client)
    problem = MeanOverChunks(value_and_gradient, *dask.persist(x + 0, y + 0))
    calls, victim = [], before[0]

    def loss(weights: Any) -> Any:
        calls.append(len(calls))
        if len(calls) == 2:
            os.kill(victim, signal.SIGKILL)
        return problem.loss(weights)

    start = np.zeros(3)
    rule = Momentum(0.1, momentum=0.5)
    found = descend(loss, problem.gradient, start, rule, num_steps=4)
    assert same(found, undisturbed)
    client.wait_for_workers(2)
    assert victim not in pids(client)


def test_worker_killed_while_it_sums(client: Client, tmp_path: Path) -> None:
    """Another worker sums the chunk again."""
    x, y = in_chunks(*drawn())
    undisturbed = walk(MeanOverChunks(value_and_gradient, x, y))
    before = pids(client)
    killed = tmp_path / "killed"

    def fatal(weights: Any, inputs: Any, targets: Any) -> Any:
        answer = value_and_gradient(weights, inputs, targets)
        if len(inputs) == 10 and weights.any() and not killed.exists():
            killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    found = walk(MeanOverChunks(fatal, x, y))
    assert killed.exists()
    assert same(found, undisturbed)
    client.wait_for_workers(2)
    assert pids(client) != before


def test_what_a_worker_raises_arrives(client: Client) -> None:
    """It is the error of one process, and the next call is as if nothing was."""
    inputs, targets = drawn()
    problem = MeanOverChunks(value_and_gradient, *in_chunks(inputs, targets))
    with pytest.raises(ValueError, match="has a mismatch in its core dimension"):
        problem(np.ones(2))
    inputs = inputs.copy()
    inputs[50, 1] = np.nan
    spoiled = MeanOverChunks(value_and_gradient, *in_chunks(inputs, targets))
    with pytest.raises(ValueError, match="^`inputs` holds nan but every number in it"):
        spoiled(np.ones(3))
    with pytest.raises(DivergenceError, match="usually the learning rate is too large"):
        descend(
            *(problem.loss, problem.gradient, np.zeros(3)),
            GradientDescent(1e200),
            num_steps=9,
        )
    known = mean_squared_error(drawn()[0] @ np.ones(3), targets)
    assert problem.loss(np.ones(3)) == near(known)
    assert client.ncores()


def periodic(n_samples: int, n_inputs: int) -> Any:
    """Make whole numbers that come again every seven rows, a chunk at a time."""
    rows = da.arange(n_samples, chunks=70_000)[:, None]
    columns = da.arange(1, n_inputs + 1, chunks=n_inputs)[None, :]
    return (rows * columns % 7).astype(float)


def test_store_is_larger_than_the_memory(client: Client, tmp_path: Path) -> None:
    """Workers read chunks one after the other, and none grows over its limit."""
    n_samples, n_inputs = 3_430_000, 20
    x = periodic(n_samples, n_inputs)
    (x - 3).to_zarr(tmp_path / "inputs.zarr")
    x.sum(axis=1).to_zarr(tmp_path / "targets.zarr")
    inputs = da.from_zarr(tmp_path / "inputs.zarr")
    targets = da.from_zarr(tmp_path / "targets.zarr")
    assert inputs.nbytes > 2 * LIMIT
    before = pids(client)
    few = np.asarray(inputs[:7]), np.asarray(targets[:7])
    rule = GradientDescent(0.01)
    problem = MeanOverChunks(value_and_gradient, inputs, targets)
    start = np.zeros(n_inputs)
    found = descend(problem.loss, problem.gradient, start, rule, num_steps=2)
    known = descend(
        lambda w: value_and_gradient(w, *few)[0],
        lambda w: value_and_gradient(w, *few)[1],
        *(start, rule),
        num_steps=2,
    )
    assert found.losses == near(known.losses)
    # Sums of whole numbers round nowhere.
    square = sum_over_chunks(lambda x, _: x.T @ x, inputs, targets)
    assert (square == few[0].T @ few[0] * (n_samples // 7)).all()
    assert pids(client) == before


def test_cluster_leaves_nothing_behind(tmp_path: Path) -> None:
    """A script that kills a worker ends by itself, writes nothing, leaves nothing."""
    script = tmp_path / "script.py"
    script.write_text(
        """
import os, signal, sys, threading
import dask.array as da, psutil
from gdbook.cluster import local_cluster

def main():
    with local_cluster(n_workers=2) as client:
        ones = da.ones(100, chunks=10).persist()
        first, _ = client.run(os.getpid).values()
        os.kill(first, signal.SIGKILL)
        print(int(ones.sum().compute()))
    print(psutil.Process().children(recursive=True))
    print([one.name for one in threading.enumerate() if not one.daemon])

if __name__ == "__main__":
    main()
""",
        encoding="utf-8",
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
        text=True,
    )
    assert process.stdout.split("\n") == ["100", "[]", "['MainThread']", ""]
    assert process.stderr == ""
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(("bad", "exception", "says"), not_a_count(1))
def test_no_cluster_is_started_for(bad: Any, exception: Any, says: str) -> None:
    """Both arguments are counts, 1 or more."""
    with refused(exception, "n_workers", says), local_cluster(n_workers=bad):
        pass
    if bad is not None:
        with refused(exception, "memory_limit", says), local_cluster(memory_limit=bad):
            pass


def exact(points: list[Any], cuts: Any) -> tuple[Any, Any]:
    """Give samples of fractions in chunks."""
    inputs = np.array([point[:2] for point in points], dtype=object)
    targets = np.array([point[2] for point in points], dtype=object)
    return in_chunks(inputs, targets, cuts)


POINTS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=12)


@pytest.mark.usefixtures("alone")
@settings(max_examples=25)
@given(points=POINTS, weights=st.tuples(NUMBERS, NUMBERS), data=st.data())
def test_every_cut_has_the_same_sum(points: Any, weights: Any, data: Any) -> None:
    """Exactly, in fractions, for all rows and for a batch of them."""
    sizes = data.draw(st.lists(st.integers(1, len(points)), min_size=1))
    ends = sorted({min(end, len(points)) for end in np.cumsum(sizes)} | {len(points)})
    x, y = exact(points, tuple(np.diff([0, *ends]).tolist()))
    problem = MeanOverChunks(value_and_gradient, x, y)
    given_weights = np.array(weights, dtype=object)
    whole = value_and_gradient(given_weights, x.compute(), y.compute())
    loss, gradient = problem(given_weights)
    assert loss == whole[0]
    assert gradient.tolist() == whole[1].tolist()
    row = st.integers(0, len(points) - 1)
    rows = np.array(data.draw(st.lists(row, min_size=1, max_size=5)))
    part = value_and_gradient(given_weights, x.compute()[rows], y.compute()[rows])
    loss, gradient = problem.batch(given_weights, rows)
    assert loss == part[0]
    assert gradient.tolist() == part[1].tolist()
    square = sum_over_chunks(lambda x, _: x.T @ x, x, y)
    assert square.tolist() == (x.compute().T @ x.compute()).tolist()


@pytest.mark.usefixtures("alone")
def test_batches_are_those_of_one_process() -> None:
    """Row numbers are dealt instead of rows, and the workers look them up."""
    inputs, targets = drawn()
    problem = MeanOverChunks(value_and_gradient, *in_chunks(inputs, targets))
    how: Any = {"batch_size": 16, "num_epochs": 2}
    rule, start = GradientDescent(0.1), np.zeros(3)
    rows = np.arange(len(inputs))
    found = descend_in_batches(
        lambda w, chosen, _: problem.batch(w, chosen.astype(int))[0],
        lambda w, chosen, _: problem.batch(w, chosen.astype(int))[1],
        *(start, rule),
        inputs=rows,
        targets=rows,
        generator=np.random.default_rng(0),
        **how,
    )
    known = descend_in_batches(
        lambda w, x, y: value_and_gradient(w, x, y)[0],
        lambda w, x, y: value_and_gradient(w, x, y)[1],
        *(start, rule),
        inputs=inputs,
        targets=targets,
        generator=np.random.default_rng(0),
        **how,
    )
    assert found.losses == near(known.losses)


@pytest.mark.usefixtures("alone")
def test_chunks_need_not_fit() -> None:
    """Other chunks of the targets, columns cut, none of a size, sizes unknown."""
    inputs, targets = drawn()
    weights = np.array([0.5, -1.0, 2.0])
    known = value_and_gradient(weights, inputs, targets)
    x, y = in_chunks(inputs, targets)
    for other_x, other_y in (
        (x, y.rechunk(7)),
        (x.rechunk({1: 2}), y),
        (x.rechunk((50, 1)), y.rechunk(100)),
        (x[x[:, 0] < 99], y[y < 99]),
        (x[x[:, 0] < 99], y),
        (x.rechunk({1: 1})[x[:, 0] < 99], y),
    ):
        loss, gradient = MeanOverChunks(value_and_gradient, other_x, other_y)(weights)
        assert loss == near(known[0])
        assert gradient == near(known[1])
    few = inputs[:, 0] > np.sort(inputs[:, 0])[-3]  # so that a chunk is left empty
    assert not few[:30].any() or not few[30:60].any()
    chosen = MeanOverChunks(
        value_and_gradient,
        x[x[:, 0] > np.sort(inputs[:, 0])[-3]],
        y[x[:, 0] > np.sort(inputs[:, 0])[-3]],
    )
    assert chosen(weights)[0] == near(
        value_and_gradient(weights, inputs[few], targets[few])[0]
    )


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("change", "exception", "says"),
    [
        (
            lambda x, y: (x.compute(), y),
            TypeError,
            "`inputs` is an array of shape (100, 3) but must be a Dask array; dask.array.from_array(..., chunks=...) makes one",
        ),
        (
            lambda x, y: (x, y.compute()),
            TypeError,
            "`targets` is an array of shape (100,) but must be a Dask array; dask.array.from_array(..., chunks=...) makes one",
        ),
        (
            lambda x, y: (x, y[:99]),
            ValueError,
            "`targets` has shape (99,) but `inputs` has shape (100, 3); there must be one entry for each sample in both",
        ),
        (
            lambda x, y: (x[:0], y[:0]),
            ValueError,
            "`inputs` has shape (0, 3) but must have an entry for each sample",
        ),
        (
            lambda x, y: (x, y.sum()),
            ValueError,
            "`targets` has shape () but must have an entry for each sample",
        ),
        (
            lambda x, y: (x > 0, y),
            TypeError,
            "`inputs` holds np.True_ but must hold numbers only",
        ),
        (
            lambda x, y: (x, y * 1j),
            TypeError,
            "`targets` holds np.complex128(1j) but must hold numbers only",
        ),
        (
            lambda x, y: (x[x[:, 0] < 99], y.rechunk(7)),
            ValueError,
            "`targets` has 15 chunks of rows but `inputs` has 4, and how many rows each has is not known; compute_chunk_sizes() of both finds out",
        ),
    ],
)
def test_data_is_refused(change: Any, exception: Any, says: str) -> None:
    """What is no pair of samples in chunks is named before anything is computed."""
    data = change(*in_chunks(*drawn()))
    for ask in (MeanOverChunks, sum_over_chunks):
        with pytest.raises(exception) as caught:
            ask(value_and_gradient, *data)
        assert str(caught.value) == says


@pytest.mark.usefixtures("alone")
def test_what_computing_finds_is_refused() -> None:
    """Chunks that turn out to differ, or to be empty, and functions of another kind."""
    x, y = in_chunks(*drawn())
    weights = np.ones(3)
    with pytest.raises(
        ValueError,
        match="^`targets` has a chunk of 30 samples where `inputs` has one of ",
    ):
        MeanOverChunks(value_and_gradient, x[x[:, 0] > 0], y)(weights)
    nothing = x[x[:, 0] > 99], y[x[:, 0] > 99]
    with pytest.raises(ValueError, match="^`inputs` has chunks of no rows only but "):
        MeanOverChunks(value_and_gradient, *nothing)(weights)
    for answer, says in (
        (2.0, "`function` returned 2.0 but must return the loss and its gradient"),
        (
            (1.0, 2.0, 3.0),
            "`function` returned (1.0, 2.0, 3.0) but must return the loss and its gradient",
        ),
        (
            (1.0, 2.0),
            "`function` returned a loss of shape () and a gradient of shape () but must return one number and a slope for each parameter, shape (3,)",
        ),
        (
            ([1.0, 1.0], weights),
            "`function` returned a loss of shape (2,) and a gradient of shape (3,) but must return one number and a slope for each parameter, shape (3,)",
        ),
    ):
        with pytest.raises((TypeError, ValueError)) as caught:
            MeanOverChunks(lambda *_, a=answer: a, x, y)(weights)
        assert str(caught.value) == says
    for ask in (MeanOverChunks, sum_over_chunks):
        name = "make" if ask is sum_over_chunks else "function"
        for bad, exception, says in NOT_A_FUNCTION:
            with refused(exception, name, says):
                ask(bad, x, y)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("rows", "exception", "says"),
    [
        ([100], ValueError, "`rows` holds 100 but must count rows from 0 to 99"),
        ([0, -1], ValueError, "`rows` holds -1 but must count rows from 0 to 99"),
        (
            [0.0],
            TypeError,
            "`rows` is array([0.]) but must be whole numbers in a row, 1 or more",
        ),
        (
            [[0]],
            TypeError,
            "`rows` is array([[0]]) but must be whole numbers in a row, 1 or more",
        ),
        (
            [],
            TypeError,
            "`rows` is array([], dtype=float64) but must be whole numbers in a row, 1 or more",
        ),
        (
            [True],
            TypeError,
            "`rows` is array([ True]) but must be whole numbers in a row, 1 or more",
        ),
    ],
)
def test_rows_are_refused(rows: Any, exception: Any, says: str) -> None:
    """What counts no rows, or rows that are not there."""
    problem = MeanOverChunks(value_and_gradient, *in_chunks(*drawn()))
    with pytest.raises(exception) as caught:
        problem.batch(np.ones(3), rows)
    assert str(caught.value) == says


@pytest.mark.usefixtures("alone")
def test_rows_need_known_chunks() -> None:
    """Which chunk a row lies in is known when all say how many they have."""
    x, y = in_chunks(*drawn())
    problem = MeanOverChunks(value_and_gradient, x[x[:, 0] < 99], y)
    with pytest.raises(ValueError, match=r"inputs.compute_chunk_sizes\(\) finds out$"):
        problem.batch(np.ones(3), [0])


@pytest.mark.usefixtures("alone")
def test_nothing_is_shared() -> None:
    """Neither the parameters given nor the gradient returned are anyone else's."""
    kept = np.zeros(3)

    def greedy(weights: Any, *_: Any) -> Any:
        weights += 1
        return 0.0, kept

    x, y = in_chunks(*drawn(), rows=100)
    weights = np.ones(3)
    _, gradient = MeanOverChunks(greedy, x, y)(weights)
    gradient += 1
    assert weights.tolist() == [1, 1, 1]
    assert kept.tolist() == [0, 0, 0]


@pytest.mark.usefixtures("alone")
def test_loss_beyond_the_floats() -> None:
    """A mean that fits a float is one, and what does not is seen as divergence."""
    x, y = in_chunks(np.ones((4, 1)), np.ones(4), rows=2)
    large = MeanOverChunks(lambda w, *_: (1e308, w), x, y)
    assert large(np.ones(1))[0] == near(1e308)
    infinite = MeanOverChunks(lambda w, *_: (np.float64(1e200) ** 2, w), x, y)
    with pytest.raises(DivergenceError, match="the loss is inf"):
        descend(
            infinite.loss,
            infinite.gradient,
            np.ones(1),
            GradientDescent(1.0),
            num_steps=1,
        )
