"""Every argument of every worked example says what it may be, and refuses the rest."""

from __future__ import annotations

import inspect
import itertools
import math
import re
from fractions import Fraction
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
    Probability,
    Row,
    Rows,
    Share,
    Varied,
    checked,
    kinds,
)
from gdbook._checks import NotFiniteError, shown
from gdbook.activations import Activation
from gdbook.descent import DivergenceError
from gdbook.examples.stochastic_gradient import Scattered

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
    declared(Probability): [
        *NOT_A_NUMBER,
        (-0.5, ValueError, "is -0.5 but must be a probability, from 0 to 1"),
        (1.5, ValueError, "is 1.5 but must be a probability, from 0 to 1"),
    ],
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
    "learning_rates": (1,) * 6,
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
    hint = inspect.signature(argument.function).parameters[argument.name].annotation
    assert "Kind" not in str(hint)
    assert hint is not inspect.Parameter.empty


# The field's names mean one thing in the whole book. Where two kinds stand, an example
# asks for more, because with less it would have nothing to show.
MEANING: dict[str, tuple[Any, ...]] = {
    "learning_rate": (Positive, Between),
    "num_steps": (Count0, Count1),
    "seed": (Count0,),
    "targets": (Row, Rows, Array),
    "n_samples": (Count1, Count2, Scattered),
    "num_epochs": (Count0, Count1, Count2),
    "batch_size": (Count1,),
    "share": (Between,),
    "wrong_share": (Share,),
    "dropout": (Share,),
    "momentum": (Share, Between),
    "flat": (NotNegative,),
    "noise": (NotNegative,),
    "patience": (Count1,),
    "num_seeds": (Count1, Count2),
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


def one_score(name: str) -> dict[str, Any]:
    """Return what scores a network at once, for the example that asks for it."""
    given = {"score": lambda _: [examples.capacity.Score(1, 1)]}
    return given if name.startswith("capacity.grow") else {}


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
    given |= one_score(str(argument))
    least = least_of(argument.kind) if argument.kind else None
    try:
        assert argument.call(least, **given) is not None
    except (TypeError, ValueError) as error:
        assert str(error).startswith("`")  # noqa: PT017 (either may be)


# Numbers at the ends of what floats hold and beyond, and of every library's own kind.
EXTREME: tuple[Any, ...] = (
    *(1e308, -1e308, 1e155, -1e155, 1e16, 3),
    *(0, -0.0, 1e-155, 1e-308, 5e-324, 1 - 2.0**-53),
    *(Fraction(1, 3), Fraction(1, 10**400), Fraction(10**400), 10**400, -(10**400)),
    *(np.float16(0.5), np.float32(0.1), np.longdouble(0.25), np.int8(3), np.uint8(200)),
    *(np.array(0.5), np.array(2)),
)
SPREAD = (1e308, -1e308, 1e155, 1e-155, 5e-324, 0.0, -1.0)


def extreme_arrays(default: Any) -> list[Any]:
    """Return an argument's array with other numbers, of other types, and cut."""
    array = np.array(default, dtype=float)
    shape = array.shape
    unit = array / (abs(array).max() or 1)
    read_only = array.copy()
    read_only.flags.writeable = False
    exact = np.vectorize(Fraction, otypes=[object])(array)
    whole = np.vectorize(int, otypes=[object])(array % 100)
    turns = np.arange(array.size).reshape(shape)
    return [
        *(unit * size for size in SPREAD),
        np.where(turns % 2, 1e308, -1e308),
        np.where(turns % 2, 1e308, 1e-308),
        *(unit.astype(dtype) for dtype in ("f2", "f4", np.longdouble)),
        *(whole.astype(dtype) for dtype in ("i1", "i8", object)),
        exact.tolist(),
        *((exact * size).tolist() for size in EXTREME[13:15]),
        (whole + 10**400).tolist(),
        np.repeat(array, 2, axis=0)[::2] if shape else array,
        read_only,
        np.asfortranarray(array[..., ::-1]) if shape else array,
        *((array[:1], np.concatenate([array, array])) if shape else ()),
        *((array[:, :1], array.T) if len(shape) == 2 else ()),
        np.ones(shape or 1).tolist(),
    ]


def extremes(kind: Kind, default: Any) -> list[Any]:
    """Return what is hard to compute with, of all that a kind lets through."""
    found: list[Any] = []
    if kind.words.startswith("whole number"):
        found = [kind.least, kind.least + 1, 2, np.int64(5), np.uint8(4)]
    elif kind.names:
        found = list(kind.names)
    elif kind.item:
        items = extremes(kind.item, default[0] if default else ())
        found = [*((item,) * max(1, kind.least) for item in items), ()]
        found += [(*default, *default), default[:1], [*default[::-1], *items[:1]]]
    elif kind == declared(Choice):
        found = [True, False, np.bool_(False)]  # noqa: FBT003
    elif "numbers" in kind.words:
        found = extreme_arrays(default)
    if kind.words.startswith("number") and "in a row" not in kind.words:
        found += EXTREME
    return [value for value in found if lets_through(kind, value)]


def lets_through(kind: Kind, value: Any) -> bool:
    """Say whether a kind takes a value."""
    try:
        kind.check("x", value)
    except (TypeError, ValueError):
        return False
    return True


COUNTING = ("each a whole number, 1 or more", "each a whole number, 2 or more")


def quick(argument: Argument) -> Any:
    """Return an argument's default, or fewer where it counts."""
    default = good(argument.parameter)
    if argument.kind and argument.kind.words.startswith("whole number"):
        few = argument.name not in {"seed", "batch_size"} and isinstance(default, int)
        return max(argument.kind.least, min(default, 3)) if few else default
    if argument.kind and argument.kind.words.endswith(COUNTING):
        return default[:2]
    return default


def flat(result: Any) -> list[Any]:
    """Return all that a trace holds."""
    if isinstance(result, np.ndarray):
        assert result.dtype.kind in "fiO"
        return list(result.ravel().tolist())
    if isinstance(result, list | tuple):
        return [leaf for item in result for leaf in flat(item)]
    return [result]


PLAIN = {int, float, Fraction, str, bool, type(None)}


def ends(leaf: Any) -> bool:
    """Say whether it is anything but infinity and NaN."""
    return not isinstance(leaf, float) or math.isfinite(leaf)


def assert_answer(function: Callable[..., Any], given: dict[str, Any]) -> None:
    """See finite numbers come back, or a short error that names an argument."""
    try:
        result = function(**given)
    except DivergenceError:
        return
    except (TypeError, ValueError) as error:
        says = str(error)
    else:
        leaves = flat(result)
        wrong = [x for x in leaves if type(x) not in PLAIN or not ends(x)]
        assert wrong == [], given
        assert repr(result)
        return
    named = re.match(r"`(\w+)(\[\d+\])*` (is|has|holds|sums|must) ", says)
    assert named, (says, given)
    assert named[1] in given, (says, given)
    assert len(says) < 500, says[:300]


EXAMPLES: dict[str, list[Argument]] = {}
for each_argument in ARGUMENTS:
    EXAMPLES.setdefault(str(each_argument).partition("-")[0], []).append(each_argument)


# Of what is tried on each argument, one in so many is tried here.
SLOW = {
    "backpropagation.check_errors": 4,
    "backpropagation.passes": 3,
    "capacity.all_noises": 4,
    "capacity.capacity_curve": 8,
    "capacity.dropout_gap": 4,
    "capacity.final_test": 16,
    "capacity.loss_spread": 16,
    "capacity.moon_seeds": 6,
    "early_stopping.dealt_floors": 6,
    "in_keras.line_in_keras": 12,
    "in_keras.weight_in_keras": 12,
    "racing_rules.race_of_rules": 4,
    "rare_classes.rare_digit": 12,
    "rare_classes.threshold_costs": 12,
    "training.learn_moons": 4,
    "training.learn_xor": 3,
    "training.moons_seeds": 6,
    "validation.accuracy_and_loss": 4,
    "validation.deals": 6,
    "validation.known_and_new": 6,
    "validation.leaked_choice": 2,
    "validation.one_split": 6,
    "validation.seeds": 6,
    "vanishing_gradients.dead_shares": 3,
    "weight_decay.decay_search": 12,
    "weight_decay.double_descent": 6,
}


# These only count, and Keras compiles each size anew: the test above tries the least.
COUNTED = {"in_keras.losses_in_keras", "in_keras.deep_slopes"}


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in COUNTED])
def test_extremes(name: str) -> None:
    """Whatever its kinds let through is computed with, or refused by a name.

    Each argument alone, and each pair at a few extremes; fewer where one call trains
    many networks.
    """
    thinned = SLOW.get(name, 1)
    given = {a.name: quick(a) for a in EXAMPLES[name]} | one_score(name)
    function = EXAMPLES[name][0].function
    hard = {
        a.name: extremes(a.kind, good(a.parameter)) for a in EXAMPLES[name] if a.kind
    }
    for argument, values in hard.items():
        for value in values[::thinned]:
            assert_answer(function, given | {argument: value})
    for (one, firsts), (other, seconds) in itertools.combinations(hard.items(), 2):
        # Of two lists the extremes meet at different places in each round.
        for place in range(3) if firsts and seconds and thinned == 1 else ():
            pair = {
                one: firsts[7 * place % len(firsts)],
                other: seconds[(5 * place + 1) % len(seconds)],
            }
            assert_answer(function, given | pair)


