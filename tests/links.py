"""Follow the links of a built site: all places of its own, and other hosts by Sphinx.

`nox -s linkcheck` comes here. The browser session asks `is_dead` too, of what a browser
makes of the links of a page from the disk.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections import Counter
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

# Hosts that are tried before it is said that there is no network.
TRIED, SECONDS = 5, 5
LINK = re.compile(r'\s(?:href|src|action)="([^"]*)"')
FOLLOW = (sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "linkcheck")


@cache
def places(path: Path) -> frozenset[str]:
    """Return the places on a page that an address can lead to."""
    return frozenset(re.findall(r'\bid="([^"]*)"', path.read_text(encoding="utf-8")))


def is_dead(link: str, site: Path) -> bool:
    """Say whether a link leads nowhere on this disk, or somewhere outside the book."""
    url = urlsplit(link)
    if url.scheme in {"http", "https", "data", "mailto"}:
        return False
    path = Path(unquote(url.path))
    if url.scheme != "file" or not (path.is_file() and path.is_relative_to(site)):
        return True
    return bool(url.fragment) and unquote(url.fragment) not in places(path)


def links_of(path: Path) -> set[str]:
    """Return the addresses that a page names, in full."""
    html = re.sub(r"(?s)<script\b[^>]*>.*?</script>", "", path.read_text("utf-8"))
    return {urljoin(path.as_uri(), unescape(link)) for link in LINK.findall(html)}


def look(site: Path) -> tuple[list[str], Counter[str]]:
    """Return the dead links of a site by their pages, and the other hosts."""
    dead, hosts = [], Counter[str]()
    # The page for wrong addresses begins its own at the root of a host.
    pages = {*site.rglob("*.html")} - {site / "404.html"}
    for path in sorted(pages):
        links = links_of(path)
        hosts.update(urlsplit(link).hostname or "" for link in links if "http" in link)
        name = path.relative_to(site).as_posix()
        dead += [f"{name}: {link}" for link in sorted(links) if is_dead(link, site)]
    return dead, hosts


def answers(host: str) -> bool:
    """Say whether there is a way to a host."""
    try:
        socket.create_connection((host, 443), SECONDS).close()
    except OSError:
        return False
    return True


def main(site: str, doctrees: str, *must: str) -> int:
    """Follow all links, those to other hosts where one of these answers."""
    dead, hosts = look(Path(site).resolve())
    sys.stdout.write("".join(f"dead: {each}\n" for each in dead))
    sys.stdout.write(f"{len(dead)} links within the book are dead.\n")
    if not must and not any(answers(host) for host, _ in hosts.most_common(TRIED)):
        sys.stdout.write("There is no network: links to others were not followed.\n")
        return bool(dead)
    out = str(Path(site).with_name("linkcheck"))
    followed = subprocess.run([*FOLLOW, "-d", doctrees, "docs", out], check=False)
    return bool(dead) or followed.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
