"""Numbers and names on disk: the same again, or one error."""

import itertools
import json
import math
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest
from alike import alike
from bad_input import refused
from children import said
from peak import peak

from gdbook._checks import shown
from gdbook._codec import MOST_HEADER, FormError, Named, pack, unpack

ONLY = "numbers, arrays of numbers, names, and tuples, lists and dicts of these only"


class Pair(NamedTuple):
    """Two values by name."""

    first: Any
    second: Any


def body(header: Any, *parts: bytes) -> memoryview:
    """Write a header of one's own, and what follows it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return memoryview(b"%08x\n" % len(text) + text + b"".join(parts))


def packed(value: Any) -> memoryview:
    """Join the pieces."""
    return memoryview(b"".join(pack(value)))


def nested(depth: int) -> Any:
    """Put tuples into tuples."""
    value: Any = "in"
    for _ in range(depth):
        value = (value,)
    return value


class TestThereAndBack:
    """What was packed comes out as it was, types and bits."""

    @pytest.mark.parametrize(
        "value",
        [
            None,
            True,
            "",
            'Ünïcode "and" \n\0\ud800',
            0,
            -7,
            2**53 - 1,
            -(2**53),
            2**127,
            -(10**5000),
            0.1,
            -0.0,
            5e-324,
            math.inf,
            -math.inf,
            Fraction(1, 3),
            Fraction(-(10**5000), 7),
            Fraction(2),
            np.float64(0.1),
            np.float32(0.1),
            np.longdouble(1) / 3,
            np.int8(-3),
            np.uint64(2**64 - 1),
            (),
            [],
            {},
            (1,),
            (0.1, 0.2),
            [0.1, math.inf],
            (1, 0.5, Fraction(1, 2), None),
            (None, None),
            (True, 1),
            ("a", (1, [2.5, {"b": (None,)}])),
            np.array(0.5),
            np.zeros((0, 3)),
            np.arange(6, dtype=np.uint32).reshape(1, 2, 3),
            np.array([0.1, math.nan, -0.0], np.float16),
            np.array([[1 / 3]], np.float32),
            {"a": np.array([1.5]), "b": 2, "": 0.1},
            nested(32),
        ],
        ids=map(str, itertools.count()),
    )
    def test_same(self, value: Any) -> None:
        """Every kind of value."""
        contents = b"".join(pack(value))
        assert alike(unpack(memoryview(contents)), value)
        assert b"".join(pack(unpack(memoryview(contents)))) == contents

    def test_nan(self) -> None:
        """Which is never equal to itself."""
        for value in ((math.nan,), (math.nan, None), {"a": math.nan}):
            found = unpack(packed(value))
            assert math.isnan(next(iter(found.values() if "a" in found else found)))

    def test_bytes_that_mean_nothing(self) -> None:
        """Long floats leave some unused, which are zero on disk, whatever they were."""
        value = np.longdouble(1) / np.arange(1, 5)
        used = 10 if np.finfo(np.longdouble).nmant == 63 else value.itemsize
        raw = np.frombuffer(bytearray(value.tobytes()), np.uint8).reshape(4, -1)
        written = set()
        for spare in (0, 7):
            raw[:, used:] = spare
            array = np.frombuffer(raw.tobytes(), np.longdouble)
            found = unpack(packed(array))
            assert found.dtype == np.longdouble
            assert found.tolist() == value.tolist()
            written.add(bytes(packed(array)))
        assert len(written) == 1

    def test_objects(self) -> None:
        """An array of exact numbers, each of its own kind."""
        numbers = [[Fraction(1, 3), 2], [0.5, 10**400]]
        found = unpack(packed(np.array(numbers)))
        assert (found.dtype, found.shape) == (object, (2, 2))
        assert alike(found.tolist(), numbers)
        assert alike(unpack(packed(np.array([np.float64(0.5)], object)))[0], 0.5)

    def test_named(self) -> None:
        """Of a NamedTuple there is a name, and what is in it."""
        found = unpack(packed((Pair(0.5, Pair("a", 1)), 2)))
        assert alike(found, (Named("Pair", (0.5, Named("Pair", ("a", 1)))), 2))

    def test_what_is_no_copy(self) -> None:
        """Arrays come out as arrays of their own, whatever they were views of."""
        array = np.arange(6.0).reshape(2, 3)
        for view in (array.T, array[:, ::2], array.astype(">f8"), array[::-1]):
            found = unpack(packed(view))
            assert alike(found, np.array(view.tolist()))
            assert found.flags.writeable
            assert found.flags.owndata or found.base.flags.owndata

    def test_memory_map(self, tmp_path: Any) -> None:
        """An array on disk is one."""
        array = np.memmap(tmp_path / "a", dtype=float, mode="w+", shape=(2,))
        assert alike(unpack(packed(array)), np.zeros(2))

    def test_numbers_take_no_header(self) -> None:
        """However long a row of numbers is, the header stays short."""
        for row in ((0.5,) * 10**4, [1, None] * 10**4, np.zeros(10**4)):
            assert len(pack(row)[0]) < 100


class TestPack:
    """What cannot be packed is refused."""

    @pytest.mark.parametrize(
        "bad",
        [
            {1},
            1j,
            abs,
            b"bytes",
            np.array([True]),
            np.array([1j]),
            np.array(["text"]),
            np.bool_(True),  # noqa: FBT003
            np.complex128(1j),
            np.ma.masked_array([1.0], [True]),
            range(3),
            object,
        ],
        ids=map(str, itertools.count()),
    )
    def test_kinds(self, bad: Any) -> None:
        """Neither numbers nor names."""
        for value in (bad, (bad,), {"a": [bad]}, Pair(1, bad)):
            with refused(TypeError, "run", f"holds {shown(bad)} but must hold {ONLY}"):
                pack(value)

    @pytest.mark.parametrize("bad", [None, True, "a", 1j])
    def test_objects(self, bad: Any) -> None:
        """An array of objects holds numbers."""
        with refused(TypeError, "run", f"holds {bad!r} but must hold {ONLY}"):
            pack(np.array([0.5, bad], dtype=object))

    def test_names(self) -> None:
        """A dict is by name: JSON would turn another key into a text."""
        with refused(TypeError, "run", f"holds {{1: 2}} but must hold {ONLY}"):
            pack({1: 2})

    def test_depth(self) -> None:
        """What holds itself, or too much, is refused."""
        with pytest.raises(TypeError, match=r"^`run` holds \('in',\) but must hold"):
            pack(nested(33))
        around: list[Any] = []
        around.append(around)
        with pytest.raises(TypeError, match=r"^`run` holds .* but must hold"):
            pack(around)

    def test_digits(self) -> None:
        """A number has a bound of its own."""
        pack(16**65_000)
        says = "holds an integer of 84289 digits but must hold numbers of fewer digits"
        with refused(ValueError, "run", says):
            pack(16**70_000)


class TestUnpack:
    """Bytes of another form are one error, and never executed or blown up."""

    def refuses(self, contents: Any) -> None:
        """Expect one error with one text, and none behind it that is shown."""
        with pytest.raises(FormError) as caught:
            unpack(memoryview(contents))
        assert str(caught.value) == "is of another form than `save` writes"
        assert caught.value.__suppress_context__

    @pytest.mark.parametrize(
        "contents",
        [
            b"",
            b"00000002\n",
            b"0000000g\n1",
            b"00000001 1",
            b"00000001\n12",
            b"0x000001\n1",
            b"-0000001\n1",
            b"00000003\n1",
            body(b"\xff"),
            body(b"{"),
            body(b"nan"),
            body(b"NaN"),
            body(b"Infinity"),
            body(b"-Infinity"),
            body(b"0.5"),
            body(b"1e999"),
            body(b" 1"),
            body(b"01"),
            body(b"1" * 18),
            body(b"1" * 5000),
            body(b'"\\u0061"'),
            body(b'{"dict": {"a": 1, "a": 1}}'),
            body(b'{"dict": {}, "dict": {}}'),
            body([]),
            body([1]),
            body({}),
            body({"set": []}),
            body({"dict": []}),
            body({"dict": 3}),
            body({"dict": {"a": []}}),
            body({"tuple": 3}),
            body({"tuple": None}),
            body({"tuple": "ab"}),
            body({"tuple": {}}),
            body({"tuple": [], "list": []}),
            body({"tuple": [1]}),  # numbers in a row are an array
            body({"named": 3, "items": []}),
            body({"named": "a"}),
            body({"number": 3}),
            body({"number": "3"}),
            body({"number": "0x3"}),
            body({"number": ""}),
            body({"number": "0x0"}),
            body({"number": "0b1"}),
            body({"number": "0X" + "f" * 20}),
            body({"number": "0x" + "0" * 20 + "f" * 20}),
            body({"number": "0x" + "f" * 70_000}),
            body({"number": "0x2/0x4"}),
            body({"number": "0x1/0x0"}),
            body({"number": "0x1/-0x2"}),
            body({"number": "0x1/0x2/0x3"}),
            body({"number": "none"}),
            body({"number": "1.5"}),
            body({"number": "0x1p0"}),
            body({"number": "0x1p99999"}),
            body({"number": "infinity"}),
            body({"array": []}),
            body({"array": 3}),
            body({"array": ["float64"]}),
            body({"array": ["float64", [1]]}),
            body({"array": ["float64", [1]]}, b"1234567"),
            body({"array": ["float64", [1]]}, b"123456789"),
            body({"array": ["float64", [1], 8]}, b"12345678"),
            body({"array": ["float64", [1.5]]}, b"12345678"),
            body({"array": ["float64", [True]]}, b"12345678"),
            body({"array": ["float64", [-1, -1]]}, b"12345678"),
            body({"array": ["float64", [10**15, 10**15]]}),
            body({"array": ["float64", [0, 10**15, 10**15]]}),
            body({"array": ["float64", [1] * 100]}, b"12345678"),
            body({"array": ["float64", "1"]}, b"12345678"),
            body({"array": ["object", [1]]}, b"12345678"),
            body({"array": ["O", [1]]}, b"12345678"),
            body({"array": ["bool", [1]]}, b"2"),
            body({"array": [["float64"], [1]]}, b"12345678"),
            body({"array": ["exact", [1]]}, b"0x1             "),
            body({"array": ["exact", [1], 16]}, b"none            "),
            body({"array": ["exact", [1], 16]}, b"0x1/0x2 0x1     "),
            body({"array": ["exact", [1], 16]}, b"0x01            "),
            body({"array": ["exact", [1], 16]}, b" 0x1            "),
            body({"array": ["exact", [1], -1]}, b"0x1             "),
            body({"array": ["exact", [1], "16"]}, b"0x1             "),
            body({"array": ["exact", [4], 16]}, b"0x1 0x2 0x3 0x4 "),
            body({"array": ["exact", [1], 16]}, b"\xff               "),
            body({"scalar": ["float64", [1]]}, b"12345678"),
            body({"scalar": ["exact", [], 16]}, b"0x1             "),
            body({"tuple": {"array": ["float32", [1]]}}, b"1234"),
            body({"tuple": {"array": ["float64", [1, 1]]}}, b"12345678"),
        ],
        ids=map(str, itertools.count()),
    )
    def test_forms(self, contents: Any) -> None:
        """Whatever it is that `pack` would not have written."""
        self.refuses(contents)

    def test_every_change(self) -> None:
        """Most changes of a byte are refused, and none leads to another error."""
        value = {"a": (1, 0.5, None), "b": [np.arange(2.0), Fraction(1, 3)], "c": 2**60}
        good = b"".join(pack(value))
        refusals = 0
        for place in range(len(good)):
            for bit in range(8):
                changed = bytearray(good)
                changed[place] ^= 1 << bit
                try:
                    found = unpack(memoryview(changed))
                except FormError:
                    refusals += 1
                else:
                    assert b"".join(pack(found)) == changed
        assert 0.5 * 8 * len(good) < refusals < 8 * len(good)

    def test_every_length(self) -> None:
        """A file that breaks off anywhere is refused, and one that goes on."""
        good = b"".join(pack({"a": (1, 0.5, None), "b": np.arange(2.0)}))
        for length in range(len(good)):
            self.refuses(good[:length])
        self.refuses(good + b"\0")

    BOMBS: ClassVar[list[bytes]] = [
        b"[" * MOST_HEADER,
        b'{"tuple": [' * (MOST_HEADER // 11),
        b"[" * 500_000 + b"]" * 500_000,
        b"[" + b"[]," * 340_000 + b"[]]",
        b'{"tuple": [' + b'{"dict": {}}, ' * 74_000 + b'{"dict": {}}]}',
        b'{"tuple": [' + b'{"tuple": []}, ' * 69_000 + b'{"tuple": []}]}',
        b'{"a": ' * 170_000,
        b'"' + b"\\u0041" * 170_000 + b'"',
        b"1" * MOST_HEADER,
        b'{"tuple": [' + b"1, " * 340_000 + b"1]}",
        b'{"array": ["exact", [100000000], 1600000000]}',
        b'{"array": ["float64", [1000000000]]}',
        b'{"number": "0x' + b"f" * 10**6 + b'"}',
        b'{"array": ["float64", [' + b"0, " * 340_000 + b"0]]}",
    ]

    def test_bombs(self) -> None:
        """No header takes more than some hundred times its greatest length.

        The operating system says what a process took: to trace every allocation is
        slow.
        """
        script = (
            "import resource, sys\n"
            "from test_codec import FormError, TestUnpack, body, unpack\n"
            "def peak():\n"
            "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "before = peak()\n"
            "for text in TestUnpack.BOMBS:\n"
            "    try:\n"
            "        unpack(body(text))\n"
            "    except FormError:\n"
            "        pass\n"
            "print(peak() - before)\n"
        )
        assert int(said(script)) < 100 * MOST_HEADER / 1024

    def test_long_header(self) -> None:
        """A header that is too long is not even looked at."""
        contents = body(b'{"tuple": [' + b"[]," * MOST_HEADER + b"[]]}")
        assert peak(lambda: self.refuses(contents)) < 2**16

    @pytest.mark.parametrize(
        ("spec", "n_bytes"),
        [
            (["exact", [10**8], 16], 16),
            (["exact", [10**8], 16 * 10**8], 16),
            (["float64", [10**8]], 8),
        ],
        ids=map(str, range(3)),
    )
    def test_room_for_arrays(self, spec: Any, n_bytes: int) -> None:
        """No room is made for an array that is not there."""
        contents = body({"array": spec}, b" " * n_bytes)
        assert peak(lambda: self.refuses(contents)) < 2**16

    @pytest.mark.parametrize(
        "value",
        [np.zeros(10**6), [Fraction(1, 3)] * 10**4, (0.5,) * 10**5],
        ids=map(str, itertools.count()),
    )
    def test_memory_of_numbers(self, value: Any) -> None:
        """Numbers take about as much room as the bytes that they come from."""
        contents = packed(value)
        room = peak(lambda: unpack(contents))
        assert len(contents) < room < 16 * len(contents)
