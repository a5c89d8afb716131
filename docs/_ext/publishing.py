"""Write what only a published book needs, for every host of files.

- The headers that keep a page to itself, once for hosts that read a file `_headers` and
  once for nginx. Where a host sends none, the pages carry what a page can say.
- `404.html`, which hosts send for every wrong address. Its own addresses begin at the
  root, because nobody knows how deep the wrong one is. sphinx-notfound-page would leave
  the theme's table of contents relative.
- `.nojekyll`, without which GitHub Pages leaves out every folder with an underscore.
- A sitemap, and the card that links show. The card repeats the description that a page
  has for search engines, and its picture is the cover figure. Both need absolute
  addresses, so they are written when `html_baseurl` is set, which conf.py takes from
  the environment variable BOOK_URL. sphinx-sitemap would do the first and
  sphinxext-opengraph a card of text.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from reprlib import Repr
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from builders import SITES
from docutils import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.config import Config

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
CARD = (1200, 630)  # pixels that the networks ask for
NOT_FOUND = "404"
# The descriptions of pages that have no source.
DESCRIPTIONS = {
    "search": "Find a phrase, a name or a number, and the place where it stands.",
    NOT_FOUND: "There is no page at this address, but a way to all pages.",
}

# What a page may load, and from where; the theme draws arrows from data: addresses.
POLICY = {
    "default-src": "'none'",
    # WebAssembly is what Python is compiled to for a page; eval stays forbidden.
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    # Text becomes elements only where theme.js or search.js says so.
    "require-trusted-types-for": "'script'",
    "trusted-types": "default search",
}
REFERRER = "no-referrer"
# What a page could ask a reader's machine for.
FEATURES = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection"),
    *("local-fonts", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial"),
    *("storage-access", "usb", "window-management", "xr-spatial-tracking"),
)
HEADERS = {
    "Content-Security-Policy": "",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES),
    "Referrer-Policy": REFERRER,
    "X-Content-Type-Options": "nosniff",
}
# A head can say the rest of the policy, but not who may frame a page.
IN_HEAD = {name: value for name, value in POLICY.items() if name != "frame-ancestors"}

NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
STEP = r"/(?:[\w.~!$&()*+,;=:@-]|%[0-9A-Fa-f]{2})+"
ADDRESS = re.compile(rf"https?://{NAME}(?:\.{NAME})*(?::\d{{1,5}})?(?:{STEP})*/?")
# What a wrong address has, and what is wrong with it.
MISTAKES = {
    r"\s|[\"'`<>\\]": "spaces, quotes and brackets belong to the shell or to a text",
    r"^(?!https?://)": "it begins with https:// or http://",
    r"^https?://[^/]*@": "the name and the password before the @ would be published",
    r"[?#]": "a folder has no query and no fragment",
    r"\.html?/?$": "it names a page and not the folder that the pages lie in",
    r"/\.{1,2}(?:/|$)": "steps up belong to a path on the disk",
    r"^https?://[^/]*[^\x00-\x7f]": "a host with other letters is written as xn--…",
    r"": "the host, its port, a % or a slash is wrong",
}
# The addresses in a page that are relative to it.
RELATIVE = re.compile(
    r'(?<=\s)((?:href|src|action|data-content_root)=")(?![#/]|[\w+.-]+:)(?:\.{1,2}/)*'
)


def checked(address: str, name: str, what: str) -> str:
    """Return the address that a variable gives, ended by a slash, or refuse it."""
    if not address:
        return ""
    wrong = [why for pattern, why in MISTAKES.items() if re.search(pattern, address)]
    port = re.match(r"https?://[^/]*:(\d+)", address)
    fits = ADDRESS.fullmatch(address) and (not port or 0 < int(port[1]) < 2**16)
    if len(wrong) > 1 or not fits:
        short = Repr()
        short.maxstring = 70
        hidden = re.sub(r"//[^/]*@", "//…@", address)
        msg = (
            f"{name} is {short.repr(hidden)} but must be the address of {what}; "
            f"{wrong[0]}"
        )
        raise ValueError(msg)
    return quote(address, safe="/:%~!$&()*+,;=@").rstrip("/") + "/"


def look_at_address(_app: Sphinx, config: Config) -> None:
    """Check the address before anything runs."""
    what = "the folder where the book will stand, as https://example.org/gdbook/"
    try:
        config.html_baseurl = checked(config.html_baseurl, "BOOK_URL", what)
    except ValueError as error:
        # Of an exception, Sphinx asks for a report.
        raise SystemExit(str(error)) from None


def joined(policy: dict[str, str]) -> str:
    """Write a policy as one line."""
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def tags(app: Sphinx, page: str, doctree: Any) -> Iterator[str]:
    """Return what the head of a page says to machines, beside what the page says."""
    own = page in DESCRIPTIONS
    descriptions = [DESCRIPTIONS[page]] if own else []
    if doctree is not None:
        descriptions = [
            node["content"]
            for node in doctree.findall(nodes.meta)
            if node.get("name") == "description"
        ]
    for description in descriptions:
        yield f'property="og:description" content="{escape(description)}"'
        if own:
            yield f'name="description" content="{escape(description)}"'
    if page == NOT_FOUND:
        yield 'name="robots" content="noindex"'
    if app.config.html_baseurl:
        yield f'http-equiv="Content-Security-Policy" content="{joined(IN_HEAD)}"'
        yield f'name="referrer" content="{REFERRER}"'


def describe(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give a page's head what machines read, and its titles as text."""
    # The theme writes these as if they were markup.
    for title in ("pagetitle", "root_title"):
        context[title] = escape(context.get(title, ""))
    context["html_baseurl"] = app.config.html_baseurl
    if app.builder.name not in SITES:
        return
    own = "".join(f"<meta {tag} />\n" for tag in tags(app, page, doctree))
    context["metatags"] = context.get("metatags", "") + own
    if page == NOT_FOUND:
        context["pageurl"] = None


