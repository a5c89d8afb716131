"""Judge what a reader wrote: a function, on the numbers of the book and on others."""

import ast
import inspect
import linecache
import math
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from html import escape
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import numpy as np

from gdbook._checks import shown
from gdbook.exercises._asked import Asked
from gdbook.formatting import format_number
from gdbook.traces import plain

# What the order of a few dozen sums and products can change of a number.
_ROUNDING = 1e-9
_ITEMS = 12  # of a result that are written out
GAPS = "Put code where `...` stands."
_Path = tuple[int, ...]


class Verdict(NamedTuple):
    """What the book says to an answer.

    The `exercise` as ``chapter.name``, whether the answer is `right`, and the `words`.
    """

    exercise: str
    right: bool
    words: str

    def __repr__(self) -> str:
        return ("Right. " if self.right else "Not yet. ") + self.words

    def _repr_html_(self) -> str:
        words = re.sub(r"`(.*?)`", r"<code>\1</code>", escape(repr(self), quote=False))
        return (
            f'<div class="verdict" data-exercise="{self.exercise}" '
            f'data-right="{str(self.right).lower()}">{words}</div>'
        )


class Exercise(Asked):
    """A function to be written, and what to say to the ways to write it wrong.

    Called with a function, it says whether that does what the solution does.

    Parameters
    ----------
    solution : callable
        The function as a reader would write it. Its docstring is the hint, its name
        that of the exercise, its module that of the chapter.
    right : callable
        What gives the right answer by the library.
    cases : iterable of tuple
        What answers are tried on, the numbers of the book first.
    mistakes : mapping of str to tuple or callable
        What to say to a mistake, and the edits of the solution that make it, each as
        an old text and a new one; or a function that makes it.
    praise : str
        What to say to a right answer.
    """

    def __init__(
        self,
        solution: Callable[..., Any],
        right: Callable[..., Any],
        cases: Iterable[tuple[Any, ...]],
        mistakes: Mapping[str, Any],
        praise: str,
    ) -> None:
        super().__init__(solution)
        self.solution, self.right = solution, right
        self.cases = tuple(cases)
        self.hint, self.praise = self.words, praise
        self._mistakes = dict(mistakes)
        self.__doc__ = f"Check a function that takes {_listed(self.arguments)}."

    @property
    def arguments(self) -> list[str]:
        """What the function is called with."""
        return list(inspect.signature(self.solution).parameters)

    @property
    def source(self) -> str:
        """The solution as it is shown, and as a reader could have typed it."""
        source = textwrap.dedent(inspect.getsource(self.solution))
        source = source[re.search(r"(?m)^def ", source).start() :]  # type: ignore[union-attr]
        return re.sub(r'(?s)\n    """.*?"""', "", source, count=1)

    @property
    def mistakes(self) -> dict[str, Callable[..., Any]]:
        """What to say to each mistake, and the function that makes it."""
        return {
            words: how if callable(how) else self.written(self.edited(*how))
            for words, how in self._mistakes.items()
        }

    @cached_property
    def _wanted(self) -> list[Any]:
        return self._given_by(self.right)

    @cached_property
    def _made(self) -> list[tuple[str, list[Any]]]:
        return [(words, self._given_by(make)) for words, make in self.mistakes.items()]

    def _given_by(self, function: Callable[..., Any]) -> list[Any]:
        """Return what a function of the book gives for all cases."""
        return [plain(function(*_copied(case))) for case in self.cases]

    def edited(self, *edits: str) -> str:
        """Return the solution with edits, each an old text and a new one."""
        source = self.source
        for old, new in zip(edits[::2], edits[1::2], strict=True):
            if source.count(old) != 1:
                msg = f"`{old}` must stand once in the solution of {self.name}"
                raise ValueError(msg)
            source = source.replace(old, new)
        return source

    def written(self, source: str) -> Callable[..., Any]:
        """Return the function that a source makes, with what the solution knows."""
        module = compile(source, f"<{self.name}>", "exec")
        (code,) = (each for each in module.co_consts if isinstance(each, CodeType))
        return FunctionType(code, self.solution.__globals__)

    def __call__(self, answer: Callable[..., Any]) -> Verdict:
        """Say whether a function is right, and else what to look at.

        Parameters
        ----------
        answer : callable
            What a reader wrote.

        Returns
        -------
        Verdict
            What a page shows.
        """
        words = self._complaint(answer)
        return Verdict(self.name, right=not words, words=words or self.praise)

    def _complaint(self, answer: Any) -> str:
        """Return nothing for a right answer."""
        wanted = self._wanted
        if not callable(answer):
            return self._no_function(answer, wanted[0])
        if _has_gaps(answer):
            return GAPS  # and do not run it: `while ...:` has no end
        given, words = self._results(answer)
        if not words and all(map(_alike, given, wanted)):
            return ""
        return words or self._mistaken(given) or self._unlisted(given, wanted)

    def _results(self, answer: Callable[..., Any]) -> tuple[list[Any], str]:
        """Return what a function gives for all cases, and what stops it, if any."""
        given: list[Any] = []
        for case in self.cases:
            found, words = self._asked(answer, case)
            if words:
                return given, f"{words} {self._for(case)}"
            given.append(found)
        return given, ""

    def _mistaken(self, given: list[Any]) -> str:
        """Return the words for the mistake that gives all these results, if any."""
        found = (words for words, made in self._made if all(map(_alike, given, made)))
        return next(found, "")

    def _asked(self, answer: Any, case: tuple[Any, ...]) -> tuple[Any, str]:
        """Return what a function gives, or what is wrong with it."""
        try:
            inspect.signature(answer).bind(*case)
        except TypeError:
            taken = _listed(self.arguments)
            return None, f"Your function must take {taken}, in this order."
        except ValueError:
            pass  # one of C has no signature to look at
        try:
            found = plain(answer(*_copied(case)))
        except Exception as error:  # noqa: BLE001 (whatever the reader's code raises)
            said = f": {error}" if str(error) else ""
            return None, f"Your function raised {type(error).__name__}{said}."
        if found is None:
            return None, "Your function gives nothing back: end it with `return`."
        return found, ""

    def _no_function(self, answer: Any, first: Any) -> str:
        """Say what to hand over instead."""
        whole = "Hand over the function itself, without brackets behind its name"
        if not _unlike(plain(answer), first) and _alike(plain(answer), first):
            return f"That is the book's number. {whole}: other numbers are tried too."
        return f"{shown(answer)} is no function. {whole}."

    def _unlisted(self, given: list[Any], wanted: list[Any]) -> str:
        """Say of a mistake that nobody listed how far off it is, and where first."""
        copied = _alike(given[0], wanted[0])
        if copied and all(_alike(value, given[0]) for value in given):
            return (
                "Those are the book's numbers, whatever is asked for: compute them "
                f"from {_listed(self.arguments)}."
            )
        for case, found, value in zip(self.cases, given, wanted, strict=True):
            if words := _unlike(found, value):
                return f"{words} {self._for(case)}"
        if copied:
            start = "The book's numbers come out, and others do not. "
        else:
            start = _everywhere(given, wanted)
        pairs = zip(self.cases, given, wanted, strict=True)
        case, found, right = next(each for each in pairs if not _alike(*each[1:]))
        place, one, other = next(_differences(found, right))
        what = "".join(["the result", *(f"[{index}]" for index in place)])
        off = ""
        if not isinstance(other, str):
            side = "too much" if one > other else "too little"
            off = f", {_short(abs(one - other))} {side}"
        ways = ((_short(one, most), _short(other, most)) for most in (6, 12, 17))
        is_, should_be = next(way for way in ways if way[0] != way[1])
        where = f"For {self._case(case)}, {what}"
        return f"{start}{where} is {is_} and should be {should_be}{off}."

    def _case(self, case: tuple[Any, ...]) -> str:
        """Write what an answer is asked for."""
        pairs = zip(self.arguments, map(plain, case), strict=True)
        return ", ".join(f"`{name} = {_short(value)}`" for name, value in pairs)

    def _for(self, case: tuple[Any, ...]) -> str:
        return f"That was for {self._case(case)}."


