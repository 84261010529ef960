"""Patches: connected places with too few or too pale dots, by a scan of many places and sizes.

Kulldorff 1997 (doi:10.1080/03610929708831995): the likelihood ratio of fewer dots in a window than
its surroundings' trend expects, the greatest over all windows judged against what chance gives.
Dots kept apart scatter less than Poisson's; ratio and chance both go by the pattern's own
irregularity, so random misses, which make it less regular, are no patches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import xlogy

from analysis.arrays import Floats, Mask, resized
from analysis.focus import LEAST_SHARP
from analysis.gumbel import Gumbel
from analysis.trend import CELLS_PER_WINDOW, Trend, blurred

# Radii of the discs that the windows average over as much skin as, in widths of a 6 mm window.
_RADII = (0.5, 0.7, 1.0, 1.4)
SPARSE, PALE = "sparse", "pale"
_N_SIMULATED = 99
# Leaves room for what the trend does not follow: 5 % is promised for both kinds together.
_RATE = 0.015
_MOST_LEFT = 0.8
_LEAST_COVER = 0.6
# Windows from the treated area's border, which is not found to the millimetre where dots thin out.
_FROM_BORDER = 1.5
# A patch that fills half of a small area passes for its trend, and chance for a patch.
_LEAST_JUDGED = 10  # windows
_TAKEN_BY_TREND = 1.0  # windows, of the smallest area judged
_LEAST_DISPERSION = 0.1
_LEAST_SIZE = 0.2  # of the smallest window
_LEAST_NEW = 0.5  # of a place, beside what was told already
_PRIOR_WINDOWS = 40
# Cells of the trend, each way, that make one here: windows are wider still, and scanned many times.
_TOGETHER = 2
_CELLS_PER_WINDOW = CELLS_PER_WINDOW / _TOGETHER**2
_SEED = 20_240_601


@dataclass(frozen=True)
class Patch:
    """A place (H', W') with fewer or paler dots, on cells `step_px` of the photo wide.

    `kind`: `SPARSE` or `PALE`. `relative_density`: dots found there over dots expected, and
    `n_expected`; both NaN where dots are not told apart. `relative_darkness`: of the dots there, or
    of the skin, over that expected; NaN where it is not known. `p_value`: the chance that an even
    scalp shows any such place.
    """

    kind: str
    cells: Mask
    relative_density: float
    relative_darkness: float
    p_value: float
    n_expected: float


@dataclass(frozen=True)
class Patches:
    """All patches; empty where none was found, `judged` (H', W') tells where one could have been.

    `step_px`: width of a cell in the photo. `least`: cells of the smallest place that would be told
    if half of its dots, or of their darkness, were gone.
    """

    found: tuple[Patch, ...]
    judged: Mask
    step_px: float
    least: float = 0.0

    def only(self, shown: Mask) -> Patches:
        """Those of which a part of the photo (H, W) holds enough."""
        cells = resized(shown.astype(np.float32), self.judged.shape[::-1])
        held = tuple(p for p in self.found if cells[p.cells].mean() > LEAST_SHARP)
        return replace(self, found=held)

    @property
    def share(self) -> tuple[float, float]:
        """`patchy_share` of the judged area, and its standard error.

        Three tenths of each patch's size, and half of the smallest that would be told: what can be
        overlooked. More can in a small area, whose trend takes much of a patch for its own. All as
        found on drawn photos.
        """
        total = float(self.judged.sum())
        if not total:
            return np.nan, np.nan
        sizes = np.array([p.cells.sum() for p in self.found], dtype=float)
        smallest_area = _LEAST_JUDGED * _CELLS_PER_WINDOW
        in_trend = _TAKEN_BY_TREND * _CELLS_PER_WINDOW * (smallest_area / total) ** 2
        error = np.linalg.norm([*0.3 * sizes, self.least / 2, in_trend])
        return float(sizes.sum()) / total, float(error) / total


NOT_JUDGED = Patches((), np.zeros((0, 0), dtype=bool), 1.0)


def find(density: Trend | None, darkness: Trend | None = None) -> Patches:
    """Patches by the trends of dots' counts and of their darkness, or of darkness alone; at most
    5 % of even scalps with any (family-wise).

    A place with too few dots is not told once more for being pale. How dark dots are scatters less
    than how many there are, and over the same windows: what chance makes of counts is the limit for
    both.
    """
    density, darkness = (t.coarser(_TOGETHER) if t else None for t in (density, darkness))
    main = density or darkness
    if main is None:
        return NOT_JUDGED
    scan = _Scan.of(main)
    if scan.judged.sum() < _LEAST_JUDGED * _CELLS_PER_WINDOW:
        return NOT_JUDGED
    chance = Gumbel.of(_simulated(main, scan))
    found = []
    taken = np.zeros_like(main.grid.used)
    limit = chance.limit(_RATE)
    if density is not None:
        found += [(SPARSE, *place) for place in _places(density, scan, chance, limit, taken)]
    if darkness is not None:
        pale = scan if density is None else _Scan.of(darkness)
        found += [(PALE, *place) for place in _places(darkness, pale, chance, limit, taken)]
    return Patches(
        tuple(
            Patch(
                kind,
                cells,
                _share(density, cells),
                _share(darkness, cells),
                p_value,
                float(density.expected[cells].sum()) if density else np.nan,
            )
            for kind, cells, p_value in found
        ),
        scan.judged,
        main.grid.step_px,
        scan.least(main.grid.counts, limit),
    )


def _share(trend: Trend | None, cells: Mask) -> float:
    """What is found in cells (H', W') over what is expected there."""
    if trend is None:
        return np.nan
    expected = float(trend.expected[cells].sum())
    return float(trend.grid.counts[cells].sum()) / expected if expected > 0 else np.nan


def _places(
    trend: Trend, scan: _Scan, chance: Gumbel, limit: float, taken: Mask
) -> Iterator[tuple[Mask, float]]:
    """Cells (H', W') and p-value of each place beyond the limit; `taken` (H', W') grows by them."""
    counts = trend.grid.counts
    deviance = scan.deviance(counts * trend.grid.used)
    labels, n = ndimage.label(deviance.max(axis=0) > limit)
    for number in range(1, n + 1):
        at = np.unravel_index(
            np.argmax(np.where(labels == number, deviance, -np.inf)), deviance.shape
        )
        place = int(at[1]), int(at[2])
        whole = scan.outline(int(at[0]), place, counts)
        cells = whole & ~taken
        if cells.sum() < max(
            _LEAST_SIZE * np.pi * _RADII[0] ** 2 * _CELLS_PER_WINDOW, _LEAST_NEW * whole.sum()
        ):
            continue
        taken |= cells
        yield cells, chance.p_value(float(deviance[at]))


@dataclass(frozen=True)
class _Scan:
    """What windows of every size (s, H', W') expect: `total` of the weights times dots expected,
    `effective` number of dots, `dispersion` of counts over Poisson's (H', W'). `judged`: where a
    patch may have its centre.
    """

    sigmas: tuple[float, ...]
    expected: Floats
    total: Floats
    effective: Floats
    dispersion: Floats
    cover: Floats
    used: Mask
    judged: Mask

    @classmethod
    def of(cls, trend: Trend) -> _Scan:
        grid = trend.grid
        sigmas = tuple(r / 2 * float(np.sqrt(_CELLS_PER_WINDOW)) for r in _RADII)
        exposed = (trend.expected * grid.used).astype(np.float32)
        total = np.stack([blurred(exposed, s) for s in sigmas])
        squares = np.stack([blurred(exposed, s, 2) for s in sigmas])
        dispersion = np.maximum(trend.irregularity, _LEAST_DISPERSION)
        cover = np.stack([blurred(grid.used.astype(np.float32), s) for s in sigmas])
        effective = (total**2 / np.maximum(squares, 1e-9)).astype(np.float32)
        judged = grid.used & (grid.from_border > _FROM_BORDER)
        return cls(sigmas, exposed, total, effective, dispersion, cover, grid.used, judged)

    def deviance(self, counts: Floats) -> Floats:
        """Signed root of the quasi-likelihood ratio of fewer dots (s, H', W'), less what the
        number of windows of that size in the area adds by itself (Walther 2010,
        doi:10.1214/09-AOS732); -inf where nothing is judged.
        """
        found = np.full_like(self.total, -np.inf)
        for i, (at, left, strength, many) in enumerate(self._against_chance(counts)):
            few = left < _MOST_LEFT
            found[i].ravel()[at[few]] = _root_of_ratio(left[few], strength[few]) - many
        return found

    def least(self, counts: Floats, limit: float) -> float:
        """Cells of the smallest window whose deviance would be beyond a limit with half of what is
        expected there, as most are; of the widest where none is.
        """
        half = np.full(1, 0.5, dtype=np.float32)
        shown = [
            _root_of_ratio(half, np.median(strength, keepdims=True)).item() - many > limit
            for _, _, strength, many in self._against_chance(counts)
        ]
        radius = _RADII[shown.index(True) if any(shown) else -1]
        return float(np.pi * radius**2 * _CELLS_PER_WINDOW)

    def _against_chance(
        self, counts: Floats
    ) -> Iterator[tuple[NDArray[np.intp], Floats, Floats, float]]:
        """Of each size the judged windows' places (n,), share of what is expected that is left,
        its weight against chance, and what the number of windows adds.
        """
        area = float(self.judged.sum())
        surplus = 1.0
        for sigma, (at, total, strength) in zip(self.sigmas, self._windows, strict=True):
            left = np.maximum(blurred(counts, sigma).ravel()[at] / total, 0)
            windows = area / (4 * np.pi * sigma**2)
            seen = _robust_variance((left - 1) * np.sqrt(strength))
            surplus = (windows * seen + _PRIOR_WINDOWS * surplus) / (windows + _PRIOR_WINDOWS)
            many = float(np.sqrt(2 * np.log(max(windows, np.e))))
            yield at, left, strength / np.float32(surplus), many

    @cached_property
    def _windows(self) -> list[tuple[NDArray[np.intp], Floats, Floats]]:
        """Of each size the judged windows' places (n,), weights times dots expected, and effective
        number of dots over dispersion.
        """
        parts = []
        for total, effective, cover in zip(self.total, self.effective, self.cover, strict=True):
            at = np.flatnonzero(self.judged & (cover > _LEAST_COVER))
            strength = effective.ravel()[at] / self.dispersion.ravel()[at]
            parts.append((at, np.maximum(total.ravel()[at], np.float32(1e-6)), strength))
        return parts

    def outline(self, size: int, at: tuple[int, int], counts: Floats) -> Mask:
        """Cells (H', W') around a window's centre with less than half of the dip that is there."""
        exposed = blurred(counts * self.used, self.sigmas[size])
        left = exposed / np.maximum(self.total[size], 1e-6)
        low = self.used & (left < (1 + left[at]) / 2)
        labels, _ = ndimage.label(low)
        return np.asarray(ndimage.binary_fill_holes(labels == labels[at]))


