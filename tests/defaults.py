"""Change every default of every example in turn, and see which sentences notice.

`nox -s defaults` comes here with a folder to work in, and with the chapters to try: all
unless some are named. A changed default changes the numbers that its page glues. A
sentence that is false then stops the build, or a test that quotes it fails; what is
left to be read are sentences without a test that stand in a section whose numbers
changed, if they claim something, count, or put in an order, and those whose own number
changed while the test that quotes them passed.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import inspect
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import wraps
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import sentences
from book import copy_book
from kernels import USE, say, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
WORKERS = os.cpu_count() or 1
# What a sentence without a claim may say of a number: how many, and in which order.
COUNTS = "both|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million"
ORDERS = (
    "above|after|already|before|below|beyond|diverges|first|last|near|second|settles|"
    r"still|third|yet|(?:bett|bigg|clos|fast|few|great|high|larg|lat|long|low|near|"
    r"short|slow|small|steep)er"
)
DEPENDING = re.compile(rf"(?i)\b(?:{COUNTS}|{ORDERS})\b")
# A page, its examples, and the tests that hold what it says.
PAGE, EXAMPLES = "docs/chapters/{}.md", "gdbook/examples/{}.py"
SLOW = 0.05  # seconds of an example, from which its result is worth a file
HOLDING = ("tests/claims/test_{}.py", "tests/examples/test_{}.py")


class Default(NamedTuple):
    """A default of an example, where it stands, and what is tried in its place."""

    chapter: str
    function: str
    argument: str
    value: Any
    others: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.chapter}: {self.function}({self.argument}={self.value})"


class Heard(NamedTuple):
    """What a page says with some defaults: its texts, and the claims that fail."""

    error: str
    texts: dict[str, str]
    failing: list[str]


class Report(NamedTuple):
    """What is said of a default, and the sentences that nobody has judged."""

    said: list[str]
    read: list[sentences.Sentence]


def defaults(chapter: str) -> list[Default]:
    """Return the defaults of a chapter's examples that are numbers."""
    module = importlib.import_module(f"gdbook.examples.{chapter}")
    tree = ast.parse((ROOT / EXAMPLES.format(chapter)).read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    found = []
    for name in (name for name in names if not name.startswith("_")):
        for parameter in inspect.signature(getattr(module, name)).parameters.values():
            value = parameter.default
            found += [
                Default(chapter, name, parameter.name, value, others)
                for others in (tuple(_others(value)), tuple(_longer(value)))
                if others
            ]
    return found


def _others(value: Any) -> Iterator[Any]:
    """Give what else a default might be, the plainest first."""
    if isinstance(value, bool) or value is inspect.Parameter.empty:
        return
    if isinstance(value, int):
        yield from (2 * value, value + 1) if value else (1,)
    elif isinstance(value, float | Fraction):
        yield from (2 * value, value / 2) if value else (value + 1,)
    elif isinstance(value, tuple) and value:
        yield from ((*value[:-1], other) for other in _others(value[-1]))
        yield from ((other, *value[1:]) for other in _others(value[0]))
        parts = tuple(next(_others(part), part) for part in value)
        if parts != value:  # which may change the scale alone
            yield parts


def _longer(value: Any) -> Iterator[Any]:
    """Give what has one more than a default, which a sentence may have counted."""
    if isinstance(value, tuple) and value:
        for other in _others(value[-1]):
            yield (*value, other)


def changed(source: str, function: str, argument: str, value: Any) -> str:
    """Return a module with another default of a function's argument."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef) or node.name != function:
            continue
        given = node.args
        plain = given.args[len(given.args) - len(given.defaults) :]
        pairs = [*zip(plain, given.defaults, strict=True)]
        pairs += [*zip(given.kwonlyargs, given.kw_defaults, strict=True)]  # type: ignore[list-item]
        for named, old in pairs:
            if named.arg == argument and old is not None:
                lines = source.splitlines(keepends=True)
                start = sum(map(len, lines[: old.lineno - 1])) + old.col_offset
                last = sum(map(len, lines[: (old.end_lineno or 0) - 1]))
                end = last + (old.end_col_offset or 0)
                return source[:start] + _written(value) + source[end:]
    msg = f"{function} has no default of {argument}"
    raise ValueError(msg)


def _written(value: Any) -> str:
    if isinstance(value, Fraction):
        return f"__import__('fractions').{value!r}"
    if isinstance(value, tuple):
        return f"({''.join(f'{_written(part)}, ' for part in value)})"
    return repr(value)


def reaching(root: Path, function: str) -> set[str]:
    """Return the examples whose results another default of one of them may change."""
    bodies: dict[str, set[str]] = {}
    for path in (root / "gdbook" / "examples").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            inner = [*ast.walk(node)]
            used = {one.id for one in inner if isinstance(one, ast.Name)}
            used |= {one.attr for one in inner if isinstance(one, ast.Attribute)}
            stored = (o for o in inner if isinstance(o, ast.Name))
            names = [o.id for o in stored if isinstance(o.ctx, ast.Store)]
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [node.name]
            for name in names:
                bodies.setdefault(name, set()).update(used)
            for one in node.names if isinstance(node, ast.ImportFrom) else ():
                bodies.setdefault(one.asname or one.name, set()).add(one.name)
    found, more = {function}, True
    while more:
        new = {name for name, used in bodies.items() if used & found} - found
        found, more = found | new, bool(new)
    return found


def keep_results(folder: Path, anew: set[str]) -> SimpleNamespace:
    """Let slow examples be computed once for all defaults, but for those named.

    The arguments, defaults among them, are part of what a result is kept under. A test
    that changes the library itself must have `use` of nothing kept.
    """
    from gdbook import _arguments  # noqa: PLC0415

    check, kept = _arguments.checked, SimpleNamespace(use=True)

    def checked(function: Callable[..., Any]) -> Callable[..., Any]:
        compute = check(function)
        if function.__name__ in anew:
            return compute
        signature = inspect.signature(function)

        @wraps(compute)
        def call(*args: Any, **kwargs: Any) -> Any:
            if not kept.use:
                return compute(*args, **kwargs)
            try:
                given = signature.bind(*args, **kwargs)
                given.apply_defaults()
                name = f"{function.__module__}.{function.__name__}"
                key = pickle.dumps((name, sorted(given.arguments.items())))
            except (TypeError, AttributeError, pickle.PicklingError):
                return compute(*args, **kwargs)
            path = folder / hashlib.sha256(key).hexdigest()
            if path.exists():
                return pickle.loads(path.read_bytes())  # noqa: S301 (ours)
            start = time.process_time()
            result = compute(*args, **kwargs)
            if time.process_time() - start > SLOW:
                own = path.with_suffix(f".{os.getpid()}")
                own.write_bytes(pickle.dumps(result))
                own.rename(path)
            return result

        return call

    folder.mkdir(exist_ok=True)
    _arguments.checked = checked
    return kept


def listen(root: Path, chapter: str, kept: Path, function: str = "") -> Heard:
    """Execute a chapter's page in a folder, and run the tests that quote it."""
    tool = str(root / "tests" / "defaults.py")
    command = [sys.executable, tool, "--listen", chapter, str(kept), function]
    paths = os.pathsep.join(str(root / part) for part in ("", "tests", "docs/_ext"))
    env = os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        command, cwd=root, env=env, capture_output=True, text=True, check=False
    )
    if run.returncode:
        return Heard("".join(run.stderr.splitlines()[-1:]), {}, [])
    return Heard(*json.loads(run.stdout.splitlines()[-1]))


