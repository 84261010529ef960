"""A follow-up's picture laid into the baseline's frame, and how the camera stood otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Floats, Mask, Pixels, Points, at_places
from analysis.registration import Registration
from analysis.warp import Warp

_STEP_PX = 16


@dataclass(frozen=True)
class PoseDifference:
    """How the follow-up was taken otherwise, at the middle of what both photos show.

    `enlargement`: how large the skin is in its frame, over the baseline's (below 1: from farther
    away); `roll_deg`: the picture's turn, clockwise; `tilt_deg`: how much more or less slanted skin
    is seen, from how unlike lengths along and across it change, without its sign; `shift` (2,):
    where the middle of the baseline's frame lies off the middle of the follow-up's, x and y in
    frame widths.
    """

    enlargement: float
    roll_deg: float
    tilt_deg: float
    shift: Points


def pose_difference(
    registration: Registration, baseline: tuple[int, int], followup: tuple[int, int]
) -> PoseDifference:
    """The difference of two poses; frames as height and width, in the registration's px."""
    middle = np.median(registration.warp.source, axis=0)
    slope = registration.warp(middle[None]).slope[0]
    left, (longer, shorter), right = np.linalg.svd(slope)
    turn = left @ right
    centres = [np.array([(w - 1) / 2, (h - 1) / 2]) for h, w in (baseline, followup)]
    moved = _affine(registration, centres[0])
    frames = np.hypot(*followup) / np.hypot(*baseline)
    return PoseDifference(
        enlargement=float(np.sqrt(longer * shorter) / frames),
        roll_deg=float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))),
        tilt_deg=float(np.degrees(np.arccos(np.clip(shorter / longer, 0, 1)))),
        shift=(moved - centres[1]) / followup[1],
    )


def aligned(
    followup: Pixels, registration: Registration, frame: tuple[int, int]
) -> tuple[Pixels, Mask]:
    """The follow-up (H', W', 3) in the baseline's `frame` (height, width), and where (H, W) it is
    known to fit; elsewhere the picture is carried on as one plane.
    """
    picture, fits = laid_into(followup, registration, frame)
    return np.asarray(picture, dtype=np.uint8), fits


def laid_into(
    image: NDArray[Any], registration: Registration, frame: tuple[int, int]
) -> tuple[NDArray[Any], Mask]:
    """The same for an image of any kind, (H', W') or (H', W', c)."""
    height, width = frame
    shape = (height // _STEP_PX + 2, width // _STEP_PX + 2)
    rows, columns = np.indices(shape)
    grid = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(float) * _STEP_PX
    placed, known = registration.place(grid)
    places = np.where(known[:, None], placed.xy, _affine(registration, grid))
    x, y = (_enlarged(places[:, axis].reshape(shape), frame) for axis in (0, 1))
    laid = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    inside = (x >= 0) & (x <= image.shape[1] - 1) & (y >= 0) & (y <= image.shape[0] - 1)
    fits = _enlarged(known.reshape(shape).astype(float), frame) > 0.99
    return np.asarray(laid), np.asarray(inside & fits)


def shared(warp: Warp, reach_px: float, here: Mask, there: Mask) -> Mask:
    """Which part of a mask (H, W) lies in the other photo's mask `there`, by the map `warp` to that
    photo, believed up to `reach_px` from matched dots.
    """
    height, width = here.shape
    shape = (height // _STEP_PX + 2, width // _STEP_PX + 2)
    rows, columns = np.indices(shape)
    placed = warp(np.stack([columns.ravel(), rows.ravel()], axis=1).astype(float) * _STEP_PX)
    x, y = placed.xy.T
    known = (placed.reach_px < reach_px) & at_places(there, x, y)
    known &= (x >= 0) & (x <= there.shape[1] - 1) & (y >= 0) & (y <= there.shape[0] - 1)
    return np.asarray(here & (_enlarged(known.reshape(shape).astype(float), here.shape) > 0.5))


def _affine(registration: Registration, xy: Points) -> Points:
    """Places (..., 2) under the one affine map that all matches tell."""
    warp = registration.warp
    terms = np.c_[np.ones(len(warp)), warp.source]
    fit = np.linalg.lstsq(terms, warp.target, rcond=None)[0]
    moved: Points = fit[0] + xy @ fit[1:]
    return moved


def _enlarged(nodes: Points, frame: tuple[int, ...]) -> Floats:
    """A map (H, W) from its values at every so many pixels."""
    step = np.array([[_STEP_PX, 0, 0], [0, _STEP_PX, 0]], dtype=np.float32)
    size = frame[::-1]
    return np.asarray(cv2.warpAffine(nodes.astype(np.float32), step, size, flags=cv2.INTER_LINEAR))
