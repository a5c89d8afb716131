"""Every argument is looked at before anything is computed."""

import math
import re
from array import array
from collections import UserString, deque
from fractions import Fraction
from functools import partial
from pathlib import Path, PurePath
from typing import Any, Self

import numpy as np
import pytest
from bad_input import (
    NEGATIVE,
    NOT_A_CHOICE,
    NOT_A_FUNCTION,
    NOT_A_GENERATOR,
    NOT_A_NUMBER,
    NOT_A_PATH,
    NOT_A_SHARE,
    NOT_BETWEEN_0_AND_1,
    NOT_NUMBERS,
    NOT_POSITIVE,
    not_a_count,
    refused,
)
from peak import peak

from gdbook import _checks, activations, gradients, losses
from gdbook._checks import shown
from gdbook.gradients import linear_gradient
from gdbook.losses import mean_squared_error
from gdbook.optimizers import GradientDescent, GradientDescentState


class TestNumber:
    """The scalars of array libraries become Python's."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (2, 2),
            (2**64, 2**64),
            (0.5, 0.5),
            (Fraction(1, 3), Fraction(1, 3)),
            (np.float64(0.25), 0.25),
            (np.int64(7), 7),
            (np.array(7), 7),
            (np.array(0.5), 0.5),
        ],
    )
    def test_value_and_type(self, value: Any, expected: Any) -> None:
        """A number comes back as a Python number of the same value."""
        result = _checks.number("x", value)
        assert result == expected
        assert type(result) is type(expected)

    def test_fraction_beyond_the_floats(self) -> None:
        """A fraction is finite, and exact, whatever its size."""
        assert _checks.number("x", -(Fraction(10) ** 400)) == -(10**400)

    @pytest.mark.parametrize("digits", [309, 5000])
    def test_beyond_the_floats(self, digits: int) -> None:
        """An integer must fit a float: it meets one sooner or later."""
        big = 10**digits
        words = f"an integer of {digits + 1} digits"
        says = "but must fit a float, below about 1.8e308"
        for check in (_checks.number, _checks.numbers, _checks.count, _checks.floats):
            with refused(_checks.NotFiniteError, "x", f"is {words} {says}"):
                check("x", big)
        for bad in ([1, big], [[0.5, -big]], np.array([big]), [Fraction(1, 2), big]):
            with refused(_checks.NotFiniteError, "x", f"holds {words} {says}"):
                _checks.numbers("x", bad)
        assert _checks.number("x", int(1.79e308)) == int(1.79e308)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Anything else is refused with its name and its value."""
        with refused(exception, "x", says):
            _checks.number("x", bad)


