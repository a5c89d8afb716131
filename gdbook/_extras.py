"""What is not installed with the library itself, and how to get it."""

from importlib.util import find_spec

__all__ = ["need"]


def need(module: str, extra: str) -> None:
    """Say which extra of `gdbook` brings a module, where it is not installed."""
    if find_spec(module) is None:
        msg = (
            f"No module named {module!r}, which the extra `{extra}` brings: "
            f'pip install "gdbook[{extra}]"'
        )
        raise ModuleNotFoundError(msg, name=module)
