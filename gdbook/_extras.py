"""What is not installed with the library itself, and how to get it."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Import what an extra of `gdbook` brings, or say which extra that is."""
    try:
        yield
    except ModuleNotFoundError as error:
        msg = f"{error}; the extra `{name}` brings it: pip install 'gdbook[{name}]'"
        raise ModuleNotFoundError(msg, name=error.name) from error