def _root_of_ratio(left: Floats, strength: Floats) -> Floats:
    """Root of the quasi-likelihood ratio of a share left of what is expected, of some weight."""
    ratio = 2 * strength * (xlogy(left, left) + 1 - left)
    return np.asarray(np.sqrt(np.maximum(ratio, 0)))


def _robust_variance(values: NDArray[np.floating]) -> float:
    """By the median of absolute values: some patches among many windows hardly show."""
    return float(1.4826 * np.median(np.abs(values))) ** 2 if len(values) else 1.0


def _simulated(trend: Trend, scan: _Scan) -> NDArray[np.float64]:
    """Greatest deviance (n,) of patterns without patches, strewn as irregularly as the photo's.

    Counts scatter as likely to more as to fewer, as those of dots kept apart do. The trend is
    fitted anew, to first order. The same photo gives the same patterns.
    """
    rng = np.random.default_rng(_SEED)
    scatter = np.sqrt(scan.expected * scan.dispersion)
    refit = _Refit.of(trend, scan)
    greatest = np.empty(_N_SIMULATED)
    for i in range(_N_SIMULATED):
        noise = rng.standard_normal(scatter.shape, dtype=np.float32)
        greatest[i] = scan.deviance(refit.without_trend(scan.expected + scatter * noise)).max()
    return np.maximum(greatest, 0)


@dataclass(frozen=True)
class _Refit:
    """One step of the trend's fit: `terms` (k, n) of the judged cells, dots `expected` there, and
    the `inverse` (k, k) of its information.
    """

    terms: Floats
    expected: Floats
    inverse: Floats
    used: Mask

    @classmethod
    def of(cls, trend: Trend, scan: _Scan) -> _Refit:
        terms = trend.terms[:, scan.used]
        expected = scan.expected[scan.used]
        rooted = terms * np.sqrt(expected)
        information = rooted @ rooted.T
        ridge = 1e-6 * np.trace(information) * np.eye(len(terms))
        return cls(terms, expected, np.linalg.inv(information + ridge), scan.used)

    def without_trend(self, counts: Floats) -> Floats:
        """Counts (H', W') less what a new fit would take for trend."""
        surplus = counts[self.used] - self.expected
        change = (self.inverse @ (self.terms @ surplus)) @ self.terms
        adjusted = np.zeros_like(counts)
        adjusted[self.used] = self.expected + surplus - self.expected * change
        return adjusted
