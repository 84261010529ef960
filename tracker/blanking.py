"""Privacy blanking: the same length, the same pixels, without place, names, serials, thumbnails.

Everything is removed but a list of harmless things, for makers invent new private fields.
"""

from __future__ import annotations

import bisect
import struct
import zlib
from collections.abc import Iterable

from analysis.decode import PhotoRejected
from analysis.formats import exif
from analysis.formats.isobmff import Meta, boxes
from analysis.formats.photofile import (
    Part,
    exif_part,
    heif_exif_ranges,
    jpeg_parts,
    png_parts,
    webp_parts,
    whole_meta,
)

Range = tuple[int, int]
JPEG_KEPT = {0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD}  # frames, tables, scans, restarts
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"}
PNG_KEPT |= {b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP", b"eXIf"}
PNG_EMPTY = b"blNk"  # ancillary, private, safe to copy: every reader passes over it
WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"EXIF"}
WEBP_XMP_FLAG = 0x04
BOXES_KEPT = {b"ftyp", b"meta", b"mdat"}
META_KEPT = {b"hdlr", b"pitm", b"iinf", b"iref", b"iprp", b"iloc", b"idat", b"dinf", b"grpl"}
# What the pixels of a TIFF need; the numbers are those of the specification.
TIFF_KEPT = (
    exif.KEPT_MAIN
    | set(range(254, 260))
    | {262, 263, 266, 273, 277, 278, 279, 280, 281, 284, 290, 291, 292, 293, 296, 301, 317, 318}
    | {319, 320, 321, 322, 323, 324, 325, 332, 334, 336, 338, 339, 340, 341, 342, 347}
    | {529, 530, 531, 532, 34675, exif.EXIF_IFD}
)
STRIPS = ((273, 279), (324, 325))


def blank(data: bytes, format: str) -> bytes:
    """The photo with its private parts blanked; PhotoRejected where it cannot be walked."""
    walkers = {"jpeg": _jpeg, "png": _png, "webp": _webp, "heif": _heif, "avif": _heif}
    if format not in walkers and format != "tiff":
        raise ValueError(f"format={format!r} is not a photo format")
    try:
        cleaned = walkers.get(format, _tiff)(data)
    except (PhotoRejected, ValueError, IndexError, struct.error) as error:
        # What cannot be walked cannot be shown to be clean.
        raise PhotoRejected("metadata-unreadable", {"format": format}) from error
    if len(cleaned) != len(data):
        raise PhotoRejected("metadata-unreadable", {"format": format})
    return bytes(cleaned)


def _zero(out: bytearray, start: int, end: int) -> None:
    out[start:end] = bytes(max(0, end - start))


def _rewrite_exif(out: bytearray, ranges: Iterable[Range]) -> None:
    """Write the Exif block anew over the ranges it lies in."""
    block = exif.rewrite(b"".join(bytes(out[a:b]) for a, b in ranges))
    for start, end in ranges:
        out[start:end], block = block[: end - start], block[end - start :]


def _jpeg(data: bytes) -> bytearray:
    parts, end = jpeg_parts(data)
    out, found = bytearray(data), exif_part(data, parts, "jpeg")
    for part in parts:
        if found and part.end == found.end:
            _rewrite_exif(out, [(found.start, found.end)])
        elif part.kind[0] not in JPEG_KEPT:
            _zero(out, part.start + _kept_head(data, part), part.end)
    _zero(out, end, len(data))  # motion photos carry a video there, with sound
    return out


def _kept_head(data: bytes, part: Part) -> int:
    """How many bytes of an application segment stay."""
    payload = data[part.start : part.end]
    if part.kind == b"\xe2" and payload.startswith(b"ICC_PROFILE\0"):
        return len(payload)
    if part.kind == b"\xee" and payload.startswith(b"Adobe"):
        return 12
    if part.kind == b"\xe0" and payload.startswith(b"JFIF\0"):
        return 14  # without the thumbnail that may follow
    return 0


def _png(data: bytes) -> bytearray:
    parts, end = png_parts(data)
    out, found = bytearray(data), exif_part(data, parts, "png")
    for part in parts:
        if found and part.end == found.end:
            _rewrite_exif(out, [(found.start, found.end)])
        elif part.kind not in PNG_KEPT or part.kind == b"eXIf":
            out[part.start - 4 : part.start] = PNG_EMPTY
            _zero(out, part.start, part.end)
        checksum = zlib.crc32(out[part.start - 4 : part.end])
        out[part.end : part.end + 4] = checksum.to_bytes(4, "big")
    _zero(out, end, len(data))
    return out


def _webp(data: bytes) -> bytearray:
    parts, end = webp_parts(data)
    out, found = bytearray(data), exif_part(data, parts, "webp")
    for part in parts:
        if part.kind == b"VP8X":
            out[part.start] &= ~WEBP_XMP_FLAG & 0xFF
        if found and part.end == found.end:
            _rewrite_exif(out, [(found.start, found.end)])
        elif part.kind not in WEBP_KEPT or part.kind == b"EXIF":
            out[part.start - 8 : part.start - 4] = b"BLNK"
            _zero(out, part.start, part.end)
    _zero(out, end, len(data))
    return out


