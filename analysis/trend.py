"""Dots counted on a small grid, and what a smooth trend expects there.

The trend is the design and the pose: density that rises across the head, ramps along the border,
gathers where the skin turns away. What is left is sampling, or unevenness.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from analysis.arrays import Floats, Mask, Points, binned, resized

# A Gaussian of this sigma averages over as much skin as a square of side 1: 1 / sqrt(4 pi).
SIGMA_PER_WINDOW = 0.2821
SIGMA = 3.0  # cells
FINE_SIGMA = 1.5  # cells
CELLS_PER_WINDOW = (SIGMA / SIGMA_PER_WINDOW) ** 2
_LEAST_DOTS = 150
_LEAST_WINDOWS = 16
_LEAST_COVER = 0.7
_WINDOWS_ACROSS_A_HEAD, _WINDOWS_ACROSS_A_CURVE = 13.0, 7.5
_EDGE, _RAMP = 0.5, 2.0  # windows
# The rim beyond a slant of 50 degrees, as a share of a head's half width: 1 - sin(50 deg).
_RIM_SHARE = 0.23
_ROUNDS = 2  # of each of two fits
_TOGETHER = 3  # cells each way
_AROUND = 2.0  # windows
_MOST_LONGER = 1.22
_SETTLED = 1e-3  # natural log of density


@dataclass(frozen=True)
class Trend:
    """Maps (H', W') on the grid's cells: dots `expected` by the trend; `density`, local density
    over that; `noise`, the variance that sampling leaves in it; `irregularity`, see there.
    `terms` (k, H', W') of the fit.
    """

    grid: Grid
    expected: Floats
    density: Floats
    noise: Floats
    irregularity: Floats
    terms: Floats

    @property
    def weight(self) -> Floats:
        """How much cells (H', W') tell of the trend: less where density lies far off."""
        off = (self.density - 1) ** 2 / (6 * np.maximum(self.noise, 1e-4))
        return np.asarray(1 / (1 + off), dtype=np.float32)

    @property
    def n_free(self) -> int:
        """Number of the fit's free terms."""
        return len(self.terms)

    def coarser(self, times: int) -> Trend:
        """On cells so many times wider."""
        return Trend(
            self.grid.coarser(times),
            _summed(self.expected, times),
            binned(self.density, times),
            binned(self.noise, times),
            binned(self.irregularity, times),
            np.array([binned(term, times) for term in self.terms]),
        )


def gridded(
    xy: Points, treated: Mask, skin: Mask, window_px: float, shine: Mask | None = None
) -> Grid | None:
    """Dots (n, 2), px, counted in a treated area; masks (H, W). None where there are too few."""
    if len(xy) < _LEAST_DOTS or not window_px > 0:
        return None
    return Grid.of(xy, treated, skin, window_px * SIGMA_PER_WINDOW / SIGMA, shine)


def fit(grid: Grid | None, *, curved: bool = False) -> Trend | None:
    """Fit what is expected in each cell; None where there is too little skin to tell a trend from
    unevenness.

    A polynomial, quadratic, quartic where a head's curve has to be followed, and a ramp over two
    windows along the border of the treated area. A quartic by itself bends into a wide hole: what
    lies far off is told by a quadratic first. `curved`: to follow the curve of a close-up too, as a
    whole head's always is.
    """
    if grid is None or grid.used.sum() < _LEAST_WINDOWS * CELLS_PER_WINDOW:
        return None
    rough = _fitted(grid, _polynomial(grid, 2), np.ones_like(grid.treated))
    return _fitted(grid, terms(grid, curved=curved), rough.weight)