def hear(chapter: str, kept: Path, function: str) -> Heard:
    """Do so in this process, whose library has the default of the function."""
    import pytest  # noqa: PLC0415

    results = keep_results(kept, reaching(Path(), function))
    failing: list[str] = []

    class Failing:
        """Note what the tests that fail quote."""

        @pytest.hookimpl
        def pytest_runtest_setup(self, item: pytest.Item) -> None:
            """Compute anew what a test may listen to."""
            results.use = "monkeypatch" not in getattr(item, "fixturenames", ())

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(self, item: pytest.Item) -> Any:
            """Look at every test that ran."""
            report = yield
            if report.failed:
                failing.extend(s for m in item.iter_markers("claims") for s in m.args)
            return report

    error, said = "", {}
    try:
        said = words(Path("docs"), [f"chapters/{chapter}"])[chapter]
    except SystemExit as stop:
        error = str(stop)
    files = [name for f in HOLDING if Path(name := f.format(chapter)).exists()]
    output, sys.stdout = sys.stdout, sys.stderr
    quietly = ("-q", "--no-header", "--no-summary", "-p", "no:cacheprovider")
    pytest.main(["-m", "claims", *quietly, *files], plugins=[Failing()])
    sys.stdout = output
    return Heard(error, said, list(dict.fromkeys(failing)))


def sections(text: str) -> Iterator[list[sentences.Sentence]]:
    """Give the sentences of each section of a page."""
    starts = [0]
    starts += [n for n, line in enumerate(text.splitlines(), 1) if line[:1] == "#"]
    found = sentences.sentences(text)
    for start, end in zip(starts, [*starts[1:], sys.maxsize], strict=True):
        yield [sentence for sentence in found if start <= sentence.line < end]


