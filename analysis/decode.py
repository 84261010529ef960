"""Photo bytes -> upright sRGB pixels. The only decoder; run it inside the fence."""

from __future__ import annotations

import dataclasses
import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NoReturn

import cv2
import numpy as np
import pillow_heif
import simplejpeg
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image

from analysis.formats.header import Header, check_size, read_header
from analysis.formats.icc import convert_slowly, p3_to_srgb, to_srgb
from analysis.formats.photofile import jpeg_parts, jpeg_profile
from analysis.formats.rejected import CODES, PhotoRejected

__all__ = ["CODES", "Decoded", "Header", "PhotoRejected", "decode", "read_header"]

U8 = NDArray[np.uint8]
Colour = Literal["converted", "assumed", "unsure"]
GREY_MODES = {"1", "L", "LA", "La", "I;16", "I;16B", "I;16L", "I"}
RGB_MODES = {"P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "YCbCr"}
FAILURES = (
    *(ValueError, SyntaxError, OSError, EOFError, RuntimeError, TypeError, KeyError, IndexError),
    *(AttributeError, OverflowError, ZeroDivisionError, struct.error, cv2.error),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)
# One thread: with eight, an iPhone photo wants 1.3 GB of address space and is no faster.
pillow_heif.options.DECODE_THREADS = 1
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A photo's pixels, upright, in sRGB.

    `colour`: by the file's own statement, assumed to be sRGB because it states nothing, or unsure.
    """

    header: Header
    srgb_u8: U8
    is_grey: bool
    had_alpha: bool
    colour: Colour


@dataclasses.dataclass(slots=True)
class _Raw:
    """Pixels as decoded: not turned, in the file's own colours unless `done`."""

    rgb: U8
    profile: bytes | None = None
    orientation: int = 1
    is_grey: bool = False
    had_alpha: bool = False
    colour: Colour | None = None


def decode(data: bytes) -> Decoded:
    """Decode a whole photo, or raise PhotoRejected; damage is refused, never shown."""
    header = read_header(data)
    with _refusing():
        raw = {"jpeg": _jpeg, "heif": _heif}.get(header.format, _by_pillow)(data, header)
        raw.rgb, colour = _in_srgb(raw, header)  # lets the other copy go before the next
        raw.rgb = turn(raw.rgb, raw.orientation)
        upright = np.ascontiguousarray(raw.rgb)
        upright.setflags(write=False)
    height, width = upright.shape[:2]
    if (height, width) != (header.height_px, header.width_px):
        header = _corrected(header, width, height)
    grey = raw.is_grey or _looks_grey(upright)
    return Decoded(header, upright, grey, raw.had_alpha, colour)


@contextmanager
def _refusing() -> Iterator[None]:
    """Every way in which a decoder can fail becomes a refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except PhotoRejected:
        raise
    except MemoryError as error:
        raise PhotoRejected("too-much-memory") from error
    except FAILURES as error:
        memory = isinstance(error, cv2.error) and error.code == -4
        code = "too-much-memory" if memory else "damaged"
        raise PhotoRejected(code, {"error": type(error).__name__}) from error


def _corrected(header: Header, width: int, height: int) -> Header:
    """HEIF and AVIF may crop; any other difference is a lying header."""
    if header.format not in ("heif", "avif"):
        raise PhotoRejected("damaged", {"width_px": width, "height_px": height})
    check_size(width, height)
    return dataclasses.replace(header, width_px=width, height_px=height)


def turn(pixels: U8, orientation: int) -> U8:
    """Apply an Exif orientation."""
    if orientation in (2, 4):
        return np.asarray(cv2.flip(pixels, 1 if orientation == 2 else 0), np.uint8)
    if orientation in (3, 6, 8):
        turns = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}
        return np.asarray(cv2.rotate(pixels, turns[orientation]), np.uint8)
    if orientation in (5, 7):
        across = cv2.transpose(pixels)
        return np.asarray(across if orientation == 5 else cv2.flip(across, -1), np.uint8)
    return pixels


def _looks_grey(rgb: U8) -> bool:
    """Whether a sample of the pixels carries no colour at all."""
    some = rgb[:: max(1, len(rgb) // 256), :: max(1, rgb.shape[1] // 256)].astype(np.int16)
    return bool((some.max(axis=2) - some.min(axis=2)).max() <= 2)


def _in_srgb(raw: _Raw, header: Header) -> tuple[U8, Colour]:
    if raw.colour is not None:
        return raw.rgb, raw.colour
    if raw.profile:
        srgb, used = to_srgb(raw.rgb, raw.profile)
        return srgb, "converted" if used else "unsure"
    primaries, transfer = header.colour_code or (2, 2)
    if transfer in (16, 18) or primaries not in (1, 2, 5, 6, 12):  # HDR, BT.2020
        return raw.rgb, "unsure"
    if primaries == 12:
        return p3_to_srgb(raw.rgb), "converted"
    # 65535 is "not sRGB": Adobe RGB of cameras, without a profile to say so.
    return raw.rgb, "unsure" if header.colour_space == 65535 else "assumed"


def _jpeg(data: bytes, header: Header) -> _Raw:
    parts, end = jpeg_parts(data)
    whole = data[:end]
    profile = jpeg_profile(data, parts)
    try:
        space = simplejpeg.decode_jpeg_header(whole, strict=True)[2]
        wanted = {"Gray": "GRAY", "CMYK": "CMYK", "YCCK": "CMYK"}.get(space, "RGB")
        pixels: U8 = simplejpeg.decode_jpeg(whole, wanted, strict=True)
    except ValueError as error:
        _refuse_damaged(whole, error)
    if wanted == "CMYK":
        ink = Image.fromarray(255 - pixels, "CMYK")  # every CMYK JPEG is stored inverted
        raw = _from_cmyk(ink, profile)
        raw.orientation = header.orientation
        return raw
    if wanted == "GRAY":
        grey = cv2.cvtColor(pixels.reshape(pixels.shape[:2]), cv2.COLOR_GRAY2RGB)
        return _Raw(np.asarray(grey, np.uint8), None, header.orientation, True, colour="assumed")
    return _Raw(pixels, profile, header.orientation)


def _refuse_damaged(data: bytes, error: ValueError) -> NoReturn:
    """Say whether a diary could still show it: a forgiving decoder takes it."""
    try:
        Image.open(io.BytesIO(data), formats=["JPEG"]).load()
    except FAILURES:
        raise PhotoRejected("damaged", {"error": str(error)[:100]}) from error
    raise PhotoRejected("damaged-partly", {"error": str(error)[:100]}) from error


def _heif(data: bytes, header: Header) -> _Raw:
    file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    image = file[file.primary_index]
    stated = image.info.get("icc_profile")
    profile = stated if isinstance(stated, bytes) else None
    check_size(*image.size)
    if image.mode == "RGB":
        return _Raw(np.ascontiguousarray(np.asarray(image), np.uint8), profile)
    return _from_image(image.to_pillow(), profile)


def _by_pillow(data: bytes, header: Header) -> _Raw:
    image = Image.open(io.BytesIO(data), formats=[header.format.upper()])
    check_size(*image.size)
    image.load()
    raw = _from_image(image, image.info.get("icc_profile"))
    avif = header.format == "avif"  # Pillow states irot and imir as an Exif orientation
    raw.orientation = image.getexif().get(0x0112, 1) if avif else header.orientation
    return raw


def _from_image(image: Image.Image, profile: bytes | None) -> _Raw:
    if image.mode in GREY_MODES and not image.has_transparency_data:
        grey = cv2.cvtColor(_grey(image), cv2.COLOR_GRAY2RGB)
        return _Raw(np.asarray(grey, np.uint8), is_grey=True, colour="assumed")
    if image.mode in RGB_MODES | GREY_MODES:
        is_grey = image.mode in GREY_MODES
        if not image.has_transparency_data:
            return _Raw(_rgb(image), profile, is_grey=is_grey)
        rgb, clear = _on_white(np.array(image.convert("RGBA")))
        return _Raw(rgb, None if is_grey else profile, is_grey=is_grey, had_alpha=clear)
    if image.mode == "CMYK":
        return _from_cmyk(image, profile)
    raise PhotoRejected("pixels-unreadable", {"mode": image.mode})


def _rgb(image: Image.Image) -> U8:
    """Without the copies that `convert` and `np.array` would make of 48 megapixels."""
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _from_cmyk(ink: Image.Image, profile: bytes | None) -> _Raw:
    if not profile:
        return _Raw(np.array(ink.convert("RGB")), colour="unsure")
    rgb, used = convert_slowly(ink, profile)
    return _Raw(rgb, colour="converted" if used else "unsure")


def _grey(image: Image.Image) -> U8:
    """Grey levels; 16 bits are scaled, where Pillow would clip them to white."""
    if image.mode in ("1", "L"):
        return np.array(image.convert("L"))
    deep = np.asarray(image)
    if deep.min() < 0 or deep.max() > 65535:
        raise PhotoRejected("pixels-unreadable", {"mode": image.mode})
    return ((deep.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def _on_white(rgba: U8) -> tuple[U8, bool]:
    """Transparent pixels over white, so that hidden colour stays hidden."""
    alpha = rgba[..., 3:]
    if alpha.min() == 255:
        return np.ascontiguousarray(rgba[..., :3]), False
    mixed = rgba[..., :3].astype(np.uint16) * alpha + 255 * (255 - alpha.astype(np.uint16))
    return ((mixed + 127) // 255).astype(np.uint8), True
