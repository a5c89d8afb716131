"""Settings in words: what differs has other words, what is the same has the same."""

import functools
import itertools
import math
import pathlib
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
from children import said

from gdbook._fingerprints import described
from gdbook.activations import leaky_relu
from gdbook.callbacks import EarlyStopping
from gdbook.checkpoints import Checkpoint
from gdbook.losses import MEAN_SQUARED_ERROR
from gdbook.optimizers import Adam, GradientDescent
from gdbook.schedules import cosine_decay

THRESHOLD = 0.5


@dataclass(frozen=True)
class Warmup:
    """A schedule with settings, one of which does not matter."""

    rate: float
    name: str = field(default="", metadata={"decides": False})

    def __call__(self, step: int, _: Any) -> float:
        """Rise."""
        return self.rate * step


class Plain:
    """A schedule that is no dataclass."""

    def __init__(self, rate: Any) -> None:
        self.rate = rate

    def __call__(self, step: int, _: Any) -> Any:
        """Rise."""
        return self.rate * step

    def method(self, step: int, _: Any) -> Any:
        """Fall."""
        return self.rate / (step + 1)


class Pair(NamedTuple):
    """Two values by name."""

    first: Any
    second: Any


def closing(factor: Any) -> Callable[[Any], Any]:
    """Make a function that closes over something."""

    def scaled(value: Any) -> Any:
        return factor * value

    return scaled


def with_default(value: Any, factor: Any = 2) -> Any:
    """Multiply."""
    return value * factor


def by_keyword(value: Any, *, factor: Any = 2) -> Any:
    """Multiply."""
    return value * factor


def above(value: Any) -> bool:
    """Use a name of the module."""
    return bool(value > THRESHOLD)


def calls_above(value: Any) -> bool:
    """Use a function of the module, which uses a name."""
    return above(value)


def forever(value: Any) -> Any:
    """Refer to itself."""
    return forever(value)


def changed(function: Any, monkeypatch: Any, **attributes: Any) -> Any:
    """Describe a function before and after its attributes change."""
    before = described(function)
    for name, value in attributes.items():
        monkeypatch.setattr(function, name, value)
    return before != described(function)


class TestSame:
    """What is the same has the same words, in this process or in another."""

    @pytest.mark.parametrize(
        "make",
        [
            lambda: np.arange(6.0).reshape(2, 3),
            lambda: np.array([Fraction(1, 3), 1]),
            lambda: closing(3),
            lambda: closing(np.arange(3.0)),
            lambda: functools.partial(cosine_decay, 0.1, num_steps=4),
            lambda: Warmup(0.1),
            lambda: Plain([0.1, {"a": Plain(3)}]),
            lambda: Plain(0.1).method,
            lambda: {"a": above, "b": {1, 2, 3}},
            lambda: lambda step, _: 0.1 / (step + THRESHOLD),
            lambda: np.random.default_rng(1),
        ],
        ids=map(str, itertools.count()),
    )
    def test_made_twice(self, make: Any) -> None:
        """No address, no order of a dict and no place in memory shows."""
        assert described(make()) == described(make())
        assert "0x" not in described(make())

    def test_what_is_no_difference(self) -> None:
        """Views and their copies, the order of names, and what does not matter."""
        array = np.arange(12.0).reshape(3, 4)
        assert described(array[:, ::2]) == described(array[:, ::2].copy())
        assert described(array.T) == described(np.ascontiguousarray(array.T))
        assert described(array) == described(array.astype(">f8"))
        assert described({"a": 1, "b": 2}) == described({"b": 2, "a": 1})
        assert described(Warmup(1.0, "a")) == described(Warmup(1.0, "b"))
        assert described(Checkpoint("a")) == described(Checkpoint("b", every=3))
        assert described(Checkpoint("a")) == "Checkpoint()"

    def test_another_process(self) -> None:
        """The seed of hashes, which differs from process to process, plays no role."""
        script = (
            "import numpy as np\n"
            "from gdbook._fingerprints import described\n"
            "names = {'a', 'b', 'c', 'd', 'e', 'f'}\n"
            "print(described((lambda x: x in {'g', 'h', 'i', 'j'}, names, np.eye(2))))"
        )
        found = {said(script, PYTHONHASHSEED=seed) for seed in "123"}
        assert len(found) == 1

    def test_text_around(self) -> None:
        """A comment, another line and another docstring are no other function."""
        first: dict[str, Any] = {"__name__": "mine"}
        second: dict[str, Any] = {"__name__": "mine"}
        exec("def f(x):\n    'one'\n    return x + 1", first)  # noqa: S102
        exec("\n\ndef f(x):\n    'two'\n    # why\n    return x + 1", second)  # noqa: S102
        assert described(first["f"]) == described(second["f"])
        exec("def f(x):\n    'one'\n    return x + 2", second)  # noqa: S102
        assert described(first["f"]) != described(second["f"])


