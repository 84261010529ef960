"""Pigment in units that blur leaves alone, and the photo's blur, from the dots themselves."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import least_squares

from analysis.arrays import Floats, Mask, Points, at_places, binned, squares_over
from analysis.dots import Dots
from analysis.forced import Profile, fit, fluxes

_STACKED = 600
_OVERSAMPLING = 4
_SQUARES, _SQUARE_SIZES, _TURNS = 4, 26, 2
_WIDER, _PALED, _USUAL_HALO = 1.1, 0.97, 0.08
_ANOTHER_BLUR_PX = 0.4
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


@dataclass(frozen=True)
class FittedDots:
    """Dots and the skin between them, fitted at once: the typical dot's radius, px of the disc that
    light sees, sigma of the blur, and the light that each dot (n,) takes away times area, px2.
    `halo` as in `MeanDot`. NaN where there is nothing to fit.
    """

    radius_px: float
    sigma_px: float
    flux_px2: Points
    halo: float

    @property
    def diameter(self) -> tuple[float, float]:
        """Diameter and its standard error, px, as found against photos of two drawn cameras.

        A dot's edge is soft, and where it takes half of the light lies outside of where it holds
        half of its pigment; blur of another shape than a Gaussian's passes for a wider dot, the
        more, the wider it is against the dot: by some tenths of a px even where it fits as narrow.
        """
        value = 2 * self.radius_px / _WIDER
        share = 0.055 + 0.08 * (self.sigma_px / self.radius_px) ** 2
        return value, float(np.hypot(value * share, _ANOTHER_BLUR_PX))

    def absorptance_px2(self, which: Mask) -> tuple[float, float]:
        """Light that a dot takes away times area, px2: mean of some (n,) and its standard error, as
        found against photos of two drawn cameras.

        What the surface sends back pales all dots, the tone curve darkens them: both are taken at
        their mean, and what they differ by is the error. Halos of strong sharpening add
        to it.
        """
        value = (float(self.flux_px2[which].mean()) if which.any() else np.nan) / _PALED
        return value, value * float(np.hypot(0.045, 2 * max(0.0, self.halo - _USUAL_HALO)))


def fitted(light: Floats, xy: Points, where: Mask, mean: MeanDot, size_px: float) -> FittedDots:
    """Fit all dots (n, 2) of a photo's linear light (H, W); how they look is told in a mask (H, W).

    As crowded stars are (Stetson 1987, doi:10.1086/131977): the mean picture's border lies among
    neighbours and is no skin. How a dot looks is told by what dots leave unexplained on some
    squares, their neighbours taken away (effective profile: Anderson & King 2000,
    doi:10.1086/316632), beginning with the mean dot.
    """
    times = _times(size_px)
    light, where = binned(light, times), binned(where, times)
    xy, size_px = (xy + 0.5) / times - 0.5, size_px / times
    squares = [
        (light[window], xy - (window[1].start, window[0].start), where[window])
        for window in squares_over(where, round(_SQUARE_SIZES * size_px), _SQUARES)
    ]
    radius, sigma = mean.radius_px / times, mean.sigma_px / times
    not_fitted = FittedDots(np.nan, np.nan, np.full(len(xy), np.nan), np.nan)
    if not squares or not np.isfinite(sigma):
        return not_fitted
    for _ in range(_TURNS):
        profile = Profile.of(2 * radius, sigma, size_px)
        looks = [_looks(part, at, inside, profile, size_px) for part, at, inside in squares]
        picture, scatter = _trimmed(np.concatenate(looks))
        if not np.isfinite(picture).all():
            return not_fitted
        radius, sigma = _disc_and_blur(picture, scatter, radius, sigma, size_px)
    # All dots, not the squares' own: at a hairline they are fewer and paler from place to place.
    flux = fluxes(light, xy, Profile.of(2 * radius, sigma, size_px), size_px)
    return FittedDots(times * radius, times * sigma, times**2 * flux, mean.halo)


def _times(size_px: float) -> int:
    """How many times smaller a picture may be whose dots are fitted."""
    return max(1, int(size_px / _FITTED_PX))


def _looks(part: Floats, xy: Points, inside: Mask, profile: Profile, size_px: float) -> Points:
    """Pictures (n, h, h) of a square's dots without their neighbours, each of unit flux."""
    near = _within(xy, part.shape, size_px)
    found = fit(part, xy[near], profile, size_px)
    reach = profile.reach_px
    side = (2 * reach + 1, 2 * reach + 1)
    whole = _within(xy[near], part.shape, -reach - 1) & at_places(inside, *xy[near].T)
    typical = float(np.median(found.flux[whole])) if whole.any() else 0.0
    chosen = np.flatnonzero(whole & (found.flux > 0.5 * typical) & (found.flux < 2 * typical))
    left = [
        cv2.getRectSubPix(found.residual, side, (float(x), float(y))) / flux
        for (x, y), flux in zip(xy[near][chosen], found.flux[chosen], strict=True)
    ]
    grid = np.arange(-reach, reach + 1)
    return np.reshape(left, (-1, *side)) + profile(np.hypot(grid[:, None], grid[None, :]))