def report(root: Path, default: Default, before: Heard, now: Heard) -> Report:
    """Say what notices a default, and which sentences are left to be read."""
    if now.error:
        return Report([f"stops the build: {now.error[:200]}"], [])
    page = root / PAGE.format(default.chapter)
    text = page.read_text(encoding="utf-8")
    moved = {use for use in before.texts if before.texts[use] != now.texts.get(use)}
    numbered = enumerate(text.splitlines(), 1)
    numbers = {number for number, line in numbered if moved & {*USE.findall(line)}}
    doubtful = open_to_doubt(root, page)
    read = [
        sentence
        for section in sections(text)
        if numbers & {sentence.line for sentence in section}
        for sentence in section
        if sentence in doubtful
    ]
    said = [f"a test finds false: {quoted}" for quoted in now.failing]
    if read:
        said.append(f"read lines {', '.join(str(one.line) for one in read)}")
    tested = {quoted.text for quoted in sentences.quoted_of(root, page)}
    held = [
        sentence
        for sentence in sentences.sentences(text)
        if sentence.line in numbers and sentence.text in tested - {*now.failing}
    ]
    if held:
        lines = ", ".join(str(one.line) for one in held)
        said.append(f"a test holds what says another number now: lines {lines}")
    return Report(said or ["no sentence depends on it"], read + held)


def open_to_doubt(root: Path, page: Path) -> list[sentences.Sentence]:
    """Return the sentences of a page that no test quotes, and that may turn false."""
    tested = {quoted.text for quoted in sentences.quoted_of(root, page)}
    return [
        sentence
        for sentence in sentences.sentences(page.read_text(encoding="utf-8"))
        if sentence.text not in tested and not sentence.asks
        if sentence.words or DEPENDING.search(sentence.text)
    ]


def attempt(root: Path, default: Default, before: Heard) -> Report:
    """Change a default in a copy, to the first value that its example takes."""
    path = root / EXAMPLES.format(default.chapter)
    source = path.read_text(encoding="utf-8")
    call = f"import gdbook.examples.{default.chapter} as e; e.{default.function}()"
    try:
        for other in default.others:
            new = changed(source, default.function, default.argument, other)
            path.write_text(new, encoding="utf-8")
            command = [sys.executable, "-B", "-c", call]
            run = subprocess.run(command, cwd=root, capture_output=True, check=False)
            if run.returncode == 0:
                kept = root.parent / "kept"
                now = listen(root, default.chapter, kept, default.function)
                said, read = report(root, default, before, now)
                return Report([f"{default} -> {other}", *indented(said)], read)
    finally:
        path.write_text(source, encoding="utf-8")
    tried = " and ".join(map(str, default.others))
    return Report([str(default), *indented([f"is refused as {tried}"])], [])


def indented(lines: list[str]) -> list[str]:
    """Put lines below another."""
    return [f"  {line}" for line in lines]


def copies(folder: Path) -> Iterator[Path]:
    """Copy what a page needs, once for each worker."""
    for number in range(WORKERS):
        copy = folder / str(number)
        shutil.rmtree(copy, ignore_errors=True)
        yield copy_book(copy, tests=True)


def main(folder: Path, chapters: list[str]) -> None:
    """Try every default of the chapters."""
    known = sorted(path.stem for path in ROOT.glob(EXAMPLES.format("[!_]*")))
    known = [stem for stem in known if (ROOT / PAGE.format(stem)).exists()]
    if unknown := set(chapters) - set(known):
        sys.exit(f"there is no chapter {min(unknown)!r}; there are {', '.join(known)}")
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies(folder):
        free.put(copy)
    kept = folder / "kept"
    shutil.rmtree(kept, ignore_errors=True)  # of another library

    def tried(default: Default, before: Heard) -> Report:
        root = free.get()
        try:
            return attempt(root, default, before)
        finally:
            free.put(root)

    with ThreadPoolExecutor(WORKERS) as pool:
        for chapter in chapters or known:
            before = listen(ROOT, chapter, kept)
            if before.error or before.failing:
                sys.exit(f"{chapter}: {before.error or before.failing[0]}, as it is")
            found = defaults(chapter)
            read: dict[sentences.Sentence, None] = {}
            for one in pool.map(tried, found, [before] * len(found)):
                say("\n".join(one.said))
                read |= dict.fromkeys(one.read)
            say(f"{chapter}: {len(found)} defaults, {len(read)} sentences to read")
            page = PAGE.format(chapter)
            for line, text in sorted(read):
                say(f"  {page}:{line}: {text}")


if __name__ == "__main__":
    if sys.argv[1] == "--listen":
        say(json.dumps(hear(sys.argv[2], Path(sys.argv[3]), sys.argv[4])))
        sys.exit()
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("chapters", nargs="*")
    asked = parser.parse_args()
    main(asked.folder, asked.chapters)
