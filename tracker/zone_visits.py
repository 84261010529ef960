"""On how many visits a zone of missing dots was seen, by photos that were compared. Pure.

Comparisons tell where a photo lies in its view's baseline; zones of other days are laid over one
photo's through it, well enough to tell whether they are one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Outline = NDArray[np.float32]
Map = NDArray[np.float64]


@dataclass(frozen=True)
class Laid:
    """One day's zones in the frame of the photo that is asked about, and that photo's frame."""

    taken_on: date
    zones: tuple[Outline, ...]
    frame: Outline


def others(
    photo_id: str,
    photos: Mapping[str, Mapping[str, Any]],
    taken_on: Mapping[str, date],
    comparisons: Iterable[Mapping[str, Any]],
) -> tuple[Laid, ...]:
    """The photos of other days that can be laid over a photo, by `measure` and `compare`
    documents; none where nothing was compared.
    """
    from_baseline: dict[str, dict[str, Map]] = {}
    for compared in comparisons:
        told = compared.get("registration", {}).get("homography")
        if told is not None:
            of = from_baseline.setdefault(compared["baseline"], {compared["baseline"]: np.eye(3)})
            of[compared["followup"]] = np.array(told, dtype=float)
    over_of = {
        other: of[photo_id] @ np.linalg.inv(there)
        for of in from_baseline.values()
        if photo_id in of
        for other, there in of.items()
    }
    found = []
    for other, over in over_of.items():
        known = other in photos and other in taken_on and photo_id in taken_on
        if other == photo_id or not known or taken_on[other] == taken_on[photo_id]:
            continue
        document = photos[other]
        width, height = document["width_px"], document["height_px"]
        corners = [(0, 0), (width, 0), (width, height), (0, height)]
        zones = tuple(_laid(patch["outline"], over) for patch in document.get("patches", ()))
        found.append(Laid(taken_on[other], zones, _laid(corners, over)))
    return tuple(found)


def visits(outline: Sequence[tuple[float, float]], laid: Sequence[Laid]) -> int | None:
    """On how many visits a zone was seen, its own one included; None where no photo of another day
    shows the place.
    """
    own = np.array(outline, dtype=np.float32)
    showing = [one for one in laid if _inside(_middle(own), one.frame)]
    if not showing:
        return None
    seen = {
        one.taken_on
        for one in showing
        for zone in one.zones
        if _inside(_middle(own), zone) or _inside(_middle(zone), own)
    }
    return 1 + len(seen)


def _laid(outline: Sequence[Sequence[float]], over: Map) -> Outline:
    points = np.array(outline, dtype=float)[:, None, :]
    return np.asarray(cv2.perspectiveTransform(points, over)[:, 0], dtype=np.float32)


def _middle(outline: Outline) -> tuple[float, float]:
    x, y = outline.mean(axis=0).tolist()
    return x, y


def _inside(point: tuple[float, float], outline: Outline) -> bool:
    return cv2.pointPolygonTest(outline[:, None, :], point, False) >= 0
