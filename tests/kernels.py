"""Compare what the pages say, and run the tests of numbers, on several processors.

OpenBLAS, NumPy's own loops and the C library choose their code by the processor, and
each code rounds in its own way. All three can be told to take an older processor's, so
one machine shows whether a page or a test holds a number that others do not get.

`nox -s kernels` comes here with the names of kernels, the two oldest that differ from
this machine's own if there are none, and after ``--`` with what pytest runs: under each
that is named, or under the oldest, which differs most.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import runpy
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
# From the oldest; what a kernel's processor has of NumPy's and the C library's code.
KERNELS = ("Prescott", "Haswell", "Nehalem", "Sandybridge", "SkylakeX")
ENOUGH = 3  # with the machine's own
NEWER = ("X86_V4", "AVX512")  # than Haswell, as NumPy calls it
OLD_MATHEMATICS = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"
# The kernel that OpenBLAS took, if NumPy has OpenBLAS, and what NumPy has besides.
PROBE = """
import json, numpy, threadpoolctl
names = [one["architecture"] for one in threadpoolctl.threadpool_info()
         if "architecture" in one]
found = numpy.show_config("dicts")["SIMD Extensions"].get("found", [])
print(json.dumps([names[0] if names else "no OpenBLAS", found]))
"""
# XLA compiles Keras's arithmetic for the processor, and does not ask what we set.
LEFT_OUT = {"in_keras"}

SET = {"GLIBC_TUNABLES", "NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE"}
# A number in a sentence, and how it is written there.
USE = re.compile(r"\{glue:\w+\}`([^`]+)`")

Words = dict[str, dict[str, str]]


def say(text: str) -> None:
    """Write a line before what the next process writes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def settings(kernel: str, found: Sequence[str]) -> dict[str, str]:
    """Return the environment in which everything takes the code of a kernel."""
    own: dict[str, str] = {"OPENBLAS_CORETYPE": kernel}
    if kernel != KERNELS[-1]:
        modern = kernel == "Haswell"
        off = [name for name in found if not modern or name.startswith(NEWER)]
        own["NPY_DISABLE_CPU_FEATURES"] = " ".join(off)
        own |= {} if modern else {"GLIBC_TUNABLES": OLD_MATHEMATICS}
    return own


def probe(own: dict[str, str]) -> tuple[str, list[str]]:
    """Return the kernel that an environment leads to, and what NumPy has."""
    kernel, found = json.loads(_python(own, "-c", PROBE, stdout=subprocess.PIPE).stdout)
    return kernel, found