class TestNumbers:
    """Integers in arrays become floats, unless a fraction is among them."""

    @pytest.mark.parametrize(
        "value",
        [
            [1, 2],
            (1, 2),
            range(1, 3),
            deque([1, 2]),
            array("b", [1, 2]),
            array("d", [1, 2]),
            [np.array(1), np.array(2)],
            [np.array(1, dtype=object), 2.0],
            np.array([np.array(1), 2.0], dtype=object),
            *(np.array([1, 2], dtype=kind) for kind in "bhilqBHILQ"),
            np.array([1, 2], dtype=">i4"),
            np.array([1, 2], dtype=">f8"),
            [np.int8(1), np.int64(2)],
            np.array([1.0, 2], dtype=object),
        ],
    )
    def test_become_floats(self, value: Any) -> None:
        """Integers of every width become floats, and so do objects."""
        result = _checks.numbers("x", value)
        assert result.tolist() == [1.0, 2.0]
        assert result.dtype == np.float64
        assert result.dtype.isnative

    def test_exact(self) -> None:
        """Where a caller asks for exactness, integers stay, as Python's own."""
        for value in ([2**64, -1], np.array([1, 2], dtype=np.uint8)):
            result = _checks.numbers("x", value, exact=True)
            assert result.tolist() == list(value)
            assert {type(x) for x in result} == {int}
        objects = np.array([np.int8(1), 2], dtype=object)
        assert {type(x) for x in _checks.numbers("x", objects)} == {int}
        assert type(_checks.numbers("x", 3, exact=True)) is int
        assert _checks.numbers("x", [0.5, 1], exact=True).dtype == np.float64

    @pytest.mark.parametrize(
        "kind", [np.float16, np.float32, np.float64, np.longdouble]
    )
    def test_widths(self, kind: Any) -> None:
        """Floats keep their width, in arrays and in rows of them."""
        first = kind(0.5)
        for value in (
            np.array([first, first]),
            [first, first],
            [np.array(first), first],
            [np.array([first]), np.array([first])],
        ):
            assert _checks.numbers("x", value).dtype == kind
        wider = np.result_type(kind, np.float64)
        assert _checks.numbers("x", [first, 0.25]).dtype == wider

    def test_shape_of_objects(self) -> None:
        """Integers inside an array of objects keep their places."""
        value = np.array([[np.int8(1), 2, 3], [4, 5, 6]], dtype=object)
        result = _checks.numbers("x", value)
        assert result.tolist() == [[1, 2, 3], [4, 5, 6]]

    @pytest.mark.parametrize("value", [[1, 0.5], [1.0, 0.5], (np.float32(1), 0.5)])
    def test_floats(self, value: Any) -> None:
        """Floats, and integers among floats, become an array of floats."""
        result = _checks.numbers("x", value)
        assert result.tolist() == [1.0, 0.5]
        assert result.dtype == np.float64

    def test_fractions(self) -> None:
        """Integers among fractions become fractions."""
        result = _checks.numbers("x", [Fraction(1, 3), 2, np.int8(3)])
        assert result.tolist() == [Fraction(1, 3), 2, 3]
        assert {type(x) for x in result} == {Fraction}

    def test_fraction_among_floats(self) -> None:
        """A fraction among floats is a float: what is computed is rounded anyway."""
        result = _checks.numbers("x", [Fraction(1, 3), 0.5])
        assert result.tolist() == [1 / 3, 0.5]
        assert result.dtype == np.float64

    def test_float_arrays_are_not_copied(self) -> None:
        """An array of floats is ready as it is."""
        value = np.array([1.0, 2.0], dtype=np.float32)
        assert _checks.numbers("x", value) is value

    @pytest.mark.parametrize("value", [3, 0.5, Fraction(1, 2), np.array(2.0)])
    def test_scalars(self, value: Any) -> None:
        """A scalar stays one, and is a Python number."""
        result = _checks.numbers("x", value, ndims=(0, 1))
        assert result == value
        assert type(result) in {int, float, Fraction}

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Everything else is refused, and the first wrong value is named."""
        with refused(exception, "x", says):
            _checks.numbers("x", bad)

    def test_rows_of_several_dimensions(self) -> None:
        """Rows that NumPy itself cannot put together are ragged, too."""
        rows = [np.zeros((2, 3)), np.zeros((2, 4))]
        with refused(
            ValueError, "x", f"is {shown(rows)} but its rows must have equal lengths"
        ):
            _checks.numbers("x", rows)

    def test_rows_of_arrays(self) -> None:
        """Rows that are arrays of different lengths are ragged."""
        rows = [np.array([1, 2]), np.array([3])]
        with refused(
            ValueError, "x", f"is {shown(rows)} but its rows must have equal lengths"
        ):
            _checks.numbers("x", rows)

    @pytest.mark.parametrize(
        ("value", "ndims", "says"),
        [
            (3, (1,), "has shape () but must have 1 dimensions"),
            ([[1]], (1,), "has shape (1, 1) but must have 1 dimensions"),
            ([3], (2,), "has shape (1,) but must have 2 dimensions"),
            ([[[3]]], (1, 2), "has shape (1, 1, 1) but must have 1 or 2 dimensions"),
        ],
    )
    def test_dimensions(self, value: Any, ndims: tuple[int, ...], says: str) -> None:
        """Other dimensions than those expected are refused with the shape."""
        with refused(ValueError, "x", says):
            _checks.numbers("x", value, ndims=ndims)


class TestPaired:
    """Two arguments whose shapes must be equal, not merely broadcastable."""

    def test_equal_shapes(self) -> None:
        """Two arrays of one shape come back in their order."""
        first, second = _checks.paired("x", [1, 2], "y", [3, 4])
        assert first.tolist() == [1, 2]
        assert second.tolist() == [3, 4]

    @pytest.mark.parametrize(
        ("first", "second", "shapes"),
        [
            ([[1], [2], [3]], [1, 2, 3], ((3, 1), (3,))),
            (1, [1], ((), (1,))),
            ([1, 2], 1, ((2,), ())),
            ([1], [1, 2], ((1,), (2,))),
            ([[1, 2]], [[1], [2]], ((1, 2), (2, 1))),
        ],
    )
    def test_broadcastable_shapes(
        self, first: Any, second: Any, shapes: tuple[Any, Any]
    ) -> None:
        """Shapes that NumPy would broadcast are refused with both shapes."""
        says = f"has shape {shapes[0]} but `y` has shape {shapes[1]}"
        with refused(ValueError, "x", f"{says}; they must be equal"):
            _checks.paired("x", first, "y", second)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_NUMBERS)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A bad value is refused under the name of its own argument."""
        with refused(exception, "x", says):
            _checks.paired("x", bad, "y", [1])
        with refused(exception, "y", says):
            _checks.paired("x", [1], "y", bad)