@dataclass(frozen=True)
class Grid:
    """Maps (H', W') on cells a third of the window's sigma wide: dots counted, share treated,
    windows from the border of the treated area (photo edges and shine are none), cells judged.
    """

    counts: Floats
    treated: Floats
    from_border: Floats
    used: Mask
    step_px: float

    @classmethod
    def of(cls, xy: Points, treated: Mask, skin: Mask, step_px: float, shine: Mask | None) -> Grid:
        shape = (int(treated.shape[0] / step_px), int(treated.shape[1] / step_px))
        inside = _on_grid(treated, shape, step_px)
        counts = counted(xy, shape, step_px)
        whole = inside if shine is None else np.maximum(inside, _on_grid(shine, shape, step_px))
        border = _distance(ndimage.binary_fill_holes(whole > 0.5)) / np.sqrt(CELLS_PER_WINDOW)
        cover = blurred(inside, SIGMA)
        used = (inside > 0.5) & (cover > _LEAST_COVER) & (border > _EDGE)
        used &= ~_rim(_on_grid(skin, shape, step_px) > 0.5)
        return cls(counts, inside, border.astype(np.float32), used, step_px)

    @property
    def on_ramp(self) -> Mask:
        """Cells (H', W') so near to the border that density may still rise there."""
        return np.asarray(self.from_border < _RAMP)

    def coarser(self, times: int) -> Grid:
        """On cells so many times wider."""
        treated, from_border = (binned(image, times) for image in (self.treated, self.from_border))
        counts, used = _summed(self.counts, times), binned(self.used, times)
        return Grid(counts, treated, from_border, used, self.step_px * times)

    def faced(self, xy: Points, elongation: Points) -> Grid:
        """Without the cells of skin that turns away, where dots (n, 2), px, are missed: there they
        are much longer than where the photo sees them roundest.

        At 1.22 times, by drawn photos, skin turns away by about 45 degrees.
        """
        n, total = (
            blurred(counted(xy, self.counts.shape, self.step_px, weight), 2 * SIGMA)
            for weight in (None, np.log(elongation))
        )
        local = total / np.maximum(n, 1e-6)
        judged = local[self.used]
        rounder = float(np.quantile(judged, 0.25)) if len(judged) else 0.0
        return replace(self, used=self.used & (local - rounder < np.log(_MOST_LONGER)))


def counted(
    xy: Points, shape: tuple[int, ...], step_px: float, weight: Points | None = None
) -> Floats:
    """Dots in each cell (H', W'), each counted as its weight (n,)."""
    rows, columns = ((xy[:, axis] + 0.5) / step_px for axis in (1, 0))
    edges = [np.arange(n + 1) for n in shape]
    return np.histogram2d(rows, columns, edges, weights=weight)[0].astype(np.float32)


def _summed(image: Floats, times: int) -> Floats:
    return binned(image, times) * np.float32(times**2)


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


def blurred(image: Floats, sigma: float, power: int = 1) -> Floats:
    """Sum over a Gaussian kernel, or over its squares; zeros beyond the edge."""
    return _filtered(image, _kernel(sigma) ** power)


def _enlarged(image: Floats, shape: tuple[int, ...], times: int) -> Floats:
    """A map of bins (h, w) on the cells (H', W') that they were made of, linear between them."""
    whole = (image.shape[1] * times, image.shape[0] * times)
    fine = cv2.resize(image, whole, interpolation=cv2.INTER_LINEAR)
    over = [(0, side - there) for side, there in zip(shape, fine.shape, strict=True)]
    return np.pad(fine, over, mode="edge")


def _kernel(sigma: float, within: float = 0) -> NDArray[np.float64]:
    """As long as that of a wider sigma `within`."""
    half = int(np.ceil(4 * max(sigma, within)))
    return np.asarray(cv2.getGaussianKernel(2 * half + 1, sigma))


