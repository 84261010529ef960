"""Colour profiles: 8-bit pixels of any RGB profile to sRGB, fast for the profiles phones write."""

from __future__ import annotations

import functools
import io
import struct

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

U8 = NDArray[np.uint8]
F64 = NDArray[np.float64]
STRIP_ROWS = 256
# Columns: the red, green, blue primaries of sRGB under the D50 white of profiles.
SRGB_TO_XYZ = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
P3_TO_XYZ = np.array(
    [
        [0.5151187, 0.2919778, 0.1571035],
        [0.2411892, 0.6922441, 0.0665668],
        [-0.0010505, 0.0418791, 0.7840713],
    ]
)


def srgb_curve(encoded: F64) -> F64:
    """SRGB value 0..1 -> linear light 0..1."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def srgb_code(linear: F64) -> F64:
    """Linear light 0..1 -> sRGB value 0..1."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


@functools.lru_cache(maxsize=1)
def _encoding_table() -> U8:
    linear = np.arange(65536) / 65535.0
    return np.round(srgb_code(linear) * 255).astype(np.uint8)


def p3_to_srgb(rgb: U8) -> U8:
    """Display P3 without a profile (declared by an nclx or cICP code) to sRGB."""
    curve = srgb_curve(np.arange(256) / 255.0)
    return _apply(rgb, np.stack([curve] * 3, axis=1), P3_TO_XYZ)


def to_srgb(rgb: U8, profile: bytes) -> tuple[U8, bool]:
    """Pixels in sRGB, and whether the profile could be used (it stays as it was if not)."""
    matrix_profile = _read_matrix_profile(profile)
    if matrix_profile is not None:
        return _apply(rgb, *matrix_profile), True
    return convert_slowly(Image.fromarray(rgb), profile)


def convert_slowly(image: Image.Image, profile: bytes) -> tuple[U8, bool]:
    """By LittleCMS, for table profiles and for modes other than RGB."""
    target = ImageCms.createProfile("sRGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        done = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return np.array(image.convert("RGB")), False
    return (np.array(done), True) if done else (np.array(image.convert("RGB")), False)


def _apply(rgb: U8, curves: F64, to_xyz: F64) -> U8:
    """Curve, matrix, curve on 16-bit integers, a strip of rows at a time."""
    matrix = np.linalg.inv(SRGB_TO_XYZ) @ to_xyz
    table = np.round(np.clip(curves, 0, 1) * 65535).astype(np.uint16)
    if _is_srgb(table, matrix):
        return rgb
    done = np.empty_like(rgb)
    for row in range(0, len(rgb), STRIP_ROWS):
        linear = cv2.LUT(rgb[row : row + STRIP_ROWS], table.reshape(1, 256, 3))
        cv2.LUT(
            cv2.transform(linear, matrix),  # saturates: what sRGB cannot show is clipped
            _encoding_table().reshape(1, -1),
            dst=done[row : row + STRIP_ROWS],
        )
    return done


def _is_srgb(table: NDArray[np.uint16], matrix: F64) -> bool:
    """Whether no pixel could change by a level."""
    codes = _encoding_table()[table].astype(int)
    return bool(np.abs(matrix - np.eye(3)).max() < 1e-3 and ((np.arange(256) == codes.T).all()))


@functools.lru_cache(maxsize=8)
def _read_matrix_profile(profile: bytes) -> tuple[F64, F64] | None:
    """(256 x 3 curves, matrix to XYZ) of a matrix profile; None for every other kind."""
    if len(profile) < 132 or profile[16:24] != b"RGB XYZ " or profile[36:40] != b"acsp":
        return None
    try:
        tags = _tags(profile)
        if any(name in tags for name in (b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1")):
            return None
        curves = [_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")]
        columns = [_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    except (KeyError, ValueError, struct.error, ZeroDivisionError, OverflowError):
        return None
    matrix, table = np.stack(columns, axis=1), np.stack(curves, axis=1)
    sane = np.isfinite(table).all() and abs(matrix[1].sum() - 1) < 0.05
    return (table, matrix) if sane else None


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    rows = [struct.unpack_from(">4sII", profile, 132 + 12 * i) for i in range(min(count, 100))]
    return {name: profile[at : at + size] for name, at, size in rows}


def _xyz(tag: bytes) -> F64:
    if tag[:4] != b"XYZ ":
        raise ValueError("not an XYZ tag")
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65536


def _curve(tag: bytes) -> F64:
    x = np.arange(256) / 255.0
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return x
        points = np.array(struct.unpack_from(f">{min(count, 65536)}H", tag, 12))
        if count == 1:
            return np.asarray(x ** (points[0] / 256))
        return np.interp(x, np.linspace(0, 1, count), points / 65535)
    if tag[:4] == b"para":
        return _parametric(tag, x)
    raise ValueError("not a curve tag")


def _parametric(tag: bytes, x: F64) -> F64:
    """The five kinds of parametric curve of the ICC specification."""
    (kind,) = struct.unpack_from(">H", tag, 8)
    size = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}.get(kind, 0)
    if not size:
        raise ValueError("not a known parametric curve")
    g, *rest = (value / 65536 for value in struct.unpack_from(f">{size}i", tag, 12))
    a, b, c, d, e, f = (*rest, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)[:6] if kind == 0 else _padded(rest)
    if kind in (1, 2):
        e = f = c if kind == 2 else 0.0
        c, d = 0.0, -b / a
    power = np.maximum(a * x + b, 0) ** g + e
    return np.asarray(np.where(x >= d, power, c * x + f))


def _padded(values: list[float]) -> tuple[float, ...]:
    return (*values, 0.0, 0.0, 0.0, 0.0, 0.0)[:6]
