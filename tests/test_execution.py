"""How the cells of a book run: as in a notebook, within limits, and never unseen."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from book import (
    FRONT_MATTER,
    ROOT,
    Built,
    build,
    contents,
    copy_settings,
    source,
    text_of,
)
from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from pathlib import Path


def cells(*sources: str, options: str = "") -> str:
    """Write code cells."""
    return "\n".join(f"```{{code-cell}}\n{options}{code}\n```\n" for code in sources)


def page(body: str, front: str = "") -> str:
    """Write a page, with more in its front matter."""
    return FRONT_MATTER.replace("---\n\n", f"{front}---\n\n") + f"# Page\n\n{body}"


def settle(book: Path, *lines: str, **settings: int) -> None:
    """Give a book other settings, and more lines of them."""
    conf = book / "docs" / "conf.py"
    text = source(conf)
    for name, value in settings.items():
        text, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
        assert count == 1
    conf.write_text(text + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


# A training whose bar would be seen: its clock runs ahead.
TRAINING = """
import itertools
import numpy as np
from tqdm import std
from gdbook.fitting import fit
from gdbook.losses import MEAN_SQUARED_ERROR
from gdbook.network import Dense
from gdbook.optimizers import GradientDescent

std.time = itertools.count().__next__
history = fit(
    [Dense([[0.0]], [0.0])],
    [[1.0]],
    [[1.0]],
    loss=MEAN_SQUARED_ERROR,
    rule=GradientDescent(0.1),
    num_epochs=5,
    batch_size=1,
    generator=np.random.default_rng(1),
)
print("epochs:", len(history.epochs))
"""

# What a notebook shows in an order of its own, and what stands on the page then.
SHOWN = {
    "1 + 1": "2",
    "print('first'); 'last'": "first\n'last'",
    "1;": "",
    "from IPython.display import HTML, Latex, Markdown, clear_output, display\n"
    "shown = display(HTML('<b>old</b>'), display_id=True)\n"
    "print('between')\ndisplay(Markdown('*words*'), Latex('$x$'))": (
        "newbetween\nwords\nx"
    ),
    "shown.update(HTML('<b>new</b>'))": "",
    "print('gone'); clear_output(); print('left')": "left",
    "print('gone'); clear_output(wait=True); print('stays')": "stays",
    "import sys\nprint('out'); print('odd', file=sys.stderr); print('more')": "out\n"
    "more\nodd",
    "import logging\nlogging.basicConfig()\nlogging.warning('one')": "WARNING:root:one",
    "logging.warning('two')": "WARNING:root:two",
    "print('unfinished', end='')": "unfinished",
    "!echo of the system": "of the system",
    "%%bash\necho of a shell": "of a shell",
    "%matplotlib inline\n%env TQDM_DISABLE": "'1'",
    "import asyncio\nawait asyncio.sleep(0, 'waited')": "'waited'",
    "asyncio.get_running_loop().is_running()": "True",
    "type(get_ipython()).__name__": "'ZMQInteractiveShell'",
    "import os\nos.getcwd() == os.path.realpath('.'), os.path.exists('conf.py')": (
        "(True, True)"
    ),
    "from concurrent.futures import ProcessPoolExecutor\n"
    "from multiprocessing import get_context\n"
    "with ProcessPoolExecutor(2, get_context('fork')) as pool:\n"
    "    numbers = list(pool.map(abs, [-1, -2]))\nnumbers": "[1, 2]",
    TRAINING.strip(): "epochs: 6",
}
RAISES = {
    "print('before')\n1 / 0": "before\n-+\n"
    r"ZeroDivisionError +Traceback \(most recent call last\)\n"
    r"Cell In\[\d+\], line 2\n[^Z]*ZeroDivisionError: division by zero",
    "if True\n": r"(?s)Cell In\[\d+\], line 1\n.*SyntaxError: expected ':'",
    "2 + 2": "4",
    "raise SystemExit": "An exception has occurred",
}
# What comes from elsewhere than Python has its place here, and any in a kernel.
WRITTEN = {
    r"print('py'); os.write(1, b'\xff, C\n'); print('py')": "py\n�, C\npy",
    "import ctypes\nprint('py')\nctypes.CDLL(None).printf(b'of C\\n')\nprint('py')": (
        "py\nof C\npy"
    ),
    "import subprocess\nprint('py')\nsubprocess.run(['echo', 'child']);": "py\nchild",
    "if os.fork():\n    os.wait()\nprint(os.getpid() != os.getppid())": "True\nTrue",
    "os.system('echo of a shell >&2');": "of a shell",
}


class Notebook(NamedTuple):
    """A page, built in several ways."""

    fork: Built
    spawn: Built
    kernel: Built


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """Build a page in forks, in new processes, and in MyST-NB's own kernel."""
    alt = "---\nmystnb:\n  image:\n    alt: a line\n---\n"
    body = "\n".join(
        [
            cells(*SHOWN),
            cells("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", options=alt),
            cells(*RAISES, options=":tags: [raises-exception]\n"),
            cells("boom", options=":tags: [skip-execution]\n"),
            cells("print('on')"),
        ]
    )
    book = copy_settings(tmp_path_factory.mktemp("notebook"), "")
    docs = book / "docs"
    front = "mystnb:\n  output_stderr: show\n"
    (docs / "index.md").write_text(page(body, front), encoding="utf-8")
    (docs / "written.md").write_text(
        page(cells("import os", *WRITTEN), f"orphan: true\n{front}"), encoding="utf-8"
    )
    settle(
        book,
        "execution_start = os.environ['START']",
        "if execution_start == 'kernel':",
        "    os.environ['PYTHONPATH'] += os.pathsep + str(HERE.parent)",
        "    extensions.remove('warm_execution')",
        "    exclude_patterns.append('written.md')",
    )
    return Notebook(*(build(book, start, START=start) for start in Notebook._fields))


