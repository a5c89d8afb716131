"""Keep notes between builds: what a file is like, and what was found in it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sphinx.application import Sphinx


def digest(parts: Iterable[object]) -> str:
    """Hash things by what Python writes for them."""
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()


def state(path: Path) -> tuple[int, int]:
    """Return what changes with a file, without a look into it."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def put_away(app: Sphinx, name: str) -> Path:
    """Return where a note on a folder lies between the builds that write it."""
    folder = hashlib.sha256(str(app.outdir).encode()).hexdigest()[:16]
    return Path(app.doctreedir) / f"{name}-{folder}"


class Found:
    """What an extension has found in the files of a folder, until they change.

    To look through all pages takes as long as to write some of them.
    """

    def __init__(self, app: Sphinx, by: str) -> None:
        code = hashlib.sha256(Path(by).read_bytes()).hexdigest()[:16]
        self.place = put_away(app, f"{Path(by).stem}-{code}")
        try:
            self.before = dict(json.loads(self.place.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            self.before = {}
        self.now: dict[str, list[Any]] = {}

    def of(self, path: Path, look: Callable[[str], Any]) -> Any:
        """Return what is found in a file; it must be such as JSON can say."""
        now = list(state(path))
        known = self.before.get(str(path))
        if not isinstance(known, list) or known[0] != now:
            known = [now, look(path.read_text("utf-8", "replace"))]
        self.now[str(path)] = known
        return known[1]

    def keep(self) -> None:
        """Keep what was found in the files that are still there."""
        if self.now != self.before:
            self.place.write_text(json.dumps(self.now), encoding="utf-8")
