"""What is printed on the calibration card, in mm from its top left corner, and in which colours.

Two ArUco markers, greys, skin colours without and with redness, a rule. One place for who prints
it, who draws it and who looks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Pixels, Points

Srgb = tuple[int, int, int]

WIDTH_MM, HEIGHT_MM = 54.0, 22.0
DICTIONARY = cv2.aruco.DICT_4X4_50
MARKER_IDS = (46, 8)
MARKER_MM = 12.0
_MARKER_CELLS = 6
_MARKERS_AT = ((3.0, 3.0), (39.0, 3.0))
_PATCH_MM, _PATCHES_AT, _COLUMNS = 4.0, (17.0, 3.0), 5
_RULE_AT, _RULE_MM = (2.0, 17.2), 50
_TICK_MM = {10: 3.2, 5: 2.4, 1: 1.6}
WHITE: Srgb = (255, 255, 255)
_BLACK: Srgb = (20, 20, 20)
GREYS: tuple[Srgb, ...] = tuple((v, v, v) for v in (70, 105, 140, 175, 210))
# From very light to dark, once without and once with redness of the size of an erythema.
SKINS: tuple[Srgb, ...] = (
    *((228, 186, 162), (200, 152, 127), (165, 116, 92), (122, 80, 61), (80, 52, 40)),
    *((224, 160, 145), (196, 126, 108), (160, 93, 77), (117, 64, 52), (78, 44, 36)),
)
COLOURS: tuple[Srgb, ...] = (*GREYS, *SKINS)
# Paper that has to be seen: around the markers, above and below the patches.
PAPER_MM = np.array(
    [(x, y) for x in (1.5, 9.0, 16.0, 22.0, 27.0, 32.0, 38.0, 45.0, 52.5) for y in (1.5, 16.1)]
)
# The markers' black borders.
BLACK_MM = np.array(
    [(left + dx, 3.0 + dy) for left in (3.0, 39.0) for dx, dy in ((1, 6), (6, 1), (11, 6), (6, 11))]
)


@dataclass(frozen=True)
class Box:
    """A printed rectangle: top left corner, size in mm, and colour."""

    x: float
    y: float
    width: float
    height: float
    colour: Srgb


def boxes() -> Iterator[Box]:
    """All that is printed on white paper."""
    yield from _marker_boxes()
    for (x, y), colour in zip(patch_centres() - _PATCH_MM / 2, COLOURS, strict=True):
        yield Box(float(x), float(y), _PATCH_MM, _PATCH_MM, colour)
    for mm in range(_RULE_MM + 1):
        length = next(tick for step, tick in _TICK_MM.items() if mm % step == 0)
        yield Box(_RULE_AT[0] + mm - 0.1, _RULE_AT[1], 0.2, length, _BLACK)


def patch_centres() -> Points:
    """Centres (n, 2) of the coloured patches, greys first."""
    rows, columns = np.divmod(np.arange(len(COLOURS)), _COLUMNS)
    return np.stack([columns, rows], axis=1) * _PATCH_MM + _PATCHES_AT + _PATCH_MM / 2


def marker_corners() -> Points:
    """Corners (2, 4, 2) of the markers, from the top left one clockwise."""
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * MARKER_MM
    return np.array(_MARKERS_AT)[:, None] + square


def picture(px_per_mm: int) -> Pixels:
    """The card as an image (H, W, 3)."""
    image = np.full((round(HEIGHT_MM * px_per_mm), round(WIDTH_MM * px_per_mm), 3), 255, np.uint8)
    for box in boxes():
        top, left = round(box.y * px_per_mm), round(box.x * px_per_mm)
        bottom, right = (
            round((at + size) * px_per_mm) for at, size in ((box.y, box.height), (box.x, box.width))
        )
        image[top:bottom, left:right] = box.colour
    return image


def _marker_boxes() -> Iterator[Box]:
    """Black cells of the markers; neighbours in a row as one."""
    side = MARKER_MM / _MARKER_CELLS
    for number, (left, top) in zip(MARKER_IDS, _MARKERS_AT, strict=True):
        for row, cells in enumerate(_bits(number)):
            edges = np.flatnonzero(np.diff(np.r_[False, cells == 0, False]))
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                width = float(end - start) * side
                yield Box(left + float(start) * side, top + row * side, width, side, _BLACK)


def _bits(number: int) -> NDArray[np.uint8]:
    """Cells of a marker (6, 6), its black border included; 0 = black."""
    dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
    drawn = cv2.aruco.generateImageMarker(dictionary, number, _MARKER_CELLS)
    return np.asarray(drawn, dtype=np.uint8)
