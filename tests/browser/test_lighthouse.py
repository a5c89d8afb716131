"""Lighthouse's scores. Run alone: its times need a machine that is not too busy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from browser import limits
from browser.node import ask
from browser.pages import NOT_FOUND, pages_of

if TYPE_CHECKING:
    from pathlib import Path

    from browser.chromium import Chromium
    from browser.table import Measured

EXPLORABLE = "chapters/linear_regression"
CATEGORIES = tuple(limits.SCORES["mobile"])


def densest(site: Path, pages: list[str]) -> str:
    """Return the page with the most elements."""

    def tags(name: str) -> int:
        return (site / f"{name}.html").read_text(encoding="utf-8").count("<")

    return max(pages, key=tags)


def visited(config: pytest.Config) -> list[str]:
    """Return the cover, the densest page and the explorable's, or every page."""
    site = config.getoption("--site")
    pages = [name for name in pages_of(site) if name != NOT_FOUND]
    if config.getoption("--all"):
        return pages
    return list(dict.fromkeys(["index", densest(site, pages), EXPLORABLE]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on the pages that the session asks for."""
    metafunc.parametrize("name", visited(metafunc.config))


class Tools(NamedTuple):
    """What a run needs."""

    npm: Path
    chromium: Chromium
    address: str


def run(tools: Tools, name: str, device: str, categories: tuple[str, ...]) -> Any:
    """Run Lighthouse once, in a new browser, and return its report."""
    return ask(
        "lighthouse.mjs",
        tools.npm,
        chrome=tools.chromium.path,
        flags=["--headless=new", *tools.chromium.arguments],
        url=f"{tools.address}{name}.html",
        device=device,
        categories=categories,
    )


def score(report: Any, category: str) -> int:
    """Return a score of a report, of 100."""
    part: float = report["categories"][category]["score"]
    return round(part * 100)


def lost(report: Any) -> list[str]:
    """Say which audits cost a report its points."""
    audits = report["audits"]
    return [
        f"{category['id']}: {ref['id']} {audits[ref['id']].get('displayValue', '')}"
        for category in report["categories"].values()
        for ref in category["auditRefs"]
        if ref["weight"] and (audits[ref["id"]]["score"] or 0) < 1
        if audits[ref["id"]]["scoreDisplayMode"] not in {"notApplicable", "manual"}
    ]


class TestLighthouse:
    """Lighthouse has nothing to add."""

    @pytest.fixture
    def tools(self, npm: Path, machine: Chromium, address: str) -> Tools:
        """Bring together what a run needs."""
        return Tools(npm, machine, address)

    @pytest.mark.parametrize("device", limits.SCORES)
    def test_scores(
        self, tools: Tools, site: Path, name: str, device: str, measured: Measured
    ) -> None:
        """A page keeps its scores, performance as the best of a few runs.

        Other work on the machine only takes points away.
        """
        first = run(tools, name, device, CATEGORIES)
        scores = {category: score(first, category) for category in CATEGORIES}
        wanted = limits.SCORES[device]
        if name == densest(site, pages_of(site)):
            wanted = wanted | limits.DENSEST[device]
        speeds = [scores["performance"]]
        while max(speeds) < wanted["performance"] and len(speeds) < limits.RUNS:
            again = run(tools, name, device, ("performance",))
            speeds.append(score(again, "performance"))
        scores["performance"] = max(speeds)
        row = measured.setdefault(name, {})
        row[device] = " ".join(map(str, scores.values()))
        short = {c: scores[c] for c in CATEGORIES if scores[c] < wanted[c]}
        assert short == {}, (speeds, lost(first))
