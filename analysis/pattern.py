"""The dots as a point pattern: how evenly they lie, with a map of their relative density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.trend import CELLS_PER_WINDOW, FINE_SIGMA, SIGMA, Trend

_Z95 = 1.96
_ON_RAMP = 0.07  # as found on drawn photos


@dataclass(frozen=True)
class Evenness:
    """`value` (1 = even) with its `stderr`; NaN where too little skin could be judged.

    `density` (H', W'): local density over expectation, NaN where it is not judged. Its cells are
    `step_px` of the photo wide.
    """

    value: float
    stderr: float
    density: Floats
    step_px: float


NOT_JUDGED = Evenness(np.nan, np.nan, np.empty((0, 0), np.float32), 1.0)


def evenness(trend: Trend | None) -> Evenness:
    """`density_uniformity`: 1 minus the relative spread of dot density in the trend's windows.

    Spread beyond sampling, foreshortening and smooth design. Sampling: the variance that dots
    strewn like these leave in a window, measured where windows are half as wide - for a filtered
    point pattern it goes as the intensity times the squared kernel (Campbell's theorem; Illian et
    al. 2008, Statistical Analysis of Spatial Point Patterns, ch. 4). Dots kept apart have less of
    it than Poisson's, random misses bring it back. Foreshortening and design are the trend's.
    """
    if trend is None:
        return NOT_JUDGED
    used = trend.grid.used
    value, sampling = _spread(trend.density[used], trend.noise[used], trend.n_free)
    # A design that thins out towards its border is followed by a ramp from where that is found.
    stderr = float(np.hypot(sampling, _ON_RAMP * trend.grid.on_ramp[used].mean()))
    shown = np.where(used, trend.density, np.nan).astype(np.float32)
    return Evenness(value, stderr, shown, trend.grid.step_px)


def _spread(density: Floats, noise: Floats, n_free: int) -> tuple[float, float]:
    """Value and standard error.

    The error is that of sampling: a Gaussian field's mean square over the area, and of its product
    with the unevenness. Half the 95 % interval of the variance, seen through the root.
    """
    windows = len(density) / CELLS_PER_WINDOW
    share = 1 - n_free / windows
    sampling = float(noise.mean()) / float(density.mean()) ** 2
    total = float(np.mean((density / density.mean() - 1) ** 2))
    variance = max(total / share - sampling, 0.0)
    error = np.sqrt(
        (sampling**2 + 4 * sampling * variance) / windows
        + 2 * (FINE_SIGMA / SIGMA) ** 2 * sampling**2 / windows
    )
    root = np.sqrt(variance)
    low, high = (np.sqrt(max(variance + s * _Z95 * error, 0.0)) for s in (-1, 1))
    return 1 - float(root), float(max(root - low, high - root)) / _Z95
