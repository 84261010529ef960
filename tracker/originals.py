"""Original photos: written once, addressed by client and SHA-256, durable before they are told."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tracker import files
from tracker.errors import OriginalDamaged, OriginalMissing
from tracker.records import new_id

_CLIENT = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredOriginal:
    """One kept file, as found by listing."""

    client_id: str
    sha256: str
    n_bytes: int


class Originals(Protocol):
    """Where original photos are kept."""

    def put_if_absent(self, client_id: str, data: bytes) -> str:
        """Keep the bytes durably and return their SHA-256."""

    def read(self, client_id: str, sha256: str) -> bytes:
        """Return the bytes that were put, and no others."""

    def head(self, client_id: str, sha256: str) -> int | None:
        """Return the size in bytes, None if absent."""

    def delete(self, client_id: str, sha256: str) -> None:
        """Remove the bytes for good; absent ones are fine."""

    def list(self, client_id: str | None = None) -> Iterator[StoredOriginal]:
        """Yield every kept file, or those of one client."""


class LocalOriginals:
    """Originals in a local folder: photos/<client>/<ab>/<sha256>."""

    def __init__(self, root: Path) -> None:
        self._photos = root / "photos"
        self._incoming = root / "incoming"
        _make_durable(self._photos, root)
        _make_durable(self._incoming, root)

    def put_if_absent(self, client_id: str, data: bytes) -> str:
        """Keep the bytes durably and return their SHA-256; a damaged copy is replaced."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self._path(client_id, sha256)
        intact = files.size(target) == len(data) and files.read(target) == data
        if not intact:
            self._write(target, data)
        # Also when it was already there: whoever renamed it may have died before this
        files.fsync_path(target.parent)
        return sha256

    def read(self, client_id: str, sha256: str) -> bytes:
        """Return the bytes that were put, and no others."""
        try:
            data = files.read(self._path(client_id, sha256))
        except FileNotFoundError as error:
            raise OriginalMissing(sha256) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise OriginalDamaged(sha256)
        return data

    def head(self, client_id: str, sha256: str) -> int | None:
        """Return the size in bytes, None if absent."""
        return files.size(self._path(client_id, sha256))

    def delete(self, client_id: str, sha256: str) -> None:
        """Remove the bytes for good; absent ones are fine."""
        path = self._path(client_id, sha256)
        if files.size(path) is not None:
            files.unlink(path)
            files.fsync_path(path.parent)

    def list(self, client_id: str | None = None) -> Iterator[StoredOriginal]:
        """Yield every kept file, or those of one client."""
        for client in files.names(self._photos) if client_id is None else [client_id]:
            for shard in files.names(self._photos / client):
                for sha256 in files.names(self._photos / client / shard):
                    n_bytes = files.size(self._photos / client / shard / sha256)
                    if n_bytes is not None and _SHA256.fullmatch(sha256):
                        yield StoredOriginal(client, sha256, n_bytes)

    def sweep_incoming(self, before: float) -> int:
        """Remove what interrupted puts left behind before an instant; return how many files."""
        old = [name for name in files.names(self._incoming) if self._is_older(name, before)]
        for name in old:
            files.unlink(self._incoming / name)
        return len(old)

    def _is_older(self, name: str, before: float) -> bool:
        return files.modified(self._incoming / name) < before

    def _path(self, client_id: str, sha256: str) -> Path:
        if not _CLIENT.fullmatch(client_id):
            raise ValueError(f"client_id must be 32 hex digits, got {client_id!r}")
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"sha256 must be 64 hex digits, got {sha256!r}")
        return self._photos / client_id / sha256[:2] / sha256

    def _write(self, target: Path, data: bytes) -> None:
        temporary = self._incoming / new_id()
        try:
            _write_durably(temporary, data)
            _make_durable(target.parent, self._photos)
            files.replace(temporary, target)
        except BaseException:
            _discard(temporary)
            raise


def _write_durably(path: Path, data: bytes) -> None:
    descriptor = files.create(path)
    try:
        files.write_all(descriptor, data)
        files.fsync(descriptor)
    finally:
        files.close(descriptor)


def _make_durable(directory: Path, above: Path) -> None:
    """Make a directory and its parents below `above`, each name durable in its parent.

    Existing ones are made durable again: their maker may have died before doing so.
    """
    if directory != above:
        _make_durable(directory.parent, above)
        files.make_directory(directory)
        files.fsync_path(directory.parent)


def _discard(path: Path) -> None:
    try:
        files.unlink(path)
    except OSError:
        return  # the sweep of incoming/ takes it later; the first error is the one to tell
