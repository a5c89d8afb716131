"""What a module offers."""

import inspect
from types import ModuleType
from typing import Any


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
