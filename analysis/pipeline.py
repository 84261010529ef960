"""The straight line: `measure` one photo, `compare` two. Arrays in, numbers with errors out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis import aligned, card, in_photo, registration
from analysis.aligned import PoseDifference
from analysis.arrays import Mask, Pixels, Points, resized
from analysis.change import Change
from analysis.dots import NO_DOTS, Dots
from analysis.flags import Flag, names
from analysis.identity import KEPT, LOST
from analysis.in_photo import Area, PatchSeen, RednessSeen, Region
from analysis.measurands import MEASURANDS, PHOTO_MEASURANDS
from analysis.outlines import NO_OUTLINES, Outlines, Ring
from analysis.pair_measurands import PAIR_MEASURANDS, PairStages
from analysis.plate import NO_PLATE, Plate
from analysis.registration import Registration, RegistrationFailure
from analysis.results import Result, Results
from analysis.scale import Scale
from analysis.stages import Stages

# Raised whenever any number may come out differently: stored results of older versions stay.
ANALYSIS_VERSION = 9
_MOST_PIXELS = 16_000_000
NO_PLACES: Points = np.empty((0, 2))


@dataclass(frozen=True)
class PhotoMeasurement:
    """What one photo told. `dots` is empty unless `level` is "dot"; `plate` as well unless asked
    for.
    """

    width_px: int
    height_px: int
    refusal: str | None
    level: str | None
    tone_reason: str | None
    flags: Flag
    scale: Scale | None
    region: Region | None
    areas: tuple[Area, ...]
    results: Results
    dots: Dots
    patches: tuple[PatchSeen, ...] = ()
    redness: RednessSeen | None = None
    outlines: Outlines = NO_OUTLINES
    plate: Plate = NO_PLATE

    @property
    def verdict(self) -> str:
        """`measured` or `refused`."""
        return "refused" if self.refusal else "measured"

    @property
    def reasons(self) -> list[str]:
        """Codes of why it was refused, or measured at tone level only."""
        return [code for code in (self.refusal, self.tone_reason) if code][:1]


@dataclass(frozen=True)
class DotStates:
    """How many of the baseline's dots that are sure to be dots are `observable` in both photos,
    `kept` or `lost`, and how many are not observable; `new` dots of the follow-up.
    """

    observable: int
    kept: int
    lost: int
    new: int
    not_observable: int


@dataclass(frozen=True)
class LostArea:
    """A lost patch in the baseline photo: outline [[x, y], ...], full-resolution px."""

    outline: Ring
    area_px: float
    share_lost: float
    p_value: float


@dataclass(frozen=True)
class PairMeasurement:
    """What two photos of one scalp told together; dots only where `registration` holds.

    `matches` (k, 2) each: the same dots in baseline and follow-up, full-resolution px. `change`:
    what it was told from, in px of the two plates.
    """

    registration: Registration | RegistrationFailure
    results: Results
    dots: DotStates | None = None
    lost_areas: tuple[LostArea, ...] = ()
    matches: tuple[Points, Points] = (NO_PLACES, NO_PLACES)
    change: Change | None = None

    @property
    def pose(self) -> PoseDifference | None:
        """How the follow-up was taken otherwise, where the two photos are laid on each other."""
        if self.change is None:
            return None
        frames = self.change.baseline.frame, self.change.followup.frame
        return aligned.pose_difference(self.change.registration, *frames)


def measure(
    srgb_u8: Pixels,
    *,
    scale: Scale | None = None,
    drawn: Mask | None = None,
    is_grey: bool = False,
    mode: str | None = None,
    outlined: bool = False,
    comparable: bool = False,
) -> PhotoMeasurement:
    """Measure one upright sRGB photo (H, W, 3).

    `scale` and `drawn` (H, W), a treated area drawn by hand, are those of the photo as given. A
    calibration card in the photo is believed more than the scale given. `mode`: the picture mode
    that the photo's own data tell; all but the standard one change what is measured.
    `outlined`: with the outlines that a picture of it needs; `comparable`: with what `compare`
    needs.
    """
    height, width = srgb_u8.shape[:2]
    factor = min(1.0, math.sqrt(_MOST_PIXELS / (height * width)))
    about = Flag.NONE if mode in (None, "standard") else Flag.PICTURE_MODE
    if factor < 1:
        size = (round(width * factor), round(height * factor))
        srgb_u8 = resized(srgb_u8, size)
        if drawn is not None:
            drawn = resized(drawn, size)
        about |= Flag.REDUCED
    seen = card.find(srgb_u8)
    if isinstance(seen, card.Card):
        srgb_u8, scale = card.taken_out(srgb_u8, seen), seen.scale.resized(1 / factor)
    at_size = scale.resized(factor) if scale else None
    stages = Stages.of(srgb_u8, at_size, drawn, is_grey, seen)
    enlarge = stages.photo_px / factor
    refusal = stages.refusal
    results = {
        m.name: Result.missing(Flag.PHOTO_REFUSED) if refusal else m.evaluate(stages)
        for m in PHOTO_MEASURANDS
    }
    at_dots = stages.level == "dot"
    return PhotoMeasurement(
        width_px=width,
        height_px=height,
        refusal=refusal,
        level=stages.level,
        tone_reason=None if refusal else stages.tone_reason,
        flags=about if refusal else stages.flags | about,
        scale=scale,
        region=None if refusal else in_photo.region(stages.areas.treated, enlarge),
        areas=() if refusal else in_photo.areas(stages, enlarge),
        results=_in_original_px(results, enlarge),
        dots=stages.unblurred.enlarged(enlarge) if at_dots else NO_DOTS,
        patches=() if refusal else in_photo.patches_seen(stages.patches, enlarge),
        redness=None if refusal else in_photo.redness(stages, enlarge),
        outlines=in_photo.outlines(stages, enlarge) if outlined and not refusal else NO_OUTLINES,
        plate=Plate.of(stages, enlarge) if comparable and at_dots else NO_PLATE,
    )


def compare(
    baseline: PhotoMeasurement | None, followup: PhotoMeasurement | None
) -> PairMeasurement:
    """Compare two photos of the same scalp that were measured as `comparable`: dot by dot where
    they can be laid on each other, else over their whole areas; None = not even decoded.
    """
    if baseline is None or followup is None or baseline.refusal or followup.refusal:
        missing = Result.missing(Flag.PHOTO_REFUSED)
        return PairMeasurement(registration.REFUSED, {m.name: missing for m in PAIR_MEASURANDS})
    laid = _laid(baseline, followup)
    change = (
        laid
        if isinstance(laid, RegistrationFailure)
        else Change.between(baseline.plate, followup.plate, laid)
    )
    pair = PairStages(
        baseline.results, followup.results, baseline.flags | followup.flags, change, baseline.scale
    )
    results = {m.name: m.evaluate(pair) for m in PAIR_MEASURANDS}
    if isinstance(change, RegistrationFailure):
        return PairMeasurement(change, results)
    return _told(change, results)


def _laid(
    baseline: PhotoMeasurement, followup: PhotoMeasurement
) -> Registration | RegistrationFailure:
    if not baseline.level == followup.level == "dot":
        return registration.TOO_FEW_DOTS
    before, after = baseline.plate, followup.plate
    if not (before and after):
        raise ValueError("photos to compare must be measured with comparable=True")
    ratio = after.size_px / before.size_px
    return registration.register(before.dots.xy, after.dots.xy, after.frame, size_ratio=ratio)


def _told(change: Change, results: Results) -> PairMeasurement:
    """A change in full-resolution px."""
    told, before, after = change.identity, change.baseline, change.followup
    matched = np.flatnonzero(told.partner >= 0)
    matches = before.in_photo(before.dots.xy[matched]), after.in_photo(told.xy[matched])
    laid = change.registration.enlarged(before.times, after.times)
    kept, lost = change.n_in(KEPT), change.n_in(LOST)
    states = DotStates(kept + lost, kept, lost, len(told.new), change.n_hidden)
    areas = (
        tuple(
            LostArea(
                before.in_photo(patch.outline).round(1).tolist(),
                float(np.pi * (patch.radius_px * before.times) ** 2),
                patch.share_lost,
                patch.p_value,
            )
            for patch in change.patches
        )
        if change.is_known
        else ()
    )
    return PairMeasurement(laid, results, states, areas, matches, change)


def measurement_rows(results: Results) -> list[dict[str, Any]]:
    """Results as the contract's `measurements`: null for a number that could not be had."""
    return [
        {
            "measurand": name,
            "version": MEASURANDS[name].version,
            "unit": MEASURANDS[name].unit,
            "value": _number(result.value),
            "stderr": _number(result.stderr),
            "flags": names(result.flags),
        }
        for name, result in results.items()
    ]


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _in_original_px(results: dict[str, Result], enlarge: float) -> Results:
    return {
        name: Result(r.value * enlarge, r.stderr * enlarge, r.flags)
        if MEASURANDS[name].unit == "px"
        else r
        for name, r in results.items()
    }
