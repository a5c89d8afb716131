"""Let a reader report a mistake in a number, where there is a place for reports.

Numbers lead to the worked example that they come from, and there, as at the end of each
chapter, a link opens the form of a new issue, filled in with the page, the example and
the commit. Nothing is asked of that host before. The environment variable
BOOK_REPOSITORY names the repository, and a book without it has no such links. Themes
have a button for a page as a whole, and widgets for comments fetch a script.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from builders import SITES
from docutils import nodes
from origins import EXAMPLES
from publishing import checked
from sphinx import addnodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ROOT = Path(__file__).parents[2]
NAME = "BOOK_REPOSITORY"
WORDS = "Report a mistake in a number"


def look_at_repository(_app: Sphinx, config: Config) -> None:
    """Check the address, and find out which commit is built."""
    what = "the repository, as https://example.org/owner/gdbook/"
    try:
        config.book_repository = checked(config.book_repository, NAME, what)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    git = shutil.which("git")
    if config.book_repository and git:
        asked = [git, "-C", str(ROOT), "rev-parse", "HEAD"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
        config.book_commit = said.stdout.strip()


def link(app: Sphinx, page: str, example: str = "") -> nodes.reference:
    """Return the link to a form that is filled in."""
    about = {
        "Page": app.builder.get_target_uri(page),
        "Example": example,
        "Commit": app.config.book_commit or f"that of version {app.config.release}",
    }
    lines = [f"{name}: {value}" for name, value in about.items() if value]
    form = {
        "title": f"A mistake in a number of {example or page}",
        "body": "\n".join(
            [*lines, "", "Which number is wrong, and how do you know?", ""]
        ),
    }
    address = f"{app.config.book_repository}issues/new?{urlencode(form)}"
    return nodes.reference("", WORDS, refuri=address, internal=False)


def add_links(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the links behind what the reference says of examples, and behind chapters."""
    if not app.config.book_repository or app.builder.name not in SITES:
        return
    for entry in doctree.findall(addnodes.desc_signature):
        ids: list[str] = entry["ids"]
        name = ids[0] if ids else ""
        about = [*entry.parent.findall(_is_quiet)]
        if EXAMPLES in name and entry.parent["objtype"] == "function" and about:
            about[-1] += [nodes.Text(" "), link(app, page, name), nodes.Text(".")]
    if page.startswith("chapters/"):
        *_, last = doctree.findall(nodes.section)
        last += nodes.paragraph("", "", link(app, page), nodes.Text("."), classes=QUIET)


QUIET = ["no-search"]  # the search would find it on every page


def _is_quiet(node: nodes.Node) -> bool:
    return isinstance(node, nodes.paragraph) and node["classes"] == QUIET


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_config_value("book_repository", "", "html", str)
    app.add_config_value("book_commit", "", "html", str)
    app.connect("config-inited", look_at_repository)
    app.connect("doctree-resolved", add_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
