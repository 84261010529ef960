"""Find pigment dots: a one-scale difference of Gaussians on optical density, against decoys.

Distances in px of the array given. The scale comes from the photo itself: dots are dark, so the
scale is taken where the dark tail most outweighs the bright one, which skin relief does not do.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.arrays import Floats, Mask, Points, reduced, resized

_INNER, _OUTER = 0.85, 1.36
_LEAST_OD = 0.006
_ROUNDEST_RATIO = 3.2
_N_TILES, _TILE_PX = 9, 512
_FINEST_SIGMA = 1.7
SIGMA_PER_DIAMETER = 1 / 2.83


@dataclass(frozen=True)
class Dots:
    """Equal-length arrays (n,): position, diameter in px, contrast (1 - light / skin's light) as
    photographed, and confidence: the share of peaks like it that bright decoys do not explain.
    """

    x: Points
    y: Points
    diameter_px: Points
    contrast: Points
    confidence: Points

    def __len__(self) -> int:
        return len(self.x)

    @property
    def xy(self) -> Points:
        """Positions (n, 2)."""
        return np.stack([self.x, self.y], axis=1)

    def inside(self, mask: Mask) -> Mask:
        """Which dots (n,) have their centre in a mask."""
        rows = self.y.round().astype(int).clip(0, mask.shape[0] - 1)
        columns = self.x.round().astype(int).clip(0, mask.shape[1] - 1)
        return np.asarray(mask[rows, columns])

    def enlarged(self, times: float) -> Dots:
        """The dots in the pixels of a photo `times` as large."""
        return replace(
            self,
            x=(self.x + 0.5) * times - 0.5,
            y=(self.y + 0.5) * times - 0.5,
            diameter_px=self.diameter_px * times,
        )

    def only(self, kept: Mask) -> Dots:
        """Those of the dots that are marked (n,)."""
        return Dots(*(getattr(self, field.name)[kept] for field in fields(self)))


NO_DOTS = Dots(*(np.empty(0) for _ in range(5)))


def estimate_diameter(od: Floats, mask: Mask) -> float:
    """Typical dot diameter in px, 2-20; NaN where no scale has an outweighing dark tail."""
    sigmas = np.geomspace(0.7, 7.0, 14)
    od, mask = _tiles(od, mask)
    tails = np.array([_dark_excess(od, mask, sigma) for sigma in sigmas])
    best = int(np.argmax(tails))
    if tails[best] < _LEAST_OD:
        return float("nan")
    shift = 0.0
    if 0 < best < len(sigmas) - 1:
        left, middle, right = tails[best - 1 : best + 2]
        shift = 0.5 * (left - right) / min(left - 2 * middle + right, -1e-9)
    return float(sigmas[0] * (sigmas[1] / sigmas[0]) ** (best + shift) / SIGMA_PER_DIAMETER)


def detect(od: Floats, mask: Mask, diameter_px: float) -> Dots:
    """Dots of about the given diameter whose centres lie in the mask.

    Skin relief is as often bright as dark, dots are dark only: bright peaks of like strength and
    roundness are decoys that tell how many dark ones are skin (target-decoy estimate of the local
    false discovery rate, Elias & Gygi 2007, doi:10.1038/nmeth1019). Dots keep `confidence` above
    one half. Stubble is dark too: the decoys do not see it.
    """
    if not np.isfinite(diameter_px):
        return NO_DOTS
    # Large dots are found as well, and much faster, on a smaller photo.
    step = max(1, round(0.78 * diameter_px * SIGMA_PER_DIAMETER / _FINEST_SIGMA))
    small = resized(mask, (od.shape[1] // step, od.shape[0] // step))
    return _detect(reduced(od, step), small, diameter_px / step).enlarged(step)


def _detect(od: Floats, mask: Mask, diameter_px: float) -> Dots:
    response = _band(od, 0.78 * diameter_px * SIGMA_PER_DIAMETER)
    reach = 2 * max(1, round(0.42 * diameter_px)) + 1
    found, decoys = _Peaks.of(response, mask, reach), _Peaks.of(-response, mask, reach)
    confidence = 1 - _false_share(found.strength, decoys.strength)
    confidence *= _upper_share(found.strength)
    kept = (confidence > 0.5) & (found.strength > _LEAST_OD)
    rows, columns = found.rows[kept], found.columns[kept]
    return Dots(
        x=found.x[kept],
        y=found.y[kept],
        diameter_px=_diameters(od, rows, columns, diameter_px),
        contrast=_contrasts(od, rows, columns, diameter_px),
        confidence=confidence[kept],
    )


def spacing(dots: Dots) -> tuple[float, float]:
    """Median distance to the nearest neighbour and its standard error, px; NaN below 10 dots."""
    if len(dots) < 10:
        return float("nan"), float("nan")
    nearest = cKDTree(dots.xy).query(dots.xy, k=2)[0][:, 1]
    return float(np.median(nearest)), float(1.25 * nearest.std() / np.sqrt(len(nearest)))


def elongated_share(od: Floats, mask: Mask, diameter_px: float) -> float:
    """Share of the strongest dark peaks that are strokes, not dots: high after noise reduction."""
    response = _band(od, 0.78 * diameter_px * SIGMA_PER_DIAMETER)
    peaks = _Peaks.of(response, mask, 3, roundest=np.inf)
    if not len(peaks.strength):
        return 1.0
    strongest = peaks.strength > np.percentile(peaks.strength, 90) / 3
    return float(np.mean(peaks.ratio[strongest] > 2.2))


@dataclass(frozen=True)
class _Peaks:
    """Local maxima of a band: pixel, sub-pixel position, strength and ratio of curvatures."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    x: Points
    y: Points
    strength: Points
    ratio: Points

    @classmethod
    def of(
        cls, response: Floats, mask: Mask, reach: int, *, roundest: float = _ROUNDEST_RATIO
    ) -> _Peaks:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        peaks = (response >= cv2.dilate(response, kernel)) & (response > _LEAST_OD / 3) & mask
        peaks[:2], peaks[-2:], peaks[:, :2], peaks[:, -2:] = False, False, False, False
        rows, columns = np.nonzero(peaks)
        dx, dy, ratio = _refine(response, rows, columns)
        kept = (ratio > 0) & (ratio < roundest)
        rows, columns = rows[kept], columns[kept]
        return cls(
            rows,
            columns,
            columns + dx[kept],
            rows + dy[kept],
            response[rows, columns].astype(float),
            ratio[kept],
        )


def _band(od: Floats, sigma: float) -> Floats:
    """Difference of Gaussians about `sigma` px: peaks where a dot of that size is."""
    sigma = max(0.6, sigma)
    band = cv2.GaussianBlur(od, (0, 0), _INNER * sigma)
    return np.asarray(band - cv2.GaussianBlur(od, (0, 0), _OUTER * sigma), dtype=np.float32)


def _upper_share(strength: Points, rounds: int = 60) -> Points:
    """Probability (n,) to belong to the stronger of two log-normal kinds of peaks (by EM).

    Pigment dots of one scalp are alike; pores and relief are many and weaker.
    """
    if len(strength) < 20:
        return np.ones(len(strength))
    value = np.log(strength)
    mean, spread = np.percentile(value, [25, 90]), np.full(2, value.std() / 2)
    weight = np.array([0.5, 0.5])
    upper = np.zeros(len(value))
    for _ in range(rounds):
        density = weight * np.exp(-(((value[:, None] - mean) / spread) ** 2) / 2) / spread
        share = density / np.maximum(density.sum(axis=1, keepdims=True), 1e-300)
        upper = share[:, 1]
        total = share.sum(axis=0) + 1e-9
        weight, mean = total / len(value), (share * value[:, None]).sum(axis=0) / total
        variance = (share * (value[:, None] - mean) ** 2).sum(axis=0) / total
        spread = np.sqrt(np.maximum(variance, 0.05**2))
    # Far above both kinds the wider one would win again: stronger never means less likely.
    order = np.argsort(value)
    upper[order] = np.maximum.accumulate(upper[order])
    return upper


def _false_share(found: Points, decoys: Points) -> Points:
    """Share of peaks (n,) that decoys of like strength account for, falling in strength."""
    if not len(found):
        return np.empty(0)
    edges = np.geomspace(_LEAST_OD / 3, max(found.max(), _LEAST_OD) * 1.001, 41)
    dark, bright = (np.histogram(a, edges)[0].astype(float) for a in (found, decoys))
    smooth = np.array([0.25, 0.5, 0.25])
    dark, bright = np.convolve(dark, smooth, "same"), np.convolve(bright, smooth, "same")
    share = np.minimum((bright + 0.5) / (dark + 0.5), 1)
    falling = np.minimum.accumulate(share)
    centres = np.sqrt(edges[1:] * edges[:-1])
    return np.interp(np.log(found), np.log(centres), falling)


def _tiles(od: Floats, mask: Mask) -> tuple[Floats, Mask]:
    """Up to nine squares of a large photo, spread over the mask, side by side."""
    if od.size < 2 * _N_TILES * _TILE_PX**2:
        return od, mask
    rows, columns = np.nonzero(mask[::16, ::16])
    picked = []
    for at in np.linspace(0, len(rows) - 1, _N_TILES + 2)[1:-1].astype(int) if len(rows) else ():
        top = int(np.clip(rows[at] * 16 - _TILE_PX // 2, 0, od.shape[0] - _TILE_PX))
        left = int(np.clip(columns[at] * 16 - _TILE_PX // 2, 0, od.shape[1] - _TILE_PX))
        picked.append((slice(top, top + _TILE_PX), slice(left, left + _TILE_PX)))
    if not picked:
        return od, mask
    return np.hstack([od[p] for p in picked]), np.hstack([mask[p] for p in picked])


def _dark_excess(od: Floats, mask: Mask, sigma: float) -> float:
    """How far the dark tail of the band at `sigma` outweighs its bright one, optical density."""
    step = max(1, int(sigma / 2))
    small = reduced(od, step)
    inside = mask[::step, ::step][: small.shape[0], : small.shape[1]]
    band = _band(small, sigma / step)
    values = band[: inside.shape[0], : inside.shape[1]][inside]
    if len(values) < 1000:
        return 0.0
    low, high = np.percentile(values[:: max(1, len(values) // 200_000)], [3, 97])
    return float(high + low)


def _refine(
    response: Floats, r: NDArray[np.intp], c: NDArray[np.intp]
) -> tuple[Points, Points, Points]:
    """Sub-pixel offsets by a quadratic, and the ratio of curvatures (1 = round, <= 0 = no peak)."""
    at = {(i, j): response[r + i, c + j].astype(float) for i in (-1, 0, 1) for j in (-1, 0, 1)}
    gx, gy = (at[0, 1] - at[0, -1]) / 2, (at[1, 0] - at[-1, 0]) / 2
    xx = at[0, 1] - 2 * at[0, 0] + at[0, -1]
    yy = at[1, 0] - 2 * at[0, 0] + at[-1, 0]
    xy = (at[1, 1] - at[1, -1] - at[-1, 1] + at[-1, -1]) / 4
    determinant = xx * yy - xy * xy
    safe = np.where(np.abs(determinant) > 1e-12, determinant, 1e-12)
    dx = np.clip(-(yy * gx - xy * gy) / safe, -0.5, 0.5)
    dy = np.clip(-(xx * gy - xy * gx) / safe, -0.5, 0.5)
    half, root = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
    small = half + root
    ratio = np.where(small < -1e-9, (half - root) / np.minimum(small, -1e-9), 0.0)
    return dx, dy, ratio


def _diameters(
    od: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp], diameter_px: float
) -> Points:
    """Per-dot diameter from which of five scales answers most (parabola in log scale)."""
    sigmas = 0.78 * diameter_px * SIGMA_PER_DIAMETER * np.geomspace(0.6, 1.67, 5)
    answers = [_band(od, sigma)[rows, columns] for sigma in sigmas]
    stack = np.array(answers)
    if not stack.shape[1]:
        return np.empty(0)
    best = np.clip(stack.argmax(axis=0), 1, 3)
    index = np.arange(stack.shape[1])
    left, middle, right = (stack[best + k, index].astype(float) for k in (-1, 0, 1))
    shift = 0.5 * (left - right) / np.minimum(left - 2 * middle + right, -1e-9)
    growth = sigmas[1] / sigmas[0]
    sizes: Points = sigmas[0] * growth ** (best + np.clip(shift, -1, 1)) / SIGMA_PER_DIAMETER / 0.78
    return sizes


def _contrasts(
    od: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp], diameter_px: float
) -> Points:
    """1 - light at the centre over the light of the ring around it."""
    inner = max(1, round(0.15 * diameter_px)) * 2 + 1
    outer = (round(1.2 * diameter_px) + 1) * 2 + 1
    centre = cv2.blur(od, (inner, inner)) if inner > 1 else od
    around = cv2.blur(od, (outer, outer))
    share = (np.pi / 4) * diameter_px**2 / outer**2
    difference = (centre - around)[rows, columns].astype(float) / max(1 - share, 0.5)
    contrast: Points = 1 - 10**-difference
    return contrast
