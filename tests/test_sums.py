"""Sums over rows: the same wherever and however they are taken."""

import pickle
import threading
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import jax.numpy as jnp
import numpy as np
import pytest
from bad_input import NOT_NUMBERS, not_a_count, refused
from children import said
from hypothesis import given
from hypothesis import strategies as st
from near import near
from peak import peak
from strategies import LinearProblem, linear_problems
from test_ranges import SMALLEST, numbers

from gdbook import sums
from gdbook.gradients import linear_gradient
from gdbook.losses import mean_squared_error
from gdbook.sums import LeastSquares, NormalEquations

BOTH = pytest.mark.parametrize("kind", [LeastSquares, NormalEquations])
INPUTS = [[Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]]
FINITE = "but every number in it must be finite"
LAYOUTS: dict[str, Any] = {
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "backwards": lambda x: np.ascontiguousarray(x[::-1])[::-1],
    "every second": lambda x: np.repeat(x, 2, axis=0)[::2],
    "second columns": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "other bytes": lambda x: x.astype(x.dtype.newbyteorder()),
}


def drawn(
    n_samples: int, *outputs: int, n_inputs: int = 3, dtype: Any = float
) -> LinearProblem:
    """Draw a problem of floats."""
    generator = np.random.default_rng(seed=1)
    shapes = (n_samples, n_inputs), (n_inputs, *outputs), (n_samples, *outputs)
    return LinearProblem(*(generator.normal(size=x).astype(dtype) for x in shapes))


def expected(problem: LinearProblem) -> tuple[Any, Any]:
    """Return what the formulas of the library give."""
    predictions = problem.inputs @ problem.weights
    return mean_squared_error(predictions, problem.targets), linear_gradient(*problem)


def assert_near(found: Any, right: Any, *, rel: float = 1e-12) -> None:
    """Check a loss, and a gradient as a whole."""
    (loss, gradient), (right_loss, right_gradient) = found, right
    assert type(loss) is type(right_loss)
    assert loss == near(right_loss, rel=rel)
    assert gradient.dtype == right_gradient.dtype
    assert gradient.shape == right_gradient.shape
    assert abs(gradient - right_gradient).max() <= rel * abs(right_gradient).max()


def same(found: Any, right: Any) -> bool:
    """Say whether losses and gradients are equal to the last digit."""
    return found[0] == right[0] and np.array_equal(found[1], right[1])


