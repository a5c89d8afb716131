"""Builds of this book: from nothing, after an edit of prose, and after none."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from book import add_sentence

from bench.builders import BUILDERS
from bench.record import Case
from bench.timer import paired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.builders import Builder

UNIT = "seconds"


def edited(builder: Builder) -> None:
    """Add a sentence to a chapter."""
    add_sentence(builder.book / "docs" / "chapters" / "weight_update.md")


def seconds(builder: Builder, change: Callable[[Builder], None]) -> float:
    """Change the book, and say how long a build takes then."""
    change(builder)
    started = time.perf_counter()
    builder.build()
    return time.perf_counter() - started


def cases(builders: Sequence[Builder] = BUILDERS, repeats: int = 3) -> Iterator[Case]:
    """Build with each in turn; what the first builds left is what the others find."""
    changes: dict[str, Callable[[Builder], None]] = {
        "cold": lambda builder: builder.copy(),
        "prose edited": edited,
        "nothing edited": lambda _: None,
    }
    for name, change in changes.items():
        racers = {one.name: partial(seconds, one, change) for one in builders}
        yield Case(name, {}, paired(racers, repeats, warm=False))
