"""The Exif block, which is a small TIFF file: read its facts, or write it anew without the rest."""

from __future__ import annotations

import datetime  # calendar rules only: nothing here asks what time it is now
import re
import struct
from dataclasses import dataclass
from typing import Literal, NamedTuple

MAKE, MODEL, ORIENTATION, SOFTWARE, EXIF_IFD = 0x010F, 0x0110, 0x0112, 0x0131, 0x8769
DATE_ORIGINAL, OFFSET_ORIGINAL, COLOUR_SPACE = 0x9003, 0x9011, 0xA001
FOCAL_LENGTH, CUSTOM_RENDERED, SCENE, LENS_MODEL = 0x920A, 0xA401, 0xA406, 0xA434
CONTRAST, SATURATION, SHARPNESS = 0xA408, 0xA409, 0xA40A
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
LONGEST_VALUE = 128
# How a photo was rendered: portrait and panorama are Apple's values (ExifTool's tag names), scenes
# those of Exif 2.32. High dynamic range and landscape come and go by themselves: they are no mode.
RENDERED = {6: "panorama", 7: "portrait", 8: "portrait"}
SCENES = {2: "portrait", 3: "night"}
LOOKS = {1: "soft", 2: "vivid"}  # of contrast, saturation or sharpness, the first that is not usual
MOST_NUMBERS = 250_000

# A list of what is kept, not of what is removed: makers invent private tags every year.
KEPT_MAIN = frozenset({MAKE, MODEL, ORIENTATION, SOFTWARE, 0x011A, 0x011B, 0x0128, 0x0213})
KEPT_CAMERA = frozenset(
    {DATE_ORIGINAL, OFFSET_ORIGINAL, COLOUR_SPACE, 0x829A, 0x829D, 0x8822, 0x8827, 0x8830}
    | {0x8832, 0x9000, 0x9101, 0x9102, 0x9291, 0xA000, 0xA002, 0xA003, 0xA20E, 0xA20F, 0xA210}
    | set(range(0x9201, 0x920B))  # shutter, aperture, brightness, flash, light source, focal length
    | {0xA215, 0xA217, 0xA300, 0xA301, 0xA401, 0xA402, 0xA403, 0xA404, 0xA405, 0xA406}
    | {0xA407, 0xA408, 0xA409, 0xA40A, 0xA40C, 0xA432, 0xA433, 0xA434, 0xA500}
)
ESSENTIAL = frozenset({MAKE, MODEL, ORIENTATION, DATE_ORIGINAL, OFFSET_ORIGINAL})


class Entry(NamedTuple):
    """One tag of a directory; the value may stand inside the entry itself."""

    tag: int
    kind: int
    n_values: int
    at: int
    value_at: int
    size: int

    @property
    def is_inline(self) -> bool:
        """Whether the value stands inside the twelve bytes of the entry."""
        return self.size <= 4