def _heif(data: bytes) -> bytearray:
    """Keep what the picture is made of and a clean Exif; thumbnails, depth, video, XMP go."""
    meta, out = whole_meta(data), bytearray(data)
    _check_exif_place(data, meta)
    kept = _kept_extents(data, meta)
    for box in boxes(data, 0, len(data)):
        if box.kind == b"mdat":
            _keep_only(out, box.start, box.end, kept)
        elif box.kind not in BOXES_KEPT:
            _free(out, box.at, box.start, box.end)
    for box in meta.parts:
        if box.kind == b"idat":
            _keep_only(out, box.start, box.end, kept)
        elif box.kind not in META_KEPT:
            _free(out, box.at, box.start, box.end)
    ranges = heif_exif_ranges(data, meta)
    _rewrite_exif(out, ranges)
    if not ranges:
        _put_empty_exif(out, meta, kept)
    return out


def _check_exif_place(data: bytes, meta: Meta) -> None:
    """Refuse an Exif item that is said to lie in the box structure or in the picture."""
    media = [(b.start, b.end) for b in boxes(data, 0, len(data)) if b.kind == b"mdat"]
    media = sorted(media + [(b.start, b.end) for b in meta.parts if b.kind == b"idat"])
    picture = _merged([extent for n in meta.needed() for extent in meta.items[n].extents])
    for item in meta.items.values():
        for start, end in item.extents if item.kind == b"Exif" else []:
            around = bisect.bisect_right(media, (start, len(data))) - 1
            inside = around >= 0 and end <= media[around][1]
            following = bisect.bisect_right(picture, start, key=lambda extent: extent[1])
            touches = following < len(picture) and picture[following][0] < end
            if not inside or touches:
                raise PhotoRejected("metadata-unreadable", {"box": "iloc"})


def _put_empty_exif(out: bytearray, meta: Meta, kept: list[Range]) -> None:
    """An Exif item that was all zeroed gets a valid empty one: libavif refuses zeros."""
    for item in meta.items.values():
        start, end = item.extents[0] if item.kind == b"Exif" and item.extents else (0, 0)
        apart = all(end <= first or last <= start for first, last in kept)
        if end - start >= 4 + len(exif.EMPTY) and apart:
            out[start : start + 4 + len(exif.EMPTY)] = bytes(4) + exif.EMPTY


def _free(out: bytearray, at: int, start: int, end: int) -> None:
    out[at + 4 : at + 8] = b"free"
    _zero(out, start, end)


def _kept_extents(data: bytes, meta: Meta) -> list[Range]:
    kept = [extent for n in meta.needed() for extent in meta.items[n].extents]
    first = next((item for item in meta.items.values() if item.kind == b"Exif"), None)
    kept += first.extents if first and heif_exif_ranges(data, meta) else []
    return _merged(kept)


def _merged(ranges: list[Range]) -> list[Range]:
    """The same bytes as ranges in order that do not overlap."""
    merged: list[Range] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _keep_only(out: bytearray, start: int, end: int, kept: list[Range]) -> None:
    """Zero a stretch but for the ranges (in order, apart from each other)."""
    at = start
    for first, last in kept[bisect.bisect_left(kept, start, key=lambda r: r[1]) :]:
        if first >= end:
            break
        _zero(out, at, min(first, end))
        at = max(at, last)
    _zero(out, at, end)


def _tiff(data: bytes) -> bytearray:
    """Copy only what the pixels and the harmless tags need into zeros of the same length."""
    tiff = exif.Tiff.parse(data)
    if tiff is None:
        raise PhotoRejected("metadata-unreadable")
    first, camera, _ = tiff.main()
    main_at = tiff.integer(4, 4)
    pointer = next((tiff.numbers(e) for e in first if e.tag == exif.EXIF_IFD), [])
    directories = [(main_at, first, TIFF_KEPT)]
    if pointer:
        directories.append((pointer[0], camera, exif.KEPT_CAMERA))
    out = bytearray(len(data))
    kept = [(at, _kept_entries(entries, tags)) for at, entries, tags in directories]
    values = [(e.value_at, e.value_at + e.size) for _, es in kept for e in es if not e.is_inline]
    reached = 0
    for start, end in sorted([(0, 8), *values, *_pixel_ranges(tiff, first)]):
        start, reached = max(start, reached), max(end, reached)  # each byte once
        if start < end:
            out[start:end] = data[start:end]
    for at, entries in kept:
        _write_directory(out, tiff, at, entries)
    return out


def _kept_entries(entries: list[exif.Entry], tags: frozenset[int]) -> list[exif.Entry]:
    found = exif.by_tag(entries)
    private = exif.KEPT_MAIN | exif.KEPT_CAMERA
    return [
        found[tag]
        for tag in sorted(found.keys() & tags)
        if tag not in private or found[tag].size <= exif.LONGEST_VALUE
    ]


def _pixel_ranges(tiff: exif.Tiff, entries: list[exif.Entry]) -> list[Range]:
    found = exif.by_tag(entries)
    values = {tag: tiff.numbers(found[tag]) for pair in STRIPS for tag in pair if tag in found}
    return [
        (start, min(start + size, len(tiff.data)))
        for starts, sizes in STRIPS
        for start, size in zip(values.get(starts, []), values.get(sizes, []), strict=True)
    ]


def _write_directory(out: bytearray, tiff: exif.Tiff, at: int, kept: list[exif.Entry]) -> None:
    """A directory with the kept entries closed up, none after it."""
    table = len(kept).to_bytes(2, tiff.order)
    table += b"".join(tiff.data[e.at : e.at + 12] for e in kept) + bytes(4)
    if kept:
        out[at : at + len(table)] = table
