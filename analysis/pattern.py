"""The dots as a point pattern: how evenly they lie."""

from __future__ import annotations

import cv2
import numpy as np

from analysis.arrays import Floats, Mask, Points, resized
from analysis.tone import NOT_MEASURED, Estimate

_SMOOTHING_SPACINGS = 2.5
_SPLITS = 8


def density_uniformity(xy: Points, region: Mask, spacing_px: float) -> Estimate:
    """`density_uniformity`: 1 = perfectly even; 1 minus the relative spread of local dot density.

    Local density is a Gaussian average over 2.5 spacings, divided by the region's own, less a
    quadratic trend (design gradient, foreshortening). Dots are dealt at random to two halves: only
    what both halves show is counted, so that chance clumping of few dots is not read as unevenness
    (the covariance of independently thinned halves estimates the variance of the intensity).
    Standard error from leaving out quarters of the region's rows and columns.
    """
    if len(xy) < 150 or not np.isfinite(spacing_px):
        return NOT_MEASURED
    step = max(1.0, spacing_px / 2)
    shape = (int(region.shape[0] / step) + 1, int(region.shape[1] / step) + 1)
    inside = resized(region.astype(np.float32), (shape[1], shape[0]))
    sigma = _SMOOTHING_SPACINGS * spacing_px / step
    blurred = cv2.GaussianBlur(inside, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    cover = np.asarray(blurred, dtype=np.float32)
    used = (inside > 0.5) & (cover > 0.9)
    if used.sum() < 200:
        return NOT_MEASURED
    rng = np.random.default_rng(0)
    products = np.mean(
        [_shared_deviation(xy, step, shape, sigma, cover, used, rng) for _ in range(_SPLITS)],
        axis=0,
    )
    value = 1 - float(np.sqrt(max(float(products.mean()), 0.0)))
    rows, columns = np.nonzero(used)
    blocks = 4 * (rows * 4 // shape[0]) + columns * 4 // shape[1]
    left_out = np.array(
        [1 - np.sqrt(max(products[blocks != b].mean(), 0.0)) for b in np.unique(blocks)]
    )
    n = len(left_out)
    stderr = float(np.sqrt((n - 1) / n * np.sum((left_out - left_out.mean()) ** 2)))
    return value, max(stderr, 0.005)


def _shared_deviation(
    xy: Points,
    step: float,
    shape: tuple[int, int],
    sigma: float,
    cover: Floats,
    used: Mask,
    rng: np.random.Generator,
) -> Points:
    """Product of two half patterns' relative deviations from their trends, at each used place."""
    first = rng.random(len(xy)) < 0.5
    deviations = []
    for half in (xy[first], xy[~first]):
        counts = np.zeros(shape, dtype=np.float32)
        at = (half / step).astype(int)
        np.add.at(counts, (at[:, 1].clip(0, shape[0] - 1), at[:, 0].clip(0, shape[1] - 1)), 1)
        smooth = cv2.GaussianBlur(counts, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        density = (smooth / np.maximum(cover, 1e-6))[used]
        deviations.append(density / _trend(density, used) - 1)
    product: Points = deviations[0] * deviations[1]
    return product


def _trend(density: Points, used: Mask) -> Points:
    rows, columns = np.nonzero(used)
    y, x = rows / used.shape[0] - 0.5, columns / used.shape[1] - 0.5
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    fitted = design @ np.linalg.lstsq(design, density, rcond=None)[0]
    return np.asarray(np.maximum(fitted, 0.2 * density.mean()))
