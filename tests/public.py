"""What a module offers."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import gdbook


def public(module: ModuleType) -> dict[str, Any]:
    """Return what a module lists, or all that a chapter's module defines."""
    members = vars(module)
    defined = [
        name
        for name, member in members.items()
        if inspect.isfunction(member) or inspect.isclass(member)
        if member.__module__ == module.__name__ and not name.startswith("_")
    ]
    return {name: members[name] for name in members.get("__all__", defined)}


def modules() -> Iterator[ModuleType]:
    """Give every module of the library that offers something."""
    for module in pkgutil.walk_packages(gdbook.__path__, "gdbook."):
        if "._" not in module.name and not module.ispkg:
            yield importlib.import_module(module.name)


def methods(cls: type) -> dict[str, Any]:
    """Return the public methods and properties that a class of the library offers."""
    own = [base for base in cls.__mro__ if base.__module__.startswith("gdbook.")]
    return {
        name: member
        for base in reversed(own)
        for name, member in vars(base).items()
        if not name.startswith("_")
        if inspect.isfunction(member) or isinstance(member, property)
    }
