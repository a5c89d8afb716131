"""Leave out what a page does not use: scripts, style rules, icons, font characters.

What goes, and what that saves on every page of the book (gzip):

- `fontawesome.js`, 542 kB, which draws icons that the icon font draws as well;
- `bootstrap.js`, 24 kB, once the theme's dropdown is three buttons;
- the search and the texts that it looks through, except on the search page;
- the marks around words of code that look like the code around them: a fifth of the
  elements of a chapter, a third of those of the reference;
- every style rule that no page uses: six files of 65 kB become one of about 20 kB;
- the characters of the icon font and of the mathematics font that no page uses:
  115 kB become 2 kB, and 400 kB become 34 kB.

Themes have no setting for any of this. The pages' own parts (templates) name one style
sheet, `site.css`, and this extension writes it when all pages are written, from the
files that the theme has put into the output. It cuts with a CSS parser and
fontTools.

Whatever goes is looked for by a name that the theme, Sphinx or Pygments has given it.
A name that is not found any more is a warning, which fails the build.
"""

from __future__ import annotations

import hashlib
import logging
import re
from functools import cache, partial
from html import unescape
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import tinycss2
from builders import THEMED
from fontTools import subset
from notes import Found, put_away
from sphinx.util.logging import getLogger

LOGGER = getLogger(__name__)
logging.getLogger("fontTools").setLevel(logging.WARNING)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx.application import Sphinx

# Scripts that no page loads, and those that the search page alone does.
UNUSED = ("scripts/fontawesome.js", "scripts/bootstrap.js")
SEARCH = ("searchindex.js", "search.js")
STYLES = (
    "basic.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "mystnb.*.css",
    "mathematics.css",
    "book.css",
)
FONT_FACE = (
    '@font-face{font-family:"Book Math";font-display:swap;'
    'src:url(mathematics.woff2) format("woff2")}'
)
# Names, punctuation and spaces have the colour of the block that they stand in.
UNMARKED = re.compile(r'<span class="(?:pre|n|nn|nx|p|pm|w)">([^<]*)</span>')
# Where this stands, a name follows.
IMPORT = ">import</span>"
MATHEMATICS_FONT = "ziamath/fonts/STIXTwoMath-Regular.ttf"
ICON_FONT = "vendor/fontawesome/webfonts/fa-solid-900.woff2"


def used(html: str) -> tuple[set[str], set[str]]:
    """Return the tags, classes and ids of a page, and the characters of its formulas.

    What a pattern finds beyond what a parser would only keeps a rule too many, and a
    parser would take half a second of every build.
    """
    names = set(re.findall(r"<([a-z][\w-]*)", html))
    for _, value in re.findall(r"\b(?:class|id)=([\"'])(.*?)\1", html, re.DOTALL):
        names.update(value.split())
    formulas = "".join(re.findall(r"<math\b.*?</math>", html, re.DOTALL))
    characters = set(unescape(re.sub(r"<[^>]*>", "", formulas)))
    return names, characters


