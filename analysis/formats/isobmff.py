"""The boxes of HEIF and AVIF files, and the items they describe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from analysis.formats.rejected import PhotoRejected

Range = tuple[int, int]
# A hostile file is small to send and long to walk; a phone's own has some hundreds of items.
MOST_BOXES, MOST_EXTENTS, LONGEST_META = 20_000, 20_000, 1_000_000
MOST_PROPERTIES = 64
PLANES = (b":alpha", b"auxid:1", b"hdrgainmap")


class Box(NamedTuple):
    """One box: its kind, where it starts, and the range of its payload."""

    kind: bytes
    at: int
    start: int
    end: int


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Each box in turn; refused when one does not lie within the range."""
    at, n_left = start, MOST_BOXES
    while at < end:
        n_left -= 1
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        payload = at + 8
        if size == 1:
            size, payload = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        stop = end if size == 0 else at + size
        if stop > end or stop < payload or n_left < 0:
            raise PhotoRejected("damaged", {"box": kind.decode("latin-1")})
        yield Box(kind, at, payload, stop)
        at = stop


@dataclass(slots=True)
class Item:
    """One item: its four-letter type, where its bytes lie, what it refers to."""

    kind: bytes = b""
    mime: bytes = b""
    extents: list[Range] = field(default_factory=list)
    refers: dict[bytes, list[int]] = field(default_factory=dict)
    properties: list[tuple[bytes, bytes]] = field(default_factory=list)

    def plane_of(self) -> list[int]:
        """The items whose alpha plane or brightness map this is (depth is not one)."""
        kinds = [value for kind, value in self.properties if kind == b"auxC"]
        is_plane = any(plane in kind for kind in kinds for plane in PLANES)
        return self.refers.get(b"auxl", []) if is_plane else []


class Reader:
    """A cursor over big-endian integers that refuses to run past its end."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        """Start at a place, stop at the end."""
        self.data, self.at, self.end = data, at, end

    def take(self, size: int) -> int:
        """The next integer of that many bytes."""
        if self.at + size > self.end:
            raise PhotoRejected("damaged", {"box": "meta"})
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big")

    def take_bytes(self, size: int) -> bytes:
        """The next bytes."""
        self.take(size)
        return self.data[self.at - size : self.at]


@dataclass(slots=True)
class Meta:
    """The still picture's description: items by number, and which one is the picture."""

    items: dict[int, Item]
    primary: int
    box: Box
    parts: list[Box]

    def picture(self) -> Item:
        """The primary item."""
        if self.primary not in self.items:
            raise PhotoRejected("damaged", {"box": "pitm"})
        return self.items[self.primary]

    def needed(self) -> set[int]:
        """Numbers of the items the picture is made of: itself, tiles, planes, tone mapping."""
        planes: dict[int, list[int]] = {}
        for number, item in self.items.items():
            for owner in item.plane_of():
                planes.setdefault(owner, []).append(number)
        found, queue = set[int](), [self.primary]
        queue += [number for number, item in self.items.items() if item.kind == b"tmap"]
        while queue:
            number = queue.pop()
            if number in found or number not in self.items:
                continue
            found.add(number)
            queue += self.items[number].refers.get(b"dimg", [])
            queue += planes.get(number, [])
        return found


def read_meta(data: bytes) -> Meta:
    """The top-level meta box, read; refused when it is missing or makes no sense."""
    box = next((b for b in boxes(data, 0, len(data)) if b.kind == b"meta"), None)
    if box is None or box.end - box.start > LONGEST_META:
        raise PhotoRejected("damaged", {"box": "meta"})
    meta = Meta({}, -1, box, list(boxes(data, box.start + 4, box.end)))
    idat = next((b for b in meta.parts if b.kind == b"idat"), None)
    for part in meta.parts:
        reader = Reader(data, part.start, part.end)
        if part.kind == b"pitm":
            meta.primary = reader.take(2 if reader.take(4) >> 24 == 0 else 4)
        elif part.kind == b"iinf":
            _read_iinf(reader, meta)
        elif part.kind == b"iloc":
            _read_iloc(reader, meta, idat)
        elif part.kind == b"iref":
            _read_iref(reader, meta)
        elif part.kind == b"iprp":
            _read_iprp(data, part, meta)
    return meta