def kernels(names: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield kernels that differ, this machine's first, with what leads to each."""
    plain, found = probe({})
    yield plain, {}
    seen = {plain}
    for name in names or KERNELS:
        own = settings(name, found)
        kernel, _ = probe(own)
        if kernel in seen:
            say(f"{name}: not here, where it means {kernel}")
        elif names or len(seen) < ENOUGH:
            seen.add(kernel)
            yield kernel, own


def words(docs: Path, chosen: Sequence[str] = ()) -> Words:
    """Execute pages in forks, or all that can be compared; return what they say."""
    conf = runpy.run_path(str(ROOT / "docs" / "conf.py"))  # before NumPy is imported
    import forks  # noqa: PLC0415
    import warm_execution  # noqa: PLC0415
    from myst_nb.core.config import NbParserConfig  # noqa: PLC0415
    from myst_parser.config.main import MdParserConfig  # noqa: PLC0415

    from gdbook.plotting import Figure  # noqa: PLC0415

    # The words are there before anything is drawn.
    Figure._repr_svg_ = _labels  # type: ignore[assignment, method-assign]
    env = SimpleNamespace(
        doc2path=lambda name: docs / f"{name}.md",
        mystnb_config=NbParserConfig(
            execution_mode=conf["nb_execution_mode"],
            execution_timeout=conf["nb_execution_timeout"],
        ),
        myst_config=MdParserConfig(enable_extensions=conf["myst_enable_extensions"]),
    )
    names = [path.relative_to(docs).with_suffix("") for path in docs.rglob("*.md")]
    names = [name for name in names if name.parts[0] != "_build"]
    others = [name.as_posix() for name in names if name.name not in LEFT_OUT]
    found = {
        page.path: page for page in warm_execution.pages(env, list(chosen) or others)
    }
    # The longest pages first, so that no processor waits for them at the end.
    todo = sorted(found.values(), key=lambda page: -len(page.reached))
    reached = {name for page in todo for name in page.reached}
    warm_execution.warm_up(reached & warm_execution.LIBRARY.modules)
    said: Words = {}
    for page, result in forks.run(todo):
        if result.error:
            sys.exit(f"{page.path}: cell {result.cell} {result.error}")
        said[page.path.stem] = dict(_said(page.path, result))
    return dict(sorted(said.items())) | ({} if chosen else _explorables())


def _labels(figure: Any) -> str:
    """Return a figure's words: its description, and the texts in it."""
    from matplotlib.text import Text  # noqa: PLC0415

    texts = (text.get_text() for text in figure.findobj(Text))
    return "\n".join([figure.alt, *filter(None, texts)])


def _said(path: Path, result: Any) -> Iterator[tuple[str, str]]:
    """Yield the outputs of an executed page, and the numbers in its sentences."""
    from myst_nb.core.variables import format_plain_text  # noqa: PLC0415

    glued = json.loads(result.glued)
    notebook = json.loads(result.text)
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for number, cell in enumerate(cells, 1):
        for output in cell["outputs"]:
            data = output.get("data", {"text": output.get("text")})
            for mime, text in data.items():
                yield f"cell {number}, {mime}", "".join(text)
    text = path.read_text(encoding="utf-8")
    for use in sorted(set(USE.findall(text))):
        key, _, spec = use.partition(":")
        yield use, format_plain_text(glued[key]["text/plain"], spec or "s")


def _explorables() -> Words:
    """Return the numbers of the figures that move, in more digits than they show.

    Nine, since a training rounds in its own way on each processor.
    """
    from gdbook import explorables  # noqa: PLC0415

    return {
        name: {
            field: json.dumps(
                json.loads(json.dumps(value), parse_float=lambda x: f"{float(x):.9g}")
            )
            for field, value in (figure.given | figure()).items()
        }
        for name, figure in explorables.figures().items()
    }


def differences(plain: Words, other: Words) -> list[str]:
    """Name the places where two processors do not say the same."""
    found = []
    for page in sorted(plain.keys() | other.keys()):
        ours, theirs = plain.get(page, {}), other.get(page, {})
        for place in sorted(ours.keys() | theirs.keys()):
            pair = ours.get(place, ""), theirs.get(place, "")
            if pair[0] != pair[1]:
                same = takewhile(
                    lambda both: both[0] == both[1], zip(*pair, strict=False)
                )
                start = max(sum(1 for _ in same) - 40, 0)
                here, there = (text[start : start + 80] for text in pair)
                found.append(f"{page}, {place}:\n  {here!r}\n  {there!r}")
    return found


def _python(own: dict[str, str], *args: str, **run: Any) -> Any:
    """Run Python with an environment of its own."""
    env = {name: value for name, value in os.environ.items() if name not in SET}
    command = [sys.executable, *args]
    return subprocess.run(command, env=env | own, check=False, text=True, **run)


def said_under(own: dict[str, str], docs: Path) -> Words:
    """Return what the pages in a folder say in an environment."""
    run = _python(own, __file__, "--words", str(docs), stdout=subprocess.PIPE)
    if run.returncode:
        sys.exit("what cannot be executed cannot be compared")
    said: Words = json.loads(run.stdout)
    return said


def main(names: list[str], tests: list[str]) -> int:
    """Compare all kernels that are here, and return how many things differ."""
    if "fork" not in multiprocessing.get_all_start_methods():
        say("Pages are executed in forks, which this system does not have.")
        return 0
    failed, plain = 0, Words()
    for place, (kernel, own) in enumerate(kernels(names)):
        said = said_under(own, ROOT / "docs")
        say(f"{kernel}: {len(said)} pages, {sum(map(len, said.values()))} texts")
        plain = plain or said
        for found in differences(plain, said):
            failed += 1
            say(found)
        if own and tests and (names or place == 1):
            failed += _python(own, "-m", "pytest", *tests).returncode != 0
    return failed


if __name__ == "__main__":
    if sys.argv[1] == "--words":
        json.dump(words(Path(sys.argv[2])), sys.stdout)
    else:
        at = sys.argv.index("--")
        sys.exit(main(sys.argv[1:at], sys.argv[at + 1 :]))
