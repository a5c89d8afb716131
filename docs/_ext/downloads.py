"""Pack the book to be taken along, and name on its cover what can be taken.

``{downloads}`` leaves a place on the cover. `nox -s release`, which builds all forms of
the book, comes here when they are built: it packs the site and the notebooks, puts each
form that is there into `downloads` of the site, and its size on the cover. Sphinx knows
one builder at a time, and a list that is made by it could not name a file that holds
the page that the list is on; the packed cover has none.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import zips
from predictions import Page
from publishing import NOT_FOUND
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docutils import nodes
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
FOLDER = "downloads"
TOP = "gdbook"  # what a pack unpacks to
EMPTY = f'<div class="{FOLDER}"></div>'
FILLED = re.compile(rf'<div class="{FOLDER}">.*?</div>', re.DOTALL)
# What the cover calls each file, by its name behind that of the book.
WORDS = {
    ".pdf": "a PDF",
    ".epub": "an ePub",
    "-site.zip": "pages that open from the disk",
    "-cells.zip": "what their cells run on, to be unpacked beside them",
    "-notebooks.zip": "notebooks with the library",
}
# Where a page or a style sheet names another file.
NAMED = re.compile(
    r"""\s(?:href|src|action|data-(?:font|texts))="([^"]+)"|url\(["']?([^"')]+)"""
)


class Downloads(SphinxDirective):
    """Leave the place for what can be taken along."""

    def run(self) -> list[nodes.Node]:
        """Return the place."""
        return [Page(html=EMPTY)]


def named(site: Path) -> set[str]:
    """Return the pages of a site, and all files that these use."""
    pages = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    found, todo = set[str](), [name for name in pages if name != f"{NOT_FOUND}.html"]
    while todo:
        name = todo.pop()
        path = site / name
        if name in found or name.startswith(f"{FOLDER}/") or not path.is_file():
            continue
        found.add(name)
        if path.suffix in {".html", ".css"}:
            for address in NAMED.findall(path.read_text(encoding="utf-8")):
                whole = urljoin(f"/{name}", "".join(address))
                todo.append(unquote(urlsplit(whole).path)[1:])
    return found


def pack(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip that unpacks to a folder of its own."""
    zips.pack(path, ((f"{TOP}/{name}", files[name]) for name in sorted(files)))


def pack_site(site: Path, path: Path) -> None:
    """Pack the pages, and nothing that none of them uses."""
    files = {name: (site / name).read_bytes() for name in named(site)}
    cover = files["index.html"].decode()
    files["index.html"] = FILLED.sub(EMPTY, cover).encode()
    pack(path, files)


def pack_folder(folder: Path, path: Path, within: str = "") -> None:
    """Pack the files of a folder, if it is there."""
    files = {
        f"{within}{each.relative_to(folder).as_posix()}": each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }
    if files:
        pack(path, files)


def size(path: Path) -> str:
    """Say how large a file is, in two digits at least."""
    megabytes = path.stat().st_size / 1e6
    return f"{megabytes:.0f} MB" if megabytes >= 9.95 else f"{megabytes:.1f} MB"


def fill(site: Path) -> None:
    """Name on the cover what is in the folder, or nothing where it is empty."""
    offered = [
        f'<a href="{FOLDER}/{escape(path.name)}" download>{words}</a> ({size(path)})'
        for end, words in WORDS.items()
        if (path := site / FOLDER / f"{TOP}{end}").is_file()
    ]
    *most, last = offered or [""]
    listed = f"{', '.join(most)} or {last}" if most else last
    text = f"<p><strong>Take it along</strong> as {listed}.</p>" if offered else ""
    cover = site / "index.html"
    html = cover.read_text(encoding="utf-8")
    filled = FILLED.sub(f'<div class="{FOLDER}">{text}</div>', html)
    cover.write_text(filled, encoding="utf-8")


def offer(build: Path) -> Path:
    """Put all forms of the book that a folder of builds has into its site."""
    site = build / "html"
    folder = site / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    pack_site(site, folder / f"{TOP}-site.zip")
    pack_folder(site / "live", folder / f"{TOP}-cells.zip", "live/")
    pack_folder(build / "notebooks", folder / f"{TOP}-notebooks.zip")
    for kind in ("pdf", "epub"):
        made = build / kind / f"{TOP}.{kind}"
        if made.is_file():
            shutil.copy(made, folder)
    fill(site)
    return folder


def notes(changelog: str) -> tuple[str, str]:
    """Return the newest version of a changelog, and what is new in it."""
    version, _, news = changelog.split("\n## ", 2)[1].partition("\n")
    news = re.sub(r"\]\((?!https?:)[^)]*\)", "]", news)  # links within the book
    return version.strip(), re.sub(r"\[([^\]]+)\]", r"\1", news).strip() + "\n"


def gather(build: Path) -> None:
    """Lay out what a release has: its notes, and the files that are attached."""
    changelog = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    version, news = notes(changelog)
    check(os.environ.get("BOOK_TAG", ""), version)
    release = build / "release"
    shutil.rmtree(release, ignore_errors=True)
    shutil.copytree(offer(build), release / "files")
    for wheel in (build / "notebooks").glob("*.whl"):
        shutil.copy(wheel, release / "files")
    (release / "notes.md").write_text(news, encoding="utf-8")
    for path in sorted((release / "files").iterdir()):
        sys.stdout.write(f"{path.name}: {size(path)}\n")


def check(tag: str, version: str) -> None:
    """Refuse a tag that is not the newest version of the changelog."""
    if tag not in {"", f"v{version}"}:
        msg = (
            f"BOOK_TAG is {tag!r} but must be 'v{version}', the newest in changelog.md"
        )
        raise SystemExit(msg)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("downloads", Downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    gather(ROOT / "docs" / "_build")
