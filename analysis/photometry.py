"""Pigment in units that blur leaves alone, and the photo's blur, from the dots themselves."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import least_squares

from analysis.arrays import Floats, Points
from analysis.dots import Dots
from analysis.tone import Estimate

_STACKED = 600
_OVERSAMPLING = 4


@dataclass(frozen=True)
class MeanDot:
    """The typical dot's fit, px and linear light: blur sigma, radius without blur, depth of the
    disc relative to the skin around it.
    """

    sigma_px: float
    radius_px: float
    depth: float

    @property
    def absorptance_px2(self) -> float:
        """Light the dot takes away times area, which blur conserves."""
        return float(self.depth * np.pi * self.radius_px**2)


def mean_dot(light: Floats, dots: Dots, diameter_px: float) -> MeanDot:
    """Fit a disc blurred by a Gaussian to the mean picture of the most confident dots.

    NaN below 50 dots. Phone sharpening narrows the picture: the blur is that of the photo as
    sharpened.
    """
    if len(dots) < 50:
        return MeanDot(np.nan, np.nan, np.nan)
    picture, scatter = _mean_picture(light, dots, diameter_px)
    half = picture.shape[0] // 2

    def misfit(p: Points) -> Points:
        sigma, disc, depth, base = p
        model = base * (1 - depth * _blurred_disc(half, disc, sigma))
        weighted: Points = ((model - picture) / scatter).ravel()
        return weighted

    start = np.array([0.25 * diameter_px, 0.45 * diameter_px, 0.3, 1.0])
    low, high = [0.15, 0.3, 0.0, 0.5], [2.0 * diameter_px, 1.5 * diameter_px, 1.5, 1.5]
    fit = least_squares(misfit, start, bounds=(low, high), diff_step=0.02, max_nfev=40)
    return MeanDot(*(float(v) for v in fit.x[:3]))


def pigment_per_area(mean: MeanDot, n_dots: int, area_px: float) -> Estimate:
    """`pigment_per_area`: the dots' integrated absorptance over the skin's area (1, linear light).

    Relative standard error 10 %: as found against drawn photos over the blur that dot level allows.
    """
    value = n_dots * mean.absorptance_px2 / area_px
    return value, 0.1 * value


def _mean_picture(light: Floats, dots: Dots, diameter_px: float) -> tuple[Points, float]:
    """Trimmed mean of the best dots' surroundings over their own ring's light."""
    half = int(np.ceil(1.1 * diameter_px)) + 1
    size = 2 * half + 1
    best = np.argsort(-dots.confidence, kind="stable")[: 4 * _STACKED]
    inside = (
        (dots.x[best] > half)
        & (dots.x[best] < light.shape[1] - half - 1)
        & (dots.y[best] > half)
        & (dots.y[best] < light.shape[0] - half - 1)
    )
    best = best[inside][:: max(1, int(inside.sum()) // _STACKED)]
    patches = np.array(
        [cv2.getRectSubPix(light, (size, size), (dots.x[i], dots.y[i])) for i in best]
    )
    ring = np.concatenate([patches[:, 0], patches[:, -1], patches[:, :, 0], patches[:, :, -1]], 1)
    patches = patches / np.median(ring, axis=1)[:, None, None]
    low, high = np.percentile(patches, [10, 90], axis=0)
    mean = np.mean(np.clip(patches, low, high), axis=0)
    return mean, float(patches.std(axis=0).mean() / np.sqrt(len(patches)))


def _blurred_disc(radius: int, disc: float, sigma: float) -> Points:
    """A disc of radius `disc` px blurred by `sigma`, averaged over the pixels of a square."""
    size = (2 * radius + 1) * _OVERSAMPLING
    axis = (np.arange(size) + 0.5) / _OVERSAMPLING - 0.5 - radius
    distance = np.hypot(axis[:, None], axis[None, :])
    sharp = np.clip((disc - distance) * _OVERSAMPLING + 0.5, 0, 1)
    soft = gaussian_filter(sharp, sigma * _OVERSAMPLING, mode="constant")
    mean: Points = soft.reshape(2 * radius + 1, _OVERSAMPLING, -1, _OVERSAMPLING).mean(axis=(1, 3))
    return mean