class TestWaysOut:
    """A message says what the person most likely meant."""

    @pytest.mark.parametrize(
        ("call", "exception", "says"),
        [
            (
                lambda: examples.weight_update.weight_update(wieght=2),
                TypeError,
                "`wieght` is no argument of weight_update; the nearest is 'weight'",
            ),
            (
                lambda: examples.weight_update.weight_update(
                    1, weight=2, input_value=3
                ),
                TypeError,
                (
                    "weight_update(input_value, weight, target, learning_rate) has "
                    "multiple values for argument 'input_value'"
                ),
            ),
            (
                lambda: examples.learning_rate.race(0.1),
                TypeError,
                "`learning_rates` is 0.1 but must be a sequence; of one it is [0.1]",
            ),
            (
                lambda: examples.learning_rate.race({0.1}),
                TypeError,
                (
                    "`learning_rates` is {0.1} but must be a sequence; list(...) makes "
                    "one of it"
                ),
            ),
            (
                lambda: examples.learning_rate.race([0.1] * 9999 + [-1] * 9999),
                ValueError,
                "`learning_rates[9999]` is -1 but must be a positive finite number",
            ),
            (
                lambda: examples.activations.stacked("relu"),
                ValueError,
                (
                    "`activation` is 'relu' but must be one of: 'identity', 'sigmoid', "
                    "'tanh', 'ReLU', 'leaky ReLU', 'GELU', 'SiLU'; the nearest is "
                    "'ReLU'"
                ),
            ),
            (
                lambda: examples.backpropagation.circuit(activation=Activation),
                TypeError,
                (
                    "`activation` is <class 'gdbook.activations.Activation'> but must "
                    "be an instance of it; Activation(...) makes one"
                ),
            ),
        ],
    )
    def test_message(
        self, call: Callable[[], Any], exception: type[Exception], says: str
    ) -> None:
        """What was misspelled, and a way to what was meant."""
        with pytest.raises(exception, match=f"^{re.escape(says)}$"):
            call()


