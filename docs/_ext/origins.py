"""Find out where a glued number comes from: the call and the field behind it.

A page glues ``step=linear_step`` in a cell, and a sentence says `step.new_slope`. The
number is that of ``linear_step().new_slope``, and here its cells are read for that,
without being run: a name is what was last assigned to it, item by item where a tuple
was taken apart. A name that a cell changes in place, or binds in a loop, stands for
itself. Debuggers and notebooks know what a name was bound to, and not by which words.
"""

from __future__ import annotations

import ast
import builtins
import copy
import re
from contextlib import suppress
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

GLUE = "glue"
EXAMPLES = ".examples."
LONGEST = 72  # characters of an expression that a reader takes in at once
# Statements that only show, and change none of what they are given.
SHOWING = {GLUE, "display", "print", "table"}
UNORDERED = {"enumerate", "filter", "map", "reversed", "zip"}  # which have no items
BLOCKS = (
    *(ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match),
    *(ast.AsyncFor, ast.AsyncWith),
)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


class Origin(NamedTuple):
    """What a number is, the library's functions in it, and the cell that glued it."""

    text: str
    functions: list[str]
    cell: int


class Glued(NamedTuple):
    """What a cell glues: with all names filled in, only its own, and none."""

    trees: list[ast.expr]
    functions: list[str]
    cell: int


class Origins:
    """Where the numbers of a page come from."""

    def __init__(self, cells: Iterable[str], root: Path) -> None:
        self._root = root
        self._imports: dict[str, str] = {}
        self._values: dict[str, ast.expr] = {}  # with the names in them filled in
        self._written: dict[str, ast.expr] = {}
        self._opaque: dict[str, list[str]] = {}  # and the functions behind them
        self._glued: dict[str, Glued] = {}
        for number, cell in enumerate(cells):
            # IPython has words of its own, such as %time.
            lines = (re.sub(r"^[%!].*", "", line) for line in cell.split("\n"))
            with suppress(SyntaxError):
                for statement in ast.parse("\n".join(lines)).body:
                    self._read(statement, number)

    def of(self, key: str) -> Origin | None:
        """Return the origin of a number by the name that a sentence calls it."""
        name, *path = key.split(".")
        if name not in self._glued:
            return None
        glued = self._glued[name]
        argument = self._argument(glued.trees[0], path)
        if argument:
            return Origin(argument, glued.functions, glued.cell)
        expressions = [_followed(tree, path) for tree in glued.trees]
        functions = list(dict.fromkeys(self._functions(expressions[0])))
        text = _shown(expressions)
        called = _text(_followed(ast.Name(name), path))
        if not functions and text != called:
            text = f"{called} = {text}"
        return Origin(text, functions or glued.functions, glued.cell)

    def _read(self, node: ast.stmt, cell: int) -> None:
        """Take in a statement."""
        changed = set(_changed(node))
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            full = _filled(node.value, self._values)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                self._written |= _bound(target, node.value)
                bound = _bound(target, full)
                self._values |= bound
                for name in bound:
                    self._opaque.pop(name, None)
                    self._imports.pop(name, None)
        if changed:
            functions = list(self._functions(node))
            for name in changed:
                self._written.pop(name, None)
                before = [*self._opaque.get(name, ())]
                if name in self._values:
                    before += self._functions(self._values.pop(name))
                self._opaque[name] = before + functions
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and _called(call) == GLUE:
                self._glue(call, cell)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Take in what a name is of the library, or that it is of another."""
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            for known in (self._values, self._written, self._imports, self._opaque):
                known.pop(name, None)
            if isinstance(node, ast.Import):
                module, whole = alias.name, alias.name if alias.asname else name
            else:
                module, whole = str(node.module), f"{node.module}.{alias.name}"
            if _path(self._root, module).exists():
                self._imports[name] = whole

    def _glue(self, call: ast.Call, cell: int) -> None:
        """Take in what a call glues; MyST-NB's own takes a name and a value."""
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        match call.args:
            case [ast.Constant(str(name)), value, *_]:
                given = {name: value}
        for key, tree in given.items():
            trees = [_filled(tree, self._values), _filled(tree, self._written), tree]
            if self._definition(trees[0]):
                trees = [ast.Call(tree, [], []) for tree in trees]
            functions = list(dict.fromkeys(self._functions(trees[0])))
            self._glued[str(key)] = Glued(trees, functions, cell)

    def _functions(self, node: ast.AST) -> Iterator[str]:
        """Yield what a tree names of the library, in full."""
        name = self._named(node)
        if name:
            yield name
            return
        if isinstance(node, ast.Name):
            yield from self._opaque.get(node.id, ())
        for child in ast.iter_child_nodes(node):
            yield from self._functions(child)

    def _named(self, node: ast.AST) -> str:
        """Return the name of the library that a tree is, if it is one."""
        if isinstance(node, ast.Name):
            return self._imports.get(node.id, "")
        if isinstance(node, ast.Attribute):
            module = self._named(node.value)
            whole = f"{module}.{node.attr}" if module else ""
            if whole and _path(self._root, module).exists():
                return whole
        return ""

    def _definition(self, node: ast.expr) -> ast.FunctionDef | None:
        """Return the function of the library that a tree names."""
        module, _, name = self._named(node).rpartition(".")
        found = _definitions(_path(self._root, module)).get(name) if module else None
        return found if isinstance(found, ast.FunctionDef) else None

    def _argument(self, tree: ast.expr, path: list[str]) -> str:
        """Say which argument's default a number is, where it is one.

        A result takes the place of an argument of the same name.
        """
        if not (isinstance(tree, ast.Call) and path and not tree.args + tree.keywords):
            return ""
        function = self._definition(tree.func)
        if function is None:
            return ""
        module = self._named(tree.func).rpartition(".")[0]
        given = (*function.args.posonlyargs, *function.args.args)
        names = {argument.arg for argument in (*given, *function.args.kwonlyargs)}
        fields = _fields(_definitions(_path(self._root, module)), function.returns)
        if path[0] not in names or path[0] in fields:
            return ""
        argument = _text(_followed(ast.Name(path[0]), path[1:]))
        return f"argument {argument} of {_text(tree)}"


