"""What the sources of a page must have: each fault is a sentence that names its file.

Nothing is imported and nothing is built, so that an author hears of all faults at once,
in a second.
"""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import sentences
import yaml
from book import cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# How a page imports the figures of a chapter.
IMPORTED = r"(?m)^from gdbook\.plotting import (\w+) as (\w+)$"
# The name of a trace and of its fields, where they are known.
Trace: TypeAlias = tuple[str, set[str]] | None
# What the exercises of a chapter ask for.
KINDS = ("Derive", "Predict", "Change the code")
PROMISES = ("**You will**", "**You will learn**", "**You need**")


class Page(NamedTuple):
    """A page of the book, or of a copy of it, and the folder of that book."""

    path: Path
    root: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.path.relative_to(self.root).as_posix()

    @property
    def text(self) -> str:
        """What its author wrote."""
        return self.path.read_text(encoding="utf-8")

    @property
    def stem(self) -> str | None:
        """The key of its chapter, if it is one."""
        return self.path.stem if self.path.parent.name == "chapters" else None

    @property
    def front_matter(self) -> dict[str, Any]:
        """What stands between the dashes at its top."""
        found = re.match(r"---\n(.*?)\n---\n", self.text, re.DOTALL)
        try:
            return (yaml.safe_load(found[1]) if found else None) or {}
        except yaml.YAMLError:
            return {}  # `unreadable` says so

    @property
    def statements(self) -> list[ast.stmt]:
        """What its cells do, but for those that Python cannot read."""
        found: list[ast.stmt] = []
        for cell in cells(self.path):
            with suppress(SyntaxError):
                found += ast.parse(cell).body
        return found


def faults(page: Page) -> list[str]:
    """Say all that a page lacks, its files first."""
    return [fault for check in CHECKS for fault in check(page)]


def module_of(page: Page, package: str) -> Path:
    """Return where a chapter's module is, or its test."""
    folder, _, kind = package.partition("/")
    prefix = "test_" if folder == "tests" else ""
    return page.root / folder / kind / f"{prefix}{page.stem}.py"


def functions_of(path: Path) -> list[str]:
    """Return the names of the public functions of a module."""
    if not path.exists():
        return []
    body = ast.parse(path.read_text(encoding="utf-8")).body
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    return [name for name in names if not name.startswith("_")]


def unreadable(page: Page) -> Iterator[str]:
    """Ask that its top is YAML, and each cell Python, so that the rest can be read."""
    found = re.match(r"---\n(.*?)\n---\n", page.text, re.DOTALL)
    try:
        yaml.safe_load(found[1] if found else "")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        yield f"{page.name} has no YAML at its top, line {line}: {error.problem}."
    for cell in cells(page.path):
        try:
            ast.parse(cell)
        except SyntaxError as error:
            line_of_code = (error.text or "").strip()
            yield f"{page.name} has a cell with {error.msg}: {line_of_code}"


def missing_files(page: Page) -> Iterator[str]:
    """Ask for examples, figures and a test of each under the chapter's stem."""
    holds = {
        "gdbook/examples": "its worked examples",
        "gdbook/exercises": "what readers write, and the mistakes they make",
        "gdbook/plotting": "its figures",
        "tests/examples": "the numbers that its examples must give",
        "tests/plotting": "what its figures must show",
    }
    for package, what in holds.items() if page.stem else ():
        path = module_of(page, package)
        if not path.exists():
            where = path.relative_to(page.root).as_posix()
            yield f"{where} is missing; it holds {what}, for {page.name}."


def cover(root: Path) -> str:
    """Return the text of the page that lists all others."""
    return (root / "docs" / "index.md").read_text(encoding="utf-8")


def unlisted(page: Page) -> Iterator[str]:
    """Ask that the index alone orders the pages, each chapter once."""
    times = len(re.findall(rf"(?m)^chapters/{page.stem}$", cover(page.root)))
    if page.stem and times != 1:
        yield f"docs/index.md lists chapters/{page.stem} {times} times, not once."
    if page.path.name != "index.md" and "{toctree}" in page.text:
        yield f"{page.name} has a toctree; docs/index.md alone orders pages."


