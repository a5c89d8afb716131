"""Give the tests the built book, a browser, and a place for what they measure.

`nox -s browser` builds the book, fetches the tools and comes here. The default run of
the tests leaves this folder out (see ../conftest.py), because it needs a browser.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright
from xdist.scheduler import LoadScopeScheduling

from browser import chromium, table
from browser.pages import Reader, is_written_alike, pages_of
from browser.server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
MEASURED = pytest.StashKey[table.Measured]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the book and the tools are, and which pages Lighthouse visits."""
    group = parser.getgroup("the book in a browser")
    built = ROOT / "docs" / "_build" / "html"
    group.addoption("--site", type=Path, default=built, help="the built book")
    group.addoption("--npm", type=Path, help="the folder that npm installed into")
    group.addoption("--all", action="store_true", help="run Lighthouse on every page")
    group.addoption("--measured", type=Path, help="the file that carries the table on")


def pytest_configure(config: pytest.Config) -> None:
    """Stop at once where a test could only fail for want of a tool."""
    site, npm = config.getoption("--site"), config.getoption("--npm")
    if not (site / "index.html").is_file():
        pytest.exit(f"There is no built book in {site}: use nox -s browser.", 4)
    if npm is None or not (npm / "node_modules" / "axe-core").is_dir():
        pytest.exit("axe-core and Lighthouse are not installed: use nox -s browser.", 4)
    carried: Path | None = config.getoption("--measured")
    known = carried is not None and carried.is_file()
    config.stash[MEASURED] = table.read(carried) if carried and known else {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a page on every page, or on each that Tab walks."""
    pages = pages_of(metafunc.config.getoption("--site"))
    walked = [name for name in pages if not is_written_alike(name)]
    for asked, names in {"page_name": pages, "walked": walked}.items():
        if asked in metafunc.fixturenames:
            metafunc.parametrize(asked, names)


class PageScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Give all tests of a page to one process, which reads the page once.

    The `--dist loadgroup` of pytest-xdist 3.8 would do, but pytest 9.2 hides the
    groups from it.
    """

    def _split_scope(self, nodeid: str) -> str:
        named = re.search(r"\[(.*)\]$", nodeid)
        pages = set(pages_of(self.config.getoption("--site")))
        given = pages.intersection(named[1].split("-")) if named else ()
        return next(iter(given), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> PageScheduling:
    """Share the tests out by page."""
    return PageScheduling(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand on what this process measured: to the one that prints, or to a file."""
    measured = session.config.stash[MEASURED]
    carried: Path | None = session.config.getoption("--measured")
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = measured
    elif carried is not None:
        table.write(measured, carried)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Gather what another process measured."""
    measured = node.config.stash[MEASURED]
    for page, row in getattr(node, "workeroutput", {}).get("measured", {}).items():
        measured.setdefault(page, {}).update(row)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was measured, also when a test failed."""
    terminalreporter.section("the book in a browser")
    for line in table.lines(config.stash[MEASURED]):
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def site(pytestconfig: pytest.Config) -> Path:
    """Return the folder of the built book."""
    folder: Path = pytestconfig.getoption("--site")
    return folder


@pytest.fixture(scope="session")
def npm(pytestconfig: pytest.Config) -> Path:
    """Return the folder with the tools that npm installed."""
    folder: Path = pytestconfig.getoption("--npm") / "node_modules"
    return folder


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> table.Measured:
    """Return the rows of the table, to be filled in."""
    return pytestconfig.stash[MEASURED]


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Serve the book, and return its address."""
    with serve(site) as served:
        yield served


@pytest.fixture(scope="session")
def machine() -> chromium.Chromium:
    """Find the browser."""
    with sync_playwright() as playwright:
        try:
            return chromium.find(playwright)
        except chromium.NoBrowserError as error:
            pytest.exit(str(error), 4)


@pytest.fixture(scope="session")
def browser(machine: chromium.Chromium) -> Iterator[Browser]:
    """Start a browser."""
    with sync_playwright() as playwright:
        started = chromium.launch(playwright, machine)
        yield started
        started.close()


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Reader]:
    """Return what opens pages, and closes them after the test."""
    reads = Reader(browser, address)
    yield reads
    reads.close()
