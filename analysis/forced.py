"""Light that dots take away at places told beforehand, all fitted at once: forced photometry.

Each dot is a disc blurred as the photo is; neighbours share their pixels' light. Whether a dot is
there is read from its flux and not from whether a detector fired.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import cg

from analysis.arrays import Floats, Points, disc, reduced

_FINE = 8  # samples per px of the profile
_REACH = 1.15  # of a dot's apparent size
_SKIN_FROM = 0.85  # of a dot's apparent size away from its centre
_SKIN_SIGMA = 1.5  # of a dot's apparent size
_FINEST_SIGMA = 3.0
_FAR_SHARE = np.float32(0.05)
_STRIP, _BEYOND = 60, 8  # apparent sizes
_ROUNDS, _MOST_OFF = 4, 4.0
_RIDGE, _TOLERANCE = 1e-3, 1e-4
_RADIAL_STEP, _RADIAL_SIGMA, _EDGE = 0.25, 0.4, 0.95  # px, px, of the reach


@dataclass(frozen=True)
class Profile:
    """A dot's mean picture: share of its flux per px2 at `distance_px`, all of it within reach."""

    distance_px: Points
    share: Points
    reach_px: int

    @classmethod
    def of(cls, disc_px: float, blur_px: float, size_px: float) -> Profile:
        """A disc of diameter `disc_px` under a Gaussian blur of sigma `blur_px`."""
        reach = int(np.ceil(_REACH * size_px))
        side = 2 * (reach + 3) * _FINE + 1
        at = (np.arange(side) - side // 2) / _FINE
        far = np.hypot(at[:, None], at[None, :])
        sharp = np.clip((disc_px / 2 - far) * _FINE + 0.5, 0, 1)
        pixel = 1 / 12  # a pixel's own variance along an axis
        soft = gaussian_filter(sharp, np.sqrt(blur_px**2 + pixel) * _FINE)
        soft *= _FINE**2 / soft.sum()
        half = side // 2
        return cls(at[half:], soft[half, half:], reach)

    def corrected(self, missed: Points) -> Profile:
        """The profile with what it misses of dots' mean picture, `missed` (h, h) of unit flux; at
        the reach's edge there is skin.
        """
        grid = np.arange(-self.reach_px, self.reach_px + 1)
        far = np.hypot(grid[:, None], grid[None, :]).ravel()
        at = np.arange(0, self.reach_px + _RADIAL_STEP / 2, _RADIAL_STEP)
        near = np.exp(-0.5 * ((at[:, None] - far) / _RADIAL_SIGMA) ** 2)
        rim = (far > _EDGE * self.reach_px) & (far <= self.reach_px)
        share = self(at) + near @ missed.ravel() / near.sum(axis=1) - missed.ravel()[rim].mean()
        return Profile(at, share / np.trapezoid(2 * np.pi * at * share, at), self.reach_px)

    def __call__(self, distance_px: Points) -> Points:
        """Share per px2 at some distances."""
        return np.interp(distance_px, self.distance_px, self.share, right=0.0)


@dataclass(frozen=True)
class Fit:
    """Flux (n,) at places `xy` (n, 2): light taken away times area, px2, relative to the skin
    around; `residual` (H, W): what the dots leave unexplained of it, per px2.
    """

    xy: Points
    flux: Points
    residual: Floats

    def flux_left(self, xy: Points, profile: Profile) -> Points:
        """Flux of a dot at each of some other places (n, 2), in what the others leave."""
        stamps = _stamps(self.residual.shape, xy, profile)
        square = np.asarray(stamps.multiply(stamps).sum(axis=0)).ravel()
        flux: Points = (stamps.T @ self.residual.ravel()) / np.maximum(square, 1e-12)
        return flux


def fit(light: Floats, xy: Points, profile: Profile, size_px: float) -> Fit:
    """Fluxes of dots at places (n, 2) of a photo's linear light (H, W), jointly with its skin."""
    stamps = _stamps(light.shape, xy, profile)
    normal = (stamps.T @ stamps).tocsr()
    normal.setdiag(normal.diagonal() * (1 + _RIDGE))
    taken = absorptance(light, xy, size_px)
    flux, residual = np.zeros(len(xy)), taken
    for turn in range(_ROUNDS):
        if turn:
            # What the dots leave, strong marks cut off, is skin that was not told well.
            most = _MOST_OFF * 1.48 * float(np.median(np.abs(residual[::3, ::3])))
            taken = taken - _smooth(np.clip(residual, -most, most), _SKIN_SIGMA * size_px)
        right = stamps.T @ taken.ravel().astype(float)
        flux = np.asarray(cg(normal, right, x0=flux, rtol=_TOLERANCE, maxiter=200)[0])
        residual = taken - (stamps @ flux).reshape(light.shape).astype(np.float32)
    return Fit(xy, flux, residual)


def fluxes(light: Floats, xy: Points, profile: Profile, size_px: float) -> Points:
    """Fluxes (n,) alone, as `fit` tells them, strip by strip: a large photo needs no more memory
    than a small one.
    """
    flux = np.zeros(len(xy))
    strip, beyond = (int(np.ceil(sizes * size_px)) for sizes in (_STRIP, _BEYOND))
    own = np.maximum(xy[:, 1], 0) // strip * strip
    for top in np.unique(own).astype(int):
        first, last = max(0, top - beyond), top + strip + beyond
        near = (xy[:, 1] >= first) & (xy[:, 1] < last) | (own == top)
        told = fit(light[first:last], xy[near] - (0, first), profile, size_px)
        flux[own == top] = told.flux[own[near] == top]
    return flux


def absorptance(light: Floats, xy: Points, size_px: float) -> Floats:
    """Share of the skin's light (H, W) that is missing; dots at `xy` (n, 2) are no skin."""
    return np.asarray(1 - light / _skin(light, xy, size_px), dtype=np.float32)


def _skin(light: Floats, xy: Points, size_px: float) -> Floats:
    """The light of the skin between the dots, carried smoothly over them (H, W)."""
    weight = _between(light.shape, xy, _SKIN_FROM * size_px)
    sigma = _SKIN_SIGMA * size_px
    times = _times(sigma)
    small = [reduced(part, times) for part in (weight * light, weight)]
    near = [np.asarray(cv2.GaussianBlur(p, (0, 0), sigma / times), np.float32) for p in small]
    # Where hardly any skin is near, what is farther off speaks.
    found, seen = (part + _FAR_SHARE * _smooth(part, 3 * sigma / times) for part in near)
    return _enlarged(np.asarray((found + 1e-9) / (seen + 1e-9), np.float32), light.shape)


def _between(shape: tuple[int, ...], xy: Points, radius_px: float) -> Floats:
    """1 beyond a radius around all places (n, 2), 0 within (H, W)."""
    y, x = np.nonzero(disc(radius_px))
    half = int(y.max()) // 2
    rim = 2 * half
    clear = np.ones((shape[0] + 2 * rim, shape[1] + 2 * rim), dtype=np.float32)
    at = np.clip(np.rint(xy).astype(int), -half, np.array(shape[::-1]) + half - 1) + rim - half
    clear[at[:, 1, None] + y, at[:, 0, None] + x] = 0
    return clear[rim : rim + shape[0], rim : rim + shape[1]]


def _smooth(image: Floats, sigma_px: float) -> Floats:
    """A wide Gaussian blur, worked out on a smaller image."""
    times = _times(sigma_px)
    small = cv2.GaussianBlur(reduced(image, times), (0, 0), sigma_px / times)
    return _enlarged(np.asarray(small), image.shape)


def _times(sigma_px: float) -> int:
    """How many times smaller an image may be that is blurred so much."""
    return max(1, int(sigma_px / _FINEST_SIGMA))


def _enlarged(image: Floats, shape: tuple[int, ...]) -> Floats:
    return np.asarray(cv2.resize(image, shape[::-1], interpolation=cv2.INTER_LINEAR))


def _stamps(shape: tuple[int, ...], xy: Points, profile: Profile) -> csr_matrix:
    """Each dot's picture of unit flux: a sparse matrix (H W, n)."""
    height, width = shape
    grid = np.arange(-profile.reach_px, profile.reach_px + 1)
    base = np.rint(xy).astype(int)
    x = base[:, 0, None, None] + grid[None, None, :]
    y = base[:, 1, None, None] + grid[None, :, None]
    share = profile(np.hypot(x - xy[:, 0, None, None], y - xy[:, 1, None, None]))
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height) & (share > 0)
    pixel = np.broadcast_to(y * width + x, inside.shape)[inside]
    dot: NDArray[np.int64] = np.broadcast_to(np.arange(len(xy))[:, None, None], inside.shape)
    return csr_matrix((share[inside], (pixel, dot[inside])), shape=(height * width, len(xy)))