class _Filled(ast.NodeTransformer):
    """Put values in the place of names, but for those that a tree binds itself."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self._values = values

    def visit(self, node: ast.AST) -> Any:
        """Fill in a tree, and take the items that it names."""
        own: set[str] = set()
        if isinstance(node, COMPREHENSIONS):
            own = {name for part in node.generators for name in _names(part.target)}
        elif isinstance(node, ast.Lambda):
            own = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
        if own:
            values = {k: v for k, v in self._values.items() if k not in own}
            return _Filled(values).generic_visit(node)
        if isinstance(node, ast.Name):
            return copy.deepcopy(self._values.get(node.id, node))
        node = super().generic_visit(node)
        if isinstance(node, ast.Subscript):
            return _item(node.value, node.slice)
        if isinstance(node, ast.Attribute):
            return _field(node.value, node.attr)
        return node


def _filled(node: ast.expr, values: dict[str, ast.expr]) -> ast.expr:
    """Return an expression with all names filled in that are known."""
    tree: ast.expr = _Filled(values).visit(copy.deepcopy(node))
    return tree


def _names(target: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _bound(target: ast.expr, value: ast.expr) -> dict[str, ast.expr]:
    """Return the names that an assignment binds, and what they are then."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    found: dict[str, ast.expr] = {}
    if isinstance(target, ast.Tuple | ast.List):
        stars = [isinstance(part, ast.Starred) for part in target.elts]
        before = sum(1 for _ in takewhile(lambda star: not star, stars))
        for index, part in enumerate(target.elts):
            if isinstance(part, ast.Starred):
                end = index + 1 - len(stars)
                limits = [ast.Constant(index), ast.Constant(end) if end else None]
                found |= _bound(part.value, _item(value, ast.Slice(*limits)))
                continue
            place = index if index < before else index - len(stars)
            found |= _bound(part, _item(value, ast.Constant(place)))
    return found