class TestTogether:
    """All numbers of one call are exact, or all are floats."""

    def test_integers(self) -> None:
        """Without a fraction arrays become floats, and a scalar stays what it is."""
        first, second, third = _checks.together(x=[1, 2], y=3, z=np.array([4]))
        assert (first.dtype, third.dtype) == (np.float64, np.float64)
        assert type(second) is int

    def test_received(self) -> None:
        """What a function of the caller's receives is a float."""
        for given in ({"x": 3}, {"x": 3, "y": 0.5}, {"x": 3, "y": [1]}):
            assert type(_checks.together(integers=False, **given)[0]) is float

    @pytest.mark.parametrize("fraction", [Fraction(1, 3), [Fraction(1, 3)]])
    def test_a_fraction(self, fraction: Any) -> None:
        """A fraction anywhere keeps integers exact."""
        for integers in (True, False):
            found = _checks.together(x=[2**64, 1], y=3, z=fraction, integers=integers)
            assert {type(x) for x in found[0]} == {Fraction}
            assert type(found[1]) is int
            assert found[2] == fraction

    def test_an_array_of_objects(self) -> None:
        """It keeps integers as they are, but for a function of the caller's."""
        objects: Any = np.array([2**64, 1], dtype=object)
        found = _checks.together(x=objects, y=[3])
        assert [type(x) for given in found for x in given] == [int] * 3
        for given in _checks.together(x=objects, y=[3], integers=False):
            assert given.dtype == np.float64

    @pytest.mark.parametrize("rounded", [0.5, [0.5], np.array([0.5], dtype=np.float32)])
    def test_a_float(self, rounded: Any) -> None:
        """A float anywhere makes floats of fractions, for it rounds what follows."""
        for fraction in (Fraction(1, 3), [Fraction(1, 3)]):
            found = _checks.together(x=fraction, y=rounded)[0]
            assert np.asarray(found).dtype == np.float64
            assert found == 1 / 3

    def test_dimensions(self) -> None:
        """Each may have its own."""
        with refused(ValueError, "y", "has shape (1,) but must have 2 dimensions"):
            _checks.together(ndims={"x": (1,), "y": (2,)}, x=[1], y=[1])

    def test_fractions_that_fit_no_float(self) -> None:
        """They are refused where a float is beside them."""
        huge = Fraction(10) ** 400
        assert _checks.together(x=huge, y=[1])[0] == huge
        for given, words in ((huge, "is"), ([huge], "holds")):
            says = f"{words} {shown(huge)} but must fit a float, below about 1.8e308"
            with refused(_checks.NotFiniteError, "x", says):
                _checks.together(x=given, y=0.5)
            with refused(_checks.NotFiniteError, "x", says):
                _checks.floats("x", given)


class TestFloats:
    """What is irrational is computed in floats."""

    @pytest.mark.parametrize("value", [2, 2.0, Fraction(2), np.array(2)])
    def test_scalars(self, value: Any) -> None:
        """A scalar becomes Python's float."""
        result = _checks.floats("x", value)
        assert (result, type(result)) == (2.0, float)

    def test_arrays(self) -> None:
        """Fractions and integers become float64; floats keep their width."""
        for value in ([Fraction(1, 2)], np.array([Fraction(1, 2)]), [0.5]):
            result = _checks.floats("x", value)
            assert (result.tolist(), result.dtype) == ([0.5], np.float64)
        assert _checks.floats("x", np.array([1], np.float32)).dtype == np.float32