def undescribed(page: Page) -> Iterator[str]:
    """Ask for the description that search engines show."""
    meta = page.front_matter.get("myst", {}).get("html_meta", {})
    if not meta.get("description"):
        yield f"{page.name} has no description under myst: html_meta: at its top."


def unordered(page: Page) -> Iterator[str]:
    """Ask that a reader finds a term where the alphabet puts it."""
    for glossary in re.findall(r"(?ms)^```\{glossary\}\n(.*?)^```$", page.text):
        terms = re.findall(r"(?m)^\S.*$", glossary)
        for before, term in pairwise(terms):
            if term.casefold() < before.casefold():
                yield f"{page.name} has {before} before {term}, against the alphabet."


def unused(page: Page) -> Iterator[str]:
    """Ask that every example and every figure of a chapter is on a page."""
    if not page.stem:
        return
    others = (page.root / "docs").rglob("*.md")
    pages = [Page(path, page.root) for path in others if "_build" not in path.parts]
    words = set(re.findall(r"\w+", "\n".join("\n".join(cells(p.path)) for p in pages)))
    for name in functions_of(module_of(page, "gdbook/examples")):
        if name not in words:
            yield f"No page calls {name} of gdbook/examples/{page.stem}.py."
    drawn = {
        name
        for p in pages
        for stem, alias in re.findall(IMPORTED, p.text)
        if stem == page.stem
        for cell in cells(p.path)
        for name in re.findall(rf"\b{alias}\.(\w+)\(", cell)
    }
    for name in functions_of(module_of(page, "gdbook/plotting")):
        if name not in drawn:
            yield f"No page draws {name} of gdbook/plotting/{page.stem}.py."


def gone(page: Page) -> Iterator[str]:
    """Ask that the library still has what a page imports, calls and glues."""
    tree = ast.Module(page.statements, [])
    modules: dict[str, Path] = {}
    traces: dict[str, Trace] = {}  # what a function returns, or a variable is
    for called, path, name in imported(page.root, tree):
        where = path.relative_to(page.root).as_posix()
        if not name:
            modules[called] = path
        elif name in definitions(path):
            traces[called] = returned(path, name)
        else:
            yield f"{page.name} imports {name}, which {where} has not."
    traces |= variables_of(tree, traces)
    uses = re.findall(r"\{glue:\w+\}`(\w+)\.([a-z]\w*)", page.text)
    uses += [
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    for name, attribute in dict.fromkeys(uses):
        if name in modules and attribute not in definitions(modules[name]):
            where = modules[name].relative_to(page.root).as_posix()
            yield f"{page.name} calls {name}.{attribute}, which {where} has not."
        trace = traces.get(name)
        if trace and attribute not in {*trace[1], *dir(tuple)}:
            yield f"{page.name} uses {name}.{attribute}, which {trace[0]} has not."


def imported(root: Path, tree: ast.Module) -> Iterator[tuple[str, Path, str]]:
    """Give what a page calls a thing of the library, its module, and its name there."""
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom):
            continue
        package, *parts = str(node.module).split(".")
        folder = root.joinpath(package, *parts)
        for name in node.names if package == "gdbook" else ():
            module = folder / f"{name.name}.py"
            if module.exists():
                yield name.asname or name.name, module, ""
            else:
                package_file = folder / "__init__.py"
                file = folder.with_suffix(".py")
                path = package_file if package_file.exists() else file
                yield name.asname or name.name, path, name.name


def definitions(path: Path) -> dict[str, ast.stmt]:
    """Return what a module defines at its top, by name."""
    return _definitions(path.read_text(encoding="utf-8") if path.exists() else "")


@cache
def _definitions(text: str) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [name.asname or name.name for name in node.names]
        else:
            names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
        found |= dict.fromkeys(names, node)
    return found


