"""The worked examples, one module per chapter, under the chapter's name.

Each is a function whose defaults are the book's numbers. It returns a trace: a
`NamedTuple` of Python's own numbers and texts, which prints its numbers as they are
meant.

Behind each argument stands what it may be; a number is an `int`, a `float` or a
`fractions.Fraction`, and finite. Anything else raises `TypeError` where its type is
wrong and `ValueError` where its value is, before anything is computed; the message
names the argument, shows what came, and says what was expected. A descent that leaves
the finite numbers raises `gdbook.descent.DivergenceError`. Where any other number
becomes too large or too small for a float, a `ValueError` names the argument that is
farthest from 1; no trace holds infinity or NaN. What a function refuses besides, such
as arrays that do not fit each other, its own entry says.
"""

from typing import Any

from gdbook import _chapters

__all__ = list(_chapters.stems(__path__))


def __getattr__(name: str) -> Any:
    """Import a chapter's examples when they are first used."""
    return _chapters.load(__name__, name, __all__)
