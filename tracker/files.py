"""Every file call of the tracker, so that a test can make any one of them fail."""

import fcntl
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def create(path: Path) -> int:
    """Create a new private file and return its descriptor; an existing file is an error."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, however often the system takes only some of them."""
    remaining = memoryview(data)
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


def fsync(descriptor: int) -> None:
    """Wait until the file is on the disk; after an error the file must be given up."""
    if sys.platform == "darwin":  # fsync there leaves the bytes in the drive's cache
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def close(descriptor: int) -> None:
    """Close a descriptor."""
    os.close(descriptor)


def fsync_path(path: Path) -> None:
    """Wait until a closed file, or the names in a directory, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """Give a file its final name in one step, over whatever stood there."""
    os.replace(source, target)


def link(source: Path, target: Path) -> None:
    """Give a file a second name."""
    os.link(source, target)


def unlink(path: Path) -> None:
    """Remove a file; one that is already gone is fine."""
    path.unlink(missing_ok=True)


def make_directory(path: Path) -> None:
    """Make one private directory; one that is already there is fine."""
    path.mkdir(mode=0o700, exist_ok=True)


def read(path: Path) -> bytes:
    """Return all bytes of a file."""
    return path.read_bytes()


def size(path: Path) -> int | None:
    """Return the size of a regular file, None if there is none."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def modified(path: Path) -> float:
    """Return when a file was last written, in seconds of the system clock."""
    return path.stat().st_mtime


def names(path: Path) -> list[str]:
    """Return the sorted names in a directory, none if it does not exist."""
    try:
        return sorted(os.listdir(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes and between threads.

    Each use opens its own descriptor: two holders of one descriptor would not exclude each other.
    It unlocks in words: closing would not, while a child forked meanwhile still has a copy.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