def wrong_address(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Have the page for wrong addresses written."""
    if app.builder.name in SITES:
        yield NOT_FOUND, {"title": "Page not found"}, "404.html"


def publish(app: Sphinx, error: Exception | None) -> None:
    """Write what hosts, search engines and networks read."""
    if error or app.builder.name not in SITES:
        return
    out, base = Path(app.outdir), app.config.html_baseurl
    root = urlsplit(base).path or "/"
    write_not_found(app, root)
    (out / ".nojekyll").touch()
    headers = HEADERS | {"Content-Security-Policy": joined(POLICY | styles_of(out))}
    lines = "".join(f"  {name}: {value}\n" for name, value in headers.items())
    (out / "_headers").write_text(f"/*\n{lines}", encoding="utf-8")
    lines = "".join(
        f'add_header {name} "{value}" always;\n' for name, value in headers.items()
    )
    (out / "_headers.nginx").write_text(
        f"error_page 404 {root}{NOT_FOUND}.html;\n{lines}", encoding="utf-8"
    )
    (out / "sitemap.xml").unlink(missing_ok=True)
    if base:
        write_sitemap(app)
        write_card(out)


def write_not_found(app: Sphinx, root: str) -> None:
    """Put the page for wrong addresses where hosts look for it."""
    builder: Any = app.builder
    written = Path(builder.get_output_path(NOT_FOUND))
    place = Path(app.outdir, f"{NOT_FOUND}.html")
    html = RELATIVE.sub(
        lambda found: found[1] + escape(root), written.read_text(encoding="utf-8")
    )
    place.write_text(html, encoding="utf-8")
    if written != place:
        written.unlink()
        written.parent.rmdir()


def styles_of(out: Path) -> dict[str, str]:
    """Allow the style inside each picture, which else is black when opened by itself.

    All figures have the same one.
    """
    element = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
    pictures = (path.read_text("utf-8", "replace") for path in out.rglob("*.svg"))
    styles = {style for picture in pictures for style in element.findall(picture)}
    digests = sorted(b64encode(sha256(text.encode()).digest()) for text in styles)
    allowed = (f"'sha256-{digest.decode()}'" for digest in digests)
    return {"style-src": " ".join([POLICY["style-src"], *allowed])}


def write_sitemap(app: Sphinx) -> None:
    """Write the addresses of all pages."""
    base, builder = app.config.html_baseurl, app.builder
    pages = sorted(app.env.found_docs)
    addresses = (base + builder.get_target_uri(page) for page in pages)
    entries = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in addresses)
    (Path(app.outdir) / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="{NAMESPACE}">\n{entries}</urlset>\n',
        encoding="utf-8",
    )


def write_card(out: Path) -> None:
    """Draw the card's picture."""
    # Not for every build to wait for.
    from gdbook.examples.linear_regression import linear_steps  # noqa: PLC0415
    from gdbook.plotting._base import PAPER  # noqa: PLC0415
    from gdbook.plotting.linear_regression import valley  # noqa: PLC0415

    figure = valley(linear_steps(num_steps=400))
    dpi = 150
    figure.set_size_inches(CARD[0] / dpi, CARD[1] / dpi)
    figure.savefig(
        out / "_static" / "card.png",
        dpi=dpi,
        facecolor=PAPER,
        metadata={"Software": None},
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("config-inited", look_at_address)
    app.connect("html-collect-pages", wrong_address)
    app.connect("html-page-context", describe, priority=900)  # behind the theme
    # Behind those that write and remove pictures.
    app.connect("build-finished", publish, priority=945)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
