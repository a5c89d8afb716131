"""Give cells the buttons that run them in the reader's browser, and what they run on.

A page gets its buttons when it is written, so that nothing moves when the script comes,
and not a byte of Python before the first press. They are there where `live_supply` has
fetched Pyodide, in the pages of a site, and where a page does not say in its front
matter, under ``live``, why its cells cannot run there: that sentence then stands above
the first of them, and its exercises alone have buttons.

JupyterLite and Thebe bring a notebook or a host of their own, PyScript's editor keeps
the Tab key and loses figures, and quarto-live fetches its Python from elsewhere on
every page.
"""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import sys
from importlib.metadata import files as files_of
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import live_supply
import zips
from builders import SITES
from docutils import nodes
from live_supply import LOCK
from sphinx.util.docutils import SphinxDirective

import gdbook
from gdbook import exercises

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).parent
LIBRARY = Path(gdbook.__file__).parent
# Of each page, the long cells by their number: seconds, and the key of what was timed.
SECONDS: dict[str, dict[str, tuple[int, str]]] = json.loads(
    (HERE / "live_seconds.json").read_text("utf-8")
)
# What stands beside the runtime, under names of its own.
OWN = {
    name: HERE / f"live_{name}"
    for name in ("editor.mjs", "page.css", "page.mjs", "worker.mjs")
}
# What `gdbook` imports beside NumPy, as it is installed here.
PURE = {
    name: {
        "version": version(name),
        "licence": "MPL-2.0 and MIT",
        "source": "https://github.com/tqdm/tqdm",
    }
    for name in ("tqdm",)
}
BUTTONS = ("Run", "Stop", "Edit", "Reset")
LATER = {"Stop", "Reset"}  # hidden until there is something to stop or to reset
NOT_RUN, ASKS = "tag_skip-execution", "tag_exercise"


class Bar(nodes.General, nodes.Element):
    """The buttons of a cell."""


def key(code: str) -> str:
    """Return what the code of a cell is known by."""
    return _digest(code.encode())


def seconds_of(page: str, cells: list[str]) -> dict[int, int]:
    """Return how many seconds the long cells of a page take, by their numbers.

    A cell that has changed keeps what was recorded for its place.
    """
    keys = [key(code) for code in cells]
    return {
        keys.index(timed) + 1 if timed in keys else int(place): seconds
        for place, (seconds, timed) in SECONDS.get(page, {}).items()
    }


def stale(page: str, cells: list[str]) -> list[str]:
    """Return what was recorded for cells that are no longer there."""
    keys = {key(code) for code in cells}
    recorded = SECONDS.get(page, {})
    return [place for place, (_, timed) in recorded.items() if timed not in keys]


def look(app: Sphinx, config: Config) -> None:
    """See whether there is something to run cells on."""
    folder = Path(config.live_supply or Path(app.srcdir, "_build", "live"))
    config.live_supply = str(folder)
    # Pages are written again when it comes or goes, and when other cells take long.
    config.live = key(json.dumps(SECONDS)) if live_supply.runtime(folder) else ""


