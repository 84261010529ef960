"""Dot detection against peers on drawn photos of seeds and optics that nothing was tuned on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.spatial import cKDTree
from skimage.feature import blob_dog, blob_log

from analysis import colour
from analysis.arrays import Floats, Points
from analysis.phantom import Photograph, Pose, Recipe, Story, draw_scalp, photograph, state_on
from analysis.phantom.other_optics import CompactOptics
from analysis.pipeline import measure

FIRST_SEED = 80_000


@dataclass(frozen=True)
class Stratum:
    """One kind of photo, named before it is scored."""

    name: str
    px_per_mm: float = 18.0
    od: float = 0.42
    diameter_mm: float = 0.30
    melanin: float = 0.2
    blur_px: float = 0.9
    stubble_on_top: float = 0.15


STRATA = (
    Stratum("close-up, OD 0.42"),
    Stratum("close-up, OD 0.3, small dots", od=0.3, diameter_mm=0.22),
    Stratum("close-up, OD 0.18", od=0.18),
    Stratum("close-up, blurred", blur_px=1.8),
    Stratum("close-up, dark skin", melanin=0.8),
    Stratum("close-up, stubble", stubble_on_top=1.0),
    Stratum("10 px/mm", px_per_mm=10.0, blur_px=0.7),
)

Finder = Callable[[Photograph, Floats, float], Points]


def chance(photo: Photograph, od: Floats, diameter: float) -> Points:
    """As many random places as there are dots."""
    rng = np.random.default_rng(0)
    return rng.random((len(photo.truth.dots.ids), 2)) * [od.shape[1], od.shape[0]]


def ours(photo: Photograph, od: Floats, diameter: float) -> Points:
    """The product: told nothing; a refused photo or one at tone level has no dots."""
    return measure(photo.srgb_u8).dots.xy


def opencv_dog(photo: Photograph, od: Floats, diameter: float) -> Points:
    """One-scale difference of Gaussians, told the diameter (limit tuned on other seeds)."""
    sigma = max(0.6, 0.78 * diameter / 2.83)
    band = cv2.GaussianBlur(od, (0, 0), 0.85 * sigma) - cv2.GaussianBlur(od, (0, 0), 1.36 * sigma)
    reach = 2 * max(1, round(0.42 * diameter)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    peaks = (band >= cv2.dilate(band, kernel)) & (band > 0.02)
    return np.argwhere(peaks)[:, ::-1].astype(float)


def skimage_log(photo: Photograph, od: Floats, diameter: float) -> Points:
    """scikit-image's blob_log, told the diameter."""
    sigma = diameter / 2.83
    found = blob_log(od, min_sigma=0.8 * sigma, max_sigma=1.2 * sigma, num_sigma=2, threshold=0.045)
    return np.asarray(found)[:, 1::-1]


def skimage_dog(photo: Photograph, od: Floats, diameter: float) -> Points:
    """scikit-image's blob_dog, told the diameter."""
    sigma = diameter / 2.83
    found = blob_dog(od, min_sigma=0.8 * sigma, max_sigma=1.3 * sigma, threshold=0.03)
    return np.asarray(found)[:, 1::-1]


FINDERS: dict[str, Finder] = {
    "chance": chance, "ours": ours, "cv2 DoG": opencv_dog, "blob_log": skimage_log,
    "blob_dog": skimage_dog,
}  # fmt: skip


def table() -> Iterator[str]:
    """Mean strict F1 by stratum and finder, and CPU seconds."""
    yield "Dot detection, strict F1 (match radius half a dot, at least 1.2 px), drawn photos,"
    yield "optics and seeds that nothing was tuned on; peers are told the true diameter."
    yield f"{'stratum':30}" + "".join(f"{name:>10}" for name in FINDERS)
    cpu = dict.fromkeys(FINDERS, 0.0)
    for number, stratum in enumerate(STRATA):
        scores = {name: [] for name in FINDERS}  # type: dict[str, list[float]]
        for shot in range(2):
            photo = _drawn(stratum, FIRST_SEED + 10 * number + shot)
            od = colour.optical_density(photo.srgb_u8)
            diameter = float(np.median(photo.truth.dots.diameter_px))
            for name, find in FINDERS.items():
                start = time.process_time()
                found = find(photo, od, diameter)
                cpu[name] += time.process_time() - start
                scores[name].append(_f1(photo.truth.dots.xy_px, found, diameter))
        yield f"{stratum.name:30}" + "".join(f"{np.mean(scores[n]):10.3f}" for n in FINDERS)
    yield f"{'CPU s in all (ours: all of measure)':35}" + "".join(
        f"{cpu[n]:9.1f} " for n in FINDERS
    )


def _drawn(stratum: Stratum, seed: int) -> Photograph:
    scalp = draw_scalp(
        Recipe(
            seed=seed,
            melanin=stratum.melanin,
            dot_od=stratum.od,
            dot_diameter_mm=stratum.diameter_mm,
            stubble_per_cm2=40,
            stubble_on_top=stratum.stubble_on_top,
        )
    )
    pose = Pose(1200, 900, stratum.px_per_mm, 14, 170, 220, tilt_deg=5)
    optics = replace(CompactOptics(), blur_px=stratum.blur_px)
    return photograph(scalp, state_on(scalp, Story(), 40), pose, optics, seed=seed)


def _f1(truth: Points, found: Points, diameter: float) -> float:
    if not len(found):
        return 0.0
    radius = max(0.5 * diameter, 1.2)
    distance, nearest = cKDTree(found).query(truth, distance_upper_bound=radius)
    hits = len(set(nearest[np.isfinite(distance)]))
    return 2 * hits / (len(truth) + len(found))