class TestPositive:
    """A number greater than zero."""

    @pytest.mark.parametrize("value", [1, 5e-324, Fraction(1, 10**400)])
    def test_value(self, value: Any) -> None:
        """The smallest numbers above zero are positive."""
        assert _checks.positive("x", value) == value

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_POSITIVE)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Zero, what lies below, and what is no number are refused."""
        with refused(exception, "x", says):
            _checks.positive("x", bad)


class TestNotNegative:
    """A number that is zero or greater."""

    @pytest.mark.parametrize("value", [0, 1, 5e-324, Fraction(1, 10**400)])
    def test_value(self, value: Any) -> None:
        """Zero itself is not negative."""
        assert _checks.not_negative("x", value) == value

    def test_refuses(self) -> None:
        """What lies below zero, and what is no number, is refused."""
        for bad, exception, says in NOT_A_NUMBER:
            with refused(exception, "x", says):
                _checks.not_negative("x", bad)
        with refused(ValueError, "x", "is -5e-324 but must not be negative"):
            _checks.not_negative("x", -5e-324)


class TestShare:
    """A number that is zero or greater, and less than one."""

    @pytest.mark.parametrize("value", [0, 0.5, 1 - 2**-53, Fraction(99, 100)])
    def test_value(self, value: Any) -> None:
        """Zero is a share, and so is all but one."""
        assert _checks.share("x", value) == value

    def test_refuses(self) -> None:
        """One, what lies outside, and what is no number are refused."""
        for bad, exception, says in NOT_A_NUMBER:
            with refused(exception, "x", says):
                _checks.share("x", bad)
        for bad in (1, 1.5, -5e-324):
            with refused(
                ValueError,
                "x",
                f"is {shown(bad)} but must be 0 or more and less than 1",
            ):
                _checks.share("x", bad)


class TestNotFiniteError:
    """A number that is NaN or infinite."""

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    def test_kind(self, bad: float) -> None:
        """It is told apart from other bad values, and is a ValueError as they are."""
        for value in (bad, [1.0, bad], np.array([bad])):
            with pytest.raises(
                _checks.NotFiniteError, match=r"^`x` (is|holds) \S+ but"
            ):
                _checks.numbers("x", value)
        with pytest.raises(_checks.NotFiniteError, match=r"^`x` is \S+ but must be"):
            _checks.number("x", bad)
        assert issubclass(_checks.NotFiniteError, ValueError)

    def test_others(self) -> None:
        """Another bad value is none of them."""
        for function in (_checks.positive, _checks.between):
            with pytest.raises(ValueError, match=r"^`x` is 0") as caught:
                function("x", 0)
            assert type(caught.value) is ValueError


class TestLarge:
    """Large data are looked at in the memory they take."""

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, float, np.longdouble])
    def test_memory(self, dtype: Any) -> None:
        """Looking takes no mask as long as the data."""
        values = np.ones((10**6, 2), dtype)
        for part in (values, values.T, values[:, 0], values[::-2]):
            assert peak(partial(_checks.numbers, "values", part)) < 2**18

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    @pytest.mark.parametrize("place", [0, 777_777, -1])
    def test_what_is_not_finite(self, bad: float, place: int) -> None:
        """One number among a million is found wherever it stands."""
        values = np.ones(10**6)
        values[place] = bad
        with (
            refused(
                ValueError,
                "values",
                f"holds {bad} but every number in it must be finite",
            ),
            np.errstate(all="raise"),
        ):
            _checks.numbers("values", values)


class TestBetween:
    """A number greater than zero and less than one."""

    @pytest.mark.parametrize("value", [5e-324, 0.5, 1 - 2**-53, Fraction(99, 100)])
    def test_value(self, value: Any) -> None:
        """All but the ends."""
        result = _checks.between("x", value)
        assert result == value
        assert type(result) is type(value)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_BETWEEN_0_AND_1)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """The ends, what lies outside, and what is no number are refused."""
        with refused(exception, "x", says):
            _checks.between("x", bad)


class TestChoice:
    """True or false."""

    @pytest.mark.parametrize("value", [True, False])
    def test_value(self, value: bool) -> None:  # noqa: FBT001 (a row of the table)
        """NumPy's truth becomes Python's."""
        assert _checks.choice("x", value) is value
        assert _checks.choice("x", np.bool_(value)) is value

    @pytest.mark.parametrize("bad", [0, 1, None, "True", [True], 1.0])
    def test_refuses(self, bad: Any) -> None:
        """Nothing else is either."""
        with refused(TypeError, "x", f"is {shown(bad)} but must be True or False"):
            _checks.choice("x", bad)


class TestVaried:
    """An array of one dimension that holds two different numbers or more."""

    def test_value(self) -> None:
        """One number that differs is enough."""
        assert _checks.varied("x", [1, 1, 2]).tolist() == [1, 1, 2]

    @pytest.mark.parametrize(
        ("bad", "says"),
        [
            ([7, 7], "holds 7 only but must hold two different numbers"),
            ([0.5], "holds 0.5 only but must hold two different numbers"),
            ([[1, 2]], "has shape (1, 2) but must have 1 dimensions"),
        ],
    )
    def test_refuses(self, bad: Any, says: str) -> None:
        """Equal numbers are refused, and so are rows."""
        with refused(ValueError, "x", says):
            _checks.varied("x", bad)


class TestCount:
    """A whole number that is at least `least`."""

    @pytest.mark.parametrize("value", [0, 1, np.int64(3), np.uint8(3)])
    def test_value(self, value: Any) -> None:
        """A count comes back as Python's int; zero is one."""
        result = _checks.count("x", value)
        assert result == value
        assert type(result) is int

    def test_least(self) -> None:
        """The least count is allowed."""
        assert _checks.count("x", 3, least=3) == 3

    @pytest.mark.parametrize("least", [0, 1, 3])
    def test_refuses(self, least: int) -> None:
        """Everything else is refused with its name and its value."""
        for bad, exception, says in not_a_count(least):
            with refused(exception, "x", says):
                _checks.count("x", bad, least=least)