def add_bars(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put buttons below each cell, or say above the first why there are none.

    An exercise has them in any case, behind the imports of its page that can be had.
    """
    about = app.env.metadata[docname]
    if not app.config.live or app.builder.name not in SITES or "code" not in about:
        return
    cells = [node for node in doctree.findall(nodes.container) if _is_cell(node)]
    why, before = about.get("live", ""), ""
    if why and cells:
        asking = [cell for cell in cells if ASKS in cell["classes"]]
        cells[0].parent.insert(cells[0].parent.index(cells[0]), _note(why, asking))
        cells, before = asking, importable(about["code"])
    numbers = [index for index, code in enumerate(about["code"]) if code]
    seconds = seconds_of(docname, [about["code"][index] for index in numbers])
    there = {node["cell_index"] for node in cells}
    hidden, at, bars = [before], 0, 0
    for cell in cells:
        # What a page keeps from its reader, the cells below need all the same.
        between = () if why else range(at, cell["cell_index"])
        hidden += [about["code"][index] for index in between if index not in there]
        at = cell["cell_index"]
        box = next(iter(cell.findall(_is_input)), None)
        if box is None or NOT_RUN in cell["classes"]:
            continue
        bars += 1
        bar = Bar(number=bars, before="\n".join(filter(None, hidden)))
        bar["seconds"] = seconds.get(numbers.index(at) + 1, 0)
        box.parent.insert(box.parent.index(box) + 1, bar)
        hidden = [before]


def _note(why: str, asking: list[nodes.container]) -> nodes.paragraph:
    """Say why there are no buttons, and where there are some all the same."""
    note = nodes.paragraph("", why, classes=["live-note"])
    if asking:
        section: Any = asking[0].parent
        title = section.next_node(nodes.title).astext()
        link = nodes.reference("", title, refid=section["ids"][0], internal=True)
        note += [nodes.Text(" Those of “"), link, nodes.Text("” can.")]
    return note


def importable(cells: list[str]) -> str:
    """Return the imports of a page that its Python can follow without any package."""
    found: list[ast.stmt] = []
    for statement in (line for code in cells for line in _parsed(code).body):
        match statement:
            case ast.Import(names):
                kept = [alias for alias in names if _can_be_had(alias.name)]
                found += [ast.Import(kept)] if kept else []
            case ast.ImportFrom(str(module)) if _can_be_had(module):
                found.append(statement)
    return "\n".join(map(ast.unparse, found))


def _parsed(code: str) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError:  # a notebook's own commands
        return ast.Module([], [])


def _can_be_had(module: str) -> bool:
    own, root = exercises.__name__, module.partition(".")[0]
    return root in {*sys.stdlib_module_names, "numpy"} or module == own


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and "cell" in node["classes"]


def _is_input(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and "cell_input" in node["classes"]


def visit(translator: HTML5Translator, node: Bar) -> None:
    """Write the buttons."""
    number, seconds = node["number"], node["seconds"]
    given: dict[str, Any] = {"role": "group", "aria-label": f"Cell {number}"}
    # As JSON, since docutils makes a space of the end of a line.
    given |= {"data-before": json.dumps(node["before"])} if node["before"] else {}
    given |= {"data-seconds": seconds} if seconds else {}
    kind = "live-bar pst-js-only"
    translator.body.append(translator.starttag(node, "div", "", CLASS=kind, **given))
    for name in BUTTONS:
        how: dict[str, Any] = {"type": "button", "data-do": name.lower()}
        how |= {"aria-label": f"{name} cell {number}"}
        how |= {"hidden": "hidden"} if name in LATER else {}
        button = translator.starttag(node, "button", "", **how)
        translator.body.append(f"{button}{name}</button>")
    told = f"about {seconds} s" if seconds else ""
    translator.body.append(f"<output>{told}</output></div>\n")


def depart(_translator: HTML5Translator, _node: Bar) -> None:
    """Write nothing more."""


def load_script(
    app: Sphinx, _page: str, _template: str, _context: Any, doctree: nodes.document
) -> None:
    """Load the script on pages that have buttons, and on no other."""
    if doctree and next(iter(doctree.findall(Bar)), None) is not None:
        app.add_js_file("live.js")


def sources() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the library, and of what it imports, for a browser."""
    yield "live_cells.py", (HERE / "live_cells.py").read_bytes()
    for path in sorted(LIBRARY.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(LIBRARY.parent).as_posix(), path.read_bytes()
    for name in PURE:
        for file in sorted(files_of(name) or (), key=str):
            if file.parts[0] == name and file.suffix == ".py":
                yield file.as_posix(), Path(str(file.locate())).read_bytes()


def packed() -> bytes:
    """Return these files as an archive that has the same bytes in every build."""
    archive = BytesIO()
    zips.pack(archive, sources())
    return archive.getvalue()


def known_names() -> dict[str, list[str]]:
    """Return the modules of the library with what each of them offers."""
    known = {}
    for path in sorted(LIBRARY.rglob("*.py")):
        parts = path.relative_to(LIBRARY.parent).with_suffix("").parts
        module = ".".join(parts).removesuffix(".__init__")
        if "._" not in module:
            known[module] = _offered(ast.parse(path.read_text(encoding="utf-8")))
    return known


def _offered(module: ast.Module) -> list[str]:
    """Return what a module lists, or what it defines for others."""
    for statement in module.body:
        match statement:
            case ast.Assign([ast.Name("__all__")], ast.List(names)):
                return [str(ast.literal_eval(name)) for name in names]
    defined = (ast.ClassDef, ast.FunctionDef)
    found = [each.name for each in module.body if isinstance(each, defined)]
    return [name for name in found if not name.startswith("_")]


def publish(app: Sphinx, error: Exception | None) -> None:
    """Put what cells run on beside the pages, or leave nothing of it there."""
    if error or app.builder.name not in SITES:
        return
    live, folder = Path(app.outdir) / "live", Path(app.config.live_supply)
    if not app.config.live:
        shutil.rmtree(live, ignore_errors=True)
        return
    own = {name: path.read_bytes() for name, path in OWN.items()}
    own["gdbook.zip"] = packed()
    archive = live_supply.editor(folder)
    names = {
        # A browser keeps them for a year, so other bytes have another address.
        "runtime": _digest(json.dumps([LOCK, archive is None]).encode()),
        "code": _digest(b"".join([*own.values(), Path(__file__).read_bytes()])),
    }
    # It is written last, so that what it names is whole.
    place = live / "config.json"
    known = place.read_text(encoding="utf-8") if place.exists() else "{}"
    if names.items() <= json.loads(known).items():
        return
    place.unlink(missing_ok=True)
    shutil.rmtree(live, ignore_errors=True)
    runtime, code = (live / name for name in names.values())
    runtime.mkdir(parents=True)
    for name in live_supply.FILES:
        shutil.copyfile(folder / name, runtime / name)
    # Anything else is not there, rather than asked for elsewhere.
    lock = {"info": LOCK["runtime"]["info"], "packages": {}}
    (runtime / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    if archive:
        live_supply.unpack_editor(archive, runtime / "editor")
    code.mkdir()
    for name, content in own.items():
        (code / name).write_bytes(content)
    sizes = {name: (folder / name).stat().st_size for name in live_supply.FILES}
    config = names | _config(sizes, len(own["gdbook.zip"]))
    place.write_text(json.dumps(config), encoding="utf-8")


def _config(sizes: dict[str, int], library: int) -> dict[str, Any]:
    packages = {
        name: (package["file"], sizes[package["file"]])
        for package in LOCK["packages"].values()
        for name in package["imports"]
    }
    first = (*LOCK["runtime"]["files"], packages["numpy"][0])
    # Modules are not counted: no script sees how they come.
    counted = sum(sizes[name] for name in first if not name.endswith(".mjs"))
    return {
        "packages": packages,
        "bytes": counted + library,
        "names": known_names(),
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


class Notice(SphinxDirective):
    """List what is shipped, from the lock."""

    def run(self) -> list[nodes.Node]:
        """Return a list."""
        self.env.note_dependency(str(HERE / "live_lock.json"))
        shipped = {LOCK["runtime"]["name"]: LOCK["runtime"]} | LOCK["packages"]
        shipped |= PURE | {LOCK["editor"]["name"]: LOCK["editor"]}
        rows = [
            f"- {name} {one['version']}, {one['licence']}: <{one['source']}>"
            for name, one in shipped.items()
        ]
        text = "\n".join(rows)
        return self.parse_text_to_nodes(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension."""
    app.add_config_value("live_supply", "", "", types=(str,))
    app.add_config_value("live", "", "html", types=(str,))
    app.add_node(Bar, html=(visit, depart))
    app.add_directive("live-notice", Notice)
    app.connect("config-inited", look)
    app.connect("doctree-resolved", add_bars)
    app.connect("html-page-context", load_script)
    app.connect("build-finished", publish, priority=950)  # nothing of it is trimmed
    return {"parallel_read_safe": True, "parallel_write_safe": True}
