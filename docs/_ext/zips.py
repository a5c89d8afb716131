"""Pack files so that the same content gives the same bytes, on any day and machine."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import BinaryIO

MIMETYPE = "mimetype"  # what an ePub begins with, to be read without unpacking


def pack(to: Path | BinaryIO, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files under their names, in their order and without dates."""
    with ZipFile(to, "w", compresslevel=9) as archive:
        for name, content in files:
            about = ZipInfo(name)
            about.external_attr = 0o644 << 16
            how = ZIP_STORED if name == MIMETYPE else ZIP_DEFLATED
            archive.writestr(about, content, how)
