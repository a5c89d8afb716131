"""How a worked example shows its numbers."""

from fractions import Fraction
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from bad_input import NOT_A_NUMBER, not_a_count, refused
from hypothesis import given
from hypothesis import strategies as st

from gdbook.formatting import typeset
from gdbook.traces import Table, plain, table, trace


@trace
class Step(NamedTuple):
    """A trace of a number, a text and a tuple."""

    update: float
    stopped: str
    weights: tuple[Any, ...]


class Plain(NamedTuple):
    """The same, before it is a trace."""

    update: float
    stopped: str
    weights: tuple[Any, ...]


class TestPlain:
    """A Python number for a scalar, nested tuples for an array."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (np.float64(0.25), 0.25),
            (np.int32(7), 7),
            (np.array(7), 7),
            (np.longdouble(0.5), 0.5),
            (np.array([0.5], dtype=np.longdouble), (0.5,)),
            (np.array([30.0, 40.0]), (30.0, 40.0)),
            (np.array([[1, 2], [3, 4]]), ((1, 2), (3, 4))),
            (np.array([Fraction(1, 3)]), (Fraction(1, 3),)),
            ([np.float64(1.5), [np.int64(2)]], (1.5, (2,))),
            ((1, (2, [3])), (1, (2, (3,)))),
            (Fraction(1, 3), Fraction(1, 3)),
            (5, 5),
            ("flat", "flat"),
            (None, None),
        ],
    )
    def test_by_hand(self, value: Any, expected: Any) -> None:
        """Everything becomes plain; what is plain stays."""
        found = plain(value)
        assert found == expected
        assert repr(found) == repr(expected)  # the types, too


class TestTrace:
    """Make a NamedTuple print its numbers through `format_number`."""

    @pytest.mark.parametrize(
        ("weights", "shown"),
        [
            ((1.0, 0.1 + 0.2), "(1, 0.3)"),
            ((1.0,), "(1,)"),
            ((), "()"),
            (((1.0, 2), (Fraction(1, 3),)), "((1, 2), (1/3,))"),
            (("a", 1.0), "('a', 1)"),
        ],
    )
    def test_repr(self, weights: tuple[Any, ...], shown: str) -> None:
        """Numbers print as meant, texts with quotes, tuples as Python writes them."""
        step = trace(Plain)(update=1 - 0.74, stopped="flat", weights=weights)
        assert repr(step) == f"Plain(update=0.26, stopped='flat', weights={shown})"

    def test_trace_in_a_trace(self) -> None:
        """A trace inside a trace prints in full."""
        inner = Step(update=2.0, stopped="", weights=())
        outer = Step(update=1.0, stopped="", weights=(inner,))
        shown = "Step(update=2, stopped='', weights=())"
        assert repr(outer) == f"Step(update=1, stopped='', weights=({shown},))"

    def test_same_class(self) -> None:
        """The class stays a NamedTuple, and its own."""
        assert trace(Plain) is Plain
        assert Step._fields == ("update", "stopped", "weights")
        assert Step(1.0, "flat", ()) == (1.0, "flat", ())

    @pytest.mark.parametrize(
        ("value", "seen"),
        [
            # Integers and short decimals as they are, however large or small.
            (2.24, "2.24"),
            (6.0, "6"),
            (-24, "−24"),
            (1234567, "1234567"),
            (1e-9, "10⁻⁹"),
            (0.000123456, "0.000123456"),
            (-0.999999, "−0.999999"),
            (0.1 + 0.2, "0.3"),
            (-0.0, "0"),
            # Others in five figures, whose zeros say that more of them follow.
            (0.384548320746, "0.38455"),
            (17.00000001, "17.000"),
            (-0.00012345678, "−0.00012346"),
            (1.23456789e-9, "1.2346 × 10⁻⁹"),
            (1.23456789e25, "1.2346 × 10²⁵"),
            (9999.96123, "10000"),
            (123456.789, "123457"),
            # Short fractions are exact, long ones and those beyond floats are not.
            (Fraction(-361, 441), "−361/441"),
            (Fraction(76903, 180000), "76903/180000"),
            (Fraction(1, 10**12 - 1), "1/999999999999"),
            (Fraction(1, 10**12), "10⁻¹²"),
            (Fraction(-202842030080, 927013329081), "−0.21881"),
            (Fraction(1_000_000), "1000000"),
            (Fraction(10**400, 3), "3.3333 × 10³⁹⁹"),
            (Fraction(1, 3 * 10**400), "3.3333 × 10⁻⁴⁰¹"),
            # A text is itself, and has quotes among others.
            ("flat", "flat"),
            ("<&>", "&lt;&amp;&gt;"),
            (("flat", "a, b"), "('flat', 'a, b')"),
            # Tuples show their ends.
            ((), "()"),
            ((1, -1 / 3), "(1, −0.33333)"),
            (tuple(range(8)), "(0, 1, 2, 3, 4, 5, 6, 7)"),
            (tuple(range(9)), "(0, 1, 2, 3, 4, 5, …, 8), 9 in all"),
            (((1, 2), (3, 4)), "((1, 2), (3, 4))"),
            (((1,),) * 5, "((1,), (1,), …, (1,)), 5 in all"),
            ((tuple(range(9)), 1), "((0, 1, 2, 3, 4, 5, …, 8), 1)"),
        ],
    )
    def test_page_shows(self, value: Any, seen: str) -> None:
        """A page shows a field in the digits that matter."""
        step: Any = Step(update=value, stopped="", weights=())
        row = '<tr><th scope="row"><code>{}</code></th><td>{}</td></tr>'
        rows = (("update", seen), ("stopped", ""), ("weights", "()"))
        assert step._repr_html_() == (
            '<table class="trace"><tbody>'
            + "".join(row.format(*pair) for pair in rows)
            + "</tbody></table>"
        )

    def test_page_shows_trace_in_a_trace(self) -> None:
        """The fields of a trace in a trace have its name before theirs."""
        inner = Step(update=2.0, stopped="x", weights=())
        outer: Any = Step(update=inner, stopped="y", weights=(inner,))  # type: ignore[arg-type]
        root = ET.fromstring(outer._repr_html_())  # noqa: S314 (our own)
        names = [code.text for code in root.iter("code")]
        own = ["update.update", "update.stopped", "update.weights"]
        assert names == [*own, "stopped", "weights"]
        cells = [cell.text for cell in root.iter("td")]
        assert cells == ["2", "x", "()", "y", "((2, 'x', ()),)"]

    @pytest.mark.parametrize("bad", [None, 3, dict, "Step"])
    def test_refuses(self, bad: Any) -> None:
        """Only a NamedTuple is a trace."""
        with refused(TypeError, "named_tuple", f"is {bad!r} but must be a NamedTuple"):
            trace(bad)


class TestTable:
    """Columns of texts, shown as a table on a page and as aligned text elsewhere."""

    def test_text(self) -> None:
        """Columns are aligned to the right, headings included."""
        shown = table({"step": range(9, 11), "w": [0.1 + 0.2, -1.25], "s": ["up", "x"]})
        assert repr(shown) == ("step      w   s\n   9    0.3  up\n  10  -1.25   x")

    def test_cells(self) -> None:
        """Numbers become texts; texts stay."""
        shown = table({"mixed": [1, 0.5, Fraction(1, 3), "flat", np.float64(2)]})
        assert shown == Table({"mixed": ("1", "0.5", "1/3", "flat", "2")})

    @pytest.mark.parametrize(
        ("decimals", "cells"),
        [
            (None, ("1", "0.125", "-0.001", "1/3", "flat", "0")),
            (0, ("1", "0", "0", "0", "flat", "0")),
            (2, ("1", "0.12", "0.00", "0.33", "flat", "0.00")),
            (3, ("1", "0.125", "-0.001", "0.333", "flat", "0.000")),
        ],
    )
    def test_decimals(self, decimals: int | None, cells: tuple[str, ...]) -> None:
        """Floats and fractions are rounded to the decimals; nothing else is."""
        values = [1, 0.125, -0.001, Fraction(1, 3), "flat", 0.0]
        assert table({"x": values}, decimals=decimals).columns == {"x": cells}

    def test_html(self) -> None:
        """A page shows numbers typeset, in a table with headings."""
        shown = table({"a<b": [1, -2.5], "c&d": ["<i>", 1e-9]})._repr_html_()
        assert shown == (
            '<table class="numbers"><thead><tr>'
            '<th scope="col">a&lt;b</th><th scope="col">c&amp;d</th>'
            "</tr></thead><tbody>"
            "<tr><td>1</td><td>&lt;i&gt;</td></tr>"
            "<tr><td>−2.5</td><td>10⁻⁹</td></tr>"
            "</tbody></table>"
        )

    def test_html_of_wide_table(self) -> None:
        """Each cell of a table that is too wide for a phone has its heading."""
        # Words of 15 and 20 characters, and the space between the columns.
        fits: dict[str, list[Any]] = {
            "a" * 15: ["b " * 30],
            "hyphens-" + "c" * 20: [1.5e-9],
        }
        shown = table(fits)._repr_html_()
        assert shown.startswith('<table class="numbers"><thead>')
        assert "<td>1.5\xa0×\xa010⁻⁹</td></tr>" in shown
        fits["a & b"] = ["x"]
        shown = table(fits)._repr_html_()
        assert shown.startswith('<table class="numbers wide"><thead>')
        assert '<td data-label="a &amp; b">x</td></tr>' in shown

    @given(st.lists(st.text(st.characters(codec="ascii", exclude_categories=["C"]))))
    def test_html_is_well_formed(self, texts: list[str]) -> None:
        """Whatever the texts hold, they come back from the HTML."""
        root = ET.fromstring(table({"x": texts})._repr_html_())  # noqa: S314 (our own)
        shown = [(cell.text or "").replace("\xa0", " ") for cell in root.iter("td")]
        assert shown == list(map(typeset, texts))

    def test_tuples(self) -> None:
        """A tuple of numbers is one cell, and its floats are rounded, too."""
        points = [(0.1 + 0.2, -1), ((1.0, 2.5), "x")]
        assert table({"x": points}).columns["x"] == ("(0.3, -1)", "((1, 2.5), x)")
        shown = table({"x": points}, decimals=2)
        assert shown.columns["x"] == ("(0.30, -1)", "((1.00, 2.50), x)")
        with refused(TypeError, "x", "is None but must be a number"):
            table({"x": [(1, None)]})

    @pytest.mark.parametrize(
        ("column", "decimals", "cells"),
        [
            ([Fraction(1, 1024), Fraction(3)], None, ("1/1024", "3")),
            (
                [1, Fraction(2), Fraction(1, 2), Fraction(-202842030080, 927013329081)],
                None,
                ("1", "2", "0.5", "-0.218812420185"),
            ),
            (
                [(Fraction(1, 2), 1), (Fraction(3, 2**40), "x")],
                None,
                ("(0.5, 1)", "(2.72848410532e-12, x)"),
            ),
            ([Fraction(1, 8), Fraction(-1, 1000)], 2, ("0.12", "0.00")),
            ([(Fraction(2), 2, np.int64(2))], 1, ("(2.0, 2, 2)",)),
            ([Fraction(10**400, 3)], 2, ("3.33333333333e+399",)),
        ],
    )
    def test_fractions(
        self, column: list[Any], decimals: int | None, cells: tuple[str, ...]
    ) -> None:
        """A column with a fraction that nobody reads shows decimals."""
        assert table({"x": column}, decimals=decimals).columns == {"x": cells}

    def test_long_fraction_leaves_other_columns(self) -> None:
        """Each column is exact or not by itself."""
        half, long = [Fraction(1, 2)], [Fraction(1, 10**12)]
        shown = table({"half": half, "long": long})
        assert shown.columns == {"half": ("1/2",), "long": ("1e-12",)}

    def test_unequal_columns(self) -> None:
        """A table put together by hand loses no cell."""
        uneven = Table({"a": ("1",), "b": ("1", "2")})
        with pytest.raises(ValueError, match=r"shorter|longer"):
            repr(uneven)
        with pytest.raises(ValueError, match=r"shorter|longer"):
            uneven._repr_html_()

    def test_columns_are_read_once(self) -> None:
        """A column may be an iterator."""
        assert table({"x": iter([1, 2])}).columns == {"x": ("1", "2")}

    def test_no_rows(self) -> None:
        """A table without rows has its headings."""
        assert repr(table({"a": [], "bc": []})) == "a  bc"

    @pytest.mark.parametrize(
        ("columns", "says"),
        [
            (
                {"a": [1], "b": [1, 2]},
                "has lengths {'a': 1, 'b': 2} but all must be equal",
            ),
            ({}, "is empty but must hold a column"),
            ({"a\nb": [1]}, r"holds 'a\nb' but every text in it must be one line"),
        ],
    )
    def test_columns(self, columns: Any, says: str) -> None:
        """Columns of different lengths, none, and broken headings are refused."""
        with refused(ValueError, "columns", says):
            table(columns)

    def test_lines(self) -> None:
        """A text of two lines would break its row."""
        says = r"holds 'up\ndown' but every text in it must be one line"
        with refused(ValueError, "way", says):
            table({"way": ["up", ("up\ndown",)]})

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_NUMBER)
    def test_refuses_cell(
        self, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """A cell that is neither a number nor a text is refused with its column."""
        if isinstance(bad, str):
            assert table({"x": [bad]}).columns == {"x": (bad,)}
        else:
            with refused(exception, "x", says):
                table({"x": [1, bad]})

    @pytest.mark.parametrize(
        ("bad", "name", "says"),
        [
            (None, "columns", "is None but must map headings to columns"),
            ([[1]], "columns", "is [[1]] but must map headings to columns"),
            (
                {1: [1]},
                "columns",
                "has the heading 1 but every heading must be a text",
            ),
            ({"x": 1}, "x", "is 1 but must be a column of numbers or texts"),
            ({"x": "12"}, "x", "is '12' but must be a column of numbers or texts"),
            ({"x": b"12"}, "x", "is b'12' but must be a column of numbers or texts"),
        ],
    )
    def test_refuses_columns(self, bad: Any, name: str, says: str) -> None:
        """Columns stand under their headings."""
        with refused(TypeError, name, says):
            table(bad)

    def test_refuses_decimals(self) -> None:
        """Decimals are a count."""
        for bad, exception, says in not_a_count(0):
            if bad is not None:  # which shows all that matter
                with refused(exception, "decimals", says):
                    table({"x": [1]}, decimals=bad)
        with refused(ValueError, "decimals", "is 1075 but must be at most 1074"):
            table({"x": [1]}, decimals=1075)
        assert table({"x": [5e-324]}, decimals=1074).columns["x"][0][-3:] == "625"