@BOTH
class TestBoth:
    """Give the loss and the gradient together."""

    @given(linear_problems())
    def test_exactly(self, kind: Any, problem: LinearProblem) -> None:
        """In fractions they are those of the formulas."""
        found = kind(problem.inputs, problem.targets)(problem.weights)
        assert same(found, expected(problem))
        assert {type(x) for x in (found[0], *found[1].flat)} == {Fraction}

    @given(linear_problems(), st.data())
    def test_in_pieces(self, kind: Any, problem: LinearProblem, data: Any) -> None:
        """The pieces of the rows add up to all of them, however they were cut."""
        n_samples = len(problem.inputs)
        cuts = data.draw(st.sets(st.integers(1, n_samples)))
        ends = [0, *sorted(cuts | {n_samples})]
        pieces = [
            kind(problem.inputs[start:end], problem.targets[start:end])
            for start, end in pairwise(ends)
        ]
        whole = sum(pieces)
        assert whole.n_samples == n_samples
        assert same(whole(problem.weights), expected(problem))

    def test_one_of_them(self, kind: Any) -> None:
        """The loss, and the gradient, are those given together."""
        problem = kind(INPUTS, [2, 9])
        loss, gradient = problem([1, 1])  # errors 1 and −2
        assert problem.loss([1, 1]) == loss == Fraction(5, 2)
        assert problem.gradient([1, 1]).tolist() == gradient.tolist() == [-5, -6]

    @pytest.mark.parametrize(
        ("inputs", "weights", "targets"),
        [
            ([[3, 4]], [1, 2], [6]),
            ([[3, 4]], [Fraction(1), 2], [6]),
            ([[Fraction(3), 4]], [1.0, 2.0], [6]),
            ([[3.0, 4.0]], [Fraction(1), 2], [6]),
            ([[3, 4]], np.array([1, 2], np.float32), [6]),
        ],
    )
    def test_of_several_kinds(
        self, kind: Any, inputs: Any, weights: Any, targets: Any
    ) -> None:
        """A float, and integers without a fraction among the data, make floats."""
        loss, gradient = kind(inputs, targets)(weights)
        assert (type(loss), loss, gradient.tolist()) == (float, 25.0, [30, 40])
        assert gradient.dtype == float

    def test_integers_stay_exact(self, kind: Any) -> None:
        """Integers of dtype object, and those beside a fraction, keep all digits."""
        # Prediction 2⁸⁰ + 1, error 1, where floats and 64 bits would find 0.
        for right in (Fraction(2**80), 2**80):
            inputs = np.array([[2**40, 1]], dtype=object)
            loss, gradient = kind(inputs, [right])([2**40, 1])
            assert (loss, gradient.tolist()) == (1, [2**41, 2])

    def test_a_float_among_pieces(self, kind: Any) -> None:
        """One piece of floats makes floats of the sum, on either side."""
        exact, floats = kind([[Fraction(3), 4]], [6]), kind([[3.0, 4.0]], [6.0])
        for both in (exact + floats, floats + exact):
            loss, gradient = both([1, 2])
            assert (type(loss), loss, gradient.dtype) == (float, 25.0, float)

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, float, np.longdouble])
    @pytest.mark.parametrize("outputs", [(), (1,), (4,)])
    def test_keeps_the_width(self, kind: Any, dtype: Any, outputs: Any) -> None:
        """Narrow floats give narrow ones; two widths give the wider one."""
        problem = drawn(50, *outputs, dtype=dtype)
        rel = 40 * float(max(np.finfo(dtype).eps, np.finfo(float).eps))
        found = kind(problem.inputs, problem.targets)(problem.weights)
        assert_near(found, expected(problem), rel=rel)
        mixed = problem._replace(weights=problem.weights.astype(np.float32))
        found = kind(mixed.inputs, mixed.targets)(mixed.weights)
        assert found[1].dtype == np.result_type(dtype, np.float32)

    @pytest.mark.parametrize("layout", LAYOUTS)
    @pytest.mark.parametrize("outputs", [(), (2,)])
    @pytest.mark.parametrize("shape", [(50, 3), (20_000, 3), (5000, 80)])
    def test_layouts(self, kind: Any, layout: str, outputs: Any, shape: Any) -> None:
        """How data lie in memory changes nothing but the time."""
        problem = drawn(shape[0], *outputs, n_inputs=shape[1])
        look = LAYOUTS[layout]
        found = kind(look(problem.inputs), look(problem.targets))(problem.weights)
        assert_near(found, expected(problem))

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(
        self, kind: Any, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """Data are looked at when they are given, weights when they are."""
        with refused(exception, "inputs", says):
            kind(bad, [2, 9])
        with refused(exception, "targets", says):
            kind(INPUTS, bad)
        for inputs in (INPUTS, [[1.0, 2.0], [3.0, 4.0]]):
            with refused(exception, "weights", says):
                kind(inputs, [2, 9])(bad)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_refuses_what_is_not_finite(self, kind: Any, bad: float) -> None:
        """Weights that come the quick way are looked at no less."""
        for problem in (drawn(3), drawn(3, 2), drawn(3, dtype=np.float32)):
            problem.weights[1] = bad
            with refused(ValueError, "weights", f"holds {bad} {FINITE}"):
                kind(problem.inputs, problem.targets)(problem.weights)

    @pytest.mark.parametrize(
        ("inputs", "targets", "weights", "name", "says"),
        [
            ([1, 2], [1, 1], 0, "inputs", "has shape (2,) but must have 2 dimensions"),
            (INPUTS, 1, 0, "targets", "has shape () but must have 1 or 2 dimensions"),
            (INPUTS, [1], 0, "targets", "has shape (1,) but must have shape (2,)"),
            (INPUTS, [1, 2], 0, "weights", "has shape () but must have 1 or 2"),
            (INPUTS, [1, 2], [1], "weights", "has shape (1,) but must have shape (2,)"),
            (
                INPUTS,
                [1, 2],
                [[1], [1]],
                "weights",
                "has shape (2, 1) but must have shape (2,)",
            ),
            (
                INPUTS,
                [[1], [2]],
                [1, 1],
                "weights",
                "has shape (2,) but must have shape (2, 1)",
            ),
        ],
    )
    def test_shapes(  # noqa: PLR0917
        self, kind: Any, inputs: Any, targets: Any, weights: Any, name: str, says: str
    ) -> None:
        """Shapes that do not fit are refused, even where NumPy would broadcast."""
        floats = [np.asarray(x, dtype=float) for x in (inputs, targets, weights)]
        for x, y, w in ((inputs, targets, weights), floats):
            with pytest.raises(ValueError, match="must have") as caught:
                kind(x, y)(w)
            assert str(caught.value).startswith(f"`{name}` {says}")

    def test_pieces_that_do_not_fit(self, kind: Any) -> None:
        """Only pieces of one problem are added."""
        one, wide = kind([[1.0, 2.0]], [1.0]), kind([[1.0, 2.0, 3.0]], [1.0])
        with pytest.raises(ValueError, match=r"^one piece takes weights of shape \(2,"):
            one + wide
        with pytest.raises(ValueError, match=r"of shape \(2, 1\); they must be equal"):
            one + kind([[1.0, 2.0]], [[1.0]])
        for other in (1, 0.0, None, {1.0}):
            with pytest.raises(TypeError, match="unsupported operand"):
                other + one
            with pytest.raises(TypeError, match="unsupported operand"):
                one + other
        with pytest.raises(TypeError, match="unsupported operand"):
            LeastSquares([[1.0]], [1.0]) + NormalEquations([[1.0]], [1.0])

    def test_adding_changes_no_piece(self, kind: Any) -> None:
        """Both pieces are what they were."""
        one, two = kind([[3.0, 4.0]], [6.0]), kind([[1.0, 0.0]], [0.0])
        both = one + two
        assert both.loss([1.0, 2.0]) == 13
        assert (one.n_samples, two.n_samples, both.n_samples) == (1, 1, 2)
        assert (one.loss([1.0, 2.0]), two.loss([1.0, 2.0])) == (25, 1)

    def test_travels(self, kind: Any) -> None:
        """What is pickled and read elsewhere is the same."""
        problem = drawn(70_000)
        here = kind(problem.inputs, problem.targets)
        there = pickle.loads(pickle.dumps(here))  # noqa: S301
        assert same(there(problem.weights), here(problem.weights))

    @pytest.mark.parametrize("outputs", [(), (3,)])
    def test_dask(self, kind: Any, outputs: Any) -> None:
        """Chunks of Dask's arrays are pieces; each is computed once for both."""
        problem = drawn(1000, *outputs)
        inputs, weights, targets = problem
        computed: list[int] = []

        def noted(chunk: Any) -> Any:
            computed.append(len(chunk))
            return chunk

        lazy = da.from_array(inputs, chunks=(100, 3))
        lazy = lazy.map_blocks(noted, dtype=float, meta=np.empty((0, 0)))
        with dask.config.set(scheduler="synchronous"):
            for right in (targets, da.from_array(targets, chunks=100)):
                made = kind(lazy, right)
                computed.clear()
                assert_near(made(weights), expected(problem))
                assert computed == ([100] * 10 if kind is LeastSquares else [])
            assert_near(kind(inputs, right)(weights), expected(problem))
            both = made + kind(inputs, targets)
            assert_near(both(da.from_array(weights)), expected(problem))
            with refused(ValueError, "inputs", f"holds inf {FINITE}"):
                kind(abs(lazy) * np.inf, targets)
            with pytest.raises(ValueError, match=r"rows it has; inputs.compute_chunk"):
                kind(lazy[lazy[:, 0] > 0], targets)

    def test_other_libraries(self, kind: Any) -> None:
        """Other arrays become NumPy's."""
        problem = drawn(10, dtype=np.float32)
        found = kind(jnp.asarray(problem.inputs), jnp.asarray(problem.targets))
        assert_near(found(problem.weights), expected(problem), rel=1e-6)
        assert_near(found(jnp.asarray(problem.weights)), expected(problem), rel=1e-6)

    def test_says_what_it_is(self, kind: Any) -> None:
        """A message that shows it has one line."""
        assert repr(kind(INPUTS, [2, 9])) == f"<{kind.__name__} of 2 samples>"


class TestLeastSquares:
    """The mean squared error of a linear model, summed in blocks over threads."""

    @given(
        st.integers(1, 300),
        st.integers(1, 4),
        st.sampled_from([(), (1,), (3,)]),
        st.integers(1, 400),
        st.integers(1, 4),
    )
    def test_any_split(
        self, n_samples: int, n_inputs: int, outputs: Any, rows: int, threads: int
    ) -> None:
        """Rounding aside, blocks and threads change nothing; threads no digit."""
        problem = drawn(n_samples, *outputs, n_inputs=n_inputs)
        inputs, weights, targets = problem
        split = LeastSquares(inputs, targets, num_threads=threads, block_size=rows)
        found = split(weights)
        assert_near(found, expected(problem))
        alone = LeastSquares(inputs, targets, num_threads=1, block_size=rows)
        assert same(found, alone(weights))

    @pytest.mark.parametrize("outputs", [(), (3,)])
    def test_threads_change_no_digit(self, outputs: Any) -> None:
        """Whichever thread ends first, the groups are added in their order."""
        problem = drawn(20_000, *outputs)
        inputs, weights, targets = problem
        one = LeastSquares(inputs, targets, num_threads=1, block_size=100)(weights)
        assert_near(one, expected(problem))
        for threads in (None, 2, 3, 100):
            several = LeastSquares(inputs, targets, num_threads=threads, block_size=100)
            assert same(several(weights), one)

    @given(numbers(4, 2, 2))
    def test_every_magnitude(self, values: Any) -> None:
        """Right to the roundings of the largest product that is added."""
        x, w, t = values
        inputs = np.reshape(x, (2, 2))
        rows = [[Fraction(a) for a in row] for row in inputs.tolist()]
        parts: list[list[Fraction]] = [
            [*(a * Fraction(b) for a, b in zip(row, w, strict=True)), -Fraction(y)]
            for row, y in zip(rows, t, strict=True)
        ]
        with np.errstate(all="raise"):
            loss, gradient = LeastSquares(inputs, t)(w)
        widths = [sum(map(abs, part)) for part in parts]
        spread = sum(width**2 for width in widths) / 2
        if spread < 2**1023:
            exact: Any = sum(sum(part) ** 2 for part in parts) / 2
            off = abs(Fraction(loss) - exact)
            assert off <= 12 * max(spread / 2**52, Fraction(SMALLEST))
        for j in range(2):
            sizes = sum(
                abs(r[j]) * width for r, width in zip(rows, widths, strict=True)
            )
            exact = sum(r[j] * sum(part) for r, part in zip(rows, parts, strict=True))
            if sizes < 2**1023:
                off = abs(Fraction(float(gradient[j])) - exact)
                assert off <= 12 * max(sizes / 2**52, Fraction(SMALLEST))

    @pytest.mark.parametrize("outputs", [(), (2,)])
    @pytest.mark.parametrize("size", [1e200, 1e-200])
    @pytest.mark.parametrize(
        ("n_samples", "look"),
        [(3, np.asarray), (20_000, np.asarray), (1000, da.from_array)],
    )
    def test_beyond_the_floats(
        self, n_samples: int, outputs: Any, size: float, look: Any
    ) -> None:
        """Where numbers leave the floats on the way, the result does not."""
        inputs, weights, targets = drawn(n_samples, *outputs)
        loss, gradient = expected(LinearProblem(inputs, weights, targets))
        # One input in another unit, and its weights in the inverse of it.
        unit = np.array([1, size, 1]).reshape(-1, *[1] * len(outputs))
        problem = LeastSquares(look(inputs * unit.ravel()), targets, num_threads=2)
        found, slopes = problem(weights / unit)
        assert_near((found, slopes / unit), (loss, gradient))
        # All in another unit: the squares are no floats, the slopes are.
        problem = LeastSquares(look(inputs), targets * size, num_threads=2)
        found, slopes = problem(weights * size)
        assert found == (np.inf if size > 1 else 0)
        assert_near((loss, slopes / size), (loss, gradient))

    def test_too_small_on_the_way(self) -> None:
        """What is too small for a float counts where it is multiplied or added."""
        loss, gradient = LeastSquares([[1e-200, 1e300]], [0.0])([1e-200, 0.0])
        assert (loss, gradient.tolist()) == (0, [0, near(2e-100)])
        many = LeastSquares(np.full((1000, 1), 1e-163), np.zeros(1000))
        assert many.loss([1000.0]) == near(1e-320, rel=1e-3)  # of 2⁻¹⁰⁷⁴, 2024 times

    def test_harmless_underflow(self) -> None:
        """A product too small for a float among larger ones costs no digit."""
        problem = drawn(1000)
        problem.inputs[::2] *= 1e-170
        problem.targets[::2] *= 1e-170
        found = LeastSquares(problem.inputs, problem.targets)(problem.weights)
        assert_near(found, expected(problem))

    def test_nothing_to_learn(self) -> None:
        """Where all is 0, so are loss and slopes."""
        loss, gradient = LeastSquares(np.zeros((3, 2)), np.zeros(3))(np.ones(2))
        assert (loss, gradient.tolist()) == (0, [0, 0])

    def test_diverges_soon(self) -> None:
        """Data of any size diverge in the time of a few steps, not in fractions."""
        problem = drawn(100_000)
        loss, gradient = LeastSquares(problem.inputs, problem.targets)(
            problem.weights * 1e200
        )
        assert loss == np.inf
        assert np.isfinite(gradient).all()

    def test_data_are_not_copied(self) -> None:
        """What it keeps are the caller's own arrays, which it never writes to."""
        problem = drawn(70_000)
        inputs, weights, targets = problem
        inputs.setflags(write=False)
        kept = LeastSquares(inputs, targets)
        before = kept(weights)
        targets[0] += 1
        assert kept.loss(weights) != before[0]
        targets[1] = np.nan
        with refused(ValueError, "targets", f"holds nan {FINITE}"):
            kept(weights)

    def test_data_on_disk(self, tmp_path: Path) -> None:
        """A file that is mapped into memory is read block by block."""
        problem = drawn(20_000)
        np.save(tmp_path / "inputs.npy", problem.inputs)
        mapped = np.load(tmp_path / "inputs.npy", mmap_mode="r")
        kept = LeastSquares(mapped, problem.targets)
        assert peak(lambda: kept(problem.weights)) < 2**18
        assert_near(kept(problem.weights), expected(problem))

    @pytest.mark.parametrize("dtype", [np.float32, float])
    @pytest.mark.parametrize("order", ["C", "F"])
    @pytest.mark.parametrize("outputs", [(), (2,)])
    def test_memory(self, dtype: Any, order: Any, outputs: Any) -> None:
        """Beside the data there is a tenth of them at most."""
        problem = drawn(400_000, *outputs, n_inputs=20, dtype=dtype)
        inputs = np.array(problem.inputs, order=order)
        kept: list[Any] = []

        def make_and_step() -> None:
            kept.append(LeastSquares(inputs, problem.targets))
            kept.append(kept[0](problem.weights))

        assert peak(make_and_step) < inputs.nbytes / 10

    def test_memory_of_sums(self) -> None:
        """However small the blocks, their sums are few."""
        inputs, weights, targets = drawn(6000, n_inputs=100)
        problem = LeastSquares(inputs, targets, block_size=1)
        assert peak(lambda: problem(weights)) < inputs.nbytes / 10

    def test_memory_of_a_part(self) -> None:
        """Of a view only a block is copied at a time."""
        whole = drawn(400_000, n_inputs=40).inputs
        part, weights = whole[:, ::2], np.ones(20)
        problem = LeastSquares(part, part[:, 0])
        assert peak(lambda: problem(weights)) < part.nbytes / 10

    def test_refuses(self) -> None:
        """Threads and rows are counted."""
        for bad, exception, says in not_a_count(1):
            if bad is not None:
                with refused(exception, "num_threads", says):
                    LeastSquares(INPUTS, [1, 2], num_threads=bad)
                with refused(exception, "block_size", says):
                    LeastSquares(INPUTS, [1, 2], block_size=bad)

    @pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, IndexError])
    @pytest.mark.parametrize("where", [0, 5])
    def test_an_error_stops_all_threads(
        self, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], where: int
    ) -> None:
        """What goes wrong in one group ends the others, and leaves no thread."""
        inputs, weights, targets = drawn(6000)
        kept = LeastSquares(inputs, targets, num_threads=2, block_size=100)
        right = kept(weights)
        alive = threading.active_count()
        begun: list[int] = []
        sum_of = sums._sum_of  # noqa: SLF001

        def fails(*group: Any) -> Any:
            begun.append(1)
            if len(begun) == where + 1:
                raise error
            if len(begun) > where:
                time.sleep(0.1)  # for the other thread to notice
            return sum_of(*group)

        with monkeypatch.context() as patch:
            patch.setattr(sums, "_sum_of", fails)
            with pytest.raises(error):
                kept(weights)
        assert len(begun) < where + 10
        assert threading.active_count() == alive
        assert same(kept(weights), right)

    @pytest.mark.parametrize(
        ("num_threads", "cores", "worth", "num_used"),
        [(2, 1, 2**24, 2), (None, 2, 0, 2), (None, 2, 2**24, 1), (None, 1, 0, 1)],
    )
    def test_work_is_shared(
        self,
        monkeypatch: pytest.MonkeyPatch,
        num_threads: int | None,
        cores: int,
        worth: int,
        num_used: int,
    ) -> None:
        """Each group is summed once, by threads that are told or worth their start."""
        inputs, weights, targets = drawn(6000)
        kept = LeastSquares(inputs, targets, num_threads=num_threads, block_size=100)
        met = threading.Barrier(num_used)
        sum_of = sums._sum_of  # noqa: SLF001
        used: list[int] = []
        rows: list[int] = []

        def noted(inputs: Any, *others: Any) -> Any:
            if threading.get_ident() not in used:
                used.append(threading.get_ident())
                met.wait(timeout=60)
            rows.append(len(inputs))
            return sum_of(inputs, *others)

        monkeypatch.setattr(sums, "_sum_of", noted)
        monkeypatch.setattr(sums, "_num_cores", lambda: cores)
        monkeypatch.setattr(sums, "_WORTH_A_THREAD", worth)
        kept(weights)
        assert len(used) == num_used
        assert rows == [100] * 60

    @pytest.mark.parametrize(
        "then",
        [
            pytest.param(
                "child = os.fork()\n"
                "if child:\n"
                "    os.waitpid(child, 0)\n"
                "else:\n"
                "    step()",
                id="fork",
            ),
            pytest.param("atexit.register(step)", id="end of the program"),
            pytest.param("threading.stack_size(2**46); step()", id="no threads left"),
        ],
    )
    def test_wherever_it_is_called(self, then: str) -> None:
        """No thread that a fork, the end or a browser takes away is waited for."""
        script = (
            "import atexit, os, threading, warnings\n"
            "import numpy as np\n"
            "from gdbook.sums import LeastSquares\n"
            "warnings.simplefilter('ignore')\n"
            "inputs = np.ones((60_000, 3))\n"
            "problem = LeastSquares(inputs, inputs[:, 0], num_threads=4)\n"
            "def step():\n"
            "    print(problem(np.ones(3)), flush=True)\n"
            "step()\n" + then
        )
        assert said(script) == 2 * "(4.0, array([4., 4., 4.]))\n"