@dataclass(frozen=True, slots=True)
class Tiff:
    """Bytes that start with a TIFF header, read with every offset checked."""

    data: bytes
    order: Literal["little", "big"]

    @classmethod
    def parse(cls, data: bytes) -> Tiff | None:
        """The TIFF structure, or None where the header is none."""
        if data[:4] == b"II*\0":
            return cls(data, "little")
        return cls(data, "big") if data[:4] == b"MM\0*" else None

    def integer(self, at: int, size: int) -> int:
        """An unsigned integer; 0 beyond the end."""
        return int.from_bytes(self.data[at : at + size], self.order)

    def directory(self, at: int) -> tuple[list[Entry], int]:
        """The entries that lie whole within the data, and where the next directory stands."""
        if not 8 <= at <= len(self.data) - 2:
            return [], 0
        end = at + 2 + 12 * self.integer(at, 2)
        found = [self._entry(p) for p in range(at + 2, min(end, len(self.data) - 11), 12)]
        return [e for e in found if e.size and e.value_at + e.size <= len(self.data)], (
            self.integer(end, 4) if end + 4 <= len(self.data) else 0
        )

    def _entry(self, at: int) -> Entry:
        kind, count = self.integer(at + 2, 2), self.integer(at + 4, 4)
        size = SIZES.get(kind, 0) * count
        value_at = at + 8 if size <= 4 else self.integer(at + 8, 4)
        return Entry(self.integer(at, 2), kind, count, at, value_at, size)

    def value(self, entry: Entry) -> bytes:
        """The raw bytes of a value."""
        return self.data[entry.value_at : entry.value_at + entry.size]

    def numbers(self, entry: Entry) -> list[int]:
        """The value as unsigned integers; empty for text and fractions."""
        step = SIZES[entry.kind] if entry.kind in (1, 3, 4, 13) else 0
        if not step or entry.n_values > MOST_NUMBERS:
            return []
        raw = self.value(entry)
        return [int.from_bytes(raw[i : i + step], self.order) for i in range(0, len(raw), step)]

    def main(self) -> tuple[list[Entry], list[Entry], int]:
        """Entries of the first directory, of its Exif directory, and where the next one stands."""
        first, next_at = self.directory(self.integer(4, 4))
        pointer = next((self.numbers(e) for e in first if e.tag == EXIF_IFD), [])
        camera = self.directory(pointer[0])[0] if pointer else []
        return first, camera, next_at


@dataclass(frozen=True, slots=True)
class Facts:
    """What a photo says of itself."""

    orientation: int = 1
    taken_at: str | None = None
    make: str | None = None
    model: str | None = None
    colour_space: int | None = None
    lens: str | None = None
    focal_mm: float | None = None
    mode: str | None = None


def read_facts(block: bytes | None) -> Facts:
    """The facts of an Exif block; defaults where it is missing or cannot be read."""
    tiff = Tiff.parse(block) if block else None
    if tiff is None:
        return Facts()
    first, camera, _ = tiff.main()
    main, more = short(by_tag(first)), short(by_tag(camera))
    turned = _first_number(tiff, main.get(ORIENTATION)) or 1
    return Facts(
        orientation=turned if 1 <= turned <= 8 else 1,
        taken_at=_local_time(_text(tiff, more.get(DATE_ORIGINAL)), _text(tiff, more.get(0x9011))),
        make=_text(tiff, main.get(MAKE)),
        model=_text(tiff, main.get(MODEL)),
        colour_space=_first_number(tiff, more.get(COLOUR_SPACE)),
        lens=_text(tiff, more.get(LENS_MODEL)),
        focal_mm=_fraction(tiff, more.get(FOCAL_LENGTH)),
        mode=_mode(tiff, more),
    )


def by_tag(entries: list[Entry]) -> dict[int, Entry]:
    """The first entry of each tag."""
    return {entry.tag: entry for entry in reversed(entries)}


def short(entries: dict[int, Entry]) -> dict[int, Entry]:
    """Those whose value is short enough to be kept when the block is written anew."""
    return {tag: entry for tag, entry in entries.items() if entry.size <= LONGEST_VALUE}


def _first_number(tiff: Tiff, entry: Entry | None) -> int | None:
    numbers = tiff.numbers(entry) if entry else []
    return numbers[0] if numbers else None


def _text(tiff: Tiff, entry: Entry | None) -> str | None:
    if entry is None or entry.kind not in (2, 7):
        return None
    text = tiff.value(entry)[:LONGEST_VALUE].split(b"\0")[0].decode("utf-8", "replace").strip()
    return "".join(c for c in text if c.isprintable()) or None


def _fraction(tiff: Tiff, entry: Entry | None) -> float | None:
    """A positive unsigned fraction, to a tenth."""
    if entry is None or entry.kind != 5:
        return None
    above, below = (tiff.integer(entry.value_at + shift, 4) for shift in (0, 4))
    return (round(above / below, 1) or None) if below else None


