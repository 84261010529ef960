"""The photo with what was measured drawn over it: the picture a practitioner checks."""

from __future__ import annotations

import cv2
import numpy as np

from analysis.arrays import Pixels
from analysis.pipeline import PhotoMeasurement

# sRGB of the dashboard's dot map: sure and unsure dots, and its mark for areas.
_SURE, _UNSURE, _AREA = (11, 93, 102), (177, 74, 0), (185, 119, 14)


def draw(srgb_u8: Pixels, measurement: PhotoMeasurement) -> bytes:
    """A JPEG of the photo with the treated area's outline and the dots by confidence."""
    picture = srgb_u8.copy()
    thick = max(1, max(picture.shape[:2]) // 1000)
    region, dots = measurement.region, measurement.dots
    rings = [region.outline, *region.holes] if region else []
    outlines = [np.rint(np.array(ring)).astype(np.int32) for ring in rings]
    cv2.polylines(picture, outlines, True, _AREA, thick)
    for x, y, size, sure in zip(dots.x, dots.y, dots.diameter_px, dots.confidence, strict=True):
        colour = _SURE if sure >= 0.7 else _UNSURE
        cv2.circle(picture, (round(x), round(y)), max(2, round(0.8 * size)), colour, thick)
    return cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()
