"""The photo's own state: noise, blur, clipping and shine."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from analysis.arrays import Floats, Mask, Pixels, reduced, resized, squares_over

# Sharp skin shows at least twice as much, on drawn photos and on local real ones.
_LEAST_DETAIL_OD = 0.002
_BENT = 235
_PLACES_ACROSS, _PLACE_PX, _FEWEST_PLACES, _LITTLE_DETAIL = 12, 80, 8, 0.02
_N_TILES, _TILE_PX, _SEAM_PX = 6, 512, 24


def noise(od: Floats, mask: Mask) -> float:
    """Standard deviation of pixel noise, from the median absolute diagonal Haar detail.

    Donoho & Johnstone 1994, doi:10.1093/biomet/81.3.425. Noise reduction in the phone lowers it.
    """
    detail = (od[:-1:2, :-1:2] - od[:-1:2, 1::2] - od[1::2, :-1:2] + od[1::2, 1::2]) / 2
    inside = mask[:-1:2, :-1:2]
    values = np.abs(detail[inside]) if inside.any() else np.abs(detail.ravel())
    return float(np.median(values) / 0.6745)


def fine_detail(od: Floats, mask: Mask, unit_px: float = 1.0) -> float:
    """Detail a unit wide over detail four units wide, noise taken out; low when blurred.

    A unit is a pixel, or a share of a dot where dots are large. 0 where there is hardly any of
    either: what is left then is the file's own compression.
    """
    od, mask = _sampled(od, mask)
    bands = []
    sigmas = (0.7 * unit_px, 2.8 * unit_px)
    for sigma in sigmas:
        band = cv2.GaussianBlur(od, (0, 0), sigma) - cv2.GaussianBlur(od, (0, 0), 1.6 * sigma)
        bands.append(float(np.var(band[mask])) if mask.any() else 0.0)
    # White noise leaves 0.058 / sigma^2 of its variance in such a band.
    variance = noise(od, mask) ** 2
    fine, coarse = (b - 0.058 / s**2 * variance for b, s in zip(bands, sigmas, strict=True))
    return math.sqrt(max(fine, 0) / coarse) if coarse > _LEAST_DETAIL_OD**2 else 0.0


def directional(od: Floats, mask: Mask) -> float:
    """How much steeper the skin's fine detail is in one direction than across it (structure tensor,
    root of the ratio of eigenvalues); 1 = alike, high when the camera moved.
    """
    od, mask = _sampled(od, mask)
    if not mask.any():
        return 1.0
    smooth = cv2.GaussianBlur(od, (0, 0), 0.8)
    x, y = (cv2.Sobel(smooth, cv2.CV_32F, *order)[mask] for order in ((1, 0), (0, 1)))
    across = float(np.mean(x * y))
    tensor = [[float(np.mean(x * x)), across], [across, float(np.mean(y * y))]]
    low, high = np.linalg.eigvalsh(tensor)
    return math.sqrt(high / max(low, 1e-12))


def evenly_sharp(od: Floats, mask: Mask) -> float:
    """How fine detail is in the softest places of a mask (H, W) over the sharpest; 1 = alike.

    Places are squares in even steps over the photo; the tenth of them at either end counts. 1 where
    there are too few.
    """
    height, width = od.shape
    step = max(max(height, width) // _PLACES_ACROSS, _PLACE_PX)
    found = []
    for top in range((step - _PLACE_PX) // 2, height - _PLACE_PX + 1, step):
        for left in range((step - _PLACE_PX) // 2, width - _PLACE_PX + 1, step):
            window = (slice(top, top + _PLACE_PX), slice(left, left + _PLACE_PX))
            if mask[window].mean() > 0.7:
                found.append(fine_detail(od[window], mask[window]))
    if len(found) < _FEWEST_PLACES:
        return 1.0
    low, high = np.quantile(found, [0.1, 0.9]) + _LITTLE_DETAIL
    return float(low / high)


def steep_share(skin: Mask, treated: Mask) -> float:
    """Share of the treated area that turns away by over 45 degrees, from the head's outline.

    A third of its half width from the outline, as found on drawn heads (a sphere far away:
    1 - sin(45 deg) = 0.29); 0 where the photo shows no outline.
    """
    small, inside = skin[::8, ::8], treated[::8, ::8]
    if small.all() or not inside.any():
        return 0.0
    inward = ndimage.distance_transform_edt(ndimage.binary_fill_holes(small))
    return float(np.mean(inward[inside] < inward.max() / 3))


def glare(srgb_u8: Pixels) -> Mask:
    """Shine: bright and washed out against the skin around it, or clipped; grown by a few px."""
    small = reduced(srgb_u8, 4)
    low, high = (extreme.astype(np.int16) for extreme in _extremes(small))
    washed = (low > 200) & (high - low < 30)
    grown = ndimage.binary_dilation(washed | (low >= 250), iterations=2)
    return resized(np.asarray(grown, dtype=bool), (srgb_u8.shape[1], srgb_u8.shape[0]))


def exposure(srgb_u8: Pixels, mask: Mask) -> tuple[float, float]:
    """Shares of the mask with a channel at either end of its range, and of it so bright that
    cameras bend light there before they clip it.
    """
    if not mask.any():
        return 0.0, 0.0
    low, high = _extremes(srgb_u8)
    return float(((high >= 254) | (low <= 1))[mask].mean()), float((high >= _BENT)[mask].mean())


def _sampled(od: Floats, mask: Mask) -> tuple[Floats, Mask]:
    """Up to six squares of a large photo, spread over the mask, side by side; seams masked out."""
    if od.size < 1.2 * _N_TILES * _TILE_PX**2 or not mask[::16, ::16].any():
        return od, mask
    densities, masks = [], []
    inner = slice(_SEAM_PX, -_SEAM_PX)
    for window in squares_over(mask, _TILE_PX, _N_TILES):
        inside = np.zeros((_TILE_PX, _TILE_PX), dtype=bool)
        inside[inner, inner] = mask[window][inner, inner]
        densities.append(od[window])
        masks.append(inside)
    return np.hstack(densities), np.hstack(masks)


def _extremes(srgb_u8: Pixels) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The lowest and the highest channel of each pixel (H, W)."""
    red, green, blue = cv2.split(srgb_u8)
    low, high = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    return np.asarray(low, np.uint8), np.asarray(high, np.uint8)
