"""Where the measurable skin is: treated area, untreated reference skin, shine.

A first, plain way: skin by its chromaticity, the treated area by the texture that dots make.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy import ndimage

from analysis import border, colour, quality, texture
from analysis.arrays import Mask, Pixels, resized
from analysis.flags import Flag

_WORK_SIDE_PX = 400
_LEAST_RED_OVER_GREEN = 0.05  # decadic log; grey walls lie near 0, skin at 0.09 and above
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
    treated, flags = _treated(srgb_u8, skin)
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


def _treated(srgb_u8: Pixels, skin: Mask) -> tuple[Mask, Flag]:
    """Skin with dots' texture, where the photo shows skin without it too; else all skin."""
    size = (skin.shape[1], skin.shape[0])
    dotted = border.find(texture.features(srgb_u8, size), skin)
    if dotted is None:
        return skin, Flag.NO_BORDER_FOUND
    found = _tidy(ndimage.binary_opening, dotted, 3)
    found = _tidy(ndimage.binary_closing, found, 6) & skin
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