class TestInstance:
    """Something of a kind."""

    def test_value(self) -> None:
        """It comes back as it is; a kind of the kind is one, too."""
        value = Path("a")
        assert _checks.instance("x", value, PurePath) is value

    @pytest.mark.parametrize(
        ("kind", "name"), [(Path, "a Path"), (ArithmeticError, "an ArithmeticError")]
    )
    @pytest.mark.parametrize("bad", [None, 3, "a", Path])
    def test_refuses(self, kind: type, name: str, bad: Any) -> None:
        """Nothing else is, not even the kind itself."""
        with refused(TypeError, "x", f"is {shown(bad)} but must be {name}"):
            _checks.instance("x", bad, kind)

    @pytest.mark.parametrize("letter", "AEIOU")
    def test_article(self, letter: str) -> None:
        """Before a vowel stands another article."""
        with refused(TypeError, "x", f"is 3 but must be an {letter}bc"):
            _checks.instance("x", 3, type(f"{letter}bc", (), {}))


class TestGenerator:
    """A source of random numbers."""

    def test_value(self) -> None:
        """One of NumPy's comes back as it is."""
        value = np.random.default_rng(1)
        assert _checks.generator("x", value) is value

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_GENERATOR)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """A seed is none, and neither is the class."""
        with refused(exception, "x", says):
            _checks.generator("x", bad)


class TestFilePath:
    """Where a file is."""

    @pytest.mark.parametrize("value", ["a/b", Path("a/b"), PurePath("a", "b")])
    def test_value(self, value: Any) -> None:
        """A text becomes a path."""
        result = _checks.file_path("x", value)
        assert result == Path("a/b")
        assert isinstance(result, Path)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_PATH)
    def test_refuses(self, bad: Any, exception: type[Exception], says: str) -> None:
        """Bytes and numbers are none."""
        with refused(exception, "x", says):
            _checks.file_path("x", bad)


