"""Where single dots are resolved: by the detector's own expected error and the dots' roundness.

A dot-level number is only as good as its dots. From the confidences of all candidates of a place
follows the F1 score to expect there; noise reduction that fuses dots into strokes shows in how
elongated they are. Both are averaged over a few tiles, so that a patch without dots is judged by
its surroundings.
"""

from __future__ import annotations

import cv2
import numpy as np

from analysis.arrays import Floats, Mask, Points, resized
from analysis.dots import Dots

LEAST_EXPECTED_F1 = 0.72
# Strokes of real phones' noise reduction reach 1.9 and more in the median, dots 1.1 to 1.7.
MOST_ELONGATION = 1.8
_TILE_SIZES = 12
_SPREAD_TILES = 1.5
_LEAST_PIECE_TILES = 4


def resolved(found: Dots, threshold: float, size_px: float, region: Mask) -> Mask:
    """The part (H, W) of a region in which dots are resolved.

    `found`: all candidates; `threshold`: the confidence from which on they are taken.
    """
    side = _TILE_SIZES * size_px
    shape = tuple(int(np.ceil(length / side)) for length in region.shape)
    taken = found.confidence > threshold
    n_taken = _sums(found.only(taken), np.ones(int(taken.sum())), side, shape)
    hits = _sums(found.only(taken), found.confidence[taken], side, shape)
    dots = _sums(found, found.confidence, side, shape)
    long = _sums(found.only(taken), np.log(found.elongation[taken]), side, shape)
    f1 = 2 * hits / np.maximum(n_taken + dots, 1e-6)
    stretch = np.exp(long / np.maximum(n_taken, 1e-6))
    sharp = (f1 > LEAST_EXPECTED_F1) & (stretch < MOST_ELONGATION) & (n_taken > 1)
    return region & resized(_without_crumbs(sharp), (region.shape[1], region.shape[0]))


def _sums(dots: Dots, weight: Points, side: float, shape: tuple[int, ...]) -> Floats:
    """Sums of a weight over tiles, spread over neighbouring ones."""
    rows, columns = (
        (at / side).astype(int).clip(0, n - 1)
        for at, n in zip((dots.y, dots.x), shape, strict=True)
    )
    total = np.zeros(shape, dtype=np.float32)
    np.add.at(total, (rows, columns), weight)
    return np.asarray(cv2.GaussianBlur(total, (0, 0), _SPREAD_TILES), dtype=np.float32)


def _without_crumbs(mask: Mask) -> Mask:
    """Pieces and holes of a few tiles take the side of what surrounds them."""
    for value in (True, False):
        count, labels, stats, _ = cv2.connectedComponentsWithStats((mask == value).astype(np.uint8))
        for piece in range(1, count):
            if stats[piece, cv2.CC_STAT_AREA] < _LEAST_PIECE_TILES:
                mask = np.where(labels == piece, not value, mask)
    return np.asarray(mask, dtype=bool)
