"""How is a file replaced, whole or not at all? Beside it first, then in one move."""

import contextlib
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows, which refuses to remove a file that is being written
    fcntl = None  # type: ignore[assignment]

_UNFINISHED = ".unfinished"
_BINARY = getattr(os, "O_BINARY", 0)


class NoFileError(ValueError):
    """A directory, a pipe or a device where a file should be."""


def opened(path: Path) -> BinaryIO:
    """Open a file to read, and nothing but a file."""
    _regular(path.stat())
    # Without waiting: a pipe that took its place would block for ever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    file = open(handle, "rb")  # noqa: PTH123, SIM115 (a handle, for the caller)
    try:
        _regular(os.fstat(handle))
    except NoFileError:
        file.close()
        raise
    return file


def look(path: Path) -> Path:
    """Return what a path leads to, if a file can be put there."""
    target = Path(os.path.realpath(path))
    with _naming(path):
        target.parent.stat()
        with contextlib.suppress(FileNotFoundError):
            _regular(target.stat())
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return target


def replace(path: Path, contents: bytes) -> None:
    """Write a file beside the old one, and then put it in its place."""
    target = look(path)
    with _naming(path):
        _tidy(target)
        handle, unfinished = _begin(target)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 (a handle)
                if fcntl is not None and target.exists():
                    os.fchmod(handle, stat.S_IMODE(target.stat().st_mode))
                file.write(contents)
                file.flush()
                os.fsync(handle)
                if fcntl is None:  # Windows moves no file that is open
                    file.close()
                unfinished.replace(target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        _sync(target.parent)


def _begin(target: Path) -> tuple[int, Path]:
    """Open a new file beside a file, which nobody else takes for abandoned."""
    # Only its owner can read what may replace a file that is nobody else's business.
    mode = 0o600 if target.exists() else 0o666
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
    flags |= getattr(os, "O_NOFOLLOW", 0)
    while True:
        token = secrets.token_hex(8)
        unfinished = target.with_name(f"{_prefix(target)}{token}{_UNFINISHED}")
        handle = os.open(unfinished, flags, mode)
        try:
            held = _is_held(handle)
        except OSError:  # a file system without locks, where nobody tidies up
            return handle, unfinished
        # Between these lines another run may take it for abandoned, and remove it.
        if held and os.fstat(handle).st_nlink:
            return handle, unfinished
        os.close(handle)


def _tidy(target: Path) -> None:
    """Remove what killed processes left beside a file."""
    if fcntl is None:
        return
    for entry in target.parent.glob(f"{_prefix(target)}*{_UNFINISHED}"):
        with contextlib.suppress(OSError):
            if not stat.S_ISREG(entry.lstat().st_mode):
                continue
            handle = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if _is_held(handle):  # the writer is dead: its locks died with it
                    entry.unlink()
            finally:
                os.close(handle)


def _prefix(target: Path) -> str:
    # Not the name itself, to which nothing can be added if it is long already.
    return f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}-"


def _is_held(handle: int) -> bool:
    """Take hold of a file until it is closed, unless somebody else has."""
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = "a directory" if stat.S_ISDIR(found.st_mode) else "a pipe or device"
        msg = f"is no file but {kind}"
        raise NoFileError(msg)


def _sync(folder: Path) -> None:
    """See to it that a move outlives a power cut."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders, nor do some write-only ones
        return
    try:
        os.fsync(handle)
    except OSError as error:
        # Not every file system can do it; the file itself is on the disk.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name the file that was asked for, not the one beside it."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
