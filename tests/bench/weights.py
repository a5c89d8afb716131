"""The bytes that travelled for a chapter, when Lighthouse looked at it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.record import Case
from bench.scores import REPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT = "bytes"


def cases() -> Iterator[Case]:
    """Give what the scores have left."""
    yield Case("a chapter", {}, json.loads(REPORTS.read_text(encoding="utf-8")))