@pytest.mark.parametrize(
    ("function", "refusals"),
    [
        (_checks.share, NOT_A_SHARE),
        (_checks.not_negative, NEGATIVE),
        (_checks.choice, NOT_A_CHOICE),
        (_checks.function, NOT_A_FUNCTION),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_tables_of_bad_input(function: Any, refusals: Any) -> None:
    """Each table of bad input is refused by the check that it is made for."""
    for bad, exception, says in refusals:
        with refused(exception, "x", says):
            function("x", bad)


class TestFunction:
    """Something that can be called."""

    def test_value(self) -> None:
        """A function comes back as it is."""
        assert _checks.function("f", math.sqrt) is math.sqrt

    @pytest.mark.parametrize("bad", [None, 2, "sqrt"])
    def test_refuses(self, bad: Any) -> None:
        """What cannot be called is refused."""
        with refused(TypeError, "f", f"is {shown(bad)} but must be a function"):
            _checks.function("f", bad)


class Duck:
    """An array of another library: it has the operators and is none of NumPy's."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many rows and columns."""
        return self.values.shape

    @property
    def T(self) -> Self:  # noqa: N802 (its name in every library)
        """Rows as columns."""
        return type(self)(self.values.T)

    def sum(self) -> Self:
        """Add everything up."""
        return type(self)(self.values.sum())

    def all(self) -> bool:
        """Say whether everything is true."""
        return bool(self.values.all())

    def item(self) -> Any:
        """Give a scalar as a Python number."""
        return self.values.item()

    def tolist(self) -> Any:
        """Give the values as Python numbers."""
        return self.values.tolist()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Refuse to become one of NumPy's arrays, as arrays on a device do."""
        raise AssertionError

    def __abs__(self) -> Self:
        return type(self)(abs(self.values))

    def __lt__(self, other: Any) -> Self:
        return type(self)(self.values < other)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.values - other.values)

    def __matmul__(self, other: Self) -> Self:
        return type(self)(self.values @ other.values)

    def __rmul__(self, other: float) -> Self:
        return type(self)(other * self.values)

    def __truediv__(self, other: float) -> Self:
        return type(self)(self.values / other)

    def __pow__(self, other: int) -> Self:
        return type(self)(self.values**other)


class NamespaceDuck(Duck):
    """One that follows the array API standard."""

    def __array_namespace__(self) -> Any:
        """Give the functions that go with it."""


class FunctionDuck(Duck):
    """One that follows NumPy's own protocol."""

    def __array_function__(
        self, function: Any, types: Any, args: Any, kwargs: Any
    ) -> Any:
        """Take part in one function of NumPy's only."""
        return args[0].shape if function is np.shape else NotImplemented


@pytest.mark.parametrize("kind", [NamespaceDuck, FunctionDuck])
class TestOtherArrays:
    """Anything with the array operators goes through."""

    def test_is_not_converted(self, kind: type[Duck]) -> None:
        """An array of another library stays what it is."""
        value = kind([1.0, 2.0])
        assert _checks.numbers("x", value, ndims=(1,)) is value

    def test_scalar(self, kind: type[Duck]) -> None:
        """A scalar of another library becomes a Python number."""
        assert type(_checks.number("x", kind(2.0))) is float
        assert _checks.numbers("x", kind(2.0), ndims=(0,)) == 2.0

    def test_empty(self, kind: type[Duck]) -> None:
        """An empty one is refused like any other."""
        with refused(ValueError, "x", "has shape (0,) but must not be empty"):
            _checks.numbers("x", kind([]))

    def test_formulas(self, kind: type[Duck]) -> None:
        """A loss, a gradient and a step are computed with its own operators."""
        inputs, weights, targets = kind([[3.0, 4.0]]), kind([1.0, 2.0]), kind([6.0])
        # Prediction 11, error 5: loss 25, gradient 2 · 5 · (3, 4), step −¼ of it.
        assert mean_squared_error(inputs @ weights, targets) == 25
        gradient = linear_gradient(inputs, weights, targets)
        assert gradient.tolist() == [30, 40]
        update, _ = GradientDescent(0.25).update(gradient, GradientDescentState())
        assert update.tolist() == [-7.5, -10]


class Frame:
    """What is no array but can become one, as a data frame or a tensor."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Give the values, or fail to."""
        if isinstance(self.values, Exception):
            raise self.values
        return np.asarray(self.values, dtype=dtype)


class Sparse:
    """An array that stores no zeros, and whose product is of matrices."""

    shape = (1, 2)

    def toarray(self) -> Any:
        """Give a plain array."""

    todense = toarray


class Reversed(np.ndarray):
    """One of NumPy's arrays, but its product means something else."""

    def __mul__(self, other: Any) -> Any:
        return self + other


def masked(values: Any, mask: Any) -> Any:
    """Make an array in which some values do not count."""
    return np.ma.array(values, mask=mask)


ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)
PAIRS = np.dtype([("a", float), ("b", float)])
WAYS_OUT = [
    (masked([1.0, 2.0, 9.0], [0, 0, 1]), "filled(...) or compressed()"),
    (masked(3.0, mask=True), "filled(...) or compressed()"),
    ([masked([1.0, 9.0], [0, 1]), [1.0, 2.0]], "filled(...) or compressed()"),
    ([1.0, masked(3.0, mask=True)], "filled(...) or compressed()"),
    (np.array([1.0, 2.0]).view(Reversed), "numpy.asarray(...)"),
    ([np.array([1.0, 2.0]).view(Reversed)], "numpy.asarray(...)"),
    (np.zeros(2, PAIRS).view(np.recarray), "numpy.asarray(...)"),
    (np.zeros(2, PAIRS), "take one field"),
    (Sparse(), "toarray()"),
    ([Sparse()], "toarray()"),
    (bytearray(b"ab"), "numpy.frombuffer"),
    (memoryview(b"ab"), "numpy.frombuffer"),
    ([bytearray(b"ab")], "numpy.frombuffer"),
    (UserString("12"), "float(...)"),
    ([UserString("12")], "float(...)"),
    ({1, 2}, "list(...)"),
    ({"a": 1}, "list(....values())"),
    ((x for x in [1, 2]), "list(...)"),
    ([{1}], "one number belongs here"),
    ([1.5, None], "a value is missing"),
    (np.array(None), "a value is missing"),
    (Frame([1.5, None]), "a value is missing"),
    ([1.5, math.nan], "usually a missing value, or 0/0"),
    ([1.5, math.inf], "usually a division by 0"),
    (np.array(["2026-01-01"], dtype="datetime64[D]"), "count days"),
    (["2"], "float(...)"),
    ([True], "int(...)"),
]


