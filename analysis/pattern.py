"""The dots as a point pattern: how evenly they lie, and where there are clearly fewer.

Dots are counted on a small grid and compared with what a smooth trend expects there: density over
expectation is 1 where they lie as planned.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import ndtri

from analysis.arrays import Floats, Mask, Points, resized

# A Gaussian of this sigma averages over as much skin as a square of side 1: 1 / sqrt(4 pi).
SIGMA_PER_WINDOW = 0.2821
_SIGMA = 3.0  # cells
_FINE_SIGMA = 1.5  # cells
_CELLS_PER_WINDOW = (_SIGMA / SIGMA_PER_WINDOW) ** 2
_LEAST_DOTS = 150
_LEAST_WINDOWS = 16
_LEAST_COVER = 0.7
_WINDOWS_ACROSS_A_HEAD = 13
_EDGE, _RAMP = 0.5, 2.0  # windows
# The rim beyond a slant of 50 degrees, as a share of a head's half width: 1 - sin(50 deg).
_RIM_SHARE = 0.23
_ROUNDS = 4
_AROUND = 2.0  # windows
_FAMILY_RATE = 0.05
_THIN_SIGMAS = 3.0
_LEAST_THIN = 0.25  # windows
_Z95 = 1.96


@dataclass(frozen=True)
class Evenness:
    """`value` (1 = even) with its `stderr`; NaN where too little skin could be judged.

    `density` (H', W'): local density over expectation, NaN where it is not judged; `thin` (H', W'):
    places with clearly fewer dots. A cell of both is `step_px` of the photo wide.
    """

    value: float
    stderr: float
    density: Floats
    thin: Mask
    step_px: float


NOT_JUDGED = Evenness(
    np.nan, np.nan, np.empty((0, 0), np.float32), np.zeros((0, 0), dtype=bool), 1.0
)


def evenness(
    xy: Points, treated: Mask, skin: Mask, window_px: float, shine: Mask | None = None
) -> Evenness:
    """`density_uniformity`: 1 minus the relative spread of dot density in windows of `window_px`.

    Spread beyond sampling, foreshortening and smooth design. Sampling: the variance that dots
    strewn like these leave in a window, measured where windows are half as wide - for a filtered
    point pattern it goes as the intensity times the squared kernel (Campbell's theorem; Illian et
    al. 2008, Statistical Analysis of Spatial Point Patterns, ch. 4). Dots kept apart have less of
    it than Poisson's, random misses bring it back. Foreshortening and design: see `_trend`.
    `xy` (n, 2) in px; masks (H, W).
    """
    if len(xy) < _LEAST_DOTS or not window_px > 0:
        return NOT_JUDGED
    grid = _Grid.of(xy, treated, skin, window_px * SIGMA_PER_WINDOW / _SIGMA, shine)
    if grid.used.sum() < _LEAST_WINDOWS * _CELLS_PER_WINDOW:
        return NOT_JUDGED
    expected, n_free = _trend(grid)
    density, noise = _relative(grid, expected)
    value, stderr = _spread(density[grid.used], noise[grid.used], n_free)
    shown = np.where(grid.used, density, np.nan).astype(np.float32)
    return Evenness(value, stderr, shown, _thin(shown, noise, grid.used), grid.step_px)


@dataclass(frozen=True)
class _Grid:
    """Maps (H', W') on cells a third of the window's sigma wide: dots counted, share treated,
    windows from the border of the treated area (photo edges and shine are none), cells judged.
    """

    counts: Floats
    treated: Floats
    from_border: Floats
    used: Mask
    step_px: float

    @classmethod
    def of(cls, xy: Points, treated: Mask, skin: Mask, step_px: float, shine: Mask | None) -> _Grid:
        shape = (int(treated.shape[0] / step_px), int(treated.shape[1] / step_px))
        inside = _on_grid(treated, shape, step_px)
        counts = _counted(xy, shape, step_px)
        whole = inside if shine is None else np.maximum(inside, _on_grid(shine, shape, step_px))
        border = _distance(ndimage.binary_fill_holes(whole > 0.5)) / np.sqrt(_CELLS_PER_WINDOW)
        cover = _blurred(inside, _SIGMA)
        used = (inside > 0.5) & (cover > _LEAST_COVER) & (border > _EDGE)
        used &= ~_rim(_on_grid(skin, shape, step_px) > 0.5)
        return cls(counts, inside, border.astype(np.float32), used, step_px)


def _counted(xy: Points, shape: tuple[int, int], step_px: float) -> Floats:
    """Dots in each cell (H', W')."""
    rows, columns = ((xy[:, axis] + 0.5) / step_px for axis in (1, 0))
    edges = [np.arange(n + 1) for n in shape]
    return np.histogram2d(rows, columns, edges)[0].astype(np.float32)


def _on_grid(mask: Mask, shape: tuple[int, int], step_px: float) -> Floats:
    """Share of each cell (H', W') that a mask covers."""
    whole_cells = mask[: round(shape[0] * step_px), : round(shape[1] * step_px)]
    share = resized(whole_cells.astype(np.uint8) * np.uint8(255), (shape[1], shape[0]))
    return np.asarray(share, dtype=np.float32) / np.float32(255)


def _distance(mask: Mask) -> Points:
    """Cells to the nearest one outside the mask; beyond the photo's edge nothing is outside."""
    if mask.all():
        return np.full(mask.shape, np.inf)
    return np.asarray(ndimage.distance_transform_edt(mask))


