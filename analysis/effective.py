"""All the light that a photo's dots take, whatever its lens and sharpening make of their picture.

No photo's dots look quite like a blurred disc. So what such a profile leaves of them on the average
is added to it (effective profile: Anderson & King 2000, doi:10.1086/316632), and some dots are
fitted once more: all are off by the same share.
"""

from __future__ import annotations

import cv2
import numpy as np

from analysis.arrays import Floats, Mask, Points
from analysis.forced import Fit, Profile, fit
from analysis.plate import Plate

_APERTURE = 0.9  # of a dot's apparent size
_MOST_STACKED, _MOST_FITTED = 1200, 1500
_BEYOND = 8  # apparent sizes


def whole_over(fitted: Fit, which: Mask, plate: Plate, profile: Profile) -> float:
    """Light that some of the dots (n,) take, over what was `fitted` of them with a profile; 1 where
    too few of them lie in the frame.
    """
    which = which & (fitted.flux > 0)
    if not which.any():
        return 1.0
    typical = float(fitted.flux[which].mean())
    missed = _mean_picture(fitted.residual, fitted.xy[which], profile.reach_px)
    if missed is None:
        return 1.0
    y = fitted.xy[:, 1]
    first, last = _band(y[which])
    beyond = int(np.ceil(_BEYOND * plate.size_px))
    top = max(0, first - beyond)
    near = (y >= top) & (y < last + beyond)
    again = fit(
        plate.light[top : last + beyond],
        fitted.xy[near] - (0, top),
        profile.corrected(missed / typical),
        plate.size_px,
    )
    told = (which & (y >= first) & (y <= last))[near]
    spilled = _within(
        _mean_picture(again.residual, again.xy[told], profile.reach_px),
        _APERTURE * plate.size_px,
    )
    return (float(again.flux[told].mean()) + spilled) / float(fitted.flux[near][told].mean())


def _band(y: Points) -> tuple[int, int]:
    """Rows, first and last, of at most `_MOST_FITTED` places in the middle."""
    spare = max(0.0, 0.5 - 0.5 * _MOST_FITTED / len(y))
    first, last = np.quantile(y, [spare, 1 - spare])
    return int(np.floor(first)), int(np.ceil(last))


def _mean_picture(residual: Floats, xy: Points, reach_px: int) -> Points | None:
    """Trimmed mean (h, h) of what is left around places (n, 2), or None of none in the frame."""
    height, width = residual.shape
    x, y = xy.T
    inside = np.min([x, y, width - 1 - x, height - 1 - y], axis=0) > reach_px + 1
    chosen = xy[inside][:: max(1, int(inside.sum()) // _MOST_STACKED)]
    if not len(chosen):
        return None
    side = (2 * reach_px + 1, 2 * reach_px + 1)
    looks = [cv2.getRectSubPix(residual, side, (float(x), float(y))) for x, y in chosen]
    low, high = np.percentile(looks, [3, 97], axis=0)
    return np.asarray(np.clip(looks, low, high).mean(axis=0), dtype=np.float64)


def _within(picture: Points | None, radius_px: float) -> float:
    """Sum of a picture (h, h) within a radius of its middle; 0 of none."""
    if picture is None:
        return 0.0
    grid = np.arange(len(picture)) - len(picture) // 2
    return float(picture[np.hypot(grid[:, None], grid[None, :]) <= radius_px].sum())
