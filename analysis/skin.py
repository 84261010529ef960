"""Which part of a photo is skin: by warmth at first, then by the colour of skin that is sure.

On the working grid, about 400 px on the longer side.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from scipy import ndimage

from analysis import colour
from analysis.arrays import Floats, Mask, Pixels

_SMOOTH_PX = 2.0
_LEAST_RED_OVER_GREEN = 0.05  # decadic log; grey walls lie near 0, skin at 0.09 and above
_VEIL_PALER = 0.3
_MOST_VEIL = 0.35
# Of natural log chromaticity: how far the least varied skin is taken to vary, and how many
# standard deviations still are the same skin.
_LEAST_SPREAD = 0.04
_MOST_SIGMAS = 3.0
# Grey walls are not warm; in cold light no skin is, but then it is that little warm throughout.
_LEAST_WARMTH, _MOST_COLDER = 0.06, 0.18
# What one mild erythema less or more, and a tenth of the melanin scale, do to both of these.
_SKIN_VARIES = np.array([[-0.168, 0.059], [0.07, 0.08]])
_ROUNDS = 2
_MOST_SHINE = 0.1  # of the frame
_OUTLINE_PX = 2.5
_EDGE = 0.03  # natural log units per working pixel
_BAR_PX = 3
_OUTLINE_REACH_PX = 5  # how far a smoothed outline reaches into the skin


def warm(small: Pixels) -> Mask:
    """The largest skin-coloured piece (H, W), holes filled."""
    linear = _linear(small)
    warmth = np.log10(linear[..., 0] / linear[..., 1])
    found = (warmth > _LEAST_RED_OVER_GREEN) & (linear[..., 1] > linear[..., 2] * 0.85)
    return largest(tidy(ndimage.binary_opening, found, 3))


def like(small: Pixels, sure: Mask) -> Mask:
    """Skin of the colour of `sure` (H, W), as far as it goes on from there without an edge."""
    linear = np.log(_linear(small))
    ground = _steps(linear) < _EDGE
    reached = sure
    # Bare skin may be paler or less red than skin with dots: what is reached widens the model.
    for _ in range(_ROUNDS):
        near = _near(linear, reached)
        open_ground = tidy(ndimage.binary_opening, (near & ground) | sure, _BAR_PX)
        reached = _touching(open_ground, sure)
    grown = tidy(ndimage.binary_dilation, reached, _OUTLINE_REACH_PX) & near
    return _with_shine(linear[..., 1], np.asarray(ndimage.binary_fill_holes(grown | sure)))


def _near(log_linear: Floats, known: Mask) -> Mask:
    """Where chromaticity (log red over green, green over blue) is like that of known skin."""
    chroma = log_linear[..., :2] - log_linear[..., 1:]
    seen = chroma[known].astype(np.float64)
    spread = np.cov(seen.T) + _LEAST_SPREAD**2 * np.eye(2) + _SKIN_VARIES.T @ _SKIN_VARIES
    off = chroma - np.median(seen, axis=0)
    distance = np.einsum("...i,ij,...j->...", off, np.linalg.inv(spread), off)
    grey = chroma[..., 0] < min(_LEAST_WARMTH, float(np.median(seen[:, 0])) - _MOST_COLDER)
    return np.asarray((distance < _MOST_SIGMAS**2) & ~grey)


def _with_shine(bright: Floats, skin: Mask) -> Mask:
    """Skin with the bright pieces that it all but surrounds at the photo's edge."""
    labels, n = ndimage.label(~skin)
    if not n:
        return skin
    which = np.arange(n + 1)
    size = np.bincount(labels.ravel(), minlength=n + 1)
    rim = labels.copy()
    rim[1:-1, 1:-1] = 0
    outside = np.bincount(rim.ravel(), minlength=n + 1)
    shiny = ndimage.mean(bright, labels, which) > np.median(bright[skin])
    # A half disc's straight side is 1.6 roots of its size, a corner's two sides are 2 or more.
    held = (outside < 1.8 * np.sqrt(size)) & (size < _MOST_SHINE * skin.size)
    return np.asarray(skin | (held & shiny & (which > 0))[labels])


def veil(small: Pixels, skin: Mask) -> Mask:
    """Skin that shine makes brighter and paler than the rest: its own colour cannot be told."""
    if not skin.any():
        return skin
    linear = _linear(small)
    bright, pale = np.log(linear[..., 1]), np.log(linear[..., 2] / linear[..., 0])
    high = (pale > np.median(pale[skin]) + _VEIL_PALER) & (bright > np.median(bright[skin]))
    # Where much of the skin would be shine, it is two kinds of surface.
    return np.asarray(skin & high if high[skin].mean() < _MOST_VEIL else skin & False)


def largest(mask: Mask, weight: Floats | None = None) -> Mask:
    """The largest piece of a mask, or that with most `weight` (H, W); its holes filled."""
    labels, n = ndimage.label(mask)
    if not n:
        return np.zeros(mask.shape, dtype=bool)
    sizes = np.bincount(labels.ravel(), None if weight is None else weight.ravel())
    return np.asarray(ndimage.binary_fill_holes(labels == 1 + int(np.argmax(sizes[1:]))))


def tidy(change: Callable[..., Mask], mask: Mask, iterations: int) -> Mask:
    """Open, close or dilate a mask as if it went on beyond the photo's edge."""
    padded = np.pad(mask, iterations, mode="edge")
    inner = slice(iterations, -iterations)
    return np.asarray(change(padded, iterations=iterations)[inner, inner])


def _linear(small: Pixels) -> Floats:
    return np.asarray(cv2.GaussianBlur(colour.linear(small), (0, 0), _SMOOTH_PX) + 1e-3)


def _steps(log_linear: Floats) -> Floats:
    """The steepest channel's slope (H, W), natural log units per pixel: high at outlines.

    Smoothed once more: coarse skin and stubble step too, but not for long.
    """
    smooth = cv2.GaussianBlur(log_linear, (0, 0), _OUTLINE_PX)
    slopes = [cv2.Sobel(smooth, cv2.CV_32F, *axes, scale=1 / 8) for axes in ((1, 0), (0, 1))]
    return np.asarray(np.hypot(*slopes).max(axis=2), dtype=np.float32)


def _touching(mask: Mask, seed: Mask) -> Mask:
    """The pieces of a mask that hold a part of the seed."""
    labels, n = ndimage.label(mask)
    held = np.bincount(labels[seed], minlength=n + 1) > 0
    held[0] = False
    return np.asarray(held[labels])