def exercise(
    *,
    right: Callable[..., Any],
    cases: Iterable[tuple[Any, ...]],
    mistakes: Mapping[str, Any],
    praise: str = "It gives the book's numbers, and those of other cases.",
) -> Callable[[Callable[..., Any]], Exercise]:
    """Make an exercise of its solution; `Exercise` says what it takes."""
    return lambda solution: Exercise(solution, right, cases, mistakes, praise)


def _copied(value: Any) -> Any:
    """Copy what is asked for, which an answer may change."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple | list):
        return type(value)(map(_copied, value))
    return value


def _has_gaps(answer: Any) -> bool:
    """Say whether `...` is left in a function, or in one within."""
    code = getattr(answer, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    if written := _written(code):
        return any(map(_left, written))
    codes = [code]
    for one in codes:  # grows while it is walked through
        codes += [const for const in one.co_consts if isinstance(const, CodeType)]
    return any(const is ... for one in codes for const in one.co_consts)


def _written(code: CodeType) -> list[ast.AST]:
    """Return a function as it was written, where cells or a file keep that.

    A compiler leaves no trace of some gaps: of `while ...:`, a loop without an end.
    """
    lines = linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return []
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        and getattr(node, "name", "<lambda>") == code.co_name
        and code.co_firstlineno
        == min(each.lineno for each in (node, *getattr(node, "decorator_list", ())))
    ]


def _left(written: ast.AST) -> bool:
    """Say whether `...` stands where code should: not in `x[..., 0]`, nor idle."""
    idle: set[ast.AST] = set()
    for node in ast.walk(written):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            idle.update(node.slice.elts)
        for _name, block in ast.iter_fields(node):
            if isinstance(block, list) and len(block) > 1:
                idle.update(line.value for line in block if isinstance(line, ast.Expr))
    constants = (node for node in ast.walk(written) if isinstance(node, ast.Constant))
    return any(node.value is ... for node in constants if node not in idle)


def _unlike(found: Any, wanted: Any) -> str:
    """Say what is wrong with the kind or the shape of a result, if anything is."""
    if isinstance(wanted, tuple):
        if not isinstance(found, tuple):
            return f"It should give {_many(len(wanted))}, not {_short(found)}."
        if len(found) != len(wanted):
            return f"It should give {_many(len(wanted))}, not {len(found)}."
        return next(filter(None, map(_unlike, found, wanted)), "")
    kind = "text" if isinstance(wanted, str) else "number"
    if isinstance(found, tuple):
        return f"It should give one {kind}, not {_short(found)}."
    fits = isinstance(found, str) if kind == "text" else math.isfinite(_real(found))
    return "" if fits else f"It should give one {kind}, not {_short(found)}."


def _many(count: int) -> str:
    return "one value in brackets" if count == 1 else f"{count} values"


def _real(value: Any) -> float:
    """Return a number, or NaN for what is none."""
    try:
        return math.nan if isinstance(value, str) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _alike(found: Any, wanted: Any) -> bool:
    """Say whether results are equal, but for rounding."""
    return not any(_differences(found, wanted))


def _leaves(value: Any, path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value if isinstance(value, str) else _real(value)


def _differences(found: Any, wanted: Any) -> Iterator[tuple[_Path, Any, Any]]:
    """Give each place where two results differ, and what stands there."""
    one, other = dict(_leaves(found)), dict(_leaves(wanted))
    sizes = [abs(value) for value in other.values() if not isinstance(value, str)]
    for path in {**other, **one}:
        left, right = one.get(path), other.get(path)
        numbers = isinstance(left, float) and isinstance(right, float)
        if numbers and abs(left - right) <= _ROUNDING * max(sizes):  # type: ignore[operator]
            continue
        if left != right:
            yield path, left, right


def _everywhere(given: list[Any], wanted: list[Any]) -> str:
    """Say what all results have in common with the right ones, if anything."""
    found = [value for _, value in _leaves(tuple(given))]
    right = [value for _, value in _leaves(tuple(wanted))]
    if any(isinstance(value, str) for value in right):
        return ""
    if isinstance(wanted[0], tuple) and sorted(found) == sorted(right):
        return "The right numbers come out, in the wrong places. "
    pairs = [pair for pair in zip(found, right, strict=True) if any(pair)]
    ways = {"Everything is off by {}. ": [one - other for one, other in pairs]}
    if all(other for _, other in pairs):
        factors = [one / other for one, other in pairs]
        ways = {"Everything is {} times what it should be. ": factors} | ways
    for words, many in ways.items():
        if len(many) > 1 and _alike(tuple(many), (many[0],) * len(many)):
            return words.format(_short(many[0]))
    return ""


def _short(value: Any, digits: int = 6) -> str:
    """Write a value as Python would, in the digits that matter."""
    if isinstance(value, tuple) and len(value) <= _ITEMS:
        return f"({', '.join(map(_short, value))}{',' * (len(value) == 1)})"
    if isinstance(value, bool) or not math.isfinite(_real(value)):
        return str(value) if isinstance(value, float) else str(shown(value))
    return format_number(float(f"{float(value):.{digits}g}"))


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted)