class TestBeyondTheFloats:
    """Where numbers leave the floats, the argument farthest from 1 is named."""

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"weight": 1e308}, "`weight` is 1e+308"),
            ({"weight": 1e308, "target": 1e200}, "`weight` is 1e+308"),
            ({"input_value": -1e200}, "`input_value` is -1e+200"),
            (
                {"weight": Fraction(10**400), "input_value": 1.5},
                f"`weight` is {shown(Fraction(10**400))}",
            ),
        ],
    )
    def test_named(self, given: dict[str, Any], says: str) -> None:
        """Overflow is one error, of Python's numbers and of NumPy's."""
        rest = "but must keep all numbers within the floats"
        with pytest.raises(NotFiniteError, match=f"^{re.escape(says)} {rest}; it is"):
            examples.weight_update.weight_update(**given)

    def test_a_fault_stays_a_fault(self) -> None:
        """Where all numbers are ordinary, a division by zero is not explained away."""

        @checked
        def divide(weight: Finite = 1) -> Any:
            return weight / 0

        with pytest.raises(ZeroDivisionError):
            divide()
        with pytest.raises(NotFiniteError, match=r"^`weight` is 1e-300 but must keep"):
            divide(1e-300)

    def test_no_trace_holds_infinity(self) -> None:
        """What a processor without flags for overflow returns is seen as well."""

        @checked
        def infinite(weight: Finite = 1) -> Any:
            return (1.0, (weight, weight * math.inf))

        with pytest.raises(NotFiniteError, match=r"^`weight` is 2 but must keep"):
            infinite(2)


@pytest.mark.parametrize("much", [10**13, 10**17, 10**30])
def test_more_than_memory(much: int) -> None:
    """What does not fit into memory is refused by the argument that asks for it."""
    says = f"is {much} but must be fewer: what it asks for does not fit into memory"
    with refused(ValueError, "n_samples", says):
        examples.stochastic_gradient.noise_floor(n_samples=much)
    says = f"holds {much} but must be fewer: what it asks for does not fit into memory"
    with refused(ValueError, "widths", says):
        examples.capacity.moon_fits(widths=(2, much))
