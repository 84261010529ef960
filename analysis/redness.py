"""Where treated skin is redder: a map of the redness index, redder spots, redness around dots."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy import ndimage

from analysis import colour, haemoglobin
from analysis.arrays import Floats, Mask, Points, reduced, resized
from analysis.skin_hue import SkinHue
from analysis.tone import NOT_MEASURED, Estimate

_CELLS_ACROSS = 40  # of the photo's longer side
_SOFT = 1.2  # cells
_LEAST_COVER, _LEAST_CELLS = 0.6, 40
# What a spot is redder by than its surroundings, at least: a third of a mild erythema, and more
# than skin's own blotches make anywhere in a photo.
_LEAST_SPOT, _SIGMAS = 2.5, 5.0
_ROUNDS, _FAR_OFF = 3, 3.0
# From a dot's centre, in apparent diameters: beyond its own picture, and where skin is bare.
_NEAR, _BARE = (0.8, 1.1), 1.5
_BLOCKS, _LEAST_OF_BLOCK = 5, 30
_LEAST_AROUND, _SURE = 1.2, 3.0  # fresh pigment, itself warm, makes up to 0.7


@dataclass(frozen=True)
class Spot:
    """A place (H', W') redder than the treated skin around it, by so much at its peak."""

    cells: Mask
    excess: float


@dataclass(frozen=True)
class RednessMap:
    """`index` (H', W'): redness index of each cell, 100 log10(R/G), NaN where no treated skin is
    judged; `stderr` of a cell against the others, by how cells of even skin scatter. Cells are
    `step_px` of half the photo wide. `around`: how much redder skin is beside dots than between
    them, NaN where that is not told. `reading` (2,): see `haemoglobin.weights`.
    """

    index: Floats = field(default_factory=lambda: np.empty((0, 0), np.float32))
    stderr: float = np.nan
    step_px: float = 1.0
    spots: tuple[Spot, ...] = ()
    around: Estimate = NOT_MEASURED
    reading: Points = field(default_factory=lambda: np.full(2, np.nan))

    @property
    def is_known(self) -> bool:
        """Whether there was enough skin to map."""
        return bool(self.index.size)

    @property
    def share(self) -> float:
        """Share of the judged skin inside spots."""
        judged = int(np.isfinite(self.index).sum())
        return sum(int(s.cells.sum()) for s in self.spots) / judged if judged else np.nan

    def kind(self, whole: Estimate) -> str | None:
        """What the redness of a photo with an index `whole` is mostly like: in `spots`,
        `around_dots` or `diffuse`; None where none is sure.
        """
        if self.spots:
            return "spots"
        value, error = self.around
        if value > max(_SURE * error, _LEAST_AROUND):
            return "around_dots"
        return "diffuse" if whole[0] > _SURE * whole[1] else None


NOT_MAPPED = RednessMap()


def map_redness(bare: Floats, treated: Mask, reference: Mask, hue: SkinHue | None) -> RednessMap:
    """The map of one photo without its dots, `bare` (h, w, 3), against untreated skin's `hue`."""
    side = max(bare.shape[:2]) / _CELLS_ACROSS
    shape = (int(bare.shape[0] / side), int(bare.shape[1] / side))
    here, there = (_cells(mask, shape) for mask in (treated, reference))
    colours = _means(bare, shape)
    here &= np.isfinite(colours[..., 0])
    there &= np.isfinite(colours[..., 0])
    if hue is None or here.sum() < _LEAST_CELLS or there.sum() < _LEAST_CELLS:
        return NOT_MAPPED
    reading = haemoglobin.weights(hue.treated, hue.usual)
    places = np.moveaxis(np.indices(shape), 0, -1) / _CELLS_ACROSS
    index = np.asarray(hue.beyond(colours, places) @ reading, dtype=np.float32)
    off = _soft(_levelled(index, here), here)
    untreated = _soft(_levelled(index, there), there)
    stderr = max(_scatter(off[here]), _scatter(untreated[there]))
    shown = np.where(here, _soft(np.where(here, index, 0), here), np.nan).astype(np.float32)
    return RednessMap(shown, stderr, 2 * side, _spots(off, here, stderr), reading=reading)