def _disc_and_blur(
    picture: Points, scatter: float, radius: float, sigma: float, size_px: float
) -> tuple[float, float]:
    """Radius and blur of the disc that looks like a picture of unit flux."""
    half = picture.shape[0] // 2
    grid = np.arange(-half, half + 1)
    near = np.hypot(grid[:, None], grid[None, :]) <= half

    def misfit(p: Points) -> Points:
        disc, blur, flux, base = p
        model = flux / (np.pi * disc**2) * _blurred_disc(half, disc, blur) + base
        return np.asarray((model - picture)[near] / scatter)

    low, high = [0.3, 0.15, 0.5, -0.05], [1.5 * size_px, 2.0 * size_px, 1.5, 0.05]
    start = np.clip([radius, sigma, 1.0, 0.0], low, high)
    found = least_squares(misfit, start, bounds=(low, high), diff_step=0.02, max_nfev=40)
    return float(found.x[0]), float(found.x[1])


def _within(xy: Points, shape: tuple[int, ...], beyond_px: float) -> Mask:
    """Which places (n,) lie in a picture (H, W) or at most so far beyond its edge."""
    limits = np.array(shape[::-1]) + beyond_px
    return np.asarray(((xy > -beyond_px) & (xy < limits)).all(axis=1))


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
    return _trimmed(patches / np.median(ring, axis=1)[:, None, None])


def _trimmed(pictures: Points) -> tuple[Points, float]:
    """Trimmed mean (h, h) of pictures (n, h, h), and its standard error; NaN of none."""
    if not len(pictures):
        return np.full(pictures.shape[1:], np.nan), float("nan")
    low, high = np.percentile(pictures, [10, 90], axis=0)
    mean = np.mean(np.clip(pictures, low, high), axis=0)
    return mean, float(pictures.std(axis=0).mean() / np.sqrt(len(pictures)))


def _blurred_disc(radius: int, disc: float, sigma: float) -> Points:
    """A disc of radius `disc` px blurred by `sigma`, averaged over the pixels of a square."""
    size = (2 * radius + 1) * _OVERSAMPLING
    axis = (np.arange(size) + 0.5) / _OVERSAMPLING - 0.5 - radius
    distance = np.hypot(axis[:, None], axis[None, :])
    sharp = np.clip((disc - distance) * _OVERSAMPLING + 0.5, 0, 1)
    soft = gaussian_filter(sharp, sigma * _OVERSAMPLING, mode="constant")
    mean: Points = soft.reshape(2 * radius + 1, _OVERSAMPLING, -1, _OVERSAMPLING).mean(axis=(1, 3))
    return mean
