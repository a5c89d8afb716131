"""The whole book as one PDF: what a reader of it, or its software, finds."""

from __future__ import annotations

import json
import re
import runpy
import shutil
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from book import CHAPTERS, ROOT
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject
from sources import numbers_of, shows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = ROOT / "docs" / "_build" / "pdf"
SETTING = runpy.run_path(str(ROOT / "docs" / "_ext" / "typst_pdf.py"))
INDEX = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
# In the order of the contents.
ORDER = re.findall(r"(?m)^chapters/(\w+)$", INDEX)


@pytest.fixture(scope="module")
def book() -> PdfReader:
    """Open the PDF that the session has set."""
    return PdfReader(FOLDER / SETTING["NAME"])


@pytest.fixture(scope="module")
def source() -> str:
    """Read what it was set from, without the signs that guard words."""
    text = (FOLDER / "book.typ").read_text(encoding="utf-8")
    return re.sub(r"\\([^\w\s])", r"\1", text)


@cache
def elements(book: PdfReader) -> dict[str, list[DictionaryObject]]:
    """Return the elements of the structure by their kind."""
    found: dict[str, list[DictionaryObject]] = {}
    left: list[Any] = [book.root_object["/StructTreeRoot"]]
    while left:
        element = left.pop().get_object()
        if isinstance(element, ArrayObject):
            left.extend(element)
        elif isinstance(element, DictionaryObject):
            if "/S" in element:
                found.setdefault(str(element["/S"]), []).append(element)
            if "/K" in element:
                left.append(element.raw_get("/K"))
    return found


def outline(entries: list[Any], level: int = 1) -> Iterator[tuple[int, str]]:
    """Yield the entries of the outline with their levels."""
    for entry in entries:
        if isinstance(entry, list):
            yield from outline(entry, level + 1)
        else:
            yield level, entry.title


