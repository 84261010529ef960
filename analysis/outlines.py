"""Masks as outlines, for whoever draws them or hands them on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from analysis.arrays import Mask

Ring = list[list[float]]  # [[x, y], ...] in full-resolution px
_LEAST_AREA_PX = 400
_FINER = 8


@dataclass(frozen=True)
class Outlines:
    """What was told apart on a photo, every piece and every hole a ring: treated area,
    untreated skin, shine on skin, places with clearly fewer dots, and with paler ones; where the
    redness index is 4 and more, 8 and more, and redder spots.
    """

    treated: list[Ring] = field(default_factory=list)
    reference: list[Ring] = field(default_factory=list)
    glare: list[Ring] = field(default_factory=list)
    thin: list[Ring] = field(default_factory=list)
    pale: list[Ring] = field(default_factory=list)
    redder: list[Ring] = field(default_factory=list)
    much_redder: list[Ring] = field(default_factory=list)
    red_spots: list[Ring] = field(default_factory=list)


NO_OUTLINES = Outlines()


def outlines_of(mask: Mask, enlarge: float) -> list[Ring]:
    """All rings of a mask (H, W) whose pixels are `enlarge` of the photo's; specks left out."""
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    large = [contour for contour in found if cv2.contourArea(contour) > _LEAST_AREA_PX]
    return [ring(contour, enlarge) for contour in large]


def smooth_outlines_of(cells: Mask, enlarge: float) -> list[Ring]:
    """All rings of a mask (H', W') of large cells, rounded between them."""
    if not cells.any():
        return []
    fine = np.kron(cells, np.ones((_FINER, _FINER))).astype(np.float32)
    smooth = cv2.GaussianBlur(fine, (0, 0), _FINER) > 0.5
    return outlines_of(np.asarray(smooth, dtype=bool), enlarge / _FINER)


def pieces(mask: Mask, enlarge: float) -> Iterator[tuple[Ring, list[Ring]]]:
    """Outline and holes of each piece of a mask, see `outlines_of`."""
    found, tree = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    holes: dict[int, list[Ring]] = defaultdict(list)
    around = [int(outer) for _, _, _, outer in tree[0]] if found else []
    for contour, outer in zip(found, around, strict=True):
        if outer >= 0 and cv2.contourArea(contour) > _LEAST_AREA_PX:
            holes[outer].append(ring(contour, enlarge))
    for i, (contour, outer) in enumerate(zip(found, around, strict=True)):
        if outer < 0:
            yield ring(contour, enlarge), holes[i]


def extent(outline: Ring) -> float:
    """Area inside an outline, px."""
    return float(cv2.contourArea(np.array(outline, dtype=np.float32)))


def ring(contour: Any, enlarge: float) -> Ring:
    """A contour of OpenCV, straightened by up to two of its pixels, in the photo's pixels."""
    near = cv2.approxPolyDP(contour, 2.0, closed=True).reshape(-1, 2)
    return [[round(float(v + 0.5) * enlarge - 0.5, 1) for v in point] for point in near]