class TestDifferent:
    """What differs has other words."""

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (np.array([1.0, 2.0]), np.array([1.0, 2.5])),
            (np.array([1.0, 2.0]), np.array([1.0, 2.0], np.float32)),
            (np.array([1.0, 2.0]), np.array([[1.0, 2.0]])),
            (np.array([0.0]), np.array([-0.0])),
            (np.array([1, 2]), np.array([1.0, 2.0])),
            (np.array([1, 2], np.int8), np.array([1, 3], np.int8)),
            (np.array([Fraction(1, 3)]), np.array([Fraction(1, 4)])),
            (np.array([Fraction(1, 2)]), np.array([0.5], object)),
            (np.array([1j]), np.array([2j])),
            (np.longdouble(1) / 3 * np.ones(1), np.ones(1, np.longdouble) / 3.5),
            (np.array(1.0), np.array(2.0)),
            (np.float32(0.5), 0.5),
            (1, True),
            (1, 1.0),
            (1, Fraction(1)),
            (10**5000, 10**5000 + 1),
            (Fraction(1, 10**5000), Fraction(2, 10**5000)),
            ("a", "b"),
            ("a", b"a"),
            (None, ()),
            ((1, 2), [1, 2]),
            ((1, 2), (2, 1)),
            ((1, (2,)), ((1, 2),)),
            ({"a": 1}, {"a": 2}),
            ({"a": 1}, {"b": 1}),
            ({1, 2}, {1, 3}),
            (Pair(1, 2), (1, 2)),
            (Pair(1, 2), Pair(1, 3)),
            (pathlib.PurePosixPath("a"), pathlib.PurePosixPath("b")),
            (GradientDescent(0.1), GradientDescent(0.2)),
            (GradientDescent(0.1), Adam(0.1)),
            (Adam(beta2=0.99), Adam(beta2=0.999)),
            (EarlyStopping(3), EarlyStopping(4)),
            (EarlyStopping(3), EarlyStopping(3, monitor="loss")),
            (MEAN_SQUARED_ERROR, MEAN_SQUARED_ERROR._replace(slope=math.hypot)),
            (above, calls_above),
            (above, forever),
            (math.sin, math.cos),
            (np.exp, np.log),
            (np.mean, np.median),
            (int, float),
            (np, math),
            (closing(2), closing(3)),
            (closing(2), closing(np.array(2))),
            (closing(np.zeros(2)), closing(np.ones(2))),
            (closing(closing(2)), closing(closing(3))),
            (lambda x: x + 1, lambda x: x + 2),
            (lambda x: x + 1, lambda x: x - 1),
            (lambda x: x.mean(), lambda x: x.sum()),
            (lambda x: lambda: x + 1, lambda x: lambda: x + 2),
            (lambda x, _: x, lambda x: x),
            (lambda x: np.sin(x) + 1, lambda x: np.cos(x) + 1),
            (
                functools.partial(cosine_decay, 0.1, num_steps=4),
                functools.partial(cosine_decay, 0.2, num_steps=4),
            ),
            (
                functools.partial(leaky_relu, negative_slope=0.1),
                functools.partial(leaky_relu, negative_slope=0.2),
            ),
            (functools.partial(abs), functools.partial(math.fabs)),
            (Warmup(0.1), Warmup(0.2)),
            (Plain(0.1), Plain(0.2)),
            (Plain(0.1), Warmup(0.1)),
            (Plain(0.1).method, Plain(0.2).method),
            (Plain(0.1).method, Plain(0.1).__call__),
            (Plain([1, 2]), Plain([1, 3])),
            (functools.lru_cache(above), functools.lru_cache(calls_above)),
            (list(range(10**3)), [*range(999), 0]),
        ],
        ids=map(str, itertools.count()),  # pytest cannot write long integers
    )
    def test_pair(self, first: Any, second: Any) -> None:
        """Each pair has two texts."""
        assert described(first) != described(second)

    def test_a_bit(self) -> None:
        """Of every number in an array, wherever it stands."""
        array = np.arange(24.0).reshape(2, 3, 4)
        found = {described(array)}
        for place in range(24):
            other = array.copy()
            other.flat[place] = np.nextafter(other.flat[place], 99)
            found.add(described(other))
        assert len(found) == 25

    def test_a_late_fraction(self) -> None:
        """However many there are before it."""
        many = np.array([Fraction(1, 3)] * 40_000)
        other = many.copy()
        other[-1] = Fraction(1, 4)
        assert described(many) != described(other)

    def test_names_of_the_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What a function uses, and what the functions that it calls use."""
        before = [described(each) for each in (above, calls_above, forever)]
        monkeypatch.setitem(above.__globals__, "THRESHOLD", 0.6)
        after = [described(each) for each in (above, calls_above, forever)]
        differs = [x != y for x, y in zip(before, after, strict=True)]
        assert differs == [True, True, False]

    def test_defaults(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whether given by place or by name."""
        assert changed(with_default, monkeypatch, __defaults__=(3,))
        assert changed(by_keyword, monkeypatch, __kwdefaults__={"factor": 3})


