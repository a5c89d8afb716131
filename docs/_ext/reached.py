"""Find the modules of the library that code can reach, by its imports.

A module counts with all that it imports, wherever it does. A package only hands on:
what it calls by a name counts when code uses the name, else an edit of any module would
concern every page. Code that is no plain Python, or that can reach a module by other
means than an import, counts as reaching all of them.

Tools that draw graphs of imports know modules but no names, and take a package for all
that it imports.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What can run or import code that cannot be seen here.
UNSEEN = {
    *("__import__", "eval", "exec", "get_ipython", "import_module", "popen", "reload"),
    *("run_module", "run_path", "subprocess", "system"),
}

UNSEEN_WORD = re.compile(rf"\b(?:{'|'.join(UNSEEN)})\b")


class UnseenError(Exception):
    """Code may reach any module."""


class Library:
    """The modules of a package, and the names by which they reach each other.

    ``a.b`` stands for a module or, of a package, for nothing but that it opens;
    ``a.b.__init__`` for all that a package holds itself.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: dict[str, Path] = {}
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            self.paths[".".join(parts)] = path
            if parts[-1] == "__init__":
                self.paths[".".join(parts[:-1])] = path
        self._needs: dict[str, set[str]] = {}
        self._given: dict[str, dict[str, tuple[str, str]]] = {}

    def reached(self, code: str) -> set[str]:
        """Return the modules that code reaches, and the packages on the way."""
        try:
            seen, todo = set[str](), _Needs(self, code).needs
            while todo:
                seen |= todo
                todo = {need for name in todo for need in self.needs(name)} - seen
        except (SyntaxError, UnseenError):
            return set(self.paths)
        return seen

    @property
    def modules(self) -> set[str]:
        """The names of all modules and packages, as they are imported."""
        return {name for name in self.paths if not name.endswith(".__init__")}

    def needs(self, name: str) -> set[str]:
        """Return what a module imports."""
        if name not in self._needs:
            code = "" if self.opens(name) else self.paths[name].read_text("utf-8")
            self._needs[name] = _Needs(self, code).needs
        return self._needs[name]

    def opens(self, name: str) -> bool:
        """Say whether a name is that of a package."""
        return f"{name}.__init__" in self.paths

    def resolve(self, package: str, name: str) -> str:
        """Return what a package calls by a name, or what holds it."""
        inner = f"{package}.{name}"
        if inner in self.paths or not self.opens(package):
            return inner if inner in self.paths else package
        if package not in self._given:
            tree = ast.parse(self.paths[package].read_text("utf-8"))
            self._given[package] = {
                bound: (source, original)
                for statement in tree.body
                for bound, source, original in _from_imports(statement)
                if source in self.paths
            }
        if name in self._given[package]:
            return self.resolve(*self._given[package][name])
        return f"{package}.__init__"


class _Needs(ast.NodeVisitor):
    """What a piece of code imports from a library."""

    def __init__(self, library: Library, code: str) -> None:
        self._library = library
        self._packages: dict[str, str] = {}  # by the names that the code gives them
        self.needs = set[str]()
        tree = ast.parse(code)
        for statement in _statements(tree):
            self._look(statement)
        # Most modules need no look at every name in them, which takes far longer.
        if self._packages or UNSEEN_WORD.search(code):
            self.visit(tree)

    def _look(self, node: ast.AST) -> None:
        """Note what a statement imports."""
        if isinstance(node, ast.ImportFrom) and node.level:
            raise UnseenError
        for bound, source, name in _from_imports(node):
            if source in self._library.paths:
                if name == "*":
                    raise UnseenError
                self._bind(bound, self._library.resolve(source, name))
        for alias in node.names if isinstance(node, ast.Import) else ():
            if alias.name in self._library.paths:
                top = alias.name.partition(".")[0]
                self._bind(alias.asname or top, alias.name if alias.asname else top)
                self._need(alias.name)

    def _bind(self, bound: str, name: str) -> None:
        self._need(name)
        if self._library.opens(name):
            self._packages[bound] = name

    def _need(self, name: str) -> None:
        parts = name.split(".")
        ways = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        self.needs.update(way for way in ways if way in self._library.paths)

    def _package(self, node: ast.expr) -> str | None:
        """Return the package that an expression stands for, and need it."""
        if isinstance(node, ast.Name):
            return self._packages.get(node.id)
        if isinstance(node, ast.Attribute) and (package := self._package(node.value)):
            name = self._library.resolve(package, node.attr)
            self._need(name)
            return name if self._library.opens(name) else ""
        return None

    def visit_Call(self, node: ast.Call) -> None:
        """Let be what imports something else than the library by a fixed name."""
        match node:
            case ast.Call(
                func=ast.Name("__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(str(name))],
            ) if name.split(".")[0] not in {"", self._library.folder.name}:
                return
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Give up on a package that is handed on: it can be asked for anything.

        What only takes a name that such code has, as a field does, runs none of it.
        """
        unseen = node.id in UNSEEN and isinstance(node.ctx, ast.Load)
        if unseen or node.id in self._packages:
            raise UnseenError

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Take the name of a package for an import of it."""
        package = self._package(node)
        if package or node.attr in UNSEEN:
            raise UnseenError
        if package is None:
            self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> None:
        """Give up on what runs code unseen, also under another name."""
        if UNSEEN.intersection(node.name.split(".")):
            raise UnseenError


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a block's statements, and those of the blocks in it."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, block, ()):
            yield inner
            yield from _statements(inner)


def _from_imports(node: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Yield the names that a statement binds, where from, and what they are there."""
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            yield alias.asname or alias.name, node.module, alias.name
