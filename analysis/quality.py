"""The photo's own state: noise, blur, clipping and shine."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from analysis.arrays import Floats, Mask, Pixels, reduced, resized

# Sharp skin shows at least twice as much, on drawn photos and on local real ones.
_LEAST_DETAIL_OD = 0.002


def noise(od: Floats, mask: Mask) -> float:
    """Standard deviation of pixel noise, from the median absolute diagonal Haar detail.

    Donoho & Johnstone 1994, doi:10.1093/biomet/81.3.425. Noise reduction in the phone lowers it.
    """
    detail = (od[:-1:2, :-1:2] - od[:-1:2, 1::2] - od[1::2, :-1:2] + od[1::2, 1::2]) / 2
    inside = mask[:-1:2, :-1:2]
    values = np.abs(detail[inside]) if inside.any() else np.abs(detail.ravel())
    return float(np.median(values) / 0.6745)


def fine_detail(od: Floats, mask: Mask) -> float:
    """Detail about 1 px wide over detail about 4 px wide, noise taken out; low when blurred.

    0 where there is hardly any of either: what is left then is the file's own compression.
    """
    bands = []
    for sigma in (0.7, 2.8):
        band = cv2.GaussianBlur(od, (0, 0), sigma) - cv2.GaussianBlur(od, (0, 0), 1.6 * sigma)
        bands.append(float(np.var(band[mask])) if mask.any() else 0.0)
    # White noise leaves 0.058 / sigma^2 of its variance in such a band.
    variance = noise(od, mask) ** 2
    fine, coarse = (b - 0.058 / s**2 * variance for b, s in zip(bands, (0.7, 2.8), strict=True))
    return math.sqrt(max(fine, 0) / coarse) if coarse > _LEAST_DETAIL_OD**2 else 0.0


def glare(srgb_u8: Pixels) -> Mask:
    """Shine: bright and washed out against the skin around it, or clipped; grown by a few px."""
    small = reduced(srgb_u8, 4)
    low, high = (extreme.astype(np.int16) for extreme in _extremes(small))
    washed = (low > 200) & (high - low < 30)
    grown = ndimage.binary_dilation(washed | (low >= 250), iterations=2)
    return resized(np.asarray(grown, dtype=bool), (srgb_u8.shape[1], srgb_u8.shape[0]))


def clipped_share(srgb_u8: Pixels, mask: Mask) -> float:
    """Share of the mask with a channel at either end of its range."""
    if not mask.any():
        return 0.0
    low, high = _extremes(srgb_u8)
    return float(((high >= 254) | (low <= 1))[mask].mean())


def _extremes(srgb_u8: Pixels) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The lowest and the highest channel of each pixel (H, W)."""
    red, green, blue = cv2.split(srgb_u8)
    low, high = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    return np.asarray(low, np.uint8), np.asarray(high, np.uint8)
