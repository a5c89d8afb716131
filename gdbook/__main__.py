"""The worked examples on a command line: list them, or run one with other givens.

``python -m gdbook`` lists them, ``python -m gdbook weight_update learning_rate=1/100``
runs one, ``--help`` says what it takes, and ``--json`` writes for programs.
``eval "$(_GDBOOK_COMPLETE=bash_source gdbook)"`` completes names and givens in bash;
zsh has ``zsh_source``, and fish ``_GDBOOK_COMPLETE=fish_source gdbook | source``.
"""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import json
import sys
from fractions import Fraction
from importlib import metadata
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from gdbook import activations, examples
from gdbook._arguments import nearest
from gdbook._checks import shown
from gdbook.formatting import _text
from gdbook.traces import _fields

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

__all__ = ["main", "read", "worked_examples", "written"]

# A computation that is refused is no misuse of the command.
_REFUSED = (ArithmeticError, ImportError, TypeError, ValueError)
_BENDS = {
    name: value
    for name, value in vars(activations).items()
    if isinstance(value, activations.Activation)
}
_JSON = click.Option(
    ["--json", "as_json"], is_flag=True, help="Write JSON, fractions as text."
)


def read(text: str) -> Any:
    """Read a number, a fraction, a tuple, or else a word.

    >>> read("0.1"), read("1/100"), read("(1, -1/2), (2, 3)"), read("glorot")
    (0.1, Fraction(1, 100), ((1, Fraction(-1, 2)), (2, 3)), 'glorot')
    """
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (MemoryError, RecursionError, SyntaxError, ValueError, ZeroDivisionError):
        return text


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.Name(name) if name in _BENDS:
            return _BENDS[name]
        case ast.Tuple(items) | ast.List(items):
            return tuple(map(_value, items))
        case ast.UnaryOp(ast.USub(), operand):
            return -_number(operand)
        case ast.BinOp(left, ast.Div(), right):
            return Fraction(_number(left)) / Fraction(_number(right))
    raise ValueError


def _number(node: ast.expr) -> Any:
    value = _value(node)
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        raise ValueError  # noqa: TRY004 (whoever wrote it gave a word)
    return value


def written(value: Any) -> str:
    """Write a default as `read` reads it.

    >>> written((1, Fraction(-1, 2))), written("glorot"), written(activations.TANH)
    ('(1,-1/2)', 'glorot', 'TANH')
    """
    for name, bend in _BENDS.items():
        if bend is value:
            return name
    if isinstance(value, tuple | list):
        return f"({','.join(map(_inner, value))}{',' * (len(value) == 1)})"
    return str(value)


def _inner(value: Any) -> str:
    return repr(value) if isinstance(value, str) else written(value)


def _plain(value: Any) -> Any:
    """Turn a result into what JSON holds, a fraction into its text."""
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Fraction) else value