def leave_out_scripts(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Drop inline scripts, whose settings nothing reads, and defer the others."""
    scripts, kept = context.get("script_files", []), []
    for script in scripts:
        attributes = getattr(script, "attributes", {})
        if "body" not in attributes:
            attributes.setdefault("defer", "defer")
            kept.append(script)
    if app.builder.name in THEMED and len(kept) == len(scripts):
        LOGGER.warning("lean: found no inline script of the theme on page %s", page)
    context["script_files"][:] = kept


def leave_out_marks(
    _app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Take words of code out of elements that change nothing about them."""
    body, marks = UNMARKED.subn(r"\1", context.get("body", ""))
    if IMPORT in body and not marks:
        LOGGER.warning("lean: found no mark around a name of code on page %s", page)
    while marks:  # one can stand in another
        body, marks = UNMARKED.subn(r"\1", body)
    if body:
        context["body"] = body


def bundle(app: Sphinx, error: Exception | None) -> None:
    """Write the one style sheet and the two fonts that the pages name."""
    if error or app.builder.name not in THEMED:
        return
    out = Path(app.outdir)
    static = out / "_static"
    found = Found(app, __file__)
    pages = [
        found.of(path, partial(look, path.relative_to(out).as_posix()))
        for path in sorted(out.rglob("*.html"))
        if static not in path.parents
    ]
    scripts = [
        found.of(script, _words)
        for script in static.rglob("*.js")
        # A script can name any class that it adds, so every word counts.
        if script.relative_to(static).as_posix() not in UNUSED
    ]
    missed = [*missing(static), *(what for *_, wrong in pages for what in wrong)]
    if not missed:
        names = {"html", "body", "root"}.union(*scripts, *(on for on, *_ in pages))
        formulas = set[str]().union(*(characters for _, characters, _ in pages))
        missed = cut(static, names, formulas, put_away(app, "lean.txt"))
    found.keep()
    for what in missed:
        LOGGER.warning("lean: %s", what)


def look(name: str, html: str) -> tuple[list[str], str, list[str]]:
    """Return what a page uses, and what it loads that it should not."""
    names, characters = used(html)
    return sorted(names), "".join(sorted(characters)), list(loaded(name, html))


def _words(script: str) -> list[str]:
    return sorted(set(re.findall(r"[\w-]+", script)))


def cut(static: Path, names: set[str], formulas: set[str], stamp: Path) -> list[str]:
    """Cut the style sheets and fonts, and say what could not be cut as it should."""
    sheets = [path for pattern in STYLES for path in sorted(static.glob(pattern))]
    # Most edits change no name and no character, and then there is nothing to cut.
    digest = hashlib.sha256(Path(__file__).read_bytes())
    digest.update("\n".join([*sorted(names), *sorted(formulas)]).encode())
    for sheet in sheets:
        digest.update(sheet.read_bytes())
    made = [static / name for name in ("site.css", "icons.woff2", "mathematics.woff2")]
    # They are looked at, too: a kill can cut them, and folders can share the stamp.
    done = stamp.read_text("utf-8", "replace") if stamp.exists() else ""
    if done == stamped(digest, made):
        return []
    missed, rules = [], ""
    for sheet in sheets:
        kept_here = trimmed(sheet, names, static)
        share = len(kept_here) / sheet.stat().st_size
        if sheet.parent.name == "styles" and not 0.01 < share < 0.9:
            missed.append(f"the pages use {share:.0%} of {sheet.name}")
        rules += kept_here
    text = '@charset "UTF-8";\n' + FONT_FACE + rules
    (static / "site.css").write_text(text, encoding="utf-8")
    icons = {ord(char) for char in re.findall(r"[\ue000-\uf8ff]", rules)}
    icons |= {int(code, 16) for code in re.findall(r"\\([ef][0-9a-f]{3})", rules)}
    files = set(re.findall(r"url\((?![\"']?data:)([^)]*)\)", rules))
    if not icons or files != {"icons.woff2"}:
        missed.append(f"the rules name {len(icons)} icons and the files {files}")
    cut_font(static / ICON_FONT, static / "icons.woff2", icons)
    if not cut_mathematics(static, formulas):
        missed.append(f"found no scripts of scripts in {MATHEMATICS_FONT}")
    stamp.write_text("" if missed else stamped(digest, made), encoding="utf-8")
    return missed


def stamped(made_of: Any, made: list[Path]) -> str:
    """Hash files together with what they are made of."""
    digest = made_of.copy()
    for path in made:
        digest.update(path.read_bytes() if path.exists() else b"none")
    text: str = digest.hexdigest()
    return text


def missing(static: Path) -> Iterator[str]:
    """Say which files of the theme are not where they were."""
    for name in (*UNUSED, *STYLES, ICON_FONT):
        if not list(static.glob(name)):
            yield f"found no {name}"


def loaded(name: str, html: str) -> Iterator[str]:
    """Say what a page loads that it should not, or should and does not."""
    is_search = name in {"search.html", "search/index.html"}
    unwanted = UNUSED if is_search else (*UNUSED, *SEARCH)
    for script in re.findall(r'<script[^>]* src="([^"?]*)', html):
        if script.endswith(unwanted):
            yield f"page {name} loads {script}"
    sheets = re.findall(r'<link[^>]* rel="stylesheet"[^>]*>', html)
    if len(sheets) != 1 or "_static/site.css" not in sheets[0]:
        yield f"page {name} loads other style sheets than site.css: {sheets}"


def trimmed(path: Path, names: set[str], static: Path) -> str:
    """Return the rules of a style sheet that the pages use."""
    base = path.relative_to(static).as_posix()
    rules = tinycss2.parse_stylesheet(
        path.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True
    )
    text = "\n".join(filter(None, (kept(rule, names) for rule in rules)))
    text = text.replace(f"url(../{ICON_FONT})", "url(icons.woff2)")
    return (
        re.sub(
            r"url\((?!data:|\"data:|'data:)[\"']?([^\"')]+)[\"']?\)",
            lambda found: (
                f"url({urljoin(base, found[1])})"
                if found[1] != "icons.woff2"
                else found[0]
            ),
            text,
        )
        + "\n"
    )


def kept(rule: Any, names: set[str]) -> str:
    """Return a rule as text, with the selectors that can match, or nothing."""
    if rule.type == "qualified-rule":
        selectors = split(rule.prelude)
        matching = [text for text in selectors if can_match(text, names)]
        if not matching:
            return ""
        content: str = tinycss2.serialize(rule.content).strip()
        return f"{','.join(matching)}{{{content}}}"
    if rule.type != "at-rule" or rule.lower_at_keyword in {"charset", "import"}:
        return ""
    head = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}"
    if rule.lower_at_keyword in {"media", "supports", "layer"} and rule.content:
        inner = tinycss2.parse_rule_list(
            rule.content, skip_comments=True, skip_whitespace=True
        )
        text = "".join(kept(item, names) for item in inner)
        return f"{head}{{{text}}}" if text else ""
    text = tinycss2.serialize(rule.content or [])
    if rule.lower_at_keyword == "font-face" and re.search(r"fa-(brands|regular)", text):
        return ""
    return f"{head}{{{text}}}"


