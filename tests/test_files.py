"""A file is replaced, whole or not at all, whoever else is at work in its folder."""

import errno
import os
import socket
import stat
from pathlib import Path
from typing import Any, Self

import pytest
from bad_input import NOT_A_PATH, refused
from children import child, said

from gdbook import _files
from gdbook._checks import file_path, shown
from gdbook._files import NoFileError, look, opened, replace

OLD, NEW = b"old contents", b"new contents, which are longer"


@pytest.fixture(name="path")
def path_(tmp_path: Path) -> Path:
    """Give a place for a file."""
    return tmp_path / "run.gdbook"


def names(path: Path) -> list[str]:
    """List what lies beside a file, itself included."""
    return sorted(entry.name for entry in path.parent.iterdir())


def mode(path: Path) -> int:
    """Give who may do what."""
    return stat.S_IMODE(path.stat().st_mode)


def unfinished(path: Path) -> Path:
    """Give a name that a file beside another one could have while it is written."""
    return path.with_name(f"{_files._prefix(path)}0123.unfinished")  # noqa: SLF001


class TestReplace:
    """Write a file beside the old one, and then put it in its place."""

    @pytest.mark.parametrize("contents", [b"", NEW, bytes(range(256)) * 10**4])
    def test_contents(self, contents: bytes, path: Path) -> None:
        """They are in the file, whether there was one or not, and nothing beside it."""
        for _ in range(2):
            replace(path, contents)
            assert path.read_bytes() == contents
            assert names(path) == ["run.gdbook"]

    @pytest.mark.parametrize("kept", [0o600, 0o640, 0o444, 0o755])
    def test_mode(self, kept: int, path: Path) -> None:
        """A file keeps its mode."""
        path.write_bytes(OLD)
        path.chmod(kept)
        replace(path, NEW)
        assert mode(path) == kept

    @pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
    def test_mode_of_a_new_file(self, mask: int, path: Path) -> None:
        """A new file has the mode that every new file has."""
        before = os.umask(mask)
        try:
            replace(path, NEW)
        finally:
            os.umask(before)
        assert mode(path) == 0o666 & ~mask

    def test_nobody_reads_before(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What may replace a private file is private while it is written."""
        path.write_bytes(OLD)
        path.chmod(0o640)
        modes = []
        really = os.open

        def watch(name: Any, flags: int, *rest: Any) -> int:
            handle = really(name, flags, *rest)
            if flags & os.O_CREAT:
                modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
            return handle

        monkeypatch.setattr(os, "open", watch)
        replace(path, NEW)
        assert modes == [0o600]
        assert mode(path) == 0o640

    @pytest.mark.parametrize("there", [True, False])
    def test_link(self, there: bool, path: Path) -> None:  # noqa: FBT001
        """What a link leads to is replaced, and the link is kept."""
        target = path.parent / "elsewhere" / "real.gdbook"
        target.parent.mkdir()
        if there:
            target.write_bytes(OLD)
        path.symlink_to("elsewhere/real.gdbook")
        replace(path, NEW)
        assert path.is_symlink()
        assert path.read_bytes() == target.read_bytes() == NEW
        assert names(target) == ["real.gdbook"]

    @pytest.mark.parametrize(
        "name", ["x" * 255, "ü" * 127, ".", "-", "a b\nc", "[*]?", "run.unfinished"]
    )
    def test_names(self, name: str, path: Path) -> None:
        """A name may be as long as names can be, and hold what they can hold."""
        path = path.with_name(name) if name != "." else path.with_name(".hidden")
        for contents in (OLD, NEW):
            replace(path, contents)
            assert path.read_bytes() == contents
        assert names(path) == [path.name]

    def test_folder_is_synced(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """First the file is on the disk, then it is moved, then the folder synced."""
        path.write_bytes(OLD)
        seen, really = [], os.fsync

        def look_on(handle: int) -> None:
            really(handle)
            is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
            others = [each for each in path.parent.iterdir() if each != path]
            seen.append(
                (is_folder, path.read_bytes(), [x.read_bytes() for x in others])
            )

        monkeypatch.setattr(os, "fsync", look_on)
        replace(path, NEW)
        assert seen == [(False, OLD, [NEW]), (True, NEW, [])]

    @pytest.mark.parametrize(
        ("number", "raises"),
        [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)],
    )
    def test_folder_that_cannot_be_synced(
        self,
        number: int,
        raises: bool,  # noqa: FBT001
        path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Not every file system can do it, but a broken disk is told."""
        really = os.fsync

        def sync(handle: int) -> None:
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                raise OSError(number, os.strerror(number))
            really(handle)

        monkeypatch.setattr(os, "fsync", sync)
        if raises:
            with pytest.raises(OSError, match=r"run\.gdbook"):
                replace(path, NEW)
        else:
            replace(path, NEW)
        assert path.read_bytes() == NEW


class TestFailure:
    """Where it cannot be done, the old file stays, and the error names it."""

    @pytest.mark.parametrize(
        "error",
        [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()],
        ids=["full disk", "interrupted"],
    )
    @pytest.mark.parametrize(
        ("first", "place"),
        [
            *((False, place) for place in ("write", "fsync", "replace", "fchmod")),
            *((True, place) for place in ("write", "fsync", "replace")),
        ],
    )
    def test_raised(
        self,
        error: BaseException,
        first: bool,  # noqa: FBT001
        place: str,
        path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Nothing is left beside it, and the next one can be written."""
        if not first:
            path.write_bytes(OLD)

        def fail(*_: Any) -> None:
            raise error

        with monkeypatch.context() as patched:
            if place == "write":
                really = open

                def opening(handle: Any, how: str) -> Any:
                    file = really(handle, how)
                    return Full(file, fail)

                patched.setattr(_files, "open", opening, raising=False)
            else:
                patched.setattr(Path if place == "replace" else os, place, fail)
            with pytest.raises(type(error)) as caught:
                replace(path, NEW)
        if isinstance(error, OSError):
            assert caught.value.errno == errno.ENOSPC  # type: ignore[attr-defined]
            assert caught.value.filename == str(path)  # type: ignore[attr-defined]
        assert names(path) == ([] if first else ["run.gdbook"])
        assert first or path.read_bytes() == OLD
        replace(path, NEW)
        assert path.read_bytes() == NEW

    def test_limit_on_the_length(self, path: Path) -> None:
        """A disk that is full in the middle of a file, as the system tells it."""
        path.write_bytes(OLD)
        script = (
            "import os, resource, sys\n"
            "from pathlib import Path\n"
            "from gdbook._files import replace\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
            "path = Path(sys.argv[1])\n"
            "try:\n"
            "    replace(path, bytes(10**6))\n"
            "except OSError as error:\n"
            "    print(error.filename == sys.argv[1], os.listdir(path.parent))\n"
        )
        assert said(script, path) == "True ['run.gdbook']\n"
        assert path.read_bytes() == OLD

    def test_no_folder(self, path: Path) -> None:
        """A folder that is not there is not made."""
        with pytest.raises(FileNotFoundError) as caught:
            replace(path / "inside", NEW)
        assert caught.value.filename == str(path / "inside")
        assert names(path) == []

    def test_file_for_a_folder(self, path: Path) -> None:
        """A file holds no files."""
        path.write_bytes(OLD)
        with pytest.raises(NotADirectoryError) as caught:
            replace(path / "inside", NEW)
        assert caught.value.filename == str(path / "inside")

    def test_long_name(self, path: Path) -> None:
        """A name that is longer than names can be."""
        with pytest.raises(OSError, match="File name too long") as caught:
            replace(path.with_name("x" * 256), NEW)
        assert caught.value.filename == str(path.with_name("x" * 256))

    def test_circle_of_links(self, path: Path) -> None:
        """Links that lead nowhere."""
        path.symlink_to(path.name)
        with pytest.raises(OSError, match=r"run\.gdbook"):
            replace(path, NEW)
        assert path.is_symlink()

    def test_permission(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A folder in which nobody may write, told before anything is begun."""
        asked = []
        monkeypatch.setattr(os, "access", lambda *given: asked.append(given))
        with pytest.raises(PermissionError, match=r"Permission denied: .*run\.gdbook"):
            look(path)
        assert asked == [(path.parent, os.W_OK)]


class TestNoFile:
    """Neither a directory nor a pipe nor a device is replaced, or read."""

    @pytest.mark.parametrize("kind", ["directory", "pipe", "socket", "device"])
    @pytest.mark.parametrize("by_link", [False, True])
    def test_kinds(self, kind: str, by_link: bool, path: Path) -> None:  # noqa: FBT001
        """By its own name or by a link."""
        target = path.with_name("s")
        with socket.socket(socket.AF_UNIX) as bound:
            if kind == "directory":
                target.mkdir()
            elif kind == "pipe":
                os.mkfifo(target)
            elif kind == "socket":
                there = Path.cwd()
                os.chdir(target.parent)  # the path of a socket must be short
                bound.bind("s")
                os.chdir(there)
            else:
                target = Path("/dev/zero")
            if by_link:
                path.symlink_to(target)
                target = path
            said = "a directory" if kind == "directory" else "a pipe or device"
            for function in (opened, look, lambda each: replace(each, NEW)):
                with pytest.raises(NoFileError, match=f"^is no file but {said}$"):
                    function(target)

    def test_pipe_that_comes_later(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A pipe that takes the place of a file does not stop the world."""
        path.write_bytes(OLD)
        found = path.stat()
        path.unlink()
        os.mkfifo(path)
        monkeypatch.setattr(Path, "stat", lambda _: found)
        with pytest.raises(NoFileError):
            opened(path)

    @pytest.mark.parametrize("bad", ["a\0b", "a\ud800b"])
    def test_names(self, bad: str) -> None:
        """Names that no file can have."""
        says = f"is {shown(bad)} but no file can have that name"
        with refused(ValueError, "path", says):
            file_path("path", bad)

    @pytest.mark.parametrize(("bad", "exception", "says"), NOT_A_PATH)
    def test_kinds_of_names(
        self, bad: Any, exception: type[Exception], says: str
    ) -> None:
        """A path is a text or a path."""
        with refused(exception, "path", says):
            file_path("path", bad)


class Full:
    """A file that cannot be written."""

    def __init__(self, file: Any, fail: Any) -> None:
        self.file = file
        self.write = fail

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


class TestLeftOver:
    """What lies beside the file is never followed; what is dead is removed."""

    def test_dead_writer(self, path: Path) -> None:
        """What a killed process left is removed by the next one that writes."""
        path.write_bytes(OLD)
        script = (
            "import os, sys, time\n"
            "from pathlib import Path\n"
            "from gdbook._files import replace\n"
            "def wait(handle):\n"
            "    print('writing', flush=True)\n"
            "    time.sleep(600)\n"
            "os.fsync = wait\n"
            "replace(Path(sys.argv[1]), bytes(10**5))\n"
        )
        with child(script, path) as process:
            assert process.stdout.readline() == "writing\n"
            (left,) = set(names(path)) - {"run.gdbook"}
            # Its writer is alive: nobody touches it.
            replace(path, NEW)
            assert names(path) == sorted([left, "run.gdbook"])
            process.kill()
        assert names(path) == sorted([left, "run.gdbook"])
        replace(path, OLD)
        assert names(path) == ["run.gdbook"]
        assert path.read_bytes() == OLD

    def test_of_another_file(self, path: Path) -> None:
        """What is left beside another file is none of this one's business."""
        other = unfinished(path.with_name("other.gdbook"))
        other.write_bytes(OLD)
        replace(path, NEW)
        assert other.read_bytes() == OLD

    def test_planted_link(self, path: Path) -> None:
        """A link in the place of a file that is being written is left alone."""
        victim = path.with_name("victim")
        victim.write_bytes(OLD)
        unfinished(path).symlink_to(victim)
        replace(path, NEW)
        assert victim.read_bytes() == OLD
        assert unfinished(path).is_symlink()

    def test_planted_pipe(self, path: Path) -> None:
        """A pipe there stops nobody, and is left alone."""
        os.mkfifo(unfinished(path))
        replace(path, NEW)
        assert path.read_bytes() == NEW
        assert unfinished(path).exists()

    def test_name_that_is_taken(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Even a link whose name was guessed is not followed."""
        victim = path.with_name("victim")
        victim.write_bytes(OLD)
        unfinished(path).symlink_to(victim)
        monkeypatch.setattr("secrets.token_hex", lambda _: "0123")
        with pytest.raises(FileExistsError, match=r"run\.gdbook"):
            replace(path, NEW)
        assert victim.read_bytes() == OLD
        assert not path.exists()

    def test_taken_for_dead(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Between being made and being held, it may go; then there is another."""
        really = _files._is_held  # noqa: SLF001
        taken: list[Path] = []

        def held(handle: int) -> bool:
            if not taken:
                (found,) = path.parent.iterdir()
                found.unlink()
                taken.append(found)
            return really(handle)

        monkeypatch.setattr(_files, "_is_held", held)
        replace(path, NEW)
        assert len(taken) == 1
        assert names(path) == ["run.gdbook"]

    def test_no_locks(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a file system without locks files are written, and nothing is removed."""
        unfinished(path).write_bytes(OLD)

        def no_locks(*_: Any) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr("fcntl.flock", no_locks)
        replace(path, NEW)
        assert path.read_bytes() == NEW
        assert unfinished(path).read_bytes() == OLD

    def test_no_module(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nor are they on Windows."""
        unfinished(path).write_bytes(OLD)
        monkeypatch.setattr(_files, "fcntl", None)
        for _ in range(2):
            replace(path, NEW)
        assert path.read_bytes() == NEW
        assert names(path) == sorted([unfinished(path).name, "run.gdbook"])


def test_two_writers(path: Path) -> None:
    """Of many files, written by two at once, each one that is read is whole."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gdbook._files import replace\n"
        "for number in range(150):\n"
        "    replace(Path(sys.argv[1]), bytes([number]) * 50_000)\n"
        "print('done')\n"
    )
    replace(path, bytes(50_000))
    whole = set()
    with child(script, path) as first, child(script, path) as second:
        while first.poll() is None or second.poll() is None:
            contents = path.read_bytes()
            assert len(contents) == 50_000
            assert len(set(contents)) == 1
            whole.add(contents[0])
        assert [process.stdout.read() for process in (first, second)] == ["done\n"] * 2
    assert len(whole) > 1
    assert names(path) == ["run.gdbook"]
