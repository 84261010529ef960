"""sRGB to linear light, optical density and CIELAB: light is what adds up."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Pixels, Points, resized

RED, GREEN, BLUE = 0, 1, 2
_STRIP = 128

_CODES = np.arange(256) / 255
# IEC 61966-2-1: sRGB code value to linear light.
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4)
# Half a code above black keeps the logarithm finite.
_DENSITY = -np.log10(np.maximum(_LINEAR, _LINEAR[1] / 2))
# Rows X, Y, Z of linear sRGB, over the D65 white point.
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _XYZ.sum(axis=1)


def linear(srgb_u8: Pixels) -> Floats:
    """Linear light in 0..1, same shape as the 8-bit sRGB input."""
    return np.asarray(cv2.LUT(srgb_u8, _LINEAR.astype(np.float32)), dtype=np.float32)


def linear_reduced(srgb_u8: Pixels, times: int) -> Floats:
    """Linear light averaged over `times` x `times` pixels, strip by strip to spare memory."""
    height, width = srgb_u8.shape[0] // times, srgb_u8.shape[1] // times
    light = np.empty((height, width, *srgb_u8.shape[2:]), dtype=np.float32)
    for top in range(0, height, _STRIP):
        part = light[top : top + _STRIP]
        strip = linear(srgb_u8[top * times : (top + _STRIP) * times])
        part[:] = resized(strip, (width, len(part)))
    return light


def optical_density(srgb_u8: Pixels) -> Floats:
    """Decadic optical density -log10(linear light) of green, (H, W)."""
    return _density(np.ascontiguousarray(srgb_u8[..., GREEN]))


def luminous_density(srgb_u8: Pixels) -> Floats:
    """Decadic optical density of a photo's luma (H, W), which JPEG keeps at full resolution."""
    return _density(np.asarray(cv2.cvtColor(srgb_u8, cv2.COLOR_RGB2GRAY), dtype=np.uint8))


def _density(plane_u8: NDArray[np.uint8]) -> Floats:
    return np.asarray(cv2.LUT(plane_u8, _DENSITY.astype(np.float32)), dtype=np.float32)


def lab(linear_rgb: Points) -> Points:
    """CIELAB (D65) of linear sRGB colours (..., 3): for averages, not for whole photos."""
    xyz = linear_rgb @ _XYZ.T / _WHITE
    cube = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = cube[..., 0], cube[..., 1], cube[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