class TestWords:
    """People read them."""

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (GradientDescent(0.1), "GradientDescent(learning_rate=0.1)"),
            (
                MEAN_SQUARED_ERROR,
                "Loss(function=mean_squared_error, slope=mean_squared_error_slope)",
            ),
            (
                functools.partial(cosine_decay, 0.1, num_steps=4),
                "partial(cosine_decay, 0.1, num_steps=4)",
            ),
            (None, "None"),
            (32, "32"),
            ("a\nb", r"'a\nb'"),
            (Fraction(1, 3), "Fraction(1, 3)"),
            (np.float32(0.5), "float32(0.5)"),
            (np.array, "numpy.array"),
            (math, "math"),
            (..., "Ellipsis"),
            ({"b": abs, "a": 1}, "{'a': 1, 'b': abs}"),
            ([1, (2,)], "list(1, (2))"),
        ],
    )
    def test_examples(self, value: Any, words: str) -> None:
        """Names and settings, as they are written."""
        assert described(value) == words

    def test_arrays(self) -> None:
        """The dtype, the shape, and a hash."""
        words = described(np.zeros((13, 2), np.float32))
        assert words.startswith("float32 of shape (13, 2) with hash ")
        assert len(words.rpartition(" ")[2]) == 16

    def test_functions(self) -> None:
        """A name, a hash of the code, and what it uses."""
        name, _, rest = described(above).partition(" with code ")
        assert name.endswith(".above")
        assert rest[16:] == "(THRESHOLD=0.5)"

    def test_length(self) -> None:
        """What is long is cut, and known by its hash."""
        first, second = (described("x" * 10**5 + end) for end in "ab")
        assert first != second
        assert first[:600] == second[:600] == "'" + "x" * 599
        assert len(first) < 700

    def test_cycles_and_depth(self) -> None:
        """Nothing goes on for ever."""
        around: list[Any] = [1]
        around.append(around)
        assert described(around) == "list(1, ...)"
        deep: Any = ()
        for _ in range(10**4):
            deep = (deep,)
        assert described(deep) == "(" * 16 + "(...)" + ")" * 16
        wide = [[[[[0] * 10] * 10] * 10] * 10] * 10**3
        assert len(described(wide)) < 700

    def test_empty_cell(self) -> None:
        """A function whose name is not yet bound."""

        def early() -> Any:
            return late

        words = described(early)
        late = 1
        assert described(early) != words
