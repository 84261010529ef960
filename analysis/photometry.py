"""Pigment in units that blur leaves alone, and the photo's blur, from the dots themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import least_squares, minimize_scalar

from analysis.arrays import Floats, Mask, Points, reduced, squares_over
from analysis.dots import Dots
from analysis.forced import Profile, fit

_STACKED = 600
_OVERSAMPLING = 4
_SQUARES, _SQUARE_SIZES, _BLURS = 4, 26, (0.9, 1.9)
_FITTED_PX = 5.0  # dots of twice that size and more are fitted on a smaller picture


@dataclass(frozen=True)
class MeanDot:
    """The typical dot's fit, px and linear light: blur sigma, radius without blur, depth of the
    disc relative to the skin around it. `stretch`: blur's length over its width; `halo`: the bright
    ring that sharpening leaves, as a share of the dot's own depth in the picture.
    """

    sigma_px: float
    radius_px: float
    depth: float
    stretch: float
    halo: float


def mean_dot(light: Floats, dots: Dots, diameter_px: float) -> MeanDot:
    """Fit a disc blurred by a Gaussian to the mean picture of the most confident dots.

    NaN below 50 dots. Phone sharpening narrows the picture: the blur is that of the photo as
    sharpened.
    """
    if len(dots) < 50:
        return MeanDot(*(np.nan,) * 5)
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
    sigma, radius, depth = (float(v) for v in fit.x[:3])
    return MeanDot(sigma, radius, depth, _stretch(picture, sigma, diameter_px), _halo(picture))


def _stretch(picture: Points, sigma_px: float, diameter_px: float) -> float:
    """Blur's length over its width: second moments under a Gaussian window, which is taken out."""
    half, window = picture.shape[0] // 2, max(0.7 * diameter_px, 1.5)
    y, x = np.indices(picture.shape) - half
    weight = np.exp(-(x * x + y * y) / (2 * window**2)) * (1 - picture)
    xx, xy, yy = (float(np.sum(weight * m) / weight.sum()) for m in (x * x, x * y, y * y))
    low, high = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
    if not 0 < low <= high < window**2:
        return 1.0
    longer = (1 / (1 / high - 1 / window**2) - 1 / (1 / low - 1 / window**2)) / 2
    return float(np.sqrt((sigma_px**2 + longer) / max(sigma_px**2 - longer, 0.1)))


def _halo(picture: Points) -> float:
    """How far the brightest ring rises over the picture's border, over how far the dot dips."""
    half = picture.shape[0] // 2
    y, x = np.indices(picture.shape) - half
    ring = np.rint(np.hypot(x, y)).astype(int).ravel()
    profile = np.bincount(ring, picture.ravel()) / np.bincount(ring)
    profile = profile[: half + 1]
    return float((profile.max() - profile[-1]) / max(profile[-1] - profile[0], 1e-6))


def absorptances(light: Floats, xy: Points, where: Mask, mean: MeanDot, size_px: float) -> Points:
    """Light that each dot (n,) at `xy` (n, 2) takes away times area, px2; NaN where the blur cannot
    be told in a mask (H, W).

    Dots and the skin between them are fitted at once, as crowded stars are (Stetson
    1987, doi:10.1086/131977): the mean picture's border lies among neighbours and is no skin. The
    blur is that which leaves least unexplained on some squares.
    """
    times = int(size_px / _FITTED_PX)
    if times > 1:
        whole = tuple(slice(side // times * times) for side in light.shape)
        smaller = replace(mean, sigma_px=mean.sigma_px / times, radius_px=mean.radius_px / times)
        return times**2 * absorptances(
            reduced(light[whole], times), (xy + 0.5) / times - 0.5, reduced(where[whole], times),
            smaller, size_px / times,
        )  # fmt: skip
    squares = [
        (light[window], xy - (window[1].start, window[0].start), where[window])
        for window in squares_over(where, round(_SQUARE_SIZES * size_px), _SQUARES)
    ]
    if not squares or not np.isfinite(mean.sigma_px):
        return np.full(len(xy), np.nan)

    def unexplained(sigma: float) -> float:
        profile = Profile.of(2 * mean.radius_px, sigma, size_px)
        left = 0.0
        for part, places, inside in squares:
            near = _within(places, part.shape, size_px)
            found = fit(part, places[near], profile, size_px)
            left += float(np.square(found.residual[inside]).sum())
        return left

    low, high = (times * mean.sigma_px for times in _BLURS)
    best = minimize_scalar(
        unexplained, bounds=(low, high), method="bounded",
        options={"xatol": 0.3 * mean.sigma_px},
    )  # fmt: skip
    profile = Profile.of(2 * mean.radius_px, float(best.x), size_px)
    return fit(light, xy, profile, size_px).flux


def _within(xy: Points, shape: tuple[int, ...], beyond_px: float) -> Mask:
    """Which places (n,) lie in a picture (H, W) or at most so far beyond its edge."""
    limits = np.array(shape[::-1]) + beyond_px
    return np.asarray(((xy > -beyond_px) & (xy < limits)).all(axis=1))


def pigment_error(mean: MeanDot) -> float:
    """Relative standard error, as found against drawn photos: 3 %, and as much as sharpening's
    halos are deep.
    """
    return 0.03 + max(0.0, mean.halo)


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
