"""Photos made for the tests, with everything private in them that a phone could write."""

from __future__ import annotations

import io
import struct

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image

SECRETS: tuple[bytes, ...] = (
    b"SECRETNOTE",
    b"SECRETARTIST",
    b"SECRETSERIAL",
    b"SECRETMAKERNOTE",
    b"SECRETGPS",
)
SECRETS += (b"SECRETXMP", b"SECRETTAIL", b"SECRETOWNER", b"SECRETCOMMENT")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><photo place="SECRETXMP"/></x:xmpmeta>'


def picture(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """A smooth coloured picture whose four corners differ."""
    y, x = np.mgrid[0:height, 0:width]
    red = 60 + 180 * x / width
    green = 40 + 160 * y / height
    blue = 200 - 90 * x / width - 60 * y / height
    return np.stack([red, green, blue], axis=2).astype(np.uint8)


def exif_bytes(orientation: int = 1, order: str = "<") -> bytes:
    """An Exif block (from its TIFF header) with facts, secrets and GPS."""
    exif = Image.Exif()
    exif.endian = order
    exif[0x0112] = orientation
    exif[0x010F], exif[0x0110] = "Apple", "iPhone 15"
    exif[0x010E], exif[0x013B] = "SECRETNOTE", "SECRETARTIST"
    exif[0x9C9B] = b"SECRETNOTE\0\0"
    exif.get_ifd(0x8769).update(
        {
            0x9003: "2026:05:01 10:12:00", 0x9011: "-05:30", 0x9010: "+09:00",
            0x829A: (1, 60), 0x927C: b"SECRETMAKERNOTE", 0x9286: b"ASCII\0\0\0SECRETCOMMENT",
            0xA431: "SECRETSERIAL", 0xA430: "SECRETOWNER", 0xA420: "SECRETSERIAL",
        }
    )  # fmt: skip
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 12.0), 3: "E", 0x1B: b"SECRETGPS"})
    return exif.tobytes().removeprefix(b"Exif\0\0")


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of an image saved in a format."""
    out = io.BytesIO()
    if kind == "heif":
        pillow_heif.from_pillow(image).save(out, **{"quality": 95, "chroma": 444} | options)
    else:
        image.save(out, kind.upper(), **options)
    return out.getvalue()


def photo(kind: str, orientation: int = 1, *, size: tuple[int, int] = (48, 64)) -> bytes:
    """A private photo in a format, whose upright pixels show `picture()` after the turn."""
    exif = exif_bytes(orientation)
    options: dict[str, object] = {"exif": exif}
    if kind == "jpeg":
        options = {"exif": b"Exif\0\0" + exif, "quality": 95, "subsampling": 0, "xmp": XMP}
        options["comment"] = b"SECRETCOMMENT"
    elif kind == "webp":
        options |= {"xmp": XMP, "lossless": True}
    elif kind == "avif":
        options |= {"xmp": XMP, "quality": 95, "subsampling": "4:4:4"}
    elif kind == "heif":
        options |= {"xmp": XMP}
    data = saved(Image.fromarray(picture(*size)), kind, **options)
    return data + tail(kind)


def tail(kind: str) -> bytes:
    """What a motion photo carries behind the picture."""
    if kind in ("heif", "avif"):
        return struct.pack(">I4s", 8 + 2000, b"mpvd") + b"SECRETTAIL" * 200
    return b"" if kind == "tiff" else b"SECRETTAIL" * 200


def matrix_profile(columns: NDArray[np.float64], curve: bytes) -> bytes:
    """An RGB matrix profile: columns of the primaries in XYZ (D50) and one curve tag."""
    xyz = [
        b"XYZ \0\0\0\0" + struct.pack(">3i", *np.round(c * 65536).astype(int)) for c in columns.T
    ]
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    text = b"desc\0\0\0\0" + struct.pack(">I", 3) + b"P3\0" + bytes(79)
    blocks = [
        (b"desc", text),
        (b"wtpt", white),
        *zip((b"rXYZ", b"gXYZ", b"bXYZ"), xyz, strict=True),
    ]
    blocks += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, body, at = b"", b"", 132 + 12 * len(blocks)
    for name, value in blocks:
        value += bytes(-len(value) % 4)
        table += name + struct.pack(">II", at + len(body), len(value))
        body += value
    head = struct.pack(
        ">I4sI4s4s4s", at + len(body), b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ "
    )
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(blocks)) + table + body


def srgb_para() -> bytes:
    """The parametric curve of sRGB and of Display P3."""
    values = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para\0\0\0\0" + struct.pack(">HH5i", 3, 0, *(round(v * 65536) for v in values))
