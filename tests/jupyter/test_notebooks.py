"""Each chapter as a notebook says what the book says, and runs by itself."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from book import CHAPTERS, ROOT, source
from nbclient import NotebookClient
from sources import numbers_of, shows

if TYPE_CHECKING:
    from pathlib import Path

# What MyST writes, and no notebook reads.
LEFT = re.compile(r"\{[a-z][\w:-]*\}`|^(?:```|:::+)\{|^:\w+: ", re.MULTILINE)
SHOWN = ("text/plain", "text/html", "image/svg+xml")


@pytest.fixture(params=CHAPTERS)
def stem(request: pytest.FixtureRequest) -> str:
    """Return the name of each chapter."""
    return str(request.param)


@pytest.fixture
def path(stem: str, pytestconfig: pytest.Config) -> Path:
    """Return the notebook of a chapter."""
    folder: Path = pytestconfig.getoption("--notebooks")
    (found,) = folder.glob(f"[0-9][0-9]_{stem}.ipynb")
    return found


@cache
def read(path: Path) -> Any:
    """Read a notebook, which must be valid."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def prose(path: Path) -> str:
    """Return all that a notebook says between its cells."""
    texts = (c.source for c in read(path).cells if c.cell_type == "markdown")
    return "\n\n".join(texts)


def shown(outputs: list[Any]) -> list[Any]:
    """Return what a reader sees of the outputs of a cell."""
    found: list[Any] = []
    for output in outputs:
        if output.output_type == "stream":
            found.append((output.name, output.text))
        else:
            found += [output.data[kind] for kind in SHOWN if kind in output.data]
    return found


class TestNotebook:
    """A reader opens the file."""

    def test_nothing_is_left_of_the_source(self, path: Path) -> None:
        """No role and no directive stands in the text, but in code that shows one."""
        text = re.sub(r"(?s)^```\w*\n.*?^```$", "", prose(path), flags=re.MULTILINE)
        assert LEFT.findall(text) == []

    def test_numbers_of_the_chapter_are_in_it(self, path: Path, stem: str) -> None:
        """Each number that the page must show stands in a sentence or an output."""
        outputs = (c.outputs for c in read(path).cells if c.cell_type == "code")
        texts = (str(each) for output in outputs for each in shown(output))
        code = (c.source for c in read(path).cells if c.cell_type == "code")
        whole = re.sub(r"</?\w[^>]*>", " ", "\n".join([prose(path), *texts, *code]))
        for number in numbers_of(ROOT, stem):
            assert shows(number, whole), number

    def test_references_have_numbers(self, path: Path, stem: str) -> None:
        """Figures and equations count up from 1 behind the chapter's number."""
        chapter = int(path.name[:2])
        assert prose(path).startswith(f"# {chapter}. ")
        for numbers in (
            re.findall(r"\*\*Fig\. ([\d.]+?)\.?\*\*", prose(path)),
            re.findall(r"\\tag\{([\d.]+)\}", prose(path)),
        ):
            count = range(1, len(numbers) + 1)
            assert numbers == [f"{chapter}.{number}" for number in count]
        page = source(ROOT / "docs" / "chapters" / f"{stem}.md")
        assert len(re.findall(r"\\tag\{", prose(path))) == len(
            re.findall(r"(?m)^:label: ", page)
        )

    def test_folds_are_closed(self, path: Path, stem: str) -> None:
        """Each hint and solution folds, and boxes are quotations with a title."""
        page = source(ROOT / "docs" / "chapters" / f"{stem}.md")
        asked = len(re.findall(r"(?m)^```\{solution\}", page))
        text = prose(path)
        assert text.count("<details><summary>Hint</summary>") == asked
        assert text.count("<details>") == text.count("</details>") >= 2 * asked
        boxes = len(re.findall(r"(?m)^:::+\{(?:admonition|predict)\}", page))
        assert len(re.findall(r"(?m)^> \*\*(?!Fig\.)", text)) == boxes

    def test_links_lead_to_notebooks(self, path: Path) -> None:
        """A link names a notebook beside this one, or an address outside."""
        links = re.findall(r"(?<!\\)\]\(([^)\s]+)\)", prose(path))
        inner = {link for link in links if "://" not in link}
        assert inner
        assert [link for link in inner if not path.with_name(link).is_file()] == []

    def test_sources_stand_once(self, path: Path, stem: str) -> None:
        """What is cited stands at the end, each source once."""
        _, _, sources = prose(path).partition("\n## Sources\n")
        found = re.findall(r"(?m)^- (.*)", sources)
        page = source(ROOT / "docs" / "chapters" / f"{stem}.md")
        keys = re.findall(r"\{cite:[tp]\}`([^`]+)`", page)
        assert len(found) == len({key for each in keys for key in each.split(",")})
        assert [each for each in found if each.count(each[:40]) > 1] == []

    def test_runs_from_top_to_bottom(
        self, path: Path, tmp_path: Path, pytestconfig: pytest.Config
    ) -> None:
        """Where the wheel alone is, every cell gives what the book shows."""
        kernel = tmp_path / "kernels" / "python3"
        kernel.mkdir(parents=True)
        fresh = str(pytestconfig.getoption("--fresh"))
        argv = [fresh, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        about = {"argv": argv, "display_name": "fresh", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(about), encoding="utf-8")
        notebook = nbformat.read(path, as_version=4)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JUPYTER_PATH", str(tmp_path))
            patch.delenv("PYTHONPATH", raising=False)
            for name in ("TQDM_DISABLE", "JAX_DISABLE_MOST_OPTIMIZATIONS"):
                patch.setenv(name, "1")
            client = NotebookClient(
                notebook, timeout=None, resources={"metadata": {"path": str(tmp_path)}}
            )
            client.execute()
        for before, after in zip(read(path).cells, notebook.cells, strict=True):
            if before.cell_type == "code":
                assert shown(after.outputs) == shown(before.outputs), before.source
