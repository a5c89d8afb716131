"""Lighthouse's scores of a chapter, as two builders write it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from browser import limits
from browser.chromium import Chromium, find
from browser.node import ask
from browser.pages import NOT_FOUND
from browser.server import POLICY, serve
from playwright.sync_api import sync_playwright

from bench.builders import BUILDERS, FOLDER
from bench.record import Case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.builders import Builder

UNIT = "points of 100"
COMPARED = BUILDERS[:2]
PAGE = "chapters/weight_update.html"
REPORTS = FOLDER / "reports.json"
# What a host sends where nobody has told it what the pages need.
HOSTED = {
    "_headers": f"/*\n  {POLICY}: default-src * data: 'unsafe-inline' 'unsafe-eval'\n",
    f"{NOT_FOUND}.html": "<!doctype html><title>Not found</title>",
}


def report(builder: Builder, device: str, machine: Chromium) -> Any:
    """Let Lighthouse look at a page of what a builder left."""
    site = builder.book / builder.site
    for name, text in HOSTED.items():
        if not (site / name).exists():
            (site / name).write_text(text, encoding="utf-8")
    with serve(site) as address:
        return ask(
            "lighthouse.mjs",
            FOLDER / "npm" / "node_modules",
            chrome=machine.path,
            flags=["--headless=new", *machine.arguments],
            url=f"{address}{PAGE}",
            device=device,
            categories=list(limits.SCORES[device]),
        )


def bytes_of(found: Any) -> int:
    """Return what travelled for a page, in a report of it."""
    requests = found["audits"]["network-requests"]["details"]["items"]
    return sum(request.get("transferSize", 0) for request in requests)


def cases(repeats: int = 3) -> Iterator[Case]:
    """Look at the page on a slow phone, and on a desk."""
    with sync_playwright() as playwright:
        machine = find(playwright)
    weights: dict[str, list[int]] = {one.name: [] for one in COMPARED}
    for device, categories in limits.SCORES.items():
        look = partial(report, device=device, machine=machine)
        found = {one.name: [look(one) for _ in range(repeats)] for one in COMPARED}
        for name, reports in found.items():
            weights[name] += map(bytes_of, reports)
        for category in categories:
            scores = {
                name: [100 * one["categories"][category]["score"] for one in reports]
                for name, reports in found.items()
            }
            yield Case(f"{device} {category}", {}, scores)
    REPORTS.write_text(json.dumps(weights), encoding="utf-8")
