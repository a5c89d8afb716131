"""Which sentences of a page claim something, and which test holds each of them.

A test that checks a claim quotes it, `@pytest.mark.claims("The loss falls by ….")`: the
whole sentence as `nox -s claims` prints it, with … for what is computed or looked up.
Nothing is imported and nothing is run, so an author hears at once of a quotation that
has lost its sentence.
"""

from __future__ import annotations

import ast
import re
import sys
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# What makes a sentence say more than its numbers: a quantity of cases, a cause, a
# comparison, a half-quantity.
GENERAL = (
    *("all", "always", "any", "each", "ever", "every", "everything", "exactly"),
    *("cannot", "everywhere", "impossible", "must", "neither", "never", "no", "nobody"),
    *("none", "nothing", "nowhere", "only", "same", "whatever", "wherever", "whoever"),
)
CAUSES = ("because", "hence", "since", "so", "therefore", "thus", "why")
COMPARISONS = ("best", "least", "less", "more", "most", "than", "worse", "worst")
VAGUE = ("about", "almost", "few", "hardly", "mostly", "nearly", "often", "several")
SUPERLATIVES = r"(?!(?:\w*inte|c)?rest\b|\w*test\b|re\w+\b|nest\b|west\b)\w{2,}est"
# A number that hides in a word.
NUMBER = "two|three|four|five|six|seven|eight|nine|ten|twenty|hundred|thousand|million"
PARTS = "third|quarter|fifth|sixth|tenth|hundredth|thousandth|millionth"
HIDDEN = (
    rf"half(?!-)|halves|(?:a|one|two|three) (?:{PARTS})s?|(?:{PARTS})s|"
    rf"twice|thrice|doubles|doubled|triples|tripled|(?:{NUMBER})(?:fold| times)"
)
_WORDS = "|".join((*GENERAL, *CAUSES, *COMPARISONS, *VAGUE, SUPERLATIVES, HIDDEN))
CLAIMING = re.compile(rf"(?i)\b(?:{_WORDS})\b")
NAMES = re.compile(r"(?i)least squares|lowest points?|so far|read on")  # claim nothing
_MARK = "pytest.mark.claims"
HIDING = re.compile(rf"(?i)\b(?:{HIDDEN})\b")


class Sentence(NamedTuple):
    """A sentence of a page, without its markup, and the line it stands on."""

    line: int
    text: str

    @property
    def words(self) -> list[str]:
        """The words that make it a claim."""
        return [] if self.asks else CLAIMING.findall(NAMES.sub("", self.text))

    @property
    def hidden(self) -> list[str]:
        """The words of it that are numbers."""
        return [] if self.asks else HIDING.findall(self.text)

    @property
    def asks(self) -> bool:
        """Say whether it claims nothing, as a question."""
        return self.text.endswith("?")


class Quotation(NamedTuple):
    """A sentence that a test quotes: where the test is, and whose page it means."""

    where: str
    page: str
    text: str


def plain(text: str) -> str:
    """Return a line of a page as it is quoted: its words, its formulas, and … ."""
    parts = re.split(r"(\$[^$]*\$)", text)
    return "".join(
        part if part.startswith("$") else _without_markup(part) for part in parts
    ).strip()


def _without_markup(text: str) -> str:
    text = re.sub(r"\{[\w:]+\}`([^`<]+?) ?<[^`]*>`", r"\1", text)
    text = re.sub(r"\{term\}`([^`]*)`", r"\1", text)
    text = re.sub(r"\{[\w:]+\}`[^`]*`", "…", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*+|`+", "", text)


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a page: its prose, its lists, its captions."""
    found: list[Sentence] = []
    fence, captioned = "", False  # what block a line stands in
    front = text.startswith("---\n")
    for number, line in enumerate(text.splitlines(), start=1):
        if front:
            front = number == 1 or line != "---"
            continue
        opening = re.match(r"`{3,}(\{?[\w-]*\}?)", line)
        if opening:
            fence = opening[1] or ""
            captioned = False
            continue
        if fence in {"{code-cell}", "{figure}"}:
            captioned = line.startswith("      ") if captioned else "caption: |" in line
            if not captioned or "caption: |" in line:
                continue
        elif fence and fence not in {"{explorable}", "{glossary}"}:
            continue
        if re.match(r":{3,}|:\w[\w-]*:|#|\||<|---", line.strip()):
            continue
        words = re.sub(r"^\s*(?:[-:]|\d+\.) +", "", line)
        pieces = re.split(r"(?<=[.?!]) +(?=[A-Z“‘({$])", words.strip())
        found += [Sentence(number, plain(piece)) for piece in pieces if piece]
    return found


def quotations(root: Path) -> list[Quotation]:
    """Return what the tests of a book quote."""
    found = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        own, name = path.stem.removeprefix("test_"), path.relative_to(root).as_posix()
        for line, page, text in _marks(path.read_text(encoding="utf-8")):
            found.append(Quotation(f"{name}:{line}", page or own, text))
    return found


@cache
def _marks(test: str) -> list[tuple[int, str, str]]:
    """Return each sentence that a test file quotes, with its line and page."""
    found: list[tuple[int, str, str]] = []
    for node in ast.walk(ast.parse(test if "mark.claims" in test else "")):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == _MARK:
            page = "".join(ast.literal_eval(keyword.value) for keyword in node.keywords)
            quoted = [(one.lineno, ast.literal_eval(one)) for one in node.args]
            found += [(line, page, text) for line, text in quoted]
    return found


def quoted_of(root: Path, page: Path) -> list[Quotation]:
    """Return what the tests quote of a page, which they call by its stem."""
    return [quoted for quoted in quotations(root) if quoted.page == page.stem]


def misquoted(root: Path, page: Path) -> Iterator[str]:
    """Say which quotations have lost their sentence, and what is like it."""
    there = [sentence.text for sentence in sentences(page.read_text(encoding="utf-8"))]
    name = page.relative_to(root).as_posix()
    for quoted in quoted_of(root, page):
        if quoted.text not in there:
            near = get_close_matches(quoted.text, there, n=1)
            now = f"; it says: {near[0]}" if near else ""
            yield f"{quoted.where} quotes what {name} does not say: {quoted.text}{now}"


def untested(root: Path, page: Path) -> Iterator[Sentence]:
    """Give the sentences of a page that claim something, and that no test quotes."""
    tested = {quoted.text for quoted in quoted_of(root, page)}
    for sentence in sentences(page.read_text(encoding="utf-8")):
        if sentence.words and sentence.text not in tested:
            yield sentence


def main(root: Path, stems: list[str]) -> None:
    """List the claims without a test, page by page, with the words that make them."""
    docs = root / "docs"
    pages = [p for p in sorted(docs.rglob("*.md")) if "_build" not in p.parts]
    unknown = set(stems) - {page.stem for page in pages}
    if unknown:
        sys.exit(f"nox -s claims: there is no page {', '.join(sorted(unknown))}")
    lines = []
    for page in (page for page in pages if not stems or page.stem in stems):
        left, name = list(untested(root, page)), page.relative_to(root).as_posix()
        for sentence in left:
            words = ", ".join(dict.fromkeys(map(str.lower, sentence.words)))
            lines.append(f"{name}:{sentence.line}: {sentence.text}  [{words}]")
        held = len({quoted.text for quoted in quoted_of(root, page)})
        lines.append(f"{name}: {held} claims have a test, {len(left)} have none")
    print("\n".join(lines))  # noqa: T201 (the list is what the session is for)


if __name__ == "__main__":
    main(Path(__file__).parents[1], sys.argv[1:])
