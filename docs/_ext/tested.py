"""Find the test of each function and class of the library.

It is the class of the same name, or the first one whose code names the function, by
itself or in what it calls of its own file. The file is that with the name of the
module, or the first that imports the function. Coverage tools know which lines a test
runs, nearly all of them, and not which test is meant.
"""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import TYPE_CHECKING, NamedTuple

from reference import IMPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# A name in a text or in a comment is no use of it.
TEXTS = re.compile(r'"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|#.*')
BEGINS = re.compile(r"(?:class |(?:async )?def )?(\w+)")


class Place(NamedTuple):
    """A file below the root of the project, and a name in it."""

    file: str
    name: str


class Tests:
    """What the tests of a file use."""

    def __init__(self, text: str) -> None:
        code = TEXTS.sub("", text)
        self.words = dict(_blocks(code))
        self.imports = {
            f"{module}.{name}"
            for module, names in IMPORT.findall(code)
            for name in re.findall(r"\w+", names)
        }

    def of(self, name: str) -> str:
        """Return the test of a function, or nothing."""
        tests = [test for test in self.words if re.match("[Tt]est", test)]
        own = f"Test{name.title().replace('_', '')}".lower()
        named = [test for test in tests if test.lower() == own]
        direct = [test for test in tests if name in self.words[test]]
        far = (test for test in tests if name in self._reached(test, set()))
        return next(iter([*named, *direct]), "") or next(far, "")

    def _reached(self, block: str, seen: set[str]) -> set[str]:
        """Return the words of a block, and of those of the file that it names."""
        seen.add(block)
        words = self.words[block].copy()
        for other in (words & self.words.keys()) - seen:
            words |= self._reached(other, seen)
        return words


def _blocks(code: str) -> Iterator[tuple[str, set[str]]]:
    """Yield what a file defines, each with the words of its code and decorators."""
    name, words = "", set[str]()
    for line in code.splitlines():
        begins = BEGINS.match(line)
        if name and (begins or line.startswith("@")):
            yield name, words
            name, words = "", set()
        if begins and not iskeyword(begins[1]):
            name = begins[1]
        words.update(re.findall(r"\w+", line))
    if name:
        yield name, words


def places(root: Path, names: Iterable[str]) -> dict[str, Place]:
    """Return the test of each name of the library that has one."""
    files = {
        path.relative_to(root).as_posix(): Tests(path.read_text(encoding="utf-8"))
        for path in sorted((root / "tests").rglob("test_*.py"))
    }
    found = {}
    for whole in names:
        module, _, name = whole.rpartition(".")
        _, *folders, stem = module.split(".")
        own = "/".join(("tests", *folders, f"test_{stem}.py"))
        others = (file for file, tests in files.items() if whole in tests.imports)
        for file in filter(files.__contains__, (own, *others)):
            if test := files[file].of(name):
                found[whole] = Place(file, test)
                break
    return found
