"""How the build of a book behaves, seen on books of one or two pages."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from bench.scale import built_with_peak, write_book
from book import (
    FRONT_MATTER,
    ROOT,
    Built,
    add_sentence,
    build,
    contents,
    copy_settings,
    source,
    text_of,
)
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import ModuleType

SMALL = """
```{code-cell}
from gdbook.examples.weight_update import weight_update
from gdbook.glue import glue
glue(step=weight_update)
weight_update()
```

The new weight is {glue:text}`step.new_weight`.
"""


class TestSettings:
    """What a build is told counts."""

    def test_linear_algebra_keeps_to_one_thread(self, tmp_path: Path) -> None:
        """Pages that are executed side by side do not fight for the processors."""
        cell = "import os\nprint('threads:', os.environ['OPENBLAS_NUM_THREADS'])"
        built = build(copy_settings(tmp_path, f"```{{code-cell}}\n{cell}\n```\n"))
        assert built.code == 0, built.log
        assert "threads: 1" in text_of(built.page("index"))


def write_page(
    docs: Path, name: str, code: str, glued: str, *, names: Iterable[str] = "a"
) -> None:
    """Write a page that glues numbers, and names some of them."""
    cell = f"{code}\nfrom gdbook.glue import glue\nglue({glued})"
    prose = "\n".join(f"The number {key} is {{glue:text}}`{key}`." for key in names)
    text = f"{FRONT_MATTER}# Page\n\n```{{code-cell}}\n{cell}\n```\n\n{prose}\n"
    (docs / f"{name}.md").write_text(text, encoding="utf-8")


class TestCache:
    """The cache must know the library."""

    def test_changed_formula_changes_the_page(self, tmp_path: Path) -> None:
        """With a warm cache, a changed formula shows its new number."""
        small = copy_settings(tmp_path, SMALL)
        first = build(small)
        assert first.code == 0, first.log
        assert "The new weight is 2.24." in text_of(first.page("index"))
        losses = small / "gdbook" / "losses.py"
        formula = "return in_range(lambda y, t: 2 * (y - t), predictions, targets)\n"
        text = losses.read_text(encoding="utf-8")
        assert text.count(formula) == 1
        losses.write_text(
            text.replace(formula, formula.replace("2", "3")), encoding="utf-8"
        )
        # 2 + 0.01·3·4·3 = 2.36
        second = build(small)
        assert second.code == 0, second.log
        assert "The new weight is 2.36." in text_of(second.page("index"))
        assert second.executed == ["index.md"]

    def test_nothing_changed_nothing_executed(self, tmp_path: Path) -> None:
        """A second build runs no cell, and neither does one after an edit of prose."""
        small = copy_settings(tmp_path, SMALL)
        assert build(small).executed == ["index.md"]
        assert build(small).executed == []
        page = small / "docs" / "index.md"
        add_sentence(page)
        edited = build(small)
        assert edited.executed == []
        assert "One more sentence." in text_of(edited.page("index"))
        page.write_text(
            source(page).replace("\nweight_update()", "\nweight_update(weight=1)"),
            encoding="utf-8",
        )
        assert build(small).executed == ["index.md"]

    def test_edited_caption(self, tmp_path: Path) -> None:
        """MyST-NB knows a cell by its options, so a page with others runs again."""
        options = "---\nmystnb:\n  figure:\n    caption: |\n      First.\n---\n"
        drawn = options.replace("  figure", "  image:\n    alt: a\n  figure")
        plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);\n"
        small = copy_settings(tmp_path, f"```{{code-cell}}\n{drawn}{plot}```\n")
        assert build(small).executed == ["index.md"]
        page = small / "docs" / "index.md"
        page.write_text(source(page).replace("First.", "Second."), encoding="utf-8")
        built = build(small)
        assert (built.code, built.executed) == (0, ["index.md"]), built.log
        assert "Second." in text_of(built.page("index"))

    @pytest.mark.claims(
        "Data files of the library, versions, docs/conf.py and the executor itself "
        "concern every page.",
        page="contributing",
    )
    def test_edit_runs_the_pages_that_it_concerns(self, tmp_path: Path) -> None:
        """An edit runs the pages that reach it, and the way back runs none."""
        docs = copy_settings(tmp_path, "```{toctree}\nfirst\nsecond\n```\n") / "docs"
        library = tmp_path / "gdbook"
        scale, data = library / "scale.py", library / "data.csv"
        scale.write_text("def scaled(x):\n    return 2 * x\n", "utf-8")
        (library / "first.py").write_text(
            "from gdbook.scale import scaled\ndef number():\n    return scaled(4)\n",
            "utf-8",
        )
        (library / "second.py").write_text("def number():\n    return 5\n", "utf-8")
        for name in ("first", "second"):
            write_page(docs, name, f"from gdbook.{name} import number", "a=number()")
        built = build(tmp_path)
        assert built.code == 0, built.log
        assert {"first.md", "second.md"} <= set(built.executed)
        assert "a is 8." in text_of(built.page("first"))
        for formula, executed, number in (
            ("3 * x", ["first.md"], 12),
            ("2 * x", [], 8),
            ("3 * x", [], 12),
        ):
            scale.write_text(f"def scaled(x):\n    return {formula}\n", "utf-8")
            built = build(tmp_path)
            assert built.code == 0, built.log
            assert built.executed == executed
            assert f"a is {number}." in text_of(built.page("first"))
        data.write_text("1,2\n", "utf-8")
        assert {"first.md", "second.md"} <= set(build(tmp_path).executed)

    @pytest.mark.claims(
        "Pages with the most cells begin first, since they may take longest.",
        page="contributing",
    )
    def test_longest_page_begins_first(self, tmp_path: Path) -> None:
        """On one processor pages run one after the other, and the order is seen."""
        toc = "```{toctree}\nfirst\nsecond\nthird\n```\n"
        docs = copy_settings(tmp_path, toc) / "docs"
        for name, count in (("first", 1), ("second", 3), ("third", 2)):
            body = "```{code-cell}\n1 + 1\n```\n\n" * count
            page = f"{FRONT_MATTER}# {name}\n\n{body}"
            (docs / f"{name}.md").write_text(page, encoding="utf-8")
        built = build(tmp_path, first="import os\nos.cpu_count = lambda: 1\n")
        assert built.code == 0, built.log
        order = ["second.md", "third.md", "first.md"]
        assert [page for page in built.executed if page in order] == order

    @pytest.mark.claims(
        "Caches of the past stay, so that switching back to a branch runs nothing; "
        "when all take too much room, those that were used longest ago go.",
        page="contributing",
    )
    def test_room_is_limited(self, tmp_path: Path) -> None:
        """Where room is short, the caches of the past go, and those in use stay."""
        docs = copy_settings(tmp_path, "") / "docs"
        extension = docs / "_ext" / "warm_execution.py"
        text, count = re.subn(r"(?m)^ROOM = .*$", "ROOM = 1", source(extension))
        assert count == 1
        extension.write_text(text, encoding="utf-8")
        kept = list[str]()
        for number in (1, 2):
            write_page(docs, "index", "", f"a={number}")
            built = build(tmp_path)
            assert built.executed == ["index.md"]
            kept += [
                path.name for path in (built.html.parent / ".jupyter_cache").iterdir()
            ]
        assert len(set(kept)) == len(kept) == 2
        write_page(docs, "index", "", "a=2", names="aa")
        assert build(tmp_path).executed == []


# Stops a build when it has touched files of its own as often as it is told to: opened
# one for writing, made, renamed or removed one. Half of the file that it opened last is
# lost then. Says at its end how often it did so.
STOPPED = """
import atexit, errno, os, signal, sys