class TestNoPlainArray:
    """Each gives the right answer, or an error that names the way out."""

    @pytest.mark.parametrize(("bad", "way_out"), WAYS_OUT, ids=range(len(WAYS_OUT)))
    def test_ways_out(self, bad: Any, way_out: str) -> None:
        """The end of the message says what to do."""
        with pytest.raises(
            (TypeError, ValueError), match=rf"^`x` .*; {re.escape(way_out)}"
        ):
            _checks.numbers("x", bad)

    @pytest.mark.parametrize(
        "value", [Frame([1, 2]), [Frame(1), Frame(2.0)], np.array([1, 2]).data.tolist()]
    )
    def test_frames(self, value: Any) -> None:
        """What can become an array does."""
        result = _checks.numbers("x", value)
        assert (type(result), result.tolist()) == (np.ndarray, [1, 2])

    def test_frame_of_one(self) -> None:
        """Without dimensions it is a number."""
        result = _checks.numbers("x", Frame(2.5))
        assert (result, type(result)) == (2.5, float)

    def test_frame_that_fails(self) -> None:
        """The reason that it gives is told."""
        with pytest.raises(
            TypeError, match=r"^`x` is .*; NumPy says it tracks slopes$"
        ):
            _checks.numbers("x", Frame(RuntimeError("it tracks slopes")))

    @pytest.mark.parametrize("bad", [np.ndarray, np.float64, float, Frame])
    def test_classes(self, bad: Any) -> None:
        """A class is no array, though it has what its arrays have."""
        with refused(TypeError, "x", f"is {shown(bad)} but must be a number"):
            _checks.numbers("x", bad)

    def test_file(self, tmp_path: Path) -> None:
        """An array in a file is plain, and its results are in memory."""
        value = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(2,))
        value[:] = 1.5
        result = _checks.numbers("x", value)
        assert (type(result), result.tolist()) == (np.ndarray, [1.5, 1.5])

    def test_read_only(self) -> None:
        """Nothing is written into an argument."""
        value = np.array([1.0, 2.0])
        value.flags.writeable = False
        assert mean_squared_error(value, value) == 0

    def test_endless(self) -> None:
        """A list that holds itself has no number of dimensions."""
        with refused(
            ValueError, "x", "is [[[[[[[...]]]]]]] but must have fewer dimensions"
        ):
            _checks.numbers("x", ENDLESS)

    @pytest.mark.parametrize(
        ("rows", "place", "first"),
        [
            ([[1.0, 2.0]] * 7777 + [[1.0]] + [[1.0, 2.0]] * 9, "[7777]", "[0]"),
            ([[1.0], 2.0], "[1]", "[0]"),
            ([[[1, 2], [3]], [[1, 2], [3, 4]]], "[0][1]", "[0][0]"),
            ([np.zeros(2), np.zeros(2), np.zeros(3)], "[2]", "[0]"),
            (np.array([[1, 2], [3]], dtype=object), "[1]", "[0]"),
        ],
    )
    def test_ragged(self, rows: Any, place: str, first: str) -> None:
        """The first row of another length is named, in a short message."""
        with pytest.raises(ValueError, match=r"^`x` is ") as caught:
            _checks.numbers("x", rows)
        end = f"must have equal lengths; x{place} is the first that differs from x"
        assert str(caught.value).endswith(end + first)
        assert len(str(caught.value)) < 200


class Hostile:
    """What cannot be written."""

    def __repr__(self) -> str:
        """Fail."""
        raise RecursionError


class TestShown:
    """A message shows any value on one short line."""

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (2.5, "2.5"),
            ([1, 2], "[1, 2]"),
            (np.array([1.5, 2]), "array([1.5, 2. ])"),
            (np.zeros((20_001, 2)), "an array of shape (20001, 2)"),
            (10**50, "an integer of 51 digits"),
            (10**5000, "an integer of 5001 digits"),
            ([10**5000], "[an integer of 5001 digits]"),
            ("a\x1b[31m\u202eb\nc", r"'a\x1b[31m\u202eb\nc'"),
        ],
        ids=map(str, range(9)),
    )
    def test_words(self, value: Any, words: str) -> None:
        """Short values are whole, others are cut or described."""
        assert shown(value) == words

    @pytest.mark.parametrize(
        "value",
        [
            "x" * 10**6,
            [[1.5] * 1000] * 1000,
            dict.fromkeys(range(1000), "long" * 100),
            Hostile(),
            [[[[[[[["deep" * 20] * 9] * 9] * 9] * 9] * 9] * 9] * 9],
            Fraction(10**200, 3),
            Fraction(10**5000, 3),
            type("Long", (), {"__repr__": lambda _: "\n" * 10**6})(),
        ],
        ids=map(str, range(8)),
    )
    def test_is_one_short_line(self, value: Any) -> None:
        """Whatever the value, the words fill a line at most."""
        assert 0 < len(shown(value)) <= 80
        assert shown(value).isprintable()


