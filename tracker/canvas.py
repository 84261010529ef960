"""Marks on a photo that show on any skin: light lines on a dark casing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Mask, Pixels, Points
from analysis.outlines import Ring

Colour = tuple[int, int, int]

CASING, HATCHING = (15, 15, 15), (255, 255, 255)
_SUBPIXEL_BITS = 4


def jpeg(picture: Pixels, quality: int = 90) -> bytes:
    """An sRGB picture (H, W, 3) as a JPEG without any metadata."""
    how = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), how)[1].tobytes()


@dataclass(frozen=True)
class Canvas:
    """A picture (H, W, 3) to draw on, and the width of a plain line in it, px."""

    picture: Pixels
    unit: float

    def lines(self, rings: list[Ring], colour: Colour, width: float = 1.0) -> None:
        """Closed lines with their casing."""
        thick = round(1.5 * width * self.unit)
        self.strokes(self._within(rings), colour, thick, round(self.unit))

    def dashes(self, rings: list[Ring], colour: Colour, width: float = 1.0) -> None:
        """Closed lines, dashed."""
        pieces = [p for line in self._within(rings) for p in _dashed(line, 9 * self.unit)]
        self.strokes(pieces, colour, round(1.5 * width * self.unit), round(self.unit))

    def tint(self, rings: list[Ring], colour: Colour, share: float) -> None:
        """A share of a colour over what lies inside rings; holes stay as they are."""
        inside = np.zeros(self.picture.shape[:2], dtype=np.uint8)
        cv2.fillPoly(inside, [np.rint(np.array(ring)).astype(np.int32) for ring in rings], 1)
        tinted = self.picture[inside > 0] * (1 - share) + np.array(colour) * share
        self.picture[inside > 0] = np.rint(tinted).astype(np.uint8)

    def hatch(self, rings: list[Ring]) -> None:
        """Thin slanting lines inside rings."""
        inside = np.zeros(self.picture.shape[:2], dtype=np.uint8)
        cv2.fillPoly(inside, [np.rint(np.array(ring)).astype(np.int32) for ring in rings], 1)
        stripes = _stripes(self.picture.shape[0], self.picture.shape[1], self.unit)
        for colour, drawn in zip((CASING, HATCHING), stripes, strict=True):
            self.picture[drawn & (inside > 0)] = colour

    def dots(self, xy: Points, radius: Points, shades: tuple[tuple[Colour, int], ...]) -> None:
        """Rings around dots, drawn once with each shade and width."""
        centres, radii = _fine(xy), _fine(radius + shades[-1][1] / 2)
        for colour, thick in shades:
            for (x, y), r in zip(centres, radii, strict=True):
                at = (int(x), int(y))
                cv2.circle(self.picture, at, int(r), colour, thick, cv2.LINE_AA, _SUBPIXEL_BITS)

    def discs(self, xy: Points, radius: Points, colour: Colour, casing: int) -> None:
        """Filled discs with a casing so wide."""
        for shade, wider in ((CASING, casing), (colour, 0)):
            for (x, y), r in zip(_fine(xy), _fine(radius + wider), strict=True):
                at = (int(x), int(y))
                cv2.circle(self.picture, at, int(r), shade, -1, cv2.LINE_AA, _SUBPIXEL_BITS)

    def strokes(self, paths: list[Points], colour: Colour, thick: int, casing: int) -> None:
        """Open lines (n, 2) with a casing so wide."""
        fine = [_fine(path) for path in paths]
        for shade, width in ((CASING, thick + 2 * casing), (colour, thick)):
            cv2.polylines(self.picture, fine, False, shade, width, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _within(self, rings: list[Ring]) -> list[Points]:
        """Rings (n, 2) as lines, without what only follows the photo's own edge."""
        height, width = self.picture.shape[:2]
        return [line for ring in rings for line in _off_edge(np.array(ring), width, height)]


def _off_edge(ring: Points, width: int, height: int) -> list[Points]:
    """A closed ring (n, 2) cut where it follows the edge of the photo."""
    corners = np.vstack([ring, ring[:1]])
    on = np.stack([corners < 3, corners > np.array([width, height]) - 4], axis=-1).reshape(-1, 4)
    cut = np.flatnonzero((on[1:] & on[:-1]).any(axis=1))
    return [piece for piece in np.split(corners, cut + 1) if len(piece) > 1]


def _fine(values: Points) -> NDArray[np.int32]:
    """Pixels as OpenCV takes them with sub-pixel bits."""
    return np.asarray(np.rint(values * 2**_SUBPIXEL_BITS), dtype=np.int32)


def _dashed(corners: Points, length: float) -> list[Points]:
    """Every other piece of a line (n, 2), each `length` long."""
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))]
    starts = np.arange(0, along[-1], 2 * length)
    steps = starts[:, None] + np.linspace(0, length, 4)
    x, y = (np.interp(steps, along, corners[:, axis]) for axis in (0, 1))
    return list(np.stack([x, y], axis=-1))


def _stripes(height: int, width: int, unit: float) -> tuple[Mask, Mask]:
    """Slanting stripes (H, W): dark casings, and the light lines in them."""
    period = max(6, round(9 * unit))
    phase = (np.arange(height)[:, None] + np.arange(width)) % period
    return phase < 0.35 * period, phase < 0.18 * period
