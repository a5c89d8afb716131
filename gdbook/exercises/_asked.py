"""What is asked of a reader: its name, and the words of what it is made of."""

from collections.abc import Callable
from typing import Any


class Asked:
    """An exercise or a question, made of a function in a chapter's module."""

    def __init__(self, made_of: Callable[..., Any]) -> None:
        self.__name__ = made_of.__name__
        chapter = made_of.__module__.rpartition(".")[2]
        self.name = f"{chapter}.{self.__name__}"
        self.words = " ".join((made_of.__doc__ or "").split())