ONES = [[1, 0], [0, 1]]
ACTIVATIONS = [
    *("identity", "identity_slope", "relu", "relu_slope", "leaky_relu"),
    *("leaky_relu_slope", "sigmoid", "sigmoid_slope", "tanh", "tanh_slope"),
    *("gelu", "gelu_slope", "silu", "silu_slope", "softmax", "softmax_slope"),
]
SLOPES = [
    *("squared_error", "squared_error_slope", "mean_squared_error_slope"),
    *("sigmoid_cross_entropy_slope", "softmax_cross_entropy_slope"),
]
MEANS = ["mean_squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy"]
CALLS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys([*ACTIVATIONS, "linear_curvature", "with_intercept"], (ONES,)),
    **dict.fromkeys(SLOPES, (ONES, ONES)),
    "weight_slope": (ONES, 2),
    "linear_gradient": (ONES, [1, 2], [3, 4]),
}
WIDTHS = [
    *((kind, kind) for kind in ("float16", "float32", "float64", "longdouble")),
    *((f">f{n}", f"float{8 * n}") for n in (2, 4, 8)),
    *((kind, "float64") for kind in "bhilqBHILQ"),
    (">i4", "float64"),
]


def called(name: str) -> Any:
    """Find a function of the library by its name."""
    modules = (activations, gradients, losses)
    return next(getattr(m, name) for m in modules if hasattr(m, name))


def as_arrays(values: tuple[Any, ...], kind: str) -> list[Any]:
    """Make arrays of a width of all but the scalars."""
    return [np.array(x, dtype=kind) if isinstance(x, list) else x for x in values]


class TestWidths:
    """What comes out has the width of what came in."""

    @pytest.mark.parametrize(("kind", "expected"), WIDTHS)
    @pytest.mark.parametrize("name", CALLS)
    def test_arrays(self, name: str, kind: str, expected: str) -> None:
        """Floats keep it, integers become float64, and byte order is the machine's."""
        given = as_arrays(CALLS[name], kind)
        found = called(name)(*given)
        assert found.dtype == np.dtype(expected)
        assert found.dtype.isnative
        assert not any(np.shares_memory(found, x) for x in given)

    @pytest.mark.parametrize("kind", [kind for kind, _ in WIDTHS])
    @pytest.mark.parametrize("name", MEANS)
    def test_scalars(self, name: str, kind: str) -> None:
        """A mean is a Python float."""
        assert type(called(name)(*as_arrays((ONES, ONES), kind))) is float

    @pytest.mark.parametrize("name", [*CALLS, *MEANS])
    def test_bool_is_refused(self, name: str) -> None:
        """Truth is no number, of any width."""
        given = as_arrays(CALLS.get(name, (ONES, ONES)), "bool")
        with pytest.raises(
            TypeError, match=r"holds np\.\w+ but must hold numbers only"
        ):
            called(name)(*given)

    @pytest.mark.parametrize("name", CALLS)
    def test_two_widths(self, name: str) -> None:
        """The wider one comes out."""
        first, *others = as_arrays(CALLS[name], "float64")
        found = called(name)(first.astype(np.float32), *others)
        wide = any(isinstance(x, np.ndarray) for x in others)
        assert found.dtype == (np.float64 if wide else np.float32)

    @pytest.mark.parametrize("kind", ["float16", "float32", "float64", "longdouble"])
    @pytest.mark.parametrize("width", [2, 3, 10, 100, 1000])
    def test_softmax_adds_up(self, kind: str, width: int) -> None:
        """Every softmax is a distribution to the rounding of its own width."""
        generator = np.random.default_rng(1)
        targets = np.eye(width, dtype=kind)[[0, 1, 0, 1]]
        for _ in range(125):
            scores = generator.normal(size=(4, width)).astype(kind)
            shares = activations.softmax(scores)
            assert losses.cross_entropy(shares, targets) > 0
        shares[1, 0] += 4 * width * np.finfo(kind).eps
        with pytest.raises(ValueError, match=r"^`predictions` has a row that adds up"):
            losses.cross_entropy(shares, targets)

    @pytest.mark.parametrize(
        ("kind", "step"), [("float16", 3), ("float32", 8), ("float64", 17)]
    )
    def test_step(self, kind: str, step: int) -> None:
        """A difference is as good as the cube root of the rounding allows."""
        place = np.array([0.75], dtype=kind)
        found = gradients.central_difference(lambda w: np.exp(w)[0], place)
        h, rounding = 2.0**-step, float(np.finfo(kind).eps)
        slope = math.exp(0.75)
        # Bending: h²/6 times e^w. Two values below 4, each off by an ulp, over 2h, and
        # the rounding of the result.
        allowed = h**2 / 6 * 1.1 * slope + 2 * rounding / h + 2 * rounding
        assert found.dtype == kind
        assert abs(float(found[0]) - slope) <= allowed
