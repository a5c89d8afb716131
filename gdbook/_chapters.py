"""A package with one module for each chapter: none is listed, none imported unasked."""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any


def stems(path: Iterable[str]) -> list[str]:
    """Return the names of the public modules in a package's folder."""
    found = (module.name for module in pkgutil.iter_modules(path))
    return sorted(name for name in found if not name.startswith("_"))


def load(package: str, name: str, known: Iterable[str]) -> Any:
    """Import a chapter's module when its name is first used."""
    if name not in known:
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return importlib.import_module(f"{package}.{name}")