def _rim(skin: Mask) -> Mask:
    """Where a head turns away by more than about 50 degrees, if its outline is in the photo."""
    inward = _distance(np.asarray(ndimage.binary_fill_holes(skin)))
    return inward < _RIM_SHARE * inward.max() if np.isfinite(inward.max()) else ~skin


def _blurred(image: Floats, sigma: float, power: int = 1) -> Floats:
    """Sum over a Gaussian kernel, or over its squares; zeros beyond the edge."""
    return _filtered(image, _kernel(sigma) ** power)


def _kernel(sigma: float) -> NDArray[np.float64]:
    return np.asarray(cv2.getGaussianKernel(2 * int(np.ceil(4 * _SIGMA)) + 1, sigma))


def _filtered(image: Floats, kernel: NDArray[np.float64]) -> Floats:
    filtered = cv2.sepFilter2D(image, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(filtered, dtype=np.float32)


def _trend(grid: _Grid) -> tuple[Floats, int]:
    """Dots expected in each cell (H', W'), and the number of free terms of the fit.

    Log-linear Poisson regression on a polynomial: quadratic, quartic where a whole head's curve
    has to be followed; along the border of the treated area density may ramp over two windows.
    Places whose density lies far off weigh less, or a hole would bend the trend towards it.
    """
    terms = _terms(grid)
    fitted = grid.used
    exposure = (grid.treated * fitted).astype(np.float32)
    weight = np.ones_like(exposure)
    expected = grid.treated
    for _ in range(_ROUNDS):
        coefficients = _poisson(
            terms[:, fitted], (grid.counts * fitted)[fitted], exposure[fitted], weight[fitted]
        )
        log_density = np.tensordot(coefficients, terms, axes=1)
        most = log_density[fitted].max()
        expected = (grid.treated * np.exp(np.minimum(log_density, most))).astype(np.float32)
        density, noise = _relative(grid, expected)
        weight = (1 / (1 + (density - 1) ** 2 / (6 * np.maximum(noise, 1e-4)))).astype(np.float32)
    return expected, len(terms)


def _terms(grid: _Grid) -> NDArray[np.float64]:
    """The trend's terms (k, H', W')."""
    rows, columns = np.nonzero(grid.used)
    centre = np.array([rows.mean(), columns.mean()])
    extent = max(np.ptp(rows), np.ptp(columns)) / 2
    y, x = np.indices(grid.used.shape) - centre[:, None, None]
    y, x = y / extent, x / extent
    across = np.sqrt(grid.used.sum() / _CELLS_PER_WINDOW)
    degree = 4 if across > _WINDOWS_ACROSS_A_HEAD else 2
    terms = [x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)]
    ramp = np.maximum(0, 1 - grid.from_border / _RAMP)
    if (ramp[grid.used] > 0).any():
        terms += [ramp, ramp**2]
    return np.array(terms)


