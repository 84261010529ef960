"""The header check: what a photo says of itself, read without any decoder, and the limits."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.formats.exif import Entry, Facts, Tiff, by_tag, read_facts
from analysis.formats.isobmff import colour_code, upright_size
from analysis.formats.photofile import (
    Format,
    Part,
    exif_part,
    heif_exif_ranges,
    jpeg_parts,
    png_parts,
    sniff,
    webp_parts,
    whole_meta,
)
from analysis.formats.rejected import PhotoRejected

MOST_PIXELS = 52_000_000  # some phones write 8160 x 6144; people are told 50 megapixels
LONGEST_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class Header:
    """Facts of a photo. `orientation` is the Exif turn that decoding still has to apply."""

    format: Format
    width_px: int
    height_px: int
    orientation: int
    taken_at: str | None
    make: str | None
    model: str | None
    n_frames: int
    colour_code: tuple[int, int] | None = None
    colour_space: int | None = None
    lens: str | None = None
    focal_mm: float | None = None
    mode: str | None = None


def read_header(data: bytes) -> Header:
    """The header of a photo; PhotoRejected for what is none, too large, cut or not still."""
    kind = sniff(data)
    reader = {"jpeg": _jpeg, "png": _png, "webp": _webp, "heif": _boxes, "avif": _boxes}
    found = reader[kind](data, kind) if kind in reader else _tiff(data, kind)
    if found.n_frames > 1:
        raise PhotoRejected("not-a-still-photo", {"n_frames": found.n_frames})
    return found


def check_size(width: int, height: int) -> None:
    """Refuse sizes beyond the limits, and pictures of nothing."""
    if width < 1 or height < 1:
        raise PhotoRejected("damaged", {"width_px": width, "height_px": height})
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise PhotoRejected("too-large", {"width_px": width, "height_px": height})


def _header(
    kind: Format,
    size: tuple[int, int],
    facts: Facts,
    *,
    turned: bool,
    n_frames: int = 1,
    code: tuple[int, int] | None = None,
) -> Header:
    """A header whose size is upright; `turned` when the decoder hands it over upright."""
    check_size(*size)
    turn = 1 if turned else facts.orientation
    width, height = (size[1], size[0]) if turn >= 5 else size
    return Header(
        kind,
        width,
        height,
        turn,
        facts.taken_at,
        facts.make,
        facts.model,
        n_frames,
        code,
        facts.colour_space,
        facts.lens,
        facts.focal_mm,
        facts.mode,
    )


def _block(data: bytes, part: Part | None) -> bytes | None:
    return data[part.start : part.end] if part else None


def _jpeg(data: bytes, kind: Format) -> Header:
    parts, _ = jpeg_parts(data)
    frames = [p for p in parts if 0xC0 <= p.kind[0] <= 0xCF and p.kind[0] not in (0xC4, 0xC8, 0xCC)]
    if len(frames) != 1 or not any(p.kind == b"\xda" for p in parts):
        raise PhotoRejected("damaged", {"frames": len(frames)})
    precision, *sides = data[frames[0].start : frames[0].start + 5]
    if frames[0].kind[0] > 0xC2 or precision != 8:  # lossless, arithmetic, 12 bit
        raise PhotoRejected("format-not-accepted", {"format": "jpeg"})
    height, width = (256 * sides[0] + sides[1], 256 * sides[2] + sides[3])
    facts = read_facts(_block(data, exif_part(data, parts, kind)))
    return _header(kind, (width, height), facts, turned=False)


def _png(data: bytes, kind: Format) -> Header:
    size = (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    check_size(*size)  # before the checksums: a bomb must cost nothing
    parts, _ = png_parts(data)
    animated = any(part.kind == b"acTL" for part in parts)
    code = next((data[p.start : p.end] for p in parts if p.kind == b"cICP"), b"")
    facts = read_facts(_block(data, exif_part(data, parts, kind)))
    return _header(
        kind,
        size,
        facts,
        turned=False,
        n_frames=2 if animated else 1,
        code=(code[0], code[1]) if len(code) == 4 else None,
    )


def _webp(data: bytes, kind: Format) -> Header:
    parts, _ = webp_parts(data)
    animated = any(part.kind in (b"ANIM", b"ANMF") for part in parts)
    facts = read_facts(_block(data, exif_part(data, parts, kind)))
    return _header(
        kind, _webp_size(data, parts), facts, turned=False, n_frames=2 if animated else 1
    )


def _webp_size(data: bytes, parts: list[Part]) -> tuple[int, int]:
    kind, at, _ = parts[0]
    if kind == b"VP8X":
        wide, high = data[at + 4 : at + 7], data[at + 7 : at + 10]
        return 1 + int.from_bytes(wide, "little"), 1 + int.from_bytes(high, "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[at + 1 : at + 5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[at + 3 : at + 6] == b"\x9d\x01\x2a":
        bits = int.from_bytes(data[at + 6 : at + 10], "little")
        return bits & 0x3FFF, bits >> 16 & 0x3FFF
    raise PhotoRejected("damaged", {"chunk": kind.decode("latin-1")})


def _boxes(data: bytes, kind: Format) -> Header:
    meta = whole_meta(data)
    item = meta.picture()
    width, height, coded = upright_size(item)
    if coded > MOST_PIXELS:
        raise PhotoRejected("too-large", {"width_px": width, "height_px": height})
    block = b"".join(data[a:b] for a, b in heif_exif_ranges(data, meta))
    facts = read_facts(block)
    # irot and imir turn these pictures; their Exif orientation is not to be applied.
    return _header(kind, (width, height), facts, turned=True, code=colour_code(item))


def _number(tiff: Tiff, entry: Entry | None) -> int:
    numbers = tiff.numbers(entry) if entry else []
    return numbers[0] if numbers else 0


def _tiff(data: bytes, kind: Format) -> Header:
    tiff = Tiff.parse(data)
    if tiff is None:
        raise PhotoRejected("damaged")
    entries, _, next_at = tiff.main()
    found = by_tag(entries)
    width, height, packing = (_number(tiff, found.get(tag)) for tag in (256, 257, 259))
    check_size(width, height)
    if 50706 in found or packing == 6 or not {273, 324} & found.keys():
        raise PhotoRejected("format-not-accepted", {"format": "tiff"})  # raw, old JPEG in TIFF
    facts = read_facts(data)
    if facts.orientation >= 5:
        width, height = height, width
    return _header(kind, (width, height), facts, turned=True, n_frames=2 if next_at else 1)
