"""Where the measurable skin is: treated area, untreated reference skin, shine.

A first, plain way: skin by its chromaticity, the treated area by the texture that dots make.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu

from analysis import colour, quality
from analysis.arrays import Floats, Mask, Pixels, reduced, resized
from analysis.flags import Flag

_WORK_SIDE_PX = 400
_LEAST_RED_OVER_GREEN = 0.05  # decadic log; grey walls lie near 0, skin at 0.09 and above
_LEAST_STEP = 0.5
_LEAST_SEPARABILITY = 0.68
_MOST_BAND_OD = 0.25
_BRIGHT_SHARE = 0.8
_LEAST_SHARE = 0.04
_VEIL_PALER = 0.3


@dataclass(frozen=True)
class Areas:
    """Masks (H, W): `skin` all of it, `treated` (shine left out), `reference` untreated skin."""

    skin: Mask
    treated: Mask
    reference: Mask
    glare: Mask
    flags: Flag

    @property
    def glare_share(self) -> float:
        """Share of the treated area that shine hides."""
        hidden = float((self.glare & self.skin).sum())
        return hidden / max(float(self.treated.sum()) + hidden, 1.0)


def find_areas(srgb_u8: Pixels, drawn: Mask | None = None) -> Areas:
    """Find the areas; `drawn` (H, W), an outline drawn by hand, replaces the treated area found."""
    glare = quality.glare(srgb_u8)
    small_size, full_size = _sizes(srgb_u8)
    small = resized(srgb_u8, small_size)
    skin = _skin(small)
    veil = _veil(small, skin)
    texture = _texture(srgb_u8, small_size)
    treated, flags = _treated(skin, texture)
    if drawn is not None:
        treated = resized(drawn, small_size)
        flags = Flag.REGION_GIVEN
    reference = _reference(skin, treated) & ~veil
    glare = glare | resized(veil, full_size)

    skin, reference = resized(skin, full_size), resized(reference, full_size)
    inside = drawn if drawn is not None else resized(treated, full_size)
    return Areas(skin, inside & ~glare, reference & ~glare, glare, flags)


def without_border(areas: Areas) -> Areas:
    """The same photo taken as all treated: for when the border found proved to be none."""
    return replace(
        areas,
        treated=areas.skin & ~areas.glare,
        reference=np.zeros_like(areas.reference),
        flags=areas.flags | Flag.NO_BORDER_FOUND,
    )


def _sizes(srgb_u8: Pixels) -> tuple[tuple[int, int], tuple[int, int]]:
    height, width = srgb_u8.shape[:2]
    factor = _WORK_SIDE_PX / max(height, width)
    return (round(width * factor), round(height * factor)), (width, height)


def _skin(small: Pixels) -> Mask:
    """The largest skin-coloured piece, holes filled."""
    linear = cv2.GaussianBlur(colour.linear(small), (0, 0), 2.0) + 1e-3
    warmth = np.log10(linear[..., 0] / linear[..., 1])
    found = (warmth > _LEAST_RED_OVER_GREEN) & (linear[..., 1] > linear[..., 2] * 0.85)
    found = _tidy(ndimage.binary_opening, found, 3)
    labels, n = ndimage.label(found)
    if not n:
        return np.zeros(found.shape, dtype=bool)
    largest = 1 + int(np.argmax(ndimage.sum_labels(found, labels, np.arange(1, n + 1))))
    return np.asarray(ndimage.binary_fill_holes(labels == largest))


def _veil(small: Pixels, skin: Mask) -> Mask:
    """Skin that shine makes brighter and paler than the rest: its own colour cannot be told."""
    linear = cv2.GaussianBlur(colour.linear(small), (0, 0), 2.0) + 1e-3
    bright = np.log(linear[..., 1])
    pale = np.log(linear[..., 2] / linear[..., 0])
    if not skin.any():
        return skin
    high = (pale > np.median(pale[skin]) + _VEIL_PALER) & (bright > np.median(bright[skin]))
    return np.asarray(skin & high)


def _texture(srgb_u8: Pixels, small_size: tuple[int, int]) -> Floats:
    """Log of how much dark detail of a dot's size outweighs bright, on the small grid."""
    side = max(srgb_u8.shape[:2])
    times = max(1, side // 1600)
    od = colour.optical_density(reduced(srgb_u8, times))
    band = cv2.GaussianBlur(od, (0, 0), 1.2) - cv2.GaussianBlur(od, (0, 0), 4.0)
    band = np.clip(band, -_MOST_BAND_OD, _MOST_BAND_OD)
    # Relief and noise are as often bright as dark, dots are dark: what outweighs is dots.
    dark, bright = (
        cv2.GaussianBlur(reduced(np.maximum(half, 0) ** 2, 4), (0, 0), side / times / 240)
        for half in (band, -band)
    )
    power = np.maximum(dark - _BRIGHT_SHARE * bright, 0)
    small = resized(np.asarray(power, dtype=np.float32), small_size)
    return np.asarray(0.5 * np.log(small + 1e-7), dtype=np.float32)


def _treated(skin: Mask, texture: Floats) -> tuple[Mask, Flag]:
    """Skin with dots' texture, where the photo shows skin without it too; else all skin."""
    core = ndimage.binary_erosion(skin, iterations=8, border_value=1)
    values = texture[core]
    if len(values) < 200:
        return skin, Flag.NO_BORDER_FOUND
    limit = threshold_otsu(values)
    rough = values > limit
    share = float(rough.mean())
    if not _LEAST_SHARE < share < 1 - _LEAST_SHARE:
        return skin, Flag.NO_BORDER_FOUND
    step = float(values[rough].mean() - values[~rough].mean())
    # Two kinds of skin, not the two halves of one: Otsu's own measure (0.64 for one Gaussian).
    separability = share * (1 - share) * step**2 / float(values.var())
    if step < _LEAST_STEP or separability < _LEAST_SEPARABILITY:
        return skin, Flag.NO_BORDER_FOUND
    found = _tidy(ndimage.binary_opening, skin & (texture > limit), 4)
    found = _tidy(ndimage.binary_closing, found, 8) & skin
    return np.asarray(ndimage.binary_fill_holes(found)), Flag.NONE


def _reference(skin: Mask, treated: Mask) -> Mask:
    """Untreated skin well clear of the treated area and of the head's rim."""
    clear = ndimage.binary_erosion(skin, iterations=12, border_value=1)
    found = clear & ~ndimage.binary_dilation(treated, iterations=14)
    found = _tidy(ndimage.binary_opening, found, 4)
    return found if found.mean() > 0.01 else np.zeros_like(found)


def _tidy(change: Callable[..., Mask], mask: Mask, iterations: int) -> Mask:
    """Open or close a mask as if it went on beyond the photo's edge."""
    padded = np.pad(mask, iterations, mode="edge")
    inner = slice(iterations, -iterations)
    return np.asarray(change(padded, iterations=iterations)[inner, inner])
