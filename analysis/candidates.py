"""Places that may be dots: dark peaks at a fine and a coarse scale, and what each looks like.

`size_px` is the dots' apparent diameter, blur included: the disc that a difference of Gaussians
answers alike. Positions in px of the optical density given. Looks are in units of that size, so
that the same network (`analysis.network`) judges dots of 3 and of 20 px.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from analysis.arrays import Floats, Mask, Points, at_places, disc

# A disc of diameter 1 answers most to the coarse band below at sigma 1 / 3.0155.
SIGMA_PER_SIZE = 1 / 3.0155
PATCH_SIDE = 13
_PATCH_STEP = 0.25  # of a dot's size
N_LOOKS = PATCH_SIDE**2 + 9
_EDGE_PX = 1
_STRIP_PX = 1_500_000
_LEAST_PEAK_OD = 0.001
_LEVEL_SIZES = 64

_AXIS = (np.arange(PATCH_SIDE) - (PATCH_SIDE - 1) / 2) * _PATCH_STEP
_PATCH_X, _PATCH_Y = (grid.ravel().astype(np.float32) for grid in np.meshgrid(_AXIS, _AXIS))
_FROM_CENTRE = np.hypot(_PATCH_X, _PATCH_Y)
_CENTRE, _RING = _FROM_CENTRE < 0.35, (_FROM_CENTRE > 1.0) & (_FROM_CENTRE < 1.6)


@dataclass(frozen=True)
class Peaks:
    """Dark peaks: position, strength at both scales (OD), what is typical around it, the ratio of
    curvatures (1 = round) and twice the angle of the long axis, rad; and the strengths that it is
    held against: those of its neighbourhood's `strong` dark peaks, and of its `bright` ones, which
    skin relief and noise make as often as dark ones. Equal-length arrays (n,).
    """

    x: Floats
    y: Floats
    fine: Floats
    fine_around: Floats
    coarse: Floats
    coarse_around: Floats
    elongation: Floats
    double_angle: Floats
    strong: Floats
    bright: Floats

    def __len__(self) -> int:
        return len(self.x)

    def only(self, kept: NDArray[np.bool_] | slice) -> Peaks:
        """Some of the peaks."""
        return Peaks(*(getattr(self, field.name)[kept] for field in fields(self)))

    def inside(self, mask: Mask) -> Peaks:
        """Those in a mask."""
        return self.only(at_places(mask, self.x, self.y))


def find(od: Floats, size_px: float) -> Peaks:
    """All peaks of a map (H, W), strip by strip to spare memory."""
    margin = int(6 * size_px) + 8
    height = max(4 * margin, _STRIP_PX // od.shape[1])
    found, decoys = [], []
    for top in range(0, len(od), height):
        bottom = min(top + height, len(od))
        first, last = max(0, top - margin), min(len(od), bottom + margin)
        own = np.zeros((last - first, od.shape[1]), dtype=bool)
        own[top - first : bottom - first] = True
        peaks, bright = _in_strip(od[first:last], own, size_px, first)
        found.append(peaks)
        decoys.append(bright)
    joined = Peaks(*(np.concatenate([getattr(p, f.name) for p in found]) for f in fields(Peaks)))
    side = _LEVEL_SIZES * size_px
    xy = np.stack([joined.x, joined.y])
    x, y, strength = np.concatenate(decoys, axis=1)
    return replace(
        joined,
        strong=_levels_at(xy, xy, joined.coarse, side, od.shape),
        bright=_levels_at(xy, np.stack([x, y]), strength, side, od.shape),
    )


def looks(od: Floats, peaks: Peaks, size_px: float) -> tuple[Floats, Floats]:
    """What the network sees of each peak (n, N_LOOKS), and its contrast over its ring (n,), OD."""
    patch = _patches(od, peaks.x, peaks.y, size_px)
    ring = patch[:, _RING]
    contrast = patch[:, _CENTRE].mean(axis=1)
    depth = np.sqrt((patch**2).mean(axis=1)) + 0.004
    scalars = [
        np.log(_positive(peaks.coarse) / peaks.bright),
        np.log(peaks.strong / peaks.bright),
        np.log(np.maximum(contrast, 1e-3)),
        np.log(_positive(peaks.coarse) / peaks.strong),
        np.log(depth),
        np.log(_positive(peaks.fine) / _positive(peaks.fine_around)),
        np.log(_positive(peaks.coarse) / _positive(peaks.coarse_around)),
        np.full(len(peaks), np.log(size_px)),
        ring.std(axis=1) / depth,
    ]
    seen = np.concatenate([patch / depth[:, None], np.stack(scalars, axis=1)], axis=1)
    return seen.astype(np.float32), contrast


def contrast(od: Floats, xy: Points, size_px: float) -> Floats:
    """Contrast (n,) of what lies at places (n, 2) over its ring, OD."""
    x, y = xy.astype(np.float32).T
    patch = _patches(od, x, y, size_px)
    return np.asarray(patch[:, _CENTRE].mean(axis=1))


def _in_strip(od: Floats, mask: Mask, size_px: float, top: int) -> tuple[Peaks, Floats]:
    sigma = size_px * SIGMA_PER_SIZE
    fine = _band(od, max(0.45, 0.55 * sigma), 1.25 * max(sigma, 0.9))
    coarse = _band(od, max(0.6, 0.85 * sigma), max(1.2, 1.36 * sigma))
    box = (2 * int(3.5 * size_px) + 1,) * 2
    around = cv2.blur(np.abs(fine), box)
    sharp = _maxima(fine, 0.3 * size_px, mask) & (fine > 0.5 * around + _LEAST_PEAK_OD)
    blunt = _maxima(coarse, 0.42 * size_px, mask) & (coarse > _LEAST_PEAK_OD)
    blunt &= ~_grown(sharp, 0.35 * size_px)
    rows, columns = np.nonzero(_maxima(-coarse, 0.42 * size_px, mask))
    bright = np.stack([columns, rows + top, -coarse[rows, columns]]).astype(np.float32)
    (r1, c1), (r2, c2) = np.nonzero(sharp), np.nonzero(blunt)
    r, c = np.concatenate([r1, r2]), np.concatenate([c1, c2])
    dx, dy = (
        np.concatenate(pair)
        for pair in zip(_refined(fine, r1, c1), _refined(coarse, r2, c2), strict=True)
    )
    elongation, double_angle = _elongation(coarse, r, c)
    unknown = np.full(len(r), np.nan, dtype=np.float32)
    peaks = Peaks(
        x=(c + dx).astype(np.float32),
        y=(r + dy + top).astype(np.float32),
        fine=fine[r, c],
        fine_around=around[r, c],
        coarse=coarse[r, c],
        coarse_around=cv2.blur(np.abs(coarse), box)[r, c],
        elongation=elongation,
        double_angle=double_angle,
        strong=unknown,
        bright=unknown,
    )
    return peaks, bright[:, bright[2] > _LEAST_PEAK_OD / 2]


def _band(od: Floats, inner: float, outer: float) -> Floats:
    """Difference of Gaussians: peaks where a dark mark of that size is."""
    sharp = cv2.GaussianBlur(od, (0, 0), inner)
    return np.asarray(sharp - cv2.GaussianBlur(od, (0, 0), outer), dtype=np.float32)


def _grown(mask: Mask, radius: float) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc(radius)) > 0)


def _maxima(band: Floats, radius: float, mask: Mask) -> Mask:
    peaks = (band >= cv2.dilate(band, disc(radius))) & mask
    peaks[:_EDGE_PX], peaks[-_EDGE_PX:] = False, False
    peaks[:, :_EDGE_PX], peaks[:, -_EDGE_PX:] = False, False
    return np.asarray(peaks)


def _refined(
    band: Floats, r: NDArray[np.intp], c: NDArray[np.intp]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Sub-pixel offsets x, y (n,) by a parabola along each axis."""
    here, offsets = band[r, c], []
    for before, after in ((band[r, c - 1], band[r, c + 1]), (band[r - 1, c], band[r + 1, c])):
        bend = np.minimum(before - 2 * here + after, -1e-6)
        offsets.append(np.clip((before - after) / (2 * bend), -0.5, 0.5))
    return offsets[0], offsets[1]