def _item(meta: Meta, number: int) -> Item:
    return meta.items.setdefault(number, Item())


def _read_iinf(reader: Reader, meta: Meta) -> None:
    reader.take(2 if reader.take(4) >> 24 == 0 else 4)
    for box in boxes(reader.data, reader.at, reader.end):
        inner = Reader(reader.data, box.start, box.end)
        version = inner.take(4) >> 24
        if box.kind != b"infe" or version < 2:
            continue
        item = _item(meta, inner.take(4 if version == 3 else 2))
        inner.take(2)
        item.kind = inner.take_bytes(4)
        if item.kind == b"mime":
            item.mime = [*reader.data[inner.at : box.end].split(b"\0"), b""][1]


def _read_iloc(reader: Reader, meta: Meta, idat: Box | None) -> None:
    version, sizes = reader.take(4) >> 24, reader.take(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    n_left = MOST_EXTENTS
    for _ in range(reader.take(wide)):
        item = _item(meta, reader.take(wide))
        method = reader.take(2) & 15 if version in (1, 2) else 0
        elsewhere, base = reader.take(2), reader.take(base_size)
        for _ in range(reader.take(2)):
            reader.take(index_size)
            start, size = base + reader.take(offset_size), reader.take(length_size)
            n_left -= 1
            if elsewhere or method > 1 or n_left < 0:
                raise PhotoRejected("metadata-unreadable", {"box": "iloc"})
            item.extents.append(_extent(reader.data, start, size, idat if method else None))


def _extent(data: bytes, start: int, size: int, idat: Box | None) -> Range:
    base, end = (idat.start, idat.end) if idat else (0, len(data))
    stop = base + start + size if size else end
    if base + start > end or stop > end:
        raise PhotoRejected("damaged", {"box": "iloc"})
    return base + start, stop


def _read_iref(reader: Reader, meta: Meta) -> None:
    wide = 2 if reader.take(4) >> 24 == 0 else 4
    for box in boxes(reader.data, reader.at, reader.end):
        inner = Reader(reader.data, box.start, box.end)
        item = _item(meta, inner.take(wide))
        item.refers.setdefault(box.kind, []).extend(
            [inner.take(wide) for _ in range(inner.take(2))]
        )


def _read_iprp(data: bytes, box: Box, meta: Meta) -> None:
    parts = list(boxes(data, box.start, box.end))
    known = [b for part in parts if part.kind == b"ipco" for b in boxes(data, part.start, part.end)]
    for part in parts:
        if part.kind != b"ipma":
            continue
        reader = Reader(data, part.start, part.end)
        head = reader.take(4)
        for _ in range(reader.take(4)):
            item = _item(meta, reader.take(2 if head >> 24 == 0 else 4))
            n_linked = reader.take(1)
            if n_linked + len(item.properties) > MOST_PROPERTIES:
                raise PhotoRejected("damaged", {"box": "ipma"})
            for _ in range(n_linked):
                index = reader.take(2) & 0x7FFF if head & 1 else reader.take(1) & 0x7F
                if 1 <= index <= len(known):
                    found = known[index - 1]
                    # Long ones are decoder set-up and colour profiles, of no use here.
                    value = data[found.start : min(found.end, found.start + 64)]
                    item.properties.append((found.kind, value))


def upright_size(item: Item) -> tuple[int, int, int]:
    """Width, height after crop and turn, and the coded number of pixels."""
    width = height = coded = 0
    for kind, value in item.properties:
        numbers = [int.from_bytes(value[i : i + 4], "big") for i in range(0, len(value) - 3, 4)]
        if kind == b"ispe" and len(numbers) >= 3:
            width, height = numbers[1], numbers[2]
            coded = width * height
        elif kind == b"clap" and len(numbers) >= 4 and numbers[1] and numbers[3]:
            width, height = numbers[0] // numbers[1], numbers[2] // numbers[3]
        elif kind == b"irot" and value and value[0] & 1:
            width, height = height, width
    return width, height, coded


def colour_code(item: Item) -> tuple[int, int] | None:
    """(primaries, transfer) of an 'nclx' colour description, if the item has one."""
    for kind, value in item.properties:
        if kind == b"colr" and value[:4] == b"nclx" and len(value) >= 8:
            return int.from_bytes(value[4:6], "big"), int.from_bytes(value[6:8], "big")
    return None
