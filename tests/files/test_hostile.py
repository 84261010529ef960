"""Files that are small to send and would be long to walk are refused at the header, quickly."""

from __future__ import annotations

import contextlib
import struct
import time
import zlib

import pytest

from analysis.decode import PhotoRejected, read_header
from tracker.blanking import blank

from .photos import photo

MB = 1_000_000


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def heif_with(meta: bytes) -> bytes:
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(4) + meta)


def endless_extents() -> bytes:
    one = struct.pack(">HHH", 1, 0, 65535)  # 65535 extents of no bytes at all
    return heif_with(box(b"iloc", struct.pack(">IHH", 0, 0, 20_000) + one * 20_000))


def endless_properties() -> bytes:
    rows = struct.pack(">HB", 1, 255) + bytes([1]) * 255
    body = struct.pack(">II", 0, 3000) + rows * 3000
    inner = box(b"ipco", box(b"ispe", bytes(4) + struct.pack(">II", 64, 48))) + box(b"ipma", body)
    pitm = box(b"pitm", bytes(4) + b"\0\1")
    return heif_with(pitm + box(b"iprp", inner))


def many_planes() -> bytes:
    refs = b"".join(box(b"auxl", struct.pack(">HHH", n, 1, 1)) for n in range(2, 19_000))
    return heif_with(box(b"pitm", bytes(4) + b"\0\1") + box(b"iref", bytes(4) + refs))


def wide_tiff(n: int = 65_000) -> bytes:
    entry = struct.pack("<HHII", 273, 4, 5 * MB, 8)
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", n)
    return head + entry * n + bytes(20 * MB)


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HOSTILE = {
    "extents": endless_extents(),
    "properties": endless_properties(),
    "planes": many_planes(),
    "tiff": wide_tiff(),
    "segments": b"\xff\xd8" + b"\xff\xe0\x00\x02" * 6 * MB,
    "fill": b"\xff\xd8" + b"\xff" * 25 * MB,
    "stuffing": b"\xff\xd8\xff\xda\x00\x02" + b"\xff\x00" * 12 * MB,
    "restarts": b"\xff\xd8\xff\xda\x00\x02" + b"\xff\xd0" * 12 * MB,
    "chunks": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0))
    + chunk(b"tEXt") * 2 * MB,
    "boxes": box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"free", b"") * 3 * MB,
    "webp": b"RIFF" + struct.pack("<I", 24 * MB + 4) + b"WEBP" + b"ABCD\0\0\0\0" * 3 * MB,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_quickly_refused(name: str) -> None:
    started = time.process_time()
    with pytest.raises(PhotoRejected):
        read_header(HOSTILE[name])
    for kind in ("jpeg", "png", "webp", "heif", "tiff"):
        with contextlib.suppress(PhotoRejected):
            blank(HOSTILE[name], kind)
    assert time.process_time() - started < 1.0


def test_overlapping_strips_are_copied_once() -> None:
    data = bytearray(photo("tiff"))
    started = time.process_time()
    blank(bytes(data) + bytes(25 * MB), "tiff")
    assert time.process_time() - started < 0.5