main, last = os.getpid(), None
left, how, under = int(os.environ["LEFT"]), os.environ["HOW"], os.environ["UNDER"]

def count(event, args):
    global left, last
    wrote = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR)
    if not (wrote or event in {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}):
        return
    if os.getpid() != main or not str(args[0]).startswith(under):
        return
    left -= 1
    if left == 0 and last and os.path.isfile(last):
        os.truncate(last, os.path.getsize(last) // 2)
    if left == 0 and how.startswith("SIG"):
        os.kill(main, getattr(signal, how))
    if left <= 0 and how == "FULL" and wrote:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), args[0])
    if wrote:
        last = args[0]

sys.addaudithook(count)
atexit.register(lambda: os.getpid() == main and print("touched:", -left))
"""
# Ways to stop, and the exit codes then.
WAYS = {"SIGKILL": -9, "SIGTERM": -15, "SIGINT": 2, "FULL": 2}


def stopped(book: Path, after: int, how: str, under: str = "") -> Built:
    """Build, and stop when files have been touched so often."""
    place = str(book / "built" / under)
    return build(book, first=STOPPED, LEFT=str(after), HOW=how, UNDER=place)


class TestStoppedBuilds:
    """What a build left that was killed, or had no room, is written anew."""

    FIGURE = (
        "```{code-cell}\nfrom gdbook.examples.weight_update import repeated\n"
        "from gdbook.plotting import weight_update as draw\n"
        "draw.one_step(repeated())\n```\n"
    )

    @pytest.mark.parametrize(
        ("edit", "kills"), [("", 5), ("\nMore words.\n", 4)], ids=["new", "edit"]
    )
    def test_next_build_is_as_from_scratch(
        self, tmp_path: Path, edit: str, kills: int
    ) -> None:
        """Stopped anywhere, and built again: the bytes are those of a clean build."""
        self.stop(tmp_path, edit, [(n / kills, "SIGKILL") for n in range(kills)])

    def test_other_ends(self, tmp_path: Path) -> None:
        """As with a kill, so with Ctrl-C, the end of a session, and a full disk."""
        ways = [way for way in WAYS if way != "SIGKILL"]
        self.stop(tmp_path, "", list(zip((0.2, 0.5, 0.8), ways, strict=True)))

    @pytest.mark.parametrize("kept", [True, False], ids=["pages", "all"])
    def test_damaged_files(self, tmp_path: Path, kept: bool) -> None:  # noqa: FBT001
        """What builds keep for each other may be cut or be anything."""
        links = "{glue:text}`other.md::count`\n\n```{toctree}\nother\n```\n"
        docs = copy_settings(tmp_path, links) / "docs"
        write_page(docs, "other", "", "count=7", names=("count",))
        expected = build(tmp_path)
        assert expected.code == 0, expected.log
        pages, folder = contents(expected.html), expected.html.parent
        for path in folder.rglob("*"):
            written = expected.html in path.parents
            if path.is_file() and not (written or (kept and path.suffix == ".pickle")):
                half = path.read_bytes()[: path.stat().st_size // 2]
                path.write_bytes(half if kept else b"\0\xff" * 999)
        again = build(tmp_path)
        assert again.code == 0, again.log
        assert contents(again.html) == pages

    def stop(self, tmp_path: Path, edit: str, ends: list[tuple[float, str]]) -> None:
        """Stop builds at shares of their work: all of it, or what an edit needs."""
        docs = copy_settings(tmp_path, "```{toctree}\nother\n```\n" + SMALL) / "docs"
        other = docs / "other.md"
        other.write_text(f"{FRONT_MATTER}# Other\n\n{self.FIGURE}", encoding="utf-8")
        whole, before = tmp_path / "built", tmp_path / "before"
        if edit:
            build(tmp_path)
            shutil.copytree(whole, before)
            other.write_text(source(other) + edit, encoding="utf-8")
        expected = stopped(tmp_path, 0, "NEVER")
        assert expected.code == 0, expected.log
        pages, touched = contents(expected.html), self.touched(expected)
        for share, how in ends:
            shutil.rmtree(whole)
            if edit:
                shutil.copytree(before, whole)
            half = stopped(tmp_path, 1 + round(share * touched), how)
            assert half.code == WAYS[how], half.log
            again = build(tmp_path)
            assert again.code == 0, again.log
            assert contents(again.html) == pages, (share, how)

    @staticmethod
    def touched(built: Built) -> int:
        """Return how often a build has touched files of its own."""
        return int(built.log.rpartition("touched: ")[2])


class TestPlaces:
    """The bytes of a book do not depend on where, when and for whom it is built."""

    PAGE = (
        "```{toctree}\nother\n```\n\nA formula $x_1$, {cite:t}`cauchy1847`.\n\n"
        f"```{{bibliography}}\n```\n{SMALL}"
    )

    def book(self, to: Path) -> Path:
        """Make a book of two pages, one of them with a figure."""
        docs = copy_settings(to, self.PAGE) / "docs"
        other = f"{FRONT_MATTER}# Größe\n\n{TestStoppedBuilds.FIGURE}"
        (docs / "other.md").write_text(other, encoding="utf-8")
        return docs

    @staticmethod
    def sources(book: Path) -> set[Path]:
        """Return what is in the folders of the sources, but for Python's own."""
        paths = (
            path for name in ("docs", "gdbook") for path in (book / name).rglob("*")
        )
        return {path for path in paths if "__pycache__" not in path.parts}

    def test_nothing_is_left_elsewhere(self, tmp_path: Path) -> None:
        """A build writes into its own folders, and an ASCII system is enough."""
        self.book(tmp_path)
        sources = self.sources(tmp_path)
        home, temporary = tmp_path / "home", tmp_path / "temporary"
        before = {home, temporary, tmp_path / "built", tmp_path / "guard"}
        before |= set(tmp_path.iterdir())
        for folder in (home, temporary):
            folder.mkdir()
        elsewhere = {"HOME": str(home), "TMPDIR": str(temporary)}
        built = build(tmp_path, fresh=True, LC_ALL="C", PYTHONUTF8="0", **elsewhere)
        assert built.code == 0, built.log
        assert [*home.rglob("*"), *temporary.rglob("*")] == []
        assert set(tmp_path.iterdir()) == before
        names = {path.name for path in built.html.parent.iterdir()}
        assert names == {".jupyter_cache", "doctrees", "html", "jupyter_execute"}
        assert self.sources(tmp_path) == sources

    def test_hostile_place(self, tmp_path: Path) -> None:
        """Elsewhere, read-only, dated wrongly, behind a link, in no language, offline.

        A user namespace makes an administrator a user and takes the network, where the
        system has one.
        """
        ordinary, far = tmp_path / "ordinary", tmp_path / "x y" / "größe ñ 書"
        docs = self.book(far)
        self.book(ordinary)
        expected = build(ordinary)
        assert expected.code == 0, expected.log
        for page in docs.rglob("*.md"):
            page.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))
        out, doctrees = tmp_path / "out" / "site", tmp_path / "doctrees"
        strays = doctrees / ".jupyter_cache"
        (strays / "folder").mkdir(parents=True)
        (strays / "file").touch()
        (strays / (16 * "0")).touch()
        (strays / (16 * "1")).symlink_to(tmp_path / "nowhere")
        out.mkdir(parents=True)
        (tmp_path / "link").symlink_to(docs)
        for number, path in enumerate(far.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
            os.utime(path, 2 * (4e9 if number % 2 else 1e8,))
        out.parent.chmod(0o555)
        own = ["unshare", "--user", "--net"]
        tried = shutil.which("unshare") and subprocess.run([*own, "true"], check=False)
        if not tried or tried.returncode:
            own = []
        command = (
            *own,
            *("sh", "-c", 'umask 077; exec "$@"', "-", sys.executable, "-m", "sphinx"),
            *("-W", "--keep-going", "-n", "-q", "-b", "html"),
            *("-d", "doctrees", "link", "out/site"),
        )
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ordinary / "guard"),
            "HOME": os.devnull,
            "LC_ALL": "C",
            "PYTHONHASHSEED": "7",
            "TZ": "Pacific/Kiritimati",
        }
        run = partial(subprocess.run, command, cwd=tmp_path, check=False, text=True)
        run = partial(run, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        refused = run(env=environment | {"PYTHONUTF8": "0"})
        assert refused.returncode == 1
        assert refused.stdout.count("\n") == 1
        assert (
            "has letters that Python cannot name with these settings" in refused.stdout
        )
        for _ in range(2):
            built = run(env=environment)
            assert (built.returncode, built.stdout) == (0, "")
            assert contents(out) == contents(expected.html)
        # What is forbidden is no matter to an administrator.
        free = os.access(out.parent, os.W_OK) and not own
        assert (out.parent / ".jupyter_cache").exists() == free
        assert len(list(strays.iterdir())) == 4 + (not free) * len(expected.executed)
        for path in (far, *far.rglob("*"), out.parent):
            path.chmod(0o755)  # for who clears up


class TestGlue:
    """Every form of glue finds every number, in a new sentence and on another page."""

    FRONT = FRONT_MATTER.replace(
        "kernelspec",
        "myst:\n  substitutions:\n    whole: '{glue:text}`a`'\n    name: b\nkernelspec",
    )
    CELL = (
        "```{code-cell}\nfrom gdbook.glue import glue\n"
        "from myst_nb import glue as show\n"
        "from IPython.display import Markdown, Math\nglue(a=11, b=12, c=13.5, d=14)\n"
        "show('e', Markdown('*15*'), display=False)\n"
        "show('f', Math('x_{16}'), display=False)\nshow('g h', 17)\n```\n\n"
    )
    # What is written, and what stands on the page.
    FORMS = (
        ("{glue:text}`a`", "11"),
        ("{glue:text}`c:.2f`", "13.50"),
        ("{glue:text}`g h`", "17"),
        ("{glue}`d`", "14"),
        ("{glue:any}`d`", "14"),
        ("{glue:md}`e`", "15"),
        ("{{ whole }}", "11"),
        ('{{ "{glue:text}`" ~ name ~ "`" }}', "12"),
        ("```{include} included.txt\n```", "12"),
        ("```{glue} d\n```", "14"),
        ("```{glue:any} d\n```", "14"),
        ("```{glue:figure} d\n\nCaption\n```", "14 Fig. 1 Caption#"),
        ("```{glue:math} f\n```", "x16"),
        ("```{glue:md} e\n```", "15"),
        ("```{eval-rst}\n:glue:text:`a`\n```", "11"),
        ("```{eval-rst}\n.. glue:: d\n```", "14"),
    )
    OTHERS = (
        ("{glue:text}`first.md::a`", "11"),
        ("{glue:text}`first.md::c:.2f`", "13.50"),
        ("{glue}`first.md::b`", "12"),
        ("```{glue} d\n:doc: first.md\n```", "14"),
    )
    NONE = (
        "{glue:text}`none`",
        "{glue}`none`",
        "{glue:text}`second.md::none`",
        "{glue:md}`none`",
        "```{glue} none\n```",
        "```{glue:figure} none\n```",
        "```{glue} none\n:doc: second.md\n```",
    )

    @staticmethod
    def sentences(forms: tuple[tuple[str, str], ...]) -> tuple[str, str]:
        """Return what is to be written, and what is to stand on the page."""
        blocks = [f"{number}:\n\n{form}\n" for number, (form, _) in enumerate(forms)]
        seen = [f"{number}: {text}" for number, (_, text) in enumerate(forms)]
        return "\n".join(blocks), " ".join(seen)

    @pytest.mark.claims(
        "All numbers that it glues are kept, so its sentences, and those of other "
        "pages, can name any of them without a run.",
        page="contributing",
    )
    def test_every_form_finds_every_number(self, tmp_path: Path) -> None:
        """A new sentence runs no cell, on its page or another, and numbers follow."""
        docs = copy_settings(tmp_path, "```{toctree}\nfirst\nsecond\n```\n") / "docs"
        (docs / "included.txt").write_text("{glue:text}`b`\n", encoding="utf-8")
        first, second = docs / "first.md", docs / "second.md"

        def built(cell: str, own: str, other: str) -> Built:
            first.write_text(f"{self.FRONT}# First\n\n{cell}{own}", encoding="utf-8")
            second.write_text(f"# Second\n\n{other}", encoding="utf-8")
            return build(tmp_path)

        def seen(build: Built, page: str) -> str:
            return re.sub(r"\s+", " ", text_of(build.page(page)))

        assert set(built(self.CELL, "", "").executed) == {"index.md", "first.md"}
        own, own_seen = self.sentences(self.FORMS)
        warm = built(self.CELL, own, "")
        assert (warm.code, warm.executed) == (0, []), warm.log
        assert own_seen in seen(warm, "first")
        other, other_seen = self.sentences(self.OTHERS)
        warm = built(self.CELL, own, other)
        assert (warm.code, warm.executed) == (0, []), warm.log
        assert other_seen in seen(warm, "second")
        changed = built(self.CELL.replace("a=11", "a=-21"), own, other)
        assert (changed.code, changed.executed) == (0, ["first.md"]), changed.log
        assert other_seen.replace("11", "−21") in seen(changed, "second")
        cold = build(tmp_path, "cold", fresh=True)
        assert contents(cold.html) == contents(changed.html)

    def test_number_of_nothing_is_one_warning(self, tmp_path: Path) -> None:
        """It names page and line, warm and cold, and the page shows what is written."""
        page = self.CELL + "".join(f"{form}\n\n" for form in self.NONE)
        twice = page.replace("show('g h', 17)", "glue(a=18)")
        docs = copy_settings(tmp_path, "```{toctree}\nsecond\n```\n" + page) / "docs"
        second = f"{self.FRONT}# Second\n\n{twice}"
        (docs / "second.md").write_text(second, encoding="utf-8")
        cold = build(tmp_path)
        warm = build(tmp_path)
        assert cold.code == warm.code == 1
        assert cold.faults == warm.faults
        assert warm.executed == []
        for name, says in (("index", 7), ("second", 8)):
            text = source(docs / f"{name}.md")
            faults = [fault for fault in cold.faults if f"/{name}.md:" in fault]
            assert len(faults) == says
            for form in self.NONE:
                line = text.count("\n", 0, text.index(form)) + 1
                assert sum(f".md:{line}: " in fault for fault in faults) == 1
            shown = text_of(cold.page(name))
            assert shown.count("none") == len(self.NONE)
        assert sum("glue key 'a' duplicate" in fault for fault in faults) == 1


# Mistakes that a page can make, and what is said of them.
MISTAKES = {
    "```{nosuch}\n```": "Unknown directive type: 'nosuch'",
    "{nosuch}`a`": 'Unknown interpreted text role "nosuch"',
    "#### Deep": "Non-consecutive header level",
    "(shared)=\n## One": "duplicate label shared, other instance in",
    "$$\na\n$$ (shared)": "duplicate label of equation shared",
    "```{include} none.txt\n```": "none.txt",
    "```{literalinclude} none.py\n```": "none.py' not found",
    "```{csv-table}\n:file: none.csv\n```": 'Problems with "csv-table" directive',
    "```{image} none.png\n:alt: a\n```": "image file not readable: none.png",
    "{download}`none.zip`": "download file not readable",
    "Text [^none].": "none",
    "{py:func}`gdbook.missing`": "py:func reference target not found",
    "{ref}`none`": "undefined label: 'none'",
    "{numref}`none`": "undefined label: 'none'",
    "{eq}`none`": "equation not found: none",
    "{doc}`none`": "unknown document: 'none'",
    "{term}`none`": "term not in glossary: 'none'",
    "{cite:t}`none`": 'could not find bibtex key "none"',
    "[a](none.md)": "'myst' cross-reference target not found: 'none.md'",
    "[a](index.md#none)": "local id not found in doc 'index': 'none'",
    "```{code-block} nolexer\n```": "Pygments lexer name 'nolexer' is not known",
    r"$\none$": 'Unknown command "\\none"',
}
# What extensions say in every phase of a build, about no page.
SAYS = """
    from sphinx.util.logging import getLogger

    def says(event):
        def warn(*_):
            if (HERE / "says").exists():
                getLogger("says").warning("said at %s", event)
            return ()
        return warn

    for event in (
        *("builder-inited", "env-get-outdated", "doctree-read", "env-updated"),
        *("env-get-updated", "env-check-consistency", "write-started"),
        *("doctree-resolved", "html-page-context", "build-finished"),
    ):
        app.connect(event, says(event))
"""
EVENTS = re.findall(r'"([a-z-]+-[a-z-]+)"', SAYS)


class TestFaults:
    """What is wrong fails every build until it is mended."""

    @staticmethod
    def book(to: Path) -> Path:
        """Make a book of a page for each mistake, and of pages that they concern."""
        toctree = "```{toctree}\n:glob:\nmistake*\n```\n"
        docs = copy_settings(to, toctree) / "docs"
        for number in range(len(MISTAKES)):
            page = docs / f"mistake{number}.md"
            page.write_text(f"# Mistake {number}\n", encoding="utf-8")
        orphan = "---\norphan: true\n---\n\n# Orphan\n\n"
        for name, text in {
            "gone": "",
            "links": "[Gone](gone.md)\n\n```{toctree}\n:hidden:\ngone\n```\n",
            "shares": "(shared)=\n## Two\n\n$$\nb\n$$ (shared)\n",
        }.items():
            (docs / f"{name}.md").write_text(orphan + text, encoding="utf-8")
        with (docs / "conf.py").open("a", encoding="utf-8") as conf:
            conf.write(SAYS)
        return docs

    @staticmethod
    def spoil(docs: Path) -> None:
        """Make every mistake, some of them by what is no page."""
        for number, mistake in enumerate(MISTAKES):
            with (docs / f"mistake{number}.md").open("a", encoding="utf-8") as page:
                page.write(f"\n{mistake}\n")
        (docs / "gone.md").unlink()
        (docs / "lost.md").write_text("# Lost\n", encoding="utf-8")
        with (docs / "references.bib").open("a", encoding="utf-8") as sources:
            sources.write("\n@book{cauchy1847, title = {Twice}}\n")
        (docs / "says").touch()

    @pytest.mark.claims(
        "What a build that failed, warned or was killed has done counts for nothing:"
        " the next one does it again, and fails again, until the fault is mended.",
        page="contributing",
    )
    def test_faults_stay_until_they_are_mended(self, tmp_path: Path) -> None:
        """Again, after a kill, and in another folder, the same is said."""
        docs = self.book(tmp_path)
        shutil.copytree(docs, tmp_path / "good")
        good = build(tmp_path)
        assert good.code == 0, good.log
        expected = contents(good.html)
        self.spoil(docs)
        # All pages have been read then, and half of them written.
        half = stopped(tmp_path, len(MISTAKES) // 2, "SIGKILL", under="html")
        assert half.code == WAYS["SIGKILL"], half.log
        first = build(tmp_path)
        assert first.code == 1
        for number, (mistake, said) in enumerate(MISTAKES.items()):
            line = 3 + mistake.startswith("(")
            place = f"mistake{number}.md:{line}: "
            assert any(said in line and place in line for line in first.faults), said
        for said in (
            *(f"said at {event}" for event in EVENTS),
            "links.md:7: WARNING: 'myst' cross-reference target not found: 'gone.md'",
            "toctree contains reference to nonexisting document 'gone'",
            "lost.md: WARNING: document isn't included in any toctree",
            "repeated bibliography entry: cauchy1847",
        ):
            assert any(said in line for line in first.faults), said
        for out in ("other", "built"):
            again = build(tmp_path, out, doctrees="built")
            assert again.code == 1
            assert again.faults == first.faults
        shutil.rmtree(docs)
        (tmp_path / "good").rename(docs)
        mended = build(tmp_path)
        assert mended.code == 0, mended.log
        assert contents(mended.html) == expected


class TestEdits:
    """What a page shows of others, of files and of settings follows them."""

    def test_pages_follow_each_other(self, tmp_path: Path) -> None:
        """After each edit of one page the other is right, and all bytes at the end."""
        contents_ = "```{toctree}\n:numbered:\nfirst\nlast\n```\n"
        docs = copy_settings(tmp_path, contents_) / "docs"
        for place, size in ((docs, 30), (docs / "more", 20)):
            place.mkdir(exist_ok=True)
            Image.new("RGB", (size, size)).save(place / "dots.png")
        first, last = docs / "first.md", docs / "last.md"
        first.write_text(
            "# First title\n\n(label)=\n## First section\n\nA soleword.\n\n"
            "```{figure} dots.png\n:name: fig-dots\n:alt: a\n\nCaption.\n```\n\n"
            "$$\na\n$$ (equal)\n\n```{glossary}\nTerm\n  A word.\n```\n",
            encoding="utf-8",
        )
        last.write_text(
            "# Last\n\nSee {ref}`label`, [](first.md), {eq}`equal`, {term}`Term`, "
            "{numref}`fig-dots`, {cite:t}`cauchy1847`.\n\n"
            "```{image} more/dots.png\n:alt: b\n```\n\n```{bibliography}\n```\n",
            encoding="utf-8",
        )

        def edited(path: Path, old: str, new: str) -> str:
            """Change a file as of long ago, and return what the last page says."""
            text = source(path)
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")
            os.utime(path, (1e9, 1e9))
            built = build(tmp_path)
            assert built.code == 0, built.log
            return text_of(built.page("last")) + built.page("last")

        page = edited(first, "soleword", "otherword")
        assert "See First section, First title, (1.1), Term, Fig. 1.1, Cauchy" in page
        assert "See Second section," in edited(first, "First sec", "Second sec")
        assert "Second title, (1.1)" in edited(first, "First title", "Second title")
        equation = "$$\nb\n$$ (before)\n\n$$\na"
        assert "Second title, (1.2)" in edited(first, "$$\na", equation)
        assert 'href="first.html#term-Term"' in page
        figure = "```{figure} dots.png\n:name: fig-one\n:alt: a\n\nOne.\n```\n\n(la"
        assert "Fig. 1.2" in edited(first, "(la", figure)
        assert "Gauchy" in edited(docs / "references.bib", "{Cauchy", "{Gauchy")
        template = docs / "_templates" / "layout.html"
        assert '"og:type" content="atlas"' in edited(template, '"book"', '"atlas"')
        extension = docs / "_ext" / "bibliography_roles.py"
        assert 'role="note"' in edited(extension, '="listitem"', '="note"')
        (docs / "between.md").write_text("# Between\n", encoding="utf-8")
        assert "3. Last" in edited(docs / "index.md", "\nlast", "\nbetween\nlast")
        (docs / "between.md").rename(docs / "more" / "between.md")
        page = edited(docs / "index.md", "\nbetween", "\nmore/between")
        assert 'href="more/between.html"' in page
        assert edited(first, "dots.png", "more/dots.png").count("_images/dots.png") == 1
        clean = contents(build(tmp_path, "clean", fresh=True).html)
        for out in ("built", "other"):
            built = build(tmp_path, out, doctrees="built")
            assert contents(built.html) == clean
        assert "no targets are out of date" in build(tmp_path).log


class TestScale:
    """What a page costs does not depend on how many there are."""

    def test_three_times_the_pages(self, tmp_path: Path) -> None:
        """They take three times the work and room, and an edit that of its page."""
        caches, peaks, pages = list[float](), list[int](), list[int]()
        for number in (10, 30):
            book = write_book(tmp_path / str(number), number)
            built, peak = built_with_peak(book)
            assert built.code == 0, built.log
            assert len(set(built.executed)) == len(built.executed) == number + 1
            assert len(done("reading sources", built)) == number + 1
            assert len(done("writing output", built)) == number + 1
            kept = {
                path: content
                for path, content in contents(built.html.parent).items()
                if not path.startswith("html/") and "/templates/" not in path
            }
            caches.append(sum(map(len, kept.values())) / number)
            pages.append(len((built.html / "page5.html").read_bytes()))
            peaks.append(peak)
        assert caches[1] < caches[0]
        # A page names every other one once, in its table of contents.
        assert pages[1] - pages[0] < 20 * 200
        assert peaks[1] - peaks[0] < 20 * 500
        before, _, _ = built.page("page7").partition("<main")
        add_sentence(book / "docs" / "page7.md")
        built = build(book)
        assert built.code == 0, built.log
        assert (built.executed, done("reading sources", built)) == ([], ["page7"])
        # The next one names a number of it, and the first one lists it.
        assert done("writing output", built) == ["index", "page7", "page8"]
        # What is copied from the contents of another page is what the theme makes.
        after, _, _ = built.page("page7").partition("<main")
        assert before == after
        assert before.count('class="toctree-l1 current') == 1


def done(what: str, built: Built) -> list[str]:
    """Return the pages of which a build says that it did something with them."""
    return sorted(re.findall(rf"{what}\.\.\. \[ *\d+%\] (\S+)", built.log))


class TestLeftovers:
    """The site holds what its pages use."""

    def test_what_is_gone_from_the_book_is_gone_from_the_site(
        self, tmp_path: Path
    ) -> None:
        """A deleted page and its picture, and what another picture has replaced."""
        docs = copy_settings(tmp_path, "```{toctree}\n:glob:\n*\n```\n") / "docs"
        for name in ("first", "second"):
            picture = f"```{{image}} {name}.png\n:alt: a\n```\n"
            (docs / f"{name}.md").write_text(f"# {name}\n\n{picture}", encoding="utf-8")
            Image.new("RGB", (30, 20)).save(docs / f"{name}.png")
        built = build(tmp_path)
        assert built.code == 0, built.log
        theirs = built.html / "CNAME.html"
        theirs.write_text("not of this book", encoding="utf-8")
        for name in ("second.md", "second.png"):
            (docs / name).unlink()
        Image.new("RGB", (30, 20)).save(docs / "third.png")
        page = "# first\n\n```{image} third.png\n:alt: a\n```\n"
        (docs / "first.md").write_text(page, encoding="utf-8")
        left = contents(build(tmp_path).html)
        clean = contents(build(tmp_path, "clean", fresh=True).html)
        assert left.pop("CNAME.html") == b"not of this book"
        assert left == clean
        assert {"first.html", "_images/third.png"} < set(clean)

    def test_nothing_is_published_that_no_page_loads(self, tmp_path: Path) -> None:
        """Neither the theme's scripts and templates nor notes for the next build."""
        files = contents(build(copy_settings(tmp_path, SMALL)).html)
        scripts = {name for name in files if name.endswith(".js")}
        assert not {name for name in scripts if "fontawesome" in name}
        assert "_static/scripts/pydata-sphinx-theme.js" in scripts
        assert {name for name in files if name.endswith(".html")} == {
            *("404.html", "index.html", "search.html")
        }
        assert not {name for name in files if name.startswith(".build")}
        assert sum(map(len, files.values())) < 600_000

    def test_settings_still_count(self, tmp_path: Path) -> None:
        """The note on the last build, which Sphinx compares with this one, is found."""
        copy_settings(tmp_path, SMALL)
        build(tmp_path)
        again = build(tmp_path)
        assert "no targets are out of date" in again.log
        other = build(tmp_path, BOOK_URL="https://book.example/")
        assert "https://book.example/" in other.page("index")


class TestReferences:
    """What a page says of another follows it."""

    def test_new_figure_moves_the_numbers_of_other_pages(self, tmp_path: Path) -> None:
        """A page that has not changed names a figure by its new number."""
        pages = "```{toctree}\n:numbered:\nfirst\nlast\n```\n"
        docs = copy_settings(tmp_path, pages) / "docs"
        drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
        (docs / "drawing.svg").write_text(drawing, encoding="utf-8")
        old, new = (
            f"```{{figure}} drawing.svg\n:name: {name}\n:alt: 1\n\nCaption.\n```\n\n"
            for name in ("fig-old", "fig-new")
        )
        (docs / "last.md").write_text("# Last\n\nSee {numref}`fig-old`.\n", "utf-8")
        for figures, number in ((old, "1.1"), (new + old, "1.2"), (old, "1.1")):
            (docs / "first.md").write_text(f"# First\n\n{figures}", "utf-8")
            built = build(tmp_path)
            assert built.code == 0, built.log
            assert f"See Fig. {number}." in text_of(built.page("last"))


class TestExplorables:
    """An interactive figure is part of its page, whatever the page becomes."""

    PAGE = (
        "```{explorable} linear_regression_grades\n:name: fig-moves\n\n"
        "Drag the *line*.\n```\n\nSee {numref}`fig-moves`.\n"
    )

    def test_page_follows_the_library_and_the_template(self, tmp_path: Path) -> None:
        """A changed number, or a changed template, changes the page."""
        small = copy_settings(tmp_path, self.PAGE)
        first = build(small)
        assert first.code == 0, first.log
        assert "has mean squared error 5.4." in text_of(first.page("index"))
        example = small / "gdbook" / "examples" / "linear_regression.py"
        grades = "grades: Row = (3, 5, 4, 6, 8)"
        text = source(example)
        assert text.count(grades) == 1
        example.write_text(
            text.replace(grades, grades.replace("8", "9")), encoding="utf-8"
        )
        # Errors 0, 0, 3, 3, 2: 22/5
        second = build(small)
        assert second.code == 0, second.log
        assert "has mean squared error 4.4." in text_of(second.page("index"))
        template = small / "docs" / "_templates" / "explorable.html"
        text = source(template)
        assert text.count(">Reset<") == 1
        template.write_text(text.replace(">Reset<", ">Begin<"), encoding="utf-8")
        third = build(small)
        assert third.code == 0, third.log
        assert ">Begin<" in third.page("index")

    def test_edit_of_prose_draws_nothing(self, tmp_path: Path) -> None:
        """A figure of which nothing has changed is the same without Matplotlib."""
        small = copy_settings(tmp_path, self.PAGE)
        before = build(small)
        assert before.code == 0, before.log
        add_sentence(small / "docs" / "index.md")
        without = "import sys\nsys.modules['matplotlib.figure'] = None\n"
        after = build(small, first=without)
        assert after.code == 0, after.log
        assert "One more sentence." in after.page("index")
        drawn = re.compile(r"(?s)<figure.*</figure>")
        assert drawn.findall(after.page("index")) == drawn.findall(before.page("index"))
        assert build(small, "clean", first=without).code != 0

    def test_figure_is_numbered_and_brings_its_scripts(self, tmp_path: Path) -> None:
        """It has a number and a caption like any other, and the scripts of today."""
        small = copy_settings(tmp_path, self.PAGE)
        built = build(small)
        assert built.code == 0, built.log
        page = built.page("index")
        assert "Drag the <em>line</em>." in page
        assert "See Fig. 1." in text_of(page)
        # No module, which a page from the disk may not load.
        script = r'<script defer="defer" src="_static/explorables/(\w+)\.js\?v=(\w+)">'
        names, versions = zip(*re.findall(script, page), strict=True)
        assert names == ("descent", "explorable", "linear_regression_grades")
        assert page.count("/explorables/") == 3
        assert "/explorables/" not in built.page("search")
        shared = small / "docs" / "_static" / "explorables" / "descent.js"
        shared.write_text(source(shared) + "// Changed.\n", encoding="utf-8")
        again = build(small)
        assert again.code == 0, again.log
        now = dict(re.findall(script, again.page("index")))
        assert now["descent"] != versions[0]
        assert now["linear_regression_grades"] == versions[2]


class TestMathematics:
    """A formula is set under the book's policy, or reported where it stands."""

    @staticmethod
    def book_of(tmp_path: Path, formulas: list[str]) -> Path:
        """Make a page of formulas, the last of them in a solution and a docstring."""
        blocks = [f"```{{math}}\n{formula}\n```\n\n" for formula in formulas]
        blocks[-1] = (
            f"```{{solution-start}}\n```\n\n{blocks[-1]}```{{solution-end}}\n```"
        )
        described = "```{eval-rst}\n.. autofunction:: gdbook.extra.extra\n```\n"
        inline = f"Inline ${formulas[0]}$.\n\n"
        page = f"{inline}{''.join(blocks)}\n\n{described}"
        small = copy_settings(tmp_path, page)
        docstring = f"Do it.\n\n    .. math:: {formulas[-1]}\n    "
        (small / "gdbook" / "extra.py").write_text(
            f'def extra():\n    r"""{docstring}"""\n', encoding="utf-8"
        )
        return small

    def test_formulas_are_xml_and_styled_by_rules(self, tmp_path: Path) -> None:
        """No formula has a style, an unknown name or a number of its own."""
        rows = r"a &= b^2 \\ c &= \bigl(d\bigr)^2"
        small = self.book_of(
            tmp_path,
            [
                r"f'(x) = \ln x",
                *(
                    rf"\begin{{{name}}}{rows}\end{{{name}}}"
                    for name in ("align", "split")
                ),
                rf"\begin{{alignat}}{{2}}{rows}\end{{alignat}}",
                *(
                    rf"\begin{{{name}}}x\end{{{name}}}"
                    for name in ("equation", "gather", "multline*")
                ),
                r"\begin{cases} 1 & x \\ 0 & y \end{cases}",
                r"\begin{array}{lcr} 1 & 2 & 3 \end{array}",
                r"\left(x\right)^2\!y \in \R",
            ],
        )
        with (small / "docs" / "conf.py").open("a", encoding="utf-8") as conf:
            conf.write('\nmath_macros = {"R": r"\\mathbb{R}"}\n')
        built = build(small)
        assert built.code == 0, built.log
        formulas = re.findall(r"<math.*?</math>", built.page("index"))
        assert len(formulas) == 12
        assert "ℝ" in formulas[-1]
        assert not re.search(r"<ms\w+><mo [^>]*size", "".join(formulas))
        names = set()
        for formula in formulas:
            elements = list(ET.fromstring(formula).iter())  # noqa: S314 (our own text)
            assert not any("style" in element.attrib for element in elements)
            names |= {element.get("class") for element in elements} - {None}
            assert "(1)" not in "".join(element.text or "" for element in elements)
        sheet = source(built.html / "_static" / "site.css")
        assert len(names) == 10
        unruled = [n for n in names if not re.search(rf"\.{n}\s*[,{{]", sheet)]
        assert unruled == []

    def test_mistakes_are_reported_where_they_stand(self, tmp_path: Path) -> None:
        """A formula that cannot be set is named with its file and line."""
        small = self.book_of(
            tmp_path, ["x^{2", r"\color{red}x", r"a \\[2pt] b", r"\nosuch{x}"]
        )
        built = build(small)
        assert built.code != 0
        unknown = 'Unknown command "\\nosuch"'
        for place, said in (
            ("index.md:9", 'Expected closing token "}"'),
            ("index.md:11", 'Expected closing token "}"'),
            ("index.md:15", "mathematics.css has no rule .tex-color-FF0000"),
            ("index.md:19", "math-core would print the distance"),
            ("index.md:26", unknown),
            ("extra.py:docstring of gdbook.extra.extra:4", unknown),
        ):
            assert f"{place}: WARNING: mathematics: {said}" in built.log
        assert built.log.count("WARNING") == 6


class TestStrict:
    """What is wrong fails the build, and says where."""

    @pytest.mark.parametrize(
        ("page", "said"),
        [
            (
                "```{code-cell}\n1\n```\n\nA number: {glue:text}`missing.key`.\n",
                "No key 'missing.key' found in glue data",
            ),
            ("See {py:func}`gdbook.missing`.\n", "py:func reference target not found"),
            ("```{solution-start}\n```\n", "a solution needs one start and one end"),
            (
                "```{explorable} missing\n```\n",
                "`name` is 'missing' but must be of the form <chapter>_<figure>",
            ),
            (
                "```{solution} weight_update.missing\n```\n",
                "gdbook/exercises/weight_update.py has no exercise 'missing'",
            ),
            (
                ":::{predict} missing.one\nHow far?\n:::\n",
                "gdbook/exercises/missing.py has no prediction 'one'",
            ),
        ],
        ids=["glue", "reference", "solution", "explorable", "exercise", "predict"],
    )
    def test_mistakes_fail_the_build(
        self, tmp_path: Path, page: str, said: str
    ) -> None:
        """An author's mistake fails the build with its place and its name."""
        built = build(copy_settings(tmp_path, page))
        assert built.code != 0
        assert said in built.log

    @pytest.mark.parametrize(
        "asks",
        [
            "socket.create_connection(('example.org', 9))",
            "socket.socket().connect(('192.0.2.1', 9))",
        ],
    )
    def test_network_is_refused(self, tmp_path: Path, asks: str) -> None:
        """The guard that the builds above ran under does refuse other machines."""
        asks = f"import socket\n{asks}"
        page = f"```{{code-cell}}\n{asks}\n```\n"
        built = build(copy_settings(tmp_path, page))
        assert built.code != 0
        assert "the book must build without a network" in built.log


class Site(NamedTuple):
    """A copy of a built site, and what is said of it."""

    lean: ModuleType
    app: SimpleNamespace
    log: pytest.LogCaptureFixture

    def said(self) -> str:
        """Bundle once more, and return the warnings."""
        self.log.clear()
        self.lean.bundle(self.app, None)
        return "\n".join(self.log.messages)


@pytest.fixture(scope="module")
def site_of_one_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a page of code and a formula, and keep what it does not use."""
    page = "A formula $x_1$.\n\n```{code-cell}\nimport math\n```\n"
    book = copy_settings(tmp_path_factory.mktemp("lean"), page)
    settings = book / "docs" / "conf.py"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('    "leftovers",\n', ""), encoding="utf-8")
    built = build(book)
    assert built.code == 0, built.log
    return built.html


@pytest.fixture
def site(
    site_of_one_page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Site:
    """Copy the site, and see that nothing is said of it as it is."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    out = shutil.copytree(site_of_one_page, tmp_path / "html")
    builder = SimpleNamespace(name="html")
    app = SimpleNamespace(builder=builder, outdir=out, doctreedir=tmp_path)
    copy = Site(importlib.import_module("lean"), app, caplog)
    assert not copy.said()
    return copy


class TestLean:
    """What is left out of pages is looked for by names, and a new name is noticed."""

    def test_new_name_fails_the_build(self, tmp_path: Path) -> None:
        """A theme in which a script has another name does not build."""
        small = copy_settings(tmp_path, "A page.\n")
        extension = small / "docs" / "_ext" / "lean.py"
        text = source(extension).replace("scripts/bootstrap.js", "scripts/boot.js")
        extension.write_text(text, encoding="utf-8")
        built = build(small)
        assert built.code != 0
        assert "WARNING: lean: found no scripts/boot.js" in built.log

    @pytest.mark.parametrize(
        "name",
        [
            *("scripts/fontawesome.js", "scripts/bootstrap.js", "basic.css"),
            *("styles/pydata-sphinx-theme.css", "pygments.css"),
            "styles/sphinx-book-theme.css",
            "vendor/fontawesome/webfonts/fa-solid-900.woff2",
        ],
    )
    def test_renamed_file(self, site: Site, name: str) -> None:
        """A file of another name is missed by its old one."""
        path = site.app.outdir / "_static" / name
        path.rename(path.with_stem("renamed"))
        assert site.said() == f"lean: found no {name}"

    @pytest.mark.parametrize(
        ("name", "old", "new", "said"),
        [
            (
                "index.html",
                "scripts/sphinx-book-theme.js",
                "scripts/bootstrap.js",
                "page index.html loads _static/scripts/bootstrap.js",
            ),
            (
                "index.html",
                "scripts/sphinx-book-theme.js",
                "search.js",
                "page index.html loads _static/search.js",
            ),
            (
                "index.html",
                "_static/site.css",
                "_static/theme.css",
                "page index.html loads other style sheets than site.css",
            ),
            (
                "_static/styles/pydata-sphinx-theme.css",
                "fa-solid-900",
                "fa-filled-900",
                "fa-filled-900.woff2",
            ),
            (
                "_static/styles/pydata-sphinx-theme.css",
                "fa-brands-400",
                "fa-logos-400",
                "fa-logos-400.woff2",
            ),
            (
                "_static/styles/pydata-sphinx-theme.css",
                r"[\ue000-\uf8ff]|\\[ef][0-9a-f]{3}",
                "?",
                "the rules name 0 icons",
            ),
            (
                "_static/styles/sphinx-book-theme.css",
                r"(?s)\A.*",
                100 * ".q7{order:1}",
                "the pages use 0% of sphinx-book-theme.css",
            ),
            (
                "_static/styles/sphinx-book-theme.css",
                r"(?s)\A.*",
                100 * "body{order:1}",
                "of sphinx-book-theme.css",
            ),
        ],
    )
    def test_renamed_part(
        self, site: Site, name: str, old: str, new: str, said: str
    ) -> None:
        """What pages load, and what the theme's rules name, is looked at."""
        path = site.app.outdir / name
        text, count = re.subn(old, new, source(path))
        assert count
        path.write_text(text, encoding="utf-8")
        assert said in site.said()
        # And again: that nothing has changed since does not make it right.
        assert said in site.said()

    def test_font_without_scripts_of_scripts(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A font of mathematics that keeps those elsewhere is noticed."""
        (site.app.outdir / "_static" / "mathematics.woff2").unlink()
        monkeypatch.setattr(site.lean, "share_script_shapes", lambda _font: False)
        assert "found no scripts of scripts in" in site.said()

    def test_page_without_what_goes(self, site: Site) -> None:
        """A page with no inline script, or whose names have other marks, is named."""
        inline = SimpleNamespace(attributes={"body": "x"})
        other = SimpleNamespace(attributes={"inner": "x"})
        code = '<span class="kn">import</span> <span class="{}">math</span>'
        for scripts, mark in (([inline], "nn"), ([other], "name")):
            assert site.log.messages == []
            context = {"script_files": scripts, "body": code.format(mark)}
            site.lean.leave_out_scripts(site.app, "index", "", context, None)
            site.lean.leave_out_marks(site.app, "index", "", context, None)
        script, name = site.log.messages
        assert script == "lean: found no inline script of the theme on page index"
        assert name == "lean: found no mark around a name of code on page index"
