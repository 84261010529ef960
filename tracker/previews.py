"""Small re-encoded views of photos for the pages: derived, rebuildable, never the original.

Made by the fenced worker that measures; the web process never decodes a photo.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from analysis.arrays import Pixels, resized
from tracker import files
from tracker.canvas import jpeg
from tracker.records import Photo, new_id

Size = Literal["large", "small"]
SIDES_PX: dict[Size, int] = {"large": 1400, "small": 240}


def encode(srgb_u8: Pixels) -> dict[Size, bytes]:
    """JPEGs of an upright sRGB photo, without any metadata."""
    height, width = srgb_u8.shape[:2]
    views = {}
    for size, side in SIDES_PX.items():
        factor = min(1.0, side / max(height, width))
        views[size] = encode_at(srgb_u8, (round(width * factor), round(height * factor)))
    return views


def encode_at(srgb_u8: Pixels, size: tuple[int, int]) -> bytes:
    """A JPEG of another (width, height), without any metadata."""
    return jpeg(resized(srgb_u8, size), quality=85)


def keep(folder: Path, photo: Photo, views: dict[Size, bytes]) -> None:
    """Write a photo's views; a crash between leaves at worst a view to be made again."""
    for size, data in views.items():
        _write(_path(folder, photo, size), data)


def keep_laid(folder: Path, photo: Photo, on: Photo, data: bytes) -> None:
    """Write the view of a photo that is laid on another."""
    _write(_laid(folder, photo, on), data)


def read(folder: Path, photo: Photo, size: Size) -> bytes | None:
    """One view, or None when there is none (yet)."""
    path = _path(folder, photo, size)
    return files.read(path) if files.size(path) else None


def read_laid(folder: Path, photo: Photo, on: Photo) -> bytes | None:
    """The view of a photo that is laid on another, or None when there is none (yet)."""
    path = _laid(folder, photo, on)
    return files.read(path) if files.size(path) else None


def has_laid(folder: Path, photo: Photo, on: Photo) -> bool:
    """Whether there is a view of a photo that is laid on another."""
    return bool(files.size(_laid(folder, photo, on)))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(new_id())
    descriptor = files.create(half)
    try:
        files.write_all(descriptor, data)
        files.fsync(descriptor)
    except OSError:
        files.unlink(half)
        raise
    finally:
        files.close(descriptor)
    files.replace(half, path)


def _laid(folder: Path, photo: Photo, on: Photo) -> Path:
    return _path(folder, photo, "large").with_name(f"on-{on.stored_sha256}.jpg")


def _path(folder: Path, photo: Photo, size: Size) -> Path:
    return folder / "derived" / photo.client_id / photo.stored_sha256 / f"{size}.jpg"