def returned(path: Path, function: str) -> Trace:
    """Return the trace that a function returns, and what glue finds under its name."""
    there = definitions(path)
    node = there[function]
    returns = node.returns if isinstance(node, ast.FunctionDef) else None
    trace = there.get(returns.id) if isinstance(returns, ast.Name) else None
    if not isinstance(node, ast.FunctionDef) or not isinstance(trace, ast.ClassDef):
        return None
    arguments = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
    fields = {
        part.target.id
        for part in trace.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    methods = {part.name for part in trace.body if isinstance(part, ast.FunctionDef)}
    return trace.name, arguments | fields | methods


def variables_of(tree: ast.Module, traces: dict[str, Trace]) -> dict[str, Trace]:
    """Return the traces that variables are, glued ones too; None where it is unsure."""
    values = [
        (node.targets[0].id, node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    values += [
        (str(keyword.arg), keyword.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "glue"
        for keyword in node.keywords
    ]
    found: dict[str, Trace] = {}
    for name, value in values:
        function = value.func if isinstance(value, ast.Call) else value
        trace = traces.get(ast.unparse(function))
        found[name] = trace if found.get(name, trace) == trace else None
    return found


def unasked(page: Page) -> Iterator[str]:
    """Ask for the question that a chapter answers, and for the same on the cover."""
    asked = re.search(r"(?m)^:{3,}\{admonition\} (.+\?)\n:class: opening$", page.text)
    if asked is None:
        yield f"{page.name} does not open with a question as the title of its opening."
    elif f"\n- {{doc}}`chapters/{page.stem}`: {asked[1]}\n" not in cover(page.root):
        yield f"docs/index.md does not ask what {page.name} does: {asked[1]}"


def lacking(page: Page) -> Iterator[str]:
    """Ask that a chapter opens, lets the reader predict, shows, and closes."""
    if not page.stem:
        return
    text = page.text
    if text.count(":class: opening") != 1:
        yield f"{page.name} has not one admonition of the class opening."
    yield from unasked(page)
    for promise in PROMISES:
        if promise not in text:
            yield f"{page.name} does not say {promise} in its opening."
    for pattern, least, what in (
        (r"^:{3,}\{predict\}|^:class: predict$", 2, "questions to predict"),
        (
            r"^    name: fig-",
            2,
            "figures: cells that name a figure fig-… in their options",
        ),
        (r"^```\{math\}$", 1, "equations: math directives"),
    ):
        count = len(re.findall(pattern, text, re.MULTILINE))
        if count < least:
            yield f"{page.name} has {count} of at least {least} {what}."
    remember = re.search(r"(?ms)^## What to remember\n\n(.*?)\n\n", text)
    sentences = len(remember[1].splitlines()) if remember else 0
    if sentences != 3:
        yield f"{page.name} has {sentences} sentences, not 3, under What to remember."
    if "\n## Read on\n" not in text:
        yield f"{page.name} has no section Read on at its end."


def unsolved(page: Page) -> Iterator[str]:
    """Ask for an exercise of each kind, with a folded solution that holds a cell."""
    if not page.stem:
        return
    found = re.search(r"(?ms)^## Exercises\n(.*?)(?=^## |\Z)", page.text)
    parts = re.split(r"(?m)^### (.*)$", found[1])[1:] if found else []
    if len(parts) != 6:
        count = len(parts) // 2
        yield f"{page.name} has {count} exercises, not 3: headings under Exercises."
    for kind in KINDS:
        if not any(part.startswith(f"\n\n**{kind}.**\n") for part in parts[1::2]):
            yield f"{page.name} has no exercise that starts with **{kind}.**"
    for title, part in zip(parts[::2], parts[1::2], strict=True):
        solution = re.search(r"(?s)\{solution-start\}(.*?)\{solution-end\}", part)
        if solution is None or "```{code-cell}" not in solution[1]:
            yield f"{page.name} has no solution with a code cell for “{title}”."


def unlooked_for(page: Page) -> Iterator[str]:
    """Ask for numbers that are looked for on the page when it is built."""
    if page.stem and not numbers_of(page.root, page.stem):
        where = f"tests/examples/test_{page.stem}.py"
        yield f"{where} names no NUMBERS that {page.name} must show."


def numbers_of(root: Path, stem: str) -> list[str]:
    """Return the numbers that a chapter's test looks for on its page."""
    path = root / "tests" / "examples" / f"test_{stem}.py"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.search(r"(?ms)^NUMBERS = \((.*?)\)$", text)
    return re.findall(r'"([^"]+)"', found[1]) if found else []


def shows(number: str, text: str) -> bool:
    """Say whether a number stands in a text, and not as a part of another."""
    return bool(re.search(rf"(?<![\d.]){re.escape(number)}(?![\d/]|\.\d)", text))


def glued_otherwise(page: Page) -> Iterator[str]:
    """Ask that a sentence calls a trace by the name of its variable in the cells."""
    trees = page.statements
    variables: dict[str, set[str]] = {}  # the names of what a cell computes
    for node in trees:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            computed = ast.unparse(node.value).removesuffix("()")
            variables.setdefault(computed, set()).add(node.targets[0].id)
    assigned = {name for names in variables.values() for name in names}
    for name, value in _glued(trees):
        right = {value} if value in assigned else variables.get(value, set())
        if (right and name not in right) or (name in assigned and not right):
            said = f"name {value} {' or '.join(sorted(right))}"
            said = said if right else f"use {name} for something else"
            yield f"{page.name} glues {name}, but its cells {said}; take one name."
        use = re.search(rf"\{{glue:\w+\}}`{name}[.:`]", page.text)
        glued = re.search(rf"(?m)^glue\([^`]*?\b{name}=", page.text)
        if use and glued:
            cell = page.text.rindex("```{code-cell}", 0, glued.start())
            if use.start() < cell:
                yield f"{page.name} uses {name} in a sentence before it is glued."


def _glued(trees: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Give each glued name, and what is glued under it, as the cells write it."""
    for node in trees:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if ast.unparse(node.value.func) != "glue":
                continue
            for keyword in node.value.keywords:
                value = ast.unparse(keyword.value)
                value = re.sub(r"^tuple\((\w+)\)$", r"\1", value)
                yield str(keyword.arg), value.removesuffix("()")


def typed(page: Page) -> Iterator[str]:
    """Ask that a number in prose is glued, or listed as given at the page's top."""
    given = page.front_matter.get("given", [])
    found = typed_numbers(page.text)
    for number in found:
        if number not in given:
            where = line_with(number, page.text)
            yield f"{page.name} types {number}; glue it, or list it as given: {where}"
    for number in given:
        if number not in found:
            yield f"{page.name} lists {number} as given, but does not type it."


def line_with(number: str, text: str) -> str:
    """Return the first line of prose, or of mathematics, that has a number."""
    alone = rf"(?<![\d.,/]){re.escape(number)}(?![.,/]?\d)"
    lines = "\n".join(prose_of(text)).splitlines()
    return next(line.strip() for line in lines if re.search(alone, line))


def too_long(page: Page) -> Iterator[str]:
    """Ask that what is long, or wider than a page, goes into the library."""
    hidden = r"(?ms)^```\{code-cell\}\n:tags: \[hide-input\]\n(.*?)^```$"
    folded = re.findall(hidden, page.text)
    for cell in cells(page.path):
        lines = [line for line in cell.splitlines() if line.strip()]
        count = _computing(cell) if cell in folded else len(lines)
        if count > 15:
            yield f"{page.name} has a cell of {count} lines, not 15: {lines[0]}"
        for line in lines:
            if len(line) > 80:
                yield f"{page.name} has a line of code wider than 80: {line}"


def _computing(cell: str) -> int:
    """Count the lines of a set-up but for those that import or glue."""
    with suppress(SyntaxError):
        return sum(
            (node.end_lineno or node.lineno) - node.lineno + 1
            for node in ast.parse(cell).body
            if not isinstance(node, ast.Import | ast.ImportFrom)
            and not any(_glued([node]))
        )
    return 0  # `unreadable` says so


def run_on(page: Page) -> Iterator[str]:
    """Ask that a line of prose ends where its sentence ends; a list may run on."""
    prose, _ = prose_of(page.text)
    steps = re.findall(r"(?m)^\d+\. (.*)$", page.text)
    for line in prose.splitlines():
        if not re.match(r"[A-Z]", line) or any(line[:9] in step for step in steps):
            continue
        if re.search(r"[a-z)]\. [A-Z]", line):
            yield f"{page.name} has two sentences on a line: {line}"


def misquoted(page: Page) -> Iterator[str]:
    """Ask that a page still says what its tests hold."""
    yield from sentences.misquoted(page.root, page.path)


def hiding(page: Page) -> Iterator[str]:
    """Ask that a number in a word is glued, or that a test quotes its sentence."""
    for sentence in sentences.untested(page.root, page.path):
        if sentence.hidden:
            words = ", ".join(sentence.hidden)
            says = (
                "says {}, which no test holds; glue it with in_words, or quote it: {}"
            )
            yield f"{page.name} {says.format(words, sentence.text)}"


CHECKS: tuple[Callable[[Page], Iterator[str]], ...] = (
    *(unreadable, missing_files, unlisted, undescribed, lacking, unsolved),
    *(unlooked_for, unused, gone, glued_otherwise),
    *(typed, too_long, run_on, unordered, misquoted, hiding),
)


def prose_of(text: str) -> tuple[str, str]:
    """Return the sentences of a page, captions included, and its mathematics."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    captions = "\n".join(re.findall(r"caption: \|\n((?: {6}.*\n)+)", text))
    mathematics = re.findall(r"(?ms)^```\{math\}\n(.*?)^```$", text)
    # Blocks of code, options and other markup are no prose; a directive's body is.
    text = re.sub(
        r"^```(\{(code-cell|math|toctree|eval-rst)\}|\w).*?^```$",
        "",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    text = re.sub(r"(?m)^(:\w[\w-]*:.*|`{3,}.*|:{3,}\S*)$", "", text) + captions
    text = re.sub(r"\{\w[\w:]*\}`([^`<]*)<[^`]*>`", r"\1", text)  # a role with words
    text = re.sub(r"\{\w[\w:]*\}`[^`]*`", "", text)  # glue, terms, references
    text = re.sub(r"\]\([^)]*\)", "]", text)  # where links lead
    text = re.sub(r"`([^`\n]*)`", _code_words, text)
    mathematics += re.findall(r"\$([^$]+)\$", text)
    text = re.sub(r"\$[^$]+\$", "", text)
    return re.sub(r"^\d+\. ", "", text, flags=re.MULTILINE), "\n".join(mathematics)


def _code_words(found: re.Match[str]) -> str:
    """Keep inline code that is a number in disguise, and drop names and commands."""
    return found[1] if re.fullmatch(r"[\W\d]*\d[\W\d]*", found[1]) else ""


def typed_numbers(text: str) -> list[str]:
    """Return the numbers that stand in a page's sentences, and odd ones in its math."""
    prose, mathematics = prose_of(text)
    mathematics = re.sub(r"^:label:.*", "", mathematics, flags=re.MULTILINE)
    # A formula may have 0, 1 and 2 in it, and pairs of 1 and 2 as indices.
    allowed = {"0", "1", "2", "11", "12", "21", "22"}
    found = re.findall(r"\d+(?:\.\d+)?", mathematics)
    odd = [number for number in found if number not in allowed]
    return re.findall(r"\d(?:[\d.,/]*\d)?", prose) + odd
