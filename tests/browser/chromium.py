"""Find a Chromium: the system's where there is one, Playwright's own otherwise."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

# The same Chromium without a window to draw; reading with it takes a fifth less time.
SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = {
    "darwin": ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",),
    "win32": tuple(
        rf"{os.environ.get(folder, '')}\Google\Chrome\Application\chrome.exe"
        for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
    ),
}
NONE_FOUND = """\
The browser tests need Chromium or Google Chrome, and there is none.
Install one of them where your system keeps its programs (on Debian and Ubuntu:
apt-get install chromium), or let Playwright fetch its own, in the session's
environment: .nox/browser/bin/python -m playwright install chromium"""


class NoBrowserError(Exception):
    """There is no Chromium on this machine."""


class Chromium(NamedTuple):
    """A browser to start, and how."""

    path: str
    arguments: tuple[str, ...]
    shell: str


def find(playwright: Playwright) -> Chromium:
    """Return the browser of this machine, or say what to do."""
    found = [shutil.which(name) for name in NAMES]
    own = playwright.chromium.executable_path
    paths = [*filter(None, found), *PLACES.get(sys.platform, ()), own]
    path = next((path for path in paths if Path(path).is_file()), None)
    if path is None:
        raise NoBrowserError(NONE_FOUND)
    return Chromium(path, options(), shutil.which(SHELL) or path)


def options() -> tuple[str, ...]:
    """Return what it is told when it starts."""
    # No name but the server's resolves, whatever a page or the browser itself asks for.
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    # Where there is no GPU, its imitation would take a fifth of the time.
    arguments.append("--disable-gpu")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses root with one
    return tuple(arguments)


def launch(playwright: Playwright, chromium: Chromium) -> Browser:
    """Start the browser without a window."""
    return playwright.chromium.launch(
        executable_path=chromium.shell,
        args=list(chromium.arguments),
        chromium_sandbox="--no-sandbox" not in chromium.arguments,
    )