def _mode(tiff: Tiff, camera: dict[int, Entry]) -> str | None:
    """The picture mode in a word; None where the photo says nothing of it."""
    tags = (CUSTOM_RENDERED, SCENE, CONTRAST, SATURATION, SHARPNESS)
    rendered, scene, *looks = (_first_number(tiff, camera.get(tag)) or 0 for tag in tags)
    if not any(tag in camera for tag in tags):
        return None
    look = next((LOOKS[number] for number in looks if number in LOOKS), "standard")
    return RENDERED.get(rendered) or SCENES.get(scene, look)


def _local_time(stamp: str | None, offset: str | None) -> str | None:
    """ISO local time with the offset where it is known; None for a date that cannot be."""
    found = re.match(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)", stamp or "")
    if not found:
        return None
    try:
        when = datetime.datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    return when.isoformat() + _offset(offset)


def _offset(text: str | None) -> str:
    """'+05:30', or '' where the offset is missing or impossible (the world spans -12 to +14)."""
    found = re.fullmatch(r"([+\-])(\d\d):?(\d\d)", text or "")
    if found is None:
        return "+00:00" if text == "Z" else ""
    minutes = int(found[2]) * 60 + int(found[3])
    limit = 14 * 60 if found[1] == "+" else 12 * 60
    return f"{found[1]}{found[2]}:{found[3]}" if minutes <= limit and int(found[3]) < 60 else ""


def rewrite(block: bytes) -> bytes:
    """The same length, only the harmless tags, everything else zero; zeros if it is no Exif."""
    tiff = Tiff.parse(block)
    if tiff is None:
        return bytes(len(block))
    first, camera, _ = tiff.main()
    main, more = _kept(tiff, first, KEPT_MAIN), _kept(tiff, camera, KEPT_CAMERA)
    for wanted in (KEPT_MAIN | KEPT_CAMERA, ESSENTIAL, frozenset({ORIENTATION})):
        smaller = [{t: v for t, v in part.items() if t in wanted} for part in (main, more)]
        written = _serialise(tiff.order, smaller[0], smaller[1])
        if len(written) <= len(block):
            return written + bytes(len(block) - len(written))
    return bytes(len(block))


Values = dict[int, tuple[int, int, bytes]]


def _kept(tiff: Tiff, entries: list[Entry], tags: frozenset[int]) -> Values:
    found = {
        tag: (e.kind, e.n_values, tiff.value(e))
        for tag, e in sorted(short(by_tag(entries)).items())
        if tag in tags
    }
    # Bytes after the end of a text could hide anything.
    return {
        tag: (kind, count, raw.split(b"\0")[0].ljust(len(raw), b"\0") if kind == 2 else raw)
        for tag, (kind, count, raw) in found.items()
    }


def _serialise(order: Literal["little", "big"], main: Values, camera: Values) -> bytes:
    mark = "<" if order == "little" else ">"
    header = (b"II*\0" if order == "little" else b"MM\0*") + struct.pack(mark + "I", 8)
    main = main or {ORIENTATION: (3, 1, struct.pack(mark + "H", 1))}  # an empty one is not valid
    if not camera:
        return header + _directory(mark, main, 8)
    pointer = {EXIF_IFD: (4, 1, bytes(4))}
    camera_at = 8 + len(_directory(mark, main | pointer, 8))
    pointer = {EXIF_IFD: (4, 1, struct.pack(mark + "I", camera_at))}
    return header + _directory(mark, main | pointer, 8) + _directory(mark, camera, camera_at)


def _directory(mark: str, values: Values, at: int) -> bytes:
    table, tail = struct.pack(mark + "H", len(values)), b""
    tail_at = at + 2 + 12 * len(values) + 4
    for tag, (kind, count, raw) in sorted(values.items()):
        place = struct.pack(mark + "I", tail_at + len(tail))
        inline = raw.ljust(4, b"\0") if len(raw) <= 4 else place
        table += struct.pack(mark + "HHI", tag, kind, count) + inline
        if len(raw) > 4:
            tail += raw + bytes(len(raw) % 2)
    return table + bytes(4) + tail


EMPTY = _serialise("little", {}, {})