def _poisson(
    terms: NDArray[np.float64], counts: Floats, exposure: Floats, weight: Floats
) -> NDArray[np.float64]:
    """Maximum-likelihood coefficients (k,) of log density, by Newton's steps."""
    start = np.log(max(float((weight * counts).sum() / (weight * exposure).sum()), 1e-9))
    coefficients = np.zeros(len(terms))
    coefficients[0] = start
    for _ in range(8):
        mean = exposure * np.exp(np.clip(coefficients @ terms, start - 4, start + 4))
        gradient = terms @ (weight * (counts - mean))
        hessian = (terms * (weight * mean)) @ terms.T
        coefficients = coefficients + np.linalg.solve(
            hessian + 1e-6 * np.trace(hessian) * np.eye(len(terms)), gradient
        )
    return coefficients


def _relative(grid: _Grid, expected: Floats) -> tuple[Floats, Floats]:
    """Local density over expectation, and the variance that sampling leaves in it (H', W')."""
    total = np.maximum(_blurred(expected, _SIGMA), 1e-6)
    density = np.asarray(_blurred(grid.counts * (grid.treated > 0), _SIGMA) / total, np.float32)
    noise = _irregularity(grid, expected) * _blurred(expected, _SIGMA, 2) / total**2
    return density, noise.astype(np.float32)


def _irregularity(grid: _Grid, expected: Floats) -> Floats:
    """Variance of counts over that of Poisson's (H', W'), from waves about as long as the window is
    wide, averaged over some windows around: dots thinned out are strewn less regularly.
    """
    fine, wide = _kernel(_FINE_SIGMA), _kernel(_SIGMA)
    surplus = grid.counts * (grid.treated > 0) - expected
    band = _filtered(surplus, fine) - _filtered(surplus, wide)
    poisson = (
        _filtered(expected, fine**2)
        + _filtered(expected, wide**2)
        - 2 * _filtered(expected, fine * wide)
    )
    around = _AROUND * _SIGMA / SIGMA_PER_WINDOW
    found, chance = (
        cv2.GaussianBlur(part * grid.used, (0, 0), around, borderType=cv2.BORDER_CONSTANT)
        for part in (band**2, poisson)
    )
    return np.asarray(found / np.maximum(chance, 1e-9), dtype=np.float32)


def _spread(density: Floats, noise: Floats, n_free: int) -> tuple[float, float]:
    """Value and standard error.

    The error is that of sampling: a Gaussian field's mean square over the area, and of its product
    with the unevenness. Half the 95 % interval of the variance, seen through the root.
    """
    windows = len(density) / _CELLS_PER_WINDOW
    share = 1 - n_free / windows
    sampling = float(noise.mean()) / float(density.mean()) ** 2
    total = float(np.mean((density / density.mean() - 1) ** 2))
    variance = max(total / share - sampling, 0.0)
    error = np.sqrt(
        (sampling**2 + 4 * sampling * variance) / windows
        + 2 * (_FINE_SIGMA / _SIGMA) ** 2 * sampling**2 / windows
    )
    root = np.sqrt(variance)
    low, high = (np.sqrt(max(variance + s * _Z95 * error, 0.0)) for s in (-1, 1))
    return 1 - float(root), float(max(root - low, high - root)) / _Z95


def _thin(density: Floats, noise: Floats, used: Mask) -> Mask:
    """Places three sigmas of sampling below expectation, if anywhere as far below as hardly ever
    happens by chance on the whole area.
    """
    deviation = np.where(used, (np.nan_to_num(density, nan=1) - 1) / np.sqrt(noise + 1e-12), 0)
    windows = used.sum() / _CELLS_PER_WINDOW
    seed = max(_THIN_SIGMAS, float(-ndtri(_FAMILY_RATE / (10 * windows))))
    thin = ndimage.binary_propagation(deviation < -seed, mask=deviation < -_THIN_SIGMAS)
    labels, _ = ndimage.label(thin)
    large = np.bincount(labels.ravel()) > _LEAST_THIN * _CELLS_PER_WINDOW
    large[0] = False
    return np.asarray(large[labels])