def _elongation(band: Floats, r: NDArray[np.intp], c: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Ratio of principal curvatures (n,): 1 = round, at most 9; 9 where it is no peak. Twice the
    angle of the axis along which it bends least (n,), rad.
    """
    xx = band[r, c + 1] - 2 * band[r, c] + band[r, c - 1]
    yy = band[r + 1, c] - 2 * band[r, c] + band[r - 1, c]
    xy = (band[r + 1, c + 1] - band[r + 1, c - 1] - band[r - 1, c + 1] + band[r - 1, c - 1]) / 4
    half, root = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
    flat = half + root
    ratio = np.where(flat < -1e-9, (half - root) / np.minimum(flat, -1e-9), 9)
    angle = np.arctan2(2 * xy, xx - yy)
    return np.clip(ratio, 1, 9).astype(np.float32), angle.astype(np.float32)


def _patches(od: Floats, x: Floats, y: Floats, size_px: float) -> Floats:
    """Surroundings (n, PATCH_SIDE squared) of places (n,), three and a quarter sizes wide, over
    their rings.
    """
    x = x[:, None] + np.float32(size_px) * _PATCH_X
    y = y[:, None] + np.float32(size_px) * _PATCH_Y
    # OpenCV reads its coordinates from at most 32,766 rows: callers pass fewer places at a time.
    patch = cv2.remap(od, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ring = patch[:, _RING]
    # What np.median does, without its search for NaN.
    middle = ring.shape[1] // 2 - 1, ring.shape[1] // 2
    ground = np.partition(ring, middle, axis=1)[:, middle].mean(axis=1, keepdims=True)
    return np.asarray(patch - ground, dtype=np.float32)


def _levels_at(
    at: Floats, of: Floats, strength: Floats, side: float, shape: tuple[int, ...]
) -> Floats:
    """The 95th percentile of strengths (n,) of peaks at `of` (2, n), on tiles of about a side,
    interpolated at other places (2, m): a small treated area has its own level in a wide frame.
    """
    cells = [max(1, round(length / side)) for length in shape[::-1]]
    lengths = np.array(shape[::-1], dtype=np.float32)[:, None]
    places = np.array(cells)[:, None] / lengths
    column, row = (of * places).astype(np.intp)
    tile = row * cells[0] + column
    order = np.argsort(tile, kind="stable")
    ends = np.cumsum(np.bincount(tile, minlength=cells[0] * cells[1]))
    levels = [_upper(part) for part in np.split(strength[order], ends[:-1])]
    table = np.log(np.reshape(levels, cells[::-1]))
    x, y = (at + 0.5) * places - 0.5
    found = ndimage.map_coordinates(table, [y, x], order=1, mode="nearest")
    return np.asarray(np.exp(found), dtype=np.float32)


def _upper(strengths: Floats) -> float:
    """The 95th percentile, never below the least peak."""
    if len(strengths) < 20:
        return _LEAST_PEAK_OD
    return max(float(np.percentile(strengths, 95)), _LEAST_PEAK_OD)


def _positive(values: Floats) -> Floats:
    return np.maximum(values, np.float32(1e-4))
