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
from distributed.client import FutureCancelledError
from hypothesis import given, settings
from hypothesis import strategies as st
from near import near

from gdbook.cluster import MeanOverChunks, local_cluster, sum_over_chunks
from gdbook.descent import DivergenceError, descend, descend_in_batches
from gdbook.gradients import linear_gradient
from gdbook.losses import mean_squared_error
from gdbook.optimizers import GradientDescent, Momentum
from gdbook.sums import LeastSquares, NormalEquations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dask.distributed import Client

ROOT = Path(__file__).parents[1]
LIMIT = 192 * 2**20
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


def directly(weights: Any, inputs: Any, targets: Any) -> tuple[Any, Any]:
    """Give the loss of a linear model, and its gradient, of all rows at once."""
    loss = mean_squared_error(inputs @ weights, targets)
    return loss, linear_gradient(inputs, weights, targets)


def drawn(n_samples: int = 100, n_inputs: int = 3, seed: int = 0) -> tuple[Any, Any]:
    """Draw samples."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(n_samples, n_inputs))
    return inputs, inputs @ np.arange(n_inputs) + random.normal(size=n_samples)


def in_chunks(inputs: Any, targets: Any, rows: Any = 30) -> tuple[Any, Any]:
    """Cut samples into chunks of rows."""
    cut = dict.fromkeys(range(1, inputs.ndim), -1)
    return (
        da.from_array(inputs, chunks={0: rows, **cut}),
        da.from_array(targets, chunks={0: rows}),
    )


def pids(client: Client) -> list[int]:
    """Return the processes of both workers, once those that died are replaced."""
    client.wait_for_workers(2)
    return sorted(client.run(os.getpid).values())


def walk(problem: Any, num_steps: int = 4) -> Any:
    """Descend, and return everything that was visited."""
    rule = Momentum(0.1, momentum=0.5)
    return descend(problem, None, np.zeros(3), rule, num_steps=num_steps)


def in_one(inputs: Any, targets: Any, num_steps: int = 4) -> Any:
    """Descend so in one process."""
    rule = Momentum(0.1, momentum=0.5)
    return descend(
        *(lambda w: directly(w, inputs, targets), None),
        *(np.zeros(3), rule),
        num_steps=num_steps,
    )


def same(one: Any, other: Any) -> bool:
    """Say whether two descents are the same to the bit."""
    pairs = zip(one.params, other.params, strict=True)
    return one.losses == other.losses and all(np.array_equal(*pair) for pair in pairs)


@pytest.mark.claims(
    "The functions of this book take such arrays: they see to it that the data are "
    "finite, and leave the rest until it is asked for.",
    "Dask … keeps an array in chunks and computes each of them where it lies.",
    page="beyond_one_machine",
)
def test_library_takes_arrays_of_dask(client: Client) -> None:
    """Losses and gradients stay unevaluated, and the workers compute them."""
    inputs, targets = drawn()
    x, y = in_chunks(inputs, targets)
    weights = np.ones(3)
    gradient = linear_gradient(x, weights, y)
    loss = mean_squared_error(x @ weights, y)
    assert isinstance(gradient, da.Array)
    assert isinstance(loss, da.Array)
    known = directly(weights, inputs, targets)
    assert client.compute(loss).result() == near(known[0])
    assert client.compute(gradient).result() == near(known[1])


@pytest.mark.claims(
    "For a descent, MeanOverChunks makes of each chunk what was made of all rows, "
    "and takes the mean of equation …:",
    "The losses of the start and of all … steps agree to a share ….",
    page="beyond_one_machine",
)
def test_descent_is_that_of_one_process(client: Client) -> None:
    """All losses and all weights are the same, to rounding."""
    data = drawn()
    found = walk(MeanOverChunks(LeastSquares, *in_chunks(*data)))
    known = in_one(*data)
    assert client.ncores()
    assert found.losses == near(known.losses)
    assert np.array(found.params) == near(np.array(known.params), abs=1e-14)


@pytest.mark.claims(
    "In none.",
    "A chunk that is lost is made again from what it was made of, here from the "
    "array of this process, elsewhere from a file; a piece of a sum that was under "
    "way is summed again by another worker.",
    "Chunks are added in their order, whoever summed them, so the bits do not change.",
    page="beyond_one_machine",
)
def test_worker_killed_between_two_steps(client: Client) -> None:
    """What it held is made again, and not a bit of the descent changes."""
    x, y = in_chunks(*drawn())
    undisturbed = walk(MeanOverChunks(LeastSquares, x, y))
    before = pids(client)
    problem = MeanOverChunks(LeastSquares, (x + 0).persist(), (y + 0).persist())
    calls, victim = [], before[0]

    def disturbed(weights: Any) -> Any:
        calls.append(weights)
        if len(calls) == 3:
            os.kill(victim, signal.SIGKILL)
        return problem(weights)

    assert same(walk(disturbed), undisturbed)
    assert victim not in pids(client)


def test_worker_killed_while_it_sums(client: Client, tmp_path: Path) -> None:
    """Another worker sums the chunk again."""
    x, y = in_chunks(*drawn())
    undisturbed = walk(MeanOverChunks(LeastSquares, x, y))
    before = pids(client)
    killed = tmp_path / "killed"

    def fatal(inputs: Any, targets: Any) -> Any:
        problem = LeastSquares(inputs, targets)

        def measure(weights: Any) -> Any:
            if len(inputs) == 10 and weights.any() and not killed.exists():
                killed.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return problem(weights)

        return measure

    found = walk(MeanOverChunks(fatal, x, y))
    assert killed.exists()
    assert same(found, undisturbed)
    assert pids(client) != before


@pytest.mark.claims(
    "What cannot be made again is lost with its worker: keep the recipe of your data, "
    "not only the data.",
    page="beyond_one_machine",
)
def test_data_without_a_recipe_are_lost(client: Client) -> None:
    """What was sent to a worker, and is made of nothing that Dask knows."""
    inputs, targets = drawn()
    victim = pids(client)[0]
    (holder,) = (at for at, pid in client.run(os.getpid).items() if pid == victim)
    sent = client.scatter(inputs, workers=[holder])
    x = da.from_delayed(sent, inputs.shape, inputs.dtype)
    problem = MeanOverChunks(LeastSquares, x, da.from_array(targets, chunks=100))
    known = directly(np.ones(3), inputs, targets)
    assert problem.loss(np.ones(3)) == near(known[0])
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(FutureCancelledError):
        problem.loss(np.ones(3))
    assert victim not in pids(client)


@pytest.mark.claims(
    "An error of the function itself is nobody's failure: on each scale it reaches the "
    "caller.",
    page="beyond_one_machine",
)
def test_what_a_worker_raises_arrives(client: Client) -> None:
    """It is the error of one process, and the next call is as if nothing was."""
    inputs, targets = drawn()
    problem = MeanOverChunks(LeastSquares, *in_chunks(inputs, targets))
    with pytest.raises(ValueError, match=r"^`weights` has shape \(2,\) but must have"):
        problem(np.ones(2))
    inputs = inputs.copy()
    inputs[50, 1] = np.nan
    spoiled = MeanOverChunks(LeastSquares, *in_chunks(inputs, targets))
    with pytest.raises(ValueError, match="`inputs` holds nan but every number in it"):
        spoiled(np.ones(3))
    with pytest.raises(DivergenceError, match="usually the learning rate is too large"):
        descend(problem, None, np.zeros(3), GradientDescent(1e200), num_steps=9)
    known = mean_squared_error(drawn()[0] @ np.ones(3), targets)
    assert problem.loss(np.ones(3)) == near(known)
    assert client.ncores()


@pytest.mark.claims(
    "A store in Zarr's format that is larger than the memory of all workers goes "
    "through them chunk by chunk, once in every step: MeanOverChunks takes the "
    "array of da.from_zarr as it is.",
    page="beyond_one_machine",
)
def test_store_is_larger_than_the_memory(client: Client, tmp_path: Path) -> None:
    """Workers read chunks one after the other, and none grows over its limit."""
    few = np.arange(7.0)[:, None] * np.arange(1, 21) % 7 - 3
    n_samples = 2_590_000
    again = da.zeros((n_samples, 20), chunks=(35_000, 20)).map_blocks(
        lambda block, few: np.resize(few, block.shape), few
    )
    again.to_zarr(tmp_path / "inputs.zarr")
    inputs = da.from_zarr(tmp_path / "inputs.zarr")
    assert inputs.nbytes > 2 * LIMIT
    before = pids(client)
    problem = MeanOverChunks(LeastSquares, inputs, inputs.sum(axis=1))
    rule = GradientDescent(0.01)
    found = descend(problem, None, np.zeros(20), rule, num_steps=1)
    known = descend(
        LeastSquares(few, few.sum(axis=1)), None, np.zeros(20), rule, num_steps=1
    )
    assert found.losses == near(known.losses)
    assert found.params[-1] == near(known.params[-1])
    # Sums of whole numbers round nowhere.
    square = sum_over_chunks(lambda x, _: x.T @ x, inputs, inputs)
    assert np.array_equal(square, few.T @ few * (n_samples // 7))
    assert pids(client) == before


@pytest.mark.claims(
    "The first losses agree with those above to a share …, and all … steps to the "
    "best line read no row.",
    page="beyond_one_machine",
)
def test_sums_are_taken_once(client: Client) -> None:
    """The workers send their sums, of which one process then descends."""
    data = drawn()
    problem = sum_over_chunks(NormalEquations, *in_chunks(*data))
    assert problem.n_samples == 100
    assert client.ncores()
    assert walk(problem).losses == near(in_one(*data).losses)


def test_cluster_leaves_nothing_behind(tmp_path: Path) -> None:
    """A script that kills a worker ends by itself, writes nothing, leaves nothing."""
    script = tmp_path / "script.py"
    script.write_text(
        """
