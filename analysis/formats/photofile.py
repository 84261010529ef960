"""What a file is, by its content, and the parts it is made of. Nothing here decodes a pixel."""

from __future__ import annotations

import itertools
import re
import zlib
from typing import Literal, NamedTuple

from analysis.formats.isobmff import Meta, boxes, read_meta
from analysis.formats.rejected import PhotoRejected

Format = Literal["jpeg", "png", "webp", "heif", "avif", "tiff"]
OTHER_PICTURES = (b"GIF8", b"BM", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51", b"8BPS", b"\xff\x0a")
OTHER_TIFFS = (b"II+\0", b"MM\0+", b"IIRO", b"IIU\0", b"FUJIFILM")  # BigTIFF and raw files
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2"}
SEQUENCE_BRANDS = {b"avis", b"hevc", b"hevx", b"msf1"}
MOST_PARTS = 10_000
LONGEST_EXIF = 4_000_000
FILL = re.compile(rb"\xff+(?=\xff)")
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


class Part(NamedTuple):
    """A named stretch of a file: a JPEG segment, a PNG or WebP chunk (its payload)."""

    kind: bytes
    start: int
    end: int


def sniff(data: bytes) -> Format:
    """The format by content; refuses what is no photo."""
    if not data:
        raise PhotoRejected("empty-file")
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:8] == PNG_HEAD:
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return _sniff_boxes(data)
    if data[:4] in (b"II*\0", b"MM\0*") and data[8:10] != b"CR":
        return "tiff"
    if data.startswith(OTHER_PICTURES + OTHER_TIFFS) or data[:4] in (b"II*\0", b"MM\0*"):
        raise PhotoRejected("format-not-accepted")
    raise PhotoRejected("not-a-photo")


def _sniff_boxes(data: bytes) -> Format:
    size = min(int.from_bytes(data[:4], "big"), 512)
    brands = [data[8:12]] + [data[i : i + 4] for i in range(16, size - 3, 4)]
    if brands[0] in SEQUENCE_BRANDS:
        raise PhotoRejected("not-a-still-photo")
    if brands[0] == b"avif" or (b"avif" in brands and not {b"heic", b"heix"} & set(brands)):
        return "avif"
    if HEIF_BRANDS & set(brands):
        return "heif"
    known_video = brands[0][:3] in (b"iso", b"mp4", b"qt ", b"M4V", b"3gp", b"avc")
    raise PhotoRejected("not-a-still-photo" if known_video else "format-not-accepted")


def jpeg_parts(data: bytes) -> tuple[list[Part], int]:
    """Every marker segment (kind: the marker byte) and where the picture really ends."""
    n_bare = 0
    parts: list[Part] = []
    at = 2
    while True:
        fill = FILL.match(data, at)
        at = fill.end() if fill else at
        marker = data[at + 1 : at + 2]
        if data[at : at + 1] != b"\xff" or marker in (b"", b"\x00"):
            raise PhotoRejected("damaged", {"at": at})
        if marker == b"\xd9":
            return parts, at + 2
        if marker == b"\xd8" or marker == b"\x01" or b"\xd0" <= marker <= b"\xd7":
            at, n_bare = at + 2, n_bare + 1
            if n_bare > MOST_PARTS:
                raise PhotoRejected("damaged", {"at": at})
            continue
        start, at = at + 4, at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if at < start - 2 or at > len(data) or len(parts) > MOST_PARTS:
            raise PhotoRejected("damaged", {"at": start})
        parts.append(Part(marker, start, at))
        if marker == b"\xda":
            following = NEXT_MARKER.search(data, at)
            if following is None:
                raise PhotoRejected("damaged", {"at": len(data)})
            at = following.start()


def png_parts(data: bytes) -> tuple[list[Part], int]:
    """Every chunk, its checksum verified (Pillow does not verify those of the pixels)."""
    parts: list[Part] = []
    at = 8
    while not parts or parts[-1].kind != b"IEND":
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 8 + size
        if end + 4 > len(data) or len(parts) > MOST_PARTS:
            raise PhotoRejected("damaged", {"at": at})
        if zlib.crc32(memoryview(data)[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise PhotoRejected("damaged", {"at": at})
        parts.append(Part(kind, at + 8, end))
        at = end + 4
    if parts[0].kind != b"IHDR" or parts[0].end - parts[0].start != 13:
        raise PhotoRejected("damaged", {"at": 8})
    return parts, at


def webp_parts(data: bytes) -> tuple[list[Part], int]:
    """Every chunk within the RIFF length, and where that ends."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data) + (end & 1):
        raise PhotoRejected("damaged", {"at": len(data)})
    parts: list[Part] = []
    at = 12
    while at + 8 <= end:
        stop = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        if stop > min(end, len(data)) or len(parts) > MOST_PARTS:
            raise PhotoRejected("damaged", {"at": at})
        parts.append(Part(data[at : at + 4], at + 8, stop))
        at = stop + (stop & 1)
    if not parts:
        raise PhotoRejected("damaged", {"at": 12})
    return parts, min(end, len(data))


def whole_meta(data: bytes) -> Meta:
    """The description of a HEIF or AVIF still; every top-level box must lie within the file."""
    list(boxes(data, 0, len(data)))
    return read_meta(data)


def heif_exif_ranges(data: bytes, meta: Meta) -> list[tuple[int, int]]:
    """Where the TIFF part of the first Exif item lies (more than one range is rare)."""
    item = next((i for i in meta.items.values() if i.kind == b"Exif"), None)
    if item is None or not _is_apart(item.extents):
        return []
    payload = b"".join(data[a:b] for a, b in item.extents)
    skip = 4 + int.from_bytes(payload[:4], "big")
    if payload[skip : skip + 4] not in (b"II*\0", b"MM\0*"):
        places = (payload.find(b"II*\0"), payload.find(b"MM\0*"))
        skip = min((place for place in places if place >= 0), default=-1)
    return _skipped(item.extents, skip) if skip >= 0 else []


def _is_apart(ranges: list[tuple[int, int]]) -> bool:
    """Whether there are ranges, in order, of a sane length, none over another."""
    total = sum(end - start for start, end in ranges)
    in_order = all(a[1] <= b[0] for a, b in itertools.pairwise(ranges))
    return bool(ranges) and in_order and total <= LONGEST_EXIF


def _skipped(ranges: list[tuple[int, int]], skip: int) -> list[tuple[int, int]]:
    """The ranges without their first bytes."""
    left = []
    for start, end in ranges:
        taken = min(skip, end - start)
        skip -= taken
        if start + taken < end:
            left.append((start + taken, end))
    return left


def exif_part(data: bytes, parts: list[Part], kind: Format) -> Part | None:
    """The first Exif block of a JPEG, PNG or WebP, without its "Exif" mark."""
    wanted = {"jpeg": b"\xe1", "png": b"eXIf", "webp": b"EXIF"}[kind]
    for part in parts:
        marked = data[part.start : part.start + 6] == b"Exif\0\0"
        if part.kind == wanted and (marked or kind != "jpeg"):
            return Part(part.kind, part.start + 6 * marked, part.end)
    return None


def jpeg_profile(data: bytes, parts: list[Part]) -> bytes | None:
    """The colour profile of a JPEG, put together from its segments in their stated order."""
    mark = b"ICC_PROFILE\0"
    found = [data[p.start : p.end] for p in parts if p.kind == b"\xe2"]
    pieces = sorted((p[12], p[14:]) for p in found if p.startswith(mark) and len(p) > 14)
    return b"".join(piece for _, piece in pieces) or None
