"""A translated page has the numbers of the original."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from book import FRONT_MATTER, Built, build, copy_settings, source, text_of

if TYPE_CHECKING:
    from pathlib import Path

PAGE = r"""
```{code-cell}
from gdbook.examples.weight_update import repeated, weight_update
from gdbook.glue import glue
from gdbook.plotting import weight_update as draw
glue(step=weight_update, run=repeated)
```

```{toctree}
other
```

## Take {glue:text}`run.num_steps` steps

The slope is {glue:text}`step.slope` and the weight {glue:text}`step.new_weight:.1f`,
by $w^2$ in {eq}`eq-w` and {numref}`fig-step`.

- An error of {glue:text}`step.error`.

| number | of |
| --- | --- |
| {glue:text}`step.update` | update |

```{math}
:label: eq-w
w^2
```

:::{admonition} From {glue:text}`step.weight`
The target is {glue:text}`step.target`; see ``{glue:text}`x` ``.
:::

```{code-cell}
---
mystnb:
  figure:
    name: fig-step
    caption: |
      From {glue:text}`run.losses.0` down.
---
draw.one_step(repeated())
```

```{explorable} linear_regression_grades
Drag the line to {glue:text}`step.prediction`.
```

From [another page](other.md): {glue:text}`other.md::alone:s`.

At once: {glue:any}`step.input_value`.

Not translated: {glue:text}`step.weight`.
"""
OTHER = """# Other

```{code-cell}
from gdbook.glue import glue
glue(alone=7)
```

