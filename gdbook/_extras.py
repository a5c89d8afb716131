"""What is not installed with the library itself, and how to get it."""

from importlib.util import find_spec

__all__ = ["need", "need_cluster"]


def need(module: str, extra: str) -> None:
    """Say which extra of `gdbook` brings a module, where it is not installed."""
    _look(module, f"which the extra `{extra}` brings", f"gdbook[{extra}]")


def need_cluster(module: str) -> None:
    """Say what brings Dask, which is no extra, where it is not installed."""
    _look(module, "which sums on many machines", "dask[array,distributed]")


def _look(module: str, which: str, package: str) -> None:
    if find_spec(module) is None:
        msg = f'No module named {module!r}, {which}: pip install "{package}"'
        raise ModuleNotFoundError(msg, name=module)
