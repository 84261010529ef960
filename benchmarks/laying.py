"""Ways of laying one photo on another, on the same drawn pairs: how much of the skin is laid right.

Beside ours: SIFT and a homography on the pictures; triangles of bright points as astronomers use
them (astroalign, Beroiz et al. 2020, doi:10.1016/j.ascom.2020.100384), only where that package is
installed, which is not one of ours; nearest-neighbour ICP (Besl & McKay 1992) on the dots.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from analysis.arrays import Points
from analysis.pipeline import PhotoMeasurement
from analysis.plate import Plate
from analysis.registration import register
from benchmarks.pair_photos import DrawnPair
from benchmarks.scaling import icp

# Where a way puts places (n, 2) of the baseline's plate in the follow-up's; None: nowhere.
Way = Callable[[Plate, Plate, Points], Points | None]
_NEAR = 0.25  # spacings: nearer to its dot than to any other
LEAST_RIGHT = 0.8
_SIFT_RATIO, _RANSAC_PX = 0.8, 4.0
_ASTROALIGN_POINTS = 50  # its own default


@dataclass(frozen=True)
class Try:
    """Share of the dots in both frames that are put within a quarter of a spacing; CPU seconds."""

    right: float
    cpu_s: float


def by_dots(baseline: Plate, followup: Plate, xy: Points) -> Points | None:
    """Ours; what is not laid counts as wrong."""
    ratio = followup.size_px / baseline.size_px
    laid = register(baseline.dots.xy, followup.dots.xy, followup.frame, size_ratio=ratio)
    if not laid:
        return None
    placed, known = laid.place(xy)
    return np.where(known[:, None], placed.xy, np.nan)


def by_sift(baseline: Plate, followup: Plate, xy: Points) -> Points | None:
    """SIFT, ratio test, homography by RANSAC."""
    sift = cv2.SIFT.create(nfeatures=8000)
    found = [
        sift.detectAndCompute(cv2.cvtColor(p.srgb_u8, cv2.COLOR_RGB2GRAY), None)
        for p in (baseline, followup)
    ]
    pairs = cv2.BFMatcher().knnMatch(found[0][1], found[1][1], k=2)
    good = [a for a, b in pairs if a.distance < _SIFT_RATIO * b.distance]
    if len(good) < 8:
        return None
    source = np.array([found[0][0][m.queryIdx].pt for m in good])
    target = np.array([found[1][0][m.trainIdx].pt for m in good])
    homography, _ = cv2.findHomography(source, target, cv2.RANSAC, _RANSAC_PX)
    if homography is None:
        return None
    return np.asarray(cv2.perspectiveTransform(xy[None], homography)[0])


def by_astroalign(baseline: Plate, followup: Plate, xy: Points) -> Points | None:
    """Triangles of the strongest dots, a similarity by RANSAC."""
    astroalign = importlib.import_module("astroalign")
    strong = [
        p.dots.xy[np.argsort(-p.dots.contrast, kind="stable")[:_ASTROALIGN_POINTS]]
        for p in (baseline, followup)
    ]
    try:
        found, _ = astroalign.find_transform(*strong, max_control_points=_ASTROALIGN_POINTS)
    except (astroalign.MaxIterError, ValueError, TypeError):
        return None
    return np.asarray(found(xy))


def by_icp(baseline: Plate, followup: Plate, xy: Points) -> Points | None:
    """The similarity that nearest neighbours settle on."""
    moved = icp(baseline.dots.xy, followup.dots.xy)
    terms = np.c_[np.ones(len(moved)), baseline.dots.xy]
    fit = np.linalg.lstsq(terms, moved, rcond=None)[0]
    return np.asarray(fit[0] + xy @ fit[1:])


def ways() -> dict[str, Way]:
    """All that can be tried here."""
    found = {"ours": by_dots, "SIFT + homography": by_sift, "ICP": by_icp}
    if importlib.util.find_spec("astroalign"):
        found["astroalign"] = by_astroalign
    return found


def tried(pair: DrawnPair, before: PhotoMeasurement, after: PhotoMeasurement) -> dict[str, Try]:
    """Each way on one pair of measured photos at dot level."""
    plates = before.plate, after.plate
    drawn = pair.baseline, pair.followup
    both, *rows = np.intersect1d(*(p.truth.dots.ids for p in drawn), return_indices=True)
    source, target = (
        (p.xy_px[row] + 0.5) / plate.times - 0.5
        for p, row, plate in zip(drawn, rows, plates, strict=True)
    )
    result = {}
    for name, way in ways().items():
        start = time.process_time()
        placed = way(*plates, source)
        spent = time.process_time() - start
        near = 0.0
        if placed is not None and len(both):
            off = np.linalg.norm(placed - target, axis=1)
            near = float((off < _NEAR * plates[1].spacing_px).mean())
        result[name] = Try(near, spent)
    return result


def told(tries: Sequence[dict[str, Try]]) -> Iterator[str]:
    """A line for each way."""
    yield f"Laying on, the same {len(tries)} pairs: share of the dots in both frames that are put"
    yield "within a quarter of a spacing; pairs with 80 % of them and more; CPU seconds a pair"
    yield f"{'way':20}{'median':>8}{'worst':>8}{'pairs right':>13}{'CPU s':>8}"
    for name in tries[0] if tries else ():
        right = np.array([t[name].right for t in tries])
        spent = float(np.mean([t[name].cpu_s for t in tries]))
        n_right = f"{(right >= LEAST_RIGHT).sum()} of {len(right)}"
        yield f"{name:20}{np.median(right):8.3f}{right.min():8.3f}{n_right:>13}{spent:8.2f}"
    if tries and "astroalign" not in tries[0]:
        yield "astroalign: not installed here"