The number is {glue:text}`alone`.
"""
SLOPE, WEIGHT = "{glue:text}`step.slope`", "{glue:text}`step.new_weight:.1f`"
SENTENCE = (
    f"The slope is {SLOPE} and the weight {WEIGHT}, by $w^2$ in {{eq}}`eq-w` and "
    "{numref}`fig-step`."
)
TRANSLATED = (
    f"Das Gewicht {WEIGHT} hat die Steigung {SLOPE}, wegen {{numref}}`fig-step` und "
    "$w^2$ in {eq}`eq-w`."
)
WORDS = (
    "The loss over the weight near its start. At weight 2 the loss is 16 and the "
    "tangent falls by 24 for each unit of weight; one step leads to weight 2.24 and "
    "loss 10.8."
)
GERMAN = {
    "Take {glue:text}`run.num_steps` steps": "Gehe {glue:text}`run.num_steps` weit",
    SENTENCE: TRANSLATED,
    "An error of {glue:text}`step.error`.": "Fehler: {glue:text}`step.error`.",
    "number": "Zahl",
    "From {glue:text}`step.weight`": "Ab {glue:text}`step.weight`",
    "The target is {glue:text}`step.target`; see ``{glue:text}`x` ``.": (
        "Ziel ist {glue:text}`step.target`; siehe ``{glue:text}`x` ``."
    ),
    WORDS: WORDS.replace("The loss over the weight", "Der Verlust über dem Gewicht"),
    "From {glue:text}`run.losses.0` down.": "Von {glue:text}`run.losses.0` herab.",
    "Drag the line to {glue:text}`step.prediction`.": (
        "Zieh sie auf {glue:text}`step.prediction`."
    ),
    "At once: {glue:any}`step.input_value`.": "Jetzt: {glue:any}`step.input_value`.",
    "From [another page](other.md): {glue:text}`other.md::alone:s`.": (
        "Von [anderswo](other.md): {glue:text}`other.md::alone:s`."
    ),
}
ARABIC = {
    SENTENCE: f"الوزن {WEIGHT} والميل {SLOPE}، {{numref}}`fig-step` {{eq}}`eq-w` $w^2$."
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a book of two pages, whose language is that of the environment."""
    made = copy_settings(tmp_path_factory.mktemp("languages"), PAGE)
    (made / "docs" / "other.md").write_text(FRONT_MATTER + OTHER, encoding="utf-8")
    with (made / "docs" / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write('\nlanguage = os.environ.get("TRANSLATED", "en")\n')
    return made


@pytest.fixture(scope="module")
def original(book: Path) -> str:
    """Build the book as it is, and return its first page."""
    built = build(book)
    assert built.code == 0, built.log
    return built.page("index")


def translated(book: Path, language: str, messages: dict[str, str]) -> Built:
    """Write a catalog for the first page, and build the book in that language."""
    catalog = book / "docs" / "locales" / language / "LC_MESSAGES" / "index.po"
    catalog.parent.mkdir(parents=True, exist_ok=True)
    pairs = {"": "Content-Type: text/plain; charset=UTF-8\n"} | messages
    quoted = (
        f"msgid {json.dumps(message, ensure_ascii=False)}\n"
        f"msgstr {json.dumps(text, ensure_ascii=False)}\n"
        for message, text in pairs.items()
    )
    catalog.write_text("\n".join(quoted), encoding="utf-8")
    return build(book, TRANSLATED=language)


def numbers(page: str) -> list[str]:
    """Return the glued numbers of a page, in their order."""
    return re.findall(r'<a class="number"[^>]*>([^<]*)</a>', page)


class TestTranslation:
    """What a translator writes moves numbers, and changes none."""

    def test_catalog_has_the_names_of_numbers(
        self, book: Path, original: Built
    ) -> None:
        """Each message names its numbers; code and the numbers are not in it."""
        assert original
        built = build(book, "catalogs", "gettext", doctrees="built")
        assert built.code == 0, built.log
        catalog = source(built.html / "index.pot")
        messages = set(re.findall(r'(?m)^msgid "(.+)"$', catalog))
        assert set(GERMAN) <= messages
        assert "repeated" not in catalog
        assert "2.24" not in catalog.replace(WORDS, "")

    @pytest.mark.claims(
        "A message holds the names of its numbers, … , and so does its translation, "
        "in the order that the language wants.",
        page="contributing",
    )
    def test_german(self, book: Path, original: str) -> None:
        """Every kind of sentence has the numbers of the original, in its own order."""
        built = translated(book, "de", GERMAN)
        assert built.code == 0, built.log
        expected = numbers(original)
        slope = expected.index("−24")
        expected[slope : slope + 2] = ["2.2", "−24"]
        assert numbers(built.page("index")) == expected
        text = " ".join(text_of(built.page("index")).split())
        for said in (
            "Gehe 51 weit",
            "Das Gewicht 2.2 hat die Steigung −24, wegen Abb. 1 und",
            "Fehler: −4.",
            "Zahl of 0.24 update",
            "Ab 2 Ziel ist 10; siehe {glue:text}`x`",
            "Abb. 1 Von 16 herab.",
            "Abb. 2 Zieh sie auf 6.",
            "Von anderswo: 7.",
            "Jetzt: 3.",
            "Not translated: 2.",
            "draw.one_step(repeated())",
        ):
            assert said in text
        assert f'alt="{GERMAN[WORDS]}"' in built.page("index")
        assert '<html lang="de"' in built.page("index")

    @pytest.mark.claims(
        "The numbers are those of the original, also in the words of a figure; one "
        "that is missing, new or doubled fails the build.",
        page="contributing",
    )
    def test_other_numbers_are_a_mistake(self, book: Path, original: str) -> None:
        """One left out, doubled, new or changed fails the build, with page and line."""
        assert original
        faults = {
            "Take {glue:text}`run.num_steps` steps": "Gehe weit",
            SENTENCE: TRANSLATED.replace(SLOPE, "−24"),
            "An error of {glue:text}`step.error`.": (
                "{glue:text}`step.error` und {glue:text}`step.error`"
            ),
            "The target is {glue:text}`step.target`; see ``{glue:text}`x` ``.": SLOPE,
            "From {glue:text}`run.losses.0` down.": "Von {glue:text}`step.error`.",
            WORDS: WORDS.replace("2.24", "2.42"),
        }
        built = translated(book, "de", faults)
        assert built.code != 0
        assert built.log.count("WARNING") == len(faults)
        lines = source(book / "docs" / "index.md").splitlines()
        for begins, instead in (
            ("## Take", "none instead of run.num_steps"),
            (
                "The slope",
                "step.new_weight:.1f instead of step.new_weight:.1f, step.slope",
            ),
            ("- An error", "step.error, step.error instead of step.error"),
            ("The target", "step.slope instead of step.target"),
            ("mystnb:", "step.error instead of run.losses.0"),
            ("mystnb:", "10.8, 16, 2, 2.42, 24 instead of 10.8, 16, 2, 2.24, 24"),
        ):
            (line,) = (n for n, text in enumerate(lines, 1) if text.startswith(begins))
            place = f"index.md:{line}: WARNING: the translation of a sentence has other"
            assert f"{place} numbers than the original: {instead}\n" in built.log

    def test_arabic(self, book: Path, original: str) -> None:
        """From right to left, a minus sign stays before its number."""
        built = translated(book, "ar", ARABIC)
        assert built.code == 0, built.log
        assert sorted(numbers(built.page("index"))) == sorted(numbers(original))
        rules = source(built.html / "_static" / "site.css")
        rule = (
            r":is\(\.number, \.pasted-text\)\{direction: ltr;\s+unicode-bidi: isolate;"
        )
        assert re.search(rule, rules)

    def test_original_stays(self, book: Path, original: str) -> None:
        """Translations beside it change nothing about the book itself."""
        built = build(book, "again")
        assert built.code == 0, built.log
        assert built.page("index") == original