def split(prelude: Iterable[Any]) -> list[str]:
    """Split a list of selectors at its outer commas."""
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]


@cache
def required(selector: str) -> frozenset[str]:
    """Return the tags, classes and ids that a selector cannot match without."""
    # What stands in brackets after :not, :is and the like is a matter of choice.
    plain = re.sub(r"\[[^\]]*\]", "", selector)
    while "(" in plain:
        shorter = re.sub(r"\([^()]*\)", "", plain)
        if shorter == plain:
            break
        plain = shorter
    plain = re.sub(r"::?[\w-]+", "", plain).replace("\\", "")
    return frozenset(re.findall(r"[\w-]+", plain))


def can_match(selector: str, names: set[str]) -> bool:
    """Say whether every name that a selector needs is on some page."""
    return required(selector) <= names


def italics(characters: set[str]) -> set[int]:
    """Add the italic shapes in which browsers set single letters of formulas."""
    codes = {ord(char) for char in characters}
    shifts = (
        ("A", "Z", 0x1D434),
        ("a", "z", 0x1D44E),
        ("Α", "Ω", 0x1D6E2),
        ("α", "ω", 0x1D6FC),
    )
    for first, last, italic in shifts:
        codes |= {
            code - ord(first) + italic
            for code in set(codes)
            if ord(first) <= code <= ord(last)
        }
    # The italic h has a place of its own, Planck's constant; ∂ has an italic, too.
    # The sign of a root is in no text: <msqrt> draws it.
    return codes | {0x210E, 0x1D715, 0x221A}


def share_script_shapes(font: Any) -> bool:
    """Draw scripts of scripts as scripts are drawn, which saves a quarter of a font."""
    found = False
    for lookup in font["GSUB"].table.LookupList.Lookup if "GSUB" in font else ():
        for table in lookup.SubTable:
            for shapes in getattr(table, "alternates", {}).values():
                shapes[1:] = shapes[:1] * (len(shapes) - 1)
                found = True
    return found


def cut_mathematics(static: Path, characters: set[str]) -> bool:
    """Write the font of mathematics, and say whether shapes are shared."""
    # The package has the font; to import it would only take time.
    stix = Path(str(distribution("ziamath").locate_file(MATHEMATICS_FONT)))
    return cut_font(stix, static / "mathematics.woff2", italics(characters))


def cut_font(source: Path, target: Path, codes: set[int]) -> bool:
    """Write a font with these characters only, and say whether shapes are shared."""
    options = subset.Options(
        flavor="woff2",
        layout_features=["dtls", "flac", "ss04", "ssty"],
        name_IDs=[0, 1, 2, 13, 14],
    )
    options.recalc_timestamp = False
    options.hinting = False  # a third of the size, for screens of the last century
    options.drop_tables += ["FFTM"]
    with subset.load_font(str(source), options) as font:
        shared = share_script_shapes(font)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=sorted(codes))
        subsetter.subset(font)
        subset.save_font(font, str(target), options)
    return shared


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.connect("html-page-context", leave_out_scripts, priority=900)
    app.connect("html-page-context", leave_out_marks)
    app.connect("build-finished", bundle, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