def outputs(html: str) -> list[str]:
    """Return what each cell of a page shows."""
    blocks = re.split(r'<div class="cell [^>]*>', html)[1:]
    parts = [re.split("cell_output[^>]*>", block)[1:] for block in blocks]
    texts = [text_of(f"<article>{''.join(part)}</article>") for part in parts]
    return [re.sub(r"\n\s*\n+", "\n", text).strip() for text in texts]


class TestNotebook:
    """A page is executed as MyST-NB would, only faster."""

    def test_page_is_that_of_a_kernel(self, notebook: Notebook) -> None:
        """What an author sees in a notebook is on the page, tags and all."""
        for built in notebook:
            assert built.code == 0, built.log
        assert "executed [" not in notebook.kernel.log
        articles = [
            html[html.index("<article") : html.index("</article>")]
            for html in (built.page("index") for built in notebook)
        ]
        assert articles[0] == articles[2]
        shown = outputs(notebook.fork.page("index"))
        assert shown[: len(SHOWN)] == list(SHOWN.values())
        raised = shown[len(SHOWN) + 1 : -2]
        for text, expected in zip(raised, RAISES.values(), strict=True):
            assert re.search(expected, text), text
        assert shown[-2:] == ["", "on"]
        assert 'alt="a line"' in articles[0]
        assert "epoch/s" not in articles[0]

    def test_words_of_others_have_their_place(self, notebook: Notebook) -> None:
        """C code and other processes write among what Python prints."""
        _, *shown = outputs(notebook.fork.page("written"))
        assert shown == list(WRITTEN.values())

    @pytest.mark.claims(
        "Where a platform cannot fork, as Windows, or its libraries do not survive "
        "it, as those of macOS, each page has a new process: that takes longer and "
        'gives the same bytes, and execution_start = "spawn" in docs/conf.py asks '
        "for it anywhere.",
        page="contributing",
    )
    def test_pages_are_the_same_where_nothing_forks(self, notebook: Notebook) -> None:
        """A new process for every page gives the same bytes as a fork."""
        assert set(notebook.spawn.executed) == {"index.md", "written.md"}
        assert contents(notebook.spawn.html) == contents(notebook.fork.html)