def _lines(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Give each number of a result behind its name."""
    if isinstance(value, tuple) and any(hasattr(item, "_asdict") for item in value):
        for place, item in enumerate(value):
            yield from _lines(item, f"{name}.{place}" if name else str(place))
    else:
        yield from _fields(value, name, _text)


class _Example(click.Command):
    """A worked example, which takes its givens as `name=value`."""

    def __init__(self, chapter: str, function: Callable[..., Any]) -> None:
        """Take its words from its docstring and its signature."""
        self.chapter, self.function = chapter, function
        self.parameters = inspect.signature(function).parameters
        givens = click.Argument(
            ["givens"], nargs=-1, metavar="[NAME=VALUE]...", shell_complete=self.offered
        )
        summary = (function.__doc__ or "").partition("\n")[0]
        super().__init__(
            function.__name__,
            params=[givens, _JSON],
            callback=self.run,
            help=summary,
            short_help=summary,
        )

    @property
    def written(self) -> dict[str, str | None]:
        """The book's own givens, as they are written; `None` has to be given."""
        return {
            name: None if one.default is one.empty else written(one.default)
            for name, one in self.parameters.items()
        }

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's)
        """List the givens beside the book's own."""
        rows = [
            (name, "has to be given" if value is None else value)
            for name, value in self.written.items()
        ]
        if rows:
            with formatter.section("Givens"):
                formatter.write_dl(rows)

    def offered(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 (click's)
        incomplete: str,
    ) -> list[CompletionItem]:
        """Complete the name of a given, with the value that the book gives it."""
        given = ctx.params.get("givens") or ()
        # bash takes `name=value` for three words.
        if any("=" not in one for one in given):
            return []
        named = {one.partition("=")[0] for one in given}
        return [
            CompletionItem(f"{name}={value or ''}")
            for name, value in self.written.items()
            if name not in named and name.startswith(incomplete)
        ]

    def named(self, givens: tuple[str, ...]) -> dict[str, Any]:
        """Read what was given, each under a name that the example has, once."""
        found: dict[str, Any] = {}
        for one in givens:
            name, equals, text = one.partition("=")
            if not equals or not text:
                msg = f"{shown(one)} is no given: write NAME=VALUE"
                raise click.UsageError(msg)
            if name not in self.parameters:
                near = _nearest(name, self.parameters)
                msg = f"{self.name} has no given {shown(name)}. {near}"
                raise click.UsageError(msg)
            if name in found:
                msg = f"{name!r} is given twice"
                raise click.UsageError(msg)
            found[name] = read(text)
        missing = [
            name
            for name, value in self.written.items()
            if value is None and name not in found
        ]
        if missing:
            msg = f"{self.name} has to be given {', '.join(missing)}"
            raise click.UsageError(msg)
        return found

    def run(self, givens: tuple[str, ...], *, as_json: bool) -> None:
        """Print what the example returns."""
        named = self.named(givens)
        try:
            result = self.function(**named)
        except _REFUSED as error:
            raise click.ClickException(str(error)) from error
        if as_json:
            click.echo(json.dumps(_plain(result), allow_nan=False))
            return
        rows = [*_lines(result)]
        width = max(len(name) for name, _ in rows)
        for name, text in rows:
            click.echo(f"{name:{width}}  {text}" if name else text)


def _nearest(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f"Did you mean {near!r}?" if near else "The option --help lists them."


@functools.cache
def worked_examples() -> dict[str, _Example]:
    """Find the worked examples, chapter by chapter."""
    found: dict[str, _Example] = {}
    for chapter in examples.__all__:
        module = getattr(examples, chapter)
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_"):
                found[name] = _Example(chapter, value)
    return found


class _Book(click.Group):
    """The worked examples, each a command of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        """Name the worked examples."""
        return [*worked_examples()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        """Find a worked example."""
        return worked_examples().get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest example where there is none of a name."""
        if args[0] not in worked_examples() and not args[0].startswith("-"):
            near = _nearest(args[0], worked_examples())
            ctx.fail(f"There is no example {shown(args[0])}. {near}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 (click's)
        formatter: click.HelpFormatter,
    ) -> None:
        """List the examples, chapter by chapter."""
        found = worked_examples().values()
        for chapter, own in itertools.groupby(found, lambda one: one.chapter):
            with formatter.section(chapter):
                formatter.write_dl([(str(one.name), str(one.help)) for one in own])


def _version() -> str:
    try:
        return metadata.version("gdbook")
    except metadata.PackageNotFoundError:
        return "of a checkout"


@click.group(cls=_Book, params=[_JSON], invoke_without_command=True)
@click.version_option(_version(), prog_name="gdbook")
@click.pass_context
def main(ctx: click.Context, *, as_json: bool) -> None:
    """Run a worked example of the book, with other givens as NAME=VALUE.

    A value is a number, a fraction such as 1/100, which stays exact, a tuple such as
    (1,2), an activation such as TANH, or a word. Without an example, all are listed.
    """
    if ctx.invoked_subcommand:
        return
    if not as_json:
        click.echo(ctx.get_help())
        return
    listed = {
        name: {"chapter": one.chapter, "summary": one.help, "givens": one.written}
        for name, one in worked_examples().items()
    }
    click.echo(json.dumps(listed))


if __name__ == "__main__":
    sys.exit(main())
