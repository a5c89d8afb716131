"""Every argument of every worked example says what it may be, and refuses the rest."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from bad_input import (
    NEGATIVE,
    NOT_A_CHOICE,
    NOT_A_FUNCTION,
    NOT_A_NUMBER,
    NOT_A_SHARE,
    NOT_BETWEEN_0_AND_1,
    NOT_NUMBERS,
    NOT_POSITIVE,
    Refusal,
    not_a_count,
    refused,
)

from gdbook import examples
from gdbook._arguments import (
    Array,
    Between,
    Choice,
    Count0,
    Count1,
    Count2,
    Finite,
    Function,
    Kind,
    NotNegative,
    Positive,
    Row,
    Rows,
    Share,
    Varied,
    kinds,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def declared(hint: Any) -> Kind:
    """Return the kind that an annotation declares."""
    found: Kind = hint.__metadata__[0]
    return found


def of_dimensions(*wrong: Any, says: str) -> list[Refusal]:
    """Refuse numbers of other dimensions."""
    return [
        *NOT_NUMBERS,
        *(
            (bad, ValueError, f"has shape {np.shape(bad)} but must have {says}")
            for bad in wrong
        ),
    ]


ONE_ROW = of_dimensions(2, [[1, 2]], says="1 dimensions")
REFUSED: dict[Kind, list[Refusal]] = {
    declared(Finite): NOT_A_NUMBER,
    declared(Positive): NOT_POSITIVE,
    declared(NotNegative): NEGATIVE,
    declared(Share): NOT_A_SHARE,
    declared(Between): NOT_BETWEEN_0_AND_1,
    declared(Choice): NOT_A_CHOICE,
    declared(Function): NOT_A_FUNCTION,
    declared(Array): NOT_NUMBERS,
    declared(Row): ONE_ROW,
    declared(Rows): of_dimensions(2, [1, 2], [[[1]]], says="2 dimensions"),
    declared(Varied): [
        *ONE_ROW,
        ([2, 2], ValueError, "holds 2 only but must hold two different numbers"),
    ],
}
# What stands for an argument without a default, when a later one is tried.
GIVEN = {
    "gradient": abs,
    "history": {},
    "learning_rates": (1,) * 7,
    "params": (1, 2),
    "place": (0, 0),
}


def good(parameter: inspect.Parameter) -> Any:
    """Return what an argument is unless told, or what stands for it."""
    if parameter.default is parameter.empty:
        assert parameter.name in GIVEN, (
            f"{parameter.name} has no default, and GIVEN in tests/test_arguments.py "
            "has nothing that stands for it."
        )
        return GIVEN[parameter.name]
    return parameter.default


class Argument(NamedTuple):
    """An argument of a worked example."""

    function: Callable[..., Any]
    name: str
    kind: Kind | None
    parameter: inspect.Parameter

    def __str__(self) -> str:
        chapter = self.function.__module__.rpartition(".")[2]
        return f"{chapter}.{self.function.__name__}-{self.name}"

    def call(self, value: Any, **others: Any) -> Any:
        """Call the example with this argument, and defaults for most others."""
        parameters = inspect.signature(self.function).parameters.values()
        given = {other.name: good(other) for other in parameters}
        return self.function(**given | others | {self.name: value})


ARGUMENTS = [
    Argument(function, parameter.name, kinds(function).get(parameter.name), parameter)
    for stem in examples.__all__
    for function in vars(getattr(examples, stem)).values()
    if inspect.isfunction(function)
    and function.__module__ == f"gdbook.examples.{stem}"
    and not function.__name__.startswith("_")
    for parameter in inspect.signature(function).parameters.values()
]


def refusals(kind: Kind) -> list[Refusal]:
    """Return what a kind refuses, and what its message says."""
    if kind in REFUSED:
        return REFUSED[kind]
    if kind.names:
        names = ", ".join(map(repr, kind.names))
        texts = [(2, "must be a name"), ("none", f"must be one of: {names}")]
        return [
            (bad, TypeError if bad == 2 else ValueError, f"is {bad!r} but {says}")
            for bad, says in texts
        ]
    if kind.item:
        wrong: list[Refusal] = [
            (bad, TypeError, f"is {bad!r} but must be a sequence")
            for bad in (8, "8", b"8", None, {8})
        ]
        if kind.least:
            wrong.append(((), ValueError, f"is () but must hold at least {kind.least}"))
        return wrong
    if kind.words.startswith("whole number"):
        return not_a_count(kind.least)
    article = "an" if kind.words[0] in "AEIOU" else "a"
    return [
        (bad, TypeError, f"is {bad!r} but must be {article} {kind.words}")
        for bad in (None, 2, "none")
        if type(bad).__name__ != kind.words
    ]


def tried(kind: Kind, name: str, default: Any) -> list[tuple[str, Refusal]]:
    """Return what is tried on an argument: a place in it, and a bad value."""
    cases = [
        (name, bad)
        for bad in refusals(kind)
        if not (bad[0] is None and default is None)
    ]
    if kind.item:
        first = tuple(default[:1]) if default else ()
        cases += [
            (place, ((*first, value), exception, says))
            for place, (value, exception, says) in tried(
                kind.item, f"{name}[{len(first)}]", first[0] if first else ()
            )
        ]
    return cases


@pytest.mark.parametrize("argument", ARGUMENTS, ids=str)
def test_argument(argument: Argument) -> None:
    """It has a kind, words and a message that names it and says what it must be."""
    where = f"gdbook/examples/{argument.function.__module__.rpartition('.')[2]}.py"
    assert argument.kind is not None, f"{argument} in {where} declares no kind."
    entry = rf"(?m)^ +{argument.name} : {re.escape(argument.kind.words)}"
    assert re.search(entry, argument.function.__doc__ or "")
    cases = tried(argument.kind, argument.name, good(argument.parameter))
    assert cases
    for place, (value, exception, says) in cases:
        with refused(exception, place, says):
            argument.call(value)


@pytest.mark.parametrize("argument", ARGUMENTS, ids=str)
def test_plain_type(argument: Argument) -> None:
    """What an editor and `help` show of it is a plain type."""
    shown = inspect.signature(argument.function).parameters[argument.name].annotation
    assert "Kind" not in str(shown)
    assert shown is not inspect.Parameter.empty


# The field's names mean one thing in the whole book. Where two kinds stand, an example
# asks for more, because with less it would have nothing to show.
MEANING: dict[str, tuple[Any, ...]] = {
    "learning_rate": (Positive, Between),
    "num_steps": (Count0, Count1),
    "seed": (Count0,),
    "targets": (Row, Array),
    "n_samples": (Count1, Count2),
    "num_epochs": (Count0, Count1, Count2),
    "batch_size": (Count1,),
    "share": (Between,),
    "wrong_share": (Share,),
    "dropout": (Share,),
    "momentum": (Share, Between),
    "flat": (NotNegative,),
    "noise": (NotNegative,),
    "patience": (Count1,),
    "num_seeds": (Count1,),
    "limit": (Count0, Count1),
    "factor": (Between,),
    "n_nodes": (Count1,),
    "n_hidden": (Count1,),
    "resolution": (Count2,),
    "num_rates": (Count2,),
    "curvature": (Positive,),
    "margin": (Between,),
    "step": (Positive,),
    "reach": (Positive, Between),
}


@pytest.mark.parametrize("name", MEANING)
def test_one_name_means_one_kind(name: str) -> None:
    """A kind that is laxer than its name has elsewhere is seen."""
    meant = [declared(hint) for hint in MEANING[name]]
    found = {str(a): a.kind for a in ARGUMENTS if a.name == name}
    assert len(found) > 1
    assert [which for which, its in found.items() if its not in meant] == []


def least_of(kind: Kind) -> Any:
    """Return the least value that a kind lets through, if there is one."""
    if kind.words.startswith("whole number"):
        return kind.least
    if kind in {declared(NotNegative), declared(Share)}:
        return 0
    if kind.item and (least := least_of(kind.item)) is not None:
        return (least,) * max(1, kind.least)
    return None


BOUNDED = [a for a in ARGUMENTS if a.kind and least_of(a.kind) is not None]


@pytest.mark.parametrize("argument", BOUNDED, ids=str)
def test_least_value_is_no_accident(argument: Argument) -> None:
    """The least that a kind lets through is computed with, or refused by its name.

    A kind that is laxer than what is computed would end in a division by zero, or in an
    empty list.
    """
    given: dict[str, Any] = {
        a.name: max(least_of(a.kind), min(good(a.parameter), 3))
        for a in ARGUMENTS
        if a.function is argument.function and isinstance(good(a.parameter), int)
        if a.kind and a.kind.words.startswith("whole number")
    }
    if "score" in inspect.signature(argument.function).parameters:
        given["score"] = lambda _: [examples.capacity.Score(1, 1)]
    least = least_of(argument.kind) if argument.kind else None
    try:
        assert argument.call(least, **given) is not None
    except (TypeError, ValueError) as error:
        assert str(error).startswith("`")  # noqa: PT017 (either may be)
