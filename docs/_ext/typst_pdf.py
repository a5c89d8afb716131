"""Set the sources that the builder `typst` wrote as one PDF.

Run with the folder of the sources. Pandoc reads the TeX of all formulas at once and
writes it in Typst's own way; what it cannot read stops it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

NAME = "gdbook.pdf"
STANDARD = "ua-1"
# Pandoc scales a big bracket as a picture, takes a bar for a relation, and makes other
# spaces than a thin one none at all.
BETTER_TEX = (
    (r"\\[Bb]igg?l\b", r"\\left"),
    (r"\\[Bb]igg?r\b", r"\\right"),
    (r"(?<!\\left)(?<!\\right)\|((?:(?!\\left|\\right)[^|])+)\|", r"\\left|\1\\right|"),
    (r"\\;\s*(\\[gl]e)\s*\\;", r"\1"),
    (r"(?<!\\)\\[;: ]", r"\\,"),
)
# And it knows signs by names that Typst has changed.
RENAMED = {"dot.circle": "dot.o"}


def better(tex: str) -> str:
    """Write TeX as pandoc reads it well."""
    for found, instead in BETTER_TEX:
        tex = re.sub(found, instead, tex)
    return tex


def formulas(given: list[dict[str, Any]]) -> str:
    """Return Typst's list of formulas, each with its words.

    Parameters
    ----------
    given : list of dict
        The TeX of each, its words, and whether it stands by itself.
    """
    import pypandoc  # noqa: PLC0415 (only its own session has it)

    blocks = [
        {
            "t": "Para",
            "c": [
                {
                    "t": "Math",
                    "c": [
                        {"t": "DisplayMath" if each["display"] else "InlineMath"},
                        better(each["tex"]),
                    ],
                }
            ],
        }
        for each in given
    ]
    document = {"pandoc-api-version": [1, 23], "meta": {}, "blocks": blocks}
    done = subprocess.run(  # noqa: S603 (the program that is installed)
        [
            pypandoc.get_pandoc_path(),
            *("-f", "json", "-t", "typst", "--wrap=none", "--fail-if-warnings"),
        ],
        input=json.dumps(document),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        msg = f"pandoc cannot read a formula: {done.stderr}"
        raise SystemExit(msg)
    markup = done.stdout.strip()
    for old, new in RENAMED.items():
        markup = markup.replace(old, new)
    found = markup.split("\n\n")
    lines = [
        f"  math.equation(alt: {json.dumps(each['words'])}, "
        f"block: {str(each['display']).lower()}, {one}.body),"
        for each, one in zip(given, found, strict=True)
    ]
    return "#let formulas = (\n" + "\n".join(lines) + "\n)\n"


def main(folder: str) -> None:
    """Set the book."""
    import typst  # noqa: PLC0415 (likewise)

    here = Path(folder)
    given = json.loads((here / "formulas.json").read_text(encoding="utf-8"))
    (here / "formulas.typ").write_text(formulas(given), encoding="utf-8")
    fonts = Path(mpl.get_data_path(), "fonts", "ttf")
    made = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    compiler = typst.Compiler(
        here / "book.typ", root=here, font_paths=[fonts], ignore_system_fonts=True
    )
    pdf = compiler.compile(timestamp=made, pdf_standards=[STANDARD])
    (here / NAME).write_bytes(pdf)


if __name__ == "__main__":
    main(*sys.argv[1:])