import multiprocessing, os, signal, threading
import dask.array as da
from gdbook.cluster import local_cluster

def main():
    with local_cluster(n_workers=2) as client:
        ones = da.ones(100, chunks=10).persist()
        first, _ = client.run(os.getpid).values()
        os.kill(first, signal.SIGKILL)
        print(int(ones.sum().compute()))
    print(multiprocessing.active_children())
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
    problem = MeanOverChunks(LeastSquares, x, y)
    given_weights = np.array(weights, dtype=object)
    whole = directly(given_weights, x.compute(), y.compute())
    loss, gradient = problem(given_weights)
    assert loss == whole[0]
    assert gradient.tolist() == whole[1].tolist()
    row = st.integers(0, len(points) - 1)
    rows = np.array(data.draw(st.lists(row, min_size=1, max_size=5)))
    part = directly(given_weights, x.compute()[rows], y.compute()[rows])
    loss, gradient = problem.batch(given_weights, rows)
    assert loss == part[0]
    assert gradient.tolist() == part[1].tolist()
    square = sum_over_chunks(lambda x, _: x.T @ x, x, y)
    assert square.tolist() == (x.compute().T @ x.compute()).tolist()


@pytest.mark.claims(
    "On the cluster, batches are dealt as row numbers, and each worker looks up "
    "those that it holds:",
    page="beyond_one_machine",
)
@pytest.mark.usefixtures("alone")
def test_batches_are_those_of_one_process() -> None:
    """Row numbers are dealt instead of rows, and the workers look them up."""
    inputs, targets = drawn()
    problem = MeanOverChunks(LeastSquares, *in_chunks(inputs, targets))
    how: Any = {"batch_size": 16, "num_epochs": 2}
    rule, start = GradientDescent(0.1), np.zeros(3)
    rows = np.arange(len(inputs))
    found = descend_in_batches(
        *(lambda w, chosen, _: problem.batch(w, chosen.astype(int)), None),
        *(start, rule),
        inputs=rows,
        targets=rows,
        generator=np.random.default_rng(0),
        **how,
    )
    known = descend_in_batches(
        *(directly, None),
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
    known = directly(weights, inputs, targets)
    x, y = in_chunks(inputs, targets)
    for other_x, other_y in (
        (x, y.rechunk(7)),
        (x.rechunk({1: 2}), y),
        (x.rechunk((50, 1)), y.rechunk(100)),
        (x[x[:, 0] < 99], y[y < 99]),
        (x[x[:, 0] < 99], y),
        (x.rechunk({1: 1})[x[:, 0] < 99], y),
    ):
        loss, gradient = MeanOverChunks(LeastSquares, other_x, other_y)(weights)
        assert loss == near(known[0])
        assert gradient == near(known[1])
    least = np.sort(inputs[:, 0])[-2]
    few = inputs[:, 0] >= least
    some = x[:, 0] >= least
    assert len({row // 30 for row in np.flatnonzero(few)}) < x.numblocks[0]
    left = MeanOverChunks(LeastSquares, x[some], y[some])
    assert left(weights)[0] == near(directly(weights, inputs[few], targets[few])[0])


NO_DASK = "but must be a Dask array; dask.array.from_array(..., chunks=...) makes one"
NO_NUMBERS = "but must hold numbers only"
EACH = "there must be one entry for each sample in both"
UNKNOWN = (
    "and how many rows each has is not known; compute_chunk_sizes() of both finds out"
)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("change", "exception", "says"),
    [
        (
            lambda x, y: (x.compute(), y),
            TypeError,
            f"`inputs` is an array of shape (100, 3) {NO_DASK}",
        ),
        (
            lambda x, y: (x, y.compute()),
            TypeError,
            f"`targets` is an array of shape (100,) {NO_DASK}",
        ),
        (
            lambda x, y: (x, y[:99]),
            ValueError,
            f"`targets` has shape (99,) but `inputs` has shape (100, 3); {EACH}",
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
            f"`inputs` holds np.True_ {NO_NUMBERS}; int(...) makes 0 or 1 of it",
        ),
        (
            lambda x, y: (x, y * 1j),
            TypeError,
            f"`targets` holds np.complex128(1+0j) {NO_NUMBERS}",
        ),
        (
            lambda x, y: (x[x[:, 0] < 99], y.rechunk(7)),
            ValueError,
            f"`targets` has 15 chunks of rows but `inputs` has 4, {UNKNOWN}",
        ),
    ],
)
def test_data_is_refused(change: Any, exception: Any, says: str) -> None:
    """What is no pair of samples in chunks is named before anything is computed."""
    data = change(*in_chunks(*drawn()))
    for ask in (MeanOverChunks, sum_over_chunks):
        with pytest.raises(exception) as caught:
            ask(LeastSquares, *data)
        assert str(caught.value) == says


@pytest.mark.usefixtures("alone")
def test_what_computing_finds_is_refused() -> None:
    """Chunks that differ, or are all empty, and functions of another kind."""
    x, y = in_chunks(*drawn())
    weights = np.ones(3)
    differ = r"^`targets` has a chunk of \d+ samples where `inputs` has one of [13]0; "
    with pytest.raises(ValueError, match=differ):
        MeanOverChunks(LeastSquares, x, y[y > 0])(weights)
    nothing = x[x[:, 0] > 99], y[x[:, 0] > 99]
    with pytest.raises(ValueError, match=r"^`inputs` has chunks of no rows only but "):
        MeanOverChunks(LeastSquares, *nothing)(weights)
    made = "`make` made a function that returned"
    pair, shape = "must return the loss and its gradient", "slope for each parameter"
    one = f"must return one number and a {shape}, shape (3,)"
    for answer, says in (
        (2.0, f"{made} 2.0 but {pair}"),
        ((1.0, 2.0, 3.0), f"{made} (1.0, 2.0, 3.0) but {pair}"),
        ((1, 2), f"{made} a loss of shape () and a gradient of shape () but {one}"),
        (
            ([1.0, 1.0], weights),
            f"{made} a loss of shape (2,) and a gradient of shape (3,) but {one}",
        ),
    ):
        problem = MeanOverChunks(lambda *_, a=answer: lambda _: a, x, y)
        with pytest.raises((TypeError, ValueError)) as caught:
            problem(weights)
        assert str(caught.value) == says
    for ask in (MeanOverChunks, sum_over_chunks):
        for bad, exception, says in NOT_A_FUNCTION:
            with refused(exception, "make", says):
                ask(bad, x, y)


NO_ROWS = "but must be whole numbers in a row, 1 or more"


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("rows", "exception", "says"),
    [
        ([100], ValueError, "holds 100 but must count rows from 0 to 99"),
        ([0, -1], ValueError, "holds -1 but must count rows from 0 to 99"),
        ([0.0], TypeError, f"is array([0.]) {NO_ROWS}"),
        ([[0]], TypeError, f"is array([[0]]) {NO_ROWS}"),
        ([], TypeError, f"is array([], dtype=float64) {NO_ROWS}"),
        ([True], TypeError, f"is array([ True]) {NO_ROWS}"),
    ],
)
def test_rows_are_refused(rows: Any, exception: Any, says: str) -> None:
    """What counts no rows, or rows that are not there."""
    problem = MeanOverChunks(LeastSquares, *in_chunks(*drawn()))
    with refused(exception, "rows", says):
        problem.batch(np.ones(3), rows)


@pytest.mark.usefixtures("alone")
def test_rows_need_known_chunks() -> None:
    """Which chunk a row lies in is known when all say how many they have."""
    x, y = in_chunks(*drawn())
    problem = MeanOverChunks(LeastSquares, x[x[:, 0] < 99], y)
    with pytest.raises(ValueError, match=r"inputs.compute_chunk_sizes\(\) finds out$"):
        problem.batch(np.ones(3), [0])


@pytest.mark.usefixtures("alone")
def test_nothing_is_shared() -> None:
    """Neither the parameters given nor the gradient returned are anyone else's."""
    kept = np.zeros(3)

    def greedy(weights: Any) -> Any:
        weights += 1
        return 0.0, kept

    x, y = in_chunks(*drawn(), rows=100)
    weights = np.ones(3)
    _, gradient = MeanOverChunks(lambda *_: greedy, x, y)(weights)
    gradient += 1
    assert weights.tolist() == [1, 1, 1]
    assert kept.tolist() == [0, 0, 0]


@pytest.mark.usefixtures("alone")
def test_loss_beyond_the_floats() -> None:
    """A mean that fits a float is one, and what does not is seen as divergence."""
    x, y = in_chunks(np.ones((4, 1)), np.ones(4), rows=2)
    large = MeanOverChunks(lambda *_: lambda w: (1e308, w), x, y)
    assert large(np.ones(1))[0] == near(1e308)
    infinite = MeanOverChunks(lambda *_: lambda w: (np.float64(1e200) ** 2, w), x, y)
    with pytest.raises(DivergenceError, match="the loss is inf"):
        descend(
            infinite.loss,
            infinite.gradient,
            np.ones(1),
            GradientDescent(1.0),
            num_steps=1,
        )