# Work of a length that a busy machine does not change.
WORK = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: 1"
ENDLESS = "while True: pass"
USED = "cell {} used more than 1 s of processor time"
TRIES_TO_STAY = (
    "import signal\n"
    "for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGTERM, signal.SIGXCPU):\n"
    f"    signal.signal(number, signal.SIG_IGN)\n{ENDLESS}"
)
THREAD = "import threading\nthread = threading.Thread(target=threading.Event().wait)\n"
SETTING = "mystnb:\n  execution_{}\n"
SVG = "from IPython.display import SVG\nSVG({!r})".format(
    '<svg xmlns="http://www.w3.org/2000/svg" height="9" width="9"/>'
)

RUNS = f"[sys.executable, '-c', '{ENDLESS}']"

# Pages, with what is said of a line of each.
FAULTS: dict[str, tuple[str | bytes, int, str]] = {
    "exception": (
        page(cells("1", "x = 1\n1 / 0", "never")),
        13,
        "cell 2 raised ZeroDivisionError: division by zero",
    ),
    "syntax": (page(cells("if True")), 9, "cell 1 raised SyntaxError: expected ':'"),
    "representation": (
        page(cells("class A:\n    def __repr__(self): return 1 / 0\nA()")),
        9,
        "cell 1 raised ZeroDivisionError: division by zero",
    ),
    "displayed": (
        page(
            cells(
                "class A:\n    def _repr_html_(self): return 1 / 0",
                "from IPython.display import display\ndisplay(A())",
            )
        ),
        14,
        "cell 2 raised ZeroDivisionError: division by zero",
    ),
    "group": (
        page(cells("raise ExceptionGroup('many', [ValueError(), KeyError()])")),
        9,
        "cell 1 raised ExceptionGroup: many (2 sub-exceptions)",
    ),
    "magic": (page(cells("%nosuch")), 9, "Line magic function `%nosuch` not"),
    "cancelled": (
        page(
            cells(
                "import asyncio\nawait asyncio.sleep(0)\nraise asyncio.CancelledError"
            )
        ),
        9,
        "cell 1 raised CancelledError",
    ),
    "interrupted": (
        page(cells("import os, signal\nos.kill(os.getpid(), signal.SIGINT)", "1")),
        9,
        "cell 1 raised KeyboardInterrupt",
    ),
    "left": (page(cells("1", "import sys\nsys.exit(4)")), 13, "raised SystemExit: 4"),
    "quit": (
        page(cells("quit()")),
        9,
        "cell 1 ends the notebook with exit() or quit()",
    ),
    "asks": (page(cells("input('Name? ')")), 9, "nobody is there to answer input('Na"),
    "death": (page(cells("1", "import os\nos._exit(3)")), 13, "ended its process (3)"),
    "crash": (
        page(cells("import os\nos.kill(os.getpid(), 11)")),
        9,
        "cell 1 ended its process (SIGSEGV)",
    ),
    "orphans": (
        page(
            cells("import os, time\nif os.fork() == 0: time.sleep(1e6)", "os._exit(5)")
        ),
        14,
        "cell 2 ended its process (5)",
    ),
    "thread": (
        page(cells(f"{THREAD}thread.start()", "1")),
        9,
        "cell 1 leaves 'Thread-",
    ),
    "stderr": (
        page(cells("1", "import os\nos.write(2, b'odd\\n');")),
        13,
        "cell 2 wrote to stderr: odd",
    ),
    "words": (page(cells(SVG)), 9, "cell 1: a figure has no alternative text"),
    "endless": (page(cells("1", ENDLESS)), 13, USED.format(2)),
    "c_code": (page(cells("9**9**9")), 9, USED.format(1)),
    "stays": (page(cells(TRIES_TO_STAY)), 9, USED.format(1)),
    "child": (
        page(
            cells(
                "import subprocess, sys\n"
                f"subprocess.run([sys.executable, '-c', '{ENDLESS}'])"
            )
        ),
        9,
        USED.format(1),
    ),
    "waits": (
        page(cells(f"{THREAD}thread.daemon = True\nthread.start()\nthread.join()")),
        9,
        "cell 1 waited: it took more than 10 s on the clock",
    ),
    "shown": (
        page(cells("1 / 0"), SETTING.format("show_tb: true")),
        11,
        "cell 1 raised ZeroDivisionError: division by zero\n-",
    ),
    "inline": (
        page(cells("1"), SETTING.format("mode: inline")),
        0,
        "execution_mode is 'inline' but must be cache or off",
    ),
    "cache": (
        page(cells("1"), SETTING.format("cache_path: here")),
        0,
        "execution_cache_path is the book's",
    ),
    "soon": (
        page(cells("1"), "execution:\n  timeout: soon\n"),
        0,
        "'execution_timeout' must be of type",
    ),
    "no_settings": (
        page(cells("1"), "mystnb: 3\n"),
        0,
        "mystnb in the front matter is 3 but must hold settings",
    ),
    "no_list": (
        page(cells("1", "2", options=":tags: hide-cell\n")),
        0,
        "the page is no notebook: metadata.tags 'hide-cell' is not of type 'array'",
    ),
    "kernel": (
        page(cells("1")).replace("python3", "ir"),
        0,
        "the kernel is 'ir' but must be 'python3'",
    ),
    "options": (
        page("```{code-cell}\n:tags: [\n1\n```\n"),
        0,
        "the page is no notebook: Code cell 1 at line 9",
    ),
    "latin": (f"{page('caf')}é\n".encode("latin-1"), 9, "byte 0xe9 is not UTF-8"),
}
# Pages of which nothing is said.
FINE: dict[str, str | bytes] = {
    "together": page(cells(*3 * [WORK.format(0.7)])),
    "sleeps": page(cells("import time\ntime.sleep(2)")),
    "longer": page(cells(WORK.format(2)), SETTING.format("timeout: 5")),
    "unlimited": page(cells(WORK.format(2)), "execution:\n  timeout: -1\n"),
    "allowed": page(
        cells("1 / 0", "print('on')"), SETTING.format("allow_errors: true")
    ),
    "as_cached": page(cells("1 / 0"), "execution:\n  allow_errors: true\n"),
    "elsewhere": page(
        cells("import os\nos.listdir()"), SETTING.format("in_temp: true")
    ),
    "pool": page(
        cells(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "ThreadPoolExecutor(1).submit(int).result()"
        )
    ),
    "marked": b"\xef\xbb\xbf" + page(cells("'marked'")).encode(),
    "windows": page(cells("'one'\n'two'")).replace("\n", "\r\n").encode(),
    "leaves": page(
        cells("import subprocess, sys\nleft = subprocess.Popen(['sleep', '1000'])")
    ),
}
# Pages that are not run.
LEFT: dict[str, str | bytes] = {
    name: page(cells("1 / 0"), front).replace("  name:", "  language: python\n  name:")
    for name, front in (("off", SETTING.format("mode: 'off'")), ("excluded", ""))
}


