"""What the program says as JSON: the documents of `measure` and `compare`. Pure.

The contract: fields are added, never renamed or re-defined without a new `schema` number.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from math import isfinite
from typing import Any

import cv2

from analysis.decode import Header
from analysis.dots import NO_DOTS, Dots
from analysis.flags import Flag, names
from analysis.measurands import MEASURANDS, PHOTO_MEASURANDS
from analysis.pipeline import DotStates, PairMeasurement, PhotoMeasurement, measurement_rows
from analysis.registration import RegistrationFailure
from tracker import retake
from tracker.words import photos as photo_words

SCHEMA = 1
_LEAST_MATCHES = 12
Document = dict[str, Any]


def measured(
    name: str, sha256: str, header: Header, photo: PhotoMeasurement, *, with_dots: bool = False
) -> Document:
    """One photo that was decoded: measured, or refused by the instrument."""
    document: Document = {
        "schema": SCHEMA,
        "photo": name,
        "sha256": sha256,
        "width_px": photo.width_px,
        "height_px": photo.height_px,
        "taken_at": header.taken_at,
        "camera": _camera(header),
        "verdict": photo.verdict,
        "level": photo.level,
        "reasons": _reasons(photo.reasons),
        "flags": names(photo.flags),
        "scale": _scale(photo),
        "region": _region(photo),
        "areas": [asdict(area) for area in photo.areas],
        "measurements": measurement_rows(photo.results),
        "patches": _patches(photo),
        "redness_map": _redness_map(photo),
        "redness_spots": _redness_spots(photo),
    }
    return document | ({"dots": _dots(photo.dots)} if with_dots else {})


def refused(
    name: str,
    sha256: str | None,
    code: str,
    header: Header | None = None,
    *,
    with_dots: bool = False,
) -> Document:
    """One file that could not be decoded, or not be measured for another reason than its pixels."""
    empty = {"unit": None, "value": None, "stderr": None, "flags": ["photo-refused"]}
    document: Document = {
        "schema": SCHEMA,
        "photo": name,
        "sha256": sha256,
        "width_px": header.width_px if header else None,
        "height_px": header.height_px if header else None,
        "taken_at": header.taken_at if header else None,
        "camera": _camera(header) if header else None,
        "verdict": "refused",
        "level": None,
        "reasons": _reasons([code]),
        "flags": [],
        "scale": None,
        "region": None,
        "areas": [],
        "measurements": [
            {"measurand": m.name, "version": m.version} | empty | {"unit": m.unit}
            for m in PHOTO_MEASURANDS
        ],
        "patches": [],
        "redness_map": _redness_map(None),
        "redness_spots": _redness_spots(None),
    }
    return document | ({"dots": _dots(NO_DOTS)} if with_dots else {})


def compared(
    baseline: str, followup: str, pair: PairMeasurement, *, with_dots: bool = False
) -> Document:
    """Two photos of one scalp."""
    dots = pair.dots
    document: Document = {
        "schema": SCHEMA,
        "baseline": baseline,
        "followup": followup,
        "registration": _registration(pair),
        "dots": asdict(dots) if dots else dict.fromkeys(f.name for f in fields(DotStates)),
        "measurements": measurement_rows(pair.results),
        "lost_patches": [
            {
                "outline": area.outline,
                "area_px": round(area.area_px),
                "share_lost": round(area.share_lost, 3),
                "p_value": _p_value(area.p_value),
            }
            for area in pair.lost_areas
        ],
    }
    names = ("baseline", "followup")
    matches = {n: xy.round(2).tolist() for n, xy in zip(names, pair.matches, strict=True)}
    return document | ({"matches": matches} if with_dots else {})


def _reasons(codes: list[str]) -> list[Document]:
    return [{"code": code, "sentence": photo_words.reason(code)} for code in codes]


def _patches(photo: PhotoMeasurement) -> list[Document]:
    scale = photo.scale
    return [
        {
            "kind": patch.kind,
            "outline": patch.outline,
            "area_px": round(patch.area_px),
            "area_cm2": round(scale.area_cm2(patch.area_px), 3) if scale else None,
            "relative_density": _rounded(patch.relative_density, 3),
            "relative_darkness": _rounded(patch.relative_darkness, 3),
            "p_value": _p_value(patch.p_value),
            "dots_missing": _rounded(patch.dots_missing, 1),
            "dots_missing_stderr": _rounded(patch.dots_missing_stderr, 1),
        }
        for patch in photo.patches
    ]


def _redness_map(photo: PhotoMeasurement | None) -> Document:
    """How the redness index lies over the treated area; without a map, why."""
    told = photo.redness if photo else None
    scale = photo.scale if photo else None
    named = ("cell_px", "low", "median", "high", "stderr")
    return {
        "unit": MEASURANDS["redness_index"].unit,
        "cell_mm": round(told.cell_px / scale.px_per_mm, 2) if told and scale else None,
        **{name: round(getattr(told, name), 2) if told else None for name in named},
        "flags": _no_map(photo),
    }


def _redness_spots(photo: PhotoMeasurement | None) -> Document:
    """What the redness is mostly like, with its spots; without a map, why that is not told."""
    told = photo.redness if photo else None
    scale = photo.scale if photo else None
    return {
        "kind": told.kind if told else None,
        "n": len(told.spots) if told else None,
        "share_of_area": round(told.share, 4) if told else None,
        "around_dots": _rounded(told.around[0], 2) if told else None,
        "around_dots_stderr": _rounded(told.around[1], 2) if told else None,
        "flags": _no_map(photo),
        "spots": [
            {
                "outline": spot.outline,
                "area_px": round(spot.area_px),
                "area_cm2": round(scale.area_cm2(spot.area_px), 3) if scale else None,
                "excess": round(spot.excess, 2),
                "stderr": round(told.stderr, 2),
            }
            for spot in (told.spots if told else ())
            if told
        ],
    }


def _no_map(photo: PhotoMeasurement | None) -> list[str]:
    """Flags that say why there is no map of redness."""
    if photo is None:
        return names(Flag.PHOTO_REFUSED)
    if photo.redness is not None:
        return []
    return names(photo.results["redness_index"].flags or Flag.NO_REFERENCE_SKIN)


def _p_value(value: float) -> float:
    """To three significant digits: rounded to places it would read zero."""
    return float(f"{value:.3g}")


def _rounded(value: float, places: int) -> float | None:
    return round(value, places) if isfinite(value) else None


def _registration(pair: PairMeasurement) -> Document:
    told = pair.registration
    if isinstance(told, RegistrationFailure):
        return {"accepted": False, "reason": told.reason, "code": told.code}
    return {
        "accepted": True,
        "overlap": round(told.overlap, 3),
        "matched_fraction": round(told.matched_fraction, 3),
        "residual_px": round(told.residual_px, 3),
        "advice": retake.advice(pair.pose) if pair.pose else None,
        "homography": _homography(pair),
    }


def _homography(pair: PairMeasurement) -> list[list[float]] | None:
    """The flat map (3, 3) from the baseline's px to the follow-up's that fits the matched dots
    best by least squares; None without enough of them.
    """
    before, after = pair.matches
    if len(before) < _LEAST_MATCHES:
        return None
    told, _ = cv2.findHomography(before, after)
    return None if told is None else [[float(f"{x:.8g}") for x in row] for row in told.tolist()]


def _camera(header: Header) -> Document | None:
    """Phone, lens and picture mode as the photo tells them; None where it tells nothing."""
    names = ("make", "model", "lens", "focal_mm", "mode")
    told = {name: getattr(header, name) for name in names}
    return told if any(value is not None for value in told.values()) else None


def _scale(photo: PhotoMeasurement) -> Document | None:
    scale = photo.scale
    if scale is None:
        return None
    return {"px_per_mm": scale.px_per_mm, "stderr": scale.stderr, "source": scale.source}


def _region(photo: PhotoMeasurement) -> Document | None:
    region = photo.region
    if region is None:
        return None
    area_cm2 = photo.scale.area_cm2(region.area_px) if photo.scale else None
    return {
        "outline": region.outline,
        "holes": region.holes,
        "area_px": round(region.area_px),
        "area_cm2": area_cm2,
    }


def _dots(dots: Dots) -> dict[str, list[float]]:
    columns = ("x", "y", "diameter_px", "contrast", "confidence", "position_stderr_px")
    return {name: [round(float(v), 3) for v in getattr(dots, name)] for name in columns}