class TestNormalEquations:
    """The mean squared error of a linear model from three sums, taken once."""

    @given(st.integers(1, 300), st.integers(1, 4), st.sampled_from([(), (1,), (3,)]))
    def test_is_least_squares(
        self, n_samples: int, n_inputs: int, outputs: Any
    ) -> None:
        """Of errors as large as the targets both know as many digits."""
        problem = drawn(n_samples, *outputs, n_inputs=n_inputs)
        found = NormalEquations(problem.inputs, problem.targets)(problem.weights)
        loss, gradient = expected(problem)
        sizes = abs(problem.inputs) @ abs(problem.weights) + abs(problem.targets)
        spread = (sizes**2).sum() / n_samples
        assert found[0] == near(loss, abs=1e-14 * n_inputs * spread)
        most = 2 * (abs(problem.inputs).T @ sizes).max() / n_samples
        assert abs(found[1] - gradient).max() <= 1e-14 * n_inputs * most

    def test_in_pieces_of_floats(self) -> None:
        """Pieces that are made one after the other need the memory of one."""

        def pieces() -> Any:
            generator = np.random.default_rng(seed=1)
            for _ in range(20):
                inputs = generator.normal(size=(10_000, 10))
                yield inputs, inputs.sum(axis=1)

        def total() -> Any:
            return sum(NormalEquations(*piece) for piece in pieces())

        assert peak(total) < 3 * 10_000 * 10 * 8
        inputs, targets = map(np.concatenate, zip(*pieces(), strict=True))
        weights = np.arange(10.0)
        assert_near(total()(weights), LeastSquares(inputs, targets)(weights))

    def test_costs_the_square_of_the_inputs(self) -> None:
        """It keeps nothing of the rows, and no more than its sums to call it."""
        problem = drawn(100_000)
        kept = NormalEquations(problem.inputs, problem.targets)
        assert len(pickle.dumps(kept)) < 2000
        assert peak(lambda: kept(problem.weights)) < 2**14

    @pytest.mark.parametrize("part", [slice(None), slice(None, None, -2)])
    def test_memory(self, part: slice) -> None:
        """To sum takes a tenth of the data, or two blocks, whatever is converted."""
        problem = drawn(100_000, n_inputs=20, dtype=np.float32)
        inputs = problem.inputs[:, part]
        used = peak(lambda: NormalEquations(inputs, problem.targets))
        assert used < max(inputs.nbytes / 10, 2**22)

    def test_copies_no_floats(self) -> None:
        """Rows of floats are multiplied where they are."""
        inputs, _, targets = drawn(100_000, n_inputs=20)
        assert peak(lambda: NormalEquations(inputs, targets)) < inputs.nbytes / 64

    @pytest.mark.parametrize("digits", [2, 4, 6])
    def test_what_the_loss_loses(self, digits: int) -> None:
        """Errors of a share 10⁻ᵏ of the targets cost 2k of 16 digits of the loss."""
        inputs, weights, _ = drawn(10_000)
        generator = np.random.default_rng(seed=2)
        targets = inputs @ weights
        targets += 10.0**-digits * generator.normal(size=len(targets))
        right = LeastSquares(inputs, targets)(weights)
        found = NormalEquations(inputs, targets)(weights)
        share = np.mean(targets**2) / right[0]
        off = abs(found[0] - right[0]) / right[0]
        assert off < 2e-14 * share
        assert share == near(10 ** (2 * digits) * np.mean(targets**2), rel=0.05)

    def test_a_loss_may_be_negative(self) -> None:
        """Where every prediction is right, rounding alone is left."""
        losses = []
        for seed in range(20):
            inputs = np.random.default_rng(seed).normal(size=(50, 3))
            problem = NormalEquations(inputs, inputs @ [1.0, 2.0, 3.0])
            losses.append(problem.loss([1.0, 2.0, 3.0]))
        assert min(losses) < 0
        assert max(map(abs, losses)) < 1e-13

    @pytest.mark.parametrize("power", [2, 4, 6])
    def test_what_ill_conditioned_data_lose(self, power: int) -> None:
        """Inputs that differ by a share 10⁻ᵏ lose 2k digits of a slope, or only k."""
        generator = np.random.default_rng(seed=3)
        one, two = generator.normal(size=(2, 1000))
        inputs = np.stack([one, one + 10.0**-power * two], axis=1)
        exact = NormalEquations(
            *(np.vectorize(Fraction, [object])(x) for x in (inputs, one))
        )
        floats = NormalEquations(inputs, one)
        weights = np.array([0.9, 0.1])
        right = exact.gradient([Fraction(w) for w in weights.tolist()])
        flat = np.array([1.0, -1.0])
        slope = float(right @ [Fraction(1), Fraction(-1)])
        lost = abs(flat @ floats.gradient(weights) - slope) / abs(slope)
        kept = abs(flat @ LeastSquares(inputs, one).gradient(weights) - slope)
        assert lost < 2e-14 * 10 ** (2 * power)
        assert kept < 2e-14 * 10**power * abs(slope)

    @pytest.mark.parametrize("size", [1e200, 1e-200])
    def test_refuses_what_has_no_square(self, size: float) -> None:
        """Numbers whose squares leave the floats at either end are named."""
        inputs, _, targets = drawn(3)
        inputs[:, 1], inputs[:, 2] = size, 0
        says = f"holds {size} but its square must fit a float"
        with refused(ValueError, "inputs", says):
            NormalEquations(inputs, targets)
        targets[:] = size
        with refused(ValueError, "targets", says):
            NormalEquations(np.ones((3, 1)), targets)
        with refused(ValueError, "targets", says):
            NormalEquations(np.ones((3, 1)), np.stack([np.ones(3), targets], axis=1))

    @pytest.mark.parametrize("size", [1e200, 1e-200])
    def test_weights_of_any_size(self, size: float) -> None:
        """Only what fits no float is infinite, and only that is 0."""
        inputs, weights, targets = drawn(3)
        found = NormalEquations(inputs, targets)(weights * size)
        assert_near(found, LeastSquares(inputs, targets)(weights * size))
        narrow = drawn(3, dtype=np.float32)
        narrow.inputs[:] *= np.float32(1e-30)
        found = NormalEquations(narrow.inputs, narrow.targets)(narrow.weights)
        assert_near(found, expected(narrow), rel=1e-6)