def write(book: Path, pages: dict[str, str | bytes]) -> None:
    """Write pages, each byte as it is given."""
    for name, text in pages.items():
        content = text if isinstance(text, bytes) else text.encode()
        (book / "docs" / f"{name}.md").write_bytes(content)


class TestFaults:
    """What goes wrong is said of all pages at once: page, line, cell, and what."""

    @pytest.mark.claims(
        "A cell that raises, ends its process, leaves a thread running, writes to "
        "stderr, or draws a figure without words fails the build, and so does every "
        "warning.",
        "Each is said once, with its page, line and cell, and the page is read as "
        "far as it came.",
        page="contributing",
    )
    def test_every_fault_is_said_once(self, tmp_path: Path) -> None:
        """A build with many faults names each, and so does the next one."""
        book = copy_settings(tmp_path, "```{toctree}\n:glob:\n*\n```\n")
        excluded = "nb_execution_excludepatterns = ['*/excluded.md']"
        settle(book, excluded, nb_execution_timeout=1)
        write(book, {name: text for name, (text, _, _) in FAULTS.items()} | FINE | LEFT)
        built = build(book)
        assert built.code == 1, built.log
        self.check(book, built, set(FAULTS))
        assert {path.removesuffix(".md") for path in built.executed} >= set(FINE)
        for name, shown in (
            *(("allowed", "ZeroDivisionError"), ("allowed", "\non\n")),
            *(("as_cached", "division by zero"), ("elsewhere", "\n[]\n")),
            *(("marked", "\n'marked'\n"), ("windows", "\n'two'\n")),
        ):
            assert shown in text_of(built.page(name))
        # What takes its time need not take it again.
        slow = {name for name, (_, _, said) in FAULTS.items() if "more than" in said}
        for name in slow:
            (book / "docs" / f"{name}.md").unlink()
        again = build(book)
        assert again.code == 1, again.log
        self.check(book, again, set(FAULTS) - slow)

    @staticmethod
    def check(book: Path, built: Built, names: set[str]) -> None:
        """Look for what is said of each page, and for nothing else."""
        said = [line for line in built.log.splitlines() if re.search("WARN|ERR", line)]
        for name in names:
            _, line, what = FAULTS[name]
            place = f"{book}/docs/{name}.md:{line or ''}".rstrip(":")
            own = [text for text in said if text.startswith(f"{book}/docs/{name}.md")]
            assert len(own) == 1, own
            assert own[0].startswith(f"{place}: "), own
            assert what in built.log[built.log.index(own[0]) :][:300]
        assert len(said) == len(names), said
        assert "report" not in built.log

    def test_failed_page_is_read_as_far_as_it_came(self, tmp_path: Path) -> None:
        """Its sentences are not blamed for numbers that no cell came to glue."""
        glue = "from gdbook.glue import glue\nglue(first=1)\n1 / 0\nglue(second=2)"
        body = (
            cells(glue) + "\nThe numbers {glue:text}`first` and {glue:text}`second`.\n"
        )
        built = build(copy_settings(tmp_path, body))
        assert built.code == 1
        assert "index.md:9: ERROR: cell 1 raised" in built.log
        assert "1 warning" in built.log
        assert "The numbers 1 and " in text_of(built.page("index"))
        assert "ZeroDivisionError" in text_of(built.page("index"))


