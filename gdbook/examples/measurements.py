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
from gdbook.traces import trace

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
        If the part has no such case, or no such contender.

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
    ratios = [one / beside for one, beside in zip(ones, others, strict=True)]
    return Compared(
        *(median(ones), median(others), median(ratios)),
        *(min(ratios), max(ratios), len(ratios)),
    )
