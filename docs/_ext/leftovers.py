"""Leave nothing in the built site that no page of this book uses.

Sphinx writes over what it wrote before and removes nothing: a deleted page stays, and
so do its pictures. The theme brings 1.5 MB of scripts, templates and translations that
no page of this book loads, and a build leaves notes for the next one.

A file is used when its name stands in a page, or in a used style sheet or script. Only
what a build of this book wrote is removed: pages that carry its style sheet, and what
lies in the folders that are Sphinx's own. Notes are kept beside the doctrees, and
Sphinx's own, which a killed build can cut, is not needed there.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from builders import THEMED
from code_pages import code_pages
from notes import Found
from publishing import NOT_FOUND

if TYPE_CHECKING:
    from sphinx.application import Sphinx

OWN = ("_downloads", "_images", "_sources", "_static")
LOOKED_INTO = {".css", ".html", ".js", ".svg", ".xhtml"}
NOTES = (".buildinfo", ".buildinfo.bak")
# From its beginning: in a word of a million letters, each would be tried as one.
NAME = re.compile(r"(?<![\w.%+-])[\w.%+-]+\.\w+")
# What other sites, search machines and the search ask for by name.
ASKED_FOR = {"objects.inv", "searchindex.js"}


class Pages:
    """The pages that a build writes from no source, such as that of the search."""

    def __init__(self) -> None:
        self.others = set[str]()

    def note(self, _app: Sphinx, page: str, *event: Any) -> None:
        """Take the name of a page without a source."""
        *_, doctree = event
        if doctree is None:
            self.others.add(page)

    def tidy(self, app: Sphinx, error: Exception | None) -> None:
        """Remove what is left over."""
        builder: Any = app.builder
        if error or builder.name not in THEMED:
            return
        out = Path(app.outdir)
        names = app.env.found_docs | self.others
        pages = {Path(builder.get_output_path(name)) for name in names}
        pages.add(out / f"{NOT_FOUND}.html")
        # These name no file of the site but as a part of some code.
        code = {Path(builder.get_output_path(name)) for name in code_pages(app)}
        for path in {*out.rglob("*.html")} - pages - code:
            if "_static/site.css" in path.read_text("utf-8"):
                path.unlink()
        found = Found(app, __file__)
        remove_unused(out, pages, found)
        found.keep()
        remove_notes(app)


def remove_notes(app: Sphinx) -> None:
    """Remove what Sphinx notes of a build: `rebuilds` knows more."""
    for name in NOTES:
        (Path(app.outdir) / name).unlink(missing_ok=True)


def remove_unused(out: Path, pages: set[Path], names: Found) -> None:
    """Remove the files in Sphinx's own folders that nothing names."""
    left = {path for name in OWN for path in (out / name).rglob("*") if path.is_file()}
    named, found = ASKED_FOR.copy(), pages
    while found:
        for path in filter(Path.is_file, found):
            if path.suffix in LOOKED_INTO:
                named.update(names.of(path, _names))
        found = {path for path in left if {path.name, quote(path.name)} & named}
        left -= found
    for path in left:
        path.unlink()
    for name in OWN:
        for folder, *_ in os.walk(out / name, topdown=False):
            with suppress(OSError):  # it holds something
                Path(folder).rmdir()


def _names(text: str) -> list[str]:
    """Return the names of files that a text may say."""
    return sorted(set(NAME.findall(text)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    pages = Pages()
    app.connect("builder-inited", remove_notes)
    app.connect("html-page-context", pages.note)
    app.connect("build-finished", pages.tidy, priority=940)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