def _filtered(image: Floats, kernel: NDArray[np.float64]) -> Floats:
    filtered = cv2.sepFilter2D(image, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(filtered, dtype=np.float32)


def _fitted(grid: Grid, shapes: Floats, weight: Floats) -> Trend:
    """Dots expected in each cell by terms (k, H', W'), and what follows; `weight` (H', W') of cells
    to start with.

    Log-linear Poisson regression. Places whose density lies far off weigh less, or a hole would
    bend the trend towards it.
    """
    fitted = grid.used
    exposure = (grid.treated * fitted).astype(np.float32)
    counts = (grid.counts * fitted).astype(np.float32)
    # Terms hardly change from a cell to the next: some together tell as much.
    together = [binned(shape, _TOGETHER).ravel() for shape in shapes]
    anywhere = binned(exposure, _TOGETHER).ravel() > 0
    inside = np.array(together, dtype=float)[:, anywhere]
    coefficients = None
    for _ in range(_ROUNDS):
        n, seen = (binned(weight * part, _TOGETHER).ravel() for part in (counts, exposure))
        coefficients = _poisson(inside, n[anywhere], seen[anywhere], coefficients)
        log_density = np.tensordot(coefficients.astype(np.float32), shapes, axes=1)
        most = log_density[fitted].max()
        expected = (grid.treated * np.exp(np.minimum(log_density, most))).astype(np.float32)
        found = Trend(grid, expected, *relative(grid, expected), shapes)
        weight = found.weight
    return found


def terms(grid: Grid, *, curved: bool) -> Floats:
    """The trend's terms (k, H', W'), see `fit`."""
    across = np.sqrt(grid.used.sum() / CELLS_PER_WINDOW)
    least = _WINDOWS_ACROSS_A_CURVE if curved else _WINDOWS_ACROSS_A_HEAD
    return _polynomial(grid, 4 if across > least else 2)


def _polynomial(grid: Grid, degree: int) -> Floats:
    """Terms (k, H', W') of a degree, and of the ramp along the border."""
    rows, columns = np.nonzero(grid.used)
    centre = np.array([rows.mean(), columns.mean()])
    extent = max(np.ptp(rows), np.ptp(columns)) / 2
    y, x = ((np.indices(grid.used.shape) - centre[:, None, None]) / extent).astype(np.float32)
    powers = [(np.ones_like(x), np.ones_like(y))]
    for _ in range(degree):
        powers.append((powers[-1][0] * x, powers[-1][1] * y))
    shapes = [powers[i][0] * powers[j][1] for i in range(degree + 1) for j in range(degree + 1 - i)]
    ramp = np.maximum(0, 1 - grid.from_border / _RAMP)
    if (ramp[grid.used] > 0).any():
        shapes += [ramp, ramp * ramp]
    return np.array(shapes, dtype=np.float32)


def _poisson(terms: Points, counts: Floats, exposure: Floats, near: Points | None = None) -> Points:
    """Maximum-likelihood coefficients (k,) of log density, by Newton's steps from `near`: terms
    (k, n), counts and exposure (n,).
    """
    start = np.log(max(float(counts.sum() / exposure.sum()), 1e-9))
    coefficients = np.r_[start, np.zeros(len(terms) - 1)] if near is None else near
    for _ in range(8):
        mean = exposure * np.exp(np.clip(coefficients @ terms, start - 4, start + 4))
        gradient = terms @ (counts - mean)
        # As a product with itself, which is ten times as quick.
        rooted = terms * np.sqrt(mean)
        hessian = rooted @ rooted.T
        step = np.linalg.solve(hessian + 1e-6 * np.trace(hessian) * np.eye(len(terms)), gradient)
        coefficients = coefficients + step
        if np.abs(step).max() < _SETTLED:
            break
    return coefficients


def relative(grid: Grid, expected: Floats) -> tuple[Floats, Floats, Floats]:
    """Local density over expectation, the variance that sampling leaves in it, and the dots'
    irregularity (H', W').
    """
    total = np.maximum(blurred(expected, SIGMA), 1e-6)
    density = np.asarray(blurred(grid.counts * (grid.treated > 0), SIGMA) / total, np.float32)
    irregular = _irregularity(grid, expected)
    noise = np.asarray(irregular * blurred(expected, SIGMA, 2) / (total * total), np.float32)
    return density, noise, irregular


def _irregularity(grid: Grid, expected: Floats) -> Floats:
    """Variance of counts over that of Poisson's (H', W'), from waves about as long as the window is
    wide, averaged over some windows around: dots thinned out are strewn less regularly.
    """
    fine, wide = _kernel(FINE_SIGMA, SIGMA), _kernel(SIGMA)
    surplus = grid.counts * (grid.treated > 0) - expected
    band = _filtered(surplus, fine) - _filtered(surplus, wide)
    poisson = (
        _filtered(expected, fine**2)
        + _filtered(expected, wide**2)
        - 2 * _filtered(expected, fine * wide)
    )
    around = _AROUND * SIGMA / SIGMA_PER_WINDOW / _TOGETHER
    found, chance = (
        blurred(binned(np.asarray(part * grid.used, np.float32), _TOGETHER), around)
        for part in (band * band, poisson)
    )
    ratio = np.asarray(found / np.maximum(chance, np.float32(1e-9)), np.float32)
    return _enlarged(ratio, band.shape, _TOGETHER)
