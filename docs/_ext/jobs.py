"""Let ``-j`` write pages side by side, and have them read in turn.

sphinx-multitoc-numbering numbers chapters in the order in which pages were read, and
says of itself neither that this is safe side by side nor that it is not. Sphinx then
reads in turn and warns, which would fail a strict build. Cells, which take longest, run
side by side in any case.

Of the processes that are asked for, Sphinx takes one for itself, which soon has nothing
to do but wait for the others; so it is told one more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Jobs:
    """How many pages are to be built at once."""

    def __init__(self, asked: int) -> None:
        self.asked = asked

    def read_in_turn(self, app: Sphinx, *_: Any) -> None:
        """Read one page after the other."""
        app.parallel = 1

    def write_as_asked(self, app: Sphinx, *_: Any) -> None:
        """Write as many pages at once as were asked for."""
        app.parallel = self.asked + (self.asked > 1)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    jobs = Jobs(app.parallel)
    app.connect("env-before-read-docs", jobs.read_in_turn)
    app.connect("env-updated", jobs.write_as_asked)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
