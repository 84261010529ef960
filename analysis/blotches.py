"""How strongly two photos show the same skin's own colours: what should not change between them.

A camera's tone curve and a veil of shine make all contrast of a photo weaker or stronger, that of
pigment as well as that of the freckles and blotches between the dots. Those are seen in both photos
once they are laid on each other. Ratios of colours tell them: relief and hairs, which other light
and another day show otherwise, are grey (Tsumura et al. 1999, doi:10.1364/JOSAA.16.002169).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from analysis import colour
from analysis.aligned import laid_into
from analysis.arrays import Floats, Mask, reduced
from analysis.plate import Plate
from analysis.registration import Registration
from analysis.tone import NOT_MEASURED, Estimate

# In apparent sizes of a dot: how far from its centre skin is bare; sigmas of a band of waves.
_BARE_FROM = 0.8
_FINE, _WIDE = 1.2, 3.6
_STEPS_PER_SIZE = 2.5
_LEAST_BARE = 0.25
_LEAST_BLOTCHES = 60.0
_TAILS = 2.0  # per cent


@dataclass(frozen=True)
class _Colours:
    """Waves of log red over blue and red over green (h, w, 2) of the skin between the dots, and
    where (h, w) enough of it is bare; the picture is `times` smaller than the plate.
    """

    waves: Floats
    known: Floats
    times: int


def strength_ratio(baseline: Plate, followup: Plate, registration: Registration) -> Estimate:
    """Natural log of how much stronger skin's own colours show in the follow-up, with its sampling
    error; NaN where the two photos share too little bare skin.
    """
    # The same width of skin in both: a dot's apparent size in the photo where it looks larger.
    enlargement = registration.enlargement
    size_px = max(baseline.size_px, followup.size_px / enlargement)
    here = _colours(baseline, size_px)
    there = _colours(followup, size_px * enlargement)
    small = registration.enlarged(1 / here.times, 1 / there.times)
    frame = here.known.shape
    laid, fits = laid_into(np.dstack([there.waves, there.known]), small, (frame[0], frame[1]))
    shared: Mask = (here.known > _LEAST_BARE) & (laid[..., 2] > _LEAST_BARE) & fits
    blotch = 4 * np.pi * (_FINE * size_px / here.times) ** 2
    n_blotches = float(shared.sum()) / blotch
    if n_blotches < _LEAST_BLOTCHES:
        return NOT_MEASURED
    ratios, alike = zip(
        *(_compared(here.waves[shared, k], laid[shared, k]) for k in (0, 1)), strict=True
    )
    # Of the log of a ratio of two correlated standard deviations.
    error = np.sqrt((1 - np.mean(alike) ** 2) / n_blotches)
    return float(np.mean(ratios)), float(error)


def _compared(before: Floats, after: Floats) -> tuple[float, float]:
    """Natural log of the ratio of two spreads (k,), and how alike the two are (correlation)."""
    clipped = [np.clip(v, *np.percentile(v, [_TAILS, 100 - _TAILS])) for v in (before, after)]
    spread = np.cov(clipped)
    ratio = 0.5 * float(np.log(max(spread[1, 1], 1e-12) / max(spread[0, 0], 1e-12)))
    return ratio, float(spread[0, 1] / np.sqrt(max(spread[0, 0] * spread[1, 1], 1e-24)))


def _colours(plate: Plate, size_px: float) -> _Colours:
    """See `_Colours`; `size_px`: what a dot may cover."""
    times = max(1, int(size_px / _STEPS_PER_SIZE))
    weight = (plate.resolved & plate.between_dots(_BARE_FROM * size_px)).astype(np.float32)
    cover = reduced(weight, times)
    light = reduced(colour.linear(plate.srgb_u8) * weight[..., None], times)
    mean = light / np.maximum(cover, np.float32(1e-3))[..., None]
    log = np.log(np.maximum(mean, np.float32(1e-3)))
    ratios = log[..., :1] - log[..., 1:]
    fine, known = _blurred(ratios, cover, _FINE * size_px / times)
    wide, _ = _blurred(ratios, cover, _WIDE * size_px / times)
    return _Colours(fine - wide, known, times)


def _blurred(image: Floats, weight: Floats, sigma_px: float) -> tuple[Floats, Floats]:
    """Weighted blur of an image (h, w, c), and of the weight itself (h, w)."""
    total = cv2.GaussianBlur(weight, (0, 0), sigma_px)
    blurred = cv2.GaussianBlur(image * weight[..., None], (0, 0), sigma_px)
    share = np.maximum(total, np.float32(1e-3))[..., None]
    return np.asarray(blurred / share, dtype=np.float32), np.asarray(total, dtype=np.float32)
