"""Every kind of drawn photo measured once, with all finders beside the product."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.arrays import Mask, Points
from analysis.in_photo import Area
from analysis.phantom import Photograph
from analysis.pipeline import PhotoMeasurement, measure
from benchmarks.examiner_optics import ExaminerOptics
from benchmarks.peers import TUNED, Task, chance
from benchmarks.scoring import Score, score, spacing
from benchmarks.strata import STRATA, Stratum, drawn

FIRST_SEED = 85_000
OURS, CHANCE = "ours", "chance"
FINDERS = (OURS, *TUNED, CHANCE)


@dataclass(frozen=True)
class Examined:
    """One photo: scores and CPU seconds by finder, what the product said beyond dots.

    `confidence` and `stderr_px` (n,) belong to the product's dots; `iou` of the
    treated area.
    """

    stratum: Stratum
    scores: dict[str, Score]
    cpu_s: dict[str, float]
    level: str | None
    spacing_px: float
    confidence: Points
    stderr_px: Points
    iou: float


def examine(strata: tuple[Stratum, ...] = STRATA) -> Iterator[Examined]:
    """Draw and score all photos; photo `k` of stratum `i` has the seed 85000 + 100 i + k."""
    cv2.setNumThreads(1)
    for number, stratum in enumerate(strata):
        for shot in range(stratum.n_photos):
            photo = drawn(stratum, FIRST_SEED + 100 * number + shot, ExaminerOptics)
            yield _examined(stratum, photo)


def _examined(stratum: Stratum, photo: Photograph) -> Examined:
    start = time.process_time()
    measured = measure(photo.srgb_u8)
    cpu_s = {OURS: time.process_time() - start}
    scores = {OURS: score(photo, measured.dots.xy)}
    task = Task.of(photo)
    for name, (peer, first, second) in TUNED.items():
        start = time.process_time()
        found = peer(task, first, second)
        cpu_s[name] = time.process_time() - start
        scores[name] = score(photo, task.inside(found))
    scores[CHANCE] = score(photo, task.inside(chance(task, len(photo.truth.dots.ids))))
    return Examined(
        stratum=stratum,
        scores=scores,
        cpu_s=cpu_s,
        level=measured.level,
        spacing_px=spacing(photo.truth),
        confidence=measured.dots.confidence,
        stderr_px=measured.dots.position_stderr_px,
        iou=iou(treated(measured), photo.truth.treated),
    )


def treated(measured: PhotoMeasurement) -> Mask:
    """All pieces of the treated area (H, W) that a measurement reports."""
    shape = measured.height_px, measured.width_px
    filled = [_filled(piece, shape) for piece in measured.areas]
    return np.any(filled, axis=0) if filled else np.zeros(shape, dtype=bool)


def _filled(piece: Area, shape: tuple[int, int]) -> Mask:
    mask = np.zeros(shape, dtype=np.uint8)
    cv2.fillPoly(mask, [_ring(piece.outline)], 1)
    for hole in piece.holes:
        cv2.fillPoly(mask, [_ring(hole)], 0)
    return np.asarray(mask > 0)


def iou(one: Mask, other: Mask) -> float:
    """Intersection over union of two areas (H, W); two empty ones are alike."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def _ring(points: list[list[float]]) -> NDArray[np.int32]:
    return np.rint(np.asarray(points)).astype(np.int32)