# Says that it runs, and is heard of until it, and what it has started, have ended.
LIVES = """
import os, subprocess, sys
pipe = os.open({!r}, os.O_WRONLY)
says = "import os, time\\nos.write(1, b'child %d\\\\n' % os.getpid())\\ntime.sleep(1e6)"
subprocess.Popen([sys.executable, "-c", says], stdout=pipe)
os.write(pipe, b"page %d\\n" % os.getpid())
while True: pass
"""


class TestEnds:
    """Nothing outlives its build."""

    @pytest.mark.claims(
        "All that a cell has started ends with its page, or with the build that is "
        "killed.",
        page="contributing",
    )
    @pytest.mark.parametrize(
        ("start", "number"),
        [
            *(("fork", signal.SIGKILL), ("fork", signal.SIGTERM)),
            *(("fork", signal.SIGINT), ("spawn", signal.SIGKILL)),
        ],
    )
    def test_ended_build_leaves_no_process(
        self, tmp_path: Path, start: str, number: int
    ) -> None:
        """However a build ends, its cells and what they have started end with it."""
        path = tmp_path / "pipe"
        os.mkfifo(path)
        book = copy_settings(tmp_path, cells(LIVES.format(str(path))))
        settle(book, f"execution_start = {start!r}")
        command = [sys.executable, "-m", "sphinx", "-q", "docs", "built"]
        pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        building = subprocess.Popen(command, cwd=book, stderr=subprocess.PIPE)
        try:
            heard = b""
            while heard.count(b"\n") < 2:
                heard += self.hear(pipe)
            assert building.poll() is None
            building.send_signal(number)
            assert self.hear(pipe) == b""  # all that could write have ended
            _, said = building.communicate()
        finally:
            for process in re.findall(rb"\d+", heard):
                with suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
            building.kill()
            os.close(pipe)
        assert re.findall(rb"[a-z]+", heard) in (
            [b"page", b"child"],
            [b"child", b"page"],
        )
        assert building.returncode in {-number, 2}
        assert said.decode().strip() in {"", "Interrupted!"}

    @staticmethod
    def hear(pipe: int) -> bytes:
        """Wait for what is said next, or for the end, and not for ever."""
        assert select.select([pipe], [], [], 300)[0]
        return os.read(pipe, 1000)


