"""Read what `nox -s bench` measured: times, sizes and scores beside those of others.

A part of what was measured has cases, such as sizes of data, and in each of them the
same contenders. All of them ran once in each repeat, so that a ratio is one of
neighbours in time, and the median of the ratios of all repeats is given.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from statistics import median
from typing import Annotated, Any, NamedTuple

from gdbook._arguments import checked, one_of
from gdbook._checks import Number, shown
from gdbook.formatting import format_number
from gdbook.traces import Table, table, trace

_FILE = files("gdbook") / "data" / "measurements.json"
_PARTS: dict[str, dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))
_CASES = {
    part: {case["case"]: case for case in recorded["cases"]}
    for part, recorded in _PARTS.items()
}
_CONTENDERS = {
    part: tuple(next(iter(cases.values()))["values"]) for part, cases in _CASES.items()
}


def _each(names: Mapping[str, Iterable[str]]) -> dict[str, None]:
    """Return what any of the parts has, once."""
    return dict.fromkeys(name for of_part in names.values() for name in of_part)


Part = Annotated[str, one_of(_PARTS)]
Case = Annotated[str, one_of(_each(_CASES))]
Name = Annotated[str, one_of(_each(_CONTENDERS))]


@trace
class Recording(NamedTuple):
    """When a part was measured, and on what.

    The `date`; the `processor`, how many `cores` of it there were, and GiB of `memory`;
    the `system`; and the `packages` with their `versions`.
    """

    date: str
    processor: str
    cores: int
    memory: int
    system: str
    packages: tuple[str, ...]
    versions: tuple[str, ...]


@checked
def recording(part: Part = "steps") -> Recording:
    """Say when a part was measured, and on what.

    Parameters
    ----------
    part
        What was measured.

    Returns
    -------
    Recording
        Date, machine and versions.

    Examples
    --------
    >>> recording().system
    'Linux'
    """
    recorded = _PARTS[part]
    return Recording(
        recorded["date"],
        **recorded["machine"],
        packages=tuple(recorded["versions"]),
        versions=tuple(recorded["versions"].values()),
    )


@trace
class Measured(NamedTuple):
    """All that a part found.

    Of each of the `cases`, the `medians` of the contenders, in the `unit` and in the
    order of their `names`, and the `ratios` of them to the first: medians over the
    `repeats` of what was found side by side.
    """

    unit: str
    cases: tuple[str, ...]
    names: tuple[str, ...]
    medians: tuple[tuple[Number, ...], ...]
    ratios: tuple[tuple[Number, ...], ...]
    repeats: tuple[int, ...]

    def table(self, heading: str = "rows × inputs") -> Table:
        """Set the medians side by side, each in the unit that suits it.

        Parameters
        ----------
        heading : str, default "rows × inputs"
            What the cases are.

        Returns
        -------
        Table
            A row for each case, a column for each contender.

        Examples
        --------
        >>> one = Measured("seconds", ("3 × 2",), ("ours",), ((4e-05,),), ((1,),), (9,))
        >>> one.table()
        rows × inputs   ours
                3 × 2  40 µs
        """
        texts = [[_quantity(x, self.unit) for x in row] for row in self.medians]
        columns = zip(*texts, strict=True)
        return table(
            {heading: self.cases} | dict(zip(self.names, columns, strict=True))
        )


_SCALES = {
    "seconds": ((1, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "bytes": ((1000, "kB"),),
}


def _quantity(value: Number, unit: str) -> str:
    """Write three figures of a number, with a unit in which it is 1 or more.

    >>> _quantity(0.3, "seconds a step"), _quantity(123456, "bytes")
    ('300 ms', '123 kB')
    >>> _quantity(1.04, "sizes of the data"), _quantity(2e-7, "seconds")
    ('1.04', '0.2 µs')
    """
    scales = _SCALES.get(unit.split(maxsplit=1)[0], ((1, ""),))
    scale, name = next((pair for pair in scales if value >= pair[0]), scales[-1])
    return f"{format_number(float(f'{value / scale:.3g}'))} {name}".rstrip()


@checked
def measured(part: Part = "steps") -> Measured:
    r"""Give the medians of a part, and their ratios to the first contender.

    .. math:: \operatorname{median}_i \frac{t_i}{t^{\text{first}}_i}

    Parameters
    ----------
    part
        What was measured.

    Returns
    -------
    Measured
        A row for each case, with a number for each contender.

    Examples
    --------
    >>> measured().unit
    'seconds a step'
    >>> all(row[0] == 1 for row in measured().ratios)
    True
    """
    cases, names = _CASES[part], _CONTENDERS[part]
    pairs = [
        [_compared(part, case, name, names[0]) for name in names] for case in cases
    ]
    return Measured(
        unit=_PARTS[part]["unit"],
        cases=tuple(cases),
        names=names,
        medians=tuple(tuple(pair.median for pair in row) for row in pairs),
        ratios=tuple(tuple(pair.ratio for pair in row) for row in pairs),
        repeats=tuple(row[0].repeats for row in pairs),
    )


@trace
class Compared(NamedTuple):
    """Two contenders side by side.

    The `median` of one and the `other_median`, and the median of their `ratio` over the
    `repeats`, with the `least` and the `most` of it.
    """

    median: Number
    other_median: Number
    ratio: Number
    least: Number
    most: Number
    repeats: int


@checked
def compared(
    part: Part = "steps",
    case: Case = "3 × 2",
    name: Name = "PyTorch",
    other: Name = "NumPy by hand",
) -> Compared:
    r"""Compare how much two contenders need in one case.

    .. math:: \operatorname{median}_i \frac{t_i}{t^{\text{other}}_i}

    Parameters
    ----------
    part
        What was measured.
    case
        A case of that part.
    name
        A contender in it.
    other
        The one it is compared with.

    Returns
    -------
    Compared
        Medians and ratios.

    Raises
    ------
    ValueError
        If the part has no such case, or no such contender, or the other found 0.

    Examples
    --------
    >>> compared().ratio > 1
    True
    """
    for word, value, known in (
        ("case", case, _CASES[part]),
        ("name", name, _CONTENDERS[part]),
        ("other", other, _CONTENDERS[part]),
    ):
        if value not in known:
            listed = ", ".join(map(repr, known))
            msg = f"`{word}` is {shown(value)} but {part} has only: {listed}"
            raise ValueError(msg)
    return _compared(part, case, name, other)


def _compared(part: str, case: str, name: str, other: str) -> Compared:
    values = _CASES[part][case]["values"]
    ones, others = values[name], values[other]
    if not all(others):
        msg = f"`other` is {shown(other)} but must have found more than 0 in {case}"
        raise ValueError(msg)
    ratios = [one / beside for one, beside in zip(ones, others, strict=True)]
    return Compared(
        *(median(ones), median(others), median(ratios)),
        *(min(ratios), max(ratios), len(ratios)),
    )


@trace
class Targets(NamedTuple):
    """What the library was to reach, and what it has reached.

    The `targets` in words; the `limits`, of which what was `found` is at most equal in
    those that are `met`, ``"yes"`` or ``"no"``.
    """

    targets: tuple[str, ...]
    limits: tuple[Number, ...]
    found: tuple[Number, ...]
    met: tuple[str, ...]

    def table(self) -> Table:
        """Set them side by side.

        Returns
        -------
        Table
            A row for each target.

        Examples
        --------
        >>> Targets(("a step beside a walk",), (4,), (3.25,), ("yes",)).table()
                      target  at most  found  met
        a step beside a walk        4   3.25  yes
        """
        columns = ("target", "at most", "found", "met")
        return table(dict(zip(columns, self, strict=True)), decimals=2)


_OURS = "gdbook LeastSquares"
_AIMS: dict[str, tuple[Number, str, str, str, str]] = {
    # limit, part, case or "" for the worst of all, contender, what it is divided by
    "a step takes less than PyTorch's at every size": (
        *(1, "steps", "", _OURS, "PyTorch"),
    ),
    "a step takes less than Keras's at every size": (1, "steps", "", _OURS, "Keras"),
    "a step takes less than an epoch of scikit-learn's SGD at every size": (
        *(1, "steps", "", _OURS, "scikit-learn"),
    ),
    "a step on three rows beside NumPy by hand": (
        *(4, "steps", "3 × 2", _OURS, "NumPy by hand"),
    ),
    "the largest step beside NumPy by hand": (
        *(0.75, "steps", "10⁶ × 100", _OURS, "NumPy by hand"),
    ),
    "the largest step beside one read of the data": (
        *(2.2, "steps", "10⁶ × 100", _OURS, "one read"),
    ),
    "ten epochs on the digits beside PyTorch": (
        *(2 / 3, "digits", "ten epochs", "gdbook", "PyTorch"),
    ),
    "ten epochs on the digits beside Keras once it is compiled": (
        *(1, "digits", "ten epochs", "gdbook", "Keras"),
    ),
    "memory for the largest steps beside the data": (1.1, "memory", "", _OURS, ""),
    "a cold build of this book beside its floor": (
        *(0.6, "floor", "cold", "gdbook", "floor"),
    ),
}


@checked
def targets() -> Targets:
    r"""Say which targets of the library are met.

    .. math:: \max_{\text{cases}} \operatorname{median}_i
              \frac{t_i}{t^{\text{other}}_i} \le \text{limit}

    Returns
    -------
    Targets
        Each target, its limit, and the worst that was found.

    Examples
    --------
    >>> sorted(set(targets().met) - {"yes", "no"})
    []
    """
    found = tuple(_worst(*aim[1:]) for aim in _AIMS.values())
    limits = tuple(aim[0] for aim in _AIMS.values())
    return Targets(
        targets=tuple(_AIMS),
        limits=limits,
        found=found,
        met=tuple(
            "yes" if each <= limit else "no"
            for each, limit in zip(found, limits, strict=True)
        ),
    )


def _worst(part: str, case: str, name: str, other: str) -> Number:
    """Return the largest ratio, or the largest number where there is no other."""
    pairs = [
        _compared(part, each, name, other or name)
        for each in ([case] if case else _CASES[part])
    ]
    return max(pair.ratio if other else pair.median for pair in pairs)


@trace
class Ahead(NamedTuple):
    """Who is ahead of the first contender of a part anywhere.

    The `names` of those; the `counts` of cases in which each is, of `num_cases`; and
    the `cases` in which each is ahead most, with the `ratios` to the first there.
    """

    names: tuple[str, ...]
    counts: tuple[int, ...]
    cases: tuple[str, ...]
    ratios: tuple[Number, ...]
    num_cases: int

    def table(self) -> Table:
        """Set them side by side.

        Returns
        -------
        Table
            A row for each who is ahead, or one that says that nobody is.

        Examples
        --------
        >>> Ahead(("by hand",), (2,), ("3 × 2",), (0.25,), 9).table()
          ahead  cases of 9  most of all  ratio
        by hand           2        3 × 2   0.25
        >>> Ahead((), (), (), (), 9).table()
         ahead  cases of 9  most of all  ratio
        nobody           0            –      –
        """
        columns = ("ahead", f"cases of {self.num_cases}", "most of all", "ratio")
        ratios = tuple(f"{ratio:.2g}" for ratio in self.ratios)
        cells = (self.names, self.counts, self.cases, ratios)
        if not self.names:
            cells = (("nobody",), (0,), ("–",), ("–",))
        return table(dict(zip(columns, cells, strict=True)))


@checked
def ahead(part: Part = "steps") -> Ahead:
    r"""Find who is ahead of the first contender, where, and how far.

    .. math:: \min_{\text{cases}} \operatorname{median}_i
              \frac{t_i}{t^{\text{first}}_i} < 1

    Parameters
    ----------
    part
        What was measured.

    Returns
    -------
    Ahead
        Those who are, and the least of their ratios.

    Examples
    --------
    >>> all(ratio < 1 for ratio in ahead().ratios)
    True
    """
    found = measured(part)
    rows = []
    for index, name in enumerate(found.names):
        ratios = [row[index] for row in found.ratios]
        least = min(ratios)
        if least < 1:
            where = found.cases[ratios.index(least)]
            rows.append((name, sum(ratio < 1 for ratio in ratios), where, least))
    names, counts, cases, leasts = zip(*rows, strict=True) if rows else ((),) * 4
    return Ahead(names, counts, cases, leasts, len(found.cases))
