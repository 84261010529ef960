"""Where a photo is sharp: by how much of skin's own fine detail shows between the dots.

A smear on the lens or a part out of focus hides dots that are there; bare skin, where dots were
lost, shows its relief and pores as well as any. What is left of dots and hairs stands out of that
and counts little.
"""

from __future__ import annotations

import cv2
import numpy as np

from analysis.arrays import Floats, Mask, Points, disc, reduced, resized

# Sigma of the detail, how far from a dot skin is bare, and cells, in a dot's apparent sizes; around
# how many spacings it is averaged.
_FINE, _LEAST_FINE_PX, _BARE_FROM, _CELLS_PER_SIZE, _AROUND = 0.12, 0.7, 1.2, 2, 1.7
# A disc blurred by 4 or 8 px keeps 0.2 to 0.6 of it in the mean, bare skin in focus 0.9 to 1.
_LEAST_DETAIL, _MOST_DETAIL, _LEAST_BARE, _LEAST_LIGHT = 0.7, 3.0, 0.05, 0.01

# Of a patch: less makes it doubtful whether dots are missing or only hidden.
LEAST_SHARP = 0.4


def sharp(light: Floats, resolved: Mask, xy: Points, size_px: float, spacing_px: float) -> Mask:
    """Where (H, W) skin shows as much fine detail as elsewhere in the photo.

    `light` (H, W), linear; `resolved` (H, W): where dots are told apart; dots (n, 2) of an apparent
    size and spacing, px.
    """
    sigma = max(_LEAST_FINE_PX, _FINE * size_px)
    density = np.log(np.maximum(light, np.float32(_LEAST_LIGHT)))
    blurred = (cv2.GaussianBlur(density, (0, 0), s) for s in (sigma, 1.6 * sigma))
    fine = np.abs(np.subtract(*blurred))
    bare = (resolved & between(xy, _BARE_FROM * size_px, resolved.shape)).astype(np.float32)
    if not bare.any():
        return np.ones(resolved.shape, dtype=bool)
    fine = np.minimum(fine, _MOST_DETAIL * np.median(fine[bare > 0]))
    times = max(1, int(size_px / _CELLS_PER_SIZE))
    detail, cover = (
        cv2.GaussianBlur(reduced(part, times), (0, 0), _AROUND * spacing_px / times)
        for part in (fine * bare, bare)
    )
    known = cover > _LEAST_BARE
    if not known.any():
        return np.ones(resolved.shape, dtype=bool)
    detail = detail / np.maximum(cover, np.float32(1e-6))
    soft = known & (detail < _LEAST_DETAIL * np.median(detail[known]))
    grown = cv2.dilate(soft.astype(np.uint8), disc(spacing_px / times)) > 0
    return np.logical_not(resized(np.asarray(grown), resolved.shape[::-1]))


def between(xy: Points, radius_px: float, shape: tuple[int, ...]) -> Mask:
    """Where in a picture of that shape (H, W) no place (n, 2) is nearer than a radius."""
    bare = np.ones(shape[:2], dtype=np.uint8)
    for x, y in np.rint(xy).astype(int).tolist():
        cv2.circle(bare, (x, y), max(1, round(radius_px)), 0, -1)
    return bare > 0