def _changed(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds or changes otherwise than by `=`."""
    block = isinstance(node, BLOCKS)
    if isinstance(node, DEFINITIONS):
        yield node.name
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and block and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.AugAssign):
            yield from _names(part.target)[:1]
        elif isinstance(part, ast.Subscript | ast.Attribute):
            if isinstance(part.ctx, ast.Store | ast.Del):
                yield from _names(part)[:1]
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            call = part.value
            if _called(call) in SHOWING:
                continue
            if isinstance(call.func, ast.Attribute):
                yield from _names(call.func)[:1]
            yield from (arg.id for arg in call.args if isinstance(arg, ast.Name))


def _followed(tree: ast.expr, path: list[str]) -> ast.expr:
    """Return what lies at the end of a path of fields and indices."""
    tree = copy.deepcopy(tree)
    for part in path:
        index = ast.Constant(int(part)) if part.lstrip("-").isdecimal() else None
        tree = _item(tree, index) if index else _field(tree, part)
    return tree


def _field(tree: ast.expr, name: str) -> ast.expr:
    """Return the field of a tree, and not of a copy with other fields replaced."""
    match tree:
        case ast.Call(
            func=ast.Attribute(value=whole, attr="_replace"), args=[], keywords=given
        ):
            replaced = {keyword.arg: keyword.value for keyword in given}
            if None not in replaced:
                return replaced.get(name) or _field(whole, name)
    return ast.Attribute(tree, name, ast.Load())


def _item(tree: ast.expr, index: ast.expr) -> ast.expr:
    """Return the item of a tree, looked up where the tree writes its items out."""
    with suppress(LookupError, TypeError, ValueError):
        return _looked_up(tree, ast.literal_eval(index))
    unordered = isinstance(tree, ast.Call) and _called(tree) in UNORDERED
    if unordered or isinstance(tree, ast.GeneratorExp):
        tree = ast.Call(ast.Name("tuple"), [tree], [])
    return ast.Subscript(tree, index, ast.Load())


def _looked_up(tree: ast.expr, key: Any) -> ast.expr:
    """Return the item of a tree, or raise a LookupError where it is not written out."""
    match tree:
        case ast.Dict():
            keys = [each and ast.literal_eval(each) for each in tree.keys]
            return tree.values[keys.index(key)]
        case ast.Tuple() | ast.List() if not any(
            isinstance(item, ast.Starred) for item in tree.elts
        ):
            item: ast.expr = tree.elts[key]
            return item
        case ast.Call(func=ast.Name("tuple" | "list"), args=[inner], keywords=[]):
            return _looked_up(inner, key)
        case ast.ListComp() | ast.GeneratorExp():
            (loop,) = tree.generators
            if isinstance(loop.target, ast.Name) and not loop.ifs:
                return _filled(tree.elt, {loop.target.id: _looked_up(loop.iter, key)})
    raise LookupError


def _shown(trees: list[ast.expr]) -> str:
    """Write an expression in full if it is short, else with fewer names filled in."""
    *filled, written = trees
    for tree in filled:
        if len(_text(tree)) <= LONGEST:
            return _text(tree)
    # A name alone says nothing; a call says enough without its arguments.
    tree = filled[-1] if isinstance(_root(written), ast.Name) else written
    root = _root(tree)
    if isinstance(root, ast.Call) and not hasattr(builtins, _called(root)):
        root.args, root.keywords = [ast.Constant(...)], []
    return _shortened(_text(tree).replace("(...)", "(…)"))


def _root(tree: ast.expr) -> ast.expr:
    """Return what a path of fields and indices begins with."""
    while isinstance(tree, ast.Attribute | ast.Subscript):
        tree = tree.value
    return tree


def _text(tree: ast.expr) -> str:
    """Write an expression as the book writes Python."""
    return re.sub(r"'([^'\"\\]*)'", r'"\1"', ast.unparse(tree))


def _shortened(text: str) -> str:
    """Leave out the middle of what is long, between names."""
    if len(text) <= LONGEST:
        return text
    half, whole = (LONGEST - 3) // 2, r"(?!(?<=\w)\w)"
    ends = rf"(.{{,{half}}})(?<! ){whole}.*?{whole}(?! )(.{{,{half}}})"
    return re.sub(rf"^{ends}$", r"\1 … \2", text)


def _path(root: Path, module: str) -> Path:
    package = root.joinpath(*module.split("."), "__init__.py")
    return package if package.exists() else root / f"{module.replace('.', '/')}.py"


def _definitions(path: Path) -> dict[str, ast.stmt]:
    """Return the functions and classes of a module by their names."""
    return _parsed(path.read_text(encoding="utf-8") if path.exists() else "")


@cache
def _parsed(text: str) -> dict[str, ast.stmt]:
    body = ast.parse(text).body
    return {node.name: node for node in body if isinstance(node, DEFINITIONS)}


def _fields(there: dict[str, ast.stmt], returns: ast.expr | None) -> set[str]:
    """Return the fields of the trace that a function returns."""
    trace = there.get(returns.id) if isinstance(returns, ast.Name) else None
    return {
        part.target.id
        for part in (trace.body if isinstance(trace, ast.ClassDef) else ())
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