def test_document_says_what_it_is(book: PdfReader) -> None:
    """It has a title and a language, is tagged, and claims the standard for all."""
    assert book.metadata is not None
    assert book.metadata.title == "Gradient descent, number by number"
    assert book.root_object["/Lang"] == "en"
    assert book.root_object["/MarkInfo"]["/Marked"]
    assert book.root_object["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in book.root_object["/Metadata"].get_object().get_data()


def test_outline_has_the_chapters(book: PdfReader) -> None:
    """Each chapter stands in it with its number, in the order of the contents."""
    titles = [title for _, title in outline(book.outline)]
    first = titles.index("Solutions")
    numbered = [title for title in titles[:first] if re.match(r"\d+\s", title)]
    expected = [
        f"{number} {re.search('(?m)^# (.*)$', page)[1]}"  # type: ignore[index]
        for number, page in enumerate(map(page_of, ORDER), start=1)
    ]
    assert [" ".join(title.split()) for title in numbered] == expected
    assert sorted(ORDER) == CHAPTERS
    sections = sum(level == 3 for level, _ in outline(book.outline))
    assert sections > 5 * len(ORDER)


def page_of(chapter: str) -> str:
    """Return the source of a chapter's page."""
    path = ROOT / "docs" / "chapters" / f"{chapter}.md"
    return path.read_text(encoding="utf-8")


def test_formulas_and_figures_are_heard(book: PdfReader, source: str) -> None:
    """Each has words in the PDF: those of the formula, and those of the picture."""
    formulas, figures = elements(book)["/Formula"], elements(book)["/Figure"]
    given = json.loads((FOLDER / "formulas.json").read_text(encoding="utf-8"))
    words = {each["words"] for each in given}
    assert {str(each["/Alt"]) for each in formulas} == words
    assert len(formulas) == len(re.findall(r"#(?:tex|display)\(", source))
    assert all(re.search(r"\w{3}", str(each["/Alt"])) for each in figures)
    assert len(figures) == len(re.findall(r"(?<!artifact\()image\(", source))
    assert not re.search(r"[\\{}_^]", "".join(words))


def test_links_lead_somewhere(book: PdfReader) -> None:
    """Links lead to a page of the book, or to another site."""
    pages = {page.indirect_reference.idnum for page in book.pages}
    inside = 0
    for page in book.pages:
        for found in page.get("/Annots", ()):
            link = found.get_object()
            assert link["/Subtype"] == "/Link"
            assert link["/Contents"]
            if "/A" in link:
                assert link["/A"]["/URI"].startswith("https://")
                continue
            goal = link["/Dest"]
            if isinstance(goal, str):
                goal = book.named_destinations[goal].dest_array
            assert goal[0].idnum in pages
            inside += 1
    assert inside > 1000


def test_fonts_are_the_ones_that_are_shipped(book: PdfReader) -> None:
    """No font of the system is in it, and all that are have their letters with them."""
    names = set()
    for page in book.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            (drawn,) = font["/DescendantFonts"]
            descriptor = drawn.get_object()["/FontDescriptor"]
            names.add(
                str(font["/BaseFont"]).partition("+")[2].partition("-Identity")[0]
            )
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    assert {name.partition("-")[0] for name in names} == {
        *("DejaVuSans", "DejaVuSansMono", "LibertinusSerif", "NewCMMath")
    }


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_has_its_numbers(source: str, chapter: str) -> None:
    """The numbers of its plan stand in it, as on the page."""
    own = rf'#label\("document-chapters/{chapter}"\)(.*?)\n#(?:chapter|part)\('
    (page,) = re.findall(own, source, re.DOTALL)
    place = ORDER.index(chapter) + 1
    solutions = source[source.index('#part("Solutions")') :]
    (solved,) = re.findall(
        rf'#answers\("{place}"\)(.*?)(?=\n#answers\(|\n#part\()', solutions, re.DOTALL
    )[:1]
    text = page + solved
    for number in numbers_of(ROOT, chapter):
        assert shows(number, text), number


def test_nothing_is_left_raw(source: str) -> None:
    """No role, no substitution and no tag has come through."""
    assert re.findall(r"\{(?:glue|term|doc|eq|cite|numref)\b[^}]*\}", source) == []
    assert "In the reference" not in source
    assert re.findall(r"</?(?:td|th|div|span|code)\b", source) == []


def test_it_is_set_the_same_again(tmp_path: Path) -> None:
    """The same sources give the same bytes."""
    again = tmp_path / "pdf"
    shutil.copytree(FOLDER, again)
    (again / SETTING["NAME"]).unlink()
    SETTING["main"](str(again))
    assert (again / SETTING["NAME"]).read_bytes() == (
        FOLDER / SETTING["NAME"]
    ).read_bytes()


def formula(tex: str) -> dict[str, Any]:
    """Return a formula as the builder writes it."""
    return {"tex": tex, "display": False, "words": 'so "called"'}


def test_formula_keeps_its_words() -> None:
    """What is read stands beside what is heard."""
    given = [formula(r"\bigl|x_1\bigr| \odot y")]
    assert SETTING["formulas"](given) == (
        '#let formulas = (\n  math.equation(alt: "so \\"called\\"", block: false, '
        "$lr(|x_1|) dot.o y$.body),\n)\n"
    )


def test_formula_that_pandoc_cannot_read() -> None:
    """It stops the book, and is named."""
    with pytest.raises(SystemExit, match=r"cannot read a formula: .*\\nope"):
        SETTING["formulas"]([formula(r"\nope{1}{")])


@pytest.mark.parametrize(
    ("tex", "better"),
    [
        (r"1 + |\lambda|", r"1 + \left|\lambda\right|"),
        (r"\left|a\right| + |b|", r"\left|a\right| + \left|b\right|"),
        (r"\Bigl(a\Bigr)", r"\left(a\right)"),
        (r"a \;\le\; b", r"a \le b"),
        ("a \\\\ b\\;c", "a \\\\ b\\,c"),
        (r"p(a | b)", r"p(a | b)"),
    ],
)
def test_tex_that_pandoc_sets_badly(tex: str, better: str) -> None:
    """Bars are brackets, big brackets grow by themselves, and spaces are thin."""
    assert SETTING["better"](tex) == better
