"""Serve the built book as a host would: gzip, caching and the book's own headers.

The headers are those of the site's ``_headers`` file, which Netlify and Cloudflare
Pages read. Python's own file server knows nothing of them, and sends no gzip.
"""

from __future__ import annotations

import gzip
import re
import threading
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from browser.pages import NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TYPES = MimeTypes()
TYPES.add_type("font/woff2", ".woff2")
TYPES.add_type("text/javascript", ".js")
TYPES.add_type("text/javascript", ".mjs")
POLICY = "Content-Security-Policy"
# What has another address when it is another file.
STAYS = re.compile(r"_static/|_images/|live/[0-9a-f]{12}/")
COMPRESSED = re.compile(r"text/|image/svg|application/(json|wasm|xml)|\+xml")


class Rule(NamedTuple):
    """The headers that the pages under a path are sent with."""

    path: re.Pattern[str]
    headers: dict[str, str]


def parse_headers(text: str) -> list[Rule]:
    """Read a ``_headers`` file.

    Examples
    --------
    >>> rules = parse_headers('''
    ... # every page
    ... /*
    ...   X-Content-Type-Options: nosniff
    ...   Link: </a.css>; rel=preload
    ...   Link: </b.css>; rel=preload
    ... /fonts/:name
    ...   Cache-Control: immutable
    ... ''')
    >>> headers_for(rules, "/chapters/slopes.html")["X-Content-Type-Options"]
    'nosniff'
    >>> headers_for(rules, "/")["Link"]
    '</a.css>; rel=preload, </b.css>; rel=preload'
    >>> "Cache-Control" in headers_for(rules, "/fonts/icons.woff2")
    True
    >>> "Cache-Control" in headers_for(rules, "/fonts/old/icons.woff2")
    False
    >>> parse_headers("  X-Late: no path stands above")
    Traceback (most recent call last):
    ...
    ValueError: line 1 of _headers is neither a path nor a header of one
    """
    rules: list[Rule] = []
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, value = line.strip().partition(":")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith("/"):
            pattern = re.escape(line.strip()).replace(r"\*", ".*")
            rules.append(Rule(re.compile(re.sub(r":\w+", "[^/]+", pattern)), {}))
        elif line[0].isspace() and colon and rules:
            headers = rules[-1].headers
            both = (headers.get(name), value.strip())
            headers[name] = ", ".join(filter(None, both))
        else:
            msg = f"line {number} of _headers is neither a path nor a header of one"
            raise ValueError(msg)
    return rules


def headers_for(rules: list[Rule], path: str) -> dict[str, str]:
    """Return the headers that a path is sent with; later rules win."""
    headers: dict[str, str] = {}
    for rule in rules:
        if rule.path.fullmatch(path):
            headers |= rule.headers
    return headers


@cache
def body_of(file: Path) -> tuple[bytes, str, bool]:
    """Return what is sent for a file, its type, and whether it is compressed."""
    kind = TYPES.guess_type(file.name)[0] or "application/octet-stream"
    content = file.read_bytes()
    if COMPRESSED.search(kind):
        return gzip.compress(content, 9, mtime=0), kind, True
    return content, kind, False


class Handler(BaseHTTPRequestHandler):
    """Answer one browser."""

    protocol_version = "HTTP/1.1"
    # A header and a body in two packets would wait for each other.
    wbufsize = -1
    disable_nagle_algorithm = True
    site: Path
    rules: list[Rule]
    root: str
    sent: list[tuple[str, int]]

    def do_GET(self) -> None:
        """Send a file, or the book's page for wrong addresses."""
        path = unquote(urlsplit(self.path).path)
        inside, below = path.startswith(self.root), path.removeprefix(self.root)
        file = (self.site / below).resolve()
        if file.is_dir():
            file /= "index.html"
        status = 200
        if not (inside and file.is_file() and file.is_relative_to(self.site)):
            status, file = 404, self.site / f"{NOT_FOUND}.html"
        content, kind, compressed = body_of(file)
        text = kind.startswith("text/") or kind.endswith("xml")
        stays = STAYS.match(below)
        headers = {
            "Content-Type": f"{kind}; charset=utf-8" if text else kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "max-age=31536000" if stays else "no-cache",
        }
        if compressed:
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        self.send_response(status)
        for name, value in (headers | headers_for(self.rules, path)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.sent.append((path, len(content)))

    def log_message(self, *_args: object) -> None:
        """Keep quiet: the tests record what the browser sees."""


@contextmanager
def serve(
    site: Path, root: str = "/", sent: list[tuple[str, int]] | None = None
) -> Iterator[str]:
    """Serve a built book on this machine below a path, and yield its address.

    What is sent is noted with its bytes, if somebody wants to know.
    """
    file = site / "_headers"
    if not file.is_file():
        msg = f"{file} is missing: the book ships its headers, policy included"
        raise FileNotFoundError(msg)
    rules = parse_headers(file.read_text(encoding="utf-8"))
    if POLICY not in headers_for(rules, "/index.html"):
        msg = f"{file} sets no {POLICY} for the pages"
        raise ValueError(msg)
    served = {"site": site.resolve(), "rules": rules, "root": root}
    served["sent"] = [] if sent is None else sent
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Book", (Handler,), served))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{root}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
