"""Write a chapter's skeleton: a page, examples, exercises, figures and their tests.

All of it passes as it is written, so that an author changes what is there, one thing at
a time, and hears at once what broke.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

TEMPLATES = Path(__file__).with_suffix("")
# What is written, and from which template.
FILES = {
    "docs/chapters/{}.md": "page",
    "gdbook/examples/{}.py": "example",
    "gdbook/exercises/{}.py": "exercises",
    "gdbook/plotting/{}.py": "figures",
    "tests/examples/test_{}.py": "test_example",
    "tests/plotting/test_{}.py": "test_figures",
}
INDEX = "docs/index.md"
# What lists chapters there, and the line of a new one: its question, and its place.
LISTS = {
    r"(?m)^- \{doc\}`chapters/.*\n": "- {{doc}}`chapters/{}`: What does it answer?",
    r"(?m)^chapters/\w+\n": "chapters/{}",
}


def write_chapter(root: Path, stem: str) -> list[str]:
    """Write the files of a chapter, list it in the index, and return their names."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", stem) or keyword.iskeyword(stem):
        msg = f"{stem!r} is no name for a chapter: use snake_case, as in line_search"
        raise ValueError(msg)
    names = {pattern.format(stem): template for pattern, template in FILES.items()}
    there = [name for name in names if (root / name).exists()]
    if there:
        msg = f"there is a chapter {stem!r} already: {', '.join(there)}"
        raise ValueError(msg)
    index = (root / INDEX).read_text(encoding="utf-8")
    title = stem.replace("_", " ").capitalize()
    for name, template in names.items():
        text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
        text = text.replace("STEM", stem).replace("TITLE", title)
        (root / name).write_text(text, encoding="utf-8")
    for listed, line in LISTS.items():
        end = list(re.finditer(listed, index))[-1].end()
        index = f"{index[:end]}{line.format(stem)}\n{index[end:]}"
    (root / INDEX).write_text(index, encoding="utf-8")
    return [*names, INDEX]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("nox -s new -- NAME: give one name for the chapter, as in line_search")
    try:
        written = write_chapter(Path(__file__).parents[1], sys.argv[1])
    except ValueError as error:
        sys.exit(f"nox -s new -- NAME: {error}")
    print("Written, and ready to be changed:", *written, sep="\n  ")  # noqa: T201
    print(f"Try it: nox -s tests -- {sys.argv[1]}, then nox -s docs")  # noqa: T201