class TestJobs:
    """Pages may be written side by side."""

    @pytest.mark.claims(
        "With -j 2, pages are written two at a time; cells run side by side in any "
        "case.",
        page="contributing",
    )
    def test_two_at_a_time_write_the_same_bytes(self, tmp_path: Path) -> None:
        """With `-j 2` a book is the same to the byte, and so is what is said of it."""
        toc = "```{toctree}\n:numbered:\n:glob:\npage*\n```\n"
        book = copy_settings(tmp_path, toc)
        for number in range(7):
            name = f"page{number}"
            body = (
                "```{code-cell}\nfrom gdbook.examples.weight_update import repeated\n"
                "from gdbook.glue import glue\n"
                "from gdbook.plotting import weight_update as draw\n"
                f"glue(number={number})\ndraw.one_step(repeated())\n```\n\n"
                f"```{{explorable}} linear_regression_grades\n:name: fig-{number}\n\n"
                f"Figure {number}.\n```\n\n"
                f"See {{numref}}`fig-{(number + 1) % 7}`, $x_{number}$ and "
                f"{{glue:text}}`number`, and {{func}}`missing{number}`.\n\n"
            )
            write(book, {name: page(body)})
        settle(
            book,
            "settle = setup",
            "def setup(app):",
            "    settle(app)",
            "    say = lambda *_: print('written by', os.getpid(), flush=True)",
            "    app.connect('html-page-context', say)",
        )
        built = [build(book, f"jobs{jobs}", jobs=jobs) for jobs in "12"]
        said = [sorted(re.findall(r".*WARNING.*", one.log)) for one in built]
        assert len(said[0]) == 7
        assert said[0] == said[1]
        writers = [set(re.findall(r"written by (\d+)", one.log)) for one in built]
        assert len(writers[0]) == 1 < len(writers[1])
        assert contents(built[0].html) == contents(built[1].html)


class TestProgress:
    """A bar is for who waits: a reader of a notebook does, a page does not."""

    def test_notebook(self) -> None:
        """A kernel gets a bar as text beside what is printed, and it is gone then."""
        manager, client = start_new_kernel(cwd=str(ROOT))
        written: dict[str, str] = {"stdout": "", "stderr": ""}

        def write(message: Any) -> None:
            assert message["msg_type"] not in {"error", "display_data"}, message
            if message["msg_type"] == "stream":
                written[message["content"]["name"]] += message["content"]["text"]

        try:
            client.execute_interactive(TRAINING, timeout=60, output_hook=write)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        bar, _, last = written["stdout"].rpartition("\r")
        assert "5/5" in bar
        assert bar.split("\r")[-1].strip() == ""
        assert (last, written["stderr"]) == ("epochs: 6\n", "")


@pytest.mark.claims(
    "A cell that only waits is stopped after ten times as long on the clock.",
    page="contributing",
)
def test_patience_with_a_cell_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The executor's patience is that of the sentence."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_ext")
    import forks  # noqa: PLC0415

    assert forks.PATIENCE == 10
