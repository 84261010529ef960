"""Where single dots are resolved: by the detector's own expected error and the dots' roundness.

A dot-level number is only as good as its dots. From the confidences of all candidates of a place
follows the F1 score to expect there; noise reduction that fuses dots into strokes shows in how
elongated they are. Both are averaged over a few tiles, so that a patch without dots is judged by
its surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Mask, Points, resized
from analysis.dots import Dots

LEAST_DOTS = 100
LEAST_EXPECTED_F1 = 0.75
# Strokes of real phones' noise reduction lie at 1.75 and more in the mean, dots at 1.1 to 1.65.
MOST_ELONGATION = 1.72
_TILE_SIZES, _FINE_TILE_SIZES = 12, 5
_SURE, _LEAST_DENSITY = 0.6, 0.3
_LITTLE, _MOST_DOUBTFUL = 0.1, 0.34
_LEAST_TAKEN = 0.5
_LEAST_PIECE_TILES = 4
# Of a dot's apparent size from the photo's edge to its centre; nearer, four in five are missed.
_CUT_OFF = 0.3


def resolved(found: Dots, threshold: float, size_px: float, region: Mask) -> Mask:
    """The part (H, W) of a region in which dots are resolved.

    `found`: all candidates; `threshold`: the confidence from which on they are taken.
    """
    taken = found.only(found.confidence > threshold)
    tiles = _Tiles.of(found, taken, _TILE_SIZES * size_px, region.shape, spread=1.5)
    return region & resized(_without_crumbs(tiles.sharp()), (region.shape[1], region.shape[0]))


def uncut(shape: tuple[int, ...], size_px: float) -> Mask:
    """Where in a photo of that shape (H, W) dots can be wholly enough in frame to be found."""
    rim = round(_CUT_OFF * size_px) if np.isfinite(size_px) else 0
    within = np.zeros(shape[:2], dtype=bool)
    within[rim : shape[0] - rim, rim : shape[1] - rim] = True
    return within


def dotted(found: Dots, size_px: float, shape: tuple[int, ...]) -> Mask | None:
    """Where in a photo of that shape (H, W) dots are dense and resolved; None where hardly any are.

    `found`: all candidates of the whole photo. Single dots of untreated skin, of hair or clothes
    are neither as dense nor as sure as a treated area's.
    """
    taken = found.only(found.confidence > _SURE)
    if len(taken) < LEAST_DOTS:
        return None
    tiles = _Tiles.of(found, taken, _FINE_TILE_SIZES * size_px, shape, spread=1.0)
    typical = float(np.median(tiles.at(tiles.n_taken, taken)))
    here = tiles.sharp() & (tiles.n_taken > _LEAST_DENSITY * typical)
    here = resized(_without_crumbs(here), (shape[1], shape[0]))
    return here if taken.inside(here).sum() >= LEAST_DOTS else None


def told_by_dots(found: Dots, dotted: Mask, told: Mask, textured: Mask) -> bool:
    """Whether the area that dots tell (H, W) is to be believed over that of fine texture.

    Not if the texture goes on where doubtful dots go on as well: then they are resolved in a part.
    """
    beyond = textured & ~told
    if beyond.sum() < _LITTLE * textured.sum():
        return True
    there, here = (
        found.confidence[found.inside(mask)].sum() / max(float(mask.sum()), 1.0)
        for mask in (beyond, dotted)
    )
    return bool(there < _MOST_DOUBTFUL * here)


@dataclass(frozen=True)
class _Tiles:
    """Square tiles (H', W'), each averaged with its neighbours: dots taken, F1 score to expect,
    elongation of the dots taken.
    """

    n_taken: Floats
    f1: Floats
    stretch: Floats
    side_px: float

    @classmethod
    def of(
        cls, found: Dots, taken: Dots, side_px: float, shape: tuple[int, ...], *, spread: float
    ) -> _Tiles:
        """Tiles of some side over a photo, each spread over its neighbours by `spread` sides."""
        cells = tuple(int(np.ceil(length / side_px)) for length in shape)

        def summed(dots: Dots, weight: Points) -> Floats:
            total = np.zeros(cells, dtype=np.float32)
            np.add.at(total, _cells_of(dots, side_px, cells), weight)
            return np.asarray(cv2.GaussianBlur(total, (0, 0), spread), dtype=np.float32)

        n_taken = summed(taken, np.ones(len(taken)))
        hits, dots = summed(taken, taken.confidence), summed(found, found.confidence)
        stretch = np.exp(summed(taken, np.log(taken.elongation)) / np.maximum(n_taken, 1e-6))
        return cls(n_taken, 2 * hits / np.maximum(n_taken + dots, 1e-6), stretch, side_px)

    def sharp(self) -> Mask:
        """Tiles (H', W') in which single dots are resolved."""
        return np.asarray(
            (self.f1 > LEAST_EXPECTED_F1)
            & (self.stretch < MOST_ELONGATION)
            & (self.n_taken > _LEAST_TAKEN)
        )

    def at(self, values: Floats, dots: Dots) -> Floats:
        """A map's values (n,) where the dots are."""
        return np.asarray(values[_cells_of(dots, self.side_px, values.shape)])


def _cells_of(
    dots: Dots, side_px: float, shape: tuple[int, ...]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column (n,) of the tile that each dot lies in."""
    row, column = (
        np.clip((at / side_px).astype(np.intp), 0, n - 1)
        for at, n in zip((dots.y, dots.x), shape, strict=True)
    )
    return row, column


def _without_crumbs(mask: Mask) -> Mask:
    """Pieces and holes of a few tiles take the side of what surrounds them."""
    for value in (True, False):
        count, labels, stats, _ = cv2.connectedComponentsWithStats((mask == value).astype(np.uint8))
        for piece in range(1, count):
            if stats[piece, cv2.CC_STAT_AREA] < _LEAST_PIECE_TILES:
                mask = np.where(labels == piece, not value, mask)
    return np.asarray(mask, dtype=bool)