def around_dots(half: Floats, xy: Points, clear: Mask, size_px: float, reading: Points) -> Estimate:
    """How much redder skin beside dots is than skin between them, in units of the index.

    `xy` (n, 2), `size_px` apparent diameter and `clear` (h, w) in px of `half` (h, w, 3), linear;
    `reading` (2,): see `haemoglobin.weights`. Mean and standard error over blocks of the photo.
    """
    bare = np.full(half.shape[:2], 255, dtype=np.uint8)
    column, row = (
        np.clip(np.rint(xy[:, axis]).astype(int), 0, half.shape[1 - axis] - 1) for axis in (0, 1)
    )
    bare[row, column] = 0
    far = cv2.distanceTransform(bare, cv2.DIST_L2, 5) / np.float32(size_px)
    beside = clear & (far > _NEAR[0]) & (far < _NEAR[1])
    between = clear & (far > _BARE)
    found = []
    for top, left in np.ndindex(_BLOCKS, _BLOCKS):
        block = tuple(
            slice(n * i // _BLOCKS, n * (i + 1) // _BLOCKS)
            for n, i in zip(half.shape[:2], (top, left), strict=True)
        )
        near, wide = beside[block], between[block]
        if min(near.sum(), wide.sum()) > _LEAST_OF_BLOCK:
            seen = half[block]
            found.append(_read(seen[near].mean(axis=0), reading, seen[wide].mean(axis=0)))
    if len(found) < _BLOCKS:
        return NOT_MEASURED
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(len(found)))


def _read(colours: Floats, reading: Points, skin: Points) -> Floats:
    """Redness (...,) of linear colours (..., 3) against those of skin (3,)."""
    taken = 100 * np.log10(np.maximum(skin, 1e-4) / np.maximum(colours, 1e-4))
    red, green, blue = (taken[..., c] for c in (colour.RED, colour.GREEN, colour.BLUE))
    return np.asarray(reading[0] * (green - red) + reading[1] * (blue - red))


def _cells(mask: Mask, shape: tuple[int, int]) -> Mask:
    share = resized(reduced(mask.astype(np.uint8) * np.uint8(255), 4), shape[::-1])
    return np.asarray(share > 255 * _LEAST_COVER)


def _means(bare: Floats, shape: tuple[int, int]) -> Floats:
    """Mean colour (H', W', 3) of what skin shows between dots; NaN where hardly any."""
    seen = np.isfinite(bare[..., 0])
    weight = resized(seen.astype(np.float32), shape[::-1])[..., None]
    total = resized(np.where(seen[..., None], bare, np.float32(0)), shape[::-1])
    return np.where(weight > 0.1, total / np.maximum(weight, np.float32(0.1)), np.float32(np.nan))


def _levelled(index: Floats, used: Mask) -> Floats:
    """What a quadratic over used cells (H', W') leaves, 0 elsewhere; no place far off bends it."""
    y, x = (axis / max(used.shape) - 0.5 for axis in np.indices(used.shape))
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)[used]
    values = index[used]
    near = np.ones(len(values), dtype=bool)
    for _ in range(_ROUNDS):
        off = values - design @ np.linalg.lstsq(design[near], values[near], rcond=None)[0]
        near = np.abs(off) <= _FAR_OFF * _scatter(off)
    left = np.zeros(used.shape, dtype=np.float32)
    left[used] = off
    return left


def _scatter(values: Floats) -> float:
    return max(1.4826 * float(np.median(np.abs(values - np.median(values)))), 1e-6)


def _soft(values: Floats, used: Mask) -> Floats:
    """Averaged over neighbouring used cells."""
    total, weight = (
        cv2.GaussianBlur(part.astype(np.float32), (0, 0), _SOFT, borderType=cv2.BORDER_CONSTANT)
        for part in (np.where(used, values, 0), used)
    )
    return np.asarray(total / np.maximum(weight, np.float32(0.05)), dtype=np.float32)


def _spots(off: Floats, used: Mask, stderr: float) -> tuple[Spot, ...]:
    limit = max(_LEAST_SPOT, _SIGMAS * stderr)
    labels, n = ndimage.label(used & (off > limit / 2))
    peaks = ndimage.maximum(off, labels, np.arange(1, n + 1)) if n else ()
    return tuple(
        Spot((labels == number) & (off > peak / 2), float(peak))
        for number, peak in enumerate(np.atleast_1d(peaks), start=1)
        if peak > limit
    )
